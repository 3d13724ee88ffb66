//! Lungs: large air-filled parts of the body that look like lung and not like gas, told apart by side.
//!
//! What is solid inside a lung (consolidation, effusion, masses broader than the closing disc) is outside these masks;
//! a pneumothorax is inside, because it is air in the chest.

use super::canonical::Canonical;
use super::split;
use crate::volume::ops::{Links, Mask, Parts, close_discs, dilate_discs, erode_discs, holes_in_slices};

/// Lung is lighter than this.
const LUNG_HU: i16 = -400;
/// Below this a voxel is as good as pure gas, and from here up it is aerated tissue.
const GAS_HU: i16 = -930;
/// Away from its surface bowel gas is nearly all gas; lung is not …
const MOST_GAS_SHARE: f64 = 0.5;
/// … but a large emphysematous one may be, and no bowel is as large as two lungs.
const MOST_GAS_SHARE_WHOLE: f64 = 0.8;
const BOTH_LUNGS_ML: f64 = 1500.0;
/// Only parts of this size are looked at.
const SMALLEST_ML: f64 = 8.0;
/// A whole lung exceeds this; a smaller part must be cut by the upper end of the series (lung bases of an abdomen CT) …
const WHOLE_LUNG_ML: f64 = 250.0;
/// … where it is nearly as broad as anywhere below.
const CUT_AREA_SHARE: f64 = 0.5;
/// How far bronchial walls reach beyond the lumen.
const AIRWAY_WALL_MM: f64 = 2.0;
/// Vessels, and nodules at the pleura, up to twice this broad belong to the lung.
const CLOSING_MM: f64 = 7.0;
/// A part whose center lies nearer to the middle than this has no certain side.
const CERTAIN_SIDE_MM: f64 = 15.0;

/// Lungs by side; empty masks where a side was not found.
pub struct Lungs {
    pub right: Mask,
    pub left: Mask,
    /// Sentences about what is uncertain.
    pub notes: Vec<String>,
}

/// Parts of the body's air that look like lung; may hold trachea and bronchi. Empty when there is none.
pub fn candidates(ct: &Canonical, body: &Mask) -> Mask {
    let air = Mask::where_value(ct.dims, &ct.hu, |v| v < LUNG_HU).and(body);
    lung_like(ct, &air)
}

fn lung_like(ct: &Canonical, air: &Mask) -> Mask {
    let parts = Parts::of(air, Links::Faces);
    let ml = |voxels: usize| voxels as f64 * ct.voxel_ml();
    let large: Vec<bool> = parts.parts().iter().map(|p| ml(p.voxels) >= SMALLEST_ML).collect();
    if !large.contains(&true) {
        return Mask::empty(ct.dims);
    }
    let inner =
        erode_discs(&parts.select(|n, _| large[n]), ct.spacing_mm, 1.5 * ct.spacing_mm[0].max(ct.spacing_mm[1]));
    // Inner voxels of each part (all, gas), and all its voxels per slice.
    let mut counts = vec![[0usize; 2]; large.len()];
    let slice_len = ct.dims[0] * ct.dims[1];
    let mut per_slice = vec![Vec::new(); large.len()];
    parts.for_runs(|part, first, length| {
        if !large[part] {
            return;
        }
        per_slice[part].resize(ct.dims[2], 0usize);
        per_slice[part][first / slice_len] += length;
        for n in first..first + length {
            if inner.flags()[n] {
                counts[part][0] += 1;
                counts[part][1] += usize::from(ct.hu[n] < GAS_HU);
            }
        }
    });
    parts.select(|n, p| {
        if !large[n] {
            return false;
        }
        let [all, gas] = counts[n].map(|c| c as f64);
        let broadest = per_slice[n].iter().copied().max().unwrap_or(0) as f64;
        let at_top = per_slice[n].last().copied().unwrap_or(0) as f64;
        let sized = ml(p.voxels) >= WHOLE_LUNG_ML || at_top >= CUT_AREA_SHARE * broadest;
        let most = if ml(p.voxels) >= BOTH_LUNGS_ML { MOST_GAS_SHARE_WHOLE } else { MOST_GAS_SHARE };
        sized && all > 0.0 && gas <= most * all
    })
}

/// Middle of a mask's box along i.
pub fn middle_i(mask: &Mask) -> Option<f64> {
    mask.bounds_ijk().map(|(low, high)| (low[0] + high[0]) as f64 / 2.0)
}

/// Separates airways and sides, and closes each lung. `middle_i` is the middle of the trunk in voxels.
pub fn by_side(ct: &Canonical, body: &Mask, candidates: &Mask, airways: Option<&Mask>, middle_i: f64) -> Lungs {
    let mut notes = Vec::new();
    let air = match airways {
        Some(airways) => lung_parts(ct, &candidates.minus(&dilate_discs(airways, ct.spacing_mm, AIRWAY_WALL_MM))),
        None => candidates.clone(),
    };
    let mut right = Mask::empty(ct.dims);
    let mut left = Mask::empty(ct.dims);
    let parts = Parts::of(&air, Links::Faces);
    for (n, part) in parts.parts().iter().enumerate() {
        let alone = || parts.select(|m, _| m == n);
        if split::spans_both_sides(ct, &parts, n, middle_i) {
            let halves = split::apart(ct, &alone(), middle_i);
            if halves.at_midline {
                notes.push("The lungs touch without a visible border; it was drawn at the middle of the body.".into());
            }
            right = right.or(&halves.right);
            left = left.or(&halves.left);
            continue;
        }
        let off_mm = (part.center_ijk()[0] - middle_i) * ct.spacing_mm[0];
        if off_mm.abs() < CERTAIN_SIDE_MM {
            let ml = part.voxels as f64 * ct.voxel_ml();
            notes.push(format!(
                "An air-filled part of {ml:.0} mL near the middle of the body was left out: its side is uncertain."
            ));
        } else if off_mm < 0.0 {
            right = right.or(&alone());
        } else {
            left = left.or(&alone());
        }
    }
    let airways = airways.cloned().unwrap_or_else(|| Mask::empty(ct.dims));
    let (closed_right, closed_left) = (closed(ct, &right), closed(ct, &left));
    let free = body.minus(&airways);
    let right = right.or(&closed_right.minus(&closed_left).minus(&left).and(&free));
    let left = left.or(&closed_left.minus(&closed_right).minus(&right).and(&free));
    Lungs { right, left, notes }
}

/// What remains of the lungs after the airways are cut out, without crumbs around them.
fn lung_parts(ct: &Canonical, air: &Mask) -> Mask {
    let parts = Parts::of(air, Links::Faces);
    parts.select(|_, p| p.voxels as f64 * ct.voxel_ml() >= SMALLEST_ML)
}

/// Closed by a disc in each slice, and without holes.
fn closed(ct: &Canonical, lung: &Mask) -> Mask {
    if lung.is_empty() {
        return lung.clone();
    }
    let closed = close_discs(lung, ct.spacing_mm, CLOSING_MM);
    let holes = holes_in_slices(&closed).select(|_, _| true);
    closed.or(&holes)
}
