//! The middle of an empty room: it teaches how to begin.

use super::{icons, theme, widgets};
use crate::context::{AppContext, Command, UiCommand};
use egui::{Align, Layout, Rect, RichText, Ui, UiBuilder, vec2};

/// Shows what can be done now.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, rect: Rect, out: &mut Vec<Command>) {
    let area = Rect::from_center_size(rect.center(), vec2(rect.width().min(460.0), 360.0));
    let builder = UiBuilder::new().max_rect(area).layout(Layout::top_down(Align::Center));
    ui.scope_builder(builder, |ui| {
        let opening = !ctx.jobs.is_empty();
        let title = match (opening, ctx.catalog) {
            (true, _) => "Opening…",
            (false, Some(catalog)) if catalog.studies.is_empty() => "Nothing here can be shown",
            (false, Some(_)) => "Choose a series on the left",
            (false, None) => "Drop a folder of images here, or open the demonstration.",
        };
        ui.label(RichText::new(title).font(theme::bold(theme::TITLE_PT)));
        ui.add_space(theme::STEP);
        let hint = match ctx.catalog {
            Some(catalog) if catalog.studies.is_empty() && !opening => {
                format!("{} files were found, none with readable images. Info lists why.", catalog.unreadable.len())
            }
            _ => "DICOM (CT, MR, X-ray), NIfTI, PNG and JPEG. Nothing leaves this machine.".to_owned(),
        };
        ui.label(widgets::second(hint));
        ui.add_space(4.0 * theme::STEP);
        let width = 420.0f32.min(ui.available_width());
        ui.allocate_ui_with_layout(vec2(width, 32.0), Layout::left_to_right(Align::Center), |ui| {
            let wide = vec2((width - 4.0 * theme::STEP) / 3.0, 32.0);
            let buttons = [
                (icons::FOLDER, "Open a folder", UiCommand::OpenFolder),
                (icons::FILE, "Open files", UiCommand::OpenFiles),
                (icons::DEMO, "Demonstration", UiCommand::OpenDemo),
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
        ui.label(widgets::small("Ctrl+K finds every command · ? shows keys and mouse"));
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
    ui.label(widgets::second("Recent"));
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
