//! Uphill without derivatives: Powell's conjugate directions (The Computer Journal 1964) over six millimetres of shift and arc.

use crate::jobs::Cancel;
use crate::registration::pose::Pose;

/// Most rounds over all directions.
const ROUNDS: usize = 12;
/// Parabola steps on each line.
const REFINEMENTS: usize = 3;
/// A round that moves less than this share of the first step ends the climb.
const DONE: f64 = 0.02;

/// A climb.
pub(super) struct Climb<'a> {
    pub height: &'a (dyn Fn(&Pose) -> f64 + Sync),
    /// Arc length of a turn by one radian.
    pub radius_mm: f64,
    pub cancel: &'a Cancel,
}

type Step = [f64; 6];

impl Climb<'_> {
    /// The top near `start`, with its height; the first steps are `step_mm` long.
    pub fn from(&self, start: Pose, step_mm: f64) -> (Pose, f64) {
        let at = |x: &Step| (self.height)(&start.stepped(x, self.radius_mm));
        let mut directions: [Step; 6] = std::array::from_fn(|n| std::array::from_fn(|m| f64::from(u8::from(n == m))));
        let mut x = [0.0; 6];
        let mut height = at(&x);
        let mut step = step_mm;
        for _ in 0..ROUNDS {
            if self.cancel.is_cancelled() {
                break;
            }
            let before = x;
            let mut largest = (0, 0.0);
            for (n, direction) in directions.iter().enumerate() {
                let (moved, higher) = line_top(&at, x, height, direction, step);
                if higher - height > largest.1 {
                    largest = (n, higher - height);
                }
                (x, height) = (moved, higher);
            }
            let travelled: Step = std::array::from_fn(|n| x[n] - before[n]);
            let length = travelled.iter().map(|d| d * d).sum::<f64>().sqrt();
            if length < DONE * step_mm {
                break;
            }
            // The way of the whole round takes the place of the direction that gave most.
            let direction = travelled.map(|d| d / length);
            (x, height) = line_top(&at, x, height, &direction, step);
            directions[largest.0] = directions[5];
            directions[5] = direction;
            step = (step / 1.6).max(step_mm / 8.0);
        }
        (start.stepped(&x, self.radius_mm), height)
    }
}

/// The top of a line through `x` (of a given height): walk uphill, then parabolas through the three highest neighbors.
fn line_top(at: &impl Fn(&Step) -> f64, x: Step, height: f64, direction: &Step, step: f64) -> (Step, f64) {
    let along = |s: f64| -> Step { std::array::from_fn(|n| x[n] + s * direction[n]) };
    let probe = |s: f64| (s, at(&along(s)));
    let mut middle = (0.0, height);
    let (mut low, mut high) = (probe(-step), probe(step));
    for _ in 0..4 {
        if high.1 > middle.1 && high.1 >= low.1 {
            (low, middle) = (middle, high);
            high = probe(middle.0 + (middle.0 - low.0) * 1.6);
        } else if low.1 > middle.1 {
            (high, middle) = (middle, low);
            low = probe(middle.0 - (high.0 - middle.0) * 1.6);
        } else {
            break;
        }
    }
    for _ in 0..REFINEMENTS {
        let Some(top) = vertex(low, middle, high) else { break };
        let tried = probe(top);
        let (inner, outer) = if tried.1 > middle.1 { (tried, middle) } else { (middle, tried) };
        if outer.0 < inner.0 {
            low = outer;
        } else {
            high = outer;
        }
        middle = inner;
    }
    // A tie stays where it is.
    if middle.1 > height { (along(middle.0), middle.1) } else { (x, height) }
}

/// Where the parabola through three points (place, height) is highest; `None` when that is no new place within them.
fn vertex(low: (f64, f64), middle: (f64, f64), high: (f64, f64)) -> Option<f64> {
    let (a, b) = (middle.0 - low.0, middle.0 - high.0);
    let (p, q) = (a * a * (middle.1 - high.1), b * b * (middle.1 - low.1));
    let below = 2.0 * (a * (middle.1 - high.1) - b * (middle.1 - low.1));
    let top = middle.0 - (p - q) / below;
    let width = high.0 - low.0;
    let is_new = (top - middle.0).abs() > 1e-3 * width;
    (below.abs() > 1e-15 && is_new && top > low.0 && top < high.0).then_some(top)
}
