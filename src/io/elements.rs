//! The data elements of a file as lines to read: what `fovea tags` prints and the window's tag browser lists.
//!
//! A listing is flat: each [`Line`] is an element or the beginning of an item, its children follow one level deeper. Texts
//! are decoded by Specific Character Set; binary values show their length and first bytes. The reading is bounded by
//! [`super::dicom`]; a listing holds at most [`MAX_LINES`] lines and says so when it ends there.

mod compare;
mod value;

pub use compare::{Change, Compared, compare};

use super::dicom::{DataSet, DicomError, DicomFile, Element, Value};
use crate::study::Warnings;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// Lines of one listing at most: a file of empty elements must not cost gigabytes.
pub const MAX_LINES: usize = 500_000;
/// Bytes of a pixel value that are read at a time for its digest.
const CHUNK: u64 = 8 << 20;

/// What a line shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A data element: group and element number.
    Element(u16, u16),
    /// The beginning of an item of the sequence above, counted from 1.
    Item(usize),
}

/// One line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Element or item.
    pub subject: Subject,
    /// 0 for the elements of the file itself; items and what they hold lie deeper.
    pub depth: usize,
    /// Keyword of PS3.6 (`PatientName`); empty for private and unknown elements and for items.
    pub keyword: &'static str,
    /// Private creator that reserved the element's block; empty for others.
    pub creator: String,
    /// Value representation as written, or from the dictionary; empty for items.
    pub vr: &'static str,
    /// Bytes of the value; for pixels as declared, or of all fragments. 0 for sequences and items.
    pub length: u64,
    /// Values (separated by backslashes), items of a sequence, or elements of an item.
    pub count: usize,
    /// The value for people; empty for sequences and items.
    pub value: String,
    /// Tells different values apart that look alike (long and binary ones).
    digest: u64,
}

/// The elements of one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing {
    /// Meta group, data set, what follows the pixels.
    pub lines: Vec<Line>,
    /// What the reading forgave.
    pub warnings: Warnings,
}

/// Lists the elements of a file. Its pixels are read through only for a digest, which [`compare`] needs.
pub fn list(path: &Path, digest_pixels: bool) -> Result<Listing, DicomError> {
    let file = DicomFile::for_frames(path)?;
    let mut lister = Lister { lines: Vec::new(), full: false };
    lister.set(&file.meta, 0);
    lister.set(&file.data, 0);
    if let Some(line) = pixel_line(&file, digest_pixels)? {
        lister.lines.push(line);
    }
    lister.set(&file.after_pixels()?, 0);
    let mut warnings = file.warnings;
    if lister.full {
        warnings.add(format!("the file holds more than {MAX_LINES} elements; the rest is not listed"));
    }
    Ok(Listing { lines: lister.lines, warnings })
}

struct Lister {
    lines: Vec<Line>,
    full: bool,
}

impl Lister {
    fn set(&mut self, data: &DataSet, depth: usize) {
        for (tag, element) in data.iter() {
            if self.lines.len() >= MAX_LINES {
                self.full = true;
                return;
            }
            self.lines.push(line(data, tag, element, depth));
            let Value::Items(items) = &element.value else { continue };
            for (n, item) in items.iter().enumerate() {
                if self.lines.len() >= MAX_LINES {
                    self.full = true;
                    return;
                }
                self.lines.push(Line {
                    subject: Subject::Item(n + 1),
                    depth: depth + 1,
                    keyword: "",
                    creator: String::new(),
                    vr: "",
                    length: 0,
                    count: item.iter().count(),
                    value: String::new(),
                    digest: 0,
                });
                self.set(item, depth + 2);
            }
        }
    }
}

fn line(data: &DataSet, tag: Tag, element: &Element, depth: usize) -> Line {
    let shown = value::shown(data, tag, element);
    Line {
        subject: Subject::Element(tag.group(), tag.element()),
        depth,
        keyword: keyword(tag),
        creator: creator(data, tag),
        vr: element.vr.to_string(),
        length: shown.length,
        count: shown.count,
        value: shown.text,
        digest: shown.digest,
    }
}

/// Keyword of PS3.6, empty where the dictionary knows none.
fn keyword(tag: Tag) -> &'static str {
    if tag.group() % 2 == 1 {
        return if matches!(tag.element(), 0x10..=0xFF) { "PrivateCreator" } else { "" };
    }
    StandardDataDictionary.by_tag(tag).map_or("", |entry| entry.alias())
}

/// Who reserved the block of a private element (PS3.5 7.8.1).
fn creator(data: &DataSet, tag: Tag) -> String {
    let block = tag.element() >> 8;
    if tag.group().is_multiple_of(2) || block < 0x10 { String::new() } else { data.text(Tag(tag.group(), block)) }
}

/// The pixels as one line: how they are stored, and their first bytes.
fn pixel_line(file: &DicomFile, digest_pixels: bool) -> Result<Option<Line>, DicomError> {
    let Some(pixels) = file.pixels else { return Ok(None) };
    let (length, count, value) = if let Some(declared) = pixels.declared {
        let there = file.native_length();
        let cut = if there < declared { format!(", of which {there} are there") } else { String::new() };
        (declared, 1, format!("{declared} bytes{cut}: {}", value::hex(&file.pixel_bytes(0, value::HEX_BYTES as u64)?)))
    } else {
        let fragments = file.fragments()?;
        let length: u64 = fragments.parts().iter().map(|(_, length)| length).sum();
        (length, fragments.len(), format!("{length} bytes in {} fragments", fragments.len()))
    };
    let digest = if digest_pixels { pixel_digest(file)? } else { 0 };
    let (group, element) = (pixels.tag.group(), pixels.tag.element());
    Ok(Some(Line {
        subject: Subject::Element(group, element),
        depth: 0,
        keyword: keyword(pixels.tag),
        creator: String::new(),
        vr: pixels.vr.to_string(),
        length,
        count,
        value,
        digest,
    }))
}

/// A digest of the pixel value, read in portions.
fn pixel_digest(file: &DicomFile) -> Result<u64, DicomError> {
    let mut hasher = DefaultHasher::new();
    file.each_pixel_portion(CHUNK, |bytes| {
        hasher.write(bytes);
        Ok(())
    })?;
    Ok(hasher.finish())
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

impl Line {
    /// False for the beginning of an item.
    pub fn is_element(&self) -> bool {
        matches!(self.subject, Subject::Element(..))
    }

    /// "(0010,0010)", or "Item 2".
    pub fn label(&self) -> String {
        match self.subject {
            Subject::Element(group, element) => format!("({group:04X},{element:04X})"),
            Subject::Item(number) => format!("Item {number}"),
        }
    }

    /// The name for people: the keyword's words ("Patient Name"), "Private" with its creator, or "Unknown".
    pub fn name(&self) -> String {
        match self.subject {
            Subject::Item(_) => String::new(),
            Subject::Element(group, _) if self.keyword.is_empty() => match (group % 2, self.creator.as_str()) {
                (1, "") => "Private".into(),
                (1, creator) => format!("Private: {creator}"),
                _ => "Unknown".into(),
            },
            Subject::Element(..) => words(self.keyword),
        }
    }

    /// True when `wanted` is in the name, the number or the value, whatever the case.
    pub fn matches(&self, wanted: &Wanted) -> bool {
        let Subject::Element(group, element) = self.subject else { return false };
        let name_or_value = [self.keyword, &self.creator, &self.value].into_iter().any(|text| wanted.is_in(text));
        name_or_value
            || wanted.is_in(&self.name())
            || wanted.number.as_ref().is_some_and(|number| format!("{group:04x}{element:04x}").contains(number))
    }
}

/// A search text, prepared once.
#[derive(Debug, Clone)]
pub struct Wanted {
    lower: String,
    /// Hexadecimal digits, when the text can be the number of an element in one of its ways of writing.
    number: Option<String>,
}

impl Wanted {
    /// "(0010,0010)", "0010,0010", "00100010", a part of a name or of a value.
    pub fn new(text: &str) -> Self {
        let lower = text.trim().to_lowercase().replace("'s ", " ");
        let digits: String = lower.chars().filter(|c| !matches!(c, '(' | ')' | ',' | ' ')).collect();
        let is_number = digits.len() >= 4 && digits.len() <= 8 && digits.chars().all(|c| c.is_ascii_hexdigit());
        // Four digits alone are a group or an element; fewer, or five to seven, are no way to write a number.
        let written = lower.contains(',') || matches!(digits.len(), 4 | 8);
        Self { number: (is_number && written).then_some(digits), lower }
    }

    fn is_in(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.lower)
    }
}

/// Of lines, each with its depth and whether it fits: the places of those that do, and of the lines above that lead there.
pub fn leading_to(lines: impl Iterator<Item = (usize, bool)>) -> Vec<usize> {
    let mut kept = Vec::new();
    // Depth and place of the lines that the current one lies in.
    let mut above: Vec<(usize, usize)> = Vec::new();
    for (n, (depth, fits)) in lines.enumerate() {
        above.retain(|(outer, _)| *outer < depth);
        if fits {
            let listed = kept.last().copied();
            kept.extend(above.iter().map(|(_, place)| *place).filter(|place| listed.is_none_or(|last| *place > last)));
            kept.push(n);
        }
        above.push((depth, n));
    }
    kept
}

/// `PatientName` as "Patient Name", `SOPInstanceUID` as "SOP Instance UID".
fn words(keyword: &str) -> String {
    let letters: Vec<char> = keyword.chars().collect();
    let mut text = String::with_capacity(keyword.len() + 8);
    for (n, &c) in letters.iter().enumerate() {
        let before = n.checked_sub(1).map(|b| letters[b]);
        let after = letters.get(n + 1);
        let begins = c.is_uppercase()
            && before
                .is_some_and(|b| b.is_lowercase() || b.is_ascii_digit() || after.is_some_and(|a| a.is_lowercase()));
        if begins {
            text.push(' ');
        }
        text.push(c);
    }
    text
}

/// VRs whose values are characters (PS3.5 6.2).
pub(crate) fn is_text(vr: VR) -> bool {
    matches!(
        vr,
        VR::AE
            | VR::AS
            | VR::CS
            | VR::DA
            | VR::DS
            | VR::DT
            | VR::IS
            | VR::LO
            | VR::LT
            | VR::PN
            | VR::SH
            | VR::ST
            | VR::TM
            | VR::UC
            | VR::UI
            | VR::UR
            | VR::UT
    )
}
