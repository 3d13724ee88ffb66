//! The slice bar at the right edge: where the slice lies in the stack, which slices have been on screen, and a handle to
//! drag.

use super::Frame;
use crate::context::{Command, ShownSeries};
use crate::ui::{icons, theme, widgets};
use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Width of the bar in points.
pub const WIDTH: f32 = 10.0;

/// Pictures before which slices are missing.
fn gaps(series: &ShownSeries) -> Vec<usize> {
    let loaded = &series.loaded;
    let named = |k: usize, name: &str| {
        loaded.instance(k).and_then(|i| i.file.file_name()).is_some_and(|file| file.to_string_lossy() == name)
    };
    let parted = |k: &usize| {
        loaded.series.passport.gaps.iter().any(|gap| {
            let ends = [gap.after.as_str(), gap.before.as_str()];
            let either = |a: usize, b: usize| named(*k - 1, ends[a]) && named(*k, ends[b]);
            either(0, 1) || either(1, 0)
        })
    };
    if loaded.series.passport.gaps.is_empty() {
        Vec::new()
    } else {
        (1..loaded.pictures().len()).filter(parted).collect()
    }
}

/// Stars at the marked images, by reading order.
pub fn key_images(ui: &Ui, frame: &Frame<'_>, orders: impl Iterator<Item = usize>, count: usize) {
    let rect = frame.rect;
    let painter = ui.painter_at(rect);
    for order in orders {
        let y = rect.top() + 1.0 + (order as f32 + 0.5) * (rect.height() - 2.0) / count as f32;
        let (at, font) = (pos2(rect.right() - WIDTH / 2.0, y), theme::icons(WIDTH));
        let star = icons::KEY.to_string();
        widgets::outlined_text(&painter, at, Align2::CENTER_CENTER, &star, font, theme::ACCENT);
    }
}

/// Shows the bar; a click or drag shows that slice.
pub fn bar(ui: &mut Ui, frame: &Frame<'_>, (slice, count): (usize, usize), acquired: bool, out: &mut Vec<Command>) {
    let rect = frame.rect;
    let zone = Rect::from_min_max(pos2(rect.right() - WIDTH, rect.top() + 1.0), rect.right_bottom() - vec2(1.0, 1.0));
    let painter = ui.painter_at(zone);
    let track = Rect::from_center_size(zone.center(), vec2(3.0, zone.height()));
    painter.rect_filled(track, 1.5, theme::LINE);
    let per_slice = track.height() / count as f32;
    if acquired {
        for &seen in &frame.sight.seen {
            let top = track.top() + seen as f32 * per_slice;
            let done = Rect::from_min_size(pos2(track.left(), top), vec2(3.0, per_slice.max(1.0)));
            painter.rect_filled(done, 0.0, theme::TEXT_DISABLED);
        }
    }
    for before in gaps(frame.series) {
        // Where slices are missing, so that nobody takes neighbors on the screen for neighbors in the patient.
        let y = track.top() + before as f32 * per_slice;
        let gap = Rect::from_center_size(pos2(track.center().x, y), vec2(WIDTH - 2.0, 3.0));
        painter.rect_filled(gap, 0.0, theme::WARNING);
    }
    let height = per_slice.max(12.0);
    let middle = track.top() + (slice as f32 + 0.5) * per_slice;
    let thumb = Rect::from_center_size(
        pos2(track.center().x, middle.clamp(track.top() + height / 2.0, track.bottom() - height / 2.0)),
        vec2(5.0, height),
    );
    let id = ui.scope_id().with(("stack", frame.viewport.id));
    let response = ui.interact(zone, id, Sense::click_and_drag());
    painter.rect_filled(thumb, 2.0, if response.hovered() { theme::ACCENT } else { theme::TEXT_SECOND });
    let name = format!("{} slice bar", frame.viewport.kind.name());
    response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, &name));
    if let Some(at) = response.interact_pointer_pos()
        && (response.dragged() || response.clicked())
    {
        let order = ((at.y - track.top()) / per_slice).clamp(0.0, count as f32 - 1.0) as usize;
        out.push(Command::ScrollTo { viewport: frame.viewport.id, slice: order });
    }
}
