//! Spine, sternum and shoulder girdle: bones with a cortex (500–800 HU) around marrow.

use super::canvas::{Ink, Slice, Solid, curve, tube};
use super::labels::{
    self, DISCS, LEFT_CLAVICLE, LEFT_HUMERUS, LEFT_SCAPULA, RIGHT_CLAVICLE, RIGHT_HUMERUS, RIGHT_SCAPULA, SPINAL_CANAL,
    SPINAL_CORD, STERNUM, VERTEBRA_0,
};
use super::random::{Random, noise};
use super::wall::{Polar, Ring, Wall, angle};
use glam::{Vec2, Vec3};

/// Center line of the vertebral bodies: thoracic kyphosis, straightening toward neck and loin.
pub fn spine_y(z: f32) -> f32 {
    66.0 - ((z + 50.0) / 150.0).powi(2) * 17.0
}

/// Tops of C6 to L2; the top of T5 lies at the carina, z = 0.
pub fn vertebra_tops() -> [f32; 16] {
    const HEIGHT: [f32; 16] =
        [16.0, 17.0, 19.0, 20.0, 20.5, 20.5, 21.0, 21.5, 22.0, 22.5, 23.0, 23.5, 24.5, 25.5, 27.0, 28.0];
    let mut tops = [0.0; 16];
    for (n, top) in tops.iter_mut().enumerate() {
        *top = if n < 6 { HEIGHT[n..6].iter().sum() } else { -HEIGHT[6..n].iter().sum::<f32>() };
    }
    tops
}

/// Half the height of a disc.
const HALF_DISC_MM: f32 = 2.4;

struct Bone {
    solid: Solid,
    label: u8,
    marrow_hu: f32,
}

/// The bones of one patient but ribs.
pub struct Skeleton {
    tops: [f32; 16],
    bones: Vec<Bone>,
    seed: u32,
}

impl Skeleton {
    /// Draws a skeleton that fits the trunk.
    pub fn new(seed: u64, wall: &Wall) -> Self {
        let mut random = Random::new(seed, 2);
        let tops = vertebra_tops();
        let mut bones = Vec::new();
        for n in 0..16 {
            arch(n, &tops, random.spread(1.5), &mut bones);
        }
        for side in [-1.0, 1.0] {
            shoulder(side, wall.width(), &mut random, &mut bones);
        }
        Self { tops, bones, seed: random.word() as u32 }
    }

    /// Everything at this height.
    pub fn paint(&self, slice: &mut Slice<'_>, polar: &Polar, ring: &Ring) {
        blades(slice, polar, ring);
        for bone in &self.bones {
            slice.solid(&bone.solid, 0.0, Ink { label: bone.label, hu: 640.0 });
        }
        for bone in &self.bones {
            slice.solid(&bone.solid, -1.5, Ink { label: bone.label, hu: bone.marrow_hu });
        }
        self.paint_body(slice);
        paint_canal(slice);
        paint_sternum(slice, ring);
    }

    /// Vertebral bodies and discs.
    fn paint_body(&self, slice: &mut Slice<'_>) {
        let z = slice.z;
        let n = self.tops.iter().position(|&top| z > top).unwrap_or(16).saturating_sub(1);
        let top = self.tops[n];
        let bottom = self.tops.get(n + 1).copied().unwrap_or(top - 28.0);
        let to_end = (top - z).min(z - bottom);
        let middle = 1.0 - ((z - f32::midpoint(top, bottom)) / ((top - bottom) / 2.0)).powi(2);
        let (half_width, half_depth) = body_size(z);
        let waist = 1.0 - 0.09 * middle.max(0.0);
        let (a, b) = (half_width * waist, half_depth * waist);
        let center = spine_y(z);
        let reach = Vec2::new(a + 2.0, b + 2.0);
        let shape = |x: f32, y: f32, grow: f32| {
            let (a, b, dy) = (a + grow, b + grow, y - center);
            let e = (x / a).hypot(dy / b);
            // The back of a vertebral body is flat.
            ((e - 1.0) * a.min(b)).max(dy - 0.78 * b)
        };
        let (low, high) = (Vec2::new(0.0, center) - reach, Vec2::new(0.0, center) + reach);
        if to_end < HALF_DISC_MM {
            slice.paint(low, high, Ink { label: DISCS, hu: labels::hu(DISCS) }, |x, y, _| shape(x, y, 0.8));
            return;
        }
        let label = VERTEBRA_0 + n as u8;
        let endplate = to_end < HALF_DISC_MM + 1.4;
        slice.paint(low, high, Ink { label, hu: if endplate { 420.0 } else { 560.0 } }, |x, y, _| shape(x, y, 0.0));
        if endplate {
            return;
        }
        let seed = self.seed;
        slice.paint(low, high, Ink { label, hu: 185.0 }, |x, y, _| shape(x, y, -1.3));
        // Trabeculae.
        let (columns, grid) = (slice.grid.dims[0], *slice.grid);
        for j in grid.span(1, low.y, high.y) {
            for i in grid.span(0, low.x, high.x) {
                let p =
                    Vec3::new(grid.origin.x + i as f32 * grid.spacing.x, grid.origin.y + j as f32 * grid.spacing.y, z);
                if shape(p.x, p.y, -2.0) < 0.0 {
                    slice.hu[j * columns + i] += 45.0 * noise(p / 2.6, seed) + 20.0 * noise(p / 9.0, seed ^ 1);
                }
            }
        }
    }
}

/// Half width and half depth of the vertebral bodies.
fn body_size(z: f32) -> (f32, f32) {
    (
        curve(&[(-205.0, 22.5), (-150.0, 19.0), (-60.0, 15.5), (20.0, 14.5), (90.0, 14.0), (115.0, 12.5)], z),
        curve(&[(-205.0, 16.5), (-150.0, 15.5), (-60.0, 14.0), (20.0, 11.5), (90.0, 9.0), (115.0, 8.0)], z),
    )
}

/// Middle of the spinal canal.
fn canal_y(z: f32) -> f32 {
    spine_y(z) + 0.78 * body_size(z).1 + 8.2
}

/// Pedicles, laminae, processes of vertebra `n`.
fn arch(n: usize, tops: &[f32; 16], twist: f32, bones: &mut Vec<Bone>) {
    let height = if n + 1 < 16 { tops[n] - tops[n + 1] } else { 28.0 };
    let z = tops[n] - height / 2.0;
    let (y, lumbar, neck) = (canal_y(z), n >= 13, n < 2);
    let label = VERTEBRA_0 + n as u8;
    let mut add = |a: Vec3, b: Vec3, ra: f32, rb: f32| {
        bones.push(Bone { solid: Solid::Capsule { a, b, ra, rb }, label, marrow_hu: 230.0 });
    };
    for side in [-1.0, 1.0] {
        let v = |x: f32, dy: f32, dz: f32| Vec3::new(side * x, y + dy, z + dz);
        add(v(11.5, -10.0, 4.0), v(12.5, -1.0, 3.0), 4.0, 4.0);
        add(v(12.0, 3.0, 1.0), v(0.5, 11.0, -4.0), 3.6, 3.4);
        add(v(12.5, 4.0, 0.42 * height), v(12.0, 6.0, -0.52 * height), 4.0, 3.6);
        let (reach, back) = if lumbar {
            (36.0, 3.0)
        } else if neck {
            (24.0, -2.0)
        } else {
            (32.0, 11.0)
        };
        add(v(14.0, 1.0, 2.0), v(reach, back, 4.0), 4.6, 3.9);
    }
    let (down, length) = if lumbar {
        (6.0, 32.0)
    } else if neck {
        (8.0, 34.0)
    } else {
        (21.0, 30.0)
    };
    add(Vec3::new(0.0, y + 11.0, z - 3.0), Vec3::new(twist, y + length, z - 3.0 - down), 3.2, 3.0);
    add(Vec3::new(twist, y + length - 1.0, z - 2.0 - down), Vec3::new(twist, y + length, z - 6.0 - down), 3.6, 3.6);
}

fn paint_canal(slice: &mut Slice<'_>) {
    let (z, y) = (slice.z, canal_y(slice.z));
    let wide = curve(&[(-205.0, 11.5), (-60.0, 9.2), (60.0, 9.8), (115.0, 12.0)], z);
    let canal = Solid::ellipsoid(Vec3::new(0.0, y, z), Vec3::new(wide, 7.8, 30.0));
    slice.solid(&canal, 0.0, Ink { label: SPINAL_CANAL, hu: labels::hu(SPINAL_CANAL) });
    let cord = Solid::ellipsoid(Vec3::new(0.0, y - 0.6, z), Vec3::new(wide * 0.53, 4.1, 30.0));
    slice.solid(&cord, 0.0, Ink { label: SPINAL_CORD, hu: labels::hu(SPINAL_CORD) });
}

/// Manubrium, body and xiphoid process, on the front of the cage.
fn paint_sternum(slice: &mut Slice<'_>, ring: &Ring) {
    let z = slice.z;
    if !(-122.0..50.0).contains(&z) {
        return;
    }
    // The joint between manubrium and body, and the tip, leave a gap of cartilage.
    let half = curve(
        &[
            (-122.0, 3.0),
            (-112.0, 7.0),
            (-98.0, 9.0),
            (-90.0, 17.0),
            (-30.0, 16.0),
            (4.0, 13.5),
            (12.0, 15.0),
            (34.0, 25.0),
            (50.0, 21.0),
        ],
        z,
    );
    let front = ring.cage[super::wall::bin(0.0, -1.0)];
    let center = Vec2::new(0.0, -front + 4.6);
    let (low, high) = (center - Vec2::new(half + 3.0, 9.0), center + Vec2::new(half + 3.0, 9.0));
    let notch = if z > 42.0 { (z - 42.0) * 0.55 } else { 0.0 };
    let shape = |x: f32, y: f32, grow: f32| {
        let (a, b) = (half + grow, 5.3 - notch * 0.3 + grow);
        let bend = x * x / 220.0;
        let (u, v) = ((x / a).abs(), ((y - center.y - bend) / b).abs());
        ((u.powi(3) + v.powi(3)).cbrt() - 1.0) * b.min(a)
    };
    if (4.0..7.5).contains(&z) || (-98.0..-95.0).contains(&z) {
        slice.paint(low, high, Ink { label: STERNUM, hu: 130.0 }, |x, y, _| shape(x, y, 0.0));
        return;
    }
    slice.paint(low, high, Ink { label: STERNUM, hu: 430.0 }, |x, y, _| shape(x, y, 0.0));
    slice.paint(low, high, Ink { label: STERNUM, hu: 130.0 }, |x, y, _| shape(x, y, -1.2));
}

/// Clavicle, scapular spine, glenoid and humerus of one side, with the arms raised.
fn shoulder(side: f32, width: f32, random: &mut Random, bones: &mut Vec<Bone>) {
    let pick = |right: u8, left: u8| if side < 0.0 { right } else { left };
    let lift = random.spread(3.0);
    let v = |x: f32, y: f32, z: f32| Vec3::new(side * x * width, y, z + lift);
    let clavicle = [
        (v(19.0, -60.0, 46.0), 8.5),
        (v(45.0, -62.0, 56.0), 6.2),
        (v(80.0, -48.0, 74.0), 5.6),
        (v(115.0, -18.0, 90.0), 6.2),
        (v(138.0, 4.0, 99.0), 6.6),
    ];
    let spine = [
        (v(66.0, 94.0, 38.0), 3.2),
        (v(96.0, 90.0, 50.0), 4.0),
        (v(126.0, 70.0, 66.0), 5.0),
        (v(146.0, 44.0, 86.0), 7.0),
        (v(140.0, 18.0, 104.0), 7.5),
    ];
    let neck = [(v(112.0, 60.0, 46.0), 4.0), (v(126.0, 42.0, 66.0), 8.0), (v(131.0, 28.0, 78.0), 11.0)];
    let coracoid = [(v(124.0, 26.0, 84.0), 6.0), (v(112.0, -6.0, 84.0), 5.0)];
    let humerus = [(v(153.0, 18.0, 92.0), 21.0), (v(158.0, 8.0, 108.0), 16.0), (v(162.0, 2.0, 130.0), 12.0)];
    let mut add = |points: &[(Vec3, f32)], label: u8, marrow_hu: f32| {
        bones.extend(tube(points).into_iter().map(|solid| Bone { solid, label, marrow_hu }));
    };
    add(&clavicle, pick(RIGHT_CLAVICLE, LEFT_CLAVICLE), 250.0);
    for part in [&spine[..], &neck, &coracoid] {
        add(part, pick(RIGHT_SCAPULA, LEFT_SCAPULA), 240.0);
    }
    add(&humerus, pick(RIGHT_HUMERUS, LEFT_HUMERUS), 160.0);
}

/// The flat blades of the scapulae, parallel to the cage.
fn blades(slice: &mut Slice<'_>, polar: &Polar, ring: &Ring) {
    let z = slice.z;
    if !(-58.0..66.0).contains(&z) {
        return;
    }
    let lateral = curve(&[(-58.0, 127f32), (-20.0, 118.0), (30.0, 112.0), (66.0, 112.0)], z).to_radians();
    let medial = curve(&[(-58.0, 130f32), (-40.0, 141.0), (10.0, 146.0), (40.0, 144.0), (66.0, 130.0)], z).to_radians();
    let soft = 1.0 / slice.grid.spacing.x;
    for at in 0..polar.radii.len() {
        let (bin, r) = (usize::from(polar.bins[at]), polar.radii[at]);
        let phi = angle(bin);
        if phi.abs() < lateral - 0.1 || phi.abs() > medial + 0.1 || r < ring.cage[bin] || r > ring.muscle[bin] {
            continue;
        }
        let edge = ((phi.abs() - lateral).min(medial - phi.abs())) * r;
        let to_lateral = (phi.abs() - lateral) * r;
        let middle = ring.cage[bin]
            + 10.0
            + 5.0 * ((phi.abs() - lateral) / (medial - lateral).max(0.05) * std::f32::consts::PI).sin();
        let half = 1.5 + 2.6 * (-(to_lateral / 6.0).powi(2)).exp() + 0.9 * (-(edge / 4.0).powi(2)).exp();
        let d = ((r - middle).abs() - half).max(-edge);
        let cover = (0.5 - d * soft).clamp(0.0, 1.0);
        if cover > 0.0 {
            let hu = if half > 2.8 && d < -1.5 { 260.0 } else { 640.0 };
            slice.hu[at] += (hu - slice.hu[at]) * cover;
            if cover > 0.5 {
                slice.labels[at] = if phi < 0.0 { RIGHT_SCAPULA } else { LEFT_SCAPULA };
            }
        }
    }
}
