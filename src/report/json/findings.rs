//! `findings.json`: every finding with its place, measurements and provenance.
//!
//! `box_lps` is min x, y, z, max x, y, z in mm; `box_px` is left, top, right, bottom in the picture `file`. Organs carry no
//! diameters (`clinical.md` rule 8). A person's measurement stands under `measurement` ([`super::measurement`]).

use super::super::marks::{NOT_FOR_CLINICAL_USE, clean};
use super::super::phrases::side_of;
use super::measurement::MeasurementDto;
use super::{JsonError, ReportContext, to_value};
use crate::codes::{Code, LEFT, RIGHT};
use crate::findings::{
    Certainty, Diameter, Evidence, Finding, FindingId, FindingKind, FindingState, ModelProvenance, Provenance,
    SegmentMeasures,
};
use crate::geometry::{BoxLps, DVec2, DVec3};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct FindingsFile {
    notice: String,
    findings: Vec<FindingDto>,
}

#[derive(Serialize, Deserialize)]
struct FindingDto {
    id: String,
    label: String,
    kind: String,
    code: Option<CodeDto>,
    site: String,
    site_code: Option<CodeDto>,
    side: Option<String>,
    certainty: String,
    state: String,
    reviewer: String,
    score: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    box_lps: Option<[f64; 6]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    box_px: Option<[f64; 4]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sop_instance_uid: Option<String>,
    segment: Option<u8>,
    measurements: Option<MeasuresDto>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    measurement: Option<MeasurementDto>,
    provenance: ProvenanceDto,
    tracking_uid: String,
}

#[derive(Serialize, Deserialize)]
struct CodeDto {
    value: String,
    scheme: String,
    meaning: String,
}

#[derive(Serialize, Deserialize)]
struct MeasuresDto {
    voxels: usize,
    volume_ml: f64,
    mean: Option<f64>,
    sd: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    unit: String,
    long_axis_mm: Option<f64>,
    short_axis_mm: Option<f64>,
    /// Both ends of each axis, LPS mm.
    long_axis_lps: Option<[[f64; 3]; 2]>,
    short_axis_lps: Option<[[f64; 3]; 2]>,
    /// Slices count from 0.
    axis_slice: Option<usize>,
    largest_slice: usize,
    center_lps: [f64; 3],
    touches_border: bool,
}

#[derive(Serialize, Deserialize)]
struct ProvenanceDto {
    kind: String,
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    weights_sha256: String,
    #[serde(default)]
    settings: String,
    rules: bool,
    /// "AI" on everything that a model proposed.
    mark: String,
}

/// `findings.json`.
pub fn findings_json(ctx: &ReportContext<'_>) -> serde_json::Value {
    let findings = ctx.findings.iter().map(|f| to_dto(f, ctx)).collect();
    to_value(&FindingsFile { notice: NOT_FOR_CLINICAL_USE.to_owned(), findings })
}

/// Reads a `findings.json` that this program wrote.
pub fn findings_from_json(text: &str) -> Result<Vec<Finding>, JsonError> {
    let file: FindingsFile = serde_json::from_str(text)?;
    file.findings.into_iter().map(from_dto).collect()
}

fn to_dto(finding: &Finding, ctx: &ReportContext<'_>) -> FindingDto {
    let picture = finding.evidence.iter().find_map(|e| match e {
        Evidence::PictureBox { sop_instance_uid, min_px, max_px } => Some((sop_instance_uid, min_px, max_px)),
        _ => None,
    });
    let instance = picture.and_then(|(uid, ..)| ctx.series.instances.iter().find(|i| i.sop_instance_uid == *uid));
    FindingDto {
        id: finding.id.0.clone(),
        label: finding.label.clone(),
        kind: kind_word(finding.kind).to_owned(),
        code: finding.code.as_ref().map(code_dto),
        site: finding.site.clone(),
        site_code: finding.site_code.as_ref().map(code_dto),
        side: side_of(finding).map(str::to_owned),
        certainty: finding.certainty.as_str().to_owned(),
        state: finding.state.as_str().to_owned(),
        reviewer: finding.reviewer.clone(),
        score: finding.score.filter(|s| s.is_finite()),
        box_lps: finding.box_lps().map(|b| [b.min.x, b.min.y, b.min.z, b.max.x, b.max.y, b.max.z]),
        box_px: picture.map(|(_, min, max)| [min.x, min.y, max.x, max.y]),
        file: instance.map(|i| i.file.to_string_lossy().into_owned()),
        sop_instance_uid: picture.map(|(uid, ..)| uid.clone()),
        segment: finding.segment(),
        measurements: finding.measures.as_ref().map(|m| measures_dto(m, finding.kind)),
        measurement: finding.measurement().map(MeasurementDto::of),
        provenance: provenance_dto(&finding.provenance),
        tracking_uid: finding.tracking_uid.clone(),
    }
}

fn kind_word(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Organ => "organ",
        FindingKind::Lesion => "lesion",
        FindingKind::Measurement => "measurement",
    }
}

fn code_dto(code: &Code) -> CodeDto {
    CodeDto { value: code.value.to_string(), scheme: code.scheme.to_string(), meaning: code.meaning.to_string() }
}

fn measures_dto(m: &SegmentMeasures, kind: FindingKind) -> MeasuresDto {
    let finite = |value: Option<f64>| value.filter(|v| v.is_finite());
    let reported = |axis: &Option<Diameter>| axis.clone().filter(|_| kind == FindingKind::Lesion);
    let (long, short) = (reported(&m.long_axis), reported(&m.short_axis));
    let ends = |axis: &Option<Diameter>| axis.as_ref().map(|d| d.ends_lps.map(|p| p.to_array()));
    MeasuresDto {
        voxels: m.voxels,
        volume_ml: m.volume_mm3 / 1000.0,
        mean: finite(m.mean),
        sd: finite(m.sd),
        min: finite(m.min),
        max: finite(m.max),
        unit: m.unit.clone(),
        long_axis_mm: long.as_ref().map(|d| d.length_mm),
        short_axis_mm: short.as_ref().map(|d| d.length_mm),
        long_axis_lps: ends(&long),
        short_axis_lps: ends(&short),
        axis_slice: long.as_ref().map(|d| d.slice),
        largest_slice: m.largest_slice,
        center_lps: m.center_lps.to_array(),
        touches_border: m.touches_border,
    }
}

fn provenance_dto(provenance: &Provenance) -> ProvenanceDto {
    let (kind, mark) = match provenance {
        Provenance::Person(_) => ("person", ""),
        Provenance::Model(_) => ("model", "AI"),
    };
    let model = match provenance.clone() {
        Provenance::Model(model) => model,
        Provenance::Person(name) => ModelProvenance {
            name,
            version: String::new(),
            weights_sha256: String::new(),
            settings: String::new(),
            rules: false,
        },
    };
    ProvenanceDto {
        kind: kind.to_owned(),
        name: model.name,
        version: model.version,
        weights_sha256: model.weights_sha256,
        settings: model.settings,
        rules: model.rules,
        mark: mark.to_owned(),
    }
}

/// What a word of a closed list means.
fn word<T: Copy>(what: &'static str, found: &str, known: &[(&str, T)]) -> Result<T, JsonError> {
    let meaning = known.iter().find(|(word, _)| *word == found).map(|(_, meaning)| *meaning);
    meaning.ok_or_else(|| JsonError::Unknown { what, found: clean(found) })
}

fn from_dto(dto: FindingDto) -> Result<Finding, JsonError> {
    let certainties = [Certainty::Present, Certainty::Absent, Certainty::Uncertain].map(|c| (c.as_str(), c));
    let states = [FindingState::Proposed, FindingState::Accepted, FindingState::Edited, FindingState::Rejected];
    let kinds = [FindingKind::Organ, FindingKind::Lesion, FindingKind::Measurement].map(|k| (kind_word(k), k));
    let code = |dto: CodeDto| Code::new(dto.value, dto.scheme, dto.meaning);
    let box_lps = dto.box_lps.map(|[a, b, c, d, e, f]| BoxLps { min: DVec3::new(a, b, c), max: DVec3::new(d, e, f) });
    let mut evidence: Vec<Evidence> = dto.segment.map(Evidence::Segment).into_iter().collect();
    if let Some(own) = box_lps.filter(|_| dto.segment.is_none()) {
        evidence.push(Evidence::Box(own));
    }
    if let (Some([left, top, right, bottom]), Some(sop_instance_uid)) = (dto.box_px, dto.sop_instance_uid) {
        let (min_px, max_px) = (DVec2::new(left, top), DVec2::new(right, bottom));
        evidence.push(Evidence::PictureBox { sop_instance_uid, min_px, max_px });
    }
    if let Some(measurement) = dto.measurement {
        evidence.push(Evidence::Measurement(Box::new(measurement.into_measurement()?)));
    }
    Ok(Finding {
        id: FindingId(dto.id),
        kind: word("kind", &dto.kind, &kinds)?,
        label: dto.label,
        code: dto.code.map(code),
        site: dto.site,
        site_code: dto.site_code.map(code),
        laterality: dto
            .side
            .map(|side| word("side", &side, &[("right", 0), ("left", 1)]))
            .transpose()?
            .map(|left| if left == 1 { LEFT } else { RIGHT }),
        certainty: word("certainty", &dto.certainty, &certainties)?,
        state: word("state", &dto.state, &states.map(|s| (s.as_str(), s)))?,
        reviewer: dto.reviewer,
        evidence,
        measures: dto.measurements.map(|m| measures_from(m, box_lps)),
        score: dto.score,
        provenance: provenance_from(dto.provenance)?,
        tracking_uid: dto.tracking_uid,
    })
}

fn measures_from(m: MeasuresDto, box_lps: Option<BoxLps>) -> SegmentMeasures {
    let center_lps = DVec3::from_array(m.center_lps);
    let axis = |length: Option<f64>, ends: Option<[[f64; 3]; 2]>| {
        let ends_lps = ends?.map(DVec3::from_array);
        Some(Diameter { length_mm: length?, ends_lps, slice: m.axis_slice.unwrap_or(m.largest_slice) })
    };
    SegmentMeasures {
        voxels: m.voxels,
        volume_mm3: m.volume_ml * 1000.0,
        mean: m.mean,
        sd: m.sd,
        min: m.min,
        max: m.max,
        long_axis: axis(m.long_axis_mm, m.long_axis_lps),
        short_axis: axis(m.short_axis_mm, m.short_axis_lps),
        unit: m.unit,
        center_lps,
        box_lps: box_lps.unwrap_or(BoxLps { min: center_lps, max: center_lps }),
        largest_slice: m.largest_slice,
        touches_border: m.touches_border,
    }
}

fn provenance_from(dto: ProvenanceDto) -> Result<Provenance, JsonError> {
    if !word("provenance", &dto.kind, &[("person", false), ("model", true)])? {
        return Ok(Provenance::Person(dto.name));
    }
    Ok(Provenance::Model(ModelProvenance {
        name: dto.name,
        version: dto.version,
        weights_sha256: dto.weights_sha256,
        settings: dto.settings,
        rules: dto.rules,
    }))
}
