//! Masks from files: DICOM Segmentation (PS3.3 A.51, C.8.20) and label images, as [`Segmentation`].
//!
//! Masks land on the grid of the image they belong to when every frame lies on its voxels (any order of slices, any flip or
//! exchange of axes, sheared stacks too), else on a grid of their own. Voxels in LPS mm. Nothing is resampled. A label map
//! holds one label per voxel: where segments overlap, the lower segment number wins and a warning says so.
//!
//! Files are not trusted: sizes are checked against the bytes that are really there before memory is asked for.

mod frames;
mod grid;
mod labels;
mod pixels;
mod segments;

use crate::geometry::VolumeGeometry;
use crate::io::dicom::DicomFile;
use crate::io::voxel_file;
use crate::loaded::LoadedSeries;
use crate::study::Warnings;
use crate::volume::{Labelmap, Segment, Segmentation};
use dicom_dictionary_std::{tags, uids};
use std::path::Path;

/// Most voxels of a grid that is made for masks alone.
const MAX_VOXELS: usize = 1 << 30;
/// How the warning about voxels of two segments begins.
const OVERLAP: &str = "segments overlap";

/// Why a file gave no masks.
#[derive(Debug, thiserror::Error)]
pub enum SegmentationReadError {
    /// It cannot be opened or is cut off.
    #[error("the file cannot be read ({0}); choose a DICOM segmentation or a label image")]
    Unreadable(String),
    /// Another kind of object.
    #[error("this is no DICOM segmentation (SOP class {0}); choose a segmentation or a label image")]
    OtherObject(String),
    /// An attribute without which nothing can be placed.
    #[error("the segmentation says no usable {attribute} ({found}); export it again from where it was made")]
    Attribute {
        /// Name and tag.
        attribute: &'static str,
        /// What was there.
        found: String,
    },
    /// Pixel data that are not what the header promises.
    #[error("the pixel data of the segmentation {0}")]
    Pixels(String),
    /// More than 255 segments.
    #[error(
        "the segmentation has segment number {0}, and masks here hold numbers up to 255; split it and open the parts"
    )]
    TooManySegments(u32),
    /// Frames that make no regular grid.
    #[error("the frames of the segmentation make no regular grid ({0}); open it together with its image")]
    NoGrid(String),
    /// A label image whose values are no labels.
    #[error("the image holds values that are no labels ({0}); labels are whole numbers from 0 to 255")]
    NotLabels(String),
}

/// Reads a DICOM segmentation or a label image (NIfTI, NRRD, MetaImage). Warnings go to the log; [`read_segmentation_noting`] returns them.
pub fn read_segmentation(path: &Path, on: Option<&LoadedSeries>) -> Result<Segmentation, SegmentationReadError> {
    let mut warnings = Warnings::default();
    let masks = read_segmentation_noting(path, on, &mut warnings)?;
    warnings.iter().for_each(|w| log::warn!("segmentation: {w}"));
    Ok(masks)
}

/// Reads a DICOM segmentation or a label image (NIfTI, NRRD, MetaImage), and adds to `warnings` what a reader must know.
pub fn read_segmentation_noting(
    path: &Path,
    on: Option<&LoadedSeries>,
    warnings: &mut Warnings,
) -> Result<Segmentation, SegmentationReadError> {
    if let Some(file) = voxel_file::open(path) {
        return labels::read(file, on, warnings);
    }
    let file = open(path)?;
    let segments = segments::read(&file.data, warnings)?;
    let frames = frames::read(&file.data, warnings)?;
    let image_grid = on.and_then(LoadedSeries::geometry);
    let (geometry, placed) = place(&frames, image_grid, on.is_some(), warnings)?;
    let mut labels = vec![0u8; geometry.len()];
    let overlaps = pixels::paint(&file, &frames, &placed, &geometry, &mut labels, None, warnings)?;
    if overlaps > 0 {
        warnings.add(format!("{OVERLAP} in {overlaps} voxels; the lower segment number was kept there"));
    }
    finish(geometry, labels, segments, warnings)
}

/// Reads a segmentation for measuring: hands over one [`Segmentation`] with everything where no voxel belongs to two
/// segments, else one after the other for each segment, whole, so that nothing is lost to its neighbors.
pub fn for_each_part(
    path: &Path,
    on: Option<&LoadedSeries>,
    warnings: &mut Warnings,
    mut take: impl FnMut(Segmentation),
) -> Result<(), SegmentationReadError> {
    let mut told = Warnings::default();
    let all = read_segmentation_noting(path, on, &mut told)?;
    if !told.iter().any(|w| w.starts_with(OVERLAP)) {
        told.iter().for_each(|w| warnings.add(w));
        take(all);
        return Ok(());
    }
    told.iter().filter(|w| !w.starts_with(OVERLAP)).for_each(|w| warnings.add(w));
    warnings.add("segments overlap; each was measured whole");
    if let Some(file) = voxel_file::open(path) {
        return labels::for_each_segment(file, on, take);
    }
    let file = open(path)?;
    let frames = frames::read(&file.data, &mut told)?;
    let (geometry, placed) = place(&frames, on.and_then(LoadedSeries::geometry), false, &mut told)?;
    for segment in all.segments {
        let mut labels = vec![0u8; geometry.len()];
        pixels::paint(&file, &frames, &placed, &geometry, &mut labels, Some(segment.number), &mut told)?;
        take(finish(geometry.clone(), labels, vec![segment], &mut told)?);
    }
    Ok(())
}

/// Opens a file and makes sure that it is a segmentation.
fn open(path: &Path) -> Result<DicomFile, SegmentationReadError> {
    let file = DicomFile::open(path).map_err(|e| SegmentationReadError::Unreadable(e.to_string()))?;
    let class = file.data.text(tags::SOP_CLASS_UID);
    let known = [uids::SEGMENTATION_STORAGE, uids::LABEL_MAP_SEGMENTATION_STORAGE].contains(&class.as_str());
    // Some writers leave the class out of the data set; the modality says the same.
    if known || class.is_empty() && file.data.text(tags::MODALITY) == "SEG" {
        Ok(file)
    } else {
        Err(SegmentationReadError::OtherObject(if class.is_empty() { "none".into() } else { class }))
    }
}

/// The image's grid when every frame lies on it, else a grid made from the frames.
fn place(
    frames: &frames::Frames,
    image: Option<&VolumeGeometry>,
    asked: bool,
    warnings: &mut Warnings,
) -> Result<(VolumeGeometry, Vec<grid::FramePlace>), SegmentationReadError> {
    if let Some(image) = image
        && let Some(placed) = grid::place_all(frames, image)
    {
        return Ok((image.clone(), placed));
    }
    let own = grid::own_grid(frames)?;
    if asked {
        warnings.add("the masks do not lie on the voxels of the image; they keep a grid of their own");
    }
    let placed = grid::place_all(frames, &own)
        .ok_or_else(|| SegmentationReadError::NoGrid("positions or directions differ between frames".into()))?;
    Ok((own, placed))
}

/// Joins labels and their meanings; labels that nothing describes get a segment that says so.
fn finish(
    geometry: VolumeGeometry,
    labels: Vec<u8>,
    mut segments: Vec<Segment>,
    warnings: &mut Warnings,
) -> Result<Segmentation, SegmentationReadError> {
    let labelmap = Labelmap::from_labels(geometry, &labels)
        .ok_or_else(|| SegmentationReadError::Pixels("do not fit their own grid".into()))?;
    let counts = labelmap.histogram();
    for number in 1..=u8::MAX {
        if counts[usize::from(number)] > 0 && !segments.iter().any(|s| s.number == number) {
            warnings.add(format!("segment {number} has voxels but no description"));
            segments.push(segments::undescribed(number));
        }
    }
    segments.sort_by_key(|s| s.number);
    Ok(Segmentation { labelmap, segments })
}
