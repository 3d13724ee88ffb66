//! What a mask measures: volume, values, diameters, place.
//!
//! A voxel is a solid box that reaches half a spacing beyond its center on every side; a mask is the union of its
//! (closed) voxels. All parts of a label count, also those that do not touch each other.
//!
//! - **Volume**: voxels × |det `lps_from_ijk`|, which holds for sheared grids too.
//! - **Values**: after the Modality LUT, of the voxels themselves, never resampled; NaN is left out. Only when the image
//!   has the same grid. The standard deviation is that of the population (divisor n).
//! - **Long axis**: over all acquisition slices (fixed k) the greatest distance of two points of the mask in that slice.
//!   It always joins two voxel *corners*, so a single square pixel measures its diagonal. Of equal lengths the first
//!   slice wins.
//! - **Short axis**: in the same slice, over all straight lines *exactly* at right angles to the long axis, the greatest
//!   distance between the first and the last point of the mask on the line. Both ends lie on the mask's outer boundary.
//!
//! `clinical.md` rule 8: boundary to boundary, in the acquisition plane. Compared with the true outline of an object, each
//! end of a diameter may lie up to one pixel diagonal off, because the mask itself does.

use super::diameters::{InPlane, SliceOutline};
use super::moments::Moments;
use crate::geometry::{BoxLps, DVec3, VolumeGeometry};
use crate::volume::{Labelmap, Volume};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A distance between two points of a mask's boundary, in one slice.
#[derive(Debug, Clone, PartialEq)]
pub struct Diameter {
    /// Length in mm.
    pub length_mm: f64,
    /// Both ends, LPS mm.
    pub ends_lps: [DVec3; 2],
    /// Slice (k) it lies in.
    pub slice: usize,
}

/// Measurements of one segment. Values are after the Modality LUT.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentMeasures {
    /// Number of voxels, at least 1.
    pub voxels: usize,
    /// Volume.
    pub volume_mm3: f64,
    /// Mean of the values, when there is an image on the same grid.
    pub mean: Option<f64>,
    /// Population standard deviation.
    pub sd: Option<f64>,
    /// Smallest value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
    /// "HU", "SUVbw", "a.u." or the object's own; empty without an image on the same grid.
    pub unit: String,
    /// Longest diameter in an acquisition slice, boundary to boundary (`clinical.md` rule 8).
    pub long_axis: Option<Diameter>,
    /// Longest diameter at right angles to it, in the same slice.
    pub short_axis: Option<Diameter>,
    /// Center of mass.
    pub center_lps: DVec3,
    /// Box around the voxels' outer faces.
    pub box_lps: BoxLps,
    /// Slice with the most voxels; the first of equals.
    pub largest_slice: usize,
    /// True when a voxel lies on the outer surface of the grid: the volume may be cut off.
    pub touches_border: bool,
}

/// Measures one label; `None` when no voxel has it.
pub fn measure_segment(labels: &Labelmap, number: u8, volume: Option<&Volume>) -> Option<SegmentMeasures> {
    measure(labels, volume, Some(number)).pop().map(|(_, m)| m)
}

/// Measures every label that occurs (0 is no label), in one pass over the voxels, ascending by label.
pub fn measure_segments(labels: &Labelmap, volume: Option<&Volume>) -> Vec<(u8, SegmentMeasures)> {
    measure(labels, volume, None)
}

fn measure(labels: &Labelmap, volume: Option<&Volume>, only: Option<u8>) -> Vec<(u8, SegmentMeasures)> {
    let geometry = labels.geometry();
    let volume = volume.filter(|v| v.geometry().same_grid(geometry));
    let per_slice: Vec<Vec<(u8, Part)>> =
        (0..geometry.dims()[2]).into_par_iter().map(|k| slice_parts(labels, volume, only, k)).collect();
    let mut whole: BTreeMap<u8, Part> = BTreeMap::new();
    for (label, part) in per_slice.into_iter().flatten() {
        match whole.get_mut(&label) {
            Some(so_far) => so_far.join(part),
            None => drop(whole.insert(label, part)),
        }
    }
    let unit = volume.map_or("", |v| v.unit().as_str());
    whole.into_par_iter().map(|(label, part)| (label, part.finish(labels, label, unit))).collect()
}

/// What is known of one label after some slices.
struct Part {
    voxels: usize,
    sum_ijk: [u64; 3],
    values: Moments,
    box_lps: BoxLps,
    touches_border: bool,
    largest_slice: usize,
    largest_count: usize,
    long_axis: InPlane,
    long_slice: usize,
}

impl Part {
    /// Adds a later slice.
    fn join(&mut self, later: Self) {
        self.voxels += later.voxels;
        for axis in 0..3 {
            self.sum_ijk[axis] += later.sum_ijk[axis];
        }
        self.values.merge(&later.values);
        self.box_lps.min = self.box_lps.min.min(later.box_lps.min);
        self.box_lps.max = self.box_lps.max.max(later.box_lps.max);
        self.touches_border |= later.touches_border;
        if later.largest_count > self.largest_count {
            (self.largest_slice, self.largest_count) = (later.largest_slice, later.largest_count);
        }
        if later.long_axis.length_mm > self.long_axis.length_mm {
            (self.long_axis, self.long_slice) = (later.long_axis, later.long_slice);
        }
    }

    fn finish(self, labels: &Labelmap, label: u8, unit: &str) -> SegmentMeasures {
        let geometry = labels.geometry();
        let short = self.long_axis.longest_perpendicular(geometry, labels.slice(self.long_slice), label);
        let n = self.voxels as f64;
        let center_ijk = DVec3::from_array(self.sum_ijk.map(|s| s as f64 / n));
        let statistics = self.values.finish();
        let diameter = |d: InPlane| Diameter {
            length_mm: d.length_mm,
            ends_lps: d.ends_ij.map(|e| geometry.point_lps(e.extend(self.long_slice as f64))),
            slice: self.long_slice,
        };
        SegmentMeasures {
            voxels: self.voxels,
            volume_mm3: n * geometry.voxel_volume_mm3(),
            mean: statistics.map(|s| s.mean),
            sd: statistics.map(|s| s.sd),
            min: statistics.map(|s| s.min),
            max: statistics.map(|s| s.max),
            unit: unit.to_owned(),
            long_axis: Some(diameter(self.long_axis)),
            short_axis: short.map(diameter),
            center_lps: geometry.point_lps(center_ijk),
            box_lps: self.box_lps,
            largest_slice: self.largest_slice,
            touches_border: self.touches_border,
        }
    }
}

/// Running sums of one label in one slice.
struct SliceSums {
    label: u8,
    voxels: usize,
    sum_i: u64,
    sum_j: u64,
    values: Moments,
    outline: SliceOutline,
}

/// Every label of slice `k`, each with all that can be known from that slice.
fn slice_parts(labels: &Labelmap, volume: Option<&Volume>, only: Option<u8>, k: usize) -> Vec<(u8, Part)> {
    let [ni, nj, _] = labels.geometry().dims();
    let slice = labels.slice(k);
    // Values are converted only for slices that have a label.
    let wanted = |label: u8| label != 0 && only.is_none_or(|n| n == label);
    if !slice.iter().any(|&label| wanted(label)) {
        return Vec::new();
    }
    let values = volume.map(|v| v.slice_values(k));
    let mut place = [usize::MAX; 256];
    let mut sums: Vec<SliceSums> = Vec::new();
    for (j, row) in slice.chunks_exact(ni).enumerate() {
        let mut start = 0;
        for run in row.chunk_by(|a, b| a == b) {
            let (first, end, label) = (start, start + run.len(), run[0]);
            start = end;
            if !wanted(label) {
                continue;
            }
            let at = &mut place[usize::from(label)];
            if *at == usize::MAX {
                *at = sums.len();
                sums.push(SliceSums {
                    label,
                    voxels: 0,
                    sum_i: 0,
                    sum_j: 0,
                    values: Moments::default(),
                    outline: SliceOutline::new(nj),
                });
            }
            let sum = &mut sums[*at];
            sum.voxels += run.len();
            sum.sum_i += (first + end - 1) as u64 * run.len() as u64; // twice the sum, halved below
            sum.sum_j += j as u64 * run.len() as u64;
            sum.outline.add_run(j, first, end - 1);
            if let Some(values) = &values {
                sum.values.add(&values[j * ni + first..j * ni + end]);
            }
        }
    }
    sums.into_iter().map(|s| (s.label, part_of_slice(labels.geometry(), s, k))).collect()
}

fn part_of_slice(geometry: &VolumeGeometry, sums: SliceSums, k: usize) -> Part {
    let hull = sums.outline.hull();
    let at = k as f64;
    let corners =
        hull.iter().flat_map(|c| [geometry.point_lps(c.extend(at - 0.5)), geometry.point_lps(c.extend(at + 0.5))]);
    let first = geometry.point_lps(DVec3::ZERO);
    let box_lps = BoxLps::around(corners).unwrap_or(BoxLps { min: first, max: first });
    let last_slice = geometry.dims()[2] - 1;
    Part {
        voxels: sums.voxels,
        sum_ijk: [sums.sum_i / 2, sums.sum_j, k as u64 * sums.voxels as u64],
        values: sums.values,
        box_lps,
        touches_border: k == 0 || k == last_slice || sums.outline.touches_edge(geometry.dims()[0]),
        largest_slice: k,
        largest_count: sums.voxels,
        long_axis: InPlane::longest(geometry, &hull),
        long_slice: k,
    }
}
