//! Planes of a volume, with a second volume and a mask over it. Twin: `render::cpu::fused_picture`.
//!
//! Two steps: values of the plane (kept as long as the plane stays), then the picture of them; moving the window, the
//! opacity or a color map repeats the second step only.

use super::context::{GpuContext, GpuError};
use super::pipeline::Offscreen;
use super::present::{Presented, Presenter};
use super::sampled::{Sampled, Samplers};
use super::textures::{GpuLabels, GpuVolume};
use crate::render::{RgbaPicture, SliceDraw};
use egui_wgpu::wgpu;

/// The pipelines of all slice views.
#[derive(Debug)]
pub struct SliceRenderer {
    gpu: GpuContext,
    samplers: Samplers,
    presenter: Presenter,
    target: wgpu::TextureFormat,
}

/// What one viewport keeps between frames.
#[derive(Debug)]
pub struct SliceView {
    values: Option<Sampled>,
    second: Option<Sampled>,
    presented: Presented,
}

impl SliceRenderer {
    /// Builds the pipelines for a target format.
    pub fn new(gpu: &GpuContext, target: wgpu::TextureFormat) -> Result<Self, GpuError> {
        Ok(Self { gpu: gpu.clone(), samplers: Samplers::new(gpu), presenter: Presenter::new(gpu, target)?, target })
    }

    /// Room for one viewport.
    pub fn view(&self) -> SliceView {
        SliceView { values: None, second: None, presented: self.presenter.room() }
    }

    /// Takes over what the next frame shows. Call it before the pass begins. A refusal of the driver leaves the frame
    /// before and is logged.
    pub fn prepare(&self, view: &mut SliceView, volume: &GpuVolume, labels: Option<&GpuLabels>, draw: &SliceDraw) {
        self.prepare_fused(view, volume, None, labels, draw);
    }

    /// The same with the second volume that the draw fuses.
    pub fn prepare_fused(
        &self,
        view: &mut SliceView,
        volume: &GpuVolume,
        second: Option<&GpuVolume>,
        labels: Option<&GpuLabels>,
        draw: &SliceDraw,
    ) {
        if let Err(error) = self.try_prepare(view, volume, second, labels, draw) {
            log::error!("the plane cannot be shown: {error}");
        }
    }

    fn try_prepare(
        &self,
        view: &mut SliceView,
        volume: &GpuVolume,
        second: Option<&GpuVolume>,
        labels: Option<&GpuLabels>,
        draw: &SliceDraw,
    ) -> Result<(), GpuError> {
        let sampling = draw.sampling();
        self.samplers.whole(&mut view.values, volume, &sampling)?;
        let over = second.zip(draw.fused.as_ref());
        if let Some((second, fused)) = over {
            self.samplers.whole(&mut view.second, second, &sampling.through(fused))?;
        }
        let over = view.second.as_ref().filter(|_| over.is_some()).map(|sampled| &sampled.target.texture);
        if let Some(values) = &view.values {
            self.presenter.prepare(&mut view.presented, &values.target.texture, over, labels, &draw.look());
        }
        Ok(())
    }

    /// Covers the viewport of a pass with the frame that was prepared; nothing when none was.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, view: &SliceView) {
        self.presenter.paint(pass, &view.presented);
    }

    /// One frame as bytes, without a window.
    pub fn picture(
        &self,
        volume: &GpuVolume,
        labels: Option<&GpuLabels>,
        draw: &SliceDraw,
    ) -> Result<RgbaPicture, GpuError> {
        self.fused_picture(volume, None, labels, draw)
    }

    /// One frame with the second volume that the draw fuses, as bytes.
    pub fn fused_picture(
        &self,
        volume: &GpuVolume,
        second: Option<&GpuVolume>,
        labels: Option<&GpuLabels>,
        draw: &SliceDraw,
    ) -> Result<RgbaPicture, GpuError> {
        let mut view = self.view();
        let target = Offscreen::new(&self.gpu, draw.plane.size_px, self.target)?;
        self.try_prepare(&mut view, volume, second, labels, draw)?;
        target.render(&self.gpu, |pass| self.paint(pass, &view))?;
        target.read(&self.gpu)
    }
}
