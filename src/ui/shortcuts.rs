//! Keys. Text fields keep theirs: while one has the focus only combinations with Ctrl reach the commands, and never undo.

use super::UiState;
use crate::context::{AppContext, Command, UiCommand};
use crate::settings::keymap::Keys;
use egui::{Key, Ui};

/// Reads the keys pressed in this frame.
pub fn read(ui: &Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    if std::mem::take(&mut state.tab_pressed) {
        out.push(Command::Ui(UiCommand::TogglePanels));
    }
    if state.signing.is_some() || state.keys.is_waiting() {
        return;
    }
    if ui.input(|i| i.key_pressed(Key::Escape)) {
        state.keys.escape();
    }
    let pressed = |event: &egui::Event| matches!(event, egui::Event::Key { pressed: true, .. });
    if !ui.input(|input| input.events.iter().any(pressed)) {
        return;
    }
    let writing = ui.ctx().egui_wants_keyboard_input();
    let focused = ui.ctx().memory(|m| m.focused().is_some());
    for &command in UiCommand::ALL {
        for keys in ctx.keymap.keys(command.name()).iter().filter(|keys| keys.key() != "Tab") {
            let Some(key) = Key::from_name(keys.key()) else { continue };
            if writing && (!keys.ctrl || matches!(command, UiCommand::Undo | UiCommand::Redo)) {
                continue;
            }
            // A focused button is pressed with Space; arrows move the focus.
            if focused && !keys.ctrl && matches!(key, Key::Space | Key::ArrowUp | Key::ArrowDown) {
                continue;
            }
            let count = presses(ui, keys, key);
            for _ in 0..count.min(if repeats(command) { 8 } else { 1 }) {
                push(ctx, command, out);
            }
        }
    }
}

/// Commands about findings ask for evidence on screen here, where the key is pressed; `app` asks again.
fn push(ctx: &AppContext<'_>, command: UiCommand, out: &mut Vec<Command>) {
    let about_finding = matches!(command, UiCommand::AcceptFinding | UiCommand::EditFinding | UiCommand::RejectFinding);
    if about_finding {
        let selected = ctx.view.selected.as_ref().and_then(|id| ctx.case?.finding(id));
        if !selected.is_some_and(|f| ctx.view.evidence_on_screen(f)) {
            return;
        }
    }
    out.push(Command::Ui(command));
}

/// True for commands that a held key repeats.
fn repeats(command: UiCommand) -> bool {
    matches!(
        command,
        UiCommand::NextSlice | UiCommand::PreviousSlice | UiCommand::BrushLarger | UiCommand::BrushSmaller
    )
}

fn presses(ui: &Ui, keys: &Keys, key: Key) -> usize {
    ui.input(|input| {
        let hit = |event: &egui::Event| match event {
            egui::Event::Key { key: pressed, pressed: true, modifiers: held, .. } => {
                *pressed == key
                    && (held.ctrl || held.command) == keys.ctrl
                    // "?" and brackets need Shift on some keyboards and not on others.
                    && (held.shift == keys.shift || matches!(key, Key::Questionmark | Key::OpenBracket | Key::CloseBracket | Key::Plus | Key::Equals))
                    && held.alt == keys.alt
            }
            _ => false,
        };
        input.events.iter().filter(|e| hit(e)).count()
    })
}
