//! Marks over a picture: crosshair, boxes of findings, the brush's outline.

use super::{Frame, is_drawn};
use crate::context::{AppContext, PlaneAxes, ShownSeries, ViewKind, plane_shows_box};
use crate::findings::{Evidence, Finding, FindingKind};
use crate::geometry::{BoxLps, DVec2, DVec3, Orientation, SlicePlane, VolumeGeometry};
use crate::render::PictureDraw;
use crate::ui::{camera, theme, widgets};
use egui::{Align2, Color32, Painter, Rect, Shape, Stroke, StrokeKind, Vec2, vec2};

/// Where the other two planes cut this one: lines through the crosshair that leave its middle free.
pub fn crosshair(painter: &Painter, frame: &Frame<'_>, geometry: &VolumeGeometry, plane: &SlicePlane) {
    const GAP: f32 = 14.0;
    let at = frame.pos(plane.px_from_lps(frame.sight.crosshair_lps).0);
    if !frame.rect.contains(at) {
        return;
    }
    let stroke = Stroke::new(1.0, theme::faded(theme::ACCENT, 0.55));
    let far = frame.rect.width() + frame.rect.height();
    for direction in crosshair_lines(frame, geometry, plane) {
        for side in [1.0, -1.0] {
            let near = at + direction * (side * GAP);
            painter.line_segment([near, at + direction * (side * far)], stroke);
        }
    }
}

/// Directions on screen of the lines in which the other planes cut this one.
pub fn crosshair_lines(frame: &Frame<'_>, geometry: &VolumeGeometry, plane: &SlicePlane) -> Vec<Vec2> {
    let own = plane.normal_lps();
    let others = Orientation::ALL.into_iter().filter(|o| frame.viewport.kind != ViewKind::Plane(*o));
    let lines = others.filter_map(|orientation| {
        let other = PlaneAxes::turned(geometry, orientation, frame.sight.turn);
        let along = own.cross(other.u_lps.cross(other.v_lps)).try_normalize()?;
        Some(vec2(along.dot(plane.u_lps) as f32, along.dot(plane.v_lps) as f32))
    });
    lines.collect()
}

/// Where the active viewport's plane cuts this one, when it is of another series in the same space.
pub fn reference_line(painter: &Painter, ctx: &AppContext<'_>, frame: &Frame<'_>, plane: &SlicePlane) {
    let Some(active) = ctx.active().filter(|active| active.id != frame.viewport.id) else { return };
    let Some((other, _)) = ctx.looked_at(active) else { return };
    let frame_of = |series: &ShownSeries| series.loaded.series.frame_of_reference_uid.clone();
    // Within one series the crosshair shows the same.
    if other.generation == frame.series.generation
        || frame_of(other).is_empty()
        || frame_of(other) != frame_of(frame.series)
    {
        return;
    }
    let Some(ends) = active.shown.and_then(|shown| cut(&shown, plane)) else { return };
    let ends = ends.map(|lps| frame.pos(plane.px_from_lps(lps).0));
    widgets::outlined_line(painter, ends, 1.0, theme::REFERENCE);
}

/// The part of a plane's picture that lies in another plane: both ends, in the patient.
fn cut(shown: &SlicePlane, by: &SlicePlane) -> Option<[DVec3; 2]> {
    let [w, h] = shown.size_px.map(f64::from);
    let corners =
        [DVec2::ZERO, DVec2::new(w, 0.0), DVec2::new(w, h), DVec2::new(0.0, h)].map(|px| shown.lps_from_px(px));
    let depth = |lps: DVec3| by.px_from_lps(lps).1;
    let crossings = (0..4).filter_map(|n| {
        let (a, b) = (corners[n], corners[(n + 1) % 4]);
        let (from, to) = (depth(a), depth(b));
        (from * to < 0.0).then(|| a.lerp(b, from / (from - to)))
    });
    let found: Vec<DVec3> = crossings.collect();
    (found.len() == 2).then(|| [found[0], found[1]])
}

/// Boxes of findings that the plane cuts. Lesions always, organs only in hand (their masks say enough).
pub fn findings(painter: &Painter, ctx: &AppContext<'_>, frame: &Frame<'_>, plane: &SlicePlane) {
    let Some(case) = ctx.case.filter(|_| super::is_of_case(ctx, frame)) else { return };
    for finding in case.findings {
        let in_hand = ctx.view.selected.as_ref() == Some(&finding.id);
        let wanted = finding.kind == FindingKind::Lesion || in_hand;
        if !wanted || !is_drawn(ctx, finding) {
            continue;
        }
        let Some(place) = finding.box_lps() else { continue };
        if plane_shows_box(plane, &place) {
            let rect = box_on_screen(frame, plane, &place);
            camera::boxed(ctx, frame, finding, rect);
            draw_box(painter, finding, in_hand, rect);
        }
    }
}

/// Boxes of findings on one picture.
pub fn picture_findings(
    painter: &Painter,
    ctx: &AppContext<'_>,
    frame: &Frame<'_>,
    draw: &PictureDraw,
    picture: usize,
) {
    let Some(case) = ctx.case else { return };
    let Some(instance) = frame.series.loaded.instance(picture) else { return };
    for finding in case.findings.iter().filter(|f| is_drawn(ctx, f)) {
        for evidence in &finding.evidence {
            let Evidence::PictureBox { sop_instance_uid, min_px, max_px } = evidence else { continue };
            if *sop_instance_uid == instance.sop_instance_uid {
                let to_screen = |px: DVec2| {
                    let d = px - draw.origin_px;
                    frame.pos(DVec2::new(d.x / draw.u_px.x, d.y / draw.v_px.y))
                };
                let rect = Rect::from_two_pos(to_screen(*min_px), to_screen(*max_px));
                camera::boxed(ctx, frame, finding, rect);
                draw_box(painter, finding, ctx.view.selected.as_ref() == Some(&finding.id), rect);
            }
        }
    }
}

fn box_on_screen(frame: &Frame<'_>, plane: &SlicePlane, place: &BoxLps) -> Rect {
    let corners = place.corners().map(|corner| frame.pos(plane.px_from_lps(corner).0));
    // A little air, so that the line does not cover the border of what it shows.
    Rect::from_points(&corners).expand(3.0)
}

fn draw_box(painter: &Painter, finding: &Finding, in_hand: bool, rect: Rect) {
    let ai = finding.is_unreviewed_ai();
    let color = if ai { theme::AI } else { theme::OVERLAY };
    let width = if in_hand { 2.0 } else { 1.0 };
    if ai {
        dashed_rect(painter, rect, color, width);
    } else {
        painter.rect_stroke(rect.expand(1.0), 0.0, Stroke::new(1.0, theme::OVERLAY_OUTLINE), StrokeKind::Outside);
        painter.rect_stroke(rect, 0.0, Stroke::new(width, color), StrokeKind::Outside);
    }
    let text = match (ai, finding.score) {
        (true, Some(score)) => format!("AI · {} · {score:.2}", finding.label),
        (true, None) => format!("AI · {}", finding.label),
        (false, _) => finding.label.clone(),
    };
    // An organ's mask names it in the list; its box is large and its words would lie on other words.
    if finding.kind == FindingKind::Lesion && (in_hand || rect.width() > 12.0) {
        let at = rect.left_bottom() + vec2(0.0, 2.0);
        widgets::outlined_text(painter, at, Align2::LEFT_TOP, &text, theme::small(), color);
    }
}

fn dashed_rect(painter: &Painter, rect: Rect, color: Color32, width: f32) {
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    painter.extend(Shape::dashed_line(&corners, Stroke::new(width + 2.0, theme::OVERLAY_OUTLINE), 6.0, 3.0));
    painter.extend(Shape::dashed_line(&corners, Stroke::new(width, color), 6.0, 3.0));
}

/// The brush's outline at the pointer.
pub fn brush(painter: &Painter, ctx: &AppContext<'_>, frame: &Frame<'_>, plane: &SlicePlane, at: egui::Pos2) {
    debug_assert!(matches!(frame.viewport.kind, ViewKind::Plane(_)));
    let radius = (ctx.view.brush.radius_mm / plane.pixel_mm) as f32 / frame.scale;
    painter.circle_stroke(at, radius + 1.0, Stroke::new(1.0, theme::OVERLAY_OUTLINE));
    let width = if ctx.view.brush.sphere { 2.0 } else { 1.0 };
    painter.circle_stroke(at, radius, Stroke::new(width, theme::ACCENT));
}
