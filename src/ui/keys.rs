//! The list of keys and mouse actions. A click on a row's keys waits for other ones.

use super::{UiState, icons, theme, widgets};
use crate::context::{AppContext, Command, UiCommand};
use crate::words;
use egui::{Align, Align2, Button, Event, Label, Layout, RichText, ScrollArea, TextEdit, Ui, Vec2, vec2};

/// What the list remembers.
#[derive(Default)]
pub struct KeysState {
    open: bool,
    query: String,
    /// The command whose new keys are waited for.
    waits: Option<UiCommand>,
}

impl KeysState {
    /// Opens or closes the list.
    pub fn toggle(&mut self) {
        *self = Self { open: !self.open, ..Self::default() };
    }

    /// True while keys that are pressed are meant for the list.
    pub fn is_waiting(&self) -> bool {
        self.waits.is_some()
    }

    /// Closes it, or stops waiting.
    pub fn escape(&mut self) {
        if self.waits.take().is_none() {
            self.open = false;
        }
    }
}

/// Shows the list while it is open.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let keys = &mut state.keys;
    if !keys.open {
        return;
    }
    take_pressed(ui, keys, out);
    let window = ui.ctx().content_rect();
    let mut open = true;
    let sheet = egui::Window::new(words::text("keys-title")).open(&mut open).collapsible(false).resizable(false);
    let width = 640.0f32.min(window.width() - 64.0);
    sheet.anchor(Align2::CENTER_CENTER, Vec2::ZERO).fixed_size([width, window.height() - 160.0]).show(ui.ctx(), |ui| {
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(&mut keys.query).hint_text(words::text("keys-find")).desired_width(200.0);
            ui.add(field).accessible_name(words::text("keys-find-name"));
            if ui.button(words::text("keys-default-all")).clicked() {
                out.push(Command::ResetKeys(None));
            }
        });
        ui.label(widgets::small(words::text("keys-hint")));
        ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
            let wanted = |text: &str| text.to_lowercase().contains(&keys.query.trim().to_lowercase());
            for (what, does) in mouse().into_iter().filter(|(what, does)| wanted(what) || wanted(does)) {
                ui.horizontal_top(|ui| {
                    first_column(ui, |ui| ui.label(widgets::second(what)));
                    ui.add(Label::new(does).wrap());
                });
            }
            let commands =
                UiCommand::ALL.iter().filter(|command| wanted(command.title()) || wanted(&ctx.keys(**command)));
            for &command in commands {
                row(ui, ctx, &mut keys.waits, command, out);
            }
        });
    });
    keys.open = open;
}

/// What is pressed or moved, at the left edge.
fn first_column<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    let column = ui.allocate_ui_with_layout(vec2(180.0, theme::ROW), Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(180.0);
        add(ui)
    });
    column.inner
}

fn row(ui: &mut Ui, ctx: &AppContext<'_>, waits: &mut Option<UiCommand>, command: UiCommand, out: &mut Vec<Command>) {
    ui.horizontal_top(|ui| {
        let text = match *waits == Some(command) {
            true => RichText::new(words::text("keys-press")).color(theme::ACCENT),
            false if ctx.keys(command).is_empty() => widgets::second("–"),
            false => widgets::second(ctx.keys(command).replace(' ', &format!(" {} ", words::text("keys-or")))),
        };
        let button = Button::new(text).frame(false);
        let response = first_column(ui, |ui| ui.add(button)).on_hover_text(words::text("keys-change"));
        let name = words::with("keys-of", &[("command", command.title().into())]);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
        if response.clicked() {
            *waits = Some(command);
        }
        ui.add(Label::new(command.title()).wrap());
        if ctx.keymap.is_changed(command.name()) {
            let name = words::with("keys-default-of", &[("command", command.title().into())]);
            if widgets::icon_button(ui, icons::RESET, &name, &name, false).clicked() {
                out.push(Command::ResetKeys(Some(command)));
            }
        }
    });
}

/// The keys that were pressed become those of the command that waits.
fn take_pressed(ui: &Ui, keys: &mut KeysState, out: &mut Vec<Command>) {
    let Some(command) = keys.waits else { return };
    let pressed = ui.input(|input| {
        input.events.iter().find_map(|event| match event {
            Event::Key { key, pressed: true, modifiers, .. } => Some((*key, *modifiers)),
            _ => None,
        })
    });
    let Some((key, modifiers)) = pressed else { return };
    keys.waits = None;
    match key {
        egui::Key::Escape => {}
        egui::Key::Delete => out.push(Command::SetKeys(command, Vec::new())),
        _ => {
            let held = [(modifiers.command, "Ctrl+"), (modifiers.alt, "Alt+"), (modifiers.shift, "Shift+")];
            let held: String = held.iter().filter(|(down, _)| *down).map(|(_, name)| *name).collect();
            out.push(Command::SetKeys(command, vec![format!("{held}{}", key.name())]));
        }
    }
}

/// What the mouse does.
fn mouse() -> [(&'static str, &'static str); 12] {
    [
        (words::text("mouse-left-drag"), words::text("mouse-left-drag-does")),
        (words::text("mouse-left-click"), words::text("mouse-left-click-does")),
        (words::text("mouse-shift-move"), words::text("mouse-shift-move-does")),
        (words::text("mouse-wheel"), words::text("mouse-wheel-does")),
        (words::text("mouse-ctrl-wheel"), words::text("mouse-ctrl-wheel-does")),
        (words::text("mouse-shift-wheel"), words::text("mouse-shift-wheel-does")),
        (words::text("mouse-middle-drag"), words::text("mouse-middle-drag-does")),
        (words::text("mouse-right-drag"), words::text("mouse-right-drag-does")),
        (words::text("mouse-right-click"), words::text("mouse-right-click-does")),
        (words::text("mouse-double-click"), words::text("mouse-double-click-does")),
        (words::text("mouse-circles"), words::text("mouse-circles-does")),
        (words::text("mouse-series"), words::text("mouse-series-does")),
    ]
}
