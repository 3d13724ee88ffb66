//! The rule-based segmenter and lesion candidates on a small made-up thorax, stored in every layout.

use fovea::ai::lesions::{self, DetectorSettings, Zone};
use fovea::ai::rules::{CtRules, labels};
use fovea::ai::{AiError, Segmenter, SeriesFacts};
use fovea::codes::{LEFT, RIGHT};
use fovea::findings::measure_segments;
use fovea::geometry::{DMat3, DVec3, VolumeGeometry};
use fovea::jobs::{Cancel, Progress};
use fovea::volume::{Rescale, Segmentation, ValueUnit, Volume, Voxels};

/// Extent of the made-up patient, LPS mm, around the origin.
const HALF_MM: DVec3 = DVec3::new(180.0, 130.0, 130.0);
/// A nodule in the left lung, upper zone: center and radius.
const NODULE: (DVec3, f64) = (DVec3::new(85.0, -20.0, 75.0), 8.0);
/// A mass that sits on the chest wall of the right lung, lower zone.
const MASS: (DVec3, f64) = (DVec3::new(-120.0, 35.0, -55.0), 20.0);

fn in_ellipsoid(p: DVec3, center: DVec3, radii: DVec3) -> bool {
    ((p - center) / radii).length_squared() <= 1.0
}

/// HU at a patient point: fat, muscle, lungs (the right one larger), trachea with a carina, spine, table.
fn thorax_hu(p: DVec3, lungs: bool) -> f64 {
    let body = |scale: f64| (p.x / (165.0 * scale)).powi(2) + (p.y / (110.0 * scale)).powi(2) <= 1.0;
    // A thin table shell below the back.
    if (p.y - 122.0).abs() < 2.0 && p.x.abs() < 170.0 {
        return 200.0;
    }
    if !body(1.0) {
        return -1000.0;
    }
    let cortex = (p.truncate() - glam::DVec2::new(0.0, 65.0)).length();
    if cortex < 20.0 {
        return if cortex > 16.5 { 700.0 } else { 170.0 };
    }
    let vessel = (p.x.abs() - 70.0).hypot(p.y - 0.3 * p.z) < 2.5;
    let ribs = !body(0.9) && body(0.94) && (p.z.rem_euclid(40.0)) < 12.0 && p.y > -60.0;
    if ribs {
        return 500.0;
    }
    if lungs {
        for (center, radius) in [NODULE, MASS] {
            if p.distance(center) <= radius && body(0.87) {
                return 40.0;
            }
        }
        if p.x.hypot(p.y + 5.0) < 9.0 && p.z > 20.0 {
            return -990.0;
        }
        let right = in_ellipsoid(p, DVec3::new(-82.0, 0.0, 0.0), DVec3::new(60.0, 80.0, 115.0));
        let left = in_ellipsoid(p, DVec3::new(80.0, 0.0, 0.0), DVec3::new(52.0, 76.0, 110.0));
        if right || left {
            return if vessel { 30.0 } else { -850.0 };
        }
    } else if in_ellipsoid(p, DVec3::new(40.0, -50.0, 20.0), DVec3::new(60.0, 35.0, 60.0)) {
        return -990.0; // a stomach full of gas
    }
    if body(0.93) { 45.0 } else { -100.0 }
}

/// The patient on a grid whose axes are the given columns; `spacing` along them.
fn volume(direction: DMat3, spacing: DVec3, lungs: bool) -> Volume {
    let extent = DVec3::from_array(std::array::from_fn(|n| 2.0 * HALF_MM.dot(direction.col(n).abs())));
    let dims: [usize; 3] = std::array::from_fn(|n| (extent[n] / spacing[n]) as usize);
    let origin = -(direction * (DVec3::from_array(dims.map(|n| (n as f64 - 1.0) / 2.0)) * spacing));
    let geometry = VolumeGeometry::new(dims, origin, spacing, direction).unwrap();
    let mut noise = 12345u32;
    let stored = (0..geometry.len()).map(|n| {
        let p = geometry.point_lps(DVec3::from_array(geometry.ijk(n).map(|v| v as f64)));
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let wobble = f64::from(noise >> 16) / 65_536.0 * 40.0 - 20.0;
        (thorax_hu(p, lungs) + wobble) as i16 + 1024
    });
    let voxels = Voxels::I16(stored.collect());
    Volume::new(geometry, voxels, Rescale { slope: 1.0, intercept: -1024.0 }, ValueUnit::Hu).unwrap()
}

fn axes(columns: [DVec3; 3]) -> DMat3 {
    DMat3::from_cols(columns[0], columns[1], columns[2])
}

/// Ordinary axial, head first upside down, left-right mirrored storage, coronal and sagittal reformats.
fn layouts() -> Vec<(DMat3, DVec3)> {
    let (x, y, z) = (DVec3::X, DVec3::Y, DVec3::Z);
    let axial = DVec3::new(2.0, 2.0, 3.0);
    vec![
        (axes([x, y, z]), axial),
        (axes([x, y, -z]), axial),
        (axes([-x, -y, z]), axial),
        (axes([x, -z, y]), DVec3::new(2.0, 3.0, 2.0)),
        (axes([y, -z, -x]), DVec3::new(2.0, 3.0, 2.0)),
        (DMat3::from_rotation_x(0.2) * axes([x, y, z]), axial),
    ]
}

fn segment(volume: &Volume) -> (Segmentation, Vec<String>) {
    let result = CtRules.segment_with_notes(volume, &Progress::default(), &Cancel::default()).unwrap();
    (result.segmentation, result.notes)
}

fn true_ml(volume: &Volume, test: impl Fn(DVec3) -> bool) -> f64 {
    let g = volume.geometry();
    let inside = (0..g.len()).filter(|&n| test(g.point_lps(DVec3::from_array(g.ijk(n).map(|v| v as f64)))));
    inside.count() as f64 * g.voxel_volume_mm3() / 1000.0
}

#[test]
fn sides_and_volumes_hold_in_every_layout() {
    for (n, (direction, spacing)) in layouts().into_iter().enumerate() {
        let volume = volume(direction, spacing, true);
        let (segmentation, notes) = segment(&volume);
        let measured = measure_segments(&segmentation.labelmap, Some(&volume));
        let of = |number: u8| {
            let found = measured.iter().find(|(m, _)| *m == number);
            found.map_or_else(|| panic!("layout {n}: {number} missing, {notes:?}"), |(_, m)| m.clone())
        };
        let (right, left, airways, bone) =
            (of(labels::RIGHT_LUNG), of(labels::LEFT_LUNG), of(labels::AIRWAYS), of(labels::BONE));
        assert!(right.center_lps.x < -60.0 && left.center_lps.x > 60.0, "layout {n}: sides");
        let expected = true_ml(&volume, |p| p.x < 0.0 && thorax_hu(p, true) == -850.0);
        let ml = right.volume_mm3 / 1000.0;
        assert!((ml / expected - 1.0).abs() < 0.06, "layout {n}: right lung {ml} mL of {expected}");
        assert!(airways.center_lps.x.abs() < 3.0 && airways.volume_mm3 > 15_000.0, "layout {n}: {airways:?}");
        assert!(bone.voxels > 1000 && bone.box_lps.max.y < 112.0, "layout {n}: the table is no bone");
        let segment = segmentation.segment(labels::LEFT_LUNG).unwrap();
        assert_eq!(segment.laterality, Some(LEFT));
        assert!(segmentation.segments.windows(2).all(|w| w[0].number < w[1].number));
        for s in &segmentation.segments {
            assert!(measured.iter().any(|(m, _)| *m == s.number), "an empty segment");
            assert!(s.tracking_uid.starts_with("2.25.") && s.tracking_uid.len() <= 64);
        }
    }
}

#[test]
fn planted_lesions_are_candidates_and_little_else() {
    for (n, (direction, spacing)) in layouts().into_iter().enumerate() {
        let volume = volume(direction, spacing, true);
        let (mut segmentation, _) = segment(&volume);
        let settings = DetectorSettings::default();
        let found =
            lesions::detect(&volume, &segmentation, &settings, &Progress::default(), &Cancel::default()).unwrap();
        for (center, radius, side, zone) in
            [(NODULE.0, NODULE.1, LEFT, Zone::Upper), (MASS.0, MASS.1, RIGHT, Zone::Lower)]
        {
            let hit = found.iter().find(|c| c.center_lps.distance(center) < 0.6 * radius);
            let hit = hit.unwrap_or_else(|| panic!("layout {n}: nothing at {center}: {:?}", sites(&found)));
            assert_eq!((&hit.laterality, hit.zone), (&side, Some(zone)), "layout {n}");
            assert!(hit.box_lps.contains(center) && (0.0..=1.0).contains(&hit.score));
        }
        assert!(found.len() <= 3, "layout {n}: {:?}", sites(&found));
        let before = segmentation.segments.len();
        let numbers = lesions::into_segments(&mut segmentation, &found);
        assert_eq!(segmentation.segments.len(), before + numbers.len());
        let counts = segmentation.labelmap.histogram();
        for (number, candidate) in numbers.iter().zip(&found) {
            assert_eq!(counts[usize::from(*number)], candidate.voxels.len());
        }
    }
}

fn sites(found: &[lesions::LesionCandidate]) -> Vec<(String, DVec3, f32)> {
    found.iter().map(|c| (c.site(), c.center_lps.round(), c.score)).collect()
}

#[test]
fn gas_in_the_abdomen_is_no_lung() {
    let (direction, spacing) = layouts().remove(0);
    let volume = volume(direction, spacing, false);
    let (segmentation, notes) = segment(&volume);
    for lung in [labels::RIGHT_LUNG, labels::LEFT_LUNG, labels::AIRWAYS] {
        assert!(segmentation.segment(lung).is_none());
    }
    assert!(segmentation.segment(labels::BODY).is_some() && segmentation.segment(labels::BONE).is_some());
    assert!(notes.iter().any(|n| n.contains("Right lung not found")), "{notes:?}");
    let settings = DetectorSettings::default();
    let refused = lesions::detect(&volume, &segmentation, &settings, &Progress::default(), &Cancel::default());
    assert!(matches!(refused, Err(AiError::Unsuitable(_))));
}

#[test]
fn what_the_rules_do_not_serve_is_refused_in_words() {
    let geometry = |spacing: f64| {
        VolumeGeometry::new([20, 20, 20], DVec3::ZERO, DVec3::new(1.0, 1.0, spacing), DMat3::IDENTITY).unwrap()
    };
    let oblique = VolumeGeometry::new([20; 3], DVec3::ZERO, DVec3::ONE, DMat3::from_rotation_x(0.75)).unwrap();
    let fine = geometry(2.0);
    let coarse = geometry(20.0);
    let facts = |modality, unit, geometry| SeriesFacts { modality, body_part: "", description: "", unit, geometry };
    let (hu, raw) = (&ValueUnit::Hu, &ValueUnit::Arbitrary);
    assert!(CtRules.serves(&facts("CT", hu, Some(&fine))).is_ok());
    for (refused, word) in [
        (facts("MR", hu, Some(&fine)), "MR"),
        (facts("CT", raw, Some(&fine)), "Hounsfield"),
        (facts("CT", hu, None), "evenly spaced"),
        (facts("CT", hu, Some(&coarse)), "20.00 mm"),
        (facts("CT", hu, Some(&oblique)), "tilted by 43°"),
    ] {
        let why = CtRules.serves(&refused).unwrap_err();
        assert!(why.contains(word) && why.ends_with('.'), "{why}");
    }
    assert!(CtRules.provenance().rules);
}

#[test]
fn a_cancelled_run_stops() {
    let (direction, spacing) = layouts().remove(0);
    let cancel = Cancel::default();
    cancel.cancel();
    let stopped = CtRules.segment(&volume(direction, spacing, true), &Progress::default(), &cancel);
    assert!(matches!(stopped, Err(AiError::Cancelled)));
}

#[test]
fn empty_air_has_no_body() {
    let geometry = VolumeGeometry::new([30, 30, 10], DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap();
    let air = Volume::new(geometry.clone(), Voxels::I16(vec![-1000; 9000]), Rescale::IDENTITY, ValueUnit::Hu).unwrap();
    let nan = Volume::new(geometry, Voxels::F32(vec![f32::NAN; 9000]), Rescale::IDENTITY, ValueUnit::Hu).unwrap();
    for volume in [air, nan] {
        let refused = CtRules.segment(&volume, &Progress::default(), &Cancel::default());
        assert!(matches!(refused, Err(AiError::Unsuitable(_))));
    }
}
