//! A sheared volume (tilted gantry) on a straight grid, for formats that know no shear.

use crate::geometry::{DVec2, GeometryError, VolumeGeometry};
use crate::volume::{Volume, Voxels};

/// Resamples a sheared volume onto a straight grid of the same spacing that holds it all: each slice is moved within its
/// plane, by linear interpolation; what lies outside the source is its smallest value. Values come out after the Modality
/// LUT. A straight volume is returned as it is.
pub fn straightened(volume: &Volume) -> Result<Volume, GeometryError> {
    let source = volume.geometry();
    if !source.is_sheared() {
        return Ok(volume.clone());
    }
    let [ni, nj, nk] = source.dims();
    let spacing = source.spacing_mm();
    // Displacement of slice k in voxels.
    let step = DVec2::new(source.shear_mm().x / spacing.x, source.shear_mm().y / spacing.y);
    let last = step * (nk as f64 - 1.0);
    let low = last.min(DVec2::ZERO).floor();
    let high = last.max(DVec2::ZERO).ceil();
    let dims = [ni + (high.x - low.x) as usize, nj + (high.y - low.y) as usize, nk];
    let axes = source.direction();
    let origin = source.origin_lps() + axes.x_axis * (low.x * spacing.x) + axes.y_axis * (low.y * spacing.y);
    let straight = VolumeGeometry::new(dims, origin, spacing, axes)?;
    let outside = volume.range().0;
    let mut values = Vec::with_capacity(straight.len());
    for k in 0..nk {
        let slice = volume.slice_values(k);
        let shift = low - step * k as f64;
        let (x, y) = (taps(shift.x, dims[0], ni), taps(shift.y, dims[1], nj));
        for row in &y {
            for column in &x {
                values.push(blend(&slice, ni, *column, *row).unwrap_or(outside));
            }
        }
    }
    Volume::new(straight, Voxels::F32(values), crate::volume::Rescale::IDENTITY, volume.unit().clone())
        .map_err(|_| GeometryError::Origin)
}

/// Per output index: the source index below and the weight of the one above; `None` beyond the outer centers.
fn taps(shift: f64, count: usize, source: usize) -> Vec<Option<(usize, f32)>> {
    let tap = |n: usize| {
        let at = n as f64 + shift;
        let inside = at >= 0.0 && at <= source as f64 - 1.0;
        inside.then(|| (at.floor() as usize, (at - at.floor()) as f32))
    };
    (0..count).map(tap).collect()
}

fn blend(slice: &[f32], stride: usize, x: Option<(usize, f32)>, y: Option<(usize, f32)>) -> Option<f32> {
    let ((i, u), (j, v)) = (x?, y?);
    let at = |i: usize, j: usize| slice[j * stride + i];
    let along = |j: usize| if u > 0.0 { at(i, j) * (1.0 - u) + at(i + 1, j) * u } else { at(i, j) };
    Some(if v > 0.0 { along(j) * (1.0 - v) + along(j + 1) * v } else { along(j) })
}
