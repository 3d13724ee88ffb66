//! Values that identify the patient, taken from the source, and the search for them in what is to be written: the last
//! barrier, for texts that the table lets through and for whatever a defect would let through.

use crate::io::dicom::{DataSet, Value};
use crate::io::elements::is_text;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use std::collections::HashSet;

/// Attributes whose whole value identifies a patient; names of persons are found by their VR.
const IDENTIFIERS: [Tag; 12] = [
    tags::PATIENT_ID,
    // Other Patient IDs and Medical Record Locator: retired, and still met.
    Tag(0x0010, 0x1000),
    Tag(0x0010, 0x1090),
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_ADDRESS,
    tags::PATIENT_TELEPHONE_NUMBERS,
    tags::ACCESSION_NUMBER,
    tags::STUDY_ID,
    tags::ADMISSION_ID,
    tags::SERVICE_EPISODE_ID,
    tags::FILLER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST,
    tags::PLACER_ORDER_NUMBER_IMAGING_SERVICE_REQUEST,
];
/// Characters from which a whole value counts; shorter ones ("1", "CT1") stand for nothing.
const LEAST_WHOLE: usize = 4;
/// Characters from which a part of a name counts.
const LEAST_PART: usize = 3;
/// Bytes up to which a coded string is taken for a term of the standard.
const LEAST_CODE: usize = 6;
/// Bytes from which a value is searched in coded pixels: shorter ones come about by chance.
const LEAST_IN_PIXELS: usize = 8;

/// What may not be found in the output.
#[derive(Debug, Default)]
pub(super) struct Traces {
    /// Lower-case values, searched in all texts.
    whole: HashSet<String>,
    /// Lower-case family, given and middle names, searched in free texts.
    parts: HashSet<String>,
    /// As in the file, searched among bytes.
    raw: HashSet<Vec<u8>>,
    uids: HashSet<String>,
}

impl Traces {
    /// Of a source; `replaced_uids` says which UIDs must not be found again.
    pub(super) fn of(data: &DataSet, meta: &DataSet, replaced_uids: impl Fn(Tag, &str) -> bool + Copy) -> Self {
        let mut traces = Self::default();
        traces.collect(data, replaced_uids);
        traces.collect(meta, replaced_uids);
        traces
    }

    fn collect(&mut self, data: &DataSet, replaced_uids: impl Fn(Tag, &str) -> bool + Copy) {
        for (tag, element) in data.iter() {
            let bytes = match &element.value {
                Value::Items(items) => {
                    items.iter().for_each(|item| self.collect(item, replaced_uids));
                    continue;
                }
                Value::Bytes(bytes) => bytes,
            };
            match element.vr {
                VR::UI => self.uids.extend(data.texts(tag).into_iter().filter(|uid| replaced_uids(tag, uid))),
                VR::PN => self.add_name(&data.text(tag), bytes),
                _ if IDENTIFIERS.contains(&tag) => {
                    data.texts(tag).iter().for_each(|text| self.add_whole(text, text.as_bytes()));
                }
                _ => {}
            }
        }
    }

    fn add_whole(&mut self, text: &str, raw: &[u8]) {
        if text.chars().count() >= LEAST_WHOLE && text != super::rules::DUMMY {
            self.whole.insert(text.to_lowercase());
            self.raw.insert(raw.trim_ascii().strip_suffix(b"\0").unwrap_or(raw.trim_ascii()).to_vec());
        }
    }

    fn add_name(&mut self, name: &str, raw: &[u8]) {
        self.add_whole(name, raw);
        for group in name.split(['=', '\\']) {
            self.add_whole(group, group.as_bytes());
            // Prefix and suffix ("Dr", "MR") are words of everyday.
            for part in group.split('^').take(3) {
                let part = part.trim();
                if part.chars().count() >= LEAST_PART
                    && part.chars().any(char::is_alphabetic)
                    && part != super::rules::DUMMY
                {
                    self.parts.insert(part.to_lowercase());
                }
            }
        }
    }

    /// True when a text that is about to stay holds an identifying value.
    pub(super) fn are_in_text(&self, vr: VR, text: &str) -> bool {
        // Numbers, dates and identifiers are replaced by their attribute, not by their looks.
        if !is_text(vr) || matches!(vr, VR::DS | VR::IS | VR::DA | VR::TM | VR::DT | VR::AS | VR::UI) {
            return false;
        }
        let lower = text.to_lowercase();
        let is_free = matches!(vr, VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC | VR::PN | VR::UR);
        // A short code ("HEAD") is more likely a defined term than somebody's ID.
        let counts = |value: &&String| is_free || value.len() > LEAST_CODE;
        self.whole.iter().filter(counts).any(|value| holds_word(&lower, value))
            || is_free && self.parts.iter().any(|part| holds_word(&lower, part))
            || numbers_with_dots(lower.as_bytes()).any(|uid| self.uids.contains(uid))
    }

    /// The first element of what was written that still holds an identifying value.
    pub(super) fn left_in(&self, data: &DataSet) -> Option<Tag> {
        data.iter().find_map(|(tag, element)| match &element.value {
            Value::Items(items) => items.iter().find_map(|item| self.left_in(item)),
            Value::Bytes(bytes) => {
                let uid = numbers_with_dots(bytes).any(|uid| self.uids.contains(uid));
                // What is no text is searched for the bytes of a value, like coded pixels.
                let text =
                    self.are_in_text(element.vr, &data.text(tag)) || !is_text(element.vr) && self.are_in_bytes(bytes);
                (uid || text).then_some(tag)
            }
        })
    }

    /// True when bytes that are no text hold an identifying value: comments in code streams, text in binary values.
    pub(super) fn are_in_bytes(&self, bytes: &[u8]) -> bool {
        let telling = |raw: &&Vec<u8>| raw.len() >= LEAST_IN_PIXELS && !raw.iter().all(u8::is_ascii_digit);
        self.raw.iter().filter(telling).any(|raw| find(bytes, raw))
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> bool {
    let Some((&first, rest)) = wanted.split_first() else { return false };
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|&b| b == first) {
        let after = from + at + 1;
        if bytes[after..].starts_with(rest) {
            return true;
        }
        from = after;
    }
    false
}

/// True when `text` holds `word` with no letter or digit right before or behind it.
fn holds_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !behind.is_some_and(char::is_alphanumeric)
    })
}

/// Runs of digits and dots that can be UIDs.
fn numbers_with_dots(bytes: &[u8]) -> impl Iterator<Item = &str> {
    bytes
        .split(|b| !(b.is_ascii_digit() || *b == b'.'))
        .filter(|run| run.len() >= 6 && run.contains(&b'.'))
        .filter_map(|run| std::str::from_utf8(run).ok())
}
