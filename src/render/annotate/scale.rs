//! A scale bar, and where its millimetres come from (`product.md`: never millimetres from Imager Pixel Spacing without
//! saying so; pixels where there is no calibration).

use super::TEXT_RGB;
use super::text::{Align, Face, blend, draw_text, shortened};
use crate::render::{PictureDraw, RgbaPicture};
use crate::volume::Calibration;

/// A bar of a round length.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleBar {
    /// Its length on the screen, in pixels.
    pub length_px: f64,
    /// "5 cm", "2 mm", "100 px".
    pub label: String,
    /// "Pixel Spacing", "Imager Pixel Spacing (at the detector)", "no calibration", "patient space".
    pub source: String,
}

impl ScaleBar {
    /// A bar in a plane of a volume, at most a quarter of the picture's width. `None` when nothing round fits.
    pub fn in_patient(pixel_mm: f64, width_px: u32) -> Option<Self> {
        Self::of_mm(pixel_mm, width_px, "patient space")
    }

    /// A bar for a picture: `picture_px_per_screen_px` is the zoom along the picture's rows.
    pub fn of_picture(calibration: Calibration, picture_px_per_screen_px: f64, width_px: u32) -> Option<Self> {
        if let Some([_, mm]) = calibration.spacing_mm() {
            return Self::of_mm(mm * picture_px_per_screen_px, width_px, &calibration.source());
        }
        let length = round_length(picture_px_per_screen_px, width_px).filter(|length| *length >= 1.0)?;
        Some(Self {
            length_px: length / picture_px_per_screen_px,
            label: format!("{length} px"),
            source: calibration.source(),
        })
    }

    /// A bar for a picture as it is drawn, turned or not.
    pub fn on_screen(calibration: Calibration, draw: &PictureDraw) -> Option<Self> {
        let turned = draw.u_px.y.abs() > draw.u_px.x.abs();
        let calibration = if turned { calibration.turned() } else { calibration };
        Self::of_picture(calibration, draw.u_px.length(), draw.size_px[0])
    }

    fn of_mm(pixel_mm: f64, width_px: u32, source: &str) -> Option<Self> {
        let length_mm = round_length(pixel_mm, width_px)?;
        let label = if length_mm >= 10.0 { format!("{} cm", length_mm / 10.0) } else { format!("{length_mm} mm") };
        Some(Self { length_px: length_mm / pixel_mm, label, source: source.into() })
    }
}

/// The largest of 1, 2, 5 × 10ⁿ that takes at most a quarter of the width.
fn round_length(per_pixel: f64, width_px: u32) -> Option<f64> {
    let most = per_pixel * f64::from(width_px) / 4.0;
    if !(most.is_finite() && most > 0.0) {
        return None;
    }
    let power = 10f64.powf(most.log10().floor());
    // Powers of ten below one are not exact: the label would read 0.30000000000000004.
    let tidy = |x: f64| (x * 1e6).round() / 1e6;
    [5.0, 2.0, 1.0].into_iter().map(|n| tidy(n * power)).find(|length| *length <= most && *length > 0.0)
}

/// Draws a bar whose right lower end is at `at`, with its words above.
pub(super) fn draw(picture: &mut RgbaPicture, bar: &ScaleBar, at: [f32; 2], font_px: f32, width: f32) {
    let (right, bottom) = (at[0].round() as i64, at[1].round() as i64);
    let left = right - (bar.length_px.round() as i64 - 1).max(0);
    let tick = (font_px * 0.35).ceil() as i64;
    let mut stroke = |x0: i64, y0: i64, x1: i64, y1: i64, grow: i64, rgb: [u8; 3], opacity: f32| {
        for y in y0 - grow..=y1 + grow {
            for x in x0 - grow..=x1 + grow {
                blend(picture, [x, y], rgb, opacity);
            }
        }
    };
    let parts =
        [(left, bottom - 1, right, bottom), (left, bottom - tick, left, bottom), (right, bottom - tick, right, bottom)];
    for (x0, y0, x1, y1) in parts {
        stroke(x0, y0, x1, y1, 1, [0; 3], 0.85);
    }
    for (x0, y0, x1, y1) in parts {
        stroke(x0, y0, x1, y1, 0, TEXT_RGB, 1.0);
    }
    let words = shortened(Face::Regular, font_px, &format!("{} · {}", bar.label, bar.source), width);
    let top = bottom as f32 - tick as f32 - font_px * 1.5;
    draw_text(picture, Face::Regular, font_px, [at[0], top], Align::Right, TEXT_RGB, &words);
}
