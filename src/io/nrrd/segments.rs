//! What 3D Slicer writes about the segments of a `.seg.nrrd`: `Segment0_Name`, `Segment0_LabelValue`, `Segment0_Layer`,
//! `Segment0_Color`.

use crate::io::voxel_file::NamedLabel;
use crate::study::Warnings;
use std::collections::BTreeMap;

/// Segments that are asked for; Slicer numbers them without gaps.
const MAX_SEGMENTS: usize = 4096;

/// All named segments, in the order of the file.
pub(super) fn named(keys: &BTreeMap<String, String>, warnings: &mut Warnings) -> Vec<NamedLabel> {
    let mut found = Vec::new();
    for n in 0..MAX_SEGMENTS {
        let get = |what: &str| keys.get(&format!("Segment{n}_{what}")).map(|v| v.trim());
        let Some(id) = get("ID").or_else(|| get("Name")) else { break };
        let value = get("LabelValue").map_or(Some(1), |v| v.parse::<u8>().ok());
        let Some(value) = value.filter(|v| *v > 0) else {
            warnings.add(format!("segment {id:?} has a value beyond 1 to 255 and is left out"));
            continue;
        };
        found.push(NamedLabel {
            layer: get("Layer").and_then(|v| v.parse().ok()).unwrap_or(0),
            value,
            name: get("Name").unwrap_or(id).to_owned(),
            color_rgb: get("Color").and_then(color),
        });
    }
    found
}

/// Three numbers from 0 to 1.
fn color(text: &str) -> Option<[u8; 3]> {
    let parts: Vec<f64> = text.split_whitespace().map(|c| c.parse().ok()).collect::<Option<_>>()?;
    let byte = |c: f64| (c.clamp(0.0, 1.0) * 255.0).round() as u8;
    match parts[..] {
        [r, g, b] => Some([byte(r), byte(g), byte(b)]),
        _ => None,
    }
}
