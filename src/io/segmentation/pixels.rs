//! Pixel data of a segmentation onto voxels: bits packed across frames, bytes, or segment numbers.

use super::SegmentationReadError as Error;
use super::frames::{Frames, Kind};
use super::grid::FramePlace;
use crate::geometry::VolumeGeometry;
use crate::study::Warnings;
use dicom_dictionary_std::{tags, uids};
use dicom_object::DefaultDicomObject;

/// Writes every frame into `labels`; returns the number of voxels that more than one segment claims.
pub(super) fn paint(
    object: &DefaultDicomObject,
    frames: &Frames,
    placed: &[FramePlace],
    geometry: &VolumeGeometry,
    labels: &mut [u8],
    warnings: &mut Warnings,
) -> Result<usize, Error> {
    let per_frame = frames.columns * frames.rows;
    let bytes = stored(object, frames, per_frame)?;
    let mut overlaps = 0;
    let mut too_high = None;
    for (f, place) in placed.iter().enumerate() {
        let segment = frames.frames[f].segment;
        let value = |n: usize| {
            let at = f * per_frame + n;
            match frames.kind {
                Kind::Binary => u16::from(bytes[at / 8] >> (at % 8) & 1) * u16::from(segment),
                Kind::Fractional { threshold } => u16::from(bytes[at] >= threshold) * u16::from(segment),
                Kind::Labelmap if frames.bits == 16 => u16::from_le_bytes([bytes[2 * at], bytes[2 * at + 1]]),
                Kind::Labelmap => u16::from(bytes[at]),
            }
        };
        for row in 0..frames.rows {
            let start = flat(geometry, place.voxel(0, row));
            let step = flat(geometry, place.step_column);
            for column in 0..frames.columns {
                let label = value(row * frames.columns + column);
                if label == 0 {
                    continue;
                }
                let Ok(label) = u8::try_from(label) else {
                    too_high = Some(label);
                    continue;
                };
                let voxel = &mut labels[(start + step * column as i64) as usize];
                if *voxel != 0 && *voxel != label {
                    overlaps += 1;
                }
                *voxel = if *voxel == 0 { label } else { label.min(*voxel) };
            }
        }
    }
    if let Some(number) = too_high {
        return Err(Error::TooManySegments(u32::from(number)));
    }
    if frames.kind == Kind::Labelmap && overlaps > 0 {
        warnings.add("two frames of the label map lie on the same slice");
    }
    Ok(overlaps)
}

/// Flat index of a voxel, or flat distance of a step; `place_all` made sure that every pixel lands inside.
fn flat(geometry: &VolumeGeometry, [i, j, k]: [i64; 3]) -> i64 {
    let [ni, nj, _] = geometry.dims();
    (k * nj as i64 + j) * ni as i64 + i
}

/// The stored bytes of all frames, as many as there must be.
fn stored(object: &DefaultDicomObject, frames: &Frames, per_frame: usize) -> Result<Vec<u8>, Error> {
    let bits = (per_frame as u64)
        .checked_mul(frames.frames.len() as u64)
        .and_then(|n| n.checked_mul(u64::from(frames.bits)))
        .ok_or_else(|| Error::Pixels("would be larger than any file".into()))?;
    let expected = bits.div_ceil(8);
    let element = object.get(tags::PIXEL_DATA).ok_or_else(|| Error::Pixels("are missing".into()))?;
    let bytes = if let Some(fragments) = element.fragments() {
        let syntax = object.meta().transfer_syntax().trim_end_matches('\0');
        if syntax != uids::RLE_LOSSLESS {
            return Err(Error::Pixels(format!(
                "are compressed (transfer syntax {syntax}), which is not read for masks yet"
            )));
        }
        rle_frames(fragments, frames, per_frame)?
    } else {
        let bytes = element.to_bytes().map_err(|e| Error::Pixels(format!("cannot be read ({e})")))?;
        bytes.into_owned()
    };
    if (bytes.len() as u64) < expected {
        return Err(Error::Pixels(format!("are cut off: {} bytes where {expected} are needed", bytes.len())));
    }
    Ok(bytes)
}

/// Frames of RLE Lossless (PS3.5 annex G), one fragment each, as little-endian bytes.
fn rle_frames(fragments: &[Vec<u8>], frames: &Frames, per_frame: usize) -> Result<Vec<u8>, Error> {
    let bytes_per_pixel = match frames.bits {
        8 => 1,
        16 => 2,
        bits => return Err(Error::Pixels(format!("are RLE with {bits} bits per pixel, which is not read"))),
    };
    if fragments.len() != frames.frames.len() {
        return Err(Error::Pixels(format!("have {} fragments for {} frames", fragments.len(), frames.frames.len())));
    }
    // RLE gains at most a factor of 64 (two bytes for 128).
    let packed: u64 = fragments.iter().map(|f| f.len() as u64).sum();
    let expected = (per_frame * bytes_per_pixel) as u64 * frames.frames.len() as u64;
    if expected > packed.saturating_mul(64) {
        return Err(Error::Pixels("are cut off".into()));
    }
    let mut out = vec![0; expected as usize];
    for (fragment, frame) in fragments.iter().zip(out.chunks_exact_mut(per_frame * bytes_per_pixel)) {
        for plane in 0..bytes_per_pixel {
            let segment =
                rle_segment(fragment, plane, bytes_per_pixel).ok_or_else(|| Error::Pixels("are damaged".into()))?;
            // The first segment holds the most significant bytes.
            let lane = bytes_per_pixel - 1 - plane;
            unpack(segment, frame.iter_mut().skip(lane).step_by(bytes_per_pixel), per_frame)
                .ok_or_else(|| Error::Pixels("are damaged".into()))?;
        }
    }
    Ok(out)
}

/// Bytes of one RLE segment, by the header's offsets.
fn rle_segment(fragment: &[u8], index: usize, count: usize) -> Option<&[u8]> {
    let word = |n: usize| Some(u32::from_le_bytes(fragment.get(4 * n..4 * n + 4)?.try_into().ok()?) as usize);
    if word(0)? != count {
        return None;
    }
    let start = word(1 + index)?;
    let end = if index + 1 < count { word(2 + index)? } else { fragment.len() };
    fragment.get(start..end)
}

/// PackBits: literal runs (0–127), repeated bytes (−1 to −127), −128 does nothing.
fn unpack<'a>(mut packed: &[u8], mut out: impl Iterator<Item = &'a mut u8>, mut left: usize) -> Option<()> {
    while left > 0 {
        let (&head, rest) = packed.split_first()?;
        packed = rest;
        match head {
            0..=127 => {
                let count = (usize::from(head) + 1).min(left);
                let literal = packed.get(..count)?;
                for (&byte, place) in literal.iter().zip(&mut out) {
                    *place = byte;
                }
                packed = &packed[count..];
                left -= count;
            }
            128 => {}
            129..=255 => {
                let count = (257 - usize::from(head)).min(left);
                let (&byte, rest) = packed.split_first()?;
                packed = rest;
                for place in out.by_ref().take(count) {
                    *place = byte;
                }
                left -= count;
            }
        }
    }
    Some(())
}
