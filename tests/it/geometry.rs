//! Maps there and back, letters, standard planes, boxes.

use fovea::geometry::{BoxLps, DMat3, DVec2, DVec3, GeometryError, Orientation, SlicePlane, VolumeGeometry, letters};
use proptest::prelude::*;

fn grid(angles: [f64; 3], spacing: [f64; 3], shear: [f64; 2], mirrored: bool) -> VolumeGeometry {
    let mut direction = DMat3::from_euler(glam::EulerRot::ZYX, angles[0], angles[1], angles[2]);
    if mirrored {
        direction.z_axis = -direction.z_axis;
    }
    let geometry =
        VolumeGeometry::new([7, 5, 4], DVec3::new(-12.0, 30.0, -400.0), DVec3::from_array(spacing), direction);
    geometry.unwrap().with_shear_mm(DVec2::from_array(shear)).unwrap()
}

proptest! {
    #[test]
    fn there_and_back(
        angles in proptest::array::uniform3(-3.0f64..3.0),
        spacing in proptest::array::uniform3(0.2f64..8.0),
        shear in proptest::array::uniform2(-2.0f64..2.0),
        mirrored: bool,
        at in proptest::array::uniform3(-3.0f64..9.0),
    ) {
        let g = grid(angles, spacing, shear, mirrored);
        let ijk = DVec3::from_array(at);
        let back = g.ijk_from_lps().transform_point3(g.point_lps(ijk));
        prop_assert!((back - ijk).length() < 1e-6, "{back} {ijk}");
        prop_assert!((g.voxel_volume_mm3() - spacing.iter().product::<f64>()).abs() < 1e-6, "a shear keeps volumes");
        let inside = (0..3).all(|n| (-0.49..g.dims()[n] as f64 - 0.51).contains(&at[n]));
        if inside {
            let voxel = g.voxel_at_lps(g.point_lps(ijk)).unwrap();
            prop_assert!((0..3).all(|n| (voxel[n] as f64 - at[n]).abs() <= 0.5 + 1e-6));
            prop_assert!(g.bounds_lps().contains(g.point_lps(ijk)));
        }
    }

    #[test]
    fn flat_indices_are_unique(n in 0usize..140) {
        let g = grid([0.0; 3], [1.0; 3], [0.0; 2], false);
        prop_assert_eq!(g.index(g.ijk(n)), n);
    }

    #[test]
    fn a_plane_maps_there_and_back(x in -50.0f64..300.0, y in -50.0f64..300.0, which in 0usize..3) {
        let g = grid([0.1, 0.2, -0.1], [1.0, 0.7, 3.0], [0.0; 2], false);
        let plane = SlicePlane::fit(&g, Orientation::ALL[which], g.center_lps(), [200, 150]);
        let px = DVec2::new(x, y);
        let (back, off) = plane.px_from_lps(plane.lps_from_px(px));
        prop_assert!((back - px).length() < 1e-6 && off.abs() < 1e-6);
    }
}

#[test]
fn letters_follow_directions_and_are_never_guessed() {
    assert_eq!(letters(DVec3::X), "L");
    assert_eq!(letters(DVec3::new(-0.9, 0.0, 0.4)), "RH");
    assert_eq!(letters(DVec3::new(0.0, -0.7, -0.75)), "FA");
    assert_eq!(letters(DVec3::ZERO), "");
    assert_eq!(letters(DVec3::new(f64::NAN, 0.0, 0.0)), "");
}

#[test]
fn standard_planes_lie_as_readers_expect() {
    let g = grid([0.0; 3], [1.0; 3], [0.0; 2], false);
    let edges = |o| SlicePlane::fit(&g, o, g.center_lps(), [64, 64]).edge_letters().join("");
    assert_eq!(edges(Orientation::Axial), "RLAP");
    assert_eq!(edges(Orientation::Coronal), "RLHF");
    assert_eq!(edges(Orientation::Sagittal), "APHF");
}

#[test]
fn broken_geometries_are_refused() {
    let make = |dims, spacing, direction| VolumeGeometry::new(dims, DVec3::ZERO, spacing, direction);
    let skewed = DMat3::from_cols(DVec3::X, DVec3::new(0.1, 1.0, 0.0), DVec3::Z);
    assert!(matches!(make([0, 1, 1], DVec3::ONE, DMat3::IDENTITY), Err(GeometryError::Empty(..))));
    assert!(matches!(make([1, 1, 1], DVec3::new(1.0, 0.0, 1.0), DMat3::IDENTITY), Err(GeometryError::Spacing(..))));
    assert!(matches!(make([1, 1, 1], DVec3::ONE, skewed), Err(GeometryError::Direction(_))));
    assert!(matches!(make([1, 1, 1], DVec3::ONE, DMat3::IDENTITY * f64::NAN), Err(GeometryError::Direction(_))));
    let lost = VolumeGeometry::new([1, 1, 1], DVec3::splat(f64::INFINITY), DVec3::ONE, DMat3::IDENTITY);
    assert!(matches!(lost, Err(GeometryError::Origin)));
}

#[test]
fn boxes_hold_their_points() {
    let points = [DVec3::new(1.0, -2.0, 3.0), DVec3::new(-1.0, 5.0, 0.0)];
    let b = BoxLps::around(points).unwrap();
    assert!(points.iter().all(|&p| b.contains(p)) && b.corners().iter().all(|&p| b.contains(p)));
    assert_eq!((b.center(), b.size_mm()), (DVec3::new(0.0, 1.5, 1.5), DVec3::new(2.0, 7.0, 3.0)));
    assert!(BoxLps::around([]).is_none());
}
