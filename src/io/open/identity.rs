//! Names as they are shown, and UIDs for what has none: 2.25 UIDs (PS3.5 B.2) from a hash, so that the same content gets
//! the same UID every time it is opened.

use super::entry::Entry;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Content that is hashed; with the length it tells files apart.
const HASHED_BYTES: u64 = 32 << 20;

/// A 2.25 UID from parts of an identity.
pub fn derived_uid<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut uuid = [0; 16];
    uuid.copy_from_slice(&digest[..16]);
    // A UUID of version 8 (custom), variant 1.
    uuid[6] = uuid[6] & 0x0F | 0x80;
    uuid[8] = uuid[8] & 0x3F | 0x80;
    format!("2.25.{}", u128::from_be_bytes(uuid))
}

/// Study, series and instance UID of a file that is not DICOM.
pub(super) fn from_content(path: &Path) -> std::io::Result<[String; 3]> {
    let mut content = Vec::new();
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    file.take(HASHED_BYTES).read_to_end(&mut content)?;
    let digest: [u8; 32] = Sha256::digest(&content).into();
    let uid = |level: &[u8]| derived_uid([level, &digest[..], &length.to_le_bytes()]);
    Ok([uid(b"study"), uid(b"series"), uid(b"instance")])
}

/// Fills in the UIDs that a DICOM object lacks, so that files of one series stay together, and says so.
pub(super) fn complete(entry: &mut Entry, path: &Path) {
    let folder = path.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let (study, series, instance) = (&mut entry.study, &mut entry.series, &mut entry.instance);
    let mut missing = Vec::new();
    if study.uid.is_empty() {
        let patient = &study.patient;
        let parts = [&patient.id, &patient.name, &study.date, &study.time, &study.accession, &study.study_id, &folder];
        study.uid = derived_uid(parts.map(String::as_bytes));
        missing.push("Study");
    }
    if series.uid.is_empty() {
        let number = series.number.map(|n| n.to_string()).unwrap_or_default();
        let parts =
            [&study.uid, &series.modality, &number, &series.description, &series.frame_of_reference_uid, &folder];
        series.uid = derived_uid(parts.map(String::as_bytes));
        missing.push("Series");
    }
    if instance.sop_instance_uid.is_empty() {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let number = instance.number.map(|n| n.to_string()).unwrap_or_default();
        instance.sop_instance_uid = derived_uid([&series.uid, &name, &number].map(std::string::String::as_bytes));
        missing.push("SOP");
    }
    if !missing.is_empty() {
        entry.warnings.add(format!("no {} Instance UID in the file; one was derived", missing.join(", ")));
    }
}

/// One of the three groups of a name as it is shown: alphabetic, ideographic, phonetic (PS3.5 6.2.1.2); empty when absent.
pub(super) fn name_group(name: &str, group: usize) -> String {
    shown_group(name.split('=').nth(group).unwrap_or_default())
}

/// "Doe^John^M" as "Doe, John M"; other scripts of the same name in parentheses (PS3.5 6.2.1).
pub(crate) fn shown_name(name: &str) -> String {
    let mut groups = name.split('=').map(shown_group).filter(|g| !g.is_empty());
    let first = groups.next().unwrap_or_default();
    let others: Vec<String> = groups.collect();
    if others.is_empty() { first } else { format!("{first} ({})", others.join("; ")) }
}

fn shown_group(text: &str) -> String {
    let parts: Vec<&str> = text.split('^').map(str::trim).collect();
    let family = parts.first().copied().unwrap_or_default();
    let rest: Vec<&str> = parts.iter().skip(1).copied().filter(|p| !p.is_empty()).collect();
    match (family.is_empty(), rest.is_empty()) {
        (_, true) => family.to_owned(),
        (true, false) => rest.join(" "),
        (false, false) => format!("{family}, {}", rest.join(" ")),
    }
}
