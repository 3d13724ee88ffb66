//! Pieces of a solid set that are short at their own thickness: erosion at falling radii.

use crate::jobs::Cancel;
use crate::volume::ops::{Links, Mask, Part, Parts, dilate_ball, erode_ball};

/// Each radius is this share of the one before.
const STEP: f64 = 0.775;
/// Longest extent of what erosion by r leaves of a blob, as a multiple of r.
const SHORT: f64 = 1.6;
/// The same grows by so much for each step that is looked further down.
const SHORT_PER_STEP: f64 = 0.8;

/// A short piece.
pub struct Blob {
    /// First voxel (i, j, k) of the part of the grid that `mask` covers.
    pub low: [usize; 3],
    /// Its voxels there, as the eroded piece grown back within the solid set.
    pub mask: Mask,
    /// Radius of the ball that just fits, to a step.
    pub radius_mm: f64,
}

impl Blob {
    /// Its voxels on the whole grid.
    pub fn voxels_ijk(&self) -> impl Iterator<Item = [usize; 3]> {
        self.mask.voxels_ijk().map(|v| std::array::from_fn(|n| v[n] + self.low[n]))
    }

    /// Its voxels on a larger part of the grid that holds it.
    pub fn in_window(&self, low: [usize; 3], high: [usize; 3]) -> Mask {
        let mut mask = Mask::empty(std::array::from_fn(|n| high[n] + 1 - low[n]));
        let [wi, wj, _] = mask.dims();
        for [i, j, k] in self.voxels_ijk() {
            mask.flags_mut()[((k - low[2]) * wj + j - low[1]) * wi + i - low[0]] = true;
        }
        mask
    }
}

/// Radii from `largest` down to `smallest`.
pub fn ladder(largest: f64, smallest: f64) -> Vec<f64> {
    let mut radii: Vec<f64> =
        std::iter::successors(Some(largest), |r| Some(r * STEP)).take_while(|r| *r > smallest).collect();
    radii.push(smallest);
    radii
}

/// Blobs of `solid`, large ones first, not overlapping; `None` when asked to stop. Each must still be short when eroded by
/// the radius `look_down` steps further down.
pub fn find(
    solid: &Mask,
    spacing_mm: [f64; 3],
    radii_mm: &[f64],
    look_down: usize,
    cancel: &Cancel,
) -> Option<Vec<Blob>> {
    let mut left = solid.clone();
    let mut blobs: Vec<Blob> = Vec::new();
    let eroded = |left: &Mask, radius_mm: f64| erode_ball(left, spacing_mm, radius_mm);
    let short = |p: &Part, most_mm: f64| extent_mm(p, spacing_mm) <= most_mm;
    // Erosion by the next radius, kept for the next round as long as nothing was taken out.
    let mut ready: Option<Mask> = None;
    for (n, &radius_mm) in radii_mm.iter().enumerate() {
        if cancel.is_cancelled() {
            return None;
        }
        let cores = Parts::of(&ready.take().unwrap_or_else(|| eroded(&left, radius_mm)), Links::Corners);
        if !cores.parts().iter().any(|p| short(p, SHORT * radius_mm)) {
            continue;
        }
        let below_mm = radii_mm.get(n + look_down).copied().unwrap_or(radius_mm * STEP.powi(look_down as i32));
        let below = eroded(&left, below_mm);
        let most_mm = (SHORT + SHORT_PER_STEP * look_down as f64) * radius_mm;
        let compact = Parts::of(&below, Links::Corners).select(|_, p| short(p, most_mm));
        let kept = Parts::of(&cores.select(|_, p| short(p, SHORT * radius_mm)).and(&compact), Links::Corners);
        for part in 0..kept.parts().len() {
            blobs.push(grown_back(&kept, part, spacing_mm, radius_mm, &mut left));
        }
        ready = (look_down == 1 && kept.parts().is_empty()).then_some(below);
    }
    Some(blobs)
}

/// The eroded piece grown back within `left`, and taken out of it.
fn grown_back(cores: &Parts, part: usize, spacing_mm: [f64; 3], radius_mm: f64, left: &mut Mask) -> Blob {
    let back_mm = radius_mm * 1.2 + spacing_mm[0];
    let [ni, nj, _] = left.dims();
    let piece = &cores.parts()[part];
    let (low, high) = window(piece.min_ijk, piece.max_ijk, spacing_mm, back_mm, left.dims());
    let here = left.cropped(low, high);
    let [wi, wj, _] = here.dims();
    let mut core = Mask::empty(here.dims());
    cores.for_runs(|n, first, length| {
        if n == part {
            let (i, j, k) = (first % ni - low[0], first / ni % nj - low[1], first / (ni * nj) - low[2]);
            let at = (k * wj + j) * wi + i;
            core.flags_mut()[at..at + length].fill(true);
        }
    });
    let mask = dilate_ball(&core, spacing_mm, back_mm).and(&here);
    for [i, j, k] in mask.voxels_ijk() {
        left.flags_mut()[((k + low[2]) * nj + j + low[1]) * ni + i + low[0]] = false;
    }
    Blob { low, mask, radius_mm }
}

/// The part of the grid that reaches `margin_mm` beyond a box of voxels: its first and last voxel.
pub fn window(
    low: [usize; 3],
    high: [usize; 3],
    spacing_mm: [f64; 3],
    margin_mm: f64,
    dims: [usize; 3],
) -> ([usize; 3], [usize; 3]) {
    let margin = spacing_mm.map(|s| (margin_mm / s).ceil() as usize + 1);
    (
        std::array::from_fn(|n| low[n].saturating_sub(margin[n])),
        std::array::from_fn(|n| (high[n] + margin[n]).min(dims[n] - 1)),
    )
}

fn extent_mm(part: &Part, spacing_mm: [f64; 3]) -> f64 {
    (0..3).map(|axis| (part.max_ijk[axis] - part.min_ijk[axis]) as f64 * spacing_mm[axis]).fold(0.0, f64::max)
}
