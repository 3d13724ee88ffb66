//! Places the report's texts and pictures on A4 pages. Points from the upper left corner; text is placed by its baseline.

use super::face::Face;
use crate::findings::{Finding, FindingKind, Quantity};
use crate::report::marks::{self, NOT_FOR_CLINICAL_USE, clean};
use crate::report::phrases::model_words;
use crate::report::{Report, ReportContext, Sentence, SentenceMark};

/// A4.
pub(super) const WIDTH_PT: f32 = 595.28;
pub(super) const HEIGHT_PT: f32 = 841.89;

const MARGIN_PT: f32 = 52.0;
const TOP_PT: f32 = 92.0;
const BOTTOM_PT: f32 = HEIGHT_PT - 62.0;
const COLUMN_PT: f32 = WIDTH_PT - 2.0 * MARGIN_PT;
const BODY_PT: f32 = 10.0;
const SMALL_PT: f32 = 8.0;
/// Distance of baselines in font sizes.
const LEADING: f32 = 1.42;
/// Pictures in a row of the evidence.
const PICTURES_PER_ROW: usize = 3;
const GUTTER_PT: f32 = 12.0;
const MOST_IDENTITY_LINES: usize = 5;
const TALLEST_PICTURE_PT: f32 = 190.0;

const INK: Style = Style { bold: false, color_rgb: [27, 31, 36] };
const STRONG: Style = Style { bold: true, color_rgb: [27, 31, 36] };
const SOFT: Style = Style { bold: false, color_rgb: [87, 96, 106] };
const FAINT: Style = Style { bold: false, color_rgb: [120, 128, 138] };
const HEADING: Style = Style { bold: true, color_rgb: [87, 96, 106] };
const AI: Style = Style { bold: false, color_rgb: [107, 63, 196] };
const WARNING: Style = Style { bold: true, color_rgb: [138, 83, 0] };
const BAD: Style = Style { bold: false, color_rgb: [179, 38, 30] };
const LINE_RGB: [u8; 3] = [208, 215, 222];

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub bold: bool,
    pub color_rgb: [u8; 3],
}

/// Something at its place on a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// One line of text, by the left end of its baseline.
    Text { x_pt: f32, y_pt: f32, size_pt: f32, style: Style, text: String },
    /// A filled rectangle.
    Block { x_pt: f32, y_pt: f32, width_pt: f32, height_pt: f32, color_rgb: [u8; 3] },
    /// A key image, by its index.
    Picture { index: usize, x_pt: f32, y_pt: f32, width_pt: f32, height_pt: f32 },
}

/// Fills pages from top to bottom.
pub(super) struct Layout<'a> {
    report: &'a Report,
    ctx: &'a ReportContext<'a>,
    picture_sizes_px: &'a [(u32, u32)],
    faces: &'a [Face; 2],
    pages: Vec<Vec<Item>>,
    /// Where the next line's top is.
    y_pt: f32,
    /// True once a character had to be replaced.
    lacks_glyphs: bool,
}

impl<'a> Layout<'a> {
    /// `faces`: regular and bold. `picture_sizes_px`: of the key images, in their order.
    pub fn new(
        report: &'a Report,
        ctx: &'a ReportContext<'a>,
        faces: &'a [Face; 2],
        picture_sizes_px: &'a [(u32, u32)],
    ) -> Self {
        Self { report, ctx, picture_sizes_px, faces, pages: vec![Vec::new()], y_pt: TOP_PT, lacks_glyphs: false }
    }

    /// All pages, headers and footers included.
    pub fn pages(mut self) -> Vec<Vec<Item>> {
        self.title();
        for section in &self.report.sections {
            self.heading(section.kind.title());
            for sentence in &section.sentences {
                self.sentence(sentence);
            }
        }
        self.evidence();
        self.pictures();
        self.closing();
        self.frame();
        self.pages
    }

    fn title(&mut self) {
        let title = marks::title(self.report.is_signed(), self.ctx);
        self.lines(&title, 17.0, STRONG, MARGIN_PT, COLUMN_PT);
        self.lines(&marks::status_words(self.report), BODY_PT, SOFT, MARGIN_PT, COLUMN_PT);
        if self.ctx.phantom {
            self.lines("Demonstration phantom: not a person", BODY_PT, WARNING, MARGIN_PT, COLUMN_PT);
        }
        self.y_pt += 4.0;
        let third = COLUMN_PT / 3.0;
        for row in marks::identity(self.ctx.study).chunks(3) {
            let top = self.y_pt;
            let mut most = 1;
            for (n, (what, value)) in row.iter().enumerate() {
                let x = MARGIN_PT + third * n as f32;
                self.line_at(what, SMALL_PT, SOFT, x, top + SMALL_PT);
                // Names are shown whole; what is longer than a name can be is cut.
                let lines = self.wrap(value, BODY_PT, STRONG, third - GUTTER_PT);
                for (line, text) in lines.iter().take(MOST_IDENTITY_LINES).enumerate() {
                    let baseline = top + SMALL_PT + 13.0 + line as f32 * BODY_PT * LEADING;
                    let last = line + 1 == MOST_IDENTITY_LINES && lines.len() > MOST_IDENTITY_LINES;
                    let text = if last { format!("{text}…") } else { text.clone() };
                    self.line_at(&text, BODY_PT, STRONG, x, baseline);
                }
                most = most.max(lines.len().min(MOST_IDENTITY_LINES));
            }
            self.y_pt = top + 30.0 + (most - 1) as f32 * BODY_PT * LEADING;
        }
    }

    fn heading(&mut self, title: &str) {
        self.y_pt += 9.0;
        // A heading takes its first sentence with it.
        self.need(24.0 + 2.0 * BODY_PT * LEADING);
        let baseline = self.y_pt + SMALL_PT + 2.0;
        self.line_at(&title.to_uppercase(), SMALL_PT + 0.5, HEADING, MARGIN_PT, baseline);
        self.block(MARGIN_PT, baseline + 4.0, COLUMN_PT, 0.6, LINE_RGB);
        self.y_pt = baseline + 8.0;
    }

    /// A sentence stays on one page where it fits on one, and its marks come after it: extracted text keeps it whole.
    fn sentence(&mut self, sentence: &Sentence) {
        let text = clean(&sentence.text());
        let author = marks::author_mark(sentence, self.ctx.findings);
        let rejected = sentence.mark == SentenceMark::Rejected;
        let is_ai = author.starts_with("AI");
        let lines = self.wrap(&text, BODY_PT, INK, COLUMN_PT - 10.0);
        let height = lines.len() as f32 * BODY_PT * LEADING;
        self.need(height.min(BOTTOM_PT - TOP_PT));
        let (page, top) = (self.pages.len(), self.y_pt);
        let style = if rejected { FAINT } else { INK };
        let mut end_pt = 0.0;
        for line in &lines {
            end_pt = self.width(line, BODY_PT, style);
            self.put_line(line, BODY_PT, style, MARGIN_PT + 10.0);
            if rejected {
                self.block(MARGIN_PT + 10.0, self.y_pt - BODY_PT * 0.68, end_pt, 0.6, FAINT.color_rgb);
            }
        }
        if is_ai && page == self.pages.len() {
            self.block(MARGIN_PT, top + 2.0, 2.0, self.y_pt - top - 3.0, AI.color_rgb);
        }
        let marks =
            [(author, if is_ai { AI } else { SOFT }), (marks::mark_words(sentence.mark).unwrap_or("").to_owned(), BAD)];
        for (words, style) in marks.into_iter().filter(|(words, _)| !words.is_empty()) {
            end_pt = self.mark(&format!("[{words}]"), style, end_pt);
        }
        self.y_pt += 2.5;
    }

    /// Behind the last line where there is room, else below it; returns where it ends.
    fn mark(&mut self, words: &str, style: Style, end_pt: f32) -> f32 {
        let width = self.width(words, SMALL_PT, style);
        if end_pt + 8.0 + width <= COLUMN_PT - 10.0 {
            let baseline = self.y_pt - BODY_PT * (LEADING - 1.0) - 1.2;
            self.line_at(words, SMALL_PT, style, MARGIN_PT + 10.0 + end_pt + 8.0, baseline);
            return end_pt + 8.0 + width;
        }
        self.lines(words, SMALL_PT, style, MARGIN_PT + 10.0, COLUMN_PT - 10.0);
        COLUMN_PT
    }

    /// One line per finding: what was measured, and by whom.
    fn evidence(&mut self) {
        if self.ctx.findings.is_empty() {
            return;
        }
        self.heading("Evidence");
        for finding in self.ctx.findings {
            let text = evidence_line(finding);
            self.lines(&text, SMALL_PT + 0.5, SOFT, MARGIN_PT + 10.0, COLUMN_PT - 10.0);
        }
    }

    fn pictures(&mut self) {
        if self.picture_sizes_px.is_empty() {
            return;
        }
        self.heading("Key images");
        let width = (COLUMN_PT - GUTTER_PT * (PICTURES_PER_ROW - 1) as f32) / PICTURES_PER_ROW as f32;
        let all: Vec<usize> = (0..self.picture_sizes_px.len()).collect();
        for row in all.chunks(PICTURES_PER_ROW) {
            self.picture_row(row, width);
        }
    }

    fn picture_row(&mut self, row: &[usize], width: f32) {
        let fitted: Vec<(f32, f32)> = row.iter().map(|&n| fit(self.picture_sizes_px[n], width)).collect();
        let captions: Vec<Vec<String>> = row
            .iter()
            .map(|&n| {
                let caption = clean(&self.ctx.key_images[n].caption);
                let mut lines = self.wrap(&caption, SMALL_PT, SOFT, width);
                lines.truncate(4);
                lines
            })
            .collect();
        let tallest = fitted.iter().fold(0.0f32, |most, size| most.max(size.1));
        let lines = captions.iter().map(Vec::len).max().unwrap_or(0);
        let height = tallest + 4.0 + lines as f32 * SMALL_PT * LEADING + 8.0;
        self.need(height);
        let top = self.y_pt;
        for (n, &index) in row.iter().enumerate() {
            let x = MARGIN_PT + n as f32 * (width + GUTTER_PT);
            let (w, h) = fitted[n];
            self.page().push(Item::Picture { index, x_pt: x, y_pt: top, width_pt: w, height_pt: h });
            for (line, text) in captions[n].iter().enumerate() {
                let baseline = top + tallest + 4.0 + SMALL_PT + line as f32 * SMALL_PT * LEADING;
                self.line_at(text, SMALL_PT, SOFT, x, baseline);
            }
        }
        self.y_pt = top + height;
    }

    /// Notices of models, files left out, and what the font could not show.
    fn closing(&mut self) {
        self.y_pt += 8.0;
        let omitted = self.ctx.omitted.iter().map(|o| format!("Left out: {}, {}", o.file, o.reason));
        let mut notes: Vec<String> = self.ctx.model_notices.iter().cloned().chain(omitted).collect();
        notes.push(format!("Study {} · series {}", self.ctx.study.uid, self.ctx.series.uid));
        notes.push(format!("Laid out by fovea {} at {}", self.ctx.program_version, self.ctx.generated));
        for note in notes {
            self.lines(&clean(&note), SMALL_PT, SOFT, MARGIN_PT, COLUMN_PT);
        }
        if self.lacks_glyphs {
            let note = "Characters that this file's font lacks are shown as \u{fffd}; the HTML report shows them.";
            self.lines(note, SMALL_PT, WARNING, MARGIN_PT, COLUMN_PT);
        }
    }

    /// Identity, notice and page number on every page.
    fn frame(&mut self) {
        let count = self.pages.len();
        let identity: Vec<String> = marks::identity(self.ctx.study)
            .iter()
            .map(|(what, value)| format!("{what} {}", shortened(value)))
            .collect();
        let identity = self.clipped(&identity.join(" · "), SMALL_PT, SOFT, COLUMN_PT);
        for n in 0..count {
            let number = format!("Page {} of {count}", n + 1);
            let right = MARGIN_PT + COLUMN_PT - self.width(&number, SMALL_PT, SOFT);
            let mut framed = Vec::new();
            let mut text = |text: &str, style: Style, x_pt: f32, y_pt: f32| {
                framed.push(Item::Text { x_pt, y_pt, size_pt: SMALL_PT, style, text: text.to_owned() });
            };
            text(NOT_FOR_CLINICAL_USE, WARNING, MARGIN_PT, 46.0);
            text(&number, SOFT, right, 46.0);
            text(&identity, SOFT, MARGIN_PT, 60.0);
            text(NOT_FOR_CLINICAL_USE, WARNING, MARGIN_PT, HEIGHT_PT - 38.0);
            let status = if self.report.is_signed() { "Signed report" } else { "Draft, not signed" };
            text(status, SOFT, MARGIN_PT + 120.0, HEIGHT_PT - 38.0);
            for y_pt in [67.0, HEIGHT_PT - 52.0] {
                framed.push(Item::Block {
                    x_pt: MARGIN_PT,
                    y_pt,
                    width_pt: COLUMN_PT,
                    height_pt: 0.6,
                    color_rgb: LINE_RGB,
                });
            }
            self.pages[n].splice(0..0, framed);
        }
    }

    fn page(&mut self) -> &mut Vec<Item> {
        if self.pages.is_empty() {
            self.pages.push(Vec::new());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    /// Starts a page unless `height_pt` still fits on this one.
    fn need(&mut self, height_pt: f32) {
        if self.y_pt + height_pt > BOTTOM_PT && self.y_pt > TOP_PT {
            self.pages.push(Vec::new());
            self.y_pt = TOP_PT;
        }
    }

    fn block(&mut self, x_pt: f32, y_pt: f32, width_pt: f32, height_pt: f32, color_rgb: [u8; 3]) {
        self.page().push(Item::Block { x_pt, y_pt, width_pt, height_pt, color_rgb });
    }

    /// Wrapped lines, each on the page where it fits.
    fn lines(&mut self, text: &str, size_pt: f32, style: Style, x_pt: f32, width_pt: f32) {
        for line in self.wrap(text, size_pt, style, width_pt) {
            self.put_line(&line, size_pt, style, x_pt);
        }
    }

    fn put_line(&mut self, line: &str, size_pt: f32, style: Style, x_pt: f32) {
        self.need(size_pt * LEADING);
        let baseline = self.y_pt + size_pt * 1.05;
        self.line_at(line, size_pt, style, x_pt, baseline);
        self.y_pt += size_pt * LEADING;
    }

    fn line_at(&mut self, text: &str, size_pt: f32, style: Style, x_pt: f32, y_pt: f32) {
        if text.is_empty() {
            return;
        }
        let face = self.face(style);
        self.lacks_glyphs |= !text.chars().all(|c| face.has(c));
        self.page().push(Item::Text { x_pt, y_pt, size_pt, style, text: text.to_owned() });
    }

    fn face(&self, style: Style) -> &'a Face {
        &self.faces[usize::from(style.bold)]
    }

    /// Sum of the advances, in points.
    fn width(&self, text: &str, size_pt: f32, style: Style) -> f32 {
        self.face(style).width_em(text) * size_pt
    }

    /// Lines no wider than `width_pt`, broken at spaces, or within words that are wider than a line.
    fn wrap(&self, text: &str, size_pt: f32, style: Style, width_pt: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let (mut line, mut used) = (String::new(), 0.0);
        let space = self.width(" ", size_pt, style);
        for word in text.split_whitespace() {
            let width = self.width(word, size_pt, style);
            if !line.is_empty() && used + space + width > width_pt {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            if !line.is_empty() {
                line.push(' ');
                used += space;
            }
            if used + width <= width_pt {
                line.push_str(word);
                used += width;
                continue;
            }
            for c in word.chars() {
                let advance = self.width(c.encode_utf8(&mut [0; 4]), size_pt, style);
                if !line.is_empty() && used + advance > width_pt {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(c);
                used += advance;
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// The beginning that fits, with "…" where something is missing.
    fn clipped(&self, text: &str, size_pt: f32, style: Style, width_pt: f32) -> String {
        let mut used = self.width("…", size_pt, style);
        let mut out = String::new();
        for c in text.chars() {
            used += self.width(c.encode_utf8(&mut [0; 4]), size_pt, style);
            if used > width_pt {
                // Without the ellipsis the rest may still fit.
                let whole = self.width(text, size_pt, style) <= width_pt;
                return if whole { text.to_owned() } else { out + "…" };
            }
            out.push(c);
        }
        out
    }
}

/// Long names leave room for the rest of the identity.
fn shortened(value: &str) -> String {
    match value.char_indices().nth(32) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value.to_owned(),
    }
}

/// Size on paper: as wide as its column, but not too tall.
fn fit((columns, rows): (u32, u32), width_pt: f32) -> (f32, f32) {
    let ratio = rows.max(1) as f32 / columns.max(1) as f32;
    let height = (width_pt * ratio).min(TALLEST_PICTURE_PT);
    (height / ratio, height)
}

fn evidence_line(finding: &Finding) -> String {
    use crate::findings::Provenance;
    let mut said = vec![clean(&finding.label)];
    if let Some(measures) = &finding.measures {
        let axes: &[Quantity] =
            if finding.kind == FindingKind::Lesion { &[Quantity::LongAxis, Quantity::ShortAxis] } else { &[] };
        let axes: Vec<String> = axes.iter().filter_map(|q| q.report_text(measures)).collect();
        if !axes.is_empty() {
            said.push(axes.join(" × "));
        }
        said.extend(Quantity::Volume.report_text(measures));
        let spread = Quantity::Sd.report_text(measures).map(|sd| format!(" (SD {sd})")).unwrap_or_default();
        said.extend(Quantity::Mean.report_text(measures).map(|mean| format!("mean {mean}{spread}")));
    }
    said.push(match &finding.provenance {
        Provenance::Person(person) => format!("marked by {}", clean(person)),
        Provenance::Model(model) => format!("AI {}, {}", finding.state.as_str(), model_words(model)),
    });
    format!("{}: {}", clean(&finding.id.0), said.join(" · "))
}
