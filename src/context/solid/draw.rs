//! What a viewport's view of a whole volume draws. Twins draw it: the graphics device in the window, the CPU where there is none
//! and on export.

use super::super::layout::Viewport;
use super::super::view::ViewState;
use super::{MaskUse, SOLID_FIT, SolidSource};
use crate::geometry::{DVec3, SlicePlane, VolumeGeometry};
use crate::render::drr::{DrrDraw, DrrError};
use crate::render::{Crop, MaskStyle, RaycastDraw};
use crate::volume::{Segment, Segmentation, Volume};
use std::sync::Arc;

/// How much of a segment's color replaces the transfer function's.
const TINT: f32 = 0.8;

impl Viewport {
    /// The camera of a view that is turned: from the front at no turn. What is displaced and magnified is the whole volume.
    pub fn camera(&self, geometry: &VolumeGeometry, size_px: [u32; 2]) -> SlicePlane {
        let [yaw, pitch] = self.turn_deg.map(f64::to_radians);
        let u_lps = DVec3::new(yaw.cos(), yaw.sin(), 0.0);
        let forward = DVec3::new(-yaw.sin(), yaw.cos(), 0.0);
        let v_lps = DVec3::NEG_Z * pitch.cos() + forward * pitch.sin();
        let diagonal_mm = geometry.bounds_lps().size_mm().length();
        let pixel_mm = SOLID_FIT * diagonal_mm / f64::from(size_px[0].min(size_px[1]).max(1)) / self.framing.zoom;
        let center_lps = geometry.center_lps() - u_lps * self.framing.pan.x - v_lps * self.framing.pan.y;
        SlicePlane { center_lps, u_lps, v_lps, pixel_mm, size_px }
    }

    /// Its volume rendering, in one frame.
    pub fn raycast(
        &self,
        geometry: &VolumeGeometry,
        source: &SolidSource,
        mask: Option<MaskStyle>,
        size_px: [u32; 2],
    ) -> RaycastDraw {
        let whole = RaycastDraw::whole(geometry, self.camera(geometry, size_px), source.transfer_of(&self.solid));
        RaycastDraw {
            clips: self.solid.active_clips(),
            crop: self.solid.crop.map(|[low, high]| Crop::Ijk { low, high }),
            mask,
            ..whole
        }
    }

    /// Its synthetic radiograph.
    pub fn radiograph(
        &self,
        volume: &Volume,
        source: Option<&SolidSource>,
        size_px: [u32; 2],
    ) -> Result<DrrDraw, DrrError> {
        let stand = &self.solid.stand;
        let framing = (self.framing.zoom, self.framing.pan);
        let geometry = stand.geometry(volume.geometry(), framing, size_px)?;
        let mut draw = DrrDraw::new(volume, geometry, stand.energy_kev)?;
        let first = source.and_then(|source| source.exposure);
        draw.voi = self.solid.exposure.or(first).unwrap_or(draw.voi);
        draw.inverted = self.inverted;
        Ok(draw)
    }
}

impl ViewState {
    /// The segments whose masks are on screen now.
    pub fn shown_segments<'a>(&self, masks: &'a Segmentation) -> impl Iterator<Item = &'a Segment> {
        masks.segments.iter().filter(|segment| self.shows_segment(segment))
    }

    /// What the visible segments do to volume rendering; `None` where they do nothing.
    pub fn mask_style(&self, masks: &Segmentation, how: MaskUse) -> Option<MaskStyle> {
        let shown: Vec<&Segment> = self.shown_segments(masks).collect();
        let numbers: Vec<u8> = shown.iter().map(|segment| segment.number).collect();
        match how {
            MaskUse::Ignore => None,
            // Without a visible segment "only those" is an empty picture, which is what was asked for.
            MaskUse::Only => Some(MaskStyle::showing(&numbers)),
            MaskUse::Hide => Some(MaskStyle::hiding(&numbers)),
            MaskUse::Color => {
                let mut palette = [[0; 4]; 256];
                for segment in shown {
                    let ([r, g, b], opacity) = (segment.color_rgb, self.look(segment.number).opacity);
                    let share = (255.0 * TINT * opacity.clamp(0.0, 1.0)).round() as u8;
                    palette[usize::from(segment.number)] = [r, g, b, share];
                }
                Some(MaskStyle::hiding(&[]).colored(Arc::new(palette)))
            }
        }
    }
}
