//! The patient's axes as they lie on the screen: left, posterior, head. What points away from the reader is dim.

use crate::geometry::{DVec3, letters};
use crate::ui::{theme, widgets};
use egui::{Align2, Color32, Painter, Pos2, Rect, pos2, vec2};

/// Length of an axis in points.
const LENGTH: f32 = 24.0;
/// Distance of the letters from the middle.
const LETTERS: f32 = 32.0;
/// From the left edge and, above the words, from the bottom.
const INSET: f32 = 46.0;
const ABOVE_WORDS: f32 = 118.0;
/// Viewports too small for it have the letters at their edges.
const LEAST: f32 = 260.0;

/// Draws the axes of a camera whose screen-right and screen-down are given.
pub fn show(painter: &Painter, rect: Rect, [u_lps, v_lps]: [DVec3; 2]) {
    if rect.width().min(rect.height()) < LEAST {
        return;
    }
    let middle = pos2(rect.left() + INSET, rect.bottom() - ABOVE_WORDS);
    let away = u_lps.cross(v_lps);
    let mut axes = [DVec3::X, DVec3::Y, DVec3::Z];
    // What is nearer to the reader lies over what is farther.
    axes.sort_by(|a, b| b.dot(away).total_cmp(&a.dot(away)));
    for axis in axes {
        let along = vec2(axis.dot(u_lps) as f32, axis.dot(v_lps) as f32);
        let color = if axis.dot(away) > 0.2 { theme::TEXT_SECOND } else { theme::OVERLAY };
        line(painter, middle, middle + along * LENGTH, color);
        // An axis toward the reader has no length: its letter would cover the middle.
        if along.length() > 0.3 {
            let at = middle + along * LETTERS;
            widgets::outlined_text(
                painter,
                at,
                Align2::CENTER_CENTER,
                &letters(axis),
                theme::bold(theme::SMALL_PT),
                color,
            );
        }
    }
}

fn line(painter: &Painter, from: Pos2, to: Pos2, color: Color32) {
    widgets::outlined_line(painter, [from, to], 1.5, color);
}
