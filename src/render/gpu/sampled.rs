//! Values of a plane or slab as a texture, one number per pixel: by `plane.wgsl` and `slab.wgsl` where the volume is on the
//! device, by their CPU twins where it is not.

use super::context::{GpuContext, GpuError};
use super::layout::{SampleUniforms, interpolation_code};
use super::pipeline::{Binding, Cover, Offscreen, uniform_buffer};
use super::textures::GpuVolume;
use crate::render::Interpolation;
use crate::render::cpu::sampled_rows;
use crate::render::slab::{Sampling, SlabMode};
use egui_wgpu::wgpu;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// One number per pixel.
pub(super) const VALUES: wgpu::TextureFormat = wgpu::TextureFormat::R32Float;

/// Upper bounds per block: numbers that are never interpolated.
const BOUNDS: Binding =
    Binding::Texture(wgpu::TextureViewDimension::D3, wgpu::TextureSampleType::Float { filterable: false });

/// How a pipeline samples: each holds one way only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Way {
    mode: Option<SlabMode>,
    interpolation: u32,
    voxel_kind: u32,
}

/// The pipelines that sample volumes; each is built when it is first needed.
#[derive(Debug)]
pub(super) struct Samplers {
    gpu: GpuContext,
    built: Mutex<HashMap<Way, Arc<Cover>>>,
}

/// Values of one view, kept between frames.
#[derive(Debug)]
pub(super) struct Sampled {
    pub target: Offscreen,
    uniforms: wgpu::Buffer,
    bound: Option<Bound>,
    shown: Option<(wgpu::Texture, Sampling)>,
}

#[derive(Debug)]
struct Bound {
    volume: wgpu::Texture,
    way: Way,
    cover: Arc<Cover>,
    group: wgpu::BindGroup,
}

impl Sampled {
    pub fn new(gpu: &GpuContext, size_px: [u32; 2]) -> Result<Self, GpuError> {
        let uniforms = uniform_buffer::<SampleUniforms>(gpu, "sampling");
        Ok(Self { target: Offscreen::new(gpu, size_px, VALUES)?, uniforms, bound: None, shown: None })
    }

    /// True when the values are those of a sampling already, as far as they were begun.
    pub fn shows(&self, volume: &GpuVolume, sampling: &Sampling) -> bool {
        self.shown.as_ref().is_some_and(|(shown, of)| *shown == volume.texture && of == sampling)
    }
}

impl Samplers {
    pub fn new(gpu: &GpuContext) -> Self {
        Self { gpu: gpu.clone(), built: Mutex::default() }
    }

    /// Makes `slot` hold the values of a sampling, all of them; nothing is done when it does already.
    pub fn whole(&self, slot: &mut Option<Sampled>, volume: &GpuVolume, sampling: &Sampling) -> Result<(), GpuError> {
        if slot.as_ref().is_some_and(|sampled| sampled.shows(volume, sampling)) {
            return Ok(());
        }
        let sampled = self.begin(slot.take(), volume, sampling)?;
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.rows(&mut encoder, &sampled, volume, sampling, 0..sampling.plane.size_px[1]);
        // Ahead of the pass that shows the values, whoever submits that.
        self.gpu.queue.submit([encoder.finish()]);
        *slot = Some(sampled);
        Ok(())
    }

    /// Room for the values of a sampling; what was there is used again where its size fits.
    pub fn begin(&self, old: Option<Sampled>, volume: &GpuVolume, sampling: &Sampling) -> Result<Sampled, GpuError> {
        let size_px = sampling.plane.size_px.map(|n| n.max(1));
        let mut sampled = match old.filter(|old| old.target.size_px() == size_px) {
            Some(old) => old,
            None => Sampled::new(&self.gpu, size_px)?,
        };
        if volume.host(sampling).is_none() {
            let uniforms = SampleUniforms::new(sampling, volume.geometry(), volume.grid);
            self.gpu.queue.write_buffer(&sampled.uniforms, 0, bytemuck::bytes_of(&uniforms));
            self.bind(&mut sampled, volume, sampling)?;
        }
        sampled.shown = Some((volume.texture.clone(), sampling.clone()));
        Ok(sampled)
    }

    /// Samples some rows: recorded into the encoder, or done here and now by the CPU.
    pub fn rows(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        sampled: &Sampled,
        volume: &GpuVolume,
        sampling: &Sampling,
        rows: Range<u32>,
    ) {
        let width = sampled.target.size_px()[0];
        if rows.is_empty() {
            return;
        }
        if let Some(source) = volume.host(sampling) {
            let values = sampled_rows(source, sampling, rows.clone());
            write_rows(&self.gpu, &sampled.target.texture, width, rows, bytemuck::cast_slice(&values));
        } else if let Some(bound) = &sampled.bound {
            sampled.target.record(encoder, rows.start == 0, |pass| {
                pass.set_scissor_rect(0, rows.start, width, rows.end - rows.start);
                bound.cover.paint(pass, &bound.group);
            });
        }
    }

    fn bind(&self, sampled: &mut Sampled, volume: &GpuVolume, sampling: &Sampling) -> Result<(), GpuError> {
        let interpolation = interpolation_code(sampling.interpolation);
        let way = Way { mode: sampling.mode, interpolation, voxel_kind: volume.grid.dims[3] };
        if sampled.bound.as_ref().is_some_and(|bound| bound.volume == volume.texture && bound.way == way) {
            return Ok(());
        }
        let cover = self.cover(way)?;
        let whole = wgpu::TextureViewDescriptor::default();
        let (voxels, bounds) = (volume.texture.create_view(&whole), volume.bounds.create_view(&whole));
        let mut resources = vec![sampled.uniforms.as_entire_binding(), wgpu::BindingResource::TextureView(&voxels)];
        if way.mode.is_some() {
            resources.push(wgpu::BindingResource::TextureView(&bounds));
        }
        let group = cover.bind(&self.gpu, &resources);
        sampled.bound = Some(Bound { volume: volume.texture.clone(), way, cover, group });
        Ok(())
    }

    fn cover(&self, way: Way) -> Result<Arc<Cover>, GpuError> {
        // A thread that panicked while it built one left the others whole.
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cover) = built.get(&way) {
            return Ok(Arc::clone(cover));
        }
        let sampling = [("interpolation", f64::from(way.interpolation)), ("voxel_kind", f64::from(way.voxel_kind))];
        let cover = match way.mode {
            None => Cover::with_constants(&self.gpu, "plane", VALUES, &[Binding::Uniform, Binding::VOXELS], &sampling)?,
            Some(mode) => {
                let leaps = way.interpolation != interpolation_code(Interpolation::Cubic);
                let slab = [("slab_mode", f64::from(mode as u8)), ("leaps", f64::from(u8::from(leaps)))];
                let bindings = [Binding::Uniform, Binding::VOXELS, BOUNDS];
                Cover::with_constants(&self.gpu, "slab", VALUES, &bindings, &[sampling, slab].concat())?
            }
        };
        let cover = Arc::new(cover);
        built.insert(way, Arc::clone(&cover));
        Ok(cover)
    }
}

fn write_rows(gpu: &GpuContext, texture: &wgpu::Texture, width: u32, rows: Range<u32>, bytes: &[u8]) {
    let origin = wgpu::Origin3d { x: 0, y: rows.start, z: 0 };
    let to = wgpu::TexelCopyTextureInfo { texture, mip_level: 0, origin, aspect: wgpu::TextureAspect::All };
    let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(width * 4), rows_per_image: None };
    let size = wgpu::Extent3d { width, height: rows.end - rows.start, depth_or_array_layers: 1 };
    gpu.queue.write_texture(to, bytes, layout, size);
}
