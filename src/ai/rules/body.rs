//! The body: everything inside the skin, without table, blankets and tubes.

use super::canonical::Canonical;
use crate::volume::ops::{Links, Mask, Parts, dilate_discs, erode_discs};

/// Softer than this is air (or lung); skin with partial volume lies above it.
const TISSUE_HU: i16 = -300;
/// Table shells, blankets and tubes are thinner than twice this; a chest wall is not.
const THIN_MM: f64 = 3.0;
/// Arms and legs beside the trunk: at least this share of the largest part …
const LIMB_SHARE: f64 = 0.02;
/// … and with the mean of fat and muscle; table cores and mattresses are lighter.
const LIMB_MEAN_HU: f64 = -180.0;
/// Air that reaches one edge of the picture but is this dense on average is lung cut off by the field of view.
const CUT_LUNG_HU: std::ops::Range<f64> = -930.0..-400.0;
/// Such a region is at least this large in a slice.
const CUT_LUNG_MM2: f64 = 300.0;

/// The filled body, and its largest tissue part alone (for the midline).
pub struct Body {
    /// Tissue and everything it encloses in a slice.
    pub filled: Mask,
    /// Middle of the trunk along i, in voxels, for each slice; `None` where there is no trunk.
    pub middle_i: Vec<Option<f64>>,
}

/// Finds the body; `None` when there is no tissue.
pub fn find(ct: &Canonical) -> Option<Body> {
    let tissue = ct.between(TISSUE_HU, i16::MAX);
    let core = erode_discs(&tissue, ct.spacing_mm, THIN_MM);
    let parts = Parts::of(&core, Links::Faces);
    let largest = parts.largest()?;
    let sums = value_sums(ct, &parts);
    let enough = parts.parts()[largest].voxels as f64 * LIMB_SHARE;
    let trunk = parts.select(|n, _| n == largest);
    let kept = parts.select(|n, p| {
        let mean = sums[n] as f64 / p.voxels as f64;
        n == largest || (p.voxels as f64 >= enough && mean >= LIMB_MEAN_HU)
    });
    // One pixel more than was eroded brings rounded corners back; tissue alone limits it.
    let grown = dilate_discs(&kept, ct.spacing_mm, THIN_MM + ct.spacing_mm[0].max(ct.spacing_mm[1]));
    let solid = grown.and(&tissue);
    let enclosed = enclosed(ct, &solid);
    Some(Body { filled: solid.or(&enclosed), middle_i: middles(&trunk) })
}

/// Sum of the values of each part.
pub fn value_sums(ct: &Canonical, parts: &Parts) -> Vec<i64> {
    let mut sums = vec![0i64; parts.parts().len()];
    parts.for_runs(|part, first, length| {
        sums[part] += ct.hu[first..first + length].iter().map(|&v| i64::from(v)).sum::<i64>();
    });
    sums
}

/// What the body encloses in each slice, and lung that the picture's edge cuts off.
fn enclosed(ct: &Canonical, solid: &Mask) -> Mask {
    let [ni, nj, _] = ct.dims;
    let outside = Parts::of(&solid.not(), Links::InSlice);
    let sums = value_sums(ct, &outside);
    let enough = CUT_LUNG_MM2 / ct.pixel_mm2();
    outside.select(|n, p| {
        let edges = [p.min_ijk[0] == 0, p.min_ijk[1] == 0, p.max_ijk[0] + 1 == ni, p.max_ijk[1] + 1 == nj];
        let mean = sums[n] as f64 / p.voxels as f64;
        let edges = edges.into_iter().filter(|&at| at).count();
        edges == 0 || (edges == 1 && p.voxels as f64 >= enough && CUT_LUNG_HU.contains(&mean))
    })
}

fn middles(trunk: &Mask) -> Vec<Option<f64>> {
    let [ni, _, nk] = trunk.dims();
    (0..nk)
        .map(|k| {
            let rows = trunk.slice(k).chunks_exact(ni);
            let ends = rows.filter_map(|row| Some((row.iter().position(|&b| b)?, row.iter().rposition(|&b| b)?)));
            let (low, high) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
            Some((low + high) as f64 / 2.0)
        })
        .collect()
}
