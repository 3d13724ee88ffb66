//! Slabs and projections, in portions: a coarse picture at once, the full one band by band over the next frames.
//! Twin of the finished picture: `render::cpu::fused_mip_picture`.

use super::context::{GpuContext, GpuError};
use super::pipeline::Offscreen;
use super::present::{Presented, Presenter};
use super::sampled::{Sampled, Samplers};
use super::textures::{GpuLabels, GpuVolume};
use crate::render::slab::Sampling;
use crate::render::{Interpolation, MipDraw, RgbaPicture};
use egui_wgpu::wgpu;

/// The coarse picture has a quarter of the width and height.
const COARSE: u32 = 4;

/// The pipelines of all slab and projection views.
#[derive(Debug)]
pub struct MipRenderer {
    gpu: GpuContext,
    samplers: Samplers,
    presenter: Presenter,
    target: wgpu::TextureFormat,
}

/// What one viewport keeps between frames.
#[derive(Debug, Default)]
pub struct MipView {
    first: Option<Projection>,
    second: Option<Projection>,
    presented: Option<Presented>,
}

/// The values of one volume, in progress.
#[derive(Debug)]
struct Projection {
    coarse: Sampled,
    fine: Sampled,
    rows_done: u32,
    coarse_done: bool,
}

impl Projection {
    fn is_complete(&self) -> bool {
        self.rows_done >= self.fine.target.size_px()[1]
    }

    /// The best values so far.
    fn values(&self) -> &wgpu::Texture {
        if self.is_complete() { &self.fine.target.texture } else { &self.coarse.target.texture }
    }
}

impl MipRenderer {
    /// Builds the pipelines for a target format.
    pub fn new(gpu: &GpuContext, target: wgpu::TextureFormat) -> Result<Self, GpuError> {
        Ok(Self { gpu: gpu.clone(), samplers: Samplers::new(gpu), presenter: Presenter::new(gpu, target)?, target })
    }

    /// Renders the next portion of a projection; starts anew when what is sampled changed. Returns true when the picture is
    /// complete: until then the view says so and asks for another frame.
    pub fn prepare(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        view: &mut MipView,
        volume: &GpuVolume,
        draw: &MipDraw,
    ) -> Result<bool, GpuError> {
        self.prepare_fused(encoder, view, volume, None, None, draw)
    }

    /// The same with the second volume that the draw fuses, and the labels of the middle plane.
    pub fn prepare_fused(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        view: &mut MipView,
        volume: &GpuVolume,
        second: Option<&GpuVolume>,
        labels: Option<&GpuLabels>,
        draw: &MipDraw,
    ) -> Result<bool, GpuError> {
        let sampling = draw.sampling();
        let mut is_complete = self.advance(encoder, &mut view.first, volume, &sampling)?;
        let over = second.zip(draw.fused.as_ref());
        if let Some((second, fused)) = over {
            is_complete &= self.advance(encoder, &mut view.second, second, &sampling.through(fused))?;
        }
        let over = view.second.as_ref().filter(|_| over.is_some()).map(Projection::values);
        if let Some(first) = &view.first {
            let presented = view.presented.get_or_insert_with(|| self.presenter.room());
            self.presenter.prepare(presented, first.values(), over, labels, &draw.look());
        }
        Ok(is_complete)
    }

    /// The next portion of one volume's values.
    fn advance(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        slot: &mut Option<Projection>,
        volume: &GpuVolume,
        sampling: &Sampling,
    ) -> Result<bool, GpuError> {
        // One coarse frame, then as many samples as a frame may take.
        let samples_per_frame: u64 = if self.gpu.is_software { 4_000_000 } else { 800_000_000 };
        let coarse = coarse(sampling);
        let mut shown = match slot.take() {
            Some(shown) if shown.fine.shows(volume, sampling) => shown,
            old => {
                let (old_coarse, old_fine) = old.map(|old| (old.coarse, old.fine)).unzip();
                Projection {
                    coarse: self.samplers.begin(old_coarse, volume, &coarse)?,
                    fine: self.samplers.begin(old_fine, volume, sampling)?,
                    rows_done: 0,
                    coarse_done: false,
                }
            }
        };
        let height = shown.fine.target.size_px()[1];
        if !shown.coarse_done {
            self.samplers.rows(encoder, &shown.coarse, volume, &coarse, 0..coarse.plane.size_px[1]);
            shown.coarse_done = true;
        } else if shown.rows_done < height {
            let left = u64::from(height - shown.rows_done);
            let rows = (samples_per_frame / sampling.per_row().max(1)).clamp(1, left) as u32;
            self.samplers.rows(encoder, &shown.fine, volume, sampling, shown.rows_done..shown.rows_done + rows);
            shown.rows_done += rows;
        }
        let is_complete = shown.is_complete();
        *slot = Some(shown);
        Ok(is_complete)
    }

    /// Puts the best picture so far onto the viewport of a pass.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, view: &MipView) {
        if let Some(presented) = &view.presented {
            self.presenter.paint(pass, presented);
        }
    }

    /// The finished projection as bytes, without a window.
    pub fn picture(&self, volume: &GpuVolume, draw: &MipDraw) -> Result<RgbaPicture, GpuError> {
        self.fused_picture(volume, None, None, draw)
    }

    /// The finished projection with the second volume that the draw fuses and the labels of its middle plane, as bytes.
    pub fn fused_picture(
        &self,
        volume: &GpuVolume,
        second: Option<&GpuVolume>,
        labels: Option<&GpuLabels>,
        draw: &MipDraw,
    ) -> Result<RgbaPicture, GpuError> {
        let mut view = MipView::default();
        let target = Offscreen::new(&self.gpu, draw.plane.size_px, self.target)?;
        loop {
            let is_complete = self.gpu.guarded(0, || {
                let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                let is_complete = self.prepare_fused(&mut encoder, &mut view, volume, second, labels, draw)?;
                self.gpu.queue.submit([encoder.finish()]);
                Ok::<_, GpuError>(is_complete)
            })??;
            self.gpu.wait()?;
            if is_complete {
                break;
            }
        }
        target.render(&self.gpu, |pass| self.paint(pass, &view))?;
        target.read(&self.gpu)
    }
}

/// The same view with a sixteenth of the pixels and half of the samples, from nearest voxels.
fn coarse(sampling: &Sampling) -> Sampling {
    let mut coarse = sampling.clone();
    coarse.plane.size_px = sampling.plane.size_px.map(|n| n.div_ceil(COARSE).max(1));
    coarse.plane.pixel_mm *= f64::from(sampling.plane.size_px[0].max(1)) / f64::from(coarse.plane.size_px[0]);
    coarse.step_mm *= 2.0;
    coarse.steps = sampling.steps.div_ceil(2);
    coarse.interpolation = Interpolation::Nearest;
    coarse
}
