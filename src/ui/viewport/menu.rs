//! The menu of a viewport (right click without a movement): view, slab, colors, filter, what lies over it, windows.

use super::menu_links;
use super::{Frame, windows};
use crate::context::{AppContext, CHECKER_EDGES_PX, Change, Command, Over, UiCommand, ViewKind, one_patient};
use crate::render::{ColorMap, DisplayFilter, FusionMode, Slab, SlabMode};
use crate::study::{Identity, Series, SeriesGeometry, Study};
use crate::ui::UiState;
use egui::{Response, Slider, Ui};

/// Thicknesses offered, mm.
const SLABS_MM: [f64; 5] = [5.0, 10.0, 20.0, 30.0, 50.0];
/// Filters offered.
const FILTERS: [(&str, DisplayFilter); 4] = [
    ("None", DisplayFilter::None),
    ("Smooth", DisplayFilter::Smooth { sigma_px: 0.8 }),
    ("Smooth more", DisplayFilter::Smooth { sigma_px: 1.4 }),
    ("Sharpen", DisplayFilter::Sharpen { sigma_px: 1.0, amount: 1.0 }),
];
/// Ways in which two series share a picture.
const MODES: [(&str, FusionMode); 2] =
    [("Blend", FusionMode::Blend), ("Swipe (drag the border)", FusionMode::Swipe { share: 0.5 })];
/// Shares of the maximum below which nothing is drawn, in percent.
const HIDDEN_PERCENT: [u8; 6] = [0, 5, 10, 30, 50, 80];

/// The menu, when the viewport was right-clicked.
pub fn show(ctx: &AppContext<'_>, state: &mut UiState, frame: &Frame<'_>, response: &Response, out: &mut Vec<Command>) {
    response.context_menu(|ui| {
        ui.set_width(300.0);
        if frame.series.geometry().is_some() {
            views(ui, frame, out);
            super::solid::menu::show(ui, ctx, frame, out);
            slabs(ui, frame, out);
            over(ui, ctx, frame, out);
            menu_links::show(ui, ctx, frame, out);
        }
        colors(ui, frame, out);
        ui.separator();
        ui.menu_button("Window", |ui| windows::show(ui, ctx, frame, state, out));
        for command in [UiCommand::Invert, UiCommand::ToggleSmooth] {
            entry(ui, ctx, frame, command, out);
        }
        ui.separator();
        for command in [UiCommand::FitView, UiCommand::OneToOne, UiCommand::StraightPlanes, UiCommand::ResetView] {
            entry(ui, ctx, frame, command, out);
        }
        ui.separator();
        for command in [UiCommand::TileViewports, UiCommand::Maximize, UiCommand::VerifyView] {
            entry(ui, ctx, frame, command, out);
        }
    });
}

/// A command as a line of the menu.
pub fn entry(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, command: UiCommand, out: &mut Vec<Command>) {
    let keys = ctx.first_keys(command);
    if ui.add(egui::Button::new(command.title()).shortcut_text(keys).frame(false)).clicked() {
        out.push(Command::Activate(frame.viewport.id));
        out.push(Command::Ui(command));
        ui.close();
    }
}

/// One of several, marked where it is the present one.
fn choice(ui: &mut Ui, frame: &Frame<'_>, (name, now): (&str, bool), change: Change, out: &mut Vec<Command>) {
    if ui.selectable_label(now, name).clicked() {
        out.push(Command::Change(frame.viewport.id, change));
        ui.close();
    }
}

fn views(ui: &mut Ui, frame: &Frame<'_>, out: &mut Vec<Command>) {
    ui.menu_button("View", |ui| {
        for kind in ViewKind::OF_VOLUMES {
            choice(ui, frame, (kind.name(), frame.viewport.kind == kind), Change::Kind(kind), out);
        }
    });
}

fn slabs(ui: &mut Ui, frame: &Frame<'_>, out: &mut Vec<Command>) {
    if !matches!(frame.viewport.kind, ViewKind::Plane(_)) {
        return;
    }
    let now = frame.viewport.slab;
    ui.menu_button("Slab", |ui| {
        choice(ui, frame, ("None: the plane alone", now.is_none()), Change::Slab(None), out);
        for mode in [SlabMode::Maximum, SlabMode::Minimum, SlabMode::Mean, SlabMode::Sum] {
            ui.separator();
            ui.horizontal(|ui| {
                ui.label(mode.name());
                for thickness_mm in SLABS_MM {
                    let slab = Some(Slab { thickness_mm, mode });
                    choice(ui, frame, (&format!("{thickness_mm}"), now == slab), Change::Slab(slab), out);
                }
                ui.label("mm");
            });
        }
    });
}

fn colors(ui: &mut Ui, frame: &Frame<'_>, out: &mut Vec<Command>) {
    ui.menu_button("Colors", |ui| {
        for map in ColorMap::ALL {
            choice(ui, frame, (map.name(), frame.viewport.color_map == map), Change::Colors(map), out);
        }
    });
    if frame.series.geometry().is_some() {
        ui.menu_button("Filter", |ui| {
            for (name, filter) in FILTERS {
                choice(ui, frame, (name, frame.viewport.filter == filter), Change::Filter(filter), out);
            }
        });
    }
}

/// What lies over the series, and how.
fn over(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, out: &mut Vec<Command>) {
    ui.menu_button("Over it", |ui| {
        let now = frame.viewport.over.as_ref();
        choice(ui, frame, ("Nothing", now.is_none()), Change::Over(None), out);
        for (_, series) in others(ctx, frame) {
            let key = series.key();
            let shown = now.is_some_and(|over| over.series == key);
            let name = format!("{} · {}", series.modality, series.description);
            if ui.selectable_label(shown, name).clicked() {
                out.push(Command::LayOver(frame.viewport.id, key));
                ui.close();
            }
        }
        if let Some(over) = now {
            ui.separator();
            looks(ui, frame, over, out);
        }
    });
}

/// Opacity, colors and mode of what lies over the series.
fn looks(ui: &mut Ui, frame: &Frame<'_>, now: &Over, out: &mut Vec<Command>) {
    let mut percent = 100.0 * now.opacity;
    if ui.add(Slider::new(&mut percent, 0.0..=100.0).suffix(" %").text("opacity")).changed() {
        let over = Over { opacity: percent / 100.0, ..now.clone() };
        out.push(Command::Change(frame.viewport.id, Change::Over(Some(over))));
    }
    for (name, mode) in MODES {
        let over = Over { mode, blinks: false, ..now.clone() };
        let shown = !now.blinks && std::mem::discriminant(&now.mode) == std::mem::discriminant(&mode);
        choice(ui, frame, (name, shown), Change::Over(Some(over)), out);
    }
    let mut offer = |ui: &mut Ui, name: &str, shown: bool, over: Over| {
        choice(ui, frame, (name, shown), Change::Over(Some(over)), out);
    };
    ui.horizontal(|ui| {
        ui.label("Checkerboard");
        for edge_px in CHECKER_EDGES_PX {
            let mode = FusionMode::Checkerboard { edge_px };
            offer(
                ui,
                &edge_px.to_string(),
                !now.blinks && now.mode == mode,
                Over { mode, blinks: false, ..now.clone() },
            );
        }
        ui.label("px");
    });
    let in_turns = Over { mode: FusionMode::Blend, blinks: true, paused: false, ..now.clone() };
    offer(ui, "In turns (blink)", now.takes_turns(), in_turns);
    if now.takes_turns() {
        offer(ui, "Pause the turns", false, Over { paused: true, ..now.clone() });
    }
    if now.maximum > 0.0 {
        ui.horizontal(|ui| {
            ui.label("From");
            for percent in HIDDEN_PERCENT {
                let hidden_share = (percent > 0).then(|| f64::from(percent) / 100.0);
                let shown = now.hidden_share == hidden_share;
                offer(ui, &percent.to_string(), shown, Over { hidden_share, ..now.clone() });
            }
            ui.label("% of its maximum");
        });
    }
    ui.menu_button("Its colors", |ui| {
        for color_map in ColorMap::ALL {
            let over = Over { color_map, ..now.clone() };
            choice(ui, frame, (color_map.name(), now.color_map == color_map), Change::Over(Some(over)), out);
        }
    });
}

/// Volumes of the same patient that can be laid over.
pub(super) fn others<'a>(ctx: &AppContext<'a>, frame: &Frame<'_>) -> Vec<(&'a Study, &'a Series)> {
    let own = frame.series.key();
    let studies = ctx
        .catalog
        .iter()
        .flat_map(|catalog| &catalog.studies)
        .filter(|study| !matches!(one_patient(&frame.series.loaded.study, study), Identity::Different(_)));
    let volume = |series: &&Series| matches!(series.geometry, SeriesGeometry::Volume(_)) && series.key() != own;
    studies.flat_map(|study| study.series.iter().filter(&volume).map(move |series| (study, series))).collect()
}
