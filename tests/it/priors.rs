//! Earlier studies and the series to compare with: who, when, what, and what is only offered.

use fovea::geometry::{DMat3, DVec3, VolumeGeometry};
use fovea::reading::priors::{GOOD_MATCH, SamePatient, matches, priors, same_patient};
use fovea::study::{Catalog, Instance, Patient, Series, SeriesGeometry, Study};

fn patient() -> Patient {
    Patient { id: "P-1".into(), issuer: "Ward".into(), birth_date: "19700102".into(), ..Patient::default() }
}

fn study(uid: &str, date: &str, time: &str, series: Vec<Series>) -> Study {
    let (date, time) = (date.into(), time.into());
    Study { uid: uid.into(), patient: patient(), date, time, series, ..Study::default() }
}

fn series(uid: &str, modality: &str, description: &str) -> Series {
    let grid = VolumeGeometry::new([4, 4, 4], DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap();
    Series {
        uid: uid.into(),
        modality: modality.into(),
        description: description.into(),
        geometry: SeriesGeometry::Volume(grid),
        instances: vec![Instance { rows: 4, columns: 4, frames: 1, ..Instance::default() }],
        ..Series::default()
    }
}

fn uids<'a>(studies: impl IntoIterator<Item = &'a Study>) -> Vec<&'a str> {
    studies.into_iter().map(|s| s.uid.as_str()).collect()
}

#[test]
fn one_patient_is_id_issuer_and_birth_date_together() {
    let with = |change: &dyn Fn(&mut Patient)| {
        let mut other = patient();
        change(&mut other);
        same_patient(&patient(), &other)
    };
    assert_eq!(with(&|_| {}), SamePatient::Yes);
    assert_eq!(with(&|p| p.id = "P-2".into()), SamePatient::No);
    assert_eq!(with(&|p| p.issuer = "Elsewhere".into()), SamePatient::No);
    assert_eq!(with(&|p| p.birth_date = "19700103".into()), SamePatient::No);
    assert!(matches!(with(&|p| p.birth_date.clear()), SamePatient::Unsure(_)));
    assert!(matches!(with(&|p| p.issuer.clear()), SamePatient::Unsure(_)));
    assert_eq!(same_patient(&Patient::default(), &Patient::default()), SamePatient::No, "nobody is not one person");
}

#[test]
fn priors_come_most_recent_first_and_only_when_surely_earlier() {
    let current = study("now", "20260110", "1200", Vec::new());
    let mut undated = study("undated", "", "", Vec::new());
    undated.patient.birth_date.clear();
    let mut other = study("other", "20250101", "", Vec::new());
    other.patient.id = "P-9".into();
    let studies = vec![
        study("old", "20240101", "", Vec::new()),
        study("later", "20260111", "", Vec::new()),
        study("morning", "20260110", "0800", Vec::new()),
        study("same day", "20260110", "", Vec::new()),
        study("recent", "20251231", "2359", Vec::new()),
        undated,
        other,
        current.clone(),
    ];
    let catalog = Catalog { studies, ..Catalog::default() };
    let found = priors(&catalog, &current);
    assert_eq!(uids(found.sure), ["morning", "recent", "old"]);
    assert_eq!(uids(found.unsure.iter().map(|(study, _)| *study)), ["same day", "undated"]);
    assert!(found.unsure.iter().all(|(_, reason)| reason.ends_with('.')));
}

#[test]
fn a_chest_ct_is_laid_beside_its_own_kind() {
    let ct = |uid: &str, kernel: &str, mm: f64, body_part: &str| Series {
        kernel: kernel.into(),
        slice_thickness_mm: Some(mm),
        body_part: body_part.into(),
        ..series(uid, "CT", "Thorax")
    };
    let prior = study(
        "old",
        "20240101",
        "",
        vec![
            ct("soft 5 mm", "B31f", 5.0, "CHEST"),
            ct("lung", "B70f", 1.0, "CHEST"),
            ct("soft", "B30f", 1.25, "THORAX"),
            ct("abdomen", "B30f", 1.0, "ABDOMEN"),
            series("mr", "MR", "Thorax"),
            Series { instances: Vec::new(), ..ct("empty", "B30f", 1.0, "CHEST") },
        ],
    );
    let found = matches(&ct("now", "B30f", 1.0, "CHEST"), &prior);
    let order: Vec<&str> = found.iter().map(|m| m.series.uid.as_str()).collect();
    assert_eq!(order[0], "soft", "{found:#?}");
    assert_eq!(order[3], "abdomen", "{found:#?}");
    assert_eq!(order.len(), 4, "other modalities and series without images do not match");
    assert!(found[0].score >= GOOD_MATCH && found[3].score < GOOD_MATCH);
    assert!(found[0].reasons.contains(&"same body part (chest)".into()), "{found:#?}");
    let lung = &matches(&ct("now", "LUNG", 1.0, "CHEST"), &prior)[0];
    assert_eq!(lung.series.uid, "lung", "{lung:?}");
}

#[test]
fn mr_sequences_and_planes_are_told_apart() {
    let coronal = |series: Series| {
        let turned = DMat3::from_cols(DVec3::X, DVec3::NEG_Z, DVec3::Y);
        let grid = VolumeGeometry::new([4, 4, 4], DVec3::ZERO, DVec3::ONE, turned).unwrap();
        Series { geometry: SeriesGeometry::Volume(grid), ..series }
    };
    let prior = study(
        "old",
        "20240101",
        "",
        vec![
            series("t1", "MR", "t1_tse_tra"),
            series("t2", "MR", "t2_tse_tra"),
            coronal(series("t2 cor", "MR", "t2_tse_cor")),
            series("flair", "MR", "t2_tirm_tra_dark-fluid"),
        ],
    );
    let best = |description: &str| matches(&series("now", "MR", description), &prior)[0].series.uid.clone();
    assert_eq!(best("T2 TSE tra"), "t2");
    assert_eq!(best("AX T1 TSE"), "t1");
    assert_eq!(best("t2_tirm_tra"), "flair");
    let cor = matches(&coronal(series("now", "MR", "T2 TSE cor")), &prior);
    assert_eq!(cor[0].series.uid, "t2 cor");
    let with_contrast = matches(&series("now", "MR", "T1 TSE tra post Gd"), &prior);
    assert!(with_contrast.iter().all(|m| m.reasons.iter().any(|r| r.starts_with("other sequence"))));
}

#[test]
fn radiographs_of_both_techniques_match() {
    let pictures = |uid: &str, modality: &str| Series {
        geometry: SeriesGeometry::Pictures("one picture".into()),
        body_part: "CHEST".into(),
        ..series(uid, modality, "Chest PA")
    };
    let prior = study("old", "20240101", "", vec![pictures("cr", "CR")]);
    assert_eq!(matches(&pictures("now", "DX"), &prior).len(), 1);
}
