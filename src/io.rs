//! (being written)

pub mod atomic;
pub mod segmentation;
pub mod uid;
pub mod write;

pub use segmentation::{SegmentationReadError, read_segmentation, read_segmentation_noting};
