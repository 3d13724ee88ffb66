//! Coded concepts (PS3.3 8.8): the words that other systems understand. Belongs to no room: every room may name a code.

use std::borrow::Cow;

/// A code value, the scheme it comes from, and its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Code {
    /// Code Value (0008,0100).
    pub value: Cow<'static, str>,
    /// Coding Scheme Designator (0008,0102): "SCT", "DCM", "UCUM".
    pub scheme: Cow<'static, str>,
    /// Code Meaning (0008,0104).
    pub meaning: Cow<'static, str>,
}

impl Code {
    /// A SNOMED CT code.
    pub const fn sct(value: &'static str, meaning: &'static str) -> Self {
        Self { value: Cow::Borrowed(value), scheme: Cow::Borrowed("SCT"), meaning: Cow::Borrowed(meaning) }
    }

    /// A code of the DICOM Controlled Terminology (PS3.16 Annex D).
    pub const fn dcm(value: &'static str, meaning: &'static str) -> Self {
        Self { value: Cow::Borrowed(value), scheme: Cow::Borrowed("DCM"), meaning: Cow::Borrowed(meaning) }
    }

    /// A unit of measurement (UCUM).
    pub const fn ucum(value: &'static str, meaning: &'static str) -> Self {
        Self { value: Cow::Borrowed(value), scheme: Cow::Borrowed("UCUM"), meaning: Cow::Borrowed(meaning) }
    }

    /// A code read from a file or a pack.
    pub fn new(value: impl Into<String>, scheme: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self { value: Cow::Owned(value.into()), scheme: Cow::Owned(scheme.into()), meaning: Cow::Owned(meaning.into()) }
    }
}

/// Segmented property category: a normal structure (CID 7150).
pub const ANATOMICAL_STRUCTURE: Code = Code::sct("123037004", "Anatomical Structure");
/// Segmented property category: an abnormality (CID 7150).
pub const MORPHOLOGICALLY_ABNORMAL: Code = Code::sct("49755003", "Morphologically Abnormal Structure");
/// Laterality (CID 244).
pub const RIGHT: Code = Code::sct("24028007", "Right");
/// Laterality (CID 244).
pub const LEFT: Code = Code::sct("7771000", "Left");
/// Body structure.
pub const LUNG: Code = Code::sct("39607008", "Lung");
/// What the rule-based detector proposes.
pub const LESION: Code = Code::sct("52988006", "Lesion");
