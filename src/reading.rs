//! The whole job as functions, for the window and the command line alike: which series, which models, search, draft,
//! export, and the demonstration study.
//!
//! `fovea read`, the demonstration and the window's "Propose" and "Export" run exactly this code.

mod demo;
mod export;
mod frames;
mod key_images;
mod measuring;
pub mod models;
mod pixel_stages;
mod presented;
pub mod print;
pub mod priors;
mod search;
mod series;

pub use demo::{DEMO_SEED, DemoError, IMAGES, is_phantom, write_phantom};
pub use export::{ExportError, ExportTarget, Exported, export};
pub use frames::{FramesError, write_frames};
pub use key_images::key_images;
pub use measuring::{image_ref, measure, picture_place, plane_place, series_ref, slice_place};
pub use models::Models;
pub use pixel_stages::{GrayStages, PixelAt, PixelStages, PixelValue, ShownAs, pixel_stages};
pub use presented::{NotPresented, Presented, presented, presented_images, presented_marks, presented_window};
pub use search::{Found, SearchError, search};
pub use series::best_series;

use crate::case::{Case, Edit, EditError};
use crate::jobs::{Cancel, Progress};
use crate::loaded::LoadedSeries;
use crate::report::{DraftInput, Report, ReportStatus, recompose};

/// Why a reading came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReadingError {
    /// The search stopped.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// A result was not taken over.
    #[error("a model's result could not be taken over: {0}")]
    Edit(#[from] EditError),
}

/// A report without sentences: what a case begins with.
pub fn empty_report() -> Report {
    Report { status: ReportStatus::Draft, sections: Vec::new() }
}

/// Searches a series with every model that serves it and drafts the report: a case without journal.
pub fn read(
    source: LoadedSeries,
    models: &Models,
    left_aside: &[String],
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Case, ReadingError> {
    let found = search(&source, models, progress, cancel)?;
    let mut case = Case::new(source, empty_report(), None);
    take_over(&mut case, found, left_aside)?;
    Ok(case)
}

/// Takes over what a search found and drafts the report from it.
pub fn take_over(case: &mut Case, found: Found, left_aside: &[String]) -> Result<(), EditError> {
    for proposal in found.proposals {
        case.apply(Edit::Propose(Box::new(proposal)))?;
    }
    let not_searched: Vec<String> = found.not_searched.into_iter().chain(left_aside.iter().cloned()).collect();
    // A person's sentences outlive a new draft.
    let draft = draft(case, &not_searched, &found.notes);
    case.apply(Edit::Draft(Box::new(draft)))
}

/// The report that follows from the case's findings and searches, with the sentences that a person wrote.
pub fn draft(case: &Case, not_searched: &[String], warnings: &[String]) -> Report {
    let source = case.source();
    recompose(
        case.report(),
        &DraftInput {
            study: &source.study,
            series: &source.series,
            findings: case.findings(),
            searches: case.searches(),
            not_searched,
            cite: &|k| source.cite(k),
            warnings,
        },
    )
}
