//! Handles on the crosshair's lines: dragging one turns the planes about the crosshair (free oblique).

use super::{Frame, marks};
use crate::context::{AppContext, Command, Tool};
use crate::geometry::SlicePlane;
use crate::ui::theme;
use egui::{CursorIcon, PointerButton, Pos2, Response, Stroke, Ui};

/// Distance of the handles from the crosshair, as a share of the viewport's shorter side.
const REACH: f32 = 0.36;
/// Radius of a handle, and how near the pointer must be to take it, in points.
const RADIUS: f32 = 4.5;
const NEAR: f32 = 12.0;

/// Shows the handles while the crosshair is the tool, and turns the planes when one is dragged. True while that happens.
pub fn turn(
    ui: &Ui,
    ctx: &AppContext<'_>,
    frame: &Frame<'_>,
    plane: &SlicePlane,
    response: &Response,
    out: &mut Vec<Command>,
) -> bool {
    let Some(geometry) = frame.series.geometry().filter(|_| ctx.view.tool == Tool::Crosshair) else { return false };
    if !ctx.view.crosshair_shown || frame.series.loaded.volume().is_none() {
        return false;
    }
    let center = frame.pos(plane.px_from_lps(frame.sight.crosshair_lps).0);
    let reach = REACH * frame.rect.width().min(frame.rect.height());
    let lines = marks::crosshair_lines(frame, geometry, plane);
    let ends = lines.iter().flat_map(|line| [center + *line * reach, center - *line * reach]);
    let ends: Vec<Pos2> = ends.filter(|end| frame.rect.shrink(RADIUS).contains(*end)).collect();
    let id = response.id.with("turning");
    let mut turning = ui.data(|data| data.get_temp::<bool>(id)).unwrap_or(false);
    let pressed = ui.input(|i| i.pointer.press_origin());
    if response.drag_started_by(PointerButton::Primary) {
        turning = pressed.is_some_and(|at| ends.iter().any(|end| end.distance(at) < NEAR));
    }
    turning &= response.dragged_by(PointerButton::Primary);
    ui.data_mut(|data| data.insert_temp(id, turning));
    let near = response.hover_pos().is_some_and(|at| ends.iter().any(|end| end.distance(at) < NEAR));
    if near || turning {
        ui.ctx().set_cursor_icon(if turning { CursorIcon::Grabbing } else { CursorIcon::Grab });
    }
    let painter = ui.painter_at(frame.rect);
    for end in ends {
        painter.circle_stroke(end, RADIUS + 1.0, Stroke::new(1.0, theme::OVERLAY_OUTLINE));
        painter.circle_stroke(end, RADIUS, Stroke::new(1.5, theme::ACCENT));
    }
    if let (true, Some(at)) = (turning, response.interact_pointer_pos()) {
        let before = at - response.drag_delta() - center;
        let by = (at - center).angle() - before.angle();
        if by != 0.0 && before.length() > 1.0 {
            out.push(Command::TurnPlanes { viewport: frame.viewport.id, by_rad: f64::from(by) });
        }
    }
    turning
}
