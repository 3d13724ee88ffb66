//! Volumes to masks and findings: networks and rules behind one trait, [`Segmenter`].
//!
//! The only place with candle types. Sees neither files nor DICOM: weights come as bytes, series as [`SeriesFacts`], and
//! results leave as [`crate::volume::Segmentation`] on the grid of the input volume. Whatever preprocessing does to the
//! grid (reorienting, resampling, cropping) carries its inverse map; the only way back is through it.
//!
//! - [`segmenter`]: the trait, what a model may ask about a series, and what can go wrong;
//! - [`pack`]: what a model pack says about itself;
//! - [`ops`]: 3D operators that candle lacks;
//! - [`resample`]: conforming to a model's grid, and back;
//! - [`meshnet`]: the MeshNet family.

pub mod lesions;
pub mod meshnet;
pub mod ops;
pub mod pack;
pub mod resample;
pub mod rules;
pub mod segmenter;

pub use segmenter::{AiError, Segmenter, SeriesFacts};
