//! Where the contents of opened archives lie while a catalog lives.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// Contents of archives, in one private temporary folder that is removed with the last catalog that knows of it. A file is
/// found there by its path in the catalog: what is listed as `a/study.zip/1.dcm` lies at `FOLDER/a/study.zip/1.dcm`.
#[derive(Debug, Clone, Default)]
pub struct Unpacked {
    folder: Option<Arc<TempDir>>,
    /// Paths of the archives relative to the catalog's root; empty for the one that is the root itself.
    archives: BTreeSet<PathBuf>,
}

impl PartialEq for Unpacked {
    fn eq(&self, other: &Self) -> bool {
        self.archives == other.archives
    }
}

impl Unpacked {
    /// The folder of all contents, made when it is asked for first. On Unix nobody else may enter it.
    pub fn folder(&mut self) -> std::io::Result<PathBuf> {
        if self.folder.is_none() {
            self.folder = Some(Arc::new(private().tempdir()?));
        }
        Ok(self.folder.as_ref().map(|f| f.path().to_owned()).unwrap_or_default())
    }

    /// Notes that the archive at `archive` (relative to the root) was unpacked.
    pub fn insert(&mut self, archive: PathBuf) {
        self.archives.insert(archive);
    }

    /// How many archives a file lies in.
    pub fn depth(&self, file: &Path) -> usize {
        file.ancestors().skip(1).filter(|outer| self.archives.contains(*outer)).count()
    }

    /// The folder that the path of a file in an archive is relative to; `None` for a file that lies in none.
    pub fn root_of(&self, file: &Path) -> Option<&Path> {
        self.folder.as_ref().map(|folder| folder.path()).filter(|_| self.depth(file) > 0)
    }
}

/// On Unix, only the user may look into it.
fn private() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("fovea-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    builder
}
