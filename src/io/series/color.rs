//! Color pictures as red, green and blue bytes (PS3.3 C.7.6.3.1.2).

use super::lut::Table;
use crate::io::dicom::DataSet;
use crate::io::pixels::{PixelError, PixelFormat, for_each_sample};
use dicom_dictionary_std::tags;

/// RGB of a frame in the common form, or `None` for a gray one.
pub fn rgb(data: &DataSet, format: &PixelFormat, bytes: &[u8]) -> Result<Option<Vec<u8>>, PixelError> {
    if format.samples == 1 {
        return Ok(if format.photometric == "PALETTE COLOR" { palette(data, format, bytes) } else { None });
    }
    let to_rgb: fn([u8; 4]) -> [u8; 3] = match format.photometric.as_str() {
        "YBR_FULL" | "YBR_FULL_422" => from_ybr_full,
        "YBR_PARTIAL_422" | "YBR_PARTIAL_420" => from_ybr_partial,
        // Alpha comes first in the retired ARGB; nothing lies below a picture, so it is shown opaque.
        "ARGB" => |[_, r, g, b]| [r, g, b],
        name @ ("CMYK" | "HSV") => {
            let reason = format!("Photometric Interpretation {name} is retired and not supported");
            return Err(PixelError::Description(reason));
        }
        // RGB; RCT and ICT are undone by their codec.
        _ => |[r, g, b, _]| [r, g, b],
    };
    // More than 8 bits per sample: the upper eight are shown.
    let scale = 1.0 / f64::from(1u32 << format.bits_stored.saturating_sub(8).min(24));
    let mut samples = Vec::with_capacity(format.count());
    for_each_sample(bytes, format.sample_type, |v| samples.push((v * scale).clamp(0.0, 255.0) as u8));
    let pixels = samples.chunks_exact(format.samples);
    Ok(Some(pixels.flat_map(|p| to_rgb([p[0], p[1], p[2], p.get(3).copied().unwrap_or(0)])).collect()))
}

/// `YBR_FULL` to RGB (C.7.6.3.1.2, Rec. 601 full range).
fn from_ybr_full([y, b, r, _]: [u8; 4]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(b) - 128.0, f32::from(r) - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(|v| v.round().clamp(0.0, 255.0) as u8)
}

/// `YBR_PARTIAL_422` to RGB (C.7.6.3.1.2, Rec. 601 video range: black 16, white 235).
fn from_ybr_partial([y, b, r, _]: [u8; 4]) -> [u8; 3] {
    let (y, cb, cr) = (1.1644 * (f32::from(y) - 16.0), f32::from(b) - 128.0, f32::from(r) - 128.0);
    [y + 1.596 * cr, y - 0.3917 * cb - 0.8129 * cr, y + 2.0173 * cb].map(|v| v.round().clamp(0.0, 255.0) as u8)
}

/// Palette Color Lookup Tables (C.7.6.3.1.5, C.7.6.3.1.6), whole or segmented; `None` where one is missing or damaged.
fn palette(data: &DataSet, format: &PixelFormat, bytes: &[u8]) -> Option<Vec<u8>> {
    let signed = format.sample_type.is_signed();
    let table = |descriptor, whole, segmented| Table::of_palette(data, descriptor, whole, segmented, signed);
    let tables = [
        table(
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        ),
        table(
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        ),
        table(
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        ),
    ];
    let [red, green, blue] = tables;
    let (red, green, blue) = (red?, green?, blue?);
    let shifts = [&red, &green, &blue].map(Table::byte_shift);
    let mut rgb = Vec::with_capacity(3 * format.count());
    for_each_sample(bytes, format.sample_type, |v| {
        for (table, shift) in [&red, &green, &blue].into_iter().zip(shifts) {
            rgb.push((table.entry(v) >> shift).min(255) as u8);
        }
    });
    Some(rgb)
}
