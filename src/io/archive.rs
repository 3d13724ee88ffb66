//! Archives: ZIP, tar (plain, gzipped or bzip2ed) and single files that are gzipped or bzip2ed. Their contents are unpacked into
//! a private temporary folder, as long as the catalog lives.
//!
//! An archive is hostile until proven otherwise: entries that climb out, links and devices are refused and listed; bytes, files,
//! ratios and nesting are bounded; nothing is ever overwritten or followed.

mod entries;
mod unpack;

use super::{sniff, voxel_file};
use crate::jobs::{Cancel, Progress};
use crate::study::{Catalog, Unreadable};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use unpack::Unpacking;

/// Archives within archives that are opened: one in another.
const MAX_DEPTH: usize = 2;
/// Bytes that may be unpacked, whatever the size of the archives.
const FREE_BYTES: u64 = 768 << 20;
/// How many times their own size archives may unpack to beyond that. CT slices shrink to a half or a third.
const MAX_GROWTH: u64 = 16;

/// What kind of archive a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ZIP and ZIP64.
    Zip,
    /// tar.
    Tar,
    /// gzip, of a tar or of anything else.
    Gzip,
    /// bzip2, of a tar or of anything else.
    Bzip2,
}

/// Bytes that may still be unpacked while paths are opened: archives within archives share what the outer ones were granted.
#[derive(Debug)]
pub struct Budget(u64);

impl Default for Budget {
    fn default() -> Self {
        Self(FREE_BYTES)
    }
}

impl Budget {
    /// Adds what an archive that lies in no other brings with it.
    fn grant(&mut self, archive: &Path) {
        let length = std::fs::metadata(archive).map_or(0, |m| m.len());
        self.0 = self.0.saturating_add(length.saturating_mul(MAX_GROWTH));
    }
}

/// The kind of archive at a path, by its first bytes; `None` for anything else, and for compressed images that are read as they
/// are.
pub fn recognize(path: &Path, head: &[u8]) -> Option<Kind> {
    let compressed = match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => return Some(Kind::Zip),
        [0x1F, 0x8B, ..] => Kind::Gzip,
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Kind::Bzip2,
        _ if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("tar")) => {
            return is_tar(path).then_some(Kind::Tar);
        }
        _ => return None,
    };
    let image = voxel_file::recognize(path, head).is_some() || voxel_file::header_of(path).is_some();
    (!image).then_some(compressed)
}

/// What is said of archives of kinds that are not opened; `None` for anything else.
pub fn foreign(head: &[u8]) -> Option<String> {
    let kind = match head {
        [b'R', b'a', b'r', b'!', ..] => "RAR",
        [b'7', b'z', 0xBC, 0xAF, ..] => "7z",
        [0xFD, b'7', b'z', b'X', b'Z', ..] => "xz",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "Zstandard",
        _ => return None,
    };
    Some(format!("{kind} archives are not opened; unpack it first"))
}

/// True for a tar file with the magic of POSIX or GNU.
pub fn is_tar(path: &Path) -> bool {
    let mut head = [0; 512];
    File::open(path).is_ok_and(|mut file| file.read_exact(&mut head).is_ok()) && &head[257..262] == b"ustar"
}

/// The archive at the one path that is opened: its contents become the catalog's root. Gives the files in it; `None` when it is
/// no archive.
pub fn open_as_root(
    catalog: &mut Catalog,
    path: &Path,
    budget: &mut Budget,
    progress: &Progress,
    cancel: &Cancel,
) -> Option<Vec<PathBuf>> {
    let kind = recognize(path, &sniff(path).ok()?)?;
    progress.set("Unpacking the archive", None);
    let name = PathBuf::from(path.file_name()?);
    let unreadable = |reason| Unreadable { file: name.clone(), reason };
    let folder = match catalog.unpacked.folder() {
        Ok(folder) => folder,
        Err(error) => {
            catalog.unreadable.push(unreadable(no_folder(&error)));
            return Some(Vec::new());
        }
    };
    budget.grant(path);
    let mut unpacking = Unpacking::new(&folder, &mut budget.0, cancel);
    let outcome = unpacking.run(path, kind);
    let (files, refused) = unpacking.finish();
    catalog.unreadable.extend(refused);
    catalog.unreadable.extend(outcome.err().map(unreadable));
    catalog.root = folder;
    catalog.unpacked.insert(PathBuf::new());
    Some(files)
}

/// Unpacks archives that were found among the files of a catalog; gives the files in them, relative to its root.
pub fn open_found(
    catalog: &mut Catalog,
    archives: Vec<(PathBuf, Kind)>,
    budget: &mut Budget,
    progress: &Progress,
    cancel: &Cancel,
) -> Vec<PathBuf> {
    let total = archives.len();
    let mut found = Vec::new();
    for (n, (archive, kind)) in archives.into_iter().enumerate() {
        progress.set(format!("Unpacking archive {} of {total}", n + 1), None);
        match open_one(catalog, &archive, kind, budget, cancel) {
            Ok(files) => found.extend(files),
            Err(reason) => catalog.unreadable.push(Unreadable { file: archive, reason }),
        }
    }
    found
}

/// Unpacks one archive; an error says why nothing of it was.
fn open_one(
    catalog: &mut Catalog,
    archive: &Path,
    kind: Kind,
    budget: &mut Budget,
    cancel: &Cancel,
) -> Result<Vec<PathBuf>, String> {
    let nested = catalog.unpacked.depth(archive);
    if nested >= MAX_DEPTH {
        return Err(format!("archives nested more than {MAX_DEPTH} deep are not opened; unpack it first"));
    }
    let path = catalog.place(archive);
    let root = catalog.unpacked.folder().map_err(|e| no_folder(&e))?;
    // Unpacked beside its place: where an archive lies in another, its file must make way for the folder of its name.
    let made = tempfile::Builder::new().prefix(".unpacking-").tempdir_in(&root).map_err(|e| no_folder(&e))?;
    if nested == 0 {
        budget.grant(&path);
    }
    let mut unpacking = Unpacking::new(made.path(), &mut budget.0, cancel);
    let outcome = unpacking.run(&path, kind);
    let (files, refused) = unpacking.finish();
    let target = root.join(archive);
    if nested > 0 {
        std::fs::remove_file(&path).map_err(|e| no_folder(&e))?;
    }
    target.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(|e| no_folder(&e))?;
    std::fs::rename(made.keep(), &target).map_err(|e| no_folder(&e))?;
    let inside = |file: PathBuf| archive.join(file);
    catalog.unreadable.extend(refused.into_iter().map(|u| Unreadable { file: inside(u.file), ..u }));
    catalog.unreadable.extend(outcome.err().map(|reason| Unreadable { file: archive.to_owned(), reason }));
    catalog.unpacked.insert(archive.to_owned());
    Ok(files.into_iter().map(inside).collect())
}

fn no_folder(error: &std::io::Error) -> String {
    format!("it cannot be unpacked, because no temporary folder can be made ({error}); make room or set TMPDIR")
}
