//! Conforming a volume to the grid that a model was trained on, and bringing labels back.
//!
//! The conformed grid has the model's shape, spacing and axis directions (patient letters), and shares the middle of the
//! input by FreeSurfer's convention: voxel `n / 2` of both grids lies at the same point, so that grids of the same spacing
//! coincide voxel by voxel. Values are read trilinearly and scaled robustly to whole numbers 0–255 (bytes stay as they
//! are); outside of the input they are 0. A volume that is conformed already is taken exactly as it is. The way back is by patient millimetres: each
//! input voxel takes the label of the nearest conformed voxel, whatever the two grids' axes are.

use super::AiError;
use super::pack::Preprocessing;
use crate::geometry::{DMat3, DVec3, VolumeGeometry};
use crate::jobs::Cancel;
use crate::volume::{Rescale, Volume, Voxels, sample_linear_ijk};
use rayon::prelude::*;

/// A volume on a model's grid.
#[derive(Debug, Clone)]
pub struct Conformed {
    /// In flat order (i fastest), whole numbers 0–255.
    pub values: Vec<f32>,
    /// Where they lie.
    pub geometry: VolumeGeometry,
    /// True when the input was conformed already and nothing was resampled or scaled.
    pub as_is: bool,
}

/// Unit vectors (columns) of axes that point where the letters say ("LIA"); `None` unless each patient axis occurs once.
pub fn direction_of_letters(letters: &str) -> Option<DMat3> {
    let axis = |letter| match letter {
        'L' => Some(DVec3::X),
        'R' => Some(DVec3::NEG_X),
        'P' => Some(DVec3::Y),
        'A' => Some(DVec3::NEG_Y),
        'S' | 'H' => Some(DVec3::Z),
        'I' | 'F' => Some(DVec3::NEG_Z),
        _ => None,
    };
    let axes: Option<Vec<DVec3>> = letters.chars().map(axis).collect();
    let &[i, j, k] = axes?.as_slice() else { return None };
    let matrix = DMat3::from_cols(i, j, k);
    (matrix.determinant().abs() > 0.5).then_some(matrix)
}

/// Brings a volume onto a model's grid.
pub fn conform(volume: &Volume, to: &Preprocessing, cancel: &Cancel) -> Result<Conformed, AiError> {
    let from = volume.geometry();
    let direction = direction_of_letters(&to.orientation)
        .ok_or_else(|| AiError::Unsuitable(format!("the model's axes \"{}\" are no orientation", to.orientation)))?;
    let spacing = DVec3::from_array(to.spacing_mm);
    let aligned = from.dims() == to.shape
        && from.spacing_mm().abs_diff_eq(spacing, 1e-3)
        && from.direction().abs_diff_eq(direction, 1e-3)
        && !from.is_sheared();
    if aligned && holds_bytes(volume) {
        return Ok(Conformed { values: volume.to_values(), geometry: from.clone(), as_is: true });
    }
    let middle = |dims: [usize; 3]| DVec3::from_array(dims.map(|n| (n / 2) as f64));
    let center = from.point_lps(middle(from.dims()));
    let origin = center - direction * (spacing * middle(to.shape));
    let geometry = VolumeGeometry::new(to.shape, origin, spacing, direction)
        .map_err(|e| AiError::Unsuitable(format!("the model's grid cannot be: {e}")))?;
    let scale = ByteScale::of(volume);
    let from_to = from.ijk_from_lps() * geometry.lps_from_ijk();
    let [ni, nj, _] = to.shape;
    let mut values = vec![0f32; geometry.len()];
    values.par_chunks_exact_mut(ni).enumerate().try_for_each(|(row, values)| {
        AiError::check(cancel)?;
        let start = from_to.transform_point3(DVec3::new(0.0, (row % nj) as f64, (row / nj) as f64));
        for (i, value) in values.iter_mut().enumerate() {
            let at = start + from_to.matrix3.x_axis * i as f64;
            *value = sample_linear_ijk(volume, at).map_or(0.0, |v| scale.byte(v));
        }
        Ok::<(), AiError>(())
    })?;
    Ok(Conformed { values, geometry, as_is: false })
}

/// Labels of a conformed grid on another grid: the nearest conformed voxel's, 0 outside.
pub fn labels_onto(
    onto: &VolumeGeometry,
    from: &VolumeGeometry,
    labels: &[u8],
    cancel: &Cancel,
) -> Result<Vec<u8>, AiError> {
    if onto == from {
        return Ok(labels.to_vec());
    }
    let from_onto = from.ijk_from_lps() * onto.lps_from_ijk();
    let [ni, nj, _] = onto.dims();
    let dims = from.dims();
    let mut out = vec![0u8; onto.len()];
    out.par_chunks_exact_mut(ni).enumerate().try_for_each(|(row, out)| {
        AiError::check(cancel)?;
        let start = from_onto.transform_point3(DVec3::new(0.0, (row % nj) as f64, (row / nj) as f64));
        for (i, out) in out.iter_mut().enumerate() {
            let nearest = (start + from_onto.matrix3.x_axis * i as f64 + 0.5).floor();
            let inside = (0..3).all(|axis| nearest[axis] >= 0.0 && nearest[axis] < dims[axis] as f64);
            if inside {
                *out = labels[from.index(nearest.to_array().map(|n| n as usize))];
            }
        }
        Ok::<(), AiError>(())
    })?;
    Ok(out)
}

/// True when every value is a whole number from 0 to 255.
fn holds_bytes(volume: &Volume) -> bool {
    let (low, high) = volume.range();
    if !(low >= 0.0 && high <= 255.0) {
        return false;
    }
    match volume.voxels() {
        Voxels::U8(_) if volume.rescale() == Rescale::IDENTITY => true,
        voxels => (0..voxels.len()).into_par_iter().all(|n| volume.value(n).fract() == 0.0),
    }
}

/// Value to byte, as FreeSurfer's conforming does: the smallest value becomes 0, and the value that only a thousandth of
/// the non-zero voxels exceeds becomes 255.
#[derive(Debug, Clone, Copy)]
struct ByteScale {
    low: f32,
    per_value: f32,
}

impl ByteScale {
    /// Part of the non-zero voxels that may saturate.
    const SATURATED: f64 = 0.001;
    /// Histogram bins.
    const BINS: usize = 1000;

    /// Bytes stay as they are, like the original's.
    fn of(volume: &Volume) -> Self {
        match volume.voxels() {
            Voxels::U8(_) if volume.rescale() == Rescale::IDENTITY => Self { low: 0.0, per_value: 1.0 },
            _ => Self::robust(volume),
        }
    }

    fn robust(volume: &Volume) -> Self {
        let (low, high) = volume.range();
        let bin_width = (high - low) / Self::BINS as f32;
        if bin_width.is_nan() || bin_width <= 0.0 {
            return Self { low, per_value: 0.0 };
        }
        let mut bins = [0usize; Self::BINS];
        let mut nonzero = 0usize;
        for n in 0..volume.voxels().len() {
            let value = volume.value(n);
            if value.is_finite() {
                bins[(((value - low) / bin_width) as usize).min(Self::BINS - 1)] += 1;
                nonzero += usize::from(value != 0.0);
            }
        }
        let mut left = (nonzero as f64 * Self::SATURATED) as usize;
        let mut top = Self::BINS;
        while top > 1 && bins[top - 1] <= left {
            left -= bins[top - 1];
            top -= 1;
        }
        Self { low, per_value: 255.0 / (top as f32 * bin_width) }
    }

    fn byte(self, value: f32) -> f32 {
        let byte = ((value - self.low) * self.per_value).round();
        // Not `clamp` alone: NaN (a hole in the data) becomes 0.
        if byte > 0.0 { byte.min(255.0) } else { 0.0 }
    }
}
