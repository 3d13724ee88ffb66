//! The tag browser: it follows the image on screen, finds, compares, and shows only rows that can be seen.

use super::{DESIGN, Room, phantom};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use fovea::context::{Command, Partner, UiCommand};
use fovea::io::write::{Origin, SeriesDescription, WriteContext, write_volume_dicom};
use tempfile::TempDir;

/// The phantom as files, opened, with the browser on.
fn room() -> (Room, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let phantom = phantom::series();
    let what = SeriesDescription { study: &phantom.study, series: &phantom.series, origin: Origin::Phantom, voi: None };
    let time = jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC);
    let context = WriteContext { time, ..WriteContext::default() };
    write_volume_dicom(folder.path(), &what, phantom.volume().expect("a volume"), &context).expect("written");
    let mut room = Room::empty(DESIGN);
    room.window.state_mut().open(vec![folder.path().to_owned()]);
    room.settle();
    room.key(Modifiers::NONE, Key::T);
    room.settle();
    (room, folder)
}

#[test]
fn the_browser_follows_the_image_on_screen() {
    let (mut room, _folder) = room();
    assert!(room.window.query_by_label_contains("(0008,0018) SOP Instance UID").is_some());
    assert!(room.window.query_all_by_label_contains("(00").count() < 40, "only rows that can be seen");
    let title = |room: &Room| room.window.state().tags().and_then(|tags| Some(tags.listed.as_ref()?.title.clone()));
    let before = title(&room);
    room.scroll_axial(3);
    room.settle();
    assert!(before.is_some() && title(&room).is_some() && title(&room) != before, "{before:?}");
    room.command(UiCommand::Tags);
    assert!(room.window.query_by_label_contains("(0008,0018)").is_none(), "closed again");
}

#[test]
fn elements_are_found_and_compared() {
    let (mut room, _folder) = room();
    room.window.get_by_label("Search data elements").type_text("position");
    room.window.run_steps(3);
    assert!(room.window.query_by_label_contains("(0008,0018)").is_none());
    room.apply(Command::CompareTags(Partner::Next));
    room.settle();
    room.window.get_by_label_contains("(0020,0032) Image Position Patient changed").click();
    room.window.run_steps(3);
    room.window.get_by_label("Copy the value").click();
    room.window.run_steps(1);
    room.snapshot("tags");
}

#[test]
fn a_series_without_files_says_so() {
    let mut room = Room::with_phantom(DESIGN);
    room.command(UiCommand::Tags);
    room.settle();
    room.window.get_by_label("No file of this series is on screen.");
}
