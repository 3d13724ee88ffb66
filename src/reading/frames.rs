//! A sequence of pictures into a folder: a turning view, or a cine loop, as numbered PNG files. Each file is written whole;
//! a stopped or failed sequence leaves the files that were finished, and says how many.

use super::key_images::png;
use crate::io::atomic;
use crate::jobs::{Cancel, Progress};
use crate::render::RgbaPicture;
use std::path::{Path, PathBuf};

/// Why a sequence stopped.
#[derive(Debug, thiserror::Error)]
pub enum FramesError {
    /// The disk, or a place that cannot be written to.
    #[error("cannot write {} ({reason}); make room or choose another folder", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A picture that cannot be made.
    #[error("picture {0}: {1}")]
    Picture(usize, String),
}

/// Writes `count` pictures as `STEM_0001.png` and so on; returns how many were written before it was asked to stop.
pub fn write_frames(
    folder: &Path,
    stem: &str,
    count: usize,
    picture: impl Fn(usize) -> Result<RgbaPicture, String>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<usize, FramesError> {
    std::fs::create_dir_all(folder).map_err(|reason| FramesError::File { file: folder.to_owned(), reason })?;
    for n in 0..count {
        if cancel.is_cancelled() {
            return Ok(n);
        }
        progress.set(format!("Picture {} of {count}", n + 1), Some(n as f32 / count as f32));
        let failed = |problem: String| FramesError::Picture(n + 1, problem);
        let made = picture(n).map_err(failed)?;
        let bytes = png(&made).ok_or_else(|| failed("it has no size; choose a larger one".into()))?;
        let file = folder.join(format!("{stem}_{:04}.png", n + 1));
        atomic::write_bytes(&file, &bytes).map_err(|reason| FramesError::File { file: file.clone(), reason })?;
    }
    Ok(count)
}
