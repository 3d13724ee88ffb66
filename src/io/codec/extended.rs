//! Sequential DCT JPEG with Huffman coding, 8 or 12 bits: JPEG Baseline and Extended, processes 1, 2 and 4 (T.81).
//!
//! Follows T.81: tables B.2.4, scan F.2.2, dequantization and inverse DCT A.3.3 in floating point, level shift A.3.1.
//! Subsampled components are replicated. Every read is bounded by the stream; past its end the bits are zero, and a scan
//! that needs more than a few such bytes is refused.

use super::markers::{self, Segment};
use super::{CodecError, Expected, damaged};

const CODEC: &str = "JPEG";
/// Zero bytes that may be read past a marker before the scan counts as cut.
const SLACK_BYTES: usize = 64;

/// Natural position of the n-th coefficient of the zigzag (T.81 figure A.6).
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// A Huffman table as decoding needs it (T.81 F.2.2.3).
#[derive(Clone, Default)]
struct Huffman {
    /// Greatest code of each length 1–16, or −1.
    max_code: [i32; 17],
    /// Index of the first value of each length minus its first code.
    offset: [i32; 17],
    values: Vec<u8>,
}

impl Huffman {
    fn new(counts: &[u8], values: &[u8]) -> Self {
        let mut table = Self { max_code: [-1; 17], offset: [0; 17], values: values.to_vec() };
        let (mut code, mut index) = (0i32, 0i32);
        for (length, &count) in (1..=16).zip(counts) {
            if count > 0 {
                table.offset[length] = index - code;
                code += i32::from(count);
                index += i32::from(count);
                table.max_code[length] = code - 1;
            }
            code <<= 1;
        }
        table
    }
}

#[derive(Clone, Default)]
struct Component {
    id: u8,
    h: usize,
    v: usize,
    quantization: usize,
    dc: usize,
    ac: usize,
    /// Blocks per line and column, padded to whole MCUs.
    blocks: [usize; 2],
    /// Samples of the padded plane, line by line.
    plane: Vec<u16>,
    prediction: i32,
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    buffer: u32,
    count: u32,
    past_end: usize,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.count <= 24 {
            let byte = match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(0xFF), Some(0)) => {
                    self.at += 2;
                    0xFF
                }
                // A marker: it stays where it is, and the scan reads zeros.
                (Some(0xFF) | None, _) => {
                    self.past_end += 1;
                    0
                }
                (Some(&byte), _) => {
                    self.at += 1;
                    byte
                }
            };
            self.buffer |= u32::from(byte) << (24 - self.count);
            self.count += 8;
        }
    }

    fn take(&mut self, n: u32) -> i32 {
        if n == 0 {
            return 0;
        }
        self.fill();
        let value = self.buffer >> (32 - n);
        self.buffer <<= n;
        self.count -= n;
        value.cast_signed()
    }

    fn symbol(&mut self, table: &Huffman) -> Result<u8, CodecError> {
        let mut code = 0;
        for length in 1..=16 {
            code = code << 1 | self.take(1);
            if code <= table.max_code[length] {
                let index = usize::try_from(code + table.offset[length]).unwrap_or(usize::MAX);
                return table.values.get(index).copied().ok_or_else(|| damaged(CODEC, "a Huffman code has no value"));
            }
        }
        Err(damaged(CODEC, "a Huffman code is longer than 16 bits"))
    }

    /// T.81 F.2.2.1: a value of `n` bits, sign extended.
    fn signed(&mut self, n: u32) -> i32 {
        let value = self.take(n);
        if n > 0 && value < 1 << (n - 1) { value - (1 << n) + 1 } else { value }
    }

    /// Moves to the restart marker that follows and past it.
    fn restart(&mut self) -> Result<(), CodecError> {
        (self.buffer, self.count, self.past_end) = (0, 0, 0);
        while let [a, b] = self.bytes.get(self.at..self.at + 2).unwrap_or_default() {
            self.at += 1;
            if *a == 0xFF && (0xD0..=0xD7).contains(b) {
                self.at += 1;
                return Ok(());
            }
        }
        Err(damaged(CODEC, "a restart marker is missing"))
    }
}

#[derive(Default)]
struct Decoder {
    quantization: [Option<[u16; 64]>; 4],
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    components: Vec<Component>,
    max_h: usize,
    max_v: usize,
    precision: u8,
    restart_interval: usize,
}

/// Decodes one frame; the caller has compared the frame header with `expected`.
pub fn decode(stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    let mut decoder = Decoder::default();
    let mut at = markers::start(stream).unwrap_or(0);
    let mut scans = 0;
    while let Some(Segment { marker, body, next }) = markers::segment(stream, at) {
        at = next;
        match marker {
            0xC0 | 0xC1 => decoder.frame(body, expected)?,
            0xC4 => decoder.huffman(body).ok_or_else(|| damaged(CODEC, "a Huffman table is cut"))?,
            0xDB => decoder.quantizers(body).ok_or_else(|| damaged(CODEC, "a quantization table is cut"))?,
            0xDD if body.len() >= 2 => decoder.restart_interval = usize::from(u16::from_be_bytes([body[0], body[1]])),
            0xDA => {
                at += decoder.scan(body, &stream[at..], expected)?;
                scans += 1;
            }
            0xD9 => break,
            _ => {}
        }
    }
    if scans == 0 {
        return Err(damaged(CODEC, "it has no scan"));
    }
    Ok(decoder.interleaved(expected))
}

impl Decoder {
    fn frame(&mut self, body: &[u8], expected: Expected) -> Result<(), CodecError> {
        let cut = || damaged(CODEC, "the frame header is cut");
        if !self.components.is_empty() {
            return Err(damaged(CODEC, "it has two frame headers"));
        }
        self.precision = *body.first().ok_or_else(cut)?;
        for spec in body.get(6..6 + 3 * expected.samples).ok_or_else(cut)?.chunks_exact(3) {
            let (h, v) = (usize::from(spec[1] >> 4), usize::from(spec[1] & 15));
            if !(1..=4).contains(&h) || !(1..=4).contains(&v) || spec[2] > 3 {
                return Err(damaged(CODEC, "its sampling factors make no sense"));
            }
            let quantization = usize::from(spec[2]);
            self.components.push(Component { id: spec[0], h, v, quantization, ..Component::default() });
        }
        // One component alone is never subsampled (T.81 A.2.2).
        if let [only] = &mut self.components[..] {
            (only.h, only.v) = (1, 1);
        }
        self.max_h = self.components.iter().map(|c| c.h).max().unwrap_or(1);
        self.max_v = self.components.iter().map(|c| c.v).max().unwrap_or(1);
        let mcus = [expected.columns.div_ceil(8 * self.max_h), expected.rows.div_ceil(8 * self.max_v)];
        for c in &mut self.components {
            c.blocks = [mcus[0] * c.h, mcus[1] * c.v];
            c.plane = vec![0; c.blocks[0] * c.blocks[1] * 64];
        }
        Ok(())
    }

    fn huffman(&mut self, mut body: &[u8]) -> Option<()> {
        while !body.is_empty() {
            let (class, slot) = (body[0] >> 4, usize::from(body[0] & 3));
            let counts = body.get(1..17)?;
            let total: usize = counts.iter().map(|&n| usize::from(n)).sum();
            let values = body.get(17..17 + total)?;
            let table = Some(Huffman::new(counts, values));
            if class == 0 {
                self.dc[slot] = table;
            } else {
                self.ac[slot] = table;
            }
            body = &body[17 + total..];
        }
        Some(())
    }

    fn quantizers(&mut self, mut body: &[u8]) -> Option<()> {
        while !body.is_empty() {
            let (wide, slot) = (body[0] >> 4 != 0, usize::from(body[0] & 3));
            let bytes = body.get(1..if wide { 129 } else { 65 })?;
            let value = |n: usize| {
                if wide { u16::from_be_bytes([bytes[2 * n], bytes[2 * n + 1]]) } else { u16::from(bytes[n]) }
            };
            self.quantization[slot] = Some(std::array::from_fn(value));
            body = &body[1 + bytes.len()..];
        }
        Some(())
    }

    /// Decodes a scan; gives the bytes used.
    fn scan(&mut self, body: &[u8], data: &[u8], expected: Expected) -> Result<usize, CodecError> {
        let cut = || damaged(CODEC, "the scan header is cut");
        let count = usize::from(*body.first().ok_or_else(cut)?);
        let mut chosen = Vec::new();
        for spec in body.get(1..1 + 2 * count).ok_or_else(cut)?.chunks_exact(2) {
            let n = self.components.iter().position(|c| c.id == spec[0]);
            let n = n.ok_or_else(|| damaged(CODEC, "a scan names a component that the frame does not have"))?;
            (self.components[n].dc, self.components[n].ac) = (usize::from(spec[1] >> 4 & 3), usize::from(spec[1] & 3));
            chosen.push(n);
        }
        // It would read nothing, for every block of the image, as often as the stream names one.
        if chosen.is_empty() {
            return Err(damaged(CODEC, "a scan names no component"));
        }
        let mut bits = Bits { bytes: data, at: 0, buffer: 0, count: 0, past_end: 0 };
        let (wide, high) = match chosen[..] {
            // A scan of one component covers only the blocks that the image needs (T.81 A.2.2).
            [n] => {
                let c = &self.components[n];
                let size = |pixels: usize, factor: usize, max: usize| (pixels * factor).div_ceil(max).div_ceil(8);
                (size(expected.columns, c.h, self.max_h), size(expected.rows, c.v, self.max_v))
            }
            _ => (expected.columns.div_ceil(8 * self.max_h), expected.rows.div_ceil(8 * self.max_v)),
        };
        self.components.iter_mut().for_each(|c| c.prediction = 0);
        for mcu in 0..wide * high {
            if self.restart_interval > 0 && mcu > 0 && mcu % self.restart_interval == 0 {
                bits.restart()?;
                self.components.iter_mut().for_each(|c| c.prediction = 0);
            }
            for &n in &chosen {
                let (h, v) = if chosen.len() == 1 { (1, 1) } else { (self.components[n].h, self.components[n].v) };
                for block in 0..h * v {
                    let place = [mcu % wide * h + block % h, mcu / wide * v + block / h];
                    self.block(n, place, &mut bits)?;
                }
            }
            if bits.past_end > SLACK_BYTES {
                return Err(damaged(CODEC, "it ends early"));
            }
        }
        Ok(bits.at)
    }

    fn block(&mut self, n: usize, [x, y]: [usize; 2], bits: &mut Bits<'_>) -> Result<(), CodecError> {
        let missing = || damaged(CODEC, "a table is missing");
        let c = &mut self.components[n];
        let dc = self.dc[c.dc].as_ref().ok_or_else(missing)?;
        let ac = self.ac[c.ac].as_ref().ok_or_else(missing)?;
        let quantizer = self.quantization[c.quantization].as_ref().ok_or_else(missing)?;
        let mut coefficients = [0f32; 64];
        let size = u32::from(bits.symbol(dc)?).min(16);
        c.prediction = c.prediction.wrapping_add(bits.signed(size));
        coefficients[0] = c.prediction as f32 * f32::from(quantizer[0]);
        let mut k = 1;
        while k < 64 {
            let symbol = bits.symbol(ac)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 {
                if run != 15 {
                    break;
                }
                k += 16;
                continue;
            }
            k += run;
            let value = bits.signed(size);
            let Some(&place) = ZIGZAG.get(k) else { return Err(damaged(CODEC, "a block has too many coefficients")) };
            coefficients[usize::from(place)] = value as f32 * f32::from(quantizer[k]);
            k += 1;
        }
        let stride = c.blocks[0] * 8;
        let (middle, top) = (f32::from(1u16 << (self.precision - 1)), f32::from((1u32 << self.precision) as u16 - 1));
        for (row, line) in inverse_dct(&coefficients).chunks_exact(8).enumerate() {
            let at = (y * 8 + row) * stride + x * 8;
            for (sample, value) in c.plane[at..at + 8].iter_mut().zip(line) {
                *sample = (value + middle).round().clamp(0.0, top) as u16;
            }
        }
        Ok(())
    }

    fn interleaved(&self, expected: Expected) -> Vec<i32> {
        let mut samples = Vec::with_capacity(expected.count());
        for row in 0..expected.rows {
            for column in 0..expected.columns {
                for c in &self.components {
                    let (x, y) = (column * c.h / self.max_h, row * c.v / self.max_v);
                    samples.push(i32::from(c.plane[y * c.blocks[0] * 8 + x]));
                }
            }
        }
        samples
    }
}

/// T.81 A.3.3, separable, in floating point.
fn inverse_dct(coefficients: &[f32; 64]) -> [f32; 64] {
    let basis = basis();
    let mut rows = [0f32; 64];
    for v in 0..8 {
        let line = &coefficients[8 * v..8 * v + 8];
        if line.iter().all(|c| *c == 0.0) {
            continue;
        }
        for x in 0..8 {
            rows[8 * v + x] = (0..8).map(|u| basis[u][x] * line[u]).sum();
        }
    }
    let mut samples = [0f32; 64];
    for x in 0..8 {
        for y in 0..8 {
            samples[8 * y + x] = (0..8).map(|v| basis[v][y] * rows[8 * v + x]).sum();
        }
    }
    samples
}

/// `basis[u][x]` = C(u)/2 · cos((2x + 1)uπ/16).
fn basis() -> &'static [[f32; 8]; 8] {
    static BASIS: std::sync::OnceLock<[[f32; 8]; 8]> = std::sync::OnceLock::new();
    BASIS.get_or_init(|| {
        std::array::from_fn(|u| {
            std::array::from_fn(|x| {
                let scale = if u == 0 { std::f64::consts::FRAC_1_SQRT_2 } else { 1.0 };
                let angle = (2.0 * x as f64 + 1.0) * u as f64 * std::f64::consts::PI / 16.0;
                (scale / 2.0 * angle.cos()) as f32
            })
        })
    })
}
