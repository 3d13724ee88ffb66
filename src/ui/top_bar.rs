//! The bar on top: which study, the command palette, jobs, and what this program is not for.

use super::{UiState, icons, theme, widgets};
use crate::context::{AppContext, Command, UiCommand};
use crate::words;
use egui::{Align, Layout, RichText, Ui, vec2};

/// Shows the bar.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, _state: &mut UiState, out: &mut Vec<Command>) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.label(RichText::new("Fovea").font(theme::bold(theme::TITLE_PT)));
        ui.add_space(theme::STEP);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            widgets::badge(ui, words::text("top-not-clinical"), theme::WARNING);
            if !ctx.jobs.is_empty() {
                let text = words::with("top-jobs", &[("count", ctx.jobs.len().into())]);
                widgets::badge(ui, &text, theme::ACCENT);
            }
            search(ui, ctx, out);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                widgets::elided(ui, RichText::new(title(ctx)).color(theme::TEXT));
                if ctx.several_patients {
                    widgets::badge(ui, words::text("top-several-patients"), theme::WARNING);
                }
            });
        });
    });
}

fn search(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    let width = (ui.available_width() * 0.45).clamp(150.0, 300.0);
    let text = RichText::new(format!("{}  {}", icons::ZOOM, words::text("top-search"))).color(theme::TEXT_SECOND);
    let shortcut = RichText::new("Ctrl K").font(theme::small()).color(theme::TEXT_SECOND);
    let button = egui::Button::new(text).shortcut_text(shortcut).min_size(vec2(width, theme::ROW));
    let response = ui.add_sized(vec2(width, theme::ROW), button).on_hover_text(ctx.tooltip(UiCommand::Palette));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, words::text("top-search")));
    if response.clicked() {
        out.push(Command::Ui(UiCommand::Palette));
    }
}

fn title(ctx: &AppContext<'_>) -> String {
    let Some(series) = ctx.series else { return words::text("top-no-study").to_owned() };
    let study = &series.loaded.study;
    let date = widgets::date(&study.date);
    let parts = [study.patient.name.as_str(), study.description.as_str(), date.as_str()];
    let shown: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    if shown.is_empty() { words::text("top-unnamed-study").to_owned() } else { shown.join(" · ") }
}
