//! Which action the Basic Application Level Confidentiality Profile and its options ask for (PS3.15 annex E, table E.1-1).
//!
//! The table is data (`assets/deidentify/profile.tsv`, which names its edition). Combined actions such as `X/Z/D` depend on
//! the attribute's type in the object; they are resolved so that what is written stays valid: see [`Kind`].

use crate::io::dicom::{DataSet, Element};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What becomes of dates and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dates {
    /// As the Basic Profile asks: emptied, removed or replaced.
    #[default]
    Remove,
    /// Kept as they are.
    Full,
    /// Moved by one number of days for each patient; times of day stay.
    Shifted,
}

/// Options of the profile. All off: the Basic Profile.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the standard, on or off")]
pub struct ProfileOptions {
    /// Retain Longitudinal Temporal Information (E.3.6).
    pub dates: Dates,
    /// Retain UIDs (E.3.9).
    pub retain_uids: bool,
    /// Retain Device Identity (E.3.8).
    pub retain_device: bool,
    /// Retain Institution Identity (E.3.11).
    pub retain_institution: bool,
    /// Retain Patient Characteristics (E.3.7).
    pub retain_patient_characteristics: bool,
    /// Retain Safe Private (E.3.10): numbers of scanners that are needed to read the pixels.
    pub retain_safe_private: bool,
    /// Clean Descriptors (E.3.5): only words of a fixed list survive.
    pub clean_descriptors: bool,
    /// Clean Structured Content (E.3.4): numbers, codes and references survive, free text does not.
    pub clean_structured_content: bool,
}

/// What to do with one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Leave as it is; of a sequence, look into its items.
    Keep,
    /// X.
    Remove,
    /// Z.
    Empty,
    /// D.
    Dummy,
    /// U.
    Uid,
    /// C of a date: move it; what cannot be moved gets the other action.
    Shift(Fallback),
    /// C of a description: keep known words; what loses all words gets the other action.
    Words(Fallback),
    /// C of structured content: keep what is no free text.
    Content,
}

/// The Basic Profile's action, for values that cannot be cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fallback {
    Remove,
    Empty,
    Dummy,
}

/// What an object is, as far as types of attributes go (PS3.3): a combined action takes the mildest that keeps it valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Classic images, where the attributes of combined actions are type 3, or type 2 where the action allows Z.
    Classic,
    /// Classic PET, whose Series Date and Time are type 1.
    Pet,
    /// Structured reports and key object selections: type 1, but for a sequence of type 2.
    Document,
    /// Enhanced images, segmentations, radiotherapy and all others: taken as type 1.
    Strict,
}

impl Kind {
    pub(super) fn of(data: &DataSet) -> Self {
        const CLASSIC: [&str; 9] = [
            uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE,
            uids::CT_IMAGE_STORAGE,
            uids::MR_IMAGE_STORAGE,
            uids::ULTRASOUND_IMAGE_STORAGE,
            uids::ULTRASOUND_MULTI_FRAME_IMAGE_STORAGE,
            uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
            uids::X_RAY_ANGIOGRAPHIC_IMAGE_STORAGE,
            uids::X_RAY_RADIOFLUOROSCOPIC_IMAGE_STORAGE,
            uids::NUCLEAR_MEDICINE_IMAGE_STORAGE,
        ];
        let class = data.text(tags::SOP_CLASS_UID);
        // Digital X-ray, mammography and intra-oral, for presentation and processing.
        let is_digital_x_ray = class.starts_with("1.2.840.10008.5.1.4.1.1.1.");
        match class.as_str() {
            uids::POSITRON_EMISSION_TOMOGRAPHY_IMAGE_STORAGE => Self::Pet,
            "" => Self::Classic,
            class if class.starts_with("1.2.840.10008.5.1.4.1.1.88.") => Self::Document,
            class if CLASSIC.contains(&class) || is_digital_x_ray => Self::Classic,
            _ => Self::Strict,
        }
    }
}

/// One row of the table.
struct Row {
    action: &'static str,
    options: &'static str,
}

static TABLE: LazyLock<HashMap<Tag, Row>> = LazyLock::new(|| {
    let text = include_str!("../../../assets/deidentify/profile.tsv");
    let row = |line: &'static str| {
        let mut fields = line.split('\t');
        let (number, action, options) = (fields.next()?, fields.next()?, fields.next()?);
        let (group, element) = number.split_once(',')?;
        // Repeating groups (50xx, 60xx) are a rule of `Rules`, not rows.
        let tag = Tag(u16::from_str_radix(group, 16).ok()?, u16::from_str_radix(element, 16).ok()?);
        Some((tag, Row { action, options }))
    };
    text.lines().filter(|line| !line.starts_with('#')).filter_map(row).collect()
});

/// UIDs that say what something is, not which one it is.
const KINDS_OF_THINGS: [Tag; 20] = [
    tags::MEDIA_STORAGE_SOP_CLASS_UID,
    tags::TRANSFER_SYNTAX_UID,
    tags::IMPLEMENTATION_CLASS_UID,
    tags::PRIVATE_INFORMATION_CREATOR_UID,
    tags::SOP_CLASS_UID,
    tags::RELATED_GENERAL_SOP_CLASS_UID,
    tags::ORIGINAL_SPECIALIZED_SOP_CLASS_UID,
    tags::SOP_CLASSES_IN_STUDY,
    tags::CODING_SCHEME_UID,
    tags::CONTEXT_GROUP_EXTENSION_CREATOR_UID,
    tags::CONTEXT_UID,
    tags::MAPPING_RESOURCE_UID,
    tags::STORED_INSTANCE_TRANSFER_SYNTAX_UID,
    tags::REFERENCED_SOP_CLASS_UID,
    tags::SOP_CLASSES_SUPPORTED,
    tags::AVAILABLE_TRANSFER_SYNTAX_UID,
    tags::MAC_CALCULATION_TRANSFER_SYNTAX_UID,
    tags::ENCRYPTED_CONTENT_TRANSFER_SYNTAX_UID,
    tags::PERTINENT_SOP_CLASSES_IN_STUDY,
    tags::PERTINENT_SOP_CLASSES_IN_SERIES,
];

impl ProfileOptions {
    /// The action for a standard attribute of the dictionary.
    pub(super) fn action(&self, tag: Tag, element: &Element, kind: Kind) -> Action {
        let Some(row) = TABLE.get(&tag) else { return self.unlisted(tag, element.vr) };
        let is_time = matches!(element.vr, VR::DA | VR::DT | VR::TM);
        let basic = resolve(tag, row.action, element.vr, kind);
        let has = |option: char| row.options.contains(option);
        let kept = has('U') && self.retain_uids
            || has('V') && self.retain_device && (!has('T') || self.dates == Dates::Full)
            || has('I') && self.retain_institution
            || has('P') && self.retain_patient_characteristics
            || has('T') && self.dates == Dates::Full;
        if kept {
            return Action::Keep;
        }
        match basic {
            Basic::Uid => Action::Uid,
            Basic::Items => Action::Keep,
            Basic::Lose(_) if has('s') && self.clean_structured_content => Action::Content,
            Basic::Lose(fallback) if has('T') && is_time && self.dates == Dates::Shifted => Action::Shift(fallback),
            Basic::Lose(fallback) if has('d') && self.clean_descriptors && element.vr != VR::SQ => {
                Action::Words(fallback)
            }
            Basic::Lose(fallback) => fallback.into(),
        }
    }

    /// True where UIDs say which thing it is, and must not be found again.
    pub(super) fn replaces_uids_of(&self, tag: Tag) -> bool {
        !self.retain_uids && !KINDS_OF_THINGS.contains(&tag)
    }

    /// Attributes that the table does not name: kept, but for persons, dates and identifiers (more than the profile asks).
    fn unlisted(&self, tag: Tag, vr: VR) -> Action {
        match vr {
            VR::PN => Action::Dummy,
            VR::DA | VR::DT | VR::TM => match self.dates {
                Dates::Remove => Action::Remove,
                Dates::Full => Action::Keep,
                Dates::Shifted => Action::Shift(Fallback::Remove),
            },
            VR::UI if self.replaces_uids_of(tag) => Action::Uid,
            _ => Action::Keep,
        }
    }
}

enum Basic {
    Uid,
    /// Sequences that stay, with their items looked through.
    Items,
    Lose(Fallback),
}

fn resolve(tag: Tag, action: &str, vr: VR, kind: Kind) -> Basic {
    let may = |letter: char| action.contains(letter);
    if vr == VR::SQ {
        return match tag {
            // Type 1 where documents are verified; the items' own attributes are replaced one by one.
            tags::VERIFYING_OBSERVER_SEQUENCE | tags::FLOW_IDENTIFIER_SEQUENCE => Basic::Items,
            // Type 2 in digital X-ray.
            tags::ACQUISITION_CONTEXT_SEQUENCE => Basic::Lose(Fallback::Empty),
            tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE if kind == Kind::Document => {
                Basic::Lose(Fallback::Empty)
            }
            _ if may('U') => Basic::Items,
            _ if action == "Z" => Basic::Lose(Fallback::Empty),
            tags::PERSON_IDENTIFICATION_CODE_SEQUENCE => Basic::Lose(Fallback::Dummy),
            // What sequences of the table hold is type 3, or the module as a whole is optional.
            _ => Basic::Lose(Fallback::Remove),
        };
    }
    if may('U') || vr == VR::UI && may('D') {
        return Basic::Uid;
    }
    // The table says X; presentation states cannot be without them (PS3.3 C.11.10), and a dummy hides as much.
    if matches!(tag, tags::PRESENTATION_CREATION_DATE | tags::PRESENTATION_CREATION_TIME) {
        return Basic::Lose(Fallback::Dummy);
    }
    let needs_series_time = kind == Kind::Pet && matches!(tag, tags::SERIES_DATE | tags::SERIES_TIME);
    Basic::Lose(match action {
        "X" => Fallback::Remove,
        "Z" | "X/Z" => Fallback::Empty,
        "D" => Fallback::Dummy,
        _ if matches!(kind, Kind::Strict | Kind::Document) || needs_series_time => Fallback::Dummy,
        _ if may('X') => Fallback::Remove,
        _ => Fallback::Empty,
    })
}

impl From<Fallback> for Action {
    fn from(fallback: Fallback) -> Self {
        match fallback {
            Fallback::Remove => Self::Remove,
            Fallback::Empty => Self::Empty,
            Fallback::Dummy => Self::Dummy,
        }
    }
}

/// Private attributes that hold no identity (a part of PS3.15 table E.3.10-1: the numbers that pixels are read with):
/// creator, group, element within the block.
const SAFE_PRIVATE: [(&str, u16, u8); 29] = [
    ("Philips PET Private Group", 0x7053, 0x00),
    ("Philips PET Private Group", 0x7053, 0x09),
    ("Philips MR Imaging DD 001", 0x2005, 0x0D),
    ("Philips MR Imaging DD 001", 0x2005, 0x0E),
    ("Philips Imaging DD 001", 0x2001, 0x03),
    ("Philips Imaging DD 001", 0x2001, 0x04),
    ("SIEMENS MR HEADER", 0x0019, 0x0C),
    ("SIEMENS MR HEADER", 0x0019, 0x0D),
    ("SIEMENS MR HEADER", 0x0019, 0x0E),
    ("SIEMENS MR HEADER", 0x0019, 0x27),
    ("ELSCINT1", 0x00E1, 0x21),
    ("ELSCINT1", 0x01E1, 0x26),
    ("ELSCINT1", 0x01E1, 0x50),
    ("ELSCINT1", 0x01F1, 0x01),
    ("ELSCINT1", 0x01F1, 0x07),
    ("ELSCINT1", 0x01F1, 0x26),
    ("ELSCINT1", 0x01F1, 0x27),
    ("GEMS_ACQU_01", 0x0019, 0x23),
    ("GEMS_ACQU_01", 0x0019, 0x24),
    ("GEMS_ACQU_01", 0x0019, 0x27),
    ("GEMS_ACQU_01", 0x0019, 0x9E),
    ("GEMS_SERS_01", 0x0025, 0x07),
    ("GEMS_PARM_01", 0x0043, 0x27),
    ("GEMS_PARM_01", 0x0043, 0x39),
    ("GEMS_PARM_01", 0x0043, 0x6F),
    ("GEMS_HELIOS_01", 0x0045, 0x01),
    ("GEMS_HELIOS_01", 0x0045, 0x02),
    ("GEIIS PACS", 0x0903, 0x10),
    ("GEIIS PACS", 0x0903, 0x11),
];

/// True for a private attribute on the list.
pub(super) fn is_safe_private(creator: &str, tag: Tag) -> bool {
    SAFE_PRIVATE.contains(&(creator, tag.group(), (tag.element() & 0xFF) as u8))
}

impl ProfileOptions {
    /// What was done, as De-identification Method Codes (PS3.16 CID 7050): value and meaning, scheme DCM.
    pub fn codes(&self) -> Vec<(&'static str, &'static str)> {
        let full = self.dates == Dates::Full;
        let shifted = self.dates == Dates::Shifted;
        [
            (true, "113100", "Basic Application Confidentiality Profile"),
            (self.clean_structured_content, "113104", "Clean Structured Content Option"),
            (self.clean_descriptors, "113105", "Clean Descriptors Option"),
            (full, "113106", "Retain Longitudinal Temporal Information Full Dates Option"),
            (shifted, "113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
            (self.retain_patient_characteristics, "113108", "Retain Patient Characteristics Option"),
            (self.retain_device, "113109", "Retain Device Identity Option"),
            (self.retain_uids, "113110", "Retain UIDs Option"),
            (self.retain_safe_private, "113111", "Retain Safe Private Option"),
            (self.retain_institution, "113112", "Retain Institution Identity Option"),
        ]
        .into_iter()
        .filter_map(|(on, value, meaning)| on.then_some((value, meaning)))
        .collect()
    }
}
