//! One face of the bundled family: how wide a text is, and which glyphs draw it.
//!
//! Glyphs keep the characters they stand for, so that extracted text is the original also where another glyph is drawn.
//! One glyph per character, without kerning or ligatures: what is measured is what is drawn. Widths are in em.

use ab_glyph::{Font as _, FontRef};
use krilla::text::{Font, GlyphId, KrillaGlyph};

/// Drawn for what the family lacks.
const STAND_IN: char = '\u{fffd}';

/// A font to measure and to draw with.
pub(super) struct Face {
    metrics: FontRef<'static>,
    units_per_em: f32,
    font: Font,
}

impl Face {
    /// `None` when the font cannot be read.
    pub fn new(bytes: &'static [u8]) -> Option<Self> {
        let metrics = FontRef::try_from_slice(bytes).ok()?;
        let units_per_em = metrics.units_per_em().filter(|units| *units > 0.0)?;
        Some(Self { metrics, units_per_em, font: Font::new(bytes.into(), 0)? })
    }

    /// What the PDF writer embeds.
    pub fn font(&self) -> &Font {
        &self.font
    }

    /// True when a character, or one that looks the same, is in the family.
    pub fn has(&self, c: char) -> bool {
        self.metrics.glyph_id(look_alike(c)).0 != 0
    }

    /// Sum of the advances, in em.
    pub fn width_em(&self, text: &str) -> f32 {
        text.chars().map(|c| self.advance_em(c)).sum()
    }

    /// The glyphs of a text, left to right.
    pub fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, c): (usize, char)| KrillaGlyph {
            glyph_id: GlyphId::new(u32::from(self.metrics.glyph_id(self.drawn(c)).0)),
            text_range: at..at + c.len_utf8(),
            x_advance: self.advance_em(c),
            x_offset: 0.0,
            y_offset: 0.0,
            y_advance: 0.0,
            location: None,
        };
        text.char_indices().map(glyph).collect()
    }

    fn drawn(&self, c: char) -> char {
        if self.has(c) { look_alike(c) } else { STAND_IN }
    }

    fn advance_em(&self, c: char) -> f32 {
        self.metrics.h_advance_unscaled(self.metrics.glyph_id(self.drawn(c))) / self.units_per_em
    }
}

/// The family has no minus sign; the figure dash has the width of a digit, as a minus sign has.
fn look_alike(c: char) -> char {
    match c {
        '−' => '\u{2012}',
        '\u{a0}' | '\u{202f}' => ' ',
        _ => c,
    }
}
