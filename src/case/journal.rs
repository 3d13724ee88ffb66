//! The append-only journal of a case, in a folder of the program's own data: after `kill -9` the next start offers the
//! case as it was.
//!
//! A journal is one file of self-checking frames (`frames`): a header, then one record per edit, undo and redo. While a
//! program writes a journal it holds a lock on it, so that another running program does not offer it as lost.

use super::frames::{Frame, MAGIC, decode_all};
use super::records::EditRecord;
use super::{Case, EditError};
use crate::loaded::LoadedSeries;
use crate::report::{Report, ReportStatus};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Ending of journal files.
const ENDING: &str = "fovea-journal";

/// What a case is about: enough to open its images again and to check that they are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalHeader {
    /// Version of the program that wrote it.
    pub program: String,
    /// When the case was opened (RFC 3339).
    pub opened: String,
    /// What was opened.
    pub paths: Vec<PathBuf>,
    /// Study Instance UID.
    pub study_uid: String,
    /// Series Instance UID.
    pub series_uid: String,
    /// What to call it when it is offered: patient and study, as on the banner.
    pub title: String,
}

/// Why a journal could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk said no.
    #[error(
        "the journal in {folder} could not be written ({source}): changes would not survive a crash; free some space or correct the folder's rights"
    )]
    Write {
        /// The program's data folder.
        folder: String,
        /// What the system said.
        source: io::Error,
    },
    /// It could not be read.
    #[error("the journal could not be read: {0}")]
    Read(io::Error),
    /// It is not a journal, or not one of these images.
    #[error("{0}")]
    Content(String),
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

/// A journal that was not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recoverable {
    /// Its file.
    pub path: PathBuf,
    /// What it is about.
    pub header: JournalHeader,
    /// How many edits it holds.
    pub edits: usize,
}

impl Journal {
    /// Starts a journal in `folder`, which is made if need be. Readable by the user only, where the system allows.
    pub fn create(folder: &Path, header: &JournalHeader) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Write { folder: folder.display().to_string(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let path = folder.join(format!("{}.{ENDING}", uuid::Uuid::new_v4()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(failed)?;
        // A file system without locks only costs the guard against a second running program.
        let _ = file.try_lock();
        let mut journal = Self { file, path };
        let text = serde_json::to_vec(header).map_err(|e| failed(e.into()))?;
        let frame = Frame { text, blob: Vec::new() }.encode().map_err(failed)?;
        journal.write(&[MAGIC.as_slice(), &frame].concat())?;
        Ok(journal)
    }

    pub(super) fn append(&mut self, record: &EditRecord) -> Result<(), JournalError> {
        let text = serde_json::to_vec(record).map_err(|e| self.failed(e.into()))?;
        let frame = Frame { text, blob: record.blob().to_vec() }.encode().map_err(|e| self.failed(e))?;
        self.write(&frame)
    }

    /// Cleanly closed: nothing to recover, the file goes.
    pub(super) fn close(mut self) -> Result<(), JournalError> {
        // Should removing fail, the mark keeps it from being offered.
        self.append(&EditRecord::Closed)?;
        let _ = fs::remove_file(&self.path);
        Ok(())
    }

    /// The whole frame in one call: a torn one is recognized by its checksum.
    fn write(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        self.file.write_all(bytes).map_err(|e| self.failed(e))
    }

    fn failed(&self, source: io::Error) -> JournalError {
        let folder = self.path.parent().unwrap_or(&self.path).display().to_string();
        JournalError::Write { folder, source }
    }
}

/// Journals in `folder` that were not closed and that no running program holds, latest first; without edits they are
/// worth nothing and are removed.
pub fn recoverable(folder: &Path) -> Vec<Recoverable> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<Recoverable> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == ENDING))
        .filter_map(|path| inspect(&path))
        .collect();
    found.sort_by(|a, b| b.header.opened.cmp(&a.header.opened));
    found
}

fn inspect(path: &Path) -> Option<Recoverable> {
    let file = File::open(path).ok()?;
    if matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)) {
        return None;
    }
    let (header, records) = read(path).ok()?;
    let closed = matches!(records.last(), Some((EditRecord::Closed, _)));
    if closed || records.is_empty() {
        let _ = fs::remove_file(path);
        return None;
    }
    Some(Recoverable { path: path.to_owned(), header, edits: records.len() })
}

/// Records with the bulk data that travels beside each.
type Records = Vec<(EditRecord, Vec<u8>)>;

fn read(path: &Path) -> Result<(JournalHeader, Records), JournalError> {
    let bytes = fs::read(path).map_err(JournalError::Read)?;
    let mut frames = decode_all(&bytes).0.into_iter();
    let first = frames.next().ok_or_else(|| JournalError::Content("this file is not a journal of Fovea".into()))?;
    let header = serde_json::from_slice(&first.text)
        .map_err(|_| JournalError::Content("the journal's header is damaged".into()))?;
    // A record that a later program wrote and this one does not know ends what can be replayed.
    let records = frames.map_while(|f| Some((serde_json::from_slice(&f.text).ok()?, f.blob))).collect();
    Ok((header, records))
}

/// The case as it was: replays a journal on the same images. The old journal is removed once the new one, in the same
/// folder, holds everything.
pub fn recover(path: &Path, source: LoadedSeries) -> Result<Case, JournalError> {
    let (header, records) = read(path)?;
    if header.series_uid != source.series.key() || header.study_uid != source.study.uid {
        return Err(JournalError::Content(
            "the images opened are not those of the saved case; open the folder named in it".into(),
        ));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let journal = Journal::create(folder, &header)?;
    let empty = Report { status: ReportStatus::Draft, sections: Vec::new() };
    let grid = source.geometry().cloned();
    let mut case = Case::new(source, empty, Some(journal));
    for (record, blob) in records {
        let outcome = match record {
            EditRecord::Undo => case.undo().map(|_| ()),
            EditRecord::Redo => case.redo().map(|_| ()),
            EditRecord::Closed => break,
            record => match record.into_edit(&blob, grid.as_ref()) {
                Some(edit) => case.apply(edit),
                None => break,
            },
        };
        match outcome {
            Ok(()) => {}
            Err(EditError::Journal(problem)) => return Err(problem),
            // What no longer applies ends the replay: the case up to here is sound.
            Err(_) => break,
        }
    }
    let _ = fs::remove_file(path);
    Ok(case)
}
