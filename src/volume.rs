//! Immutable voxel grids, lookup tables, label maps and segmentations, and pure operations on them.
//!
//! Pixel words follow PS3.3 C.11: *stored value* → Modality LUT (here [`Rescale`]) → VOI LUT ([`Voi`]) → presentation.
//! A [`Volume`] is shared behind `Arc` and never changes; what changes (masks) is a [`Labelmap`], whose slices are shared
//! until they are painted. Voxel `(i, j, k)` lies at flat index `(k·rows + j)·columns + i`.

mod brush;
mod components;
mod labelmap;
mod mesh;
mod picture;
mod presentation;
mod sample;
mod segmentation;
mod voi;

pub mod ops;
pub mod surface;

pub use brush::{Brush, BrushMode, BrushShape};
pub use components::{Component, Connectivity, components};
pub use labelmap::{Labelmap, LabelmapDelta, SliceRuns};
pub use mesh::Mesh;
pub use picture::{Calibration, Picture, Samples};
pub use presentation::{OverlayKind, OverlayPlane, Presentation, Shutter, ShutterShape, VoiChoice, VoiTable};
pub use sample::{sample_linear, sample_linear_ijk, sample_nearest};
pub use segmentation::{AlgorithmKind, Segment, Segmentation};
pub use voi::{Voi, VoiFunction};

use crate::geometry::VolumeGeometry;
use rayon::prelude::*;

/// Stored values in the type they were stored in.
#[derive(Debug, Clone, PartialEq)]
pub enum Voxels {
    /// Unsigned bytes.
    U8(Vec<u8>),
    /// Signed 16-bit integers (CT).
    I16(Vec<i16>),
    /// Unsigned 16-bit integers (MR, CR, DX, PET).
    U16(Vec<u16>),
    /// Everything else, already converted; integers up to 2²⁴ stay exact.
    F32(Vec<f32>),
}

impl Voxels {
    /// Number of voxels.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(v) => v.len(),
            Self::I16(v) => v.len(),
            Self::U16(v) => v.len(),
            Self::F32(v) => v.len(),
        }
    }

    /// Bytes that they take.
    pub fn bytes(&self) -> usize {
        match self {
            Self::U8(v) => v.len(),
            Self::I16(v) => 2 * v.len(),
            Self::U16(v) => 2 * v.len(),
            Self::F32(v) => 4 * v.len(),
        }
    }

    /// True without voxels.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One stored value.
    #[inline]
    pub fn get(&self, index: usize) -> f32 {
        match self {
            Self::U8(v) => f32::from(v[index]),
            Self::I16(v) => f32::from(v[index]),
            Self::U16(v) => f32::from(v[index]),
            Self::F32(v) => v[index],
        }
    }
}

/// Linear Modality LUT (PS3.3 C.11.1): value = stored · slope + intercept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rescale {
    /// Slope, never zero.
    pub slope: f64,
    /// Intercept.
    pub intercept: f64,
}

impl Rescale {
    /// Values as stored.
    pub const IDENTITY: Self = Self { slope: 1.0, intercept: 0.0 };

    /// The value after the Modality LUT.
    #[inline]
    pub fn value(self, stored: f32) -> f32 {
        (f64::from(stored) * self.slope + self.intercept) as f32
    }
}

/// What a voxel's value means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueUnit {
    /// Hounsfield units: calibrated CT only (`clinical.md` rule 7).
    Hu,
    /// Standardized uptake value by body weight.
    SuvBw,
    /// Uncalibrated ("a.u.").
    Arbitrary,
    /// As the object says (for example "BQML").
    Other(String),
}

impl ValueUnit {
    /// The text shown and written: "HU", "SUVbw", "a.u." or the object's own.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Hu => "HU",
            Self::SuvBw => "SUVbw",
            Self::Arbitrary => "a.u.",
            Self::Other(unit) => unit,
        }
    }
}

/// What a PET value is multiplied by to become an SUV.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SuvFactors {
    /// By body weight, g/mL.
    pub bw: f64,
    /// By lean body mass, g/mL.
    pub lbm: Option<f64>,
    /// By body surface area, cm²/mL.
    pub bsa: Option<f64>,
}

/// Kinds of standardized uptake value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuvKind {
    /// SUVbw, g/mL.
    BodyWeight,
    /// `SUVlbm`, g/mL.
    LeanBodyMass,
    /// `SUVbsa`, cm²/mL.
    BodySurface,
}

impl SuvKind {
    /// The unit that is shown and written.
    pub fn unit(self) -> ValueUnit {
        match self {
            Self::BodyWeight => ValueUnit::SuvBw,
            Self::LeanBodyMass => ValueUnit::Other("SUVlbm".into()),
            Self::BodySurface => ValueUnit::Other("SUVbsa".into()),
        }
    }
}

/// A regular grid of values in the patient.
///
/// Invariant: as many voxels as the geometry says; slope not zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    geometry: VolumeGeometry,
    voxels: Voxels,
    rescale: Rescale,
    unit: ValueUnit,
    range: (f32, f32),
    suv: Option<SuvFactors>,
}

/// Why voxels and geometry do not make a volume.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VolumeError {
    /// Too many or too few voxels.
    #[error("expected {expected} voxels, found {found}")]
    Count {
        /// Columns × rows × slices.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// Slope 0 or not finite: every value would be the same.
    #[error("rescale slope {0} gives no values")]
    Slope(f64),
}

impl Volume {
    /// Checks the invariant and finds the range of values (NaN is skipped).
    pub fn new(
        geometry: VolumeGeometry,
        voxels: Voxels,
        rescale: Rescale,
        unit: ValueUnit,
    ) -> Result<Self, VolumeError> {
        if voxels.len() != geometry.len() {
            return Err(VolumeError::Count { expected: geometry.len(), found: voxels.len() });
        }
        if rescale.slope == 0.0 || !rescale.slope.is_finite() || !rescale.intercept.is_finite() {
            return Err(VolumeError::Slope(rescale.slope));
        }
        let stored = stored_range(&voxels);
        let (a, b) = (rescale.value(stored.0), rescale.value(stored.1));
        Ok(Self { geometry, voxels, rescale, unit, range: (a.min(b), a.max(b)), suv: None })
    }

    /// Where the voxels lie.
    pub fn geometry(&self) -> &VolumeGeometry {
        &self.geometry
    }

    /// Columns, rows, slices.
    pub fn dims(&self) -> [usize; 3] {
        self.geometry.dims()
    }

    /// Stored values.
    pub fn voxels(&self) -> &Voxels {
        &self.voxels
    }

    /// Modality LUT.
    pub fn rescale(&self) -> Rescale {
        self.rescale
    }

    /// Meaning of the values.
    pub fn unit(&self) -> &ValueUnit {
        &self.unit
    }

    /// The same volume, knowing how its values become SUV.
    #[must_use]
    pub fn with_suv(self, factors: SuvFactors) -> Self {
        let usable = factors.bw.is_finite() && factors.bw > 0.0;
        Self { suv: usable.then_some(factors), ..self }
    }

    /// Factors from values to SUV, where the header of a PET series allows them (`clinical.md` rule 7). Pictures and probes
    /// show the file's own values; measurements of PET are made in SUV ([`Self::in_suv`]).
    pub fn suv(&self) -> Option<SuvFactors> {
        self.suv
    }

    /// A copy whose values are SUV of a kind; `None` where that is not known or they already are.
    pub fn in_suv(&self, kind: SuvKind) -> Option<Self> {
        let factors = self.suv?;
        let factor = match kind {
            SuvKind::BodyWeight => Some(factors.bw),
            SuvKind::LeanBodyMass => factors.lbm,
            SuvKind::BodySurface => factors.bsa,
        }?;
        let rescale = Rescale { slope: self.rescale.slope * factor, intercept: self.rescale.intercept * factor };
        Self::new(self.geometry.clone(), self.voxels.clone(), rescale, kind.unit()).ok()
    }

    /// Smallest and largest value after the Modality LUT.
    pub fn range(&self) -> (f32, f32) {
        self.range
    }

    /// Value of a voxel after the Modality LUT, by flat index.
    #[inline]
    pub fn value(&self, index: usize) -> f32 {
        self.rescale.value(self.voxels.get(index))
    }

    /// Value of voxel `(i, j, k)` after the Modality LUT.
    #[inline]
    pub fn value_ijk(&self, ijk: [usize; 3]) -> f32 {
        self.value(self.geometry.index(ijk))
    }

    /// Values of one slice (fixed k), row by row: `columns · rows` numbers.
    pub fn slice_values(&self, k: usize) -> Vec<f32> {
        let per_slice = self.dims()[0] * self.dims()[1];
        let at = k * per_slice;
        self.values(at..at + per_slice)
    }

    /// Values of a range of flat indices, converted in one pass.
    pub fn values(&self, range: std::ops::Range<usize>) -> Vec<f32> {
        let rescale = self.rescale;
        match &self.voxels {
            Voxels::U8(v) => v[range].iter().map(|&s| rescale.value(f32::from(s))).collect(),
            Voxels::I16(v) => v[range].iter().map(|&s| rescale.value(f32::from(s))).collect(),
            Voxels::U16(v) => v[range].iter().map(|&s| rescale.value(f32::from(s))).collect(),
            Voxels::F32(v) => v[range].iter().map(|&s| rescale.value(s)).collect(),
        }
    }

    /// All values, in flat order.
    pub fn to_values(&self) -> Vec<f32> {
        self.values(0..self.voxels.len())
    }

    /// The given percentiles (0–1) over a regular sample of at most about a million voxels; NaN is left out.
    pub fn percentiles<const N: usize>(&self, at: [f64; N]) -> [f32; N] {
        let step = (self.voxels.len() / 1_000_000).max(1);
        let mut sample: Vec<f32> =
            (0..self.voxels.len()).step_by(step).map(|n| self.value(n)).filter(|v| !v.is_nan()).collect();
        if sample.is_empty() {
            return [0.0; N];
        }
        sample.sort_unstable_by(f32::total_cmp);
        at.map(|p| sample[((sample.len() - 1) as f64 * p.clamp(0.0, 1.0)).round() as usize])
    }
}

fn stored_range(voxels: &Voxels) -> (f32, f32) {
    fn ends<T: Copy + Ord + Send + Sync>(v: &[T]) -> Option<(T, T)> {
        // Folds by value become vector instructions; `Iterator::min`, which compares references, does not.
        let parts = v.par_chunks(1 << 16).filter_map(|part| {
            let first = *part.first()?;
            Some((part.iter().copied().fold(first, T::min), part.iter().copied().fold(first, T::max)))
        });
        parts.reduce_with(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
    match voxels {
        Voxels::U8(v) => ends(v).map(|(a, b)| (f32::from(a), f32::from(b))),
        Voxels::I16(v) => ends(v).map(|(a, b)| (f32::from(a), f32::from(b))),
        Voxels::U16(v) => ends(v).map(|(a, b)| (f32::from(a), f32::from(b))),
        Voxels::F32(v) => {
            let low = v.iter().copied().fold(f32::INFINITY, f32::min);
            let high = v.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            (low <= high).then_some((low, high))
        }
    }
    .unwrap_or((0.0, 0.0))
}
