//! Where a measurement lies: on a plane of the patient (LPS mm), or on a picture (pixels, centers at integers).

use super::Unit;
use crate::geometry::{DAffine2, DVec2, DVec3, SlicePlane, VolumeGeometry};
use crate::volume::Calibration;

/// Greatest deviation from unit length and right angle that a plane may have.
const ORTHONORMAL_TOLERANCE: f64 = 1e-6;
/// How far from the voxel centers a plane may lie and still be one of the grid's, in voxels.
const ON_GRID: f64 = 0.01;
/// How far a plane's normal may lean against the grid's, as the sine of the angle.
const PARALLEL: f64 = 1e-5;

/// Which series was measured: the case's own, a prior, or the PET beside the CT.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeriesRef {
    /// Study Instance UID.
    pub study_uid: String,
    /// Series Instance UID.
    pub uid: String,
    /// What names the display set ([`crate::study::Series::key`]).
    pub key: String,
    /// Modality.
    pub modality: String,
}

/// Which image of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageRef {
    /// SOP Class UID; empty for pictures that are not DICOM.
    pub sop_class_uid: String,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Referenced Frame Number, from 1; `None` for an image of one frame.
    pub frame: Option<u32>,
    /// Columns and rows.
    pub size_px: [u32; 2],
    /// "series 4, image 124" (`clinical.md` rule 5).
    pub cited: String,
}

/// An image that a plane coincides with.
#[derive(Debug, Clone, PartialEq)]
pub struct OnImage {
    /// Which.
    pub image: ImageRef,
    /// Pixels (centers at integers) from plane coordinates.
    pub px_from_plane: DAffine2,
}

/// A plane in the patient. Plane coordinates are mm along `u_lps` and `v_lps` from `origin_lps`.
#[derive(Debug, Clone, PartialEq)]
pub struct PatientPlane {
    /// The series that was measured.
    pub series: SeriesRef,
    /// Its Frame of Reference UID; may be empty.
    pub frame_of_reference_uid: String,
    /// A point of the plane.
    pub origin_lps: DVec3,
    /// Unit vector.
    pub u_lps: DVec3,
    /// Unit vector at right angles to it.
    pub v_lps: DVec3,
    /// The acquired slice, where the plane is one.
    pub slice: Option<OnImage>,
    /// What the plane is called where it is no image: "series 4, coronal plane".
    pub cited: String,
}

/// A picture without a place in the patient.
#[derive(Debug, Clone, PartialEq)]
pub struct PicturePlace {
    /// The series.
    pub series: SeriesRef,
    /// The picture.
    pub image: ImageRef,
    /// What the file says of millimetres.
    pub calibration: Calibration,
    /// What a person set instead.
    pub known_length: Option<KnownLength>,
}

/// A calibration by something whose length a person knows.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownLength {
    /// Millimetres between rows and between columns that follow from it.
    pub mm: [f64; 2],
    /// The length that was entered.
    pub known_mm: f64,
    /// Who entered it.
    pub by: String,
}

/// Where a measurement lies.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// On a plane in the patient.
    Patient(PatientPlane),
    /// On a picture.
    Picture(PicturePlace),
}

impl PatientPlane {
    /// Patient point of plane coordinates.
    pub fn lps(&self, at: DVec2) -> DVec3 {
        self.origin_lps + self.u_lps * at.x + self.v_lps * at.y
    }

    /// Plane coordinates of a point's projection, and its signed distance from the plane in mm.
    pub fn coordinates(&self, lps: DVec3) -> (DVec2, f64) {
        let d = lps - self.origin_lps;
        (DVec2::new(d.dot(self.u_lps), d.dot(self.v_lps)), d.dot(self.normal_lps()))
    }

    /// Unit normal: u × v.
    pub fn normal_lps(&self) -> DVec3 {
        self.u_lps.cross(self.v_lps)
    }

    /// Which axis of a grid is constant on the plane (0 columns, 1 rows, 2 slices), and at which index; `None` for planes
    /// that do not run through voxel centers.
    pub fn grid_index(&self, geometry: &VolumeGeometry) -> Option<(usize, usize)> {
        let matrix = geometry.lps_from_ijk().matrix3;
        let at = geometry.ijk_from_lps().transform_point3(self.origin_lps);
        (0..3).rev().find_map(|axis| {
            let normal = matrix.col((axis + 1) % 3).cross(matrix.col((axis + 2) % 3)).normalize();
            let index = at[axis].round();
            let on_grid = (at[axis] - index).abs() < ON_GRID && index >= 0.0 && index < geometry.dims()[axis] as f64;
            (normal.cross(self.normal_lps()).length() < PARALLEL && on_grid).then_some((axis, index as usize))
        })
    }

    /// True when a shown plane is this one, up to `within_mm` along the normal: both may be turned or mirrored.
    pub fn is_on(&self, shown: &SlicePlane, within_mm: f64) -> bool {
        let parallel = self.normal_lps().dot(shown.normal_lps()).abs() > 1.0 - 1e-6;
        parallel && (shown.center_lps - self.origin_lps).dot(self.normal_lps()).abs() <= within_mm
    }
}

impl KnownLength {
    /// From two points of a picture (pixels) that are `known_mm` apart. The shape of a pixel is that of the file's own
    /// calibration, else a square. `None` unless the points are apart and the length is a positive number.
    pub fn between(ends_px: [DVec2; 2], known_mm: f64, own: Calibration, by: &str) -> Option<Self> {
        let [rows, columns] = own.spacing_mm().unwrap_or([1.0, 1.0]);
        let length = ((ends_px[1] - ends_px[0]) * DVec2::new(columns, rows)).length();
        let factor = known_mm / length;
        let usable = known_mm > 0.0 && length > 0.0 && factor.is_finite() && factor > 0.0;
        usable.then(|| Self { mm: [rows * factor, columns * factor], known_mm, by: by.to_owned() })
    }
}

impl PicturePlace {
    /// What makes millimetres of pixels: a person's calibration before the file's.
    pub fn effective(&self) -> Calibration {
        self.known_length.as_ref().map_or(self.calibration, |known| Calibration::KnownLength(known.mm))
    }
}

impl Place {
    /// The series that was measured.
    pub fn series(&self) -> &SeriesRef {
        match self {
            Self::Patient(plane) => &plane.series,
            Self::Picture(place) => &place.series,
        }
    }

    /// The image it lies on: the picture, or the acquired slice that the plane is.
    pub fn image(&self) -> Option<&ImageRef> {
        match self {
            Self::Patient(plane) => plane.slice.as_ref().map(|slice| &slice.image),
            Self::Picture(place) => Some(&place.image),
        }
    }

    /// "series 4, image 124", or "series 4, oblique plane".
    pub fn cited(&self) -> &str {
        match self {
            Self::Patient(plane) => plane.slice.as_ref().map_or(&plane.cited, |slice| &slice.image.cited),
            Self::Picture(place) => &place.image.cited,
        }
    }

    /// Changes which series and image it names, not where it lies.
    pub fn names_mut(&mut self) -> (&mut SeriesRef, Option<&mut ImageRef>) {
        match self {
            Self::Patient(plane) => (&mut plane.series, plane.slice.as_mut().map(|slice| &mut slice.image)),
            Self::Picture(place) => (&mut place.series, Some(&mut place.image)),
        }
    }

    /// Length units (mm, or px) of one plane unit along x and y.
    pub fn scale(&self) -> DVec2 {
        match self {
            Self::Patient(_) => DVec2::ONE,
            Self::Picture(place) => {
                place.effective().spacing_mm().map_or(DVec2::ONE, |[rows, columns]| DVec2::new(columns, rows))
            }
        }
    }

    /// Millimetres, or pixels where nothing is known.
    pub fn length_unit(&self) -> Unit {
        match self {
            Self::Picture(place) if place.effective().spacing_mm().is_none() => Unit::Px,
            _ => Unit::Mm,
        }
    }

    /// Where the millimetres come from, in words.
    pub fn calibration_source(&self) -> String {
        match self {
            Self::Patient(_) => "position and spacing in the patient".into(),
            Self::Picture(place) => match &place.known_length {
                Some(known) => format!("known length of {} mm, set by {}", known.known_mm, known.by),
                None => place.calibration.source(),
            },
        }
    }

    /// What a reader of a length must know: magnified, uncalibrated, set by hand. Empty for lengths in the patient.
    pub fn length_caution(&self) -> String {
        let Self::Picture(place) = self else { return String::new() };
        match place.effective() {
            Calibration::PixelSpacing(_) => String::new(),
            Calibration::ImagerPixelSpacing(_) => "at the detector, magnified".into(),
            Calibration::Magnified { factor, .. } => format!("magnification {factor:.2} removed"),
            Calibration::UltrasoundRegion(_) => "in the ultrasound region".into(),
            Calibration::KnownLength(_) => "calibrated by a known length".into(),
            Calibration::None => "not calibrated".into(),
        }
    }

    /// Patient point of plane coordinates; `None` on a picture.
    pub fn lps_from_plane(&self, at: DVec2) -> Option<DVec3> {
        if let Self::Patient(plane) = self { Some(plane.lps(at)) } else { None }
    }

    /// Pixels (centers at integers) of the image it lies on; `None` on a plane that is no image.
    pub fn px_from_plane(&self, at: DVec2) -> Option<DVec2> {
        match self {
            Self::Patient(plane) => plane.slice.as_ref().map(|slice| slice.px_from_plane.transform_point2(at)),
            Self::Picture(_) => Some(at),
        }
    }

    /// A plane of unit vectors at right angles, or a calibration with positive spacing.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::Patient(p) => {
                let near = |value: f64, wanted: f64| (value - wanted).abs() < ORTHONORMAL_TOLERANCE;
                p.origin_lps.is_finite()
                    && near(p.u_lps.length(), 1.0)
                    && near(p.v_lps.length(), 1.0)
                    && near(p.u_lps.dot(p.v_lps), 0.0)
            }
            Self::Picture(_) => {
                let scale = self.scale();
                scale.is_finite() && scale.min_element() > 0.0
            }
        }
    }
}
