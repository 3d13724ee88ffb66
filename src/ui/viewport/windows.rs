//! The windows that a viewport's menu offers: those of the file, of the number keys, and the user's own.

use super::{Frame, overlay};
use crate::context::{AppContext, Command, UiCommand};
use crate::settings::{Settings, UserPreset};
use crate::ui::{UiState, icons, widgets};
use crate::volume::Voi;
use egui::{Button, Role, TextEdit, Ui, WidgetInfo};

/// The submenu.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    ui.set_min_width(250.0);
    let choices = &frame.series.loaded.voi_choices;
    if choices.len() > 1 {
        ui.label(widgets::small("Of the file"));
        for choice in choices {
            let line = overlay::window_line(choice.voi, false);
            let name = if choice.name.is_empty() { line } else { format!("{} · {line}", choice.name) };
            window(ui, frame, &name, choice.voi, out);
        }
        ui.separator();
    }
    for &command in UiCommand::ALL.iter().filter(|command| command.preset().is_some()) {
        super::menu::entry(ui, ctx, frame, command, out);
    }
    ui.separator();
    own(ui, ctx, frame, out);
    keep(ui, ctx, frame, state, out);
}

fn window(ui: &mut Ui, frame: &Frame<'_>, name: &str, voi: Voi, out: &mut Vec<Command>) {
    if ui.selectable_label(frame.viewport.voi == voi, name).clicked() {
        out.push(Command::SetVoi(frame.viewport.id, voi));
        ui.close();
    }
}

/// The user's own for this modality, each with a button that forgets it.
fn own(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, out: &mut Vec<Command>) {
    for preset in ctx.settings.presets_for(&frame.series.loaded.series.modality) {
        ui.horizontal(|ui| {
            let forget = format!("Forget {}", preset.name);
            if widgets::icon_button(ui, icons::REMOVE, &forget, &forget, false).clicked() {
                let presets = ctx.settings.presets.iter().filter(|known| *known != preset).cloned().collect();
                out.push(Command::Settings(Box::new(Settings { presets, ..ctx.settings.clone() })));
                ui.close();
            }
            let voi = Voi::linear(preset.level, preset.width.max(1.0));
            let key = preset.key.map_or_else(String::new, |key| format!("  {key}"));
            window(ui, frame, &format!("{} · {}{key}", preset.name, overlay::window_line(voi, false)), voi, out);
        });
    }
}

/// Keeps the window in hand under a name; a digit at the end of the name takes that number key for the modality.
fn keep(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let hint = "Name, or: Name 7";
        let field = ui.add(TextEdit::singleline(&mut state.preset_name).hint_text(hint).desired_width(120.0));
        field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Name of the window"));
        let named = !state.preset_name.trim().is_empty();
        let button = ui.add_enabled(named, Button::new("Keep window"));
        if button.on_hover_text("Keep this window for series of this modality; a digit takes that number key").clicked()
        {
            let text = std::mem::take(&mut state.preset_name);
            let preset = preset(&text, &frame.series.loaded.series.modality, frame.viewport.voi);
            let mut presets = ctx.settings.presets.clone();
            presets.retain(|known| known.name != preset.name || known.modality != preset.modality);
            presets.insert(0, preset);
            out.push(Command::Settings(Box::new(Settings { presets, ..ctx.settings.clone() })));
            ui.close();
        }
    });
}

fn preset(text: &str, modality: &str, voi: Voi) -> UserPreset {
    let text = text.trim();
    let digit = text.rsplit(' ').next().filter(|last| last.len() == 1).and_then(|last| last.parse().ok());
    let key = digit.filter(|key: &u8| (1..=9).contains(key));
    let name = match key {
        Some(_) if text.len() > 2 => text[..text.len() - 1].trim(),
        _ => text,
    };
    UserPreset { name: name.to_owned(), modality: modality.to_owned(), width: voi.width, level: voi.center, key }
}
