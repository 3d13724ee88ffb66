//! The chest CT: paints all structures slice by slice, grows the vessels, plants the lesions, then scans.

use super::abdomen::Abdomen;
use super::canvas::{Grid, Ink, Slice, Solid};
use super::chest::Chest;
use super::labels::{
    self, AIRWAY, AIRWAY_WALL, LIVER, LIVER_VESSELS, LLL, LUL, MEDIASTINUM, PULMONARY_ARTERY, PULMONARY_VEIN, RLL, RML,
    RUL,
};
use super::lesions::{PlantedLesion, plant};
use super::random::Random;
use super::scanner::{Scanner, scan};
use super::skeleton::{Skeleton, spine_y, vertebra_tops};
use super::tree::{Branch, grow};
use super::wall::{Polar, Wall, bump};
use glam::Vec3;
use rayon::prelude::*;

/// Size of the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThoraxSize {
    /// Columns and rows.
    pub pixels: usize,
    /// Slices.
    pub slices: usize,
}

impl ThoraxSize {
    /// 384 × 384 × 160: pixels of 1.02 mm, slices of 2 mm.
    pub const FULL: Self = Self { pixels: 384, slices: 160 };
    /// A quarter of the resolution: for tests.
    pub const SMALL: Self = Self { pixels: 128, slices: 64 };

    /// Field of view in the plane and along the body (mm).
    const FIELD_MM: (f32, f32) = (391.7, 320.0);

    pub(super) fn grid(self) -> Grid {
        let (pixels, slices) = (self.pixels.max(16), self.slices.max(8));
        let pixel = Self::FIELD_MM.0 / pixels as f32;
        let slice = Self::FIELD_MM.1 / slices as f32;
        let half = pixel * (pixels as f32 - 1.0) / 2.0;
        Grid {
            dims: [pixels, pixels, slices],
            origin: Vec3::new(-half, -half, -205.0 + slice / 2.0),
            spacing: Vec3::new(pixel, pixel, slice),
        }
    }
}

/// What [`paint`] gives.
pub(super) struct Painted {
    pub grid: Grid,
    pub hu: Vec<i16>,
    pub labels: Vec<u8>,
    pub lesions: Vec<PlantedLesion>,
}

/// One thin tube to be painted.
struct Stroke {
    solid: Solid,
    radius: f32,
    ink: Ink,
}

/// Builds the patient of a seed.
pub(super) fn paint(seed: u64, size: ThoraxSize) -> Painted {
    let grid = size.grid();
    let polar = Polar::new(&grid);
    let wall = Wall::new(seed, spine_y, &vertebra_tops());
    let skeleton = Skeleton::new(seed, &wall);
    let chest = Chest::new(seed, &wall, &grid, &polar);
    let abdomen = Abdomen::new(seed);
    let mut hu = vec![-1000.0f32; grid.dims.iter().product()];
    let mut labels = vec![0u8; hu.len()];
    each_slice(&grid, &mut hu, &mut labels, |slice| {
        let ring = wall.ring(slice.z);
        paint_table(slice);
        wall.paint(slice, &polar, &ring);
        chest.paint_lungs(slice, &polar, &ring);
        wall.paint_ribs(slice, &polar, &ring);
        skeleton.paint(slice, &polar, &ring);
        chest.paint_organs(slice);
        abdomen.paint(slice, &polar, &ring);
    });
    let strokes = strokes(seed, &grid, &labels);
    let lesions = {
        let label_at = |p: Vec3| label_at(&grid, &labels, p);
        plant(seed, &grid, &label_at, &HILA.map(|h| h.artery))
    };
    let buckets = buckets(&grid, &strokes);
    each_slice(&grid, &mut hu, &mut labels, |slice| {
        let k = ((slice.z - grid.origin.z) / grid.spacing.z).round() as usize;
        for &n in &buckets[k] {
            paint_stroke(slice, &strokes[n as usize]);
        }
        for lesion in &lesions {
            lesion.paint(slice);
        }
    });
    let scanner = Scanner { in_plane: 0.2, across: 0.12, noise_sd: 12.0, seed: seed ^ 0x5CA7 };
    let noisier = |k: usize| 1.0 + 0.55 * bump(grid.z(k), 90.0, 45.0) - 0.25 * bump(grid.z(k), -40.0, 70.0);
    let hu = scan(&hu, &grid, scanner, noisier);
    Painted { grid, hu, labels, lesions }
}

fn each_slice(grid: &Grid, hu: &mut [f32], labels: &mut [u8], paint: impl Fn(&mut Slice<'_>) + Sync) {
    let area = grid.dims[0] * grid.dims[1];
    hu.par_chunks_mut(area).zip(labels.par_chunks_mut(area)).enumerate().for_each(|(k, (hu, labels))| {
        paint(&mut Slice { grid, z: grid.z(k), hu, labels });
    });
}

/// The couch: a thin curved shell under the back, without a label.
fn paint_table(slice: &mut Slice<'_>) {
    let (half, y0) = (195.0f32, 138.0);
    let soft = slice.grid.spacing.x;
    let (low, high) = (glam::Vec2::new(-half, y0 - 20.0), glam::Vec2::new(half, y0 + 40.0));
    slice.paint(low, high, Ink { label: 0, hu: -560.0 }, |x, y, _| {
        let curve = y0 - x * x / 1500.0;
        ((y - curve).abs() - 1.1).min((y - curve - 22.0 + x * x / 2600.0).abs() - 1.1).max(x.abs() - 190.0)
            * soft.recip()
    });
}

fn label_at(grid: &Grid, labels: &[u8], p: Vec3) -> u8 {
    let index = ((p - grid.origin) / grid.spacing).round();
    let fits = |axis: usize| (0.0..grid.dims[axis] as f32).contains(&index[axis]);
    if !(fits(0) && fits(1) && fits(2)) {
        return 0;
    }
    labels[(index.z as usize * grid.dims[1] + index.y as usize) * grid.dims[0] + index.x as usize]
}

/// Where vessels and bronchus enter a lobe, and how many ends they have there.
struct Hilum {
    lobe: u8,
    artery: Vec3,
    vein: Vec3,
    bronchus: Vec3,
    ends: usize,
}

const HILA: [Hilum; 5] = [
    Hilum {
        lobe: RUL,
        artery: Vec3::new(-46.0, 5.0, -12.0),
        vein: Vec3::new(-48.0, -4.0, -36.0),
        bronchus: Vec3::new(-43.0, 14.0, -10.0),
        ends: 420,
    },
    Hilum {
        lobe: RML,
        artery: Vec3::new(-53.0, -4.0, -44.0),
        vein: Vec3::new(-48.0, -4.0, -38.0),
        bronchus: Vec3::new(-42.0, 8.0, -48.0),
        ends: 230,
    },
    Hilum {
        lobe: RLL,
        artery: Vec3::new(-50.0, 14.0, -46.0),
        vein: Vec3::new(-46.0, 34.0, -74.0),
        bronchus: Vec3::new(-39.0, 17.0, -46.0),
        ends: 560,
    },
    Hilum {
        lobe: LUL,
        artery: Vec3::new(48.0, 8.0, 0.0),
        vein: Vec3::new(49.0, -4.0, -34.0),
        bronchus: Vec3::new(50.0, 10.0, -12.0),
        ends: 520,
    },
    Hilum {
        lobe: LLL,
        artery: Vec3::new(50.0, 27.0, -34.0),
        vein: Vec3::new(51.0, 36.0, -72.0),
        bronchus: Vec3::new(42.0, 24.0, -42.0),
        ends: 520,
    },
];

/// Vessels and bronchi of the lungs, and the vessels of the liver.
fn strokes(seed: u64, grid: &Grid, labels: &[u8]) -> Vec<Stroke> {
    let lobes = HILA.par_iter().flat_map(|hilum| {
        let mut random = Random::new(seed, 20 + u64::from(hilum.lobe));
        let mut out = Vec::new();
        let mut ends = scatter(grid, labels, hilum.lobe, hilum.ends, 3.0, &mut random);
        let arteries = grow(hilum.artery, &mut ends, 0.58, 6.0, &mut random);
        let mut bronchi = Vec::new();
        for branch in &arteries {
            out.push(stroke(branch, PULMONARY_ARTERY));
            bronchi.extend(beside(branch, hilum));
        }
        let mut ends = scatter(grid, labels, hilum.lobe, hilum.ends * 4 / 5, 3.0, &mut random);
        let veins = grow(hilum.vein, &mut ends, 0.58, 5.6, &mut random);
        out.extend(veins.iter().map(|b| stroke(b, PULMONARY_VEIN)));
        for grow_by in [1.0, 0.0] {
            let label = if grow_by > 0.0 { AIRWAY_WALL } else { AIRWAY };
            out.extend(bronchi.iter().map(|b| {
                let wall = grow_by * (0.4 + 0.15 * b.ra);
                stroke(&Branch { ra: b.ra + wall, rb: b.rb + wall, ..*b }, label)
            }));
        }
        out
    });
    let mut random = Random::new(seed, 30);
    let mut strokes: Vec<Stroke> = lobes.collect();
    let roots = [(Vec3::new(-34.0, -18.0, -172.0), 6.5, 130), (Vec3::new(-24.0, 10.0, -116.0), 6.0, 110)];
    for (root, radius, ends) in roots {
        let mut ends = scatter(grid, labels, LIVER, ends, 4.0, &mut random);
        strokes.extend(grow(root, &mut ends, 0.9, radius, &mut random).iter().map(|b| stroke(b, LIVER_VESSELS)));
    }
    strokes
}

fn stroke(b: &Branch, label: u8) -> Stroke {
    let ink = Ink { label, hu: labels::hu(label) };
    Stroke { solid: Solid::Capsule { a: b.a, b: b.b, ra: b.ra, rb: b.rb }, radius: f32::midpoint(b.ra, b.rb), ink }
}

/// The bronchus that runs with an artery, down to the smallest that a scanner shows.
fn beside(artery: &Branch, hilum: &Hilum) -> Option<Branch> {
    const SMALLEST_MM: f32 = 1.2;
    if artery.rb < SMALLEST_MM {
        return None;
    }
    let away = hilum.bronchus - hilum.artery;
    let place = |p: Vec3, r: f32| {
        // At the hilum the true distance, farther out wall to wall.
        let near = (1.0 - p.distance(hilum.artery) / 28.0).clamp(0.0, 1.0);
        let touching = away.normalize_or_zero() * (2.05 * r + 0.9);
        p + touching.lerp(away, near)
    };
    let radius = |r: f32| (0.86 * r).min(3.6);
    Some(Branch {
        a: place(artery.a, artery.ra),
        b: place(artery.b, artery.rb),
        ra: radius(artery.ra),
        rb: radius(artery.rb),
    })
}

/// Points spread over a structure, at least `margin` mm inside.
fn scatter(grid: &Grid, labels: &[u8], label: u8, count: usize, margin: f32, random: &mut Random) -> Vec<Vec3> {
    let voxels: Vec<u32> = (0u32..).zip(labels).filter(|(n, l)| **l == label && n % 3 == 0).map(|(n, _)| n).collect();
    let mut points = Vec::with_capacity(count);
    for _ in 0..count * 12 {
        if points.len() == count || voxels.is_empty() {
            break;
        }
        let n = voxels[random.below(voxels.len())] as usize;
        let [columns, rows, _] = grid.dims;
        let index = Vec3::new((n % columns) as f32, (n / columns % rows) as f32, (n / (columns * rows)) as f32);
        let p =
            grid.origin + index * grid.spacing + Vec3::new(random.spread(0.5), random.spread(0.5), random.spread(0.9));
        let inside = [Vec3::X, Vec3::NEG_X, Vec3::Y, Vec3::NEG_Y, Vec3::Z, Vec3::NEG_Z];
        if inside.iter().all(|&d| label_at(grid, labels, p + d * margin) == label) {
            points.push(p);
        }
    }
    points
}

/// Strokes that touch each slice, in order.
fn buckets(grid: &Grid, strokes: &[Stroke]) -> Vec<Vec<u32>> {
    let mut buckets = vec![Vec::new(); grid.dims[2]];
    for (n, stroke) in (0u32..).zip(strokes) {
        let (low, high) = stroke.solid.bounds();
        for k in grid.span(2, low.z - 1.5, high.z + 1.5) {
            buckets[k].push(n);
        }
    }
    buckets
}

/// Paints a vessel or bronchus. What is thinner than a voxel fills it only in part: it is painted wider and fainter.
fn paint_stroke(slice: &mut Slice<'_>, stroke: &Stroke) {
    let least = 0.55 * slice.grid.spacing.x;
    let grow = (stroke.radius.hypot(least) - stroke.radius).max(0.0);
    let share = (stroke.radius / (stroke.radius + grow)).powf(1.4);
    let (label, own) = (stroke.ink.label, stroke.ink.label);
    let over = move |l: u8| match own {
        LIVER_VESSELS => l == LIVER || l == LIVER_VESSELS,
        AIRWAY => {
            l != AIRWAY
                && (labels::is_lobe(l) || matches!(l, AIRWAY_WALL | MEDIASTINUM | PULMONARY_ARTERY | PULMONARY_VEIN))
        }
        AIRWAY_WALL => labels::is_lobe(l) || matches!(l, MEDIASTINUM),
        _ => labels::is_lobe(l) || l == MEDIASTINUM || l == label,
    };
    let (low, high) = stroke.solid.bounds();
    let margin = grow + slice.grid.spacing.x;
    if slice.z < low.z - margin || slice.z > high.z + margin {
        return;
    }
    let (grid, z) = (*slice.grid, slice.z);
    let soft = 1.0 / grid.spacing.x;
    for j in grid.span(1, low.y - margin, high.y + margin) {
        for i in grid.span(0, low.x - margin, high.x + margin) {
            let at = j * grid.dims[0] + i;
            if !over(slice.labels[at]) {
                continue;
            }
            let p = Vec3::new(grid.origin.x + i as f32 * grid.spacing.x, grid.origin.y + j as f32 * grid.spacing.y, z);
            let cover = (0.5 - (stroke.solid.distance(p) - grow) * soft).clamp(0.0, 1.0) * share;
            if cover > 0.0 {
                let hu = slice.hu[at] + (stroke.ink.hu - slice.hu[at]) * cover;
                // Lines that cross add nothing: the denser wins.
                slice.hu[at] = if label == AIRWAY { slice.hu[at].min(hu) } else { slice.hu[at].max(hu) };
                if cover > 0.5 {
                    slice.labels[at] = label;
                }
            }
        }
    }
}
