//! Series in viewports: which are on screen beside the one that is read, how they come, and when they are let go.

use super::results::Done;
use super::{App, work};
use crate::context::{Arriving, Change, Framing, NoticeLevel, Over, ShownSeries, ViewKind, Viewport, ViewportId};
use crate::geometry::{DQuat, Orientation};
use crate::loaded::ImageData;
use crate::registration::Link;
use crate::render::{Slab, SlabMode};
use crate::ui;
use std::collections::HashSet;
use std::sync::Arc;

/// Thicknesses that keys go through.
const SLABS_MM: [f64; 10] = [2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0];

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
        let wanted: HashSet<String> =
            self.view.layout.viewports().flat_map(Viewport::needs).map(str::to_owned).collect();
        self.beside.retain(|key, _| wanted.contains(key));
        self.coming.retain(|key| wanted.contains(key));
        let reading = self.view.reading.clone();
        self.view.sights.retain(|key, _| wanted.contains(key) || reading.as_ref() == Some(key));
        let alive: HashSet<u64> = self.series.iter().chain(self.beside.values()).map(|s| s.generation).collect();
        self.on_gpu.retain(|generation| alive.contains(generation));
        self.forget_solids(&alive);
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
        *viewport = Viewport { series: Some(key.clone()), kind: viewport.kind, ..Viewport::empty(id) };
        self.view.active = id;
        self.hangings.leave();
        if self.shown_series(&key).is_some() {
            self.fit_viewports(&key);
        } else {
            self.fetch(&key);
        }
        self.forget_unseen();
    }

    /// Reads a series that a viewport waits for.
    pub(super) fn fetch(&mut self, key: &str) {
        let Some(catalog) = self.catalog.clone().filter(|_| self.coming.insert(key.to_owned())) else { return };
        let name = catalog.find_series(key).map_or_else(String::new, |(_, s)| s.description.clone());
        let key = key.to_owned();
        self.pool.spawn(format!("Reading {name}"), move |progress, cancel| Done::Beside {
            result: work::load(&catalog, &key, progress, cancel).map(Box::new),
            key,
        });
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
                self.place_series(key);
                self.go_on_to(key);
            }
            Err(text) => {
                for viewport in self.view.layout.viewports_mut() {
                    viewport.series.take_if(|series| series == key);
                    viewport.over.take_if(|over| over.series == key);
                }
                self.notify(NoticeLevel::Error, text);
            }
        }
    }

    /// Where the reader is in a series that comes on screen: where another series in its space is looked at, else in its
    /// middle.
    fn joined_sight(&self, series: &ShownSeries) -> crate::context::Sight {
        let mut sight = self.start_of(&series.key(), series.geometry());
        let linked = |mate: &ShownSeries| {
            let link = mate.link_to(series, &self.view.links)?;
            Some((link, self.view.sights.get(&mate.key())?))
        };
        if let Some((link, there)) = self.series.iter().chain(self.beside.values()).find_map(linked) {
            sight.crosshair_lps = link.point(there.crosshair_lps);
            sight.turn = turned(&link, there.turn);
        }
        sight
    }

    /// Dresses every viewport that waits for a series, as what is shown there and as what lies over it.
    pub(super) fn place_series(&mut self, key: &str) {
        self.fit_viewports(key);
        let Some(series) = self.series.as_ref().filter(|s| s.key() == key).or_else(|| self.beside.get(key)) else {
            return;
        };
        let overs = self.view.layout.viewports_mut().filter_map(|viewport| viewport.over.as_mut());
        overs.filter(|over| over.series == key && !over.dressed).for_each(|over| over.dress(series));
        self.check_over(key);
        self.carry_over(key);
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
        for viewport in self.view.layout.viewports_mut().filter(|v| v.shows(key) && !v.dressed) {
            if viewport.kind.needs_volume() != is_volume {
                viewport.kind = if is_volume { ViewKind::Plane(Orientation::Axial) } else { ViewKind::Picture };
            }
            viewport.framing = Framing::default();
            viewport.open_with(&opening);
        }
    }

    /// Lays a series over the one in a viewport; it is read first where it is not on screen.
    pub(super) fn lay_over(&mut self, id: ViewportId, key: &str) {
        let shown = self.view.layout.viewport(id).and_then(|viewport| viewport.series.clone());
        if shown.is_none_or(|shown| shown == key) {
            return;
        }
        // Until it is there nothing is drawn of it; its window comes with it.
        let mut over = Over::waiting(key);
        let there = self.shown_series(key).map(|second| over.dress(second)).is_some();
        if let Some(viewport) = self.view.layout.viewport_mut(id) {
            viewport.over = Some(over);
        }
        if there {
            self.check_over(key);
        } else {
            self.fetch(key);
        }
        self.forget_unseen();
    }

    /// Says so where what lies over a series has no place in its space.
    fn check_over(&mut self, key: &str) {
        let lies_over = |viewport: &Viewport| viewport.over.as_ref().is_some_and(|over| over.series == key);
        let Some(second) = self.shown_series(key).filter(|_| self.view.layout.viewports().any(lies_over)) else {
            return;
        };
        let unlinked = |viewport: &&Viewport| {
            let first = viewport.series.as_deref().and_then(|first| self.shown_series(first));
            lies_over(viewport) && first.is_some_and(|first| first.link_to(second, &self.view.links).is_none())
        };
        if second.geometry().is_none() {
            self.notify(NoticeLevel::Warning, "Only a volume can be laid over another series.");
        } else if self.view.layout.viewports().any(|viewport| unlinked(&viewport)) {
            self.notify(NoticeLevel::Warning, format!("{}.", sentence(&crate::registration::NoLink)));
        }
    }

    /// Shows what is in a viewport otherwise.
    pub(super) fn change_viewport(&mut self, id: ViewportId, change: Change) {
        let key = self.view.layout.viewport(id).and_then(|viewport| viewport.series.clone());
        let opening = key.and_then(|key| self.shown_series(&key)).map(|series| series.opening);
        let Some(viewport) = self.view.layout.viewport_mut(id) else { return };
        match change {
            Change::Kind(kind) => {
                let Some(opening) = opening else { return };
                (viewport.kind, viewport.shown) = (kind, None);
                viewport.framing = Framing::default();
                viewport.open_with(&opening);
            }
            Change::Slab(slab) => viewport.slab = slab,
            Change::Colors(color_map) => viewport.color_map = color_map,
            Change::Filter(filter) => viewport.filter = filter,
            Change::Over(over) => {
                viewport.over = over;
                self.forget_unseen();
            }
        }
    }

    /// The next thickness of a slab up or down; beyond the thinnest there is none.
    pub(super) fn step_slab(&mut self, id: ViewportId, thicker: bool) {
        let Some(viewport) = self.view.layout.viewport_mut(id) else { return };
        let now = viewport.slab.map_or(0.0, |slab| slab.thickness_mm);
        let mode = viewport.slab.map_or(SlabMode::Maximum, |slab| slab.mode);
        let next = if thicker {
            SLABS_MM.into_iter().find(|mm| *mm > now).or(Some(now))
        } else {
            SLABS_MM.into_iter().rev().find(|mm| *mm < now)
        };
        viewport.slab = next.map(|thickness_mm| Slab { thickness_mm, mode });
    }

    /// Maximum, minimum, mean, sum, and from the beginning again.
    pub(super) fn next_slab_mode(&mut self, id: ViewportId) {
        let Some(slab) = self.view.layout.viewport_mut(id).and_then(|viewport| viewport.slab.as_mut()) else { return };
        slab.mode = match slab.mode {
            SlabMode::Maximum => SlabMode::Minimum,
            SlabMode::Minimum => SlabMode::Mean,
            SlabMode::Mean => SlabMode::Sum,
            SlabMode::Sum => SlabMode::Maximum,
        };
    }

    /// Consecutive slices of the active viewport's series in all viewports.
    pub(super) fn tile(&mut self, id: ViewportId) {
        let first = self.view.layout.cells[0].viewport.id;
        self.view.layout.tile(id);
        self.hangings.leave();
        (self.view.active, self.view.maximized) = (first, None);
        self.forget_unseen();
    }

    /// A grid of so many rows and columns; what was in cells that go is let go.
    pub(super) fn set_grid(&mut self, rows: u8, columns: u8) {
        self.view.layout.set_grid(rows, columns);
        self.view.maximized = None;
        self.hangings.leave();
        if self.view.layout.viewport(self.view.active).is_none() {
            self.view.active = self.view.layout.cells[0].viewport.id;
        }
        self.forget_unseen();
    }
}

/// A turn of planes as it is in another space.
pub(super) fn turned(link: &Link, turn: DQuat) -> DQuat {
    let rotation = DQuat::from_mat3(&link.b_from_a().matrix3);
    (rotation * turn * rotation.inverse()).normalize()
}

/// An error as a sentence of its own.
fn sentence(problem: &impl std::fmt::Display) -> String {
    let text = problem.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
