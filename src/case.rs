//! The undoable document: masks, findings, measurements and report of one reading, and its journal on disk.
//!
//! Invariants:
//! - Nothing changes except through [`Edit`] (and [`Case::undo`], [`Case::redo`]); one edit is one entry of the undo stack.
//! - Measurements follow the masks and the report's fields follow the measurements, within the same edit.
//! - Every edit reaches the journal before `apply` returns: after `kill -9` at most the stroke in hand is lost.
//! - A signed report never changes: all edits are refused from then on.
//! - An AI mask that a person changed is semi-automatic (Segment Algorithm Type) from that stroke on.

mod edit;
mod frames;
mod journal;
mod measure;
mod records;
mod runs;
mod undo;

pub use edit::{Edit, EditError, Import, Proposal};
pub use journal::{Journal, JournalError, JournalHeader, Recoverable, recover, recoverable};
pub use measure::{MeasureEdit, NewMeasurement, SeriesCalibration};
pub use undo::UndoStack;

use crate::findings::measurement::KnownLength;
use crate::findings::{Finding, FindingId, KeyImageMark, measure_segments};
use crate::geometry::DVec3;
use crate::loaded::LoadedSeries;
use crate::report::{Report, SearchRecord, SentenceId};
use crate::volume::{AlgorithmKind, Brush, Labelmap, LabelmapDelta, Segmentation};
use std::collections::BTreeSet;
use std::sync::Arc;
use undo::{Entry, Snapshot};

/// One reading of one series.
pub struct Case {
    source: LoadedSeries,
    segmentation: Option<Segmentation>,
    state: Arc<Snapshot>,
    undo: UndoStack,
    journal: Option<Journal>,
    stroke: Option<Stroke>,
}

/// A stroke in hand: not yet an edit.
struct Stroke {
    brush: Brush,
    at_lps: DVec3,
    before: Labelmap,
}

impl Case {
    /// An empty case on a series. `journal` is where every edit goes; without one, nothing survives the program.
    pub fn new(source: LoadedSeries, report: Report, journal: Option<Journal>) -> Self {
        let segmentation =
            source.geometry().map(|g| Segmentation { labelmap: Labelmap::empty(g.clone()), segments: Vec::new() });
        let state = Arc::new(Snapshot { report, ..Snapshot::default() });
        Self { source, segmentation, state, undo: UndoStack::default(), journal, stroke: None }
    }

    /// The case as it is now, without undo and journal: for jobs that take their time.
    pub fn frozen(&self) -> Self {
        Self {
            source: self.source.clone(),
            segmentation: self.segmentation.clone(),
            state: self.state.clone(),
            undo: UndoStack::default(),
            journal: None,
            stroke: None,
        }
    }

    /// The images.
    pub fn source(&self) -> &LoadedSeries {
        &self.source
    }

    /// Masks and what they mean; `None` for pictures.
    pub fn segmentation(&self) -> Option<&Segmentation> {
        self.segmentation.as_ref()
    }

    /// All findings, rejected ones too, in the order in which they came.
    pub fn findings(&self) -> &[Finding] {
        &self.state.findings
    }

    /// A finding by its identity.
    pub fn finding(&self, id: &FindingId) -> Option<&Finding> {
        self.state.findings.iter().find(|f| f.id == *id)
    }

    /// Findings that are measurements, in the order in which they were made.
    pub fn measurements(&self) -> impl Iterator<Item = &Finding> {
        self.state.findings.iter().filter(|f| f.measurement().is_some())
    }

    /// Images that a person marked as worth keeping.
    pub fn key_images(&self) -> &[KeyImageMark] {
        &self.state.key_images
    }

    /// A person's calibration of the pictures of a series ([`crate::study::Series::key`]).
    pub fn calibration(&self, series_key: &str) -> Option<&KnownLength> {
        self.state.calibrations.iter().find(|c| c.series_key == series_key).map(|c| &c.known_length)
    }

    /// The report as it stands.
    pub fn report(&self) -> &Report {
        &self.state.report
    }

    /// What was searched, by which model, and what it proposed.
    pub fn searches(&self) -> &[SearchRecord] {
        &self.state.searches
    }

    /// Name of the edit that [`Self::undo`] would take back.
    pub fn can_undo(&self) -> Option<&str> {
        self.undo.can_undo()
    }

    /// Name of the edit that [`Self::redo`] would do again.
    pub fn can_redo(&self) -> Option<&str> {
        self.undo.can_redo()
    }

    /// Number of changes so far, undone and redone ones counted: tells a view whether it is up to date.
    pub fn revision(&self) -> u64 {
        self.undo.revision()
    }

    /// True while there are edits, or undone edits, that a closing program would have to ask about.
    pub fn is_touched(&self) -> bool {
        self.undo.revision() > 0
    }

    /// Does an edit: the only way in which a case changes.
    pub fn apply(&mut self, edit: Edit) -> Result<(), EditError> {
        if self.state.report.is_signed() {
            return Err(EditError::Signed);
        }
        let record = records::EditRecord::from_edit(&edit);
        let entry = self.perform(edit)?;
        if let Some(entry) = entry {
            self.undo.push(entry);
            self.write(&record)?;
        }
        Ok(())
    }

    /// Takes the last edit back; says its name.
    pub fn undo(&mut self) -> Result<Option<String>, EditError> {
        self.step(UndoStack::undo, &records::EditRecord::Undo)
    }

    /// Does the last undone edit again; says its name.
    pub fn redo(&mut self) -> Result<Option<String>, EditError> {
        self.step(UndoStack::redo, &records::EditRecord::Redo)
    }

    /// Puts the brush down. The masks show the stroke at once; it becomes an edit at [`Self::stroke_end`].
    pub fn stroke_begin(&mut self, brush: Brush, at_lps: DVec3) -> Result<(), EditError> {
        if self.state.report.is_signed() {
            return Err(EditError::Signed);
        }
        let before = self.segmentation.as_ref().ok_or(EditError::NoGrid)?.labelmap.clone();
        self.stroke = Some(Stroke { brush, at_lps, before });
        self.stroke_to(at_lps);
        Ok(())
    }

    /// Moves the brush; nothing happens without a stroke in hand.
    pub fn stroke_to(&mut self, to_lps: DVec3) {
        if let (Some(stroke), Some(segmentation)) = (&mut self.stroke, &mut self.segmentation) {
            segmentation.labelmap = stroke.brush.stroke(&segmentation.labelmap, stroke.at_lps, to_lps).0;
            stroke.at_lps = to_lps;
        }
    }

    /// Lifts the brush: the whole stroke is one edit. A stroke that changed nothing is none.
    pub fn stroke_end(&mut self) -> Result<(), EditError> {
        let (Some(stroke), Some(segmentation)) = (self.stroke.take(), &mut self.segmentation) else { return Ok(()) };
        let delta = stroke.before.delta_to(&segmentation.labelmap);
        segmentation.labelmap = stroke.before;
        if delta.is_empty() { Ok(()) } else { self.apply(Edit::Stroke { delta }) }
    }

    /// Gives up the stroke in hand.
    pub fn stroke_cancel(&mut self) {
        if let (Some(stroke), Some(segmentation)) = (self.stroke.take(), &mut self.segmentation) {
            segmentation.labelmap = stroke.before;
        }
    }

    /// A sentence of the report.
    pub fn sentence(&self, id: SentenceId) -> Option<&crate::report::Sentence> {
        self.state.report.sentence(id)
    }

    /// Marks the journal as cleanly closed, so that the next start does not offer it.
    pub fn close(&mut self) -> Result<(), JournalError> {
        self.journal.take().map_or(Ok(()), Journal::close)
    }

    fn write(&mut self, record: &records::EditRecord) -> Result<(), EditError> {
        self.journal.as_mut().map_or(Ok(()), |journal| journal.append(record)).map_err(EditError::Journal)
    }

    fn step(
        &mut self,
        take: impl FnOnce(&mut UndoStack) -> Option<Step>,
        record: &records::EditRecord,
    ) -> Result<Option<String>, EditError> {
        if self.state.report.is_signed() {
            return Err(EditError::Signed);
        }
        self.stroke_cancel();
        let Some(step) = take(&mut self.undo) else { return Ok(None) };
        if let Some(segmentation) = &mut self.segmentation {
            segmentation.labelmap = segmentation.labelmap.applied(&step.delta).ok_or(EditError::Delta)?;
            segmentation.segments.clone_from(&step.state.segments);
        }
        self.state = step.state;
        self.write(record)?;
        Ok(Some(step.name))
    }

    /// Works an edit out and takes it over; `None` when it changes nothing.
    fn perform(&mut self, edit: Edit) -> Result<Option<Entry>, EditError> {
        let name = edit.name().to_owned();
        let by_person = !matches!(edit, Edit::Propose(_) | Edit::Import(_));
        let mut next = (*self.state).clone();
        let delta = edit::perform(edit, &mut next, self.segmentation.as_ref(), &self.source.study)?;
        if let Some(segmentation) = &mut self.segmentation {
            let labels = segmentation.labelmap.applied(&delta).ok_or(EditError::Delta)?;
            if by_person {
                mark_changed_by_person(&mut next, &delta);
            }
            remeasure(&mut next, &labels, &delta, self.source.volume().map(Arc::as_ref));
            segmentation.labelmap = labels;
            segmentation.segments.clone_from(&next.segments);
        }
        if !next.report.is_signed() {
            // Also words anew what a machine wrote where a finding's shape or name changed.
            let source = &self.source;
            crate::report::redraft(&mut next.report, &next.findings, &|k| source.cite(k));
        }
        if delta.is_empty() && next == *self.state {
            return Ok(None);
        }
        let before = std::mem::replace(&mut self.state, Arc::new(next));
        Ok(Some(Entry { name, delta, before, after: self.state.clone() }))
    }
}

/// What [`UndoStack`] hands out: the state to take over and the labels' way there.
pub(crate) struct Step {
    name: String,
    delta: LabelmapDelta,
    state: Arc<Snapshot>,
}

/// Labels that a delta took away or put down.
fn touched_labels(delta: &LabelmapDelta) -> BTreeSet<u8> {
    let runs = delta.slices.iter().flat_map(|s| s.runs.iter());
    runs.flat_map(|&(_, _, before, after)| [before, after]).filter(|&label| label != 0).collect()
}

fn mark_changed_by_person(state: &mut Snapshot, delta: &LabelmapDelta) {
    let touched = touched_labels(delta);
    for segment in state.segments.iter_mut().filter(|s| touched.contains(&s.number)) {
        if segment.algorithm == AlgorithmKind::Automatic {
            segment.algorithm = AlgorithmKind::SemiAutomatic;
        }
    }
}

fn remeasure(state: &mut Snapshot, labels: &Labelmap, delta: &LabelmapDelta, volume: Option<&crate::volume::Volume>) {
    let touched = touched_labels(delta);
    let affected = |f: &Finding| f.segment().is_some_and(|n| touched.contains(&n));
    if !state.findings.iter().any(affected) {
        return;
    }
    let measured = measure_segments(labels, volume);
    for finding in state.findings.iter_mut().filter(|f| affected(f)) {
        let number = finding.segment();
        finding.measures = measured.iter().find(|(n, _)| Some(*n) == number).map(|(_, m)| m.clone());
    }
}
