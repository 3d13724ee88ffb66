//! Progress on stderr: one line that is rewritten, for work of more than a second, and only on a terminal.

use crate::jobs::{Progress, Stage};
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Runs `work` with a progress that a person at a terminal sees.
pub fn shown_on_stderr<T>(work: impl FnOnce(&Progress) -> T) -> T {
    let progress = Progress::default();
    if !std::io::stderr().is_terminal() {
        return work(&progress);
    }
    let done = Arc::new(AtomicBool::new(false));
    let painter = {
        let (done, progress) = (done.clone(), progress.clone());
        std::thread::spawn(move || paint_until(&done, &progress))
    };
    let result = work(&progress);
    done.store(true, Ordering::Relaxed);
    painter.thread().unpark();
    // A painter that died has nothing left to clean up.
    let _ = painter.join();
    result
}

fn paint_until(done: &AtomicBool, progress: &Progress) {
    let mut painted = false;
    std::thread::park_timeout(Duration::from_secs(1));
    while !done.load(Ordering::Relaxed) {
        painted = true;
        let _ = write!(std::io::stderr(), "\r\u{1b}[K{}", line(&progress.stage()));
        let _ = std::io::stderr().flush();
        std::thread::park_timeout(Duration::from_millis(200));
    }
    if painted {
        let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        let _ = std::io::stderr().flush();
    }
}

fn line(stage: &Stage) -> String {
    const CELLS: usize = 24;
    match stage.fraction {
        None => stage.name.clone(),
        Some(fraction) => {
            let full = (fraction.clamp(0.0, 1.0) * CELLS as f32).round() as usize;
            let percent = (fraction.clamp(0.0, 1.0) * 100.0).round();
            format!("[{}{}] {percent:3} %  {}", "█".repeat(full), "·".repeat(CELLS - full), stage.name)
        }
    }
}
