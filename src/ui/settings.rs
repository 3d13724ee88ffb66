//! The settings: a small window; what is changed holds at once.

use super::{UiState, widgets};
use crate::context::{AppContext, Command, UiCommand};
use crate::settings::{SegmentColors, Settings};
use crate::words::LANGUAGES;
use egui::{Align2, ComboBox, Grid, Slider, Ui, Vec2};

/// Shows the settings while they are open.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    if !state.settings_open {
        return;
    }
    let mut settings = ctx.settings.clone();
    let mut open = true;
    let window = egui::Window::new("Settings").open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, Vec2::ZERO).fixed_size([440.0, 300.0]).show(ui.ctx(), |ui| {
        Grid::new("settings").num_columns(2).spacing([24.0, 10.0]).show(ui, |ui| values(ui, &mut settings));
        ui.add_space(8.0);
        if ui.button("Keys and mouse…").clicked() {
            out.push(Command::Ui(UiCommand::CheatSheet));
        }
        ui.label(widgets::small(
            "Kept in one file of this user on this machine. No patient names unless allowed above.",
        ));
    });
    state.settings_open = open;
    if settings != *ctx.settings {
        out.push(Command::Settings(Box::new(settings)));
    }
}

fn values(ui: &mut Ui, settings: &mut Settings) {
    ui.label("Size of texts");
    let mut percent = 100.0 * settings.text_scale;
    // Taken over when the mouse is released: the slider itself grows with the texts.
    let slider = ui.add(Slider::new(&mut percent, 75.0..=200.0).step_by(5.0).suffix(" %"));
    if slider.drag_stopped() || slider.lost_focus() || (slider.changed() && !slider.dragged()) {
        settings.text_scale = percent / 100.0;
    }
    ui.end_row();
    ui.label("Colors of segments");
    let names = [
        (SegmentColors::Recommended, "as the object says"),
        (SegmentColors::ColorBlindSafe, "safe for color-blind eyes"),
    ];
    let now = names.iter().find(|(colors, _)| *colors == settings.segment_colors).map_or("", |(_, name)| name);
    ComboBox::from_id_salt("segment colors").selected_text(now).show_ui(ui, |ui| {
        for (colors, name) in names {
            ui.selectable_value(&mut settings.segment_colors, colors, name);
        }
    });
    ui.end_row();
    ui.label("Language");
    let now = if settings.language.is_empty() { "of the system" } else { &settings.language };
    ComboBox::from_id_salt("language").selected_text(now.to_owned()).show_ui(ui, |ui| {
        ui.selectable_value(&mut settings.language, String::new(), "of the system");
        for (language, _) in LANGUAGES {
            ui.selectable_value(&mut settings.language, (*language).to_owned(), *language);
        }
    });
    ui.end_row();
    ui.label("");
    ui.label(widgets::small("another language holds from the next start on"));
    ui.end_row();
    ui.label("Proposals of machines");
    ui.checkbox(&mut settings.hide_ai_at_first, "hidden until every image was on screen");
    ui.end_row();
    ui.label("Recent studies");
    ui.checkbox(&mut settings.names_in_recent, "with patients' names");
    ui.end_row();
}
