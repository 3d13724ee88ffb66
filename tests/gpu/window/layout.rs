//! Viewports with series of their own: dropped there, laid over, tiled, hung by protocol; planes turned about the crosshair.

use super::{DESIGN, Room, phantom};
use egui::{Key, Modifiers, PointerButton, vec2};
use egui_kittest::kittest::Queryable;
use fovea::context::{Change, Command, HangingCommand, UiCommand, ViewKind, Viewport};
use fovea::geometry::Orientation;
use fovea::io::write::{Origin, SeriesDescription, WriteContext, write_volume_dicom};
use fovea::loaded::LoadedSeries;
use fovea::render::{Slab, SlabMode};
use fovea::study::Series;
use std::path::Path;
use tempfile::TempDir;

/// The phantom as two series of one study in one frame of reference.
fn two_series() -> (Room, TempDir) {
    let folder = written_study();
    let mut room = Room::empty(DESIGN);
    room.apply(Command::Open(vec![folder.path().to_owned()]));
    room.settle();
    (room, folder)
}

/// The same as files.
pub fn written_study() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, name) in [(4, "Thorax soft"), (5, "Thorax lung")] {
        write(&phantom::series(), number, name, &folder.path().join(name));
    }
    folder
}

fn write(loaded: &LoadedSeries, number: i64, name: &str, folder: &Path) {
    let series = Series {
        uid: format!("1.2.3.{number}"),
        number: Some(number),
        description: name.to_owned(),
        frame_of_reference_uid: "1.2.9".to_owned(),
        ..(*loaded.series).clone()
    };
    let what = SeriesDescription { study: &loaded.study, series: &series, origin: Origin::Phantom, voi: None };
    let volume = loaded.volume().expect("a volume");
    write_volume_dicom(folder, &what, volume, &WriteContext::default()).expect("written");
}

fn viewports(room: &Room) -> Vec<Viewport> {
    room.window.state().view().layout.viewports().cloned().collect()
}

fn other_key(room: &Room) -> String {
    let view = room.window.state().view();
    let catalog = room.window.state().catalog().expect("opened");
    let mut keys = catalog.series().map(|(_, series)| series.key());
    keys.find(|key| Some(key) != view.reading.as_ref()).expect("a second series")
}

#[test]
fn a_grid_is_chosen_and_a_series_is_brought_into_a_cell() {
    let (mut room, _folder) = two_series();
    room.apply(Command::SetGrid(1, 3));
    assert_eq!(viewports(&room).len(), 3);
    let (id, key) = (viewports(&room)[2].id, other_key(&room));
    room.apply(Command::ShowIn(id, key.clone()));
    room.settle();
    let shown = viewports(&room);
    assert!(shown[2].shows(&key) && matches!(shown[2].kind, ViewKind::Plane(_)));
    let place = room.window.state().view().sight(&key).crosshair_lps;
    assert_eq!(place, room.crosshair(), "it opens where the reader is in the same frame of reference");
    let first = viewports(&room).iter().find(|v| !v.shows(&key)).expect("the first series").id;
    room.apply(Command::Scroll { viewport: first, by: 3 });
    let followed = room.window.state().view().sight(&key).crosshair_lps;
    assert!(followed.distance(room.crosshair()) < 1e-9, "and follows from there on");
}

#[test]
fn a_series_lies_over_another_and_both_are_named() {
    let (mut room, _folder) = two_series();
    room.apply(Command::SetGrid(1, 1));
    let (id, key) = (viewports(&room)[0].id, other_key(&room));
    room.apply(Command::LayOver(id, key.clone()));
    room.settle();
    let over = viewports(&room)[0].over.clone().expect("something over it");
    assert!(over.series == key && over.dressed && over.opacity == 0.5);
    room.snapshot("fused");
    room.apply(Command::Change(id, Change::Over(None)));
    assert!(viewports(&room)[0].over.is_none());
}

#[test]
fn tiles_show_consecutive_slices_and_scroll_together() {
    let mut room = Room::with_phantom(DESIGN);
    room.apply(Command::SetGrid(2, 3));
    room.command(UiCommand::TileViewports);
    room.finish_pictures();
    let planes: Vec<f64> = viewports(&room).iter().map(|v| v.shown.expect("a plane").center_lps.z).collect();
    let steps: Vec<f64> = planes.windows(2).map(|pair| pair[0] - pair[1]).collect();
    assert!(steps.iter().all(|step| (step - 6.0).abs() < 1e-6), "{steps:?}");
    room.snapshot("tiles");
    room.command(UiCommand::NextSlice);
    room.finish_pictures();
    let after = viewports(&room)[0].shown.expect("a plane").center_lps.z;
    assert!((planes[0] - after - 6.0).abs() < 1e-6);
}

#[test]
fn a_handle_on_the_crosshair_turns_the_other_planes() {
    let mut room = Room::with_phantom(DESIGN);
    room.command(UiCommand::ToolCrosshair);
    let rect = room.viewport("axial viewport");
    let reach = 0.36 * rect.width().min(rect.height());
    let plane = room.axial().shown.expect("a plane");
    let center = {
        let px = plane.px_from_lps(room.crosshair()).0;
        rect.min + vec2((px.x + 0.5) as f32, (px.y + 0.5) as f32) / room.window.ctx.pixels_per_point()
    };
    let angle = 20f32.to_radians();
    let to = center + reach * vec2(angle.cos(), angle.sin());
    room.drag(PointerButton::Primary, center + vec2(reach, 0.0), to);
    let turned = room.view_of(ViewKind::Plane(Orientation::Coronal)).shown.expect("a plane");
    let degrees = turned.u_lps.y.atan2(turned.u_lps.x).to_degrees();
    assert!((degrees.abs() - 20.0).abs() < 1.5, "turned by {degrees}");
    let axial = room.axial().shown.expect("a plane");
    assert!(axial.u_lps.x > 0.9999, "the plane that was turned on stays as it is");
    room.snapshot("oblique");
    room.command(UiCommand::StraightPlanes);
    room.finish_pictures();
    assert_eq!(room.sight().turn, fovea::geometry::DQuat::IDENTITY);
}

#[test]
fn slabs_have_thickness_and_words() {
    let mut room = Room::with_phantom(DESIGN);
    let id = room.axial().id;
    room.apply(Command::Change(id, Change::Slab(Some(Slab { thickness_mm: 30.0, mode: SlabMode::Mean }))));
    room.finish_pictures();
    room.key(Modifiers::NONE, Key::Minus);
    assert_eq!(room.axial().slab.map(|slab| slab.thickness_mm), Some(20.0));
    room.snapshot("slab");
}

#[test]
fn a_study_hangs_by_protocol_and_stages_follow_one_another() {
    let (mut room, _folder) = two_series();
    let first: Vec<ViewKind> = viewports(&room).iter().map(|v| v.kind).collect();
    room.apply(Command::Hanging(HangingCommand::Hang([0, 1])));
    room.settle();
    let second: Vec<ViewKind> = viewports(&room).iter().map(|v| v.kind).collect();
    assert_ne!(first.len(), second.len(), "another stage has another layout");
    room.command(UiCommand::PreviousStage);
    room.settle();
    assert_eq!(viewports(&room).iter().map(|v| v.kind).collect::<Vec<_>>(), first);
    room.window.get_by_label("Layout").click();
    room.window.run_steps(3);
    room.snapshot("hanging");
}
