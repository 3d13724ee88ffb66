//! Presentation states: put on the images that they are for, and taken off.

use super::{Objects, Then};
use crate::app::App;
use crate::context::{NoticeLevel, PresentationOn};
use crate::io::objects::Object;
use crate::io::presentation::PresentationState;

impl Objects {
    pub(super) fn take_presentation_off(&mut self) {
        if let Some(on) = &mut self.presentation {
            on.shown = false;
        }
    }
}

impl App {
    /// A presentation state that was opened is put on the first images that it is for and that are open.
    pub(super) fn present_first(&mut self) {
        let Some(content) = self.objects.view.as_ref().and_then(|view| view.content.clone()) else { return };
        if let (Object::Presentation(_), Some(place)) = (&content.object, content.images.iter().flatten().next()) {
            self.ask_to_present(place.series_key.clone());
        }
    }

    pub(super) fn ask_to_present(&mut self, series_key: String) {
        let Some(view) = &self.objects.view else { return };
        let Some(Object::Presentation(state)) = view.content.as_ref().map(|content| &content.object) else { return };
        let then = Then::Present(Box::new(state.clone()), view.id);
        self.wait_for(series_key, then);
    }

    /// Puts a state on the series on screen, and brings the first of its images there.
    pub(super) fn present(&mut self, state: PresentationState, view: u64) {
        let Some(series) = &self.series else { return };
        let key = series.key();
        let shown = self.view.layout.viewports().find(|viewport| viewport.shows(&key) && !viewport.kind.is_solid());
        let voi = shown.map_or(series.opening.voi, |viewport| viewport.voi);
        let on = PresentationOn::new(state, view, &series.loaded, voi);
        match on.images.first() {
            Some(&first) => {
                self.objects.presentation = Some(on);
                self.show_slice(first);
            }
            None => self.notify(NoticeLevel::Warning, "The presentation state is for no image of this series."),
        }
    }

    /// Takes the presentation state off, or puts it on again.
    pub(in crate::app) fn toggle_presentation(&mut self) {
        match &mut self.objects.presentation {
            Some(on) => on.shown = !on.shown,
            None => {
                self.notify(NoticeLevel::Info, "No presentation state is in hand: click one in the list of studies.");
            }
        }
    }
}
