//! Key images in a viewport: a star on a marked image.

use super::super::Frame;
use crate::context::AppContext;
use crate::reading;
use crate::ui::{icons, theme, widgets};
use egui::{Align2, Painter, pos2};

/// Indices of the marked slices or pictures of the series in a viewport.
pub fn marked_slices(ctx: &AppContext<'_>, frame: &Frame<'_>) -> Vec<usize> {
    let Some(case) = ctx.case else { return Vec::new() };
    let (key, loaded) = (frame.series.key(), &frame.series.loaded);
    let own = case.document.key_images().iter().filter(|mark| mark.series.key == key);
    let own: Vec<_> = own.collect();
    if own.is_empty() {
        return Vec::new();
    }
    // Naming an image looks at all of them: only the candidates are named.
    let may_be = |k: &usize| {
        let uid = loaded.instance(*k).map(|instance| &instance.sop_instance_uid);
        own.iter().any(|mark| Some(&mark.image.sop_instance_uid) == uid)
    };
    let is_marked = |k: &usize| reading::image_ref(loaded, *k).is_some_and(|image| own.iter().any(|m| m.is_of(&image)));
    (0..loaded.slices.len()).filter(may_be).filter(is_marked).collect()
}

/// A star below the letter of the upper edge when the image that is shown is marked.
pub fn star(painter: &Painter, ctx: &AppContext<'_>, frame: &Frame<'_>, marked: &[usize]) {
    if ctx.image_in(frame.viewport).is_some_and(|k| marked.contains(&k)) {
        let at = pos2(frame.rect.center().x, frame.rect.top() + 22.0);
        let font = theme::icons(theme::BODY_PT);
        widgets::outlined_text(painter, at, Align2::CENTER_TOP, &icons::KEY.to_string(), font, theme::ACCENT);
    }
}
