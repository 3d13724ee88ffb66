//! What jobs bring back, and what becomes of it.

use super::object::ObjectDone;
use super::registering::LinkDone;
use super::solid::SolidDone;
use super::verifying::VerifyDone;
use super::{App, work};
use crate::context::{ExportKind, GrayPicture, Layout, NoticeLevel, RecoverableCase, TagRows};
use crate::findings::measurement::Measurement;
use crate::io::objects::ObjectKind;
use crate::jobs::JobError;
use crate::reading::Found;
use crate::render::RgbaPicture;
use crate::render::gpu::GpuVolume;
use crate::study::Catalog;
use crate::ui;
use crate::volume::Volume;
use std::path::PathBuf;
use std::sync::Arc;

/// The value of a finished job. Errors are sentences: they go to the reader as they are.
pub enum Done {
    /// Files and folders were listed.
    Opened { paths: Vec<PathBuf>, result: Result<Catalog, String> },
    /// The demonstration lies in these folders.
    Demo(Result<PathBuf, String>),
    /// One picture of a series that is still being read.
    Preview(Option<work::Early>),
    /// Slices of a volume that is still being read, by k; `None` for those that cannot be read.
    Slices { generation: u64, slices: Vec<(usize, Option<Arc<Volume>>)> },
    /// A small picture for the list.
    Thumbnail { uid: String, picture: Option<GrayPicture> },
    /// A step of the 4D group on screen, read ahead.
    Step(Option<work::Ready>),
    /// A whole series.
    Loaded(Result<work::Ready, String>),
    /// A series for a viewport beside the one that is read, by its key.
    Beside { key: String, result: Result<Box<work::Ready>, String> },
    /// A volume is on the graphics device.
    Uploaded { generation: u64, result: Result<Arc<GpuVolume>, String> },
    /// Models have run.
    Searched { series_uid: String, result: Result<Found, String> },
    /// Files were written.
    Exported(Result<String, String>),
    /// A picture for the clipboard was drawn; `None` without pixels.
    Copied(Option<Box<RgbaPicture>>),
    /// Files or folders were chosen; none when the dialog was left.
    Picked(Result<Vec<PathBuf>, String>),
    /// A folder to export into was chosen.
    PickedFolder(ExportKind, Result<Option<PathBuf>, String>),
    /// Data elements were read.
    Tags(Result<TagRows, String>),
    /// Something of an object that is no image.
    Object(ObjectDone),
    /// Something for a view of a whole volume.
    Solid(SolidDone),
    /// Something about registrations.
    Link(LinkDone),
    /// A view was drawn twice.
    Verified(VerifyDone),
    /// A shape was measured.
    Measured { ticket: u64, result: Result<Box<Measurement>, String> },
    /// Cases that a crash left behind.
    LeftBehind(Vec<crate::case::Recoverable>),
    /// A system font for scripts that the bundled one lacks.
    Font(Option<Vec<u8>>),
}

impl App {
    /// Takes over what has come since the last frame.
    pub(super) fn take_results(&mut self) {
        for finished in self.pool.finished() {
            let superseded = self.superseded.remove(&finished.id);
            match finished.result {
                Ok(done) => self.take(done),
                Err(JobError::Cancelled(_)) if superseded => {}
                Err(JobError::Cancelled(name)) => {
                    self.solid_stopped();
                    self.notify(NoticeLevel::Info, format!("{name} was cancelled."));
                }
                Err(problem) => {
                    self.fetching = false;
                    self.solid_stopped();
                    self.notify(NoticeLevel::Error, problem.to_string());
                }
            }
        }
    }

    fn take(&mut self, done: Done) {
        match done {
            Done::Opened { paths, result } => self.opened(paths, result),
            Done::Demo(Ok(folder)) => self.open(vec![folder]),
            Done::Preview(early) => early.into_iter().for_each(|early| self.preview(early)),
            Done::Slices { generation, slices } => self.take_slices(generation, slices),
            Done::Thumbnail { uid, picture } => {
                if let Some(picture) = picture {
                    self.thumbnails.insert(uid, Arc::new(picture));
                }
                self.next_thumbnail();
            }
            Done::Loaded(Ok(ready)) => self.loaded(ready),
            Done::Step(ready) => ready.into_iter().for_each(|ready| self.keep_step(ready)),
            Done::Beside { key, result } => self.take_beside(&key, result),
            Done::Uploaded { generation, result } => self.uploaded(generation, result),
            Done::Searched { series_uid, result: Ok(found) } => self.take_found(&series_uid, found),
            Done::Copied(picture) => self.copied(picture),
            Done::Exported(Ok(text)) => self.notify(NoticeLevel::Info, text),
            Done::Picked(Ok(paths)) if !paths.is_empty() => self.open(paths),
            Done::PickedFolder(kind, Ok(Some(folder))) => self.export_to(kind, folder),
            Done::Picked(Ok(_)) | Done::PickedFolder(_, Ok(None)) => {}
            Done::Tags(result) => self.tags_read(result),
            Done::Object(done) => self.object_done(done),
            Done::Solid(done) => self.solid_done(done),
            Done::Link(done) => self.link_done(done),
            Done::Verified(done) => self.take_verified(done),
            Done::Measured { ticket, result } => self.measured(ticket, result),
            Done::LeftBehind(cases) => self.offer(cases),
            Done::Font(font) => {
                if let Some(bytes) = font {
                    ui::theme::add_fallback(&self.egui, bytes);
                }
            }
            Done::Loaded(Err(text))
            | Done::Demo(Err(text))
            | Done::Searched { result: Err(text), .. }
            | Done::Picked(Err(text))
            | Done::PickedFolder(_, Err(text))
            | Done::Exported(Err(text)) => self.notify(NoticeLevel::Error, text),
        }
    }

    fn opened(&mut self, paths: Vec<PathBuf>, result: Result<Catalog, String>) {
        let catalog = match result {
            Ok(catalog) => catalog,
            Err(text) => return self.notify(NoticeLevel::Error, text),
        };
        let unread = catalog.unreadable.len();
        if unread > 0 {
            let files = if unread == 1 { "1 file was".to_owned() } else { format!("{unread} files were") };
            self.notify(NoticeLevel::Warning, format!("{files} not read: Info lists them with reasons."));
        }
        self.paths = paths;
        self.remember_opened(&catalog);
        self.start_catalog(&Arc::new(catalog));
    }

    /// Shows the series that is most worth reading first, and fetches thumbnails of all.
    fn start_catalog(&mut self, catalog: &Arc<Catalog>) {
        self.park_case();
        self.series = None;
        self.beside.clear();
        self.coming.clear();
        self.view.reading = None;
        self.view.layout = Layout::default();
        self.view.active = self.view.layout.cells[0].viewport.id;
        self.forget_unseen();
        self.thumbnails.clear();
        self.steps.clear();
        self.forget_objects();
        self.catalog = Some(Arc::clone(catalog));
        let wanted = self.recovering.as_ref().map(|r| r.header.series_uid.clone());
        let wanted = wanted.filter(|uid| catalog.find_series(uid).is_some());
        let best = || crate::reading::best_series(catalog).map(|(uid, _)| uid);
        let any = || catalog.series().find(|(_, s)| s.has_pixels()).map(|(_, s)| s.key());
        if let Some(uid) = wanted.or_else(best).or_else(any) {
            // What was left behind by a crash comes back as it was; else the study hangs as its protocol says.
            let hung = self.hang_study_of(Some(&uid)).filter(|_| self.recovering.is_none());
            self.load(hung.unwrap_or(uid));
        }
        let small = catalog.series().filter(|(_, s)| ObjectKind::of(s).is_none()).map(|(_, s)| s.key());
        self.thumbnail_queue = small.collect();
        self.next_thumbnail();
    }

    /// One thumbnail after the other: reading the series on screen comes first.
    fn next_thumbnail(&mut self) {
        let (Some(uid), Some(catalog)) = (self.thumbnail_queue.pop_front(), self.catalog.clone()) else { return };
        self.pool.spawn("Thumbnails", move |_, _| Done::Thumbnail { picture: work::thumbnail(&catalog, &uid), uid });
    }

    /// Reads a series: one picture first, then all.
    pub(super) fn load(&mut self, uid: String) {
        let Some(catalog) = self.catalog.clone() else { return };
        let name = catalog.find_series(&uid).map_or_else(String::new, |(_, s)| s.description.clone());
        if self.is_wanted(&uid) && self.is_reading() {
            return;
        }
        self.stop_reading();
        let (early, preview_uid) = (Arc::clone(&catalog), uid.clone());
        self.pool.spawn("First picture", move |_, _| Done::Preview(work::preview(&early, &preview_uid)));
        let wanted = uid.clone();
        let job = self.pool.spawn(format!("Reading {name}"), move |progress, cancel| {
            Done::Loaded(work::load(&catalog, &uid, progress, cancel))
        });
        self.wanted = Some((wanted, job));
    }

    /// True while the series that was asked for last is being read.
    pub(super) fn is_reading(&self) -> bool {
        let job = self.wanted.as_ref().map(|(_, job)| *job);
        self.pool.running().iter().any(|running| Some(running.id) == job)
    }

    /// Stops reading what was asked for before: it would only take cores, memory, and in the end the screen.
    fn stop_reading(&mut self) {
        let Some((_, job)) = self.wanted.take() else { return };
        if let Some(running) = self.pool.running().iter().find(|running| running.id == job) {
            running.cancel.cancel();
            self.superseded.insert(job);
        }
    }

    /// Asks for the slices around the one that the reader looks at. One batch at a time, so that the place looked at last is
    /// served first.
    pub(super) fn fetch_slices(&mut self) {
        let (Some(series), Some(catalog), false) = (&self.series, &self.catalog, self.fetching) else { return };
        let (Some(arriving), Some(k)) =
            (&series.arriving, series.slice_at(self.view.sight(&series.key()).crosshair_lps))
        else {
            return;
        };
        let wanted = arriving.missing_around(k);
        if wanted.is_empty() {
            return;
        }
        let (catalog, key, generation) = (Arc::clone(catalog), series.loaded.series.key(), series.generation);
        self.fetching = true;
        self.pool.spawn("Next slices", move |_, _| Done::Slices {
            generation,
            slices: work::slices(&catalog, &key, &wanted),
        });
    }

    fn take_slices(&mut self, generation: u64, slices: Vec<(usize, Option<Arc<Volume>>)>) {
        self.fetching = false;
        let Some(crosshair_lps) = self.view.reading_sight().map(|sight| sight.crosshair_lps) else { return };
        let Some(series) = self.series.as_mut().filter(|s| s.generation == generation) else { return };
        let shown = series.slice_at(crosshair_lps).unwrap_or(0);
        if let Some(arriving) = &mut series.arriving {
            slices.into_iter().for_each(|(k, slice)| arriving.insert(k, slice, shown));
        }
    }

    fn is_wanted(&self, key: &str) -> bool {
        self.wanted.as_ref().is_some_and(|(wanted, _)| wanted == key)
    }

    /// The first picture, unless the series is already there.
    fn preview(&mut self, early: work::Early) {
        let series = &early.ready.loaded.series;
        let grid = early.arriving.as_ref().map(|arriving| &arriving.geometry);
        let key = series.key();
        let is_there = self.series.as_ref().is_some_and(|s| s.loaded.series.key() == key);
        // The next step of a group comes whole, in the place of the one before.
        if self.is_open(&key) && self.is_wanted(&key) && !is_there && !self.is_step_of_shown(series, grid) {
            self.show_early(early);
        }
    }

    fn loaded(&mut self, ready: work::Ready) {
        let key = ready.loaded.series.key();
        if self.is_open(&key) && self.is_wanted(&key) {
            self.show_ready(ready.clone());
            self.keep_step(ready);
        }
    }

    /// False for series of a catalog that has been left meanwhile.
    pub(super) fn is_open(&self, uid: &str) -> bool {
        self.catalog.as_ref().is_some_and(|c| c.find_series(uid).is_some())
    }

    fn uploaded(&mut self, generation: u64, result: Result<Arc<GpuVolume>, String>) {
        let mut shown = self.series.iter().chain(self.beside.values());
        if !shown.any(|series| series.generation == generation) {
            return;
        }
        match (result, &self.render_state) {
            (Ok(volume), Some(state)) => {
                ui::picture::install_volume(state, generation, volume);
                self.on_gpu.insert(generation);
            }
            (Ok(_), None) => {}
            (Err(text), _) => {
                let text = format!("Pictures are drawn without the graphics device: {text}.");
                self.notify(NoticeLevel::Warning, text);
            }
        }
    }

    fn offer(&mut self, cases: Vec<crate::case::Recoverable>) {
        let Some(first) = cases.into_iter().next() else { return };
        let changes = if first.edits == 1 { "1 change".to_owned() } else { format!("{} changes", first.edits) };
        let description = format!("{}, {changes}, begun {}", first.header.title, first.header.opened);
        self.recoverable = Some(RecoverableCase { description });
        self.left_behind = Some(first);
    }
}
