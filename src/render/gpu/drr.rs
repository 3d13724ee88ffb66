//! Digitally reconstructed radiographs, in portions: a coarse picture at once, the full one band by band over the next
//! frames. Twin of the finished picture: `render::cpu::drr_picture`; the line integrals agree to a thousandth of the largest.

use super::context::{GpuContext, GpuError};
use super::layout::{Grid, Window, size};
use super::pipeline::{Binding, Cover, Offscreen, uniform_buffer};
use super::textures::GpuVolume;
use crate::geometry::{DAffine3, DVec3};
use crate::render::RgbaPicture;
use crate::render::drr::{DrrDraw, Ray};
use bytemuck::{Pod, Zeroable};
use egui_wgpu::wgpu;

/// The coarse picture has a quarter of the width and height.
const COARSE: u32 = 4;
/// Radiographs are kept in this format; the viewport's own is met when they are put onto it.
const KEPT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Uniforms of `drr.wgsl`, where each field is explained.
#[allow(missing_docs, reason = "each field is explained once, in drr.wgsl")]
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
pub struct DrrUniforms {
    pub start: [f32; 4],
    pub start_u: [f32; 4],
    pub start_v: [f32; 4],
    pub along: [f32; 4],
    pub along_u: [f32; 4],
    pub along_v: [f32; 4],
    pub mm: [f32; 4],
    pub mm_u: [f32; 4],
    pub mm_v: [f32; 4],
    pub grid: Grid,
    pub window: Window,
    pub display: [f32; 4],
}

/// The pipelines of all radiographs.
#[derive(Debug)]
pub struct DrrRenderer {
    gpu: GpuContext,
    cover: Cover,
    blit: Cover,
    sampler: wgpu::Sampler,
}

/// What one viewport keeps between frames.
#[derive(Debug, Default)]
pub struct DrrView {
    shown: Option<Exposure>,
}

/// A radiograph in progress.
#[derive(Debug)]
struct Exposure {
    draw: DrrDraw,
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

impl DrrRenderer {
    /// Builds the pipelines for a target format.
    pub fn new(gpu: &GpuContext, target: wgpu::TextureFormat) -> Result<Self, GpuError> {
        let cover = Cover::new(gpu, "drr", KEPT, &[Binding::Uniform, Binding::VOXELS])?;
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

    /// Renders the next portion; starts anew when the draw or the volume changed. Returns true when the picture is complete:
    /// until then the view says so and asks for another frame.
    pub fn prepare(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        view: &mut DrrView,
        volume: &GpuVolume,
        draw: &DrrDraw,
    ) -> Result<bool, GpuError> {
        // One coarse frame, then as many samples as a frame may take.
        let samples_per_frame: u64 = if self.gpu.is_software { 8_000_000 } else { 1_600_000_000 };
        if !view.shown.as_ref().is_some_and(|shown| shown.volume == volume.texture && shown.draw == *draw) {
            self.start(view, volume, draw)?;
        }
        let Some(shown) = &mut view.shown else { return Ok(false) };
        let [width, height] = shown.fine.target.size_px();
        if !shown.coarse_done {
            shown.coarse.target.record(encoder, true, |pass| self.cover.paint(pass, &shown.coarse.group));
            shown.coarse_done = true;
        } else if shown.rows_done < height {
            // One sample for each layer of the axis that a ray follows.
            let per_ray = volume.geometry().dims().into_iter().max().unwrap_or(1) as u64;
            let per_row = (u64::from(width) * per_ray).max(1);
            let rows = (samples_per_frame / per_row).clamp(1, u64::from(height - shown.rows_done)) as u32;
            shown.fine.target.record(encoder, shown.rows_done == 0, |pass| {
                pass.set_scissor_rect(0, shown.rows_done, width, rows);
                self.cover.paint(pass, &shown.fine.group);
            });
            shown.rows_done += rows;
        }
        Ok(shown.rows_done >= height)
    }

    /// Puts the best picture so far onto the viewport of a pass.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, view: &DrrView) {
        if let Some(shown) = &view.shown {
            let is_complete = shown.rows_done >= shown.fine.target.size_px()[1];
            self.blit.paint(pass, if is_complete { &shown.fine.show } else { &shown.coarse.show });
        }
    }

    /// The finished radiograph as bytes, without a window.
    pub fn picture(&self, volume: &GpuVolume, draw: &DrrDraw) -> Result<RgbaPicture, GpuError> {
        let mut view = DrrView::default();
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

    fn start(&self, view: &mut DrrView, volume: &GpuVolume, draw: &DrrDraw) -> Result<(), GpuError> {
        let coarse_draw = coarse(draw);
        let old = view.shown.take();
        let (coarse, fine) =
            match old.filter(|old| old.volume == volume.texture && old.draw.size_px() == draw.size_px()) {
                Some(old) => (old.coarse, old.fine),
                None => (self.layer(volume, &coarse_draw)?, self.layer(volume, draw)?),
            };
        self.gpu.queue.write_buffer(&coarse.uniforms, 0, bytemuck::bytes_of(&uniforms(volume, &coarse_draw)));
        self.gpu.queue.write_buffer(&fine.uniforms, 0, bytemuck::bytes_of(&uniforms(volume, draw)));
        let (draw, volume) = (draw.clone(), volume.texture.clone());
        view.shown = Some(Exposure { draw, volume, coarse, fine, rows_done: 0, coarse_done: false });
        Ok(())
    }

    fn layer(&self, volume: &GpuVolume, draw: &DrrDraw) -> Result<Layer, GpuError> {
        let target = Offscreen::new(&self.gpu, draw.size_px(), KEPT)?;
        let uniforms = uniform_buffer::<DrrUniforms>(&self.gpu, "radiograph");
        let voxels = volume.texture.create_view(&wgpu::TextureViewDescriptor::default());
        let resources = [uniforms.as_entire_binding(), wgpu::BindingResource::TextureView(&voxels)];
        let group = self.cover.bind(&self.gpu, &resources);
        let shown = [wgpu::BindingResource::TextureView(&target.view), wgpu::BindingResource::Sampler(&self.sampler)];
        let show = self.blit.bind(&self.gpu, &shown);
        Ok(Layer { target, uniforms, group, show })
    }
}

/// The same view with a sixteenth of the pixels.
fn coarse(draw: &DrrDraw) -> DrrDraw {
    let mut coarse = draw.clone();
    let detector = &mut coarse.geometry.detector;
    let width = detector.size_px[0].max(1);
    detector.size_px = detector.size_px.map(|n| n.div_ceil(COARSE).max(1));
    detector.pixel_mm *= f64::from(width) / f64::from(detector.size_px[0]);
    coarse
}

fn uniforms(volume: &GpuVolume, draw: &DrrDraw) -> DrrUniforms {
    let fan = draw.geometry.fan(volume.geometry());
    let ijk_from_lps: DAffine3 = volume.geometry().ijk_from_lps();
    let four = |v: DVec3| [v.x as f32, v.y as f32, v.z as f32, 0.0];
    let ijk = |lps: DVec3| four(ijk_from_lps.transform_vector3(lps));
    let mm = |ray: Ray| ray.end_lps - ray.start_lps;
    let [width, height, ..] = size(draw.size_px());
    DrrUniforms {
        start: four(ijk_from_lps.transform_point3(fan.origin.start_lps)),
        start_u: ijk(fan.u.start_lps),
        start_v: ijk(fan.v.start_lps),
        along: ijk(mm(fan.origin)),
        along_u: ijk(mm(fan.u)),
        along_v: ijk(mm(fan.v)),
        mm: four(mm(fan.origin)),
        mm_u: four(mm(fan.u)),
        mm_v: four(mm(fan.v)),
        grid: volume.grid,
        window: Window::new(draw.voi, draw.inverted),
        display: [width, height, draw.water_per_mm() as f32, 0.0],
    }
}
