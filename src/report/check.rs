//! Holds a report against its evidence before a person signs: sides, numbers, evidence, forbidden words, marks, gaps.

use super::marks::clean;
use super::phrases::{has_word, side_of};
use super::{Author, Report, ReportStatus, SectionKind, Sentence, SentenceId, SentenceMark, Signature};
use crate::findings::{Finding, Quantity, round_half_up};
use crate::study::Study;

/// Words that no machine may draft (`clinical.md` rule 11).
const FORBIDDEN: [&str; 19] = [
    "normal",
    "unremarkable",
    "benign",
    "malignant",
    "stable",
    "unchanged",
    "healthy",
    "no tumor",
    "no tumour",
    "no evidence of",
    "carcinoma",
    "adenocarcinoma",
    "metastasis",
    "metastases",
    "follow-up",
    "follow up",
    "recommend",
    "recommended",
    "enlarged",
];

/// What is wrong with a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The sentence concerned, if it is one.
    pub sentence: Option<SentenceId>,
    /// What kind.
    pub kind: ProblemKind,
    /// What, where, and what to do.
    pub text: String,
}

/// Kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// A section is missing or empty.
    MissingSection,
    /// A sentence claims something and rests on nothing, or on a finding that is not there.
    Evidence,
    /// The words name another side than the findings.
    Side,
    /// A number differs from what is measured.
    Number,
    /// A machine wrote a word that only a person may write.
    ForbiddenWord,
    /// A finding it rests on was rejected.
    Rejected,
    /// A finding or mask it rests on is gone.
    Stale,
    /// An AI proposal that nobody reviewed.
    Unreviewed,
    /// The patient or study cannot be told.
    Identity,
}

impl ProblemKind {
    /// A stable name for scripts.
    pub fn key(self) -> &'static str {
        match self {
            Self::MissingSection => "missing_section",
            Self::Evidence => "evidence",
            Self::Side => "side",
            Self::Number => "number",
            Self::ForbiddenWord => "forbidden_word",
            Self::Rejected => "rejected",
            Self::Stale => "stale",
            Self::Unreviewed => "unreviewed",
            Self::Identity => "identity",
        }
    }

    /// True when a report with it may not be signed; the others are shown to the reader, who decides.
    pub fn blocks_signing(self) -> bool {
        match self {
            Self::MissingSection | Self::Evidence | Self::Side | Self::ForbiddenWord | Self::Rejected | Self::Stale => {
                true
            }
            Self::Number | Self::Unreviewed | Self::Identity => false,
        }
    }
}

/// Why a report was not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// It is signed already.
    #[error("the report is signed already and does not change: write an addendum instead")]
    Signed,
    /// The confirmed identity is not that of the study.
    #[error("the confirmed name, ID, birth date or accession is not that of this study: compare the patient first")]
    Identity,
    /// Nobody signs.
    #[error("a signature needs the reader's name: enter it first")]
    Nameless,
    /// Problems that block.
    #[error("{} of the report must be resolved first: {}", count(.0.len()), .0.first().map_or("", |p| p.text.as_str()))]
    Problems(Vec<Problem>),
}

fn count(problems: usize) -> String {
    if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") }
}

/// The identity that a signature repeats: patient's name, ID, birth date, accession.
fn identity_of(study: &Study) -> [String; 4] {
    [&study.patient.name, &study.patient.id, &study.patient.birth_date, &study.accession].map(Clone::clone)
}

/// Signs a draft that has no blocking problem, for the study it belongs to (`clinical.md` rules 1, 6).
pub fn sign(report: &mut Report, findings: &[Finding], study: &Study, signature: Signature) -> Result<(), SignError> {
    if report.is_signed() {
        return Err(SignError::Signed);
    }
    if clean(&signature.name).is_empty() {
        return Err(SignError::Nameless);
    }
    if signature.identity != identity_of(study) {
        return Err(SignError::Identity);
    }
    let mut problems = check(report, findings, study);
    problems.retain(|p| p.kind.blocks_signing());
    if !problems.is_empty() {
        return Err(SignError::Problems(problems));
    }
    report.status = ReportStatus::Signed(signature);
    Ok(())
}

/// Everything that does not hold, in reading order.
pub fn check(report: &Report, findings: &[Finding], study: &Study) -> Vec<Problem> {
    let mut problems = Vec::new();
    let whole = |kind, text: &str| Problem { sentence: None, kind, text: text.to_owned() };
    if study.patient.name.is_empty() && study.patient.id.is_empty() {
        problems.push(whole(ProblemKind::Identity, "The study names no patient: make sure whose it is."));
    }
    if let ReportStatus::Signed(signature) = &report.status
        && signature.identity != identity_of(study)
    {
        let text = "The report was signed for another patient or study: retract it instead of changing it.";
        problems.push(whole(ProblemKind::Evidence, text));
    }
    for kind in SectionKind::ALL {
        if report.section(kind).is_none_or(|s| s.sentences.is_empty()) {
            let text = format!("The section {} is empty: write a sentence there.", kind.title());
            problems.push(Problem { sentence: None, kind: ProblemKind::MissingSection, text });
        }
    }
    for sentence in report.sentences() {
        check_sentence(sentence, findings, &mut problems);
    }
    problems
}

fn check_sentence(sentence: &Sentence, findings: &[Finding], problems: &mut Vec<Problem>) {
    let text = sentence.text();
    let start = start_of(&text);
    let mut add = |kind, what: String| problems.push(Problem { sentence: Some(sentence.id), kind, text: what });
    let rests_on: Vec<&Finding> = findings.iter().filter(|f| sentence.evidence.contains(&f.id)).collect();

    match sentence.mark {
        SentenceMark::Rejected => {
            add(ProblemKind::Rejected, format!("“{start}” rests on a rejected finding: remove or rewrite it."));
        }
        SentenceMark::Stale => {
            add(
                ProblemKind::Stale,
                format!("“{start}” rests on a finding or mask that is gone: remove or rewrite it."),
            );
        }
        SentenceMark::None => {}
    }
    if sentence.kind == super::SentenceKind::Finding && sentence.evidence.is_empty() {
        add(ProblemKind::Evidence, format!("“{start}” claims a finding and rests on none: tie it to its evidence."));
    }
    if rests_on.len() < sentence.evidence.len() && sentence.mark != SentenceMark::Stale {
        add(ProblemKind::Evidence, format!("“{start}” rests on a finding that the case does not hold: remove it."));
    }
    if let Some((said, seen)) = wrong_side(&text, &rests_on) {
        add(ProblemKind::Side, format!("“{start}” says {said}, its evidence lies on the {seen}: correct one of them."));
    }
    for (found, instead) in wrong_numbers(sentence, &rests_on) {
        add(ProblemKind::Number, format!("“{start}” gives {found}, {instead}: compare them."));
    }
    if matches!(sentence.author, Author::Machine(_)) {
        for word in forbidden_words(&text) {
            add(ProblemKind::ForbiddenWord, format!("A machine wrote “{word}” in “{start}”: only a person may."));
        }
    }
    if sentence.kind == super::SentenceKind::Negative && matches!(sentence.author, Author::Machine(_)) {
        add(
            ProblemKind::Unreviewed,
            format!("“{start}” only says what a search did not propose: confirm or rewrite it."),
        );
    }
    if rests_on.iter().any(|f| f.is_unreviewed_ai()) && sentence.mark == SentenceMark::None {
        let what = format!("“{start}” rests on an AI proposal that nobody reviewed: accept, edit or reject it.");
        add(ProblemKind::Unreviewed, what);
    }
}

/// The words of a text that only a person may write.
pub fn forbidden_words(text: &str) -> Vec<&'static str> {
    let spaced: String =
        text.to_lowercase().chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' }).collect();
    let spaced = format!(" {} ", spaced.split_whitespace().collect::<Vec<_>>().join(" "));
    FORBIDDEN.into_iter().filter(|word| spaced.contains(&format!(" {word} "))).collect()
}

/// (said, seen) where the words name only one side and every sided finding lies on the other.
fn wrong_side(text: &str, rests_on: &[&Finding]) -> Option<(&'static str, &'static str)> {
    let says = |side| has_word(text, side);
    let said = match (says("right"), says("left")) {
        (true, false) => "right",
        (false, true) => "left",
        _ => return None,
    };
    let sides: Vec<&str> = rests_on.iter().filter_map(|f| side_of(f).or_else(|| side_in_words(f))).collect();
    let seen = if said == "right" { "left" } else { "right" };
    (!sides.is_empty() && sides.iter().all(|side| *side == seen)).then_some((said, seen))
}

fn side_in_words(finding: &Finding) -> Option<&'static str> {
    let in_words = |side| has_word(&finding.site, side) || has_word(&finding.label, side);
    match (in_words("right"), in_words("left")) {
        (true, false) => Some("right"),
        (false, true) => Some("left"),
        _ => None,
    }
}

/// Fields that are typed over or out of date, and lengths and volumes in words that no finding of the sentence measures.
fn wrong_numbers(sentence: &Sentence, rests_on: &[&Finding]) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for field in sentence.fields() {
        let now = rests_on.iter().find(|f| f.id == field.finding).and_then(|f| f.report_text(field.quantity));
        let shown = field.typed.as_ref().unwrap_or(&field.measured);
        match now {
            Some(now) if now != *shown => wrong.push((shown.clone(), format!("the image measures {now}"))),
            Some(_) => {}
            None => wrong.push((shown.clone(), "the finding measures no such thing".to_owned())),
        }
    }
    let measured: Vec<String> =
        rests_on.iter().flat_map(|f| Quantity::ALL.into_iter().filter_map(|q| f.report_text(q))).collect();
    if measured.is_empty() {
        return wrong;
    }
    for part in &sentence.parts {
        let super::Part::Text(text) = part else { continue };
        for number in numbers_with_units(text) {
            if !measured.contains(&number) {
                wrong.push((number, "which its findings do not measure".to_owned()));
            }
        }
    }
    wrong
}

/// "14 mm", "1.2 mL", "−35 HU" in running text; centimetres become millimetres.
fn numbers_with_units(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().map(|w| w.trim_matches(|c: char| "(),;:[]".contains(c))).collect();
    let pairs = words.windows(2).filter_map(|pair| {
        let number = pair[0].replace('-', "−");
        let value: f64 = pair[0].replace('−', "-").parse().ok()?;
        match pair[1].trim_end_matches('.') {
            unit @ ("mm" | "mL" | "HU") => Some(format!("{number} {unit}")),
            "ml" => Some(format!("{number} mL")),
            "cm" => Some(format!("{} mm", round_half_up(value * 10.0, 0))),
            _ => None,
        }
    });
    pairs.collect()
}

/// The first words, enough to find the sentence.
fn start_of(text: &str) -> String {
    let text = clean(text);
    match text.char_indices().nth(48) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text,
    }
}
