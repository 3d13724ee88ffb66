//! A series into a NIfTI file without holding its volume: slices go from their files through the Modality LUT straight into
//! their places, in parallel. Values and types are those that [`nifti::write_volume`] would write of the loaded series.
//!
//! What cannot go that way (sheared stacks, which are resampled; images that are no DICOM; a slice that does not decode) is
//! loaded and written as a volume, or refused with the reason.

use super::units;
use super::{LoadError, Loading, Opened, Plan, VolumeFailure, is_dicom, known, load_series};
use crate::geometry::VolumeGeometry;
use crate::io::facts::SliceFacts;
use crate::io::nifti::{self, SaveError, VoxelType, WriteError};
use crate::io::pixels::{SampleType, for_each_sample};
use crate::io::stack;
use crate::jobs::{Cancel, Progress};
use crate::study::{Catalog, SeriesGeometry, Warnings};
use crate::volume::{Rescale, ValueUnit};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    /// Columns, rows, slices of the series.
    pub dims: [usize; 3],
    /// Meaning of the values.
    pub unit: ValueUnit,
    /// A sheared stack was resampled onto a straight grid.
    pub resampled: bool,
    /// What is not as it should be in the series.
    pub warnings: Warnings,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The series.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Its slices make no volume; the sentence says why.
    #[error("no volume was written: {0}")]
    NoVolume(String),
    /// The file.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Converts a series of the catalog to a NIfTI file (gzipped when its name ends in `.gz`), values after the Modality LUT.
pub fn convert_to_nifti(
    catalog: &Catalog,
    key: &str,
    path: &Path,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Converted, ConvertError> {
    let (study, series) = known(catalog, key)?;
    let first = series.instances.iter().find(|i| i.rows > 0).ok_or_else(|| LoadError::NoPixels(key.into()))?;
    if is_dicom(&catalog.path(first))
        && let Some(converted) = stream(&Loading { catalog, study, series, progress, cancel }, path)?
    {
        return Ok(converted);
    }
    let loaded = load_series(catalog, key, progress, cancel)?;
    let Some(volume) = loaded.volume() else {
        return Err(ConvertError::NoVolume(match &loaded.series.geometry {
            SeriesGeometry::Pictures(reason) => reason.clone(),
            _ => "its slices make no volume".into(),
        }));
    };
    let resampled = nifti::write_volume(path, volume)?;
    let warnings = loaded.series.warnings.clone();
    Ok(Converted { dims: volume.dims(), unit: volume.unit().clone(), resampled, warnings })
}

/// `None` where the series has to be loaded.
fn stream(loading: &Loading<'_>, path: &Path) -> Result<Option<Converted>, ConvertError> {
    let opened = loading.open_all()?;
    let facts: Vec<&SliceFacts> = opened.facts.iter().collect();
    let stack = stack::examine(&facts, |f| loading.name(f.instance));
    let SeriesGeometry::Volume(geometry) = &stack.geometry else { return Ok(None) };
    let slices: Vec<&SliceFacts> = stack.order.iter().map(|&n| facts[n]).collect();
    let first = opened.files[slices[0].instance].as_ref();
    let Some(first) = first.filter(|_| !geometry.is_sheared() && Plan::of(&opened, &slices).is_ok()) else {
        return Ok(None);
    };
    let unit = units::unit(&first.data, &loading.series.modality);
    let mut warnings = opened.warnings.clone();
    stack.warnings.iter().for_each(|w| warnings.add(w));
    let slices = Slices { loading, opened: &opened, slices, done: AtomicUsize::new(0) };
    // Whole numbers until one is not; that shows in the first slices.
    for voxel in [VoxelType::I16, VoxelType::F32] {
        match slices.save(path, geometry, voxel) {
            Ok(()) => return Ok(Some(Converted { dims: geometry.dims(), unit, resampled: false, warnings })),
            Err(SaveError::Slice(Unfit::NotWhole)) => slices.done.store(0, Ordering::Relaxed),
            Err(SaveError::Slice(Unfit::Failed(VolumeFailure::Load(error)))) => return Err(error.into()),
            Err(SaveError::Slice(Unfit::Failed(VolumeFailure::Slice(_)))) => return Ok(None),
            Err(SaveError::Write(error)) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Why a slice cannot be written.
enum Unfit {
    /// A value is no whole number of 16 bits.
    NotWhole,
    Failed(VolumeFailure),
}

/// The slices of a volume, ascending, still in their files.
struct Slices<'a> {
    loading: &'a Loading<'a>,
    opened: &'a Opened,
    slices: Vec<&'a SliceFacts>,
    done: AtomicUsize,
}

impl Slices<'_> {
    fn save(&self, path: &Path, geometry: &VolumeGeometry, voxel: VoxelType) -> Result<(), SaveError<Unfit>> {
        nifti::save(path, geometry, voxel, |k, out| self.values(k, voxel, out))
    }

    /// Little-endian values of slice `k` after the Modality LUT.
    fn values(&self, k: usize, voxel: VoxelType, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let facts = self.slices[k];
        let sample = self.loading.read_slice(self.opened, facts, out).map_err(Unfit::Failed)?;
        let whole = apply(facts.rescale.unwrap_or(Rescale::IDENTITY), sample, voxel, out);
        let n = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.loading.say("Converting", "slices", n, self.slices.len());
        if whole { Ok(()) } else { Err(Unfit::NotWhole) }
    }
}

/// Stored values to values after the Modality LUT, in the type of the file; false when one is no whole number of 16 bits
/// and should be.
fn apply(rescale: Rescale, sample: SampleType, voxel: VoxelType, bytes: &mut Vec<u8>) -> bool {
    if let (VoxelType::I16, Some([slope, intercept])) = (voxel, small_integers(rescale)) {
        match sample {
            SampleType::I16 => return whole_in_place(bytes, slope, intercept, |b| i32::from(i16::from_le_bytes(b))),
            SampleType::U16 => return whole_in_place(bytes, slope, intercept, |b| i32::from(u16::from_le_bytes(b))),
            _ => {}
        }
    }
    let stored = std::mem::take(bytes);
    let mut whole = true;
    for_each_sample(&stored, sample, |v| {
        let value = (v * rescale.slope + rescale.intercept) as f32;
        if voxel == VoxelType::I16 {
            whole &= value.fract() == 0.0 && (f32::from(i16::MIN)..=f32::from(i16::MAX)).contains(&value);
            bytes.extend_from_slice(&(value as i16).to_le_bytes());
        } else {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
    });
    whole
}

/// Slope and intercept where 32-bit integers hold every result for 16-bit samples.
fn small_integers(rescale: Rescale) -> Option<[i32; 2]> {
    let fits = |v: f64, most: f64| v.fract() == 0.0 && v.abs() <= most;
    (fits(rescale.slope, 16_384.0) && fits(rescale.intercept, 1e9))
        .then_some([rescale.slope, rescale.intercept].map(|v| v as i32))
}

fn whole_in_place(bytes: &mut [u8], slope: i32, intercept: i32, stored: impl Fn([u8; 2]) -> i32) -> bool {
    // Nearly every CT has a slope of one, and vector units of the oldest kind cannot multiply 32-bit integers.
    if slope == 1 {
        return whole_values(bytes, |pair| stored(pair).wrapping_add(intercept));
    }
    whole_values(bytes, |pair| stored(pair).wrapping_mul(slope).wrapping_add(intercept))
}

fn whole_values(bytes: &mut [u8], value_of: impl Fn([u8; 2]) -> i32) -> bool {
    let mut lost = false;
    for pair in bytes.as_chunks_mut().0 {
        let value = value_of(*pair);
        lost |= value != i32::from(value as i16);
        *pair = (value as i16).to_le_bytes();
    }
    !lost
}
