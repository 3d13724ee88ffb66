//! A folder of several files: sorted into series, measured, loaded as volume or pictures.
#![no_main]

use fovea_fuzz::{files_of, io, scratch, watch::watch};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: watch(), |data: &[u8]| {
    let folder = scratch::empty("series");
    for (n, file) in files_of(data).iter().enumerate() {
        std::fs::write(folder.join(n.to_string()), file).expect("room for temporary files");
    }
    let (progress, cancel) = Default::default();
    let catalog = io::open(&[folder], &progress, &cancel).expect("it exists");
    for key in catalog.series().map(|(_, series)| series.key()) {
        let _ = io::load_preview(&catalog, &key);
        if let Ok(loaded) = io::load_series(&catalog, &key, &progress, &cancel) {
            assert!(loaded.volume().is_some() || !loaded.pictures().is_empty(), "loaded, and nothing to see");
            (0..loaded.slices.len()).for_each(|k| drop(loaded.cite(k)));
        }
    }
});
