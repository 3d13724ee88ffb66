//! Runs every model that serves a series, and says what was not searched.

use super::Models;
use crate::ai::lesions::{self, DetectorSettings};
use crate::ai::rules::CtRules;
use crate::ai::{AiError, Segmenter, SeriesFacts};
use crate::case::Proposal;
use crate::codes;
use crate::findings::{
    Certainty, Evidence, Finding, FindingId, FindingKind, FindingState, ModelProvenance, Provenance, measure_segments,
};
use crate::jobs::{Cancel, Progress};
use crate::loaded::{ImageData, LoadedSeries};
use crate::report::SearchRecord;
use crate::volume::{Segment, Segmentation, Volume};
use std::sync::Arc;

/// What no rule or installed network looks at in a CT (`clinical.md` rule 2: what was not searched is always listed).
const CT_NOT_SEARCHED: &str = "Not searched by any model: mediastinum and hila, heart and great vessels, pleura, chest wall, \
     bones, upper abdomen, and the lungs for anything but solid lesions.";
/// The same for a volume in which networks outlined structures.
const STRUCTURES_ONLY: &str = "No model searched this series for lesions: structures were outlined only.";

/// What a search brought.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// One per model that ran.
    pub proposals: Vec<Proposal>,
    /// One sentence for each thing that was not searched, with the reason.
    pub not_searched: Vec<String>,
    /// What a reader must know about the searches that ran.
    pub notes: Vec<String>,
}

/// Why a search came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The person stopped it.
    #[error("the search was stopped before it was done")]
    Cancelled,
}

/// Runs rules and networks. A model that fails is a sentence; the others go on.
pub fn search(
    source: &LoadedSeries,
    models: &Models,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Found, SearchError> {
    let mut found = Found { not_searched: models.problems.clone(), ..Found::default() };
    let volume = match &source.image {
        ImageData::Volume(volume) => volume,
        ImageData::Pictures(_) => {
            found.not_searched.push(pictures_not_searched(source));
            return Ok(found);
        }
    };
    let facts = facts(source, volume);
    if source.series.modality == "CT" {
        chest_rules(source, volume, &facts, &mut found, progress, cancel)?;
    }
    let mut served = !found.proposals.is_empty();
    for model in &models.networks {
        if let Err(reason) = model.serves(&facts) {
            log::debug!("a model does not serve this series: {reason}");
        } else {
            served = true;
            match model.segment(volume, progress, cancel) {
                Ok(masks) => {
                    let (who, pack) = (model.provenance(), model.pack());
                    found.proposals.push(organs(masks, volume, who, pack.title.clone(), !pack.proven));
                    found.notes.push(Models::notice(pack));
                }
                Err(problem) => failed(&model.provenance(), &problem, &mut found)?,
            }
        }
    }
    if served && source.series.modality != "CT" {
        found.not_searched.push(STRUCTURES_ONLY.into());
    }
    if !served && found.not_searched.len() == models.problems.len() {
        found.not_searched.push(nothing_serves(source));
    }
    Ok(found)
}

fn facts<'a>(source: &'a LoadedSeries, volume: &'a Volume) -> SeriesFacts<'a> {
    SeriesFacts {
        modality: &source.series.modality,
        body_part: &source.series.body_part,
        description: &source.series.description,
        unit: volume.unit(),
        geometry: Some(volume.geometry()),
    }
}

/// Body, lungs, airways, bone by rules, then lesion candidates inside the lungs.
fn chest_rules(
    source: &LoadedSeries,
    volume: &Arc<Volume>,
    facts: &SeriesFacts<'_>,
    found: &mut Found,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(), SearchError> {
    let rules = CtRules;
    if let Err(reason) = rules.serves(facts) {
        found.not_searched.push(format!("Not segmented by the CT rules: {}", ended(&reason)));
        return Ok(());
    }
    let result = match rules.segment_with_notes(volume, progress, cancel) {
        Ok(result) => result,
        Err(problem) => return failed(&rules.provenance(), &problem, found),
    };
    found.notes.extend(result.notes);
    found.not_searched.push(CT_NOT_SEARCHED.into());
    let masks = result.segmentation;
    let settings = DetectorSettings::default();
    let candidates = lesions::detect(volume, &masks, &settings, progress, cancel);
    found.proposals.push(organs(masks.clone(), volume, rules.provenance(), "organ outline".into(), false));
    match candidates {
        Ok(candidates) => found.proposals.push(lesion_proposal(source, volume, &masks, &candidates, &settings)),
        Err(problem) => failed(&lesions::provenance(&settings), &problem, found)?,
    }
    Ok(())
}

fn failed(who: &ModelProvenance, problem: &AiError, found: &mut Found) -> Result<(), SearchError> {
    if matches!(problem, AiError::Cancelled) {
        return Err(SearchError::Cancelled);
    }
    found.not_searched.push(format!("Not searched by {} {}: {}", who.name, who.version, ended(&problem.to_string())));
    Ok(())
}

/// Every segment of a segmenter as a measured organ.
fn organs(masks: Segmentation, volume: &Volume, who: ModelProvenance, looked_for: String, unproven: bool) -> Proposal {
    let measures = measure_segments(&masks.labelmap, Some(volume));
    let findings: Vec<Finding> = measures
        .into_iter()
        .filter_map(|(number, measured)| {
            let segment = masks.segment(number)?;
            let mut finding = finding_of(segment, FindingKind::Organ, Certainty::Present, &who);
            finding.evidence.push(Evidence::KeyImage(measured.largest_slice));
            finding.measures = Some(measured);
            Some(finding)
        })
        .collect();
    let search = SearchRecord { model: who, looked_for, proposed: findings.len(), unproven };
    Proposal { segmentation: Some(masks), findings, search }
}

/// Candidates as segments of their own, over the organs' labels.
fn lesion_proposal(
    source: &LoadedSeries,
    volume: &Volume,
    organs: &Segmentation,
    candidates: &[lesions::LesionCandidate],
    settings: &DetectorSettings,
) -> Proposal {
    let who = lesions::provenance(settings);
    let mut all = organs.clone();
    let numbers = lesions::into_segments(&mut all, candidates);
    let slices = volume.dims()[2];
    let only = all.labelmap.changed(0..slices, |_, _, old| if numbers.contains(&old) { old } else { 0 }).0;
    let segments: Vec<Segment> = all.segments.into_iter().filter(|s| numbers.contains(&s.number)).collect();
    let masks = Segmentation { labelmap: only, segments };
    let measures = measure_segments(&masks.labelmap, Some(volume));
    let findings: Vec<Finding> = numbers
        .iter()
        .zip(candidates)
        .filter_map(|(number, candidate)| {
            let measured = measures.iter().find(|(n, _)| n == number)?.1.clone();
            let mut finding = finding_of(masks.segment(*number)?, FindingKind::Lesion, Certainty::Uncertain, &who);
            finding.label = "Lung lesion candidate".into();
            finding.code = Some(codes::LESION);
            finding.site = candidate.site();
            finding.site_code = Some(codes::LUNG);
            finding.score = Some(candidate.score);
            finding.evidence.push(Evidence::Box(candidate.box_lps));
            finding.evidence.push(Evidence::KeyImage(measured.largest_slice.min(source.slices.len().max(1) - 1)));
            finding.measures = Some(measured);
            Some(finding)
        })
        .collect();
    let search = SearchRecord {
        model: who,
        looked_for: "lung lesion candidate".into(),
        proposed: findings.len(),
        unproven: false,
    };
    // A label map without labels would be an empty edit.
    let segmentation = (!findings.is_empty()).then_some(masks);
    Proposal { segmentation, findings, search }
}

fn finding_of(segment: &Segment, kind: FindingKind, certainty: Certainty, who: &ModelProvenance) -> Finding {
    Finding {
        id: FindingId(String::new()),
        kind,
        label: segment.label.clone(),
        code: segment.property.clone(),
        site: String::new(),
        site_code: None,
        laterality: segment.laterality.clone(),
        certainty,
        state: FindingState::Proposed,
        reviewer: String::new(),
        evidence: vec![Evidence::Segment(segment.number)],
        measures: None,
        score: None,
        provenance: Provenance::Model(who.clone()),
        tracking_uid: segment.tracking_uid.clone(),
    }
}

fn pictures_not_searched(source: &LoadedSeries) -> String {
    match source.series.modality.as_str() {
        "CR" | "DX" => "Radiographs were not searched for findings: no installed model serves them.".to_owned(),
        "CT" | "MR" | "PT" => {
            "The images make no regular volume, so no model searched them: places and sizes would be a guess."
                .to_owned()
        }
        _ => "The pictures were not searched for findings: no installed model serves them.".to_owned(),
    }
}

fn nothing_serves(source: &LoadedSeries) -> String {
    let modality = &source.series.modality;
    let what =
        if modality.is_empty() || modality == "OT" { "This image".into() } else { format!("This {modality} series") };
    format!("{what} was not searched for findings: no installed model serves it. `fovea models import` installs one.")
}

fn ended(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}
