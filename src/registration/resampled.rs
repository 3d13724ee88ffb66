//! The moving volume on the fixed one's grid.

use crate::geometry::{DAffine3, DVec3, VolumeGeometry};
use crate::volume::{Rescale, Volume, VolumeError, Voxels, sample_linear_ijk};
use rayon::prelude::*;

/// `moving` at the voxels of `grid` (that of the fixed volume), linearly interpolated; beyond the moving volume its smallest
/// value. Values are those after rescale, as 32-bit floats, with the unit of `moving`.
pub fn resampled(moving: &Volume, grid: &VolumeGeometry, moving_from_fixed: DAffine3) -> Result<Volume, VolumeError> {
    let moving_ijk_from_ijk = moving.geometry().ijk_from_lps() * moving_from_fixed * grid.lps_from_ijk();
    let [ni, nj, _] = grid.dims();
    let outside = moving.range().0;
    let mut values = vec![outside; grid.len()];
    values.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
        let (j, k) = (row % nj, row / nj);
        for (i, out) in out.iter_mut().enumerate() {
            let ijk = moving_ijk_from_ijk.transform_point3(DVec3::new(i as f64, j as f64, k as f64));
            *out = sample_linear_ijk(moving, ijk).unwrap_or(outside);
        }
    });
    Volume::new(grid.clone(), Voxels::F32(values), Rescale::IDENTITY, moving.unit().clone())
}
