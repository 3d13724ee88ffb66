//! What of a measurement is seen on another plane: its outline where both are the same plane, a circle of a sphere, a cut
//! through a box.

use super::{Measurement, PatientPlane, Place, Shape};
use crate::geometry::{DVec2, DVec3, SlicePlane};
use std::f64::consts::TAU;

/// Corners of a drawn circle.
const CURVE_POINTS: usize = 96;

impl Measurement {
    /// Lines to paint on a shown plane, in its pixels; empty where nothing of it lies there. Flat shapes are seen on their own
    /// plane up to `within_mm` along its normal (half a slice, say). `None` for measurements on pictures.
    pub fn outlines_on(&self, shown: &SlicePlane, within_mm: f64) -> Option<Vec<Vec<DVec2>>> {
        let Place::Patient(plane) = &self.place else { return None };
        let lines = match &self.shape {
            Shape::Sphere { center, radius_mm } | Shape::SuvPeak { center, radius_mm } => {
                circle(plane.lps(*center), *radius_mm, shown)
            }
            Shape::Box { corners, depth_mm } => box_cut(plane, *corners, *depth_mm, shown),
            shape if plane.is_on(shown, within_mm) => {
                let px = |p: DVec2| shown.px_from_lps(plane.lps(p)).0;
                return Some(shape.outline().into_iter().map(|line| line.into_iter().map(px).collect()).collect());
            }
            _ => return Some(Vec::new()),
        };
        Some(if lines.len() < 2 { Vec::new() } else { vec![lines] })
    }
}

fn circle(center_lps: DVec3, radius_mm: f64, shown: &SlicePlane) -> Vec<DVec2> {
    let (center_px, distance_mm) = shown.px_from_lps(center_lps);
    let squared = radius_mm * radius_mm - distance_mm * distance_mm;
    if squared <= 0.0 {
        return Vec::new();
    }
    let radius_px = squared.sqrt() / shown.pixel_mm;
    (0..=CURVE_POINTS)
        .map(|n| center_px + DVec2::from_angle(TAU * n as f64 / CURVE_POINTS as f64) * radius_px)
        .collect()
}

/// The polygon in which a plane cuts a box: where it crosses the twelve edges, sorted round about.
fn box_cut(plane: &PatientPlane, [a, b]: [DVec2; 2], depth_mm: f64, shown: &SlicePlane) -> Vec<DVec2> {
    let half = plane.normal_lps() * (depth_mm / 2.0);
    let corner = |n: usize| {
        let (x, y) = (if n & 1 == 0 { a.x } else { b.x }, if n & 2 == 0 { a.y } else { b.y });
        plane.lps(DVec2::new(x, y)) + if n & 4 == 0 { -half } else { half }
    };
    let corners: [(DVec2, f64); 8] = std::array::from_fn(|n| shown.px_from_lps(corner(n)));
    let mut cut: Vec<DVec2> = Vec::new();
    for from in 0..8usize {
        for to in [from | 1, from | 2, from | 4] {
            let ((p, d), (q, e)) = (corners[from], corners[to]);
            if to != from && (d < 0.0) != (e < 0.0) {
                cut.push(p + (q - p) * (d / (d - e)));
            }
        }
    }
    let middle = cut.iter().fold(DVec2::ZERO, |sum, p| sum + *p) / cut.len().max(1) as f64;
    cut.sort_by(|p, q| (*p - middle).to_angle().total_cmp(&(*q - middle).to_angle()));
    cut.extend(cut.first().copied());
    cut
}
