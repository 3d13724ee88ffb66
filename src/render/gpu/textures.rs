//! Voxels, labels and pictures as textures. Bits go up as they were stored; the Modality LUT is applied in the shader.

use super::context::{GpuContext, GpuError};
use super::layout::{Grid, voxel_kind};
use crate::geometry::VolumeGeometry;
use crate::render::blocks::BlockBounds;
use crate::render::cpu::Source;
use crate::render::slab::Sampling;
use crate::volume::{Labelmap, Picture, Rescale, Samples, VoiFunction, Volume, Voxels};
use egui_wgpu::wgpu;
use std::borrow::Cow;
use std::sync::Arc;

/// Bytes handed to the driver at a time: staging memory stays small however large the volume is.
const CHUNK_BYTES: usize = 16 << 20;

/// A volume on the device, in the integers it was stored in.
///
/// Why no filterable format: `R16Float` is exact only to ±2048, and how finely hardware weighs neighbors is up to the
/// device (Vulkan asks for 4 bits, 8 are usual). With integer textures and interpolation in the shader every device agrees
/// with the CPU to one gray level, for the memory of the stored values.
///
/// A software driver is a program on the same processor, which reads texels one by one and runs through both sides of every
/// branch. For it [`GpuVolume::for_window`] keeps a hand on the volume in main memory: planes are sampled by the CPU twin, in
/// machine code that was built for the purpose, and go up as one value per pixel. The pictures are the same. Slabs and projections
/// were measured to be faster by their shader there too.
#[derive(Debug)]
pub struct GpuVolume {
    pub(super) texture: wgpu::Texture,
    /// Upper bounds per block, for projections.
    pub(super) bounds: wgpu::Texture,
    pub(super) grid: Grid,
    geometry: VolumeGeometry,
    /// What planes are sampled from instead of the texture.
    host: Option<Arc<Volume>>,
}

impl GpuVolume {
    /// [`Self::upload`]; on software drivers planes are then sampled from the volume itself.
    pub fn for_window(gpu: &GpuContext, volume: &Arc<Volume>) -> Result<Self, GpuError> {
        let made = Self::upload(gpu, volume)?;
        Ok(Self { host: gpu.is_software.then(|| Arc::clone(volume)), ..made })
    }

    /// What the CPU takes a sampling from, where that is its work.
    pub(super) fn host(&self, sampling: &Sampling) -> Option<Source<'_>> {
        let volume = self.host.as_deref().filter(|_| sampling.mode.is_none())?;
        Some(Source { volume, bounds: None })
    }

    /// Uploads a volume, slab by slab. Takes about 1 ms per MiB on a software driver: call it from a job, not from the
    /// window's thread. Fails when a side is longer than the device's limit or memory is short; the CPU twins then serve.
    pub fn upload(gpu: &GpuContext, volume: &Volume) -> Result<Self, GpuError> {
        let dims = volume.dims();
        gpu.check_size(dims, gpu.device.limits().max_texture_dimension_3d)?;
        let (bytes, format, texel) = stored_bytes(volume.voxels());
        let padded = padded(gpu, dims, texel);
        let texture = create(gpu, "volume", padded, wgpu::TextureDimension::D3, format, bytes.len())?;
        let per_slice = dims[0] * dims[1] * texel;
        let at_a_time = (CHUNK_BYTES / per_slice).max(1);
        for (n, chunk) in bytes.chunks(at_a_time * per_slice).enumerate() {
            let slices = chunk.len() / per_slice;
            write(gpu, &texture, n * at_a_time, [dims[0], dims[1], slices], texel, chunk);
            gpu.queue.submit([]);
        }
        let blocks = BlockBounds::new(volume);
        let (deep, float) = (wgpu::TextureDimension::D3, wgpu::TextureFormat::R32Float);
        let bounds = create(gpu, "bounds", blocks.dims, deep, float, blocks.highest.len() * 4)?;
        write(gpu, &bounds, 0, blocks.dims, 4, bytemuck::cast_slice(&blocks.highest));
        let grid = Grid::new(dims, voxel_kind(volume.voxels()), volume.rescale());
        Ok(Self { texture, bounds, grid, geometry: volume.geometry().clone(), host: None })
    }

    /// Where the voxels lie.
    pub fn geometry(&self) -> &VolumeGeometry {
        &self.geometry
    }
}

/// A label map on the device; only slices that changed are sent again.
#[derive(Debug)]
pub struct GpuLabels {
    pub(super) texture: wgpu::Texture,
    pub(super) grid: Grid,
    geometry: VolumeGeometry,
    /// Changes whenever slices were sent.
    pub(super) revision: u64,
    sent: Vec<Option<Arc<[u8]>>>,
}

impl GpuLabels {
    /// A texture for a label map, and its labels.
    pub fn upload(gpu: &GpuContext, labels: &Labelmap) -> Result<Self, GpuError> {
        let geometry = labels.geometry().clone();
        let dims = geometry.dims();
        gpu.check_size(dims, gpu.device.limits().max_texture_dimension_3d)?;
        let format = wgpu::TextureFormat::R8Uint;
        let texture = create(gpu, "labels", dims, wgpu::TextureDimension::D3, format, geometry.len())?;
        let grid = Grid::new(dims, 0, Rescale::IDENTITY);
        let mut made = Self { texture, grid, sent: vec![None; dims[2]], geometry, revision: 0 };
        made.update(gpu, labels)?;
        Ok(made)
    }

    /// Sends the slices that are not the same memory as those sent before; returns how many.
    pub fn update(&mut self, gpu: &GpuContext, labels: &Labelmap) -> Result<usize, GpuError> {
        if labels.geometry() != &self.geometry {
            return Err(GpuError::Grid);
        }
        let [columns, rows, _] = self.geometry.dims();
        let mut count = 0;
        for (k, sent) in self.sent.iter_mut().enumerate() {
            let slice = labels.slice(k);
            if sent.as_ref().is_some_and(|before| Arc::ptr_eq(before, slice)) {
                continue;
            }
            // A new texture is zero everywhere.
            if sent.is_some() || slice.iter().any(|&label| label != 0) {
                write(gpu, &self.texture, k, [columns, rows, 1], 1, slice);
                count += 1;
            }
            *sent = Some(slice.clone());
        }
        self.revision += u64::from(count > 0);
        Ok(count)
    }

    /// Where the labels lie.
    pub fn geometry(&self) -> &VolumeGeometry {
        &self.geometry
    }
}

/// A 2D picture on the device.
#[derive(Debug)]
pub struct GpuPicture {
    pub(super) texture: wgpu::Texture,
    pub(super) grid: Grid,
    pub(super) colored: bool,
}

impl GpuPicture {
    /// Uploads a picture, after the VOI LUT where `function` names one. Fails when it is larger than the device's textures.
    pub fn upload(gpu: &GpuContext, picture: &Picture, function: VoiFunction) -> Result<Self, GpuError> {
        let dims = [picture.width, picture.height, 1];
        gpu.check_size(dims, gpu.device.limits().max_texture_dimension_2d)?;
        let flat = wgpu::TextureDimension::D2;
        match &picture.samples {
            Samples::Gray { stored, rescale } => {
                let (plane, rescale) = picture.plane(function).unwrap_or((Cow::Borrowed(stored), *rescale));
                let stored = &*plane;
                let (bytes, format, texel) = stored_bytes(stored);
                let texture = create(gpu, "picture", dims, flat, format, bytes.len())?;
                write(gpu, &texture, 0, dims, texel, bytes);
                Ok(Self { texture, grid: Grid::new(dims, voxel_kind(stored), rescale), colored: false })
            }
            Samples::Rgb(rgb) => {
                let rgba: Vec<u8> = rgb.chunks_exact(3).flat_map(|c| [c[0], c[1], c[2], 255]).collect();
                let texture = create(gpu, "picture", dims, flat, wgpu::TextureFormat::Rgba8Uint, rgba.len())?;
                write(gpu, &texture, 0, dims, 4, &rgba);
                Ok(Self { texture, grid: Grid::new(dims, 0, Rescale::IDENTITY), colored: true })
            }
        }
    }
}

/// Stored values as bytes, the texture format that holds their bits, and bytes per voxel.
fn stored_bytes(voxels: &Voxels) -> (&[u8], wgpu::TextureFormat, usize) {
    match voxels {
        Voxels::U8(v) => (v, wgpu::TextureFormat::R8Uint, 1),
        Voxels::I16(v) => (bytemuck::cast_slice(v), wgpu::TextureFormat::R16Uint, 2),
        Voxels::U16(v) => (bytemuck::cast_slice(v), wgpu::TextureFormat::R16Uint, 2),
        Voxels::F32(v) => (bytemuck::cast_slice(v), wgpu::TextureFormat::R32Uint, 4),
    }
}

/// Software drivers keep texels row by row. Where a row fills a power of two of bytes, neighbors along a column meet in the
/// same few places of the processor's cache; a little unused room at the end of rows and slices avoids that. The shaders know
/// the true size.
pub(super) fn padded(gpu: &GpuContext, [columns, rows, slices]: [usize; 3], texel: usize) -> [usize; 3] {
    let limit = gpu.device.limits().max_texture_dimension_3d as usize;
    let is_round = (columns * texel).is_multiple_of(256);
    if gpu.is_software && is_round && columns + 64 / texel <= limit && rows + 4 <= limit {
        [columns + 64 / texel, rows + 4, slices]
    } else {
        [columns, rows, slices]
    }
}

fn extent([columns, rows, slices]: [usize; 3]) -> wgpu::Extent3d {
    // Sizes were checked against the device's limits, which are u32.
    let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    wgpu::Extent3d { width: side(columns), height: side(rows), depth_or_array_layers: side(slices) }
}

pub(super) fn create(
    gpu: &GpuContext,
    label: &str,
    dims: [usize; 3],
    dimension: wgpu::TextureDimension,
    format: wgpu::TextureFormat,
    bytes: usize,
) -> Result<wgpu::Texture, GpuError> {
    let descriptor = wgpu::TextureDescriptor {
        label: Some(label),
        size: extent(dims),
        mip_level_count: 1,
        sample_count: 1,
        dimension,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    };
    gpu.guarded(bytes as u64 >> 20, || gpu.device.create_texture(&descriptor))
}

/// Writes whole slices from slice `first` on.
pub(super) fn write(
    gpu: &GpuContext,
    texture: &wgpu::Texture,
    first: usize,
    dims: [usize; 3],
    texel: usize,
    bytes: &[u8],
) {
    let size = extent(dims);
    let origin = wgpu::Origin3d { x: 0, y: 0, z: extent([1, 1, first]).depth_or_array_layers };
    let to = wgpu::TexelCopyTextureInfo { texture, mip_level: 0, origin, aspect: wgpu::TextureAspect::All };
    let bytes_per_row = u32::try_from(dims[0] * texel).ok();
    let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row, rows_per_image: Some(size.height) };
    gpu.queue.write_texture(to, bytes, layout, size);
}
