//! A measurement in hand: a handle or the whole shape is dragged, and one change is made when the button is released.

use super::draft::ordered;
use super::marks::Mark;
use super::{Canvas, STILL};
use crate::context::{AppContext, Command, MeasureCommand, ViewportId, live_measurement};
use crate::findings::FindingId;
use crate::findings::measurement::{HandleId, Measurement};
use crate::ui::UiState;
use egui::{CursorIcon, Key, Pos2, Ui};

/// What is held, and where it was.
pub struct Grip {
    pub viewport: ViewportId,
    pub finding: FindingId,
    /// As it is shown now.
    pub now: Measurement,
    before: Measurement,
    /// `None` = the whole shape, if it may be moved here.
    handle: Option<HandleId>,
    movable: bool,
    from: Pos2,
    moved: bool,
}

impl Grip {
    /// Takes hold of a mark.
    pub fn begin(
        viewport: ViewportId,
        canvas: &Canvas<'_>,
        mark: &Mark<'_>,
        handle: Option<HandleId>,
        from: Pos2,
    ) -> Option<Self> {
        let finding = mark.finding?.id.clone();
        let before = mark.measurement.clone().into_owned();
        // Where only a cut of a solid is seen, it can be selected, not moved.
        let movable = canvas.shows(&before.place);
        Some(Self { viewport, finding, now: before.clone(), before, handle, movable, from, moved: false })
    }

    fn drag_to(&mut self, ctx: &AppContext<'_>, canvas: &Canvas<'_>, at: Pos2) {
        self.moved |= self.from.distance(at) > STILL;
        if !self.moved || !self.movable {
            return;
        }
        let place = &self.before.place;
        let to = canvas.at(place, at);
        let shape = match self.handle {
            Some(handle) => self.before.with_handle_moved(handle, to),
            None => self.before.shape.moved_by(to - canvas.at(place, self.from)),
        };
        let Some(series) = ctx.shown(&place.series().key) else { return };
        if let Some(now) = live_measurement(&series.loaded, shape, place.clone()) {
            self.now = now;
        }
    }
}

/// Follows the pointer until the button is released.
pub fn drag(ui: &Ui, ctx: &AppContext<'_>, state: &mut UiState, canvas: &Canvas<'_>, out: &mut Vec<Command>) {
    let Some(mut grip) = state.measures.grip.take() else { return };
    if ui.input(|i| i.key_pressed(Key::Escape)) {
        return;
    }
    if let Some(at) = ui.input(|i| i.pointer.latest_pos()) {
        grip.drag_to(ctx, canvas, at.clamp(canvas.frame.rect.min, canvas.frame.rect.max));
    }
    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    if ui.input(|i| i.pointer.primary_down()) {
        state.measures.grip = Some(grip);
        return;
    }
    out.push(Command::Measure(MeasureCommand::Select(Some(grip.finding.clone()))));
    if grip.now.shape != grip.before.shape {
        let shape = ordered(grip.now.shape, grip.before.place.scale());
        out.push(Command::Measure(MeasureCommand::Change { finding: grip.finding, shape }));
    }
}
