//! Where each frame of a segmentation lies, from the functional groups (PS3.3 C.7.6.16).

use super::SegmentationReadError as Error;
use crate::geometry::DVec3;
use crate::io::dicom::DataSet;
use crate::study::Warnings;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// Most frames of one object; a study of 4000 slices with 200 segments has fewer.
const MAX_FRAMES: usize = 1 << 20;

/// What the pixel data hold (Segmentation Type, (0062,0001)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One bit per pixel, one segment per frame.
    Binary,
    /// One byte per pixel, one segment per frame; inside from `threshold` on.
    Fractional {
        /// Half of the Maximum Fractional Value, rounded up.
        threshold: u8,
    },
    /// Segment numbers.
    Labelmap,
}

/// One frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Segment Number; 0 for label maps.
    pub(super) segment: u8,
    /// Center of the first pixel.
    pub(super) origin_lps: DVec3,
    /// Unit vector along a row (growing column).
    pub(super) row_lps: DVec3,
    /// Unit vector along a column (growing row).
    pub(super) column_lps: DVec3,
    /// Distance of columns, distance of rows.
    pub(super) pixel_mm: [f64; 2],
}

/// All frames.
#[derive(Debug)]
pub(super) struct Frames {
    pub(super) kind: Kind,
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Bits Allocated: 1, 8 or 16.
    pub(super) bits: u32,
    pub(super) frames: Vec<Frame>,
    /// Spacing Between Slices, else Slice Thickness.
    pub(super) step_mm: Option<f64>,
}

/// Reads geometry and segment of every frame.
pub(super) fn read(data: &DataSet, warnings: &mut Warnings) -> Result<Frames, Error> {
    let (columns, rows) = (side(data, tags::COLUMNS, "Columns")?, side(data, tags::ROWS, "Rows")?);
    let (kind, bits) = kind(data, warnings)?;
    let per_frame = data.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    let told = integer(data, tags::NUMBER_OF_FRAMES).unwrap_or(1) as usize;
    if per_frame.is_empty() || per_frame.len() > MAX_FRAMES || told != per_frame.len() {
        let found = format!("{told} frames and {} frame descriptions", per_frame.len());
        return Err(Error::Attribute { attribute: "Per-Frame Functional Groups (5200,9230)", found });
    }
    let shared = data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let frames = per_frame.iter().map(|groups| frame(groups, shared, kind)).collect::<Result<Vec<_>, _>>()?;
    let measures = group(&per_frame[0], shared, tags::PIXEL_MEASURES_SEQUENCE);
    let step = |tag| measures.and_then(|m| m.number(tag)).filter(|&mm| mm > 0.0);
    let step_mm = step(tags::SPACING_BETWEEN_SLICES).or_else(|| step(tags::SLICE_THICKNESS));
    Ok(Frames { kind, columns, rows, bits, frames, step_mm })
}

/// The first value as a number that is not negative.
fn integer(data: &DataSet, tag: Tag) -> Option<u32> {
    data.integer(tag).and_then(|n| u32::try_from(n).ok())
}

fn side(data: &DataSet, tag: Tag, attribute: &'static str) -> Result<usize, Error> {
    match integer(data, tag) {
        Some(n @ 1..=65_535) => Ok(n as usize),
        other => Err(Error::Attribute { attribute, found: other.map_or("absent".into(), |n| n.to_string()) }),
    }
}

fn kind(data: &DataSet, warnings: &mut Warnings) -> Result<(Kind, u32), Error> {
    let bits = integer(data, tags::BITS_ALLOCATED).unwrap_or(0);
    let told = data.text(tags::SEGMENTATION_TYPE);
    let kind = match (told.as_str(), bits) {
        ("BINARY", 1) => Kind::Binary,
        // Some writers spend a byte on a bit.
        ("BINARY", 8) => Kind::Fractional { threshold: 1 },
        ("LABELMAP", 8 | 16) => Kind::Labelmap,
        ("FRACTIONAL", 8) => {
            let most = integer(data, tags::MAXIMUM_FRACTIONAL_VALUE).filter(|m| (1..=255).contains(m)).unwrap_or(255);
            let meaning = data.text(tags::SEGMENTATION_FRACTIONAL_TYPE).to_lowercase();
            warnings.add(format!("a fractional segmentation ({meaning}) was cut at half of its maximum ({most})"));
            Kind::Fractional { threshold: most.div_ceil(2) as u8 }
        }
        (told, bits) => {
            let found = format!("{} with {bits} bits per pixel", if told.is_empty() { "absent" } else { told });
            return Err(Error::Attribute { attribute: "Segmentation Type (0062,0001)", found });
        }
    };
    Ok((kind, bits))
}

/// A functional group: of the frame, else shared by all.
fn group<'a>(per_frame: &'a DataSet, shared: Option<&'a DataSet>, tag: Tag) -> Option<&'a DataSet> {
    per_frame.item(tag).or_else(|| shared.and_then(|s| s.item(tag)))
}

fn frame(groups: &DataSet, shared: Option<&DataSet>, kind: Kind) -> Result<Frame, Error> {
    fn values<const N: usize>(of: Option<&DataSet>, tag: Tag, attribute: &'static str) -> Result<[f64; N], Error> {
        let found = || Error::Attribute { attribute, found: "absent or not numbers".into() };
        of.and_then(|g| g.vector(tag)).ok_or_else(found)
    }
    let of = |sequence| group(groups, shared, sequence);
    let orientation: [f64; 6] =
        values(of(tags::PLANE_ORIENTATION_SEQUENCE), tags::IMAGE_ORIENTATION_PATIENT, "Image Orientation (Patient)")?;
    let position: [f64; 3] =
        values(of(tags::PLANE_POSITION_SEQUENCE), tags::IMAGE_POSITION_PATIENT, "Image Position (Patient)")?;
    let spacing: [f64; 2] = values(of(tags::PIXEL_MEASURES_SEQUENCE), tags::PIXEL_SPACING, "Pixel Spacing")?;
    if spacing.iter().any(|&mm| mm <= 0.0) {
        return Err(Error::Attribute {
            attribute: "Pixel Spacing", found: format!("{} × {}", spacing[0], spacing[1])
        });
    }
    let (row, column) = (DVec3::from_slice(&orientation[..3]), DVec3::from_slice(&orientation[3..]));
    let upright =
        (row.length() - 1.0).abs() < 1e-2 && (column.length() - 1.0).abs() < 1e-2 && row.dot(column).abs() < 1e-2;
    if !upright {
        let found = "not two unit vectors at right angles".into();
        return Err(Error::Attribute { attribute: "Image Orientation (Patient)", found });
    }
    let segment = if kind == Kind::Labelmap { 0 } else { segment_number(groups, shared)? };
    Ok(Frame {
        segment,
        origin_lps: DVec3::from_slice(&position),
        row_lps: row.normalize(),
        column_lps: column.normalize(),
        pixel_mm: [spacing[1], spacing[0]],
    })
}

fn segment_number(groups: &DataSet, shared: Option<&DataSet>) -> Result<u8, Error> {
    let found = group(groups, shared, tags::SEGMENT_IDENTIFICATION_SEQUENCE)
        .and_then(|g| integer(g, tags::REFERENCED_SEGMENT_NUMBER));
    match found {
        Some(n @ 1..=255) => Ok(n as u8),
        Some(n) if n > 255 => Err(Error::TooManySegments(n)),
        _ => Err(Error::Attribute { attribute: "Referenced Segment Number (0062,000B)", found: "absent or 0".into() }),
    }
}
