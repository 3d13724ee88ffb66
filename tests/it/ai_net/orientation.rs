//! Left, right and every other direction: a network that only looks at values, on an asymmetric scene in many grids.

use fovea::ai::Segmenter;
use fovea::ai::meshnet::{MeshNet, sha256_hex};
use fovea::ai::pack::{ModelPack, WeightsFile};
use fovea::ai::resample::{conform, direction_of_letters, labels_onto};
use fovea::geometry::{DMat3, DVec2, DVec3, VolumeGeometry};
use fovea::jobs::{Cancel, Progress};
use fovea::volume::{Rescale, ValueUnit, Volume, Voxels};
use safetensors::{Dtype, tensor::TensorView};

/// Classes by scaled value x: 0 below 0.1, "gray" to 0.6, "white" above. One layer that copies, one that compares.
fn by_value() -> MeshNet {
    let config = r#"{"architecture": "meshnet", "num_classes": 3, "hidden_channels": 1, "kernel_size": 3,
        "dilations": [1], "activation": "relu", "conv_bias": false, "output_bias": true,
        "intensity_normalization": "minmax", "input_spacing_mm": [1.5, 1.5, 1.5], "input_orientation": "LIA",
        "input_shape": [128, 128, 128], "crop": {"rule": "bbox_of_normalized_above", "threshold": 0.05, "padding": 3},
        "labels": ["background", "gray", "white"]}"#;
    let mut copy = [0f32; 27];
    copy[13] = 1.0;
    let raw = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let tensors = [
        ("layers.0.conv.weight", vec![1, 1, 3, 3, 3], raw(&copy)),
        ("output.weight", vec![3, 1, 1, 1, 1], raw(&[0.0, 1.0, 2.0])),
        ("output.bias", vec![3], raw(&[0.1, 0.0, -0.6])),
    ];
    let views = tensors.iter().map(|(n, s, b)| (*n, TensorView::new(Dtype::F32, s.clone(), b).unwrap()));
    let weights = safetensors::serialize(views, None).unwrap();
    let file = WeightsFile { file: "model.safetensors".into(), sha256: sha256_hex(&weights) };
    MeshNet::new(ModelPack::from_config_json(config, "by-value", file).unwrap(), &weights).unwrap()
}

/// A bright ball to the left, front and head; a larger, darker one to the right, back and feet. Signed distances in mm.
fn distances(p: DVec3) -> [f64; 2] {
    [p.distance(DVec3::new(30.0, -20.0, 25.0)) - 12.0, p.distance(DVec3::new(-28.0, 18.0, -22.0)) - 18.0]
}

fn scene(geometry: VolumeGeometry) -> Volume {
    let lps_from_ijk = geometry.lps_from_ijk();
    let value = |n| {
        let p = lps_from_ijk.transform_point3(DVec3::from_array(geometry.ijk(n).map(|i| i as f64)));
        match distances(p) {
            [bright, _] if bright < 0.0 => 2000,
            [_, dark] if dark < 0.0 => 900,
            _ => 0,
        }
    };
    let voxels = Voxels::I16((0..geometry.len()).map(value).collect());
    Volume::new(geometry.clone(), voxels, Rescale { slope: 0.5, intercept: 0.0 }, ValueUnit::Arbitrary).unwrap()
}

/// A grid around the origin.
fn grid(dims: [usize; 3], spacing: DVec3, direction: DMat3) -> VolumeGeometry {
    let half = DVec3::from_array(dims.map(|n| (n as f64 - 1.0) / 2.0));
    VolumeGeometry::new(dims, -(direction * (spacing * half)), spacing, direction).unwrap()
}

#[test]
fn labels_land_where_the_image_is_in_every_orientation() {
    let net = by_value();
    let tilt = DMat3::from_rotation_x(0.35) * DMat3::from_rotation_z(-0.2);
    let letters = |text| direction_of_letters(text).unwrap();
    let grids = [
        ("axial", grid([90, 100, 50], DVec3::new(1.4, 1.2, 3.0), letters("LPS"))),
        ("axial, head first", grid([90, 100, 50], DVec3::new(1.4, 1.2, 3.0), letters("LPI"))),
        ("sagittal", grid([110, 115, 90], DVec3::splat(1.1), letters("PIL"))),
        ("right-handed RAS", grid([96, 96, 96], DVec3::splat(1.3), letters("RAS"))),
        ("left-handed", grid([96, 96, 96], DVec3::splat(1.3), letters("LIA"))),
        ("oblique", grid([100, 100, 45], DVec3::new(1.2, 1.25, 3.3), tilt * letters("RPI"))),
        (
            "tilted",
            grid([90, 100, 50], DVec3::new(1.4, 1.2, 3.0), letters("LPS"))
                .with_shear_mm(DVec2::new(0.3, -0.6))
                .unwrap(),
        ),
    ];
    for (name, geometry) in grids {
        let volume = scene(geometry.clone());
        let found = net.segment(&volume, &Progress::default(), &Cancel::default()).unwrap();
        assert_eq!(found.labelmap.geometry(), &geometry, "{name}: the input's own grid");
        assert_eq!(found.segments.iter().map(|s| s.number).collect::<Vec<_>>(), [1, 2], "{name}");
        // Partial volume blurs a border by a voxel of either grid; beyond that every voxel must be right.
        let margin = geometry.spacing_mm().max_element().max(1.5) * 1.5;
        let mut checked = [0; 3];
        for (n, &label) in found.labelmap.to_labels().iter().enumerate() {
            let [bright, dark] = distances(geometry.point_lps(DVec3::from_array(geometry.ijk(n).map(|i| i as f64))));
            let expected = match [bright, dark] {
                [b, _] if b < -margin => 2,
                [_, d] if d < -margin => 1,
                [b, d] if b > margin && d > margin => 0,
                _ => continue,
            };
            checked[usize::from(expected)] += 1;
            assert_eq!(label, expected, "{name}, voxel {:?}", geometry.ijk(n));
        }
        assert!(checked.iter().all(|&n| n > 100), "{name}: {checked:?}");
    }
}

#[test]
fn a_turned_byte_volume_is_conformed_without_interpolation() {
    let net = by_value();
    let rules = fovea::ai::pack::Preprocessing { spacing_mm: [1.3; 3], ..net.pack().preprocessing.clone() };
    let geometry = grid([60, 64, 70], DVec3::splat(1.3), direction_of_letters("PSR").unwrap());
    let bytes: Vec<u8> = (0..geometry.len()).map(|n| (n * 31 % 251) as u8).collect();
    let volume =
        Volume::new(geometry.clone(), Voxels::U8(bytes.clone()), Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap();
    let conformed = conform(&volume, &rules, &Cancel::default()).unwrap();
    assert!(!conformed.as_is);
    assert_eq!(conformed.geometry.dims(), [128; 3]);
    let labels: Vec<u8> = conformed.values.iter().map(|&v| v as u8).collect();
    let back = labels_onto(&geometry, &conformed.geometry, &labels, &Cancel::default()).unwrap();
    assert!(back == bytes, "there and back is the identity");
}

#[test]
fn a_conformed_volume_is_taken_as_it_is() {
    let net = by_value();
    let geometry = grid([128; 3], DVec3::splat(1.5), direction_of_letters("LIA").unwrap());
    let bytes: Vec<u8> = (0..geometry.len()).map(|n| (n % 200) as u8).collect();
    let volume = Volume::new(geometry.clone(), Voxels::U8(bytes), Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap();
    let conformed = conform(&volume, &net.pack().preprocessing, &Cancel::default()).unwrap();
    assert!(conformed.as_is);
    assert_eq!(conformed.geometry, geometry);
    assert_eq!(conformed.values, volume.to_values());
}

#[test]
fn an_empty_volume_gives_no_labels() {
    let geometry = grid([40, 40, 40], DVec3::splat(3.0), DMat3::IDENTITY);
    let volume =
        Volume::new(geometry.clone(), Voxels::I16(vec![7; geometry.len()]), Rescale::IDENTITY, ValueUnit::Arbitrary);
    let found = by_value().segment(&volume.unwrap(), &Progress::default(), &Cancel::default()).unwrap();
    assert!(found.segments.is_empty());
    assert_eq!(found.labelmap.histogram()[0], geometry.len());
}

#[test]
fn values_like_those_of_ct_are_refused_by_a_model_for_mr() {
    let geometry = grid([40, 40, 40], DVec3::splat(3.0), DMat3::IDENTITY);
    let values = Voxels::I16((0..geometry.len()).map(|n| (n % 2000) as i16 - 1000).collect());
    let volume = Volume::new(geometry, values, Rescale::IDENTITY, ValueUnit::Arbitrary).unwrap();
    let refused = by_value().segment(&volume, &Progress::default(), &Cancel::default()).unwrap_err();
    assert!(refused.to_string().contains("down to -1000, as in CT"), "{refused}");
}
