//! GPU pictures against their CPU twins, on small phantoms without symmetry.

use egui_wgpu::wgpu::TextureFormat;
use fovea::geometry::{DAffine3, DMat3, DVec2, DVec3, EulerRot, Orientation, SlicePlane, VolumeGeometry};
use fovea::render::gpu::{
    GpuContext, GpuError, GpuLabels, GpuPicture, GpuVolume, MipRenderer, PictureRenderer, SliceRenderer,
};
use fovea::render::{
    ColorMap, DisplayFilter, Fused, FusionMode, Interpolation, MipDraw, OverlayStyle, PictureDraw, RgbaPicture, Slab,
    SlabMode, SliceDraw, cpu, verify,
};
use fovea::volume::{
    Calibration, Labelmap, Picture, Presentation, Rescale, Samples, ValueUnit, Voi, VoiFunction, VoiTable, Volume,
    Voxels,
};
use std::sync::{Arc, OnceLock};

/// One device for all tests of this file. A machine without any graphics driver fails here, with the sentence that a
/// person would read.
pub(crate) fn gpu() -> &'static GpuContext {
    static GPU: OnceLock<GpuContext> = OnceLock::new();
    GPU.get_or_init(|| GpuContext::headless().unwrap())
}

fn noise(n: usize) -> i32 {
    (n as u32).wrapping_mul(2_654_435_761).rotate_left(13) as i32 >> 8
}

/// Steep edges (air beside bone) and noise, so that a small error of position becomes a visible one of gray.
fn steep_i16() -> Voxels {
    Voxels::I16((0..23 * 19 * 17).map(|n| [-1000, 40, 1200][n / 3 % 3] + (noise(n) % 50) as i16).collect())
}

fn volume(voxels: Voxels, rescale: Rescale, shear_mm: DVec2) -> Volume {
    let direction = DMat3::from_euler(EulerRot::XYZ, 0.3, -0.2, 0.5);
    let geometry =
        VolumeGeometry::new([23, 19, 17], DVec3::new(-212.0, 37.0, 431.0), DVec3::new(0.7, 0.9, 2.5), direction)
            .and_then(|g| g.with_shear_mm(shear_mm))
            .unwrap();
    Volume::new(geometry, voxels, rescale, ValueUnit::Hu).unwrap()
}

fn planes(geometry: &VolumeGeometry, size_px: [u32; 2]) -> Vec<SlicePlane> {
    let mut planes: Vec<_> = Orientation::ALL
        .iter()
        .map(|&o| SlicePlane::fit(geometry, o, geometry.center_lps() + DVec3::splat(0.4), size_px))
        .collect();
    let u = DVec3::new(0.6, 0.5, -0.2).normalize();
    let v = u.cross(DVec3::new(0.1, -0.8, 0.5)).normalize();
    planes.push(SlicePlane { center_lps: geometry.center_lps(), u_lps: u, v_lps: v, pixel_mm: 0.17, size_px });
    planes
}

fn same(gpu: &RgbaPicture, cpu: &RgbaPicture, what: &str) -> u8 {
    let (worst, beyond) = gpu.difference(cpu, 1).unwrap();
    assert_eq!(beyond, 0, "{what}: {beyond} pixels differ by more than one gray level, the worst by {worst}");
    worst
}

fn draw(plane: SlicePlane, voi: Voi) -> SliceDraw {
    SliceDraw::new(plane, voi)
}

#[test]
fn planes_agree_for_every_type_window_and_interpolation() {
    let renderer = SliceRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    let ct = Rescale { slope: 1.0, intercept: -24.0 };
    let volumes = [
        volume(steep_i16(), ct, DVec2::ZERO),
        volume(steep_i16(), ct, DVec2::new(0.6, -1.1)),
        volume(Voxels::U8((0..23 * 19 * 17).map(|n| noise(n) as u8).collect()), Rescale::IDENTITY, DVec2::ZERO),
        volume(
            Voxels::U16((0..23 * 19 * 17).map(|n| noise(n) as u16).collect()),
            Rescale { slope: 0.037, intercept: -900.0 },
            DVec2::ZERO,
        ),
        volume(
            Voxels::F32((0..23 * 19 * 17).map(|n| noise(n) as f32 * 1e-4).collect()),
            Rescale::IDENTITY,
            DVec2::ZERO,
        ),
    ];
    let windows = [
        Voi::linear(40.0, 4000.0),
        Voi::linear(40.0, 400.0),
        Voi::linear(40.0, 80.0),
        Voi::linear(40.0, 8.0),
        Voi { center: 40.0, width: 350.0, function: VoiFunction::Sigmoid },
        Voi { center: 40.0, width: 33.5, function: VoiFunction::LinearExact },
    ];
    for (n, volume) in volumes.iter().enumerate() {
        let on_gpu = GpuVolume::upload(gpu(), volume).unwrap();
        for (p, plane) in planes(volume.geometry(), [97, 61]).into_iter().enumerate() {
            for voi in windows {
                for interpolation in [Interpolation::Linear, Interpolation::Nearest, Interpolation::Cubic] {
                    let draw = SliceDraw { interpolation, inverted: p == 1, ..draw(plane, voi) };
                    let picture = renderer.picture(&on_gpu, None, &draw).unwrap();
                    let twin = cpu::plane_picture(volume, &draw, None);
                    same(&picture, &twin, &format!("volume {n}, plane {p}, {voi:?}, {interpolation:?}"));
                }
            }
        }
    }
}

#[test]
fn a_step_window_differs_only_where_the_value_is_the_step() {
    // Width 1 (PS3.3 C.11.2.1.2.1): rounding decides only where a value equals center − 0.5 to six digits.
    let renderer = SliceRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    let volume = volume(steep_i16(), Rescale::IDENTITY, DVec2::ZERO);
    let on_gpu = GpuVolume::upload(gpu(), &volume).unwrap();
    for plane in planes(volume.geometry(), [97, 61]) {
        let draw = draw(plane, Voi::linear(40.0, 1.0));
        let (picture, twin) =
            (renderer.picture(&on_gpu, None, &draw).unwrap(), cpu::plane_picture(&volume, &draw, None));
        let values = cpu::plane_values(&volume, &plane);
        for (n, value) in values.iter().enumerate() {
            let same = picture.rgba[4 * n] == twin.rgba[4 * n];
            assert!(same || (value - 39.5).abs() < 1e-2, "pixel {n} of value {value}");
        }
    }
}

#[test]
fn a_large_volume_keeps_its_places() {
    // Far from voxel 0 and far from the origin of the patient, where f32 positions would be off by 1e-4 voxels.
    let dims = [900, 800, 3];
    let geometry =
        VolumeGeometry::new(dims, DVec3::new(-700.0, 511.0, -1203.0), DVec3::new(0.41, 0.43, 3.0), DMat3::IDENTITY)
            .unwrap();
    let stored = (0..geometry.len()).map(|n| if (n + n / 900) % 2 == 0 { -1000 } else { 1500 }).collect();
    let volume = Volume::new(geometry, Voxels::I16(stored), Rescale::IDENTITY, ValueUnit::Hu).unwrap();
    let renderer = SliceRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    let on_gpu = GpuVolume::upload(gpu(), &volume).unwrap();
    let u = DVec3::new(1.0, 0.013, 0.0004).normalize();
    let v = DVec3::new(-0.013, 1.0, 0.0).normalize();
    let plane = SlicePlane {
        center_lps: volume.geometry().center_lps(),
        u_lps: u,
        v_lps: v,
        pixel_mm: 0.37,
        size_px: [900, 800],
    };
    for width in [400.0, 80.0, 20.0] {
        let draw = draw(plane, Voi::linear(40.0, width));
        let worst = same(
            &renderer.picture(&on_gpu, None, &draw).unwrap(),
            &cpu::plane_picture(&volume, &draw, None),
            &format!("width {width}"),
        );
        println!("width {width}: worst difference {worst}");
    }
}

fn palette() -> Arc<[[u8; 4]; 256]> {
    let mut palette = [[0; 4]; 256];
    palette[1] = [230, 60, 20, 255];
    palette[2] = [20, 160, 230, 255];
    palette[3] = [90, 220, 90, 128];
    Arc::new(palette)
}

fn labels(geometry: &VolumeGeometry) -> Labelmap {
    let labels: Vec<u8> = (0..geometry.len())
        .map(|n| {
            let [i, j, k] = geometry.ijk(n);
            let near = |ci: usize, cj: usize, r: usize| i.abs_diff(ci).pow(2) + j.abs_diff(cj).pow(2) < r * r;
            if near(6, 6, 5) {
                1
            } else if near(12, 9, 4) {
                2
            } else if k > 9 && i > 15 {
                3
            } else {
                4 * u8::from(j < 3)
            }
        })
        .collect();
    Labelmap::from_labels(geometry.clone(), &labels).unwrap()
}

#[test]
fn masks_agree_and_only_painted_slices_are_sent_again() {
    let renderer = SliceRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    let volume = volume(steep_i16(), Rescale::IDENTITY, DVec2::ZERO);
    let on_gpu = GpuVolume::upload(gpu(), &volume).unwrap();
    let before = labels(volume.geometry());
    let mut sent = GpuLabels::upload(gpu(), &before).unwrap();
    assert_eq!(sent.update(gpu(), &before).unwrap(), 0);
    let (after, _) = before.changed(4..6, |_, n, old| if n % 23 < 9 { 2 } else { old });
    for labels in [&before, &after] {
        let count = sent.update(gpu(), labels).unwrap();
        assert_eq!(count, if labels == &after { 2 } else { 0 });
        for plane in planes(volume.geometry(), [97, 61]) {
            let overlay = Some(OverlayStyle::with_palette(palette()));
            let draw = SliceDraw { overlay, ..draw(plane, Voi::linear(40.0, 400.0)) };
            let picture = renderer.picture(&on_gpu, Some(&sent), &draw).unwrap();
            same(&picture, &cpu::plane_picture(&volume, &draw, Some(labels)), "mask");
        }
    }
    let other = Labelmap::empty(VolumeGeometry::new([2; 3], DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap());
    assert_eq!(sent.update(gpu(), &other), Err(GpuError::Grid));
}

#[test]
fn projections_agree() {
    let renderer = MipRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    for shear in [DVec2::ZERO, DVec2::new(0.6, -1.1)] {
        let volume = volume(steep_i16(), Rescale::IDENTITY, shear);
        let on_gpu = GpuVolume::upload(gpu(), &volume).unwrap();
        for plane in planes(volume.geometry(), [64, 48]) {
            for draw in [
                MipDraw::whole(volume.geometry(), plane, Voi::linear(600.0, 1600.0)),
                MipDraw::slab(volume.geometry(), plane, Voi::linear(600.0, 80.0), Slab::maximum(6.0)),
            ] {
                let picture = renderer.picture(&on_gpu, &draw).unwrap();
                same(&picture, &cpu::mip_picture(&volume, &draw), "projection");
            }
        }
    }
}

/// A VOI LUT is applied before the upload; what follows is a window over its entries.
#[test]
fn voi_lut_tables_agree() {
    let renderer = PictureRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    let stored = Voxels::U16((0..37 * 29).map(|n| (noise(n) as u16) % 4096).collect());
    let entries: Vec<u16> = (0..3000u32).map(|n| (n * n / 2200) as u16).collect();
    let table = VoiTable { name: String::new(), first: 300.0, bits: 12, entries: entries.into() };
    let voi = table.voi(0);
    let picture = Picture {
        width: 37,
        height: 29,
        samples: Samples::Gray { stored, rescale: Rescale { slope: 1.0, intercept: -100.0 } },
        unit: ValueUnit::Arbitrary,
        inverted: false,
        voi: Some(voi),
        calibration: Calibration::None,
        patient_orientation: None,
        laterality: String::new(),
        view_position: String::new(),
        presentation: Presentation { tables: vec![table], ..Presentation::default() },
    };
    let on_gpu = GpuPicture::upload(gpu(), &picture, voi.function).unwrap();
    for size_px in [[37, 29], [111, 87]] {
        let draw = PictureDraw::fit([37, 29], 1.0, size_px, voi, false);
        let shown = renderer.picture(&on_gpu, &draw).unwrap();
        same(&shown, &cpu::picture_rgba(&picture, &draw), &format!("{draw:?}"));
    }
}

#[test]
fn pictures_agree_at_every_zoom() {
    let renderer = PictureRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    let stored = Voxels::U16((0..37 * 29).map(|n| (noise(n) as u16) % 4096).collect());
    let gray = Samples::Gray { stored, rescale: Rescale { slope: 1.0, intercept: -100.0 } };
    let colored = Samples::Rgb((0..37 * 29 * 3).map(|n| noise(n) as u8).collect());
    for samples in [gray, colored] {
        let picture = Picture {
            width: 37,
            height: 29,
            samples,
            unit: ValueUnit::Arbitrary,
            inverted: false,
            voi: None,
            calibration: Calibration::None,
            patient_orientation: None,
            laterality: String::new(),
            view_position: String::new(),
            presentation: Presentation::default(),
        };
        let on_gpu = GpuPicture::upload(gpu(), &picture, VoiFunction::Linear).unwrap();
        for size_px in [[37, 29], [111, 87], [19, 15], [8, 40]] {
            for interpolation in [Interpolation::Linear, Interpolation::Nearest, Interpolation::Cubic] {
                let fit = PictureDraw::fit([37, 29], 1.0, size_px, Voi::linear(2000.0, 3000.0), true);
                let turned = PictureDraw {
                    origin_px: DVec2::new(30.0, 2.0),
                    u_px: DVec2::new(-0.31, 0.2),
                    v_px: DVec2::new(0.2, 0.31),
                    ..fit.clone()
                };
                for draw in [
                    PictureDraw { interpolation, color_map: ColorMap::Viridis, ..fit },
                    PictureDraw { interpolation, ..turned },
                ] {
                    let shown = renderer.picture(&on_gpu, &draw).unwrap();
                    same(&shown, &cpu::picture_rgba(&picture, &draw), &format!("{draw:?}"));
                }
            }
        }
    }
}

#[test]
fn a_volume_longer_than_the_device_allows_is_refused_in_one_sentence() {
    let limit = gpu().device.limits().max_texture_dimension_3d as usize;
    let geometry = VolumeGeometry::new([limit + 1, 1, 1], DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap();
    let voxels = Voxels::U8(vec![0; limit + 1]);
    let volume = Volume::new(geometry, voxels, Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap();
    let refused = GpuVolume::upload(gpu(), &volume).unwrap_err();
    assert!(refused.to_string().contains("larger than this graphics device can hold"), "{refused}");
}

#[test]
fn targets_that_swap_or_encode_show_the_same_bytes() {
    let volume = volume(steep_i16(), Rescale::IDENTITY, DVec2::ZERO);
    let on_gpu = GpuVolume::upload(gpu(), &volume).unwrap();
    let draw = draw(planes(volume.geometry(), [97, 61])[0], Voi::linear(40.0, 400.0));
    let twin = cpu::plane_picture(&volume, &draw, None);
    for target in [TextureFormat::Bgra8Unorm, TextureFormat::Rgba8UnormSrgb, TextureFormat::Bgra8UnormSrgb] {
        let renderer = SliceRenderer::new(gpu(), target).unwrap();
        same(&renderer.picture(&on_gpu, None, &draw).unwrap(), &twin, &format!("{target:?}"));
    }
}

fn second_volume() -> Volume {
    let geometry =
        VolumeGeometry::new([11, 13, 9], DVec3::new(-208.0, 40.0, 436.0), DVec3::new(1.4, 1.2, 3.1), DMat3::IDENTITY);
    let stored = Voxels::U16((0..11 * 13 * 9).map(|n| (noise(n) as u16) % 3000).collect());
    let rescale = Rescale { slope: 0.01, intercept: 0.0 };
    Volume::new(geometry.unwrap(), stored, rescale, ValueUnit::SuvBw).unwrap()
}

#[test]
fn slabs_agree_in_every_mode_and_interpolation() {
    let renderer = MipRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    let volume = volume(steep_i16(), Rescale { slope: 1.0, intercept: -24.0 }, DVec2::new(0.2, -0.3));
    let on_gpu = GpuVolume::upload(gpu(), &volume).unwrap();
    for plane in planes(volume.geometry(), [41, 33]) {
        for mode in [SlabMode::Maximum, SlabMode::Minimum, SlabMode::Mean, SlabMode::Sum] {
            for interpolation in [Interpolation::Linear, Interpolation::Nearest, Interpolation::Cubic] {
                let voi = if mode == SlabMode::Sum { Voi::linear(800.0, 9000.0) } else { Voi::linear(40.0, 400.0) };
                let slab = Slab { thickness_mm: 7.0, mode };
                let draw = MipDraw { interpolation, ..MipDraw::slab(volume.geometry(), plane, voi, slab) };
                let picture = renderer.picture(&on_gpu, &draw).unwrap();
                same(&picture, &cpu::mip_picture(&volume, &draw), &format!("{mode:?} {interpolation:?}"));
            }
        }
    }
}

#[test]
fn fused_planes_and_slabs_agree_with_maps_filters_and_masks() {
    let slices = SliceRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    let slabs = MipRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    let (first, second) = (volume(steep_i16(), Rescale::IDENTITY, DVec2::ZERO), second_volume());
    let on_gpu = [&first, &second].map(|volume| GpuVolume::upload(gpu(), volume).unwrap());
    let mask = labels(first.geometry());
    let mask_on_gpu = GpuLabels::upload(gpu(), &mask).unwrap();
    let modes = [FusionMode::Blend, FusionMode::Checkerboard { edge_px: 7 }, FusionMode::Swipe { share: 0.4 }];
    let filters = [
        DisplayFilter::None,
        DisplayFilter::Smooth { sigma_px: 0.8 },
        DisplayFilter::Sharpen { sigma_px: 1.1, amount: 0.7 },
    ];
    for (n, plane) in planes(first.geometry(), [97, 61]).into_iter().enumerate() {
        for (mode, filter) in modes.into_iter().zip(filters) {
            let fused = Fused {
                mode,
                moving_from_fixed: DAffine3::from_rotation_z(0.1)
                    * DAffine3::from_translation(DVec3::new(1.0, 20.0, 0.5)),
                color_map: ColorMap::ALL[2 + n],
                ..Fused::over(Voi { center: 10.0, width: 20.0, function: VoiFunction::LinearExact })
            };
            let overlay = (n % 2 == 0).then(|| OverlayStyle::with_palette(palette()));
            let draw = SliceDraw {
                overlay: overlay.clone(),
                filter,
                color_map: ColorMap::ALL[n],
                fused: Some(fused.clone()),
                ..draw(plane, Voi::linear(40.0, 400.0))
            };
            let picture = slices.fused_picture(&on_gpu[0], Some(&on_gpu[1]), Some(&mask_on_gpu), &draw).unwrap();
            let layers = verify::Layers { volume: &first, second: Some(&second), labels: Some(&mask) };
            let found = verify::slice(layers, &draw, &picture).unwrap();
            assert!(found.is_verified(), "plane {n} {mode:?} {filter:?}: {found:?}");
            let slab = Slab { thickness_mm: 5.0, mode: SlabMode::Mean };
            let voi = Voi::linear(40.0, 1400.0);
            let draw =
                MipDraw { overlay, filter, fused: Some(fused), ..MipDraw::slab(first.geometry(), plane, voi, slab) };
            let picture = slabs.fused_picture(&on_gpu[0], Some(&on_gpu[1]), Some(&mask_on_gpu), &draw).unwrap();
            let found = verify::mip(layers, &draw, &picture).unwrap();
            assert!(found.is_verified(), "slab {n} {mode:?} {filter:?}: {found:?}");
        }
    }
}

/// On a software driver volumes stay in main memory; the picture is the same as through textures.
#[test]
fn volumes_in_main_memory_show_the_same_picture() {
    let slices = SliceRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    let slabs = MipRenderer::new(gpu(), TextureFormat::Rgba8Unorm).unwrap();
    let volume = Arc::new(volume(steep_i16(), Rescale::IDENTITY, DVec2::ZERO));
    let on_host = GpuVolume::for_window(gpu(), &volume).unwrap();
    let mut view = slices.view();
    for (n, plane) in planes(volume.geometry(), [97, 61]).into_iter().enumerate() {
        let draw = draw(plane, Voi::linear(40.0, 80.0));
        same(&slices.picture(&on_host, None, &draw).unwrap(), &cpu::plane_picture(&volume, &draw, None), "plane");
        let draw = MipDraw::whole(volume.geometry(), plane, Voi::linear(600.0, 1600.0));
        same(&slabs.picture(&on_host, &draw).unwrap(), &cpu::mip_picture(&volume, &draw), &format!("projection {n}"));
        slices.prepare(&mut view, &on_host, None, &SliceDraw::new(plane, Voi::linear(0.0, 1.0)));
    }
}
