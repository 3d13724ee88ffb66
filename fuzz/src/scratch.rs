//! Inputs as files: most readers take a path. `scripts/fuzz` puts the folder into memory.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

static FOLDER: OnceLock<TempDir> = OnceLock::new();

/// The folder of this process.
pub fn folder() -> &'static Path {
    FOLDER.get_or_init(|| TempDir::new().expect("a folder for temporary files")).path()
}

/// Writes a file of this process; what it held before is gone.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    std::fs::write(&path, bytes).expect("room for temporary files");
    path
}

/// An empty folder of this process.
pub fn empty(name: &str) -> PathBuf {
    let path = folder().join(name);
    if path.exists() {
        std::fs::remove_dir_all(&path).expect("a folder of our own");
    }
    std::fs::create_dir(&path).expect("room for temporary files");
    path
}

/// The folder that all folders of this process lie in.
pub fn tmp() -> PathBuf {
    std::fs::canonicalize(std::env::temp_dir()).expect("a folder for temporary files")
}
