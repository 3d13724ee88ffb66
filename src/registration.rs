//! Rigid registration of two volumes, and links from the points of one series to those of another.
//!
//! [`register`] finds the rigid map between two pictures of one patient (a prior and today's CT, MR or PET and CT) by
//! normalized mutual information (Studholme, Hill, Hawkes 1999): it asks only that tissues which look alike in one volume look
//! alike in the other. Coarse to fine (8, 4, 2 mm), from several starts, by Powell's method. All space is LPS mm; maps
//! are named `a_from_b`. The same input and seed give the same result on any number of threads.
//!
//! What it cannot do it says: bodies bend, and one rigid map never fits all of them. [`Residual`] holds what can be known
//! without a truth: how far the result moves with other samples ([`Residual::spread`]) and how far halves of the body, each
//! by itself, would rather lie elsewhere ([`Residual::local`]). Neither is an accuracy. [`Verdict`] draws the line.
//! Patients that were turned by more than about 25° between the scans are beyond its reach; the verdict then says so.

mod image;
mod level;
mod link;
mod metric;
mod points;
mod pose;
mod resampled;
mod search;
mod verdict;

pub use link::{Link, Links, NoLink};
pub use resampled::resampled;

use crate::geometry::{DAffine3, DVec3};
use crate::jobs::{Cancel, Progress};
use crate::volume::Volume;
use image::Image;
use search::Search;

/// Least extent of a volume along each axis, mm: less holds no shape to go by.
const LEAST_EXTENT_MM: f64 = 20.0;
/// Least voxels along each axis.
const LEAST_VOXELS: usize = 4;

/// Why no registration was tried.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RegistrationError {
    /// It was asked to stop.
    #[error("the registration was cancelled")]
    Cancelled,
    /// Too thin or too small.
    #[error(
        "the {which} volume has {0} × {1} × {2} voxels over {mm:.0} mm at its thinnest; a registration needs at least 4 voxels \
         and 20 mm along each axis, choose another series", dims[0], dims[1], dims[2]
    )]
    TooSmall {
        /// "fixed" or "moving".
        which: &'static str,
        /// Columns, rows, slices.
        dims: [usize; 3],
        /// Least extent.
        mm: f64,
    },
    /// One value everywhere.
    #[error("the {0} volume has the same value everywhere; choose a series that shows something")]
    NoContrast(&'static str),
}

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// Nothing is known of how the volumes lie: the identity, center on center, body on body, along the body, and at random.
    #[default]
    Anywhere,
    /// The volumes have one frame of reference, and only what moved in between is to be corrected: the identity and its
    /// neighborhood.
    SameFrame,
}

/// What a registration may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Where to begin.
    pub start: Start,
    /// A fifth of the sample points: for a first look. What is found is the same, known less exactly.
    pub quick: bool,
    /// Chooses the sample points and the random starts.
    pub seed: u64,
}

/// Whether the result can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// For linked scrolling and fusion.
    Good,
    /// May be used by a person who looks at the fused picture and is told the reasons.
    Doubtful,
    /// Not to be used.
    Failed,
}

impl Verdict {
    /// "good", "doubtful", "failed".
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubtful => "doubtful",
            Self::Failed => "failed",
        }
    }
}

/// How far points move between two maps, mm.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Displacement {
    /// Over all compared maps and points.
    pub mean_mm: f64,
    /// Greatest.
    pub max_mm: f64,
}

/// What can be said about a result without knowing the truth.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Residual {
    /// Precision: the result found again from other samples and displaced starts, at the eight corners of the overlap.
    pub spread: Displacement,
    /// Fit: halves of the body (right, left, front, back, lower, upper) registered alone, over the points of each half. What
    /// moved against each other between the scans shows here.
    pub local: Displacement,
    /// Starts that were tried.
    pub starts: usize,
    /// Starts that ended at the result.
    pub agreeing: usize,
    /// Gain of the best other optimum as a share of the gain of the result; 0 where all starts agree.
    pub rival: f64,
}

/// The rigid map between two volumes, with what speaks for and against it.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    /// A point of the moving volume (LPS mm) from a point of the fixed one.
    pub moving_from_fixed: DAffine3,
    /// Normalized mutual information (1 = unrelated, 2 = one determines the other) before, at the identity; `None` where the
    /// volumes do not overlap enough to say.
    pub metric_before: Option<f64>,
    /// The same for the result.
    pub metric_after: f64,
    /// Share of the smaller body that lies within the other volume.
    pub overlap: f64,
    /// How sure.
    pub residual: Residual,
    /// Whether to use it.
    pub verdict: Verdict,
    /// Why the verdict is not "good": full sentences for people.
    pub reasons: Vec<String>,
}

impl Registration {
    /// The inverse map: what a DICOM Spatial Registration stores (PS3.3 C.20.2).
    pub fn fixed_from_moving(&self) -> DAffine3 {
        self.moving_from_fixed.inverse()
    }

    /// Angle of the rotation, in degrees.
    pub fn turn_degrees(&self) -> f64 {
        glam::DQuat::from_mat3(&self.moving_from_fixed.matrix3).normalize().to_axis_angle().1.to_degrees().abs()
    }

    /// How far a point of the fixed volume moves.
    pub fn shift_mm_at(&self, fixed_lps: DVec3) -> DVec3 {
        self.moving_from_fixed.transform_point3(fixed_lps) - fixed_lps
    }
}

/// Finds the rigid map between two volumes.
///
/// One to five seconds for two chest CT on two cores.
pub fn register(
    fixed: &Volume,
    moving: &Volume,
    options: Options,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Registration, RegistrationError> {
    progress.set("Registering: reading the volumes", None);
    let fixed = prepared(fixed, "fixed")?;
    let moving = prepared(moving, "moving")?;
    if cancel.is_cancelled() {
        return Err(RegistrationError::Cancelled);
    }
    // Samples come from the smaller body, so that the share of samples within the other volume is the overlap.
    let inverted = moving.body_mm3() < fixed.body_mm3();
    let (reference, other) = if inverted { (&moving, &fixed) } else { (&fixed, &moving) };
    let search = Search { reference, other, options, cancel, progress };
    let found = search.run();
    if cancel.is_cancelled() {
        return Err(RegistrationError::Cancelled);
    }
    let (verdict, reasons) = verdict::verdict(&found, options.start);
    let moving_from_fixed = if inverted { found.other_from_reference.inverse() } else { found.other_from_reference };
    Ok(Registration {
        moving_from_fixed,
        metric_before: found.metric_before,
        metric_after: found.metric_after,
        overlap: found.overlap,
        residual: found.residual,
        verdict,
        reasons,
    })
}

fn prepared(volume: &Volume, which: &'static str) -> Result<Image, RegistrationError> {
    let dims = volume.dims();
    let spacing = volume.geometry().spacing_mm();
    let mm = (0..3).map(|axis| dims[axis] as f64 * spacing[axis]).fold(f64::INFINITY, f64::min);
    if mm < LEAST_EXTENT_MM || dims.iter().any(|&n| n < LEAST_VOXELS) {
        return Err(RegistrationError::TooSmall { which, dims, mm });
    }
    Image::new(volume).ok_or(RegistrationError::NoContrast(which))
}
