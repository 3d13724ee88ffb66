//! Digitally reconstructed radiographs against shapes whose shadows are known: lengths of chords, magnification, sides.

use fovea::geometry::{BoxLps, DMat3, DVec2, DVec3, EulerRot, VolumeGeometry};
use fovea::render::cpu;
use fovea::render::drr::{
    Crossed, DrrDraw, DrrError, DrrGeometry, Positioner, Ray, crossed, shadows, water_attenuation_per_mm,
};
use fovea::volume::{Calibration, Labelmap, Rescale, Samples, ValueUnit, Volume, Voxels, sample_linear};

const KEV: f64 = 60.0;
/// Of water at 60 keV, per mm (NISTIR 5632: 0.2059 cm²/g).
const WATER: f64 = 0.02059;

fn hu_volume(geometry: VolumeGeometry, hu: impl Fn(DVec3) -> f64) -> Volume {
    let values = (0..geometry.len())
        .map(|n| hu(geometry.point_lps(DVec3::from_array(geometry.ijk(n).map(|i| i as f64)))) as f32)
        .collect();
    Volume::new(geometry, Voxels::F32(values), Rescale::IDENTITY, ValueUnit::Hu).unwrap()
}

/// Turned in the patient, with voxels that are no cubes.
fn turned_grid(dims: [usize; 3]) -> VolumeGeometry {
    let direction = DMat3::from_euler(EulerRot::XYZ, 0.3, -0.2, 0.5);
    VolumeGeometry::new(dims, DVec3::new(-60.0, 12.0, 431.0), DVec3::new(0.9, 1.1, 1.6), direction).unwrap()
}

/// A ball of water in air; voxels on its border hold the mean of their parts, as a scanner's do.
fn ball(geometry: &VolumeGeometry, center: DVec3, radius_mm: f64) -> Volume {
    const PARTS: usize = 6;
    let lps_from_ijk = geometry.lps_from_ijk();
    let offsets: Vec<DVec3> = (0..PARTS * PARTS * PARTS)
        .map(|n| DVec3::new((n % PARTS) as f64, (n / PARTS % PARTS) as f64, (n / PARTS / PARTS) as f64))
        .map(|part| lps_from_ijk.transform_vector3((part + 0.5) / PARTS as f64 - 0.5))
        .collect();
    let reach = geometry.spacing_mm().length();
    hu_volume(geometry.clone(), |at| match at.distance(center) - radius_mm {
        beyond if beyond > reach => -1000.0,
        beyond if beyond < -reach => 0.0,
        _ => {
            let outside = offsets.iter().filter(|offset| (at + **offset).distance(center) > radius_mm).count();
            -1000.0 * outside as f64 / offsets.len() as f64
        }
    })
}

fn positioner(volume: &VolumeGeometry, angles: [f64; 2], parallel: bool) -> Positioner {
    Positioner { parallel, source_detector_mm: 1200.0, source_isocenter_mm: 900.0, ..Positioner::chest(volume, angles) }
}

fn angles() -> [[f64; 2]; 6] {
    [[0.0, 0.0], [180.0, 0.0], [90.0, 0.0], [-37.0, 21.0], [120.0, -33.0], [45.0, 60.0]]
}

#[test]
fn water_weakens_as_the_tables_say() {
    for (kev, per_mm) in [(10.0, 0.5329), (60.0, WATER), (100.0, 0.01707), (200.0, 0.0137)] {
        assert!((water_attenuation_per_mm(kev).unwrap() - per_mm).abs() < 1e-9, "{kev} keV");
    }
    // XCOM: 0.1928 cm²/g at 70 keV.
    assert!((water_attenuation_per_mm(70.0).unwrap() - 0.01929).abs() < 0.0001);
    assert_eq!([9.0, 201.0, f64::NAN].map(water_attenuation_per_mm), [None; 3]);
}

#[test]
fn a_block_of_water_gives_its_chords() {
    let shear = DVec2::new(0.3, -0.5);
    for geometry in [turned_grid([31, 24, 17]), turned_grid([31, 24, 17]).with_shear_mm(shear).unwrap()] {
        let volume = hu_volume(geometry.clone(), |_| 0.0);
        for (angles, parallel) in angles().into_iter().flat_map(|a| [(a, false), (a, true)]) {
            let place = positioner(&geometry, angles, parallel).fit(&geometry, [41, 37]).unwrap();
            let draw = DrrDraw::new(&volume, place, KEV).unwrap();
            let values = cpu::drr_values(&volume, &draw);
            let full = Labelmap::from_labels(geometry.clone(), &vec![1; geometry.len()]).unwrap();
            // The traversal knows nothing of the sampling.
            let chords = &shadows(&place, &full, |_| true)[0].thickness_mm;
            for (n, (value, chord)) in values.iter().zip(chords).enumerate() {
                let expected = WATER * f64::from(*chord);
                let error = (f64::from(*value) - expected).abs();
                assert!(error <= 1e-4 + 0.001 * expected, "{angles:?}, pixel {n}: {value} for {expected}");
            }
            assert!(chords.iter().any(|mm| *mm > 20.0) && chords.contains(&0.0));
        }
    }
}

#[test]
fn a_ball_of_water_gives_its_chords_within_half_a_percent() {
    // Voxels of 0.54 × 0.66 × 0.96 mm: what a voxel of the border stands for is small against the chords.
    let coarse = turned_grid([167, 137, 94]);
    let spacing = coarse.spacing_mm() * 0.6;
    let geometry = VolumeGeometry::new(coarse.dims(), coarse.origin_lps(), spacing, coarse.direction()).unwrap();
    let center = geometry.center_lps() + DVec3::new(1.3, -0.7, 0.4);
    let radius = 38.0;
    let volume = ball(&geometry, center, radius);
    let mut errors = Vec::new();
    for (angles, parallel) in angles().into_iter().flat_map(|a| [(a, false), (a, true)]) {
        let place = positioner(&geometry, angles, parallel).fit(&geometry, [90, 90]).unwrap();
        let draw = DrrDraw::new(&volume, place, KEV).unwrap();
        let values = cpu::drr_values(&volume, &draw);
        for (n, value) in values.iter().enumerate() {
            let px = DVec2::new((n % 90) as f64, (n / 90) as f64);
            let ray = place.ray(px, &geometry);
            let along = (ray.end_lps - ray.start_lps).normalize();
            let beside = (center - ray.start_lps).reject_from(along).length();
            // Toward the rim chords are short: half of the longest edge of a voxel weighs more.
            if beside < 0.8 * radius {
                let expected = 2.0 * (radius * radius - beside * beside).sqrt();
                let error_mm = (f64::from(*value) / WATER - expected).abs();
                let bound_mm = if beside < 0.5 * radius { 0.005 * expected } else { 0.48 };
                assert!(error_mm < bound_mm, "{angles:?}, pixel {n}: {error_mm} mm off {expected}");
                errors.push(error_mm / expected);
            } else if beside > radius + 3.0 {
                assert_eq!(*value, 0.0, "{angles:?}, pixel {n}");
            }
        }
    }
    let mean_error = errors.iter().sum::<f64>() / errors.len() as f64;
    println!("mean error of chords through a ball: {:.3} %", 100.0 * mean_error);
    assert!(mean_error < 0.002, "{mean_error}");
}

#[test]
fn one_sample_per_layer_agrees_with_fine_sampling() {
    let geometry = turned_grid([40, 36, 30]);
    let noise = |at: DVec3| (at.x * 0.9).sin() * (at.y * 0.7).cos() * 400.0 + (at.z * 0.8).sin() * 300.0;
    let volume = hu_volume(geometry.clone(), noise);
    let place = positioner(&geometry, [-37.0, 21.0], false).fit(&geometry, [33, 29]).unwrap();
    let draw = DrrDraw::new(&volume, place, KEV).unwrap();
    let (mut total, mut error) = (0.0, 0.0);
    for (n, value) in cpu::drr_values(&volume, &draw).iter().enumerate() {
        let ray = place.ray(DVec2::new((n % 33) as f64, (n / 33) as f64), &geometry);
        let steps = (ray.start_lps.distance(ray.end_lps) / 0.05) as usize;
        let at = |s: usize| ray.start_lps + (ray.end_lps - ray.start_lps) * ((s as f64 + 0.5) / steps as f64);
        let hu =
            (0..steps).filter_map(|s| sample_linear(&volume, at(s))).map(|hu| f64::from(1.0 + hu / 1000.0).max(0.0));
        let expected = WATER * hu.sum::<f64>() * ray.start_lps.distance(ray.end_lps) / steps as f64;
        total += expected;
        error += (f64::from(*value) - expected).abs();
    }
    let mean_error = error / total;
    println!("mean error of one sample per layer: {:.3} %", 100.0 * mean_error);
    assert!(mean_error < 0.01, "{mean_error}");
}

#[test]
fn shadows_are_magnified_by_the_ratio_of_distances() {
    let geometry = turned_grid([60, 50, 40]);
    for angles in angles() {
        let place = positioner(&geometry, angles, false).geometry(0.5, [400, 400]).unwrap();
        assert!((place.magnification - 1200.0 / 900.0).abs() < 1e-12);
        let iso = place.isocenter_lps;
        let middle = place.px_from_lps(iso).unwrap();
        assert!(middle.distance(DVec2::splat(199.5)) < 1e-9);
        let beside = place.px_from_lps(iso + place.detector.u_lps * 10.0).unwrap();
        assert!((beside - middle).distance(DVec2::new(10.0 * 1200.0 / 900.0 / 0.5, 0.0)) < 1e-9);
        // Nearer to the source is larger: 300 mm before the isocenter the ratio is 1200 : 600.
        let nearer = iso - place.forward_lps() * 300.0 + place.detector.v_lps * 10.0;
        let below = place.px_from_lps(nearer).unwrap();
        assert!((below - middle).distance(DVec2::new(0.0, 40.0)) < 1e-9);
        // Lengths measured on the picture are true at the isocenter, and the picture says so.
        let Calibration::Magnified { mm, factor } = place.calibration() else { panic!("no calibration") };
        assert!(((beside - middle).length() * mm[0] - 10.0).abs() < 1e-9 && factor == place.magnification);
        // A ray runs through what its pixel shows.
        let ray = place.ray(beside, &geometry);
        let along = (ray.end_lps - ray.start_lps).normalize();
        assert!((iso + place.detector.u_lps * 10.0 - ray.start_lps).reject_from(along).length() < 1e-9);
    }
}

#[test]
fn a_ball_of_known_size_has_a_shadow_of_known_size() {
    let geometry = turned_grid([100, 82, 56]);
    let volume = ball(&geometry, geometry.center_lps(), 30.0);
    let place = positioner(&geometry, [-37.0, 21.0], false).geometry(0.5, [300, 3]).unwrap();
    let values = cpu::drr_values(&volume, &DrrDraw::new(&volume, place, KEV).unwrap());
    // Where the chord is half of the diameter, the distance from the middle is sin 60° of the radius.
    let half = (WATER * 30.0) as f32;
    let row = &values[300..600];
    let [first, last] = [row.iter().position(|v| *v > half), row.iter().rposition(|v| *v > half)].map(Option::unwrap);
    let expected = 2.0 * 1200.0 * (30.0 * 60f64.to_radians().sin() / 900.0).asin().tan() / 0.5;
    assert!(((last - first + 1) as f64 - expected).abs() <= 1.5, "{} for {expected}", last - first + 1);
}

#[test]
fn left_is_left_and_letters_follow_the_geometry() {
    let geometry = VolumeGeometry::new([50; 3], DVec3::splat(-49.0), DVec3::splat(2.0), DMat3::IDENTITY).unwrap();
    // One ball at the patient's left, front and top.
    let volume = ball(&geometry, DVec3::new(30.0, -25.0, 20.0), 8.0);
    // Primary, secondary angle; where the ball is expected (right, below); letters toward right and bottom; view.
    let cases = [
        ([0.0, 0.0], [true, false], ["L", "F"], "PA"),
        ([180.0, 0.0], [true, false], ["L", "F"], "AP"),
        ([-180.0, 0.0], [true, false], ["L", "F"], "AP"),
        ([90.0, 0.0], [false, false], ["P", "F"], "LL"),
        ([-90.0, 0.0], [true, false], ["A", "F"], "RL"),
        ([45.0, 0.0], [false, false], ["LP", "F"], ""),
        ([0.0, 30.0], [true, false], ["L", "FA"], ""),
    ];
    for (angles, expected, letters, view) in cases {
        let place = positioner(&geometry, angles, false).fit(&geometry, [64, 64]).unwrap();
        let mut draw = DrrDraw::new(&volume, place, KEV).unwrap();
        let picture = cpu::drr_radiograph(&volume, &draw);
        let values = picture.values();
        let most = (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap();
        let found = [most % 64 >= 32, most / 64 >= 32];
        if angles[0] != 45.0 {
            assert_eq!(found, expected, "{angles:?}");
        }
        let said = picture.patient_orientation.clone().unwrap();
        assert_eq!(
            (said.each_ref().map(String::as_str), picture.view_position.as_str()),
            (letters, view),
            "{angles:?}"
        );
        let px = place.px_from_lps(DVec3::new(30.0, -25.0, 20.0)).unwrap();
        assert!(px.distance(DVec2::new((most % 64) as f64, (most / 64) as f64)) < 2.0, "{angles:?}: {px}");
        assert!(matches!(picture.samples, Samples::Gray { .. }) && !picture.inverted);
        draw.voi = picture.voi.unwrap();
        let shown = cpu::drr_picture(&volume, &draw);
        assert!(shown.rgb((most % 64) as u32, (most / 64) as u32)[0] > 200, "what absorbs is bright");
    }
}

#[test]
fn what_makes_no_radiograph_is_refused() {
    let geometry = turned_grid([20, 20, 20]);
    let volume = hu_volume(geometry.clone(), |_| 0.0);
    let place = positioner(&geometry, [0.0, 0.0], false).fit(&geometry, [16, 16]).unwrap();
    let arbitrary =
        Volume::new(geometry.clone(), volume.voxels().clone(), Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap();
    let refused = DrrDraw::new(&arbitrary, place, KEV).unwrap_err();
    assert_eq!(refused, DrrError::NotHounsfield("a.u.".into()));
    assert!(refused.to_string().contains("choose a CT with calibrated values"));
    assert_eq!(DrrDraw::new(&volume, place, 5.0).unwrap_err(), DrrError::Energy(5.0));
    let standing = |sdd, sod| {
        let from = positioner(&geometry, [0.0, 0.0], false);
        Positioner { source_detector_mm: sdd, source_isocenter_mm: sod, ..from }.geometry(1.0, [16, 16])
    };
    assert!(matches!(standing(900.0, 900.0), Err(DrrError::Distances { .. })));
    assert!(matches!(standing(f64::NAN, 900.0), Err(DrrError::Distances { .. })));
    let inside = |place: DrrGeometry| DrrDraw::new(&volume, place, KEV).unwrap_err();
    assert_eq!(inside(standing(905.0, 900.0).unwrap()), DrrError::Inside("the detector"));
    assert_eq!(inside(standing(905.0, 5.0).unwrap()), DrrError::Inside("the source"));
    let tilted = Positioner { primary_deg: f64::INFINITY, ..positioner(&geometry, [0.0, 0.0], false) };
    assert_eq!(tilted.geometry(1.0, [16, 16]), Err(DrrError::Detector));
}

/// Air with a slab of soft tissue, in which a slab of bone lies; 1 mm cubes.
fn slabs() -> Volume {
    let geometry = VolumeGeometry::new([40, 60, 30], DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap();
    hu_volume(geometry, |at| match at.y as i32 {
        10..25 | 33..50 => 50.0,
        25..33 => 900.0,
        _ => -1000.0,
    })
}

#[test]
fn a_ray_lists_what_it_crosses() {
    let volume = slabs();
    // A label on half of the voxels along the ray's way: 2 mm voxels that begin in the middle of soft tissue.
    let coarse = VolumeGeometry::new([20, 10, 15], DVec3::new(0.5, 12.5, 0.5), DVec3::splat(2.0), DMat3::IDENTITY);
    let coarse = coarse.unwrap();
    let labels: Vec<u8> = (0..coarse.len()).map(|n| if coarse.ijk(n)[1] < 3 { 7 } else { 0 }).collect();
    let labels = Labelmap::from_labels(coarse, &labels).unwrap();
    let ray = Ray { start_lps: DVec3::new(20.0, 200.0, 15.0), end_lps: DVec3::new(20.0, -200.0, 15.0) };
    let found = crossed(&volume, Some(&labels), &ray);
    let listed: Vec<_> = found.iter().map(|c| (c.what, (c.length_mm * 1e6).round() / 1e6, c.mean_hu.round())).collect();
    let expected = [
        (Crossed::Air, 10.0, -1000.0),
        (Crossed::Soft, 17.0, 50.0),
        (Crossed::Bone, 8.0, 900.0),
        (Crossed::Soft, 7.0, 50.0),
        (Crossed::Label(7), 6.0, 50.0),
        (Crossed::Soft, 2.0, 50.0),
        (Crossed::Air, 10.0, -1000.0),
    ];
    assert_eq!(listed, expected);
    assert!(found[0].entry_lps.distance(DVec3::new(20.0, 59.5, 15.0)) < 1e-9);
    assert!(found.windows(2).all(|pair| pair[0].exit_lps.distance(pair[1].entry_lps) < 1e-9));
    // Noise of a single voxel is no anatomy, and a ray that misses crosses nothing.
    let noisy = hu_volume(volume.geometry().clone(), |at| if at.y as i32 == 30 { 300.0 } else { 40.0 });
    assert_eq!(crossed(&noisy, None, &ray).len(), 1);
    let beside = Ray { start_lps: ray.start_lps + DVec3::X * 99.0, end_lps: ray.end_lps + DVec3::X * 99.0 };
    assert_eq!(crossed(&volume, None, &beside), []);
}

#[test]
fn masks_cast_shadows_of_their_thickness() {
    let geometry = VolumeGeometry::new([40, 60, 30], DVec3::ZERO, DVec3::new(1.0, 1.0, 2.0), DMat3::IDENTITY).unwrap();
    let block = |n: usize| {
        let [i, j, k] = geometry.ijk(n);
        if (10..20).contains(&i) && (30..45).contains(&j) && (5..9).contains(&k) { 3 } else { 0 }
    };
    let labels: Vec<u8> = (0..geometry.len()).map(block).collect();
    let labels = Labelmap::from_labels(geometry.clone(), &labels).unwrap();
    let place = positioner(&geometry, [0.0, 0.0], true).geometry(0.5, [120, 160]).unwrap();
    let found = shadows(&place, &labels, |_| true);
    assert_eq!(found.iter().map(|s| s.number).collect::<Vec<_>>(), [3]);
    let inside: Vec<usize> = (0..120 * 160).filter(|n| found[0].thickness_mm[*n] > 0.0).collect();
    assert!(inside.iter().all(|n| (found[0].thickness_mm[*n] - 15.0).abs() < 1e-4));
    let area_mm2 = inside.len() as f64 * 0.25;
    assert!((area_mm2 - 10.0 * 8.0).abs() < 1e-9, "{area_mm2}");
    // The rectangle of the box is where the shadow is.
    let bounds = BoxLps { min: DVec3::new(9.5, 29.5, 9.0), max: DVec3::new(19.5, 44.5, 17.0) };
    let [low, high] = place.box_px(&bounds).unwrap();
    let columns = inside.iter().map(|n| (n % 120) as f64).fold([f64::MAX, 0.0], |[a, b], x| [a.min(x), b.max(x)]);
    let rows = inside.iter().map(|n| (n / 120) as f64).fold([f64::MAX, 0.0], |[a, b], y| [a.min(y), b.max(y)]);
    for (edge, found) in
        [(low.x, columns[0] - 0.5), (high.x, columns[1] + 0.5), (low.y, rows[0] - 0.5), (high.y, rows[1] + 0.5)]
    {
        assert!((edge - found).abs() <= 0.5 + 1e-9, "{edge} {found}");
    }
    assert!(shadows(&place, &labels, |n| n != 3).is_empty());
}
