//! Code blocks of JPEG 2000 (T.800 Annexes C and D): the MQ decoder and the three coding passes.
//!
//! Written for speed: the stuffed bits and their carries are taken out of a block's data first, so that the arithmetic
//! decoder has a plain 64-bit window; its decisions are computed rather than branched upon; and a stripe column, four
//! coefficients with what their neighbors mean to them, is one word.

#![allow(
    clippy::inline_always,
    reason = "constants and registers reach the inner loops only through inlining; measured"
)]

use std::ops::Range;

/// Largest side of a code block (A.6.1).
pub const MAX_SIDE: usize = 1024;
/// Largest area of a code block (A.6.1).
pub const MAX_AREA: usize = 4096;

/// A row of Table C.2 for one of both senses of the more probable symbol.
#[derive(Clone, Copy)]
struct State {
    /// Qe, in the upper 16 bits.
    qe: u64,
    /// Next states, after the more and the less probable symbol.
    next: [u8; 2],
}

/// Qe, next state after the more and the less probable symbol, switch (Table C.2).
const TABLE: [(u16, u8, u8, bool); 47] = [
    (0x5601, 1, 1, true),
    (0x3401, 2, 6, false),
    (0x1801, 3, 9, false),
    (0x0AC1, 4, 12, false),
    (0x0521, 5, 29, false),
    (0x0221, 38, 33, false),
    (0x5601, 7, 6, true),
    (0x5401, 8, 14, false),
    (0x4801, 9, 14, false),
    (0x3801, 10, 14, false),
    (0x3001, 11, 17, false),
    (0x2401, 12, 18, false),
    (0x1C01, 13, 20, false),
    (0x1601, 29, 21, false),
    (0x5601, 15, 14, true),
    (0x5401, 16, 14, false),
    (0x5101, 17, 15, false),
    (0x4801, 18, 16, false),
    (0x3801, 19, 17, false),
    (0x3401, 20, 18, false),
    (0x3001, 21, 19, false),
    (0x2801, 22, 19, false),
    (0x2401, 23, 20, false),
    (0x2201, 24, 21, false),
    (0x1C01, 25, 22, false),
    (0x1801, 26, 23, false),
    (0x1601, 27, 24, false),
    (0x1401, 28, 25, false),
    (0x1201, 29, 26, false),
    (0x1101, 30, 27, false),
    (0x0AC1, 31, 28, false),
    (0x09C1, 32, 29, false),
    (0x08A1, 33, 30, false),
    (0x0521, 34, 31, false),
    (0x0441, 35, 32, false),
    (0x02A1, 36, 33, false),
    (0x0221, 37, 34, false),
    (0x0141, 38, 35, false),
    (0x0111, 39, 36, false),
    (0x0085, 40, 37, false),
    (0x0049, 41, 38, false),
    (0x0025, 42, 39, false),
    (0x0015, 43, 40, false),
    (0x0009, 44, 41, false),
    (0x0005, 45, 42, false),
    (0x0001, 45, 43, false),
    (0x5601, 46, 46, false),
];

/// [`TABLE`] with the sense of the more probable symbol in the lowest bit of a state's number; padded so that a masked
/// index needs no check.
static STATES: [State; 128] = states();

const fn states() -> [State; 128] {
    let mut states = [State { qe: 0x8000 << 48, next: [0, 0] }; 128];
    let mut n = 0;
    while n < 94 {
        let (qe, mps, lps, switch) = TABLE[n / 2];
        let sense = (n % 2) as u8;
        let lps_sense = if switch { 1 - sense } else { sense };
        states[n] = State { qe: (qe as u64) << 48, next: [2 * mps + sense, 2 * lps + lps_sense] };
        n += 1;
    }
    states
}

/// Contexts (Table D.7): 0–8 significance, 9–13 sign, 14–16 refinement, 17 run, 18 uniform.
const SIGN: usize = 9;
const REFINE: usize = 14;
const RUN: usize = 17;
const UNIFORM: usize = 18;

/// The arithmetic decoder (Annex C) on plain bits.
#[derive(Clone, Copy)]
struct Mq<'a> {
    /// Interval, in the upper 16 bits.
    a: u64,
    /// Code register: the upper 16 bits of the standard's, and those that follow.
    c: u64,
    /// Valid bits of `c` below its upper 16.
    spare: i32,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Mq<'a> {
    /// C.3.5: a zero comes before the first bit.
    fn new(bytes: &'a [u8]) -> Self {
        let mut mq = Self { a: 0x8000 << 48, c: 0, spare: -15, bytes, at: 0 };
        mq.refill();
        mq
    }

    /// 32 bits below those that are there; ones behind the end (C.3.4).
    #[inline(always)]
    fn refill(&mut self) {
        let next = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk).map_or(u32::MAX, |b| u32::from_be_bytes(*b));
        self.at = self.at.wrapping_add(4);
        self.c |= u64::from(next) << (16i32.wrapping_sub(self.spare) & 63);
        self.spare = self.spare.wrapping_add(32);
    }

    /// A decision that is rarely the less probable one: mostly nothing has to be done.
    #[inline(always)]
    fn decode_likely(&mut self, context: &mut u8) -> u32 {
        let qe = STATES[usize::from(*context & 127)].qe;
        let a = self.a.wrapping_sub(qe);
        if self.c >= qe && a >= 1 << 63 {
            (self.a, self.c) = (a, self.c.wrapping_sub(qe));
            return u32::from(*context & 1);
        }
        self.decode(context)
    }

    /// A decision (C.3.2) without a branch: which symbol it is cannot be foreseen.
    #[inline(always)]
    fn decode(&mut self, context: &mut u8) -> u32 {
        let number = *context;
        let state = &STATES[usize::from(number & 127)];
        let a = self.a.wrapping_sub(state.qe);
        let is_lps = self.c < state.qe;
        let lps = u64::from(is_lps).wrapping_neg();
        // The exchange: the symbol of the smaller interval is the less probable one.
        let flip = (a < state.qe) ^ is_lps;
        self.c = self.c.wrapping_sub(state.qe & !lps);
        self.a = a ^ (a ^ state.qe) & lps;
        let shift = self.a.leading_zeros() & 63;
        let next = state.next[usize::from(flip)];
        let changed = u8::from(shift != 0).wrapping_neg();
        *context = number ^ (number ^ next) & changed;
        self.a <<= shift;
        self.c <<= shift;
        self.spare = self.spare.wrapping_sub(shift as i32);
        if self.spare < 0 {
            self.refill();
        }
        u32::from(number & 1) ^ u32::from(flip)
    }
}

/// A block's bytes as plain bits: after FF a byte begins one bit higher, and its top bit is a carry (C.3.4). The code string
/// is a sum, so that adding the carries first changes no decision.
fn unstuff(data: &[u8], plain: &mut Vec<u8>) {
    plain.clear();
    let (mut held, mut count) = (0u32, 0u32);
    let mut last = 0u8;
    for &byte in data {
        if last == 0xFF && byte > 0x8F {
            break;
        }
        let width = if last == 0xFF { 7 } else { 8 };
        held = (held << width).wrapping_add(u32::from(byte));
        count += width;
        last = byte;
        if count >= 16 {
            put(plain, held >> (count - 8));
            count -= 8;
            held &= (1 << count) - 1;
        }
    }
    while count >= 8 {
        put(plain, held >> (count - 8));
        count -= 8;
        held &= (1 << count) - 1;
    }
    put(plain, (held << 8 | 0xFF) >> count);
    plain.extend([0xFF; 4]);
}

fn put(plain: &mut Vec<u8>, byte: u32) {
    if byte > 0xFF {
        for before in plain.iter_mut().rev() {
            *before = before.wrapping_add(1);
            if *before != 0 {
                break;
            }
        }
    }
    plain.push(byte as u8);
}

// The word of a stripe column. Significance of three columns and six rows, row by row from the one above the stripe (bit
// 3 · (row + 1) + column): for coefficient i, `word >> 3 · i` begins with its own neighborhood.
const SIGNIFICANT: u32 = 0x3_FFFF;
const SELF: u32 = 1 << 4;
const NEIGHBORS: u32 = 0x1EF;
/// Coded by the significance propagation of this bit plane.
const VISITED: u32 = 18;
/// Refined before.
const REFINED: u32 = 22;
/// Signs of the coefficient above the stripe, of the four, and of the one below.
const SIGNS: u32 = 26;

/// Orientation of a sub-band, for its significance contexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    /// Low-pass, or high-pass vertically.
    LlLh,
    /// High-pass horizontally.
    Hl,
    /// High-pass both ways.
    Hh,
}

/// Significance contexts (Table D.1) by neighborhood.
static SIGNIFICANCE: [[u8; 512]; 3] =
    [significance_contexts(Band::LlLh), significance_contexts(Band::Hl), significance_contexts(Band::Hh)];

const fn significance_contexts(band: Band) -> [u8; 512] {
    let mut contexts = [0; 512];
    let mut n = 0;
    while n < 512 {
        let diagonal = (n & 1) + (n >> 2 & 1) + (n >> 6 & 1) + (n >> 8 & 1);
        let (across, down) = ((n >> 3 & 1) + (n >> 5 & 1), (n >> 1 & 1) + (n >> 7 & 1));
        contexts[n] = match band {
            Band::LlLh => context_by_side(across, down, diagonal),
            Band::Hl => context_by_side(down, across, diagonal),
            Band::Hh => context_by_diagonal(diagonal, across + down),
        };
        n += 1;
    }
    contexts
}

const fn context_by_side(first: usize, second: usize, diagonal: usize) -> u8 {
    match (first, second, diagonal) {
        (2, _, _) => 8,
        (1, 1.., _) => 7,
        (1, 0, 1..) => 6,
        (1, 0, 0) => 5,
        (_, 2, _) => 4,
        (_, 1, _) => 3,
        (_, _, 2..) => 2,
        (_, _, 1) => 1,
        _ => 0,
    }
}

const fn context_by_diagonal(diagonal: usize, sides: usize) -> u8 {
    match (diagonal, sides) {
        (3.., _) => 8,
        (2, 1..) => 7,
        (2, 0) => 6,
        (1, 2..) => 5,
        (1, 1) => 4,
        (1, 0) => 3,
        (_, 2..) => 2,
        (_, 1) => 1,
        _ => 0,
    }
}

/// Sign contexts (Tables D.2 and D.3), the bit to flip in bit 7. Index: significance of above, left, right, below in bits 1,
/// 3, 5, 7, and their signs in the bits before.
static SIGN_CONTEXTS: [u8; 256] = sign_contexts();

const fn sign_contexts() -> [u8; 256] {
    let mut contexts = [0; 256];
    let mut n = 0;
    while n < 256 {
        let up = contribution(n);
        let left = contribution(n >> 2);
        let right = contribution(n >> 4);
        let down = contribution(n >> 6);
        let (mut h, mut v) = (clamp(left + right), clamp(up + down));
        let flip = h < 0 || h == 0 && v < 0;
        if flip {
            (h, v) = (-h, -v);
        }
        let context = if h == 1 { (SIGN as i32 + 3 + v) as u8 } else { (SIGN as i32 + v) as u8 };
        contexts[n] = context | (flip as u8) << 7;
        n += 1;
    }
    contexts
}

const fn contribution(bits: usize) -> i32 {
    match bits & 3 {
        2 => 1,
        3 => -1,
        _ => 0,
    }
}

const fn clamp(sum: i32) -> i32 {
    if sum > 1 {
        1
    } else if sum < -1 {
        -1
    } else {
        sum
    }
}

/// What one block needs, kept for the next.
#[derive(Default)]
pub struct BlockDecoder {
    plain: Vec<u8>,
    words: Vec<u32>,
    /// Magnitudes, stripe column by stripe column.
    magnitudes: Vec<[u32; 4]>,
}

impl BlockDecoder {
    /// Decodes all bit planes of a block of `width × height` into `out`, whose lines are `stride` apart.
    pub fn decode(&mut self, data: &[u8], planes: u32, band: Band, size: [usize; 2], out: &mut [i32], stride: usize) {
        let [width, height] = size;
        unstuff(data, &mut self.plain);
        let stripes = height.div_ceil(4);
        self.words.clear();
        self.words.resize((width + 2) * (stripes + 2), 0);
        self.magnitudes.clear();
        self.magnitudes.resize(width * stripes, [0; 4]);
        let mut coder =
            Coder { mq: Mq::new(&self.plain), contexts: [0; 32], significance: &SIGNIFICANCE[band as usize] };
        (coder.contexts[0], coder.contexts[RUN], coder.contexts[UNIFORM]) = (2 * 4, 2 * 3, 2 * 46);
        let mut block = Block { words: &mut self.words, magnitudes: &mut self.magnitudes, width, height };
        block.pass::<CLEANUP>(&mut coder, planes - 1);
        for plane in (0..planes - 1).rev() {
            block.pass::<PROPAGATION>(&mut coder, plane);
            block.pass::<REFINEMENT>(&mut coder, plane);
            block.pass::<CLEANUP>(&mut coder, plane);
        }
        for (stripe, columns) in self.magnitudes.chunks_exact(width).enumerate() {
            let words = &self.words[(stripe + 1) * (width + 2) + 1..][..width];
            for i in 0..(height - 4 * stripe).min(4) {
                let line = &mut out[(4 * stripe + i) * stride..][..width];
                for ((value, column), word) in line.iter_mut().zip(columns).zip(words) {
                    let sign = (word << (4 - i) & 0x8000_0000).cast_signed() >> 31;
                    *value = (column[i].cast_signed() ^ sign).wrapping_sub(sign);
                }
            }
        }
    }
}

const PROPAGATION: u8 = 0;
const REFINEMENT: u8 = 1;
const CLEANUP: u8 = 2;

/// The body for each of up to four rows, written out, so that every shift is a constant.
macro_rules! each_row {
    ($rows:expr, $i:ident => $body:block) => {
        each_row!(@ $rows, $i, $body, 0 1 2 3)
    };
    (@ $rows:expr, $i:ident, $body:block, $($n:literal)*) => {
        $(if $n < $rows {
            let $i: u32 = $n;
            $body
        })*
    };
}

/// The arithmetic decoder and its contexts.
#[derive(Clone, Copy)]
struct Coder<'a> {
    mq: Mq<'a>,
    contexts: [u8; 32],
    significance: &'static [u8; 512],
}

impl Coder<'_> {
    #[inline(always)]
    fn bit(&mut self, context: usize) -> u32 {
        self.mq.decode(&mut self.contexts[context % 32])
    }

    #[inline(always)]
    fn is_significant(&mut self, around: u32) -> bool {
        let context = self.significance[(around & 0x1FF) as usize];
        self.bit(usize::from(context)) == 1
    }
}

/// A block in hand.
struct Block<'a> {
    words: &'a mut [u32],
    magnitudes: &'a mut [[u32; 4]],
    width: usize,
    height: usize,
}

impl Block<'_> {
    /// One coding pass over all stripes; the last one may have fewer than four rows.
    fn pass<const PASS: u8>(&mut self, coder: &mut Coder<'_>, plane: u32) {
        let full = self.height / 4;
        self.stripes::<PASS, 4>(0..full, coder, plane);
        match self.height % 4 {
            1 => self.stripes::<PASS, 1>(full..full + 1, coder, plane),
            2 => self.stripes::<PASS, 2>(full..full + 1, coder, plane),
            3 => self.stripes::<PASS, 3>(full..full + 1, coder, plane),
            _ => {}
        }
    }

    /// One coding pass over stripes of as many rows. The decoder is copied so that it stays in registers.
    #[inline(never)]
    fn stripes<const PASS: u8, const ROWS: u32>(&mut self, stripes: Range<usize>, kept: &mut Coder<'_>, plane: u32) {
        let mut coder = *kept;
        let (width, pitch) = (self.width, self.width + 2);
        for stripe in stripes {
            let (above, rest) = self.words[stripe * pitch..].split_at_mut(pitch);
            let (here, rest) = rest.split_at_mut(pitch);
            let magnitudes = &mut self.magnitudes[stripe * width..][..width];
            let mut stripe = Stripe { above, here, below: &mut rest[..pitch], magnitudes, one: 1 << plane };
            stripe.pass::<PASS, ROWS>(&mut coder);
        }
        *kept = coder;
    }
}

/// Four rows of a block, with the words of the stripes around; all as long as a stripe and one more on either side.
struct Stripe<'a> {
    above: &'a mut [u32],
    here: &'a mut [u32],
    below: &'a mut [u32],
    magnitudes: &'a mut [[u32; 4]],
    /// The bit of this plane.
    one: u32,
}

impl Stripe<'_> {
    #[inline(always)]
    fn pass<const PASS: u8, const ROWS: u32>(&mut self, coder: &mut Coder<'_>) {
        let width = self.magnitudes.len();
        // Said here once, so that no place in the loop is checked.
        assert!([self.above.len(), self.here.len(), self.below.len()] == [width + 2; 3]);
        for x in 0..width {
            let word = self.here[x + 1];
            let word = match PASS {
                PROPAGATION if word & SIGNIFICANT == 0 => continue,
                PROPAGATION => self.propagate::<ROWS>(coder, x, word),
                REFINEMENT if word & (SELF | SELF << 3 | SELF << 6 | SELF << 9) == 0 => continue,
                REFINEMENT => self.refine::<ROWS>(coder, x, word),
                _ => self.clean_up::<ROWS>(coder, x, word),
            };
            self.here[x + 1] = word;
        }
    }

    /// D.3.1
    #[inline(always)]
    fn propagate<const ROWS: u32>(&mut self, coder: &mut Coder<'_>, x: usize, mut word: u32) -> u32 {
        each_row!(ROWS, i => {
            let around = word >> (3 * i);
            if around & SELF == 0 && around & NEIGHBORS != 0 {
                word |= 1 << (VISITED + i);
                if coder.is_significant(around) {
                    word = self.becomes_significant(coder, x, i, word);
                }
            }
        });
        word
    }

    /// D.3.3
    #[inline(always)]
    fn refine<const ROWS: u32>(&mut self, coder: &mut Coder<'_>, x: usize, mut word: u32) -> u32 {
        each_row!(ROWS, i => {
            let around = word >> (3 * i);
            if around & SELF != 0 && word >> (VISITED + i) & 1 == 0 {
                let first = REFINE + usize::from(around & NEIGHBORS != 0);
                let context = if word >> (REFINED + i) & 1 == 1 { REFINE + 2 } else { first };
                let bit = coder.bit(context);
                self.magnitudes[x][i as usize] |= self.one & bit.wrapping_neg();
                word |= 1 << (REFINED + i);
            }
        });
        word
    }

    /// D.3.4
    #[inline(always)]
    fn clean_up<const ROWS: u32>(&mut self, coder: &mut Coder<'_>, x: usize, mut word: u32) -> u32 {
        // The first row that is decoded here, and whether a run said already that it is significant.
        let (mut first, mut is_run) = (0, false);
        if ROWS == 4 && word & SIGNIFICANT == 0 {
            if coder.mq.decode_likely(&mut coder.contexts[RUN]) == 0 {
                return word;
            }
            first = coder.bit(UNIFORM) << 1 | coder.bit(UNIFORM);
            is_run = true;
        }
        each_row!(ROWS, i => {
            let around = word >> (3 * i);
            let is_open = around & SELF == 0 && word >> (VISITED + i) & 1 == 0;
            if i >= first && is_open && (is_run && i == first || coder.is_significant(around)) {
                word = self.becomes_significant(coder, x, i, word);
            }
        });
        word & !(15 << VISITED)
    }

    /// Its sign (D.3.2), and what the neighbors must know.
    #[inline(always)]
    fn becomes_significant(&mut self, coder: &mut Coder<'_>, x: usize, i: u32, word: u32) -> u32 {
        let sign_of = |word: u32| word >> (SIGNS + 1 + i) & 1;
        let (left, right) = (sign_of(self.here[x]), sign_of(self.here[x + 2]));
        let (up, down) = (word >> (SIGNS + i) & 1, word >> (SIGNS + 2 + i) & 1);
        let index = word >> (3 * i) & 0xAA | up | left << 2 | right << 4 | down << 6;
        let context = SIGN_CONTEXTS[(index & 0xFF) as usize];
        let sign = coder.bit(usize::from(context)) ^ u32::from(context >> 7);
        self.magnitudes[x][i as usize] = self.one;
        self.here[x] |= 1 << (3 * i + 5);
        self.here[x + 2] |= 1 << (3 * i + 3);
        if i == 0 {
            self.above[x] |= 1 << 17;
            self.above[x + 1] |= 1 << 16 | sign << 31;
            self.above[x + 2] |= 1 << 15;
        }
        if i == 3 {
            self.below[x] |= 1 << 2;
            self.below[x + 1] |= 1 << 1 | sign << SIGNS;
            self.below[x + 2] |= 1;
        }
        word | SELF << (3 * i) | sign << (SIGNS + 1 + i)
    }
}
