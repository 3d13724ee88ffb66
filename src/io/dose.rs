//! RT Dose (PS3.3 A.18, C.8.8.3): a grid of doses over the patient.
//!
//! Stored values times Dose Grid Scaling are doses in Gy (or relative). Planes lie where Grid Frame Offset Vector says: along
//! the normal from the first plane (its first value is 0), or, for axial grids only, at z coordinates (its first value is that
//! of Image Position (Patient)). Any other vector places nothing.

use super::dicom::DataSet;
use super::facts;
use crate::geometry::DVec3;
use dicom_dictionary_std::tags;

/// How far the first z coordinate may lie from that of the Image Position: rounding.
const SAME_PLACE_MM: f64 = 0.01;

/// What a dose means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DoseFacts {
    /// Dose Units (3004,0002): "GY" or "RELATIVE".
    pub units: String,
    /// Dose Type (3004,0004): "PHYSICAL", "EFFECTIVE", "ERROR".
    pub kind: String,
    /// Dose Summation Type (3004,000A): "PLAN", "BEAM", "FRACTION", …: a beam's dose is not the plan's.
    pub summation: String,
    /// Dose Comment (3004,0006).
    pub comment: String,
}

impl DoseFacts {
    /// From a header.
    pub fn of(data: &DataSet) -> Self {
        Self {
            units: data.text(tags::DOSE_UNITS),
            kind: data.text(tags::DOSE_TYPE),
            summation: data.text(tags::DOSE_SUMMATION_TYPE),
            comment: data.text(tags::DOSE_COMMENT),
        }
    }
}

/// Displacement of each plane against Image Position (Patient), LPS mm; `None` where the header gives no usable vector.
pub(crate) fn plane_shifts_lps(data: &DataSet, planes: usize) -> Option<Vec<DVec3>> {
    let offsets = data.numbers(tags::GRID_FRAME_OFFSET_VECTOR)?;
    let [row, column] = facts::axes(data)?;
    let z = data.vector::<3>(tags::IMAGE_POSITION_PATIENT)?[2];
    let first = *offsets.first()?;
    let axial = row.x.abs() > 1.0 - 1e-6 && column.y.abs() > 1.0 - 1e-6;
    let step = if first == 0.0 {
        row.cross(column)
    } else if axial && (first - z).abs() < SAME_PLACE_MM {
        DVec3::Z
    } else {
        return None;
    };
    let usable = offsets.len() == planes && offsets.iter().all(|o| o.is_finite());
    usable.then(|| offsets.iter().map(|offset| step * (offset - first)).collect())
}

/// What a reader of the dose must know; `None` for other objects.
pub(crate) fn warning(data: &DataSet, planes: usize) -> Option<String> {
    let offsets = data.get(tags::GRID_FRAME_OFFSET_VECTOR)?;
    let empty = matches!(&offsets.value, super::dicom::Value::Bytes(bytes) if bytes.is_empty());
    if planes > 1 && !empty && plane_shifts_lps(data, planes).is_none() {
        return Some(
            "Grid Frame Offset Vector (3004,000C) is in neither of its two forms; the planes have no places".into(),
        );
    }
    let dose = DoseFacts::of(data);
    if data.number(tags::DOSE_GRID_SCALING).is_none_or(|s| s <= 0.0) {
        return Some("Dose Grid Scaling (3004,000E) is missing; values are shown as stored, not in Gy".into());
    }
    let summation = if dose.summation.is_empty() { "unknown summation" } else { dose.summation.as_str() };
    let kind = if dose.kind.is_empty() { "unknown type" } else { dose.kind.as_str() };
    (dose.summation != "PLAN" || dose.kind != "PHYSICAL")
        .then(|| format!("this dose is of type {kind} and sums {summation}, which is not the physical dose of a plan"))
}
