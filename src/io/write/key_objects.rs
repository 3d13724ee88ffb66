//! Key Object Selection (PS3.3 A.35.4, PS3.16 TID 2010): images that a reader marked, with the note.
//!
//! A document has one description, so that images with different notes go into different documents.

use super::content::{ImagePart, Item, Relation};
use super::dataset::{Dataset, fitted};
use super::evidence::Evidence;
use super::modules;
use super::{NOT_FOR_CLINICAL_USE, WriteContext, WriteError, WrittenObject, commit, differs, encode};
use crate::codes::Code;
use crate::findings::KeyImageMark;
use crate::io::dicom::DicomFile;
use crate::io::{key_objects, uid};
use crate::loaded::LoadedSeries;
use crate::study::Warnings;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use std::path::Path;

/// Series Number where the caller gives none.
const SERIES_NUMBER: i64 = 9005;

const OF_INTEREST: Code = Code::dcm("113000", "Of Interest");
const DESCRIPTION: Code = Code::dcm("113012", "Key Object Description");
const LANGUAGE: Code = Code::dcm("121049", "Language of Content Item and Descendants");
const OBSERVER_TYPE: Code = Code::dcm("121005", "Observer Type");
const PERSON: Code = Code::dcm("121006", "Person");
const PERSON_NAME: Code = Code::dcm("121008", "Person Observer Name");

/// Writes a selection of images that share a note, reads it back, compares, and only then lets it appear at `path`. Images of
/// other studies (priors) are named by their study.
pub fn write_key_objects(
    path: &Path,
    source: &LoadedSeries,
    marks: &[&KeyImageMark],
    context: &WriteContext<'_>,
) -> Result<WrittenObject, WriteError> {
    modules::require_identifiers(source)?;
    let Some(first) = marks.first() else { return Err(WriteError::Identifier("key image")) };
    if !marks.iter().all(|m| uid::is_valid(&m.image.sop_instance_uid) && !m.image.sop_class_uid.is_empty()) {
        return Err(WriteError::Identifier("SOP Instance UID of a key image"));
    }
    let written = WrittenObject::new(uids::KEY_OBJECT_SELECTION_DOCUMENT_STORAGE);
    let mut dataset = modules::begun(&written, source, context);
    document(&mut dataset, marks, &written, context);
    root(first, marks).put_into(&mut dataset);
    let pending = encode(path, dataset)?;
    compare(pending.path(), first, marks).map_err(|difference| differs(path, difference))?;
    commit(path, pending)?;
    Ok(written)
}

/// Key Object Document Series and Key Object Document modules (C.17.6).
fn document(to: &mut Dataset, marks: &[&KeyImageMark], written: &WrittenObject, context: &WriteContext<'_>) {
    to.text(tags::MODALITY, VR::CS, "KO");
    to.uid(tags::SERIES_INSTANCE_UID, &written.series_uid);
    to.integer(tags::SERIES_NUMBER, context.series_number.unwrap_or(SERIES_NUMBER));
    to.text(tags::SERIES_DESCRIPTION, VR::LO, &format!("Key images ({NOT_FOR_CLINICAL_USE})"));
    to.sequence(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, Vec::new());
    to.integer(tags::INSTANCE_NUMBER, 1);
    let mut evidence = Evidence::default();
    marks.iter().for_each(|mark| evidence.add_image(&mark.series, &mark.image));
    to.sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, evidence.items());
}

fn root(first: &KeyImageMark, marks: &[&KeyImageMark]) -> Item {
    let mut root = Item::container(&OF_INTEREST, Some("2010"));
    root.add(Relation::HasConceptMod, Item::code(&LANGUAGE, &Code::new("en-US", "RFC5646", "English (United States)")));
    if !first.by.trim().is_empty() {
        root.add(Relation::HasObsContext, Item::code(&OBSERVER_TYPE, &PERSON));
        root.add(Relation::HasObsContext, Item::person(&PERSON_NAME, &first.by));
    }
    if let Some(note) = note(first) {
        root.add(Relation::Contains, Item::text(&DESCRIPTION, &note));
    }
    for mark in marks {
        let part = mark.image.frame.map_or(ImagePart::Whole, ImagePart::Frame);
        let image = Item::image(None, &mark.image.sop_class_uid, &mark.image.sop_instance_uid, part);
        root.add(Relation::Contains, image);
    }
    root
}

/// The note as its element can hold it.
fn note(mark: &KeyImageMark) -> Option<String> {
    Some(fitted(VR::UT, &mark.note)).filter(|note| !note.is_empty())
}

fn compare(path: &Path, first: &KeyImageMark, marks: &[&KeyImageMark]) -> Result<(), String> {
    let file = DicomFile::header(path).map_err(|e| e.to_string())?;
    let read = key_objects::read(&file.data, &mut Warnings::default()).ok_or("it is no document")?;
    let found = read.references.iter().map(|r| {
        let place = [&r.study_uid, &r.series_uid, &r.object.sop_instance_uid].map(Clone::clone);
        (place, r.object.frames.first().copied())
    });
    let meant = marks.iter().map(|m| {
        let place = [&m.series.study_uid, &m.series.uid, &m.image.sop_instance_uid].map(Clone::clone);
        (place, m.image.frame)
    });
    if !found.eq(meant) {
        return Err("the selected images differ".into());
    }
    if read.description == note(first).unwrap_or_default() { Ok(()) } else { Err("the note differs".into()) }
}
