//! Sample points in the body of the reference.
//!
//! They lie between the centers of its blocks, at random: on the grid itself, interpolation would favor shifts by whole
//! blocks (Pluim, Maintz, Viergever 2000).

use super::image::Image;
use crate::geometry::DVec3;
use glam::Vec3;

/// Points with what the reference shows there.
#[derive(Clone)]
pub(super) struct Points {
    /// mm from the center.
    pub at: Vec<Vec3>,
    /// Histogram bin of the reference.
    pub bin: Vec<u8>,
}

impl Points {
    /// About `count` points, evenly spread over the body; `center` is what they are relative to.
    pub fn new(image: &Image, level: usize, count: usize, seed: u64, center: DVec3) -> Self {
        let mut random = Random::new(seed);
        let grid = &image.levels[level];
        let blocks: Vec<usize> = image.in_body(level).collect();
        let count = count.min(blocks.len());
        let stride = blocks.len() as f64 / count.max(1) as f64;
        let last = grid.dims.map(|n| n as f64 - 1.0);
        let [ni, nj, _] = grid.dims;
        let mut points = Self { at: Vec::with_capacity(count), bin: Vec::with_capacity(count) };
        for n in 0..count {
            let block = blocks[(((n as f64 + random.unit()) * stride) as usize).min(blocks.len() - 1)];
            let block = [block % ni, block / ni % nj, block / (ni * nj)];
            let ijk: [f64; 3] =
                std::array::from_fn(|axis| (block[axis] as f64 + random.unit() - 0.5).clamp(0.0, last[axis]));
            let ijk = DVec3::from_array(ijk);
            let value = grid.sample(ijk.as_vec3());
            if value.is_finite() {
                points.at.push((grid.lps_from_ijk.transform_point3(ijk) - center).as_vec3());
                points.bin.push((value + 0.5) as u8);
            }
        }
        points
    }

    /// Those that a test of their place accepts.
    pub fn filtered(&self, keep: impl Fn(Vec3) -> bool) -> Self {
        let kept = self.at.iter().zip(&self.bin).filter(|(at, _)| keep(**at));
        let (at, bin) = kept.map(|(at, bin)| (*at, *bin)).unzip();
        Self { at, bin }
    }

    /// Root mean square distance from the center, mm: the arc by which a turn is measured.
    pub fn radius_mm(&self) -> f64 {
        let sum: f64 = self.at.iter().map(|p| f64::from(p.length_squared())).sum();
        (sum / self.at.len().max(1) as f64).sqrt().max(1.0)
    }
}

/// `SplitMix64` (Steele, Lea, Flood 2014): the same seed gives the same points everywhere.
pub(super) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Uniform in 0..1.
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Six numbers, uniform in ±`size`.
    pub fn step(&mut self, size: f64) -> [f64; 6] {
        std::array::from_fn(|_| (2.0 * self.unit() - 1.0) * size)
    }
}
