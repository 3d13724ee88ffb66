//! A CT in one fixed layout, whatever its own: i grows to the patient's Left, j to Posterior, k to the head.
//!
//! Axes are swapped and flipped, never resampled, so that every voxel has exactly one place in both layouts; rules that
//! speak of sides, slices and "above" then hold for every series. Values are whole HU from −1024 to 3071.

use crate::geometry::VolumeGeometry;
use crate::volume::Volume;
use crate::volume::ops::Mask;
use rayon::prelude::*;

/// The lowest HU kept (air is −1000; padding outside the field of view is often lower).
pub const LOWEST_HU: i16 = -1024;
const HIGHEST_HU: f32 = 3071.0;

/// How the canonical layout lies in the stored one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Stored dimensions.
    stored: [usize; 3],
    /// Stored axis of each canonical axis.
    axis: [usize; 3],
    /// True when the canonical axis runs against the stored one.
    flipped: [bool; 3],
}

impl Layout {
    /// The layout that fits a grid best.
    pub fn of(geometry: &VolumeGeometry) -> Self {
        const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let direction = geometry.direction();
        let component = |canonical: usize, stored: usize| direction.col(stored)[canonical];
        let fit = |order: &[usize; 3]| (0..3).map(|c| component(c, order[c]).abs()).sum::<f64>();
        let axis = ORDERS.into_iter().max_by(|a, b| fit(a).total_cmp(&fit(b))).unwrap_or([0, 1, 2]);
        let flipped = std::array::from_fn(|c| component(c, axis[c]) < 0.0);
        Self { stored: geometry.dims(), axis, flipped }
    }

    /// Cosine of the largest angle between a canonical axis and the patient's.
    pub fn worst_cosine(&self, geometry: &VolumeGeometry) -> f64 {
        (0..3).map(|c| geometry.direction().col(self.axis[c])[c].abs()).fold(1.0, f64::min)
    }

    /// Canonical dimensions.
    pub fn dims(&self) -> [usize; 3] {
        self.axis.map(|a| self.stored[a])
    }

    /// Spacing along the canonical axes.
    pub fn spacing_mm(&self, geometry: &VolumeGeometry) -> [f64; 3] {
        self.axis.map(|a| geometry.spacing_mm()[a])
    }

    /// Stored voxel of a canonical one.
    pub fn stored_ijk(&self, canonical: [usize; 3]) -> [usize; 3] {
        let mut ijk = [0; 3];
        for c in 0..3 {
            let n = self.stored[self.axis[c]];
            ijk[self.axis[c]] = if self.flipped[c] { n - 1 - canonical[c] } else { canonical[c] };
        }
        ijk
    }

    /// Flat stored index of the first voxel of a canonical row, and the step to the next one.
    fn row(&self, j: usize, k: usize) -> (usize, isize) {
        let flat = |[i, j, k]: [usize; 3]| (k * self.stored[1] + j) * self.stored[0] + i;
        let strides = [1, self.stored[0], self.stored[0] * self.stored[1]];
        let step = strides[self.axis[0]] as isize;
        (flat(self.stored_ijk([0, j, k])), if self.flipped[0] { -step } else { step })
    }

    /// Copies stored values into the canonical order; `read` gets flat stored indices.
    pub fn gather<T: Send + Copy + Default>(&self, read: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let [ni, nj, _] = self.dims();
        let mut out = vec![T::default(); self.stored.iter().product()];
        out.par_chunks_mut(ni * nj).enumerate().for_each(|(k, slice)| {
            for (j, row) in slice.chunks_exact_mut(ni).enumerate() {
                let (mut at, step) = self.row(j, k);
                for value in row {
                    *value = read(at);
                    at = at.wrapping_add_signed(step);
                }
            }
        });
        out
    }

    /// Flat stored index of a flat canonical one.
    pub fn stored_index(&self, canonical: usize) -> usize {
        let [ni, nj, _] = self.dims();
        let [i, j, k] = self.stored_ijk([canonical % ni, canonical / ni % nj, canonical / (ni * nj)]);
        (k * self.stored[1] + j) * self.stored[0] + i
    }

    /// Writes `label` into stored-order labels wherever the canonical mask is set.
    pub fn scatter(&self, mask: &Mask, label: u8, labels: &mut [u8]) {
        let [ni, nj, nk] = self.dims();
        for k in 0..nk {
            for (j, row) in mask.slice(k).chunks_exact(ni).enumerate().take(nj) {
                let (mut at, step) = self.row(j, k);
                for &inside in row {
                    if inside {
                        labels[at] = label;
                    }
                    at = at.wrapping_add_signed(step);
                }
            }
        }
    }
}

/// HU values in canonical order.
pub struct Canonical {
    /// How it lies in the stored grid.
    pub layout: Layout,
    /// Canonical dimensions.
    pub dims: [usize; 3],
    /// Spacing along Left, Posterior, Superior.
    pub spacing_mm: [f64; 3],
    /// Whole HU.
    pub hu: Vec<i16>,
}

impl Canonical {
    /// Copies a CT volume; values that are not numbers become the lowest.
    pub fn of(volume: &Volume) -> Self {
        let layout = Layout::of(volume.geometry());
        let hu = layout.gather(|n| {
            let value = volume.value(n);
            if value.is_nan() { LOWEST_HU } else { value.round().clamp(f32::from(LOWEST_HU), HIGHEST_HU) as i16 }
        });
        Self { layout, dims: layout.dims(), spacing_mm: layout.spacing_mm(volume.geometry()), hu }
    }

    /// Voxels whose value lies in the range.
    pub fn between(&self, low: i16, high: i16) -> Mask {
        Mask::where_value(self.dims, &self.hu, |v| v >= low && v <= high)
    }

    /// Volume of a voxel in mL (a shear moves slices, it does not change volumes).
    pub fn voxel_ml(&self) -> f64 {
        self.spacing_mm.iter().product::<f64>() / 1000.0
    }

    /// Area of a pixel in mm².
    pub fn pixel_mm2(&self) -> f64 {
        self.spacing_mm[0] * self.spacing_mm[1]
    }
}
