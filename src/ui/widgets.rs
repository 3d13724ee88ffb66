//! Small parts that several panels use. Every part that can be clicked has an accessible name.

use super::theme;
use egui::{
    Align, Align2, Color32, FontId, Frame, Layout, Margin, Painter, Pos2, Rect, Response, RichText, Role, Sense,
    Stroke, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

/// A square button that shows an icon; `name` is read aloud, `tooltip` is shown.
pub fn icon_button(ui: &mut Ui, icon: char, name: &str, tooltip: &str, selected: bool) -> Response {
    icon_button_enabled(ui, true, icon, name, tooltip, selected)
}

/// As [`icon_button`], possibly disabled.
pub fn icon_button_enabled(
    ui: &mut Ui,
    enabled: bool,
    icon: char,
    name: &str,
    tooltip: &str,
    selected: bool,
) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(theme::TARGET + theme::STEP), sense);
    let visuals = ui.style().interact(&response);
    let fill = match (selected, response.hovered() && enabled) {
        (true, _) => theme::ACCENT_FILL,
        (false, true) => theme::RAISED_HOVER,
        (false, false) => Color32::TRANSPARENT,
    };
    let color = match (enabled, selected) {
        (false, _) => theme::TEXT_DISABLED,
        (true, true) => theme::ACCENT,
        (true, false) => theme::TEXT,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, visuals.corner_radius, fill);
    if response.has_focus() {
        let stroke = Stroke::new(1.0, theme::ACCENT);
        painter.rect_stroke(rect, visuals.corner_radius, stroke, egui::StrokeKind::Inside);
    }
    painter.text(rect.center(), Align2::CENTER_CENTER, icon, theme::icons(theme::ICON_PT), color);
    let name = name.to_owned();
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, selected, &name));
    response.on_hover_text(tooltip).on_disabled_hover_text(tooltip)
}

/// A button with an icon and words.
pub fn text_button(ui: &mut Ui, icon: char, text: &str) -> Response {
    let label = RichText::new(format!("{icon}  {text}"));
    let text = text.to_owned();
    let response = ui.add(egui::Button::new(label));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
    response
}

/// A row of a list that can be clicked under its buttons, not over them; `left` is the room before its words.
pub fn list_row(ui: &mut Ui, salt: &str, selected: bool, left: i8, add: impl FnOnce(&mut Ui)) -> Response {
    let fill = if selected { theme::ACCENT_FILL } else { theme::RAISED };
    let margin = Margin { left, right: 4, top: 2, bottom: 4 };
    let frame = Frame::new().fill(fill).corner_radius(4.0).inner_margin(margin);
    let row = UiBuilder::new().id_salt(salt).sense(Sense::click());
    let shown = ui.scope_builder(row, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(theme::STEP, 0.0);
            add(ui);
        })
    });
    shown.response
}

/// The first line of such a row, filled from the right: buttons first, then what is left of it.
pub fn row_head(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.set_min_height(theme::TARGET + theme::STEP);
        ui.with_layout(Layout::right_to_left(Align::Center), add);
    });
}

/// A small word in a rounded frame: "AI", "draft", "rejected".
pub fn badge(ui: &mut Ui, text: &str, color: Color32) -> Response {
    let galley = ui.painter().layout_no_wrap(text.to_owned(), theme::bold(theme::SMALL_PT), color);
    let size = galley.size() + vec2(2.0 * theme::STEP, 2.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let stroke = Stroke::new(1.0, theme::faded(color, 0.7));
    ui.painter().rect_stroke(rect, 4.0, stroke, egui::StrokeKind::Inside);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, color);
    let text = text.to_owned();
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
    response
}

/// One line that is shortened with "…" where it does not fit; the tooltip has all of it.
pub fn elided(ui: &mut Ui, text: impl Into<RichText>) -> Response {
    ui.add(egui::Label::new(text.into()).truncate().show_tooltip_when_elided(true))
}

/// Second text.
pub fn second(text: impl Into<String>) -> RichText {
    RichText::new(text).color(theme::TEXT_SECOND)
}

/// Small second text.
pub fn small(text: impl Into<String>) -> RichText {
    RichText::new(text).font(theme::small()).color(theme::TEXT_SECOND)
}

/// The title of a block within a panel.
pub fn block_title(ui: &mut Ui, text: &str) {
    ui.add_space(theme::STEP);
    ui.label(RichText::new(text).font(theme::bold(theme::SMALL_PT)).color(theme::TEXT_SECOND));
}

/// Text over a picture: light, with a one-pixel dark outline. Returns the painted rectangle.
pub fn outlined_text(painter: &Painter, at: Pos2, anchor: Align2, text: &str, font: FontId, color: Color32) -> Rect {
    let galley = painter.layout_no_wrap(text.to_owned(), font, color);
    let rect = anchor.anchor_size(at, galley.size());
    let pixel = 1.0 / painter.pixels_per_point();
    let dark = painter.layout_no_wrap(text.to_owned(), galley.job.sections[0].format.font_id.clone(), theme::BLACK);
    for (dx, dy) in
        [(-1.0, -1.0), (0.0, -1.0), (1.0, -1.0), (-1.0, 0.0), (1.0, 0.0), (-1.0, 1.0), (0.0, 1.0), (1.0, 1.0)]
    {
        let offset = vec2(dx, dy) * pixel;
        painter.galley_with_override_text_color(rect.min + offset, dark.clone(), theme::OVERLAY_OUTLINE);
    }
    painter.galley(rect.min, galley, color);
    rect
}

/// The longest beginning of `text` that fits `width`, with "…" where something was left out.
pub fn fitted(painter: &Painter, text: &str, font: &FontId, width: f32) -> String {
    let wide = |s: &str| painter.layout_no_wrap(s.to_owned(), font.clone(), theme::TEXT).size().x;
    if wide(text) <= width {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let (mut low, mut high) = (0, characters.len());
    while low < high {
        let middle = (low + high).div_ceil(2);
        let candidate: String = characters[..middle].iter().chain(&['…']).collect();
        if wide(&candidate) <= width {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    characters[..low].iter().chain(&['…']).collect()
}

/// A line over a picture, with a dark outline.
pub fn outlined_line(painter: &Painter, points: [Pos2; 2], width: f32, color: Color32) {
    painter.line_segment(points, Stroke::new(width + 2.0, theme::OVERLAY_OUTLINE));
    painter.line_segment(points, Stroke::new(width, color));
}

/// A horizontal line across the panel.
pub fn rule(ui: &mut Ui) {
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, 1.0 + theme::STEP), Sense::hover());
    ui.painter().line_segment(
        [pos2(rect.left(), rect.center().y), pos2(rect.right(), rect.center().y)],
        Stroke::new(1.0, theme::LINE),
    );
}

/// "1 finding", "3 findings".
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `20260131` as `2026-01-31`; anything else as it is.
pub fn date(dicom: &str) -> String {
    match (dicom.get(0..4), dicom.get(4..6), dicom.get(6..8)) {
        (Some(y), Some(m), Some(d)) if dicom.len() == 8 && dicom.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{y}-{m}-{d}")
        }
        _ => dicom.to_owned(),
    }
}

/// A number with a true minus sign.
pub fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let zero = text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
    match text.strip_prefix('-') {
        Some(rest) if zero => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}
