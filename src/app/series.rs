//! Series in viewports: which are on screen beside the one that is read, how they come, and when they are let go.

use super::results::Done;
use super::{App, first_sight, work};
use crate::context::{Arriving, NoticeLevel, ShownSeries, ViewKind, ViewportId};
use crate::geometry::Orientation;
use crate::loaded::ImageData;
use crate::ui;
use std::collections::HashSet;
use std::sync::Arc;

impl App {
    /// Pixels as they are shown, and on their way to the graphics device.
    pub(super) fn prepared(&mut self, ready: work::Ready, arriving: Option<Arriving>, complete: bool) -> ShownSeries {
        let work::Ready { loaded, opening } = ready;
        self.generation += 1;
        let generation = self.generation;
        let lossy = loaded.series.instances.iter().any(|i| i.lossy);
        match (&self.gpu, &loaded.image) {
            (Some(gpu), ImageData::Volume(volume)) => {
                let (gpu, volume) = (gpu.clone(), Arc::clone(volume));
                self.pool.spawn("Preparing the picture", move |_, _| Done::Uploaded {
                    generation,
                    result: work::upload(&gpu, &volume),
                });
            }
            (Some(_), ImageData::Pictures(_)) if arriving.is_none() => {
                self.on_gpu.insert(generation);
            }
            // Slices that arrive one by one are drawn by the CPU twin: sending each to the device would take longer.
            (Some(_), ImageData::Pictures(_)) | (None, _) => {}
        }
        ShownSeries { loaded, opening, complete, arriving, lossy, generation }
    }

    /// Lets go of series that no viewport shows, here and on the graphics device.
    pub(super) fn forget_unseen(&mut self) {
        let wanted: HashSet<String> = self.view.layout.viewports().filter_map(|v| v.series.clone()).collect();
        self.beside.retain(|key, _| wanted.contains(key));
        self.coming.retain(|key| wanted.contains(key));
        let reading = self.view.reading.clone();
        self.view.sights.retain(|key, _| wanted.contains(key) || reading.as_ref() == Some(key));
        let alive: HashSet<u64> = self.series.iter().chain(self.beside.values()).map(|s| s.generation).collect();
        self.on_gpu.retain(|generation| alive.contains(generation));
        if let Some(state) = &self.render_state {
            ui::picture::retain_volumes(state, &alive);
        }
    }

    /// Brings a series into one viewport; it is read first where it is not on screen.
    pub(super) fn show_in(&mut self, id: ViewportId, key: String) {
        if self.series.is_none() {
            return self.load(key);
        }
        let Some(viewport) = self.view.layout.viewport_mut(id) else { return };
        viewport.series = Some(key.clone());
        viewport.shown = None;
        self.view.active = id;
        if self.shown_series(&key).is_some() {
            self.fit_viewports(&key);
        } else if let Some(catalog) = self.catalog.clone().filter(|_| self.coming.insert(key.clone())) {
            let name = catalog.find_series(&key).map_or_else(String::new, |(_, s)| s.description.clone());
            self.pool.spawn(format!("Reading {name}"), move |progress, cancel| Done::Beside {
                result: work::load(&catalog, &key, progress, cancel).map(Box::new),
                key,
            });
        }
        self.forget_unseen();
    }

    /// A series for a viewport has been read.
    pub(super) fn take_beside(&mut self, key: &str, result: Result<Box<work::Ready>, String>) {
        if !self.coming.remove(key) {
            return;
        }
        match result {
            Ok(ready) => {
                let series = self.prepared(*ready, None, true);
                let sight = self.joined_sight(&series);
                self.view.sights.insert(key.to_owned(), sight);
                self.beside.insert(key.to_owned(), series);
                self.fit_viewports(key);
                self.go_on_to(key);
            }
            Err(text) => {
                let waiting = self.view.layout.viewports_mut().filter(|viewport| viewport.shows(key));
                waiting.for_each(|viewport| viewport.series = None);
                self.notify(NoticeLevel::Error, text);
            }
        }
    }

    /// Where the reader is in a series that comes on screen: where another series in its space is looked at, else in its
    /// middle.
    fn joined_sight(&self, series: &ShownSeries) -> crate::context::Sight {
        let uid = &series.loaded.series.frame_of_reference_uid;
        let mut sight = first_sight(series.geometry());
        let alike = |other: &&ShownSeries| !uid.is_empty() && other.loaded.series.frame_of_reference_uid == *uid;
        let mate = self.series.iter().chain(self.beside.values()).find(alike);
        if let Some(there) = mate.and_then(|mate| self.view.sights.get(&mate.key())) {
            (sight.crosshair_lps, sight.turn) = (there.crosshair_lps, there.turn);
        }
        sight
    }

    /// Viewports of one series show another from now on, at the same place: the steps of a 4D group.
    pub(super) fn rename_shown(&mut self, from: &str, to: &str) {
        for viewport in self.view.layout.viewports_mut().filter(|viewport| viewport.shows(from)) {
            viewport.series = Some(to.to_owned());
            viewport.shown = None;
        }
        if let Some(sight) = self.view.sights.remove(from) {
            self.view.sights.insert(to.to_owned(), sight);
        }
    }

    /// Gives viewports that show a series from now on a view that it has, and its window.
    fn fit_viewports(&mut self, key: &str) {
        let Some(series) = self.shown_series(key) else { return };
        let (is_volume, opening) = (series.geometry().is_some(), series.opening);
        for viewport in self.view.layout.viewports_mut().filter(|v| v.shows(key) && v.shown.is_none()) {
            if viewport.kind.needs_volume() != is_volume {
                viewport.kind = if is_volume { ViewKind::Plane(Orientation::Axial) } else { ViewKind::Picture };
            }
            viewport.framing = crate::context::Framing::default();
            viewport.open_with(&opening);
        }
    }

    pub(super) fn set_kind(&mut self, id: ViewportId, kind: ViewKind) {
        let key = self.view.layout.viewport(id).and_then(|viewport| viewport.series.clone());
        let Some(key) = key else { return };
        let Some(opening) = self.shown_series(&key).map(|series| series.opening) else { return };
        let Some(viewport) = self.view.layout.viewport_mut(id) else { return };
        (viewport.kind, viewport.shown) = (kind, None);
        viewport.framing = crate::context::Framing::default();
        viewport.open_with(&opening);
    }

    /// Consecutive slices of the active viewport's series in all viewports.
    pub(super) fn tile(&mut self, id: ViewportId) {
        let first = self.view.layout.cells[0].viewport.id;
        self.view.layout.tile(id);
        (self.view.active, self.view.maximized) = (first, None);
        self.forget_unseen();
    }

    /// A grid of so many rows and columns; what was in cells that go is let go.
    pub(super) fn set_grid(&mut self, rows: u8, columns: u8) {
        self.view.layout.set_grid(rows, columns);
        self.view.maximized = None;
        if self.view.layout.viewport(self.view.active).is_none() {
            self.view.active = self.view.layout.cells[0].viewport.id;
        }
        self.forget_unseen();
    }
}
