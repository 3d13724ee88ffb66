//! Sources made in code: a small CT with unequal axes, straight or sheared, and its asymmetric masks.

use fovea::codes::{self, Code};
use fovea::geometry::{DMat3, DVec2, DVec3, VolumeGeometry};
use fovea::loaded::{ImageData, LoadedSeries, SliceSource};
use fovea::study::{Instance, Patient, Series, Study};
use fovea::volume::{AlgorithmKind, Labelmap, Rescale, Segment, Segmentation, ValueUnit, Volume, Voxels};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// 7 columns × 5 rows × 4 slices: 35 pixels per slice, so that frames do not begin at whole bytes.
pub fn oblique_geometry() -> VolumeGeometry {
    let direction = DMat3::from_rotation_z(0.3) * DMat3::from_rotation_x(-0.2);
    VolumeGeometry::new([7, 5, 4], DVec3::new(-12.3, 4.56, 78.9), DVec3::new(0.7, 0.9, 2.5), direction).unwrap()
}

/// The same, sheared like a tilted gantry.
pub fn sheared_geometry() -> VolumeGeometry {
    oblique_geometry().with_shear_mm(DVec2::new(0.1, 0.71)).unwrap()
}

/// A CT on a grid, one instance per slice.
pub fn ct(geometry: VolumeGeometry) -> LoadedSeries {
    let slices = geometry.dims()[2];
    let values = (0..geometry.len()).map(|n| (n % 1000) as i16 - 500).collect();
    let volume = Volume::new(geometry, Voxels::I16(values), Rescale::IDENTITY, ValueUnit::Hu).unwrap();
    let instance = |k: usize| Instance {
        file: format!("{k}.dcm").into(),
        sop_instance_uid: format!("1.2.826.0.1.3680043.8.498.{}", 1000 + k),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
        number: Some(k as i64 + 1),
        rows: 5,
        columns: 7,
        frames: 1,
        ..Instance::default()
    };
    let series = Series {
        uid: "1.2.826.0.1.3680043.8.498.77".into(),
        modality: "CT".into(),
        number: Some(4),
        frame_of_reference_uid: "1.2.826.0.1.3680043.8.498.78".into(),
        instances: (0..slices).map(instance).collect(),
        ..Series::default()
    };
    let patient = Patient {
        name: "Müller, Jürgen".into(),
        id: "P-1".into(),
        birth_date: "19700102".into(),
        sex: "M".into(),
        ..Patient::default()
    };
    let study = Study {
        uid: "1.2.826.0.1.3680043.8.498.76".into(),
        patient,
        date: "20260102".into(),
        time: "101112".into(),
        accession: "A1".into(),
        ..Study::default()
    };
    LoadedSeries {
        study: Arc::new(study),
        series: Arc::new(series),
        image: ImageData::Volume(Arc::new(volume)),
        slices: (0..slices).map(|k| SliceSource { instance: k, frame: 0 }).collect(),
        header_voi: None,
        voi_choices: Vec::new(),
    }
}

/// A segment with everything filled in.
pub fn segment(number: u8, label: &str, color_rgb: [u8; 3]) -> Segment {
    Segment {
        number,
        label: label.into(),
        category: codes::ANATOMICAL_STRUCTURE,
        property: Some(codes::LUNG),
        laterality: Some(codes::RIGHT),
        color_rgb,
        algorithm: AlgorithmKind::Automatic,
        algorithm_name: "ct-rules 1".into(),
        tracking_uid: fovea::io::uid::fresh(),
    }
}

/// Labels 2, 5 and 9, none of them symmetric under any flip or exchange of axes.
pub fn masks(geometry: VolumeGeometry) -> Segmentation {
    let labels: Vec<u8> = (0..geometry.len())
        .map(|n| match geometry.ijk(n) {
            [0..=1, 0, 0] => 2,
            [i, j, 1] if i > j => 5,
            [6 | 5, 4, 3] | [6, 3, 3] => 9,
            _ => 0,
        })
        .collect();
    let lesion = Segment {
        category: codes::MORPHOLOGICALLY_ABNORMAL,
        property: Some(codes::LESION),
        laterality: Some(codes::LEFT),
        algorithm: AlgorithmKind::SemiAutomatic,
        ..segment(5, "Läsion 1 – 肺", [12, 200, 255])
    };
    let drawn = Segment {
        property: None,
        laterality: None,
        algorithm: AlgorithmKind::Manual,
        algorithm_name: String::new(),
        tracking_uid: String::new(),
        ..segment(9, "Drawn", [0, 0, 0])
    };
    Segmentation {
        labelmap: Labelmap::from_labels(geometry, &labels).unwrap(),
        segments: vec![segment(2, "Right lung", [255, 255, 255]), lesion, drawn],
    }
}

/// A code that no dictionary has.
#[allow(dead_code)]
pub fn odd_code() -> Code {
    Code::new("a code value that is longer than sixteen", "99TEST", "odd")
}

/// A folder for a test's files: temporary, or kept under `FOVEA_TEST_KEEP` so that other programs can look at them.
pub struct Folder(PathBuf, #[allow(dead_code, reason = "removes the folder when dropped")] Option<tempfile::TempDir>);

impl Folder {
    pub fn new(name: &str) -> Self {
        if let Some(kept) = std::env::var_os("FOVEA_TEST_KEEP") {
            let path = PathBuf::from(kept).join(name);
            std::fs::create_dir_all(&path).unwrap();
            return Self(path, None);
        }
        let temporary = tempfile::tempdir().unwrap();
        Self(temporary.path().to_owned(), Some(temporary))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}
