//! Entries of a viewport's menu about other series of the patient: registration, links, priors.

use super::Frame;
use super::menu::others;
use crate::context::{AppContext, Command, LinkCommand, UiCommand, said_series, space_of};
use egui::Ui;

pub(super) fn show(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, out: &mut Vec<Command>) {
    register(ui, ctx, frame, out);
    ui.menu_button("Link", |ui| {
        positions(ui, ctx, frame, out);
        switches(ui, ctx, frame, out);
    });
}

/// Series of the patient in other frames of reference.
fn register(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, out: &mut Vec<Command>) {
    let own = frame.series.space();
    let foreign = others(ctx, frame).into_iter().filter(|(_, series)| space_of(series) != own);
    let foreign: Vec<_> = foreign.collect();
    if foreign.is_empty() {
        return;
    }
    ui.menu_button("Register", |ui| {
        for (study, series) in foreign {
            if ui.button(said_series(study, series)).clicked() {
                let (fixed, moving) = (frame.series.key(), series.key());
                out.push(Command::Link(LinkCommand::Register { fixed, moving }));
                ui.close();
            }
        }
    });
}

/// Viewports whose series is not linked to this one.
fn positions(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, out: &mut Vec<Command>) {
    for other in ctx.view.on_screen().filter(|other| other.id != frame.viewport.id) {
        let Some((series, _)) = ctx.looked_at(other).filter(|(series, _)| series.geometry().is_some()) else {
            continue;
        };
        if ctx.link(frame.series, series).is_some() {
            continue;
        }
        let name = format!("By position, with {}", said_series(&series.loaded.study, &series.loaded.series));
        if ui.button(name).clicked() {
            out.push(Command::Link(LinkCommand::ByPosition(frame.viewport.id, other.id)));
            ui.close();
        }
    }
    if ctx.linked_words(frame.series).is_some() && ui.button(UiCommand::Unlink.title()).clicked() {
        out.push(Command::Link(LinkCommand::Unlink(frame.viewport.id)));
        ui.close();
    }
}

fn switches(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, out: &mut Vec<Command>) {
    let id = frame.viewport.id;
    let mut zoom = frame.viewport.zoom_linked;
    if ui.checkbox(&mut zoom, "Link zoom").changed() {
        out.push(Command::Link(LinkCommand::LinkZoom(id, zoom)));
    }
    let mut scroll = !ctx.view.linking.alone.contains(&frame.series.key());
    if ui.checkbox(&mut scroll, "Link scroll").changed() {
        out.push(Command::Link(LinkCommand::LinkScroll(id, scroll)));
    }
}
