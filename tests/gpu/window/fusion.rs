//! Two series in one picture, links between them, and verified views.

use super::{DESIGN, Room};
use egui::{Modifiers, PointerButton};
use fovea::context::UiCommand;

fn verified(room: &Room) -> Option<(bool, String)> {
    let view = room.window.state().view();
    view.verified.get(&view.active).map(|found| (found.failed, found.words.clone()))
}

#[test]
fn a_plane_and_a_projection_are_verified() {
    let mut room = Room::with_phantom(DESIGN);
    for name in ["axial viewport", "3D maximum intensity viewport"] {
        let at = room.viewport(name).center();
        room.drag(PointerButton::Middle, at, at);
        room.wheel(at, -1.0, Modifiers::CTRL);
        room.finish_pictures();
        room.command(UiCommand::VerifyView);
        room.settle();
        let (failed, words) = verified(&room).expect("a result");
        assert!(!failed && words.contains("0 pixels beyond 1"), "{name}: {words}");
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
