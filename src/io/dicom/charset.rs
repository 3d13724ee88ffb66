//! Specific Character Set (0008,0005): bytes to text (PS3.5 6.1.2), code extensions by ISO 2022 escapes included.

use dicom_encoding::text::{SpecificCharacterSet, TextCodec};

/// Which tables a data set's text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Charset {
    first: Option<Table>,
    extended: bool,
}

/// One of the tables that we decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Ascii,
    /// By its defined term without "`ISO_IR` " or "ISO 2022 IR ".
    Iso(u16),
    Gb18030,
    Gbk,
}

impl Table {
    fn named(term: &str) -> Option<Self> {
        let term = term.trim();
        if term.eq_ignore_ascii_case("GB18030") {
            return Some(Self::Gb18030);
        }
        if term.eq_ignore_ascii_case("GBK") {
            return Some(Self::Gbk);
        }
        let number: u16 = term.rsplit([' ', '_']).next()?.parse().ok()?;
        Some(if number == 6 { Self::Ascii } else { Self::Iso(number) })
    }

    /// True where bytes below 128 are ASCII whatever surrounds them: nearly every text of nearly every file.
    fn holds_ascii(self) -> bool {
        match self {
            Self::Ascii | Self::Gb18030 | Self::Gbk => true,
            Self::Iso(number) => matches!(number, 100 | 101 | 109 | 110 | 126 | 127 | 138 | 144 | 148 | 166 | 192),
        }
    }

    /// The table that an escape sequence selects (PS3.3 tables C.12-3 and C.12-4), and the length of the sequence.
    fn escaped(bytes: &[u8]) -> Option<(Self, usize)> {
        Some(match bytes {
            [0x1B, b'(', b'B', ..] => (Self::Ascii, 3),
            [0x1B, b'(', b'J', ..] | [0x1B, b')', b'I', ..] => (Self::Iso(13), 3),
            [0x1B, b'-', letter, ..] => {
                let number = match letter {
                    b'A' => 100,
                    b'B' => 101,
                    b'C' => 109,
                    b'D' => 110,
                    b'L' => 144,
                    b'G' => 127,
                    b'F' => 126,
                    b'H' => 138,
                    b'M' => 148,
                    b'T' => 166,
                    _ => return None,
                };
                (Self::Iso(number), 3)
            }
            [0x1B, b'$', b'B', ..] => (Self::Iso(87), 3),
            [0x1B, b'$', b'(', b'D', ..] => (Self::Iso(159), 4),
            [0x1B, b'$', b')', b'C', ..] => (Self::Iso(149), 4),
            [0x1B, b'$', b')', b'A', ..] => (Self::Gbk, 4),
            _ => return None,
        })
    }

    fn decode(self, bytes: &[u8]) -> String {
        let by_term = |term: &str| SpecificCharacterSet::from_code(term).and_then(|set| set.decode(bytes).ok());
        let decoded = match self {
            Self::Ascii if bytes.is_ascii() => None,
            // Undeclared bytes above 127: UTF-8 where they are, else Latin-1.
            Self::Ascii | Self::Iso(192) => match std::str::from_utf8(bytes) {
                Ok(text) => return text.to_owned(),
                Err(_) => by_term("ISO_IR 100"),
            },
            // ISO 8859-9 is Latin-1 but for six Turkish letters.
            Self::Iso(148) => by_term("ISO_IR 100").map(|text| text.chars().map(turkish).collect()),
            Self::Iso(87) => {
                // The decoder wants to see the escape itself.
                let wrapped = [b"\x1b$B", bytes, b"\x1b(B"].concat();
                SpecificCharacterSet::from_code("ISO 2022 IR 87").and_then(|set| set.decode(&wrapped).ok())
            }
            Self::Iso(number) => by_term(&format!("ISO_IR {number}")),
            Self::Gb18030 => by_term("GB18030"),
            Self::Gbk => by_term("GBK"),
        };
        decoded.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
    }
}

fn turkish(c: char) -> char {
    match c {
        'Ð' => 'Ğ',
        'Ý' => 'İ',
        'Þ' => 'Ş',
        'ð' => 'ğ',
        'ý' => 'ı',
        'þ' => 'ş',
        other => other,
    }
}

impl Charset {
    /// From the value of Specific Character Set.
    pub(super) fn named(value: &[u8]) -> Self {
        let text = String::from_utf8_lossy(value);
        let mut terms = text.trim_matches(['\0', ' ']).split('\\');
        let first = terms.next().and_then(Table::named);
        Self { first, extended: terms.next().is_some() || text.contains("2022") }
    }

    /// Decodes a value; `person` names return to the first table at `^` and `=` as well as at `\`.
    pub(super) fn decode(self, bytes: &[u8], person: bool) -> String {
        let first = self.first.unwrap_or(Table::Ascii);
        if first.holds_ascii() && bytes.is_ascii() && !bytes.contains(&0x1B) {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        if !self.extended || !bytes.contains(&0x1B) {
            return first.decode(bytes);
        }
        let mut text = String::new();
        let (mut table, mut run_at, mut at) = (first, 0, 0);
        while at < bytes.len() {
            if let Some((next, length)) = Table::escaped(&bytes[at..]) {
                text.push_str(&table.decode(&bytes[run_at..at]));
                (table, at) = (next, at + length);
                run_at = at;
                continue;
            }
            let two_bytes = matches!(table, Table::Iso(87 | 159));
            let resets = matches!(bytes[at], b'\\' | b'\r' | b'\n') || person && matches!(bytes[at], b'^' | b'=');
            if resets && !two_bytes {
                text.push_str(&table.decode(&bytes[run_at..at]));
                (table, run_at) = (first, at);
            }
            at += 1;
        }
        text.push_str(&table.decode(&bytes[run_at.min(bytes.len())..]));
        text
    }
}
