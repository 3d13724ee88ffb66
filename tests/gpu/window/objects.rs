//! Objects that are no images: opened from the list, read, and laid over the pictures.

use super::{DESIGN, Room, phantom};
use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use fovea::context::{Command, ObjectCommand, Tab, UiCommand};
use fovea::findings::FindingState;
use fovea::io::write::{Origin, SeriesDescription, WriteContext, write_segmentation_dicom, write_volume_dicom};
use fovea::jobs::{Cancel, Progress};
use fovea::volume::Voi;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The shared data beside the project, or `None` after saying loudly that a test is skipped.
fn shared() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if root.join("objects/lung_dx_a0001").is_dir() {
        return Some(root);
    }
    eprintln!("SKIPPED: {} is missing; this test needs the shared data beside the project", root.display());
    None
}

/// A CT with what other systems made of it.
fn room(size: egui::Vec2) -> Option<Room> {
    let data = shared()?;
    let mut room = Room::empty(size);
    room.apply(Command::Open(vec![data.join("ct/lung_dx_a0001"), data.join("objects/lung_dx_a0001")]));
    room.settle();
    Some(room)
}

/// Clicks the button that begins like this, and waits.
fn open(room: &mut Room, start: &str) {
    room.window.get_by_role_and_label(Role::Button, &label_of(room, start)).click();
    room.window.run_steps(3);
    room.settle();
}

/// The whole label of the button that begins like this.
fn label_of(room: &Room, start: &str) -> String {
    let label = |node: egui_kittest::Node<'_>| node.accesskit_node().label();
    let mut all = room.window.get_all_by_role(Role::Button).filter_map(label);
    all.find(|label| label.starts_with(start)).unwrap_or_else(|| panic!("no button begins with {start:?}"))
}

fn says(room: &Room, text: &str) -> bool {
    room.window.query_all_by_label_contains(text).next().is_some()
}

#[test]
fn a_report_is_a_tree_and_its_measurements_become_proposals() {
    let Some(mut room) = room(DESIGN) else { return };
    open(&mut room, "Series Structured report");
    assert!(says(&room, "Finding: Mass"));
    assert!(says(&room, "58.08"), "numbers as they are written");
    open(&mut room, "Take 3 measurements as findings");
    let findings = room.window.state().case().expect("a case").findings();
    assert_eq!(findings.len(), 3);
    assert!(
        findings.iter().all(|f| f.state == FindingState::Proposed && f.reviewer.is_empty() && !f.evidence.is_empty())
    );
    assert!(!says(&room, "Take 3"), "they are taken once");
    room.command(UiCommand::Undo);
    assert!(room.window.state().case().expect("a case").findings().is_empty());
    room.window.get_by_label("Find in the report").click();
    room.window.run_steps(2);
    room.window.get_by_label("Find in the report").type_text("diameter");
    room.window.run_steps(3);
    assert!(says(&room, "Diameter") && !says(&room, "Finding: Mass"));
    room.key(Modifiers::NONE, Key::Escape);
    assert!(!says(&room, "Find in the report"), "Escape closes the view");
}

#[test]
fn key_images_lead_to_their_image_and_pages_are_shown() {
    let Some(mut room) = room(DESIGN) else { return };
    open(&mut room, "Series Key objects");
    let before = room.crosshair();
    open(&mut room, "Show 5mm, series 3, image 62");
    let after = room.crosshair();
    assert_eq!((before.x, before.y), (after.x, after.y), "only the slice changes");
    assert_ne!(before.z, after.z);
    open(&mut room, "Series PDF");
    assert!(says(&room, "Page 1 of "));
    assert!(room.window.query_by_role_and_label(Role::Image, "Page 1").is_some(), "the page is drawn");
}

#[test]
fn masks_and_contours_are_laid_over_the_ct_and_taken_back() {
    let Some(mut room) = room(DESIGN) else { return };
    for row in ["Series Segmentation: SEG binary", "Series RT structure set"] {
        open(&mut room, row);
        open(&mut room, "Show on ");
        let masks = room.window.state().case().and_then(|case| case.segmentation()).expect("masks");
        assert!(!masks.segments.is_empty(), "{row}: {:?}", room.window.state().notices());
        assert!(masks.segments.iter().all(|segment| !segment.algorithm_name.is_empty()), "their source is named");
        assert!(room.painted_voxels() > 0, "{row}");
        assert_eq!(room.window.state().view().tab, Tab::Findings);
        room.command(UiCommand::Undo);
        assert_eq!(room.painted_voxels(), 0);
        room.apply(Command::Object(ObjectCommand::Close));
    }
}

#[test]
fn a_presentation_state_is_put_on_its_image_and_taken_off() {
    let Some(mut room) = room(DESIGN) else { return };
    let viewport = room.axial().id;
    room.apply(Command::SetVoi(viewport, Voi::linear(-600.0, 1500.0)));
    open(&mut room, "Series Presentation state");
    assert!(says(&room, "PR1"));
    room.apply(Command::Object(ObjectCommand::Close));
    let window = |room: &Room| room.window.query_all_by_label_contains("W 400 L 40").next().is_some();
    assert!(window(&room), "its window, {:?}", room.window.state().notices());
    room.command(UiCommand::TogglePresentation);
    assert!(!window(&room), "the reader's own is back");
    room.command(UiCommand::TogglePresentation);
    room.scroll_axial(3);
    assert!(!window(&room), "other images are as they were");
}

/// The phantom and a mask of it as files, opened; only the first `slices` files of the phantom are left.
fn opened(slices: usize) -> (Room, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let phantom = phantom::series();
    let what = SeriesDescription { study: &phantom.study, series: &phantom.series, origin: Origin::Phantom, voi: None };
    let context = WriteContext::default();
    write_volume_dicom(folder.path(), &what, phantom.volume().expect("a volume"), &context).expect("written");
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let catalog = fovea::io::open(&[folder.path().to_owned()], &progress, &cancel).expect("opens");
    let (_, series) = catalog.series().next().expect("a series");
    let loaded = fovea::io::load_series(&catalog, &series.key(), &progress, &cancel).expect("loads");
    let masks = phantom::proposal(&loaded).segmentation.expect("masks");
    write_segmentation_dicom(&folder.path().join("mask.dcm"), &loaded, &masks, &context).expect("written");
    for instance in &series.instances[slices..] {
        std::fs::remove_file(catalog.path(instance)).expect("removed");
    }
    let mut room = Room::empty(DESIGN);
    room.apply(Command::Open(vec![folder.path().to_owned()]));
    room.settle();
    (room, folder)
}

#[test]
fn masks_of_a_file_keep_their_name_and_color() {
    let (mut room, _folder) = opened(40);
    open(&mut room, "Series Segmentation");
    assert!(says(&room, "Lesion 1"));
    open(&mut room, "Show on ");
    let masks = room.window.state().case().and_then(|case| case.segmentation()).expect("masks");
    let [segment] = masks.segments.as_slice() else { panic!("{:?}", room.window.state().notices()) };
    assert_eq!(
        (segment.label.as_str(), segment.algorithm_name.as_str()),
        ("Lesion 1", "test-rules 1 (rules, no network)")
    );
    assert!(room.window.state().view().ai_shown, "they were asked for");
    assert!(room.painted_voxels() > 0);
    assert!(room.window.state().case().expect("a case").searches().is_empty(), "nothing was searched here");
}

#[test]
fn masks_that_do_not_fit_are_refused_with_a_sentence() {
    let (mut room, _folder) = opened(12);
    open(&mut room, "Series Segmentation");
    open(&mut room, "Show on ");
    let notices = room.window.state().notices();
    assert!(notices.iter().any(|n| n.text.contains("was not laid over the image")), "{notices:?}");
    assert_eq!(room.painted_voxels(), 0);
}
