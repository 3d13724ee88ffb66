//! Values as people read them: decoded texts, numbers by VR (PS3.5 6.2), the first bytes of the rest.

use super::{digest, is_text};
use crate::io::dicom::{DataSet, Element, Value};
use dicom_core::{Tag, VR};
use std::fmt::Write as _;

/// First bytes of a binary value that are shown.
pub(super) const HEX_BYTES: usize = 16;
/// Numbers of one value that are shown.
const NUMBERS: usize = 64;
/// Characters of one value that are shown.
const CHARACTERS: usize = 8192;

/// A value, ready to be listed.
pub(super) struct Shown {
    pub text: String,
    pub length: u64,
    pub count: usize,
    pub digest: u64,
}

pub(super) fn shown(data: &DataSet, tag: Tag, element: &Element) -> Shown {
    let bytes = match &element.value {
        Value::Items(items) => return Shown { text: String::new(), length: 0, count: items.len(), digest: 0 },
        Value::Bytes(bytes) => bytes,
    };
    let (text, count) = if is_text(element.vr) {
        text(data, tag, element.vr)
    } else if let Some(width) = width(element.vr) {
        numbers(element.vr, bytes, width)
    } else {
        binary(bytes)
    };
    Shown { text, length: bytes.len() as u64, count, digest: digest(bytes) }
}

fn text(data: &DataSet, tag: Tag, vr: VR) -> (String, usize) {
    let full = data.text(tag);
    let single = matches!(vr, VR::LT | VR::ST | VR::UT | VR::UR);
    let count = if full.is_empty() {
        0
    } else if single {
        1
    } else {
        full.split('\\').count()
    };
    match full.char_indices().nth(CHARACTERS) {
        Some((at, _)) => (format!("{}… ({} characters)", &full[..at], full.chars().count()), count),
        None => (full, count),
    }
}

/// Bytes of one number; `None` for VRs that hold none, or so many that nobody reads them.
fn width(vr: VR) -> Option<usize> {
    match vr {
        VR::US | VR::SS => Some(2),
        VR::UL | VR::SL | VR::FL | VR::AT => Some(4),
        VR::FD | VR::SV | VR::UV => Some(8),
        _ => None,
    }
}

fn numbers(vr: VR, bytes: &[u8], width: usize) -> (String, usize) {
    let count = bytes.len() / width;
    let mut text = bytes.chunks_exact(width).take(NUMBERS).map(|b| number(vr, b)).collect::<Vec<_>>().join("\\");
    if count > NUMBERS {
        let _ = write!(text, "… ({count} values)");
    }
    (text, count)
}

/// One number of little-endian bytes; `bytes` has the VR's width.
fn number(vr: VR, bytes: &[u8]) -> String {
    let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let long = || u32::from(short(0)) | u32::from(short(2)) << 16;
    let very_long = || u64::from(long()) | u64::from(short(4)) << 32 | u64::from(short(6)) << 48;
    match vr {
        VR::US => short(0).to_string(),
        VR::SS => short(0).cast_signed().to_string(),
        VR::UL => long().to_string(),
        VR::SL => long().cast_signed().to_string(),
        VR::FL => f32::from_bits(long()).to_string(),
        VR::AT => format!("({:04X},{:04X})", short(0), short(2)),
        VR::FD => f64::from_bits(very_long()).to_string(),
        VR::SV => very_long().cast_signed().to_string(),
        _ => very_long().to_string(),
    }
}

fn binary(bytes: &[u8]) -> (String, usize) {
    if bytes.is_empty() {
        return (String::new(), 0);
    }
    // Private texts often come as UN.
    let trimmed = bytes.trim_ascii_end().strip_suffix(b"\0").unwrap_or(bytes.trim_ascii_end());
    let readable = trimmed.len() >= 2 && trimmed.len() <= 256 && trimmed.iter().all(|b| (0x20..0x7F).contains(b));
    if readable {
        return (format!("{} bytes: \"{}\"", bytes.len(), String::from_utf8_lossy(trimmed)), 1);
    }
    (format!("{} bytes: {}", bytes.len(), hex(bytes)), 1)
}

/// The first bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(HEX_BYTES) {
        let _ = write!(text, "{byte:02x} ");
    }
    let more = bytes.len() > HEX_BYTES;
    if more { format!("{text}…") } else { text.trim_end().to_owned() }
}
