//! TIFF: gray of 8 to 64 bits and real numbers, colors of 8 and 16 bits, several pages.

use super::{Decoded, Facts, MAX_BYTES, MAX_EDGE};
use crate::io::voxel_file::Datatype;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};

/// Pages of one file that are read.
const MAX_PAGES: u32 = 4096;

fn failed(e: tiff::TiffError) -> String {
    format!("the picture cannot be decoded: {e}")
}

fn decoder(path: &Path) -> Result<Decoder<BufReader<File>>, String> {
    let file = File::open(path).map_err(|e| format!("the file cannot be read: {e}"))?;
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_BYTES as usize;
    limits.intermediate_buffer_size = MAX_BYTES as usize;
    Ok(Decoder::new(BufReader::new(file)).map_err(failed)?.with_limits(limits))
}

/// Size of the first page, and the number of pages.
pub(super) fn facts(path: &Path) -> Result<Facts, String> {
    let mut decoder = decoder(path)?;
    let (columns, rows) = decoder.dimensions().map_err(failed)?;
    if columns > MAX_EDGE || rows > MAX_EDGE {
        return Err(format!(
            "the picture of {columns} × {rows} pixels is too large; its sides may have up to {MAX_EDGE}"
        ));
    }
    let mut pages = 1;
    while pages < MAX_PAGES && decoder.more_images() && decoder.next_image().is_ok() {
        pages += 1;
    }
    Ok(Facts { columns, rows, pages, lossy: false })
}

/// One page, from 0.
pub(super) fn decode(path: &Path, page: u32) -> Result<Decoded, String> {
    let mut decoder = decoder(path)?;
    decoder.seek_to_image(page as usize).map_err(failed)?;
    let (columns, rows) = decoder.dimensions().map_err(failed)?;
    let color = decoder.colortype().map_err(failed)?;
    let channels = match color {
        ColorType::Gray(_) => 1,
        ColorType::GrayA(_) => 2,
        ColorType::RGB(8 | 16) => 3,
        ColorType::RGBA(8 | 16) | ColorType::CMYK(8) => 4,
        other => return Err(format!("TIFF pictures of the kind {other:?} are not read; save it as gray or RGB")),
    };
    let (width, height) = (columns as usize, rows as usize);
    let (datatype, mut bytes) = samples(decoder.read_image().map_err(failed)?)?;
    if let ColorType::Gray(bits @ (1 | 2 | 4)) = color {
        bytes = unpacked(&bytes, width, bits);
    }
    if bytes.len() != width * height * channels * datatype.width() {
        return Err("the picture cannot be decoded: it does not hold the samples of each pixel together".into());
    }
    if matches!(color, ColorType::CMYK(_)) {
        bytes = rgb_of_cmyk(&bytes);
        return Ok(Decoded { width, height, channels: 3, datatype, bytes });
    }
    Ok(Decoded { width, height, channels, datatype, bytes })
}

/// Gray values of less than a byte, whose rows begin with a byte, over the range of a byte.
fn unpacked(packed: &[u8], width: usize, bits: u8) -> Vec<u8> {
    let top = (1u16 << bits) - 1;
    let row = (width * usize::from(bits)).div_ceil(8);
    let sample = |row: &[u8], column: usize| {
        let at = column * usize::from(bits);
        let shifted = u16::from(row[at / 8]) >> (8 - usize::from(bits) - at % 8);
        ((shifted & top) * 255 / top) as u8
    };
    packed.chunks_exact(row.max(1)).flat_map(|row| (0..width).map(move |column| sample(row, column))).collect()
}

/// As little-endian bytes.
fn samples(result: DecodingResult) -> Result<(Datatype, Vec<u8>), String> {
    Ok(match result {
        DecodingResult::U8(v) => (Datatype::U8, v),
        DecodingResult::I8(v) => (Datatype::I8, v.into_iter().map(i8::cast_unsigned).collect()),
        DecodingResult::U16(v) => (Datatype::U16, v.into_iter().flat_map(u16::to_le_bytes).collect()),
        DecodingResult::I16(v) => (Datatype::I16, v.into_iter().flat_map(i16::to_le_bytes).collect()),
        DecodingResult::U32(v) => (Datatype::U32, v.into_iter().flat_map(u32::to_le_bytes).collect()),
        DecodingResult::I32(v) => (Datatype::I32, v.into_iter().flat_map(i32::to_le_bytes).collect()),
        DecodingResult::U64(v) => (Datatype::U64, v.into_iter().flat_map(u64::to_le_bytes).collect()),
        DecodingResult::I64(v) => (Datatype::I64, v.into_iter().flat_map(i64::to_le_bytes).collect()),
        DecodingResult::F32(v) => (Datatype::F32, v.into_iter().flat_map(f32::to_le_bytes).collect()),
        DecodingResult::F64(v) => (Datatype::F64, v.into_iter().flat_map(f64::to_le_bytes).collect()),
        DecodingResult::F16(_) => return Err("pictures of 16-bit real numbers are not read".into()),
    })
}

/// Without a color profile: each ink takes its share of the light.
fn rgb_of_cmyk(bytes: &[u8]) -> Vec<u8> {
    let light = |ink: u8, black: u8| ((255 - u32::from(ink)) * (255 - u32::from(black)) / 255) as u8;
    let (pixels, _) = bytes.as_chunks::<4>();
    pixels.iter().flat_map(|[c, m, y, k]| [light(*c, *k), light(*m, *k), light(*y, *k)]).collect()
}
