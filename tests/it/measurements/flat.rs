//! Lengths, angles and flat regions against what is known of analytic phantoms.

use super::made::{
    axis_permutations, geometry, get, measured, on, picture_series, series_of, shown, tilted, volume_of,
};
use fovea::findings::Quantity::{self, Angle, Area, Count, LongAxis, Max, Mean, Min, Perimeter, Sd, ShortAxis, Value};
use fovea::findings::measurement::{Basis, KnownLength, MeasureError, Measurement, Place, Shape, Unit};
use fovea::geometry::{DMat3, DVec2, DVec3, Orientation, SlicePlane};
use fovea::reading::{measure, picture_place, plane_place, slice_place};
use fovea::volume::Calibration;
use std::f64::consts::PI;

/// Linear in the position: trilinear interpolation gives it exactly.
fn ramp(p: DVec3) -> f32 {
    (2.0 * p.x - 3.0 * p.y + 0.5 * p.z) as f32
}

/// Every standard plane and an oblique one through a point.
fn planes(at: DVec3) -> Vec<SlicePlane> {
    let turned = tilted() * DMat3::from_rotation_x(0.7);
    let standard = Orientation::ALL.into_iter().map(|o| {
        let (u, v) = o.axes_lps();
        shown(at, u, v)
    });
    standard.chain([shown(at, turned.x_axis, turned.y_axis)]).collect()
}

#[test]
fn lengths_and_angles_hold_on_every_plane_of_every_orientation() {
    let directions = axis_permutations().into_iter().chain([tilted()]);
    for direction in directions {
        let grid = geometry([40, 30, 20], [0.8, 0.6, 2.5], direction);
        let series = series_of(volume_of(grid.clone(), |_| 0.0));
        for plane in planes(grid.center_lps()) {
            let place = plane_place(&series, &plane).unwrap();
            // From two pixels of the screen, as the window would.
            let ends = [DVec2::new(20.0, 30.0), DVec2::new(200.0, 170.0)].map(|px| plane.lps_from_px(px));
            let known = ends[0].distance(ends[1]);
            let length = measured(&series, Shape::Length(ends.map(|p| on(&place, p))), &place);
            assert!((get(&length, Quantity::Length) / known - 1.0).abs() < 1e-9);
            let corner = plane.lps_from_px(DVec2::new(100.0, 50.0));
            let arm = |degrees: f64| {
                let (sin, cos) = degrees.to_radians().sin_cos();
                on(&place, corner + (plane.u_lps * cos + plane.v_lps * sin) * 11.0)
            };
            for degrees in [0.05, 37.0, 90.0, 179.9] {
                let angle =
                    measured(&series, Shape::Angle([arm(10.0), on(&place, corner), arm(10.0 + degrees)]), &place);
                assert!((get(&angle, Angle) - degrees).abs() < 1e-6, "{degrees}");
            }
        }
    }
}

#[test]
fn the_mean_of_a_region_is_exact_on_every_slice_of_every_orientation() {
    for direction in axis_permutations().into_iter().chain([tilted()]) {
        let grid = geometry([24, 20, 9], [0.8, 0.6, 2.5], direction);
        let series = series_of(volume_of(grid.clone(), ramp));
        let volume = series.volume().unwrap().clone();
        for k in [0usize, 4, 8] {
            let place = slice_place(&series, k).unwrap();
            assert_eq!(place.cited(), format!("series 4, image {}", k + 1));
            // Columns 3–9 and rows 5–7, with edges between the centers.
            let corners = [DVec3::new(2.5, 4.5, k as f64), DVec3::new(9.5, 7.5, k as f64)];
            let shape = Shape::Rectangle(corners.map(|ijk| on(&place, grid.point_lps(ijk))));
            let region = measured(&series, shape, &place);
            let mut values = Vec::new();
            for j in 5..=7 {
                for i in 3..=9 {
                    values.push(f64::from(volume.value_ijk([i, j, k])));
                }
            }
            let mean = values.iter().sum::<f64>() / 21.0;
            let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 21.0).sqrt();
            assert_eq!(get(&region, Count), 21.0);
            assert_eq!(region.results.basis, Basis::VoxelCenters);
            assert!((get(&region, Mean) - mean).abs() < 1e-9 && (get(&region, Sd) - sd).abs() < 1e-9);
            assert_eq!(get(&region, Min), values.iter().copied().fold(f64::INFINITY, f64::min));
            assert_eq!(get(&region, Max), values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            assert!((get(&region, Area) - 7.0 * 0.8 * 3.0 * 0.6).abs() < 1e-9);
            assert!((get(&region, Perimeter) - 2.0 * (7.0 * 0.8 + 3.0 * 0.6)).abs() < 1e-9);
            assert!(!region.results.cut_off);
            // The pixel of a corner is where the image has it.
            let px = place.px_from_plane(on(&place, grid.point_lps(corners[0]))).unwrap();
            assert!(px.distance(DVec2::new(2.5, 4.5)) < 1e-9);
        }
    }
}

#[test]
fn orthogonal_planes_through_voxel_centers_take_the_voxels_themselves() {
    let grid = geometry([24, 20, 9], [0.8, 0.6, 2.5], DMat3::IDENTITY);
    let series = series_of(volume_of(grid.clone(), |p| (p.x * 7.0).sin() as f32 * 100.0 + p.z as f32));
    let at = grid.point_lps(DVec3::new(5.0, 11.0, 3.0));
    let (u, v) = Orientation::Coronal.axes_lps();
    let place = plane_place(&series, &shown(at, u, v)).unwrap();
    assert!(place.image().is_none() && place.cited() == "series 4, coronal plane");
    let corners = [DVec3::new(1.5, 11.0, 0.5), DVec3::new(6.5, 11.0, 4.5)].map(|ijk| on(&place, grid.point_lps(ijk)));
    let region = measured(&series, Shape::Rectangle(corners), &place);
    assert_eq!((get(&region, Count), region.results.basis), (20.0, Basis::VoxelCenters));
    let volume = series.volume().unwrap();
    let voxels = (1..=4).flat_map(|k| (2..=6).map(move |i| [i, 11, k]));
    let sum: f64 = voxels.map(|ijk| f64::from(volume.value_ijk(ijk))).sum();
    assert!((get(&region, Mean) - sum / 20.0).abs() < 1e-9);
}

#[test]
fn oblique_planes_are_sampled_as_finely_as_the_smallest_voxel_edge() {
    let grid = geometry([60, 60, 24], [0.8, 0.6, 2.5], DMat3::IDENTITY);
    let series = series_of(volume_of(grid.clone(), ramp));
    let turned = tilted();
    let plane = shown(grid.center_lps(), turned.x_axis, turned.y_axis);
    let place = plane_place(&series, &plane).unwrap();
    let middle = on(&place, grid.center_lps());
    let region = measured(&series, Shape::ellipse_in([middle - 8.0, middle + 8.0]), &place);
    let Basis::PlaneSamples { step_mm } = region.results.basis else { panic!("an oblique plane") };
    assert!((step_mm - 0.6).abs() < 1e-12);
    assert!((get(&region, Area) / (PI * 64.0) - 1.0).abs() < 1e-12);
    assert!((get(&region, Perimeter) / (2.0 * PI * 8.0) - 1.0).abs() < 1e-5);
    // A ramp's mean over a disk is its value in the middle; the grid of samples is a little off center.
    assert!((get(&region, Mean) - f64::from(ramp(grid.center_lps()))).abs() < 0.3);
    assert!((get(&region, Count) * 0.36 / get(&region, Area) - 1.0).abs() < 0.02);
    assert_eq!(place.cited(), "series 4, oblique plane");
    // Where the screen is moved to does not matter.
    let moved = shown(plane.lps_from_px(DVec2::new(10.0, 3.0)), plane.u_lps, plane.v_lps);
    let again = plane_place(&series, &moved).unwrap();
    let shape = Shape::ellipse_in([on(&again, grid.center_lps()) - 8.0, on(&again, grid.center_lps()) + 8.0]);
    assert!((get(&measured(&series, shape, &again), Mean) - get(&region, Mean)).abs() < 1e-6);
}

#[test]
fn what_lies_outside_the_image_is_said() {
    let grid = geometry([24, 20, 9], [1.0; 3], DMat3::IDENTITY);
    let series = series_of(volume_of(grid.clone(), |_| 5.0));
    let place = slice_place(&series, 3).unwrap();
    let corners = [DVec3::new(-4.0, 2.0, 3.0), DVec3::new(3.2, 4.2, 3.0)].map(|ijk| on(&place, grid.point_lps(ijk)));
    let region = measured(&series, Shape::Rectangle(corners), &place);
    assert!(region.results.cut_off && get(&region, Count) == 12.0 && get(&region, Mean) == 5.0);
    let point = measured(&series, Shape::Point(corners[0]), &place);
    assert!(point.results.cut_off && point.results.values.is_empty());
    assert_eq!(get(&measured(&series, Shape::Point(corners[1]), &place), Value), 5.0);
}

#[test]
fn pictures_with_oblong_pixels_keep_millimetres_and_angles() {
    // Rows 0.5 mm apart, columns 0.2 mm.
    let series = picture_series(Calibration::PixelSpacing([0.5, 0.2]), |column, row| (column + 100 * row) as u16);
    let place = picture_place(&series, 0, None).unwrap();
    let length = measured(&series, Shape::Length([DVec2::new(5.0, 3.0), DVec2::new(20.0, 11.0)]), &place);
    assert!((get(&length, Quantity::Length) - 5.0).abs() < 1e-12, "15 · 0.2 = 3 mm and 8 · 0.5 = 4 mm");
    assert_eq!(length.screen_lines(), ["5.0 mm"]);
    let right = Shape::Angle([DVec2::new(15.0, 0.0), DVec2::ZERO, DVec2::new(0.0, 6.0)]);
    assert!((get(&measured(&series, right, &place), Angle) - 90.0).abs() < 1e-12);
    let lean = Shape::Cobb([[DVec2::ZERO, DVec2::new(15.0, 0.0)], [DVec2::new(15.0, 6.0), DVec2::ZERO]]);
    assert!((get(&measured(&series, lean, &place), Angle) - 45.0).abs() < 1e-9, "3 mm along, 3 mm across");
    let region = measured(&series, Shape::Rectangle([DVec2::new(3.0, 4.0), DVec2::new(6.0, 5.0)]), &place);
    assert_eq!((get(&region, Count), region.results.basis), (8.0, Basis::PixelCenters));
    assert!((get(&region, Mean) - 454.5).abs() < 1e-12, "columns 3–6, rows 4–5");
    assert!((get(&region, Area) - 3.0 * 0.2 * 0.5).abs() < 1e-12);
    let triangle = vec![DVec2::new(0.0, 0.0), DVec2::new(10.0, 0.0), DVec2::new(0.0, 8.0)];
    assert!((get(&measured(&series, Shape::Polygon(triangle.clone()), &place), Area) - 4.0).abs() < 1e-12);
    let curve = measured(&series, Shape::Polyline(triangle), &place);
    assert!((get(&curve, Quantity::Length) - (2.0 + 20f64.sqrt())).abs() < 1e-12);
}

#[test]
fn the_source_of_millimetres_is_said_and_a_known_length_replaces_it() {
    let ends = [DVec2::new(5.0, 3.0), DVec2::new(5.0, 13.0)];
    let uncalibrated = picture_series(Calibration::None, |_, _| 0);
    let place = picture_place(&uncalibrated, 0, None).unwrap();
    let length = measured(&uncalibrated, Shape::Length(ends), &place);
    assert_eq!(length.results.values[0].unit, Unit::Px);
    assert_eq!(length.results.values[0].screen_text(), "10.0 px");
    assert_eq!(place.length_caution(), "not calibrated");
    let detector = picture_series(Calibration::ImagerPixelSpacing([0.2, 0.2]), |_, _| 0);
    let place = picture_place(&detector, 0, None).unwrap();
    assert_eq!(place.length_caution(), "at the detector, magnified");
    // A ball of 25 mm that is 10 rows high.
    let known = KnownLength::between(ends, 25.0, Calibration::None, "Dr. R").unwrap();
    assert_eq!(known.mm, [2.5, 2.5]);
    let place = picture_place(&uncalibrated, 0, Some(&known)).unwrap();
    let again = measured(&uncalibrated, Shape::Length(ends), &place);
    assert!((get(&again, Quantity::Length) - 25.0).abs() < 1e-12);
    assert_eq!(place.calibration_source(), "known length of 25 mm, set by Dr. R");
    // Oblong pixels stay oblong.
    let oblong = KnownLength::between(ends, 25.0, Calibration::PixelSpacing([0.5, 0.25]), "R").unwrap();
    assert_eq!(oblong.mm, [2.5, 1.25]);
    assert!(KnownLength::between([ends[0]; 2], 25.0, Calibration::None, "R").is_none());
    assert!(KnownLength::between(ends, -1.0, Calibration::None, "R").is_none());
}

#[test]
fn both_axes_of_a_bidirectional_measurement_are_in_millimetres() {
    let series = picture_series(Calibration::PixelSpacing([0.5, 0.2]), |_, _| 0);
    let place = picture_place(&series, 0, None).unwrap();
    let long = [DVec2::new(2.0, 2.0), DVec2::new(17.0, 10.0)];
    let short = Measurement::short_axis_of(long, 0.6, place.scale());
    let both = measured(&series, Shape::Bidirectional { long, short }, &place);
    assert!((get(&both, LongAxis) - 5.0).abs() < 1e-9 && (get(&both, ShortAxis) - 3.0).abs() < 1e-9);
    let arms = [long[1] - long[0], short[1] - short[0]].map(|d| d * place.scale());
    assert!(arms[0].dot(arms[1]).abs() < 1e-9);
}

#[test]
fn shapes_that_measure_nothing_are_refused() {
    let grid = geometry([24, 20, 9], [1.0; 3], DMat3::IDENTITY);
    let series = series_of(volume_of(grid, |_| 5.0));
    let place = slice_place(&series, 3).unwrap();
    let refuse = |shape: Shape| measure(&series, shape, place.clone()).unwrap_err();
    let p = DVec2::new(3.0, 4.0);
    assert_eq!(refuse(Shape::Length([p, p])), MeasureError::NoExtent("length"));
    assert_eq!(refuse(Shape::Angle([p, p, DVec2::ZERO])), MeasureError::NoExtent("angle"));
    assert_eq!(refuse(Shape::Polygon(vec![p, DVec2::ZERO])), MeasureError::Points("polygon", 2));
    assert_eq!(refuse(Shape::Rectangle([p, DVec2::new(9.0, 4.0)])), MeasureError::NoExtent("rectangle"));
    assert_eq!(refuse(Shape::Length([p, DVec2::NAN])), MeasureError::NotFinite("length"));
    assert_eq!(refuse(Shape::Sphere { center: p, radius_mm: 0.0 }), MeasureError::NoExtent("sphere"));
    let picture = picture_series(Calibration::None, |_, _| 0);
    let on_picture = picture_place(&picture, 0, None).unwrap();
    let sphere = Shape::Sphere { center: p, radius_mm: 2.0 };
    assert_eq!(measure(&picture, sphere, on_picture.clone()).unwrap_err(), MeasureError::NeedsVolume("sphere"));
    assert_eq!(measure(&series, Shape::Point(p), on_picture).unwrap_err(), MeasureError::OtherImage);
    let Place::Patient(mut leaning) = place.clone() else { panic!() };
    leaning.v_lps = leaning.u_lps;
    assert_eq!(measure(&series, Shape::Point(p), Place::Patient(leaning)).unwrap_err(), MeasureError::Plane);
}
