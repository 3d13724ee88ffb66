//! What all renderers share: building a pipeline that covers its viewport, and rendering to bytes.

use super::context::{GpuContext, GpuError, one_line};
use crate::render::{RgbaPicture, shader};
use egui_wgpu::wgpu;

/// A pipeline that runs one fragment shader over the whole viewport.
#[derive(Debug)]
pub(super) struct Cover {
    pub pipeline: wgpu::RenderPipeline,
    pub layout: wgpu::BindGroupLayout,
}

/// A binding that a fragment shader reads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Binding {
    Uniform,
    Texture(wgpu::TextureViewDimension, wgpu::TextureSampleType),
    Sampler,
}

impl Binding {
    /// A 3D texture of integers.
    pub const VOXELS: Self = Self::Texture(wgpu::TextureViewDimension::D3, wgpu::TextureSampleType::Uint);
    /// A 2D texture of numbers that are never interpolated.
    pub const VALUES: Self =
        Self::Texture(wgpu::TextureViewDimension::D2, wgpu::TextureSampleType::Float { filterable: false });
    /// A 2D texture of integers.
    pub const SAMPLES: Self = Self::Texture(wgpu::TextureViewDimension::D2, wgpu::TextureSampleType::Uint);

    fn entry(self, binding: u32) -> wgpu::BindGroupLayoutEntry {
        let ty = match self {
            Self::Uniform => wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            Self::Texture(view_dimension, sample_type) => {
                wgpu::BindingType::Texture { sample_type, view_dimension, multisampled: false }
            }
            Self::Sampler => wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
        };
        wgpu::BindGroupLayoutEntry { binding, visibility: wgpu::ShaderStages::FRAGMENT, ty, count: None }
    }
}

impl Cover {
    /// Builds `shaders/NAME.wgsl` with fragment entry NAME for a target format. Targets that encode sRGB by themselves
    /// get linear light, all others the gamma-encoded bytes that they show.
    pub fn new(
        gpu: &GpuContext,
        name: &str,
        target: wgpu::TextureFormat,
        bindings: &[Binding],
    ) -> Result<Self, GpuError> {
        let constants = [("linear_target", f64::from(u8::from(target.is_srgb())))];
        Self::build(gpu, name, target.into(), bindings, &constants)
    }

    /// The same with the values of the shader's `override`s: what is settled once costs nothing per pixel.
    pub fn with_constants(
        gpu: &GpuContext,
        name: &str,
        target: wgpu::TextureFormat,
        bindings: &[Binding],
        constants: &[(&str, f64)],
    ) -> Result<Self, GpuError> {
        Self::build(gpu, name, target.into(), bindings, constants)
    }

    /// The same for a target that keeps a mean: what is painted counts by the pass's blend constant, what was there by
    /// the rest.
    pub fn averaging(
        gpu: &GpuContext,
        name: &str,
        target: wgpu::TextureFormat,
        bindings: &[Binding],
        constants: &[(&str, f64)],
    ) -> Result<Self, GpuError> {
        let mix = wgpu::BlendComponent {
            src_factor: wgpu::BlendFactor::Constant,
            dst_factor: wgpu::BlendFactor::OneMinusConstant,
            operation: wgpu::BlendOperation::Add,
        };
        let blend = Some(wgpu::BlendState { color: mix, alpha: mix });
        let target = wgpu::ColorTargetState { format: target, blend, write_mask: wgpu::ColorWrites::ALL };
        Self::build(gpu, name, target, bindings, constants)
    }

    fn build(
        gpu: &GpuContext,
        name: &str,
        target: wgpu::ColorTargetState,
        bindings: &[Binding],
        constants: &[(&str, f64)],
    ) -> Result<Self, GpuError> {
        let source = shader::source(&format!("{name}.wgsl"))?;
        let entries: Vec<_> = (0..).zip(bindings).map(|(n, binding)| binding.entry(n)).collect();
        gpu.guarded(0, || {
            let device = &gpu.device;
            let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(name),
                source: wgpu::ShaderSource::Wgsl(source.into()),
            });
            let layout = device
                .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(name), entries: &entries });
            let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(name),
                bind_group_layouts: &[Some(&layout)],
                immediate_size: 0,
            });
            let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some(name),
                layout: Some(&pipeline_layout),
                vertex: wgpu::VertexState {
                    module: &module,
                    entry_point: Some("cover"),
                    compilation_options: wgpu::PipelineCompilationOptions::default(),
                    buffers: &[],
                },
                primitive: wgpu::PrimitiveState::default(),
                depth_stencil: None,
                multisample: wgpu::MultisampleState::default(),
                fragment: Some(wgpu::FragmentState {
                    module: &module,
                    entry_point: Some(name),
                    compilation_options: wgpu::PipelineCompilationOptions { constants, ..Default::default() },
                    targets: &[Some(target)],
                }),
                multiview_mask: None,
                cache: None,
            });
            Self { pipeline, layout }
        })
    }

    /// Binds resources in the order of the bindings.
    pub fn bind(&self, gpu: &GpuContext, resources: &[wgpu::BindingResource<'_>]) -> wgpu::BindGroup {
        let entries: Vec<_> = (0..)
            .zip(resources)
            .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource: resource.clone() })
            .collect();
        gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.layout,
            entries: &entries,
        })
    }

    /// Covers the viewport of a pass.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, bind: &wgpu::BindGroup) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, bind, &[]);
        pass.draw(0..3, 0..1);
    }
}

/// A buffer for uniforms of type `T`.
pub(super) fn uniform_buffer<T>(gpu: &GpuContext, label: &str) -> wgpu::Buffer {
    gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: size_of::<T>() as u64,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// A texture to render into, without a window, and the way back to bytes. Keep one for pictures of the same size.
#[derive(Debug)]
pub struct Offscreen {
    size_px: [u32; 2],
    format: wgpu::TextureFormat,
    pub(super) texture: wgpu::Texture,
    pub(super) view: wgpu::TextureView,
    buffer: wgpu::Buffer,
    bytes_per_row: u32,
}

impl Offscreen {
    /// `format` has four bytes per pixel: RGBA or BGRA, with or without sRGB, or one real number.
    pub fn new(gpu: &GpuContext, size_px: [u32; 2], format: wgpu::TextureFormat) -> Result<Self, GpuError> {
        let [width, height] = size_px.map(|n| n.max(1));
        gpu.check_size([width as usize, height as usize, 1], gpu.device.limits().max_texture_dimension_2d)?;
        let bytes_per_row = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let bytes = u64::from(bytes_per_row) * u64::from(height);
        let (texture, buffer) = gpu.guarded(bytes >> 20, || {
            let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
                label: Some("offscreen"),
                size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                    | wgpu::TextureUsages::COPY_SRC
                    | wgpu::TextureUsages::COPY_DST
                    | wgpu::TextureUsages::TEXTURE_BINDING,
                view_formats: &[],
            });
            let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("offscreen bytes"),
                size: bytes,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            });
            (texture, buffer)
        })?;
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Ok(Self { size_px: [width, height], format, texture, view, buffer, bytes_per_row })
    }

    /// Width and height in pixels.
    pub fn size_px(&self) -> [u32; 2] {
        self.size_px
    }

    /// Records a pass over the texture, cleared to black or kept as it is.
    pub fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        clear: bool,
        paint: impl FnOnce(&mut wgpu::RenderPass<'_>),
    ) {
        let load = if clear { wgpu::LoadOp::Clear(wgpu::Color::BLACK) } else { wgpu::LoadOp::Load };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("offscreen"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &self.view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load, store: wgpu::StoreOp::Store },
            })],
            ..Default::default()
        });
        paint(&mut pass);
    }

    /// Renders one frame and waits for it, without reading it back.
    pub fn render(&self, gpu: &GpuContext, paint: impl FnOnce(&mut wgpu::RenderPass<'_>)) -> Result<(), GpuError> {
        gpu.guarded(0, || {
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            self.record(&mut encoder, true, paint);
            gpu.queue.submit([encoder.finish()]);
        })?;
        gpu.wait()
    }

    /// The bytes of the texture.
    pub fn read(&self, gpu: &GpuContext) -> Result<RgbaPicture, GpuError> {
        let [width, height] = self.size_px;
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let layout =
            wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(self.bytes_per_row), rows_per_image: None };
        encoder.copy_texture_to_buffer(
            self.texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo { buffer: &self.buffer, layout },
            self.texture.size(),
        );
        gpu.queue.submit([encoder.finish()]);
        let slice = self.buffer.slice(..);
        let (sender, receiver) = std::sync::mpsc::channel();
        slice.map_async(wgpu::MapMode::Read, move |result| {
            // The receiver lives until the wait below is over.
            let _ = sender.send(result);
        });
        gpu.wait()?;
        let mapped = receiver.recv().map_err(|error| GpuError::Device(one_line(&error)))?;
        mapped.map_err(|error| GpuError::Device(one_line(&error)))?;
        let mut rgba = Vec::with_capacity(width as usize * height as usize * 4);
        {
            let bytes = slice.get_mapped_range().map_err(|error| GpuError::Device(one_line(&error)))?;
            for row in bytes.chunks_exact(self.bytes_per_row as usize) {
                rgba.extend_from_slice(&row[..width as usize * 4]);
            }
        }
        self.buffer.unmap();
        if matches!(self.format, wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Bgra8UnormSrgb) {
            rgba.chunks_exact_mut(4).for_each(|pixel| pixel.swap(0, 2));
        }
        Ok(RgbaPicture { width, height, rgba })
    }
}
