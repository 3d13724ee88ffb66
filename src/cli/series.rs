//! From a path to the one series that a command works on.

use super::Failure;
use crate::io;
use crate::jobs::{Cancel, Progress};
use crate::loaded::LoadedSeries;
use crate::study::{Catalog, Series};
use std::path::Path;

/// Opens a path and loads the series named, or the only one with pixels. Several candidates and none named: wrong usage,
/// with a list.
pub fn open_series(path: &Path, uid: Option<&str>) -> Result<LoadedSeries, Failure> {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let catalog = io::open(&[path.to_owned()], &progress, &cancel).map_err(|e| Failure::Failed(e.to_string()))?;
    let chosen = choose(&catalog, uid)?.uid.clone();
    io::load_series(&catalog, &chosen, &progress, &cancel).map_err(|e| Failure::Failed(e.to_string()))
}

fn choose<'a>(catalog: &'a Catalog, uid: Option<&str>) -> Result<&'a Series, Failure> {
    let with_pixels = || catalog.series().map(|(_, series)| series).filter(|series| series.has_pixels());
    if let Some(uid) = uid {
        let found = with_pixels().find(|series| series.uid == uid);
        return found
            .ok_or_else(|| Failure::Usage(format!("no series with pixels has the UID {uid}; {}", list(catalog))));
    }
    // Masks are laid over images, not looked at by themselves, unless there is nothing else.
    let images: Vec<_> = with_pixels().filter(|series| series.modality != "SEG").collect();
    let candidates = if images.is_empty() { with_pixels().collect() } else { images };
    match candidates.as_slice() {
        [only] => Ok(only),
        [] => Err(Failure::Failed(match catalog.unreadable.first() {
            Some(bad) => format!("there is nothing to show: {}: {}", bad.file.display(), bad.reason),
            None => "there is no series with pixels to show".into(),
        })),
        _ => Err(Failure::Usage(format!("there are several series; name one with --series; {}", list(catalog)))),
    }
}

fn list(catalog: &Catalog) -> String {
    let lines = catalog.series().map(|(_, series)| series).filter(|series| series.has_pixels());
    let lines: Vec<_> = lines
        .map(|s| {
            let images: u64 = s.instances.iter().map(|i| u64::from(i.frames.max(1))).sum();
            format!("  {}  {} {} ({images} images)", s.uid, s.modality, s.description)
        })
        .collect();
    if lines.is_empty() { "none was found".into() } else { format!("found:\n{}", lines.join("\n")) }
}
