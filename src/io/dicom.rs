//! Lenient reading of DICOM files (PS3.10 files, PS3.5 data sets): our own reader, because what hospitals and research
//! archives hold is often not what the standard asks for, and because hostile files must not cost memory, time or the stack.
//!
//! Forgiven, each with a warning: no preamble, no or incomplete meta group, no group length, a missing or wrong transfer
//! syntax, mixed implicit and explicit elements, sequences in UN, sequences never closed, data that ends early.
//! Bounded: nesting ([`parse::MAX_DEPTH`]), inflated size ([`MAX_INFLATED`]), and every length by the bytes that are there.
//!
//! A header is read without its pixels: [`DicomFile::header`] stops at Pixel Data, whose bytes are then read by range.

mod charset;
mod fragments;
mod parse;
mod set;

pub use fragments::Fragments;
pub use parse::MAX_DEPTH;
pub(crate) use parse::has_long_length;
pub use set::{DataSet, Element, Value};

use crate::study::Warnings;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use std::borrow::Cow;
use std::cell::RefCell;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Most bytes that a deflated data set may grow to.
pub const MAX_INFLATED: u64 = 400 << 20;
/// Bytes read first in the hope that they hold the header.
const FIRST_READ: u64 = 32 << 10;
/// Files up to this size are held in memory when their pixels are wanted.
const WHOLE_FILE: u64 = 96 << 20;

/// Why a file gives no data set.
#[derive(Debug, thiserror::Error)]
pub enum DicomError {
    /// The file system refused.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Neither a preamble nor a data set.
    #[error("this is not a DICOM file (no DICM mark and no data element at its start)")]
    NotDicom,
    /// A preamble and nothing useful after it.
    #[error("the DICOM file holds no data elements (it is cut after {0} bytes)")]
    Empty(u64),
    /// The deflated data set is damaged at its beginning.
    #[error("the deflated data set cannot be inflated")]
    Inflate,
}

/// The first bytes of a file: enough to tell what it is, and for nearly every header.
pub struct Head {
    bytes: Vec<u8>,
    /// Bytes of the whole file.
    pub length: u64,
}

impl Head {
    /// Reads them at one go: listing costs what the system asks for each call.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut bytes = vec![0; length.min(FIRST_READ) as usize];
        let mut filled = 0;
        while filled < bytes.len() {
            match file.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        bytes.truncate(filled);
        Ok(Self { bytes, length })
    }

    /// At most the first 32 KiB.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Where the bytes of a data set are.
enum Source {
    Memory(Vec<u8>),
    Disk { path: PathBuf, length: u64 },
}

impl Source {
    fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk { length, .. } => *length,
        }
    }

    /// At most `count` bytes from `offset`, fewer where the data end.
    fn read(&self, offset: u64, count: u64) -> std::io::Result<Cow<'_, [u8]>> {
        let start = offset.min(self.length());
        let count = count.min(self.length() - start);
        match self {
            Self::Memory(bytes) => Ok(Cow::Borrowed(&bytes[start as usize..(start + count) as usize])),
            Self::Disk { path, .. } => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(start))?;
                // No more than the file's own length; reserved, so that the bytes are not moved while they grow.
                let mut bytes = Vec::new();
                bytes.try_reserve_exact(count as usize).map_err(|_| std::io::ErrorKind::OutOfMemory)?;
                file.take(count).read_to_end(&mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// Exactly the bytes from `offset` that `into` has room for; an error where there are fewer.
    fn fill(&self, offset: u64, into: &mut [u8]) -> std::io::Result<()> {
        match self {
            Self::Memory(bytes) => {
                let from = usize::try_from(offset).ok().and_then(|start| bytes.get(start..)?.get(..into.len()));
                into.copy_from_slice(from.ok_or(std::io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
            Self::Disk { path, .. } => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(offset))?;
                file.read_exact(into)
            }
        }
    }
}

/// A file that is read in small pieces, forward: fragments of a few bytes share one call to the system.
struct Walk {
    file: RefCell<BufReader<File>>,
    length: u64,
}

impl Walk {
    fn open(path: &Path, length: u64) -> std::io::Result<Self> {
        Ok(Self { file: RefCell::new(BufReader::with_capacity(4096, File::open(path)?)), length })
    }

    fn read(&self, offset: u64, count: u64) -> std::io::Result<Cow<'static, [u8]>> {
        let start = offset.min(self.length);
        let mut file = self.file.borrow_mut();
        let now = file.stream_position()?;
        file.seek_relative(start.cast_signed() - now.cast_signed())?;
        let mut bytes = Vec::new();
        file.by_ref().take(count.min(self.length - start)).read_to_end(&mut bytes)?;
        Ok(Cow::Owned(bytes))
    }
}

/// The Pixel Data element (or Float / Double Float Pixel Data), unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelElement {
    /// (7FE0,0010), (7FE0,0008) or (7FE0,0009).
    pub tag: Tag,
    /// As written, or OW where the file does not say.
    pub vr: VR,
    /// First byte of the value, in the (inflated) data.
    pub offset: u64,
    /// Bytes of the value as declared; `None` for undefined length (encapsulated).
    pub declared: Option<u64>,
}

/// How elements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Encoding {
    pub explicit: bool,
    pub big_endian: bool,
}

/// A data set with its pixels still unread.
pub struct DicomFile {
    source: Source,
    /// Transfer Syntax UID, from the meta group or guessed.
    pub transfer_syntax: String,
    /// File Meta Information (group 0002); empty without any.
    pub meta: DataSet,
    /// Everything before Pixel Data.
    pub data: DataSet,
    /// Where the pixels are; `None` without any.
    pub pixels: Option<PixelElement>,
    /// What was forgiven.
    pub warnings: Warnings,
    /// True when numbers in the pixels are big endian.
    pub big_endian: bool,
}

impl DicomFile {
    /// Reads the header, and of the pixels nothing: for listing.
    pub fn header(path: &Path) -> Result<Self, DicomError> {
        Self::from_head(path, &Head::read(path)?)
    }

    /// As [`Self::header`], for a file whose first bytes are there; more are read where they do not hold the header.
    pub fn from_head(path: &Path, head: &Head) -> Result<Self, DicomError> {
        let (length, mut wanted) = (head.length, FIRST_READ);
        let mut bytes = Cow::Borrowed(head.bytes());
        loop {
            let complete = bytes.len() as u64 >= length || (bytes.len() as u64) < wanted;
            let start = Start::find(&bytes)?;
            if start.is_deflated() {
                return Self::deflated(path, &start, FIRST_READ);
            }
            if let Some(parsed) = parse::data_set(&bytes, start.at, start.encoding, complete) {
                let source = Source::Disk { path: path.to_owned(), length };
                return Self::assemble(source, start, parsed);
            }
            wanted = wanted.saturating_mul(8);
            let mut more = Vec::new();
            File::open(path)?.take(wanted).read_to_end(&mut more)?;
            bytes = Cow::Owned(more);
        }
    }

    /// Reads the file for its pixels: small files whole, large ones by range later.
    pub fn open(path: &Path) -> Result<Self, DicomError> {
        let length = std::fs::metadata(path)?.len();
        if length > WHOLE_FILE {
            return Self::header(path);
        }
        let bytes = std::fs::read(path)?;
        let start = Start::find(&bytes)?;
        if start.is_deflated() {
            return Self::deflated(path, &start, MAX_INFLATED);
        }
        match parse::data_set(&bytes, start.at, start.encoding, true) {
            Some(parsed) => Self::assemble(Source::Memory(bytes), start, parsed),
            None => Err(DicomError::Empty(length)),
        }
    }

    /// Reads the file for frames: pixels stay on disk until a frame is asked for, so that a series of hundreds of files needs
    /// no second copy of its pixels. Several coded frames in one file are held in memory: finding each anew would cost more.
    pub fn for_frames(path: &Path) -> Result<Self, DicomError> {
        let file = Self::header(path)?;
        let is_native = file.pixels.is_some_and(|pixels| pixels.declared.is_some());
        let is_single = file.data.integer(tags::NUMBER_OF_FRAMES).is_none_or(|frames| frames <= 1);
        // A deflated header is in memory, cut after its first bytes.
        let stays = (is_native || is_single) && matches!(file.source, Source::Disk { .. });
        // Without pixels the header is all there is. A bomb is not held twice.
        if stays || file.pixels.is_none() {
            return Ok(file);
        }
        drop(file);
        Self::open(path)
    }

    fn deflated(path: &Path, start: &Start, first: u64) -> Result<Self, DicomError> {
        let mut wanted = first;
        loop {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(start.at as u64))?;
            let mut bytes = Vec::new();
            // What was inflated before an error is used; the parser then says that the data end early.
            let ended = flate2::read::DeflateDecoder::new(file).take(wanted).read_to_end(&mut bytes);
            if bytes.is_empty() {
                return Err(DicomError::Inflate);
            }
            let complete = ended.is_err() || (bytes.len() as u64) < wanted || wanted >= MAX_INFLATED;
            if let Some(parsed) = parse::data_set(&bytes, 0, start.encoding, complete) {
                let start = start.clone();
                let mut file = Self::assemble(Source::Memory(bytes), start, parsed)?;
                if wanted >= MAX_INFLATED && file.source.length() >= MAX_INFLATED {
                    file.warnings.add(format!(
                        "the deflated data set is larger than {} MiB; the rest is not read",
                        MAX_INFLATED >> 20
                    ));
                }
                return Ok(file);
            }
            wanted = wanted.saturating_mul(8).min(MAX_INFLATED);
        }
    }

    fn assemble(source: Source, start: Start, parsed: parse::Parsed) -> Result<Self, DicomError> {
        let mut warnings = start.warnings;
        parsed.warnings.iter().for_each(|w| warnings.add(w));
        if parsed.data.is_empty() && parsed.pixels.is_none() {
            return Err(DicomError::Empty(source.length()));
        }
        Ok(Self {
            source,
            transfer_syntax: start.transfer_syntax,
            meta: start.meta,
            data: parsed.data,
            pixels: parsed.pixels,
            warnings,
            big_endian: start.encoding.big_endian,
        })
    }

    /// Bytes of the pixel element that are really there, for native (not encapsulated) pixels.
    pub fn native_length(&self) -> u64 {
        let Some(pixels) = self.pixels else { return 0 };
        let there = self.source.length().saturating_sub(pixels.offset);
        pixels.declared.map_or(there, |declared| declared.min(there))
    }

    /// At most `count` bytes of the pixel element's value from `offset`.
    pub fn pixel_bytes(&self, offset: u64, count: u64) -> Result<Cow<'_, [u8]>, DicomError> {
        let Some(pixels) = self.pixels else { return Ok(Cow::Borrowed(&[])) };
        let count = count.min(self.native_length().saturating_sub(offset));
        Ok(self.source.read(pixels.offset.saturating_add(offset), count)?)
    }

    /// Fills `into` with the pixel element's bytes from `offset`; false when that many are not there.
    pub fn read_pixels(&self, offset: u64, into: &mut [u8]) -> Result<bool, DicomError> {
        let Some(pixels) = self.pixels else { return Ok(into.is_empty()) };
        if offset.checked_add(into.len() as u64).is_none_or(|end| end > self.native_length()) {
            return Ok(false);
        }
        self.source.fill(pixels.offset + offset, into)?;
        Ok(true)
    }

    /// All bytes that the file could still hold: an upper bound for counts that a header claims.
    pub fn length(&self) -> u64 {
        self.source.length()
    }

    /// The fragments of encapsulated pixels (PS3.5 A.4).
    pub fn fragments(&self) -> Result<Fragments, DicomError> {
        let Some(pixels) = self.pixels else { return Ok(Fragments::default()) };
        let extended = self.data.bytes(tags::EXTENDED_OFFSET_TABLE).unwrap_or_default();
        match &self.source {
            Source::Memory(_) => {
                Fragments::index(pixels.offset, extended, |offset, count| self.source.read(offset, count))
            }
            Source::Disk { path, length } => {
                let walk = Walk::open(path, *length)?;
                Fragments::index(pixels.offset, extended, |offset, count| walk.read(offset, count))
            }
        }
    }

    /// Hands over the pixel value in portions of at most `portion` bytes: as stored, coded fragments without item marks.
    pub fn each_pixel_portion(
        &self,
        portion: u64,
        mut take: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), DicomError> {
        let Some(pixels) = self.pixels else { return Ok(()) };
        let parts = match pixels.declared {
            Some(_) => vec![(pixels.offset, self.native_length())],
            None => self.fragments()?.parts().to_vec(),
        };
        for (offset, length) in parts {
            let mut done = 0;
            while done < length {
                let bytes = self.source.read(offset + done, portion.min(length - done))?;
                if bytes.is_empty() {
                    break;
                }
                take(&bytes)?;
                done += bytes.len() as u64;
            }
        }
        Ok(())
    }

    /// True when the data set was written without value representations.
    pub fn is_implicit(&self) -> bool {
        self.transfer_syntax == IMPLICIT_LE
    }

    /// The elements after the pixels, as far as the first MiB: padding, signatures, private ones.
    pub fn after_pixels(&self) -> Result<DataSet, DicomError> {
        let Some(pixels) = self.pixels else { return Ok(DataSet::default()) };
        let end = match pixels.declared {
            Some(length) => pixels.offset.saturating_add(length),
            None => self.fragments()?.end(),
        };
        let bytes = self.source.read(end, 1 << 20)?;
        let encoding = Encoding { explicit: !self.is_implicit(), big_endian: self.big_endian };
        Ok(parse::data_set(&bytes, 0, encoding, true).map(|parsed| parsed.data).unwrap_or_default())
    }

    /// Bytes at an offset that [`Self::fragments`] gave.
    pub(crate) fn source_bytes(&self, offset: u64, count: u64) -> Result<Cow<'_, [u8]>, DicomError> {
        Ok(self.source.read(offset, count)?)
    }
}

/// What the first bytes say.
#[derive(Clone)]
struct Start {
    at: usize,
    meta: DataSet,
    transfer_syntax: String,
    encoding: Encoding,
    warnings: Warnings,
}

/// Deflated Explicit VR Little Endian, and its JPIP kin are not supported beyond this.
pub(crate) const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
pub(crate) const IMPLICIT_LE: &str = "1.2.840.10008.1.2";
pub(crate) const EXPLICIT_LE: &str = "1.2.840.10008.1.2.1";
pub(crate) const EXPLICIT_BE: &str = "1.2.840.10008.1.2.2";

impl Start {
    fn is_deflated(&self) -> bool {
        self.transfer_syntax == DEFLATED
    }

    fn find(bytes: &[u8]) -> Result<Self, DicomError> {
        let mut warnings = Warnings::default();
        let has_mark = bytes.get(128..132) == Some(b"DICM");
        let mut at = if has_mark { 132 } else { 0 };
        if !has_mark {
            let group = bytes.get(..2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]));
            if bytes.len() < 16 || !matches!(group, 0x0002 | 0x0008 | 0x0200 | 0x0800) {
                return Err(DicomError::NotDicom);
            }
            warnings.add("the file has no DICM mark; it is read as a bare data set");
        } else if bytes.len() < 140 {
            return Err(DicomError::Empty(bytes.len() as u64));
        }
        let (meta, end) = parse::meta_group(bytes, at);
        at = end;
        let said = meta.text(tags::TRANSFER_SYNTAX_UID);
        if said == DEFLATED {
            let encoding = Encoding { explicit: true, big_endian: false };
            return Ok(Self { at, meta, transfer_syntax: said, encoding, warnings });
        }
        let seen = parse::looks_like(bytes.get(at..).unwrap_or_default());
        let (transfer_syntax, encoding) = settle(&said, seen, &mut warnings);
        Ok(Self { at, meta, transfer_syntax, encoding, warnings })
    }
}

/// The transfer syntax that the file names, held against what its first element looks like.
fn settle(said: &str, seen: Option<Encoding>, warnings: &mut Warnings) -> (String, Encoding) {
    let named = match said {
        "" => None,
        IMPLICIT_LE => Some(Encoding { explicit: false, big_endian: false }),
        EXPLICIT_BE => Some(Encoding { explicit: true, big_endian: true }),
        _ => Some(Encoding { explicit: true, big_endian: false }),
    };
    let uid_of = |e: Encoding| match (e.explicit, e.big_endian) {
        (true, true) => EXPLICIT_BE,
        (true, false) => EXPLICIT_LE,
        (false, _) => IMPLICIT_LE,
    };
    match (named, seen) {
        (Some(named), Some(seen)) if named != seen => {
            warnings.add("the data set is not written in the transfer syntax that the file names; it is read as it is");
            let keep = named.explicit && !named.big_endian && said != EXPLICIT_LE;
            (if keep { said.to_owned() } else { uid_of(seen).to_owned() }, seen)
        }
        (Some(named), _) => (said.to_owned(), named),
        (None, seen) => {
            let guess = seen.unwrap_or(Encoding { explicit: false, big_endian: false });
            warnings.add("the file names no transfer syntax; it was guessed from the first element");
            (uid_of(guess).to_owned(), guess)
        }
    }
}
