//! A 2D picture: a radiograph, a photograph, or a slice of a stack that makes no volume.

use super::{Presentation, Rescale, ValueUnit, Voi, VoiFunction, Voxels};
use std::borrow::Cow;

/// Where millimetres of a picture come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Calibration {
    /// Pixel Spacing (0028,0030): rows apart, columns apart, in the patient.
    PixelSpacing([f64; 2]),
    /// Imager Pixel Spacing (0018,1164): at the detector, magnified; say so.
    ImagerPixelSpacing([f64; 2]),
    /// Imager Pixel Spacing divided by the magnification that the file estimates: at the patient.
    Magnified {
        /// Rows apart, columns apart, at the patient.
        mm: [f64; 2],
        /// Estimated Radiographic Magnification Factor (0018,1114), or the ratio of the distances to detector and patient.
        factor: f64,
    },
    /// Physical Delta of the one spatial region of an ultrasound picture (C.8.5.5): only inside that region.
    UltrasoundRegion([f64; 2]),
    /// Set by a person who knows the length of something on the picture: rows apart, columns apart.
    KnownLength([f64; 2]),
    /// Nothing known: lengths are pixels.
    None,
}

impl Calibration {
    /// Millimetres between rows and between columns, when known.
    pub fn spacing_mm(self) -> Option<[f64; 2]> {
        match self {
            Self::PixelSpacing(mm)
            | Self::ImagerPixelSpacing(mm)
            | Self::Magnified { mm, .. }
            | Self::UltrasoundRegion(mm)
            | Self::KnownLength(mm) => Some(mm),
            Self::None => None,
        }
    }

    /// The same of a picture turned by a quarter: rows become columns.
    pub fn turned(self) -> Self {
        let swap = |[rows, columns]: [f64; 2]| [columns, rows];
        match self {
            Self::PixelSpacing(mm) => Self::PixelSpacing(swap(mm)),
            Self::ImagerPixelSpacing(mm) => Self::ImagerPixelSpacing(swap(mm)),
            Self::Magnified { mm, factor } => Self::Magnified { mm: swap(mm), factor },
            Self::UltrasoundRegion(mm) => Self::UltrasoundRegion(swap(mm)),
            Self::KnownLength(mm) => Self::KnownLength(swap(mm)),
            Self::None => Self::None,
        }
    }

    /// Where the millimetres come from, in words.
    pub fn source(self) -> String {
        match self {
            Self::PixelSpacing(_) => "Pixel Spacing".into(),
            Self::ImagerPixelSpacing(_) => "Imager Pixel Spacing (at the detector)".into(),
            Self::Magnified { factor, .. } => format!("Imager Pixel Spacing, magnification {factor:.2} removed"),
            Self::UltrasoundRegion(_) => "ultrasound region".into(),
            Self::KnownLength(_) => "known length, set by a person".into(),
            Self::None => "no calibration".into(),
        }
    }
}

/// Samples of a pixel.
#[derive(Debug, Clone, PartialEq)]
pub enum Samples {
    /// One stored value per pixel.
    Gray {
        /// Row by row, `width · height`.
        stored: Voxels,
        /// Modality LUT.
        rescale: Rescale,
    },
    /// Red, green, blue bytes, row by row: `3 · width · height`.
    Rgb(Vec<u8>),
}

/// One picture, ready to be windowed and shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The pixels.
    pub samples: Samples,
    /// What gray values mean.
    pub unit: ValueUnit,
    /// Photometric Interpretation MONOCHROME1: low values are bright.
    pub inverted: bool,
    /// VOI LUT or window of the header.
    pub voi: Option<Voi>,
    /// Where millimetres come from.
    pub calibration: Calibration,
    /// Letters of the row direction (to the picture's right) and column direction (to its bottom) from Patient
    /// Orientation (0020,0020) or from direction cosines; `None` rather than guessed.
    pub patient_orientation: Option<[String; 2]>,
    /// Image Laterality or Laterality: "L", "R", "B", or empty.
    pub laterality: String,
    /// View Position (0018,5101): "PA", "AP", "LL", …, or empty.
    pub view_position: String,
    /// Tables, padding, shutter and overlays of the file.
    pub presentation: Presentation,
}

impl Picture {
    /// Value of a gray pixel after the Modality LUT, or the brightness (Rec. 601) of a colored one.
    pub fn value(&self, column: usize, row: usize) -> f32 {
        let at = row * self.width + column;
        match &self.samples {
            Samples::Gray { stored, rescale } => rescale.value(stored.get(at)),
            Samples::Rgb(rgb) => {
                let [r, g, b] = [rgb[3 * at], rgb[3 * at + 1], rgb[3 * at + 2]].map(f32::from);
                0.299 * r + 0.587 * g + 0.114 * b
            }
        }
    }

    /// All values as in [`Self::value`], row by row.
    pub fn values(&self) -> Vec<f32> {
        (0..self.width * self.height).map(|n| self.value(n % self.width, n / self.width)).collect()
    }

    /// What the VOI LUT function works on: the stored values with their Modality LUT, or the entries of a table for them.
    /// `None` for a colored picture.
    pub fn plane(&self, function: VoiFunction) -> Option<(Cow<'_, Voxels>, Rescale)> {
        let Samples::Gray { stored, rescale } = &self.samples else { return None };
        let table = match function {
            VoiFunction::Table(n) => self.presentation.tables.get(usize::from(n)),
            _ => None,
        };
        Some(match table {
            Some(table) => {
                let entries = (0..stored.len()).map(|n| table.entry(rescale.value(stored.get(n)))).collect();
                (Cow::Owned(Voxels::U16(entries)), Rescale::IDENTITY)
            }
            None => (Cow::Borrowed(stored), *rescale),
        })
    }

    /// The header's VOI LUT or window, else the 1st–99th percentile of what is neither padding nor under the shutter.
    pub fn first_voi(&self) -> Voi {
        self.voi.unwrap_or_else(|| {
            let shown = |n: usize, value: f32| self.presentation.is_image(n % self.width, n / self.width, value);
            let mut values = self.values();
            if !self.presentation.is_bare() {
                let kept = values.iter().enumerate().filter(|(n, value)| shown(*n, **value)).map(|(_, value)| *value);
                values = kept.collect();
            }
            values.retain(|v| !v.is_nan());
            if values.is_empty() {
                return Voi::spanning(0.0, 1.0);
            }
            values.sort_unstable_by(f32::total_cmp);
            let at = |p: f64| f64::from(values[((values.len() - 1) as f64 * p).round() as usize]);
            Voi::spanning(at(0.01), at(0.99))
        })
    }

    /// Millimetres between rows and between columns, when known.
    pub fn spacing_mm(&self) -> Option<[f64; 2]> {
        self.calibration.spacing_mm()
    }
}
