//! What a measurement gave, as numbers and as people read them (`clinical.md`, Rounding).

use super::super::rounding::{Quantity, signed, volume_ml};
use crate::geometry::DVec3;

/// Unit of a measured number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Unit {
    /// Millimetres.
    #[default]
    Mm,
    /// Pixels of a picture without calibration.
    Px,
    /// Square millimetres.
    Mm2,
    /// Square pixels.
    Px2,
    /// Millilitres.
    Ml,
    /// Degrees.
    Degree,
    /// A bare number.
    Count,
    /// Values of pixels: "HU", "`SUVbw`", "a.u.", …
    Value(String),
}

/// One number.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Which.
    pub quantity: Quantity,
    /// Full precision, in `unit`.
    pub value: f64,
    /// Unit.
    pub unit: Unit,
}

/// What statistics were taken over.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Basis {
    /// No pixels: the points alone.
    #[default]
    Points,
    /// Voxels whose center lies on the plane and inside the outline.
    VoxelCenters,
    /// Samples on the plane's grid, linearly interpolated.
    PlaneSamples {
        /// Their distance.
        step_mm: f64,
    },
    /// Pixels of a picture whose center lies inside the outline.
    PixelCenters,
    /// Voxels by the share of them that lies inside.
    VoxelShares,
    /// The sphere of 12 mm with the greatest mean.
    PeakSphere,
}

/// All that a measurement gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    /// In the order in which they are read.
    pub values: Vec<Measured>,
    /// What the statistics were taken over.
    pub basis: Basis,
    /// A part of the shape lies outside the image.
    pub cut_off: bool,
    /// Center of the peak sphere.
    pub peak_lps: Option<DVec3>,
}

/// What sampling pixels adds to what follows from the points.
pub(super) type Sampled = Results;

impl Unit {
    /// As it is shown; empty for bare numbers.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Mm => "mm",
            Self::Px => "px",
            Self::Mm2 => "mm²",
            Self::Px2 => "px²",
            Self::Ml => "mL",
            Self::Degree => "°",
            Self::Count => "",
            Self::Value(unit) => unit,
        }
    }
}

impl Unit {
    /// A stable name for files; values of pixels are "value:HU".
    pub fn key(&self) -> String {
        match self {
            Self::Mm => "mm".into(),
            Self::Px => "px".into(),
            Self::Mm2 => "mm2".into(),
            Self::Px2 => "px2".into(),
            Self::Ml => "ml".into(),
            Self::Degree => "degree".into(),
            Self::Count => "count".into(),
            Self::Value(unit) => format!("value:{unit}"),
        }
    }

    /// The unit of a stable name.
    pub fn from_key(key: &str) -> Option<Self> {
        let plain = [Self::Mm, Self::Px, Self::Mm2, Self::Px2, Self::Ml, Self::Degree, Self::Count];
        let named = |unit: &str| Some(Self::Value(unit.to_owned()));
        plain.into_iter().find(|unit| unit.key() == key).or_else(|| key.strip_prefix("value:").and_then(named))
    }
}

impl Basis {
    /// A stable name for files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Points => "points",
            Self::VoxelCenters => "voxel_centers",
            Self::PlaneSamples { .. } => "plane_samples",
            Self::PixelCenters => "pixel_centers",
            Self::VoxelShares => "voxel_shares",
            Self::PeakSphere => "peak_sphere",
        }
    }

    /// The basis of a stable name; `step_mm` is that of plane samples.
    pub fn from_key(key: &str, step_mm: f64) -> Option<Self> {
        let all = [
            Self::Points,
            Self::VoxelCenters,
            Self::PlaneSamples { step_mm },
            Self::PixelCenters,
            Self::VoxelShares,
            Self::PeakSphere,
        ];
        all.into_iter().find(|basis| basis.key() == key)
    }

    /// One sentence for tooltips and files; empty where no pixels were looked at.
    pub fn sentence(self) -> String {
        match self {
            Self::Points => String::new(),
            Self::VoxelCenters => "Voxels of this plane whose center lies inside the outline.".into(),
            Self::PlaneSamples { step_mm } => {
                format!("Samples every {step_mm:.2} mm on this plane, interpolated linearly, inside the outline.")
            }
            Self::PixelCenters => "Pixels whose center lies inside the outline, without padding and shutter.".into(),
            Self::VoxelShares => "Voxels weighted by the share of them that lies inside.".into(),
            Self::PeakSphere => "The sphere of 12 mm diameter with the greatest mean, centered in the region.".into(),
        }
    }
}

impl Measured {
    /// As the screen shows it: lengths and angles to 0.1.
    pub fn screen_text(&self) -> String {
        self.text(1)
    }

    /// As a report shows it: whole millimetres and degrees; "8.1 (bw)" of an SUV, whose name says the rest.
    pub fn report_text(&self) -> String {
        match &self.unit {
            Unit::Value(unit) if unit.starts_with("SUV") => {
                format!("{} ({})", signed(self.value, value_digits(self.value, unit)), &unit[3..])
            }
            _ => self.text(0),
        }
    }

    fn text(&self, length_digits: u32) -> String {
        let value = self.value;
        match &self.unit {
            Unit::Degree => format!("{}°", signed(value, length_digits)),
            Unit::Count => signed(value, 0),
            Unit::Ml => format!("{} mL", volume_ml(value)),
            Unit::Mm2 | Unit::Px2 => {
                let digits = if value < 100.0 { length_digits } else { 0 };
                format!("{} {}", signed(value, digits), self.unit.as_str())
            }
            Unit::Mm | Unit::Px => format!("{} {}", signed(value, length_digits), self.unit.as_str()),
            Unit::Value(unit) => format!("{} {unit}", signed(value, value_digits(value, unit))),
        }
    }
}

/// HU to 1, SUV to 0.1; other values to three digits at least, because nothing is known of their scale.
fn value_digits(value: f64, unit: &str) -> u32 {
    match unit {
        "HU" => 0,
        _ if unit.starts_with("SUV") => 1,
        _ => match value.abs() {
            v if v >= 100.0 || v == 0.0 => 0,
            v if v >= 10.0 => 1,
            v if v >= 1.0 => 2,
            _ => 3,
        },
    }
}

impl Results {
    /// One of the numbers.
    pub fn get(&self, quantity: Quantity) -> Option<&Measured> {
        self.values.iter().find(|m| m.quantity == quantity)
    }

    /// One of the numbers as a report shows it.
    pub fn report_text(&self, quantity: Quantity) -> Option<String> {
        self.get(quantity).filter(|m| m.value.is_finite()).map(Measured::report_text)
    }

    pub(super) fn take(&mut self, sampled: Sampled) {
        // An infinite pixel is no number that a report or a file could hold.
        self.values.extend(sampled.values.into_iter().filter(|m| m.value.is_finite()));
        (self.basis, self.cut_off, self.peak_lps) = (sampled.basis, sampled.cut_off, sampled.peak_lps);
    }

    /// Lines for the screen.
    pub(super) fn screen_lines(&self) -> Vec<String> {
        let text = |quantity: Quantity| self.get(quantity).map(Measured::screen_text);
        let mut lines = Vec::new();
        for quantity in [Quantity::Length, Quantity::Angle, Quantity::Value, Quantity::Peak] {
            lines.extend(text(quantity));
        }
        if let (Some(long), Some(short)) = (text(Quantity::LongAxis), text(Quantity::ShortAxis)) {
            lines.push(format!("{long} × {short}"));
        }
        if let (Some(mean), Some(sd)) = (text(Quantity::Mean), text(Quantity::Sd)) {
            lines.push(format!("mean {mean}, SD {sd}"));
        }
        if let (Some(min), Some(max)) = (text(Quantity::Min), text(Quantity::Max)) {
            lines.push(format!("min {min}, max {max}"));
        }
        let sizes = [
            ("n ", Quantity::Count),
            ("volume ", Quantity::Volume),
            ("area ", Quantity::Area),
            ("perimeter ", Quantity::Perimeter),
        ];
        let sizes: Vec<String> =
            sizes.into_iter().filter_map(|(what, q)| Some(format!("{what}{}", text(q)?))).collect();
        if !sizes.is_empty() {
            lines.push(sizes.join(", "));
        }
        if self.cut_off {
            lines.push("cut off at the edge of the image".into());
        }
        lines
    }
}
