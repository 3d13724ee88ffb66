//! Left, right, front, back, head and feet, through the real window: for each of the 48 ways in which a grid can lie in the
//! patient, and for a grid that lies obliquely, a bright ball is where the letters, the crosshair and the scale say.

use super::{Room, phantom};
use egui::{Pos2, Rect, vec2};
use fovea::context::{Command, UiCommand, ViewKind};
use fovea::geometry::{DMat3, DQuat, DVec3, Orientation, VolumeGeometry};
use fovea::loaded::{ImageData, LoadedSeries, SliceSource};
use fovea::study::{Instance, Series, SeriesGeometry};
use fovea::volume::{Rescale, ValueUnit, Volume, Voxels};
use std::sync::Arc;

/// Where the ball lies against the middle of the volume: to the left, front and head, at three different distances.
const BALL: DVec3 = DVec3::new(14.0, -9.0, 20.0);
const RADIUS_MM: f64 = 7.0;

/// A cube of air of 90 mm with a bright ball, on a grid with these directions.
fn cube(direction: DMat3) -> LoadedSeries {
    let (dims, spacing) = ([30usize, 36, 45], DVec3::new(3.0, 2.5, 2.0));
    let middle = DVec3::from_array(dims.map(|n| (n as f64 - 1.0) / 2.0)) * spacing;
    let geometry = VolumeGeometry::new(dims, -(direction * middle), spacing, direction).expect("a grid");
    let value = |n: usize| {
        let p = geometry.point_lps(DVec3::from_array(geometry.ijk(n).map(|x| x as f64)));
        if p.distance(BALL) < RADIUS_MM { 1000i16 } else { -1000 }
    };
    let voxels = Voxels::I16((0..geometry.len()).map(value).collect());
    let volume = Volume::new(geometry.clone(), voxels, Rescale::IDENTITY, ValueUnit::Hu).expect("a volume");
    let loaded = phantom::series();
    let instances: Vec<Instance> = (0..dims[2])
        .map(|k| Instance {
            sop_instance_uid: format!("1.2.7.{k}"),
            rows: 36,
            columns: 30,
            frames: 1,
            ..Instance::default()
        })
        .collect();
    let series = Series {
        uid: "1.2.7".into(),
        geometry: SeriesGeometry::Volume(geometry),
        instances,
        ..(*loaded.series).clone()
    };
    LoadedSeries {
        series: Arc::new(series),
        image: ImageData::Volume(Arc::new(volume)),
        slices: (0..dims[2]).map(|instance| SliceSource { instance, frame: 0 }).collect(),
        ..loaded
    }
}

/// All 48 signed permutations of the axes.
fn directions() -> Vec<DMat3> {
    let axes = [DVec3::X, DVec3::Y, DVec3::Z];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let signed = |order: [usize; 3], signs: usize| {
        let column = |n: usize| axes[order[n]] * if signs >> n & 1 == 0 { 1.0 } else { -1.0 };
        DMat3::from_cols(column(0), column(1), column(2))
    };
    orders.into_iter().flat_map(|order| (0..8).map(move |signs| signed(order, signs))).collect()
}

/// Middle of the bright spot of a viewport's picture, in points.
fn spot(picture: &image::RgbaImage, rect: Rect, scale: f32) -> Option<Pos2> {
    let inner = rect.shrink(30.0);
    let (mut sum, mut count) = (vec2(0.0, 0.0), 0.0);
    let [left, top, right, bottom] =
        [inner.left(), inner.top(), inner.right(), inner.bottom()].map(|n| (n * scale) as u32);
    for (x, y) in (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y))) {
        let [r, g, b, _] = picture.get_pixel(x, y).0;
        // White; letters and lines are not quite, or are colored.
        if r > 250 && g > 250 && b > 250 {
            sum += vec2(x as f32 + 0.5, y as f32 + 0.5) / scale;
            count += 1.0;
        }
    }
    (count > 50.0).then(|| (sum / count).to_pos2())
}

/// The window with a cube and the crosshair on its ball.
fn pictured(room: &mut Room, direction: DMat3) -> image::RgbaImage {
    room.window.state_mut().show_series(cube(direction));
    room.settle();
    let viewport = room.axial().id;
    room.apply(Command::SetVoi(viewport, fovea::volume::Voi::linear(0.0, 400.0)));
    room.apply(Command::Crosshair { viewport, lps: BALL });
    room.finish_pictures();
    room.window.render().expect("a picture")
}

/// The ball is found on screen where the letters say that it must be, and under the crosshair that is put on it.
fn check(room: &mut Room, direction: DMat3) {
    let picture = pictured(room, direction);
    let scale = room.window.ctx.pixels_per_point();
    for orientation in Orientation::ALL {
        let rect = room.viewport(&format!("{} viewport", orientation.name()));
        let plane = room.view_of(ViewKind::Plane(orientation)).shown.expect("a plane");
        let found = spot(&picture, rect, scale).unwrap_or_else(|| panic!("no ball in {orientation:?}, {direction:?}"));
        // By the letters at the edges alone: which way from the middle is the ball?
        let letters = plane.edge_letters();
        // What senses the mouse is narrower than the picture: the slice bar lies beside it.
        let size = vec2(plane.size_px[0] as f32, plane.size_px[1] as f32) / scale;
        let offset = found - (rect.min + size / 2.0);
        for (towards, along) in [(&letters[1], offset.x), (&letters[3], offset.y)] {
            let first = towards.chars().next().expect("a letter");
            let expected = match first {
                'L' | 'R' => BALL.x * if first == 'L' { 1.0 } else { -1.0 },
                'P' | 'A' => BALL.y * if first == 'P' { 1.0 } else { -1.0 },
                _ => BALL.z * if first == 'H' { 1.0 } else { -1.0 },
            };
            assert!(expected.signum() == f64::from(along).signum(), "{orientation:?} {towards} {along} {direction:?}");
            let mm = f64::from(along * scale) * plane.pixel_mm;
            assert!(
                (mm.abs() - expected.abs()).abs() < 1.6,
                "{orientation:?}: {mm} mm instead of {expected}, {direction:?}"
            );
        }
        // The picture and the crosshair agree.
        let px = plane.px_from_lps(BALL).0;
        let cross = rect.min + vec2((px.x + 0.5) as f32, (px.y + 0.5) as f32) / scale;
        assert!((cross - found).length() * scale * (plane.pixel_mm as f32) < 1.6, "{orientation:?} {direction:?}");
    }
}

#[test]
fn the_picture_the_letters_and_the_crosshair_agree_for_all_48_ways_of_lying() {
    let mut room = Room::empty(vec2(1024.0, 700.0));
    room.command(UiCommand::ToggleTexts);
    room.command(UiCommand::ToggleCrosshair);
    for direction in directions() {
        check(&mut room, direction);
    }
}

#[test]
fn an_oblique_grid_shows_the_ball_where_its_letters_say() {
    let mut room = Room::empty(vec2(1024.0, 700.0));
    room.command(UiCommand::ToggleTexts);
    room.command(UiCommand::ToggleCrosshair);
    for (axis, degrees) in [(DVec3::new(1.0, 2.0, 0.5), 9.0f64), (DVec3::new(-0.4, 0.3, 1.0), 11.0)] {
        let turn = DMat3::from_quat(DQuat::from_axis_angle(axis.normalize(), degrees.to_radians()));
        let picture = pictured(&mut room, turn);
        let scale = room.window.ctx.pixels_per_point();
        for orientation in Orientation::ALL {
            let rect = room.viewport(&format!("{} viewport", orientation.name()));
            let plane = room.view_of(ViewKind::Plane(orientation)).shown.expect("a plane");
            let found = spot(&picture, rect, scale).expect("the ball");
            let px = plane.px_from_lps(BALL).0;
            let cross = rect.min + vec2((px.x + 0.5) as f32, (px.y + 0.5) as f32) / scale;
            let apart_mm = f64::from((cross - found).length() * scale) * plane.pixel_mm;
            assert!(apart_mm < 1.6, "{orientation:?}: {apart_mm} mm apart");
        }
    }
}
