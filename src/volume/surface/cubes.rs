//! The triangles in a cube of eight voxel centers, for each of the 256 cases of which of them are inside; worked out once from
//! one rule instead of a table from a paper (whose first version had holes).
//!
//! Rule: on each face of the cube the surface's outline joins the two ends of every run of inside corners, so that diagonal
//! corners are kept apart. The rule sees the four corners of a face only, so both cubes at a face draw the same outline, and
//! nothing gapes. The outlines of six faces close to loops, and loops are cut into triangles whose inner edges never lie in a
//! face, where the neighbor could have the same edge.
//!
//! Corner `x + 2y + 4z` lies at (x, y, z). Edge `4a + b + 2c` runs along axis `a`; `b` and `c` are its places along the next
//! two axes in cyclic order.

use std::sync::LazyLock;

/// Triangles by case, as edges of the cube; counterclockwise seen from outside.
pub(super) static CUBES: LazyLock<Vec<Vec<[u8; 3]>>> = LazyLock::new(|| (0..=255).map(triangles).collect());

/// Axis of an edge, and the corner that it starts at.
#[inline]
pub(super) fn edge(edge: u8) -> (usize, [usize; 3]) {
    let axis = usize::from(edge / 4);
    let mut corner = [0; 3];
    corner[(axis + 1) % 3] = usize::from(edge & 1);
    corner[(axis + 2) % 3] = usize::from(edge >> 1 & 1);
    (axis, corner)
}

fn triangles(case: u8) -> Vec<[u8; 3]> {
    // Where the surface's outline goes on from each edge that it crosses.
    let mut next: [Option<u8>; 12] = [None; 12];
    for face in 0..6 {
        let corners = face_corners(face);
        let is_inside = |n: usize| case >> corners[n % 4] & 1 == 1;
        for start in (0..4).filter(|&n| !is_inside(n) && is_inside(n + 1)) {
            // The run of inside corners from start + 1 on ends before the first one outside.
            let end = (start + 1..start + 4).find(|&n| !is_inside(n + 1)).unwrap_or(start + 3);
            let between = |n: usize| edge_between(corners[n % 4], corners[(n + 1) % 4]);
            next[usize::from(between(start))] = Some(between(end));
        }
    }
    let mut found = Vec::new();
    for start in 0..12 {
        let mut outline = Vec::new();
        let mut at = start;
        while let Some(to) = next[usize::from(at)].take() {
            outline.push(at);
            at = to;
        }
        cut(&outline, &mut found);
    }
    found
}

/// Corners of a face, counterclockwise seen from outside the cube.
fn face_corners(face: usize) -> [usize; 4] {
    let (axis, is_far) = (face / 2, face % 2);
    let (b, c) = (1 << ((axis + 1) % 3), 1 << ((axis + 2) % 3));
    let corners = [0, b, b | c, c].map(|corner| corner | is_far << axis);
    if is_far == 1 { corners } else { [corners[0], corners[3], corners[2], corners[1]] }
}

fn edge_between(a: usize, b: usize) -> u8 {
    let axis = (a ^ b).trailing_zeros() as usize;
    let low = a & b;
    let place = |n: usize| low >> ((axis + n) % 3) & 1;
    (4 * axis + place(1) + 2 * place(2)) as u8
}

/// Cuts a loop into triangles: first one whose new edge is not in a face, then the rest. Returns false, and leaves `found` as
/// it was, when that is not possible.
fn cut(outline: &[u8], found: &mut Vec<[u8; 3]>) -> bool {
    let count = outline.len();
    if count <= 3 {
        found.extend(<[u8; 3]>::try_from(outline));
        return true;
    }
    for ear in 0..count {
        let [a, b, c] = [0, 1, 2].map(|n| outline[(ear + n) % count]);
        if share_a_face(a, c) {
            continue;
        }
        let before = found.len();
        found.push([a, b, c]);
        let rest: Vec<u8> = outline.iter().copied().filter(|&edge| edge != b).collect();
        if cut(&rest, found) {
            return true;
        }
        found.truncate(before);
    }
    false
}

/// True when two edges of the cube lie in one of its faces.
fn share_a_face(a: u8, b: u8) -> bool {
    let ((axis_a, at_a), (axis_b, at_b)) = (edge(a), edge(b));
    (0..3).any(|axis| axis != axis_a && axis != axis_b && at_a[axis] == at_b[axis])
}
