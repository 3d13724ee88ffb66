//! Data sets to bytes (PS3.5 section 7): explicit or implicit VR, little endian, sequences and items of undefined length.

use crate::io::dicom::{DataSet, Element, Value, has_long_length};
use crate::io::write::{IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
pub(super) const UNDEFINED: u32 = u32::MAX;

/// Preamble, mark and meta group of a Part 10 file (PS3.10 7.1). Nothing of the source's meta group stays.
pub(super) fn file_meta(sop_class: &str, sop_instance: &str, transfer_syntax: &str) -> Vec<u8> {
    let mut group = Vec::new();
    let mut text = |tag, vr, text: &str| element(&mut group, tag, &super::rules::text_element(vr, text), true);
    text(tags::MEDIA_STORAGE_SOP_CLASS_UID, VR::UI, sop_class);
    text(tags::MEDIA_STORAGE_SOP_INSTANCE_UID, VR::UI, sop_instance);
    text(tags::TRANSFER_SYNTAX_UID, VR::UI, transfer_syntax);
    text(tags::IMPLEMENTATION_CLASS_UID, VR::UI, IMPLEMENTATION_CLASS_UID);
    text(tags::IMPLEMENTATION_VERSION_NAME, VR::SH, IMPLEMENTATION_VERSION_NAME);
    let mut version = Vec::new();
    let value = Value::Bytes(vec![0, 1]);
    element(&mut version, tags::FILE_META_INFORMATION_VERSION, &Element { vr: VR::OB, value }, true);
    let length = (version.len() + group.len()) as u32;
    let mut bytes = [[0; 128].as_slice(), b"DICM"].concat();
    let value = Value::Bytes(length.to_le_bytes().to_vec());
    element(&mut bytes, tags::FILE_META_INFORMATION_GROUP_LENGTH, &Element { vr: VR::UL, value }, true);
    [bytes, version, group].concat()
}

/// All elements of a data set.
pub(super) fn data_set(out: &mut Vec<u8>, data: &DataSet, explicit: bool) {
    data.iter().for_each(|(tag, value)| element(out, tag, value, explicit));
}

fn element(out: &mut Vec<u8>, tag: Tag, element: &Element, explicit: bool) {
    match &element.value {
        Value::Bytes(bytes) => {
            head(out, tag, element.vr, bytes.len() as u32, explicit);
            out.extend_from_slice(bytes);
        }
        Value::Items(items) => {
            head(out, tag, VR::SQ, UNDEFINED, explicit);
            for item in items {
                mark(out, ITEM, UNDEFINED);
                data_set(out, item, explicit);
                mark(out, ITEM_END, 0);
            }
            mark(out, SEQUENCE_END, 0);
        }
    }
}

/// Tag, VR and length of an element (PS3.5 7.1.2, 7.1.3).
pub(super) fn head(out: &mut Vec<u8>, tag: Tag, vr: VR, length: u32, explicit: bool) {
    out.extend_from_slice(&tag.group().to_le_bytes());
    out.extend_from_slice(&tag.element().to_le_bytes());
    if !explicit {
        out.extend_from_slice(&length.to_le_bytes());
    } else if has_long_length(vr) || length > u32::from(u16::MAX) {
        // A value that is too long for a VR with a short length is written as UN (PS3.5 6.2.2).
        let vr = if has_long_length(vr) { vr } else { VR::UN };
        out.extend_from_slice(&vr.to_bytes());
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&length.to_le_bytes());
    } else {
        out.extend_from_slice(&vr.to_bytes());
        out.extend_from_slice(&(length as u16).to_le_bytes());
    }
}

fn mark(out: &mut Vec<u8>, tag: Tag, length: u32) {
    head(out, tag, VR::UN, length, false);
}

/// The end of encapsulated pixels whose source lacks it.
pub(super) fn sequence_end() -> Vec<u8> {
    let mut bytes = Vec::new();
    mark(&mut bytes, SEQUENCE_END, 0);
    bytes
}
