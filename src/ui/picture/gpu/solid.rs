//! Paint callbacks of volume rendering and synthetic radiographs. Both come in portions, so that the window stays fluent on a
//! software driver; what the picture is so far goes back to the view, which says it.

use super::{GpuScene, Painted, Place, in_scene};
use crate::context::ViewportId;
use crate::render::drr::DrrDraw;
use crate::render::gpu::{
    DrrRenderer, DrrView, GpuContext, GpuSurfaces, RaycastRenderer, RaycastView, RaycastVolume, SurfaceRenderer,
    SurfaceView,
};
use crate::render::surfaces::SurfaceDraw;
use crate::render::{FULL_FRAMES, RaycastDraw, RaycastQuality};
use crate::ui::viewport::Frame;
use crate::volume::Labelmap;
use egui::Ui;
use egui_wgpu::wgpu;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Frames that a software driver averages: each takes it as long as a hundred of a graphics card's.
const SOFTWARE_FRAMES: u32 = 2;

/// Renderers and what each viewport keeps. Pipelines are built when the first such view comes on screen.
pub(super) struct SolidScene {
    target: wgpu::TextureFormat,
    raycaster: Option<RaycastRenderer>,
    radiographer: Option<DrrRenderer>,
    surfacer: Option<SurfaceRenderer>,
    casts: HashMap<ViewportId, RaycastView>,
    radiographs: HashMap<ViewportId, DrrView>,
    surfaces: HashMap<ViewportId, SurfaceView>,
}

impl SolidScene {
    pub fn new(target: wgpu::TextureFormat) -> Self {
        Self {
            target,
            raycaster: None,
            radiographer: None,
            surfacer: None,
            casts: HashMap::new(),
            radiographs: HashMap::new(),
            surfaces: HashMap::new(),
        }
    }

    /// Frees what viewports without a volume keep.
    pub fn clear(&mut self) {
        self.casts.clear();
        self.radiographs.clear();
        self.surfaces.clear();
    }
}

/// What a picture in portions is by now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Portion {
    /// Volume rendering.
    Cast(RaycastQuality),
    /// A radiograph: complete, or coarse until it is.
    Radiograph(bool),
    /// It cannot be drawn.
    Refused,
}

/// Where a callback tells its view what the picture is.
pub type Told = Arc<Mutex<Option<Portion>>>;

/// Notes what the picture is; asks for another frame while it is not what it was, or not final.
fn tell(told: &Told, now: Portion, again: &egui::Context) {
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    let is_final = match now {
        Portion::Cast(quality) => quality.is_final(),
        Portion::Radiograph(complete) => complete,
        Portion::Refused => true,
    };
    if !is_final || *told != Some(now) {
        again.request_repaint();
    }
    *told = Some(now);
}

fn frames(gpu: &GpuContext) -> u32 {
    if gpu.is_software { SOFTWARE_FRAMES } else { FULL_FRAMES }
}

/// Paints volume rendering.
pub fn paint_cast(
    ui: &Ui,
    frame: &Frame<'_>,
    draw: RaycastDraw,
    volume: &Arc<RaycastVolume>,
    labels: Option<(Labelmap, u64)>,
    told: &Told,
) {
    let (viewport, volume, told) = (frame.viewport.id, Arc::clone(volume), Arc::clone(told));
    let callback = CastCallback { viewport, draw, volume, labels, told, again: ui.ctx().clone() };
    ui.painter().add(in_scene(frame.rect, callback));
}

/// Paints a radiograph.
pub fn paint_radiograph(ui: &Ui, frame: &Frame<'_>, draw: DrrDraw, told: &Told) {
    let told = Arc::clone(told);
    let callback = RadiographCallback { place: Place::of(frame), draw, told, again: ui.ctx().clone() };
    ui.painter().add(in_scene(frame.rect, callback));
}

struct CastCallback {
    viewport: ViewportId,
    draw: RaycastDraw,
    volume: Arc<RaycastVolume>,
    labels: Option<(Labelmap, u64)>,
    told: Told,
    again: egui::Context,
}

impl Painted for CastCallback {
    fn prepare(&self, scene: &mut GpuScene, encoder: &mut wgpu::CommandEncoder) {
        if let Some((labels, generation)) = &self.labels {
            scene.update_labels(labels, *generation);
        }
        let GpuScene { gpu, solids, labels, .. } = scene;
        let labels = self.labels.as_ref().and(labels.as_ref()).map(|(_, labels)| labels);
        let draw = RaycastDraw { frames: frames(gpu), ..self.draw.clone() };
        let target = solids.target;
        let cast = renderer(&mut solids.raycaster, || RaycastRenderer::new(gpu, target)).and_then(|renderer| {
            let view = solids.casts.entry(self.viewport).or_default();
            renderer.prepare(encoder, view, &self.volume, labels, &draw)
        });
        match cast {
            Ok(quality) => tell(&self.told, Portion::Cast(quality), &self.again),
            Err(problem) => {
                log::error!("volume rendering cannot be shown: {problem}");
                tell(&self.told, Portion::Refused, &self.again);
            }
        }
    }

    fn paint(&self, scene: &GpuScene, pass: &mut wgpu::RenderPass<'static>) {
        let solids = &scene.solids;
        if let (Some(renderer), Some(view)) = (&solids.raycaster, solids.casts.get(&self.viewport)) {
            renderer.paint(pass, view);
        }
    }
}

/// A renderer, built when it is needed first.
fn renderer<R, E>(slot: &mut Option<R>, build: impl FnOnce() -> Result<R, E>) -> Result<&R, E> {
    let built = match slot.take() {
        Some(built) => built,
        None => build()?,
    };
    Ok(slot.insert(built))
}

struct RadiographCallback {
    place: Place,
    draw: DrrDraw,
    told: Told,
    again: egui::Context,
}

impl Painted for RadiographCallback {
    fn prepare(&self, scene: &mut GpuScene, encoder: &mut wgpu::CommandEncoder) {
        let Some(volume) = scene.volumes.get(&self.place.generation).cloned() else { return };
        let GpuScene { gpu, solids, .. } = scene;
        let target = solids.target;
        let taken = renderer(&mut solids.radiographer, || DrrRenderer::new(gpu, target)).and_then(|renderer| {
            let view = solids.radiographs.entry(self.place.viewport).or_default();
            renderer.prepare(encoder, view, &volume, &self.draw)
        });
        match taken {
            Ok(complete) => tell(&self.told, Portion::Radiograph(complete), &self.again),
            Err(problem) => {
                log::error!("the radiograph cannot be shown: {problem}");
                tell(&self.told, Portion::Refused, &self.again);
            }
        }
    }

    fn paint(&self, scene: &GpuScene, pass: &mut wgpu::RenderPass<'static>) {
        let solids = &scene.solids;
        if let (Some(renderer), Some(view)) = (&solids.radiographer, solids.radiographs.get(&self.place.viewport)) {
            renderer.paint(pass, view);
        }
    }
}

/// Paints surfaces.
pub fn paint_surfaces(ui: &Ui, frame: &Frame<'_>, surfaces: &Arc<GpuSurfaces>, draw: SurfaceDraw) {
    let callback = SurfaceCallback { viewport: frame.viewport.id, surfaces: Arc::clone(surfaces), draw };
    ui.painter().add(in_scene(frame.rect, callback));
}

struct SurfaceCallback {
    viewport: ViewportId,
    surfaces: Arc<GpuSurfaces>,
    draw: SurfaceDraw,
}

impl Painted for SurfaceCallback {
    fn prepare(&self, scene: &mut GpuScene, encoder: &mut wgpu::CommandEncoder) {
        let GpuScene { gpu, solids, .. } = scene;
        let target = solids.target;
        let drawn = renderer(&mut solids.surfacer, || SurfaceRenderer::new(gpu, target)).and_then(|renderer| {
            let view = solids.surfaces.entry(self.viewport).or_default();
            renderer.prepare(encoder, view, &self.surfaces, &self.draw)
        });
        if let Err(problem) = drawn {
            log::error!("surfaces cannot be shown: {problem}");
        }
    }

    fn paint(&self, scene: &GpuScene, pass: &mut wgpu::RenderPass<'static>) {
        let solids = &scene.solids;
        if let (Some(renderer), Some(view)) = (&solids.surfacer, solids.surfaces.get(&self.viewport)) {
            renderer.paint(pass, view);
        }
    }
}
