//! `pack.toml` as it is written: field names here are the file's. Format 1.

use super::{ClassLabel, Crop, InputRules, Intensity, MeshNetConfig, ModelPack, PackError, Preprocessing, WeightsFile};
use crate::ai::ops::Activation;
use crate::codes::Code;
use serde::{Deserialize, Serialize};

/// The only format so far.
const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackFile {
    format: u32,
    name: String,
    version: String,
    title: String,
    task: String,
    license: String,
    origin: String,
    intended_use: String,
    proven: bool,
    weights: WeightsTable,
    architecture: ArchitectureTable,
    input: InputTable,
    preprocessing: PreprocessingTable,
    #[serde(default)]
    postprocessing: PostprocessingTable,
    labels: Vec<LabelTable>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightsTable {
    file: String,
    sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArchitectureTable {
    family: String,
    hidden_channels: usize,
    classes: usize,
    kernel: usize,
    dilations: Vec<usize>,
    activation: String,
    /// "none" or "instance".
    norm: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    norm_eps: Option<f64>,
    conv_bias: bool,
    output_bias: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputTable {
    description: String,
    modalities: Vec<String>,
    #[serde(default)]
    body_parts: Vec<String>,
    #[serde(default)]
    unlike: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PreprocessingTable {
    shape: [usize; 3],
    spacing_mm: [f64; 3],
    orientation: String,
    /// "minmax" or "quantile".
    intensity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantiles: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crop_above: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crop_margin: Option<usize>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PostprocessingTable {
    #[serde(default)]
    largest_component: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelTable {
    name: String,
    color_rgb: [u8; 3],
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<CodeTable>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeTable {
    value: String,
    scheme: String,
    meaning: String,
}

impl PackFile {
    pub(super) fn into_pack(self) -> Result<ModelPack, PackError> {
        if self.format != FORMAT {
            return Err(PackError::value("format", self.format, "1; a newer program may read it"));
        }
        if self.task != "segmentation" {
            return Err(PackError::Task(self.task));
        }
        let label = |label: LabelTable| ClassLabel {
            name: label.name,
            color_rgb: label.color_rgb,
            code: label.code.map(|code| Code::new(code.value, code.scheme, code.meaning)),
        };
        Ok(ModelPack {
            name: self.name,
            version: self.version,
            title: self.title,
            license: self.license,
            origin: self.origin,
            intended_use: self.intended_use,
            proven: self.proven,
            network: self.architecture.into_config()?,
            input: InputRules {
                modalities: self.input.modalities,
                body_parts: self.input.body_parts,
                unlike: self.input.unlike,
                description: self.input.description,
            },
            preprocessing: self.preprocessing.into_preprocessing()?,
            largest_component: self.postprocessing.largest_component,
            labels: self.labels.into_iter().map(label).collect(),
            weights: WeightsFile { file: self.weights.file, sha256: self.weights.sha256 },
        })
    }

    pub(super) fn from_pack(pack: &ModelPack) -> Self {
        let text = |code: &Code| CodeTable {
            value: code.value.to_string(),
            scheme: code.scheme.to_string(),
            meaning: code.meaning.to_string(),
        };
        let label = |label: &ClassLabel| LabelTable {
            name: label.name.clone(),
            color_rgb: label.color_rgb,
            code: label.code.as_ref().map(text),
        };
        Self {
            format: FORMAT,
            name: pack.name.clone(),
            version: pack.version.clone(),
            title: pack.title.clone(),
            task: "segmentation".into(),
            license: pack.license.clone(),
            origin: pack.origin.clone(),
            intended_use: pack.intended_use.clone(),
            proven: pack.proven,
            weights: WeightsTable { file: pack.weights.file.clone(), sha256: pack.weights.sha256.clone() },
            architecture: ArchitectureTable::from_config(&pack.network),
            input: InputTable {
                description: pack.input.description.clone(),
                modalities: pack.input.modalities.clone(),
                body_parts: pack.input.body_parts.clone(),
                unlike: pack.input.unlike.clone(),
            },
            preprocessing: PreprocessingTable::from_preprocessing(&pack.preprocessing),
            postprocessing: PostprocessingTable { largest_component: pack.largest_component },
            labels: pack.labels.iter().map(label).collect(),
        }
    }
}

impl ArchitectureTable {
    fn into_config(self) -> Result<MeshNetConfig, PackError> {
        if self.family != "meshnet" {
            return Err(PackError::Architecture(self.family));
        }
        Ok(MeshNetConfig {
            hidden_channels: self.hidden_channels,
            classes: self.classes,
            kernel: self.kernel,
            dilations: self.dilations,
            activation: activation(&self.activation)?,
            instance_norm_eps: norm(&self.norm, self.norm_eps)?,
            conv_bias: self.conv_bias,
            output_bias: self.output_bias,
        })
    }

    fn from_config(config: &MeshNetConfig) -> Self {
        let activation = match config.activation {
            Activation::None => "none",
            Activation::Relu => "relu",
            Activation::Elu => "elu",
            Activation::GeluErf => "gelu_erf",
        };
        Self {
            family: "meshnet".into(),
            hidden_channels: config.hidden_channels,
            classes: config.classes,
            kernel: config.kernel,
            dilations: config.dilations.clone(),
            activation: activation.into(),
            norm: if config.instance_norm_eps.is_some() { "instance" } else { "none" }.into(),
            norm_eps: config.instance_norm_eps,
            conv_bias: config.conv_bias,
            output_bias: config.output_bias,
        }
    }
}

impl PreprocessingTable {
    fn into_preprocessing(self) -> Result<Preprocessing, PackError> {
        let crop = match (self.crop_above, self.crop_margin) {
            (Some(threshold), margin) => Crop::Above { threshold, margin: margin.unwrap_or(0) },
            (None, None) => Crop::None,
            (None, Some(margin)) => {
                return Err(PackError::value("preprocessing.crop_margin", margin, "crop_above beside it"));
            }
        };
        Ok(Preprocessing {
            shape: self.shape,
            spacing_mm: self.spacing_mm,
            orientation: self.orientation,
            intensity: intensity(&self.intensity, self.quantiles)?,
            crop,
        })
    }

    fn from_preprocessing(from: &Preprocessing) -> Self {
        let (intensity, quantiles) = match from.intensity {
            Intensity::MinMax => ("minmax", None),
            Intensity::Quantile { low, high } => ("quantile", Some([low, high])),
        };
        let (crop_above, crop_margin) = match from.crop {
            Crop::None => (None, None),
            Crop::Above { threshold, margin } => (Some(threshold), Some(margin)),
        };
        Self {
            shape: from.shape,
            spacing_mm: from.spacing_mm,
            orientation: from.orientation.clone(),
            intensity: intensity.into(),
            quantiles,
            crop_above,
            crop_margin,
        }
    }
}

/// "none", "relu", "elu", "`gelu_erf`".
pub(super) fn activation(word: &str) -> Result<Activation, PackError> {
    Ok(match word {
        "none" => Activation::None,
        "relu" => Activation::Relu,
        "elu" => Activation::Elu,
        "gelu_erf" => Activation::GeluErf,
        _ => return Err(PackError::value("activation", word, "none, relu, elu or gelu_erf")),
    })
}

/// "none", or "instance" with an epsilon (1e-5 when it is not given).
pub(super) fn norm(word: &str, eps: Option<f64>) -> Result<Option<f64>, PackError> {
    match word {
        "none" => Ok(None),
        "instance" => Ok(Some(eps.unwrap_or(1e-5))),
        _ => Err(PackError::value("norm", word, "none or instance")),
    }
}

/// "minmax", or "quantile" (5 to 95 % when not given).
pub(super) fn intensity(word: &str, quantiles: Option<[f64; 2]>) -> Result<Intensity, PackError> {
    match word {
        "minmax" => Ok(Intensity::MinMax),
        "quantile" => {
            let [low, high] = quantiles.unwrap_or([0.05, 0.95]);
            Ok(Intensity::Quantile { low, high })
        }
        _ => Err(PackError::value("intensity", word, "minmax or quantile")),
    }
}
