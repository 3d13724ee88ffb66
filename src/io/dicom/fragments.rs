//! Encapsulated pixels (PS3.5 A.4): which bytes make which frame.

use super::DicomError;
use std::borrow::Cow;

/// Most fragments that are followed; beyond that the file is an attack, not an image.
const MAX_FRAGMENTS: usize = 4_000_000;

/// Fragments of one Pixel Data element, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fragments {
    /// Offset and length of each, in the source.
    parts: Vec<(u64, u64)>,
    /// Start of each frame, as an offset from the first fragment's item tag; empty when there is no table.
    table: Vec<u64>,
    /// Offset of the first fragment's item tag in the source.
    base: u64,
    /// True when the sequence of fragments was not closed.
    pub cut: bool,
    /// First byte behind the sequence.
    end: u64,
}

impl Fragments {
    /// Walks the items from `offset`; `extended` is the Extended Offset Table (7FE0,0001), 64-bit little endian.
    pub(super) fn index<'a>(
        offset: u64,
        extended: &[u8],
        read: impl Fn(u64, u64) -> std::io::Result<Cow<'a, [u8]>>,
    ) -> Result<Self, DicomError> {
        let mut found = Self { base: offset, ..Self::default() };
        let mut at = offset;
        let mut first = true;
        loop {
            let head = read(at, 8)?;
            let (Some(tag), Some(length)) = (head.get(..4), head.get(4..8)) else {
                found.cut = true;
                break;
            };
            let length = u64::from(u32::from_le_bytes([length[0], length[1], length[2], length[3]]));
            if tag != [0xFE, 0xFF, 0x00, 0xE0] || found.parts.len() >= MAX_FRAGMENTS {
                found.cut = tag != [0xFE, 0xFF, 0xDD, 0xE0];
                break;
            }
            if first {
                let table = read(at + 8, length)?;
                found.table = table.as_chunks().0.iter().map(|b| u64::from(u32::from_le_bytes(*b))).collect();
                found.base = at + 8 + length;
                first = false;
            } else {
                found.parts.push((at + 8, length));
            }
            at = at.saturating_add(8).saturating_add(length);
        }
        // Behind the delimiter, where there is one.
        found.end = if found.cut { at } else { at.saturating_add(8) };
        if !extended.is_empty() {
            found.table = extended.as_chunks().0.iter().map(|b| u64::from_le_bytes(*b)).collect();
        }
        Ok(found)
    }

    /// True without any fragment.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// First byte behind the sequence, in the source.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// First byte behind what is whole: the sequence with its delimiter, or the last fragment of one that was cut.
    pub fn whole_end(&self) -> u64 {
        if self.cut { self.parts.last().map_or(self.base, |(offset, length)| offset + length) } else { self.end }
    }

    /// Offset and length of each fragment in the source, in the order of the file.
    pub fn parts(&self) -> &[(u64, u64)] {
        &self.parts
    }

    /// Number of fragments.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Groups fragments into `frames` frames: by count, by the offset table, else by where a code stream begins
    /// (`begins` looks at a fragment's first bytes). `None` when they cannot be told apart.
    pub fn frames(&self, frames: usize, begins: impl Fn(u64) -> bool) -> Option<Vec<Vec<(u64, u64)>>> {
        if self.parts.is_empty() || frames == 0 {
            return None;
        }
        if frames == 1 {
            return Some(vec![self.parts.clone()]);
        }
        if self.parts.len() == frames {
            return Some(self.parts.iter().map(|p| vec![*p]).collect());
        }
        let by_table = (self.table.len() == frames).then(|| {
            self.grouped(|n| {
                let item = self.parts[n].0 - 8;
                self.table.binary_search(&item.saturating_sub(self.base)).is_ok()
            })
        });
        let complete = |groups: &Vec<Vec<(u64, u64)>>| groups.len() == frames;
        by_table.filter(complete).or_else(|| {
            let groups = self.grouped(|n| begins(self.parts[n].0));
            // A file that is cut still gives its first frames.
            (complete(&groups) || self.cut && groups.len() < frames && !groups.is_empty()).then_some(groups)
        })
    }

    fn grouped(&self, starts: impl Fn(usize) -> bool) -> Vec<Vec<(u64, u64)>> {
        let mut groups: Vec<Vec<(u64, u64)>> = Vec::new();
        for (n, part) in self.parts.iter().enumerate() {
            match groups.last_mut() {
                Some(group) if !starts(n) => group.push(*part),
                _ => groups.push(vec![*part]),
            }
        }
        groups
    }
}
