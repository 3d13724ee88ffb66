//! What a model says about itself: the parsed and checked content of `pack.toml`.
//!
//! A pack is a folder with `pack.toml` and the weights as safetensors. This module works on texts; finding, reading and
//! writing folders is `io::packs`. [`ModelPack::from_toml`] and [`ModelPack::to_toml`] are inverse to each other;
//! [`ModelPack::from_config_json`] makes a pack of a published `config.json` of the MeshNet family.
//!
//! Invariant of a parsed pack: sizes are sane (they come from a file that anyone may have written), there is one label per
//! class, class 0 is background, and names hold no path.

mod codes;
mod config;
mod file;

use crate::ai::ops::Activation;
use crate::codes::Code;

pub use codes::code_of_structure;

/// Architectures that this program can run, for messages.
pub const SUPPORTED_ARCHITECTURES: &str = "meshnet";

/// A model pack.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelPack {
    /// Folder name and the `--model` argument: lower-case letters, digits, `-`, `_`, `.`.
    pub name: String,
    /// Of the weights.
    pub version: String,
    /// For people.
    pub title: String,
    /// SPDX identifier or a sentence.
    pub license: String,
    /// Who trained it, and on what, as far as known.
    pub origin: String,
    /// What it is for and what it is not for.
    pub intended_use: String,
    /// True when it was measured on real images with a published result. Others show an "experimental" overlay and draft no
    /// sentence (`clinical.md` rule 3).
    pub proven: bool,
    /// The network.
    pub network: MeshNetConfig,
    /// Which series it is meant for.
    pub input: InputRules,
    /// How voxels become the network's input.
    pub preprocessing: Preprocessing,
    /// Keep only the largest connected piece of everything that is not background.
    pub largest_component: bool,
    /// One per class, in class order; class 0 is background.
    pub labels: Vec<ClassLabel>,
    /// The weights.
    pub weights: WeightsFile,
}

/// A stack of dilated 3³ (or k³) convolutions at full resolution and a 1³ convolution to classes.
#[derive(Debug, Clone, PartialEq)]
pub struct MeshNetConfig {
    /// Channels between the layers.
    pub hidden_channels: usize,
    /// Classes, background included.
    pub classes: usize,
    /// Edge of the cubic kernel, odd.
    pub kernel: usize,
    /// One per hidden layer.
    pub dilations: Vec<usize>,
    /// After each hidden layer.
    pub activation: Activation,
    /// Instance normalization between convolution and activation, with this epsilon.
    pub instance_norm_eps: Option<f64>,
    /// Hidden convolutions have a bias.
    pub conv_bias: bool,
    /// The last convolution has a bias.
    pub output_bias: bool,
}

/// Which series a model is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRules {
    /// Modalities (0008,0060).
    pub modalities: Vec<String>,
    /// Words of which one must occur in Body Part Examined, where that is given; empty = any.
    pub body_parts: Vec<String>,
    /// Words in Series Description that speak against it ("FLAIR" for a T1 model).
    pub unlike: Vec<String>,
    /// For people: "T1-weighted MR of the head".
    pub description: String,
}

/// From a volume to the network's input. The way back is the inverse of each step, in reverse.
#[derive(Debug, Clone, PartialEq)]
pub struct Preprocessing {
    /// Voxels of the conformed grid along its axes.
    pub shape: [usize; 3],
    /// Its spacing in mm.
    pub spacing_mm: [f64; 3],
    /// Where its axes point, as patient letters ("LIA": toward Left, Inferior, Anterior).
    pub orientation: String,
    /// Scaling of values.
    pub intensity: Intensity,
    /// The part of the grid that the network sees.
    pub crop: Crop,
}

/// Scaling of the conformed values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Intensity {
    /// `(x − min) / (max − min)`.
    MinMax,
    /// `(x − q_low) / (q_high − q_low)` without clipping.
    Quantile {
        /// Lower quantile, 0–1.
        low: f64,
        /// Upper quantile, 0–1.
        high: f64,
    },
}

/// The part of the grid that the network sees; everything else is background.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crop {
    /// All of it.
    None,
    /// Bounding box of scaled values above a threshold, with a margin.
    Above {
        /// On scaled values.
        threshold: f32,
        /// In voxels, cut off at the grid.
        margin: usize,
    },
}

/// What a class means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassLabel {
    /// "Hippocampus".
    pub name: String,
    /// SNOMED CT, where it is certain.
    pub code: Option<Code>,
    /// Display color.
    pub color_rgb: [u8; 3],
}

/// Where the weights are, and what they must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeightsFile {
    /// File name inside the pack's folder; never a path.
    pub file: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// Why a text is no model pack.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Not TOML, or fields missing, misspelled or of the wrong kind.
    #[error("pack.toml cannot be read: {0}")]
    Toml(String),
    /// Not JSON, or fields missing or of the wrong kind.
    #[error("config.json cannot be read: {0}")]
    Json(String),
    /// A network that this program cannot run.
    #[error("architecture \"{0}\" is not served; this program runs: {SUPPORTED_ARCHITECTURES}")]
    Architecture(String),
    /// A task that this program cannot do.
    #[error("task \"{0}\" is not served; this program runs models for: segmentation")]
    Task(String),
    /// A value that cannot be.
    #[error("{field}: found {found}, expected {expected}")]
    Value {
        /// Which field.
        field: &'static str,
        /// What it says.
        found: String,
        /// What it may say.
        expected: &'static str,
    },
}

impl PackError {
    fn value(field: &'static str, found: impl std::fmt::Debug, expected: &'static str) -> Self {
        Self::Value { field, found: format!("{found:?}"), expected }
    }
}

impl ModelPack {
    /// Parses and checks `pack.toml`.
    pub fn from_toml(text: &str) -> Result<Self, PackError> {
        let parsed: file::PackFile = toml::from_str(text).map_err(|e| PackError::Toml(one_line(&e.to_string())))?;
        parsed.into_pack()?.checked()
    }

    /// Writes `pack.toml`.
    pub fn to_toml(&self) -> Result<String, PackError> {
        let text = toml::to_string_pretty(&file::PackFile::from_pack(self));
        text.map_err(|e| PackError::Toml(one_line(&e.to_string())))
    }

    /// Makes a pack of a MeshNet `config.json`, named `name`, for weights with this hash. Such a model counts as unproven.
    pub fn from_config_json(text: &str, name: &str, weights: WeightsFile) -> Result<Self, PackError> {
        config::pack(text, name, weights)?.checked()
    }

    /// The pack under another name.
    pub fn renamed(mut self, name: &str) -> Result<Self, PackError> {
        name.clone_into(&mut self.name);
        self.checked()
    }

    fn checked(self) -> Result<Self, PackError> {
        check_name("name", &self.name)?;
        check_name("weights.file", &self.weights.file)?;
        let sha256 = &self.weights.sha256;
        if sha256.len() != 64 || !sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(PackError::value("weights.sha256", sha256, "64 lower-case hexadecimal digits"));
        }
        self.network.check()?;
        self.preprocessing.check()?;
        if self.labels.len() != self.network.classes {
            return Err(PackError::value("labels", self.labels.len(), "one label per class, background first"));
        }
        Ok(self)
    }
}

impl MeshNetConfig {
    fn check(&self) -> Result<(), PackError> {
        let within = |field, value: usize, range: std::ops::RangeInclusive<usize>, expected| {
            if range.contains(&value) { Ok(()) } else { Err(PackError::value(field, value, expected)) }
        };
        within("architecture.hidden_channels", self.hidden_channels, 1..=1024, "1 to 1024")?;
        within("architecture.classes", self.classes, 2..=256, "2 to 256")?;
        within("architecture.dilations", self.dilations.len(), 1..=64, "1 to 64 layers")?;
        for &dilation in &self.dilations {
            within("architecture.dilations", dilation, 1..=256, "dilations of 1 to 256")?;
        }
        if !matches!(self.kernel, 1 | 3 | 5 | 7) {
            return Err(PackError::value("architecture.kernel", self.kernel, "1, 3, 5 or 7"));
        }
        match self.instance_norm_eps {
            Some(eps) if !(eps.is_finite() && eps > 0.0) => {
                Err(PackError::value("architecture.norm_eps", eps, "a positive number"))
            }
            _ => Ok(()),
        }
    }
}

impl Preprocessing {
    fn check(&self) -> Result<(), PackError> {
        if self.shape.iter().any(|n| !(8..=512).contains(n)) {
            return Err(PackError::value("preprocessing.shape", self.shape, "8 to 512 voxels per axis"));
        }
        if self.spacing_mm.iter().any(|mm| !(0.1..=10.0).contains(mm)) {
            return Err(PackError::value("preprocessing.spacing_mm", self.spacing_mm, "0.1 to 10 mm"));
        }
        if crate::ai::resample::direction_of_letters(&self.orientation).is_none() {
            let expected = "three letters, one each of L/R, A/P, S/I";
            return Err(PackError::value("preprocessing.orientation", &self.orientation, expected));
        }
        if let Intensity::Quantile { low, high } = self.intensity
            && !(0.0 <= low && low < high && high <= 1.0)
        {
            return Err(PackError::value("preprocessing.intensity", (low, high), "two growing quantiles in 0–1"));
        }
        if let Crop::Above { threshold, margin } = self.crop
            && !(threshold.is_finite() && margin <= 512)
        {
            return Err(PackError::value("preprocessing.crop", (threshold, margin), "a number and at most 512 voxels"));
        }
        Ok(())
    }
}

/// Names become folder and file names: nothing that could leave the folder.
fn check_name(field: &'static str, name: &str) -> Result<(), PackError> {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
    if name.is_empty() || name.len() > 64 || name.starts_with('.') || !letters {
        let expected = "1 to 64 lower-case letters, digits, '-', '_' or '.', not beginning with '.'";
        return Err(PackError::value(field, name, expected));
    }
    Ok(())
}

/// Parser messages come with a drawing of the place; one line says enough.
fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
