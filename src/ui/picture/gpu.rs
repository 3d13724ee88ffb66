//! Paint callbacks: `prepare` hands textures and uniforms over, `paint` covers the viewport. All resources live in one
//! [`GpuScene`] among egui's callback resources.

use crate::context::Pane;
use crate::render::gpu::{
    GpuContext, GpuError, GpuLabels, GpuPicture, GpuVolume, MipRenderer, MipView, PictureRenderer, PictureView,
    SliceRenderer, SliceView,
};
use crate::render::{MipDraw, PictureDraw, SliceDraw};
use crate::ui::viewport::Frame;
use crate::volume::{Labelmap, Picture, VoiFunction};
use egui::{PaintCallbackInfo, Ui};
use egui_wgpu::{Callback, CallbackResources, CallbackTrait, RenderState, ScreenDescriptor, wgpu};
use std::collections::HashMap;
use std::sync::Arc;

/// Renderers, textures and what each viewport keeps between frames.
pub struct GpuScene {
    gpu: GpuContext,
    slices: SliceRenderer,
    mips: MipRenderer,
    pictures: PictureRenderer,
    volume: Option<Arc<GpuVolume>>,
    labels: Option<(u64, GpuLabels)>,
    picture: Option<(PictureKey, GpuPicture)>,
    slice_views: HashMap<Pane, SliceView>,
    mip_view: MipView,
    picture_view: PictureView,
}

/// Which picture is on the device.
struct PictureKey {
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
    let pictures = PictureRenderer::new(&gpu, target)?;
    let scene = GpuScene {
        slices: SliceRenderer::new(&gpu, target)?,
        mips: MipRenderer::new(&gpu, target)?,
        picture_view: pictures.view(),
        pictures,
        volume: None,
        labels: None,
        picture: None,
        slice_views: HashMap::new(),
        mip_view: MipView::default(),
        gpu: gpu.clone(),
    };
    state.renderer.write().callback_resources.insert(scene);
    Ok(gpu)
}

/// The volume (uploaded by a job) that planes and projection show from now on.
pub fn install_volume(state: &RenderState, volume: Option<Arc<GpuVolume>>) {
    if let Some(scene) = state.renderer.write().callback_resources.get_mut::<GpuScene>() {
        scene.volume = volume;
        scene.labels = None;
        scene.picture = None;
    }
}

/// Paints a plane.
pub(super) fn paint_slice(ui: &Ui, frame: &Frame<'_>, draw: SliceDraw, labels: Option<(Labelmap, u64)>) {
    let callback = SliceCallback { pane: frame.pane, draw, labels };
    ui.painter().add(Callback::new_paint_callback(frame.rect, callback));
}

/// Paints the projection.
pub(super) fn paint_mip(ui: &Ui, frame: &Frame<'_>, draw: MipDraw) {
    let again = ui.ctx().clone();
    ui.painter().add(Callback::new_paint_callback(frame.rect, MipCallback { draw, again }));
}

/// Paints a picture.
pub(super) fn paint_flat(ui: &Ui, frame: &Frame<'_>, picture: (usize, Arc<Picture>), draw: PictureDraw) {
    ui.painter().add(Callback::new_paint_callback(frame.rect, FlatCallback { picture, draw }));
}

struct SliceCallback {
    pane: Pane,
    draw: SliceDraw,
    labels: Option<(Labelmap, u64)>,
}

impl CallbackTrait for SliceCallback {
    fn prepare(
        &self,
        _device: &wgpu::Device,
        _queue: &wgpu::Queue,
        _screen: &ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let Some(scene) = resources.get_mut::<GpuScene>() else { return Vec::new() };
        let Some(volume) = scene.volume.clone() else { return Vec::new() };
        if let Some((labels, generation)) = &self.labels {
            scene.update_labels(labels, *generation);
        }
        let labels = self.labels.as_ref().and(scene.labels.as_ref()).map(|(_, labels)| labels);
        let view = scene.slice_views.entry(self.pane).or_insert_with(|| scene.slices.view());
        scene.slices.prepare(view, &volume, labels, &self.draw);
        Vec::new()
    }

    fn paint(&self, _info: PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, resources: &CallbackResources) {
        if let Some(scene) = resources.get::<GpuScene>()
            && let Some(view) = scene.slice_views.get(&self.pane)
        {
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

    fn update_picture(&mut self, index: usize, picture: &Arc<Picture>, function: VoiFunction) {
        // Windows are applied on the device; a VOI LUT was before the upload.
        let table = matches!(function, VoiFunction::Table(_)).then_some(function);
        let key = PictureKey { index, picture: Arc::clone(picture), table };
        if self.picture.as_ref().is_some_and(|(shown, _)| shown.same(&key)) {
            return;
        }
        match GpuPicture::upload(&self.gpu, picture, function) {
            Ok(on_device) => self.picture = Some((key, on_device)),
            Err(error) => {
                self.picture = None;
                log::error!("the picture cannot be shown: {error}");
            }
        }
    }
}

struct MipCallback {
    draw: MipDraw,
    again: egui::Context,
}

impl CallbackTrait for MipCallback {
    fn prepare(
        &self,
        _device: &wgpu::Device,
        _queue: &wgpu::Queue,
        _screen: &ScreenDescriptor,
        encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let Some(scene) = resources.get_mut::<GpuScene>() else { return Vec::new() };
        let Some(volume) = scene.volume.clone() else { return Vec::new() };
        match scene.mips.prepare(encoder, &mut scene.mip_view, &volume, &self.draw) {
            Ok(true) => {}
            // The rest of the projection comes with the next frames.
            Ok(false) => self.again.request_repaint(),
            Err(error) => log::error!("the projection cannot be shown: {error}"),
        }
        Vec::new()
    }

    fn paint(&self, _info: PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, resources: &CallbackResources) {
        if let Some(scene) = resources.get::<GpuScene>() {
            scene.mips.paint(pass, &scene.mip_view);
        }
    }
}

struct FlatCallback {
    picture: (usize, Arc<Picture>),
    draw: PictureDraw,
}

impl CallbackTrait for FlatCallback {
    fn prepare(
        &self,
        _device: &wgpu::Device,
        _queue: &wgpu::Queue,
        _screen: &ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let Some(scene) = resources.get_mut::<GpuScene>() else { return Vec::new() };
        let (index, picture) = &self.picture;
        scene.update_picture(*index, picture, self.draw.voi.function);
        if let Some((_, on_device)) = &scene.picture {
            scene.pictures.prepare(&mut scene.picture_view, on_device, &self.draw);
        }
        Vec::new()
    }

    fn paint(&self, _info: PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, resources: &CallbackResources) {
        if let Some(scene) = resources.get::<GpuScene>()
            && scene.picture.is_some()
        {
            scene.pictures.paint(pass, &scene.picture_view);
        }
    }
}
