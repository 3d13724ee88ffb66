//! The journal's file format: self-checking frames, one after the other, never rewritten.
//!
//! `FOVEAJ01`, then frames of `text length u32 | blob length u32 | CRC-32 u32 | text (JSON) | blob (deflated)`, little
//! endian; the checksum covers both lengths, text and blob. A torn tail (the program died while writing) ends the journal
//! at the last whole frame.

use flate2::{Compression, Crc, read::DeflateDecoder, write::DeflateEncoder};
use std::io::{self, Read, Write};

/// First bytes of a journal.
pub const MAGIC: &[u8; 8] = b"FOVEAJ01";

/// Bounds that no honest journal passes; a damaged length must not make us allocate.
const LONGEST_TEXT: usize = 64 << 20;
const LONGEST_BLOB: usize = 256 << 20;
const LONGEST_INFLATED: u64 = 2 << 30;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// JSON.
    pub text: Vec<u8>,
    /// Bulk data of that record (label runs), inflated; often empty.
    pub blob: Vec<u8>,
}

impl Frame {
    /// Bytes for the file.
    pub fn encode(&self) -> io::Result<Vec<u8>> {
        let mut deflated = Vec::new();
        if !self.blob.is_empty() {
            let mut encoder = DeflateEncoder::new(&mut deflated, Compression::fast());
            encoder.write_all(&self.blob)?;
            encoder.finish()?;
        }
        let too_long = |_| io::Error::new(io::ErrorKind::InvalidInput, "a journal record is too long");
        let lengths = [
            u32::try_from(self.text.len()).map_err(too_long)?.to_le_bytes(),
            u32::try_from(deflated.len()).map_err(too_long)?.to_le_bytes(),
        ]
        .concat();
        let mut bytes = Vec::with_capacity(12 + self.text.len() + deflated.len());
        bytes.extend_from_slice(&lengths);
        bytes.extend_from_slice(&checksum(&[&lengths, &self.text, &deflated]).to_le_bytes());
        bytes.extend_from_slice(&self.text);
        bytes.extend_from_slice(&deflated);
        Ok(bytes)
    }
}

/// All whole frames of a journal, and the length of the sound part in bytes; an empty list when it is none of ours.
pub fn decode_all(bytes: &[u8]) -> (Vec<Frame>, usize) {
    let Some(mut rest) = bytes.strip_prefix(MAGIC) else { return (Vec::new(), 0) };
    let mut frames = Vec::new();
    while let Some((frame, after)) = decode_one(rest) {
        frames.push(frame);
        rest = after;
    }
    (frames, bytes.len() - rest.len())
}

fn decode_one(bytes: &[u8]) -> Option<(Frame, &[u8])> {
    let (lengths, rest) = bytes.split_at_checked(8)?;
    let number = |at: usize| lengths.get(at..at + 4)?.try_into().ok().map(|b| u32::from_le_bytes(b) as usize);
    let (text_len, blob_len) = (number(0)?, number(4)?);
    if text_len > LONGEST_TEXT || blob_len > LONGEST_BLOB {
        return None;
    }
    let (sum, rest) = rest.split_at_checked(4)?;
    let (text, rest) = rest.split_at_checked(text_len)?;
    let (deflated, rest) = rest.split_at_checked(blob_len)?;
    if checksum(&[lengths, text, deflated]).to_le_bytes() != sum {
        return None;
    }
    let mut blob = Vec::new();
    if !deflated.is_empty() {
        DeflateDecoder::new(deflated).take(LONGEST_INFLATED).read_to_end(&mut blob).ok()?;
    }
    Some((Frame { text: text.to_vec(), blob }, rest))
}

fn checksum(parts: &[&[u8]]) -> u32 {
    let mut crc = Crc::new();
    parts.iter().for_each(|part| crc.update(part));
    crc.sum()
}
