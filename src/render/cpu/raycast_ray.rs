//! One ray through the volume. Twins of the functions of `shaders/raycast.wgsl` and `include/raycast_ray.wgsl`, in `f32` as
//! there.

use super::raycast_texels::{Cell, Texels};
use super::sample::Stored;
use crate::render::raycast::{BLOCK, FLAG_TINT, Leaps, RaycastUniforms};
use crate::render::transfer::{ENTRIES, TransferTable};
use crate::volume::Labelmap;
use glam::{Vec3A, Vec4};

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
    texels: Texels<'a, T>,
    last_ijk: Vec3A,
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

impl<'a, T: Stored> Rays<'a, T> {
    pub fn new(
        draw: &RaycastUniforms,
        texels: Texels<'a, T>,
        leaps: &'a Leaps,
        table: &'a TransferTable,
        labels: Option<Labels<'a>>,
    ) -> Self {
        let [columns, rows, slices, _] = draw.dims.map(|n| n as f32);
        let last_ijk = Vec3A::new(columns, rows, slices) - 1.0;
        Self { draw: *draw, texels, last_ijk, leaps, sums: &table.sums, labels }
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
            let cell = self.cell_of(p);
            let block = self.block_of(cell);
            let blocks = self.leaps.blocks[block];
            let previous = (n + start - 1.0).clamp(enter, leave);
            if let Some(from) = before {
                let found = self.texels.at(cell, block);
                let entry = self.entry_of(found);
                let middle = ray.base + ray.step * (0.5 * (previous + at));
                let gradient = Vec3A::from_vec4(found);
                if let Some((color, opacity)) =
                    self.piece([from, entry], (at - previous, middle), (gradient, ray.step), previous - enter < CUT)
                {
                    rgb += color * (through * opacity);
                    through *= 1.0 - opacity;
                }
                n += 1.0;
                before = (blocks == 0).then_some(entry);
            } else if blocks > 0 {
                n += steps_to_leap(p, cell.ijk, blocks, ray.step);
            } else {
                // The first sample after a leap is the one before it: what lies between the two is seen as well.
                let cell = self.cell_of(ray.base + ray.step * previous);
                before = Some(self.entry_of(self.texels.at(cell, self.block_of(cell))));
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
        let (mut enter, mut leave) = (if draw.ray[3] > 0.0 { 0.0f32 } else { -1e9 }, 1e9f32);
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

    /// The voxel below a position along each axis, and the share of the next one.
    #[inline]
    fn cell_of(&self, p: Vec3A) -> Cell {
        let p = p.clamp(Vec3A::ZERO, self.last_ijk);
        // Not negative and below 2³¹.
        let (i, j, k) = (p.x as u32 as usize, p.y as u32 as usize, p.z as u32 as usize);
        Cell { ijk: [i, j, k], w: p - Vec3A::new(i as f32, j as f32, k as f32) }
    }

    /// The block of a voxel.
    #[inline]
    fn block_of(&self, cell: Cell) -> usize {
        let [i, j, k] = cell.ijk;
        let (i, j, k) = (i / BLOCK, j / BLOCK, k / BLOCK);
        let [columns, rows, _] = self.leaps.dims;
        k.wrapping_mul(rows).wrapping_add(j).wrapping_mul(columns).wrapping_add(i)
    }

    /// Entry of the transfer function for a kept number.
    #[inline]
    fn entry_of(&self, found: Vec4) -> u32 {
        let [per_number, first, ..] = self.draw.table;
        // Negative numbers become 0.
        ((found.w * per_number + first) as u32).min(ENTRIES as u32 - 1)
    }

    /// How much of the lamp at the eye comes back: of the color, and of white.
    #[inline]
    fn light(&self, g: Vec3A, step: Vec3A) -> (f32, f32) {
        let [ambient, diffuse, specular, shininess] = self.draw.shading;
        if diffuse == 0.0 && specular == 0.0 {
            return (ambient, 0.0);
        }
        let rest = Vec3A::from_slice(&self.draw.metric_rest) * Vec3A::new(g.y * g.z, g.x * g.z, g.x * g.y);
        let squared = (Vec3A::from_slice(&self.draw.metric_diagonal) * g).dot(g) + 2.0 * (rest.x + rest.y + rest.z);
        let has_direction = squared > self.draw.table[3];
        let facing = if has_direction { (g.dot(step).abs() / squared.sqrt()).min(1.0) } else { 1.0 };
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

    /// Color and opacity of the piece of a ray between two entries, `length` steps long, lit as its end is; `None` when nothing is seen.
    #[inline]
    fn piece(
        &self,
        [from, to]: [u32; 2],
        (length, middle): (f32, Vec3A),
        (gradient, step): (Vec3A, Vec3A),
        is_cut: bool,
    ) -> Option<(Vec3A, f32)> {
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
        let (color, white) = if is_cut { facing } else { self.light(gradient, step) };
        Some(((rgb * color + white).min(Vec3A::ONE), opacity))
    }
}

/// Steps from a position in a voxel to the first one beyond the blocks in which nothing is seen.
#[inline]
fn steps_to_leap(p: Vec3A, voxel: [usize; 3], blocks: u8, step: Vec3A) -> f32 {
    let (block, reach) = (Vec3A::from_array(voxel.map(|n| (n / BLOCK) as f32)), f32::from(blocks));
    let ahead = Vec3A::select(step.cmpgt(Vec3A::ZERO), Vec3A::splat(reach), Vec3A::splat(1.0 - reach));
    let moves = step.abs().cmpgt(Vec3A::splat(1e-7));
    let steps = ((block + ahead) * BLOCK as f32 - p) / Vec3A::select(moves, step, Vec3A::ONE);
    let steps = Vec3A::select(moves, steps, Vec3A::splat(1e9)).min_element();
    // Toward zero is down: it is not negative.
    (steps.max(0.0) as u32) as f32 + 1.0
}
