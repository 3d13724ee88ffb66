//! Measurements in a viewport: those of the case that lie on what is shown, the one being drawn, and the one being changed.
//! Shapes live in the plane coordinates of their place (`findings::measurement`); here they meet the screen, in points.

mod canvas;
mod draft;
mod grip;
mod key_images;
mod labels;
mod marks;
mod menu;
mod paint;
mod words;

pub(super) use canvas::Canvas;
pub(in crate::ui) use draft::Draft;
pub(in crate::ui) use grip::Grip;
pub(super) use key_images::{marked_slices, star};
pub(super) use menu::menu;
pub(in crate::ui) use words::Words;

use super::{UiState, is_drawn};
use crate::context::{AppContext, Command, MeasureCommand, MeasureTool, Tool, ViewportId};
use crate::findings::measurement::HandleId;
use crate::findings::{Finding, FindingId};
use crate::ui::measures::MeasuresState;
use egui::{CursorIcon, Key, PointerButton, Pos2, Response, Ui};
use marks::{Look, Mark};

/// How near the pointer must be to take something, in points.
const REACH: f32 = 7.0;
/// Movement below which a press is a click, in points.
const STILL: f32 = 3.0;

/// What is said where nothing can be measured yet.
const STILL_READ: &str = "The series is still being read: measure when it is complete.";

/// Paints measurements and lets them be drawn and changed. Afterwards [`takes`] says whether the left button is theirs.
pub(super) fn show(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    canvas: &Canvas<'_>,
    response: &Response,
    out: &mut Vec<Command>,
) {
    let Some(case) = ctx.case else {
        if matches!(ctx.view.tool, Tool::Measure(_)) && pressed(ui, response).is_some() {
            out.push(Command::Measure(MeasureCommand::Refuse(STILL_READ)));
        }
        return;
    };
    let drawn = case.findings.iter().filter(|f| is_drawn(ctx, f));
    let drawn = drawn.filter_map(|f| Some((f, f.measurement()?)));
    let mut marks: Vec<Mark<'_>> = drawn.filter_map(|(f, measured)| Mark::of(ui, canvas, Some(f), measured)).collect();
    input(ui, ctx, state, canvas, &marks, response, out);
    let measures = &state.measures;
    let in_hand = measures.grip.as_ref().map(|grip| &grip.finding);
    let changing = |id: &FindingId| ctx.view.measures.pending.iter().any(|p| p.finding.as_ref() == Some(id));
    marks.retain(|mark| mark.finding.is_none_or(|f| in_hand != Some(&f.id) && !changing(&f.id)));
    for mark in &mut marks {
        mark.look = look_of(ctx, state, canvas, mark.finding);
    }
    for pending in &ctx.view.measures.pending {
        let mark = Mark::of(ui, canvas, None, &pending.measurement);
        marks.extend(mark.map(Mark::waiting));
    }
    if let Some(grip) = &measures.grip {
        let finding = case.finding(&grip.finding);
        marks.extend(Mark::of(ui, canvas, finding, &grip.now).map(|mark| Mark { look: Look::InHand, ..mark }));
    }
    if let Some(draft) = &measures.draft {
        marks.extend(draft.mark(ui, ctx, canvas));
    }
    paint::all(ui, ctx, canvas, &mut marks, measures.draft.is_some());
    probe(ui, ctx, state, canvas, response);
    words::show(ui, state, canvas, out);
}

fn look_of(ctx: &AppContext<'_>, state: &UiState, canvas: &Canvas<'_>, finding: Option<&Finding>) -> Look {
    let Some(finding) = finding else { return Look::InHand };
    let here = (canvas.frame.viewport.id, finding.id.clone());
    let hovered = state.measures.hovered.as_ref() == Some(&here) || state.measures.listed.as_ref() == Some(&finding.id);
    match (ctx.view.selected.as_ref() == Some(&finding.id), hovered) {
        (true, _) => Look::Selected,
        (false, true) => Look::Hovered,
        (false, false) => Look::Plain,
    }
}

/// True when measuring uses the left button in this viewport, so that no other tool may.
pub(super) fn takes(ctx: &AppContext<'_>, state: &UiState, viewport: ViewportId) -> bool {
    let taken = [state.measures.taken, state.fusing].contains(&Some(viewport));
    taken || matches!(ctx.view.tool, Tool::Measure(_))
}

#[allow(clippy::too_many_arguments, reason = "the parts of every view, and what lies in it")]
fn input(
    ui: &Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    canvas: &Canvas<'_>,
    marks: &[Mark<'_>],
    response: &Response,
    out: &mut Vec<Command>,
) {
    let viewport = canvas.frame.viewport.id;
    let measures = &mut state.measures;
    if measures.taken == Some(viewport) {
        measures.taken = None;
    }
    measures.menu_held = false;
    if response.secondary_clicked() {
        measures.menu = None;
    }
    let tool = match ctx.view.tool {
        _ if state.fusing == Some(viewport) => return drop_here(state, viewport),
        Tool::Brush | Tool::Eraser | Tool::Magnifier => return drop_here(state, viewport),
        Tool::Measure(tool) => Some(tool),
        _ => None,
    };
    if measures.grip.as_ref().is_some_and(|grip| grip.viewport == viewport) {
        measures.taken = Some(viewport);
        return grip::drag(ui, ctx, state, canvas, out);
    }
    if measures.draft.as_ref().is_some_and(|draft| draft.viewport == viewport) {
        measures.taken = Some(viewport);
        return draft::input(ui, ctx, state, canvas, response, tool, out);
    }
    let hit = hover(ui, ctx, &mut state.measures, (viewport, marks), response, tool);
    let selected = ctx.view.selected.as_ref();
    let selected = selected.filter(|id| ctx.case.and_then(|c| c.finding(id)?.measurement()).is_some());
    let deselect = Command::Measure(MeasureCommand::Select(None));
    if selected.is_some() && ctx.view.active == viewport && ui.input(|i| i.key_pressed(Key::Escape)) {
        out.push(deselect.clone());
    }
    let Some(at) = pressed(ui, response) else { return };
    match (hit, tool) {
        (Some((mark, handle)), _) => state.measures.grip = Grip::begin(viewport, canvas, mark, handle, at),
        (None, Some(tool)) => draft::begin(ctx, state, canvas, tool, at, out),
        (None, None) if selected.is_some() => out.push(deselect),
        (None, None) => {}
    }
}

/// What lies under the pointer, and by which handle it would be taken.
fn hover<'m, 'a>(
    ui: &Ui,
    ctx: &AppContext<'_>,
    measures: &mut MeasuresState,
    (viewport, marks): (ViewportId, &'m [Mark<'a>]),
    response: &Response,
    tool: Option<MeasureTool>,
) -> Option<(&'m Mark<'a>, Option<HandleId>)> {
    // With a measuring tool in hand only the selected one can be taken: the next one may begin on another's line.
    let may_be_taken = |finding: &Finding| tool.is_none() || ctx.view.selected.as_ref() == Some(&finding.id);
    let hit = response.hover_pos().and_then(|at| marks::hit(marks, at, may_be_taken));
    let id = hit.and_then(|(mark, _)| mark.finding).map(|f| f.id.clone());
    if response.secondary_clicked() {
        measures.menu.clone_from(&id);
    }
    if let Some(id) = id {
        measures.hovered = Some((viewport, id));
        measures.taken = Some(viewport);
        ui.ctx().set_cursor_icon(CursorIcon::Grab);
    } else {
        measures.hovered.take_if(|(at, _)| *at == viewport);
        if tool.is_some() && response.hovered() {
            ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
        }
    }
    hit
}

/// Where the left button went down in this frame, if it did here.
fn pressed(ui: &Ui, response: &Response) -> Option<Pos2> {
    let down = response.is_pointer_button_down_on();
    ui.input(|i| if down && i.pointer.button_pressed(PointerButton::Primary) { i.pointer.press_origin() } else { None })
}

/// Another tool was taken in hand: what was begun here is dropped.
fn drop_here(state: &mut UiState, viewport: ViewportId) {
    let measures = &mut state.measures;
    measures.draft.take_if(|draft| draft.viewport == viewport);
    measures.grip.take_if(|grip| grip.viewport == viewport);
    measures.hovered.take_if(|(at, _)| *at == viewport);
}

/// What lies under the pointer while the probe is in hand.
fn probe(ui: &Ui, ctx: &AppContext<'_>, state: &UiState, canvas: &Canvas<'_>, response: &Response) {
    if ctx.view.tool != Tool::Measure(MeasureTool::Probe) || state.measures.hovered.is_some() {
        return;
    }
    if let Some(at) = response.hover_pos() {
        paint::probe(ui, canvas, at, &canvas.probe_lines(ctx, at));
    }
}
