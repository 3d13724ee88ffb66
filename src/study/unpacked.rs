//! Where the contents of opened archives lie while a catalog lives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// Contents of archives, in one private temporary folder that is removed with the last catalog that knows of it.
#[derive(Debug, Clone, Default)]
pub struct Unpacked {
    folder: Option<Arc<TempDir>>,
    /// Folder with the contents, by the archive's path relative to the catalog's root.
    places: BTreeMap<PathBuf, PathBuf>,
}

impl PartialEq for Unpacked {
    fn eq(&self, other: &Self) -> bool {
        self.places == other.places
    }
}

impl Unpacked {
    /// An empty folder for the contents of an archive. On Unix nobody else may enter it.
    pub fn make_folder(&mut self) -> std::io::Result<PathBuf> {
        let folder = if let Some(folder) = &self.folder {
            folder.clone()
        } else {
            self.folder.insert(Arc::new(private().tempdir()?)).clone()
        };
        Ok(tempfile::Builder::new().prefix("").tempdir_in(folder.path())?.keep())
    }

    /// Notes that the archive at `archive` (relative to the root) was unpacked into `folder`.
    pub fn insert(&mut self, archive: PathBuf, folder: PathBuf) {
        self.places.insert(archive, folder);
    }

    /// How many archives a file lies in.
    pub fn depth(&self, file: &Path) -> usize {
        file.ancestors().skip(1).filter(|outer| self.places.contains_key(*outer)).count()
    }

    /// Where a file that lies in an archive really is; `None` for one that lies in none.
    pub fn place(&self, file: &Path) -> Option<PathBuf> {
        let (archive, folder) = file.ancestors().skip(1).find_map(|outer| self.places.get_key_value(outer))?;
        file.strip_prefix(archive).ok().map(|inner| folder.join(inner))
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
