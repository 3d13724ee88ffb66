//! Chest radiographs of the phantom: line integrals of attenuation from a point source to a flat detector.
//!
//! Geometry (mm, LPS): the central ray is horizontal through the middle of the trunk. Posteroanterior: source behind the
//! patient, detector in front, so that patient left is at the picture's right (Patient Orientation L\F). Lateral: left
//! side at the detector, source on the right, anterior at the picture's left (P\F). Above and below the volume its outer
//! slices go on, as if the field were collimated there. The couch (no label) absorbs nothing.

use super::ThoraxPhantom;
use super::scanner::blur;
use crate::geometry::{BoxLps, DVec2, DVec3};
use crate::volume::{Calibration, Picture, Rescale, Samples, ValueUnit, Voi, Voxels};
use rayon::prelude::*;

/// Direction of a radiograph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Posteroanterior.
    Pa,
    /// Left lateral.
    Lateral,
}

/// Pixels of the longer side.
const LONG_PX: usize = 1024;
/// Source to detector.
const SOURCE_MM: f64 = 1830.0;
/// From the patient's middle to the detector.
const DETECTOR_MM: f64 = 160.0;
/// Water at about 70 keV (1/mm).
pub const WATER_PER_MM: f32 = 0.0193;

/// Where the rays go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Projection {
    /// Which way.
    pub view: View,
    /// Columns and rows of the detector.
    pub size_px: [usize; 2],
    /// Pixel at the detector.
    pub pixel_mm: f64,
    /// Distance from source to detector.
    pub source_mm: f64,
    /// Distance from the center to the detector.
    pub detector_mm: f64,
    /// The point that the central ray meets; it falls on the middle of the detector.
    pub center_lps: DVec3,
}

impl Projection {
    /// The usual set-up around a volume's bounds.
    pub fn standard(view: View, bounds: &BoxLps) -> Self {
        let size = bounds.size_mm();
        let across = match view {
            View::Pa => size.x,
            View::Lateral => (size.y * 0.78).min(size.z * 1.05),
        };
        let magnify = SOURCE_MM / (SOURCE_MM - DETECTOR_MM);
        let pixel_mm = across.max(size.z) * magnify / LONG_PX as f64;
        let px = |mm: f64| (mm * magnify / pixel_mm).round().max(1.0) as usize;
        Self {
            view,
            size_px: [px(across), px(size.z)],
            pixel_mm,
            source_mm: SOURCE_MM,
            detector_mm: DETECTOR_MM,
            center_lps: bounds.center(),
        }
    }

    /// Unit vectors in LPS: to the picture's right, and from source to detector.
    fn axes(&self) -> (DVec3, DVec3) {
        match self.view {
            View::Pa => (DVec3::X, DVec3::NEG_Y),
            View::Lateral => (DVec3::Y, DVec3::X),
        }
    }

    /// Where a point of the patient falls (column, row; pixel centers at integers).
    pub fn px_from_lps(&self, lps: DVec3) -> DVec2 {
        let (right, along) = self.axes();
        let p = lps - self.center_lps;
        let magnify = self.source_mm / (self.source_mm - self.detector_mm + p.dot(along));
        let middle = DVec2::new(self.size_px[0] as f64 - 1.0, self.size_px[1] as f64 - 1.0) / 2.0;
        middle + DVec2::new(p.dot(right), -p.z) * magnify / self.pixel_mm
    }

    /// The picture box (upper left, lower right; px) around a box in the patient.
    pub fn box_px(&self, b: &BoxLps) -> (DVec2, DVec2) {
        b.corners()
            .into_iter()
            .map(|p| self.px_from_lps(p))
            .fold((DVec2::splat(f64::INFINITY), DVec2::splat(f64::NEG_INFINITY)), |(low, high), p| {
                (low.min(p), high.max(p))
            })
    }
}

/// A radiograph and where the lesions are on it.
#[derive(Debug, Clone)]
pub struct Radiograph {
    /// The picture: `u16` of 12 bits, MONOCHROME2, bone bright.
    pub picture: Picture,
    /// Geometry.
    pub projection: Projection,
    /// Box of each lung lesion in pixels: label, upper left, lower right.
    pub boxes_px: Vec<(u8, DVec2, DVec2)>,
}

/// Takes a radiograph.
pub fn radiograph(phantom: &ThoraxPhantom, view: View) -> Radiograph {
    let geometry = phantom.volume.geometry();
    let projection = Projection::standard(view, &geometry.bounds_lps());
    let attenuation = attenuation(phantom);
    let grid = AttenuationGrid {
        values: &attenuation,
        dims: geometry.dims(),
        origin: geometry.origin_lps(),
        spacing: geometry.spacing_mm(),
    };
    let integrals = integrate(&grid, &projection);
    let values = finish(&integrals, projection.size_px[0], phantom.seed);
    let letters = match view {
        View::Pa => ["L", "F"],
        View::Lateral => ["P", "F"],
    };
    let boxes_px = phantom
        .lesions
        .iter()
        .filter(|l| super::labels::is_lobe(l.organ))
        .map(|l| {
            let (low, high) = projection.box_px(&l.box_lps());
            (l.number, low, high)
        })
        .collect();
    let picture = Picture {
        width: projection.size_px[0],
        height: projection.size_px[1],
        samples: Samples::Gray { stored: Voxels::U16(values), rescale: Rescale::IDENTITY },
        unit: ValueUnit::Arbitrary,
        inverted: false,
        voi: Some(Voi::linear(2048.0, 4096.0)),
        calibration: Calibration::ImagerPixelSpacing([projection.pixel_mm; 2]),
        patient_orientation: Some(letters.map(String::from)),
        laterality: String::new(),
        view_position: if view == View::Pa { "PA" } else { "LL" }.into(),
        presentation: crate::volume::Presentation::default(),
    };
    Radiograph { picture, projection, boxes_px }
}

/// Attenuation of every voxel (1/mm): water-like below bone, then steeper, because calcium absorbs more than its HU (taken
/// at a higher energy) say.
fn attenuation(phantom: &ThoraxPhantom) -> Vec<f32> {
    let [columns, rows, slices] = phantom.volume.dims();
    let area = columns * rows;
    let mut out = vec![0.0; area * slices];
    let Voxels::I16(hu) = phantom.volume.voxels() else { return out };
    out.par_chunks_mut(area).enumerate().for_each(|(k, out)| {
        let labels = phantom.labels.labelmap.slice(k);
        for ((out, hu), &label) in out.iter_mut().zip(&hu[k * area..]).zip(labels.iter()) {
            if label != 0 {
                *out = per_mm(f32::from(*hu));
            }
        }
    });
    out
}

/// 1/mm from HU.
pub fn per_mm(hu: f32) -> f32 {
    let bone = (hu - 130.0).max(0.0);
    (WATER_PER_MM * (1.0 + (hu + bone) / 1000.0)).max(0.0)
}

/// A grid of attenuation along the patient's axes.
pub struct AttenuationGrid<'a> {
    /// 1/mm, i fastest.
    pub values: &'a [f32],
    /// Columns, rows, slices.
    pub dims: [usize; 3],
    /// Center of the first voxel (LPS).
    pub origin: DVec3,
    /// Voxel size.
    pub spacing: DVec3,
}

/// Line integrals of attenuation (no unit) for every detector pixel, row by row.
///
/// Plane by plane along the ray, bilinear in each plane, which is exact for a grid taken as linear between planes; the
/// step is lengthened by the ray's slant.
pub fn integrate(grid: &AttenuationGrid<'_>, projection: &Projection) -> Vec<f32> {
    let [width, height] = projection.size_px;
    let turned = (projection.view == View::Lateral).then(|| turn(grid));
    let values = turned.as_deref().unwrap_or(grid.values);
    let mut out = vec![0.0f32; width * height];
    out.par_chunks_mut(width).enumerate().for_each_init(Vec::new, |line, (row, out)| {
        let planes = match projection.view {
            View::Pa => grid.dims[1],
            View::Lateral => grid.dims[0],
        };
        for plane in 0..planes {
            add_plane(grid, values, projection, plane, row, line, out);
        }
        slant(projection, row, out);
    });
    out
}

/// The grid with rows and columns exchanged: lines across the rays lie together in memory.
fn turn(grid: &AttenuationGrid<'_>) -> Vec<f32> {
    let [columns, rows, slices] = grid.dims;
    let area = columns * rows;
    let mut out = vec![0.0; area * slices];
    out.par_chunks_mut(area).zip(grid.values.par_chunks(area)).for_each(|(out, values)| {
        for (n, out) in out.iter_mut().enumerate() {
            *out = values[n % rows * columns + n / rows];
        }
    });
    out
}

/// Adds what one plane across the rays contributes to one detector row. `values` are the grid's, lines across the rays
/// together.
fn add_plane(
    grid: &AttenuationGrid<'_>,
    values: &[f32],
    at: &Projection,
    plane: usize,
    row: usize,
    line: &mut Vec<f32>,
    out: &mut [f32],
) {
    let [columns, rows, slices] = grid.dims;
    let (u_axis, plane_axis, sign) = match at.view {
        View::Pa => (0, 1, -1.0),
        View::Lateral => (1, 0, 1.0),
    };
    let mm = grid.origin[plane_axis] + plane as f64 * grid.spacing[plane_axis];
    // The scale from detector to this plane: below 1.
    let shrink = (at.source_mm - at.detector_mm + sign * (mm - at.center_lps[plane_axis])) / at.source_mm;
    let v = ((at.size_px[1] as f64 - 1.0) / 2.0 - row as f64) * at.pixel_mm * shrink;
    let k = ((at.center_lps.z + v - grid.origin.z) / grid.spacing.z).clamp(0.0, slices as f64 - 1.0);
    let (k0, wk) = (k.floor() as usize, k.fract() as f32);
    let k1 = (k0 + 1).min(slices - 1);
    let area = columns * rows;
    let count = match at.view {
        View::Pa => columns,
        View::Lateral => rows,
    };
    let start = plane * count;
    let (low, high) = (&values[k0 * area + start..][..count], &values[k1 * area + start..][..count]);
    let mut any = false;
    line.clear();
    line.extend(low.iter().zip(high).map(|(&a, &b)| {
        any |= a + b > 0.0;
        a + (b - a) * wk
    }));
    if !any {
        return;
    }
    line.push(0.0);
    let thick = grid.spacing[plane_axis] as f32;
    let step = at.pixel_mm * shrink / grid.spacing[u_axis];
    let first = (at.center_lps[u_axis] - grid.origin[u_axis]) / grid.spacing[u_axis]
        - step * (at.size_px[0] as f64 - 1.0) / 2.0;
    let last = count as f32 - 1.0;
    let (step, first) = (step as f32, first as f32);
    let from = ((-first / step).ceil().max(0.0) as usize).min(out.len());
    let to = (((last - first) / step).floor().max(-1.0) + 1.0) as usize;
    let to = to.clamp(from, out.len());
    for (n, out) in out[from..to].iter_mut().enumerate() {
        let u = (first + step * (n + from) as f32).max(0.0);
        let i = (u as usize).min(count - 1);
        let (a, b) = (line[i], line[i + 1]);
        *out += (a + (b - a) * (u - i as f32)) * thick;
    }
}

/// Lengthens the steps of slanted rays.
fn slant(at: &Projection, row: usize, out: &mut [f32]) {
    let v = ((at.size_px[1] as f64 - 1.0) / 2.0 - row as f64) * at.pixel_mm;
    let half = (at.size_px[0] as f64 - 1.0) / 2.0;
    for (n, out) in out.iter_mut().enumerate() {
        let u = (n as f64 - half) * at.pixel_mm;
        *out *= ((u * u + v * v) / (at.source_mm * at.source_mm) + 1.0).sqrt() as f32;
    }
}

/// From line integrals to a finished picture of 12 bits: quantum noise, logarithm, contrast evened out over large
/// structures (as every maker's processing does), MONOCHROME2 with bone bright.
fn finish(integrals: &[f32], width: usize, seed: u64) -> Vec<u16> {
    let height = integrals.len() / width;
    let mut random = super::random::Random::new(seed, 40);
    // About 2·10⁴ quanta reach an open pixel; noise of the logarithm is 1/√N.
    let noisy: Vec<f32> = integrals
        .iter()
        .map(|&p| p + (random.unit() + random.unit() + random.unit() - 1.5) * 2.0 * 0.0055 * (p * 0.42).min(3.0).exp())
        .collect();
    let large = smooth(&noisy, width, height, 26);
    let small = smooth(&noisy, width, height, 3);
    let value = |n: usize| 0.60 * large[n] + 1.1 * (noisy[n] - large[n]) + 0.7 * (noisy[n] - small[n]);
    let body: Vec<f32> = (0..noisy.len()).filter(|&n| integrals[n] > 0.4).map(value).collect();
    let (low, high) = ends(body);
    (0..noisy.len())
        .map(|n| {
            let t = ((value(n) - low) / (high - low)).max(-0.2);
            // A soft shoulder at both ends.
            let s = 0.5 + 0.5 * (2.3 * (t - 0.5)).tanh() / 0.817;
            (s * 3700.0 + 160.0).clamp(0.0, 4095.0).round() as u16
        })
        .collect()
}

/// The 1st and 99.5th percentile.
fn ends(mut values: Vec<f32>) -> (f32, f32) {
    if values.is_empty() {
        return (0.0, 1.0);
    }
    values.sort_unstable_by(f32::total_cmp);
    let at = |share: f32| values[((values.len() - 1) as f32 * share) as usize];
    (at(0.01), at(0.995).max(at(0.01) + 1e-3))
}

/// A wide blur: shrunk by `factor`, blurred, and drawn out again.
fn smooth(values: &[f32], width: usize, height: usize, factor: usize) -> Vec<f32> {
    let (w, h) = (width.div_ceil(factor).max(2), height.div_ceil(factor).max(2));
    let mut small = vec![0.0f32; w * h];
    for (n, out) in small.iter_mut().enumerate() {
        let (i0, j0) = (n % w * factor, n / w * factor);
        let (i1, j1) = ((i0 + factor).min(width), (j0 + factor).min(height));
        let (i0, j0) = (i0.min(width - 1), j0.min(height - 1));
        let rows = (j0..j1.max(j0 + 1)).flat_map(|j| &values[j * width + i0..j * width + i1.max(i0 + 1)]);
        let (sum, count) = rows.fold((0.0, 0.0f32), |(s, c), v| (s + v, c + 1.0));
        *out = sum / count;
    }
    let mut scratch = vec![0.0; w * h];
    for _ in 0..3 {
        blur(&mut small, &mut scratch, w, 0.27);
    }
    let f = 1.0 / factor as f32;
    let mut out = vec![0.0; values.len()];
    out.par_chunks_mut(width).enumerate().for_each(|(j, out)| {
        let y = ((j as f32 + 0.5) * f - 0.5).clamp(0.0, h as f32 - 1.001);
        let (j0, wy) = (y as usize, y.fract());
        for (i, out) in out.iter_mut().enumerate() {
            let x = ((i as f32 + 0.5) * f - 0.5).clamp(0.0, w as f32 - 1.001);
            let (i0, wx) = (x as usize, x.fract());
            let at = |i: usize, j: usize| small[j * w + i];
            let top = at(i0, j0) * (1.0 - wx) + at(i0 + 1, j0) * wx;
            let bottom = at(i0, j0 + 1) * (1.0 - wx) + at(i0 + 1, j0 + 1) * wx;
            *out = top * (1.0 - wy) + bottom * wy;
        }
    });
    out
}
