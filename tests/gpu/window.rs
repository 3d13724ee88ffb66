//! The real window without a display: open, scroll, paint, undo, edit, reject, sign, export, and pictures of it.

mod arriving;
mod fusion;
mod layout;
mod measures;
mod objects;
mod phantom;
mod pictures;
mod remembered;
mod sides;
mod solid;
mod tags;

use egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, Role, TouchPhase, Vec2, vec2,
};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotOptions};
use fovea::app::App;
use fovea::context::{Command, ExportKind, PlaneAxes, Sight, Tab, Tool, UiCommand, ViewKind, Viewport};
use fovea::findings::FindingState;
use fovea::geometry::{DVec3, Orientation};
use fovea::reading::Found;
use fovea::report::SentenceMark;
use std::time::{Duration, Instant};

const DESIGN: Vec2 = vec2(1440.0, 900.0);

/// The window in a room of its own, with journals in a folder that goes away.
struct Room {
    window: Harness<'static, App>,
    _journals: tempfile::TempDir,
}

impl Room {
    fn empty(size: Vec2) -> Self {
        Self::remembering(size, None)
    }

    /// One that remembers in a file.
    fn remembering(size: Vec2, settings: Option<std::path::PathBuf>) -> Self {
        // What tests look for is said in English, whatever the system speaks.
        fovea::words::choose("en");
        let journals = tempfile::tempdir().expect("a temporary folder");
        let folder = journals.path().to_owned();
        let window = Harness::builder()
            .with_size(size)
            .with_max_steps(64)
            .wgpu()
            .build_eframe(move |cc| App::with_folders(cc, folder, settings));
        let mut room = Self { window, _journals: journals };
        room.settle();
        room
    }

    fn with_phantom(size: Vec2) -> Self {
        let mut room = Self::empty(size);
        room.window.state_mut().show_series(phantom::series());
        room.settle();
        room
    }

    fn with_proposals(size: Vec2) -> Self {
        let mut room = Self::with_phantom(size);
        room.search();
        room.command(UiCommand::ShowAi);
        room
    }

    /// What a model found comes in.
    fn search(&mut self) {
        let series = phantom::series();
        let found = Found { proposals: vec![phantom::proposal(&series)], ..Found::default() };
        self.window.state_mut().take_found(&series.series.uid, found);
        self.window.run_steps(3);
        assert_eq!(
            self.window.state().case().expect("a case").findings().len(),
            1,
            "{:?}",
            self.window.state().notices()
        );
    }

    /// Frames until no job runs.
    fn settle(&mut self) {
        let began = Instant::now();
        loop {
            self.window.run_steps(3);
            // What came last may have asked for more.
            let was_busy = self.window.state().is_busy();
            self.window.run_steps(3);
            if !was_busy && !self.window.state().is_busy() {
                break;
            }
            assert!(began.elapsed() < Duration::from_mins(1), "jobs do not end");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.finish_pictures();
    }

    /// Frames until nothing asks for another one: the projection comes in portions.
    fn finish_pictures(&mut self) {
        let _ = self.window.try_run();
    }

    fn command(&mut self, command: UiCommand) {
        self.apply(Command::Ui(command));
    }

    fn apply(&mut self, command: Command) {
        self.window.state_mut().apply(command);
        self.window.run_steps(3);
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.window.key_press_modifiers(modifiers, key);
        self.window.run_steps(3);
    }

    fn viewport(&self, name: &str) -> egui::Rect {
        self.window.get_by_role_and_label(Role::Image, name).rect()
    }

    fn wheel(&mut self, at: Pos2, lines: f32, modifiers: Modifiers) {
        self.window.hover_at(at);
        self.window.step();
        let (unit, phase, source) = (MouseWheelUnit::Line, TouchPhase::Move, MouseWheelSource::Wheel);
        self.window.event(Event::MouseWheel { unit, delta: vec2(0.0, -lines), phase, source, modifiers });
        self.window.run_steps(2);
    }

    fn drag(&mut self, button: PointerButton, from: Pos2, to: Pos2) {
        let event = |pos, pressed| Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE };
        self.window.hover_at(from);
        self.window.step();
        self.window.event(event(from, true));
        self.window.step();
        for n in 1..=4 {
            self.window.hover_at(from + (to - from) * (n as f32 / 4.0));
            self.window.step();
        }
        self.window.event(event(to, false));
        self.window.run_steps(2);
    }

    /// Where the reader is in the series that is read.
    fn sight(&self) -> &Sight {
        self.window.state().view().reading_sight().expect("a series")
    }

    fn crosshair(&self) -> DVec3 {
        self.sight().crosshair_lps
    }

    /// The axial viewport of the series that is read.
    fn axial(&self) -> &Viewport {
        self.view_of(ViewKind::Plane(Orientation::Axial))
    }

    fn view_of(&self, kind: ViewKind) -> &Viewport {
        let view = self.window.state().view();
        view.layout.find(view.reading.as_deref().expect("a series"), kind).expect("such a view")
    }

    fn scroll_axial(&mut self, by: i64) {
        let viewport = self.axial().id;
        self.apply(Command::Scroll { viewport, by });
    }

    fn slice(&self) -> usize {
        let series = phantom::series();
        let geometry = series.geometry().expect("a volume");
        PlaneAxes::of(geometry, Orientation::Axial).slice_of(geometry, self.crosshair()).0
    }

    fn painted_voxels(&self) -> usize {
        let case = self.window.state().case().expect("a case");
        let masks = case.segmentation().expect("masks");
        masks.labelmap.histogram()[1..].iter().sum()
    }

    /// Compares with the stored picture. Text and lines are drawn by the CPU-side tessellator and agree to a few gray
    /// levels between driver versions; pictures agree to one. A part of a percent of pixels may differ at edges.
    fn snapshot(&mut self, name: &str) {
        self.finish_pictures();
        let options = SnapshotOptions::new().threshold(1.2).max_failed_pixels(1500).output_path("tests/gpu/snapshots");
        self.window.snapshot_options(name, &options);
    }
}

#[test]
fn an_empty_room_teaches() {
    let mut room = Room::empty(DESIGN);
    room.window.get_by_label("Drop a folder of images here, or open the demonstration.");
    room.window.get_by_role_and_label(Role::Button, "Open a folder");
    room.window.get_by_label("Not for clinical use");
    room.snapshot("empty");
}

#[test]
fn a_study_is_shown_with_identity_and_sides() {
    let mut room = Room::with_phantom(DESIGN);
    let plane = room.axial().shown.expect("a plane");
    assert_eq!(plane.edge_letters(), ["R", "L", "A", "P"].map(String::from));
    room.snapshot("study");
}

#[test]
fn the_smallest_window_holds_everything() {
    let mut room = Room::with_proposals(vec2(1024.0, 700.0));
    for name in ["axial viewport", "coronal viewport", "sagittal viewport", "3D maximum intensity viewport"] {
        let rect = room.viewport(name);
        assert!(rect.width() > 200.0 && rect.height() > 200.0, "{name} has {rect:?}");
    }
    room.snapshot("small");
}

#[test]
fn wheel_and_keys_scroll_head_to_feet() {
    let mut room = Room::with_phantom(DESIGN);
    let at = room.viewport("axial viewport").center();
    let first = room.slice();
    room.wheel(at, 1.0, Modifiers::NONE);
    assert_eq!(room.slice(), first + 1);
    let z = room.crosshair().z;
    room.wheel(at, 2.0, Modifiers::NONE);
    assert!(room.crosshair().z < z, "down goes toward the feet");
    room.key(Modifiers::NONE, Key::PageUp);
    assert_eq!(room.slice(), first + 2);
    room.key(Modifiers::NONE, Key::Home);
    assert_eq!(room.slice(), 0);
}

#[test]
fn drags_change_window_zoom_and_pan() {
    let mut room = Room::with_phantom(DESIGN);
    let rect = room.viewport("axial viewport");
    let before = room.axial().voi;
    room.drag(PointerButton::Primary, rect.center(), rect.center() + vec2(40.0, -30.0));
    let after = room.axial().voi;
    assert!(after.width > before.width, "right is wider");
    assert!(after.center < before.center, "up is brighter");
    room.drag(PointerButton::Middle, rect.center(), rect.center() + vec2(30.0, 0.0));
    assert!(room.axial().framing.pan.x > 0.0);
    room.wheel(rect.center(), -3.0, Modifiers::CTRL);
    assert!(room.axial().framing.zoom > 1.2);
    room.key(Modifiers::NONE, Key::Num3);
    let lung = room.axial().voi;
    assert_eq!((lung.width, lung.center), (1500.0, -600.0));
}

#[test]
fn a_point_under_the_pointer_stays_there_while_zooming() {
    let mut room = Room::with_phantom(DESIGN);
    let rect = room.viewport("axial viewport");
    let at = rect.center() + vec2(70.0, 40.0);
    let scale = room.window.ctx.pixels_per_point();
    let lps = |room: &Room| {
        let plane = room.axial().shown.expect("a plane");
        let px = (at - rect.min) * scale;
        plane.lps_from_px(fovea::geometry::DVec2::new(f64::from(px.x) - 0.5, f64::from(px.y) - 0.5))
    };
    let before = lps(&room);
    room.wheel(at, -4.0, Modifiers::CTRL);
    assert!(room.axial().framing.zoom > 1.4);
    assert!(before.distance(lps(&room)) < 0.6, "{before} moved to {}", lps(&room));
}

#[test]
fn a_stroke_is_painted_undone_and_redone() {
    let mut room = Room::with_phantom(DESIGN);
    room.key(Modifiers::NONE, Key::B);
    assert_eq!(room.window.state().view().tool, Tool::Brush);
    let center = room.viewport("axial viewport").center();
    room.drag(PointerButton::Primary, center, center + vec2(30.0, 10.0));
    let painted = room.painted_voxels();
    assert!(painted > 10, "{painted} voxels");
    room.snapshot("painted");
    room.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(room.painted_voxels(), 0);
    room.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(room.painted_voxels(), painted);
}

#[test]
fn proposals_are_hidden_until_asked_for() {
    let mut room = Room::with_phantom(DESIGN);
    room.search();
    assert!(!room.window.state().view().ai_shown);
    room.window.get_by_label("Show AI draft now").click();
    room.window.run_steps(3);
    assert!(room.window.state().view().ai_shown);
    room.window.get_by_label("Finding Lung lesion candidate");
}

#[test]
fn a_verdict_needs_the_evidence_on_screen() {
    let mut room = Room::with_proposals(DESIGN);
    let finding = room.window.state().case().expect("a case").findings()[0].id.clone();
    room.apply(Command::SelectFinding(finding.clone()));
    room.key(Modifiers::NONE, Key::Home);
    for kind in ViewKind::QUAD {
        let viewport = room.view_of(kind).id;
        room.apply(Command::Activate(viewport));
        room.key(Modifiers::NONE, Key::Home);
    }
    room.key(Modifiers::NONE, Key::A);
    let state = |room: &Room| room.window.state().case().expect("a case").findings()[0].state;
    assert_eq!(state(&room), FindingState::Proposed, "nothing of it was on screen");
    room.apply(Command::SelectFinding(finding));
    room.key(Modifiers::NONE, Key::A);
    assert_eq!(state(&room), FindingState::Accepted);
}

#[test]
fn rejecting_a_finding_marks_its_sentences() {
    let mut room = Room::with_proposals(DESIGN);
    let finding = room.window.state().case().expect("a case").findings()[0].clone();
    room.apply(Command::SelectFinding(finding.id.clone()));
    room.snapshot("finding");
    room.key(Modifiers::NONE, Key::X);
    let case = room.window.state().case().expect("a case");
    assert_eq!(case.findings()[0].state, FindingState::Rejected);
    let resting: Vec<_> = case.report().sentences().filter(|s| s.evidence.contains(&finding.id)).collect();
    assert!(!resting.is_empty(), "the draft names the finding");
    assert!(resting.iter().all(|s| s.mark == SentenceMark::Rejected), "{resting:?}");
}

#[test]
fn a_sentence_is_edited_and_the_report_signed() {
    let mut room = Room::with_phantom(DESIGN);
    room.apply(Command::ShowTab(Tab::Report));
    let old = room.window.state().report().expect("a report").sentences().next().expect("a sentence").text();
    room.window.get_by_role_and_label(Role::Paragraph, &old).hover();
    room.window.run_steps(2);
    room.window.get_by_label("Edit the sentence").click();
    room.window.run_steps(3);
    room.window.get_by_label("Sentence").type_text(" Checked by a person.");
    room.window.run_steps(2);
    room.window.get_by_role_and_label(Role::Button, "Save").click();
    room.window.run_steps(3);
    let text = room.window.state().report().expect("a report").sentences().next().expect("a sentence").text();
    assert!(text.contains("Checked by a person."), "{text}");
    room.snapshot("report");

    room.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    room.snapshot("sign");
    room.window.get_by_role_and_label(Role::TextInput, "Your name").type_text("Dr. Test");
    room.window.run_steps(3);
    let buttons: Vec<_> = room.window.get_all_by_role_and_label(Role::Button, "Sign").collect();
    // The last one lies in the dialog, over the tool bar's.
    buttons.last().expect("a button").click();
    room.window.run_steps(3);
    let case = room.window.state().case().expect("a case");
    assert!(case.report().is_signed(), "{:?}", room.window.state().notices());
}

#[test]
fn an_export_writes_everything_into_a_folder() {
    let mut room = Room::with_proposals(DESIGN);
    let folder = tempfile::tempdir().expect("a temporary folder");
    room.apply(Command::ExportTo(ExportKind::Html, folder.path().to_owned()));
    room.settle();
    assert!(folder.path().join("report.html").is_file(), "{:?}", room.window.state().notices());
    assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 1, "only what was asked for");
    room.apply(Command::ExportTo(ExportKind::All, folder.path().to_owned()));
    room.settle();
    for file in ["findings.json", "report.json", "report.pdf", "report.sr.dcm", "report.fhir.json", "segmentation.dcm"]
    {
        assert!(folder.path().join(file).is_file(), "{file}: {:?}", room.window.state().notices());
    }
}

#[test]
fn the_palette_finds_commands() {
    let mut room = Room::with_phantom(DESIGN);
    room.key(Modifiers::COMMAND, Key::K);
    room.window.get_by_label("Command").type_text("lung");
    room.window.run_steps(3);
    room.snapshot("palette");
    room.key(Modifiers::NONE, Key::Enter);
    assert_eq!(room.axial().voi.width, 1500.0);
}

/// A NIfTI image of several volumes, each filled with its own number.
fn four_dimensional(volumes: u8) -> Vec<u8> {
    let mut bytes = vec![0; 352];
    bytes[0..4].copy_from_slice(&348_i32.to_le_bytes());
    for (n, size) in [4_i16, 8, 6, 5, i16::from(volumes), 1, 1, 1].into_iter().enumerate() {
        bytes[40 + 2 * n..42 + 2 * n].copy_from_slice(&size.to_le_bytes());
    }
    bytes[70..72].copy_from_slice(&2_i16.to_le_bytes());
    bytes[72..74].copy_from_slice(&8_i16.to_le_bytes());
    (0..8).for_each(|n| bytes[76 + 4 * n..80 + 4 * n].copy_from_slice(&1_f32.to_le_bytes()));
    bytes[108..112].copy_from_slice(&352_f32.to_le_bytes());
    // sform: the identity, so that the image has a place.
    bytes[254..256].copy_from_slice(&1_i16.to_le_bytes());
    for at in [280, 300, 320] {
        bytes[at..at + 4].copy_from_slice(&1_f32.to_le_bytes());
    }
    bytes[344..348].copy_from_slice(b"n+1\0");
    bytes.extend((0..volumes).flat_map(|n| [n; 8 * 6 * 5]));
    bytes
}

#[test]
fn volumes_of_a_group_are_stepped_through_and_played() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("dynamic.nii"), four_dimensional(4)).expect("written");
    let mut room = Room::empty(DESIGN);
    room.apply(Command::Open(vec![folder.path().to_owned()]));
    room.settle();
    let shown = |room: &Room| room.window.state().case().map(|case| case.source().series.key());
    assert!(shown(&room).is_some_and(|key| key.ends_with("#1")), "{:?}", shown(&room));
    room.scroll_axial(1);
    let place = room.crosshair();
    room.key(Modifiers::NONE, Key::ArrowRight);
    room.settle();
    assert!(shown(&room).is_some_and(|key| key.ends_with("#2")), "{:?}", shown(&room));
    assert_eq!(room.crosshair(), place, "the place stays");
    room.window.get_by_label_contains("step 2 of 4");
    room.command(UiCommand::Play);
    let began = Instant::now();
    while room.window.query_by_label_contains("step 4 of 4").is_none() {
        room.window.step();
        assert!(began.elapsed() < Duration::from_secs(30), "it does not play");
        std::thread::sleep(Duration::from_millis(20));
    }
    room.command(UiCommand::Play);
    room.settle();
    assert!(shown(&room).is_some(), "the step that it stopped at can be read");
    assert_eq!(room.crosshair(), place);
}
