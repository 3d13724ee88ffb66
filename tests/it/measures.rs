//! Measurements of masks against analytic shapes, against brute force on random masks, and against known numbers.

use fovea::findings::{Diameter, SegmentMeasures, measure_segment, measure_segments};
use fovea::geometry::{BoxLps, DMat3, DVec2, DVec3, VolumeGeometry};
use fovea::volume::{Labelmap, Rescale, ValueUnit, Volume, Voxels};
use proptest::prelude::*;

/// An oblique, anisotropic, left-handed-free grid.
fn oblique(dims: [usize; 3]) -> VolumeGeometry {
    let direction = DMat3::from_euler(glam::EulerRot::ZYX, 0.3, -0.5, 0.2);
    VolumeGeometry::new(dims, DVec3::new(-40.0, 12.5, 300.0), DVec3::new(0.7, 0.9, 2.5), direction).unwrap()
}

fn straight(dims: [usize; 3], spacing: [f64; 3]) -> VolumeGeometry {
    VolumeGeometry::new(dims, DVec3::ZERO, DVec3::from_array(spacing), DMat3::IDENTITY).unwrap()
}

fn mask(geometry: &VolumeGeometry, inside: impl Fn([usize; 3]) -> u8) -> Labelmap {
    let labels: Vec<u8> = (0..geometry.len()).map(|n| inside(geometry.ijk(n))).collect();
    Labelmap::from_labels(geometry.clone(), &labels).unwrap()
}

fn one(labels: &Labelmap) -> SegmentMeasures {
    measure_segment(labels, 1, None).unwrap()
}

fn lengths(m: &SegmentMeasures) -> (f64, f64) {
    (m.long_axis.as_ref().unwrap().length_mm, m.short_axis.as_ref().unwrap().length_mm)
}

fn along(d: &Diameter) -> DVec3 {
    d.ends_lps[1] - d.ends_lps[0]
}

#[test]
fn one_voxel_measures_its_diagonals_and_faces() {
    let geometry = straight([5, 5, 3], [1.0, 1.0, 4.0]);
    let m = one(&mask(&geometry, |v| u8::from(v == [2, 3, 1])));
    let (long, short) = lengths(&m);
    assert!((long - 2f64.sqrt()).abs() < 1e-12 && (short - 2f64.sqrt()).abs() < 1e-9, "{long} {short}");
    assert_eq!(m.center_lps, DVec3::new(2.0, 3.0, 4.0));
    assert_eq!(m.box_lps, BoxLps { min: DVec3::new(1.5, 2.5, 2.0), max: DVec3::new(2.5, 3.5, 6.0) });
    assert_eq!((m.voxels, m.volume_mm3, m.largest_slice, m.touches_border), (1, 4.0, 1, false));
    assert_eq!((m.mean, m.sd, m.min, m.max, m.unit.as_str()), (None, None, None, None, ""));
}

#[test]
fn a_row_of_pixels_runs_from_edge_to_edge() {
    // Ten pixels of 1 × 1 mm: centers span 9 mm, edges 10 mm, the diagonal of the 10 × 1 rectangle √101 mm.
    let m = one(&mask(&straight([14, 5, 1], [1.0, 1.0, 1.0]), |[i, j, _]| u8::from(j == 2 && (2..12).contains(&i))));
    let (long, short) = lengths(&m);
    assert!((long - 101f64.sqrt()).abs() < 1e-12);
    // The widest crossing line at right angles to the diagonal meets both long sides: 1 / cos(atan(1/10)).
    assert!((short - 101f64.sqrt() / 10.0).abs() < 1e-9, "{short}");
    assert!(m.touches_border, "a single slice is the first and the last");
}

#[test]
fn ellipses_at_odd_angles_within_a_pixel_diagonal() {
    let spacing = [0.7, 0.9, 3.0];
    let geometry = straight([120, 110, 3], spacing);
    let diagonal = spacing[0].hypot(spacing[1]);
    for step in 0..36 {
        let angle = f64::from(step) * 0.1234;
        let (a, b) = (30.0 - f64::from(step) * 0.3, 14.0 + f64::from(step) * 0.1);
        let center = DVec2::new(41.3 + 0.01 * f64::from(step), 49.7);
        let axis = DVec2::from_angle(angle);
        let labels = mask(&geometry, |[i, j, k]| {
            let p = DVec2::new(i as f64 * spacing[0], j as f64 * spacing[1]) - center;
            let (u, v) = (p.dot(axis) / a, p.dot(axis.perp()) / b);
            u8::from(k == 1 && u * u + v * v <= 1.0)
        });
        let m = one(&labels);
        let (long, short) = lengths(&m);
        assert!((long - 2.0 * a).abs() < diagonal, "angle {angle}: long {long} of {}", 2.0 * a);
        assert!((short - 2.0 * b).abs() < diagonal, "angle {angle}: short {short} of {}", 2.0 * b);
        let area = m.volume_mm3 / 3.0;
        assert!((area / (std::f64::consts::PI * a * b) - 1.0).abs() < 0.01);
        let (l, s) = (along(m.long_axis.as_ref().unwrap()), along(m.short_axis.as_ref().unwrap()));
        assert!(l.normalize().dot(s.normalize()).abs() < 1e-9, "not at right angles");
        assert_eq!(m.long_axis.as_ref().unwrap().slice, 1);
    }
}

#[test]
fn volume_of_a_sheared_grid_and_of_an_oblique_one() {
    let ball = |v: [usize; 3]| u8::from(v.iter().map(|&n| (n as f64 - 6.0).powi(2)).sum::<f64>() < 20.0);
    let plain = one(&mask(&straight([13, 13, 13], [0.7, 0.9, 2.5]), ball));
    let tilted = straight([13, 13, 13], [0.7, 0.9, 2.5]).with_shear_mm(DVec2::new(0.3, -1.1)).unwrap();
    let sheared = one(&mask(&tilted, ball));
    let turned = one(&mask(&oblique([13, 13, 13]), ball));
    for m in [&sheared, &turned] {
        assert!((m.volume_mm3 - plain.volume_mm3).abs() < 1e-6);
        assert!((lengths(m).0 - lengths(&plain).0).abs() < 1e-9);
        assert!((lengths(m).1 - lengths(&plain).1).abs() < 1e-9);
    }
    assert!((turned.center_lps - oblique([13, 13, 13]).point_lps(DVec3::splat(6.0))).length() < 1e-9);
}

#[test]
fn the_longest_slice_wins_not_the_largest() {
    // Slice 0: a 6 × 6 square (36 pixels, diagonal 8.5). Slice 2: a 12 × 1 bar (12 pixels, diagonal 12.04).
    let m = one(&mask(&straight([20, 20, 4], [1.0; 3]), |[i, j, k]| {
        u8::from((k == 1 && (4..10).contains(&i) && (4..10).contains(&j)) || (k == 2 && (4..16).contains(&i) && j == 8))
    }));
    assert_eq!((m.largest_slice, m.long_axis.as_ref().unwrap().slice, m.short_axis.as_ref().unwrap().slice), (1, 2, 2));
    assert!((lengths(&m).0 - 145f64.sqrt()).abs() < 1e-12);
    assert!(!m.touches_border);
}

#[test]
fn a_crescent_is_crossed_where_it_is_not_where_its_hull_is() {
    // A "C": the long axis is one of the hull's diagonals, but the crossing line must end on the mask.
    let labels = mask(&straight([30, 30, 1], [1.0; 3]), |[i, j, _]| {
        let r = (i as f64 - 14.0).hypot(j as f64 - 14.0);
        u8::from((9.0..12.0).contains(&r) && i < 15)
    });
    let m = one(&labels);
    for d in [m.long_axis.as_ref().unwrap(), m.short_axis.as_ref().unwrap()] {
        for end in d.ends_lps {
            let near = (0..900).any(|n| {
                let (i, j) = (n % 30, n / 30);
                labels.label([i, j, 0]) == 1
                    && (end.x - i as f64).abs() < 0.5 + 1e-6
                    && (end.y - j as f64).abs() < 0.5 + 1e-6
            });
            assert!(near, "{end} is not on the mask");
        }
    }
}

#[test]
fn statistics_after_rescale_and_only_on_the_same_grid() {
    let geometry = straight([4, 3, 2], [1.0; 3]);
    let stored: Vec<i16> = (0..24).map(|n| n * 3 - 5).collect();
    let rescale = Rescale { slope: 2.0, intercept: -1024.0 };
    let volume = Volume::new(geometry.clone(), Voxels::I16(stored.clone()), rescale, ValueUnit::Hu).unwrap();
    let labels = mask(&geometry, |[i, j, k]| if (i + j + k) % 2 == 0 { 3 } else { 7 });
    let all = measure_segments(&labels, Some(&volume));
    assert_eq!(all.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [3, 7]);
    for (number, m) in &all {
        let values: Vec<f64> = (0..24)
            .filter(|&n| labels.to_labels()[n] == *number)
            .map(|n| f64::from(stored[n]) * 2.0 - 1024.0)
            .collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
        assert!((m.mean.unwrap() - mean).abs() < 1e-9 && (m.sd.unwrap() - sd).abs() < 1e-9);
        assert_eq!(m.min, values.iter().copied().reduce(f64::min));
        assert_eq!(m.max, values.iter().copied().reduce(f64::max));
        assert_eq!(m.unit, "HU");
    }
    let elsewhere = Labelmap::from_labels(straight([4, 3, 2], [1.1; 3]), &labels.to_labels()).unwrap();
    assert_eq!(measure_segment(&elsewhere, 3, Some(&volume)).unwrap().mean, None);
    assert!(measure_segment(&labels, 9, Some(&volume)).is_none());
    assert!(measure_segments(&Labelmap::empty(geometry), Some(&volume)).is_empty());
}

#[test]
fn nan_is_left_out_and_large_offsets_keep_the_deviation() {
    let geometry = straight([100, 1, 1], [1.0; 3]);
    let values: Vec<f32> = (0..100).map(|n| if n == 7 { f32::NAN } else { 8_000_000.0 + (n % 2) as f32 }).collect();
    let volume = Volume::new(geometry.clone(), Voxels::F32(values), Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap();
    let m = measure_segment(&mask(&geometry, |_| 1), 1, Some(&volume)).unwrap();
    assert_eq!((m.voxels, m.min, m.max), (100, Some(8_000_000.0), Some(8_000_001.0)));
    let ones = 49.0 / 99.0;
    assert!((m.mean.unwrap() - 8_000_000.0 - ones).abs() < 1e-6);
    assert!((m.sd.unwrap() - (ones * (1.0 - ones)).sqrt()).abs() < 1e-6);
}

/// Greatest distance of any two corners of mask pixels, over all slices.
fn brute_long(labels: &Labelmap) -> f64 {
    let geometry = labels.geometry();
    let [ni, nj, nk] = geometry.dims();
    let spacing = geometry.spacing_mm().truncate();
    let mut best = 0f64;
    for k in 0..nk {
        let corners: Vec<DVec2> = (0..ni * nj)
            .filter(|&n| labels.slice(k)[n] == 1)
            .flat_map(|n| {
                let at = DVec2::new((n % ni) as f64, (n / ni) as f64);
                [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)].map(|(x, y)| (at + DVec2::new(x, y)) * spacing)
            })
            .collect();
        for a in &corners {
            for b in &corners {
                best = best.max(a.distance(*b));
            }
        }
    }
    best
}

/// Longest extent of the mask across `axis`: every line through a pixel corner, cut with every pixel. The extent changes
/// linearly between corners, so that no other line is longer.
fn brute_short(labels: &Labelmap, axis: &Diameter) -> f64 {
    let geometry = labels.geometry();
    let [ni, nj, _] = geometry.dims();
    let inverse = geometry.ijk_from_lps();
    let spacing = geometry.spacing_mm().truncate();
    let [from, to] = axis.ends_lps.map(|e| inverse.transform_point3(e).truncate() * spacing);
    let along = (to - from).normalize();
    let across = along.perp();
    let boxes: Vec<[DVec2; 2]> = (0..ni * nj)
        .filter(|&n| labels.slice(axis.slice)[n] == 1)
        .map(|n| DVec2::new((n % ni) as f64, (n / ni) as f64))
        .map(|at| [(at - 0.5) * spacing, (at + 0.5) * spacing])
        .collect();
    let corners = boxes.iter().flat_map(|[a, b]| [*a, *b, DVec2::new(a.x, b.y), DVec2::new(b.x, a.y)]);
    corners
        .map(|corner| {
            let on = from + along * (corner - from).dot(along);
            let cuts = boxes.iter().filter_map(|b| line_in_box(on, across, b));
            let (low, high) = cuts.fold((f64::MAX, f64::MIN), |reach, cut| (reach.0.min(cut.0), reach.1.max(cut.1)));
            high - low
        })
        .fold(0.0, f64::max)
}

/// Where the line `on + s · across` enters and leaves a box: the overlap of its slabs. Corners touched within rounding count.
fn line_in_box(on: DVec2, across: DVec2, [low, high]: &[DVec2; 2]) -> Option<(f64, f64)> {
    let slack = DVec2::splat(1e-9);
    let (a, b) = ((*low - slack - on) / across, (*high + slack - on) / across);
    let (enter, leave) = (a.min(b).max_element(), a.max(b).min_element());
    (enter <= leave).then_some((enter, leave))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn random_masks_agree_with_brute_force(
        bits in proptest::collection::vec(0u8..4, 6 * 7 * 2),
        si in 0.4f64..2.0,
        sj in 0.4f64..2.0,
    ) {
        let geometry = straight([6, 7, 2], [si, sj, 3.0]);
        let labels: Vec<u8> = bits.iter().map(|&b| u8::from(b == 0)).collect();
        prop_assume!(labels.contains(&1));
        let labels = Labelmap::from_labels(geometry, &labels).unwrap();
        let m = one(&labels);
        let (long, short) = lengths(&m);
        prop_assert!((long - brute_long(&labels)).abs() < 1e-9);
        let brute = brute_short(&labels, m.long_axis.as_ref().unwrap());
        prop_assert!((short - brute).abs() < 1e-5, "short {short}, by brute force {brute}");
        prop_assert!(short <= long + 1e-9);
    }

    #[test]
    fn flipping_the_grid_changes_nothing_but_the_place(
        bits in proptest::collection::vec(0u8..3, 5 * 6 * 3),
    ) {
        let dims = [5, 6, 3];
        let plain = straight(dims, [0.8, 1.1, 2.0]);
        prop_assume!(bits.contains(&1));
        let labels = Labelmap::from_labels(plain.clone(), &bits).unwrap();
        // The same voxels stored in opposite order along i and k, and placed accordingly.
        let turned = VolumeGeometry::new(
            dims,
            plain.point_lps(DVec3::new(4.0, 0.0, 2.0)),
            plain.spacing_mm(),
            DMat3::from_cols(DVec3::NEG_X, DVec3::Y, DVec3::NEG_Z),
        ).unwrap();
        let flipped: Vec<u8> = (0..turned.len()).map(|n| {
            let [i, j, k] = turned.ijk(n);
            labels.label([4 - i, j, 2 - k])
        }).collect();
        let flipped = Labelmap::from_labels(turned, &flipped).unwrap();
        let (a, b) = (one(&labels), one(&flipped));
        prop_assert_eq!(a.voxels, b.voxels);
        prop_assert!((a.center_lps - b.center_lps).length() < 1e-9);
        prop_assert!((a.box_lps.min - b.box_lps.min).length() < 1e-9);
        prop_assert!((a.box_lps.max - b.box_lps.max).length() < 1e-9);
        prop_assert!((lengths(&a).0 - lengths(&b).0).abs() < 1e-9);
    }
}

#[test]
fn twenty_large_labels_are_measured() {
    let geometry = straight([512, 512, 64], [0.8, 0.8, 5.0]);
    let labels: Vec<u8> = (0..geometry.len())
        .map(|n| {
            let [i, j, _] = geometry.ijk(n);
            (i / 128 + 4 * (j / 103)) as u8 + 1
        })
        .collect();
    let labels = Labelmap::from_labels(geometry.clone(), &labels).unwrap();
    let stored: Vec<i16> = (0..geometry.len()).map(|n| (n % 2000) as i16 - 1000).collect();
    let volume = Volume::new(geometry, Voxels::I16(stored), Rescale::IDENTITY, ValueUnit::Hu).unwrap();
    let start = std::time::Instant::now();
    let all = measure_segments(&labels, Some(&volume));
    let took = start.elapsed();
    assert_eq!(all.len(), 20);
    eprintln!("20 labels over 512 × 512 × 64: {} ms", took.as_millis());
}
