//! "Verify this view": a job renders the view once more on the graphics device and on the CPU and compares the two. On
//! request, and silently for one in fifty views on which the reader stayed.

use super::App;
use super::results::Done;
use crate::context::{NoticeLevel, Verified, ViewportId};
use crate::jobs::{JobId, in_background};
use crate::render::gpu::{GpuContext, GpuError, GpuVolume};
use crate::render::verify::{Difference, Layers, OnDevice, Verifier};
use crate::render::{MipDraw, PictureDraw, SliceDraw};
use crate::ui::picture::{Drawn, Shown, volume_on_device};
use crate::volume::{Labelmap, Picture, Volume};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// A view that stays the same for so long has settled.
const SETTLED_AFTER: Duration = Duration::from_millis(700);
/// One settled view in so many is verified unasked.
const SAMPLED: u32 = 50;
/// Samples along rays beyond which nothing is verified unasked: the CPU would be busy for seconds.
const MOST_SAMPLES: u64 = 40_000_000;

/// Renderers that are built by the first verification.
pub(super) type SharedVerifier = Arc<OnceLock<Result<Verifier, GpuError>>>;

/// What runs, and which views have settled.
#[derive(Default)]
pub(super) struct Verifying {
    verifier: SharedVerifier,
    job: Option<JobId>,
    watched: HashMap<ViewportId, Watched>,
    settled: u32,
}

/// What a viewport shows since when.
struct Watched {
    drawn: Drawn,
    since: Instant,
    counted: bool,
}

/// What a verification brings back.
pub struct VerifyDone {
    viewport: ViewportId,
    /// A person asked for it.
    asked: bool,
    result: Result<Difference, String>,
}

/// Everything that a view is made of.
enum Task {
    Slice(Box<SliceDraw>, Volumes),
    Mip(Box<MipDraw>, Volumes),
    Flat(Box<PictureDraw>, Arc<Picture>),
}

struct Volumes {
    volume: Arc<Volume>,
    second: Option<Arc<Volume>>,
    labels: Option<Labelmap>,
    on_device: Arc<GpuVolume>,
    second_on_device: Option<Arc<GpuVolume>>,
}

impl App {
    /// Verifies what a viewport shows, because a person asked.
    pub(super) fn verify_view(&mut self, viewport: ViewportId) {
        let refused = match self.task_of(viewport) {
            Ok(_) if self.is_verifying() => "A view is being verified already.".to_owned(),
            Ok(task) => return self.begin_verifying(viewport, task, true),
            Err(why) => why.to_owned(),
        };
        self.notify(NoticeLevel::Info, refused);
    }

    fn is_verifying(&self) -> bool {
        self.verifying.job.is_some_and(|job| self.pool.running().iter().any(|running| running.id == job))
    }

    fn begin_verifying(&mut self, viewport: ViewportId, task: Task, asked: bool) {
        let Some(gpu) = self.gpu.clone() else { return };
        let verifier = Arc::clone(&self.verifying.verifier);
        let job = self.pool.spawn("Verifying the view", move |_, _| {
            let result = in_background(|| verified(&verifier, &gpu, &task));
            Done::Verified(VerifyDone { viewport, asked, result })
        });
        self.verifying.job = Some(job);
    }

    /// Gathers what a view was made of, or says why it cannot be verified.
    fn task_of(&self, viewport: ViewportId) -> Result<Task, &'static str> {
        let drawn = self.ui_state.drawn(viewport).ok_or("This kind of view has no second way to be drawn yet.")?;
        if !drawn.by_device {
            return Err("This view is drawn by the CPU itself: there is nothing to hold it against.");
        }
        match &drawn.what {
            Shown::Slice(draw, _, generations) => {
                let volumes = self.volumes(*generations, draw.overlay.is_some())?;
                Ok(Task::Slice(Box::new(draw.clone()), volumes))
            }
            Shown::Mip(draw, _, generations) => {
                let volumes = self.volumes(*generations, draw.overlay.is_some())?;
                Ok(Task::Mip(Box::new(draw.clone()), volumes))
            }
            Shown::Flat(draw, index, generation) => {
                let series = self.series_of(*generation).ok_or(LEFT)?;
                let picture = series.loaded.pictures().get(*index).ok_or(LEFT)?;
                Ok(Task::Flat(Box::new(draw.clone()), Arc::clone(picture)))
            }
            Shown::Shutter(..) | Shown::Cast(..) | Shown::Radiograph(..) | Shown::Surfaces(..) => {
                Err("Views of this kind are not verified: they are drawn in one way only.")
            }
        }
    }

    fn volumes(&self, [first, second]: [u64; 2], has_labels: bool) -> Result<Volumes, &'static str> {
        let state = self.render_state.as_ref().ok_or(LEFT)?;
        let volume = |generation| self.series_of(generation).and_then(|series| series.loaded.volume()).cloned();
        let labels = self.case.as_ref().filter(|_| has_labels).and_then(|case| case.segmentation());
        Ok(Volumes {
            volume: volume(first).ok_or(LEFT)?,
            second: volume(second),
            labels: labels.map(|masks| masks.labelmap.clone()),
            on_device: volume_on_device(state, first).ok_or(LEFT)?,
            second_on_device: volume_on_device(state, second),
        })
    }

    fn series_of(&self, generation: u64) -> Option<&crate::context::ShownSeries> {
        self.series.iter().chain(self.beside.values()).find(|series| series.generation == generation)
    }

    /// Takes a result: a failure is said for good, success for a while and only when it was asked for.
    pub(super) fn take_verified(&mut self, done: VerifyDone) {
        let VerifyDone { viewport, asked, result } = done;
        let at = Instant::now();
        match result {
            Ok(difference) if difference.is_verified() => {
                // A failure before it is not forgotten because another picture was right.
                let failed_before = self.view.verified.get(&viewport).is_some_and(|before| before.failed);
                if asked && !failed_before {
                    let words = format!("verified against the CPU: {}", difference.words());
                    self.view.verified.insert(viewport, Verified { words, failed: false, at });
                } else if asked {
                    self.notify(NoticeLevel::Info, format!("Verified this time: {}.", difference.words()));
                }
            }
            Ok(difference) => {
                let words = format!("NOT VERIFIED: differs from the CPU's picture, {}", difference.words());
                let text = format!(
                    "The graphics device draws a view otherwise than the CPU ({}): do not rely on its pictures, update the \
                     graphics driver.",
                    difference.words()
                );
                self.view.verified.insert(viewport, Verified { words, failed: true, at });
                self.notify(NoticeLevel::Error, text);
            }
            Err(text) if asked => self.notify(NoticeLevel::Warning, format!("The view was not verified: {text}.")),
            Err(text) => log::warn!("a view could not be verified: {text}"),
        }
    }

    /// Counts views on which the reader stays and verifies one in so many, while nothing else runs.
    pub(super) fn sample_views(&mut self) {
        let Some(wait) = self.count_settled() else { return };
        self.egui.request_repaint_after(wait);
    }

    /// Time until the next view may have settled; `None` when all have, or nothing moves.
    fn count_settled(&mut self) -> Option<Duration> {
        let Verifying { watched, settled, .. } = &mut self.verifying;
        let mut due = None;
        let mut wait: Option<Duration> = None;
        watched.retain(|id, _| self.ui_state.drawn(*id).is_some());
        for (id, drawn) in self.ui_state.all_drawn().filter(|(_, drawn)| drawn.by_device) {
            match watched.get_mut(id).filter(|seen| seen.drawn == *drawn) {
                None => {
                    let (drawn, since) = (drawn.clone(), Instant::now());
                    watched.insert(*id, Watched { drawn, since, counted: false });
                    wait = Some(SETTLED_AFTER);
                }
                Some(seen) if seen.counted => {}
                Some(seen) => {
                    if let Some(left) = SETTLED_AFTER.checked_sub(seen.since.elapsed()) {
                        wait = Some(wait.map_or(left, |wait| wait.min(left)));
                        continue;
                    }
                    seen.counted = true;
                    *settled += 1;
                    due = due.or(settled.is_multiple_of(SAMPLED).then_some(*id));
                }
            }
        }
        if let Some(id) = due.filter(|_| self.pool.running().is_empty()) {
            match self.task_of(id) {
                Ok(task) if task.samples() <= MOST_SAMPLES => self.begin_verifying(id, task, false),
                _ => {}
            }
        }
        wait
    }
}

/// What a view was made of is gone.
const LEFT: &str = "The view has changed meanwhile.";

impl Task {
    fn samples(&self) -> u64 {
        let pixels = |[width, height]: [u32; 2]| u64::from(width) * u64::from(height);
        match self {
            Self::Slice(draw, _) => pixels(draw.plane.size_px),
            Self::Mip(draw, _) => pixels(draw.plane.size_px) * u64::from(draw.steps()),
            Self::Flat(draw, _) => pixels(draw.size_px),
        }
    }
}

/// Both pictures of a view, compared.
fn verified(
    verifier: &OnceLock<Result<Verifier, GpuError>>,
    gpu: &GpuContext,
    task: &Task,
) -> Result<Difference, String> {
    let verifier = verifier.get_or_init(|| Verifier::new(gpu)).as_ref().map_err(ToString::to_string)?;
    let difference = match task {
        Task::Slice(draw, of) => verifier.slice(of.layers(), of.on_device(), draw),
        Task::Mip(draw, of) => verifier.mip(of.layers(), of.on_device(), draw),
        Task::Flat(draw, picture) => verifier.picture(picture, draw),
    };
    difference.map_err(|problem| problem.to_string())
}

impl Volumes {
    fn layers(&self) -> Layers<'_> {
        Layers { volume: &self.volume, second: self.second.as_deref(), labels: self.labels.as_ref() }
    }

    fn on_device(&self) -> OnDevice<'_> {
        OnDevice { volume: &self.on_device, second: self.second_on_device.as_deref() }
    }
}
