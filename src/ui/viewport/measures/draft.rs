//! A shape that is being drawn: by a drag, or by clicks. Escape drops it, Backspace takes the last point back, Enter, double
//! click and right click end lines and polygons.

use super::marks::Mark;
use super::{Canvas, REACH, STILL, Words};
use crate::context::{AppContext, Command, MeasureCommand, MeasureTool, ViewportId, live_measurement};
use crate::findings::measurement::{Measurement, Place, Results, Shape};
use crate::geometry::DVec2;
use crate::ui::UiState;
use egui::{Event, Key, PointerButton, Pos2, Response, Ui};

/// Points on the screen between two points of a line drawn by hand.
const HAND_STEP: f32 = 2.0;

/// What is being drawn.
pub struct Draft {
    pub viewport: ViewportId,
    tool: MeasureTool,
    place: Place,
    /// Points that stay, in plane coordinates.
    fixed: Vec<DVec2>,
    /// The one at the pointer.
    live: DVec2,
    /// The press that has not been released.
    press: Option<Press>,
}

#[derive(Clone, Copy)]
struct Press {
    at: Pos2,
    /// It placed a point by itself: a drag ends in the next one.
    placed: bool,
    dragged: bool,
}

/// Begins with a press.
pub fn begin(
    ctx: &AppContext<'_>,
    state: &mut UiState,
    canvas: &Canvas<'_>,
    tool: MeasureTool,
    at: Pos2,
    out: &mut Vec<Command>,
) {
    let refuse = |text| Command::Measure(MeasureCommand::Refuse(text));
    if ctx.case.is_some_and(|case| case.is_signed()) {
        return out.push(refuse("The report is signed: nothing is measured in it any more."));
    }
    if tool.needs_volume() && canvas.frame.series.geometry().is_none() {
        return out.push(refuse("Volumes of interest need a volume; this series has none."));
    }
    if !canvas.frame.series.complete {
        return out.push(refuse(super::STILL_READ));
    }
    let Some(place) = canvas.place(ctx) else {
        return out.push(refuse("This picture cannot be named in a report, so nothing is measured on it."));
    };
    let live = canvas.at(&place, at);
    let press = Some(Press { at, placed: true, dragged: false });
    let viewport = canvas.frame.viewport.id;
    state.measures.draft = Some(Draft { viewport, tool, place, fixed: vec![live], live, press });
}

/// Goes on, ends or drops it.
pub fn input(
    ui: &Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    canvas: &Canvas<'_>,
    response: &Response,
    tool: Option<MeasureTool>,
    out: &mut Vec<Command>,
) {
    let Some(mut draft) = state.measures.draft.take() else { return };
    // A right click ends the drawing; the menu stays closed.
    state.measures.menu_held = response.secondary_clicked();
    let gone = tool != Some(draft.tool) || ui.input(|i| i.key_pressed(Key::Escape));
    if gone {
        return;
    }
    // Scrolled away: it waits for its plane, unless something new is begun elsewhere.
    if !canvas.shows(&draft.place) {
        if let (Some(at), Some(tool)) = (super::pressed(ui, response), tool) {
            return begin(ctx, state, canvas, tool, at, out);
        }
        state.measures.draft = Some(draft);
        return;
    }
    let ended = draft.follow(ui, canvas, response) | draft.keys(ui, response);
    if !ended {
        state.measures.draft = Some(draft);
        return;
    }
    if let Some(shape) = draft.finished(canvas) {
        finish(state, canvas, draft, shape, out);
    }
}

fn finish(state: &mut UiState, canvas: &Canvas<'_>, draft: Draft, shape: Shape, out: &mut Vec<Command>) {
    let place = Box::new(draft.place);
    match shape {
        Shape::Arrow(_) | Shape::Text(_) => {
            state.measures.words = Some(Words::new(canvas.frame.viewport.id, place, shape));
        }
        shape => out.push(Command::Measure(MeasureCommand::Add { place, shape, label: String::new() })),
    }
}

impl Draft {
    /// Follows the pointer; true when the shape is complete.
    fn follow(&mut self, ui: &Ui, canvas: &Canvas<'_>, response: &Response) -> bool {
        let square = ui.input(|i| i.modifiers.shift);
        if let Some(at) = super::pressed(ui, response) {
            if self.tool == MeasureTool::Polygon && self.closes(canvas, at) {
                return true;
            }
            self.live = canvas.at(&self.place, at);
            let placed = self.begins_line();
            if placed {
                self.fixed.push(self.live);
            }
            self.press = Some(Press { at, placed, dragged: false });
        }
        for at in moves(ui) {
            self.move_to(canvas, at.clamp(canvas.frame.rect.min, canvas.frame.rect.max), square);
        }
        let released = ui.input(|i| i.pointer.button_released(PointerButton::Primary));
        released && self.press.take().is_some_and(|press| self.release(press))
    }

    fn move_to(&mut self, canvas: &Canvas<'_>, at: Pos2, square: bool) {
        self.live = canvas.at(&self.place, at);
        if square && matches!(self.tool, MeasureTool::Ellipse | MeasureTool::Rectangle | MeasureTool::Box) {
            self.live = squared(self.fixed[0], self.live, self.place.scale());
        }
        let Some(press) = &mut self.press else { return };
        press.dragged |= press.at.distance(at) > STILL;
        let by_hand = matches!(self.tool, MeasureTool::Freehand | MeasureTool::Polyline);
        if press.dragged && by_hand {
            let last = self.fixed.last().map(|p| canvas.pos(&self.place, *p));
            if last.is_none_or(|last| last.distance(at) >= HAND_STEP) {
                self.fixed.push(self.live);
            }
        }
    }

    /// The button went up; true when the shape is complete.
    fn release(&mut self, press: Press) -> bool {
        let by_hand = matches!(self.tool, MeasureTool::Freehand | MeasureTool::Polyline);
        if (press.dragged && !by_hand) || !press.placed {
            self.fixed.push(self.live);
        }
        match self.tool {
            MeasureTool::Freehand => true,
            MeasureTool::Polygon | MeasureTool::Polyline => false,
            tool => self.fixed.len() >= points_of(tool),
        }
    }

    fn keys(&mut self, ui: &Ui, response: &Response) -> bool {
        let many = matches!(self.tool, MeasureTool::Polygon | MeasureTool::Polyline);
        if ui.input(|i| i.key_pressed(Key::Backspace)) && self.fixed.len() > 1 {
            self.fixed.pop();
        }
        let ends = ui.input(|i| i.key_pressed(Key::Enter)) || response.secondary_clicked();
        // The right button drops what cannot be ended before its last point.
        if response.secondary_clicked() && !many {
            self.fixed.clear();
            return true;
        }
        many && (ends || response.double_clicked())
    }

    /// True when the next press places a point by itself: the second line of a Cobb angle, the short axis.
    fn begins_line(&self) -> bool {
        matches!(self.tool, MeasureTool::Cobb | MeasureTool::Bidirectional) && self.fixed.len() == 2
    }

    fn closes(&self, canvas: &Canvas<'_>, at: Pos2) -> bool {
        self.fixed.len() >= 3 && canvas.pos(&self.place, self.fixed[0]).distance(at) <= REACH
    }

    /// The shape when it has ended; `None` when it has too few points.
    fn finished(&self, canvas: &Canvas<'_>) -> Option<Shape> {
        let mut points = self.fixed.clone();
        // A double click places its point twice.
        let near = |a: DVec2, b: DVec2| canvas.pos(&self.place, a).distance(canvas.pos(&self.place, b)) < STILL;
        points.dedup_by(|b, a| near(*a, *b));
        if points.len() < points_of(self.tool) {
            return None;
        }
        shape_of(self.tool, &points, &self.place).map(|shape| ordered(shape, self.place.scale()))
    }

    /// What it looks like now: with its values where there are enough points.
    pub fn mark(&self, ui: &Ui, ctx: &AppContext<'_>, canvas: &Canvas<'_>) -> Option<Mark<'static>> {
        if self.viewport != canvas.frame.viewport.id || !canvas.shows(&self.place) {
            return None;
        }
        let mut points = self.fixed.clone();
        points.push(self.live);
        let place = || self.place.clone();
        let series = ctx.shown(&self.place.series().key)?;
        let whole = shape_of(self.tool, &points, &self.place);
        let measured = whole.and_then(|shape| live_measurement(&series.loaded, shape, place()));
        let line = || {
            let lone = matches!(self.tool, MeasureTool::Text | MeasureTool::Probe);
            let shape = if lone { Shape::Point(self.live) } else { Shape::Polyline(points.clone()) };
            let drawn = Measurement { shape, place: place(), results: Results::default() };
            drawn.shape.points().iter().all(|p| p.is_finite()).then_some(drawn)
        };
        Mark::owned(ui, canvas, measured.or_else(line)?)
    }
}

/// Points that complete a shape.
fn points_of(tool: MeasureTool) -> usize {
    use MeasureTool as T;
    match tool {
        T::Text | T::Probe => 1,
        T::Length | T::Ellipse | T::Rectangle | T::Sphere | T::Box | T::SuvPeak | T::Arrow | T::Polyline => 2,
        T::Angle | T::Polygon | T::Freehand => 3,
        T::Cobb | T::Bidirectional => 4,
    }
}

/// The shape through the points placed so far; `None` while there are too few. A long axis alone is shown as a length.
fn shape_of(tool: MeasureTool, points: &[DVec2], place: &Place) -> Option<Shape> {
    use MeasureTool as T;
    Some(match (tool, points) {
        (T::Length, [a, b, ..]) | (T::Bidirectional, [a, b] | [a, b, _]) => Shape::Length([*a, *b]),
        (T::Angle, [a, b, c, ..]) => Shape::Angle([*a, *b, *c]),
        (T::Cobb, [a, b, c, d, ..]) => Shape::Cobb([[*a, *b], [*c, *d]]),
        (T::Bidirectional, [a, b, c, d, ..]) => {
            Shape::Bidirectional { long: [*a, *b], short: across([*a, *b], [*c, *d], place.scale())? }
        }
        (T::Ellipse, [a, b, ..]) => Shape::ellipse_in([*a, *b]),
        (T::Rectangle, [a, b, ..]) => Shape::Rectangle([*a, *b]),
        (T::Polygon, [_, _, _, ..]) => Shape::Polygon(points.to_vec()),
        (T::Freehand, [_, _, _, ..]) => Shape::Freehand(points.to_vec()),
        (T::Polyline, [_, _, ..]) => Shape::Polyline(points.to_vec()),
        (T::Sphere, [center, rim, ..]) => Shape::Sphere { center: *center, radius_mm: center.distance(*rim) },
        (T::SuvPeak, [center, rim, ..]) => Shape::SuvPeak { center: *center, radius_mm: center.distance(*rim) },
        (T::Box, [a, b, ..]) => Shape::Box { corners: [*a, *b], depth_mm: (*b - *a).abs().min_element() },
        (T::Arrow, [tip, tail, ..]) => Shape::Arrow([*tip, *tail]),
        (T::Text, [at, ..]) => Shape::Text(*at),
        (T::Probe, [at, ..]) => Shape::Point(*at),
        _ => return None,
    })
}

/// The line at right angles to a long axis (in millimetres) through the first of two points, as far as both reach.
fn across(long: [DVec2; 2], [from, to]: [DVec2; 2], scale: DVec2) -> Option<[DVec2; 2]> {
    let along = ((long[1] - long[0]) * scale).try_normalize()?;
    let length = ((long[1] - long[0]) * scale).length();
    let coordinates = |p: DVec2| {
        let d = (p - long[0]) * scale;
        DVec2::new(d.dot(along), along.perp_dot(d))
    };
    let foot = along * coordinates(from).x.clamp(0.0, length);
    Some([from, to].map(|p| long[0] + (foot + along.perp() * coordinates(p).y) / scale))
}

/// The longer one of two axes is the long one, however they were drawn.
pub fn ordered(shape: Shape, scale: DVec2) -> Shape {
    let length = |[a, b]: [DVec2; 2]| ((b - a) * scale).length();
    match shape {
        Shape::Bidirectional { long, short } if length(short) > length(long) => {
            Shape::Bidirectional { long: short, short: long }
        }
        other => other,
    }
}

/// The corner that makes a square (in millimetres) with `from`, on the side of `to`.
fn squared(from: DVec2, to: DVec2, scale: DVec2) -> DVec2 {
    let d = (to - from) * scale;
    from + d.signum() * d.abs().max_element() / scale
}

/// Where the pointer went in this frame, every step of it.
fn moves(ui: &Ui) -> Vec<Pos2> {
    ui.input(|i| {
        let position = |event: &Event| match event {
            Event::PointerMoved(at) | Event::PointerButton { pos: at, .. } => Some(*at),
            _ => None,
        };
        i.events.iter().filter_map(position).collect()
    })
}
