//! Two listings side by side: what was added, removed or changed, at every depth.
//!
//! Elements are joined by tag, items of a sequence by their number. Lines of both listings come out in one order, each with
//! what became of it, so that a reader sees differences where they stand.

use super::{Line, Subject};

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The same in both, with everything below it.
    Same,
    /// Only in the second.
    Added,
    /// Only in the first.
    Removed,
    /// In both, with another value or representation.
    Changed,
    /// In both; something below it differs.
    Inside,
}

impl Change {
    /// The word for it; empty for [`Self::Same`].
    pub fn word(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Inside => "differs inside",
        }
    }
}

/// A line of either listing, and its twin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// As in the first listing, or in the second for what was added.
    pub line: Line,
    /// What became of it.
    pub change: Change,
    /// The second listing's line, where both have one and it differs.
    pub other: Option<Line>,
}

/// Compares two listings whose pixels have digests ([`super::list`] with `digest_pixels`).
pub fn compare(first: &[Line], second: &[Line]) -> Vec<Compared> {
    let mut found = Vec::new();
    join(first, second, &mut found);
    found
}

/// Joins two runs of siblings; true when anything differs.
fn join(first: &[Line], second: &[Line], found: &mut Vec<Compared>) -> bool {
    let mut differs = false;
    let (mut a, mut b) = (first, second);
    loop {
        let (left, right) = (a.first(), b.first());
        let order = match (left, right) {
            (None, None) => return differs,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(left), Some(right)) => rank(left).cmp(&rank(right)),
        };
        if order.is_lt() {
            let (block, rest) = a.split_at(block(a));
            found.extend(alone(block, Change::Removed));
            (a, differs) = (rest, true);
        } else if order.is_gt() {
            let (block, rest) = b.split_at(block(b));
            found.extend(alone(block, Change::Added));
            (b, differs) = (rest, true);
        } else {
            let (mine, a_rest) = a.split_at(block(a));
            let (theirs, b_rest) = b.split_at(block(b));
            differs |= twins(mine, theirs, found);
            (a, b) = (a_rest, b_rest);
        }
    }
}

/// One line that both have, and what lies below it; true when anything differs.
fn twins(mine: &[Line], theirs: &[Line], found: &mut Vec<Compared>) -> bool {
    let place = found.len();
    let changed = mine[0].differs_from(&theirs[0]);
    let other = changed.then(|| theirs[0].clone());
    found.push(Compared { line: mine[0].clone(), change: Change::Same, other });
    let inside = join(&mine[1..], &theirs[1..], found);
    found[place].change = match (changed, inside) {
        (true, _) => Change::Changed,
        (false, true) => Change::Inside,
        (false, false) => Change::Same,
    };
    changed || inside
}

/// Length of the first line with everything below it.
fn block(lines: &[Line]) -> usize {
    let depth = lines[0].depth;
    1 + lines[1..].iter().take_while(|line| line.depth > depth).count()
}

fn alone(block: &[Line], change: Change) -> impl Iterator<Item = Compared> + '_ {
    block.iter().map(move |line| Compared { line: line.clone(), change, other: None })
}

fn rank(line: &Line) -> (usize, usize) {
    match line.subject {
        Subject::Element(group, element) => (usize::from(group), usize::from(element)),
        Subject::Item(number) => (0, number),
    }
}

impl Line {
    fn differs_from(&self, other: &Self) -> bool {
        (self.vr, self.digest, &self.value) != (other.vr, other.digest, &other.value)
    }
}
