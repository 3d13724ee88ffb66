//! Signing (the one modal dialog: it repeats whose report it is) and the list of keys.

use super::{UiState, icons, theme, widgets};
use crate::context::{AppContext, Command};
use crate::findings::Finding;
use crate::words;
use egui::{Frame, Grid, Modal, RichText, TextEdit, Ui};

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
}

fn sign(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let (Some(signing), Some(series), Some(case)) = (&mut state.signing, ctx.series, ctx.case) else { return };
    let frame = Frame::popup(ui.style()).inner_margin(4.0 * theme::STEP);
    let modal = Modal::new(egui::Id::unique("sign")).backdrop_color(theme::VEIL).frame(frame);
    let response = modal.show(ui.ctx(), |ui| {
        ui.set_width(420.0);
        ui.label(RichText::new(words::text("sign-title")).font(theme::bold(theme::TITLE_PT)));
        ui.add_space(theme::STEP);
        ui.label(widgets::second(words::text("sign-check")));
        ui.add_space(theme::STEP);
        identity(ui, &series.loaded.study);
        ui.add_space(theme::STEP);
        let open = case.findings.iter().filter(|f| Finding::is_unreviewed_ai(f)).count();
        if open > 0 {
            let text = format!("{} {}", icons::WARNING, words::with("sign-unreviewed", &[("count", open.into())]));
            ui.label(RichText::new(text).color(theme::WARNING));
        }
        ui.add_space(theme::STEP);
        let label = ui.label(words::text("sign-your-name"));
        let field = TextEdit::singleline(&mut signing.name).desired_width(f32::INFINITY);
        let field = ui.add(field).labelled_by(label.id);
        if !std::mem::replace(&mut signing.opened, true) {
            field.request_focus();
        }
        ui.add_space(2.0 * theme::STEP);
        let named = !signing.name.trim().is_empty();
        let mut done = false;
        ui.horizontal(|ui| {
            if ui.add_enabled(named, egui::Button::new(words::text("sign-sign"))).clicked() {
                out.push(Command::Sign { name: signing.name.trim().to_owned() });
                done = true;
            }
            done |= ui.button(words::text("sign-cancel")).clicked();
            if !named {
                ui.label(widgets::small(words::text("sign-needs-name")));
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
        (words::text("sign-name"), patient.name.clone()),
        (words::text("sign-patient-id"), patient.id.clone()),
        (words::text("sign-birth-date"), widgets::date(&patient.birth_date)),
        (words::text("sign-accession"), study.accession.clone()),
        (
            words::text("sign-study"),
            [widgets::date(&study.date), study.description.clone()].join(" ").trim().to_owned(),
        ),
    ];
    Grid::new("identity").num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
        for (what, value) in rows {
            ui.label(widgets::second(what));
            let value = if value.is_empty() { words::text("sign-not-stated").to_owned() } else { value };
            ui.add(egui::Label::new(RichText::new(value).font(theme::bold(theme::BODY_PT))).wrap());
            ui.end_row();
        }
    });
}
