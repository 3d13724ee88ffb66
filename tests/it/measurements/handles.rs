//! Taking shapes by their handles, how near a point is, and what is seen on other planes.

use super::made::{geometry, measured, on, picture_series, series_of, shown, volume_of};
use fovea::findings::measurement::{HandleId, Shape};
use fovea::geometry::{DMat3, DVec2, DVec3, Orientation};
use fovea::reading::{picture_place, slice_place};
use fovea::volume::Calibration;
use proptest::prelude::*;

fn point() -> impl Strategy<Value = DVec2> {
    (0.0..38.0, 0.0..28.0).prop_map(|(x, y)| DVec2::new(x, y))
}

proptest! {
    /// The moved handle is where it was moved to; axes stay at right angles in millimetres; the other side stays.
    #[test]
    fn handles_go_where_they_are_moved(a in point(), b in point(), to in point(), id in 0usize..4) {
        prop_assume!(a.distance(b) > 1.0);
        let series = picture_series(Calibration::PixelSpacing([0.5, 0.2]), |_, _| 0);
        let place = picture_place(&series, 0, None).unwrap();
        let scale = place.scale();
        let short = fovea::findings::Measurement::short_axis_of([a, b], 0.5, scale);
        let right = |p: [DVec2; 2], q: [DVec2; 2]| {
            let [p, q] = [(p[1] - p[0]) * scale, (q[1] - q[0]) * scale];
            p.dot(q).abs() <= 1e-9 * (1.0 + p.length() * q.length())
        };
        let both = measured(&series, Shape::Bidirectional { long: [a, b], short }, &place);
        if let Shape::Bidirectional { long, short } = both.with_handle_moved(HandleId(id), to) {
            prop_assert!(right(long, short));
            if id < 2 {
                prop_assert_eq!(long[id], to);
                prop_assert_eq!(long[1 - id], [a, b][1 - id]);
            } else {
                prop_assert_eq!(long, [a, b]);
            }
        }
        let middle = (a + b) / 2.0;
        let half = (short[1] - short[0]) / 2.0;
        let oval = measured(&series, Shape::Ellipse([[a, b], [middle + half, middle - half]]), &place);
        if let Shape::Ellipse(axes) = oval.with_handle_moved(HandleId(id), to) {
            prop_assert!(right(axes[0], axes[1]));
            let before = [[a, b], [middle + half, middle - half]];
            prop_assert!(axes[id / 2][id % 2].distance(to) < 1e-9);
            prop_assert!(axes[id / 2][1 - id % 2].distance(before[id / 2][1 - id % 2]) < 1e-9);
        }
        prop_assume!((a - b).abs().min_element() > 0.1);
        let corners = measured(&series, Shape::Rectangle([a, b]), &place);
        let handles = corners.handles();
        let Shape::Rectangle(moved) = corners.with_handle_moved(HandleId(id), to) else { panic!() };
        prop_assert!(moved[0] == to && moved[1] == handles[(id + 2) % 4].at);
    }
}

#[test]
fn distances_are_in_millimetres_and_regions_are_taken_by_their_line() {
    let series = picture_series(Calibration::PixelSpacing([0.5, 0.2]), |_, _| 0);
    let place = picture_place(&series, 0, None).unwrap();
    let line = measured(&series, Shape::Length([DVec2::new(0.0, 4.0), DVec2::new(30.0, 4.0)]), &place);
    assert!((line.distance_to(DVec2::new(10.0, 8.0)) - 2.0).abs() < 1e-12);
    assert!((line.distance_to(DVec2::new(40.0, 4.0)) - 2.0).abs() < 1e-12);
    assert_eq!(line.handle_at(DVec2::new(29.0, 4.0), 0.5), Some(HandleId(1)));
    assert_eq!(line.handle_at(DVec2::new(20.0, 4.0), 0.5), None);
    let area = measured(&series, Shape::Rectangle([DVec2::new(0.0, 0.0), DVec2::new(30.0, 20.0)]), &place);
    assert!((area.distance_to(DVec2::new(15.0, 10.0)) - 3.0).abs() < 1e-12, "nearest edges: 3 mm away");
    let text = measured(&series, Shape::Text(DVec2::new(5.0, 5.0)), &place);
    assert!((text.distance_to(DVec2::new(5.0, 7.0)) - 1.0).abs() < 1e-12);
    assert_eq!(line.with_handle_moved(HandleId(9), DVec2::ZERO), line.shape);
    let sphere = Shape::Sphere { center: DVec2::ZERO, radius_mm: 3.0 };
    assert_eq!(sphere.moved_by(DVec2::X), Shape::Sphere { center: DVec2::X, radius_mm: 3.0 });
}

#[test]
fn solids_are_seen_on_every_plane_that_cuts_them_and_flat_shapes_on_their_own() {
    let grid = geometry([40, 40, 30], [1.0; 3], DMat3::IDENTITY);
    let series = series_of(volume_of(grid.clone(), |_| 0.0));
    let place = slice_place(&series, 15).unwrap();
    let middle = grid.point_lps(DVec3::new(20.0, 20.0, 15.0));
    let center = on(&place, middle);
    let ball = measured(&series, Shape::Sphere { center, radius_mm: 5.0 }, &place);
    let line = measured(&series, Shape::Length([center, center + 4.0]), &place);
    let block = measured(&series, Shape::Box { corners: [center - 3.0, center + 3.0], depth_mm: 8.0 }, &place);
    let (u, v) = Orientation::Sagittal.axes_lps();
    for (off_mm, radius) in [(0.0, 5.0), (3.0, 4.0), (-4.0, 3.0)] {
        let plane = shown(middle + DVec3::X * off_mm, u, v);
        let lines = ball.outlines_on(&plane, 0.5).unwrap();
        let middle_px = plane.px_from_lps(middle).0;
        for p in &lines[0] {
            assert!((p.distance(middle_px) * plane.pixel_mm - radius).abs() < 1e-9);
        }
        assert!(line.outlines_on(&plane, 0.5).unwrap().is_empty());
    }
    let cut = block.outlines_on(&shown(middle + DVec3::X, u, v), 0.5).unwrap();
    assert_eq!(cut[0].len(), 5, "a rectangle, closed");
    let size = (cut[0][2] - cut[0][0]).abs() * 0.37;
    assert!((size - DVec2::new(6.0, 8.0)).length() < 1e-9);
    assert!(ball.outlines_on(&shown(middle + DVec3::X * 6.0, u, v), 0.5).unwrap().is_empty());
    // Its own plane, turned and mirrored.
    let axial = shown(middle + DVec3::Z * 0.3, -DVec3::Y, DVec3::X);
    let seen = line.outlines_on(&axial, 0.5).unwrap();
    assert!((seen[0][0].distance(seen[0][1]) * axial.pixel_mm - 32f64.sqrt()).abs() < 1e-9);
    assert!(line.outlines_on(&axial, 0.2).unwrap().is_empty());
}
