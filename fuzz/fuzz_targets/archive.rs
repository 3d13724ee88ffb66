//! ZIP, tar and compressed files: unpacked, and what is inside is listed. Nothing may appear outside.
#![no_main]

use fovea_fuzz::{ARCHIVES, io, scratch, watch::watch};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: watch(), |data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else { return };
    let folder = scratch::empty("archive");
    let file = folder.join(ARCHIVES[usize::from(*kind) % ARCHIVES.len()]);
    std::fs::write(&file, bytes).expect("room for temporary files");
    let catalog = io::open(std::slice::from_ref(&file), &Default::default(), &Default::default()).expect("it exists");
    for (_, series) in catalog.series() {
        series.instances.iter().for_each(|i| assert!(catalog.path(i).starts_with(scratch::tmp()), "read from outside"));
    }
    drop(catalog);
    assert_eq!(std::fs::read_dir(&folder).expect("it exists").count(), 1, "something was left beside the archive");
});
