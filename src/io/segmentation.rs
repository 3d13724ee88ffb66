//! Masks from files: DICOM Segmentation (PS3.3 A.51, C.8.20), RT Structure Set (A.19) and label images, as [`Segmentation`].
//!
//! Masks land on the grid of the image they belong to when every frame lies on its voxels (any order of slices, any flip or
//! exchange of axes, sheared stacks too), else on a grid of their own; structure sets have none and need the image. Voxels in
//! LPS mm. Nothing is resampled. A label map holds one label per voxel: where segments of a SEG overlap, the lower number
//! wins; where regions of a structure set do, the smaller one (a body outline would hide everything); a warning says so.
//! Masks of another patient or frame of reference than the image are refused.
//!
//! Files are not trusted: sizes are checked against the bytes that are really there before memory is asked for.

mod belonging;
mod frames;
mod grid;
mod labels;
mod numbering;
mod pixels;
mod regions;
mod segments;

pub use belonging::Belonging;

use crate::geometry::VolumeGeometry;
use crate::io::dicom::{DataSet, DicomFile};
use crate::io::{structures, voxel_file};
use crate::loaded::LoadedSeries;
use crate::study::Warnings;
use crate::volume::{Labelmap, Segment, Segmentation};
use dicom_dictionary_std::{tags, uids};
use numbering::Numbering;
use std::path::Path;

/// Most voxels of a grid that is made for masks alone.
const MAX_VOXELS: usize = 1 << 30;

/// Why a file gave no masks.
#[derive(Debug, thiserror::Error)]
pub enum SegmentationReadError {
    /// It cannot be opened or is cut off.
    #[error("the file cannot be read ({0}); choose a DICOM segmentation or a label image")]
    Unreadable(String),
    /// Another kind of object.
    #[error("the file holds no masks (SOP class {0}); choose a DICOM segmentation, a structure set or a label image")]
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
    #[error("the file has {0} segments, and masks here hold up to 255; split it and open the parts")]
    TooManySegments(usize),
    /// A number without a description, beyond what a label holds.
    #[error("the segmentation marks segment {0} without describing it; export it again from where it was made")]
    Undescribed(u32),
    /// Frames that make no regular grid.
    #[error("the frames of the segmentation make no regular grid ({0}); open it together with its image")]
    NoGrid(String),
    /// Masks of another patient, study or frame of reference.
    #[error("{0}; choose the image that they were made on")]
    Foreign(String),
    /// A structure set without the image that gives it a grid.
    #[error("a structure set has contours but no voxel grid; {0}")]
    NeedsImage(&'static str),
    /// Contours that do not lie on the slices of the image.
    #[error("the contours do not fit the slices of the image ({0}); choose the series that they were drawn on")]
    Planes(String),
    /// A label image whose values are no labels.
    #[error("the image holds values that are no labels ({0}); labels are whole numbers from 0 to 255")]
    NotLabels(String),
}

impl SegmentationReadError {
    /// True where masks could be laid over the image only by guessing a place or an identity.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Foreign(_) | Self::NeedsImage(_) | Self::Planes(_) | Self::NoGrid(_))
    }
}

/// Masks of a file, placed on a grid, not yet painted.
struct Placed {
    geometry: VolumeGeometry,
    segments: Vec<Segment>,
    content: Content,
}

/// Where the voxels come from.
enum Content {
    Frames { file: Box<DicomFile>, frames: frames::Frames, places: Vec<grid::FramePlace> },
    Regions(regions::Regions),
    Labels(Box<labels::Labels>),
}

/// Reads a DICOM segmentation, a structure set or a label image (NIfTI, NRRD, MetaImage). Warnings go to the log;
/// [`read_segmentation_noting`] returns them.
pub fn read_segmentation(path: &Path, on: Option<&LoadedSeries>) -> Result<Segmentation, SegmentationReadError> {
    let mut warnings = Warnings::default();
    let masks = read_segmentation_noting(path, on, &mut warnings)?;
    warnings.iter().for_each(|w| log::warn!("segmentation: {w}"));
    Ok(masks)
}

/// Reads a DICOM segmentation, a structure set or a label image (NIfTI, NRRD, MetaImage), and adds to `warnings` what a
/// reader must know.
pub fn read_segmentation_noting(
    path: &Path,
    on: Option<&LoadedSeries>,
    warnings: &mut Warnings,
) -> Result<Segmentation, SegmentationReadError> {
    let placed = Placed::read(path, on, warnings)?;
    let (labels, overlaps) = placed.paint(None, warnings)?;
    if overlaps > 0 {
        let kept = if matches!(placed.content, Content::Regions(_)) { "smaller one" } else { "lower segment number" };
        warnings.add(format!("segments overlap in {overlaps} voxels; the {kept} was kept there"));
    }
    finish(placed.geometry, labels, placed.segments, warnings)
}

/// Reads masks for measuring: hands over one [`Segmentation`] with everything where no voxel belongs to two segments, else
/// one after the other for each segment, whole, so that nothing is lost to its neighbors.
pub fn for_each_part(
    path: &Path,
    on: Option<&LoadedSeries>,
    warnings: &mut Warnings,
    mut take: impl FnMut(Segmentation),
) -> Result<(), SegmentationReadError> {
    let placed = Placed::read(path, on, warnings)?;
    let (labels, overlaps) = placed.paint(None, warnings)?;
    if overlaps == 0 {
        take(finish(placed.geometry, labels, placed.segments, warnings)?);
        return Ok(());
    }
    drop(labels);
    warnings.add("segments overlap; each was measured whole");
    for segment in &placed.segments {
        let (labels, _) = placed.paint(Some(segment.number), warnings)?;
        take(finish(placed.geometry.clone(), labels, vec![segment.clone()], warnings)?);
    }
    Ok(())
}

/// Segments that a DICOM segmentation describes, without their voxels.
pub fn described_segments(data: &DataSet, warnings: &mut Warnings) -> Result<Vec<Segment>, SegmentationReadError> {
    let numbering = Numbering::of(data, warnings)?;
    Ok(segments::read(data, &numbering, warnings))
}

/// A segment that is only a number: with the color that such a one gets.
pub fn undescribed_segment(number: u8) -> Segment {
    segments::undescribed(number)
}

impl Placed {
    /// Reads everything but the voxels.
    fn read(path: &Path, on: Option<&LoadedSeries>, warnings: &mut Warnings) -> Result<Self, SegmentationReadError> {
        if let Some(file) = voxel_file::open(path) {
            let (geometry, segments, labels) = labels::place(file, on, warnings)?;
            return Ok(Self { geometry, segments, content: Content::Labels(Box::new(labels)) });
        }
        let file = DicomFile::open(path).map_err(|e| SegmentationReadError::Unreadable(e.to_string()))?;
        file.warnings.iter().for_each(|w| warnings.add(w));
        match kind(&file.data)? {
            Kind::Structures => Self::structures(&file, on, warnings),
            Kind::Segmentation => Self::frames(file, on, warnings),
        }
    }

    fn structures(
        file: &DicomFile,
        on: Option<&LoadedSeries>,
        warnings: &mut Warnings,
    ) -> Result<Self, SegmentationReadError> {
        let set = structures::read(&file.data, warnings);
        let image = on.ok_or(SegmentationReadError::NeedsImage("name the image that it was drawn on"))?;
        let grid =
            image.geometry().ok_or(SegmentationReadError::NeedsImage("the slices named for it make no volume"))?;
        set.belonging.check(image, warnings).map_err(SegmentationReadError::Foreign)?;
        let (segments, regions) = regions::place(&set, image, grid, warnings)?;
        Ok(Self { geometry: grid.clone(), segments, content: Content::Regions(regions) })
    }

    fn frames(
        file: DicomFile,
        on: Option<&LoadedSeries>,
        warnings: &mut Warnings,
    ) -> Result<Self, SegmentationReadError> {
        let numbering = Numbering::of(&file.data, warnings)?;
        let segments = segments::read(&file.data, &numbering, warnings);
        let frames = frames::read(&file.data, numbering, on, warnings)?;
        if let Some(image) = on {
            Belonging::of(&file.data).check(image, warnings).map_err(SegmentationReadError::Foreign)?;
        }
        let (geometry, places) = place(&frames, on.and_then(LoadedSeries::geometry), on.is_some(), warnings)?;
        Ok(Self { geometry, segments, content: Content::Frames { file: Box::new(file), frames, places } })
    }

    /// One label per voxel, of all segments or of one; and how many voxels more than one segment claims.
    fn paint(&self, only: Option<u8>, warnings: &mut Warnings) -> Result<(Vec<u8>, usize), SegmentationReadError> {
        let mut labels = vec![0u8; self.geometry.len()];
        let overlaps = match &self.content {
            Content::Frames { file, frames, places } => {
                pixels::paint(file, frames, places, &self.geometry, &mut labels, only, warnings)?
            }
            Content::Regions(regions) => regions.paint(only, &mut labels),
            Content::Labels(own) => own.paint(&self.geometry, only, &mut labels)?,
        };
        Ok((labels, overlaps))
    }
}

/// Kinds of DICOM objects with masks.
enum Kind {
    Segmentation,
    Structures,
}

/// What kind of masks an object holds; some writers leave the class out of the data set, and the modality says the same.
fn kind(data: &DataSet) -> Result<Kind, SegmentationReadError> {
    let class = data.text(tags::SOP_CLASS_UID);
    match (class.as_str(), data.text(tags::MODALITY).as_str()) {
        (uids::SEGMENTATION_STORAGE | uids::LABEL_MAP_SEGMENTATION_STORAGE, _) | ("", "SEG") => Ok(Kind::Segmentation),
        (uids::RT_STRUCTURE_SET_STORAGE, _) | ("", "RTSTRUCT") => Ok(Kind::Structures),
        ("", _) => Err(SegmentationReadError::OtherObject("none".into())),
        _ => Err(SegmentationReadError::OtherObject(class)),
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
    let own = grid::own_grid(frames, warnings)?;
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
