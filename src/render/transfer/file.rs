//! Transfer functions as a small TOML text:
//!
//! ```toml
//! name = "CT bone"
//! unit_mm = 1.0
//! opacity = [[150.0, 0.0], [400.0, 0.8]]
//! color = [[150.0, "#a05040"], [400.0, "#fff0d8"]]
//! [shading]
//! ambient = 0.2
//! diffuse = 0.8
//! specular = 0.2
//! shininess = 16
//! ```

use super::{ColorPoint, OpacityPoint, Shading, TransferError, TransferFunction};
use serde::{Deserialize, Serialize};

/// Longest text that is read: 64 points a curve take a few kilobytes.
const MAX_BYTES: usize = 64 * 1024;

/// Why a text is no transfer function.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TransferFileError {
    /// Too long to be one.
    #[error("a transfer function takes at most 64 KiB of text, found {0} bytes")]
    TooLong(usize),
    /// Not TOML, or fields are missing or unknown.
    #[error("the transfer function cannot be read: {0}")]
    Toml(String),
    /// A color that is not written `#rrggbb`.
    #[error("\"{0}\" is no color; write #rrggbb")]
    Color(String),
    /// Numbers out of range.
    #[error(transparent)]
    Values(#[from] TransferError),
}

/// What is written: kept apart from the checked type.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TransferFile {
    name: String,
    unit_mm: f64,
    opacity: Vec<(f64, f64)>,
    color: Vec<(f64, String)>,
    shading: ShadingFile,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShadingFile {
    ambient: f64,
    diffuse: f64,
    specular: f64,
    shininess: u32,
}

impl TransferFunction {
    /// Reads the text of a transfer function.
    pub fn from_toml(text: &str) -> Result<Self, TransferFileError> {
        if text.len() > MAX_BYTES {
            return Err(TransferFileError::TooLong(text.len()));
        }
        let file: TransferFile = toml::from_str(text).map_err(|error| TransferFileError::Toml(one_line(&error)))?;
        let opacity = file.opacity.iter().map(|&(value, opacity)| OpacityPoint { value, opacity }).collect();
        let color = file.color.iter().map(|(value, color)| Ok(ColorPoint { value: *value, rgb: rgb(color)? }));
        let color = color.collect::<Result<_, TransferFileError>>()?;
        let ShadingFile { ambient, diffuse, specular, shininess } = file.shading;
        let shading = Shading { ambient, diffuse, specular, shininess };
        Ok(Self::new(file.name, opacity, color, shading, file.unit_mm)?)
    }

    /// The text of this transfer function.
    pub fn to_toml(&self) -> Result<String, TransferFileError> {
        let hex = |[r, g, b]: [u8; 3]| format!("#{r:02x}{g:02x}{b:02x}");
        let Shading { ambient, diffuse, specular, shininess } = self.shading;
        let file = TransferFile {
            name: self.name.clone(),
            unit_mm: self.unit_mm,
            opacity: self.opacity.iter().map(|point| (point.value, point.opacity)).collect(),
            color: self.color.iter().map(|point| (point.value, hex(point.rgb))).collect(),
            shading: ShadingFile { ambient, diffuse, specular, shininess },
        };
        toml::to_string(&file).map_err(|error| TransferFileError::Toml(one_line(&error)))
    }
}

fn rgb(text: &str) -> Result<[u8; 3], TransferFileError> {
    let wrong = || TransferFileError::Color(text.chars().take(32).collect());
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or_else(wrong)?;
    let number = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
    let [_, r, g, b] = number.to_be_bytes();
    Ok([r, g, b])
}

/// A message of many lines (with the place in the text) as one.
fn one_line(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}
