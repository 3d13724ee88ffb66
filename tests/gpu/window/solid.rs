//! Volume rendering, synthetic radiographs and surfaces in the real window: they turn, take presets and cuts, answer clicks with
//! places of the patient, and left is left.

use super::{DESIGN, Room, phantom};
use egui::{Key, Modifiers, PointerButton, Vec2, vec2};
use fovea::context::{Change, Command, ExportKind, SolidCommand, Tab, ViewKind, ViewportId};
use fovea::geometry::{DVec3, Orientation};
use fovea::render::Preset;

/// Where only places matter.
const SMALL: Vec2 = vec2(1024.0, 700.0);
const VOLUME: &str = "3D volume rendering viewport";

impl Room {
    /// The fourth viewport shows another view from now on.
    fn show_solid(&mut self, kind: ViewKind) -> ViewportId {
        let id = self.view_of(ViewKind::Mip).id;
        self.apply(Command::Change(id, Change::Kind(kind)));
        self.apply(Command::Activate(id));
        self.settle();
        id
    }

    /// Pictures until the portions are done: each picture of the window draws one, and asks for the next.
    fn finish_solids(&mut self) {
        for _ in 0..400 {
            self.window.run_steps(1);
            self.picture();
            if !self.window.ctx.has_requested_repaint() {
                self.window.run_steps(2);
                return;
            }
        }
        panic!("the picture does not come to rest");
    }

    fn solid(&mut self, id: ViewportId, command: SolidCommand) {
        self.apply(Command::Solid(id, command));
        self.settle();
    }

    /// The window; views in portions are coarse in it, which is enough to see where something is.
    fn picture(&mut self) -> image::RgbaImage {
        self.window.render().expect("a picture")
    }

    /// Mean gray of a square around a screen position.
    fn gray(&mut self, at: egui::Pos2, reach: i64) -> f64 {
        let picture = self.picture();
        let (x, y) = (at.x.round() as i64, at.y.round() as i64);
        let mut sum = 0.0;
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let [r, g, b, _] = picture.get_pixel((x + dx) as u32, (y + dy) as u32).0;
                sum += f64::from(r) + f64::from(g) + f64::from(b);
            }
        }
        sum / (3.0 * ((2 * reach + 1) * (2 * reach + 1)) as f64)
    }
}

#[test]
fn a_volume_is_rendered_turned_and_takes_presets() {
    let mut room = Room::with_phantom(DESIGN);
    room.show_solid(ViewKind::Volume);
    room.apply(Command::ShowTab(Tab::Solid));
    let rect = room.viewport(VOLUME);
    assert!(room.gray(rect.center(), 3) > 40.0, "bone in the middle is seen");
    room.finish_solids();
    room.snapshot("volume");
    room.key(Modifiers::NONE, Key::Num4);
    let solid = &room.view_of(ViewKind::Volume).solid;
    assert_eq!(solid.preset, Some(Preset::CtSoftTissue));
    room.drag(PointerButton::Primary, rect.center(), rect.center() + vec2(60.0, 0.0));
    let turned = room.view_of(ViewKind::Volume).turn_deg;
    assert!(turned[0] > 300.0, "a drag to the right shows the patient's right: {turned:?}");
}

#[test]
fn a_cut_takes_away_one_side_and_a_crop_the_rest() {
    let mut room = Room::with_phantom(DESIGN);
    let id = room.show_solid(ViewKind::Volume);
    room.solid(id, SolidCommand::Preset(Preset::CtSoftTissue));
    let rect = room.viewport(VOLUME);
    // The axial cut keeps the side away from the reader of an axial plane: the head.
    let (head, feet) = (rect.center() - vec2(60.0, 60.0), rect.center() + vec2(-60.0, 60.0));
    assert!(room.gray(head, 2) > 40.0 && room.gray(feet, 2) > 40.0);
    room.solid(id, SolidCommand::AddClip(Orientation::Axial));
    assert!(room.gray(head, 2) > 40.0 && room.gray(feet, 2) < 5.0, "the feet are cut off");
    let clips = room.view_of(ViewKind::Volume).solid.clips.clone();
    room.solid(id, SolidCommand::Clips(clips.iter().map(fovea::context::Clip::flipped).collect()));
    assert!(room.gray(head, 2) < 5.0 && room.gray(feet, 2) > 40.0, "turned over, the head is");
    room.solid(id, SolidCommand::Clips(Vec::new()));
    // Columns 0 to 40 of 96 lie on the patient's right, and right is on screen-left.
    room.solid(id, SolidCommand::Crop(Some([[0, 0, 0], [40, 79, 39]])));
    let side = vec2(60.0, 0.0);
    assert!(room.gray(rect.center() - side, 2) > 40.0, "the right side is kept");
    assert!(room.gray(rect.center() + side, 2) < 5.0, "the left side is gone");
    room.solid(id, SolidCommand::AddClip(Orientation::Coronal));
    room.apply(Command::ShowTab(Tab::Solid));
    room.finish_solids();
    room.snapshot("volume_cut");
}

#[test]
fn an_edge_of_the_crop_is_dragged_on_a_plane() {
    let mut room = Room::with_phantom(SMALL);
    let id = room.show_solid(ViewKind::Volume);
    room.apply(Command::Solid(id, SolidCommand::Crop(Some([[20, 10, 5], [80, 70, 35]]))));
    let axial = ViewKind::Plane(Orientation::Axial);
    let plane = room.view_of(axial).shown.expect("a plane");
    let series = phantom::series();
    let geometry = series.geometry().expect("a volume");
    let place = |room: &Room, i: f64, j: f64| {
        let px = plane.px_from_lps(geometry.point_lps(DVec3::new(i, j, 20.0))).0;
        room.viewport("axial viewport").min + vec2(px.x as f32 + 0.5, px.y as f32 + 0.5)
    };
    let (from, to) = (place(&room, 19.5, 40.0), place(&room, 29.5, 40.0));
    room.drag(PointerButton::Primary, from, to);
    assert_eq!(room.view_of(ViewKind::Volume).solid.crop, Some([[30, 10, 5], [80, 70, 35]]));
    let voi = room.axial().voi;
    assert_eq!(voi, room.axial().first_voi, "the drag was the edge's, not the window's");
}

#[test]
fn a_rotation_is_exported_as_frames() {
    let mut room = Room::with_phantom(SMALL);
    let id = room.show_solid(ViewKind::Volume);
    let plan = fovea::context::RotationPlan { frames: 4, at_view_size: false };
    room.apply(Command::Solid(id, SolidCommand::Rotation(plan)));
    let folder = tempfile::tempdir().expect("a folder");
    room.apply(Command::ExportTo(ExportKind::Rotation, folder.path().to_owned()));
    room.settle();
    let frames: Vec<_> = (1..=4).map(|n| folder.path().join(format!("volume_rotation_{n:04}.png"))).collect();
    let pictures: Vec<_> = frames.iter().map(|file| image::open(file).expect("a picture").to_rgba8()).collect();
    assert!(pictures.iter().all(|picture| picture.dimensions() == (512, 512)));
    assert_ne!(pictures[0], pictures[1], "it turns");
    room.apply(Command::Change(id, Change::Kind(ViewKind::Drr)));
    room.settle();
    room.apply(Command::ExportTo(ExportKind::Rotation, folder.path().to_owned()));
    room.settle();
    assert!(folder.path().join("radiograph_rotation_0004.png").is_file(), "{:?}", room.window.state().notices());
}
