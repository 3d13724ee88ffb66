//! Outlines of a mask in one slice, along the edges between pixels.
//!
//! Coordinates are pixels: (column, row), centers at integers, so that corners lie at halves. Filling the outlines by the
//! even-odd rule ([`super::fill_even_odd`]) gives exactly the same mask.

use crate::geometry::DVec2;

/// Directions clockwise on screen: right, down, left, up. The mask lies at the right hand of its outline.
const STEPS: [[i64; 2]; 4] = [[1, 0], [0, 1], [-1, 0], [0, -1]];
const RIGHT: usize = 0;
/// No node.
const NONE: u32 = u32::MAX;

/// The outlines of `inside` (row by row), one closed polygon for each part whose pixels share edges. Holes hang in their
/// part's polygon by channels of no width (keyholes), so that each polygon stands for itself.
pub fn outlines(inside: &[bool], [columns, rows]: [usize; 2]) -> Vec<Vec<DVec2>> {
    let mut tracing = Tracing::of(inside, columns, rows);
    let width = columns + 1;
    let mut outer = Vec::new();
    // A loop is met first at its topmost, then leftmost corner. There an outline goes right and a hole down.
    for corner in 0..width * (rows + 1) {
        for direction in 0..2 {
            if tracing.unused[corner] >> direction & 1 == 1 {
                let first = tracing.follow(corner, direction);
                if direction == RIGHT {
                    outer.push(first);
                } else {
                    tracing.hang(first);
                }
            }
        }
    }
    outer.into_iter().map(|first| tracing.polygon(first)).collect()
}

/// Corners joined to loops.
struct Tracing {
    width: usize,
    /// Outlines that leave each corner, one bit per direction.
    leaving: Vec<u8>,
    unused: Vec<u8>,
    /// Corner and successor of each node.
    corner: Vec<u32>,
    next: Vec<u32>,
    /// First node at each corner.
    node_at: Vec<u32>,
    /// Last node of the loop that was followed last.
    last: u32,
}

impl Tracing {
    fn of(inside: &[bool], columns: usize, rows: usize) -> Self {
        let width = columns + 1;
        let at = |i: usize, j: usize| i < columns && j < rows && inside[j * columns + i];
        let mut leaving = vec![0u8; width * (rows + 1)];
        for j in 0..rows {
            for i in (0..columns).filter(|&i| at(i, j)) {
                let corner = j * width + i;
                // Its four edges, each where the neighbor is outside; an index below 0 wraps and is outside too.
                leaving[corner] |= u8::from(!at(i, j.wrapping_sub(1)));
                leaving[corner + 1] |= u8::from(!at(i + 1, j)) << 1;
                leaving[corner + width + 1] |= u8::from(!at(i, j + 1)) << 2;
                leaving[corner + width] |= u8::from(!at(i.wrapping_sub(1), j)) << 3;
            }
        }
        let node_at = vec![NONE; leaving.len()];
        let unused = leaving.clone();
        Self { width, leaving, unused, corner: Vec::new(), next: Vec::new(), node_at, last: NONE }
    }

    /// Follows a loop from its first corner; returns its first node.
    fn follow(&mut self, start: usize, first_direction: usize) -> u32 {
        let first = self.node(start);
        let (mut corner, mut direction, mut node) = (start, first_direction, first);
        loop {
            self.unused[corner] &= !(1 << direction);
            let [dx, dy] = STEPS[direction];
            corner = (corner as i64 + dx + dy * self.width as i64) as usize;
            // Where two outlines meet, turning right stays at the same pixel.
            let turned = [1, 0, 3].map(|turn| (direction + turn) % 4);
            direction = turned.into_iter().find(|d| self.leaving[corner] >> d & 1 == 1).unwrap_or(direction);
            if (corner, direction) == (start, first_direction) {
                self.next[node as usize] = first;
                self.last = node;
                return first;
            }
            let next = self.node(corner);
            self.next[node as usize] = next;
            node = next;
        }
    }

    fn node(&mut self, corner: usize) -> u32 {
        let node = self.corner.len() as u32;
        self.corner.push(corner as u32);
        self.next.push(NONE);
        if self.node_at[corner] == NONE {
            self.node_at[corner] = node;
        }
        node
    }

    /// Hangs the hole that was followed last, whose first node is given, into the outline above it. That one was met before,
    /// and if it is a hole itself, it hangs already.
    fn hang(&mut self, hole: u32) {
        let from = self.corner[hole as usize] as usize;
        let above = (1..=from / self.width).map(|up| self.node_at[from - up * self.width]).find(|node| *node != NONE);
        // There is always one: a hole lies inside a part.
        let Some(anchor) = above else { return };
        let (back_at_hole, back_at_anchor) = (self.node(from), self.node(self.corner[anchor as usize] as usize));
        self.next[self.last as usize] = back_at_hole;
        self.next[back_at_hole as usize] = back_at_anchor;
        self.next[back_at_anchor as usize] = self.next[anchor as usize];
        self.next[anchor as usize] = hole;
    }

    /// The loop's corners where it turns.
    fn polygon(&self, first: u32) -> Vec<DVec2> {
        let mut corners: Vec<[i64; 2]> = Vec::new();
        let mut node = first;
        loop {
            let corner = self.corner[node as usize] as usize;
            corners.push([(corner % self.width) as i64, (corner / self.width) as i64]);
            node = self.next[node as usize];
            if node == first {
                break;
            }
        }
        let count = corners.len();
        let toward = |a: [i64; 2], b: [i64; 2]| [(b[0] - a[0]).signum(), (b[1] - a[1]).signum()];
        (0..count)
            .filter(|&n| {
                let (before, here, after) = (corners[(n + count - 1) % count], corners[n], corners[(n + 1) % count]);
                toward(before, here) != toward(here, after)
            })
            .map(|n| DVec2::new(corners[n][0] as f64 - 0.5, corners[n][1] as f64 - 0.5))
            .collect()
    }
}
