//! Where a picture lies in its viewport: fitted, at the scale of its neighbors, at an edge, mirrored; then zoomed and moved.

use super::Frame;
use crate::context::AppContext;
use crate::geometry::DVec2;
use crate::hanging::Align;
use crate::render::PictureDraw;
use crate::volume::Picture;

/// How a picture is drawn in its viewport.
pub fn draw(ctx: &AppContext<'_>, frame: &Frame<'_>, image: &Picture) -> PictureDraw {
    let mut draw = fitted(ctx, frame, image);
    let viewport = frame.viewport;
    let half = DVec2::new(f64::from(draw.size_px[0]) - 1.0, f64::from(draw.size_px[1]) - 1.0) / 2.0;
    let middle = draw.picture_px(half);
    let coarser = same_mm(ctx, frame, image, &draw);
    let scale = coarser / viewport.framing.zoom;
    let turn = if viewport.mirrored { -1.0 } else { 1.0 };
    draw.u_px *= scale * turn;
    draw.v_px *= scale;
    let pan = DVec2::new(viewport.framing.pan.x * turn, viewport.framing.pan.y);
    let at_edge = DVec2::new(from_middle(frame, image, draw.u_px.x.abs()) * turn, 0.0);
    draw.origin_px = middle - pan + at_edge - draw.u_px * half.x - draw.v_px * half.y;
    draw
}

/// The whole picture in the middle, with the viewport's window.
fn fitted(ctx: &AppContext<'_>, frame: &Frame<'_>, image: &Picture) -> PictureDraw {
    let aspect = image.spacing_mm().map_or(1.0, |[row_mm, column_mm]| row_mm / column_mm);
    // A presentation state says itself which values are bright, whatever the image says.
    let own = image.inverted && ctx.presentation_in(frame.viewport).is_none();
    let inverted = ctx.inverted_in(frame.viewport) != own;
    let voi = ctx.voi_in(frame.viewport);
    let draw = PictureDraw::fit([image.width, image.height], aspect, frame.size_px(), voi, inverted);
    PictureDraw { interpolation: ctx.view.interpolation, color_map: frame.viewport.color_map, ..draw }
}

/// How many times smaller the picture must be, so that a millimetre is as long as in all viewports that say so: as large as
/// the largest of them allows. 1 where mm are not known. Cells of one layout have one size, or nearly so.
fn same_mm(ctx: &AppContext<'_>, frame: &Frame<'_>, image: &Picture, draw: &PictureDraw) -> f64 {
    let mm_per_px = |image: &Picture| {
        let [row_mm, column_mm] = image.spacing_mm()?;
        let [width, height] = frame.size_px().map(f64::from);
        Some((image.width as f64 * column_mm / width).max(image.height as f64 * row_mm / height))
    };
    let own = image.spacing_mm().map(|[_, column_mm]| draw.u_px.x * column_mm);
    let (Some(own), true) = (own, frame.viewport.same_mm) else { return 1.0 };
    let others = ctx.view.layout.viewports().filter(|viewport| viewport.same_mm);
    let theirs = others.filter_map(|viewport| {
        let (series, sight) = ctx.looked_at(viewport)?;
        mm_per_px(series.loaded.pictures().get(viewport.picture_of(sight))?)
    });
    theirs.fold(own, f64::max) / own
}

/// Displacement of the viewport's middle against the picture's, in picture pixels towards screen-right, so that the chest
/// wall touches its edge.
fn from_middle(frame: &Frame<'_>, image: &Picture, per_px: f64) -> f64 {
    let free = f64::from(frame.size_px()[0]) * per_px - image.width as f64;
    match frame.viewport.align {
        Align::Center => 0.0,
        Align::ChestWallLeft => free / 2.0,
        Align::ChestWallRight => -free / 2.0,
    }
}
