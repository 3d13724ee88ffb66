//! Code streams to stored values: every codec is pure Rust.
//!
//! Decision: no C or C++ codec is linked. Files come from strangers, and a memory error in a codec is how a viewer is taken
//! over; a helper process would only contain that, and would cost an installation of its own. What serves what:
//!
//! | syntax | decoder |
//! | --- | --- |
//! | native, deflated | here (`io::pixels`), `flate2` with its Rust back end |
//! | RLE Lossless | [`rle`], ours |
//! | JPEG Baseline and Extended, 8 and 12 bits (.50, .51) | [`extended`], ours (T.81) |
//! | JPEG Lossless (.57, .70), and progressive streams | `jpeg-decoder` |
//! | JPEG-LS (.80, .81) | `jpegls`, ours (T.87) |
//! | JPEG 2000 (.90, .91) | `j2k`, ours (T.800), where it is lossless and plain; else `hayro-jpeg2000` |
//! | HTJ2K (.201, .202, .203) | `dicom-toolkit-jpeg2000` (its own block decoder; its port of OpenJPH gave wrong values) |
//! | JPEG XL (.110, .111, .112) | `jxl-oxide`; a recompressed JPEG goes back to JPEG first |
//! | Deflated frames (.8.1) | `flate2`, then as native |
//! | retired JPEG processes, 12-bit progressive, video, JPIP | refused with a sentence ([`syntax`]) |
//!
//! A stream whose own size differs from the header's is refused before anything is allocated for it. A codec that panics
//! is caught: that frame fails, nothing else.

pub mod extended;
mod j2k;
mod jpeg;
mod jpegls;
mod jpegxl;
mod markers;
pub mod rle;
mod syntax;
mod wavelet;

pub use syntax::{begins_stream, decodes_to_rgb, is_deflated_frame, is_encapsulated, is_lossy, keeps_cells};

use std::panic::{AssertUnwindSafe, catch_unwind};
use syntax::Codec;

/// Samples of a frame that any stream may claim: a mammogram of 5000 × 6000 has fewer. JPEG 2000 takes 18 bytes for each.
const FREE_SAMPLES: u64 = 1 << 25;
/// Samples that a byte may stand for in larger frames: photographs have some tens.
const MAX_SAMPLES_PER_BYTE: u64 = 100;
/// The same for all frames of an object together: a thousand masks of 512 × 512, and nearly empty ones beyond.
const FREE_SAMPLES_OF_ALL: u64 = 1 << 28;
const MAX_SAMPLES_PER_BYTE_OF_ALL: u64 = 10_000;

/// Why a frame could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Not among the syntaxes that we decode.
    #[error("transfer syntax {transfer_syntax} ({name}) is not supported: {reason}")]
    Unsupported {
        /// Its UID.
        transfer_syntax: String,
        /// What it is.
        name: &'static str,
        /// Why, and what to do.
        reason: &'static str,
    },
    /// The stream is damaged or uses what its decoder does not know.
    #[error("the {codec} stream cannot be decoded: {reason}")]
    Damaged {
        /// "JPEG", "JPEG-LS", …
        codec: &'static str,
        /// What its decoder says.
        reason: String,
    },
    /// The stream's own size is another one than the header's.
    #[error("the {codec} stream holds {found}, the header says {expected}")]
    Size {
        /// "JPEG", "JPEG-LS", …
        codec: &'static str,
        /// Columns × rows × samples in the stream.
        found: String,
        /// The same from the header.
        expected: String,
    },
    /// A large frame from next to nothing: decoders hold a frame several times over.
    #[error("{bytes} bytes cannot be trusted to hold {samples} samples: this is like a decompression bomb")]
    Growth {
        /// Bytes of the stream, or of all.
        bytes: u64,
        /// Columns × rows × samples, or of all frames.
        samples: u64,
    },
}

/// What the header says about a frame; a stream must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Columns (0028,0011).
    pub columns: usize,
    /// Rows (0028,0010).
    pub rows: usize,
    /// Samples per Pixel (0028,0002).
    pub samples: usize,
    /// Bits Allocated (0028,0100).
    pub bits_allocated: u16,
    /// Pixel Representation (0028,0103) is 1.
    pub signed: bool,
}

impl Expected {
    /// Samples in a frame.
    pub fn count(&self) -> usize {
        self.columns * self.rows * self.samples
    }

    fn check(&self, codec: &'static str, columns: usize, rows: usize, samples: usize) -> Result<(), CodecError> {
        if (columns, rows, samples) == (self.columns, self.rows, self.samples) {
            return Ok(());
        }
        Err(CodecError::Size {
            codec,
            found: format!("{columns} × {rows} × {samples}"),
            expected: format!("{} × {} × {}", self.columns, self.rows, self.samples),
        })
    }
}

/// Samples of one frame, pixel by pixel, as the stream holds them (before masking to Bits Stored).
pub fn decode(transfer_syntax: &str, stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    let codec = syntax::codec(transfer_syntax)?;
    check_growth(stream.len() as u64, expected.count() as u64)?;
    let decoded = catch_unwind(AssertUnwindSafe(|| match codec {
        Codec::Rle => rle::decode(stream, expected),
        Codec::Jpeg => jpeg::decode(stream, expected),
        Codec::JpegLs => jpeg::decode_ls(stream, expected),
        Codec::Jpeg2000 => wavelet::decode(stream, expected),
        Codec::Jpeg2000Part2 => wavelet::decode_part_2(stream, expected),
        Codec::JpegXl => jpegxl::decode(stream, expected),
        Codec::HtJ2k => wavelet::decode_ht(stream, expected),
    }));
    let samples = decoded.unwrap_or_else(|_| {
        Err(CodecError::Damaged { codec: "compressed", reason: "its decoder met a case that it does not know".into() })
    })?;
    if samples.len() != expected.count() {
        return Err(CodecError::Size {
            codec: "compressed",
            found: format!("{} samples", samples.len()),
            expected: format!("{} samples", expected.count()),
        });
    }
    Ok(samples)
}

/// Refuses a large frame from a stream that is far too short for it.
pub fn check_growth(bytes: u64, samples: u64) -> Result<(), CodecError> {
    let bomb = samples > FREE_SAMPLES && samples / MAX_SAMPLES_PER_BYTE > bytes;
    if bomb { Err(CodecError::Growth { bytes, samples }) } else { Ok(()) }
}

/// The same for all frames of an object: a thousand small bombs take as long as a large one.
pub fn check_growth_of_all(bytes: u64, samples: u64) -> Result<(), CodecError> {
    let bomb = samples > FREE_SAMPLES_OF_ALL && samples / MAX_SAMPLES_PER_BYTE_OF_ALL > bytes;
    if bomb { Err(CodecError::Growth { bytes, samples }) } else { Ok(()) }
}

fn damaged(codec: &'static str, reason: impl ToString) -> CodecError {
    CodecError::Damaged { codec, reason: reason.to_string() }
}
