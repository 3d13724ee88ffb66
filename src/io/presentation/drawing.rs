//! Graphic and text objects of a presentation state (PS3.3 C.10.5), as lines and words that any painter can draw.

use crate::geometry::DVec2;
use crate::io::content_tree::ObjectReference;
use crate::io::dicom::DataSet;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// Corners of a drawn circle or ellipse.
const CURVE_POINTS: usize = 96;
/// Points between two knots of an interpolated line.
const SPLINE_POINTS: usize = 8;
/// Most points of one object.
const MAX_POINTS: usize = 100_000;

/// One object that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// Images that it is for; empty means all of the presentation state.
    pub images: Vec<ObjectReference>,
    /// Name of its layer.
    pub layer: String,
    /// What is drawn.
    pub what: Shape,
}

/// Lines or words.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A line through points; `kind` is the file's word: "POLYLINE", "CIRCLE", "ELLIPSE", "INTERPOLATED".
    Line {
        /// Graphic Type.
        kind: String,
        /// At least two; curves are drawn out.
        points: Vec<Place>,
        /// The file's own points: center and rim of a circle, ends of the axes of an ellipse, knots.
        given: Vec<Place>,
        /// Graphic Filled (0070,0024).
        filled: bool,
    },
    /// A single point.
    Point(Place),
    /// Words.
    Text(TextDrawing),
}

/// Words, in a box or beside an anchor.
#[derive(Debug, Clone, PartialEq)]
pub struct TextDrawing {
    /// Unformatted Text Value (0070,0006); lines are separated by line feeds.
    pub text: String,
    /// Two opposite corners of the box.
    pub corners: Option<[Place; 2]>,
    /// What the words point at.
    pub anchor: Option<Place>,
    /// A line leads from the words to the anchor.
    pub anchor_visible: bool,
}

/// Where a point lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// In the image: (column, row), pixel centers at integers.
    Pixel(DVec2),
    /// In the displayed area: from (0, 0) at its left upper to (1, 1) at its right lower corner.
    Display(DVec2),
}

/// A Graphic Object.
pub(super) fn graphic(item: &DataSet) -> Result<Shape, String> {
    let points = points(item)?;
    let place = placer(item, tags::GRAPHIC_ANNOTATION_UNITS)?;
    let kind = item.text(tags::GRAPHIC_TYPE);
    let given: Vec<Place> = points.iter().copied().map(place).collect();
    let line = |points: Vec<DVec2>| {
        let filled = item.text(tags::GRAPHIC_FILLED) == "Y";
        Shape::Line { kind: kind.clone(), points: points.into_iter().map(place).collect(), given, filled }
    };
    match (kind.as_str(), points.as_slice()) {
        ("POINT", [at, ..]) => Ok(Shape::Point(place(*at))),
        ("POLYLINE", [_, _, ..]) => Ok(line(points.clone())),
        ("INTERPOLATED", [_, _, ..]) => Ok(line(spline(&points))),
        ("CIRCLE", [center, edge, ..]) => {
            let radius = center.distance(*edge);
            Ok(line(closed_curve(|angle| *center + DVec2::from_angle(angle) * radius)))
        }
        // Ends of the major axis, then of the minor one.
        ("ELLIPSE", [a, b, c, d, ..]) => {
            let (center, major, minor) = ((*a + *b) / 2.0, (*b - *a) / 2.0, (*d - *c) / 2.0);
            Ok(line(closed_curve(|angle| center + major * angle.cos() + minor * angle.sin())))
        }
        (kind, points) => Err(format!("{} points make no graphic of type {kind:?}", points.len())),
    }
}

/// A Text Object.
pub(super) fn text(item: &DataSet) -> Result<Shape, String> {
    let text = item.text(tags::UNFORMATTED_TEXT_VALUE).replace("\r\n", "\n").replace('\r', "\n");
    let corners = match (
        item.vector::<2>(tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER),
        item.vector::<2>(tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER),
    ) {
        (Some(a), Some(b)) => {
            let place = placer(item, tags::BOUNDING_BOX_ANNOTATION_UNITS)?;
            Some([place(DVec2::from_array(a)), place(DVec2::from_array(b))])
        }
        _ => None,
    };
    let anchor = match item.vector::<2>(tags::ANCHOR_POINT) {
        Some(at) => Some(placer(item, tags::ANCHOR_POINT_ANNOTATION_UNITS)?(DVec2::from_array(at))),
        None => None,
    };
    if corners.is_none() && anchor.is_none() {
        return Err("its text has neither a box nor an anchor".into());
    }
    Ok(Shape::Text(TextDrawing {
        text,
        corners,
        anchor,
        anchor_visible: item.text(tags::ANCHOR_POINT_VISIBILITY) == "Y",
    }))
}

fn points(item: &DataSet) -> Result<Vec<DVec2>, String> {
    let numbers = item.numbers(tags::GRAPHIC_DATA).unwrap_or_default();
    let (pairs, rest) = numbers.as_chunks::<2>();
    if !rest.is_empty() || !numbers.iter().all(|n| n.is_finite()) || pairs.len() > MAX_POINTS {
        return Err(format!("{} coordinates make no points", numbers.len()));
    }
    Ok(pairs.iter().map(|p| DVec2::from_array(*p)).collect())
}

/// What makes places of the file's numbers, by their units.
fn placer(item: &DataSet, units: Tag) -> Result<fn(DVec2) -> Place, String> {
    match item.text(units).as_str() {
        "PIXEL" => Ok(|at| Place::Pixel(at - 0.5)),
        "DISPLAY" => Ok(Place::Display),
        // Positions in the total matrix of a tiled slide.
        other => Err(format!("its unit {other:?} is none that images here have")),
    }
}

fn closed_curve(at: impl Fn(f64) -> DVec2) -> Vec<DVec2> {
    (0..=CURVE_POINTS).map(|n| at(n as f64 / CURVE_POINTS as f64 * std::f64::consts::TAU)).collect()
}

/// A smooth line through all points (Catmull and Rom), because the standard leaves the interpolation open.
fn spline(points: &[DVec2]) -> Vec<DVec2> {
    if points.len() * SPLINE_POINTS > MAX_POINTS {
        return points.to_vec();
    }
    let at = |n: isize| points[n.clamp(0, points.len() as isize - 1) as usize];
    let mut line = Vec::with_capacity((points.len() - 1) * SPLINE_POINTS + 1);
    for n in 0..points.len() as isize - 1 {
        let [a, b, c, d] = [at(n - 1), at(n), at(n + 1), at(n + 2)];
        line.extend((0..SPLINE_POINTS).map(|step| {
            let t = step as f64 / SPLINE_POINTS as f64;
            0.5 * (2.0 * b
                + (c - a) * t
                + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t
                + (3.0 * b - a - 3.0 * c + d) * t * t * t)
        }));
    }
    line.push(at(points.len() as isize - 1));
    line
}
