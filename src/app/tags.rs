//! The tag browser: it follows the image on screen, and its files are read in a job. The last request wins.

use super::App;
use super::results::Done;
use crate::context::{Partner, TagBrowser, TagRows};
use crate::io::elements::{Change, Compared, compare, list};
use crate::jobs::JobId;
use crate::study::Series;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is read: one file, or two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRequest {
    file: PathBuf,
    title: String,
    /// File and title of the other image.
    other: Option<(PathBuf, String)>,
}

/// The browser and what it waits for.
#[derive(Default)]
pub(super) struct Tags {
    /// `None` while it is closed.
    pub(super) browser: Option<TagBrowser>,
    /// What was asked for last, and the job that reads it.
    asked: Option<TagRequest>,
    job: Option<JobId>,
}

impl App {
    /// Opens or closes the browser.
    pub(super) fn toggle_tags(&mut self) {
        let open = self.tags.browser.take().is_none();
        self.tags.asked = None;
        self.tags.browser = open.then(TagBrowser::default);
    }

    pub(super) fn compare_tags(&mut self, partner: Partner) {
        if let Some(browser) = &mut self.tags.browser {
            browser.partner = partner;
        }
    }

    /// Reads the elements of the image on screen, when it is another one than before. Once a frame.
    pub(super) fn follow_tags(&mut self) {
        let Some(browser) = &self.tags.browser else { return };
        // One reading at a time: while scrolling, the images in between are passed over.
        if self.pool.running().iter().any(|job| Some(job.id) == self.tags.job) {
            return;
        }
        let wanted = self.tag_request(browser.partner);
        if let Some(browser) = &mut self.tags.browser
            && wanted.is_none()
        {
            (browser.listed, browser.problem) = (None, Some("No file of this series is on screen.".into()));
        }
        if wanted.is_none() || wanted == self.tags.asked {
            return;
        }
        self.tags.asked.clone_from(&wanted);
        let Some(request) = wanted else { return };
        self.tags.job = Some(self.pool.spawn("Reading data elements", move |_, _| Done::Tags(read(&request))));
    }

    pub(super) fn tags_read(&mut self, result: Result<TagRows, String>) {
        let Some(browser) = &mut self.tags.browser else { return };
        match result {
            Ok(rows) => (browser.listed, browser.problem) = (Some(Arc::new(rows)), None),
            Err(problem) => (browser.listed, browser.problem) = (None, Some(problem)),
        }
    }

    /// The file of the image on screen, and of the one that it is compared with.
    fn tag_request(&self, partner: Partner) -> Option<TagRequest> {
        let catalog = self.catalog.as_ref()?;
        let loaded = &self.series.as_ref()?.loaded;
        let shown = self.shown_instance()?;
        let file_of = |n: usize| {
            let instance = loaded.series.instances.get(n)?;
            Some((catalog.path(instance), title(&loaded.series, n)))
        };
        let other = match partner {
            Partner::None => None,
            Partner::Previous => shown.checked_sub(1),
            Partner::Next => Some(shown + 1),
            Partner::Image(n) => Some(n),
        };
        let (file, title) = file_of(shown)?;
        Some(TagRequest { file, title, other: other.and_then(file_of) })
    }

    /// Index into `Series::instances` of what the active pane shows.
    fn shown_instance(&self) -> Option<usize> {
        let loaded = &self.series.as_ref()?.loaded;
        let sight = self.view.reading_sight()?;
        let slice = match loaded.geometry() {
            None => sight.picture,
            // Planes across the slices, and the projection, show the slice that the crosshair lies in.
            Some(geometry) => {
                let k = geometry.ijk_from_lps().transform_point3(sight.crosshair_lps).z.round();
                k.clamp(0.0, geometry.dims()[2] as f64 - 1.0) as usize
            }
        };
        loaded.slices.get(slice).map(|source| source.instance)
    }
}

fn title(series: &Series, n: usize) -> String {
    let Some(instance) = series.instances.get(n) else { return String::new() };
    let file = instance.file.file_name().unwrap_or_default().to_string_lossy();
    let number = instance.number.map_or_else(|| format!("file {}", n + 1), |number| format!("image {number}"));
    format!("{number}, {file}")
}

fn read(request: &TagRequest) -> Result<TagRows, String> {
    let listing =
        |path: &Path, title: &str| list(path, request.other.is_some()).map_err(|problem| format!("{title}: {problem}"));
    let first = listing(&request.file, &request.title)?;
    let mut warnings: Vec<String> = first.warnings.iter().map(str::to_owned).collect();
    let (rows, other) = match &request.other {
        None => {
            let same = |line| Compared { line, change: Change::Same, other: None };
            (first.lines.into_iter().map(same).collect(), String::new())
        }
        Some((path, title)) => {
            let second = listing(path, title)?;
            warnings.extend(second.warnings.iter().map(str::to_owned));
            (compare(&first.lines, &second.lines), title.clone())
        }
    };
    Ok(TagRows { title: request.title.clone(), other, rows, warnings })
}
