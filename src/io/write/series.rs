//! A volume as a classic series, one file per slice: CT, MR, or Secondary Capture where the modality has no classic image
//! object here (PS3.3 A.3, A.4, A.8). For the phantom, and for sources that are not DICOM, so that masks and reports have
//! something to refer to. Explicit VR Little Endian, 16 bits.

use super::dataset::{Dataset, decimal_string};
use super::modules;
use super::{NOT_FOR_CLINICAL_USE, WriteContext, WriteError, commit, differs, encode};
use crate::geometry::{DVec3, VolumeGeometry};
use crate::io::dicom::DicomFile;
use crate::io::uid;
use crate::loaded::{ImageData, LoadedSeries, SliceSource};
use crate::study::{Instance, Series, SeriesGeometry, Study};
use crate::volume::{Rescale, ValueUnit, Voi, VoiFunction, Volume, Voxels};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// Where pixels come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Made in code: no patient behind it. Written like an original, with a description that says so.
    Phantom,
    /// Converted from a file that is not DICOM; the text says from what ("NIfTI").
    Converted(String),
}

/// Whose series it is, and what it is called. The series' `instances` and `geometry` are not looked at.
#[derive(Debug, Clone)]
pub struct SeriesDescription<'a> {
    /// Patient and study; a UID that is missing is made from the content.
    pub study: &'a Study,
    /// Modality, number, description, body part, kernel, frame of reference; missing UIDs are made from the content.
    pub series: &'a Series,
    /// Where the pixels come from.
    pub origin: Origin,
    /// The window that readers should begin with.
    pub voi: Option<Voi>,
}

/// How values are stored in 16 bits.
struct Encoding {
    signed: bool,
    rescale: Rescale,
    /// Whether stored numbers differ from the source's by rounding.
    quantized: bool,
}

/// Writes a volume as one file per slice (`0001.dcm` …, ascending k) into `folder`, which is made where it is missing. Every
/// file is read back and compared. Returns the series as it now is in DICOM, with the same pixels in memory, so that masks
/// on the volume's grid can refer to it; paths are relative to `folder`. When a slice fails, none is left.
///
/// Real numbers (not integers of 16 bits: [`stores_exactly`]) are stored in 65 535 steps between the smallest and the largest.
pub fn write_volume_dicom(
    folder: &Path,
    what: &SeriesDescription<'_>,
    volume: &Arc<Volume>,
    context: &WriteContext<'_>,
) -> Result<LoadedSeries, WriteError> {
    let new = described(what, volume);
    let encoding = encoding(volume)?;
    std::fs::create_dir_all(folder).map_err(|reason| WriteError::Io { file: folder.to_owned(), reason })?;
    let slices = volume.dims()[2];
    let outcome: Result<(), WriteError> =
        (0..slices).into_par_iter().try_for_each(|k| slice(folder, what, &new, volume, &encoding, k, context));
    if let Err(error) = outcome {
        for instance in &new.series.instances {
            // What is not there need not be removed.
            let _ = std::fs::remove_file(folder.join(&instance.file));
        }
        return Err(error);
    }
    Ok(new)
}

/// Study and series with all identifiers, and one instance per slice.
fn described(what: &SeriesDescription<'_>, volume: &Arc<Volume>) -> LoadedSeries {
    let [columns, rows, slices] = volume.dims();
    let (study_uid, series_uid, frame_uid) = identifiers(what, || content_hash(volume));
    let class = sop_class(&what.series.modality);
    let instance = |k: usize| Instance {
        file: format!("{:04}.dcm", k + 1).into(),
        sop_instance_uid: uid::from_content([series_uid.as_bytes(), b"slice", &(k as u64).to_le_bytes()]),
        sop_class_uid: class.into(),
        transfer_syntax: uids::EXPLICIT_VR_LITTLE_ENDIAN.into(),
        number: Some(k as i64 + 1),
        rows: rows as u32,
        columns: columns as u32,
        frames: 1,
        photometric: "MONOCHROME2".into(),
        lossy: false,
        frame_times_ms: Vec::new(),
        projection: None,
    };
    let series = Series {
        uid: series_uid.clone(),
        frame_of_reference_uid: frame_uid,
        geometry: SeriesGeometry::Volume(volume.geometry().clone()),
        instances: (0..slices).map(instance).collect(),
        description: description(what),
        ..what.series.clone()
    };
    let study = Study { uid: study_uid, series: vec![series.clone()], ..what.study.clone() };
    LoadedSeries {
        study: Arc::new(study),
        series: Arc::new(series),
        image: ImageData::Volume(volume.clone()),
        slices: (0..slices).map(|instance| SliceSource { instance, frame: 0 }).collect(),
        header_voi: what.voi,
        voi_choices: Vec::new(),
    }
}

/// Study, series and frame of reference UIDs: the given ones where they are valid, else from the content.
pub(super) fn identifiers(what: &SeriesDescription<'_>, hash: impl Fn() -> String) -> (String, String, String) {
    let own = |given: &str, kind: &str| {
        if uid::is_valid(given) { given.to_owned() } else { uid::from_content([kind.as_bytes(), hash().as_bytes()]) }
    };
    let series = own(&what.series.uid, "series");
    let frame = &what.series.frame_of_reference_uid;
    let frame = if uid::is_valid(frame) {
        frame.clone()
    } else {
        uid::from_content([b"frame of reference".as_slice(), series.as_bytes()])
    };
    (own(&what.study.uid, "study"), series, frame)
}

/// A digest of grid and values.
fn content_hash(volume: &Volume) -> String {
    let geometry = volume.geometry();
    let place = format!("{:?} {:?} {:?}", geometry.dims(), geometry.origin_lps(), geometry.lps_from_ijk().matrix3);
    let bytes: Vec<u8> = match volume.voxels() {
        Voxels::U8(v) => v.clone(),
        Voxels::I16(v) => v.iter().flat_map(|n| n.to_le_bytes()).collect(),
        Voxels::U16(v) => v.iter().flat_map(|n| n.to_le_bytes()).collect(),
        Voxels::F32(v) => v.iter().flat_map(|n| n.to_le_bytes()).collect(),
    };
    uid::from_content([place.as_bytes(), &bytes])
}

/// Series Description: says what it is, whatever the caller wrote.
pub(super) fn description(what: &SeriesDescription<'_>) -> String {
    let mark = match &what.origin {
        Origin::Phantom => "phantom, no patient".to_owned(),
        Origin::Converted(from) => format!("Converted from {from}"),
    };
    let own = &what.series.description;
    if own.contains(&mark) || own.is_empty() {
        if own.is_empty() { mark } else { own.clone() }
    } else {
        format!("{own} ({mark})")
    }
}

fn sop_class(modality: &str) -> &'static str {
    match modality {
        "CT" => uids::CT_IMAGE_STORAGE,
        "MR" => uids::MR_IMAGE_STORAGE,
        _ => uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
    }
}

/// True when a series keeps every value of a volume; real and large numbers are stored in steps.
pub fn stores_exactly(volume: &Volume) -> bool {
    encoding(volume).is_ok_and(|encoding| !encoding.quantized)
}

/// Integers of 16 bits as they are; everything else in even steps.
fn encoding(volume: &Volume) -> Result<Encoding, WriteError> {
    let [columns, rows, _] = volume.dims();
    for found in [columns as u64, rows as u64] {
        if found > 65_535 {
            return Err(WriteError::TooLarge { what: "a picture side", found, limit: 65_535 });
        }
    }
    let stored = volume.rescale();
    // DS texts may round: what is written is what is used.
    let written = |r: Rescale| Rescale { slope: through_ds(r.slope), intercept: through_ds(r.intercept) };
    Ok(match volume.voxels() {
        Voxels::U8(_) | Voxels::U16(_) => Encoding { signed: false, rescale: written(stored), quantized: false },
        Voxels::I16(_) => Encoding { signed: true, rescale: written(stored), quantized: false },
        Voxels::F32(values) => {
            let whole = |least: f32, most: f32| values.iter().all(|v| v.fract() == 0.0 && (least..=most).contains(v));
            let signed = whole(-32_768.0, 32_767.0);
            if signed || whole(0.0, 65_535.0) {
                return Ok(Encoding { signed, rescale: written(stored), quantized: false });
            }
            let (low, high) = volume.range();
            let slope = (f64::from(high) - f64::from(low)) / 65_535.0;
            let slope = if slope.is_finite() && slope > 0.0 { slope } else { 1.0 };
            let rescale = written(Rescale { slope, intercept: f64::from(low) });
            Encoding { signed: false, rescale, quantized: true }
        }
    })
}

pub(super) fn through_ds(value: f64) -> f64 {
    decimal_string(value).parse().unwrap_or(value)
}

/// Stored bytes of slice `k`, little endian.
fn stored_bytes(volume: &Volume, encoding: &Encoding, k: usize) -> Vec<u8> {
    let per_slice = volume.dims()[0] * volume.dims()[1];
    let range = k * per_slice..(k + 1) * per_slice;
    match volume.voxels() {
        Voxels::U8(v) => v[range].iter().flat_map(|&n| u16::from(n).to_le_bytes()).collect(),
        Voxels::U16(v) => v[range].iter().flat_map(|n| n.to_le_bytes()).collect(),
        Voxels::I16(v) => v[range].iter().flat_map(|n| n.to_le_bytes()).collect(),
        Voxels::F32(v) if encoding.quantized => {
            let Rescale { slope, intercept } = encoding.rescale;
            // `as` saturates; NaN becomes 0, the smallest value.
            let store = |value: f32| ((f64::from(value) - intercept) / slope).round() as u16;
            volume.values(range).into_iter().flat_map(|v| store(v).to_le_bytes()).collect()
        }
        Voxels::F32(v) if encoding.signed => v[range].iter().flat_map(|&n| (n as i16).to_le_bytes()).collect(),
        Voxels::F32(v) => v[range].iter().flat_map(|&n| (n as u16).to_le_bytes()).collect(),
    }
}

/// Writes, reads back and names one slice.
fn slice(
    folder: &Path,
    what: &SeriesDescription<'_>,
    new: &LoadedSeries,
    volume: &Volume,
    encoding: &Encoding,
    k: usize,
    context: &WriteContext<'_>,
) -> Result<(), WriteError> {
    let instance = &new.series.instances[k];
    let place = folder.join(&instance.file);
    let mut dataset = Dataset::new();
    let to = &mut dataset;
    modules::sop_common(to, &instance.sop_class_uid, &instance.sop_instance_uid, &context.time);
    modules::patient_and_study(to, new, None);
    modules::equipment(to);
    image_series(to, what, new, k);
    to.uid(tags::FRAME_OF_REFERENCE_UID, &new.series.frame_of_reference_uid);
    plane(to, volume.geometry(), k);
    pixel_header(to, instance, encoding.signed);
    rescale_and_window(to, what, volume.unit(), encoding);
    by_class(to, &instance.sop_class_uid, what, encoding);
    let bytes = stored_bytes(volume, encoding, k);
    to.put(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U8(bytes.clone().into()));
    let pending = encode(&place, dataset)?;
    let at = volume.geometry().point_lps(DVec3::new(0.0, 0.0, k as f64));
    compare(pending.path(), &bytes, at).map_err(|difference| differs(&place, difference))?;
    commit(&place, pending)
}

/// Series, frame of reference and general image modules.
pub(super) fn image_series(to: &mut Dataset, what: &SeriesDescription<'_>, new: &LoadedSeries, k: usize) {
    let series = &new.series;
    let modality = if series.modality.is_empty() { "OT" } else { &series.modality };
    to.text(tags::MODALITY, VR::CS, modality);
    to.uid(tags::SERIES_INSTANCE_UID, &series.uid);
    to.integer(tags::SERIES_NUMBER, series.number.unwrap_or(1));
    to.text(tags::SERIES_DESCRIPTION, VR::LO, &series.description);
    to.text_if(tags::BODY_PART_EXAMINED, VR::CS, &series.body_part);
    to.text_if(tags::PROTOCOL_NAME, VR::LO, &series.protocol);
    to.text_if(tags::CONTRAST_BOLUS_AGENT, VR::LO, &series.contrast_agent);
    to.integer(tags::INSTANCE_NUMBER, k as i64 + 1);
    to.text(tags::IMAGE_COMMENTS, VR::LT, NOT_FOR_CLINICAL_USE);
    to.text(tags::BURNED_IN_ANNOTATION, VR::CS, "NO");
    to.text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00");
    if let Origin::Converted(from) = &what.origin {
        to.text(tags::DERIVATION_DESCRIPTION, VR::ST, &format!("Converted from {from}"));
    }
}

/// Frame of reference and Image Plane modules (C.7.4.1, C.7.6.2): sheared stacks give each slice its own position.
fn plane(to: &mut Dataset, geometry: &VolumeGeometry, k: usize) {
    let (spacing, direction) = (geometry.spacing_mm(), geometry.direction());
    let (row, column) = (direction.x_axis, direction.y_axis);
    let at = geometry.point_lps(DVec3::new(0.0, 0.0, k as f64));
    to.text(tags::POSITION_REFERENCE_INDICATOR, VR::LO, "");
    to.decimals(tags::PIXEL_SPACING, &[spacing.y, spacing.x]);
    to.decimals(tags::IMAGE_ORIENTATION_PATIENT, &[row.x, row.y, row.z, column.x, column.y, column.z]);
    to.decimals(tags::IMAGE_POSITION_PATIENT, &[at.x, at.y, at.z]);
    to.decimals(tags::SLICE_THICKNESS, &[spacing.z]);
    to.decimals(tags::SPACING_BETWEEN_SLICES, &[spacing.z]);
    to.decimals(tags::SLICE_LOCATION, &[at.dot(row.cross(column))]);
}

/// Image Pixel module (C.7.6.3), gray, 16 bits.
pub(super) fn pixel_header(to: &mut Dataset, instance: &Instance, signed: bool) {
    to.shorts(tags::SAMPLES_PER_PIXEL, &[1]);
    to.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, &instance.photometric);
    // `encoding` made sure that they fit.
    to.shorts(tags::ROWS, &[instance.rows as u16]).shorts(tags::COLUMNS, &[instance.columns as u16]);
    to.shorts(tags::BITS_ALLOCATED, &[16]).shorts(tags::BITS_STORED, &[16]).shorts(tags::HIGH_BIT, &[15]);
    to.shorts(tags::PIXEL_REPRESENTATION, &[u16::from(signed)]);
}

/// Modality LUT and VOI LUT modules (C.11.1, C.11.2).
fn rescale_and_window(to: &mut Dataset, what: &SeriesDescription<'_>, unit: &ValueUnit, encoding: &Encoding) {
    let identity = encoding.rescale == Rescale::IDENTITY;
    if what.series.modality == "CT" || !identity {
        to.decimals(tags::RESCALE_INTERCEPT, &[encoding.rescale.intercept]);
        to.decimals(tags::RESCALE_SLOPE, &[encoding.rescale.slope]);
        to.text(tags::RESCALE_TYPE, VR::LO, if *unit == ValueUnit::Hu { "HU" } else { "US" });
    }
    window(to, what.voi);
}

pub(super) fn window(to: &mut Dataset, voi: Option<Voi>) {
    let Some(voi) = voi else { return };
    let function = match voi.function {
        VoiFunction::Linear => "LINEAR",
        VoiFunction::LinearExact => "LINEAR_EXACT",
        VoiFunction::Sigmoid => "SIGMOID",
        VoiFunction::Table(_) => return,
    };
    to.decimals(tags::WINDOW_CENTER, &[voi.center]).decimals(tags::WINDOW_WIDTH, &[voi.width]);
    to.text(tags::VOILUT_FUNCTION, VR::CS, function);
}

/// What CT Image (C.8.2.1), MR Image (C.8.3.1) and Secondary Capture (C.8.6) ask for beyond that.
fn by_class(to: &mut Dataset, class: &str, what: &SeriesDescription<'_>, encoding: &Encoding) {
    let phantom = what.origin == Origin::Phantom;
    // Side of a body part that may be paired (type 2C): not known. Digital X-Ray has Image Laterality instead.
    if what.series.body_part.is_empty() {
        to.text(tags::LATERALITY, VR::CS, "");
    }
    let kind = if phantom && !encoding.quantized { ["ORIGINAL", "PRIMARY"] } else { ["DERIVED", "SECONDARY"] };
    match class {
        uids::CT_IMAGE_STORAGE => {
            to.texts(tags::IMAGE_TYPE, VR::CS, &[kind[0], kind[1], "AXIAL"]);
            to.text(tags::KVP, VR::DS, "").text(tags::ACQUISITION_NUMBER, VR::IS, "");
            to.text(tags::PATIENT_POSITION, VR::CS, "");
            to.text_if(tags::CONVOLUTION_KERNEL, VR::SH, &what.series.kernel);
        }
        uids::MR_IMAGE_STORAGE => {
            to.texts(tags::IMAGE_TYPE, VR::CS, &[kind[0], kind[1], "OTHER"]);
            to.text(tags::SCANNING_SEQUENCE, VR::CS, "RM").text(tags::SEQUENCE_VARIANT, VR::CS, "NONE");
            to.text(tags::SCAN_OPTIONS, VR::CS, "").text(tags::MR_ACQUISITION_TYPE, VR::CS, "");
            to.text(tags::REPETITION_TIME, VR::DS, "").text(tags::ECHO_TIME, VR::DS, "");
            to.text(tags::ECHO_TRAIN_LENGTH, VR::IS, "").text(tags::PATIENT_POSITION, VR::CS, "");
        }
        _ => {
            to.texts(tags::IMAGE_TYPE, VR::CS, &kind);
            to.text(tags::CONVERSION_TYPE, VR::CS, "WSD");
            to.text(tags::PATIENT_ORIENTATION, VR::CS, "");
        }
    }
}

/// Compares the stored bytes and the position of a written slice.
fn compare(path: &Path, bytes: &[u8], at_lps: DVec3) -> Result<(), String> {
    let file = DicomFile::open(path).map_err(|e| e.to_string())?;
    same_pixels(&file, bytes)?;
    let position = file.data.vector::<3>(tags::IMAGE_POSITION_PATIENT);
    let near = position.is_some_and(|p| DVec3::from_array(p).distance(at_lps) < 1e-4);
    if near { Ok(()) } else { Err("the position differs".into()) }
}

/// Compares Pixel Data, whose odd numbers of bytes are padded by one.
pub(super) fn same_pixels(file: &DicomFile, bytes: &[u8]) -> Result<(), String> {
    let padded = (bytes.len() as u64).next_multiple_of(2);
    let read = file.pixel_bytes(0, padded).map_err(|e| e.to_string())?;
    let same = file.native_length() == padded && read.get(..bytes.len()) == Some(bytes);
    if same { Ok(()) } else { Err("the pixels differ".into()) }
}
