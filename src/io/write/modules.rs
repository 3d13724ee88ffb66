//! Modules that every object has: patient, study, series, equipment, SOP common (PS3.3 C.7, C.12).

use super::dataset::{Dataset, code_item, fitted, reference_item};
use super::{WriteContext, WriteError, WrittenObject};
use crate::codes::Code;
use crate::geometry::VolumeGeometry;
use crate::io::dicom::{DataSet, DicomFile};
use crate::io::uid;
use crate::loaded::LoadedSeries;
use crate::study::Instance;
use crate::volume::Segmentation;
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use jiff::Zoned;

/// Text attributes that belong to patient and study and that the catalog does not keep.
const COPIED: [(Tag, VR); 10] = [
    (tags::ISSUER_OF_PATIENT_ID, VR::LO),
    (tags::PATIENT_AGE, VR::AS),
    (tags::PATIENT_SIZE, VR::DS),
    (tags::PATIENT_WEIGHT, VR::DS),
    (tags::PATIENT_IDENTITY_REMOVED, VR::CS),
    (tags::DEIDENTIFICATION_METHOD, VR::LO),
    (tags::STUDY_DESCRIPTION, VR::LO),
    (tags::INSTITUTION_NAME, VR::LO),
    (tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, VR::CS),
    (tags::PHYSICIANS_OF_RECORD, VR::PN),
];

/// The header of a source file, without pixels; `None` when it is not there, not DICOM, or of another object.
pub(super) fn source_header(source: &LoadedSeries, context: &WriteContext<'_>) -> Option<DataSet> {
    let instance = source.instance(0)?;
    let path = context.source_root?.join(&instance.file);
    let header = DicomFile::header(&path).ok()?.data;
    let found = header.text(tags::SOP_INSTANCE_UID);
    (found.is_empty() || found == instance.sop_instance_uid).then_some(header)
}

/// Patient and General Study modules.
pub(super) fn patient_and_study(to: &mut Dataset, source: &LoadedSeries, header: Option<&DataSet>) {
    let study = &source.study;
    let copied = |tag: Tag, fallback: &str| {
        let own = header.and_then(|h| h.texts(tag).into_iter().next()).unwrap_or_default();
        if own.is_empty() { fallback.to_owned() } else { own }
    };
    to.text(tags::PATIENT_NAME, VR::PN, &copied(tags::PATIENT_NAME, &person_name(&study.patient.name)));
    to.text(tags::PATIENT_ID, VR::LO, &copied(tags::PATIENT_ID, &study.patient.id));
    to.text(tags::PATIENT_BIRTH_DATE, VR::DA, date(&copied(tags::PATIENT_BIRTH_DATE, &study.patient.birth_date)));
    let sex = copied(tags::PATIENT_SEX, &study.patient.sex);
    to.text(tags::PATIENT_SEX, VR::CS, if ["M", "F", "O"].contains(&sex.as_str()) { &sex } else { "" });
    to.uid(tags::STUDY_INSTANCE_UID, &study.uid);
    to.text(tags::STUDY_DATE, VR::DA, date(&copied(tags::STUDY_DATE, &study.date)));
    to.text(tags::STUDY_TIME, VR::TM, time(&copied(tags::STUDY_TIME, &study.time)));
    to.text(tags::ACCESSION_NUMBER, VR::SH, &copied(tags::ACCESSION_NUMBER, &study.accession));
    to.text(tags::STUDY_ID, VR::SH, &copied(tags::STUDY_ID, &study.study_id));
    let referring = copied(tags::REFERRING_PHYSICIAN_NAME, &person_name(&study.referring_physician));
    to.text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, &referring);
    to.text_if(tags::ISSUER_OF_PATIENT_ID, VR::LO, &study.patient.issuer);
    to.text_if(tags::STUDY_DESCRIPTION, VR::LO, &study.description);
    for (tag, vr) in COPIED {
        to.text_if(tag, vr, &copied(tag, ""));
    }
    let methods = header.map(|h| h.items(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE)).unwrap_or_default();
    if !methods.is_empty() {
        let code = |item: &DataSet| {
            let text = |tag| item.text(tag);
            let meaning = text(tags::CODE_MEANING);
            code_item(&Code::new(text(tags::CODE_VALUE), text(tags::CODING_SCHEME_DESIGNATOR), meaning))
        };
        to.sequence(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE, methods.iter().map(code).collect());
    }
}

/// General Equipment and Enhanced General Equipment modules (C.7.5).
pub(super) fn equipment(to: &mut Dataset) {
    to.text(tags::MANUFACTURER, VR::LO, "Fovea");
    to.text(tags::MANUFACTURER_MODEL_NAME, VR::LO, "Fovea");
    to.text(tags::DEVICE_SERIAL_NUMBER, VR::LO, "none");
    to.text(tags::SOFTWARE_VERSIONS, VR::LO, env!("CARGO_PKG_VERSION"));
}

/// The beginning of every object that is made of a series: SOP Common, Patient, Study and Equipment.
pub(super) fn begun(written: &WrittenObject, source: &LoadedSeries, context: &WriteContext<'_>) -> Dataset {
    let mut dataset = Dataset::new();
    sop_common(&mut dataset, &written.sop_class_uid, &written.sop_instance_uid, &context.time);
    patient_and_study(&mut dataset, source, source_header(source, context).as_ref());
    equipment(&mut dataset);
    dataset
}

/// SOP Common module (C.12.1) with the time of writing, and the content's date and time.
pub(super) fn sop_common(to: &mut Dataset, sop_class_uid: &str, sop_instance_uid: &str, at: &Zoned) {
    to.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "");
    // "ISO_IR 192" holds a space, which `text` gives to no other code string.
    to.put(tags::SPECIFIC_CHARACTER_SET, VR::CS, PrimitiveValue::from("ISO_IR 192"));
    to.uid(tags::SOP_CLASS_UID, sop_class_uid).uid(tags::SOP_INSTANCE_UID, sop_instance_uid);
    to.text(tags::INSTANCE_CREATION_DATE, VR::DA, &dicom_date(at));
    to.text(tags::INSTANCE_CREATION_TIME, VR::TM, &dicom_time(at));
    to.text(tags::CONTENT_DATE, VR::DA, &dicom_date(at));
    to.text(tags::CONTENT_TIME, VR::TM, &dicom_time(at));
}

/// SOP class and instance of slice `k`, with the class of its modality where the source says none.
pub(super) fn reference_of(source: &LoadedSeries, k: usize) -> Option<(&str, &str)> {
    let instance = source.instance(k)?;
    Some((sop_class_of(instance, &source.series.modality), &instance.sop_instance_uid))
}

fn sop_class_of<'a>(instance: &'a Instance, modality: &str) -> &'a str {
    match (instance.sop_class_uid.as_str(), modality) {
        ("", "CT") => uids::CT_IMAGE_STORAGE,
        ("", "MR") => uids::MR_IMAGE_STORAGE,
        ("", "PT") => uids::POSITRON_EMISSION_TOMOGRAPHY_IMAGE_STORAGE,
        ("", "CR") => uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE,
        ("", "DX") => uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
        ("", _) => uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
        (own, _) => own,
    }
}

/// Every instance of the source once, in slice order.
pub(super) fn references(source: &LoadedSeries) -> Vec<Dataset> {
    let mut seen = std::collections::HashSet::new();
    (0..source.slices.len())
        .filter_map(|k| reference_of(source, k))
        .filter(|(_, instance)| seen.insert(*instance))
        .map(|(class, instance)| reference_item(class, instance))
        .collect()
}

/// Refuses a source that other objects could not refer to.
pub(super) fn require_identifiers(source: &LoadedSeries) -> Result<(), WriteError> {
    let checks = [("Study Instance UID", &source.study.uid), ("Series Instance UID", &source.series.uid)];
    for (name, value) in checks {
        if !uid::is_valid(value) {
            return Err(WriteError::Identifier(name));
        }
    }
    let missing =
        (0..source.slices.len()).any(|k| !source.instance(k).is_some_and(|i| uid::is_valid(&i.sop_instance_uid)));
    if source.slices.is_empty() || missing { Err(WriteError::Identifier("SOP Instance UID")) } else { Ok(()) }
}

/// The grid of masks that are to be written: that of the source, with every label described and something marked.
pub(super) fn grid_for_masks<'a>(
    source: &'a LoadedSeries,
    masks: &Segmentation,
) -> Result<&'a VolumeGeometry, WriteError> {
    let geometry = source.geometry().ok_or(WriteError::NoVolume)?;
    if !geometry.same_grid(masks.labelmap.geometry()) || source.slices.len() != geometry.dims()[2] {
        return Err(WriteError::GridMismatch);
    }
    require_identifiers(source)?;
    let counts = masks.labelmap.histogram();
    if let Some(label) = (1..=u8::MAX).find(|&l| counts[usize::from(l)] > 0 && masks.segment(l).is_none()) {
        return Err(WriteError::UndescribedLabel(label));
    }
    if counts[1..].iter().all(|&n| n == 0) {
        return Err(WriteError::NothingMarked);
    }
    Ok(geometry)
}

/// A shown name ("Doe, Jane") as DICOM writes it ("Doe^Jane"); other shapes stay as they are.
fn person_name(shown: &str) -> String {
    match shown.split_once(", ") {
        Some((family, given)) if !shown.contains('^') => format!("{family}^{}", given.replace(' ', "^")),
        _ => shown.to_owned(),
    }
}

/// The date if it is one, else nothing.
fn date(text: &str) -> &str {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) { text } else { "" }
}

/// The time if it is one (HHMMSS.FFFFFF, shorter forms too), else nothing.
fn time(text: &str) -> &str {
    let ok = text.len() >= 2 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && fitted(VR::TM, text) == text;
    if ok { text } else { "" }
}

/// `YYYYMMDD`.
pub(super) fn dicom_date(at: &Zoned) -> String {
    at.strftime("%Y%m%d").to_string()
}

/// `HHMMSS`.
pub(super) fn dicom_time(at: &Zoned) -> String {
    at.strftime("%H%M%S").to_string()
}
