//! A slice before its volume is there: the same values in the same place.

use super::{catalog, made};
use fovea::context::Arriving;
use fovea::geometry::DVec3;
use fovea::io::{self, load_series, load_slice, slices_of};
use fovea::jobs::{Cancel, Progress, in_background};
use std::sync::Arc;

#[test]
fn one_slice_is_what_the_volume_has_there() {
    let Some(shared) = crate::common::shared() else { return };
    for name in ["ct/lung_dx_a0001", "ct/totalseg_abdomen_j2k", "pet", "mr"] {
        let listed = catalog(&shared.join("data").join(name));
        for (_, series) in listed.series().filter(|(_, series)| slices_of(series).is_some()) {
            let key = series.key();
            let loaded = load_series(&listed, &key, &Progress::default(), &Cancel::default()).expect("loads");
            let volume = loaded.volume().expect("a volume");
            let slices = volume.dims()[2];
            for k in [0, slices / 3, slices - 1] {
                let (slice, windows) = load_slice(&listed, &key, k).expect("decodes");
                let place = volume.geometry().point_lps(DVec3::new(0.0, 0.0, k as f64));
                assert!(slice.geometry().origin_lps().distance(place) < 0.05, "{name}, slice {k}");
                assert_eq!(slice.to_values(), volume.slice_values(k), "{name}, slice {k}");
                assert_eq!(slice.unit(), volume.unit(), "{name}, slice {k}");
                assert_eq!(windows.len(), loaded.voi_choices.len(), "{name}, slice {k}");
            }
            assert_eq!(*slices_of(series).expect("as before").1, *loaded.slices, "{name}");
        }
    }
}

#[test]
fn what_has_no_grid_of_its_own_gives_no_slices() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, z) in [("a", 0), ("b", 10), ("c", 30)] {
        std::fs::write(folder.path().join(name), made::ct(8, 6, z, true, true)).expect("written");
    }
    let listed = catalog(folder.path());
    let (_, series) = listed.series().next().expect("a series");
    assert_eq!(slices_of(series), None, "an uneven stack");
    assert!(load_slice(&listed, &series.key(), 0).is_err());
}

#[test]
fn slices_wait_in_bounded_memory_around_the_reader() {
    let folder = tempfile::tempdir().expect("a folder");
    for k in 0..40 {
        std::fs::write(folder.path().join(format!("{k:02}")), made::ct(2000, 1000, 2 * k, true, true))
            .expect("written");
    }
    let listed = catalog(folder.path());
    let (_, series) = listed.series().next().expect("a series");
    let (geometry, _) = slices_of(series).expect("regular");
    let mut arriving = Arriving::new(geometry);
    assert_eq!(arriving.missing_around(20)[0], 20, "what is looked at comes first");
    let slice = Arc::new(load_slice(&listed, &series.key(), 20).expect("decodes").0);
    arriving.insert(20, Some(Arc::clone(&slice)), 20);
    assert_eq!(arriving.missing_around(20), [19, 21, 18, 22, 17, 23, 16, 24]);
    (0..40).for_each(|k| arriving.insert(k, Some(Arc::clone(&slice)), 30));
    assert_eq!((0..40).filter(|&k| arriving.slice(k).is_some()).count(), 10, "the rest made room");
    assert!(arriving.missing_around(30).is_empty(), "those around the reader stay");
    arriving.insert(39, None, 38);
    assert!(arriving.slice(39).is_none() && !arriving.missing_around(39).contains(&39), "not asked for twice");
}

#[test]
fn background_threads_do_the_same_work() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, z) in [("a", 0), ("b", 10), ("c", 20)] {
        std::fs::write(folder.path().join(name), made::ct(8, 6, z, true, true)).expect("written");
    }
    let listed = catalog(folder.path());
    let load = || load_series(&listed, "1.2.3.5", &Progress::default(), &Cancel::default()).expect("loads");
    assert_eq!(in_background(load).volume(), load().volume());
    let cancel = Cancel::default();
    cancel.cancel();
    let stopped = in_background(|| load_series(&listed, "1.2.3.5", &Progress::default(), &cancel));
    assert!(matches!(stopped, Err(io::LoadError::Cancelled)));
}
