//! What viewports leave behind for pictures of them, while a camera is there: the drawing with its masks, the words in the
//! corners, measurements and boxes. Screen positions become physical pixels of the viewport.

use super::theme;
use super::viewport::Frame;
use crate::context::AppContext;
use crate::findings::Finding;
use crate::reading::print::{Drawing, View};
use crate::render::annotate::{BoxMark, CornerTexts, Line, Mark, MarkShape, Tone};
use crate::render::{MipDraw, PictureDraw, SliceDraw};
use crate::volume::{Picture, Segmentation};
use egui::{Color32, Pos2, Rect};

/// A plane was painted.
pub fn slice(ctx: &AppContext<'_>, frame: &Frame<'_>, draw: &SliceDraw, masks: Option<&Segmentation>) {
    if ctx.camera.is_some() {
        begin(ctx, frame, Drawing::Slice(draw.clone()), masks);
    }
}

/// A slab or a projection was painted.
pub fn mip(ctx: &AppContext<'_>, frame: &Frame<'_>, draw: &MipDraw, masks: Option<&Segmentation>) {
    if ctx.camera.is_some() {
        begin(ctx, frame, Drawing::Mip(draw.clone()), masks);
    }
}

/// A picture was painted.
pub fn flat(ctx: &AppContext<'_>, frame: &Frame<'_>, (index, image): (usize, &Picture), draw: &PictureDraw) {
    if ctx.camera.is_some() {
        let covered = ctx.view.overlays_shown && ctx.presentation_in(frame.viewport).is_none();
        let calibration = ctx.calibration(frame.series, image);
        begin(ctx, frame, Drawing::Flat { index, draw: draw.clone(), covered, calibration }, None);
    }
}

fn begin(ctx: &AppContext<'_>, frame: &Frame<'_>, drawing: Drawing, masks: Option<&Segmentation>) {
    let Some(camera) = ctx.camera else { return };
    let mut view = View::new(frame.series.loaded.clone(), drawing);
    view.masks = masks.map(|masks| masks.labelmap.clone());
    let second = ctx.over(frame.viewport).and_then(|(_, second, _)| second.loaded.volume());
    view.second = second.cloned();
    camera.begin(frame.viewport.id, view);
}

/// Words stand in the four corners: upper left, upper right, lower left, lower right.
pub fn words(ctx: &AppContext<'_>, frame: &Frame<'_>, corners: impl FnOnce() -> [Vec<Line>; 4]) {
    let Some(camera) = ctx.camera else { return };
    let [left_upper, right_upper, left_lower, mut right_lower] = corners();
    if ctx.presentation_in(frame.viewport).is_some() {
        let words = "drawings of the presentation state are not in this picture";
        right_lower.insert(0, Line::toned(words, Tone::Warning));
    }
    let corners = CornerTexts { left_upper, right_upper, left_lower, right_lower };
    camera.add(frame.viewport.id, |view| view.corners = corners);
}

/// How a line of this color matters.
pub fn tone(color: Color32, bold: bool) -> Tone {
    match (color, bold) {
        (theme::WARNING, _) => Tone::Warning,
        (theme::AI, _) => Tone::Ai,
        (_, true) => Tone::Strong,
        (_, false) => Tone::Plain,
    }
}

/// A finding was boxed.
pub fn boxed(ctx: &AppContext<'_>, frame: &Frame<'_>, finding: &Finding, rect: Rect) {
    let Some(camera) = ctx.camera else { return };
    let mark = BoxMark {
        min_px: frame.px(rect.min),
        max_px: frame.px(rect.max),
        label: finding.label.clone(),
        is_ai_proposal: finding.is_unreviewed_ai(),
    };
    camera.add(frame.viewport.id, |view| view.boxes.push(mark));
}

/// A line was drawn.
pub fn line(ctx: &AppContext<'_>, frame: &Frame<'_>, points: &[Pos2], color: Color32) {
    let points_px = || points.iter().map(|at| frame.px(*at)).collect();
    mark(ctx, frame, color, || MarkShape::Line { points_px: points_px(), filled: false });
}

/// Words were written with their left upper corner here.
pub fn text(ctx: &AppContext<'_>, frame: &Frame<'_>, at: Pos2, text: &str, size_pt: f32, color: Color32) {
    let size_px = size_pt * frame.scale;
    mark(ctx, frame, color, || MarkShape::Text { at_px: frame.px(at), size_px, text: text.to_owned() });
}

fn mark(ctx: &AppContext<'_>, frame: &Frame<'_>, color: Color32, shape: impl FnOnce() -> MarkShape) {
    let Some(camera) = ctx.camera else { return };
    let mark = Mark { shape: shape(), rgb: [color.r(), color.g(), color.b()] };
    camera.add(frame.viewport.id, |view| view.marks.push(mark));
}
