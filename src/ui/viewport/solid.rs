//! Views of whole volumes that are turned: volume rendering, synthetic radiograph, surfaces. The camera is that of the maximum
//! intensity projection, so that turn and zoom match.

mod cast;
pub(super) mod menu;
mod triad;

pub(in crate::ui) mod cuts;

use super::{Frame, input, is_drawn, overlay};
use crate::context::{
    AppContext, Command, MaskUse, NOT_ACQUIRED, SolidCommand, SolidSource, ViewKind, radiograph_words,
};
use crate::geometry::{SlicePlane, VolumeGeometry};
use crate::render::drr::DrrDraw;
use crate::render::surfaces::{SurfaceDraw, SurfaceStyle};
use crate::render::{RaycastDraw, TransferFunction, cpu};
use crate::ui::{UiState, picture, theme, widgets};
use crate::volume::{Labelmap, Mesh, Volume};
use egui::{Painter, Rect, Response, Stroke, StrokeKind, Ui, Vec2};
use overlay::SolidTexts;
use std::sync::Arc;

/// Points of dragging that double the width of a transfer function.
const DRAG_UNIT: f32 = 220.0;

/// Shows the view.
pub fn show(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    response: &Response,
    out: &mut Vec<Command>,
) {
    let painter = ui.painter_at(frame.rect);
    let Some(volume) = frame.series.loaded.volume() else {
        overlay::in_the_middle(&painter, frame.rect, "not loaded yet");
        return input::choose(ctx, frame, response, out);
    };
    let source = ctx.solids.sources.get(&frame.series.generation);
    match (frame.viewport.kind, source) {
        (ViewKind::Surface, _) => surface_view(ui, ctx, state, frame, volume.geometry(), response, out),
        (_, None) => {
            overlay::in_the_middle(&painter, frame.rect, "preparing the 3D view");
            input::choose(ctx, frame, response, out);
        }
        (ViewKind::Drr, Some(source)) => radiograph_view(ui, ctx, state, frame, (volume, source), response, out),
        (_, Some(source)) => volume_view(ui, ctx, state, frame, (volume, source), response, out),
    }
}

fn volume_view(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    (volume, source): (&Arc<Volume>, &Arc<SolidSource>),
    response: &Response,
    out: &mut Vec<Command>,
) {
    let (viewport, size_px) = (frame.viewport, frame.size_px());
    let masks = picture::masks(ctx, frame);
    let how = viewport.solid.masks;
    let style = masks.and_then(|(masks, _)| ctx.view.mask_style(masks, how));
    let draw = viewport.raycast(volume.geometry(), source, style, size_px);
    if viewport.solid.size_px != size_px {
        out.push(Command::Solid(viewport.id, SolidCommand::Shown(size_px, None)));
    }
    let plane = draw.plane;
    let quality = picture::solid::cast(ui, ctx, state, frame, (draw.clone(), source), masks);
    let painter = ui.painter_at(frame.rect);
    let mut notes = viewport.volume_words(source);
    if how != MaskUse::Ignore && masks.is_none() {
        notes.push("no masks in this space".into());
    }
    notes.push(viewport.turn_words());
    let hints = ["drag turns · Shift + drag: transfer function", "click: crosshair there"];
    let mm_per_point = plane.pixel_mm * f64::from(frame.scale);
    let texts = SolidTexts { notes, warnings: quality.into_iter().collect(), hints: &hints, mm_per_point, unit: "mm" };
    around(&painter, ctx, frame, &plane, &texts);
    if ctx.view.crosshair_shown {
        crosshair(&painter, frame, plane.px_from_lps(frame.sight.crosshair_lps).0);
    }
    let labels = masks.map(|(masks, _)| &masks.labelmap).filter(|_| draw.mask.is_some());
    pick(frame, (volume, labels), &draw, response, out);
    let transfer = Arc::clone(&draw.transfer);
    let stretch = |delta: Vec2| {
        let transfer = stretched(&transfer, delta)?;
        Some(Command::Solid(viewport.id, SolidCommand::Transfer(Some(Arc::new(transfer)))))
    };
    let turn = |delta: Vec2| Command::Turn(viewport.id, [f64::from(delta.x) * -0.5, f64::from(delta.y) * 0.5]);
    input::turning(ui, ctx, state, frame, response, (turn, stretch), out);
}

/// Right = wider, up = more is seen.
fn stretched(transfer: &TransferFunction, delta: Vec2) -> Option<TransferFunction> {
    let [low, high] = transfer.range();
    let (width, middle) = ((high - low).max(1e-6), f64::midpoint(low, high));
    let factor = 2f64.powf(f64::from(delta.x / DRAG_UNIT));
    let by = f64::from(delta.y / DRAG_UNIT) * width;
    transfer.mapped(factor, middle - middle * factor + by).ok()
}

/// A click moves the crosshair to what the pixel shows.
fn pick(
    frame: &Frame<'_>,
    (volume, labels): (&Volume, Option<&Labelmap>),
    draw: &RaycastDraw,
    response: &Response,
    out: &mut Vec<Command>,
) {
    let Some(at) = response.interact_pointer_pos().filter(|_| response.clicked()) else { return };
    if let Some(lps) = cpu::raycast_pick(volume, labels, draw, frame.px(at)) {
        out.push(Command::Point { viewport: frame.viewport.id, lps });
    }
}

fn radiograph_view(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    (volume, source): (&Arc<Volume>, &Arc<SolidSource>),
    response: &Response,
    out: &mut Vec<Command>,
) {
    let (viewport, size_px) = (frame.viewport, frame.size_px());
    let draw = match viewport.radiograph(volume, Some(source), size_px) {
        Ok(draw) => draw,
        Err(problem) => {
            overlay::sentence_in_the_middle(ui, frame.rect, &format!("No radiograph: {problem}."));
            return input::choose(ctx, frame, response, out);
        }
    };
    if viewport.solid.detector != Some(draw.geometry) || viewport.solid.size_px != size_px {
        out.push(Command::Solid(viewport.id, SolidCommand::Shown(size_px, Some(draw.geometry))));
    }
    let quality = picture::solid::radiograph(ui, ctx, state, frame, draw.clone());
    let shadows = ctx.solids.shadows.get(&viewport.id).filter(|shadows| shadows.of.geometry == draw.geometry);
    if let Some(shadows) = shadows {
        picture::solid::shadows(ui, state, frame, &shadows.picture);
    }
    let painter = ui.painter_at(frame.rect);
    boxes(&painter, ctx, frame, &draw);
    let mut warnings = vec![NOT_ACQUIRED.to_owned()];
    warnings.extend(quality);
    let hints = ["drag turns · Shift + drag: window · click: what the ray crosses"];
    let plane = &draw.geometry.detector;
    let mm_per_point = plane.pixel_mm / draw.geometry.magnification * f64::from(frame.scale);
    let notes = radiograph_words(&draw, &viewport.solid.stand);
    let texts = SolidTexts { notes, warnings, hints: &hints, mm_per_point, unit: "mm at the isocenter" };
    around(&painter, ctx, frame, plane, &texts);
    if ctx.view.crosshair_shown
        && let Some(px) = draw.geometry.px_from_lps(frame.sight.crosshair_lps)
    {
        crosshair(&painter, frame, px);
    }
    cast::show(ui, frame, out);
    if let Some(at) = response.interact_pointer_pos().filter(|_| response.clicked()) {
        out.push(Command::Solid(viewport.id, SolidCommand::Cast(frame.px(at))));
    }
    turn_radiograph(ui, ctx, state, (frame, &draw), response, out);
}

/// The near side follows the pointer; behind the patient the picture is seen from the source, which moves the other way.
fn turn_radiograph(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    (frame, draw): (&Frame<'_>, &DrrDraw),
    response: &Response,
    out: &mut Vec<Command>,
) {
    let viewport = frame.viewport;
    let stand = viewport.solid.stand;
    let sign = if stand.angles_deg[0].abs() > 90.0 { 1.0 } else { -1.0 };
    let turn = |delta: Vec2| {
        let by = [f64::from(delta.x) * 0.5 * sign, f64::from(delta.y) * -0.5 * sign];
        Command::Solid(viewport.id, SolidCommand::Stand(stand.turned(by)))
    };
    let window = |delta: Vec2| {
        let voi = input::dragged_voi(draw.voi, delta, draw.inverted);
        Some(Command::Solid(viewport.id, SolidCommand::Exposure(voi)))
    };
    input::turning(ui, ctx, state, frame, response, (turn, window), out);
}

/// Findings, projected.
fn boxes(painter: &Painter, ctx: &AppContext<'_>, frame: &Frame<'_>, draw: &DrrDraw) {
    let Some(case) = ctx.case.filter(|_| super::is_of_case(ctx, frame)) else { return };
    for finding in case.findings.iter().filter(|finding| is_drawn(ctx, finding) && finding.measurement().is_none()) {
        let Some([low, high]) = finding.box_lps().and_then(|bounds| draw.geometry.box_px(&bounds)) else { continue };
        let rect = Rect::from_two_pos(frame.pos(low), frame.pos(high)).expand(2.0);
        let selected = ctx.view.selected.as_ref() == Some(&finding.id);
        let color = if finding.is_unreviewed_ai() { theme::AI } else { theme::ACCENT };
        let width = if selected { 2.0 } else { 1.0 };
        painter.rect_stroke(rect, 0.0, Stroke::new(width + 2.0, theme::OVERLAY_OUTLINE), StrokeKind::Middle);
        painter.rect_stroke(rect, 0.0, Stroke::new(width, color), StrokeKind::Middle);
        let mark = if finding.is_unreviewed_ai() { "AI · " } else { "" };
        let text = format!("{mark}{}", finding.label);
        let at = rect.left_top() - egui::vec2(0.0, 2.0);
        widgets::outlined_text(painter, at, egui::Align2::LEFT_BOTTOM, &text, theme::small(), color);
    }
}

fn surface_view(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    geometry: &VolumeGeometry,
    response: &Response,
    out: &mut Vec<Command>,
) {
    let viewport = frame.viewport;
    let plane = viewport.camera(geometry, frame.size_px());
    let painter = ui.painter_at(frame.rect);
    let surfaces = picture::masks(ctx, frame).and_then(|(masks, _)| Some((masks, ctx.solids.surfaces.as_ref()?)));
    let mut notes = vec!["surfaces of segments".to_owned()];
    match surfaces {
        None => overlay::in_the_middle(&painter, frame.rect, "no masks, and so no surfaces"),
        Some((masks, surfaces)) => {
            let styles = surfaces.meshes.iter().map(|(number, _)| {
                let segment = masks.segment(*number).filter(|segment| ctx.view.shows_segment(segment));
                let opacity = ctx.view.look(*number).opacity.clamp(0.0, 1.0);
                segment.map_or(SurfaceStyle { color_rgb: [0; 3], opacity: 0.0 }, |segment| SurfaceStyle {
                    color_rgb: segment.color_rgb,
                    opacity,
                })
            });
            let draw = SurfaceDraw { plane, styles: styles.collect() };
            let count = draw.styles.iter().filter(|style| style.opacity > 0.0).count();
            notes.push(widgets::counted(count, "visible segment"));
            if count == 0 {
                overlay::in_the_middle(&painter, frame.rect, "no visible segment");
            }
            picture::solid::surfaces(ui, state, frame, surfaces, &draw);
            pick_surface(frame, surfaces.meshes.as_ref(), &draw, response, out);
        }
    }
    notes.push(viewport.turn_words());
    let mm_per_point = plane.pixel_mm * f64::from(frame.scale);
    let hints = ["drag turns · click: crosshair there"];
    let texts = SolidTexts { notes, warnings: Vec::new(), hints: &hints, mm_per_point, unit: "mm" };
    around(&painter, ctx, frame, &plane, &texts);
    if ctx.view.crosshair_shown {
        crosshair(&painter, frame, plane.px_from_lps(frame.sight.crosshair_lps).0);
    }
    let turn = |delta: Vec2| Command::Turn(viewport.id, [f64::from(delta.x) * -0.5, f64::from(delta.y) * 0.5]);
    input::turning(ui, ctx, state, frame, response, (turn, |_| None), out);
}

fn pick_surface(
    frame: &Frame<'_>,
    meshes: &[(u8, Mesh)],
    draw: &SurfaceDraw,
    response: &Response,
    out: &mut Vec<Command>,
) {
    let Some(at) = response.interact_pointer_pos().filter(|_| response.clicked()) else { return };
    let meshes: Vec<&Mesh> = meshes.iter().map(|(_, mesh)| mesh).collect();
    if let Some(hit) = cpu::surface_at(&meshes, draw, frame.px(at)) {
        out.push(Command::Point { viewport: frame.viewport.id, lps: hit.point_lps });
    }
}

/// What all of these views say: letters, axes, identity, what was done.
fn around(painter: &Painter, ctx: &AppContext<'_>, frame: &Frame<'_>, plane: &SlicePlane, texts: &SolidTexts<'_>) {
    overlay::letters(painter, frame.rect, &plane.edge_letters());
    triad::show(painter, frame.rect, [plane.u_lps, plane.v_lps]);
    overlay::solid_texts(painter, ctx, frame, texts);
}

/// Where the crosshair of the planes lies, at whatever depth: a ring, open in the middle.
fn crosshair(painter: &Painter, frame: &Frame<'_>, px: crate::geometry::DVec2) {
    let at = frame.pos(px);
    painter.circle_stroke(at, 6.0, Stroke::new(3.0, theme::OVERLAY_OUTLINE));
    painter.circle_stroke(at, 6.0, Stroke::new(1.0, theme::ACCENT));
}
