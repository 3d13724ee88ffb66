//! Objects that are no images: read in a job, shown beside the pictures, laid over them on demand. The last request wins.

mod presented;
mod read;
mod taken;

use super::App;
use super::results::Done;
use crate::context::{
    FindingsOn, ImagePlace, NoticeLevel, ObjectCommand, ObjectContent, ObjectView, PageRequest, PlaneAxes,
    PresentationOn, ShownPage, ViewKind,
};
use crate::geometry::Orientation;
use crate::io::content_tree::ObjectReference;
use crate::io::objects::{Object, ObjectKind};
use crate::io::presentation::PresentationState;
use crate::jobs::JobId;
use std::path::PathBuf;
use std::sync::Arc;

/// The open view and what waits.
#[derive(Default)]
pub(super) struct Objects {
    /// `None` while it is closed.
    pub(super) view: Option<ObjectView>,
    /// Identity of the view that was opened last.
    last_id: u64,
    /// Draws a page.
    page_job: Option<JobId>,
    /// Holds measurements against the series on screen.
    findings_job: Option<JobId>,
    /// The presentation state that was put on a series, or taken off again.
    pub(super) presentation: Option<PresentationOn>,
    /// What is done once a series is on screen.
    waiting: Option<Waiting>,
}

/// Something that needs a series on screen.
struct Waiting {
    series_key: String,
    then: Then,
}

enum Then {
    /// Scroll to this image.
    Show(ObjectReference),
    /// Lay these masks over it.
    Lay(MaskFile),
    /// Put this presentation state, opened in this view, on it.
    Present(Box<PresentationState>, u64),
}

/// Masks that are to be laid over a series.
#[derive(Clone)]
struct MaskFile {
    file: PathBuf,
    source: String,
    view: u64,
}

/// What jobs about objects bring back. Those for a view that was left say which one they were for.
#[allow(clippy::large_enum_variant, reason = "one at a time comes back from a job")]
pub enum ObjectDone {
    /// What an object holds.
    Read { view: u64, content: Box<ObjectContent> },
    /// A page.
    Page { view: u64, page: ShownPage },
    /// Measurements on the series on screen.
    Findings { view: u64, found: FindingsOn },
    /// Masks on the grid of a series.
    Masks { view: u64, series_key: String, result: Result<taken::Masks, String> },
}

impl App {
    pub(super) fn apply_to_object(&mut self, command: ObjectCommand) {
        match command {
            ObjectCommand::Open(key) => self.open_object(&key, 0),
            ObjectCommand::Turn(index) => {
                if let Some(key) = self.objects.view.as_ref().map(|view| view.key.clone()) {
                    self.open_object(&key, index);
                }
            }
            ObjectCommand::Close => self.close_object(),
            ObjectCommand::Page(request) => {
                if let Some(view) = &mut self.objects.view {
                    view.asked = Some(request);
                }
            }
            ObjectCommand::ShowImage(place) => self.show_image(place),
            ObjectCommand::ShowMasks(series_key) => self.ask_for_masks(series_key),
            ObjectCommand::Present { series_key, on: true } => self.ask_to_present(series_key),
            ObjectCommand::Present { on: false, .. } => self.objects.take_presentation_off(),
            ObjectCommand::TakeFindings => self.take_reported(),
        }
    }

    /// Closes the view; what was asked for from it no longer waits.
    fn close_object(&mut self) {
        self.objects.view = None;
        self.objects.waiting = None;
    }

    /// Other files were opened: nothing of the objects before is left.
    pub(super) fn forget_objects(&mut self) {
        self.close_object();
        self.objects.presentation = None;
    }

    fn open_object(&mut self, key: &str, index: usize) {
        let Some(catalog) = self.catalog.clone() else { return };
        let Some((_, series)) = catalog.find_series(key) else { return };
        let (Some(kind), Some(instance)) = (ObjectKind::of(series), series.instances.get(index)) else { return };
        self.objects.last_id += 1;
        let view = self.objects.last_id;
        self.objects.view = Some(ObjectView {
            id: view,
            key: key.to_owned(),
            index,
            count: series.instances.len(),
            kind,
            source: read::source(series, kind),
            content: None,
            page: None,
            asked: None,
            findings: None,
            laid_over: Vec::new(),
        });
        let file = catalog.path(instance);
        self.pool.spawn(format!("Reading {}", kind.title().to_lowercase()), move |_, _| {
            let content = Box::new(read::content(&file, kind, &catalog));
            Done::Object(ObjectDone::Read { view, content })
        });
    }

    pub(super) fn object_done(&mut self, done: ObjectDone) {
        match done {
            ObjectDone::Masks { view, series_key, result } => self.lay(view, &series_key, result),
            ObjectDone::Read { view: id, content } => {
                if let Some(view) = self.object_view(id) {
                    view.content = Some(Arc::from(content));
                    self.present_first();
                }
            }
            ObjectDone::Page { view: id, page } => {
                if let Some(view) = self.object_view(id) {
                    view.page = Some(Arc::new(page));
                }
            }
            ObjectDone::Findings { view: id, found } => {
                if let Some(view) = self.object_view(id) {
                    view.findings = Some(found);
                }
            }
        }
    }

    fn object_view(&mut self, id: u64) -> Option<&mut ObjectView> {
        self.objects.view.as_mut().filter(|view| view.id == id)
    }

    /// Starts what the open view and what was asked for need. Once a frame.
    pub(super) fn follow_object(&mut self) {
        self.draw_page();
        self.place_findings();
        self.do_waiting();
    }

    /// Draws the page that was asked for last, one at a time.
    fn draw_page(&mut self) {
        let Some(view) = &self.objects.view else { return };
        let (Some(content), Some(request)) = (&view.content, view.asked) else { return };
        let there = view.page.as_ref().is_some_and(|page| page.request == request);
        let Object::Document(document) = &content.object else { return };
        if there || self.runs(self.objects.page_job) {
            return;
        }
        let (document, id) = (document.clone(), view.id);
        let job = self.pool.spawn("Drawing the page", move |_, _| {
            let PageRequest { page, width_px } = request;
            let picture = document.page(page, Some([width_px, u32::MAX])).map_err(|problem| problem.to_string());
            Done::Object(ObjectDone::Page { view: id, page: ShownPage { request, picture } })
        });
        self.objects.page_job = Some(job);
    }

    /// Holds the measurements of the open report against the series on screen, when that is another one than before.
    fn place_findings(&mut self) {
        let (Some(view), Some(series)) = (&self.objects.view, self.series.as_ref().filter(|s| s.complete)) else {
            return;
        };
        let Some(content) = view.content.as_ref().filter(|content| content.groups > 0) else { return };
        let generation = series.generation;
        let known = view.findings.as_ref().is_some_and(|found| found.generation == generation);
        if known || self.runs(self.objects.findings_job) {
            return;
        }
        let (content, loaded, id) = (Arc::clone(content), series.loaded.clone(), view.id);
        let source = view.source.clone();
        let job = self.pool.spawn("Placing measurements", move |_, _| {
            let found = taken::placed(&content, &loaded, &source, generation);
            Done::Object(ObjectDone::Findings { view: id, found })
        });
        self.objects.findings_job = Some(job);
    }

    fn runs(&self, job: Option<JobId>) -> bool {
        job.is_some_and(|job| self.pool.running().iter().any(|running| running.id == job))
    }

    fn show_image(&mut self, place: ImagePlace) {
        self.wait_for(place.series_key, Then::Show(place.object));
    }

    fn ask_for_masks(&mut self, series_key: String) {
        let (Some(view), Some(catalog)) = (&self.objects.view, &self.catalog) else { return };
        let Some(instance) = catalog.find_series(&view.key).and_then(|(_, series)| series.instances.get(view.index))
        else {
            return;
        };
        let masks = MaskFile { file: catalog.path(instance), source: view.source.clone(), view: view.id };
        self.wait_for(series_key, Then::Lay(masks));
    }

    fn wait_for(&mut self, series_key: String, then: Then) {
        if self.series.as_ref().is_none_or(|s| s.loaded.series.key() != series_key) {
            self.load(series_key.clone());
        }
        self.objects.waiting = Some(Waiting { series_key, then });
        self.do_waiting();
    }

    /// Does what waits, once its series is on screen; forgets it when the series does not come.
    fn do_waiting(&mut self) {
        let Some(waiting) = &self.objects.waiting else { return };
        let shown = self.series.as_ref().filter(|s| s.loaded.series.key() == waiting.series_key);
        let ready = match (&waiting.then, shown) {
            (_, None) => false,
            (Then::Show(_) | Then::Present(..), Some(series)) => series.complete || series.arriving.is_some(),
            (Then::Lay(_), Some(series)) => series.complete,
        };
        if !ready {
            if !self.is_reading() {
                self.objects.waiting = None;
            }
            return;
        }
        match self.objects.waiting.take().map(|waiting| waiting.then) {
            Some(Then::Show(object)) => self.scroll_to_image(&object),
            Some(Then::Lay(masks)) => self.read_masks(masks),
            Some(Then::Present(state, view)) => self.present(*state, view),
            None => {}
        }
    }

    /// Brings an image of the series on screen.
    fn scroll_to_image(&mut self, object: &ObjectReference) {
        let Some(series) = &self.series else { return };
        let loaded = &series.loaded;
        let shows = |k: &usize| {
            let frame = loaded.slices[*k].frame.saturating_add(1);
            let wanted = object.frames.is_empty() || object.frames.contains(&frame);
            wanted && loaded.instance(*k).is_some_and(|i| i.sop_instance_uid == object.sop_instance_uid)
        };
        let Some(k) = (0..loaded.slices.len()).find(shows) else {
            return self.notify(NoticeLevel::Warning, "That image is not among the pictures of its series.");
        };
        self.show_slice(k);
    }

    /// Brings acquired slice or picture `k` on screen.
    fn show_slice(&mut self, k: usize) {
        let Some(key) = self.view.reading.clone() else { return };
        let Some(geometry) = self.series.as_ref().and_then(|series| series.geometry()).cloned() else {
            return self.show_picture(&key, k);
        };
        let mut at = geometry.ijk_from_lps().transform_point3(self.view.sight(&key).crosshair_lps);
        at.z = k as f64;
        self.move_crosshair(&key, geometry.point_lps(at));
        let acquired = |orientation: &Orientation| PlaneAxes::of(&geometry, *orientation).is_acquired();
        let kind = Orientation::ALL.into_iter().find(acquired).map(ViewKind::Plane);
        let shows = kind.and_then(|kind| self.view.layout.find(&key, kind)).map(|viewport| viewport.id);
        if let Some(id) = shows {
            self.view.active = id;
            if self.view.maximized.is_some() {
                self.view.maximized = Some(id);
            }
        }
    }

    fn read_masks(&mut self, masks: MaskFile) {
        let Some(series) = &self.series else { return };
        let (loaded, series_key) = (series.loaded.clone(), series.loaded.series.key());
        let view = masks.view;
        self.pool.spawn("Laying masks over the image", move |_, _| {
            let result = taken::masks(&masks.file, &masks.source, &loaded);
            Done::Object(ObjectDone::Masks { view, series_key, result })
        });
    }
}
