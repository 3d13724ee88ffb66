//! New identities from a key: the same in every file of a run, and in every run with the same key. Without the key nobody
//! can compute them from the old ones, or test a guess.

use crate::io::dicom::DataSet;
use crate::io::uid;
use dicom_dictionary_std::tags;
use jiff::ToSpan;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::path::Path;

/// The root of the UIDs that the standard itself defines: they say what things are, never whose.
const STANDARD_ROOT: &str = "1.2.840.10008.";
/// Dates move into the past by up to this many days.
const LONGEST_SHIFT_DAYS: u32 = 3650;

/// Makes pseudonyms.
pub(super) struct Pseudonyms {
    key: Vec<u8>,
}

impl Pseudonyms {
    /// From the user's key, or a random one that is forgotten after the run.
    pub(super) fn new(key: Option<&str>) -> Self {
        let random = || [uuid::Uuid::new_v4().into_bytes(), uuid::Uuid::new_v4().into_bytes()].concat();
        Self { key: key.map_or_else(random, |key| key.as_bytes().to_vec()) }
    }

    fn digest(&self, purpose: &str, parts: &[&str]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for part in [self.key.as_slice(), purpose.as_bytes()].into_iter().chain(parts.iter().map(|p| p.as_bytes())) {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    }

    fn new_uid(&self, purpose: &str, parts: &[&str]) -> String {
        uid::from_content([self.digest(purpose, parts).as_slice()])
    }

    /// The new UID of an old one; `None` for those that the standard defines, and for an empty one.
    pub(super) fn uid(&self, old: &str) -> Option<String> {
        (!old.is_empty() && !old.starts_with(STANDARD_ROOT)).then(|| self.new_uid("uid", &[old]))
    }

    /// A series without UID: the files of one folder with one series number belong together, as far as anybody can tell.
    pub(super) fn missing_uids(&self, data: &DataSet, file: &Path) -> [(dicom_core::Tag, String); 3] {
        let folder = file.parent().map(|f| f.to_string_lossy().into_owned()).unwrap_or_default();
        let name = file.to_string_lossy();
        let patient = identity(data);
        let number = data.text(tags::SERIES_NUMBER);
        [
            (tags::STUDY_INSTANCE_UID, self.new_uid("study", &[&patient, &data.text(tags::STUDY_DATE)])),
            (tags::SERIES_INSTANCE_UID, self.new_uid("series", &[&patient, &folder, &number])),
            (tags::SOP_INSTANCE_UID, self.new_uid("instance", &[&name])),
        ]
    }

    /// A few digits that tell source files apart and do not give their names away.
    pub(super) fn file_mark(&self, file: &Path) -> String {
        uid::hexadecimal(&self.digest("file", &[&file.to_string_lossy()])[..4])
    }

    /// "ANON-" and ten letters and digits.
    pub(super) fn patient_id(&self, patient: &str) -> String {
        let digest = self.digest("patient", &[patient]);
        format!("ANON-{}", uid::hexadecimal(&digest[..5]).to_uppercase())
    }

    /// Days by which the dates of a patient move into the past.
    pub(super) fn shift_days(&self, patient: &str) -> u32 {
        let digest = self.digest("dates", &[patient]);
        1 + u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]) % LONGEST_SHIFT_DAYS
    }
}

/// What makes two files files of one patient: ID and issuer, the name where there is no ID, the study where there is neither.
pub(super) fn identity(data: &DataSet) -> String {
    let id = data.text(tags::PATIENT_ID);
    if !id.is_empty() {
        return format!("id {id} of {}", data.text(tags::ISSUER_OF_PATIENT_ID));
    }
    let name = data.text(tags::PATIENT_NAME);
    if name.is_empty() { format!("study {}", data.text(tags::STUDY_INSTANCE_UID)) } else { format!("name {name}") }
}

/// A date (DA) or date with time (DT), moved into the past; `None` for what is no whole date.
pub(super) fn shifted(value: &str, days: u32) -> Option<String> {
    // Before 1993 dates were written with dots.
    let old_style = value.len() >= 10 && value.as_bytes()[4] == b'.' && value.as_bytes().get(7) == Some(&b'.');
    let plain = if old_style { value.replacen('.', "", 2) } else { value.to_owned() };
    let (date, rest) = (plain.get(..8)?, plain.get(8..)?);
    if !date.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let date = Date::new(date[..4].parse().ok()?, date[4..6].parse().ok()?, date[6..].parse().ok()?).ok()?;
    let moved = date.checked_sub(i64::from(days).days()).ok()?;
    Some(format!("{:04}{:02}{:02}{rest}", moved.year(), moved.month(), moved.day()))
}
