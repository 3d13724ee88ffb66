//! Images that an object refers to: a click goes there.

use crate::context::{AppContext, Command, ImagePlace, ObjectCommand, ObjectContent, ObjectView, UiCommand};
use crate::io::key_objects::KeyObjects;
use crate::io::presentation::PresentationState;
use crate::ui::{icons, theme, widgets};
use egui::{Align2, Color32, Label, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

/// A selection: why, and of what.
pub(super) fn key_objects(ui: &mut Ui, read: &ObjectContent, keys: &KeyObjects, out: &mut Vec<Command>) {
    let title = keys.title.as_ref().map_or("Selected objects", |title| title.meaning.as_ref());
    let modifiers: Vec<&str> = keys.modifiers.iter().map(|code| code.meaning.as_ref()).collect();
    ui.add_space(theme::STEP);
    ui.add(Label::new(RichText::new(title).font(theme::bold(theme::TITLE_PT))).wrap());
    if !modifiers.is_empty() {
        ui.add(Label::new(widgets::second(modifiers.join(" · "))).wrap());
    }
    if !keys.description.is_empty() {
        ui.add(Label::new(&keys.description).wrap().selectable(true));
    }
    widgets::block_title(ui, &widgets::counted(read.images.len(), "object"));
    list(ui, &read.images, out);
}

/// A presentation state: who made it, whether it is on the images, and the images.
pub(super) fn presentation(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    (view, read): (&ObjectView, &ObjectContent),
    state: &PresentationState,
    out: &mut Vec<Command>,
) {
    let title = if state.label.is_empty() { "Presentation state" } else { state.label.as_str() };
    ui.add_space(theme::STEP);
    ui.add(Label::new(RichText::new(title).font(theme::bold(theme::TITLE_PT))).wrap());
    let by = if state.creator.is_empty() { String::new() } else { format!("by {}", state.creator) };
    let said = [state.description.clone(), by, widgets::counted(state.drawings.len(), "annotation")];
    let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
    ui.add(Label::new(widgets::second(said.join(" · "))).wrap());
    let open: Vec<&ImagePlace> = read.images.iter().flatten().collect();
    if let Some(first) = open.first() {
        let on = ctx.presentation.filter(|on| on.shown && on.view == view.id);
        let mut shown = on.is_some();
        let tip = ctx.tooltip(UiCommand::TogglePresentation);
        if ui.checkbox(&mut shown, "On the images").on_hover_text(tip).changed() {
            let series_key = first.series_key.clone();
            out.push(Command::Object(ObjectCommand::Present { series_key, on: shown }));
        }
        if let Some(not) = on.map(|on| on.not_applied.join(", ")).filter(|not| !not.is_empty()) {
            let text = RichText::new(format!("{} Not applied: {not}.", icons::WARNING)).color(theme::WARNING);
            ui.add(Label::new(text.font(theme::small())).wrap());
        }
    }
    widgets::block_title(ui, &widgets::counted(read.images.len(), "image"));
    list(ui, &read.images, out);
}

/// One row for each image; those that are not open say so.
pub(super) fn list(ui: &mut Ui, images: &[Result<ImagePlace, String>], out: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().auto_shrink([false, false]).show_rows(ui, theme::ROW, images.len(), |ui, range| {
        for image in &images[range] {
            if let Some(place) = row(ui, image) {
                out.push(Command::Object(ObjectCommand::ShowImage(place)));
            }
        }
    });
}

fn row(ui: &mut Ui, image: &Result<ImagePlace, String>) -> Option<ImagePlace> {
    let (words, open) = match image {
        Ok(place) => (&place.title, true),
        Err(words) => (words, false),
    };
    let sense = if open { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, open, format!("Show {words}")));
    let painter = ui.painter_at(rect);
    let hovered = open && response.hovered();
    painter.rect_filled(rect, 4.0, if hovered { theme::RAISED_HOVER } else { Color32::TRANSPARENT });
    let (icon, color) = if open { (icons::PICTURE, theme::ACCENT) } else { (icons::OBJECT, theme::TEXT_DISABLED) };
    let middle = rect.center().y;
    painter.text(pos2(rect.left() + 14.0, middle), Align2::CENTER_CENTER, icon, theme::icons(theme::ICON_PT), color);
    let color = if open { theme::TEXT } else { theme::TEXT_SECOND };
    let fitted = widgets::fitted(&painter, words, &theme::body(), rect.width() - 36.0);
    painter.text(pos2(rect.left() + 30.0, middle), Align2::LEFT_CENTER, fitted, theme::body(), color);
    let tip = if open { format!("Go to {words}") } else { words.clone() };
    let clicked = response.on_hover_text(tip).clicked();
    image.as_ref().ok().filter(|_| clicked).cloned()
}
