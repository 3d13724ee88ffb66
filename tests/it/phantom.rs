//! The demonstration patient: same seed, same bytes; values, sizes and sides as promised; projections as computed by hand.

use fovea::geometry::{DVec2, DVec3};
use fovea::phantom::labels::{self, LIVER, SPLEEN, STOMACH};
use fovea::phantom::{
    AttenuationGrid, BrainLabel, LesionShape, Projection, ThoraxPhantom, ThoraxSize, View, brain, integrate,
    radiograph, thorax,
};
use fovea::volume::{Calibration, Samples, Volume};
use std::sync::OnceLock;
use std::time::Instant;

fn small() -> &'static ThoraxPhantom {
    static PHANTOM: OnceLock<ThoraxPhantom> = OnceLock::new();
    PHANTOM.get_or_init(|| thorax(7, ThoraxSize::SMALL).expect("the phantom is possible"))
}

fn full() -> &'static ThoraxPhantom {
    static PHANTOM: OnceLock<ThoraxPhantom> = OnceLock::new();
    PHANTOM.get_or_init(|| {
        let start = Instant::now();
        let phantom = thorax(1, ThoraxSize::FULL).expect("the phantom is possible");
        println!("full chest phantom in {:.2?}", start.elapsed());
        phantom
    })
}

/// Voxels of a label, with their values.
fn voxels(phantom: &ThoraxPhantom, label: u8) -> Vec<(DVec3, f32)> {
    let (volume, labels) = (&phantom.volume, phantom.labels.labelmap.to_labels());
    let map = volume.geometry().lps_from_ijk();
    let place = |n: usize| map.transform_point3(DVec3::from_array(volume.geometry().ijk(n).map(|i| i as f64)));
    (0..labels.len()).filter(|&n| labels[n] == label).map(|n| (place(n), volume.value(n))).collect()
}

fn center(phantom: &ThoraxPhantom, label: u8) -> DVec3 {
    let all = voxels(phantom, label);
    assert!(!all.is_empty(), "label {label} is empty");
    all.iter().map(|(p, _)| *p).sum::<DVec3>() / all.len() as f64
}

/// Labels whose six neighbors are alike: away from blurred edges.
fn inner_mean(phantom: &ThoraxPhantom, label: u8) -> Option<f64> {
    let labels = phantom.labels.labelmap.to_labels();
    let [ni, nj, nk] = phantom.volume.dims();
    let (mut sum, mut count) = (0.0, 0u32);
    for k in 1..nk - 1 {
        for j in 1..nj - 1 {
            for i in 1..ni - 1 {
                let n = (k * nj + j) * ni + i;
                let near = [n - 1, n + 1, n - ni, n + ni, n - ni * nj, n + ni * nj];
                if labels[n] == label && near.iter().all(|&m| labels[m] == label) {
                    sum += f64::from(phantom.volume.value(n));
                    count += 1;
                }
            }
        }
    }
    (count >= 60).then(|| sum / f64::from(count))
}

#[test]
fn one_seed_gives_one_patient_and_another_seed_another() {
    let again = thorax(7, ThoraxSize::SMALL).expect("the phantom is possible");
    assert!(again.volume == small().volume && again.labels == small().labels && again.lesions == small().lesions);
    let other = thorax(8, ThoraxSize::SMALL).expect("the phantom is possible");
    assert_ne!(other.volume, small().volume);
    assert_ne!(other.lesions, small().lesions);
}

#[test]
fn every_structure_has_its_segment_and_no_label_lacks_one() {
    let histogram = full().labels.labelmap.histogram();
    for (number, &count) in (0u8..=255).zip(&histogram).skip(1) {
        assert_eq!(count > 0, full().labels.segment(number).is_some(), "label {number} with {count} voxels");
    }
    let expected = (1..=50).chain(labels::VERTEBRA_0..labels::VERTEBRA_0 + 15);
    let ribs = (0..12).flat_map(|n| [labels::RIGHT_RIB_1 + n, labels::LEFT_RIB_1 + n]);
    for number in expected.chain(ribs) {
        assert!(histogram[usize::from(number)] > 20, "label {number} has {} voxels", histogram[usize::from(number)]);
    }
    assert!(full().labels.segments.is_sorted_by_key(|s| s.number));
}

#[test]
fn values_are_those_of_life() {
    let mut seen = 0;
    for segment in &full().labels.segments {
        let Some(nominal) = labels::nominal_hu(segment.number) else { continue };
        let Some(mean) = inner_mean(full(), segment.number) else { continue };
        seen += 1;
        // Mixtures by design: contents of the bowel, kidney with cortex and medulla, wall and content of the stomach.
        let tolerance = match segment.number {
            labels::COLON => 600.0,
            // As thin as the blur.
            labels::SKIN => 180.0,
            labels::RIGHT_KIDNEY | labels::LEFT_KIDNEY | labels::ESOPHAGUS => 45.0,
            labels::AIRWAY | labels::AIRWAY_WALL | labels::PULMONARY_ARTERY | labels::PULMONARY_VEIN => 60.0,
            _ => 25.0,
        };
        assert!((mean - f64::from(nominal)).abs() < tolerance, "{}: {mean:.0} HU, nominal {nominal}", segment.label);
    }
    assert!(seen > 30, "only {seen} structures were large enough to check");
}

#[test]
fn noise_is_that_of_a_scanner() {
    // The aorta has one ideal value: what varies away from its edge is noise.
    let phantom = full();
    let all = voxels(phantom, labels::AORTA);
    let inner: Vec<f64> = all
        .iter()
        .filter(|(p, _)| {
            [DVec3::X, DVec3::Y, DVec3::Z].iter().flat_map(|&d| [p + d * 5.0, p - d * 5.0]).all(|q| {
                let voxel = phantom.volume.geometry().voxel_at_lps(q);
                voxel.is_some_and(|v| phantom.labels.labelmap.label(v) == labels::AORTA)
            })
        })
        .map(|(_, value)| f64::from(*value))
        .collect();
    let mean = inner.iter().sum::<f64>() / inner.len() as f64;
    let sd = (inner.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / inner.len() as f64).sqrt();
    assert!(inner.len() > 500 && (7.0..16.0).contains(&sd), "{sd:.1} HU over {} voxels", inner.len());
}

#[test]
fn lesions_have_their_stated_size_value_and_side() {
    let phantom = full();
    let voxel_mm3 = phantom.volume.geometry().voxel_volume_mm3();
    let lungs = phantom.lesions.iter().filter(|l| labels::is_lobe(l.organ)).count();
    assert!((2..=4).contains(&lungs) && phantom.lesions.len() == lungs + 1);
    for lesion in &phantom.lesions {
        let all = voxels(phantom, lesion.number);
        let (measured, stated) = (all.len() as f64 * voxel_mm3, lesion.volume_mm3());
        let tolerance = if lesion.shape == LesionShape::Smooth { 0.12 } else { 0.30 };
        assert!((measured / stated - 1.0).abs() < tolerance, "{}: {measured:.0} of {stated:.0} mm³", lesion.label);
        assert!(center(phantom, lesion.number).distance(lesion.center_lps) < 2.0);
        assert_eq!(lesion.center_lps.x > 0.0, lesion.side == "left");
        let middle = phantom.volume.geometry().voxel_at_lps(lesion.center_lps).expect("inside the volume");
        assert!((phantom.volume.value_ijk(middle) - f32::from(lesion.hu)).abs() < 50.0);
    }
    for (n, a) in phantom.lesions.iter().enumerate() {
        for b in &phantom.lesions[..n] {
            let reach = f64::midpoint(a.diameters_mm[0], b.diameters_mm[0]);
            assert!(a.center_lps.distance(b.center_lps) > reach, "{} touches {}", a.label, b.label);
        }
    }
}

#[test]
fn left_is_left() {
    for phantom in [small(), full()] {
        for label in [labels::LEFT_VENTRICLE, SPLEEN, STOMACH, labels::LEFT_KIDNEY, labels::LUL, labels::LEFT_SCAPULA] {
            assert!(center(phantom, label).x > 10.0, "label {label}");
        }
        for label in [LIVER, labels::GALLBLADDER, labels::RIGHT_KIDNEY, labels::SVC, labels::RML, labels::RIGHT_ATRIUM]
        {
            assert!(center(phantom, label).x < -8.0, "label {label}");
        }
        assert!(center(phantom, labels::STERNUM).y < -50.0 && center(phantom, labels::SPINAL_CORD).y > 40.0);
        assert!(center(phantom, labels::RIGHT_CLAVICLE).z > center(phantom, LIVER).z + 150.0);
    }
}

/// A water sphere in air, projected: path length through a sphere is a chord.
#[test]
fn line_integrals_agree_with_chords_of_a_sphere() {
    const RADIUS: f64 = 32.0;
    let (n, middle) = (96usize, DVec3::new(10.0, -6.0, 4.0));
    let origin = DVec3::splat(-(n as f64 - 1.0) / 2.0);
    let values: Vec<f32> = (0..n * n * n)
        .map(|m| {
            let p = origin + DVec3::new((m % n) as f64, (m / n % n) as f64, (m / n / n) as f64);
            // One voxel soft, as a voxel that is partly covered.
            (RADIUS - p.distance(middle) + 0.5).clamp(0.0, 1.0) as f32
        })
        .collect();
    let grid = AttenuationGrid { values: &values, dims: [n; 3], origin, spacing: DVec3::ONE };
    for view in [View::Pa, View::Lateral] {
        let at = Projection {
            view,
            size_px: [140, 140],
            pixel_mm: 1.0,
            source_mm: 1000.0,
            detector_mm: 100.0,
            center_lps: DVec3::ZERO,
        };
        let picture = integrate(&grid, &at);
        let peak = at.px_from_lps(middle);
        let center = picture[peak.y.round() as usize * 140 + peak.x.round() as usize];
        assert!((f64::from(center) - 2.0 * RADIUS).abs() < 0.8, "{view:?}: {center} mm through the middle");
        // Away from the middle: the distance of the ray from the middle of the sphere follows from the magnification.
        let magnify = at.px_from_lps(middle + DVec3::Z).distance(peak);
        for away_px in [8.0, 16.0, 24.0] {
            let p = peak + DVec2::new(0.0, away_px);
            let got = f64::from(picture[p.y.round() as usize * 140 + p.x.round() as usize]);
            let miss = (p.y.round() - peak.y) / magnify;
            let chord = 2.0 * (RADIUS * RADIUS - miss * miss).sqrt();
            assert!((got - chord).abs() < 2.0, "{view:?} {away_px} px away: {got} of {chord} mm");
        }
    }
}

#[test]
fn radiographs_show_left_on_the_right_and_lesions_in_their_boxes() {
    let start = Instant::now();
    let shot = radiograph(full(), View::Pa);
    println!("posteroanterior radiograph in {:.2?}", start.elapsed());
    let picture = &shot.picture;
    assert_eq!(picture.patient_orientation, Some(["L".into(), "F".into()]));
    assert!(matches!(picture.calibration, Calibration::ImagerPixelSpacing(mm) if mm[0] > 0.2 && mm[0] < 0.6));
    assert!(!picture.inverted && matches!(picture.samples, Samples::Gray { .. }));
    let values = picture.values();
    assert!(values.iter().all(|&v| (0.0..4096.0).contains(&v)));
    // The liver (picture left, patient right) is denser than the gas and fat on the other side at its height.
    let mean = |lps: DVec3| {
        let p = shot.projection.px_from_lps(lps).round();
        let (x, y) = (p.x as usize, p.y as usize);
        (y - 10..y + 10)
            .flat_map(|y| (x - 10..x + 10).map(move |x| (x, y)))
            .map(|(x, y)| picture.value(x, y))
            .sum::<f32>()
            / 400.0
    };
    assert!(shot.projection.px_from_lps(DVec3::new(50.0, 0.0, 0.0)).x > picture.width as f64 / 2.0);
    assert!(mean(DVec3::new(-70.0, 0.0, -140.0)) > mean(DVec3::new(-85.0, 0.0, -20.0)) + 300.0);
    assert!(mean(DVec3::new(0.0, 60.0, -60.0)) > mean(DVec3::new(85.0, 0.0, -20.0)) + 300.0);
    for (number, low, high) in &shot.boxes_px {
        let lesion = full().lesions.iter().find(|l| l.number == *number).expect("boxes belong to lesions");
        let p = shot.projection.px_from_lps(lesion.center_lps);
        assert!(p.cmpgt(*low).all() && p.cmplt(*high).all());
        assert!(low.x >= 0.0 && high.y < picture.height as f64);
    }
    let lateral = radiograph(small(), View::Lateral);
    assert_eq!(lateral.picture.patient_orientation, Some(["P".into(), "F".into()]));
    let (front, back) = (DVec3::new(0.0, -50.0, 0.0), DVec3::new(0.0, 50.0, 0.0));
    assert!(lateral.projection.px_from_lps(front).x < lateral.projection.px_from_lps(back).x);
}

#[test]
fn the_head_has_contrast_sides_and_one_patient_per_seed() {
    let start = Instant::now();
    let phantom = brain(3).expect("the phantom is possible");
    println!("head phantom in {:.2?}", start.elapsed());
    assert_eq!(phantom.volume.dims(), [192, 224, 176]);
    let labels = phantom.labels.labelmap.to_labels();
    let mean = |label: u8| mean_of(&phantom.volume, &labels, label);
    let (white, gray) = (mean(BrainLabel::WhiteMatter as u8), mean(BrainLabel::Cortex as u8));
    let fluid = mean(BrainLabel::LateralVentricle as u8);
    assert!(white > gray + 120.0 && gray > fluid + 150.0, "T1: white {white:.0}, gray {gray:.0}, fluid {fluid:.0}");
    for segment in &phantom.labels.segments {
        let middle = middle_x(&phantom.volume, &labels, segment.number);
        match &segment.laterality {
            Some(side) if *side == fovea::codes::LEFT => assert!(middle > 3.0, "{} at {middle}", segment.label),
            Some(_) => assert!(middle < -3.0, "{} at {middle}", segment.label),
            None => assert!(middle.abs() < 6.0, "{} at {middle}", segment.label),
        }
    }
    let milliliters = |label: u8| labels.iter().filter(|&&l| l == label || l == label + 1).count() as f64 / 1000.0;
    let (cortex, matter) = (milliliters(BrainLabel::Cortex as u8), milliliters(BrainLabel::WhiteMatter as u8));
    println!("cortex {cortex:.0} mL, white matter {matter:.0} mL");
    assert!((300.0..800.0).contains(&cortex) && (300.0..800.0).contains(&matter));
    assert_ne!(brain(4).expect("the phantom is possible").volume, phantom.volume);
    assert_eq!(brain(3).expect("the phantom is possible").volume, phantom.volume);
}

fn mean_of(volume: &Volume, labels: &[u8], label: u8) -> f64 {
    let all: Vec<f64> = (0..labels.len()).filter(|&n| labels[n] == label).map(|n| f64::from(volume.value(n))).collect();
    assert!(!all.is_empty(), "label {label} is empty");
    all.iter().sum::<f64>() / all.len() as f64
}

fn middle_x(volume: &Volume, labels: &[u8], label: u8) -> f64 {
    let map = volume.geometry().lps_from_ijk();
    let place = |n: usize| map.transform_point3(DVec3::from_array(volume.geometry().ijk(n).map(|i| i as f64))).x;
    let all: Vec<f64> = (0..labels.len()).filter(|&n| labels[n] == label).map(place).collect();
    assert!(!all.is_empty(), "label {label} is empty");
    all.iter().sum::<f64>() / all.len() as f64
}
