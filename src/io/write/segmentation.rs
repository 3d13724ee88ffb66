//! DICOM Segmentation, type BINARY (PS3.3 A.51, C.8.20): one frame per segment and slice that it touches.
//!
//! Frames lie on the source's slices: position and orientation come from the grid (columns, rows and slices in LPS mm),
//! sheared stacks included. Bits are packed LSB first, frames follow each other without padding (PS3.5 8.1.1).

use super::dataset::{Dataset, code_item, fitted, reference_item};
use super::modules::{self, reference_of};
use super::{NOT_FOR_CLINICAL_USE, WriteContext, WriteError, WrittenObject, cielab, commit_masks, encode};
use crate::codes::Code;
use crate::geometry::VolumeGeometry;
use crate::io::uid;
use crate::loaded::LoadedSeries;
use crate::volume::{AlgorithmKind, Labelmap, Segment, Segmentation};
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use std::path::Path;

/// Series Number where the caller gives none.
const SERIES_NUMBER: i64 = 9001;
/// Purpose of reference: the slice that a frame was drawn on (CID 7202).
const SOURCE_IMAGE: Code = Code::dcm("121322", "Source image for image processing operation");
/// Derivation: what was done with it (CID 7203).
const DERIVATION: Code = Code::dcm("113076", "Segmentation");

/// One frame to be written.
#[derive(Debug, Clone, Copy)]
struct Frame {
    /// Label in the label map.
    label: u8,
    /// Segment Number in the file.
    number: u16,
    /// Slice.
    k: usize,
}

/// Writes the masks as DICOM SEG, reads the file back, compares every voxel and every segment, and only then lets it appear
/// at `path`.
///
/// `source` is the image that the masks lie on, on the same grid. Segments without voxels are described, but have no frames.
pub fn write_segmentation_dicom(
    path: &Path,
    source: &LoadedSeries,
    masks: &Segmentation,
    context: &WriteContext<'_>,
) -> Result<WrittenObject, WriteError> {
    let geometry = modules::grid_for_masks(source, masks)?;
    let segment_numbers = (1..).zip(&masks.segments).map(|(n, s)| (s.number, n)).collect();
    let written = WrittenObject { segment_numbers, ..WrittenObject::new(uids::SEGMENTATION_STORAGE) };
    let frames = frames(masks, &written);
    let mut dataset = modules::begun(&written, source, context);
    series(&mut dataset, source, &written, context);
    image(&mut dataset, masks, &frames)?;
    dimensions(&mut dataset);
    dataset.sequence(tags::SEGMENT_SEQUENCE, masks.segments.iter().map(|s| segment_item(s, &written)).collect());
    dataset.sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared_groups(geometry)]);
    dataset.sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, per_frame_groups(source, geometry, &frames));

    let pending = encode(path, dataset)?;
    commit_masks(path, pending, source, |read| compare(masks, read, &written))?;
    Ok(written)
}

/// Frames ascending by segment, then slice.
fn frames(masks: &Segmentation, written: &WrittenObject) -> Vec<Frame> {
    let slices = masks.labelmap.geometry().dims()[2];
    let present: Vec<[bool; 256]> = (0..slices)
        .map(|k| {
            let mut seen = [false; 256];
            masks.labelmap.slice(k).iter().for_each(|&label| seen[usize::from(label)] = true);
            seen
        })
        .collect();
    written
        .segment_numbers
        .iter()
        .flat_map(|&(label, number)| (0..slices).map(move |k| Frame { label, number, k }))
        .filter(|f| f.label != 0 && present[f.k][usize::from(f.label)])
        .collect()
}

/// Series, frame of reference and common instance reference modules.
fn series(to: &mut Dataset, source: &LoadedSeries, written: &WrittenObject, context: &WriteContext<'_>) {
    to.text(tags::MODALITY, VR::CS, "SEG");
    to.uid(tags::SERIES_INSTANCE_UID, &written.series_uid);
    to.integer(tags::SERIES_NUMBER, context.series_number.unwrap_or(SERIES_NUMBER));
    to.text(tags::SERIES_DESCRIPTION, VR::LO, &format!("Segmentation ({NOT_FOR_CLINICAL_USE})"));
    to.text_if(tags::BODY_PART_EXAMINED, VR::CS, &source.series.body_part);
    to.uid(tags::FRAME_OF_REFERENCE_UID, &super::frame_of_reference_uid(source));
    to.text(tags::POSITION_REFERENCE_INDICATOR, VR::LO, "");
    let mut referenced = Dataset::new();
    referenced.uid(tags::SERIES_INSTANCE_UID, &source.series.uid);
    referenced.sequence(tags::REFERENCED_INSTANCE_SEQUENCE, modules::references(source));
    to.sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![referenced]);
    to.integer(tags::INSTANCE_NUMBER, 1);
    to.text(tags::CONTENT_LABEL, VR::CS, "SEGMENTATION");
    to.text(tags::CONTENT_DESCRIPTION, VR::LO, NOT_FOR_CLINICAL_USE);
    to.text(tags::CONTENT_CREATOR_NAME, VR::PN, &context.person);
}

/// Image Pixel and Segmentation Image modules with the packed frames.
fn image(to: &mut Dataset, masks: &Segmentation, frames: &[Frame]) -> Result<(), WriteError> {
    let [columns, rows, _] = masks.labelmap.geometry().dims();
    let side = |n: usize| {
        u16::try_from(n).map_err(|_| WriteError::TooLarge { what: "a picture side", found: n as u64, limit: 65_535 })
    };
    to.texts(tags::IMAGE_TYPE, VR::CS, &["DERIVED", "PRIMARY"]);
    to.shorts(tags::SAMPLES_PER_PIXEL, &[1]);
    to.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2");
    to.shorts(tags::ROWS, &[side(rows)?]).shorts(tags::COLUMNS, &[side(columns)?]);
    to.shorts(tags::BITS_ALLOCATED, &[1]).shorts(tags::BITS_STORED, &[1]).shorts(tags::HIGH_BIT, &[0]);
    to.shorts(tags::PIXEL_REPRESENTATION, &[0]);
    to.text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00");
    to.text(tags::SEGMENTATION_TYPE, VR::CS, "BINARY");
    to.text(tags::SEGMENTS_OVERLAP, VR::CS, "NO");
    to.integer(tags::NUMBER_OF_FRAMES, frames.len() as i64);
    to.put(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(packed(&masks.labelmap, frames)?.into()));
    Ok(())
}

/// Bits of all frames, LSB first, padded to an even number of bytes at the very end.
fn packed(labelmap: &Labelmap, frames: &[Frame]) -> Result<Vec<u8>, WriteError> {
    let [columns, rows, _] = labelmap.geometry().dims();
    let per_frame = columns * rows;
    let bytes = (per_frame as u64).saturating_mul(frames.len() as u64).div_ceil(8).next_multiple_of(2);
    let limit = u64::from(u32::MAX) - 1;
    if bytes > limit {
        return Err(WriteError::TooLarge { what: "the pixel data of the masks (bytes)", found: bytes, limit });
    }
    let mut out = vec![0u8; bytes as usize];
    for (f, frame) in frames.iter().enumerate() {
        let first = f * per_frame;
        for (n, _) in labelmap.slice(frame.k).iter().enumerate().filter(|(_, label)| **label == frame.label) {
            let bit = first + n;
            out[bit / 8] |= 1 << (bit % 8);
        }
    }
    Ok(out)
}

/// Multi-frame Dimension module (C.7.6.17): by segment, then by position.
fn dimensions(to: &mut Dataset) {
    let organization_uid = uid::fresh();
    let mut organization = Dataset::new();
    organization.uid(tags::DIMENSION_ORGANIZATION_UID, &organization_uid);
    to.sequence(tags::DIMENSION_ORGANIZATION_SEQUENCE, vec![organization]);
    let index = |pointer: Tag, group: Tag, label: &str| {
        let mut item = Dataset::new();
        item.uid(tags::DIMENSION_ORGANIZATION_UID, &organization_uid);
        item.put(tags::DIMENSION_INDEX_POINTER, VR::AT, PrimitiveValue::from(pointer));
        item.put(tags::FUNCTIONAL_GROUP_POINTER, VR::AT, PrimitiveValue::from(group));
        item.text(tags::DIMENSION_DESCRIPTION_LABEL, VR::LO, label);
        item
    };
    let items = vec![
        index(tags::REFERENCED_SEGMENT_NUMBER, tags::SEGMENT_IDENTIFICATION_SEQUENCE, "Segment Number"),
        index(tags::IMAGE_POSITION_PATIENT, tags::PLANE_POSITION_SEQUENCE, "Image Position (Patient)"),
    ];
    to.sequence(tags::DIMENSION_INDEX_SEQUENCE, items);
}

/// Segment Description Macro (C.8.20.4).
fn segment_item(segment: &Segment, written: &WrittenObject) -> Dataset {
    let mut item = Dataset::new();
    item.shorts(tags::SEGMENT_NUMBER, &[written.segment_number(segment.number).unwrap_or_default()]);
    item.text(tags::SEGMENT_LABEL, VR::LO, &label_of(segment));
    if fitted(VR::LO, &segment.label) != segment.label {
        // What the short label cannot hold is kept in full.
        item.text(tags::SEGMENT_DESCRIPTION, VR::ST, &segment.label);
    }
    item.text(tags::SEGMENT_ALGORITHM_TYPE, VR::CS, algorithm_type(segment.algorithm));
    if segment.algorithm != AlgorithmKind::Manual {
        item.text(tags::SEGMENT_ALGORITHM_NAME, VR::LO, &algorithm_name_of(segment));
    }
    item.code(tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE, &segment.category);
    let mut property = code_item(segment.property.as_ref().unwrap_or(&segment.category));
    if let Some(side) = &segment.laterality {
        property.code(tags::SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE, side);
    }
    item.sequence(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, vec![property]);
    item.shorts(tags::RECOMMENDED_DISPLAY_CIE_LAB_VALUE, &cielab::cielab_from_srgb(segment.color_rgb));
    if uid::is_valid(&segment.tracking_uid) {
        item.text(tags::TRACKING_ID, VR::UT, &label_of(segment));
        item.uid(tags::TRACKING_UID, &segment.tracking_uid);
    }
    item
}

/// Segment Label: never empty (type 1).
pub(super) fn label_of(segment: &Segment) -> String {
    let label = fitted(VR::LO, &segment.label);
    if label.is_empty() { format!("Segment {}", segment.number) } else { label }
}

/// Segment Algorithm Name: never empty for what a program made (type 1C).
fn algorithm_name_of(segment: &Segment) -> String {
    let name = fitted(VR::LO, &segment.algorithm_name);
    if name.is_empty() { "not stated".into() } else { name }
}

pub(super) fn algorithm_type(kind: AlgorithmKind) -> &'static str {
    match kind {
        AlgorithmKind::Automatic => "AUTOMATIC",
        AlgorithmKind::SemiAutomatic => "SEMIAUTOMATIC",
        AlgorithmKind::Manual => "MANUAL",
    }
}

/// What all frames share: pixel measures and orientation.
fn shared_groups(geometry: &VolumeGeometry) -> Dataset {
    let (spacing, direction) = (geometry.spacing_mm(), geometry.direction());
    let mut measures = Dataset::new();
    // Pixel Spacing is rows apart, then columns apart. The mask's voxels reach from slice to slice.
    measures.decimals(tags::PIXEL_SPACING, &[spacing.y, spacing.x]);
    measures.decimals(tags::SLICE_THICKNESS, &[spacing.z]).decimals(tags::SPACING_BETWEEN_SLICES, &[spacing.z]);
    let mut orientation = Dataset::new();
    let (row, column) = (direction.x_axis, direction.y_axis);
    orientation.decimals(tags::IMAGE_ORIENTATION_PATIENT, &[row.x, row.y, row.z, column.x, column.y, column.z]);
    let mut groups = Dataset::new();
    groups.sequence(tags::PIXEL_MEASURES_SEQUENCE, vec![measures]);
    groups.sequence(tags::PLANE_ORIENTATION_SEQUENCE, vec![orientation]);
    groups
}

/// Where each frame lies, which segment it shows, which slice it was drawn on.
fn per_frame_groups(source: &LoadedSeries, geometry: &VolumeGeometry, frames: &[Frame]) -> Vec<Dataset> {
    let mut positions: Vec<usize> = frames.iter().map(|f| f.k).collect();
    positions.sort_unstable();
    positions.dedup();
    let rank = |k: usize| positions.partition_point(|&p| p < k) as u32 + 1;
    frames
        .iter()
        .map(|frame| {
            let mut content = Dataset::new();
            content.longs(tags::DIMENSION_INDEX_VALUES, &[u32::from(frame.number), rank(frame.k)]);
            let at = geometry.point_lps(crate::geometry::DVec3::new(0.0, 0.0, frame.k as f64));
            let mut position = Dataset::new();
            position.decimals(tags::IMAGE_POSITION_PATIENT, &[at.x, at.y, at.z]);
            let mut identification = Dataset::new();
            identification.shorts(tags::REFERENCED_SEGMENT_NUMBER, &[frame.number]);
            let mut groups = Dataset::new();
            groups.sequence(tags::FRAME_CONTENT_SEQUENCE, vec![content]);
            groups.sequence(tags::PLANE_POSITION_SEQUENCE, vec![position]);
            groups.sequence(tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![identification]);
            groups.sequence(tags::DERIVATION_IMAGE_SEQUENCE, derivation(source, frame.k).into_iter().collect());
            groups
        })
        .collect()
}

/// Derivation Image functional group (C.7.6.16.2.6).
fn derivation(source: &LoadedSeries, k: usize) -> Option<Dataset> {
    let (class, instance) = reference_of(source, k)?;
    let mut image = reference_item(class, instance);
    if source.instance(k).is_some_and(|i| i.frames > 1) {
        let frame = source.slices.get(k).map_or(0, |s| s.frame);
        image.integer(tags::REFERENCED_FRAME_NUMBER, i64::from(frame) + 1);
    }
    image.text(tags::SPATIAL_LOCATIONS_PRESERVED, VR::CS, "YES");
    image.code(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, &SOURCE_IMAGE);
    let mut item = Dataset::new();
    item.sequence(tags::SOURCE_IMAGE_SEQUENCE, vec![image]);
    item.code(tags::DERIVATION_CODE_SEQUENCE, &DERIVATION);
    Some(item)
}

/// First difference between what was meant and what was read back.
fn compare(meant: &Segmentation, read: &Segmentation, written: &WrittenObject) -> Result<(), String> {
    if !meant.labelmap.geometry().same_grid(read.labelmap.geometry()) {
        return Err("the masks lie elsewhere".into());
    }
    let mut number_of = [0u16; 256];
    written.segment_numbers.iter().for_each(|&(label, number)| number_of[usize::from(label)] = number);
    for k in 0..meant.labelmap.geometry().dims()[2] {
        let same = meant.labelmap.slice(k).iter().zip(read.labelmap.slice(k).iter());
        if same.into_iter().any(|(&a, &b)| number_of[usize::from(a)] != u16::from(b)) {
            return Err(format!("voxels of slice {} differ", k + 1));
        }
    }
    if meant.segments.len() != read.segments.len() {
        return Err(format!("{} segments instead of {}", read.segments.len(), meant.segments.len()));
    }
    for (a, b) in meant.segments.iter().zip(&read.segments) {
        let same = label_of(a) == b.label
            && same_code(Some(&a.category), Some(&b.category))
            && same_code(a.property.as_ref().filter(|p| **p != a.category), b.property.as_ref())
            && same_code(a.laterality.as_ref(), b.laterality.as_ref())
            && a.algorithm == b.algorithm
            && a.color_rgb == b.color_rgb
            && (a.algorithm == AlgorithmKind::Manual || algorithm_name_of(a) == b.algorithm_name);
        if !same {
            return Err(format!("segment {} reads back differently", b.number));
        }
    }
    Ok(())
}

pub(super) fn same_code(a: Option<&Code>, b: Option<&Code>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.value == b.value && a.scheme == b.scheme,
        (None, None) => true,
        _ => false,
    }
}
