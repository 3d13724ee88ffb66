//! The layout picker: hanging protocols that are for the study, and a small grid to sweep over; what is under the pointer
//! becomes the grid of viewports.

use super::{UiState, icons, theme, widgets};
use crate::context::{AppContext, Command, HangingCommand, Layout, UiCommand};
use egui::{Color32, Rect, RichText, Role, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, vec2};

/// Rows and columns that can be swept over.
const SWEPT: u8 = 5;
/// Edge of a cell in points, and the gap to the next one.
const CELL: f32 = 26.0;
const GAP: f32 = 4.0;

/// The button of the tool bar, with protocols and grid below it.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let Layout { rows, columns, .. } = &ctx.view.layout;
    let text = format!("{} {rows} × {columns}", icons::LAYOUT);
    let menu = ui.menu_button(text, |ui| {
        ui.set_min_width(230.0);
        protocols(ui, ctx, out);
        ui.horizontal(|ui| {
            ui.add_space(40.0);
            ui.vertical(|ui| grid(ui, [*rows, *columns], out));
        });
        save(ui, state, out);
    });
    let response = menu.response.on_hover_text("Layout: hanging protocols, rows × columns of viewports");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Layout"));
}

/// Protocols for the study, best first, each with its stages.
fn protocols(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    let hanging = ctx.hanging;
    for (n, offer) in hanging.offers.iter().enumerate() {
        let shown = hanging.shown.filter(|[offer, _]| *offer == n).map(|[_, stage]| stage);
        let mark = if shown.is_some() { icons::ACCEPT } else { ' ' };
        let menu = ui.menu_button(format!("{mark} {}", offer.name), |ui| {
            for (stage, name) in offer.stages.iter().enumerate() {
                if ui.selectable_label(shown == Some(stage), name).clicked() {
                    out.push(Command::Hanging(HangingCommand::Hang([n, stage])));
                    ui.close();
                }
            }
        });
        menu.response.on_hover_text(offer.reasons.join("\n"));
    }
    for prior in &hanging.unconfirmed {
        let text = format!("{} Same patient? {}", icons::WARNING, prior.title);
        let button = egui::Button::new(RichText::new(text).color(theme::WARNING)).wrap();
        let why =
            "ID and name agree, but not everything that must: confirm that this earlier study is the same patient's.";
        if ui.add(button).on_hover_text(why).clicked() {
            out.push(Command::Hanging(HangingCommand::Confirm(prior.study_uid.clone())));
            ui.close();
        }
    }
    if !hanging.offers.is_empty() {
        ui.horizontal(|ui| {
            for (icon, command) in
                [(icons::STEP_BACK, UiCommand::PreviousStage), (icons::STEP_ON, UiCommand::NextStage)]
            {
                if widgets::icon_button(ui, icon, command.title(), &ctx.tooltip(command), false).clicked() {
                    out.push(Command::Ui(command));
                }
            }
            ui.label(widgets::second("stages: , and ."));
        });
        ui.separator();
    }
}

/// Keeps what is on screen as a protocol.
fn save(ui: &mut Ui, state: &mut UiState, out: &mut Vec<Command>) {
    ui.separator();
    ui.horizontal(|ui| {
        let edit = TextEdit::singleline(&mut state.layout_name).hint_text("Name").desired_width(130.0);
        let response = ui.add(edit);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Name of the layout"));
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        let named = !state.layout_name.trim().is_empty();
        let button = egui::Button::new("Keep layout");
        let kept = ui.add_enabled(named, button).on_hover_text("Keep what is on screen as a hanging protocol");
        if named && (kept.clicked() || entered) {
            out.push(Command::Hanging(HangingCommand::Save(std::mem::take(&mut state.layout_name).trim().to_owned())));
            ui.close();
        }
    });
}

fn grid(ui: &mut Ui, now: [u8; 2], out: &mut Vec<Command>) {
    let side = f32::from(SWEPT) * (CELL + GAP) - GAP;
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    let cell = |row: u8, column: u8| {
        let corner = rect.min + vec2(f32::from(column), f32::from(row)) * (CELL + GAP);
        Rect::from_min_size(corner, vec2(CELL, CELL))
    };
    let under = |at: egui::Pos2| {
        let index = (at - rect.min) / (CELL + GAP);
        [index.y, index.x].map(|n| (n.max(0.0) as u8 + 1).min(SWEPT))
    };
    let swept = response.hover_pos().map(under);
    let [rows, columns] = swept.unwrap_or(now);
    for row in 0..SWEPT {
        for column in 0..SWEPT {
            let covered = row < rows && column < columns;
            let (fill, line) = match (covered, swept.is_some()) {
                (true, true) => (theme::ACCENT_FILL, theme::ACCENT),
                (true, false) => (theme::RAISED_HOVER, theme::TEXT_SECOND),
                (false, _) => (Color32::TRANSPARENT, theme::LINE),
            };
            let rect = cell(row, column);
            ui.painter().rect_filled(rect, 2.0, fill);
            ui.painter().rect_stroke(rect, 2.0, Stroke::new(1.0, line), StrokeKind::Inside);
            // Each cell can be reached and read aloud by itself.
            let one = ui.interact(rect, ui.scope_id().with((row, column)), Sense::click());
            let name = format!("{} × {} viewports", row + 1, column + 1);
            one.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            if one.clicked() {
                out.push(Command::SetGrid(row + 1, column + 1));
                ui.close();
            }
        }
    }
    ui.vertical_centered(|ui| ui.label(format!("{rows} × {columns}")));
}
