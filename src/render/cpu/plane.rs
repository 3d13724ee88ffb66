//! Planes of a volume: values, and the picture of them with a mask on top.

use super::sample::{PixelMap, Sampler, Stored, is_inside, nearest_index, with_voxels};
use super::{byte, present};
use crate::geometry::{DVec3, SlicePlane};
use crate::render::{Interpolation, OverlayStyle, RgbaPicture, SliceDraw};
use crate::volume::{Labelmap, Volume};
use rayon::prelude::*;

/// Values after the Modality LUT at the pixels of a plane, row by row (`width · height`): trilinear, a volume reaching half
/// a voxel beyond its outer voxel centers; the volume's smallest value outside.
pub fn plane_values(volume: &Volume, plane: &SlicePlane) -> Vec<f32> {
    let outside = volume.range().0;
    let mut values = vec![outside; pixels(plane)];
    with_voxels!(volume.voxels(), voxels => {
        let sampler = Sampler::new(voxels, volume.dims(), volume.rescale(), Interpolation::Linear);
        fill_rows(&sampler, volume, plane, &mut values, |out, value| {
            if let Some(value) = value {
                *out = value;
            }
        });
    });
    values
}

/// The picture of a plane. Twin of `shaders/slice.wgsl`. Outside the volume it is black.
pub fn plane_picture(volume: &Volume, draw: &SliceDraw, labels: Option<&Labelmap>) -> RgbaPicture {
    let [width, height] = draw.plane.size_px;
    let mut rgba = vec![[0u8, 0, 0, 255]; pixels(&draw.plane)];
    with_voxels!(volume.voxels(), voxels => {
        let sampler = Sampler::new(voxels, volume.dims(), volume.rescale(), draw.interpolation);
        fill_rows(&sampler, volume, &draw.plane, &mut rgba, |out, value| {
            if let Some(value) = value {
                let gray = byte(present(draw.voi, draw.inverted, value));
                *out = [gray, gray, gray, 255];
            }
        });
    });
    if let (Some(labels), Some(style)) = (labels, &draw.overlay) {
        overlay(&mut rgba, labels, &draw.plane, style);
    }
    RgbaPicture { width, height, rgba: rgba.into_flattened() }
}

fn pixels(plane: &SlicePlane) -> usize {
    plane.size_px[0] as usize * plane.size_px[1] as usize
}

fn fill_rows<T: Stored, P: Send>(
    sampler: &Sampler<'_, T>,
    volume: &Volume,
    plane: &SlicePlane,
    out: &mut [P],
    put: impl Fn(&mut P, Option<f32>) + Sync,
) {
    let map = PixelMap::new(volume.geometry(), plane);
    let width = (plane.size_px[0] as usize).max(1);
    out.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        let start = map.origin + map.v * y as f64;
        for (x, pixel) in row.iter_mut().enumerate() {
            put(pixel, sampler.value(start + map.u * x as f64));
        }
    });
}

/// Labels at pixels. Twin of `label_at` and `on_outline` in `shaders/slice.wgsl`.
struct LabelView<'a> {
    labels: &'a Labelmap,
    map: PixelMap,
    last: DVec3,
    style: &'a OverlayStyle,
}

impl LabelView<'_> {
    /// 0 outside the mask's grid and for hidden labels.
    #[inline]
    fn at(&self, x: f64, y: f64) -> u8 {
        let ijk = self.map.ijk(x, y);
        if !is_inside(ijk, self.last) {
            return 0;
        }
        let label = self.labels.label(nearest_index(ijk, self.last));
        if self.style.palette[usize::from(label)][3] > 0 { label } else { 0 }
    }

    /// True within an outline's width of the border of its label, inside it.
    fn on_outline(&self, x: f64, y: f64, label: u8) -> bool {
        let reach = f64::from(self.style.outline_px);
        let diagonal = reach * std::f64::consts::FRAC_1_SQRT_2;
        [
            (reach, 0.0),
            (-reach, 0.0),
            (0.0, reach),
            (0.0, -reach),
            (diagonal, diagonal),
            (-diagonal, -diagonal),
            (diagonal, -diagonal),
            (-diagonal, diagonal),
        ]
        .iter()
        .any(|(dx, dy)| self.at(x + dx, y + dy) != label)
    }
}

fn overlay(rgba: &mut [[u8; 4]], labels: &Labelmap, plane: &SlicePlane, style: &OverlayStyle) {
    let geometry = labels.geometry();
    let view = LabelView {
        labels,
        map: PixelMap::new(geometry, plane),
        last: DVec3::from_array(geometry.dims().map(|n| n as f64 - 1.0)),
        style,
    };
    let width = (plane.size_px[0] as usize).max(1);
    rgba.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.iter_mut().enumerate() {
            let (x, y) = (x as f64, y as f64);
            let label = view.at(x, y);
            if label == 0 {
                continue;
            }
            let [r, g, b, alpha] = style.palette[usize::from(label)];
            let opacity = if view.on_outline(x, y, label) { style.outline_opacity } else { style.fill_opacity };
            let opacity = opacity * f32::from(alpha) / 255.0;
            for (channel, color) in pixel.iter_mut().zip([r, g, b]) {
                let below = f32::from(*channel) / 255.0;
                *channel = byte(below + (f32::from(color) / 255.0 - below) * opacity);
            }
        }
    });
}
