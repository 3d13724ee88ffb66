//! 2D pictures, and slices seen as pictures: what `--view image` shows. Twin of `shaders/picture.wgsl`.

use super::sample::{Sampler, Stored, cubic_weights, is_inside, nearest_index, with_voxels};
use super::{byte, present};
use crate::geometry::{DVec2, DVec3, letters};
use crate::loaded::{ImageData, LoadedSeries};
use crate::render::{Interpolation, PictureDraw, RgbaPicture};
use crate::volume::{Calibration, Picture, Presentation, Samples, Volume, Voxels};
use rayon::prelude::*;
use std::borrow::Cow;
use std::sync::Arc;

/// A picture, windowed, zoomed and moved; black outside.
pub fn picture_rgba(picture: &Picture, draw: &PictureDraw) -> RgbaPicture {
    let [width, height] = draw.size_px;
    let mut rgba = vec![[0u8, 0, 0, 255]; width as usize * height as usize];
    match &picture.samples {
        Samples::Gray { stored, rescale } => {
            let (plane, rescale) = picture.plane(draw.voi.function).unwrap_or((Cow::Borrowed(stored), *rescale));
            with_voxels!(&*plane, voxels => {
                let sampler = Sampler::new(voxels, [picture.width, picture.height, 1], rescale, draw.interpolation);
                let table = draw.color_map.colors();
                fill(draw, &mut rgba, |at| sampler.value(at).map(f64::from), |pixel, mean| {
                    let [r, g, b] = table.color_of(present(draw.voi, draw.inverted, mean as f32)).map(byte);
                    *pixel = [r, g, b, 255];
                });
            });
        }
        Samples::Rgb(bytes) => {
            let last = DVec3::new(picture.width as f64 - 1.0, picture.height as f64 - 1.0, 0.0);
            let color = |at: DVec3| is_inside(at, last).then(|| sample_rgb(bytes, last, at, draw.interpolation));
            fill(draw, &mut rgba, color, |pixel, mean| {
                let [r, g, b] = mean.to_array().map(|c| byte((c / 255.0) as f32));
                *pixel = [r, g, b, 255];
            });
        }
    }
    RgbaPicture { width, height, rgba: rgba.into_flattened() }
}

/// Lays what covers a picture over its rendering: shutter, padding and overlay planes of the file. A line thinner than a
/// pixel stays visible.
pub fn cover_picture(picture: &Picture, draw: &PictureDraw, rendered: &mut RgbaPicture) {
    if picture.presentation.is_bare() {
        return;
    }
    let pixels = rendered.rgba.as_chunks_mut::<4>().0;
    pixels.par_chunks_mut((draw.size_px[0] as usize).max(1)).enumerate().for_each(|(y, line)| {
        for (x, pixel) in line.iter_mut().enumerate() {
            if let Some([r, g, b]) = cover_at(picture, draw, DVec2::new(x as f64, y as f64)) {
                *pixel = [r, g, b, 255];
            }
        }
    });
}

/// What covers a screen pixel: an overlay anywhere under it, else what covers its middle.
fn cover_at(picture: &Picture, draw: &PictureDraw, screen_px: DVec2) -> Option<[u8; 3]> {
    let cover = |at: DVec2| {
        let at = draw.picture_px(at).round();
        let is_in = at.cmpge(DVec2::ZERO).all() && at.x < picture.width as f64 && at.y < picture.height as f64;
        let (column, row) = (at.x as usize, at.y as usize);
        is_in.then(|| picture.presentation.cover(column, row, || picture.value(column, row))).flatten()
    };
    let marked = |at: DVec2| {
        let at = draw.picture_px(at).round().max(DVec2::ZERO);
        picture.presentation.overlays.iter().any(|plane| plane.is_set(at.x as usize, at.y as usize))
    };
    let taps = draw.taps();
    let offset = |n: u32| (f64::from(n) + 0.5) / f64::from(taps) - 0.5;
    let mut around = (0..taps * taps).map(|n| screen_px + DVec2::new(offset(n % taps), offset(n / taps)));
    around.find(|at| marked(*at)).and_then(cover).or_else(|| cover(screen_px))
}

/// Averages the positions of each pixel and hands the mean to `put`; pixels without any stay as they are.
fn fill<V>(
    draw: &PictureDraw,
    rgba: &mut [[u8; 4]],
    sample: impl Fn(DVec3) -> Option<V> + Sync,
    put: impl Fn(&mut [u8; 4], V) + Sync,
) where
    V: std::ops::Add<Output = V> + std::ops::Div<f64, Output = V>,
{
    let taps = draw.taps();
    let offset = |n: u32| (f64::from(n) + 0.5) / f64::from(taps) - 0.5;
    rgba.par_chunks_mut((draw.size_px[0] as usize).max(1)).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let tap = |n: u32| DVec2::new(x as f64 + offset(n % taps), y as f64 + offset(n / taps));
            let found = (0..taps * taps).filter_map(|n| sample(draw.picture_px(tap(n)).extend(0.0)));
            let sum = found.map(|value| (value, 1.0)).reduce(|(a, n), (b, m)| (a + b, n + m));
            if let Some((sum, count)) = sum {
                put(pixel, sum / count);
            }
        }
    });
}

fn sample_rgb(bytes: &[u8], last: DVec3, at: DVec3, interpolation: Interpolation) -> DVec3 {
    let columns = last.x as usize + 1;
    let color = |i: usize, j: usize| {
        let n = 3 * (j * columns + i);
        DVec3::new(bytes[n].to_f64(), bytes[n + 1].to_f64(), bytes[n + 2].to_f64())
    };
    if interpolation == Interpolation::Nearest {
        let [i, j, _] = nearest_index(at, last);
        return color(i, j);
    }
    let at = at.clamp(DVec3::ZERO, last);
    let low = [at.x as usize, at.y as usize];
    let end = [last.x as usize, last.y as usize];
    let w = [at.x - low[0] as f64, at.y - low[1] as f64];
    if interpolation == Interpolation::Cubic {
        let [across, down] = w.map(cubic_weights);
        let index = |axis: usize, n: usize| (low[axis] + n).saturating_sub(1).min(end[axis]);
        let along = |j: usize| (0..4).map(|n| color(index(0, n), j) * across[n]).sum::<DVec3>();
        return (0..4).map(|m| along(index(1, m)) * down[m]).sum();
    }
    let high = [(low[0] + 1).min(end[0]), (low[1] + 1).min(end[1])];
    let upper = color(low[0], low[1]).lerp(color(high[0], low[1]), w[0]);
    let lower = color(low[0], high[1]).lerp(color(high[0], high[1]), w[0]);
    upper.lerp(lower, w[1])
}

/// Slice `k` of a volume as a picture of its own, pixel by pixel as stored; `None` beyond the last slice. Works for sheared
/// stacks too, because nothing is resampled.
pub fn slice_as_picture(volume: &Volume, k: usize) -> Option<Picture> {
    let [columns, rows, slices] = volume.dims();
    if k >= slices {
        return None;
    }
    let range = k * columns * rows..(k + 1) * columns * rows;
    let stored = match volume.voxels() {
        Voxels::U8(v) => Voxels::U8(v[range].to_vec()),
        Voxels::I16(v) => Voxels::I16(v[range].to_vec()),
        Voxels::U16(v) => Voxels::U16(v[range].to_vec()),
        Voxels::F32(v) => Voxels::F32(v[range].to_vec()),
    };
    let geometry = volume.geometry();
    let direction = geometry.direction();
    Some(Picture {
        width: columns,
        height: rows,
        samples: Samples::Gray { stored, rescale: volume.rescale() },
        unit: volume.unit().clone(),
        inverted: false,
        voi: None,
        calibration: Calibration::PixelSpacing([geometry.spacing_mm().y, geometry.spacing_mm().x]),
        patient_orientation: Some([letters(direction.x_axis), letters(direction.y_axis)]),
        laterality: String::new(),
        view_position: String::new(),
        presentation: Presentation::default(),
    })
}

/// Image `k` of a series as it was stored: the slice of a volume or one of its pictures.
pub fn image_picture(series: &LoadedSeries, k: usize) -> Option<Arc<Picture>> {
    match &series.image {
        ImageData::Volume(volume) => slice_as_picture(volume, k).map(Arc::new),
        ImageData::Pictures(pictures) => pictures.get(k).cloned(),
    }
}
