//! Measurements, key images and calibrations as the journal holds them. Numbers are texts, so that they come back to the last
//! bit and may be infinite.

use crate::case::{MeasureEdit, NewMeasurement};
use crate::findings::measurement::{
    Basis, ImageRef, KnownLength, Measured, Measurement, OnImage, PatientPlane, PicturePlace, Place, Results,
    SeriesRef, Shape, Unit,
};
use crate::findings::{FindingId, KeyImageMark, Quantity};
use crate::geometry::{DAffine2, DVec2, DVec3};
use crate::volume::Calibration;
use serde::{Deserialize, Serialize};

/// A number that comes back to the last bit.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
struct Exact(f64);

impl From<Exact> for String {
    fn from(number: Exact) -> Self {
        format!("{:?}", number.0)
    }
}

impl TryFrom<String> for Exact {
    type Error = std::num::ParseFloatError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MeasureRecord {
    Add { measurement: MeasurementRecord, label: String, by: String, tracking_uid: String },
    Change { finding: String, measurement: MeasurementRecord, by: String },
    Remove { finding: String },
    Report { finding: String },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MeasurementRecord {
    shape: String,
    points: Vec<[Exact; 2]>,
    extents_mm: Vec<Exact>,
    place: PlaceRecord,
    values: Vec<(String, Exact, String)>,
    basis: String,
    step_mm: Exact,
    cut_off: bool,
    peak_lps: Option<[Exact; 3]>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PlaceRecord {
    Patient {
        series: SeriesRecord,
        frame_of_reference_uid: String,
        origin_lps: [Exact; 3],
        u_lps: [Exact; 3],
        v_lps: [Exact; 3],
        slice: Option<(ImageRecord, [Exact; 6])>,
        cited: String,
    },
    Picture {
        series: SeriesRecord,
        image: ImageRecord,
        calibration: (String, [Exact; 3]),
        known_length: Option<KnownLengthRecord>,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SeriesRecord {
    study_uid: String,
    uid: String,
    key: String,
    modality: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ImageRecord {
    sop_class_uid: String,
    sop_instance_uid: String,
    frame: Option<u32>,
    size_px: [u32; 2],
    cited: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KnownLengthRecord {
    mm: [Exact; 2],
    known_mm: Exact,
    by: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeyImageRecord {
    series: SeriesRecord,
    image: ImageRecord,
    note: String,
    by: String,
}

impl MeasureRecord {
    pub(super) fn from_edit(edit: &MeasureEdit) -> Self {
        match edit {
            MeasureEdit::Add(new) => Self::Add {
                measurement: MeasurementRecord::of(&new.measurement),
                label: new.label.clone(),
                by: new.by.clone(),
                tracking_uid: new.tracking_uid.clone(),
            },
            MeasureEdit::Change { finding, measurement, by } => Self::Change {
                finding: finding.0.clone(),
                measurement: MeasurementRecord::of(measurement),
                by: by.clone(),
            },
            MeasureEdit::Remove { finding } => Self::Remove { finding: finding.0.clone() },
            MeasureEdit::Report { finding } => Self::Report { finding: finding.0.clone() },
        }
    }

    pub(super) fn into_edit(self) -> Option<MeasureEdit> {
        Some(match self {
            Self::Add { measurement, label, by, tracking_uid } => {
                let measurement = measurement.into_measurement()?;
                MeasureEdit::Add(Box::new(NewMeasurement { measurement, label, by, tracking_uid }))
            }
            Self::Change { finding, measurement, by } => {
                let measurement = Box::new(measurement.into_measurement()?);
                MeasureEdit::Change { finding: FindingId(finding), measurement, by }
            }
            Self::Remove { finding } => MeasureEdit::Remove { finding: FindingId(finding) },
            Self::Report { finding } => MeasureEdit::Report { finding: FindingId(finding) },
        })
    }
}

impl MeasurementRecord {
    pub(super) fn of(m: &Measurement) -> Self {
        let step_mm = if let Basis::PlaneSamples { step_mm } = m.results.basis { step_mm } else { 0.0 };
        let value = |v: &Measured| (v.quantity.key().to_owned(), Exact(v.value), v.unit.key());
        Self {
            shape: m.shape.key().to_owned(),
            points: m.shape.points().into_iter().map(|p| p.to_array().map(Exact)).collect(),
            extents_mm: m.shape.extents_mm().into_iter().map(Exact).collect(),
            place: place_record(&m.place),
            values: m.results.values.iter().map(value).collect(),
            basis: m.results.basis.key().to_owned(),
            step_mm: Exact(step_mm),
            cut_off: m.results.cut_off,
            peak_lps: m.results.peak_lps.map(|p| p.to_array().map(Exact)),
        }
    }

    pub(super) fn into_measurement(self) -> Option<Measurement> {
        let points: Vec<DVec2> = self.points.into_iter().map(vector_2).collect();
        let extents: Vec<f64> = self.extents_mm.into_iter().map(|e| e.0).collect();
        let values = self.values.into_iter().map(|(quantity, value, unit)| {
            let (quantity, unit) = (Quantity::from_key(&quantity)?, Unit::from_key(&unit)?);
            Some(Measured { quantity, value: value.0, unit })
        });
        Some(Measurement {
            shape: Shape::from_points(&self.shape, &points, &extents)?,
            place: place(self.place)?,
            results: Results {
                values: values.collect::<Option<_>>()?,
                basis: Basis::from_key(&self.basis, self.step_mm.0)?,
                cut_off: self.cut_off,
                peak_lps: self.peak_lps.map(vector_3),
            },
        })
    }
}

fn vector_2(at: [Exact; 2]) -> DVec2 {
    DVec2::from_array(at.map(|n| n.0))
}

fn vector_3(at: [Exact; 3]) -> DVec3 {
    DVec3::from_array(at.map(|n| n.0))
}

fn place_record(place: &Place) -> PlaceRecord {
    match place {
        Place::Patient(plane) => PlaceRecord::Patient {
            series: series_record(&plane.series),
            frame_of_reference_uid: plane.frame_of_reference_uid.clone(),
            origin_lps: plane.origin_lps.to_array().map(Exact),
            u_lps: plane.u_lps.to_array().map(Exact),
            v_lps: plane.v_lps.to_array().map(Exact),
            slice: plane.slice.as_ref().map(|s| (image_record(&s.image), s.px_from_plane.to_cols_array().map(Exact))),
            cited: plane.cited.clone(),
        },
        Place::Picture(place) => PlaceRecord::Picture {
            series: series_record(&place.series),
            image: image_record(&place.image),
            calibration: calibration_record(place.calibration),
            known_length: place.known_length.as_ref().map(known_length_record),
        },
    }
}

fn place(record: PlaceRecord) -> Option<Place> {
    Some(match record {
        PlaceRecord::Patient { series, frame_of_reference_uid, origin_lps, u_lps, v_lps, slice, cited } => {
            Place::Patient(PatientPlane {
                series: series_ref(series),
                frame_of_reference_uid,
                origin_lps: vector_3(origin_lps),
                u_lps: vector_3(u_lps),
                v_lps: vector_3(v_lps),
                slice: slice.map(|(image, map)| OnImage {
                    image: image_ref(image),
                    px_from_plane: DAffine2::from_cols_array(&map.map(|n| n.0)),
                }),
                cited,
            })
        }
        PlaceRecord::Picture { series, image, calibration: record, known_length: known } => {
            Place::Picture(PicturePlace {
                series: series_ref(series),
                image: image_ref(image),
                calibration: calibration(&record)?,
                known_length: known.map(known_length),
            })
        }
    })
}

fn calibration_record(calibration: Calibration) -> (String, [Exact; 3]) {
    let (key, factor) = match calibration {
        Calibration::PixelSpacing(_) => ("pixel_spacing", 1.0),
        Calibration::ImagerPixelSpacing(_) => ("imager_pixel_spacing", 1.0),
        Calibration::Magnified { factor, .. } => ("magnified", factor),
        Calibration::UltrasoundRegion(_) => ("ultrasound_region", 1.0),
        Calibration::KnownLength(_) => ("known_length", 1.0),
        Calibration::None => ("none", 1.0),
    };
    let [rows, columns] = calibration.spacing_mm().unwrap_or([1.0; 2]);
    (key.to_owned(), [rows, columns, factor].map(Exact))
}

fn calibration((key, numbers): &(String, [Exact; 3])) -> Option<Calibration> {
    let [rows, columns, factor] = numbers.map(|n| n.0);
    let mm = [rows, columns];
    Some(match key.as_str() {
        "pixel_spacing" => Calibration::PixelSpacing(mm),
        "imager_pixel_spacing" => Calibration::ImagerPixelSpacing(mm),
        "magnified" => Calibration::Magnified { mm, factor },
        "ultrasound_region" => Calibration::UltrasoundRegion(mm),
        "known_length" => Calibration::KnownLength(mm),
        "none" => Calibration::None,
        _ => return None,
    })
}

fn series_record(s: &SeriesRef) -> SeriesRecord {
    SeriesRecord {
        study_uid: s.study_uid.clone(),
        uid: s.uid.clone(),
        key: s.key.clone(),
        modality: s.modality.clone(),
    }
}

fn series_ref(s: SeriesRecord) -> SeriesRef {
    SeriesRef { study_uid: s.study_uid, uid: s.uid, key: s.key, modality: s.modality }
}

pub(super) fn image_record(i: &ImageRef) -> ImageRecord {
    ImageRecord {
        sop_class_uid: i.sop_class_uid.clone(),
        sop_instance_uid: i.sop_instance_uid.clone(),
        frame: i.frame,
        size_px: i.size_px,
        cited: i.cited.clone(),
    }
}

pub(super) fn image_ref(i: ImageRecord) -> ImageRef {
    ImageRef {
        sop_class_uid: i.sop_class_uid,
        sop_instance_uid: i.sop_instance_uid,
        frame: i.frame,
        size_px: i.size_px,
        cited: i.cited,
    }
}

pub(super) fn known_length_record(k: &KnownLength) -> KnownLengthRecord {
    KnownLengthRecord { mm: k.mm.map(Exact), known_mm: Exact(k.known_mm), by: k.by.clone() }
}

pub(super) fn known_length(k: KnownLengthRecord) -> KnownLength {
    KnownLength { mm: k.mm.map(|n| n.0), known_mm: k.known_mm.0, by: k.by }
}

pub(super) fn key_image_record(m: &KeyImageMark) -> KeyImageRecord {
    KeyImageRecord {
        series: series_record(&m.series),
        image: image_record(&m.image),
        note: m.note.clone(),
        by: m.by.clone(),
    }
}

pub(super) fn key_image(m: KeyImageRecord) -> KeyImageMark {
    KeyImageMark { series: series_ref(m.series), image: image_ref(m.image), note: m.note, by: m.by }
}
