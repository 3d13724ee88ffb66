//! The middle of the window: the viewports of the layout, one of them, or the words of an empty room.

use super::{UiState, empty, player, theme, viewport};
use crate::context::{AppContext, Command, Layout, ViewState, Viewport};
use egui::{Rect, Ui, pos2};

/// Gap between viewports.
const GAP: f32 = 2.0;

/// Shows the middle.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let rect = ui.available_rect_before_wrap();
    ui.painter().rect_filled(rect, 0.0, theme::BLACK);
    state.hover = None;
    state.drawn.clear();
    if ctx.series.is_none() {
        empty::show(ui, ctx, rect, out);
        return;
    }
    let mut rect = rect;
    if player::is_shown(ctx) {
        let bar = Rect::from_min_max(pos2(rect.left(), rect.bottom() - player::HEIGHT), rect.max);
        player::show(ui, ctx, bar, out);
        rect.max.y = bar.top();
    }
    for (viewport, area) in placed(ctx.view, rect) {
        let name = name(&ctx.view.layout, viewport);
        viewport::show(ui, ctx, state, (viewport, &name), area, out);
    }
}

/// Which viewports are shown, and where.
fn placed(view: &ViewState, rect: Rect) -> Vec<(&Viewport, Rect)> {
    let only = view.maximized.and_then(|id| view.layout.viewport(id));
    if let Some(viewport) = only {
        return vec![(viewport, rect)];
    }
    let layout = &view.layout;
    let edges = |from: f32, to: f32, count: u8, first: u8, span: u8| {
        let step = (to - from + GAP) / f32::from(count);
        let start = (from + f32::from(first) * step).floor();
        let end = if first + span == count { to } else { (from + f32::from(first + span) * step).floor() - GAP };
        [start, end]
    };
    let cells = layout.cells.iter().map(|cell| {
        let [left, right] = edges(rect.left(), rect.right(), layout.columns, cell.column, cell.columns);
        let [top, bottom] = edges(rect.top(), rect.bottom(), layout.rows, cell.row, cell.rows);
        (&cell.viewport, Rect::from_min_max(pos2(left, top), pos2(right, bottom)))
    });
    cells.collect()
}

/// "axial viewport"; a second one of that kind is "axial viewport 2".
fn name(layout: &Layout, viewport: &Viewport) -> String {
    let alike = layout.viewports().take_while(|other| other.id != viewport.id).filter(|o| o.kind == viewport.kind);
    match alike.count() {
        0 => format!("{} viewport", viewport.kind.name()),
        n => format!("{} viewport {}", viewport.kind.name(), n + 1),
    }
}
