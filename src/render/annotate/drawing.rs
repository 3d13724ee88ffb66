//! What somebody drew on an image, into a finished picture: lines, points and words of a presentation state.
//!
//! Space: picture pixels, (0, 0) = middle of the left upper pixel.

use super::text::{Align, Face, blend, draw_text};
use crate::geometry::DVec2;
use crate::render::RgbaPicture;
use crate::volume::ops::fill_even_odd;

/// Longest text line that is drawn; what is longer is cut.
const LONGEST_LINE: usize = 200;
/// Most lines of one text.
const MOST_LINES: usize = 60;
/// Longest step of a drawn line, in pixels.
const STEP_PX: f64 = 0.7;

/// Something drawn, with its color.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Lines or words.
    pub shape: MarkShape,
    /// Color.
    pub rgb: [u8; 3],
}

/// Lines or words at screen positions.
#[derive(Debug, Clone, PartialEq)]
pub enum MarkShape {
    /// A line through points; a filled one is closed.
    Line {
        /// At least two.
        points_px: Vec<DVec2>,
        /// Everything inside has the color too.
        filled: bool,
    },
    /// A cross.
    Point(DVec2),
    /// Lines of text. What somebody wrote is not cut to the box that they meant for it.
    Text {
        /// Left upper corner of the first line.
        at_px: DVec2,
        /// Height of the letters.
        size_px: f32,
        /// Lines separated by line feeds.
        text: String,
    },
}

/// Draws marks in their order.
pub fn draw_marks(picture: &mut RgbaPicture, marks: &[Mark]) {
    for mark in marks {
        match &mark.shape {
            MarkShape::Line { points_px, filled } => {
                if *filled {
                    fill(picture, points_px, mark.rgb);
                }
                points_px.windows(2).for_each(|pair| line(picture, pair[0], pair[1], mark.rgb));
            }
            MarkShape::Point(at) => {
                for arm in [DVec2::X, DVec2::Y] {
                    line(picture, *at - arm * 4.0, *at + arm * 4.0, mark.rgb);
                }
            }
            MarkShape::Text { at_px, size_px, text } => words(picture, *at_px, *size_px, text, mark.rgb),
        }
    }
}

fn fill(picture: &mut RgbaPicture, points: &[DVec2], rgb: [u8; 3]) {
    let size = [picture.width as usize, picture.height as usize];
    let mut runs = Vec::new();
    fill_even_odd(&[points], size, |row, run| runs.push((row, run)));
    for (row, run) in runs {
        run.for_each(|column| blend(picture, [column as i64, row as i64], rgb, 1.0));
    }
}

/// A line one pixel wide, with a dark seam so that it shows on any gray.
fn line(picture: &mut RgbaPicture, from: DVec2, to: DVec2, rgb: [u8; 3]) {
    let Some((from, to)) = clipped(from, to, [picture.width, picture.height]) else { return };
    let steps = (from.distance(to) / STEP_PX).ceil().max(1.0) as usize;
    let pixels: Vec<[i64; 2]> =
        (0..=steps).map(|n| from.lerp(to, n as f64 / steps as f64).round()).map(|p| [p.x as i64, p.y as i64]).collect();
    for [x, y] in &pixels {
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
            blend(picture, [x + dx, y + dy], [0; 3], 0.4);
        }
    }
    pixels.into_iter().for_each(|at| blend(picture, at, rgb, 1.0));
}

/// The part of a line near the picture (Liang and Barsky), so that far ends cost nothing.
fn clipped(from: DVec2, to: DVec2, [width, height]: [u32; 2]) -> Option<(DVec2, DVec2)> {
    let (low, high) = (DVec2::splat(-2.0), DVec2::new(f64::from(width), f64::from(height)) + 2.0);
    let along = to - from;
    let (mut first, mut last) = (0.0f64, 1.0f64);
    for axis in 0..2 {
        let (enter, leave) = ((low[axis] - from[axis]) / along[axis], (high[axis] - from[axis]) / along[axis]);
        if along[axis] == 0.0 {
            if from[axis] < low[axis] || from[axis] > high[axis] {
                return None;
            }
        } else {
            first = first.max(enter.min(leave));
            last = last.min(enter.max(leave));
        }
    }
    (first <= last).then(|| (from + along * first, from + along * last))
}

fn words(picture: &mut RgbaPicture, at: DVec2, size_px: f32, text: &str, rgb: [u8; 3]) {
    for (n, line) in text.lines().take(MOST_LINES).enumerate() {
        let line: String = line.chars().take(LONGEST_LINE).collect();
        let top = at.y as f32 + n as f32 * size_px * 1.3;
        draw_text(picture, Face::Regular, size_px, [at.x as f32, top], Align::Left, rgb, &line);
    }
}
