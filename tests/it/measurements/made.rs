//! Series and places to measure on.

use fovea::findings::Quantity;
use fovea::findings::measurement::{Measurement, Place, Shape};
use fovea::geometry::{DMat3, DQuat, DVec3, EulerRot, SlicePlane, VolumeGeometry};
use fovea::loaded::{ImageData, LoadedSeries, SliceSource};
use fovea::study::{Instance, Patient, Series, Study};
use fovea::volume::{Calibration, Picture, Presentation, Rescale, Samples, ValueUnit, Volume, Voxels};
use std::sync::Arc;

pub const COLUMNS_ROWS: [u32; 2] = [40, 30];

/// A CT series of a volume, one instance a slice.
pub fn series_of(volume: Volume) -> LoadedSeries {
    let [columns, rows, slices] = volume.dims();
    let instance = |k: usize| Instance {
        sop_instance_uid: format!("2.25.100{k}"),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
        number: Some(k as i64 + 1),
        rows: rows as u32,
        columns: columns as u32,
        frames: 1,
        ..Instance::default()
    };
    let series = Series {
        uid: "2.25.2".into(),
        modality: "CT".into(),
        number: Some(4),
        frame_of_reference_uid: "2.25.3".into(),
        instances: (0..slices).map(instance).collect(),
        ..Series::default()
    };
    LoadedSeries {
        study: Arc::new(Study {
            uid: "2.25.1".into(),
            patient: Patient { id: "P1".into(), name: "Phantom".into(), ..Patient::default() },
            ..Study::default()
        }),
        series: Arc::new(series),
        image: ImageData::Volume(Arc::new(volume)),
        slices: (0..slices).map(|instance| SliceSource { instance, frame: 0 }).collect(),
        header_voi: None,
        voi_choices: Vec::new(),
    }
}

/// A volume of a function of the patient position, in HU.
pub fn volume_of(geometry: VolumeGeometry, value: impl Fn(DVec3) -> f32) -> Volume {
    let [columns, rows, slices] = geometry.dims();
    let mut voxels = Vec::with_capacity(geometry.len());
    for k in 0..slices {
        for j in 0..rows {
            for i in 0..columns {
                voxels.push(value(geometry.point_lps(DVec3::new(i as f64, j as f64, k as f64))));
            }
        }
    }
    Volume::new(geometry, Voxels::F32(voxels), Rescale::IDENTITY, ValueUnit::Hu).unwrap()
}

/// All 48 ways in which three axes can lie along the patient's.
pub fn axis_permutations() -> Vec<DMat3> {
    let axes = [DVec3::X, DVec3::Y, DVec3::Z];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut all = Vec::new();
    for order in orders {
        for signs in 0..8 {
            let column = |n: usize| axes[order[n]] * if signs >> n & 1 == 0 { 1.0 } else { -1.0 };
            all.push(DMat3::from_cols(column(0), column(1), column(2)));
        }
    }
    all
}

/// Directions that lean against every axis.
pub fn tilted() -> DMat3 {
    DMat3::from_quat(DQuat::from_euler(EulerRot::XYZ, 0.4, -0.3, 0.9))
}

pub fn geometry(dims: [usize; 3], spacing: [f64; 3], direction: DMat3) -> VolumeGeometry {
    VolumeGeometry::new(dims, DVec3::new(-31.0, 17.0, 250.0), DVec3::from_array(spacing), direction).unwrap()
}

/// A shown plane through a point.
pub fn shown(center_lps: DVec3, u_lps: DVec3, v_lps: DVec3) -> SlicePlane {
    SlicePlane { center_lps, u_lps, v_lps, pixel_mm: 0.37, size_px: [301, 200] }
}

/// A radiograph without place, of a function of column and row.
pub fn picture_series(calibration: Calibration, value: impl Fn(usize, usize) -> u16) -> LoadedSeries {
    let [width, height] = COLUMNS_ROWS.map(|n| n as usize);
    let stored: Vec<u16> = (0..width * height).map(|n| value(n % width, n / width)).collect();
    let picture = Picture {
        width,
        height,
        samples: Samples::Gray { stored: Voxels::U16(stored), rescale: Rescale::IDENTITY },
        unit: ValueUnit::Arbitrary,
        inverted: false,
        voi: None,
        calibration,
        patient_orientation: None,
        laterality: String::new(),
        view_position: String::new(),
        presentation: Presentation::default(),
    };
    let instance = Instance {
        sop_instance_uid: "2.25.500".into(),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.1".into(),
        number: Some(7),
        rows: COLUMNS_ROWS[1],
        columns: COLUMNS_ROWS[0],
        frames: 1,
        ..Instance::default()
    };
    let series = Series {
        uid: "2.25.5".into(),
        modality: "CR".into(),
        number: Some(1),
        instances: vec![instance],
        ..Series::default()
    };
    LoadedSeries {
        study: Arc::new(Study {
            uid: "2.25.1".into(),
            patient: Patient { id: "P1".into(), name: "Phantom".into(), ..Patient::default() },
            ..Study::default()
        }),
        series: Arc::new(series),
        image: ImageData::Pictures(vec![Arc::new(picture)]),
        slices: [SliceSource { instance: 0, frame: 0 }].into(),
        header_voi: None,
        voi_choices: Vec::new(),
    }
}

/// One of the numbers of a measurement.
#[track_caller]
pub fn get(measurement: &Measurement, quantity: Quantity) -> f64 {
    measurement.results.get(quantity).unwrap_or_else(|| panic!("no {quantity:?}")).value
}

/// A patient point in the coordinates of a place.
pub fn on(place: &Place, lps: DVec3) -> fovea::geometry::DVec2 {
    let Place::Patient(plane) = place else { panic!("a plane") };
    let (at, distance) = plane.coordinates(lps);
    assert!(distance.abs() < 1e-9, "the point lies on the plane");
    at
}

/// Measures, where it must succeed.
#[track_caller]
pub fn measured(series: &LoadedSeries, shape: Shape, place: &Place) -> Measurement {
    fovea::reading::measure(series, shape, place.clone()).expect("measured")
}
