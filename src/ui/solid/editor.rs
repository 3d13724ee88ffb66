//! The transfer function over the histogram: points of the opacity curve in the picture, colors on the strip below it. Points
//! are dragged, added with a double click, and removed with Delete or the button; numbers can be typed.
//!
//! The vertical axis shows the square root of the opacity, so that faint curves can be shaped too.

use super::{icons, send, theme, widgets};
use crate::context::{Command, ShownSeries, SolidCommand, SolidSource, Viewport};
use crate::render::{ColorPoint, MAX_POINTS, OpacityPoint, Shading, TransferFunction};
use crate::volume::ValueUnit;
use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Color32, DragValue, Key, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2};
use std::sync::Arc;

/// Height of the curve and of the strip of colors.
const CURVE: f32 = 132.0;
const STRIP: f32 = 18.0;
/// Reach of a point under the pointer.
const GRIP: f32 = 9.0;
/// Light that is put on again where it was off.
const LAMP: Shading = Shading { ambient: 0.25, diffuse: 0.8, specular: 0.2, shininess: 16 };

/// A point in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Point {
    Opacity(usize),
    Color(usize),
}

/// What the editor remembers between frames.
#[derive(Default)]
pub struct EditorState {
    selected: Option<Point>,
    /// Values at the ends of the picture: they stay while a point is dragged.
    axis: Option<[f64; 2]>,
}

/// Where values and opacities lie on the screen.
#[derive(Clone, Copy)]
struct Scale {
    rect: Rect,
    low: f64,
    high: f64,
}

impl Scale {
    fn x(&self, value: f64) -> f32 {
        self.rect.left() + ((value - self.low) / (self.high - self.low)) as f32 * self.rect.width()
    }

    fn value(&self, x: f32) -> f64 {
        let part = f64::from((x - self.rect.left()) / self.rect.width()).clamp(0.0, 1.0);
        self.low + part * (self.high - self.low)
    }

    fn y(&self, opacity: f64) -> f32 {
        self.rect.bottom() - opacity.max(0.0).sqrt() as f32 * self.rect.height()
    }

    fn opacity(&self, y: f32) -> f64 {
        f64::from((self.rect.bottom() - y) / self.rect.height()).clamp(0.0, 1.0).powi(2)
    }

    fn pos(&self, point: &OpacityPoint) -> Pos2 {
        pos2(self.x(point.value), self.y(point.opacity))
    }
}

/// Shows the editor of a viewport's transfer function.
pub fn show(
    ui: &mut Ui,
    state: &mut EditorState,
    viewport: &Viewport,
    (series, source): (&ShownSeries, &SolidSource),
    out: &mut Vec<Command>,
) {
    let transfer = source.transfer_of(&viewport.solid);
    let mut edited: Option<TransferFunction> = None;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), CURVE), Sense::hover());
    let [low, high] = axis(ui, state, &transfer, source);
    let scale = Scale { rect: rect.shrink2(vec2(GRIP / 2.0, 4.0)), low, high };
    picture(&ui.painter_at(rect), rect, scale, &transfer, source);
    edited = curve(ui, state, scale, &transfer).or(edited);
    edited = strip(ui, state, scale, &transfer).or(edited);
    let unit = series.loaded.volume().map_or(&ValueUnit::Arbitrary, |volume| volume.unit()).as_str().to_owned();
    ends(ui, scale, &unit);
    edited = fields(ui, state, &transfer, &unit).or(edited);
    edited = shading(ui, &transfer).or(edited);
    if let Some(transfer) = edited.filter(|edited| *edited != *transfer) {
        send(viewport, SolidCommand::Transfer(Some(Arc::new(transfer))), out);
    }
}

/// The values that the picture spans: the curve with some room, within what the volume has.
fn axis(ui: &Ui, state: &mut EditorState, transfer: &TransferFunction, source: &SolidSource) -> [f64; 2] {
    let held = ui.input(|input| input.pointer.any_down());
    if let Some(axis) = state.axis.filter(|_| held) {
        return axis;
    }
    let [first, last] = transfer.range();
    let width = (last - first).max(1e-6);
    let [least, most] = source.range;
    let axis = [(first - 0.4 * width).max(least).min(first), (last + 0.3 * width).min(most).max(last)];
    state.axis = Some(axis);
    axis
}

/// Histogram, and the curve over it.
fn picture(painter: &Painter, rect: Rect, scale: Scale, transfer: &TransferFunction, source: &SolidSource) {
    painter.rect_filled(rect, 4.0, theme::BLACK);
    let [least, most] = source.range;
    let bar = (most - least) / source.bars.len() as f64;
    for (n, share) in source.bars.iter().enumerate() {
        let value = least + n as f64 * bar;
        let (left, right) = (scale.x(value), scale.x(value + bar));
        if right > scale.rect.left() && left < scale.rect.right() {
            let top = scale.rect.bottom() - share * scale.rect.height();
            let bar = Rect::from_min_max(pos2(left, top), pos2(right, scale.rect.bottom()));
            painter.rect_filled(bar.intersect(scale.rect), 0.0, theme::RAISED_HOVER);
        }
    }
    let points = transfer.opacity_points();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
    let mut line = vec![pos2(scale.rect.left(), scale.y(first.opacity))];
    // Straight in opacity is bent in its root: a few points between show it.
    for pair in points.windows(2) {
        line.extend((0..8).map(|n| {
            let share = f64::from(n) / 8.0;
            let between = |a: f64, b: f64| a + (b - a) * share;
            let [value, opacity] = [between(pair[0].value, pair[1].value), between(pair[0].opacity, pair[1].opacity)];
            pos2(scale.x(value), scale.y(opacity))
        }));
    }
    line.push(scale.pos(last));
    line.push(pos2(scale.rect.right(), scale.y(last.opacity)));
    painter.add(Shape::line(line, Stroke::new(1.5, theme::OVERLAY)));
    painter.rect_stroke(rect, 4.0, Stroke::new(1.0, theme::LINE), StrokeKind::Inside);
}

/// The opacity points.
fn curve(ui: &mut Ui, state: &mut EditorState, scale: Scale, transfer: &TransferFunction) -> Option<TransferFunction> {
    let area = ui.interact(scale.rect, ui.scope_id().with("curve"), Sense::click());
    area.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, "Opacity over values"));
    let mut points = transfer.opacity_points().to_vec();
    let mut changed = false;
    if let Some(at) = area.interact_pointer_pos().filter(|_| area.double_clicked() && points.len() < MAX_POINTS) {
        let new = OpacityPoint { value: scale.value(at.x), opacity: scale.opacity(at.y) };
        let place = points.partition_point(|point| point.value < new.value);
        points.insert(place, new);
        state.selected = Some(Point::Opacity(place));
        changed = true;
    }
    for n in 0..points.len() {
        let at = scale.pos(&points[n]);
        let response = ui.interact(
            Rect::from_center_size(at, vec2(2.0 * GRIP, 2.0 * GRIP)),
            ui.scope_id().with(("opacity", n)),
            Sense::click_and_drag(),
        );
        let name = format!("Opacity point {}", n + 1);
        response.widget_info(|| egui::WidgetInfo::labeled(Role::Button, true, &name));
        if response.clicked() || response.drag_started() {
            state.selected = Some(Point::Opacity(n));
        }
        if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
            points[n].opacity = scale.opacity(pointer.y);
            let values: Vec<f64> = points.iter().map(|point| point.value).collect();
            points[n].value = between_neighbors(&values, n, scale.value(pointer.x));
            changed = true;
        }
        let selected = state.selected == Some(Point::Opacity(n));
        let [r, g, b] = transfer.color_at(points[n].value).map(|part| (part * 255.0) as u8);
        let at = scale.pos(&points[n]);
        ui.painter().circle(at, 5.0, theme::segment_color([r, g, b]), Stroke::new(1.5, mark(selected)));
    }
    if removes(ui, state)
        && points.len() > 1
        && let Some(Point::Opacity(n)) = state.selected.filter(|s| matches!(s, Point::Opacity(n) if *n < points.len()))
    {
        points.remove(n);
        state.selected = None;
        changed = true;
    }
    changed.then(|| transfer.with_opacity(points).ok()).flatten()
}

/// The color points, on a strip of the colors.
fn strip(ui: &mut Ui, state: &mut EditorState, scale: Scale, transfer: &TransferFunction) -> Option<TransferFunction> {
    let (rect, area) = ui.allocate_exact_size(vec2(ui.available_width(), STRIP + 12.0), Sense::click());
    area.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, "Colors over values"));
    let band = Rect::from_min_size(pos2(scale.rect.left(), rect.top()), vec2(scale.rect.width(), STRIP));
    gradient(ui.painter(), band, scale, transfer);
    let mut points = transfer.color_points().to_vec();
    let mut changed = false;
    if let Some(at) = area.interact_pointer_pos().filter(|_| area.double_clicked() && points.len() < MAX_POINTS) {
        let value = scale.value(at.x);
        let rgb = transfer.color_at(value).map(|part| (part * 255.0).round() as u8);
        let place = points.partition_point(|point| point.value < value);
        points.insert(place, ColorPoint { value, rgb });
        state.selected = Some(Point::Color(place));
        changed = true;
    }
    for n in 0..points.len() {
        let at = pos2(scale.x(points[n].value), band.bottom() + 5.0);
        let response = ui.interact(
            Rect::from_center_size(at, vec2(2.0 * GRIP, 2.0 * GRIP)),
            ui.scope_id().with(("color", n)),
            Sense::click_and_drag(),
        );
        let name = format!("Color point {}", n + 1);
        response.widget_info(|| egui::WidgetInfo::labeled(Role::Button, true, &name));
        if response.clicked() || response.drag_started() {
            state.selected = Some(Point::Color(n));
        }
        if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
            let values: Vec<f64> = points.iter().map(|point| point.value).collect();
            points[n].value = between_neighbors(&values, n, scale.value(pointer.x));
            changed = true;
        }
        let at = pos2(scale.x(points[n].value), band.bottom() + 5.0);
        let tip = [at - vec2(0.0, 7.0), at + vec2(-5.0, 4.0), at + vec2(5.0, 4.0)];
        let stroke = Stroke::new(1.5, mark(state.selected == Some(Point::Color(n))));
        ui.painter().add(Shape::convex_polygon(tip.to_vec(), theme::segment_color(points[n].rgb), stroke));
    }
    if removes(ui, state)
        && points.len() > 1
        && let Some(Point::Color(n)) = state.selected.filter(|s| matches!(s, Point::Color(n) if *n < points.len()))
    {
        points.remove(n);
        state.selected = None;
        changed = true;
    }
    changed.then(|| transfer.with_color(points).ok()).flatten()
}

fn mark(selected: bool) -> Color32 {
    if selected { theme::ACCENT } else { theme::OVERLAY }
}

/// Delete, unless something is being written.
fn removes(ui: &Ui, state: &EditorState) -> bool {
    let writing = ui.ctx().egui_wants_keyboard_input();
    state.selected.is_some() && !writing && ui.input(|input| input.key_pressed(Key::Backspace))
}

/// A value that keeps the order of the points.
fn between_neighbors(values: &[f64], n: usize, wanted: f64) -> f64 {
    let apart = 1e-6 * wanted.abs().max(1.0);
    let low = n.checked_sub(1).map_or(f64::NEG_INFINITY, |before| values[before] + apart);
    let high = values.get(n + 1).map_or(f64::INFINITY, |after| after - apart);
    wanted.max(low).min(high.max(low))
}

fn gradient(painter: &Painter, band: Rect, scale: Scale, transfer: &TransferFunction) {
    const PARTS: usize = 64;
    let mut mesh = Mesh::default();
    for n in 0..=PARTS {
        let x = band.left() + band.width() * n as f32 / PARTS as f32;
        let rgb = transfer.color_at(scale.value(x)).map(|part| (part * 255.0).round() as u8);
        let color = theme::segment_color(rgb);
        for y in [band.top(), band.bottom()] {
            mesh.vertices.push(Vertex { pos: pos2(x, y), uv: WHITE_UV, color });
        }
        if n > 0 {
            let at = 2 * n as u32;
            mesh.add_triangle(at - 2, at - 1, at);
            mesh.add_triangle(at - 1, at, at + 1);
        }
    }
    painter.add(Shape::mesh(mesh));
}

/// The values at both ends.
fn ends(ui: &mut Ui, scale: Scale, unit: &str) {
    ui.horizontal(|ui| {
        ui.label(widgets::small(format!("{} {unit}", widgets::number(scale.low, digits(scale)))));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(widgets::small(format!("{} {unit}", widgets::number(scale.high, digits(scale)))));
        });
    });
}

fn digits(scale: Scale) -> usize {
    if scale.high - scale.low < 50.0 { 2 } else { 0 }
}

/// The selected point in numbers.
fn fields(ui: &mut Ui, state: &mut EditorState, transfer: &TransferFunction, unit: &str) -> Option<TransferFunction> {
    let suffix = format!(" {unit}");
    let mut removed = false;
    let edited = ui.horizontal(|ui| match state.selected {
        Some(Point::Opacity(n)) if n < transfer.opacity_points().len() => {
            let mut points = transfer.opacity_points().to_vec();
            let values: Vec<f64> = points.iter().map(|point| point.value).collect();
            let mut value = points[n].value;
            let value_changed =
                named(ui, DragValue::new(&mut value).suffix(&suffix).max_decimals(2), "Value of the point");
            let mut percent = 100.0 * points[n].opacity;
            let percent_field = DragValue::new(&mut percent).range(0.0..=100.0).suffix(" % / mm").speed(0.2);
            let opacity_changed = named(ui, percent_field.max_decimals(1), "Opacity of the point");
            removed = remove(ui, points.len() > 1);
            if removed {
                points.remove(n);
            } else {
                points[n] = OpacityPoint { value: between_neighbors(&values, n, value), opacity: percent / 100.0 };
            }
            (value_changed || opacity_changed || removed).then(|| transfer.with_opacity(points).ok()).flatten()
        }
        Some(Point::Color(n)) if n < transfer.color_points().len() => {
            let mut points = transfer.color_points().to_vec();
            let values: Vec<f64> = points.iter().map(|point| point.value).collect();
            let mut value = points[n].value;
            let value_changed =
                named(ui, DragValue::new(&mut value).suffix(&suffix).max_decimals(2), "Value of the point");
            let mut rgb = points[n].rgb;
            let color = ui.color_edit_button_srgb(&mut rgb).on_hover_text("Color of the point");
            removed = remove(ui, points.len() > 1);
            if removed {
                points.remove(n);
            } else {
                points[n] = ColorPoint { value: between_neighbors(&values, n, value), rgb };
            }
            (value_changed || color.changed() || removed).then(|| transfer.with_color(points).ok()).flatten()
        }
        _ => {
            ui.label(widgets::small("Drag points · double click adds one"));
            None
        }
    });
    if removed {
        state.selected = None;
    }
    edited.inner
}

fn named(ui: &mut Ui, value: DragValue<'_>, name: &str) -> bool {
    let response = ui.add(value);
    response.widget_info(|| egui::WidgetInfo::labeled(Role::SpinButton, true, name));
    response.changed()
}

fn remove(ui: &mut Ui, enabled: bool) -> bool {
    widgets::icon_button_enabled(ui, enabled, icons::REMOVE, "Remove the point", "Remove the point", false).clicked()
}

fn shading(ui: &mut Ui, transfer: &TransferFunction) -> Option<TransferFunction> {
    let mut on = transfer.shading() != Shading::NONE;
    let changed = ui.checkbox(&mut on, "Shaded by a lamp at the eye").changed();
    changed.then(|| transfer.with_shading(if on { LAMP } else { Shading::NONE }).ok()).flatten()
}
