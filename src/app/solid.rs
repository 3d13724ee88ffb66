//! Views of whole volumes: their commands, and what is computed for them beside the window.

mod export;

use super::App;
use super::results::Done;
use crate::context::{
    Cast, Clip, NoticeLevel, PlaneAxes, ShadowKey, Shadows, ShownSeries, SolidCommand, SolidSource, Solids, Stand,
    Surfaces, ViewKind, Viewport, ViewportId,
};
use crate::geometry::{DVec2, Orientation};
use crate::jobs::{Cancel, Progress};
use crate::render::drr::{self, DrrGeometry};
use crate::render::gpu::{GpuContext, GpuSurfaces, RaycastVolume};
use crate::render::{ClipPlane, Preset, RgbaPicture, cpu};
use crate::volume::surface::surface;
use crate::volume::{Labelmap, Mesh, Segmentation, Volume};
use std::collections::HashSet;
use std::sync::Arc;

/// Longer side of the picture of shadows: they are laid over the radiograph enlarged.
const SHADOW_PX: u32 = 320;
/// How strongly a shadow covers what lies behind it.
const SHADOW_OPACITY: f32 = 0.25;

/// What views of volumes have, and what is on its way to them.
#[derive(Default)]
pub struct SolidWork {
    /// What panels may read.
    pub shown: Solids,
    pending: HashSet<Pending>,
}

/// Something that a job computes; each at most once at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Pending {
    /// Of the volume of this generation.
    Source(u64),
    /// The same on the graphics device, for rays.
    Rays(u64),
    Shadows(ViewportId),
    Surfaces,
}

/// What jobs bring back.
pub enum SolidDone {
    /// Of the volume of this generation.
    Source(u64, Arc<SolidSource>),
    /// The same on the graphics device, for rays.
    Rays(u64, Option<Arc<RaycastVolume>>),
    /// Of a viewport.
    Shadows(ViewportId, Shadows),
    /// Of the case.
    Surfaces(Surfaces),
}

impl App {
    pub(super) fn apply_to_solid(&mut self, id: ViewportId, command: SolidCommand) {
        use SolidCommand as C;
        match command {
            C::AddClip(orientation) => self.add_clip(id, orientation),
            C::Cast(px) => self.cast_ray(id, px),
            C::Rotation(plan) => self.solids.shown.rotation = plan,
            other => {
                if let Some(viewport) = self.view.layout.viewport_mut(id) {
                    change(viewport, other);
                }
            }
        }
    }

    /// A number key over a view of a volume: a transfer function, or a view of a radiograph. False where it has neither.
    pub(super) fn solid_preset(&mut self, id: ViewportId, key: u8) -> bool {
        let Some(viewport) = self.view.layout.viewport(id) else { return false };
        let at = usize::from(key.saturating_sub(1));
        match viewport.kind {
            ViewKind::Volume => {
                let Some(&preset) = Preset::ALL.get(at) else { return true };
                let source =
                    self.looked_at(id).and_then(|(_, series, _)| self.solids.shown.sources.get(&series.generation));
                if source.is_some_and(|source| !source.presets().any(|own| own == preset)) {
                    let text =
                        format!("{} stands in Hounsfield units, which this volume does not have.", preset.name());
                    self.notify(NoticeLevel::Warning, text);
                } else {
                    self.apply_to_solid(id, SolidCommand::Preset(preset));
                }
                true
            }
            ViewKind::Drr => {
                if let Some((_, angles_deg)) = Stand::VIEWS.get(at) {
                    let stand = Stand { angles_deg: *angles_deg, ..viewport.solid.stand };
                    self.apply_to_solid(id, SolidCommand::Stand(stand));
                }
                true
            }
            ViewKind::Surface => true,
            _ => false,
        }
    }

    /// Cuts along a plane as it lies now, through the crosshair; the side nearer to the reader of that plane goes.
    fn add_clip(&mut self, id: ViewportId, orientation: Orientation) {
        let Some((viewport, series, sight)) = self.looked_at(id) else { return };
        let Some(geometry) = series.geometry() else { return };
        if !viewport.solid.takes_clip() {
            return self.notify(NoticeLevel::Warning, "There are no more clip planes: remove one first.");
        }
        let axes = PlaneAxes::turned(geometry, orientation, sight.turn);
        let away = axes.u_lps.cross(axes.v_lps);
        let plane = ClipPlane::through(sight.crosshair_lps, away);
        let clip = Clip { plane, name: orientation.name(), on: true };
        if let Some(viewport) = self.view.layout.viewport_mut(id) {
            viewport.solid.clips.push(clip);
        }
    }

    /// What the ray of a pixel crosses; the crosshair goes to the first dense thing.
    fn cast_ray(&mut self, id: ViewportId, px: DVec2) {
        let Some((viewport, series, _)) = self.looked_at(id) else { return };
        let (Some(volume), Some(geometry)) = (series.loaded.volume(), viewport.solid.detector) else { return };
        let masks = self.masks_of(series);
        let name = |number: u8| {
            let segment = masks?.segment(number).filter(|segment| self.view.shows_segment(segment))?;
            Some((segment.label.clone(), segment.color_rgb))
        };
        let cast = Cast::new(volume, masks.map(|masks| &masks.labelmap), geometry, px, name);
        let target_lps = cast.target_lps();
        if let Some(viewport) = self.view.layout.viewport_mut(id) {
            viewport.solid.cast = Some(cast);
        }
        if let Some(lps) = target_lps {
            self.move_crosshair_in(id, lps);
        }
    }

    /// The masks of the case, where they lie in the space of a series.
    fn masks_of(&self, series: &ShownSeries) -> Option<&Segmentation> {
        let read = self.series.as_ref()?;
        let [own, other] = [series, read].map(|s| s.loaded.series.frame_of_reference_uid.as_str());
        let same = series.generation == read.generation || (!own.is_empty() && own == other);
        self.case.as_ref()?.segmentation().filter(|_| same)
    }

    /// Starts what views on screen lack.
    pub(super) fn follow_solids(&mut self) {
        let ids: Vec<ViewportId> =
            self.view.on_screen().filter(|v| v.kind.is_solid() && v.kind != ViewKind::Mip).map(|v| v.id).collect();
        for id in ids {
            let Some((viewport, series, _)) = self.looked_at(id) else { continue };
            let (kind, generation) = (viewport.kind, series.generation);
            let Some(volume) = series.loaded.volume().cloned() else { continue };
            let modality = series.loaded.series.modality.clone();
            self.find_source(generation, &volume, modality);
            match kind {
                ViewKind::Volume => self.find_rays(generation, volume),
                ViewKind::Drr => self.find_shadows(id),
                ViewKind::Surface => self.find_surfaces(),
                _ => {}
            }
        }
    }

    fn find_source(&mut self, generation: u64, volume: &Arc<Volume>, modality: String) {
        let is_there = self.solids.shown.sources.contains_key(&generation);
        if is_there || !self.solids.pending.insert(Pending::Source(generation)) {
            return;
        }
        let volume = Arc::clone(volume);
        self.pool.spawn("Preparing the 3D view", move |_, _| {
            let source = SolidSource::new(&volume, &modality);
            Done::Solid(SolidDone::Source(generation, Arc::new(source)))
        });
    }

    /// The volume as rays want it on the graphics device; until it is there the CPU draws.
    fn find_rays(&mut self, generation: u64, volume: Arc<Volume>) {
        let Some(gpu) = self.gpu.clone() else { return };
        let is_there = self.solids.shown.rays.contains_key(&generation);
        if is_there || !self.solids.pending.insert(Pending::Rays(generation)) {
            return;
        }
        self.pool.spawn("Preparing volume rendering", move |_, _| {
            let uploaded = RaycastVolume::upload(&gpu, &volume);
            let rays = uploaded.map_err(|problem| log::warn!("volume rendering is left to the CPU: {problem}")).ok();
            Done::Solid(SolidDone::Rays(generation, rays.map(Arc::new)))
        });
    }

    /// The shadows of visible segments; none while nothing is visible.
    fn find_shadows(&mut self, id: ViewportId) {
        let wanted = self.shadows_wanted(id);
        let now = self.solids.shown.shadows.get(&id).map(|shadows| &shadows.of);
        let Some((key, labels)) = wanted else {
            self.solids.shown.shadows.remove(&id);
            return;
        };
        if now == Some(&key) || !self.solids.pending.insert(Pending::Shadows(id)) {
            return;
        }
        self.pool.spawn("Shadows of masks", move |_, _| Done::Solid(SolidDone::Shadows(id, shadows(key, &labels))));
    }

    fn shadows_wanted(&self, id: ViewportId) -> Option<(ShadowKey, Labelmap)> {
        let (viewport, series, _) = self.looked_at(id)?;
        let (geometry, masks) = (viewport.solid.detector?, self.masks_of(series)?);
        let shown: Vec<_> = self.view.shown_segments(masks).map(|s| (s.number, s.color_rgb)).collect();
        let key = ShadowKey { geometry, mask_generation: self.mask_generation, shown };
        (!key.shown.is_empty()).then(|| (key, masks.labelmap.clone()))
    }

    /// Surfaces of all segments, once the stroke in hand is done.
    fn find_surfaces(&mut self) {
        let Some(masks) = self.case.as_ref().and_then(|case| case.segmentation()).filter(|_| !self.painting) else {
            return;
        };
        let mask_generation = self.mask_generation;
        let is_there = self.solids.shown.surfaces.as_ref().is_some_and(|s| s.mask_generation == mask_generation);
        if is_there || !self.solids.pending.insert(Pending::Surfaces) {
            return;
        }
        let (masks, gpu) = (masks.clone(), self.gpu.clone());
        self.pool.spawn("Surfaces of masks", move |progress, cancel| {
            let made = surfaces(&masks, mask_generation, gpu.as_ref(), progress, cancel);
            Done::Solid(SolidDone::Surfaces(made))
        });
    }

    pub(super) fn solid_done(&mut self, done: SolidDone) {
        match done {
            SolidDone::Source(generation, source) => {
                self.solids.pending.remove(&Pending::Source(generation));
                self.solids.shown.sources.insert(generation, source);
            }
            SolidDone::Rays(generation, rays) => {
                self.solids.pending.remove(&Pending::Rays(generation));
                self.solids.shown.rays.insert(generation, rays);
            }
            SolidDone::Shadows(id, shadows) => {
                self.solids.pending.remove(&Pending::Shadows(id));
                self.solids.shown.shadows.insert(id, shadows);
            }
            SolidDone::Surfaces(surfaces) => {
                self.solids.pending.remove(&Pending::Surfaces);
                self.solids.shown.surfaces = Some(surfaces);
            }
        }
    }

    /// Lets go of what belongs to volumes that are gone. A job that was stopped brings nothing back: it may be asked again.
    pub(super) fn forget_solids(&mut self, alive: &HashSet<u64>) {
        self.solids.shown.sources.retain(|generation, _| alive.contains(generation));
        self.solids.shown.rays.retain(|generation, _| alive.contains(generation));
        let on_screen: HashSet<ViewportId> = self.view.layout.viewports().map(|viewport| viewport.id).collect();
        self.solids.shown.shadows.retain(|id, _| on_screen.contains(id));
    }

    /// A job of these was stopped or failed.
    pub(super) fn solid_stopped(&mut self) {
        self.solids.pending.clear();
    }
}

fn change(viewport: &mut Viewport, command: SolidCommand) {
    use SolidCommand as C;
    let solid = &mut viewport.solid;
    match command {
        C::Preset(preset) => (solid.preset, solid.transfer) = (Some(preset), None),
        C::Transfer(transfer) => solid.transfer = transfer,
        C::Clips(clips) => solid.clips = clips,
        C::Crop(crop) => solid.crop = crop,
        C::Masks(masks) => solid.masks = masks,
        C::Stand(stand) => solid.stand = stand,
        C::Exposure(voi) => solid.exposure = Some(voi),
        C::Shown(size_px, detector) => {
            (solid.size_px, solid.detector) = (size_px, detector);
            // The list belongs to the picture that was clicked.
            solid.cast.take_if(|cast| Some(cast.geometry) != detector);
        }
        C::ForgetCast => solid.cast = None,
        C::AddClip(_) | C::Cast(_) | C::Rotation(_) => {}
    }
}

/// A picture of shadows, clear elsewhere, small enough to be made while the reader waits for it.
fn shadows(of: ShadowKey, labels: &Labelmap) -> Shadows {
    let geometry = reduced(&of.geometry, SHADOW_PX);
    let color = |number: u8| of.shown.iter().find(|(own, _)| *own == number).map(|(_, color)| *color);
    let found = drr::shadows(&geometry, labels, |number| color(number).is_some());
    let picture = shadow_layer(&found, geometry.detector.size_px, color);
    Shadows { of, picture: Arc::new(picture) }
}

/// Shadows over nothing: laid over black and over white, they tell color and opacity apart.
fn shadow_layer(
    found: &[drr::Shadow],
    [width, height]: [u32; 2],
    color: impl Fn(u8) -> Option<[u8; 3]>,
) -> RgbaPicture {
    let mut over_black = RgbaPicture::black(width, height);
    let mut over_white = RgbaPicture { rgba: vec![255; over_black.rgba.len()], ..over_black.clone() };
    cpu::lay_shadows(&mut over_black, found, SHADOW_OPACITY, &color);
    cpu::lay_shadows(&mut over_white, found, SHADOW_OPACITY, &color);
    for (pixel, white) in over_black.rgba.chunks_exact_mut(4).zip(over_white.rgba.chunks_exact(4)) {
        let through = (0..3).map(|n| white[n].saturating_sub(pixel[n])).max().unwrap_or(255);
        let alpha = 255 - through;
        for channel in &mut pixel[..3] {
            *channel = (u32::from(*channel) * 255 / u32::from(alpha.max(1))).min(255) as u8;
        }
        pixel[3] = alpha;
    }
    over_black
}

/// The same view with at most so many pixels along its longer side.
fn reduced(geometry: &DrrGeometry, most: u32) -> DrrGeometry {
    let mut small = *geometry;
    let detector = &mut small.detector;
    let [width, height] = detector.size_px;
    let divisor = width.max(height).div_ceil(most).max(1);
    detector.size_px = [width, height].map(|n| n.div_ceil(divisor).max(1));
    detector.pixel_mm *= f64::from(width) / f64::from(detector.size_px[0]);
    small
}

fn surfaces(
    masks: &Segmentation,
    mask_generation: u64,
    gpu: Option<&GpuContext>,
    progress: &Progress,
    cancel: &Cancel,
) -> Surfaces {
    let counts = masks.labelmap.histogram();
    let mut meshes = Vec::new();
    for (n, segment) in masks.segments.iter().enumerate() {
        progress.set(format!("Surface of {}", segment.label), Some(n as f32 / masks.segments.len() as f32));
        if cancel.is_cancelled() {
            break;
        }
        if counts[usize::from(segment.number)] == 0 {
            continue;
        }
        match surface(&masks.labelmap, segment.number) {
            Ok(mesh) => meshes.push((segment.number, mesh)),
            Err(problem) => log::warn!("a surface is missing: {problem}"),
        }
    }
    let all: Vec<&Mesh> = meshes.iter().map(|(_, mesh)| mesh).collect();
    let uploaded = gpu.map(|gpu| GpuSurfaces::upload(gpu, &all)).transpose();
    let on_device = uploaded.unwrap_or_else(|problem| {
        log::warn!("surfaces are drawn without the graphics device: {problem}");
        None
    });
    let on_device = on_device.flatten().map(Arc::new);
    Surfaces { mask_generation, meshes: Arc::new(meshes), on_device }
}
