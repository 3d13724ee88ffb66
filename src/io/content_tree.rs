//! Structured documents (PS3.3 C.17.3, C.18): a tree of content items of any template, as it is written.
//!
//! Nothing is interpreted here beyond the value types. Coordinates on images are the file's: (column, row) with (0, 0) at the
//! outer corner of the first pixel (C.18.6.1.1); coordinates in the patient are LPS mm.

use super::coded::code;
use super::dicom::DataSet;
use crate::codes::Code;
use crate::geometry::{DVec2, DVec3};
use crate::study::Warnings;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// Most content items of one document.
const MAX_ITEMS: usize = 200_000;

/// A document and who stands behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Completion Flag (0040,A491): "COMPLETE" or "PARTIAL"; empty where the object has none.
    pub completion: String,
    /// Verification Flag (0040,A493): "VERIFIED" or "UNVERIFIED".
    pub verification: String,
    /// Verifying Observer Name (0040,A075).
    pub verified_by: Vec<String>,
    /// Content Date and Time (0008,0023), (0008,0033).
    pub written: [String; 2],
    /// Template Identifier of the root (0040,DB00): "1500", "2010", ….
    pub template: String,
    /// The document itself.
    pub root: ContentItem,
}

/// One content item with what hangs below it.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentItem {
    /// Relationship Type (0040,A010) to its parent: "CONTAINS", "HAS OBS CONTEXT", …; empty at the root.
    pub relationship: String,
    /// Concept Name: what it is about.
    pub concept: Option<Code>,
    /// What it says.
    pub value: ContentValue,
    /// In the order of the file.
    pub children: Vec<ContentItem>,
}

/// Value of a content item (Value Type, (0040,A040)).
#[derive(Debug, Clone, PartialEq)]
pub enum ContentValue {
    /// A heading.
    Container,
    /// Plain text.
    Text(String),
    /// A coded concept; `None` where the code is empty.
    Code(Option<Code>),
    /// A number with its unit.
    Number(Quantity),
    /// Date (`YYYYMMDD`).
    Date(String),
    /// Time (`HHMMSS`).
    Time(String),
    /// Date and time.
    DateTime(String),
    /// A person's name, as DICOM writes it.
    PersonName(String),
    /// A unique identifier.
    Uid(String),
    /// An image, or frames or segments of one.
    Image(ObjectReference),
    /// Any other object, a waveform among them.
    Object(ObjectReference),
    /// Points on an image; the image is selected by a child.
    Points(PointsPx),
    /// Points in the patient.
    PointsInPatient(PointsLps),
    /// Times (TCOORD): the range type.
    Times(String),
    /// The item at this place in the tree (one-based path from the root).
    ByReference(Vec<u32>),
    /// A value type that is not known here.
    Unknown(String),
}

/// A measured number.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Quantity {
    /// Numeric Value (0040,A30A); `None` where there is none (a qualifier may say why).
    pub value: Option<f64>,
    /// As it is written, for display without rounding.
    pub text: String,
    /// Measurement Units.
    pub unit: Option<Code>,
    /// Numeric Value Qualifier (0040,A301).
    pub qualifier: Option<Code>,
}

/// A reference to an object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct ObjectReference {
    /// Referenced SOP Class UID.
    pub sop_class_uid: String,
    /// Referenced SOP Instance UID.
    pub sop_instance_uid: String,
    /// Referenced Frame Number, from 1; empty means all.
    pub frames: Vec<u32>,
    /// Referenced Segment Number; empty means all.
    pub segments: Vec<u32>,
}

/// Points on an image.
#[derive(Debug, Clone, PartialEq)]
pub struct PointsPx {
    /// Graphic Type (0070,0023): "POINT", "POLYLINE", "CIRCLE", "ELLIPSE", ….
    pub shape: String,
    /// (column, row), (0, 0) at the outer corner of the first pixel.
    pub points_px: Vec<DVec2>,
}

/// Points in the patient.
#[derive(Debug, Clone, PartialEq)]
pub struct PointsLps {
    /// Graphic Type.
    pub shape: String,
    /// LPS mm.
    pub points_lps: Vec<DVec3>,
    /// Referenced Frame of Reference UID (3006,0024).
    pub frame_of_reference_uid: String,
}

/// Reads the document of a data set; `None` where it has none.
pub fn read(data: &DataSet, warnings: &mut Warnings) -> Option<Document> {
    if data.text(tags::VALUE_TYPE).is_empty() && data.items(tags::CONTENT_SEQUENCE).is_empty() {
        return None;
    }
    let mut left = MAX_ITEMS;
    let root = item(data, &mut left, warnings);
    if left == 0 {
        warnings.add(format!("the document has more than {MAX_ITEMS} items; the rest was left out"));
    }
    let observers = data.items(tags::VERIFYING_OBSERVER_SEQUENCE).iter();
    Some(Document {
        completion: data.text(tags::COMPLETION_FLAG),
        verification: data.text(tags::VERIFICATION_FLAG),
        verified_by: observers.map(|o| o.text(tags::VERIFYING_OBSERVER_NAME)).filter(|n| !n.is_empty()).collect(),
        written: [data.text(tags::CONTENT_DATE), data.text(tags::CONTENT_TIME)],
        template: data
            .item(tags::CONTENT_TEMPLATE_SEQUENCE)
            .map(|t| t.text(tags::TEMPLATE_IDENTIFIER))
            .unwrap_or_default(),
        root,
    })
}

fn item(data: &DataSet, left: &mut usize, warnings: &mut Warnings) -> ContentItem {
    *left = left.saturating_sub(1);
    let mut children = Vec::new();
    for child in data.items(tags::CONTENT_SEQUENCE) {
        if *left == 0 {
            break;
        }
        children.push(item(child, left, warnings));
    }
    ContentItem {
        relationship: data.text(tags::RELATIONSHIP_TYPE),
        concept: code(data, tags::CONCEPT_NAME_CODE_SEQUENCE),
        value: value(data, warnings),
        children,
    }
}

fn value(data: &DataSet, warnings: &mut Warnings) -> ContentValue {
    let reference = || data.item(tags::REFERENCED_SOP_SEQUENCE).map(reference_of).unwrap_or_default();
    let shape = || data.text(tags::GRAPHIC_TYPE);
    match data.text(tags::VALUE_TYPE).as_str() {
        "CONTAINER" => ContentValue::Container,
        "TEXT" => ContentValue::Text(data.text(tags::TEXT_VALUE)),
        "CODE" => ContentValue::Code(code(data, tags::CONCEPT_CODE_SEQUENCE)),
        "NUM" => ContentValue::Number(quantity(data)),
        "DATE" => ContentValue::Date(data.text(tags::DATE)),
        "TIME" => ContentValue::Time(data.text(tags::TIME)),
        "DATETIME" => ContentValue::DateTime(data.text(tags::DATE_TIME)),
        "PNAME" => ContentValue::PersonName(data.text(tags::PERSON_NAME)),
        "UIDREF" => ContentValue::Uid(data.text(tags::UID)),
        "IMAGE" => ContentValue::Image(reference()),
        "COMPOSITE" | "WAVEFORM" => ContentValue::Object(reference()),
        "SCOORD" => ContentValue::Points(PointsPx { shape: shape(), points_px: points(data, warnings) }),
        "SCOORD3D" => {
            let chunks: Vec<[f64; 3]> = chunks(data, warnings);
            ContentValue::PointsInPatient(PointsLps {
                shape: shape(),
                points_lps: chunks.into_iter().map(DVec3::from_array).collect(),
                frame_of_reference_uid: data.text(tags::REFERENCED_FRAME_OF_REFERENCE_UID),
            })
        }
        "TCOORD" => ContentValue::Times(data.text(tags::TEMPORAL_RANGE_TYPE)),
        "" => match data.numbers(tags::REFERENCED_CONTENT_ITEM_IDENTIFIER) {
            Some(path) => ContentValue::ByReference(path.iter().map(|n| *n as u32).collect()),
            None => ContentValue::Unknown(String::new()),
        },
        other => ContentValue::Unknown(other.to_owned()),
    }
}

fn quantity(data: &DataSet) -> Quantity {
    let qualifier = code(data, tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE);
    let Some(measured) = data.item(tags::MEASURED_VALUE_SEQUENCE) else {
        return Quantity { qualifier, ..Quantity::default() };
    };
    // The floating point value, where it is there, has all the digits that a decimal string may have lost.
    let value = measured.number(tags::FLOATING_POINT_VALUE).or_else(|| measured.number(tags::NUMERIC_VALUE));
    Quantity {
        value,
        text: measured.text(tags::NUMERIC_VALUE),
        unit: code(measured, tags::MEASUREMENT_UNITS_CODE_SEQUENCE),
        qualifier,
    }
}

/// A reference of the SOP Instance Reference macros, with frames and segments.
pub(crate) fn reference_of(item: &DataSet) -> ObjectReference {
    let whole = |tag: Tag| -> Vec<u32> {
        let numbers = item.numbers(tag).unwrap_or_default();
        numbers.into_iter().filter(|n| (1.0..1e9).contains(n)).map(|n| n as u32).collect()
    };
    ObjectReference {
        sop_class_uid: item.text(tags::REFERENCED_SOP_CLASS_UID),
        sop_instance_uid: item.text(tags::REFERENCED_SOP_INSTANCE_UID),
        frames: whole(tags::REFERENCED_FRAME_NUMBER),
        segments: whole(tags::REFERENCED_SEGMENT_NUMBER),
    }
}

fn points(data: &DataSet, warnings: &mut Warnings) -> Vec<DVec2> {
    chunks(data, warnings).into_iter().map(DVec2::from_array).collect()
}

fn chunks<const N: usize>(data: &DataSet, warnings: &mut Warnings) -> Vec<[f64; N]> {
    let numbers = data.numbers(tags::GRAPHIC_DATA).unwrap_or_default();
    let (chunks, rest) = numbers.as_chunks::<N>();
    if !rest.is_empty() || !numbers.iter().all(|n| n.is_finite()) {
        warnings.add("coordinates that make no points were left out");
        return Vec::new();
    }
    chunks.to_vec()
}

impl ContentItem {
    /// Children about a concept.
    pub fn about<'a>(&'a self, concept: &'a Code) -> impl Iterator<Item = &'a ContentItem> {
        self.children.iter().filter(move |child| child.is_about(concept))
    }

    /// True when its concept is this one (value and scheme; meanings may be in other words).
    pub fn is_about(&self, concept: &Code) -> bool {
        self.concept.as_ref().is_some_and(|own| own.value == concept.value && own.scheme == concept.scheme)
    }

    /// What it says, in words: "58.08 mm", "Lung", "image 1.2.3, segments 1".
    pub fn said(&self) -> String {
        match &self.value {
            ContentValue::Container => String::new(),
            ContentValue::Text(text)
            | ContentValue::Date(text)
            | ContentValue::Time(text)
            | ContentValue::DateTime(text)
            | ContentValue::Uid(text) => text.clone(),
            ContentValue::PersonName(name) => super::open::shown_name(name),
            ContentValue::Code(code) => code.as_ref().map(worded).unwrap_or_default(),
            ContentValue::Number(quantity) => quantity.said(),
            ContentValue::Image(reference) => format!("image {}", reference.said()),
            ContentValue::Object(reference) => format!("object {}", reference.said()),
            ContentValue::Points(p) => format!("{} of {} points on the image", p.shape, p.points_px.len()),
            ContentValue::PointsInPatient(p) => format!("{} of {} points in the patient", p.shape, p.points_lps.len()),
            ContentValue::Times(range) => format!("times ({range})"),
            ContentValue::ByReference(path) => {
                let path: Vec<String> = path.iter().map(ToString::to_string).collect();
                format!("see item {}", path.join("."))
            }
            ContentValue::Unknown(kind) => format!("(value type {kind:?} is not known)"),
        }
    }

    /// The tree as lines with their depth: "Finding: Nodule"; none is empty.
    pub fn lines(&self) -> Vec<(usize, String)> {
        let mut lines = Vec::new();
        self.add_lines(0, &mut lines);
        lines
    }

    fn add_lines(&self, depth: usize, lines: &mut Vec<(usize, String)>) {
        let concept = self.concept.as_ref().map(worded).unwrap_or_default();
        let said = self.said();
        let line = match (concept.is_empty(), said.is_empty()) {
            (false, false) => format!("{concept}: {said}"),
            (true, false) => said,
            (false, true) => concept,
            // A heading may be without words; what hangs below it still needs one.
            (true, true) => "(untitled)".into(),
        };
        lines.push((depth, line));
        self.children.iter().for_each(|child| child.add_lines(depth + 1, lines));
    }
}

impl Quantity {
    fn said(&self) -> String {
        let qualifier = self.qualifier.as_ref().map(worded);
        if self.text.is_empty() {
            return qualifier.unwrap_or_else(|| "no value".into());
        }
        // "1" stands for a number without unit.
        let unit = self.unit.as_ref().map(|u| u.value.to_string()).filter(|u| u != "1" && !u.is_empty());
        let mut text = self.text.clone();
        unit.iter().for_each(|unit| text += &format!(" {unit}"));
        qualifier.iter().for_each(|qualifier| text += &format!(" ({qualifier})"));
        text
    }
}

impl ObjectReference {
    fn said(&self) -> String {
        let list = |numbers: &[u32]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let mut text = self.sop_instance_uid.clone();
        if !self.frames.is_empty() {
            text += &format!(", frames {}", list(&self.frames));
        }
        if !self.segments.is_empty() {
            text += &format!(", segments {}", list(&self.segments));
        }
        text
    }
}

/// A code in words: its meaning, or its value where it has none.
fn worded(code: &Code) -> String {
    if code.meaning.is_empty() { code.value.to_string() } else { code.meaning.to_string() }
}
