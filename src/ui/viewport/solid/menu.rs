//! What the menu of a viewport offers for views of whole volumes: transfer functions, views of a radiograph, the 3D tab, and, on
//! planes, a cut through the volume rendering beside.

use super::super::Frame;
use crate::context::{AppContext, Command, SolidCommand, Stand, Tab, ViewKind};
use crate::geometry::Orientation;
use crate::render::Preset;
use egui::{Button, Ui};

/// The entries, where there are any.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, out: &mut Vec<Command>) {
    match frame.viewport.kind {
        ViewKind::Volume => presets(ui, ctx, frame, out),
        ViewKind::Drr => views(ui, frame, out),
        ViewKind::Surface => {}
        ViewKind::Plane(orientation) => return cut(ui, ctx, frame, orientation, out),
        ViewKind::Mip | ViewKind::Picture => return,
    }
    if ui.add(Button::new("3D settings").frame(false)).clicked() {
        out.push(Command::Activate(frame.viewport.id));
        out.push(Command::ShowTab(Tab::Solid));
        ui.close();
    }
}

fn choice(ui: &mut Ui, frame: &Frame<'_>, name: String, now: bool, command: SolidCommand, out: &mut Vec<Command>) {
    if ui.add(Button::selectable(now, name)).clicked() {
        out.push(Command::Solid(frame.viewport.id, command));
        ui.close();
    }
}

fn presets(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, out: &mut Vec<Command>) {
    let Some(source) = ctx.solids.sources.get(&frame.series.generation) else { return };
    let now = source.preset_of(&frame.viewport.solid);
    ui.menu_button("Transfer function", |ui| {
        for (n, preset) in Preset::ALL.into_iter().enumerate() {
            if source.presets().any(|own| own == preset) {
                let name = format!("{}  ({})", preset.name(), n + 1);
                choice(ui, frame, name, now == preset, SolidCommand::Preset(preset), out);
            }
        }
    });
}

fn views(ui: &mut Ui, frame: &Frame<'_>, out: &mut Vec<Command>) {
    let stand = frame.viewport.solid.stand;
    ui.menu_button("Radiograph", |ui| {
        for (n, (name, angles_deg)) in Stand::VIEWS.into_iter().enumerate() {
            let now = stand.view_name() == Some(name);
            let command = SolidCommand::Stand(Stand { angles_deg, ..stand });
            choice(ui, frame, format!("{name}  ({})", n + 1), now, command, out);
        }
    });
}

/// Cuts the volume rendering of the same series along this plane.
fn cut(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, orientation: Orientation, out: &mut Vec<Command>) {
    let rendered = |v: &&crate::context::Viewport| v.kind == ViewKind::Volume && v.series == frame.viewport.series;
    let Some(view) = ctx.view.on_screen().find(rendered).filter(|view| view.solid.takes_clip()) else { return };
    if ui.add(Button::new("Cut the 3D view along this plane").frame(false)).clicked() {
        out.push(Command::Solid(view.id, SolidCommand::AddClip(orientation)));
        ui.close();
    }
}
