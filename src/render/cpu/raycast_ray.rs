//! One ray through the volume. Twins of the functions of `shaders/raycast.wgsl` and `include/raycast_ray.wgsl`, in `f32` as
//! there.

use super::sample::Stored;
use crate::render::raycast::{BLOCK, FLAG_TINT, Leaps, RaycastUniforms};
use crate::render::transfer::{ENTRIES, TransferTable};
use crate::volume::Labelmap;
use glam::Vec3A;

/// A piece that begins less than this many steps behind a cut belongs to its face. Also in `raycast.wgsl`.
const CUT: f32 = 0.75;

/// Masks of a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Labels<'a> {
    pub labels: &'a Labelmap,
    pub palette: &'a [[u8; 4]; 256],
}

/// All rays of a frame.
pub(super) struct Rays<'a, T> {
    draw: RaycastUniforms,
    voxels: &'a [T],
    /// Index of the last voxel along each axis.
    last: [i32; 3],
    /// Voxels from one to the next along each axis.
    stride: [usize; 3],
    leaps: &'a Leaps,
    sums: &'a [[u32; 4]],
    labels: Option<Labels<'a>>,
}

/// Position at step 0, and one step.
#[derive(Debug, Clone, Copy)]
struct Ray {
    base: Vec3A,
    step: Vec3A,
}

/// The neighbors of a position along one axis: offsets of four voxels, and the share of the third against the second.
#[derive(Debug, Clone, Copy)]
struct Around {
    at: [usize; 4],
    w: f32,
}

impl<'a, T: Stored> Rays<'a, T> {
    pub fn new(
        draw: RaycastUniforms,
        voxels: &'a [T],
        leaps: &'a Leaps,
        table: &'a TransferTable,
        labels: Option<Labels<'a>>,
    ) -> Self {
        let [columns, rows, slices, _] = draw.dims;
        let last = [columns, rows, slices].map(|n| n as i32 - 1);
        let stride = [1, columns as usize, columns as usize * rows as usize];
        Self { draw, voxels, last, stride, leaps, sums: &table.sums, labels }
    }

    /// Red, green, blue (0–1, gamma-encoded) of a pixel. Twin of the entry point `raycast`.
    pub fn cast(&self, x: u32, y: u32) -> [f32; 3] {
        let ray = self.ray_of_px(x as f32, y as f32);
        let (enter, leave) = self.span_of_ray(ray);
        let background = Vec3A::from_slice(&self.draw.background);
        if enter >= leave {
            return background.to_array();
        }
        let start = self.start_of_ray(x, y);
        let end = (leave - start).ceil();
        let mut n = (enter - start).floor() + 1.0;
        let (mut through, mut rgb) = (1.0f32, Vec3A::ZERO);
        let mut before = None;
        while n <= end && through > self.draw.background[3] {
            let at = (n + start).clamp(enter, leave);
            let p = ray.base + ray.step * at;
            let (block, blocks) = self.leap_at(p);
            let previous = (n + start - 1.0).clamp(enter, leave);
            if let Some(from) = before {
                let entry = self.entry_at(p);
                let middle = ray.base + ray.step * (0.5 * (previous + at));
                if let Some((color, opacity)) =
                    self.piece([from, entry], at - previous, middle, ray, previous - enter < CUT)
                {
                    rgb += color * (through * opacity);
                    through *= 1.0 - opacity;
                }
                n += 1.0;
                before = (blocks == 0).then_some(entry);
            } else if blocks > 0 {
                n += steps_to_leap(p, block, blocks, ray.step);
            } else {
                // The first sample after a leap is the one before it: what lies between the two is seen as well.
                before = Some(self.entry_at(ray.base + ray.step * previous));
            }
        }
        (rgb + background * through).to_array()
    }

    fn ray_of_px(&self, x: f32, y: f32) -> Ray {
        let draw = &self.draw;
        let vector = |v: &[f32; 4]| Vec3A::from_slice(v);
        let on_plane = vector(&draw.origin) + vector(&draw.u) * x + vector(&draw.v) * y;
        let [.., is_perspective] = draw.ray;
        if is_perspective == 0.0 {
            return Ray { base: on_plane, step: vector(&draw.ray) };
        }
        let [middle_x, middle_y, pixel, eye] = draw.camera;
        let aside = [(x - middle_x) * pixel, (y - middle_y) * pixel];
        let steps = (eye * eye + (aside[0] * aside[0] + aside[1] * aside[1])).sqrt();
        Ray { base: vector(&draw.ray), step: (on_plane - vector(&draw.ray)) / steps }
    }

    fn span_of_ray(&self, ray: Ray) -> (f32, f32) {
        let draw = &self.draw;
        let (mut enter, mut leave) = (if draw.ray[3] == 1.0 { 0.0f32 } else { -1e9 }, 1e9f32);
        for axis in 0..3 {
            let (low, high) = (draw.low[axis] - ray.base[axis], draw.high[axis] - ray.base[axis]);
            let along = ray.step[axis];
            if along.abs() > 1e-7 {
                enter = enter.max((low / along).min(high / along));
                leave = leave.min((low / along).max(high / along));
            } else if low > 0.0 || high < 0.0 {
                leave = -1e9;
            }
        }
        for plane in &draw.planes[..draw.flags[0] as usize] {
            let normal = Vec3A::from_slice(plane);
            let (above, along) = (normal.dot(ray.base) + plane[3], normal.dot(ray.step));
            if along > 1e-7 {
                enter = enter.max(-above / along);
            } else if along < -1e-7 {
                leave = leave.min(-above / along);
            } else if above < 0.0 {
                leave = -1e9;
            }
        }
        (enter, leave)
    }

    fn start_of_ray(&self, x: u32, y: u32) -> f32 {
        if self.draw.flags[3] == 0 {
            return 0.0;
        }
        let place = x.wrapping_mul(3_242_174_889).wrapping_add(y.wrapping_mul(2_447_445_414));
        let bits = place.wrapping_add(self.draw.flags[2].wrapping_mul(2_654_435_769));
        (bits >> 8) as f32 / 16_777_216.0
    }

    /// The block of a position, and how far a ray may leap from it.
    #[inline]
    fn leap_at(&self, p: Vec3A) -> ([i32; 3], u8) {
        let floor = p.floor();
        let block: [i32; 3] = std::array::from_fn(|axis| (floor[axis] as i32).clamp(0, self.last[axis]) / BLOCK as i32);
        let [i, j, k] = block.map(|n| n as usize);
        let [columns, rows, _] = self.leaps.dims;
        (block, self.leaps.blocks[(k * rows + j) * columns + i])
    }

    #[inline]
    fn around(&self, p: f32, axis: usize) -> Around {
        let (last, stride) = (self.last[axis], self.stride[axis]);
        let at = (p.floor() as i32).clamp(0, last);
        let w = (p - at as f32).clamp(0.0, 1.0);
        let offset = |n: i32| n as usize * stride;
        Around { at: [offset((at - 1).max(0)), offset(at), offset((at + 1).min(last)), offset((at + 2).min(last))], w }
    }

    #[inline]
    fn stored(&self, at: usize) -> f32 {
        self.voxels[at].to_f64() as f32
    }

    /// Mean of two neighbors along i, in the row that starts at `row`.
    #[inline]
    fn pair(&self, i: &Around, row: usize) -> f32 {
        mix(self.stored(row + i.at[1]), self.stored(row + i.at[2]), i.w)
    }

    /// Entry of the transfer function at a position.
    #[inline]
    fn entry_at(&self, p: Vec3A) -> u32 {
        let [i, j, k] = [self.around(p.x, 0), self.around(p.y, 1), self.around(p.z, 2)];
        let plane = |k: usize| mix(self.pair(&i, k + j.at[1]), self.pair(&i, k + j.at[2]), j.w);
        let stored = mix(plane(k.at[1]), plane(k.at[2]), k.w);
        let [per_stored, first, ..] = self.draw.table;
        // Negative numbers and NaN become 0.
        ((stored * per_stored + first) as u32).min(ENTRIES as u32 - 1)
    }

    /// Mean of the middle two of four neighbors along i, and its change along i.
    #[inline]
    fn row_of_four(&self, i: &Around, row: usize) -> (f32, f32) {
        let [a, b, c, d] = i.at.map(|at| self.stored(row + at));
        (mix(b, c, i.w), 0.5 * mix(c - a, d - b, i.w))
    }

    /// Central differences over one voxel to either side, interpolated.
    fn gradient(&self, p: Vec3A) -> Vec3A {
        let [i, j, k] = [self.around(p.x, 0), self.around(p.y, 1), self.around(p.z, 2)];
        let at = |j: usize, k: usize| self.pair(&i, j + k);
        let (v00, c00) = self.row_of_four(&i, j.at[1] + k.at[1]);
        let (v10, c10) = self.row_of_four(&i, j.at[2] + k.at[1]);
        let (v01, c01) = self.row_of_four(&i, j.at[1] + k.at[2]);
        let (v11, c11) = self.row_of_four(&i, j.at[2] + k.at[2]);
        let along_i = mix(mix(c00, c10, j.w), mix(c01, c11, j.w), k.w);
        let near_j = mix(v10 - at(j.at[0], k.at[1]), at(j.at[3], k.at[1]) - v00, j.w);
        let far_j = mix(v11 - at(j.at[0], k.at[2]), at(j.at[3], k.at[2]) - v01, j.w);
        let below = mix(at(j.at[1], k.at[0]), at(j.at[2], k.at[0]), j.w);
        let above = mix(at(j.at[1], k.at[3]), at(j.at[2], k.at[3]), j.w);
        let along_k = mix(mix(v01, v11, j.w) - below, above - mix(v00, v10, j.w), k.w);
        Vec3A::new(along_i, 0.5 * mix(near_j, far_j, k.w), 0.5 * along_k)
    }

    /// How much of the lamp at the eye comes back: of the color, and of white.
    fn light(&self, p: Vec3A, step: Vec3A) -> (f32, f32) {
        let g = self.gradient(p);
        let rest = Vec3A::from_slice(&self.draw.metric_rest) * Vec3A::new(g.y * g.z, g.x * g.z, g.x * g.y);
        let squared = (Vec3A::from_slice(&self.draw.metric_diagonal) * g).dot(g) + 2.0 * (rest.x + rest.y + rest.z);
        let has_direction = squared > self.draw.table[3];
        let facing = if has_direction { (g.dot(step).abs() / squared.sqrt()).min(1.0) } else { 1.0 };
        let [ambient, diffuse, specular, shininess] = self.draw.shading;
        (ambient + diffuse * facing, specular * facing.powi(shininess as i32))
    }

    /// Color by its share of the labels around a position, and how much of the place is seen.
    fn labeled_at(&self, p: Vec3A, masks: Labels<'_>) -> (Vec3A, f32, f32) {
        let rows = &self.draw.label_from_ijk;
        let at = Vec3A::from_array([0, 1, 2].map(|n| Vec3A::from_slice(&rows[n]).dot(p) + rows[n][3]));
        let low = at.floor();
        let w = at - low;
        let (mut tint, mut share, mut seen) = (Vec3A::ZERO, 0.0, 0.0);
        for n in 0..8u8 {
            let up = [n & 1, (n >> 1) & 1, n >> 2];
            let weight: f32 = (0..3).map(|axis| if up[axis] == 1 { w[axis] } else { 1.0 - w[axis] }).product();
            let corner: [i32; 3] = std::array::from_fn(|axis| low[axis] as i32 + i32::from(up[axis]));
            let inside =
                (0..3).all(|axis| (0..i64::from(self.draw.label_dims[axis])).contains(&i64::from(corner[axis])));
            let label = if inside { masks.labels.label(corner.map(|n| n as usize)) } else { 0 };
            let [r, g, b, alpha] = masks.palette[usize::from(label)].map(|byte| f32::from(byte) / 255.0);
            tint += Vec3A::new(r, g, b) * (alpha * weight);
            share += alpha * weight;
            let label = usize::from(label);
            if self.draw.visible[label / 128][label % 128 / 32] >> (label % 32) & 1 == 1 {
                seen += weight;
            }
        }
        (tint, share, seen)
    }

    /// Color and opacity of the piece of a ray between two entries, `length` steps long; `None` when nothing is seen.
    #[inline]
    fn piece(&self, [from, to]: [u32; 2], length: f32, middle: Vec3A, ray: Ray, is_cut: bool) -> Option<(Vec3A, f32)> {
        let (first, end) = (from.min(to), from.max(to) + 1);
        let (below, above) = (self.sums[first as usize], self.sums[end as usize]);
        let depth = above[3].wrapping_sub(below[3]);
        if depth == 0 {
            return None;
        }
        let weighted = |n: usize| above[n].wrapping_sub(below[n]) as f32;
        let mut rgb = Vec3A::new(weighted(0), weighted(1), weighted(2)) / depth as f32;
        if let Some(masks) = self.labels.filter(|_| self.draw.flags[1] != 0) {
            let (tint, share, seen) = self.labeled_at(middle, masks);
            if seen < 0.5 {
                return None;
            }
            if self.draw.flags[1] & FLAG_TINT != 0 {
                rgb = rgb * (1.0 - share) + tint;
            }
        }
        let opacity = 1.0 - (-(depth as f32) / (end - first) as f32 * self.draw.table[2] * length).exp();
        // A cut face shows its material, not the slope of what lies there.
        let facing = (self.draw.shading[0] + self.draw.shading[1], 0.0);
        let (color, white) = if is_cut { facing } else { self.light(middle, ray.step) };
        Some(((rgb * color + white).min(Vec3A::ONE), opacity))
    }
}

/// Steps from a position to the first one beyond the blocks in which nothing is seen.
#[inline]
fn steps_to_leap(p: Vec3A, block: [i32; 3], blocks: u8, step: Vec3A) -> f32 {
    let blocks = i32::from(blocks);
    let mut steps = 1e9f32;
    for axis in 0..3 {
        if step[axis].abs() > 1e-7 {
            let face = if step[axis] > 0.0 { block[axis] + blocks } else { block[axis] - blocks + 1 };
            steps = steps.min(((face * BLOCK as i32) as f32 - p[axis]) / step[axis]);
        }
    }
    steps.max(0.0).floor() + 1.0
}

#[inline]
fn mix(a: f32, b: f32, w: f32) -> f32 {
    a + (b - a) * w
}
