//! From several starts to one pose: coarse for all, finer for the best, then what can be said about the winner.

mod powell;
mod residual;

use super::image::Image;
use super::metric::{Score, score};
use super::points::{Points, Random};
use super::pose::Pose;
use super::{Displacement, Options, Residual, Start};
use crate::geometry::{DAffine3, DVec3};
use crate::jobs::{Cancel, Progress};
use glam::Vec3;
use powell::Climb;
use rayon::prelude::*;

/// Least share of the smaller body within the other volume: below, a pose is not looked at.
pub(super) const LEAST_OVERLAP: f64 = 0.25;
/// Sample points of each level, coarse to fine.
const POINTS: [usize; 3] = [6_000, 20_000, 50_000];
/// What a first look makes do with: one in so many.
const QUICK: usize = 5;
/// Steps along the body in which starts are looked for, mm.
const SCAN_STEP_MM: f64 = 16.0;
/// Starts taken from that scan.
const SCAN_STARTS: usize = 3;
/// Random starts around the best of the others.
const RANDOM_STARTS: usize = 6;
/// Their reach: shift, and arc at the mean radius of the body.
const RANDOM_REACH_MM: f64 = 30.0;
/// The same around the identity, within one frame of reference.
const NEAR_REACH_MM: f64 = 10.0;
/// Two poses are one when no corner of the body is farther apart, mm.
const SAME_POSE_MM: f64 = 8.0;
/// Poses that go on to the middle level.
const KEPT: usize = 3;

/// What is asked for.
pub(super) struct Search<'a> {
    pub reference: &'a Image,
    pub other: &'a Image,
    pub options: Options,
    pub cancel: &'a Cancel,
    pub progress: &'a Progress,
}

/// What came out.
pub(super) struct Found {
    pub other_from_reference: DAffine3,
    pub metric_before: Option<f64>,
    pub metric_after: f64,
    /// Of poses that are surely wrong: what the same pictures give by chance.
    pub metric_chance: f64,
    pub overlap: f64,
    /// Greatest way of a corner of the reference's body.
    pub moved_mm: f64,
    pub residual: Residual,
}

/// Scores poses on one level with one set of points.
struct Landscape<'a> {
    search: &'a Search<'a>,
    level: usize,
    points: Points,
    center: DVec3,
    radius_mm: f64,
}

impl Landscape<'_> {
    fn score(&self, pose: &Pose) -> Score {
        score(&self.points, self.center, &self.search.other.levels[self.level], pose)
    }

    /// Height to climb: the measure, or (below any measure) how much overlap is there, so that the way back is uphill.
    fn height(&self, pose: &Pose) -> f64 {
        let Score { nmi, inside } = self.score(pose);
        if inside < LEAST_OVERLAP { inside - 1.0 } else { nmi }
    }

    fn climbed(&self, from: Pose, step_mm: f64) -> Peak {
        let height = |pose: &Pose| self.height(pose);
        let climb = Climb { height: &height, radius_mm: self.radius_mm, cancel: self.search.cancel };
        let (pose, height) = climb.from(from, step_mm);
        Peak { pose, height }
    }
}

/// Where a climb ended.
#[derive(Debug, Clone, Copy)]
struct Peak {
    pose: Pose,
    height: f64,
}

impl<'a> Search<'a> {
    pub fn run(&self) -> Found {
        self.progress.set("Registering: coarse search", Some(0.1));
        let coarse = self.landscape(0, self.options.seed);
        let corners = corners(&coarse.points);
        let peaks = self.coarse_peaks(&coarse);
        let distinct = distinct(&peaks, &corners);
        self.progress.set("Registering: refining", Some(0.4));
        let middle = self.landscape(1, self.options.seed ^ 1);
        let mut refined: Vec<Peak> = distinct.par_iter().take(KEPT).map(|p| middle.climbed(p.pose, 4.0)).collect();
        sort(&mut refined);
        let best = refined[0];
        let rival = refined.iter().find(|p| p.pose.distances(&best.pose, &corners).1 > SAME_POSE_MM).copied();
        self.progress.set("Registering: refining", Some(0.6));
        let fine = self.landscape(2, self.options.seed ^ 2);
        let result = fine.climbed(best.pose, 2.0);
        self.progress.set("Registering: checking the result", Some(0.8));
        let chance = self.by_chance(&middle, &result.pose);
        let gain = |height: f64| (height - chance).max(0.0);
        let agreeing =
            peaks.iter().filter(|p| p.pose.distances(&result.pose, &corners).1 <= 2.0 * SAME_POSE_MM).count();
        let residual = Residual {
            spread: self.spread(&fine, &result.pose),
            local: self.local(&fine, &result.pose),
            starts: peaks.len(),
            agreeing,
            rival: rival.map_or(0.0, |r| gain(r.height) / gain(best.height).max(1e-9)),
        };
        let (before, after) = (fine.score(&Pose::IDENTITY), fine.score(&result.pose));
        Found {
            other_from_reference: result.pose.map(fine.center),
            metric_before: (before.inside >= LEAST_OVERLAP).then_some(before.nmi),
            metric_after: after.nmi,
            metric_chance: chance,
            overlap: after.inside,
            moved_mm: result.pose.distances(&Pose::IDENTITY, &corners).1,
            residual,
        }
    }

    fn landscape(&'a self, level: usize, seed: u64) -> Landscape<'a> {
        let center = self.reference.body_center;
        let points = Points::new(self.reference, level, self.points(POINTS[level]), seed, center);
        let radius_mm = points.radius_mm();
        Landscape { search: self, level, points, center, radius_mm }
    }

    /// How many points to take of those that a full search has.
    fn points(&self, full: usize) -> usize {
        if self.options.quick { full / QUICK } else { full }
    }

    /// Climbs from every start on the coarse level; highest first.
    fn coarse_peaks(&self, coarse: &Landscape<'_>) -> Vec<Peak> {
        let climb = |start: &Pose| coarse.climbed(*start, 8.0);
        let mut peaks: Vec<Peak> = self.starts(coarse).par_iter().map(climb).collect();
        sort(&mut peaks);
        let mut random = Random::new(self.options.seed ^ 0x5EED);
        let (from, reach_mm) = match self.options.start {
            Start::Anywhere => (peaks[0].pose, RANDOM_REACH_MM),
            Start::SameFrame => (Pose::IDENTITY, NEAR_REACH_MM),
        };
        let around: Vec<Pose> =
            (0..RANDOM_STARTS).map(|_| from.stepped(&random.step(reach_mm), coarse.radius_mm)).collect();
        peaks.extend(around.par_iter().map(climb).collect::<Vec<_>>());
        sort(&mut peaks);
        peaks
    }

    /// Same frame of reference; center on center; body on body; and the best places along the body.
    fn starts(&self, coarse: &Landscape<'_>) -> Vec<Pose> {
        if self.options.start == Start::SameFrame {
            return vec![Pose::IDENTITY];
        }
        let on_body = self.other.body_center - self.reference.body_center;
        let mut starts = vec![
            Pose::IDENTITY,
            Pose::shifted(self.other.grid_center - self.reference.grid_center),
            Pose::shifted(on_body),
        ];
        let reach = half_length_mm(self.reference) + half_length_mm(self.other);
        let steps = (reach / SCAN_STEP_MM) as i32;
        let scan: Vec<Pose> =
            (-steps..=steps).map(|n| Pose::shifted(on_body + DVec3::Z * (f64::from(n) * SCAN_STEP_MM))).collect();
        let heights: Vec<f64> = scan.par_iter().map(|pose| coarse.height(pose)).collect();
        let is_peak = |n: &usize| {
            let neighbor = |m: Option<usize>| m.and_then(|m| heights.get(m)).is_none_or(|h| *h <= heights[*n]);
            heights[*n] > 0.0 && neighbor(n.checked_sub(1)) && neighbor(Some(n + 1))
        };
        let mut tops: Vec<usize> = (0..scan.len()).filter(is_peak).collect();
        tops.sort_by(|a, b| heights[*b].total_cmp(&heights[*a]));
        starts.extend(tops.into_iter().take(SCAN_STARTS).map(|n| scan[n]));
        starts
    }

    /// The median measure of poses that are off by 40 mm and 40 mm of arc: what these pictures share anywhere.
    fn by_chance(&self, landscape: &Landscape<'_>, result: &Pose) -> f64 {
        let mut random = Random::new(self.options.seed ^ 0xC0_FFEE);
        let mut scores: Vec<f64> = (0..24)
            .map(|_| {
                let step = random.step(1.0).map(|x| 40.0 * x.signum());
                let scale = random.unit() + 0.5;
                landscape.score(&result.stepped(&step.map(|x| x * scale), landscape.radius_mm))
            })
            .filter(|s| s.inside >= LEAST_OVERLAP / 2.0)
            .map(|s| s.nmi)
            .collect();
        scores.sort_by(f64::total_cmp);
        scores.get(scores.len() / 2).copied().unwrap_or(1.0)
    }
}

/// Half of a body's extent from feet to head.
fn half_length_mm(image: &Image) -> f64 {
    let z = image.in_body(0).map(|n| {
        let [ni, nj, _] = image.levels[0].dims;
        let at = DVec3::new((n % ni) as f64, (n / ni % nj) as f64, (n / (ni * nj)) as f64);
        image.levels[0].lps_from_ijk.transform_point3(at).z
    });
    let (low, high) = z.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), z| (low.min(z), high.max(z)));
    ((high - low) / 2.0).max(0.0)
}

/// Corners of the box around points, relative to the center.
fn corners(points: &Points) -> [DVec3; 8] {
    let all = points.at.iter().map(Vec3::as_dvec3);
    crate::geometry::BoxLps::around(all).map_or([DVec3::ZERO; 8], |b| b.corners())
}

fn sort(peaks: &mut [Peak]) {
    peaks.sort_by(|a, b| b.height.total_cmp(&a.height));
}

/// The best of each group of peaks that are one pose; `peaks` come highest first.
fn distinct(peaks: &[Peak], corners: &[DVec3]) -> Vec<Peak> {
    let mut kept: Vec<Peak> = Vec::new();
    for peak in peaks {
        if kept.iter().all(|k| k.pose.distances(&peak.pose, corners).1 > SAME_POSE_MM) {
            kept.push(*peak);
        }
    }
    kept
}
