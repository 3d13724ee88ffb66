//! Planted lesions: known place, size and value.

use super::canvas::{Grid, Ink, Slice, Solid};
use super::labels::{self, LESION_1, LIVER, LLL, LUL, RLL, RML, RUL};
use super::random::{Random, noise};
use crate::codes::{Code, LEFT, RIGHT};
use crate::geometry::{BoxLps, DVec3};
use crate::volume::Segment;
use glam::{Mat3, Vec2, Vec3};

/// What a planted lesion looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LesionShape {
    /// Smooth ellipsoid.
    Smooth,
    /// Ellipsoid with lobes.
    Lobulated,
    /// Lobulated, with strands into the lung.
    Spiculated,
}

/// A lesion that was put into the phantom.
#[derive(Debug, Clone, PartialEq)]
pub struct PlantedLesion {
    /// Its label in the phantom's segmentation.
    pub number: u8,
    /// "Nodule in the right upper lobe".
    pub label: String,
    /// Middle.
    pub center_lps: DVec3,
    /// Full lengths along its own three axes, longest first (without strands).
    pub diameters_mm: [f64; 3],
    /// Value in its middle.
    pub hu: i16,
    /// Side of the patient: "right" or "left".
    pub side: &'static str,
    /// Label of the lobe or organ that holds it.
    pub organ: u8,
    /// Surface.
    pub shape: LesionShape,
    axes: Mat3,
    seed: u32,
}

impl PlantedLesion {
    /// The box around its smooth body.
    pub fn box_lps(&self) -> BoxLps {
        let (low, high) = self.body().bounds();
        BoxLps { min: low.as_dvec3(), max: high.as_dvec3() }
    }

    /// Volume of the ellipsoid with its diameters.
    pub fn volume_mm3(&self) -> f64 {
        self.diameters_mm.iter().product::<f64>() * std::f64::consts::PI / 6.0
    }

    fn radii(&self) -> Vec3 {
        Vec3::from_array(self.diameters_mm.map(|d| d as f32 / 2.0))
    }

    fn body(&self) -> Solid {
        Solid::oriented(self.center_lps.as_vec3(), self.axes, self.radii())
    }

    /// Its segment.
    pub(super) fn segment(&self) -> Segment {
        let code = if self.organ == LIVER { crate::codes::LESION } else { Code::sct("27925004", "Nodule") };
        let side = if self.side == "left" { LEFT } else { RIGHT };
        labels::lesion_segment(self.number, self.label.clone(), code, Some(side))
    }

    /// Paints it over the organ that holds it and its vessels.
    pub(super) fn paint(&self, slice: &mut Slice<'_>) {
        let (center, r) = (self.center_lps.as_vec3(), self.radii());
        let reach = r.x * 2.1 + 2.0;
        if (slice.z - center.z).abs() > reach {
            return;
        }
        if self.shape == LesionShape::Spiculated {
            self.paint_strands(slice, center, r);
        }
        let (z, body) = (slice.z, self.body());
        let lobes = match self.shape {
            LesionShape::Smooth => 0.0,
            LesionShape::Lobulated => 0.26,
            LesionShape::Spiculated => 0.2,
        } * r.z;
        let ink = Ink { label: self.number, hu: f32::from(self.hu) };
        let at = center.truncate();
        slice.paint(at - Vec2::splat(reach), at + Vec2::splat(reach), ink, |x, y, _| {
            let p = Vec3::new(x, y, z);
            let out = (p - center).normalize_or_zero();
            let d = body.distance(p);
            if lobes > 0.0 { d + lobes * noise(out * 2.3 + 7.0, self.seed) } else { d }
        });
    }

    fn paint_strands(&self, slice: &mut Slice<'_>, center: Vec3, r: Vec3) {
        let mut random = Random::new(u64::from(self.seed), 9);
        for _ in 0..22 {
            let out = random.direction();
            let long = r.x * random.within(1.4, 2.0);
            let strand = Solid::Capsule { a: center + out * r.z * 0.8, b: center + out * long, ra: 1.1, rb: 0.25 };
            slice.solid_where(&strand, 0.0, Ink { label: 0, hu: -180.0 }, labels::is_lobe);
        }
    }
}

/// Chooses 2–4 lung nodules in different lobes and one liver lesion. `label_at` is the label of a point; `keep_off` are
/// points near which nothing is planted (the hila).
pub(super) fn plant(seed: u64, grid: &Grid, label_at: &dyn Fn(Vec3) -> u8, keep_off: &[Vec3]) -> Vec<PlantedLesion> {
    let mut random = Random::new(seed, 5);
    let mut lobes = [RUL, RML, RLL, LUL, LLL];
    for n in (1..lobes.len()).rev() {
        lobes.swap(n, random.below(n + 1));
    }
    let count = 2 + random.below(3);
    let mut lesions: Vec<PlantedLesion> = Vec::new();
    for (n, &lobe) in lobes[..count].iter().enumerate() {
        // The largest is the irregular one.
        let (size, shape) = match n {
            0 => (random.within(17.0, 24.0), LesionShape::Spiculated),
            1 => (random.within(9.0, 15.0), LesionShape::Smooth),
            2 => (random.within(11.0, 17.0), LesionShape::Lobulated),
            _ => (random.within(6.0, 9.0), LesionShape::Smooth),
        };
        let hu = random.within(28.0, 58.0) as i16;
        push(&mut lesions, &mut random, grid, label_at, keep_off, lobe, size, hu, shape);
    }
    let (size, hu) = (random.within(15.0, 27.0), random.within(38.0, 52.0) as i16);
    push(&mut lesions, &mut random, grid, label_at, &[], LIVER, size, hu, LesionShape::Smooth);
    lesions
}

#[allow(clippy::too_many_arguments, reason = "one call site's loop body, split off for length")]
fn push(
    lesions: &mut Vec<PlantedLesion>,
    random: &mut Random,
    grid: &Grid,
    label_at: &dyn Fn(Vec3) -> u8,
    keep_off: &[Vec3],
    organ: u8,
    size: f32,
    hu: i16,
    shape: LesionShape,
) {
    let radii = Vec3::new(1.0, random.within(0.82, 0.95), random.within(0.72, 0.82)) * size / 2.0;
    let clear = radii.x * 1.35 + 3.0;
    let span = Vec3::new(grid.dims[0] as f32, grid.dims[1] as f32, grid.dims[2] as f32) * grid.spacing;
    for _ in 0..60_000 {
        let p = grid.origin + Vec3::new(random.unit(), random.unit(), random.unit()) * span;
        let apart = |q: &Vec3| p.distance(*q) > 30.0 + clear;
        let free = lesions.iter().all(|l| l.center_lps.as_vec3().distance(p) > 40.0) && keep_off.iter().all(apart);
        if !free || label_at(p) != organ || !SHELL.iter().all(|&s| label_at(p + Vec3::from_array(s) * clear) == organ) {
            continue;
        }
        let number = LESION_1 + lesions.len() as u8;
        let half = if p.x > 0.0 { "left" } else { "right" };
        let place = match organ {
            RUL => "right upper lobe",
            RML => "right middle lobe",
            RLL => "right lower lobe",
            LUL => "left upper lobe",
            LLL => "left lower lobe",
            _ => "liver",
        };
        let axes = Mat3::from_rotation_z(random.spread(1.5)) * Mat3::from_rotation_y(random.spread(0.6));
        lesions.push(PlantedLesion {
            number,
            label: if organ == LIVER { "Liver lesion".into() } else { format!("Nodule in the {place}") },
            center_lps: p.as_dvec3(),
            diameters_mm: [radii.x, radii.y, radii.z].map(|r| f64::from(r) * 2.0),
            hu,
            side: half,
            organ,
            shape,
            axes,
            seed: random.word() as u32,
        });
        return;
    }
    log::warn!("the phantom found no room for a lesion in structure {organ}");
}

/// Directions in which a lesion must have room.
const SHELL: [[f32; 3]; 14] = [
    [1.0, 0.0, 0.0],
    [-1.0, 0.0, 0.0],
    [0.0, 1.0, 0.0],
    [0.0, -1.0, 0.0],
    [0.0, 0.0, 1.0],
    [0.0, 0.0, -1.0],
    [0.58, 0.58, 0.58],
    [0.58, 0.58, -0.58],
    [0.58, -0.58, 0.58],
    [0.58, -0.58, -0.58],
    [-0.58, 0.58, 0.58],
    [-0.58, 0.58, -0.58],
    [-0.58, -0.58, 0.58],
    [-0.58, -0.58, -0.58],
];
