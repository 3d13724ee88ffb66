//! Volumes and label maps out, for formats that are a text header with the numbers behind it: written beside their place, read
//! back, compared, and only then renamed.

use super::{Datatype, Format, VoxelFile, VoxelImage};
use crate::geometry::VolumeGeometry;
use crate::io::atomic::PendingFile;
use crate::io::nifti::{WriteError, on_straight_grid, refuse_sheared};
use crate::volume::{Labelmap, Rescale, Volume, Voxels};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

/// A header to write: its format, its bytes, and whether the numbers behind it are gzipped.
pub struct NewFile<'a> {
    pub format: Format,
    pub path: &'a Path,
    pub header: String,
    pub zipped: bool,
}

/// Writes values after the Modality LUT, in the smallest type that holds them exactly. A sheared volume is resampled along its
/// shear; true is returned then. `header` gives the header of a grid and a type.
pub fn write_volume<'a>(
    volume: &Volume,
    header: impl FnOnce(&VolumeGeometry, Datatype) -> NewFile<'a>,
) -> Result<bool, WriteError> {
    let volume = &on_straight_grid(volume)?;
    let kind = exact_type(volume);
    let per_slice = volume.dims()[0] * volume.dims()[1];
    save(
        &header(volume.geometry(), kind),
        volume.geometry(),
        |out| {
            (0..volume.dims()[2])
                .try_for_each(|k| out.write_all(&bytes_of(&volume.values(k * per_slice..(k + 1) * per_slice), kind)))
        },
        |read| {
            #[allow(clippy::float_cmp, reason = "what is read back must be what was written")]
            let same = |a: f32, b: f32| a == b || a.is_nan() && b.is_nan();
            let voxels = &read.voxels;
            voxels.len() == volume.voxels().len() && (0..voxels.len()).all(|n| same(voxels.get(n), volume.value(n)))
        },
    )?;
    Ok(matches!(volume, Cow::Owned(_)))
}

/// Writes labels as unsigned bytes. A sheared grid is refused: resampled labels are other labels.
pub fn write_labels(file: &NewFile<'_>, labels: &Labelmap) -> Result<(), WriteError> {
    refuse_sheared(labels)?;
    let slices = labels.geometry().dims()[2];
    save(
        file,
        labels.geometry(),
        |out| (0..slices).try_for_each(|k| out.write_all(labels.slice(k))),
        |read| matches!(&read.voxels, Voxels::U8(bytes) if *bytes == labels.to_labels()),
    )
}

/// The smallest type that holds every value after the Modality LUT exactly; 32-bit floats hold what the volume has.
fn exact_type(volume: &Volume) -> Datatype {
    let stored = volume.rescale() == Rescale::IDENTITY;
    let whole = match volume.voxels() {
        Voxels::U8(_) if stored => return Datatype::U8,
        Voxels::I16(_) if stored => return Datatype::I16,
        Voxels::U16(_) if stored => return Datatype::U16,
        Voxels::F32(_) => volume.to_values().iter().all(|v| v.fract() == 0.0),
        _ => volume.rescale().slope.fract() == 0.0 && volume.rescale().intercept.fract() == 0.0,
    };
    let (low, high) = volume.range();
    let fits = |least: f32, most: f32| whole && low >= least && high <= most;
    if fits(f32::from(i16::MIN), f32::from(i16::MAX)) {
        Datatype::I16
    } else if fits(0.0, f32::from(u16::MAX)) {
        Datatype::U16
    } else {
        Datatype::F32
    }
}

fn bytes_of(values: &[f32], kind: Datatype) -> Vec<u8> {
    match kind {
        Datatype::U8 => values.iter().map(|v| *v as u8).collect(),
        Datatype::I16 => values.iter().flat_map(|v| (*v as i16).to_le_bytes()).collect(),
        Datatype::U16 => values.iter().flat_map(|v| (*v as u16).to_le_bytes()).collect(),
        _ => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
    }
}

fn save(
    file: &NewFile<'_>,
    geometry: &VolumeGeometry,
    body: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    same: impl FnOnce(&VoxelImage) -> bool,
) -> Result<(), WriteError> {
    let pending = PendingFile::write(file.path, |out| {
        out.write_all(file.header.as_bytes())?;
        if file.zipped {
            let mut zip = GzEncoder::new(out, Compression::fast());
            body(&mut zip)?;
            zip.finish().map(drop)
        } else {
            body(out)
        }
    })?;
    let back = VoxelFile::open(pending.path(), file.format)?.volume(0)?;
    if !back.header.geometry.as_ref().is_ok_and(|g| g.same_grid(geometry)) || !same(&back) {
        return Err(WriteError::Differs);
    }
    Ok(pending.commit()?)
}
