//! Volumes and pictures as DICOM, and masks on them.

use super::sources::{Folder, masks, oblique_geometry, sheared_geometry};
use crate::common::assert_peers_agree;
use dicom_dictionary_std::tags;
use dicom_object::open_file;
use fovea::geometry::{DMat3, DVec3, VolumeGeometry};
use fovea::io::read_segmentation;
use fovea::io::write::{
    Origin, SeriesDescription, WriteContext, write_picture_dicom, write_segmentation_dicom, write_volume_dicom,
};
use fovea::study::{Series, Study};
use fovea::volume::{Calibration, Picture, Rescale, Samples, ValueUnit, Voi, Volume, Voxels};
use std::sync::Arc;

fn series(modality: &str) -> Series {
    Series { modality: modality.into(), kernel: "phantom".into(), number: Some(3), ..Series::default() }
}

fn description<'a>(study: &'a Study, series: &'a Series, origin: Origin) -> SeriesDescription<'a> {
    SeriesDescription { study, series, origin, voi: Some(Voi::linear(40.0, 400.0)) }
}

#[test]
fn a_phantom_becomes_a_ct_series_that_masks_refer_to() {
    for (name, geometry) in [("straight", oblique_geometry()), ("sheared", sheared_geometry())] {
        let folder = Folder::new(&format!("series-ct-{name}"));
        let values = (0..geometry.len()).map(|n| n as i16 - 70).collect();
        let volume = Volume::new(geometry.clone(), Voxels::I16(values), Rescale::IDENTITY, ValueUnit::Hu).unwrap();
        let (study, series) = (Study::default(), series("CT"));
        let what = description(&study, &series, Origin::Phantom);
        let context = WriteContext::default();
        let written = write_volume_dicom(folder.path(), &what, &Arc::new(volume), &context).unwrap();
        assert_eq!(written.series.description, "phantom, no patient");
        assert!(written.study.uid.starts_with("2.25."));
        let first = open_file(folder.path().join("0001.dcm")).unwrap();
        let stored = first.element(tags::PIXEL_DATA).unwrap().to_bytes().unwrap();
        assert_eq!(i16::from_le_bytes([stored[2], stored[3]]), -69);
        let masks = masks(geometry);
        let path = folder.path().join("segmentation.dcm");
        write_segmentation_dicom(&path, &written, &masks, &context).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5);
        assert_peers_agree(folder.path());
    }
}

#[test]
fn the_same_content_gets_the_same_identifiers() {
    let folder = Folder::new("series-again");
    let volume = || {
        let voxels = Voxels::U16((0..140).collect());
        Arc::new(Volume::new(oblique_geometry(), voxels, Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap())
    };
    let (study, series) = (Study::default(), series("MR"));
    let what = description(&study, &series, Origin::Converted("NIfTI".into()));
    let write = || write_volume_dicom(folder.path(), &what, &volume(), &WriteContext::default()).unwrap();
    assert_eq!(write().series, write().series);
    assert_peers_agree(folder.path());
}

#[test]
fn real_numbers_and_left_handed_grids_keep_their_place() {
    let folder = Folder::new("series-float");
    // i to the right, j to posterior, k to the head: left-handed, as NIfTI files often are.
    let direction = DMat3::from_cols(DVec3::NEG_X, DVec3::Y, DVec3::Z);
    let geometry =
        VolumeGeometry::new([7, 5, 4], DVec3::new(3.0, -2.0, 1.0), DVec3::new(1.0, 1.5, 2.0), direction).unwrap();
    let values: Vec<f32> = (0..140).map(|n| n as f32 / 7.0 - 3.3).collect();
    let volume = Volume::new(geometry.clone(), Voxels::F32(values), Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap();
    let (study, series) = (Study::default(), series("OT"));
    let what = description(&study, &series, Origin::Converted("NIfTI".into()));
    let context = WriteContext::default();
    let written = write_volume_dicom(folder.path(), &what, &Arc::new(volume), &context).unwrap();
    let object = open_file(folder.path().join("0002.dcm")).unwrap();
    let number = |tag| object.element(tag).unwrap().to_float64().unwrap();
    let stored = object.element(tags::PIXEL_DATA).unwrap().to_multi_int::<u16>().unwrap();
    for (n, stored) in stored.iter().enumerate() {
        let value = f64::from(*stored) * number(tags::RESCALE_SLOPE) + number(tags::RESCALE_INTERCEPT);
        assert!((value - ((n + 35) as f64 / 7.0 - 3.3)).abs() < 2e-4, "{value}");
    }
    let masks = masks(geometry);
    let path = folder.path().join("segmentation.dcm");
    let segments = write_segmentation_dicom(&path, &written, &masks, &context).unwrap();
    let read = read_segmentation(&path, Some(&written)).unwrap();
    assert_eq!(u16::from(read.labelmap.label([6, 4, 3])), segments.segment_number(9).unwrap());
    assert_peers_agree(folder.path());
}

#[test]
fn a_radiograph_of_the_phantom_is_digital_x_ray() {
    let folder = Folder::new("picture-dx");
    let picture = Picture {
        width: 5,
        height: 3,
        samples: Samples::Gray { stored: Voxels::U16((0..15).collect()), rescale: Rescale::IDENTITY },
        unit: ValueUnit::Arbitrary,
        inverted: false,
        voi: None,
        calibration: Calibration::ImagerPixelSpacing([0.4, 0.4]),
        patient_orientation: Some(["L".into(), "F".into()]),
        laterality: String::new(),
        view_position: "PA".into(),
        presentation: fovea::volume::Presentation::default(),
    };
    let (study, series) = (Study::default(), series("DX"));
    let what = description(&study, &series, Origin::Phantom);
    write_picture_dicom(folder.path(), "pa.dcm", &what, &Arc::new(picture.clone()), &WriteContext::default()).unwrap();
    let object = open_file(folder.path().join("pa.dcm")).unwrap();
    assert_eq!(object.element(tags::PATIENT_ORIENTATION).unwrap().to_multi_str().unwrap().as_ref(), ["L", "F"]);
    assert_eq!(object.element(tags::PRESENTATION_INTENT_TYPE).unwrap().to_str().unwrap(), "FOR PRESENTATION");
    // Without orientation or calibration nothing is claimed.
    let plain = Picture {
        samples: Samples::Rgb((0..45).collect()),
        calibration: Calibration::None,
        patient_orientation: None,
        view_position: String::new(),
        presentation: fovea::volume::Presentation::default(),
        ..picture
    };
    let what = description(&study, &series, Origin::Converted("PNG".into()));
    write_picture_dicom(folder.path(), "rgb.dcm", &what, &Arc::new(plain), &WriteContext::default()).unwrap();
    let object = open_file(folder.path().join("rgb.dcm")).unwrap();
    assert!(object.element(tags::PIXEL_SPACING).is_err());
    assert_eq!(object.element(tags::PHOTOMETRIC_INTERPRETATION).unwrap().to_str().unwrap(), "RGB");
    assert_peers_agree(folder.path());
}
