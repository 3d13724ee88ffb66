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
}

impl Quantity {
    /// All quantities.
    pub const ALL: [Self; 6] = [Self::Volume, Self::Mean, Self::Sd, Self::LongAxis, Self::ShortAxis, Self::MeanAxis];

    /// A stable name for files: "volume", "mean", "sd", "`long_axis`", "`short_axis`", "`mean_axis`".
    pub fn key(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Mean => "mean",
            Self::Sd => "sd",
            Self::LongAxis => "long_axis",
            Self::ShortAxis => "short_axis",
            Self::MeanAxis => "mean_axis",
        }
    }

    /// The quantity of a stable name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.key() == key)
    }

    /// The measured value, in mL, mm, or the unit of the values; `None` where it was not measured.
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
        }
    }

    /// The value as a report shows it, with its unit ("14 mm", "1.2 mL", "−35 HU").
    pub fn report_text(self, measures: &SegmentMeasures) -> Option<String> {
        let value = self.of(measures).filter(|v| v.is_finite())?;
        Some(match self {
            Self::Volume => format!("{} mL", volume_ml(value)),
            Self::Mean | Self::Sd => {
                let digits = u32::from(measures.unit == "SUVbw");
                format!("{} {}", signed(value, digits), measures.unit)
            }
            Self::LongAxis | Self::ShortAxis | Self::MeanAxis => format!("{} mm", signed(value, 0)),
        })
    }
}

/// `value` with `digits` decimals, halves away from zero on the positive side and toward zero on the negative ("half up").
pub fn round_half_up(value: f64, digits: u32) -> f64 {
    let scale = 10f64.powi(digits as i32);
    (value * scale + 0.5).floor() / scale
}

/// mL: below 1 to 0.01, below 100 to 0.1, else whole.
fn volume_ml(value: f64) -> String {
    let digits = if value < 1.0 { 2 } else { u32::from(value < 100.0) };
    signed(value, digits)
}

/// With a true minus sign, and never "−0".
fn signed(value: f64, digits: u32) -> String {
    let text = format!("{:.*}", digits as usize, round_half_up(value, digits) + 0.0);
    match text.strip_prefix('-') {
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}
