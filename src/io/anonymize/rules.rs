//! The profile applied to one data set, item by item (PS3.15 E.1): a new data set with what may stay.
//!
//! Values that stay are the source's bytes. Beyond the table: group lengths, unknown standard attributes, overlays and
//! curves as whole groups, and pixels inside items are removed; a text that holds a value which identifies the patient is
//! replaced, whatever the table says.

use super::profile::{Action, Dates, Fallback, Kind, ProfileOptions, is_safe_private};
use super::pseudonym::{Pseudonyms, shifted};
use super::traces::Traces;
use crate::io::dicom::{DataSet, Element, Value};
use crate::io::elements::is_text;
use dicom_core::dictionary::DataDictionary;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};
use std::collections::HashSet;
use std::sync::LazyLock;

/// What happened to the elements of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Standard attributes that were removed.
    pub removed: usize,
    /// Private attributes that were removed.
    pub private_removed: usize,
    /// Values that were emptied.
    pub emptied: usize,
    /// Values that were replaced by dummies, pseudonyms or cleaned texts.
    pub replaced: usize,
    /// UIDs that were replaced.
    pub uids: usize,
    /// Dates that were moved.
    pub dates_moved: usize,
    /// Kept texts that held an identifying value, and lost it.
    pub traces_removed: usize,
}

/// Who the patient becomes.
#[derive(Debug, Clone)]
pub(super) struct NewIdentity {
    pub id: String,
    pub name: String,
    pub shift_days: u32,
}

pub(super) struct Rules<'a> {
    pub options: &'a ProfileOptions,
    pub pseudonyms: &'a Pseudonyms,
    pub identity: &'a NewIdentity,
    pub kind: Kind,
    pub traces: &'a Traces,
    pub counts: Counts,
}

/// Stands for a text that had to go where something must stand (action D).
pub(super) const DUMMY: &str = "REMOVED";

impl Rules<'_> {
    /// What of a data set may stay.
    pub(super) fn apply(&mut self, data: &DataSet, is_item: bool) -> DataSet {
        let mut kept = DataSet::default();
        for (tag, element) in data.iter() {
            if self.is_dropped(data, tag, element, is_item) {
                let private = tag.group() % 2 == 1;
                *(if private { &mut self.counts.private_removed } else { &mut self.counts.removed }) += 1;
                continue;
            }
            // Private attributes that are still here are on the list of safe ones.
            let action = match tag {
                _ if tag.group() % 2 == 1 => Action::Keep,
                tags::PATIENT_NAME | tags::PATIENT_ID => {
                    self.counts.replaced += 1;
                    let text = if tag == tags::PATIENT_ID { &self.identity.id } else { &self.identity.name };
                    kept.put(tag, text_element(element.vr, text));
                    continue;
                }
                _ => self.options.action(tag, element, self.kind),
            };
            if let Some(element) = self.perform(action, data, tag, element) {
                kept.put(tag, element);
            }
        }
        kept
    }

    /// Attributes that go before the table is asked.
    fn is_dropped(&self, data: &DataSet, tag: Tag, element: &Element, is_item: bool) -> bool {
        match (tag.group(), tag.element()) {
            // Group lengths are retired and would be wrong; groups below 8 do not belong into a data set.
            (group, element) if group < 8 || element == 0 => true,
            (group, _) if group % 2 == 1 => !self.is_kept_private(data, tag, element),
            // Curves and overlays: what they show cannot be judged, and what is left of them would be no valid module.
            (0x5000..=0x50FF | 0x6000..=0x60FF, _) => true,
            (0x7FE0, 0x0008..=0x0010) => is_item,
            _ => StandardDataDictionary.by_tag(tag).is_none(),
        }
    }

    fn is_kept_private(&self, data: &DataSet, tag: Tag, element: &Element) -> bool {
        let block = tag.element() >> 8;
        if !self.options.retain_safe_private || matches!(element.value, Value::Items(_)) {
            return false;
        }
        if block == 0 {
            // The creator of a block stays when something of the block does.
            let creator = data.text(tag);
            let stays = |other: Tag| other.element() >> 8 == tag.element() && is_safe_private(&creator, other);
            return data.iter().any(|(other, _)| other.group() == tag.group() && stays(other));
        }
        is_safe_private(&data.text(Tag(tag.group(), block)), tag)
    }

    fn perform(&mut self, action: Action, data: &DataSet, tag: Tag, element: &Element) -> Option<Element> {
        match action {
            Action::Remove => {
                self.counts.removed += 1;
                None
            }
            Action::Empty => {
                self.counts.emptied += 1;
                let empty_items = element.vr == VR::SQ;
                let value = if empty_items { Value::Items(Vec::new()) } else { Value::Bytes(Vec::new()) };
                Some(Element { vr: element.vr, value })
            }
            Action::Dummy => {
                self.counts.replaced += 1;
                Some(self.dummy(element.vr))
            }
            Action::Uid => Some(self.new_uids(data, tag, element)),
            Action::Keep => Some(self.keep(data, tag, element)),
            Action::Content => Some(self.content(element)),
            Action::Shift(fallback) => self.shift(fallback, data, tag, element),
            Action::Words(fallback) => self.words(fallback, data, tag, element),
        }
    }

    fn keep(&mut self, data: &DataSet, tag: Tag, element: &Element) -> Element {
        match &element.value {
            Value::Items(items) => {
                let items = items.iter().map(|item| self.apply(item, true)).collect();
                Element { vr: element.vr, value: Value::Items(items) }
            }
            Value::Bytes(bytes) => {
                if is_text(element.vr) && self.traces.are_in_text(element.vr, &data.text(tag)) {
                    self.counts.traces_removed += 1;
                    return self.dummy(element.vr);
                }
                Element { vr: element.vr, value: Value::Bytes(even(bytes.clone(), element.vr)) }
            }
        }
    }

    fn dummy(&self, vr: VR) -> Element {
        let text = match vr {
            VR::DA => "19000101",
            VR::TM => "000000",
            VR::DT => "19000101000000",
            VR::AS => "000Y",
            VR::DS | VR::IS => "0",
            VR::UI => return text_element(vr, &self.pseudonyms.uid("dummy").unwrap_or_default()),
            VR::UR => "urn:removed",
            VR::SQ => return Element { vr, value: Value::Items(vec![dummy_code()]) },
            vr if is_text(vr) => DUMMY,
            VR::FD | VR::OD | VR::SV | VR::UV | VR::OV => return Element { vr, value: Value::Bytes(vec![0; 8]) },
            VR::UL | VR::SL | VR::FL | VR::OF | VR::OL | VR::AT => {
                return Element { vr, value: Value::Bytes(vec![0; 4]) };
            }
            _ => return Element { vr, value: Value::Bytes(vec![0; 2]) },
        };
        text_element(vr, text)
    }

    fn new_uids(&mut self, data: &DataSet, tag: Tag, element: &Element) -> Element {
        let old = data.texts(tag);
        let new: Vec<String> = old.iter().map(|uid| self.pseudonyms.uid(uid).unwrap_or_else(|| uid.clone())).collect();
        self.counts.uids += old.iter().zip(&new).filter(|(old, new)| old != new).count();
        text_element(element.vr, &new.join("\\"))
    }

    fn shift(&mut self, fallback: Fallback, data: &DataSet, tag: Tag, element: &Element) -> Option<Element> {
        // Times of day stay: only the calendar moves (PS3.15 E.3.6).
        if element.vr == VR::TM {
            return Some(self.keep(data, tag, element));
        }
        let old = data.texts(tag);
        if old.is_empty() {
            return Some(element.clone());
        }
        let days = self.identity.shift_days;
        let moved: Option<Vec<String>> = old.iter().map(|date| shifted(date, days)).collect();
        let Some(moved) = moved else { return self.perform(fallback.into(), data, tag, element) };
        self.counts.dates_moved += moved.len();
        Some(text_element(element.vr, &moved.join("\\")))
    }

    fn words(&mut self, fallback: Fallback, data: &DataSet, tag: Tag, element: &Element) -> Option<Element> {
        let known = known_words(&data.text(tag));
        if known.is_empty() || self.traces.are_in_text(element.vr, &known) {
            return self.perform(fallback.into(), data, tag, element);
        }
        self.counts.replaced += 1;
        Some(text_element(element.vr, &known))
    }

    /// Content items (PS3.3 C.17.3) without those that hold free text, names, or dates that must go.
    fn content(&mut self, element: &Element) -> Element {
        let Value::Items(items) = &element.value else { return self.dummy(element.vr) };
        let (kept, lost): (Vec<&DataSet>, Vec<&DataSet>) = items.iter().partition(|item| self.is_safe_content(item));
        self.counts.removed += lost.len();
        let items = kept.into_iter().map(|item| self.apply(item, true)).collect();
        Element { vr: element.vr, value: Value::Items(items) }
    }

    fn is_safe_content(&self, item: &DataSet) -> bool {
        match item.text(tags::VALUE_TYPE).as_str() {
            "CONTAINER" | "NUM" | "NUMERIC" | "CODE" | "IMAGE" | "COMPOSITE" | "WAVEFORM" | "SCOORD" | "SCOORD3D"
            | "TCOORD" | "UIDREF" => true,
            "DATE" | "TIME" | "DATETIME" => self.options.dates != Dates::Remove,
            _ => false,
        }
    }
}

/// A text as an element; `text` is ASCII, which every character set holds.
pub(super) fn text_element(vr: VR, text: &str) -> Element {
    Element { vr, value: Value::Bytes(even(text.as_bytes().to_vec(), vr)) }
}

/// Values have even lengths (PS3.5 7.1.1): texts are padded by a space, UIDs and binary values by a zero.
fn even(mut bytes: Vec<u8>, vr: VR) -> Vec<u8> {
    if bytes.len() % 2 == 1 {
        bytes.push(if is_text(vr) && vr != VR::UI { b' ' } else { 0 });
    }
    bytes
}

/// A code that says nothing.
fn dummy_code() -> DataSet {
    let mut item = DataSet::default();
    item.put(tags::CODE_VALUE, text_element(VR::SH, DUMMY));
    item.put(tags::CODING_SCHEME_DESIGNATOR, text_element(VR::SH, "99REMOVED"));
    item.put(tags::CODE_MEANING, text_element(VR::LO, DUMMY));
    item
}

static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let text = include_str!("../../../assets/deidentify/words.txt");
    text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
});

/// The words of a description that are on the list, and numbers of up to three digits, "5mm" included.
fn known_words(text: &str) -> String {
    let is_known = |word: &&str| {
        let lower = word.to_lowercase();
        let letters = lower.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = lower.len() - letters.len();
        WORDS.contains(lower.as_str()) || digits > 0 && digits <= 3 && (letters.is_empty() || WORDS.contains(letters))
    };
    text.split(|c: char| !c.is_alphanumeric()).filter(is_known).collect::<Vec<_>>().join(" ")
}
