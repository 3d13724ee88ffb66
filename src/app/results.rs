//! What jobs bring back, and what becomes of it.

use super::{App, work};
use crate::context::{ExportKind, GrayPicture, NoticeLevel, RecoverableCase};
use crate::jobs::JobError;
use crate::loaded::{ImageData, LoadedSeries, SliceSource};
use crate::render::gpu::GpuVolume;
use crate::study::Catalog;
use crate::ui;
use crate::volume::Picture;
use std::path::PathBuf;
use std::sync::Arc;

/// The value of a finished job. Errors are sentences: they go to the reader as they are.
pub enum Done {
    /// Files and folders were listed.
    Opened { paths: Vec<PathBuf>, result: Result<Catalog, String> },
    /// The demonstration is there.
    Demo(Result<work::Demo, String>),
    /// One picture of a series that is still being read.
    Preview { uid: String, picture: Option<Arc<Picture>> },
    /// A small picture for the list.
    Thumbnail { uid: String, picture: Option<GrayPicture> },
    /// A whole series.
    Loaded { uid: String, result: Result<LoadedSeries, String> },
    /// A volume is on the graphics device.
    Uploaded { generation: u64, result: Result<Arc<GpuVolume>, String> },
    /// Models have run.
    Read { series_uid: String, result: Result<work::Read, String> },
    /// Files were written.
    Exported(Result<work::Exported, String>),
    /// Files or folders were chosen; none when the dialog was left.
    Picked(Result<Vec<PathBuf>, String>),
    /// A folder to export into was chosen.
    PickedFolder(ExportKind, Result<Option<PathBuf>, String>),
    /// Cases that a crash left behind.
    LeftBehind(Vec<crate::case::Recoverable>),
    /// A system font for scripts that the bundled one lacks.
    Font(Option<Vec<u8>>),
}

impl App {
    /// Takes over what has come since the last frame.
    pub(super) fn take_results(&mut self) {
        for finished in self.pool.finished() {
            match finished.result {
                Ok(done) => self.take(done),
                Err(JobError::Cancelled(name)) => self.notify(NoticeLevel::Info, format!("{name} was cancelled.")),
                Err(problem) => self.notify(NoticeLevel::Error, problem.to_string()),
            }
        }
    }

    fn take(&mut self, done: Done) {
        match done {
            Done::Opened { paths, result } => self.opened(paths, result),
            Done::Demo(Ok(demo)) => self.demo_ready(demo),
            Done::Preview { uid, picture } => self.preview(&uid, picture),
            Done::Thumbnail { uid, picture } => {
                if let Some(picture) = picture {
                    self.thumbnails.insert(uid, Arc::new(picture));
                }
            }
            Done::Loaded { uid, result: Ok(loaded) } => self.loaded(&uid, loaded),
            Done::Uploaded { generation, result } => self.uploaded(generation, result),
            Done::Read { series_uid, result: Ok(read) } => self.take_reading(&series_uid, read),
            Done::Exported(Ok(exported)) => self.exported(&exported),
            Done::Picked(Ok(paths)) if !paths.is_empty() => self.open(paths),
            Done::PickedFolder(kind, Ok(Some(folder))) => self.export_to(kind, folder),
            Done::Picked(Ok(_)) | Done::PickedFolder(_, Ok(None)) => {}
            Done::LeftBehind(cases) => self.offer(cases),
            Done::Font(font) => {
                if let Some(bytes) = font {
                    ui::theme::add_fallback(&self.egui, bytes);
                }
            }
            Done::Loaded { result: Err(text), .. }
            | Done::Demo(Err(text))
            | Done::Read { result: Err(text), .. }
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
        self.start_catalog(Arc::new(catalog));
    }

    fn demo_ready(&mut self, demo: work::Demo) {
        self.phantom = true;
        self.paths = demo.paths;
        self.start_catalog(Arc::new(demo.catalog));
        if let Some(loaded) = demo.loaded {
            self.show_series(loaded);
        }
    }

    /// Shows the series that is most worth reading first, and fetches thumbnails of all.
    fn start_catalog(&mut self, catalog: Arc<Catalog>) {
        self.park_case();
        self.series = None;
        self.thumbnails.clear();
        self.catalog = Some(Arc::clone(&catalog));
        let wanted = self.recovering.as_ref().map(|r| r.header.series_uid.clone());
        let first = wanted.filter(|uid| catalog.find_series(uid).is_some()).or_else(|| work::first_series(&catalog));
        if self.phantom {
            // Comes with its pixels.
        } else if let Some(uid) = first {
            self.load(uid);
        }
        for uid in catalog.series().filter(|(_, s)| s.has_pixels()).map(|(_, s)| s.uid.clone()).take(64) {
            let catalog = Arc::clone(&catalog);
            self.pool.spawn("Thumbnails", move |_, _| Done::Thumbnail {
                picture: work::thumbnail(&catalog, &uid),
                uid,
            });
        }
    }

    /// Reads a series: one picture first, then all.
    pub(super) fn load(&mut self, uid: String) {
        let Some(catalog) = self.catalog.clone() else { return };
        let name = catalog.find_series(&uid).map_or_else(String::new, |(_, s)| s.description.clone());
        let (early, preview_uid) = (Arc::clone(&catalog), uid.clone());
        self.pool.spawn("First picture", move |_, _| Done::Preview {
            picture: work::preview(&early, &preview_uid),
            uid: preview_uid,
        });
        self.pool.spawn(format!("Reading {name}"), move |progress, cancel| {
            let result = work::load(&catalog, &uid, progress, cancel);
            Done::Loaded { uid, result }
        });
    }

    /// The first picture, unless the series is already there.
    fn preview(&mut self, uid: &str, picture: Option<Arc<Picture>>) {
        let (Some(picture), Some(catalog)) = (picture, self.catalog.clone()) else { return };
        if self.series.as_ref().is_some_and(|s| s.loaded.series.uid == uid) {
            return;
        }
        let Some((study, series)) = catalog.find_series(uid) else { return };
        let loaded = LoadedSeries {
            study: Arc::new(study.clone()),
            series: Arc::new(series.clone()),
            header_voi: picture.voi,
            image: ImageData::Pictures(vec![picture]),
            slices: vec![SliceSource { instance: series.instances.len() / 2, frame: 0 }].into(),
        };
        self.park_case();
        self.reset_view(&loaded);
        self.put_on_screen(loaded, false);
    }

    fn loaded(&mut self, uid: &str, loaded: LoadedSeries) {
        // Another catalog may have been opened meanwhile.
        if self.catalog.as_ref().is_some_and(|c| c.find_series(uid).is_some()) {
            self.show_series(loaded);
        }
    }

    fn uploaded(&mut self, generation: u64, result: Result<Arc<GpuVolume>, String>) {
        if generation != self.generation {
            return;
        }
        match (result, &self.render_state) {
            (Ok(volume), Some(state)) => {
                ui::picture::install_volume(state, Some(volume));
                self.gpu_generation = Some(generation);
            }
            (Ok(_), None) => {}
            (Err(text), _) => {
                let text = format!("Pictures are drawn without the graphics device: {text}.");
                self.notify(NoticeLevel::Warning, text);
            }
        }
    }

    fn exported(&mut self, exported: &work::Exported) {
        let files = exported.files.len();
        let word = if files == 1 { "file" } else { "files" };
        let place = exported.folder.display();
        let mut text = format!("Saved {files} {word} in {place}: each was read back and compared.");
        for omitted in &exported.omitted {
            text.push_str(&format!("\n{omitted}"));
        }
        self.notify(NoticeLevel::Info, text);
    }

    fn offer(&mut self, cases: Vec<crate::case::Recoverable>) {
        let Some(first) = cases.into_iter().next() else { return };
        let changes = if first.edits == 1 { "1 change".to_owned() } else { format!("{} changes", first.edits) };
        let description = format!("{}, {changes}, begun {}", first.header.title, first.header.opened);
        self.recoverable = Some(RecoverableCase { description });
        self.left_behind = Some(first);
    }
}
