//! Volumes of interest and the peak sphere against what is known of them.

use super::made::{axis_permutations, geometry, get, measured, on, series_of, tilted, volume_of};
use fovea::findings::Quantity::{Count, Max, Mean, Peak, Sd, Volume};
use fovea::findings::measurement::{Basis, Shape};
use fovea::geometry::{DMat3, DVec2, DVec3};
use fovea::reading::slice_place;
use fovea::volume::SuvFactors;
use std::f64::consts::PI;

fn ball_ml(radius_mm: f64) -> f64 {
    4.0 / 3.0 * PI * radius_mm.powi(3) / 1000.0
}

#[test]
fn the_volume_of_a_sphere_is_within_a_percent_at_ten_voxels_radius() {
    // Also with centers between voxels and oblong voxels.
    let mut worst = 0f64;
    for spacing in [[1.0, 1.0, 1.0], [0.7, 0.7, 2.1]] {
        for shift in [DVec3::ZERO, DVec3::new(0.3, 0.45, 0.0), DVec3::new(0.5, 0.5, 0.0)] {
            let grid = geometry([40, 40, 30], spacing, DMat3::IDENTITY);
            let series = series_of(volume_of(grid.clone(), |_| 40.0));
            let place = slice_place(&series, 15).unwrap();
            let center = on(&place, grid.point_lps(DVec3::new(20.0, 20.0, 15.0) + shift));
            let radius_mm = 10.0 * spacing[0];
            let ball = measured(&series, Shape::Sphere { center, radius_mm }, &place);
            worst = worst.max((get(&ball, Volume) / ball_ml(radius_mm) - 1.0).abs());
            assert_eq!(ball.results.basis, Basis::VoxelShares);
            assert!((get(&ball, Mean) - 40.0).abs() < 1e-9 && get(&ball, Sd) < 1e-9);
        }
    }
    println!("sphere of 10 voxels radius: volume within {:.3} %", worst * 100.0);
    assert!(worst < 0.01, "{worst}");
}

#[test]
fn small_spheres_and_every_orientation_hold_too() {
    for direction in axis_permutations().into_iter().chain([tilted()]) {
        let grid = geometry([20, 20, 16], [1.0, 1.0, 1.5], direction);
        // A ramp: the mean of a ball is the value in its middle.
        let ramp = |p: DVec3| (p.x - 2.0 * p.y + p.z) as f32;
        let series = series_of(volume_of(grid.clone(), ramp));
        let place = slice_place(&series, 8).unwrap();
        let middle = grid.point_lps(DVec3::new(9.4, 10.2, 8.0));
        let ball = measured(&series, Shape::Sphere { center: on(&place, middle), radius_mm: 4.0 }, &place);
        assert!((get(&ball, Volume) / ball_ml(4.0) - 1.0).abs() < 0.01);
        assert!((get(&ball, Mean) - f64::from(ramp(middle))).abs() < 0.05);
    }
}

#[test]
fn a_box_counts_parts_of_voxels_and_says_when_it_is_cut_off() {
    let grid = geometry([20, 20, 16], [1.0, 1.0, 1.5], DMat3::IDENTITY);
    let series = series_of(volume_of(grid.clone(), |p| p.z as f32));
    let place = slice_place(&series, 8).unwrap();
    let middle = on(&place, grid.point_lps(DVec3::new(10.0, 10.0, 8.0)));
    let half = DVec2::new(3.25, 2.0);
    let whole = measured(&series, Shape::Box { corners: [middle - half, middle + half], depth_mm: 7.5 }, &place);
    assert!((get(&whole, Volume) - 6.5 * 4.0 * 7.5 / 1000.0).abs() < 0.003 && !whole.results.cut_off);
    assert!((get(&whole, Mean) - grid.point_lps(DVec3::new(0.0, 0.0, 8.0)).z).abs() < 1e-4);
    let deep = measured(&series, Shape::Box { corners: [middle - half, middle + half], depth_mm: 60.0 }, &place);
    assert!(deep.results.cut_off);
    assert!((get(&deep, Volume) - 6.5 * 4.0 * 24.0 / 1000.0).abs() < 0.01, "16 slices of 1.5 mm are there");
}

#[test]
fn suv_peak_finds_the_hot_spot_wherever_it_lies() {
    let grid = geometry([32, 32, 24], [4.0, 4.0, 3.0], tilted());
    let hot = grid.point_lps(DVec3::new(15.3, 16.4, 12.25));
    // A uniform ball of 16 mm diameter around the spot, softened toward its rim.
    let value = |p: DVec3| (8.0 - (p.distance(hot) - 4.0).max(0.0) * 0.8).clamp(1.0, 8.0) as f32;
    let factors = SuvFactors { bw: 0.5, lbm: None, bsa: None };
    let series = series_of(volume_of(grid.clone(), value).with_suv(factors));
    let place = slice_place(&series, 12).unwrap();
    let middle = on(&place, grid.point_lps(DVec3::new(15.0, 16.0, 12.0)));
    let peak = measured(&series, Shape::SuvPeak { center: middle, radius_mm: 20.0 }, &place);
    let found = peak.results.peak_lps.unwrap();
    assert!(found.distance(hot) < 1.5, "{}", found.distance(hot));
    // Voxels of 4 mm sample the profile coarsely. Mean of the profile over a ball of 6 mm: 8 inside 4 mm, then falling by 0.8 a mm.
    let shells = (0..6000).map(|n| (f64::from(n) + 0.5) / 1000.0);
    let sum: f64 = shells.clone().map(|r| r * r * (8.0 - (r - 4.0).max(0.0) * 0.8)).sum();
    let known = sum / shells.map(|r| r * r).sum::<f64>() * 0.5;
    assert!((get(&peak, Peak) / known - 1.0).abs() < 0.05, "{} for {known}", get(&peak, Peak));
    assert_eq!(peak.results.basis, Basis::PeakSphere);
    assert!(get(&peak, Max) <= 4.0 + 1e-6, "SUV, not Bq/mL");
    let texts: Vec<String> = peak.screen_lines();
    assert!(texts[0].ends_with(" SUVbw"), "{texts:?}");
}

#[test]
fn a_peak_at_the_edge_of_the_image_is_not_made_up() {
    let grid = geometry([6, 6, 3], [2.0; 3], DMat3::IDENTITY);
    let series = series_of(volume_of(grid.clone(), |_| 1.0));
    let place = slice_place(&series, 1).unwrap();
    let middle = on(&place, grid.point_lps(DVec3::new(3.0, 3.0, 1.0)));
    let peak = measured(&series, Shape::SuvPeak { center: middle, radius_mm: 4.0 }, &place);
    assert!(peak.results.cut_off && peak.results.get(Peak).is_none(), "12 mm do not fit into 6");
    let ball = measured(&series, Shape::Sphere { center: middle, radius_mm: 0.2 }, &place);
    assert_eq!(get(&ball, Count), 1.0, "a ball smaller than a voxel still touches one");
}
