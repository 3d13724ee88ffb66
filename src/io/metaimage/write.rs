//! MetaImage out: one `.mha` file, little endian, not compressed.

use super::place::letters_of;
use crate::geometry::VolumeGeometry;
use crate::io::nifti::WriteError;
use crate::io::voxel_file::{Datatype, Format, NewFile, write};
use crate::volume::{Labelmap, Volume};
use std::path::Path;

/// Writes values after the Modality LUT; a sheared volume is resampled along its shear, and true is returned then.
pub fn write_volume(path: &Path, volume: &Volume) -> Result<bool, WriteError> {
    write::write_volume(volume, |geometry, kind| new_file(path, geometry, kind))
}

/// Writes labels as unsigned bytes.
pub fn write_labels(path: &Path, labels: &Labelmap) -> Result<(), WriteError> {
    write::write_labels(&new_file(path, labels.geometry(), Datatype::U8), labels)
}

fn new_file<'a>(path: &'a Path, geometry: &VolumeGeometry, kind: Datatype) -> NewFile<'a> {
    let kind = match kind {
        Datatype::U8 => "MET_UCHAR",
        Datatype::I16 => "MET_SHORT",
        Datatype::U16 => "MET_USHORT",
        _ => "MET_FLOAT",
    };
    let row = |numbers: &[f64]| numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
    let [i, j, k] = geometry.dims();
    let header = format!(
        "ObjectType = Image\nNDims = 3\nComment = Written by Fovea; not for clinical use\nBinaryData = True\n\
         BinaryDataByteOrderMSB = False\nCompressedData = False\nTransformMatrix = {}\nOffset = {}\n\
         CenterOfRotation = 0 0 0\nAnatomicalOrientation = {}\nElementSpacing = {}\nDimSize = {i} {j} {k}\n\
         ElementType = {kind}\nElementDataFile = LOCAL\n",
        row(&geometry.direction().to_cols_array()),
        row(&geometry.origin_lps().to_array()),
        letters_of(geometry.direction()),
        row(&geometry.spacing_mm().to_array()),
    );
    NewFile { format: Format::MetaImage, path, header, zipped: false }
}
