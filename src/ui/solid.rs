//! The 3D tab: transfer function, cuts and masks of volume rendering, source and detector of a synthetic radiograph, and how a
//! rotation is exported. It is about the active view of a whole volume, else the first one on screen.

mod editor;

pub use editor::EditorState;

use super::{UiState, icons, theme, widgets};
use crate::context::{
    AppContext, Clip, Command, ExportKind, MaskUse, ShownSeries, SolidCommand, SolidSource, Stand, UiCommand, ViewKind,
    Viewport,
};
use crate::geometry::{Orientation, VolumeGeometry, letters};
use crate::render::drr::ENERGIES_KEV;
use egui::{Align, ComboBox, DragValue, Frame, Grid, Layout, Margin, ScrollArea, Slider, Ui};

/// True when there is something for the tab to be about.
pub fn is_wanted(ctx: &AppContext<'_>) -> bool {
    subject(ctx).is_some()
}

fn subject<'a>(ctx: &AppContext<'a>) -> Option<&'a Viewport> {
    let is_solid = |viewport: &&Viewport| viewport.kind.is_solid() && viewport.kind != ViewKind::Mip;
    ctx.active().filter(is_solid).or_else(|| ctx.view.on_screen().find(is_solid))
}

/// Shows the tab.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let margin = Frame::new().inner_margin(Margin { left: 8, right: 4, top: 4, bottom: 0 });
    margin.show(ui, |ui| {
        ScrollArea::vertical().id_salt("solid").auto_shrink([false, false]).show(ui, |ui| {
            ui.set_width(ui.available_width() - 6.0);
            let Some((viewport, series)) = subject(ctx).and_then(|v| Some((v, ctx.looked_at(v)?.0))) else {
                let text =
                    "Choose volume rendering, a synthetic radiograph or surfaces in a viewport's menu, under View.";
                ui.add(egui::Label::new(widgets::second(text)).wrap());
                return;
            };
            let source = ctx.solids.sources.get(&series.generation);
            match (viewport.kind, source) {
                (ViewKind::Volume, Some(source)) => volume(ui, state, viewport, (series, source), out),
                (ViewKind::Drr, _) => radiograph(ui, viewport, out),
                (ViewKind::Surface, _) => surfaces(ui, out),
                _ => {
                    ui.label(widgets::second("Preparing the 3D view."));
                }
            }
            rotation(ui, ctx, viewport, out);
        });
    });
}

fn send(viewport: &Viewport, command: SolidCommand, out: &mut Vec<Command>) {
    out.push(Command::Solid(viewport.id, command));
}

fn volume(
    ui: &mut Ui,
    state: &mut UiState,
    viewport: &Viewport,
    (series, source): (&ShownSeries, &SolidSource),
    out: &mut Vec<Command>,
) {
    widgets::block_title(ui, "Transfer function");
    presets(ui, viewport, source, out);
    editor::show(ui, &mut state.transfer, viewport, (series, source), out);
    section(ui, "Masks");
    let name = viewport.solid.masks.name();
    let list = ComboBox::from_id_salt("masks").selected_text(name).width(ui.available_width() - 8.0);
    let list = list.show_ui(ui, |ui| {
        for masks in MaskUse::ALL {
            if ui.selectable_label(viewport.solid.masks == masks, masks.name()).clicked() {
                send(viewport, SolidCommand::Masks(masks), out);
            }
        }
    });
    named(&list.response, egui::Role::ComboBox, "What masks do");
    clips(ui, viewport, out);
    if let Some(geometry) = series.geometry() {
        crop(ui, viewport, geometry, out);
    }
}

fn section(ui: &mut Ui, title: &str) {
    ui.add_space(2.0 * theme::STEP);
    widgets::rule(ui);
    widgets::block_title(ui, title);
}

fn named(response: &egui::Response, role: egui::Role, name: &str) {
    response.widget_info(|| egui::WidgetInfo::labeled(role, true, name));
}

fn presets(ui: &mut Ui, viewport: &Viewport, source: &SolidSource, out: &mut Vec<Command>) {
    let now = source.preset_of(&viewport.solid);
    ui.horizontal(|ui| {
        let changed = if viewport.solid.transfer.is_some() { ", changed" } else { "" };
        let list = ComboBox::from_id_salt("preset").selected_text(format!("{}{changed}", now.name())).width(180.0);
        let list = list.show_ui(ui, |ui| {
            for preset in source.presets() {
                if ui.selectable_label(preset == now, preset.name()).clicked() {
                    send(viewport, SolidCommand::Preset(preset), out);
                }
            }
        });
        named(&list.response, egui::Role::ComboBox, "Preset");
        let is_changed = viewport.solid.transfer.is_some();
        let tip = "The preset as it was";
        if widgets::icon_button_enabled(ui, is_changed, icons::RESET, "Reset the transfer function", tip, false)
            .clicked()
        {
            send(viewport, SolidCommand::Transfer(None), out);
        }
    });
}

fn clips(ui: &mut Ui, viewport: &Viewport, out: &mut Vec<Command>) {
    section(ui, "Clip planes");
    let solid = &viewport.solid;
    ui.add_enabled_ui(solid.takes_clip(), |ui| {
        ui.horizontal(|ui| {
            for orientation in Orientation::ALL {
                let tip = format!("Cut along the {} plane through the crosshair, as it lies now", orientation.name());
                let name = format!("Clip {}", orientation.name());
                let button = ui.button(capital(orientation.name())).on_hover_text(tip);
                named(&button, egui::Role::Button, &name);
                if button.clicked() {
                    send(viewport, SolidCommand::AddClip(orientation), out);
                }
            }
        });
    });
    let mut clips = solid.clips.clone();
    let mut removed = None;
    let mut changed = false;
    for (n, clip) in clips.iter_mut().enumerate() {
        ui.push_id(n, |ui| {
            ui.horizontal(|ui| {
                changed |= ui.checkbox(&mut clip.on, format!("{}. {}", n + 1, clip.name)).changed();
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let name = format!("Remove clip plane {}", n + 1);
                    if widgets::icon_button(ui, icons::REMOVE, &name, "Remove", false).clicked() {
                        removed = Some(n);
                    }
                    if ui.button("Flip").on_hover_text("Keep the other side").clicked() {
                        *clip = Clip::flipped(clip);
                        changed = true;
                    }
                });
            });
        });
    }
    if let Some(n) = removed {
        clips.remove(n);
    }
    if changed || removed.is_some() {
        send(viewport, SolidCommand::Clips(clips), out);
    }
}

fn crop(ui: &mut Ui, viewport: &Viewport, geometry: &VolumeGeometry, out: &mut Vec<Command>) {
    section(ui, "Crop");
    let dims = geometry.dims();
    let whole = [[0; 3], dims.map(|n| n - 1)];
    let mut crop = viewport.solid.crop.unwrap_or(whole);
    let mut on = viewport.solid.crop.is_some();
    let tip = "Keep a box; its edges can be dragged on the planes too";
    if ui.checkbox(&mut on, "Keep a box only").on_hover_text(tip).changed() {
        // Slightly smaller than all, so that the edges can be seen and taken.
        let inset = dims.map(|n| n / 12);
        let low = inset;
        let high = [0, 1, 2].map(|n| dims[n] - 1 - inset[n]);
        return send(viewport, SolidCommand::Crop(on.then_some([low, high])), out);
    }
    if !on {
        return;
    }
    let direction = geometry.direction();
    let mut changed = false;
    Grid::new("crop").num_columns(3).spacing([8.0, 4.0]).show(ui, |ui| {
        for (axis, column) in [direction.x_axis, direction.y_axis, direction.z_axis].into_iter().enumerate() {
            let name = format!("{}–{}", letters(-column), letters(column));
            ui.label(widgets::second(name.clone()));
            let (low, high) = (crop[0][axis], crop[1][axis]);
            for (end, range) in [(0, 0..=high), (1, low..=dims[axis] - 1)] {
                let response = ui.add(Slider::new(&mut crop[end][axis], range).show_value(true));
                named(&response, egui::Role::Slider, &format!("Crop {name} {}", ["from", "to"][end]));
                changed |= response.changed();
            }
            ui.end_row();
        }
    });
    if changed {
        send(viewport, SolidCommand::Crop(Some(crop)), out);
    }
}

fn radiograph(ui: &mut Ui, viewport: &Viewport, out: &mut Vec<Command>) {
    widgets::block_title(ui, "View");
    let mut stand = viewport.solid.stand;
    let now = stand.view_name();
    ui.horizontal_wrapped(|ui| {
        for (name, angles_deg) in Stand::VIEWS {
            let button = egui::Button::selectable(now == Some(name), name);
            if ui.add(button).clicked() {
                send(viewport, SolidCommand::Stand(Stand { angles_deg, ..stand }), out);
            }
        }
    });
    let before = stand;
    Grid::new("stand").num_columns(2).spacing([12.0, 4.0]).show(ui, |ui| {
        let [primary, secondary] = &mut stand.angles_deg;
        row(ui, "Primary angle", DragValue::new(primary).range(-180.0..=180.0).suffix(" °").max_decimals(1));
        row(ui, "Secondary angle", DragValue::new(secondary).range(-90.0..=90.0).suffix(" °").max_decimals(1));
        let isocenter = DragValue::new(&mut stand.source_isocenter_mm).range(100.0..=10_000.0).suffix(" mm");
        row(ui, "Source to isocenter", isocenter.speed(5.0).max_decimals(0));
        let shown = viewport.solid.detector.and_then(|detector| detector.distances_mm()).map(|[sdd, _]| sdd);
        let mut detector_mm = stand.source_detector_mm.or(shown).unwrap_or(crate::render::drr::CHEST.0);
        let detector = DragValue::new(&mut detector_mm).range(101.0..=12_000.0).suffix(" mm").speed(5.0);
        if row(ui, "Source to detector", detector.max_decimals(0)) {
            stand.source_detector_mm = Some(detector_mm);
        }
        let [low, high] = ENERGIES_KEV;
        let energy = DragValue::new(&mut stand.energy_kev).range(low..=high).suffix(" keV").max_decimals(0);
        row(ui, "Photon energy", energy);
    });
    ui.checkbox(&mut stand.parallel, "Rays side by side: nothing is magnified");
    if stand != before {
        send(viewport, SolidCommand::Stand(stand), out);
    }
    ui.horizontal(|ui| {
        if ui.button("Usual distances").clicked() {
            let usual = Stand { angles_deg: stand.angles_deg, ..Stand::default() };
            send(viewport, SolidCommand::Stand(usual), out);
        }
        if ui.button(UiCommand::Invert.title()).clicked() {
            out.push(Command::Activate(viewport.id));
            out.push(Command::Ui(UiCommand::Invert));
        }
    });
    let text = "Line integrals of the attenuation that the CT's Hounsfield units mean at this energy: no scatter, no beam \
                hardening. No X-ray was taken.";
    ui.add(egui::Label::new(widgets::small(text)).wrap());
}

fn row(ui: &mut Ui, name: &str, value: DragValue<'_>) -> bool {
    let label = ui.label(widgets::second(name));
    let changed = ui.add(value).labelled_by(label.id).changed();
    ui.end_row();
    changed
}

fn surfaces(ui: &mut Ui, out: &mut Vec<Command>) {
    widgets::block_title(ui, "Surfaces");
    let text = "Smoothed surfaces of the visible segments; the list of segments shows, hides and fades them.";
    ui.add(egui::Label::new(widgets::second(text)).wrap());
    for kind in ExportKind::ALL.into_iter().filter(|kind| matches!(kind, ExportKind::Surfaces(_))) {
        if ui.button(kind.title()).clicked() {
            out.push(Command::Export(kind));
        }
    }
}

fn rotation(ui: &mut Ui, ctx: &AppContext<'_>, viewport: &Viewport, out: &mut Vec<Command>) {
    if viewport.kind == ViewKind::Surface {
        return;
    }
    section(ui, "Rotation");
    let now = ctx.solids.rotation;
    let mut plan = now;
    ui.horizontal(|ui| {
        let label = ui.label(widgets::second("Pictures over 360°"));
        ui.add(DragValue::new(&mut plan.frames).range(2..=720)).labelled_by(label.id);
    });
    ui.checkbox(&mut plan.at_view_size, "As large as the viewport, else 512 × 512");
    if plan != now {
        send(viewport, SolidCommand::Rotation(plan), out);
    }
    if ui.button("Export as PNG frames…").clicked() {
        out.push(Command::Activate(viewport.id));
        out.push(Command::Export(ExportKind::Rotation));
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
