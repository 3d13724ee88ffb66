//! The CPU twins of the shaders, and values of planes. Nothing here needs a graphics driver; rows run in parallel.
//!
//! Space: LPS mm to voxel indices in `f64`. Outside the volume: its smallest value where values are asked for, black where
//! a picture is asked for.

mod drr;
mod picture;
mod plane;
mod present;
mod raycast;
mod raycast_pick;
mod raycast_ray;
mod raycast_texels;
mod sample;
mod slab;
mod surfaces;

pub use drr::{drr_picture, drr_radiograph, drr_values, lay_shadows};
pub use picture::{cover_picture, image_picture, picture_rgba, slice_as_picture};
pub use plane::{fused_mip_picture, fused_picture, mip_picture, mip_values, plane_picture, plane_values, slice_values};
pub use raycast::{raycast_picture, raycast_picture_with};
pub use raycast_pick::raycast_pick;
pub(super) use slab::{Source, sampled_rows};
pub use surfaces::{surface_at, surfaces_picture};

use crate::volume::Voi;

/// One gray byte after window and inversion. Twin of `present` in `shaders/include/lut.wgsl`.
#[inline]
fn present(voi: Voi, inverted: bool, value: f32) -> f32 {
    if value.is_nan() {
        return if inverted { 1.0 } else { 0.0 };
    }
    let gray = voi.gray(value);
    if inverted { 1.0 - gray } else { gray }
}

/// 0–1 to a byte, rounded to nearest, as a render target does.
#[inline]
fn byte(unit: f32) -> u8 {
    (unit.clamp(0.0, 1.0) * 255.0).round() as u8
}
