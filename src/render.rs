//! Volumes, planes and pictures to pixels: on the GPU ([`gpu`]), on the CPU ([`cpu`]), and the words and marks around
//! them ([`annotate`]).
//!
//! Space: planes lie in LPS mm ([`SlicePlane`]); pixel (0, 0) is the left upper one, pixel centers sit at integers. Order
//! of the pixel pipeline: stored value → Modality LUT → VOI LUT → presentation (PS3.3 C.11). Pictures are gamma-encoded
//! RGBA bytes; nothing here encodes a second time.
//!
//! Invariants: every WGSL function that changes a pixel which a person reads has a CPU twin, and tests hold the two within
//! one gray level. Measurement never reads a texture: values come from [`Volume`](crate::volume::Volume).

pub mod annotate;
mod blocks;
mod color_map;
pub mod cpu;
pub mod drr;
pub mod gpu;
mod look;
mod raycast;
pub mod shader;
mod slab;
pub mod surfaces;
mod transfer;
pub mod verify;

pub use color_map::{ColorMap, ColorTable};
pub use look::{DisplayFilter, Fused, FusionMode};
pub use raycast::{
    ClipPlane, CoarseReason, Crop, FULL_FRAMES, MAX_CLIPS, MaskStyle, Projection, RaycastDraw, RaycastQuality,
    RaycastUniforms, ValueBlocks, turned_plane,
};
pub use slab::{MipDraw, Slab, SlabMode};
pub use transfer::{
    ColorPoint, Histogram, MAX_POINTS, OpacityPoint, Preset, Shading, TransferError, TransferFileError,
    TransferFunction,
};

use crate::geometry::{DVec2, SlicePlane};
use crate::loaded::{ImageData, LoadedSeries};
use crate::volume::{Segmentation, ValueUnit, Voi};
use look::Look;
use slab::Sampling;
use std::sync::Arc;

/// The window that image `k` of a series is first shown with, and whether low values are bright (`clinical.md`, defaults):
/// the header's, else 1st–99th percentile; PET inverted, SUV 0–7.
pub fn first_window(series: &LoadedSeries, k: usize) -> (Voi, bool) {
    let is_pet = series.series.modality == "PT";
    match &series.image {
        ImageData::Volume(volume) if is_pet && *volume.unit() == ValueUnit::SuvBw => (Voi::spanning(0.0, 7.0), true),
        ImageData::Volume(volume) => {
            let voi = series.header_voi.unwrap_or_else(|| {
                let [low, high] = volume.percentiles([0.01, 0.99]);
                Voi::spanning(f64::from(low), f64::from(high))
            });
            (voi, is_pet)
        }
        ImageData::Pictures(pictures) => match pictures.get(k) {
            Some(picture) => (picture.first_voi(), picture.inverted),
            None => (Voi::spanning(0.0, 1.0), false),
        },
    }
}

/// A picture to look at: gamma-encoded RGBA bytes, row by row from the top; `rgba.len() == 4 · width · height`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RgbaPicture {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue, alpha of each pixel.
    pub rgba: Vec<u8>,
}

impl RgbaPicture {
    /// A black, opaque picture.
    pub fn black(width: u32, height: u32) -> Self {
        Self { width, height, rgba: [0, 0, 0, 255].repeat(width as usize * height as usize) }
    }

    /// Red, green, blue of a pixel.
    pub fn rgb(&self, column: u32, row: u32) -> [u8; 3] {
        let at = 4 * (row as usize * self.width as usize + column as usize);
        [self.rgba[at], self.rgba[at + 1], self.rgba[at + 2]]
    }

    /// The largest difference of any color byte, and how many pixels differ by more than `tolerance`; `None` when the
    /// sizes differ.
    pub fn difference(&self, other: &Self, tolerance: u8) -> Option<(u8, usize)> {
        if (self.width, self.height) != (other.width, other.height) {
            return None;
        }
        let worst = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(x, y)| x.abs_diff(*y)).max().unwrap_or(0);
        let pixels = self.rgba.chunks_exact(4).zip(other.rgba.chunks_exact(4)).map(|(a, b)| worst(a, b));
        Some(pixels.fold((0, 0), |(most, count), d| (most.max(d), count + usize::from(d > tolerance))))
    }
}

/// How values between voxels come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// The nearest voxel: what was stored, as blocks.
    Nearest,
    /// Trilinear (bilinear for pictures); the view says "interpolated".
    #[default]
    Linear,
    /// Cubic convolution over 4 voxels along each axis (R. Keys, IEEE Trans. ASSP 29(6), 1981; a = −1/2, also known as
    /// Catmull-Rom): passes through every voxel's value, sharper than linear, may overshoot at edges; the view says "cubic".
    Cubic,
}

/// How labels lie over a picture (`look.md`: outline 1.5 px, fill 25 %).
#[derive(Debug, Clone, PartialEq)]
pub struct OverlayStyle {
    /// Red, green, blue, alpha per label; alpha 0 hides the label. Entry 0 is never drawn.
    pub palette: Arc<[[u8; 4]; 256]>,
    /// Opacity of a label's area, 0–1.
    pub fill_opacity: f32,
    /// Opacity of a label's border, 0–1.
    pub outline_opacity: f32,
    /// Width of the border in pixels, drawn inside the label; 0 leaves it out.
    pub outline_px: f32,
}

impl OverlayStyle {
    /// The palette of a segmentation's own colors, in the standard style.
    pub fn of(segmentation: &Segmentation) -> Self {
        let mut palette = [[0; 4]; 256];
        for segment in &segmentation.segments {
            let [r, g, b] = segment.color_rgb;
            palette[usize::from(segment.number)] = [r, g, b, 255];
        }
        Self::with_palette(Arc::new(palette))
    }

    /// The standard style with a palette.
    pub fn with_palette(palette: Arc<[[u8; 4]; 256]>) -> Self {
        Self { palette, fill_opacity: 0.25, outline_opacity: 1.0, outline_px: 1.5 }
    }
}

/// A frame of a slice view.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceDraw {
    /// What to show, and at which size.
    pub plane: SlicePlane,
    /// Window, in values after the Modality LUT.
    pub voi: Voi,
    /// Low values bright.
    pub inverted: bool,
    /// Between voxels.
    pub interpolation: Interpolation,
    /// How the labels lie over it, when there are any.
    pub overlay: Option<OverlayStyle>,
    /// Colors of the gray levels.
    pub color_map: ColorMap,
    /// For looking only.
    pub filter: DisplayFilter,
    /// A second volume on the same plane.
    pub fused: Option<Fused>,
}

impl SliceDraw {
    /// A plane in gray, linear between voxels, with nothing over it.
    pub fn new(plane: SlicePlane, voi: Voi) -> Self {
        Self {
            plane,
            voi,
            inverted: false,
            interpolation: Interpolation::Linear,
            overlay: None,
            color_map: ColorMap::Gray,
            filter: DisplayFilter::None,
            fused: None,
        }
    }

    pub(crate) fn sampling(&self) -> Sampling {
        Sampling::of_plane(self.plane, self.interpolation)
    }

    pub(crate) fn look(&self) -> Look<'_> {
        Look {
            plane: &self.plane,
            voi: self.voi,
            inverted: self.inverted,
            color_map: self.color_map,
            filter: self.filter,
            overlay: self.overlay.as_ref(),
            fused: self.fused.as_ref(),
        }
    }
}

/// A frame of a 2D picture.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureDraw {
    /// Position in the picture (pixel centers at integers) of screen pixel (0, 0).
    pub origin_px: DVec2,
    /// Picture pixels per screen pixel toward the right.
    pub u_px: DVec2,
    /// Picture pixels per screen pixel toward the bottom.
    pub v_px: DVec2,
    /// Screen size in pixels.
    pub size_px: [u32; 2],
    /// Window of a gray picture; colored ones are shown as they are.
    pub voi: Voi,
    /// Low values bright (already joined with Photometric Interpretation MONOCHROME1).
    pub inverted: bool,
    /// Between pixels.
    pub interpolation: Interpolation,
    /// Colors of the gray levels of a gray picture.
    pub color_map: ColorMap,
}

impl PictureDraw {
    /// The whole picture, centered, as large as it fits with square steps. `aspect` is the height of a picture pixel
    /// divided by its width (1 unless the pixels are not square).
    pub fn fit(picture_px: [usize; 2], aspect: f64, size_px: [u32; 2], voi: Voi, inverted: bool) -> Self {
        let [columns, rows] = picture_px.map(|n| n as f64);
        let [width, height] = size_px.map(f64::from);
        let per_pixel = (columns / width).max(rows * aspect / height);
        let (u_px, v_px) = (DVec2::new(per_pixel, 0.0), DVec2::new(0.0, per_pixel / aspect));
        let middle = DVec2::new(columns - 1.0, rows - 1.0) / 2.0;
        let origin_px = middle - u_px * (width - 1.0) / 2.0 - v_px * (height - 1.0) / 2.0;
        let (interpolation, color_map) = (Interpolation::Linear, ColorMap::Gray);
        Self { origin_px, u_px, v_px, size_px, voi, inverted, interpolation, color_map }
    }

    /// Position in the picture of a screen position.
    pub fn picture_px(&self, screen_px: DVec2) -> DVec2 {
        self.origin_px + self.u_px * screen_px.x + self.v_px * screen_px.y
    }

    /// Screen position of a position in the picture.
    pub fn screen_px(&self, picture_px: DVec2) -> DVec2 {
        let from_origin = picture_px - self.origin_px;
        DVec2::new(
            from_origin.dot(self.u_px) / self.u_px.length_squared(),
            from_origin.dot(self.v_px) / self.v_px.length_squared(),
        )
    }

    /// Averaging positions per axis: more than one when the picture is made smaller.
    pub fn taps(&self) -> u32 {
        let scale = self.u_px.abs().max(self.v_px.abs()).max_element();
        (scale - 0.01).ceil().clamp(1.0, 4.0) as u32
    }
}
