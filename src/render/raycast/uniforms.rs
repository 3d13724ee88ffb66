//! The numbers of a frame, from which both twins start: computed in `f64`, kept in `f32`, byte for byte as in
//! `shaders/include/raycast_layout.wgsl`.
//!
//! Space: voxel indices; a ray's parameter counts steps.

#![allow(missing_docs, reason = "each field is explained once, in raycast_layout.wgsl")]

use super::{Crop, MAX_CLIPS, MaskStyle, Projection, RaycastDraw};
use crate::geometry::{DAffine3, DMat3, DVec2, DVec3, VolumeGeometry};
use crate::render::transfer::TransferTable;
use crate::volume::Rescale;
use bytemuck::{Pod, Zeroable};

/// Clip planes and the faces of a crop box.
const MAX_PLANES: usize = MAX_CLIPS + 6;
/// Labels hide something. Also in `raycast.wgsl`.
const FLAG_HIDES: u32 = 1;
/// Labels color something. Also in `raycast.wgsl`.
pub(in crate::render) const FLAG_TINT: u32 = 2;
/// A ray ends where less than this share of the light is left: one gray level of white.
const ENOUGH: f32 = 1.0 / 255.0;

/// Uniforms of `raycast.wgsl`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
pub struct RaycastUniforms {
    pub origin: [f32; 4],
    pub u: [f32; 4],
    pub v: [f32; 4],
    pub ray: [f32; 4],
    pub camera: [f32; 4],
    pub metric_diagonal: [f32; 4],
    pub metric_rest: [f32; 4],
    pub label_from_ijk: [[f32; 4]; 3],
    pub planes: [[f32; 4]; MAX_PLANES],
    pub low: [f32; 4],
    pub high: [f32; 4],
    pub shading: [f32; 4],
    pub table: [f32; 4],
    pub background: [f32; 4],
    pub visible: [[u32; 4]; 2],
    pub dims: [u32; 4],
    pub label_dims: [u32; 4],
    pub flags: [u32; 4],
    pub display: [f32; 4],
    pub per_texel: [f32; 4],
}

/// A grid that a frame is drawn of: where, and which value a kept number is.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct Source<'a> {
    pub geometry: &'a VolumeGeometry,
    pub rescale: Rescale,
    /// Texels of the texture, which may have unused room at its ends.
    pub texels: [usize; 3],
}

impl RaycastUniforms {
    /// The numbers of frame `frame` (from 0) of a draw.
    pub(in crate::render) fn new(
        source: Source<'_>,
        labels: Option<&VolumeGeometry>,
        table: &TransferTable,
        draw: &RaycastDraw,
        frame: u32,
    ) -> Self {
        let mut made = Self::zeroed();
        let ijk_from_lps: DAffine3 = source.geometry.ijk_from_lps();
        made.place_camera(&ijk_from_lps, draw);
        made.measure(&ijk_from_lps, draw.step_mm);
        made.cut(source.geometry, draw);
        made.color(source.rescale, table, draw);
        if let (Some(geometry), Some(style)) = (labels, &draw.mask) {
            made.mask(source.geometry, geometry, style);
        }
        made.dims = grid(source.geometry.dims());
        made.per_texel = point(DVec3::from_array(source.texels.map(|n| (n as f64).recip())), 0.0);
        made.flags[2] = frame;
        made.flags[3] = u32::from(draw.frame_count() > 1);
        let [width, height] = draw.plane.size_px;
        made.display = [width as f32, height as f32, 0.0, 0.0];
        made
    }

    fn place_camera(&mut self, ijk_from_lps: &DAffine3, draw: &RaycastDraw) {
        let plane = &draw.plane;
        self.origin = point(ijk_from_lps.transform_point3(plane.lps_from_px(DVec2::ZERO)), 0.0);
        self.u = point(ijk_from_lps.transform_vector3(plane.u_lps * plane.pixel_mm), 0.0);
        self.v = point(ijk_from_lps.transform_vector3(plane.v_lps * plane.pixel_mm), 0.0);
        let step_mm = draw.step_mm.max(1e-6);
        let [x, y] = plane.size_px.map(|n| (f64::from(n) - 1.0) / 2.0);
        self.ray = match draw.projection {
            Projection::Orthographic => point(ijk_from_lps.transform_vector3(plane.normal_lps() * step_mm), 0.0),
            Projection::Perspective { eye_mm } => {
                let eye = plane.center_lps - plane.normal_lps() * eye_mm.max(1e-3);
                point(ijk_from_lps.transform_point3(eye), 1.0)
            }
        };
        let eye_mm = match draw.projection {
            Projection::Orthographic => 0.0,
            Projection::Perspective { eye_mm } => eye_mm.max(1e-3),
        };
        // In steps: only ratios to a step are needed.
        self.camera = [x as f32, y as f32, (plane.pixel_mm / step_mm) as f32, (eye_mm / step_mm) as f32];
    }

    /// Squared lengths of gradients, per step: `A·Aᵀ` of the map from steps to voxels.
    fn measure(&mut self, ijk_from_lps: &DAffine3, step_mm: f64) {
        let a: DMat3 = ijk_from_lps.matrix3 * step_mm;
        let metric = a * a.transpose();
        self.metric_diagonal = [metric.x_axis.x, metric.y_axis.y, metric.z_axis.z, 0.0].map(|x| x as f32);
        self.metric_rest = [metric.y_axis.z, metric.x_axis.z, metric.x_axis.y, 0.0].map(|x| x as f32);
    }

    fn cut(&mut self, geometry: &VolumeGeometry, draw: &RaycastDraw) {
        let last = DVec3::from_array(geometry.dims().map(|n| n as f64 - 1.0));
        let (mut low, mut high) = (DVec3::splat(-0.5), last + 0.5);
        let mut halves: Vec<(DVec3, f64)> =
            draw.clips.iter().take(MAX_CLIPS).map(|clip| (clip.normal_lps, clip.offset_mm)).collect();
        match draw.crop {
            Some(Crop::Ijk { low: first, high: end }) => {
                low = low.max(DVec3::from_array(first.map(|n| n as f64 - 0.5)));
                high = high.min(DVec3::from_array(end.map(|n| n as f64 + 0.5)));
            }
            Some(Crop::Lps(kept)) => {
                for axis in [DVec3::X, DVec3::Y, DVec3::Z] {
                    halves.push((axis, axis.dot(kept.min)));
                    halves.push((-axis, -axis.dot(kept.max)));
                }
            }
            None => {}
        }
        let lps_from_ijk = geometry.lps_from_ijk();
        for (plane, (normal, offset)) in self.planes.iter_mut().zip(&halves) {
            let rest = normal.dot(lps_from_ijk.translation) - offset;
            let normal = lps_from_ijk.matrix3.transpose() * *normal;
            // Only signs and ratios count: an even length keeps the numbers small.
            let length = normal.length().max(f64::MIN_POSITIVE);
            *plane = point(normal / length, rest / length);
        }
        self.flags[0] = halves.len() as u32;
        self.low = point(low, 0.0);
        self.high = point(high, 0.0);
    }

    fn color(&mut self, rescale: Rescale, table: &TransferTable, draw: &RaycastDraw) {
        let light = draw.transfer.shading();
        self.shading = [light.ambient, light.diffuse, light.specular, f64::from(light.shininess)].map(|x| x as f32);
        let per_stored = rescale.slope * table.per_value;
        let first = (rescale.intercept - table.low) * table.per_value;
        let depth = table.depth_per_mm * draw.step_mm;
        // A gradient of less than this many stored values per step has no direction worth the name.
        let flat = 0.25 * per_stored.recip().abs();
        self.table = [per_stored as f32, first as f32, depth as f32, (flat * flat) as f32];
        let [r, g, b] = draw.background_rgb.map(|byte| f32::from(byte) / 255.0);
        self.background = [r, g, b, ENOUGH];
    }

    fn mask(&mut self, volume: &VolumeGeometry, labels: &VolumeGeometry, style: &MaskStyle) {
        let map = labels.ijk_from_lps() * volume.lps_from_ijk();
        let rows = map.matrix3.transpose();
        self.label_from_ijk = [
            point(rows.x_axis, map.translation.x),
            point(rows.y_axis, map.translation.y),
            point(rows.z_axis, map.translation.z),
        ];
        self.label_dims = grid(labels.dims());
        for (label, _) in style.visible.iter().enumerate().filter(|(_, visible)| **visible) {
            self.visible[label / 128][label % 128 / 32] |= 1 << (label % 32);
        }
        self.flags[1] = if style.hides() { FLAG_HIDES } else { 0 } | if style.tints() { FLAG_TINT } else { 0 };
    }
}

fn point(p: DVec3, w: f64) -> [f32; 4] {
    [p.x as f32, p.y as f32, p.z as f32, w as f32]
}

fn grid(dims: [usize; 3]) -> [u32; 4] {
    // Textures are refused long before a side reaches 2³².
    let [i, j, k] = dims.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    [i, j, k, 0]
}
