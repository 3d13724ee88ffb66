//! What is drawn, in plane coordinates: points, outlines, area, and what lies inside.

use crate::geometry::DVec2;
use std::f64::consts::{PI, TAU};

/// Corners of a drawn-out ellipse or circle.
const CURVE_POINTS: usize = 96;
/// Corners for the perimeter of an ellipse: the chord error is below 1 in 200 000.
const PERIMETER_POINTS: usize = 1440;
/// Rounding that must not push a point on an edge outside (plane units).
const ON_EDGE: f64 = 1e-9;

/// A shape in plane coordinates (`super`).
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A point whose value is asked for.
    Point(DVec2),
    /// A straight line.
    Length([DVec2; 2]),
    /// An angle: end, vertex, end.
    Angle([DVec2; 3]),
    /// Two lines; the lesser angle between them.
    Cobb([[DVec2; 2]; 2]),
    /// The longest diameter and the longest at right angles to it (RECIST).
    Bidirectional {
        /// Its ends.
        long: [DVec2; 2],
        /// Its ends; at right angles in millimetres.
        short: [DVec2; 2],
    },
    /// An ellipse, by the ends of both axes, which cut each other in half.
    Ellipse([[DVec2; 2]; 2]),
    /// A rectangle along the plane's axes, by opposite corners.
    Rectangle([DVec2; 2]),
    /// Straight edges, closed by themselves.
    Polygon(Vec<DVec2>),
    /// Drawn by hand, closed by itself.
    Freehand(Vec<DVec2>),
    /// An open line of straight pieces, or a curve drawn by hand.
    Polyline(Vec<DVec2>),
    /// A ball around a point of the plane.
    Sphere {
        /// Its middle.
        center: DVec2,
        /// Radius.
        radius_mm: f64,
    },
    /// A box: a rectangle of the plane, half of `depth_mm` to either side of it.
    Box {
        /// Opposite corners.
        corners: [DVec2; 2],
        /// Along the normal.
        depth_mm: f64,
    },
    /// The ball in which the center of the hottest 12 mm sphere is looked for.
    SuvPeak {
        /// Its middle.
        center: DVec2,
        /// Radius.
        radius_mm: f64,
    },
    /// An arrow: tip, tail.
    Arrow([DVec2; 2]),
    /// Words at a point; the finding's label has them.
    Text(DVec2),
}

impl Shape {
    /// "length", "angle", …: for messages, and (see [`Self::key`]) for files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Point(_) => "point",
            Self::Length(_) => "length",
            Self::Angle(_) => "angle",
            Self::Cobb(_) => "Cobb angle",
            Self::Bidirectional { .. } => "bidirectional measurement",
            Self::Ellipse(_) => "ellipse",
            Self::Rectangle(_) => "rectangle",
            Self::Polygon(_) => "polygon",
            Self::Freehand(_) => "freehand region",
            Self::Polyline(_) => "curve",
            Self::Sphere { .. } => "sphere",
            Self::Box { .. } => "box",
            Self::SuvPeak { .. } => "peak",
            Self::Arrow(_) => "arrow",
            Self::Text(_) => "text",
        }
    }

    /// A stable name for files.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Cobb(_) => "cobb",
            Self::Bidirectional { .. } => "bidirectional",
            Self::Freehand(_) => "freehand",
            Self::Polyline(_) => "polyline",
            Self::SuvPeak { .. } => "suv_peak",
            other => other.name(),
        }
    }

    /// The points that define it, in a stable order; [`Self::from_points`] takes them back.
    pub fn points(&self) -> Vec<DVec2> {
        match self {
            Self::Point(at) | Self::Text(at) => vec![*at],
            Self::Length(p) | Self::Rectangle(p) | Self::Arrow(p) | Self::Box { corners: p, .. } => p.to_vec(),
            Self::Angle(p) => p.to_vec(),
            Self::Cobb([a, b]) | Self::Ellipse([a, b]) | Self::Bidirectional { long: a, short: b } => {
                vec![a[0], a[1], b[0], b[1]]
            }
            Self::Polygon(p) | Self::Freehand(p) | Self::Polyline(p) => p.clone(),
            Self::Sphere { center, .. } | Self::SuvPeak { center, .. } => vec![*center],
        }
    }

    /// Radius or depth that the points do not hold.
    pub fn extents_mm(&self) -> Vec<f64> {
        match self {
            Self::Sphere { radius_mm, .. } | Self::SuvPeak { radius_mm, .. } => vec![*radius_mm],
            Self::Box { depth_mm, .. } => vec![*depth_mm],
            _ => Vec::new(),
        }
    }

    /// The shape of a stable name with its points and extents; `None` when they do not make one.
    pub fn from_points(key: &str, points: &[DVec2], extents_mm: &[f64]) -> Option<Self> {
        Some(match (key, points, extents_mm) {
            ("point", [at], []) => Self::Point(*at),
            ("text", [at], []) => Self::Text(*at),
            ("length", [a, b], []) => Self::Length([*a, *b]),
            ("rectangle", [a, b], []) => Self::Rectangle([*a, *b]),
            ("arrow", [a, b], []) => Self::Arrow([*a, *b]),
            ("angle", [a, b, c], []) => Self::Angle([*a, *b, *c]),
            ("cobb", [a, b, c, d], []) => Self::Cobb([[*a, *b], [*c, *d]]),
            ("bidirectional", [a, b, c, d], []) => Self::Bidirectional { long: [*a, *b], short: [*c, *d] },
            ("ellipse", [a, b, c, d], []) => Self::Ellipse([[*a, *b], [*c, *d]]),
            ("polygon", points, []) => Self::Polygon(points.to_vec()),
            ("freehand", points, []) => Self::Freehand(points.to_vec()),
            ("polyline", points, []) => Self::Polyline(points.to_vec()),
            ("sphere", [center], [radius]) => Self::Sphere { center: *center, radius_mm: *radius },
            ("suv_peak", [center], [radius]) => Self::SuvPeak { center: *center, radius_mm: *radius },
            ("box", [a, b], [depth]) => Self::Box { corners: [*a, *b], depth_mm: *depth },
            _ => return None,
        })
    }

    /// The ellipse that fills a rectangle along the plane's axes, by opposite corners.
    pub fn ellipse_in([a, b]: [DVec2; 2]) -> Self {
        let middle = (a + b) / 2.0;
        let (x, y) = (DVec2::new(b.x, middle.y), DVec2::new(middle.x, b.y));
        Self::Ellipse([[x, DVec2::new(a.x, middle.y)], [y, DVec2::new(middle.x, a.y)]])
    }

    /// The same shape with every point mapped; radii and depths stay.
    #[must_use]
    pub fn mapped(&self, map: impl Fn(DVec2) -> DVec2) -> Self {
        let points: Vec<DVec2> = self.points().into_iter().map(map).collect();
        Self::from_points(self.key(), &points, &self.extents_mm()).unwrap_or_else(|| self.clone())
    }

    /// The whole shape moved by a vector.
    #[must_use]
    pub fn moved_by(&self, by: DVec2) -> Self {
        self.mapped(|p| p + by)
    }

    /// Fewest points that make one.
    pub(super) fn least_points(&self) -> usize {
        match self {
            Self::Polygon(_) | Self::Freehand(_) => 3,
            Self::Polyline(_) => 2,
            _ => 1,
        }
    }

    /// A flat region with an inside.
    pub fn is_region(&self) -> bool {
        matches!(self, Self::Ellipse(_) | Self::Rectangle(_) | Self::Polygon(_) | Self::Freehand(_))
    }

    /// A volume of interest.
    pub fn is_solid(&self) -> bool {
        matches!(self, Self::Sphere { .. } | Self::Box { .. } | Self::SuvPeak { .. })
    }

    /// Lines to paint on its own plane, curves drawn out; closed ones end where they begin. Points and texts have none.
    pub fn outline(&self) -> Vec<Vec<DVec2>> {
        match self {
            Self::Point(_) | Self::Text(_) => Vec::new(),
            Self::Length(p) | Self::Arrow(p) => vec![p.to_vec()],
            Self::Angle(p) => vec![p.to_vec()],
            Self::Cobb([a, b]) | Self::Bidirectional { long: a, short: b } => vec![a.to_vec(), b.to_vec()],
            Self::Polyline(p) => vec![p.clone()],
            Self::Polygon(p) | Self::Freehand(p) => vec![closed(p.clone())],
            Self::Rectangle(corners) | Self::Box { corners, .. } => vec![closed(rectangle(*corners).to_vec())],
            Self::Ellipse(axes) => vec![ellipse(*axes, CURVE_POINTS)],
            Self::Sphere { center, radius_mm } | Self::SuvPeak { center, radius_mm } => {
                vec![curve(*center, [DVec2::X * *radius_mm, DVec2::Y * *radius_mm], CURVE_POINTS)]
            }
        }
    }

    /// Area of a region in squared length units.
    pub(super) fn area(&self, scale: DVec2) -> f64 {
        let unit = scale.x * scale.y;
        match self {
            Self::Ellipse(axes) => {
                let (_, [a, b]) = middle_and_halves(*axes);
                PI * a.perp_dot(b).abs() * unit
            }
            Self::Rectangle([a, b]) => ((b.x - a.x) * (b.y - a.y)).abs() * unit,
            Self::Polygon(p) | Self::Freehand(p) => shoelace(p).abs() * unit,
            _ => 0.0,
        }
    }

    /// Length of a region's outline in length units.
    pub(super) fn perimeter(&self, scale: DVec2) -> f64 {
        let outline = match self {
            Self::Ellipse(axes) => ellipse(*axes, PERIMETER_POINTS),
            _ => self.outline().into_iter().next().unwrap_or_default(),
        };
        outline.windows(2).map(|w| ((w[1] - w[0]) * scale).length()).sum()
    }

    /// Whether a point lies inside a region; the edge belongs to ellipses and rectangles, and to either side of polygons.
    pub fn contains(&self, p: DVec2) -> bool {
        match self {
            Self::Ellipse(axes) => {
                let (middle, [a, b]) = middle_and_halves(*axes);
                let (d, det) = (p - middle, a.perp_dot(b));
                let (s, t) = (d.perp_dot(b) / det, a.perp_dot(d) / det);
                s * s + t * t <= 1.0 + ON_EDGE
            }
            Self::Rectangle([a, b]) => {
                let (low, high) = (a.min(*b) - ON_EDGE, a.max(*b) + ON_EDGE);
                p.cmpge(low).all() && p.cmple(high).all()
            }
            Self::Polygon(corners) | Self::Freehand(corners) => is_inside(corners, p),
            _ => false,
        }
    }
}

/// The four corners, round about.
pub(super) fn rectangle([a, b]: [DVec2; 2]) -> [DVec2; 4] {
    [a, DVec2::new(b.x, a.y), b, DVec2::new(a.x, b.y)]
}

/// Middle of an ellipse, and from there to one end of each axis.
pub(super) fn middle_and_halves([a, b]: [[DVec2; 2]; 2]) -> (DVec2, [DVec2; 2]) {
    ((a[0] + a[1]) / 2.0, [(a[0] - a[1]) / 2.0, (b[0] - b[1]) / 2.0])
}

fn ellipse(axes: [[DVec2; 2]; 2], corners: usize) -> Vec<DVec2> {
    let (middle, halves) = middle_and_halves(axes);
    curve(middle, halves, corners)
}

fn closed(mut points: Vec<DVec2>) -> Vec<DVec2> {
    points.extend(points.first().copied());
    points
}

fn curve(center: DVec2, [a, b]: [DVec2; 2], corners: usize) -> Vec<DVec2> {
    let at = |n: usize| {
        let (sin, cos) = (TAU * n as f64 / corners as f64).sin_cos();
        center + a * cos + b * sin
    };
    closed((0..corners).map(at).collect())
}

/// Signed area; relative to the first point, so that a far origin costs no digits.
fn shoelace(points: &[DVec2]) -> f64 {
    let Some(first) = points.first().copied() else { return 0.0 };
    let pairs = points.iter().zip(points.iter().cycle().skip(1));
    pairs.map(|(a, b)| (*a - first).perp_dot(*b - first)).sum::<f64>() / 2.0
}

/// Even-odd rule.
fn is_inside(corners: &[DVec2], p: DVec2) -> bool {
    let crosses =
        |a: &DVec2, b: &DVec2| (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x);
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).filter(|(a, b)| crosses(a, b)).count() % 2 == 1
}
