//! Two series in one picture, links between them, and verified views.

use super::{DESIGN, Room, phantom};
use fovea::context::{Command, LinkCommand, UiCommand, Use, ViewKind};
use fovea::geometry::Orientation;
use fovea::io::write::{Origin, SeriesDescription, WriteContext, write_volume_dicom};
use std::path::Path;

fn verified(room: &Room) -> Option<(bool, String)> {
    let view = room.window.state().view();
    view.verified.get(&view.active).map(|found| (found.failed, found.words.clone()))
}

#[test]
fn a_plane_and_a_projection_are_verified() {
    let mut room = Room::with_phantom(DESIGN);
    for kind in [ViewKind::Plane(Orientation::Axial), ViewKind::Mip] {
        let viewport = room.view_of(kind).id;
        room.apply(Command::Activate(viewport));
        room.finish_pictures();
        room.command(UiCommand::VerifyView);
        room.settle();
        let (failed, words) = verified(&room).expect("a result");
        assert!(!failed && words.contains("0 pixels beyond 1"), "{}: {words}", kind.name());
    }
}

#[test]
fn without_a_prior_the_key_says_so() {
    let mut room = Room::with_phantom(DESIGN);
    let before = room.axial().series.clone();
    room.command(UiCommand::PriorHere);
    assert_eq!(room.axial().series, before);
    assert!(room.window.state().notices().iter().any(|notice| notice.text.contains("no earlier study")));
}

/// The phantom as DICOM, in a study of its own day.
fn write(folder: &Path, uid: &str, day: &str) {
    let source = phantom::series();
    let (mut study, mut series) = ((*source.study).clone(), (*source.series).clone());
    (study.uid, study.date) = (uid.into(), day.into());
    series.uid = format!("{uid}.1");
    series.frame_of_reference_uid = format!("{uid}.9");
    let what = SeriesDescription { study: &study, series: &series, origin: Origin::Phantom, voi: None };
    let volume = source.volume().expect("a volume");
    write_volume_dicom(folder, &what, volume, &WriteContext::default()).expect("written");
}

#[test]
fn a_prior_comes_by_a_key_and_is_registered() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, uid, day) in [("now", "1.2.7", "20260102"), ("before", "1.2.8", "20250302")] {
        write(&folder.path().join(name), uid, day);
    }
    let mut room = Room::empty(DESIGN);
    room.apply(Command::Open(vec![folder.path().to_owned()]));
    room.settle();
    let current = room.window.state().view().reading.clone().expect("a series");
    room.command(UiCommand::PriorBeside);
    room.settle();
    let state = room.window.state();
    let prior = state.view().layout.viewports().find_map(|v| v.series.clone().filter(|key| *key != current));
    let prior = prior.unwrap_or_else(|| panic!("no prior: {:?}", state.notices()));
    room.apply(Command::Link(LinkCommand::Register { fixed: current, moving: prior }));
    room.settle();
    let pair = room.window.state().view().linking.pairs.first().cloned();
    let pair = pair.unwrap_or_else(|| panic!("no map: {:?}", room.window.state().notices()));
    assert!(pair.state != Use::Failed, "{:?}", pair.reasons);
    let moved = pair.moving_from_fixed.translation.length();
    assert!(moved < 3.0, "the same picture lies where it lies: {moved} mm");
}
