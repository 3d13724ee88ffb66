//! A small chest of nobody, asymmetric on purpose, and what a model might propose in it.

use fovea::case::Proposal;
use fovea::codes;
use fovea::findings::{
    Certainty, Evidence, Finding, FindingId, FindingKind, FindingState, ModelProvenance, Provenance, measure_segment,
};
use fovea::geometry::{DMat3, DVec3, VolumeGeometry};
use fovea::loaded::{ImageData, LoadedSeries, SliceSource};
use fovea::report::SearchRecord;
use fovea::study::{Instance, Patient, Series, SeriesGeometry, Study};
use fovea::volume::{AlgorithmKind, Labelmap, Rescale, Segment, Segmentation, ValueUnit, Volume, Voxels};
use std::sync::Arc;

const DIMS: [usize; 3] = [96, 80, 40];

fn geometry() -> VolumeGeometry {
    let spacing = DVec3::new(3.6, 3.6, 6.0);
    let origin = DVec3::new(-171.0, -142.0, -240.0);
    VolumeGeometry::new(DIMS, origin, spacing, DMat3::IDENTITY).expect("a grid")
}

/// Where the lesion lies: right lung.
pub const LESION: DVec3 = DVec3::new(-80.0, 20.0, -110.0);

fn hu(p: DVec3) -> i16 {
    let inside =
        |center: [f64; 3], radii: [f64; 3]| ((p - DVec3::from_array(center)) / DVec3::from_array(radii)).length() < 1.0;
    let wide = |x: f64, y: f64| (p.x / x).powi(2) + (p.y / y).powi(2) < 1.0;
    let parts: [(bool, i16); 8] = [
        ((p - LESION).length() < 12.0, 35),
        (inside([0.0, 70.0, -120.0], [18.0, 18.0, 400.0]), 350),
        (inside([30.0, -25.0, -150.0], [45.0, 40.0, 50.0]), 60),
        (inside([-60.0, -10.0, -235.0], [90.0, 70.0, 55.0]), 70),
        (inside([-72.0, 0.0, -110.0], [58.0, 82.0, 110.0]), -860),
        (inside([72.0, 0.0, -110.0], [52.0, 78.0, 105.0]), -860),
        (wide(148.0, 103.0), 45),
        (wide(160.0, 115.0), -90),
    ];
    parts.iter().find(|(hit, _)| *hit).map_or(-1000, |(_, hu)| *hu)
}

/// The series, loaded.
pub fn series() -> LoadedSeries {
    let geometry = geometry();
    let point = |n: usize| geometry.point_lps(DVec3::from_array(geometry.ijk(n).map(|x| x as f64)));
    let voxels = Voxels::I16((0..geometry.len()).map(|n| hu(point(n))).collect());
    let volume = Volume::new(geometry.clone(), voxels, Rescale::IDENTITY, ValueUnit::Hu).expect("a volume");
    let instance = |k: usize| Instance {
        number: Some(DIMS[2] as i64 - k as i64),
        sop_instance_uid: format!("1.2.3.{k}"),
        rows: DIMS[1] as u32,
        columns: DIMS[0] as u32,
        frames: 1,
        ..Default::default()
    };
    let series = Series {
        uid: "1.2.3".into(),
        modality: "CT".into(),
        description: "Thorax 6.0 soft, with a description that is longer than its row".into(),
        number: Some(4),
        slice_thickness_mm: Some(6.0),
        geometry: SeriesGeometry::Volume(geometry),
        instances: (0..DIMS[2]).map(instance).collect(),
        ..Default::default()
    };
    let patient = Patient {
        name: "Phantom, Thorax".into(),
        id: "PH-0001".into(),
        birth_date: "19600102".into(),
        sex: "O".into(),
        ..Default::default()
    };
    let study = Study {
        uid: "1.2".into(),
        patient,
        date: "20260102".into(),
        description: "CT thorax".into(),
        accession: "A0001".into(),
        series: vec![series.clone()],
        ..Default::default()
    };
    LoadedSeries {
        study: Arc::new(study),
        series: Arc::new(series),
        image: ImageData::Volume(Arc::new(volume)),
        slices: (0..DIMS[2]).map(|instance| SliceSource { instance, frame: 0 }).collect(),
        header_voi: None,
        voi_choices: Vec::new(),
    }
}

/// A lesion with its mask.
pub fn proposal(series: &LoadedSeries) -> Proposal {
    let geometry = geometry();
    let inside = |n: usize| {
        let at = geometry.point_lps(DVec3::from_array(geometry.ijk(n).map(|x| x as f64)));
        u8::from((at - LESION).length() < 12.0)
    };
    let labels: Vec<u8> = (0..geometry.len()).map(inside).collect();
    let labelmap = Labelmap::from_labels(geometry, &labels).expect("labels");
    let model = ModelProvenance {
        name: "test-rules".into(),
        version: "1".into(),
        weights_sha256: String::new(),
        settings: String::new(),
        rules: true,
    };
    let segment = Segment {
        number: 1,
        label: "Lesion 1".into(),
        category: codes::MORPHOLOGICALLY_ABNORMAL,
        property: Some(codes::LESION),
        laterality: None,
        color_rgb: [240, 80, 120],
        algorithm: AlgorithmKind::Automatic,
        algorithm_name: "test-rules 1 (rules, no network)".into(),
        tracking_uid: "2.25.1".into(),
    };
    let finding = Finding {
        id: FindingId(String::new()),
        kind: FindingKind::Lesion,
        label: "Lung lesion candidate".into(),
        code: Some(codes::LESION),
        site: "right lung".into(),
        site_code: Some(codes::LUNG),
        laterality: Some(codes::RIGHT),
        certainty: Certainty::Uncertain,
        state: FindingState::Proposed,
        reviewer: String::new(),
        evidence: vec![Evidence::Segment(1)],
        measures: measure_segment(&labelmap, 1, series.volume().map(|v| &**v)),
        score: Some(0.82),
        provenance: Provenance::Model(model.clone()),
        tracking_uid: "2.25.1".into(),
    };
    let search = SearchRecord { model, looked_for: "lung lesion candidate".into(), proposed: 1, unproven: false };
    Proposal { segmentation: Some(Segmentation { labelmap, segments: vec![segment] }), findings: vec![finding], search }
}
