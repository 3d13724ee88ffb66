//! Volume rendering, synthetic radiographs and surfaces in the real window: they turn, take presets and cuts, answer clicks with
//! places of the patient, and left is left.

use super::{DESIGN, Room, phantom};
use egui::{Key, Modifiers, PointerButton, Vec2, vec2};
use egui_kittest::kittest::Queryable;
use fovea::context::{Change, Command, ExportKind, MaskUse, SolidCommand, Stand, Tab, ViewKind, ViewportId};
use fovea::geometry::{DVec3, Orientation};
use fovea::io::mesh::MeshFormat;
use fovea::render::Preset;

/// Where only places matter.
const SMALL: Vec2 = vec2(1024.0, 700.0);
const VOLUME: &str = "3D volume rendering viewport";
const RADIOGRAPH: &str = "synthetic radiograph viewport";
const SURFACES: &str = "3D surfaces viewport";

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

    fn click_at(&mut self, at: egui::Pos2) {
        self.drag(PointerButton::Primary, at, at);
        self.window.input_mut().time = Some(self.window.ctx.input(|i| i.time) + 1.0);
        self.window.run_steps(2);
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
    room.solid(id, SolidCommand::Clips(clips.iter().map(|clip| clip.flipped()).collect()));
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
fn a_click_on_the_volume_moves_the_crosshair_to_what_it_shows() {
    let mut room = Room::with_phantom(SMALL);
    let id = room.show_solid(ViewKind::Volume);
    let rect = room.viewport(VOLUME);
    room.click_at(rect.center());
    let bone = room.crosshair();
    assert!(bone.x.abs() < 10.0 && (50.0..60.0).contains(&bone.y), "the front of the spine, not {bone}");
    room.solid(id, SolidCommand::Preset(Preset::CtSoftTissue));
    room.click_at(rect.center() - vec2(70.0, 0.0));
    let skin = room.crosshair();
    assert!(skin.x < -50.0 && skin.y < -90.0, "the skin on the right, not {skin}");
}

#[test]
fn masks_color_isolate_and_hide() {
    let mut room = Room::with_proposals(SMALL);
    let id = room.show_solid(ViewKind::Volume);
    room.solid(id, SolidCommand::Preset(Preset::CtSoftTissue));
    room.solid(id, SolidCommand::Masks(MaskUse::Only));
    let rect = room.viewport(VOLUME);
    assert!(room.gray(rect.center() + vec2(60.0, 60.0), 2) < 5.0, "nothing but the lesion is seen");
    let plane = room.view_of(ViewKind::Volume).camera(phantom::series().geometry().expect("a volume"), size(rect));
    let at = plane.px_from_lps(phantom::LESION).0;
    let at = rect.min + vec2(at.x as f32, at.y as f32);
    assert!(at.x < rect.center().x, "a lesion of the right lung is on screen-left");
    assert!(room.gray(at, 1) > 30.0, "the lesion is seen");
    room.solid(id, SolidCommand::Masks(MaskUse::Hide));
    assert!(room.gray(rect.center() + vec2(60.0, 60.0), 2) > 40.0);
}

fn size(rect: egui::Rect) -> [u32; 2] {
    [rect.width(), rect.height()].map(|points| points.round() as u32)
}

#[test]
fn a_radiograph_turns_and_says_what_a_ray_crosses() {
    let mut room = Room::with_proposals(DESIGN);
    room.apply(Command::ShowTab(Tab::Solid));
    let id = room.show_solid(ViewKind::Drr);
    let rect = room.viewport(RADIOGRAPH);
    // The liver of the phantom lies on the patient's right, at its feet.
    let feet = vec2(0.0, 105.0);
    let (right, left) = (rect.center() - vec2(60.0, 0.0) + feet, rect.center() + vec2(60.0, 0.0) + feet);
    assert!(room.gray(right, 3) > room.gray(left, 3) + 4.0, "the liver is on screen-left");
    room.click_at(rect.center());
    let solid = room.view_of(ViewKind::Drr).solid.clone();
    let things = &solid.cast.as_ref().expect("a list").things;
    let names: Vec<&str> = things.iter().map(|thing| thing.name.as_str()).collect();
    assert!(names.contains(&"bone or contrast"), "{names:?}");
    room.window.get_by_label("The ray crosses");
    let crosshair = room.crosshair();
    assert!((85.0..92.0).contains(&crosshair.y), "the back of the spine, which the ray meets first: {crosshair}");
    room.finish_solids();
    room.snapshot("radiograph_ray");
    let lesion = solid.detector.expect("a detector").px_from_lps(phantom::LESION).expect("before the source");
    room.click_at(rect.min + vec2(lesion.x as f32 + 0.5, lesion.y as f32 + 0.5));
    let cast = room.view_of(ViewKind::Drr).solid.cast.clone().expect("a list");
    let segment = cast.things.iter().find(|thing| thing.color_rgb.is_some()).expect("the lesion");
    assert!((20.0..30.0).contains(&segment.length_mm), "{} mm of the lesion", segment.length_mm);
    room.key(Modifiers::NONE, Key::Num3);
    room.settle();
    let view = room.view_of(ViewKind::Drr);
    assert_eq!(view.solid.stand.angles_deg, [90.0, 0.0], "left lateral");
    assert!(view.solid.cast.is_none(), "the list goes with its picture");
    let letters = view.solid.detector.expect("a detector").detector.edge_letters();
    assert_eq!(letters.map(|l| l.chars().next()), ["A", "P", "H", "F"].map(|l| l.chars().next()));
    room.drag(PointerButton::Primary, rect.center(), rect.center() + vec2(40.0, 0.0));
    let angle = room.view_of(ViewKind::Drr).solid.stand.angles_deg[0];
    assert!((69.0..71.0).contains(&angle), "{angle}");
    room.apply(Command::Solid(id, SolidCommand::Stand(Stand { source_isocenter_mm: 100.0, ..Stand::default() })));
    room.window.get_by_label_contains("No radiograph: the source lies inside the volume");
}

#[test]
fn surfaces_of_segments_are_drawn_picked_and_exported() {
    let mut room = Room::with_proposals(DESIGN);
    room.show_solid(ViewKind::Surface);
    let rect = room.viewport(SURFACES);
    let camera = room.view_of(ViewKind::Surface).camera(phantom::series().geometry().expect("a volume"), size(rect));
    let px = camera.px_from_lps(phantom::LESION).0;
    let at = rect.min + vec2(px.x as f32 + 0.5, px.y as f32 + 0.5);
    assert!(room.gray(at, 1) > 20.0, "the lesion is drawn");
    room.snapshot("surfaces");
    room.click_at(at);
    assert!(room.crosshair().distance(phantom::LESION) < 16.0, "{}", room.crosshair());
    let folder = tempfile::tempdir().expect("a folder");
    for (format, file) in [(MeshFormat::Ply, "surfaces.ply"), (MeshFormat::Obj, "surfaces.obj")] {
        room.apply(Command::ExportTo(ExportKind::Surfaces(format), folder.path().to_owned()));
        room.settle();
        assert!(folder.path().join(file).is_file(), "{:?}", room.window.state().notices());
    }
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
