//! Formats that are not DICOM, and containers: NRRD, MetaImage, 4D files, pictures, archives, label images, conversions.

#[path = "io_formats/archives.rs"]
pub(crate) mod archives;
#[path = "io_formats/convert.rs"]
mod convert;
#[path = "io_formats/labels.rs"]
mod labels;
#[path = "io_formats/meshes.rs"]
mod meshes;
#[path = "io_formats/metaimage.rs"]
mod metaimage;
#[path = "io_formats/nifti.rs"]
mod nifti;
#[path = "io_formats/nrrd.rs"]
mod nrrd;
#[path = "io_formats/pictures.rs"]
mod pictures;

use fovea::geometry::{DMat3, DVec3, VolumeGeometry};
use fovea::io;
use fovea::jobs::{Cancel, Progress};
use fovea::loaded::LoadedSeries;
use fovea::study::Catalog;
use fovea::volume::{Rescale, ValueUnit, Volume, Voxels};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

/// What is at a path.
pub(crate) fn catalog(path: &Path) -> Catalog {
    io::open(&[path.to_owned()], &Progress::default(), &Cancel::default()).expect("the path exists")
}

/// A display set by its key.
pub(crate) fn load(catalog: &Catalog, key: &str) -> LoadedSeries {
    io::load_series(catalog, key, &Progress::default(), &Cancel::default()).expect("it loads")
}

/// The only display set of a path.
pub(crate) fn load_only(path: &Path) -> LoadedSeries {
    let catalog = catalog(path);
    let keys: Vec<String> = catalog.series().map(|(_, s)| s.key()).collect();
    assert_eq!(keys.len(), 1, "{:?} {:?}", keys, catalog.unreadable);
    load(&catalog, &keys[0])
}

/// 4 × 3 × 2 voxels of −1000, −900, …
fn numbers() -> Vec<i16> {
    (0..24).map(|n| n * 100 - 1000).collect()
}

/// A file of these parts.
fn write(folder: &Path, name: &str, parts: &[&[u8]]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, parts.concat()).expect("written");
    path
}

/// The file holds [`numbers`], and voxel (1, 1, 1) lies there.
fn assert_holds_the_numbers(path: &Path, what: &str, voxel_111_lps: DVec3) {
    let loaded = load_only(path);
    let volume = loaded.volume().unwrap_or_else(|| panic!("{what}: {:?}", loaded.series.geometry));
    assert_eq!(volume.dims(), [4, 3, 2], "{what}");
    let expected: Vec<f32> = numbers().into_iter().map(f32::from).collect();
    assert_eq!(volume.to_values(), expected, "{what}");
    assert_eq!(volume.geometry().point_lps(DVec3::ONE), voxel_111_lps, "{what}");
}

/// One of the 48 orientations: where the axes go, and which way.
fn oriented(dims: [usize; 3], order: usize, flips: usize, tilt: f64) -> VolumeGeometry {
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let turn = DMat3::from_rotation_z(tilt) * DMat3::from_rotation_x(tilt / 2.0);
    let axis = |n: usize| turn * DVec3::AXES[ORDERS[order][n]] * if flips >> n & 1 == 0 { 1.0 } else { -1.0 };
    VolumeGeometry::new(
        dims,
        DVec3::new(-31.5, 12.25, 800.0),
        DVec3::new(0.7, 1.1, 3.3),
        DMat3::from_cols(axis(0), axis(1), axis(2)),
    )
    .expect("regular")
}

fn volume(geometry: VolumeGeometry, kind: usize) -> Volume {
    let n = geometry.len();
    let (voxels, rescale) = match kind {
        0 => (Voxels::U8((0..n).map(|v| (v * 7 % 251) as u8).collect()), Rescale::IDENTITY),
        1 => (Voxels::I16((0..n).map(|v| v as i16 * 31 - 900).collect()), Rescale { slope: 1.0, intercept: -24.0 }),
        2 => (Voxels::U16((0..n).map(|v| (v * 1009 % 65_521) as u16).collect()), Rescale::IDENTITY),
        _ => (Voxels::F32((0..n).map(|v| v as f32 / 7.0).collect()), Rescale { slope: 0.5, intercept: 0.25 }),
    };
    Volume::new(geometry, voxels, rescale, ValueUnit::Arbitrary).expect("a volume")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Values and places survive every format in every orientation, straight and oblique.
    #[test]
    fn round_trips_are_exact(order in 0usize..6, flips in 0usize..8, tilt in prop::sample::select(vec![0.0, 0.3]), kind in 0usize..4) {
        let folder = tempfile::tempdir().expect("a folder");
        let volume = volume(oriented([4, 5, 3], order, flips, tilt), kind);
        for name in ["x.nrrd", "x.mha", "x.nii", "x.nii.gz"] {
            let path = folder.path().join(name);
            let resampled = match name {
                "x.nrrd" => io::nrrd::write_volume(&path, &volume),
                "x.mha" => io::metaimage::write_volume(&path, &volume),
                _ => io::nifti::write_volume(&path, &volume),
            };
            prop_assert!(!resampled.expect("written"));
            let back = load_only(&path);
            let back = back.volume().expect("a volume");
            prop_assert!(back.geometry().same_grid(volume.geometry()), "{name}");
            prop_assert_eq!(back.to_values(), volume.to_values(), "{}", name);
        }
    }
}
