//! Published `config.json` files of the MeshNet family, turned into packs.

use super::file::{activation, intensity, norm};
use super::{
    ClassLabel, Crop, InputRules, MeshNetConfig, ModelPack, PackError, Preprocessing, WeightsFile, code_of_structure,
};
use serde::Deserialize;

/// The part that every such file has: enough to say what it is before asking for more.
#[derive(Debug, Deserialize)]
struct Kind {
    architecture: String,
    task: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Config {
    #[serde(default = "three")]
    spatial_dims: usize,
    #[serde(default = "one")]
    in_channels: usize,
    num_classes: usize,
    hidden_channels: usize,
    kernel_size: usize,
    dilations: Vec<usize>,
    norm: Option<String>,
    norm_eps: Option<f64>,
    activation: String,
    conv_bias: bool,
    output_bias: bool,
    padding: Option<String>,
    intensity_normalization: String,
    intensity_quantiles: Option<[f64; 2]>,
    input_spacing_mm: [f64; 3],
    input_orientation: String,
    input_shape: [usize; 3],
    crop: Option<CropRule>,
    labels: Vec<String>,
    label_colors_rgb: Option<Vec<[u8; 3]>>,
}

#[derive(Debug, Deserialize)]
struct CropRule {
    rule: String,
    threshold: Option<f32>,
    padding: Option<usize>,
}

fn one() -> usize {
    1
}

fn three() -> usize {
    3
}

pub(super) fn pack(text: &str, name: &str, weights: WeightsFile) -> Result<ModelPack, PackError> {
    let json = |e: serde_json::Error| PackError::Json(e.to_string());
    let kind: Kind = serde_json::from_str(text).map_err(json)?;
    if kind.architecture != "meshnet" {
        return Err(PackError::Architecture(kind.architecture));
    }
    if let Some(task) = kind.task.filter(|task| task != "segmentation") {
        return Err(PackError::Task(task));
    }
    let config: Config = serde_json::from_str(text).map_err(json)?;
    if (config.spatial_dims, config.in_channels) != (3, 1) {
        let found = (config.spatial_dims, config.in_channels);
        return Err(PackError::value("spatial_dims, in_channels", found, "3 dimensions and 1 channel"));
    }
    if let Some(padding) = config.padding.as_deref().filter(|&p| p != "same_zero") {
        return Err(PackError::value("padding", padding, "same_zero"));
    }
    let crop = crop(config.crop.as_ref())?;
    let network = MeshNetConfig {
        hidden_channels: config.hidden_channels,
        classes: config.num_classes,
        kernel: config.kernel_size,
        dilations: config.dilations,
        activation: activation(&config.activation)?,
        instance_norm_eps: norm(config.norm.as_deref().unwrap_or("none"), config.norm_eps)?,
        conv_bias: config.conv_bias,
        output_bias: config.output_bias,
    };
    Ok(ModelPack {
        name: name.into(),
        version: "1".into(),
        title: title(&config.labels),
        license: "see the LICENSE file and README of the pack".into(),
        origin: "imported from a folder with config.json and weights".into(),
        intended_use: "Research. Drawn as an experimental overlay: its accuracy has not been measured here.".into(),
        proven: false,
        network,
        input: t1_head(),
        preprocessing: Preprocessing {
            shape: config.input_shape,
            spacing_mm: config.input_spacing_mm,
            orientation: config.input_orientation,
            intensity: intensity(&config.intensity_normalization, config.intensity_quantiles)?,
            crop,
        },
        largest_component: false,
        labels: labels(&config.labels, config.label_colors_rgb.as_deref().unwrap_or_default()),
        weights,
    })
}

/// What is looked for: a few structures by name, more by number.
fn title(labels: &[String]) -> String {
    match labels.get(1..) {
        Some(few @ ([_] | [_, _] | [_, _, _])) => few.join(", ").to_lowercase().replace(['-', '_'], " "),
        Some(many) => format!("{} brain structures", many.len()),
        None => "nothing".into(),
    }
}

/// The published members of the family are all trained on T1-weighted heads; `config.json` does not say so.
fn t1_head() -> InputRules {
    let words = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    InputRules {
        description: "T1-weighted MR of the whole head".into(),
        modalities: words(&["MR"]),
        body_parts: words(&["HEAD", "BRAIN", "SKULL"]),
        unlike: words(&["T2", "FLAIR", "DWI", "ADC", "DTI", "SWI", "BOLD", "PERFUSION", "ANGIO", "TOF"]),
    }
}

fn crop(rule: Option<&CropRule>) -> Result<Crop, PackError> {
    match rule {
        None => Ok(Crop::None),
        Some(rule) if rule.rule == "none" => Ok(Crop::None),
        Some(CropRule { rule, threshold: Some(threshold), padding }) if rule == "bbox_of_normalized_above" => {
            Ok(Crop::Above { threshold: *threshold, margin: padding.unwrap_or(0) })
        }
        Some(rule) => Err(PackError::value("crop", &rule.rule, "none, or bbox_of_normalized_above with a threshold")),
    }
}

/// Names as published, hyphens as spaces; colors as published, else from a wheel.
fn labels(names: &[String], colors: &[[u8; 3]]) -> Vec<ClassLabel> {
    let label = |(n, name): (usize, &String)| ClassLabel {
        name: name.replace(['-', '_'], " "),
        code: code_of_structure(name),
        color_rgb: colors.get(n).copied().unwrap_or_else(|| wheel_color(n)),
    };
    names.iter().enumerate().map(label).collect()
}

/// Colors a golden-ratio step apart on the hue circle: neighbors in number differ in hue.
fn wheel_color(n: usize) -> [u8; 3] {
    let hue = (n as f64 * 0.618_033_988_75).fract() * 6.0;
    let channel = |offset: f64| {
        let distance = ((hue + offset) % 6.0 - 3.0).abs();
        (80.0 + 175.0 * (distance - 1.0).clamp(0.0, 1.0)).round() as u8
    };
    [channel(0.0), channel(4.0), channel(2.0)]
}
