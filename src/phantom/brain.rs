//! A T1-weighted head (magnetization-prepared gradient echo look): values in arbitrary units, 1 mm voxels.
//!
//! LPS with the origin near the middle of the third ventricle; +y posterior, +z superior. The cortex is folded by noise:
//! sulci are the zero surfaces of a smooth random field, cut from the hull inward, and gray matter lines whatever borders
//! on fluid. Noise is Rician, as in magnitude images, and a smooth bias field stands for the coil.

#![allow(clippy::unreadable_literal, reason = "colors are written as on the web")]

use super::canvas::{Grid, Solid, smooth_min, tube_of};
use super::labels::segment;
use super::random::{Random, mix, noise, noise2};
use super::scanner::blur;
use super::{PhantomError, geometry};
use crate::codes::{Code, LEFT, RIGHT};
use crate::volume::{Labelmap, Rescale, Segment, Segmentation, ValueUnit, Volume, Voxels};
use glam::Vec3;
use rayon::prelude::*;

/// A head MR of nobody.
#[derive(Debug, Clone)]
pub struct BrainPhantom {
    /// Seed it was made from.
    pub seed: u64,
    /// The MR: `u16`, a.u., slices from feet to head.
    pub volume: Volume,
    /// Every structure, on the same grid.
    pub labels: Segmentation,
}

/// Structures in the order of their labels; paired ones have the left side in the next label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names say it")]
pub enum BrainLabel {
    Air = 0,
    Scalp = 1,
    Skull = 2,
    Muscle = 3,
    Fluid = 4,
    BrainStem = 5,
    CorpusCallosum = 6,
    ThirdVentricle = 7,
    FourthVentricle = 8,
    Cortex = 10,
    WhiteMatter = 12,
    LateralVentricle = 14,
    Thalamus = 16,
    Caudate = 18,
    Putamen = 20,
    Pallidum = 22,
    Cerebellum = 24,
    Eye = 26,
}

use BrainLabel as B;

/// Label, name, SNOMED CT code and meaning, color; from `Cortex` on for both sides.
const ROWS: [(B, &str, &str, &str, u32); 17] = [
    (B::Scalp, "Scalp", "41695006", "Scalp", 0xE8C2A0),
    (B::Skull, "Skull", "89546000", "Skull", 0xE6E6D2),
    (B::Muscle, "Face and neck", "", "", 0xB4503C),
    (B::Fluid, "Cerebrospinal fluid", "65216001", "Cerebrospinal fluid", 0x3C78C8),
    (B::BrainStem, "Brain stem", "15926001", "Brainstem", 0x779FB0),
    (B::CorpusCallosum, "Corpus callosum", "88442005", "Corpus callosum", 0xC8C8F0),
    (B::ThirdVentricle, "Third ventricle", "49841001", "Third ventricle", 0xCCB68E),
    (B::FourthVentricle, "Fourth ventricle", "35918002", "Fourth ventricle", 0x2ACCA4),
    (B::Cortex, "cerebral cortex", "40146001", "Cerebral cortex", 0xCD3E4E),
    (B::WhiteMatter, "cerebral white matter", "68523003", "Cerebral white matter", 0xE1E1E1),
    (B::LateralVentricle, "lateral ventricle", "66720007", "Lateral ventricle", 0x781286),
    (B::Thalamus, "thalamus", "42695009", "Thalamus", 0x00760E),
    (B::Caudate, "caudate nucleus", "11000004", "Caudate nucleus", 0x7ABADC),
    (B::Putamen, "putamen", "89278009", "Putamen", 0xEC0DB0),
    (B::Pallidum, "pallidum", "14738005", "Globus pallidus", 0x0D30FF),
    (B::Cerebellum, "cerebellum", "113305005", "Cerebellum", 0xE69422),
    (B::Eye, "eye", "81745001", "Eye", 0x50C8A0),
];

/// Makes the head MR of a seed: well under a second on two cores.
pub fn brain(seed: u64) -> Result<BrainPhantom, PhantomError> {
    let dims = [192, 224, 176];
    let grid = Grid { dims, origin: Vec3::new(-95.5, -116.5, -90.5), spacing: Vec3::ONE };
    let head = Head::new(seed);
    let area = dims[0] * dims[1];
    let mut ideal = vec![0.0f32; area * dims[2]];
    let mut labels = vec![0u8; ideal.len()];
    ideal.par_chunks_mut(area).zip(labels.par_chunks_mut(area)).enumerate().for_each(|(k, (values, labels))| {
        for (n, (value, label)) in values.iter_mut().zip(labels).enumerate() {
            let p = grid.origin + Vec3::new((n % dims[0]) as f32, (n / dims[0]) as f32, k as f32);
            (*label, *value) = head.tissue(p);
        }
    });
    let values = magnitude(&ideal, &grid, seed);
    let geometry = geometry(&grid)?;
    let volume = Volume::new(geometry.clone(), Voxels::U16(values), Rescale::IDENTITY, ValueUnit::Arbitrary)?;
    let labelmap = Labelmap::from_labels(geometry, &labels).ok_or(PhantomError::Labels)?;
    Ok(BrainPhantom { seed, volume, labels: Segmentation { labelmap, segments: segments() } })
}

fn segments() -> Vec<Segment> {
    let mut out = Vec::new();
    for (label, name, code, meaning, color) in ROWS {
        let number = label as u8;
        let code = (!code.is_empty()).then(|| Code::sct(code, meaning));
        if number < B::Cortex as u8 {
            out.push(segment(number, name.into(), code, None, color));
        } else {
            out.push(segment(number, format!("Right {name}"), code.clone(), Some(RIGHT), color));
            out.push(segment(number + 1, format!("Left {name}"), code, Some(LEFT), color ^ 0x20_2020));
        }
    }
    out
}

/// Blur, bias field, and the magnitude of a complex signal with noise.
fn magnitude(ideal: &[f32], grid: &Grid, seed: u64) -> Vec<u16> {
    let [columns, rows, slices] = grid.dims;
    let area = columns * rows;
    let mut out = vec![0u16; area * slices];
    out.par_chunks_mut(area).enumerate().for_each_init(
        || (vec![0.0f32; area], vec![0.0f32; area]),
        |(mixed, scratch), (k, out)| {
            let at = |k: usize| &ideal[k * area..(k + 1) * area];
            let (below, here, above) = (at(k.saturating_sub(1)), at(k), at((k + 1).min(slices - 1)));
            for n in 0..area {
                mixed[n] = here[n] * 0.64 + (below[n] + above[n]) * 0.18;
            }
            blur(mixed, scratch, columns, 0.18);
            for (n, out) in out.iter_mut().enumerate() {
                let p = grid.origin + Vec3::new((n % columns) as f32, (n / columns) as f32, k as f32);
                let bias = 1.0 + 0.10 * (p.x / 90.0 * 0.5 - p.y / 110.0 * 0.6 + p.z / 90.0)
                    - 0.06 * (p.length() / 90.0).powi(2);
                let word = mix(seed ^ mix((k * area + n) as u64));
                let part = |shift: u32| ((word >> shift) & 0xFFFF) as f32 - 32_767.5;
                // Sums of two uniform parts: triangular, standard deviation 26 754.
                let (a, b) = ((part(0) + part(16)) * NOISE_SD / 26_754.0, (part(32) + part(48)) * NOISE_SD / 26_754.0);
                *out = (mixed[n] * bias + a).hypot(b).round() as u16;
            }
        },
    );
    out
}

/// Noise of each channel; white matter is about 880.
const NOISE_SD: f32 = 17.0;

/// Shapes of one head.
struct Head {
    hemispheres: [Solid; 4],
    cerebellum: [Solid; 3],
    stem: Vec<Solid>,
    ventricles: Vec<Solid>,
    callosum: Vec<Solid>,
    nuclei: [(B, f32, Solid); 6],
    fourth: Solid,
    /// Inside of the skull over the hemispheres.
    vault: Solid,
    scale: Vec3,
    seed: u32,
}

impl Head {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed, 50);
        let v = Vec3::new;
        let e = Solid::ellipsoid;
        let large = random.within(0.75, 1.35);
        let side_tube = |points: &[(Vec3, f32)]| tube_of(points, 14.0);
        let ventricles = side_tube(&[
            (v(9.0, -34.0, 10.0), 3.4 * large),
            (v(9.5, -18.0, 19.0), 4.4 * large),
            (v(10.0, 4.0, 23.0), 4.2 * large),
            (v(18.0, 28.0, 17.0), 5.6 * large),
            (v(25.0, 34.0, 6.0), 4.6 * large),
            (v(31.0, 16.0, -10.0), 2.6 * large),
            (v(30.0, 0.0, -16.0), 2.2 * large),
        ]);
        let horn = side_tube(&[(v(20.0, 30.0, 13.0), 4.6 * large), (v(20.0, 56.0, 8.0), 1.8 * large)]);
        Self {
            hemispheres: [
                e(v(14.0, 0.0, 18.0), v(53.0, 84.0, 55.0)),
                e(v(42.0, -10.0, -17.0), v(24.0, 43.0, 21.0)),
                e(v(14.0, 50.0, 4.0), v(43.0, 36.0, 34.0)),
                e(v(14.0, -46.0, 6.0), v(38.0, 36.0, 29.0)),
            ],
            cerebellum: [
                e(v(24.0, 46.0, -36.0), v(27.0, 28.0, 21.0)),
                e(v(0.0, 46.0, -32.0), v(14.0, 24.0, 22.0)),
                e(v(20.0, 44.0, -48.0), v(22.0, 22.0, 14.0)),
            ],
            stem: tube_of(
                &[
                    (v(0.0, 8.0, -6.0), 14.0),
                    (v(0.0, 14.0, -18.0), 13.5),
                    (v(0.0, 16.0, -30.0), 15.5),
                    (v(0.0, 20.0, -42.0), 12.0),
                    (v(0.0, 27.0, -56.0), 8.5),
                    (v(0.0, 32.0, -76.0), 6.5),
                    (v(0.0, 32.0, -130.0), 6.0),
                ],
                16.0,
            ),
            ventricles: ventricles.into_iter().chain(horn).collect(),
            callosum: tube_of(
                &[
                    (v(0.0, -30.0, 3.0), 2.4),
                    (v(0.0, -37.0, 9.0), 4.6),
                    (v(0.0, -30.0, 22.0), 4.0),
                    (v(0.0, -8.0, 30.0), 3.2),
                    (v(0.0, 14.0, 28.0), 3.0),
                    (v(0.0, 32.0, 20.0), 4.4),
                    (v(0.0, 36.0, 12.0), 5.0),
                ],
                9.0,
            ),
            nuclei: [
                (B::Thalamus, 715.0, e(v(10.5, 6.0, 8.0), v(8.5, 14.0, 9.0))),
                (B::Caudate, 640.0, e(v(13.5, -22.0, 11.0), v(5.5, 10.0, 9.0))),
                (
                    B::Caudate,
                    640.0,
                    Solid::Capsule { a: v(15.0, -16.0, 18.0), b: v(18.0, 14.0, 21.0), ra: 4.0, rb: 2.2 },
                ),
                (B::Pallidum, 745.0, e(v(18.5, -4.0, 3.0), v(4.6, 9.0, 6.5))),
                (B::Putamen, 655.0, e(v(26.0, -6.0, 5.0), v(5.2, 17.0, 10.5))),
                (B::Thalamus, 715.0, e(v(14.0, 16.0, 10.0), v(7.0, 7.0, 7.0))),
            ],
            fourth: e(v(0.0, 33.0, -34.0), v(8.0, 5.0, 10.0)),
            vault: e(v(0.0, 1.5, 16.0), v(68.0, 86.8, 59.5)),
            scale: v(random.within(0.96, 1.04), random.within(0.96, 1.03), random.within(0.97, 1.03)),
            seed: random.word() as u32,
        }
    }

    /// Label and value of a point.
    fn tissue(&self, world: Vec3) -> (u8, f32) {
        let p = world / self.scale;
        let side = u8::from(p.x > 0.0);
        // Both sides are one side mirrored; the folds are not.
        let q = Vec3::new(p.x.abs(), p.y, p.z);
        let skin = Self::skin(q);
        if skin > 0.0 {
            return (0, 0.0);
        }
        // Well inside the hemispheres nothing else matters.
        let main = self.hemispheres[0].distance(q);
        if main < -12.0 && p.z > 9.0 {
            let hull = if main < -34.0 { main } else { self.hull(q, 60.0) };
            return self.deep(q, p, side).unwrap_or_else(|| self.cerebrum(p, -hull, side));
        }
        let low = p.z < 4.0 && p.y > -10.0;
        let cerebellum =
            if low { self.cerebellum.iter().fold(60.0, |d, s| smooth_min(d, s.distance(q), 6.0)) } else { 60.0 };
        let hull = if p.z > -44.0 { self.hull(q, cerebellum) } else { 60.0 };
        let near_stem = q.x < 36.0 && (-28.0..60.0).contains(&p.y) && p.z < 26.0;
        let stem = if near_stem { self.stem.iter().fold(60.0f32, |d, s| d.min(s.distance(p))) } else { 60.0 };
        let vault = self.vault.distance(q).max(-(q.z + 6.0));
        let brain = smooth_min(smooth_min(hull - 2.6, cerebellum - 3.5, 14.0), stem - 4.5, 10.0);
        let cavity = smooth_min(brain, vault, 8.0);
        if cavity > 0.0 {
            return self.outside(p, q, cavity, skin, side);
        }
        if let Some(found) = self.deep(q, p, side) {
            return found;
        }
        if hull < 0.0 && hull < cerebellum && !(stem < 0.0 && p.z < 0.0) {
            return self.cerebrum(p, -hull, side);
        }
        if stem < 0.0 {
            return (B::BrainStem as u8, 800.0 + 25.0 * noise(p / 5.0, self.seed ^ 8));
        }
        if cerebellum < 0.0 {
            return self.folia(p, -cerebellum, side);
        }
        (B::Fluid as u8, FLUID)
    }

    /// Hull of the hemispheres: negative inside. Their base is flat (orbits in front, tentorium behind); the temporal
    /// lobes hang below it.
    fn hull(&self, q: Vec3, cerebellum: f32) -> f32 {
        let [main, temporal, occipital, frontal] = &self.hemispheres;
        let d = smooth_min(smooth_min(main.distance(q), occipital.distance(q), 12.0), frontal.distance(q), 12.0);
        let d = d.max(-(q.z + 11.0 + 0.05 * q.y));
        smooth_min(d, temporal.distance(q), 6.0).max(3.5 - cerebellum)
    }

    /// Ventricles, commissure and gray nuclei.
    fn deep(&self, q: Vec3, p: Vec3, side: u8) -> Option<(u8, f32)> {
        if q.x > 42.0 || q.y.abs() > 64.0 || q.z.abs() > 48.0 {
            return None;
        }
        let paired = |label: B, value: f32| Some((label as u8 + side, value));
        let wave = 0.8 * noise(p / 7.0, self.seed ^ 5);
        let box_fits = (1.2..40.0).contains(&q.x) && (-22.0..32.0).contains(&q.z);
        if box_fits && self.ventricles.iter().any(|s| s.distance(q) + wave < 0.0) {
            return paired(B::LateralVentricle, FLUID);
        }
        // A slit between the thalami, open below toward the hypothalamus.
        let third = Vec3::new(0.0, (p.y - 1.0) / 16.0, (p.z - 2.0 + 0.25 * p.y) / 10.0).length();
        if third < 1.0 && q.x < (2.2 + 0.6 * wave) * (1.3 - third).min(1.0) {
            return Some((B::ThirdVentricle as u8, FLUID));
        }
        if self.fourth.distance(p) + wave < 0.0 {
            return Some((B::FourthVentricle as u8, FLUID));
        }
        let flat = Vec3::new((q.x - 12.0).max(0.0), p.y, p.z);
        let near = q.x < 18.0 && p.z > -4.0 && p.y.abs() < 46.0;
        if near && self.callosum.iter().any(|s| s.distance(flat) < 0.0) {
            return Some((B::CorpusCallosum as u8, 925.0));
        }
        if q.x > 34.0 || q.y.abs() > 36.0 || q.z.abs() > 26.0 {
            return None;
        }
        for (label, value, solid) in &self.nuclei {
            if solid.distance(q) + 0.7 * wave < 0.0 {
                return paired(*label, value + 18.0 * noise(p / 4.0, self.seed ^ 6));
            }
        }
        None
    }

    /// Folded cortex over white matter; `depth` from the hull.
    fn cerebrum(&self, p: Vec3, depth: f32, side: u8) -> (u8, f32) {
        let (white, gray) =
            (885.0 + 22.0 * noise2(p / 9.0, self.seed ^ 7), 600.0 + 18.0 * noise(p / 5.0, self.seed ^ 9));
        // Distance to fluid: outside, between the hemispheres (all around the callosum), in a sulcus, in the lateral
        // fissure.
        let arc = ((p.y / 43.0).hypot((p.z - 1.0) / 33.0) - 1.0) * 33.0;
        // The fissure meanders: no plane runs in it for long.
        let midline = 3.0 * noise(Vec3::new(0.0, p.y / 26.0, p.z / 26.0), self.seed ^ 0x17);
        let slit = (p.x - midline).abs() - 0.7;
        let side = if p.x.abs() < 6.0 { u8::from(p.x > midline) } else { side };
        let between = if arc > 0.0 { slit } else { slit.max(0.0).hypot(arc) };
        let lateral = lateral_fissure(p, self.seed);
        let rim = depth.min(between + 1.0);
        if rim > 26.0 && lateral > 6.0 {
            return (B::WhiteMatter as u8 + side, white);
        }
        let sulcus = self.to_sulcus(p);
        let width = 1.25 - 0.05 * depth;
        let floor = (rim - 16.0 - 4.0 * noise(p / 24.0, self.seed ^ 0x0A)).max(0.0);
        let fold = (sulcus - width.max(0.2)).hypot(floor);
        let fold = if sulcus < width && floor <= 0.0 { sulcus - width } else { fold };
        let fluid = depth.min(between).min(fold).min(lateral);
        if fluid < 0.0 {
            return (B::Fluid as u8, FLUID + 40.0);
        }
        let thick = 3.3 + 0.5 * noise(p / 18.0, self.seed ^ 0x0B);
        if fluid < thick {
            return (B::Cortex as u8 + side, gray);
        }
        // Gray fades into white over a voxel.
        let mix = ((fluid - thick) / 0.9).min(1.0);
        (B::WhiteMatter as u8 + side, gray + (white - gray) * (0.45 + 0.55 * mix))
    }

    /// Distance to the nearest zero surface of the folding field (first order).
    fn to_sulcus(&self, p: Vec3) -> f32 {
        let warp =
            Vec3::new(noise(p / 21.0, self.seed ^ 1), noise(p / 21.0, self.seed ^ 2), noise(p / 21.0, self.seed ^ 3));
        // Rotated, so that the lattice of the noise is not the lattice of the voxels.
        let turn = |v: Vec3| {
            Vec3::new(0.8 * v.x + 0.6 * v.y, -0.48 * v.x + 0.64 * v.y + 0.6 * v.z, 0.36 * v.x - 0.48 * v.y + 0.8 * v.z)
        };
        let warped = p + warp * 7.0;
        let field = |d: Vec3| noise(turn(warped + d) / 11.0, self.seed ^ 4);
        let here = field(Vec3::ZERO);
        let slope = Vec3::new(field(Vec3::X) - here, field(Vec3::Y) - here, field(Vec3::Z) - here).length();
        here.abs() / slope.max(0.035)
    }

    /// Cerebellum: thin leaves around a white core.
    fn folia(&self, p: Vec3, depth: f32, side: u8) -> (u8, f32) {
        let label = B::Cerebellum as u8 + side;
        let level = p.z + 0.35 * p.y + 2.5 * noise(p / 12.0, self.seed ^ 0x0C);
        let leaf = (level * std::f32::consts::TAU / 5.2).sin();
        let core = depth - 7.5 - 3.0 * leaf - 2.5 * noise(p / 8.0, self.seed ^ 0x0D);
        if core > 0.0 {
            return (label, 860.0);
        }
        if depth < 6.5 && leaf < -0.72 {
            return (label, 380.0 + 30.0 * depth);
        }
        (label, 630.0)
    }

    /// Outside of the skin: negative inside the head.
    fn skin(q: Vec3) -> f32 {
        let e = |c: Vec3, r: Vec3| Solid::ellipsoid(c, r).distance(q);
        let v = Vec3::new;
        if q.x > 92.0 || q.y.abs() > 122.0 {
            return 10.0;
        }
        let skull = e(v(0.0, 2.0, 10.0), v(79.0, 100.0, 74.0));
        if skull < -14.0 || q.z > 40.0 || skull > 26.0 && q.z > 14.0 {
            return skull;
        }
        let mut d = skull;
        if q.y < 40.0 {
            let jaw = e(v(0.0, -40.0, -58.0), v(58.0, 56.0, 62.0));
            let nose = Solid::Capsule { a: v(0.0, -93.0, -22.0), b: v(0.0, -110.0, -46.0), ra: 6.0, rb: 9.0 };
            let nose = if q.y < -70.0 && q.x < 30.0 { nose.distance(q) } else { 60.0 };
            let cheek = e(v(34.0, -66.0, -40.0), v(30.0, 26.0, 26.0));
            d = smooth_min(d, smooth_min(smooth_min(jaw, cheek, 14.0), nose, 10.0), 18.0);
        }
        if q.y > -75.0 && q.z < 40.0 {
            let neck = Solid::Capsule { a: v(0.0, 24.0, -50.0), b: v(0.0, 28.0, -140.0), ra: 62.0, rb: 60.0 };
            d = smooth_min(d, neck.distance(q), 26.0);
        }
        if q.x > 66.0 { smooth_min(d, e(v(80.0, 14.0, -24.0), v(7.0, 14.0, 25.0)), 3.0) } else { d }
    }

    /// Bone, scalp, face and neck; `cavity` is the distance to the inside of the skull.
    fn outside(&self, p: Vec3, q: Vec3, cavity: f32, skin: f32, side: u8) -> (u8, f32) {
        let v = Vec3::new;
        let eye = q.distance(v(31.0, -72.0, -20.0));
        if eye < 12.0 {
            let lens = Solid::ellipsoid(v(31.0, -82.0, -20.0), v(4.5, 2.0, 4.5)).distance(q);
            return (
                B::Eye as u8 + side,
                if lens < 0.0 {
                    420.0
                } else if eye > 11.0 {
                    430.0
                } else {
                    190.0
                },
            );
        }
        if skin > -2.2 {
            return (B::Scalp as u8, 620.0);
        }
        let thick = 5.6 + 1.5 * noise(p / 30.0, self.seed ^ 0x0E) + if p.z < -30.0 { 3.0 } else { 0.0 };
        if cavity < thick {
            let diploe = (cavity - thick * 0.55).abs() < thick * 0.2 && p.z > -18.0;
            return (B::Skull as u8, if diploe { 360.0 } else { 70.0 });
        }
        // Air of nose and sinuses.
        let sphenoid = Solid::ellipsoid(v(6.0, -28.0, -34.0), v(7.0, 11.0, 8.0)).distance(q);
        let maxillary = Solid::ellipsoid(v(27.0, -62.0, -50.0), v(13.0, 16.0, 16.0)).distance(q);
        let frontal = Solid::ellipsoid(v(9.0, -87.0, 0.0), v(9.0, 4.0, 8.0)).distance(q);
        let concha = (p.z * 0.5 + 1.2 * noise(p / 5.0, self.seed ^ 0x0F)).sin() > -0.1;
        let nasal =
            (2.5..11.0).contains(&q.x) && (-84.0..-18.0).contains(&q.y) && (-62.0..-26.0).contains(&q.z) && concha;
        let pharynx =
            Solid::Capsule { a: v(0.0, -16.0, -46.0), b: v(0.0, -10.0, -120.0), ra: 9.0, rb: 10.0 }.distance(q);
        let air = sphenoid.min(maxillary).min(frontal).min(pharynx);
        if air < 0.0 || nasal {
            return (0, 15.0);
        }
        if air < 1.6 {
            return (B::Muscle as u8, 420.0);
        }
        if skin > -6.5 && p.z > -34.0 || skin > -5.0 {
            return (B::Scalp as u8, 1010.0 + 40.0 * noise(p / 6.0, self.seed ^ 0x10));
        }
        // Orbit: fat around the eye and its muscles, narrowing backward.
        let back = (q.y + 72.0) / 40.0;
        let orbit = (q.x - 31.0 + 14.0 * back.max(0.0)).hypot(q.z + 20.0) - (19.0 - 13.0 * back.max(0.0));
        if (-0.45..1.0).contains(&back) && orbit < 0.0 {
            let axis = (q.x - 31.0 + 14.0 * back.max(0.0)).hypot(q.z + 20.0);
            let nerve =
                axis < 2.6 || (axis - (13.0 - 8.0 * back)).abs() < 1.6 && noise(q / 9.0, self.seed ^ 0x11) > -0.1;
            return (B::Muscle as u8, if nerve { 470.0 } else { 1020.0 });
        }
        self.flesh(p, q)
    }

    /// Muscles, fat and bone of face and neck, as texture.
    fn flesh(&self, p: Vec3, q: Vec3) -> (u8, f32) {
        let n = noise2(Vec3::new(q.x / 14.0, q.y / 18.0, q.z / 22.0), self.seed ^ 0x12)
            + 0.15 * noise(p / 6.0, self.seed ^ 0x13);
        let marrow = (q.y - 40.0).hypot(q.x) < 13.0 && p.z < -66.0;
        let value = if marrow {
            560.0
        } else if n > 0.2 {
            960.0
        } else if n > 0.14 {
            640.0
        } else {
            440.0 + 60.0 * n
        };
        (B::Muscle as u8, value)
    }
}

/// Fluid on T1.
const FLUID: f32 = 170.0;

/// The lateral (Sylvian) fissure with the insula at its floor: distance to its fluid.
fn lateral_fissure(p: Vec3, seed: u32) -> f32 {
    let x = p.x.abs();
    if !(-34.0..30.0).contains(&p.y) || x < 24.0 {
        return 60.0;
    }
    let level = -3.0 + 0.22 * (p.y + 20.0) + 5.0 * noise(p / 16.0, seed ^ 0x14);
    let slit = (p.z - level).abs().hypot((36.0 - x).max(0.0)) - 1.5;
    let height = (p.z - level - 4.0).abs() - 11.0;
    let insula = (x - 36.0 - 3.0 * noise(p / 9.0, seed ^ 0x15) - 0.006 * p.y * p.y).abs().hypot(height.max(0.0)) - 1.3;
    let ends = ((p.y + 2.0).abs() - 25.0 + 0.3 * (x - 36.0).max(0.0) + 6.0 * noise(p / 10.0, seed ^ 0x16)).max(0.0);
    let d = slit.min(insula);
    if ends > 0.0 { d.max(0.0).hypot(ends) } else { d }
}
