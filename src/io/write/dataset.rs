//! Data sets with texts that keep the limits of their value representation (PS3.5 6.2).
//!
//! Everything is written as UTF-8 (`ISO_IR 192`). A text that is too long is cut at a character; a backslash, which
//! would split a value in two, becomes a slash; control characters become spaces.

use crate::codes::Code;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// A data set under construction.
#[derive(Debug, Clone)]
pub(super) struct Dataset(pub(super) InMemDicomObject);

impl Dataset {
    pub(super) fn new() -> Self {
        Self(InMemDicomObject::new_empty())
    }

    /// A text of one value. Empty text gives an element of length zero (type 2).
    pub(super) fn text(&mut self, tag: Tag, vr: VR, text: &str) -> &mut Self {
        let fitted = fitted(vr, text);
        let value = if fitted.is_empty() { PrimitiveValue::Empty } else { PrimitiveValue::from(fitted) };
        self.put(tag, vr, value)
    }

    /// A text, left out when empty (type 3).
    pub(super) fn text_if(&mut self, tag: Tag, vr: VR, text: &str) -> &mut Self {
        if fitted(vr, text).is_empty() { self } else { self.text(tag, vr, text) }
    }

    /// Several values of a short text VR (CS, LO, UI).
    pub(super) fn texts(&mut self, tag: Tag, vr: VR, texts: &[&str]) -> &mut Self {
        let values: Vec<String> = texts.iter().map(|t| fitted(vr, t)).collect();
        self.put(tag, vr, PrimitiveValue::Strs(values.into()))
    }

    /// A UID.
    pub(super) fn uid(&mut self, tag: Tag, uid: &str) -> &mut Self {
        self.text(tag, VR::UI, uid)
    }

    /// Decimal strings.
    pub(super) fn decimals(&mut self, tag: Tag, values: &[f64]) -> &mut Self {
        let values: Vec<String> = values.iter().map(|v| decimal_string(*v)).collect();
        self.put(tag, VR::DS, PrimitiveValue::Strs(values.into()))
    }

    /// An integer string.
    pub(super) fn integer(&mut self, tag: Tag, value: i64) -> &mut Self {
        let value = value.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        self.put(tag, VR::IS, PrimitiveValue::from(value.to_string()))
    }

    /// Unsigned 16-bit numbers.
    pub(super) fn shorts(&mut self, tag: Tag, values: &[u16]) -> &mut Self {
        self.put(tag, VR::US, PrimitiveValue::U16(values.iter().copied().collect()))
    }

    /// Unsigned 32-bit numbers.
    pub(super) fn longs(&mut self, tag: Tag, values: &[u32]) -> &mut Self {
        self.put(tag, VR::UL, PrimitiveValue::U32(values.iter().copied().collect()))
    }

    /// A sequence; without items it has length zero (type 2).
    pub(super) fn sequence(&mut self, tag: Tag, items: Vec<Dataset>) -> &mut Self {
        let items: Vec<InMemDicomObject> = items.into_iter().map(|d| d.0).collect();
        self.0.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
        self
    }

    /// A sequence of one coded concept (PS3.3 8.8).
    pub(super) fn code(&mut self, tag: Tag, code: &Code) -> &mut Self {
        self.sequence(tag, vec![code_item(code)])
    }

    /// Any value.
    pub(super) fn put(&mut self, tag: Tag, vr: VR, value: PrimitiveValue) -> &mut Self {
        self.0.put(DataElement::new(tag, vr, value));
        self
    }
}

/// Code Sequence Macro (PS3.3 table 8.8-1).
pub(super) fn code_item(code: &Code) -> Dataset {
    let mut item = Dataset::new();
    // Long Code Value (type 1C) where 16 characters do not suffice.
    if code.value.chars().count() > 16 {
        item.text(tags::LONG_CODE_VALUE, VR::UC, &code.value);
    } else {
        item.text(tags::CODE_VALUE, VR::SH, &code.value);
    }
    item.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, &code.scheme);
    item.text(tags::CODE_MEANING, VR::LO, if code.meaning.is_empty() { &code.value } else { &code.meaning });
    item
}

/// SOP Instance Reference Macro (PS3.3 table 10-11).
pub(super) fn reference_item(sop_class_uid: &str, sop_instance_uid: &str) -> Dataset {
    let mut item = Dataset::new();
    item.uid(tags::REFERENCED_SOP_CLASS_UID, sop_class_uid).uid(tags::REFERENCED_SOP_INSTANCE_UID, sop_instance_uid);
    item
}

/// What of a text a value of this VR may hold.
pub(super) fn fitted(vr: VR, text: &str) -> String {
    let limit = match vr {
        VR::AE | VR::CS | VR::SH | VR::DS => 16,
        VR::LO | VR::PN | VR::UI => 64,
        VR::ST => 1024,
        VR::LT => 10_240,
        VR::DA => 8,
        VR::TM => 14,
        VR::DT => 26,
        VR::AS => 4,
        VR::IS => 12,
        _ => usize::MAX,
    };
    let paragraphs = matches!(vr, VR::ST | VR::LT | VR::UT);
    let allowed = |c: char| match c {
        '\\' if !paragraphs => '/',
        '\n' | '\r' | '\t' if paragraphs => c,
        c if c.is_control() => ' ',
        c => c,
    };
    let upper = |c: char| {
        let c = c.to_ascii_uppercase();
        if c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_' { c } else { ' ' }
    };
    let clean: String = if vr == VR::CS {
        text.trim().chars().map(upper).take(limit).collect()
    } else {
        text.trim().chars().map(allowed).take(limit).collect()
    };
    clean.trim().to_owned()
}

/// A number in at most 16 characters (PS3.5 6.2, DS), as exact as they allow.
pub(super) fn decimal_string(value: f64) -> String {
    let value = if value == 0.0 || !value.is_finite() { 0.0 } else { value };
    let plain = format!("{value}");
    if plain.len() <= 16 {
        return plain;
    }
    // The shortest exact text is too long: the most digits that fit, written plainly or with an exponent.
    let candidates = (0..=15)
        .rev()
        .flat_map(|digits| [format!("{value:.digits$}"), format!("{value:.digits$E}")])
        .filter(|text| text.len() <= 16);
    let error = |text: &str| text.parse::<f64>().map_or(f64::INFINITY, |read| (read - value).abs());
    candidates.min_by(|a, b| error(a).total_cmp(&error(b))).unwrap_or_else(|| "0".into())
}
