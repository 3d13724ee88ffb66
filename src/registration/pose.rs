//! A rigid pose: a turn about a center and a shift.

use crate::geometry::{DAffine3, DMat3, DQuat, DVec3};

/// Where the reference lies in the other volume: `x ↦ turn · (x − center) + center + shift`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pose {
    pub turn: DQuat,
    pub shift_mm: DVec3,
}

impl Pose {
    pub const IDENTITY: Self = Self { turn: DQuat::IDENTITY, shift_mm: DVec3::ZERO };

    pub fn shifted(shift_mm: DVec3) -> Self {
        Self { turn: DQuat::IDENTITY, shift_mm }
    }

    /// The pose after a small step of six millimetres: three of shift, three of arc at `radius_mm` about x, y and z.
    pub fn stepped(&self, step: &[f64; 6], radius_mm: f64) -> Self {
        let turn = DQuat::from_scaled_axis(DVec3::new(step[3], step[4], step[5]) / radius_mm);
        Self { turn: (turn * self.turn).normalize(), shift_mm: self.shift_mm + DVec3::new(step[0], step[1], step[2]) }
    }

    /// Other from reference, LPS mm.
    pub fn map(&self, center: DVec3) -> DAffine3 {
        let turn = DMat3::from_quat(self.turn);
        DAffine3::from_mat3_translation(turn, center + self.shift_mm - turn * center)
    }

    /// Distances of points (relative to the center) between two poses: mean and greatest.
    pub fn distances(&self, other: &Self, points: &[DVec3]) -> (f64, f64) {
        let distance = |p: &DVec3| (self.turn * *p + self.shift_mm).distance(other.turn * *p + other.shift_mm);
        let (sum, max) = points.iter().map(distance).fold((0.0, 0.0f64), |(sum, max), d| (sum + d, max.max(d)));
        (sum / points.len().max(1) as f64, max)
    }
}
