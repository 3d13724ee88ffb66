//! Pieces of a solid set that are short at their own thickness: erosion at falling radii.

use crate::jobs::Cancel;
use crate::volume::ops::{Links, Mask, Part, Parts, dilate_ball, erode_ball};

/// Each radius is this share of the one before.
const STEP: f64 = 0.775;
/// A piece must still be short two steps further down (0.6 of its radius).
const LOOK_DOWN: usize = 2;
/// Longest extent of what erosion by r leaves of a blob, as a multiple of r.
const SHORT: f64 = 1.6;
/// The same, two steps further down.
const SHORT_BELOW: f64 = 3.2;

/// A short piece.
pub struct Blob {
    /// Its voxels, as the eroded piece grown back within the solid set.
    pub mask: Mask,
    /// Radius of the ball that just fits, to a step.
    pub radius_mm: f64,
}

/// Radii from `largest` down to `smallest`.
pub fn ladder(largest: f64, smallest: f64) -> Vec<f64> {
    let mut radii: Vec<f64> =
        std::iter::successors(Some(largest), |r| Some(r * STEP)).take_while(|r| *r > smallest).collect();
    radii.push(smallest);
    radii
}

/// Blobs of `solid`, large ones first, not overlapping; `None` when asked to stop.
pub fn find(solid: &Mask, spacing_mm: [f64; 3], radii_mm: &[f64], cancel: &Cancel) -> Option<Vec<Blob>> {
    let mut left = solid.clone();
    let mut blobs: Vec<Blob> = Vec::new();
    for (n, &radius_mm) in radii_mm.iter().enumerate() {
        if cancel.is_cancelled() {
            return None;
        }
        let cores = Parts::of(&erode_ball(&left, spacing_mm, radius_mm), Links::Corners);
        let short = |p: &Part, most_mm: f64| extent_mm(p, spacing_mm) <= most_mm;
        let hopeful: Vec<usize> =
            (0..cores.parts().len()).filter(|&c| short(&cores.parts()[c], SHORT * radius_mm)).collect();
        if hopeful.is_empty() {
            continue;
        }
        let below_mm = radii_mm.get(n + LOOK_DOWN).copied().unwrap_or(radius_mm * STEP * STEP);
        let below = Parts::of(&erode_ball(&left, spacing_mm, below_mm), Links::Corners);
        let compact = below.select(|_, p| short(p, SHORT_BELOW * radius_mm));
        let kept = cores.select(|c, _| hopeful.contains(&c)).and(&compact);
        let kept = Parts::of(&kept, Links::Corners);
        for part in 0..kept.parts().len() {
            let core = kept.select(|m, _| m == part);
            let mask = dilate_ball(&core, spacing_mm, radius_mm * 1.2 + spacing_mm[0]).and(&left);
            left = left.minus(&mask);
            blobs.push(Blob { mask, radius_mm });
        }
    }
    Some(blobs)
}

fn extent_mm(part: &Part, spacing_mm: [f64; 3]) -> f64 {
    (0..3).map(|axis| (part.max_ijk[axis] - part.min_ijk[axis]) as f64 * spacing_mm[axis]).fold(0.0, f64::max)
}
