//! Sentences of measurements: "Long axis 14 mm, short axis 9 mm (series 4, image 124)." Numbers are live fields; what the
//! person called it stands before them. They never reach the Impression by themselves.

use super::check::forbidden_words;
use super::compose::author_of;
use super::marks::clean;
use super::phrases::{Phrase, capitalized, name};
use super::{EditError, Part, Report, SectionKind, Sentence, SentenceId, SentenceKind, SentenceMark};
use crate::findings::measurement::{Measurement, Unit};
use crate::findings::{Finding, Quantity};

/// Adds a sentence about a measurement at the end of the findings. One that is there already stays the only one.
pub fn add_measurement(report: &mut Report, finding: &Finding) -> Result<SentenceId, EditError> {
    if report.is_signed() {
        return Err(EditError::Signed);
    }
    if let Some(known) = report.sentences().find(|s| s.evidence == [finding.id.clone()]) {
        return Ok(known.id);
    }
    let measurement = finding.measurement().ok_or(EditError::Empty)?;
    let id = report.next_sentence_id();
    let sentence = Sentence {
        id,
        parts: measurement_parts(finding, measurement),
        kind: SentenceKind::Finding,
        evidence: vec![finding.id.clone()],
        author: author_of(finding),
        mark: SentenceMark::None,
    };
    report.section_mut(SectionKind::Findings).sentences.push(sentence);
    Ok(id)
}

/// What the report says of a measurement.
pub(super) fn measurement_parts(finding: &Finding, measurement: &Measurement) -> Vec<Part> {
    let mut phrase = Phrase::new(finding);
    let own_name = name(&finding.label);
    // The template is a machine's: words that only a person may write stay out of it (`clinical.md` rule 11).
    let is_named = own_name != measurement.default_label() && forbidden_words(&own_name).is_empty();
    let numbers: Vec<(&str, Quantity)> = spoken(measurement)
        .into_iter()
        .filter(|(_, quantity)| measurement.results.report_text(*quantity).is_some())
        .collect();
    if is_named {
        phrase.text(&capitalized(&own_name));
    } else if numbers.is_empty() {
        phrase.text(&measurement.default_label());
    }
    for (n, (words, quantity)) in numbers.into_iter().enumerate() {
        let before = match (n, is_named) {
            (0, true) => format!(": {words} "),
            (0, false) => format!("{} ", capitalized(words)),
            _ => format!(", {words} "),
        };
        phrase.field(&before, quantity);
    }
    if measurement.results.cut_off {
        phrase.text(", cut off at the edge of the image");
    }
    let caution = if speaks_of_length(measurement) { measurement.place.length_caution() } else { String::new() };
    let aside: Vec<String> =
        [caution, clean(measurement.place.cited())].into_iter().filter(|text| !text.is_empty()).collect();
    if !aside.is_empty() {
        phrase.text(&format!(" ({})", aside.join("; ")));
    }
    phrase.text(".");
    phrase.into_parts()
}

/// Quantities in the order in which they are spoken, with their names.
fn spoken(measurement: &Measurement) -> Vec<(&'static str, Quantity)> {
    let is_suv = |m: &crate::findings::measurement::Measured| matches!(&m.unit, Unit::Value(u) if u.starts_with("SUV"));
    let suv = measurement.results.values.iter().any(is_suv);
    let plain = [
        ("long axis", Quantity::LongAxis),
        ("short axis", Quantity::ShortAxis),
        (length_word(measurement), Quantity::Length),
        (angle_word(measurement), Quantity::Angle),
        ("volume", Quantity::Volume),
    ];
    let values = if suv {
        [
            ("SUVpeak", Quantity::Peak),
            ("SUVmax", Quantity::Max),
            ("SUVmean", Quantity::Mean),
            ("standard deviation", Quantity::Sd),
            ("SUV", Quantity::Value),
        ]
    } else {
        [
            ("peak", Quantity::Peak),
            ("mean", Quantity::Mean),
            ("standard deviation", Quantity::Sd),
            ("maximum", Quantity::Max),
            ("value", Quantity::Value),
        ]
    };
    plain.into_iter().chain(values).chain([("area", Quantity::Area)]).collect()
}

fn length_word(measurement: &Measurement) -> &'static str {
    if measurement.kind_name() == "curve" { "length along the curve" } else { "length" }
}

fn angle_word(measurement: &Measurement) -> &'static str {
    if measurement.kind_name() == "Cobb angle" { "Cobb angle" } else { "angle" }
}

fn speaks_of_length(measurement: &Measurement) -> bool {
    let lengths = [Unit::Mm, Unit::Px, Unit::Mm2, Unit::Px2];
    measurement.results.values.iter().any(|m| lengths.contains(&m.unit))
}
