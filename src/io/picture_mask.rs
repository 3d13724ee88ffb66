//! Masks of pictures: PNG, TIFF or WebP files whose gray values are labels, one per pixel of a radiograph.
//!
//! They have no place in the patient: they belong to a picture by having its size, and to no other.

use super::image_file;
use crate::volume::{Picture, Samples, Voxels};
use std::path::Path;

/// Labels of a picture's pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureMask {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row by row; 0 = nothing.
    pub labels: Vec<u8>,
}

/// Why a file gives no mask for a picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureMaskError {
    /// It cannot be decoded.
    #[error("{0}")]
    Unreadable(String),
    /// Compression with loss changes labels.
    #[error("the mask is compressed with loss, which changes labels; save it as PNG or TIFF")]
    Lossy,
    /// Colors, or values that are no labels.
    #[error("the mask holds {0}; labels are gray values from 0 to 255")]
    NotLabels(String),
    /// Another picture's mask.
    #[error("the mask has {0} × {1} pixels, but the image has {2} × {3}; masks are not resampled")]
    OtherSize(usize, usize, usize, usize),
}

/// True for files that are read as masks of pictures.
pub fn is_picture_mask(path: &Path) -> bool {
    super::sniff(path).is_ok_and(|head| image_file::is_picture(path, &head))
}

/// Reads the mask of a picture.
pub fn read_picture_mask(path: &Path, on: &Picture) -> Result<PictureMask, PictureMaskError> {
    if image_file::facts(path).map_err(PictureMaskError::Unreadable)?.lossy {
        return Err(PictureMaskError::Lossy);
    }
    let mask = image_file::read(path, 0).map_err(PictureMaskError::Unreadable)?;
    let (width, height) = (mask.width, mask.height);
    if (width, height) != (on.width, on.height) {
        return Err(PictureMaskError::OtherSize(width, height, on.width, on.height));
    }
    let labels = match mask.samples {
        Samples::Rgb(_) => return Err(PictureMaskError::NotLabels("colors".into())),
        Samples::Gray { stored: Voxels::U8(labels), .. } => labels,
        Samples::Gray { stored, .. } => (0..stored.len())
            .map(|n| {
                let value = stored.get(n);
                let label = value.fract() == 0.0 && (0.0..=255.0).contains(&value);
                if label { Ok(value as u8) } else { Err(PictureMaskError::NotLabels(format!("the value {value}"))) }
            })
            .collect::<Result<_, _>>()?,
    };
    Ok(PictureMask { width, height, labels })
}
