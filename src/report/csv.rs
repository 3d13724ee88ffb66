//! Measurements as comma-separated values (RFC 4180): one row per measured finding, full precision, units in the header.

use super::ReportContext;
use super::marks::{NOT_FOR_CLINICAL_USE, clean};
use super::phrases::{model_words, side_of};
use crate::findings::{Finding, FindingKind, Provenance, Quantity};

/// Column names, in order.
const COLUMNS: [&str; 22] = [
    "finding",
    "label",
    "kind",
    "site",
    "side",
    "state",
    "voxels",
    "volume_ml",
    "mean",
    "sd",
    "min",
    "max",
    "unit",
    "long_axis_mm",
    "short_axis_mm",
    "center_l_mm",
    "center_p_mm",
    "center_s_mm",
    "touches_border",
    "source",
    "reviewer",
    "notice",
];

/// The table; only its header when nothing was measured.
pub fn measurements_csv(ctx: &ReportContext<'_>) -> String {
    let rows = ctx.findings.iter().filter_map(row);
    std::iter::once(COLUMNS.join(",")).chain(rows).map(|line| line + "\r\n").collect()
}

fn row(finding: &Finding) -> Option<String> {
    let m = finding.measures.as_ref()?;
    let number = |value: Option<f64>| value.filter(|v| v.is_finite()).map_or_else(String::new, |v| format!("{v:.4}"));
    // Organs report no diameters (`clinical.md` rule 8).
    let axis =
        |quantity: Quantity| if finding.kind == FindingKind::Lesion { number(quantity.of(m)) } else { String::new() };
    let source = match &finding.provenance {
        Provenance::Person(person) => clean(person),
        Provenance::Model(model) => model_words(model),
    };
    let notice = if finding.is_unreviewed_ai() {
        format!("{NOT_FOR_CLINICAL_USE}; AI proposal, not reviewed")
    } else {
        NOT_FOR_CLINICAL_USE.to_owned()
    };
    let cells: [String; COLUMNS.len()] = [
        cell(&finding.id.0),
        cell(&finding.label),
        match finding.kind {
            FindingKind::Organ => "organ".to_owned(),
            FindingKind::Lesion => "lesion".to_owned(),
        },
        cell(&finding.site),
        side_of(finding).unwrap_or_default().to_owned(),
        finding.state.as_str().to_owned(),
        m.voxels.to_string(),
        number(Quantity::Volume.of(m)),
        number(m.mean),
        number(m.sd),
        number(m.min),
        number(m.max),
        cell(&m.unit),
        axis(Quantity::LongAxis),
        axis(Quantity::ShortAxis),
        number(Some(m.center_lps.x)),
        number(Some(m.center_lps.y)),
        number(Some(m.center_lps.z)),
        m.touches_border.to_string(),
        cell(&source),
        cell(&finding.reviewer),
        cell(&notice),
    ];
    Some(cells.join(","))
}

/// A text cell: quoted where it must be, and never a formula to a spreadsheet.
fn cell(text: &str) -> String {
    let mut text = clean(text);
    if text.starts_with(['=', '+', '-', '@']) {
        text.insert(0, '\'');
    }
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
