//! A parsed data set and its values, asked for by tag. A value that is absent or makes no sense is `None` or empty: the
//! one who asks decides what that means.

use super::charset::Charset;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

/// One element. Numbers in `Value::Bytes` are little endian, whatever the file was.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// As written, or from the dictionary.
    pub vr: VR,
    /// What it holds.
    pub value: Value,
}

/// The value of an element.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Anything but a sequence, as in the file.
    Bytes(Vec<u8>),
    /// A sequence.
    Items(Vec<DataSet>),
}

/// Elements by tag.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DataSet {
    /// Ascending by tag, each tag once.
    elements: Vec<(Tag, Element)>,
    charset: Charset,
}

impl DataSet {
    /// True without elements.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// A set of elements as they come in a file: nearly always in the order that the standard demands. Of two elements with
    /// one tag the first is kept.
    pub(super) fn of(mut elements: Vec<(Tag, Element)>) -> Self {
        if !elements.is_sorted_by(|(a, _), (b, _)| a < b) {
            elements.sort_by_key(|(tag, _)| *tag);
            elements.dedup_by_key(|(tag, _)| *tag);
        }
        Self { elements, charset: Charset::default() }
    }

    /// Sets an element, whatever was there.
    pub(crate) fn put(&mut self, tag: Tag, element: Element) {
        match self.elements.binary_search_by_key(&tag, |(tag, _)| *tag) {
            Ok(at) => self.elements[at].1 = element,
            Err(at) => self.elements.insert(at, (tag, element)),
        }
    }

    /// Gives a set that was put together, and its items, the character set that it names.
    pub(crate) fn settle_texts(&mut self) {
        self.settle_charset(Charset::default());
    }

    /// Gives this set and its items their character set (PS3.3 C.12.1.1.2): their own or the surrounding one.
    pub(super) fn settle_charset(&mut self, outer: Charset) {
        self.charset = match self.bytes(tags::SPECIFIC_CHARACTER_SET) {
            Some(value) if !value.is_empty() => Charset::named(value),
            _ => outer,
        };
        let charset = self.charset;
        for (_, element) in &mut self.elements {
            if let Value::Items(items) = &mut element.value {
                items.iter_mut().for_each(|item| item.settle_charset(charset));
            }
        }
    }

    /// All elements, ascending by tag.
    pub fn iter(&self) -> impl Iterator<Item = (Tag, &Element)> {
        self.elements.iter().map(|(tag, element)| (*tag, element))
    }

    /// The element with this tag.
    pub fn get(&self, tag: Tag) -> Option<&Element> {
        let at = self.elements.binary_search_by_key(&tag, |(tag, _)| *tag).ok()?;
        Some(&self.elements[at].1)
    }

    /// Bytes of a value that is no sequence.
    pub fn bytes(&self, tag: Tag) -> Option<&[u8]> {
        match &self.get(tag)?.value {
            Value::Bytes(bytes) => Some(bytes),
            Value::Items(_) => None,
        }
    }

    /// Items of a sequence; none when absent.
    pub fn items(&self, tag: Tag) -> &[DataSet] {
        match self.get(tag).map(|e| &e.value) {
            Some(Value::Items(items)) => items,
            _ => &[],
        }
    }

    /// First item of a sequence.
    pub fn item(&self, tag: Tag) -> Option<&DataSet> {
        self.items(tag).first()
    }

    /// Decoded text without padding; several values stay joined by backslashes. Empty when absent.
    pub fn text(&self, tag: Tag) -> String {
        let Some(bytes) = self.bytes(tag) else { return String::new() };
        let person = self.get(tag).is_some_and(|e| e.vr == VR::PN);
        let text = self.charset.decode(bytes, person);
        let trimmed = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        if trimmed.contains('\0') { trimmed.replace('\0', "") } else { trimmed.to_owned() }
    }

    /// The decoded values of a multi-valued text.
    pub fn texts(&self, tag: Tag) -> Vec<String> {
        let text = self.text(tag);
        if text.is_empty() { Vec::new() } else { text.split('\\').map(|part| part.trim().to_owned()).collect() }
    }

    /// All numbers of a value: DS, IS and other text, or binary. `None` when absent, empty or with one that is no number.
    pub fn numbers(&self, tag: Tag) -> Option<Vec<f64>> {
        let element = self.get(tag)?;
        let Value::Bytes(bytes) = &element.value else { return None };
        let numbers: Vec<f64> = match element.vr {
            VR::US | VR::OW => bytes.chunks_exact(2).map(|b| f64::from(u16::from_le_bytes([b[0], b[1]]))).collect(),
            VR::SS => bytes.chunks_exact(2).map(|b| f64::from(i16::from_le_bytes([b[0], b[1]]))).collect(),
            VR::UL | VR::OL => bytes.as_chunks().0.iter().map(|b| f64::from(u32::from_le_bytes(*b))).collect(),
            VR::SL => bytes.as_chunks().0.iter().map(|b| f64::from(i32::from_le_bytes(*b))).collect(),
            VR::FL | VR::OF => bytes.as_chunks().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect(),
            VR::FD | VR::OD => bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b)).collect(),
            VR::SV => bytes.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b) as f64).collect(),
            VR::UV | VR::OV => bytes.as_chunks().0.iter().map(|b| u64::from_le_bytes(*b) as f64).collect(),
            // A VR that the file gives as UN is read by its length where the dictionary knows nothing.
            _ => {
                let text = self.text(tag);
                let parts = text.split('\\').filter(|_| !text.is_empty());
                parts.map(|part| part.trim().parse::<f64>().ok()).collect::<Option<_>>()?
            }
        };
        (!numbers.is_empty()).then_some(numbers)
    }

    /// First number, if finite.
    pub fn number(&self, tag: Tag) -> Option<f64> {
        self.numbers(tag)?.first().copied().filter(|n| n.is_finite())
    }

    /// First number, as a whole one.
    pub fn integer(&self, tag: Tag) -> Option<i64> {
        self.number(tag).filter(|n| n.abs() < 9e15).map(|n| n.trunc() as i64)
    }

    /// Exactly `N` finite numbers, or nothing (more than `N` are cut).
    pub fn vector<const N: usize>(&self, tag: Tag) -> Option<[f64; N]> {
        let numbers = self.numbers(tag)?;
        let vector: [f64; N] = numbers.get(..N)?.try_into().ok()?;
        vector.iter().all(|n| n.is_finite()).then_some(vector)
    }
}
