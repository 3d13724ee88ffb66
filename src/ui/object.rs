//! An object that is no image, in a window beside the pictures: a report as a tree, key images to go to, pages of a
//! document, masks to lay over a series, and what a plan or waveform says of itself.

mod images;
mod masks;
mod pages;
mod report;

use super::{UiState, icons, theme, widgets};
use crate::context::{AppContext, Command, LinkCommand, ObjectCommand, ObjectContent, ObjectView};
use crate::io::objects::{Object, ObjectKind};
use egui::{Label, Pos2, Rect, RichText, Ui, Vec2, vec2};

/// Share of the window that the panel at the right takes.
const RIGHT_PANEL: f32 = 0.27;

/// What the view remembers between frames; another object begins anew.
#[derive(Default)]
pub struct ObjectState {
    of: u64,
    report: report::ReportState,
    pages: pages::PagesState,
}

/// The icon of a kind.
pub fn icon(kind: ObjectKind) -> char {
    match kind {
        ObjectKind::Report => icons::REPORT,
        ObjectKind::KeyObjects => icons::KEY,
        ObjectKind::Presentation => icons::PRESENTATION,
        ObjectKind::Pdf | ObjectKind::Document => icons::DOCUMENT,
        ObjectKind::Structures => icons::CONTOURS,
        ObjectKind::Masks => icons::MASKS,
        ObjectKind::Plan => icons::PLAN,
        ObjectKind::Waveform => icons::WAVEFORM,
        ObjectKind::RealWorldMaps => icons::VALUES,
        ObjectKind::Registration => icons::REGISTRATION,
        ObjectKind::Other => icons::OBJECT,
    }
}

/// Shows the view while it is open.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let Some(view) = ctx.object else {
        state.object = ObjectState::default();
        return;
    };
    if state.object.of != view.id {
        state.object = ObjectState { of: view.id, ..ObjectState::default() };
    }
    let room = ui.ctx().content_rect();
    let size = default_size(view.kind, room);
    let mut open = true;
    // Each kind keeps the place and size that the reader gave it.
    egui::Window::new(view.kind.title())
        .id(egui::Id::unique(("object", view.kind.title())))
        .open(&mut open)
        .collapsible(false)
        .default_size(size)
        .min_size(vec2(360.0, 200.0))
        .max_size(room.size() - vec2(32.0, 96.0))
        .default_pos(default_pos(ctx, view.kind, room, size))
        .show(ui.ctx(), |ui| content(ui, ctx, view, &mut state.object, out));
    let free = state.command_palette.is_none() && state.signing.is_none();
    let escape = free && ui.input(|i| i.key_pressed(egui::Key::Escape));
    if !open || escape {
        out.push(Command::Object(ObjectCommand::Close));
    }
}

/// What is read stands in the middle; what acts on the pictures leaves the first of them free, over the last.
fn default_pos(ctx: &AppContext<'_>, kind: ObjectKind, room: Rect, size: Vec2) -> Pos2 {
    if matches!(kind, ObjectKind::Report | ObjectKind::Pdf | ObjectKind::Document) {
        return room.center() - size / 2.0;
    }
    let panel = if ctx.view.panels_shown { RIGHT_PANEL * room.width() } else { 0.0 };
    let corner = room.right_bottom() - vec2(panel + 16.0, 88.0);
    (corner - size).max(room.min)
}

/// Reports and pages want room; the rest says little.
fn default_size(kind: ObjectKind, room: Rect) -> Vec2 {
    let wanted = match kind {
        ObjectKind::Report | ObjectKind::Pdf | ObjectKind::Document => vec2(700.0, 640.0),
        ObjectKind::KeyObjects | ObjectKind::Structures | ObjectKind::Masks => vec2(420.0, 320.0),
        _ => vec2(420.0, 260.0),
    };
    wanted.min(room.size() - vec2(32.0, 120.0))
}

fn content(ui: &mut Ui, ctx: &AppContext<'_>, view: &ObjectView, state: &mut ObjectState, out: &mut Vec<Command>) {
    heading(ui, view, out);
    let Some(read) = &view.content else {
        ui.label(widgets::second("Reading the file…"));
        return;
    };
    warnings(ui, &read.warnings);
    match &read.object {
        Object::Report(document) => report::show(ui, ctx, view, (read, document), &mut state.report, out),
        Object::KeyObjects(keys) => images::key_objects(ui, read, keys, out),
        Object::Presentation(state) => images::presentation(ui, ctx, (view, read), state, out),
        Object::Document(_) => pages::show(ui, view, read, &mut state.pages, out),
        Object::Registration(_) => {
            summary(ui, read);
            ui.add_space(theme::STEP);
            if ui.button("Link by it").on_hover_text("Series of these frames of reference follow one another").clicked()
            {
                out.push(Command::Link(LinkCommand::Apply));
            }
        }
        _ if view.kind.is_masks() => masks::show(ui, ctx, view, read, out),
        _ => summary(ui, read),
    }
}

/// Whose object it is of the series, and the way to the others of it.
fn heading(ui: &mut Ui, view: &ObjectView, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        if view.count > 1 {
            let mut turn = |ui: &mut Ui, icon, name: &str, to: Option<usize>| {
                if widgets::icon_button_enabled(ui, to.is_some(), icon, name, name, false).clicked()
                    && let Some(to) = to
                {
                    out.push(Command::Object(ObjectCommand::Turn(to)));
                }
            };
            turn(ui, icons::BACK, "Previous object of the series", view.index.checked_sub(1));
            ui.label(widgets::second(format!("{} of {}", view.index + 1, view.count)));
            turn(ui, icons::ON, "Next object of the series", Some(view.index + 1).filter(|next| *next < view.count));
        }
        widgets::elided(ui, RichText::new(&view.source).font(theme::bold(theme::BODY_PT)));
    });
}

fn warnings(ui: &mut Ui, sentences: &[String]) {
    /// More than these are a list of their own.
    const SHOWN: usize = 3;
    for warning in sentences.iter().take(SHOWN) {
        let text = RichText::new(format!("{} {warning}", icons::WARNING)).font(theme::small()).color(theme::WARNING);
        ui.add(Label::new(text).wrap().selectable(true));
    }
    if let Some(more) = sentences.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let text = RichText::new(format!("and {more} more")).font(theme::small()).color(theme::WARNING);
        ui.label(text).on_hover_text(sentences[SHOWN..].join("\n"));
    }
}

/// What an object says of itself in a line, where nothing of it is shown.
fn summary(ui: &mut Ui, read: &ObjectContent) {
    let said = read.object.summary();
    ui.add_space(theme::STEP);
    if said.is_empty() {
        let text = "Fovea does not look into objects of this kind. Its data elements are listed by “fovea tags”.";
        ui.add(Label::new(widgets::second(text)).wrap());
    } else {
        ui.add(Label::new(said).wrap().selectable(true));
    }
}
