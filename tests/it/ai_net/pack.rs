//! Model packs as texts, and weights that do not belong to them.

use crate::common::shared;
use fovea::ai::meshnet::{MeshNet, WeightsError, sha256_hex};
use fovea::ai::pack::{ModelPack, PackError, WeightsFile, code_of_structure};

const CONFIG: &str = r#"{
    "architecture": "meshnet", "task": "segmentation", "spatial_dims": 3, "in_channels": 1, "num_classes": 3,
    "hidden_channels": 2, "kernel_size": 3, "dilations": [1, 2], "norm": "instance", "norm_eps": 1e-5,
    "activation": "gelu_erf", "conv_bias": false, "output_bias": true, "padding": "same_zero",
    "intensity_normalization": "quantile", "input_spacing_mm": [1, 1, 1], "input_orientation": "LIA",
    "input_shape": [32, 32, 32], "crop": {"rule": "bbox_of_normalized_above", "threshold": 0.2, "padding": 4},
    "labels": ["background", "Brain-Stem", "Something_else"]}"#;

fn weights_file(bytes: &[u8]) -> WeightsFile {
    WeightsFile { file: "model.safetensors".into(), sha256: sha256_hex(bytes) }
}

fn pack(config: &str, bytes: &[u8]) -> Result<ModelPack, PackError> {
    ModelPack::from_config_json(config, "test-net", weights_file(bytes))
}

/// A safetensors file of zeros.
fn weights(tensors: &[(&str, &[usize])]) -> Vec<u8> {
    let data: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, shape)| ((*name).to_string(), shape.to_vec(), vec![0; 4 * shape.iter().product::<usize>()]))
        .collect();
    let views = data.iter().map(|(name, shape, bytes)| {
        (name.as_str(), safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

const TENSORS: [(&str, &[usize]); 4] = [
    ("layers.0.conv.weight", &[2, 1, 3, 3, 3]),
    ("layers.1.conv.weight", &[2, 2, 3, 3, 3]),
    ("output.weight", &[3, 2, 1, 1, 1]),
    ("output.bias", &[3]),
];

#[test]
fn a_pack_survives_its_own_text() {
    let pack = pack(CONFIG, b"").unwrap();
    let text = pack.to_toml().unwrap();
    assert_eq!(ModelPack::from_toml(&text).unwrap(), pack, "{text}");
    assert_eq!(pack.labels[1].name, "Brain Stem");
    assert_eq!(pack.labels[1].code.as_ref().unwrap().value, "15926001");
    assert_eq!(pack.labels[2].code, None);
    assert!(!pack.proven);
}

#[test]
fn published_configs_become_packs_with_codes_and_colors() {
    let Some(shared) = shared() else { return };
    let text = std::fs::read_to_string(shared.join("models/brain-subcortical-meshnet/config.json")).unwrap();
    let pack = pack(&text, b"").unwrap();
    assert_eq!(pack.labels.len(), 18);
    assert_eq!(pack.labels[14].name, "Hippocampus");
    assert_eq!(pack.labels[14].color_rgb, [220, 216, 20]);
    let without: Vec<_> = pack.labels[1..].iter().filter(|l| l.code.is_none()).map(|l| l.name.as_str()).collect();
    assert_eq!(without, ["Inferior Lateral Ventricle", "Cerebellum Cortex", "VentralDC"], "codes that are not certain");
    assert_eq!(code_of_structure("3rd-Ventricle").unwrap().value, "49841001");
}

#[test]
fn what_cannot_be_served_is_said_by_name() {
    let why = |from: &str, to: &str| pack(&CONFIG.replace(from, to), b"").unwrap_err().to_string();
    assert!(why("\"meshnet\"", "\"unet3d\"").contains("\"unet3d\" is not served; this program runs: meshnet"));
    assert!(why("\"segmentation\"", "\"classification\"").contains("classification"));
    assert!(why("[1, 2]", "[1, 100000]").contains("dilations"));
    assert!(why("\"hidden_channels\": 2", "\"hidden_channels\": 4000000000").contains("hidden_channels"));
    assert!(why("\"LIA\"", "\"LLA\"").contains("orientation"));
    assert!(why("gelu_erf", "swish").contains("swish"));
    assert!(why("\"background\", ", "").contains("one label per class"));
    assert!(why("\"num_classes\": 3,", "").contains("config.json cannot be read"));
    let text = pack(CONFIG, b"").unwrap().to_toml().unwrap();
    let why = |from: &str, to: &str| ModelPack::from_toml(&text.replace(from, to)).unwrap_err().to_string();
    assert!(why("format = 1", "format = 2").contains("format"));
    assert!(why("proven", "prooven").contains("prooven"));
    assert!(why("test-net", "../test").contains("expected 1 to 64 lower-case letters"));
    assert!(why("model.safetensors", "/etc/passwd").contains("weights.file"));
}

#[test]
fn weights_must_be_exactly_those_that_the_pack_describes() {
    let load = |tensors: &[(&str, &[usize])]| {
        let bytes = weights(tensors);
        MeshNet::new(pack(CONFIG, &bytes).unwrap(), &bytes)
    };
    assert!(load(&TENSORS).is_ok());
    assert!(
        matches!(load(&TENSORS[1..]), Err(WeightsError::Missing { tensor, .. }) if tensor == "layers.0.conv.weight")
    );
    let mut more = TENSORS.to_vec();
    more.push(("layers.0.conv.bias", &[2]));
    assert!(
        matches!(load(&more), Err(WeightsError::LeftOver { count: 1, tensor, .. }) if tensor == "layers.0.conv.bias")
    );
    let mut wrong = TENSORS.to_vec();
    wrong[2].1 = &[4, 2, 1, 1, 1];
    assert!(matches!(load(&wrong), Err(WeightsError::Mismatch { tensor, .. }) if tensor == "output.weight"));
    let other = MeshNet::new(pack(CONFIG, b"other").unwrap(), &weights(&TENSORS));
    assert!(matches!(other, Err(WeightsError::Hash { .. })));
    assert!(matches!(MeshNet::new(pack(CONFIG, b"text").unwrap(), b"text"), Err(WeightsError::Format { .. })));
}
