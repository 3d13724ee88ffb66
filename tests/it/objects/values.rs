//! Dose grids, real-world values and parametric maps: what stored values mean, and where.

use super::made::Object;
use crate::common::shared;
use crate::io_read::{catalog, only_series};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use fovea::geometry::DVec3;
use fovea::io::dicom::DicomFile;
use fovea::io::real_world;
use fovea::loaded::LoadedSeries;
use fovea::study::SeriesGeometry;
use fovea::volume::ValueUnit;

/// 3 columns × 2 rows × 3 planes of 32 bits: stored value 1000 · plane + 10 · row + column.
fn dose(directions: &[f64; 6], position: &[f64; 3], offsets: &[f64]) -> Object {
    let stored: Vec<u8> = (0..3u32)
        .flat_map(|k| (0..2u32).flat_map(move |j| (0..3u32).map(move |i| 1000 * k + 10 * j + i)))
        .flat_map(u32::to_le_bytes)
        .collect();
    Object::of_class(uids::RT_DOSE_STORAGE, "RTDOSE")
        .decimals(tags::IMAGE_POSITION_PATIENT, position)
        .decimals(tags::IMAGE_ORIENTATION_PATIENT, directions)
        .decimals(tags::PIXEL_SPACING, &[4.0, 3.0])
        .shorts(tags::SAMPLES_PER_PIXEL, &[1])
        .text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2")
        .text(tags::NUMBER_OF_FRAMES, VR::IS, "3")
        .shorts(tags::ROWS, &[2])
        .shorts(tags::COLUMNS, &[3])
        .shorts(tags::BITS_ALLOCATED, &[32])
        .shorts(tags::BITS_STORED, &[32])
        .shorts(tags::HIGH_BIT, &[31])
        .shorts(tags::PIXEL_REPRESENTATION, &[0])
        .text(tags::DOSE_UNITS, VR::CS, "GY")
        .text(tags::DOSE_TYPE, VR::CS, "PHYSICAL")
        .text(tags::DOSE_SUMMATION_TYPE, VR::CS, "PLAN")
        .decimals(tags::GRID_FRAME_OFFSET_VECTOR, offsets)
        .text(tags::DOSE_GRID_SCALING, VR::DS, "0.01")
        .put(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U8(stored.into()))
}

fn loaded(object: Object) -> LoadedSeries {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("object.dcm");
    object.write(&path);
    only_series(&path)
}

const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

/// Dose at a point, by the plane that it lies in.
fn at(series: &LoadedSeries, lps: [f64; 3]) -> f32 {
    let volume = series.volume().expect("a volume");
    let voxel = volume.geometry().voxel_at_lps(DVec3::from_array(lps)).expect("inside");
    volume.value_ijk(voxel)
}

#[test]
fn dose_grids_are_volumes_in_gray_wherever_their_planes_lie() {
    let position = [10.0, 20.0, -50.0];
    for offsets in [[0.0, 2.5, 5.0], [-50.0, -47.5, -45.0]] {
        let series = loaded(dose(&AXIAL, &position, &offsets));
        assert_eq!(series.volume().unwrap().unit(), &ValueUnit::Other("Gy".into()));
        assert!((at(&series, [13.0, 24.0, -47.5]) - 10.11).abs() < 1e-4, "{offsets:?}");
        assert!((at(&series, [10.0, 20.0, -45.0]) - 20.0).abs() < 1e-4, "{offsets:?}");
    }
    // Planes that go down, and a coronal grid, whose offsets run along its normal (here toward the back).
    let series = loaded(dose(&AXIAL, &position, &[0.0, -2.5, -5.0]));
    assert!((at(&series, [10.0, 20.0, -55.0]) - 20.0).abs() < 1e-4);
    let coronal = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0];
    let series = loaded(dose(&coronal, &position, &[0.0, 2.5, 5.0]));
    assert!((at(&series, [13.0, 25.0, -54.0]) - 20.11).abs() < 1e-4);
    // Upside down, z coordinates are z coordinates all the same.
    let turned = [1.0, 0.0, 0.0, 0.0, -1.0, 0.0];
    let series = loaded(dose(&turned, &position, &[-50.0, -47.5, -45.0]));
    assert!((at(&series, [10.0, 16.0, -45.0]) - 20.1).abs() < 1e-4);
}

#[test]
fn dose_planes_without_a_known_place_make_no_volume() {
    for (directions, offsets) in [
        (AXIAL, vec![7.0, 9.5, 12.0]),
        (AXIAL, vec![0.0, 2.5, 9.0]),
        ([1.0, 0.0, 0.0, 0.0, 0.0, -1.0], vec![-50.0, -47.5, -45.0]),
    ] {
        let series = loaded(dose(&directions, &[10.0, 20.0, -50.0], &offsets));
        assert!(matches!(series.series.geometry, SeriesGeometry::Pictures(_)), "{offsets:?}");
    }
}

#[test]
fn what_a_dose_sums_is_said() {
    let Some(shared) = shared() else { return };
    let path = shared.join("data/objects/pydicom/rtdose.dcm");
    let series = only_series(&path);
    let volume = series.volume().expect("a volume");
    assert_eq!((volume.dims(), volume.unit()), ([10, 10, 15], &ValueUnit::Arbitrary), "a relative dose is not in Gy");
    let mean = volume.to_values().iter().map(|v| f64::from(*v)).sum::<f64>() / 1500.0;
    assert!((mean - 1.013_273_333_3).abs() < 1e-6, "{mean}");
    assert!(series.series.warnings.iter().any(|w| w.contains("sums BEAM")), "{:?}", series.series.warnings);
}

fn real_world_item(unit: &str, slope: f64) -> Object {
    let code = Object::new()
        .text(tags::CODE_VALUE, VR::SH, unit)
        .text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "UCUM")
        .text(tags::CODE_MEANING, VR::LO, unit);
    Object::new()
        .items(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![code])
        .text(tags::LUT_LABEL, VR::SH, "ADC")
        .put(tags::REAL_WORLD_VALUE_SLOPE, VR::FD, PrimitiveValue::F64([slope].into_iter().collect()))
        .put(tags::REAL_WORLD_VALUE_INTERCEPT, VR::FD, PrimitiveValue::F64([1.0].into_iter().collect()))
}

#[test]
fn parametric_maps_have_their_own_unit() {
    let frame = |z: f64| {
        let position = Object::new().decimals(tags::IMAGE_POSITION_PATIENT, &[0.0, 0.0, z]);
        Object::new().items(tags::PLANE_POSITION_SEQUENCE, vec![position])
    };
    let shared_groups = Object::new()
        .items(tags::PLANE_ORIENTATION_SEQUENCE, vec![Object::new().decimals(tags::IMAGE_ORIENTATION_PATIENT, &AXIAL)])
        .items(tags::PIXEL_MEASURES_SEQUENCE, vec![Object::new().decimals(tags::PIXEL_SPACING, &[1.0, 1.0])])
        .items(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![real_world_item("um2/s", 2.0)]);
    let pixels: Vec<f32> = (0..8u8).map(|n| f32::from(n) + 0.5).collect();
    let object = Object::of_class(uids::PARAMETRIC_MAP_STORAGE, "MR")
        .shorts(tags::SAMPLES_PER_PIXEL, &[1])
        .text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2")
        .text(tags::NUMBER_OF_FRAMES, VR::IS, "2")
        .shorts(tags::ROWS, &[2])
        .shorts(tags::COLUMNS, &[2])
        .shorts(tags::BITS_ALLOCATED, &[32])
        .items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared_groups])
        .items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, vec![frame(0.0), frame(3.0)])
        .put(tags::FLOAT_PIXEL_DATA, VR::OF, PrimitiveValue::F32(pixels.into()));
    let series = loaded(object);
    let volume = series.volume().expect("a volume");
    assert_eq!(volume.unit(), &ValueUnit::Other("um2/s".into()));
    assert_eq!(volume.value_ijk([1, 0, 1]), 5.5 * 2.0 + 1.0);
}

#[test]
fn real_world_maps_of_another_object_name_their_images() {
    let Some(shared) = shared() else { return };
    let file = DicomFile::header(&shared.join("data/objects/dcmqi/sr-example/rwvm.dcm")).unwrap();
    let groups = real_world::of_object(&file.data);
    assert!(!groups.is_empty() && groups.iter().all(|g| !g.images.is_empty() && !g.maps.is_empty()));
    let map = &groups[0].maps[0];
    assert!(map.unit_text().contains("g/ml"), "{map:?}");
    assert!(map.value(100.0).is_some_and(|v| v > 0.0));
    assert_eq!(catalog(&shared.join("data/objects/dcmqi/sr-example/rwvm.dcm")).studies.len(), 1);
}
