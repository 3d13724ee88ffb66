//! RT structure sets: regions listed, and filled to masks on the image that they were drawn on.
#![no_main]

use fovea_fuzz::io::{self, objects};
use fovea_fuzz::loaded::LoadedSeries;
use fovea_fuzz::study::Warnings;
use fovea_fuzz::{made, scratch, watch::watch};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static IMAGE: LazyLock<LoadedSeries> = LazyLock::new(made::ct);

fuzz_target!(init: watch(), |data: &[u8]| {
    let file = scratch::file("rtstruct.dcm", data);
    objects::read(&file, &mut Warnings::default()).summary();
    let _ = io::for_each_part(&file, Some(&IMAGE), &mut Warnings::default(), |part| {
        assert!(part.labelmap.geometry().same_grid(IMAGE.geometry().expect("a volume")));
    });
});
