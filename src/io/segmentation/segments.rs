//! Segment Sequence (PS3.3 C.8.20.4) to [`Segment`]s.

use super::numbering::Numbering;
use crate::codes::ANATOMICAL_STRUCTURE;
use crate::io::coded::code;
use crate::io::dicom::DataSet;
use crate::io::write::srgb_from_cielab;
use crate::study::Warnings;
use crate::volume::{AlgorithmKind, Segment};
use dicom_dictionary_std::tags;

/// Colors of segments that recommend none (`look.md` leaves them to the program): far apart in hue.
const COLORS: [[u8; 3]; 8] = [
    [230, 90, 90],
    [90, 180, 230],
    [120, 200, 90],
    [240, 180, 60],
    [180, 120, 220],
    [80, 200, 180],
    [230, 130, 180],
    [160, 160, 100],
];

/// All segments but the background (number 0, as label map objects may describe it).
pub(super) fn read(data: &DataSet, numbering: &Numbering, warnings: &mut Warnings) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for item in data.items(tags::SEGMENT_SEQUENCE) {
        let Some(number) = item.integer(tags::SEGMENT_NUMBER).and_then(|n| u32::try_from(n).ok()) else {
            warnings.add("a segment without a number was left out");
            continue;
        };
        // 0 is the background; a number that has no label cannot occur, because the numbering is made from this sequence.
        let Some(number @ 1..) = numbering.label(number) else { continue };
        if segments.iter().any(|s| s.number == number) {
            warnings.add(format!("segment {number} is described twice; the first description was kept"));
            continue;
        }
        segments.push(segment(item, number));
    }
    segments
}

/// A segment that the file does not describe.
pub(super) fn undescribed(number: u8) -> Segment {
    Segment {
        number,
        label: number.to_string(),
        category: ANATOMICAL_STRUCTURE,
        property: None,
        laterality: None,
        color_rgb: default_color(number),
        algorithm: AlgorithmKind::Manual,
        algorithm_name: String::new(),
        tracking_uid: String::new(),
    }
}

pub(super) fn default_color(number: u8) -> [u8; 3] {
    COLORS[(usize::from(number) + COLORS.len() - 1) % COLORS.len()]
}

fn segment(item: &DataSet, number: u8) -> Segment {
    let label = item.text(tags::SEGMENT_LABEL);
    let category = code(item, tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE).unwrap_or(ANATOMICAL_STRUCTURE);
    let property = code(item, tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE);
    let modifier = item
        .item(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE)
        .and_then(|p| code(p, tags::SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE));
    Segment {
        number,
        label: if label.is_empty() { number.to_string() } else { label },
        // Our writer repeats the category where no type is coded, because the type must be there.
        property: property.filter(|p| p.value != category.value),
        category,
        laterality: modifier,
        color_rgb: color(item).unwrap_or_else(|| default_color(number)),
        algorithm: match item.text(tags::SEGMENT_ALGORITHM_TYPE).as_str() {
            "AUTOMATIC" => AlgorithmKind::Automatic,
            "SEMIAUTOMATIC" => AlgorithmKind::SemiAutomatic,
            _ => AlgorithmKind::Manual,
        },
        algorithm_name: item.text(tags::SEGMENT_ALGORITHM_NAME),
        tracking_uid: item.text(tags::TRACKING_UID),
    }
}

fn color(item: &DataSet) -> Option<[u8; 3]> {
    let stored = item.vector::<3>(tags::RECOMMENDED_DISPLAY_CIE_LAB_VALUE)?;
    Some(srgb_from_cielab(stored.map(|n| n as u16)))
}
