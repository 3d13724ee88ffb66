//! The GPU face of rendering: textures, long-lived pipelines, and per-frame draw data.
//!
//! A plane, slab or projection takes two steps: its values as a texture of one number per pixel, then the picture of
//! them. Every renderer works in two ways: inside a render pass that somebody else began (`prepare`, then `paint`, as an
//! `egui_wgpu` callback does), and offscreen to bytes (`picture`). Stored values stay bit by bit what they were: volumes
//! live in integer textures (`R8Uint`, `R16Uint`, and `R32Uint` for floats) and the shaders interpolate themselves. See
//! [`GpuVolume`] for why.
//!
//! Space: LPS mm on the CPU side, voxel indices in the shaders. Nothing here panics on a driver's error: sizes are checked
//! first and creation runs inside error scopes.

mod context;
pub mod drr;
pub mod layout;
pub mod measure;
mod mip;
mod picture;
mod pipeline;
mod present;
mod raycast;
mod raycast_tables;
mod raycast_volume;
mod sampled;
mod slice;
pub mod surfaces;
mod textures;

pub use context::{GpuContext, GpuError};
pub use drr::{DrrRenderer, DrrView};
pub use mip::{MipRenderer, MipView};
pub use picture::{PictureRenderer, PictureView};
pub use pipeline::Offscreen;
pub use raycast::{RaycastRenderer, RaycastView};
pub use raycast_volume::RaycastVolume;
pub use slice::{SliceRenderer, SliceView};
pub use surfaces::{GpuSurfaces, SurfaceRenderer, SurfaceView};
pub use textures::{GpuLabels, GpuPicture, GpuVolume};

/// What renderers that paint offscreen to bytes are built for.
pub const PICTURE_FORMAT: egui_wgpu::wgpu::TextureFormat = egui_wgpu::wgpu::TextureFormat::Rgba8Unorm;
