//! What a viewport shows, kept so that it can be drawn again elsewhere and at another size: twice as large, or on paper.
//!
//! Drawn by the CPU twins with the words that stood on the screen. Space: physical pixels of the viewport, (0, 0) = middle of
//! the left upper one. Identity is on every picture unless it is asked to be left out; then the picture says so.

mod pages;

pub use pages::{PrintError, Printed, Sheets, Slices, printed};

use crate::geometry::DVec2;
use crate::loaded::LoadedSeries;
use crate::render::annotate::{
    Annotations, BoxMark, CornerTexts, Line, Mark, MarkShape, ScaleBar, Tone, annotate, draw_marks, turned_letters,
};
use crate::render::{DisplayFilter, FusionMode, MipDraw, PictureDraw, RgbaPicture, SliceDraw, cpu};
use crate::volume::{Calibration, Labelmap, Volume};
use std::sync::Arc;

/// In the place of whose picture it is.
pub const WITHOUT_IDENTITY: &str = "Without identity";

/// How a view is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Drawing {
    /// A plane.
    Slice(SliceDraw),
    /// A slab or a projection.
    Mip(MipDraw),
    /// A picture that belongs to no volume.
    Flat {
        /// Which one of the series.
        index: usize,
        /// Where and how.
        draw: PictureDraw,
        /// Overlay planes, shutter and padding of the file lie over it.
        covered: bool,
        /// Where its millimetres come from.
        calibration: Calibration,
    },
}

/// One viewport as it was on the screen.
#[derive(Debug, Clone)]
pub struct View {
    /// What it shows.
    pub series: LoadedSeries,
    /// How.
    pub drawing: Drawing,
    /// Masks over it.
    pub masks: Option<Labelmap>,
    /// The volume over it.
    pub second: Option<Arc<Volume>>,
    /// Words in the corners; the upper left ones say whose it is.
    pub corners: CornerTexts,
    /// Measurements.
    pub marks: Vec<Mark>,
    /// Boxes of findings.
    pub boxes: Vec<BoxMark>,
}

impl View {
    /// Of a drawing alone.
    pub fn new(series: LoadedSeries, drawing: Drawing) -> Self {
        let (masks, second, corners) = (None, None, CornerTexts::default());
        Self { series, drawing, masks, second, corners, marks: Vec::new(), boxes: Vec::new() }
    }

    /// Its size in pixels.
    pub fn size_px(&self) -> [u32; 2] {
        match &self.drawing {
            Drawing::Slice(draw) => draw.plane.size_px,
            Drawing::Mip(draw) => draw.plane.size_px,
            Drawing::Flat { draw, .. } => draw.size_px,
        }
    }

    /// The same with `times` as many pixels along each side.
    #[must_use]
    pub fn enlarged(mut self, times: u32) -> Self {
        let factor = f64::from(times.max(1));
        let moved = |px: DVec2| (px + 0.5) * factor - 0.5;
        self.drawing = self.drawing.enlarged(times.max(1));
        for mark in &mut self.boxes {
            (mark.min_px, mark.max_px) = (moved(mark.min_px), moved(mark.max_px));
        }
        for mark in &mut self.marks {
            match &mut mark.shape {
                MarkShape::Line { points_px, .. } => points_px.iter_mut().for_each(|px| *px = moved(*px)),
                MarkShape::Point(px) => *px = moved(*px),
                MarkShape::Text { at_px, size_px, .. } => {
                    *at_px = moved(*at_px);
                    *size_px *= factor as f32;
                }
            }
        }
        self
    }

    /// Takes out whose it is, and says so.
    #[must_use]
    pub fn without_identity(mut self) -> Self {
        self.corners.left_upper = vec![Line::toned(WITHOUT_IDENTITY, Tone::Strong)];
        self
    }

    /// The finished picture; `None` where there are no pixels to draw.
    pub fn picture(&self) -> Option<RgbaPicture> {
        let mut picture = self.pixels()?;
        draw_marks(&mut picture, &self.marks);
        let annotations = Annotations {
            corners: self.corners.clone(),
            letters: self.letters(),
            scale: self.scale(),
            boxes: self.boxes.clone(),
        };
        annotate(&mut picture, &annotations);
        Some(picture)
    }

    fn pixels(&self) -> Option<RgbaPicture> {
        let second = self.second.as_deref();
        match &self.drawing {
            Drawing::Slice(draw) => Some(cpu::fused_picture(self.series.volume()?, second, draw, self.masks.as_ref())),
            Drawing::Mip(draw) => {
                Some(cpu::fused_mip_picture(self.series.volume()?, second, draw, self.masks.as_ref()))
            }
            Drawing::Flat { index, draw, covered, .. } => {
                let image = self.series.pictures().get(*index)?;
                let mut picture = cpu::picture_rgba(image, draw);
                if *covered {
                    cpu::cover_picture(image, draw, &mut picture);
                }
                Some(picture)
            }
        }
    }

    fn letters(&self) -> [String; 4] {
        match &self.drawing {
            Drawing::Slice(draw) => draw.plane.edge_letters(),
            Drawing::Mip(draw) => draw.plane.edge_letters(),
            Drawing::Flat { index, draw, .. } => {
                self.series.pictures().get(*index).map(|image| turned_letters(image, draw)).unwrap_or_default()
            }
        }
    }

    fn scale(&self) -> Option<ScaleBar> {
        match &self.drawing {
            Drawing::Slice(draw) => ScaleBar::in_patient(draw.plane.pixel_mm, draw.plane.size_px[0]),
            Drawing::Mip(draw) => ScaleBar::in_patient(draw.plane.pixel_mm, draw.plane.size_px[0]),
            Drawing::Flat { draw, calibration, .. } => ScaleBar::on_screen(*calibration, draw),
        }
    }
}

impl Drawing {
    fn enlarged(self, times: u32) -> Self {
        let factor = f64::from(times);
        match self {
            Self::Slice(mut draw) => {
                grow(&mut draw.plane, times);
                draw.filter = grown_filter(draw.filter, times);
                draw.overlay.iter_mut().for_each(|style| style.outline_px *= times as f32);
                draw.fused.iter_mut().for_each(|fused| fused.mode = grown_mode(fused.mode, times));
                Self::Slice(draw)
            }
            Self::Mip(mut draw) => {
                grow(&mut draw.plane, times);
                draw.filter = grown_filter(draw.filter, times);
                draw.overlay.iter_mut().for_each(|style| style.outline_px *= times as f32);
                draw.fused.iter_mut().for_each(|fused| fused.mode = grown_mode(fused.mode, times));
                Self::Mip(draw)
            }
            Self::Flat { index, mut draw, covered, calibration } => {
                // The outer edge of the left upper pixel stays where it is.
                let inward = (1.0 / factor - 1.0) / 2.0;
                draw.origin_px += (draw.u_px + draw.v_px) * inward;
                (draw.u_px, draw.v_px) = (draw.u_px / factor, draw.v_px / factor);
                draw.size_px = draw.size_px.map(|n| n * times);
                Self::Flat { index, draw, covered, calibration }
            }
        }
    }
}

fn grow(plane: &mut crate::geometry::SlicePlane, times: u32) {
    plane.size_px = plane.size_px.map(|n| n * times);
    plane.pixel_mm /= f64::from(times);
}

/// What was smoothed on the screen is as smooth on paper, as far as the filter reaches.
fn grown_filter(filter: DisplayFilter, times: u32) -> DisplayFilter {
    let times = times as f32;
    match filter {
        DisplayFilter::None => DisplayFilter::None,
        DisplayFilter::Smooth { sigma_px } => DisplayFilter::Smooth { sigma_px: sigma_px * times },
        DisplayFilter::Sharpen { sigma_px, amount } => DisplayFilter::Sharpen { sigma_px: sigma_px * times, amount },
    }
}

fn grown_mode(mode: FusionMode, times: u32) -> FusionMode {
    match mode {
        FusionMode::Checkerboard { edge_px } => FusionMode::Checkerboard { edge_px: edge_px * times },
        other => other,
    }
}

/// PNG bytes of a picture, read back and compared; an error is a sentence.
pub fn png(picture: &RgbaPicture) -> Result<Vec<u8>, String> {
    use image::ImageEncoder;
    let failed = |problem: &dyn std::fmt::Display| format!("the picture cannot be written as PNG: {problem}");
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(&picture.rgba, picture.width, picture.height, image::ExtendedColorType::Rgba8)
        .map_err(|problem| failed(&problem))?;
    let back = image::load_from_memory_with_format(&bytes, image::ImageFormat::Png).map_err(|p| failed(&p))?;
    if back.into_rgba8().into_raw() != picture.rgba {
        return Err(failed(&"what was written differs from the picture"));
    }
    Ok(bytes)
}
