//! From the axes of a grid to its place in the patient.

use crate::geometry::{DMat3, DVec2, DVec3, VolumeGeometry};

/// In-plane axes that are further from a right angle than this (cosine) fit no picture.
const SQUARE: f64 = 2e-3;

/// The geometry of a grid whose steps from voxel to voxel along i, j, k are `axes` (LPS mm). A third axis that leans is
/// kept as shear; leaning in-plane axes are refused.
pub fn geometry_from_axes(dims: [usize; 3], origin: DVec3, axes: DMat3) -> Result<VolumeGeometry, String> {
    let (i, j, k) = (axes.x_axis, axes.y_axis, axes.z_axis);
    let size = i.length() * j.length() * k.length();
    // Written so that NaN fails too.
    if !(size > 0.0 && size.is_finite() && axes.determinant().abs() > 1e-6 * size) {
        return Err("the directions of the voxel axes make no grid: its place is unknown".into());
    }
    let row = i.normalize();
    if row.dot(j.normalize()).abs() > SQUARE {
        return Err("the grid is skewed within its slices; resample it to right angles first".into());
    }
    let column = (j - row * row.dot(j)).normalize();
    let upright = row.cross(column);
    let normal = if upright.dot(k) < 0.0 { -upright } else { upright };
    let shear = DVec2::new(k.dot(row), k.dot(column));
    let shear = if shear.length() < SQUARE * k.length() { DVec2::ZERO } else { shear };
    let spacing = DVec3::new(i.length(), j.length(), k.dot(normal));
    VolumeGeometry::new(dims, origin, spacing, DMat3::from_cols(row, column, normal))
        .and_then(|g| g.with_shear_mm(shear))
        .map_err(|e| e.to_string())
}

/// Spacings as they are shown: positive and finite, else zero for "unknown".
pub fn known_spacing(spacing: [f64; 3]) -> [f64; 3] {
    spacing.map(|mm| if mm.is_finite() { mm.abs() } else { 0.0 })
}
