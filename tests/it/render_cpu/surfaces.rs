//! Surfaces as they are drawn: sides, outlines, light, and what is picked.

use fovea::geometry::{DMat3, DVec2, DVec3, Orientation, SlicePlane, VolumeGeometry};
use fovea::render::RgbaPicture;
use fovea::render::cpu::{surface_at, surfaces_picture};
use fovea::render::surfaces::{SurfaceDraw, SurfaceStyle};
use fovea::volume::surface::{blocky_surface, surface};
use fovea::volume::{Labelmap, Mesh};

const RED: SurfaceStyle = SurfaceStyle { color_rgb: [255, 0, 0], opacity: 1.0 };
const GREEN: SurfaceStyle = SurfaceStyle { color_rgb: [0, 255, 0], opacity: 1.0 };

/// A red ball at the patient's right, front and top; a green one at the left, back and bottom; radius 12 mm.
fn balls() -> ([Mesh; 2], VolumeGeometry) {
    let geometry = VolumeGeometry::new([50; 3], DVec3::splat(-49.0), DVec3::splat(2.0), DMat3::IDENTITY).unwrap();
    let center = DVec3::new(-20.0, -15.0, 25.0);
    let label = |n: usize| {
        let at = geometry.point_lps(DVec3::from_array(geometry.ijk(n).map(|i| i as f64)));
        if at.distance(center) < 12.0 { 1 } else { 2 * u8::from(at.distance(-center) < 12.0) }
    };
    let labels: Vec<u8> = (0..geometry.len()).map(label).collect();
    let labels = Labelmap::from_labels(geometry.clone(), &labels).unwrap();
    ([1, 2].map(|number| surface(&labels, number).unwrap()), geometry)
}

fn draw(geometry: &VolumeGeometry, orientation: Orientation, styles: [SurfaceStyle; 2]) -> SurfaceDraw {
    let plane = SlicePlane::fit(geometry, orientation, geometry.center_lps(), [100, 100]);
    SurfaceDraw { plane, styles: styles.to_vec() }
}

fn picture(meshes: &[Mesh; 2], draw: &SurfaceDraw) -> RgbaPicture {
    surfaces_picture(&[&meshes[0], &meshes[1]], draw)
}

/// Mean column and row of a channel's light.
fn middle(picture: &RgbaPicture, channel: usize) -> DVec2 {
    let (mut sum, mut weight) = (DVec2::ZERO, 0.0);
    for y in 0..picture.height {
        for x in 0..picture.width {
            let light = f64::from(picture.rgb(x, y)[channel]);
            sum += DVec2::new(f64::from(x), f64::from(y)) * light;
            weight += light;
        }
    }
    sum / weight
}

#[test]
fn left_is_left_and_light_comes_from_the_reader() {
    let (meshes, geometry) = balls();
    for orientation in Orientation::ALL {
        let draw = draw(&geometry, orientation, [RED, GREEN]);
        let shown = picture(&meshes, &draw);
        for (channel, center) in [(0, DVec3::new(-20.0, -15.0, 25.0)), (1, DVec3::new(20.0, 15.0, -25.0))] {
            let (expected, _) = draw.plane.px_from_lps(center);
            let found = middle(&shown, channel);
            assert!(found.distance(expected) < 0.6, "{orientation:?}: {found} for {expected}");
            let at = expected.round();
            assert!(shown.rgb(at.x as u32, at.y as u32)[channel] > 245, "the middle of a ball is lit fully");
        }
        // The shadow of a ball is a disk of its size.
        let lit = shown.rgba.chunks_exact(4).filter(|p| p[0] > 0).count() as f64 * draw.plane.pixel_mm.powi(2);
        let disk = std::f64::consts::PI * 144.0;
        assert!((lit / disk - 1.0).abs() < 0.15, "{orientation:?}: {lit} for {disk}");
    }
}

#[test]
fn the_nearer_hides_the_farther_or_lets_it_through() {
    let (meshes, _) = balls();
    // One ball behind the other: seen along the line between them.
    let u = DVec3::new(15.0, -20.0, 0.0).normalize();
    let along = DVec3::new(-20.0, -15.0, 25.0).normalize();
    let plane =
        SlicePlane { center_lps: DVec3::ZERO, u_lps: u, v_lps: along.cross(u), pixel_mm: 1.0, size_px: [60, 60] };
    let at = |plane: SlicePlane, opacity: f32| {
        let styles = vec![SurfaceStyle { opacity, ..RED }, GREEN];
        surfaces_picture(&[&meshes[0], &meshes[1]], &SurfaceDraw { plane, styles }).rgb(30, 30)
    };
    assert!(plane.normal_lps().dot(along) > 0.999, "the reader looks toward the red ball");
    assert_eq!(at(plane, 1.0)[0], 0, "green is nearer");
    let turned = SlicePlane { u_lps: -u, ..plane };
    assert_eq!(at(turned, 1.0)[1], 0, "red is nearer");
    let [red, green, _] = at(turned, 0.5);
    assert!((i32::from(red) - 127).abs() < 5 && (i32::from(green) - 127).abs() < 5, "{red} {green}");
    assert!(at(turned, 0.0)[1] > 245, "hidden surfaces hide nothing");
}

#[test]
fn what_is_picked_is_what_is_shown() {
    let (meshes, geometry) = balls();
    let draw = draw(&geometry, Orientation::Coronal, [RED, GREEN]);
    let shown = picture(&meshes, &draw);
    for n in (0..100 * 100).step_by(13) {
        let (x, y) = (n % 100, n / 100);
        let hit = surface_at(&[&meshes[0], &meshes[1]], &draw, DVec2::new(f64::from(x), f64::from(y)));
        let [red, green, _] = shown.rgb(x, y);
        match hit {
            Some(hit) => {
                assert!([red, green][hit.surface] > 0, "{x} {y}");
                let (px, _) = draw.plane.px_from_lps(hit.point_lps);
                assert!(px.distance(DVec2::new(f64::from(x), f64::from(y))) < 1e-9);
                let center = DVec3::new(-20.0, -15.0, 25.0) * if hit.surface == 0 { 1.0 } else { -1.0 };
                assert!((hit.point_lps.distance(center) - 12.0).abs() < 1.5, "the point lies on the ball");
                assert!(hit.point_lps.y < center.y + 0.5, "on its front");
            }
            // Half of a pixel's places may still see the border.
            None => assert!(red < 170 && green < 170, "{x} {y}"),
        }
    }
}

#[test]
fn triangles_leave_no_cracks() {
    let geometry = VolumeGeometry::new([20; 3], DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap();
    let labels = Labelmap::from_labels(geometry.clone(), &vec![1; geometry.len()]).unwrap();
    let mesh = blocky_surface(&labels, 1).unwrap();
    // Corners of triangles fall onto the places exactly.
    let plane = SlicePlane {
        center_lps: DVec3::splat(9.5),
        u_lps: DVec3::X,
        v_lps: DVec3::Y,
        pixel_mm: 1.0,
        size_px: [40, 40],
    };
    let style = SurfaceStyle { color_rgb: [200; 3], opacity: 0.5 };
    let shown = surfaces_picture(&[&mesh], &SurfaceDraw { plane, styles: vec![style] });
    for y in 11..29 {
        for x in 11..29 {
            // Once, not twice: a place that two triangles take would be brighter.
            assert_eq!(shown.rgb(x, y), [100; 3], "{x} {y}");
        }
    }
    let nothing = SurfaceDraw { plane, styles: Vec::new() };
    assert_eq!(surfaces_picture(&[], &nothing), RgbaPicture::black(40, 40));
    assert_eq!(surfaces_picture(&[&mesh], &nothing), RgbaPicture::black(40, 40));
}
