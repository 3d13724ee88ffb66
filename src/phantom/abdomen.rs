//! Upper abdomen below the diaphragm: liver, gallbladder, spleen, stomach, kidneys, adrenals, pancreas, colon.

use super::canvas::{Ink, Slice, Solid, smooth_min, tube};
use super::labels::{
    self, COLON, GALLBLADDER, LEFT_ADRENAL, LEFT_KIDNEY, LIVER, MUSCLE, PANCREAS, RIGHT_ADRENAL, RIGHT_KIDNEY, SPLEEN,
    STOMACH, STOMACH_GAS, VISCERAL_FAT,
};
use super::random::{Random, noise, noise2};
use super::skeleton::spine_y;
use super::wall::{Polar, Ring};
use glam::{Mat3, Vec2, Vec3};

/// The abdominal organs of one patient.
pub struct Abdomen {
    liver: Vec<Solid>,
    spleen: Solid,
    stomach: Vec<Solid>,
    gas_level_y: f32,
    kidneys: [Solid; 2],
    pancreas: Vec<Solid>,
    colon: Vec<Solid>,
    gallbladder: Solid,
    adrenals: [Vec<Solid>; 2],
    seed: u32,
}

impl Abdomen {
    /// Draws the organs.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed, 4);
        let v = Vec3::new;
        let big = random.within(0.95, 1.06);
        let kidney = |side: f32, z: f32, random: &mut Random| {
            let tilt = Mat3::from_rotation_y(side * (-0.22 + random.spread(0.06)));
            let center = v(side * 57.0, 48.0 + random.spread(3.0), z + random.spread(6.0));
            Solid::oriented(center, tilt, v(26.0, 24.0, 54.0))
        };
        Self {
            liver: vec![
                Solid::ellipsoid(v(-66.0, -2.0, -150.0), v(74.0, 92.0, 72.0) * big),
                Solid::ellipsoid(v(-20.0, -42.0, -138.0), v(74.0, 52.0, 44.0) * big),
                Solid::ellipsoid(v(30.0, -60.0, -132.0), v(46.0, 34.0, 26.0) * big),
            ],
            spleen: Solid::oriented(
                v(104.0, 42.0, -146.0),
                Mat3::from_rotation_z(-0.5) * Mat3::from_rotation_x(0.35),
                v(27.0, 52.0, 38.0) * random.within(0.88, 1.1),
            ),
            stomach: tube(&[
                (v(66.0, 14.0, -132.0), 33.0),
                (v(70.0, -10.0, -152.0), 33.0),
                (v(62.0, -42.0, -178.0), 26.0),
                (v(34.0, -62.0, -200.0), 22.0),
                (v(4.0, -62.0, -212.0), 18.0),
            ]),
            gas_level_y: random.within(-38.0, -26.0),
            kidneys: [kidney(-1.0, -202.0, &mut random), kidney(1.0, -192.0, &mut random)],
            pancreas: tube(&[
                (v(-24.0, -16.0, -208.0), 13.0),
                (v(4.0, -22.0, -200.0), 10.0),
                (v(34.0, -6.0, -190.0), 9.5),
                (v(68.0, 22.0, -176.0), 8.5),
                (v(86.0, 34.0, -168.0), 7.0),
            ]),
            colon: tube(&[
                (v(106.0, 22.0, -210.0), 16.0),
                (v(108.0, -8.0, -180.0), 17.0),
                (v(100.0, -48.0, -184.0), 19.0),
                (v(66.0, -84.0, -206.0), 18.0),
                (v(20.0, -90.0, -216.0), 18.0),
            ]),
            gallbladder: Solid::ellipsoid_along(v(-44.0, -58.0, -194.0), v(0.2, -0.8, -0.5), v(28.0, 13.0, 13.0)),
            adrenals: [-1.0f32, 1.0].map(|side| {
                let top = v(side * 28.0, 32.0, -146.0);
                let limb = |x: f32, y: f32, z: f32| Solid::Capsule { a: top, b: v(side * x, y, z), ra: 3.0, rb: 2.0 };
                vec![limb(30.0, 48.0, -168.0), limb(40.0, 44.0, -170.0), limb(27.0, 34.0, -164.0)]
            }),
            seed: random.word() as u32,
        }
    }

    /// Paints into the fat below the diaphragm.
    pub fn paint(&self, slice: &mut Slice<'_>, polar: &Polar, ring: &Ring) {
        let z = slice.z;
        if z > -80.0 {
            return;
        }
        let fat = |label: u8| label == VISCERAL_FAT;
        self.paint_liver(slice);
        for side in [-1.0f32, 1.0] {
            // Crura beside the aorta, psoas below.
            let y = spine_y(z) - 14.0;
            let crus = tube(&[
                (Vec3::new(side * 10.0, y - 20.0, -118.0), 4.0),
                (Vec3::new(side * 15.0, y - 6.0, -150.0), 5.0),
                (Vec3::new(side * 16.0, y - 2.0, -215.0), 4.5),
            ]);
            let psoas = Solid::Capsule {
                a: Vec3::new(side * 25.0, spine_y(z) + 4.0, -180.0),
                b: Vec3::new(side * 31.0, spine_y(z) + 4.0, -220.0),
                ra: 7.0,
                rb: 14.0,
            };
            for solid in crus.iter().chain([&psoas]) {
                slice.solid_where(solid, 0.0, Ink { label: MUSCLE, hu: labels::hu(MUSCLE) }, fat);
            }
        }
        let put = |slice: &mut Slice<'_>, solid: &Solid, label: u8| {
            slice.solid_where(solid, 0.0, Ink { label, hu: labels::hu(label) }, |l| fat(l) || l == label);
        };
        for (side, label) in [RIGHT_KIDNEY, LEFT_KIDNEY].into_iter().enumerate() {
            self.paint_kidney(slice, &self.kidneys[side], label);
        }
        self.paint_stomach(slice);
        put(slice, &self.spleen, SPLEEN);
        for (glands, label) in self.adrenals.iter().zip([RIGHT_ADRENAL, LEFT_ADRENAL]) {
            for limb in glands {
                put(slice, limb, label);
            }
        }
        self.paint_pancreas(slice);
        self.paint_colon(slice);
        mesentery(slice, polar, ring, self.seed);
    }

    fn paint_liver(&self, slice: &mut Slice<'_>) {
        let z = slice.z;
        let seed = self.seed;
        // Kidney and adrenal lie behind the liver, open to the back.
        let (low, high) = self.kidneys[0].bounds();
        let bed = Solid::ellipsoid(
            low.midpoint(high) + Vec3::new(6.0, 19.0, 0.0),
            (high - low) / 2.0 + Vec3::new(9.0, 21.0, 6.0),
        );
        let (low, high) = (Vec2::new(-150.0, -120.0), Vec2::new(90.0, 110.0));
        slice.paint(low, high, Ink { label: LIVER, hu: labels::hu(LIVER) }, |x, y, label| {
            if label != VISCERAL_FAT && label != LIVER {
                return f32::MAX;
            }
            let p = Vec3::new(x, y, z);
            let d = self.liver.iter().fold(60.0, |d, s| smooth_min(d, s.distance(p), 14.0));
            // The kidney and the porta press into the visceral surface; the lower edge rises to the left.
            let kidney = 3.0 - bed.distance(p);
            let slope = (-186.0 + 0.42 * (x + 60.0) + 0.16 * (y + 20.0) - z) * 0.9;
            d.max(kidney).max(slope) + 1.5 * noise(p / 26.0, seed)
        });
        slice.solid_where(&self.gallbladder, 1.5, Ink { label: GALLBLADDER, hu: 50.0 }, |l| {
            l == LIVER || l == VISCERAL_FAT || l == GALLBLADDER
        });
        slice.solid_where(&self.gallbladder, 0.0, Ink { label: GALLBLADDER, hu: labels::hu(GALLBLADDER) }, |l| {
            l == GALLBLADDER
        });
    }

    fn paint_kidney(&self, slice: &mut Slice<'_>, kidney: &Solid, label: u8) {
        let (z, seed) = (slice.z, self.seed ^ 3);
        let Solid::Ellipsoid { center, .. } = *kidney else { return };
        let (low, high) = kidney.bounds();
        let margin = Vec2::splat(2.0);
        let (low, high) = (low.truncate() - margin, high.truncate() + margin);
        let shape = |x: f32, y: f32| {
            let p = Vec3::new(x, y, z);
            // The hilum opens toward the middle and front.
            let hilum = Vec2::new(center.x - 27.0 * center.x.signum(), center.y - 10.0);
            let reach = 15.0 - 0.3 * (z - center.z).abs();
            let bay = reach - (Vec2::new(x, y) - hilum).length();
            kidney.distance(p).max(bay)
        };
        let over = move |l: u8| l == VISCERAL_FAT || l == label;
        let ink = |hu| Ink { label, hu };
        slice.paint(low, high, ink(labels::hu(label) + 14.0), |x, y, l| if over(l) { shape(x, y) } else { f32::MAX });
        slice.paint(low, high, ink(128.0), |x, y, l| {
            // Pyramids between columns of cortex.
            let column = noise(Vec3::new(x / 7.0, y / 7.0, z / 9.0), seed);
            if over(l) { (shape(x, y) + 7.5).max(column * 9.0 - 2.0) } else { f32::MAX }
        });
        let sinus = Solid::ellipsoid(center - Vec3::new(9.0 * center.x.signum(), 4.0, 0.0), Vec3::new(10.0, 9.0, 28.0));
        slice.solid_where(&sinus, 0.0, Ink { label: VISCERAL_FAT, hu: -70.0 }, over);
    }

    fn paint_stomach(&self, slice: &mut Slice<'_>) {
        let (z, seed) = (slice.z, self.seed ^ 4);
        let level = self.gas_level_y;
        let over = |l: u8| l == VISCERAL_FAT || l == STOMACH || l == STOMACH_GAS;
        let Some((low, high)) = self.stomach.iter().map(Solid::bounds).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        else {
            return;
        };
        if z > high.z || z < low.z {
            return;
        }
        let near: Vec<&Solid> = self
            .stomach
            .iter()
            .filter(|s| {
                let b = s.bounds();
                b.0.z < z + 6.0 && b.1.z > z - 6.0
            })
            .collect();
        let shape = |x: f32, y: f32| {
            let p = Vec3::new(x, y, z);
            let fold = 1.6 * noise(p / 8.0, seed);
            near.iter().fold(60.0f32, |d, s| d.min(s.distance(p))) + fold
        };
        let (low, high) = (low.truncate(), high.truncate());
        slice.paint(
            low,
            high,
            Ink { label: STOMACH, hu: 78.0 },
            |x, y, l| if over(l) { shape(x, y) } else { f32::MAX },
        );
        slice.paint(low, high, Ink { label: STOMACH, hu: 24.0 }, |x, y, l| {
            if l == STOMACH { shape(x, y) + 4.2 } else { f32::MAX }
        });
        // Supine: gas rises to the front, above a flat level.
        slice.paint(low, high, Ink { label: STOMACH_GAS, hu: labels::hu(STOMACH_GAS) }, |x, y, l| {
            if l == STOMACH || l == STOMACH_GAS { (shape(x, y) + 4.2).max(y - level) } else { f32::MAX }
        });
    }

    fn paint_pancreas(&self, slice: &mut Slice<'_>) {
        let (z, seed) = (slice.z, self.seed ^ 5);
        let ink = Ink { label: PANCREAS, hu: labels::hu(PANCREAS) };
        for solid in &self.pancreas {
            let (low, high) = solid.bounds();
            if z < low.z || z > high.z {
                continue;
            }
            slice.paint(low.truncate(), high.truncate(), ink, |x, y, l| {
                let p = Vec3::new(x, y, z);
                let over = l == VISCERAL_FAT || l == PANCREAS;
                if over { solid.distance(p) + 1.0 + 3.0 * noise(p / 4.5, seed) } else { f32::MAX }
            });
        }
    }

    fn paint_colon(&self, slice: &mut Slice<'_>) {
        let (z, seed) = (slice.z, self.seed ^ 6);
        for (grow, inside) in [(0.0, false), (-2.6, true)] {
            for solid in &self.colon {
                let (low, high) = solid.bounds();
                if z < low.z || z > high.z {
                    continue;
                }
                slice.paint(
                    low.truncate(),
                    high.truncate(),
                    Ink { label: COLON, hu: if inside { -140.0 } else { 55.0 } },
                    |x, y, l| {
                        let p = Vec3::new(x, y, z);
                        let haustra = 2.2 * noise(p / 11.0, seed);
                        let over = if inside { l == COLON } else { l == VISCERAL_FAT || l == COLON };
                        if over { solid.distance(p) - grow + haustra } else { f32::MAX }
                    },
                );
            }
        }
        // Feces: gas bubbles in soft matter.
        let grid = *slice.grid;
        for j in grid.span(1, -115.0, 45.0) {
            for i in grid.span(0, -5.0, 130.0) {
                let at = j * grid.dims[0] + i;
                if slice.labels[at] == COLON && slice.hu[at] < -100.0 {
                    let p = Vec3::new(
                        grid.origin.x + i as f32 * grid.spacing.x,
                        grid.origin.y + j as f32 * grid.spacing.y,
                        z,
                    );
                    let n = noise2(p / 6.5, seed ^ 1) - 0.004 * (p.y + 40.0);
                    slice.hu[at] = if n > 0.12 { -880.0 } else { 45.0 + 120.0 * n };
                }
            }
        }
    }
}

/// Loops of small bowel and mesenteric vessels, only as texture of the remaining fat.
fn mesentery(slice: &mut Slice<'_>, polar: &Polar, ring: &Ring, seed: u32) {
    let (z, grid) = (slice.z, *slice.grid);
    if z > -165.0 {
        return;
    }
    for at in 0..polar.radii.len() {
        if slice.labels[at] != VISCERAL_FAT || polar.radii[at] > ring.pleura[usize::from(polar.bins[at])] - 9.0 {
            continue;
        }
        let x = grid.origin.x + (at % grid.dims[0]) as f32 * grid.spacing.x;
        let y = grid.origin.y + (at / grid.dims[0]) as f32 * grid.spacing.y;
        let n = noise(Vec3::new(x / 9.0, y / 9.0, z / 14.0), seed ^ 9).abs();
        if n < 0.035 {
            slice.hu[at] += 150.0 * (1.0 - n / 0.035);
        }
    }
}
