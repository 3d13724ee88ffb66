//! Opening paths, and finding the one series that a command is about.

use super::{Failure, complain, shown_on_stderr};
use crate::io;
use crate::jobs::{Cancel, Progress};
use crate::loaded::LoadedSeries;
use crate::study::{Catalog, Series, Study};
use std::path::Path;

/// Lists what is at a path.
pub fn open_catalog(path: &Path, progress: &Progress) -> Result<Catalog, Failure> {
    io::open(&[path.to_owned()], progress, &Cancel::default()).map_err(Failure::failed)
}

/// The UID of the series with pixels that the command is about: the named one, or the only one. Several without a name are
/// a usage error that lists them; none is a failure that says what was found instead.
pub fn choose_series(catalog: &Catalog, path: &Path, named: Option<&str>) -> Result<String, Failure> {
    let mut candidates: Vec<(&Study, &Series)> = catalog.series().filter(|(_, series)| series.has_pixels()).collect();
    if let Some(key) = named {
        return match catalog.find_series(key).filter(|(_, series)| series.has_pixels()) {
            Some((_, series)) => Ok(series.key()),
            None => Err(unknown(path, key, &candidates)),
        };
    }
    // Masks are laid over images, not looked at by themselves, unless there is nothing else.
    if candidates.iter().any(|(_, series)| series.modality != "SEG") {
        candidates.retain(|(_, series)| series.modality != "SEG");
    }
    match candidates.as_slice() {
        [(_, only)] => Ok(only.key()),
        [(_, first), rest @ ..] if rest.iter().all(|(_, other)| other.uid == first.uid) => {
            let (_, main) = catalog.find_series(&first.uid).unwrap_or(candidates[0]);
            complain(&format!(
                "the series is {} display sets; {} is used, name another with --series; {}",
                candidates.len(),
                main.key(),
                listing(&candidates)
            ));
            Ok(main.key())
        }
        [] => Err(Failure::Failed(nothing_in(catalog, path))),
        candidates => Err(several(path, candidates)),
    }
}

/// Opens a path and loads the series named, or the only one with images.
pub fn open_series(path: &Path, uid: Option<&str>) -> Result<LoadedSeries, Failure> {
    shown_on_stderr(|progress| {
        let catalog = open_catalog(path, progress)?;
        let chosen = choose_series(&catalog, path, uid)?;
        io::load_series(&catalog, &chosen, progress, &Cancel::default()).map_err(load_failure)
    })
}

/// A series was named that is not there.
pub(super) fn unknown(path: &Path, key: &str, candidates: &[(&Study, &Series)]) -> Failure {
    Failure::Usage(format!("{} has no series {key} with images; {}", path.display(), listing(candidates)))
}

/// None was named, and several can be meant.
pub(super) fn several(path: &Path, candidates: &[(&Study, &Series)]) -> Failure {
    let place = path.display();
    Failure::Usage(format!("{place} holds several series: name one with --series; {}", listing(candidates)))
}

/// One sentence about a path without images.
pub fn nothing_in(catalog: &Catalog, path: &Path) -> String {
    let place = path.display();
    match catalog.unreadable.as_slice() {
        [] => format!("{place} holds no images; name a folder or file with DICOM, NIfTI, PNG or JPEG images"),
        [one] => format!("{place} holds no image that can be read: {}", one.reason),
        [first, rest @ ..] => format!(
            "{place} holds no image that can be read; {} and {} more files: {}",
            first.file.display(),
            rest.len(),
            first.reason
        ),
    }
}

/// The display sets that can be named, one a line.
pub fn listing(candidates: &[(&Study, &Series)]) -> String {
    if candidates.is_empty() {
        return "it has none".into();
    }
    let line = |(_, s): &(&Study, &Series)| {
        let what = s.part.as_ref().map_or_else(String::new, |part| format!(" {}", part.what));
        format!("  {}  {} {}{what} ({} images)", s.key(), s.modality, s.description, s.instances.len())
    };
    format!("found:\n{}", candidates.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// A series whose geometry would be a guess is refused; everything else failed.
pub fn load_failure(problem: io::LoadError) -> Failure {
    Failure::failed(problem)
}
