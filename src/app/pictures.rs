//! Pictures of the screen: to the clipboard, or as PNG. What is pictured is painted anew first, so that menus and dialogs
//! that asked for it are gone; then either the window hands over its pixels, or the viewport's notes are drawn again by the CPU
//! twins in a job (at another size, without identity, or in a window that hands over nothing).

use super::App;
use super::results::Done;
use super::work;
use crate::context::{
    Camera, NoticeLevel, PictureCommand, PictureWish, PrintWish, Shot, UiCommand, ViewKind, ViewportId,
};
use crate::io::atomic::PendingFile;
use crate::reading::print::{View, png};
use crate::render::RgbaPicture;
use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::{ColorImage, Rect, ScreenshotCallback, ViewportCommand};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Frames until what asked for a picture is off the screen.
const FRAMES: u8 = 3;

/// What waits for a picture.
#[derive(Debug, Clone)]
pub(super) enum Task {
    Copy(ViewportId),
    Save(PictureWish, Option<PathBuf>),
    Print(PrintWish, Option<PathBuf>),
}

/// Pictures that were asked for and are not there yet.
pub(super) struct Pictures {
    waiting: Option<(Task, u8)>,
    /// Notes are being taken for it in the coming frame.
    noting: Option<Task>,
    sender: Sender<(Task, Option<Rect>, Arc<ColorImage>)>,
    receiver: Receiver<(Task, Option<Rect>, Arc<ColorImage>)>,
}

impl Default for Pictures {
    fn default() -> Self {
        let (sender, receiver) = unbounded();
        Self { waiting: None, noting: None, sender, receiver }
    }
}

impl Pictures {
    /// The camera for the coming frame, when one is wanted.
    pub(super) fn camera(&self) -> Option<Camera> {
        self.noting.as_ref().map(|_| Camera::default())
    }
}

impl App {
    pub(super) fn apply_to_pictures(&mut self, command: PictureCommand) {
        let task = match command {
            PictureCommand::Copy(viewport) => Task::Copy(viewport),
            PictureCommand::Save(wish, folder) => Task::Save(wish, folder),
            PictureCommand::Print(wish, folder) => Task::Print(wish, folder),
        };
        if self.series.is_none() && !matches!(task, Task::Save(PictureWish::Window, _)) {
            return self.notify(NoticeLevel::Warning, "There is nothing to picture: open a series first.");
        }
        self.pictures.waiting = Some((task, FRAMES));
        self.egui.request_repaint();
    }

    pub(super) fn apply_ui_to_pictures(&mut self, command: UiCommand) {
        let active = self.view.active;
        let wish = match command {
            UiCommand::CopyPicture => return self.apply_to_pictures(PictureCommand::Copy(active)),
            UiCommand::Print => return self.ui_state.begin_printing(),
            UiCommand::SavePictureTwice => PictureWish::Twice(active),
            UiCommand::SavePictureUnnamed => PictureWish::WithoutIdentity(active),
            UiCommand::SaveWindowPicture => PictureWish::Window,
            _ => PictureWish::Screen(active),
        };
        self.apply_to_pictures(PictureCommand::Save(wish, None));
    }

    /// Called at the end of each frame with the notes that it left.
    pub(super) fn follow_pictures(&mut self, ctx: &egui::Context, shots: Option<Vec<Shot>>) {
        if let Some((shots, task)) = shots.and_then(|shots| Some((shots, self.pictures.noting.take()?))) {
            self.draw_again(task, shots);
        }
        let arrived: Vec<_> = self.pictures.receiver.try_iter().collect();
        for (task, rect, image) in arrived {
            self.take_screen(ctx, task, rect, &image);
        }
        match self.pictures.waiting.take() {
            None => {}
            Some((task, 0)) => self.take_picture(ctx, task),
            Some((task, left)) => {
                self.pictures.waiting = Some((task, left - 1));
                ctx.request_repaint();
            }
        }
    }

    fn take_picture(&mut self, ctx: &egui::Context, task: Task) {
        let of_screen = match &task {
            Task::Copy(id) | Task::Save(PictureWish::Screen(id), _) => Some(Some(*id)),
            Task::Save(PictureWish::Window, _) => Some(None),
            Task::Save(..) | Task::Print(..) => None,
        };
        let rect = of_screen.flatten().and_then(|id| self.ui_state.place_of(id));
        match of_screen {
            Some(viewport) if viewport.is_none() || rect.is_some() => {
                let (sender, again) = (self.pictures.sender.clone(), ctx.clone());
                let callback = ScreenshotCallback::new(move |image| {
                    // Nobody listens once the window is closed.
                    let _ = sender.send((task, rect, image));
                    again.request_repaint();
                });
                ctx.send_viewport_cmd(ViewportCommand::Screenshot(callback));
            }
            _ => self.pictures.noting = Some(task),
        }
        ctx.request_repaint();
    }

    /// The window has handed over its pixels.
    fn take_screen(&mut self, ctx: &egui::Context, task: Task, rect: Option<Rect>, image: &ColorImage) {
        let image = match rect {
            Some(rect) => cropped(image, rect, ctx.pixels_per_point()),
            None => image.clone(),
        };
        match task {
            Task::Copy(_) => {
                ctx.copy_image(image);
                self.notify(NoticeLevel::Info, "The picture of the viewport is on the clipboard.");
            }
            Task::Save(wish, folder) => {
                let (width, height) = (image.width() as u32, image.height() as u32);
                let rgba = image.pixels.iter().flat_map(|color| [color.r(), color.g(), color.b(), 255]).collect();
                let picture = RgbaPicture { width, height, rgba };
                self.save_picture(wish, folder, move || Some(picture));
            }
            Task::Print(..) => {}
        }
    }

    /// Viewports have left notes: they are drawn again.
    fn draw_again(&mut self, task: Task, shots: Vec<Shot>) {
        match task {
            Task::Print(wish, folder) => self.print(wish, folder, shots),
            Task::Copy(id) => {
                let Some(view) = self.view_of(id, shots) else { return };
                self.pool.spawn("Drawing the picture", move |_, _| Done::Copied(view.picture().map(Box::new)));
            }
            Task::Save(wish, folder) => {
                let (PictureWish::Screen(id) | PictureWish::Twice(id) | PictureWish::WithoutIdentity(id)) = wish else {
                    return;
                };
                let Some(view) = self.view_of(id, shots) else { return };
                self.save_picture(wish, folder, move || finished(view, wish));
            }
        }
    }

    fn view_of(&mut self, id: ViewportId, shots: Vec<Shot>) -> Option<View> {
        let view = shots.into_iter().find(|shot| shot.viewport == id).map(|shot| shot.view);
        if view.is_none() {
            let words =
                "This view can be saved only as it is on the screen: choose “Save the picture of this viewport”.";
            self.notify(NoticeLevel::Warning, words);
        }
        view
    }

    /// Asks for a folder where none is named, draws, and writes.
    fn save_picture(
        &mut self,
        wish: PictureWish,
        folder: Option<PathBuf>,
        draw: impl FnOnce() -> Option<RgbaPicture> + Send + 'static,
    ) {
        let name = self.picture_name(wish);
        let unnamed = matches!(wish, PictureWish::WithoutIdentity(_));
        self.write_into(folder, "Saving the picture", move |folder| {
            let picture = draw().ok_or("There is no picture yet: wait until the series is loaded.")?;
            let file = write_new(folder, &name, "png", &png(&picture)?)?;
            let note = if unnamed { " Look at it: names burned into the pixels are still there." } else { "" };
            let size = format!("{} × {} pixels", picture.width, picture.height);
            Ok(format!("Saved {} ({size}), read back and compared.{note}", file.display()))
        });
    }

    /// Runs what writes into a folder as a job; the folder is asked for where none is named.
    pub(super) fn write_into(
        &mut self,
        folder: Option<PathBuf>,
        name: &str,
        write: impl FnOnce(&Path) -> Result<String, String> + Send + 'static,
    ) {
        let dialog = folder.is_none().then(|| work::dialog(true, self.last_folder.as_deref()));
        let name = if dialog.is_some() { "Waiting for the folder dialog" } else { name };
        self.pool.spawn(name.to_owned(), move |_, _| {
            let folder = match dialog {
                Some(dialog) => work::picked(dialog).map(|paths| paths.into_iter().next()),
                None => Ok(folder),
            };
            match folder {
                Ok(Some(folder)) => Done::Exported(write(&folder)),
                Ok(None) => Done::Picked(Ok(Vec::new())),
                Err(problem) => Done::Exported(Err(problem)),
            }
        });
    }

    /// A picture for the clipboard has been drawn.
    pub(super) fn copied(&mut self, picture: Option<Box<RgbaPicture>>) {
        let Some(picture) = picture else {
            return self.notify(NoticeLevel::Warning, "There is no picture yet: wait until the series is loaded.");
        };
        let size = [picture.width as usize, picture.height as usize];
        self.egui.copy_image(ColorImage::from_rgba_unmultiplied(size, &picture.rgba));
        self.notify(NoticeLevel::Info, "The picture of the viewport is on the clipboard.");
    }

    /// "fovea axial": nothing of the patient is in names of files.
    fn picture_name(&self, wish: PictureWish) -> String {
        let kind = |id| self.view.layout.viewport(id).map_or("viewport", |viewport| short(viewport.kind));
        match wish {
            PictureWish::Window => "fovea window".into(),
            PictureWish::Screen(id) => format!("fovea {}", kind(id)),
            PictureWish::Twice(id) => format!("fovea {} twice", kind(id)),
            PictureWish::WithoutIdentity(id) => format!("fovea {} without identity", kind(id)),
        }
    }
}

fn short(kind: ViewKind) -> &'static str {
    match kind {
        ViewKind::Plane(orientation) => orientation.name(),
        ViewKind::Mip => "projection",
        _ => "image",
    }
}

fn finished(view: View, wish: PictureWish) -> Option<RgbaPicture> {
    match wish {
        PictureWish::Twice(_) => view.enlarged(2).picture(),
        PictureWish::WithoutIdentity(_) => view.without_identity().enlarged(2).picture(),
        PictureWish::Screen(_) | PictureWish::Window => view.picture(),
    }
}

/// The part of a window's picture that a viewport covers.
fn cropped(image: &ColorImage, rect: Rect, scale: f32) -> ColorImage {
    let [width, height] = image.size;
    let edge = |points: f32, most: usize| ((points * scale).round().max(0.0) as usize).min(most);
    let (left, right) = (edge(rect.left(), width), edge(rect.right(), width));
    let (top, bottom) = (edge(rect.top(), height), edge(rect.bottom(), height));
    image.region_by_pixels([left, top], [right.saturating_sub(left), bottom.saturating_sub(top)])
}

/// Writes bytes into a folder under a name that is not taken yet, reads them back and compares.
pub(super) fn write_new(folder: &Path, name: &str, extension: &str, bytes: &[u8]) -> Result<PathBuf, String> {
    const MOST: u32 = 10_000;
    let failed = |problem: &dyn std::fmt::Display| {
        format!("Cannot write into {} ({problem}): choose another folder or correct its rights.", folder.display())
    };
    std::fs::create_dir_all(folder).map_err(|problem| failed(&problem))?;
    for n in 1..MOST {
        let number = if n == 1 { String::new() } else { format!(" {n}") };
        let place = folder.join(format!("{name}{number}.{extension}"));
        if place.exists() {
            continue;
        }
        let pending = PendingFile::write(&place, |to| to.write_all(bytes)).map_err(|problem| failed(&problem))?;
        let back = std::fs::read(pending.path()).map_err(|problem| failed(&problem))?;
        if back != bytes {
            return Err(failed(&"what was written reads back otherwise"));
        }
        match pending.commit_new() {
            Ok(()) => return Ok(place),
            // Somebody else took the name meanwhile.
            Err(problem) if problem.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(problem) => return Err(failed(&problem)),
        }
    }
    Err(failed(&"there are too many pictures already"))
}
