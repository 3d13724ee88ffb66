//! The case as the interface sees it.

use crate::findings::{Finding, FindingId};
use crate::report::{Report, SentenceId};
use crate::volume::Segmentation;

/// Findings, masks and report of the case on screen. Masks include the stroke in hand.
#[derive(Clone, Copy)]
pub struct CaseView<'a> {
    /// All findings, in the order in which they came.
    pub findings: &'a [Finding],
    /// The report, once drafted.
    pub report: Option<&'a Report>,
    /// The masks, once there are any.
    pub segmentation: Option<&'a Segmentation>,
    /// Grows with every change of masks, so that uploads happen once.
    pub mask_generation: u64,
    /// What undo would take back.
    pub undo: Option<&'a str>,
    /// What redo would do again.
    pub redo: Option<&'a str>,
    /// Whether the journal on disk holds everything.
    pub saved: SavedState,
    /// The reader's name, as entered before.
    pub reader: &'a str,
}

/// Whether everything is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavedState {
    /// Nothing to save yet.
    Untouched,
    /// Written this many seconds ago.
    Saved(u64),
    /// The journal could not be written.
    Failed,
}

/// A case that a crash left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoverableCase {
    /// "CT thorax, 12 changes, 2026-03-01 10:12".
    pub description: String,
}

impl<'a> CaseView<'a> {
    /// A finding by its identity.
    pub fn finding(&self, id: &FindingId) -> Option<&'a Finding> {
        self.findings.iter().find(|f| f.id == *id)
    }

    /// Sentences that rest on a finding.
    pub fn sentences_on(&self, id: &FindingId) -> Vec<SentenceId> {
        let all = self.report.into_iter().flat_map(|r| r.sentences());
        all.filter(|s| s.evidence.contains(id)).map(|s| s.id).collect()
    }

    /// True once a person signed: nothing may change any more.
    pub fn is_signed(&self) -> bool {
        self.report.is_some_and(|r| r.is_signed())
    }

    /// The next finding that nobody has reviewed, after `after`, wrapping around.
    pub fn next_unreviewed(&self, after: Option<&FindingId>) -> Option<&'a Finding> {
        let start = after.and_then(|id| self.findings.iter().position(|f| f.id == *id)).map_or(0, |n| n + 1);
        let order = self.findings[start..].iter().chain(&self.findings[..start]);
        order.into_iter().find(|f| f.is_unreviewed_ai())
    }
}
