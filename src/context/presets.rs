//! Window presets of the number keys, and the first window of a series (`clinical.md`, Defaults).

use crate::loaded::{ImageData, LoadedSeries};
use crate::volume::{ValueUnit, Voi};

/// A named window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowPreset {
    /// Number key.
    pub key: u8,
    /// "Lung".
    pub name: &'static str,
    /// Width and level in HU, as people speak; `None` = the header's window.
    pub width_level: Option<[f64; 2]>,
}

const fn preset(key: u8, name: &'static str, width: f64, level: f64) -> WindowPreset {
    WindowPreset { key, name, width_level: Some([width, level]) }
}

/// Keys 1–9.
pub const PRESETS: [WindowPreset; 9] = [
    WindowPreset { key: 1, name: "Header", width_level: None },
    preset(2, "Abdomen", 400.0, 40.0),
    preset(3, "Lung", 1500.0, -600.0),
    preset(4, "Mediastinum", 350.0, 50.0),
    preset(5, "Bone", 1800.0, 400.0),
    preset(6, "Brain", 80.0, 40.0),
    preset(7, "Subdural", 200.0, 75.0),
    preset(8, "Stroke", 40.0, 40.0),
    preset(9, "Liver", 150.0, 30.0),
];

/// The window a series opens with: the header's, else the 1st–99th percentile of what is not background.
pub fn first_voi(series: &LoadedSeries) -> Voi {
    if let Some(voi) = series.header_voi {
        return voi;
    }
    match &series.image {
        ImageData::Volume(volume) if *volume.unit() == ValueUnit::Hu => Voi::linear(40.0, 400.0),
        ImageData::Volume(volume) => {
            let [floor, high] = volume.percentiles([0.2, 0.995]);
            Voi::spanning(f64::from(floor), f64::from(high.max(floor + 1e-6)))
        }
        ImageData::Pictures(pictures) => pictures.first().map_or(Voi::spanning(0.0, 255.0), |p| p.first_voi()),
    }
}
