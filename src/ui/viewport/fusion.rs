//! Controls of fused pictures: scales at the left edge, a slider for the opacity at the lower edge, the window of what lies
//! over by Alt + left drag, its opacity by Ctrl + Shift + wheel, and the border of a swipe. Positions are points.

use super::Frame;
use super::input::dragged_voi;
use crate::context::{AppContext, Change, Command, Over, ShownSeries};
use crate::render::{ColorMap, FusionMode};
use crate::ui::{UiState, theme, widgets};
use crate::volume::{Voi, VoiFunction};
use egui::{
    Align2, Color32, CursorIcon, Mesh, Painter, PointerButton, Pos2, Rect, Response, Sense, Shape, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

/// Opacity that one line of the wheel adds.
const WHEEL_STEP: f32 = 0.05;
/// How near the pointer must be to the border of a swipe, in points.
const NEAR: f32 = 6.0;
/// Share of the viewport's height that a scale takes, and its greatest height in points.
const SCALE_SHARE: f32 = 0.34;
const SCALE_MOST: f32 = 220.0;
/// Less height holds no scale that could be read.
const SCALE_LEAST: f32 = 48.0;
const SCALE_WIDTH: f32 = 8.0;
/// From one scale to the next, with its numbers between.
const SCALE_STEP: f32 = 58.0;
/// Steps of color in a scale.
const COLORS: u32 = 64;

/// What the left button moves until it is released.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Grip {
    Window,
    Border,
}

/// Lets the pointer take the window of what lies over, or the border of a swipe. Until it lets go no other tool has the left
/// button here ([`takes`]).
pub fn input(
    ui: &Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    frame: &Frame<'_>,
    response: &Response,
    out: &mut Vec<Command>,
) {
    let Some((over, ..)) = ctx.over(frame.viewport) else { return };
    let id = response.id.with("fusion");
    let near = |at: Pos2| border(frame, over).is_some_and(|x| (at.x - x).abs() < NEAR);
    let (pressed, down, alt) = ui.input(|i| (i.pointer.primary_pressed(), i.pointer.primary_down(), i.modifiers.alt));
    let mut grip = ui.data(|data| data.get_temp::<Option<Grip>>(id)).flatten();
    if pressed && response.is_pointer_button_down_on() {
        let at = response.interact_pointer_pos();
        grip = if alt { Some(Grip::Window) } else { at.filter(|at| near(*at)).map(|_| Grip::Border) };
    }
    state.fusing = grip.map(|_| frame.viewport.id);
    let moved = if response.dragged_by(PointerButton::Primary) { response.drag_delta() } else { Vec2::ZERO };
    match (grip, response.interact_pointer_pos()) {
        (Some(Grip::Window), _) if moved != Vec2::ZERO => {
            change(frame, Over { voi: dragged_voi(over.voi, moved, over.inverted), ..over.clone() }, out);
        }
        (Some(Grip::Border), Some(at)) if moved != Vec2::ZERO => {
            let share = ((at.x - frame.rect.left()) / frame.rect.width()).clamp(0.0, 1.0);
            change(frame, Over { mode: FusionMode::Swipe { share }, ..over.clone() }, out);
        }
        _ => {}
    }
    ui.data_mut(|data| data.insert_temp(id, grip.filter(|_| down)));
    if grip == Some(Grip::Border) || response.hover_pos().is_some_and(near) {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
}

/// True while the left button moves something of the fusion here.
pub fn takes(state: &UiState, frame: &Frame<'_>) -> bool {
    state.fusing == Some(frame.viewport.id)
}

/// The opacity after some lines of the wheel; nothing without a second series.
pub fn wheel(frame: &Frame<'_>, lines: f32, out: &mut Vec<Command>) {
    if let Some(over) = &frame.viewport.over {
        let opacity = (over.opacity - WHEEL_STEP * lines).clamp(0.0, 1.0);
        change(frame, Over { opacity, ..over.clone() }, out);
    }
}

/// Paints scales, border and slider; the slider can be dragged.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, frame: &Frame<'_>, response: &Response, out: &mut Vec<Command>) {
    let painter = ui.painter_at(frame.rect);
    scales(&painter, ctx, frame);
    let Some((over, second, _)) = ctx.over(frame.viewport) else { return };
    if let Some(x) = border(frame, over) {
        widgets::outlined_line(&painter, [pos2(x, frame.rect.top()), pos2(x, frame.rect.bottom())], 1.0, theme::ACCENT);
        painter.circle_filled(pos2(x, frame.rect.center().y), 4.0, theme::ACCENT);
    }
    let blends = over.mode == FusionMode::Blend && !over.takes_turns();
    if blends && ui.rect_contains_pointer(frame.rect) {
        slider(ui, frame, (over, second), response, out);
    }
}

/// Where the border of a swipe lies.
fn border(frame: &Frame<'_>, over: &Over) -> Option<f32> {
    match over.mode {
        FusionMode::Swipe { share } if !over.takes_turns() => Some(frame.rect.left() + share * frame.rect.width()),
        _ => None,
    }
}

fn change(frame: &Frame<'_>, over: Over, out: &mut Vec<Command>) {
    out.push(Command::Change(frame.viewport.id, Change::Over(Some(over))));
}

fn slider(
    ui: &mut Ui,
    frame: &Frame<'_>,
    (over, second): (&Over, &ShownSeries),
    response: &Response,
    out: &mut Vec<Command>,
) {
    // Above the letter at the lower edge.
    let width = (0.36 * frame.rect.width()).min(160.0);
    let zone = Rect::from_center_size(pos2(frame.rect.center().x, frame.rect.bottom() - 30.0), vec2(width, 14.0));
    let handle = ui.interact(zone, response.id.with("opacity"), Sense::click_and_drag());
    let modality = &second.loaded.series.modality;
    let name = format!("Opacity of {modality}");
    handle.widget_info(|| WidgetInfo::slider(true, f64::from(over.opacity), &name));
    let painter = ui.painter_at(frame.rect);
    let [left, right] = [zone.left_center(), zone.right_center()];
    let at = left.lerp(right, over.opacity.clamp(0.0, 1.0));
    widgets::outlined_line(&painter, [left, right], 2.0, theme::TEXT_DISABLED);
    widgets::outlined_line(&painter, [left, at], 2.0, theme::ACCENT);
    painter.circle_filled(at, if handle.hovered() || handle.dragged() { 6.0 } else { 4.5 }, theme::ACCENT);
    let words = format!("{modality} {:.0} %", 100.0 * over.opacity);
    let place = zone.center_top() - vec2(0.0, 1.0);
    widgets::outlined_text(&painter, place, Align2::CENTER_BOTTOM, &words, theme::small(), theme::OVERLAY);
    if let Some(pointer) = handle.interact_pointer_pos() {
        let opacity = ((pointer.x - left.x) / width).clamp(0.0, 1.0);
        if opacity.to_bits() != over.opacity.to_bits() {
            change(frame, Over { opacity, ..over.clone() }, out);
        }
    }
}

/// Colors with the values that they stand for.
struct Scale<'a> {
    title: String,
    voi: Voi,
    inverted: bool,
    map: ColorMap,
    /// Lower values are not drawn.
    from: Option<f64>,
    series: &'a ShownSeries,
}

/// The scales of a viewport: of colored gray levels, and of what lies over them.
fn scales(painter: &Painter, ctx: &AppContext<'_>, frame: &Frame<'_>) {
    let height = (SCALE_SHARE * frame.rect.height()).min(SCALE_MOST);
    if height < SCALE_LEAST {
        return;
    }
    let own = (frame.viewport.color_map != ColorMap::Gray).then(|| Scale {
        title: frame.series.loaded.series.modality.clone(),
        voi: ctx.voi_in(frame.viewport),
        inverted: ctx.inverted_in(frame.viewport),
        map: frame.viewport.color_map,
        from: None,
        series: frame.series,
    });
    let over = ctx.over(frame.viewport).map(|(over, second, _)| Scale {
        title: second.loaded.series.modality.clone(),
        voi: over.voi,
        inverted: over.inverted,
        map: over.color_map,
        from: over.hidden_below(),
        series: second,
    });
    for (n, scale) in own.into_iter().chain(over).enumerate() {
        // The letter at the left edge stays free.
        let left = frame.rect.left() + 26.0 + n as f32 * SCALE_STEP;
        let top = frame.rect.center().y - height / 2.0 + 8.0;
        scale.paint(painter, Rect::from_min_size(pos2(left, top), vec2(SCALE_WIDTH, height)));
    }
}

impl Scale<'_> {
    fn paint(&self, painter: &Painter, rect: Rect) {
        let [low, high] = bounds(self.voi);
        let table = self.map.table();
        let mut mesh = Mesh::default();
        for n in 0..COLORS {
            let value = high + (low - high) * (f64::from(n) + 0.5) / f64::from(COLORS);
            let gray = self.voi.gray(value as f32);
            let gray = if self.inverted { 1.0 - gray } else { gray };
            let [r, g, b] = table[usize::from((gray.clamp(0.0, 1.0) * 255.0).round() as u8)];
            let step = rect.height() / COLORS as f32;
            let strip = Rect::from_min_size(rect.min + vec2(0.0, n as f32 * step), vec2(rect.width(), step));
            let drawn = self.from.is_none_or(|from| value >= from);
            mesh.add_colored_rect(strip, if drawn { Color32::from_rgb(r, g, b) } else { theme::BLACK });
        }
        painter.add(Shape::mesh(mesh));
        let stroke = egui::Stroke::new(1.0, theme::OVERLAY);
        painter.rect_stroke(rect, 0.0, stroke, egui::StrokeKind::Outside);
        let said = |value: f64| widgets::number(value, digits(high - low));
        let text = |at: Pos2, anchor: Align2, text: &str| {
            widgets::outlined_text(painter, at, anchor, text, theme::small(), theme::OVERLAY);
        };
        for (share, value) in [(0.0, high), (0.5, f64::midpoint(low, high)), (1.0, low)] {
            let at = pos2(rect.right() + 4.0, rect.top() + share * rect.height());
            text(at, Align2::LEFT_CENTER, &said(value));
        }
        if let Some(from) = self.from.filter(|from| (low..high).contains(from)) {
            let y = rect.bottom() - ((from - low) / (high - low)) as f32 * rect.height();
            widgets::outlined_line(
                painter,
                [pos2(rect.left() - 3.0, y), pos2(rect.right() + 3.0, y)],
                1.0,
                theme::OVERLAY,
            );
        }
        let unit = self.series.loaded.volume().map_or("", |volume| volume.unit().as_str());
        let title = format!("{} {unit}", self.title);
        text(rect.left_top() - vec2(0.0, 8.0), Align2::LEFT_BOTTOM, title.trim());
    }
}

/// The values that a window spreads over its colors (PS3.3 C.11.2.1.2); a sigmoid never ends, twice its width says enough.
fn bounds(voi: Voi) -> [f64; 2] {
    let half = match voi.function {
        VoiFunction::Sigmoid => voi.width,
        _ => voi.width / 2.0,
    };
    [voi.center - half, voi.center + half]
}

/// Digits behind the point that tell the ends of a scale apart.
fn digits(span: f64) -> usize {
    match span {
        s if s < 1.0 => 3,
        s if s < 20.0 => 1,
        _ => 0,
    }
}
