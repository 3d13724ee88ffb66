//! The built-in protocols on every study of the shared data.

use super::protocols;
use crate::common::shared;
use fovea::hanging::{Studies, hang, resolve};
use fovea::io;
use fovea::jobs::{Cancel, Progress};
use fovea::study::{Catalog, Study};

fn open(path: &str) -> Option<Catalog> {
    let path = shared()?.join("data").join(path);
    Some(io::open(&[path], &Progress::default(), &Cancel::default()).expect("a folder of the shared data"))
}

/// The best protocol of the first study with images, and what its first stage shows.
fn first_stage(studies: &[Study]) -> Option<(String, Vec<String>)> {
    let protocols = protocols();
    let study = studies.iter().find(|study| study.series.iter().any(|s| s.has_pixels() && s.modality != "SEG"))?;
    let ranking = hang(&protocols, Studies::new(study, studies, &[]));
    let best = ranking.matches.first()?;
    let cells = resolve(best.protocol, &best.protocol.stages[best.stages[0]], Studies::new(study, studies, &[]));
    let shown = cells.iter().map(|cell| {
        cell.shows
            .as_ref()
            .map_or_else(Clone::clone, |placed| format!("{} {}", placed.series.modality, placed.series.description))
    });
    Some((best.protocol.name.clone(), shown.collect()))
}

#[test]
fn known_studies_hang_as_a_radiologist_expects() {
    for (path, expected) in [
        ("ct/lung_dx_a0001", "Chest CT"),
        ("ct/gantry_tilt_phantom", "Head CT"),
        ("ct/totalseg_abdomen_j2k", "Volume"),
        ("mr/t1_oblique_head", "Volume"),
        ("pet/sts_001", "PET/CT"),
        ("xr/dicom/dx_00010277_000.dcm", "Chest radiograph"),
        ("xr/nih/00000001_000.png", "Picture"),
        ("nifti/brain_t1", "Volume"),
    ] {
        let Some(catalog) = open(path) else { return };
        let (name, shown) = first_stage(&catalog.studies).unwrap_or_else(|| panic!("{path}: nothing hangs"));
        println!("{path}: {name}: {shown:?}");
        assert_eq!(name, expected, "{path}");
        assert!(shown.iter().all(|cell| !cell.starts_with("empty")), "{path}: {shown:?}");
    }
}

#[test]
fn pet_is_laid_over_the_ct_of_the_same_frame() {
    let Some(catalog) = open("pet/sts_001") else { return };
    let protocols = protocols();
    let studies = Studies::new(&catalog.studies[0], &catalog.studies, &[]);
    let ranking = hang(&protocols, studies);
    let cells = resolve(ranking.matches[0].protocol, &ranking.matches[0].protocol.stages[0], studies);
    let fused = cells[2].shows.as_ref().expect("a CT is there");
    let over = fused.over.as_ref().expect("fusion is asked for").as_ref().expect("one frame of reference");
    assert_eq!((fused.series.modality.as_str(), over.modality.as_str()), ("CT", "PT"));
}

#[test]
fn every_study_of_the_shared_data_hangs_or_says_why() {
    let protocols = protocols();
    let mut hung = 0;
    for folder in ["ct", "mr", "nifti", "objects", "pet", "syntaxes", "xr"] {
        let Some(catalog) = open(folder) else { return };
        for study in &catalog.studies {
            let studies = Studies::new(study, &catalog.studies, &[]);
            let ranking = hang(&protocols, studies);
            assert_eq!(ranking.matches.len() + ranking.rejected.len(), protocols.len());
            let has_images = study.series.iter().any(|s| s.has_pixels() && s.modality != "SEG");
            assert_eq!(has_images, !ranking.matches.is_empty(), "{folder}: {:?}", study.series);
            let Some(best) = ranking.matches.first() else { continue };
            hung += 1;
            assert!(best.filled[0] * 2 >= best.filled[1], "{folder}: {} of {}", best.protocol.name, study.description);
            for stage in &best.stages {
                for cell in resolve(best.protocol, &best.protocol.stages[*stage], studies) {
                    let same = |placed: &fovea::hanging::Placed<'_>| placed.study.patient.id == study.patient.id;
                    assert!(
                        cell.shows.as_ref().is_ok_and(same) || cell.shows.is_err_and(|why| why.starts_with("empty:"))
                    );
                }
            }
        }
    }
    assert!(hung > 60, "{hung} studies");
}
