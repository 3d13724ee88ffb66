//! What several tests need.

use std::path::{Path, PathBuf};

/// The shared data beside the project (`../shared`), or `None` after saying loudly that a test is skipped.
#[allow(dead_code)]
pub fn shared() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if root.join("data/ground_truth.json").exists() {
        return Some(root);
    }
    eprintln!("SKIPPED: {} is missing; this test needs the shared data beside the project", root.display());
    None
}
