//! Measurements as comma-separated values (RFC 4180): one row per measured finding, full precision, units in the header; the
//! unit of pixel values stands in a column of its own.

use super::ReportContext;
use super::marks::{NOT_FOR_CLINICAL_USE, clean};
use super::phrases::{model_words, side_of};
use crate::findings::measurement::{Measured, Measurement, Unit};
use crate::findings::{Finding, FindingKind, Provenance, Quantity, SegmentMeasures};

/// Column names, in order. Lengths of pictures without calibration stand in the columns of pixels.
const COLUMNS: [&str; 35] = [
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
    "shape",
    "length_mm",
    "length_px",
    "long_axis_px",
    "short_axis_px",
    "angle_deg",
    "area_mm2",
    "area_px2",
    "perimeter_mm",
    "perimeter_px",
    "peak",
    "value",
    "image",
];

/// The table; only its header when nothing was measured.
pub fn measurements_csv(ctx: &ReportContext<'_>) -> String {
    let rows = ctx.findings.iter().filter_map(row);
    std::iter::once(COLUMNS.join(",")).chain(rows).map(|line| line + "\r\n").collect()
}

/// The texts that every row has; numbers follow from the mask or the measurement.
fn row(finding: &Finding) -> Option<String> {
    let numbers = match (&finding.measures, finding.measurement()) {
        (Some(mask), _) => mask_columns(finding, mask),
        (None, Some(measurement)) => measurement_columns(finding, measurement),
        (None, None) => return None,
    };
    let source = match &finding.provenance {
        Provenance::Person(person) => clean(person),
        Provenance::Model(model) => model_words(model),
    };
    let notice = if finding.is_unreviewed_ai() {
        format!("{NOT_FOR_CLINICAL_USE}; AI proposal, not reviewed")
    } else {
        NOT_FOR_CLINICAL_USE.to_owned()
    };
    let kind = match finding.kind {
        FindingKind::Organ => "organ",
        FindingKind::Lesion => "lesion",
        FindingKind::Measurement => "measurement",
    };
    let texts = [
        ("finding", finding.id.0.clone()),
        ("label", finding.label.clone()),
        ("kind", kind.to_owned()),
        ("site", finding.site.clone()),
        ("side", side_of(finding).unwrap_or_default().to_owned()),
        ("state", finding.state.as_str().to_owned()),
        ("source", source),
        ("reviewer", finding.reviewer.clone()),
        ("notice", notice),
    ];
    let known: Vec<(&str, String)> =
        texts.into_iter().map(|(column, text)| (column, cell(&text))).chain(numbers).collect();
    let cell_of = |column: &&str| known.iter().find(|(name, _)| name == column).map_or("", |(_, text)| text.as_str());
    Some(COLUMNS.iter().map(cell_of).collect::<Vec<_>>().join(","))
}

fn number(value: Option<f64>) -> String {
    value.filter(|v| v.is_finite()).map_or_else(String::new, |v| format!("{v:.4}"))
}

fn mask_columns(finding: &Finding, m: &SegmentMeasures) -> Vec<(&'static str, String)> {
    // Organs report no diameters (`clinical.md` rule 8).
    let axis =
        |quantity: Quantity| if finding.kind == FindingKind::Lesion { number(quantity.of(m)) } else { String::new() };
    vec![
        ("voxels", m.voxels.to_string()),
        ("volume_ml", number(Quantity::Volume.of(m))),
        ("mean", number(m.mean)),
        ("sd", number(m.sd)),
        ("min", number(m.min)),
        ("max", number(m.max)),
        ("unit", cell(&m.unit)),
        ("long_axis_mm", axis(Quantity::LongAxis)),
        ("short_axis_mm", axis(Quantity::ShortAxis)),
        ("center_l_mm", number(Some(m.center_lps.x))),
        ("center_p_mm", number(Some(m.center_lps.y))),
        ("center_s_mm", number(Some(m.center_lps.z))),
        ("touches_border", m.touches_border.to_string()),
    ]
}

fn measurement_columns(finding: &Finding, m: &Measurement) -> Vec<(&'static str, String)> {
    let mut columns = vec![
        ("shape", m.shape.key().to_owned()),
        ("image", cell(m.place.cited())),
        ("touches_border", m.results.cut_off.to_string()),
    ];
    let unit = m.results.values.iter().find_map(|v| if let Unit::Value(unit) = &v.unit { Some(unit) } else { None });
    columns.extend(unit.map(|unit| ("unit", cell(unit))));
    if let Some(center) = finding.focus_lps() {
        let names = ["center_l_mm", "center_p_mm", "center_s_mm"];
        columns.extend(names.into_iter().zip(center.to_array()).map(|(name, at)| (name, number(Some(at)))));
    }
    for measured in &m.results.values {
        if let Some(column) = column_of(measured) {
            let digits = if measured.quantity == Quantity::Count { 0 } else { 4 };
            columns.push((column, format!("{:.*}", digits, measured.value)));
        }
    }
    columns
}

fn column_of(measured: &Measured) -> Option<&'static str> {
    let in_px = matches!(measured.unit, Unit::Px | Unit::Px2);
    let either = |mm: &'static str, px: &'static str| if in_px { px } else { mm };
    Some(match measured.quantity {
        Quantity::Volume => "volume_ml",
        Quantity::Mean => "mean",
        Quantity::Sd => "sd",
        Quantity::Min => "min",
        Quantity::Max => "max",
        Quantity::Count => "voxels",
        Quantity::Peak => "peak",
        Quantity::Value => "value",
        Quantity::Angle => "angle_deg",
        Quantity::Length => either("length_mm", "length_px"),
        Quantity::LongAxis => either("long_axis_mm", "long_axis_px"),
        Quantity::ShortAxis => either("short_axis_mm", "short_axis_px"),
        Quantity::Area => either("area_mm2", "area_px2"),
        Quantity::Perimeter => either("perimeter_mm", "perimeter_px"),
        Quantity::MeanAxis => return None,
    })
}

/// A text cell: quoted where it must be, and never a formula to a spreadsheet.
fn cell(text: &str) -> String {
    let mut text = clean(text);
    if text.starts_with(['=', '+', '-', '@']) {
        text.insert(0, '\'');
    }
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
