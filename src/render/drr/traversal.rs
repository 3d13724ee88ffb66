//! The voxels that a straight line passes, one after the other, with the exact places of entry and exit (Siddon 1985, in the
//! incremental form of Amanatides and Woo 1987).
//!
//! Space: voxel indices; voxel `i` reaches from `i − ½` to `i + ½`. Maps are affine, so a straight ray in the patient is one
//! here too, sheared stacks included, and parts of it keep their ratio.

use super::Ray;
use crate::geometry::{DVec3, VolumeGeometry};

/// Part of a line in one voxel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// The voxel.
    pub ijk: [usize; 3],
    /// Entry and exit as parts of the line, 0–1.
    pub parts: [f64; 2],
}

/// Walks from entry to exit.
#[derive(Debug, Clone)]
pub(super) struct Traversal {
    ijk: [i64; 3],
    last: [i64; 3],
    /// Parts at which the next face along each axis is reached, and parts from face to face.
    next: DVec3,
    apart: DVec3,
    toward: [i64; 3],
    at: f64,
    end: f64,
}

impl Traversal {
    /// All voxels of the grid that a ray crosses.
    pub fn new(geometry: &VolumeGeometry, ray: &Ray) -> Self {
        let dims = geometry.dims();
        Self::within(geometry, ray, [[0; 3], dims.map(|n| n - 1)])
    }

    /// The same, of a block of voxels from `first` to `last`.
    pub fn within(geometry: &VolumeGeometry, ray: &Ray, [first, last]: [[usize; 3]; 2]) -> Self {
        let ijk_from_lps = geometry.ijk_from_lps();
        let start = ijk_from_lps.transform_point3(ray.start_lps);
        let along = ijk_from_lps.transform_vector3(ray.end_lps - ray.start_lps);
        let (low, high) = (first.map(|n| n as f64 - 0.5), last.map(|n| n as f64 + 0.5));
        let (mut enter, mut leave) = (0.0f64, 1.0f64);
        for axis in 0..3 {
            if along[axis].abs() < 1e-12 {
                if !(low[axis]..high[axis]).contains(&start[axis]) {
                    leave = -1.0;
                }
                continue;
            }
            let [a, b] = [low[axis], high[axis]].map(|face| (face - start[axis]) / along[axis]);
            enter = enter.max(a.min(b));
            leave = leave.min(a.max(b));
        }
        let entry = start + along * enter;
        let ijk = std::array::from_fn(|n| ((entry[n] + 0.5).floor().clamp(first[n] as f64, last[n] as f64)) as i64);
        let toward = std::array::from_fn(|n| if along[n] > 0.0 { 1 } else { -1 });
        let face = |n: usize| ijk[n] as f64 + 0.5 * toward[n] as f64;
        let is_still = |n: usize| along[n].abs() < 1e-12;
        let next: [f64; 3] =
            std::array::from_fn(|n| if is_still(n) { f64::INFINITY } else { (face(n) - start[n]) / along[n] });
        let apart: [f64; 3] = std::array::from_fn(|n| if is_still(n) { f64::INFINITY } else { 1.0 / along[n].abs() });
        let last = std::array::from_fn(|n| if toward[n] > 0 { last[n] as i64 } else { first[n] as i64 });
        Self { ijk, last, next: next.into(), apart: apart.into(), toward, at: enter, end: leave }
    }
}

impl Iterator for Traversal {
    type Item = Step;

    #[inline]
    fn next(&mut self) -> Option<Step> {
        if self.at >= self.end {
            return None;
        }
        let axis = if self.next.x <= self.next.y && self.next.x <= self.next.z {
            0
        } else if self.next.y <= self.next.z {
            1
        } else {
            2
        };
        let until = self.next[axis].clamp(self.at, self.end);
        let step = Step { ijk: self.ijk.map(|n| n as usize), parts: [self.at, until] };
        self.at = if self.ijk[axis] == self.last[axis] { self.end } else { until };
        self.ijk[axis] += if self.ijk[axis] == self.last[axis] { 0 } else { self.toward[axis] };
        self.next[axis] += self.apart[axis];
        Some(step)
    }
}
