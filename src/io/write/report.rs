//! Structured Report: Comprehensive 3D SR after TID 1500, Imaging Measurement Report (PS3.3 A.35.13, PS3.16).
//!
//! The template is extensible: after the measurements come the report's sections as containers of sentences (CID 7001),
//! each sentence with its author and the Tracking UIDs of the findings it rests on. PARTIAL and UNVERIFIED until a person
//! signed (`clinical.md` rule 1). Rejected findings are left out; sentences that rest on them say so.

use super::content::{ImagePart, Item, Relation};
use super::dataset::{Dataset, fitted};
use super::evidence;
use super::measurement_group::{self, FINDING, OWN_SCHEME, Referred, TRACKING_UID};
use super::modules::{self, dicom_date, dicom_time, reference_of};
use super::{NOT_FOR_CLINICAL_USE, WriteContext, WriteError, WrittenObject, commit, encode, report_check};
use crate::codes::Code;
use crate::findings::{Finding, FindingState};
use crate::loaded::LoadedSeries;
use crate::report::{Author, Report, ReportStatus, SectionKind, Sentence, SentenceMark, Signature};
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use std::path::Path;

/// Series Number where the caller gives none.
const SERIES_NUMBER: i64 = 9002;
/// What a draft says of itself (64 characters at most).
const DRAFT: &str = "Unverified draft made by software. Not for clinical use.";

const ROOT: Code = Code::dcm("126000", "Imaging Measurement Report");
const LANGUAGE: Code = Code::dcm("121049", "Language of Content Item and Descendants");
const OBSERVER_TYPE: Code = Code::dcm("121005", "Observer Type");
const PERSON: Code = Code::dcm("121006", "Person");
const DEVICE: Code = Code::dcm("121007", "Device");
const PERSON_NAME: Code = Code::dcm("121008", "Person Observer Name");
const DEVICE_UID: Code = Code::dcm("121012", "Device Observer UID");
const DEVICE_NAME: Code = Code::dcm("121013", "Device Observer Name");
const DEVICE_MANUFACTURER: Code = Code::dcm("121014", "Device Observer Manufacturer");
const DEVICE_MODEL: Code = Code::dcm("121015", "Device Observer Model Name");
const PROCEDURE: Code = Code::dcm("121058", "Procedure reported");
const IMAGE_LIBRARY: Code = Code::dcm("111028", "Image Library");
const IMAGE_LIBRARY_GROUP: Code = Code::dcm("126200", "Image Library Group");
const MODALITY: Code = Code::dcm("121139", "Modality");
const MEASUREMENTS: Code = Code::dcm("126010", "Imaging Measurements");
const COMMENT: Code = Code::dcm("121106", "Comment");

/// Writes report and findings as a structured report, reads the file back, compares sentences, numbers and references, and
/// only then lets it appear at `path`.
///
/// `masks` is what [`super::write_segmentation_dicom`] returned; without it, findings refer to their boxes.
pub fn write_structured_report(
    path: &Path,
    source: &LoadedSeries,
    report: &Report,
    findings: &[Finding],
    masks: Option<&WrittenObject>,
    context: &WriteContext<'_>,
) -> Result<WrittenObject, WriteError> {
    modules::require_identifiers(source)?;
    let written = WrittenObject::new(uids::COMPREHENSIVE3_DSR_STORAGE);
    let kept: Vec<&Finding> = findings.iter().filter(|f| f.state != FindingState::Rejected).collect();
    let mut dataset = modules::begun(&written, source, context);
    document(&mut dataset, source, report, &kept, masks, &written, context);
    root(source, report, &kept, findings, masks).put_into(&mut dataset);

    let meant = report_check::Summary::meant(source, report, &kept, masks);
    let pending = encode(path, dataset)?;
    report_check::compare(pending.path(), &meant).map_err(|difference| super::differs(path, difference))?;
    commit(path, pending)?;
    Ok(written)
}

/// SR Document Series and SR Document General modules (C.17.1, C.17.2).
fn document(
    to: &mut Dataset,
    source: &LoadedSeries,
    report: &Report,
    kept: &[&Finding],
    masks: Option<&WrittenObject>,
    written: &WrittenObject,
    context: &WriteContext<'_>,
) {
    to.text(tags::MODALITY, VR::CS, "SR");
    to.uid(tags::SERIES_INSTANCE_UID, &written.series_uid);
    to.integer(tags::SERIES_NUMBER, context.series_number.unwrap_or(SERIES_NUMBER));
    to.text(tags::SERIES_DESCRIPTION, VR::LO, &format!("Report ({NOT_FOR_CLINICAL_USE})"));
    to.sequence(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, Vec::new());
    to.integer(tags::INSTANCE_NUMBER, 1);
    to.sequence(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, Vec::new());
    match &report.status {
        ReportStatus::Draft => {
            to.text(tags::COMPLETION_FLAG, VR::CS, "PARTIAL");
            to.text(tags::COMPLETION_FLAG_DESCRIPTION, VR::LO, DRAFT);
            to.text(tags::VERIFICATION_FLAG, VR::CS, "UNVERIFIED");
        }
        ReportStatus::Signed(signature) => {
            to.text(tags::COMPLETION_FLAG, VR::CS, "COMPLETE");
            to.text(tags::COMPLETION_FLAG_DESCRIPTION, VR::LO, NOT_FOR_CLINICAL_USE);
            to.text(tags::VERIFICATION_FLAG, VR::CS, "VERIFIED");
            to.sequence(tags::VERIFYING_OBSERVER_SEQUENCE, vec![verifying_observer(signature, context)]);
        }
    }
    let mut studies = evidence::all(source, masks, kept);
    let others = studies.split_off(1);
    to.sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, studies);
    if !others.is_empty() {
        to.sequence(tags::PERTINENT_OTHER_EVIDENCE_SEQUENCE, others);
    }
    let mut scheme = Dataset::new();
    scheme.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, OWN_SCHEME);
    scheme.text(tags::CODING_SCHEME_NAME, VR::ST, "Fovea: concepts without a public code");
    to.sequence(tags::CODING_SCHEME_IDENTIFICATION_SEQUENCE, vec![scheme]);
}

fn verifying_observer(signature: &Signature, context: &WriteContext<'_>) -> Dataset {
    let signed: Option<jiff::Timestamp> = signature.time.parse().ok();
    let at = signed.map_or_else(|| context.time.clone(), |t| t.to_zoned(context.time.time_zone().clone()));
    let organization = if context.organization.trim().is_empty() { "not stated" } else { &context.organization };
    let mut item = Dataset::new();
    item.text(tags::VERIFYING_OBSERVER_NAME, VR::PN, &signature.name);
    item.sequence(tags::VERIFYING_OBSERVER_IDENTIFICATION_CODE_SEQUENCE, Vec::new());
    item.text(tags::VERIFYING_ORGANIZATION, VR::LO, organization);
    item.text(tags::VERIFICATION_DATE_TIME, VR::DT, &format!("{}{}", dicom_date(&at), dicom_time(&at)));
    item
}

/// The content tree (TID 1500).
fn root(
    source: &LoadedSeries,
    report: &Report,
    kept: &[&Finding],
    all: &[Finding],
    masks: Option<&WrittenObject>,
) -> Item {
    let mut root = Item::container(&ROOT, Some("1500"));
    root.add(Relation::HasConceptMod, Item::code(&LANGUAGE, &Code::new("en-US", "RFC5646", "English (United States)")));
    observers(&mut root, report);
    root.add(Relation::HasConceptMod, Item::code(&PROCEDURE, &procedure(&source.series.modality)));
    root.add(Relation::Contains, image_library(source));
    let images: Vec<(String, String)> = (0..source.slices.len())
        .filter_map(|k| reference_of(source, k))
        .map(|(class, instance)| (instance.to_owned(), class.to_owned()))
        .collect();
    let referred = Referred {
        masks,
        series_uid: &source.series.uid,
        frame_of_reference_uid: &super::frame_of_reference_uid(source),
        images: &images,
        modality: &source.series.modality,
    };
    root.add(Relation::Contains, measurements(kept, &referred));
    for section in &report.sections {
        let mut container = Item::container(&section_code(section.kind), None);
        for sentence in section.sentences.iter().filter(|s| !sentence_text(s).is_empty()) {
            container.add(Relation::Contains, sentence_item(section.kind, sentence, all));
        }
        root.add(Relation::Contains, container);
    }
    let mark = if report.is_signed() { format!("{NOT_FOR_CLINICAL_USE}.") } else { DRAFT.to_owned() };
    root.add(Relation::Contains, Item::text(&COMMENT, &mark));
    root
}

/// Measurement groups; without any, the template asks for evaluations, which say what an empty list does not mean.
fn measurements(kept: &[&Finding], referred: &Referred<'_>) -> Item {
    if kept.is_empty() {
        let text = "No finding was recorded. This does not say that the study is normal.";
        let evaluations = Code::new("C0034375", "UMLS", "Qualitative Evaluations");
        return Item::container(&evaluations, None).with(Relation::Contains, Item::text(&COMMENT, text));
    }
    let mut container = Item::container(&MEASUREMENTS, None);
    for finding in kept {
        container.add(Relation::Contains, measurement_group::group(finding, referred));
    }
    container
}

/// Observer context (TID 1001): the program, and the person who signed.
fn observers(root: &mut Item, report: &Report) {
    root.add(Relation::HasObsContext, Item::code(&OBSERVER_TYPE, &DEVICE));
    root.add(Relation::HasObsContext, Item::uid(&DEVICE_UID, super::IMPLEMENTATION_CLASS_UID));
    root.add(Relation::HasObsContext, Item::text(&DEVICE_NAME, concat!("Fovea ", env!("CARGO_PKG_VERSION"))));
    root.add(Relation::HasObsContext, Item::text(&DEVICE_MANUFACTURER, "Fovea"));
    root.add(Relation::HasObsContext, Item::text(&DEVICE_MODEL, "Fovea"));
    if let ReportStatus::Signed(signature) = &report.status {
        root.add(Relation::HasObsContext, Item::code(&OBSERVER_TYPE, &PERSON));
        root.add(Relation::HasObsContext, Item::person(&PERSON_NAME, &signature.name));
    }
}

/// Procedure reported (CID 100), by modality.
fn procedure(modality: &str) -> Code {
    let (value, scheme, meaning) = match modality {
        "CT" => ("25045-6", "LN", "CT unspecified body region"),
        "MR" => ("25056-3", "LN", "MRI unspecified body region"),
        "PT" => ("44136-0", "LN", "PET unspecified body region"),
        "CR" | "DX" | "DR" => ("168537006", "SCT", "Plain radiography"),
        _ => ("363679005", "SCT", "Imaging procedure"),
    };
    Code::new(value, scheme, meaning)
}

/// Image Library (TID 1600): every image that was read.
fn image_library(source: &LoadedSeries) -> Item {
    let mut group = Item::container(&IMAGE_LIBRARY_GROUP, None);
    let modality = if source.series.modality.is_empty() { "OT" } else { &source.series.modality };
    let modality_code = Code::new(modality.to_owned(), "DCM", modality_meaning(modality));
    group.add(Relation::HasAcqContext, Item::code(&MODALITY, &modality_code));
    let mut seen = std::collections::HashSet::new();
    for (class, instance) in (0..source.slices.len()).filter_map(|k| reference_of(source, k)) {
        if seen.insert(instance) {
            group.add(Relation::Contains, Item::image(None, class, instance, ImagePart::Whole));
        }
    }
    Item::container(&IMAGE_LIBRARY, None).with(Relation::Contains, group)
}

/// Meaning of a modality's code (CID 29).
fn modality_meaning(modality: &str) -> &'static str {
    match modality {
        "CT" => "Computed Tomography",
        "MR" => "Magnetic Resonance",
        "PT" => "Positron emission tomography",
        "CR" => "Computed Radiography",
        "DX" => "Digital Radiography",
        _ => "Other Modality",
    }
}

/// Section headings (CID 7001); limitations have none there.
pub(super) fn section_code(kind: SectionKind) -> Code {
    let (value, scheme, meaning) = match kind {
        SectionKind::Indication => ("18785-6", "LN", "Indications for Procedure"),
        SectionKind::Technique => ("55111-9", "LN", "Current Procedure Descriptions"),
        SectionKind::Comparison => ("55114-3", "LN", "Prior Procedure Descriptions"),
        SectionKind::Findings => ("59776-5", "LN", "Findings"),
        SectionKind::Impression => ("19005-8", "LN", "Impressions"),
        SectionKind::Limitations => ("LIMITATIONS", OWN_SCHEME, "Limitations"),
        SectionKind::Communication => ("73568-8", "LN", "Communication of Critical Results"),
    };
    Code::new(value, scheme, meaning)
}

/// Names of sentences (CID 7002), by section.
fn sentence_code(kind: SectionKind) -> Code {
    match kind {
        SectionKind::Findings => FINDING,
        SectionKind::Impression => Code::dcm("121073", "Impression"),
        SectionKind::Technique => Code::dcm("121065", "Procedure Description"),
        SectionKind::Comparison => Code::dcm("121069", "Previous Finding"),
        SectionKind::Indication => Code::new("11329-0", "LN", "History"),
        SectionKind::Limitations | SectionKind::Communication => COMMENT,
    }
}

/// The sentence as its element can hold it.
pub(super) fn sentence_text(sentence: &Sentence) -> String {
    fitted(VR::UT, &sentence.text())
}

/// A sentence with its author, what it rests on, and whether it still stands.
fn sentence_item(section: SectionKind, sentence: &Sentence, findings: &[Finding]) -> Item {
    let mut item = Item::text(&sentence_code(section), &sentence_text(sentence));
    match &sentence.author {
        Author::Machine(name) => {
            item.add(Relation::HasObsContext, Item::code(&OBSERVER_TYPE, &DEVICE));
            item.add(Relation::HasObsContext, Item::text(&DEVICE_NAME, &format!("AI draft: {name}")));
        }
        Author::Person(name) => {
            item.add(Relation::HasObsContext, Item::code(&OBSERVER_TYPE, &PERSON));
            item.add(
                Relation::HasObsContext,
                Item::person(&PERSON_NAME, if name.is_empty() { "not stated" } else { name }),
            );
        }
    }
    let note = match sentence.mark {
        SentenceMark::None => None,
        SentenceMark::Rejected => Some("A finding that this sentence rests on was rejected."),
        SentenceMark::Stale => Some("A finding or mask that this sentence rests on is gone."),
    };
    if let Some(note) = note {
        item.add(Relation::HasProperties, Item::text(&COMMENT, note));
    }
    for id in &sentence.evidence {
        if let Some(finding) = findings.iter().find(|f| f.id == *id) {
            item.add(Relation::InferredFrom, Item::uid(&TRACKING_UID, &measurement_group::tracking_uid(finding)));
        }
    }
    item
}
