//! Pages of a document, drawn in a job at the width of the view.

use crate::context::{Command, ObjectCommand, ObjectContent, ObjectView, PageRequest, ShownPage};
use crate::io::objects::Object;
use crate::ui::{icons, theme, widgets};
use egui::{ColorImage, Image, Label, ScrollArea, TextureHandle, TextureOptions, Ui, vec2};
use std::sync::Arc;

/// Widths go in steps, so that a window that is pulled larger does not ask for every width in between.
const WIDTH_STEP_PX: f32 = 64.0;
/// Magnification of a click, and the greatest.
const ZOOM_STEP: f32 = 1.25;
const LARGEST: f32 = 4.0;

/// The page and how large it is shown.
pub(super) struct PagesState {
    page: usize,
    /// 1 = as wide as the view.
    zoom: f32,
    texture: Option<(Arc<ShownPage>, TextureHandle)>,
}

impl Default for PagesState {
    fn default() -> Self {
        Self { page: 0, zoom: 1.0, texture: None }
    }
}

pub(super) fn show(
    ui: &mut Ui,
    view: &ObjectView,
    read: &ObjectContent,
    state: &mut PagesState,
    out: &mut Vec<Command>,
) {
    if let Err(problem) = &read.pages {
        ui.add_space(theme::STEP);
        ui.add(Label::new(read.object.summary()).wrap().selectable(true));
        ui.add(Label::new(widgets::second(problem)).wrap().selectable(true));
        return;
    }
    controls(ui, view, read, state);
    let room = ui.available_size();
    let wide = (room.x - 14.0).max(64.0);
    let scale = ui.ctx().pixels_per_point();
    let width_px = ((wide * state.zoom * scale / WIDTH_STEP_PX).ceil() * WIDTH_STEP_PX) as u32;
    let request = PageRequest { page: state.page, width_px };
    if view.asked != Some(request) {
        out.push(Command::Object(ObjectCommand::Page(request)));
    }
    let Some(shown) = &view.page else {
        ui.label(widgets::second("Drawing the page…"));
        return;
    };
    match &shown.picture {
        Err(problem) => {
            ui.add(Label::new(widgets::second(problem)).wrap().selectable(true));
        }
        // Another page than the one in hand is never taken for it.
        Ok(_) if shown.request.page != state.page => {
            ui.label(widgets::second("Drawing the page…"));
        }
        Ok(picture) => {
            let size = vec2(wide, wide * picture.height as f32 / picture.width.max(1) as f32) * state.zoom;
            let texture = texture(ui, shown, picture, &mut state.texture);
            ScrollArea::both().id_salt(("page", state.page)).auto_shrink([false, false]).show(ui, |ui| {
                let name = format!("Page {}", state.page + 1);
                ui.add(Image::new((texture, size)).alt_text(name));
            });
        }
    }
}

fn texture(
    ui: &Ui,
    shown: &Arc<ShownPage>,
    picture: &crate::io::document::PagePicture,
    known: &mut Option<(Arc<ShownPage>, TextureHandle)>,
) -> egui::TextureId {
    if let Some((of, texture)) = known
        && Arc::ptr_eq(of, shown)
    {
        return texture.id();
    }
    let size = [picture.width as usize, picture.height as usize];
    let image = ColorImage::from_rgba_unmultiplied(size, &picture.rgba);
    let texture = ui.ctx().load_texture("page", image, TextureOptions::LINEAR);
    let id = texture.id();
    *known = Some((Arc::clone(shown), texture));
    id
}

/// Previous and next page, which of how many, larger and smaller.
fn controls(ui: &mut Ui, view: &ObjectView, read: &ObjectContent, state: &mut PagesState) {
    let pages = view.pages();
    ui.horizontal(|ui| {
        let (back, on) = (state.page > 0, state.page + 1 < pages);
        let turned_back = widgets::icon_button_enabled(ui, back, icons::BACK, "Previous page", "Previous page", false);
        ui.label(format!("Page {} of {pages}", state.page + 1));
        let turned_on = widgets::icon_button_enabled(ui, on, icons::ON, "Next page", "Next page", false);
        if back && turned_back.clicked() {
            state.page -= 1;
        } else if on && turned_on.clicked() {
            state.page += 1;
        }
        ui.separator();
        let smaller = state.zoom > 1.0;
        if widgets::icon_button_enabled(ui, smaller, icons::SMALLER, "Smaller", "Smaller", false).clicked() {
            state.zoom = (state.zoom / ZOOM_STEP).max(1.0);
        }
        let larger = state.zoom < LARGEST;
        if widgets::icon_button_enabled(ui, larger, icons::LARGER, "Larger", "Larger", false).clicked() {
            state.zoom = (state.zoom * ZOOM_STEP).min(LARGEST);
        }
        if widgets::icon_button_enabled(ui, smaller, icons::FIT, "Fit the width", "Fit the width", false).clicked() {
            state.zoom = 1.0;
        }
        if let Object::Document(document) = &read.object {
            widgets::elided(ui, widgets::second(&document.title));
        }
    });
}
