//! `fovea report show FILE [--on IMAGE] [--json]`: a DICOM structured report of any template as a tree; the measurement groups
//! of TID 1500 as findings, with their places on IMAGE.

use crate::cli::{Failure, on_one_line, open_series, say};
use crate::codes::Code;
use crate::findings::Evidence;
use crate::geometry::{DVec2, DVec3};
use crate::io::content_tree::{self, ContentItem, ContentValue, Document, ObjectReference};
use crate::io::dicom::DicomFile;
use crate::io::measurement_groups::{self, MeasurementGroup, ReportedFinding, ReportedMeasurement, ReportedRegion};
use crate::study::Warnings;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// A DICOM structured report.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// DICOM SR or key object selection
    pub file: PathBuf,
    /// The image that its measurements were made on: a file or folder
    #[arg(long, value_name = "IMAGE")]
    pub on: Option<PathBuf>,
    /// Which series, where IMAGE holds several
    #[arg(long, value_name = "UID", requires = "on")]
    pub series: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the report.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let about = |problem: &dyn std::fmt::Display| Failure::Failed(format!("{}: {problem}", args.file.display()));
    let file = DicomFile::header(&args.file).map_err(|e| about(&e))?;
    let mut warnings = file.warnings.clone();
    let document = content_tree::read(&file.data, &mut warnings)
        .ok_or_else(|| about(&"it holds no structured document; name a DICOM SR"))?;
    let image = args.on.as_ref().map(|path| open_series(path, args.series.as_deref())).transpose()?;
    let findings = image.map(|image| measurement_groups::findings_on(&document, &image, &mut warnings));
    if args.json {
        let value = as_json(&document, findings.as_deref(), &warnings);
        writeln!(out, "{value:#}")?;
    } else {
        for (depth, line) in document.root.lines() {
            writeln!(out, "{:width$}{}", "", on_one_line(&line), width = 2 * depth)?;
        }
        for found in findings.iter().flatten() {
            writeln!(out, "{}: {}", on_one_line(&found.finding.label), places(found))?;
        }
        warnings.iter().for_each(say);
    }
    Ok(())
}

fn places(found: &ReportedFinding) -> String {
    let said: Vec<String> = found.finding.evidence.iter().map(|e| evidence(e).to_string()).collect();
    if said.is_empty() { "no place on this image".into() } else { said.join(", ") }
}

fn as_json(document: &Document, findings: Option<&[ReportedFinding]>, warnings: &Warnings) -> Value {
    let groups = measurement_groups::groups(document);
    json!({
        "completion": document.completion,
        "verification": document.verification,
        "verified_by": document.verified_by,
        "template": document.template,
        "document": item(&document.root),
        "measurement_groups": groups.iter().map(group).collect::<Vec<_>>(),
        "findings": findings.map(|found| found.iter().map(finding).collect::<Vec<_>>()),
        "warnings": warnings.iter().collect::<Vec<_>>(),
    })
}

fn item(content: &ContentItem) -> Value {
    json!({
        "relationship": content.relationship,
        "concept": content.concept.as_ref().map(code),
        "type": type_name(&content.value),
        "value": value(content),
        "children": content.children.iter().map(item).collect::<Vec<_>>(),
    })
}

fn type_name(value: &ContentValue) -> &str {
    match value {
        ContentValue::Container => "CONTAINER",
        ContentValue::Text(_) => "TEXT",
        ContentValue::Code(_) => "CODE",
        ContentValue::Number(_) => "NUM",
        ContentValue::Date(_) => "DATE",
        ContentValue::Time(_) => "TIME",
        ContentValue::DateTime(_) => "DATETIME",
        ContentValue::PersonName(_) => "PNAME",
        ContentValue::Uid(_) => "UIDREF",
        ContentValue::Image(_) => "IMAGE",
        ContentValue::Object(_) => "COMPOSITE",
        ContentValue::Points(_) => "SCOORD",
        ContentValue::PointsInPatient(_) => "SCOORD3D",
        ContentValue::Times(_) => "TCOORD",
        ContentValue::ByReference(_) => "REFERENCE",
        ContentValue::Unknown(kind) => kind,
    }
}

fn value(content: &ContentItem) -> Value {
    match &content.value {
        ContentValue::Container => Value::Null,
        ContentValue::Code(concept) => json!(concept.as_ref().map(code)),
        ContentValue::Number(quantity) => json!({
            "value": quantity.value,
            "unit": quantity.unit.as_ref().map(code),
            "qualifier": quantity.qualifier.as_ref().map(code),
        }),
        ContentValue::Image(object) | ContentValue::Object(object) => reference(object),
        ContentValue::Points(points) => json!({
            "shape": points.shape,
            "points_file_px": points.points_px.iter().map(DVec2::to_array).collect::<Vec<_>>(),
        }),
        ContentValue::PointsInPatient(points) => json!({
            "shape": points.shape,
            "points_lps": points.points_lps.iter().map(DVec3::to_array).collect::<Vec<_>>(),
            "frame_of_reference_uid": points.frame_of_reference_uid,
        }),
        _ => content.said().into(),
    }
}

fn group(group: &MeasurementGroup) -> Value {
    json!({
        "tracking_id": group.tracking_id,
        "tracking_uid": group.tracking_uid,
        "category": group.category.as_ref().map(code),
        "finding": group.finding.as_ref().map(code),
        "site": group.site.as_ref().map(code),
        "laterality": group.laterality.as_ref().map(code),
        "measurements": group.measurements.iter().map(measurement).collect::<Vec<_>>(),
        "evaluations": group.evaluations.iter().map(|(name, value)| json!([code(name), code(value)])).collect::<Vec<_>>(),
        "regions": group.regions.iter().map(region).collect::<Vec<_>>(),
        "algorithm": group.algorithm,
    })
}

fn measurement(measured: &ReportedMeasurement) -> Value {
    json!({
        "name": code(&measured.name),
        "value": measured.quantity.value,
        "unit": measured.quantity.unit.as_ref().map(|unit| &unit.value),
        "derivation": measured.derivation.as_ref().map(code),
        "method": measured.method.as_ref().map(code),
    })
}

fn region(region: &ReportedRegion) -> Value {
    match region {
        ReportedRegion::Picture(image, points) => json!({
            "image": image.as_ref().map(reference),
            "shape": points.shape,
            "points_file_px": points.points_px.iter().map(DVec2::to_array).collect::<Vec<_>>(),
        }),
        ReportedRegion::Patient(points) => json!({
            "shape": points.shape,
            "points_lps": points.points_lps.iter().map(DVec3::to_array).collect::<Vec<_>>(),
        }),
        ReportedRegion::Segment(mask) => json!({"mask": reference(mask)}),
    }
}

fn finding(found: &ReportedFinding) -> Value {
    let finding = &found.finding;
    json!({
        "id": finding.id.0,
        "label": finding.label,
        "site": finding.site,
        "state": finding.state.as_str(),
        "evidence": finding.evidence.iter().map(evidence).collect::<Vec<_>>(),
    })
}

fn evidence(evidence: &Evidence) -> Value {
    match evidence {
        Evidence::Box(b) => json!({"box_lps": [b.min.to_array(), b.max.to_array()]}),
        Evidence::PictureBox { sop_instance_uid, min_px, max_px } => {
            json!({"box_px": [min_px.to_array(), max_px.to_array()], "sop_instance_uid": sop_instance_uid})
        }
        Evidence::Point(p) => json!({"point_lps": p.to_array()}),
        Evidence::Segment(n) => json!({"segment": n}),
        Evidence::KeyImage(k) => json!({"key_image": k}),
        Evidence::Measurement(m) => json!({"measurement": m.kind_name()}),
    }
}

fn code(code: &Code) -> Value {
    json!({"value": code.value, "scheme": code.scheme, "meaning": code.meaning})
}

fn reference(object: &ObjectReference) -> Value {
    json!({
        "sop_class": object.sop_class_uid,
        "sop_instance_uid": object.sop_instance_uid,
        "frames": object.frames,
        "segments": object.segments,
    })
}
