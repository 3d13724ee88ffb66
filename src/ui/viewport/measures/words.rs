//! The words of a text or an arrow, written where they will stand. Enter keeps them, Escape drops what was drawn.

use super::Canvas;
use crate::context::{Command, MeasureCommand, ViewportId};
use crate::findings::measurement::{Place, Shape};
use crate::ui::{UiState, theme};
use egui::{Area, Frame, Key, Order, TextEdit, Ui, vec2};

/// What is being written.
pub struct Words {
    viewport: ViewportId,
    place: Box<Place>,
    shape: Shape,
    text: String,
    opened: bool,
}

impl Words {
    /// For a shape that was just drawn.
    pub fn new(viewport: ViewportId, place: Box<Place>, shape: Shape) -> Self {
        Self { viewport, place, shape, text: String::new(), opened: false }
    }
}

/// Shows the field in its viewport.
pub fn show(ui: &Ui, state: &mut UiState, canvas: &Canvas<'_>, out: &mut Vec<Command>) {
    let Some(mut words) = state.measures.words.take() else { return };
    if words.viewport != canvas.frame.viewport.id {
        state.measures.words = Some(words);
        return;
    }
    if !canvas.shows(&words.place) {
        return;
    }
    let at = words.shape.points().last().map_or(canvas.frame.rect.center(), |p| canvas.pos(&words.place, *p));
    let field =
        Area::new(egui::Id::unique("measurement words")).order(Order::Foreground).fixed_pos(at + vec2(4.0, 4.0));
    let response = field.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(theme::STEP).show(ui, |ui| {
            let field = TextEdit::singleline(&mut words.text).desired_width(200.0).hint_text("Words, then Enter");
            ui.add(field).accessible_name("Words")
        })
    });
    let field = response.inner.inner;
    if !std::mem::replace(&mut words.opened, true) {
        field.request_focus();
    }
    let (enter, escape) = ui.input(|i| (i.key_pressed(Key::Enter), i.key_pressed(Key::Escape)));
    if escape {
        return;
    }
    if !(enter || field.lost_focus()) {
        state.measures.words = Some(words);
        return;
    }
    let label = words.text.trim().to_owned();
    // A text without words is nothing; an arrow needs none.
    if !label.is_empty() || matches!(words.shape, Shape::Arrow(_)) {
        out.push(Command::Measure(MeasureCommand::Add { place: words.place, shape: words.shape, label }));
    }
}
