//! One viewport: its picture, what lies over it, and what mouse and wheel do in it. Screen positions are points; planes
//! are in physical pixels; the patient is LPS mm.

mod input;
mod marks;
mod overlay;
mod presented;
mod stack;

pub(super) use overlay::window_line;

use super::{UiState, picture, theme};
use crate::context::{AppContext, Command, Pane, PlaneAxes, ShownSeries};
use crate::findings::Finding;
use crate::geometry::{DVec2, DVec3, Orientation, SlicePlane, VolumeGeometry, opposite_letters};
use crate::render::{MipDraw, PictureDraw};
use crate::volume::Volume;
use egui::{Pos2, Rect, Stroke, StrokeKind, Ui, pos2};
use std::sync::Arc;

/// Part of the volume's diagonal that the 3D view shows at no zoom.
pub(super) const MIP_FIT: f64 = 0.74;

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
    pub pane: Pane,
    pub rect: Rect,
    /// Physical pixels per point.
    pub scale: f32,
    pub series: &'a ShownSeries,
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

/// Shows one viewport.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, pane: Pane, rect: Rect, out: &mut Vec<Command>) {
    ui.painter().rect_filled(rect, 0.0, theme::BLACK);
    let Some(series) = ctx.series else { return };
    let frame = Frame { pane, rect, scale: ui.ctx().pixels_per_point(), series };
    match (pane, series.geometry()) {
        (Pane::Plane(orientation), Some(geometry)) => {
            plane_pane(ui, ctx, state, &frame, (orientation, geometry), out);
        }
        (Pane::Mip, Some(geometry)) => mip_pane(ui, ctx, state, &frame, geometry, out),
        (Pane::Picture, None) => picture_pane(ui, ctx, state, &frame, out),
        _ => {}
    }
    let stroke = if ctx.view.active == pane { Stroke::new(1.0, theme::ACCENT) } else { Stroke::new(1.0, theme::LINE) };
    ui.painter().rect_stroke(rect, 0.0, stroke, StrokeKind::Inside);
}

fn plane_pane(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    (orientation, geometry): (Orientation, &VolumeGeometry),
    out: &mut Vec<Command>,
) {
    let plane = ctx.view.plane(geometry, orientation, frame.size_px());
    if ctx.plane(frame.pane) != Some(&plane) {
        out.push(Command::PaneShown(frame.pane, plane));
    }
    let painter = ui.painter_at(frame.rect);
    let axes = PlaneAxes::of(geometry, orientation);
    match drawable(frame, &axes, ctx.view.crosshair_lps) {
        Some(volume) => picture::slice(ui, ctx, state, frame, volume, plane),
        None => overlay::not_loaded(&painter, frame.rect),
    }
    presented::on_plane(ui, ctx, state, frame, &plane, geometry);
    marks::findings(&painter, ctx, frame, &plane);
    if ctx.view.crosshair_shown {
        marks::crosshair(&painter, frame, &plane, ctx.view.crosshair_lps);
    }
    let (slice, count) = axes.slice_of(geometry, ctx.view.crosshair_lps);
    overlay::letters(&painter, frame.rect, &plane.edge_letters());
    overlay::plane_texts(&painter, ctx, frame, &plane, &axes);
    stack::bar(ui, ctx, frame, (slice, count), axes.axis == 2, out);
    let response = input::sense(ui, frame, "viewport");
    input::plane(ui, ctx, state, frame, &plane, &response, out);
}

/// What a plane is drawn from: the volume, or the acquired slice in it that is there already. Planes across the slices wait
/// for all of them.
fn drawable<'a>(frame: &Frame<'a>, axes: &PlaneAxes, at_lps: DVec3) -> Option<&'a Arc<Volume>> {
    match frame.series.slice_at(at_lps).filter(|_| axes.axis == 2) {
        Some(k) => frame.series.volume_at(k),
        None => frame.series.loaded.volume(),
    }
}

fn mip_pane(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    geometry: &VolumeGeometry,
    out: &mut Vec<Command>,
) {
    let plane = mip_plane(ctx, frame, geometry);
    let draw = MipDraw::whole(geometry, plane, ctx.view.mip_voi);
    let painter = ui.painter_at(frame.rect);
    if frame.series.loaded.volume().is_some() {
        picture::mip(ui, ctx, state, frame, draw);
    } else {
        overlay::not_loaded(&painter, frame.rect);
    }
    overlay::letters(&painter, frame.rect, &plane.edge_letters());
    overlay::mip_texts(&painter, ctx, frame, &plane);
    let response = input::sense(ui, frame, "viewport");
    input::mip(ui, ctx, frame, &response, out);
}

/// The turned plane of the 3D view: at no turn, from the front.
fn mip_plane(ctx: &AppContext<'_>, frame: &Frame<'_>, geometry: &VolumeGeometry) -> SlicePlane {
    let [yaw, pitch] = ctx.view.mip_turn_deg.map(f64::to_radians);
    let u_lps = DVec3::new(yaw.cos(), yaw.sin(), 0.0);
    let forward = DVec3::new(-yaw.sin(), yaw.cos(), 0.0);
    let v_lps = DVec3::NEG_Z * pitch.cos() + forward * pitch.sin();
    let framing = ctx.view.framing(Pane::Mip);
    let diagonal_mm = geometry.bounds_lps().size_mm().length();
    let size_px = frame.size_px();
    let pixel_mm = MIP_FIT * diagonal_mm / f64::from(size_px[0].min(size_px[1])) / framing.zoom;
    let center_lps = geometry.center_lps() - u_lps * framing.pan.x - v_lps * framing.pan.y;
    SlicePlane { center_lps, u_lps, v_lps, pixel_mm, size_px }
}

fn picture_pane(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, frame: &Frame<'_>, out: &mut Vec<Command>) {
    let pictures = frame.series.loaded.pictures();
    let index = ctx.view.picture.min(pictures.len().saturating_sub(1));
    let Some(image) = pictures.get(index) else { return };
    if !ctx.view.seen.contains(&index) {
        out.push(Command::PictureShown(index));
    }
    let draw = picture_draw(ctx, frame, image);
    picture::flat(ui, ctx, state, frame, (index, Arc::clone(image)), draw.clone());
    presented::on_picture(ui, ctx, state, frame, &draw, image);
    let painter = ui.painter_at(frame.rect);
    marks::picture_findings(&painter, ctx, frame, &draw, index);
    overlay::letters(&painter, frame.rect, &picture_letters(image));
    overlay::picture_texts(&painter, ctx, frame, (index, pictures.len()), image, &draw);
    if pictures.len() > 1 {
        stack::bar(ui, ctx, frame, (index, pictures.len()), true, out);
    }
    let response = input::sense(ui, frame, "viewport");
    input::picture(ui, ctx, state, frame, image, &draw, &response, out);
}

/// The picture fitted, then zoomed and moved.
fn picture_draw(ctx: &AppContext<'_>, frame: &Frame<'_>, image: &crate::volume::Picture) -> PictureDraw {
    let aspect = image.spacing_mm().map_or(1.0, |[row_mm, column_mm]| row_mm / column_mm);
    // A presentation state says itself which values are bright, whatever the image says.
    let own = image.inverted && ctx.presentation_in(frame.pane).is_none();
    let inverted = ctx.inverted_in(frame.pane) != own;
    let voi = ctx.voi_in(frame.pane);
    let mut draw = PictureDraw::fit([image.width, image.height], aspect, frame.size_px(), voi, inverted);
    draw.interpolation = picture::interpolation(ctx);
    let framing = ctx.view.framing(Pane::Picture);
    let half = DVec2::new(f64::from(draw.size_px[0]) - 1.0, f64::from(draw.size_px[1]) - 1.0) / 2.0;
    let middle = draw.picture_px(half) - framing.pan;
    draw.u_px /= framing.zoom;
    draw.v_px /= framing.zoom;
    draw.origin_px = middle - draw.u_px * half.x - draw.v_px * half.y;
    draw
}

/// Letters of a picture: only those the file states.
fn picture_letters(image: &crate::volume::Picture) -> [String; 4] {
    let Some([row, column]) = &image.patient_orientation else { return Default::default() };
    [opposite_letters(row), row.clone(), opposite_letters(column), column.clone()]
}

/// True when a finding may be drawn now: a person's always, a machine's proposal once AI is shown, a rejected one never.
fn is_drawn(ctx: &AppContext<'_>, finding: &Finding) -> bool {
    let rejected = finding.state == crate::findings::FindingState::Rejected;
    !rejected && (ctx.ai_shown() || !finding.is_unreviewed_ai())
}
