//! A volume with fewer voxels, for devices that cannot hold the full one.

use crate::geometry::{DVec3, VolumeGeometry};
use crate::volume::{Rescale, Volume, VolumeError, Voxels};
use rayon::prelude::*;

/// The mean of `factor` voxels along each axis (fewer at the far ends), at the same place in the patient; in `f32`.
pub(in crate::render) fn coarser(volume: &Volume, factor: usize) -> Result<Volume, VolumeError> {
    let old = volume.geometry();
    let factor = factor.max(1);
    let dims = old.dims().map(|n| n.div_ceil(factor));
    let middle = DVec3::splat((factor as f64 - 1.0) / 2.0);
    // A grid that was possible stays possible; if rounding objects, the volume stays as it is.
    let geometry = VolumeGeometry::new(dims, old.point_lps(middle), old.spacing_mm() * factor as f64, old.direction())
        .and_then(|made| made.with_shear_mm(old.shear_mm() * factor as f64));
    let Ok(geometry) = geometry else { return Ok(volume.clone()) };
    let mut values = vec![0.0f32; geometry.len()];
    values.par_chunks_mut(dims[0] * dims[1]).enumerate().for_each(|(k, slice)| {
        for (n, value) in slice.iter_mut().enumerate() {
            *value = mean(volume, [n % dims[0], n / dims[0], k], factor);
        }
    });
    Volume::new(geometry, Voxels::F32(values), Rescale::IDENTITY, volume.unit().clone())
}

fn mean(volume: &Volume, at: [usize; 3], factor: usize) -> f32 {
    let dims = volume.dims();
    let [is, js, ks] = [0, 1, 2].map(|axis| at[axis] * factor..((at[axis] + 1) * factor).min(dims[axis]));
    let (mut sum, mut count) = (0.0f64, 0.0f64);
    for k in ks {
        for j in js.clone() {
            for i in is.clone() {
                let value = volume.value_ijk([i, j, k]);
                if !value.is_nan() {
                    sum += f64::from(value);
                    count += 1.0;
                }
            }
        }
    }
    (sum / count) as f32
}
