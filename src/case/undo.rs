//! One undo stack over everything that changes the case.

use super::{SeriesCalibration, Step};
use crate::findings::{Finding, KeyImageMark};
use crate::report::{Report, ReportStatus, SearchRecord};
use crate::volume::{LabelmapDelta, Segment};
use std::sync::Arc;

/// Edits that can be taken back; older ones are forgotten (their effect stays).
const DEEPEST: usize = 1000;

/// Everything of a case but its label map: small, so each edit keeps it whole, before and after.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Snapshot {
    pub segments: Vec<Segment>,
    pub findings: Vec<Finding>,
    pub searches: Vec<SearchRecord>,
    pub report: Report,
    pub key_images: Vec<KeyImageMark>,
    pub calibrations: Vec<SeriesCalibration>,
    /// Numbers given to findings so far; never reused.
    pub last_finding: u64,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self {
            segments: Vec::new(),
            findings: Vec::new(),
            searches: Vec::new(),
            report: Report { status: ReportStatus::Draft, sections: Vec::new() },
            key_images: Vec::new(),
            calibrations: Vec::new(),
            last_finding: 0,
        }
    }
}

/// One edit: labels as run-length deltas, the rest whole.
pub(crate) struct Entry {
    pub name: String,
    pub delta: LabelmapDelta,
    pub before: Arc<Snapshot>,
    pub after: Arc<Snapshot>,
}

/// Done and undone edits.
#[derive(Default)]
pub struct UndoStack {
    done: Vec<Entry>,
    undone: Vec<Entry>,
    revision: u64,
}

impl UndoStack {
    pub(crate) fn push(&mut self, entry: Entry) {
        self.undone.clear();
        if self.done.len() == DEEPEST {
            self.done.remove(0);
        }
        self.done.push(entry);
        self.revision += 1;
    }

    /// Name of the last edit.
    pub fn can_undo(&self) -> Option<&str> {
        self.done.last().map(|e| e.name.as_str())
    }

    /// Name of the last undone edit.
    pub fn can_redo(&self) -> Option<&str> {
        self.undone.last().map(|e| e.name.as_str())
    }

    /// Counts every change, also undoing and redoing.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn undo(&mut self) -> Option<Step> {
        let entry = self.done.pop()?;
        let step = Step { name: entry.name.clone(), delta: entry.delta.reversed(), state: entry.before.clone() };
        self.undone.push(entry);
        self.revision += 1;
        Some(step)
    }

    pub(crate) fn redo(&mut self) -> Option<Step> {
        let entry = self.undone.pop()?;
        let step = Step { name: entry.name.clone(), delta: entry.delta.clone(), state: entry.after.clone() };
        self.done.push(entry);
        self.revision += 1;
        Some(step)
    }
}
