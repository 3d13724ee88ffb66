//! Lungs closed so far that what is solid at their border lies inside.

use crate::volume::ops::{Mask, close_ball, coarse_mask, fine_mask};

/// How many voxels along each axis make one of at most `voxel_mm` (or one, where they are coarser already).
pub fn factor_for(spacing_mm: [f64; 3], voxel_mm: f64) -> [usize; 3] {
    spacing_mm.map(|s| ((voxel_mm / s) as usize).max(1))
}

/// Spacing of the coarse grid.
pub fn coarse_spacing(spacing_mm: [f64; 3], factor: [usize; 3]) -> [f64; 3] {
    std::array::from_fn(|axis| spacing_mm[axis] * factor[axis] as f64)
}

/// The lung closed with a ball, on the grid that `factor` coarsens. Never smaller than the lung there.
pub fn closed(lung: &Mask, spacing_mm: [f64; 3], factor: [usize; 3], radius_mm: f64) -> Mask {
    let coarse = coarse_mask(lung, factor);
    // Closing itself may run on a coarser grid still: its outline is far smoother than the lung's.
    let more = factor_for(coarse_spacing(spacing_mm, factor), (radius_mm / 6.0).clamp(3.0, 6.0));
    let spacing = coarse_spacing(coarse_spacing(spacing_mm, factor), more);
    let coarser = coarse_mask(&coarse, more);
    let Some((low, high)) = coarser.bounds_ijk() else { return coarse };
    // A closing never leaves the box around its set. Where the picture ends nothing is known: there the hull is the lung.
    let margin = spacing.map(|s| (radius_mm / s).ceil() as usize + 1);
    let padded = close_ball(&coarser.cropped(low, high).padded(margin), spacing, radius_mm);
    let end = std::array::from_fn(|n| padded.dims()[n] - margin[n] - 1);
    let closed = padded.cropped(margin, end).placed(coarser.dims(), low);
    fine_mask(&closed, more, coarse.dims()).or(&coarse)
}
