//! Where views of the whole volume are cut, on the planes of the same series: clip planes as lines with a tick toward what is
//! kept, the crop box with edges that can be dragged.

use super::super::Frame;
use crate::context::{AppContext, Command, SolidCommand, ViewKind, Viewport};
use crate::geometry::{DVec2, DVec3, SlicePlane, VolumeGeometry};
use crate::render::ClipPlane;
use crate::ui::{theme, widgets};
use egui::{CursorIcon, Painter, Pos2, Rect, Sense, Ui, vec2};

/// Half the thickness of what takes an edge, in points.
const GRIP: f32 = 5.0;

/// Draws the cuts of the view that the plane's series has, and lets its crop be dragged.
pub fn on_plane(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    frame: &Frame<'_>,
    plane: &SlicePlane,
    geometry: &VolumeGeometry,
    out: &mut Vec<Command>,
) {
    let cut = |v: &&Viewport| v.kind == ViewKind::Volume && v.series == frame.viewport.series;
    let views: Vec<&Viewport> = ctx.view.on_screen().filter(cut).collect();
    let Some(view) = views.iter().find(|v| v.id == ctx.view.active).or(views.first()) else { return };
    let painter = ui.painter_at(frame.rect);
    for clip in view.solid.active_clips() {
        clip_line(&painter, frame, plane, &clip);
    }
    if let Some(crop) = view.solid.crop {
        crop_box(ui, &painter, frame, plane, (geometry, crop), |crop| {
            out.push(Command::Solid(view.id, SolidCommand::Crop(Some(crop))));
        });
    }
}

/// The line in which a clip plane meets this plane.
fn clip_line(painter: &Painter, frame: &Frame<'_>, plane: &SlicePlane, clip: &ClipPlane) {
    // n · p = offset along the plane: a straight line in pixels.
    let slope = DVec2::new(clip.normal_lps.dot(plane.u_lps), clip.normal_lps.dot(plane.v_lps)) * plane.pixel_mm;
    if slope.length() < 1e-6 * plane.pixel_mm {
        return;
    }
    let at_origin = clip.normal_lps.dot(plane.lps_from_px(DVec2::ZERO)) - clip.offset_mm;
    let toward = slope.normalize();
    let foot = -slope * (at_origin / slope.length_squared());
    // The part of it beside the middle of the picture.
    let middle = DVec2::new(f64::from(plane.size_px[0]), f64::from(plane.size_px[1])) / 2.0;
    let along = DVec2::new(-toward.y, toward.x);
    let nearest = foot + along * (middle - foot).dot(along);
    let reach = middle.length();
    let ends = [nearest - along * reach, nearest + along * reach].map(|px| frame.pos(px));
    widgets::outlined_line(painter, ends, 1.0, theme::WARNING);
    let kept = vec2(toward.x as f32, toward.y as f32) * 10.0;
    let at = frame.pos(nearest);
    widgets::outlined_line(painter, [at, at + kept], 1.0, theme::WARNING);
}

/// The crop on a plane along the grid: a rectangle, whose edges move by whole voxels.
fn crop_box(
    ui: &mut Ui,
    painter: &Painter,
    frame: &Frame<'_>,
    plane: &SlicePlane,
    (geometry, crop): (&VolumeGeometry, [[usize; 3]; 2]),
    mut change: impl FnMut([[usize; 3]; 2]),
) {
    let direction = geometry.direction();
    let columns = [direction.x_axis, direction.y_axis, direction.z_axis];
    let along = |screen: DVec3| (0..3).find(|&axis| columns[axis].dot(screen).abs() > 0.999);
    let (Some(across), Some(down)) = (along(plane.u_lps), along(plane.v_lps)) else { return };
    let corner = |ends: [f64; 3]| frame.pos(plane.px_from_lps(geometry.point_lps(DVec3::from_array(ends))).0);
    let [low, high] = crop;
    let faces = |n: usize| [low[n] as f64 - 0.5, high[n] as f64 + 0.5];
    let first = corner([faces(0)[0], faces(1)[0], faces(2)[0]]);
    let last = corner([faces(0)[1], faces(1)[1], faces(2)[1]]);
    let rect = Rect::from_two_pos(first, last);
    for [from, to] in [
        [rect.left_top(), rect.right_top()],
        [rect.right_top(), rect.right_bottom()],
        [rect.right_bottom(), rect.left_bottom()],
        [rect.left_bottom(), rect.left_top()],
    ] {
        widgets::outlined_line(painter, [from, to], 1.0, theme::WARNING);
    }
    // Each edge by its axis and by which end of the crop it is.
    for (axis, is_upright) in [(across, true), (down, false)] {
        for end in 0..2 {
            let at = [first, last][end];
            let middle = if is_upright { Pos2::new(at.x, rect.center().y) } else { Pos2::new(rect.center().x, at.y) };
            painter.circle_filled(middle, GRIP, theme::OVERLAY_OUTLINE);
            painter.circle_filled(middle, GRIP - 1.5, theme::WARNING);
            let grip = Rect::from_center_size(middle, vec2(4.0 * GRIP, 4.0 * GRIP)).intersect(frame.rect);
            let id = ui.scope_id().with(("crop", frame.viewport.id, axis, end));
            let response = ui.interact(grip, id, Sense::drag());
            if response.hovered() || response.dragged() {
                let icon = if is_upright { CursorIcon::ResizeHorizontal } else { CursorIcon::ResizeVertical };
                ui.ctx().set_cursor_icon(icon);
            }
            if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
                let ijk = geometry.ijk_from_lps().transform_point3(plane.lps_from_px(frame.px(pointer)));
                change(moved(crop, axis, end, ijk[axis], geometry.dims()[axis]));
            }
        }
    }
}

/// A crop with one face at a position; it always keeps a voxel.
fn moved(mut crop: [[usize; 3]; 2], axis: usize, end: usize, at: f64, size: usize) -> [[usize; 3]; 2] {
    let [low, high] = [crop[0][axis], crop[1][axis]];
    let voxel = (if end == 0 { at + 0.5 } else { at - 0.5 }).round().clamp(0.0, size as f64 - 1.0) as usize;
    crop[end][axis] = if end == 0 { voxel.min(high) } else { voxel.max(low) };
    crop
}
