//! Empty-space skipping: the range of values in blocks of voxels, found once per volume, and how far a ray may leap from each
//! block, found once per transfer function.
//!
//! Between two samples of which neither lies in a block that can be seen, nothing is seen: the ranges of touching blocks
//! overlap, because each reaches one voxel beyond its block.

use super::Bricks;
use crate::geometry::VolumeGeometry;
use crate::render::transfer::TransferTable;
use crate::volume::{Volume, Voxels};
use rayon::prelude::*;
use std::sync::Arc;

/// Edge of a block in voxels. Also `BLOCK` in `shaders/raycast.wgsl`.
pub(in crate::render) const BLOCK: usize = 4;
/// Farthest leap in blocks: beyond it another one follows.
const MOST_BLOCKS: u8 = 32;

/// The lowest and the highest value that interpolation inside each block can give.
#[derive(Debug, Clone)]
pub struct ValueBlocks {
    /// Blocks along i, j, k.
    dims: [usize; 3],
    /// Lowest and highest, in flat order, i fastest; ascending but for blocks without numbers.
    ranges: Vec<[f32; 2]>,
    /// What rays on the CPU read; shared by clones.
    bricks: Arc<Bricks>,
}

impl ValueBlocks {
    /// Goes through all voxels: about 10 ms per 16 million on two cores. Keep it as long as the volume.
    pub fn new(volume: &Volume) -> Self {
        let slope = volume.rescale().slope as f32;
        let intercept = volume.rescale().intercept as f32;
        let (dims, stored) = match volume.voxels() {
            Voxels::U8(v) => ranges(v, volume.dims(), f32::from, (u8::MAX, u8::MIN), Ord::min, Ord::max),
            Voxels::I16(v) => ranges(v, volume.dims(), f32::from, (i16::MAX, i16::MIN), Ord::min, Ord::max),
            Voxels::U16(v) => ranges(v, volume.dims(), f32::from, (u16::MAX, u16::MIN), Ord::min, Ord::max),
            Voxels::F32(v) => {
                // `min` and `max` leave NaN out.
                ranges(v, volume.dims(), |x| x, (f32::INFINITY, f32::NEG_INFINITY), f32::min, f32::max)
            }
        };
        let ordered = |[a, b]: [f32; 2]| if slope < 0.0 { [b, a] } else { [a, b] };
        let ranges = stored.into_par_iter().map(|range| ordered(range.map(|x| x * slope + intercept))).collect();
        Self { dims, ranges, bricks: Arc::default() }
    }

    /// What rays on the CPU read.
    pub(in crate::render) fn bricks(&self) -> &Bricks {
        &self.bricks
    }

    /// True for a grid of as many blocks.
    pub(in crate::render) fn belong_to(&self, geometry: &VolumeGeometry) -> bool {
        self.dims == geometry.dims().map(|n| n.div_ceil(BLOCK))
    }
}

/// The stored value that stands for voxels that are no numbers: the one of the lowest value.
pub(in crate::render) fn lowest_stored(volume: &Volume) -> f32 {
    let rescale = volume.rescale();
    ((f64::from(volume.range().0) - rescale.intercept) / rescale.slope) as f32
}

/// Ranges of stored values per block, one voxel beyond included.
fn ranges<T: Copy + Send + Sync>(
    voxels: &[T],
    size: [usize; 3],
    number: impl Fn(T) -> f32 + Sync,
    nothing: (T, T),
    min: impl Fn(T, T) -> T + Sync,
    max: impl Fn(T, T) -> T + Sync,
) -> ([usize; 3], Vec<[f32; 2]>) {
    let dims = size.map(|n| n.div_ceil(BLOCK));
    let mut out = vec![[0.0f32; 2]; dims.iter().product()];
    out.par_chunks_mut(dims[0]).enumerate().for_each(|(row, blocks)| {
        let (bj, bk) = (row % dims[1], row / dims[1]);
        // Columns first: one pass over whole rows, that vector instructions can take.
        let (mut low, mut high) = (vec![nothing.0; size[0]], vec![nothing.1; size[0]]);
        for k in bk * BLOCK..=((bk + 1) * BLOCK).min(size[2] - 1) {
            for j in bj * BLOCK..=((bj + 1) * BLOCK).min(size[1] - 1) {
                let at = (k * size[1] + j) * size[0];
                for ((low, high), &voxel) in low.iter_mut().zip(&mut high).zip(&voxels[at..at + size[0]]) {
                    *low = min(*low, voxel);
                    *high = max(*high, voxel);
                }
            }
        }
        for (bi, block) in blocks.iter_mut().enumerate() {
            let columns = bi * BLOCK..((bi + 1) * BLOCK + 1).min(size[0]);
            let lowest = low[columns.clone()].iter().copied().fold(nothing.0, &min);
            let highest = high[columns].iter().copied().fold(nothing.1, &max);
            *block = [number(lowest), number(highest)];
        }
    });
    (dims, out)
}

/// For each block, 0 when something in it can be seen, else how many blocks (itself counted) lie between its far side and
/// the nearest one that can, along every axis and diagonal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) struct Leaps {
    /// Blocks along i, j, k.
    pub dims: [usize; 3],
    /// In flat order, i fastest.
    pub blocks: Vec<u8>,
}

impl Leaps {
    pub fn new(blocks: &ValueBlocks, table: &TransferTable) -> Self {
        let clear = |[low, high]: &[f32; 2]| table.is_clear(low.min(*high), high.max(*low));
        let seen: Vec<u8> = blocks.ranges.par_iter().map(|range| if clear(range) { MOST_BLOCKS } else { 0 }).collect();
        let dims = blocks.dims;
        let along_i = nearer(&seen, dims, 0);
        let along_j = nearer(&along_i, dims, 1);
        Self { dims, blocks: nearer(&along_j, dims, 2) }
    }
}

/// One axis of the chessboard distance: the least of `max(distance along the axis, value there)`.
fn nearer(values: &[u8], dims: [usize; 3], axis: usize) -> Vec<u8> {
    let stride = [1, dims[0], dims[0] * dims[1]][axis];
    let mut out = vec![0; values.len()];
    out.par_chunks_mut(dims[0]).enumerate().for_each(|(row, nearest)| {
        for (i, nearest) in nearest.iter_mut().enumerate() {
            let here = row * dims[0] + i;
            let along = [i, row % dims[1], row / dims[1]][axis];
            let mut best = values[here];
            let mut away = 1u8;
            while away < best {
                let step = usize::from(away);
                let before = if along >= step { values[here - step * stride] } else { MOST_BLOCKS };
                let after = if along + step < dims[axis] { values[here + step * stride] } else { MOST_BLOCKS };
                best = best.min(away.max(before.min(after)));
                away += 1;
            }
            *nearest = best;
        }
    });
    out
}
