//! VOI LUT: which values become which gray (PS3.3 C.11.2).

/// VOI LUT Function (0028,1056).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VoiFunction {
    /// C.11.2.1.2.1, with the half-value offsets of the standard.
    #[default]
    Linear,
    /// C.11.2.1.3.2, without the offsets.
    LinearExact,
    /// C.11.2.1.3.1.
    Sigmoid,
    /// C.11.2.1.1: the table of this number of the picture's [`Presentation`](super::Presentation) comes first; center and
    /// width are in its entries and act as in `LinearExact`.
    Table(u8),
}

impl VoiFunction {
    /// VOI LUT Function (0028,1056) in the standard's word; "TABLE" for a VOI LUT.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linear => "LINEAR",
            Self::LinearExact => "LINEAR_EXACT",
            Self::Sigmoid => "SIGMOID",
            Self::Table(_) => "TABLE",
        }
    }
}

/// A window: center and width in values after the Modality LUT.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Voi {
    /// Window Center (0028,1050).
    pub center: f64,
    /// Window Width (0028,1051); at least 1 for `Linear`, above 0 otherwise.
    pub width: f64,
    /// How values inside map to gray.
    pub function: VoiFunction,
}

impl Voi {
    /// A LINEAR window; the width is kept at or above 1, as C.11.2.1.2.1 demands.
    pub fn linear(center: f64, width: f64) -> Self {
        Self { center, width: width.max(1.0), function: VoiFunction::Linear }
    }

    /// A window that spans `low..=high`: LINEAR for integers, exact for narrow ranges of real numbers.
    pub fn spanning(low: f64, high: f64) -> Self {
        let width = (high - low).abs().max(f64::EPSILON);
        if width >= 2.0 {
            Self::linear(f64::midpoint(low, high) + 0.5, width + 1.0)
        } else {
            Self { center: f64::midpoint(low, high), width, function: VoiFunction::LinearExact }
        }
    }

    /// Gray in 0–1 (not yet rounded). Twin of `voi` in `shaders/include/lut.wgsl`.
    #[inline]
    pub fn gray(self, value: f32) -> f32 {
        let (x, c, w) = (f64::from(value), self.center, self.width);
        let gray = match self.function {
            // C.11.2.1.2.1: ((x − (c − 0.5)) / (w − 1) + 0.5), a step at c − 0.5 when w = 1.
            VoiFunction::Linear if w <= 1.0 => f64::from(u8::from(x > c - 0.5)),
            VoiFunction::Linear => (x - (c - 0.5)) / (w - 1.0) + 0.5,
            // C.11.2.1.3.2
            VoiFunction::LinearExact | VoiFunction::Table(_) => (x - c) / w + 0.5,
            // C.11.2.1.3.1
            VoiFunction::Sigmoid => 1.0 / (1.0 + (-4.0 * (x - c) / w).exp()),
        };
        gray.clamp(0.0, 1.0) as f32
    }

    /// Gray level 0–255, rounded to nearest.
    #[inline]
    pub fn gray_u8(self, value: f32) -> u8 {
        (self.gray(value) * 255.0).round() as u8
    }
}
