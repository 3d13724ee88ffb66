//! The series that the benchmark reads: a thousand CT slices as a scanner writes them, and thousands of small files.
//!
//! Headers hold what headers of real CT slices hold (some hundred elements with sequences and private ones); everything in
//! them is invented. Pixels are a body with noise, 12 bits of 16 with an intercept of −1024. Explicit VR little endian.

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use rayon::prelude::*;
use std::path::Path;

/// Made-up UIDs begin with this.
const ROOT: &str = "2.25.3141592653589793238462643383279";

/// One folder of `slices` CT slices of 512 × 512 pixels.
pub fn series(folder: &Path, slices: usize) {
    let place = Place { study: 1, series: 1, columns: 512, rows: 512 };
    std::fs::create_dir_all(folder).expect("a folder for the series");
    (0..slices).into_par_iter().for_each(|k| place.write(&folder.join(format!("IM{k:05}.dcm")), k));
}

/// `files` slices of 32 × 32 pixels: series of 100 files, ten series to a study, a folder for each series.
pub fn small_files(folder: &Path, files: usize) {
    (0..files.div_ceil(100)).into_par_iter().for_each(|series| {
        let folder = folder.join(format!("study{:03}/series{series:04}", series / 10));
        std::fs::create_dir_all(&folder).expect("a folder for the files");
        let place = Place { study: 100 + series / 10, series: 1000 + series, columns: 32, rows: 32 };
        (0..100.min(files - series * 100)).for_each(|k| place.write(&folder.join(format!("IM{k:05}.dcm")), k));
    });
}

/// Which series a slice belongs to, and its size.
struct Place {
    study: usize,
    series: usize,
    columns: u16,
    rows: u16,
}

impl Place {
    fn write(&self, path: &Path, k: usize) {
        let mut data = InMemDicomObject::new_empty();
        self.identity(&mut data, k);
        acquisition(&mut data, k);
        self.image(&mut data, k);
        references(&mut data);
        private(&mut data, k);
        let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
        let object = data.with_meta(meta).expect("a valid data set");
        object.write_to_file(path).expect("room for the generated files");
    }

    fn identity(&self, data: &mut InMemDicomObject, k: usize) {
        let (study, series) = (format!("{ROOT}.{}", self.study), format!("{ROOT}.{}.{}", self.study, self.series));
        text(data, tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 100");
        text(data, tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL\\HELIX");
        text(data, tags::SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE);
        text(data, tags::SOP_INSTANCE_UID, VR::UI, &format!("{series}.{}", k + 1));
        text(data, tags::STUDY_INSTANCE_UID, VR::UI, &study);
        text(data, tags::SERIES_INSTANCE_UID, VR::UI, &series);
        text(data, tags::FRAME_OF_REFERENCE_UID, VR::UI, &format!("{series}.0"));
        for tag in [tags::INSTANCE_CREATION_DATE, tags::STUDY_DATE, tags::SERIES_DATE, tags::ACQUISITION_DATE] {
            text(data, tag, VR::DA, "20260102");
        }
        for tag in [tags::INSTANCE_CREATION_TIME, tags::STUDY_TIME, tags::SERIES_TIME, tags::ACQUISITION_TIME] {
            text(data, tag, VR::TM, "101530.250000");
        }
        text(data, tags::ACCESSION_NUMBER, VR::SH, "BENCH0001");
        text(data, tags::MODALITY, VR::CS, "CT");
        text(data, tags::MANUFACTURER, VR::LO, "Invented Scanners");
        text(data, tags::INSTITUTION_NAME, VR::LO, "Nowhere General");
        text(data, tags::STATION_NAME, VR::SH, "CT01");
        text(data, tags::REFERRING_PHYSICIAN_NAME, VR::PN, "Nobody^N");
        text(data, tags::STUDY_DESCRIPTION, VR::LO, "Chest and abdomen");
        text(data, tags::SERIES_DESCRIPTION, VR::LO, "Axial 0.6 mm soft tissue");
        text(data, tags::MANUFACTURER_MODEL_NAME, VR::LO, "Model One");
        text(data, tags::PATIENT_NAME, VR::PN, "Benchmark^Generated");
        text(data, tags::PATIENT_ID, VR::LO, "BENCH");
        text(data, tags::PATIENT_BIRTH_DATE, VR::DA, "19700101");
        text(data, tags::PATIENT_SEX, VR::CS, "O");
        text(data, tags::PATIENT_AGE, VR::AS, "056Y");
        text(data, tags::PATIENT_WEIGHT, VR::DS, "70");
        text(data, tags::STUDY_ID, VR::SH, "1");
        text(data, tags::SERIES_NUMBER, VR::IS, &self.series.to_string());
        text(data, tags::ACQUISITION_NUMBER, VR::IS, "1");
        text(data, tags::INSTANCE_NUMBER, VR::IS, &(k + 1).to_string());
    }

    fn image(&self, data: &mut InMemDicomObject, k: usize) {
        let z_mm = -400.0 + 0.6 * k as f64;
        text(data, tags::IMAGE_POSITION_PATIENT, VR::DS, &format!("-180\\-180\\{z_mm:.1}"));
        text(data, tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\0\\1\\0");
        text(data, tags::SLICE_LOCATION, VR::DS, &format!("{z_mm:.1}"));
        text(data, tags::PIXEL_SPACING, VR::DS, "0.703125\\0.703125");
        text(data, tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2");
        for (tag, value) in [
            (tags::SAMPLES_PER_PIXEL, 1),
            (tags::ROWS, self.rows),
            (tags::COLUMNS, self.columns),
            (tags::BITS_ALLOCATED, 16),
            (tags::BITS_STORED, 12),
            (tags::HIGH_BIT, 11),
            (tags::PIXEL_REPRESENTATION, 0),
        ] {
            data.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
        }
        text(data, tags::WINDOW_CENTER, VR::DS, "40\\50");
        text(data, tags::WINDOW_WIDTH, VR::DS, "400\\350");
        text(data, tags::RESCALE_INTERCEPT, VR::DS, "-1024");
        text(data, tags::RESCALE_SLOPE, VR::DS, "1");
        text(data, tags::RESCALE_TYPE, VR::LO, "HU");
        let pixels = PrimitiveValue::U16(self.pixels(k).into());
        data.put(DataElement::new(tags::PIXEL_DATA, VR::OW, pixels));
    }

    /// An ellipse of soft tissue with two lungs in air, and noise.
    fn pixels(&self, k: usize) -> Vec<u16> {
        let (wide, high) = (f64::from(self.columns), f64::from(self.rows));
        let mut random = 0x9E37_79B9_7F4A_7C15_u64 ^ (k as u64 + 1).wrapping_mul(0xD134_2543_DE82_EF95);
        let inside =
            |x: f64, y: f64, [cx, cy, rx, ry]: [f64; 4]| ((x - cx) / rx).powi(2) + ((y - cy) / ry).powi(2) < 1.0;
        let mut pixels = Vec::with_capacity(usize::from(self.columns) * usize::from(self.rows));
        for row in 0..self.rows {
            for column in 0..self.columns {
                let (x, y) = (f64::from(column) / wide, f64::from(row) / high);
                let lung = inside(x, y, [0.32, 0.48, 0.13, 0.2]) || inside(x, y, [0.68, 0.48, 0.13, 0.2]);
                let stored = match (inside(x, y, [0.5, 0.5, 0.42, 0.32]), lung) {
                    (false, _) => 24,
                    (true, true) => 180,
                    (true, false) => 1070,
                };
                random = random.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
                pixels.push(stored + (random >> 59) as u16);
            }
        }
        pixels
    }
}

fn text(data: &mut InMemDicomObject, tag: Tag, vr: VR, value: &str) {
    data.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
}

fn sequence(data: &mut InMemDicomObject, tag: Tag, item: InMemDicomObject) {
    data.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(vec![item])));
}

/// How the slice was made.
fn acquisition(data: &mut InMemDicomObject, k: usize) {
    for (tag, vr, value) in [
        (tags::BODY_PART_EXAMINED, VR::CS, "CHEST"),
        (tags::SCAN_OPTIONS, VR::CS, "HELICAL MODE"),
        (tags::SLICE_THICKNESS, VR::DS, "0.6"),
        (tags::KVP, VR::DS, "120"),
        (tags::SPACING_BETWEEN_SLICES, VR::DS, "0.6"),
        (tags::DATA_COLLECTION_DIAMETER, VR::DS, "500"),
        (tags::DEVICE_SERIAL_NUMBER, VR::LO, "000001"),
        (tags::SOFTWARE_VERSIONS, VR::LO, "1.0.0"),
        (tags::PROTOCOL_NAME, VR::LO, "Chest routine"),
        (tags::RECONSTRUCTION_DIAMETER, VR::DS, "360"),
        (tags::DISTANCE_SOURCE_TO_DETECTOR, VR::DS, "1085.6"),
        (tags::DISTANCE_SOURCE_TO_PATIENT, VR::DS, "595"),
        (tags::GANTRY_DETECTOR_TILT, VR::DS, "0"),
        (tags::TABLE_HEIGHT, VR::DS, "158"),
        (tags::ROTATION_DIRECTION, VR::CS, "CW"),
        (tags::EXPOSURE_TIME, VR::IS, "500"),
        (tags::X_RAY_TUBE_CURRENT, VR::IS, "310"),
        (tags::EXPOSURE, VR::IS, "155"),
        (tags::FILTER_TYPE, VR::SH, "0"),
        (tags::GENERATOR_POWER, VR::IS, "37"),
        (tags::FOCAL_SPOTS, VR::DS, "1.2"),
        (tags::CONVOLUTION_KERNEL, VR::SH, "Br40"),
        (tags::PATIENT_POSITION, VR::CS, "HFS"),
        (tags::POSITION_REFERENCE_INDICATOR, VR::LO, "SN"),
        (tags::CONTRAST_BOLUS_AGENT, VR::LO, "APPLIED"),
        (tags::PERFORMED_PROCEDURE_STEP_START_DATE, VR::DA, "20260102"),
        (tags::PERFORMED_PROCEDURE_STEP_START_TIME, VR::TM, "101400"),
        (tags::PERFORMED_PROCEDURE_STEP_DESCRIPTION, VR::LO, "Chest and abdomen"),
    ] {
        text(data, tag, vr, value);
    }
    text(data, tags::CONTENT_DATE, VR::DA, "20260102");
    text(data, tags::CONTENT_TIME, VR::TM, &format!("1015{:02}.{:06}", 30 + k % 30, k));
    for tag in [tags::SINGLE_COLLIMATION_WIDTH, tags::TOTAL_COLLIMATION_WIDTH, tags::TABLE_SPEED, tags::CTD_IVOL] {
        data.put(DataElement::new(tag, VR::FD, PrimitiveValue::from(38.4_f64)));
    }
}

/// Other objects and codes.
fn references(data: &mut InMemDicomObject) {
    for tag in [tags::REFERENCED_STUDY_SEQUENCE, tags::REFERENCED_IMAGE_SEQUENCE, tags::SOURCE_IMAGE_SEQUENCE] {
        let mut item = InMemDicomObject::new_empty();
        text(&mut item, tags::REFERENCED_SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE);
        text(&mut item, tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &format!("{ROOT}.9.9"));
        sequence(data, tag, item);
    }
    for tag in [tags::PROCEDURE_CODE_SEQUENCE, tags::ANATOMIC_REGION_SEQUENCE] {
        let mut item = InMemDicomObject::new_empty();
        text(&mut item, tags::CODE_VALUE, VR::SH, "51185008");
        text(&mut item, tags::CODING_SCHEME_DESIGNATOR, VR::SH, "SCT");
        text(&mut item, tags::CODE_MEANING, VR::LO, "Chest");
        sequence(data, tag, item);
    }
}

/// Three private blocks, one with a binary value of 2 KiB, as scanners leave them.
fn private(data: &mut InMemDicomObject, k: usize) {
    for group in [0x0019, 0x0021, 0x0029] {
        text(data, Tag(group, 0x0010), VR::LO, "INVENTED HEADER");
        for element in 0x1002..0x100C {
            text(data, Tag(group, element), VR::LO, &format!("value {element} of slice {k}"));
        }
    }
    data.put(DataElement::new(Tag(0x0029, 0x1010), VR::OB, PrimitiveValue::U8(vec![7_u8; 2048].into())));
}
