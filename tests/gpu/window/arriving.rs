//! A volume on screen while it is being read.

use super::{DESIGN, Room, phantom};
use fovea::app::App;
use fovea::context::{Arriving, Command, UiCommand};
use fovea::io::write::{Origin, SeriesDescription, WriteContext, write_volume_dicom};
use fovea::io::{self, load_slice, slices_of};
use fovea::jobs::{Cancel, Progress};
use fovea::loaded::{ImageData, LoadedSeries};
use fovea::study::Catalog;
use fovea::volume::Voi;
use std::path::Path;
use std::sync::Arc;

/// The phantom as DICOM files.
fn written(folder: &Path) -> Catalog {
    let source = phantom::series();
    let what = SeriesDescription {
        study: &source.study,
        series: &source.series,
        origin: Origin::Phantom,
        voi: Some(Voi::linear(40.0, 400.0)),
    };
    write_volume_dicom(folder, &what, source.volume().expect("a volume"), &WriteContext::default()).expect("written");
    io::open(&[folder.to_owned()], &Progress::default(), &Cancel::default()).expect("opens")
}

/// What is there of a series once its middle slice is.
fn early(catalog: &Catalog, key: &str) -> (LoadedSeries, Arriving) {
    let (study, series) = catalog.find_series(key).expect("listed");
    let (geometry, slices) = slices_of(series).expect("a regular volume");
    let (middle, voi_choices) = load_slice(catalog, key, 20).expect("decodes");
    let mut arriving = Arriving::new(geometry);
    arriving.insert(20, Some(Arc::new(middle)), 20);
    let image = ImageData::Pictures(Vec::new());
    let (study, series) = (Arc::new(study.clone()), Arc::new(series.clone()));
    let header_voi = voi_choices.first().map(|choice| choice.voi);
    (LoadedSeries { study, series, image, slices: slices.into(), header_voi, voi_choices }, arriving)
}

fn slice_is_there(app: &App) -> bool {
    let shown = app.shown().expect("a series");
    let k = shown.slice_at(app.view().reading_sight().expect("a place").crosshair_lps).expect("a grid");
    shown.volume_at(k).is_some()
}

#[test]
fn slices_are_shown_while_the_rest_is_read_and_the_volume_takes_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let catalog = written(folder.path());
    let key = catalog.series().map(|(_, series)| series.key()).next().expect("a series");
    let mut room = Room::empty(DESIGN);
    room.window.state_mut().open(vec![folder.path().to_owned()]);
    room.settle();
    let whole = room.window.state().shown().expect("loaded").loaded.clone();

    let (loaded, arriving) = early(&catalog, &key);
    room.window.state_mut().show_arriving(loaded, arriving);
    room.window.run_steps(3);
    let app = room.window.state();
    assert!(!app.shown().expect("a series").complete && app.case().is_none(), "nothing can be measured or written yet");
    assert_eq!(app.shown().expect("a series").loaded.volume(), None);
    assert!(slice_is_there(app), "the first slice is shown");
    room.settle();
    room.snapshot("arriving");

    // Slices that were asked for arrive, wherever the reader goes.
    for _ in 0..3 {
        room.scroll_axial(6);
        room.settle();
        assert!(slice_is_there(room.window.state()));
    }
    room.command(UiCommand::LastSlice);
    room.settle();
    assert!(slice_is_there(room.window.state()));
    let viewport = room.axial().id;
    room.apply(Command::SetVoi(viewport, Voi::linear(-600.0, 1500.0)));
    assert!(room.sight().seen.is_empty(), "what is incomplete was not seen");

    let (place, voi) = (room.crosshair(), room.axial().voi);
    room.window.state_mut().show_series(whole);
    room.settle();
    let app = room.window.state();
    assert!(app.shown().expect("a series").complete && app.case().is_some());
    assert_eq!(
        (
            app.view().reading_sight().expect("a place").crosshair_lps,
            app.view().active_viewport().expect("a viewport").voi
        ),
        (place, voi),
        "the reader's slice and window stay"
    );
    assert_eq!(app.view().reading_sight().expect("a place").seen.len(), 1, "the slice on screen counts now");
}
