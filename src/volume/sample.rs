//! Values between voxels. A volume reaches half a voxel beyond its outer voxel centers, where the edge values hold.

use super::Volume;
use crate::geometry::DVec3;

/// Value of the nearest voxel; `None` outside.
pub fn sample_nearest(volume: &Volume, lps: DVec3) -> Option<f32> {
    volume.geometry().voxel_at_lps(lps).map(|voxel| volume.value_ijk(voxel))
}

/// Trilinear value at a patient point; `None` outside.
pub fn sample_linear(volume: &Volume, lps: DVec3) -> Option<f32> {
    sample_linear_ijk(volume, volume.geometry().ijk_from_lps().transform_point3(lps))
}

/// Trilinear value at a fractional voxel index; `None` outside. Twin of `sample_volume` in `shaders/include/sample.wgsl`.
pub fn sample_linear_ijk(volume: &Volume, ijk: DVec3) -> Option<f32> {
    /// Rounding in matrices must not push the outermost half voxel outside.
    const SLACK: f64 = 1e-6;
    let dims = volume.dims();
    let mut low = [0usize; 3];
    let mut high = [0usize; 3];
    let mut weight = [0f64; 3];
    for axis in 0..3 {
        let last = dims[axis] as f64 - 1.0;
        if !(ijk[axis] >= -0.5 - SLACK && ijk[axis] <= last + 0.5 + SLACK) {
            return None;
        }
        let at = ijk[axis].clamp(0.0, last);
        low[axis] = at.floor() as usize;
        high[axis] = (low[axis] + 1).min(dims[axis] - 1);
        weight[axis] = at - low[axis] as f64;
    }
    let [wi, wj, wk] = weight;
    let value = |i, j, k| f64::from(volume.value_ijk([i, j, k]));
    let along_i = |j, k| value(low[0], j, k) * (1.0 - wi) + value(high[0], j, k) * wi;
    let along_j = |k| along_i(low[1], k) * (1.0 - wj) + along_i(high[1], k) * wj;
    Some((along_j(low[2]) * (1.0 - wk) + along_j(high[2]) * wk) as f32)
}
