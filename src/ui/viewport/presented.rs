//! What a presentation state covers and draws on an acquired slice or a picture.

use super::Frame;
use crate::context::AppContext;
use crate::geometry::{DVec2, SlicePlane, VolumeGeometry};
use crate::reading::presented_marks;
use crate::render::PictureDraw;
use crate::render::annotate::{Mark, MarkShape};
use crate::ui::picture::{self, ShutterPlace};
use crate::ui::{UiState, theme, widgets};
use crate::volume::Picture;
use egui::{Align2, FontId, Painter, Shape, Stroke, Ui};

/// On a plane of a volume.
pub fn on_plane(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    plane: &SlicePlane,
    geometry: &VolumeGeometry,
) {
    let Some((_, k)) = ctx.presentation_in(frame.viewport) else { return };
    let image_px = |screen: DVec2| geometry.ijk_from_lps().transform_point3(plane.lps_from_px(screen)).truncate();
    let screen_px = |image: DVec2| plane.px_from_lps(geometry.point_lps(image.extend(k as f64))).0;
    let [columns, rows, _] = geometry.dims();
    show(ui, ctx, state, frame, [columns, rows], &image_px, &screen_px);
}

/// On a picture.
pub fn on_picture(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    draw: &PictureDraw,
    image: &Picture,
) {
    let size = [image.width, image.height];
    show(ui, ctx, state, frame, size, &|screen| draw.picture_px(screen), &|image| draw.screen_px(image));
}

fn show(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    size: [usize; 2],
    image_px: &dyn Fn(DVec2) -> DVec2,
    screen_px: &dyn Fn(DVec2) -> DVec2,
) {
    let Some((on, k)) = ctx.presentation_in(frame.viewport) else { return };
    if let Some(shutter) = &on.state.shutter {
        let origin_px = image_px(DVec2::ZERO);
        let [u_px, v_px] = [DVec2::X, DVec2::Y].map(|step| image_px(step) - origin_px);
        picture::shutter(ui, state, frame, shutter, ShutterPlace { origin_px, u_px, v_px, size_px: frame.size_px() });
    }
    let painter = ui.painter_at(frame.rect);
    for mark in presented_marks(&on.state, &frame.series.loaded, k, size, frame.size_px(), screen_px) {
        paint(&painter, frame, &mark);
    }
}

fn paint(painter: &Painter, frame: &Frame<'_>, mark: &Mark) {
    let color = theme::segment_color(mark.rgb);
    match &mark.shape {
        MarkShape::Line { points_px, filled } => {
            let points: Vec<_> = points_px.iter().map(|at| frame.pos(*at)).collect();
            // What is filled in the file would hide the picture: here it gets a stronger outline.
            let width = if *filled { 3.0 } else { 1.5 };
            painter.add(Shape::line(points.clone(), Stroke::new(width + 1.5, theme::OVERLAY_OUTLINE)));
            painter.add(Shape::line(points, Stroke::new(width, color)));
        }
        MarkShape::Point(at) => {
            let at = frame.pos(*at);
            for arm in [egui::vec2(5.0, 0.0), egui::vec2(0.0, 5.0)] {
                widgets::outlined_line(painter, [at - arm, at + arm], 1.5, color);
            }
        }
        MarkShape::Text { at_px, size_px, text } => {
            let font = FontId::proportional((size_px / frame.scale).max(theme::SMALL_PT));
            widgets::outlined_text(painter, frame.pos(*at_px), Align2::LEFT_TOP, text, font, color);
        }
    }
}
