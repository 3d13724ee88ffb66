//! What is remembered from one start to the next: keys, looks, recent studies, windows and layouts of the user's own.

use super::{DESIGN, Room, phantom};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use fovea::context::{Command, HangingCommand, UiCommand};
use fovea::render::Interpolation;
use fovea::settings::{self, Settings, UserPreset};
use std::path::Path;
use std::time::Duration;

/// Frames until what changed is written.
fn written(room: &mut Room) {
    std::thread::sleep(Duration::from_millis(3100));
    room.window.run_steps(2);
}

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("settings.toml")
}

#[test]
fn looks_keys_and_windows_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut room = Room::remembering(DESIGN, Some(file(folder.path())));
    room.command(UiCommand::ToggleSmooth);
    room.apply(Command::SetKeys(UiCommand::Invert, vec!["Ctrl+I".into()]));
    let preset = UserPreset { name: "Pancreas".into(), modality: "CT".into(), width: 250.0, level: 60.0, key: Some(7) };
    let settings = Settings { presets: vec![preset], ..settings::load(&file(folder.path())).settings };
    room.apply(Command::Settings(Box::new(settings)));
    written(&mut room);
    drop(room);

    let mut room = Room::remembering(DESIGN, Some(file(folder.path())));
    assert_eq!(room.window.state().view().interpolation, Interpolation::Cubic);
    room.window.state_mut().show_series(phantom::series());
    room.settle();
    room.key(Modifiers::NONE, Key::I);
    assert!(!room.axial().inverted, "the old key does nothing");
    room.key(Modifiers::CTRL, Key::I);
    assert!(room.axial().inverted, "the new one inverts");
    room.key(Modifiers::NONE, Key::Num7);
    let voi = room.axial().voi;
    assert_eq!((voi.width, voi.center), (250.0, 60.0), "the user's own window on its key");
}

#[test]
fn a_layout_is_kept_as_a_protocol_and_offered_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let study = super::layout::written_study();
    let mut room = Room::remembering(DESIGN, Some(file(folder.path())));
    room.apply(Command::Open(vec![study.path().to_owned()]));
    room.settle();
    room.apply(Command::SetGrid(1, 3));
    room.apply(Command::Hanging(HangingCommand::Save("Three in a row".into())));
    let kept = folder.path().join("hanging/three-in-a-row.toml");
    assert!(kept.is_file(), "{:?}", room.window.state().notices());
    written(&mut room);
    drop(room);

    let mut room = Room::remembering(DESIGN, Some(file(folder.path())));
    room.window.get_by_label("Recent");
    room.apply(Command::Open(vec![study.path().to_owned()]));
    room.settle();
    room.window.get_by_label("Layout").click();
    room.window.run_steps(3);
    assert!(room.window.query_all_by_label_contains("Three in a row").next().is_some());
}

#[test]
fn a_damaged_file_gives_the_defaults_and_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(file(folder.path()), "text_scale = [[[").expect("written");
    let room = Room::remembering(DESIGN, Some(file(folder.path())));
    let notices = room.window.state().notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
}
