//! `lung-lesion-rules`: candidates for solid lung lesions in CT by written rules. No network, no training data.
//!
//! What it does, in this order:
//! 1. **Hull.** Each lung is closed with a ball in 3D, so that what is solid at the pleura or the mediastinum lies inside:
//!    a small ball (10 mm) for nodules, a large one (45 mm) for masses.
//! 2. **Solid.** Voxels of the hull above `solid_hu` that are not bone or airway.
//! 3. **Blobs.** From large radii to small, the solid set is eroded by a ball of radius r. What remains of a lesion of about
//!    that radius is short; what remains of a vessel is long. A piece must also stay short at the next smaller
//!    radii, which takes out branchings and bulges: they are hardly thicker than what they belong to.
//! 4. **Limits** on size, mean value, elongation, contact with aerated lung, isolation (little else solid around), and for
//!    nodules on what leaves them: a vessel leaves a piece of its own twice at full width.
//!    Close to the bronchi the smallest pieces do not count, and near the middle of the chest only pieces that are mostly
//!    surrounded by aerated lung: lung roots, heart and great vessels bulge into the hull there.
//! 5. **Score**, 0–1: cube root of (shape × contact with air × isolation), each scaled to 0–1. It orders candidates; it is
//!    not a probability and must not be shown as one.
//!
//! What it misses: ground-glass and part-solid lesions, nodules thinner than one and a half slice distances, nodules on
//! vessels of nearly their own thickness, central and hilar masses that reach the mediastinum, endobronchial lesions,
//! lesions in collapsed lung. What it proposes wrongly: vessel turns and branchings in thick slices, scars, atelectasis,
//! pleural thickening, parts of the diaphragm and of the mediastinum that bulge into the lung, calcified nodes. Its
//! silence means nothing.

mod blobs;
mod hull;
mod judge;

use super::rules::canonical::{Canonical, Layout};
use super::segmenter::AiError;
use crate::codes::{Code, LEFT, LESION, LUNG, MORPHOLOGICALLY_ABNORMAL, RIGHT};
use crate::findings::ModelProvenance;
use crate::geometry::{BoxLps, DVec3, VolumeGeometry};
use crate::jobs::{Cancel, Progress};
use crate::volume::ops::Mask;
use crate::volume::{AlgorithmKind, Segment, Segmentation, ValueUnit, Volume};

/// Limits that a person may change.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorSettings {
    /// Denser than this is solid (partial volume included).
    pub solid_hu: i16,
    /// Smallest thickness in mm; never less than one and a half slice distances, where vessels look like nodules.
    pub smallest_mm: f64,
    /// Largest extent in mm along any axis of the patient.
    pub largest_mm: f64,
    /// The mean value must lie in between.
    pub mean_hu: (f64, f64),
    /// Candidates below this score are dropped.
    pub least_score: f32,
    /// At most so many, best first.
    pub most: usize,
}

impl Default for DetectorSettings {
    fn default() -> Self {
        Self {
            solid_hu: -350,
            smallest_mm: 4.0,
            largest_mm: 100.0,
            mean_hu: (-250.0, 900.0),
            least_score: 0.45,
            most: 20,
        }
    }
}

/// Third of the lung (of its extent from base to apex in the picture) that a candidate's center lies in. Not a lobe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// Toward the head.
    Upper,
    /// Between.
    Middle,
    /// Toward the feet.
    Lower,
}

impl Zone {
    /// "upper zone", "middle zone", "lower zone".
    pub fn name(self) -> &'static str {
        match self {
            Self::Upper => "upper zone",
            Self::Middle => "middle zone",
            Self::Lower => "lower zone",
        }
    }
}

/// A place that a reader should look at.
#[derive(Debug, Clone, PartialEq)]
pub struct LesionCandidate {
    /// 0–1, orders candidates; not a probability.
    pub score: f32,
    /// Flat indices of its voxels in the volume, ascending.
    pub voxels: Vec<usize>,
    /// Box around its voxels' outer faces.
    pub box_lps: BoxLps,
    /// Center of mass.
    pub center_lps: DVec3,
    /// Mean value.
    pub mean_hu: f64,
    /// Volume.
    pub volume_mm3: f64,
    /// [`RIGHT`] or [`LEFT`].
    pub laterality: Code,
    /// Third of the lung; `None` when the lung is cut off by an end of the series.
    pub zone: Option<Zone>,
}

impl LesionCandidate {
    /// "left lung, upper zone", or the side alone.
    pub fn site(&self) -> String {
        let side = if self.laterality == RIGHT { "right" } else { "left" };
        match self.zone {
            Some(zone) => format!("{side} lung, {}", zone.name()),
            None => format!("{side} lung"),
        }
    }
}

/// Who speaks.
pub fn provenance(settings: &DetectorSettings) -> ModelProvenance {
    ModelProvenance {
        name: "lung-lesion-rules".into(),
        version: "1".into(),
        weights_sha256: String::new(),
        settings: format!(
            "solid > {} HU, {}–{} mm, mean {}–{} HU, score ≥ {}, at most {}",
            settings.solid_hu,
            settings.smallest_mm,
            settings.largest_mm,
            settings.mean_hu.0,
            settings.mean_hu.1,
            settings.least_score,
            settings.most
        ),
        rules: true,
    }
}

/// Finds candidates, best first. The lungs (property Lung with a side) must be in the segmentation; bone and airways are
/// used where they are there.
///
/// # Errors
/// When the values are not HU, the segmentation lies on another grid or has no lungs, or the job was asked to stop.
pub fn detect(
    volume: &Volume,
    segmentation: &Segmentation,
    settings: &DetectorSettings,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<LesionCandidate>, AiError> {
    if *volume.unit() != ValueUnit::Hu {
        let unit = volume.unit().as_str();
        return Err(AiError::Unsuitable(format!(
            "The lung lesion rules need Hounsfield units, and the values are in {unit}."
        )));
    }
    if !segmentation.labelmap.geometry().same_grid(volume.geometry()) {
        let text = "The lung lesion rules need masks on the grid of the volume, and these lie on another.";
        return Err(AiError::Unsuitable(text.into()));
    }
    progress.set("Lung lesion rules: masks", Some(0.0));
    let ct = Canonical::of(volume);
    let layout = ct.layout;
    let labels = layout.gather(|n| segmentation.labelmap.label(volume.geometry().ijk(n)));
    let lungs = [lung_label(segmentation, &RIGHT), lung_label(segmentation, &LEFT)];
    if lungs == [None, None] {
        let text = "The lung lesion rules need a mask of the right or left lung, and the segmentation has none.";
        return Err(AiError::Unsuitable(text.into()));
    }
    let excluded: Vec<u8> = segmentation.segments.iter().filter(|s| is_bone_or_airway(s)).map(|s| s.number).collect();
    let barred = Mask::where_value(ct.dims, &labels, |l| excluded.contains(&l));
    let airways: Vec<u8> = segmentation.segments.iter().filter(|s| is_airway(s)).map(|s| s.number).collect();
    let airways = Mask::where_value(ct.dims, &labels, |l| airways.contains(&l));
    let masks = lungs.map(|l| l.map(|number| Mask::where_value(ct.dims, &labels, |v| v == number)));
    let center_i =
        |mask: &Option<Mask>| mask.as_ref().and_then(Mask::bounds_ijk).map(|(a, b)| (a[0] + b[0]) as f64 / 2.0);
    let middle_i = center_i(&masks[0]).zip(center_i(&masks[1])).map(|(a, b)| f64::midpoint(a, b));
    let mut found = Vec::new();
    for (n, (lung, laterality)) in masks.into_iter().zip([RIGHT, LEFT]).enumerate() {
        let Some(lung) = lung else { continue };
        let side = if n == 0 { "right" } else { "left" };
        progress.set(format!("Lung lesion rules: {side} lung"), Some(0.1 + 0.45 * n as f32));
        AiError::check(cancel)?;
        let scene = judge::Scene { ct: &ct, lung: &lung, barred: &barred, airways: &airways, settings, middle_i };
        for judged in scene.candidates(cancel)? {
            found.push(describe(volume, &layout, &judged, laterality.clone(), &lung));
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.voxels.first().cmp(&b.voxels.first())));
    found.truncate(settings.most);
    Ok(found)
}

/// Adds each candidate as a segment of its own ("Lung lesion candidate 1", …) over what was there; returns their numbers
/// in order. Candidates that find no free number are left out.
pub fn into_segments(segmentation: &mut Segmentation, candidates: &[LesionCandidate]) -> Vec<u8> {
    let [ni, nj, nk] = segmentation.labelmap.geometry().dims();
    let per_slice = ni * nj;
    let mut numbers = Vec::new();
    let mut painted = std::collections::BTreeMap::new();
    for (n, candidate) in candidates.iter().enumerate() {
        let Some(number) = segmentation.free_number() else { break };
        segmentation.segments.push(segment_of(number, n, candidate));
        segmentation.segments.sort_by_key(|s| s.number);
        // A voxel that two candidates claim stays with the better one, which comes first.
        for &voxel in &candidate.voxels {
            painted.entry(voxel).or_insert(number);
        }
        numbers.push(number);
    }
    let relabel = |k: usize, at: usize, old: u8| painted.get(&(k * per_slice + at)).copied().unwrap_or(old);
    let slices =
        painted.keys().next().map_or(0, |v| v / per_slice)..painted.keys().last().map_or(0, |v| v / per_slice + 1);
    segmentation.labelmap = segmentation.labelmap.changed(slices.start..slices.end.min(nk), relabel).0;
    numbers
}

/// Vermilion and reddish purple (Okabe and Ito), which stay apart from the organs' colors.
const COLORS: [[u8; 3]; 2] = [[213, 94, 0], [204, 121, 167]];

fn segment_of(number: u8, n: usize, candidate: &LesionCandidate) -> Segment {
    Segment {
        number,
        label: format!("Lung lesion candidate {}", n + 1),
        category: MORPHOLOGICALLY_ABNORMAL,
        property: Some(LESION),
        laterality: Some(candidate.laterality.clone()),
        color_rgb: COLORS[n % COLORS.len()],
        algorithm: AlgorithmKind::Automatic,
        algorithm_name: "lung-lesion-rules 1".into(),
        tracking_uid: format!("2.25.{}", uuid::Uuid::new_v4().as_u128()),
    }
}

fn lung_label(segmentation: &Segmentation, side: &Code) -> Option<u8> {
    let is_side = |s: &&Segment| {
        let has = |code: Option<&Code>, value: &str| code.is_some_and(|c| c.value == value);
        let precoordinated = if *side == RIGHT { "3341006" } else { "44029006" };
        has(s.property.as_ref(), precoordinated)
            || (has(s.property.as_ref(), &LUNG.value) && has(s.laterality.as_ref(), &side.value))
    };
    segmentation.segments.iter().find(is_side).map(|s| s.number)
}

fn is_airway(segment: &Segment) -> bool {
    segment.property.as_ref().is_some_and(|p| ["89187006", "44567001"].contains(&&*p.value))
}

fn is_bone_or_airway(segment: &Segment) -> bool {
    is_airway(segment) || segment.property.as_ref().is_some_and(|p| p.value == "272673000")
}

fn describe(
    volume: &Volume,
    layout: &Layout,
    judged: &judge::Judged,
    laterality: Code,
    lung: &Mask,
) -> LesionCandidate {
    let geometry: &VolumeGeometry = volume.geometry();
    let mut voxels: Vec<usize> = judged.voxels.iter().map(|&v| layout.stored_index(v)).collect();
    voxels.sort_unstable();
    let half = [-0.5, 0.5];
    let corners = |ijk: DVec3| {
        half.into_iter().flat_map(move |i| half.into_iter().flat_map(move |j| half.map(|k| ijk + DVec3::new(i, j, k))))
    };
    let ijk = |v: usize| DVec3::from_array(geometry.ijk(v).map(|n| n as f64));
    let box_lps = BoxLps::around(voxels.iter().flat_map(|&v| corners(ijk(v))).map(|c| geometry.point_lps(c)));
    let center_ijk = voxels.iter().map(|&v| ijk(v)).sum::<DVec3>() / voxels.len().max(1) as f64;
    let center_lps = geometry.point_lps(center_ijk);
    let mean_hu = voxels.iter().map(|&v| f64::from(volume.value(v))).sum::<f64>() / voxels.len().max(1) as f64;
    LesionCandidate {
        score: judged.score,
        box_lps: box_lps.unwrap_or(BoxLps { min: center_lps, max: center_lps }),
        center_lps,
        mean_hu,
        volume_mm3: voxels.len() as f64 * geometry.voxel_volume_mm3(),
        laterality,
        zone: zone(judged, lung),
        voxels,
    }
}

fn zone(judged: &judge::Judged, lung: &Mask) -> Option<Zone> {
    let per_slice = lung.slice_len();
    let mean_k = judged.voxels.iter().map(|v| (v / per_slice) as f64).sum::<f64>() / judged.voxels.len().max(1) as f64;
    let (low, high) = lung.bounds_ijk().map(|(low, high)| (low[2], high[2]))?;
    if low == 0 || high + 1 == lung.dims()[2] {
        return None;
    }
    let up = (mean_k + 0.5 - low as f64) / (high + 1 - low) as f64;
    Some(match up {
        up if up >= 2.0 / 3.0 => Zone::Upper,
        up if up >= 1.0 / 3.0 => Zone::Middle,
        _ => Zone::Lower,
    })
}
