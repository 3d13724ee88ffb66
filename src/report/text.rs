//! The report as plain text, as it is copied with one key. Rejected sentences are left out: pasted text has no strike-through.

use super::marks::{self, NOT_FOR_CLINICAL_USE, clean};
use super::{Report, ReportContext, Sentence, SentenceMark};
use std::fmt::Write as _;

/// Sections with one sentence per line, "AI draft" and other marks in brackets behind it.
pub fn plain_text(report: &Report, ctx: &ReportContext<'_>) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}\n{}", marks::title(report.is_signed(), ctx), NOT_FOR_CLINICAL_USE);
    if ctx.phantom {
        let _ = writeln!(out, "Demonstration phantom: not a person");
    }
    let identity: Vec<String> =
        marks::identity(ctx.study).iter().map(|(what, value)| format!("{what}: {value}")).collect();
    let _ = writeln!(out, "{}\n{}", identity.join(" · "), marks::status_words(report));
    for section in &report.sections {
        let _ = writeln!(out, "\n{}", section.kind.title().to_uppercase());
        for sentence in section.sentences.iter().filter(|s| s.mark != SentenceMark::Rejected) {
            let _ = writeln!(out, "{}{}", clean(&sentence.text()), bracketed(sentence, ctx));
        }
    }
    let _ = writeln!(out, "\n{NOT_FOR_CLINICAL_USE}");
    out
}

fn bracketed(sentence: &Sentence, ctx: &ReportContext<'_>) -> String {
    let author = Some(marks::author_mark(sentence, ctx.findings)).filter(|words| !words.is_empty());
    let mark = marks::mark_words(sentence.mark).map(str::to_owned);
    let marks: Vec<String> = author.into_iter().chain(mark).map(|words| format!(" [{words}]")).collect();
    marks.concat()
}
