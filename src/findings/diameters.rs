//! Diameters of the part of a mask that lies in one slice. Coordinates are fractional voxel indices `(i, j)` of that slice;
//! pixel corners lie at half-integers. Lengths are in mm, from the spacing along i and j (at right angles to each other
//! in every geometry, sheared ones too).

use crate::geometry::{DVec2, VolumeGeometry};

/// A distance within one slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct InPlane {
    pub length_mm: f64,
    /// Both ends as fractional `(i, j)`.
    pub ends_ij: [DVec2; 2],
}

/// First and last pixel of each row: all that the convex hull depends on.
pub(super) struct SliceOutline {
    rows: Vec<Option<(usize, usize)>>,
}

impl SliceOutline {
    pub fn new(rows: usize) -> Self {
        Self { rows: vec![None; rows] }
    }

    /// Adds the pixels `first..=last` of row `j`.
    pub fn add_run(&mut self, j: usize, first: usize, last: usize) {
        let (a, b) = self.rows[j].unwrap_or((first, last));
        self.rows[j] = Some((a.min(first), b.max(last)));
    }

    /// True when a pixel lies in the first or last row or column.
    pub fn touches_edge(&self, columns: usize) -> bool {
        let at_row = |j: usize| self.rows.get(j).is_some_and(Option::is_some);
        at_row(0)
            || at_row(self.rows.len() - 1)
            || self.rows.iter().flatten().any(|&(first, last)| first == 0 || last + 1 == columns)
    }

    /// Corners of the convex hull of all pixel *squares*, in order around it.
    pub fn hull(&self) -> Vec<DVec2> {
        // Twice the corner coordinates are whole numbers, so that the turns are exact.
        let mut left: Vec<[i64; 2]> = Vec::new();
        let mut right: Vec<[i64; 2]> = Vec::new();
        for (j, row) in self.rows.iter().enumerate() {
            let Some((first, last)) = *row else { continue };
            let (first, last, j) = (2 * first as i64 - 1, 2 * last as i64 + 1, 2 * j as i64);
            for edge in [j - 1, j + 1] {
                push_convex(&mut left, [first, edge], -1);
                push_convex(&mut right, [last, edge], 1);
            }
        }
        left.reverse();
        right.extend(left);
        right.iter().map(|&[i, j]| DVec2::new(i as f64, j as f64) / 2.0).collect()
    }
}

/// Appends a point of growing j to a chain that only ever turns to one side (`sign` of the cross product).
fn push_convex(chain: &mut Vec<[i64; 2]>, point: [i64; 2], sign: i64) {
    while let [.., a, b] = chain[..] {
        let cross = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]);
        if cross * sign > 0 {
            break;
        }
        chain.pop();
    }
    chain.push(point);
}

impl InPlane {
    /// The two hull corners that lie farthest apart. A digital outline of diameter d has only some d^⅔ hull corners, so
    /// that comparing all pairs is both the simplest and a fast way.
    pub fn longest(geometry: &VolumeGeometry, hull: &[DVec2]) -> Self {
        let spacing = geometry.spacing_mm().truncate();
        let first = hull.first().copied().unwrap_or_default();
        let mut best = (0.0, [first; 2]);
        for (n, &a) in hull.iter().enumerate() {
            for &b in &hull[n + 1..] {
                let square = ((b - a) * spacing).length_squared();
                if square > best.0 {
                    best = (square, [a, b]);
                }
            }
        }
        Self { length_mm: best.0.sqrt(), ends_ij: best.1 }
    }

    /// The longest extent of the mask along any line at right angles to this one. `slice` holds the labels row by row.
    ///
    /// Along the long axis, the first and the last mask point on the crossing line move linearly between pixel corners:
    /// the longest extent is found on a line through a corner of a boundary pixel, and only those are tried.
    pub fn longest_perpendicular(&self, geometry: &VolumeGeometry, slice: &[u8], label: u8) -> Option<Self> {
        let spacing = geometry.spacing_mm().truncate();
        let along = ((self.ends_ij[1] - self.ends_ij[0]) * spacing).try_normalize()?;
        let across = along.perp();
        let origin = self.ends_ij[0];
        let pixels = boundary_pixels(geometry, slice, label);
        let corners_of = |pixel: DVec2| {
            [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)].map(|(i, j)| {
                let mm = (pixel + DVec2::new(i, j) - origin) * spacing;
                DVec2::new(mm.dot(along), mm.dot(across))
            })
        };
        let mut lines: Vec<f64> = pixels.iter().flat_map(|&p| corners_of(p)).map(|c| c.x).collect();
        lines.sort_unstable_by(f64::total_cmp);
        // Corners on one line differ by rounding only.
        let tolerance = spacing.min_element() * 1e-6;
        lines.dedup_by(|b, a| *b - *a < tolerance);
        let mut reach = vec![(f64::INFINITY, f64::NEG_INFINITY); lines.len()];
        for &pixel in &pixels {
            let corners = corners_of(pixel);
            let low = corners.iter().fold(f64::INFINITY, |m, c| m.min(c.x)) - tolerance;
            let high = corners.iter().fold(f64::NEG_INFINITY, |m, c| m.max(c.x)) + tolerance;
            let from = lines.partition_point(|&t| t < low);
            for (t, reach) in lines[from..].iter().zip(&mut reach[from..]).take_while(|(t, _)| **t <= high) {
                let (a, b) = cut(&corners, *t);
                *reach = (reach.0.min(a), reach.1.max(b));
            }
        }
        let (t, (low, high)) = lines.iter().zip(&reach).fold(None, |best: Option<(f64, (f64, f64))>, (&t, &r)| {
            best.filter(|(_, b)| b.1 - b.0 >= r.1 - r.0).or(Some((t, r)))
        })?;
        let end = |s: f64| origin + (along * t + across * s) / spacing;
        (high > low).then(|| Self { length_mm: high - low, ends_ij: [end(low), end(high)] })
    }
}

/// Where the line x = `t` enters and leaves a square given by its corners in order; a line that touches it within
/// rounding meets the nearest corner.
fn cut(corners: &[DVec2; 4], t: f64) -> (f64, f64) {
    let low = corners.iter().fold(f64::INFINITY, |m, c| m.min(c.x));
    let high = corners.iter().fold(f64::NEG_INFINITY, |m, c| m.max(c.x));
    let t = t.clamp(low, high);
    let mut found = (f64::INFINITY, f64::NEG_INFINITY);
    for n in 0..4 {
        let (a, b) = (corners[n], corners[(n + 1) % 4]);
        if (a.x.min(b.x)..=a.x.max(b.x)).contains(&t) {
            let width = b.x - a.x;
            let ys = if width == 0.0 { [a.y, b.y] } else { [a.y + (b.y - a.y) * ((t - a.x) / width); 2] };
            for y in ys {
                found = (found.0.min(y), found.1.max(y));
            }
        }
    }
    found
}

/// Centers of the pixels of a label that have a neighbor (along a row or column) outside it or outside the picture.
fn boundary_pixels(geometry: &VolumeGeometry, slice: &[u8], label: u8) -> Vec<DVec2> {
    let [ni, nj, _] = geometry.dims();
    let mut pixels = Vec::new();
    for j in 0..nj {
        let row = j * ni;
        for i in 0..ni {
            let at = row + i;
            if slice[at] != label {
                continue;
            }
            let inner = i > 0
                && i + 1 < ni
                && j > 0
                && j + 1 < nj
                && slice[at - 1] == label
                && slice[at + 1] == label
                && slice[at - ni] == label
                && slice[at + ni] == label;
            if !inner {
                pixels.push(DVec2::new(i as f64, j as f64));
            }
        }
    }
    pixels
}
