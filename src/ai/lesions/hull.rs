//! Lungs closed so far that what is solid at their border lies inside.

use crate::volume::ops::{Mask, close_ball, coarse_mask, fine_mask};

/// Grid on which a radius is worked on: voxels of about a third of it.
pub fn factor_for(spacing_mm: [f64; 3], voxel_mm: f64) -> [usize; 3] {
    spacing_mm.map(|s| ((voxel_mm / s).round() as usize).max(1))
}

/// Spacing of the coarse grid.
pub fn coarse_spacing(spacing_mm: [f64; 3], factor: [usize; 3]) -> [f64; 3] {
    std::array::from_fn(|axis| spacing_mm[axis] * factor[axis] as f64)
}

/// The lung closed with a ball, on the grid that `factor` coarsens. Never smaller than the lung there.
pub fn closed(lung: &Mask, spacing_mm: [f64; 3], factor: [usize; 3], radius_mm: f64) -> Mask {
    let coarse = coarse_mask(lung, factor);
    // Closing itself may run on a coarser grid still: its outline is far smoother than the lung's.
    let more = factor_for(coarse_spacing(spacing_mm, factor), (radius_mm / 4.0).clamp(2.0, 4.0));
    let closing = coarse_mask(&coarse, more);
    let spacing = coarse_spacing(coarse_spacing(spacing_mm, factor), more);
    fine_mask(&close_ball(&closing, spacing, radius_mm), more, coarse.dims()).or(&coarse)
}
