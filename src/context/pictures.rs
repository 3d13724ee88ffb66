//! Pictures of what is on the screen: what may be asked for, and the notes that a viewport leaves about how it was painted.

use super::ViewportId;
use crate::reading::print::View;
use crate::report::sheets::Paper;
use std::cell::RefCell;
use std::path::PathBuf;

/// Something with pictures or paper. Without a folder one is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum PictureCommand {
    /// Write a PNG.
    Save(PictureWish, Option<PathBuf>),
    /// Put the picture of a viewport on the clipboard.
    Copy(ViewportId),
    /// Write a PDF.
    Print(PrintWish, Option<PathBuf>),
}

/// What a saved picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureWish {
    /// The whole window, as it is.
    Window,
    /// A viewport, as it is on the screen.
    Screen(ViewportId),
    /// A viewport with twice as many pixels along each side.
    Twice(ViewportId),
    /// A viewport with the patient's identity left out.
    WithoutIdentity(ViewportId),
}

/// What is printed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintWish {
    /// What.
    pub what: PrintedWhat,
    /// On which paper.
    pub paper: Paper,
    /// With the patient's identity.
    pub identity: bool,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintedWhat {
    /// The viewports as they hang.
    Layout,
    /// Slices of the series in a viewport, like it.
    Tiles {
        /// Which.
        like: ViewportId,
        /// Rows of a page.
        rows: u8,
        /// Columns of a page.
        columns: u8,
        /// Every so many slices one.
        every: usize,
    },
}

/// Notes of one frame: what each viewport painted, and where in its window (points). A frame leaves notes only while a camera
/// is in the context.
#[derive(Debug, Default)]
pub struct Camera(RefCell<Vec<Shot>>);

/// What one viewport painted.
#[derive(Debug, Clone)]
pub struct Shot {
    /// Which one.
    pub viewport: ViewportId,
    /// How.
    pub view: View,
}

impl Camera {
    /// Notes what a viewport paints first.
    pub fn begin(&self, viewport: ViewportId, view: View) {
        self.0.borrow_mut().push(Shot { viewport, view });
    }

    /// Adds to the notes about a viewport.
    pub fn add(&self, viewport: ViewportId, change: impl FnOnce(&mut View)) {
        if let Some(shot) = self.0.borrow_mut().iter_mut().find(|shot| shot.viewport == viewport) {
            change(&mut shot.view);
        }
    }

    /// All notes.
    pub fn shots(self) -> Vec<Shot> {
        self.0.into_inner()
    }
}
