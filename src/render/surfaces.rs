//! Surfaces of segments as solid or translucent bodies, seen along a plane's normal from infinitely far away.
//!
//! Space: LPS mm; the picture's pixels are those of the [`SlicePlane`], whose normal points away from the reader. What a pixel
//! shows: the nearest [`LAYERS`] surfaces that face the reader, the nearer over the farther by their opacity, lit from the
//! reader's side, over black; averaged over [`SAMPLES`] × [`SAMPLES`] places of the pixel. Sides of surfaces that face away are
//! not drawn: a closed body shows its front.
//!
//! Twins: `shaders/surface.wgsl` and `render::cpu::surfaces_picture`. Inside of surfaces they agree within three gray levels;
//! along outlines and where surfaces cross, a place of a pixel may fall to the other side.

use crate::geometry::{BoxLps, DVec3, SlicePlane};
use crate::volume::Mesh;

/// Surfaces behind each other that a pixel shows.
pub const LAYERS: usize = 4;
/// Places per pixel along each axis.
pub const SAMPLES: u32 = 2;
/// Light that a surface gets at grazing angles; the rest grows with the cosine. Also `AMBIENT` in `shaders/surface.wgsl`.
pub const AMBIENT: f32 = 0.25;

/// How one surface is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurfaceStyle {
    /// Its color, gamma-encoded.
    pub color_rgb: [u8; 3],
    /// 0 hides it, 1 is solid.
    pub opacity: f32,
}

/// A frame of surfaces.
#[derive(Debug, Clone, PartialEq)]
pub struct SurfaceDraw {
    /// Direction, center and size.
    pub plane: SlicePlane,
    /// One for each surface, in their order; at most 256 are drawn.
    pub styles: Vec<SurfaceStyle>,
}

/// What lies under a pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurfaceHit {
    /// Index of the surface.
    pub surface: usize,
    /// The point on it.
    pub point_lps: DVec3,
}

impl SurfaceDraw {
    /// Layers that must be looked at: one when nothing is translucent.
    pub fn layers(&self) -> usize {
        let is_translucent = |style: &SurfaceStyle| style.opacity > 0.0 && style.opacity < 1.0;
        if self.styles.iter().any(is_translucent) { LAYERS } else { 1 }
    }
}

/// From patient space to clip space: x and y from −1 to 1 (y up), depth from 0 to 1 away from the reader.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ClipMap {
    /// Clip x, y, depth = rows · point + offsets.
    pub rows: [DVec3; 3],
    /// See `rows`.
    pub offsets: DVec3,
}

impl ClipMap {
    /// The map of a plane, with all of `bounds` well between the ends of the depth range.
    pub fn new(plane: &SlicePlane, bounds: &BoxLps) -> Self {
        let normal = plane.normal_lps();
        let depths = bounds.corners().map(|corner| corner.dot(normal));
        let near = depths.iter().copied().fold(f64::INFINITY, f64::min);
        let far = depths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let margin = 0.05 * (far - near) + 1.0;
        let depth = normal / (far - near + 2.0 * margin);
        let [width, height] = plane.size_px.map(|n| f64::from(n.max(1)));
        let across = plane.u_lps * (2.0 / (width * plane.pixel_mm));
        let up = plane.v_lps * (-2.0 / (height * plane.pixel_mm));
        let offsets = DVec3::new(
            -across.dot(plane.center_lps),
            -up.dot(plane.center_lps),
            -(near - margin) / (far - near + 2.0 * margin),
        );
        Self { rows: [across, up, depth], offsets }
    }

    /// Clip space of a point.
    #[inline]
    pub fn clip(&self, lps: DVec3) -> DVec3 {
        DVec3::from_array(self.rows.map(|row| row.dot(lps))) + self.offsets
    }
}

/// The box around all meshes; `None` when they are empty.
pub fn bounds_of<'a>(meshes: impl IntoIterator<Item = &'a Mesh>) -> Option<BoxLps> {
    let corners = meshes.into_iter().filter_map(Mesh::bounds_lps).flat_map(|bounds| [bounds.min, bounds.max]);
    BoxLps::around(corners)
}
