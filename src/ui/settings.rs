//! The settings: a small window; what is changed holds at once.

use super::{UiState, widgets};
use crate::context::{AppContext, Command, UiCommand};
use crate::settings::{SegmentColors, Settings};
use crate::words::{self, LANGUAGES};
use egui::{Align2, ComboBox, Grid, Slider, Ui, Vec2};

/// Shows the settings while they are open.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    if !state.settings_open {
        return;
    }
    let mut settings = ctx.settings.clone();
    let mut open = true;
    let window = egui::Window::new(words::text("settings-title")).open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, Vec2::ZERO).fixed_size([440.0, 300.0]).show(ui.ctx(), |ui| {
        Grid::new("settings").num_columns(2).spacing([24.0, 10.0]).show(ui, |ui| values(ui, &mut settings));
        ui.add_space(8.0);
        if ui.button(words::text("settings-keys")).clicked() {
            out.push(Command::Ui(UiCommand::CheatSheet));
        }
        ui.label(widgets::small(words::text("settings-kept")));
    });
    state.settings_open = open;
    if settings != *ctx.settings {
        out.push(Command::Settings(Box::new(settings)));
    }
}

fn values(ui: &mut Ui, settings: &mut Settings) {
    ui.label(words::text("settings-text-size"));
    let mut percent = 100.0 * settings.text_scale;
    // Taken over when the mouse is released: the slider itself grows with the texts.
    let slider = ui.add(Slider::new(&mut percent, 75.0..=200.0).step_by(5.0).suffix(" %"));
    if slider.drag_stopped() || slider.lost_focus() || (slider.changed() && !slider.dragged()) {
        settings.text_scale = percent / 100.0;
    }
    ui.end_row();
    ui.label(words::text("settings-colors"));
    let names = [
        (SegmentColors::Recommended, words::text("settings-colors-recommended")),
        (SegmentColors::ColorBlindSafe, words::text("settings-colors-safe")),
    ];
    let now = names.iter().find(|(colors, _)| *colors == settings.segment_colors).map_or("", |(_, name)| name);
    ComboBox::from_id_salt("segment colors").selected_text(now).show_ui(ui, |ui| {
        for (colors, name) in names {
            ui.selectable_value(&mut settings.segment_colors, colors, name);
        }
    });
    ui.end_row();
    ui.label(words::text("settings-language"));
    let now = if settings.language.is_empty() { words::text("settings-language-system") } else { &settings.language };
    ComboBox::from_id_salt("language").selected_text(now.to_owned()).show_ui(ui, |ui| {
        ui.selectable_value(&mut settings.language, String::new(), words::text("settings-language-system"));
        for (language, _) in LANGUAGES {
            ui.selectable_value(&mut settings.language, (*language).to_owned(), *language);
        }
    });
    ui.end_row();
    ui.label("");
    ui.label(widgets::small(words::text("settings-language-later")));
    ui.end_row();
    ui.label(words::text("settings-proposals"));
    ui.checkbox(&mut settings.hide_ai_at_first, words::text("settings-proposals-hidden"));
    ui.end_row();
    ui.label(words::text("settings-recent"));
    ui.checkbox(&mut settings.names_in_recent, words::text("settings-recent-names"));
    ui.end_row();
}
