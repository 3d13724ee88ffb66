//! The report as PDF: A4, wrapped text that can be searched and copied, identity and "Not for clinical use" on every page.
//!
//! Two steps, so that "page n of m" is known: [`layout`] places texts and pictures on pages in points from the upper left,
//! then this module paints them. The same input gives the same bytes. Characters that the bundled font lacks are drawn
//! as a question mark in a diamond, stay themselves in copied text, and a line says so.

mod face;
mod layout;
pub mod sheets;

use super::{Report, ReportContext};
use face::Face;
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use layout::{Item, Layout};

/// The bundled family (SIL Open Font License).
const REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSans-Bold.ttf");

/// Why no PDF was made.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The bundled font is damaged.
    #[error("the bundled font cannot be read: rebuild the program")]
    Font,
    /// A key image is no usable PNG.
    #[error("key image {index} cannot be embedded ({reason}): render the key images again")]
    Picture {
        /// From 1.
        index: usize,
        /// What the decoder said.
        reason: String,
    },
    /// The writer refused.
    #[error("the PDF could not be put together ({0}): export the report as HTML instead")]
    Write(String),
}

/// The whole file.
pub fn pdf(report: &Report, ctx: &ReportContext<'_>) -> Result<Vec<u8>, PdfError> {
    let mut pictures = Vec::with_capacity(ctx.key_images.len());
    for (n, key) in ctx.key_images.iter().enumerate() {
        let image = Image::from_png(key.png.clone().into(), true);
        pictures.push(image.map_err(|reason| PdfError::Picture { index: n + 1, reason })?);
    }
    let sizes: Vec<(u32, u32)> = pictures.iter().map(Image::size).collect();
    let faces = faces()?;
    let pages = Layout::new(report, ctx, &faces, &sizes).pages();

    let mut document = Document::new();
    for items in &pages {
        let settings = PageSettings::from_wh(layout::WIDTH_PT, layout::HEIGHT_PT)
            .ok_or_else(|| PdfError::Write("page size".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for item in items {
            paint(&mut surface, item, &faces, &pictures);
        }
        surface.finish();
        page.finish();
    }
    let title = super::marks::title(report.is_signed(), ctx);
    let metadata = Metadata::new()
        .title(title)
        .description(super::NOT_FOR_CLINICAL_USE.to_owned())
        .creator(format!("fovea {}", ctx.program_version))
        .language("en".to_owned());
    document.set_metadata(metadata);
    document.finish().map_err(|error| PdfError::Write(error.to_string()))
}

/// Regular and bold.
fn faces() -> Result<[Face; 2], PdfError> {
    match (Face::new(REGULAR), Face::new(BOLD)) {
        (Some(regular), Some(bold)) => Ok([regular, bold]),
        _ => Err(PdfError::Font),
    }
}

fn paint(surface: &mut Surface<'_>, item: &Item, faces: &[Face; 2], pictures: &[Image]) {
    match item {
        Item::Text { x_pt, y_pt, size_pt, style, text } => {
            surface.set_fill(Some(fill(style.color_rgb)));
            let face = &faces[usize::from(style.bold)];
            let at = Point::from_xy(*x_pt, *y_pt);
            surface.draw_glyphs(at, &face.glyphs(text), face.font().clone(), text, *size_pt, false);
        }
        Item::Block { x_pt, y_pt, width_pt, height_pt, color_rgb } => {
            let mut path = PathBuilder::new();
            let Some(rect) = Rect::from_xywh(*x_pt, *y_pt, *width_pt, *height_pt) else { return };
            path.push_rect(rect);
            if let Some(path) = path.finish() {
                surface.set_fill(Some(fill(*color_rgb)));
                surface.draw_path(&path);
            }
        }
        Item::Picture { index, x_pt, y_pt, width_pt, height_pt } => {
            if let (Some(image), Some(size)) = (pictures.get(*index), Size::from_wh(*width_pt, *height_pt)) {
                surface.push_transform(&Transform::from_translate(*x_pt, *y_pt));
                surface.draw_image(image.clone(), size);
                surface.pop();
            }
        }
    }
}

fn fill([red, green, blue]: [u8; 3]) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}
