//! Normalized mutual information of sample points: (H(a) + H(b)) / H(a, b), 1 for unrelated pictures, 2 for one that
//! determines the other (Studholme, Hill, Hawkes, Pattern Recognition 1999). It changes little with the size of the overlap.
//!
//! A value of the other volume falls between two bins and counts in both by its distance (a linear Parzen window), so
//! that the measure has no steps.

use super::level::Level;
use super::points::Points;
use super::pose::Pose;
use crate::geometry::{DMat3, DVec3};
use glam::{Mat3, Vec3};
use rayon::prelude::*;

/// Bins of each volume.
pub(super) const BINS: usize = 32;
/// Points whose histogram is made in one go.
const CHUNK: usize = 4096;

/// What the measure says of a pose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Score {
    /// Normalized mutual information of the points within the other volume; 1 without any.
    pub nmi: f64,
    /// Share of the points within the other volume.
    pub inside: f64,
}

/// Scores a pose. Chunks are joined in order, so that the result does not depend on threads.
pub(super) fn score(points: &Points, center: DVec3, other: &Level, pose: &Pose) -> Score {
    let ijk_from_lps = other.lps_from_ijk.inverse();
    let turn: Mat3 = (ijk_from_lps.matrix3 * DMat3::from_quat(pose.turn)).as_mat3();
    let shift: Vec3 = ijk_from_lps.transform_point3(center + pose.shift_mm).as_vec3();
    let place = |p: Vec3| turn * p + shift;
    let chunks: Vec<Histogram> = points
        .at
        .par_chunks(CHUNK)
        .zip(points.bin.par_chunks(CHUNK))
        .map(|(at, bin)| {
            let mut histogram = Histogram::EMPTY;
            at.iter().zip(bin).for_each(|(at, bin)| histogram.add(*bin, other.sample(place(*at))));
            histogram
        })
        .collect();
    let mut sum = [[0.0f64; BINS]; BINS];
    for chunk in &chunks {
        let cells = chunk.0.iter().flatten();
        sum.iter_mut().flatten().zip(cells).for_each(|(into, from)| *into += f64::from(*from));
    }
    normalized(&sum, points.at.len())
}

/// One row of bins of the other volume for each bin of the reference.
struct Histogram([[f32; BINS]; BINS]);

impl Histogram {
    const EMPTY: Self = Self([[0.0; BINS]; BINS]);

    #[inline]
    fn add(&mut self, reference: u8, other: f32) {
        if other.is_nan() {
            return;
        }
        let row = &mut self.0[usize::from(reference).min(BINS - 1)];
        let low = (other as usize).min(BINS - 2);
        let weight = other - low as f32;
        row[low] += 1.0 - weight;
        row[low + 1] += weight;
    }
}

fn normalized(joint: &[[f64; BINS]; BINS], points: usize) -> Score {
    let rows: Vec<f64> = joint.iter().map(|row| row.iter().sum()).collect();
    let total: f64 = rows.iter().sum();
    let inside = total / points.max(1) as f64;
    let columns = (0..BINS).map(|n| joint.iter().map(|row| row[n]).sum::<f64>());
    let entropy = |counts: &mut dyn Iterator<Item = f64>| -> f64 {
        counts.filter(|n| *n > 0.0).map(|n| -(n / total) * (n / total).ln()).sum()
    };
    let both = entropy(&mut joint.iter().flatten().copied());
    let nmi =
        if both > 1e-9 { (entropy(&mut rows.iter().copied()) + entropy(&mut columns.into_iter())) / both } else { 1.0 };
    Score { nmi, inside }
}
