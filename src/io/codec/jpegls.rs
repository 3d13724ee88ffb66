//! JPEG-LS (T.87), lossless and near-lossless, 2–16 bits, all three interleave modes: ours, because no Rust decoder that we
//! found reads them all.
//!
//! The clauses of T.87 are named beside the steps. Not supported, and said so: restart intervals, palettes, and the color
//! transforms of one vendor.

use super::{CodecError, Expected, damaged};

const CODEC: &str = "JPEG-LS";
/// Contexts of the regular mode (A.3.4), and the two of run interruption.
const REGULAR_CONTEXTS: usize = 365;
/// Zero bits that may be read past the end before the scan counts as cut.
const SLACK_BITS: u32 = 64;
/// Order of run lengths (A.2.1).
const RUN_ORDER: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// How components share a scan (C.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interleave {
    None,
    Line,
    Sample,
}

/// Preset coding parameters (C.2.4.1.1); zero means default.
#[derive(Debug, Clone, Copy, Default)]
struct Presets {
    max_value: i32,
    t: [i32; 3],
    reset: i32,
}

/// Everything that stays the same in a scan.
#[derive(Debug, Clone, Copy)]
struct Parameters {
    max_value: i32,
    near: i32,
    range: i32,
    t: [i32; 3],
    reset: i32,
    /// Bits of a mapped error (A.2.1 qbpp).
    error_bits: u32,
    limit: u32,
}

impl Parameters {
    fn new(presets: Presets, precision: u32, near: i32) -> Result<Self, CodecError> {
        let top = (1i32 << precision) - 1;
        let max_value = if presets.max_value == 0 { top } else { presets.max_value };
        if !(1..=top).contains(&max_value) || !(0..=max_value.min(510) / 2).contains(&near) {
            return Err(damaged(CODEC, "its preset parameters make no sense"));
        }
        let defaults = default_thresholds(max_value, near);
        let mut t = defaults;
        for (value, preset) in t.iter_mut().zip(presets.t) {
            if preset != 0 {
                *value = preset;
            }
        }
        let range = (max_value + 2 * near) / (2 * near + 1) + 1;
        let bits = |n: i32| 32 - n.leading_zeros();
        let sample_bits = bits(max_value).max(2);
        Ok(Self {
            max_value,
            near,
            range,
            t,
            reset: if presets.reset == 0 { 64 } else { presets.reset.max(3) },
            error_bits: bits(range - 1),
            limit: 2 * (sample_bits + sample_bits.max(8)),
        })
    }

    /// A.3.3
    fn quantize(&self, d: i32) -> i32 {
        let size = d.abs();
        let level = if size <= self.near {
            0
        } else if size < self.t[0] {
            1
        } else if size < self.t[1] {
            2
        } else if size < self.t[2] {
            3
        } else {
            4
        };
        level * d.signum()
    }

    /// A.4.4 and A.4.5 backwards: prediction plus error, modulo the range.
    fn reconstruct(&self, prediction: i32, error: i32) -> i32 {
        let step = 2 * self.near + 1;
        let mut value = prediction + error * step;
        if value < -self.near {
            value += self.range * step;
        } else if value > self.max_value + self.near {
            value -= self.range * step;
        }
        value.clamp(0, self.max_value)
    }
}

/// C.2.4.1.1.1
fn default_thresholds(max_value: i32, near: i32) -> [i32; 3] {
    let clamp = |value: i32, low: i32| if value > max_value || value < low { low } else { value };
    let basic = [3, 7, 21];
    let raw: [i32; 3] = if max_value >= 128 {
        let factor = (max_value.min(4095) + 128) / 256;
        [0, 1, 2].map(|n| factor * (basic[n] - n as i32 - 2) + n as i32 + 2 + (3 + 2 * n as i32) * near)
    } else {
        let factor = 256 / (max_value + 1);
        [0, 1, 2].map(|n| (basic[n] / factor + (3 + 2 * n as i32) * near).max(n as i32 + 2))
    };
    let t1 = clamp(raw[0], near + 1);
    let t2 = clamp(raw[1], t1);
    [t1, t2, clamp(raw[2], t2)]
}

/// Bits of a scan: after a byte FF only seven bits follow (9.1, bit stuffing); a marker ends the data.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    buffer: u64,
    count: u32,
    after_ff: bool,
    past_end: u32,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.count <= 48 {
            let byte = self.bytes.get(self.at).copied();
            match byte {
                Some(byte) if !(self.after_ff && byte >= 0x80) => {
                    let width = if self.after_ff { 7 } else { 8 };
                    self.buffer |= u64::from(byte) << (64 - width - self.count);
                    self.count += width;
                    self.after_ff = byte == 0xFF;
                    self.at += 1;
                }
                _ => {
                    self.past_end += 8;
                    self.count += 8;
                }
            }
        }
    }

    fn take(&mut self, n: u32) -> Result<i32, CodecError> {
        if n == 0 {
            return Ok(0);
        }
        if self.count < n {
            self.fill();
        }
        if self.past_end > self.count + SLACK_BITS {
            return Err(damaged(CODEC, "it ends early"));
        }
        let value = self.buffer >> (64 - n);
        self.buffer <<= n;
        self.count -= n;
        Ok(value as i32)
    }

    /// A.5.3 backwards: a mapped error in the limited Golomb code.
    fn golomb(&mut self, k: u32, limit: u32, error_bits: u32) -> Result<i32, CodecError> {
        let most = limit.saturating_sub(error_bits + 1);
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > most {
                return Err(damaged(CODEC, "a code is too long"));
            }
        }
        if zeros < most { Ok((zeros << k).cast_signed() + self.take(k)?) } else { Ok(self.take(error_bits)? + 1) }
    }
}

/// A, B, C and N of one context (A.2.1); for run interruption, `b` counts negative errors.
#[derive(Clone, Copy)]
struct Context {
    a: i32,
    b: i32,
    c: i32,
    n: i32,
}

impl Context {
    fn k(self, a: i32) -> u32 {
        (0..24).find(|&k| self.n << k >= a).unwrap_or(24)
    }
}

struct Scan<'a> {
    p: Parameters,
    contexts: Vec<Context>,
    bits: Bits<'a>,
}

impl Scan<'_> {
    /// A.4–A.6 for one sample with the (already quantized, not all zero) gradients.
    fn regular(&mut self, q: [i32; 3], [ra, rb, rc]: [i32; 3]) -> Result<i32, CodecError> {
        let mut index = 81 * q[0] + 9 * q[1] + q[2];
        let sign = if index < 0 { -1 } else { 1 };
        index *= sign;
        let p = self.p;
        let context = &mut self.contexts[index as usize];
        let edge = if rc >= ra.max(rb) {
            ra.min(rb)
        } else if rc <= ra.min(rb) {
            ra.max(rb)
        } else {
            ra + rb - rc
        };
        let prediction = (edge + sign * context.c).clamp(0, p.max_value);
        let k = context.k(context.a);
        let mapped = self.bits.golomb(k, p.limit, p.error_bits)?;
        // A.5.2 backwards.
        let inverted = p.near == 0 && k == 0 && 2 * context.b <= -context.n;
        let error = match (inverted, mapped & 1 == 0) {
            (false, true) => mapped / 2,
            (false, false) => -(mapped + 1) / 2,
            (true, true) => -(mapped / 2) - 1,
            (true, false) => (mapped - 1) / 2,
        };
        // A.6.1
        context.b += error * (2 * p.near + 1);
        context.a += error.abs();
        if context.n >= p.reset {
            context.a >>= 1;
            context.b >>= 1;
            context.n >>= 1;
        }
        context.n += 1;
        // A.6.2
        if context.b <= -context.n {
            context.b = (context.b + context.n).max(1 - context.n);
            context.c = (context.c - 1).max(-128);
        } else if context.b > 0 {
            context.b = (context.b - context.n).min(0);
            context.c = (context.c + 1).min(127);
        }
        Ok(p.reconstruct(prediction, sign * error))
    }

    /// A.7.2: the sample that ends a run.
    fn interruption(&mut self, ra: i32, rb: i32, run_index: usize, always_first: bool) -> Result<i32, CodecError> {
        let p = self.p;
        let kind = usize::from(!always_first && (ra - rb).abs() <= p.near);
        let context = &mut self.contexts[REGULAR_CONTEXTS + kind];
        let k = context.k(if kind == 0 { context.a } else { context.a + (context.n >> 1) });
        let mapped = self.bits.golomb(k, p.limit - RUN_ORDER[run_index] - 1, p.error_bits)?;
        let doubled = mapped + kind as i32;
        let odd = doubled & 1;
        let size = i32::midpoint(doubled, odd);
        let negative = (k != 0 || 2 * context.b >= context.n) == (odd == 1);
        let error = if negative { -size } else { size };
        if error < 0 {
            context.b += 1;
        }
        context.a += (mapped + 1 - kind as i32) >> 1;
        if context.n >= p.reset {
            context.a >>= 1;
            context.b >>= 1;
            context.n >>= 1;
        }
        context.n += 1;
        Ok(if kind == 1 { p.reconstruct(ra, error) } else { p.reconstruct(rb, if ra > rb { -error } else { error }) })
    }

    /// A.7.1: how many samples repeat, at most `left`.
    fn run_length(&mut self, left: usize, run_index: &mut usize) -> Result<usize, CodecError> {
        let mut length = 0;
        while self.bits.take(1)? == 1 {
            let block = 1usize << RUN_ORDER[*run_index];
            let fill = block.min(left - length);
            length += fill;
            if fill == block {
                *run_index = (*run_index + 1).min(31);
            }
            if length == left {
                return Ok(length);
            }
        }
        let rest = self.bits.take(RUN_ORDER[*run_index])? as usize;
        if length + rest >= left {
            return Err(damaged(CODEC, "a run is longer than its line"));
        }
        Ok(length + rest)
    }

    /// One line of one component (or, sample-interleaved, of several). Lines have a sample more on either side.
    fn line(&mut self, lines: &mut [Line], run_index: &mut usize) -> Result<(), CodecError> {
        let width = lines[0].now.len() - 2;
        for line in lines.iter_mut() {
            line.before[width + 1] = line.before[width];
            line.now[0] = line.before[1];
        }
        let mut x = 1;
        while x <= width {
            let gradients = |line: &Line, p: &Parameters| {
                let (ra, rb, rc, rd) = (line.now[x - 1], line.before[x], line.before[x - 1], line.before[x + 1]);
                [p.quantize(rd - rb), p.quantize(rb - rc), p.quantize(rc - ra)]
            };
            if lines.iter().all(|line| gradients(line, &self.p) == [0; 3]) {
                let length = self.run_length(width + 1 - x, run_index)?;
                for line in lines.iter_mut() {
                    let ra = line.now[x - 1];
                    line.now[x..x + length].fill(ra);
                }
                x += length;
                if x > width {
                    break;
                }
                let together = lines.len() > 1;
                for line in lines.iter_mut() {
                    line.now[x] = self.interruption(line.now[x - 1], line.before[x], *run_index, together)?;
                }
                *run_index = run_index.saturating_sub(1);
            } else {
                for line in lines.iter_mut() {
                    let q = gradients(line, &self.p);
                    line.now[x] = self.regular(q, [line.now[x - 1], line.before[x], line.before[x - 1]])?;
                }
            }
            x += 1;
        }
        Ok(())
    }
}

/// The line that is decoded and the one above it.
#[derive(Clone)]
struct Line {
    before: Vec<i32>,
    now: Vec<i32>,
}

/// Decodes a frame; the caller has compared the frame header with `expected`.
pub(super) fn decode(stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    let mut samples = vec![0; expected.count()];
    let mut presets = Presets::default();
    let mut precision = 0;
    let mut ids: Vec<u8> = Vec::new();
    let mut done = 0;
    let mut at = stream.windows(2).position(|w| w == [0xFF, 0xD8]).map_or(0, |at| at + 2);
    while done < expected.samples {
        let (marker, body, next) =
            super::extended::segment(stream, at).ok_or_else(|| damaged(CODEC, "it ends before its last scan"))?;
        at = next;
        match marker {
            0xF7 => {
                precision = u32::from(body.first().copied().unwrap_or(0));
                ids = body.get(6..).unwrap_or_default().chunks_exact(3).map(|c| c[0]).collect();
            }
            0xF8 if body.first() == Some(&1) => presets = read_presets(body).unwrap_or_default(),
            0xF8 => return Err(damaged(CODEC, "mapping tables and extended sizes are not supported")),
            0xDD if body.iter().any(|b| *b != 0) => {
                return Err(damaged(CODEC, "restart intervals are not supported"));
            }
            0xE8 if body.starts_with(b"mrfx") && body.get(4).is_some_and(|t| *t != 0) => {
                return Err(damaged(CODEC, "the HP color transforms are not supported"));
            }
            0xDA => {
                if !(2..=16).contains(&precision) {
                    return Err(damaged(CODEC, format!("a precision of {precision} bits is not supported")));
                }
                let (components, near, interleave) = scan_header(body, &ids)?;
                let p = Parameters::new(presets, precision, near)?;
                at += scan(&stream[at..], p, &components, interleave, expected, &mut samples)?;
                done += components.len();
            }
            0xD9 => break,
            _ => {}
        }
    }
    Ok(samples)
}

fn read_presets(body: &[u8]) -> Option<Presets> {
    let word = |n: usize| Some(i32::from(u16::from_be_bytes([*body.get(n)?, *body.get(n + 1)?])));
    Some(Presets { max_value: word(1)?, t: [word(3)?, word(5)?, word(7)?], reset: word(9)? })
}

/// Components (by their place in the frame), NEAR and interleave mode.
fn scan_header(body: &[u8], ids: &[u8]) -> Result<(Vec<usize>, i32, Interleave), CodecError> {
    let cut = || damaged(CODEC, "a scan header is cut");
    let count = usize::from(*body.first().ok_or_else(cut)?);
    let tail = body.get(1 + 2 * count..3 + 2 * count).ok_or_else(cut)?;
    let place = |n: usize| ids.iter().position(|id| *id == body[1 + 2 * n]);
    let components: Option<Vec<usize>> = (0..count).map(place).collect();
    let components = components.filter(|c| !c.is_empty()).ok_or_else(|| damaged(CODEC, "a scan names no component"))?;
    let interleave = match tail[1] {
        0 if count == 1 => Interleave::None,
        1 => Interleave::Line,
        2 => Interleave::Sample,
        _ => return Err(damaged(CODEC, "its interleave mode makes no sense")),
    };
    Ok((components, i32::from(tail[0]), interleave))
}

/// Decodes a scan into `samples`; gives the bytes used.
fn scan(
    data: &[u8],
    p: Parameters,
    components: &[usize],
    interleave: Interleave,
    expected: Expected,
    samples: &mut [i32],
) -> Result<usize, CodecError> {
    let fresh = Context { a: ((p.range + 32) / 64).max(2), b: 0, c: 0, n: 1 };
    let bits = Bits { bytes: data, at: 0, buffer: 0, count: 0, after_ff: false, past_end: 0 };
    let mut scan = Scan { p, contexts: vec![fresh; REGULAR_CONTEXTS + 2], bits };
    let blank = vec![0; expected.columns + 2];
    let mut lines = vec![Line { before: blank.clone(), now: blank }; components.len()];
    let mut run_index = vec![0; components.len()];
    for row in 0..expected.rows {
        if interleave == Interleave::Sample {
            scan.line(&mut lines, &mut run_index[0])?;
        } else {
            for (line, run_index) in lines.iter_mut().zip(&mut run_index) {
                scan.line(std::slice::from_mut(line), run_index)?;
            }
        }
        let start = row * expected.columns * expected.samples;
        for (line, &component) in lines.iter_mut().zip(components) {
            let target = samples[start + component..].iter_mut().step_by(expected.samples);
            target.zip(&line.now[1..=expected.columns]).for_each(|(sample, value)| *sample = *value);
            std::mem::swap(&mut line.before, &mut line.now);
        }
    }
    // Two bytes back, in case the reader ran ahead into the marker that follows.
    Ok(scan.bits.at.saturating_sub(2))
}
