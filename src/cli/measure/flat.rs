//! `fovea measure MASK.png --on RADIOGRAPH`: pixels and values of labels on a picture.
//!
//! A picture has no place in the patient and no depth: volume, center and diameters stay empty. An area is given only where the
//! picture's pixels have a calibrated size in the patient.

use crate::cli::Failure;
use crate::io;
use crate::loaded::LoadedSeries;
use crate::volume::{Calibration, Picture};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// What is counted of one label.
struct Tally {
    pixels: u64,
    sum: f64,
    sum_of_squares: f64,
    range: (f64, f64),
    /// First and last column and row.
    bounds_px: [usize; 4],
}

/// One JSON object for each label of the mask.
pub(super) fn measure(mask: &Path, image: Option<&LoadedSeries>) -> Result<Vec<Value>, Failure> {
    let shown = mask.display();
    let picture = match image.map(LoadedSeries::pictures) {
        None => return Err(Failure::Usage(format!("{shown}: the mask of a picture is measured --on that picture"))),
        Some([only]) => only,
        Some(_) => {
            let text =
                "the mask of a picture has no place in a volume or a stack; name a label image or a segmentation";
            return Err(Failure::Refused(format!("{shown}: {text}")));
        }
    };
    let labels = io::read_picture_mask(mask, picture).map_err(|e| match e {
        io::PictureMaskError::OtherSize(..) => Failure::Refused(format!("{shown}: {e}")),
        _ => Failure::Failed(format!("{shown}: {e}")),
    })?;
    let mut tallies: BTreeMap<u8, Tally> = BTreeMap::new();
    for (n, &label) in labels.labels.iter().enumerate().filter(|(_, label)| **label != 0) {
        let (column, row) = (n % labels.width, n / labels.width);
        let value = f64::from(picture.value(column, row));
        let empty = || Tally {
            pixels: 0,
            sum: 0.0,
            sum_of_squares: 0.0,
            range: (value, value),
            bounds_px: [column, row, column, row],
        };
        tallies.entry(label).or_insert_with(empty).add(value, column, row);
    }
    Ok(tallies.into_iter().map(|(label, tally)| tally.json(label, picture)).collect())
}

impl Tally {
    fn add(&mut self, value: f64, column: usize, row: usize) {
        self.pixels += 1;
        self.sum += value;
        self.sum_of_squares += value * value;
        self.range = (self.range.0.min(value), self.range.1.max(value));
        let [left, top, right, bottom] = self.bounds_px;
        self.bounds_px = [left.min(column), top.min(row), right.max(column), bottom.max(row)];
    }

    fn json(&self, label: u8, picture: &Picture) -> Value {
        let mean = self.sum / self.pixels as f64;
        let variance = (self.sum_of_squares / self.pixels as f64 - mean * mean).max(0.0);
        let area_mm2 = match picture.calibration {
            Calibration::PixelSpacing([rows, columns]) => Some(rows * columns * self.pixels as f64),
            _ => None,
        };
        json!({
            "number": label,
            "label": label.to_string(),
            "voxels": self.pixels,
            "volume_ml": null,
            "area_mm2": area_mm2,
            "mean": mean,
            "sd": variance.sqrt(),
            "min": self.range.0,
            "max": self.range.1,
            "unit": picture.unit.as_str(),
            "long_axis_mm": null,
            "short_axis_mm": null,
            "center_lps": null,
            "box_px": self.bounds_px,
        })
    }
}
