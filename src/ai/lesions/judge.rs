//! From blobs to candidates: limits and score.

use super::DetectorSettings;
use super::blobs::{self, Blob};
use super::hull;
use crate::ai::rules::canonical::Canonical;
use crate::ai::segmenter::AiError;
use crate::geometry::{DMat3, DVec3};
use crate::jobs::Cancel;
use crate::volume::ops::{Mask, coarse_mask, dilate_ball};

/// Closing radius and grid for nodules, and the largest ball tried there.
const NODULE_HULL_MM: f64 = 10.0;
const NODULE_VOXEL_MM: f64 = 1.8;
const NODULE_RADIUS_MM: f64 = 9.0;
/// The same for masses.
const MASS_HULL_MM: f64 = 45.0;
const MASS_VOXEL_MM: f64 = 3.6;
/// A piece must still be short so many radii further down: bulges of heart and great vessels are not, while vessels on
/// nodules are told apart by `MOST_ATTACHED`.
const MASS_LOOK_DOWN: usize = 2;
const NODULE_LOOK_DOWN: usize = 1;
/// Nearer to the middle between the lungs than this, lung roots, heart and great vessels bulge into the hull: there, a piece
/// must have this share of aerated lung around it. Masses are allowed nearer: what they look down on tells them apart.
const CENTRAL_NODULE_MM: f64 = 50.0;
const CENTRAL_MASS_MM: f64 = 35.0;
const CENTRAL_AIR: f64 = 0.65;
/// In slices further apart than the vessels are thick, vessels look like nodules: the radius is at least this many slices.
const LEAST_SLICES: f64 = 0.75;
/// The same for pixels of the grid that is worked on.
const LEAST_PIXELS: f64 = 1.2;
/// Pieces nearer to the main bronchi than this must be at least so thick.
const HILUM_MM: f64 = 8.0;
const HILUM_RADIUS_MM: f64 = 2.6;
/// Least share of the surroundings that is aerated lung.
const LEAST_AIR: f64 = 0.27;
/// Greatest share of the hull around it that is solid too.
const MOST_CROWDED: f64 = 0.45;
/// What leaves a nodule (all that is denser than `ATTACHED_HU` in a shell around it) is together at most so many times as
/// broad as the nodule itself: a vessel leaves a piece of its own twice.
const MOST_ATTACHED: f64 = 2.3;
const ATTACHED_HU: i16 = -600;
/// Aerated lung is lighter than this.
const AIR_HU: i16 = -500;
/// Least ratio of shortest to longest principal axis.
const LEAST_ROUND: f64 = 0.25;

/// What one side's search looks at; all masks in canonical order.
pub struct Scene<'a> {
    pub ct: &'a Canonical,
    pub lung: &'a Mask,
    pub barred: &'a Mask,
    pub airways: &'a Mask,
    pub settings: &'a DetectorSettings,
    /// Middle between the two lungs along i, in voxels, when both are there.
    pub middle_i: Option<f64>,
}

/// A candidate: flat canonical indices, ascending, and its score.
pub struct Judged {
    pub voxels: Vec<usize>,
    pub score: f32,
}

/// One grid on which blobs are looked for.
struct Tier {
    factor: [usize; 3],
    /// Coarse voxel at which these masks begin: they cover the hull only.
    origin: [usize; 3],
    spacing_mm: [f64; 3],
    hull: Mask,
    solid: Mask,
    air: Mask,
    /// Denser than aerated lung, vessels with partial volume included.
    dense: Mask,
    hilum: Mask,
}

impl Scene<'_> {
    /// Masses first, then nodules outside of them.
    pub fn candidates(&self, cancel: &Cancel) -> Result<Vec<Judged>, AiError> {
        let solid = self.ct.between(self.settings.solid_hu, i16::MAX).minus(self.barred);
        let air = Mask::where_value(self.ct.dims, &self.ct.hu, |v| v < AIR_HU).and(self.lung);
        let smallest = (self.settings.smallest_mm / 2.0).max(self.ct.spacing_mm[2] * LEAST_SLICES);
        let mut taken = Mask::empty(self.ct.dims);
        let mut found = Vec::new();
        let tiers = [
            (MASS_VOXEL_MM, MASS_HULL_MM, self.settings.largest_mm / 2.0, NODULE_RADIUS_MM, MASS_LOOK_DOWN),
            (NODULE_VOXEL_MM, NODULE_HULL_MM, NODULE_RADIUS_MM, smallest, NODULE_LOOK_DOWN),
        ];
        for (voxel_mm, hull_mm, largest, least, look_down) in tiers {
            if least >= largest {
                continue;
            }
            let Some(tier) = self.tier(&solid.minus(&taken), &air, voxel_mm, hull_mm) else { continue };
            let [si, sj, _] = tier.spacing_mm;
            let radii = blobs::ladder(largest, least.max(si.max(sj) * LEAST_PIXELS));
            let blobs =
                blobs::find(&tier.solid, tier.spacing_mm, &radii, look_down, cancel).ok_or(AiError::Cancelled)?;
            for blob in blobs {
                let Some(score) = self.score(&tier, &blob) else { continue };
                let Some(judged) = self.refined(&tier, &blob, &solid.minus(&taken), score) else { continue };
                judged.voxels.iter().for_each(|&v| taken.flags_mut()[v] = true);
                found.push(judged);
            }
        }
        Ok(found)
    }

    fn tier(&self, solid: &Mask, air: &Mask, voxel_mm: f64, hull_mm: f64) -> Option<Tier> {
        let factor = hull::factor_for(self.ct.spacing_mm, voxel_mm);
        let spacing_mm = hull::coarse_spacing(self.ct.spacing_mm, factor);
        let hull = hull::closed(self.lung, self.ct.spacing_mm, factor, hull_mm);
        let (low, high) = hull.bounds_ijk()?;
        let hilum = dilate_ball(&coarse_mask(self.airways, factor), spacing_mm, HILUM_MM);
        Some(Tier {
            factor,
            origin: low,
            spacing_mm,
            solid: coarse_mask(solid, factor).and(&hull).cropped(low, high),
            air: coarse_mask(air, factor).cropped(low, high),
            dense: coarse_mask(&self.ct.between(ATTACHED_HU, i16::MAX), factor).cropped(low, high),
            hilum: hilum.cropped(low, high),
            hull: hull.cropped(low, high),
        })
    }

    /// Score of a blob, or `None` when it breaks a limit.
    fn score(&self, tier: &Tier, blob: &Blob) -> Option<f32> {
        if blob.radius_mm < HILUM_RADIUS_MM && blob.voxels_ijk().any(|v| tier.hilum.has(v)) {
            return None;
        }
        let voxel = tier.spacing_mm[0].max(tier.spacing_mm[1]);
        let (near_mm, wide_mm) = ((1.5 * voxel).max(2.5), (0.6 * blob.radius_mm).max(2.0 * voxel));
        let end: [usize; 3] = std::array::from_fn(|n| blob.low[n] + blob.mask.dims()[n] - 1);
        let (low, high) = blobs::window(blob.low, end, tier.spacing_mm, near_mm.max(wide_mm), tier.hull.dims());
        let blob_here = blob.in_window(low, high);
        let near = dilate_ball(&blob_here, tier.spacing_mm, near_mm).minus(&blob_here);
        let air = near.and(&tier.air.cropped(low, high)).count() as f64 / near.count().max(1) as f64;
        let wide =
            dilate_ball(&blob_here, tier.spacing_mm, wide_mm).minus(&blob_here).and(&tier.hull.cropped(low, high));
        let crowded = wide.and(&tier.solid.cropped(low, high)).count() as f64 / wide.count().max(1) as f64;
        let round = roundness(&blob.mask, tier.spacing_mm);
        let attached = Self::attached(tier, blob);
        let vessel = blob.radius_mm < NODULE_RADIUS_MM && attached > MOST_ATTACHED;
        let central_mm = if blob.radius_mm < NODULE_RADIUS_MM { CENTRAL_NODULE_MM } else { CENTRAL_MASS_MM };
        let central = air < CENTRAL_AIR && self.off_middle_mm(tier, blob).is_some_and(|mm| mm < central_mm);
        if vessel || central || air < LEAST_AIR || crowded > MOST_CROWDED || round < LEAST_ROUND {
            return None;
        }
        let scaled = |value: f64, from: f64, to: f64| ((value - from) / (to - from)).clamp(0.0, 1.0);
        let parts = [scaled(round, 0.1, 0.7), scaled(air, 0.0, 0.8), scaled(crowded, 0.6, 0.05)];
        let score = parts.iter().product::<f64>().cbrt() as f32;
        (score >= self.settings.least_score).then_some(score)
    }

    /// Distance of a blob's center from the middle between the lungs.
    fn off_middle_mm(&self, tier: &Tier, blob: &Blob) -> Option<f64> {
        let sum: usize = blob.voxels_ijk().map(|v| v[0]).sum();
        let mean = sum as f64 / blob.mask.count().max(1) as f64 + tier.origin[0] as f64 + 0.5;
        Some((mean * tier.factor[0] as f64 - 0.5 - self.middle_i?).abs() * self.ct.spacing_mm[0])
    }

    /// Cross-section of all that leaves the blob, as a multiple of its own. Only the shell within the hull is looked at,
    /// so that the chest wall under a nodule at the pleura does not count.
    fn attached(tier: &Tier, blob: &Blob) -> f64 {
        let voxel = tier.spacing_mm[0].max(tier.spacing_mm[1]);
        let (inner_mm, outer_mm) = (1.3 * voxel, 2.8 * voxel);
        let end: [usize; 3] = std::array::from_fn(|n| blob.low[n] + blob.mask.dims()[n] - 1);
        let (low, high) = blobs::window(blob.low, end, tier.spacing_mm, outer_mm, tier.hull.dims());
        let here = blob.in_window(low, high);
        let shell = dilate_ball(&here, tier.spacing_mm, outer_mm)
            .minus(&dilate_ball(&here, tier.spacing_mm, inner_mm))
            .and(&tier.hull.cropped(low, high));
        let dense = shell.and(&tier.dense.cropped(low, high)).count() as f64 / shell.count().max(1) as f64;
        let volume_mm3 = blob.mask.count() as f64 * tier.spacing_mm.iter().product::<f64>();
        let own_mm = (volume_mm3 * 0.75 / std::f64::consts::PI).cbrt();
        let shell_mm = own_mm + f64::midpoint(inner_mm, outer_mm);
        4.0 * dense * (shell_mm / own_mm).powi(2)
    }

    /// The blob on the fine grid, if its size and mean are within the limits.
    fn refined(&self, tier: &Tier, blob: &Blob, solid: &Mask, score: f32) -> Option<Judged> {
        let [ni, nj, nk] = self.ct.dims;
        let block = |n: usize, axis: usize, end: usize| {
            let first = (n + tier.origin[axis]) * tier.factor[axis];
            first..(first + tier.factor[axis]).min(end)
        };
        let mut voxels = Vec::new();
        let (mut low, mut high) = ([usize::MAX; 3], [0; 3]);
        for [ci, cj, ck] in blob.voxels_ijk() {
            for k in block(ck, 2, nk) {
                for j in block(cj, 1, nj) {
                    for i in block(ci, 0, ni) {
                        if solid.has([i, j, k]) {
                            voxels.push((k * nj + j) * ni + i);
                            low = std::array::from_fn(|n| low[n].min([i, j, k][n]));
                            high = std::array::from_fn(|n| high[n].max([i, j, k][n]));
                        }
                    }
                }
            }
        }
        voxels.sort_unstable();
        voxels.first()?;
        let extents: [f64; 3] = std::array::from_fn(|a| (high[a] - low[a] + 1) as f64 * self.ct.spacing_mm[a]);
        let largest = extents.into_iter().fold(0.0, f64::max);
        // The blob was judged on the coarse grid; on the fine one too little solid may be left of it.
        if extents.into_iter().any(|e| e < self.settings.smallest_mm) {
            return None;
        }
        let mean = voxels.iter().map(|&v| f64::from(self.ct.hu[v])).sum::<f64>() / voxels.len() as f64;
        let (least, most) = self.settings.mean_hu;
        let volume_mm3 = voxels.len() as f64 * self.ct.voxel_ml() * 1000.0;
        if volume_mm3 < std::f64::consts::FRAC_PI_6 * self.settings.smallest_mm.powi(3) {
            return None;
        }
        (largest <= self.settings.largest_mm && (least..=most).contains(&mean)).then_some(Judged { voxels, score })
    }
}

/// Ratio of the shortest to the longest principal axis (square roots of the covariance's eigenvalues), 0–1. Each voxel
/// counts as a box, so that a piece of one slice has the thickness of the slice.
fn roundness(mask: &Mask, spacing_mm: [f64; 3]) -> f64 {
    let points: Vec<DVec3> =
        mask.voxels_ijk().map(|v| DVec3::from_array(v.map(|n| n as f64)) * DVec3::from_array(spacing_mm)).collect();
    let count = points.len().max(1) as f64;
    let center = points.iter().sum::<DVec3>() / count;
    let outer = |d: DVec3| DMat3::from_cols(d * d.x, d * d.y, d * d.z);
    let own = DMat3::from_diagonal(DVec3::from_array(spacing_mm.map(|s| s * s / 12.0)));
    let covariance = points.iter().fold(DMat3::ZERO, |sum, &p| sum + outer(p - center)) * (1.0 / count) + own;
    let [least, most] = extreme_eigenvalues(covariance);
    (least.max(0.0) / most.max(f64::MIN_POSITIVE)).sqrt()
}

/// Smallest and largest eigenvalue of a symmetric matrix (trigonometric solution of the characteristic cubic).
fn extreme_eigenvalues(m: DMat3) -> [f64; 2] {
    let mean = (m.x_axis.x + m.y_axis.y + m.z_axis.z) / 3.0;
    let d = m - DMat3::from_diagonal(DVec3::splat(mean));
    let spread = (d.to_cols_array().iter().map(|v| v * v).sum::<f64>() / 6.0).sqrt();
    if spread < 1e-12 {
        return [mean, mean];
    }
    let half = (d * (1.0 / spread)).determinant() / 2.0;
    let angle = half.clamp(-1.0, 1.0).acos() / 3.0;
    let third = std::f64::consts::TAU / 3.0;
    [mean + 2.0 * spread * (angle + third).cos(), mean + 2.0 * spread * angle.cos()]
}
