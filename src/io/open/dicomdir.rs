//! DICOMDIR (PS3.3 F.5): where a folder is opened it is not needed to find files (the folder is walked), but it tells which are
//! missing and which it does not name; where it is opened itself, the files that it names are looked at. It never leads out of
//! its folder.
//!
//! File names on media are upper case (PS3.10 8.2); copies often are not, or carry the version suffix of ISO 9660 (`;1`).

use crate::io::dicom::DataSet;
use crate::study::Unreadable;
use dicom_dictionary_std::tags;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a DICOMDIR says of its files.
pub(super) struct Directory {
    /// The DICOMDIR itself, relative to the catalog's root.
    file: PathBuf,
    /// Files that it names and that are there, relative to the catalog's root.
    pub(super) found: Vec<PathBuf>,
    missing: Vec<PathBuf>,
    named: usize,
    outside: usize,
}

/// Looks for the files that the DICOMDIR at `place`, listed as `file`, names.
pub(super) fn read(place: &Path, file: &Path, data: &DataSet) -> Directory {
    let on_disk = place.parent().unwrap_or(Path::new("."));
    let listed = file.parent().unwrap_or(Path::new(""));
    let mut folders = Folders::default();
    let mut directory =
        Directory { file: file.to_owned(), found: Vec::new(), missing: Vec::new(), named: 0, outside: 0 };
    for record in data.items(tags::DIRECTORY_RECORD_SEQUENCE) {
        let id = record.texts(tags::REFERENCED_FILE_ID);
        let parts: Vec<&str> = id.iter().flat_map(|part| part.split('/')).collect();
        if parts.is_empty() {
            continue;
        }
        directory.named += 1;
        if !parts.iter().all(|part| is_plain(part)) {
            directory.outside += 1;
        } else if let Some(inner) = folders.find(on_disk, &parts) {
            directory.found.push(listed.join(inner));
        } else {
            directory.missing.push(listed.join(parts.iter().collect::<PathBuf>()));
        }
    }
    directory
}

impl Directory {
    /// Files that are missing; and the DICOMDIR itself, so that every file is listed. `others` are all files that were listed.
    pub(super) fn problems<'a>(self, others: impl Iterator<Item = &'a Path>) -> Vec<Unreadable> {
        let named: HashSet<&Path> = self.found.iter().map(PathBuf::as_path).collect();
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let is_extra = |file: &&Path| file.starts_with(folder) && *file != self.file && !named.contains(file);
        let extra = others.filter(is_extra).count();
        let mut reason = format!("this is a DICOMDIR that names {} files", self.named);
        if !self.missing.is_empty() {
            reason.push_str(&format!(", {} of them missing", self.missing.len()));
        }
        if self.outside > 0 {
            reason.push_str(&format!("; {} names lead out of its folder and were not followed", self.outside));
        }
        if extra > 0 {
            reason.push_str(&format!("; {extra} files in its folder are not named by it"));
        }
        let missing = "the DICOMDIR names this file, but it is not there; copy the whole medium";
        let mut problems: Vec<Unreadable> =
            self.missing.into_iter().map(|file| Unreadable { file, reason: missing.into() }).collect();
        problems.push(Unreadable { file: self.file, reason });
        problems
    }
}

/// A plain name: no root, no parent, no drive, no separator.
fn is_plain(part: &str) -> bool {
    !part.is_empty() && part != "." && part != ".." && !part.contains(['/', '\\', ':', '\0'])
}

/// The folders that were looked into, each once.
#[derive(Default)]
struct Folders(HashMap<PathBuf, Folder>);

/// Names in a folder; links are left out, because they could lead out of it.
#[derive(Default)]
struct Folder {
    exact: HashSet<OsString>,
    /// By the name in upper case without version.
    alike: BTreeMap<String, OsString>,
}

impl Folders {
    /// The file below `base` that the parts of a name lead to, relative to `base`.
    fn find(&mut self, base: &Path, parts: &[&str]) -> Option<PathBuf> {
        let mut inner = PathBuf::new();
        for part in parts {
            let folder = self.0.entry(base.join(&inner)).or_insert_with_key(|path| Folder::read(path));
            let exact = OsString::from(part);
            let name = if folder.exact.contains(&exact) { exact } else { folder.alike.get(&alike(part))?.clone() };
            inner.push(name);
        }
        base.join(&inner).is_file().then_some(inner)
    }
}

impl Folder {
    fn read(path: &Path) -> Self {
        let mut folder = Self::default();
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        for entry in entries.filter(|e| e.file_type().is_ok_and(|kind| !kind.is_symlink())) {
            let name = entry.file_name();
            folder.alike.entry(alike(&name.to_string_lossy())).or_insert_with(|| name.clone());
            folder.exact.insert(name);
        }
        folder
    }
}

/// Upper case, without the version and the empty extension of ISO 9660 ("img00001.;1").
fn alike(name: &str) -> String {
    let unversioned =
        name.rsplit_once(';').filter(|(_, v)| v.bytes().all(|b| b.is_ascii_digit())).map_or(name, |(n, _)| n);
    unversioned.trim_end_matches('.').to_uppercase()
}
