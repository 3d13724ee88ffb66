//! The middle of an empty room: it teaches how to begin.

use super::{icons, theme, widgets};
use crate::context::{AppContext, Command, UiCommand};
use egui::{Align, Layout, Rect, RichText, Ui, UiBuilder, vec2};

/// Shows what can be done now.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, rect: Rect, out: &mut Vec<Command>) {
    let area = Rect::from_center_size(rect.center(), vec2(rect.width().min(460.0), 240.0));
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
                let response = ui.add_sized(wide, button).on_hover_text(command.tooltip());
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, text));
                if response.clicked() {
                    out.push(Command::Ui(command));
                }
            }
        });
        ui.add_space(4.0 * theme::STEP);
        ui.label(widgets::small("Ctrl+K finds every command · ? shows keys and mouse"));
    });
}
