//! NIfTI-1 out with several volumes (4D), written beside its place, read back, compared, and only then renamed.

use super::write::{WriteError, fits_i16, header};
use crate::geometry::VolumeGeometry;
use crate::io::atomic::PendingFile;
use crate::io::voxel_file::{Format, VoxelFile};
use crate::volume::Volume;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// Writes volumes on one straight grid, values after the Modality LUT, one after the other along the fourth axis. Seconds from
/// one to the next are written where they are known.
pub fn write_volumes(path: &Path, volumes: &[Arc<Volume>], step_secs: Option<f64>) -> Result<(), WriteError> {
    let Some(first) = volumes.first() else { return Err(WriteError::TooLong(0)) };
    let geometry = first.geometry();
    if geometry.is_sheared() || volumes.iter().any(|v| !v.geometry().same_grid(geometry)) {
        return Err(WriteError::Shear(
            "volumes of one 4D file lie on one straight grid; convert them one by one".into(),
        ));
    }
    let whole = volumes.iter().all(|v| fits_i16(v));
    let header = four_axes(geometry, if whole { (4, 2) } else { (16, 4) }, volumes.len(), step_secs)?;
    let pending = PendingFile::write(path, |out| {
        if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz")) {
            let mut zip = GzEncoder::new(out, Compression::fast());
            body(&mut zip, &header, volumes, whole)?;
            zip.finish().map(drop)
        } else {
            body(out, &header, volumes, whole)
        }
    })?;
    compare(pending.path(), volumes)?;
    Ok(pending.commit()?)
}

/// The header of one volume with a fourth axis.
fn four_axes(
    geometry: &VolumeGeometry,
    (datatype, width): (i16, usize),
    count: usize,
    step_secs: Option<f64>,
) -> Result<Vec<u8>, WriteError> {
    let mut bytes = header(geometry, datatype, width)?.to_vec();
    let count = i16::try_from(count).map_err(|_| WriteError::TooLong(count))?;
    bytes[40..42].copy_from_slice(&4i16.to_le_bytes());
    bytes[48..50].copy_from_slice(&count.to_le_bytes());
    if let Some(secs) = step_secs {
        bytes[92..96].copy_from_slice(&(secs as f32).to_le_bytes());
        // Millimetres and seconds.
        bytes[123] = 2 | 8;
    }
    Ok(bytes)
}

fn body(out: &mut dyn Write, header: &[u8], volumes: &[Arc<Volume>], whole: bool) -> std::io::Result<()> {
    out.write_all(header)?;
    for volume in volumes {
        let per_slice = volume.dims()[0] * volume.dims()[1];
        for k in 0..volume.dims()[2] {
            let values = volume.values(k * per_slice..(k + 1) * per_slice);
            let bytes: Vec<u8> = if whole {
                values.iter().flat_map(|v| (*v as i16).to_le_bytes()).collect()
            } else {
                values.iter().flat_map(|v| v.to_le_bytes()).collect()
            };
            out.write_all(&bytes)?;
        }
    }
    Ok(())
}

fn compare(path: &Path, volumes: &[Arc<Volume>]) -> Result<(), WriteError> {
    let file = VoxelFile::open(path, Format::Nifti)?;
    let placed = file.header.geometry.as_ref().is_ok_and(|g| g.same_grid(volumes[0].geometry()));
    if !placed || file.header.steps != volumes.len() as u64 {
        return Err(WriteError::Differs);
    }
    for (step, volume) in volumes.iter().enumerate() {
        let read = file.volume(step as u64)?.voxels;
        #[allow(clippy::float_cmp, reason = "what is read back must be what was written")]
        let same = |a: f32, b: f32| a == b || a.is_nan() && b.is_nan();
        if read.len() != volume.voxels().len() || !(0..read.len()).all(|n| same(read.get(n), volume.value(n))) {
            return Err(WriteError::Differs);
        }
    }
    Ok(())
}
