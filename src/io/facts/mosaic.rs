//! Siemens mosaics: the slices of one volume tiled into one classic MR image.
//!
//! Only where the file says so itself: MOSAIC in Image Type, the number of tiles, and the slice normal, from the vendor's
//! header (CSA image header, (0029,1010), format "SV10") or (0019,100A). Image Position (Patient) is that of the corner that
//! one slice of the mosaic's size would have around the tile's center; it is moved to the tile's own corner.

use super::SliceFacts;
use crate::geometry::{DVec2, DVec3};
use crate::io::dicom::DataSet;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

const CSA_IMAGE_HEADER: Tag = Tag(0x0029, 0x1010);
const IMAGES_IN_MOSAIC: Tag = Tag(0x0019, 0x100A);
/// More tiles than any scanner makes.
const MAX_TILES: usize = 4096;
/// Elements of a CSA header are about a hundred.
const MAX_CSA_ELEMENTS: u32 = 1000;

/// A part of a picture that is a slice of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// First column and row in the picture.
    pub at: [usize; 2],
    /// Columns of the whole picture.
    pub picture_columns: usize,
}

/// The slices of a mosaic in the order of their tiles, from the facts of the whole picture. `None` for other images; an
/// error says why a mosaic cannot be taken apart.
pub fn slices(data: &DataSet, whole: &SliceFacts) -> Option<Result<Vec<SliceFacts>, String>> {
    is_mosaic(data).then(|| taken_apart(data, whole))
}

pub fn is_mosaic(data: &DataSet) -> bool {
    data.texts(tags::IMAGE_TYPE).iter().any(|t| t.eq_ignore_ascii_case("MOSAIC"))
}

fn taken_apart(data: &DataSet, whole: &SliceFacts) -> Result<Vec<SliceFacts>, String> {
    let csa = data.bytes(CSA_IMAGE_HEADER).map(CsaHeader);
    let from_csa = |name| csa.as_ref().and_then(|header| header.numbers(name));
    let count = data.number(IMAGES_IN_MOSAIC).or_else(|| from_csa("NumberOfImagesInMosaic")?.first().copied());
    let count = count.map(|n| n as usize).filter(|n| (1..=MAX_TILES).contains(n));
    let count = count.ok_or("the mosaic does not say how many slices it holds")?;
    let [row, column] = whole.axes_lps.ok_or("the mosaic has no usable Image Orientation (Patient)")?;
    let normal = match from_csa("SliceNormalVector").as_deref() {
        Some(&[x, y, z]) => DVec3::new(x, y, z),
        _ => return Err("the mosaic does not say in which direction its slices follow each other".into()),
    };
    if (normal.dot(row.cross(column)).abs() - 1.0).abs() > 1e-3 {
        return Err("the mosaic's slice normal does not stand on its rows and columns".into());
    }
    let step_mm = data.number(tags::SPACING_BETWEEN_SLICES).filter(|mm| *mm > 0.0);
    let step_mm = step_mm.ok_or("the mosaic has no Spacing Between Slices")?;
    let across = (1..=count).find(|n| n * n >= count).unwrap_or(1);
    let [columns, rows] = whole.size;
    if columns % across != 0 || rows % across != 0 {
        return Err(format!("{columns} × {rows} pixels cannot be divided into {across} × {across} tiles"));
    }
    let size = [columns / across, rows / across];
    let (Some(corner), Some(spacing)) = (whole.position_lps, whole.spacing_mm) else {
        return Err("the mosaic has no usable Image Position (Patient) or Pixel Spacing".into());
    };
    let moved = DVec2::new((columns - size[0]) as f64 * spacing[1], (rows - size[1]) as f64 * spacing[0]) / 2.0;
    let first = corner + row * moved.x + column * moved.y;
    let slice = |k: usize| SliceFacts {
        frame: k as u32,
        size,
        position_lps: Some(first + normal * (step_mm * k as f64)),
        tile: Some(Tile { at: [k % across * size[0], k / across * size[1]], picture_columns: columns }),
        ..whole.clone()
    };
    Ok((0..count).map(slice).collect())
}

impl Tile {
    /// The tile's pixels of `width` bytes, out of a whole picture's; `None` when the picture is too small.
    pub fn cut(&self, picture: &[u8], [columns, rows]: [usize; 2], width: usize) -> Option<Vec<u8>> {
        let mut pixels = Vec::with_capacity(columns * rows * width);
        for row in 0..rows {
            let start = ((self.at[1] + row) * self.picture_columns + self.at[0]) * width;
            pixels.extend_from_slice(picture.get(start..start + columns * width)?);
        }
        Some(pixels)
    }
}

/// The vendor's list of named values ("SV10": after two words, each element is a name of 64 bytes, five words, and items of
/// four words and text padded to words; words little endian).
struct CsaHeader<'a>(&'a [u8]);

impl CsaHeader<'_> {
    fn word(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.0.get(at..)?.first_chunk()?))
    }

    /// Numbers of the element with this name.
    fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        self.0.starts_with(b"SV10").then_some(())?;
        let elements = self.word(8)?.min(MAX_CSA_ELEMENTS);
        let mut at = 16;
        for _ in 0..elements {
            let label = self.0.get(at..at + 64)?;
            let label = label.split(|b| *b == 0).next()?;
            let items = self.word(at + 76)?;
            at += 84;
            let mut found = Vec::new();
            for _ in 0..items {
                let length = self.word(at + 4)? as usize;
                let text = self.0.get(at + 16..(at + 16).checked_add(length)?)?;
                let text = String::from_utf8_lossy(text.split(|b| *b == 0).next()?);
                found.extend(text.trim().parse::<f64>().ok());
                at += 16 + length.next_multiple_of(4);
            }
            if label == name.as_bytes() {
                return Some(found);
            }
        }
        None
    }
}
