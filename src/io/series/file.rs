//! Series that are one file and not DICOM: a volume of a NIfTI, NRRD or MetaImage file, a picture, the pages of a TIFF.

use super::LoadError;
use crate::io::image_file;
use crate::io::voxel_file::{VoxelFile, VoxelFileError, VoxelHeader, VoxelImage};
use crate::jobs::Cancel;
use crate::loaded::{ImageData, LoadedSeries, SliceSource};
use crate::study::{Series, Study};
use crate::volume::{Calibration, Picture, Samples, ValueUnit, Voxels};
use std::path::Path;
use std::sync::Arc;

/// Samples of all pages of one file.
const MAX_SAMPLES: u64 = 1 << 30;

fn nothing(reason: impl std::fmt::Display) -> LoadError {
    LoadError::Nothing(reason.to_string())
}

/// All pages of a file of pictures.
pub(super) fn load_pictures(
    path: &Path,
    study: &Study,
    series: &Series,
    instance: usize,
    cancel: &Cancel,
) -> Result<LoadedSeries, LoadError> {
    let known = &series.instances[instance];
    if u64::from(known.rows) * u64::from(known.columns) * u64::from(known.frames) > MAX_SAMPLES {
        return Err(nothing("its pages together are too large; split the file"));
    }
    let mut pictures = Vec::new();
    for page in 0..known.frames.max(1) {
        if cancel.is_cancelled() {
            return Err(LoadError::Cancelled);
        }
        pictures.push(Arc::new(image_file::read(path, page).map_err(nothing)?));
    }
    let sources = (0..pictures.len()).map(|page| SliceSource { instance, frame: page as u32 }).collect();
    Ok(LoadedSeries {
        study: Arc::new(study.clone()),
        series: Arc::new(series.clone()),
        header_voi: pictures[0].voi,
        voi_choices: Vec::new(),
        image: ImageData::Pictures(pictures),
        slices: sources,
    })
}

/// The volume of a file that a display set is.
pub(super) fn load_voxels(
    file: Result<VoxelFile, VoxelFileError>,
    study: &Study,
    series: &Series,
    instance: usize,
) -> Result<LoadedSeries, LoadError> {
    let file = file.map_err(nothing)?;
    let step = step_of(series, &file.header);
    let image = file.volume(step).map_err(nothing)?;
    let mut series = series.clone();
    image.header.warnings.iter().for_each(|w| series.warnings.add(w));
    let slices = image.header.dims[2];
    let source = |k: usize| SliceSource { instance, frame: (step * slices as u64 + k as u64) as u32 };
    let sources = (0..slices).map(source).collect();
    let data = if image.header.geometry.is_ok() && image.header.channels == 1 {
        ImageData::Volume(Arc::new(image.into_volume().map_err(LoadError::Nothing)?))
    } else {
        ImageData::Pictures((0..slices).filter_map(|k| slice(&image, k)).map(Arc::new).collect())
    };
    Ok(LoadedSeries {
        study: Arc::new(study.clone()),
        series: Arc::new(series),
        image: data,
        slices: sources,
        header_voi: None,
        voi_choices: Vec::new(),
    })
}

/// The middle slice of a display set.
pub(super) fn preview(file: Result<VoxelFile, VoxelFileError>, series: &Series) -> Result<Picture, LoadError> {
    let file = file.map_err(nothing)?;
    let middle = file.header.dims[2] / 2;
    let image = file.slices(step_of(series, &file.header), middle..middle + 1).map_err(nothing)?;
    slice(&image, 0).ok_or_else(|| nothing("there is no slice"))
}

/// Which volume of the file a display set is, by its first slice.
fn step_of(series: &Series, header: &VoxelHeader) -> u64 {
    let first = series.slices.first().map_or(0, |source| u64::from(source.frame));
    (first / header.dims[2] as u64).min(header.steps - 1)
}

/// The `n`-th slice of the voxels that were read, without a place: no letters.
fn slice(image: &VoxelImage, n: usize) -> Option<Picture> {
    let [width, height, _] = image.header.dims;
    let channels = image.header.channels;
    let size = width * height * channels;
    let at = n * size..(n + 1) * size;
    let stored = match &image.voxels {
        Voxels::U8(v) => Voxels::U8(v.get(at)?.to_vec()),
        Voxels::I16(v) => Voxels::I16(v.get(at)?.to_vec()),
        Voxels::U16(v) => Voxels::U16(v.get(at)?.to_vec()),
        Voxels::F32(v) => Voxels::F32(v.get(at)?.to_vec()),
    };
    let samples = match stored {
        Voxels::U8(bytes) if channels > 1 => {
            Samples::Rgb(bytes.chunks_exact(channels).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect())
        }
        stored => Samples::Gray { stored, rescale: image.header.rescale },
    };
    let [column_mm, row_mm, _] = image.header.spacing_mm;
    let known = column_mm > 0.0 && row_mm > 0.0;
    Some(Picture {
        width,
        height,
        samples,
        unit: ValueUnit::Arbitrary,
        inverted: false,
        voi: None,
        calibration: if known { Calibration::PixelSpacing([row_mm, column_mm]) } else { Calibration::None },
        patient_orientation: None,
        laterality: String::new(),
        view_position: String::new(),
        presentation: crate::volume::Presentation::default(),
    })
}
