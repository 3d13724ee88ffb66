//! Label runs as bytes: variable-length integers, so that a stroke costs tens of bytes and a lung some ten thousand.

use crate::volume::{LabelmapDelta, SliceRuns};

/// `slices`, then per slice `k, runs`, then per run `gap since the last run's end, length, before, after`.
pub fn encode(delta: &LabelmapDelta) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, delta.slices.len() as u64);
    for SliceRuns { k, runs } in &delta.slices {
        put(&mut out, *k as u64);
        put(&mut out, runs.len() as u64);
        let mut end = 0;
        for &(start, length, before, after) in runs {
            put(&mut out, u64::from(start - end));
            put(&mut out, u64::from(length));
            out.extend([before, after]);
            end = start + length;
        }
    }
    out
}

/// The delta, or `None` when the bytes are not one.
pub fn decode(mut bytes: &[u8]) -> Option<LabelmapDelta> {
    let count = take(&mut bytes)?;
    let mut delta = LabelmapDelta::default();
    for _ in 0..count {
        let k = usize::try_from(take(&mut bytes)?).ok()?;
        let mut runs = Vec::new();
        let mut end = 0u32;
        for _ in 0..take(&mut bytes)? {
            let start = end.checked_add(u32::try_from(take(&mut bytes)?).ok()?)?;
            let length = u32::try_from(take(&mut bytes)?).ok()?;
            let (&[before, after], rest) = bytes.split_first_chunk::<2>()?;
            bytes = rest;
            end = start.checked_add(length)?;
            runs.push((start, length, before, after));
        }
        delta.slices.push(SliceRuns { k, runs });
    }
    bytes.is_empty().then_some(delta)
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
