//! NRRD out: attached, little endian, gzipped, placed in LPS.

use crate::geometry::VolumeGeometry;
use crate::io::nifti::WriteError;
use crate::io::voxel_file::{Datatype, Format, NewFile, write};
use crate::volume::{Segmentation, Volume};
use std::fmt::Write;
use std::path::Path;

/// Writes values after the Modality LUT; a sheared volume is resampled along its shear, and true is returned then.
pub fn write_volume(path: &Path, volume: &Volume) -> Result<bool, WriteError> {
    write::write_volume(volume, |geometry, kind| new_file(path, header(geometry, kind, "")))
}

/// Writes masks as 3D Slicer does (`.seg.nrrd`): labels as bytes, with the names and colors of the segments.
pub fn write_labels(path: &Path, masks: &Segmentation) -> Result<(), WriteError> {
    let geometry = masks.labelmap.geometry();
    write::write_labels(&new_file(path, header(geometry, Datatype::U8, &segment_keys(masks))), &masks.labelmap)
}

fn new_file(path: &Path, header: String) -> NewFile<'_> {
    NewFile { format: Format::Nrrd, path, header, zipped: true }
}

fn header(geometry: &VolumeGeometry, kind: Datatype, keys: &str) -> String {
    let kind = match kind {
        Datatype::U8 => "uint8",
        Datatype::I16 => "int16",
        Datatype::U16 => "uint16",
        _ => "float",
    };
    let [i, j, k] = geometry.dims();
    let map = geometry.lps_from_ijk();
    let vector = |v: crate::geometry::DVec3| format!("({},{},{})", v.x, v.y, v.z);
    format!(
        "NRRD0004\n# Written by Fovea; not for clinical use\ntype: {kind}\ndimension: 3\nspace: left-posterior-superior\n\
         sizes: {i} {j} {k}\nspace directions: {} {} {}\nkinds: domain domain domain\nendian: little\nencoding: gzip\n\
         space origin: {}\n{keys}\n",
        vector(map.matrix3.x_axis),
        vector(map.matrix3.y_axis),
        vector(map.matrix3.z_axis),
        vector(map.translation),
    )
}

/// `Segment0_Name` and the like. Line breaks would end a key; names have none that matter.
fn segment_keys(masks: &Segmentation) -> String {
    masks.segments.iter().enumerate().fold(String::new(), |mut keys, (n, segment)| {
        let name: String = segment.label.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let [r, g, b] = segment.color_rgb.map(|c| f64::from(c) / 255.0);
        // Writing to a String cannot fail.
        let _ = write!(
            keys,
            "Segment{n}_ID:=Segment_{number}\nSegment{n}_Name:={name}\nSegment{n}_LabelValue:={number}\n\
             Segment{n}_Layer:=0\nSegment{n}_Color:={r:.6} {g:.6} {b:.6}\n",
            number = segment.number,
        );
        keys
    })
}
