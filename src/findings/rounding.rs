//! Numbers as people read them: rounded half up, once, at display (`clinical.md`, Rounding).

use super::SegmentMeasures;

/// A measured quantity that a sentence may carry as a live field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Volume in mL.
    Volume,
    /// Mean value.
    Mean,
    /// Standard deviation of the values.
    Sd,
    /// Longest axial diameter, boundary to boundary, in mm.
    LongAxis,
    /// Longest diameter at right angles to it in the same slice, in mm.
    ShortAxis,
    /// Mean of both axes in mm (nodules under 10 mm: Fleischner).
    MeanAxis,
    /// Length of a line or curve.
    Length,
    /// Angle in degrees.
    Angle,
    /// Area inside an outline.
    Area,
    /// Length of a closed outline.
    Perimeter,
    /// Number of samples behind the statistics.
    Count,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// Greatest mean of a sphere of 12 mm diameter (`SUVpeak`).
    Peak,
    /// Value at a point.
    Value,
}

impl Quantity {
    /// All quantities.
    pub const ALL: [Self; 15] = [
        Self::Volume,
        Self::Mean,
        Self::Sd,
        Self::LongAxis,
        Self::ShortAxis,
        Self::MeanAxis,
        Self::Length,
        Self::Angle,
        Self::Area,
        Self::Perimeter,
        Self::Count,
        Self::Min,
        Self::Max,
        Self::Peak,
        Self::Value,
    ];

    /// A stable name for files: "volume", "mean", "sd", "`long_axis`", "`short_axis`", "`mean_axis`", "length", …
    pub fn key(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Mean => "mean",
            Self::Sd => "sd",
            Self::LongAxis => "long_axis",
            Self::ShortAxis => "short_axis",
            Self::MeanAxis => "mean_axis",
            Self::Length => "length",
            Self::Angle => "angle",
            Self::Area => "area",
            Self::Perimeter => "perimeter",
            Self::Count => "count",
            Self::Min => "min",
            Self::Max => "max",
            Self::Peak => "peak",
            Self::Value => "value",
        }
    }

    /// The quantity of a stable name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.key() == key)
    }

    /// The measured value of a mask, in mL, mm, or the unit of the values; `None` where masks have no such quantity.
    pub fn of(self, measures: &SegmentMeasures) -> Option<f64> {
        let long = measures.long_axis.as_ref().map(|d| d.length_mm);
        let short = measures.short_axis.as_ref().map(|d| d.length_mm);
        match self {
            Self::Volume => Some(measures.volume_mm3 / 1000.0),
            Self::Mean => measures.mean,
            Self::Sd => measures.sd,
            Self::LongAxis => long,
            Self::ShortAxis => short,
            Self::MeanAxis => Some(f64::midpoint(long?, short?)),
            Self::Min => measures.min,
            Self::Max => measures.max,
            Self::Count => Some(measures.voxels as f64),
            Self::Length | Self::Angle | Self::Area | Self::Perimeter | Self::Peak | Self::Value => None,
        }
    }

    /// The value as a report shows it, with its unit ("14 mm", "1.2 mL", "−35 HU").
    pub fn report_text(self, measures: &SegmentMeasures) -> Option<String> {
        let value = self.of(measures).filter(|v| v.is_finite())?;
        Some(match self {
            Self::Volume => format!("{} mL", volume_ml(value)),
            Self::Mean | Self::Sd | Self::Min | Self::Max => {
                let digits = u32::from(measures.unit == "SUVbw");
                format!("{} {}", signed(value, digits), measures.unit)
            }
            Self::LongAxis | Self::ShortAxis | Self::MeanAxis => format!("{} mm", signed(value, 0)),
            Self::Count => signed(value, 0),
            Self::Length | Self::Angle | Self::Area | Self::Perimeter | Self::Peak | Self::Value => return None,
        })
    }
}

/// `value` with `digits` decimals, halves away from zero on the positive side and toward zero on the negative ("half up").
pub fn round_half_up(value: f64, digits: u32) -> f64 {
    let scale = 10f64.powi(digits as i32);
    (value * scale + 0.5).floor() / scale
}

/// mL: below 1 to 0.01, below 100 to 0.1, else whole.
pub(super) fn volume_ml(value: f64) -> String {
    let digits = if value < 1.0 { 2 } else { u32::from(value < 100.0) };
    signed(value, digits)
}

/// With a true minus sign, and never "−0".
pub(super) fn signed(value: f64, digits: u32) -> String {
    let text = format!("{:.*}", digits as usize, round_half_up(value, digits) + 0.0);
    match text.strip_prefix('-') {
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}
