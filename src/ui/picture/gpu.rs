//! Paint callbacks: `prepare` hands textures and uniforms over, `paint` covers the viewport. All resources live in one
//! [`GpuScene`] among egui's callback resources.

pub(super) mod solid;

use crate::context::ViewportId;
use crate::render::gpu::{
    GpuContext, GpuError, GpuLabels, GpuPicture, GpuVolume, MipRenderer, MipView, PictureRenderer, PictureView,
    SliceRenderer, SliceView,
};
use crate::render::{MipDraw, PictureDraw, SliceDraw};
use crate::ui::viewport::Frame;
use crate::volume::{Labelmap, Picture, VoiFunction};
use egui::{PaintCallbackInfo, Rect, Ui};
use egui_wgpu::{Callback, CallbackResources, CallbackTrait, RenderState, ScreenDescriptor, wgpu};
use solid::SolidScene;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Renderers, textures and what each viewport keeps between frames.
pub struct GpuScene {
    gpu: GpuContext,
    slices: SliceRenderer,
    mips: MipRenderer,
    pictures: PictureRenderer,
    /// By the generation of their series.
    volumes: HashMap<u64, Arc<GpuVolume>>,
    labels: Option<(u64, GpuLabels)>,
    slice_views: HashMap<ViewportId, SliceView>,
    mip_views: HashMap<ViewportId, MipView>,
    pictures_shown: HashMap<ViewportId, ShownPicture>,
    solids: SolidScene,
}

/// A picture on the device, and what its viewport keeps.
struct ShownPicture {
    key: PictureKey,
    picture: GpuPicture,
    view: PictureView,
}

/// Which picture is on the device.
struct PictureKey {
    generation: u64,
    index: usize,
    picture: Arc<Picture>,
    table: Option<VoiFunction>,
}

impl PictureKey {
    fn same(&self, other: &Self) -> bool {
        self.index == other.index && Arc::ptr_eq(&self.picture, &other.picture) && self.table == other.table
    }
}

/// Builds the renderers on the window's device.
pub fn install(state: &RenderState) -> Result<GpuContext, GpuError> {
    let gpu = GpuContext::from_window(&state.adapter, state.device.clone(), state.queue.clone());
    let target = state.target_format;
    let scene = GpuScene {
        slices: SliceRenderer::new(&gpu, target)?,
        mips: MipRenderer::new(&gpu, target)?,
        pictures: PictureRenderer::new(&gpu, target)?,
        volumes: HashMap::new(),
        labels: None,
        slice_views: HashMap::new(),
        mip_views: HashMap::new(),
        pictures_shown: HashMap::new(),
        solids: SolidScene::new(target),
        gpu: gpu.clone(),
    };
    state.renderer.write().callback_resources.insert(scene);
    Ok(gpu)
}

/// A volume that a job has uploaded: viewports of the series of this generation show it from now on.
pub fn install_volume(state: &RenderState, generation: u64, volume: Arc<GpuVolume>) {
    if let Some(scene) = state.renderer.write().callback_resources.get_mut::<GpuScene>() {
        scene.volumes.insert(generation, volume);
    }
}

/// The volume of a series as it lies on the device.
pub fn volume_on_device(state: &RenderState, generation: u64) -> Option<Arc<GpuVolume>> {
    state.renderer.read().callback_resources.get::<GpuScene>()?.volumes.get(&generation).cloned()
}

/// Frees what no series on screen needs.
#[allow(clippy::implicit_hasher, reason = "one caller")]
pub fn retain_volumes(state: &RenderState, generations: &HashSet<u64>) {
    if let Some(scene) = state.renderer.write().callback_resources.get_mut::<GpuScene>() {
        scene.volumes.retain(|generation, _| generations.contains(generation));
        scene.pictures_shown.retain(|_, shown| generations.contains(&shown.key.generation));
        if scene.volumes.is_empty() {
            scene.labels = None;
            scene.solids.clear();
        }
    }
}

/// Paints a plane; `second` is the generation of what lies over it.
pub(super) fn paint_slice(
    ui: &Ui,
    frame: &Frame<'_>,
    second: Option<u64>,
    draw: SliceDraw,
    labels: Option<(Labelmap, u64)>,
) {
    let callback = SliceCallback { place: Place::of(frame), second, draw, labels };
    ui.painter().add(in_scene(frame.rect, callback));
}

/// Paints a slab or projection.
pub(super) fn paint_mip(
    ui: &Ui,
    frame: &Frame<'_>,
    second: Option<u64>,
    draw: MipDraw,
    labels: Option<(Labelmap, u64)>,
) {
    let callback = MipCallback { place: Place::of(frame), second, draw, labels, again: ui.ctx().clone() };
    ui.painter().add(in_scene(frame.rect, callback));
}

/// Paints a picture.
pub(super) fn paint_flat(ui: &Ui, frame: &Frame<'_>, picture: (usize, Arc<Picture>), draw: PictureDraw) {
    ui.painter().add(in_scene(frame.rect, FlatCallback { place: Place::of(frame), picture, draw }));
}

/// Whose picture is painted where.
#[derive(Clone, Copy)]
struct Place {
    viewport: ViewportId,
    /// Of the series.
    generation: u64,
}

impl Place {
    fn of(frame: &Frame<'_>) -> Self {
        Self { viewport: frame.viewport.id, generation: frame.series.generation }
    }
}

/// What is painted with the scene that all viewports share.
trait Painted: Send + Sync + 'static {
    /// Hands textures and uniforms over, before the pass begins.
    fn prepare(&self, scene: &mut GpuScene, encoder: &mut wgpu::CommandEncoder);

    /// Covers the viewport.
    fn paint(&self, scene: &GpuScene, pass: &mut wgpu::RenderPass<'static>);
}

/// A paint callback that finds the scene among egui's callback resources; without one nothing is painted.
struct InScene<P>(P);

fn in_scene(rect: Rect, painted: impl Painted) -> egui::PaintCallback {
    Callback::new_paint_callback(rect, InScene(painted))
}

impl<P: Painted> CallbackTrait for InScene<P> {
    fn prepare(
        &self,
        _device: &wgpu::Device,
        _queue: &wgpu::Queue,
        _screen: &ScreenDescriptor,
        encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        if let Some(scene) = resources.get_mut::<GpuScene>() {
            self.0.prepare(scene, encoder);
        }
        Vec::new()
    }

    fn paint(&self, _info: PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, resources: &CallbackResources) {
        if let Some(scene) = resources.get::<GpuScene>() {
            self.0.paint(scene, pass);
        }
    }
}

struct SliceCallback {
    place: Place,
    second: Option<u64>,
    draw: SliceDraw,
    labels: Option<(Labelmap, u64)>,
}

impl Painted for SliceCallback {
    fn prepare(&self, scene: &mut GpuScene, _encoder: &mut wgpu::CommandEncoder) {
        let Some(volume) = scene.volumes.get(&self.place.generation).cloned() else { return };
        if let Some((labels, generation)) = &self.labels {
            scene.update_labels(labels, *generation);
        }
        let labels = self.labels.as_ref().and(scene.labels.as_ref()).map(|(_, labels)| labels);
        let second = self.second.and_then(|second| scene.volumes.get(&second)).map(AsRef::as_ref);
        let view = scene.slice_views.entry(self.place.viewport).or_insert_with(|| scene.slices.view());
        scene.slices.prepare_fused(view, &volume, second, labels, &self.draw);
    }

    fn paint(&self, scene: &GpuScene, pass: &mut wgpu::RenderPass<'static>) {
        if let Some(view) = scene.slice_views.get(&self.place.viewport) {
            scene.slices.paint(pass, view);
        }
    }
}

impl GpuScene {
    /// Sends changed slices of the masks; a driver's refusal leaves the masks off the picture and is logged.
    fn update_labels(&mut self, labels: &Labelmap, generation: u64) {
        if self.labels.as_ref().is_some_and(|(sent, _)| *sent == generation) {
            return;
        }
        let updated = match self.labels.take() {
            Some((_, mut on_device)) if on_device.geometry() == labels.geometry() => {
                on_device.update(&self.gpu, labels).map(|_| on_device)
            }
            _ => GpuLabels::upload(&self.gpu, labels),
        };
        match updated {
            Ok(on_device) => self.labels = Some((generation, on_device)),
            Err(error) => log::error!("masks cannot be shown: {error}"),
        }
    }

    fn update_picture(&mut self, place: Place, (index, picture): &(usize, Arc<Picture>), function: VoiFunction) {
        // Windows are applied on the device; a VOI LUT was before the upload.
        let table = matches!(function, VoiFunction::Table(_)).then_some(function);
        let (generation, index) = (place.generation, *index);
        let key = PictureKey { generation, index, picture: Arc::clone(picture), table };
        let before = self.pictures_shown.remove(&place.viewport);
        let shown = match before {
            Some(shown) if shown.key.same(&key) => Some(shown),
            other => match GpuPicture::upload(&self.gpu, picture, function) {
                Ok(picture) => {
                    let view = other.map_or_else(|| self.pictures.view(), |shown| shown.view);
                    Some(ShownPicture { key, picture, view })
                }
                Err(error) => {
                    log::error!("the picture cannot be shown: {error}");
                    None
                }
            },
        };
        shown.and_then(|shown| self.pictures_shown.insert(place.viewport, shown));
    }
}

struct MipCallback {
    place: Place,
    second: Option<u64>,
    draw: MipDraw,
    labels: Option<(Labelmap, u64)>,
    again: egui::Context,
}

impl Painted for MipCallback {
    fn prepare(&self, scene: &mut GpuScene, encoder: &mut wgpu::CommandEncoder) {
        let Some(volume) = scene.volumes.get(&self.place.generation).cloned() else { return };
        if let Some((labels, generation)) = &self.labels {
            scene.update_labels(labels, *generation);
        }
        let labels = self.labels.as_ref().and(scene.labels.as_ref()).map(|(_, labels)| labels);
        let second = self.second.and_then(|second| scene.volumes.get(&second)).map(AsRef::as_ref);
        let view = scene.mip_views.entry(self.place.viewport).or_default();
        match scene.mips.prepare_fused(encoder, view, &volume, second, labels, &self.draw) {
            Ok(true) => {}
            // The rest of the projection comes with the next frames.
            Ok(false) => self.again.request_repaint(),
            Err(error) => log::error!("the projection cannot be shown: {error}"),
        }
    }

    fn paint(&self, scene: &GpuScene, pass: &mut wgpu::RenderPass<'static>) {
        if let Some(view) = scene.mip_views.get(&self.place.viewport) {
            scene.mips.paint(pass, view);
        }
    }
}

struct FlatCallback {
    place: Place,
    picture: (usize, Arc<Picture>),
    draw: PictureDraw,
}

impl Painted for FlatCallback {
    fn prepare(&self, scene: &mut GpuScene, _encoder: &mut wgpu::CommandEncoder) {
        scene.update_picture(self.place, &self.picture, self.draw.voi.function);
        if let Some(shown) = scene.pictures_shown.get_mut(&self.place.viewport) {
            scene.pictures.prepare(&mut shown.view, &shown.picture, &self.draw);
        }
    }

    fn paint(&self, scene: &GpuScene, pass: &mut wgpu::RenderPass<'static>) {
        if let Some(shown) = scene.pictures_shown.get(&self.place.viewport) {
            scene.pictures.paint(pass, &shown.view);
        }
    }
}
