//! The report as one HTML file that opens offline: no script, no outside reference, pictures inside as `data:`.
//!
//! Each sentence links to the cards of the findings it rests on. Every text is escaped; a content security policy forbids
//! what an escape might miss. Sentences stand unbroken by markup, so that any text search finds them.

use super::marks::{self, NOT_FOR_CLINICAL_USE, clean};
use super::phrases::model_words;
use super::{KeyImage, Report, ReportContext, Sentence, SentenceMark};
use crate::findings::{Finding, FindingKind, Provenance, Quantity};
use std::fmt::Write as _;

const STYLE: &str = include_str!("../../assets/report.css");

/// The whole page.
pub fn html(report: &Report, ctx: &ReportContext<'_>) -> String {
    let mut out = String::with_capacity(32_768);
    let title = escape(&marks::title(report.is_signed(), ctx));
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <p class=\"notice\" role=\"note\">{NOT_FOR_CLINICAL_USE}</p>\n"
    );
    header(&mut out, report, ctx, &title);
    out.push_str("<main>\n");
    for section in &report.sections {
        let _ = writeln!(out, "<section>\n<h2>{}</h2>\n<ul class=\"sentences\">", section.kind.title());
        for sentence in &section.sentences {
            sentence_item(&mut out, sentence, ctx);
        }
        out.push_str("</ul>\n</section>\n");
    }
    evidence(&mut out, ctx);
    out.push_str("</main>\n");
    footer(&mut out, ctx);
    let _ = writeln!(out, "<p class=\"notice end\" role=\"note\">{NOT_FOR_CLINICAL_USE}</p>\n</body>\n</html>");
    out
}

fn header(out: &mut String, report: &Report, ctx: &ReportContext<'_>, title: &str) {
    let _ =
        writeln!(out, "<header>\n<h1>{title}</h1>\n<p class=\"status\">{}</p>", escape(&marks::status_words(report)));
    if ctx.phantom {
        out.push_str("<p class=\"status\"><strong>Demonstration phantom: not a person</strong></p>\n");
    }
    out.push_str("<dl class=\"identity\">\n");
    for (what, value) in marks::identity(ctx.study) {
        let _ = writeln!(out, "<div><dt>{what}</dt><dd>{}</dd></div>", escape(&value));
    }
    out.push_str("</dl>\n</header>\n");
}

fn sentence_item(out: &mut String, sentence: &Sentence, ctx: &ReportContext<'_>) {
    let author = marks::author_mark(sentence, ctx.findings);
    let rejected = sentence.mark == SentenceMark::Rejected;
    let class = match (author.starts_with("AI"), rejected) {
        (true, true) => " class=\"ai rejected\"",
        (true, false) => " class=\"ai\"",
        (false, true) => " class=\"rejected\"",
        (false, false) => "",
    };
    let text = escape(&clean(&sentence.text()));
    let shown = sentence.evidence.iter().find_map(|id| ctx.findings.iter().position(|f| f.id == *id));
    let said = shown.map_or_else(|| text.clone(), |n| format!("<a href=\"#finding-{}\">{text}</a>", n + 1));
    let _ = write!(out, "<li id=\"sentence-{}\"{class}><span class=\"said\">{said}</span>", sentence.id.0);
    if !author.is_empty() {
        let ai = if author.starts_with("AI") { " ai" } else { "" };
        let _ = write!(out, " <span class=\"mark{ai}\">{}</span>", escape(&author));
    }
    if let Some(words) = marks::mark_words(sentence.mark) {
        let _ = write!(out, " <span class=\"mark bad\">{words}</span>");
    }
    out.push_str("</li>\n");
}

/// One card per finding, and the pictures that belong to none.
fn evidence(out: &mut String, ctx: &ReportContext<'_>) {
    let loose: Vec<&KeyImage> =
        ctx.key_images.iter().filter(|k| k.finding.as_ref().is_none_or(|id| ctx.finding(id).is_none())).collect();
    if ctx.findings.is_empty() && loose.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>Evidence</h2>\n<div class=\"cards\">\n");
    for (n, finding) in ctx.findings.iter().enumerate() {
        card(out, n + 1, finding, ctx);
    }
    for image in loose {
        out.push_str("<div class=\"card\">\n");
        figure(out, image);
        out.push_str("</div>\n");
    }
    out.push_str("</div>\n</section>\n");
}

fn card(out: &mut String, n: usize, finding: &Finding, ctx: &ReportContext<'_>) {
    let label = escape(&clean(&finding.label));
    let _ = writeln!(out, "<article class=\"card\" id=\"finding-{n}\">");
    for image in ctx.key_images.iter().filter(|k| k.finding.as_ref() == Some(&finding.id)) {
        figure(out, image);
    }
    let _ = writeln!(out, "<h3>{label}</h3>");
    let (mark, class) = card_mark(finding);
    let _ = writeln!(out, "<span class=\"mark{class}\">{}</span>\n<table>", escape(&mark));
    let mut row = |what: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "<tr><th scope=\"row\">{what}</th><td>{}</td></tr>", escape(value));
        }
    };
    row("Site", &clean(&finding.site));
    if let Some(measures) = &finding.measures {
        let shown = |quantity: Quantity| quantity.report_text(measures).unwrap_or_default();
        if finding.kind == FindingKind::Lesion {
            row("Long axis", &shown(Quantity::LongAxis));
            row("Short axis", &shown(Quantity::ShortAxis));
        }
        row("Volume", &shown(Quantity::Volume));
        row("Mean", &shown(Quantity::Mean));
        row("SD", &shown(Quantity::Sd));
        if measures.touches_border {
            row("Extent", "reaches the edge of the images");
        }
    }
    if let Some(score) = finding.score.filter(|s| s.is_finite()) {
        row("Score (no probability)", &format!("{score:.2}"));
    }
    let source = match &finding.provenance {
        Provenance::Person(person) => format!("Marked by {}", clean(person)),
        Provenance::Model(model) => model_words(model),
    };
    let _ =
        writeln!(out, "</table>\n<p>{} · finding {}</p>\n</article>", escape(&source), escape(&clean(&finding.id.0)));
}

fn card_mark(finding: &Finding) -> (String, &'static str) {
    use crate::findings::FindingState as State;
    let by = clean(&finding.reviewer);
    let by = if by.is_empty() { "a reader".to_owned() } else { by };
    match (&finding.provenance, finding.state) {
        (Provenance::Person(_), State::Rejected) => (format!("rejected by {by}"), " bad"),
        (Provenance::Person(_), _) => ("marked by a person".to_owned(), ""),
        (Provenance::Model(_), State::Proposed) => ("AI proposal, not reviewed".to_owned(), " ai"),
        (Provenance::Model(_), State::Accepted) => (format!("AI, accepted by {by}"), " ai"),
        (Provenance::Model(_), State::Edited) => (format!("AI, edited by {by}"), " ai"),
        (Provenance::Model(_), State::Rejected) => (format!("AI, rejected by {by}"), " bad"),
    }
}

fn figure(out: &mut String, image: &KeyImage) {
    let caption = escape(&clean(&image.caption));
    let data = base64(&image.png);
    let _ = writeln!(
        out,
        "<figure><img alt=\"Key image: {caption}\" src=\"data:image/png;base64,{data}\">\
         <figcaption>{caption}</figcaption></figure>"
    );
}

fn footer(out: &mut String, ctx: &ReportContext<'_>) {
    out.push_str("<footer>\n");
    for notice in ctx.model_notices {
        let _ = writeln!(out, "<p>{}</p>", escape(&clean(notice)));
    }
    for omitted in ctx.omitted {
        let _ =
            writeln!(out, "<p>Left out: {}, {}</p>", escape(&clean(&omitted.file)), escape(&clean(&omitted.reason)));
    }
    let _ = writeln!(
        out,
        "<p>Study {} · series {}</p>\n<p>Laid out by fovea {} at {}</p>\n</footer>",
        escape(&clean(&ctx.study.uid)),
        escape(&clean(&ctx.series.uid)),
        escape(&clean(ctx.program_version)),
        escape(&clean(ctx.generated))
    );
}

/// A text as HTML, safe in elements and quoted attributes. Beyond the five usual characters, those that could spell a
/// reference to a network ("src=", "url(", "@import") are escaped too, so that not even a text search finds one.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut last = ' ';
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '=' => out.push_str("&#61;"),
            '@' => out.push_str("&#64;"),
            '`' => out.push_str("&#96;"),
            '(' if last.is_alphanumeric() => out.push_str("&#40;"),
            _ => out.push(c),
        }
        last = c;
    }
    out
}

/// RFC 4648, with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, &b| word << 8 | u32::from(b)) << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * n) & 63) as usize];
            out.push(if n <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}
