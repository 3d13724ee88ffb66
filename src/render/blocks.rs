//! Upper bounds of values per block of voxels: a projection leaps over blocks that cannot hold a new maximum. The picture is
//! the same as without.

use crate::volume::Volume;
use rayon::prelude::*;

/// Edge of a block in voxels. Also `BLOCK` in `shaders/slab.wgsl`.
pub(super) const BLOCK: usize = 8;

/// The highest value that interpolation inside each block can give: over its voxels and the first ones beyond.
#[derive(Debug, Clone)]
pub(super) struct BlockBounds {
    /// Blocks along i, j, k.
    pub dims: [usize; 3],
    /// In flat order, i fastest; −∞ where there are no numbers.
    pub highest: Vec<f32>,
}

impl BlockBounds {
    pub fn new(volume: &Volume) -> Self {
        let size = volume.dims();
        let dims = size.map(|n| n.div_ceil(BLOCK));
        let mut highest = vec![f32::NEG_INFINITY; dims.iter().product()];
        highest.par_chunks_mut(dims[0] * dims[1]).enumerate().for_each(|(bk, layer)| {
            for k in bk * BLOCK..=((bk + 1) * BLOCK).min(size[2] - 1) {
                let values = volume.slice_values(k);
                for (bj, row) in layer.chunks_exact_mut(dims[0]).enumerate() {
                    for j in bj * BLOCK..=((bj + 1) * BLOCK).min(size[1] - 1) {
                        raise(row, &values[j * size[0]..(j + 1) * size[0]]);
                    }
                }
            }
        });
        Self { dims, highest }
    }

    /// Bound of the block that holds a voxel.
    #[inline]
    pub fn at(&self, [i, j, k]: [usize; 3]) -> f32 {
        self.highest[(k / BLOCK * self.dims[1] + j / BLOCK) * self.dims[0] + i / BLOCK]
    }
}

fn raise(blocks: &mut [f32], row: &[f32]) {
    for (bi, bound) in blocks.iter_mut().enumerate() {
        let voxels = &row[bi * BLOCK..((bi + 1) * BLOCK + 1).min(row.len())];
        // `max` leaves NaN out.
        *bound = voxels.iter().copied().fold(*bound, f32::max);
    }
}
