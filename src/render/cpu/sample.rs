//! Sampling for whole pictures: the rules of `volume::sample_linear_ijk`, with the type of the voxels settled once per
//! picture instead of once per voxel.

use crate::geometry::{DAffine3, DVec2, DVec3, SlicePlane, VolumeGeometry};
use crate::render::Interpolation;
use crate::volume::Rescale;

/// Rounding must not push the outermost half voxel outside. Also `SLACK` in `shaders/include/sample.wgsl`.
pub(super) const SLACK: f64 = 1e-6;
/// Positions this close below a half round up, so that GPU and CPU agree at ties. Also `TIE` in `sample.wgsl`.
pub(super) const TIE: f64 = 1e-5;

/// A stored value that fits an `f64` exactly.
pub(super) trait Stored: Copy + Sync {
    fn to_f64(self) -> f64;
}

macro_rules! stored {
    ($($kind:ty),*) => {$(
        impl Stored for $kind {
            #[inline]
            fn to_f64(self) -> f64 {
                f64::from(self)
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
        };
        Some((stored * self.rescale.slope + self.rescale.intercept) as f32)
    }

    #[inline]
    fn linear(&self, ijk: DVec3) -> f64 {
        let at = ijk.clamp(DVec3::ZERO, self.last);
        let low = at.floor();
        let w = at - low;
        // Steps to the upper neighbor; 0 where there is none, and then its weight is 0 too.
        let step_i = usize::from(low.x < self.last.x);
        let step_j = if low.y < self.last.y { self.row } else { 0 };
        let step_k = if low.z < self.last.z { self.slice } else { 0 };
        let base = low.z as usize * self.slice + low.y as usize * self.row + low.x as usize;
        // One slice with a known end: one bounds check instead of eight.
        let near = &self.voxels[base..=base + step_i + step_j + step_k];
        let value = |n: usize| near[n].to_f64();
        let mix = |a: f64, b: f64, w: f64| a + (b - a) * w;
        let lower = mix(mix(value(0), value(step_i), w.x), mix(value(step_j), value(step_j + step_i), w.x), w.y);
        if step_k == 0 {
            return lower;
        }
        let upper = mix(
            mix(value(step_k), value(step_k + step_i), w.x),
            mix(value(step_k + step_j), value(step_k + step_j + step_i), w.x),
            w.y,
        );
        mix(lower, upper, w.z)
    }
}
