//! What the profile's table cannot judge: objects that are text through and through, pixels with names burned in, faces.

use super::profile::ProfileOptions;
use crate::io::dicom::{DataSet, DicomFile};
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// Why an object is refused as a whole; `None` when it can be de-identified.
pub(super) fn refused(file: &DicomFile, options: &ProfileOptions) -> Option<&'static str> {
    let data = &file.data;
    let class = data.text(tags::SOP_CLASS_UID);
    if data.get(tags::DIRECTORY_RECORD_SEQUENCE).is_some() {
        return Some("a DICOMDIR is no object of its own; make a new one from the files that were written");
    }
    if data.get(tags::ENCAPSULATED_DOCUMENT).is_some() || class.starts_with("1.2.840.10008.5.1.4.1.1.104.") {
        return Some("the text and pictures of an encapsulated document cannot be searched for names; it was left out");
    }
    data.get(tags::CONTENT_SEQUENCE)?;
    if !options.clean_structured_content {
        return Some(
            "a structured report holds free text; --clean-structured-content keeps its numbers, codes and references",
        );
    }
    let by_reference = holds(data, tags::REFERENCED_CONTENT_ITEM_IDENTIFIER);
    by_reference.then_some("its content items refer to each other by position, which would change; it was left out")
}

fn holds(data: &DataSet, wanted: Tag) -> bool {
    data.iter().any(|(tag, _)| tag == wanted || data.items(tag).iter().any(|item| holds(item, wanted)))
}

/// What a person must look at before the file is passed on.
pub(super) fn warnings(file: &DicomFile) -> Vec<String> {
    let data = &file.data;
    let mut found = Vec::new();
    if let Some(pixels) = file.pixels {
        let there = file.native_length();
        if let Some(declared) = pixels.declared.filter(|declared| *declared > there) {
            found.push(format!("the pixels are cut off: {there} of {declared} bytes are there"));
        }
        found.extend(burned_in(data));
        found.extend(visible_face(data));
        if overlay_in_pixels(data) {
            found.push(
                "overlay graphics stay in unused bits of the pixels; look at them before passing the file on".into(),
            );
        }
    }
    found
}

/// Burned In Annotation (0028,0301), and kinds of images where names in the picture are common (PS3.15 E.3.1).
fn burned_in(data: &DataSet) -> Option<String> {
    match data.text(tags::BURNED_IN_ANNOTATION).as_str() {
        "YES" => return Some("the file says that text is burned into its pixels; they were not changed".into()),
        "NO" => return None,
        _ => {}
    }
    let modality = data.text(tags::MODALITY);
    let class = data.text(tags::SOP_CLASS_UID);
    let image_type = data.text(tags::IMAGE_TYPE).to_uppercase();
    let captured = class.starts_with("1.2.840.10008.5.1.4.1.1.7") || !data.text(tags::CONVERSION_TYPE).is_empty();
    let is_screen = image_type.contains("SCREEN");
    let risky = matches!(
        modality.as_str(),
        "US" | "XA" | "RF" | "SC" | "OT" | "ES" | "GM" | "XC" | "OP" | "CR" | "DX" | "MG" | "RG" | "NM" | "IVUS"
    );
    (risky || captured || is_screen).then(|| {
        let kind = if captured || is_screen { "captured picture" } else { modality.as_str() };
        format!(
            "a {kind} may show names in its pixels and does not say that it shows none; look at it before passing it on"
        )
    })
}

/// Cross-sections of the head, from which a face can be made (PS3.15 E.3.2).
fn visible_face(data: &DataSet) -> Option<String> {
    const PARTS: [&str; 8] = ["HEAD", "BRAIN", "SKULL", "FACE", "NECK", "ORBIT", "SINUS", "JAW"];
    let modality = data.text(tags::MODALITY);
    let texts = [tags::BODY_PART_EXAMINED, tags::SERIES_DESCRIPTION, tags::STUDY_DESCRIPTION, tags::PROTOCOL_NAME];
    let of_head = texts.iter().any(|&tag| {
        let text = data.text(tag).to_uppercase();
        PARTS.iter().any(|part| text.contains(part))
    });
    let sectional = matches!(modality.as_str(), "CT" | "MR" | "PT");
    (sectional && of_head)
        .then(|| "the slices may show a face that can be recognized; remove it before publication".to_owned())
}

/// Overlays of the retired kind, in bits of the pixels (PS3.5 8.1.2): their attributes go, the bits stay.
fn overlay_in_pixels(data: &DataSet) -> bool {
    (0..16).any(|n| {
        let bit = data.integer(Tag(0x6000 + 2 * n, 0x0102)).unwrap_or(0);
        bit > 0 && data.get(Tag(0x6000 + 2 * n, 0x3000)).is_none()
    })
}
