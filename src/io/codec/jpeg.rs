//! JPEG (T.81): sequential by our own decoder, progressive and lossless by `jpeg-decoder`; JPEG-LS (T.87) by ours.
//!
//! No color transform is applied: what the DICOM header calls YBR stays YBR here.

use super::{CodecError, Expected, damaged, extended, jpegls};
use jpeg_decoder::{ColorTransform, Decoder};

/// The frame header of a JPEG or JPEG-LS stream (T.81 B.2.2).
struct FrameHeader {
    /// Second byte of the SOF marker.
    marker: u8,
    precision: u8,
    rows: usize,
    columns: usize,
    components: usize,
}

/// Finds the frame header by walking the marker segments.
fn frame_header(stream: &[u8]) -> Option<FrameHeader> {
    let mut at = stream.windows(2).position(|w| w == [0xFF, 0xD8])? + 2;
    loop {
        while *stream.get(at)? != 0xFF {
            at += 1;
        }
        while *stream.get(at)? == 0xFF {
            at += 1;
        }
        let marker = stream[at];
        at += 1;
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xF7 => {
                let body = stream.get(at + 2..at + 8)?;
                return Some(FrameHeader {
                    marker,
                    precision: body[0],
                    rows: usize::from(u16::from_be_bytes([body[1], body[2]])),
                    columns: usize::from(u16::from_be_bytes([body[3], body[4]])),
                    components: usize::from(body[5]),
                });
            }
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            0xD9 | 0xDA => return None,
            _ => at += usize::from(u16::from_be_bytes([*stream.get(at)?, *stream.get(at + 1)?])),
        }
    }
}

/// JPEG Baseline, Extended and Lossless.
pub(super) fn decode(stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    let header = frame_header(stream).ok_or_else(|| damaged("JPEG", "it has no frame header"))?;
    expected.check("JPEG", header.columns, header.rows, header.components)?;
    if matches!(header.marker, 0xC0 | 0xC1) && matches!(header.precision, 8 | 12) {
        return extended::decode(stream, expected);
    }
    if header.marker == 0xC2 && header.precision == 12 {
        return Err(damaged("JPEG", "progressive JPEG with 12 bits is not supported"));
    }
    // A start-of-image mark may be preceded by stray bytes.
    let start = stream.windows(2).position(|w| w == [0xFF, 0xD8]).unwrap_or(0);
    let mut decoder = Decoder::new(&stream[start..]);
    decoder.set_color_transform(ColorTransform::None);
    decoder.set_max_decoding_buffer_size(expected.count().saturating_mul(2));
    let bytes = decoder.decode().map_err(|e| damaged("JPEG", e))?;
    match bytes.len() / expected.count().max(1) {
        1 => Ok(bytes.into_iter().map(i32::from).collect()),
        2 => Ok(bytes.as_chunks().0.iter().map(|b| i32::from(u16::from_ne_bytes(*b))).collect()),
        _ => Err(damaged("JPEG", "it holds another number of samples than its header says")),
    }
}

/// JPEG-LS, lossless and near-lossless, all interleave modes.
pub(super) fn decode_ls(stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    let header = frame_header(stream).ok_or_else(|| damaged("JPEG-LS", "it has no frame header"))?;
    expected.check("JPEG-LS", header.columns, header.rows, header.components)?;
    jpegls::decode(stream, expected)
}
