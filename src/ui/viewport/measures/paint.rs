//! Painting of measurements: light lines with a one-pixel dark outline, handles, values.

use super::Canvas;
use super::labels::{self, LINE, Label};
use super::marks::{Look, Mark};
use crate::context::AppContext;
use crate::findings::measurement::Shape as Measured;
use crate::ui::{camera, theme, widgets};
use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, Ui, Vec2, pos2, vec2};

/// Width of a shape's lines.
const WIDTH: f32 = 1.5;
/// Radius of a handle.
const HANDLE: f32 = 4.0;
/// Half of a cross at a point, length of an arrow's head, and radius of an angle's arc.
const CROSS: f32 = 6.0;
const HEAD: f32 = 11.0;
const ARC: f32 = 16.0;
/// Half of the strokes at the ends of a length.
const END: f32 = 4.0;

/// Paints all marks, those in hand last.
pub fn all(ui: &Ui, ctx: &AppContext<'_>, canvas: &Canvas<'_>, marks: &mut [Mark<'_>], drawing: bool) {
    let painter = ui.painter_at(canvas.frame.rect);
    let area = canvas.frame.rect.shrink(8.0);
    let area = Rect::from_min_max(area.min, pos2(area.right() - super::super::stack::WIDTH, area.bottom()));
    // What is in hand gets the best place for its values, and lies on top.
    marks.sort_by_key(|mark| match mark.look {
        Look::InHand => 3,
        Look::Selected => 2,
        Look::Hovered => 1,
        Look::Plain => 0,
    });
    let mut taken = labels::corners(area);
    let all: Vec<&[Vec<Pos2>]> = marks.iter().map(|mark| mark.lines.as_slice()).collect();
    let mut placed: Vec<Option<Label>> =
        marks.iter().rev().map(|mark| labels::place(&painter, area, mark, &all, &mut taken)).collect();
    placed.reverse();
    for (mark, label) in marks.iter().zip(&placed) {
        let color = color(mark.look);
        if let Some(label) = label {
            leader(&painter, label, color);
        }
        shape(&painter, canvas, mark, color);
        if mark.look.has_handles() {
            handles(&painter, mark, drawing && mark.look == Look::InHand);
        }
        if let Some(label) = label {
            values(&painter, mark, label.rect, color);
        }
        noted(ctx, canvas, mark, label.as_ref().map(|label| label.rect));
    }
}

/// Leaves a mark for a picture of the viewport: lines, a cross at a point, values; as on the screen when nothing is in hand.
fn noted(ctx: &AppContext<'_>, canvas: &Canvas<'_>, mark: &Mark<'_>, label: Option<Rect>) {
    if ctx.camera.is_none() {
        return;
    }
    let (frame, color) = (canvas.frame, theme::OVERLAY);
    mark.lines.iter().for_each(|line| camera::line(ctx, frame, line, color));
    let at = |at| canvas.pos(&mark.measurement.place, at);
    match &mark.measurement.shape {
        Measured::Point(point) => {
            for arm in [Vec2::X, Vec2::Y] {
                camera::line(ctx, frame, &[at(*point) - arm * CROSS, at(*point) + arm * CROSS], color);
            }
        }
        Measured::Arrow([tip, tail]) => camera::line(ctx, frame, &head_points(at(*tip), at(*tail)), color),
        _ => {}
    }
    if let Some((middle, radius)) = mark.peak {
        let circle: Vec<Pos2> =
            (0..=48u8).map(|n| middle + Vec2::angled(f32::from(n) * std::f32::consts::TAU / 48.0) * radius).collect();
        camera::line(ctx, frame, &circle, theme::WARNING);
    }
    let from = label.or(mark.words).map(|rect| rect.min);
    for (n, line) in mark.texts.iter().enumerate() {
        let color = if line.caution { theme::WARNING } else { color };
        if let Some(from) = from {
            camera::text(ctx, frame, from + vec2(0.0, n as f32 * LINE), &line.text, theme::SMALL_PT, color);
        }
    }
}

/// Name and words of what lies at the pointer, on the side where there is room.
pub fn probe(ui: &Ui, canvas: &Canvas<'_>, at: Pos2, lines: &[(&str, String)]) {
    /// Room for the names.
    const NAMES: f32 = 76.0;
    let (painter, area) = (ui.painter_at(canvas.frame.rect), canvas.frame.rect.shrink(8.0));
    let width = |text: &str| painter.layout_no_wrap(text.to_owned(), theme::small(), theme::TEXT).size().x;
    let widest = lines.iter().map(|(_, words)| width(words)).fold(0.0, f32::max);
    let size = vec2(NAMES + widest, lines.len() as f32 * LINE);
    let beside = |free: f32, needed: f32| if free >= needed + 18.0 { 18.0 } else { -18.0 - needed };
    let offset = vec2(beside(area.right() - at.x, size.x), beside(area.bottom() - at.y, size.y));
    let from = (at + offset).clamp(area.min, (area.max - size).max(area.min));
    if !lines.is_empty() {
        let panel = Rect::from_min_size(from, size).expand(2.0 * theme::STEP);
        painter.rect_filled(panel, theme::STEP, theme::faded(theme::PANEL, 0.85));
    }
    for (n, (name, words)) in lines.iter().enumerate() {
        let at = from + vec2(0.0, n as f32 * LINE);
        widgets::outlined_text(&painter, at, Align2::LEFT_TOP, name, theme::small(), theme::TEXT_SECOND);
        let at = at + vec2(NAMES, 0.0);
        widgets::outlined_text(&painter, at, Align2::LEFT_TOP, words, theme::small(), theme::OVERLAY);
    }
}

fn color(look: Look) -> Color32 {
    match look {
        Look::Plain => theme::OVERLAY,
        Look::Hovered | Look::Selected | Look::InHand => theme::ACCENT,
    }
}

fn shape(painter: &Painter, canvas: &Canvas<'_>, mark: &Mark<'_>, color: Color32) {
    for line in &mark.lines {
        path(painter, line, color);
    }
    let place = &mark.measurement.place;
    let pos = |at| canvas.pos(place, at);
    if let Some((middle, radius)) = mark.peak {
        painter.circle_stroke(middle, radius, Stroke::new(WIDTH + 2.0, theme::OVERLAY_OUTLINE));
        painter.circle_stroke(middle, radius, Stroke::new(WIDTH, theme::WARNING));
    }
    match &mark.measurement.shape {
        Measured::Point(at) => cross(painter, pos(*at), color),
        Measured::Text(_) => {
            if let (Some(rect), Some(words)) = (mark.words, mark.texts.first()) {
                let (font, anchor) = (theme::body(), Align2::LEFT_TOP);
                widgets::outlined_text(painter, rect.min, anchor, &words.text, font, color);
            }
        }
        _ if mark.lines.is_empty() => {}
        // Rings tell as much.
        Measured::Length(_) if mark.look.has_handles() => {}
        Measured::Length([a, b]) => ends(painter, pos(*a), pos(*b), color),
        Measured::Arrow([tip, tail]) => head(painter, pos(*tip), pos(*tail), color),
        Measured::Angle([a, vertex, b]) => arc(painter, [pos(*a), pos(*vertex), pos(*b)], color),
        Measured::Cobb([first, second]) => {
            let middles = [first, second].map(|[a, b]| pos((*a + *b) / 2.0));
            let faint = Stroke::new(1.0, theme::faded(color, 0.6));
            painter.extend(Shape::dashed_line(&middles, faint, 4.0, 4.0));
        }
        _ => {}
    }
}

fn path(painter: &Painter, points: &[Pos2], color: Color32) {
    painter.add(Shape::line(points.to_vec(), Stroke::new(WIDTH + 2.0, theme::OVERLAY_OUTLINE)));
    painter.add(Shape::line(points.to_vec(), Stroke::new(WIDTH, color)));
}

/// Short strokes across both ends, which tell exactly where they lie.
fn ends(painter: &Painter, a: Pos2, b: Pos2, color: Color32) {
    let across = (b - a).normalized().rot90() * END;
    for end in [a, b] {
        path(painter, &[end - across, end + across], color);
    }
}

fn head(painter: &Painter, tip: Pos2, tail: Pos2, color: Color32) {
    path(painter, &head_points(tip, tail), color);
}

fn head_points(tip: Pos2, tail: Pos2) -> [Pos2; 3] {
    let back = (tail - tip).normalized() * HEAD;
    let side = back.rot90() * 0.45;
    [tip + back + side, tip, tip + back - side]
}

fn cross(painter: &Painter, at: Pos2, color: Color32) {
    for arm in [Vec2::X, Vec2::Y] {
        path(painter, &[at - arm * CROSS, at - arm * 2.0], color);
        path(painter, &[at + arm * 2.0, at + arm * CROSS], color);
    }
}

fn arc(painter: &Painter, [a, vertex, b]: [Pos2; 3], color: Color32) {
    let (from, to) = ((a - vertex).angle(), (b - vertex).angle());
    let turn = (to - from + std::f32::consts::PI).rem_euclid(std::f32::consts::TAU) - std::f32::consts::PI;
    let radius = ARC.min((a - vertex).length() / 2.0).min((b - vertex).length() / 2.0);
    let at = |n: u8| vertex + Vec2::angled(from + turn * f32::from(n) / 16.0) * radius;
    let points: Vec<Pos2> = (0..=16).map(at).collect();
    painter.add(Shape::line(points, Stroke::new(1.0, theme::faded(color, 0.8))));
}

/// Rings at the points to take it by; the point at the pointer has none, so that it covers nothing.
fn handles(painter: &Painter, mark: &Mark<'_>, drawing: bool) {
    let skipped = usize::from(drawing);
    for (_, at) in mark.handles.iter().rev().skip(skipped) {
        painter.circle_stroke(*at, HANDLE, Stroke::new(WIDTH + 2.0, theme::OVERLAY_OUTLINE));
        painter.circle_stroke(*at, HANDLE, Stroke::new(WIDTH, theme::ACCENT));
    }
}

fn leader(painter: &Painter, label: &Label, color: Color32) {
    let [from, to] = label.leader;
    if from.distance(to) > 6.0 {
        painter.extend(Shape::dashed_line(&[from, to], Stroke::new(1.0, theme::faded(color, 0.7)), 3.0, 3.0));
    }
}

fn values(painter: &Painter, mark: &Mark<'_>, rect: Rect, color: Color32) {
    for (n, line) in mark.texts.iter().enumerate() {
        let at = rect.min + vec2(0.0, n as f32 * LINE);
        let color = if line.caution { theme::WARNING } else { color };
        widgets::outlined_text(painter, at, Align2::LEFT_TOP, &line.text, theme::small(), color);
    }
}
