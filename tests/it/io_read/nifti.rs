//! NIfTI: both sides, every datatype, round trips, and headers that lie.

use crate::common::shared;
use fovea::geometry::{DMat3, DVec2, DVec3, VolumeGeometry};
use fovea::io::nifti;
use fovea::volume::{Labelmap, Rescale, ValueUnit, Volume, Voxels};
use proptest::prelude::*;

/// The NIfTI phantom grows to the patient's left, posterior and superior: i + j + k.
#[test]
fn left_and_right_survive_nifti() {
    let Some(shared) = shared() else { return };
    let image = nifti::read(&shared.join("data/nifti/orientation/orientation.nii.gz")).expect("reads");
    let volume = image.into_volume().expect("a volume");
    let g = volume.geometry().clone();
    let at = |lps: DVec3| volume.value_ijk(g.voxel_at_lps(lps).expect("inside"));
    let center = g.center_lps();
    for axis in [DVec3::X, DVec3::Y, DVec3::Z] {
        assert_eq!(at(center + axis * 8.0) - at(center), 4.0, "{axis}");
    }
}

#[test]
fn byte_orders_and_versions_agree() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/nifti/variants");
    let read = |name: &str| nifti::read(&folder.join(name)).expect(name);
    let (big, little) = (read("big.nii.gz"), read("little.nii.gz"));
    assert_eq!(big.voxels, little.voxels);
    assert_eq!(big.header.geometry, little.header.geometry);
    assert_eq!(read("avg152T1_LR_nifti2.nii.gz").header.dims, [91, 109, 91]);
}

fn oblique(dims: [usize; 3], flip: bool) -> VolumeGeometry {
    let row = DVec3::new(0.8, 0.6, 0.0);
    let column = DVec3::new(-0.6, 0.8, 0.0) * 0.8 + DVec3::Z * 0.6;
    let normal = row.cross(column) * if flip { -1.0 } else { 1.0 };
    VolumeGeometry::new(
        dims,
        DVec3::new(-31.5, 12.25, 800.0),
        DVec3::new(0.7, 1.1, 3.3),
        DMat3::from_cols(row, column, normal),
    )
    .expect("regular")
}

#[test]
fn volumes_and_labels_come_back_as_they_went() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, flip) in [("a.nii", false), ("b.nii.gz", true)] {
        let path = folder.path().join(name);
        let geometry = oblique([5, 4, 3], flip);
        let stored: Vec<i16> = (0..60).map(|n| n * 7 - 100).collect();
        let rescale = Rescale { slope: 1.0, intercept: -24.0 };
        let volume = Volume::new(geometry.clone(), Voxels::I16(stored), rescale, ValueUnit::Hu).expect("a volume");
        assert!(!nifti::write_volume(&path, &volume).expect("written"), "nothing was resampled");
        let back = nifti::read(&path).expect("reads").into_volume().expect("a volume");
        assert!(back.geometry().same_grid(&geometry));
        assert_eq!(back.to_values(), volume.to_values());
        let labels: Vec<u8> = (0..60).map(|n| n % 5).collect();
        let labelmap = Labelmap::from_labels(geometry.clone(), &labels).expect("fits");
        nifti::write_labels(&path, &labelmap).expect("written");
        let back = nifti::read(&path).expect("reads");
        assert_eq!(back.voxels, Voxels::U8(labels));
        assert!(back.header.geometry.expect("placed").same_grid(&geometry));
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 2, "no temporary file is left");
}

/// A bright line along the head-foot axis stays where it is when a tilted stack is straightened.
#[test]
fn straightening_keeps_places() {
    let straight =
        VolumeGeometry::new([20, 20, 6], DVec3::ZERO, DVec3::new(1.0, 1.0, 4.0), DMat3::IDENTITY).expect("regular");
    let sheared = straight.with_shear_mm(DVec2::new(0.0, 1.5)).expect("finite");
    let (x, y) = (8.0, 12.0);
    let mut values = vec![0f32; sheared.len()];
    for k in 0..6 {
        let j = y - 1.5 * k as f64;
        let low = j.floor() as usize;
        values[sheared.index([x as usize, low, k])] = (100.0 * (1.0 - j.fract())) as f32;
        values[sheared.index([x as usize, low + 1, k])] = (100.0 * j.fract()) as f32;
    }
    let volume = Volume::new(sheared, Voxels::F32(values), Rescale::IDENTITY, ValueUnit::Arbitrary).expect("a volume");
    let result = nifti::straightened(&volume).expect("straight");
    assert!(!result.geometry().is_sheared());
    for k in 0..6 {
        let voxel = result.geometry().voxel_at_lps(DVec3::new(x, y, 4.0 * f64::from(k))).expect("inside");
        assert!(result.value_ijk(voxel) >= 49.0, "slice {k}: {}", result.value_ijk(voxel));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn mutated_headers_never_panic(changes in prop::collection::vec((0usize..360, any::<u8>()), 1..8)) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.nii");
        let labels = Labelmap::empty(oblique([5, 4, 3], false));
        nifti::write_labels(&path, &labels).expect("written");
        let mut bytes = std::fs::read(&path).expect("reads");
        for (at, value) in changes {
            bytes[at] = value;
        }
        std::fs::write(&path, &bytes).expect("written");
        if let Ok(image) = nifti::read(&path) {
            prop_assert!(image.voxels.len() <= bytes.len());
            let _ = image.into_volume();
        }
    }
}
