//! The list of what a ray of a synthetic radiograph crosses, beside the pixel that was clicked.

use super::super::Frame;
use crate::context::{Cast, Command, SolidCommand};
use crate::ui::{icons, theme, widgets};
use egui::{Area, Grid, Label, Margin, Order, RichText, Sense, Stroke, Ui, vec2};

/// Things listed; a ray through a body meets rarely more.
const MOST: usize = 12;

/// Shows the list, while there is one.
pub fn show(ui: &mut Ui, frame: &Frame<'_>, out: &mut Vec<Command>) {
    let Some(cast) = &frame.viewport.solid.cast else { return };
    let at = frame.pos(cast.px);
    let painter = ui.painter_at(frame.rect);
    painter.circle_filled(at, 4.0, theme::OVERLAY_OUTLINE);
    painter.circle_filled(at, 2.5, theme::ACCENT);
    let area = Area::new(egui::Id::unique(("crossed", frame.viewport.id))).order(Order::Middle);
    let area = area.fixed_pos(at + vec2(12.0, 12.0)).constrain_to(frame.rect.shrink(4.0));
    area.show(ui.ctx(), |ui| {
        let panel = egui::Frame::new().fill(theme::PANEL.gamma_multiply(0.94)).stroke(Stroke::new(1.0, theme::LINE));
        panel.corner_radius(4.0).inner_margin(Margin::same(8)).show(ui, |ui| {
            heading(ui, frame, out);
            if cast.things.is_empty() {
                ui.label(widgets::second("Nothing but air."));
            } else {
                table(ui, cast);
            }
        });
    });
}

fn heading(ui: &mut Ui, frame: &Frame<'_>, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new("The ray crosses").font(theme::bold(theme::SMALL_PT)));
        if widgets::icon_button(ui, icons::CLOSE, "Close the list", "Close the list", false).clicked() {
            out.push(Command::Solid(frame.viewport.id, SolidCommand::ForgetCast));
        }
    });
}

fn table(ui: &mut Ui, cast: &Cast) {
    Grid::new("crossed").num_columns(4).spacing([12.0, 2.0]).show(ui, |ui| {
        for title in ["", "depth", "length", "mean"] {
            ui.label(widgets::small(title));
        }
        ui.end_row();
        for thing in cast.things.iter().take(MOST) {
            ui.horizontal(|ui| {
                if let Some(color) = thing.color_rgb {
                    let (rect, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
                    ui.painter().rect_filled(rect, 2.0, theme::segment_color(color));
                }
                ui.add(Label::new(RichText::new(&thing.name).font(theme::small()).color(theme::TEXT)).extend());
            });
            let mm = |value: f64| format!("{} mm", widgets::number(value, 0));
            for text in [mm(thing.depth_mm), mm(thing.length_mm), format!("{} HU", widgets::number(thing.mean_hu, 0))] {
                ui.label(RichText::new(text).font(theme::small()).color(theme::TEXT));
            }
            ui.end_row();
        }
    });
    if cast.things.len() > MOST {
        ui.label(widgets::small(format!("and {} more", cast.things.len() - MOST)));
    }
}
