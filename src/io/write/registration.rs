//! Spatial Registration (PS3.3 A.39.1, C.20): the rigid map from the moving series into the frame of the fixed one.
//!
//! The object lies in the fixed series' study and frame of reference. Its first item is the fixed series itself with the
//! identity, its second the moving one; both name their images, so that two series of one frame of reference stay apart.

use super::dataset::{Dataset, code_item, reference_item};
use super::modules::{self, dicom_date, dicom_time, reference_of};
use super::{NOT_FOR_CLINICAL_USE, WriteContext, WriteError, WrittenObject, commit, differs, encode};
use crate::codes::Code;
use crate::geometry::{DAffine3, DVec3};
use crate::io::dicom::DicomFile;
use crate::io::registration;
use crate::loaded::LoadedSeries;
use crate::study::Warnings;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use std::path::Path;

/// Series Number where the caller gives none.
const SERIES_NUMBER: i64 = 9004;
/// How the map was found (PS3.16 CID 7100).
const IMAGE_CONTENT: Code = Code::dcm("125024", "Image Content-based Alignment");
/// What the fixed series itself gets (PS3.16 CID 7100).
const IDENTITY: Code = Code::dcm("125021", "Frame of Reference Identity");
/// Points that are compared after reading back lie this far from the origin, mm.
const COMPARED_AT_MM: f64 = 1000.0;
/// How far they may have moved by writing decimals.
const ROUNDING_MM: f64 = 1e-3;

/// A registration to write.
#[derive(Debug, Clone, Copy)]
pub struct RegistrationToWrite<'a> {
    /// The series that stays.
    pub fixed: &'a LoadedSeries,
    /// The series that is mapped into its frame.
    pub moving: &'a LoadedSeries,
    /// Patient mm of the fixed series from those of the moving one: a rotation and a shift.
    pub fixed_from_moving: DAffine3,
    /// What a reader must know of it, in one sentence: the verdict and the residual.
    pub comment: &'a str,
}

/// Writes the object, reads it back, compares the maps, and only then lets it appear at `path`.
pub fn write_registration(
    path: &Path,
    what: &RegistrationToWrite<'_>,
    context: &WriteContext<'_>,
) -> Result<WrittenObject, WriteError> {
    modules::require_identifiers(what.fixed)?;
    modules::require_identifiers(what.moving)?;
    let written = WrittenObject::new(uids::SPATIAL_REGISTRATION_STORAGE);
    let mut dataset = modules::begun(&written, what.fixed, context);
    series(&mut dataset, what, &written, context);
    let (fixed_frame, moving_frame) = frames(what);
    dataset.sequence(
        tags::REGISTRATION_SEQUENCE,
        vec![
            item(what.fixed, Some(&fixed_frame), &IDENTITY, &DAffine3::IDENTITY, ""),
            item(what.moving, moving_frame.as_deref(), &IMAGE_CONTENT, &what.fixed_from_moving, what.comment),
        ],
    );
    references(&mut dataset, what);

    let pending = encode(path, dataset)?;
    let read = DicomFile::header(pending.path()).map_err(|e| differs(path, e.to_string()))?;
    compare(what, &registration::read(&read.data, &mut Warnings::default())).map_err(|d| differs(path, d))?;
    commit(path, pending)?;
    Ok(written)
}

/// Spatial Registration Series, Frame of Reference and content identification.
fn series(to: &mut Dataset, what: &RegistrationToWrite<'_>, written: &WrittenObject, context: &WriteContext<'_>) {
    to.text(tags::MODALITY, VR::CS, "REG");
    to.uid(tags::SERIES_INSTANCE_UID, &written.series_uid);
    to.integer(tags::SERIES_NUMBER, context.series_number.unwrap_or(SERIES_NUMBER));
    to.text(tags::SERIES_DATE, VR::DA, &dicom_date(&context.time));
    to.text(tags::SERIES_TIME, VR::TM, &dicom_time(&context.time));
    to.text(tags::SERIES_DESCRIPTION, VR::LO, &format!("Registration ({NOT_FOR_CLINICAL_USE})"));
    // Side of a body part that may be paired (type 2C): not known.
    to.text(tags::LATERALITY, VR::CS, "");
    to.uid(tags::FRAME_OF_REFERENCE_UID, &super::frame_of_reference_uid(what.fixed));
    to.text(tags::POSITION_REFERENCE_INDICATOR, VR::LO, "");
    to.integer(tags::INSTANCE_NUMBER, 1);
    to.text(tags::CONTENT_LABEL, VR::CS, "REGISTRATION");
    to.text(tags::CONTENT_DESCRIPTION, VR::LO, what.comment);
    to.text(tags::CONTENT_CREATOR_NAME, VR::PN, &context.person);
}

/// The frames of the two items. One frame cannot map into itself in two ways: then the moving item is its images alone.
fn frames(what: &RegistrationToWrite<'_>) -> (String, Option<String>) {
    let fixed = super::frame_of_reference_uid(what.fixed);
    let moving = super::frame_of_reference_uid(what.moving);
    let other = (moving != fixed).then_some(moving);
    (fixed, other)
}

/// Registration Sequence item (C.20.2).
fn item(
    source: &LoadedSeries,
    frame: Option<&str>,
    method: &Code,
    fixed_from_own: &DAffine3,
    comment: &str,
) -> Dataset {
    let mut matrix = Dataset::new();
    matrix.text(tags::FRAME_OF_REFERENCE_TRANSFORMATION_MATRIX_TYPE, VR::CS, "RIGID");
    matrix.decimals(tags::FRAME_OF_REFERENCE_TRANSFORMATION_MATRIX, &rows(fixed_from_own));
    let mut step = Dataset::new();
    step.text_if(tags::FRAME_OF_REFERENCE_TRANSFORMATION_COMMENT, VR::LO, comment);
    step.sequence(tags::MATRIX_SEQUENCE, vec![matrix]);
    step.sequence(tags::REGISTRATION_TYPE_CODE_SEQUENCE, vec![code_item(method)]);
    let mut item = Dataset::new();
    if let Some(frame) = frame {
        item.uid(tags::FRAME_OF_REFERENCE_UID, frame);
    }
    item.sequence(tags::REFERENCED_IMAGE_SEQUENCE, modules::references(source));
    item.sequence(tags::MATRIX_REGISTRATION_SEQUENCE, vec![step]);
    item
}

/// The 4 × 4 matrix row by row.
fn rows(map: &DAffine3) -> [f64; 16] {
    let (m, t) = (map.matrix3, map.translation);
    let mut rows = [0.0; 16];
    for row in 0..3 {
        for column in 0..3 {
            rows[4 * row + column] = m.col(column)[row];
        }
        rows[4 * row + 3] = t[row];
    }
    rows[15] = 1.0;
    rows
}

/// Common Instance Reference module (C.12.2): images of this study, and of others.
fn references(to: &mut Dataset, what: &RegistrationToWrite<'_>) {
    let series = |source: &LoadedSeries| {
        let mut item = Dataset::new();
        item.uid(tags::SERIES_INSTANCE_UID, &source.series.uid);
        let mut seen = std::collections::HashSet::new();
        let images = (0..source.slices.len()).filter_map(|k| reference_of(source, k));
        let images = images.filter(|(_, instance)| seen.insert(*instance));
        let images = images.map(|(class, instance)| reference_item(class, instance)).collect();
        item.sequence(tags::REFERENCED_INSTANCE_SEQUENCE, images);
        item
    };
    let mut own = vec![series(what.fixed)];
    if what.moving.study.uid != what.fixed.study.uid {
        let mut other = Dataset::new();
        other.uid(tags::STUDY_INSTANCE_UID, &what.moving.study.uid);
        other.sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![series(what.moving)]);
        to.sequence(tags::STUDIES_CONTAINING_OTHER_REFERENCED_INSTANCES_SEQUENCE, vec![other]);
    } else if what.moving.series.uid != what.fixed.series.uid {
        own.push(series(what.moving));
    }
    to.sequence(tags::REFERENCED_SERIES_SEQUENCE, own);
}

/// First difference between what was meant and what was read back.
fn compare(what: &RegistrationToWrite<'_>, read: &registration::SpatialRegistration) -> Result<(), String> {
    let [fixed, moving] = read.items.as_slice() else {
        return Err(format!("{} registered frames instead of 2", read.items.len()));
    };
    let (fixed_frame, moving_frame) = frames(what);
    let pairs = [
        (fixed, what.fixed, fixed_frame, DAffine3::IDENTITY),
        (moving, what.moving, moving_frame.unwrap_or_default(), what.fixed_from_moving),
    ];
    for (item, source, frame, meant) in pairs {
        if item.frame_of_reference_uid != frame {
            return Err("a frame of reference differs".into());
        }
        if item.images.len() != modules::references(source).len() {
            return Err("referenced images differ".into());
        }
        for at in [DVec3::ZERO, DVec3::X, DVec3::Y, DVec3::Z].map(|axis| axis * COMPARED_AT_MM) {
            let off = meant.transform_point3(at).distance(item.registered_from_own.transform_point3(at));
            if off.is_nan() || off >= ROUNDING_MM {
                return Err(format!("a point lies {off:.4} mm off"));
            }
        }
    }
    Ok(())
}
