//! One viewport: its picture, what lies over it, and what mouse and wheel do in it. Screen positions are points; planes
//! are in physical pixels; the patient is LPS mm.

mod fusion;
mod handles;
mod input;
mod magnifier;
mod marks;
pub(super) mod measures;
mod menu;
mod menu_links;
mod overlay;
mod picture_place;
mod presented;
mod solid;
mod stack;
mod windows;

pub(super) use overlay::window_line;

use super::{UiState, picture, theme};
use crate::context::{AppContext, Command, PlaneAxes, ShownSeries, Sight, ViewKind, Viewport};
use crate::findings::Finding;
use crate::geometry::{DVec2, DVec3, VolumeGeometry};
use crate::render::MipDraw;
use crate::render::annotate::turned_letters;
use crate::volume::Volume;
use egui::{Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, pos2};
use measures::Canvas;
use std::sync::Arc;

/// What lies under the pointer, for the status line.
#[derive(Debug, Clone, PartialEq)]
pub struct Hover {
    /// Position in the patient, when the picture has one.
    pub lps: Option<DVec3>,
    /// Column and row of a picture without a place in the patient.
    pub px: Option<[usize; 2]>,
    /// Value with its unit ("−35 HU").
    pub value: Option<String>,
}

/// What a viewport draws in, and how screen and picture relate.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub viewport: &'a Viewport,
    pub rect: Rect,
    /// Physical pixels per point.
    pub scale: f32,
    pub series: &'a ShownSeries,
    /// Where the reader is in the series.
    pub sight: &'a Sight,
}

impl Frame<'_> {
    /// Physical pixels of the viewport.
    pub fn size_px(&self) -> [u32; 2] {
        [self.rect.width(), self.rect.height()].map(|points| (points * self.scale).round().max(1.0) as u32)
    }

    /// Physical pixel (centers at integers) of a screen position.
    pub fn px(&self, at: Pos2) -> DVec2 {
        let d = (at - self.rect.min) * self.scale;
        DVec2::new(f64::from(d.x) - 0.5, f64::from(d.y) - 0.5)
    }

    /// Screen position of a physical pixel.
    pub fn pos(&self, px: DVec2) -> Pos2 {
        let scale = f64::from(self.scale);
        pos2(self.rect.left() + ((px.x + 0.5) / scale) as f32, self.rect.top() + ((px.y + 0.5) / scale) as f32)
    }
}

/// Shows one viewport. `name` is what screen readers call it: "axial viewport".
pub fn show(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    (viewport, name): (&Viewport, &str),
    rect: Rect,
    out: &mut Vec<Command>,
) {
    ui.painter().rect_filled(rect, 0.0, theme::BLACK);
    state.places.insert(viewport.id, rect);
    if let Some((series, sight)) = ctx.looked_at(viewport) {
        let frame = Frame { viewport, rect, scale: ui.ctx().pixels_per_point(), series, sight };
        let response = input::sense(ui, &frame, name);
        match (viewport.kind, series.geometry()) {
            (ViewKind::Plane(_), Some(geometry)) => plane_view(ui, ctx, state, &frame, geometry, &response, out),
            (ViewKind::Mip, Some(geometry)) => mip_view(ui, ctx, state, &frame, geometry, &response, out),
            (ViewKind::Volume | ViewKind::Drr | ViewKind::Surface, Some(_)) => {
                solid::show(ui, ctx, state, &frame, &response, out);
            }
            (ViewKind::Picture, None) => picture_view(ui, ctx, state, &frame, &response, out),
            (ViewKind::Picture, Some(_)) | (_, None) => {
                overlay::in_the_middle(&ui.painter_at(rect), rect, "this series has no such view");
                input::choose(ctx, &frame, &response, out);
            }
        }
    } else {
        empty_cell(ui, ctx, viewport, (rect, name), out);
    }
    input::dropped(ui, viewport, rect, out);
    let active = ctx.view.active == viewport.id;
    let stroke = Stroke::new(1.0, if active { theme::ACCENT } else { theme::LINE });
    ui.painter().rect_stroke(rect, 0.0, stroke, StrokeKind::Inside);
}

/// A viewport without a series, or whose series is on its way.
fn empty_cell(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    viewport: &Viewport,
    (rect, name): (Rect, &str),
    out: &mut Vec<Command>,
) {
    let coming = viewport.series.as_ref().is_some_and(|key| ctx.coming.contains(key));
    let words = match (coming, viewport.note.as_str()) {
        (true, _) => "loading",
        (false, "") => "drag a series here",
        (false, note) => note,
    };
    overlay::in_the_middle(&ui.painter_at(rect), rect, words);
    let response = ui.interact(rect, ui.scope_id().with(viewport.id), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    if response.clicked() && ctx.view.active != viewport.id {
        out.push(Command::Activate(viewport.id));
    }
}

fn plane_view(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    geometry: &VolumeGeometry,
    response: &Response,
    out: &mut Vec<Command>,
) {
    let Some(axes) = frame.viewport.axes(geometry, frame.sight) else { return };
    let Some(at) = frame.viewport.passes(geometry, &axes, frame.sight.crosshair_lps) else {
        overlay::in_the_middle(&ui.painter_at(frame.rect), frame.rect, "beyond the last slice");
        return input::choose(ctx, frame, response, out);
    };
    let plane = frame.viewport.plane(geometry, &axes, at, frame.size_px());
    if frame.viewport.shown != Some(plane) {
        out.push(Command::PlaneShown(frame.viewport.id, plane));
    }
    let painter = ui.painter_at(frame.rect);
    match drawable(frame, &axes, at) {
        Some(volume) => picture::plane(ui, ctx, state, frame, volume, plane),
        None => overlay::in_the_middle(&painter, frame.rect, "not loaded yet"),
    }
    presented::on_plane(ui, ctx, state, frame, &plane, geometry);
    marks::findings(&painter, ctx, frame, &plane);
    if ctx.view.crosshair_shown && frame.viewport.offset == 0 {
        marks::crosshair(&painter, frame, geometry, &plane);
    }
    marks::reference_line(&painter, ctx, frame, &plane);
    solid::cuts::on_plane(ui, ctx, frame, &plane, geometry, out);
    fusion::input(ui, ctx, state, frame, response, out);
    measures::show(ui, ctx, state, &Canvas::plane(frame, &plane, axes.step_mm), response, out);
    let (slice, count) = axes.slice_of(geometry, at);
    overlay::letters(&painter, frame.rect, &plane.edge_letters());
    overlay::plane_texts(&painter, ctx, frame, &plane, (&axes, at));
    fusion::show(ui, ctx, frame, response, out);
    stack::bar(ui, frame, (slice, count), axes.is_acquired(), out);
    if axes.is_acquired() {
        let marked = measures::marked_slices(ctx, frame);
        measures::star(&painter, ctx, frame, &marked);
        stack::key_images(
            ui,
            frame,
            marked.into_iter().map(|k| if axes.sign > 0.0 { k } else { count - 1 - k }),
            count,
        );
    }
    input::plane(ui, ctx, state, frame, &plane, response, out);
    if let Some(volume) = drawable(frame, &axes, at) {
        magnifier::on_plane(ui, ctx, state, frame, (volume, &plane), response);
    }
}

/// What a plane is drawn from: the volume, or the acquired slice in it that is there already. Planes across the slices wait
/// for all of them.
fn drawable<'a>(frame: &Frame<'a>, axes: &PlaneAxes, at_lps: DVec3) -> Option<&'a Arc<Volume>> {
    match frame.series.slice_at(at_lps).filter(|_| axes.is_acquired()) {
        Some(k) => frame.series.volume_at(k),
        None => frame.series.loaded.volume(),
    }
}

fn mip_view(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    geometry: &VolumeGeometry,
    response: &Response,
    out: &mut Vec<Command>,
) {
    let plane = frame.viewport.camera(geometry, frame.size_px());
    let inverted = frame.viewport.inverted;
    let draw = MipDraw { inverted, ..MipDraw::whole(geometry, plane, frame.viewport.voi) };
    let painter = ui.painter_at(frame.rect);
    if frame.series.loaded.volume().is_some() {
        picture::mip(ui, ctx, state, frame, draw);
    } else {
        overlay::in_the_middle(&painter, frame.rect, "not loaded yet");
    }
    overlay::letters(&painter, frame.rect, &plane.edge_letters());
    overlay::mip_texts(&painter, ctx, frame, &plane);
    fusion::input(ui, ctx, state, frame, response, out);
    fusion::show(ui, ctx, frame, response, out);
    input::mip(ui, ctx, state, frame, response, out);
}

fn picture_view(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    response: &Response,
    out: &mut Vec<Command>,
) {
    let pictures = frame.series.loaded.pictures();
    let index = frame.viewport.picture_of(frame.sight).min(pictures.len().saturating_sub(1));
    let Some(image) = pictures.get(index) else { return };
    if !frame.sight.seen.contains(&index) {
        out.push(Command::PictureShown(frame.viewport.id, index));
    }
    let draw = picture_place::draw(ctx, frame, image);
    picture::flat(ui, ctx, state, frame, (index, Arc::clone(image)), draw.clone());
    presented::on_picture(ui, ctx, state, frame, &draw, image);
    measures::show(ui, ctx, state, &Canvas::picture(frame, &draw, index), response, out);
    let painter = ui.painter_at(frame.rect);
    marks::picture_findings(&painter, ctx, frame, &draw, index);
    overlay::letters(&painter, frame.rect, &turned_letters(image, &draw));
    overlay::picture_texts(&painter, ctx, frame, (index, pictures.len()), image, &draw);
    fusion::show(ui, ctx, frame, response, out);
    if pictures.len() > 1 {
        stack::bar(ui, frame, (index, pictures.len()), true, out);
    }
    let marked = measures::marked_slices(ctx, frame);
    measures::star(&painter, ctx, frame, &marked);
    if pictures.len() > 1 {
        stack::key_images(ui, frame, marked.into_iter(), pictures.len());
    }
    input::picture(ui, ctx, state, frame, image, &draw, response, out);
    magnifier::on_picture(ui, ctx, state, frame, (index, image, &draw), response);
}

/// True when a finding may be drawn now: a person's always, a machine's proposal once AI is shown, a rejected one never.
fn is_drawn(ctx: &AppContext<'_>, finding: &Finding) -> bool {
    let rejected = finding.state == crate::findings::FindingState::Rejected;
    !rejected && (ctx.ai_shown() || !finding.is_unreviewed_ai())
}

/// True when what the case knows in millimetres of the patient lies where this series has it: it is the series that is read,
/// or one in its frame of reference.
pub(super) fn is_of_case(ctx: &AppContext<'_>, frame: &Frame<'_>) -> bool {
    let Some(read) = ctx.series else { return false };
    let [own, other] = [&frame.series.loaded.series, &read.loaded.series].map(|s| s.frame_of_reference_uid.as_str());
    read.generation == frame.series.generation || (!own.is_empty() && own == other)
}
