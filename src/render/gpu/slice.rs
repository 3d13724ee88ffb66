//! Planes of a volume with a mask on top. Twin: `render::cpu::plane_picture`.

use super::context::{GpuContext, GpuError};
use super::layout::{Grid, Palette, PlaneMap, SliceUniforms, Window, linear, size};
use super::pipeline::{Binding, Cover, Offscreen, uniform_buffer};
use super::textures::{GpuLabels, GpuVolume};
use crate::render::{OverlayStyle, RgbaPicture, SliceDraw};
use crate::volume::Rescale;
use bytemuck::Zeroable;
use egui_wgpu::wgpu;
use std::sync::Arc;

/// The pipeline of all slice views.
#[derive(Debug)]
pub struct SliceRenderer {
    gpu: GpuContext,
    cover: Cover,
    target: wgpu::TextureFormat,
    /// Bound where a view has no mask.
    no_labels: wgpu::Texture,
}

/// What one viewport keeps between frames.
#[derive(Debug)]
pub struct SliceView {
    uniforms: wgpu::Buffer,
    palette: wgpu::Buffer,
    bound: Option<Bound>,
    palette_sent: Option<Arc<[[u8; 4]; 256]>>,
}

#[derive(Debug)]
struct Bound {
    volume: wgpu::Texture,
    labels: wgpu::Texture,
    group: wgpu::BindGroup,
}

impl SliceRenderer {
    /// Builds the pipeline for a target format.
    pub fn new(gpu: &GpuContext, target: wgpu::TextureFormat) -> Result<Self, GpuError> {
        let bindings = [Binding::Uniform, Binding::VOXELS, Binding::VOXELS, Binding::Uniform];
        let cover = Cover::new(gpu, "slice", target, &bindings)?;
        let no_labels = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("no labels"),
            size: wgpu::Extent3d::default(),
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D3,
            format: wgpu::TextureFormat::R8Uint,
            usage: wgpu::TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        });
        Ok(Self { gpu: gpu.clone(), cover, target, no_labels })
    }

    /// Room for one viewport.
    pub fn view(&self) -> SliceView {
        SliceView {
            uniforms: uniform_buffer::<SliceUniforms>(&self.gpu, "slice"),
            palette: uniform_buffer::<Palette>(&self.gpu, "palette"),
            bound: None,
            palette_sent: None,
        }
    }

    /// Takes over what the next frame shows. Call it before the pass begins.
    pub fn prepare(&self, view: &mut SliceView, volume: &GpuVolume, labels: Option<&GpuLabels>, draw: &SliceDraw) {
        let overlay = draw.overlay.as_ref().filter(|_| labels.is_some());
        let uniforms = uniforms(volume, labels, overlay, draw);
        self.gpu.queue.write_buffer(&view.uniforms, 0, bytemuck::bytes_of(&uniforms));
        if let Some(style) = overlay
            && !view.palette_sent.as_ref().is_some_and(|sent| Arc::ptr_eq(sent, &style.palette))
        {
            self.gpu.queue.write_buffer(&view.palette, 0, bytemuck::bytes_of(&Palette::new(style)));
            view.palette_sent = Some(style.palette.clone());
        }
        let labels = labels.map_or(&self.no_labels, |labels| &labels.texture);
        if !view.bound.as_ref().is_some_and(|bound| bound.volume == volume.texture && &bound.labels == labels) {
            let whole = wgpu::TextureViewDescriptor::default();
            let group = self.cover.bind(
                &self.gpu,
                &[
                    view.uniforms.as_entire_binding(),
                    wgpu::BindingResource::TextureView(&volume.texture.create_view(&whole)),
                    wgpu::BindingResource::TextureView(&labels.create_view(&whole)),
                    view.palette.as_entire_binding(),
                ],
            );
            view.bound = Some(Bound { volume: volume.texture.clone(), labels: labels.clone(), group });
        }
    }

    /// Covers the viewport of a pass with the frame that was prepared; nothing when none was.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, view: &SliceView) {
        if let Some(bound) = &view.bound {
            self.cover.paint(pass, &bound.group);
        }
    }

    /// One frame as bytes, without a window.
    pub fn picture(
        &self,
        volume: &GpuVolume,
        labels: Option<&GpuLabels>,
        draw: &SliceDraw,
    ) -> Result<RgbaPicture, GpuError> {
        let mut view = self.view();
        let target = Offscreen::new(&self.gpu, draw.plane.size_px, self.target)?;
        self.prepare(&mut view, volume, labels, draw);
        target.render(&self.gpu, |pass| self.paint(pass, &view))?;
        target.read(&self.gpu)
    }
}

fn uniforms(
    volume: &GpuVolume,
    labels: Option<&GpuLabels>,
    overlay: Option<&OverlayStyle>,
    draw: &SliceDraw,
) -> SliceUniforms {
    let [fill, outline, width] = overlay.map_or([0.0; 3], |o| [o.fill_opacity, o.outline_opacity, o.outline_px]);
    let [columns, rows, ..] = size(draw.plane.size_px);
    SliceUniforms {
        plane: PlaneMap::new(volume.geometry(), &draw.plane, 0.0, 0.0),
        label_plane: labels
            .map_or_else(PlaneMap::zeroed, |labels| PlaneMap::new(labels.geometry(), &draw.plane, 0.0, 0.0)),
        grid: volume.grid,
        label_grid: labels.map_or_else(|| Grid::new([1; 3], 0, Rescale::IDENTITY), |labels| labels.grid),
        window: Window::new(draw.voi, draw.inverted),
        display: [columns, rows, fill, outline],
        outline: [width, 0.0, 0.0, 0.0],
        flags: [linear(draw.interpolation), u32::from(overlay.is_some()), 0, 0],
    }
}
