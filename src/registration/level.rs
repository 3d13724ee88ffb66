//! One step of the pyramid: means over blocks of voxels, near a wanted spacing.
//!
//! Blocks keep the volume's own axes (and the shear of a tilted gantry), so nothing is interpolated. Values are NaN
//! where no voxel of the block has one.

use crate::geometry::DAffine3;
use crate::volume::Volume;
use glam::{DMat3, DVec3, Vec3};
use rayon::prelude::*;

/// Fewest blocks along an axis, where the volume has that many voxels.
const FEWEST: usize = 4;

/// A coarse copy of a volume.
pub(super) struct Level {
    pub dims: [usize; 3],
    /// Patient mm from (fractional) block indices.
    pub lps_from_ijk: DAffine3,
    /// i fastest, k slowest.
    pub values: Vec<f32>,
}

impl Level {
    /// Means over blocks of about `spacing_mm`.
    pub fn new(volume: &Volume, spacing_mm: f64) -> Self {
        let per_slice = volume.dims()[0] * volume.dims()[1];
        let slice = |k: usize| volume.values(k * per_slice..(k + 1) * per_slice);
        Self::blocks(volume.dims(), volume.geometry().lps_from_ijk(), spacing_mm, slice)
    }

    /// A coarser copy of this one.
    pub fn coarser(&self, spacing_mm: f64) -> Self {
        let per_slice = self.dims[0] * self.dims[1];
        let slice = |k: usize| self.values[k * per_slice..(k + 1) * per_slice].to_vec();
        Self::blocks(self.dims, self.lps_from_ijk, spacing_mm, slice)
    }

    /// Length of a step along each axis.
    pub fn spacing_mm(&self) -> DVec3 {
        let m = self.lps_from_ijk.matrix3;
        DVec3::new(m.x_axis.length(), m.y_axis.length(), m.z_axis.length())
    }

    /// Volume of a block.
    pub fn block_mm3(&self) -> f64 {
        self.lps_from_ijk.matrix3.determinant().abs()
    }

    /// Trilinear value between the outer block centers; NaN beyond them, and near blocks without value.
    #[inline]
    pub fn sample(&self, at: Vec3) -> f32 {
        let [ni, nj, nk] = self.dims;
        let last = Vec3::new(ni as f32 - 1.0, nj as f32 - 1.0, nk as f32 - 1.0);
        // Written so that NaN fails too.
        if !(at.cmpge(Vec3::ZERO).all() && at.cmple(last).all()) {
            return f32::NAN;
        }
        // The last center belongs to the cell before it.
        let low = |x: f32, n: usize| (x as usize).min(n.saturating_sub(2));
        let (i, j, k) = (low(at.x, ni), low(at.y, nj), low(at.z, nk));
        let (wi, wj, wk) = (at.x - i as f32, at.y - j as f32, at.z - k as f32);
        let row = |n: usize| {
            let pair = &self.values[n..n + 2];
            pair[0] + (pair[1] - pair[0]) * wi
        };
        let plane = |n: usize| {
            let (a, b) = (row(n), row(n + ni));
            a + (b - a) * wj
        };
        let first = (k * nj + j) * ni + i;
        let (a, b) = (plane(first), plane(first + ni * nj));
        a + (b - a) * wk
    }

    fn blocks(
        dims: [usize; 3],
        lps_from_ijk: DAffine3,
        spacing_mm: f64,
        slice: impl Fn(usize) -> Vec<f32> + Sync,
    ) -> Self {
        let steps = lps_from_ijk.matrix3;
        let own = [steps.x_axis.length(), steps.y_axis.length(), steps.z_axis.length()];
        let factor: [usize; 3] = std::array::from_fn(|axis| {
            ((spacing_mm / own[axis]).round() as usize).clamp(1, (dims[axis] / FEWEST).max(1))
        });
        // Blocks that are not whole are left out: their centers would lie off the grid.
        let coarse: [usize; 3] = std::array::from_fn(|axis| dims[axis] / factor[axis]);
        let mut values = vec![0.0f32; coarse.iter().product()];
        values.par_chunks_mut(coarse[0] * coarse[1]).enumerate().for_each(|(k, out)| {
            mean_of_slices(dims, factor, coarse, (0..factor[2]).map(|n| slice(k * factor[2] + n)), out);
        });
        let scale = DVec3::new(factor[0] as f64, factor[1] as f64, factor[2] as f64);
        let first_center = lps_from_ijk.transform_point3((scale - DVec3::ONE) / 2.0);
        let matrix = steps * DMat3::from_diagonal(scale);
        Self { dims: coarse, lps_from_ijk: DAffine3::from_mat3_translation(matrix, first_center), values }
    }
}

/// One coarse slice from the fine slices that it covers.
fn mean_of_slices(
    dims: [usize; 3],
    factor: [usize; 3],
    coarse: [usize; 3],
    slices: impl Iterator<Item = Vec<f32>>,
    out: &mut [f32],
) {
    let mut counts = vec![0u32; out.len()];
    for slice in slices {
        for (j, row) in slice.chunks_exact(dims[0]).enumerate().take(coarse[1] * factor[1]) {
            let at = j / factor[1] * coarse[0];
            for (block, (sum, count)) in
                row.chunks_exact(factor[0]).zip(out[at..].iter_mut().zip(&mut counts[at..])).take(coarse[0])
            {
                for value in block.iter().filter(|v| !v.is_nan()) {
                    *sum += value;
                    *count += 1;
                }
            }
        }
    }
    for (sum, count) in out.iter_mut().zip(counts) {
        *sum = if count == 0 { f32::NAN } else { *sum / count as f32 };
    }
}
