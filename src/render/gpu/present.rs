//! From sampled values to a picture on the viewport. Twin: `render::cpu::present`.

use super::context::{GpuContext, GpuError};
use super::layout::{Palette, ViewUniforms};
use super::pipeline::{Binding, Cover, uniform_buffer};
use super::textures::GpuLabels;
use crate::render::ColorMap;
use crate::render::look::Look;
use egui_wgpu::wgpu;
use std::sync::Arc;

/// The pipelines that turn values into pictures.
#[derive(Debug)]
pub(super) struct Presenter {
    gpu: GpuContext,
    /// Window only.
    plain: Cover,
    /// Filter, color map, second volume, labels.
    layered: Cover,
    /// Bound where a view has no second volume.
    no_values: wgpu::Texture,
    /// Bound where a view has no mask.
    no_labels: wgpu::Texture,
}

/// What one viewport keeps between frames.
#[derive(Debug)]
pub(super) struct Presented {
    uniforms: wgpu::Buffer,
    palette: wgpu::Buffer,
    maps: [wgpu::Buffer; 2],
    palette_sent: Option<Arc<[[u8; 4]; 256]>>,
    maps_sent: [Option<ColorMap>; 2],
    bound: Option<Bound>,
    is_plain: bool,
}

#[derive(Debug)]
struct Bound {
    values: wgpu::Texture,
    second: wgpu::Texture,
    labels: wgpu::Texture,
    group: wgpu::BindGroup,
}

impl Presenter {
    pub fn new(gpu: &GpuContext, target: wgpu::TextureFormat) -> Result<Self, GpuError> {
        let (values, uniform) = (Binding::VALUES, Binding::Uniform);
        let bindings = [uniform, values, values, Binding::VOXELS, uniform, uniform, uniform];
        let cover = |layered: bool| {
            let number = |is: bool| f64::from(u8::from(is));
            let constants = [("linear_target", number(target.is_srgb())), ("layered", number(layered))];
            Cover::with_constants(gpu, "view", target, &bindings, &constants)
        };
        let empty = |dimension, format| {
            gpu.device.create_texture(&wgpu::TextureDescriptor {
                label: Some("nothing"),
                size: wgpu::Extent3d::default(),
                mip_level_count: 1,
                sample_count: 1,
                dimension,
                format,
                usage: wgpu::TextureUsages::TEXTURE_BINDING,
                view_formats: &[],
            })
        };
        Ok(Self {
            gpu: gpu.clone(),
            plain: cover(false)?,
            layered: cover(true)?,
            no_values: empty(wgpu::TextureDimension::D2, super::sampled::VALUES),
            no_labels: empty(wgpu::TextureDimension::D3, wgpu::TextureFormat::R8Uint),
        })
    }

    /// Room for one viewport.
    pub fn room(&self) -> Presented {
        let palette = |label: &str| uniform_buffer::<Palette>(&self.gpu, label);
        Presented {
            uniforms: uniform_buffer::<ViewUniforms>(&self.gpu, "view"),
            palette: palette("palette"),
            maps: [palette("color map"), palette("second color map")],
            palette_sent: None,
            maps_sent: [None; 2],
            bound: None,
            is_plain: true,
        }
    }

    /// Takes over what the next frame shows.
    pub fn prepare(
        &self,
        room: &mut Presented,
        values: &wgpu::Texture,
        second: Option<&wgpu::Texture>,
        labels: Option<&GpuLabels>,
        look: &Look<'_>,
    ) {
        let look = look.with(second.is_some(), labels.is_some());
        let place = labels.filter(|_| look.overlay.is_some()).map(|labels| (labels.geometry(), labels.grid));
        let queue = &self.gpu.queue;
        queue.write_buffer(&room.uniforms, 0, bytemuck::bytes_of(&ViewUniforms::new(&look, place)));
        room.is_plain = look.is_plain();
        if let Some(style) = look.overlay
            && !room.palette_sent.as_ref().is_some_and(|sent| Arc::ptr_eq(sent, &style.palette))
        {
            queue.write_buffer(&room.palette, 0, bytemuck::bytes_of(&Palette::new(style)));
            room.palette_sent = Some(style.palette.clone());
        }
        let maps = [Some(look.color_map), look.fused.map(|fused| fused.color_map)];
        for ((map, sent), buffer) in maps.into_iter().zip(&mut room.maps_sent).zip(&room.maps) {
            if let Some(map) = map.filter(|map| !room.is_plain && *sent != Some(*map)) {
                queue.write_buffer(buffer, 0, bytemuck::bytes_of(&Palette::of_map(map)));
                *sent = Some(map);
            }
        }
        let second = second.unwrap_or(&self.no_values);
        let labels = labels.map_or(&self.no_labels, |labels| &labels.texture);
        self.bind(room, values, second, labels);
    }

    fn bind(&self, room: &mut Presented, values: &wgpu::Texture, second: &wgpu::Texture, labels: &wgpu::Texture) {
        let same = |bound: &Bound| bound.values == *values && bound.second == *second && bound.labels == *labels;
        if room.bound.as_ref().is_some_and(same) {
            return;
        }
        let views = [values, second, labels].map(|t| t.create_view(&wgpu::TextureViewDescriptor::default()));
        let group = self.layered.bind(
            &self.gpu,
            &[
                room.uniforms.as_entire_binding(),
                wgpu::BindingResource::TextureView(&views[0]),
                wgpu::BindingResource::TextureView(&views[1]),
                wgpu::BindingResource::TextureView(&views[2]),
                room.palette.as_entire_binding(),
                room.maps[0].as_entire_binding(),
                room.maps[1].as_entire_binding(),
            ],
        );
        let (values, second, labels) = (values.clone(), second.clone(), labels.clone());
        room.bound = Some(Bound { values, second, labels, group });
    }

    /// Covers the viewport of a pass with what was prepared; nothing when nothing was.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, room: &Presented) {
        if let Some(bound) = &room.bound {
            let cover = if room.is_plain { &self.plain } else { &self.layered };
            cover.paint(pass, &bound.group);
        }
    }
}
