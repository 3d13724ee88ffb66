//! One label (0–255) per voxel, in slices that are shared until painted; changes as run-length deltas.

use crate::geometry::VolumeGeometry;
use std::sync::Arc;

/// Labels on a grid. Cloning is cheap: slices are shared (copy on write), so an undo state or a picture job may keep one.
///
/// Invariant: as many slices as the geometry has, each of `columns · rows` labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelmap {
    geometry: VolumeGeometry,
    slices: Vec<Arc<[u8]>>,
}

/// What a stroke (or any other change) did: enough to take it back and to do it again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelmapDelta {
    /// Changed slices, ascending.
    pub slices: Vec<SliceRuns>,
}

/// The changed runs of one slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SliceRuns {
    /// Slice index.
    pub k: usize,
    /// `(first voxel in the slice, length, label before, label after)`, ascending, not overlapping.
    pub runs: Vec<(u32, u32, u8, u8)>,
}

impl Labelmap {
    /// No labels anywhere.
    pub fn empty(geometry: VolumeGeometry) -> Self {
        let [ni, nj, nk] = geometry.dims();
        let blank: Arc<[u8]> = vec![0; ni * nj].into();
        Self { geometry, slices: vec![blank; nk] }
    }

    /// From labels in flat order; `None` when their number does not fit.
    pub fn from_labels(geometry: VolumeGeometry, labels: &[u8]) -> Option<Self> {
        let [ni, nj, _] = geometry.dims();
        (labels.len() == geometry.len())
            .then(|| Self { slices: labels.chunks_exact(ni * nj).map(Arc::from).collect(), geometry })
    }

    /// The grid.
    pub fn geometry(&self) -> &VolumeGeometry {
        &self.geometry
    }

    /// Labels of slice `k`, row by row. Two equal pointers mean an unchanged slice.
    pub fn slice(&self, k: usize) -> &Arc<[u8]> {
        &self.slices[k]
    }

    /// Label of voxel `(i, j, k)`.
    #[inline]
    pub fn label(&self, [i, j, k]: [usize; 3]) -> u8 {
        self.slices[k][j * self.geometry.dims()[0] + i]
    }

    /// All labels in flat order.
    pub fn to_labels(&self) -> Vec<u8> {
        self.slices.iter().flat_map(|s| s.iter().copied()).collect()
    }

    /// Number of voxels per label.
    pub fn histogram(&self) -> [usize; 256] {
        let mut counts = [0; 256];
        for &label in self.slices.iter().flat_map(|s| s.iter()) {
            counts[usize::from(label)] += 1;
        }
        counts
    }

    /// A copy in which `relabel(flat index in slice, old) -> new` ran over the given slices, and the delta that leads
    /// there. Slices outside the range stay shared.
    pub fn changed(
        &self,
        slices: std::ops::Range<usize>,
        mut relabel: impl FnMut(usize, usize, u8) -> u8,
    ) -> (Self, LabelmapDelta) {
        let mut next = self.clone();
        let mut delta = LabelmapDelta::default();
        for k in slices.start..slices.end.min(self.slices.len()) {
            let before = &self.slices[k];
            let after: Vec<u8> = before.iter().enumerate().map(|(n, &old)| relabel(k, n, old)).collect();
            let runs = runs_between(before, &after);
            if !runs.is_empty() {
                next.slices[k] = after.into();
                delta.slices.push(SliceRuns { k, runs });
            }
        }
        (next, delta)
    }

    /// The delta that leads from here to `other` (same grid).
    pub fn delta_to(&self, other: &Self) -> LabelmapDelta {
        let slices = (0..self.slices.len().min(other.slices.len()))
            .filter(|&k| !Arc::ptr_eq(&self.slices[k], &other.slices[k]))
            .map(|k| SliceRuns { k, runs: runs_between(&self.slices[k], &other.slices[k]) })
            .filter(|s| !s.runs.is_empty())
            .collect();
        LabelmapDelta { slices }
    }

    /// Applies a delta forward. Runs that do not fit the grid are refused as a whole: `None`, nothing changed.
    pub fn applied(&self, delta: &LabelmapDelta) -> Option<Self> {
        let mut next = self.clone();
        for SliceRuns { k, runs } in &delta.slices {
            let slice = next.slices.get_mut(*k)?;
            let mut labels = slice.to_vec();
            for &(start, length, _, after) in runs {
                let end = (start as usize).checked_add(length as usize)?;
                labels.get_mut(start as usize..end)?.fill(after);
            }
            *slice = labels.into();
        }
        Some(next)
    }
}

impl LabelmapDelta {
    /// True when nothing changed.
    pub fn is_empty(&self) -> bool {
        self.slices.is_empty()
    }

    /// The delta that takes this one back.
    pub fn reversed(&self) -> Self {
        let turn = |s: &SliceRuns| SliceRuns {
            k: s.k,
            runs: s.runs.iter().map(|&(start, length, before, after)| (start, length, after, before)).collect(),
        };
        Self { slices: self.slices.iter().map(turn).collect() }
    }
}

fn runs_between(before: &[u8], after: &[u8]) -> Vec<(u32, u32, u8, u8)> {
    let mut runs: Vec<(u32, u32, u8, u8)> = Vec::new();
    for (n, (&old, &new)) in before.iter().zip(after).enumerate() {
        if old == new {
            continue;
        }
        let n = n as u32;
        match runs.last_mut() {
            Some((start, length, b, a)) if *start + *length == n && *b == old && *a == new => *length += 1,
            _ => runs.push((n, 1, old, new)),
        }
    }
    runs
}
