//! JPEG 2000 (T.800) by `hayro-jpeg2000`, HTJ2K (T.814) by its fork `dicom-toolkit-jpeg2000`.
//!
//! The component transform (RCT or ICT) is part of the codec and is undone; signed components come out signed.

use super::{CodecError, Expected, damaged, j2k};
use dicom_toolkit_jpeg2000 as ht;
use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

/// What the decoder's 32-bit floats hold exactly.
const MAX_BITS: u32 = 24;

/// What the SIZ marker says (T.800 A.5.1).
struct Size {
    /// Rsiz: the top bit says that extensions of Part 2 are used.
    capabilities: u16,
    columns: usize,
    rows: usize,
    components: usize,
    precision: u32,
    signed: bool,
    tiles: u64,
}

fn size(stream: &[u8]) -> Option<Size> {
    let at = stream.windows(4).position(|w| w == [0xFF, 0x4F, 0xFF, 0x51])? + 4;
    let body = stream.get(at..at + 39)?;
    let u32_at = |n: usize| u32::from_be_bytes([body[n], body[n + 1], body[n + 2], body[n + 3]]);
    let tiles = |extent: u32, tile: u32| u64::from(extent.div_ceil(tile.max(1)));
    let (x, y) = (u32_at(4), u32_at(8));
    Some(Size {
        capabilities: u16::from_be_bytes([body[2], body[3]]),
        columns: x.checked_sub(u32_at(12))? as usize,
        rows: y.checked_sub(u32_at(16))? as usize,
        tiles: tiles(x, u32_at(20)).saturating_mul(tiles(y, u32_at(24))),
        components: usize::from(u16::from_be_bytes([body[36], body[37]])),
        precision: u32::from(body[38] & 0x7F) + 1,
        signed: body[38] & 0x80 != 0,
    })
}

fn checked(stream: &[u8], codec: &'static str, expected: Expected) -> Result<Size, CodecError> {
    let size = size(stream).ok_or_else(|| damaged(codec, "it has no size marker"))?;
    expected.check(codec, size.columns, size.rows, size.components)?;
    if size.precision > MAX_BITS {
        return Err(damaged(codec, format!("samples of {} bits are not supported", size.precision)));
    }
    if size.tiles > 65_535 {
        return Err(damaged(codec, format!("it claims {} tiles", size.tiles)));
    }
    Ok(size)
}

/// JPEG 2000, lossless and lossy.
pub(super) fn decode(stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    const CODEC: &str = "JPEG 2000";
    let size = checked(stream, CODEC, expected)?;
    if let Some(samples) = j2k::lossless(stream, expected) {
        return Ok(samples);
    }
    let settings = DecodeSettings { resolve_palette_indices: false, ..DecodeSettings::default() };
    let image = Image::new(stream, &settings).map_err(|e| damaged(CODEC, e))?;
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|e| damaged(CODEC, e))?;
    let components = decoded.components();
    if components.len() != expected.samples {
        return Err(damaged(CODEC, format!("it gave {} components", components.len())));
    }
    // The decoder always adds the level shift of unsigned components (T.800 G.1); signed ones have none.
    let half = 2f32.powi(size.precision.cast_signed() - 1);
    let shift = if size.signed { half } else { 0.0 };
    let (low, high) = if size.signed { (-half, half - 1.0) } else { (0.0, 2.0 * half - 1.0) };
    let mut samples = vec![0; expected.count()];
    for (n, component) in components.iter().enumerate() {
        let pixels = component.samples();
        if pixels.len() != expected.columns * expected.rows {
            return Err(damaged(CODEC, "its components have different sizes"));
        }
        for (sample, value) in samples[n..].iter_mut().step_by(expected.samples).zip(pixels) {
            *sample = (value - shift).round().clamp(low, high) as i32;
        }
    }
    Ok(samples)
}

/// JPEG 2000 Part 2 (T.801): streams that use nothing of it are Part 1. One that joins frames as components is refused.
pub(super) fn decode_part_2(stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    const CODEC: &str = "JPEG 2000 Part 2";
    let size = size(stream).ok_or_else(|| damaged(CODEC, "it has no size marker"))?;
    if size.components != expected.samples || size.capabilities & 0x8000 != 0 {
        return Err(damaged(CODEC, "transforms across several components are not supported; convert it to Part 1"));
    }
    decode(stream, expected)
}

/// High-throughput JPEG 2000.
pub(super) fn decode_ht(stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    const CODEC: &str = "HTJ2K";
    let size = checked(stream, CODEC, expected)?;
    let settings = ht::DecodeSettings { resolve_palette_indices: false, ..ht::DecodeSettings::default() };
    let image = ht::Image::new(stream, &settings).map_err(|e| damaged(CODEC, e))?;
    let frame = image.decode_native().map_err(|e| damaged(CODEC, e))?;
    // The decoder treats every component as unsigned: it adds the level shift also where there is none.
    let shift = if size.signed { 1 << (size.precision - 1) } else { 0 };
    let samples = match frame.bytes_per_sample {
        1 => frame.data.into_iter().map(|b| i32::from(b) - shift).collect(),
        _ => frame.data.as_chunks().0.iter().map(|b| i32::from(u16::from_le_bytes(*b)) - shift).collect(),
    };
    Ok(samples)
}
