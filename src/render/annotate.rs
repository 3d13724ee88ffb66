//! Words and marks drawn into a finished picture on the CPU: patient banner, orientation letters, scale bar, window
//! values, slice position, boxes, the AI mark, and "Not for clinical use". Used for key images and `fovea render`.
//!
//! Space: picture pixels, (0, 0) = left upper corner. What is said is decided in [`CornerTexts`] and [`ScaleBar`], which
//! the window shows too, so that screen and export never disagree. Nothing is drawn over the middle of the picture.

mod drawing;
mod marks;
mod scale;
mod text;
mod words;

pub use drawing::{Mark, MarkShape, draw_marks};
pub use marks::{BoxMark, box_on_plane};
pub use scale::ScaleBar;
pub use text::{Align, Face, draw_text, text_width_px};
pub use words::{CornerTexts, NOT_FOR_CLINICAL_USE, Shown, picture_letters, plain_date, turned_letters};

use super::RgbaPicture;

/// Text over pictures (`look.md`, text).
pub const TEXT_RGB: [u8; 3] = [0xE6, 0xE9, 0xED];
/// What AI proposes (`look.md`).
pub const AI_RGB: [u8; 3] = [0xB4, 0x8C, 0xFF];
/// Warnings (`look.md`, amber).
pub const WARNING_RGB: [u8; 3] = [0xFF, 0xB0, 0x20];

/// Everything that is drawn over a picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotations {
    /// Words in the corners.
    pub corners: CornerTexts,
    /// Letters at the left, right, top and bottom edge; empty ones are left out, never guessed.
    pub letters: [String; 4],
    /// Bar and where its unit comes from.
    pub scale: Option<ScaleBar>,
    /// Boxes of findings.
    pub boxes: Vec<BoxMark>,
}

/// Draws annotations into a picture. Text grows with the picture: 9 px high at 256 pixels, 11 px from about 700.
pub fn annotate(picture: &mut RgbaPicture, annotations: &Annotations) {
    let layout = Layout::of(picture);
    for mark in &annotations.boxes {
        marks::draw_box(picture, mark, layout.font_px);
    }
    let [left, right] = layout.columns(&annotations.letters);
    corner(picture, &layout, &annotations.corners.left_upper, Align::Left, true, left);
    corner(picture, &layout, &annotations.corners.right_upper, Align::Right, true, right);
    corner(picture, &layout, &annotations.corners.left_lower, Align::Left, false, left);
    corner(picture, &layout, &annotations.corners.right_lower, Align::Right, false, right);
    if let Some(scale) = &annotations.scale {
        let lines = annotations.corners.right_lower.len() as f32;
        let bottom = layout.height - layout.margin - lines * layout.line_px - layout.line_px * 0.4;
        scale::draw(picture, scale, [layout.width - layout.margin, bottom], layout.font_px, right);
    }
    letters(picture, &layout, &annotations.letters);
}

/// A line in a corner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The words.
    pub text: String,
    /// How they matter.
    pub tone: Tone,
}

/// How a line matters; decides face and color, never alone: the words say it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Plain information.
    Plain,
    /// Identity and status: bold.
    Strong,
    /// Something that is not as it should be.
    Warning,
    /// Proposed by AI and not yet confirmed.
    Ai,
}

impl Line {
    /// A plain line.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    /// A line of a tone.
    pub fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }
}

/// Sizes that follow from the picture's size.
struct Layout {
    width: f32,
    height: f32,
    font_px: f32,
    line_px: f32,
    margin: f32,
}

impl Layout {
    fn of(picture: &RgbaPicture) -> Self {
        let (width, height) = (picture.width as f32, picture.height as f32);
        let font_px = (6.5 + width.min(height) / 110.0).clamp(8.0, 22.0);
        Self { width, height, font_px, line_px: (font_px * 1.3).ceil(), margin: (font_px * 0.5).ceil() }
    }

    /// Greatest widths of the left and the right corners: half of the picture less what the letters at top and bottom need.
    fn columns(&self, letters: &[String; 4]) -> [f32; 2] {
        let letter = |text: &String| text_width_px(Face::Bold, self.letter_px(), text);
        let middle = letter(&letters[2]).max(letter(&letters[3])) / 2.0;
        let half = (self.width / 2.0 - middle - 2.0 * self.margin).max(0.0);
        [half, half]
    }

    fn letter_px(&self) -> f32 {
        self.font_px * 1.35
    }
}

fn corner(picture: &mut RgbaPicture, layout: &Layout, lines: &[Line], align: Align, is_upper: bool, width: f32) {
    let x = if align == Align::Left { layout.margin } else { layout.width - layout.margin };
    // Corner blocks never reach the middle third.
    let most = ((layout.height * 0.4 - layout.margin) / layout.line_px).max(1.0) as usize;
    let shown = if is_upper { &lines[..lines.len().min(most)] } else { &lines[lines.len().saturating_sub(most)..] };
    let top =
        if is_upper { layout.margin } else { layout.height - layout.margin - shown.len() as f32 * layout.line_px };
    for (n, line) in shown.iter().enumerate() {
        let face = if line.tone == Tone::Strong { Face::Bold } else { Face::Regular };
        let rgb = match line.tone {
            Tone::Plain | Tone::Strong => TEXT_RGB,
            Tone::Warning => WARNING_RGB,
            Tone::Ai => AI_RGB,
        };
        let words = text::shortened(face, layout.font_px, &line.text, width);
        draw_text(picture, face, layout.font_px, [x, top + n as f32 * layout.line_px], align, rgb, &words);
    }
}

fn letters(picture: &mut RgbaPicture, layout: &Layout, letters: &[String; 4]) {
    let size = layout.letter_px();
    let (margin, width, height) = (layout.margin, layout.width, layout.height);
    let middle = height / 2.0 - size * 0.6;
    let places = [
        ([margin, middle], Align::Left),
        ([width - margin, middle], Align::Right),
        ([width / 2.0, margin], Align::Center),
        ([width / 2.0, height - margin - size * 1.2], Align::Center),
    ];
    for (letter, (at, align)) in letters.iter().zip(places) {
        draw_text(picture, Face::Bold, size, at, align, TEXT_RGB, letter);
    }
}
