//! `ct-rules`: body, lungs by side, airways and bone from CT by written rules. No network, no training data.
//!
//! Every rule is a named constant beside its reason; all lengths are in mm and all values in HU, so that the same rules
//! hold for every matrix and slice distance. Sides come from the geometry (LPS), never from array order. What is not
//! found is left out and named in the notes; nothing is called normal.
//!
//! Known limits: consolidated, collapsed or fluid-filled lung is not lung here; a pneumothorax is; intestinal gas next to
//! the diaphragm may be lost or gained where the series begins in the upper abdomen; dense contrast in thin vessels,
//! oral contrast and metal may be taken for bone; segmental bronchi belong to the lungs.

mod airways;
mod body;
mod bone;
pub(super) mod canonical;
mod lungs;
mod split;

use super::segmenter::{AiError, Segmenter, SeriesFacts};
use crate::codes::{ANATOMICAL_STRUCTURE, Code, LEFT, LUNG, RIGHT};
use crate::findings::ModelProvenance;
use crate::geometry::VolumeGeometry;
use crate::jobs::{Cancel, Progress};
use crate::volume::ops::Mask;
use crate::volume::{AlgorithmKind, Labelmap, Segment, Segmentation, ValueUnit, Volume};
use canonical::{Canonical, Layout};

/// Coarser pixels than this blur lung borders and walls beyond use.
const COARSEST_PIXEL_MM: f64 = 4.0;
/// Thicker steps than this leave structures out between slices.
const COARSEST_SLICE_MM: f64 = 10.5;
/// Cosine of the largest tilt against the patient's axes (35°).
const LEAST_COSINE: f64 = 0.82;
/// Rough bytes of working memory per voxel.
const BYTES_PER_VOXEL: u64 = 14;
const MEMORY_LIMIT_MB: u64 = 6144;

/// Label numbers of this segmenter, the same in every result.
pub mod labels {
    /// The body without lungs, airways and bone (those have labels of their own).
    pub const BODY: u8 = 1;
    /// Right lung.
    pub const RIGHT_LUNG: u8 = 2;
    /// Left lung.
    pub const LEFT_LUNG: u8 = 3;
    /// Trachea and main bronchi.
    pub const AIRWAYS: u8 = 4;
    /// Bone.
    pub const BONE: u8 = 5;
}

/// The rule-based CT segmenter.
#[derive(Debug, Clone, Copy, Default)]
pub struct CtRules;

/// A segmentation, and what has to be said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct CtRulesResult {
    /// Only what was found.
    pub segmentation: Segmentation,
    /// Whole sentences: what was not found or is uncertain.
    pub notes: Vec<String>,
}

impl Segmenter for CtRules {
    fn provenance(&self) -> ModelProvenance {
        ModelProvenance {
            name: "ct-rules".into(),
            version: "1".into(),
            weights_sha256: String::new(),
            settings: String::new(),
            rules: true,
        }
    }

    fn serves(&self, facts: &SeriesFacts) -> Result<(), String> {
        if !matches!(facts.modality, "CT" | "") {
            return Err(format!("The CT rules need a CT series, found modality {}.", facts.modality));
        }
        let geometry =
            facts.geometry.ok_or("The CT rules need an evenly spaced stack of slices, and these make none.")?;
        check(geometry, facts.unit)
    }

    fn segment(&self, volume: &Volume, progress: &Progress, cancel: &Cancel) -> Result<Segmentation, AiError> {
        self.segment_with_notes(volume, progress, cancel).map(|r| r.segmentation)
    }
}

impl CtRules {
    /// As [`Segmenter::segment`], with the sentences that a report needs about it.
    pub fn segment_with_notes(
        &self,
        volume: &Volume,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<CtRulesResult, AiError> {
        check(volume.geometry(), volume.unit()).map_err(AiError::Unsuitable)?;
        let needed_mb = (volume.geometry().len() as u64 * BYTES_PER_VOXEL) >> 20;
        if needed_mb > MEMORY_LIMIT_MB {
            return Err(AiError::TooLarge { what: "The CT rules".into(), needed_mb, limit_mb: MEMORY_LIMIT_MB });
        }
        let stage = |name: &str, fraction: f32| {
            progress.set(format!("CT rules: {name}"), Some(fraction));
            AiError::check(cancel)
        };
        stage("sorting axes", 0.0)?;
        let ct = Canonical::of(volume);
        stage("body", 0.05)?;
        let Some(body) = body::find(&ct) else {
            return Err(AiError::Unsuitable(
                "The CT rules found no body: nothing in the series is as dense as tissue.".into(),
            ));
        };
        let mut notes = Vec::new();
        stage("lungs", 0.25)?;
        let candidates = lungs::candidates(&ct, &body.filled);
        stage("airways", 0.4)?;
        let middle = trunk_middle(&body, &candidates);
        let airways = if candidates.is_empty() {
            None
        } else {
            airways::find(&ct, &body.filled, lungs::middle_i(&candidates).unwrap_or(middle))
        };
        stage("sides of the lungs", 0.55)?;
        let lungs = lungs::by_side(&ct, &body.filled, &candidates, airways.as_ref(), middle);
        stage("bone", 0.75)?;
        let airways = airways.unwrap_or_else(|| Mask::empty(ct.dims));
        let without = lungs.right.or(&lungs.left).or(&airways);
        let bone = bone::find(&ct, &body.filled, &without, middle);
        stage("labels", 0.95)?;
        notes.extend(lungs.notes);
        let found = [
            (labels::BODY, body.filled),
            (labels::BONE, bone),
            (labels::RIGHT_LUNG, lungs.right),
            (labels::LEFT_LUNG, lungs.left),
            (labels::AIRWAYS, airways),
        ];
        Ok(assemble(volume, &ct.layout, &found, notes))
    }
}

/// Whether the rules hold for a grid and its values; else one sentence.
fn check(geometry: &VolumeGeometry, unit: &ValueUnit) -> Result<(), String> {
    if *unit != ValueUnit::Hu {
        return Err(format!("The CT rules need Hounsfield units, and the values are in {}.", unit.as_str()));
    }
    let layout = Layout::of(geometry);
    let [si, sj, sk] = layout.spacing_mm(geometry);
    if si.max(sj) > COARSEST_PIXEL_MM || sk > COARSEST_SLICE_MM {
        return Err(format!(
            "The CT rules need pixels up to {COARSEST_PIXEL_MM} mm and slice distances up to {COARSEST_SLICE_MM} mm, found {si:.2} × {sj:.2} × {sk:.2} mm."
        ));
    }
    let cosine = layout.worst_cosine(geometry);
    if cosine < LEAST_COSINE {
        let degrees = cosine.acos().to_degrees();
        return Err(format!("The CT rules need slices along the body's axes, and these are tilted by {degrees:.0}°."));
    }
    if layout.dims().into_iter().min() < Some(3) {
        return Err(format!("The CT rules need at least 3 voxels along each axis, found {:?}.", geometry.dims()));
    }
    Ok(())
}

/// Middle of the trunk in the slices that the lungs pass through (else in all), along i.
fn trunk_middle(body: &body::Body, candidates: &Mask) -> f64 {
    let (low, high) = candidates.bounds_ijk().map_or((0, usize::MAX), |(low, high)| (low[2], high[2]));
    let mut middles: Vec<f64> =
        body.middle_i.iter().enumerate().filter(|(k, _)| (low..=high).contains(k)).filter_map(|(_, m)| *m).collect();
    middles.sort_unstable_by(f64::total_cmp);
    middles.get(middles.len() / 2).copied().unwrap_or(body.filled.dims()[0] as f64 / 2.0)
}

/// Later masks overwrite earlier ones.
fn assemble(volume: &Volume, layout: &Layout, found: &[(u8, Mask)], mut notes: Vec<String>) -> CtRulesResult {
    let mut flat = vec![0u8; volume.geometry().len()];
    let mut segments = Vec::new();
    for (number, mask) in found {
        if mask.is_empty() {
            notes.push(format!("{} not found by the CT rules.", named(*number).0));
            continue;
        }
        layout.scatter(mask, *number, &mut flat);
        segments.push(segment_of(*number));
    }
    segments.sort_by_key(|s: &Segment| s.number);
    let labelmap = Labelmap::from_labels(volume.geometry().clone(), &flat)
        .unwrap_or_else(|| Labelmap::empty(volume.geometry().clone()));
    CtRulesResult { segmentation: Segmentation { labelmap, segments }, notes }
}

/// Name, type, side and color (Okabe and Ito's palette, told apart by color-blind readers).
fn named(number: u8) -> (&'static str, Code, Option<Code>, [u8; 3]) {
    match number {
        labels::RIGHT_LUNG => ("Right lung", LUNG, Some(RIGHT), [86, 180, 233]),
        labels::LEFT_LUNG => ("Left lung", LUNG, Some(LEFT), [0, 114, 178]),
        labels::AIRWAYS => ("Trachea and main bronchi", Code::sct("89187006", "Airway structure"), None, [0, 158, 115]),
        labels::BONE => ("Bone", Code::sct("272673000", "Bone"), None, [240, 228, 66]),
        _ => ("Body", Code::sct("38266002", "Entire body"), None, [230, 159, 0]),
    }
}

fn segment_of(number: u8) -> Segment {
    let (label, property, laterality, color_rgb) = named(number);
    Segment {
        number,
        label: label.into(),
        category: ANATOMICAL_STRUCTURE,
        property: Some(property),
        laterality,
        color_rgb,
        algorithm: AlgorithmKind::Automatic,
        algorithm_name: "ct-rules 1".into(),
        tracking_uid: format!("2.25.{}", uuid::Uuid::new_v4().as_u128()),
    }
}
