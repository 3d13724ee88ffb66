//! NIfTI-1 out: volumes (values after the Modality LUT) and label maps, written beside their place, read back, compared,
//! and only then renamed.

use super::affine::Affine;
use super::straightened;
use crate::geometry::VolumeGeometry;
use crate::io::voxel_file::VoxelFileError;
use crate::volume::{Labelmap, Volume, Voxels};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{BufWriter, Write};
use std::path::Path;

const HEADER_BYTES: usize = 352;

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
    let sheared = volume.geometry().is_sheared();
    let straight;
    let volume = if sheared {
        straight = straightened(volume).map_err(|e| WriteError::Shear(e.to_string()))?;
        &straight
    } else {
        volume
    };
    let per_slice = volume.dims()[0] * volume.dims()[1];
    let whole = fits_i16(volume);
    save(
        path,
        volume.geometry(),
        if whole { (4, 16) } else { (16, 32) },
        |out| {
            for k in 0..volume.dims()[2] {
                let values = volume.values(k * per_slice..(k + 1) * per_slice);
                let bytes: Vec<u8> = if whole {
                    values.iter().flat_map(|v| (*v as i16).to_le_bytes()).collect()
                } else {
                    values.iter().flat_map(|v| v.to_le_bytes()).collect()
                };
                out.write_all(&bytes)?;
            }
            Ok(())
        },
        |read| {
            #[allow(clippy::float_cmp, reason = "what is read back must be what was written")]
            let same = |a: f32, b: f32| a == b || a.is_nan() && b.is_nan();
            read.len() == volume.voxels().len() && (0..read.len()).all(|n| same(read.get(n), volume.value(n)))
        },
    )?;
    Ok(sheared)
}

/// Writes labels as unsigned bytes. A sheared grid is refused: resampled labels are other labels.
pub fn write_labels(path: &Path, labels: &Labelmap) -> Result<(), WriteError> {
    if labels.geometry().is_sheared() {
        return Err(WriteError::Shear("labels on a sheared grid would have to be resampled".into()));
    }
    let slices = labels.geometry().dims()[2];
    save(
        path,
        labels.geometry(),
        (2, 8),
        |out| (0..slices).try_for_each(|k| out.write_all(labels.slice(k))),
        |read| matches!(read, Voxels::U8(bytes) if *bytes == labels.to_labels()),
    )
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

fn save(
    path: &Path,
    geometry: &VolumeGeometry,
    (datatype, bits): (i16, i16),
    body: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    same: impl FnOnce(&Voxels) -> bool,
) -> Result<(), WriteError> {
    let header = header(geometry, datatype, bits)?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".fovea-").suffix(".part").tempfile_in(folder)?;
    let zipped = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz"));
    {
        let buffered = BufWriter::with_capacity(1 << 18, file.as_file_mut());
        if zipped {
            let mut out = GzEncoder::new(buffered, Compression::fast());
            out.write_all(&header)?;
            body(&mut out)?;
            out.finish()?.flush()?;
        } else {
            let mut out = buffered;
            out.write_all(&header)?;
            body(&mut out)?;
            out.flush()?;
        }
    }
    file.as_file().sync_all()?;
    let back = super::read(file.path())?;
    if !back.header.geometry.is_ok_and(|g| g.same_grid(geometry)) || !same(&back.voxels) {
        return Err(WriteError::Differs);
    }
    // A temporary file is private; what a person saves is as readable as their other files.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// A NIfTI-1 header and its empty extension field.
pub(super) fn header(geometry: &VolumeGeometry, datatype: i16, bits: i16) -> Result<[u8; HEADER_BYTES], WriteError> {
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
    put(72, &bits.to_le_bytes());
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
