//! Code streams of every transfer syntax against the header that is said of them, and whole files through their pixels.
#![no_main]

use fovea_fuzz::io::{codec, pixels, summarize_pixels};
use fovea_fuzz::{WHOLE_FILE, frame_of, scratch, watch::watch};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: watch(), |data: &[u8]| {
    if let Some((&(WHOLE_FILE..), file)) = data.split_first() {
        // A failure is a sentence; anything worse ends the process.
        let _ = summarize_pixels(&scratch::file("x", file));
    } else if let Some((syntax, expected, stream)) = frame_of(data)
        && expected.count() <= pixels::MAX_FRAME_SAMPLES
        && let Ok(samples) = codec::decode(syntax, stream, expected)
    {
        assert_eq!(samples.len(), expected.count());
    }
});
