//! Where the values of a shape stand: beside it, never over it, with a line to it.

use super::marks::{Mark, nearest_on_segment};
use crate::findings::measurement::Shape;
use crate::ui::theme;
use egui::{Painter, Pos2, Rect, Vec2, pos2, vec2};

/// Height of a line.
pub const LINE: f32 = 15.0;
/// Free space between shape and values: the first that is free is taken.
const GAPS: [f32; 4] = [12.0, 28.0, 56.0, 96.0];
/// Size of the corner blocks of a viewport's own texts, which stay readable.
const CORNERS: [Vec2; 4] = [vec2(190.0, 52.0), vec2(200.0, 52.0), vec2(170.0, 36.0), vec2(180.0, 52.0)];

/// A label in its place.
pub struct Label {
    pub rect: Rect,
    /// From the shape to the values.
    pub leader: [Pos2; 2],
}

/// The corner blocks of a viewport.
pub fn corners(area: Rect) -> Vec<Rect> {
    let [top_left, top_right, bottom_left, bottom_right] = CORNERS;
    vec![
        Rect::from_min_size(area.left_top(), top_left),
        Rect::from_min_size(area.right_top() - vec2(top_right.x, 0.0), top_right),
        Rect::from_min_size(area.left_bottom() - vec2(0.0, bottom_left.y), bottom_left),
        Rect::from_min_size(area.right_bottom() - bottom_right, bottom_right),
    ]
}

/// Finds a place for a mark's values that is free of `taken` and of all shapes, and takes it; `None` where there is nothing
/// to say or the shape lies outside.
pub fn place(
    painter: &Painter,
    area: Rect,
    mark: &Mark<'_>,
    shapes: &[&[Vec<Pos2>]],
    taken: &mut Vec<Rect>,
) -> Option<Label> {
    if mark.texts.is_empty() || mark.words.is_some() || !area.intersects(mark.bounds()) {
        return None;
    }
    let width = |text: &str| painter.layout_no_wrap(text.to_owned(), theme::small(), theme::TEXT).size().x;
    let widest = mark.texts.iter().map(|line| width(&line.text)).fold(0.0, f32::max);
    let size = vec2(widest, mark.texts.len() as f32 * LINE);
    let candidates = candidates(mark, size);
    let is_clear = |rect: &Rect| !shapes.iter().any(|lines| crosses(*rect, lines));
    let is_free = |rect: &&Rect| {
        area.contains_rect(**rect) && !taken.iter().any(|other| other.intersects(**rect)) && is_clear(rect)
    };
    let rect = candidates.iter().find(is_free).copied().or_else(|| {
        // Nothing is free: where it covers the least.
        let inside = candidates.iter().map(|rect| clamped(*rect, area));
        let own = mark.bounds();
        let covered = |rect: &Rect| taken.iter().chain([&own]).map(|other| overlap(*other, *rect)).sum::<f32>();
        inside.min_by(|a, b| covered(a).total_cmp(&covered(b)))
    })?;
    taken.push(rect);
    Some(Label { rect, leader: leader(mark, rect) })
}

/// Beside the outermost point on each side (right, left, below, above), then further off.
fn candidates(mark: &Mark<'_>, size: Vec2) -> Vec<Rect> {
    let mut points: Vec<Pos2> = mark.lines.iter().flatten().copied().chain(mark.handles.iter().map(|h| h.1)).collect();
    if let (Shape::Arrow(_), Some(tail)) = (&mark.measurement.shape, mark.lines.first().and_then(|l| l.last())) {
        // The words of an arrow stand at its tail.
        points = vec![*tail];
    }
    let most = |score: fn(&Pos2) -> f32| {
        points.iter().copied().max_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or(Pos2::ZERO)
    };
    let (right, left) = (most(|p| p.x), most(|p| -p.x));
    let (below, above) = (most(|p| p.y), most(|p| -p.y));
    let half = size / 2.0;
    let around = |gap: f32| {
        // At one height with the point, then lower and higher.
        [0.0, 1.0, -1.0].map(|shift| {
            let (dx, dy) = (shift * (half.x + gap / 2.0), shift * (half.y + gap / 2.0));
            [
                pos2(right.x + gap + half.x, right.y + dy),
                pos2(left.x - gap - half.x, left.y + dy),
                pos2(below.x + dx, below.y + gap + half.y),
                pos2(above.x + dx, above.y - gap - half.y),
            ]
        })
    };
    let middles = GAPS.iter().flat_map(|gap| around(*gap)).flatten();
    middles.map(|middle| Rect::from_center_size(middle, size)).collect()
}

/// True when a line runs through a rectangle.
fn crosses(rect: Rect, lines: &[Vec<Pos2>]) -> bool {
    let near = |w: &[Pos2]| rect.contains(nearest_on_segment(rect.center(), w[0], w[1]));
    lines.iter().flat_map(|line| line.windows(2)).any(near)
}

fn clamped(rect: Rect, area: Rect) -> Rect {
    let most = (area.max - rect.size()).max(area.min);
    Rect::from_min_size(rect.min.clamp(area.min, most), rect.size())
}

fn overlap(a: Rect, b: Rect) -> f32 {
    let common = a.intersect(b);
    if common.is_positive() { common.area() } else { 0.0 }
}

/// From the point of the shape that is nearest to the values.
fn leader(mark: &Mark<'_>, rect: Rect) -> [Pos2; 2] {
    let middle = rect.center();
    let on_lines = mark.lines.iter().flat_map(|line| line.windows(2)).map(|w| nearest_on_segment(middle, w[0], w[1]));
    let points = on_lines.chain(mark.handles.iter().map(|h| h.1));
    let near = points.min_by(|a, b| a.distance_sq(middle).total_cmp(&b.distance_sq(middle))).unwrap_or(middle);
    [near, rect.expand2(vec2(3.0, 0.0)).clamp(near)]
}
