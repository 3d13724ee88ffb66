//! What the layouts need beside the report itself. Given by the caller, so that every layout is a pure function.

use crate::findings::{Finding, FindingId};
use crate::study::{Series, Study};

/// Everything around the sentences.
#[derive(Debug, Clone, Copy)]
pub struct ReportContext<'a> {
    /// Whose, and which examination.
    pub study: &'a Study,
    /// The series that was read.
    pub series: &'a Series,
    /// All findings of the case, those that the sentences rest on among them.
    pub findings: &'a [Finding],
    /// One sentence per model that took part: intended use, license, what it was measured on.
    pub model_notices: &'a [String],
    /// When the report was laid out, RFC 3339; passed in so that the same input gives the same bytes.
    pub generated: &'a str,
    /// "0.1.0".
    pub program_version: &'a str,
    /// Files that have no meaning for this study.
    pub omitted: &'a [Omitted],
    /// Pictures of the findings.
    pub key_images: &'a [KeyImage],
    /// True for the demonstration study: said instead of pretending a person.
    pub phantom: bool,
}

/// A file that was not written, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Omitted {
    /// "segmentation.dcm".
    pub file: String,
    /// One sentence.
    pub reason: String,
}

/// A picture that belongs to a finding, or to the study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyImage {
    /// Whose, if it shows one.
    pub finding: Option<FindingId>,
    /// "Series 4, image 124".
    pub caption: String,
    /// PNG file.
    pub png: Vec<u8>,
}

impl ReportContext<'_> {
    /// A finding by its identity.
    pub fn finding(&self, id: &FindingId) -> Option<&Finding> {
        self.findings.iter().find(|f| f.id == *id)
    }
}
