//! Boxes of findings, on any plane. What AI proposes is dashed, violet and says "AI"; what a person confirmed is solid.

use super::text::{Align, Face, blend, draw_text, text_width_px};
use super::{AI_RGB, TEXT_RGB};
use crate::geometry::{BoxLps, DVec2, SlicePlane};
use crate::render::RgbaPicture;

/// A rectangle with a word at its upper edge.
#[derive(Debug, Clone, PartialEq)]
pub struct BoxMark {
    /// Left upper corner, in picture pixels.
    pub min_px: DVec2,
    /// Right lower corner, in picture pixels.
    pub max_px: DVec2,
    /// "Lung lesion 14 mm".
    pub label: String,
    /// True while only AI says so: dashed, violet, with "AI" before the label.
    pub is_ai_proposal: bool,
}

/// The rectangle around the cut of a box by a plane, in the plane's pixels: `[min, max]`; `None` where the plane misses the
/// box.
pub fn box_on_plane(finding: &BoxLps, plane: &SlicePlane) -> Option<[DVec2; 2]> {
    let corners = finding.corners().map(|corner| plane.px_from_lps(corner));
    let mut cut: Option<[DVec2; 2]> = None;
    let mut take = |px: DVec2| {
        cut = Some(cut.map_or([px, px], |[min, max]| [min.min(px), max.max(px)]));
    };
    for (a, (px_a, depth_a)) in corners.iter().enumerate() {
        for axis in 0..3 {
            // Corners that differ in one bit share an edge.
            let b = a ^ (1 << axis);
            let (px_b, depth_b) = corners[b];
            if b < a || depth_a.signum() * depth_b.signum() > 0.0 {
                continue;
            }
            if (depth_a - depth_b).abs() < 1e-9 {
                take(*px_a);
                take(px_b);
            } else {
                take(px_a.lerp(px_b, depth_a / (depth_a - depth_b)));
            }
        }
    }
    cut
}

/// Draws a box of 1.5 px (2 px from 700 pixels of width on) with its label.
pub(super) fn draw_box(picture: &mut RgbaPicture, mark: &BoxMark, font_px: f32) {
    let rgb = if mark.is_ai_proposal { AI_RGB } else { TEXT_RGB };
    let (x0, y0) = (mark.min_px.x.round() as i64, mark.min_px.y.round() as i64);
    let (x1, y1) = (mark.max_px.x.round() as i64, mark.max_px.y.round() as i64);
    let limit = i64::from(picture.width.max(picture.height));
    let (x0, y0, x1, y1) = (x0.clamp(-2, limit), y0.clamp(-2, limit), x1.clamp(-2, limit), y1.clamp(-2, limit));
    let across = (x0..=x1).flat_map(|x| [[x, y0], [x, y1]]);
    let down = (y0..=y1).flat_map(|y| [[x0, y], [x1, y]]);
    let border: Vec<[i64; 2]> = across.chain(down).collect();
    for [x, y] in &border {
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
            blend(picture, [x + dx, y + dy], [0; 3], 0.5);
        }
    }
    for [x, y] in border {
        let is_gap = mark.is_ai_proposal && (x + y).rem_euclid(8) >= 5;
        if !is_gap {
            blend(picture, [x, y], rgb, 1.0);
        }
    }
    let label = if mark.is_ai_proposal { format!("AI {}", mark.label) } else { mark.label.clone() };
    let label = label.trim();
    let width = text_width_px(Face::Regular, font_px, label);
    // Above the box, below it where there is no room, and never beyond the right edge.
    let above = y0 as f32 - font_px * 1.5;
    let top = if above >= 0.0 { above } else { y1 as f32 + 2.0 };
    let left = (x0 as f32).min(picture.width as f32 - width - 2.0).max(2.0);
    draw_text(picture, Face::Regular, font_px, [left, top], Align::Left, rgb, label);
}
