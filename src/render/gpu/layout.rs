//! Uniform structures, byte for byte as in `shaders/include/layout.wgsl`, and how they are filled from a draw.
//!
//! Space: voxel indices. All positions are computed in `f64` and split into an exact coarse and a small fine part; see
//! [`PlaneMap`].

#![allow(missing_docs, reason = "each field is explained once, in layout.wgsl")]

use crate::geometry::{DAffine3, DVec2, DVec3, SlicePlane, VolumeGeometry};
use crate::render::look::Look;
use crate::render::slab::Sampling;
use crate::render::{ColorMap, Interpolation, OverlayStyle};
use crate::volume::{Rescale, Voi, VoiFunction, Voxels};
use bytemuck::{Pod, Zeroable};

/// Voxel index of pixel (x, y) at depth step s: origin + u·x + v·y + n·s, each vector as coarse + fine.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
pub struct PlaneMap {
    pub origin_coarse: [f32; 4],
    pub origin_fine: [f32; 4],
    pub u_coarse: [f32; 4],
    pub u_fine: [f32; 4],
    pub v_coarse: [f32; 4],
    pub v_fine: [f32; 4],
    pub n_coarse: [f32; 4],
    pub n_fine: [f32; 4],
}

/// Dimensions and Modality LUT of a grid of stored values.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
pub struct Grid {
    pub dims: [u32; 4],
    pub rescale: [f32; 4],
}

/// VOI LUT and presentation.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
pub struct Window {
    pub center: f32,
    pub width: f32,
    pub function: u32,
    pub inverted: u32,
}

/// Uniforms of `plane.wgsl` and `slab.wgsl`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
pub struct SampleUniforms {
    pub plane: PlaneMap,
    pub grid: Grid,
    pub display: [f32; 4],
    pub flags: [u32; 4],
}

/// Uniforms of `view.wgsl`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
pub struct ViewUniforms {
    pub label_plane: PlaneMap,
    pub label_grid: Grid,
    pub window: Window,
    pub fused_window: Window,
    pub display: [f32; 4],
    pub outline: [f32; 4],
    pub kernel: [f32; 4],
    pub flags: [u32; 4],
}

/// Uniforms of `picture.wgsl`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
pub struct PictureUniforms {
    pub origin: [f32; 4],
    pub u: [f32; 4],
    pub v: [f32; 4],
    pub grid: Grid,
    pub window: Window,
    pub display: [f32; 4],
    pub flags: [u32; 4],
}

/// Colors of labels or of gray levels.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
pub struct Palette {
    pub colors: [[f32; 4]; 256],
}

/// A multiple of 1/1024 and the rest. Products of the coarse part with pixel numbers below 2¹³ and their sums below 2¹³
/// are exact in `f32`.
fn split(x: f64) -> (f32, f32) {
    // Far outside any volume only "outside" matters.
    let x = x.clamp(-1e6, 1e6);
    let coarse = (x * 1024.0).round() / 1024.0;
    (coarse as f32, (x - coarse) as f32)
}

fn split3(v: DVec3) -> ([f32; 4], [f32; 4]) {
    let parts = v.to_array().map(split);
    let pick = |which: fn((f32, f32)) -> f32| [which(parts[0]), which(parts[1]), which(parts[2]), 0.0];
    (pick(|p| p.0), pick(|p| p.1))
}

fn split2(v: DVec2) -> [f32; 4] {
    let ((x, x_fine), (y, y_fine)) = (split(v.x), split(v.y));
    [x, y, x_fine, y_fine]
}

impl PlaneMap {
    /// The map of a plane into a grid. Depth step `s` lies `near_mm + s · step_mm` along the plane's normal.
    pub fn new(geometry: &VolumeGeometry, plane: &SlicePlane, near_mm: f64, step_mm: f64) -> Self {
        let ijk_from_lps: DAffine3 = geometry.ijk_from_lps();
        let start = plane.lps_from_px(DVec2::ZERO) + plane.normal_lps() * near_mm;
        let (origin_coarse, origin_fine) = split3(ijk_from_lps.transform_point3(start));
        let along = |direction: DVec3| split3(ijk_from_lps.transform_vector3(direction));
        let (u_coarse, u_fine) = along(plane.u_lps * plane.pixel_mm);
        let (v_coarse, v_fine) = along(plane.v_lps * plane.pixel_mm);
        let (n_coarse, n_fine) = along(plane.normal_lps() * step_mm);
        Self { origin_coarse, origin_fine, u_coarse, u_fine, v_coarse, v_fine, n_coarse, n_fine }
    }
}

/// How `sample.wgsl` reads the bits of a texel (`VOXEL_*` there).
pub fn voxel_kind(voxels: &Voxels) -> u32 {
    match voxels {
        Voxels::U8(_) | Voxels::U16(_) => 0,
        Voxels::I16(_) => 1,
        Voxels::F32(_) => 2,
    }
}

impl Grid {
    /// A grid of `dims` texels of a kind, with its Modality LUT.
    pub fn new(dims: [usize; 3], kind: u32, rescale: Rescale) -> Self {
        // Textures are refused long before a side reaches 2³².
        let [i, j, k] = dims.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        Self { dims: [i, j, k, kind], rescale: [rescale.slope as f32, rescale.intercept as f32, 0.0, 0.0] }
    }
}

impl Window {
    /// A window, inverted or not.
    pub fn new(voi: Voi, inverted: bool) -> Self {
        let function = match voi.function {
            VoiFunction::Linear => 0,
            // The table itself was applied before the upload.
            VoiFunction::LinearExact | VoiFunction::Table(_) => 1,
            VoiFunction::Sigmoid => 2,
        };
        Self { center: voi.center as f32, width: voi.width as f32, function, inverted: u32::from(inverted) }
    }
}

impl Palette {
    /// Colors in 0–1 of a style.
    pub fn new(style: &OverlayStyle) -> Self {
        Self { colors: std::array::from_fn(|n| style.palette[n].map(|byte| f32::from(byte) / 255.0)) }
    }

    /// Colors of gray levels.
    pub fn of_map(map: ColorMap) -> Self {
        Self { colors: map.colors().0.map(|[r, g, b]| [r, g, b, 1.0]) }
    }
}

impl SampleUniforms {
    /// All fields of what is sampled of a volume.
    pub(in crate::render) fn new(sampling: &Sampling, geometry: &VolumeGeometry, grid: Grid) -> Self {
        Self {
            plane: PlaneMap::new(geometry, &sampling.plane, sampling.near_mm, sampling.step_mm),
            grid,
            display: size(sampling.plane.size_px),
            flags: [sampling.steps, 0, 0, 0],
        }
    }
}

impl ViewUniforms {
    /// All fields of a picture; `labels` is where they lie.
    pub(in crate::render) fn new(look: &Look<'_>, labels: Option<(&VolumeGeometry, Grid)>) -> Self {
        let [columns, rows, ..] = size(look.plane.size_px);
        let [fill, outline, width] =
            look.overlay.map_or([0.0; 3], |o| [o.fill_opacity, o.outline_opacity, o.outline_px]);
        let fused_window = look.fused.map_or_else(Window::zeroed, |f| Window::new(f.voi, f.inverted));
        let [mode, number] = look.fused.map_or([0, 0], |fused| fused.mode_code(look.plane.size_px[0]));
        let [opacity, threshold] = look.fused.map_or([0.0; 2], |f| [f.opacity.clamp(0.0, 1.0), f.threshold()]);
        let ([a, b, c], factor) = look.filter.kernel().unwrap_or_default();
        Self {
            label_plane: labels
                .map_or_else(PlaneMap::zeroed, |(geometry, _)| PlaneMap::new(geometry, look.plane, 0.0, 0.0)),
            label_grid: labels.map_or_else(|| Grid::new([1; 3], 0, Rescale::IDENTITY), |(_, grid)| grid),
            window: Window::new(look.voi, look.inverted),
            fused_window,
            display: [columns, rows, fill, outline],
            outline: [width, opacity, threshold, 0.0],
            kernel: [a, b, c, factor],
            flags: [u32::from(look.overlay.is_some()), mode, number, 0],
        }
    }
}

impl PictureUniforms {
    /// All fields of a frame of a picture.
    pub fn new(draw: &crate::render::PictureDraw, grid: Grid, colored: bool) -> Self {
        Self {
            origin: split2(draw.origin_px),
            u: split2(draw.u_px),
            v: split2(draw.v_px),
            grid,
            window: Window::new(draw.voi, draw.inverted),
            display: size(draw.size_px),
            flags: [interpolation_code(draw.interpolation), draw.taps(), u32::from(colored), 0],
        }
    }
}

/// Width and height as the shaders take them.
pub(super) fn size([width, height]: [u32; 2]) -> [f32; 4] {
    [width as f32, height as f32, 0.0, 0.0]
}

/// 0 nearest, 1 linear, 2 cubic.
pub(super) fn interpolation_code(interpolation: Interpolation) -> u32 {
    match interpolation {
        Interpolation::Nearest => 0,
        Interpolation::Linear => 1,
        Interpolation::Cubic => 2,
    }
}
