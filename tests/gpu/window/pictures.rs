//! Pictures of viewports, the window and the layout: saved, copied, printed, and read again.

use super::{DESIGN, Room};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use fovea::context::{Command, PictureCommand, PictureWish, PrintWish, PrintedWhat, UiCommand};
use fovea::report::sheets::Paper;
use std::path::Path;

fn only_file(folder: &Path) -> std::path::PathBuf {
    let mut files = std::fs::read_dir(folder).expect("readable");
    let file = files.next().expect("a file").expect("readable").path();
    assert!(files.next().is_none(), "one file, and nothing half-written");
    file
}

fn saved(room: &mut Room, wish: PictureWish) -> image::RgbaImage {
    let folder = tempfile::tempdir().expect("a folder");
    room.apply(Command::Picture(PictureCommand::Save(wish, Some(folder.path().to_owned()))));
    room.window.run_steps(6);
    room.settle();
    let file = only_file(folder.path());
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(!name.to_lowercase().contains("phantom"), "no identity in {name}");
    image::open(&file).expect("a PNG").into_rgba8()
}

#[test]
fn a_saved_picture_is_what_is_on_the_screen() {
    let mut room = Room::with_phantom(DESIGN);
    let axial = room.axial().id;
    let rect = room.viewport("axial viewport");
    // What is said once it is saved moves the viewports down.
    let screen = room.window.render().expect("a picture of the window");
    let picture = saved(&mut room, PictureWish::Screen(axial));
    // The bar at the right edge belongs to the viewport too, and is no part of its image.
    assert_eq!(picture.height(), rect.height().round() as u32);
    assert!(picture.width() >= rect.width() as u32 && picture.width() < rect.width() as u32 + 16);
    let [left, top] = [rect.left(), rect.top()].map(|n| n.round() as u32);
    let differing = picture.enumerate_pixels().filter(|(x, y, pixel)| {
        let there = screen.get_pixel(left + x, top + y);
        (0..3).any(|n| there.0[n].abs_diff(pixel.0[n]) > 2)
    });
    assert!(differing.count() < 20, "the picture is another than the screen's");
    let window = saved(&mut room, PictureWish::Window);
    assert_eq!((window.width(), window.height()), (1440, 900));
}

/// Share of pixels whose gray differs by more than a little.
fn difference(a: &image::RgbaImage, b: &image::RgbaImage) -> f64 {
    let far = a.pixels().zip(b.pixels()).filter(|(a, b)| a.0[0].abs_diff(b.0[0]) > 24).count();
    far as f64 / f64::from(a.width() * a.height())
}

#[test]
fn a_picture_twice_as_large_shows_the_same() {
    let mut room = Room::with_proposals(DESIGN);
    // It stays on the screen.
    room.command(UiCommand::ToggleCrosshair);
    let axial = room.axial().id;
    let once = saved(&mut room, PictureWish::Screen(axial));
    let twice = saved(&mut room, PictureWish::Twice(axial));
    assert_eq!((twice.width(), twice.height()), (2 * once.width(), 2 * once.height()));
    let shrunk = image::imageops::resize(&twice, once.width(), once.height(), image::imageops::FilterType::Triangle);
    // Texts at the edges are set anew.
    let middle = |picture: &image::RgbaImage| {
        let (width, height) = picture.dimensions();
        image::imageops::crop_imm(picture, width / 5, height / 5, width * 3 / 5, height * 3 / 5).to_image()
    };
    let differing = difference(&middle(&once), &middle(&shrunk));
    assert!(differing < 0.03, "{differing}");
    keep(&twice, "twice");
}

#[test]
fn a_picture_without_identity_says_so() {
    let mut room = Room::with_phantom(DESIGN);
    let axial = room.axial().id;
    let named = saved(&mut room, PictureWish::Twice(axial));
    let unnamed = saved(&mut room, PictureWish::WithoutIdentity(axial));
    let corner = |picture: &image::RgbaImage| {
        let part = image::imageops::crop_imm(picture, 0, 20, picture.width() / 2, 60).to_image();
        part.pixels().filter(|pixel| pixel.0[0] > 150).count()
    };
    assert!(corner(&named) > 2 * corner(&unnamed), "lines below the first are gone");
    assert!(room.window.state().notices().iter().any(|n| n.text.contains("burned into")));
    keep(&unnamed, "unnamed");
}

#[test]
fn a_picture_goes_to_the_clipboard() {
    let mut room = Room::with_phantom(DESIGN);
    room.key(Modifiers::SHIFT, Key::Y);
    room.window.run_steps(8);
    let said = room.window.state().notices();
    assert!(said.iter().any(|notice| notice.text.contains("is on the clipboard")), "{said:?}");
}

fn printed(room: &mut Room, wish: PrintWish) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    room.apply(Command::Picture(PictureCommand::Print(wish, Some(folder.path().to_owned()))));
    room.window.run_steps(6);
    room.settle();
    std::fs::read(only_file(folder.path())).expect("readable")
}

fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    text.matches("/Type/Page").count() + text.matches("/Type /Page").count()
        - text.matches("/Type/Pages").count()
        - text.matches("/Type /Pages").count()
}

#[test]
fn the_layout_and_tiles_are_printed() {
    let mut room = Room::with_proposals(DESIGN);
    let wish = PrintWish { what: PrintedWhat::Layout, paper: Paper::A4, identity: true };
    let layout = printed(&mut room, wish);
    assert!(layout.starts_with(b"%PDF"));
    keep_bytes(&layout, "layout.pdf");
    let what = PrintedWhat::Tiles { like: room.axial().id, rows: 3, columns: 4, every: 2 };
    let tiles = printed(&mut room, PrintWish { what, paper: Paper::Letter, identity: false });
    keep_bytes(&tiles, "tiles.pdf");
    assert!(pages(&tiles) >= pages(&layout));
}

#[test]
fn printing_is_asked_about() {
    let mut room = Room::with_phantom(egui::vec2(1024.0, 700.0));
    room.command(UiCommand::Print);
    room.window.get_by_label("slices like the active viewport").click();
    room.window.run_steps(3);
    room.snapshot("printing");
}

/// Keeps a picture to be looked at, where a folder for that is named.
fn keep(picture: &image::RgbaImage, name: &str) {
    if let Ok(folder) = std::env::var("FOVEA_LOOK") {
        picture.save(Path::new(&folder).join(format!("{name}.png"))).expect("written");
    }
}

fn keep_bytes(bytes: &[u8], name: &str) {
    if let Ok(folder) = std::env::var("FOVEA_LOOK") {
        std::fs::write(Path::new(&folder).join(name), bytes).expect("written");
    }
}
