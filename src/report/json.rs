//! `report.json` and (in [`findings`]) `findings.json`: stable shapes for scripts. Separate transfer types; the inner types know no JSON.
//!
//! Positions are LPS millimetres; numbers are full precision with the unit in the key. Author and mark are in words.

use super::marks::{self, NOT_FOR_CLINICAL_USE, clean};
use super::{
    Author, Field, Omitted, Part, Report, ReportContext, ReportStatus, Section, SectionKind, Sentence, SentenceId,
};
use super::{SentenceKind, SentenceMark, Signature};
use crate::findings::{Finding, FindingId, Quantity};
use crate::study::{Patient, Series, Study};
use serde::{Deserialize, Serialize};

mod findings;
mod measurement;

pub use findings::{findings_from_json, findings_json};

/// Why a `report.json` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// Not JSON, or not of this shape.
    #[error("the file is no JSON of this program's reports ({0}): export the report again")]
    Shape(#[from] serde_json::Error),
    /// A word that has no meaning here.
    #[error("the report names an unknown {what} “{found}”: it may come from a newer version of this program")]
    Unknown {
        /// "section", "kind", "quantity", …
        what: &'static str,
        /// What stood there.
        found: String,
    },
}

#[derive(Serialize, Deserialize)]
struct ReportFile {
    status: String,
    notice: String,
    title: String,
    generated: String,
    program: String,
    phantom: bool,
    study: StudyDto,
    signature: Option<SignatureDto>,
    omitted: Vec<OmittedDto>,
    model_notices: Vec<String>,
    sections: Vec<SectionDto>,
}

#[derive(Serialize, Deserialize)]
struct StudyDto {
    study_uid: String,
    series_uid: String,
    modality: String,
    patient_name: String,
    patient_id: String,
    birth_date: String,
    sex: String,
    study_date: String,
    accession: String,
}

#[derive(Serialize, Deserialize)]
struct SignatureDto {
    name: String,
    time: String,
    identity: [String; 4],
}

#[derive(Serialize, Deserialize)]
struct OmittedDto {
    file: String,
    reason: String,
}

#[derive(Serialize, Deserialize)]
struct SectionDto {
    title: String,
    sentences: Vec<SentenceDto>,
}

#[derive(Serialize, Deserialize)]
struct SentenceDto {
    text: String,
    kind: String,
    evidence: Vec<String>,
    author: AuthorDto,
    fields: Vec<FieldDto>,
    mark: Option<String>,
    id: u64,
}

/// `mark` says in words who stands behind the sentence ("AI draft").
#[derive(Serialize, Deserialize)]
struct AuthorDto {
    kind: String,
    name: String,
    mark: String,
}

/// `start` and `length` count Unicode characters of the sentence's text.
#[derive(Serialize, Deserialize)]
struct FieldDto {
    finding: String,
    quantity: String,
    measured: String,
    typed: Option<String>,
    start: usize,
    length: usize,
}

/// `report.json`.
pub fn report_json(report: &Report, ctx: &ReportContext<'_>) -> serde_json::Value {
    let (status, signature) = match &report.status {
        ReportStatus::Draft => ("draft", None),
        ReportStatus::Signed(s) => {
            ("signed", Some(SignatureDto { name: s.name.clone(), time: s.time.clone(), identity: s.identity.clone() }))
        }
    };
    let file = ReportFile {
        status: status.to_owned(),
        notice: NOT_FOR_CLINICAL_USE.to_owned(),
        title: marks::title(report.is_signed(), ctx),
        generated: ctx.generated.to_owned(),
        program: format!("fovea {}", ctx.program_version),
        phantom: ctx.phantom,
        study: study_dto(ctx),
        signature,
        omitted: ctx.omitted.iter().map(|o| OmittedDto { file: o.file.clone(), reason: o.reason.clone() }).collect(),
        model_notices: ctx.model_notices.to_vec(),
        sections: report
            .sections
            .iter()
            .map(|s| SectionDto {
                title: s.kind.title().to_owned(),
                sentences: s.sentences.iter().map(|s| sentence_dto(s, ctx.findings)).collect(),
            })
            .collect(),
    };
    to_value(&file)
}

/// These types have string keys and finite numbers only, so that serializing cannot fail.
fn to_value(file: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(file).unwrap_or_default()
}

fn study_dto(ctx: &ReportContext<'_>) -> StudyDto {
    let (study, patient) = (ctx.study, &ctx.study.patient);
    StudyDto {
        study_uid: study.uid.clone(),
        series_uid: ctx.series.uid.clone(),
        modality: ctx.series.modality.clone(),
        patient_name: patient.name.clone(),
        patient_id: patient.id.clone(),
        birth_date: patient.birth_date.clone(),
        sex: patient.sex.clone(),
        study_date: study.date.clone(),
        accession: study.accession.clone(),
    }
}

fn sentence_dto(sentence: &Sentence, findings: &[Finding]) -> SentenceDto {
    let (kind, name) = match &sentence.author {
        Author::Machine(name) => ("machine", name),
        Author::Person(name) => ("person", name),
    };
    let mut at = 0;
    let mut fields = Vec::new();
    for part in &sentence.parts {
        let length = match part {
            Part::Text(text) => text.chars().count(),
            Part::Field(field) => {
                let length = field.text().chars().count();
                fields.push(FieldDto {
                    finding: field.finding.0.clone(),
                    quantity: field.quantity.key().to_owned(),
                    measured: field.measured.clone(),
                    typed: field.typed.clone(),
                    start: at,
                    length,
                });
                length
            }
        };
        at += length;
    }
    SentenceDto {
        text: sentence.text(),
        kind: sentence.kind.as_str().to_owned(),
        evidence: sentence.evidence.iter().map(|id| id.0.clone()).collect(),
        author: AuthorDto { kind: kind.to_owned(), name: name.clone(), mark: marks::author_mark(sentence, findings) },
        fields,
        mark: match sentence.mark {
            SentenceMark::None => None,
            SentenceMark::Rejected => Some("rejected".to_owned()),
            SentenceMark::Stale => Some("stale".to_owned()),
        },
        id: sentence.id.0,
    }
}

/// A report read back, with as much of its study as the file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedReport {
    /// The sentences and their status.
    pub report: Report,
    /// Whose: identity and UID only, no series.
    pub study: Study,
    /// The series that was read: UID and modality only.
    pub series: Series,
    /// What the models' notices said.
    pub model_notices: Vec<String>,
    /// Files that were left out.
    pub omitted: Vec<Omitted>,
    /// True for the demonstration study.
    pub phantom: bool,
}

/// Reads a `report.json` that this program wrote.
pub fn from_json(text: &str) -> Result<SavedReport, JsonError> {
    let file: ReportFile = serde_json::from_str(text)?;
    let dto = &file.study;
    let study = Study {
        uid: dto.study_uid.clone(),
        patient: Patient {
            name: dto.patient_name.clone(),
            id: dto.patient_id.clone(),
            birth_date: dto.birth_date.clone(),
            sex: dto.sex.clone(),
            ..Patient::default()
        },
        date: dto.study_date.clone(),
        accession: dto.accession.clone(),
        ..Study::default()
    };
    let series = Series { uid: dto.series_uid.clone(), modality: dto.modality.clone(), ..Series::default() };
    Ok(SavedReport {
        study,
        series,
        model_notices: file.model_notices.clone(),
        omitted: file.omitted.iter().map(|o| Omitted { file: o.file.clone(), reason: o.reason.clone() }).collect(),
        phantom: file.phantom,
        report: report_from(file)?,
    })
}

fn report_from(file: ReportFile) -> Result<Report, JsonError> {
    let unknown = |what, found: &str| JsonError::Unknown { what, found: clean(found) };
    let status = match (file.status.as_str(), file.signature) {
        ("draft", _) => ReportStatus::Draft,
        ("signed", Some(s)) => ReportStatus::Signed(Signature { name: s.name, time: s.time, identity: s.identity }),
        (other, _) => return Err(unknown("status", other)),
    };
    let mut sections = Vec::with_capacity(file.sections.len());
    for section in file.sections {
        let kind = SectionKind::ALL.into_iter().find(|k| k.title() == section.title);
        sections.push(Section {
            kind: kind.ok_or_else(|| unknown("section", &section.title))?,
            sentences: section.sentences.into_iter().map(sentence_from).collect::<Result<_, _>>()?,
        });
    }
    Ok(Report { status, sections })
}

fn sentence_from(dto: SentenceDto) -> Result<Sentence, JsonError> {
    let unknown = |what, found: &str| JsonError::Unknown { what, found: clean(found) };
    let kind = SentenceKind::ALL.into_iter().find(|k| k.as_str() == dto.kind);
    let characters: Vec<char> = dto.text.chars().collect();
    let mut parts = Vec::new();
    let mut at = 0;
    let text = |from: usize, to: usize| Part::Text(characters[from..to].iter().collect());
    for field in dto.fields {
        let end = field.start.checked_add(field.length).filter(|&end| end <= characters.len() && field.start >= at);
        let end = end.ok_or_else(|| unknown("field position", &field.start.to_string()))?;
        if field.start > at {
            parts.push(text(at, field.start));
        }
        at = end;
        parts.push(Part::Field(Field {
            finding: FindingId(field.finding),
            quantity: Quantity::from_key(&field.quantity).ok_or_else(|| unknown("quantity", &field.quantity))?,
            measured: field.measured,
            typed: field.typed,
        }));
    }
    if at < characters.len() {
        parts.push(text(at, characters.len()));
    }
    Ok(Sentence {
        id: SentenceId(dto.id),
        parts,
        kind: kind.ok_or_else(|| unknown("kind", &dto.kind))?,
        evidence: dto.evidence.into_iter().map(FindingId).collect(),
        author: match dto.author.kind.as_str() {
            "machine" => Author::Machine(dto.author.name),
            "person" => Author::Person(dto.author.name),
            other => return Err(unknown("author", other)),
        },
        mark: match dto.mark.as_deref() {
            None => SentenceMark::None,
            Some("rejected") => SentenceMark::Rejected,
            Some("stale") => SentenceMark::Stale,
            Some(other) => return Err(unknown("mark", other)),
        },
    })
}
