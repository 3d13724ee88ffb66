//! Transfer functions of volume rendering: which values are seen, in which color, and how light falls on them.
//!
//! Space: values after the Modality LUT on the one axis; opacity (0–1) per [`unit_mm`](TransferFunction::unit_mm) of
//! material on the other, so that the picture does not depend on the step of the rays. Both curves are piecewise linear and
//! hold their end values beyond their ends.
//!
//! Invariants of [`TransferFunction`]: 1–64 points per curve, values finite and ascending, opacities and reflections within
//! 0–1, `unit_mm` above 0. It changes only through functions that check this again.

mod file;
mod histogram;
mod presets;
mod table;

pub use file::TransferFileError;
pub use histogram::Histogram;
pub use presets::Preset;
pub(in crate::render) use table::{ENTRIES, TransferTable};

/// Most control points of a curve.
pub const MAX_POINTS: usize = 64;

/// A point of the opacity curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpacityPoint {
    /// After the Modality LUT.
    pub value: f64,
    /// 0–1 per unit distance.
    pub opacity: f64,
}

/// A point of the color curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColorPoint {
    /// After the Modality LUT.
    pub value: f64,
    /// Red, green, blue, gamma-encoded.
    pub rgb: [u8; 3],
}

/// Reflection of a lamp at the eye (Blinn and Phong); surfaces are lit from both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shading {
    /// Share of the color that needs no lamp, 0–1.
    pub ambient: f64,
    /// Share that falls with the angle to the lamp, 0–1.
    pub diffuse: f64,
    /// White reflection, 0–1.
    pub specular: f64,
    /// Sharpness of the reflection: the cosine's power, 1–128.
    pub shininess: u32,
}

impl Shading {
    /// Color as the curve says it, without a lamp.
    pub const NONE: Self = Self { ambient: 1.0, diffuse: 0.0, specular: 0.0, shininess: 1 };
}

/// Why points make no transfer function.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TransferError {
    /// A curve without points, or with too many.
    #[error("the {curve} curve has {found} points; give 1 to {MAX_POINTS}")]
    Count {
        /// "opacity" or "color".
        curve: &'static str,
        /// How many.
        found: usize,
    },
    /// Values that are no numbers or do not ascend.
    #[error("the {curve} curve's values must be numbers that ascend; {value} at point {point} does not")]
    Order {
        /// "opacity" or "color".
        curve: &'static str,
        /// From 1.
        point: usize,
        /// What stands there.
        value: f64,
    },
    /// A share outside 0–1.
    #[error("{name} must be within 0–1, found {found}")]
    Share {
        /// Which one.
        name: &'static str,
        /// What stands there.
        found: f64,
    },
    /// Shininess.
    #[error("shininess must be within 1–128, found {0}")]
    Shininess(u32),
    /// Unit distance.
    #[error("the unit distance must be above 0 mm, found {0}")]
    Unit(f64),
}

/// Opacity, color and light over values.
#[derive(Debug, Clone, PartialEq)]
pub struct TransferFunction {
    name: String,
    opacity: Vec<OpacityPoint>,
    color: Vec<ColorPoint>,
    shading: Shading,
    unit_mm: f64,
}

impl TransferFunction {
    /// Checks the curves. `unit_mm` is the length of material that the opacities hold for.
    pub fn new(
        name: impl Into<String>,
        opacity: Vec<OpacityPoint>,
        color: Vec<ColorPoint>,
        shading: Shading,
        unit_mm: f64,
    ) -> Result<Self, TransferError> {
        check_values("opacity", opacity.iter().map(|point| point.value))?;
        check_values("color", color.iter().map(|point| point.value))?;
        for point in &opacity {
            check_share("opacity", point.opacity)?;
        }
        check_share("ambient", shading.ambient)?;
        check_share("diffuse", shading.diffuse)?;
        check_share("specular", shading.specular)?;
        if !(1..=128).contains(&shading.shininess) {
            return Err(TransferError::Shininess(shading.shininess));
        }
        if !(unit_mm.is_finite() && unit_mm > 0.0) {
            return Err(TransferError::Unit(unit_mm));
        }
        Ok(Self { name: name.into(), opacity, color, shading, unit_mm })
    }

    /// For people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Points of the opacity curve, ascending.
    pub fn opacity_points(&self) -> &[OpacityPoint] {
        &self.opacity
    }

    /// Points of the color curve, ascending.
    pub fn color_points(&self) -> &[ColorPoint] {
        &self.color
    }

    /// The lamp.
    pub fn shading(&self) -> Shading {
        self.shading
    }

    /// Millimetres of material that the opacities hold for.
    pub fn unit_mm(&self) -> f64 {
        self.unit_mm
    }

    /// The same with another opacity curve.
    pub fn with_opacity(&self, opacity: Vec<OpacityPoint>) -> Result<Self, TransferError> {
        Self::new(self.name.clone(), opacity, self.color.clone(), self.shading, self.unit_mm)
    }

    /// The same with another color curve.
    pub fn with_color(&self, color: Vec<ColorPoint>) -> Result<Self, TransferError> {
        Self::new(self.name.clone(), self.opacity.clone(), color, self.shading, self.unit_mm)
    }

    /// The same under another lamp.
    pub fn with_shading(&self, shading: Shading) -> Result<Self, TransferError> {
        Self::new(self.name.clone(), self.opacity.clone(), self.color.clone(), shading, self.unit_mm)
    }

    /// Both curves moved along the values, as a drag over the picture does.
    pub fn shifted(&self, by: f64) -> Result<Self, TransferError> {
        self.mapped(1.0, by)
    }

    /// Both curves with every value `x` at `x · factor + offset`; `factor` above 0.
    pub fn mapped(&self, factor: f64, offset: f64) -> Result<Self, TransferError> {
        let moved = |value: f64| value * factor + offset;
        let opacity = self.opacity.iter().map(|p| OpacityPoint { value: moved(p.value), ..*p }).collect();
        let color = self.color.iter().map(|p| ColorPoint { value: moved(p.value), ..*p }).collect();
        Self::new(self.name.clone(), opacity, color, self.shading, self.unit_mm)
    }

    /// Opacity (0–1 per unit distance) of a value.
    pub fn opacity_at(&self, value: f64) -> f64 {
        let points: Vec<_> = self.opacity.iter().map(|point| (point.value, [point.opacity])).collect();
        interpolated(&points, value)[0]
    }

    /// Red, green, blue (0–1, gamma-encoded) of a value.
    pub fn color_at(&self, value: f64) -> [f64; 3] {
        let points: Vec<_> = self.color.iter().map(|p| (p.value, p.rgb.map(|byte| f64::from(byte) / 255.0))).collect();
        interpolated(&points, value)
    }

    /// The lowest and the highest value of any control point.
    pub fn range(&self) -> [f64; 2] {
        let values = || self.opacity.iter().map(|p| p.value).chain(self.color.iter().map(|p| p.value));
        [values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max)]
    }
}

/// A piecewise linear curve; it holds its end values beyond its ends. `points` is not empty and ascends.
fn interpolated<const N: usize>(points: &[(f64, [f64; N])], value: f64) -> [f64; N] {
    let after = points.partition_point(|(at, _)| *at <= value);
    let Some((low, from)) = after.checked_sub(1).map(|n| points[n]) else { return points[0].1 };
    let Some((high, to)) = points.get(after) else { return from };
    let share = (value - low) / (high - low);
    std::array::from_fn(|n| from[n] + (to[n] - from[n]) * share)
}

fn check_values(curve: &'static str, values: impl ExactSizeIterator<Item = f64>) -> Result<(), TransferError> {
    if !(1..=MAX_POINTS).contains(&values.len()) {
        return Err(TransferError::Count { curve, found: values.len() });
    }
    let mut before = f64::NEG_INFINITY;
    for (n, value) in values.enumerate() {
        // Also what cannot be told apart in the shader's numbers.
        if !(value.is_finite() && value.abs() < 1e30 && value > before) {
            return Err(TransferError::Order { curve, point: n + 1, value });
        }
        before = value;
    }
    Ok(())
}

fn check_share(name: &'static str, found: f64) -> Result<(), TransferError> {
    // Written so that NaN fails too.
    if (0.0..=1.0).contains(&found) { Ok(()) } else { Err(TransferError::Share { name, found }) }
}
