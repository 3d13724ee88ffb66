//! HL7 FHIR R4 `DiagnosticReport` with contained Patient and Observations; images are referenced by their UIDs.
//!
//! Draft = `partial`, signed = `final` (`clinical.md` rule 1). `preliminary` on the *report* is never written. Observations
//! of proposals carry the observation status `preliminary`, which R4 defines as "initial or interim: data may be incomplete or
//! unverified", and say in a note that nobody reviewed them; rejected findings are left out. Codes: SNOMED CT, DICOM,
//! LOINC 18748-4 (Diagnostic imaging study); units: UCUM.

use super::html::escape;
use super::marks::{self, NOT_FOR_CLINICAL_USE, clean};
use super::phrases::{model_words, side_of};
use super::{Report, ReportContext, ReportStatus, Section, SectionKind, Sentence, SentenceMark};
use crate::codes::Code;
use crate::findings::{Finding, FindingKind, FindingState, Provenance, Quantity, SegmentMeasures, round_half_up};
use serde_json::{Map, Value, json};

const SNOMED: &str = "http://snomed.info/sct";
const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const UCUM: &str = "http://unitsofmeasure.org";

/// The whole resource. Nothing of the patient beyond name, ID, birth date and sex.
pub fn fhir(report: &Report, ctx: &ReportContext<'_>) -> Value {
    let reported: Vec<&Finding> = ctx.findings.iter().filter(|f| f.state != FindingState::Rejected).collect();
    let observations =
        reported.iter().enumerate().map(|(n, f)| observation(&observation_id(n), f, report.is_signed(), ctx));
    let contained: Vec<Value> = std::iter::once(patient(ctx)).chain(observations).collect();
    let results: Vec<Value> =
        (0..reported.len()).map(|n| json!({ "reference": format!("#{}", observation_id(n)) })).collect();
    let mut resource = json!({
        "resourceType": "DiagnosticReport",
        "language": "en",
        "meta": meta(ctx),
        "text": { "status": "generated", "div": narrative(report, ctx) },
        "contained": contained,
        "identifier": [{ "system": "urn:dicom:uid", "value": format!("urn:oid:{}", clean(&ctx.study.uid)) }],
        "status": status(report),
        "category": [coded("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD", "Radiology")],
        "code": coded("http://loinc.org", "18748-4", "Diagnostic imaging study"),
        "subject": { "reference": "#patient" },
        "imagingStudy": [{
            "type": "ImagingStudy",
            "identifier": { "system": "urn:dicom:uid", "value": format!("urn:oid:{}", clean(&ctx.study.uid)) },
            "display": format!("{NOT_FOR_CLINICAL_USE}; {}", marks::title(report.is_signed(), ctx)),
        }],
        "conclusion": conclusion(report, ctx),
    });
    if let Some(map) = resource.as_object_mut() {
        add_optional(map, report, ctx, results);
    }
    resource
}

/// Elements that FHIR wants left out rather than empty.
fn add_optional(map: &mut Map<String, Value>, report: &Report, ctx: &ReportContext<'_>, results: Vec<Value>) {
    if !results.is_empty() {
        map.insert("result".to_owned(), Value::Array(results));
    }
    let date = marks::date(&ctx.study.date);
    if is_fhir_date(&date) {
        map.insert("effectiveDateTime".to_owned(), json!(date));
    }
    if ctx.generated.contains('T') {
        map.insert("issued".to_owned(), json!(ctx.generated));
    }
    let accession = clean(&ctx.study.accession);
    if !accession.is_empty() {
        map.insert("basedOn".to_owned(), json!([{ "type": "ServiceRequest", "identifier": { "value": accession } }]));
    }
    if let ReportStatus::Signed(signature) = &report.status {
        map.insert("resultsInterpreter".to_owned(), json!([{ "display": clean(&signature.name) }]));
        map.insert("issued".to_owned(), json!(signature.time));
    }
}

fn status(report: &Report) -> &'static str {
    match report.status {
        ReportStatus::Draft => "partial",
        ReportStatus::Signed(_) => "final",
    }
}

fn observation_id(n: usize) -> String {
    format!("observation-{}", n + 1)
}

/// The phantom is marked as test data.
fn meta(ctx: &ReportContext<'_>) -> Value {
    let tag = json!([{ "display": NOT_FOR_CLINICAL_USE }]);
    if ctx.phantom {
        let test = json!([{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST", "display": "test health data" }]);
        return json!({ "security": test, "tag": tag });
    }
    json!({ "tag": tag })
}

fn patient(ctx: &ReportContext<'_>) -> Value {
    let patient = &ctx.study.patient;
    let mut map = Map::new();
    map.insert("resourceType".to_owned(), json!("Patient"));
    map.insert("id".to_owned(), json!("patient"));
    let id = clean(&patient.id);
    if !id.is_empty() {
        let issuer = clean(&patient.issuer);
        let mut identifier = json!({ "value": id });
        if !issuer.is_empty() {
            identifier["assigner"] = json!({ "display": issuer });
        }
        map.insert("identifier".to_owned(), json!([identifier]));
    }
    let name = clean(&patient.name);
    if !name.is_empty() {
        map.insert("name".to_owned(), json!([{ "text": name }]));
    }
    let gender = match patient.sex.trim() {
        "M" => Some("male"),
        "F" => Some("female"),
        "O" => Some("other"),
        _ => None,
    };
    if let Some(gender) = gender {
        map.insert("gender".to_owned(), json!(gender));
    }
    let born = marks::date(&patient.birth_date);
    if is_fhir_date(&born) {
        map.insert("birthDate".to_owned(), json!(born));
    }
    Value::Object(map)
}

/// "2026-03-01", a day that exists.
fn is_fhir_date(date: &str) -> bool {
    date.len() == 10 && date.parse::<jiff::civil::Date>().is_ok()
}

fn observation(id: &str, finding: &Finding, signed: bool, ctx: &ReportContext<'_>) -> Value {
    let confirmed = finding.state.is_confirmed() || matches!(finding.provenance, Provenance::Person(_));
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("resourceType", json!("Observation"));
    put("id", json!(id));
    put("status", json!(if signed && confirmed { "final" } else { "preliminary" }));
    put("code", concept(finding.code.as_ref(), &finding.label));
    put("subject", json!({ "reference": "#patient" }));
    if !clean(&finding.tracking_uid).is_empty() {
        let uid = format!("urn:oid:{}", clean(&finding.tracking_uid));
        put("identifier", json!([{ "system": "urn:dicom:uid", "value": uid }]));
    }
    if !clean(&finding.site).is_empty() || finding.site_code.is_some() {
        put("bodySite", site(finding));
    }
    if let Provenance::Model(model) = &finding.provenance {
        put("device", json!({ "display": model_words(model) }));
    }
    put("note", json!([{ "text": note(finding) }]));
    let components = finding.measures.as_ref().map(|m| components(m, finding.kind)).unwrap_or_default();
    if components.is_empty() {
        put("valueString", json!(finding.certainty.as_str()));
    } else {
        put("component", Value::Array(components));
    }
    let date = marks::date(&ctx.study.date);
    if is_fhir_date(&date) {
        put("effectiveDateTime", json!(date));
    }
    Value::Object(map)
}

fn note(finding: &Finding) -> String {
    let by = clean(&finding.reviewer);
    let by = if by.is_empty() { "a reader".to_owned() } else { by };
    match (&finding.provenance, finding.state) {
        (Provenance::Person(person), _) => format!("Marked by {}", clean(person)),
        (Provenance::Model(_), FindingState::Accepted) => format!("AI, accepted by {by}"),
        (Provenance::Model(_), FindingState::Edited) => format!("AI, edited by {by}"),
        (Provenance::Model(_), _) => "AI proposal, not reviewed by a person".to_owned(),
    }
}

fn site(finding: &Finding) -> Value {
    let mut site = concept(finding.site_code.as_ref(), &finding.site);
    if let Some(side) = &finding.laterality
        && side_of(finding).is_some()
        && let Some(codings) = site.get_mut("coding").and_then(Value::as_array_mut)
    {
        codings.extend(coding(side));
    }
    site
}

fn components(m: &SegmentMeasures, kind: FindingKind) -> Vec<Value> {
    let length = |quantity: Quantity| quantity.of(m).map(|v| ucum(v, 1, "mm", "mm"));
    let value = |v: f64| match m.unit.as_str() {
        "HU" => ucum(v, 0, "HU", "[hnsf'U]"),
        "SUVbw" => ucum(v, 1, "SUVbw", "g/mL{SUVbw}"),
        unit => json!({ "value": number(v, 1), "unit": clean(unit) }),
    };
    let mut all: Vec<(Value, Option<Value>)> =
        vec![(coded(SNOMED, "118565006", "Volume"), Quantity::Volume.of(m).map(|v| ucum(v, 2, "mL", "mL")))];
    // Organs report no diameters (`clinical.md` rule 8).
    if kind == FindingKind::Lesion {
        all.push((coded(SNOMED, "103339001", "Long Axis"), length(Quantity::LongAxis)));
        all.push((coded(SNOMED, "103340004", "Short Axis"), length(Quantity::ShortAxis)));
    }
    all.push((coded(SNOMED, "373098007", "Mean"), m.mean.map(value)));
    all.push((coded(SNOMED, "386136009", "Standard Deviation"), m.sd.map(value)));
    all.into_iter().filter_map(|(code, value)| Some(json!({ "code": code, "valueQuantity": value? }))).collect()
}

fn ucum(value: f64, digits: u32, unit: &str, code: &str) -> Value {
    json!({ "value": number(value, digits), "unit": unit, "system": UCUM, "code": code })
}

/// Rounded once; whole numbers without ".0".
fn number(value: f64, digits: u32) -> Value {
    let rounded = round_half_up(value, digits) + 0.0;
    if digits == 0 && rounded.abs() < 1e15 { json!(rounded as i64) } else { json!(rounded) }
}

fn coded(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": display }] })
}

fn concept(code: Option<&Code>, text: &str) -> Value {
    let mut concept = Map::new();
    if let Some(coding) = code.and_then(coding) {
        concept.insert("coding".to_owned(), json!([coding]));
    }
    let text = clean(text);
    concept.insert("text".to_owned(), json!(if text.is_empty() { "unnamed".to_owned() } else { text }));
    Value::Object(concept)
}

/// Schemes that FHIR has no system for keep their words only.
fn coding(code: &Code) -> Option<Value> {
    let system = match code.scheme.as_ref() {
        "SCT" => SNOMED,
        "DCM" => DICOM,
        "UCUM" => UCUM,
        _ => return None,
    };
    Some(json!({ "system": system, "code": code.value, "display": code.meaning }))
}

/// The impression, as one text.
fn conclusion(report: &Report, ctx: &ReportContext<'_>) -> String {
    let standing = report.section(SectionKind::Impression).into_iter().flat_map(|s| s.sentences.iter());
    let said = standing.filter(|s| s.mark == SentenceMark::None).map(|s| {
        let mark = marks::author_mark(s, ctx.findings);
        let text = clean(&s.text());
        if mark.is_empty() { text } else { format!("{text} [{mark}]") }
    });
    said.collect::<Vec<_>>().join(" ")
}

/// All sections as XHTML, so that a system which reads no Observations shows the same report.
fn narrative(report: &Report, ctx: &ReportContext<'_>) -> String {
    let status = escape(&marks::status_words(report));
    let sections: String = report.sections.iter().map(|section| section_div(section, ctx)).collect();
    format!(
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p><b>{NOT_FOR_CLINICAL_USE}</b></p><p>{status}</p>{sections}</div>"
    )
}

/// A list without items would be no XHTML.
fn section_div(section: &Section, ctx: &ReportContext<'_>) -> String {
    let standing = section.sentences.iter().filter(|s| s.mark != SentenceMark::Rejected);
    let mut items: String = standing.map(|sentence| item(sentence, ctx)).collect();
    if items.is_empty() {
        items.push_str("<li>Nothing written.</li>");
    }
    format!("<p><b>{}</b></p><ul>{items}</ul>", section.kind.title())
}

fn item(sentence: &Sentence, ctx: &ReportContext<'_>) -> String {
    let author = Some(marks::author_mark(sentence, ctx.findings)).filter(|w| !w.is_empty());
    let marks = author.into_iter().chain(marks::mark_words(sentence.mark).map(str::to_owned));
    let marks: Vec<String> = marks.map(|words| format!(" [{}]", escape(&words))).collect();
    format!("<li>{}{}</li>", escape(&clean(&sentence.text())), marks.concat())
}
