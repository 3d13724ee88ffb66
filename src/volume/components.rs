//! Connected components of a set of voxels.

use crate::geometry::VolumeGeometry;

/// Which neighbors touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connectivity {
    /// Faces.
    Six,
    /// Faces, edges and corners.
    TwentySix,
}

/// One connected component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Flat voxel indices, ascending.
    pub voxels: Vec<usize>,
    /// Smallest i, j, k.
    pub min_ijk: [usize; 3],
    /// Largest i, j, k.
    pub max_ijk: [usize; 3],
    /// True when a voxel lies on the outer surface of the grid.
    pub touches_border: bool,
}

/// Components of `inside` (one flag per voxel, consumed as scratch), largest first; ties by first voxel.
pub fn components(geometry: &VolumeGeometry, mut inside: Vec<bool>, connectivity: Connectivity) -> Vec<Component> {
    debug_assert_eq!(inside.len(), geometry.len());
    let mut found = Vec::new();
    let mut stack = Vec::new();
    for seed in 0..inside.len() {
        if !inside[seed] {
            continue;
        }
        inside[seed] = false;
        stack.push(seed);
        let mut voxels = Vec::new();
        while let Some(at) = stack.pop() {
            voxels.push(at);
            for_neighbors(geometry, at, connectivity, |next| {
                if std::mem::take(&mut inside[next]) {
                    stack.push(next);
                }
            });
        }
        found.push(describe(geometry, voxels));
    }
    found.sort_by_key(|c: &Component| (usize::MAX - c.voxels.len(), c.voxels[0]));
    found
}

fn describe(geometry: &VolumeGeometry, mut voxels: Vec<usize>) -> Component {
    voxels.sort_unstable();
    let mut min_ijk = [usize::MAX; 3];
    let mut max_ijk = [0; 3];
    for &voxel in &voxels {
        let ijk = geometry.ijk(voxel);
        for axis in 0..3 {
            min_ijk[axis] = min_ijk[axis].min(ijk[axis]);
            max_ijk[axis] = max_ijk[axis].max(ijk[axis]);
        }
    }
    let dims = geometry.dims();
    let touches_border = (0..3).any(|axis| min_ijk[axis] == 0 || max_ijk[axis] + 1 == dims[axis]);
    Component { voxels, min_ijk, max_ijk, touches_border }
}

/// Calls `visit` with the flat index of each neighbor inside the grid.
fn for_neighbors(geometry: &VolumeGeometry, at: usize, connectivity: Connectivity, mut visit: impl FnMut(usize)) {
    let dims = geometry.dims();
    let ijk = geometry.ijk(at);
    let reach = |axis: usize| ijk[axis].saturating_sub(1)..=(ijk[axis] + 1).min(dims[axis] - 1);
    match connectivity {
        Connectivity::Six => {
            let steps = [1, dims[0], dims[0] * dims[1]];
            for axis in 0..3 {
                if ijk[axis] > 0 {
                    visit(at - steps[axis]);
                }
                if ijk[axis] + 1 < dims[axis] {
                    visit(at + steps[axis]);
                }
            }
        }
        Connectivity::TwentySix => {
            for k in reach(2) {
                for j in reach(1) {
                    for i in reach(0) {
                        let next = geometry.index([i, j, k]);
                        if next != at {
                            visit(next);
                        }
                    }
                }
            }
        }
    }
}
