//! One picture as DICOM: the phantom's radiographs as Digital X-Ray (PS3.3 A.26), converted pictures as Secondary Capture
//! (A.8), so that reports have something to refer to.

use super::dataset::{Dataset, code_item};
use super::series::{
    Origin, SeriesDescription, description, identifiers, image_series, pixel_header, same_pixels, window,
};
use super::{WriteContext, WriteError, commit, differs, encode, modules};
use crate::codes::Code;
use crate::io::dicom::DicomFile;
use crate::io::uid;
use crate::loaded::{ImageData, LoadedSeries, SliceSource};
use crate::study::{Instance, Series, SeriesGeometry, Study};
use crate::volume::{Calibration, Picture, Rescale, Samples, Voxels};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use std::path::Path;
use std::sync::Arc;

/// Anatomic region of a radiograph whose body part says nothing more exact.
const CHEST: Code = Code::sct("51185008", "Chest");

/// Writes a picture into `folder` as `file_name`, reads it back and compares the pixels. Returns the series as it now is in
/// DICOM, with the picture in memory; paths are relative to `folder`.
///
/// Digital X-Ray for a calibrated gray picture of modality DX with values as stored; else Secondary Capture. Real numbers become 16 bits
/// between the smallest and the largest.
pub fn write_picture_dicom(
    folder: &Path,
    file_name: &str,
    what: &SeriesDescription<'_>,
    picture: &Arc<Picture>,
    context: &WriteContext<'_>,
) -> Result<LoadedSeries, WriteError> {
    for found in [picture.width as u64, picture.height as u64] {
        if found > 65_535 {
            return Err(WriteError::TooLarge { what: "a picture side", found, limit: 65_535 });
        }
    }
    let stored = Stored::of(picture);
    let new = described(file_name, what, picture, &stored);
    let instance = &new.series.instances[0];
    let mut dataset = Dataset::new();
    let to = &mut dataset;
    modules::sop_common(to, &instance.sop_class_uid, &instance.sop_instance_uid, &context.time);
    modules::patient_and_study(to, &new, None);
    modules::equipment(to);
    image_series(to, what, &new, 0);
    to.integer(tags::INSTANCE_NUMBER, instance.number.unwrap_or(1));
    place_on_patient(to, picture);
    stored.header(to, instance);
    let kind = if what.origin == Origin::Phantom { ["ORIGINAL", "PRIMARY"] } else { ["DERIVED", "SECONDARY"] };
    if instance.sop_class_uid == uids::SECONDARY_CAPTURE_IMAGE_STORAGE {
        to.texts(tags::IMAGE_TYPE, VR::CS, &kind);
        to.text(tags::CONVERSION_TYPE, VR::CS, "WSD");
        if ["L", "R"].contains(&picture.laterality.as_str()) || what.series.body_part.is_empty() {
            to.text(tags::LATERALITY, VR::CS, if picture.laterality == "B" { "" } else { &picture.laterality });
        }
        window(to, picture.voi);
    } else {
        to.texts(tags::IMAGE_TYPE, VR::CS, &[kind[0], kind[1], ""]);
        digital_x_ray(to, picture);
    }
    to.put(tags::PIXEL_DATA, stored.vr, PrimitiveValue::U8(stored.bytes.clone().into()));
    std::fs::create_dir_all(folder).map_err(|reason| WriteError::Io { file: folder.to_owned(), reason })?;
    let place = folder.join(file_name);
    let pending = encode(&place, dataset)?;
    let file = DicomFile::open(pending.path()).map_err(|e| differs(&place, e.to_string()))?;
    same_pixels(&file, &stored.bytes).map_err(|difference| differs(&place, difference))?;
    commit(&place, pending)?;
    Ok(new)
}

/// Pixels as they are written.
struct Stored {
    bytes: Vec<u8>,
    vr: VR,
    /// 1 or 3.
    samples: u16,
    bits: u16,
    signed: bool,
    rescale: Rescale,
}

impl Stored {
    fn of(picture: &Picture) -> Self {
        let Samples::Gray { stored, rescale } = &picture.samples else {
            let Samples::Rgb(bytes) = &picture.samples else { unreachable!("two kinds of samples") };
            return Self {
                bytes: even(bytes.clone()),
                vr: VR::OB,
                samples: 3,
                bits: 8,
                signed: false,
                rescale: Rescale::IDENTITY,
            };
        };
        let gray = |bytes, bits, signed, rescale| Self {
            bytes: even(bytes),
            vr: if bits == 8 { VR::OB } else { VR::OW },
            samples: 1,
            bits,
            signed,
            rescale,
        };
        match stored {
            Voxels::U8(v) => gray(v.clone(), 8, false, *rescale),
            Voxels::U16(v) => gray(v.iter().flat_map(|n| n.to_le_bytes()).collect(), 16, false, *rescale),
            Voxels::I16(v) => gray(v.iter().flat_map(|n| n.to_le_bytes()).collect(), 16, true, *rescale),
            Voxels::F32(_) => {
                let values = picture.values();
                let finite = || values.iter().copied().filter(|v| v.is_finite());
                let low = finite().reduce(f32::min).unwrap_or(0.0);
                let high = finite().reduce(f32::max).unwrap_or(0.0);
                let slope = ((f64::from(high) - f64::from(low)) / 65_535.0).max(f64::MIN_POSITIVE);
                let slope = super::series::through_ds(slope).max(1e-12);
                let intercept = super::series::through_ds(f64::from(low));
                let store = |v: &f32| (((f64::from(*v) - intercept) / slope).round() as u16).to_le_bytes();
                gray(values.iter().flat_map(store).collect(), 16, false, Rescale { slope, intercept })
            }
        }
    }

    fn header(&self, to: &mut Dataset, instance: &Instance) {
        pixel_header(to, instance, self.signed);
        to.shorts(tags::SAMPLES_PER_PIXEL, &[self.samples]);
        to.shorts(tags::BITS_ALLOCATED, &[self.bits]).shorts(tags::BITS_STORED, &[self.bits]);
        to.shorts(tags::HIGH_BIT, &[self.bits - 1]);
        if self.samples == 3 {
            to.shorts(tags::PLANAR_CONFIGURATION, &[0]);
        } else if instance.sop_class_uid != uids::SECONDARY_CAPTURE_IMAGE_STORAGE || self.rescale != Rescale::IDENTITY {
            to.decimals(tags::RESCALE_INTERCEPT, &[self.rescale.intercept]);
            to.decimals(tags::RESCALE_SLOPE, &[self.rescale.slope]);
            to.text(tags::RESCALE_TYPE, VR::LO, "US");
        }
    }
}

fn even(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

/// Study and series with all identifiers, and the one instance.
fn described(file_name: &str, what: &SeriesDescription<'_>, picture: &Arc<Picture>, stored: &Stored) -> LoadedSeries {
    let size = format!("{} × {}", picture.width, picture.height);
    let hash = || uid::from_content([size.as_bytes(), stored.bytes.as_slice()]);
    let (study_uid, series_uid, _) = identifiers(what, hash);
    // Digital X-Ray demands a detector spacing and values as stored; what has none claims none.
    let x_ray = what.series.modality == "DX"
        && stored.samples == 1
        && !stored.signed
        && stored.rescale == Rescale::IDENTITY
        && picture.calibration != Calibration::None;
    let gray = if picture.inverted { "MONOCHROME1" } else { "MONOCHROME2" };
    let instance = Instance {
        file: file_name.into(),
        sop_instance_uid: uid::from_content([series_uid.as_bytes(), b"picture", file_name.as_bytes(), &stored.bytes]),
        sop_class_uid: if x_ray {
            uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION.into()
        } else {
            uids::SECONDARY_CAPTURE_IMAGE_STORAGE.into()
        },
        transfer_syntax: uids::EXPLICIT_VR_LITTLE_ENDIAN.into(),
        number: Some(what.series.instances.first().and_then(|i| i.number).unwrap_or(1)),
        rows: picture.height as u32,
        columns: picture.width as u32,
        frames: 1,
        photometric: if stored.samples == 3 { "RGB".into() } else { gray.into() },
        lossy: false,
        frame_times_ms: Vec::new(),
        projection: None,
    };
    let series = Series {
        uid: series_uid,
        geometry: SeriesGeometry::Pictures("one picture".into()),
        description: description(what),
        instances: vec![instance],
        ..what.series.clone()
    };
    let study = Study { uid: study_uid, series: vec![series.clone()], ..what.study.clone() };
    LoadedSeries {
        study: Arc::new(study),
        series: Arc::new(series),
        image: ImageData::Pictures(vec![picture.clone()]),
        slices: Arc::new([SliceSource { instance: 0, frame: 0 }]),
        header_voi: picture.voi,
        voi_choices: Vec::new(),
    }
}

/// Sides, view and millimetres: what is not known stays empty.
fn place_on_patient(to: &mut Dataset, picture: &Picture) {
    match &picture.patient_orientation {
        Some([right, bottom]) => to.texts(tags::PATIENT_ORIENTATION, VR::CS, &[right, bottom]),
        None => to.text(tags::PATIENT_ORIENTATION, VR::CS, ""),
    };
    to.text_if(tags::VIEW_POSITION, VR::CS, &picture.view_position);
    match picture.calibration {
        Calibration::PixelSpacing(mm) => to.decimals(tags::PIXEL_SPACING, &mm),
        Calibration::ImagerPixelSpacing(mm) => to.decimals(tags::IMAGER_PIXEL_SPACING, &mm),
        Calibration::Magnified { mm, factor } => to
            .decimals(tags::IMAGER_PIXEL_SPACING, &mm.map(|at_patient| at_patient * factor))
            .decimals(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, &[factor]),
        // What is written is one plain picture; its region is not described again. What a person set is no fact of the file.
        Calibration::UltrasoundRegion(_) | Calibration::KnownLength(_) | Calibration::None => to,
    };
}

/// DX Series, DX Image, DX Detector, DX Anatomy Imaged and DX Positioning modules (C.8.11).
fn digital_x_ray(to: &mut Dataset, picture: &Picture) {
    to.put(tags::PRESENTATION_INTENT_TYPE, VR::CS, PrimitiveValue::from("FOR PRESENTATION"));
    to.text(tags::PIXEL_INTENSITY_RELATIONSHIP, VR::CS, "LOG");
    // 1: lower values, less intensity at the detector for MONOCHROME1; -1 for bones bright on MONOCHROME2.
    let sign = if picture.inverted { 1 } else { -1 };
    to.put(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, VR::SS, PrimitiveValue::from(sign as i16));
    to.text(tags::PRESENTATION_LUT_SHAPE, VR::CS, if picture.inverted { "INVERSE" } else { "IDENTITY" });
    window(to, Some(picture.first_voi()));
    to.text(tags::DETECTOR_TYPE, VR::CS, "").text(tags::POSITIONER_TYPE, VR::CS, "");
    if let Calibration::PixelSpacing(mm) = picture.calibration {
        // Required; equal to Pixel Spacing it says that no magnification was corrected.
        to.decimals(tags::IMAGER_PIXEL_SPACING, &mm);
    }
    let side = if ["L", "R", "B"].contains(&picture.laterality.as_str()) { &picture.laterality } else { "U" };
    to.text(tags::IMAGE_LATERALITY, VR::CS, side);
    to.sequence(tags::ANATOMIC_REGION_SEQUENCE, vec![code_item(&CHEST)]);
    to.sequence(tags::ACQUISITION_CONTEXT_SEQUENCE, Vec::new());
    to.sequence(tags::VIEW_CODE_SEQUENCE, view_code(&picture.view_position).iter().map(code_item).collect());
}

/// View (CID 4010).
fn view_code(position: &str) -> Option<Code> {
    Some(match position {
        "PA" => Code::sct("272479007", "postero-anterior"),
        "AP" => Code::sct("399348003", "antero-posterior"),
        "LL" => Code::sct("399173006", "left lateral"),
        "RL" => Code::sct("399198007", "right lateral"),
        _ => return None,
    })
}
