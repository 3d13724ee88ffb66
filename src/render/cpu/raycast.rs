//! Volume rendering by ray casting. Twin of `shaders/raycast.wgsl`: the same numbers, the same samples, the same sums.

use super::byte;
use super::raycast_ray::{Labels, Rays};
use super::raycast_texels::Texels;
use super::sample::with_voxels;
use crate::render::raycast::{Kept, Leaps, RaycastUniforms, Source, ValueBlocks};
use crate::render::transfer::TransferTable;
use crate::render::{RaycastDraw, RgbaPicture};
use crate::volume::{Labelmap, Volume};
use rayon::prelude::*;

/// The finished picture of a volume. For many frames of one volume use [`raycast_picture_with`].
pub fn raycast_picture(volume: &Volume, labels: Option<&Labelmap>, draw: &RaycastDraw) -> RgbaPicture {
    raycast_picture_with(volume, &ValueBlocks::new(volume), labels, draw)
}

/// The finished picture, with the volume's own blocks found before; black when they are another volume's.
pub fn raycast_picture_with(
    volume: &Volume,
    blocks: &ValueBlocks,
    labels: Option<&Labelmap>,
    draw: &RaycastDraw,
) -> RgbaPicture {
    let [width, height] = draw.plane.size_px;
    if !blocks.belong_to(volume.geometry()) {
        return RgbaPicture::black(width, height);
    }
    let mut rgba = vec![[0u8, 0, 0, 255]; width as usize * height as usize];
    with_voxels!(volume.voxels(), voxels => cast(voxels, volume, blocks, labels, draw, &mut rgba));
    RgbaPicture { width, height, rgba: rgba.into_flattened() }
}

fn cast<T: super::sample::Stored>(
    voxels: &[T],
    volume: &Volume,
    blocks: &ValueBlocks,
    labels: Option<&Labelmap>,
    draw: &RaycastDraw,
    rgba: &mut [[u8; 4]],
) {
    let table = TransferTable::new(&draw.transfer);
    let leaps = Leaps::new(blocks, &table);
    let kept = Kept::new(volume);
    let source = Source { geometry: volume.geometry(), rescale: kept.rescale(), texels: volume.dims() };
    let texels = Texels::new(voxels, volume.dims(), kept, blocks.bricks());
    let labels = labels.zip(draw.mask.as_ref()).map(|(labels, style)| Labels { labels, palette: &style.palette });
    let frames: Vec<_> = (0..draw.frame_count())
        .map(|frame| RaycastUniforms::new(source, labels.map(|l| l.labels.geometry()), &table, draw, frame))
        .map(|uniforms| Rays::new(&uniforms, texels, &leaps, &table, labels))
        .collect();
    let share = (frames.len() as f32).recip();
    let width = (draw.plane.size_px[0] as usize).max(1);
    rgba.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let mut mean = [0.0f32; 3];
            for rays in &frames {
                let rgb = rays.cast(x as u32, y as u32);
                mean = std::array::from_fn(|n| mean[n] + rgb[n] * share);
            }
            let [r, g, b] = mean.map(byte);
            *pixel = [r, g, b, 255];
        }
    });
}
