//! What the journal holds: data-transfer types apart from the inner ones (`house.md`, decision 9), so that a program of
//! tomorrow reads a journal of today.

mod measurement;

use super::edit::{Edit, Import, Proposal};
use super::runs;
use crate::codes::Code;
use crate::findings::{
    Certainty, Evidence, Finding, FindingId, FindingKind, FindingState, ModelProvenance, Provenance, Quantity,
};
use crate::geometry::{BoxLps, DVec2, DVec3, VolumeGeometry};
use crate::report::{
    Author, Field, Part, Report, ReportStatus, SearchRecord, Section, SectionKind, Sentence, SentenceId, SentenceKind,
    SentenceMark, Signature,
};
use crate::volume::{AlgorithmKind, Labelmap, LabelmapDelta, Segment, Segmentation};
use measurement::{
    ImageRecord, KeyImageRecord, KnownLengthRecord, MeasureRecord, MeasurementRecord, image_record, image_ref,
    key_image, key_image_record, known_length, known_length_record,
};
use serde::{Deserialize, Serialize};

/// One journal record. Label runs travel beside it as the frame's blob.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub(super) enum EditRecord {
    Undo,
    Redo,
    Closed,
    Propose {
        segments: Option<Vec<SegmentRecord>>,
        findings: Vec<FindingRecord>,
        search: SearchRecordRecord,
        #[serde(skip)]
        blob: Vec<u8>,
    },
    Import {
        segments: Option<Vec<SegmentRecord>>,
        findings: Vec<FindingRecord>,
        source: String,
        #[serde(skip)]
        blob: Vec<u8>,
    },
    Draft {
        report: ReportRecord,
    },
    Stroke {
        #[serde(skip)]
        blob: Vec<u8>,
    },
    AddSegment {
        segment: SegmentRecord,
    },
    RemoveSegment {
        number: u8,
    },
    Review {
        finding: String,
        state: String,
        reviewer: String,
    },
    Describe {
        finding: String,
        label: String,
        site: String,
        reviewer: String,
    },
    EditSentence {
        sentence: u64,
        text: String,
        author: String,
    },
    AddSentence {
        section: String,
        text: String,
        author: String,
    },
    RemoveSentence {
        sentence: u64,
    },
    RemoveMarked,
    Measure {
        change: Box<MeasureRecord>,
    },
    MarkKeyImage {
        mark: Box<KeyImageRecord>,
    },
    UnmarkKeyImage {
        image: ImageRecord,
    },
    Calibrate {
        series_key: String,
        known_length: Option<KnownLengthRecord>,
    },
    Sign {
        signature: SignatureRecord,
    },
}

type CodeRecord = [String; 3];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SegmentRecord {
    number: u8,
    label: String,
    category: CodeRecord,
    property: Option<CodeRecord>,
    laterality: Option<CodeRecord>,
    color_rgb: [u8; 3],
    algorithm: String,
    algorithm_name: String,
    tracking_uid: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FindingRecord {
    id: String,
    kind: String,
    label: String,
    code: Option<CodeRecord>,
    site: String,
    site_code: Option<CodeRecord>,
    laterality: Option<CodeRecord>,
    certainty: String,
    state: String,
    reviewer: String,
    evidence: Vec<EvidenceRecord>,
    score: Option<f32>,
    provenance: ProvenanceRecord,
    tracking_uid: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EvidenceRecord {
    Segment(u8),
    BoxLps([f64; 3], [f64; 3]),
    PictureBox(String, [f64; 2], [f64; 2]),
    Point([f64; 3]),
    KeyImage(usize),
    Measurement(Box<MeasurementRecord>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ProvenanceRecord {
    Person(String),
    Model(ModelRecord),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ModelRecord {
    name: String,
    version: String,
    weights_sha256: String,
    settings: String,
    rules: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SearchRecordRecord {
    model: ModelRecord,
    looked_for: String,
    proposed: usize,
    unproven: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SignatureRecord {
    name: String,
    time: String,
    identity: [String; 4],
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ReportRecord {
    signature: Option<SignatureRecord>,
    sections: Vec<SectionRecord>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SectionRecord {
    kind: String,
    sentences: Vec<SentenceRecord>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SentenceRecord {
    id: u64,
    parts: Vec<PartRecord>,
    kind: String,
    evidence: Vec<String>,
    machine: bool,
    author: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PartRecord {
    Text(String),
    Field { finding: String, quantity: String, measured: String, typed: Option<String> },
}

impl EditRecord {
    pub(super) fn from_edit(edit: &Edit) -> Self {
        match edit.clone() {
            Edit::Propose(p) => Self::propose(*p),
            Edit::Import(import) => Self::import(*import),
            Edit::Draft(report) => Self::Draft { report: report_record(&report) },
            Edit::Stroke { delta } => Self::Stroke { blob: runs::encode(&delta) },
            Edit::AddSegment(segment) => Self::AddSegment { segment: segment_record(&segment) },
            Edit::RemoveSegment { number } => Self::RemoveSegment { number },
            Edit::Review { finding, state, reviewer } => {
                Self::Review { finding: finding.0, state: state.as_str().into(), reviewer }
            }
            Edit::Describe { finding, label, site, reviewer } => {
                Self::Describe { finding: finding.0, label, site, reviewer }
            }
            Edit::EditSentence { sentence, text, author } => Self::EditSentence { sentence: sentence.0, text, author },
            Edit::AddSentence { section, text, author } => {
                Self::AddSentence { section: section.title().into(), text, author }
            }
            Edit::RemoveSentence { sentence } => Self::RemoveSentence { sentence: sentence.0 },
            Edit::RemoveMarked => Self::RemoveMarked,
            Edit::Measure(edit) => Self::Measure { change: Box::new(MeasureRecord::from_edit(&edit)) },
            Edit::MarkKeyImage(mark) => Self::MarkKeyImage { mark: Box::new(key_image_record(&mark)) },
            Edit::UnmarkKeyImage { image } => Self::UnmarkKeyImage { image: image_record(&image) },
            Edit::Calibrate { series_key, known_length } => {
                Self::Calibrate { series_key, known_length: known_length.as_ref().map(known_length_record) }
            }
            Edit::Sign(signature) => Self::Sign { signature: signature_record(&signature) },
        }
    }

    fn propose(p: Proposal) -> Self {
        let (segments, blob) = mask_records(p.segmentation.as_ref());
        Self::Propose {
            segments,
            findings: p.findings.iter().map(finding_record).collect(),
            search: SearchRecordRecord {
                model: model_record(&p.search.model),
                looked_for: p.search.looked_for,
                proposed: p.search.proposed,
                unproven: p.search.unproven,
            },
            blob,
        }
    }

    fn import(import: Import) -> Self {
        let (segments, blob) = mask_records(import.segmentation.as_ref());
        let findings = import.findings.iter().map(finding_record).collect();
        Self::Import { segments, findings, source: import.source, blob }
    }

    /// Label runs of this record.
    pub(super) fn blob(&self) -> &[u8] {
        match self {
            Self::Propose { blob, .. } | Self::Import { blob, .. } | Self::Stroke { blob } => blob,
            _ => &[],
        }
    }

    /// The edit on a case with this grid; `None` when the record makes no sense (another program's, or damaged).
    pub(super) fn into_edit(self, blob: &[u8], grid: Option<&VolumeGeometry>) -> Option<Edit> {
        Some(match self {
            Self::Undo | Self::Redo | Self::Closed => return None,
            Self::Propose { segments, findings, search, .. } => {
                let segmentation = masks_of(segments, blob, grid)?;
                let findings = findings.into_iter().map(finding).collect::<Option<_>>()?;
                Edit::Propose(Box::new(Proposal { segmentation, findings, search: search_record(search) }))
            }
            Self::Import { segments, findings, source, .. } => {
                let segmentation = masks_of(segments, blob, grid)?;
                let findings = findings.into_iter().map(finding).collect::<Option<_>>()?;
                Edit::Import(Box::new(Import { segmentation, findings, source }))
            }
            Self::Draft { report } => Edit::Draft(Box::new(report_from(report)?)),
            Self::Stroke { .. } => Edit::Stroke { delta: checked(runs::decode(blob)?, grid?)? },
            Self::AddSegment { segment: record } => Edit::AddSegment(segment(record)?),
            Self::RemoveSegment { number } => Edit::RemoveSegment { number },
            Self::Review { finding, state, reviewer } => {
                Edit::Review { finding: FindingId(finding), state: finding_state(&state)?, reviewer }
            }
            Self::Describe { finding, label, site, reviewer } => {
                Edit::Describe { finding: FindingId(finding), label, site, reviewer }
            }
            Self::EditSentence { sentence, text, author } => {
                Edit::EditSentence { sentence: SentenceId(sentence), text, author }
            }
            Self::AddSentence { section, text, author } => {
                Edit::AddSentence { section: section_kind(&section)?, text, author }
            }
            Self::RemoveSentence { sentence } => Edit::RemoveSentence { sentence: SentenceId(sentence) },
            Self::RemoveMarked => Edit::RemoveMarked,
            Self::Measure { change } => Edit::Measure(change.into_edit()?),
            Self::MarkKeyImage { mark } => Edit::MarkKeyImage(key_image(*mark)),
            Self::UnmarkKeyImage { image } => Edit::UnmarkKeyImage { image: image_ref(image) },
            Self::Calibrate { series_key, known_length: known } => {
                Edit::Calibrate { series_key, known_length: known.map(known_length) }
            }
            Self::Sign { signature } => Edit::Sign(signature_from(signature)),
        })
    }
}

/// Segments and their label runs, as a record and its blob.
fn mask_records(masks: Option<&Segmentation>) -> (Option<Vec<SegmentRecord>>, Vec<u8>) {
    let runs = |s: &Segmentation| runs::encode(&Labelmap::empty(s.labelmap.geometry().clone()).delta_to(&s.labelmap));
    (masks.map(|s| s.segments.iter().map(segment_record).collect()), masks.map_or_else(Vec::new, runs))
}

/// The masks of a record: `None` when they make no sense, `Some(None)` when there are none.
#[allow(clippy::option_option, reason = "broken and absent are two things")]
fn masks_of(
    segments: Option<Vec<SegmentRecord>>,
    blob: &[u8],
    grid: Option<&VolumeGeometry>,
) -> Option<Option<Segmentation>> {
    let Some(segments) = segments else { return Some(None) };
    Some(Some(Segmentation {
        labelmap: Labelmap::empty(grid?.clone()).applied(&checked(runs::decode(blob)?, grid?)?)?,
        segments: segments.into_iter().map(segment).collect::<Option<_>>()?,
    }))
}

/// A delta only when every run lies on the grid.
fn checked(delta: LabelmapDelta, grid: &VolumeGeometry) -> Option<LabelmapDelta> {
    let [columns, rows, slices] = grid.dims();
    let fits = |s: &crate::volume::SliceRuns| {
        s.k < slices && s.runs.iter().all(|&(start, length, ..)| start as usize + length as usize <= columns * rows)
    };
    delta.slices.iter().all(fits).then_some(delta)
}

fn code_record(code: &Code) -> CodeRecord {
    [code.value.to_string(), code.scheme.to_string(), code.meaning.to_string()]
}

fn code([value, scheme, meaning]: CodeRecord) -> Code {
    Code::new(value, scheme, meaning)
}

fn segment_record(s: &Segment) -> SegmentRecord {
    SegmentRecord {
        number: s.number,
        label: s.label.clone(),
        category: code_record(&s.category),
        property: s.property.as_ref().map(code_record),
        laterality: s.laterality.as_ref().map(code_record),
        color_rgb: s.color_rgb,
        algorithm: match s.algorithm {
            AlgorithmKind::Automatic => "automatic",
            AlgorithmKind::SemiAutomatic => "semiautomatic",
            AlgorithmKind::Manual => "manual",
        }
        .into(),
        algorithm_name: s.algorithm_name.clone(),
        tracking_uid: s.tracking_uid.clone(),
    }
}

fn segment(s: SegmentRecord) -> Option<Segment> {
    Some(Segment {
        number: s.number,
        label: s.label,
        category: code(s.category),
        property: s.property.map(code),
        laterality: s.laterality.map(code),
        color_rgb: s.color_rgb,
        algorithm: match s.algorithm.as_str() {
            "automatic" => AlgorithmKind::Automatic,
            "semiautomatic" => AlgorithmKind::SemiAutomatic,
            "manual" => AlgorithmKind::Manual,
            _ => return None,
        },
        algorithm_name: s.algorithm_name,
        tracking_uid: s.tracking_uid,
    })
}

fn model_record(m: &ModelProvenance) -> ModelRecord {
    ModelRecord {
        name: m.name.clone(),
        version: m.version.clone(),
        weights_sha256: m.weights_sha256.clone(),
        settings: m.settings.clone(),
        rules: m.rules,
    }
}

fn model(m: ModelRecord) -> ModelProvenance {
    ModelProvenance {
        name: m.name,
        version: m.version,
        weights_sha256: m.weights_sha256,
        settings: m.settings,
        rules: m.rules,
    }
}

fn search_record(s: SearchRecordRecord) -> SearchRecord {
    SearchRecord { model: model(s.model), looked_for: s.looked_for, proposed: s.proposed, unproven: s.unproven }
}

fn finding_record(f: &Finding) -> FindingRecord {
    FindingRecord {
        id: f.id.0.clone(),
        kind: match f.kind {
            FindingKind::Organ => "organ",
            FindingKind::Lesion => "lesion",
            FindingKind::Measurement => "measurement",
        }
        .into(),
        label: f.label.clone(),
        code: f.code.as_ref().map(code_record),
        site: f.site.clone(),
        site_code: f.site_code.as_ref().map(code_record),
        laterality: f.laterality.as_ref().map(code_record),
        certainty: f.certainty.as_str().into(),
        state: f.state.as_str().into(),
        reviewer: f.reviewer.clone(),
        evidence: f.evidence.iter().map(evidence_record).collect(),
        score: f.score,
        provenance: match &f.provenance {
            Provenance::Person(name) => ProvenanceRecord::Person(name.clone()),
            Provenance::Model(m) => ProvenanceRecord::Model(model_record(m)),
        },
        tracking_uid: f.tracking_uid.clone(),
    }
}

/// Measurements are not kept: they are made again from the mask.
fn finding(f: FindingRecord) -> Option<Finding> {
    Some(Finding {
        id: FindingId(f.id),
        kind: match f.kind.as_str() {
            "organ" => FindingKind::Organ,
            "lesion" => FindingKind::Lesion,
            "measurement" => FindingKind::Measurement,
            _ => return None,
        },
        label: f.label,
        code: f.code.map(code),
        site: f.site,
        site_code: f.site_code.map(code),
        laterality: f.laterality.map(code),
        certainty: match f.certainty.as_str() {
            "present" => Certainty::Present,
            "absent" => Certainty::Absent,
            "uncertain" => Certainty::Uncertain,
            _ => return None,
        },
        state: finding_state(&f.state)?,
        reviewer: f.reviewer,
        evidence: f.evidence.into_iter().map(evidence).collect::<Option<_>>()?,
        measures: None,
        score: f.score,
        provenance: match f.provenance {
            ProvenanceRecord::Person(name) => Provenance::Person(name),
            ProvenanceRecord::Model(m) => Provenance::Model(model(m)),
        },
        tracking_uid: f.tracking_uid,
    })
}

fn finding_state(text: &str) -> Option<FindingState> {
    use FindingState::{Accepted, Edited, Proposed, Rejected};
    [Proposed, Accepted, Edited, Rejected].into_iter().find(|s| s.as_str() == text)
}

fn evidence_record(e: &Evidence) -> EvidenceRecord {
    match e {
        Evidence::Segment(n) => EvidenceRecord::Segment(*n),
        Evidence::Box(b) => EvidenceRecord::BoxLps(b.min.to_array(), b.max.to_array()),
        Evidence::PictureBox { sop_instance_uid, min_px, max_px } => {
            EvidenceRecord::PictureBox(sop_instance_uid.clone(), min_px.to_array(), max_px.to_array())
        }
        Evidence::Point(p) => EvidenceRecord::Point(p.to_array()),
        Evidence::KeyImage(k) => EvidenceRecord::KeyImage(*k),
        Evidence::Measurement(m) => EvidenceRecord::Measurement(Box::new(MeasurementRecord::of(m))),
    }
}

fn evidence(e: EvidenceRecord) -> Option<Evidence> {
    Some(match e {
        EvidenceRecord::Segment(n) => Evidence::Segment(n),
        EvidenceRecord::BoxLps(min, max) => {
            Evidence::Box(BoxLps { min: DVec3::from_array(min), max: DVec3::from_array(max) })
        }
        EvidenceRecord::PictureBox(sop_instance_uid, min, max) => {
            Evidence::PictureBox { sop_instance_uid, min_px: DVec2::from_array(min), max_px: DVec2::from_array(max) }
        }
        EvidenceRecord::Point(p) => Evidence::Point(DVec3::from_array(p)),
        EvidenceRecord::KeyImage(k) => Evidence::KeyImage(k),
        EvidenceRecord::Measurement(m) => Evidence::Measurement(Box::new(m.into_measurement()?)),
    })
}

fn signature_record(s: &Signature) -> SignatureRecord {
    SignatureRecord { name: s.name.clone(), time: s.time.clone(), identity: s.identity.clone() }
}

fn signature_from(s: SignatureRecord) -> Signature {
    Signature { name: s.name, time: s.time, identity: s.identity }
}

fn report_record(r: &Report) -> ReportRecord {
    ReportRecord {
        signature: match &r.status {
            ReportStatus::Draft => None,
            ReportStatus::Signed(s) => Some(signature_record(s)),
        },
        sections: r
            .sections
            .iter()
            .map(|s| SectionRecord {
                kind: s.kind.title().into(),
                sentences: s.sentences.iter().map(sentence_record).collect(),
            })
            .collect(),
    }
}

fn report_from(r: ReportRecord) -> Option<Report> {
    let sections = r.sections.into_iter().map(|s| {
        let sentences = s.sentences.into_iter().map(sentence).collect::<Option<_>>()?;
        Some(Section { kind: section_kind(&s.kind)?, sentences })
    });
    Some(Report {
        status: r.signature.map_or(ReportStatus::Draft, |s| ReportStatus::Signed(signature_from(s))),
        sections: sections.collect::<Option<_>>()?,
    })
}

fn section_kind(title: &str) -> Option<SectionKind> {
    SectionKind::ALL.into_iter().find(|k| k.title() == title)
}

fn sentence_record(s: &Sentence) -> SentenceRecord {
    let (machine, author) = match &s.author {
        Author::Machine(name) => (true, name.clone()),
        Author::Person(name) => (false, name.clone()),
    };
    SentenceRecord {
        id: s.id.0,
        parts: s
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => PartRecord::Text(text.clone()),
                Part::Field(f) => PartRecord::Field {
                    finding: f.finding.0.clone(),
                    quantity: f.quantity.key().into(),
                    measured: f.measured.clone(),
                    typed: f.typed.clone(),
                },
            })
            .collect(),
        kind: s.kind.as_str().into(),
        evidence: s.evidence.iter().map(|e| e.0.clone()).collect(),
        machine,
        author,
    }
}

fn sentence(s: SentenceRecord) -> Option<Sentence> {
    use SentenceKind::{Comparison, Finding, Free, Negative, Technique};
    let parts = s.parts.into_iter().map(|part| {
        Some(match part {
            PartRecord::Text(text) => Part::Text(text),
            PartRecord::Field { finding, quantity, measured, typed } => Part::Field(Field {
                finding: FindingId(finding),
                quantity: Quantity::from_key(&quantity)?,
                measured,
                typed,
            }),
        })
    });
    Some(Sentence {
        id: SentenceId(s.id),
        parts: parts.collect::<Option<_>>()?,
        kind: [Finding, Negative, Technique, Comparison, Free].into_iter().find(|k| k.as_str() == s.kind)?,
        evidence: s.evidence.into_iter().map(FindingId).collect(),
        author: if s.machine { Author::Machine(s.author) } else { Author::Person(s.author) },
        mark: SentenceMark::None,
    })
}
