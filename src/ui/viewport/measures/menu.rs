//! The right-click menu of a measurement.

use super::super::Frame;
use crate::context::{AppContext, Command, MeasureCommand, Tab, UiCommand};
use crate::findings::measurement::{Place, Shape};
use crate::findings::{Finding, Quantity};
use crate::ui::{UiState, icons, widgets};
use egui::{Response, Ui};

/// Shows it while the right button was last used on a measurement. True when the viewport's own menu stays closed.
pub fn menu(
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    response: &Response,
    out: &mut Vec<Command>,
) -> bool {
    if state.measures.menu_held {
        return true;
    }
    let Some(finding) = state.measures.menu.as_ref().and_then(|id| ctx.case?.finding(id)) else { return false };
    response.context_menu(|ui| entries(ui, ctx, state, frame, finding, out));
    true
}

fn entries(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    finding: &Finding,
    out: &mut Vec<Command>,
) {
    let Some(measured) = finding.measurement() else { return };
    let signed = ctx.case.is_some_and(|case| case.is_signed());
    let id = || finding.id.clone();
    ui.set_width(250.0);
    let value = measured.screen_lines().into_iter().next().unwrap_or_default();
    ui.label(widgets::small(format!("{}  {value}", finding.label)));
    ui.separator();
    let mut entry = |ui: &mut Ui, enabled: bool, icon: char, text: &str, keys: &str, command: MeasureCommand| {
        let button = egui::Button::new(format!("{icon}  {text}")).shortcut_text(keys).frame(false);
        if ui.add_enabled(enabled, button).clicked() {
            out.push(Command::Measure(command));
            ui.close();
        }
    };
    entry(ui, true, icons::COPY, "Copy value", "", MeasureCommand::Copy(id()));
    entry(ui, !signed, icons::REPORT, "Insert into the report", "", MeasureCommand::Report(id()));
    if measured.results.get(Quantity::Mean).is_some() {
        let (text, keys) = ("Window from this region", ctx.keys(UiCommand::WindowFromRegion));
        entry(ui, true, icons::WINDOW, text, &keys, MeasureCommand::WindowFrom(frame.viewport.id, id()));
    }
    let keys = ctx.keys(UiCommand::RemoveMeasurement);
    entry(ui, !signed, icons::REMOVE, "Remove", &keys, MeasureCommand::Remove(id()));
    ui.separator();
    if ui.add_enabled(!signed, egui::Button::new(format!("{}  Rename", icons::EDIT)).frame(false)).clicked() {
        state.measures.begin_rename(finding);
        out.push(Command::ShowTab(Tab::Measures));
        ui.close();
    }
    let (Place::Picture(on), Shape::Length(_)) = (&measured.place, &measured.shape) else { return };
    let text = format!("{}  Calibrate by this length …", icons::LENGTH);
    if ui.add_enabled(!signed, egui::Button::new(text).frame(false)).clicked() {
        state.measures.calibrating = Some((id(), String::new()));
        ui.close();
    }
    if on.known_length.is_some() {
        let text = format!("{}  Calibrate as the file says", icons::RESET);
        if ui.add_enabled(!signed, egui::Button::new(text).frame(false)).clicked() {
            out.push(Command::Measure(MeasureCommand::Uncalibrate(on.series.key.clone())));
            ui.close();
        }
    }
}
