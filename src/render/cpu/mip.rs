//! Maximum intensity projection. Twin of `shaders/mip.wgsl`.

use super::sample::{PixelMap, Sampler, Stored, with_voxels};
use super::{byte, present};
use crate::geometry::DVec3;
use crate::render::blocks::{BLOCK, BlockBounds};
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
    let bounds = BlockBounds::new(volume);
    let near = map.origin + map.normal * draw.depth_mm[0];
    let width = (draw.plane.size_px[0] as usize).max(1);
    out.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let start = near + map.u * x as f64 + map.v * y as f64;
            *pixel = highest_along(sampler, &bounds, start, map.normal * draw.step_mm, draw.steps());
        }
    });
}

/// The highest value at `start + n · step`; blocks that cannot raise it are left at once.
fn highest_along<T: Stored>(
    sampler: &Sampler<'_, T>,
    bounds: &BlockBounds,
    start: DVec3,
    n: DVec3,
    steps: u32,
) -> Option<f32> {
    let (mut step, end) = steps_inside(start, n, sampler.last, steps);
    let mut highest = None;
    while step < end {
        let at = start + n * f64::from(step);
        let whole = at.floor().clamp(DVec3::ZERO, sampler.last);
        let voxel = [whole.x as usize, whole.y as usize, whole.z as usize];
        if highest.is_some_and(|highest| bounds.at(voxel) <= highest) {
            step += 1 + steps_in_block(at, voxel, n);
            continue;
        }
        if let Some(value) = sampler.value(at).filter(|value| !value.is_nan()) {
            highest = Some(highest.map_or(value, |highest: f32| highest.max(value)));
        }
        step += 1;
    }
    highest
}

/// First step inside the volume and the one after the last, one more on either side against rounding.
fn steps_inside(start: DVec3, n: DVec3, last: DVec3, steps: u32) -> (u32, u32) {
    let (mut enter, mut leave) = (0.0f64, f64::from(steps));
    for axis in 0..3 {
        if n[axis].abs() > 1e-6 {
            let [a, b] = [-0.5, last[axis] + 0.5].map(|face| (face - start[axis]) / n[axis]);
            enter = enter.max(a.min(b).floor() - 1.0);
            leave = leave.min(a.max(b).ceil() + 2.0);
        }
    }
    (enter.clamp(0.0, f64::from(steps)) as u32, leave.clamp(0.0, f64::from(steps)) as u32)
}

/// How many more steps stay in the block that holds the position.
fn steps_in_block(at: DVec3, voxel: [usize; 3], n: DVec3) -> u32 {
    let steps = (0..3).map(|axis| {
        let position = at[axis] - (voxel[axis] / BLOCK * BLOCK) as f64;
        let ahead = if n[axis] > 0.0 { BLOCK as f64 - position } else { position };
        ahead / n[axis].abs().max(1e-6)
    });
    steps.fold(1e5, f64::min).max(0.0) as u32
}
