//! Specific Character Set (0008,0005): bytes to text (PS3.3 C.12.1.1.2, PS3.5 6.1.2), code extensions by ISO 2022 included.
//!
//! A text has two halves: bytes below 128 are read by the code element in G0, the others by the one in G1. Escape sequences
//! change either; ends of lines and delimiters bring back those of the first value of the attribute.

use encoding::all::{
    EUC_JP, GB18030, GBK, ISO_8859_1, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7,
    ISO_8859_8, ISO_8859_15, WINDOWS_874, WINDOWS_949, WINDOWS_1254,
};
use encoding::{DecoderTrap, Encoding};

/// How a data set's text is written.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Charset {
    /// Nothing is declared, or nothing that is known.
    #[default]
    Undeclared,
    /// Code elements in two halves, with escapes.
    Halves {
        /// Initially in G1; G0 always begins as ASCII.
        g1: Option<Right>,
        /// What reads bytes from 128 on while G1 is empty: the first extension that is declared, because some writers
        /// leave the escapes out.
        unselected: Option<Right>,
    },
    /// UTF-8 (`ISO_IR 192`).
    Utf8,
    /// GB18030, which holds GBK.
    Gb18030,
    /// GBK.
    Gbk,
}

/// What reads the bytes below 128.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// ISO-IR 6, and ISO-IR 14, whose yen sign stands where the delimiter of values does.
    Ascii,
    /// JIS X 0208 (ISO-IR 87), two bytes.
    Kanji,
    /// JIS X 0212 (ISO-IR 159), two bytes.
    MoreKanji,
}

/// What reads the bytes from 128 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// A part of ISO 8859, by its number.
    Latin(u8),
    /// TIS 620 (ISO-IR 166).
    Thai,
    /// JIS X 0201 (ISO-IR 13).
    Katakana,
    /// KS X 1001 (ISO-IR 149), two bytes.
    Korean,
    /// GB 2312 (ISO-IR 58), two bytes.
    Chinese,
}

impl Right {
    /// By the number of its registration.
    fn registered(number: u16) -> Option<Self> {
        Some(match number {
            100 => Self::Latin(1),
            101 => Self::Latin(2),
            109 => Self::Latin(3),
            110 => Self::Latin(4),
            144 => Self::Latin(5),
            127 => Self::Latin(6),
            126 => Self::Latin(7),
            138 => Self::Latin(8),
            148 => Self::Latin(9),
            203 => Self::Latin(15),
            166 => Self::Thai,
            13 => Self::Katakana,
            149 => Self::Korean,
            58 => Self::Chinese,
            _ => return None,
        })
    }

    fn bytes(self) -> usize {
        if matches!(self, Self::Korean | Self::Chinese) { 2 } else { 1 }
    }

    fn decode(self, bytes: &[u8]) -> String {
        let by = |table: &dyn Encoding| table.decode(bytes, DecoderTrap::Replace).unwrap_or_default();
        match self {
            // Half-width forms begin at U+FF61.
            Self::Katakana => bytes.iter().map(|b| half_width(*b)).collect(),
            Self::Thai => by(WINDOWS_874),
            Self::Korean => by(WINDOWS_949),
            Self::Chinese => by(GBK),
            Self::Latin(2) => by(ISO_8859_2),
            Self::Latin(3) => by(ISO_8859_3),
            Self::Latin(4) => by(ISO_8859_4),
            Self::Latin(5) => by(ISO_8859_5),
            Self::Latin(6) => by(ISO_8859_6),
            Self::Latin(7) => by(ISO_8859_7),
            Self::Latin(8) => by(ISO_8859_8),
            // The same from 160 on.
            Self::Latin(9) => by(WINDOWS_1254),
            Self::Latin(15) => by(ISO_8859_15),
            Self::Latin(_) => by(ISO_8859_1),
        }
    }
}

fn half_width(byte: u8) -> char {
    match byte {
        0xA1..=0xDF => char::from_u32(0xFF61 + u32::from(byte) - 0xA1).unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::REPLACEMENT_CHARACTER,
    }
}

impl Left {
    fn decode(self, bytes: &[u8]) -> String {
        // EUC-JP holds both tables: JIS X 0208 with the high bits set, JIS X 0212 behind 0x8F.
        let raised = |prefix: &[u8]| -> Vec<u8> {
            bytes.chunks(2).flat_map(|pair| prefix.iter().copied().chain(pair.iter().map(|b| b | 0x80))).collect()
        };
        let euc = |bytes: Vec<u8>| EUC_JP.decode(&bytes, DecoderTrap::Replace).unwrap_or_default();
        match self {
            Self::Ascii => bytes.iter().map(|b| char::from(*b)).collect(),
            Self::Kanji => euc(raised(&[])),
            Self::MoreKanji => euc(raised(&[0x8F])),
        }
    }
}

/// What an escape sequence selects (PS3.3 tables C.12-3 and C.12-4).
enum Selected {
    G0(Left),
    G1(Right),
}

/// The selection at the beginning of `bytes`, and the length of its sequence.
fn escape(bytes: &[u8]) -> Option<(Selected, usize)> {
    use Selected::{G0, G1};
    Some(match bytes {
        [0x1B, b'(', b'B' | b'J', ..] => (G0(Left::Ascii), 3),
        [0x1B, b'$', b'B', ..] => (G0(Left::Kanji), 3),
        [0x1B, b'$', b'(', b'D', ..] => (G0(Left::MoreKanji), 4),
        [0x1B, b')', b'I', ..] => (G1(Right::Katakana), 3),
        [0x1B, b'$', b')', b'C', ..] => (G1(Right::Korean), 4),
        [0x1B, b'$', b')', b'A', ..] => (G1(Right::Chinese), 4),
        [0x1B, b'-', letter, ..] => {
            let part = match letter {
                b'A' => Right::Latin(1),
                b'B' => Right::Latin(2),
                b'C' => Right::Latin(3),
                b'D' => Right::Latin(4),
                b'L' => Right::Latin(5),
                b'G' => Right::Latin(6),
                b'F' => Right::Latin(7),
                b'H' => Right::Latin(8),
                b'M' => Right::Latin(9),
                b'b' => Right::Latin(15),
                b'T' => Right::Thai,
                _ => return None,
            };
            (G1(part), 3)
        }
        _ => return None,
    })
}

impl Charset {
    /// From the value of Specific Character Set. Its first term matters most: escapes say the rest.
    pub(super) fn named(value: &[u8]) -> Self {
        let text = String::from_utf8_lossy(value).to_ascii_uppercase();
        let mut terms = text.trim_matches(['\0', ' ']).split('\\').map(str::trim);
        let first = terms.next().unwrap_or_default();
        // Terms are written in many ways: "ISO_IR 100", "ISO IR 100", "ISO-IR_100".
        let number = |term: &str| term.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse::<u16>().ok());
        let mut more = terms.peekable();
        let extended = more.peek().is_some() || first.contains("2022");
        let unselected = more.find_map(|term| Right::registered(number(term)?));
        let number = number(first);
        match (first, number) {
            ("GB18030" | "ISO 2022 GB18030", _) => Self::Gb18030,
            ("GBK" | "ISO 2022 GBK", _) => Self::Gbk,
            ("UTF-8" | "UTF8", _) | (_, Some(192)) => Self::Utf8,
            (_, Some(number)) => match Right::registered(number) {
                Some(part) => Self::Halves { g1: Some(part), unselected },
                // ASCII, or Japanese of two bytes that begins with ASCII.
                None if extended || matches!(number, 87 | 159) => Self::Halves { g1: None, unselected },
                None => Self::Undeclared,
            },
            _ if extended => Self::Halves { g1: None, unselected },
            _ => Self::Undeclared,
        }
    }

    /// Decodes a value; in `person` names `^` and `=` are delimiters as well as `\`.
    pub(super) fn decode(self, bytes: &[u8], person: bool) -> String {
        // Nearly every text of nearly every file; every set begins with ASCII below 128.
        if bytes.is_ascii() && !bytes.contains(&0x1B) {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Gb18030 => GB18030.decode(bytes, DecoderTrap::Replace).unwrap_or_default(),
            Self::Gbk => GBK.decode(bytes, DecoderTrap::Replace).unwrap_or_default(),
            Self::Undeclared if !bytes.contains(&0x1B) => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => Right::Latin(1).decode(bytes),
            },
            Self::Undeclared => Halves::new(None, None).decode(bytes, person),
            Self::Halves { g1, unselected } => Halves::new(g1, unselected).decode(bytes, person),
        }
    }
}

/// A decoder of code elements in two halves.
struct Halves {
    first_g1: Option<Right>,
    unselected: Option<Right>,
    g0: Left,
    g1: Option<Right>,
    text: String,
}

impl Halves {
    fn new(g1: Option<Right>, unselected: Option<Right>) -> Self {
        Self { first_g1: g1, unselected, g0: Left::Ascii, g1, text: String::new() }
    }

    fn decode(mut self, bytes: &[u8], person: bool) -> String {
        let mut at = 0;
        while at < bytes.len() {
            if let Some((selected, length)) = escape(&bytes[at..]) {
                match selected {
                    Selected::G0(left) => self.g0 = left,
                    Selected::G1(right) => self.g1 = Some(right),
                }
                at += length;
                continue;
            }
            let end = at + run_length(&bytes[at..]);
            self.run(&bytes[at..end], person);
            at = end;
        }
        self.text
    }

    /// Decodes bytes of one half, up to the next escape or the other half.
    fn run(&mut self, run: &[u8], person: bool) {
        if run[0] >= 0x80 {
            match self.g1.or(self.unselected) {
                Some(right) => {
                    // A byte without its partner stays visible as a mark of its own.
                    let whole = run.len() / right.bytes() * right.bytes();
                    self.text.push_str(&right.decode(&run[..whole]));
                    self.text.extend(run[whole..].iter().map(|_| char::REPLACEMENT_CHARACTER));
                }
                None => self.text.push_str(&Right::Latin(1).decode(run)),
            }
            return;
        }
        if self.g0 != Left::Ascii {
            // Controls are never part of a pair; they also end what was selected.
            let length = run.iter().position(|b| *b < 0x21).unwrap_or(run.len());
            self.text.push_str(&self.g0.decode(&run[..length]));
            if length < run.len() {
                self.reset();
                self.run(&run[length..], person);
            }
            return;
        }
        self.text.push_str(&Left::Ascii.decode(run));
        let delimits = |b: &u8| matches!(b, b'\\' | b'\r' | b'\n' | 0x0C | b'\t') || person && matches!(b, b'^' | b'=');
        if run.iter().any(delimits) {
            self.reset();
        }
    }

    fn reset(&mut self) {
        (self.g0, self.g1) = (Left::Ascii, self.first_g1);
    }
}

/// Bytes of the same half before the next escape; at least one.
fn run_length(bytes: &[u8]) -> usize {
    let high = bytes[0] >= 0x80;
    let same = |(n, b): &(usize, &u8)| *n > 0 && (**b == 0x1B || (**b >= 0x80) != high);
    bytes.iter().enumerate().find(same).map_or(bytes.len(), |(n, _)| n)
}
