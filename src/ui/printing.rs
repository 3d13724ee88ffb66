//! The dialog about printing: the layout or tiles, which paper, with or without identity.

use super::{UiState, widgets};
use crate::context::{AppContext, Command, PictureCommand, PrintWish, PrintedWhat};
use crate::report::sheets::Paper;
use egui::{Align2, DragValue, Grid, Ui, Vec2};

/// What was chosen last.
pub struct PrintingState {
    shown: bool,
    tiles: bool,
    rows: u8,
    columns: u8,
    every: usize,
    paper: Paper,
    identity: bool,
}

impl Default for PrintingState {
    fn default() -> Self {
        Self { shown: false, tiles: false, rows: 4, columns: 5, every: 1, paper: Paper::A4, identity: true }
    }
}

impl PrintingState {
    /// Opens the dialog.
    pub fn open(&mut self) {
        self.shown = true;
    }
}

/// Shows the dialog while it is open.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let printing = &mut state.printing;
    if !printing.shown {
        return;
    }
    let (mut open, mut done) = (true, ui.input(|i| i.key_pressed(egui::Key::Escape)));
    let window = egui::Window::new("Print to PDF").open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, Vec2::ZERO).fixed_size([400.0, 220.0]).show(ui.ctx(), |ui| {
        Grid::new("printing").num_columns(2).spacing([24.0, 10.0]).show(ui, |ui| choices(ui, printing));
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            if ui.add_enabled(ctx.series.is_some(), egui::Button::new("Choose a folder…")).clicked() {
                out.push(Command::Picture(PictureCommand::Print(wish(ctx, printing), None)));
                done = true;
            }
            done |= ui.button("Cancel").clicked();
        });
    });
    printing.shown = open && !done;
}

fn wish(ctx: &AppContext<'_>, printing: &PrintingState) -> PrintWish {
    let PrintingState { rows, columns, every, paper, identity, .. } = *printing;
    let tiles = PrintedWhat::Tiles { like: ctx.view.active, rows, columns, every };
    PrintWish { what: if printing.tiles { tiles } else { PrintedWhat::Layout }, paper, identity }
}

fn choices(ui: &mut Ui, printing: &mut PrintingState) {
    ui.label("What");
    ui.vertical(|ui| {
        ui.radio_value(&mut printing.tiles, false, "the viewports as they hang");
        ui.radio_value(&mut printing.tiles, true, "slices like the active viewport");
    });
    ui.end_row();
    ui.label("Slices");
    ui.add_enabled_ui(printing.tiles, |ui| {
        ui.horizontal(|ui| {
            ui.label("every");
            number(ui, DragValue::new(&mut printing.every).range(1..=500), "Every so many slices");
            ui.label("in");
            number(ui, DragValue::new(&mut printing.rows).range(1..=10), "Rows");
            ui.label("×");
            number(ui, DragValue::new(&mut printing.columns).range(1..=10), "Columns");
        });
    });
    ui.end_row();
    ui.label("Paper");
    ui.horizontal(|ui| {
        ui.radio_value(&mut printing.paper, Paper::A4, "A4");
        ui.radio_value(&mut printing.paper, Paper::Letter, "Letter");
    });
    ui.end_row();
    ui.label("Identity");
    ui.vertical(|ui| {
        ui.checkbox(&mut printing.identity, "on every page and picture");
        if !printing.identity {
            ui.label(widgets::small("What is burned into the pixels stays: look at the pages."));
        }
    });
    ui.end_row();
}

fn number(ui: &mut Ui, value: DragValue<'_>, name: &str) {
    let response = ui.add(value);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name));
}
