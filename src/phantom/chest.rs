//! Lungs, diaphragm and mediastinum: heart, great vessels, central airways, esophagus.
//!
//! z = 0 at the carina. The lungs are what the chest wall, the diaphragm and the (smoothly blended) hull of the
//! mediastinal organs leave: so they carry the impressions of heart, aorta and arch by construction.

use super::canvas::{Grid, Ink, Slice, Solid, smooth_min, tube};
use super::great_vessels::COURSES;
use super::labels::{
    self, AIRWAY, AIRWAY_WALL, AORTA, DIAPHRAGM, ESOPHAGUS, LEFT_ATRIUM, LEFT_VENTRICLE, LLL, LUL, MEDIASTINUM, MUSCLE,
    MYOCARDIUM, RIGHT_ATRIUM, RIGHT_VENTRICLE, RLL, RML, RUL, THYROID, VISCERAL_FAT,
};
use super::random::{Random, noise, noise2};
use super::skeleton::spine_y;
use super::wall::{Polar, Ring, Wall, bin, bump};
use glam::{Mat3, Vec2, Vec3};
use rayon::prelude::*;

/// Thickness of the diaphragm.
const DIAPHRAGM_MM: f32 = 3.2;

struct Part {
    solid: Solid,
    label: u8,
}

/// Top of the diaphragm at a pixel.
struct Dome {
    /// Height, and as it would be without the heart on it.
    z: f32,
    free_z: f32,
    /// Cosine of its slope.
    cos: f32,
}

/// The organs of the chest of one patient.
pub struct Chest {
    /// Organs in the order of painting, with the airway walls as `AIRWAY_WALL` grown from [`Self::airways`].
    parts: Vec<Part>,
    /// Lumina of trachea and main bronchi.
    pub airways: Vec<Solid>,
    /// Heart muscle and blood: shapes that the pericardium wraps.
    heart: Vec<Solid>,
    /// Blobs that push the lungs aside, and by how much more than their size.
    hull: Vec<(Solid, f32)>,
    /// The diaphragm per pixel.
    dome: Vec<Dome>,
    /// Height by which the oblique fissures differ from the average.
    fissure_mm: [f32; 2],
    seed: u32,
}

impl Chest {
    /// Draws the organs for a trunk.
    pub fn new(seed: u64, wall: &Wall, grid: &Grid, polar: &Polar) -> Self {
        let mut random = Random::new(seed, 3);
        let mut chest = Self {
            parts: Vec::new(),
            airways: Vec::new(),
            heart: Vec::new(),
            hull: Vec::new(),
            dome: Vec::new(),
            fissure_mm: [random.spread(6.0), random.spread(6.0)],
            seed: random.word() as u32,
        };
        chest.tubes(&mut random);
        chest.place_heart(&mut random);
        chest.neck();
        let lift = [random.spread(5.0), random.spread(5.0)];
        chest.dome = domes(wall, grid, polar, lift, &chest.heart);
        chest
    }

    fn add(&mut self, points: &[(Vec3, f32)], label: u8, hull: f32) {
        for solid in tube(points) {
            if hull > 0.0 {
                self.hull.push((solid.clone(), hull));
            }
            self.parts.push(Part { solid, label });
        }
    }

    /// Vessels, airways and esophagus: the width of the aorta and the height of its arch differ from patient to patient.
    fn tubes(&mut self, random: &mut Random) {
        let wide = random.within(0.92, 1.1);
        let arch = random.spread(3.0);
        for &(label, hull, points) in COURSES {
            let aorta = label == AORTA;
            let place = |&[x, y, z, r]: &[f32; 4]| {
                let lift = if aorta && z > 8.0 { arch } else { 0.0 };
                (Vec3::new(x, y, z + lift), if aorta { r * wide } else { r })
            };
            let points: Vec<(Vec3, f32)> = points.iter().map(place).collect();
            if label != AIRWAY {
                self.add(&points, label, hull);
                continue;
            }
            for solid in tube(&points) {
                self.hull.push((solid.clone(), hull));
                self.airways.push(solid);
            }
        }
    }

    fn place_heart(&mut self, random: &mut Random) {
        let size = random.within(0.93, 1.06);
        let turn = Mat3::from_rotation_z(random.spread(0.14)) * Mat3::from_rotation_y(random.spread(0.14));
        let pivot = Vec3::new(2.0, -18.0, -68.0);
        let place = |x: f32, y: f32, z: f32| pivot + turn * ((Vec3::new(x, y, z) - pivot) * size);
        let axis = turn * Vec3::new(0.72, -0.52, -0.46);
        let blob = |c: Vec3, along: Vec3, r: Vec3| Solid::ellipsoid_along(c, along, r * size);
        // No lung between the chambers.
        self.hull.push((blob(pivot, Vec3::X, Vec3::new(30.0, 27.0, 27.0)), 0.0));
        let left = place(38.0, -32.0, -90.0);
        let rv_axis = turn * Vec3::new(0.80, -0.42, -0.42);
        let shapes = [
            (
                RIGHT_ATRIUM,
                2.0,
                blob(place(-34.0, -16.0, -70.0), turn * Vec3::new(0.1, 0.2, 1.0), Vec3::new(34.0, 25.0, 22.0)),
            ),
            (RIGHT_VENTRICLE, 3.5, blob(place(10.0, -58.0, -92.0), rv_axis, Vec3::new(46.0, 23.0, 28.0))),
            (RIGHT_VENTRICLE, 3.0, tube_piece(place(10.0, -58.0, -84.0), place(14.0, -61.0, -58.0), 19.0, 13.5)),
            (
                LEFT_ATRIUM,
                2.0,
                blob(place(6.0, 16.0, -60.0), turn * Vec3::new(1.0, 0.1, 0.0), Vec3::new(33.0, 18.0, 23.0)),
            ),
        ];
        for (_, wall, solid) in &shapes {
            self.heart.push(solid.clone());
            self.hull.push((solid.clone(), wall + 2.5));
        }
        let muscle = blob(left, axis, Vec3::new(52.0, 31.0, 31.0));
        self.hull.push((muscle.clone(), 2.5));
        self.heart.push(muscle.clone());
        for (_, wall, solid) in &shapes {
            self.parts.push(Part { solid: grown(solid, *wall), label: MYOCARDIUM });
        }
        self.parts.push(Part { solid: muscle, label: MYOCARDIUM });
        for (label, _, solid) in shapes {
            self.parts.push(Part { solid, label });
        }
        // The septum belongs to the left ventricle: its wall is painted over the right one.
        self.parts.push(Part { solid: blob(left - axis * 2.0, axis, Vec3::new(46.0, 28.0, 28.0)), label: MYOCARDIUM });
        self.parts
            .push(Part { solid: blob(left - axis * 5.0, axis, Vec3::new(40.0, 19.5, 19.5)), label: LEFT_VENTRICLE });
        self.parts.push(Part {
            solid: tube_piece(place(14.0, -16.0, -74.0), place(-3.0, -24.0, -63.0), 14.0, 14.0),
            label: LEFT_VENTRICLE,
        });
        for (x, y, z) in [(46.0, -22.0, -84.0), (36.0, -42.0, -92.0)] {
            let a = place(x, y, z) + axis * 10.0;
            self.parts.push(Part { solid: tube_piece(a, a - axis * 14.0, 5.0, 3.2), label: MYOCARDIUM });
        }
    }

    fn neck(&mut self) {
        let v = Vec3::new;
        for s in [-1.0, 1.0] {
            self.add(
                &[(v(s * 20.0, -54.0, 50.0), 5.0), (v(s * 34.0, -38.0, 84.0), 9.0), (v(s * 46.0, -16.0, 125.0), 10.0)],
                MUSCLE,
                0.0,
            );
            self.add(&[(v(s * 42.0, 12.0, 94.0), 7.0), (v(s * 34.0, 22.0, 125.0), 9.0)], MUSCLE, 0.0);
            self.add(&[(v(s * 44.0, 42.0, 97.0), 9.0), (v(s * 36.0, 44.0, 125.0), 10.0)], MUSCLE, 0.0);
            self.add(
                &[(v(s * 9.0, spine_y(60.0) - 13.0, 60.0), 4.0), (v(s * 10.0, spine_y(115.0) - 13.0, 125.0), 6.0)],
                MUSCLE,
                0.0,
            );
            self.parts
                .push(Part { solid: Solid::ellipsoid(v(s * 16.0, -6.0, 108.0), v(9.0, 12.0, 22.0)), label: THYROID });
        }
    }

    /// The oblique fissure of a side: distance above it (mm).
    fn above_oblique(&self, p: Vec3) -> f32 {
        let side = usize::from(p.x > 0.0);
        let curved =
            6.0 * noise(p / 70.0, self.seed ^ 0x0B) + self.fissure_mm[side] - ((p.x.abs() - 60.0) / 16.0).powi(2);
        (p.z - (-62.0 + 0.95 * p.y + curved)) * 0.725
    }

    /// The horizontal fissure: distance above it (mm).
    fn above_horizontal(&self, p: Vec3) -> f32 {
        p.z - (-33.0 + 0.1 * p.y + 5.0 * noise(p / 60.0, self.seed ^ 0x0C) - ((p.x + 70.0) / 22.0).powi(2))
    }

    /// Lobe of a point in the lungs, and the distance to the nearest fissure.
    fn lobe(&self, p: Vec3) -> (u8, f32) {
        let oblique = self.above_oblique(p);
        if p.x > 0.0 {
            return (if oblique > 0.0 { LUL } else { LLL }, oblique.abs());
        }
        if oblique < 0.0 {
            return (RLL, -oblique);
        }
        if (p.z + 33.0).abs() > 30.0 {
            return (if p.z > -33.0 { RUL } else { RML }, oblique);
        }
        let horizontal = self.above_horizontal(p);
        (if horizontal > 0.0 { RUL } else { RML }, oblique.min(horizontal.abs()))
    }

    /// Lungs, diaphragm, and fat below it.
    pub fn paint_lungs(&self, slice: &mut Slice<'_>, polar: &Polar, ring: &Ring) {
        let hull = self.hull_field(slice);
        let (z, grid) = (slice.z, *slice.grid);
        let soft = 1.0 / grid.spacing.x;
        for (at, &to_hull) in hull.iter().enumerate() {
            let (bin, r) = (usize::from(polar.bins[at]), polar.radii[at]);
            let from_wall = ring.pleura[bin] - r;
            if from_wall < -1.0 {
                continue;
            }
            let (i, j) = (at % grid.dims[0], at / grid.dims[0]);
            let p = Vec3::new(grid.origin.x + i as f32 * grid.spacing.x, grid.origin.y + j as f32 * grid.spacing.y, z);
            let dome = &self.dome[at];
            let above = (z - dome.z) * dome.cos;
            if above < 0.0 {
                self.below(slice, at, p, above, from_wall);
            }
            let mut outside = (-from_wall).max((dome.free_z - z) * dome.cos).max(-above).max(-to_hull);
            if z > 15.0 {
                let apex = Solid::ellipsoid(Vec3::new(46.0 * p.x.signum(), 17.0, 15.0), Vec3::new(66.0, 78.0, 69.0));
                outside = outside.max(apex.distance(p));
            }
            let cover = (0.5 - outside * soft).clamp(0.0, 1.0);
            if cover > 0.0 {
                let (label, hu) = self.parenchyma(p, from_wall);
                slice.hu[at] += (hu - slice.hu[at]) * cover;
                if cover > 0.5 {
                    slice.labels[at] = label;
                }
            }
        }
    }

    /// Diaphragm and abdominal fat.
    fn below(&self, slice: &mut Slice<'_>, at: usize, p: Vec3, above: f32, from_wall: f32) {
        let muscle = above > -DIAPHRAGM_MM || from_wall < DIAPHRAGM_MM - 0.5;
        let (label, hu) = if muscle {
            (DIAPHRAGM, labels::hu(DIAPHRAGM))
        } else {
            (VISCERAL_FAT, labels::hu(VISCERAL_FAT) + 9.0 * noise2(p / 8.0, self.seed ^ 0x0D))
        };
        slice.hu[at] = hu;
        slice.labels[at] = label;
    }

    /// Air and tissue of the lung: denser where it lies (supine: at the back), fissures as faint lines.
    fn parenchyma(&self, p: Vec3, from_wall: f32) -> (u8, f32) {
        let (label, fissure) = self.lobe(p);
        let gravity = 0.32 * (p.y - 5.0) + 40.0 * (-(from_wall / 5.0)).exp() * (p.y / 90.0).max(0.0);
        let patchy = 16.0 * noise2(p / 11.0, self.seed ^ 0x0E) + 20.0 * noise(p / 2.4, self.seed ^ 0x0F);
        let line = 120.0 * (1.0 - fissure / 1.1).max(0.0);
        (label, -866.0 + gravity + patchy + line)
    }

    /// Distance (mm) to the hull of the mediastinum, negative inside.
    fn hull_field(&self, slice: &Slice<'_>) -> Vec<f32> {
        let (z, grid) = (slice.z, *slice.grid);
        let columns = grid.dims[0];
        let mut field = vec![60.0f32; slice.hu.len()];
        if !(-200.0..=100.0).contains(&z) {
            return field;
        }
        for (solid, grow) in &self.hull {
            let (low, high) = solid.bounds();
            let reach = grow + 9.0;
            if z < low.z - reach || z > high.z + reach {
                continue;
            }
            for j in grid.span(1, low.y - reach, high.y + reach) {
                let y = grid.origin.y + j as f32 * grid.spacing.y;
                for i in grid.span(0, low.x - reach, high.x + reach) {
                    let p = Vec3::new(grid.origin.x + i as f32 * grid.spacing.x, y, z);
                    let at = j * columns + i;
                    field[at] = smooth_min(field[at], solid.distance(p) - grow, 6.0);
                }
            }
        }
        // Spine with its soft tissue, and the junction of both pleurae in front and behind.
        let spine = Vec2::new(0.0, spine_y(z) + 6.0);
        let inlet = bump(z, 70.0, 40.0);
        for j in grid.span(1, -112.0, 112.0) {
            let y = grid.origin.y + j as f32 * grid.spacing.y;
            for i in grid.span(0, -95.0, 95.0) {
                let x = grid.origin.x + i as f32 * grid.spacing.x;
                let at = j * columns + i;
                let to_spine = (Vec2::new(x / 1.15, y) - spine).length() - 20.5;
                let front = (-y - 40.0).max(0.0) / 60.0;
                let sheet = (x - 4.0).abs() - 2.0 - 9.0 * front * front - 12.0 * inlet;
                let d = smooth_min(smooth_min(field[at], to_spine, 10.0), sheet, 8.0);
                // Uneven fat; only the surface matters.
                let wave = if d.abs() < 4.0 { 2.2 * noise(Vec3::new(x, y, z) / 15.0, self.seed ^ 0x10) } else { 0.0 };
                field[at] = d + wave;
            }
        }
        field
    }

    /// Everything in the mediastinum and the neck at this height.
    pub fn paint_organs(&self, slice: &mut Slice<'_>) {
        for part in self.parts.iter().filter(|p| p.label != ESOPHAGUS) {
            slice.solid(&part.solid, 0.0, Ink { label: part.label, hu: labels::hu(part.label) });
        }
        for part in self.parts.iter().filter(|p| p.label == ESOPHAGUS) {
            slice.solid(&part.solid, 0.0, Ink { label: ESOPHAGUS, hu: labels::hu(ESOPHAGUS) });
            slice.solid(&part.solid, -4.9, Ink { label: 0, hu: -160.0 });
        }
        for solid in &self.airways {
            slice.solid(solid, 1.5, Ink { label: AIRWAY_WALL, hu: labels::hu(AIRWAY_WALL) });
        }
        for solid in &self.airways {
            slice.solid(solid, 0.0, Ink { label: AIRWAY, hu: labels::hu(AIRWAY) });
        }
        self.paint_pericardium(slice);
    }

    /// A thin line around the fat of the heart.
    fn paint_pericardium(&self, slice: &mut Slice<'_>) {
        let z = slice.z;
        let Some((low, high)) = self.heart.iter().map(Solid::bounds).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else {
            return;
        };
        if z < low.z - 8.0 || z > high.z + 2.0 {
            return;
        }
        let margin = Vec2::splat(9.0);
        let ink = Ink { label: 0, hu: 10.0 };
        slice.paint(low.truncate() - margin, high.truncate() + margin, ink, |x, y, label| {
            if label != MEDIASTINUM {
                return f32::MAX;
            }
            let p = Vec3::new(x, y, z);
            let d = self.heart.iter().fold(40.0, |d, solid| smooth_min(d, solid.distance(p), 14.0));
            (d - 6.5).abs() - 0.15
        });
    }
}

/// Height of the diaphragm: two domes, deep recesses along the wall.
fn domes(wall: &Wall, grid: &Grid, polar: &Polar, raised: [f32; 2], heart: &[Solid]) -> Vec<Dome> {
    let columns = grid.dims[0];
    let height = |x: f32, y: f32, bin: usize, r: f32| {
        let phi = super::wall::angle(bin);
        let edge = wall.cage(phi, -125.0) - 9.5;
        let right = -90.0 + raised[0] - 30.0 * (((x + 62.0) / 88.0).powi(2) + ((y + 10.0) / 105.0).powi(2));
        let left = -101.0 + raised[1] - 30.0 * (((x - 66.0) / 84.0).powi(2) + ((y + 8.0) / 105.0).powi(2));
        let both = -smooth_min(-right, -left, 16.0);
        let back = (-phi.cos()).max(0.0);
        let front = phi.cos().max(0.0);
        let deep = 52.0 + 34.0 * back - 26.0 * front;
        let free = both - deep * (r / edge).min(1.15).powi(6);
        // The heart lies on the diaphragm and presses it down.
        (smooth_min(free, under_heart(heart, x, y), 8.0), free)
    };
    let heights: Vec<(f32, f32)> = (0..polar.radii.len())
        .into_par_iter()
        .map(|at| {
            let x = grid.origin.x + (at % columns) as f32 * grid.spacing.x;
            let y = grid.origin.y + (at / columns) as f32 * grid.spacing.y;
            height(x, y, bin(x, y), polar.radii[at])
        })
        .collect();
    let at = |n: usize| heights[n.min(heights.len() - 1)].0;
    (0..heights.len())
        .map(|n| {
            let dx = (at(n + 1) - at(n.saturating_sub(1))) / (2.0 * grid.spacing.x);
            let dy = (at(n + columns) - at(n.saturating_sub(columns))) / (2.0 * grid.spacing.y);
            Dome { z: heights[n].0, free_z: heights[n].1, cos: 1.0 / (1.0 + (dx * dx + dy * dy).min(25.0)).sqrt() }
        })
        .collect()
}

fn tube_piece(a: Vec3, b: Vec3, ra: f32, rb: f32) -> Solid {
    Solid::Capsule { a, b, ra, rb }
}

/// Height below which a column is clear of the heart and its fat; far up where there is no heart.
fn under_heart(heart: &[Solid], x: f32, y: f32) -> f32 {
    const FAT_MM: f32 = 3.5;
    if !(-85.0..115.0).contains(&x) || !(-115.0..60.0).contains(&y) {
        return 1000.0;
    }
    let low = heart.iter().filter(|solid| {
        let (low, high) = solid.bounds();
        x > low.x - 9.0 && x < high.x + 9.0 && y > low.y - 9.0 && y < high.y + 9.0
    });
    let mut z = -135.0f32;
    let mut lowest = 1000.0f32;
    let near: Vec<&Solid> = low.collect();
    // Sphere tracing from below.
    for _ in 0..24 {
        let d = near.iter().fold(1000.0f32, |d, s| d.min(s.distance(Vec3::new(x, y, z)))) - FAT_MM;
        if d < 0.3 {
            lowest = z;
            break;
        }
        z += d.min(20.0);
        if z > -60.0 {
            break;
        }
    }
    lowest
}

/// A solid with a wall around it.
fn grown(solid: &Solid, by: f32) -> Solid {
    match solid.clone() {
        Solid::Capsule { a, b, ra, rb } => Solid::Capsule { a, b, ra: ra + by, rb: rb + by },
        Solid::Ellipsoid { center, axes, radii, .. } => Solid::oriented(center, axes, radii + by),
    }
}
