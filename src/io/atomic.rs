//! Files that are either whole or not there.
//!
//! A file is written beside its place under a temporary name, flushed to the disk, checked by whoever wrote it, and then
//! renamed. What stood at that place before survives every failure.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file under its temporary name. Dropped without [`Self::commit`], it disappears.
#[derive(Debug)]
pub struct PendingFile {
    temporary: NamedTempFile,
    place: PathBuf,
}

impl PendingFile {
    /// Writes what `fill` gives into a temporary file beside `place`, and flushes it to the disk.
    pub fn write(place: &Path, fill: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>) -> io::Result<Self> {
        if place.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "a folder of that name is in the way"));
        }
        let mut temporary = builder().tempfile_in(folder_of(place))?;
        let mut writer = BufWriter::new(temporary.as_file_mut());
        fill(&mut writer)?;
        writer.flush()?;
        drop(writer);
        temporary.as_file().sync_all()?;
        Ok(Self { temporary, place: place.to_owned() })
    }

    /// Where the content can be read back before it is committed.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Gives the file its name, replacing what stood there.
    pub fn commit(self) -> io::Result<()> {
        self.temporary.persist(&self.place).map_err(|e| e.error)?;
        Self::settle(&self.place);
        Ok(())
    }

    /// Gives the file its name; fails where one stands already.
    pub fn commit_new(self) -> io::Result<()> {
        self.temporary.persist_noclobber(&self.place).map_err(|e| e.error)?;
        Self::settle(&self.place);
        Ok(())
    }

    fn settle(place: &Path) {
        // The rename itself must reach the disk too. Folders cannot be opened everywhere, and the file is whole already.
        if let Ok(folder) = File::open(folder_of(place)) {
            let _ = folder.sync_all();
        }
    }
}

/// Writes bytes to a file that is either whole or not there.
pub fn write_bytes(place: &Path, bytes: &[u8]) -> io::Result<()> {
    PendingFile::write(place, |to| to.write_all(bytes))?.commit()
}

fn folder_of(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Hidden, recognizable names; the permissions that the user's mask leaves, not those of a secret.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".fovea-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}
