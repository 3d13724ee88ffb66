//! The report room: what drafts say and never say, how they follow the case, and that all layouts tell the same.

mod compose;
mod edit;
mod layouts;

use fovea::codes::{LEFT, LESION, LUNG, RIGHT};
use fovea::findings::*;
use fovea::geometry::{BoxLps, DMat3, DVec3, VolumeGeometry};
use fovea::report::*;
use fovea::study::{Instance, Patient, Series, SeriesGeometry, Study};

pub fn rules() -> ModelProvenance {
    ModelProvenance {
        name: "ct-rules".into(),
        version: "0.1.0".into(),
        weights_sha256: String::new(),
        settings: "air below −400 HU".into(),
        rules: true,
    }
}

pub fn measures(long_mm: f64, short_mm: f64, volume_ml: f64, mean: f64) -> SegmentMeasures {
    let ends_lps = [DVec3::ZERO, DVec3::new(long_mm, 0.0, 0.0)];
    SegmentMeasures {
        voxels: 120,
        volume_mm3: volume_ml * 1000.0,
        mean: Some(mean),
        sd: Some(41.6),
        min: Some(-300.0),
        max: Some(90.0),
        unit: "HU".into(),
        long_axis: Some(Diameter { length_mm: long_mm, ends_lps, slice: 23 }),
        short_axis: Some(Diameter { length_mm: short_mm, ends_lps, slice: 23 }),
        center_lps: DVec3::new(-60.0, -20.0, -233.5),
        box_lps: BoxLps { min: DVec3::new(-70.0, -30.0, -240.0), max: DVec3::new(-50.0, -10.0, -227.0) },
        largest_slice: 23,
        touches_border: false,
    }
}

pub fn finding(id: &str, kind: FindingKind, label: &str, segment: u8) -> Finding {
    Finding {
        id: FindingId(id.into()),
        kind,
        label: label.into(),
        code: None,
        site: String::new(),
        site_code: None,
        laterality: None,
        certainty: Certainty::Present,
        state: FindingState::Proposed,
        reviewer: String::new(),
        evidence: vec![Evidence::Segment(segment)],
        measures: None,
        score: None,
        provenance: Provenance::Model(rules()),
        tracking_uid: format!("2.25.{segment}"),
    }
}

/// Both lungs, one lesion of 14 × 11 mm on the right, one of 8 × 6 mm on the left.
pub fn findings() -> Vec<Finding> {
    let mut right = finding("f1", FindingKind::Organ, "Right lung", 1);
    right.measures = Some(SegmentMeasures { touches_border: true, ..measures(200.0, 120.0, 2310.4, -812.5) });
    right.code = Some(LUNG);
    right.laterality = Some(RIGHT);
    let mut left = finding("f2", FindingKind::Organ, "Left lung", 2);
    left.measures = Some(measures(190.0, 110.0, 1980.5, -820.0));
    left.code = Some(LUNG);
    left.laterality = Some(LEFT);
    let mut large = finding("f3", FindingKind::Lesion, "Lung lesion candidate", 3);
    large.measures = Some(measures(14.4, 10.5, 1.25, -35.5));
    large.site = "right lung".into();
    large.site_code = Some(LUNG);
    large.laterality = Some(RIGHT);
    large.code = Some(LESION);
    large.score = Some(0.82);
    large.certainty = Certainty::Uncertain;
    let mut small = finding("f4", FindingKind::Lesion, "Lung lesion candidate", 4);
    small.measures = Some(measures(8.4, 6.4, 0.205, 12.0));
    small.site = "left lung".into();
    small.site_code = Some(LUNG);
    small.laterality = Some(LEFT);
    small.code = Some(LESION);
    vec![right, left, large, small]
}

pub fn study() -> Study {
    Study {
        uid: "1.2.3.4".into(),
        patient: Patient {
            name: "Test, Thea".into(),
            id: "A0001".into(),
            birth_date: "19700230".into(),
            sex: "F".into(),
            ..Patient::default()
        },
        date: "20260301".into(),
        accession: "ACC-7".into(),
        ..Study::default()
    }
}

pub fn series() -> Series {
    let grid = VolumeGeometry::new([512, 512, 64], DVec3::ZERO, DVec3::new(0.703_125, 0.703_125, 5.0), DMat3::IDENTITY);
    Series {
        uid: "1.2.3.4.5".into(),
        modality: "CT".into(),
        number: Some(4),
        body_part: "CHEST".into(),
        kernel: "B30f".into(),
        slice_thickness_mm: Some(5.0),
        geometry: SeriesGeometry::Volume(grid.expect("a grid")),
        instances: (0..64).map(|n| Instance { number: Some(n + 1), frames: 1, ..Instance::default() }).collect(),
        ..Series::default()
    }
}

pub fn cite(k: usize) -> String {
    format!("series 4, image {}", k + 1)
}

pub fn searches() -> Vec<SearchRecord> {
    let search = |looked_for: &str, proposed| SearchRecord {
        model: rules(),
        looked_for: looked_for.into(),
        proposed,
        unproven: false,
    };
    vec![search("organ outline", 2), search("lung lesion candidate", 2)]
}

pub fn not_searched() -> Vec<String> {
    vec!["Mediastinum, bones and upper abdomen were not searched: no model for them is installed.".into()]
}

pub fn draft(findings: &[Finding], searches: &[SearchRecord]) -> Report {
    compose(&DraftInput {
        study: &study(),
        series: &series(),
        findings,
        searches,
        not_searched: &not_searched(),
        cite: &cite,
        warnings: &["Slices 12 and 13 are missing.".to_owned()],
    })
}

pub fn texts(report: &Report, kind: SectionKind) -> Vec<String> {
    report.section(kind).into_iter().flat_map(|s| s.sentences.iter()).map(Sentence::text).collect()
}

pub fn resting_on<'a>(report: &'a Report, id: &str) -> &'a Sentence {
    report
        .section(SectionKind::Findings)
        .into_iter()
        .flat_map(|s| s.sentences.iter())
        .find(|s| s.evidence == [FindingId(id.into())])
        .expect("a sentence on the finding")
}

pub fn accept(findings: &mut [Finding], n: usize) {
    findings[n].state = FindingState::Accepted;
    findings[n].reviewer = "Dr. Reader".into();
}
