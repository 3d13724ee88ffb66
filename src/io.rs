//! Files in and out: folders and files to [`crate::study::Catalog`], series to [`crate::loaded::LoadedSeries`], and back.
//!
//! The only place with DICOM and NIfTI types, and the only one where RAS exists ([`nifti`]). Input is hostile until proven
//! otherwise: sizes are checked before memory is asked for, nesting and inflation are bounded, and a broken file yields a
//! warning or one sentence, never a panic. Everything that leaves here is in LPS millimetres.

pub mod atomic;
pub mod codec;
pub mod dicom;
pub mod facts;
pub mod nifti;
pub mod packs;
pub mod pixels;
pub mod segmentation;
pub mod stack;
pub mod uid;
pub mod write;

pub use segmentation::{SegmentationReadError, read_segmentation, read_segmentation_noting};
