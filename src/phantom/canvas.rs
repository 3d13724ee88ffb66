//! One axial slice being painted, and the analytic solids that are painted into it.
//!
//! LPS, millimetres, `f32` (a tenth of a micrometre at 400 mm: far below a voxel). A solid gives a signed distance,
//! negative inside; its edge is one voxel soft, so that partial volume looks as in life, and its label ends where half
//! of the voxel is covered.

use glam::{Mat3, Vec2, Vec3};

/// The grid that is painted.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    /// Columns, rows, slices.
    pub dims: [usize; 3],
    /// Center of the first voxel.
    pub origin: Vec3,
    /// Voxel size.
    pub spacing: Vec3,
}

impl Grid {
    /// Height of a slice.
    pub fn z(&self, k: usize) -> f32 {
        self.origin.z + k as f32 * self.spacing.z
    }

    /// Voxel indices `first..end` on an axis whose centers lie within `low..=high` mm.
    pub fn span(&self, axis: usize, low: f32, high: f32) -> std::ops::Range<usize> {
        let index = |mm: f32| (mm - self.origin[axis]) / self.spacing[axis];
        let first = index(low).ceil().max(0.0) as usize;
        let end = (index(high).floor() + 1.0).max(0.0) as usize;
        first.min(self.dims[axis])..end.min(self.dims[axis])
    }
}

/// What is put where a solid is.
#[derive(Debug, Clone, Copy)]
pub struct Ink {
    /// Label, or 0 to leave the label as it is.
    pub label: u8,
    /// Value.
    pub hu: f32,
}

/// A slice in the making.
pub struct Slice<'a> {
    /// Its grid.
    pub grid: &'a Grid,
    /// Its height.
    pub z: f32,
    /// Ideal values, row by row.
    pub hu: &'a mut [f32],
    /// Labels, row by row.
    pub labels: &'a mut [u8],
}

impl Slice<'_> {
    /// Paints wherever `distance(x, y, label there)` is below half a voxel, within `low..high`.
    #[inline]
    pub fn paint(&mut self, low: Vec2, high: Vec2, ink: Ink, mut distance: impl FnMut(f32, f32, u8) -> f32) {
        let (grid, columns) = (*self.grid, self.grid.dims[0]);
        let soft = 1.0 / grid.spacing.x;
        let across = grid.span(0, low.x, high.x);
        for j in grid.span(1, low.y, high.y) {
            let y = grid.origin.y + j as f32 * grid.spacing.y;
            for i in across.clone() {
                let at = j * columns + i;
                let x = grid.origin.x + i as f32 * grid.spacing.x;
                let d = distance(x, y, self.labels[at]) * soft;
                if d < 0.5 {
                    let cover = (0.5 - d).min(1.0);
                    self.hu[at] += (ink.hu - self.hu[at]) * cover;
                    if d < 0.0 && ink.label != 0 {
                        self.labels[at] = ink.label;
                    }
                }
            }
        }
    }

    /// Paints a solid, grown by `grow` mm.
    pub fn solid(&mut self, solid: &Solid, grow: f32, ink: Ink) {
        self.solid_where(solid, grow, ink, |_| true);
    }

    /// Paints a solid only over labels that `over` accepts.
    pub fn solid_where(&mut self, solid: &Solid, grow: f32, ink: Ink, over: impl Fn(u8) -> bool) {
        let (low, high) = solid.bounds();
        let margin = grow + self.grid.spacing.x;
        if self.z < low.z - margin || self.z > high.z + margin {
            return;
        }
        let z = self.z;
        let margin = Vec2::splat(margin);
        self.paint(low.truncate() - margin, high.truncate() + margin, ink, |x, y, label| {
            if over(label) { solid.distance(Vec3::new(x, y, z)) - grow } else { f32::MAX }
        });
    }
}

/// An analytic body.
#[derive(Debug, Clone)]
pub enum Solid {
    /// A tube piece with round ends whose radius changes linearly.
    Capsule {
        /// One end.
        a: Vec3,
        /// The other end.
        b: Vec3,
        /// Radius at `a`.
        ra: f32,
        /// Radius at `b`.
        rb: f32,
    },
    /// An ellipsoid; `axes` columns are its unit axes.
    Ellipsoid {
        /// Middle.
        center: Vec3,
        /// World from own axes.
        axes: Mat3,
        /// Half lengths.
        radii: Vec3,
        /// Their inverses: most of the time goes into distances.
        inverse: Vec3,
    },
}

impl Solid {
    /// An ellipsoid along the patient's axes.
    pub fn ellipsoid(center: Vec3, radii: Vec3) -> Self {
        Self::oriented(center, Mat3::IDENTITY, radii)
    }

    /// An ellipsoid along the columns of a rotation.
    pub fn oriented(center: Vec3, axes: Mat3, radii: Vec3) -> Self {
        Self::Ellipsoid { center, axes, radii, inverse: radii.recip() }
    }

    /// An ellipsoid with its first axis along `along`.
    pub fn ellipsoid_along(center: Vec3, along: Vec3, radii: Vec3) -> Self {
        let x = along.normalize_or(Vec3::X);
        let y = x.any_orthonormal_vector();
        Self::oriented(center, Mat3::from_cols(x, y, x.cross(y)), radii)
    }

    /// Signed distance (mm), negative inside; exact for capsules, first order for ellipsoids.
    #[inline]
    pub fn distance(&self, p: Vec3) -> f32 {
        match *self {
            Self::Capsule { a, b, ra, rb } => {
                let (ab, ap) = (b - a, p - a);
                let t = (ap.dot(ab) / ab.length_squared().max(1e-6)).clamp(0.0, 1.0);
                (ap - ab * t).length() - (ra + (rb - ra) * t)
            }
            Self::Ellipsoid { center, axes, radii, inverse } => {
                let d = p - center;
                let q = Vec3::new(axes.x_axis.dot(d), axes.y_axis.dot(d), axes.z_axis.dot(d)) * inverse;
                let k0 = q.length();
                let k1 = (q * inverse).length();
                if k1 < 1e-6 { -radii.min_element() } else { k0 * (k0 - 1.0) / k1 }
            }
        }
    }

    /// The box around it.
    pub fn bounds(&self) -> (Vec3, Vec3) {
        match *self {
            Self::Capsule { a, b, ra, rb } => {
                let r = Vec3::splat(ra.max(rb));
                (a.min(b) - r, a.max(b) + r)
            }
            Self::Ellipsoid { center, axes, radii, .. } => {
                let size = Vec3::new(
                    (axes.row(0) * radii).length(),
                    (axes.row(1) * radii).length(),
                    (axes.row(2) * radii).length(),
                );
                (center - size, center + size)
            }
        }
    }
}

/// A tube along a smooth curve through points, `(position, radius)`, as capsules of at most about 6 mm.
pub fn tube(points: &[(Vec3, f32)]) -> Vec<Solid> {
    tube_of(points, 6.0)
}

/// A [`tube`] of pieces of at most about `piece_mm`.
pub fn tube_of(points: &[(Vec3, f32)], piece_mm: f32) -> Vec<Solid> {
    let mut out = Vec::new();
    let at = |n: isize| points[n.clamp(0, points.len() as isize - 1) as usize];
    for n in 0..points.len().saturating_sub(1) as isize {
        let ((p0, _), (p1, r1), (p2, r2), (p3, _)) = (at(n - 1), at(n), at(n + 1), at(n + 2));
        let pieces = ((p2 - p1).length() / piece_mm).ceil().max(1.0) as usize;
        let curve = |t: f32| {
            // Catmull-Rom: passes through every point with a continuous tangent.
            let (t2, t3) = (t * t, t * t * t);
            0.5 * (2.0 * p1
                + (p2 - p0) * t
                + (2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3) * t2
                + (3.0 * p1 - p0 - 3.0 * p2 + p3) * t3)
        };
        for piece in 0..pieces {
            let (t0, t1) = (piece as f32 / pieces as f32, (piece + 1) as f32 / pieces as f32);
            let radius = |t: f32| r1 + (r2 - r1) * t;
            out.push(Solid::Capsule { a: curve(t0), b: curve(t1), ra: radius(t0), rb: radius(t1) });
        }
    }
    out
}

/// Smooth minimum (polynomial, Quilez): blends two distances within `blend` mm.
#[inline]
pub fn smooth_min(a: f32, b: f32, blend: f32) -> f32 {
    let h = (blend - (a - b).abs()).max(0.0) / blend;
    a.min(b) - h * h * blend * 0.25
}

/// A smooth curve through `(x, value)` points with ascending x (cubic Hermite), constant beyond the ends.
pub fn curve(points: &[(f32, f32)], x: f32) -> f32 {
    let last = points.len() - 1;
    if x <= points[0].0 {
        return points[0].1;
    }
    if x >= points[last].0 {
        return points[last].1;
    }
    let n = points.partition_point(|p| p.0 <= x) - 1;
    let slope = |n: usize| {
        let (a, b) = (points[n.saturating_sub(1)], points[(n + 1).min(last)]);
        (b.1 - a.1) / (b.0 - a.0)
    };
    let ((x0, y0), (x1, y1)) = (points[n], points[n + 1]);
    let (h, t) = (x1 - x0, (x - x0) / (x1 - x0));
    let (t2, t3) = (t * t, t * t * t);
    y0 * (2.0 * t3 - 3.0 * t2 + 1.0)
        + h * slope(n) * (t3 - 2.0 * t2 + t)
        + y1 * (3.0 * t2 - 2.0 * t3)
        + h * slope(n + 1) * (t3 - t2)
}
