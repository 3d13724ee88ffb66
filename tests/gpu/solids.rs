//! Radiographs and surfaces on the GPU against their CPU twins.

use super::render::gpu;
use fovea::geometry::{DMat3, DVec2, DVec3, EulerRot, Orientation, SlicePlane, VolumeGeometry};
use fovea::render::drr::{DrrDraw, Positioner};
use fovea::render::gpu::{DrrRenderer, GpuSurfaces, GpuVolume, PICTURE_FORMAT, SurfaceRenderer};
use fovea::render::surfaces::{SurfaceDraw, SurfaceStyle};
use fovea::render::{RgbaPicture, cpu};
use fovea::volume::surface::surface;
use fovea::volume::{Labelmap, Mesh, Rescale, ValueUnit, Volume, Voxels};

/// Air beside bone in steps of three voxels, with noise, turned in the patient and sheared.
fn steep(shear_mm: DVec2) -> Volume {
    let direction = DMat3::from_euler(EulerRot::XYZ, 0.3, -0.2, 0.5);
    let geometry =
        VolumeGeometry::new([43, 39, 27], DVec3::new(-212.0, 37.0, 431.0), DVec3::new(0.7, 0.9, 2.5), direction)
            .and_then(|g| g.with_shear_mm(shear_mm))
            .unwrap();
    let value = |n: usize| [-1024, 40, 1200][n / 3 % 3] + ((n as u32).wrapping_mul(2_654_435_761) >> 26) as i16;
    let voxels = Voxels::I16((0..geometry.len()).map(value).collect());
    Volume::new(geometry, voxels, Rescale::IDENTITY, ValueUnit::Hu).unwrap()
}

#[test]
fn radiographs_agree_within_one_gray_level() {
    let renderer = DrrRenderer::new(gpu(), PICTURE_FORMAT).unwrap();
    for shear in [DVec2::ZERO, DVec2::new(0.3, -0.5)] {
        let volume = steep(shear);
        let on_gpu = GpuVolume::upload(gpu(), &volume).unwrap();
        for angles in [[0.0, 0.0], [180.0, 0.0], [90.0, 0.0], [-37.0, 21.0], [120.0, -33.0], [45.0, 60.0]] {
            for parallel in [false, true] {
                let positioner = Positioner { parallel, ..Positioner::chest(volume.geometry(), angles) };
                let place = positioner.fit(volume.geometry(), [97, 83]).unwrap();
                let mut draw = DrrDraw::new(&volume, place, 60.0).unwrap();
                draw.voi = draw.window_of(&cpu::drr_values(&volume, &draw));
                draw.inverted = parallel;
                let twin = cpu::drr_picture(&volume, &draw);
                let (worst, beyond) = renderer.picture(&on_gpu, &draw).unwrap().difference(&twin, 1).unwrap();
                // Rays along a face of the grid are in or out by rounding.
                assert!(beyond <= 4, "{angles:?}: {beyond} pixels differ by up to {worst}");
            }
        }
    }
}

/// Three bodies without symmetry that overlap on the screen.
fn bodies() -> ([Mesh; 3], VolumeGeometry) {
    let direction = DMat3::from_euler(EulerRot::XYZ, 0.3, -0.2, 0.5);
    let geometry =
        VolumeGeometry::new([40, 36, 30], DVec3::new(-212.0, 37.0, 431.0), DVec3::new(0.9, 1.1, 1.6), direction)
            .unwrap();
    let label = |n: usize| {
        let [i, j, k] = geometry.ijk(n).map(|n| n as f64);
        let ball = |x: f64, y: f64, z: f64, radius: f64| DVec3::new(i - x, j - y, k - z).length() < radius;
        if ball(12.0, 14.0, 11.0, 9.0) {
            1
        } else if ball(25.0, 20.0, 17.0, 11.0) && !ball(25.0, 20.0, 17.0, 6.0) {
            2
        } else if (5.0..30.0).contains(&i) && (25.0..31.0).contains(&j) && (4.0..9.0).contains(&k) {
            3
        } else {
            0
        }
    };
    let labels: Vec<u8> = (0..geometry.len()).map(label).collect();
    let labels = Labelmap::from_labels(geometry.clone(), &labels).unwrap();
    ([1, 2, 3].map(|number| surface(&labels, number).unwrap()), geometry)
}

/// Pixels that differ by more than three gray levels, in per mille; and whether both show something.
fn differing(gpu: &RgbaPicture, cpu: &RgbaPicture) -> f64 {
    assert!(cpu.rgba.chunks_exact(4).any(|p| p[..3] != [0; 3]), "there is something to compare");
    let (_, beyond) = gpu.difference(cpu, 3).unwrap();
    1000.0 * beyond as f64 / f64::from(cpu.width * cpu.height)
}

#[test]
fn surfaces_agree_within_three_gray_levels_but_for_outlines() {
    let renderer = SurfaceRenderer::new(gpu(), PICTURE_FORMAT).unwrap();
    let (meshes, geometry) = bodies();
    let meshes = meshes.each_ref();
    let on_gpu = GpuSurfaces::upload(gpu(), &meshes).unwrap().expect("triangles");
    let center = geometry.center_lps();
    let mut planes: Vec<_> =
        Orientation::ALL.iter().map(|&o| SlicePlane::fit(&geometry, o, center, [157, 143])).collect();
    let u = DVec3::new(0.6, 0.5, -0.2).normalize();
    let v = u.cross(DVec3::new(0.1, -0.8, 0.5)).normalize();
    planes.push(SlicePlane { center_lps: center, u_lps: u, v_lps: v, pixel_mm: 0.17, size_px: [157, 143] });
    for plane in planes {
        for opacities in [[1.0, 1.0, 1.0], [0.5, 0.3, 1.0], [0.4, 0.0, 0.7]] {
            let colors = [[230, 90, 90], [90, 200, 230], [240, 220, 80]];
            let style = |(color_rgb, opacity)| SurfaceStyle { color_rgb, opacity };
            let styles = colors.into_iter().zip(opacities).map(style).collect();
            let draw = SurfaceDraw { plane, styles };
            let share = differing(&renderer.picture(&on_gpu, &draw).unwrap(), &cpu::surfaces_picture(&meshes, &draw));
            println!("{opacities:?}: {share:.2} per mille of the pixels differ by more than three levels");
            assert!(share < 5.0, "{opacities:?}: {share} per mille");
        }
    }
    assert!(GpuSurfaces::upload(gpu(), &[]).unwrap().is_none());
}
