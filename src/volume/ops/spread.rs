//! Growth of several labels at once, one face per step, until they meet.

use super::{Links, Mask, Parts};

/// Every voxel of `within` that a labeled one can reach through it gets the label that reaches it first (counted in
/// faces; of equals the one that was there first). `labels` has one entry per voxel, 0 = none; others stay as they are.
pub fn spread(dims: [usize; 3], labels: &mut [u16], within: &[bool]) {
    let mut front: Vec<usize> = (0..labels.len()).filter(|&n| labels[n] != 0).collect();
    while !front.is_empty() {
        let mut next = Vec::new();
        for at in front {
            for n in face_neighbors(dims, at) {
                if within[n] && labels[n] == 0 {
                    labels[n] = labels[at];
                    next.push(n);
                }
            }
        }
        front = next;
    }
}

/// One label per connected part (faces), from 1; parts beyond 65 535 get none.
pub fn part_labels(mask: &Mask) -> (Parts, Vec<u16>) {
    let parts = Parts::of(mask, Links::Faces);
    let mut labels = vec![0u16; mask.flags().len()];
    parts.for_runs(|part, first, length| {
        labels[first..first + length].fill(u16::try_from(part + 1).unwrap_or(0));
    });
    (parts, labels)
}

/// Flat indices of the voxels that share a face with one.
pub fn face_neighbors(dims: [usize; 3], at: usize) -> impl Iterator<Item = usize> {
    let [ni, nj, nk] = dims;
    let (i, j, k) = (at % ni, at / ni % nj, at / (ni * nj));
    [
        (i > 0).then(|| at - 1),
        (i + 1 < ni).then(|| at + 1),
        (j > 0).then(|| at - ni),
        (j + 1 < nj).then(|| at + ni),
        (k > 0).then(|| at - ni * nj),
        (k + 1 < nk).then(|| at + ni * nj),
    ]
    .into_iter()
    .flatten()
}
