//! Digitally reconstructed radiographs. Twin of `shaders/drr.wgsl`.
//!
//! Method (Joseph 1982): along the axis of the grid that a ray follows most, one bilinear sample per layer of voxel centers,
//! weighted with the length of the ray between layers; the first and the last one also stand for what lies between them and
//! the faces where the ray enters and leaves. Exact where attenuation does not change along the ray, and for rays along an
//! axis; a quarter of the reads of trilinear samples half a voxel apart, for the same picture within a few per mille.

use super::byte;
use super::present;
use super::sample::{Stored, with_voxels};
use crate::geometry::{DAffine3, DVec2, DVec3};
use crate::render::RgbaPicture;
use crate::render::drr::{DrrDraw, Ray, Shadow};
use crate::volume::{Picture, Rescale, Volume};
use rayon::prelude::*;

/// The line integral of each pixel's ray, row by row, without unit; 0 where a ray misses the volume.
pub fn drr_values(volume: &Volume, draw: &DrrDraw) -> Vec<f32> {
    let [width, height] = draw.size_px().map(|n| n as usize);
    let mut values = vec![0.0; width * height];
    let fan = draw.geometry.fan(volume.geometry());
    with_voxels!(volume.voxels(), voxels => {
        let grid = Layers::new(voxels, volume, draw.water_per_mm());
        values.par_chunks_mut(width.max(1)).enumerate().for_each(|(y, row)| {
            for (x, pixel) in row.iter_mut().enumerate() {
                *pixel = grid.line_integral(&fan.ray(DVec2::new(x as f64, y as f64))) as f32;
            }
        });
    });
    values
}

/// The radiograph with its window.
pub fn drr_picture(volume: &Volume, draw: &DrrDraw) -> RgbaPicture {
    let [width, height] = draw.size_px();
    let gray = |value: f32| byte(present(draw.voi, draw.inverted, value));
    let rgba = drr_values(volume, draw).into_iter().map(gray).flat_map(|g| [g, g, g, 255]).collect();
    RgbaPicture { width, height, rgba }
}

/// The radiograph as a picture of the library, to be shown and read like one from a detector.
pub fn drr_radiograph(volume: &Volume, draw: &DrrDraw) -> Picture {
    draw.as_picture(drr_values(volume, draw))
}

/// Lays the shadows of labels over a picture of the same size: filled by `fill_opacity`, and their borders as they are.
/// `color_rgb` gives the color of a label, `None` hides it.
pub fn lay_shadows(
    picture: &mut RgbaPicture,
    shadows: &[Shadow],
    fill_opacity: f32,
    color_rgb: impl Fn(u8) -> Option<[u8; 3]>,
) {
    let [width, height] = [picture.width as usize, picture.height as usize];
    for shadow in shadows.iter().filter(|shadow| shadow.thickness_mm.len() == width * height) {
        let Some(color) = color_rgb(shadow.number) else { continue };
        let is_in = |x: usize, y: usize| shadow.thickness_mm[y * width + x] > 0.0;
        for n in (0..width * height).filter(|&n| shadow.thickness_mm[n] > 0.0) {
            let (x, y) = (n % width, n / width);
            let on_border = x == 0
                || y == 0
                || x + 1 == width
                || y + 1 == height
                || ![(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)].into_iter().all(|(x, y)| is_in(x, y));
            let opacity = if on_border { 1.0 } else { fill_opacity };
            for (channel, color) in picture.rgba[4 * n..].iter_mut().zip(color) {
                let below = f32::from(*channel) / 255.0;
                *channel = byte(below + (f32::from(color) / 255.0 - below) * opacity);
            }
        }
    }
}

/// Voxels of one type as attenuation, layer by layer.
struct Layers<'a, T> {
    voxels: &'a [T],
    ijk_from_lps: DAffine3,
    dims: [usize; 3],
    strides: [usize; 3],
    rescale: Rescale,
    water_per_mm: f64,
}

impl<'a, T: Stored> Layers<'a, T> {
    fn new(voxels: &'a [T], volume: &Volume, water_per_mm: f64) -> Self {
        let dims = volume.dims();
        let strides = [1, dims[0], dims[0] * dims[1]];
        let ijk_from_lps = volume.geometry().ijk_from_lps();
        Self { voxels, ijk_from_lps, dims, strides, rescale: volume.rescale(), water_per_mm }
    }

    /// ∫ µ dx from the start of a ray to its end. Twin of `line_integral` in `drr.wgsl`.
    fn line_integral(&self, ray: &Ray) -> f64 {
        let start = self.ijk_from_lps.transform_point3(ray.start_lps);
        let along = self.ijk_from_lps.transform_vector3(ray.end_lps - ray.start_lps);
        let Some([enter, leave]) = self.inside(start, along) else { return 0.0 };
        let size = along.abs();
        let main = if size.x >= size.y && size.x >= size.z { 0 } else { usize::from(size.y < size.z) + 1 };
        let [a, b] = [[1, 2], [0, 2], [0, 1]][main];
        let ends = [enter, leave].map(|part| start[main] + along[main] * part);
        let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        // Minor positions as linear functions of the layer.
        let (slope_a, slope_b) = (along[a] / along[main], along[b] / along[main]);
        let at_a = |layer: f64| start[a] + (layer - start[main]) * slope_a;
        let at_b = |layer: f64| start[b] + (layer - start[main]) * slope_b;
        let (first, last) = (low.ceil(), high.floor());
        let mm_per_layer = ray.start_lps.distance(ray.end_lps) / size[main];
        if first > last {
            // Between two layers: the nearer one stands for all of it.
            let middle = f64::midpoint(low, high);
            let layer = (middle + 0.5).floor().clamp(0.0, self.dims[main] as f64 - 1.0);
            let value = self.attenuation([main, a, b], layer as usize, at_a(middle), at_b(middle));
            return self.water_per_mm * value * (high - low) * mm_per_layer;
        }
        let mut sum = 0.0;
        for layer in first as usize..=last as usize {
            let at = layer as f64;
            let before = if at <= first { first - low } else { 0.5 };
            let behind = if at >= last { high - last } else { 0.5 };
            sum += (before + behind) * self.attenuation([main, a, b], layer, at_a(at), at_b(at));
        }
        self.water_per_mm * sum * mm_per_layer
    }

    /// Parts of the ray at which it enters and leaves the grid.
    fn inside(&self, start: DVec3, along: DVec3) -> Option<[f64; 2]> {
        let (mut enter, mut leave) = (0.0f64, 1.0f64);
        for axis in 0..3 {
            let (low, high) = (-0.5 - start[axis], self.dims[axis] as f64 - 0.5 - start[axis]);
            if along[axis].abs() < 1e-9 {
                if low > 0.0 || high < 0.0 {
                    return None;
                }
                continue;
            }
            let (x, y) = (low / along[axis], high / along[axis]);
            enter = enter.max(x.min(y));
            leave = leave.min(x.max(y));
        }
        (enter < leave).then_some([enter, leave])
    }

    /// Attenuation in multiples of water's at a position in a layer, bilinear between voxel centers, as at the edge beyond the
    /// outer ones; each value is cut at 0 after interpolation. Twin of `attenuation` in `drr.wgsl`.
    #[inline]
    fn attenuation(&self, [main, a, b]: [usize; 3], layer: usize, at_a: f64, at_b: f64) -> f64 {
        let (last_a, last_b) = (self.dims[a] as f64 - 1.0, self.dims[b] as f64 - 1.0);
        let (at_a, at_b) = (at_a.clamp(0.0, last_a), at_b.clamp(0.0, last_b));
        let (low_a, low_b) = (at_a.floor(), at_b.floor());
        let (weight_a, weight_b) = (at_a - low_a, at_b - low_b);
        let step_a = if low_a < last_a { self.strides[a] } else { 0 };
        let step_b = if low_b < last_b { self.strides[b] } else { 0 };
        let base = layer * self.strides[main] + low_a as usize * self.strides[a] + low_b as usize * self.strides[b];
        // One slice with a known end: one bounds check instead of four.
        let near = &self.voxels[base..=base + step_a + step_b];
        let mix = |x: f64, y: f64, w: f64| x + (y - x) * w;
        let upper = mix(near[0].to_f64(), near[step_a].to_f64(), weight_a);
        let lower = mix(near[step_b].to_f64(), near[step_a + step_b].to_f64(), weight_a);
        let hu = mix(upper, lower, weight_b) * self.rescale.slope + self.rescale.intercept;
        // `max` leaves NaN out: what is not known weakens nothing.
        (1.0 + hu / 1000.0).max(0.0)
    }
}
