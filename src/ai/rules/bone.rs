//! Bone: dense parts that hang together with cortex, with their marrow; contrast-filled vessels taken out as far as
//! rules can.

use super::body::value_sums;
use super::canonical::Canonical;
use crate::volume::ops::{
    Links, Mask, Parts, blur_slices, close_discs, dilate_discs, erode_discs, holes_in_slices, part_labels, spread,
};

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
/// Standard deviation of the smoothed values in a blood pool; trabecular bone varies more.
const EVEN_SD_HU: f64 = 30.0;
const SMALLEST_CORE_ML: f64 = 0.1;
/// Gaps in thin cortex up to twice this broad (and at least three pixels) are closed before marrow is filled.
const CLOSING_MM: f64 = 3.0;
/// Of what closing adds at the outside, only this is bone with partial volume; the rest is muscle in a hollow.
const HOLLOW_HU: i16 = 120;
/// Marrow spaces are smaller than this in a slice; a skull's inside is larger.
const MARROW_MM2: f64 = 2500.0;
/// A marrow space is nearly enclosed; a hollow at the outside is open on one side.
const MOST_EXPOSED_SHARE: f64 = 0.18;
/// Fat is the lightest marrow.
const LIGHTEST_MARROW_HU: f64 = -200.0;
/// A hole of this mean and area is the spinal canal, not marrow.
const CANAL_HU: std::ops::RangeInclusive<f64> = 0.0..=55.0;
const CANAL_MM2: std::ops::RangeInclusive<f64> = 80.0..=700.0;
/// The canal lies this near to the middle of the trunk.
const CANAL_OFF_MIDDLE_MM: f64 = 30.0;

/// Bone inside the body (and outside lungs and airways, which `without` holds).
pub fn find(ct: &Canonical, body: &Mask, without: &Mask, middle_i: f64) -> Mask {
    let dense = Mask::where_value(ct.dims, &ct.hu, |v| v >= DENSE_HU).and(body).minus(without);
    let dense = dense.minus(&contrast(ct, &dense));
    let cortical = with_cortex(ct, &dense);
    let closing_mm = CLOSING_MM.max(1.6 * ct.spacing_mm[0].max(ct.spacing_mm[1]));
    let closed = close_discs(&cortical, ct.spacing_mm, closing_mm).and(body).minus(without);
    let filled = closed.or(&holes_in_slices(&closed).select(|_, _| true));
    let rims = closed.and(&ct.between(HOLLOW_HU, i16::MAX));
    cortical.or(&rims).or(&marrow(ct, &cortical, &filled, middle_i))
}

/// Even blobs whose rim is lighter than their core.
fn contrast(ct: &Canonical, dense: &Mask) -> Mask {
    let core = erode_discs(dense, ct.spacing_mm, BLOB_MM);
    let (parts, mut labels) = part_labels(&core);
    if parts.parts().is_empty() {
        return Mask::empty(ct.dims);
    }
    let smooth = blur_slices(ct.dims, &ct.hu, 1);
    let pixel_mm = ct.spacing_mm[0].max(ct.spacing_mm[1]);
    let inner = dilate_discs(&core, ct.spacing_mm, BLOB_MM / 2.0);
    let whole = dilate_discs(&core, ct.spacing_mm, BLOB_MM + pixel_mm).and(dense);
    let mut cores = vec![Sums::default(); parts.parts().len() + 1];
    for ((&label, &hu), _) in labels.iter().zip(&smooth).zip(core.flags()).filter(|(_, b)| **b) {
        cores[usize::from(label)].add(hu);
    }
    spread(ct.dims, &mut labels, whole.flags());
    let mut rims = vec![Sums::default(); cores.len()];
    let rim = whole.minus(&inner);
    for ((&label, &hu), _) in labels.iter().zip(&ct.hu).zip(rim.flags()).filter(|(_, b)| **b) {
        rims[usize::from(label)].add(hu);
    }
    let pools: Vec<bool> = cores
        .iter()
        .zip(&rims)
        .enumerate()
        .map(|(n, (core, rim))| {
            n > 0
                && core.count * ct.voxel_ml() >= SMALLEST_CORE_ML
                && CONTRAST_HU.contains(&core.mean())
                && core.sd() < EVEN_SD_HU
                && rim.count > 0.0
                && rim.mean() < core.mean() - RIM_HU
        })
        .collect();
    Mask::where_value(ct.dims, &labels, |label| pools[usize::from(label)])
}

/// Count, sum and sum of squares of whole HU.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, hu: i16) {
        let hu = f64::from(hu);
        self.count += 1.0;
        self.sum += hu;
        self.squares += hu * hu;
    }

    fn mean(&self) -> f64 {
        self.sum / self.count
    }

    fn sd(&self) -> f64 {
        (self.squares / self.count - self.mean() * self.mean()).max(0.0).sqrt()
    }
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

/// Spaces that the filled outline adds to the dense bone and that can be marrow: nearly enclosed in their slice, not as
/// large as a skull's inside, and not the spinal canal.
fn marrow(ct: &Canonical, dense: &Mask, filled: &Mask, middle_i: f64) -> Mask {
    let spaces = Parts::of(&filled.minus(dense), Links::FacesInSlice);
    let sums = value_sums(ct, &spaces);
    let exposed = exposed_shares(ct.dims, &spaces, filled, dense);
    spaces.select(|n, p| {
        let area = p.voxels as f64 * ct.pixel_mm2();
        let mean = sums[n] as f64 / p.voxels as f64;
        let central = (p.center_ijk()[0] - middle_i).abs() * ct.spacing_mm[0] <= CANAL_OFF_MIDDLE_MM;
        let canal = central && CANAL_MM2.contains(&area) && CANAL_HU.contains(&mean);
        exposed[n] <= MOST_EXPOSED_SHARE && area <= MARROW_MM2 && mean > LIGHTEST_MARROW_HU && !canal
    })
}

/// For each part, of its in-slice faces to anything else the share that leads out of the filled outline.
fn exposed_shares(dims: [usize; 3], parts: &Parts, filled: &Mask, dense: &Mask) -> Vec<f64> {
    let [ni, nj, _] = dims;
    let mut faces = vec![[0usize; 2]; parts.parts().len()];
    parts.for_runs(|part, first, length| {
        for at in first..first + length {
            let (i, j) = (at % ni, at / ni % nj);
            let around = [
                (i > 0, at.wrapping_sub(1)),
                (i + 1 < ni, at + 1),
                (j > 0, at.wrapping_sub(ni)),
                (j + 1 < nj, at + ni),
            ];
            for n in around.into_iter().filter(|(exists, _)| *exists).map(|(_, n)| n) {
                faces[part][0] += usize::from(!filled.flags()[n]);
                faces[part][1] += usize::from(dense.flags()[n]);
            }
        }
    });
    faces.into_iter().map(|[out, bone]| out as f64 / (out + bone).max(1) as f64).collect()
}
