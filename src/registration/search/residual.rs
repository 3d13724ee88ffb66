//! How firmly a result stands: found again from other samples, and from each half of the body alone.

use super::{Displacement, Landscape, Points, Pose, Search, corners};
use crate::geometry::DVec3;
use crate::registration::points::Random;
use glam::Vec3;
use rayon::prelude::*;

/// Independent repetitions.
const REPEATS: u64 = 4;
/// Sample points of each repetition and each half.
const POINTS: usize = 16_000;
/// How far repetitions start from the result: shift and arc, mm.
const PERTURBED_MM: f64 = 4.0;

impl Search<'_> {
    /// The result found again, at the corners of the overlap.
    pub(super) fn spread(&self, fine: &Landscape<'_>, result: &Pose) -> Displacement {
        let inside = self.within_other(fine, result);
        let corners = corners(&inside);
        let again = |n: u64| {
            let seed = self.options.seed.wrapping_add(1000 + n);
            let points = Points::new(self.reference, 2, self.points(POINTS), seed, fine.center);
            let landscape =
                Landscape { points, search: self, level: 2, center: fine.center, radius_mm: fine.radius_mm };
            let start = result.stepped(&Random::new(seed).step(PERTURBED_MM), fine.radius_mm);
            landscape.climbed(start, 2.0).pose.distances(result, &corners)
        };
        joined(&(0..REPEATS).into_par_iter().map(again).collect::<Vec<_>>())
    }

    /// Halves of the overlap, each registered alone from the result on.
    pub(super) fn local(&self, fine: &Landscape<'_>, result: &Pose) -> Displacement {
        let inside = self.within_other(fine, result);
        let middle = middle(&inside);
        let half = |n: usize| {
            let (axis, upper) = (n / 2, n % 2 == 1);
            let points = inside.filtered(|p| (p[axis] > middle[axis]) == upper);
            if points.at.len() < self.points(POINTS) / 16 {
                return None;
            }
            let places: Vec<DVec3> = points.at.iter().step_by(16).map(Vec3::as_dvec3).collect();
            let landscape =
                Landscape { points, search: self, level: 2, center: fine.center, radius_mm: fine.radius_mm };
            let (mean, _) = landscape.climbed(*result, 2.0).pose.distances(result, &places);
            Some((mean, mean))
        };
        joined(&(0..6).into_par_iter().filter_map(half).collect::<Vec<_>>())
    }

    fn within_other(&self, fine: &Landscape<'_>, result: &Pose) -> Points {
        let level = &self.other.levels[2];
        let map = level.lps_from_ijk.inverse() * result.map(fine.center);
        fine.points.filtered(|p| !level.sample(map.transform_point3(fine.center + p.as_dvec3()).as_vec3()).is_nan())
    }
}

/// Medians of the three coordinates.
fn middle(points: &Points) -> Vec3 {
    let median = |axis: usize| {
        let mut sorted: Vec<f32> = points.at.iter().map(|p| p[axis]).collect();
        sorted.sort_unstable_by(f32::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
    };
    Vec3::new(median(0), median(1), median(2))
}

/// Mean of the means, greatest of the greatest.
fn joined(all: &[(f64, f64)]) -> Displacement {
    let mean_mm = all.iter().map(|(mean, _)| mean).sum::<f64>() / all.len().max(1) as f64;
    Displacement { mean_mm, max_mm: all.iter().map(|(_, max)| *max).fold(0.0, f64::max) }
}
