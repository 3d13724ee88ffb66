//! The numbers of a file: plain, compressed or as text, in one file or a list of them, read piece by piece.

use super::text::{HexReader, TextReader};
use super::{Datatype, VoxelFileError};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::PathBuf;

/// Deflate cannot shrink data by more than this.
const MAX_DEFLATE_RATIO: u64 = 1032;
/// A block of bzip2 (900 kB after its first run-length pass, which shrinks by up to 51) takes 32 bytes at least.
const MAX_BZIP2_RATIO: u64 = 1_500_000;
/// Numbers handed over at a time.
const CHUNK: u64 = 1 << 18;

/// How the numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    Raw,
    /// A gzip stream (RFC 1952).
    Gzip,
    /// A zlib stream (RFC 1950).
    Zlib,
    /// A bzip2 stream.
    Bzip2,
    /// Decimal numbers between white space, of this type.
    Text(Datatype),
    /// Two hexadecimal digits per byte.
    Hex,
}

/// Where the numbers are.
#[derive(Debug, Clone)]
pub struct Body {
    /// One file, or the slices of a list one after the other.
    pub files: Vec<PathBuf>,
    /// First byte of the (encoded) numbers in each file.
    pub at: u64,
    /// Decoded bytes of each file before the first number.
    pub skip: u64,
    /// How they are written.
    pub encoding: Encoding,
    /// Byte order of the numbers.
    pub big_endian: bool,
    /// The volumes of the file alternate from number to number, instead of following one another.
    pub interleaved: bool,
    /// Decoded bytes of numbers in each file: what follows them is not looked at.
    pub each: u64,
}

impl Body {
    /// The most decoded bytes that can be there.
    pub fn room(&self) -> std::io::Result<u64> {
        let mut room = 0u64;
        for file in &self.files {
            let length = std::fs::metadata(file)?.len().saturating_sub(self.at);
            let most = match self.encoding {
                Encoding::Raw => length,
                Encoding::Gzip | Encoding::Zlib => length.saturating_mul(MAX_DEFLATE_RATIO),
                Encoding::Bzip2 => length.saturating_mul(MAX_BZIP2_RATIO),
                // A digit and a space for each number but the last.
                Encoding::Text(kind) => (length / 2 + 1).saturating_mul(kind.width() as u64),
                Encoding::Hex => length / 2,
            };
            room = room.saturating_add(most.saturating_sub(self.skip).min(self.each));
        }
        Ok(room)
    }

    /// The decoded bytes of one file from its `from`-th on.
    fn stream(&self, file: &PathBuf, from: u64) -> std::io::Result<Box<dyn Read>> {
        let mut file = File::open(file)?;
        let raw = matches!(self.encoding, Encoding::Raw);
        let jump = if raw { self.skip.saturating_add(from) } else { 0 };
        file.seek(SeekFrom::Start(self.at.saturating_add(jump)))?;
        let file = BufReader::with_capacity(1 << 16, file);
        let mut stream: Box<dyn Read> = match self.encoding {
            Encoding::Raw => return Ok(Box::new(file)),
            Encoding::Gzip => Box::new(MultiGzDecoder::new(file)),
            Encoding::Zlib => Box::new(ZlibDecoder::new(file)),
            Encoding::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(file)),
            Encoding::Text(kind) => Box::new(TextReader::new(file, kind)),
            Encoding::Hex => Box::new(HexReader::new(file)),
        };
        let before = self.skip.saturating_add(from);
        std::io::copy(&mut stream.by_ref().take(before), &mut std::io::sink())?;
        Ok(Box::new(BufReader::with_capacity(1 << 16, stream)))
    }

    /// Hands over `count` numbers of `width` bytes from the `first` on, some at a time.
    pub fn for_each_chunk(
        &self,
        width: usize,
        first: u64,
        count: u64,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), VoxelFileError> {
        let mut source = Source::new(self, first.saturating_mul(width as u64))?;
        let mut left = count;
        let mut buffer = vec![0; CHUNK.min(count) as usize * width];
        while left > 0 {
            let wanted = left.min(CHUNK) as usize * width;
            let filled = source.fill(&mut buffer[..wanted])?;
            if filled < wanted {
                let found = count - left + (filled / width) as u64;
                return Err(VoxelFileError::Cut { found, expected: count });
            }
            take(&buffer[..wanted]);
            left -= (wanted / width) as u64;
        }
        Ok(())
    }
}

/// The numbers of all files, one after the other.
struct Source<'a> {
    body: &'a Body,
    next_file: usize,
    current: Box<dyn Read>,
    /// Bytes of numbers that the current file still has to give.
    left_here: u64,
}

impl<'a> Source<'a> {
    /// Starts at a decoded byte.
    fn new(body: &'a Body, from: u64) -> std::io::Result<Self> {
        let each = body.each.max(1);
        let at = ((from / each) as usize).min(body.files.len() - 1);
        let inside = from - at as u64 * each;
        let current = body.stream(&body.files[at], inside)?;
        Ok(Self { body, next_file: at + 1, current, left_here: each.saturating_sub(inside) })
    }

    /// Fills the buffer as far as there are bytes. A file that ends early ends all: what follows would be misplaced.
    fn fill(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.left_here == 0 {
                let Some(next) = self.body.files.get(self.next_file) else { break };
                self.current = self.body.stream(next, 0)?;
                self.next_file += 1;
                self.left_here = self.body.each;
            }
            let wanted = self.left_here.min((buffer.len() - filled) as u64) as usize;
            match self.current.read(&mut buffer[filled..filled + wanted]) {
                Ok(0) => break,
                Ok(n) => {
                    filled += n;
                    self.left_here -= n as u64;
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(filled)
    }
}
