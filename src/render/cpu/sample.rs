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
pub(super) trait Stored: Copy + Default + Sync {
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

/// Pixels whose neighbors are gathered before they are weighed.
const PORTION: usize = 32;

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

    /// A run of pixels inside; `DEEP` interpolates between slices too. In portions of two loops: the first gathers neighbors,
    /// which only single loads can, the second weighs them, which becomes vector instructions.
    fn inner_row<const DEEP: bool>(&self, start: DVec3, u: DVec3, out: &mut [f32]) {
        const ONE: f64 = (1u64 << 32) as f64;
        let fixed = |v: DVec3| [v.x, v.y, v.z].map(|c| (c * ONE).round() as i64);
        let (mut at, step) = (fixed(start), fixed(u));
        let (row, slice) = (self.row, self.slice);
        let mut corners = [[T::default(); PORTION]; 8];
        let mut parts = [[0i32; PORTION]; 3];
        for run in out.chunks_mut(PORTION) {
            for n in 0..run.len().min(PORTION) {
                let [i, j, k] = at.map(|p| (p >> 32) as usize);
                let base = k.wrapping_mul(slice).wrapping_add(j.wrapping_mul(row)).wrapping_add(i);
                for axis in 0..3 {
                    // 24 bits fit an f32 exactly.
                    parts[axis][n] = ((at[axis] as u32) >> 8) as i32;
                    at[axis] = at[axis].wrapping_add(step[axis]);
                }
                let beyond = base.wrapping_add(slice);
                let lines = [base, base.wrapping_add(row), beyond, beyond.wrapping_add(row)];
                for (m, line) in lines.into_iter().enumerate().take(if DEEP { 4 } else { 2 }) {
                    [corners[2 * m][n], corners[2 * m + 1][n]] = self.pair(line);
                }
            }
            self.weigh::<DEEP>(&corners, &parts, run);
        }
    }

    fn weigh<const DEEP: bool>(&self, corners: &[[T; PORTION]; 8], parts: &[[i32; PORTION]; 3], out: &mut [f32]) {
        let part = |p: i32| p as f32 * (1.0 / (1u32 << 24) as f32);
        // As `blend`: written so that it becomes a selection, not a branch.
        let mix = |a: f32, b: f32, w: f32| if w == 0.0 { a } else { a + (b - a) * w };
        let Rescale { slope, intercept } = self.rescale;
        let mut values = [0.0; PORTION];
        for n in 0..PORTION {
            let [wi, wj, wk] = [part(parts[0][n]), part(parts[1][n]), part(parts[2][n])];
            let along_i = |m: usize| mix(corners[m][n].to_f32(), corners[m + 1][n].to_f32(), wi);
            let near = mix(along_i(0), along_i(2), wj);
            let stored = if DEEP { mix(near, mix(along_i(4), along_i(6), wj), wk) } else { near };
            values[n] = (f64::from(stored) * slope + intercept) as f32;
        }
        let length = out.len();
        out.copy_from_slice(&values[..length]);
    }

    /// Two neighbors along i. `inner` makes sure that they exist.
    #[inline]
    fn pair(&self, at: usize) -> [T; 2] {
        let pair = self.voxels.get(at..).and_then(|rest| rest.first_chunk::<2>());
        pair.copied().unwrap_or_default()
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
