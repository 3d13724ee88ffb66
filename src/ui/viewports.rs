//! The middle of the window: four viewports, one, or the words of an empty room.

use super::{UiState, empty, player, theme, viewport};
use crate::context::{AppContext, Command, Pane, ShownSeries};
use egui::{Rect, Ui, pos2, vec2};

/// Gap between viewports.
const GAP: f32 = 2.0;

/// Shows the middle.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let rect = ui.available_rect_before_wrap();
    ui.painter().rect_filled(rect, 0.0, theme::BLACK);
    state.hover = None;
    let Some(series) = ctx.series else {
        empty::show(ui, ctx, rect, out);
        return;
    };
    let mut rect = rect;
    if player::is_shown(ctx) {
        let bar = Rect::from_min_max(pos2(rect.left(), rect.bottom() - player::HEIGHT), rect.max);
        player::show(ui, ctx, bar, out);
        rect.max.y = bar.top();
    }
    for (pane, area) in layout(series, ctx.view.maximized, rect) {
        viewport::show(ui, ctx, state, pane, area, out);
    }
}

/// Which panes are shown, and where.
fn layout(series: &ShownSeries, maximized: Option<Pane>, rect: Rect) -> Vec<(Pane, Rect)> {
    if series.geometry().is_none() {
        return vec![(Pane::Picture, rect)];
    }
    match maximized {
        Some(pane) if pane != Pane::Picture => vec![(pane, rect)],
        _ => Pane::QUAD.into_iter().zip(quarters(rect)).collect(),
    }
}

/// Two rows of two, on whole points.
fn quarters(rect: Rect) -> [Rect; 4] {
    let half = vec2(((rect.width() - GAP) / 2.0).floor(), ((rect.height() - GAP) / 2.0).floor());
    let (x, y) = (rect.left() + half.x + GAP, rect.top() + half.y + GAP);
    [
        Rect::from_min_size(rect.min, half),
        Rect::from_min_max(pos2(x, rect.top()), pos2(rect.right(), rect.top() + half.y)),
        Rect::from_min_max(pos2(rect.left(), y), pos2(rect.left() + half.x, rect.bottom())),
        Rect::from_min_max(pos2(x, y), rect.max),
    ]
}
