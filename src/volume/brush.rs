//! Brush and eraser: which voxels a stroke reaches. Works in millimetres, so a brush is round on any plane and any grid.

use super::{Labelmap, LabelmapDelta};
use crate::geometry::{BoxLps, DVec3};

/// The tip of a brush.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BrushShape {
    /// A disk in the plane shown (its unit normal), one voxel thick across it.
    Disk {
        /// Unit normal of the plane in LPS.
        normal_lps: DVec3,
    },
    /// A ball.
    Sphere,
}

/// What the brush does to the voxels it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrushMode {
    /// Every voxel gets this label, whatever it had.
    Paint(u8),
    /// Voxels of this label lose it; others stay.
    Erase(u8),
}

/// A brush.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brush {
    /// The tip.
    pub shape: BrushShape,
    /// Radius in mm; voxels whose centers lie within it are reached.
    pub radius_mm: f64,
    /// Paint or erase.
    pub mode: BrushMode,
}

impl Brush {
    /// Moves the brush in a straight line from `from_lps` to `to_lps` (equal for a dab). A brush smaller than a voxel
    /// still reaches the voxel under its tip.
    pub fn stroke(&self, labels: &Labelmap, from_lps: DVec3, to_lps: DVec3) -> (Labelmap, LabelmapDelta) {
        let geometry = labels.geometry();
        let Some(reach) = self.reach(labels, from_lps, to_lps) else {
            return (labels.clone(), LabelmapDelta::default());
        };
        let lps_from_ijk = geometry.lps_from_ijk();
        let under_tip = [from_lps, to_lps].map(|p| geometry.voxel_at_lps(p));
        let columns = geometry.dims()[0];
        let [(i0, i1), (j0, j1), (k0, k1)] = reach;
        labels.changed(k0..k1 + 1, |k, n, old| {
            let (i, j) = (n % columns, n / columns);
            if !(i0..=i1).contains(&i) || !(j0..=j1).contains(&j) {
                return old;
            }
            let center = lps_from_ijk.transform_point3(DVec3::new(i as f64, j as f64, k as f64));
            let touched = self.touches(labels, center, from_lps, to_lps)
                || under_tip.iter().flatten().any(|voxel| *voxel == [i, j, k]);
            if touched { self.relabel(old) } else { old }
        })
    }

    fn relabel(&self, old: u8) -> u8 {
        match self.mode {
            BrushMode::Paint(label) => label,
            BrushMode::Erase(label) if old == label => 0,
            BrushMode::Erase(_) => old,
        }
    }

    /// True when a voxel center lies in the swept tip.
    fn touches(&self, labels: &Labelmap, center: DVec3, from: DVec3, to: DVec3) -> bool {
        let along = to - from;
        let t = if along.length_squared() > 0.0 {
            ((center - from).dot(along) / along.length_squared()).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let offset = center - (from + along * t);
        match self.shape {
            BrushShape::Sphere => offset.length() <= self.radius_mm,
            BrushShape::Disk { normal_lps } => {
                let across = offset.dot(normal_lps);
                let in_plane = (offset - normal_lps * across).length();
                // Half a voxel step across the plane: exactly one layer on an axis-aligned plane.
                across.abs() <= half_step_mm(labels, normal_lps) && in_plane <= self.radius_mm
            }
        }
    }

    /// Index ranges (inclusive) that may be touched; `None` when the stroke misses the grid.
    fn reach(&self, labels: &Labelmap, from: DVec3, to: DVec3) -> Option<[(usize, usize); 3]> {
        let geometry = labels.geometry();
        let margin = self.radius_mm + geometry.spacing_mm().max_element();
        let BoxLps { min, max } = BoxLps::around([from, to])?;
        let swept = BoxLps { min: min - margin, max: max + margin };
        let ijk_from_lps = geometry.ijk_from_lps();
        let corners = BoxLps::around(swept.corners().map(|c| ijk_from_lps.transform_point3(c)))?;
        let mut reach = [(0, 0); 3];
        for axis in 0..3 {
            let last = geometry.dims()[axis] as f64 - 1.0;
            let (low, high) = (corners.min[axis].ceil().max(0.0), corners.max[axis].floor().min(last));
            // NaN (a stroke from nowhere) misses the grid like one beside it.
            if low.is_nan() || high.is_nan() || low > high {
                return None;
            }
            reach[axis] = (low as usize, high as usize);
        }
        Some(reach)
    }
}

/// Half the distance between neighboring layers of voxels across a plane with this normal.
fn half_step_mm(labels: &Labelmap, normal_lps: DVec3) -> f64 {
    let m = labels.geometry().lps_from_ijk().matrix3;
    let steps = [m.x_axis, m.y_axis, m.z_axis].map(|axis| axis.dot(normal_lps).abs());
    // The axis most nearly across the plane counts its layers; the tolerance keeps a plane between two from losing both.
    steps.into_iter().fold(0.0, f64::max) / 2.0 + 1e-9
}
