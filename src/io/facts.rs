//! What a header says about each slice: place, direction, spacing, Modality LUT; for classic objects (PS3.3 C.7.6.2) and for
//! enhanced multi-frame ones (functional groups, C.7.6.16).

mod axes;
mod mosaic;

pub use axes::{Axis, AxisValue, AxisValues};
pub use mosaic::Tile;

use super::dicom::DataSet;
use super::{dose, real_world};
use crate::geometry::DVec3;
use crate::volume::Rescale;
use axes::FrameGroups;
use dicom_dictionary_std::{tags, uids};
use std::sync::Arc;

/// One slice (a classic image or one frame), as its header places it. `None` where the header is silent or wrong.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SliceFacts {
    /// Index into `Series::instances`.
    pub instance: usize,
    /// Frame of that instance, or tile of a mosaic, from 0.
    pub frame: u32,
    /// Which part of the picture it is, for the slices of a mosaic.
    pub tile: Option<Tile>,
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
    /// Frame of Reference UID (0020,0052).
    pub frame_of_reference_uid: Arc<str>,
    /// LOCALIZER in Image Type (0008,0008).
    pub is_localizer: bool,
    /// What tells it from others at the same place.
    pub dimensions: AxisValues,
    /// What the header claims about slices; never used for geometry, only held against it.
    pub claims: Claims,
}

/// Attributes that positions make redundant, and that often contradict them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Claims {
    /// Slice Thickness (0018,0050).
    pub thickness_mm: Option<f64>,
    /// Spacing Between Slices (0018,0088).
    pub between_slices_mm: Option<f64>,
    /// Gantry/Detector Tilt (0018,1120).
    pub tilt_degrees: Option<f64>,
}

impl SliceFacts {
    /// Frame of Pixel Data that holds this slice.
    pub fn pixel_frame(&self) -> usize {
        if self.tile.is_some() { 0 } else { self.frame as usize }
    }

    /// Its value on an axis.
    pub fn on(&self, axis: Axis) -> Option<&AxisValue> {
        self.dimensions.iter().find(|(a, _)| *a == axis).map(|(_, value)| value)
    }
}

/// Facts of every frame of an object; of every tile of a mosaic.
pub fn slices(data: &DataSet, instance: usize, frames: usize, size: [usize; 2]) -> Vec<SliceFacts> {
    let object = SliceFacts {
        instance,
        sop_instance_uid: data.text(tags::SOP_INSTANCE_UID),
        size,
        number: data.integer(tags::INSTANCE_NUMBER),
        frame_of_reference_uid: data.text(tags::FRAME_OF_REFERENCE_UID).into(),
        is_localizer: axes::is_localizer(data),
        ..SliceFacts::default()
    };
    let shared = data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let per_frame = data.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    let shifts = dose::plane_shifts_lps(data, frames);
    let is_parametric = data.text(tags::SOP_CLASS_UID) == uids::PARAMETRIC_MAP_STORAGE;
    let frame_facts = |frame: usize| {
        let groups = FrameGroups { own: per_frame.get(frame), shared, object: data };
        let mut facts = SliceFacts { frame: frame as u32, ..of_frame(&groups, &object) };
        if is_parametric {
            facts.rescale = real_world::of_frame(groups.own, groups.shared);
        }
        if let (Some(shifts), Some(p)) = (&shifts, &mut facts.position_lps) {
            *p += shifts[frame];
        } else if frames > 1 && per_frame.is_empty() {
            // One position for many frames places none of them.
            facts.position_lps = None;
        }
        facts
    };
    let all: Vec<SliceFacts> = (0..frames).map(frame_facts).collect();
    match all.as_slice() {
        [whole] => match mosaic::slices(data, whole) {
            Some(Ok(tiles)) => tiles,
            // What it shows lies elsewhere than its header says.
            Some(Err(_)) => vec![SliceFacts { position_lps: None, ..whole.clone() }],
            None => all,
        },
        _ => all,
    }
}

/// Facts of one frame by itself, without a place: which frames have one shows only among all of them.
pub fn unplaced(data: &DataSet, frame: usize, size: [usize; 2]) -> SliceFacts {
    let per_frame = data.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    let shared = data.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let groups = FrameGroups { own: per_frame.get(frame), shared, object: data };
    let object = SliceFacts { frame: frame as u32, size, ..SliceFacts::default() };
    let mut facts = SliceFacts { position_lps: None, ..of_frame(&groups, &object) };
    if data.text(tags::SOP_CLASS_UID) == uids::PARAMETRIC_MAP_STORAGE {
        facts.rescale = real_world::of_frame(groups.own, groups.shared);
    }
    facts
}

/// Why a mosaic stays one picture; `None` for everything else.
pub fn mosaic_problem(data: &DataSet, size: [usize; 2]) -> Option<String> {
    if !mosaic::is_mosaic(data) {
        return None;
    }
    let groups = FrameGroups { own: None, shared: None, object: data };
    mosaic::slices(data, &of_frame(&groups, &SliceFacts { size, ..SliceFacts::default() }))?.err()
}

fn of_frame(groups: &FrameGroups<'_>, object: &SliceFacts) -> SliceFacts {
    let measures = groups.group(tags::PIXEL_MEASURES_SEQUENCE);
    let tilt = groups.group(tags::CT_GEOMETRY_SEQUENCE).number(tags::GANTRY_DETECTOR_TILT);
    SliceFacts {
        position_lps: position(groups.group(tags::PLANE_POSITION_SEQUENCE)),
        axes_lps: axes(groups.group(tags::PLANE_ORIENTATION_SEQUENCE)),
        spacing_mm: spacing(measures),
        rescale: rescale(groups.group(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE)),
        dimensions: axes::of(groups),
        claims: Claims {
            thickness_mm: measures.number(tags::SLICE_THICKNESS),
            between_slices_mm: measures.number(tags::SPACING_BETWEEN_SLICES),
            tilt_degrees: tilt,
        },
        ..object.clone()
    }
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

/// Rescale Slope and Intercept, or Dose Grid Scaling; `None` without or with a slope of zero.
pub fn rescale(data: &DataSet) -> Option<Rescale> {
    let slope = data.number(tags::RESCALE_SLOPE).or_else(|| data.number(tags::DOSE_GRID_SCALING))?;
    let intercept = data.number(tags::RESCALE_INTERCEPT).unwrap_or(0.0);
    (slope != 0.0).then_some(Rescale { slope, intercept })
}

/// How long each frame of a cine loop is shown, ms (C.7.6.5): Frame Time, Frame Time Vector (whose first entry is 0 and whose
/// others lead to their frame), or a rate in frames a second.
pub fn frame_times_ms(data: &DataSet) -> Vec<f64> {
    let positive = |tag| data.number(tag).filter(|v| *v > 0.0 && v.is_finite());
    if let Some(ms) = positive(tags::FRAME_TIME) {
        return vec![ms];
    }
    if let Some(steps) = data.numbers(tags::FRAME_TIME_VECTOR).filter(|v| v.len() > 1) {
        let last = steps[steps.len() - 1];
        return steps[1..].iter().copied().chain([last]).map(|ms| ms.max(0.0)).collect();
    }
    let rate = positive(tags::RECOMMENDED_DISPLAY_FRAME_RATE).or_else(|| positive(tags::CINE_RATE));
    rate.map(|per_second| vec![1000.0 / per_second]).unwrap_or_default()
}
