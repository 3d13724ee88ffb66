//! NIfTI-1 out: volumes (values after the Modality LUT) and label maps; how the bytes reach the disk is told in `save`.

use super::affine::Affine;
use super::save::{SaveError, VoxelType, save};
use super::straightened;
use crate::geometry::VolumeGeometry;
use crate::io::voxel_file::VoxelFileError;
use crate::volume::{Labelmap, Volume, Voxels};
use std::borrow::Cow;
use std::convert::Infallible;
use std::path::Path;

pub(super) const HEADER_BYTES: usize = 352;

/// Why a NIfTI file could not be written. Nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file system.
    #[error("the file cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// An axis longer than the format's 16-bit field.
    #[error("an axis of {0} voxels does not fit a NIfTI-1 header")]
    TooLong(usize),
    /// The straight grid of a sheared volume cannot be built.
    #[error("the sheared volume cannot be straightened: {0}")]
    Shear(String),
    /// What was read back is not what was written.
    #[error("the file that was written reads back differently; it was removed")]
    Differs,
    /// What was written cannot be read.
    #[error("the file that was written cannot be read back: {0}")]
    ReadBack(#[from] VoxelFileError),
}

/// Writes values after the Modality LUT, as 16-bit integers where these are exact, else as 32-bit floating point; gzipped
/// when the name ends in `.gz`. A sheared volume is resampled along its shear ([`straightened`]); true is returned then.
pub fn write_volume(path: &Path, volume: &Volume) -> Result<bool, WriteError> {
    let volume = &on_straight_grid(volume)?;
    let voxel = if fits_i16(volume) { VoxelType::I16 } else { VoxelType::F32 };
    write_slices(path, volume.geometry(), voxel, |k, out| {
        let values = volume.slice_values(k);
        match voxel {
            VoxelType::I16 => out.extend(values.iter().flat_map(|v| (*v as i16).to_le_bytes())),
            _ => out.extend(values.iter().flat_map(|v| v.to_le_bytes())),
        }
    })?;
    Ok(matches!(volume, Cow::Owned(_)))
}

/// The volume as formats with a straight grid can hold it: itself, or resampled along its shear.
pub(crate) fn on_straight_grid(volume: &Volume) -> Result<Cow<'_, Volume>, WriteError> {
    if !volume.geometry().is_sheared() {
        return Ok(Cow::Borrowed(volume));
    }
    straightened(volume).map(Cow::Owned).map_err(|e| WriteError::Shear(e.to_string()))
}

/// Labels are never resampled: they would be other labels.
pub(crate) fn refuse_sheared(labels: &Labelmap) -> Result<(), WriteError> {
    if labels.geometry().is_sheared() {
        return Err(WriteError::Shear("labels on a sheared grid would have to be resampled".into()));
    }
    Ok(())
}

/// Writes labels as unsigned bytes. A sheared grid is refused: resampled labels are other labels.
pub fn write_labels(path: &Path, labels: &Labelmap) -> Result<(), WriteError> {
    refuse_sheared(labels)?;
    write_slices(path, labels.geometry(), VoxelType::U8, |k, out| out.extend_from_slice(labels.slice(k)))
}

/// Slices that are in memory already.
fn write_slices(
    path: &Path,
    geometry: &VolumeGeometry,
    voxel: VoxelType,
    slice: impl Fn(usize, &mut Vec<u8>) + Sync,
) -> Result<(), WriteError> {
    let made = |k: usize, out: &mut Vec<u8>| -> Result<(), Infallible> {
        slice(k, out);
        Ok(())
    };
    save(path, geometry, voxel, made).map_err(|error| match error {
        SaveError::Write(error) => error,
        SaveError::Slice(never) => match never {},
    })
}

/// True when every value after the Modality LUT is a whole number that an `i16` holds.
pub(super) fn fits_i16(volume: &Volume) -> bool {
    let (low, high) = volume.range();
    let rescale = volume.rescale();
    let whole = rescale.slope.fract() == 0.0 && rescale.intercept.fract() == 0.0;
    let integers = !matches!(volume.voxels(), Voxels::F32(_));
    low >= f32::from(i16::MIN)
        && high <= f32::from(i16::MAX)
        && (integers && whole
            || !volume.voxels().is_empty() && (0..volume.voxels().len()).all(|n| volume.value(n).fract() == 0.0))
}

/// A NIfTI-1 header and its empty extension field.
pub(super) fn header(geometry: &VolumeGeometry, datatype: i16, width: usize) -> Result<[u8; HEADER_BYTES], WriteError> {
    let mut bytes = [0; HEADER_BYTES];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, &348i32.to_le_bytes());
    put(38, b"r");
    put(40, &3i16.to_le_bytes());
    for (n, &length) in geometry.dims().iter().enumerate() {
        let length = i16::try_from(length).map_err(|_| WriteError::TooLong(length))?;
        put(42 + 2 * n, &length.to_le_bytes());
    }
    (4..8).for_each(|n| put(40 + 2 * n, &1i16.to_le_bytes()));
    put(70, &datatype.to_le_bytes());
    put(72, &(8 * width as i16).to_le_bytes());
    let (quaternion, qfac) = Affine::quaternion_of(geometry);
    let spacing = geometry.spacing_mm();
    for (n, mm) in [qfac, spacing.x, spacing.y, spacing.z, 1.0].into_iter().enumerate() {
        put(76 + 4 * n, &(mm as f32).to_le_bytes());
    }
    put(108, &(HEADER_BYTES as f32).to_le_bytes());
    put(112, &1f32.to_le_bytes());
    // Millimetres.
    put(123, &[2]);
    put(148, b"Fovea; not for clinical use");
    let rows = Affine::rows_of(geometry);
    // Both forms say the same: scanner coordinates.
    put(252, &1i16.to_le_bytes());
    put(254, &1i16.to_le_bytes());
    let offset = rows.map(|row| row[3]);
    for (n, value) in quaternion.into_iter().chain(offset).enumerate() {
        put(256 + 4 * n, &(value as f32).to_le_bytes());
    }
    for (n, value) in rows.into_iter().flatten().enumerate() {
        put(280 + 4 * n, &(value as f32).to_le_bytes());
    }
    put(344, b"n+1\0");
    Ok(bytes)
}
