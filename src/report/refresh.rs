//! The report follows the case: fields, marks and the Impression after every change of findings or masks.
//!
//! Pure, deterministic and idempotent; what an undo restores in the findings it restores in the report. A signed report
//! never changes.

use super::phrases::{impression_parts, model_words};
use super::{Author, IMPRESSION_IDS, Part, Report, SectionKind, Sentence, SentenceId, SentenceKind, SentenceMark};
use crate::findings::{Certainty, Finding, FindingId, FindingKind, FindingState, Provenance};
use std::collections::{HashMap, HashSet};

/// Said while no person has confirmed anything.
const NOTHING_CONFIRMED: &str = "No finding has been confirmed by a reader yet.";
/// Said while only masks of organs were confirmed: they are no diagnosis.
const NO_LESION_CONFIRMED: &str = "No lesion has been confirmed by a reader yet.";

/// Brings measured values, marks and the machine's part of the Impression up to date with the findings.
pub fn refresh(report: &mut Report, findings: &[Finding]) {
    if report.is_signed() {
        return;
    }
    let known: HashMap<&FindingId, &Finding> = findings.iter().map(|f| (&f.id, f)).collect();
    impression(report, findings);
    for sentence in report.sections.iter_mut().flat_map(|s| s.sentences.iter_mut()) {
        for part in &mut sentence.parts {
            let Part::Field(field) = part else { continue };
            // Of a mask that is gone, the last value stays readable beside the mark.
            if let Some(text) = known.get(&field.finding).and_then(|f| f.report_text(field.quantity)) {
                field.measured = text;
            }
        }
        sentence.mark = mark(sentence, &known);
    }
}

fn mark(sentence: &Sentence, known: &HashMap<&FindingId, &Finding>) -> SentenceMark {
    let state = |id: &FindingId| known.get(id).copied();
    if sentence.evidence.iter().any(|id| state(id).is_some_and(|f| f.state == FindingState::Rejected)) {
        SentenceMark::Rejected
    } else if sentence.evidence.iter().any(|id| state(id).is_none_or(is_mask_gone)) {
        SentenceMark::Stale
    } else {
        SentenceMark::None
    }
}

fn is_mask_gone(finding: &Finding) -> bool {
    finding.segment().is_some() && finding.measures.is_none()
}

/// Machine sentences anew from confirmed lesions; a person's sentences stay, and speak for the findings they rest on.
fn impression(report: &mut Report, findings: &[Finding]) {
    let section = report.section_mut(SectionKind::Impression);
    section.sentences.retain(|s| matches!(s.author, Author::Person(_)));
    let spoken_for: HashSet<FindingId> = section.sentences.iter().flat_map(|s| s.evidence.iter().cloned()).collect();
    let mut taken: HashSet<u64> = section.sentences.iter().map(|s| s.id.0).collect();
    taken.insert(IMPRESSION_IDS);
    let confirmed = |f: &&Finding| f.state.is_confirmed() && f.certainty != Certainty::Absent;
    let lesions = findings.iter().filter(confirmed).filter(|f| f.kind == FindingKind::Lesion);
    let drafted: Vec<Sentence> = lesions
        .filter(|f| !is_mask_gone(f) && !spoken_for.contains(&f.id))
        .map(|f| Sentence {
            id: impression_id(&f.id, &mut taken),
            parts: impression_parts(f),
            kind: SentenceKind::Finding,
            evidence: vec![f.id.clone()],
            author: author(f),
            mark: SentenceMark::None,
        })
        .collect();
    section.sentences.extend(drafted);
    if section.sentences.is_empty() {
        let any = findings.iter().any(|f| f.state.is_confirmed());
        let text = if any { NO_LESION_CONFIRMED } else { NOTHING_CONFIRMED };
        section.sentences.push(Sentence {
            id: SentenceId(IMPRESSION_IDS),
            parts: vec![Part::Text(text.to_owned())],
            kind: SentenceKind::Free,
            evidence: Vec::new(),
            author: Author::Machine(concat!("fovea ", env!("CARGO_PKG_VERSION")).to_owned()),
            mark: SentenceMark::None,
        });
    }
}

fn author(finding: &Finding) -> Author {
    Author::Machine(match &finding.provenance {
        Provenance::Model(model) => model_words(model),
        Provenance::Person(_) => concat!("fovea ", env!("CARGO_PKG_VERSION")).to_owned(),
    })
}

/// An identity that follows from the finding's (FNV-1a over its bytes, next free one on a clash).
fn impression_id(finding: &FindingId, taken: &mut HashSet<u64>) -> SentenceId {
    let hash = finding.0.bytes().fold(0x811c_9dc5u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mut id = IMPRESSION_IDS + 1 + u64::from(hash);
    while !taken.insert(id) {
        id += 1;
    }
    SentenceId(id)
}
