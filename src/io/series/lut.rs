//! Lookup tables: Modality, VOI and Palette Color (PS3.3 C.11.1.1.1, C.11.2.1.1, C.7.6.3.1.5), whole or segmented (C.7.9.2).

use crate::io::dicom::DataSet;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// Entries of the largest table.
const MAX_ENTRIES: usize = 65_536;
/// Segments that may be repeated in all; a file cannot ask for more work than that.
const MAX_SEGMENTS: usize = 65_536;

/// Entries for values from `first` on; values before it get the first, those behind get the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// First value that is mapped.
    pub first: f64,
    /// Bits of an entry that count, 8–16.
    pub bits: u32,
    /// At least one.
    pub entries: Vec<u16>,
}

impl Table {
    /// The table in an item of the Modality or VOI LUT Sequence. `signed`: what is mapped may be below zero.
    pub fn of_item(item: &DataSet, signed: bool) -> Option<Self> {
        let descriptor = Descriptor::of(item, tags::LUT_DESCRIPTOR, signed)?;
        descriptor.table(whole(item.bytes(tags::LUT_DATA)?, descriptor))
    }

    /// One of the three palettes, from its whole data or from segments.
    pub fn of_palette(data: &DataSet, descriptor: Tag, entries: Tag, segments: Tag, signed: bool) -> Option<Self> {
        let descriptor = Descriptor::of(data, descriptor, signed)?;
        let entries = match data.bytes(entries) {
            Some(raw) => whole(raw, descriptor),
            None => segmented(data.bytes(segments)?, descriptor)?,
        };
        descriptor.table(entries)
    }

    /// Entry for a value.
    pub fn entry(&self, value: f64) -> u16 {
        self.entries[(value - self.first).clamp(0.0, (self.entries.len() - 1) as f64) as usize]
    }

    /// How far entries must be shifted to make bytes. Some writers put 8-bit entries into 16-bit words.
    pub fn byte_shift(&self) -> u32 {
        let top = self.entries.iter().max().copied().unwrap_or(0);
        if self.bits > 8 && top > 255 { self.bits - 8 } else { 0 }
    }
}

/// LUT Descriptor: number of entries, first value mapped, bits of an entry.
#[derive(Debug, Clone, Copy)]
struct Descriptor {
    count: usize,
    first: f64,
    bits: u32,
}

impl Descriptor {
    fn of(data: &DataSet, tag: Tag, signed: bool) -> Option<Self> {
        let [count, first, bits] = data.vector::<3>(tag)?;
        // Written as SS, a count above 32767 looks negative.
        let count = if count < 0.0 { count + 65_536.0 } else { count };
        let count = if count == 0.0 { MAX_ENTRIES } else { count as usize };
        // The second value has the sign of the pixels, whatever VR the writer chose.
        let first = match signed {
            true if first > 32_767.0 => first - 65_536.0,
            false if first < 0.0 => first + 65_536.0,
            _ => first,
        };
        Some(Self { count, first, bits: if bits <= 8.0 { 8 } else { (bits as u32).min(16) } })
    }

    fn table(self, mut entries: Vec<u16>) -> Option<Table> {
        entries.truncate(self.count);
        (!entries.is_empty()).then_some(Table { first: self.first, bits: self.bits, entries })
    }
}

/// Entries as they stand: bytes where there are too few for words.
fn whole(raw: &[u8], descriptor: Descriptor) -> Vec<u16> {
    if descriptor.bits <= 8 && raw.len() < 2 * descriptor.count {
        raw.iter().map(|b| u16::from(*b)).collect()
    } else {
        words(raw)
    }
}

fn words(raw: &[u8]) -> Vec<u16> {
    raw.as_chunks().0.iter().map(|b| u16::from_le_bytes(*b)).collect()
}

/// Segments written out (C.7.9.2): 0 discrete, 1 linear, 2 indirect. `None` where they make no sense.
fn segmented(raw: &[u8], descriptor: Descriptor) -> Option<Vec<u16>> {
    let bytes = descriptor.bits <= 8;
    let codes = if bytes { raw.iter().map(|b| u16::from(*b)).collect() } else { words(raw) };
    let mut expansion =
        Expansion { codes: &codes, bytes, count: descriptor.count, entries: Vec::new(), left: MAX_SEGMENTS };
    let mut at = 0;
    while at < codes.len() && expansion.entries.len() < descriptor.count {
        at = expansion.segment(at, true)?;
    }
    (expansion.entries.len() >= descriptor.count).then_some(expansion.entries)
}

struct Expansion<'a> {
    codes: &'a [u16],
    bytes: bool,
    count: usize,
    entries: Vec<u16>,
    /// Segments that may still be written out.
    left: usize,
}

impl Expansion<'_> {
    /// Writes out the segment at `at` and gives the position after it. Indirect ones must not name indirect ones.
    fn segment(&mut self, at: usize, indirect_allowed: bool) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let (kind, length) = (*self.codes.get(at)?, usize::from(*self.codes.get(at + 1)?));
        let at = at + 2;
        match kind {
            0 => {
                self.entries.extend(self.codes.get(at..at + length)?);
                Some(at + length)
            }
            1 => {
                let (from, to) = (f64::from(*self.entries.last()?), f64::from(*self.codes.get(at)?));
                let step = |n: usize| (from + (to - from) * n as f64 / length as f64).round() as u16;
                self.entries.extend((1..=length).map(step));
                Some(at + 1)
            }
            2 if indirect_allowed => {
                let (mut from, after) = self.offset(at)?;
                for _ in 0..length {
                    if self.entries.len() > self.count {
                        return None;
                    }
                    from = self.segment(from, false)?;
                }
                Some(after)
            }
            _ => None,
        }
    }

    /// Byte offset of an indirect segment's first, as a position in `codes`; it is 32 bits wide, low part first.
    fn offset(&self, at: usize) -> Option<(usize, usize)> {
        let (width, bits) = if self.bytes { (4, 8) } else { (2, 16) };
        let parts = self.codes.get(at..at + width)?;
        let offset = parts.iter().rev().fold(0u64, |offset, part| offset << bits | u64::from(*part));
        let offset = usize::try_from(offset).ok()?;
        Some((if self.bytes { offset } else { offset / 2 }, at + width))
    }
}
