//! Registration in the window: found in a job, used, judged by a person, saved, read from a file; and links by position.

mod job;

use super::App;
use super::results::Done;
use crate::context::{
    LinkCommand, MapSource, NoticeLevel, RegisteredPair, Tab, Use, ViewKind, Viewport, ViewportId, one_patient,
    said_series, space_of,
};
use crate::geometry::DAffine3;
use crate::io::objects::Object;
use crate::io::registration::RegisteredFrame;
use crate::registration::Registration;
use crate::study::Identity;
use job::Source;
use std::path::PathBuf;

/// What jobs about links bring back.
pub enum LinkDone {
    /// A registration of two series, and why a person must judge it whatever the verdict.
    Registered { pair: [String; 2], unsure: Option<String>, result: Result<Box<Registration>, String> },
    /// A folder to save a map in was chosen.
    Picked(u64, Result<Option<PathBuf>, String>),
}

impl App {
    pub(super) fn apply_to_links(&mut self, command: LinkCommand) {
        match command {
            LinkCommand::Register { fixed, moving } => self.register(fixed, moving),
            LinkCommand::Look(id) => self.look_at_pair(id),
            LinkCommand::Accept(id) => self.use_pair(id, Use::Accepted),
            LinkCommand::Undo(id) => self.use_pair(id, Use::Waiting),
            LinkCommand::Remove(id) => {
                self.use_pair(id, Use::Failed);
                self.view.linking.pairs.retain(|pair| pair.id != id);
            }
            LinkCommand::Save(id) => {
                let dialog = super::work::dialog(true, self.last_folder.as_deref());
                self.pool.spawn("Waiting for the folder dialog", move |_, _| {
                    let picked = super::work::picked(dialog).map(|paths| paths.into_iter().next());
                    Done::Link(LinkDone::Picked(id, picked))
                });
            }
            LinkCommand::SaveTo(id, folder) => self.save_pair(id, folder),
            LinkCommand::Apply => self.apply_registration_object(),
            LinkCommand::ByPosition(a, b) => self.link_by_position(a, b),
            LinkCommand::Unlink(viewport) => self.unlink(viewport),
            LinkCommand::LinkZoom(viewport, on) => self.link_zoom(viewport, on),
            LinkCommand::LinkScroll(viewport, on) => self.link_scroll(viewport, on),
        }
    }

    pub(super) fn link_done(&mut self, done: LinkDone) {
        match done {
            LinkDone::Registered { pair, unsure, result: Ok(found) } => self.registered(pair, unsure, *found),
            LinkDone::Registered { result: Err(text), .. } | LinkDone::Picked(_, Err(text)) => {
                self.notify(NoticeLevel::Error, text);
            }
            LinkDone::Picked(id, Ok(Some(folder))) => self.save_pair(id, folder),
            LinkDone::Picked(_, Ok(None)) => {}
        }
    }

    /// The series of a key: with its pixels where it is on screen, else to be read.
    fn source(&self, key: &str) -> Option<Source> {
        if let Some(series) = self.shown_series(key).filter(|series| series.complete) {
            return Some(Source::There(Box::new(series.loaded.clone())));
        }
        let catalog = self.catalog.clone().filter(|catalog| catalog.find_series(key).is_some())?;
        Some(Source::ToRead(catalog, key.to_owned()))
    }

    /// Registers the series on screen that is not linked yet with the one of the active viewport.
    pub(super) fn register_with_active(&mut self) {
        let Some(fixed) = self.active_key() else { return };
        let unlinked = |viewport: &Viewport| {
            let over = viewport.over.as_ref().map(|over| over.series.clone());
            let series = over.into_iter().chain(viewport.series.clone());
            series.into_iter().find(|key| self.can_be_registered(&fixed, key))
        };
        let moving = self.view.on_screen().find_map(unlinked);
        match moving {
            Some(moving) => self.register(fixed, moving),
            None => self.notify(
                NoticeLevel::Info,
                "There is no other volume on screen that is not linked: show one beside, or choose it in the viewport's menu \
                 under Register.",
            ),
        }
    }

    fn active_key(&self) -> Option<String> {
        self.view.active_viewport().and_then(|viewport| viewport.series.clone())
    }

    fn can_be_registered(&self, fixed: &str, moving: &str) -> bool {
        let (Some(a), Some(b)) = (self.shown_series(fixed), self.shown_series(moving)) else { return false };
        b.loaded.volume().is_some() && a.link_to(b, &self.view.links).is_none()
    }

    fn register(&mut self, fixed: String, moving: String) {
        let (Some(a), Some(b)) = (self.source(&fixed), self.source(&moving)) else { return };
        let (Some((study_a, series_a)), Some((study_b, series_b))) = (a.found(), b.found()) else { return };
        if space_of(series_a) == space_of(series_b) {
            let text = "Both series have one frame of reference: they are linked without a registration.";
            return self.notify(NoticeLevel::Info, text);
        }
        let unsure = match one_patient(study_a, study_b) {
            Identity::Same(oddity) => oddity,
            Identity::Unconfirmed(why) => Some(why),
            Identity::Different(why) => {
                return self
                    .notify(NoticeLevel::Error, format!("Not registered: these are different patients ({why})."));
            }
        };
        let name = format!("Registering {} with {}", series_b.modality, series_a.modality);
        self.pool.spawn(name, move |progress, cancel| {
            let result = job::register(a, b, progress, cancel).map(Box::new);
            Done::Link(LinkDone::Registered { pair: [fixed, moving], unsure, result })
        });
    }

    /// A registration was found: a good one links, a doubtful one waits for a person, a failed one is said.
    fn registered(&mut self, series: [String; 2], unsure: Option<String>, found: Registration) {
        let Some([names, spaces]) = self.names_and_spaces(&series) else { return };
        let state = RegisteredPair::first_use(found.verdict, unsure.is_none());
        let reasons = found.reasons.iter().cloned().chain(unsure).collect();
        let moving_from_fixed = found.moving_from_fixed;
        let source = MapSource::Found(Box::new(found));
        let pair = RegisteredPair { id: 0, series, spaces, names, moving_from_fixed, source, state, reasons };
        let residual = pair.residual();
        let first_reason = pair.reasons.first().cloned().unwrap_or_default();
        self.add_pair(pair);
        let (level, text) = match state {
            Use::Failed => (NoticeLevel::Warning, format!("The registration failed and is not used. {first_reason}")),
            Use::Waiting => (
                NoticeLevel::Warning,
                format!(
                    "The registration needs your judgment ({residual}). {first_reason} Look at the fused picture (Info), then \
                     accept or reject it."
                ),
            ),
            _ => (NoticeLevel::Info, format!("Linked by registration: {residual}.")),
        };
        self.notify(level, text);
        (self.view.tab, self.view.panels_shown) = (Tab::Info, true);
    }

    fn names_and_spaces(&self, series: &[String; 2]) -> Option<[[String; 2]; 2]> {
        let of = |key: &String| {
            let source = self.source(key)?;
            let (study, series) = source.found()?;
            Some((said_series(study, series), space_of(series)))
        };
        let [(name_a, space_a), (name_b, space_b)] = [of(&series[0])?, of(&series[1])?];
        Some([[name_a, name_b], [space_a, space_b]])
    }

    /// Takes a map in the place of an older one between the same spaces.
    fn add_pair(&mut self, pair: RegisteredPair) {
        let state = pair.state;
        let older = |old: &RegisteredPair| pair.spaces.iter().all(|space| old.spaces.contains(space));
        let replaced: Vec<u64> = self.view.linking.pairs.iter().filter(|old| older(old)).map(|old| old.id).collect();
        replaced.into_iter().for_each(|id| self.apply_to_links(LinkCommand::Remove(id)));
        self.last_pair += 1;
        let id = self.last_pair;
        self.view.linking.pairs.push(RegisteredPair { id, state: Use::Waiting, ..pair });
        self.use_pair(id, state);
    }

    /// From now on a map is used like this.
    fn use_pair(&mut self, id: u64, state: Use) {
        let Some(pair) = self.view.linking.pairs.iter_mut().find(|pair| pair.id == id) else { return };
        let linked_before = std::mem::replace(&mut pair.state, state).links();
        let [fixed, moving] = pair.spaces.clone();
        let map = pair.moving_from_fixed;
        if state.links() {
            self.view.links.remove(&fixed, &moving);
            self.view.links.add(&fixed, &moving, map);
            self.gather();
        } else if linked_before {
            self.view.links.remove(&fixed, &moving);
            self.take_off_unlinked();
        }
    }

    /// Series that are linked now go where the active viewport is.
    fn gather(&mut self) {
        let Some(key) = self.active_key() else { return };
        let at = self.view.sight(&key).crosshair_lps;
        self.move_crosshair(&key, at);
    }

    /// What has no place over a series any more is taken off it.
    fn take_off_unlinked(&mut self) {
        let unlinked = |viewport: &Viewport| {
            let (first, over) = (viewport.series.as_deref()?, viewport.over.as_ref()?);
            let (first, second) = (self.shown_series(first)?, self.shown_series(&over.series)?);
            first.link_to(second, &self.view.links).is_none().then_some(viewport.id)
        };
        let ids: Vec<ViewportId> = self.view.layout.viewports().filter_map(unlinked).collect();
        for viewport in self.view.layout.viewports_mut().filter(|viewport| ids.contains(&viewport.id)) {
            viewport.over = None;
        }
    }

    /// Lays the moving series over the fixed one so that a person can judge.
    fn look_at_pair(&mut self, id: u64) {
        let Some(pair) = self.view.linking.pairs.iter().find(|pair| pair.id == id) else { return };
        let ([fixed, moving], waits) = (pair.series.clone(), pair.state == Use::Waiting);
        let is_plane = |viewport: &&Viewport| viewport.shows(&fixed) && matches!(viewport.kind, ViewKind::Plane(_));
        let place = self.view.on_screen().find(is_plane).map(|viewport| viewport.id);
        let Some(place) = place else {
            let text = "The fixed series is on screen in no plane: show it to look at the fused picture.";
            return self.notify(NoticeLevel::Info, text);
        };
        if waits {
            self.use_pair(id, Use::OnTrial);
        }
        self.view.active = place;
        self.lay_over(place, &moving);
    }

    fn save_pair(&mut self, id: u64, folder: PathBuf) {
        let Some(pair) = self.view.linking.pairs.iter().find(|pair| pair.id == id).cloned() else { return };
        let sources = pair.series.clone().map(|key| self.source(&key));
        let [Some(fixed), Some(moving)] = sources else {
            return self
                .notify(NoticeLevel::Warning, "The two series are not open any more: open them to save the map.");
        };
        let root = self
            .catalog
            .as_ref()
            .and_then(|catalog| Some(catalog.root_of(catalog.find_series(&pair.series[0])?.1).to_owned()));
        let person = if pair.state == Use::Accepted { self.reader.clone() } else { String::new() };
        self.pool.spawn("Saving the registration", move |progress, cancel| {
            let saved = job::save(&pair, [fixed, moving], (&folder, root.as_deref(), person), (progress, cancel));
            Done::Exported(saved)
        });
    }

    /// Uses the maps of the Spatial Registration object that is open.
    fn apply_registration_object(&mut self) {
        let Some((view, content)) = self.objects.view.as_ref().and_then(|v| Some((v.clone(), v.content.clone()?)))
        else {
            return;
        };
        let Object::Registration(map) = &content.object else { return };
        let ids = [
            content.belonging.patient_id.clone(),
            self.series.as_ref().map(|series| series.loaded.study.patient.id.clone()).unwrap_or_default(),
        ];
        if ids.iter().all(|id| !id.is_empty()) && ids[0] != ids[1] {
            let text = "The registration is of another patient (Patient ID differs) than the images on screen.";
            return self.notify(NoticeLevel::Error, text);
        }
        let frame = map.frame_of_reference_uid.clone();
        let usable = |item: &&RegisteredFrame| {
            ![String::new(), frame.clone()].contains(&item.frame_of_reference_uid) && !frame.is_empty()
        };
        let pairs: Vec<RegisteredPair> =
            map.items.iter().filter(usable).map(|item| self.pair_of_file(&frame, item, &view.source)).collect();
        let count = pairs.len();
        pairs.into_iter().for_each(|pair| self.add_pair(pair));
        let text = match count {
            0 => "It maps no frame of reference into another one: nothing to link.".to_owned(),
            1 => format!("Linked by {}.", view.source),
            n => format!("Linked by {}: {n} frames of reference.", view.source),
        };
        self.notify(if count == 0 { NoticeLevel::Warning } else { NoticeLevel::Info }, text);
    }

    fn pair_of_file(&self, frame: &str, item: &RegisteredFrame, source: &str) -> RegisteredPair {
        let series = |frame: &str| {
            let catalog = self.catalog.as_ref()?;
            let (study, series) = catalog.series().find(|(_, series)| series.frame_of_reference_uid == frame)?;
            Some((series.key(), said_series(study, series)))
        };
        let spaces = [frame.to_owned(), item.frame_of_reference_uid.clone()];
        let [fixed, moving] = spaces
            .each_ref()
            .map(|space| series(space).unwrap_or_else(|| (String::new(), "a series that is not open".to_owned())));
        RegisteredPair {
            id: 0,
            series: [fixed.0, moving.0],
            spaces,
            names: [fixed.1, moving.1],
            moving_from_fixed: DAffine3::inverse(&item.registered_from_own),
            source: MapSource::File(source.to_owned()),
            state: Use::Linked,
            reasons: Vec::new(),
        }
    }

    /// Links the active viewport and the first other one that has no common space with it.
    pub(super) fn link_active_by_position(&mut self) {
        let Some(active) = self.looked_at(self.view.active).map(|(_, series, _)| series) else { return };
        let other = self.view.on_screen().find(|viewport| {
            let other = viewport.series.as_deref().and_then(|key| self.shown_series(key));
            other.is_some_and(|other| active.link_to(other, &self.view.links).is_none())
        });
        match other.map(|viewport| viewport.id) {
            Some(other) => self.link_by_position(self.view.active, other),
            None => self.notify(NoticeLevel::Info, "No other viewport shows a series that is not linked already."),
        }
    }

    fn link_by_position(&mut self, a: ViewportId, b: ViewportId) {
        let (Some((_, first, here)), Some((_, second, there))) = (self.looked_at(a), self.looked_at(b)) else { return };
        let refused = if first.geometry().is_none() || second.geometry().is_none() {
            Some("Only volumes can be linked by position: a picture has no place in the patient.".to_owned())
        } else if let Identity::Different(why) = one_patient(&first.loaded.study, &second.loaded.study) {
            Some(format!("Not linked: these are different patients ({why})."))
        } else {
            first.link_to(second, &self.view.links).map(|link| format!("They are linked already, by {}.", link.basis()))
        };
        if let Some(text) = refused {
            return self.notify(NoticeLevel::Warning, text);
        }
        let (spaces, places) = ([first.space(), second.space()], [here.crosshair_lps, there.crosshair_lps]);
        if self.view.links.add_position(&spaces[0], places[0], &spaces[1], places[1]) {
            let text = "Linked by position: what lies under both crosshairs now is taken for the same place, without any turn.";
            self.notify(NoticeLevel::Info, text);
        }
    }

    /// Forgets what links the series of a viewport to others.
    fn unlink(&mut self, viewport: ViewportId) {
        let Some(space) = self.looked_at(viewport).map(|(_, series, _)| series.space()) else { return };
        let pairs = self.view.linking.pairs.iter().filter(|pair| pair.spaces.contains(&space) && pair.state.links());
        let ids: Vec<u64> = pairs.map(|pair| pair.id).collect();
        ids.into_iter().for_each(|id| self.use_pair(id, Use::Waiting));
        self.view.links.unlink(&space);
        self.take_off_unlinked();
    }

    fn link_scroll(&mut self, viewport: ViewportId, on: bool) {
        let Some(key) = self.view.layout.viewport(viewport).and_then(|viewport| viewport.series.clone()) else {
            return;
        };
        let alone = &mut self.view.linking.alone;
        if on {
            alone.remove(&key);
            self.gather();
        } else {
            alone.insert(key);
        }
    }
}
