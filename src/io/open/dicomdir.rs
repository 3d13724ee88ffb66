//! DICOMDIR (PS3.3 F.5): not needed to find files (the folder is walked), but it tells which are missing, and it must
//! never lead out of its folder.

use crate::io::dicom::DataSet;
use crate::study::Unreadable;
use dicom_dictionary_std::tags;
use std::path::{Path, PathBuf};

/// Files named by the DICOMDIR at `root/file` that are missing or lie outside its folder; and the DICOMDIR itself, so that
/// every file is listed.
pub(super) fn problems(root: &Path, file: &Path, data: &DataSet) -> Vec<Unreadable> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let records = data.items(tags::DIRECTORY_RECORD_SEQUENCE);
    let mut found = Vec::new();
    let (mut named, mut missing, mut outside) = (0, 0, 0);
    for record in records {
        let parts = record.texts(tags::REFERENCED_FILE_ID);
        if parts.is_empty() {
            continue;
        }
        named += 1;
        let Some(inner) = inside(&parts) else {
            outside += 1;
            continue;
        };
        let target = folder.join(inner);
        if !root.join(&target).is_file() {
            missing += 1;
            let reason = "the DICOMDIR names this file, but it is not there; copy the whole medium".into();
            found.push(Unreadable { file: target, reason });
        }
    }
    let mut reason = format!("this is a DICOMDIR that names {named} files");
    if missing > 0 {
        reason.push_str(&format!(", {missing} of them missing"));
    }
    if outside > 0 {
        reason.push_str(&format!("; {outside} names lead out of its folder and were not followed"));
    }
    found.push(Unreadable { file: file.to_owned(), reason });
    found
}

/// A path of plain names only: no root, no parent, no separators within a name.
fn inside(parts: &[String]) -> Option<PathBuf> {
    let plain =
        |part: &String| !part.is_empty() && part != "." && part != ".." && !part.contains(['/', '\\', ':', '\0']);
    parts.iter().all(plain).then(|| parts.iter().collect())
}
