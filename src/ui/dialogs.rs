//! Signing (the one modal dialog: it repeats whose report it is) and the list of keys.

use super::{UiState, icons, theme, widgets};
use crate::context::{AppContext, Command, UiCommand};
use crate::findings::Finding;
use egui::{Align, Align2, Frame, Grid, Modal, RichText, ScrollArea, TextEdit, Ui, Vec2};

/// The name being entered.
pub struct SignState {
    name: String,
    opened: bool,
}

impl SignState {
    /// Starts with the name that was used before.
    pub fn new(reader: &str) -> Self {
        Self { name: reader.to_owned(), opened: false }
    }
}

/// Shows what is open.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    sign(ui, ctx, state, out);
    if state.cheat_sheet {
        cheat_sheet(ui, &mut state.cheat_sheet);
    }
}

fn sign(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let (Some(signing), Some(series), Some(case)) = (&mut state.signing, ctx.series, ctx.case) else { return };
    let frame = Frame::popup(ui.style()).inner_margin(4.0 * theme::STEP);
    let modal = Modal::new(egui::Id::unique("sign")).backdrop_color(theme::VEIL).frame(frame);
    let response = modal.show(ui.ctx(), |ui| {
        ui.set_width(420.0);
        ui.label(RichText::new("Sign the report").font(theme::bold(theme::TITLE_PT)));
        ui.add_space(theme::STEP);
        ui.label(widgets::second("A signed report never changes. Check whose it is:"));
        ui.add_space(theme::STEP);
        identity(ui, &series.loaded.study);
        ui.add_space(theme::STEP);
        let open = case.findings.iter().filter(|f| Finding::is_unreviewed_ai(f)).count();
        if open > 0 {
            let text = format!("{} {open} proposed findings were not reviewed; they stay proposals.", icons::WARNING);
            ui.label(RichText::new(text).color(theme::WARNING));
        }
        ui.add_space(theme::STEP);
        let label = ui.label("Your name");
        let field = TextEdit::singleline(&mut signing.name).desired_width(f32::INFINITY);
        let field = ui.add(field).labelled_by(label.id);
        if !std::mem::replace(&mut signing.opened, true) {
            field.request_focus();
        }
        ui.add_space(2.0 * theme::STEP);
        let named = !signing.name.trim().is_empty();
        let mut done = false;
        ui.horizontal(|ui| {
            if ui.add_enabled(named, egui::Button::new("Sign")).clicked() {
                out.push(Command::Sign { name: signing.name.trim().to_owned() });
                done = true;
            }
            done |= ui.button("Cancel").clicked();
            if !named {
                ui.label(widgets::small("A signature needs a name."));
            }
        });
        done
    });
    if response.inner || response.should_close() {
        state.signing = None;
    }
}

fn identity(ui: &mut Ui, study: &crate::study::Study) {
    let patient = &study.patient;
    let rows = [
        ("Name", patient.name.clone()),
        ("Patient ID", patient.id.clone()),
        ("Birth date", widgets::date(&patient.birth_date)),
        ("Accession", study.accession.clone()),
        ("Study", [widgets::date(&study.date), study.description.clone()].join(" ").trim().to_owned()),
    ];
    Grid::new("identity").num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
        for (what, value) in rows {
            ui.label(widgets::second(what));
            let value = if value.is_empty() { "not stated in the files".to_owned() } else { value };
            ui.add(egui::Label::new(RichText::new(value).font(theme::bold(theme::BODY_PT))).wrap());
            ui.end_row();
        }
    });
}

fn cheat_sheet(ui: &mut Ui, open: &mut bool) {
    let window = ui.ctx().content_rect();
    let sheet = egui::Window::new("Keys and mouse").open(open).collapsible(false).resizable(false);
    let width = 600.0f32.min(window.width() - 64.0);
    sheet.anchor(Align2::CENTER_CENTER, Vec2::ZERO).fixed_size([width, window.height() - 160.0]).show(ui.ctx(), |ui| {
        ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
            let mut row = |what: &str, does: &str| {
                ui.horizontal_top(|ui| {
                    ui.add_sized([150.0, theme::ROW], egui::Label::new(widgets::second(what)).halign(Align::Min));
                    ui.add_sized([width - 190.0, theme::ROW], egui::Label::new(does).halign(Align::Min));
                });
            };
            for (what, does) in MOUSE {
                row(what, does);
            }
            for command in UiCommand::ALL.iter().filter(|c| !c.keys().is_empty()) {
                row(&command.keys().replace(' ', " or "), command.title());
            }
        });
    });
}

const MOUSE: &[(&str, &str)] = &[
    ("Left drag", "the tool in hand; at first window and level: right is wider, up is brighter"),
    ("Left click", "crosshair there; sentences that rest on it light up"),
    ("Wheel", "slices: down = next"),
    ("Ctrl + wheel", "zoom"),
    ("Shift + wheel", "brush size"),
    ("Middle drag", "pan"),
    ("Right drag", "zoom"),
    ("Right click", "window presets and more"),
    ("Double click", "one viewport or all"),
];
