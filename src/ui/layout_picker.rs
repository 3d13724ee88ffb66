//! The layout picker: a small grid to sweep over; what is under the pointer becomes the grid of viewports.

use super::{icons, theme};
use crate::context::{AppContext, Command, Layout};
use egui::{Color32, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

/// Rows and columns that can be swept over.
const SWEPT: u8 = 5;
/// Edge of a cell in points, and the gap to the next one.
const CELL: f32 = 26.0;
const GAP: f32 = 4.0;

/// The button of the tool bar, with the grid below it.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    let Layout { rows, columns, .. } = &ctx.view.layout;
    let text = format!("{} {rows} × {columns}", icons::LAYOUT);
    let menu = ui.menu_button(text, |ui| grid(ui, [*rows, *columns], out));
    let response = menu.response.on_hover_text("Layout: rows × columns of viewports");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Layout"));
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
