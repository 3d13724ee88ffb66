//! One trait for everything that turns a volume into a mask: networks and rules.

use crate::findings::ModelProvenance;
use crate::geometry::VolumeGeometry;
use crate::jobs::{Cancel, Progress};
use crate::volume::{Segmentation, ValueUnit, Volume};

/// What a model may ask about a series before it runs: plain data, so that `ai` sees neither files nor DICOM.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesFacts<'a> {
    /// Modality (0008,0060), or what the person declared; "OT" or empty when unknown.
    pub modality: &'a str,
    /// Body Part Examined (0018,0015); empty when absent.
    pub body_part: &'a str,
    /// Series Description (0008,103E); empty when absent.
    pub description: &'a str,
    /// Meaning of the values.
    pub unit: &'a ValueUnit,
    /// The grid, when the slices make a volume.
    pub geometry: Option<&'a VolumeGeometry>,
}

/// Turns a volume into named masks on the same grid.
pub trait Segmenter: Send + Sync {
    /// Who speaks, complete enough to run it again.
    fn provenance(&self) -> ModelProvenance;

    /// Whether this model is meant for such a series; otherwise one sentence that says why not.
    fn serves(&self, facts: &SeriesFacts) -> Result<(), String>;

    /// Runs on the whole volume. The result has the volume's own grid. `cancel` is honored within a second; `progress`
    /// names the stage.
    fn segment(&self, volume: &Volume, progress: &Progress, cancel: &Cancel) -> Result<Segmentation, AiError>;

    /// True for models that were not measured on real images: their overlay is marked "experimental" and they draft no
    /// sentence (`clinical.md` rule 3).
    fn is_experimental(&self) -> bool {
        false
    }
}

/// Why a model gave no result.
#[derive(Debug, thiserror::Error)]
pub enum AiError {
    /// The person (or the program's end) stopped it.
    #[error("the model was stopped before it was done")]
    Cancelled,
    /// The volume is not what the model needs; the sentence says what was found and what is needed.
    #[error("{0}")]
    Unsuitable(String),
    /// The volume would need more memory than the program allows itself.
    #[error(
        "{what} would need {needed_mb} MB of memory and the limit is {limit_mb} MB; crop the series or use a smaller model"
    )]
    TooLarge {
        /// Which step.
        what: String,
        /// What it would take.
        needed_mb: u64,
        /// What is allowed.
        limit_mb: u64,
    },
    /// The numeric library refused; always a defect of the program or of a pack.
    #[error("computing the network failed: {0}")]
    Compute(String),
}

impl AiError {
    /// `Err(Cancelled)` once the job was asked to stop.
    pub fn check(cancel: &Cancel) -> Result<(), Self> {
        if cancel.is_cancelled() { Err(Self::Cancelled) } else { Ok(()) }
    }
}

impl From<candle_core::Error> for AiError {
    fn from(error: candle_core::Error) -> Self {
        Self::Compute(error.to_string())
    }
}
