//! RLE Lossless (PS3.5 Annex G): PackBits per byte plane, most significant plane first, one group of planes per sample.

use super::{CodecError, Expected, damaged};

const HEADER_BYTES: usize = 64;
const MAX_SEGMENTS: usize = 15;

/// Decodes one frame of any whole number of bytes per sample (1–4).
pub fn decode(stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    let width = usize::from(expected.bits_allocated / 8);
    if !(1..=4).contains(&width) {
        return Err(damaged("RLE", format!("{} bits per sample have no whole bytes", expected.bits_allocated)));
    }
    let starts = segments(stream)?;
    let planes = expected.samples * width;
    if starts.len() != planes {
        return Err(damaged("RLE", format!("it has {} segments, expected {planes}", starts.len())));
    }
    let pixels = expected.columns * expected.rows;
    let mut samples = vec![0u32; pixels * expected.samples];
    for (n, &start) in starts.iter().enumerate() {
        // The next segment begins where this one ends; the last goes on to the end of the frame.
        let end = starts.get(n + 1).copied().filter(|&end| end > start).unwrap_or(stream.len());
        let plane = unpack(&stream[start..end.min(stream.len())], pixels)
            .ok_or_else(|| damaged("RLE", format!("segment {} of {planes} ends early", n + 1)))?;
        let (sample, shift) = (n / width, 8 * (width - 1 - n % width));
        for (value, byte) in samples[sample..].iter_mut().step_by(expected.samples).zip(plane) {
            *value |= u32::from(byte) << shift;
        }
    }
    Ok(samples.into_iter().map(u32::cast_signed).collect())
}

fn segments(stream: &[u8]) -> Result<Vec<usize>, CodecError> {
    let header = stream.get(..HEADER_BYTES).ok_or_else(|| damaged("RLE", "the header is cut"))?;
    let words: Vec<usize> = header.as_chunks().0.iter().map(|b| u32::from_le_bytes(*b) as usize).collect();
    let count = words[0];
    if !(1..=MAX_SEGMENTS).contains(&count) {
        return Err(damaged("RLE", format!("it claims {count} segments")));
    }
    let starts = words[1..=count].to_vec();
    if starts.iter().any(|&s| s < HEADER_BYTES || s > stream.len()) || starts.windows(2).any(|w| w[0] > w[1]) {
        return Err(damaged("RLE", "its segment offsets point outside"));
    }
    Ok(starts)
}

/// PackBits (PS3.5 G.3.2) up to `count` bytes; `None` when the data end first.
fn unpack(mut packed: &[u8], count: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(count.min(packed.len().saturating_mul(128)));
    while bytes.len() < count {
        let (&control, rest) = packed.split_first()?;
        packed = rest;
        let room = count - bytes.len();
        match control {
            0..=127 => {
                let run = usize::from(control) + 1;
                let literal = packed.get(..run.min(packed.len()))?;
                bytes.extend_from_slice(&literal[..literal.len().min(room)]);
                if literal.len() < run && bytes.len() < count {
                    return None;
                }
                packed = &packed[literal.len()..];
            }
            128 => {}
            129..=255 => {
                let (&byte, rest) = packed.split_first()?;
                packed = rest;
                bytes.resize(bytes.len() + (257 - usize::from(control)).min(room), byte);
            }
        }
    }
    Some(bytes)
}
