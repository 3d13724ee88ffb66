//! Values of planes, slabs and projections. Twin of `shaders/plane.wgsl` and `shaders/slab.wgsl`.

use super::sample::{PixelMap, Sampler, Stored, with_voxels};
use crate::geometry::DVec3;
use crate::render::Interpolation;
use crate::render::blocks::{BLOCK, BlockBounds};
use crate::render::slab::{Sampling, SlabMode};
use crate::volume::Volume;
use rayon::prelude::*;
use std::ops::Range;

/// Where there is nothing: no value of an image is as low. Also `OUTSIDE` in `shaders/include/layout.wgsl`.
pub(in crate::render) const OUTSIDE: f32 = -3.0e38;

/// A volume, with what lets a projection leap where it has been found already.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct Source<'a> {
    pub volume: &'a Volume,
    pub bounds: Option<&'a BlockBounds>,
}

/// Values after the Modality LUT of all pixels, row by row; [`OUTSIDE`] where the volume is not met.
pub(in crate::render) fn sampled(volume: &Volume, sampling: &Sampling) -> Vec<f32> {
    let bounds = (sampling.mode == Some(SlabMode::Maximum)).then(|| BlockBounds::new(volume));
    sampled_rows(Source { volume, bounds: bounds.as_ref() }, sampling, 0..sampling.plane.size_px[1])
}

/// The same of some rows.
pub(in crate::render) fn sampled_rows(source: Source<'_>, sampling: &Sampling, rows: Range<u32>) -> Vec<f32> {
    let volume = source.volume;
    let width = sampling.plane.size_px[0] as usize;
    // Every pixel is written below.
    let mut out = vec![0.0; width * rows.len()];
    with_voxels!(volume.voxels(), voxels => {
        let sampler = Sampler::new(voxels, volume.dims(), volume.rescale(), sampling.interpolation);
        let rays = Rays::new(sampler, source, sampling);
        let lines = out.par_chunks_mut(width.max(1)).enumerate();
        match sampling.mode {
            None => lines.for_each(|(y, line)| rays.sampler.row(rays.start(rows.start as usize + y), rays.map.u, OUTSIDE, line)),
            Some(mode) => lines.for_each(|(y, line)| rays.line(rows.start as usize + y, mode, line)),
        }
    });
    out
}

/// The rays of a picture through voxels of one type.
struct Rays<'a, T> {
    sampler: Sampler<'a, T>,
    bounds: Option<&'a BlockBounds>,
    map: PixelMap,
    near: DVec3,
    n: DVec3,
    steps: u32,
}

impl<'a, T: Stored> Rays<'a, T> {
    fn new(sampler: Sampler<'a, T>, source: Source<'a>, sampling: &Sampling) -> Self {
        let map = PixelMap::new(source.volume.geometry(), &sampling.plane);
        let near = map.origin + map.normal * sampling.near_mm;
        let n = map.normal * sampling.step_mm;
        // Cubic interpolation overshoots its neighbors: their highest value is no bound.
        let bounds = source.bounds.filter(|_| sampling.interpolation != Interpolation::Cubic);
        Self { sampler, bounds, map, near, n, steps: sampling.steps }
    }

    fn start(&self, y: usize) -> DVec3 {
        self.near + self.map.v * y as f64
    }

    fn line(&self, y: usize, mode: SlabMode, line: &mut [f32]) {
        for (x, value) in line.iter_mut().enumerate() {
            let start = self.start(y) + self.map.u * x as f64;
            let found = match mode {
                SlabMode::Maximum => self.highest(start),
                SlabMode::Minimum => self.values(start).reduce(f32::min),
                SlabMode::Mean | SlabMode::Sum => self.sum(start, mode == SlabMode::Mean),
            };
            *value = found.unwrap_or(OUTSIDE);
        }
    }

    /// Numbers along a ray.
    fn values(&self, start: DVec3) -> impl Iterator<Item = f32> + '_ {
        let (first, end) = steps_inside(start, self.n, self.sampler.last, self.steps);
        let at = move |step: u32| start + self.n * f64::from(step);
        (first..end).filter_map(move |step| self.sampler.value(at(step)).filter(|value| !value.is_nan()))
    }

    fn sum(&self, start: DVec3, is_mean: bool) -> Option<f32> {
        let (sum, count) = self.values(start).fold((0.0, 0u32), |(sum, n), value| (sum + f64::from(value), n + 1));
        (count > 0).then(|| if is_mean { sum / f64::from(count) } else { sum } as f32)
    }

    /// The highest value along a ray; blocks that cannot raise it are left at once.
    fn highest(&self, start: DVec3) -> Option<f32> {
        let Some(bounds) = self.bounds else { return self.values(start).reduce(f32::max) };
        let last = self.sampler.last;
        let (mut step, end) = steps_inside(start, self.n, last, self.steps);
        let mut highest = None;
        while step < end {
            let at = start + self.n * f64::from(step);
            let inside = at.clamp(DVec3::ZERO, last);
            let voxel = [inside.x as usize, inside.y as usize, inside.z as usize];
            if highest.is_some_and(|highest| bounds.at(voxel) <= highest) {
                step += 1 + steps_in_block(at, voxel, self.n);
                continue;
            }
            if let Some(value) = self.sampler.value(at).filter(|value| !value.is_nan()) {
                highest = Some(highest.map_or(value, |highest: f32| highest.max(value)));
            }
            step += 1;
        }
        highest
    }
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
