//! Content items of a structured report (PS3.3 C.17.3): a tree of named values.

use super::dataset::{Dataset, decimal_string, reference_item};
use crate::codes::Code;
use crate::geometry::{DVec2, DVec3};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::tags;

/// Relationship Type (0040,A010) of an item to its parent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Relation {
    Contains,
    HasConceptMod,
    HasObsContext,
    HasAcqContext,
    HasProperties,
    InferredFrom,
    SelectedFrom,
}

impl Relation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Contains => "CONTAINS",
            Self::HasConceptMod => "HAS CONCEPT MOD",
            Self::HasObsContext => "HAS OBS CONTEXT",
            Self::HasAcqContext => "HAS ACQ CONTEXT",
            Self::HasProperties => "HAS PROPERTIES",
            Self::InferredFrom => "INFERRED FROM",
            Self::SelectedFrom => "SELECTED FROM",
        }
    }
}

/// A content item with its children.
#[derive(Debug, Clone)]
pub(super) struct Item {
    attributes: Dataset,
    children: Vec<(Relation, Item)>,
}

impl Item {
    fn new(value_type: &str, name: Option<&Code>) -> Self {
        let mut attributes = Dataset::new();
        attributes.put(tags::VALUE_TYPE, VR::CS, PrimitiveValue::from(value_type));
        if let Some(name) = name {
            attributes.code(tags::CONCEPT_NAME_CODE_SEQUENCE, name);
        }
        Self { attributes, children: Vec::new() }
    }

    /// A container, with the DCMR template it follows.
    pub(super) fn container(name: &Code, template: Option<&str>) -> Self {
        let mut item = Self::new("CONTAINER", Some(name));
        item.attributes.text(tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE");
        if let Some(identifier) = template {
            let mut template = Dataset::new();
            template.text(tags::MAPPING_RESOURCE, VR::CS, "DCMR").text(tags::TEMPLATE_IDENTIFIER, VR::CS, identifier);
            item.attributes.sequence(tags::CONTENT_TEMPLATE_SEQUENCE, vec![template]);
        }
        item
    }

    pub(super) fn text(name: &Code, text: &str) -> Self {
        let mut item = Self::new("TEXT", Some(name));
        item.attributes.text(tags::TEXT_VALUE, VR::UT, text);
        item
    }

    pub(super) fn code(name: &Code, value: &Code) -> Self {
        let mut item = Self::new("CODE", Some(name));
        item.attributes.code(tags::CONCEPT_CODE_SEQUENCE, value);
        item
    }

    pub(super) fn uid(name: &Code, uid: &str) -> Self {
        let mut item = Self::new("UIDREF", Some(name));
        item.attributes.uid(tags::UID, uid);
        item
    }

    pub(super) fn person(name: &Code, person: &str) -> Self {
        let mut item = Self::new("PNAME", Some(name));
        item.attributes.text(tags::PERSON_NAME, VR::PN, person);
        item
    }

    /// A measured number; the exact value stands beside the decimal string.
    pub(super) fn number(name: &Code, value: f64, unit: &Code) -> Self {
        let mut measured = Dataset::new();
        measured.code(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, unit);
        measured.put(tags::FLOATING_POINT_VALUE, VR::FD, PrimitiveValue::from(value));
        measured.text(tags::NUMERIC_VALUE, VR::DS, &decimal_string(value));
        let mut item = Self::new("NUM", Some(name));
        item.attributes.sequence(tags::MEASURED_VALUE_SEQUENCE, vec![measured]);
        item
    }

    /// An image, or a segment of a segmentation.
    pub(super) fn image(name: Option<&Code>, class: &str, instance: &str, part: ImagePart) -> Self {
        let mut reference = reference_item(class, instance);
        match part {
            ImagePart::Whole => {}
            ImagePart::Frame(number) => {
                reference.integer(tags::REFERENCED_FRAME_NUMBER, i64::from(number));
            }
            ImagePart::Segment(number) => {
                reference.shorts(tags::REFERENCED_SEGMENT_NUMBER, &[number]);
            }
        }
        let mut item = Self::new("IMAGE", name);
        item.attributes.sequence(tags::REFERENCED_SOP_SEQUENCE, vec![reference]);
        item
    }

    /// Points on an image, (column, row) with the upper left corner of the upper left pixel at (0, 0) (C.18.6.1.1).
    pub(super) fn points_px(name: &Code, graphic_type: &str, points: &[DVec2]) -> Self {
        let mut item = Self::new("SCOORD", Some(name));
        let data: Vec<f32> = points.iter().flat_map(|p| [p.x as f32, p.y as f32]).collect();
        item.attributes.put(tags::GRAPHIC_DATA, VR::FL, PrimitiveValue::F32(data.into()));
        item.attributes.text(tags::GRAPHIC_TYPE, VR::CS, graphic_type);
        item
    }

    /// Points in the patient, LPS mm (C.18.9).
    pub(super) fn points_lps(name: &Code, graphic_type: &str, points: &[DVec3], frame_of_reference_uid: &str) -> Self {
        let mut item = Self::new("SCOORD3D", Some(name));
        let data: Vec<f32> = points.iter().flat_map(|p| p.to_array().map(|c| c as f32)).collect();
        item.attributes.put(tags::GRAPHIC_DATA, VR::FL, PrimitiveValue::F32(data.into()));
        item.attributes.text(tags::GRAPHIC_TYPE, VR::CS, graphic_type);
        item.attributes.uid(tags::REFERENCED_FRAME_OF_REFERENCE_UID, frame_of_reference_uid);
        item
    }

    /// With a child.
    pub(super) fn with(mut self, relation: Relation, child: Self) -> Self {
        self.children.push((relation, child));
        self
    }

    /// Adds a child.
    pub(super) fn add(&mut self, relation: Relation, child: Self) {
        self.children.push((relation, child));
    }

    /// The item and everything under it, put into `to`: a document's root, or a new item.
    pub(super) fn put_into(self, to: &mut Dataset) {
        for element in self.attributes.0 {
            to.0.put(element);
        }
        if self.children.is_empty() {
            return;
        }
        let child = |(relation, item): (Relation, Self)| {
            let mut child = Dataset::new();
            child.put(tags::RELATIONSHIP_TYPE, VR::CS, PrimitiveValue::from(relation.as_str()));
            item.put_into(&mut child);
            child
        };
        to.sequence(tags::CONTENT_SEQUENCE, self.children.into_iter().map(child).collect());
    }
}

/// Which part of an image is meant.
#[derive(Debug, Clone, Copy)]
pub(super) enum ImagePart {
    /// All of it.
    Whole,
    /// One frame, from 1.
    Frame(u32),
    /// A segment of a segmentation.
    Segment(u16),
}
