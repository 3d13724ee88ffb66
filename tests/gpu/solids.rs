//! Radiographs and surfaces on the GPU against their CPU twins.

use super::render::gpu;
use fovea::geometry::{DMat3, DVec2, DVec3, EulerRot, VolumeGeometry};
use fovea::render::cpu;
use fovea::render::drr::{DrrDraw, Positioner};
use fovea::render::gpu::{DrrRenderer, GpuVolume, PICTURE_FORMAT};
use fovea::volume::{Rescale, ValueUnit, Volume, Voxels};

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
