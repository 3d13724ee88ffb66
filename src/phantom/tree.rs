//! Branching vessels and bronchi that fill an organ.
//!
//! Points spread over the organ are the ends of the tree. A branch runs toward the middle of the points it feeds and
//! splits them in two by their longest extent; radii follow the number of ends fed (Murray's law with exponent 2.6). So
//! the tree fills the organ evenly, tapers toward its surface and never crosses itself much, as in life.

use super::random::Random;
use glam::{Mat3, Vec3};

/// A piece of a tree.
#[derive(Debug, Clone, Copy)]
pub struct Branch {
    /// Nearer to the root.
    pub a: Vec3,
    /// Nearer to the ends.
    pub b: Vec3,
    /// Radius at `a`.
    pub ra: f32,
    /// Radius at `b`.
    pub rb: f32,
}

/// Grows a tree from `root` to all `ends` (mm); a single end has radius `end_radius`.
pub fn grow(root: Vec3, ends: &mut [Vec3], end_radius: f32, root_radius: f32, random: &mut Random) -> Vec<Branch> {
    let mut branches = Vec::with_capacity(ends.len() * 4);
    let mut grower = Grower { end_radius, random, branches: &mut branches };
    grower.fork(root, Vec3::ZERO, root_radius, ends);
    branches
}

struct Grower<'a> {
    end_radius: f32,
    random: &'a mut Random,
    branches: &'a mut Vec<Branch>,
}

impl Grower<'_> {
    fn radius(&self, ends: usize) -> f32 {
        self.end_radius * (ends as f32).powf(1.0 / 2.6)
    }

    /// One branch and everything beyond it. Depth is at most about the logarithm of the number of ends: each side of a
    /// split keeps at least a quarter.
    fn fork(&mut self, from: Vec3, before: Vec3, ra: f32, ends: &mut [Vec3]) {
        let Some(&first) = ends.first() else { return };
        if ends.len() == 1 {
            self.piece(from, first, ra.min(self.radius(1) * 1.2), self.end_radius * 0.7);
            return;
        }
        let middle = ends.iter().sum::<Vec3>() / ends.len() as f32;
        let share = if ends.len() > 40 { 0.30 } else { 0.45 };
        let straight = before.normalize_or_zero() * (middle - from).length() * 0.25;
        let to = from + ((middle - from) * 0.8 + straight) * share;
        let rb = self.radius(ends.len()).min(ra);
        self.piece(from, to, ra, rb);
        let axis = longest_axis(ends, middle, (middle - to).normalize_or_zero());
        let cut = (ends.len() as f32 * self.random.within(0.3, 0.7)) as usize;
        let cut = cut.clamp(1, ends.len() - 1);
        ends.select_nth_unstable_by(cut, |p, q| p.dot(axis).total_cmp(&q.dot(axis)));
        let (low, high) = ends.split_at_mut(cut);
        let radii = [self.radius(low.len()).min(rb), self.radius(high.len()).min(rb)];
        self.fork(to, to - from, radii[0], low);
        self.fork(to, to - from, radii[1], high);
    }

    /// A branch as two pieces with a slight bend.
    fn piece(&mut self, a: Vec3, b: Vec3, ra: f32, rb: f32) {
        let bend = self.random.direction() * (b - a).length() * 0.07;
        let (middle, rm) = (a.midpoint(b) + bend, f32::midpoint(ra, rb));
        self.branches.push(Branch { a, b: middle, ra, rb: rm });
        self.branches.push(Branch { a: middle, b, ra: rm, rb });
    }
}

/// The direction in which points spread most, mostly across `forward` (power iteration on their covariance).
fn longest_axis(points: &[Vec3], middle: Vec3, forward: Vec3) -> Vec3 {
    let mut covariance = Mat3::ZERO;
    for &p in points {
        let d = p - middle;
        let d = d - forward * d.dot(forward) * 0.7;
        covariance += Mat3::from_cols(d * d.x, d * d.y, d * d.z);
    }
    let mut axis = Vec3::new(0.57, 0.31, 0.76);
    for _ in 0..8 {
        axis = (covariance * axis).normalize_or(Vec3::Z);
    }
    axis
}
