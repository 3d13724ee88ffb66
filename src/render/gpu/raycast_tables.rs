//! What a transfer function, a mask's colors and a mean of frames are on the device.

use super::context::{GpuContext, GpuError};
use super::textures::{create, write};
use crate::render::raycast::{Leaps, ValueBlocks};
use crate::render::transfer::TransferTable;
use crate::render::{MaskStyle, TransferFunction};
use egui_wgpu::wgpu;
use std::sync::Arc;

/// A transfer function over the blocks of a volume, for rays.
#[derive(Debug)]
pub(super) struct Transfer {
    of: Arc<TransferFunction>,
    pub table: TransferTable,
    pub sums: wgpu::Texture,
    pub leaps: wgpu::Texture,
}

impl Transfer {
    pub fn new(gpu: &GpuContext, blocks: &ValueBlocks, transfer: &Arc<TransferFunction>) -> Result<Self, GpuError> {
        let table = TransferTable::new(transfer);
        let found = Leaps::new(blocks, &table);
        gpu.check_size(found.dims, gpu.device.limits().max_texture_dimension_3d)?;
        let (deep, flat) = (wgpu::TextureDimension::D3, wgpu::TextureDimension::D2);
        let format = wgpu::TextureFormat::R8Uint;
        let leaps = create(gpu, "leaps", found.dims, deep, format, found.blocks.len())?;
        write(gpu, &leaps, 0, found.dims, 1, &found.blocks);
        let (size, bytes) = ([table.sums.len(), 1, 1], bytemuck::cast_slice(&table.sums));
        gpu.check_size(size, gpu.device.limits().max_texture_dimension_2d)?;
        let sums = create(gpu, "transfer function", size, flat, wgpu::TextureFormat::Rgba32Uint, bytes.len())?;
        write(gpu, &sums, 0, size, 16, bytes);
        Ok(Self { of: Arc::clone(transfer), table, sums, leaps })
    }

    pub fn is_of(&self, transfer: &Arc<TransferFunction>) -> bool {
        Arc::ptr_eq(&self.of, transfer) || self.of == *transfer
    }
}

/// The colors of a mask's labels; clear ones without a mask.
pub(super) fn palette(gpu: &GpuContext, mask: Option<&MaskStyle>) -> Result<wgpu::Texture, GpuError> {
    let colors = mask.map_or([[0; 4]; 256], |mask| *mask.palette);
    let format = wgpu::TextureFormat::Rgba8Unorm;
    let texture = create(gpu, "label colors", [256, 1, 1], wgpu::TextureDimension::D2, format, 1024)?;
    write(gpu, &texture, 0, [256, 1, 1], 4, colors.as_flattened());
    Ok(texture)
}

/// A texture that frames are averaged in.
#[derive(Debug)]
pub(super) struct Mean {
    pub size_px: [u32; 2],
    pub view: wgpu::TextureView,
}

impl Mean {
    /// Sixteen bits: a mean of frames in bytes would drift by rounding.
    pub const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba16Float;

    pub fn new(gpu: &GpuContext, size_px: [u32; 2]) -> Result<Self, GpuError> {
        let [width, height] = size_px.map(|n| n.max(1));
        gpu.check_size([width as usize, height as usize, 1], gpu.device.limits().max_texture_dimension_2d)?;
        let bytes = u64::from(width) * u64::from(height) * 8;
        let texture = gpu.guarded(bytes >> 20, || {
            gpu.device.create_texture(&wgpu::TextureDescriptor {
                label: Some("mean of frames"),
                size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: Self::FORMAT,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
                view_formats: &[],
            })
        })?;
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Ok(Self { size_px: [width, height], view })
    }

    /// Records the rows of a frame; frame `n` (from 0) counts by `1/(n+1)`.
    pub fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        frame: u32,
        rows: std::ops::Range<u32>,
        paint: impl FnOnce(&mut wgpu::RenderPass<'_>),
    ) {
        let is_first = frame == 0 && rows.start == 0;
        let load = if is_first { wgpu::LoadOp::Clear(wgpu::Color::BLACK) } else { wgpu::LoadOp::Load };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("mean of frames"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &self.view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load, store: wgpu::StoreOp::Store },
            })],
            ..Default::default()
        });
        let share = f64::from(frame + 1).recip();
        pass.set_blend_constant(wgpu::Color { r: share, g: share, b: share, a: share });
        pass.set_scissor_rect(0, rows.start, self.size_px[0], rows.len() as u32);
        paint(&mut pass);
    }
}
