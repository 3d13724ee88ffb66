//! What a header says about each slice: place, direction, spacing, Modality LUT; for classic objects (PS3.3 C.7.6.2) and for
//! enhanced multi-frame ones (functional groups, C.7.6.16).

use super::dicom::DataSet;
use crate::geometry::DVec3;
use crate::volume::Rescale;
use dicom_dictionary_std::tags;

/// One slice (a classic image or one frame), as its header places it. `None` where the header is silent or wrong.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SliceFacts {
    /// Index into `Series::instances`.
    pub instance: usize,
    /// Frame of that instance, from 0.
    pub frame: u32,
    /// SOP Instance UID, to tell a copy from a repetition.
    pub sop_instance_uid: String,
    /// Columns, rows.
    pub size: [usize; 2],
    /// Image Position (Patient) (0020,0032).
    pub position_lps: Option<DVec3>,
    /// Image Orientation (Patient) (0020,0037): row direction, column direction.
    pub axes_lps: Option<[DVec3; 2]>,
    /// Pixel Spacing (0028,0030): between rows, between columns.
    pub spacing_mm: Option<[f64; 2]>,
    /// Rescale Slope and Intercept.
    pub rescale: Option<Rescale>,
    /// Instance Number (0020,0013).
    pub number: Option<i64>,
}

/// Facts of every frame of an object.
pub fn slices(data: &DataSet, instance: usize, frames: usize, size: [usize; 2]) -> Vec<SliceFacts> {
    let sop_instance_uid = data.text(tags::SOP_INSTANCE_UID);
    let number = data.integer(tags::INSTANCE_NUMBER);
    let shared = data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let per_frame = data.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    let offsets = data.numbers(tags::GRID_FRAME_OFFSET_VECTOR).filter(|o| o.len() == frames && frames > 1);
    (0..frames)
        .map(|frame| {
            // The frame's own group first, then the shared one, then the object itself.
            let group = |tag| {
                let own = per_frame.get(frame).and_then(|f| f.item(tag));
                own.or_else(|| shared.and_then(|s| s.item(tag))).unwrap_or(data)
            };
            let mut position_lps = position(group(tags::PLANE_POSITION_SEQUENCE));
            let axes_lps = axes(group(tags::PLANE_ORIENTATION_SEQUENCE));
            if let (Some(offsets), Some([row, column]), Some(p)) = (&offsets, axes_lps, &mut position_lps) {
                *p += row.cross(column) * (offsets[frame] - offsets[0]);
            } else if frames > 1 && per_frame.is_empty() {
                // One position for many frames places none of them.
                position_lps = None;
            }
            SliceFacts {
                instance,
                frame: frame as u32,
                sop_instance_uid: sop_instance_uid.clone(),
                size,
                position_lps,
                axes_lps,
                spacing_mm: spacing(group(tags::PIXEL_MEASURES_SEQUENCE)),
                rescale: rescale(group(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE)),
                number,
            }
        })
        .collect()
}

fn position(data: &DataSet) -> Option<DVec3> {
    data.vector(tags::IMAGE_POSITION_PATIENT).map(DVec3::from_array)
}

/// Two unit vectors at right angles; small rounding is repaired, anything else is refused.
pub fn axes(data: &DataSet) -> Option<[DVec3; 2]> {
    let [a, b, c, d, e, f] = data.vector(tags::IMAGE_ORIENTATION_PATIENT)?;
    let (row, column) = (DVec3::new(a, b, c), DVec3::new(d, e, f));
    let unit = |v: DVec3| (v.length() - 1.0).abs() < 0.02;
    if !unit(row) || !unit(column) || row.dot(column).abs() > 0.02 {
        return None;
    }
    let row = row.normalize();
    Some([row, (column - row * row.dot(column)).normalize()])
}

/// Pixel Spacing, where it is two positive numbers.
pub fn spacing(data: &DataSet) -> Option<[f64; 2]> {
    data.vector(tags::PIXEL_SPACING).filter(|mm: &[f64; 2]| mm.iter().all(|s| *s > 0.0))
}

/// Rescale Slope and Intercept; `None` without or with a slope of zero.
pub fn rescale(data: &DataSet) -> Option<Rescale> {
    let slope = data.number(tags::RESCALE_SLOPE)?;
    let intercept = data.number(tags::RESCALE_INTERCEPT).unwrap_or(0.0);
    (slope != 0.0).then_some(Rescale { slope, intercept })
}
