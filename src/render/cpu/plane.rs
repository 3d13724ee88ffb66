//! Planes, slabs and projections of a volume: values, and pictures with a second volume and a mask over them.

use super::present::presented;
use super::slab::{OUTSIDE, sampled};
use crate::geometry::SlicePlane;
use crate::render::look::Look;
use crate::render::slab::Sampling;
use crate::render::{Interpolation, MipDraw, RgbaPicture, SliceDraw};
use crate::volume::{Labelmap, Volume};

/// Values after the Modality LUT at the pixels of a plane, row by row (`width · height`): trilinear, a volume reaching half
/// a voxel beyond its outer voxel centers; the volume's smallest value outside.
pub fn plane_values(volume: &Volume, plane: &SlicePlane) -> Vec<f32> {
    values(volume, &Sampling::of_plane(*plane, Interpolation::Linear))
}

/// The same for the plane of a draw, with its interpolation.
pub fn slice_values(volume: &Volume, draw: &SliceDraw) -> Vec<f32> {
    values(volume, &draw.sampling())
}

/// What the samples along each pixel's ray become (`SlabMode`), row by row; the volume's smallest value where a ray misses it.
pub fn mip_values(volume: &Volume, draw: &MipDraw) -> Vec<f32> {
    values(volume, &draw.sampling())
}

fn values(volume: &Volume, sampling: &Sampling) -> Vec<f32> {
    let outside = volume.range().0;
    let mut values = sampled(volume, sampling);
    values.iter_mut().filter(|value| **value == OUTSIDE).for_each(|value| *value = outside);
    values
}

/// The picture of a plane. Outside the volume it is black. A fused volume that the draw names is left out:
/// [`fused_picture`] takes it.
pub fn plane_picture(volume: &Volume, draw: &SliceDraw, labels: Option<&Labelmap>) -> RgbaPicture {
    fused_picture(volume, None, draw, labels)
}

/// The picture of a plane with the second volume that the draw fuses.
pub fn fused_picture(
    volume: &Volume,
    second: Option<&Volume>,
    draw: &SliceDraw,
    labels: Option<&Labelmap>,
) -> RgbaPicture {
    picture(volume, second, &draw.sampling(), draw.look(), labels)
}

/// The slab or projection as a picture; black where a ray misses the volume.
pub fn mip_picture(volume: &Volume, draw: &MipDraw) -> RgbaPicture {
    fused_mip_picture(volume, None, draw, None)
}

/// The slab or projection with a second volume, and the labels of its middle plane.
pub fn fused_mip_picture(
    volume: &Volume,
    second: Option<&Volume>,
    draw: &MipDraw,
    labels: Option<&Labelmap>,
) -> RgbaPicture {
    picture(volume, second, &draw.sampling(), draw.look(), labels)
}

fn picture(
    volume: &Volume,
    second: Option<&Volume>,
    sampling: &Sampling,
    look: Look<'_>,
    labels: Option<&Labelmap>,
) -> RgbaPicture {
    let look = look.with(second.is_some(), labels.is_some());
    let over = second.zip(look.fused).map(|(second, fused)| sampled(second, &sampling.through(fused)));
    presented(sampled(volume, sampling), over, &look, labels)
}
