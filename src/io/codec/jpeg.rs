//! JPEG (T.81): sequential by our own decoder, progressive and lossless by `jpeg-decoder`; JPEG-LS (T.87) by ours.
//!
//! No color transform is applied: what the DICOM header calls YBR stays YBR here.

use super::markers::{FrameHeader, frame_header};
use super::{CodecError, Expected, damaged, extended, jpegls, markers};
use jpeg_decoder::{ColorTransform, Decoder};

/// JPEG Baseline, Extended and Lossless.
pub(super) fn decode(stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    let header = frame_header(stream).ok_or_else(|| damaged("JPEG", "it has no frame header"))?;
    expected.check("JPEG", header.columns, header.rows, header.components)?;
    if matches!(header.marker, 0xC0 | 0xC1) && matches!(header.precision, 8 | 12) {
        return extended::decode(stream, expected);
    }
    if let Some(process) = refused(header) {
        return Err(damaged("JPEG", format!("{process} is not supported")));
    }
    // A start-of-image mark may be preceded by stray bytes.
    let start = markers::start(stream).map_or(0, |after| after - 2);
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

/// Processes that nobody here decodes, by the frame header that announces them (T.81 table B.1).
fn refused(header: FrameHeader) -> Option<&'static str> {
    Some(match (header.marker, header.precision) {
        (0xC2, 12) => "progressive JPEG with 12 bits (process 12)",
        (0xC5..=0xC7, _) => "hierarchical JPEG (processes 16 to 28)",
        (0xC9..=0xCB, _) => "JPEG with arithmetic coding (processes 3 to 15)",
        (0xCD..=0xCF, _) => "hierarchical JPEG with arithmetic coding (processes 17 to 29)",
        (0xF7, _) => "JPEG-LS under the name of JPEG",
        _ => return None,
    })
}
