//! Numbers written as text, read as if they were bytes (NRRD encodings "text" and "hex").

use super::Datatype;
use std::io::{BufRead, Error, ErrorKind, Read};

/// Longest number that is believed.
const MAX_TOKEN: usize = 64;

/// Decimal numbers between white space, as little-endian numbers of a type.
pub struct TextReader<R> {
    from: R,
    kind: Datatype,
    /// Bytes of the last number that were not asked for yet.
    rest: Vec<u8>,
}

impl<R: BufRead> TextReader<R> {
    pub fn new(from: R, kind: Datatype) -> Self {
        Self { from, kind, rest: Vec::new() }
    }

    fn token(&mut self) -> std::io::Result<Option<String>> {
        let mut token = String::new();
        while let Some(&byte) = self.from.fill_buf()?.first() {
            self.from.consume(1);
            if byte.is_ascii_whitespace() || byte == b',' {
                if !token.is_empty() {
                    break;
                }
            } else if token.len() < MAX_TOKEN && byte.is_ascii() {
                token.push(char::from(byte));
            } else {
                return Err(Error::new(ErrorKind::InvalidData, "its text holds something that is no number"));
            }
        }
        Ok((!token.is_empty()).then_some(token))
    }
}

impl<R: BufRead> Read for TextReader<R> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let mut filled = 0;
        while filled < to.len() {
            if self.rest.is_empty() {
                let Some(token) = self.token()? else { break };
                self.rest = self.kind.bytes_of(&token).ok_or_else(|| {
                    Error::new(ErrorKind::InvalidData, format!("{token:?} is no number of the type in the header"))
                })?;
            }
            let n = self.rest.len().min(to.len() - filled);
            to[filled..filled + n].copy_from_slice(&self.rest[..n]);
            self.rest.drain(..n);
            filled += n;
        }
        Ok(filled)
    }
}

/// Two hexadecimal digits per byte; white space does not matter.
pub struct HexReader<R>(R);

impl<R: BufRead> HexReader<R> {
    pub fn new(from: R) -> Self {
        Self(from)
    }

    fn digit(&mut self) -> std::io::Result<Option<u8>> {
        loop {
            let Some(&byte) = self.0.fill_buf()?.first() else { return Ok(None) };
            self.0.consume(1);
            if byte.is_ascii_whitespace() {
                continue;
            }
            let digit = char::from(byte).to_digit(16);
            return match digit {
                Some(digit) => Ok(Some(digit as u8)),
                None => {
                    Err(Error::new(ErrorKind::InvalidData, "its text holds something that is no hexadecimal digit"))
                }
            };
        }
    }
}

impl<R: BufRead> Read for HexReader<R> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        for (n, byte) in to.iter_mut().enumerate() {
            let (Some(high), Some(low)) = (self.digit()?, self.digit()?) else { return Ok(n) };
            *byte = high << 4 | low;
        }
        Ok(to.len())
    }
}
