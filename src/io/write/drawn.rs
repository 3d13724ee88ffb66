//! Measurements as the graphics of DICOM: points on an image where the measurement lies on one, else points in the patient.
//!
//! Image coordinates here are the file's: (0, 0) at the outer corner of the first pixel (PS3.3 C.18.6.1.1, C.10.5.1.2).

use super::content::{ImagePart, Item, Relation};
use super::dataset::{Dataset, reference_item};
use crate::codes::Code;
use crate::findings::Quantity;
use crate::findings::measurement::{ImageRef, Measurement, PEAK_DIAMETER_MM, PatientPlane, Place, Shape};
use crate::geometry::{DVec2, DVec3};
use crate::io::uid;

/// Cosine below which the axes of an ellipse count as at right angles in pixels, as its graphic type demands.
const RIGHT_ANGLE: f64 = 1e-4;

/// One graphic.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drawn {
    /// Graphic Type: "POINT", "POLYLINE", "ELLIPSE", "POLYGON", "ELLIPSOID".
    pub(super) kind: &'static str,
    /// Its points.
    pub(super) at: At,
}

/// Where the points of a graphic lie.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum At {
    /// On an image.
    Image(ImageRef, Vec<DVec2>),
    /// In the patient, LPS mm, in a frame of reference.
    Patient(String, Vec<DVec3>),
}

impl At {
    /// The numbers of the element that holds them.
    pub(super) fn written(&self) -> Vec<f32> {
        match self {
            Self::Image(_, points) => points.iter().flat_map(DVec2::to_array).map(|n| n as f32).collect(),
            Self::Patient(_, points) => points.iter().flat_map(DVec3::to_array).map(|n| n as f32).collect(),
        }
    }
}

impl Drawn {
    /// As a content item.
    pub(super) fn item(&self, name: &Code) -> Item {
        match &self.at {
            At::Image(image, points) => {
                let part = image.frame.map_or(ImagePart::Whole, ImagePart::Frame);
                let image = Item::image(None, &image.sop_class_uid, &image.sop_instance_uid, part);
                Item::points_px(name, self.kind, points).with(Relation::SelectedFrom, image)
            }
            At::Patient(frame, points) => Item::points_lps(name, self.kind, points, frame),
        }
    }
}

/// The image of a measurement, where other objects can refer to it.
pub(super) fn referable(measurement: &Measurement) -> Option<&ImageRef> {
    measurement.place.image().filter(|i| uid::is_valid(&i.sop_instance_uid) && !i.sop_class_uid.is_empty())
}

/// An item that refers to an image and, where it has several, its frame.
pub(super) fn image_item(image: &ImageRef) -> Dataset {
    let mut item = reference_item(&image.sop_class_uid, &image.sop_instance_uid);
    if let Some(frame) = image.frame {
        item.integer(dicom_dictionary_std::tags::REFERENCED_FRAME_NUMBER, i64::from(frame));
    }
    item
}

/// Regions of a measurement: what its statistics were taken over, or what it points at.
pub(super) fn regions(m: &Measurement, own_frame_uid: &str) -> Vec<Drawn> {
    let sketch = Sketch { m, own_frame_uid };
    match (&m.shape, &m.place) {
        (Shape::Sphere { center, radius_mm }, Place::Patient(plane)) => {
            sketch.ball(plane, plane.lps(*center), *radius_mm)
        }
        (Shape::SuvPeak { center, radius_mm }, Place::Patient(plane)) => match m.results.peak_lps {
            Some(peak) => sketch.ball(plane, peak, PEAK_DIAMETER_MM / 2.0),
            None => sketch.ball(plane, plane.lps(*center), *radius_mm),
        },
        (Shape::Box { corners, depth_mm }, Place::Patient(plane)) => sketch.faces(plane, *corners, *depth_mm),
        (Shape::Point(at) | Shape::Text(at) | Shape::Arrow([at, _]), _) => sketch.on("POINT", &[*at]),
        (Shape::Ellipse(axes), _) => sketch.ellipse(*axes),
        (shape, _) if shape.is_region() => shape.outline().iter().flat_map(|line| sketch.closed(line)).collect(),
        _ => Vec::new(),
    }
}

/// The line that a length, an axis or an angle was measured along; both lines of a Cobb angle.
pub(super) fn lines(m: &Measurement, quantity: Quantity, own_frame_uid: &str) -> Vec<Drawn> {
    let sketch = Sketch { m, own_frame_uid };
    match (&m.shape, quantity) {
        (Shape::Length(_) | Shape::Polyline(_), Quantity::Length)
        | (Shape::Angle(_) | Shape::Cobb(_), Quantity::Angle) => {
            m.shape.outline().iter().flat_map(|line| sketch.on("POLYLINE", line)).collect()
        }
        (Shape::Bidirectional { long, .. }, Quantity::LongAxis) => sketch.on("POLYLINE", long),
        (Shape::Bidirectional { short, .. }, Quantity::ShortAxis) => sketch.on("POLYLINE", short),
        _ => Vec::new(),
    }
}

/// Ends of both axes of an ellipse in pixels of its image, the longer axis first; `None` where they are not at right angles
/// there, or it lies on no image.
pub(super) fn ellipse_px(m: &Measurement, axes: [[DVec2; 2]; 2]) -> Option<[DVec2; 4]> {
    let mut px = [[DVec2::ZERO; 2]; 2];
    for (to, from) in px.iter_mut().zip(axes) {
        *to = [file_px(m, from[0])?, file_px(m, from[1])?];
    }
    let [a, b] = px.map(|[start, end]| end - start);
    if a.dot(b).abs() > RIGHT_ANGLE * a.length() * b.length() {
        return None;
    }
    let [first, second] = if a.length() >= b.length() { px } else { [px[1], px[0]] };
    Some([first[0], first[1], second[0], second[1]])
}

/// Plane coordinates as pixels from the image's outer corner.
pub(super) fn file_px(m: &Measurement, at: DVec2) -> Option<DVec2> {
    Some(m.place.px_from_plane(at)? + 0.5)
}

struct Sketch<'a> {
    m: &'a Measurement,
    /// For a source whose own frame of reference has no identifier.
    own_frame_uid: &'a str,
}

impl Sketch<'_> {
    /// Points of the plane: on its image if it has one, else in the patient, else nowhere.
    fn on(&self, kind: &'static str, points: &[DVec2]) -> Vec<Drawn> {
        if let Some(image) = referable(self.m) {
            let points = points.iter().filter_map(|p| file_px(self.m, *p)).collect();
            return vec![Drawn { kind, at: At::Image(image.clone(), points) }];
        }
        self.in_patient(kind, points)
    }

    fn in_patient(&self, kind: &'static str, points: &[DVec2]) -> Vec<Drawn> {
        let Place::Patient(plane) = &self.m.place else { return Vec::new() };
        vec![self.patient(kind, plane, points.iter().map(|p| plane.lps(*p)).collect())]
    }

    fn patient(&self, kind: &'static str, plane: &PatientPlane, points: Vec<DVec3>) -> Drawn {
        let own = &plane.frame_of_reference_uid;
        let frame = if uid::is_valid(own) { own } else { self.own_frame_uid };
        Drawn { kind, at: At::Patient(frame.to_owned(), points) }
    }

    /// A closed line: a polyline that ends where it begins on an image, a polygon in the patient.
    fn closed(&self, line: &[DVec2]) -> Vec<Drawn> {
        if referable(self.m).is_some() { self.on("POLYLINE", line) } else { self.in_patient("POLYGON", line) }
    }

    fn ellipse(&self, axes: [[DVec2; 2]; 2]) -> Vec<Drawn> {
        let drawn_out = || self.m.shape.outline().iter().flat_map(|line| self.closed(line)).collect();
        match (referable(self.m), ellipse_px(self.m, axes)) {
            (Some(image), Some(ends)) => {
                vec![Drawn { kind: "ELLIPSE", at: At::Image(image.clone(), ends.to_vec()) }]
            }
            (Some(_), None) => drawn_out(),
            (None, _) => {
                let [a, b] = axes;
                let longer_first = a[0].distance(a[1]) >= b[0].distance(b[1]);
                let [first, second] = if longer_first { [a, b] } else { [b, a] };
                self.in_patient("ELLIPSE", &[first[0], first[1], second[0], second[1]])
            }
        }
    }

    /// An ellipsoid by the ends of its three axes.
    fn ball(&self, plane: &PatientPlane, center_lps: DVec3, radius_mm: f64) -> Vec<Drawn> {
        let axes = [plane.u_lps, plane.v_lps, plane.normal_lps()];
        let ends = axes.iter().flat_map(|a| [center_lps - *a * radius_mm, center_lps + *a * radius_mm]).collect();
        vec![self.patient("ELLIPSOID", plane, ends)]
    }

    /// A box by the two faces on either side of its plane.
    fn faces(&self, plane: &PatientPlane, [a, b]: [DVec2; 2], depth_mm: f64) -> Vec<Drawn> {
        let corners = [a, DVec2::new(b.x, a.y), b, DVec2::new(a.x, b.y), a];
        let half = plane.normal_lps() * (depth_mm / 2.0);
        let face = |off: DVec3| self.patient("POLYGON", plane, corners.iter().map(|p| plane.lps(*p) + off).collect());
        vec![face(-half), face(half)]
    }
}
