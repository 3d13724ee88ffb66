//! Where each frame of a segmentation lies, from the functional groups (PS3.3 C.7.6.16).

use super::SegmentationReadError as Error;
use super::numbering::Numbering;
use crate::geometry::DVec3;
use crate::io::dicom::DataSet;
use crate::loaded::LoadedSeries;
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
    /// Spacing Between Slices.
    pub(super) between_mm: Option<f64>,
    /// Slice Thickness.
    pub(super) thickness_mm: Option<f64>,
    /// Labels of Segment Numbers.
    pub(super) numbering: Numbering,
}

/// Reads geometry and segment of every frame. A frame without a place of its own lies where the slice of `image` lies that it
/// was derived from.
pub(super) fn read(
    data: &DataSet,
    numbering: Numbering,
    image: Option<&LoadedSeries>,
    warnings: &mut Warnings,
) -> Result<Frames, Error> {
    let (columns, rows) = (side(data, tags::COLUMNS, "Columns")?, side(data, tags::ROWS, "Rows")?);
    let (kind, bits) = kind(data, warnings)?;
    let per_frame = data.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    let told = integer(data, tags::NUMBER_OF_FRAMES).unwrap_or(1) as usize;
    if per_frame.is_empty() || per_frame.len() > MAX_FRAMES || told != per_frame.len() {
        let found = format!("{told} frames and {} frame descriptions", per_frame.len());
        return Err(Error::Attribute { attribute: "Per-Frame Functional Groups (5200,9230)", found });
    }
    let shared = data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let mut frames = Vec::with_capacity(per_frame.len());
    let mut derived = 0;
    for groups in per_frame {
        let segment = if kind == Kind::Labelmap { 0 } else { segment_number(groups, shared, &numbering)? };
        let at = place(groups, shared).or_else(|problem| {
            derived += 1;
            image.and_then(|image| source_place(groups, shared, image, [columns, rows])).ok_or(problem)
        })?;
        frames.push(Frame { segment, ..at });
    }
    if derived > 0 {
        warnings
            .add(format!("{derived} frames say no place; they were placed on the slices that they were derived from"));
    }
    let measures = group(&per_frame[0], shared, tags::PIXEL_MEASURES_SEQUENCE);
    let step = |tag| measures.and_then(|m| m.number(tag)).filter(|&mm| mm > 0.0);
    let (between_mm, thickness_mm) = (step(tags::SPACING_BETWEEN_SLICES), step(tags::SLICE_THICKNESS));
    Ok(Frames { kind, columns, rows, bits, frames, between_mm, thickness_mm, numbering })
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

/// Where a frame lies, as its functional groups say; without its segment.
fn place(groups: &DataSet, shared: Option<&DataSet>) -> Result<Frame, Error> {
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
    Ok(Frame {
        segment: 0,
        origin_lps: DVec3::from_slice(&position),
        row_lps: row.normalize(),
        column_lps: column.normalize(),
        pixel_mm: [spacing[1], spacing[0]],
    })
}

/// Where the slice lies that a frame was derived from (C.7.6.16.2.6), when it has the frame's pixels.
fn source_place(groups: &DataSet, shared: Option<&DataSet>, image: &LoadedSeries, size: [usize; 2]) -> Option<Frame> {
    let derivation = group(groups, shared, tags::DERIVATION_IMAGE_SEQUENCE)?;
    let [source] = derivation.items(tags::SOURCE_IMAGE_SEQUENCE) else { return None };
    let geometry = image.geometry()?;
    if geometry.dims()[..2] != size || source.text(tags::SPATIAL_LOCATIONS_PRESERVED) == "NO" {
        return None;
    }
    let (uid, frame) = (source.text(tags::REFERENCED_SOP_INSTANCE_UID), integer(source, tags::REFERENCED_FRAME_NUMBER));
    let k = (0..geometry.dims()[2]).find(|&k| {
        let is_instance = image.instance(k).is_some_and(|i| i.sop_instance_uid == uid);
        is_instance && image.slices.get(k).is_some_and(|s| s.frame + 1 == frame.unwrap_or(1))
    })?;
    let (direction, spacing) = (geometry.direction(), geometry.spacing_mm());
    Some(Frame {
        segment: 0,
        origin_lps: geometry.point_lps(DVec3::new(0.0, 0.0, k as f64)),
        row_lps: direction.x_axis,
        column_lps: direction.y_axis,
        pixel_mm: [spacing.x, spacing.y],
    })
}

fn segment_number(groups: &DataSet, shared: Option<&DataSet>, numbering: &Numbering) -> Result<u8, Error> {
    let found = group(groups, shared, tags::SEGMENT_IDENTIFICATION_SEQUENCE)
        .and_then(|g| integer(g, tags::REFERENCED_SEGMENT_NUMBER));
    match found {
        Some(n @ 1..) => numbering.label(n).ok_or(Error::Undescribed(n)),
        _ => Err(Error::Attribute { attribute: "Referenced Segment Number (0062,000B)", found: "absent or 0".into() }),
    }
}
