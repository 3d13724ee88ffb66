//! Connected parts of a mask, found on row runs: memory and time follow the outline, not the voxels.

use super::Mask;
use rayon::prelude::*;

/// Which voxels hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Faces.
    Faces,
    /// Faces, edges and corners.
    Corners,
    /// Faces and corners within a slice; slices stay apart.
    InSlice,
    /// Faces within a slice; slices stay apart.
    FacesInSlice,
}

/// One connected part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Voxels in it.
    pub voxels: usize,
    /// Sums of i, j, k over its voxels.
    pub sum_ijk: [u64; 3],
    /// Smallest i, j, k.
    pub min_ijk: [usize; 3],
    /// Largest i, j, k.
    pub max_ijk: [usize; 3],
}

impl Part {
    /// Center of mass as fractional (i, j, k).
    pub fn center_ijk(&self) -> [f64; 3] {
        self.sum_ijk.map(|s| s as f64 / self.voxels as f64)
    }
}

#[derive(Debug, Clone, Copy)]
struct Run {
    /// k · rows + j.
    row: usize,
    start: usize,
    end: usize,
}

/// The parts of a mask and where their voxels are.
#[derive(Debug, Clone)]
pub struct Parts {
    dims: [usize; 3],
    runs: Vec<Run>,
    part_of_run: Vec<u32>,
    parts: Vec<Part>,
}

impl Parts {
    /// Finds the parts of a mask, in the order of their first voxels.
    pub fn of(mask: &Mask, links: Links) -> Self {
        let dims = mask.dims();
        let [ni, nj, nk] = dims;
        let by_slice: Vec<Vec<Run>> = (0..nk)
            .into_par_iter()
            .map(|k| {
                let rows = mask.slice(k).chunks_exact(ni).enumerate();
                rows.flat_map(|(j, row)| row_runs(row, k * nj + j)).collect()
            })
            .collect();
        let runs: Vec<Run> = by_slice.into_iter().flatten().collect();
        let mut first_of_row = vec![0usize; nj * nk + 1];
        for run in &runs {
            first_of_row[run.row + 1] += 1;
        }
        for row in 0..nj * nk {
            first_of_row[row + 1] += first_of_row[row];
        }
        let mut forest = Forest((0..runs.len() as u32).collect());
        let reach = usize::from(matches!(links, Links::Corners | Links::InSlice));
        for row in 0..nj * nk {
            let here = first_of_row[row]..first_of_row[row + 1];
            if here.is_empty() {
                continue;
            }
            for other in earlier_rows(row, nj, links) {
                join_rows(&runs, here.clone(), first_of_row[other]..first_of_row[other + 1], reach, &mut forest);
            }
        }
        Self::described(dims, runs, forest)
    }

    fn described(dims: [usize; 3], runs: Vec<Run>, mut forest: Forest) -> Self {
        let mut number = vec![u32::MAX; runs.len()];
        let mut parts: Vec<Part> = Vec::new();
        let mut part_of_run = Vec::with_capacity(runs.len());
        for (n, run) in runs.iter().enumerate() {
            let root = forest.root(n as u32) as usize;
            let (j, k) = (run.row % dims[1], run.row / dims[1]);
            if number[root] == u32::MAX {
                number[root] = parts.len() as u32;
                let at = [run.start, j, k];
                parts.push(Part { voxels: 0, sum_ijk: [0; 3], min_ijk: at, max_ijk: at });
            }
            part_of_run.push(number[root]);
            let part = &mut parts[number[root] as usize];
            let length = run.end - run.start;
            part.voxels += length;
            // First plus last times length is even; half of it is the sum of i.
            part.sum_ijk[0] += ((run.start + run.end - 1) * length / 2) as u64;
            part.sum_ijk[1] += (j * length) as u64;
            part.sum_ijk[2] += (k * length) as u64;
            for (axis, (low, high)) in [(run.start, run.end - 1), (j, j), (k, k)].into_iter().enumerate() {
                part.min_ijk[axis] = part.min_ijk[axis].min(low);
                part.max_ijk[axis] = part.max_ijk[axis].max(high);
            }
        }
        Self { dims, runs, part_of_run, parts }
    }

    /// All parts.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Index of the largest part; the first of equals.
    pub fn largest(&self) -> Option<usize> {
        (0..self.parts.len()).rev().max_by_key(|&n| self.parts[n].voxels)
    }

    /// The union of the parts that the test accepts (index, part).
    pub fn select(&self, test: impl Fn(usize, &Part) -> bool) -> Mask {
        let keep: Vec<bool> = self.parts.iter().enumerate().map(|(n, p)| test(n, p)).collect();
        let mut mask = Mask::empty(self.dims);
        let flags = mask.flags_mut();
        for (run, &part) in self.runs.iter().zip(&self.part_of_run) {
            if keep[part as usize] {
                flags[run.row * self.dims[0] + run.start..run.row * self.dims[0] + run.end].fill(true);
            }
        }
        mask
    }

    /// Calls `visit(part, flat index of the first voxel, length)` for every row run.
    pub fn for_runs(&self, mut visit: impl FnMut(usize, usize, usize)) {
        for (run, &part) in self.runs.iter().zip(&self.part_of_run) {
            visit(part as usize, run.row * self.dims[0] + run.start, run.end - run.start);
        }
    }
}

fn row_runs(row: &[bool], number: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(start) = row[at..].iter().position(|&b| b).map(|n| n + at) {
        let end = row[start..].iter().position(|&b| !b).map_or(row.len(), |n| n + start);
        runs.push(Run { row: number, start, end });
        at = end;
    }
    runs
}

/// Rows before `row` whose voxels may touch it.
fn earlier_rows(row: usize, nj: usize, links: Links) -> impl Iterator<Item = usize> {
    let (j, k) = (row % nj, row / nj);
    let wide = links == Links::Corners;
    let below = k > 0 && matches!(links, Links::Faces | Links::Corners);
    [
        (j > 0).then(|| row - 1),
        below.then(|| row - nj),
        (below && wide && j > 0).then(|| row - nj - 1),
        (below && wide && j + 1 < nj).then(|| row - nj + 1),
    ]
    .into_iter()
    .flatten()
}

/// Joins runs of two rows that overlap, or come within `reach` of it.
fn join_rows(
    runs: &[Run],
    here: std::ops::Range<usize>,
    there: std::ops::Range<usize>,
    reach: usize,
    forest: &mut Forest,
) {
    let (mut a, mut b) = (here.start, there.start);
    while a < here.end && b < there.end {
        if runs[a].start < runs[b].end + reach && runs[b].start < runs[a].end + reach {
            forest.join(a as u32, b as u32);
        }
        if runs[a].end < runs[b].end {
            a += 1;
        } else {
            b += 1;
        }
    }
}

/// Disjoint sets; the smallest member is the root.
struct Forest(Vec<u32>);

impl Forest {
    fn root(&mut self, mut n: u32) -> u32 {
        while self.0[n as usize] != n {
            let up = self.0[self.0[n as usize] as usize];
            self.0[n as usize] = up;
            n = up;
        }
        n
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        self.0[high as usize] = low;
    }
}
