//! A frame of volume rendering: what is seen, from where, cut and masked how. The twins `render::cpu::raycast_picture` and
//! `render::gpu::RaycastRenderer` draw it.
//!
//! Space: cameras, clip planes and boxes lie in LPS mm, crop ranges in voxel indices. A camera is a [`SlicePlane`] as in
//! [`MipDraw`](super::MipDraw), so that turning and zoom of the two match: rays run along its normal, or from an eye in
//! front of it through its pixels.
//!
//! Invariants: samples lie at the same places along a ray whatever is leapt over; cuts are exact along each ray (the first and
//! the last sample lie on them); light and opacity are those of true millimetres, on anisotropic and sheared grids too.

mod blocks;
mod bricks;
mod coarser;
mod uniforms;

pub use blocks::ValueBlocks;
pub(in crate::render) use blocks::{BLOCK, Leaps, lowest_stored};
pub(in crate::render) use bricks::{Brick, Bricks, EDGE, Kept, Texel, kept_within};
pub(in crate::render) use coarser::coarser;
pub use uniforms::RaycastUniforms;
pub(in crate::render) use uniforms::{FLAG_TINT, Source};

use super::transfer::TransferFunction;
use crate::geometry::{BoxLps, DVec3, SlicePlane, VolumeGeometry};
use std::sync::Arc;

/// Most clip planes of a frame, beside the crop.
pub const MAX_CLIPS: usize = 8;
/// Frames after which jittered starts have converged.
pub const FULL_FRAMES: u32 = 16;

/// How rays run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Projection {
    /// All along the plane's normal.
    Orthographic,
    /// From an eye this far in front of the plane's middle; what lies in the plane keeps its size. Above 0.
    Perspective {
        /// Distance from the plane in mm.
        eye_mm: f64,
    },
}

/// A half space that is kept: points with `normal · p ≥ offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipPlane {
    /// Toward the side that is kept; of any length but 0.
    pub normal_lps: DVec3,
    /// Of the plane from the patient's origin, in mm times the normal's length.
    pub offset_mm: f64,
}

impl ClipPlane {
    /// The plane through a point that keeps the side its normal points to.
    pub fn through(point_lps: DVec3, normal_lps: DVec3) -> Self {
        Self { normal_lps, offset_mm: normal_lps.dot(point_lps) }
    }
}

/// A box that is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crop {
    /// Along the patient's axes.
    Lps(BoxLps),
    /// Along the voxels, first and last index of each axis; whole voxels are kept.
    Ijk {
        /// First voxel.
        low: [usize; 3],
        /// Last voxel.
        high: [usize; 3],
    },
}

/// What labels do to the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct MaskStyle {
    /// Which labels are seen; entry 0 is what has no label. Borders run halfway between voxels, smoothly.
    pub visible: Arc<[bool; 256]>,
    /// Red, green, blue, alpha per label: alpha is the share of this color in the transfer function's.
    pub palette: Arc<[[u8; 4]; 256]>,
}

impl MaskStyle {
    /// Only what these labels hold.
    pub fn showing(labels: &[u8]) -> Self {
        let visible = Arc::new(std::array::from_fn(|label| labels.iter().any(|&l| usize::from(l) == label)));
        Self { visible, palette: Arc::new([[0; 4]; 256]) }
    }

    /// All but what these labels hold.
    pub fn hiding(labels: &[u8]) -> Self {
        let visible = Arc::new(std::array::from_fn(|label| !labels.iter().any(|&l| usize::from(l) == label)));
        Self { visible, palette: Arc::new([[0; 4]; 256]) }
    }

    /// The same with labels in colors of their own.
    pub fn colored(self, palette: Arc<[[u8; 4]; 256]>) -> Self {
        Self { palette, ..self }
    }

    fn hides(&self) -> bool {
        self.visible.iter().any(|visible| !visible)
    }

    fn tints(&self) -> bool {
        self.palette.iter().any(|color| color[3] > 0)
    }
}

/// A frame of volume rendering.
#[derive(Debug, Clone, PartialEq)]
pub struct RaycastDraw {
    /// Camera: direction, middle, zoom and size.
    pub plane: SlicePlane,
    /// How rays run.
    pub projection: Projection,
    /// Distance of samples along a ray; above 0.
    pub step_mm: f64,
    /// What values look like.
    pub transfer: Arc<TransferFunction>,
    /// Half spaces that are kept; those beyond [`MAX_CLIPS`] are ignored.
    pub clips: Vec<ClipPlane>,
    /// Box that is kept.
    pub crop: Option<Crop>,
    /// What labels do, when there are any.
    pub mask: Option<MaskStyle>,
    /// Behind everything.
    pub background_rgb: [u8; 3],
    /// Frames whose mean the picture is, each with starts of its own along the rays (1–256); 1 starts all rays alike.
    pub frames: u32,
}

impl RaycastDraw {
    /// A whole volume, sampled once per smallest voxel edge, in one frame on black.
    pub fn whole(geometry: &VolumeGeometry, plane: SlicePlane, transfer: Arc<TransferFunction>) -> Self {
        Self {
            plane,
            projection: Projection::Orthographic,
            step_mm: geometry.spacing_mm().min_element(),
            transfer,
            clips: Vec::new(),
            crop: None,
            mask: None,
            background_rgb: [0; 3],
            frames: 1,
        }
    }

    /// The same picture of `1/divisor` of the width and height, and half as many samples where that is less than all.
    pub fn coarse(&self, divisor: u32) -> Self {
        let mut coarse = self.clone();
        let size_px = self.plane.size_px.map(|n| n.div_ceil(divisor.max(1)).max(1));
        coarse.plane.pixel_mm *= f64::from(self.plane.size_px[0].max(1)) / f64::from(size_px[0]);
        coarse.plane.size_px = size_px;
        coarse.step_mm *= f64::from(divisor.clamp(1, 2));
        coarse
    }

    /// Frames within their limits.
    pub(in crate::render) fn frame_count(&self) -> u32 {
        self.frames.clamp(1, 256)
    }
}

/// The camera that a turn gives: from the front at (0, 0); yaw turns about the patient's long axis, pitch lifts the eye.
/// Middle and zoom hold the whole volume at every turn.
pub fn turned_plane(geometry: &VolumeGeometry, yaw_deg: f64, pitch_deg: f64, size_px: [u32; 2]) -> SlicePlane {
    let (yaw, pitch) = (yaw_deg.to_radians(), pitch_deg.to_radians());
    let u_lps = DVec3::new(yaw.cos(), yaw.sin(), 0.0);
    let forward = DVec3::new(-yaw.sin(), yaw.cos(), 0.0);
    let v_lps = DVec3::NEG_Z * pitch.cos() + forward * pitch.sin();
    let bounds = geometry.bounds_lps();
    let pixel_mm = bounds.size_mm().length() / f64::from(size_px[0].min(size_px[1]).max(1));
    SlicePlane { center_lps: bounds.center(), u_lps, v_lps, pixel_mm, size_px }
}

/// What a picture is, beside what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaycastQuality {
    /// The picture has `1/scale` of the pixels asked for along each side; 1 is full.
    pub scale: u32,
    /// Why it is not full.
    pub reason: Option<CoarseReason>,
    /// Voxels along each axis that are shown as one; 1 is the full volume.
    pub voxels: u32,
    /// Frames in the mean so far, and those asked for.
    pub frames: [u32; 2],
}

impl RaycastQuality {
    /// True when another portion would add nothing.
    pub fn is_final(&self) -> bool {
        self.frames[0] >= self.frames[1]
    }
}

/// Why a picture is coarser than asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoarseReason {
    /// The camera or the transfer function is moving: more would not be fluent.
    Speed,
    /// The device cannot hold a picture of this size.
    Size,
    /// The device's memory is short.
    Memory,
}

impl CoarseReason {
    /// For the corner of the view.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Speed => "coarse while moving",
            Self::Size => "coarse: larger than the graphics device draws",
            Self::Memory => "coarse: graphics memory is short",
        }
    }
}
