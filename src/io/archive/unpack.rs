//! Writing the entries of one archive into a folder, within bounds.

use super::Kind;
use super::entries;
use crate::jobs::Cancel;
use crate::study::Unreadable;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Files of one archive.
const MAX_FILES: usize = 200_000;
/// Folders within folders.
const MAX_FOLDERS: usize = 32;
/// A file may grow by this factor while unpacked …
const MAX_RATIO: u64 = 200;
/// … or to this size, whatever the factor.
const FREE_FILE_BYTES: u64 = 16 << 20;

/// One archive on its way into a folder.
pub(super) struct Unpacking<'a> {
    into: &'a Path,
    left: &'a mut u64,
    cancel: &'a Cancel,
    files: Vec<PathBuf>,
    refused: Vec<Unreadable>,
}

/// What stops the unpacking of the whole archive.
pub(super) type Stop = String;

impl<'a> Unpacking<'a> {
    /// Unpacks at most `left` bytes, and takes from it what it unpacks.
    pub(super) fn new(into: &'a Path, left: &'a mut u64, cancel: &'a Cancel) -> Self {
        Self { into, left, cancel, files: Vec::new(), refused: Vec::new() }
    }

    /// Unpacks what can be unpacked; an error says why not all of it was.
    pub(super) fn run(&mut self, path: &Path, kind: Kind) -> Result<(), Stop> {
        match kind {
            Kind::Zip => entries::zip(self, path),
            Kind::Tar => entries::tar(self, &mut open(path)?),
            Kind::Gzip => entries::compressed(self, path, flate2::read::MultiGzDecoder::new(open(path)?), ".gz"),
            Kind::Bzip2 => entries::compressed(self, path, bzip2::read::MultiBzDecoder::new(open(path)?), ".bz2"),
        }
    }

    /// Bytes that may still be unpacked.
    pub(super) fn allowance(&self) -> u64 {
        *self.left
    }

    /// Files that were unpacked, in order of their names, and entries that were not.
    pub(super) fn finish(mut self) -> (Vec<PathBuf>, Vec<Unreadable>) {
        self.files.sort();
        (self.files, self.refused)
    }

    /// Lists an entry that is not unpacked.
    pub(super) fn refuse(&mut self, name: &str, reason: impl Into<String>) {
        // Names that climb are shown, not followed: without their roots and parents.
        let shown: PathBuf = name.split(['/', '\\']).filter(|p| !matches!(*p, "" | "." | "..")).collect();
        let file = if shown.as_os_str().is_empty() { PathBuf::from("?") } else { shown };
        self.refused.push(Unreadable { file, reason: reason.into() });
    }

    /// Writes one entry; `packed` is its size in the archive, where it is known.
    pub(super) fn file(&mut self, name: &str, packed: Option<u64>, from: &mut dyn Read) -> Result<(), Stop> {
        if self.files.len() >= MAX_FILES {
            return Err(format!("the archive holds more than {MAX_FILES} files; the others were not unpacked"));
        }
        let inner = match plain(name) {
            Ok(inner) => inner,
            Err(reason) => {
                self.refuse(name, reason);
                return Ok(());
            }
        };
        let target = self.into.join(&inner);
        let made = target.parent().map_or(Ok(()), std::fs::create_dir_all);
        let file = made.and_then(|()| File::options().write(true).create_new(true).open(&target));
        let mut file = match file {
            Ok(file) => file,
            Err(error) => return self.cannot_write(name, &error),
        };
        match self.copy(from, packed, &mut file)? {
            Copied::All => self.files.push(inner),
            Copied::Refused(reason) => {
                drop(file);
                // It was made just now, and nothing refers to it.
                let _ = std::fs::remove_file(&target);
                self.refuse(name, reason);
            }
        }
        Ok(())
    }

    fn copy(&mut self, from: &mut dyn Read, packed: Option<u64>, to: &mut File) -> Result<Copied, Stop> {
        let most = packed.map_or(u64::MAX, |bytes| bytes.saturating_mul(MAX_RATIO).max(FREE_FILE_BYTES));
        let mut written = 0u64;
        let mut buffer = vec![0; 1 << 17];
        loop {
            if self.cancel.is_cancelled() {
                return Err("unpacking was cancelled".into());
            }
            let n = match from.read(&mut buffer) {
                Ok(0) => return Ok(Copied::All),
                Ok(n) => n,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Ok(Copied::Refused(format!("it cannot be unpacked: {e}"))),
            };
            written += n as u64;
            if written > most {
                let reason = format!("it grows more than {MAX_RATIO} times when unpacked, like a decompression bomb");
                return Ok(Copied::Refused(reason));
            }
            *self.left = self.left.checked_sub(n as u64).ok_or_else(|| {
                "the archive unpacks to far more than its own size, like a decompression bomb; the rest was left out".to_owned()
            })?;
            if let Err(error) = to.write_all(&buffer[..n]) {
                return Err(no_room(&error));
            }
        }
    }

    /// A name that is taken is the entry's fault, anything else the disk's.
    fn cannot_write(&mut self, name: &str, error: &std::io::Error) -> Result<(), Stop> {
        match error.kind() {
            ErrorKind::AlreadyExists => {
                self.refuse(name, "the archive holds several entries of this name; the first is kept");
            }
            ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput => {
                self.refuse(name, "a file of this name cannot be made");
            }
            _ => return Err(no_room(error)),
        }
        Ok(())
    }
}

enum Copied {
    All,
    Refused(String),
}

fn no_room(error: &std::io::Error) -> Stop {
    format!("it cannot be unpacked into the folder for temporary files ({error}); make room or set TMPDIR")
}

fn open(path: &Path) -> Result<File, Stop> {
    File::open(path).map_err(|e| format!("the archive cannot be read: {e}"))
}

/// The name of an entry as a path of plain names, or why it is none.
fn plain(name: &str) -> Result<PathBuf, &'static str> {
    const CLIMBS: &str = "its name leads out of the archive; it was not unpacked";
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with(['/', '\\']) || drive || name.contains('\0') {
        return Err(CLIMBS);
    }
    let parts: Vec<&str> = name.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(CLIMBS);
    }
    if parts.is_empty() {
        return Err("it has no name");
    }
    if parts.len() > MAX_FOLDERS {
        return Err("its folders are nested too deep");
    }
    Ok(parts.iter().collect())
}
