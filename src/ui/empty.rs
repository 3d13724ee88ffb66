//! The middle of an empty room: it teaches how to begin.

use super::{icons, theme, widgets};
use crate::context::{AppContext, Command, UiCommand};
use crate::words;
use egui::{Align, Layout, Rect, RichText, Ui, UiBuilder, vec2};

/// Shows what can be done now.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, rect: Rect, out: &mut Vec<Command>) {
    let area = Rect::from_center_size(rect.center(), vec2(rect.width().min(460.0), 360.0));
    let builder = UiBuilder::new().max_rect(area).layout(Layout::top_down(Align::Center));
    ui.scope_builder(builder, |ui| {
        let opening = !ctx.jobs.is_empty();
        let title = match (opening, ctx.catalog) {
            (true, _) => words::text("empty-opening"),
            (false, Some(catalog)) if catalog.studies.is_empty() => words::text("empty-nothing-readable"),
            (false, Some(_)) => words::text("empty-choose"),
            (false, None) => words::text("empty-drop"),
        };
        ui.label(RichText::new(title).font(theme::bold(theme::TITLE_PT)));
        ui.add_space(theme::STEP);
        let hint = match ctx.catalog {
            Some(catalog) if catalog.studies.is_empty() && !opening => {
                words::with("empty-unreadable", &[("count", catalog.unreadable.len().into())])
            }
            _ => words::text("empty-formats").to_owned(),
        };
        ui.label(widgets::second(hint));
        ui.add_space(4.0 * theme::STEP);
        let width = 420.0f32.min(ui.available_width());
        ui.allocate_ui_with_layout(vec2(width, 32.0), Layout::left_to_right(Align::Center), |ui| {
            let wide = vec2((width - 4.0 * theme::STEP) / 3.0, 32.0);
            let buttons = [
                (icons::FOLDER, words::text("empty-open-folder"), UiCommand::OpenFolder),
                (icons::FILE, words::text("empty-open-files"), UiCommand::OpenFiles),
                (icons::DEMO, words::text("empty-demonstration"), UiCommand::OpenDemo),
            ];
            for (icon, text, command) in buttons {
                let button = egui::Button::new(format!("{icon}  {text}")).min_size(wide);
                let response = ui.add_sized(wide, button).on_hover_text(ctx.tooltip(command));
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, text));
                if response.clicked() {
                    out.push(Command::Ui(command));
                }
            }
        });
        ui.add_space(4.0 * theme::STEP);
        ui.label(widgets::small(words::text("empty-keys")));
        if !opening {
            recent(ui, ctx, out);
        }
    });
}

/// Studies that were open before, one click away.
fn recent(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    const LISTED: usize = 5;
    if ctx.settings.recent.is_empty() {
        return;
    }
    ui.add_space(4.0 * theme::STEP);
    ui.label(widgets::second(words::text("empty-recent")));
    for study in ctx.settings.recent.iter().take(LISTED) {
        let date = widgets::date(&study.date);
        let parts = [study.patient.as_str(), date.as_str(), study.modality.as_str(), study.description.as_str()];
        let shown: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let folder = study.path.file_name().unwrap_or_default().to_string_lossy();
        let text = if shown.is_empty() { folder.into_owned() } else { shown.join(" · ") };
        let width = ui.available_width();
        let text = widgets::fitted(ui.painter(), &text, &theme::body(), width - 16.0);
        let response = ui.add(egui::Button::new(text).frame(false)).on_hover_text(study.path.display().to_string());
        if response.clicked() {
            out.push(Command::Open(vec![study.path.clone()]));
        }
    }
}
