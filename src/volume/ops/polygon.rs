//! Polygons of one slice to voxels by the even-odd rule.
//!
//! Coordinates are pixels: (column, row), centers at integers. A voxel belongs when its center lies inside an odd number of the
//! polygons, so that inner polygons are holes and the two banks of a keyhole's channel cancel out. Centers *on* the boundary
//! belong when the inside lies toward growing columns or rows: of two polygons that share an edge, each center on it belongs
//! to exactly one.

use crate::geometry::DVec2;
use std::ops::Range;

/// Coordinates this near to a center count as on it: files round millimetres to three decimals, and a boundary that was drawn
/// through centers must not fray.
const ON_CENTER_PX: f64 = 1e-3;

/// Calls `run(row, columns)` for every run of voxels inside. Polygons are closed by themselves; coordinates must be finite.
pub fn fill_even_odd(
    polygons: &[impl AsRef<[DVec2]>],
    [columns, rows]: [usize; 2],
    mut run: impl FnMut(usize, Range<usize>),
) {
    let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); rows];
    for (a, b) in edges(polygons) {
        for row in crossed_rows(a, b, rows) {
            crossings[row].push(column_at(a, b, row as f64));
        }
    }
    for (row, mut at) in crossings.into_iter().enumerate() {
        at.sort_unstable_by(f64::total_cmp);
        for pair in at.chunks_exact(2) {
            // A float beyond the range of an index becomes its end, and a negative one 0.
            let (first, end) = (pair[0].ceil() as usize, (pair[1].ceil() as usize).min(columns));
            if first < end {
                run(row, first..end);
            }
        }
    }
}

/// How many times edges cross rows: what filling costs, known before it is paid.
pub fn row_crossings(polygons: &[impl AsRef<[DVec2]>], rows: usize) -> usize {
    edges(polygons).map(|(a, b)| crossed_rows(a, b, rows).len()).sum()
}

/// All edges, each from its upper to its lower end: the banks of a channel then give the same numbers.
fn edges(polygons: &[impl AsRef<[DVec2]>]) -> impl Iterator<Item = (DVec2, DVec2)> {
    polygons.iter().flat_map(|polygon| {
        let points = polygon.as_ref();
        let next = points.iter().cycle().skip(1);
        points.iter().zip(next).map(|(&a, &b)| {
            let (a, b) = (snapped(a), snapped(b));
            if (a.y, a.x) <= (b.y, b.x) { (a, b) } else { (b, a) }
        })
    })
}

fn snapped(point: DVec2) -> DVec2 {
    DVec2::new(to_center(point.x), to_center(point.y))
}

fn to_center(at: f64) -> f64 {
    let center = at.round();
    if (at - center).abs() < ON_CENTER_PX { center } else { at }
}

/// Rows whose center line the edge crosses: its upper end belongs to it, its lower end does not.
fn crossed_rows(a: DVec2, b: DVec2, rows: usize) -> Range<usize> {
    let first = a.y.ceil().max(0.0) as usize;
    let end = (b.y.ceil().max(0.0) as usize).min(rows);
    first.min(end)..end
}

fn column_at(a: DVec2, b: DVec2, row: f64) -> f64 {
    to_center(a.x + (b.x - a.x) * ((row - a.y) / (b.y - a.y)))
}
