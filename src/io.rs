//! Files in and out: folders and files to [`crate::study::Catalog`], series to [`crate::loaded::LoadedSeries`], and back.
//!
//! The only place with DICOM and NIfTI types, and the only one where RAS exists ([`nifti`], and [`nrrd`] files that say so).
//! Input is hostile until proven otherwise: sizes are checked before memory is asked for, nesting and inflation are bounded,
//! and a broken file yields a warning or one sentence, never a panic. Everything that leaves here is in LPS millimetres.

pub mod anonymize;
pub mod archive;
pub mod atomic;
pub mod codec;
pub(crate) mod coded;
pub mod content_tree;
pub mod dicom;
pub mod display_sets;
pub mod document;
pub mod dose;
pub mod elements;
pub mod facts;
pub mod image_file;
pub mod key_objects;
pub mod measurement_groups;
pub mod mesh;
pub mod metaimage;
pub mod nifti;
pub mod nrrd;
pub mod objects;
pub mod open;
pub mod packs;
pub mod picture_mask;
pub mod pixels;
pub mod presentation;
pub mod real_world;
pub mod registration;
pub mod segmentation;
pub mod series;
pub mod stack;
pub mod structures;
pub mod summary;
pub(crate) mod suv;
pub mod uid;
pub mod voxel_file;
pub mod write;

pub use open::{OpenError, open};
pub use picture_mask::{PictureMask, PictureMaskError, is_picture_mask, read_picture_mask};
pub use segmentation::{SegmentationReadError, for_each_part, read_segmentation, read_segmentation_noting};
pub use series::{
    ConvertError, Converted, LoadError, convert_to_nifti, load_preview, load_series, load_slice, slices_of,
};
pub use summary::{PixelSummary, summarize_pixels};

use std::path::{Path, PathBuf};

/// The folder for the program's own data: models and journals. `XDG_DATA_HOME` is honored.
pub fn data_dir() -> PathBuf {
    use etcetera::BaseStrategy;
    etcetera::choose_base_strategy().map_or_else(|_| std::env::temp_dir(), |base| base.data_dir()).join("fovea")
}

/// First bytes of a file, to tell what it is.
pub(crate) fn sniff(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(16).read_to_end(&mut head)?;
    Ok(head)
}
