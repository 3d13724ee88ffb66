//! JPEG-LS (T.87), lossless and near-lossless, 2–16 bits, all three interleave modes: ours, because no Rust decoder that we
//! found reads them all.
//!
//! The clauses of T.87 are named beside the steps. Not supported, and said so: restart intervals, palettes, and the color
//! transforms of one vendor.

use super::markers::{self, Segment};
use super::{CodecError, Expected, damaged};

const CODEC: &str = "JPEG-LS";
/// Contexts of the regular mode (A.3.4), and the two of run interruption.
const REGULAR_CONTEXTS: usize = 365;
/// All of them, rounded up to a power of two: an index needs no check.
const CONTEXTS: usize = 512;
/// Zeros after the last bit, so that a read there is like any other.
const PADDING_BYTES: usize = 16;
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
        if t[0] <= near || t[0] > t[1] || t[1] > t[2] {
            return Err(damaged(CODEC, "its thresholds are not in order"));
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

    /// A.3.3, as a sum of comparisons: no branch, and whole lines of it become vector instructions.
    #[inline]
    fn quantize(&self, d: i32) -> i32 {
        let [t1, t2, t3] = self.t;
        let up = i32::from(d > self.near) + i32::from(d >= t1) + i32::from(d >= t2) + i32::from(d >= t3);
        let d = d.wrapping_neg();
        let down = i32::from(d > self.near) + i32::from(d >= t1) + i32::from(d >= t2) + i32::from(d >= t3);
        up.wrapping_sub(down)
    }

    /// A.4.4 and A.4.5 backwards: prediction plus error, modulo the range.
    #[inline]
    fn reconstruct<const LOSSLESS: bool>(&self, prediction: i32, error: i32) -> i32 {
        let step = if LOSSLESS { 1 } else { 2 * self.near + 1 };
        let value = prediction.wrapping_add(error.wrapping_mul(step));
        let turn = self.range.wrapping_mul(step);
        let value = if value < -self.near {
            value.wrapping_add(turn)
        } else if value > self.max_value + self.near {
            value.wrapping_sub(turn)
        } else {
            value
        };
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

/// Bits of a scan without the stuffed ones, read at any position: no state but the position, so nothing to refill.
struct Bits {
    /// Ends in zeros that no read gets past.
    bytes: Vec<u8>,
    /// Position of the next bit, and where the real ones end.
    at: usize,
    end: usize,
}

impl Bits {
    /// Takes the bits up to the next marker; after a byte FF only seven bits follow (9.1). Gives the bytes used, too.
    fn new(data: &[u8]) -> (Self, usize) {
        let mut bytes = Vec::with_capacity(data.len() + PADDING_BYTES);
        let (mut buffer, mut count, mut used) = (0u32, 0, 0);
        let mut after_ff = false;
        for &byte in data {
            if after_ff && byte >= 0x80 {
                used -= 1;
                break;
            }
            let width = if after_ff { 7 } else { 8 };
            buffer = buffer << width | u32::from(byte);
            count += width;
            if count >= 8 {
                count -= 8;
                bytes.push((buffer >> count) as u8);
            }
            after_ff = byte == 0xFF;
            used += 1;
        }
        let end = 8 * bytes.len() + count as usize;
        bytes.push((buffer << (8 - count)) as u8);
        bytes.extend([0; PADDING_BYTES]);
        (Self { bytes, at: 0, end }, used)
    }

    /// The next bits, at least 57 of them, from the top; zeros past the end.
    #[inline]
    fn peek(&self) -> u64 {
        let word = self.bytes.get(self.at / 8..).and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u64::from_be_bytes(*word)) << (self.at % 8)
    }

    /// The next `n` ≤ 32 bits as a number.
    #[inline]
    fn take(&mut self, n: u32) -> i32 {
        let value = self.peek() >> 1 >> (63 - n);
        self.at = self.at.wrapping_add(n as usize);
        value as i32
    }

    /// Said once a line: a scan that is cut reads zeros until then.
    fn check(&self) -> Result<(), CodecError> {
        if self.at > self.end { Err(damaged(CODEC, "it ends early")) } else { Ok(()) }
    }

    /// A.5.3 backwards: a mapped error in the limited Golomb code.
    #[inline]
    fn golomb(&mut self, k: u32, limit: u32, error_bits: u32) -> Result<i32, CodecError> {
        let most = limit.saturating_sub(error_bits + 1);
        let word = self.peek();
        let zeros = word.leading_zeros();
        if zeros < most && zeros + k < 56 {
            self.at = self.at.wrapping_add((zeros + 1 + k) as usize);
            let rest = word << zeros << 1 >> 1 >> (63 - k);
            return Ok((zeros << k).wrapping_add(rest as u32).cast_signed());
        }
        if zeros > most {
            return Err(damaged(CODEC, "a code is too long or cut off"));
        }
        self.at = self.at.wrapping_add(zeros as usize + 1);
        if zeros < most { Ok((zeros << k).cast_signed() + self.take(k)) } else { Ok(self.take(error_bits) + 1) }
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
    /// A.5.1: the smallest k with n · 2^k ≥ a; the lengths of both numbers say it but for one.
    #[inline]
    fn k(self, a: i32) -> u32 {
        let k = self.n.leading_zeros().saturating_sub(a.leading_zeros());
        (k + u32::from(self.n << k < a)).min(24)
    }

    /// A.6.1 and A.7.2.2: what both modes forget.
    #[inline]
    fn age(&mut self, reset: i32) {
        if self.n >= reset {
            self.a >>= 1;
            self.b >>= 1;
            self.n >>= 1;
        }
        self.n += 1;
    }
}

struct Scan {
    p: Parameters,
    contexts: [Context; CONTEXTS],
    bits: Bits,
}

impl Scan {
    /// A.4–A.6 for one sample; `q` joins the three quantized gradients and is not zero. No branch depends on the image.
    #[inline]
    fn regular<const LOSSLESS: bool>(&mut self, q: i32, [ra, rb, rc]: [i32; 3]) -> Result<i32, CodecError> {
        let sign = q >> 31;
        let signed = |value: i32| (value ^ sign).wrapping_sub(sign);
        let p = &self.p;
        let context = &mut self.contexts[signed(q) as usize % CONTEXTS];
        // A.4.1: the median of three.
        let edge = ra.wrapping_add(rb).wrapping_sub(rc).max(ra.min(rb)).min(ra.max(rb));
        let prediction = edge.wrapping_add(signed(context.c)).max(0).min(p.max_value);
        let k = context.k(context.a);
        let mapped = self.bits.golomb(k, p.limit, p.error_bits)?;
        // A.5.2 backwards.
        let mapped = mapped ^ i32::from(LOSSLESS && k == 0 && context.b.wrapping_mul(2) <= -context.n);
        let error = (mapped >> 1) ^ (mapped & 1).wrapping_neg();
        // A.6.1
        context.b = context.b.wrapping_add(if LOSSLESS { error } else { error.wrapping_mul(2 * p.near + 1) });
        context.a = context.a.wrapping_add(error.wrapping_abs());
        context.age(p.reset);
        // A.6.2
        let (b, n) = (context.b, context.n);
        let (low, high) = (b <= -n, b > 0);
        let lowered = b.wrapping_add(n).max(1 - n);
        let raised = b.wrapping_sub(n).min(0);
        context.b = if low { lowered } else { b };
        context.b = if high { raised } else { context.b };
        context.c = (context.c + i32::from(high) - i32::from(low)).clamp(-128, 127);
        Ok(p.reconstruct::<LOSSLESS>(prediction, signed(error)))
    }

    /// A.7.2: the sample that ends a run.
    fn interruption(&mut self, ra: i32, rb: i32, run_index: usize, always_first: bool) -> Result<i32, CodecError> {
        let p = self.p;
        let kind = usize::from(!always_first && (ra - rb).abs() <= p.near);
        let context = &mut self.contexts[REGULAR_CONTEXTS + kind];
        let k = context.k(if kind == 0 { context.a } else { context.a.wrapping_add(context.n >> 1) });
        let mapped = self.bits.golomb(k, p.limit.saturating_sub(RUN_ORDER[run_index] + 1), p.error_bits)?;
        let doubled = mapped + kind as i32;
        let odd = doubled & 1;
        let size = i32::midpoint(doubled, odd);
        let negative = (k != 0 || 2 * context.b >= context.n) == (odd == 1);
        let error = if negative { -size } else { size };
        if error < 0 {
            context.b += 1;
        }
        context.a = context.a.wrapping_add((mapped + 1 - kind as i32) >> 1);
        context.age(p.reset);
        Ok(match kind {
            1 => p.reconstruct::<false>(ra, error),
            _ => p.reconstruct::<false>(rb, if ra > rb { -error } else { error }),
        })
    }

    /// A.7.1: how many samples repeat, at most `left`.
    fn run_length(&mut self, left: usize, run_index: &mut usize) -> Result<usize, CodecError> {
        let mut length = 0;
        while self.bits.take(1) == 1 {
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
        let rest = self.bits.take(RUN_ORDER[*run_index]) as usize;
        if length + rest >= left {
            return Err(damaged(CODEC, "a run is longer than its line, or cut off"));
        }
        Ok(length + rest)
    }

    /// One line of one component.
    fn line<const LOSSLESS: bool>(&mut self, line: &mut Line, run_index: &mut usize) -> Result<(), CodecError> {
        line.begin(&self.p);
        let (before, now, gradients) = (&line.before[..], &mut line.now[..], &line.gradients[..]);
        let width = now.len() - 2;
        let mut ra = now[0];
        let mut x = 1;
        while x <= width {
            let (rb, rc) = (before[x], before[x - 1]);
            let q = gradients[x].wrapping_add(self.p.quantize(rc.wrapping_sub(ra)));
            if q == 0 {
                let length = self.run_length(width + 1 - x, run_index)?;
                now[x..x + length].fill(ra);
                x += length;
                if x > width {
                    break;
                }
                ra = self.interruption(ra, before[x], *run_index, false)?;
                *run_index = run_index.saturating_sub(1);
            } else {
                ra = self.regular::<LOSSLESS>(q, [ra, rb, rc])?;
            }
            now[x] = ra;
            x += 1;
        }
        self.bits.check()
    }

    /// One line of several components, sample by sample: a run is one of all of them (A.7, last paragraphs).
    fn joint_line(&mut self, lines: &mut [Line], run_index: &mut usize) -> Result<(), CodecError> {
        lines.iter_mut().for_each(|line| line.begin(&self.p));
        let width = lines[0].now.len() - 2;
        let joined = |line: &Line, x: usize, p: &Parameters| {
            line.gradients[x].wrapping_add(p.quantize(line.before[x - 1].wrapping_sub(line.now[x - 1])))
        };
        let mut x = 1;
        while x <= width {
            if lines.iter().all(|line| joined(line, x, &self.p) == 0) {
                let length = self.run_length(width + 1 - x, run_index)?;
                for line in lines.iter_mut() {
                    let ra = line.now[x - 1];
                    line.now[x..x + length].fill(ra);
                }
                x += length;
                if x > width {
                    break;
                }
                for line in lines.iter_mut() {
                    line.now[x] = self.interruption(line.now[x - 1], line.before[x], *run_index, true)?;
                }
                *run_index = run_index.saturating_sub(1);
            } else {
                for line in lines.iter_mut() {
                    let q = joined(line, x, &self.p);
                    line.now[x] = self.regular::<false>(q, [line.now[x - 1], line.before[x], line.before[x - 1]])?;
                }
            }
            x += 1;
        }
        self.bits.check()
    }
}

/// The line that is decoded and the one above it, with a sample more on either side.
#[derive(Clone)]
struct Line {
    before: Vec<i32>,
    now: Vec<i32>,
    /// The two gradients that the line above gives (A.3.1), quantized and joined (A.3.4): 81·Q1 + 9·Q2.
    gradients: Vec<i32>,
}

impl Line {
    fn begin(&mut self, p: &Parameters) {
        let width = self.now.len() - 2;
        self.before[width + 1] = self.before[width];
        self.now[0] = self.before[1];
        for (q, around) in self.gradients[1..].iter_mut().zip(self.before.windows(3)) {
            let [rc, rb, rd] = [around[0], around[1], around[2]];
            let (q1, q2) = (p.quantize(rd.wrapping_sub(rb)), p.quantize(rb.wrapping_sub(rc)));
            *q = q1.wrapping_mul(81).wrapping_add(q2.wrapping_mul(9));
        }
    }
}

/// Decodes a frame; the caller has compared the frame header with `expected`.
pub(super) fn decode(stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    let mut samples = vec![0; expected.count()];
    let mut presets = Presets::default();
    let mut precision = 0;
    let mut ids: Vec<u8> = Vec::new();
    let mut done = 0;
    let mut at = markers::start(stream).unwrap_or(0);
    while done < expected.samples {
        let Segment { marker, body, next } =
            markers::segment(stream, at).ok_or_else(|| damaged(CODEC, "it ends before its last scan"))?;
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
    let (bits, used) = Bits::new(data);
    let mut scan = Scan { p, contexts: [fresh; CONTEXTS], bits };
    let blank = vec![0; expected.columns + 2];
    let mut lines = vec![Line { before: blank.clone(), now: blank.clone(), gradients: blank }; components.len()];
    let mut run_index = vec![0; components.len()];
    for row in 0..expected.rows {
        if interleave == Interleave::Sample {
            scan.joint_line(&mut lines, &mut run_index[0])?;
        } else {
            for (line, run_index) in lines.iter_mut().zip(&mut run_index) {
                match p.near {
                    0 => scan.line::<true>(line, run_index)?,
                    _ => scan.line::<false>(line, run_index)?,
                }
            }
        }
        let start = row * expected.columns * expected.samples;
        for (line, &component) in lines.iter_mut().zip(components) {
            let target = samples[start + component..].iter_mut().step_by(expected.samples);
            target.zip(&line.now[1..=expected.columns]).for_each(|(sample, value)| *sample = *value);
            std::mem::swap(&mut line.before, &mut line.now);
        }
    }
    Ok(used)
}
