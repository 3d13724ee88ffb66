//! One plane of a volume as a derived image: an object of the source's class (CT, MR; Secondary Capture for others) in a series
//! of its own, in the source's frame of reference, with its true position, orientation and spacing (PS3.3 C.7.6.2) and the
//! source's Modality LUT, so that values survive as they were sampled, rounded to its steps. Image Type begins
//! with "DERIVED", "SECONDARY"; the source's images are referenced (C.7.6.1).

use super::dataset::Dataset;
use super::series::{Origin, SeriesDescription, image_series, pixel_header, same_pixels, through_ds, window};
use super::{WriteContext, WriteError, WrittenObject, commit, differs, encode, frame_of_reference_uid, modules};
use crate::codes::Code;
use crate::geometry::{DVec2, DVec3, SlicePlane};
use crate::io::dicom::DicomFile;
use crate::io::uid;
use crate::loaded::LoadedSeries;
use crate::study::{Instance, Series};
use crate::volume::{Rescale, ValueUnit, Voi, Volume, Voxels};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use std::path::Path;
use std::sync::Arc;

/// Series Number where the caller names none.
const SERIES_NUMBER: i64 = 9003;

/// What became of the volume along the plane's normal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaneKind {
    /// Nothing: one plane.
    Reformat,
    /// The highest value.
    Maximum,
    /// The lowest value.
    Minimum,
    /// The mean.
    Mean,
    /// The sum.
    Sum,
}

impl PlaneKind {
    /// Value 3 of Image Type.
    fn image_type(self) -> &'static str {
        match self {
            Self::Reformat => "MPR",
            Self::Maximum => "MIP",
            Self::Minimum => "MINIP",
            Self::Mean => "AVERAGE",
            Self::Sum => "SUM",
        }
    }

    /// Image Derivation, CID 7203.
    fn code(self) -> Code {
        match self {
            Self::Maximum => Code::dcm("113078", "Maximum intensity projection"),
            Self::Minimum => Code::dcm("113079", "Minimum intensity projection"),
            Self::Reformat | Self::Mean | Self::Sum => Code::dcm("113072", "Multiplanar reformatting"),
        }
    }
}

/// A plane that was computed from a series.
#[derive(Debug, Clone)]
pub struct DerivedPlane<'a> {
    /// What it was computed from.
    pub source: &'a LoadedSeries,
    /// Where its pixels lie.
    pub plane: SlicePlane,
    /// What became of the depth.
    pub kind: PlaneKind,
    /// Thickness in mm; `None` for a plane without any, or a whole projection.
    pub thickness_mm: Option<f64>,
    /// Values after the Modality LUT, row by row.
    pub values: &'a [f32],
    /// The window that readers should begin with.
    pub voi: Voi,
    /// What was done, in words: "mean slab 10 mm, cubic".
    pub description: String,
}

/// Writes the plane as `place`, reads it back and compares pixels and position before it appears.
pub fn write_plane_dicom(
    place: &Path,
    what: &DerivedPlane<'_>,
    context: &WriteContext<'_>,
) -> Result<WrittenObject, WriteError> {
    let volume = what.source.volume().ok_or(WriteError::NoVolume)?;
    let [columns, rows] = what.plane.size_px;
    if let Some(found) = [columns, rows].into_iter().find(|side| *side > 65_535) {
        return Err(WriteError::TooLarge { what: "a picture side", found: u64::from(found), limit: 65_535 });
    }
    if what.values.len() != columns as usize * rows as usize {
        return Err(WriteError::GridMismatch);
    }
    let stored = Stored::of(what.values, volume);
    let new = described(what, context);
    let instance = &new.series.instances[0];
    let mut dataset = Dataset::new();
    let to = &mut dataset;
    modules::sop_common(to, &instance.sop_class_uid, &instance.sop_instance_uid, &context.time);
    modules::patient_and_study(to, what.source, modules::source_header(what.source, context).as_ref());
    modules::equipment(to);
    let like_original =
        SeriesDescription { study: &new.study, series: &new.series, origin: Origin::Phantom, voi: Some(what.voi) };
    image_series(to, &like_original, &new, 0);
    derivation(to, what);
    image_plane(to, what);
    pixel_header(to, instance, stored.signed);
    values(to, what, volume, stored.rescale);
    by_class(to, what, &instance.sop_class_uid);
    to.put(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U8(stored.bytes.clone().into()));
    let pending = encode(place, dataset)?;
    compare(pending.path(), what, &stored).map_err(|difference| differs(place, difference))?;
    commit(place, pending)?;
    Ok(WrittenObject {
        sop_class_uid: instance.sop_class_uid.clone(),
        sop_instance_uid: instance.sop_instance_uid.clone(),
        series_uid: new.series.uid.clone(),
        segment_numbers: Vec::new(),
    })
}

/// Values in 16 bits.
struct Stored {
    bytes: Vec<u8>,
    signed: bool,
    rescale: Rescale,
}

impl Stored {
    /// In the source's own steps where they hold all values, else in even steps between the smallest and the largest.
    fn of(values: &[f32], volume: &Volume) -> Self {
        let numbers = || values.iter().copied().filter(|value| value.is_finite()).map(f64::from);
        let (low, high) = numbers().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 0.0) };
        let own = volume.rescale();
        let own = Rescale { slope: through_ds(own.slope), intercept: through_ds(own.intercept) };
        let steps = [low, high].map(|value| ((value - own.intercept) / own.slope).round());
        let (least, most) = (steps[0].min(steps[1]), steps[0].max(steps[1]));
        let is_whole = !matches!(volume.voxels(), Voxels::F32(_)) && own.slope != 0.0;
        let (signed, rescale) = if is_whole && least >= -32_768.0 && most <= 32_767.0 {
            (true, own)
        } else if is_whole && least >= 0.0 && most <= 65_535.0 {
            (false, own)
        } else {
            let slope = through_ds((high - low) / 65_534.0);
            let slope = if slope > 0.0 { slope } else { 1.0 };
            (false, Rescale { slope, intercept: through_ds(low) })
        };
        let store = |value: f32| {
            let value = if value.is_finite() { f64::from(value) } else { low };
            let step = ((value - rescale.intercept) / rescale.slope).round();
            // `as` saturates.
            if signed { (step as i16).to_le_bytes() } else { (step as u16).to_le_bytes() }
        };
        Self { bytes: values.iter().flat_map(|value| store(*value)).collect(), signed, rescale }
    }
}

/// The new series with its one image.
fn described(what: &DerivedPlane<'_>, context: &WriteContext<'_>) -> LoadedSeries {
    let source = &what.source.series;
    let class = match source.modality.as_str() {
        "CT" => uids::CT_IMAGE_STORAGE,
        "MR" => uids::MR_IMAGE_STORAGE,
        _ => uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
    };
    let instance = Instance {
        sop_instance_uid: uid::fresh(),
        sop_class_uid: class.into(),
        transfer_syntax: uids::EXPLICIT_VR_LITTLE_ENDIAN.into(),
        number: Some(1),
        rows: what.plane.size_px[1],
        columns: what.plane.size_px[0],
        frames: 1,
        photometric: "MONOCHROME2".into(),
        lossy: source.instances.iter().any(|instance| instance.lossy),
        ..Instance::default()
    };
    let series = Series {
        uid: uid::fresh(),
        number: Some(context.series_number.unwrap_or(SERIES_NUMBER)),
        description: format!("{} ({})", what.description, source.description),
        instances: vec![instance],
        ..Series::clone(source)
    };
    LoadedSeries { series: Arc::new(series), ..what.source.clone() }
}

fn derivation(to: &mut Dataset, what: &DerivedPlane<'_>) {
    let text = format!("{}. {}", what.description, super::NOT_FOR_CLINICAL_USE);
    to.text(tags::DERIVATION_DESCRIPTION, VR::ST, &text);
    to.code(tags::DERIVATION_CODE_SEQUENCE, &what.kind.code());
    // Sources that are not DICOM have nothing to refer to.
    if modules::require_identifiers(what.source).is_ok() {
        to.sequence(tags::SOURCE_IMAGE_SEQUENCE, modules::references(what.source));
    }
    if what.source.series.instances.iter().any(|instance| instance.lossy) {
        to.text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "01");
    }
}

/// Frame of Reference and Image Plane modules (C.7.4.1, C.7.6.2).
fn image_plane(to: &mut Dataset, what: &DerivedPlane<'_>) {
    let plane = &what.plane;
    to.uid(tags::FRAME_OF_REFERENCE_UID, &frame_of_reference_uid(what.source));
    to.text(tags::POSITION_REFERENCE_INDICATOR, VR::LO, "");
    to.decimals(tags::PIXEL_SPACING, &[plane.pixel_mm; 2]);
    to.decimals(tags::IMAGE_ORIENTATION_PATIENT, &[plane.u_lps.to_array(), plane.v_lps.to_array()].concat());
    to.decimals(tags::IMAGE_POSITION_PATIENT, &first_pixel(plane).to_array());
    match what.thickness_mm {
        Some(mm) => to.decimals(tags::SLICE_THICKNESS, &[mm]),
        None => to.text(tags::SLICE_THICKNESS, VR::DS, ""),
    };
}

fn first_pixel(plane: &SlicePlane) -> DVec3 {
    plane.lps_from_px(DVec2::ZERO)
}

/// Modality LUT and VOI LUT modules (C.11.1, C.11.2).
fn values(to: &mut Dataset, what: &DerivedPlane<'_>, volume: &Volume, rescale: Rescale) {
    to.decimals(tags::RESCALE_INTERCEPT, &[rescale.intercept]).decimals(tags::RESCALE_SLOPE, &[rescale.slope]);
    // A sum of Hounsfield units is none.
    let is_hu = *volume.unit() == ValueUnit::Hu && what.kind != PlaneKind::Sum;
    to.text(tags::RESCALE_TYPE, VR::LO, if is_hu { "HU" } else { "US" });
    window(to, Some(what.voi));
}

/// What CT Image (C.8.2.1), MR Image (C.8.3.1) and Secondary Capture (C.8.6) ask for beyond that; empty where a derived image
/// has no answer.
fn by_class(to: &mut Dataset, what: &DerivedPlane<'_>, class: &str) {
    to.texts(tags::IMAGE_TYPE, VR::CS, &["DERIVED", "SECONDARY", what.kind.image_type()]);
    if what.source.series.body_part.is_empty() {
        to.text(tags::LATERALITY, VR::CS, "");
    }
    match class {
        uids::CT_IMAGE_STORAGE => {
            to.text(tags::KVP, VR::DS, "").text(tags::ACQUISITION_NUMBER, VR::IS, "");
            to.text(tags::PATIENT_POSITION, VR::CS, "");
            to.text_if(tags::CONVOLUTION_KERNEL, VR::SH, &what.source.series.kernel);
        }
        uids::MR_IMAGE_STORAGE => {
            to.text(tags::SCANNING_SEQUENCE, VR::CS, "RM").text(tags::SEQUENCE_VARIANT, VR::CS, "NONE");
            to.text(tags::SCAN_OPTIONS, VR::CS, "").text(tags::MR_ACQUISITION_TYPE, VR::CS, "");
            to.text(tags::REPETITION_TIME, VR::DS, "").text(tags::ECHO_TIME, VR::DS, "");
            to.text(tags::ECHO_TRAIN_LENGTH, VR::IS, "").text(tags::PATIENT_POSITION, VR::CS, "");
        }
        _ => {
            to.text(tags::CONVERSION_TYPE, VR::CS, "WSD").text(tags::PATIENT_ORIENTATION, VR::CS, "");
        }
    }
}

/// Compares what was read back with what was meant.
fn compare(path: &Path, what: &DerivedPlane<'_>, stored: &Stored) -> Result<(), String> {
    let file = DicomFile::open(path).map_err(|e| e.to_string())?;
    same_pixels(&file, &stored.bytes)?;
    let near = |found: Option<[f64; 3]>, meant: DVec3, within: f64| {
        found.is_some_and(|found| DVec3::from_array(found).distance(meant) < within)
    };
    if !near(file.data.vector::<3>(tags::IMAGE_POSITION_PATIENT), first_pixel(&what.plane), 1e-4) {
        return Err("the position differs".into());
    }
    let axes = file.data.vector::<6>(tags::IMAGE_ORIENTATION_PATIENT);
    let [u, v] = [0, 3].map(|at| axes.map(|a| [a[at], a[at + 1], a[at + 2]]));
    if !near(u, what.plane.u_lps, 1e-6) || !near(v, what.plane.v_lps, 1e-6) {
        return Err("the orientation differs".into());
    }
    let spacing = file.data.vector::<2>(tags::PIXEL_SPACING);
    let same = spacing.is_some_and(|mm| mm.iter().all(|mm| (mm - what.plane.pixel_mm).abs() < 1e-6));
    if same { Ok(()) } else { Err("the pixel spacing differs".into()) }
}
