//! The command palette: type a few letters, press Enter.

use super::{UiState, theme, widgets};
use crate::context::{AppContext, Command, UiCommand};
use egui::{Area, Frame, Key, Order, RichText, ScrollArea, TextEdit, Ui, pos2, vec2};

/// What was typed and which entry is chosen.
#[derive(Default)]
pub struct PaletteState {
    query: String,
    chosen: usize,
    opened: bool,
}

/// Shows the palette while it is open.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let Some(palette) = &mut state.command_palette else { return };
    let window = ui.ctx().content_rect();
    let width = 460.0f32.min(window.width() - 32.0);
    let mut close = false;
    let area = Area::new(egui::Id::unique("palette")).order(Order::Foreground);
    let response = area.fixed_pos(pos2(window.center().x - width / 2.0, window.top() + 48.0)).show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).show(ui, |ui| {
            ui.set_width(width);
            let field = TextEdit::singleline(&mut palette.query).hint_text("Type a command").desired_width(width);
            let field = ui.add(field).accessible_name("Command");
            if !std::mem::replace(&mut palette.opened, true) {
                field.request_focus();
            }
            if field.changed() {
                palette.chosen = 0;
            }
            let found = matches(&palette.query);
            let (down, up, enter, escape) = ui.input(|i| {
                let pressed = |key| i.key_pressed(key);
                (pressed(Key::ArrowDown), pressed(Key::ArrowUp), pressed(Key::Enter), pressed(Key::Escape))
            });
            if down {
                palette.chosen = (palette.chosen + 1).min(found.len().saturating_sub(1));
            }
            if up {
                palette.chosen = palette.chosen.saturating_sub(1);
            }
            close = escape || enter;
            if enter && let Some(&command) = found.get(palette.chosen) {
                out.push(Command::Ui(command));
            }
            if let Some(command) = list(ui, ctx, &found, (palette.chosen, down || up)) {
                out.push(Command::Ui(command));
                close = true;
            }
        });
    });
    if close || response.response.clicked_elsewhere() && palette.opened && ui.input(|i| i.pointer.any_click()) {
        state.command_palette = None;
    }
}

fn list(ui: &mut Ui, ctx: &AppContext<'_>, found: &[UiCommand], (chosen, moved): (usize, bool)) -> Option<UiCommand> {
    let mut clicked = None;
    ScrollArea::vertical().max_height(336.0).show(ui, |ui| {
        for (n, &command) in found.iter().enumerate() {
            let keys = RichText::new(ctx.first_keys(command)).color(theme::TEXT_SECOND);
            let button = egui::Button::selectable(n == chosen, command.title()).shortcut_text(keys);
            let response = ui.add_sized(vec2(ui.available_width(), theme::ROW), button);
            if n == chosen && moved {
                response.scroll_to_me(None);
            }
            if response.clicked() {
                clicked = Some(command);
            }
        }
        if found.is_empty() {
            ui.label(widgets::second("No command has all of these letters."));
        }
    });
    clicked
}

/// Commands whose title holds every typed word.
fn matches(query: &str) -> Vec<UiCommand> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let fits = |command: &UiCommand| {
        let title = command.title().to_lowercase();
        words.iter().all(|word| title.contains(word))
    };
    UiCommand::ALL.iter().copied().filter(|c| *c != UiCommand::Palette && fits(c)).collect()
}
