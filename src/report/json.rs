//! `report.json` and `findings.json`: stable shapes for scripts. Separate transfer types; the inner types know no JSON.
//!
//! Positions are LPS millimetres; numbers are full precision with the unit in the key. Author and mark are in words.

use super::marks::{self, NOT_FOR_CLINICAL_USE, clean};
use super::phrases::side_of;
use super::{Author, Field, Part, Report, ReportContext, ReportStatus, Section, SectionKind, Sentence, SentenceId};
use super::{SentenceKind, SentenceMark, Signature};
use crate::codes::Code;
use crate::findings::{Evidence, Finding, FindingId, FindingKind, Provenance, Quantity, SegmentMeasures};
use crate::geometry::DVec3;
use serde::{Deserialize, Serialize};

/// Why a `report.json` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// Not JSON, or not of this shape.
    #[error("the file is no report.json of this program ({0}): export the report again")]
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

/// Reads a `report.json` that this program wrote.
pub fn from_json(text: &str) -> Result<Report, JsonError> {
    let file: ReportFile = serde_json::from_str(text)?;
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

#[derive(Serialize)]
struct FindingsFile {
    notice: String,
    findings: Vec<FindingDto>,
}

#[derive(Serialize)]
struct FindingDto {
    id: String,
    label: String,
    kind: &'static str,
    code: Option<CodeDto>,
    site: String,
    site_code: Option<CodeDto>,
    side: Option<&'static str>,
    certainty: &'static str,
    state: &'static str,
    reviewer: String,
    score: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    box_lps: Option<[f64; 6]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    box_px: Option<[f64; 4]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    segment: Option<u8>,
    measurements: Option<MeasuresDto>,
    provenance: ProvenanceDto,
    tracking_uid: String,
}

#[derive(Serialize)]
struct CodeDto {
    value: String,
    scheme: String,
    meaning: String,
}

#[derive(Serialize)]
struct MeasuresDto {
    voxels: usize,
    volume_ml: Option<f64>,
    mean: Option<f64>,
    sd: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    unit: String,
    long_axis_mm: Option<f64>,
    short_axis_mm: Option<f64>,
    center_lps: [f64; 3],
    touches_border: bool,
}

#[derive(Serialize)]
struct ProvenanceDto {
    kind: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weights_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<String>,
    rules: bool,
    mark: &'static str,
}

/// `findings.json`: `box_lps` is min x, y, z, max x, y, z; `box_px` is left, top, right, bottom in `file`.
pub fn findings_json(ctx: &ReportContext<'_>) -> serde_json::Value {
    let findings = ctx.findings.iter().map(|f| finding_dto(f, ctx)).collect();
    to_value(&FindingsFile { notice: NOT_FOR_CLINICAL_USE.to_owned(), findings })
}

fn finding_dto(finding: &Finding, ctx: &ReportContext<'_>) -> FindingDto {
    let picture = finding.evidence.iter().find_map(|e| match e {
        Evidence::PictureBox { sop_instance_uid, min_px, max_px } => {
            let instance = ctx.series.instances.iter().find(|i| i.sop_instance_uid == *sop_instance_uid);
            let file = instance.map(|i| i.file.to_string_lossy().into_owned());
            Some(([min_px.x, min_px.y, max_px.x, max_px.y], file))
        }
        _ => None,
    });
    let (box_px, file) = picture.unzip();
    let array = |p: DVec3| p.to_array();
    FindingDto {
        id: finding.id.0.clone(),
        label: finding.label.clone(),
        kind: match finding.kind {
            FindingKind::Organ => "organ",
            FindingKind::Lesion => "lesion",
        },
        code: finding.code.as_ref().map(code_dto),
        site: finding.site.clone(),
        site_code: finding.site_code.as_ref().map(code_dto),
        side: side_of(finding),
        certainty: finding.certainty.as_str(),
        state: finding.state.as_str(),
        reviewer: finding.reviewer.clone(),
        score: finding.score.filter(|s| s.is_finite()),
        box_lps: finding.box_lps().map(|b| {
            let ([a, b, c], [d, e, f]) = (array(b.min), array(b.max));
            [a, b, c, d, e, f]
        }),
        box_px,
        file: file.flatten(),
        segment: finding.segment(),
        measurements: finding.measures.as_ref().map(|m| measures_dto(m, finding.kind)),
        provenance: provenance_dto(finding),
        tracking_uid: finding.tracking_uid.clone(),
    }
}

fn code_dto(code: &Code) -> CodeDto {
    CodeDto { value: code.value.to_string(), scheme: code.scheme.to_string(), meaning: code.meaning.to_string() }
}

/// Organs report no diameters (`clinical.md` rule 8).
fn measures_dto(m: &SegmentMeasures, kind: FindingKind) -> MeasuresDto {
    let finite = |value: Option<f64>| value.filter(|v| v.is_finite());
    let axis = |q: Quantity| if kind == FindingKind::Lesion { finite(q.of(m)) } else { None };
    MeasuresDto {
        voxels: m.voxels,
        volume_ml: finite(Quantity::Volume.of(m)),
        mean: finite(m.mean),
        sd: finite(m.sd),
        min: finite(m.min),
        max: finite(m.max),
        unit: m.unit.clone(),
        long_axis_mm: axis(Quantity::LongAxis),
        short_axis_mm: axis(Quantity::ShortAxis),
        center_lps: m.center_lps.to_array(),
        touches_border: m.touches_border,
    }
}

fn provenance_dto(finding: &Finding) -> ProvenanceDto {
    match &finding.provenance {
        Provenance::Person(name) => ProvenanceDto {
            kind: "person",
            name: name.clone(),
            version: None,
            weights_sha256: None,
            settings: None,
            rules: false,
            mark: "",
        },
        Provenance::Model(model) => ProvenanceDto {
            kind: "model",
            name: model.name.clone(),
            version: Some(model.version.clone()),
            weights_sha256: Some(model.weights_sha256.clone()),
            settings: Some(model.settings.clone()),
            rules: model.rules,
            mark: "AI",
        },
    }
}
