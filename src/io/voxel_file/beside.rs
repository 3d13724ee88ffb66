//! Data files that a header names: only in the header's own folder or below it.

use super::MAX_AXIS;
use std::path::{Component, Path, PathBuf};

/// The file `name` in the folder of `header`, or one sentence. Absolute names, `..` and links that lead out are refused.
pub fn beside(header: &Path, name: &str) -> Result<PathBuf, String> {
    let inner = Path::new(name.trim());
    let plain = inner.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !plain || name.contains(['\\', ':', '\0']) || inner.as_os_str().is_empty() {
        return Err("the header names a data file outside its folder, which is not opened".into());
    }
    let folder = header.parent().unwrap_or(Path::new("."));
    let file_name = inner.file_name().map_or_else(|| "its data file".into(), |n| n.to_string_lossy().into_owned());
    let missing = |_| format!("the data file {file_name} is missing; copy it beside its header");
    let found = folder.join(inner).canonicalize().map_err(missing)?;
    let home = folder.canonicalize().map_err(missing)?;
    if !found.starts_with(&home) {
        return Err("the header names a data file outside its folder, which is not opened".into());
    }
    if found.is_file() { Ok(found) } else { Err(format!("the data file {file_name} is no file")) }
}

/// The names that a pattern like `slice%03d.raw` makes of the numbers from first to last; `None` when that makes no sense.
pub fn numbered(pattern: &str, range: [&str; 3]) -> Option<Vec<String>> {
    let [first, last, step] = range.map(|n| n.parse::<i64>().ok());
    let (first, last, step) = (first?, last?, step?);
    let (before, rest) = pattern.split_once('%')?;
    let (width, after) = rest.split_once('d')?;
    let (zeros, width) = (width.starts_with('0'), if width.is_empty() { 0 } else { width.parse::<usize>().ok()? });
    if width > 20 {
        return None;
    }
    let name = |n: i64| {
        if zeros { format!("{before}{n:0width$}{after}") } else { format!("{before}{n:width$}{after}") }
    };
    let count = span(first, last, step)?;
    Some((0..=count).map(|n| name(first + n * step)).collect())
}

/// Steps from first to last, where they are not absurdly many.
fn span(first: i64, last: i64, step: i64) -> Option<i64> {
    last.checked_sub(first)?.checked_div(step).filter(|count| (0..MAX_AXIS as i64).contains(count))
}

/// Bytes of each of several files with equal parts; `None` when they cannot be equal.
pub fn share_of(bytes: u64, files: usize) -> Option<u64> {
    let files = files as u64;
    (files > 0 && bytes.is_multiple_of(files)).then(|| bytes / files)
}

/// One sentence about a file of bare numbers, where a header of the same name lies beside it.
pub fn header_of(data: &Path) -> Option<String> {
    let name = data.file_name()?.to_string_lossy().into_owned();
    let stem = name.split_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let header = ["hdr", "mhd", "nhdr"].map(|ending| format!("{stem}.{ending}"));
    let found = header.into_iter().find(|header| *header != name && data.with_file_name(header).is_file())?;
    Some(format!("these are the voxels that {found} describes; they are shown with it"))
}
