//! NIfTI, NRRD and MetaImage, by name and content: listed, loaded, summed up, read as masks.
#![no_main]

use fovea_fuzz::{VOXEL_FILES, io, scratch, watch::watch};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: watch(), |data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else { return };
    // In a folder of its own: a header may name files beside it.
    let file = scratch::empty("voxels").join(VOXEL_FILES[usize::from(*kind) % VOXEL_FILES.len()]);
    std::fs::write(&file, bytes).expect("room for temporary files");
    let (progress, cancel) = Default::default();
    let catalog = io::open(std::slice::from_ref(&file), &progress, &cancel).expect("it exists");
    for key in catalog.series().map(|(_, series)| series.key()) {
        let _ = io::load_preview(&catalog, &key);
        let _ = io::load_series(&catalog, &key, &progress, &cancel);
    }
    let _ = io::summarize_pixels(&file);
    let _ = io::read_segmentation(&file, None);
});
