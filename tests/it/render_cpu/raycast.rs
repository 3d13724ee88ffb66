//! Ray casting on analytic phantoms: where a sphere's edge lies, what is in front, what is cut, hidden and leapt over, and
//! where left is.

use fovea::geometry::{BoxLps, DMat3, DVec2, DVec3, SlicePlane, VolumeGeometry};
use fovea::render::{
    ClipPlane, ColorPoint, Crop, MaskStyle, OpacityPoint, Projection, RaycastDraw, RgbaPicture, Shading,
    TransferFunction, cpu, turned_plane,
};
use fovea::volume::{Labelmap, Rescale, ValueUnit, Volume, Voxels};
use std::sync::Arc;

/// Values from a function of the patient point, on a grid of isotropic voxels with LPS axes.
fn volume(dims: [usize; 3], spacing_mm: f64, value: impl Fn(DVec3) -> f64) -> Volume {
    let origin = DVec3::from_array(dims.map(|n| -(n as f64 - 1.0) / 2.0 * spacing_mm));
    let geometry = VolumeGeometry::new(dims, origin, DVec3::splat(spacing_mm), DMat3::IDENTITY).unwrap();
    on(geometry, value)
}

fn on(geometry: VolumeGeometry, value: impl Fn(DVec3) -> f64) -> Volume {
    let stored = (0..geometry.len())
        .map(|n| value(geometry.point_lps(DVec3::from_array(geometry.ijk(n).map(|x| x as f64)))) as i16)
        .collect();
    Volume::new(geometry, Voxels::I16(stored), Rescale::IDENTITY, ValueUnit::Hu).unwrap()
}

/// Wholly clear below 0, wholly opaque above, in one color per range of values.
fn threshold() -> Arc<TransferFunction> {
    let opacity = [(-0.5, 0.0), (0.5, 0.9999)].map(|(value, opacity)| OpacityPoint { value, opacity }).to_vec();
    let red = ColorPoint { value: 400.0, rgb: [200, 0, 0] };
    let blue = ColorPoint { value: 600.0, rgb: [0, 0, 200] };
    let shading = Shading { ambient: 0.5, diffuse: 0.5, specular: 0.0, shininess: 1 };
    Arc::new(TransferFunction::new("threshold", opacity, vec![red, blue], shading, 0.05).unwrap())
}

fn front(volume: &Volume, size_px: [u32; 2], pixel_mm: f64) -> RaycastDraw {
    let plane = SlicePlane { center_lps: DVec3::ZERO, u_lps: DVec3::X, v_lps: DVec3::NEG_Z, pixel_mm, size_px };
    RaycastDraw::whole(volume.geometry(), plane, threshold())
}

fn lit(picture: &RgbaPicture, column: u32, row: u32) -> bool {
    picture.rgb(column, row).iter().any(|&c| c > 60)
}

/// A ball of a radius with the value 0 on its surface.
fn ball(radius_mm: f64) -> impl Fn(DVec3) -> f64 {
    move |p| (400.0 * (radius_mm - p.length())).clamp(-1000.0, 400.0)
}

#[test]
fn a_ball_has_its_radius_to_half_a_pixel_and_darkens_toward_its_edge() {
    let volume = volume([64; 3], 1.0, ball(20.0));
    let draw = front(&volume, [101, 101], 0.5);
    let picture = cpu::raycast_picture(&volume, None, &draw);
    for turn in 0..36 {
        let angle = f64::from(turn) * 10f64.to_radians();
        let edge = (0..500).map(|n| f64::from(n) * 0.1).find(|r| {
            let at = DVec2::new(angle.cos(), angle.sin()) * *r + 50.0;
            !lit(&picture, at.x.round() as u32, at.y.round() as u32)
        });
        // 20 mm are 40 pixels; a pixel is met from half a pixel before its center on.
        let edge = edge.unwrap();
        assert!((39.0..41.2).contains(&edge), "{turn}: {edge}");
    }
    let area = (0..101 * 101).filter(|n| lit(&picture, n % 101, n / 101)).count() as f64;
    let radius = (area / std::f64::consts::PI).sqrt();
    assert!((radius - 40.0).abs() < 0.5, "radius of the silhouette {radius}");
    // Light of a lamp at the eye: ambient + diffuse · cosine.
    for (at, cosine) in [(50, 1.0), (70, 0.866), (80, 0.661)] {
        let [red, ..] = picture.rgb(at, 50);
        let expected = 200.0 * (0.5 + 0.5 * cosine);
        assert!((f64::from(red) - expected).abs() < 4.0, "column {at}: {red} for {expected}");
    }
}

#[test]
fn what_is_in_front_hides_what_is_behind() {
    // A blue ball before a red one along the ray from the front: anterior is −y.
    let two = |p: DVec3| {
        let front = 6.0 - (p - DVec3::new(0.0, -12.0, 0.0)).length();
        let back = 9.0 - (p - DVec3::new(0.0, 12.0, 0.0)).length();
        (400.0 * front.max(back)).clamp(-1000.0, 400.0)
    };
    let volume = volume([40, 48, 40], 1.0, two);
    let of = |n| if volume.geometry().ijk(n)[1] < 24 { 1 } else { 2 };
    let labels: Vec<u8> = (0..volume.geometry().len()).map(of).collect();
    let labels = Labelmap::from_labels(volume.geometry().clone(), &labels).unwrap();
    let mut palette = [[0; 4]; 256];
    (palette[1], palette[2]) = ([0, 0, 200, 255], [200, 0, 0, 255]);
    let mask = Some(MaskStyle::hiding(&[]).colored(Arc::new(palette)));
    let draw = RaycastDraw { mask, ..front(&volume, [41, 41], 1.0) };
    let [red, _, blue] = cpu::raycast_picture(&volume, Some(&labels), &draw).rgb(20, 20);
    assert!(blue > 150 && red < 30, "{red} {blue}");
    let behind = RaycastDraw { plane: turned_plane(volume.geometry(), 180.0, 0.0, [41, 41]), ..draw };
    let [red, _, blue] = cpu::raycast_picture(&volume, Some(&labels), &behind).rgb(20, 20);
    assert!(red > 150 && blue < 30, "{red} {blue}");
}

#[test]
fn clip_planes_and_crops_cut_where_they_are_asked_to() {
    let volume = volume([64; 3], 1.0, |_| 400.0);
    let draw = front(&volume, [121, 121], 0.5);
    let columns = |draw: &RaycastDraw| {
        let picture = cpu::raycast_picture(&volume, None, draw);
        let lit: Vec<u32> = (0..121).filter(|&column| lit(&picture, column, 60)).collect();
        (*lit.first().unwrap(), *lit.last().unwrap())
    };
    // Keep what lies to the left (+x) of x = 3.3 mm: pixel 60 + 6.6.
    let clip = ClipPlane::through(DVec3::new(3.3, 0.0, 0.0), DVec3::X * 2.0);
    assert_eq!(columns(&RaycastDraw { clips: vec![clip], ..draw.clone() }).0, 67);
    let kept = BoxLps { min: DVec3::new(-10.1, -40.0, -40.0), max: DVec3::new(7.6, 40.0, 40.0) };
    assert_eq!(columns(&RaycastDraw { crop: Some(Crop::Lps(kept)), ..draw.clone() }), (40, 75));
    // Voxels 30 to 40 reach from −2 to 9 mm.
    let crop = Crop::Ijk { low: [30, 0, 0], high: [40, 63, 63] };
    assert_eq!(columns(&RaycastDraw { crop: Some(crop), ..draw.clone() }), (56, 78));
    // A cut that the ray meets face on lies where it is asked to: only the depth of what is behind is seen.
    let depth = |offset: f64| {
        let clip = ClipPlane::through(DVec3::new(0.0, offset, 0.0), DVec3::Y);
        let mut see_through = RaycastDraw { clips: vec![clip], ..draw.clone() };
        let thin = vec![OpacityPoint { value: 0.0, opacity: 0.01 }];
        let white = vec![ColorPoint { value: 0.0, rgb: [255; 3] }];
        let thin = TransferFunction::new("thin", thin, white, Shading::NONE, 1.0).unwrap();
        see_through.transfer = Arc::new(thin);
        f64::from(cpu::raycast_picture(&volume, None, &see_through).rgb(60, 60)[0])
    };
    for offset in [-20.0, 0.25, 13.7] {
        // The volume ends at y = 32 mm.
        let expected = 255.0 * (1.0 - 0.99f64.powf(32.0 - offset));
        assert!((depth(offset) - expected).abs() <= 1.0, "{offset}: {} for {expected}", depth(offset));
    }
}

#[test]
fn opacity_does_not_depend_on_the_step_and_leaps_change_nothing() {
    let volume = volume([48; 3], 1.0, ball(14.0));
    let draw = front(&volume, [61, 61], 0.8);
    let reference = cpu::raycast_picture(&volume, None, &RaycastDraw { step_mm: 0.05, ..draw.clone() });
    for step_mm in [0.25, 0.5, 1.0] {
        let picture = cpu::raycast_picture(&volume, None, &RaycastDraw { step_mm, ..draw.clone() });
        let (_, beyond) = picture.difference(&reference, 12).unwrap();
        assert!(beyond < 61 * 61 / 50, "step {step_mm}: {beyond} pixels differ");
    }
    // Something faint everywhere allows no leap; what it adds is invisible.
    let faint = [(-2000.0, 5e-6), (-0.5, 5e-6), (0.5, 0.9999)].map(|(value, opacity)| OpacityPoint { value, opacity });
    let faint = Arc::new(draw.transfer.with_opacity(faint.to_vec()).unwrap());
    let everywhere = cpu::raycast_picture(&volume, None, &RaycastDraw { transfer: faint, ..draw.clone() });
    let (worst, beyond) = cpu::raycast_picture(&volume, None, &draw).difference(&everywhere, 2).unwrap();
    assert!(beyond <= 8, "{beyond} pixels differ, the worst by {worst}");
}

#[test]
fn frames_with_other_starts_converge() {
    let volume = volume([48; 3], 1.0, |p| 40.0 * (14.0 - p.length()));
    let draw = front(&volume, [61, 61], 0.8);
    let mean_of =
        |frames: u32| cpu::raycast_picture(&volume, None, &RaycastDraw { step_mm: 3.0, frames, ..draw.clone() });
    let limit = mean_of(128);
    let error = |frames: u32| {
        let picture = mean_of(frames);
        picture.rgba.iter().zip(&limit.rgba).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>()
    };
    assert!(error(16) * 3 < error(2), "{} against {}", error(16), error(2));
}

#[test]
fn masks_hide_show_and_color() {
    // One slab along x, in two labels.
    let volume = volume([32; 3], 1.0, |p| if p.y.abs() < 4.0 { 400.0 } else { -1000.0 });
    let of = |n| if volume.geometry().ijk(n)[0] < 16 { 1 } else { 2 };
    let labels: Vec<u8> = (0..volume.geometry().len()).map(of).collect();
    let labels = Labelmap::from_labels(volume.geometry().clone(), &labels).unwrap();
    let halves = |mask: MaskStyle| {
        let draw = RaycastDraw { mask: Some(mask), ..front(&volume, [33, 33], 1.0) };
        let picture = cpu::raycast_picture(&volume, Some(&labels), &draw);
        (picture.rgb(6, 16), picture.rgb(26, 16))
    };
    let (right, left) = halves(MaskStyle::hiding(&[1]));
    assert!(right == [0; 3] && left[0] > 100, "{right:?} {left:?}");
    let (right, left) = halves(MaskStyle::showing(&[1]));
    assert!(right[0] > 100 && left == [0; 3], "{right:?} {left:?}");
    let mut palette = [[0; 4]; 256];
    palette[2] = [0, 250, 0, 255];
    let (right, left) = halves(MaskStyle::hiding(&[]).colored(Arc::new(palette)));
    assert!(right[0] > 100 && right[1] == 0, "{right:?}");
    assert!(left[0] == 0 && left[1] > 100, "{left:?}");
}

/// Every order and direction of the axes, and left stays left: a ball in the patient's left, upper, front corner.
#[test]
fn left_is_left_for_all_48_orders_of_the_axes() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let axes = [DVec3::X, DVec3::Y, DVec3::Z];
    for order in orders {
        for signs in 0..8u32 {
            let sign = |axis: usize| if signs >> axis & 1 == 1 { -1.0 } else { 1.0 };
            let direction =
                DMat3::from_cols(axes[order[0]] * sign(0), axes[order[1]] * sign(1), axes[order[2]] * sign(2));
            let dims = [20, 24, 16];
            let last = DVec3::from_array(dims.map(|n| n as f64 - 1.0));
            let origin = -(direction * last) / 2.0;
            let geometry = VolumeGeometry::new(dims, origin, DVec3::ONE, direction).unwrap();
            let center = DVec3::new(4.0, -4.0, 4.0);
            let volume = on(geometry, |p| if (p - center).length() < 3.0 { 400.0 } else { -1000.0 });
            let draw = front(&volume, [41, 41], 0.6);
            let views = [
                (draw.plane, [20.0 + 4.0 / 0.6, 20.0 - 4.0 / 0.6]),
                // From the feet: left on screen-right, front up.
                (SlicePlane { v_lps: DVec3::Y, ..draw.plane }, [20.0 + 4.0 / 0.6, 20.0 - 4.0 / 0.6]),
                // From the left: front on screen-left, head up.
                (SlicePlane { u_lps: DVec3::Y, ..draw.plane }, [20.0 - 4.0 / 0.6, 20.0 - 4.0 / 0.6]),
            ];
            for (plane, expected) in views {
                let picture = cpu::raycast_picture(&volume, None, &RaycastDraw { plane, ..draw.clone() });
                let lit: Vec<[u32; 2]> =
                    (0..41 * 41).map(|n| [n % 41, n / 41]).filter(|[x, y]| lit(&picture, *x, *y)).collect();
                for axis in 0..2 {
                    let mean = lit.iter().map(|at| f64::from(at[axis])).sum::<f64>() / lit.len() as f64;
                    assert!((mean - expected[axis]).abs() < 0.6, "{order:?} {signs}: {mean} for {expected:?}");
                }
            }
        }
    }
}

#[test]
fn in_perspective_what_lies_in_the_plane_keeps_its_size() {
    let volume = volume([48; 3], 1.0, ball(10.0));
    let draw = front(&volume, [121, 121], 0.5);
    let width = |projection| {
        let picture = cpu::raycast_picture(&volume, None, &RaycastDraw { projection, ..draw.clone() });
        (0..121).filter(|&column| lit(&picture, column, 60)).count() as f64
    };
    let flat = width(Projection::Orthographic);
    let far = width(Projection::Perspective { eye_mm: 5000.0 });
    assert!((far - flat).abs() <= 1.0, "{far} {flat}");
    // The cone that touches a ball of radius r from distance d is r·d/√(d²−r²) wide in the plane of its center.
    let near = width(Projection::Perspective { eye_mm: 30.0 });
    let expected = 2.0 * 10.0 * 30.0 / (900f64 - 100.0).sqrt() / 0.5;
    assert!((near - expected).abs() < 2.0, "{near} for {expected}");
}
