//! Left, front and head for every way that voxels can lie: the same body stored along all 48 axis permutations and flips,
//! seen in standard and oblique planes, is compared with the picture computed from the body itself; letters too.

use fovea::geometry::{DMat3, DVec2, DVec3, Orientation, SlicePlane, VolumeGeometry};
use fovea::render::{Interpolation, MipDraw, Slab, SlabMode, SliceDraw, cpu};
use fovea::volume::{Rescale, ValueUnit, Voi, Volume, Voxels};

/// A body without any symmetry: values rise differently toward left, back and head, so that any exchange shows.
fn body(lps: DVec3) -> f64 {
    100.0 + 7.0 * lps.x + 13.0 * lps.y - 3.0 * lps.z
}

/// Half extents of the body's box, mm; different along each axis.
const HALF_MM: DVec3 = DVec3::new(12.0, 9.0, 15.0);

/// The 48 matrices whose columns are plus or minus the axes.
fn directions() -> Vec<DMat3> {
    let axes = [DVec3::X, DVec3::Y, DVec3::Z];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let signs = |n: usize| [0, 1, 2].map(|bit| if n >> bit & 1 == 0 { 1.0 } else { -1.0 });
    let matrix = |order: [usize; 3], n: usize| {
        let [a, b, c] = signs(n);
        DMat3::from_cols(axes[order[0]] * a, axes[order[1]] * b, axes[order[2]] * c)
    };
    orders.into_iter().flat_map(|order| (0..8).map(move |n| matrix(order, n))).collect()
}

/// The body, stored along a direction matrix with voxels of 1.5 × 1 × 2 mm along i, j, k.
fn stored(direction: DMat3) -> Volume {
    let spacing = DVec3::new(1.5, 1.0, 2.0);
    let extent = (direction.transpose() * HALF_MM).abs();
    let dims = [0, 1, 2].map(|axis| (2.0 * extent[axis] / spacing[axis]).round() as usize + 1);
    let corner = DVec3::from_array(dims.map(|n| (n as f64 - 1.0) / 2.0)) * spacing;
    let geometry = VolumeGeometry::new(dims, -(direction * corner), spacing, direction).unwrap();
    let values = (0..geometry.len())
        .map(|n| {
            let [i, j, k] = geometry.ijk(n).map(|n| n as f64);
            body(geometry.point_lps(DVec3::new(i, j, k))) as f32
        })
        .collect();
    Volume::new(geometry, Voxels::F32(values), Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap()
}

fn planes() -> Vec<SlicePlane> {
    let at = |u: DVec3, v: DVec3| SlicePlane {
        center_lps: DVec3::new(0.7, -0.4, 1.1),
        u_lps: u,
        v_lps: v,
        pixel_mm: 0.9,
        size_px: [21, 17],
    };
    let mut planes: Vec<_> = Orientation::ALL.iter().map(|o| o.axes_lps()).map(|(u, v)| at(u, v)).collect();
    for (u, toward) in
        [(DVec3::new(0.6, 0.5, -0.2), DVec3::new(0.1, -0.8, 0.5)), (DVec3::new(-0.3, 0.4, 0.9), DVec3::X)]
    {
        let u = u.normalize();
        planes.push(at(u, u.cross(toward).normalize()));
    }
    planes
}

#[test]
fn planes_show_the_body_however_its_voxels_lie() {
    let directions = directions();
    assert_eq!(directions.len(), 48);
    for direction in directions {
        let volume = stored(direction);
        for plane in planes() {
            for interpolation in [Interpolation::Linear, Interpolation::Cubic] {
                let draw = SliceDraw { interpolation, ..SliceDraw::new(plane, Voi::linear(100.0, 600.0)) };
                let values = cpu::slice_values(&volume, &draw);
                let picture = cpu::plane_picture(&volume, &draw, None);
                for (n, value) in values.iter().enumerate() {
                    let px = DVec2::new((n % 21) as f64, (n / 21) as f64);
                    let lps = plane.lps_from_px(px);
                    // Cubic convolution keeps straight lines only where all four voxels exist.
                    let inside = lps.abs().cmplt(HALF_MM - 2.5).all();
                    if inside {
                        assert!((f64::from(*value) - body(lps)).abs() < 0.01, "{direction:?} {plane:?} pixel {n}");
                        let gray = draw.voi.gray_u8(body(lps) as f32);
                        let shown = picture.rgb(n as u32 % 21, n as u32 / 21)[0];
                        assert!(shown.abs_diff(gray) <= 1, "{direction:?} {plane:?} pixel {n}: {shown} for {gray}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_mean_slab_of_a_linear_body_is_its_middle_plane() {
    for direction in directions() {
        let volume = stored(direction);
        for plane in planes() {
            let slab = Slab { thickness_mm: 5.0, mode: SlabMode::Mean };
            let draw = MipDraw::slab(volume.geometry(), plane, Voi::linear(100.0, 600.0), slab);
            let values = cpu::mip_values(&volume, &draw);
            for (n, value) in values.iter().enumerate() {
                let lps = plane.lps_from_px(DVec2::new((n % 21) as f64, (n / 21) as f64));
                if lps.abs().cmplt(HALF_MM - 2.6).all() {
                    assert!((f64::from(*value) - body(lps)).abs() < 0.01, "{direction:?} {plane:?} pixel {n}");
                }
            }
        }
    }
}

/// The letter at an edge names the direction in which the body's coordinate grows there.
#[test]
fn letters_name_where_the_picture_goes() {
    for plane in planes() {
        let [left, right, top, bottom] = plane.edge_letters();
        let first = |words: &str| words.chars().next().unwrap();
        for (toward, letters, opposite) in [(plane.u_lps, &right, &left), (plane.v_lps, &bottom, &top)] {
            let axis = (0..3).max_by(|&a, &b| toward[a].abs().total_cmp(&toward[b].abs())).unwrap();
            let pair = [['L', 'R'], ['P', 'A'], ['H', 'F']][axis];
            let expected = if toward[axis] > 0.0 { pair } else { [pair[1], pair[0]] };
            assert_eq!([first(letters), first(opposite)], expected, "{plane:?}");
        }
    }
}
