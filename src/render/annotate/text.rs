//! Text in the bundled font, light with a one-pixel dark outline, so that it reads on black and on white.

use crate::render::RgbaPicture;
use ab_glyph::{Font, FontRef, Glyph, GlyphId, PxScale, ScaleFont, point};
use std::sync::LazyLock;

/// Weight of the bundled family (Noto Sans, SIL Open Font License, `assets/fonts/OFL.txt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// For everything.
    Regular,
    /// For identity, letters and status.
    Bold,
}

/// Where the given x lies in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At its left end.
    Left,
    /// In its middle.
    Center,
    /// At its right end.
    Right,
}

static REGULAR: LazyLock<Option<FontRef<'static>>> =
    LazyLock::new(|| FontRef::try_from_slice(include_bytes!("../../../assets/fonts/NotoSans-Regular.ttf")).ok());
static BOLD: LazyLock<Option<FontRef<'static>>> =
    LazyLock::new(|| FontRef::try_from_slice(include_bytes!("../../../assets/fonts/NotoSans-Bold.ttf")).ok());

/// A bundled font; a test proves that both are readable.
fn font(face: Face) -> Option<&'static FontRef<'static>> {
    match face {
        Face::Regular => REGULAR.as_ref(),
        Face::Bold => BOLD.as_ref(),
    }
}

/// A character's glyph; the minus sign, which the bundled fonts lack, is drawn as a hyphen.
fn glyph(font: &FontRef<'_>, character: char) -> GlyphId {
    let id = font.glyph_id(character);
    if id.0 == 0 && character == '−' { font.glyph_id('-') } else { id }
}

/// Glyphs from x = 0 on, with ascent at y = 0, and the width of the line.
fn line(face: Face, size_px: f32, text: &str) -> (Vec<Glyph>, f32) {
    let Some(font) = font(face) else { return (Vec::new(), 0.0) };
    // `size_px` is the height of the em square, as in style sheets; ab_glyph scales ascent to descent.
    let em = font.units_per_em().unwrap_or(1000.0);
    let scale = PxScale::from(size_px * font.height_unscaled() / em);
    let scaled = font.as_scaled(scale);
    let (mut x, mut before, mut glyphs) = (0.0, None::<GlyphId>, Vec::new());
    for character in text.chars().filter(|c| !c.is_control()) {
        let id = glyph(font, character);
        x += before.map_or(0.0, |before| scaled.kern(before, id));
        glyphs.push(id.with_scale_and_position(scale, point(x, scaled.ascent())));
        x += scaled.h_advance(id);
        before = Some(id);
    }
    (glyphs, x)
}

/// Width of a line of text in pixels.
pub fn text_width_px(face: Face, size_px: f32, text: &str) -> f32 {
    line(face, size_px, text).1
}

/// The text, with its end replaced by "…" where it would be wider than `width_px`.
pub(super) fn shortened(face: Face, size_px: f32, text: &str, width_px: f32) -> String {
    if text_width_px(face, size_px, text) <= width_px {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let shorter: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
        if text_width_px(face, size_px, &shorter) <= width_px {
            return shorter;
        }
    }
    String::new()
}

/// Draws a line of text with its upper edge (ascent) at `at`. What lies outside the picture is cut off.
pub fn draw_text(
    picture: &mut RgbaPicture,
    face: Face,
    size_px: f32,
    at: [f32; 2],
    align: Align,
    rgb: [u8; 3],
    text: &str,
) {
    let (glyphs, width) = line(face, size_px, text);
    let left = match align {
        Align::Left => at[0],
        Align::Center => at[0] - width / 2.0,
        Align::Right => at[0] - width,
    };
    let mut mask = Mask::new(width, size_px);
    if let Some(font) = font(face) {
        for outlined in glyphs.into_iter().filter_map(|glyph| font.outline_glyph(glyph)) {
            let bounds = outlined.px_bounds();
            outlined.draw(|x, y, coverage| {
                mask.add(bounds.min.x as i64 + i64::from(x), bounds.min.y as i64 + i64::from(y), coverage);
            });
        }
    }
    mask.paint(picture, [left.round() as i64, at[1].round() as i64], rgb);
}

/// Coverage of a line of text, with room for its outline.
struct Mask {
    width: i64,
    height: i64,
    coverage: Vec<f32>,
}

/// Room around the text for its outline and for overhanging glyphs.
const PAD: i64 = 4;

impl Mask {
    fn new(width_px: f32, size_px: f32) -> Self {
        let width = width_px.ceil() as i64 + 2 * PAD;
        let height = (size_px * 1.6).ceil() as i64 + 2 * PAD;
        Self { width, height, coverage: vec![0.0; (width * height) as usize] }
    }

    fn index(&self, x: i64, y: i64) -> Option<usize> {
        let (x, y) = (x + PAD, y + PAD);
        ((0..self.width).contains(&x) && (0..self.height).contains(&y)).then_some((y * self.width + x) as usize)
    }

    fn at(&self, x: i64, y: i64) -> f32 {
        self.index(x, y).map_or(0.0, |n| self.coverage[n])
    }

    fn add(&mut self, x: i64, y: i64, coverage: f32) {
        if let Some(n) = self.index(x, y) {
            self.coverage[n] = (self.coverage[n] + coverage).min(1.0);
        }
    }

    fn paint(&self, picture: &mut RgbaPicture, [left, top]: [i64; 2], rgb: [u8; 3]) {
        for y in -PAD..self.height - PAD {
            for x in -PAD..self.width - PAD {
                let around = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)));
                let outline = around.map(|(dx, dy)| self.at(x + dx, y + dy)).fold(0.0, f32::max);
                if outline > 0.0 {
                    blend(picture, [left + x, top + y], [0; 3], outline * 0.85);
                    blend(picture, [left + x, top + y], rgb, self.at(x, y));
                }
            }
        }
    }
}

/// Mixes a color into a pixel; outside the picture nothing happens.
pub(super) fn blend(picture: &mut RgbaPicture, [x, y]: [i64; 2], rgb: [u8; 3], opacity: f32) {
    if !(0..i64::from(picture.width)).contains(&x) || !(0..i64::from(picture.height)).contains(&y) {
        return;
    }
    let at = 4 * (y as usize * picture.width as usize + x as usize);
    for (channel, color) in picture.rgba[at..at + 3].iter_mut().zip(rgb) {
        let below = f32::from(*channel);
        *channel = (below + (f32::from(color) - below) * opacity.clamp(0.0, 1.0)).round() as u8;
    }
}
