//! DICOM SEG as others write it: fractions, large segment numbers, frames without a place, other patients.

use super::made::Object;
use crate::io_write::sources::{ct, oblique_geometry};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use fovea::geometry::{DVec3, VolumeGeometry};
use fovea::io::{SegmentationReadError, read_segmentation, read_segmentation_noting};
use fovea::loaded::LoadedSeries;
use fovea::study::Warnings;
use fovea::volume::Segmentation;

/// A frame: slice, segment number, and 35 stored values.
struct Frame {
    k: usize,
    segment: u16,
    values: Vec<u8>,
}

fn position(grid: &VolumeGeometry, k: usize) -> Object {
    let at = grid.point_lps(DVec3::new(0.0, 0.0, k as f64)).to_array();
    Object::new().decimals(tags::IMAGE_POSITION_PATIENT, &at)
}

fn source_image(image: &LoadedSeries, k: usize) -> Object {
    let source = Object::new().text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE).text(
        tags::REFERENCED_SOP_INSTANCE_UID,
        VR::UI,
        &image.instance(k).unwrap().sop_instance_uid,
    );
    Object::new().items(tags::SOURCE_IMAGE_SEQUENCE, vec![source])
}

/// A SEG on the slices of `image`; without positions it only names the source images.
fn seg(kind: &str, bits: u16, numbers: &[u16], frames: &[Frame], image: &LoadedSeries, placed: bool) -> Object {
    let grid = image.geometry().unwrap();
    let spacing = grid.spacing_mm();
    let [row, column] = [grid.direction().x_axis, grid.direction().y_axis];
    let per_frame = |f: &Frame| {
        let segment = Object::new().shorts(tags::REFERENCED_SEGMENT_NUMBER, &[f.segment]);
        let groups = Object::new()
            .items(tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![segment])
            .items(tags::DERIVATION_IMAGE_SEQUENCE, vec![source_image(image, f.k)]);
        if placed { groups.items(tags::PLANE_POSITION_SEQUENCE, vec![position(grid, f.k)]) } else { groups }
    };
    let directions: Vec<f64> = [row.to_array(), column.to_array()].concat();
    let shared = Object::new()
        .items(
            tags::PIXEL_MEASURES_SEQUENCE,
            vec![Object::new().decimals(tags::PIXEL_SPACING, &[spacing.y, spacing.x])],
        )
        .items(
            tags::PLANE_ORIENTATION_SEQUENCE,
            vec![Object::new().decimals(tags::IMAGE_ORIENTATION_PATIENT, &directions)],
        );
    let described = |n: &u16| {
        Object::new().shorts(tags::SEGMENT_NUMBER, &[*n]).text(tags::SEGMENT_LABEL, VR::LO, &format!("segment {n}"))
    };
    let pixels: Vec<u8> = match bits {
        1 => frames
            .iter()
            .flat_map(|f| f.values.iter())
            .collect::<Vec<_>>()
            .chunks(8)
            .map(|byte| byte.iter().enumerate().fold(0, |bits, (n, v)| bits | (u8::from(**v != 0) << n)))
            .collect(),
        16 => frames.iter().flat_map(|f| f.values.iter().flat_map(|v| (u16::from(*v) * 100).to_le_bytes())).collect(),
        _ => frames.iter().flat_map(|f| f.values.clone()).collect(),
    };
    Object::of_class(uids::SEGMENTATION_STORAGE, "SEG")
        .text(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.826.0.1.3680043.8.498.78")
        .text(tags::SEGMENTATION_TYPE, VR::CS, kind)
        .text(tags::SEGMENTATION_FRACTIONAL_TYPE, VR::CS, "OCCUPANCY")
        .shorts(tags::MAXIMUM_FRACTIONAL_VALUE, &[100])
        .shorts(tags::SAMPLES_PER_PIXEL, &[1])
        .text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2")
        .text(tags::NUMBER_OF_FRAMES, VR::IS, &frames.len().to_string())
        .shorts(tags::ROWS, &[5])
        .shorts(tags::COLUMNS, &[7])
        .shorts(tags::BITS_ALLOCATED, &[bits])
        .shorts(tags::BITS_STORED, &[bits])
        .shorts(tags::HIGH_BIT, &[bits - 1])
        .shorts(tags::PIXEL_REPRESENTATION, &[0])
        .items(tags::SEGMENT_SEQUENCE, numbers.iter().map(described).collect())
        .items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared])
        .items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames.iter().map(per_frame).collect())
        .put(tags::PIXEL_DATA, if bits == 16 { VR::OW } else { VR::OB }, PrimitiveValue::U8(pixels.into()))
}

fn frame(k: usize, segment: u16, marked: &[(usize, u8)]) -> Frame {
    let mut values = vec![0; 35];
    marked.iter().for_each(|&(n, value)| values[n] = value);
    Frame { k, segment, values }
}

fn read_on(object: Object, image: &LoadedSeries) -> (Result<Segmentation, SegmentationReadError>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seg.dcm");
    object.write(&path);
    let mut warnings = Warnings::default();
    let read = read_segmentation_noting(&path, Some(image), &mut warnings);
    (read, warnings.iter().map(str::to_owned).collect())
}

#[test]
fn bits_run_on_across_frames_in_any_order_and_missing_frames_are_empty() {
    let image = ct(oblique_geometry());
    let frames = [frame(3, 2, &[(0, 1), (34, 1)]), frame(1, 1, &[(17, 1)])];
    let (read, warnings) = read_on(seg("BINARY", 1, &[1, 2, 3], &frames, &image, true), &image);
    let read = read.unwrap();
    let grid = image.geometry().unwrap();
    assert!(read.labelmap.geometry().same_grid(grid), "{warnings:?}");
    let expected: Vec<u8> = (0..grid.len())
        .map(|n| match grid.ijk(n) {
            [0, 0, 3] | [6, 4, 3] => 2,
            [3, 2, 1] => 1,
            _ => 0,
        })
        .collect();
    assert_eq!(read.labelmap.to_labels(), expected);
    assert_eq!(read.segments.len(), 3, "a segment without frames is described all the same");
}

#[test]
fn fractions_are_cut_at_half_and_that_is_said() {
    let image = ct(oblique_geometry());
    let frames = [frame(0, 1, &[(0, 49), (1, 50), (2, 100)])];
    let (read, warnings) = read_on(seg("FRACTIONAL", 8, &[1], &frames, &image, true), &image);
    assert_eq!(read.unwrap().labelmap.to_labels()[..4], [0, 1, 1, 0]);
    assert!(warnings.iter().any(|w| w.contains("(occupancy) was cut at half of its maximum (100)")), "{warnings:?}");
}

#[test]
fn large_segment_numbers_are_ranked() {
    let image = ct(oblique_geometry());
    let frames = [frame(0, 0, &[(3, 7), (4, 2)])];
    let (read, warnings) = read_on(seg("LABELMAP", 16, &[700, 200], &frames, &image, true), &image);
    let read = read.unwrap();
    assert_eq!(read.labelmap.to_labels()[2..6], [0, 2, 1, 0]);
    assert_eq!((read.segments[0].label.as_str(), read.segments[1].label.as_str()), ("segment 200", "segment 700"));
    assert!(warnings.iter().any(|w| w.contains("numbered anew")), "{warnings:?}");
    let frames = [frame(0, 0, &[(3, 9)])];
    let (read, _) = read_on(seg("LABELMAP", 16, &[700], &frames, &image, true), &image);
    assert!(matches!(read, Err(SegmentationReadError::Undescribed(900))));
}

#[test]
fn frames_without_a_place_lie_on_the_slices_that_they_were_derived_from() {
    let image = ct(oblique_geometry());
    let object = || seg("BINARY", 1, &[1], &[frame(2, 1, &[(8, 1)])], &image, false);
    let (read, warnings) = read_on(object(), &image);
    assert_eq!(read.unwrap().labelmap.label([1, 1, 2]), 1);
    assert!(warnings.iter().any(|w| w.contains("say no place")), "{warnings:?}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seg.dcm");
    object().write(&path);
    assert!(read_segmentation(&path, None).unwrap_err().to_string().contains("Image Position"));
}

#[test]
fn masks_of_another_patient_or_frame_are_refused() {
    let image = ct(oblique_geometry());
    let object = || seg("BINARY", 1, &[1], &[frame(2, 1, &[(8, 1)])], &image, true);
    let refused = read_on(object().text(tags::PATIENT_ID, VR::LO, "P-2"), &image).0.unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("another patient"), "{refused}");
    let refused = read_on(object().text(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.3"), &image).0.unwrap_err();
    assert!(refused.to_string().contains("another frame of reference"), "{refused}");
}
