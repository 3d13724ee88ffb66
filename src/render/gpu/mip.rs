//! Maximum intensity projection, in portions: a coarse picture at once, the full one band by band over the next frames.
//! Twin of the finished picture: `render::cpu::mip_picture`.

use super::context::{GpuContext, GpuError};
use super::layout::{MipUniforms, PlaneMap, Window, linear, size};
use super::pipeline::{Binding, Cover, Offscreen, uniform_buffer};
use super::textures::GpuVolume;
use crate::render::{Interpolation, MipDraw, RgbaPicture};
use egui_wgpu::wgpu;

/// The coarse picture has a quarter of the width and height.
const COARSE: u32 = 4;
/// Projections are kept in this format; the viewport's own is met when they are put onto it.
const KEPT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Upper bounds per block: numbers that are never interpolated.
const BOUNDS: Binding =
    Binding::Texture(wgpu::TextureViewDimension::D3, wgpu::TextureSampleType::Float { filterable: false });

/// The pipelines of all projection views.
#[derive(Debug)]
pub struct MipRenderer {
    gpu: GpuContext,
    cover: Cover,
    blit: Cover,
    sampler: wgpu::Sampler,
}

/// What one viewport keeps between frames.
#[derive(Debug, Default)]
pub struct MipView {
    shown: Option<Projection>,
}

/// A projection in progress.
#[derive(Debug)]
struct Projection {
    draw: MipDraw,
    volume: wgpu::Texture,
    coarse: Layer,
    fine: Layer,
    rows_done: u32,
    coarse_done: bool,
}

/// A picture of its own, and what it needs to be rendered and to be shown.
#[derive(Debug)]
struct Layer {
    target: Offscreen,
    uniforms: wgpu::Buffer,
    group: wgpu::BindGroup,
    show: wgpu::BindGroup,
}

impl MipRenderer {
    /// Builds the pipelines for a target format.
    pub fn new(gpu: &GpuContext, target: wgpu::TextureFormat) -> Result<Self, GpuError> {
        let cover = Cover::new(gpu, "mip", KEPT, &[Binding::Uniform, Binding::VOXELS, BOUNDS])?;
        let picture =
            Binding::Texture(wgpu::TextureViewDimension::D2, wgpu::TextureSampleType::Float { filterable: true });
        let blit = Cover::new(gpu, "blit", target, &[picture, Binding::Sampler])?;
        let sampler = gpu.device.create_sampler(&wgpu::SamplerDescriptor {
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        Ok(Self { gpu: gpu.clone(), cover, blit, sampler })
    }

    /// Renders the next portion of a projection; starts anew when the draw or the volume changed. Returns true when the
    /// picture is complete: until then the view says so and asks for another frame.
    pub fn prepare(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        view: &mut MipView,
        volume: &GpuVolume,
        draw: &MipDraw,
    ) -> Result<bool, GpuError> {
        // One coarse frame, then as many samples as a frame may take.
        let samples_per_frame: u64 = if self.gpu.is_software { 4_000_000 } else { 800_000_000 };
        if !view.shown.as_ref().is_some_and(|shown| shown.volume == volume.texture && shown.draw == *draw) {
            self.start(view, volume, draw)?;
        }
        let Some(shown) = &mut view.shown else { return Ok(false) };
        let [width, height] = shown.fine.target.size_px();
        if !shown.coarse_done {
            shown.coarse.target.record(encoder, true, |pass| self.cover.paint(pass, &shown.coarse.group));
            shown.coarse_done = true;
        } else if shown.rows_done < height {
            let per_row = u64::from(width) * u64::from(draw.steps());
            let rows = (samples_per_frame / per_row.max(1)).clamp(1, u64::from(height - shown.rows_done)) as u32;
            shown.fine.target.record(encoder, shown.rows_done == 0, |pass| {
                pass.set_scissor_rect(0, shown.rows_done, width, rows);
                self.cover.paint(pass, &shown.fine.group);
            });
            shown.rows_done += rows;
        }
        Ok(shown.rows_done >= height)
    }

    /// Puts the best picture so far onto the viewport of a pass.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, view: &MipView) {
        if let Some(shown) = &view.shown {
            let is_complete = shown.rows_done >= shown.fine.target.size_px()[1];
            self.blit.paint(pass, if is_complete { &shown.fine.show } else { &shown.coarse.show });
        }
    }

    /// The finished projection as bytes, without a window.
    pub fn picture(&self, volume: &GpuVolume, draw: &MipDraw) -> Result<RgbaPicture, GpuError> {
        let mut view = MipView::default();
        loop {
            let is_complete = self.gpu.guarded(0, || {
                let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                let is_complete = self.prepare(&mut encoder, &mut view, volume, draw)?;
                self.gpu.queue.submit([encoder.finish()]);
                Ok::<_, GpuError>(is_complete)
            })??;
            self.gpu.wait()?;
            if is_complete {
                break;
            }
        }
        view.shown.map_or_else(|| Ok(RgbaPicture::black(1, 1)), |shown| shown.fine.target.read(&self.gpu))
    }

    fn start(&self, view: &mut MipView, volume: &GpuVolume, draw: &MipDraw) -> Result<(), GpuError> {
        let coarse_draw = coarse(draw);
        let old = view
            .shown
            .take()
            .filter(|old| old.volume == volume.texture && old.draw.plane.size_px == draw.plane.size_px);
        let (coarse, fine) = match old {
            Some(old) => (old.coarse, old.fine),
            None => (self.layer(volume, &coarse_draw)?, self.layer(volume, draw)?),
        };
        self.gpu.queue.write_buffer(&coarse.uniforms, 0, bytemuck::bytes_of(&uniforms(volume, &coarse_draw)));
        self.gpu.queue.write_buffer(&fine.uniforms, 0, bytemuck::bytes_of(&uniforms(volume, draw)));
        view.shown = Some(Projection {
            draw: draw.clone(),
            volume: volume.texture.clone(),
            coarse,
            fine,
            rows_done: 0,
            coarse_done: false,
        });
        Ok(())
    }

    fn layer(&self, volume: &GpuVolume, draw: &MipDraw) -> Result<Layer, GpuError> {
        let target = Offscreen::new(&self.gpu, draw.plane.size_px, KEPT)?;
        let uniforms = uniform_buffer::<MipUniforms>(&self.gpu, "projection");
        let voxels = volume.texture.create_view(&wgpu::TextureViewDescriptor::default());
        let bounds = volume.bounds.create_view(&wgpu::TextureViewDescriptor::default());
        let group = self.cover.bind(
            &self.gpu,
            &[
                uniforms.as_entire_binding(),
                wgpu::BindingResource::TextureView(&voxels),
                wgpu::BindingResource::TextureView(&bounds),
            ],
        );
        let show = self.blit.bind(
            &self.gpu,
            &[wgpu::BindingResource::TextureView(&target.view), wgpu::BindingResource::Sampler(&self.sampler)],
        );
        Ok(Layer { target, uniforms, group, show })
    }
}

/// The same view with a sixteenth of the pixels and half of the samples, from nearest voxels.
fn coarse(draw: &MipDraw) -> MipDraw {
    let mut coarse = draw.clone();
    coarse.plane.size_px = draw.plane.size_px.map(|n| n.div_ceil(COARSE).max(1));
    coarse.plane.pixel_mm *= f64::from(draw.plane.size_px[0].max(1)) / f64::from(coarse.plane.size_px[0]);
    coarse.step_mm *= 2.0;
    coarse.interpolation = Interpolation::Nearest;
    coarse
}

fn uniforms(volume: &GpuVolume, draw: &MipDraw) -> MipUniforms {
    MipUniforms {
        plane: PlaneMap::new(volume.geometry(), &draw.plane, draw.depth_mm[0], draw.step_mm),
        grid: volume.grid,
        window: Window::new(draw.voi, draw.inverted),
        display: size(draw.plane.size_px),
        flags: [linear(draw.interpolation), draw.steps(), 0, 0],
    }
}
