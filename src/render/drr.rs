//! Digitally reconstructed radiographs: what an X-ray source and a detector would see of a CT.
//!
//! Each pixel is the line integral ∫ µ dx of the linear attenuation coefficient along the ray from the source to the pixel,
//! a number without unit: the negative logarithm of the part of the photons that arrive. µ = µ(water) · (1 + HU / 1000),
//! never below 0, for photons of one energy. What a CT measured at its own tube voltage is taken as if it were water at
//! that energy, so bone comes out somewhat too dark at low energies; there is no scatter and no beam hardening.
//!
//! Space: LPS mm. Detector pixels have their centers at integers, (0, 0) is the left upper one. Angles are those of PS3.3
//! C.8.7.5 (XA Positioner): where the *detector* stands about the patient. The detector is at right angles to the central
//! ray, which passes through the isocenter and hits the detector's middle.
//!
//! Only CT in Hounsfield units makes a radiograph (`clinical.md` rule 7): a [`DrrDraw`] cannot be made for anything else.

mod attenuation;
mod crossing;
mod shadow;
mod traversal;

pub use attenuation::{ENERGIES_KEV, water_attenuation_per_mm};
pub use crossing::{BONE_HU, Crossed, Crossing, SOFT_HU, crossed};
pub use shadow::{Shadow, shadows};

use crate::geometry::{BoxLps, DVec2, DVec3, SlicePlane, VolumeGeometry, letters};
use crate::volume::{Calibration, Picture, Presentation, Rescale, Samples, ValueUnit, Voi, Volume, Voxels};

/// What a chest radiograph is taken with: distance of the focus to the detector, of the focus to the isocenter (mm), and the
/// mean energy of a 120 kV beam behind its filter (keV). Ours; change them freely.
pub const CHEST: (f64, f64, f64) = (1800.0, 1500.0, 60.0);

/// Why there is no radiograph.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DrrError {
    /// Values that are no Hounsfield units.
    #[error(
        "a radiograph is computed from Hounsfield units, and these values are \"{0}\"; choose a CT with calibrated values"
    )]
    NotHounsfield(String),
    /// No attenuation is known for that energy.
    #[error("the energy is {0} keV; choose one from {first} to {last} keV", first = ENERGIES_KEV[0], last = ENERGIES_KEV[1])]
    Energy(f64),
    /// A detector that is not beyond the isocenter, or distances that are none.
    #[error(
        "the source lies {source_isocenter_mm} mm before the isocenter and {source_detector_mm} mm before the detector; the \
         isocenter must lie between both"
    )]
    Distances {
        /// Distance Source to Detector.
        source_detector_mm: f64,
        /// Distance Source to Isocenter.
        source_isocenter_mm: f64,
    },
    /// A source or a detector inside the patient: part of the patient would be missing.
    #[error("{0} lies inside the volume, and what is behind it would be missing; move it further away")]
    Inside(&'static str),
    /// Pixels without size, or angles that are none.
    #[error("the detector needs finite angles and pixels of a size above 0")]
    Detector,
}

/// Where the rays come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Beam {
    /// From a point: what is nearer to it is magnified more.
    Point {
        /// The focal spot.
        source_lps: DVec3,
    },
    /// All along one unit vector, from infinitely far away: no magnification.
    Parallel {
        /// Unit vector of flight.
        direction_lps: DVec3,
    },
}

/// How source and detector stand about the patient, in the words of PS3.3 C.8.7.5 and C.8.7.3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Positioner {
    /// Positioner Primary Angle (0018,1510) in degrees: 0 = detector before the chest (PA), 90 = at the patient's left (left
    /// lateral), ±180 = behind the back (AP), −90 = at the right.
    pub primary_deg: f64,
    /// Positioner Secondary Angle (0018,1511) in degrees: toward the head is positive.
    pub secondary_deg: f64,
    /// The point that the central ray passes through, and where lengths on the picture are true.
    pub isocenter_lps: DVec3,
    /// Distance Source to Detector (0018,1110).
    pub source_detector_mm: f64,
    /// Distance Source to Isocenter (0018,9402).
    pub source_isocenter_mm: f64,
    /// Rays side by side instead of from a point; the distances then say where the detector stands.
    pub parallel: bool,
}

/// Source and detector in the patient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrrGeometry {
    /// The detector's pixels, at the detector.
    pub detector: SlicePlane,
    /// Where the rays come from.
    pub beam: Beam,
    /// Where lengths on the picture are true.
    pub isocenter_lps: DVec3,
    /// Magnification at the isocenter; 1 for parallel rays.
    pub magnification: f64,
}

/// A stretch of a ray, from where it starts to where it ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ray {
    /// Nearer to the source.
    pub start_lps: DVec3,
    /// Nearer to the detector.
    pub end_lps: DVec3,
}

/// The rays of all pixels of a detector: their starts lie in one plane and their ends in another, a fixed step apart from pixel
/// to pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fan {
    /// Pixel (0, 0).
    pub origin: Ray,
    /// How start and end move from one pixel to the next on the right.
    pub u: Ray,
    /// The same, to the next below.
    pub v: Ray,
}

impl Fan {
    /// The ray of a (fractional) pixel position.
    #[inline]
    pub fn ray(&self, px: DVec2) -> Ray {
        Ray {
            start_lps: self.origin.start_lps + self.u.start_lps * px.x + self.v.start_lps * px.y,
            end_lps: self.origin.end_lps + self.u.end_lps * px.x + self.v.end_lps * px.y,
        }
    }
}

impl Positioner {
    /// A chest radiograph of a volume from an angle, about the volume's middle. The detector stands at the usual distance, or
    /// further away where the volume could touch it at some angle.
    pub fn chest(geometry: &VolumeGeometry, [primary_deg, secondary_deg]: [f64; 2]) -> Self {
        let (usual_mm, source_isocenter_mm, _) = CHEST;
        let middle = geometry.center_lps();
        let radius_mm = geometry.corners_lps().iter().map(|corner| corner.distance(middle)).fold(0.0, f64::max);
        let source_detector_mm = usual_mm.max(source_isocenter_mm + (radius_mm / 10.0).floor() * 10.0 + 10.0);
        Self {
            primary_deg,
            secondary_deg,
            isocenter_lps: geometry.center_lps(),
            source_detector_mm,
            source_isocenter_mm,
            parallel: false,
        }
    }

    /// Unit vector of the central ray, from the isocenter to the detector.
    pub fn toward_detector_lps(&self) -> DVec3 {
        let (sin_p, cos_p) = self.primary_deg.to_radians().sin_cos();
        let (sin_s, cos_s) = self.secondary_deg.to_radians().sin_cos();
        DVec3::new(sin_p * cos_s, -cos_p * cos_s, sin_s)
    }

    /// Unit vectors toward screen-right and screen-down. The picture is seen from the detector, as an angiogram is; where the
    /// detector stands behind the patient it is seen from the source, so that the patient's right is on screen-left in
    /// frontal radiographs of both kinds.
    pub fn axes_lps(&self) -> (DVec3, DVec3) {
        let (sin_p, cos_p) = self.primary_deg.to_radians().sin_cos();
        let (sin_s, cos_s) = self.secondary_deg.to_radians().sin_cos();
        let down = DVec3::new(sin_p * sin_s, -cos_p * sin_s, -cos_s);
        let right = self.toward_detector_lps().cross(down);
        // A hair beyond 90°, so that rounding does not turn a lateral picture over.
        if cos_p < -1e-9 { (-right, down) } else { (right, down) }
    }

    /// Source and detector, with detector pixels of `pixel_mm`.
    pub fn geometry(&self, pixel_mm: f64, size_px: [u32; 2]) -> Result<DrrGeometry, DrrError> {
        let (sdd, sod) = (self.source_detector_mm, self.source_isocenter_mm);
        if !(sod > 0.0 && sdd > sod && sdd.is_finite()) {
            return Err(DrrError::Distances { source_detector_mm: sdd, source_isocenter_mm: sod });
        }
        let forward = self.toward_detector_lps();
        if !(forward.is_finite() && self.isocenter_lps.is_finite() && pixel_mm > 0.0 && pixel_mm.is_finite()) {
            return Err(DrrError::Detector);
        }
        let (u_lps, v_lps) = self.axes_lps();
        let center_lps = self.isocenter_lps + forward * (sdd - sod);
        let (beam, magnification) = if self.parallel {
            (Beam::Parallel { direction_lps: forward }, 1.0)
        } else {
            (Beam::Point { source_lps: self.isocenter_lps - forward * sod }, sdd / sod)
        };
        Ok(DrrGeometry {
            detector: SlicePlane { center_lps, u_lps, v_lps, pixel_mm, size_px },
            beam,
            isocenter_lps: self.isocenter_lps,
            magnification,
        })
    }

    /// Source and detector, with pixels so large that the shadow of the whole volume fits.
    pub fn fit(&self, volume: &VolumeGeometry, size_px: [u32; 2]) -> Result<DrrGeometry, DrrError> {
        let at_1_mm = self.geometry(1.0, size_px)?;
        let middle = (at_1_mm.size() - 1.0) / 2.0;
        let mut most = DVec2::ZERO;
        for corner in volume.corners_lps() {
            let px = at_1_mm.px_from_lps(corner).ok_or(DrrError::Inside("the source"))?;
            most = most.max((px - middle).abs());
        }
        let pixel_mm = (2.0 * most / at_1_mm.size()).max_element();
        self.geometry(pixel_mm, size_px)
    }
}

impl DrrGeometry {
    fn size(&self) -> DVec2 {
        DVec2::new(f64::from(self.detector.size_px[0]), f64::from(self.detector.size_px[1]))
    }

    /// Unit vector at right angles to the detector, in the direction of flight.
    pub fn forward_lps(&self) -> DVec3 {
        match self.beam {
            Beam::Point { source_lps } => (self.detector.center_lps - source_lps).normalize_or_zero(),
            Beam::Parallel { direction_lps } => direction_lps,
        }
    }

    /// Distances from the source to the detector and to the isocenter, in mm; `None` for parallel rays.
    pub fn distances_mm(&self) -> Option<[f64; 2]> {
        let Beam::Point { source_lps } = self.beam else { return None };
        Some([self.detector.center_lps, self.isocenter_lps].map(|to| to.distance(source_lps)))
    }

    /// Where on the detector the shadow of a point falls; `None` for points level with the source or behind it.
    pub fn px_from_lps(&self, lps: DVec3) -> Option<DVec2> {
        let Beam::Point { source_lps } = self.beam else { return Some(self.detector.px_from_lps(lps).0) };
        let forward = self.forward_lps();
        let depth = (lps - source_lps).dot(forward);
        let reach = (self.detector.center_lps - source_lps).dot(forward);
        (depth > 1e-6).then(|| self.detector.px_from_lps(source_lps + (lps - source_lps) * (reach / depth)).0)
    }

    /// The smallest rectangle of detector pixels around the shadow of a box: left upper and right lower corner.
    pub fn box_px(&self, bounds: &BoxLps) -> Option<[DVec2; 2]> {
        let [first, rest @ ..] = bounds.corners();
        let start = self.px_from_lps(first)?;
        rest.iter().try_fold([start, start], |[low, high], corner| {
            let px = self.px_from_lps(*corner)?;
            Some([low.min(px), high.max(px)])
        })
    }

    /// The rays of all pixels, between two planes at right angles to the central ray that hold the whole of `volume` between
    /// them, but never before the source or behind the detector.
    pub fn fan(&self, volume: &VolumeGeometry) -> Fan {
        let ray = |x: f64, y: f64| self.cut(self.detector.lps_from_px(DVec2::new(x, y)), volume);
        let (origin, right, below) = (ray(0.0, 0.0), ray(1.0, 0.0), ray(0.0, 1.0));
        let apart = |to: Ray| Ray { start_lps: to.start_lps - origin.start_lps, end_lps: to.end_lps - origin.end_lps };
        Fan { origin, u: apart(right), v: apart(below) }
    }

    /// The ray that makes a pixel: one of [`Self::fan`].
    pub fn ray(&self, px: DVec2, volume: &VolumeGeometry) -> Ray {
        self.fan(volume).ray(px)
    }

    fn cut(&self, end_lps: DVec3, volume: &VolumeGeometry) -> Ray {
        match self.beam {
            Beam::Point { source_lps } => {
                let forward = self.forward_lps();
                let reach = (self.detector.center_lps - source_lps).dot(forward);
                let [near, far] = depths_mm(volume, source_lps, forward).map(|depth| (depth / reach).clamp(0.0, 1.0));
                let at = |part: f64| source_lps + (end_lps - source_lps) * part;
                Ray { start_lps: at(near), end_lps: at(far) }
            }
            Beam::Parallel { direction_lps } => {
                let [near, far] = depths_mm(volume, end_lps, direction_lps);
                Ray { start_lps: end_lps + direction_lps * near, end_lps: end_lps + direction_lps * far }
            }
        }
    }

    /// An error when the source or the detector stands inside the volume's grid.
    pub fn check_clear_of(&self, volume: &VolumeGeometry) -> Result<(), DrrError> {
        let Beam::Point { source_lps } = self.beam else { return Ok(()) };
        let forward = self.forward_lps();
        let reach = (self.detector.center_lps - source_lps).dot(forward);
        match depths_mm(volume, source_lps, forward) {
            [near, _] if near <= 0.0 => Err(DrrError::Inside("the source")),
            [_, far] if far >= reach => Err(DrrError::Inside("the detector")),
            _ => Ok(()),
        }
    }

    /// Millimetres of the picture, at the isocenter.
    pub fn calibration(&self) -> Calibration {
        let mm = self.detector.pixel_mm / self.magnification;
        match self.beam {
            Beam::Point { .. } => Calibration::Magnified { mm: [mm, mm], factor: self.magnification },
            Beam::Parallel { .. } => Calibration::PixelSpacing([mm, mm]),
        }
    }

    /// View Position (0018,5101) of the four plain views: "PA", "AP", "LL", "RL"; empty when more than 5° off.
    pub fn view_position(&self) -> &'static str {
        let forward = self.forward_lps();
        let views = [("PA", DVec3::NEG_Y), ("AP", DVec3::Y), ("LL", DVec3::X), ("RL", DVec3::NEG_X)];
        let near = |(_, axis): &(&str, DVec3)| forward.dot(*axis) > 5f64.to_radians().cos();
        views.into_iter().find(near).map_or("", |(name, _)| name)
    }
}

/// Nearest and farthest corner of a grid along a direction, in mm from a point.
fn depths_mm(volume: &VolumeGeometry, from_lps: DVec3, direction_lps: DVec3) -> [f64; 2] {
    let depths = volume.corners_lps().map(|corner| (corner - from_lps).dot(direction_lps));
    [depths.iter().copied().fold(f64::INFINITY, f64::min), depths.iter().copied().fold(f64::NEG_INFINITY, f64::max)]
}

/// A radiograph to compute. Only [`DrrDraw::new`] makes one, and only for CT in Hounsfield units.
#[derive(Debug, Clone, PartialEq)]
pub struct DrrDraw {
    /// Source and detector.
    pub geometry: DrrGeometry,
    /// Window, in line integrals.
    pub voi: Voi,
    /// Bone dark, as light falls through film onto paper; else bone is bright.
    pub inverted: bool,
    energy_kev: f64,
    water_per_mm: f64,
}

impl DrrDraw {
    /// A radiograph of `volume` at one photon energy. The window is that of 400 mm of water until one is set.
    pub fn new(volume: &Volume, geometry: DrrGeometry, energy_kev: f64) -> Result<Self, DrrError> {
        if *volume.unit() != ValueUnit::Hu {
            return Err(DrrError::NotHounsfield(volume.unit().as_str().to_owned()));
        }
        let water_per_mm = water_attenuation_per_mm(energy_kev).ok_or(DrrError::Energy(energy_kev))?;
        geometry.check_clear_of(volume.geometry())?;
        let voi = Voi::spanning(0.0, 400.0 * water_per_mm);
        Ok(Self { geometry, voi, inverted: false, energy_kev, water_per_mm })
    }

    /// The photons' energy.
    pub fn energy_kev(&self) -> f64 {
        self.energy_kev
    }

    /// Linear attenuation coefficient of water, per mm.
    pub fn water_per_mm(&self) -> f64 {
        self.water_per_mm
    }

    /// Width and height of the picture.
    pub fn size_px(&self) -> [u32; 2] {
        self.geometry.detector.size_px
    }

    /// A window over what lies behind the patient: the 1st to the 99.5th percentile of the pixels whose rays crossed more than
    /// 10 mm of water.
    pub fn window_of(&self, values: &[f32]) -> Voi {
        let least = (10.0 * self.water_per_mm) as f32;
        let mut behind: Vec<f32> = values.iter().copied().filter(|v| *v > least).collect();
        behind.sort_unstable_by(f32::total_cmp);
        let at = |p: f64| behind.get(((behind.len().max(1) - 1) as f64 * p).round() as usize).map(|v| f64::from(*v));
        match (at(0.01), at(0.995)) {
            (Some(low), Some(high)) if high > low => Voi::spanning(low, high),
            _ => self.voi,
        }
    }

    /// The values of this draw as a radiograph: real numbers, bright where much is absorbed, with letters and millimetres from
    /// the geometry. What reads radiographs can read it.
    pub fn as_picture(&self, values: Vec<f32>) -> Picture {
        let [width, height] = self.size_px().map(|n| n as usize);
        let plane = &self.geometry.detector;
        Picture {
            width,
            height,
            voi: Some(self.window_of(&values)),
            samples: Samples::Gray { stored: Voxels::F32(values), rescale: Rescale::IDENTITY },
            unit: ValueUnit::Other("∫µdx".into()),
            inverted: self.inverted,
            calibration: self.geometry.calibration(),
            patient_orientation: Some([letters(plane.u_lps), letters(plane.v_lps)]),
            laterality: String::new(),
            view_position: self.geometry.view_position().into(),
            presentation: Presentation::default(),
        }
    }
}
