//! Bone: dense parts that hang together with cortex, with their marrow; contrast-filled vessels taken out as far as
//! rules can.

use super::body::value_sums;
use super::canonical::Canonical;
use crate::volume::ops::{Links, Mask, Parts, close_discs, dilate_discs, erode_discs, holes_in_slices};

/// Bone with partial volume.
const DENSE_HU: i16 = 180;
/// Cortex: every part must hold some.
const CORTEX_HU: i16 = 330;
/// Smaller parts are calcifications, clips or noise.
const SMALLEST_ML: f64 = 0.4;
/// Share of cortex that a part must hold.
const CORTEX_SHARE: f64 = 0.04;
/// Vessels, heart chambers and kidneys are broader than twice this and even.
const BLOB_MM: f64 = 4.0;
/// No contrast in a blood pool is denser than this; compact bone is.
const CONTRAST_HU: std::ops::Range<f64> = 120.0..650.0;
/// The rim of a blood pool is lighter than its core; a bone's is denser. Differences smaller than this say nothing.
const RIM_HU: f64 = 15.0;
/// Gaps in thin cortex that are closed before marrow is filled.
const CLOSING_MM: f64 = 2.5;
/// Marrow spaces are smaller than this in a slice; a skull's inside is larger.
const MARROW_MM2: f64 = 2500.0;
/// A hole of this mean and at least this area is the spinal canal, not marrow.
const CANAL_HU: std::ops::RangeInclusive<f64> = 0.0..=55.0;
const CANAL_MM2: f64 = 80.0;

/// Bone inside the body (and outside lungs and airways, which `without` holds).
pub fn find(ct: &Canonical, body: &Mask, without: &Mask) -> Mask {
    let dense = Mask::where_value(ct.dims, &ct.hu, |v| v >= DENSE_HU).and(body).minus(without);
    let dense = dense.minus(&contrast(ct, &dense));
    let cortical = with_cortex(ct, &dense);
    let closed = close_discs(&cortical, ct.spacing_mm, CLOSING_MM).and(body).minus(without);
    let joined = cortical.or(&closed.and(&ct.between(-150, i16::MAX)));
    joined.or(&marrow(ct, &joined))
}

/// Even blobs whose rim is lighter than their core.
fn contrast(ct: &Canonical, dense: &Mask) -> Mask {
    let cores = Parts::of(&erode_discs(dense, ct.spacing_mm, BLOB_MM), Links::Faces);
    if cores.parts().is_empty() {
        return Mask::empty(ct.dims);
    }
    let sums = value_sums(ct, &cores);
    let mut blobs = Mask::empty(ct.dims);
    let back_mm = BLOB_MM + ct.spacing_mm[0].max(ct.spacing_mm[1]);
    for (n, part) in cores.parts().iter().enumerate() {
        let mean = sums[n] as f64 / part.voxels as f64;
        if part.voxels as f64 * ct.voxel_ml() < 0.1 || !CONTRAST_HU.contains(&mean) {
            continue;
        }
        let core = cores.select(|m, _| m == n);
        let inner = dilate_discs(&core, ct.spacing_mm, BLOB_MM / 2.0);
        let whole = dilate_discs(&core, ct.spacing_mm, back_mm).and(dense);
        let rim = whole.minus(&inner);
        if mean_hu(ct, &rim).is_some_and(|rim_mean| rim_mean < mean - RIM_HU) {
            blobs = blobs.or(&whole);
        }
    }
    blobs
}

fn mean_hu(ct: &Canonical, mask: &Mask) -> Option<f64> {
    let inside = ct.hu.iter().zip(mask.flags()).filter(|(_, b)| **b);
    let (sum, count) = inside.fold((0i64, 0usize), |(sum, count), (&v, _)| (sum + i64::from(v), count + 1));
    (count > 0).then(|| sum as f64 / count as f64)
}

/// Parts of bone size that hold enough cortex.
fn with_cortex(ct: &Canonical, dense: &Mask) -> Mask {
    let parts = Parts::of(dense, Links::Corners);
    let mut cortex = vec![0usize; parts.parts().len()];
    parts.for_runs(|part, first, length| {
        cortex[part] += ct.hu[first..first + length].iter().filter(|&&v| v >= CORTEX_HU).count();
    });
    parts.select(|n, p| {
        p.voxels as f64 * ct.voxel_ml() >= SMALLEST_ML && cortex[n] as f64 >= CORTEX_SHARE * p.voxels as f64
    })
}

/// Enclosed spaces of each slice that can be marrow.
fn marrow(ct: &Canonical, bone: &Mask) -> Mask {
    let holes = holes_in_slices(bone);
    let sums = value_sums(ct, &holes);
    holes.select(|n, p| {
        let area = p.voxels as f64 * ct.pixel_mm2();
        let mean = sums[n] as f64 / p.voxels as f64;
        let canal = area >= CANAL_MM2 && CANAL_HU.contains(&mean);
        area <= MARROW_MM2 && mean > -200.0 && !canal
    })
}
