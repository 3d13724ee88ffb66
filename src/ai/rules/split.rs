//! Two lungs that touch (in front of or behind the heart) are taken apart: erosion until two halves remain, then growth
//! back from both at the same pace.

use super::canonical::Canonical;
use crate::volume::ops::{Links, Mask, Parts, erode_discs, spread};

/// A part has both sides when at least this share of it lies on either side of the middle.
const SIDE_SHARE: f64 = 0.12;
/// A half holds at least this share of what erosion left.
const HALF_SHARE: f64 = 0.12;
/// Erosion radii tried, in mm.
const RADII_MM: [f64; 7] = [1.0, 1.8, 2.7, 4.0, 5.5, 7.5, 10.0];

/// Both sides of one part.
pub struct Halves {
    pub right: Mask,
    pub left: Mask,
    /// True when no erosion separated them and the middle plane had to.
    pub at_midline: bool,
}

/// True when a part lies on both sides of the middle.
pub fn spans_both_sides(ct: &Canonical, parts: &Parts, part: usize, middle_i: f64) -> bool {
    let ni = ct.dims[0];
    let (mut right, mut all) = (0usize, 0usize);
    let middle = middle_i.max(0.0) as usize;
    parts.for_runs(|n, first, length| {
        if n == part {
            all += length;
            right += (first % ni + length).min(middle).saturating_sub(first % ni);
        }
    });
    let share = right as f64 / all.max(1) as f64;
    (SIDE_SHARE..=1.0 - SIDE_SHARE).contains(&share)
}

/// Takes a part apart.
pub fn apart(ct: &Canonical, both: &Mask, middle_i: f64) -> Halves {
    for radius_mm in RADII_MM {
        let eroded = erode_discs(both, ct.spacing_mm, radius_mm);
        let parts = Parts::of(&eroded, Links::Faces);
        let total: usize = parts.parts().iter().map(|p| p.voxels).sum();
        let large: Vec<usize> =
            (0..parts.parts().len()).filter(|&n| parts.parts()[n].voxels as f64 >= HALF_SHARE * total as f64).collect();
        let is_right = |n: usize| parts.parts()[n].center_ijk()[0] < middle_i;
        let mixed = large.iter().any(|&n| spans_both_sides(ct, &parts, n, middle_i));
        if !mixed && large.iter().any(|&n| is_right(n)) && large.iter().any(|&n| !is_right(n)) {
            let right = parts.select(|n, _| large.contains(&n) && is_right(n));
            let left = parts.select(|n, _| large.contains(&n) && !is_right(n));
            return grow_back(ct, both, &right, &left);
        }
    }
    let ni = ct.dims[0];
    let side = |keep_right: bool| {
        Mask::by_slices(ct.dims, |k, out| {
            for (n, (out, &inside)) in out.iter_mut().zip(both.slice(k)).enumerate() {
                *out = inside && (((n % ni) as f64) < middle_i) == keep_right;
            }
        })
    };
    Halves { right: side(true), left: side(false), at_midline: true }
}

/// Both seeds grow through the part at the same pace until they meet.
fn grow_back(ct: &Canonical, both: &Mask, right: &Mask, left: &Mask) -> Halves {
    let seeds = right.flags().iter().zip(left.flags());
    let mut labels: Vec<u16> = seeds.map(|(&r, &l)| u16::from(r) + 2 * u16::from(l)).collect();
    spread(ct.dims, &mut labels, both.flags());
    let side = |label| Mask::where_value(ct.dims, &labels, move |v| v == label);
    Halves { right: side(1), left: side(2), at_midline: false }
}
