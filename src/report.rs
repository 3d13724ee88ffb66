//! Reports: composed from findings by templates, checked, and laid out as text, HTML, PDF, FHIR and JSON.
//!
//! A sentence is a claim: it keeps its evidence, its numbers are live fields, and it says who wrote it. What was not
//! searched is said; nothing found is never written as "normal" (`clinical.md` rules 2, 3, 11).

mod check;
mod compose;
mod context;
mod csv;
mod edit;
mod fhir;
mod html;
mod json;
mod marks;
mod measured;
mod pdf;
mod phrases;
mod refresh;
mod text;

pub use check::{Problem, ProblemKind, SignError, check, forbidden_words, sign};
pub use compose::{DraftInput, SearchRecord, add_findings, compose, recompose, redraft};
pub use context::{KeyImage, Omitted, ReportContext};
pub use csv::measurements_csv;
pub use edit::{EditError, add_sentence, edit_sentence, remove_sentence};
pub use fhir::fhir;
pub use html::html;
pub use json::{JsonError, SavedReport, findings_from_json, findings_json, from_json, report_json};
pub use marks::{NOT_FOR_CLINICAL_USE, author_mark, mark_words};
pub use measured::add_measurement;
pub use pdf::{PdfError, pdf, sheets};
pub use refresh::refresh;
pub use text::plain_text;

use crate::findings::{FindingId, Quantity};

/// Identities from here on belong to the sentences that [`refresh`] drafts into the Impression. They follow from the
/// finding, so that accepting, undoing and accepting again gives the same sentence.
const IMPRESSION_IDS: u64 = 1 << 48;

/// A report on one study.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Draft, or signed by a person.
    pub status: ReportStatus,
    /// In the order of [`SectionKind`].
    pub sections: Vec<Section>,
}

/// Where the report stands (`clinical.md` rule 1).
#[derive(Debug, Clone, PartialEq)]
pub enum ReportStatus {
    /// FHIR `partial`, SR PARTIAL / UNVERIFIED.
    Draft,
    /// FHIR `final`, SR COMPLETE / VERIFIED. A signed report never changes.
    Signed(Signature),
}

/// Who signed what, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The reader's name.
    pub name: String,
    /// RFC 3339.
    pub time: String,
    /// The identity that was repeated and confirmed: patient's name, ID, birth date, accession.
    pub identity: [String; 4],
}

/// Titles, in reading order (`clinical.md` rule 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionKind {
    /// Why the study was asked for.
    Indication,
    /// How it was made.
    Technique,
    /// What it is compared with.
    Comparison,
    /// What was seen, by organ.
    Findings,
    /// Accepted findings only.
    Impression,
    /// What was not searched, incomplete, or uncertain.
    Limitations,
    /// Critical results: who was told, when, read back.
    Communication,
}

/// A titled part of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Which.
    pub kind: SectionKind,
    /// In order.
    pub sentences: Vec<Sentence>,
}

/// Identifies a sentence within a report; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SentenceId(pub u64);

/// What a sentence claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentenceKind {
    /// Rests on findings.
    Finding,
    /// Names the search that ran and proposed nothing; asks for confirmation.
    Negative,
    /// How the study was made.
    Technique,
    /// Priors.
    Comparison,
    /// A person's words, or a limitation.
    Free,
}

/// Who wrote a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// A template or model, by name and version; shown as "AI draft" where it rests on a model's findings.
    Machine(String),
    /// A person; a machine's sentence becomes a person's by editing.
    Person(String),
}

/// Why a sentence may no longer stand as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SentenceMark {
    /// It stands.
    #[default]
    None,
    /// A finding it rests on was rejected.
    Rejected,
    /// A finding or mask it rests on is gone.
    Stale,
}

/// One claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// Identity.
    pub id: SentenceId,
    /// Text and live fields, in order.
    pub parts: Vec<Part>,
    /// What it claims.
    pub kind: SentenceKind,
    /// The findings it rests on.
    pub evidence: Vec<FindingId>,
    /// Who wrote it.
    pub author: Author,
    /// Whether it still stands.
    pub mark: SentenceMark,
}

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Words.
    Text(String),
    /// A number bound to a measurement.
    Field(Field),
}

/// A number bound to a measurement of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Whose.
    pub finding: FindingId,
    /// Which.
    pub quantity: Quantity,
    /// As measured now, rounded and with its unit ("14 mm").
    pub measured: String,
    /// What a person typed over it; where it differs from `measured`, both are shown.
    pub typed: Option<String>,
}

impl Field {
    /// What is read: the typed value, with the measured one beside it where they differ.
    pub fn text(&self) -> String {
        match &self.typed {
            Some(typed) if *typed != self.measured => format!("{typed} (measured {})", self.measured),
            _ => self.measured.clone(),
        }
    }
}

impl Sentence {
    /// The whole sentence as it is read.
    pub fn text(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Field(field) => field.text(),
            })
            .collect()
    }

    /// The live fields.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.parts.iter().filter_map(|part| if let Part::Field(field) = part { Some(field) } else { None })
    }
}

impl SectionKind {
    /// All, in reading order.
    pub const ALL: [Self; 7] = [
        Self::Indication,
        Self::Technique,
        Self::Comparison,
        Self::Findings,
        Self::Impression,
        Self::Limitations,
        Self::Communication,
    ];

    /// "Findings".
    pub fn title(self) -> &'static str {
        match self {
            Self::Indication => "Indication",
            Self::Technique => "Technique",
            Self::Comparison => "Comparison",
            Self::Findings => "Findings",
            Self::Impression => "Impression",
            Self::Limitations => "Limitations",
            Self::Communication => "Communication",
        }
    }
}

impl SentenceKind {
    /// All.
    pub const ALL: [Self; 5] = [Self::Finding, Self::Negative, Self::Technique, Self::Comparison, Self::Free];

    /// "finding", "negative", "technique", "comparison", "free".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Negative => "negative",
            Self::Technique => "technique",
            Self::Comparison => "comparison",
            Self::Free => "free",
        }
    }
}

impl Report {
    /// All sentences, in reading order.
    pub fn sentences(&self) -> impl Iterator<Item = &Sentence> {
        self.sections.iter().flat_map(|s| s.sentences.iter())
    }

    /// A sentence by its identity.
    pub fn sentence(&self, id: SentenceId) -> Option<&Sentence> {
        self.sentences().find(|s| s.id == id)
    }

    /// A sentence by its identity, to be changed.
    pub fn sentence_mut(&mut self, id: SentenceId) -> Option<&mut Sentence> {
        self.sections.iter_mut().flat_map(|s| s.sentences.iter_mut()).find(|s| s.id == id)
    }

    /// An identity that no sentence has (below those that belong to drafted impressions).
    pub fn next_sentence_id(&self) -> SentenceId {
        let used = self.sentences().map(|s| s.id.0).filter(|&id| id < IMPRESSION_IDS).max();
        SentenceId(used.map_or(1, |id| id + 1))
    }

    /// The section of a kind.
    pub fn section(&self, kind: SectionKind) -> Option<&Section> {
        self.sections.iter().find(|s| s.kind == kind)
    }

    /// The section of a kind, put in its place first when it is missing.
    pub fn section_mut(&mut self, kind: SectionKind) -> &mut Section {
        let at = match self.sections.iter().position(|s| s.kind >= kind) {
            Some(at) if self.sections[at].kind == kind => at,
            place => {
                let at = place.unwrap_or(self.sections.len());
                self.sections.insert(at, Section { kind, sentences: Vec::new() });
                at
            }
        };
        &mut self.sections[at]
    }

    /// True once a person signed.
    pub fn is_signed(&self) -> bool {
        matches!(self.status, ReportStatus::Signed(_))
    }
}
