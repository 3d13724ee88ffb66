//! 2D pictures: radiographs, photographs, single images. Twin: `render::cpu::picture_rgba`.

use super::context::{GpuContext, GpuError};
use super::layout::{Palette, PictureUniforms};
use super::pipeline::{Binding, Cover, Offscreen, uniform_buffer};
use super::textures::GpuPicture;
use crate::render::{ColorMap, PictureDraw, RgbaPicture};
use egui_wgpu::wgpu;

/// The pipeline of all picture views.
#[derive(Debug)]
pub struct PictureRenderer {
    gpu: GpuContext,
    cover: Cover,
    target: wgpu::TextureFormat,
}

/// What one viewport keeps between frames.
#[derive(Debug)]
pub struct PictureView {
    uniforms: wgpu::Buffer,
    map: wgpu::Buffer,
    map_sent: Option<ColorMap>,
    bound: Option<(wgpu::Texture, wgpu::BindGroup)>,
}

impl PictureRenderer {
    /// Builds the pipeline for a target format.
    pub fn new(gpu: &GpuContext, target: wgpu::TextureFormat) -> Result<Self, GpuError> {
        let cover = Cover::new(gpu, "picture", target, &[Binding::Uniform, Binding::SAMPLES, Binding::Uniform])?;
        Ok(Self { gpu: gpu.clone(), cover, target })
    }

    /// Room for one viewport.
    pub fn view(&self) -> PictureView {
        PictureView {
            uniforms: uniform_buffer::<PictureUniforms>(&self.gpu, "picture"),
            map: uniform_buffer::<Palette>(&self.gpu, "color map"),
            map_sent: None,
            bound: None,
        }
    }

    /// Takes over what the next frame shows. Call it before the pass begins.
    pub fn prepare(&self, view: &mut PictureView, picture: &GpuPicture, draw: &PictureDraw) {
        let uniforms = PictureUniforms::new(draw, picture.grid, picture.colored);
        self.gpu.queue.write_buffer(&view.uniforms, 0, bytemuck::bytes_of(&uniforms));
        if view.map_sent != Some(draw.color_map) {
            self.gpu.queue.write_buffer(&view.map, 0, bytemuck::bytes_of(&Palette::of_map(draw.color_map)));
            view.map_sent = Some(draw.color_map);
        }
        if view.bound.as_ref().is_none_or(|(texture, _)| texture != &picture.texture) {
            let whole = picture.texture.create_view(&wgpu::TextureViewDescriptor::default());
            let resources = [
                view.uniforms.as_entire_binding(),
                wgpu::BindingResource::TextureView(&whole),
                view.map.as_entire_binding(),
            ];
            view.bound = Some((picture.texture.clone(), self.cover.bind(&self.gpu, &resources)));
        }
    }

    /// Covers the viewport of a pass with the frame that was prepared; nothing when none was.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, view: &PictureView) {
        if let Some((_, group)) = &view.bound {
            self.cover.paint(pass, group);
        }
    }

    /// One frame as bytes, without a window.
    pub fn picture(&self, picture: &GpuPicture, draw: &PictureDraw) -> Result<RgbaPicture, GpuError> {
        let mut view = self.view();
        let target = Offscreen::new(&self.gpu, draw.size_px, self.target)?;
        self.prepare(&mut view, picture, draw);
        target.render(&self.gpu, |pass| self.paint(pass, &view))?;
        target.read(&self.gpu)
    }
}
