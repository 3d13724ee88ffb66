//! Sampling for whole pictures: the rules of `volume::sample_linear_ijk`, with the type of the voxels settled once per
//! picture instead of once per voxel.

use crate::geometry::{DAffine3, DVec2, DVec3, SlicePlane, VolumeGeometry};
use crate::render::Interpolation;
use crate::volume::Rescale;

/// Rounding must not push the outermost half voxel outside. Also `SLACK` in `shaders/include/sample.wgsl`.
pub(super) const SLACK: f64 = 1e-6;
/// Positions this close below a half round up, so that GPU and CPU agree at ties. Also `TIE` in `sample.wgsl`.
pub(super) const TIE: f64 = 1e-5;

/// A stored value that fits an `f64` (and, of these types, an `f32`) exactly.
pub(super) trait Stored: Copy + Sync {
    fn to_f64(self) -> f64;
    fn to_f32(self) -> f32;
}

macro_rules! stored {
    ($($kind:ty),*) => {$(
        impl Stored for $kind {
            #[inline]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline]
            fn to_f32(self) -> f32 {
                f32::from(self)
            }
        }
    )*};
}
stored!(u8, i16, u16, f32);

/// Runs a generic function over the voxels in their own type.
macro_rules! with_voxels {
    ($voxels:expr, $slice:ident => $body:expr) => {
        match $voxels {
            $crate::volume::Voxels::U8($slice) => $body,
            $crate::volume::Voxels::I16($slice) => $body,
            $crate::volume::Voxels::U16($slice) => $body,
            $crate::volume::Voxels::F32($slice) => $body,
        }
    };
}
pub(super) use with_voxels;

/// Where the pixels of a plane lie in a grid: voxel index of pixel (x, y) = origin + u·x + v·y.
#[derive(Debug, Clone, Copy)]
pub(super) struct PixelMap {
    pub origin: DVec3,
    pub u: DVec3,
    pub v: DVec3,
    /// Voxel indices per mm along the plane's normal.
    pub normal: DVec3,
}

impl PixelMap {
    pub fn new(geometry: &VolumeGeometry, plane: &SlicePlane) -> Self {
        let ijk_from_lps: DAffine3 = geometry.ijk_from_lps();
        Self {
            origin: ijk_from_lps.transform_point3(plane.lps_from_px(DVec2::ZERO)),
            u: ijk_from_lps.transform_vector3(plane.u_lps * plane.pixel_mm),
            v: ijk_from_lps.transform_vector3(plane.v_lps * plane.pixel_mm),
            normal: ijk_from_lps.transform_vector3(plane.normal_lps()),
        }
    }

    #[inline]
    pub fn ijk(&self, x: f64, y: f64) -> DVec3 {
        self.origin + self.u * x + self.v * y
    }
}

/// True within half a voxel of the outer voxel centers. Twin of `is_inside` in `sample.wgsl`.
#[inline]
pub(super) fn is_inside(ijk: DVec3, last: DVec3) -> bool {
    ijk.cmpge(DVec3::splat(-0.5 - SLACK)).all() && ijk.cmple(last + 0.5 + SLACK).all()
}

/// The nearest voxel of a position inside. Twin of `nearest_index` in `sample.wgsl`.
#[inline]
pub(super) fn nearest_index(ijk: DVec3, last: DVec3) -> [usize; 3] {
    let nearest = (ijk + 0.5 + TIE).floor().clamp(DVec3::ZERO, last);
    [nearest.x as usize, nearest.y as usize, nearest.z as usize]
}

/// Voxels of one type, ready to be sampled. Twin of `sample_volume` in `sample.wgsl`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sampler<'a, T> {
    voxels: &'a [T],
    /// Index of the last voxel along each axis.
    pub last: DVec3,
    row: usize,
    slice: usize,
    rescale: Rescale,
    interpolation: Interpolation,
}

/// Weights of the four voxels around a position, `t` of the way from the second to the third. R. Keys 1981, a = −1/2.
/// Twin of `cubic_weights` in `sample.wgsl`.
#[inline]
pub(super) fn cubic_weights(t: f64) -> [f64; 4] {
    [
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    ]
}

/// A neighbor that counts nothing takes no part, even when it is no number. Twin of `blend` in `sample.wgsl`.
#[inline]
fn blend(a: f64, b: f64, w: f64) -> f64 {
    if w == 0.0 { a } else { a + (b - a) * w }
}

impl<'a, T: Stored> Sampler<'a, T> {
    pub fn new(voxels: &'a [T], dims: [usize; 3], rescale: Rescale, interpolation: Interpolation) -> Self {
        let last = DVec3::from_array(dims.map(|n| n as f64 - 1.0));
        Self { voxels, last, row: dims[0], slice: dims[0] * dims[1], rescale, interpolation }
    }

    /// Value after the Modality LUT; `None` outside.
    #[inline]
    pub fn value(&self, ijk: DVec3) -> Option<f32> {
        if !is_inside(ijk, self.last) {
            return None;
        }
        let stored = match self.interpolation {
            Interpolation::Nearest => {
                let [i, j, k] = nearest_index(ijk, self.last);
                self.voxels[k * self.slice + j * self.row + i].to_f64()
            }
            Interpolation::Linear => self.linear(ijk),
            Interpolation::Cubic => self.cubic(ijk),
        };
        Some(self.rescaled(stored))
    }

    #[inline]
    fn rescaled(&self, stored: f64) -> f32 {
        (stored * self.rescale.slope + self.rescale.intercept) as f32
    }

    /// Values at `start + u · x`, x = 0, 1, …; `outside` beyond the volume. Where all eight neighbors exist, positions
    /// advance in fixed point (32 bits below the voxel: a row of 16384 pixels drifts by less than 2·10⁻⁶ voxels).
    pub fn row(&self, start: DVec3, u: DVec3, outside: f32, out: &mut [f32]) {
        let inner = if self.interpolation == Interpolation::Linear { self.inner(start, u, out.len()) } else { 0..0 };
        for (x, value) in out.iter_mut().enumerate() {
            if !inner.contains(&x) {
                *value = self.value(start + u * x as f64).unwrap_or(outside);
            }
        }
        let at = start + u * inner.start as f64;
        // Rows along voxels of one slice need that slice only.
        if at.z.fract() == 0.0 && u.z == 0.0 {
            self.inner_row::<false>(at, u, &mut out[inner]);
        } else {
            self.inner_row::<true>(at, u, &mut out[inner]);
        }
    }

    /// The pixels of a row whose eight neighbors all exist, a little inward.
    fn inner(&self, start: DVec3, u: DVec3, length: usize) -> std::ops::Range<usize> {
        /// In voxels: more than what fixed-point positions drift.
        const MARGIN: f64 = 1e-5;
        let (mut from, mut to) = (0.0f64, length as f64);
        for axis in 0..3 {
            let [low, high] = [MARGIN - start[axis], self.last[axis] - MARGIN - start[axis]];
            if u[axis].abs() < 1e-12 {
                if low > 0.0 || high < 0.0 {
                    return 0..0;
                }
            } else {
                let [a, b] = [low / u[axis], high / u[axis]];
                from = from.max(a.min(b).ceil());
                to = to.min(a.max(b).floor() + 1.0);
            }
        }
        if from < to { from as usize..to as usize } else { 0..0 }
    }

    /// A run of pixels inside; `DEEP` interpolates between slices too.
    fn inner_row<const DEEP: bool>(&self, start: DVec3, u: DVec3, out: &mut [f32]) {
        const ONE: f64 = (1u64 << 32) as f64;
        let fixed = |v: DVec3| [v.x, v.y, v.z].map(|c| (c * ONE).round() as i64);
        let ([mut i, mut j, mut k], [di, dj, dk]) = (fixed(start), fixed(u));
        // 24 bits fit an f32 exactly.
        let part = |p: i64| ((p as u32) >> 8) as i32 as f32 * (1.0 / (1u32 << 24) as f32);
        let mix = |a: f32, b: f32, w: f32| a + (b - a) * w;
        let (row, slice) = (self.row, self.slice);
        let Rescale { slope, intercept } = self.rescale;
        for value in out {
            let base = ((k >> 32) as usize).wrapping_mul(slice).wrapping_add(((j >> 32) as usize).wrapping_mul(row));
            let base = base.wrapping_add((i >> 32) as usize);
            let (wi, wj) = (part(i), part(j));
            let along_i = |at: usize| {
                let [a, b] = self.pair(at);
                mix(a, b, wi)
            };
            let near = mix(along_i(base), along_i(base.wrapping_add(row)), wj);
            let stored = if DEEP {
                let beyond = base.wrapping_add(slice);
                mix(near, mix(along_i(beyond), along_i(beyond.wrapping_add(row)), wj), part(k))
            } else {
                near
            };
            *value = (f64::from(stored) * slope + intercept) as f32;
            i = i.wrapping_add(di);
            j = j.wrapping_add(dj);
            k = k.wrapping_add(dk);
        }
    }

    /// Two neighbors along i. `inner` makes sure that they exist.
    #[inline]
    fn pair(&self, at: usize) -> [f32; 2] {
        match self.voxels.get(at..).and_then(|rest| rest.first_chunk::<2>()) {
            Some(&[a, b]) => [a.to_f32(), b.to_f32()],
            None => [0.0; 2],
        }
    }

    #[inline]
    fn linear(&self, ijk: DVec3) -> f64 {
        let at = ijk.clamp(DVec3::ZERO, self.last);
        // Truncation is the floor of what is not negative.
        let [i, j, k] = at.to_array().map(|x| x as usize);
        let w = at - DVec3::new(i as f64, j as f64, k as f64);
        // Steps to the upper neighbor; 0 where there is none, and then its weight is 0 too.
        let step_i = usize::from((i as f64) < self.last.x);
        let step_j = if (j as f64) < self.last.y { self.row } else { 0 };
        let step_k = if (k as f64) < self.last.z { self.slice } else { 0 };
        let base = k * self.slice + j * self.row + i;
        // One slice with a known end: one bounds check instead of eight.
        let near = &self.voxels[base..=base + step_i + step_j + step_k];
        let value = |n: usize| near[n].to_f64();
        let lower = blend(blend(value(0), value(step_i), w.x), blend(value(step_j), value(step_j + step_i), w.x), w.y);
        if w.z == 0.0 {
            return lower;
        }
        let upper = blend(
            blend(value(step_k), value(step_k + step_i), w.x),
            blend(value(step_k + step_j), value(step_k + step_j + step_i), w.x),
            w.y,
        );
        blend(lower, upper, w.z)
    }

    /// Cubic convolution; beyond the outer voxels their values go on.
    fn cubic(&self, ijk: DVec3) -> f64 {
        let at = ijk.clamp(DVec3::ZERO, self.last).to_array();
        let low = at.map(|x| x as usize);
        let weights: [[f64; 4]; 3] = std::array::from_fn(|axis| cubic_weights(at[axis] - low[axis] as f64));
        let last = self.last.to_array().map(|n| n as usize);
        let index = |axis: usize, n: usize| (low[axis] + n).saturating_sub(1).min(last[axis]);
        let columns: [usize; 4] = std::array::from_fn(|n| index(0, n));
        let mut sum = 0.0;
        for (n, wk) in weights[2].into_iter().enumerate().filter(|(_, w)| *w != 0.0) {
            let slice = index(2, n) * self.slice;
            for (m, wj) in weights[1].into_iter().enumerate().filter(|(_, w)| *w != 0.0) {
                let line = &self.voxels[slice + index(1, m) * self.row..][..self.row];
                let along = columns.iter().zip(weights[0]).filter(|(_, w)| *w != 0.0);
                sum += along.map(|(&i, w)| line[i].to_f64() * w).sum::<f64>() * wj * wk;
            }
        }
        sum
    }
}
