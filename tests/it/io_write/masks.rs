//! DICOM SEG: written, read back, on the image's grid and without the image.

use super::sources::{Folder, ct, masks, oblique_geometry, segment, sheared_geometry};
use crate::common::{assert_peers_agree, shared};
use fovea::geometry::DVec3;
use fovea::io::write::{WriteContext, WriteError, write_segmentation_dicom};
use fovea::io::{SegmentationReadError, read_segmentation, read_segmentation_noting};
use fovea::study::Warnings;
use fovea::volume::{Labelmap, Segmentation};

fn context() -> WriteContext<'static> {
    WriteContext::default()
}

#[test]
fn asymmetric_masks_come_back_at_the_same_voxels() {
    for (name, geometry) in [("oblique", oblique_geometry()), ("sheared", sheared_geometry())] {
        let folder = Folder::new(&format!("masks-{name}"));
        let (source, masks) = (ct(geometry.clone()), masks(geometry));
        let path = folder.path().join("segmentation.dcm");
        let written = write_segmentation_dicom(&path, &source, &masks, &context()).unwrap();
        assert_eq!(written.segment_numbers, [(2, 1), (5, 2), (9, 3)]);
        let read = read_segmentation(&path, Some(&source)).unwrap();
        let expected: Vec<u8> =
            masks.labelmap.to_labels().iter().map(|&l| written.segment_number(l).unwrap_or(0) as u8).collect();
        assert_eq!(read.labelmap.to_labels(), expected);
        assert_eq!(read.segments[1].label, "Läsion 1 – 肺");
        assert_eq!(read.segments[1].color_rgb, [12, 200, 255]);
        assert_eq!(read.segments[1].laterality.as_ref().unwrap().meaning, "Left");
        assert_eq!(read.segments[0].tracking_uid, masks.segments[0].tracking_uid);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file was left");
        assert_peers_agree(folder.path());
    }
}

#[test]
fn without_the_image_masks_lie_at_the_same_points() {
    let folder = tempfile::tempdir().unwrap();
    for geometry in [oblique_geometry(), sheared_geometry()] {
        let (source, masks) = (ct(geometry.clone()), masks(geometry.clone()));
        let path = folder.path().join("segmentation.dcm");
        write_segmentation_dicom(&path, &source, &masks, &context()).unwrap();
        let read = read_segmentation(&path, None).unwrap();
        let own = read.labelmap.geometry();
        for (n, label) in masks.labelmap.to_labels().into_iter().enumerate().filter(|(_, l)| *l != 0) {
            let [i, j, k] = geometry.ijk(n);
            let lps = geometry.point_lps(DVec3::new(i as f64, j as f64, k as f64));
            let voxel = own.voxel_at_lps(lps).expect("inside");
            let expected = [(2, 1), (5, 2), (9, 3)].into_iter().find(|(l, _)| *l == label).unwrap().1;
            assert_eq!(read.labelmap.label(voxel), expected);
        }
        assert!((own.voxel_volume_mm3() - geometry.voxel_volume_mm3()).abs() < 1e-6);
    }
}

#[test]
fn labels_that_fields_cannot_hold_are_fitted_not_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.dcm");
    let source = ct(oblique_geometry());
    let mut masks = masks(oblique_geometry());
    let long = "ä".repeat(90);
    masks.segments[0] = segment(2, &long, [1, 2, 3]);
    masks.segments[1].label = "left\\right\nnew line".into();
    masks.segments[2].label = String::new();
    masks.segments[0].algorithm_name = String::new();
    masks.segments[1].property = Some(super::sources::odd_code());
    write_segmentation_dicom(&path, &source, &masks, &context()).unwrap();
    let read = read_segmentation(&path, Some(&source)).unwrap();
    assert_eq!(read.segments[0].label, "ä".repeat(64));
    assert_eq!(read.segments[1].label, "left/right new line");
    assert_eq!(read.segments[2].label, "Segment 9");
    assert_eq!(read.segments[1].property, Some(super::sources::odd_code()));
}

#[test]
fn two_segments_of_the_same_name_stay_two() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.dcm");
    let source = ct(oblique_geometry());
    let mut masks = masks(oblique_geometry());
    masks.segments[1].label = masks.segments[0].label.clone();
    write_segmentation_dicom(&path, &source, &masks, &context()).unwrap();
    let read = read_segmentation(&path, Some(&source)).unwrap();
    assert_eq!(read.segments.iter().filter(|s| s.label == "Right lung").count(), 2);
}

#[test]
fn what_cannot_be_written_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.dcm");
    let source = ct(oblique_geometry());
    let write = |masks: &Segmentation| write_segmentation_dicom(&path, &source, masks, &context());
    let empty = Segmentation { labelmap: Labelmap::empty(oblique_geometry()), segments: vec![] };
    assert!(matches!(write(&empty), Err(WriteError::NothingMarked)));
    assert!(matches!(write(&masks(sheared_geometry())), Err(WriteError::GridMismatch)));
    let mut undescribed = masks(oblique_geometry());
    undescribed.segments.pop();
    assert!(matches!(write(&undescribed), Err(WriteError::UndescribedLabel(9))));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_is_not_there_is_one_clear_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nowhere/s.dcm");
    let source = ct(oblique_geometry());
    let error = write_segmentation_dicom(&path, &source, &masks(oblique_geometry()), &context()).unwrap_err();
    assert!(matches!(error, WriteError::Io { .. }), "{error}");
    assert!(error.to_string().contains("cannot write"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_failed_write_keeps_what_stood_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.dcm");
    std::fs::write(&path, b"before").unwrap();
    let source = ct(oblique_geometry());
    let empty = Segmentation { labelmap: Labelmap::empty(oblique_geometry()), segments: vec![] };
    assert!(write_segmentation_dicom(&path, &source, &empty, &context()).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"before");
}

#[test]
fn made_objects_have_their_known_volumes() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/objects/lung_dx_a0001");
    for (file, expected) in [
        ("seg_binary.dcm", vec![("tumour_box_soft_tissue", 30683), ("lungs", 1_558_917)]),
        ("seg_labelmap_rle.dcm", vec![("tumour_box_soft_tissue", 30683), ("lungs", 1_558_917), ("bone", 145_148)]),
    ] {
        let mut warnings = Warnings::default();
        let read = read_segmentation_noting(&folder.join(file), None, &mut warnings).unwrap();
        let counts = read.labelmap.histogram();
        for (label, voxels) in expected {
            let segment = read.segments.iter().find(|s| s.label == label).expect(label);
            let found = counts[usize::from(segment.number)];
            let off = found.abs_diff(voxels) as f64 / voxels as f64;
            assert!(off < 5e-3, "{file}: {label} has {found} voxels, not {voxels} ({warnings:?})");
        }
        assert!((read.labelmap.geometry().voxel_volume_mm3() - 3.543_109_893).abs() < 1e-3);
    }
}

#[test]
fn overlapping_segments_are_measured_whole() {
    let Some(shared) = shared() else { return };
    let path = shared.join("data/objects/lung_dx_a0001/seg_binary.dcm");
    let mut warnings = Warnings::default();
    let mut voxels = Vec::new();
    let take = |part: Segmentation| {
        let counts = part.labelmap.histogram();
        voxels.extend(part.segments.iter().map(|s| counts[usize::from(s.number)]));
    };
    fovea::io::for_each_part(&path, None, &mut warnings, take).unwrap();
    assert_eq!(voxels, [30683, 1_558_917]);
    assert_eq!(warnings.iter().count(), 1, "{warnings:?}");
}

#[test]
fn objects_of_other_programs_are_read_or_refused_with_a_sentence() {
    let Some(shared) = shared() else { return };
    let mut read = 0;
    for folder in ["dcmqi/segmentations", "dcmqi/sr-example", "highdicom"] {
        for entry in std::fs::read_dir(shared.join("data/objects").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let mut warnings = Warnings::default();
            match read_segmentation_noting(&path, None, &mut warnings) {
                Ok(masks) => {
                    read += 1;
                    eprintln!("{}: {:?} {:?}", path.display(), masks.labelmap.geometry().dims(), warnings);
                }
                Err(error) => eprintln!("{}: {error}", path.display()),
            }
        }
    }
    assert!(read >= 5, "{read}");
}

#[test]
fn broken_files_never_panic() {
    let Some(shared) = shared() else { return };
    for folder in ["broken/made", "broken/collected"] {
        for entry in std::fs::read_dir(shared.join("data").join(folder)).unwrap() {
            assert!(read_segmentation(&entry.unwrap().path(), None).is_err());
        }
    }
}

#[test]
fn mutated_segmentations_never_panic_or_grow() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.dcm");
    let source = ct(oblique_geometry());
    write_segmentation_dicom(&path, &source, &masks(oblique_geometry()), &context()).unwrap();
    let good = std::fs::read(&path).unwrap();
    // A fixed sequence of pseudo-random numbers: failures can be repeated.
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for round in 0..300 {
        let mut bytes = good.clone();
        for _ in 0..=(round % 8) {
            let at = random() as usize % bytes.len();
            bytes[at] = random() as u8;
        }
        if round % 5 == 0 {
            bytes.truncate(random() as usize % good.len());
        }
        std::fs::write(&path, &bytes).unwrap();
        let _ = read_segmentation(&path, Some(&source));
        let _ = read_segmentation(&path, None);
    }
    assert!(matches!(read_segmentation(folder.path(), None), Err(SegmentationReadError::Unreadable(_))));
}

/// Writes masks with the given label image on the given image's grid.
#[test]
fn label_images_land_on_the_image_in_any_axis_order() {
    use fovea::geometry::{DMat3, VolumeGeometry};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.nii.gz");
    let straight =
        VolumeGeometry::new([7, 5, 4], DVec3::new(-3.0, 2.0, 1.0), DVec3::new(0.7, 0.9, 2.5), DMat3::IDENTITY).unwrap();
    // The same voxels with i reversed and j, k exchanged.
    let turned = VolumeGeometry::new(
        [7, 4, 5],
        straight.point_lps(DVec3::new(6.0, 0.0, 0.0)),
        DVec3::new(0.7, 2.5, 0.9),
        DMat3::from_cols(DVec3::NEG_X, DVec3::Z, DVec3::Y),
    )
    .unwrap();
    let expected = masks(straight.clone()).labelmap;
    let labels: Vec<u8> = (0..turned.len())
        .map(|n| {
            let [i, j, k] = turned.ijk(n);
            expected.label([6 - i, k, j])
        })
        .collect();
    fovea::io::nifti::write_labels(&path, &Labelmap::from_labels(turned, &labels).unwrap()).unwrap();
    let source = ct(straight);
    let read = read_segmentation(&path, Some(&source)).unwrap();
    assert_eq!(read.labelmap.to_labels(), expected.to_labels());
    let names: Vec<&str> = read.segments.iter().map(|s| s.label.as_str()).collect();
    assert_eq!(names, ["2", "5", "9"]);
}

#[test]
fn masks_on_a_real_series_carry_its_identity_and_places() {
    use dicom_dictionary_std::tags;
    use fovea::jobs::{Cancel, Progress};
    use fovea::loaded::{ImageData, LoadedSeries, SliceSource};
    use fovea::study::SeriesGeometry;
    use fovea::volume::{Rescale, ValueUnit, Volume, Voxels};
    use std::sync::Arc;

    let Some(shared) = shared() else { return };
    let folder = Folder::new("masks-lung");
    let root = shared.join("data/ct/lung_dx_a0001");
    let catalog = fovea::io::open(std::slice::from_ref(&root), &Progress::default(), &Cancel::default()).unwrap();
    let (study, series) = catalog.series().next().unwrap();
    let SeriesGeometry::Volume(geometry) = &series.geometry else { panic!("no volume") };
    let voxels = Voxels::U8(vec![0; geometry.len()]);
    let volume = Volume::new(geometry.clone(), voxels, Rescale::IDENTITY, ValueUnit::Hu).unwrap();
    let source = LoadedSeries {
        study: Arc::new(study.clone()),
        series: Arc::new(series.clone()),
        image: ImageData::Volume(Arc::new(volume)),
        slices: (0..geometry.dims()[2]).map(|instance| SliceSource { instance, frame: 0 }).collect(),
        header_voi: None,
        voi_choices: Vec::new(),
    };
    let original = shared.join("data/objects/lung_dx_a0001/seg_binary.dcm");
    let mut warnings = Warnings::default();
    let masks = read_segmentation_noting(&original, Some(&source), &mut warnings).unwrap();
    assert!(masks.labelmap.geometry().same_grid(geometry), "{warnings:?}");
    let counts = masks.labelmap.histogram();
    let context = WriteContext { source_root: Some(&catalog.root), ..WriteContext::default() };
    let path = folder.path().join("segmentation.dcm");
    let started = std::time::Instant::now();
    write_segmentation_dicom(&path, &source, &masks, &context).unwrap();
    eprintln!("writing and checking 512 x 512 x {}: {:.2} s", geometry.dims()[2], started.elapsed().as_secs_f64());
    assert_eq!(read_segmentation(&path, None).unwrap().labelmap.histogram()[1..], counts[1..]);
    let (ours, theirs) =
        (dicom_object::open_file(&path).unwrap(), dicom_object::open_file(root.join("1-01.dcm")).unwrap());
    for tag in [
        tags::PATIENT_NAME,
        tags::PATIENT_ID,
        tags::PATIENT_SEX,
        tags::STUDY_INSTANCE_UID,
        tags::STUDY_DATE,
        tags::FRAME_OF_REFERENCE_UID,
        tags::PATIENT_IDENTITY_REMOVED,
    ] {
        let text = |object: &dicom_object::DefaultDicomObject| {
            object.get(tag).map(|e| e.to_str().unwrap().trim_end_matches(['\0', ' ']).to_owned()).unwrap_or_default()
        };
        assert_eq!(text(&ours), text(&theirs), "{tag}");
    }
}

#[test]
fn measure_prints_the_known_numbers_of_a_mask() {
    let Some(shared) = shared() else { return };
    let pet = shared.join("data/pet/sts_001");
    let (masks, on) = (pet.join("CT_mask.nii.gz"), Some(pet.join("CT")));
    let args = fovea::cli::measure::Args { masks, on, series: None, suv: fovea::cli::measure::Suv::Bw, json: true };
    let mut out = Vec::new();
    fovea::cli::measure::run(&args, &mut out).unwrap();
    let result: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let segment = &result["segments"][0];
    assert_eq!((&segment["label"], &segment["voxels"], &segment["unit"]), (&"1".into(), &117_145.into(), &"HU".into()));
    assert!((segment["volume_ml"].as_f64().unwrap() - 365.318).abs() < 1e-3);
    assert!((segment["mean"].as_f64().unwrap() - 28.4677).abs() < 1e-3);
}
