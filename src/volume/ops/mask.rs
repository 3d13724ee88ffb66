//! A set of voxels: one flag per voxel, i fastest, k slowest.

use rayon::prelude::*;

/// A set of voxels on a grid.
///
/// Invariant: as many flags as the dimensions say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    dims: [usize; 3],
    inside: Vec<bool>,
}

impl Mask {
    /// No voxel.
    pub fn empty(dims: [usize; 3]) -> Self {
        Self { dims, inside: vec![false; dims.iter().product()] }
    }

    /// From one flag per voxel; `None` when their number does not fit.
    pub fn from_flags(dims: [usize; 3], inside: Vec<bool>) -> Option<Self> {
        (inside.len() == dims.iter().product::<usize>()).then_some(Self { dims, inside })
    }

    /// The voxels whose value the test accepts; `values` has one entry per voxel (else the mask is empty).
    pub fn where_value<T: Copy + Sync>(dims: [usize; 3], values: &[T], test: impl Fn(T) -> bool + Sync) -> Self {
        if values.len() != dims.iter().product::<usize>() {
            return Self::empty(dims);
        }
        Self { dims, inside: values.par_iter().with_min_len(1 << 16).map(|&v| test(v)).collect() }
    }

    /// Columns, rows, slices.
    pub fn dims(&self) -> [usize; 3] {
        self.dims
    }

    /// One flag per voxel.
    pub fn flags(&self) -> &[bool] {
        &self.inside
    }

    /// One flag per voxel, to change.
    pub fn flags_mut(&mut self) -> &mut [bool] {
        &mut self.inside
    }

    /// Whether voxel (i, j, k) is in the set.
    pub fn has(&self, [i, j, k]: [usize; 3]) -> bool {
        self.inside[(k * self.dims[1] + j) * self.dims[0] + i]
    }

    /// Voxels per slice.
    pub fn slice_len(&self) -> usize {
        self.dims[0] * self.dims[1]
    }

    /// Flags of slice `k`.
    pub fn slice(&self, k: usize) -> &[bool] {
        &self.inside[k * self.slice_len()..(k + 1) * self.slice_len()]
    }

    /// Number of voxels in the set.
    pub fn count(&self) -> usize {
        self.inside.par_chunks(1 << 16).map(|c| c.iter().filter(|&&b| b).count()).sum()
    }

    /// True without voxels in the set.
    pub fn is_empty(&self) -> bool {
        !self.inside.contains(&true)
    }

    /// Voxels in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.combined(other, |a, b| a & b)
    }

    /// Voxels in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.combined(other, |a, b| a | b)
    }

    /// Voxels here and not there.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.combined(other, |a, b| a && !b)
    }

    /// Voxels not in the set.
    #[must_use]
    pub fn not(&self) -> Self {
        Self { dims: self.dims, inside: self.inside.par_iter().with_min_len(1 << 16).map(|b| !b).collect() }
    }

    fn combined(&self, other: &Self, join: impl Fn(bool, bool) -> bool + Sync) -> Self {
        debug_assert_eq!(self.dims, other.dims);
        let inside =
            self.inside.par_iter().with_min_len(1 << 16).zip(&other.inside).map(|(&a, &b)| join(a, b)).collect();
        Self { dims: self.dims, inside }
    }

    /// Every slice computed from its number, in parallel; `slice` gets a blank slice to fill.
    pub fn by_slices(dims: [usize; 3], slice: impl Fn(usize, &mut [bool]) + Sync) -> Self {
        let mut mask = Self::empty(dims);
        mask.inside.par_chunks_mut(dims[0] * dims[1]).enumerate().for_each(|(k, out)| slice(k, out));
        mask
    }

    /// Smallest and largest (i, j, k) of the set; `None` when empty.
    pub fn bounds_ijk(&self) -> Option<([usize; 3], [usize; 3])> {
        let [ni, nj, nk] = self.dims;
        let of_slice = |k: usize| {
            let mut bounds: Option<([usize; 3], [usize; 3])> = None;
            for (j, row) in self.slice(k).chunks_exact(ni).enumerate() {
                let Some(first) = row.iter().position(|&b| b) else { continue };
                let last = row.iter().rposition(|&b| b).unwrap_or(first);
                let (low, high) = bounds.get_or_insert(([first, j, k], [last, j, k]));
                *low = [low[0].min(first), low[1].min(j), k];
                *high = [high[0].max(last), j, k];
            }
            bounds
        };
        debug_assert_eq!(self.inside.len(), ni * nj * nk);
        (0..nk).into_par_iter().filter_map(of_slice).reduce_with(|a, b| {
            (std::array::from_fn(|n| a.0[n].min(b.0[n])), std::array::from_fn(|n| a.1[n].max(b.1[n])))
        })
    }

    /// The part of the grid from voxel `low` to voxel `high`, both included and cut to the grid.
    pub fn cropped(&self, low: [usize; 3], high: [usize; 3]) -> Self {
        let high: [usize; 3] = std::array::from_fn(|n| high[n].min(self.dims[n].saturating_sub(1)));
        let dims: [usize; 3] = std::array::from_fn(|n| (high[n] + 1).saturating_sub(low[n]));
        let mut inside = Vec::with_capacity(dims.iter().product());
        for k in low[2]..low[2] + dims[2] {
            for j in low[1]..low[1] + dims[1] {
                let first = (k * self.dims[1] + j) * self.dims[0] + low[0];
                inside.extend_from_slice(&self.inside[first..first + dims[0]]);
            }
        }
        Self { dims, inside }
    }

    /// The same set on a larger grid, its first voxel at `low`; what does not fit is cut off.
    pub fn placed(&self, dims: [usize; 3], low: [usize; 3]) -> Self {
        let mut placed = Self::empty(dims);
        let length = self.dims[0].min(dims[0].saturating_sub(low[0]));
        for (row, flags) in self.inside.chunks_exact(self.dims[0]).enumerate() {
            let (j, k) = (row % self.dims[1] + low[1], row / self.dims[1] + low[2]);
            if length > 0 && j < dims[1] && k < dims[2] {
                let first = (k * dims[1] + j) * dims[0] + low[0];
                placed.inside[first..first + length].copy_from_slice(&flags[..length]);
            }
        }
        placed
    }

    /// The same set on a grid that has `margin` more voxels at either end of each axis.
    pub fn padded(&self, margin: [usize; 3]) -> Self {
        self.placed(std::array::from_fn(|n| self.dims[n] + 2 * margin[n]), margin)
    }

    /// Voxels of the set as (i, j, k), in flat order.
    pub fn voxels_ijk(&self) -> impl Iterator<Item = [usize; 3]> {
        let [ni, nj, _] = self.dims;
        let set = self.inside.iter().enumerate().filter(|(_, b)| **b);
        set.map(move |(n, _)| [n % ni, n / ni % nj, n / (ni * nj)])
    }
}
