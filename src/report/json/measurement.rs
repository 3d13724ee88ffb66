//! A person's measurement in `findings.json`: shape, place and numbers, complete enough to be read back.
//!
//! `points` are plane coordinates: mm along `u_lps` and `v_lps` from `origin_lps`, or pixels (column, row; centers at integers)
//! of the picture. `points_lps` are the same points in the patient.

use super::super::marks::clean;
use super::JsonError;
use crate::findings::Quantity;
use crate::findings::measurement::{
    Basis, ImageRef, KnownLength, Measured, Measurement, OnImage, PatientPlane, PicturePlace, Place, Results,
    SeriesRef, Shape, Unit,
};
use crate::geometry::{DAffine2, DVec2, DVec3};
use crate::volume::Calibration;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct MeasurementDto {
    shape: String,
    points: Vec<[f64; 2]>,
    /// Radius or depth in mm.
    extents_mm: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    points_lps: Option<Vec<[f64; 3]>>,
    values: Vec<ValueDto>,
    /// What statistics were taken over.
    basis: String,
    #[serde(default)]
    step_mm: f64,
    definition: String,
    cut_off: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    peak_lps: Option<[f64; 3]>,
    series: SeriesDto,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image: Option<ImageDto>,
    /// "series 4, image 124".
    cited: String,
    /// Where millimetres come from.
    calibration_source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plane: Option<PlaneDto>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calibration: Option<CalibrationDto>,
}

#[derive(Serialize, Deserialize)]
struct ValueDto {
    quantity: String,
    value: f64,
    unit: String,
}

#[derive(Serialize, Deserialize)]
struct SeriesDto {
    study_uid: String,
    series_uid: String,
    key: String,
    modality: String,
}

#[derive(Serialize, Deserialize)]
struct ImageDto {
    sop_class_uid: String,
    sop_instance_uid: String,
    /// From 1; absent for images of one frame.
    frame: Option<u32>,
    columns_rows: [u32; 2],
}

#[derive(Serialize, Deserialize)]
struct PlaneDto {
    frame_of_reference_uid: String,
    origin_lps: [f64; 3],
    u_lps: [f64; 3],
    v_lps: [f64; 3],
    /// Columns of the map to pixels of the image, then its offset.
    px_from_plane: Option<[f64; 6]>,
}

#[derive(Serialize, Deserialize)]
struct CalibrationDto {
    kind: String,
    /// Between rows, between columns.
    mm: Option<[f64; 2]>,
    magnification: Option<f64>,
    known_length: Option<KnownLengthDto>,
}

#[derive(Serialize, Deserialize)]
struct KnownLengthDto {
    mm: [f64; 2],
    known_mm: f64,
    by: String,
}

impl MeasurementDto {
    pub(super) fn of(m: &Measurement) -> Self {
        let value =
            |v: &Measured| ValueDto { quantity: v.quantity.key().to_owned(), value: v.value, unit: v.unit.key() };
        let (plane, calibration) = match &m.place {
            Place::Patient(plane) => (Some(plane_dto(plane)), None),
            Place::Picture(place) => (None, Some(calibration_dto(place))),
        };
        let step_mm = if let Basis::PlaneSamples { step_mm } = m.results.basis { step_mm } else { 0.0 };
        let series = m.place.series();
        Self {
            shape: m.shape.key().to_owned(),
            points: m.shape.points().into_iter().map(|p| p.to_array()).collect(),
            extents_mm: m.shape.extents_mm(),
            points_lps: m.points_lps().map(|points| points.into_iter().map(|p| p.to_array()).collect()),
            values: m.results.values.iter().map(value).collect(),
            basis: m.results.basis.key().to_owned(),
            step_mm,
            definition: m.results.basis.sentence(),
            cut_off: m.results.cut_off,
            peak_lps: m.results.peak_lps.map(|p| p.to_array()),
            series: SeriesDto {
                study_uid: series.study_uid.clone(),
                series_uid: series.uid.clone(),
                key: series.key.clone(),
                modality: series.modality.clone(),
            },
            image: m.place.image().map(image_dto),
            cited: m.place.cited().to_owned(),
            calibration_source: m.place.calibration_source(),
            plane,
            calibration,
        }
    }

    pub(super) fn into_measurement(self) -> Result<Measurement, JsonError> {
        let unknown = |what, found: &str| JsonError::Unknown { what, found: clean(found) };
        let points: Vec<DVec2> = self.points.iter().copied().map(DVec2::from_array).collect();
        let shape = Shape::from_points(&self.shape, &points, &self.extents_mm);
        let shape = shape.ok_or_else(|| unknown("shape", &self.shape))?;
        let values = self.values.iter().map(|v| {
            let quantity = Quantity::from_key(&v.quantity).ok_or_else(|| unknown("quantity", &v.quantity))?;
            let unit = Unit::from_key(&v.unit).ok_or_else(|| unknown("unit", &v.unit))?;
            Ok(Measured { quantity, value: v.value, unit })
        });
        let results = Results {
            values: values.collect::<Result<_, JsonError>>()?,
            basis: Basis::from_key(&self.basis, self.step_mm).ok_or_else(|| unknown("basis", &self.basis))?,
            cut_off: self.cut_off,
            peak_lps: self.peak_lps.map(DVec3::from_array),
        };
        let place = self.place().ok_or_else(|| unknown("place", &self.cited))?;
        Ok(Measurement { shape, place, results })
    }

    fn place(&self) -> Option<Place> {
        let s = &self.series;
        let series = SeriesRef {
            study_uid: s.study_uid.clone(),
            uid: s.series_uid.clone(),
            key: s.key.clone(),
            modality: s.modality.clone(),
        };
        let image = self.image.as_ref().map(|i| ImageRef {
            sop_class_uid: i.sop_class_uid.clone(),
            sop_instance_uid: i.sop_instance_uid.clone(),
            frame: i.frame,
            size_px: i.columns_rows,
            cited: self.cited.clone(),
        });
        match (&self.plane, &self.calibration) {
            (Some(plane), _) => Some(Place::Patient(PatientPlane {
                series,
                frame_of_reference_uid: plane.frame_of_reference_uid.clone(),
                origin_lps: DVec3::from_array(plane.origin_lps),
                u_lps: DVec3::from_array(plane.u_lps),
                v_lps: DVec3::from_array(plane.v_lps),
                slice: image
                    .zip(plane.px_from_plane)
                    .map(|(image, map)| OnImage { image, px_from_plane: DAffine2::from_cols_array(&map) }),
                cited: self.cited.clone(),
            })),
            (None, Some(dto)) => Some(Place::Picture(PicturePlace {
                series,
                image: image?,
                calibration: calibration(dto)?,
                known_length: dto.known_length.as_ref().map(|k| KnownLength {
                    mm: k.mm,
                    known_mm: k.known_mm,
                    by: k.by.clone(),
                }),
            })),
            (None, None) => None,
        }
    }
}

fn image_dto(image: &ImageRef) -> ImageDto {
    ImageDto {
        sop_class_uid: image.sop_class_uid.clone(),
        sop_instance_uid: image.sop_instance_uid.clone(),
        frame: image.frame,
        columns_rows: image.size_px,
    }
}

fn plane_dto(plane: &PatientPlane) -> PlaneDto {
    PlaneDto {
        frame_of_reference_uid: plane.frame_of_reference_uid.clone(),
        origin_lps: plane.origin_lps.to_array(),
        u_lps: plane.u_lps.to_array(),
        v_lps: plane.v_lps.to_array(),
        px_from_plane: plane.slice.as_ref().map(|slice| slice.px_from_plane.to_cols_array()),
    }
}

fn calibration_dto(place: &PicturePlace) -> CalibrationDto {
    let (kind, magnification) = match place.calibration {
        Calibration::PixelSpacing(_) => ("pixel_spacing", None),
        Calibration::ImagerPixelSpacing(_) => ("imager_pixel_spacing", None),
        Calibration::Magnified { factor, .. } => ("magnified", Some(factor)),
        Calibration::UltrasoundRegion(_) => ("ultrasound_region", None),
        Calibration::KnownLength(_) => ("known_length", None),
        Calibration::None => ("none", None),
    };
    let known = place.known_length.as_ref();
    CalibrationDto {
        kind: kind.to_owned(),
        mm: place.calibration.spacing_mm(),
        magnification,
        known_length: known.map(|k| KnownLengthDto { mm: k.mm, known_mm: k.known_mm, by: k.by.clone() }),
    }
}

fn calibration(dto: &CalibrationDto) -> Option<Calibration> {
    Some(match (dto.kind.as_str(), dto.mm) {
        ("pixel_spacing", Some(mm)) => Calibration::PixelSpacing(mm),
        ("imager_pixel_spacing", Some(mm)) => Calibration::ImagerPixelSpacing(mm),
        ("magnified", Some(mm)) => Calibration::Magnified { mm, factor: dto.magnification? },
        ("ultrasound_region", Some(mm)) => Calibration::UltrasoundRegion(mm),
        ("known_length", Some(mm)) => Calibration::KnownLength(mm),
        ("none", None) => Calibration::None,
        _ => return None,
    })
}
