//! Pictures of viewports: on the graphics device through paint callbacks, else with the CPU twins into textures that are
//! made anew only when what they show changes.

mod gpu;
pub(super) mod solid;

pub use gpu::{GpuScene, install, install_volume, retain_volumes, volume_on_device};

use super::viewport::Frame;
use super::{UiState, camera};
use crate::context::{AppContext, ShownSeries, Viewport, ViewportId};
use crate::geometry::DVec2;
use crate::render::drr::DrrDraw;
use crate::render::surfaces::SurfaceDraw;
use crate::render::{Fused, MipDraw, OverlayStyle, PictureDraw, RaycastDraw, RgbaPicture, SliceDraw};
use crate::volume::{AlgorithmKind, Picture, Segmentation, Shutter, Volume};
use egui::{Color32, ColorImage, Rect, TextureHandle, TextureOptions, Ui, pos2};
use std::sync::Arc;

/// Largest side of a projection that the CPU makes in a frame's time.
const CPU_MIP_PX: u32 = 160;
/// Time in which both series were shown once, where they blink.
const BLINK_SECS: f64 = 1.0;
/// Largest side of a shutter's cover: its edge needs no more.
const SHUTTER_PX: u32 = 640;

/// A plane of the volume (or of a slice of it that is there already), thick where it is a slab, with what lies over it.
pub(super) fn plane(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    volume: &Volume,
    plane: crate::geometry::SlicePlane,
) {
    let masks = masks(ctx, frame);
    let overlay = masks.and_then(|(masks, _)| overlay_style(ctx, state, masks));
    let (voi, inverted) = (ctx.voi_in(frame.viewport), ctx.inverted_in(frame.viewport));
    let Viewport { color_map, filter, .. } = *frame.viewport;
    let interpolation = ctx.view.interpolation;
    let fused = fused(ui, ctx, frame);
    match frame.viewport.slab.filter(|_| frame.series.loaded.volume().is_some()) {
        None => {
            let plain = SliceDraw::new(plane, voi);
            let draw = SliceDraw { inverted, interpolation, overlay, color_map, filter, fused, ..plain };
            slice(ui, ctx, state, frame, volume, draw);
        }
        Some(slab) => {
            let plain = MipDraw::slab(volume.geometry(), plane, voi, slab);
            let draw = MipDraw { inverted, interpolation, color_map, filter, overlay, fused, ..plain };
            projection(ui, ctx, state, frame, draw);
        }
    }
}

/// The projection of the whole volume.
pub(super) fn mip(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, frame: &Frame<'_>, draw: MipDraw) {
    let fused = fused(ui, ctx, frame);
    let draw = MipDraw { color_map: frame.viewport.color_map, fused, ..draw };
    projection(ui, ctx, state, frame, draw);
}

/// The masks of the case, and their generation, where they lie in the space of the series.
pub(super) fn masks<'a>(ctx: &AppContext<'a>, frame: &Frame<'_>) -> Option<(&'a Segmentation, u64)> {
    let case = ctx.case.filter(|_| super::viewport::is_of_case(ctx, frame))?;
    Some((case.segmentation?, case.mask_generation))
}

/// What lies over the series of a viewport. Where both blink, the second is there for half of each period, alone.
fn fused(ui: &Ui, ctx: &AppContext<'_>, frame: &Frame<'_>) -> Option<Fused> {
    let (over, second, moving_from_fixed) = ctx.over(frame.viewport)?;
    // Both are drawn by the same hand, or the second is left out until it is on the device.
    if ctx.on_gpu.contains(&frame.series.generation) && !ctx.on_gpu.contains(&second.generation) {
        return None;
    }
    let mut shown = true;
    if over.takes_turns() {
        let phase = ui.input(|input| input.time) / BLINK_SECS;
        shown = phase.fract() >= 0.5;
        let rest = (0.5 - phase.fract().rem_euclid(0.5)) * BLINK_SECS;
        ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(rest + 0.005));
    }
    Some(over.fused(moving_from_fixed, ctx.view.interpolation, shown))
}

fn slice(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, frame: &Frame<'_>, volume: &Volume, draw: SliceDraw) {
    let masks = masks(ctx, frame).filter(|_| draw.overlay.is_some());
    let second = ctx.over(frame.viewport).map(|(_, second, _)| second);
    camera::slice(ctx, frame, &draw, masks.map(|m| m.0));
    let key = Shown::Slice(draw.clone(), masks.map_or(0, |m| m.1), generations(frame, second));
    let by_device = ctx.on_gpu.contains(&frame.series.generation);
    state.drawn.insert(frame.viewport.id, Drawn { what: key.clone(), by_device });
    if by_device {
        let labels = masks.map(|(m, generation)| (m.labelmap.clone(), generation));
        gpu::paint_slice(ui, frame, second.map(|second| second.generation), draw, labels);
        return;
    }
    let second = second.and_then(|second| second.loaded.volume());
    let labels = masks.map(|(m, _)| &m.labelmap);
    cached(ui, &mut state.pictures, frame, key, || {
        crate::render::cpu::fused_picture(volume, second.map(AsRef::as_ref), &draw, labels)
    });
}

fn projection(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, frame: &Frame<'_>, draw: MipDraw) {
    let Some(volume) = frame.series.loaded.volume() else { return };
    let masks = masks(ctx, frame).filter(|_| draw.overlay.is_some());
    let second = ctx.over(frame.viewport).map(|(_, second, _)| second);
    camera::mip(ctx, frame, &draw, masks.map(|m| m.0));
    let by_device = ctx.on_gpu.contains(&frame.series.generation);
    let what = Shown::Mip(draw.clone(), masks.map_or(0, |m| m.1), generations(frame, second));
    state.drawn.insert(frame.viewport.id, Drawn { what, by_device });
    if by_device {
        let labels = masks.map(|(m, generation)| (m.labelmap.clone(), generation));
        gpu::paint_mip(ui, frame, second.map(|second| second.generation), draw, labels);
        return;
    }
    // Coarse, so that turning stays fluent.
    let mut coarse = draw;
    let [width, height] = coarse.plane.size_px;
    let shrink = (width.max(height)).div_ceil(CPU_MIP_PX).max(1);
    coarse.plane.size_px = [width, height].map(|n| n.div_ceil(shrink));
    coarse.plane.pixel_mm *= f64::from(shrink);
    coarse.step_mm *= f64::from(shrink.min(3));
    let key = Shown::Mip(coarse.clone(), masks.map_or(0, |m| m.1), generations(frame, second));
    let second = second.and_then(|second| second.loaded.volume());
    let labels = masks.map(|(m, _)| &m.labelmap);
    cached(ui, &mut state.pictures, frame, key, || {
        crate::render::cpu::fused_mip_picture(volume, second.map(AsRef::as_ref), &coarse, labels)
    });
}

/// Of the series and what lies over it; 0 for nothing.
fn generations(frame: &Frame<'_>, second: Option<&ShownSeries>) -> [u64; 2] {
    [frame.series.generation, second.map_or(0, |second| second.generation)]
}

/// A picture that belongs to no volume.
pub(super) fn flat(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    (index, image): (usize, Arc<Picture>),
    draw: PictureDraw,
) {
    camera::flat(ctx, frame, (index, &image), &draw);
    let key = Shown::Flat(draw.clone(), index, frame.series.generation);
    let by_device = ctx.on_gpu.contains(&frame.series.generation);
    state.drawn.insert(frame.viewport.id, Drawn { what: key.clone(), by_device });
    if by_device {
        gpu::paint_flat(ui, frame, (index, Arc::clone(&image)), draw.clone());
    } else {
        cached(ui, &mut state.pictures, frame, key.clone(), || crate::render::cpu::picture_rgba(&image, &draw));
    }
    // A presentation state has a shutter and drawings of its own.
    let own = ctx.presentation_in(frame.viewport).is_none();
    if own && ctx.view.overlays_shown && !image.presentation.is_bare() {
        cached(ui, &mut state.covers, frame, key, || {
            let [width, height] = draw.size_px;
            let mut cover = RgbaPicture { width, height, rgba: vec![0; 4 * width as usize * height as usize] };
            crate::render::cpu::cover_picture(&image, &draw, &mut cover);
            cover
        });
    }
}

/// What a shutter hides of an image that lies on the screen at `origin_px + u_px · x + v_px · y`.
pub(super) fn shutter(ui: &mut Ui, state: &mut UiState, frame: &Frame<'_>, shutter: &Shutter, place: ShutterPlace) {
    let key = Shown::Shutter(shutter.clone(), place);
    cached(ui, &mut state.shutters, frame, key, || {
        let [width, height] = frame.size_px();
        let step = (width.max(height)).div_ceil(SHUTTER_PX).max(1);
        let [width, height] = [width, height].map(|n| n.div_ceil(step));
        let mut cover = RgbaPicture { width, height, rgba: vec![0; 4 * width as usize * height as usize] };
        for (n, pixel) in cover.rgba.chunks_exact_mut(4).enumerate() {
            let [x, y] = [n as u32 % width, n as u32 / width].map(|n| (f64::from(n) + 0.5) * f64::from(step) - 0.5);
            let at = (place.origin_px + place.u_px * x + place.v_px * y).round();
            let inside = at.x >= 0.0 && at.y >= 0.0;
            if inside && !shutter.shows(at.x as usize, at.y as usize) {
                pixel.copy_from_slice(&[shutter.gray, shutter.gray, shutter.gray, 255]);
            }
        }
        cover
    });
}

/// Where an image lies on the screen: columns and rows of the image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShutterPlace {
    /// Of screen pixel (0, 0).
    pub origin_px: DVec2,
    /// For each screen pixel to the right.
    pub u_px: DVec2,
    /// For each screen pixel down.
    pub v_px: DVec2,
    /// The screen.
    pub size_px: [u32; 2],
}

/// What a texture shows: equal keys mean equal pixels.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A plane, generation of the masks, generations of the series and of what lies over it.
    Slice(SliceDraw, u64, [u64; 2]),
    /// A slab or projection, and the same generations.
    Mip(MipDraw, u64, [u64; 2]),
    /// A picture, its index, generation of the series.
    Flat(PictureDraw, usize, u64),
    /// Volume rendering, generation of the masks, of the series.
    Cast(RaycastDraw, u64, u64),
    /// A radiograph, generation of the series.
    Radiograph(DrrDraw, u64),
    /// Surfaces, generation of the masks.
    Surfaces(SurfaceDraw, u64),
    /// A shutter and where the image lies.
    Shutter(Shutter, ShutterPlace),
}

/// What a viewport shows, and whether the graphics device drew it.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What.
    pub what: Shown,
    /// Else the CPU's twins did.
    pub by_device: bool,
}

/// Viewports and what they show.
pub type DrawnViews = std::collections::HashMap<ViewportId, Drawn>;

/// A texture and what it shows.
pub struct CachedPicture {
    key: Shown,
    texture: TextureHandle,
}

fn cached(ui: &Ui, pictures: &mut Pictures, frame: &Frame<'_>, key: Shown, make: impl FnOnce() -> RgbaPicture) {
    let fresh = pictures.get(&frame.viewport.id).is_some_and(|cached| cached.key == key);
    if !fresh {
        let image = color_image(&make());
        if let Some(cached) = pictures.get_mut(&frame.viewport.id) {
            cached.texture.set(image, TextureOptions::LINEAR);
            cached.key = key;
        } else {
            let texture = ui.ctx().load_texture(frame.viewport.kind.name(), image, TextureOptions::LINEAR);
            pictures.insert(frame.viewport.id, CachedPicture { key, texture });
        }
    }
    if let Some(cached) = pictures.get(&frame.viewport.id) {
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter_at(frame.rect).image(cached.texture.id(), frame.rect, whole, Color32::WHITE);
    }
}

fn color_image(picture: &RgbaPicture) -> ColorImage {
    ColorImage::from_rgba_unmultiplied([picture.width as usize, picture.height as usize], &picture.rgba)
}

/// Colors of the masks that are shown now; `None` when nothing is.
fn overlay_style(ctx: &AppContext<'_>, state: &mut UiState, masks: &Segmentation) -> Option<OverlayStyle> {
    if ctx.view.masks_hidden || masks.segments.is_empty() {
        return None;
    }
    let mut palette = [[0u8; 4]; 256];
    for segment in &masks.segments {
        let look = ctx.view.look(segment.number);
        let allowed = ctx.ai_shown() || segment.algorithm == AlgorithmKind::Manual;
        if look.visible && allowed {
            let [r, g, b] = segment.color_rgb;
            let alpha = (look.opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
            palette[usize::from(segment.number)] = [r, g, b, alpha];
        }
    }
    if palette.iter().all(|color| color[3] == 0) {
        return None;
    }
    // One allocation as long as nothing changes: equal pointers spare the upload.
    if state.palette.as_deref() != Some(&palette) {
        state.palette = Some(Arc::new(palette));
    }
    let palette = state.palette.clone()?;
    Some(OverlayStyle {
        palette,
        fill_opacity: ctx.view.fill_opacity,
        outline_opacity: ctx.view.outline_opacity,
        outline_px: 1.5 * (ctx.view_scale.max(1.0)),
    })
}

/// Viewports that keep a picture.
pub type Pictures = std::collections::HashMap<ViewportId, CachedPicture>;
