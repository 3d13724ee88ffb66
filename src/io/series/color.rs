//! Color pictures as red, green and blue bytes (PS3.3 C.7.6.3.1.2).

use crate::io::dicom::DataSet;
use crate::io::pixels::{PixelFormat, for_each_sample};
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// RGB of a frame in the common form, or `None` for a gray one.
pub fn rgb(data: &DataSet, format: &PixelFormat, bytes: &[u8]) -> Option<Vec<u8>> {
    if format.samples == 1 {
        return if format.photometric == "PALETTE COLOR" { palette(data, format, bytes) } else { None };
    }
    // More than 8 bits per sample: the upper eight are shown.
    let shift = format.bits_stored.saturating_sub(8);
    let mut samples = Vec::with_capacity(format.count());
    for_each_sample(bytes, format.sample_type, |v| {
        samples.push((v / f64::from(1u32 << shift.min(24))).clamp(0.0, 255.0) as u8);
    });
    let ybr =
        matches!(format.photometric.as_str(), "YBR_FULL" | "YBR_FULL_422" | "YBR_PARTIAL_422" | "YBR_PARTIAL_420");
    let pixels = samples
        .chunks_exact(format.samples)
        .flat_map(|p| if ybr { from_ybr([p[0], p[1], p[2]]) } else { [p[0], p[1], p[2]] });
    Some(pixels.collect())
}

/// `YBR_FULL` to RGB (C.7.6.3.1.2, Rec. 601 full range).
fn from_ybr([y, b, r]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(b) - 128.0, f32::from(r) - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(|v| v.round().clamp(0.0, 255.0) as u8)
}

/// Palette Color Lookup Tables (C.7.6.3.1.5, C.7.6.3.1.6); `None` where they are missing or segmented.
fn palette(data: &DataSet, format: &PixelFormat, bytes: &[u8]) -> Option<Vec<u8>> {
    let table = |descriptor: Tag, values: Tag| {
        let [count, first, bits] = data.vector::<3>(descriptor)?;
        let count = if count == 0.0 { 65_536 } else { count as usize };
        let raw = data.bytes(values)?;
        let entries: Vec<u8> = if raw.len() >= 2 * count {
            let wide: Vec<u16> = raw.as_chunks().0.iter().map(|b| u16::from_le_bytes(*b)).collect();
            // Some writers put 8-bit entries into 16-bit words.
            let top = wide.iter().max().copied().unwrap_or(0);
            let shift = if bits > 8.0 && top > 255 { 8 } else { 0 };
            wide.iter().map(|v| (v >> shift).min(255) as u8).collect()
        } else {
            raw.to_vec()
        };
        (!entries.is_empty()).then_some((first, entries))
    };
    let tables = [
        table(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA)?,
        table(tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA)?,
        table(tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA)?,
    ];
    let mut rgb = Vec::with_capacity(3 * format.count());
    for_each_sample(bytes, format.sample_type, |v| {
        for (first, entries) in &tables {
            rgb.push(entries[(v - first).clamp(0.0, (entries.len() - 1) as f64) as usize]);
        }
    });
    Some(rgb)
}
