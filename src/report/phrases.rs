//! How sentences sound: templates from findings to text and live fields (`clinical.md`, "How sentences sound").
//!
//! Numbers are fields, rounded once by [`Quantity::report_text`]. Organs get no diameters and no size words (rules 8, 11),
//! scores are never spoken (rule 11), and a candidate stays a candidate until a person accepts it.

use super::check::forbidden_words;
use super::marks::{clean, sentence_end};
use super::measured::measurement_parts;
use super::{Field, Part};
use crate::codes;
use crate::findings::{Certainty, Evidence, Finding, FindingKind, Provenance, Quantity, round_half_up};
use crate::findings::{ModelProvenance, SegmentMeasures};

/// Nodules whose long axis shows less than this many mm are given as the mean of both axes (Fleischner).
const MEAN_AXIS_BELOW_MM: f64 = 10.0;
/// Longest label or site that is spoken; longer ones end in "…".
const LONGEST_NAME: usize = 120;

/// Collects the parts of one sentence.
pub(super) struct Phrase<'a> {
    finding: &'a Finding,
    parts: Vec<Part>,
}

impl<'a> Phrase<'a> {
    pub(super) fn new(finding: &'a Finding) -> Self {
        Self { finding, parts: Vec::new() }
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        match self.parts.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
        self
    }

    /// `before` and the quantity's field, or nothing where it was not measured.
    pub(super) fn field(&mut self, before: &str, quantity: Quantity) -> &mut Self {
        if let Some(field) = field(self.finding, quantity) {
            self.text(before).parts.push(Part::Field(field));
        }
        self
    }

    pub(super) fn into_parts(self) -> Vec<Part> {
        self.parts
    }
}

/// The live field of a quantity, where it was measured.
fn field(finding: &Finding, quantity: Quantity) -> Option<Field> {
    let measured = finding.report_text(quantity)?;
    Some(Field { finding: finding.id.clone(), quantity, measured, typed: None })
}

/// What the report says of a finding; `cite` names a slice ("series 4, image 124").
pub(super) fn finding_parts(finding: &Finding, cite: &dyn Fn(usize) -> String) -> Vec<Part> {
    if finding.certainty == Certainty::Absent {
        return vec![Part::Text(absent_text(finding))];
    }
    match finding.kind {
        FindingKind::Organ => organ_parts(finding),
        FindingKind::Lesion => lesion_parts(finding, cite),
        FindingKind::Measurement => {
            finding.measurement().map_or_else(|| lesion_parts(finding, cite), |m| measurement_parts(finding, m))
        }
    }
}

/// "Right lung: volume 2310 mL, mean −812 HU."
fn organ_parts(finding: &Finding) -> Vec<Part> {
    let mut phrase = Phrase::new(finding);
    phrase.text(&capitalized(&spoken_label(finding)));
    let Some(measures) = &finding.measures else {
        return phrase.text(": outlined, not measured.").parts.clone();
    };
    if measures.touches_border {
        phrase.text(", as far as imaged");
    }
    phrase.field(": volume ", Quantity::Volume).field(", mean ", Quantity::Mean).text(".");
    phrase.parts
}

/// "Lung lesion candidate in the right lung, 14 mm × 11 mm, volume 1.2 mL, mean −35 HU (series 4, image 124)."
fn lesion_parts(finding: &Finding, cite: &dyn Fn(usize) -> String) -> Vec<Part> {
    let mut phrase = Phrase::new(finding);
    phrase.text(&lesion_name(finding)).text(&place(finding));
    if let Some(measures) = &finding.measures {
        size(&mut phrase, measures);
        phrase.field(", volume ", Quantity::Volume).field(", mean ", Quantity::Mean);
        if measures.touches_border {
            phrase.text(", cut off at the edge of the images");
        }
    } else {
        phrase.text(", not measured");
    }
    if let Some(slice) = cited_slice(finding) {
        phrase.text(&format!(" ({})", clean(&cite(slice))));
    }
    phrase.text(".");
    phrase.parts
}

/// What the Impression says of a lesion that a person stands behind: what, where, how big.
pub(super) fn impression_parts(finding: &Finding) -> Vec<Part> {
    let mut phrase = Phrase::new(finding);
    // Accepting makes a candidate more than one; how sure it is stays what the finding says.
    let label = spoken_label(finding).replace(" candidate", "");
    let named = match finding.certainty {
        Certainty::Uncertain => format!("Possible {}", uncapitalized(&label)),
        Certainty::Present | Certainty::Absent => capitalized(&label),
    };
    phrase.text(&named).text(&place(finding));
    if let Some(measures) = &finding.measures {
        size(&mut phrase, measures);
    }
    phrase.text(".");
    phrase.parts
}

/// Both axes; under 10 mm their mean first.
fn size(phrase: &mut Phrase<'_>, measures: &SegmentMeasures) {
    let known = |quantity: Quantity| quantity.of(measures).filter(|v| v.is_finite());
    let (Some(long), short) = (known(Quantity::LongAxis), known(Quantity::ShortAxis)) else { return };
    match short {
        None => {
            phrase.field(", long axis ", Quantity::LongAxis);
        }
        Some(_) if round_half_up(long, 0) < MEAN_AXIS_BELOW_MM => {
            phrase.field(", mean diameter ", Quantity::MeanAxis);
            phrase.field(" (", Quantity::LongAxis).field(" × ", Quantity::ShortAxis).text(")");
        }
        Some(_) => {
            phrase.field(", ", Quantity::LongAxis).field(" × ", Quantity::ShortAxis);
        }
    }
}

/// "Possible" unless the label already hedges.
fn lesion_name(finding: &Finding) -> String {
    let label = spoken_label(finding);
    if finding.certainty == Certainty::Uncertain && !label.to_lowercase().contains("candidate") {
        return format!("Possible {}", uncapitalized(&label));
    }
    capitalized(&label)
}

/// The label, unless a model named it in words that only a person may write ("Benign cyst").
fn spoken_label(finding: &Finding) -> String {
    let label = name(&finding.label);
    match (forbidden_words(&label).is_empty(), finding.kind) {
        (true, _) => label,
        (false, FindingKind::Organ) => "structure".to_owned(),
        (false, FindingKind::Lesion | FindingKind::Measurement) => "lesion candidate".to_owned(),
    }
}

/// " in the right lung", with the side from its code where the words lack it; nothing where no site is known.
fn place(finding: &Finding) -> String {
    let site = Some(name_or(&finding.site, "")).filter(|site| forbidden_words(site).is_empty()).unwrap_or_default();
    let unsaid = side_of(finding).filter(|word| !has_word(&site, word));
    match (site.is_empty(), unsaid) {
        (true, None) => String::new(),
        (true, Some(word)) => format!(" on the {word} side"),
        (false, None) => format!(" in the {}", uncapitalized(&site)),
        (false, Some(word)) => format!(" in the {word} {}", uncapitalized(&site)),
    }
}

/// "right" or "left", from the finding's code.
pub(super) fn side_of(finding: &Finding) -> Option<&'static str> {
    let code = finding.laterality.as_ref()?;
    if code.value == codes::RIGHT.value {
        Some("right")
    } else if code.value == codes::LEFT.value {
        Some("left")
    } else {
        None
    }
}

/// True when `word` (lower case) stands alone in `text`.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|w| w.to_lowercase() == word)
}

/// A person may say that something is not there; a model's silence only asks (rule 3).
fn absent_text(finding: &Finding) -> String {
    let what = format!("{}{}", uncapitalized(&spoken_label(finding)), place(finding));
    match &finding.provenance {
        Provenance::Person(person) => format!("No {what} seen by {}.", name_or(person, "the reader")),
        Provenance::Model(model) => negative_text(&what, model),
    }
}

/// "No lung lesion candidate proposed by NAME VERSION (rules); reader confirmation required."
pub(super) fn negative_text(what: &str, model: &ModelProvenance) -> String {
    format!("No {} proposed by {}; reader confirmation required.", name(what), model_words(model))
}

/// "NAME VERSION", with "(rules)" where no network spoke.
pub(super) fn model_words(model: &ModelProvenance) -> String {
    let words = clean(&format!("{} {}", model.name, model.version));
    if model.rules { format!("{words} (rules)") } else { words }
}

/// The slice worth citing: that of the long axis, the largest, or the key image.
fn cited_slice(finding: &Finding) -> Option<usize> {
    let measured = finding.measures.as_ref().map(|m| m.long_axis.as_ref().map_or(m.largest_slice, |d| d.slice));
    measured
        .or_else(|| finding.evidence.iter().find_map(|e| if let Evidence::KeyImage(k) = e { Some(*k) } else { None }))
}

/// A name as it can be spoken: one line, not endless, never empty.
pub(super) fn name(text: &str) -> String {
    name_or(text, "unnamed structure")
}

fn name_or(text: &str, empty: &str) -> String {
    let text = clean(text);
    if text.is_empty() {
        return empty.to_owned();
    }
    match text.char_indices().nth(LONGEST_NAME) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text,
    }
}

/// First letter upper case.
pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// First letter lower case, but "CT" and "FDG" stay.
fn uncapitalized(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    if chars.clone().next().is_some_and(|c| c.is_uppercase() || c.is_numeric()) {
        return text.to_owned();
    }
    first.to_lowercase().chain(chars).collect()
}

/// A sentence of somebody else's words: one line, ending in a full stop.
pub(super) fn plain_sentence(text: &str) -> String {
    capitalized(&sentence_end(&clean(text)))
}
