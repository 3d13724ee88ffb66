//! Surfaces of segments. Twin of `shaders/surface.wgsl`.
//!
//! Triangles are filled the way graphics devices do it: corners on a grid of 1/256 of a place, whole-number edge functions,
//! and the rule that an edge's places belong to the triangle for which it is a left or an upper one. Triangles that share an
//! edge therefore never both miss a place on it, nor both take it.

use super::byte;
use crate::geometry::{DVec2, DVec3};
use crate::render::RgbaPicture;
use crate::render::surfaces::{AMBIENT, ClipMap, LAYERS, SAMPLES, SurfaceDraw, SurfaceHit, bounds_of};
use crate::volume::Mesh;
use rayon::prelude::*;

/// Parts of a place that corners are rounded to.
const PARTS: f64 = 256.0;
/// Rows that one task fills.
const BAND: usize = 32;

/// The picture of surfaces, over black. Surfaces without a style are not drawn.
pub fn surfaces_picture(meshes: &[&Mesh], draw: &SurfaceDraw) -> RgbaPicture {
    let [width, height] = draw.plane.size_px;
    let mut picture = RgbaPicture::black(width, height);
    let Some(bounds) = bounds_of(meshes.iter().copied()) else { return picture };
    let size = [width, height].map(|n| (n * SAMPLES) as usize);
    let map = ClipMap::new(&draw.plane, &bounds);
    let bodies: Vec<Body<'_>> = meshes
        .iter()
        .zip(&draw.styles)
        .take(256)
        .filter(|(_, style)| style.opacity > 0.0)
        .map(|(mesh, style)| Body {
            mesh,
            corners: mesh.vertices_lps.par_iter().map(|v| Corner::new(map.clip(*v), size)).collect(),
            color: style.color_rgb.map(|byte| f32::from(byte) / 255.0),
            opacity: style.opacity.clamp(0.0, 1.0),
        })
        .collect();
    let toward_reader = -draw.plane.normal_lps();
    let layers = draw.layers();
    let row_bytes = width as usize * 4;
    let band_rows = BAND / SAMPLES as usize;
    picture.rgba.par_chunks_mut((row_bytes * band_rows).max(1)).enumerate().for_each(|(n, rgba)| {
        let rows = rgba.len() / row_bytes.max(1) * SAMPLES as usize;
        let mut band = Band { first: n * BAND, rows, width: size[0], layers, places: Vec::new() };
        band.places = vec![[Fragment::NONE; LAYERS]; rows * size[0]];
        bodies.iter().for_each(|body| band.fill(body, toward_reader));
        band.average_into(rgba);
    });
    picture
}

/// The nearest visible surface under a (fractional) pixel, and the point on it.
pub fn surface_at(meshes: &[&Mesh], draw: &SurfaceDraw, px: DVec2) -> Option<SurfaceHit> {
    let (start, along) = (draw.plane.lps_from_px(px), draw.plane.normal_lps());
    let visible = meshes.iter().zip(&draw.styles).enumerate().filter(|(_, (_, style))| style.opacity > 0.0);
    let hits = visible.filter_map(|(surface, (mesh, _))| {
        let depths = mesh.triangles.par_iter().filter_map(|&t| depth_mm(mesh.corners_lps(t), start, along));
        depths.min_by(f64::total_cmp).map(|depth| (depth, surface))
    });
    let (depth, surface) = hits.min_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(SurfaceHit { surface, point_lps: start + along * depth })
}

/// Where a line meets a triangle that faces its start, in mm along it.
fn depth_mm([a, b, c]: [DVec3; 3], start: DVec3, along: DVec3) -> Option<f64> {
    const SLACK: f64 = 1e-9;
    let (ab, ac) = (b - a, c - a);
    let normal = ab.cross(ac);
    let facing = normal.dot(along);
    if facing >= 0.0 {
        return None;
    }
    let from_a = start - a;
    let turned = from_a.cross(along);
    let (v, w) = (ac.dot(turned) / -facing, -ab.dot(turned) / -facing);
    // Rounding must not let a line slip through between two triangles.
    (v >= -SLACK && w >= -SLACK && v + w <= 1.0 + SLACK).then(|| normal.dot(from_a) / -facing)
}

/// A surface that is drawn.
struct Body<'a> {
    mesh: &'a Mesh,
    corners: Vec<Corner>,
    color: [f32; 3],
    opacity: f32,
}

/// A vertex on the screen: places in parts, and depth.
#[derive(Clone, Copy)]
struct Corner {
    x: i64,
    y: i64,
    depth: f64,
}

impl Corner {
    fn new(clip: DVec3, [width, height]: [usize; 2]) -> Self {
        // Far outside only "outside" matters.
        let place = |clip: f64, size: usize| ((clip.clamp(-1e3, 1e3) * 0.5 + 0.5) * size as f64 * PARTS).round() as i64;
        Self { x: place(clip.x, width), y: place(-clip.y, height), depth: clip.z }
    }
}

/// What a surface gives to a place.
#[derive(Clone, Copy)]
struct Fragment {
    depth: f32,
    /// Lit, not yet weighted.
    color: [f32; 3],
    opacity: f32,
}

impl Fragment {
    const NONE: Self = Self { depth: f32::INFINITY, color: [0.0; 3], opacity: 0.0 };
}

/// Some rows of places, each with the nearest fragments in order.
struct Band {
    first: usize,
    rows: usize,
    width: usize,
    layers: usize,
    places: Vec<[Fragment; LAYERS]>,
}

impl Band {
    fn fill(&mut self, body: &Body<'_>, toward_reader: DVec3) {
        for triangle in &body.mesh.triangles {
            let corners = triangle.map(|n| body.corners[n as usize]);
            let low = corners.iter().map(|c| c.y).min().unwrap_or(0).div_euclid(PARTS as i64);
            let high = corners.iter().map(|c| c.y).max().unwrap_or(0).div_euclid(PARTS as i64);
            if high >= self.first as i64 && low < (self.first + self.rows) as i64 {
                self.fill_triangle(body, *triangle, corners, [low, high], toward_reader);
            }
        }
    }

    fn fill_triangle(
        &mut self,
        body: &Body<'_>,
        triangle: [u32; 3],
        [a, b, c]: [Corner; 3],
        [low, high]: [i64; 2],
        toward_reader: DVec3,
    ) {
        // Counterclockwise to the eye is negative where y grows downward.
        let doubled = edge(a, b, c.x, c.y);
        if doubled >= 0 {
            return;
        }
        let parts = PARTS as i64;
        let (left, right) = (a.x.min(b.x).min(c.x).div_euclid(parts), a.x.max(b.x).max(c.x).div_euclid(parts));
        let normals = triangle.map(|n| body.mesh.normals_lps[n as usize]);
        for y in low.max(self.first as i64)..=high.min((self.first + self.rows) as i64 - 1) {
            for x in left.max(0)..=right.min(self.width as i64 - 1) {
                let (px, py) = (x * parts + parts / 2, y * parts + parts / 2);
                let inside = [(b, c), (c, a), (a, b)].map(|(p, q)| (edge(p, q, px, py), is_left_or_upper(p, q)));
                if inside.iter().any(|(value, is_owner)| *value > 0 || *value == 0 && !is_owner) {
                    continue;
                }
                let [wa, wb, wc] = inside.map(|(value, _)| value as f64 / doubled as f64);
                let depth = (a.depth * wa + b.depth * wb + c.depth * wc) as f32;
                let normal = (normals[0] * wa + normals[1] * wb + normals[2] * wc).normalize_or_zero();
                let light = AMBIENT + (1.0 - AMBIENT) * normal.dot(toward_reader).abs() as f32;
                let color = body.color.map(|part| part * light);
                let at = (y as usize - self.first) * self.width + x as usize;
                insert(&mut self.places[at][..self.layers], Fragment { depth, color, opacity: body.opacity });
            }
        }
    }

    /// The mean of each pixel's places, as bytes.
    fn average_into(&self, rgba: &mut [u8]) {
        let samples = SAMPLES as usize;
        let width = self.width / samples;
        for (n, pixel) in rgba.chunks_exact_mut(4).enumerate() {
            let (x, y) = (n % width * samples, n / width * samples);
            let mut sum = [0.0f32; 3];
            for place in (0..samples * samples).map(|s| (y + s / samples) * self.width + x + s % samples) {
                let color = blended(&self.places[place]);
                sum.iter_mut().zip(color).for_each(|(sum, part)| *sum += part);
            }
            pixel[..3].copy_from_slice(&sum.map(|part| byte(part / (samples * samples) as f32)));
        }
    }
}

/// Twice the area of the triangle p, q, (x, y), in parts; its sign says on which side of the edge the point is.
#[inline]
fn edge(p: Corner, q: Corner, x: i64, y: i64) -> i64 {
    (q.x - p.x) * (y - p.y) - (q.y - p.y) * (x - p.x)
}

/// True for edges whose places belong to the triangle, when it runs counterclockwise to the eye (y grows downward).
#[inline]
fn is_left_or_upper(p: Corner, q: Corner) -> bool {
    q.y > p.y || q.y == p.y && q.x < p.x
}

/// Keeps the nearest fragments, in order.
#[inline]
fn insert(nearest: &mut [Fragment], new: Fragment) {
    let Some(place) = nearest.iter().position(|old| new.depth < old.depth) else { return };
    nearest[place..].rotate_right(1);
    nearest[place] = new;
}

/// The nearer over the farther, over black.
fn blended(nearest: &[Fragment]) -> [f32; 3] {
    let (mut color, mut light) = ([0.0f32; 3], 1.0f32);
    for fragment in nearest {
        let weight = light * fragment.opacity;
        color.iter_mut().zip(fragment.color).for_each(|(sum, part)| *sum += part * weight);
        light -= weight;
    }
    color
}
