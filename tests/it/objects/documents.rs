//! Structured reports, key objects, encapsulated documents, and the names of objects.

use super::made::Object;
use crate::common::shared;
use crate::io_read::only_series;
use crate::io_write::sources::{ct, oblique_geometry};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use fovea::findings::{Evidence, FindingState};
use fovea::geometry::DVec3;
use fovea::io::content_tree::{self, ContentItem, ContentValue, Document};
use fovea::io::dicom::DicomFile;
use fovea::io::document::{self, DocumentError, DocumentKind, EncapsulatedDocument};
use fovea::io::measurement_groups::{self, ReportedRegion};
use fovea::io::objects;
use fovea::study::Warnings;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn made(name: &str) -> Option<PathBuf> {
    Some(shared()?.join("data/objects").join(name))
}

fn document_of(path: &Path) -> Document {
    let file = DicomFile::header(path).expect("it is DICOM");
    content_tree::read(&file.data, &mut Warnings::default()).expect("a document")
}

#[test]
fn every_real_report_becomes_a_tree() {
    for (name, least) in [
        ("pydicom/test-SR.dcm", 29),
        ("pydicom/reportsi.dcm", 5),
        ("dcmqi/sr-example/sr.dcm", 50),
        ("highdicom/sr_document.dcm", 10),
        ("lung_dx_a0001/sr_tid1500.dcm", 30),
    ] {
        let Some(path) = made(name) else { return };
        let document = document_of(&path);
        let lines = document.root.lines();
        assert!(lines.len() >= least, "{name}: {} lines", lines.len());
        let unknown = lines.iter().filter(|(_, line)| line.contains("is not known")).count();
        assert_eq!(unknown, 0, "{name}");
        assert!(lines.iter().skip(1).all(|(depth, line)| *depth > 0 && !line.is_empty()), "{name}");
    }
}

#[test]
fn measurement_groups_become_findings_where_they_were_drawn() {
    let (Some(path), Some(shared)) = (made("lung_dx_a0001/sr_tid1500.dcm"), shared()) else { return };
    let truth: Value =
        serde_json::from_str(&std::fs::read_to_string(shared.join("data/ground_truth.json")).unwrap()).unwrap();
    let series = only_series(&shared.join("data/ct/lung_dx_a0001"));
    let mut warnings = Warnings::default();
    let found = measurement_groups::findings_on(&document_of(&path), &series, &mut warnings);
    assert!(warnings.is_empty(), "{warnings:?}");
    let expected = truth["objects"]["lung_dx_a0001"]["sr_measurements"].as_array().unwrap();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.group.tracking_id, expected["name"].as_str().unwrap());
        let length = expected["diameter_mm"].as_f64().unwrap();
        let measured =
            found.group.measurements.iter().find(|m| m.quantity.value == Some(length)).expect("the diameter");
        assert_eq!(measured.quantity.unit.as_ref().unwrap().value, "mm");
        let [Evidence::Box(place)] = found.finding.evidence.as_slice() else { panic!("{:?}", found.finding.evidence) };
        // The file's coordinates begin at the outer corner of the first pixel.
        let corner = |n: usize| expected["box_px"][n].as_array().unwrap().iter().map(|v| v.as_f64().unwrap() - 0.5);
        let (low, high): (Vec<f64>, Vec<f64>) = (corner(0).collect(), corner(2).collect());
        let file = expected["image"].as_str().unwrap();
        let k = (0..series.slices.len()).find(|&k| series.instance(k).unwrap().file.ends_with(file)).unwrap() as f64;
        let geometry = series.geometry().unwrap();
        let first = geometry.point_lps(DVec3::new(low[0], low[1], k - 0.5));
        let last = geometry.point_lps(DVec3::new(high[0], high[1], k + 0.5));
        assert!(place.min.distance(first.min(last)) < 1e-6 && place.max.distance(first.max(last)) < 1e-6);
        assert_eq!(found.finding.state, FindingState::Proposed, "nobody verified the document");
    }
}

#[test]
fn findings_without_a_known_place_say_so() {
    let Some(path) = made("lung_dx_a0001/sr_tid1500.dcm") else { return };
    let mut warnings = Warnings::default();
    let found = measurement_groups::findings_on(&document_of(&path), &ct(oblique_geometry()), &mut warnings);
    assert!(found.iter().all(|f| f.finding.evidence.is_empty()));
    assert!(warnings.iter().any(|w| w.contains("its image is not in this series")), "{warnings:?}");
}

#[test]
fn masks_and_numbers_of_a_volumetric_group_are_kept() {
    let Some(path) = made("dcmqi/sr-example/sr.dcm") else { return };
    let groups = measurement_groups::groups(&document_of(&path));
    assert_eq!(groups.len(), 1, "{groups:?}");
    let group = &groups[0];
    assert!(group.regions.iter().any(|r| matches!(r, ReportedRegion::Segment(mask) if mask.segments == [1])));
    assert!(group.measurements.len() > 3 && group.measurements.iter().all(|m| m.quantity.unit.is_some()));
    assert!(group.site.is_some(), "older identifiers of Finding Site are understood");
}

fn item(kind: &str, relationship: &str) -> Object {
    Object::new().text(tags::VALUE_TYPE, VR::CS, kind).text(tags::RELATIONSHIP_TYPE, VR::CS, relationship)
}

#[test]
fn odd_items_stay_visible() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sr.dcm");
    let by_reference = Object::new().text(tags::RELATIONSHIP_TYPE, VR::CS, "INFERRED FROM").put(
        tags::REFERENCED_CONTENT_ITEM_IDENTIFIER,
        VR::UL,
        PrimitiveValue::U32([1, 2].into_iter().collect()),
    );
    let children = vec![
        item("NUM", "CONTAINS"),
        item("HOLOGRAM", "CONTAINS"),
        by_reference,
        item("PNAME", "HAS OBS CONTEXT").text(tags::PERSON_NAME, VR::PN, "Doe^Jane"),
        item("CODE", "CONTAINS"),
        item("SCOORD", "CONTAINS").text(tags::GRAPHIC_TYPE, VR::CS, "POLYLINE").put(
            tags::GRAPHIC_DATA,
            VR::FL,
            PrimitiveValue::F32([1.0, 2.0, 3.0].into_iter().collect()),
        ),
    ];
    Object::of_class(uids::ENHANCED_SR_STORAGE, "SR")
        .text(tags::VALUE_TYPE, VR::CS, "CONTAINER")
        .items(tags::CONTENT_SEQUENCE, children)
        .write(&path);
    let file = DicomFile::header(&path).unwrap();
    let mut warnings = Warnings::default();
    let document = content_tree::read(&file.data, &mut warnings).unwrap();
    let said: Vec<String> = document.root.children.iter().map(ContentItem::said).collect();
    assert_eq!(document.root.lines()[0], (0, "(untitled)".into()));
    assert_eq!(said[..4], ["no value", "(value type \"HOLOGRAM\" is not known)", "see item 1.2", "Doe, Jane"]);
    assert_eq!(document.root.children[4].value, ContentValue::Code(None));
    assert!(warnings.iter().any(|w| w.contains("make no points")), "{warnings:?}");
}

#[test]
fn key_images_are_those_of_the_truth() {
    let (Some(path), Some(shared)) = (made("lung_dx_a0001/key_objects.dcm"), shared()) else { return };
    let objects::Object::KeyObjects(keys) = objects::read(&path, &mut Warnings::default()) else { panic!() };
    assert_eq!(keys.title.as_ref().unwrap().meaning, "Of Interest");
    assert!(!keys.description.is_empty());
    let series = only_series(&shared.join("data/ct/lung_dx_a0001"));
    let files: Vec<String> = keys
        .references
        .iter()
        .map(|key| {
            assert_eq!(key.series_uid, series.series.uid);
            let uid = &key.object.sop_instance_uid;
            let instance = series.series.instances.iter().find(|i| i.sop_instance_uid == *uid).unwrap();
            instance.file.to_string_lossy().into_owned()
        })
        .collect();
    let truth: Value =
        serde_json::from_str(&std::fs::read_to_string(shared.join("data/ground_truth.json")).unwrap()).unwrap();
    let mut expected: Vec<&str> = truth["objects"]["lung_dx_a0001"]["key_images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap())
        .collect();
    let mut files: Vec<&str> = files.iter().map(String::as_str).collect();
    expected.sort_unstable();
    files.sort_unstable();
    assert_eq!(files, expected);
}

#[test]
fn pages_of_a_pdf_become_pictures() {
    let Some(path) = made("lung_dx_a0001/report_pdf.dcm") else { return };
    let file = DicomFile::header(&path).unwrap();
    let pdf = document::read(&file.data).expect("a document");
    assert_eq!((pdf.kind, pdf.bytes.len()), (DocumentKind::Pdf, 1878));
    assert_eq!(pdf.page_count(), Ok(2));
    for page in 0..2 {
        let picture = pdf.page(page, Some([400, 400])).unwrap();
        assert_eq!(picture.width.max(picture.height), 400);
        assert_eq!(picture.rgba.len() as u32, picture.width * picture.height * 4);
        let dark = picture.rgba.chunks_exact(4).filter(|p| p[0] < 128).count();
        assert!(dark > 20, "page {page} is blank");
    }
    assert_eq!(pdf.page(2, None), Err(DocumentError::Page { asked: 3, pages: 2 }));
}

#[test]
fn damaged_pdfs_end_with_a_sentence() {
    let Some(path) = made("lung_dx_a0001/report_pdf.dcm") else { return };
    let good = document::read(&DicomFile::header(&path).unwrap().data).unwrap();
    let with = |bytes: Vec<u8>| EncapsulatedDocument { bytes: bytes.into(), ..good.clone() };
    assert!(with(b"%PDF-1.4 nothing more".to_vec()).page_count().is_err());
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    for round in 0..60 {
        let mut bytes = good.bytes.to_vec();
        for _ in 0..=round % 8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (state >> 33) as usize % bytes.len();
            bytes[at] = (state >> 17) as u8;
        }
        let _ = with(bytes).page(0, Some([64, 64]));
    }
    let surface = EncapsulatedDocument { kind: DocumentKind::Stl, ..good };
    assert!(surface.page(0, None).unwrap_err().to_string().contains("surface (STL)"));
}

#[test]
fn every_object_has_a_name_and_a_line() {
    let Some(folder) = made("pydicom") else { return };
    for (file, name, words) in [
        ("waveform_ecg.dcm", "12-lead ECG Waveform", "12 channels of 10000 samples"),
        ("rtplan.dcm", "RT Plan", "plan Plan1, 1 beams, 1 fraction groups"),
        ("rtstruct.dcm", "RT Structure Set", "3 regions, 5 contours"),
        ("rtdose.dcm", "RT Dose", "dose PHYSICAL, sum of BEAM, in RELATIVE"),
        ("test-SR.dcm", "Comprehensive SR", ""),
    ] {
        let file = DicomFile::header(&folder.join(file)).unwrap();
        assert_eq!(objects::class_name(&file.data.text(tags::SOP_CLASS_UID)), name);
        let summary = objects::of(&file.data, &mut Warnings::default()).summary();
        assert!(summary.contains(words), "{name}: {summary}");
    }
    assert_eq!(objects::class_name("1.2.3"), "unknown object (1.2.3)");
}
