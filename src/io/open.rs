//! Folders and files to a [`Catalog`]: headers only, in parallel. Nothing is left out: what cannot be read is listed with
//! the reason, and every file of a folder appears once.

mod assemble;
mod dicomdir;
mod entry;
mod identity;
mod volumes;

pub(crate) use entry::takes_part_in_volumes;
use entry::{Listed, examine_file};
pub(crate) use identity::shown_name;

use super::archive;
use crate::jobs::{Cancel, Progress};
use crate::study::{Catalog, Unreadable};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Folders nested deeper than this are not entered.
const MAX_FOLDERS: usize = 32;
/// Files beyond this number are not listed.
const MAX_FILES: usize = 1_000_000;

/// Why there is no catalog at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing was named.
    #[error("no file or folder was named")]
    Nothing,
    /// A path that does not exist or may not be read.
    #[error("{path} cannot be opened: {reason}; check the path and its permissions")]
    Path {
        /// As it was named.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// Asked to stop.
    #[error("opening was cancelled")]
    Cancelled,
}

/// Lists what is at `paths` (folders are walked). `Instance::file` is relative to `Catalog::root`: the folder that was
/// opened, or the folder of the file that was opened, or the nearest common folder.
pub fn open(paths: &[PathBuf], progress: &Progress, cancel: &Cancel) -> Result<Catalog, OpenError> {
    let named: Vec<PathBuf> = paths.iter().map(|p| resolved(p)).collect::<Result<_, _>>()?;
    let root = common_folder(&named).ok_or(OpenError::Nothing)?;
    let mut catalog = Catalog { root: root.clone(), ..Catalog::default() };
    let mut budget = archive::Budget::default();
    let unpacked = if let [only] = &named[..] {
        archive::open_as_root(&mut catalog, only, &mut budget, progress, cancel)
    } else {
        None
    };
    // A DICOMDIR that is opened itself stands for its files; in a folder they are found anyway.
    let mut stands_for_others = unpacked.is_none() && named.len() == 1 && named[0].is_file();
    let mut files = unpacked.unwrap_or_else(|| files_of(&named, &root, &mut catalog.unreadable));
    let mut entries = Vec::new();
    let mut directories = Vec::new();
    // Archives and DICOMDIRs are noticed while looking at files; what they lead to is looked at in the next round.
    while !files.is_empty() {
        let mut archives = Vec::new();
        for (file, listed) in look_at(&catalog, files, progress, cancel)? {
            match listed {
                Listed::Entry(entry) => entries.push(*entry),
                Listed::Archive(kind) => archives.push((file, kind)),
                Listed::Directory(data) => directories.push(dicomdir::read(&catalog.place(&file), &file, &data)),
                Listed::Unreadable(reason) => catalog.unreadable.push(Unreadable { file, reason }),
            }
        }
        files = archive::open_found(&mut catalog, archives, &mut budget, progress, cancel);
        if std::mem::take(&mut stands_for_others) {
            files.extend(directories.iter().flat_map(|d| &d.found).cloned());
        }
    }
    if cancel.is_cancelled() {
        return Err(OpenError::Cancelled);
    }
    for directory in directories {
        let listed = entries.iter().map(|entry| entry.instance.file.as_path());
        catalog.unreadable.extend(directory.problems(listed));
    }
    catalog.unreadable.sort_by(|a, b| a.file.cmp(&b.file));
    catalog.studies = assemble::studies(entries);
    Ok(catalog)
}

/// Looks at every file, in parallel.
fn look_at(
    catalog: &Catalog,
    files: Vec<PathBuf>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<(PathBuf, Listed)>, OpenError> {
    let (done, total) = (AtomicUsize::new(0), files.len());
    let listed = files
        .into_par_iter()
        .filter(|_| !cancel.is_cancelled())
        .map(|file| {
            let listed = examine_file(&catalog.place(&file), &file);
            let n = done.fetch_add(1, Ordering::Relaxed) + 1;
            if n.is_multiple_of(16) || n == total {
                progress.set(format!("Reading {n} of {total} headers"), Some(n as f32 / total as f32));
            }
            (file, listed)
        })
        .collect();
    if cancel.is_cancelled() {
        return Err(OpenError::Cancelled);
    }
    Ok(listed)
}

fn resolved(path: &Path) -> Result<PathBuf, OpenError> {
    std::fs::canonicalize(path).map_err(|e| OpenError::Path { path: path.display().to_string(), reason: e.to_string() })
}

/// The folder that everything lies in.
fn common_folder(named: &[PathBuf]) -> Option<PathBuf> {
    let folder = |p: &PathBuf| if p.is_dir() { Some(p.clone()) } else { p.parent().map(Path::to_path_buf) };
    named.iter().map(folder).reduce(|a, b| {
        let (a, b) = (a?, b?);
        a.ancestors().find(|up| b.starts_with(up)).map(Path::to_path_buf)
    })?
}

/// Every file below the named paths, relative to the root.
fn files_of(named: &[PathBuf], root: &Path, unreadable: &mut Vec<Unreadable>) -> Vec<PathBuf> {
    let relative = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_path_buf();
    let mut files = Vec::new();
    for path in named {
        let walk = walkdir::WalkDir::new(path).max_depth(MAX_FOLDERS).sort_by_file_name();
        for item in walk.into_iter().take(MAX_FILES) {
            match item {
                // Links are not followed: they could lead out of the folder.
                Ok(item) if item.file_type().is_file() => files.push(relative(item.path())),
                Ok(item) if item.file_type().is_symlink() => unreadable.push(Unreadable {
                    file: relative(item.path()),
                    reason: "this is a link; links are not followed, open its target instead".into(),
                }),
                Ok(_) => {}
                Err(error) => unreadable.push(Unreadable {
                    file: error.path().map(relative).unwrap_or_default(),
                    reason: "the folder cannot be read; check its permissions".into(),
                }),
            }
        }
    }
    files.sort();
    files.dedup();
    files
}
