//! Code streams to stored values: every codec is pure Rust.
//!
//! Decision: no C or C++ codec is linked. Files come from strangers, and a memory error in a codec is how a viewer is taken
//! over; a helper process would only contain that, and would cost an installation of its own. The price is speed
//! (JPEG 2000 takes about twice as long as in `OpenJPEG`). What serves what:
//!
//! | syntax | decoder |
//! | --- | --- |
//! | native, deflated | here (`io::pixels`), `flate2` with its Rust back end |
//! | RLE Lossless | [`rle`], ours |
//! | JPEG Baseline and Extended, 8 and 12 bits (.50, .51) | [`extended`], ours (T.81) |
//! | JPEG Lossless (.57, .70), and progressive streams | `jpeg-decoder` |
//! | JPEG-LS (.80, .81) | `jpegls`, ours (T.87) |
//! | JPEG 2000 (.90, .91) | `hayro-jpeg2000` |
//! | HTJ2K (.201, .202, .203) | `dicom-toolkit-jpeg2000` (its own block decoder; its port of OpenJPH gave wrong values) |
//! | JPEG processes 6–8, 10–12 (.53, .55; retired), JPEG XL, MPEG | refused with a sentence |
//!
//! A stream whose own size differs from the header's is refused before anything is allocated for it. A codec that panics
//! is caught: that frame fails, nothing else.

pub mod extended;
mod jpeg;
mod jpegls;
pub mod rle;
mod wavelet;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a frame could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Not among the syntaxes that we decode.
    #[error("transfer syntax {0} is not supported; convert the file to an uncompressed or JPEG 2000 syntax")]
    Unsupported(String),
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

/// What encodes a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Rle,
    Jpeg,
    JpegLs,
    Jpeg2000,
    HtJ2k,
}

fn codec(transfer_syntax: &str) -> Option<Codec> {
    let tail = transfer_syntax.strip_prefix("1.2.840.10008.1.2.")?;
    Some(match tail {
        "5" => Codec::Rle,
        "4.50" | "4.51" | "4.57" | "4.70" => Codec::Jpeg,
        "4.80" | "4.81" => Codec::JpegLs,
        "4.90" | "4.91" | "4.92" | "4.93" => Codec::Jpeg2000,
        "4.201" | "4.202" | "4.203" => Codec::HtJ2k,
        _ => return None,
    })
}

/// True for syntaxes whose pixels are fragments (PS3.5 A.4).
pub fn is_encapsulated(transfer_syntax: &str) -> bool {
    !matches!(
        transfer_syntax,
        "1.2.840.10008.1.2"
            | "1.2.840.10008.1.2.1"
            | "1.2.840.10008.1.2.1.99"
            | "1.2.840.10008.1.2.2"
            | "1.2.840.113619.5.2"
    )
}

/// True for syntaxes that lose information (PS3.5 8.2).
pub fn is_lossy(transfer_syntax: &str) -> bool {
    matches!(
        transfer_syntax.strip_prefix("1.2.840.10008.1.2.4."),
        Some("50" | "51" | "53" | "55" | "81" | "91" | "93" | "203" | "112" | "113")
    )
}

/// True when a code stream of this kind begins with these bytes: how frames are told apart without an offset table.
pub fn begins_stream(head: &[u8]) -> bool {
    matches!(head, [0xFF, 0xD8, ..] | [0xFF, 0x4F, 0xFF, 0x51, ..] | [0, 0, 0, 0x0C, b'j', b'P', ..])
}

/// Samples of one frame, pixel by pixel, as the stream holds them (before masking to Bits Stored).
pub fn decode(transfer_syntax: &str, stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    let codec = codec(transfer_syntax).ok_or_else(|| CodecError::Unsupported(transfer_syntax.to_owned()))?;
    let decoded = catch_unwind(AssertUnwindSafe(|| match codec {
        Codec::Rle => rle::decode(stream, expected),
        Codec::Jpeg => jpeg::decode(stream, expected),
        Codec::JpegLs => jpeg::decode_ls(stream, expected),
        Codec::Jpeg2000 => wavelet::decode(stream, expected),
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

fn damaged(codec: &'static str, reason: impl ToString) -> CodecError {
    CodecError::Damaged { codec, reason: reason.to_string() }
}
