//! Surfaces of segments, by depth peeling. Twin: `render::cpu::surfaces_picture`.
//!
//! Everything is drawn into a texture of twice the size and put onto the viewport from there, anew only when the draw or the
//! surfaces changed.

use super::context::{GpuContext, GpuError};
use super::pipeline::{Binding, Cover, Offscreen, uniform_buffer};
use crate::geometry::{BoxLps, DVec3};
use crate::render::surfaces::{ClipMap, SAMPLES, SurfaceDraw, bounds_of};
use crate::render::{RgbaPicture, shader};
use crate::volume::Mesh;
use bytemuck::{Pod, Zeroable};
use egui_wgpu::wgpu;

/// What surfaces are kept in.
const KEPT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;
const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;

/// Uniforms of `surface.wgsl`, where each field is explained.
#[allow(missing_docs, reason = "each field is explained once, in surface.wgsl")]
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
pub struct SurfaceUniforms {
    pub across: [f32; 4],
    pub up: [f32; 4],
    pub away: [f32; 4],
    pub toward_reader: [f32; 4],
    pub colors: [[f32; 4]; 256],
}

/// A vertex as the shader takes it: mm from the middle of all surfaces, which keeps 32-bit floats exact to a thousandth.
#[repr(C)]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
struct Vertex {
    at: [f32; 3],
    normal: [f32; 3],
    surface: u32,
}

const ATTRIBUTES: [wgpu::VertexAttribute; 3] = wgpu::vertex_attr_array![0 => Float32x3, 1 => Float32x3, 2 => Uint32];

/// Surfaces on the device.
#[derive(Debug)]
pub struct GpuSurfaces {
    vertices: wgpu::Buffer,
    indices: wgpu::Buffer,
    count: u32,
    bounds: BoxLps,
}

impl GpuSurfaces {
    /// Uploads surfaces, at most 256 of them. `None` when there is no triangle.
    pub fn upload(gpu: &GpuContext, meshes: &[&Mesh]) -> Result<Option<Self>, GpuError> {
        let meshes = &meshes[..meshes.len().min(256)];
        let Some(bounds) = bounds_of(meshes.iter().copied()) else { return Ok(None) };
        let (mut vertices, mut indices) = (Vec::new(), Vec::<u32>::new());
        for (surface, mesh) in (0u32..).zip(meshes) {
            let first = vertices.len() as u32;
            indices.extend(mesh.triangles.iter().flatten().map(|n| first + n));
            vertices.extend(mesh.vertices_lps.iter().zip(&mesh.normals_lps).map(|(at, normal)| Vertex {
                at: (*at - bounds.center()).as_vec3().to_array(),
                normal: normal.as_vec3().to_array(),
                surface,
            }));
        }
        let bytes = (size_of_val(&vertices[..]) + size_of_val(&indices[..])) as u64;
        let limit = gpu.device.limits().max_buffer_size;
        if bytes > limit || u32::try_from(vertices.len().max(indices.len())).is_err() {
            return Err(GpuError::Memory(bytes >> 20));
        }
        let buffer = |bytes: &[u8], usage| {
            let made = gpu.guarded(bytes.len() as u64 >> 20, || {
                gpu.device.create_buffer(&wgpu::BufferDescriptor {
                    label: Some("surfaces"),
                    size: bytes.len() as u64,
                    usage: usage | wgpu::BufferUsages::COPY_DST,
                    mapped_at_creation: false,
                })
            })?;
            gpu.queue.write_buffer(&made, 0, bytes);
            Ok::<_, GpuError>(made)
        };
        Ok(Some(Self {
            vertices: buffer(bytemuck::cast_slice(&vertices), wgpu::BufferUsages::VERTEX)?,
            indices: buffer(bytemuck::cast_slice(&indices), wgpu::BufferUsages::INDEX)?,
            count: indices.len() as u32,
            bounds,
        }))
    }
}

/// The pipelines of all views of surfaces.
#[derive(Debug)]
pub struct SurfaceRenderer {
    gpu: GpuContext,
    layout: wgpu::BindGroupLayout,
    peel: wgpu::RenderPipeline,
    shade: wgpu::RenderPipeline,
    blit: Cover,
    sampler: wgpu::Sampler,
    target: wgpu::TextureFormat,
}

/// What one viewport keeps between frames.
#[derive(Debug, Default)]
pub struct SurfaceView {
    kept: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    target: Offscreen,
    /// Depths of the layer before and of the one being drawn, by turns; and the bindings that read each of them.
    depths: [wgpu::TextureView; 2],
    groups: [wgpu::BindGroup; 2],
    uniforms: wgpu::Buffer,
    show: wgpu::BindGroup,
    /// What the target shows.
    shown: Option<(SurfaceDraw, wgpu::Buffer)>,
}

impl SurfaceRenderer {
    /// Builds the pipelines for a target format.
    pub fn new(gpu: &GpuContext, target: wgpu::TextureFormat) -> Result<Self, GpuError> {
        let source = shader::source("surface.wgsl")?;
        let (layout, peel, shade) = gpu.guarded(0, || pipelines(&gpu.device, source))?;
        let picture =
            Binding::Texture(wgpu::TextureViewDimension::D2, wgpu::TextureSampleType::Float { filterable: true });
        let blit = Cover::new(gpu, "blit", target, &[picture, Binding::Sampler])?;
        let sampler = gpu.device.create_sampler(&wgpu::SamplerDescriptor {
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        Ok(Self { gpu: gpu.clone(), layout, peel, shade, blit, sampler, target })
    }

    /// Draws the surfaces, if they or the draw changed.
    pub fn prepare(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        view: &mut SurfaceView,
        surfaces: &GpuSurfaces,
        draw: &SurfaceDraw,
    ) -> Result<(), GpuError> {
        let size_px = draw.plane.size_px.map(|n| n.saturating_mul(SAMPLES).max(1));
        let old = view.kept.take().filter(|kept| kept.target.size_px() == size_px);
        let mut kept = match old {
            Some(kept) => kept,
            None => self.kept(size_px)?,
        };
        if !kept.shown.as_ref().is_some_and(|(shown, of)| shown == draw && *of == surfaces.vertices) {
            self.gpu.queue.write_buffer(&kept.uniforms, 0, bytemuck::bytes_of(&uniforms(surfaces, draw)));
            self.record(encoder, &kept, surfaces, draw.layers());
            kept.shown = Some((draw.clone(), surfaces.vertices.clone()));
        }
        view.kept = Some(kept);
        Ok(())
    }

    /// Puts the picture onto the viewport of a pass.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, view: &SurfaceView) {
        if let Some(kept) = &view.kept {
            self.blit.paint(pass, &kept.show);
        }
    }

    /// One frame as bytes, without a window.
    pub fn picture(&self, surfaces: &GpuSurfaces, draw: &SurfaceDraw) -> Result<RgbaPicture, GpuError> {
        let mut view = SurfaceView::default();
        let target = Offscreen::new(&self.gpu, draw.plane.size_px, self.target)?;
        self.gpu.guarded(0, || {
            let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            self.prepare(&mut encoder, &mut view, surfaces, draw)?;
            target.record(&mut encoder, true, |pass| self.paint(pass, &view));
            self.gpu.queue.submit([encoder.finish()]);
            Ok::<_, GpuError>(())
        })??;
        target.read(&self.gpu)
    }

    fn kept(&self, size_px: [u32; 2]) -> Result<Kept, GpuError> {
        let target = Offscreen::new(&self.gpu, size_px, KEPT)?;
        let [width, height] = size_px;
        let descriptor = wgpu::TextureDescriptor {
            label: Some("depths"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: DEPTH,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        };
        let mib = (u64::from(width) * u64::from(height) * 8) >> 20;
        let textures = self.gpu.guarded(mib, || [0, 1].map(|_| self.gpu.device.create_texture(&descriptor)))?;
        let depths = textures.map(|texture| texture.create_view(&wgpu::TextureViewDescriptor::default()));
        let uniforms = uniform_buffer::<SurfaceUniforms>(&self.gpu, "surfaces");
        let groups = [0, 1].map(|n| {
            let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
            let before = wgpu::BindingResource::TextureView(&depths[n]);
            self.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("surfaces"),
                layout: &self.layout,
                entries: &[entry(0, uniforms.as_entire_binding()), entry(1, before)],
            })
        });
        let shown = [wgpu::BindingResource::TextureView(&target.view), wgpu::BindingResource::Sampler(&self.sampler)];
        let show = self.blit.bind(&self.gpu, &shown);
        Ok(Kept { target, depths, groups, uniforms, show, shown: None })
    }

    /// All layers, from the reader on.
    fn record(&self, encoder: &mut wgpu::CommandEncoder, kept: &Kept, surfaces: &GpuSurfaces, layers: usize) {
        // Nothing lies before the first layer.
        drop(encoder.begin_render_pass(&depth_pass(&kept.depths[0], wgpu::LoadOp::Clear(0.0))));
        for layer in 0..layers {
            let (before, now) = (layer % 2, (layer + 1) % 2);
            let depth = &kept.depths[now];
            let draw = |pass: &mut wgpu::RenderPass<'_>, pipeline| {
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, &kept.groups[before], &[]);
                pass.set_vertex_buffer(0, surfaces.vertices.slice(..));
                pass.set_index_buffer(surfaces.indices.slice(..), wgpu::IndexFormat::Uint32);
                pass.draw_indexed(0..surfaces.count, 0, 0..1);
            };
            let mut pass = encoder.begin_render_pass(&depth_pass(depth, wgpu::LoadOp::Clear(1.0)));
            draw(&mut pass, &self.peel);
            drop(pass);
            let load = if layer == 0 { wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT) } else { wgpu::LoadOp::Load };
            let color = [Some(wgpu::RenderPassColorAttachment {
                view: &kept.target.view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load, store: wgpu::StoreOp::Store },
            })];
            let onto = depth_pass(depth, wgpu::LoadOp::Load);
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor { color_attachments: &color, ..onto });
            draw(&mut pass, &self.shade);
        }
    }
}

fn depth_pass(view: &wgpu::TextureView, load: wgpu::LoadOp<f32>) -> wgpu::RenderPassDescriptor<'_> {
    wgpu::RenderPassDescriptor {
        label: Some("surfaces"),
        depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
            view,
            depth_ops: Some(wgpu::Operations { load, store: wgpu::StoreOp::Store }),
            stencil_ops: None,
        }),
        ..Default::default()
    }
}

/// The layout of the bindings, and the pipelines that find a layer and that blend it under what is there.
fn pipelines(
    device: &wgpu::Device,
    source: String,
) -> (wgpu::BindGroupLayout, wgpu::RenderPipeline, wgpu::RenderPipeline) {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("surface"),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    let uniform = wgpu::BindingType::Buffer {
        ty: wgpu::BufferBindingType::Uniform,
        has_dynamic_offset: false,
        min_binding_size: None,
    };
    let before = wgpu::BindingType::Texture {
        sample_type: wgpu::TextureSampleType::Depth,
        view_dimension: wgpu::TextureViewDimension::D2,
        multisampled: false,
    };
    let entry = |binding, ty| {
        let visibility = wgpu::ShaderStages::VERTEX_FRAGMENT;
        wgpu::BindGroupLayoutEntry { binding, visibility, ty, count: None }
    };
    let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("surface"),
        entries: &[entry(0, uniform), entry(1, before)],
    });
    let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("surface"),
        bind_group_layouts: &[Some(&layout)],
        immediate_size: 0,
    });
    let buffers = [Some(wgpu::VertexBufferLayout {
        array_stride: size_of::<Vertex>() as u64,
        step_mode: wgpu::VertexStepMode::Vertex,
        attributes: &ATTRIBUTES,
    })];
    let make = |fragment: &str, targets: &[Option<wgpu::ColorTargetState>], compare, writes| {
        device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("surface"),
            layout: Some(&pipeline_layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("place"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &buffers,
            },
            primitive: wgpu::PrimitiveState { cull_mode: Some(wgpu::Face::Back), ..Default::default() },
            depth_stencil: Some(wgpu::DepthStencilState {
                format: DEPTH,
                depth_write_enabled: Some(writes),
                depth_compare: Some(compare),
                stencil: wgpu::StencilState::default(),
                bias: wgpu::DepthBiasState::default(),
            }),
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(fragment),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets,
            }),
            multiview_mask: None,
            cache: None,
        })
    };
    // Colors come weighted with their opacity: new ones get what light the nearer ones let through.
    let under = wgpu::BlendComponent {
        src_factor: wgpu::BlendFactor::OneMinusDstAlpha,
        dst_factor: wgpu::BlendFactor::One,
        operation: wgpu::BlendOperation::Add,
    };
    let blend = Some(wgpu::BlendState { color: under, alpha: under });
    let target = Some(wgpu::ColorTargetState { format: KEPT, blend, write_mask: wgpu::ColorWrites::ALL });
    let peel = make("peel", &[], wgpu::CompareFunction::Less, true);
    let shade = make("shade", &[target], wgpu::CompareFunction::Equal, false);
    (layout, peel, shade)
}

fn uniforms(surfaces: &GpuSurfaces, draw: &SurfaceDraw) -> SurfaceUniforms {
    let map = ClipMap::new(&draw.plane, &surfaces.bounds);
    // Vertices count from the middle.
    let offsets = map.clip(surfaces.bounds.center());
    let row = |n: usize| [map.rows[n].x as f32, map.rows[n].y as f32, map.rows[n].z as f32, offsets[n] as f32];
    let toward: DVec3 = -draw.plane.normal_lps();
    let mut colors = [[0.0; 4]; 256];
    for (color, style) in colors.iter_mut().zip(&draw.styles) {
        let [r, g, b] = style.color_rgb.map(|byte| f32::from(byte) / 255.0);
        *color = [r, g, b, style.opacity.clamp(0.0, 1.0)];
    }
    let toward_reader = [toward.x as f32, toward.y as f32, toward.z as f32, 0.0];
    SurfaceUniforms { across: row(0), up: row(1), away: row(2), toward_reader, colors }
}
