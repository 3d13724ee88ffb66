//! Pictures of whole volumes: on the graphics device in portions, else by the CPU twins, coarse while the reader turns them.

use super::gpu::solid::{self, Portion, Told};
use super::{Shown, cached};
use crate::context::{AppContext, SolidSource, Surfaces, ViewportId};
use crate::geometry::SlicePlane;
use crate::render::drr::DrrDraw;
use crate::render::surfaces::SurfaceDraw;
use crate::render::{RaycastDraw, RgbaPicture, cpu};
use crate::ui::UiState;
use crate::ui::viewport::Frame;
use crate::volume::Segmentation;
use egui::{Color32, Rect, TextureHandle, TextureOptions, Ui, pos2};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

/// Longer side of a picture that the CPU makes in a frame's time, and of one that may take a few.
const CPU_MOVING_PX: u32 = 160;
const CPU_STILL_PX: u32 = 360;

/// What callbacks tell about their pictures, and shadows as textures.
#[derive(Default)]
pub struct SolidPictures {
    told: HashMap<ViewportId, Told>,
    shadows: HashMap<ViewportId, (Arc<RgbaPicture>, TextureHandle)>,
}

impl SolidPictures {
    fn told(&mut self, id: ViewportId) -> Told {
        Arc::clone(self.told.entry(id).or_default())
    }
}

/// Volume rendering; returns what to say of its quality.
pub fn cast(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    (draw, source): (RaycastDraw, &Arc<SolidSource>),
    masks: Option<(&Segmentation, u64)>,
) -> Option<String> {
    let masks = masks.filter(|_| draw.mask.is_some());
    if let Some(Some(rays)) = ctx.solids.rays.get(&frame.series.generation) {
        let told = state.solids.told(frame.viewport.id);
        let labels = masks.map(|(masks, generation)| (masks.labelmap.clone(), generation));
        solid::paint_cast(ui, frame, draw, rays, labels, &told);
        return quality(&told);
    }
    let volume = frame.series.loaded.volume()?;
    let divisor = divisor(ui, frame);
    let coarse = draw.coarse(divisor);
    let key = Shown::Cast(coarse.clone(), masks.map_or(0, |masks| masks.1), frame.series.generation);
    cached(ui, &mut state.pictures, frame, key, || {
        cpu::raycast_picture_with(volume, &source.blocks, masks.map(|(masks, _)| &masks.labelmap), &coarse)
    });
    resolution(divisor)
}

/// A radiograph; returns what to say of its quality.
pub fn radiograph(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    draw: DrrDraw,
) -> Option<String> {
    if ctx.on_gpu.contains(&frame.series.generation) {
        let told = state.solids.told(frame.viewport.id);
        solid::paint_radiograph(ui, frame, draw, &told);
        return quality(&told);
    }
    let volume = frame.series.loaded.volume()?;
    let divisor = divisor(ui, frame);
    let mut coarse = draw;
    coarse.geometry.detector = reduced(&coarse.geometry.detector, divisor);
    let key = Shown::Radiograph(coarse.clone(), frame.series.generation);
    cached(ui, &mut state.pictures, frame, key, || cpu::drr_picture(volume, &coarse));
    resolution(divisor)
}

/// Surfaces of segments.
pub fn surfaces(ui: &mut Ui, state: &mut UiState, frame: &Frame<'_>, surfaces: &Surfaces, draw: &SurfaceDraw) {
    if let Some(on_device) = &surfaces.on_device {
        return solid::paint_surfaces(ui, frame, on_device, draw.clone());
    }
    let coarse = SurfaceDraw { plane: reduced(&draw.plane, divisor(ui, frame)), ..draw.clone() };
    let key = Shown::Surfaces(coarse.clone(), surfaces.mask_generation);
    cached(ui, &mut state.pictures, frame, key, || {
        let meshes: Vec<_> = surfaces.meshes.iter().map(|(_, mesh)| mesh).collect();
        cpu::surfaces_picture(&meshes, &coarse)
    });
}

/// Shadows of masks over a radiograph.
pub fn shadows(ui: &Ui, state: &mut UiState, frame: &Frame<'_>, picture: &Arc<RgbaPicture>) {
    let id = frame.viewport.id;
    let is_kept = state.solids.shadows.get(&id).is_some_and(|(kept, _)| Arc::ptr_eq(kept, picture));
    if !is_kept {
        let image = super::color_image(picture);
        let texture = ui.ctx().load_texture("shadows", image, TextureOptions::LINEAR);
        state.solids.shadows.insert(id, (Arc::clone(picture), texture));
    }
    if let Some((_, texture)) = state.solids.shadows.get(&id) {
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter_at(frame.rect).image(texture.id(), frame.rect, whole, Color32::WHITE);
    }
}

/// By how much the CPU twin makes a picture smaller: more while a button is down.
fn divisor(ui: &Ui, frame: &Frame<'_>) -> u32 {
    let moving = ui.input(|input| input.pointer.any_down());
    let [width, height] = frame.size_px();
    width.max(height).div_ceil(if moving { CPU_MOVING_PX } else { CPU_STILL_PX }).max(1)
}

fn reduced(plane: &SlicePlane, divisor: u32) -> SlicePlane {
    let size_px = plane.size_px.map(|n| n.div_ceil(divisor).max(1));
    let pixel_mm = plane.pixel_mm * f64::from(plane.size_px[0].max(1)) / f64::from(size_px[0]);
    SlicePlane { pixel_mm, size_px, ..*plane }
}

/// What the device said of the picture last.
fn quality(told: &Told) -> Option<String> {
    match *told.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(Portion::Cast(quality)) => {
            let reason = quality.reason.map_or(String::new(), |reason| format!(" ({})", reason.as_str()));
            let voxels =
                (quality.voxels > 1).then(|| format!("{} voxels along each axis shown as one", quality.voxels));
            resolution(quality.scale).or(voxels).map(|words| words + &reason)
        }
        Some(Portion::Radiograph(complete)) => (!complete).then(|| "coarse while it is computed".to_owned()),
        Some(Portion::Refused) => Some("the graphics device cannot draw this view".to_owned()),
        None => None,
    }
}

/// "at half resolution".
fn resolution(divisor: u32) -> Option<String> {
    match divisor {
        0 | 1 => None,
        2 => Some("at half resolution".to_owned()),
        3 => Some("at a third of the resolution".to_owned()),
        4 => Some("at a quarter of the resolution".to_owned()),
        n => Some(format!("at 1/{n} of the resolution")),
    }
}
