//! What mouse and wheel do in a viewport (`clinical.md`, Mouse): left = active tool, middle = pan, right drag = zoom, right
//! click = menu, wheel = slices (down = next), Ctrl + wheel = zoom, Shift + wheel = brush size, double click = maximize. Where
//! two series are shown, Alt + left drag and Ctrl + Shift + wheel are for the second (`super::fusion`).

use super::{Frame, Hover, fusion, handles, marks, measures, menu};
use crate::context::{AppContext, BrushTip, Command, SOLID_FIT, Tool, Viewport, said_value};
use crate::geometry::{DVec2, DVec3, SlicePlane};
use crate::render::PictureDraw;
use crate::ui::studies::DraggedSeries;
use crate::ui::{UiState, theme, widgets};
use crate::volume::{Picture, Samples, Voi};
use egui::{CursorIcon, Event, MouseWheelUnit, PointerButton, Response, Role, Sense, Ui, Vec2, WidgetInfo};

/// Points of dragging that double zoom or window width.
const DRAG_UNIT: f32 = 220.0;
/// Points of smooth scrolling (touch pads) that make one slice.
const POINTS_PER_SLICE: f32 = 30.0;

/// Senses clicks and drags on the whole viewport but the slice bar.
pub fn sense(ui: &mut Ui, frame: &Frame<'_>, name: &str) -> Response {
    let mut rect = frame.rect;
    rect.max.x -= super::stack::WIDTH;
    let response = ui.interact(rect, ui.scope_id().with(frame.viewport.id), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    response
}

/// Input of a plane.
pub fn plane(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    plane: &SlicePlane,
    response: &Response,
    out: &mut Vec<Command>,
) {
    let viewport = frame.viewport.id;
    let lps_at = |at: egui::Pos2| plane.lps_from_px(frame.px(at));
    let per_point = plane.pixel_mm * f64::from(frame.scale);
    common(ui, ctx, state, frame, response, per_point, out);
    let measuring = measures::takes(ctx, state, viewport);
    let turns = !measuring && handles::turn(ui, ctx, frame, plane, response, out);
    if let Some(at) = response.hover_pos() {
        state.hover = Some(probe(ctx, frame, lps_at(at)));
        follow(ui, ctx, frame, response, lps_at(at), out);
        if matches!(ctx.view.tool, Tool::Brush | Tool::Eraser) {
            marks::brush(&ui.painter_at(frame.rect), ctx, frame, plane, at);
            ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
        }
    }
    let Some(at) = response.interact_pointer_pos().filter(|_| !measuring) else { return };
    match ctx.view.tool {
        Tool::Brush | Tool::Eraser => paint(ui, state, response, lps_at(at), plane.normal_lps(), out),
        Tool::Crosshair if response.dragged_by(PointerButton::Primary) && !turns => {
            out.push(Command::Crosshair { viewport, lps: lps_at(at) });
        }
        _ => {}
    }
    if response.clicked() && !matches!(ctx.view.tool, Tool::Brush | Tool::Eraser) {
        out.push(Command::Point { viewport, lps: lps_at(at) });
    }
}

/// The 3D cursor: while Shift is held, the crosshair of everything in this space follows the pointer.
fn follow(ui: &Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, response: &Response, lps: DVec3, out: &mut Vec<Command>) {
    let wanted = ui.input(|i| i.modifiers.shift_only() && !i.pointer.any_down() && i.pointer.delta() != Vec2::ZERO);
    let painting = matches!(ctx.view.tool, Tool::Brush | Tool::Eraser);
    if wanted && !painting && response.hovered() {
        out.push(Command::Crosshair { viewport: frame.viewport.id, lps });
    }
}

/// A stroke: one dab per pointer movement while the left button is down, one change when it is released.
fn paint(ui: &Ui, state: &mut UiState, response: &Response, at: DVec3, normal_lps: DVec3, out: &mut Vec<Command>) {
    let down = response.is_pointer_button_down_on() && ui.input(|i| i.pointer.primary_down());
    if down {
        let from_lps = state.stroke_from.unwrap_or(at);
        if state.stroke_from != Some(at) {
            out.push(Command::Dab { from_lps, to_lps: at, normal_lps });
        }
        state.stroke_from = Some(at);
    } else if state.stroke_from.take().is_some() {
        out.push(Command::FinishStroke);
    }
}

/// Input of the 3D view: left drag turns, with Shift it changes the view's own window.
pub fn mip(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    response: &Response,
    out: &mut Vec<Command>,
) {
    // The drag is for what lies over the series.
    if fusion::takes(state, frame) {
        return choose(ctx, frame, response, out);
    }
    let viewport = frame.viewport;
    let turn = |delta: Vec2| Command::Turn(viewport.id, [f64::from(delta.x) * -0.5, f64::from(delta.y) * 0.5]);
    let window = |delta: Vec2| Some(Command::SetVoi(viewport.id, dragged_voi(viewport.voi, delta, viewport.inverted)));
    turning(ui, ctx, state, frame, response, (turn, window), out);
}

/// Input of views that are turned: left drag turns, with Shift it does what the view wants; pan and zoom as everywhere, and
/// the wheel zooms.
pub fn turning(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    response: &Response,
    (turn, with_shift): (impl Fn(Vec2) -> Command, impl Fn(Vec2) -> Option<Command>),
    out: &mut Vec<Command>,
) {
    choose(ctx, frame, response, out);
    menu::show(ctx, state, frame, response, out);
    let delta = response.drag_delta();
    if response.dragged_by(PointerButton::Primary) && delta != Vec2::ZERO {
        if ui.input(|i| i.modifiers.shift) {
            out.extend(with_shift(delta));
        } else {
            out.push(turn(delta));
        }
    }
    let diagonal = frame.series.geometry().map_or(1.0, |g| g.bounds_lps().size_mm().length());
    let per_point = SOLID_FIT * diagonal / f64::from(frame.rect.width().min(frame.rect.height()).max(1.0));
    let per_point = per_point / frame.viewport.framing.zoom;
    drag_pan_zoom(frame, response, per_point, out);
    for (lines, modifiers) in wheel(ui, frame, response) {
        if modifiers.shift && (modifiers.ctrl || modifiers.command) {
            fusion::wheel(frame, lines, out);
            continue;
        }
        out.push(zoom(frame, response, -lines, per_point));
    }
}

/// Input of a picture without a place in the patient.
#[allow(clippy::too_many_arguments)] // the same parts as for a plane, and the picture
pub fn picture(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    image: &Picture,
    draw: &PictureDraw,
    response: &Response,
    out: &mut Vec<Command>,
) {
    common(ui, ctx, state, frame, response, draw.u_px.x.abs() * f64::from(frame.scale), out);
    let Some(at) = response.hover_pos() else { return };
    let px = draw.picture_px(frame.px(at));
    let (column, row) = ((px.x + 0.5).floor(), (px.y + 0.5).floor());
    let inside = column >= 0.0 && row >= 0.0 && column < image.width as f64 && row < image.height as f64;
    state.hover = inside.then(|| {
        let (column, row) = (column as usize, row as usize);
        let value = match &image.samples {
            Samples::Gray { .. } => {
                Some(format!("{} {}", widgets::number(f64::from(image.value(column, row)), 0), image.unit.as_str()))
            }
            Samples::Rgb(_) => None,
        };
        Hover { lps: None, px: Some([column, row]), value }
    });
}

/// What planes and pictures share.
fn common(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    response: &Response,
    per_point: f64,
    out: &mut Vec<Command>,
) {
    let measuring = measures::takes(ctx, state, frame.viewport.id);
    activate(ctx, frame, response, out);
    if !measuring {
        maximize(frame, response, out);
    }
    if !measures::menu(ctx, state, frame, response, out) {
        menu::show(ctx, state, frame, response, out);
    }
    let delta = response.drag_delta();
    if response.dragged_by(PointerButton::Primary) && delta != Vec2::ZERO && !measuring {
        match ctx.view.tool {
            Tool::Window => {
                let voi = dragged_voi(ctx.voi_in(frame.viewport), delta, ctx.inverted_in(frame.viewport));
                out.push(Command::SetVoi(frame.viewport.id, voi));
            }
            Tool::Zoom => out.push(drag_zoom(frame, delta.y)),
            Tool::Pan => out.push(Command::Pan { viewport: frame.viewport.id, by: pan(delta, per_point) }),
            Tool::Crosshair | Tool::Magnifier | Tool::Brush | Tool::Eraser | Tool::Measure(_) => {}
        }
    }
    drag_pan_zoom(frame, response, per_point, out);
    for (lines, modifiers) in wheel(ui, frame, response) {
        if modifiers.shift && (modifiers.ctrl || modifiers.command) {
            fusion::wheel(frame, lines, out);
        } else if modifiers.ctrl || modifiers.command {
            out.push(zoom(frame, response, -lines, per_point));
        } else if modifiers.shift {
            let radius_mm = (ctx.view.brush.radius_mm * 1.15f64.powf(f64::from(-lines))).clamp(0.5, 60.0);
            out.push(Command::SetBrush(BrushTip { radius_mm, ..ctx.view.brush }));
        } else {
            state.scroll_rest += lines;
            let by = state.scroll_rest.trunc();
            state.scroll_rest -= by;
            if by != 0.0 {
                out.push(Command::Scroll { viewport: frame.viewport.id, by: by as i64 });
            }
        }
    }
}

/// A series that was dragged here is shown here.
pub fn dropped(ui: &Ui, viewport: &Viewport, rect: egui::Rect, out: &mut Vec<Command>) {
    let over = ui.input(|input| input.pointer.interact_pos()).is_some_and(|at| rect.contains(at));
    if !over || !egui::DragAndDrop::has_payload_of_type::<DraggedSeries>(ui.ctx()) {
        return;
    }
    let stroke = egui::Stroke::new(2.0, theme::ACCENT);
    ui.painter().rect_stroke(rect.shrink(2.0), 0.0, stroke, egui::StrokeKind::Inside);
    if ui.input(|input| input.pointer.any_released())
        && let Some(dragged) = egui::DragAndDrop::take_payload::<DraggedSeries>(ui.ctx())
    {
        out.push(Command::ShowIn(viewport.id, dragged.0.clone()));
    }
}

/// A press makes the viewport the one that keys go to; a double click makes it the only one.
pub fn choose(ctx: &AppContext<'_>, frame: &Frame<'_>, response: &Response, out: &mut Vec<Command>) {
    activate(ctx, frame, response, out);
    maximize(frame, response, out);
}

fn activate(ctx: &AppContext<'_>, frame: &Frame<'_>, response: &Response, out: &mut Vec<Command>) {
    if response.is_pointer_button_down_on() && ctx.view.active != frame.viewport.id {
        out.push(Command::Activate(frame.viewport.id));
    }
}

fn maximize(frame: &Frame<'_>, response: &Response, out: &mut Vec<Command>) {
    if response.double_clicked() {
        out.push(Command::ToggleMaximized(frame.viewport.id));
    }
}

fn drag_pan_zoom(frame: &Frame<'_>, response: &Response, per_point: f64, out: &mut Vec<Command>) {
    let delta = response.drag_delta();
    if delta == Vec2::ZERO {
        return;
    }
    if response.dragged_by(PointerButton::Middle) {
        out.push(Command::Pan { viewport: frame.viewport.id, by: pan(delta, per_point) });
    }
    if response.dragged_by(PointerButton::Secondary) {
        out.push(drag_zoom(frame, delta.y));
    }
}

fn pan(delta: Vec2, per_point: f64) -> DVec2 {
    DVec2::new(f64::from(delta.x), f64::from(delta.y)) * per_point
}

/// Up magnifies.
fn drag_zoom(frame: &Frame<'_>, down: f32) -> Command {
    Command::Zoom {
        viewport: frame.viewport.id,
        factor: 2f64.powf(f64::from(-2.0 * down / DRAG_UNIT)),
        around: DVec2::ZERO,
    }
}

/// Magnifies around the pointer; negative lines make smaller.
fn zoom(frame: &Frame<'_>, response: &Response, lines: f32, per_point: f64) -> Command {
    let offset = response.hover_pos().map_or(Vec2::ZERO, |at| at - frame.rect.center());
    Command::Zoom {
        viewport: frame.viewport.id,
        factor: 1.12f64.powf(f64::from(lines)),
        around: pan(offset, per_point),
    }
}

/// Right = wider, up = brighter.
pub fn dragged_voi(voi: Voi, delta: Vec2, inverted: bool) -> Voi {
    let brighter = if inverted { -delta.y } else { delta.y };
    let width = voi.width * 2f64.powf(f64::from(delta.x / DRAG_UNIT));
    let center = voi.center + f64::from(brighter / DRAG_UNIT) * voi.width.max(width);
    let least = if voi.function == crate::volume::VoiFunction::Linear { 1.0 } else { 1e-6 };
    Voi { center, width: width.clamp(least, 1e6), ..voi }
}

/// Wheel events over this viewport, in lines (positive = down), with the keys held.
fn wheel(ui: &Ui, frame: &Frame<'_>, response: &Response) -> Vec<(f32, egui::Modifiers)> {
    if !response.contains_pointer() || !frame.rect.is_positive() {
        return Vec::new();
    }
    ui.input(|input| {
        let lines = |event: &Event| match event {
            Event::MouseWheel { unit, delta, modifiers, .. } => {
                // Some platforms turn Shift + wheel into a sideways one.
                let turned = if delta.y == 0.0 { delta.x } else { delta.y };
                let lines = match unit {
                    MouseWheelUnit::Point => turned / POINTS_PER_SLICE,
                    MouseWheelUnit::Line => turned,
                    MouseWheelUnit::Page => turned * 10.0,
                };
                Some((-lines, *modifiers))
            }
            _ => None,
        };
        input.events.iter().filter_map(lines).collect()
    })
}

/// What lies at a point of the patient, of both series where two are shown: "−35 HU · SUV 2.3".
fn probe(ctx: &AppContext<'_>, frame: &Frame<'_>, lps: DVec3) -> Hover {
    let values = [said_value(frame.series, lps), ctx.value_over(frame.viewport, lps)];
    let values: Vec<String> = values.into_iter().flatten().collect();
    Hover { lps: Some(lps), px: None, value: (!values.is_empty()).then(|| values.join(" · ")) }
}
