//! What a reader measures or points at: a shape on a plane of the patient or on a picture, and what it gave.
//!
//! A [`Shape`] has points in *plane coordinates* of its [`Place`]: in the patient, millimetres along the plane's u and v from
//! its origin; on a picture, pixels (column, row) with centers at integers. Everything here is a pure function of shape,
//! place and pixels, so that the window paints, the case keeps and the files carry the same numbers.
//!
//! What is measured, and how:
//!
//! - **Lengths and angles** follow from the points alone, in mm. On a picture its [`Calibration`] makes millimetres of
//!   pixels, and says from where; without one, lengths are pixels and angles those of square pixels.
//! - **Area and perimeter** are those of the drawn outline, never a count of pixels.
//! - **Statistics of a flat region** (`region`): on a plane of the grid (an acquired slice, or an orthogonal plane through
//!   voxel centers) over exactly the voxels whose center lies inside; on any other plane over samples on the plane's own
//!   grid, as fine as the smallest voxel edge, interpolated linearly; on a picture over the pixels whose center lies
//!   inside and that are neither padding nor under the shutter. The standard deviation is that of the population.
//! - **Volumes of interest** (`solid`): every voxel counts with the share of it that lies inside (found with 256 points in
//!   each border voxel, more in solids of few voxels). Volume is the sum of the shares, mean and standard deviation are weighted by them.
//! - **`SUVpeak`** (`solid`): the greatest mean of a sphere of 12 mm diameter whose center lies in the region.
//! - PET values are SUV by body weight where the header allows them (`clinical.md` rule 7), else the file's own.

mod handles;
mod place;
mod region;
mod results;
mod section;
mod shape;
mod solid;

pub use handles::{Handle, HandleId};
pub use place::{ImageRef, KnownLength, OnImage, PatientPlane, PicturePlace, Place, SeriesRef};
pub use results::{Basis, Measured, Results, Unit};
pub use shape::Shape;
pub use solid::PEAK_DIAMETER_MM;

use super::Quantity;
use crate::geometry::{DVec2, DVec3};
use crate::volume::{Picture, SuvKind, Volume};

#[cfg(doc)]
use crate::volume::Calibration;

/// Most points of one shape: more than any hand draws.
const MOST_POINTS: usize = 100_000;

/// A shape, where it lies, and what it gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// What was drawn.
    pub shape: Shape,
    /// Where.
    pub place: Place,
    /// What it gave.
    pub results: Results,
}

/// Why a shape gives no measurement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MeasureError {
    /// Points that are no numbers.
    #[error("the {0} has a point that is no finite position; draw it again")]
    NotFinite(&'static str),
    /// Too few or too many points.
    #[error("a {0} cannot have {1} points; draw it again")]
    Points(&'static str, usize),
    /// Points that coincide.
    #[error("the {0} has no extent; move its points apart")]
    NoExtent(&'static str),
    /// A solid on a picture.
    #[error("a {0} needs a volume in the patient; this picture has no depth")]
    NeedsVolume(&'static str),
    /// A plane that is no plane.
    #[error("the plane's directions are no unit vectors at right angles; measure on another plane")]
    Plane,
    /// Another image than the one it was drawn on.
    #[error("the measurement lies on another image than the one given; open the series that it was drawn on")]
    OtherImage,
    /// A search that would take minutes.
    #[error("the region for the peak is too large; draw it no larger than the lesion")]
    TooLarge,
}

impl Measurement {
    /// What follows from the points alone.
    pub fn new(shape: Shape, place: Place) -> Result<Self, MeasureError> {
        check(&shape, &place)?;
        let results = Results { values: geometric_values(&shape, &place)?, ..Results::default() };
        Ok(Self { shape, place, results })
    }

    /// Measured on the volume that its place belongs to.
    pub fn on_volume(shape: Shape, place: Place, volume: &Volume) -> Result<Self, MeasureError> {
        let mut measurement = Self::new(shape, place)?;
        let Place::Patient(plane) = &measurement.place else { return Ok(measurement) };
        let sampled = match &measurement.shape {
            Shape::Point(at) => Some(region::point(volume, plane, *at)),
            shape if shape.is_region() => Some(region::on_plane(volume, plane, shape)),
            Shape::Sphere { center, radius_mm } => Some(solid::sphere(volume, plane.lps(*center), *radius_mm)),
            Shape::Box { corners, depth_mm } => Some(solid::cuboid(volume, plane, *corners, *depth_mm)),
            Shape::SuvPeak { center, radius_mm } => Some(solid::peak(volume, plane.lps(*center), *radius_mm)?),
            _ => None,
        };
        if let Some(sampled) = sampled {
            measurement.results.take(in_suv(sampled, volume));
        }
        Ok(measurement)
    }

    /// Measured on its picture. Colored pictures have no values.
    pub fn on_picture(shape: Shape, place: Place, picture: &Picture) -> Result<Self, MeasureError> {
        let mut measurement = Self::new(shape, place)?;
        match &measurement.shape {
            Shape::Point(at) => measurement.results.take(region::picture_point(picture, *at)),
            shape if shape.is_region() => {
                let sampled = region::on_picture(picture, shape);
                measurement.results.take(sampled);
            }
            _ => {}
        }
        Ok(measurement)
    }

    /// The same on a picture with another calibration: lengths and areas anew, values as they were.
    pub fn recalibrated(&self, known_length: Option<KnownLength>) -> Self {
        let mut next = self.clone();
        if let Place::Picture(place) = &mut next.place {
            place.known_length = known_length;
        }
        // The points were measurable before, and a calibration does not move them.
        if let Ok(anew) = geometric_values(&next.shape, &next.place) {
            next.results.values.retain(|old| !anew.iter().any(|new| new.quantity == old.quantity));
            next.results.values.splice(0..0, anew);
        }
        next
    }

    /// What it is called where nobody gave it a name: "Length", "Ellipse".
    pub fn kind_name(&self) -> &'static str {
        self.shape.name()
    }

    /// The same with a capital: the label of a measurement that nobody named.
    pub fn default_label(&self) -> String {
        let name = self.kind_name();
        name[..1].to_uppercase() + &name[1..]
    }

    /// Lines for the screen: "14.2 mm"; "mean 40 HU, SD 12 HU"; …
    pub fn screen_lines(&self) -> Vec<String> {
        self.results.screen_lines()
    }

    /// Where to look, for measurements in the patient.
    pub fn focus_lps(&self) -> Option<DVec3> {
        let points = self.shape.points();
        let middle = points.iter().fold(DVec2::ZERO, |sum, p| sum + *p) / points.len().max(1) as f64;
        self.place.lps_from_plane(middle)
    }

    /// Its points in the patient; `None` on a picture.
    pub fn points_lps(&self) -> Option<Vec<DVec3>> {
        self.shape.points().into_iter().map(|p| self.place.lps_from_plane(p)).collect()
    }
}

fn check(shape: &Shape, place: &Place) -> Result<(), MeasureError> {
    let name = shape.name();
    let points = shape.points();
    if points.len() < shape.least_points() || points.len() > MOST_POINTS {
        return Err(MeasureError::Points(name, points.len()));
    }
    if !points.iter().all(|p| p.is_finite()) || !shape.extents_mm().iter().all(|e| e.is_finite()) {
        return Err(MeasureError::NotFinite(name));
    }
    if shape.is_solid() && matches!(place, Place::Picture(_)) {
        return Err(MeasureError::NeedsVolume(name));
    }
    if !place.is_sound() {
        return Err(MeasureError::Plane);
    }
    if shape.extents_mm().iter().any(|e| *e <= 0.0) {
        return Err(MeasureError::NoExtent(name));
    }
    Ok(())
}

/// Lengths, angles and areas.
fn geometric_values(shape: &Shape, place: &Place) -> Result<Vec<Measured>, MeasureError> {
    let scale = place.scale();
    let length = |quantity: Quantity, value: f64| Measured { quantity, value, unit: place.length_unit() };
    let degrees = |value: Option<f64>| {
        let value = value.ok_or(MeasureError::NoExtent(shape.name()))?;
        Ok(vec![Measured { quantity: Quantity::Angle, value, unit: Unit::Degree }])
    };
    let distance = |[a, b]: [DVec2; 2]| ((a - b) * scale).length();
    Ok(match shape {
        Shape::Length(ends) => vec![length(Quantity::Length, positive(distance(*ends), shape)?)],
        Shape::Polyline(points) => {
            let whole = points.windows(2).map(|w| distance([w[0], w[1]])).sum();
            vec![length(Quantity::Length, positive(whole, shape)?)]
        }
        Shape::Angle([a, vertex, b]) => return degrees(angle((*a - vertex) * scale, (*b - vertex) * scale)),
        Shape::Cobb([first, second]) => {
            // Lines have no direction: the lesser of both angles.
            let between = angle((first[1] - first[0]) * scale, (second[1] - second[0]) * scale);
            return degrees(between.map(|d| d.min(180.0 - d)));
        }
        Shape::Bidirectional { long, short } => {
            let long_mm = positive(distance(*long), shape)?;
            vec![length(Quantity::LongAxis, long_mm), length(Quantity::ShortAxis, distance(*short))]
        }
        shape if shape.is_region() => {
            let area = positive(shape.area(scale), shape)?;
            let unit = if place.length_unit() == Unit::Mm { Unit::Mm2 } else { Unit::Px2 };
            vec![
                Measured { quantity: Quantity::Area, value: area, unit },
                length(Quantity::Perimeter, shape.perimeter(scale)),
            ]
        }
        _ => Vec::new(),
    })
}

fn positive(value: f64, shape: &Shape) -> Result<f64, MeasureError> {
    if value > 0.0 { Ok(value) } else { Err(MeasureError::NoExtent(shape.name())) }
}

/// Angle between two arms in degrees, 0–180; `None` when one has no length.
fn angle(a: DVec2, b: DVec2) -> Option<f64> {
    // The arc tangent keeps its digits near 0° and 180°, where the arc cosine loses them.
    (a.length() > 0.0 && b.length() > 0.0).then(|| a.perp_dot(b).abs().atan2(a.dot(b)).to_degrees())
}

/// PET values as SUV by body weight, where the volume knows how.
fn in_suv(mut sampled: results::Sampled, volume: &Volume) -> results::Sampled {
    if let Some(factors) = volume.suv() {
        let unit = Unit::Value(SuvKind::BodyWeight.unit().as_str().to_owned());
        for measured in sampled.values.iter_mut().filter(|m| matches!(m.unit, Unit::Value(_))) {
            measured.value *= factors.bw;
            measured.unit = unit.clone();
        }
    }
    sampled
}
