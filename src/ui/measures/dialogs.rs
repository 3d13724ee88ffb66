//! The small window in which a length is given its true millimetres.

use crate::context::{AppContext, Command, MeasureCommand};
use crate::ui::{UiState, theme, widgets};
use egui::{Align2, Key, TextEdit, Ui, Vec2};

/// Shows what is open.
pub fn show(ui: &Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    // The list of the next frame says anew what the pointer is on.
    state.measures.listed = None;
    let Some((id, text)) = &mut state.measures.calibrating else { return };
    let Some(finding) = ctx.case.and_then(|case| case.finding(id)) else {
        state.measures.calibrating = None;
        return;
    };
    let (mut open, mut done) = (true, false);
    let window = egui::Window::new("Calibrate by a known length").open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, Vec2::ZERO).fixed_size([360.0, 120.0]).show(ui.ctx(), |ui| {
        let now = finding.measurement().and_then(|m| m.screen_lines().into_iter().next()).unwrap_or_default();
        let sentence = format!(
            "“{}” measures {now}. How long is it? All pictures of the series are \
             calibrated by it; angles and shapes stay.",
            finding.label
        );
        ui.add(egui::Label::new(sentence).wrap());
        ui.add_space(theme::STEP);
        let known = text.trim().replace(',', ".").parse::<f64>().ok().filter(|mm| *mm > 0.0 && mm.is_finite());
        ui.horizontal(|ui| {
            let field = ui.add(TextEdit::singleline(text).desired_width(100.0)).accessible_name("Known length");
            ui.label("mm");
            let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let clicked = ui.add_enabled(known.is_some(), egui::Button::new("Calibrate")).clicked();
            if let Some(mm) = known.filter(|_| enter || clicked) {
                out.push(Command::Measure(MeasureCommand::Calibrate(id.clone(), mm)));
                done = true;
            } else if !text.trim().is_empty() && known.is_none() {
                ui.label(widgets::small("a positive number of millimetres"));
            }
        });
    });
    if done || !open || ui.input(|i| i.key_pressed(Key::Escape)) {
        state.measures.calibrating = None;
    }
}
