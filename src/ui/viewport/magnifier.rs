//! The magnifying glass: a part of the picture, larger, at the pointer while the button is down. It is drawn from the voxels
//! anew, not stretched.

use super::Frame;
use crate::context::{AppContext, Tool, Viewport, ViewportId};
use crate::geometry::{DVec2, SlicePlane};
use crate::render::PictureDraw;
use crate::ui::{UiState, picture, theme};
use crate::volume::{Picture, Volume};
use egui::{PointerButton, Pos2, Rect, Response, Stroke, StrokeKind, Ui, Vec2};
use std::sync::Arc;

/// Edge of the glass in points, and how much larger it shows.
const EDGE: f32 = 240.0;
const TIMES: f64 = 2.5;

/// What its picture is kept under: no viewport has this identity.
const GLASS: ViewportId = ViewportId(u32::MAX);

/// Where the glass lies now, moved so that it stays inside the viewport.
fn held(ctx: &AppContext<'_>, frame: &Frame<'_>, response: &Response, ui: &Ui) -> Option<(Pos2, Rect)> {
    let down = response.is_pointer_button_down_on() && ui.input(|i| i.pointer.button_down(PointerButton::Primary));
    let at = response.interact_pointer_pos().filter(|_| down && ctx.view.tool == Tool::Magnifier)?;
    let edge = EDGE.min(frame.rect.width()).min(frame.rect.height());
    let room = frame.rect.shrink(edge / 2.0);
    let center = Pos2::new(at.x.clamp(room.left(), room.right()), at.y.clamp(room.top(), room.bottom()));
    // Whole pixels, so that what is drawn lies where it is said to.
    let scale = frame.scale;
    let corner = ((center - Vec2::splat(edge / 2.0)).to_vec2() * scale).round() / scale;
    Some((at, Rect::from_min_size(corner.to_pos2(), Vec2::splat((edge * scale).round() / scale))))
}

fn glass<'a>(frame: &Frame<'a>, viewport: &'a Viewport, rect: Rect) -> Frame<'a> {
    Frame { viewport, rect, ..*frame }
}

fn frame_of_glass(ui: &Ui, rect: Rect) {
    ui.painter().rect_stroke(rect, 0.0, Stroke::new(1.0, theme::ACCENT), StrokeKind::Outside);
}

/// Over a plane.
pub fn on_plane(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    (volume, plane): (&Volume, &SlicePlane),
    response: &Response,
) {
    let Some((at, rect)) = held(ctx, frame, response, ui) else { return };
    let viewport = Viewport { id: GLASS, ..frame.viewport.clone() };
    let glass = glass(frame, &viewport, rect);
    let size_px = glass.size_px();
    // What lies under the pointer lies there in the glass too, magnified about it.
    let under_lps = plane.lps_from_px(frame.px(at));
    let from_middle = glass.px(at) - DVec2::new(f64::from(size_px[0]) - 1.0, f64::from(size_px[1]) - 1.0) / 2.0;
    let pixel_mm = plane.pixel_mm / TIMES;
    let center_lps = under_lps - (plane.u_lps * from_middle.x + plane.v_lps * from_middle.y) * pixel_mm;
    let larger = SlicePlane { center_lps, pixel_mm, size_px, ..*plane };
    ui.painter().rect_filled(rect, 0.0, theme::BLACK);
    picture::plane(ui, ctx, state, &glass, volume, larger);
    frame_of_glass(ui, rect);
}

/// Over a picture.
pub fn on_picture(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    (index, image, draw): (usize, &Arc<Picture>, &PictureDraw),
    response: &Response,
) {
    let Some((at, rect)) = held(ctx, frame, response, ui) else { return };
    let viewport = Viewport { id: GLASS, ..frame.viewport.clone() };
    let glass = glass(frame, &viewport, rect);
    let mut larger = draw.clone();
    larger.size_px = glass.size_px();
    (larger.u_px, larger.v_px) = (draw.u_px / TIMES, draw.v_px / TIMES);
    let under = glass.px(at);
    larger.origin_px = draw.picture_px(frame.px(at)) - larger.u_px * under.x - larger.v_px * under.y;
    ui.painter().rect_filled(rect, 0.0, theme::BLACK);
    picture::flat(ui, ctx, state, &glass, (index, Arc::clone(image)), larger);
    frame_of_glass(ui, rect);
}
