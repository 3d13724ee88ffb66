//! Slabs, cubic interpolation, fusion, color maps and display filters of the CPU twins.

use fovea::geometry::{DAffine3, DMat3, DVec3, Orientation, SlicePlane, VolumeGeometry};
use fovea::render::{
    ColorMap, DisplayFilter, Fused, FusionMode, Interpolation, MipDraw, Slab, SlabMode, SliceDraw, cpu, verify,
};
use fovea::volume::{Rescale, ValueUnit, Voi, Volume, Voxels};

/// 20 × 20 × 20 voxels of 1 mm, from −9.5 to 9.5 mm.
fn cube(value: impl Fn([usize; 3]) -> i16) -> Volume {
    let geometry = VolumeGeometry::new([20; 3], DVec3::splat(-9.5), DVec3::ONE, DMat3::IDENTITY).unwrap();
    let voxels = (0..8000).map(|n| value(geometry.ijk(n))).collect();
    Volume::new(geometry, Voxels::I16(voxels), Rescale::IDENTITY, ValueUnit::Hu).unwrap()
}

fn axial(volume: &Volume, z: f64) -> SlicePlane {
    SlicePlane::fit(volume.geometry(), Orientation::Axial, DVec3::new(0.0, 0.0, z), [20, 20])
}

#[test]
fn a_slab_is_the_highest_lowest_mean_and_sum_of_its_layers() {
    let volume = cube(|[i, _, k]| if i == 3 { (k * k) as i16 } else { 7 });
    // Four layers of 1 mm around the face between slices 7 and 8: slices 6, 7, 8, 9.
    let plane = axial(&volume, -2.0);
    for (mode, expected) in
        [(SlabMode::Maximum, 81.0), (SlabMode::Minimum, 36.0), (SlabMode::Mean, 57.5), (SlabMode::Sum, 230.0)]
    {
        let slab = Slab { thickness_mm: 4.0, mode };
        let draw = MipDraw::slab(volume.geometry(), plane, Voi::linear(0.0, 100.0), slab);
        assert_eq!(draw.steps(), 4);
        let values = cpu::mip_values(&volume, &draw);
        assert_eq!(values[5 * 20 + 3], expected, "{mode:?}");
        assert_eq!(values[5 * 20 + 4], if mode == SlabMode::Sum { 28.0 } else { 7.0 }, "{mode:?}");
    }
}

#[test]
fn what_lies_outside_takes_no_part_in_a_mean() {
    let volume = cube(|_| 40);
    // Half of the slab lies beyond the first slice.
    let slab = Slab { thickness_mm: 8.0, mode: SlabMode::Mean };
    let draw = MipDraw::slab(volume.geometry(), axial(&volume, -10.0), Voi::linear(0.0, 100.0), slab);
    assert!(cpu::mip_values(&volume, &draw).iter().all(|value| (value - 40.0).abs() < 1e-4));
}

#[test]
fn cubic_keeps_voxels_and_quadratic_curves() {
    let volume = cube(|[i, j, k]| (i * i + 3 * j + k) as i16);
    let mut plane = axial(&volume, 0.5);
    let values = |plane| {
        let draw = SliceDraw { interpolation: Interpolation::Cubic, ..SliceDraw::new(plane, Voi::linear(0.0, 100.0)) };
        cpu::slice_values(&volume, &draw)
    };
    assert_eq!(values(plane)[7 * 20 + 5], 25.0 + 21.0 + 10.0);
    // Keys' kernel (a = −1/2) reproduces polynomials of the second degree, which linear interpolation does not.
    plane.center_lps += DVec3::new(0.5, 0.25, 0.0);
    let expected = 5.5 * 5.5 + 3.0 * 7.25 + 10.0;
    assert!((f64::from(values(plane)[7 * 20 + 5]) - expected).abs() < 1e-3);
}

#[test]
fn fusion_blends_tiles_and_swipes_through_a_transform() {
    let voi = Voi::spanning(0.0, 255.0);
    let first = cube(|_| 100);
    let second = cube(|[i, ..]| if i < 10 { 0 } else { 200 });
    let plane = axial(&first, 0.0);
    let shown = |mode, moving_from_fixed| {
        let fused = Fused { mode, moving_from_fixed, color_map: ColorMap::Gray, ..Fused::over(voi) };
        let draw = SliceDraw { fused: Some(fused), ..SliceDraw::new(plane, voi) };
        cpu::fused_picture(&first, Some(&second), &draw, None)
    };
    let near = |got: u8, want: u8| assert!(got.abs_diff(want) <= 1, "{got} for {want}");
    let blend = shown(FusionMode::Blend, DAffine3::IDENTITY);
    near(blend.rgb(2, 5)[0], 50);
    near(blend.rgb(17, 5)[0], 150);
    // Moved by 5 mm toward the left, the border appears 5 mm further right in the patient.
    let moved = shown(FusionMode::Blend, DAffine3::from_translation(DVec3::new(5.0, 0.0, 0.0)));
    near(moved.rgb(4, 5)[0], 50);
    near(moved.rgb(6, 5)[0], 150);
    // Beyond the second volume the first is shown as it is.
    near(moved.rgb(18, 5)[0], 100);
    let tiles = shown(FusionMode::Checkerboard { edge_px: 5 }, DAffine3::IDENTITY);
    near(tiles.rgb(2, 2)[0], 100);
    near(tiles.rgb(7, 2)[0], 0);
    near(tiles.rgb(17, 2)[0], 200);
    near(tiles.rgb(7, 7)[0], 100);
    let swipe = shown(FusionMode::Swipe { share: 0.75 }, DAffine3::IDENTITY);
    near(swipe.rgb(14, 2)[0], 100);
    near(swipe.rgb(15, 2)[0], 200);
}

#[test]
fn color_maps_are_those_of_their_sources() {
    // PS3.6 Annex B, at a few entries.
    assert_eq!(
        [0, 64, 128, 200, 255].map(|n| ColorMap::HotIron.table()[n]),
        [[0, 0, 0], [128, 0, 0], [255, 0, 0], [255, 144, 36], [255, 255, 255]]
    );
    assert_eq!(ColorMap::Pet20Step.table()[128], [80, 192, 80]);
    assert_eq!(ColorMap::Viridis.table()[255], [253, 231, 37]);
    for map in ColorMap::ALL {
        assert_eq!(ColorMap::named(map.name()), Some(map));
        assert_eq!(map.table()[17].map(|b| f32::from(b) / 255.0), map.colors().color_of(17.0 / 255.0));
    }
    let volume = cube(|[i, ..]| i as i16);
    let draw =
        SliceDraw { color_map: ColorMap::HotIron, ..SliceDraw::new(axial(&volume, 0.0), Voi::spanning(0.0, 19.0)) };
    let picture = cpu::plane_picture(&volume, &draw, None);
    assert_eq!((picture.rgb(0, 3), picture.rgb(19, 3)), ([0; 3], [255; 3]));
    let middle = picture.rgb(8, 3);
    assert!(middle[0] > 180 && middle[1] == 0 && middle[2] == 0, "{middle:?}");
}

#[test]
fn filters_keep_flat_areas_and_change_edges() {
    let volume = cube(|[i, ..]| if i < 10 { 50 } else { 150 });
    let shown = |filter| {
        let draw = SliceDraw { filter, ..SliceDraw::new(axial(&volume, 0.0), Voi::spanning(0.0, 255.0)) };
        cpu::plane_picture(&volume, &draw, None)
    };
    let (plain, smooth, sharp) = (
        shown(DisplayFilter::None),
        shown(DisplayFilter::Smooth { sigma_px: 1.0 }),
        shown(DisplayFilter::Sharpen { sigma_px: 1.0, amount: 1.0 }),
    );
    assert_eq!((smooth.rgb(3, 3), sharp.rgb(16, 3)), (plain.rgb(3, 3), plain.rgb(16, 3)));
    assert!(smooth.rgb(9, 3)[0] > plain.rgb(9, 3)[0] && sharp.rgb(9, 3)[0] < plain.rgb(9, 3)[0]);
}

#[test]
fn verifying_counts_what_differs_and_refuses_other_sizes() {
    let volume = cube(|[i, ..]| i as i16 * 10);
    let draw = SliceDraw::new(axial(&volume, 0.0), Voi::linear(100.0, 200.0));
    let layers = verify::Layers { volume: &volume, second: None, labels: None };
    let mut shown = cpu::plane_picture(&volume, &draw, None);
    assert!(verify::slice(layers, &draw, &shown).unwrap().is_verified());
    shown.rgba[0] ^= 8;
    let found = verify::slice(layers, &draw, &shown).unwrap();
    assert_eq!((found.greatest, found.beyond_one, found.pixels), (8, 1, 400));
    shown.width = 10;
    assert!(verify::slice(layers, &draw, &shown).is_err());
}
