//! What a file asks for when a picture is shown, beyond its window: VOI LUT tables (PS3.3 C.11.2.1.1), pixel padding
//! (C.7.5.1.1.2), display shutters (C.7.6.11, C.7.6.15) and overlay planes (C.9.2).
//!
//! Space: pixels of the picture, columns and rows from 0. Values are those after the Modality LUT. Nothing here changes a
//! value; it only says how, or whether, a pixel is shown.

use super::{Voi, VoiFunction};
use std::sync::Arc;

/// A way to show values that the file offers, in its own words.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiChoice {
    /// Window Center & Width Explanation (0028,1055) or LUT Explanation (0028,3003); may be empty.
    pub name: String,
    /// The window, or the table.
    pub voi: Voi,
}

/// A VOI LUT: gray for values from `first` on; values before it get the first entry, those behind get the last.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiTable {
    /// LUT Explanation (0028,3003); may be empty.
    pub name: String,
    /// First value mapped.
    pub first: f32,
    /// Bits of an entry, 8–16.
    pub bits: u32,
    /// At least one.
    pub entries: Arc<[u16]>,
}

impl VoiTable {
    /// Entry for a value after the Modality LUT.
    #[inline]
    pub fn entry(&self, value: f32) -> u16 {
        let last = (self.entries.len() - 1) as f32;
        self.entries[(value - self.first).clamp(0.0, last) as usize]
    }

    /// The window over all entries that shows this table, the `n`-th of its picture.
    pub fn voi(&self, n: usize) -> Voi {
        let top = f64::from((1u32 << self.bits.min(16)) - 1);
        Voi { center: top / 2.0, width: top, function: VoiFunction::Table(u8::try_from(n).unwrap_or(u8::MAX)) }
    }
}

/// One outline of a shutter: what lies outside is hidden.
#[derive(Debug, Clone, PartialEq)]
pub enum ShutterShape {
    /// First and last column and row that are shown.
    Rectangle {
        /// Columns.
        columns: [f64; 2],
        /// Rows.
        rows: [f64; 2],
    },
    /// Center (column, row) and radius.
    Circle {
        /// Column and row.
        center: [f64; 2],
        /// In pixels.
        radius: f64,
    },
    /// Corners (column, row), at least three; the last joins the first.
    Polygon(Vec<[f64; 2]>),
    /// Pixels that are set are hidden.
    Bitmap(OverlayPlane),
}

impl ShutterShape {
    fn shows(&self, column: usize, row: usize) -> bool {
        let (x, y) = (column as f64, row as f64);
        match self {
            Self::Rectangle { columns, rows } => x >= columns[0] && x <= columns[1] && y >= rows[0] && y <= rows[1],
            Self::Circle { center, radius } => (x - center[0]).hypot(y - center[1]) <= *radius,
            Self::Polygon(corners) => is_inside(corners, x, y),
            Self::Bitmap(plane) => !plane.is_set(column, row),
        }
    }
}

/// Even-odd rule; corners and edges may fall to either side.
fn is_inside(corners: &[[f64; 2]], x: f64, y: f64) -> bool {
    let crosses =
        |a: &[f64; 2], b: &[f64; 2]| (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).filter(|(a, b)| crosses(a, b)).count() % 2 == 1
}

/// Shapes that together leave open what is shown, and the gray over the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Shutter {
    /// A pixel is shown where all of them show it.
    pub shapes: Vec<ShutterShape>,
    /// Shutter Presentation Value (0018,1622) as a gray level.
    pub gray: u8,
}

impl Shutter {
    /// Whether a pixel is shown.
    pub fn shows(&self, column: usize, row: usize) -> bool {
        self.shapes.iter().all(|shape| shape.shows(column, row))
    }
}

/// What an overlay means (Overlay Type, 60xx,0040).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverlayKind {
    /// G: graphics and text.
    Graphics,
    /// R: a region of interest.
    Region,
}

/// One bit for each pixel of a rectangle over the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct OverlayPlane {
    /// Column and row of its first pixel in the picture; may lie outside.
    pub origin: [i32; 2],
    /// Its columns.
    pub width: usize,
    /// 0 or 1, row by row; a whole number of rows.
    pub bits: Vec<u8>,
    /// Graphics or region.
    pub kind: OverlayKind,
}

impl OverlayPlane {
    /// Whether the pixel of the picture is marked.
    pub fn is_set(&self, column: usize, row: usize) -> bool {
        let relative = |at: usize, origin: i32| usize::try_from(at as i64 - i64::from(origin)).ok();
        let (Some(x), Some(y)) = (relative(column, self.origin[0]), relative(row, self.origin[1])) else {
            return false;
        };
        x < self.width && self.bits.get(y * self.width + x).is_some_and(|bit| *bit != 0)
    }
}

/// All of it. Empty for most pictures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Presentation {
    /// VOI LUT Sequence (0028,3010), in its order; [`VoiFunction::Table`] counts them.
    pub tables: Vec<VoiTable>,
    /// Values of pixels that are no image: Pixel Padding Value (0028,0120) and Range Limit (0028,0121).
    pub padding: Option<[f32; 2]>,
    /// What is covered.
    pub shutter: Option<Shutter>,
    /// What is drawn over it.
    pub overlays: Vec<OverlayPlane>,
}

impl Presentation {
    /// True when nothing lies over the picture.
    pub fn is_bare(&self) -> bool {
        self.padding.is_none() && self.shutter.is_none() && self.overlays.is_empty()
    }

    /// True when a pixel of this value belongs to the image: no padding, and not under the shutter.
    pub fn is_image(&self, column: usize, row: usize, value: f32) -> bool {
        !self.is_padding(value) && self.shutter.as_ref().is_none_or(|shutter| shutter.shows(column, row))
    }

    fn is_padding(&self, value: f32) -> bool {
        self.padding.is_some_and(|[low, high]| value >= low && value <= high)
    }

    /// What covers a pixel of this value, if anything: overlays first, then shutter and padding.
    pub fn cover(&self, column: usize, row: usize, value: impl FnOnce() -> f32) -> Option<[u8; 3]> {
        if let Some(plane) = self.overlays.iter().find(|plane| plane.is_set(column, row)) {
            return Some(match plane.kind {
                OverlayKind::Graphics => [255, 255, 255],
                OverlayKind::Region => [255, 200, 60],
            });
        }
        if let Some(shutter) = self.shutter.as_ref().filter(|shutter| !shutter.shows(column, row)) {
            return Some([shutter.gray; 3]);
        }
        // Background is black, also where low values are bright.
        (self.padding.is_some() && self.is_padding(value())).then_some([0; 3])
    }
}
