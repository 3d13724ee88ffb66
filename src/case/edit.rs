//! Every way in which a case can change.

use super::undo::Snapshot;
use super::{JournalError, MeasureEdit, measure};
use crate::findings::measurement::{ImageRef, KnownLength};
use crate::findings::{Finding, FindingId, FindingKind, FindingState, KeyImageMark};
use crate::report::{self, Report, SearchRecord, SectionKind, SentenceId, SentenceMark, Signature};
use crate::study::Study;
use crate::volume::{AlgorithmKind, Labelmap, LabelmapDelta, Segment, Segmentation};

/// A change, with everything needed to do it again from the journal.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A model's (or a rule's) result, with provenance: undone like anything else.
    Propose(Box<Proposal>),
    /// Masks or findings of another system's file: no search of this program, undone like anything else.
    Import(Box<Import>),
    /// A new draft takes the place of the report.
    Draft(Box<Report>),
    /// A finished brush stroke.
    Stroke {
        /// What it changed.
        delta: LabelmapDelta,
    },
    /// A new, empty segment.
    AddSegment(Segment),
    /// A segment and all its voxels go.
    RemoveSegment {
        /// Its number.
        number: u8,
    },
    /// A person accepts or rejects a finding, or takes that back.
    Review {
        /// Which.
        finding: FindingId,
        /// What the person made of it.
        state: FindingState,
        /// Who.
        reviewer: String,
    },
    /// A person renames a finding or says elsewhere where it is.
    Describe {
        /// Which.
        finding: FindingId,
        /// New label.
        label: String,
        /// New site.
        site: String,
        /// Who.
        reviewer: String,
    },
    /// A person rewrites a sentence.
    EditSentence {
        /// Which.
        sentence: SentenceId,
        /// The whole new text.
        text: String,
        /// Who.
        author: String,
    },
    /// A person adds a sentence at the end of a section.
    AddSentence {
        /// Where.
        section: SectionKind,
        /// Its text.
        text: String,
        /// Who.
        author: String,
    },
    /// A person strikes a sentence.
    RemoveSentence {
        /// Which.
        sentence: SentenceId,
    },
    /// A person strikes every sentence that no longer stands: its finding was rejected, or its mask is gone.
    RemoveMarked,
    /// A measurement is made, changed, taken out, or put into the report.
    Measure(MeasureEdit),
    /// A person marks an image as worth keeping, or changes its note.
    MarkKeyImage(KeyImageMark),
    /// A person takes such a mark back.
    UnmarkKeyImage {
        /// Which image and frame.
        image: ImageRef,
    },
    /// A person calibrates the pictures of a series by a known length, or takes that back.
    Calibrate {
        /// The display set ([`crate::study::Series::key`]).
        series_key: String,
        /// What makes millimetres of its pixels; `None` for what the files say.
        known_length: Option<KnownLength>,
    },
    /// A person signs. From then on nothing changes.
    Sign(Signature),
}

/// What a model proposes.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// Masks on the case's grid, if any. Their segment numbers are free to change: the case gives numbers.
    pub segmentation: Option<Segmentation>,
    /// Findings whose `Evidence::Segment` numbers are those of `segmentation`; identities are given by the case.
    pub findings: Vec<Finding>,
    /// What was searched, also where nothing was proposed.
    pub search: SearchRecord,
}

/// What a file of another system brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Masks on the case's grid, if any. Their segment numbers are free to change: the case gives numbers.
    pub segmentation: Option<Segmentation>,
    /// Findings; `Evidence::Segment` numbers are those of `segmentation`, or of the case where there is none.
    pub findings: Vec<Finding>,
    /// Where they come from, as undo calls it: "masks of SEG binary, series 100".
    pub source: String,
}

/// Why an edit was not done.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The report is signed.
    #[error("the report is signed and can no longer change; write an addendum instead")]
    Signed,
    /// Masks need a volume.
    #[error("this image has no volume to draw a mask on")]
    NoGrid,
    /// A mask on other voxels.
    #[error("the proposed mask lies on another grid than the image; nothing was taken over")]
    OtherGrid,
    /// All 255 numbers are taken.
    #[error("all 255 segment numbers are taken; remove a segment first")]
    NoFreeNumber,
    /// A delta that does not fit.
    #[error("the change does not fit the mask's grid; nothing was changed")]
    Delta,
    /// Something that is gone.
    #[error("{0} no longer exists; nothing was changed")]
    Gone(&'static str),
    /// A sentence that cannot change that way.
    #[error(transparent)]
    Sentence(#[from] report::EditError),
    /// Not ready to be signed.
    #[error(transparent)]
    Sign(#[from] report::SignError),
    /// The journal could not be written: the change is in memory, but would not survive a crash.
    #[error(transparent)]
    Journal(JournalError),
}

impl Edit {
    /// What undo and redo call it.
    pub fn name(&self) -> &str {
        match self {
            Self::Propose(p) => &p.search.looked_for,
            Self::Import(import) => &import.source,
            Self::Draft(_) => "draft report",
            Self::Stroke { .. } => "brush stroke",
            Self::AddSegment(_) => "add segment",
            Self::RemoveSegment { .. } => "remove segment",
            Self::Review { state, .. } => match state {
                FindingState::Proposed => "reopen finding",
                FindingState::Accepted => "accept finding",
                FindingState::Edited => "confirm edited finding",
                FindingState::Rejected => "reject finding",
            },
            Self::Describe { .. } => "describe finding",
            Self::EditSentence { .. } => "edit sentence",
            Self::AddSentence { .. } => "add sentence",
            Self::RemoveSentence { .. } => "remove sentence",
            Self::RemoveMarked => "remove rejected sentences",
            Self::Measure(edit) => edit.name(),
            Self::MarkKeyImage(_) => "mark key image",
            Self::UnmarkKeyImage { .. } => "unmark key image",
            Self::Calibrate { known_length: Some(_), .. } => "calibrate",
            Self::Calibrate { known_length: None, .. } => "take calibration back",
            Self::Sign(_) => "sign",
        }
    }
}

/// Works the edit into `state` and gives the change of the labels.
pub(super) fn perform(
    edit: Edit,
    state: &mut Snapshot,
    current: Option<&Segmentation>,
    study: &Study,
) -> Result<LabelmapDelta, EditError> {
    let none = LabelmapDelta::default();
    match edit {
        Edit::Propose(proposal) => {
            let Proposal { segmentation, findings, search } = *proposal;
            let delta = take_over(segmentation, findings, state, current)?;
            state.searches.push(search);
            return Ok(delta);
        }
        Edit::Import(import) => return take_over(import.segmentation, import.findings, state, current),
        Edit::Draft(report) => state.report = *report,
        Edit::Stroke { delta } => return current.map(|_| delta).ok_or(EditError::NoGrid),
        Edit::AddSegment(segment) => {
            let taken = state.segments.iter().any(|s| s.number == segment.number) || segment.number == 0;
            if taken {
                return Err(EditError::NoFreeNumber);
            }
            state.segments.push(segment);
            state.segments.sort_by_key(|s| s.number);
        }
        Edit::RemoveSegment { number } => {
            let masks = current.ok_or(EditError::NoGrid)?;
            state.segments.retain(|s| s.number != number);
            let slices = masks.labelmap.geometry().dims()[2];
            return Ok(masks.labelmap.changed(0..slices, |_, _, old| if old == number { 0 } else { old }).1);
        }
        Edit::Review { finding, state: verdict, reviewer } => review(state, &finding, verdict, reviewer)?,
        Edit::Describe { finding, label, site, reviewer } => {
            let found = find(state, &finding)?;
            found.label = label;
            found.site = site;
            // A person's own measurement was never anybody's proposal.
            if found.kind != FindingKind::Measurement {
                found.state = FindingState::Edited;
            }
            found.reviewer = reviewer;
        }
        Edit::EditSentence { sentence, text, author } => {
            report::edit_sentence(&mut state.report, sentence, &text, &author)?;
        }
        Edit::AddSentence { section, text, author } => {
            report::add_sentence(&mut state.report, section, &text, &author)?;
        }
        Edit::RemoveSentence { sentence } => {
            report::remove_sentence(&mut state.report, sentence)?;
        }
        Edit::RemoveMarked => {
            let marked = state.report.sentences().filter(|s| s.mark != SentenceMark::None).map(|s| s.id);
            for id in marked.collect::<Vec<_>>() {
                report::remove_sentence(&mut state.report, id)?;
            }
        }
        Edit::Measure(edit) => measure::measure(edit, state)?,
        Edit::MarkKeyImage(mark) => measure::mark(state, mark),
        Edit::UnmarkKeyImage { image } => measure::unmark(state, &image)?,
        Edit::Calibrate { series_key, known_length } => measure::calibrate(state, &series_key, known_length),
        Edit::Sign(signature) => {
            report::sign(&mut state.report, &state.findings, study, signature)?;
        }
    }
    Ok(none)
}

fn find<'a>(state: &'a mut Snapshot, id: &FindingId) -> Result<&'a mut Finding, EditError> {
    state.findings.iter_mut().find(|f| f.id == *id).ok_or(EditError::Gone("the finding"))
}

/// A finding whose mask a person changed is confirmed as edited, not as the machine's.
fn review(state: &mut Snapshot, id: &FindingId, verdict: FindingState, reviewer: String) -> Result<(), EditError> {
    let changed: Vec<u8> =
        state.segments.iter().filter(|s| s.algorithm == AlgorithmKind::SemiAutomatic).map(|s| s.number).collect();
    let found = find(state, id)?;
    let mask_changed = found.segment().is_some_and(|n| changed.contains(&n));
    found.state = if verdict == FindingState::Accepted && mask_changed { FindingState::Edited } else { verdict };
    found.reviewer = if verdict == FindingState::Proposed { String::new() } else { reviewer };
    Ok(())
}

/// Takes masks over under free numbers, and findings under new identities.
fn take_over(
    segmentation: Option<Segmentation>,
    findings: Vec<Finding>,
    state: &mut Snapshot,
    current: Option<&Segmentation>,
) -> Result<LabelmapDelta, EditError> {
    let by_person = |s: &&Segment| s.algorithm != AlgorithmKind::Automatic;
    let drawn: Vec<u8> = state.segments.iter().filter(by_person).map(|s| s.number).collect();
    let mut number_of: [u8; 256] = std::array::from_fn(|n| n as u8);
    let mut delta = LabelmapDelta::default();
    if let Some(masks) = segmentation {
        number_of = [0; 256];
        let current = current.ok_or(EditError::NoGrid)?;
        if !masks.labelmap.geometry().same_grid(current.labelmap.geometry()) {
            return Err(EditError::OtherGrid);
        }
        for mut segment in masks.segments {
            let free = (1..=u8::MAX).find(|n| state.segments.iter().all(|s| s.number != *n));
            let free = free.ok_or(EditError::NoFreeNumber)?;
            number_of[usize::from(segment.number)] = free;
            segment.number = free;
            state.segments.push(segment);
        }
        state.segments.sort_by_key(|s| s.number);
        delta = overlay(&current.labelmap, &masks.labelmap, &number_of, &drawn);
    }
    for mut finding in findings {
        state.last_finding += 1;
        finding.id = FindingId(format!("f{}", state.last_finding));
        for evidence in &mut finding.evidence {
            if let crate::findings::Evidence::Segment(n) = evidence {
                *n = number_of[usize::from(*n)];
            }
        }
        state.findings.push(finding);
    }
    Ok(delta)
}

/// The proposal's labels over what is there. Voxels of segments that a person drew or changed stay (`look.md`: the AI
/// never writes over a person).
fn overlay(current: &Labelmap, proposed: &Labelmap, number_of: &[u8; 256], drawn: &[u8]) -> LabelmapDelta {
    let slices = current.geometry().dims()[2];
    current
        .changed(0..slices, |k, n, old| {
            let new = number_of[usize::from(proposed.slice(k)[n])];
            if new == 0 || drawn.contains(&old) { old } else { new }
        })
        .1
}
