//! Contours to voxels of an image's grid: a voxel belongs when its center lies inside (even-odd over all contours of one
//! region in one slice).
//!
//! A contour counts for the slice in whose plane it lies. What lies between slices, beyond the image, or in other planes is
//! said; a region that these would leave incomplete is left out, because its shape between its contours would be a guess.

use super::{Contour, ContourShape, Roi};
use crate::geometry::{DAffine3, DVec2, VolumeGeometry};
use crate::study::Warnings;
use crate::volume::ops::{fill_even_odd, row_crossings};
use std::collections::BTreeMap;

/// How far a contour may lie from the plane of its slice, in slice steps: rounding in files.
const OFF_PLANE_STEPS: f64 = 0.1;
/// How far the points of a contour may lie from its own plane, in slice steps, before it is oblique to the slices.
const TILTED_STEPS: f64 = 0.3;
/// Most crossings of contours and rows that are worked through; real structure sets have a few millions.
const MAX_CROSSINGS: usize = 1 << 25;

/// The voxels of one region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Region {
    /// (first voxel's flat index, length), none overlapping.
    pub(crate) runs: Vec<(usize, usize)>,
}

impl Region {
    /// Number of voxels.
    pub(crate) fn voxels(&self) -> usize {
        self.runs.iter().map(|(_, length)| length).sum()
    }
}

/// Polygons by slice, and what became of the other contours.
#[derive(Default)]
struct Sorted {
    by_slice: BTreeMap<usize, Vec<Vec<DVec2>>>,
    between: usize,
    beyond: usize,
    tilted: usize,
    copies: usize,
}

/// The region's voxels. `Err` with the reason where they would be a guess; a region without closed contours has none.
pub(crate) fn fill(
    roi: &Roi,
    grid: &VolumeGeometry,
    budget: &mut CrossingBudget,
    warnings: &mut Warnings,
) -> Result<Region, String> {
    let name = &roi.name;
    let sorted = sort(roi, grid);
    if sorted.tilted > 0 {
        return Err(format!("{name} is drawn in planes that are not parallel to the slices"));
    }
    let missing = missing_slices(&sorted.by_slice);
    if sorted.between > 0 && (missing > 0 || sorted.by_slice.is_empty()) {
        let all = sorted.between + sorted.by_slice.values().map(Vec::len).sum::<usize>();
        return Err(format!("{} of {all} contours of {name} lie between the slices", sorted.between));
    }
    note(name, roi, &sorted, missing, warnings);
    let [columns, rows, _] = grid.dims();
    let mut region = Region::default();
    for (&k, polygons) in &sorted.by_slice {
        budget.spend(row_crossings(polygons, rows))?;
        let first = grid.index([0, 0, k]);
        fill_even_odd(polygons, [columns, rows], |row, run| {
            region.runs.push((first + row * columns + run.start, run.len()));
        });
    }
    Ok(region)
}

/// What filling may still cost: a hostile file must not keep the program busy for hours.
#[derive(Debug)]
pub(crate) struct CrossingBudget(usize);

impl Default for CrossingBudget {
    fn default() -> Self {
        Self(MAX_CROSSINGS)
    }
}

impl CrossingBudget {
    fn spend(&mut self, crossings: usize) -> Result<(), String> {
        self.0 = self.0.checked_sub(crossings).ok_or("the contours are too intricate to be filled")?;
        Ok(())
    }
}

/// Each closed contour to its slice.
fn sort(roi: &Roi, grid: &VolumeGeometry) -> Sorted {
    let ijk_from_lps = grid.ijk_from_lps();
    let mut sorted = Sorted::default();
    for contour in roi.contours.iter().filter(|c| c.shape == ContourShape::Closed && c.points_lps.len() >= 3) {
        let (polygon, [lowest, highest]) = in_pixels(contour, &ijk_from_lps);
        let nearest = f64::midpoint(lowest, highest).round();
        if highest - lowest > TILTED_STEPS {
            sorted.tilted += 1;
        } else if !(0.0..grid.dims()[2] as f64).contains(&nearest) {
            sorted.beyond += 1;
        } else if (lowest - nearest).abs().max((highest - nearest).abs()) > OFF_PLANE_STEPS {
            sorted.between += 1;
        } else {
            let polygons = sorted.by_slice.entry(nearest as usize).or_default();
            // The same contour twice would cancel itself out.
            if polygons.contains(&polygon) {
                sorted.copies += 1;
            } else {
                polygons.push(polygon);
            }
        }
    }
    sorted
}

/// Points as (column, row), and the lowest and highest slice coordinate.
fn in_pixels(contour: &Contour, ijk_from_lps: &DAffine3) -> (Vec<DVec2>, [f64; 2]) {
    let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
    let polygon = contour
        .points_lps
        .iter()
        .map(|p| {
            let ijk = ijk_from_lps.transform_point3(*p);
            (lowest, highest) = (lowest.min(ijk.z), highest.max(ijk.z));
            ijk.truncate()
        })
        .collect();
    (polygon, [lowest, highest])
}

/// Slices without a contour between the first and the last that have one.
fn missing_slices(by_slice: &BTreeMap<usize, Vec<Vec<DVec2>>>) -> usize {
    match (by_slice.first_key_value(), by_slice.last_key_value()) {
        (Some((first, _)), Some((last, _))) => last - first + 1 - by_slice.len(),
        _ => 0,
    }
}

fn note(name: &str, roi: &Roi, sorted: &Sorted, missing: usize, warnings: &mut Warnings) {
    let count = |shape: &dyn Fn(&ContourShape) -> bool| roi.contours.iter().filter(|c| shape(&c.shape)).count();
    let mut say = |n: usize, what: &str| {
        if n > 0 {
            warnings.add(format!("{name}: {n} {what}"));
        }
    };
    say(count(&|s| *s == ContourShape::Point), "single points enclose no voxels");
    say(count(&|s| *s == ContourShape::Line), "open lines enclose no voxels");
    say(count(&|s| matches!(s, ContourShape::Other(_))), "contours of unknown kind were left out");
    let closed = |c: &&Contour| c.shape == ContourShape::Closed;
    say(
        roi.contours.iter().filter(closed).filter(|c| c.points_lps.len() < 3).count(),
        "contours have under three points",
    );
    say(sorted.copies, "contours are there twice; each was counted once");
    say(sorted.between, "contours lie between the slices and were left out");
    say(sorted.beyond, "contours lie beyond the image");
    say(missing, "slices between its first and last have no contour; nothing was filled in there");
}
