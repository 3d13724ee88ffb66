//! Key Object Selection (PS3.3 A.35.4, PS3.16 TID 2010): images worth looking at, and why.

use super::content_tree::{self, ContentValue, ObjectReference, reference_of};
use super::dicom::DataSet;
use crate::codes::Code;
use crate::study::Warnings;
use dicom_dictionary_std::tags;

/// Key Object Description.
const DESCRIPTION: Code = Code::dcm("113012", "Key Object Description");
/// Document Title Modifier.
const TITLE_MODIFIER: Code = Code::dcm("113011", "Document Title Modifier");

/// A selection.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeyObjects {
    /// Document title: "Of Interest", "Rejected for Quality Reasons", ….
    pub title: Option<Code>,
    /// What refines the title.
    pub modifiers: Vec<Code>,
    /// Why they were selected.
    pub description: String,
    /// In the order of the file.
    pub references: Vec<KeyReference>,
}

/// One selected object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyReference {
    /// The object, with frames.
    pub object: ObjectReference,
    /// Series Instance UID, where the evidence names it.
    pub series_uid: String,
    /// Study Instance UID, where the evidence names it.
    pub study_uid: String,
}

/// Reads a selection; `None` for data without a document.
pub fn read(data: &DataSet, warnings: &mut Warnings) -> Option<KeyObjects> {
    let root = content_tree::read(data, warnings)?.root;
    let evidence = evidence(data);
    let mut selection = KeyObjects { title: root.concept.clone(), ..KeyObjects::default() };
    for item in &root.children {
        match &item.value {
            ContentValue::Image(object) | ContentValue::Object(object) => {
                let known = evidence.iter().find(|e| e.object.sop_instance_uid == object.sop_instance_uid);
                let known = known.cloned().unwrap_or_default();
                selection.references.push(KeyReference { object: object.clone(), ..known });
            }
            ContentValue::Text(text) if item.is_about(&DESCRIPTION) => selection.description.clone_from(text),
            ContentValue::Code(Some(code)) if item.is_about(&TITLE_MODIFIER) => selection.modifiers.push(code.clone()),
            _ => {}
        }
    }
    if selection.references.is_empty() {
        warnings.add("the key object selection selects nothing");
    }
    Some(selection)
}

/// Current Requested Procedure Evidence (C.17.2): which series and study each object is of.
fn evidence(data: &DataSet) -> Vec<KeyReference> {
    let mut found = Vec::new();
    for study in data.items(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE) {
        for series in study.items(tags::REFERENCED_SERIES_SEQUENCE) {
            for object in series.items(tags::REFERENCED_SOP_SEQUENCE) {
                found.push(KeyReference {
                    object: reference_of(object),
                    series_uid: series.text(tags::SERIES_INSTANCE_UID),
                    study_uid: study.text(tags::STUDY_INSTANCE_UID),
                });
            }
        }
    }
    found
}
