//! How the plane coordinates of a place and the screen of a viewport meet.

use super::super::Frame;
use crate::context::AppContext;
use crate::findings::measurement::{Measurement, Place, Shape};
use crate::geometry::{DVec2, SlicePlane};
use crate::reading::{self, PixelAt, ShownAs};
use crate::render::{DisplayFilter, PictureDraw};
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
        let (Shown::Plane { plane, .. }, Shape::SuvPeak { .. }) = (&self.shown, &measurement.shape) else {
            return None;
        };
        let (px, distance_mm) = plane.px_from_lps(measurement.results.peak_lps?);
        let radius_mm = crate::findings::measurement::PEAK_DIAMETER_MM / 2.0;
        let squared = radius_mm * radius_mm - distance_mm * distance_mm;
        let radius = squared.max(0.0).sqrt() / plane.pixel_mm / f64::from(self.frame.scale);
        (squared > 0.0 && self.is_same_space(&measurement.place)).then(|| (self.frame.pos(px), radius as f32))
    }

    /// True where more than the plane itself is shown.
    pub fn is_slab(&self) -> bool {
        matches!(self.shown, Shown::Plane { .. }) && self.frame.viewport.slab.is_some()
    }

    /// Every stage of the pixel pipeline at a screen position, name and words; empty outside the image.
    pub fn probe_lines(&self, ctx: &AppContext<'_>, pos: Pos2) -> Vec<(&'static str, String)> {
        let (px, viewport) = (self.frame.px(pos), self.frame.viewport);
        let voi = ctx.voi_in(viewport);
        let (at, shown) = match &self.shown {
            Shown::Plane { plane, .. } => {
                let inverted = ctx.inverted_in(viewport);
                (PixelAt::Lps(plane.lps_from_px(px)), ShownAs { voi, inverted })
            }
            Shown::Picture { draw, index } => {
                let at = PixelAt::Picture { k: *index, px: draw.picture_px(px) };
                (at, ShownAs { voi, inverted: draw.inverted })
            }
        };
        let stages = reading::pixel_stages(&self.frame.series.loaded, at, shown);
        let mut lines = stages.map(|stages| stages.lines()).unwrap_or_default();
        let looks = [
            ("slab", viewport.slab.is_some()),
            ("filter", viewport.filter != DisplayFilter::None),
            ("series over it", viewport.over.is_some()),
        ];
        let looks: Vec<&str> = looks.into_iter().filter(|look| look.1).map(|look| look.0).collect();
        if !looks.is_empty() && !lines.is_empty() {
            lines.push(("Besides", format!("{}: not in these numbers", looks.join(", "))));
        }
        lines
    }
}
