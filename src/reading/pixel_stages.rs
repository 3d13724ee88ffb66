//! One pixel through every stage of the pixel pipeline (PS3.3 C.11): stored value, Modality LUT, what it means beside that
//! (SUV), VOI LUT, presentation. What a probe shows, and why a pixel is as bright as it is.

use crate::findings::round_half_up;
use crate::geometry::{DVec2, DVec3};
use crate::loaded::{ImageData, LoadedSeries};
use crate::volume::{Picture, Rescale, Samples, SuvKind, ValueUnit, Voi, VoiFunction, Volume, sample_linear};

/// Which pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PixelAt {
    /// The voxel nearest to a patient point, LPS mm.
    Lps(DVec3),
    /// The pixel nearest to a position on a picture (column, row; centers at integers).
    Picture {
        /// Which picture of the series.
        k: usize,
        /// Where.
        px: DVec2,
    },
}

/// How it is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShownAs {
    /// Window or table.
    pub voi: Voi,
    /// Low values are bright.
    pub inverted: bool,
}

/// A gray pixel, stage by stage; of a colored one, its samples.
#[derive(Debug, Clone, PartialEq)]
pub struct PixelStages {
    /// Column, row, and slice or picture, from 0.
    pub ijk: [usize; 3],
    /// "series 4, image 124".
    pub cited: String,
    /// What the pixel is.
    pub value: PixelValue,
}

/// What a pixel is.
#[derive(Debug, Clone, PartialEq)]
pub enum PixelValue {
    /// Red, green and blue as stored: nothing is mapped.
    Color([u8; 3]),
    /// One value.
    Gray(GrayStages),
}

/// The stages of a gray value.
#[derive(Debug, Clone, PartialEq)]
pub struct GrayStages {
    /// As held in memory. Real numbers are already rescaled where slices of a series differ in their rescale.
    pub stored: f32,
    /// Modality LUT (C.11.1).
    pub rescale: Rescale,
    /// The value after it.
    pub value: f32,
    /// Its unit.
    pub unit: ValueUnit,
    /// The same as SUV, by kind, where the header allows.
    pub suv: Vec<(SuvKind, f64)>,
    /// The value at the exact point, interpolated linearly: what a smooth view shows there.
    pub linear: Option<f32>,
    /// How it is shown.
    pub shown: ShownAs,
    /// Entry of the VOI LUT table, where one is chosen.
    pub entry: Option<f32>,
    /// Gray after the VOI LUT, 0–1 (C.11.2).
    pub voi_gray: f32,
    /// Gray after the inversion, 0–1.
    pub gray: f32,
    /// Gray level on the screen, 0–255, rounded to nearest.
    pub level: u8,
    /// What covers the pixel instead: padding, shutter, overlay.
    pub covered: Option<[u8; 3]>,
}

/// The stages of a pixel; `None` outside the image.
pub fn pixel_stages(series: &LoadedSeries, at: PixelAt, shown: ShownAs) -> Option<PixelStages> {
    let (ijk, value) = match (&series.image, at) {
        (ImageData::Volume(volume), PixelAt::Lps(lps)) => {
            let ijk = volume.geometry().voxel_at_lps(lps)?;
            (ijk, PixelValue::Gray(of_volume(volume, ijk, lps, shown)))
        }
        (ImageData::Pictures(pictures), PixelAt::Picture { k, px }) => {
            let picture = pictures.get(k)?;
            let nearest = (px + 0.5).floor();
            let inside =
                nearest.min_element() >= 0.0 && nearest.x < picture.width as f64 && nearest.y < picture.height as f64;
            let [column, row] = inside.then_some([nearest.x as usize, nearest.y as usize])?;
            ([column, row, k], of_picture(picture, column, row, shown))
        }
        _ => return None,
    };
    Some(PixelStages { ijk, cited: series.cite(ijk[2]), value })
}

fn of_volume(volume: &Volume, ijk: [usize; 3], lps: DVec3, shown: ShownAs) -> GrayStages {
    let stored = volume.voxels().get(volume.geometry().index(ijk));
    let value = volume.value_ijk(ijk);
    let suv = volume.suv().into_iter().flat_map(|factors| {
        let kinds = [
            (SuvKind::BodyWeight, Some(factors.bw)),
            (SuvKind::LeanBodyMass, factors.lbm),
            (SuvKind::BodySurface, factors.bsa),
        ];
        kinds.into_iter().filter_map(move |(kind, factor)| Some((kind, f64::from(value) * factor?)))
    });
    GrayStages {
        suv: suv.collect(),
        linear: sample_linear(volume, lps),
        ..gray(stored, volume.rescale(), volume.unit().clone(), None, shown)
    }
}

fn of_picture(picture: &Picture, column: usize, row: usize, shown: ShownAs) -> PixelValue {
    let at = row * picture.width + column;
    match &picture.samples {
        Samples::Rgb(rgb) => PixelValue::Color([rgb[3 * at], rgb[3 * at + 1], rgb[3 * at + 2]]),
        Samples::Gray { stored, rescale } => {
            let table = match shown.voi.function {
                VoiFunction::Table(n) => picture.presentation.tables.get(usize::from(n)),
                _ => None,
            };
            let entry = table.map(|table| f32::from(table.entry(picture.value(column, row))));
            PixelValue::Gray(GrayStages {
                covered: picture.presentation.cover(column, row, || picture.value(column, row)),
                ..gray(stored.get(at), *rescale, picture.unit.clone(), entry, shown)
            })
        }
    }
}

fn gray(stored: f32, rescale: Rescale, unit: ValueUnit, entry: Option<f32>, shown: ShownAs) -> GrayStages {
    let value = rescale.value(stored);
    let voi_gray = shown.voi.gray(entry.unwrap_or(value));
    let gray = if shown.inverted { 1.0 - voi_gray } else { voi_gray };
    GrayStages {
        stored,
        rescale,
        value,
        unit,
        suv: Vec::new(),
        linear: None,
        shown,
        entry,
        voi_gray,
        gray,
        level: (gray * 255.0).round() as u8,
        covered: None,
    }
}

impl PixelStages {
    /// Name and words of every stage, in the standard's order.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let [column, row, _] = self.ijk;
        let mut lines = vec![("Pixel", format!("column {column}, row {row}; {}", self.cited))];
        match &self.value {
            PixelValue::Color([r, g, b]) => lines.push(("Stored value", format!("red {r}, green {g}, blue {b}"))),
            PixelValue::Gray(stages) => lines.extend(stages.lines()),
        }
        lines
    }
}

impl GrayStages {
    fn lines(&self) -> Vec<(&'static str, String)> {
        let unit = self.unit.as_str();
        let Rescale { slope, intercept } = self.rescale;
        let mut lines = vec![
            ("Stored value", format!("{}", self.stored)),
            ("Modality LUT", format!("{} × {slope} + {intercept} = {} {unit}", self.stored, self.value)),
        ];
        if let Some(linear) = self.linear {
            lines.push(("Interpolated", format!("{} {unit} at the point itself", round_half_up(f64::from(linear), 2))));
        }
        for (kind, suv) in &self.suv {
            lines.push(("Real world", format!("{} {}", round_half_up(*suv, 2), kind.unit().as_str())));
        }
        lines.push(("VOI LUT", self.voi_words()));
        let inversion = if self.shown.inverted { format!("inverted: {:.4}; ", self.gray) } else { String::new() };
        lines.push(("Presentation", format!("{inversion}gray level {} of 255", self.level)));
        if let Some([r, g, b]) = self.covered {
            lines.push(("Covered", format!("by padding, shutter or overlay: shown as {r}, {g}, {b}")));
        }
        lines
    }

    fn voi_words(&self) -> String {
        let Voi { center, width, function } = self.shown.voi;
        let entry = self.entry.map(|entry| format!(" entry {entry},")).unwrap_or_default();
        format!("{},{entry} center {center}, width {width}: {:.4}", function.as_str(), self.voi_gray)
    }
}
