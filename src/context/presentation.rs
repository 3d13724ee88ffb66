//! A presentation state on the images on screen: its windows, polarity, shutter and drawings, as an overlay that can be taken
//! off. The reader's own window wins once it was changed. What the viewports do not do (turn, flip, displayed area, tables)
//! is said on them.

use super::{AppContext, PlaneAxes, ViewKind, Viewport};
use crate::io::presentation::{DisplaySize, Drawing, PresentationState, Shape};
use crate::loaded::LoadedSeries;
use crate::reading::{presented_images, presented_window};
use crate::volume::{Voi, VoiFunction};
use std::sync::Arc;

/// Most points of drawings that are painted in a frame.
const MOST_POINTS: usize = 50_000;

/// A presentation state that was put on a series.
#[derive(Debug, Clone)]
pub struct PresentationOn {
    /// What it wants.
    pub state: Arc<PresentationState>,
    /// The view that it was opened in ([`super::ObjectView::id`]).
    pub view: u64,
    /// "PR1".
    pub name: String,
    /// The series ([`crate::study::Series::key`]) that it was put on.
    pub series_key: String,
    /// Positions in that series of the images that it is for, ascending.
    pub images: Vec<usize>,
    /// False while it is taken off.
    pub shown: bool,
    /// What it wants and viewports do not do.
    pub not_applied: Vec<String>,
    /// The window in hand when it was put on: another one since then is the reader's and wins.
    voi: Voi,
}

impl PresentationOn {
    /// Puts a state on a series; `voi` is the window in hand.
    pub fn new(mut state: PresentationState, view: u64, series: &LoadedSeries, voi: Voi) -> Self {
        let mut not_applied = not_applied(&state, series);
        let left_out = keep_drawable(&mut state);
        if left_out > 0 {
            not_applied.push(format!("{left_out} of its annotations"));
        }
        let name = if state.label.is_empty() { "without a label".to_owned() } else { state.label.clone() };
        Self {
            view,
            name,
            series_key: series.series.key(),
            images: presented_images(&state, series),
            state: Arc::new(state),
            shown: true,
            not_applied,
            voi,
        }
    }

    fn window(&self, series: &LoadedSeries, k: usize) -> Option<Voi> {
        let window = presented_window(&self.state, series, k)?;
        (!matches!(window.voi.function, VoiFunction::Table(_))).then_some(window.voi)
    }
}

/// Leaves out drawings beyond what a frame can paint; gives how many.
fn keep_drawable(state: &mut PresentationState) -> usize {
    let points = |drawing: &Drawing| if let Shape::Line { points, .. } = &drawing.what { points.len() } else { 1 };
    let mut total = 0;
    let kept = state.drawings.iter().take_while(|drawing| {
        total += points(drawing);
        total <= MOST_POINTS
    });
    let kept = kept.count();
    let left_out = state.drawings.len() - kept;
    state.drawings.truncate(kept);
    left_out
}

fn not_applied(state: &PresentationState, series: &LoadedSeries) -> Vec<String> {
    let turned = state.quarter_turns != 0;
    let framed = state.areas.iter().any(|(_, area)| {
        let [first, last] = area.corners_px;
        let size = (last - first).abs() + 1.0;
        let of = series.series.instances.first().map_or([0.0; 2], |i| [f64::from(i.columns), f64::from(i.rows)]);
        area.size != DisplaySize::Fit || size.x < of[0] || size.y < of[1]
    });
    let table = state.windows.iter().any(|(_, window)| matches!(window.voi.function, VoiFunction::Table(_)));
    [
        (turned, "its rotation"),
        (state.flipped, "its flip"),
        (framed, "its displayed area"),
        (table, "its VOI LUT table"),
    ]
    .into_iter()
    .filter(|(wanted, _)| *wanted)
    .map(|(_, what)| what.to_owned())
    .collect()
}

impl<'a> AppContext<'a> {
    /// The acquired slice or picture that a viewport shows; `None` for planes across the slices and projections.
    pub fn image_in(&self, viewport: &Viewport) -> Option<usize> {
        let (series, sight) = self.looked_at(viewport)?;
        match (viewport.kind, series.geometry()) {
            (ViewKind::Plane(_), Some(geometry)) => {
                let axes = viewport.axes(geometry, sight).filter(PlaneAxes::is_acquired)?;
                series.slice_at(viewport.passes(geometry, &axes, sight.crosshair_lps)?)
            }
            (ViewKind::Picture, None) => Some(viewport.picture_of(sight)),
            _ => None,
        }
    }

    /// The presentation state on the image that a viewport shows.
    pub fn presentation_in(&self, viewport: &Viewport) -> Option<(&'a PresentationOn, usize)> {
        let (on, k) = (self.presentation?, self.image_in(viewport)?);
        let same = viewport.shows(&on.series_key);
        (on.shown && same && on.images.binary_search(&k).is_ok()).then_some((on, k))
    }

    /// The window that a viewport is shown with.
    pub fn voi_in(&self, viewport: &Viewport) -> Voi {
        let presented = self.presentation_in(viewport).filter(|(on, _)| on.voi == viewport.voi);
        let window = presented.and_then(|(on, k)| on.window(&self.looked_at(viewport)?.0.loaded, k));
        window.unwrap_or(viewport.voi)
    }

    /// Whether dark and bright are exchanged in a viewport.
    pub fn inverted_in(&self, viewport: &Viewport) -> bool {
        viewport.inverted != self.presentation_in(viewport).is_some_and(|(on, _)| on.state.inverse)
    }
}
