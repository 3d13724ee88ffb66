//! A volume made ready: its pyramid in histogram bins, and where the body is.

use super::level::Level;
use super::metric::BINS;
use crate::geometry::DVec3;
use crate::volume::ops::{Links, Mask, Parts, dilate_ball, holes_in_slices};
use crate::volume::{ValueUnit, Volume};

/// Spacings of the pyramid, coarse to fine, mm.
pub(super) const SPACINGS_MM: [f64; 3] = [8.0, 4.0, 2.0];
/// What lies around the body counts as far as this: its outline is the strongest edge.
const MARGIN_MM: f64 = 12.0;
/// Tissue in Hounsfield units: more than lung and bedding.
const TISSUE_HU: f32 = -500.0;
/// Tissue elsewhere: this share of the way from the darkest to the brightest hundredth.
const TISSUE_SHARE: f32 = 0.1;
/// A part belongs to the body when it is at least one in so many of the largest part.
const LIMB_SHARE: usize = 5;
/// A body that is less of the volume than this is none that was recognized; then everything counts.
const LEAST_BODY: f64 = 0.01;

/// A volume made ready for registration.
pub(super) struct Image {
    /// In the order of [`SPACINGS_MM`]; values are places in 0..=[`BINS`]−1.
    pub levels: [Level; 3],
    /// Body with margin, on the coarsest level.
    body: Mask,
    /// Center of the body, LPS mm.
    pub body_center: DVec3,
    /// Center of the grid, LPS mm.
    pub grid_center: DVec3,
}

impl Image {
    /// `None` when there is nothing but one value.
    pub fn new(volume: &Volume) -> Option<Self> {
        let fine = Level::new(volume, SPACINGS_MM[2]);
        let middle = fine.coarser(SPACINGS_MM[1]);
        let coarse = middle.coarser(SPACINGS_MM[0]);
        let body = body(&coarse, *volume.unit() == ValueUnit::Hu)?;
        let center = center(&coarse, &body);
        let mut image = Self {
            levels: [coarse, middle, fine],
            body,
            body_center: center,
            grid_center: volume.geometry().center_lps(),
        };
        let [low, high] = percentiles(image.in_body(1).map(|n| image.levels[1].values[n]), [0.005, 0.995])?;
        if high <= low {
            return None;
        }
        let scale = (BINS - 1) as f32 / (high - low);
        for level in &mut image.levels {
            level.values.iter_mut().for_each(|v| *v = ((*v - low) * scale).clamp(0.0, (BINS - 1) as f32));
        }
        Some(image)
    }

    /// Size of the body with its margin.
    pub fn body_mm3(&self) -> f64 {
        self.body.count() as f64 * self.levels[0].block_mm3()
    }

    /// Blocks of a level that lie in the body.
    pub fn in_body(&self, level: usize) -> impl Iterator<Item = usize> {
        let level = &self.levels[level];
        let coarse = &self.levels[0];
        let coarse_from_own = coarse.lps_from_ijk.inverse() * level.lps_from_ijk;
        let [ni, nj, _] = level.dims;
        (0..level.values.len()).filter(move |&n| {
            let at = DVec3::new((n % ni) as f64, (n / ni % nj) as f64, (n / (ni * nj)) as f64);
            let nearest = coarse_from_own.transform_point3(at).round().max(DVec3::ZERO).to_array();
            let [i, j, k] = std::array::from_fn(|axis| (nearest[axis] as usize).min(coarse.dims[axis] - 1));
            self.body.has([i, j, k])
        })
    }
}

/// The largest connected things that are no air, filled, with a margin; everything where none is found.
fn body(level: &Level, in_hu: bool) -> Option<Mask> {
    let finite = || level.values.iter().copied().filter(|v| v.is_finite());
    let [low, high] = percentiles(finite(), [0.01, 0.99])?;
    let least = if in_hu { TISSUE_HU } else { low + TISSUE_SHARE * (high - low) };
    let tissue = Mask::where_value(level.dims, &level.values, |v| v > least);
    let parts = Parts::of(&tissue, Links::Faces);
    // Both legs are body; bedding and a table are thin.
    let largest = parts.largest().map_or(0, |n| parts.parts()[n].voxels);
    let large = parts.select(|_, part| part.voxels * LIMB_SHARE >= largest);
    let filled = large.or(&holes_in_slices(&large).select(|_, _| true));
    let everything = || Mask::from_flags(level.dims, vec![true; level.values.len()]);
    if (filled.count() as f64) < LEAST_BODY * level.values.len() as f64 {
        return everything();
    }
    Some(dilate_ball(&filled, level.spacing_mm().to_array(), MARGIN_MM))
}

fn center(level: &Level, body: &Mask) -> DVec3 {
    let [ni, nj, _] = level.dims;
    let inside = body.flags().iter().enumerate().filter(|(_, inside)| **inside);
    let (sum, count) = inside.fold((DVec3::ZERO, 0u32), |(sum, count), (n, _)| {
        (sum + DVec3::new((n % ni) as f64, (n / ni % nj) as f64, (n / (ni * nj)) as f64), count + 1)
    });
    level.lps_from_ijk.transform_point3(sum / f64::from(count.max(1)))
}

fn percentiles<const N: usize>(values: impl Iterator<Item = f32>, at: [f64; N]) -> Option<[f32; N]> {
    let mut sorted: Vec<f32> = values.filter(|v| v.is_finite()).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    Some(at.map(|share| sorted[(last as f64 * share).round() as usize]))
}
