//! Measuring with the mouse in the real window: what is drawn has the true size on straight and turned planes and on
//! pictures, can be changed, undone and removed, and reaches the report; key images are marked.

use super::{DESIGN, Room, phantom};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Role, vec2};
use egui_kittest::kittest::Queryable;
use fovea::context::{Command, MeasureCommand, MeasureTool, Tab, Tool, UiCommand, ViewKind};
use fovea::findings::measurement::{Measurement, Place, Shape};
use fovea::findings::{Finding, Quantity};
use fovea::geometry::{DVec2, DVec3, Orientation, SlicePlane};
use fovea::loaded::{ImageData, LoadedSeries, SliceSource};
use fovea::study::{Instance, Series, SeriesGeometry, Study};
use fovea::volume::{Calibration, Picture, Presentation, Rescale, Samples, ValueUnit, Voxels};
use std::sync::Arc;

const AXIAL: ViewKind = ViewKind::Plane(Orientation::Axial);

impl Room {
    fn plane(&self, kind: ViewKind) -> SlicePlane {
        self.view_of(kind).shown.expect("a plane")
    }

    fn axial_z(&self) -> f64 {
        self.plane(AXIAL).center_lps.z
    }

    /// Where a point of the patient lies on the screen.
    fn pos(&self, kind: ViewKind, lps: DVec3) -> Pos2 {
        let (px, distance_mm) = self.plane(kind).px_from_lps(lps);
        assert!(distance_mm.abs() < 0.5, "the point lies {distance_mm} mm off the plane");
        self.pos_of_px(&format!("{} viewport", kind.name()), px)
    }

    fn pos_of_px(&self, viewport: &str, px: DVec2) -> Pos2 {
        let scale = f64::from(self.window.ctx.pixels_per_point());
        self.viewport(viewport).min + vec2(((px.x + 0.5) / scale) as f32, ((px.y + 0.5) / scale) as f32)
    }

    fn click(&mut self, button: PointerButton, at: Pos2) {
        let event = |pressed| Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE };
        self.window.hover_at(at);
        self.window.step();
        self.window.event(event(true));
        self.window.step();
        self.window.event(event(false));
        self.window.run_steps(2);
        // Two clicks in quick succession would be a double click.
        self.window.input_mut().time = Some(self.window.ctx.input(|i| i.time) + 1.0);
        self.window.run_steps(1);
    }

    fn take(&mut self, tool: MeasureTool) {
        self.command(tool.command());
        assert_eq!(self.window.state().view().tool, Tool::Measure(tool));
    }

    fn measured(&self) -> Vec<&Finding> {
        self.window.state().case().expect("a case").measurements().collect()
    }

    /// The measurement that was made last.
    fn last(&self) -> Measurement {
        let all = self.measured();
        let last = all.last().unwrap_or_else(|| panic!("nothing measured: {:?}", self.window.state().notices()));
        last.measurement().expect("a measurement").clone()
    }

    /// A length on the axial plane through the crosshair, dragged from one point to another.
    fn drag_length(&mut self, from: DVec2, to: DVec2) {
        self.take(MeasureTool::Length);
        let z = self.axial_z();
        let [from, to] = [from, to].map(|p| self.pos(AXIAL, p.extend(z)));
        self.drag(PointerButton::Primary, from, to);
    }
}

fn value(measurement: &Measurement, quantity: Quantity) -> f64 {
    measurement.results.get(quantity).unwrap_or_else(|| panic!("no {quantity:?} in {:?}", measurement.results)).value
}

#[track_caller]
fn assert_within(found: f64, wanted: f64, share: f64) {
    assert!((found - wanted).abs() <= wanted.abs() * share, "{found}, should be {wanted}");
}

/// A radiograph whose rows are 0.5 mm and whose columns are 0.25 mm apart, with a bright bar.
fn radiograph(calibration: Calibration) -> LoadedSeries {
    const SIZE: [usize; 2] = [400, 300];
    let bright = |n: usize| u8::from(((n % SIZE[0]) / 40).is_multiple_of(2)) * 120 + 60;
    let stored = Voxels::U8((0..SIZE[0] * SIZE[1]).map(bright).collect());
    let picture = Picture {
        width: SIZE[0],
        height: SIZE[1],
        samples: Samples::Gray { stored, rescale: Rescale::IDENTITY },
        unit: ValueUnit::Arbitrary,
        inverted: false,
        voi: None,
        calibration,
        patient_orientation: Some(["L".into(), "F".into()]),
        laterality: String::new(),
        view_position: "PA".into(),
        presentation: Presentation::default(),
    };
    let instance = Instance {
        number: Some(1),
        sop_instance_uid: "1.2.9.1".into(),
        rows: SIZE[1] as u32,
        columns: SIZE[0] as u32,
        frames: 1,
        ..Default::default()
    };
    let series = Series {
        uid: "1.2.9".into(),
        modality: "DX".into(),
        number: Some(1),
        geometry: SeriesGeometry::Pictures("one projection".into()),
        instances: vec![instance],
        ..Default::default()
    };
    let study = Study { uid: "1.2".into(), series: vec![series.clone()], ..Default::default() };
    LoadedSeries {
        study: Arc::new(study),
        series: Arc::new(series),
        image: ImageData::Pictures(vec![Arc::new(picture)]),
        slices: vec![SliceSource { instance: 0, frame: 0 }].into(),
        header_voi: None,
        voi_choices: Vec::new(),
    }
}

fn room_with(series: LoadedSeries) -> Room {
    let mut room = Room::empty(DESIGN);
    room.window.state_mut().show_series(series);
    room.settle();
    room
}

#[test]
fn a_dragged_length_is_true_and_can_be_undone() {
    let mut room = Room::with_phantom(DESIGN);
    room.drag_length(DVec2::new(-60.0, -40.0), DVec2::new(60.0, 50.0));
    let length = room.last();
    assert_within(value(&length, Quantity::Length), 150.0, 0.001);
    assert_eq!(length.place.cited(), format!("series 4, image {}", 40 - (39 - room.slice())), "the slice on screen");
    assert_eq!(room.window.state().view().selected, Some(room.measured()[0].id.clone()), "selected at once");
    room.key(Modifiers::COMMAND, Key::Z);
    assert!(room.measured().is_empty());
    room.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_within(value(&room.last(), Quantity::Length), 150.0, 0.001);
}

#[test]
fn two_clicks_make_a_length_and_escape_drops_one() {
    let mut room = Room::with_phantom(DESIGN);
    room.key(Modifiers::NONE, Key::L);
    let z = room.axial_z();
    let ends = [DVec3::new(-30.0, 10.0, z), DVec3::new(50.0, 10.0, z)].map(|p| room.pos(AXIAL, p));
    room.click(PointerButton::Primary, ends[0]);
    room.key(Modifiers::NONE, Key::Escape);
    room.click(PointerButton::Primary, ends[0]);
    assert!(room.measured().is_empty());
    room.click(PointerButton::Primary, ends[1]);
    assert_within(value(&room.last(), Quantity::Length), 80.0, 0.001);
}

#[test]
fn a_length_on_a_turned_plane_is_true() {
    let mut room = Room::with_phantom(DESIGN);
    let coronal = room.view_of(ViewKind::Plane(Orientation::Coronal)).id;
    room.apply(Command::TurnPlanes { viewport: coronal, by_rad: 0.4 });
    let sagittal = room.view_of(ViewKind::Plane(Orientation::Sagittal)).id;
    room.apply(Command::TurnPlanes { viewport: sagittal, by_rad: -0.3 });
    room.take(MeasureTool::Length);
    let plane = room.plane(AXIAL);
    let at = room.crosshair();
    let ends = [at - plane.u_lps * 50.0 - plane.v_lps * 30.0, at + plane.u_lps * 30.0 + plane.v_lps * 30.0];
    let [from, to] = ends.map(|p| room.pos(AXIAL, p));
    room.drag(PointerButton::Primary, from, to);
    let length = room.last();
    assert_within(value(&length, Quantity::Length), 100.0, 0.001);
    let found = length.points_lps().expect("in the patient");
    assert!(found.iter().zip(ends).all(|(a, b)| a.distance(b) < 0.02), "{found:?}");
    assert_eq!(length.place.cited(), "series 4, oblique plane");
    room.snapshot("measures_oblique");
    // From straight planes, the way back leads to the turned one.
    room.command(UiCommand::StraightPlanes);
    room.apply(Command::Measure(MeasureCommand::GoTo(room.measured()[0].id.clone())));
    let Place::Patient(place) = &length.place else { panic!("on a plane") };
    let seen = |kind| place.is_on(&room.plane(kind), 0.1);
    assert!(Orientation::ALL.into_iter().any(|o| seen(ViewKind::Plane(o))), "some plane shows it");
}

#[test]
fn lengths_on_pictures_follow_spacing_and_calibration() {
    let mut room = room_with(radiograph(Calibration::PixelSpacing([0.5, 0.25])));
    room.take(MeasureTool::Length);
    let rect = room.viewport("image viewport");
    let (from, to) = (rect.center() - vec2(120.0, 60.0), rect.center() + vec2(120.0, 60.0));
    room.drag(PointerButton::Primary, from, to);
    let length = room.last();
    let Shape::Length([a, b]) = length.shape else { panic!("a length") };
    let true_mm = ((b.x - a.x) * 0.25).hypot((b.y - a.y) * 0.5);
    assert_within(value(&length, Quantity::Length), true_mm, 1e-9);
    // The picture fits into the viewport: its screen scale is known too.
    let fit = f64::from(rect.width() + 10.0) / 100.0;
    let high = f64::from(rect.height()) / 150.0;
    assert_within(true_mm, 120f64.hypot(60.0) * 2.0 / fit.min(high), 0.001);
    room.apply(Command::Measure(MeasureCommand::Calibrate(room.measured()[0].id.clone(), 50.0)));
    assert_within(value(&room.last(), Quantity::Length), 50.0, 1e-9);
    assert_eq!(room.last().place.length_caution(), "calibrated by a known length");
    room.apply(Command::ShowTab(Tab::Measures));
    room.snapshot("measures_picture");
    room.key(Modifiers::COMMAND, Key::Z);
    assert_within(value(&room.last(), Quantity::Length), true_mm, 1e-9);
}

#[test]
fn handles_and_lines_are_dragged() {
    let mut room = Room::with_phantom(DESIGN);
    room.drag_length(DVec2::new(-60.0, 0.0), DVec2::new(60.0, 0.0));
    let z = room.axial_z();
    let [end, further, middle, below] =
        [(60.0, 0.0), (90.0, 0.0), (0.0, 0.0), (0.0, 40.0)].map(|(x, y)| room.pos(AXIAL, DVec3::new(x, y, z)));
    room.drag(PointerButton::Primary, end, further);
    assert_within(value(&room.last(), Quantity::Length), 150.0, 0.001);
    // Another tool than the one that drew it takes it as well.
    room.command(UiCommand::ToolWindow);
    let voi = room.axial().voi;
    room.drag(PointerButton::Primary, middle, below);
    let moved = room.last();
    assert_within(value(&moved, Quantity::Length), 150.0, 0.001);
    let points = moved.points_lps().expect("in the patient");
    assert!(points.iter().all(|p| (p.y - 40.0).abs() < 0.1), "{points:?}");
    assert_eq!(room.axial().voi, voi, "the window stays");
    assert_eq!(room.measured().len(), 1);
    room.key(Modifiers::COMMAND, Key::Z);
    room.key(Modifiers::COMMAND, Key::Z);
    assert_within(value(&room.last(), Quantity::Length), 120.0, 0.001);
    room.key(Modifiers::NONE, Key::Delete);
    assert!(room.measured().is_empty(), "the selected one is removed");
}

#[test]
fn a_measurement_becomes_a_sentence() {
    let mut room = Room::with_phantom(DESIGN);
    room.drag_length(DVec2::new(-60.0, 0.0), DVec2::new(60.0, 0.0));
    room.apply(Command::ShowTab(Tab::Measures));
    room.window.get_by_role_and_label(Role::Button, "Insert into the report: Length").click();
    room.window.run_steps(3);
    let report = room.window.state().report().expect("a report");
    let text: Vec<String> = report.sentences().map(fovea::report::Sentence::text).collect();
    assert!(text.iter().any(|t| t.contains("120 mm")), "{text:?}");
}

#[test]
fn corners_of_a_polygon_are_clicked() {
    let mut room = Room::with_phantom(DESIGN);
    room.take(MeasureTool::Polygon);
    let z = room.axial_z();
    let corners = [(-40.0, -40.0), (40.0, -40.0), (0.0, 0.0), (40.0, 40.0), (-40.0, 40.0)];
    for (n, (x, y)) in corners.into_iter().enumerate() {
        let at = room.pos(AXIAL, DVec3::new(x, y, z));
        room.click(PointerButton::Primary, at);
        if n == 2 {
            room.key(Modifiers::NONE, Key::Backspace);
        }
    }
    room.key(Modifiers::NONE, Key::Enter);
    let area = room.last();
    assert_within(value(&area, Quantity::Area), 6400.0, 0.002);
    assert!(matches!(&area.shape, Shape::Polygon(p) if p.len() == 4), "{:?}", area.shape);
}

#[test]
fn a_region_gives_its_values_and_the_window() {
    let mut room = Room::with_phantom(DESIGN);
    room.apply(Command::Crosshair { viewport: room.axial().id, lps: phantom::LESION });
    room.take(MeasureTool::Ellipse);
    let at = phantom::LESION;
    let z = room.axial_z();
    let [from, to] = [(-5.0, -5.0), (5.0, 5.0)].map(|(x, y)| room.pos(AXIAL, DVec3::new(at.x + x, at.y + y, z)));
    room.drag(PointerButton::Primary, from, to);
    assert_eq!(value(&room.last(), Quantity::Mean), 35.0);
    assert_eq!(value(&room.last(), Quantity::Sd), 0.0);
    // A region over lung and lesion.
    let [from, to] = [(-40.0, -30.0), (10.0, 30.0)].map(|(x, y)| room.pos(AXIAL, DVec3::new(at.x + x, at.y + y, z)));
    room.take(MeasureTool::Rectangle);
    room.drag(PointerButton::Primary, from, to);
    room.command(UiCommand::WindowFromRegion);
    let voi = room.axial().voi;
    let region = room.last();
    let low = (value(&region, Quantity::Mean) - 2.0 * value(&region, Quantity::Sd)).max(value(&region, Quantity::Min));
    let (least, greatest) = (voi.center - voi.width / 2.0, voi.center + voi.width / 2.0);
    assert!((least - low).abs() < 1.5 && greatest <= value(&region, Quantity::Max) + 1.5, "{voi:?}");
}

#[test]
fn key_images_are_marked_noted_and_found_again() {
    let mut room = Room::with_phantom(DESIGN);
    let slice = room.slice();
    room.key(Modifiers::NONE, Key::K);
    room.apply(Command::ShowTab(Tab::Measures));
    let cited = room.window.state().case().expect("a case").key_images()[0].image.cited.clone();
    room.window.get_by_role_and_label(Role::Button, &format!("Note on {cited}")).click();
    room.window.run_steps(3);
    room.window.get_by_label("Note on the key image").type_text("lesion");
    room.window.run_steps(2);
    room.key(Modifiers::NONE, Key::Enter);
    assert_eq!(room.window.state().case().expect("a case").key_images()[0].note, "lesion");
    room.scroll_axial(5);
    room.window.get_by_label(&format!("Key image {cited}")).click();
    room.window.run_steps(3);
    assert_eq!(room.slice(), slice);
    room.snapshot("measures_key_image");
    room.key(Modifiers::NONE, Key::K);
    assert!(room.window.state().case().expect("a case").key_images().is_empty(), "marked twice is not marked");
}

#[test]
fn words_are_written_where_they_stand() {
    let mut room = Room::with_phantom(DESIGN);
    room.take(MeasureTool::Arrow);
    let z = room.axial_z();
    let [tip, tail] = [(-60.0, 0.0), (-20.0, -60.0)].map(|(x, y)| room.pos(AXIAL, DVec3::new(x, y, z)));
    room.drag(PointerButton::Primary, tip, tail);
    room.window.run_steps(3);
    room.window.get_by_label("Words").type_text("lesion?");
    room.window.run_steps(2);
    room.key(Modifiers::NONE, Key::Enter);
    assert_eq!(room.measured()[0].label, "lesion?");
    assert!(matches!(room.last().shape, Shape::Arrow(_)));
}

#[test]
fn lines_and_angles_look_right() {
    let mut room = Room::with_phantom(DESIGN);
    room.apply(Command::ToggleMaximized(room.axial().id));
    room.apply(Command::ShowTab(Tab::Measures));
    let z = room.axial_z();
    let pos = |room: &Room, x: f64, y: f64| room.pos(AXIAL, DVec3::new(x, y, z));
    room.drag_length(DVec2::new(-120.0, -60.0), DVec2::new(-60.0, -70.0));
    room.take(MeasureTool::Angle);
    for (x, y) in [(20.0, -80.0), (60.0, -40.0), (110.0, -60.0)] {
        let at = pos(&room, x, y);
        room.click(PointerButton::Primary, at);
    }
    assert!((value(&room.last(), Quantity::Angle) - angle_between((-40.0, -40.0), (50.0, -20.0))).abs() < 0.1);
    room.take(MeasureTool::Bidirectional);
    for line in [[(-95.0, 20.0), (-65.0, 22.0)], [(-80.0, 12.0), (-80.0, 30.0)]] {
        let [from, to] = line.map(|(x, y)| pos(&room, x, y));
        room.drag(PointerButton::Primary, from, to);
    }
    assert_within(value(&room.last(), Quantity::LongAxis), 30f64.hypot(2.0), 0.001);
    room.take(MeasureTool::Cobb);
    for line in [[(20.0, 20.0), (80.0, 10.0)], [(20.0, 70.0), (80.0, 90.0)]] {
        let [from, to] = line.map(|(x, y)| pos(&room, x, y));
        room.drag(PointerButton::Primary, from, to);
    }
    assert!((value(&room.last(), Quantity::Angle) - angle_between((60.0, -10.0), (60.0, 20.0))).abs() < 0.1);
    room.take(MeasureTool::Polyline);
    for (x, y) in [(-60.0, 60.0), (-40.0, 80.0), (-10.0, 70.0)] {
        let at = pos(&room, x, y);
        room.click(PointerButton::Primary, at);
    }
    room.key(Modifiers::NONE, Key::Enter);
    assert_within(value(&room.last(), Quantity::Length), 20f64.hypot(20.0) + 30f64.hypot(10.0), 0.001);
    room.snapshot("measures_lines");
}

fn angle_between(a: (f64, f64), b: (f64, f64)) -> f64 {
    DVec2::from(a).angle_to(DVec2::from(b)).abs().to_degrees()
}

#[test]
fn regions_and_volumes_look_right() {
    let mut room = Room::with_phantom(DESIGN);
    room.apply(Command::ShowTab(Tab::Measures));
    room.apply(Command::Crosshair { viewport: room.axial().id, lps: phantom::LESION });
    let z = room.axial_z();
    let pos = |room: &Room, x: f64, y: f64| room.pos(AXIAL, DVec3::new(x, y, z));
    let drawn = [
        (MeasureTool::Sphere, [(-80.0, 20.0), (-66.0, 20.0)]),
        (MeasureTool::Rectangle, [(30.0, -80.0), (80.0, -40.0)]),
        (MeasureTool::Ellipse, [(40.0, 20.0), (90.0, 70.0)]),
        (MeasureTool::Box, [(-20.0, 60.0), (14.0, 84.0)]),
    ];
    for (tool, ends) in drawn {
        room.take(tool);
        let [from, to] = ends.map(|(x, y)| pos(&room, x, y));
        room.drag(PointerButton::Primary, from, to);
        room.settle();
    }
    let all: Vec<_> = room.measured().iter().map(|f| f.measurement().expect("one").clone()).collect();
    let ball = all.iter().find(|m| matches!(m.shape, Shape::Sphere { .. })).expect("a sphere");
    assert_within(value(ball, Quantity::Volume), 4.0 / 3.0 * std::f64::consts::PI * 2.744, 0.01);
    assert_eq!(all.len(), 4, "{:?}", room.window.state().notices());
    room.snapshot("measures_regions");
}

#[test]
fn the_menu_of_tools_fits_the_smallest_window() {
    let mut room = Room::with_phantom(vec2(1024.0, 700.0));
    room.window.get_by_label("Measuring tools").click();
    room.window.run_steps(3);
    room.snapshot("measures_menu");
    room.window.get_by_label_contains("Cobb angle").click();
    room.window.run_steps(3);
    assert_eq!(room.window.state().view().tool, Tool::Measure(MeasureTool::Cobb));
}

#[test]
fn large_volumes_are_measured_by_a_job_and_peaks_need_pet() {
    let mut room = Room::with_phantom(DESIGN);
    let z = room.axial_z();
    let [from, to] = [(0.0, 0.0), (70.0, 0.0)].map(|(x, y)| room.pos(AXIAL, DVec3::new(x, y, z)));
    room.take(MeasureTool::SuvPeak);
    room.drag(PointerButton::Primary, from, to);
    assert!(room.measured().is_empty());
    assert!(room.window.state().notices().iter().any(|n| n.text.contains("needs a PET series")));
    room.take(MeasureTool::Sphere);
    room.drag(PointerButton::Primary, from, to);
    room.settle();
    assert_within(value(&room.last(), Quantity::Volume), 4.0 / 3.0 * std::f64::consts::PI * 343.0, 0.01);
    assert!(room.window.state().view().measures.pending.is_empty());
}

#[test]
fn the_peak_of_a_pet_is_in_suv() {
    let ct = phantom::series();
    let volume = ct.volume().expect("a volume");
    let hot = |n: usize| {
        let at = volume.geometry().point_lps(DVec3::from_array(volume.geometry().ijk(n).map(|x| x as f64)));
        if (at - phantom::LESION).length() < 24.0 { 5000 } else { 500 }
    };
    let voxels = Voxels::I16((0..volume.geometry().len()).map(hot).collect());
    let factors = fovea::volume::SuvFactors { bw: 0.001, lbm: None, bsa: None };
    let pet = fovea::volume::Volume::new(
        volume.geometry().clone(),
        voxels,
        Rescale::IDENTITY,
        ValueUnit::Other("BQML".into()),
    );
    let pet = pet.expect("a volume").with_suv(factors);
    let series = Series { modality: "PT".into(), ..(*ct.series).clone() };
    let mut room = room_with(LoadedSeries { series: Arc::new(series), image: ImageData::Volume(Arc::new(pet)), ..ct });
    room.apply(Command::Crosshair { viewport: room.axial().id, lps: phantom::LESION });
    room.take(MeasureTool::SuvPeak);
    let at = phantom::LESION;
    let [from, to] = [0.0, 25.0].map(|x| room.pos(AXIAL, DVec3::new(at.x + x, at.y, -108.0)));
    room.drag(PointerButton::Primary, from, to);
    room.settle();
    assert_within(value(&room.last(), Quantity::Peak), 5.0, 1e-6);
    assert_eq!(room.last().results.get(Quantity::Peak).expect("a peak").unit.as_str(), "SUVbw");
}

#[test]
fn a_right_click_offers_what_can_be_done() {
    let mut room = Room::with_phantom(DESIGN);
    room.drag_length(DVec2::new(-60.0, 0.0), DVec2::new(60.0, 0.0));
    room.command(UiCommand::ToolWindow);
    let at = room.pos(AXIAL, DVec3::new(20.0, 0.0, room.axial_z()));
    room.click(PointerButton::Secondary, at);
    room.snapshot("measures_right_click");
    room.window.get_by_label_contains("Rename").click();
    room.window.run_steps(3);
    assert_eq!(room.window.state().view().tab, Tab::Measures);
    room.window.get_by_label("Name of the measurement").type_text(" of the chest");
    room.window.run_steps(2);
    room.key(Modifiers::NONE, Key::Enter);
    assert_eq!(room.measured()[0].label, "Length of the chest");
    room.key(Modifiers::NONE, Key::Escape);
}

#[test]
fn the_probe_shows_every_stage() {
    let mut room = Room::with_phantom(DESIGN);
    room.take(MeasureTool::Probe);
    let at = room.pos(AXIAL, DVec3::new(0.0, 30.0, room.axial_z()));
    room.window.hover_at(at);
    room.window.run_steps(3);
    room.snapshot("measures_probe");
    room.click(PointerButton::Primary, at);
    assert_eq!(value(&room.last(), Quantity::Value), 45.0);
}

#[test]
fn a_solid_is_seen_and_taken_on_other_planes() {
    let mut room = Room::with_phantom(DESIGN);
    room.take(MeasureTool::Sphere);
    let (at, z) = (room.crosshair(), room.axial_z());
    let [from, to] = [0.0, 20.0].map(|x| room.pos(AXIAL, DVec3::new(at.x + x, at.y, z)));
    room.drag(PointerButton::Primary, from, to);
    room.settle();
    room.command(UiCommand::ToolWindow);
    room.key(Modifiers::NONE, Key::Escape);
    assert_eq!(room.window.state().view().selected, None);
    // A click on its circle in the coronal plane.
    let coronal = ViewKind::Plane(Orientation::Coronal);
    let y = room.plane(coronal).center_lps.y;
    let rim = (400.0 - (y - at.y).powi(2)).sqrt();
    let on_circle = room.pos(coronal, DVec3::new(at.x + rim, y, z));
    room.click(PointerButton::Primary, on_circle);
    assert_eq!(room.window.state().view().selected, Some(room.measured()[0].id.clone()));
    assert!(matches!(room.last().shape, Shape::Sphere { radius_mm, .. } if (radius_mm - 20.0).abs() < 0.02));
}

#[test]
fn a_drawing_waits_while_its_slice_is_scrolled_away() {
    let mut room = Room::with_phantom(DESIGN);
    room.take(MeasureTool::Polygon);
    let z = room.axial_z();
    let corners = [(-40.0, -40.0), (40.0, -40.0), (40.0, 40.0)].map(|(x, y)| room.pos(AXIAL, DVec3::new(x, y, z)));
    room.click(PointerButton::Primary, corners[0]);
    room.click(PointerButton::Primary, corners[1]);
    room.wheel(corners[1], 2.0, Modifiers::NONE);
    room.wheel(corners[1], -2.0, Modifiers::NONE);
    room.click(PointerButton::Primary, corners[2]);
    room.click(PointerButton::Secondary, corners[2]);
    assert_within(value(&room.last(), Quantity::Area), 3200.0, 0.002);
}
