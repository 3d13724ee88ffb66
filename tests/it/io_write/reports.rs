//! Structured reports: written, read back by us, and looked at item by item.

use super::sources::{Folder, ct, masks, oblique_geometry};
use crate::common::assert_peers_agree;
use dicom_dictionary_std::tags;
use dicom_object::{InMemDicomObject, open_file};
use fovea::codes;
use fovea::findings::{
    Certainty, Diameter, Evidence, Finding, FindingId, FindingKind, FindingState, ModelProvenance, Provenance,
    Quantity, SegmentMeasures,
};
use fovea::geometry::{BoxLps, DVec2, DVec3};
use fovea::io::write::{WriteContext, write_segmentation_dicom, write_structured_report};
use fovea::loaded::{ImageData, LoadedSeries, SliceSource};
use fovea::report::{
    Author, Field, Part, Report, ReportStatus, Section, SectionKind, Sentence, SentenceId, SentenceKind, SentenceMark,
    Signature,
};
use fovea::study::{Instance, Series};
use std::path::Path;
use std::sync::Arc;

fn model() -> Provenance {
    Provenance::Model(ModelProvenance {
        name: "ct-rules".into(),
        version: "1".into(),
        weights_sha256: String::new(),
        settings: "threshold=-500".into(),
        rules: true,
    })
}

fn measures() -> SegmentMeasures {
    let axis = |length_mm| Some(Diameter { length_mm, ends_lps: [DVec3::ZERO, DVec3::X * length_mm], slice: 1 });
    SegmentMeasures {
        voxels: 6,
        volume_mm3: 9.45,
        mean: Some(-123.456_789_012_345),
        sd: Some(1.0 / 3.0),
        min: Some(-200.0),
        max: Some(10.0),
        unit: "HU".into(),
        long_axis: axis(14.141_592_653_589_793),
        short_axis: axis(9.5),
        center_lps: DVec3::new(1.0, 2.0, 3.0),
        box_lps: BoxLps { min: DVec3::ZERO, max: DVec3::ONE },
        largest_slice: 1,
        touches_border: false,
    }
}

fn finding(id: &str, label: &str, evidence: Vec<Evidence>) -> Finding {
    Finding {
        id: FindingId(id.into()),
        kind: FindingKind::Lesion,
        label: label.into(),
        code: Some(codes::LESION),
        site: "right lung".into(),
        site_code: Some(codes::LUNG),
        laterality: Some(codes::RIGHT),
        certainty: Certainty::Uncertain,
        state: FindingState::Proposed,
        reviewer: String::new(),
        evidence,
        measures: None,
        score: Some(0.5),
        provenance: model(),
        tracking_uid: fovea::io::uid::fresh(),
    }
}

fn findings() -> Vec<Finding> {
    let bounds = BoxLps { min: DVec3::new(-1.0, -2.0, -3.0), max: DVec3::new(4.0, 5.0, 6.0) };
    let mut masked = finding("f1", "Läsion 1", vec![Evidence::Segment(5), Evidence::KeyImage(1)]);
    masked.measures = Some(measures());
    let mut rejected = finding("f4", "Rejected", vec![Evidence::Segment(9)]);
    rejected.state = FindingState::Rejected;
    let mut person = finding("f5", "", vec![]);
    person.provenance = Provenance::Person("Müller^Jane".into());
    person.tracking_uid = String::new();
    person.code = None;
    vec![
        masked,
        finding("f2", "Boxed", vec![Evidence::Box(bounds)]),
        finding("f3", "Pointed", vec![Evidence::Point(DVec3::new(1.5, 2.5, 3.5))]),
        rejected,
        person,
    ]
}

fn report() -> Report {
    let sentence = |id, text: &str, author, evidence: &[&str], mark| Sentence {
        id: SentenceId(id),
        parts: vec![Part::Text(text.into())],
        kind: SentenceKind::Finding,
        evidence: evidence.iter().map(|e| FindingId((*e).into())).collect(),
        author,
        mark,
    };
    let machine = || Author::Machine("templates 1".into());
    let mut measured = sentence(1, "Lesion of ", machine(), &["f1"], SentenceMark::None);
    measured.parts.push(Part::Field(Field {
        finding: FindingId("f1".into()),
        quantity: Quantity::LongAxis,
        measured: "14 mm".into(),
        typed: Some("15 mm".into()),
    }));
    let findings = vec![
        measured,
        sentence(
            2,
            "Ümläut \\ back\nsecond line – 肺.",
            Author::Person("Müller^Jane".into()),
            &["f2", "f3"],
            SentenceMark::None,
        ),
        sentence(3, "A rejected thing.", machine(), &["f4"], SentenceMark::Rejected),
    ];
    let section = |kind, sentences| Section { kind, sentences };
    let free = |id, text: &str| sentence(id, text, machine(), &[], SentenceMark::None);
    Report {
        status: ReportStatus::Draft,
        sections: vec![
            section(SectionKind::Technique, vec![free(4, "CT, 4 slices.")]),
            section(SectionKind::Findings, findings),
            section(SectionKind::Impression, vec![]),
            section(SectionKind::Limitations, vec![free(5, "Bones were not searched."), free(6, "  ")]),
        ],
    }
}

fn child<'a>(item: &'a InMemDicomObject, code: &str) -> Vec<&'a InMemDicomObject> {
    let items = item.get(tags::CONTENT_SEQUENCE).and_then(|e| e.items()).unwrap_or_default();
    items.iter().filter(|i| concept(i) == code).collect()
}

fn concept(item: &InMemDicomObject) -> String {
    let code = item.get(tags::CONCEPT_NAME_CODE_SEQUENCE).and_then(|e| e.items()).and_then(|i| i.first());
    code.map(|c| text(c, tags::CODE_VALUE)).unwrap_or_default()
}

fn text(item: &InMemDicomObject, tag: dicom_core::Tag) -> String {
    item.element(tag).map(|e| e.to_str().unwrap().trim().to_owned()).unwrap_or_default()
}

fn write(folder: &Path, report: &Report) -> InMemDicomObject {
    let (source, masks) = (ct(oblique_geometry()), masks(oblique_geometry()));
    let context = WriteContext::default();
    let written = write_segmentation_dicom(&folder.join("segmentation.dcm"), &source, &masks, &context).unwrap();
    let path = folder.join("report.sr.dcm");
    write_structured_report(&path, &source, report, &findings(), Some(&written), &context).unwrap();
    open_file(path).unwrap().into_inner()
}

#[test]
fn a_draft_is_partial_and_keeps_sentences_numbers_and_evidence() {
    let folder = Folder::new("report-draft");
    let root = write(folder.path(), &report());
    assert_eq!(text(&root, tags::COMPLETION_FLAG), "PARTIAL");
    assert_eq!(text(&root, tags::VERIFICATION_FLAG), "UNVERIFIED");
    let measurements = child(&root, "126010");
    let groups = child(measurements[0], "125007");
    assert_eq!(groups.len(), 4, "the rejected finding is left out");
    assert_eq!(child(groups[0], "121191").len(), 1, "the mask is referred to");
    let long = child(groups[0], "103339001")[0];
    let value = long.element(tags::MEASURED_VALUE_SEQUENCE).unwrap().items().unwrap()[0].clone();
    assert_eq!(value.element(tags::FLOATING_POINT_VALUE).unwrap().to_float64().unwrap(), 14.141_592_653_589_793);
    assert!(text(&value, tags::NUMERIC_VALUE).len() <= 16);
    assert_eq!(child(groups[1], "111030").len(), 2, "a box is two faces");
    let sections = child(&root, "59776-5");
    let sentences = child(sections[0], "121071");
    assert_eq!(text(sentences[0], tags::TEXT_VALUE), "Lesion of 15 mm (measured 14 mm)");
    assert_eq!(text(sentences[1], tags::TEXT_VALUE), "Ümläut \\ back\nsecond line – 肺.");
    assert_eq!(child(sentences[1], "112040").len(), 2, "evidence of the sentence");
    assert_eq!(text(child(sentences[0], "121013")[0], tags::TEXT_VALUE), "AI draft: templates 1");
    assert_eq!(child(sentences[2], "121106").len(), 1, "says that its finding was rejected");
    assert_eq!(child(child(&root, "LIMITATIONS")[0], "121106").len(), 1, "an empty sentence is no item");
    assert_peers_agree(folder.path());
}

#[test]
fn a_signed_report_is_complete_and_verified() {
    let folder = Folder::new("report-signed");
    let mut report = report();
    report.status = ReportStatus::Signed(Signature {
        name: "Müller^Jane".into(),
        time: "2026-01-02T03:04:05Z".into(),
        identity: Default::default(),
    });
    let root = write(folder.path(), &report);
    assert_eq!(text(&root, tags::COMPLETION_FLAG), "COMPLETE");
    assert_eq!(text(&root, tags::VERIFICATION_FLAG), "VERIFIED");
    let verifying = root.element(tags::VERIFYING_OBSERVER_SEQUENCE).unwrap().items().unwrap();
    assert_eq!(text(&verifying[0], tags::VERIFYING_OBSERVER_NAME), "Müller^Jane");
    assert_eq!(text(&verifying[0], tags::VERIFICATION_DATE_TIME).len(), 14);
    assert_peers_agree(folder.path());
}

#[test]
fn a_radiograph_without_masks_still_gets_its_report() {
    let folder = Folder::new("report-radiograph");
    let mut source: LoadedSeries = ct(oblique_geometry());
    let instance = Instance {
        sop_instance_uid: "1.2.3.4".into(),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.1.1".into(),
        ..Instance::default()
    };
    source.series =
        Arc::new(Series { uid: "1.2.3".into(), modality: "DX".into(), instances: vec![instance], ..Series::default() });
    source.image = ImageData::Pictures(vec![]);
    source.slices = Arc::new([SliceSource { instance: 0, frame: 0 }]);
    let evidence = Evidence::PictureBox {
        sop_instance_uid: "1.2.3.4".into(),
        min_px: DVec2::new(1.0, 2.0),
        max_px: DVec2::new(30.0, 40.0),
    };
    let boxed = [finding("f1", "Opacity", vec![evidence])];
    let path = folder.path().join("report.sr.dcm");
    write_structured_report(&path, &source, &report(), &boxed, None, &WriteContext::default()).unwrap();
    let root = open_file(path).unwrap().into_inner();
    let groups = child(child(&root, "126010")[0], "125007");
    let region = child(groups[0], "111030")[0];
    let points = region.element(tags::GRAPHIC_DATA).unwrap().to_multi_float32().unwrap();
    assert_eq!(points, [1.5, 2.5, 30.5, 2.5, 30.5, 40.5, 1.5, 40.5, 1.5, 2.5]);
    assert_peers_agree(folder.path());
}

#[test]
fn an_organ_keeps_its_side_and_an_empty_list_says_what_it_is() {
    let folder = Folder::new("report-organ");
    let source = ct(oblique_geometry());
    let path = folder.path().join("organ.sr.dcm");
    let mut lung = finding("f1", "Right lung", vec![]);
    lung.kind = FindingKind::Organ;
    lung.code = Some(codes::LUNG);
    lung.site_code = None;
    write_structured_report(&path, &source, &report(), &[lung], None, &WriteContext::default()).unwrap();
    let root = open_file(&path).unwrap().into_inner();
    let group = child(child(&root, "126010")[0], "125007")[0];
    let site = child(group, "363698007")[0];
    assert_eq!(child(site, "272741003").len(), 1, "the side is coded");

    let path = folder.path().join("none.sr.dcm");
    write_structured_report(&path, &source, &report(), &[], None, &WriteContext::default()).unwrap();
    let root = open_file(&path).unwrap().into_inner();
    assert!(child(&root, "126010").is_empty());
    assert_eq!(child(child(&root, "C0034375")[0], "121106").len(), 1);
    assert_peers_agree(folder.path());
}
