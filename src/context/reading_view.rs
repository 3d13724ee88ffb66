//! The case as the interface sees it.

use crate::case::Case;
use crate::findings::{Finding, FindingId, FindingKind};
use crate::report::{Report, SentenceId};
use crate::volume::{AlgorithmKind, Segmentation};

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
    /// The document itself, for what is looked up in it: calibrations, key images.
    pub document: &'a Case,
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
        let all = self.report.into_iter().flat_map(Report::sentences);
        all.filter(|s| s.evidence.contains(id)).map(|s| s.id).collect()
    }

    /// True once a person signed: nothing may change any more.
    pub fn is_signed(&self) -> bool {
        self.report.is_some_and(Report::is_signed)
    }

    /// Findings as they are listed and gone through: lesions first, then organs.
    pub fn in_reading_order(&self) -> Vec<&'a Finding> {
        let of = |kind| self.findings.iter().filter(move |f| f.kind == kind);
        of(FindingKind::Lesion).chain(of(FindingKind::Organ)).collect()
    }

    /// The next finding that nobody has reviewed, after `after`, wrapping around.
    pub fn next_unreviewed(&self, after: Option<&FindingId>) -> Option<&'a Finding> {
        let mut order = self.in_reading_order();
        let start = after.and_then(|id| order.iter().position(|f| f.id == *id)).map_or(0, |n| n + 1);
        order.rotate_left(start.min(self.findings.len()));
        order.into_iter().find(|f| f.is_unreviewed_ai())
    }

    /// True while a machine's proposals or masks wait that no person has reviewed.
    pub fn has_ai_draft(&self) -> bool {
        let masks = self.segmentation.into_iter().flat_map(|s| &s.segments);
        self.findings.iter().any(Finding::is_unreviewed_ai)
            || masks.into_iter().any(|s| s.algorithm != AlgorithmKind::Manual)
    }
}
