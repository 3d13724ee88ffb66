//! The list of key images: where each lies, why it was marked, and the way to it.

use super::{Edited, edited_line};
use crate::context::{AppContext, CaseView, Command, MeasureCommand, UiCommand};
use crate::findings::KeyImageMark;
use crate::findings::measurement::ImageRef;
use crate::ui::{icons, theme, widgets};
use egui::{Align, Layout, RichText, Role, Ui, WidgetInfo};

/// Shows the list.
pub fn show(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    note: &mut Option<(ImageRef, String)>,
    case: &CaseView<'_>,
    out: &mut Vec<Command>,
) {
    let marks = case.document.key_images();
    ui.add_space(theme::STEP);
    widgets::rule(ui);
    ui.horizontal(|ui| {
        widgets::block_title(ui, &widgets::counted(marks.len(), "key image"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let command = UiCommand::KeyImage;
            let enabled = !case.is_signed() && ctx.active().is_some_and(|active| ctx.image_in(active).is_some());
            let (title, tooltip) = (command.title(), ctx.tooltip(command));
            if widgets::icon_button_enabled(ui, enabled, icons::KEY, title, &tooltip, false).clicked() {
                out.push(Command::Ui(command));
            }
        });
    });
    for mark in marks {
        ui.push_id((&mark.image.sop_instance_uid, mark.image.frame), |ui| row(ui, note, case, mark, out));
    }
}

fn row(
    ui: &mut Ui,
    note: &mut Option<(ImageRef, String)>,
    case: &CaseView<'_>,
    mark: &KeyImageMark,
    out: &mut Vec<Command>,
) {
    let response = widgets::list_row(ui, "key image", false, 8, |ui| {
        widgets::row_head(ui, |ui| {
            if !case.is_signed() {
                buttons(ui, note, mark, out);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let star = RichText::new(icons::KEY).font(theme::icons(theme::ICON_PT));
                ui.label(star.color(theme::TEXT_SECOND));
                widgets::elided(ui, RichText::new(&mark.image.cited).font(theme::bold(theme::BODY_PT)));
            });
        });
        words(ui, note, mark, out);
    });
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("Key image {}", mark.image.cited)));
    if response.clicked() {
        out.push(Command::Measure(MeasureCommand::GoToImage(Box::new(mark.clone()))));
    }
}

fn buttons(ui: &mut Ui, note: &mut Option<(ImageRef, String)>, mark: &KeyImageMark, out: &mut Vec<Command>) {
    let cited = &mark.image.cited;
    let tooltip = "No key image any more";
    if widgets::icon_button(ui, icons::REMOVE, &format!("Unmark {cited}"), tooltip, false).clicked() {
        out.push(Command::Measure(MeasureCommand::Unmark(mark.image.clone())));
    }
    let tooltip = "Write why this image is worth keeping";
    if widgets::icon_button(ui, icons::EDIT, &format!("Note on {cited}"), tooltip, false).clicked() {
        *note = Some((mark.image.clone(), mark.note.clone()));
    }
}

/// The note, or the field in which it is written.
fn words(ui: &mut Ui, note: &mut Option<(ImageRef, String)>, mark: &KeyImageMark, out: &mut Vec<Command>) {
    let Some((_, text)) = note.as_mut().filter(|(image, _)| mark.is_of(image)) else {
        if !mark.note.is_empty() {
            ui.add(egui::Label::new(&mark.note).wrap());
        }
        return;
    };
    match edited_line(ui, text, "Note on the key image") {
        Edited::Going => {}
        Edited::Dropped => *note = None,
        Edited::Done(words) => {
            let mark = KeyImageMark { note: words, ..mark.clone() };
            out.push(Command::Measure(MeasureCommand::Mark(Box::new(mark))));
            *note = None;
        }
    }
}
