//! Single pictures: radiographs, color pictures, slices of stacks that make no volume (PS3.3 C.7.6.3, C.11.1, C.10.7).

use super::lut::Table;
use super::{color, graphics, units};
use crate::geometry::letters;
use crate::io::dicom::{DataSet, DicomFile};
use crate::io::facts;
use crate::io::pixels::{Frames, PixelError, SampleType, for_each_sample};
use crate::volume::{Calibration, Picture, Presentation, Rescale, Samples, ValueUnit, Voxels};
use dicom_dictionary_std::tags;

/// One frame, ready to be windowed.
pub fn of_frame(file: &DicomFile, frames: &Frames<'_>, frame: usize) -> Result<Picture, PixelError> {
    let (data, format) = (&file.data, &frames.format);
    let bytes = frames.frame(frame)?;
    let facts = facts::unplaced(data, frame, [format.columns, format.rows]);
    let modality = data.text(tags::MODALITY);
    let colored = color::rgb(data, format, &bytes)?;
    let mut presentation = Presentation {
        shutter: graphics::shutter(data),
        overlays: graphics::overlays(data, frames, frame),
        ..Presentation::default()
    };
    let (samples, unit) = if let Some(rgb) = colored {
        (Samples::Rgb(rgb), ValueUnit::Arbitrary)
    } else {
        let rescale = facts.rescale.unwrap_or(Rescale::IDENTITY);
        let (samples, unit) = gray(data, format.sample_type, &bytes, rescale);
        presentation.tables = units::tables(data, frame, format.sample_type.is_signed(), rescale);
        if data.item(tags::MODALITY_LUT_SEQUENCE).is_none() {
            presentation.padding = graphics::padding(data, format.sample_type.is_signed(), rescale);
        }
        (samples, unit.unwrap_or_else(|| units::unit(data, &modality)))
    };
    let gray = matches!(samples, Samples::Gray { .. });
    let voi = if gray { units::choices(data, frame, &presentation.tables).first().map(|c| c.voi) } else { None };
    Ok(Picture {
        width: format.columns,
        height: format.rows,
        samples,
        unit,
        // Presentation LUT Shape (C.11.6) says of MONOCHROME1 what its name says already.
        inverted: format.photometric == "MONOCHROME1" || data.text(tags::PRESENTATION_LUT_SHAPE) == "INVERSE",
        voi,
        calibration: calibration(data, facts.spacing_mm),
        patient_orientation: orientation(data, &facts),
        laterality: laterality(data),
        view_position: data.text(tags::VIEW_POSITION),
        presentation,
    })
}

/// Stored values with their Modality LUT; a table (C.11.1) is applied, because it is no line.
fn gray(data: &DataSet, kind: SampleType, bytes: &[u8], rescale: Rescale) -> (Samples, Option<ValueUnit>) {
    let table = data.item(tags::MODALITY_LUT_SEQUENCE).and_then(|item| Table::of_item(item, kind.is_signed()));
    if let Some(table) = table {
        let mut values = Vec::with_capacity(bytes.len() / kind.width());
        for_each_sample(bytes, kind, |v| values.push(f32::from(table.entry(v))));
        let unit = data.item(tags::MODALITY_LUT_SEQUENCE).map(|item| item.text(tags::MODALITY_LUT_TYPE));
        let unit = match unit.as_deref() {
            Some("HU") => ValueUnit::Hu,
            None | Some("" | "US") => ValueUnit::Arbitrary,
            Some(other) => ValueUnit::Other(other.to_owned()),
        };
        return (Samples::Gray { stored: Voxels::F32(values), rescale: Rescale::IDENTITY }, Some(unit));
    }
    let stored = match kind {
        SampleType::U8 => Voxels::U8(bytes.to_vec()),
        SampleType::I16 => Voxels::I16(bytes.as_chunks().0.iter().map(|b| i16::from_le_bytes(*b)).collect()),
        SampleType::U16 => Voxels::U16(bytes.as_chunks().0.iter().map(|b| u16::from_le_bytes(*b)).collect()),
        other => {
            let mut values = Vec::with_capacity(bytes.len() / other.width());
            for_each_sample(bytes, other, |v| values.push((v * rescale.slope + rescale.intercept) as f32));
            return (Samples::Gray { stored: Voxels::F32(values), rescale: Rescale::IDENTITY }, None);
        }
    };
    (Samples::Gray { stored, rescale }, None)
}

/// Where millimetres come from; detectors' millimetres only as what they are (C.8.11.4, 10.7.1.3), those of ultrasound only
/// where one region says them for all.
#[allow(clippy::float_cmp, reason = "the same text in both attributes gives the same numbers")]
fn calibration(data: &DataSet, spacing_mm: Option<[f64; 2]>) -> Calibration {
    let positive = |mm: &[f64; 2]| mm.iter().all(|v| *v > 0.0);
    let imager = data.vector(tags::IMAGER_PIXEL_SPACING).filter(positive);
    let projection =
        matches!(data.text(tags::MODALITY).as_str(), "CR" | "DX" | "RG" | "RF" | "XA" | "MG" | "IO" | "PX");
    match (spacing_mm, imager) {
        // Equal spacings of a projection were copied from the detector: no calibration took place.
        (Some(mm), Some(at_detector)) if projection && mm == at_detector => at_the_detector(data, mm),
        (Some(mm), _) => Calibration::PixelSpacing(mm),
        (None, Some(mm)) => at_the_detector(data, mm),
        (None, None) => ultrasound_mm(data).map_or(Calibration::None, Calibration::UltrasoundRegion),
    }
}

/// Detectors' millimetres, divided by the magnification where the file gives one.
fn at_the_detector(data: &DataSet, mm: [f64; 2]) -> Calibration {
    let positive = |tag| data.number(tag).filter(|v| *v > 0.0);
    let distances = || {
        let source_to_detector = positive(tags::DISTANCE_SOURCE_TO_DETECTOR)?;
        Some(source_to_detector / positive(tags::DISTANCE_SOURCE_TO_PATIENT)?)
    };
    let factor = positive(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR).or_else(distances);
    match factor.filter(|f| (1.0..=20.0).contains(f)) {
        Some(factor) => Calibration::Magnified { mm: mm.map(|at_detector| at_detector / factor), factor },
        None => Calibration::ImagerPixelSpacing(mm),
    }
}

/// Millimetres of the two-dimensional spatial regions of an ultrasound picture (C.8.5.5.1), if all say the same.
fn ultrasound_mm(data: &DataSet) -> Option<[f64; 2]> {
    const TWO_DIMENSIONAL: i64 = 1;
    const CENTIMETRES: i64 = 3;
    let is_spatial = |region: &&DataSet| {
        region.integer(tags::REGION_SPATIAL_FORMAT) == Some(TWO_DIMENSIONAL)
            && [tags::PHYSICAL_UNITS_X_DIRECTION, tags::PHYSICAL_UNITS_Y_DIRECTION]
                .iter()
                .all(|tag| region.integer(*tag) == Some(CENTIMETRES))
    };
    let delta = |region: &DataSet, tag| region.number(tag).map(|cm| (cm * 10.0).abs()).filter(|mm| *mm > 0.0);
    let mut all = data
        .items(tags::SEQUENCE_OF_ULTRASOUND_REGIONS)
        .iter()
        .filter(is_spatial)
        .map(|region| Some([delta(region, tags::PHYSICAL_DELTA_Y)?, delta(region, tags::PHYSICAL_DELTA_X)?]));
    let first = all.next()??;
    let same = |mm: [f64; 2]| (0..2).all(|n| (mm[n] - first[n]).abs() <= 1e-3 * first[n]);
    all.all(|other| other.is_some_and(same)).then_some(first)
}

/// Letters of row and column direction: Patient Orientation for projections, direction cosines for slices; else none.
fn orientation(data: &DataSet, facts: &facts::SliceFacts) -> Option<[String; 2]> {
    if let Some([row, column]) = facts.axes_lps {
        return Some([letters(row), letters(column)]);
    }
    let said = data.texts(tags::PATIENT_ORIENTATION);
    let [row, column] = said.as_slice() else { return None };
    let valid = |s: &String| !s.is_empty() && s.len() <= 3 && s.chars().all(|c| "LRAPHF".contains(c));
    (valid(row) && valid(column)).then(|| [row.clone(), column.clone()])
}

fn laterality(data: &DataSet) -> String {
    let image = data.text(tags::IMAGE_LATERALITY);
    if image.is_empty() { data.text(tags::LATERALITY) } else { image }
}
