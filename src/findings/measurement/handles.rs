//! Handles to take a shape by, and how near a point is to it. The window only paints and asks.

use super::shape::{middle_and_halves, rectangle};
use super::{Measurement, Shape};
use crate::geometry::DVec2;

/// Which handle of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HandleId(pub usize);

/// A point to take a shape by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Handle {
    /// Which.
    pub id: HandleId,
    /// Where, in plane coordinates.
    pub at: DVec2,
}

impl Measurement {
    /// All handles: ends and corners; middle and rim of a sphere. Lines drawn by hand have none and move as a whole.
    pub fn handles(&self) -> Vec<Handle> {
        let points = match &self.shape {
            Shape::Freehand(_) => Vec::new(),
            Shape::Rectangle(corners) | Shape::Box { corners, .. } => rectangle(*corners).to_vec(),
            Shape::Sphere { center, radius_mm } | Shape::SuvPeak { center, radius_mm } => {
                vec![*center, *center + DVec2::X * *radius_mm]
            }
            other => other.points(),
        };
        points.into_iter().enumerate().map(|(n, at)| Handle { id: HandleId(n), at }).collect()
    }

    /// The shape with one handle moved; unchanged when there is no such handle. Short axes stay at right angles to the long
    /// one in millimetres, ellipses keep the opposite end.
    pub fn with_handle_moved(&self, HandleId(id): HandleId, to: DVec2) -> Shape {
        if id >= self.handles().len() {
            return self.shape.clone();
        }
        match &self.shape {
            Shape::Bidirectional { long, short } => self.bidirectional_moved(*long, *short, id, to),
            Shape::Ellipse(axes) => self.ellipse_moved(*axes, id, to),
            Shape::Rectangle(corners) => Shape::Rectangle(corner_moved(*corners, id, to)),
            Shape::Box { corners, depth_mm } => {
                Shape::Box { corners: corner_moved(*corners, id, to), depth_mm: *depth_mm }
            }
            Shape::Sphere { center, radius_mm } => {
                let (center, radius_mm) = ball_moved(*center, *radius_mm, id, to);
                Shape::Sphere { center, radius_mm }
            }
            Shape::SuvPeak { center, radius_mm } => {
                let (center, radius_mm) = ball_moved(*center, *radius_mm, id, to);
                Shape::SuvPeak { center, radius_mm }
            }
            other => {
                let mut points = other.points();
                points[id] = to;
                Shape::from_points(other.key(), &points, &other.extents_mm()).unwrap_or_else(|| other.clone())
            }
        }
    }

    /// Distance of a point from what is drawn, in mm (pixels where nothing is calibrated).
    pub fn distance_to(&self, at: DVec2) -> f64 {
        let scale = self.place.scale();
        let lines = self.shape.outline();
        let segments = lines.iter().flat_map(|line| line.windows(2));
        let to_lines = segments.map(|w| distance_to_segment(at * scale, w[0] * scale, w[1] * scale));
        let to_points = self.shape.points().into_iter().map(|p| ((p - at) * scale).length());
        // Points and texts have no lines; of all others only the lines can be taken.
        let nearest = if lines.is_empty() { to_points.fold(f64::INFINITY, f64::min) } else { f64::INFINITY };
        to_lines.fold(nearest, f64::min)
    }

    /// The handle nearest to a point within a distance in mm (or pixels).
    pub fn handle_at(&self, at: DVec2, within: f64) -> Option<HandleId> {
        let distance = |h: &Handle| ((h.at - at) * self.place.scale()).length();
        let nearest = self.handles().into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        (distance(&nearest) <= within).then_some(nearest.id)
    }

    /// A short axis for a long one that is being drawn: at its middle, a given share of its length.
    pub fn short_axis_of(long: [DVec2; 2], share: f64, scale: DVec2) -> [DVec2; 2] {
        let (middle, across) = ((long[0] + long[1]) / 2.0, (long[1] - long[0]) * scale);
        let half = across.perp() * (share / 2.0) / scale;
        [middle - half, middle + half]
    }

    fn bidirectional_moved(&self, long: [DVec2; 2], short: [DVec2; 2], id: usize, to: DVec2) -> Shape {
        let scale = self.place.scale();
        let frame = Frame::of(long, scale);
        let (Some(frame), [first, second]) = (frame, short.map(|p| p * scale)) else {
            return self.shape.clone();
        };
        let [mut start, mut end] = [frame.coordinates(first), frame.coordinates(second)];
        if id < 2 {
            // The short axis keeps its place along the long one and its reach to either side.
            let mut moved = long;
            moved[id] = to;
            let Some(next) = Frame::of(moved, scale) else { return self.shape.clone() };
            let stretch = next.length / frame.length;
            let along = f64::midpoint(start.x, end.x) * stretch;
            let short = [start.y, end.y].map(|across| next.point(DVec2::new(along, across)) / scale);
            return Shape::Bidirectional { long: moved, short };
        }
        let at = frame.coordinates(to * scale);
        let along = at.x.clamp(0.0, frame.length);
        if id == 2 {
            start.y = at.y;
        } else {
            end.y = at.y;
        }
        let short = [start.y, end.y].map(|across| frame.point(DVec2::new(along, across)) / scale);
        Shape::Bidirectional { long, short }
    }

    fn ellipse_moved(&self, axes: [[DVec2; 2]; 2], id: usize, to: DVec2) -> Shape {
        let scale = self.place.scale();
        let (axis, end) = (id / 2, id % 2);
        let mut moved = axes[axis];
        moved[end] = to;
        let middle = (moved[0] + moved[1]) / 2.0;
        let other = middle_and_halves(axes).1[1 - axis] * scale;
        let Some(direction) = ((moved[0] - moved[1]) * scale).try_normalize() else { return self.shape.clone() };
        // At right angles in millimetres, to the side on which it was.
        let across = direction.perp() * other.length();
        let half = if across.dot(other) < 0.0 { -across } else { across } / scale;
        let mut next = [moved, moved];
        next[1 - axis] = [middle + half, middle - half];
        Shape::Ellipse(next)
    }
}

/// Coordinates along and across a long axis, in length units.
struct Frame {
    start: DVec2,
    along: DVec2,
    length: f64,
}

impl Frame {
    fn of([a, b]: [DVec2; 2], scale: DVec2) -> Option<Self> {
        let (start, whole) = (a * scale, (b - a) * scale);
        Some(Self { start, along: whole.try_normalize()?, length: whole.length() })
    }

    fn coordinates(&self, at: DVec2) -> DVec2 {
        let d = at - self.start;
        DVec2::new(d.dot(self.along), self.along.perp_dot(d))
    }

    fn point(&self, at: DVec2) -> DVec2 {
        self.start + self.along * at.x + self.along.perp() * at.y
    }
}

/// The corner opposite to the moved one stays.
fn corner_moved(corners: [DVec2; 2], id: usize, to: DVec2) -> [DVec2; 2] {
    [to, rectangle(corners)[(id + 2) % 4]]
}

fn ball_moved(center: DVec2, radius_mm: f64, id: usize, to: DVec2) -> (DVec2, f64) {
    if id == 0 { (to, radius_mm) } else { (center, center.distance(to)) }
}

fn distance_to_segment(p: DVec2, a: DVec2, b: DVec2) -> f64 {
    let whole = b - a;
    let share = if whole.length_squared() > 0.0 { (p - a).dot(whole) / whole.length_squared() } else { 0.0 };
    p.distance(a + whole * share.clamp(0.0, 1.0))
}
