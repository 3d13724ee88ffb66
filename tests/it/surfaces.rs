//! Surfaces of labels: closed, turned outward, in the right place, of the right size.

use fovea::geometry::{DMat3, DVec2, DVec3, EulerRot, VolumeGeometry};
use fovea::volume::surface::{Smoothing, SurfaceError, blocky_surface, smoothed, surface};
use fovea::volume::{Labelmap, Mesh};
use std::collections::{HashMap, HashSet};

fn grid(dims: [usize; 3], spacing: DVec3) -> VolumeGeometry {
    let direction = DMat3::from_euler(EulerRot::XYZ, 0.3, -0.2, 0.5);
    VolumeGeometry::new(dims, DVec3::new(-212.0, 37.0, 431.0), spacing, direction).unwrap()
}

fn labels(geometry: &VolumeGeometry, label: impl Fn([usize; 3]) -> u8) -> Labelmap {
    let labels: Vec<u8> = (0..geometry.len()).map(|n| label(geometry.ijk(n))).collect();
    Labelmap::from_labels(geometry.clone(), &labels).unwrap()
}

/// A ball around the middle of the grid, its radius in voxels.
fn ball(dims: [usize; 3], radius: f64) -> impl Fn([usize; 3]) -> u8 {
    let middle = DVec3::from_array(dims.map(|n| n as f64 / 2.0 - 0.37));
    move |ijk| u8::from(DVec3::from_array(ijk.map(|n| n as f64)).distance(middle) <= radius)
}

/// Every edge has one triangle on each side, which run through it in opposite directions. Gives the number of vertices less
/// edges plus triangles: 2 for each ball, 0 for each ring.
#[track_caller]
fn euler_of_closed(mesh: &Mesh) -> i64 {
    let mut directed: HashMap<(u32, u32), usize> = HashMap::new();
    for &[a, b, c] in &mesh.triangles {
        assert!(a != b && b != c && c != a);
        [(a, b), (b, c), (c, a)].into_iter().for_each(|edge| *directed.entry(edge).or_default() += 1);
    }
    assert!(directed.values().all(|count| *count == 1), "an edge has several triangles on one side");
    assert!(directed.keys().all(|(a, b)| directed.contains_key(&(*b, *a))), "an edge has a triangle on one side only");
    let used: HashSet<u32> = mesh.triangles.iter().flatten().copied().collect();
    assert_eq!(used.len(), mesh.vertices_lps.len(), "each vertex is used");
    used.len() as i64 - directed.len() as i64 / 2 + mesh.triangles.len() as i64
}

#[test]
fn noise_of_every_kind_is_closed() {
    let dims = [17, 13, 11];
    for (geometry, seed) in [(grid(dims, DVec3::ONE), 1u32), (grid(dims, DVec3::new(0.7, 0.9, 2.5)), 77)] {
        for share in [10, 50, 90] {
            let noise = |[i, j, k]: [usize; 3]| {
                let hash = ((i + 31 * j + 997 * k) as u32 ^ seed).wrapping_mul(2_654_435_761).rotate_left(11);
                u8::from(hash.wrapping_mul(2_246_822_519) >> 16 & 127 < 128 * share / 100)
            };
            let map = labels(&geometry, noise);
            let mesh = blocky_surface(&map, 1).unwrap();
            euler_of_closed(&mesh);
            assert!(mesh.volume_mm3() > 0.0);
            let smooth = smoothed(&mesh, Smoothing::default());
            assert_eq!(smooth.triangles, mesh.triangles);
            assert!(smooth.vertices_lps.iter().all(|v| v.is_finite()));
        }
    }
}

#[test]
fn the_topology_is_that_of_the_mask() {
    let geometry = grid([20, 20, 20], DVec3::new(0.7, 0.9, 2.5));
    let euler =
        |label: &dyn Fn([usize; 3]) -> u8| euler_of_closed(&blocky_surface(&labels(&geometry, label), 1).unwrap());
    // A box, a box with a hole through it, a hollow box, two boxes that touch at an edge and at a corner.
    let solid = |[i, j, k]: [usize; 3]| u8::from([i, j, k].iter().all(|n| (5..15).contains(n)));
    assert_eq!(euler(&solid), 2);
    let tunnel = |ijk: [usize; 3]| if ijk[..2].iter().all(|n| (9..12).contains(n)) { 0 } else { solid(ijk) };
    assert_eq!(euler(&tunnel), 0);
    let hollow = |ijk: [usize; 3]| if ijk.iter().all(|n| (9..12).contains(n)) { 0 } else { solid(ijk) };
    assert_eq!(euler(&hollow), 4);
    let edge = |[i, j, _]: [usize; 3]| u8::from((i < 5 && j < 5) || ((5..9).contains(&i) && (5..9).contains(&j)));
    assert_eq!(euler(&edge), 4);
    let corner = |ijk: [usize; 3]| u8::from(ijk.iter().all(|n| *n < 5) || ijk.iter().all(|n| (5..9).contains(n)));
    assert_eq!(euler(&corner), 4);
    assert_eq!(euler(&|ijk| u8::from(ijk == [19, 0, 7])), 2);
}

#[test]
fn a_label_that_fills_its_grid_is_closed_at_the_borders() {
    let geometry = grid([30, 24, 26], DVec3::new(0.7, 0.9, 2.5));
    let mesh = blocky_surface(&labels(&geometry, |_| 9), 9).unwrap();
    assert_eq!(euler_of_closed(&mesh), 2);
    // Only edges and corners are cut, by an eighth of a voxel along each edge.
    let expected = geometry.len() as f64 * geometry.voxel_volume_mm3();
    let ratio = mesh.volume_mm3() / expected;
    assert!((0.99..1.0).contains(&ratio), "{ratio}");
    // It reaches exactly to the faces of the grid, half a voxel beyond the outer centers.
    let (own, whole) = (mesh.bounds_lps().unwrap(), geometry.bounds_lps());
    assert!(own.min.distance(whole.min) < 2.5 && own.max.distance(whole.max) < 2.5);
    let ijk_from_lps = geometry.ijk_from_lps();
    let far = |axis: usize| {
        let along = mesh.vertices_lps.iter().map(|v| ijk_from_lps.transform_point3(*v)[axis]);
        along.fold([f64::MAX, f64::MIN], |[a, b], x| [a.min(x), b.max(x)])
    };
    for (axis, dim) in [(0, 30.0), (1, 24.0), (2, 26.0)] {
        let [low, high] = far(axis);
        assert!((low + 0.5).abs() < 1e-9 && (high - dim + 0.5).abs() < 1e-9, "{low} {high}");
    }
}

#[test]
fn balls_keep_their_volume() {
    for (radius, spacing, shear) in [
        (10.0, DVec3::ONE, DVec2::ZERO),
        (10.0, DVec3::new(0.7, 0.9, 2.5), DVec2::new(0.4, -0.3)),
        (17.0, DVec3::new(0.8, 0.8, 0.8), DVec2::ZERO),
    ] {
        let dims = [41, 40, 39];
        let geometry = grid(dims, spacing).with_shear_mm(shear).unwrap();
        let map = labels(&geometry, ball(dims, radius));
        let voxels = map.histogram()[1] as f64 * geometry.voxel_volume_mm3();
        let ideal = 4.0 / 3.0 * std::f64::consts::PI * radius.powi(3) * geometry.voxel_volume_mm3();
        let blocky = blocky_surface(&map, 1).unwrap();
        let smooth = surface(&map, 1).unwrap();
        assert_eq!([euler_of_closed(&blocky), euler_of_closed(&smooth)], [2, 2]);
        let percent = |mm3: f64, of: f64| 100.0 * (mm3 / of - 1.0);
        println!(
            "ball of {radius} voxels: blocky {:+.2} %, smoothed {:+.2} % of the voxels' volume, {:+.2} % of the ideal ball",
            percent(blocky.volume_mm3(), voxels),
            percent(smooth.volume_mm3(), voxels),
            percent(smooth.volume_mm3(), ideal),
        );
        assert!(percent(blocky.volume_mm3(), voxels).abs() < 1.0);
        assert!(percent(smooth.volume_mm3(), ideal).abs() < 1.0);
        assert!(percent(smooth.volume_mm3(), blocky.volume_mm3()).abs() < 2.0);
        if spacing.x == spacing.z {
            let area = 4.0 * std::f64::consts::PI * (radius * spacing.x).powi(2);
            assert!(percent(smooth.area_mm2(), area).abs() < 2.0, "{} for {area}", smooth.area_mm2());
            // Normals point away from the middle, everywhere.
            let middle = smooth.bounds_lps().unwrap().center();
            let turned = smooth.vertices_lps.iter().zip(&smooth.normals_lps);
            assert!(turned.clone().all(|(v, n)| n.dot((*v - middle).normalize()) > 0.8));
        }
    }
}

#[test]
fn surfaces_lie_where_the_mask_lies_in_mirrored_grids_too() {
    let mirrored = DMat3::from_cols(DVec3::X, DVec3::NEG_Y, DVec3::Z);
    let dims = [30, 20, 16];
    let geometry =
        VolumeGeometry::new(dims, DVec3::new(10.0, 20.0, 30.0), DVec3::new(1.0, 2.0, 3.0), mirrored).unwrap();
    // One block without symmetry, and another label that must not matter.
    let map = labels(&geometry, |[i, j, k]| match (i, j, k) {
        (4..9, 3..8, 2..6) => 5,
        (20.., ..) => 6,
        _ => 0,
    });
    let mesh = surface(&map, 5).unwrap();
    assert!(mesh.volume_mm3() > 0.0, "turned outward");
    let center = geometry.point_lps(DVec3::new(6.0, 5.0, 3.5));
    assert!(mesh.bounds_lps().unwrap().center().distance(center) < 0.2);
    let limit = geometry.spacing_mm().length() / 2.0 + 1e-9;
    let blocky = blocky_surface(&map, 5).unwrap();
    assert!(mesh.vertices_lps.iter().zip(&blocky.vertices_lps).all(|(a, b)| a.distance(*b) <= limit));
    let refused = surface(&map, 7).unwrap_err();
    assert_eq!(refused, SurfaceError::Absent(7));
    assert_eq!(refused.to_string(), "no voxel has label 7; choose a segment that is not empty");
}
