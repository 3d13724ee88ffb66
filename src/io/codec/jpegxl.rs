//! JPEG XL (ISO/IEC 18181) by `jxl-oxide`: gray and RGB, up to 24 bits, lossless and lossy.
//!
//! A recompressed JPEG (.111) is turned back into that JPEG, byte by byte, and decoded as one: the samples are those that the
//! original gave, in its color space. All else comes out as gray or RGB.

use super::{CodecError, Expected, damaged, jpeg};
use jxl_oxide::image::BitDepth;
use jxl_oxide::{AllocTracker, InitializeResult, JpegReconstructionStatus, JxlImage};

const CODEC: &str = "JPEG XL";
/// Bytes that decoding may take: for each sample, beside that, and at most.
const BYTES_PER_SAMPLE: usize = 48;
const BYTES_BASE: usize = 64 << 20;
const BYTES_MOST: usize = 768 << 20;
/// What a 32-bit float holds exactly.
const MAX_BITS: u32 = 24;

/// Decodes one frame.
pub(super) fn decode(stream: &[u8], expected: Expected) -> Result<Vec<i32>, CodecError> {
    let image = open(stream, expected)?;
    if matches!(image.jpeg_reconstruction_status(), JpegReconstructionStatus::Available) {
        let mut original = Vec::new();
        image.reconstruct_jpeg(&mut original).map_err(|e| damaged(CODEC, e))?;
        return jpeg::decode(&original, expected);
    }
    let bits = match image.image_header().metadata.bit_depth {
        BitDepth::IntegerSample { bits_per_sample: bits @ 1..=MAX_BITS } => bits,
        other => return Err(damaged(CODEC, format!("samples of {} bits are not supported", other.bits_per_sample()))),
    };
    let render = image.render_frame(0).map_err(|e| damaged(CODEC, e))?;
    // An alpha plane that the header does not count is left out.
    let mut pixels = if expected.samples == 4 { render.stream() } else { render.stream_no_alpha() };
    let found = (pixels.width() as usize, pixels.height() as usize, pixels.channels() as usize);
    expected.check(CODEC, found.0, found.1, found.2)?;
    let mut values = vec![0f32; expected.count()];
    if pixels.write_to_buffer(&mut values) != values.len() {
        return Err(damaged(CODEC, "it ends early"));
    }
    let top = ((1u32 << bits) - 1) as f32;
    Ok(values.into_iter().map(|v| (v * top).round().clamp(0.0, top) as i32).collect())
}

/// Reads the stream; its size is compared before any pixel is decoded.
fn open(stream: &[u8], expected: Expected) -> Result<JxlImage, CodecError> {
    let limit = expected.count().saturating_mul(BYTES_PER_SAMPLE).saturating_add(BYTES_BASE).min(BYTES_MOST);
    let mut waiting = JxlImage::builder().alloc_tracker(AllocTracker::with_limit(limit)).build_uninit();
    let mut used = waiting.feed_bytes(stream).map_err(|e| damaged(CODEC, e))?;
    let mut image = match waiting.try_init().map_err(|e| damaged(CODEC, e))? {
        InitializeResult::Initialized(image) => image,
        InitializeResult::NeedMoreData(_) => return Err(damaged(CODEC, "it ends in its header")),
    };
    expected.check(CODEC, image.width() as usize, image.height() as usize, expected.samples)?;
    while used < stream.len() && !image.is_loading_done() {
        match image.feed_bytes(&stream[used..]).map_err(|e| damaged(CODEC, e))? {
            0 => break,
            more => used += more,
        }
    }
    image.finalize().map_err(|e| damaged(CODEC, e))?;
    Ok(image)
}
