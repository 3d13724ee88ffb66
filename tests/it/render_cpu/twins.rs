//! The fast loops of `render::cpu` against the plain reference in `volume::sample_linear_ijk`, and where left and right go.

use fovea::geometry::{DMat3, DVec2, DVec3, EulerRot, Orientation, SlicePlane, VolumeGeometry};
use fovea::render::{Interpolation, MipDraw, OverlayStyle, PictureDraw, Slab, SliceDraw, cpu};
use fovea::volume::{Calibration, Labelmap, Picture, Rescale, Samples, ValueUnit, Voi, Volume, Voxels, sample_linear};
use std::sync::Arc;

/// 7 × 6 × 5 voxels without any symmetry, turned in the patient and sheared.
fn odd_volume(shear_mm: DVec2) -> Volume {
    let direction = DMat3::from_euler(EulerRot::XYZ, 0.3, -0.2, 0.5);
    let geometry = VolumeGeometry::new([7, 6, 5], DVec3::new(12.0, -7.0, 31.0), DVec3::new(0.7, 1.1, 2.3), direction)
        .and_then(|g| g.with_shear_mm(shear_mm))
        .unwrap();
    let stored = (0..7 * 6 * 5i32).map(|n| ((n * 7919) % 2003 - 1000) as i16).collect();
    Volume::new(geometry, Voxels::I16(stored), Rescale { slope: 1.5, intercept: -24.0 }, ValueUnit::Hu).unwrap()
}

fn planes(geometry: &VolumeGeometry) -> Vec<SlicePlane> {
    let mut planes: Vec<_> = Orientation::ALL
        .iter()
        .map(|&o| SlicePlane::fit(geometry, o, geometry.center_lps() + DVec3::splat(0.4), [41, 37]))
        .collect();
    let u = DVec3::new(0.6, 0.5, -0.2).normalize();
    let v = u.cross(DVec3::new(0.1, -0.8, 0.5)).normalize();
    planes.push(SlicePlane {
        center_lps: geometry.center_lps(),
        u_lps: u,
        v_lps: v,
        pixel_mm: 0.31,
        size_px: [53, 29],
    });
    planes
}

fn draw(plane: SlicePlane) -> SliceDraw {
    SliceDraw::new(plane, Voi::linear(40.0, 400.0))
}

#[test]
fn plane_values_are_the_reference_sampling() {
    for shear in [DVec2::ZERO, DVec2::new(0.3, -0.5)] {
        let volume = odd_volume(shear);
        for plane in planes(volume.geometry()) {
            let values = cpu::plane_values(&volume, &plane);
            for (n, value) in values.iter().enumerate() {
                let [w, _] = plane.size_px.map(|s| s as usize);
                let at = plane.lps_from_px(DVec2::new((n % w) as f64, (n / w) as f64));
                let expected = sample_linear(&volume, at).unwrap_or(volume.range().0);
                assert!((value - expected).abs() <= 1e-3, "pixel {n}: {value} for {expected}");
            }
        }
    }
}

#[test]
fn the_edge_value_holds_for_half_a_voxel_and_not_further() {
    let geometry = VolumeGeometry::new([3, 3, 3], DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap();
    let volume = Volume::new(geometry, Voxels::U8((0..27).collect()), Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap();
    let plane = SlicePlane {
        center_lps: DVec3::new(1.0, 0.0, 0.0),
        u_lps: DVec3::X,
        v_lps: DVec3::Y,
        pixel_mm: 0.25,
        size_px: [17, 1],
    };
    let values = cpu::plane_values(&volume, &plane);
    // Pixel 2 lies at −0.5, pixel 14 at 2.5; the pixels beyond are outside: the smallest value, 0.
    assert_eq!(values[2..5], [0.0, 0.0, 0.0]);
    assert_eq!(values[10..17], [1.5, 1.75, 2.0, 2.0, 2.0, 0.0, 0.0]);
    assert_eq!(values[8], 1.0);
}

/// Right, anterior, feet dark; a bright block in the patient's left, posterior, upper corner.
fn sided_volume() -> Volume {
    let geometry = VolumeGeometry::new([20, 20, 20], DVec3::splat(-9.5), DVec3::ONE, DMat3::IDENTITY).unwrap();
    let bright = |n: usize| n % 20 >= 14 && n / 20 % 20 >= 14 && n / 400 >= 14;
    let stored = (0..8000).map(|n| if bright(n) { 1000 } else { 0 }).collect();
    Volume::new(geometry, Voxels::I16(stored), Rescale::IDENTITY, ValueUnit::Hu).unwrap()
}

#[test]
fn left_is_on_screen_right_in_axial_and_coronal_and_the_head_is_up() {
    let volume = sided_volume();
    let at = DVec3::splat(7.0);
    // (view, column and row where the block must be) for a picture of 20 × 20 pixels
    let cases = [
        (Orientation::Axial, (17, 17), ["R", "L", "A", "P"]),
        (Orientation::Coronal, (17, 2), ["R", "L", "H", "F"]),
        (Orientation::Sagittal, (17, 2), ["A", "P", "H", "F"]),
    ];
    for (orientation, (column, row), letters) in cases {
        let plane = SlicePlane::fit(volume.geometry(), orientation, at, [20, 20]);
        let picture = cpu::plane_picture(&volume, &draw(plane), None);
        for (x, y) in [(2, 2), (17, 2), (2, 17), (17, 17)] {
            let expected = if (x, y) == (column, row) { 255 } else { 102 };
            assert_eq!(picture.rgb(x, y), [expected; 3], "{} at {x},{y}", orientation.name());
        }
        assert_eq!(plane.edge_letters(), letters.map(str::to_owned));
        let mip = cpu::mip_picture(&volume, &MipDraw::whole(volume.geometry(), plane, Voi::linear(40.0, 400.0)));
        assert_eq!((mip.rgb(column, row), mip.rgb(2, 9)), ([255; 3], [102; 3]));
    }
}

#[test]
fn a_mask_has_an_outline_inside_its_border_and_a_lighter_fill() {
    let volume = sided_volume();
    let (labels, _) = Labelmap::empty(volume.geometry().clone())
        .changed(0..20, |_, n, _| u8::from((4..12).contains(&(n % 20)) && (4..12).contains(&(n / 20))));
    let mut palette = [[0; 4]; 256];
    palette[1] = [255, 0, 0, 255];
    let mut draw = draw(SlicePlane::fit(volume.geometry(), Orientation::Axial, DVec3::ZERO, [80, 80]));
    draw.overlay = Some(OverlayStyle::with_palette(Arc::new(palette)));
    let picture = cpu::plane_picture(&volume, &draw, Some(&labels));
    // The mask covers screen pixels 16–47; gray 102 below.
    assert_eq!(picture.rgb(15, 30), [102; 3]);
    assert_eq!(picture.rgb(16, 30), [255, 0, 0]);
    let fill = picture.rgb(18, 30);
    assert!(fill[0] == 140 && fill[1].abs_diff(76) <= 1 && fill[1] == fill[2], "{fill:?}");
    assert_eq!(picture.rgb(47, 30), [255, 0, 0]);
    assert_eq!(picture.rgb(48, 30), [102; 3]);
}

#[test]
fn a_slab_keeps_only_what_lies_in_it() {
    let volume = sided_volume();
    let plane = SlicePlane::fit(volume.geometry(), Orientation::Axial, DVec3::new(0.0, 0.0, -2.0), [20, 20]);
    let voi = Voi::linear(40.0, 400.0);
    let thin = cpu::mip_picture(&volume, &MipDraw::slab(volume.geometry(), plane, voi, Slab::maximum(4.0)));
    let thick = cpu::mip_picture(&volume, &MipDraw::slab(volume.geometry(), plane, voi, Slab::maximum(16.0)));
    assert_eq!((thin.rgb(17, 17), thick.rgb(17, 17)), ([102; 3], [255; 3]));
}

fn picture(samples: Samples, width: usize, height: usize) -> Picture {
    Picture {
        width,
        height,
        samples,
        unit: ValueUnit::Arbitrary,
        inverted: false,
        voi: None,
        calibration: Calibration::None,
        patient_orientation: None,
        laterality: String::new(),
        view_position: String::new(),
        presentation: fovea::volume::Presentation::default(),
    }
}

#[test]
fn at_its_own_size_a_picture_shows_every_pixel_unchanged() {
    let stored = Voxels::U16((0..12u16).map(|n| n * 20).collect());
    let gray = picture(Samples::Gray { stored, rescale: Rescale::IDENTITY }, 4, 3);
    let voi = Voi { center: 127.5, width: 255.0, function: fovea::volume::VoiFunction::LinearExact };
    let shown = cpu::picture_rgba(&gray, &PictureDraw::fit([4, 3], 1.0, [4, 3], voi, false));
    let values: Vec<u8> = shown.rgba.chunks_exact(4).map(|p| p[0]).collect();
    assert_eq!(values, (0..12u8).map(|n| n * 20).collect::<Vec<_>>());
    let inverted = cpu::picture_rgba(&gray, &PictureDraw::fit([4, 3], 1.0, [4, 3], voi, true));
    assert_eq!(inverted.rgb(1, 0), [235; 3]);
    let colored = picture(Samples::Rgb((0..36).collect()), 4, 3);
    let shown = cpu::picture_rgba(&colored, &PictureDraw::fit([4, 3], 1.0, [4, 3], voi, false));
    assert_eq!((shown.rgb(0, 0), shown.rgb(3, 2)), ([0, 1, 2], [33, 34, 35]));
}

#[test]
fn a_slice_of_a_sheared_stack_is_shown_as_stored() {
    let volume = odd_volume(DVec2::new(0.4, 0.2));
    let slice = cpu::slice_as_picture(&volume, 3).unwrap();
    assert_eq!(slice.values(), volume.slice_values(3));
    assert!(cpu::slice_as_picture(&volume, 5).is_none());
}

#[test]
fn not_a_number_is_black_and_never_a_maximum() {
    let geometry = VolumeGeometry::new([2, 2, 2], DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap();
    let stored = Voxels::F32(vec![f32::NAN, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    let volume = Volume::new(geometry, stored, Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap();
    let plane = SlicePlane::fit(volume.geometry(), Orientation::Axial, DVec3::ZERO, [2, 2]);
    let mut nearest = draw(plane);
    nearest.interpolation = Interpolation::Nearest;
    nearest.voi = Voi::spanning(0.0, 7.0);
    let shown = cpu::plane_picture(&volume, &nearest, None);
    assert_eq!(shown.rgb(0, 0), [0; 3]);
    let values = cpu::mip_values(&volume, &MipDraw::whole(volume.geometry(), plane, nearest.voi));
    assert!(values.iter().all(|v| v.is_finite()));
}

#[test]
fn leaping_over_blocks_misses_no_maximum() {
    let geometry =
        VolumeGeometry::new([37, 29, 41], DVec3::new(5.0, -7.0, 31.0), DVec3::new(0.7, 1.1, 0.9), DMat3::IDENTITY)
            .unwrap();
    // Mostly low, with single bright voxels, so that most blocks are leapt over.
    let stored = (0..geometry.len() as u32)
        .map(|n| {
            let random = n.wrapping_mul(2_654_435_761).rotate_left(13) >> 16;
            if random % 97 == 0 { random as u16 } else { (random % 90) as u16 }
        })
        .collect();
    let rescale = Rescale { slope: 1.0, intercept: -1024.0 };
    let volume = Volume::new(geometry, Voxels::U16(stored), rescale, ValueUnit::Arbitrary).unwrap();
    for plane in planes(volume.geometry()) {
        let draw = MipDraw::whole(volume.geometry(), plane, Voi::linear(0.0, 1.0));
        let mut expected = Vec::new();
        for step in 0..draw.steps() {
            let depth = draw.depth_mm[0] + f64::from(step) * draw.step_mm;
            let at = SlicePlane { center_lps: plane.center_lps + plane.normal_lps() * depth, ..plane };
            let values = cpu::plane_values(&volume, &at);
            expected.resize(values.len(), volume.range().0);
            expected.iter_mut().zip(values).for_each(|(most, value)| *most = most.max(value));
        }
        let values = cpu::mip_values(&volume, &draw);
        let worst = values.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 0.05, "a maximum is off by {worst}");
    }
}
