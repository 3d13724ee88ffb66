//! A small CT made in code, and masks on it: what masks and structure sets are read against.

use crate::codes;
use crate::geometry::{DMat3, DVec3, VolumeGeometry};
use crate::io::write::{
    Origin, SeriesDescription, WriteContext, write_segmentation_dicom, write_structure_set, write_volume_dicom,
};
use crate::loaded::{ImageData, LoadedSeries, SliceSource};
use crate::study::{Instance, Patient, Series, Study};
use crate::volume::{AlgorithmKind, Labelmap, Rescale, Segment, Segmentation, ValueUnit, Volume, Voxels};
use std::path::Path;
use std::sync::Arc;

const ROOT: &str = "1.2.826.0.1.3680043.8.498";

/// 9 columns × 7 rows × 5 slices, oblique, with UIDs that never change.
pub fn ct() -> LoadedSeries {
    let direction = DMat3::from_rotation_z(0.3) * DMat3::from_rotation_x(-0.2);
    let geometry = VolumeGeometry::new([9, 7, 5], DVec3::new(-12.3, 4.56, 78.9), DVec3::new(0.7, 0.9, 2.5), direction)
        .expect("a regular grid");
    let values = (0..geometry.len()).map(|n| (n % 1000) as i16 - 150).collect();
    let volume = Volume::new(geometry, Voxels::I16(values), Rescale::IDENTITY, ValueUnit::Hu).expect("a volume");
    let instance = |k: usize| Instance {
        file: format!("{k}.dcm").into(),
        sop_instance_uid: format!("{ROOT}.{}", 1000 + k),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
        number: Some(k as i64 + 1),
        rows: 7,
        columns: 9,
        frames: 1,
        ..Instance::default()
    };
    let series = Series {
        uid: format!("{ROOT}.77"),
        modality: "CT".into(),
        number: Some(4),
        frame_of_reference_uid: format!("{ROOT}.78"),
        instances: (0..5).map(instance).collect(),
        ..Series::default()
    };
    let patient = Patient { name: "Phantom, One".into(), id: "P-1".into(), ..Patient::default() };
    let study = Study { uid: format!("{ROOT}.76"), patient, ..Study::default() };
    LoadedSeries {
        study: Arc::new(study),
        series: Arc::new(series),
        image: ImageData::Volume(Arc::new(volume)),
        slices: (0..5).map(|instance| SliceSource { instance, frame: 0 }).collect(),
        header_voi: None,
        voi_choices: Vec::new(),
    }
}

/// Three segments on it.
pub fn masks(source: &LoadedSeries) -> Segmentation {
    let geometry = source.geometry().expect("a volume").clone();
    let label = |n| match geometry.ijk(n) {
        [i, j, 1..=3] if (2..7).contains(&i) && (1..5).contains(&j) && (i, j) != (4, 3) => 1,
        [0..=1, 0, 0] => 2,
        [7 | 8, 5 | 6, 4] => 3,
        _ => 0,
    };
    let labels: Vec<u8> = (0..geometry.len()).map(label).collect();
    let segment = |number: u8| Segment {
        number,
        label: format!("Segment {number}"),
        category: codes::ANATOMICAL_STRUCTURE,
        property: Some(codes::LUNG),
        laterality: None,
        color_rgb: [number * 60, 10, 20],
        algorithm: AlgorithmKind::Automatic,
        algorithm_name: "made in code".into(),
        tracking_uid: String::new(),
    };
    let labelmap = Labelmap::from_labels(geometry, &labels).expect("as many labels as voxels");
    Segmentation { labelmap, segments: (1..=3).map(segment).collect() }
}

/// Writes the series, its SEG and its RTSTRUCT into a folder: `0001.dcm` …, `seg.dcm`, `rtstruct.dcm`.
pub fn write(folder: &Path) {
    let (source, context) = (ct(), WriteContext::default());
    let what = SeriesDescription { study: &source.study, series: &source.series, origin: Origin::Phantom, voi: None };
    write_volume_dicom(folder, &what, source.volume().expect("a volume"), &context).expect("slices");
    write_segmentation_dicom(&folder.join("seg.dcm"), &source, &masks(&source), &context).expect("a SEG");
    write_structure_set(&folder.join("rtstruct.dcm"), &source, &masks(&source), &context).expect("an RTSTRUCT");
}
