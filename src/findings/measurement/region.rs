//! Statistics of flat regions and values at points (definitions in `super`).

use super::super::Quantity;
use super::super::moments::Moments;
use super::results::{Basis, Measured, Sampled, Unit};
use super::{PatientPlane, Shape};
use crate::geometry::{DVec2, DVec3};
use crate::volume::{Picture, Samples, Volume, sample_linear, sample_nearest};

/// Most samples on an oblique plane; beyond, they are taken farther apart.
const MOST_SAMPLES: f64 = 16e6;

/// The value of the nearest voxel.
pub(super) fn point(volume: &Volume, plane: &PatientPlane, at: DVec2) -> Sampled {
    let value = sample_nearest(volume, plane.lps(at)).filter(|v| !v.is_nan());
    let values = value.map(|v| measured(Quantity::Value, f64::from(v), volume.unit().as_str()));
    Sampled { cut_off: value.is_none(), values: values.into_iter().collect(), ..Sampled::default() }
}

/// The value of the nearest pixel.
pub(super) fn picture_point(picture: &Picture, at: DVec2) -> Sampled {
    let nearest = (at + 0.5).floor();
    let inside = nearest.min_element() >= 0.0
        && nearest.x < picture.width as f64
        && nearest.y < picture.height as f64
        && matches!(picture.samples, Samples::Gray { .. });
    let value = inside.then(|| picture.value(nearest.x as usize, nearest.y as usize)).filter(|v| !v.is_nan());
    let values = value.map(|v| measured(Quantity::Value, f64::from(v), picture.unit.as_str()));
    Sampled { cut_off: !inside, values: values.into_iter().collect(), ..Sampled::default() }
}

/// Voxels of the plane whose center lies inside, where the plane is one of the grid's; else samples of it.
pub(super) fn on_plane(volume: &Volume, plane: &PatientPlane, shape: &Shape) -> Sampled {
    match plane.grid_index(volume.geometry()) {
        Some((axis, index)) => on_grid_plane(volume, plane, shape, axis, index),
        None => on_oblique(volume, plane, shape),
    }
}

fn on_grid_plane(volume: &Volume, plane: &PatientPlane, shape: &Shape, axis: usize, index: usize) -> Sampled {
    let geometry = volume.geometry();
    let dims = geometry.dims();
    let (b, c) = ((axis + 1) % 3, (axis + 2) % 3);
    let (mut low, mut high) = (DVec3::INFINITY, DVec3::NEG_INFINITY);
    let to_ijk = geometry.ijk_from_lps();
    for p in shape.outline().into_iter().flatten() {
        let ijk = to_ijk.transform_point3(plane.lps(p));
        (low, high) = (low.min(ijk), high.max(ijk));
    }
    // One more on either side: a curve reaches a little beyond the corners that it was drawn out with.
    let range = |n: usize| {
        let first = (low[n].floor() - 1.0).max(0.0) as usize;
        first..((high[n].ceil() + 2.0).max(0.0) as usize).min(dims[n])
    };
    let mut values = Vec::new();
    for second in range(c) {
        for first in range(b) {
            let mut voxel = [0; 3];
            (voxel[axis], voxel[b], voxel[c]) = (index, first, second);
            let center = geometry.point_lps(DVec3::from_array(voxel.map(|n| n as f64)));
            if shape.contains(plane.coordinates(center).0) {
                values.push(volume.value_ijk(voxel));
            }
        }
    }
    let outside = |n: usize| low[n] < -0.5 || high[n] > dims[n] as f64 - 0.5;
    let cut_off = outside(b) || outside(c);
    statistics(&values, volume.unit().as_str(), Basis::VoxelCenters, cut_off)
}

/// Samples lie at whole steps from the plane's origin, so that they do not depend on what the window shows.
fn on_oblique(volume: &Volume, plane: &PatientPlane, shape: &Shape) -> Sampled {
    let matrix = volume.geometry().lps_from_ijk().matrix3;
    let edge = |n: usize| matrix.col(n).length();
    let (mut low, mut high) = (DVec2::INFINITY, DVec2::NEG_INFINITY);
    for p in shape.outline().into_iter().flatten() {
        (low, high) = (low.min(p), high.max(p));
    }
    let mut step_mm = edge(0).min(edge(1)).min(edge(2));
    while (high - low).element_product() / (step_mm * step_mm) > MOST_SAMPLES {
        step_mm *= 2.0;
    }
    let (first, last) = ((low / step_mm).ceil(), (high / step_mm).floor());
    let (columns, rows) = ((last.x - first.x).max(-1.0) as i64, (last.y - first.y).max(-1.0) as i64);
    let (mut values, mut cut_off) = (Vec::new(), false);
    for row in 0..=rows {
        for column in 0..=columns {
            let at = (first + DVec2::new(column as f64, row as f64)) * step_mm;
            if !shape.contains(at) {
                continue;
            }
            match sample_linear(volume, plane.lps(at)) {
                Some(value) => values.push(value),
                None => cut_off = true,
            }
        }
    }
    statistics(&values, volume.unit().as_str(), Basis::PlaneSamples { step_mm }, cut_off)
}

/// Pixels of a picture.
pub(super) fn on_picture(picture: &Picture, shape: &Shape) -> Sampled {
    if !matches!(picture.samples, Samples::Gray { .. }) {
        return Sampled::default();
    }
    let (mut low, mut high) = (DVec2::INFINITY, DVec2::NEG_INFINITY);
    for p in shape.outline().into_iter().flatten() {
        (low, high) = (low.min(p), high.max(p));
    }
    let size = DVec2::new(picture.width as f64, picture.height as f64);
    let range = |low: f64, high: f64, most: usize| {
        (low.floor() - 1.0).max(0.0) as usize..((high.ceil() + 2.0).max(0.0) as usize).min(most)
    };
    let mut values = Vec::new();
    for row in range(low.y, high.y, picture.height) {
        for column in range(low.x, high.x, picture.width) {
            let value = picture.value(column, row);
            let inside = shape.contains(DVec2::new(column as f64, row as f64));
            if inside && picture.presentation.is_image(column, row, value) {
                values.push(value);
            }
        }
    }
    let cut_off = low.min_element() < -0.5 || (high - size).max_element() > -0.5;
    statistics(&values, picture.unit.as_str(), Basis::PixelCenters, cut_off)
}

fn statistics(values: &[f32], unit: &str, basis: Basis, cut_off: bool) -> Sampled {
    let mut moments = Moments::default();
    moments.add(values);
    let count = values.iter().filter(|v| !v.is_nan()).count();
    let mut all = vec![Measured { quantity: Quantity::Count, value: count as f64, unit: Unit::Count }];
    if let Some(s) = moments.finish() {
        let numbers = [(Quantity::Mean, s.mean), (Quantity::Sd, s.sd), (Quantity::Min, s.min), (Quantity::Max, s.max)];
        all.extend(numbers.map(|(quantity, value)| measured(quantity, value, unit)));
    }
    Sampled { values: all, basis, cut_off, peak_lps: None }
}

pub(super) fn measured(quantity: Quantity, value: f64, unit: &str) -> Measured {
    Measured { quantity, value, unit: Unit::Value(unit.to_owned()) }
}
