//! Pixel data of a segmentation onto voxels: bits packed across frames, bytes, or segment numbers.

use super::SegmentationReadError as Error;
use super::frames::{Frames, Kind};
use super::grid::FramePlace;
use crate::geometry::VolumeGeometry;
use crate::io::dicom::DicomFile;
use crate::io::pixels;
use crate::study::Warnings;

/// Writes every frame (or those of one segment) into `labels`; returns the number of voxels that more than one segment claims.
pub(super) fn paint(
    file: &DicomFile,
    frames: &Frames,
    placed: &[FramePlace],
    geometry: &VolumeGeometry,
    labels: &mut [u8],
    only: Option<u8>,
    warnings: &mut Warnings,
) -> Result<usize, Error> {
    let stored = pixels::Frames::new(file, warnings).map_err(|e| Error::Pixels(format!("cannot be read: {e}")))?;
    if stored.format.frames < placed.len() {
        let found = format!("are cut off: {} of {} frames are there", stored.format.frames, placed.len());
        return Err(Error::Pixels(found));
    }
    let mut overlaps = 0;
    for (f, place) in placed.iter().enumerate() {
        if only.is_some_and(|number| frames.frames[f].segment != number) {
            continue;
        }
        let bytes = stored.frame(f).map_err(|e| Error::Pixels(format!("of frame {} cannot be read: {e}", f + 1)))?;
        let width = if frames.bits == 16 { 2 } else { 1 };
        if bytes.len() < frames.columns * frames.rows * width {
            return Err(Error::Pixels(format!("of frame {} are cut off", f + 1)));
        }
        overlaps += paint_frame(&bytes, frames, f, place, geometry, labels)?;
    }
    Ok(overlaps)
}

/// One frame: a byte per pixel, or two for label maps of 16 bits.
fn paint_frame(
    bytes: &[u8],
    frames: &Frames,
    f: usize,
    place: &FramePlace,
    geometry: &VolumeGeometry,
    labels: &mut [u8],
) -> Result<usize, Error> {
    let segment = u16::from(frames.frames[f].segment);
    let value = |n: usize| match frames.kind {
        Kind::Binary => u16::from(bytes[n] != 0) * segment,
        Kind::Fractional { threshold } => u16::from(bytes[n] >= threshold) * segment,
        Kind::Labelmap if frames.bits == 16 => u16::from_le_bytes([bytes[2 * n], bytes[2 * n + 1]]),
        Kind::Labelmap => u16::from(bytes[n]),
    };
    let label_of = |number: u32| frames.numbering.label(number).ok_or(Error::Undescribed(number));
    let step = flat(geometry, place.step_column);
    let mut overlaps = 0;
    for row in 0..frames.rows {
        let start = flat(geometry, place.voxel(0, row));
        for column in 0..frames.columns {
            let number = value(row * frames.columns + column);
            if number == 0 {
                continue;
            }
            let label = match frames.kind {
                Kind::Labelmap => label_of(u32::from(number))?,
                _ => number as u8,
            };
            let voxel = &mut labels[(start + step * column as i64) as usize];
            if *voxel != 0 && *voxel != label {
                overlaps += 1;
            }
            *voxel = if *voxel == 0 { label } else { label.min(*voxel) };
        }
    }
    Ok(overlaps)
}

/// Flat index of a voxel, or flat distance of a step; `place_all` made sure that every pixel lands inside.
fn flat(geometry: &VolumeGeometry, [i, j, k]: [i64; 3]) -> i64 {
    let [ni, nj, _] = geometry.dims();
    (k * nj as i64 + j) * ni as i64 + i
}
