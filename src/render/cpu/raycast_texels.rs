//! Gradient and value between voxels, for rays: one look-up for both. Interpolating central differences gives the slope of
//! the interpolated values. Twin of `sample_at` in `shaders/raycast.wgsl`.

use super::sample::Stored;
use crate::render::raycast::{BLOCK, Brick, Bricks, EDGE, Kept, Texel};
use glam::{Vec3A, Vec4};
use std::sync::OnceLock;

/// The voxel below a position along each axis, and the share of the next one, 0–1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub ijk: [usize; 3],
    pub w: Vec3A,
}

/// Texels of a volume: from its bricks, or from its voxels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texels<'a, T> {
    voxels: &'a [T],
    dims: [usize; 3],
    kept: Kept,
    bricks: &'a Bricks,
    places: &'a [OnceLock<Box<Brick>>],
}

impl<'a, T: Stored> Texels<'a, T> {
    pub fn new(voxels: &'a [T], dims: [usize; 3], kept: Kept, bricks: &'a Bricks) -> Self {
        let places = bricks.places(dims.map(|n| n.div_ceil(BLOCK)).iter().product());
        Self { voxels, dims, kept, bricks, places }
    }

    /// Gradient and kept number at a position, whose voxel lies in this block.
    #[inline]
    pub fn at(&self, cell: Cell, block: usize) -> Vec4 {
        let [i, j, k] = cell.ijk;
        let (i, j, k) = (i % BLOCK, j % BLOCK, k % BLOCK);
        let at = (k * EDGE + j) * EDGE + i;
        let brick = self.bricks.get(&self.places[block], || self.brick(cell.ijk));
        // One slice with a known length: one bounds check instead of eight.
        if let Some(near) = brick.and_then(|brick| brick[at..].first_chunk::<NEAR>()) {
            let (down, deep) = (EDGE, EDGE * EDGE);
            let upper = [near[0], near[1], near[down], near[down + 1]];
            let lower = [near[deep], near[deep + 1], near[deep + down], near[deep + down + 1]];
            return blend(upper, lower, cell.w);
        }
        self.without_brick(cell)
    }

    #[cold]
    fn without_brick(&self, cell: Cell) -> Vec4 {
        let [i, j, k] = cell.ijk;
        let texel = |i: usize, j: usize, k: usize| self.texel([i, j, k]);
        let slice = |k: usize| [texel(i, j, k), texel(i + 1, j, k), texel(i, j + 1, k), texel(i + 1, j + 1, k)];
        blend(slice(k), slice(k + 1), cell.w)
    }

    #[cold]
    fn brick(&self, ijk: [usize; 3]) -> Box<Brick> {
        let first = ijk.map(|n| n / BLOCK * BLOCK);
        let mut brick = Box::new([[0; 4]; EDGE * EDGE * EDGE]);
        for (n, texel) in brick.iter_mut().enumerate() {
            let [i, j, k] = [n % EDGE, n / EDGE % EDGE, n / (EDGE * EDGE)];
            *texel = self.texel([first[0] + i, first[1] + j, first[2] + k]);
        }
        brick
    }

    /// Central differences and the kept number of a voxel; beyond the outer voxels their values go on.
    fn texel(&self, ijk: [usize; 3]) -> Texel {
        let last = self.dims.map(|n| n - 1);
        let ijk: [usize; 3] = std::array::from_fn(|axis| ijk[axis].min(last[axis]));
        let number =
            |[i, j, k]: [usize; 3]| self.kept.number(self.voxels[(k * self.dims[1] + j) * self.dims[0] + i].to_f32());
        let slope = |axis: usize| {
            let (mut before, mut after) = (ijk, ijk);
            before[axis] = ijk[axis].saturating_sub(1);
            after[axis] = (ijk[axis] + 1).min(last[axis]);
            0.5 * (number(after) - number(before))
        };
        // Conversion keeps what is beyond at the ends.
        [slope(0), slope(1), slope(2), number(ijk)].map(|x| x.round() as i16)
    }
}

/// Texels from the first corner of a cell to its last.
const NEAR: usize = (EDGE + 1) * EDGE + 2;

/// Between the four corners of a cell in one slice and the four in the next, i fastest. Written out: closures over arrays were
/// seen not to be inlined here.
#[inline]
fn blend(upper: [Texel; 4], lower: [Texel; 4], w: Vec3A) -> Vec4 {
    let upper = mix(mix(wide(upper[0]), wide(upper[1]), w.x), mix(wide(upper[2]), wide(upper[3]), w.x), w.y);
    let lower = mix(mix(wide(lower[0]), wide(lower[1]), w.x), mix(wide(lower[2]), wide(lower[3]), w.x), w.y);
    mix(upper, lower, w.z)
}

#[inline]
fn mix(a: Vec4, b: Vec4, w: f32) -> Vec4 {
    a + (b - a) * w
}

#[inline]
fn wide([a, b, c, d]: Texel) -> Vec4 {
    Vec4::new(f32::from(a), f32::from(b), f32::from(c), f32::from(d))
}
