//! Pictures on landscape pages: whose they are above, "Not for clinical use" and the page number below. Points from the left
//! upper corner. The same input gives the same bytes.

use super::face::Face;
use super::{PdfError, faces, fill};
use crate::report::NOT_FOR_CLINICAL_USE;
use crate::report::marks::identity;
use crate::study::Study;
use krilla::Document;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::surface::Surface;

const MARGIN_PT: f32 = 24.0;
/// Room above for as many lines of identity as are shown, and below for one line.
const HEAD_PT: f32 = 30.0;
const FOOT_PT: f32 = 16.0;
const TEXT_PT: f32 = 8.0;
const LINE_PT: f32 = 10.5;
/// More lines of identity than this are counted.
const MOST_LINES: usize = 3;
const INK: [u8; 3] = [27, 31, 36];
const SOFT: [u8; 3] = [87, 96, 106];
const WARNING: [u8; 3] = [138, 83, 0];
const NOTE_FILL: [u8; 3] = [232, 235, 239];

/// Sizes of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    /// 297 × 210 mm.
    #[default]
    A4,
    /// 11 × 8.5 inches.
    Letter,
}

impl Paper {
    /// Width and height, landscape.
    fn size_pt(self) -> [f32; 2] {
        match self {
            Self::A4 => [841.89, 595.28],
            Self::Letter => [792.0, 612.0],
        }
    }

    /// What is free for pictures: left, top, width, height.
    pub fn area_pt(self) -> [f32; 4] {
        let [width, height] = self.size_pt();
        let top = MARGIN_PT + HEAD_PT;
        [MARGIN_PT, top, width - 2.0 * MARGIN_PT, height - top - MARGIN_PT - FOOT_PT]
    }
}

/// A picture at its place.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Columns.
    pub width_px: u32,
    /// Rows.
    pub height_px: u32,
    /// Red, green, blue, alpha.
    pub rgba: Vec<u8>,
    /// Left, top, width, height. The picture keeps its aspect in the middle of it.
    pub place_pt: [f32; 4],
}

/// One page.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Lines about whose pictures they are; true = to beware of.
    pub heading: Vec<(String, bool)>,
    /// Pictures.
    pub pictures: Vec<Placed>,
    /// Words where a picture is missing.
    pub notes: Vec<([f32; 4], String)>,
}

/// Everything about a study that tells whose it is, in one line.
pub fn identity_words(study: &Study) -> String {
    let all = identity(study);
    all.iter().map(|(what, value)| format!("{what} {value}")).collect::<Vec<_>>().join(" · ")
}

/// The whole file.
pub fn sheets(pages: &[Sheet], paper: Paper, generated: &str) -> Result<Vec<u8>, PdfError> {
    let faces = faces()?;
    let [width, height] = paper.size_pt();
    let mut document = Document::new();
    for (n, sheet) in pages.iter().enumerate() {
        let settings = PageSettings::from_wh(width, height).ok_or_else(|| PdfError::Write("page size".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let mut pen = Pen { surface: &mut surface, faces: &faces };
        pen.head(sheet, width - 2.0 * MARGIN_PT);
        for placed in &sheet.pictures {
            pen.picture(placed);
        }
        for (place_pt, words) in &sheet.notes {
            pen.note(*place_pt, words);
        }
        pen.foot([width, height], [n + 1, pages.len()], generated);
        surface.finish();
        page.finish();
    }
    let metadata = Metadata::new()
        .title("Pictures".to_owned())
        .description(NOT_FOR_CLINICAL_USE.to_owned())
        .creator(format!("fovea {}", env!("CARGO_PKG_VERSION")))
        .language("en".to_owned());
    document.set_metadata(metadata);
    document.finish().map_err(|error| PdfError::Write(error.to_string()))
}

struct Pen<'a, 'b> {
    surface: &'a mut Surface<'b>,
    faces: &'a [Face; 2],
}

impl Pen<'_, '_> {
    fn text(&mut self, [x_pt, y_pt]: [f32; 2], bold: bool, rgb: [u8; 3], text: &str) {
        let face = &self.faces[usize::from(bold)];
        self.surface.set_fill(Some(fill(rgb)));
        self.surface.draw_glyphs(
            Point::from_xy(x_pt, y_pt),
            &face.glyphs(text),
            face.font().clone(),
            text,
            TEXT_PT,
            false,
        );
    }

    fn width(&self, bold: bool, text: &str) -> f32 {
        self.faces[usize::from(bold)].width_em(text) * TEXT_PT
    }

    /// The beginning that fits, with "…" where something is missing.
    fn clipped(&self, text: &str, width_pt: f32) -> String {
        if self.width(true, text) <= width_pt {
            return text.to_owned();
        }
        let mut out = String::new();
        for c in text.chars() {
            out.push(c);
            if self.width(true, &out) + TEXT_PT > width_pt {
                break;
            }
        }
        out + "…"
    }

    fn head(&mut self, sheet: &Sheet, width_pt: f32) {
        let hidden = sheet.heading.len().saturating_sub(MOST_LINES);
        let shown = if hidden > 0 { MOST_LINES - 1 } else { sheet.heading.len() };
        let mut lines: Vec<(String, bool)> = sheet.heading[..shown].to_vec();
        if hidden > 0 {
            let rest = sheet.heading.len() - shown;
            lines.push((format!("and {rest} more studies: each picture says whose it is"), true));
        }
        for (n, (words, caution)) in lines.iter().enumerate() {
            let at = [MARGIN_PT, MARGIN_PT + TEXT_PT + n as f32 * LINE_PT];
            let words = self.clipped(words, width_pt);
            self.text(at, true, if *caution { WARNING } else { INK }, &words);
        }
    }

    fn foot(&mut self, [width, height]: [f32; 2], [n, count]: [usize; 2], generated: &str) {
        let y_pt = height - MARGIN_PT;
        self.text([MARGIN_PT, y_pt], true, WARNING, NOT_FOR_CLINICAL_USE);
        let made = format!("Printed by fovea {} at {generated}", env!("CARGO_PKG_VERSION"));
        let middle = (width - self.width(false, &made)) / 2.0;
        self.text([middle, y_pt], false, SOFT, &made);
        let number = format!("Page {n} of {count}");
        self.text([width - MARGIN_PT - self.width(false, &number), y_pt], false, SOFT, &number);
    }

    fn picture(&mut self, placed: &Placed) {
        let [left, top, width, height] = placed.place_pt;
        let (columns, rows) = (placed.width_px.max(1) as f32, placed.height_px.max(1) as f32);
        let per_px = (width / columns).min(height / rows);
        let (wide, high) = (columns * per_px, rows * per_px);
        let image = Image::from_rgba8(placed.rgba.clone(), placed.width_px, placed.height_px);
        let Some(size) = Size::from_wh(wide, high) else { return };
        let corner = Transform::from_translate(left + (width - wide) / 2.0, top + (height - high) / 2.0);
        self.surface.push_transform(&corner);
        self.surface.draw_image(image, size);
        self.surface.pop();
    }

    fn note(&mut self, [left, top, width, height]: [f32; 4], words: &str) {
        let mut path = PathBuilder::new();
        let Some(rect) = Rect::from_xywh(left, top, width, height) else { return };
        path.push_rect(rect);
        if let Some(path) = path.finish() {
            self.surface.set_fill(Some(fill(NOTE_FILL)));
            self.surface.draw_path(&path);
        }
        let words = self.clipped(words, width - 2.0 * TEXT_PT);
        self.text([left + TEXT_PT, top + height / 2.0], false, SOFT, &words);
    }
}
