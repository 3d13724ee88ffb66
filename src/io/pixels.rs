//! Stored values of frames (PS3.5 section 8, PS3.3 C.7.6.3), decoded and put into one form.
//!
//! That form (the one `product.md` hashes): little endian, the allocated width, all samples of a pixel together, 1-bit pixels
//! as one byte each, bits above Bits Stored cleared or sign-extended, chroma of 4:2:2 replicated. A codec's own color
//! transform is undone; YBR to RGB is not applied here.

use super::codec::{self, Expected};
use super::dicom::{DicomError, DicomFile, Fragments};
use crate::study::Warnings;
use dicom_core::VR;
use dicom_dictionary_std::tags;
use std::io::Read;
use std::sync::Arc;

/// Largest frame that is decoded, in samples.
pub const MAX_FRAME_SAMPLES: usize = 400_000_000;
/// Most frames of one object that are listed: the facts of each take some hundred bytes, a frame of one pixel takes one.
const MAX_FRAMES: usize = 1 << 20;

/// Why an object's pixels cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PixelError {
    /// The object has none, and needs none.
    #[error("the object holds no pixels")]
    None,
    /// The description makes no sense.
    #[error("the pixels cannot be described: {0}")]
    Description(String),
    /// Fewer bytes than one frame.
    #[error("Pixel Data holds {found} bytes, one frame needs {needed}: the file is cut or its size is wrong")]
    Short {
        /// Bytes that are there.
        found: u64,
        /// Bytes of a frame.
        needed: u64,
    },
    /// Fragments that do not make frames.
    #[error("the {fragments} fragments of Pixel Data cannot be assigned to {frames} frames")]
    Fragments {
        /// How many there are.
        fragments: usize,
        /// Number of Frames.
        frames: usize,
    },
    /// There is no such frame.
    #[error("there is no frame {0}")]
    Frame(usize),
    /// A stream is damaged or not supported.
    #[error(transparent)]
    Codec(#[from] codec::CodecError),
    /// The file could not be read.
    #[error(transparent)]
    File(#[from] DicomError),
}

/// The type of a stored sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleType {
    /// Unsigned, 1 or 8 bits.
    U8,
    /// Signed, 8 bits.
    I8,
    /// Unsigned, 16 bits.
    U16,
    /// Signed, 16 bits.
    I16,
    /// Unsigned, 32 bits.
    U32,
    /// Signed, 32 bits.
    I32,
    /// Float Pixel Data.
    F32,
    /// Double Float Pixel Data.
    F64,
}

impl SampleType {
    /// Bytes of a sample in the common form.
    pub fn width(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// True for the signed integers.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32)
    }
}

/// How an object's pixels are stored.
#[derive(Debug, Clone, PartialEq)]
pub struct PixelFormat {
    /// Rows (0028,0010), ≥ 1.
    pub rows: usize,
    /// Columns (0028,0011), ≥ 1.
    pub columns: usize,
    /// Frames that are really there (an upper bound for encapsulated pixels until they are opened), ≥ 1.
    pub frames: usize,
    /// Samples per Pixel (0028,0002): 1, 3 or 4.
    pub samples: usize,
    /// Photometric Interpretation (0028,0004).
    pub photometric: String,
    /// Bits Allocated (0028,0100): 1, 8, 16, 32 or 64.
    pub bits_allocated: u16,
    /// Bits Stored (0028,0101), ≤ allocated.
    pub bits_stored: u16,
    /// Type of a sample.
    pub sample_type: SampleType,
    /// Bits of the cell below the stored ones: High Bit (0028,0102) + 1 − Bits Stored; 0 in all but old files.
    pub low_bits: u16,
    /// Planar Configuration (0028,0006) is 1.
    pub planar: bool,
    /// Native 4:2:2: two bytes per pixel.
    subsampled: bool,
}

impl PixelFormat {
    /// Reads and checks the description; oddities that can be lived with become warnings.
    pub fn of(file: &DicomFile, warnings: &mut Warnings) -> Result<Self, PixelError> {
        let data = &file.data;
        let Some(element) = file.pixels else { return Err(PixelError::None) };
        let wrong = |what: String| Err(PixelError::Description(what));
        let size = |tag| data.integer(tag).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        let (rows, columns) = (size(tags::ROWS), size(tags::COLUMNS));
        if rows == 0 || columns == 0 || rows > 65_535 || columns > 65_535 {
            return wrong(format!("Rows × Columns is {rows} × {columns}"));
        }
        let samples = data.integer(tags::SAMPLES_PER_PIXEL).map_or(1, |n| usize::try_from(n).unwrap_or(0));
        if !matches!(samples, 1 | 3 | 4) {
            return wrong(format!("Samples per Pixel is {samples}, expected 1 or 3"));
        }
        let (float, implied) = match element.tag {
            tags::FLOAT_PIXEL_DATA => (true, 32),
            tags::DOUBLE_FLOAT_PIXEL_DATA => (true, 64),
            _ => (false, 0),
        };
        let bits_allocated = if float { implied } else { u16::try_from(size(tags::BITS_ALLOCATED)).unwrap_or(0) };
        let signed = data.integer(tags::PIXEL_REPRESENTATION) == Some(1);
        let sample_type = match (bits_allocated, signed, float) {
            (32, _, true) => SampleType::F32,
            (64, _, true) => SampleType::F64,
            (1, _, _) | (8, false, _) => SampleType::U8,
            (8, true, _) => SampleType::I8,
            (16, false, _) => SampleType::U16,
            (16, true, _) => SampleType::I16,
            (32, false, _) => SampleType::U32,
            (32, true, _) => SampleType::I32,
            (12, _, _) => return wrong("Bits Allocated is 12: packed pixels are retired and not supported".into()),
            _ => return wrong(format!("Bits Allocated is {bits_allocated}, expected 1, 8, 16 or 32")),
        };
        let bits_stored = stored_bits(data.integer(tags::BITS_STORED), bits_allocated, float, warnings);
        let mut photometric = data.text(tags::PHOTOMETRIC_INTERPRETATION);
        if samples > 1 && codec::decodes_to_rgb(&file.transfer_syntax) {
            photometric = "RGB".into();
        }
        let high_bit = data.integer(tags::HIGH_BIT).filter(|_| !float && bits_allocated > 1);
        let mut format = Self {
            low_bits: low_bits(high_bit, bits_stored, bits_allocated, warnings),
            rows,
            columns,
            frames: 1,
            samples,
            planar: samples > 1 && data.integer(tags::PLANAR_CONFIGURATION) == Some(1),
            subsampled: false,
            photometric,
            bits_allocated,
            bits_stored,
            sample_type,
        };
        format.settle_frames(file, warnings)?;
        Ok(format)
    }

    /// How many frames the bytes can hold, against what Number of Frames says.
    fn settle_frames(&mut self, file: &DicomFile, warnings: &mut Warnings) -> Result<(), PixelError> {
        let said = file.data.integer(tags::NUMBER_OF_FRAMES);
        if said.is_some_and(|n| n < 1) {
            warnings.add("Number of Frames is not positive; one frame is assumed");
        }
        let said = said.and_then(|n| usize::try_from(n).ok()).unwrap_or(1).max(1);
        if self.is_encapsulated(file) {
            // No frame takes less than eight bytes (the head of its fragment).
            self.frames = said.min((file.length() / 8).max(1) as usize);
        } else {
            let length = file.native_length();
            let full = (self.count() as u64).saturating_mul(self.sample_type.width() as u64);
            self.subsampled = self.samples == 3
                && self.bits_allocated == 8
                && matches!(self.photometric.as_str(), "YBR_FULL_422" | "YBR_PARTIAL_422")
                && length < full.saturating_mul(said as u64);
            let there = if self.bits_allocated == 1 {
                length.saturating_mul(8) / (self.count() as u64)
            } else {
                length / self.native_frame_bytes() as u64
            };
            if there == 0 {
                return Err(PixelError::Short { found: length, needed: self.native_frame_bytes() as u64 });
            }
            self.frames = said.min(usize::try_from(there).unwrap_or(usize::MAX));
        }
        if self.frames < said {
            warnings.add(format!("Number of Frames is {said}, but Pixel Data holds {} at most", self.frames));
        }
        if self.frames > MAX_FRAMES {
            warnings.add(format!("the object holds {} frames; the first {MAX_FRAMES} are read", self.frames));
            self.frames = MAX_FRAMES;
        }
        Ok(())
    }

    /// Samples of one frame.
    pub fn count(&self) -> usize {
        self.rows * self.columns * self.samples
    }

    /// True when Pixel Data consists of fragments.
    pub fn is_encapsulated(&self, file: &DicomFile) -> bool {
        file.pixels.is_some_and(|p| p.declared.is_none()) && codec::is_encapsulated(&file.transfer_syntax)
    }

    fn native_frame_bytes(&self) -> usize {
        if self.bits_allocated == 1 {
            self.count().div_ceil(8)
        } else if self.subsampled {
            self.rows * self.columns.div_ceil(2) * 4
        } else {
            self.count() * self.sample_type.width()
        }
    }
}

fn stored_bits(said: Option<i64>, allocated: u16, float: bool, warnings: &mut Warnings) -> u16 {
    if float || allocated == 1 {
        return allocated;
    }
    match said.and_then(|n| u16::try_from(n).ok()) {
        Some(stored) if (1..=allocated).contains(&stored) => stored,
        Some(stored) => {
            warnings.add(format!("Bits Stored is {stored} of {allocated} allocated; all allocated bits are used"));
            allocated
        }
        None => allocated,
    }
}

/// How far the stored bits lie above the bottom of their cell (PS3.5 8.1.1).
fn low_bits(high_bit: Option<i64>, stored: u16, allocated: u16, warnings: &mut Warnings) -> u16 {
    match high_bit.map(u16::try_from) {
        Some(Ok(high)) if high < allocated && high + 1 >= stored => high + 1 - stored,
        None => 0,
        Some(_) => {
            warnings.add("High Bit contradicts Bits Stored; values are taken from the lowest bits");
            0
        }
    }
}

/// An object's frames, ready to be decoded one by one (from several threads at once).
pub struct Frames<'a> {
    file: &'a DicomFile,
    /// How they are stored; `frames` is exact here.
    pub format: PixelFormat,
    groups: Option<FrameParts>,
}

/// Offset and length of the fragments of each frame.
type FrameParts = Arc<[Vec<(u64, u64)>]>;

/// Where the frames of a file are, without the file: finding them anew for each frame would cost their number squared.
#[derive(Debug, Clone)]
pub struct FrameIndex {
    format: PixelFormat,
    groups: Option<FrameParts>,
}

impl<'a> Frames<'a> {
    /// Finds the frames of an opened object.
    pub fn new(file: &'a DicomFile, warnings: &mut Warnings) -> Result<Self, PixelError> {
        let mut format = PixelFormat::of(file, warnings)?;
        if format.count() > MAX_FRAME_SAMPLES {
            return Err(PixelError::Description(format!("a frame of {} samples is too large", format.count())));
        }
        let mut groups = None;
        if format.is_encapsulated(file) {
            let fragments = file.fragments()?;
            let found = frames_of(file, &fragments, format.frames)?;
            if found.len() < format.frames {
                warnings.add(format!("Pixel Data is cut: {} of {} frames are there", found.len(), format.frames));
                format.frames = found.len();
            }
            let samples = (format.count() as u64).saturating_mul(format.frames as u64);
            codec::check_growth_of_all(file.length(), samples)?;
            groups = Some(found.into());
        }
        Ok(Self { file, format, groups })
    }

    /// The frames of a file in which they have been found before.
    pub fn of_index(file: &'a DicomFile, index: &FrameIndex) -> Self {
        Self { file, format: index.format.clone(), groups: index.groups.clone() }
    }

    /// Where they are.
    pub fn into_index(self) -> FrameIndex {
        FrameIndex { format: self.format, groups: self.groups }
    }

    /// One frame in the common form.
    pub fn frame(&self, n: usize) -> Result<Vec<u8>, PixelError> {
        if n >= self.format.frames {
            return Err(PixelError::Frame(n + 1));
        }
        match &self.groups {
            Some(groups) => self.coded(groups.get(n).ok_or(PixelError::Frame(n + 1))?),
            None => self.native(n),
        }
    }

    fn coded(&self, parts: &[(u64, u64)]) -> Result<Vec<u8>, PixelError> {
        let mut stream = Vec::new();
        for &(offset, length) in parts {
            stream.extend_from_slice(&self.file.source_bytes(offset, length)?);
        }
        let f = &self.format;
        if codec::is_deflated_frame(&self.file.transfer_syntax) {
            codec::check_growth(stream.len() as u64, f.count() as u64)?;
            return self.inflated(&stream);
        }
        let expected = Expected {
            columns: f.columns,
            rows: f.rows,
            samples: f.samples,
            bits_allocated: f.bits_allocated,
            signed: f.sample_type.is_signed(),
        };
        let samples = codec::decode(&self.file.transfer_syntax, &stream, expected)?;
        let mut bytes = vec![0; samples.len() * f.sample_type.width()];
        match f.sample_type.width() {
            1 => bytes.iter_mut().zip(&samples).for_each(|(b, s)| *b = *s as u8),
            2 => bytes.as_chunks_mut().0.iter_mut().zip(&samples).for_each(|(b, s)| *b = (*s as u16).to_le_bytes()),
            _ => bytes.as_chunks_mut().0.iter_mut().zip(&samples).for_each(|(b, s)| *b = s.to_le_bytes()),
        }
        // RLE keeps the cells of native pixels; the other codecs hold the stored bits alone.
        mask(&mut bytes, f, if codec::keeps_cells(&self.file.transfer_syntax) { f.low_bits } else { 0 });
        Ok(bytes)
    }

    /// A frame of native pixels under Deflate; it begins in a byte of its own, also with 1-bit pixels.
    fn inflated(&self, stream: &[u8]) -> Result<Vec<u8>, PixelError> {
        let f = &self.format;
        let size = f.native_frame_bytes();
        let mut bytes = Vec::new();
        let mut inflater = flate2::read::DeflateDecoder::new(stream).take(size as u64);
        let damaged = |e: std::io::Error| PixelError::Description(format!("a deflated frame cannot be read: {e}"));
        inflater.read_to_end(&mut bytes).map_err(damaged)?;
        if bytes.len() < size {
            return Err(PixelError::Short { found: bytes.len() as u64, needed: size as u64 });
        }
        if f.bits_allocated == 1 {
            return Ok((0..f.count()).map(|n| bytes[n / 8] >> (n % 8) & 1).collect());
        }
        Ok(self.in_common_form(bytes))
    }

    fn native(&self, n: usize) -> Result<Vec<u8>, PixelError> {
        if self.format.bits_allocated == 1 {
            self.native_bits(n)
        } else {
            Ok(self.in_common_form(self.native_cells(n)?))
        }
    }

    /// Whole cells of a native gray frame, little endian, with whatever stands in their unused bits.
    pub fn cells(&self, n: usize) -> Option<Vec<u8>> {
        let usable = self.groups.is_none() && self.format.bits_allocated > 1 && n < self.format.frames;
        usable.then(|| self.native_cells(n).ok()).flatten()
    }

    fn native_cells(&self, n: usize) -> Result<Vec<u8>, PixelError> {
        let f = &self.format;
        let size = f.native_frame_bytes();
        let start = n as u64 * size as u64;
        // Swapped words may straddle an odd frame's ends: read whole words.
        let lead = start % 2;
        let raw = self.file.pixel_bytes(start - lead, (lead + size as u64).next_multiple_of(2))?;
        if (raw.len() as u64) < lead + size as u64 {
            return Err(PixelError::Short { found: raw.len() as u64, needed: size as u64 });
        }
        let mut bytes = raw.into_owned();
        self.swap(&mut bytes);
        bytes.drain(..lead as usize);
        bytes.truncate(size);
        Ok(bytes)
    }

    /// Little-endian native pixels, put into the common form.
    fn in_common_form(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let f = &self.format;
        if f.subsampled {
            bytes = upsampled(&bytes, f.columns, f.rows);
        } else if f.planar {
            bytes = interleaved(&bytes, f.samples, f.sample_type.width());
        }
        mask(&mut bytes, f, f.low_bits);
        bytes
    }

    /// Little endian from big endian: by the sample, or by 16-bit words where the element is OW (PS3.5 8.1.2).
    fn swap(&self, bytes: &mut [u8]) {
        if !self.file.big_endian {
            return;
        }
        let word = self.file.pixels.is_some_and(|p| p.vr == VR::OW);
        match self.format.sample_type.width() {
            1 if word => bytes.as_chunks_mut::<2>().0.iter_mut().for_each(|b| b.reverse()),
            1 => {}
            width => bytes.chunks_exact_mut(width).for_each(<[u8]>::reverse),
        }
    }

    /// 1-bit pixels: frames follow each other without padding, the first pixel in the lowest bit (PS3.5 8.1.1).
    fn native_bits(&self, n: usize) -> Result<Vec<u8>, PixelError> {
        let count = self.format.count() as u64;
        let (first, last) = (n as u64 * count, (n as u64 + 1) * count);
        let raw = self.file.pixel_bytes(first / 8, last.div_ceil(8) - first / 8)?;
        let bit = |at: u64| {
            let at = at - first / 8 * 8;
            raw.get((at / 8) as usize).map(|byte| byte >> (at % 8) & 1)
        };
        let bits: Option<Vec<u8>> = (first..last).map(bit).collect();
        bits.ok_or(PixelError::Short { found: raw.len() as u64, needed: count.div_ceil(8) })
    }

    /// Reads a native frame of 8- or 16-bit samples into its place in a volume, without a copy between. False where that
    /// cannot be done; [`Self::frame`] then does it, or says why not.
    pub fn read_into(&self, n: usize, samples: &mut [u8]) -> bool {
        let f = &self.format;
        let is_plain = cfg!(target_endian = "little")
            && self.groups.is_none()
            && !self.file.big_endian
            && f.samples == 1
            && matches!(f.bits_allocated, 8 | 16);
        let size = f.native_frame_bytes();
        let fits = is_plain && n < f.frames && samples.len() == size;
        if !fits || !self.file.read_pixels(n as u64 * size as u64, samples).is_ok_and(|complete| complete) {
            return false;
        }
        mask(samples, f, f.low_bits);
        true
    }
}

fn frames_of(file: &DicomFile, fragments: &Fragments, frames: usize) -> Result<Vec<Vec<(u64, u64)>>, PixelError> {
    if fragments.is_empty() {
        return Err(PixelError::Short { found: 0, needed: 1 });
    }
    let begins = |offset| file.source_bytes(offset, 8).is_ok_and(|head| codec::begins_stream(&head));
    fragments.frames(frames, begins).ok_or(PixelError::Fragments { fragments: fragments.len(), frames })
}

/// The stored bits alone: those above are cleared or, for signed values, filled with the sign; those below (`low_bits`) go.
fn mask(bytes: &mut [u8], format: &PixelFormat, low_bits: u16) {
    let low_bits = if lies_low(bytes, format, low_bits) { 0 } else { low_bits };
    let down = u32::from(format.bits_allocated.saturating_sub(format.bits_stored));
    let up = down - u32::from(low_bits);
    if down == 0 {
        return;
    }
    match format.sample_type {
        SampleType::U8 => bytes.iter_mut().for_each(|b| *b = *b << up >> down),
        SampleType::I8 => bytes.iter_mut().for_each(|b| *b = (b.cast_signed() << up >> down).cast_unsigned()),
        SampleType::U16 => each(bytes, |b: [u8; 2]| (u16::from_le_bytes(b) << up >> down).to_le_bytes()),
        SampleType::I16 => each(bytes, |b: [u8; 2]| (i16::from_le_bytes(b) << up >> down).to_le_bytes()),
        SampleType::U32 => each(bytes, |b: [u8; 4]| (u32::from_le_bytes(b) << up >> down).to_le_bytes()),
        SampleType::I32 => each(bytes, |b: [u8; 4]| (i32::from_le_bytes(b) << up >> down).to_le_bytes()),
        SampleType::F32 | SampleType::F64 => {}
    }
}

/// True when a frame gives the lie to a High Bit above Bits Stored − 1, as sloppy converters write: nothing stands above the
/// low bits, and what stands there uses them all.
fn lies_low(bytes: &[u8], format: &PixelFormat, low_bits: u16) -> bool {
    if low_bits == 0 {
        return false;
    }
    let width = format.sample_type.width();
    let used = bytes
        .chunks_exact(width)
        .fold(0u32, |used, cell| used | cell.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte)));
    used >> format.bits_stored == 0 && used & ((1 << low_bits) - 1) != 0
}

fn each<const N: usize>(bytes: &mut [u8], change: impl Fn([u8; N]) -> [u8; N]) {
    bytes.as_chunks_mut().0.iter_mut().for_each(|b| *b = change(*b));
}

/// RRR…GGG…BBB… to RGBRGB… (Planar Configuration 1, PS3.3 C.7.6.3.1.3).
fn interleaved(bytes: &[u8], samples: usize, width: usize) -> Vec<u8> {
    let plane = bytes.len() / samples;
    let mut pixels = Vec::with_capacity(bytes.len());
    for at in (0..plane).step_by(width) {
        for sample in 0..samples {
            let from = sample * plane + at;
            pixels.extend_from_slice(&bytes[from..from + width]);
        }
    }
    pixels
}

/// Y Y Cb Cr to Y Cb Cr, Y Cb Cr (PS3.3 C.7.6.3.1.2: `YBR_FULL_422`).
fn upsampled(bytes: &[u8], columns: usize, rows: usize) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(columns * rows * 3);
    for line in bytes.chunks_exact(columns.div_ceil(2) * 4) {
        for (n, pair) in line.chunks_exact(4).enumerate() {
            pixels.extend_from_slice(&[pair[0], pair[2], pair[3]]);
            if 2 * n + 1 < columns {
                pixels.extend_from_slice(&[pair[1], pair[2], pair[3]]);
            }
        }
    }
    pixels
}

/// Calls `take` with every sample of a frame in the common form.
pub fn for_each_sample(bytes: &[u8], kind: SampleType, mut take: impl FnMut(f64)) {
    match kind {
        SampleType::U8 => bytes.iter().for_each(|b| take(f64::from(*b))),
        SampleType::I8 => bytes.iter().for_each(|b| take(f64::from(b.cast_signed()))),
        SampleType::U16 => bytes.as_chunks().0.iter().for_each(|b| take(f64::from(u16::from_le_bytes(*b)))),
        SampleType::I16 => bytes.as_chunks().0.iter().for_each(|b| take(f64::from(i16::from_le_bytes(*b)))),
        SampleType::U32 => bytes.as_chunks().0.iter().for_each(|b| take(f64::from(u32::from_le_bytes(*b)))),
        SampleType::I32 => bytes.as_chunks().0.iter().for_each(|b| take(f64::from(i32::from_le_bytes(*b)))),
        SampleType::F32 => bytes.as_chunks().0.iter().for_each(|b| take(f64::from(f32::from_le_bytes(*b)))),
        SampleType::F64 => bytes.as_chunks().0.iter().for_each(|b| take(f64::from_le_bytes(*b))),
    }
}
