//! A presentation state (PS3.3 C.11) put to an image: window, polarity, turn, flip, displayed area, shutter, and what was
//! drawn, ready for the window and for `fovea render` alike.

use crate::geometry::DVec2;
use crate::io::presentation::{
    DisplaySize, DisplayedArea, Drawing, Place, PresentationState, Shape, TextDrawing, Window,
};
use crate::loaded::LoadedSeries;
use crate::render::annotate::{Mark, MarkShape, TEXT_RGB};
use crate::render::{ColorMap, Interpolation, PictureDraw};
use crate::volume::{Picture, Presentation, Voi};
use std::sync::Arc;

/// Longest side of a picture whose size nobody names.
const LONGEST_PX: f64 = 4096.0;
/// Least height of letters.
const SMALLEST_TEXT_PX: f32 = 10.0;

/// An image as a presentation state wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct Presented {
    /// The picture with the tables and the shutter of the state; overlays of the image are not part of it.
    pub picture: Arc<Picture>,
    /// How it is drawn.
    pub draw: PictureDraw,
    /// What is drawn over it, at screen positions.
    pub marks: Vec<Mark>,
}

/// Why a presentation state was not put to an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPresented {
    /// It names other images.
    #[error("the presentation state is not for this image; choose one of those that it names")]
    OtherImage,
}

/// Positions in a series of the images that a presentation state is for, ascending.
pub fn presented_images(state: &PresentationState, series: &LoadedSeries) -> Vec<usize> {
    (0..series.slices.len())
        .filter(|&k| identity(series, k).is_some_and(|(uid, frame)| state.is_for(uid, frame)))
        .collect()
}

/// SOP Instance UID and frame (from 1) of image `k`.
fn identity(series: &LoadedSeries, k: usize) -> Option<(&str, u32)> {
    let uid = series.instance(k)?.sop_instance_uid.as_str();
    (!uid.is_empty()).then(|| (uid, series.slices[k].frame.saturating_add(1)))
}

/// Puts a presentation state to image `k` of a series, of which `picture` has the pixels. `size_px` is the screen; without
/// one, the displayed area gets a screen pixel for each of its own. `voi` is used where the state says no window.
pub fn presented(
    state: &PresentationState,
    series: &LoadedSeries,
    k: usize,
    picture: &Picture,
    size_px: Option<[u32; 2]>,
    voi: Voi,
) -> Result<Presented, NotPresented> {
    let (uid, frame) =
        identity(series, k).filter(|(uid, frame)| state.is_for(uid, *frame)).ok_or(NotPresented::OtherImage)?;
    let area = state.area(uid, frame).unwrap_or_else(|| whole([picture.width, picture.height]));
    let upright = picture.spacing_mm().map(|[rows, columns]| rows / columns).filter(|a| a.is_finite() && *a > 0.0);
    let frame_px = Frame::of(state, &area, upright.unwrap_or(1.0));
    let size_px = size_px.unwrap_or_else(|| frame_px.own_size());
    let window = state.window(uid, frame);
    let voi = window.map_or(voi, |w| w.voi);
    let draw = PictureDraw { voi, inverted: state.inverse, ..frame_px.draw(size_px, area.size) };
    let at = |place: &Place| draw.screen_px(frame_px.picture_px(*place));
    let marks = state.drawings_on(uid, frame).into_iter().flat_map(|d| marks(d, state, size_px, &at)).collect();
    let own = &picture.presentation;
    let presentation = Presentation {
        tables: window.map_or_else(|| own.tables.clone(), |w| w.tables.clone()),
        padding: own.padding,
        shutter: state.shutter.clone(),
        overlays: Vec::new(),
    };
    Ok(Presented { picture: Arc::new(Picture { presentation, ..picture.clone() }), draw, marks })
}

/// What a presentation state draws on image `k` of a series, for a screen with a framing of its own: `screen_px` gives the
/// screen position of a position in the image, which is `image_px` wide and high. Nothing on images that it is not for.
pub fn presented_marks(
    state: &PresentationState,
    series: &LoadedSeries,
    k: usize,
    image_px: [usize; 2],
    size_px: [u32; 2],
    screen_px: &dyn Fn(DVec2) -> DVec2,
) -> Vec<Mark> {
    let Some((uid, frame)) = identity(series, k).filter(|(uid, frame)| state.is_for(uid, *frame)) else {
        return Vec::new();
    };
    let area = state.area(uid, frame).unwrap_or_else(|| whole(image_px));
    let frame_px = Frame::of(state, &area, 1.0);
    let at = |place: &Place| screen_px(frame_px.picture_px(*place));
    state.drawings_on(uid, frame).into_iter().flat_map(|d| marks(d, state, size_px, &at)).collect()
}

/// The window of a presentation state for image `k` of a series.
pub fn presented_window<'a>(state: &'a PresentationState, series: &LoadedSeries, k: usize) -> Option<&'a Window> {
    let (uid, frame) = identity(series, k).filter(|(uid, frame)| state.is_for(uid, *frame))?;
    state.window(uid, frame)
}

/// All of an image.
fn whole([width, height]: [usize; 2]) -> DisplayedArea {
    let last = DVec2::new(width as f64 - 1.0, height as f64 - 1.0);
    DisplayedArea { corners_px: [DVec2::ZERO, last], size: DisplaySize::Fit }
}

/// The displayed area, with the directions of the screen in the picture.
struct Frame {
    middle_px: DVec2,
    /// Picture directions of screen right and screen down.
    right: DVec2,
    down: DVec2,
    /// Picture pixels across and down the screen.
    across: f64,
    high: f64,
    /// Height of a picture pixel divided by its width, as they lie on the screen.
    aspect: f64,
}

impl Frame {
    /// `upright` is the height of a picture pixel divided by its width.
    fn of(state: &PresentationState, area: &DisplayedArea, upright: f64) -> Self {
        // Turned clockwise by a quarter, what was up is right.
        let (right, down) = match state.quarter_turns % 4 {
            0 => (DVec2::X, DVec2::Y),
            1 => (DVec2::NEG_Y, DVec2::X),
            2 => (DVec2::NEG_X, DVec2::NEG_Y),
            _ => (DVec2::Y, DVec2::NEG_X),
        };
        let right = if state.flipped { -right } else { right };
        let [first, last] = area.corners_px;
        let extent = |direction: DVec2| (last - first).dot(direction).abs() + 1.0;
        Self {
            middle_px: (first + last) / 2.0,
            right,
            down,
            across: extent(right),
            high: extent(down),
            aspect: if state.quarter_turns.is_multiple_of(2) { upright } else { 1.0 / upright },
        }
    }

    fn own_size(&self) -> [u32; 2] {
        let longest = self.across.max(self.high * self.aspect);
        let scale = (LONGEST_PX / longest).min(1.0);
        [self.across * scale, self.high * self.aspect * scale].map(|n| n.round().max(1.0) as u32)
    }

    fn draw(&self, size_px: [u32; 2], size: DisplaySize) -> PictureDraw {
        let [width, height] = size_px.map(f64::from);
        let fitted = (self.across / width).max(self.high * self.aspect / height);
        // True size depends on a monitor that nobody has measured; it is shown fitted.
        let per_pixel = match size {
            DisplaySize::Magnified(ratio) => 1.0 / ratio,
            DisplaySize::Fit | DisplaySize::True => fitted,
        };
        let (u_px, v_px) = (self.right * per_pixel, self.down * per_pixel / self.aspect);
        let origin_px = self.middle_px - u_px * (width - 1.0) / 2.0 - v_px * (height - 1.0) / 2.0;
        PictureDraw {
            origin_px,
            u_px,
            v_px,
            size_px,
            voi: Voi::linear(0.0, 1.0),
            inverted: false,
            interpolation: Interpolation::Linear,
            color_map: ColorMap::Gray,
        }
    }

    /// A place of a drawing as position in the picture: display coordinates run over the displayed area.
    fn picture_px(&self, place: Place) -> DVec2 {
        match place {
            Place::Pixel(at) => at,
            Place::Display(at) => {
                let from_middle = at - 0.5;
                self.middle_px + self.right * (from_middle.x * self.across) + self.down * (from_middle.y * self.high)
            }
        }
    }
}

fn marks(drawing: &Drawing, state: &PresentationState, size_px: [u32; 2], at: &impl Fn(&Place) -> DVec2) -> Vec<Mark> {
    let rgb = state.layer_rgb(&drawing.layer).unwrap_or(TEXT_RGB);
    let shapes = match &drawing.what {
        Shape::Line { points, filled, .. } => {
            vec![MarkShape::Line { points_px: points.iter().map(at).collect(), filled: *filled }]
        }
        Shape::Point(place) => vec![MarkShape::Point(at(place))],
        Shape::Text(text) => text_shapes(text, at, size_px),
    };
    shapes.into_iter().map(|shape| Mark { shape, rgb }).collect()
}

fn text_shapes(text: &TextDrawing, at: &impl Fn(&Place) -> DVec2, screen_px: [u32; 2]) -> Vec<MarkShape> {
    let size_px = (screen_px[0].min(screen_px[1]) as f32 / 45.0).clamp(SMALLEST_TEXT_PX, 28.0);
    let corners = text.corners.as_ref().map(|[a, b]| [at(a), at(b)]);
    let anchor = text.anchor.as_ref().map(at);
    let beside = anchor.map(|a| a + DVec2::splat(f64::from(size_px) / 2.0));
    let Some(at_px) = corners.map(|[a, b]: [DVec2; 2]| a.min(b)).or(beside) else { return Vec::new() };
    let mut shapes = vec![MarkShape::Text { at_px, size_px, text: text.text.clone() }];
    if let (Some(anchor), true) = (anchor, text.anchor_visible) {
        shapes.push(MarkShape::Line { points_px: vec![at_px, anchor], filled: false });
    }
    shapes
}
