//! Named, cancellable, progress-reporting work off the UI thread.
//!
//! A job never takes the program down: a panic becomes an error of that job. Completions come over one channel and wake
//! the window through a callback, so that nothing polls.

mod background;

pub use background::in_background;

use crossbeam_channel::{Receiver, Sender, unbounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Asks a job to stop; the job looks at it at least every few tenths of a second.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True once asked.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How far a job is, shared between the worker and whoever shows it.
#[derive(Clone, Default)]
pub struct Progress(Arc<Mutex<Stage>>, Option<Arc<dyn Fn() + Send + Sync>>);

/// One stage of a job.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stage {
    /// "Reading 12 of 64 files".
    pub name: String,
    /// 0–1 of this stage, or `None` when it cannot be known.
    pub fraction: Option<f32>,
}

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Progress").field(&self.stage()).finish()
    }
}

impl Progress {
    /// Progress that calls `wake` after every change.
    pub fn waking(wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self(Arc::default(), Some(wake))
    }

    /// Says where the job is.
    pub fn set(&self, name: impl Into<String>, fraction: Option<f32>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Stage { name: name.into(), fraction };
        if let Some(wake) = &self.1 {
            wake();
        }
    }

    /// Where the job is.
    pub fn stage(&self) -> Stage {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Identifies a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(u64);

/// A job that runs.
#[derive(Debug, Clone)]
pub struct RunningJob {
    /// Identity.
    pub id: JobId,
    /// "Segmenting with ct-rules".
    pub name: String,
    /// How far it is.
    pub progress: Progress,
    /// Asks it to stop.
    pub cancel: Cancel,
    /// When it began.
    pub started: Instant,
}

/// Why a job gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It was asked to stop.
    #[error("{0} was cancelled")]
    Cancelled(String),
    /// It hit a defect of the program; nothing else was lost.
    #[error("{0} stopped because of a defect in the program: {1}")]
    Panicked(String, String),
}

/// A finished job.
#[derive(Debug)]
pub struct Finished<T> {
    /// Which.
    pub id: JobId,
    /// Its name.
    pub name: String,
    /// Its value, or why there is none.
    pub result: Result<T, JobError>,
}

/// Runs jobs, each on a thread of its own (heavy work inside uses rayon), and collects their results.
pub struct JobPool<T> {
    running: Vec<RunningJob>,
    sender: Sender<Finished<T>>,
    receiver: Receiver<Finished<T>>,
    wake: Arc<dyn Fn() + Send + Sync>,
    next: AtomicU64,
}

impl<T: Send + 'static> JobPool<T> {
    /// `wake` is called whenever there is something new to show.
    pub fn new(wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let (sender, receiver) = unbounded();
        Self { running: Vec::new(), sender, receiver, wake, next: AtomicU64::new(0) }
    }

    /// Starts a job.
    pub fn spawn(
        &mut self,
        name: impl Into<String>,
        work: impl FnOnce(&Progress, &Cancel) -> T + Send + 'static,
    ) -> JobId {
        let id = JobId(self.next.fetch_add(1, Ordering::Relaxed));
        let name = name.into();
        let progress = Progress::waking(self.wake.clone());
        let cancel = Cancel::default();
        self.running.push(RunningJob {
            id,
            name: name.clone(),
            progress: progress.clone(),
            cancel: cancel.clone(),
            started: Instant::now(),
        });
        let (sender, wake) = (self.sender.clone(), self.wake.clone());
        std::thread::spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| work(&progress, &cancel)));
            let result = match outcome {
                Ok(_) if cancel.is_cancelled() => Err(JobError::Cancelled(name.clone())),
                Ok(value) => Ok(value),
                Err(panic) => Err(JobError::Panicked(name.clone(), panic_text(&*panic))),
            };
            // The receiver is gone only when the program ends.
            let _ = sender.send(Finished { id, name, result });
            wake();
        });
        id
    }

    /// Jobs that run now, oldest first.
    pub fn running(&self) -> &[RunningJob] {
        &self.running
    }

    /// Asks all jobs to stop.
    pub fn cancel_all(&self) {
        self.running.iter().for_each(|job| job.cancel.cancel());
    }

    /// Results that have come since the last call.
    pub fn finished(&mut self) -> Vec<Finished<T>> {
        let done: Vec<_> = self.receiver.try_iter().collect();
        self.running.retain(|job| !done.iter().any(|d| d.id == job.id));
        done
    }
}

/// The message of a caught panic.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}
