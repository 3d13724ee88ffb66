//! One file as anything: listed, its elements shown, its content read for what it is.
#![no_main]

use fovea_fuzz::io::{self, content_tree::Document, elements, measurement_groups, objects};
use fovea_fuzz::loaded::LoadedSeries;
use fovea_fuzz::study::Warnings;
use fovea_fuzz::{made, scratch, watch::watch};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static IMAGE: LazyLock<LoadedSeries> = LazyLock::new(made::ct);

fuzz_target!(init: watch(), |data: &[u8]| {
    let file = scratch::file("x", data);
    let catalog = io::open(std::slice::from_ref(&file), &Default::default(), &Default::default()).expect("it exists");
    assert!(!catalog.studies.is_empty() || !catalog.unreadable.is_empty(), "a file was left out in silence");
    if let Ok(listing) = elements::list(&file, true) {
        elements::compare(&listing.lines, &listing.lines[listing.lines.len() / 2..]);
        listing.lines.iter().for_each(|line| drop((line.label(), line.name())));
    }
    let object = objects::read(&file, &mut Warnings::default());
    object.summary();
    objects::maps_of_image(&file);
    match object {
        objects::Object::Report(document) => read_report(&document),
        objects::Object::Presentation(state) => {
            for image in &state.images {
                state.drawings_on(&image.sop_instance_uid, 1);
                state.window(&image.sop_instance_uid, 1);
            }
        }
        _ => {}
    }
});

fn read_report(document: &Document) {
    document.root.lines();
    measurement_groups::groups(document);
    measurement_groups::findings_on(document, &IMAGE, &mut Warnings::default());
}
