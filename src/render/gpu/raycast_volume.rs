//! A volume on the device as rays want it: four half floats per voxel, the gradient and the value.
//!
//! Why not the integers of [`GpuVolume`](super::GpuVolume): a shaded sample would take forty look-ups instead of one. Half
//! floats keep eleven bits: the values are brought to ±2048 over the volume's range, so that they are kept to one part in
//! four thousand of it, finer than the transfer function's entries. Measurement never reads this.

use super::context::{GpuContext, GpuError};
use super::textures::{create, padded, write};
use crate::geometry::VolumeGeometry;
use crate::render::CoarseReason;
use crate::render::raycast::{Source, ValueBlocks, coarser, kept_within};
use crate::volume::{Rescale, Volume};
use egui_wgpu::wgpu;
use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use rayon::prelude::*;

/// Values are kept within ± this: half floats below it are at most 1 apart.
const REACH: f64 = 2048.0;
/// Bytes per voxel.
const TEXEL: usize = 8;
/// Most memory for one volume.
const MOST_BYTES: usize = 1536 << 20;

/// A volume on the device, ready for rays, and its blocks.
#[derive(Debug)]
pub struct RaycastVolume {
    pub(super) texture: wgpu::Texture,
    pub(super) blocks: ValueBlocks,
    geometry: VolumeGeometry,
    texels: [usize; 3],
    rescale: Rescale,
    coarse: Option<(u32, CoarseReason)>,
}

impl RaycastVolume {
    /// Uploads a volume; one that the device cannot hold with half, a quarter, an eighth of its resolution. Takes seconds on
    /// a software driver: call it from a job, not from the window's thread.
    pub fn upload(gpu: &GpuContext, volume: &Volume) -> Result<Self, GpuError> {
        Self::upload_within(gpu, volume, MOST_BYTES)
    }

    /// The same with a limit in bytes.
    pub fn upload_within(gpu: &GpuContext, volume: &Volume, most_bytes: usize) -> Result<Self, GpuError> {
        let mut refused = match Self::try_upload(gpu, volume, most_bytes) {
            Ok(made) => return Ok(made),
            Err(error) => error,
        };
        for factor in [2, 4, 8] {
            let reason = match refused {
                GpuError::TooLarge { .. } => CoarseReason::Size,
                GpuError::Memory(_) => CoarseReason::Memory,
                error => return Err(error),
            };
            let less = coarser(volume, factor as usize).map_err(|error| GpuError::Device(error.to_string()))?;
            match Self::try_upload(gpu, &less, most_bytes) {
                Ok(made) => return Ok(Self { coarse: Some((factor, reason)), ..made }),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// Voxels along an axis that were made one, and why; `None` for the full volume.
    pub fn coarse(&self) -> Option<(u32, CoarseReason)> {
        self.coarse
    }

    pub(super) fn source(&self) -> Source<'_> {
        Source { geometry: &self.geometry, rescale: self.rescale, texels: self.texels }
    }

    fn try_upload(gpu: &GpuContext, volume: &Volume, most_bytes: usize) -> Result<Self, GpuError> {
        let dims = volume.dims();
        gpu.check_size(dims, gpu.device.limits().max_texture_dimension_3d)?;
        let bytes = volume.geometry().len().saturating_mul(TEXEL);
        if bytes > most_bytes {
            return Err(GpuError::Memory(bytes as u64 >> 20));
        }
        let texels = padded(gpu, dims, TEXEL);
        let format = wgpu::TextureFormat::Rgba16Float;
        let texture = create(gpu, "volume for rays", texels, wgpu::TextureDimension::D3, format, bytes)?;
        let kept = Kept::new(volume);
        for k in 0..dims[2] {
            let slice = kept.slice(volume, k);
            write(gpu, &texture, k, [dims[0], dims[1], 1], TEXEL, bytemuck::cast_slice(&slice));
            // Staging memory stays small however large the volume is.
            if k % 16 == 15 {
                gpu.queue.submit([]);
            }
        }
        let blocks = ValueBlocks::new(volume);
        Ok(Self { texture, blocks, geometry: volume.geometry().clone(), texels, rescale: kept.rescale, coarse: None })
    }
}

/// How values are kept on the device.
struct Kept {
    rescale: Rescale,
    lowest: f32,
}

impl Kept {
    fn new(volume: &Volume) -> Self {
        let lowest = f64::from(volume.range().0).clamp(-1e30, 1e30) as f32;
        Self { rescale: kept_within(volume, REACH), lowest }
    }

    /// Gradient and number of the voxels of a slice.
    fn slice(&self, volume: &Volume, k: usize) -> Vec<u16> {
        let dims = volume.dims();
        let numbers = |k: usize| self.numbers(volume, k);
        let [below, here, above] = [k.saturating_sub(1), k, (k + 1).min(dims[2] - 1)].map(numbers);
        let mut out = vec![0u16; dims[0] * dims[1] * 4];
        out.par_chunks_mut(dims[0] * 4).enumerate().for_each(|(j, row)| {
            let start = |j: usize| j * dims[0];
            let [upper, own, lower] = [j.saturating_sub(1), j, (j + 1).min(dims[1] - 1)].map(start);
            let mut texels = vec![0.0f32; row.len()];
            for (i, texel) in texels.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let (before, after) = (i.saturating_sub(1), (i + 1).min(dims[0] - 1));
                *texel = [
                    0.5 * (here[own + after] - here[own + before]),
                    0.5 * (here[lower + i] - here[upper + i]),
                    0.5 * (above[own + i] - below[own + i]),
                    here[own + i],
                ];
            }
            let halves: &mut [f16] = row.reinterpret_cast_mut();
            halves.convert_from_f32_slice(&texels);
        });
        out
    }

    fn numbers(&self, volume: &Volume, k: usize) -> Vec<f32> {
        let Rescale { slope, intercept } = self.rescale;
        let (scale, offset) = (slope.recip() as f32, (-intercept / slope) as f32);
        let values = volume.slice_values(k).into_iter();
        let number = |value: f32| if value.is_nan() { self.lowest } else { value } * scale + offset;
        values.map(|value| number(value).clamp(-REACH as f32, REACH as f32)).collect()
    }
}
