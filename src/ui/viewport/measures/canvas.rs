//! How the plane coordinates of a place and the screen of a viewport meet.

use super::super::Frame;
use crate::context::AppContext;
use crate::findings::measurement::{Measurement, Place, Shape};
use crate::geometry::{DVec2, SlicePlane};
use crate::reading;
use crate::render::PictureDraw;
use crate::ui::widgets;
use crate::volume::{ValueUnit, sample_nearest};
use egui::Pos2;

/// A viewport that measurements lie in.
pub struct Canvas<'a> {
    pub frame: &'a Frame<'a>,
    shown: Shown<'a>,
}

/// What the viewport shows.
enum Shown<'a> {
    /// A plane of the patient; flat shapes up to `within_mm` along its normal are seen on it.
    Plane { plane: &'a SlicePlane, within_mm: f64 },
    /// A picture.
    Picture { draw: &'a PictureDraw, index: usize },
}

impl<'a> Canvas<'a> {
    /// Of a plane whose neighbors are `step_mm` away.
    pub fn plane(frame: &'a Frame<'a>, plane: &'a SlicePlane, step_mm: f64) -> Self {
        // A hair less than half, so that no shape is seen on two neighbors.
        Self { frame, shown: Shown::Plane { plane, within_mm: 0.499 * step_mm } }
    }

    /// Of a picture.
    pub fn picture(frame: &'a Frame<'a>, draw: &'a PictureDraw, index: usize) -> Self {
        Self { frame, shown: Shown::Picture { draw, index } }
    }

    /// The place of what is shown; `None` for images that cannot be named.
    pub fn place(&self, ctx: &AppContext<'_>) -> Option<Place> {
        let loaded = &self.frame.series.loaded;
        match self.shown {
            Shown::Plane { plane, .. } => reading::plane_place(loaded, plane),
            Shown::Picture { index, .. } => {
                let known = ctx.case.and_then(|case| case.document.calibration(&self.frame.series.key()));
                reading::picture_place(loaded, index, known)
            }
        }
    }

    /// True when a place is what is shown here: the same picture, or the same plane of the same patient space.
    pub fn shows(&self, place: &Place) -> bool {
        match (place, &self.shown) {
            (Place::Patient(on), Shown::Plane { plane, within_mm }) => {
                self.is_same_space(place) && on.is_on(plane, *within_mm)
            }
            (Place::Picture(on), Shown::Picture { index, .. }) => {
                let image = reading::image_ref(&self.frame.series.loaded, *index);
                on.series.key == self.frame.series.key()
                    && image.is_some_and(|i| {
                        i.sop_instance_uid == on.image.sop_instance_uid
                            && i.frame == on.image.frame
                            && i.cited == on.image.cited
                    })
            }
            _ => false,
        }
    }

    fn is_same_space(&self, place: &Place) -> bool {
        let Place::Patient(on) = place else { return false };
        let own = &self.frame.series.loaded.series.frame_of_reference_uid;
        on.series.key == self.frame.series.key() || (!own.is_empty() && *own == on.frame_of_reference_uid)
    }

    /// Plane coordinates of a screen position.
    pub fn at(&self, place: &Place, pos: Pos2) -> DVec2 {
        let px = self.frame.px(pos);
        match (place, &self.shown) {
            (Place::Patient(on), Shown::Plane { plane, .. }) => on.coordinates(plane.lps_from_px(px)).0,
            (_, Shown::Picture { draw, .. }) => draw.picture_px(px),
            (Place::Picture(_), Shown::Plane { .. }) => px,
        }
    }

    /// Screen position of plane coordinates.
    pub fn pos(&self, place: &Place, at: DVec2) -> Pos2 {
        match (place, &self.shown) {
            (Place::Patient(on), Shown::Plane { plane, .. }) => self.frame.pos(plane.px_from_lps(on.lps(at)).0),
            (_, Shown::Picture { draw, .. }) => {
                let d = at - draw.origin_px;
                self.frame.pos(DVec2::new(d.x / draw.u_px.x, d.y / draw.v_px.y))
            }
            (Place::Picture(_), Shown::Plane { .. }) => self.frame.pos(at),
        }
    }

    /// What is seen of a measurement: lines on the screen. Solids are cut where the plane cuts them.
    pub fn lines(&self, measurement: &Measurement) -> Vec<Vec<Pos2>> {
        match (&measurement.place, &self.shown) {
            (place @ Place::Patient(_), Shown::Plane { plane, within_mm }) if self.is_same_space(place) => {
                let lines = measurement.outlines_on(plane, *within_mm).unwrap_or_default();
                lines.into_iter().map(|line| line.into_iter().map(|px| self.frame.pos(px)).collect()).collect()
            }
            (place @ Place::Picture(_), Shown::Picture { .. }) if self.shows(place) => {
                let line = |line: Vec<DVec2>| line.into_iter().map(|at| self.pos(place, at)).collect();
                measurement.shape.outline().into_iter().map(line).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The circle in which the plane cuts the peak sphere of a measurement: middle and radius on the screen.
    pub fn peak(&self, measurement: &Measurement) -> Option<(Pos2, f32)> {
        let (Shown::Plane { plane, .. }, Shape::SuvPeak { .. }) = (&self.shown, &measurement.shape) else { return None };
        let (px, distance_mm) = plane.px_from_lps(measurement.results.peak_lps?);
        let radius_mm = crate::findings::measurement::PEAK_DIAMETER_MM / 2.0;
        let squared = radius_mm * radius_mm - distance_mm * distance_mm;
        let radius = squared.max(0.0).sqrt() / plane.pixel_mm / f64::from(self.frame.scale);
        (squared > 0.0 && self.is_same_space(&measurement.place)).then(|| (self.frame.pos(px), radius as f32))
    }

    /// What lies at a screen position: the value as it is measured, and where.
    pub fn probe_lines(&self, pos: Pos2) -> Vec<String> {
        let px = self.frame.px(pos);
        match &self.shown {
            Shown::Plane { plane, .. } => {
                let lps = plane.lps_from_px(px);
                let Some(volume) = self.frame.series.slice_at(lps).and_then(|k| self.frame.series.volume_at(k)) else {
                    return Vec::new();
                };
                let Some(value) = sample_nearest(volume, lps).map(f64::from) else { return Vec::new() };
                let digits = if *volume.unit() == ValueUnit::Hu { 0 } else { 2 };
                let mut lines = vec![format!("{} {}", widgets::number(value, digits), volume.unit().as_str())];
                if let Some(factors) = volume.suv() {
                    lines.push(format!("{} SUVbw", widgets::number(value * factors.bw, 2)));
                }
                let [i, j, k] = volume.geometry().ijk_from_lps().transform_point3(lps).to_array().map(f64::round);
                lines.push(format!("column {i}, row {j}, slice {k}"));
                lines
            }
            Shown::Picture { draw, index } => {
                let at = draw.picture_px(px).round();
                let Some(picture) = self.frame.series.loaded.pictures().get(*index) else { return Vec::new() };
                let inside =
                    at.cmpge(DVec2::ZERO).all() && at.x < picture.width as f64 && at.y < picture.height as f64;
                if !inside {
                    return Vec::new();
                }
                let place = format!("column {}, row {}", at.x, at.y);
                let value = f64::from(picture.value(at.x as usize, at.y as usize));
                match picture.samples {
                    crate::volume::Samples::Gray { .. } => {
                        vec![format!("{} {}", widgets::number(value, 0), picture.unit.as_str()), place]
                    }
                    crate::volume::Samples::Rgb(_) => vec![place],
                }
            }
        }
    }
}
