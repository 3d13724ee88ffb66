//! A draft from what is known: study, series, findings and the searches that ran, by templates.
//!
//! Never drafted (`clinical.md` rules 3, 11): "normal", contrast statements from an absent tag, follow-up advice,
//! histology, scores as if probabilities, and anything that an unproven model saw.

use super::marks::clean;
use super::phrases::{capitalized, finding_parts, model_words, name, negative_text, plain_sentence};
use super::{
    Author, Part, Report, ReportStatus, Section, SectionKind, Sentence, SentenceId, SentenceKind, SentenceMark,
};
use crate::findings::{Certainty, Finding, FindingId, FindingKind, ModelProvenance, Provenance};
use crate::study::{Series, SeriesGeometry, Study};

/// What a draft is made of.
pub struct DraftInput<'a> {
    /// The examination.
    pub study: &'a Study,
    /// The series that was read.
    pub series: &'a Series,
    /// What was seen.
    pub findings: &'a [Finding],
    /// What ran.
    pub searches: &'a [SearchRecord],
    /// One sentence for each thing that was not searched, with the reason.
    pub not_searched: &'a [String],
    /// "series 4, image 124" for a slice or picture of the series.
    pub cite: &'a dyn Fn(usize) -> String,
    /// What a reader must know about geometry, calibration and completeness, beside the series' own warnings.
    pub warnings: &'a [String],
}

/// A search that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchRecord {
    /// Who searched.
    pub model: ModelProvenance,
    /// What for, in the singular: "lung lesion candidate", "organ outline".
    pub looked_for: String,
    /// How many were proposed.
    pub proposed: usize,
    /// Trained on phantoms or not measured on real images: its overlay is experimental and it drafts no sentence.
    pub unproven: bool,
}

/// The author of template sentences.
fn template() -> Author {
    Author::Machine(concat!("fovea ", env!("CARGO_PKG_VERSION")).to_owned())
}

/// A draft of all sections.
pub fn compose(input: &DraftInput<'_>) -> Report {
    let mut report = Report {
        status: ReportStatus::Draft,
        sections: SectionKind::ALL.map(|kind| Section { kind, sentences: Vec::new() }).into(),
    };
    push(&mut report, SectionKind::Indication, SentenceKind::Free, "Not provided.");
    for text in technique(input.series) {
        push(&mut report, SectionKind::Technique, SentenceKind::Technique, &text);
    }
    push(&mut report, SectionKind::Comparison, SentenceKind::Comparison, "None available to this program.");
    let spoken: Vec<Finding> = input.findings.iter().filter(|f| !is_unproven(f, input.searches)).cloned().collect();
    add_findings(&mut report, &spoken, input.cite);
    negatives(&mut report, input);
    for text in limitations(input) {
        push(&mut report, SectionKind::Limitations, SentenceKind::Free, &text);
    }
    push(&mut report, SectionKind::Communication, SentenceKind::Free, "No critical result recorded.");
    super::refresh(&mut report, &spoken);
    report
}

/// A new draft that keeps what a person wrote into an older one of the same study: a person's sentence takes the place of
/// the machine's on the same findings (or of the template in the same place), else it stands at the end of its section.
pub fn recompose(old: &Report, input: &DraftInput<'_>) -> Report {
    if old.is_signed() {
        return old.clone();
    }
    let mut report = compose(input);
    for section in &old.sections {
        for own in section.sentences.iter().filter(|s| is_kept(s, input.findings)) {
            keep(&mut report, section.kind, own);
        }
    }
    super::refresh(&mut report, input.findings);
    report
}

/// What a person wrote, or put into the report from a measurement: no draft would bring it back.
fn is_kept(sentence: &Sentence, findings: &[Finding]) -> bool {
    let of_measurement = |id: &FindingId| findings.iter().any(|f| f.id == *id && f.kind == FindingKind::Measurement);
    let measured = !sentence.evidence.is_empty() && sentence.evidence.iter().all(of_measurement);
    measured || matches!(sentence.author, Author::Person(_))
}

fn keep(report: &mut Report, kind: SectionKind, own: &Sentence) {
    let mut own = own.clone();
    let replaced = report.section(kind).and_then(|section| {
        section.sentences.iter().position(|s| {
            let same = if own.evidence.is_empty() { s.id == own.id } else { s.evidence == own.evidence };
            same && matches!(s.author, Author::Machine(_)) && s.evidence.len() == own.evidence.len()
        })
    });
    if let Some(at) = replaced {
        report.section_mut(kind).sentences.remove(at);
    }
    if report.sentence(own.id).is_some() {
        own.id = report.next_sentence_id();
    }
    let sentences = &mut report.section_mut(kind).sentences;
    let at = replaced.unwrap_or(sentences.len());
    sentences.insert(at, own);
}

/// Drafts a sentence for each finding that no sentence rests on, grouped by organ. It speaks for all that it is given:
/// leave the findings of unproven models out. Signed reports stay as they are.
pub fn add_findings(report: &mut Report, findings: &[Finding], cite: &dyn Fn(usize) -> String) {
    if report.is_signed() {
        return;
    }
    for finding in by_organ(findings) {
        if report.sentences().any(|s| s.evidence.contains(&finding.id)) {
            continue;
        }
        let sentence = Sentence {
            id: report.next_sentence_id(),
            parts: finding_parts(finding, cite),
            kind: kind_of(finding),
            evidence: vec![finding.id.clone()],
            author: author_of(finding),
            mark: SentenceMark::None,
        };
        report.section_mut(SectionKind::Findings).sentences.push(sentence);
    }
}

/// Words untouched machine sentences of single findings anew, where the shape of a finding changed (a nodule grew past
/// 10 mm, another slice is the largest). Sentences that a person touched keep their words.
pub fn redraft(report: &mut Report, findings: &[Finding], cite: &dyn Fn(usize) -> String) {
    if report.is_signed() {
        return;
    }
    for sentence in &mut report.section_mut(SectionKind::Findings).sentences {
        let [id] = sentence.evidence.as_slice() else { continue };
        let Some(finding) = findings.iter().find(|f| f.id == *id) else { continue };
        let masked = finding.segment().is_none() || finding.measures.is_some();
        if masked && sentence.author == author_of(finding) && sentence.fields().all(|f| f.typed.is_none()) {
            sentence.parts = finding_parts(finding, cite);
        }
    }
    super::refresh(report, findings);
}

fn kind_of(finding: &Finding) -> SentenceKind {
    match (finding.certainty, &finding.provenance) {
        (Certainty::Absent, Provenance::Model(_)) => SentenceKind::Negative,
        _ => SentenceKind::Finding,
    }
}

pub(super) fn author_of(finding: &Finding) -> Author {
    match &finding.provenance {
        Provenance::Model(model) => Author::Machine(model_words(model)),
        Provenance::Person(_) => template(),
    }
}

/// Each organ followed by the lesions in it, then lesions elsewhere; otherwise in the order given.
fn by_organ(findings: &[Finding]) -> Vec<&Finding> {
    let organs: Vec<&Finding> = findings.iter().filter(|f| f.kind == FindingKind::Organ).collect();
    let lesions = || findings.iter().filter(|f| f.kind == FindingKind::Lesion);
    // "left lung, upper zone" lies in "Left lung"; "left lungs" would not.
    let lies_in = |lesion: &Finding, organ: &Finding| {
        let (site, organ) = (lesion.site.to_lowercase(), clean(&organ.label).to_lowercase());
        !organ.is_empty() && site.strip_prefix(&organ).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    let mut ordered: Vec<&Finding> = Vec::with_capacity(findings.len());
    for organ in &organs {
        ordered.push(organ);
        for lesion in lesions().filter(|lesion| lies_in(lesion, organ)) {
            if !ordered.iter().any(|f| f.id == lesion.id) {
                ordered.push(lesion);
            }
        }
    }
    ordered.extend(lesions().filter(|lesion| !organs.iter().any(|organ| lies_in(lesion, organ))));
    ordered
}

fn is_unproven(finding: &Finding, searches: &[SearchRecord]) -> bool {
    let Provenance::Model(model) = &finding.provenance else { return false };
    // A person who confirms a finding speaks for it.
    !finding.state.is_confirmed()
        && searches.iter().any(|s| s.unproven && s.model.name == model.name && s.model.version == model.version)
}

/// A search that proposed nothing is named, and asks for confirmation.
fn negatives(report: &mut Report, input: &DraftInput<'_>) {
    for search in input.searches.iter().filter(|s| s.proposed == 0 && !s.unproven) {
        let text = negative_text(&search.looked_for, &search.model);
        push_by(
            report,
            SectionKind::Findings,
            SentenceKind::Negative,
            &text,
            Author::Machine(model_words(&search.model)),
        );
    }
    if report.section_mut(SectionKind::Findings).sentences.is_empty() {
        let text = "No search drafted a finding; these images await a reader.";
        push(report, SectionKind::Findings, SentenceKind::Free, text);
    }
}

fn push(report: &mut Report, section: SectionKind, kind: SentenceKind, text: &str) {
    push_by(report, section, kind, text, template());
}

fn push_by(report: &mut Report, section: SectionKind, kind: SentenceKind, text: &str, author: Author) {
    let id: SentenceId = report.next_sentence_id();
    let parts = vec![Part::Text(text.to_owned())];
    let sentence = Sentence { id, parts, kind, evidence: Vec::new(), author, mark: SentenceMark::None };
    report.section_mut(section).sentences.push(sentence);
}

/// How the images were made, as far as the header says; nothing follows from what it does not say.
fn technique(series: &Series) -> Vec<String> {
    let mut first = format!("{}{}", modality_words(&series.modality), body_part_words(&series.body_part));
    match &series.geometry {
        SeriesGeometry::Volume(grid) => {
            let ([columns, rows, slices], spacing) = (grid.dims(), grid.spacing_mm());
            let noun = if slices == 1 { "slice" } else { "slices" };
            let pixel = format!("{} × {} mm", decimals(spacing.x), decimals(spacing.y));
            first = format!("{first}, {slices} {noun} of {columns} × {rows} pixels, pixel spacing {pixel}");
            if slices > 1 {
                first = format!("{first}, slice spacing {} mm", decimals(spacing.z));
            }
        }
        SeriesGeometry::Pictures(_) | SeriesGeometry::None => {
            let images: u64 = series.instances.iter().map(|i| u64::from(i.frames.max(1))).sum();
            first = format!("{first}, {images} {}", if images == 1 { "image" } else { "images" });
        }
    }
    if let Some(thickness) = series.slice_thickness_mm.filter(|t| t.is_finite() && *t > 0.0) {
        first = format!("{first}, slice thickness {} mm", decimals(thickness));
    }
    let mut all = vec![format!("{first}.")];
    let mut add = |what: &str, value: &str| {
        if !clean(value).is_empty() {
            all.push(format!("{what}{}.", name(value)));
        }
    };
    add("Reconstruction kernel named in the image header: ", &series.kernel);
    add("Contrast agent named in the image header: ", &series.contrast_agent);
    if series.instances.iter().any(|i| i.lossy) {
        all.push("The source images are lossy-compressed.".to_owned());
    }
    all
}

fn modality_words(modality: &str) -> String {
    match modality.trim() {
        "CR" => "Computed radiography".to_owned(),
        "DX" => "Digital radiography".to_owned(),
        "MR" => "MR imaging".to_owned(),
        "MG" => "Mammography".to_owned(),
        "PT" => "PET".to_owned(),
        "US" => "Ultrasound".to_owned(),
        "NM" => "Nuclear medicine imaging".to_owned(),
        "" | "OT" => "Images whose header names no modality".to_owned(),
        other => name(other),
    }
}

/// " of the chest"; body parts outside the list are quoted as they stand.
fn body_part_words(body_part: &str) -> String {
    let known = clean(body_part).to_uppercase();
    let words = match known.as_str() {
        "" => return String::new(),
        "CHEST" | "THORAX" => "chest",
        "LUNG" | "LUNGS" => "lungs",
        "HEAD" | "SKULL" => "head",
        "BRAIN" => "brain",
        "NECK" => "neck",
        "ABDOMEN" => "abdomen",
        "PELVIS" => "pelvis",
        "LIVER" => "liver",
        "HEART" => "heart",
        "BREAST" => "breast",
        "KNEE" => "knee",
        "HIP" => "hip",
        "HAND" => "hand",
        "FOOT" => "foot",
        "SHOULDER" => "shoulder",
        "CSPINE" => "cervical spine",
        "TSPINE" => "thoracic spine",
        "LSPINE" => "lumbar spine",
        "SPINE" => "spine",
        "WHOLEBODY" => "whole body",
        _ => return format!(", body part “{}”", name(body_part)),
    };
    format!(" of the {words}")
}

/// Up to two decimals: "0.7", "2.5", "3".
fn decimals(value: f64) -> String {
    let text = format!("{:.2}", crate::findings::round_half_up(value, 2));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What was searched, what was not, what is experimental, and what is not as it should be.
fn limitations(input: &DraftInput<'_>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for search in input.searches {
        let (what, by) = (name(&search.looked_for), model_words(&search.model));
        all.push(if search.unproven {
            format!(
                "Experimental overlay: {by} looked for {what}, {} proposed; not measured on real images, so no sentence \
                 rests on it.",
                search.proposed
            )
        } else {
            format!("Searched: {what}, by {by}; {} proposed.", search.proposed)
        });
    }
    all.extend(input.not_searched.iter().map(|text| plain_sentence(text)));
    all.push(if input.searches.is_empty() {
        "No search ran on these images: nothing was searched by this program.".to_owned()
    } else {
        "Nothing else was searched by this program.".to_owned()
    });
    if input.findings.iter().any(|f| matches!(f.provenance, Provenance::Model(_))) {
        all.push("Sentences marked “AI draft” rest on proposals that no person has reviewed.".to_owned());
    }
    if let SeriesGeometry::Pictures(why) = &input.series.geometry
        && !clean(why).is_empty()
    {
        all.push(format!("The images make no volume: {}", plain_sentence(why)));
    }
    all.extend(input.series.warnings.iter().chain(input.warnings.iter().map(String::as_str)).map(plain_sentence));
    let mut seen = std::collections::HashSet::new();
    all.retain(|text| !text.is_empty() && seen.insert(text.clone()));
    all.into_iter().map(|text| capitalized(&text)).collect()
}
