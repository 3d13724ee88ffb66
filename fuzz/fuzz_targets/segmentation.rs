//! DICOM SEG (binary, fractional, label map), with and without the image that it was made on.
#![no_main]

use fovea_fuzz::loaded::LoadedSeries;
use fovea_fuzz::study::Warnings;
use fovea_fuzz::{io, made, scratch, watch::watch};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static IMAGE: LazyLock<LoadedSeries> = LazyLock::new(made::ct);

fuzz_target!(init: watch(), |data: &[u8]| {
    let file = scratch::file("seg.dcm", data);
    let _ = io::read_segmentation(&file, None);
    let _ = io::for_each_part(&file, Some(&IMAGE), &mut Warnings::default(), |part| {
        assert!(part.labelmap.geometry().len() <= 1 << 30);
    });
});
