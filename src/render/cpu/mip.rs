//! Maximum intensity projection. Twin of `shaders/mip.wgsl`.

use super::sample::{PixelMap, Sampler, Stored, with_voxels};
use super::{byte, present};
use crate::render::{MipDraw, RgbaPicture};
use crate::volume::Volume;
use rayon::prelude::*;

/// The highest value along each pixel's ray, row by row; the volume's smallest value where a ray misses it.
pub fn mip_values(volume: &Volume, draw: &MipDraw) -> Vec<f32> {
    let outside = volume.range().0;
    highest(volume, draw).into_iter().map(|value| value.unwrap_or(outside)).collect()
}

/// The projection as a picture; black where a ray misses the volume.
pub fn mip_picture(volume: &Volume, draw: &MipDraw) -> RgbaPicture {
    let [width, height] = draw.plane.size_px;
    let gray = |value: Option<f32>| value.map_or(0, |v| byte(present(draw.voi, draw.inverted, v)));
    let rgba = highest(volume, draw).into_iter().map(gray).flat_map(|g| [g, g, g, 255]).collect();
    RgbaPicture { width, height, rgba }
}

fn highest(volume: &Volume, draw: &MipDraw) -> Vec<Option<f32>> {
    let [width, height] = draw.plane.size_px.map(|n| n as usize);
    let mut out = vec![None; width * height];
    with_voxels!(volume.voxels(), voxels => {
        let sampler = Sampler::new(voxels, volume.dims(), volume.rescale(), draw.interpolation);
        project(&sampler, volume, draw, &mut out);
    });
    out
}

fn project<T: Stored>(sampler: &Sampler<'_, T>, volume: &Volume, draw: &MipDraw, out: &mut [Option<f32>]) {
    let map = PixelMap::new(volume.geometry(), &draw.plane);
    let step = map.normal * draw.step_mm;
    let near = map.origin + map.normal * draw.depth_mm[0];
    let width = (draw.plane.size_px[0] as usize).max(1);
    out.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let start = near + map.u * x as f64 + map.v * y as f64;
            *pixel = (0..draw.steps())
                .filter_map(|s| sampler.value(start + step * f64::from(s)))
                .filter(|value| !value.is_nan())
                .reduce(f32::max);
        }
    });
}
