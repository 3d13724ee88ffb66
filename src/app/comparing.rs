//! Current and prior in one viewport or side by side, and viewports that are framed alike.

use super::App;
use super::view_commands::ZOOM;
use crate::context::{Framing, LinkCommand, NoticeLevel, ViewKind, Viewport, ViewportId};
use crate::geometry::{DVec2, SlicePlane};
use crate::hanging::Studies;
use crate::reading::priors::{GOOD_MATCH, matches};
use crate::registration::Link;

/// Planes whose normals are nearer than this (cosine) show the same directions.
const ALIKE: f64 = 0.9;

impl App {
    /// Exchanges current and prior in the active viewport, at the same place.
    pub(super) fn exchange_prior(&mut self) {
        let id = self.view.active;
        let Some(viewport) = self.view.layout.viewport(id) else { return };
        let Some(shown) = viewport.series.clone() else { return };
        let other = viewport.exchanged.clone().map_or_else(|| self.counterpart(&shown), Ok);
        match other {
            Ok(other) => {
                let before = viewport.clone();
                self.bring(id, &before, other, Some(shown));
            }
            Err(text) => self.notify(NoticeLevel::Info, text),
        }
    }

    /// Shows the prior in the viewport beside the active one.
    pub(super) fn prior_beside(&mut self) {
        let Some(active) = self.view.active_viewport().cloned() else { return };
        let Some(shown) = active.series.clone() else { return };
        match self.counterpart(&shown) {
            Ok(other) => {
                let beside = self.viewport_beside(&other);
                self.bring(beside, &active, other, None);
                self.view.active = active.id;
            }
            Err(text) => self.notify(NoticeLevel::Info, text),
        }
    }

    /// Where something is put beside the active viewport: where it is already, in an empty cell, in the next one, or in a
    /// second column.
    fn viewport_beside(&mut self, key: &str) -> ViewportId {
        self.view.maximized = None;
        let active = self.view.active;
        if self.view.layout.viewports().count() == 1 {
            self.set_grid(1, 2);
        }
        let ids: Vec<ViewportId> = self.view.layout.viewports().map(|viewport| viewport.id).collect();
        let at = ids.iter().position(|id| *id == active).unwrap_or(0);
        let others = || self.view.layout.viewports().filter(|viewport| viewport.id != active);
        let there = others().find(|viewport| viewport.shows(key));
        let found = there.or_else(|| others().find(|viewport| viewport.series.is_none()));
        found.map_or(ids[(at + 1) % ids.len()], |viewport| viewport.id)
    }

    /// The series of a prior that shows what a series shows; of a prior's series, that of the current study.
    fn counterpart(&self, key: &str) -> Result<String, String> {
        const NONE: &str = "There is no earlier study of this patient among those that are open.";
        let catalog = self.catalog.as_ref().ok_or(NONE)?;
        let (study, series) = catalog.find_series(key).ok_or(NONE)?;
        let read = self.view.reading.as_deref().and_then(|key| catalog.find_series(key));
        let (current, _) = read.ok_or(NONE)?;
        let studies = Studies::new(current, &catalog.studies, self.confirmed_priors());
        let priors = studies.priors();
        if priors.iter().any(|prior| prior.uid == study.uid) {
            let found = matches(series, current).into_iter().next();
            return found
                .map(|found| found.series.key())
                .ok_or_else(|| "The current study shows nothing like it.".into());
        }
        if study.uid != current.uid {
            return Err("This is no study of the patient that is read.".into());
        }
        if let (true, Some(waiting)) = (priors.is_empty(), studies.unconfirmed().first()) {
            let day = crate::study::shown_day(&waiting.date);
            return Err(format!("The study of {day} may be this patient's: confirm it in the Hang menu first."));
        }
        let mut best: Vec<_> = priors.iter().filter_map(|prior| matches(series, prior).into_iter().next()).collect();
        if let Some(good) = best.iter().find(|found| found.score >= GOOD_MATCH) {
            return Ok(good.series.key());
        }
        best.sort_by_key(|found| -found.score);
        let found = best.first().filter(|found| found.score > 0).map(|found| found.series.key());
        found.ok_or_else(|| if priors.is_empty() { NONE.into() } else { "No earlier study shows the same.".into() })
    }

    /// Brings a series into a viewport, framed and windowed as another one is.
    fn bring(&mut self, id: ViewportId, like: &Viewport, key: String, exchanged: Option<String>) {
        let Some(viewport) = self.view.layout.viewport_mut(id) else { return };
        let carried = Some(Box::new(Viewport { carried: None, ..like.clone() }));
        *viewport = Viewport {
            series: Some(key.clone()),
            kind: like.kind,
            zoom_linked: like.zoom_linked,
            exchanged,
            carried,
            ..Viewport::empty(id)
        };
        self.hangings.leave();
        if self.shown_series(&key).is_some() {
            self.place_series(&key);
        } else {
            self.fetch(&key);
        }
        self.forget_unseen();
    }

    /// Gives viewports whose series has come the window and framing that they carry over.
    pub(super) fn carry_over(&mut self, key: &str) {
        let waits = |viewport: &&Viewport| viewport.shows(key) && viewport.carried.is_some();
        let ids: Vec<ViewportId> = self.view.layout.viewports().filter(waits).map(|viewport| viewport.id).collect();
        for id in ids {
            let Some(before) = self.view.layout.viewport_mut(id).and_then(|viewport| viewport.carried.take()) else {
                continue;
            };
            let framing = self.carried_framing(id, &before);
            let alike = self.are_alike(&before, key);
            let Some(viewport) = self.view.layout.viewport_mut(id).filter(|viewport| viewport.kind == before.kind)
            else {
                continue;
            };
            if alike {
                (viewport.voi, viewport.inverted, viewport.color_map) = (before.voi, before.inverted, before.color_map);
            }
            (viewport.slab, viewport.filter, viewport.turn_deg) = (before.slab, before.filter, before.turn_deg);
            viewport.framing = framing.unwrap_or_default();
        }
    }

    /// True where one window means the same for both.
    fn are_alike(&self, before: &Viewport, key: &str) -> bool {
        let before = before.series.as_deref().and_then(|key| self.shown_series(key));
        let (Some(a), Some(b)) = (before, self.shown_series(key)) else { return false };
        a.loaded.series.modality == b.loaded.series.modality && a.opening.values == b.opening.values
    }

    /// As many mm per pixel as before, and the same middle where the two series are linked.
    fn carried_framing(&self, id: ViewportId, before: &Viewport) -> Option<Framing> {
        let own = self.view.layout.viewport(id)?.series.as_deref().and_then(|key| self.shown_series(key))?;
        let old = before.series.as_deref().and_then(|key| self.shown_series(key))?;
        let framing = self.framing_like(id, &before.shown?, old.link_to(own, &self.view.links).as_ref())?;
        Some(framing)
    }

    /// The framing with which a viewport shows as many mm per pixel as a plane, around the same middle where that is known
    /// and both planes show the same directions.
    fn framing_like(&self, id: ViewportId, like: &SlicePlane, link: Option<&Link>) -> Option<Framing> {
        let (viewport, series, sight) = self.looked_at(id)?;
        let geometry = series.geometry()?;
        let axes = viewport.axes(geometry, sight)?;
        let size_px = viewport.shown.map_or(like.size_px, |plane| plane.size_px);
        let unframed = Viewport { framing: Framing::default(), ..viewport.clone() };
        let fitted = unframed.plane(geometry, &axes, sight.crosshair_lps, size_px);
        let zoom = (fitted.pixel_mm / like.pixel_mm).clamp(*ZOOM.start(), *ZOOM.end());
        let normal = fitted.normal_lps();
        let linked = link.filter(|link| link.direction(like.normal_lps()).dot(normal).abs() > ALIKE);
        let pan = linked.map(|link| {
            let away = link.point(like.center_lps) - fitted.center_lps;
            -DVec2::new(away.dot(axes.u_lps), away.dot(axes.v_lps))
        });
        Some(Framing { zoom, pan: pan.unwrap_or(viewport.framing.pan) })
    }

    /// Frames the others that are linked in zoom as one that was zoomed or moved.
    pub(super) fn follow_zoom(&mut self, id: ViewportId) {
        let Some((viewport, series, sight)) = self.looked_at(id).filter(|(viewport, ..)| viewport.zoom_linked) else {
            return;
        };
        let (Some(geometry), Some(shown)) = (series.geometry(), viewport.shown) else { return };
        let Some(axes) = viewport.axes(geometry, sight) else { return };
        let like = viewport.plane(geometry, &axes, sight.crosshair_lps, shown.size_px);
        let mates = self.view.layout.viewports().filter(|mate| mate.id != id && mate.zoom_linked);
        let framed = mates.filter_map(|mate| {
            let (_, other, _) = self.looked_at(mate.id)?;
            let link = series.link_to(other, &self.view.links);
            Some((mate.id, self.framing_like(mate.id, &like, link.as_ref())?))
        });
        for (mate, framing) in framed.collect::<Vec<_>>() {
            if let Some(viewport) = self.view.layout.viewport_mut(mate) {
                viewport.framing = framing;
            }
        }
    }

    pub(super) fn link_zoom(&mut self, id: ViewportId, on: bool) {
        if let Some(viewport) = self.view.layout.viewport_mut(id) {
            viewport.zoom_linked = on;
        }
        self.follow_zoom(self.view.active);
    }

    /// Links the zoom of all planes on screen; a second time it leaves the active one free.
    pub(super) fn toggle_zoom_link(&mut self) {
        let active = self.view.active;
        if self.view.active_viewport().is_some_and(|viewport| viewport.zoom_linked) {
            return self.link_zoom(active, false);
        }
        for viewport in self.view.layout.viewports_mut().filter(|v| matches!(v.kind, ViewKind::Plane(_))) {
            viewport.zoom_linked = true;
        }
        self.follow_zoom(active);
    }

    /// The active viewport's series scrolls alone from now on, or with its links again.
    pub(super) fn toggle_scroll_link(&mut self) {
        let active = self.view.active;
        let key = self.view.active_viewport().and_then(|viewport| viewport.series.clone());
        let alone = key.is_some_and(|key| self.view.linking.alone.contains(&key));
        self.apply_to_links(LinkCommand::LinkScroll(active, alone));
    }

    /// Pauses the turns in the active viewport, or lets them go on.
    pub(super) fn pause_turns(&mut self) {
        let active = self.view.active;
        if let Some(over) = self.view.layout.viewport_mut(active).and_then(|viewport| viewport.over.as_mut()) {
            over.paused = over.blinks && !over.paused;
        }
    }
}
