//! Reading: every syntax, both sides, broken files, NIfTI round trips, what makes a volume.

#[path = "io_read/convert.rs"]
mod convert;
#[path = "io_read/display_sets.rs"]
mod display_sets;
#[path = "io_read/kinds.rs"]
mod kinds;
#[path = "io_read/made.rs"]
pub(crate) mod made;
#[path = "io_read/nifti.rs"]
mod nifti;
#[path = "io_read/one_slice.rs"]
mod one_slice;
#[path = "io_read/presented.rs"]
mod presented;
#[path = "io_read/stacks.rs"]
mod stacks;

use crate::common::shared;
use fovea::geometry::DVec3;
use fovea::io::{self, load_preview, load_series, summarize_pixels};
use fovea::jobs::{Cancel, Progress};
use fovea::loaded::LoadedSeries;
use fovea::study::{Catalog, SeriesGeometry};
use fovea::volume::{SuvKind, ValueUnit, Volume};
use std::path::{Path, PathBuf};

pub(crate) fn catalog(path: &Path) -> Catalog {
    io::open(&[path.to_owned()], &Progress::default(), &Cancel::default()).expect("the path exists")
}

pub(crate) fn only_series(path: &Path) -> LoadedSeries {
    let catalog = catalog(path);
    let uids: Vec<String> = catalog.series().map(|(_, s)| s.uid.clone()).collect();
    assert_eq!(uids.len(), 1, "{} holds one series", path.display());
    load_series(&catalog, &uids[0], &Progress::default(), &Cancel::default()).expect("it loads")
}

fn volume(path: &Path) -> std::sync::Arc<Volume> {
    only_series(path).volume().expect("it is a volume").clone()
}

#[test]
fn lossless_syntaxes_decode_to_the_same_values() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/syntaxes/ctimage");
    let reference = summarize_pixels(&folder.join("LittleEndianExplicit.dcm")).expect("decodes");
    for name in [
        "LittleEndianImplicit",
        "BigEndianExplicit",
        "DeflatedExplicitVRLittleEndian",
        "RLELossless",
        "JPEGProcess14",
        "JPEGProcess14SV1",
        "JPEGLSLossless",
        "JPEG2000LosslessOnly",
        "HTJ2KLossless",
    ] {
        let found = summarize_pixels(&folder.join(format!("{name}.dcm"))).expect(name);
        assert_eq!(found.sha256, reference.sha256, "{name}");
    }
    for (name, mean) in [("JPEGLSLossy", 75.0493), ("JPEG2000", 74.8687), ("JPEGProcess2_4", 1548.2822)] {
        let found = summarize_pixels(&folder.join(format!("{name}.dcm"))).expect(name);
        assert!((found.mean - mean).abs() < 0.02 * mean, "{name}: {}", found.mean);
    }
    let refused = summarize_pixels(&folder.join("JPEGProcess6_8.dcm")).expect_err("a retired syntax");
    assert!(refused.contains("not supported"), "{refused}");
}

/// The DICOM phantom grows to the patient's left, posterior and inferior: column + row − z/2.
#[test]
fn left_and_right_survive_dicom() {
    let Some(shared) = shared() else { return };
    let volume = volume(&shared.join("data/ct/orientation_phantom"));
    let geometry = volume.geometry();
    for ijk in [[3, 7, 11], [30, 2, 60], [0, 47, 0], [31, 0, 63]] {
        let lps = geometry.point_lps(DVec3::new(ijk[0] as f64, ijk[1] as f64, ijk[2] as f64));
        let expected = ijk[0] as f64 + ijk[1] as f64 - lps.z / 2.0;
        assert!((f64::from(volume.value_ijk(ijk)) - expected).abs() < 1e-3, "{ijk:?} at {lps}");
    }
    let at = |lps: DVec3| f64::from(volume.value_ijk(geometry.voxel_at_lps(lps).expect("inside")));
    let center = geometry.center_lps();
    let step = |d: DVec3| at(center + d) - at(center);
    assert_eq!([step(DVec3::X * 8.0), step(DVec3::Y * 8.0), step(DVec3::Z * 8.0)], [4.0, 4.0, -4.0]);
    let preview_catalog = catalog(&shared.join("data/ct/orientation_phantom"));
    let uid = preview_catalog.series().next().expect("a series").1.uid.clone();
    let preview = load_preview(&preview_catalog, &uid).expect("a preview");
    assert_eq!(preview.patient_orientation, Some(["L".into(), "P".into()]));
}

#[test]
fn a_series_without_uids_stays_one_series() {
    let Some(shared) = shared() else { return };
    let loaded = only_series(&shared.join("data/ct/totalseg_abdomen_j2k"));
    let volume = loaded.volume().expect("a volume");
    assert_eq!(volume.dims(), [512, 512, 20]);
    assert!((volume.geometry().spacing_mm().z - 2.0).abs() < 1e-6);
    assert_eq!(volume.range(), (-1024.0, 1839.0));
    assert_eq!(volume.unit(), &ValueUnit::Hu);
    assert!(loaded.series.uid.starts_with("2.25."));
    assert!(loaded.series.warnings.iter().any(|w| w.contains("UID")));
}

#[test]
fn suv_from_activity_equals_the_scanner_s_own() {
    let Some(shared) = shared() else { return };
    let own = volume(&shared.join("data/pet/sts_001/PET"));
    let activity = volume(&shared.join("data/pet/sts_001/PET_BQML"));
    assert_eq!(own.unit(), &ValueUnit::SuvBw);
    assert_eq!(activity.unit(), &ValueUnit::Other("BQML".into()));
    let computed = activity.in_suv(SuvKind::BodyWeight).expect("the header allows it");
    let (_, top) = own.range();
    for n in (0..own.voxels().len()).step_by(997) {
        assert!((own.value(n) - computed.value(n)).abs() < 2e-3 * top, "voxel {n}");
    }
}

#[test]
fn radiographs_keep_their_polarity_and_say_where_millimetres_come_from() {
    let Some(shared) = shared() else { return };
    let inverted = only_series(&shared.join("data/xr/dicom/dx_00001543_001_mono1.dcm"));
    assert!(inverted.pictures()[0].inverted);
    let bare = only_series(&shared.join("data/xr/nih/00000001_000.png"));
    assert_eq!(bare.pictures()[0].patient_orientation, None);
    assert_eq!(bare.pictures()[0].unit, ValueUnit::Arbitrary);
}

#[test]
fn dicomdir_never_leads_out_and_tells_what_is_missing() {
    let Some(shared) = shared() else { return };
    let outside = catalog(&shared.join("data/broken/dicomdir_traversal"));
    assert!(outside.studies.is_empty());
    assert!(outside.unreadable.iter().all(|u| !u.file.to_string_lossy().contains("..")));
    assert!(outside.unreadable[0].reason.contains("lead out"), "{}", outside.unreadable[0].reason);
    let missing = catalog(&shared.join("data/broken/dicomdir_missing_files"));
    assert!(missing.unreadable.len() > 1);
}

#[test]
fn names_in_other_scripts_are_decoded() {
    let Some(shared) = shared() else { return };
    let name = |file: &str| {
        let catalog = catalog(&shared.join("data/syntaxes/charset").join(file));
        catalog.studies[0].patient.name.clone()
    };
    assert_eq!(name("chrH31.dcm"), "Yamada, Tarou (山田, 太郎; やまだ, たろう)");
    assert_eq!(name("chrRuss.dcm"), "Люкceмбypг");
    assert_eq!(name("chrFren.dcm"), "Buc, Jérôme");
    assert_eq!(name("chrX1.dcm"), "Wang, XiaoDong (王, 小東)");
}

/// Every broken file: a catalog, and for every series pixels or one sentence.
#[test]
fn broken_files_end_with_a_sentence() {
    let Some(shared) = shared() else { return };
    let files = walk(&shared.join("data/broken"));
    assert!(files.len() > 80);
    for file in files {
        let catalog = catalog(&file);
        assert!(!catalog.studies.is_empty() || !catalog.unreadable.is_empty(), "{} is passed over", file.display());
        for (_, series) in catalog.series() {
            let loaded = load_series(&catalog, &series.uid, &Progress::default(), &Cancel::default());
            if let Err(error) = loaded {
                let text = error.to_string();
                assert!(!text.contains("defect"), "{}: {text}", file.display());
            }
        }
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there").flatten();
    let mut files = Vec::new();
    for path in entries.map(|e| e.path()) {
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn slices_that_make_no_volume_are_pictures_with_the_reason() {
    let Some(shared) = shared() else { return };
    for (folder, word) in [
        ("ct/missing_slice", "slice spacing varies"),
        ("ct/not_a_volume", "same place"),
        ("broken/series_no_ipp", "Image Position"),
    ] {
        let loaded = only_series(&shared.join("data").join(folder));
        assert!(!loaded.pictures().is_empty(), "{folder}");
        let SeriesGeometry::Pictures(reason) = &loaded.series.geometry else { panic!("{folder} became a volume") };
        assert!(reason.contains(word), "{folder}: {reason}");
    }
    let tilted = volume(&shared.join("data/ct/gantry_tilt_phantom"));
    assert!((tilted.geometry().shear_mm().length() - 0.710).abs() < 0.01);
    let copies = only_series(&shared.join("data/broken/series_duplicates"));
    assert_eq!(copies.volume().expect("a volume").dims()[2], 8);
    assert_eq!(copies.series.instances.len(), 9, "the copy is listed all the same");
    assert!(copies.series.warnings.iter().any(|w| w.contains("copy")));
}

#[test]
fn a_series_of_several_volumes_falls_into_display_sets() {
    let Some(shared) = shared() else { return };
    for (folder, sets, slices, what) in [
        ("mr/mixed_orientation", 2, 2, "sagittal"),
        ("mr/dwi_ge_small", 4, 4, "repetition 1"),
        ("broken/series_mixed_size", 2, 7, "32 × 48 pixels"),
    ] {
        let catalog = catalog(&shared.join("data").join(folder));
        let found: Vec<_> = catalog.series().map(|(_, series)| series).collect();
        assert_eq!(found.len(), sets, "{folder}");
        assert!(
            found[0].part.as_ref().is_some_and(|part| part.what.starts_with(what)),
            "{folder}: {:?}",
            found[0].part
        );
        assert_eq!(found[0].slices.len(), slices, "{folder}");
        for series in &found {
            let key = series.key();
            let loaded = load_series(&catalog, &key, &Progress::default(), &Cancel::default()).expect("loads");
            assert_eq!(loaded.series.key(), key);
            let shown = loaded.volume().map_or(loaded.pictures().len(), |v| v.dims()[2]);
            assert_eq!(shown, series.slices.len(), "{key}");
        }
        // A bare UID names the part with most slices.
        assert_eq!(catalog.find_series(&found[0].uid).expect("found").1.key(), found[0].key());
    }
}

#[test]
fn enhanced_multi_frame_objects_are_placed_by_their_functional_groups() {
    let Some(shared) = shared() else { return };
    let loaded = only_series(&shared.join("data/mr/enhanced_philips"));
    match &loaded.series.geometry {
        SeriesGeometry::Volume(geometry) => assert_eq!(geometry.dims(), [256, 256, 8]),
        SeriesGeometry::Pictures(reason) => assert_eq!(loaded.pictures().len(), 8, "{reason}"),
        SeriesGeometry::None => panic!("no pixels"),
    }
}

#[test]
fn loading_can_be_cancelled() {
    let Some(shared) = shared() else { return };
    let catalog = catalog(&shared.join("data/ct/orientation_phantom"));
    let uid = catalog.series().next().expect("a series").1.uid.clone();
    let cancel = Cancel::default();
    cancel.cancel();
    let refused = load_series(&catalog, &uid, &Progress::default(), &cancel).expect_err("cancelled");
    assert!(refused.to_string().contains("cancelled"));
}

/// Prints how long the chest CT takes; the comparison with other programs is in `benches/`.
#[test]
fn loading_time_of_the_chest_ct() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/ct/lung_dx_a0001");
    let mut seconds: Vec<[f64; 2]> = (0..7)
        .map(|_| {
            let start = std::time::Instant::now();
            let catalog = catalog(&folder);
            let listed = start.elapsed().as_secs_f64();
            let uid = catalog.series().next().expect("a series").1.uid.clone();
            load_series(&catalog, &uid, &Progress::default(), &Cancel::default()).expect("it loads");
            [listed, start.elapsed().as_secs_f64()]
        })
        .collect();
    seconds.sort_by(|a, b| a[1].total_cmp(&b[1]));
    eprintln!("chest CT, 64 files: listed in {:.4} s, loaded in {:.4} s", seconds[3][0], seconds[3][1]);
}

/// A header is read in pieces; a piece that ends exactly between two elements inside a sequence must not end the header.
#[test]
fn a_header_longer_than_the_first_read_is_read_to_its_end() {
    fn element(bytes: &mut Vec<u8>, group: u16, number: u16, vr: &[u8; 2], value: &[u8]) {
        bytes.extend([group.to_le_bytes(), number.to_le_bytes()].concat());
        bytes.extend(vr);
        bytes.extend(u16::try_from(value.len()).expect("short").to_le_bytes());
        bytes.extend(value);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("long.dcm");
    // 16 bytes at a time, so that one of the eight shifts puts a boundary at any even offset.
    for shift in (0..16).step_by(2) {
        let mut bytes = [vec![0; 128], b"DICM".to_vec()].concat();
        element(&mut bytes, 2, 0x10, b"UI", b"1.2.840.10008.1.2.1\0");
        element(&mut bytes, 8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.88.33\0");
        element(&mut bytes, 8, 0x18, b"UI", b"2.25.1");
        element(&mut bytes, 8, 0x1030, b"LO", &b"                "[..shift]);
        bytes.extend([0x40, 0, 0x30, 0xA7]);
        bytes.extend(b"SQ\0\0");
        bytes.extend(u32::MAX.to_le_bytes());
        for _ in 0..4000 {
            bytes.extend([0xFE, 0xFF, 0x00, 0xE0]);
            bytes.extend(u32::MAX.to_le_bytes());
            element(&mut bytes, 0x40, 0xA040, b"CS", b"TEXT    ");
            bytes.extend([0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0]);
        }
        bytes.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
        element(&mut bytes, 0x40, 0xA491, b"CS", b"COMPLETE");
        std::fs::write(&path, &bytes).expect("written");
        let file = io::dicom::DicomFile::header(&path).expect("it is DICOM");
        assert_eq!(file.data.text(dicom_dictionary_std::tags::COMPLETION_FLAG), "COMPLETE", "shift {shift}");
        assert_eq!(file.data.items(dicom_dictionary_std::tags::CONTENT_SEQUENCE).len(), 4000);
    }
}
