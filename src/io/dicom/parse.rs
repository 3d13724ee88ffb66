//! Bytes to [`DataSet`]: PS3.5 section 7, forgiving and bounded.
//!
//! Nothing here fails: a broken element ends the reading with a warning, and what was read before it stays.

use super::set::{DataSet, Element, Value};
use super::{Encoding, PixelElement};
use crate::study::Warnings;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};

/// Sequences nested deeper than this are not followed; real objects stay below ten.
pub const MAX_DEPTH: usize = 48;

const UNDEFINED: u32 = u32::MAX;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// What a data set gave.
pub(super) struct Parsed {
    pub data: DataSet,
    pub pixels: Option<PixelElement>,
    pub warnings: Warnings,
}

/// Parses the data set from `at` up to Pixel Data. `None` when the bytes end first and more can be had (`!complete`).
pub(super) fn data_set(bytes: &[u8], at: usize, encoding: Encoding, complete: bool) -> Option<Parsed> {
    let mut parser = Parser { bytes, at, encoding, complete, stop: None, pixels: None, warnings: Warnings::default() };
    let mut data = parser.set(bytes.len(), 0);
    // Bytes that end exactly between two elements, at whatever depth, stop nothing; the file goes on all the same.
    if parser.stop == Some(Stop::NeedMore) || parser.stop.is_none() && !complete {
        return None;
    }
    data.settle_charset(super::charset::Charset::default());
    Some(Parsed { data, pixels: parser.pixels, warnings: parser.warnings })
}

/// Parses group 0002 from `at` (always Explicit VR Little Endian, PS3.10 7.1), with or without its length; gives the end.
pub(super) fn meta_group(bytes: &[u8], at: usize) -> (DataSet, usize) {
    let encoding = Encoding { explicit: true, big_endian: false };
    let warnings = Warnings::default();
    let mut parser = Parser { bytes, at, encoding, complete: true, stop: None, pixels: None, warnings };
    let mut meta = Vec::new();
    while parser.stop.is_none() && parser.tag_at(parser.at).is_some_and(|tag| tag.group() == 2) {
        let before = parser.at;
        match parser.element(bytes.len(), 0) {
            Some(element) => meta.push(element),
            None if parser.at == before => break,
            None => {}
        }
    }
    (DataSet::of(meta), parser.at)
}

/// What the first element of a data set looks like, where that is clear.
pub(super) fn looks_like(bytes: &[u8]) -> Option<Encoding> {
    let head = bytes.get(..8)?;
    let (little, big) = (u16::from_le_bytes([head[0], head[1]]), u16::from_be_bytes([head[0], head[1]]));
    let big_endian = big < little;
    let explicit = VR::from_binary([head[4], head[5]]).is_some();
    // Implicit big endian does not exist; neither do data sets whose first group is this large.
    (little.min(big) <= 0x0040 && (explicit || !big_endian)).then_some(Encoding { explicit, big_endian })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// The bytes end, but the file goes on.
    NeedMore,
    /// Pixel Data, or data that end or make no sense.
    Done,
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    encoding: Encoding,
    complete: bool,
    stop: Option<Stop>,
    pixels: Option<PixelElement>,
    warnings: Warnings,
}

impl Parser<'_> {
    fn u16_at(&self, at: usize) -> Option<u16> {
        let b = self.bytes.get(at..at.checked_add(2)?)?;
        let b = [b[0], b[1]];
        Some(if self.encoding.big_endian { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) })
    }

    fn u32_at(&self, at: usize) -> Option<u32> {
        let b = self.bytes.get(at..at.checked_add(4)?)?;
        let b = [b[0], b[1], b[2], b[3]];
        Some(if self.encoding.big_endian { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) })
    }

    fn tag_at(&self, at: usize) -> Option<Tag> {
        Some(Tag(self.u16_at(at)?, self.u16_at(at.checked_add(2)?)?))
    }

    /// The bytes end here: ask for more, or say so.
    fn ends(&mut self, tag: Option<Tag>) {
        self.stop = Some(if self.complete { Stop::Done } else { Stop::NeedMore });
        if self.complete {
            let place = tag.map_or_else(String::new, |tag| format!(" in element {tag}"));
            self.warnings.add(format!("the data set ends early{place}; what follows is missing"));
        }
    }

    fn set(&mut self, end: usize, depth: usize) -> DataSet {
        let mut elements = Vec::new();
        while self.stop.is_none() && self.at < end {
            let Some(tag) = self.tag_at(self.at).filter(|_| self.at + 8 <= self.bytes.len()) else {
                // Up to seven stray bytes at the very end are padding, not damage.
                if !self.complete || depth > 0 {
                    self.ends(None);
                }
                break;
            };
            match tag {
                ITEM_END => {
                    self.at += 8;
                    if depth > 0 {
                        break;
                    }
                    continue;
                }
                SEQUENCE_END if depth > 0 => break,
                SEQUENCE_END => {
                    self.at += 8;
                    continue;
                }
                _ => {}
            }
            elements.extend(self.element(end, depth));
        }
        DataSet::of(elements)
    }

    /// One element; moves on. `None` where there is nothing to keep.
    fn element(&mut self, end: usize, depth: usize) -> Option<(Tag, Element)> {
        let start = self.at;
        let Some((tag, vr, length, value_at)) = self.header() else {
            self.ends(self.tag_at(start));
            return None;
        };
        self.at = value_at;
        if depth == 0 && matches!(tag, tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA) {
            let declared = (length != UNDEFINED).then_some(u64::from(length));
            self.pixels = Some(PixelElement { tag, vr, offset: value_at as u64, declared });
            self.stop = Some(Stop::Done);
            return None;
        }
        if length == UNDEFINED {
            return Some(self.undefined(tag, vr, end, depth));
        }
        let value_end = value_at.saturating_add(length as usize);
        if value_end > end.min(self.bytes.len()) {
            self.ends(Some(tag));
            return None;
        }
        let value = if vr == VR::SQ {
            let items = self.items(value_end, depth);
            Value::Items(items)
        } else {
            Value::Bytes(little_endian(&self.bytes[value_at..value_end], vr, self.encoding.big_endian))
        };
        if self.stop.is_none() {
            self.at = value_end;
        }
        Some((tag, Element { vr, value }))
    }

    /// Tag, VR, length and the place of the value (PS3.5 7.1.2 and 7.1.3).
    fn header(&self) -> Option<(Tag, VR, u32, usize)> {
        let at = self.at;
        let tag = self.tag_at(at)?;
        let written = self.bytes.get(at + 4..at + 6).and_then(|b| VR::from_binary([b[0], b[1]]));
        let (vr, length, value_at) = match written.filter(|_| self.encoding.explicit) {
            Some(vr) if has_long_length(vr) => (vr, self.u32_at(at + 8)?, at + 12),
            Some(vr) => (vr, u32::from(self.u16_at(at + 6)?), at + 8),
            // Implicit, or an element without a VR in an explicit data set.
            None => (VR::UN, self.u32_at(at + 4)?, at + 8),
        };
        let vr = if vr == VR::UN { dictionary_vr(tag) } else { vr };
        Some((tag, vr, length, value_at))
    }

    /// A value of undefined length: a sequence, whatever its VR says, or fragments of an icon's pixels.
    fn undefined(&mut self, tag: Tag, vr: VR, end: usize, depth: usize) -> (Tag, Element) {
        if matches!(vr, VR::OB | VR::OW) {
            let from = self.at;
            self.skip_fragments(end);
            // Kept with their item marks: nobody decodes them, but a listing shows them.
            return (tag, Element { vr, value: Value::Bytes(self.bytes[from..self.at].to_vec()) });
        }
        let before = self.encoding;
        // PS3.5 6.2.2 note 2: a UN of undefined length is implicit little endian; some writers do otherwise.
        let inner = self.bytes.get(self.at + 12..self.at + 14).and_then(|b| VR::from_binary([b[0], b[1]]));
        if before.explicit && vr == VR::UN && inner.is_none() {
            self.encoding = Encoding { explicit: false, big_endian: false };
        }
        let items = self.items(end, depth);
        self.encoding = before;
        (tag, Element { vr: VR::SQ, value: Value::Items(items) })
    }

    fn items(&mut self, end: usize, depth: usize) -> Vec<DataSet> {
        let mut items = Vec::new();
        if depth + 1 >= MAX_DEPTH {
            self.warnings.add(format!("sequences are nested more than {MAX_DEPTH} deep; reading stopped there"));
            self.stop = Some(Stop::Done);
            return items;
        }
        while self.stop.is_none() && self.at < end {
            let (Some(tag), Some(length)) = (self.tag_at(self.at), self.u32_at(self.at + 4)) else {
                self.ends(None);
                break;
            };
            if tag == SEQUENCE_END {
                self.at += 8;
                break;
            }
            if tag != ITEM {
                self.warnings
                    .add(format!("a sequence holds {tag} where an item was expected; the sequence ends there"));
                break;
            }
            self.at += 8;
            if length == UNDEFINED {
                items.push(self.set(end, depth + 1));
            } else {
                let item_end = self.at.saturating_add(length as usize);
                if item_end > self.bytes.len() && !self.complete {
                    self.stop = Some(Stop::NeedMore);
                    break;
                }
                let item_end = item_end.min(end);
                items.push(self.set(item_end, depth + 1));
                if self.stop.is_none() {
                    self.at = item_end;
                }
            }
        }
        items
    }

    fn skip_fragments(&mut self, end: usize) {
        while self.stop.is_none() && self.at < end {
            let (Some(tag), Some(length)) = (self.tag_at(self.at), self.u32_at(self.at + 4)) else {
                self.ends(None);
                return;
            };
            if tag != ITEM && tag != SEQUENCE_END {
                return;
            }
            let next = self.at.saturating_add(8).saturating_add(if tag == ITEM { length as usize } else { 0 });
            if next > self.bytes.len() {
                self.ends(None);
                return;
            }
            self.at = next;
            if tag == SEQUENCE_END {
                return;
            }
        }
    }
}

/// VRs with a 32-bit length in explicit data sets (PS3.5 table 7.1-1).
pub(crate) fn has_long_length(vr: VR) -> bool {
    matches!(
        vr,
        VR::OB
            | VR::OD
            | VR::OF
            | VR::OL
            | VR::OV
            | VR::OW
            | VR::SQ
            | VR::SV
            | VR::UC
            | VR::UN
            | VR::UR
            | VR::UT
            | VR::UV
    )
}

fn dictionary_vr(tag: Tag) -> VR {
    StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr().relaxed())
}

/// A copy in which numbers are little endian.
fn little_endian(bytes: &[u8], vr: VR, big_endian: bool) -> Vec<u8> {
    let width = match vr {
        VR::US | VR::SS | VR::OW | VR::AT => 2,
        VR::UL | VR::SL | VR::FL | VR::OF | VR::OL => 4,
        VR::FD | VR::OD | VR::OV | VR::SV | VR::UV => 8,
        _ => 1,
    };
    let mut copy = bytes.to_vec();
    if big_endian && width > 1 {
        copy.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    }
    copy
}
