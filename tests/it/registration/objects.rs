//! Spatial Registration objects: written, read back, held against other programs; broken ones.

use super::rigid_about;
use crate::common::{assert_peers_agree, peer_python};
use crate::io_write::sources::{Folder, ct, oblique_geometry};
use crate::objects::made::Object as Made;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use fovea::geometry::{DAffine3, DVec3};
use fovea::io::objects::{self, Object};
use fovea::io::registration::SpatialRegistration;
use fovea::io::write::{RegistrationToWrite, WriteContext, write_registration};
use fovea::loaded::LoadedSeries;
use fovea::study::{Series, Study, Warnings};
use std::path::Path;
use std::sync::Arc;

/// Another study of the same patient, with a frame of its own.
fn prior() -> LoadedSeries {
    let mut source = ct(oblique_geometry());
    let mut instances = source.series.instances.clone();
    for instance in &mut instances {
        instance.sop_instance_uid.push_str(".9");
    }
    let series = Series {
        uid: "1.2.826.0.1.3680043.8.498.177".into(),
        frame_of_reference_uid: "1.2.826.0.1.3680043.8.498.178".into(),
        instances,
        ..(*source.series).clone()
    };
    source.study = Arc::new(Study { uid: "1.2.826.0.1.3680043.8.498.176".into(), ..(*source.study).clone() });
    source.series = Arc::new(series);
    source
}

fn map() -> DAffine3 {
    rigid_about(DVec3::new(10.0, -200.0, 1350.0), DVec3::new(0.2, 1.0, -0.4), 3.3, DVec3::new(5.0, 6.0, 7.0))
}

fn read(path: &Path) -> (SpatialRegistration, Warnings) {
    let mut warnings = Warnings::default();
    match objects::read(path, &mut warnings) {
        Object::Registration(registration) => (registration, warnings),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_registration_comes_back_and_peers_read_it() {
    let folder = Folder::new("registration");
    let path = folder.path().join("registration.dcm");
    let (fixed, moving) = (ct(oblique_geometry()), prior());
    let what =
        RegistrationToWrite { fixed: &fixed, moving: &moving, fixed_from_moving: map(), comment: "good: ±1 mm" };
    let written = write_registration(&path, &what, &WriteContext::default()).unwrap();
    assert_eq!(written.sop_class_uid, uids::SPATIAL_REGISTRATION_STORAGE);
    let (read, warnings) = read(&path);
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(read.frame_of_reference_uid, fixed.series.frame_of_reference_uid);
    let item = read.item_of(&moving.series.frame_of_reference_uid, &[]);
    assert!(item.is_none(), "the item is about its images, not about the whole frame");
    let item = read.item_of("", &[&moving.series.instances[2].sop_instance_uid]).unwrap();
    let off = item.registered_from_own.transform_point3(DVec3::splat(500.0));
    assert!(off.distance(map().transform_point3(DVec3::splat(500.0))) < 1e-6);
    assert_eq!((item.comment.as_str(), item.images.len()), ("good: ±1 mm", 4));
    assert_eq!(item.method.as_ref().unwrap().value, "125024");
    assert!(Object::Registration(read.clone()).summary().contains("2 frames of reference"));
    assert_peers_agree(folder.path());
    let script = "
import sys, pydicom, numpy
data = pydicom.dcmread(sys.argv[1])
item = data.RegistrationSequence[1]
matrix = item.MatrixRegistrationSequence[0].MatrixSequence[0].FrameOfReferenceTransformationMatrix
print(*(numpy.array(matrix, float).reshape(4, 4) @ [10, 20, 30, 1])[:3])
";
    if let Some(said) = peer_python(script, &[&path]) {
        let point: Vec<f64> = said.split_whitespace().map(|n| n.parse().unwrap()).collect();
        let own = map().transform_point3(DVec3::new(10.0, 20.0, 30.0));
        assert!(own.distance(DVec3::from_slice(&point)) < 1e-6, "{said}");
    }
}

#[test]
fn two_series_of_one_frame_are_told_apart_by_their_images() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registration.dcm");
    let fixed = ct(oblique_geometry());
    let mut moving = prior();
    moving.study = fixed.study.clone();
    let frame = fixed.series.frame_of_reference_uid.clone();
    moving.series = Arc::new(Series { frame_of_reference_uid: frame.clone(), ..(*moving.series).clone() });
    let what = RegistrationToWrite { fixed: &fixed, moving: &moving, fixed_from_moving: map(), comment: "" };
    write_registration(&path, &what, &WriteContext::default()).unwrap();
    let (read, _) = read(&path);
    assert_eq!(read.items[0].frame_of_reference_uid, frame);
    assert_eq!(read.items[1].frame_of_reference_uid, "");
    let of = |series: &Series| read.item_of(&frame, &[&series.instances[0].sop_instance_uid]).unwrap();
    assert_eq!(of(&fixed.series).registered_from_own, DAffine3::IDENTITY);
    assert_ne!(of(&moving.series).registered_from_own, DAffine3::IDENTITY);
    assert_peers_agree(folder.path());
}

#[test]
fn a_source_without_identifiers_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registration.dcm");
    let fixed = ct(oblique_geometry());
    let mut moving = prior();
    moving.series = Arc::new(Series { uid: String::new(), ..(*moving.series).clone() });
    let what = RegistrationToWrite { fixed: &fixed, moving: &moving, fixed_from_moving: map(), comment: "" };
    assert!(write_registration(&path, &what, &WriteContext::default()).is_err() && !path.exists());
    // Twice as large is no rigid map: what was written would not read back.
    let scaled =
        RegistrationToWrite { moving: &fixed, fixed_from_moving: DAffine3::from_scale(DVec3::splat(2.0)), ..what };
    assert!(write_registration(&path, &scaled, &WriteContext::default()).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn maps_that_are_not_rigid_are_left_out_with_a_word() {
    let identity = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    let with = |changes: &[(usize, f64)]| {
        let mut numbers = identity;
        changes.iter().for_each(|(n, value)| numbers[*n] = *value);
        numbers
    };
    let cases = [
        ("RIGID", with(&[(3, 12.5)]).to_vec(), true),
        ("RIGID", with(&[(0, 1.2)]).to_vec(), false),
        ("RIGID", with(&[(0, -1.0)]).to_vec(), false),
        ("RIGID", with(&[(12, 0.5)]).to_vec(), false),
        ("RIGID", identity[..12].to_vec(), false),
        ("AFFINE", identity.to_vec(), false),
        ("", identity.to_vec(), false),
    ];
    for (kind, numbers, usable) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.dcm");
        object(kind, &numbers).write(&path);
        let (read, warnings) = read(&path);
        assert_eq!((read.items.len(), warnings.is_empty()), (usize::from(usable), usable), "{kind} {numbers:?}");
        if usable {
            let item = read.item_of("1.2.3", &[]).unwrap();
            assert_eq!(item.registered_from_own.transform_point3(DVec3::ZERO), DVec3::new(12.5, 0.0, 0.0));
        }
    }
}

fn object(kind: &str, numbers: &[f64]) -> Made {
    let matrix = Made::new()
        .text(tags::FRAME_OF_REFERENCE_TRANSFORMATION_MATRIX_TYPE, VR::CS, kind)
        .decimals(tags::FRAME_OF_REFERENCE_TRANSFORMATION_MATRIX, numbers);
    let step = Made::new().items(tags::MATRIX_SEQUENCE, vec![matrix]);
    let item = Made::new()
        .text(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.3")
        .items(tags::MATRIX_REGISTRATION_SEQUENCE, vec![step]);
    Made::of_class(uids::SPATIAL_REGISTRATION_STORAGE, "REG").items(tags::REGISTRATION_SEQUENCE, vec![item])
}
