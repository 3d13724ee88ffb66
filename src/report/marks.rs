//! Words that every layout shares: who stands behind a sentence, who the patient is, and texts made safe to show.

use super::{Author, ReportContext, Sentence, SentenceKind, SentenceMark};
use crate::findings::{Finding, FindingState, Provenance};
use crate::study::Study;

/// On every export, never dismissible.
pub const NOT_FOR_CLINICAL_USE: &str = "Not for clinical use";

/// Who stands behind a sentence, in words; empty for texts that follow from the image headers.
///
/// Only a person's action clears "AI draft", and an accepted proposal stays "AI, accepted by NAME" (`clinical.md` rule 2).
pub fn author_mark(sentence: &Sentence, findings: &[Finding]) -> String {
    let rests_on: Vec<&Finding> = findings.iter().filter(|f| sentence.evidence.contains(&f.id)).collect();
    let on_model = rests_on.iter().any(|f| matches!(f.provenance, Provenance::Model(_)));
    match &sentence.author {
        Author::Person(person) if on_model => format!("AI, edited by {}", person_name(person)),
        Author::Person(person) => format!("Written by {}", person_name(person)),
        Author::Machine(_) => match sentence.kind {
            SentenceKind::Negative => "AI draft".to_owned(),
            SentenceKind::Finding => finding_mark(&rests_on),
            SentenceKind::Technique | SentenceKind::Comparison | SentenceKind::Free => String::new(),
        },
    }
}

/// The weakest of the findings speaks for the sentence.
fn finding_mark(rests_on: &[&Finding]) -> String {
    let by = |state: FindingState| rests_on.iter().find(|f| f.state == state);
    if let Some(finding) = by(FindingState::Rejected) {
        return format!("AI, rejected by {}", person_name(&finding.reviewer));
    }
    if rests_on.is_empty() || rests_on.iter().any(|f| f.is_unreviewed_ai()) {
        return "AI draft".to_owned();
    }
    if let Some(Finding { provenance: Provenance::Person(person), .. }) =
        rests_on.iter().find(|f| matches!(f.provenance, Provenance::Person(_)))
    {
        return format!("Marked by {}", person_name(person));
    }
    match (by(FindingState::Edited), by(FindingState::Accepted)) {
        (Some(finding), _) => format!("AI, edited by {}", person_name(&finding.reviewer)),
        (None, Some(finding)) => format!("AI, accepted by {}", person_name(&finding.reviewer)),
        (None, None) => "AI draft".to_owned(),
    }
}

fn person_name(name: &str) -> String {
    let name = clean(name);
    if name.is_empty() { "a reader".to_owned() } else { name }
}

/// Why a sentence may not stand, in words.
pub fn mark_words(mark: SentenceMark) -> Option<&'static str> {
    match mark {
        SentenceMark::None => None,
        SentenceMark::Rejected => Some("Rejected: a finding it rests on was rejected"),
        SentenceMark::Stale => Some("Stale: a finding or mask it rests on is gone"),
    }
}

/// One line without control characters and without the marks that reorder what surrounds them.
pub(super) fn clean(text: &str) -> String {
    let reorders = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let invisible = |c: char| matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}' | '\u{ad}');
    let kept: String = text
        .chars()
        .filter(|&c| !reorders(c) && !invisible(c))
        .map(|c| if c.is_control() || ('\u{fff9}'..='\u{fffb}').contains(&c) { ' ' } else { c })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text with a full stop, unless it ends in one.
pub(super) fn sentence_end(text: &str) -> String {
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// "2026-03-01" from DICOM's "20260301"; other texts as they are.
pub(super) fn date(dicom: &str) -> String {
    if dicom.len() == 8 && dicom.bytes().all(|b| b.is_ascii_digit()) {
        return format!("{}-{}-{}", &dicom[..4], &dicom[4..6], &dicom[6..]);
    }
    clean(dicom)
}

/// What the report is called: "CT report, draft".
pub(super) fn title(signed: bool, ctx: &ReportContext<'_>) -> String {
    let modality = clean(&ctx.series.modality);
    let what = if modality.is_empty() || modality == "OT" {
        "Imaging report".to_owned()
    } else {
        format!("{modality} report")
    };
    format!("{what}, {}", if signed { "signed" } else { "draft" })
}

/// Name and value of each piece of identity, always all of them (`clinical.md` rule 6).
pub(super) fn identity(study: &Study) -> [(&'static str, String); 6] {
    let known = |text: String| if text.is_empty() { "not given".to_owned() } else { text };
    let patient = &study.patient;
    [
        ("Patient", known(clean(&patient.name))),
        ("ID", known(clean(&patient.id))),
        ("Born", known(date(&patient.birth_date))),
        ("Sex", known(clean(&patient.sex))),
        ("Study", known(date(&study.date))),
        ("Accession", known(clean(&study.accession))),
    ]
}

/// Signed by whom and when, or that nobody has signed.
pub(super) fn status_words(report: &super::Report) -> String {
    match &report.status {
        super::ReportStatus::Draft => "Draft: partial and unverified, not signed by anyone".to_owned(),
        super::ReportStatus::Signed(s) => format!("Signed by {} at {}", person_name(&s.name), clean(&s.time)),
    }
}
