//! Transfer syntaxes (PS3.5 section 10 and Annex A): which codec reads which, and why some are not read.

use super::CodecError;

const NATIVE: [&str; 5] =
    ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2", "1.2.840.113619.5.2"];

/// What encodes a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Rle,
    Jpeg,
    JpegLs,
    Jpeg2000,
    Jpeg2000Part2,
    HtJ2k,
    JpegXl,
}

/// The codec of a transfer syntax, or a sentence on why there is none.
pub(super) fn codec(transfer_syntax: &str) -> Result<Codec, CodecError> {
    let tail = transfer_syntax.strip_prefix("1.2.840.10008.1.2.").unwrap_or_default();
    Ok(match tail {
        "5" => Codec::Rle,
        "4.50" | "4.51" | "4.57" | "4.70" => Codec::Jpeg,
        "4.80" | "4.81" => Codec::JpegLs,
        "4.90" | "4.91" => Codec::Jpeg2000,
        "4.92" | "4.93" => Codec::Jpeg2000Part2,
        "4.110" | "4.111" | "4.112" => Codec::JpegXl,
        "4.201" | "4.202" | "4.203" => Codec::HtJ2k,
        _ => return Err(refused(transfer_syntax)),
    })
}

/// Why a transfer syntax is not read.
fn refused(transfer_syntax: &str) -> CodecError {
    let tail = transfer_syntax.strip_prefix("1.2.840.10008.1.2.").unwrap_or_default();
    let (name, reason) = match tail {
        "4.52" => ("JPEG Extended with arithmetic coding, processes 3 and 5", RETIRED),
        "4.53" => ("JPEG Spectral Selection, processes 6 and 8", RETIRED),
        "4.54" => ("JPEG Spectral Selection with arithmetic coding, processes 7 and 9", RETIRED),
        "4.55" => ("JPEG Full Progression, processes 10 and 12", RETIRED),
        "4.56" => ("JPEG Full Progression with arithmetic coding, processes 11 and 13", RETIRED),
        "4.58" => ("JPEG Lossless with arithmetic coding, process 15", RETIRED),
        "4.59" => ("JPEG Extended, Hierarchical, processes 16 and 18", RETIRED),
        "4.60" => ("JPEG Extended, Hierarchical with arithmetic coding, processes 17 and 19", RETIRED),
        "4.61" => ("JPEG Spectral Selection, Hierarchical, processes 20 and 22", RETIRED),
        "4.62" => ("JPEG Spectral Selection, Hierarchical with arithmetic coding, processes 21 and 23", RETIRED),
        "4.63" => ("JPEG Full Progression, Hierarchical, processes 24 and 26", RETIRED),
        "4.64" => ("JPEG Full Progression, Hierarchical with arithmetic coding, processes 25 and 27", RETIRED),
        "4.65" => ("JPEG Lossless, Hierarchical, process 28", RETIRED),
        "4.66" => ("JPEG Lossless, Hierarchical with arithmetic coding, process 29", RETIRED),
        "4.94" | "4.95" | "4.204" | "4.205" => {
            ("JPIP Referenced", "its pixels lie on a server; export the file with them")
        }
        "4.100" | "4.100.1" | "4.101" | "4.101.1" => ("MPEG-2 video", VIDEO),
        "4.102" | "4.102.1" | "4.103" | "4.103.1" | "4.104" | "4.104.1" | "4.105" | "4.105.1" | "4.106" | "4.106.1" => {
            ("MPEG-4 (H.264) video", VIDEO)
        }
        "4.107" | "4.108" => ("HEVC (H.265) video", VIDEO),
        "6.1" | "6.2" => ("a MIME or XML encapsulation", RETIRED),
        _ if tail.starts_with("7.") => ("SMPTE video over a network", VIDEO),
        _ => ("unknown", "convert the file to an uncompressed or JPEG 2000 syntax"),
    };
    CodecError::Unsupported { transfer_syntax: transfer_syntax.to_owned(), name, reason }
}

const RETIRED: &str = "it is retired from the standard; convert the file to an uncompressed or JPEG 2000 syntax";
const VIDEO: &str = "video is not decoded; export single frames or another syntax";

/// True for syntaxes whose pixels are fragments (PS3.5 A.4).
pub fn is_encapsulated(transfer_syntax: &str) -> bool {
    !NATIVE.contains(&transfer_syntax)
}

/// True for syntaxes that lose information (PS3.5 8.2).
pub fn is_lossy(transfer_syntax: &str) -> bool {
    matches!(
        transfer_syntax.strip_prefix("1.2.840.10008.1.2.4."),
        Some("50" | "51" | "53" | "55" | "81" | "91" | "93" | "203" | "111" | "112")
    )
}

/// True for syntaxes whose decoder turns every color into RGB, whatever the header calls it.
pub fn decodes_to_rgb(transfer_syntax: &str) -> bool {
    matches!(transfer_syntax, "1.2.840.10008.1.2.4.110" | "1.2.840.10008.1.2.4.112")
}

/// True for codecs that keep whole cells of Bits Allocated, whatever stands in them.
pub fn keeps_cells(transfer_syntax: &str) -> bool {
    transfer_syntax == "1.2.840.10008.1.2.5"
}

/// True for frames that are native pixels under Deflate (PS3.5 8.2.17, Deflated Image Frame Compression).
pub fn is_deflated_frame(transfer_syntax: &str) -> bool {
    transfer_syntax == "1.2.840.10008.1.2.8.1"
}

/// True when a code stream of any kind begins with these bytes: how frames are told apart without an offset table.
pub fn begins_stream(head: &[u8]) -> bool {
    matches!(
        head,
        // JPEG and JPEG-LS; JPEG 2000 alone and in boxes; JPEG XL alone and in boxes.
        [0xFF, 0xD8 | 0x0A, ..] | [0xFF, 0x4F, 0xFF, 0x51, ..] | [0, 0, 0, 0x0C, b'j' | b'J', b'P' | b'X', ..]
            // RLE: the number of segments, the first of which follows its header.
            | [1..=15, 0, 0, 0, 64, 0, 0, 0]
    )
}
