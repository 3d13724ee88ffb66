//! The trunk: skin, fat, muscles, rib cage and pleura as rings around one axis, and the ribs that run in them.
//!
//! All rings share the axis x = y = 0, so that a voxel needs its angle and radius only once for the whole volume.
//! Angles count from anterior (-y): 0 front, +90° patient left, ±180° back.

use super::canvas::{Grid, Ink, Slice, curve};
use super::labels::{self, CARTILAGE, FAT, LEFT_RIB_1, MEDIASTINUM, MUSCLE, RIGHT_RIB_1, SKIN};
use super::random::{Random, noise, noise2};
use glam::Vec3;
use rayon::prelude::*;

/// Angular bins of a ring (three eighths of a degree).
pub const BINS: usize = 960;
const PER_BIN: f32 = std::f32::consts::TAU / BINS as f32;
/// From the outside of the ribs to the pleura.
const RIB_LAYER_MM: f32 = 9.5;

/// Angle (radians) of a bin's middle.
pub fn angle(bin: usize) -> f32 {
    (bin as f32 + 0.5) * PER_BIN - std::f32::consts::PI
}

/// The bin of a direction in the axial plane.
pub fn bin(x: f32, y: f32) -> usize {
    (((x.atan2(-y) + std::f32::consts::PI) / PER_BIN) as usize).min(BINS - 1)
}

/// Angle bin and radius of every pixel of a slice.
pub struct Polar {
    /// Angle bin.
    pub bins: Vec<u16>,
    /// Distance from the axis (mm).
    pub radii: Vec<f32>,
}

impl Polar {
    /// For all pixels of the grid.
    pub fn new(grid: &Grid) -> Self {
        let [columns, rows, _] = grid.dims;
        let at = |n: usize| {
            let x = grid.origin.x + (n % columns) as f32 * grid.spacing.x;
            let y = grid.origin.y + (n / columns) as f32 * grid.spacing.y;
            (bin(x, y) as u16, x.hypot(y))
        };
        let (bins, radii) = (0..columns * rows).into_par_iter().map(at).unzip();
        Self { bins, radii }
    }
}

/// Radii (mm) of the layers at one height, per bin.
pub struct Ring {
    /// Outside of the skin.
    pub body: Vec<f32>,
    /// Where subcutaneous fat meets muscle.
    pub muscle: Vec<f32>,
    /// Outside of the rib cage.
    pub cage: Vec<f32>,
    /// Parietal pleura, and the inner abdominal wall below.
    pub pleura: Vec<f32>,
    /// Length on the slanted cage per mm of height.
    slant: Vec<f32>,
}

/// Where a rib is at one angle.
#[derive(Clone, Copy)]
struct RibPoint {
    z: f32,
    /// Cosine of its slope along the cage.
    cos: f32,
    /// 1 along the rib, less toward a rounded end.
    size: f32,
    bone: bool,
}

/// The trunk of one patient.
pub struct Wall {
    width: f32,
    depth: f32,
    fat: f32,
    muscle: f32,
    /// Center line of the vertebral bodies: y at a height.
    spine_y: fn(f32) -> f32,
    ribs: Vec<Vec<Option<RibPoint>>>,
    seed: u32,
}

impl Wall {
    /// Draws a trunk.
    pub fn new(seed: u64, spine_y: fn(f32) -> f32, vertebra_top: &[f32; 16]) -> Self {
        let mut random = Random::new(seed, 1);
        let mut wall = Self {
            width: random.within(0.95, 1.03),
            depth: random.within(0.94, 1.06),
            fat: random.within(0.6, 1.35),
            muscle: random.within(0.9, 1.12),
            spine_y,
            ribs: Vec::new(),
            seed: random.word() as u32,
        };
        let slope = random.within(0.92, 1.1);
        wall.ribs = (0..12).map(|n| wall.rib(n, slope, vertebra_top[n + 2])).collect();
        wall
    }

    /// Half width of the inner chest relative to the average.
    pub fn width(&self) -> f32 {
        self.width
    }

    /// Outside of the rib cage at an angle and height.
    pub fn cage(&self, phi: f32, z: f32) -> f32 {
        let a = self.width
            * curve(
                &[
                    (-205.0, 133.0),
                    (-120.0, 141.0),
                    (-60.0, 139.0),
                    (0.0, 126.0),
                    (40.0, 107.0),
                    (70.0, 82.0),
                    (88.0, 62.0),
                ],
                z,
            );
        let front = self.depth
            * curve(
                &[
                    (-205.0, 103.0),
                    (-120.0, 106.0),
                    (-60.0, 99.0),
                    (0.0, 84.0),
                    (40.0, 62.0),
                    (70.0, 46.0),
                    (88.0, 42.0),
                ],
                z,
            );
        let back = self.depth
            * curve(
                &[
                    (-205.0, 90.0),
                    (-120.0, 99.0),
                    (-60.0, 101.0),
                    (0.0, 95.0),
                    (40.0, 81.0),
                    (70.0, 68.0),
                    (88.0, 60.0),
                ],
                z,
            );
        let r = superellipse(phi, a, if phi.cos() > 0.0 { front } else { back }, 2.35);
        // The spine stands into the cage: the gutters beside it reach farther back than its front.
        let from_back = std::f32::consts::PI - phi.abs();
        let indent = (back - (self.spine_y)(z) - 11.0).max(0.0);
        r - indent * (-(from_back / 0.2).powi(2)).exp() + 3.0 * bump(phi.abs(), 2.55, 0.3)
    }

    /// All layers at a height.
    pub fn ring(&self, z: f32) -> Ring {
        let cage: Vec<f32> = (0..BINS).map(|n| self.cage(angle(n), z)).collect();
        let a = self.width
            * curve(
                &[
                    (-205.0, 160.0),
                    (-120.0, 166.0),
                    (-60.0, 169.0),
                    (0.0, 174.0),
                    (50.0, 180.0),
                    (90.0, 182.0),
                    (115.0, 181.0),
                ],
                z,
            );
        let front = self.depth
            * curve(
                &[
                    (-205.0, 121.0),
                    (-120.0, 120.0),
                    (-60.0, 117.0),
                    (0.0, 107.0),
                    (45.0, 88.0),
                    (80.0, 68.0),
                    (115.0, 58.0),
                ],
                z,
            );
        let back = self.depth
            * curve(
                &[
                    (-205.0, 118.0),
                    (-120.0, 121.0),
                    (-60.0, 125.0),
                    (0.0, 123.0),
                    (45.0, 117.0),
                    (80.0, 104.0),
                    (115.0, 92.0),
                ],
                z,
            );
        let chest = bump(z, 0.0, 55.0);
        let body: Vec<f32> = (0..BINS)
            .map(|n| {
                let phi = angle(n);
                let from_back = std::f32::consts::PI - phi.abs();
                let r = superellipse(phi, a, if phi.cos() > 0.0 { front } else { back }, 2.4);
                let furrow = 6.0 * bump(from_back, 0.0, 0.12) + 4.0 * chest * bump(phi, 0.0, 0.16);
                let pectoral = 7.0 * chest * bump(phi.abs(), 0.65, 0.35);
                let soft = 2.0 * noise(Vec3::new(phi.sin() * 3.0, phi.cos() * 3.0, z / 45.0), self.seed);
                (r + pectoral - furrow + soft + (self.fat - 1.0) * 10.0).min(190.0)
            })
            .collect();
        let muscle = (0..BINS)
            .map(|n| {
                let phi = angle(n);
                let low = curve(&[(-205.0, 1.35), (-100.0, 1.0), (0.0, 0.8), (115.0, 0.55)], z);
                let side = 12.0 + 9.0 * bump(phi.abs(), 1.85, 0.6) + 3.0 * bump(phi, 0.0, 0.25)
                    - 3.0 * bump(phi.abs(), 2.75, 0.3);
                let wave = 1.0 + 0.22 * noise2(Vec3::new(phi.sin() * 5.0, phi.cos() * 5.0, z / 26.0), self.seed ^ 7);
                let wanted = body[n] - 2.0 - side * low * wave * self.fat;
                // At least a thin muscle everywhere outside the ribs, never outside the skin.
                let thin =
                    cage[n] + 3.0 * self.muscle + 9.0 * self.muscle * bump(std::f32::consts::PI - phi.abs(), 0.28, 0.3);
                wanted.max(thin).min(body[n] - 4.0)
            })
            .collect();
        let pleura = cage.iter().map(|r| r - RIB_LAYER_MM).collect();
        let slant = (0..BINS).map(|n| (1.0f32).hypot((self.cage(angle(n), z + 1.5) - cage[n]) / 1.5)).collect();
        Ring { body, muscle, cage, pleura, slant }
    }

    /// Rib `n` (from 0) as its height over the angle, the same on both sides.
    fn rib(&self, n: usize, slope: f32, head_z: f32) -> Vec<Option<RibPoint>> {
        const DROP: [f32; 12] = [27.0, 48.0, 68.0, 84.0, 97.0, 108.0, 115.0, 116.0, 108.0, 94.0, 66.0, 44.0];
        const END_DEG: [f32; 12] = [27.0, 27.0, 29.0, 32.0, 35.0, 39.0, 45.0, 54.0, 66.0, 82.0, 108.0, 132.0];
        const RISE: [f32; 12] = [2.0, 0.0, 5.0, 13.0, 27.0, 42.0, 60.0, 58.0, 48.0, 20.0, 0.0, 0.0];
        const STERNAL_DEG: [f32; 12] = [16.0, 13.0, 11.0, 10.0, 10.0, 9.0, 8.0, 14.0, 27.0, 60.0, 108.0, 132.0];
        let (start, end, sternal) = (173f32.to_radians(), END_DEG[n].to_radians(), STERNAL_DEG[n].to_radians());
        let height = |phi: f32| {
            if phi >= end {
                let t = (start - phi) / (start - end);
                head_z + 2.0 - DROP[n] * slope * (0.25 * t + 0.75 * t.powf(1.25)) - 4.0 * bump(t, 0.12, 0.1)
            } else {
                let t = (end - phi) / (end - sternal).max(0.01);
                let low = head_z + 2.0 - DROP[n] * slope;
                low + RISE[n] * slope * t * t * (1.6 - 0.6 * t) - 5.0 * t * (1.0 - t)
            }
        };
        (0..BINS)
            .map(|bin| {
                let phi = angle(bin).abs();
                if phi > start || phi < sternal {
                    return None;
                }
                let z = height(phi);
                let run = self.cage(phi, z) * 0.01;
                let rise = (height(phi + 0.005) - height(phi - 0.005)).abs();
                let free_end = if n >= 10 { phi - end } else { phi - sternal };
                let size = (free_end * 110.0 / 6.0).clamp(0.0, 1.0).sqrt();
                Some(RibPoint { z, cos: run / run.hypot(rise), size, bone: phi >= end })
            })
            .collect()
    }

    /// Air, skin, fat, muscles, and mediastinal fat inside the pleura.
    pub fn paint(&self, slice: &mut Slice<'_>, polar: &Polar, ring: &Ring) {
        let pixel = slice.grid.spacing.x;
        let columns = slice.grid.dims[0];
        for at in 0..polar.radii.len() {
            let (bin, r) = (usize::from(polar.bins[at]), polar.radii[at]);
            let outside = r - ring.body[bin];
            if outside > pixel {
                continue;
            }
            let x = slice.grid.origin.x + (at % columns) as f32 * pixel;
            let y = slice.grid.origin.y + (at / columns) as f32 * pixel;
            let p = Vec3::new(x, y, slice.z);
            let (label, hu) = self.tissue(p, bin, r, ring);
            let cover = (0.5 - outside / pixel).clamp(0.0, 1.0);
            slice.hu[at] += (hu - slice.hu[at]) * cover;
            if cover > 0.5 {
                slice.labels[at] = label;
            }
        }
    }

    fn tissue(&self, p: Vec3, bin: usize, r: f32, ring: &Ring) -> (u8, f32) {
        let fat = |label| (label, labels::hu(FAT) + 7.0 * noise(p / 5.0, self.seed ^ 1));
        if r > ring.body[bin] - 2.0 {
            return (SKIN, labels::hu(SKIN));
        }
        if r > ring.muscle[bin] {
            // Fibrous septa cross the fat.
            let strand = noise(Vec3::new(p.x / 9.0, p.y / 9.0, p.z / 20.0), self.seed ^ 2).abs();
            let (label, hu) = fat(FAT);
            return (label, if strand < 0.022 { hu + 45.0 } else { hu });
        }
        if r > ring.cage[bin] {
            return self.muscle_layer(p, bin, r, ring);
        }
        if r < ring.pleura[bin] {
            return (MEDIASTINUM, labels::hu(MEDIASTINUM) + 6.0 * noise(p / 6.0, self.seed ^ 3));
        }
        let depth = ring.cage[bin] - r;
        if (1.2..6.8).contains(&depth) { (MUSCLE, labels::hu(MUSCLE) - 4.0) } else { fat(FAT) }
    }

    /// Muscles of the chest wall and the fat between them.
    fn muscle_layer(&self, p: Vec3, bin: usize, r: f32, ring: &Ring) -> (u8, f32) {
        let thick = ring.muscle[bin] - ring.cage[bin];
        let depth = ring.muscle[bin] - r;
        let phi = angle(bin);
        let q = Vec3::new(p.x / 38.0, p.y / 38.0, p.z / 60.0);
        let wave = if thick > 11.0 { noise(q, self.seed ^ 0x14) } else { 0.0 };
        // Axilla: a fat-filled gap between pectorals and latissimus, where thick enough.
        let axilla = bump(phi.abs(), 1.75, 0.42) * bump(p.z, 35.0, 48.0);
        let middle = (depth / thick - 0.52 + 0.1 * wave).abs();
        if thick > 24.0 && middle < 0.34 * axilla + 0.06 * wave {
            return (FAT, labels::hu(FAT) + 9.0 * noise(p / 6.0, self.seed ^ 1));
        }
        // Planes of fat between muscle sheets, seen only here and there and never at one depth all around.
        for (n, share) in [0.4f32, 0.72].into_iter().enumerate() {
            let course = share + 0.34 * wave * (1.0 - 1.6 * n as f32);
            let plane = (depth - thick * course).abs();
            if thick > 11.0 + 7.0 * n as f32 && plane < 1.0 {
                let open = noise(q * 1.3, self.seed ^ (24 + n as u32))
                    + 0.25 * bump(phi.abs(), 0.6, 0.5)
                    + 0.25 * bump(phi.abs(), 2.6, 0.5);
                if plane < 1.6 * open.min(0.6) {
                    return (FAT, -75.0);
                }
            }
        }
        // Erector spinae lies in a compartment of its own.
        let erector = (Vec3::new((p.x.abs() - 26.0) / 24.0, (p.y - (self.spine_y)(p.z) - 40.0) / 17.0, 0.0).length()
            - 1.0)
            * 17.0;
        if (0.0..1.3).contains(&erector) && p.y > 0.0 {
            return (FAT, -70.0);
        }
        let fibers = noise(Vec3::new(p.x / 3.0, p.y / 3.0, p.z / 12.0), self.seed ^ 5);
        let marbled = noise(p / 6.0, self.seed ^ 6);
        let streak = if marbled > 0.62 { -55.0 } else { 0.0 };
        (MUSCLE, labels::hu(MUSCLE) + 6.0 * fibers + streak)
    }

    /// Ribs and their cartilages.
    pub fn paint_ribs(&self, slice: &mut Slice<'_>, polar: &Polar, ring: &Ring) {
        for at in 0..polar.radii.len() {
            let (bin, r) = (usize::from(polar.bins[at]), polar.radii[at]);
            let radial = r - (ring.cage[bin] - 4.4);
            if radial.abs() > 6.0 {
                continue;
            }
            for (n, rib) in self.ribs.iter().enumerate() {
                let Some(point) = rib[bin] else { continue };
                let up = (slice.z - point.z) * point.cos * ring.slant[bin];
                if up.abs() > 9.0 {
                    continue;
                }
                let first: u8 = if bin >= BINS / 2 { LEFT_RIB_1 } else { RIGHT_RIB_1 };
                paint_rib(slice, at, radial / ring.slant[bin], up, point, first + n as u8);
            }
        }
    }
}

fn paint_rib(slice: &mut Slice<'_>, at: usize, radial: f32, up: f32, point: RibPoint, label: u8) {
    let soft = 1.0 / slice.grid.spacing.x;
    let distance = |thin: f32, high: f32| {
        let e = (radial / thin).hypot(up / high);
        (e - 1.0) * thin.min(high) * (0.6 + 0.4 * e.min(1.0))
    };
    let (thin, high) = (3.9 * point.size.max(0.1), 5.7 * point.size.max(0.1));
    let ink = if point.bone { Ink { label, hu: 760.0 } } else { Ink { label: CARTILAGE, hu: labels::hu(CARTILAGE) } };
    let mut put = |d: f32, ink: Ink| {
        let cover = (0.5 - d * soft).clamp(0.0, 1.0);
        slice.hu[at] += (ink.hu - slice.hu[at]) * cover;
        if cover > 0.5 {
            slice.labels[at] = ink.label;
        }
    };
    put(distance(thin, high), ink);
    if point.bone {
        put(distance((thin - 1.35).max(0.5), (high - 1.6).max(0.5)), Ink { label, hu: 215.0 });
    }
}

/// Distance from the axis to a superellipse.
fn superellipse(phi: f32, a: f32, b: f32, n: f32) -> f32 {
    let (sin, cos) = phi.sin_cos();
    ((sin.abs() / a).powf(n) + (cos.abs() / b).powf(n)).powf(-1.0 / n)
}

/// A Gaussian of height 1.
pub fn bump(x: f32, middle: f32, width: f32) -> f32 {
    (-((x - middle) / width).powi(2)).exp()
}
