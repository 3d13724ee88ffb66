//! Volume rendering, synthetic radiographs and surfaces in the real window: they turn, take presets and cuts, answer clicks with
//! places of the patient, and left is left.

use super::{DESIGN, Room, phantom};
use egui::{Key, Modifiers, PointerButton, Role, vec2};
use egui_kittest::kittest::Queryable;
use fovea::context::{Change, Command, ExportKind, MaskUse, SolidCommand, Stand, Tab, UiCommand, ViewKind, ViewportId};
use fovea::geometry::{DVec2, DVec3, Orientation};
use fovea::io::mesh::MeshFormat;
use fovea::render::Preset;

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
        self.finish_solids();
        id
    }

    /// Pictures until the portions are done: each picture of the window draws one.
    fn finish_solids(&mut self) {
        let (mut before, mut equal) = (self.picture(), 0);
        for _ in 0..120 {
            self.window.run_steps(1);
            let now = self.picture();
            equal = if now == before { equal + 1 } else { 0 };
            before = now;
            // A band of black rows is no end.
            if equal == 6 {
                return;
            }
        }
        panic!("the picture does not come to rest");
    }

    fn solid(&mut self, id: ViewportId, command: SolidCommand) {
        self.apply(Command::Solid(id, command));
        self.settle();
        self.finish_solids();
    }

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
    let id = room.show_solid(ViewKind::Volume);
    room.apply(Command::ShowTab(Tab::Solid));
    let rect = room.viewport(VOLUME);
    assert!(room.gray(rect.center(), 3) > 40.0, "bone in the middle is seen");
    room.finish_solids();
    room.snapshot("volume");
    room.key(Modifiers::NONE, Key::Num4);
    room.finish_solids();
    let solid = &room.view_of(ViewKind::Volume).solid;
    assert_eq!(solid.preset, Some(Preset::CtSoftTissue));
    room.drag(PointerButton::Primary, rect.center(), rect.center() + vec2(60.0, 0.0));
    let turned = room.view_of(ViewKind::Volume).turn_deg;
    assert!(turned[0] > 300.0, "a drag to the right shows the patient's right: {turned:?}");
    room.finish_solids();
    room.snapshot("volume_turned");
    room.solid(id, SolidCommand::Preset(Preset::CtBone));
    assert_eq!(room.view_of(ViewKind::Volume).solid.preset, Some(Preset::CtBone));
}
