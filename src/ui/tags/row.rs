//! One line of the tag browser: number, representation, name, what became of it, value. Columns stand in line.

use crate::io::elements::{Change, Compared};
use crate::ui::{theme, widgets};
use egui::{Align2, Color32, Painter, Pos2, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Width of a digit of the number column in points.
const CELL: f32 = 7.6;
/// Points to the right for each level, up to [`DEEPEST`] levels.
const INDENT: f32 = 6.0;
const DEEPEST: usize = 8;
const NUMBER_WIDTH: f32 = 144.0;
const VR_WIDTH: f32 = 28.0;
const NAME_WIDTH: f32 = 216.0;
const CHANGE_WIDTH: f32 = 92.0;

/// Shows a row; true when it was clicked.
pub(super) fn show(ui: &mut Ui, row: &Compared, n: usize, chosen: bool, comparing: bool) -> bool {
    let size = vec2(ui.available_width(), theme::ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let (line, change) = (&row.line, row.change);
    let name = format!("{} {} {}", line.label(), line.name(), change.word());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, name.trim_end()));
    let painter = ui.painter().with_clip_rect(rect);
    let fill = match (chosen, response.hovered()) {
        (true, _) => theme::ACCENT_FILL,
        (_, true) => theme::RAISED_HOVER,
        _ if n % 2 == 1 => theme::RAISED,
        _ => Color32::TRANSPARENT,
    };
    painter.rect_filled(rect, 0.0, fill);
    let middle = rect.center().y;
    let indent = INDENT * line.depth.min(DEEPEST) as f32;
    let mut left = rect.left() + 4.0;
    number(&painter, pos2(left + indent, middle), &line.label());
    left += NUMBER_WIDTH;
    text(&painter, left, VR_WIDTH, middle, line.vr, theme::TEXT_SECOND);
    left += VR_WIDTH;
    text(&painter, left, NAME_WIDTH - 8.0, middle, &line.name(), theme::TEXT);
    left += NAME_WIDTH;
    if comparing {
        text(&painter, left, CHANGE_WIDTH - 8.0, middle, change.word(), color(change));
        left += CHANGE_WIDTH;
    }
    let value = shown(row);
    text(&painter, left, rect.right() - left - 4.0, middle, &value, theme::TEXT);
    if response.hovered() {
        return response.on_hover_text(format!("{}\n{value}", line.name())).clicked();
    }
    response.clicked()
}

/// The value on one line; both values where they differ.
fn shown(row: &Compared) -> String {
    let one = |line: &crate::io::elements::Line| match line.vr {
        "" => widgets::counted(line.count, "element"),
        "SQ" => widgets::counted(line.count, "item"),
        _ => line.value.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect(),
    };
    match &row.other {
        Some(other) => format!("{}  →  {}", one(&row.line), one(other)),
        None => one(&row.line),
    }
}

/// A color beside the word, never instead of it.
fn color(change: Change) -> Color32 {
    match change {
        Change::Same | Change::Inside => theme::TEXT_SECOND,
        Change::Changed => theme::WARNING,
        Change::Added | Change::Removed => theme::ACCENT,
    }
}

fn text(painter: &Painter, left: f32, width: f32, middle: f32, text: &str, color: Color32) {
    if width <= 0.0 || text.is_empty() {
        return;
    }
    let fitted = widgets::fitted(painter, text, &theme::body(), width);
    painter.text(pos2(left, middle), Align2::LEFT_CENTER, fitted, theme::body(), color);
}

/// "(0010,0020)" in cells of one width: the bundled family has no monospaced cut, and numbers must stand in line.
fn number(painter: &Painter, at: Pos2, label: &str) {
    if !label.starts_with('(') {
        painter.text(at, Align2::LEFT_CENTER, label, theme::body(), theme::TEXT_SECOND);
        return;
    }
    for (n, c) in label.chars().enumerate() {
        let middle = at + vec2((n as f32 + 0.5) * CELL, 0.0);
        painter.text(middle, Align2::CENTER_CENTER, c, theme::body(), theme::TEXT_SECOND);
    }
}
