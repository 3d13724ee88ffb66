//! The entries of each kind of archive.

use super::unpack::{Stop, Unpacking};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use tar::EntryType;
use zip::ZipArchive;

/// Longest name in an extension of tar.
const MAX_NAME: u64 = 4096;
/// Longest header extension of tar that is read.
const MAX_EXTENSION: u64 = 1 << 16;
const LINK: &str = "this is a link; links are not followed";
const DEVICE: &str = "this is no plain file";

/// ZIP and ZIP64, stored or deflated.
pub(super) fn zip(to: &mut Unpacking<'_>, path: &Path) -> Result<(), Stop> {
    let broken = |e: zip::result::ZipError| format!("the ZIP archive cannot be read: {e}");
    let file = File::open(path).map_err(|e| format!("the archive cannot be read: {e}"))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
    if archive.index_for_name("[Content_Types].xml").is_some() {
        return Err("this is an Office document, not an archive of images".into());
    }
    for n in 0..archive.len() {
        let entry = archive.by_index_data(n).map_err(broken)?;
        let name = entry
            .name()
            .map_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned(), std::borrow::Cow::into_owned);
        let packed = entry.compressed_size();
        if entry.is_dir() {
            continue;
        }
        if entry.is_symlink() {
            to.refuse(&name, LINK);
        } else if entry.encrypted() {
            to.refuse(&name, "it is encrypted; unpack the archive with its password first");
        } else {
            match archive.by_index(n) {
                Ok(mut entry) => to.file(&name, Some(packed), &mut entry)?,
                Err(error) => to.refuse(&name, format!("it cannot be unpacked: {error}")),
            }
        }
    }
    Ok(())
}

/// tar of every age; long names by GNU and POSIX.
pub(super) fn tar(to: &mut Unpacking<'_>, from: &mut dyn Read) -> Result<(), Stop> {
    let cut = |e: std::io::Error| format!("the tar archive cannot be read to its end: {e}");
    let mut archive = tar::Archive::new(from);
    let mut long_name: Option<String> = None;
    for entry in archive.entries().map_err(cut)?.raw(true) {
        let mut entry = entry.map_err(cut)?;
        let name = long_name.take().unwrap_or_else(|| String::from_utf8_lossy(&entry.path_bytes()).into_owned());
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => to.file(&name, None, &mut entry)?,
            EntryType::Directory | EntryType::XGlobalHeader => {}
            EntryType::GNULongName => {
                let text = start_of(&mut entry, MAX_NAME).map_err(cut)?;
                long_name = Some(text.trim_end_matches('\0').to_owned());
            }
            EntryType::XHeader => long_name = pax_path(&start_of(&mut entry, MAX_EXTENSION).map_err(cut)?),
            EntryType::Symlink | EntryType::Link => to.refuse(&name, LINK),
            // The target of a link that is refused anyway; the name still belongs to the next entry.
            EntryType::GNULongLink => long_name = Some(name).filter(|n| n != "././@LongLink"),
            _ => to.refuse(&name, DEVICE),
        }
    }
    Ok(())
}

fn start_of(from: &mut impl Read, most: u64) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    from.take(most).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// "path" among the records "length key=value\n" of a POSIX header extension.
fn pax_path(records: &str) -> Option<String> {
    records.lines().find_map(|line| line.split_once(' ')?.1.strip_prefix("path=").map(str::to_owned))
}

/// A compressed stream: a tar, or one file that has the archive's name without its ending.
pub(super) fn compressed(to: &mut Unpacking<'_>, path: &Path, mut from: impl Read, ending: &str) -> Result<(), Stop> {
    let mut head = Vec::new();
    (&mut from).take(512).read_to_end(&mut head).map_err(|e| format!("the compressed file cannot be unpacked: {e}"))?;
    let is_tar = head.get(257..262) == Some(b"ustar");
    // Headers are skipped without being written: they count too.
    let mut all = head.chain(from).take(to.allowance());
    if is_tar {
        return tar(to, &mut all);
    }
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let inner = if name.to_lowercase().ends_with(ending) { &name[..name.len() - ending.len()] } else { &name };
    let packed = std::fs::metadata(path).map_or(0, |m| m.len());
    to.file(inner, Some(packed), &mut all)
}
