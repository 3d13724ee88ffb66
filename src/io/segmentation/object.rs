//! Opens a segmentation object, and small questions to data sets.

use super::SegmentationReadError as Error;
use crate::io::write::text_of;
use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use dicom_object::{DefaultDicomObject, InMemDicomObject, OpenFileOptions};
use std::path::Path;

/// Opens a file and makes sure that it is a segmentation.
pub(super) fn open(path: &Path) -> Result<DefaultDicomObject, Error> {
    let object = OpenFileOptions::new().open_file(path).map_err(|e| Error::Unreadable(reason(&e)))?;
    let mut class = text_of(&object, tags::SOP_CLASS_UID);
    if class.is_empty() {
        object.meta().media_storage_sop_class_uid().trim_end_matches('\0').clone_into(&mut class);
    }
    if [uids::SEGMENTATION_STORAGE, uids::LABEL_MAP_SEGMENTATION_STORAGE].contains(&class.as_str()) {
        Ok(object)
    } else {
        Err(Error::OtherObject(if class.is_empty() { "none".into() } else { class }))
    }
}

/// The last cause: the encoder's outer layers name the file, which has no place in a message.
fn reason(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Items of a sequence; none when it is absent.
pub(super) fn items(object: &InMemDicomObject, tag: Tag) -> &[InMemDicomObject] {
    object.get(tag).and_then(|e| e.items()).unwrap_or_default()
}

/// First item of a sequence.
pub(super) fn first(object: &InMemDicomObject, tag: Tag) -> Option<&InMemDicomObject> {
    items(object, tag).first()
}

/// The first value as a whole number.
pub(super) fn integer(object: &InMemDicomObject, tag: Tag) -> Option<u32> {
    object.get(tag).and_then(|e| e.to_int().ok())
}

/// All values as finite numbers; `None` when one is not.
pub(super) fn numbers(object: &InMemDicomObject, tag: Tag) -> Option<Vec<f64>> {
    let values = object.get(tag)?.to_multi_float64().ok()?;
    values.iter().all(|v| v.is_finite()).then_some(values)
}
