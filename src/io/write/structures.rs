//! RT Structure Set (PS3.3 A.19): one region per segment, contours along the edges of its pixels.
//!
//! Contours lie in the planes of the source's slices (LPS mm), between pixel centers, so that every reader that counts a
//! pixel by its center gets the same mask. Holes hang in their contour by a channel of no width (keyhole technique, C.8.8.6).
//! Implicit VR: an explicit DS cannot hold the contour of a lung.

use super::dataset::{Dataset, decimal_string, fitted, reference_item};
use super::modules::{self, dicom_date, dicom_time, reference_of};
use super::segmentation::{label_of, same_code};
use super::{NOT_FOR_CLINICAL_USE, WriteContext, WriteError, WrittenObject, commit_masks, encode_as};
use crate::geometry::VolumeGeometry;
use crate::loaded::LoadedSeries;
use crate::volume::ops::outlines;
use crate::volume::{AlgorithmKind, Segment, Segmentation};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use std::path::Path;

/// Series Number where the caller gives none.
const SERIES_NUMBER: i64 = 9003;
/// SOP class of the study that the images belong to, as every structure set names it (retired, still asked for).
const STUDY_CLASS: &str = "1.2.840.10008.3.1.2.3.1";

/// Writes the masks as RT Structure Set, reads the file back, compares every voxel and every segment, and only then lets it
/// appear at `path`.
///
/// `source` is the image that the masks lie on, on the same grid. Segments without voxels become regions without contours.
/// Where segments lie inside others (a body outline), the inner voxels belong to the inner region only, as in the label map.
pub fn write_structure_set(
    path: &Path,
    source: &LoadedSeries,
    masks: &Segmentation,
    context: &WriteContext<'_>,
) -> Result<WrittenObject, WriteError> {
    let geometry = modules::grid_for_masks(source, masks)?;
    let segment_numbers = masks.segments.iter().map(|s| (s.number, u16::from(s.number))).collect();
    let written = WrittenObject { segment_numbers, ..WrittenObject::new(uids::RT_STRUCTURE_SET_STORAGE) };
    let mut dataset = modules::begun(&written, source, context);
    series(&mut dataset, source, &written, context);
    let frame = super::frame_of_reference_uid(source);
    dataset.sequence(
        tags::STRUCTURE_SET_ROI_SEQUENCE,
        masks.segments.iter().map(|segment| roi_item(segment, &frame)).collect(),
    );
    let contours = masks.segments.iter().map(|segment| contours_item(segment, masks, source, geometry)).collect();
    dataset.sequence(tags::ROI_CONTOUR_SEQUENCE, contours);
    dataset.sequence(tags::RTROI_OBSERVATIONS_SEQUENCE, masks.segments.iter().map(observation_item).collect());

    let pending = encode_as(uids::IMPLICIT_VR_LITTLE_ENDIAN, path, dataset)?;
    commit_masks(path, pending, source, |read| compare(masks, read))?;
    Ok(written)
}

/// RT Series, Frame of Reference and Structure Set modules, with the images that the contours were drawn on.
fn series(to: &mut Dataset, source: &LoadedSeries, written: &WrittenObject, context: &WriteContext<'_>) {
    to.text(tags::MODALITY, VR::CS, "RTSTRUCT");
    to.uid(tags::SERIES_INSTANCE_UID, &written.series_uid);
    to.integer(tags::SERIES_NUMBER, context.series_number.unwrap_or(SERIES_NUMBER));
    to.text(tags::SERIES_DESCRIPTION, VR::LO, &format!("Structures ({NOT_FOR_CLINICAL_USE})"));
    to.text(tags::OPERATORS_NAME, VR::PN, &context.person);
    to.integer(tags::INSTANCE_NUMBER, 1);
    to.text(tags::STRUCTURE_SET_LABEL, VR::SH, "Masks");
    to.text(tags::STRUCTURE_SET_DESCRIPTION, VR::ST, NOT_FOR_CLINICAL_USE);
    to.text(tags::STRUCTURE_SET_DATE, VR::DA, &dicom_date(&context.time));
    to.text(tags::STRUCTURE_SET_TIME, VR::TM, &dicom_time(&context.time));
    let frame = super::frame_of_reference_uid(source);
    to.uid(tags::FRAME_OF_REFERENCE_UID, &frame);
    to.text(tags::POSITION_REFERENCE_INDICATOR, VR::LO, "");
    let mut images = Dataset::new();
    images.uid(tags::SERIES_INSTANCE_UID, &source.series.uid);
    images.sequence(tags::CONTOUR_IMAGE_SEQUENCE, modules::references(source));
    let mut study = reference_item(STUDY_CLASS, &source.study.uid);
    study.sequence(tags::RT_REFERENCED_SERIES_SEQUENCE, vec![images]);
    let mut referenced = Dataset::new();
    referenced.uid(tags::FRAME_OF_REFERENCE_UID, &frame);
    referenced.sequence(tags::RT_REFERENCED_STUDY_SEQUENCE, vec![study]);
    to.sequence(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, vec![referenced]);
}

/// Structure Set ROI Sequence (C.8.8.5).
fn roi_item(segment: &Segment, frame_of_reference_uid: &str) -> Dataset {
    let mut item = Dataset::new();
    item.integer(tags::ROI_NUMBER, i64::from(segment.number));
    item.uid(tags::REFERENCED_FRAME_OF_REFERENCE_UID, frame_of_reference_uid);
    item.text(tags::ROI_NAME, VR::LO, &label_of(segment));
    item.text(tags::ROI_GENERATION_ALGORITHM, VR::CS, super::segmentation::algorithm_type(segment.algorithm));
    if segment.algorithm != AlgorithmKind::Manual {
        item.text_if(tags::ROI_GENERATION_DESCRIPTION, VR::LO, &segment.algorithm_name);
    }
    item
}

/// ROI Contour Sequence (C.8.8.6): every outline in every slice.
fn contours_item(segment: &Segment, masks: &Segmentation, source: &LoadedSeries, geometry: &VolumeGeometry) -> Dataset {
    let mut item = Dataset::new();
    let [red, green, blue] = segment.color_rgb;
    let color = format!("{red}\\{green}\\{blue}");
    item.put(tags::ROI_DISPLAY_COLOR, VR::IS, PrimitiveValue::from(color));
    item.integer(tags::REFERENCED_ROI_NUMBER, i64::from(segment.number));
    let [columns, rows, slices] = geometry.dims();
    let digits = digits(geometry);
    let mut contours = Vec::new();
    for k in 0..slices {
        let slice = masks.labelmap.slice(k);
        if !slice.contains(&segment.number) {
            continue;
        }
        let inside: Vec<bool> = slice.iter().map(|label| *label == segment.number).collect();
        for outline in outlines(&inside, [columns, rows]) {
            let points = outline.iter().map(|p| geometry.point_lps(p.extend(k as f64)));
            let numbers: Vec<String> = points.flat_map(|p| p.to_array()).map(|mm| coordinate(mm, digits)).collect();
            contours.push(contour_item(reference(source, k), outline.len(), numbers));
        }
    }
    if !contours.is_empty() {
        item.sequence(tags::CONTOUR_SEQUENCE, contours);
    }
    item
}

fn contour_item(image: Option<Dataset>, points: usize, numbers: Vec<String>) -> Dataset {
    let mut item = Dataset::new();
    if let Some(image) = image {
        item.sequence(tags::CONTOUR_IMAGE_SEQUENCE, vec![image]);
    }
    item.text(tags::CONTOUR_GEOMETRIC_TYPE, VR::CS, "CLOSED_PLANAR");
    item.integer(tags::NUMBER_OF_CONTOUR_POINTS, points as i64);
    item.put(tags::CONTOUR_DATA, VR::DS, PrimitiveValue::Strs(numbers.into()));
    item
}

/// The image that a contour was drawn on.
fn reference(source: &LoadedSeries, k: usize) -> Option<Dataset> {
    let (class, instance) = reference_of(source, k)?;
    let mut image = reference_item(class, instance);
    if source.instance(k).is_some_and(|i| i.frames > 1) {
        let frame = source.slices.get(k).map_or(0, |s| s.frame);
        image.integer(tags::REFERENCED_FRAME_NUMBER, i64::from(frame) + 1);
    }
    Some(image)
}

/// RT ROI Observations (C.8.8.8). What a region means for a treatment is for people to say, so the type stays empty.
fn observation_item(segment: &Segment) -> Dataset {
    let mut item = Dataset::new();
    item.integer(tags::OBSERVATION_NUMBER, i64::from(segment.number));
    item.integer(tags::REFERENCED_ROI_NUMBER, i64::from(segment.number));
    if let Some(property) = &segment.property {
        item.code(tags::RTROI_IDENTIFICATION_CODE_SEQUENCE, property);
    }
    item.text(tags::RTROI_INTERPRETED_TYPE, VR::CS, "").text(tags::ROI_INTERPRETER, VR::PN, "");
    item
}

/// Digits after the point that place a corner within a thousandth of a pixel.
fn digits(geometry: &VolumeGeometry) -> usize {
    let smallest = geometry.spacing_mm().min_element();
    (3.0 - smallest.log10()).ceil().clamp(3.0, 9.0) as usize
}

/// A decimal string of at most 16 characters without needless zeros.
fn coordinate(mm: f64, digits: usize) -> String {
    let text = format!("{mm:.digits$}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    match short {
        "-0" => "0".into(),
        _ if short.len() > 16 => decimal_string(mm),
        _ => short.into(),
    }
}

/// First difference between what was meant and what was read back.
fn compare(meant: &Segmentation, read: &Segmentation) -> Result<(), String> {
    if meant.labelmap.to_labels() != read.labelmap.to_labels() {
        return Err("voxels differ".into());
    }
    if meant.segments.len() != read.segments.len() {
        return Err(format!("{} regions instead of {}", read.segments.len(), meant.segments.len()));
    }
    for (a, b) in meant.segments.iter().zip(&read.segments) {
        let same = a.number == b.number
            && label_of(a) == b.label
            && a.color_rgb == b.color_rgb
            && a.algorithm == b.algorithm
            && same_code(a.property.as_ref(), b.property.as_ref())
            && (a.algorithm == AlgorithmKind::Manual || fitted(VR::LO, &a.algorithm_name) == b.algorithm_name);
        if !same {
            return Err(format!("region {} reads back differently", b.number));
        }
    }
    Ok(())
}
