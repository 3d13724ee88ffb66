//! DICOM objects made in code.

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use std::path::Path;

/// A data set under construction.
#[derive(Clone)]
pub struct Object(pub InMemDicomObject);

impl Object {
    pub fn new() -> Self {
        Self(InMemDicomObject::new_empty())
    }

    /// An object with its SOP class, modality, and the patient and study of `io_write::sources::ct`.
    pub fn of_class(class: &str, modality: &str) -> Self {
        Self::new()
            .text(tags::SOP_CLASS_UID, VR::UI, class)
            .text(tags::SOP_INSTANCE_UID, VR::UI, "1.2.826.0.1.3680043.8.498.5000")
            .text(tags::MODALITY, VR::CS, modality)
            .text(tags::PATIENT_ID, VR::LO, "P-1")
            .text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.826.0.1.3680043.8.498.76")
            .text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.826.0.1.3680043.8.498.5001")
    }

    pub fn put(mut self, tag: Tag, vr: VR, value: PrimitiveValue) -> Self {
        self.0.put(DataElement::new(tag, vr, value));
        self
    }

    pub fn text(self, tag: Tag, vr: VR, value: &str) -> Self {
        self.put(tag, vr, PrimitiveValue::from(value))
    }

    pub fn decimals(self, tag: Tag, values: &[f64]) -> Self {
        let text: Vec<String> = values.iter().map(ToString::to_string).collect();
        self.text(tag, VR::DS, &text.join("\\"))
    }

    pub fn shorts(self, tag: Tag, values: &[u16]) -> Self {
        self.put(tag, VR::US, PrimitiveValue::U16(values.iter().copied().collect()))
    }

    pub fn items(mut self, tag: Tag, items: Vec<Self>) -> Self {
        let items: Vec<InMemDicomObject> = items.into_iter().map(|o| o.0).collect();
        self.0.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
        self
    }

    pub fn write(self, path: &Path) {
        let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
        self.0.with_meta(meta).expect("a meta group").write_to_file(path).expect("written");
    }
}
