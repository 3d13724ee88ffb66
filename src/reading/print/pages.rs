//! Views on paper: a layout as it hangs, or slices of one series as tiles. Points, landscape pages.

use super::{Drawing, View, WITHOUT_IDENTITY};
use crate::geometry::{DVec3, SlicePlane};
use crate::jobs::{Cancel, Progress};
use crate::render::annotate::{CornerTexts, Line, Tone};
use crate::render::{PictureDraw, RgbaPicture};
use crate::report::PdfError;
use crate::report::sheets::{Paper, Placed, Sheet, sheets};
use crate::study::Study;
use crate::volume::Calibration;

/// Pixels of a tile's longer side: few enough that words stay readable on paper.
const TILE_PX: f32 = 360.0;
/// Gap between pictures.
const GAP_PT: f32 = 3.0;
/// A picture is printed with so many pixels for one of the screen.
const TIMES: u32 = 2;

/// Slices of a series, in reading order.
#[derive(Debug, Clone)]
pub enum Slices {
    /// Planes through these points, parallel to that of the view.
    Planes(Vec<(DVec3, String)>),
    /// Pictures of a series without volume.
    Pictures(Vec<(usize, String)>),
}

/// Where a viewport lies (left, top, width and height as shares of the whole), and what is drawn there, or words instead.
pub type Hung = ([f32; 4], Result<Box<View>, String>);

/// What is printed.
#[derive(Debug, Clone)]
pub enum Printed {
    /// Viewports where they hang: left, top, width and height as shares of the whole.
    Layout {
        /// Width of the whole divided by its height.
        aspect: f32,
        /// The viewports; one that cannot be drawn again has no view, and words instead.
        views: Vec<Hung>,
    },
    /// Slices like one view, in rows and columns.
    Tiles {
        /// The view that they are like.
        like: Box<View>,
        /// Which.
        slices: Slices,
        /// Rows and columns of a page.
        grid: [u8; 2],
    },
}

/// What is printed, and how.
#[derive(Debug, Clone)]
pub struct Sheets {
    /// What.
    pub printed: Printed,
    /// On which paper.
    pub paper: Paper,
    /// With the patient's identity.
    pub identity: bool,
    /// When, RFC 3339.
    pub generated: String,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// Nothing of it can be drawn.
    #[error("there is nothing to print: wait until the series is loaded")]
    Nothing,
    /// It was asked to stop.
    #[error("printing was cancelled")]
    Cancelled,
    /// The writer refused.
    #[error(transparent)]
    Pdf(#[from] PdfError),
}

/// The PDF's bytes.
pub fn printed(job: &Sheets, progress: &Progress, cancel: &Cancel) -> Result<Vec<u8>, PrintError> {
    let area = job.paper.area_pt();
    let pages = match &job.printed {
        Printed::Layout { aspect, views } => vec![layout(views, fitted(area, *aspect), job, progress, cancel)?],
        Printed::Tiles { like, slices, grid } => tiles(like, slices, *grid, job, progress, cancel)?,
    };
    if pages.iter().all(|page| page.pictures.is_empty()) {
        return Err(PrintError::Nothing);
    }
    Ok(sheets(&pages, job.paper, &job.generated)?)
}

fn ask(progress: &Progress, cancel: &Cancel, n: usize, count: usize) -> Result<(), PrintError> {
    if cancel.is_cancelled() {
        return Err(PrintError::Cancelled);
    }
    progress.set(format!("Drawing picture {} of {count}", n + 1), Some(n as f32 / count.max(1) as f32));
    Ok(())
}

/// The largest rectangle of an aspect in the middle of the area: left, top, width, height.
fn fitted([left, top, width, height]: [f32; 4], aspect: f32) -> [f32; 4] {
    let wide = width.min(height * aspect.clamp(0.1, 10.0));
    let high = wide / aspect.clamp(0.1, 10.0);
    [left + (width - wide) / 2.0, top + (height - high) / 2.0, wide, high]
}

type Cells = [([f32; 4], Result<Box<View>, String>)];

fn layout(
    views: &Cells,
    [left, top, width, height]: [f32; 4],
    job: &Sheets,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Sheet, PrintError> {
    let drawable = views.iter().filter_map(|(_, view)| view.as_ref().ok());
    let mut sheet =
        Sheet { heading: heading(drawable.map(|view| &*view.series.study), job.identity), ..Sheet::default() };
    for (n, ([x, y, w, h], view)) in views.iter().enumerate() {
        ask(progress, cancel, n, views.len())?;
        let place_pt = [left + x * width, top + y * height, w * width, h * height];
        match view.as_ref().map(|view| dressed(view, job.identity).enlarged(TIMES).picture()) {
            Ok(Some(picture)) => sheet.pictures.push(placed(picture, place_pt)),
            Ok(None) => sheet.notes.push((place_pt, "not loaded".into())),
            Err(why) => sheet.notes.push((place_pt, why.clone())),
        }
    }
    Ok(sheet)
}

fn dressed(view: &View, identity: bool) -> View {
    let view = view.clone();
    if identity { view } else { view.without_identity() }
}

fn placed(picture: RgbaPicture, place_pt: [f32; 4]) -> Placed {
    Placed { width_px: picture.width, height_px: picture.height, rgba: picture.rgba, place_pt }
}

fn tiles(
    like: &View,
    slices: &Slices,
    grid: [u8; 2],
    job: &Sheets,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<Sheet>, PrintError> {
    let [rows, columns] = grid.map(|n| usize::from(n.max(1)));
    let [left, top, width, height] = job.paper.area_pt();
    let (wide, high) = (width / columns as f32, height / rows as f32);
    let scale = TILE_PX / wide.max(high);
    let size_px = [wide - GAP_PT, high - GAP_PT].map(|pt| (pt * scale).max(16.0) as u32);
    let count = slices.len();
    let mut pages = Vec::new();
    for n in 0..count {
        ask(progress, cancel, n, count)?;
        let at = n % (rows * columns);
        if at == 0 {
            let heading = heading(std::iter::once(&*like.series.study), job.identity);
            pages.push(Sheet { heading, ..Sheet::default() });
        }
        let place_pt =
            [left + (at % columns) as f32 * wide, top + (at / columns) as f32 * high, wide - GAP_PT, high - GAP_PT];
        if let (Some(picture), Some(page)) = (tile(like, slices, n, size_px).picture(), pages.last_mut()) {
            page.pictures.push(placed(picture, place_pt));
        }
    }
    Ok(pages)
}

/// One slice like a view, with what a small picture has room for: which slice, sides, and what to beware of.
fn tile(like: &View, slices: &Slices, n: usize, size_px: [u32; 2]) -> View {
    let mut view = like.clone();
    (view.marks, view.boxes) = (Vec::new(), Vec::new());
    let words = match (slices, &mut view.drawing) {
        (Slices::Planes(points), Drawing::Slice(draw)) => {
            moved(&mut draw.plane, points[n].0, size_px);
            &points[n].1
        }
        (Slices::Planes(points), Drawing::Mip(draw)) => {
            moved(&mut draw.plane, points[n].0, size_px);
            &points[n].1
        }
        (Slices::Pictures(pictures), Drawing::Flat { index, draw, calibration, .. }) => {
            *index = pictures[n].0;
            if let Some(image) = view.series.pictures().get(*index) {
                let aspect = image.spacing_mm().map_or(1.0, |[row, column]| row / column);
                let fit = PictureDraw::fit([image.width, image.height], aspect, size_px, draw.voi, draw.inverted);
                if !matches!(calibration, Calibration::KnownLength(_)) {
                    *calibration = image.calibration;
                }
                *draw = PictureDraw { interpolation: draw.interpolation, color_map: draw.color_map, ..fit };
            }
            &pictures[n].1
        }
        (Slices::Planes(points), Drawing::Flat { .. }) => &points[n].1,
        (Slices::Pictures(pictures), _) => &pictures[n].1,
    };
    let cautions = like.corners.right_lower.iter().filter(|line| line.tone != Tone::Plain).cloned().collect();
    let left_upper = vec![Line::toned(words.clone(), Tone::Strong)];
    view.corners = CornerTexts { left_upper, right_lower: cautions, ..CornerTexts::default() };
    view
}

/// The same part of the patient as the view shows, as large as it fits, on a plane through a point.
fn moved(plane: &mut SlicePlane, through_lps: DVec3, size_px: [u32; 2]) {
    let normal = plane.normal_lps();
    plane.center_lps += normal * normal.dot(through_lps - plane.center_lps);
    let [wide, high] = plane.size_px.map(f64::from);
    let per_px = (wide / f64::from(size_px[0])).max(high / f64::from(size_px[1]));
    plane.pixel_mm *= per_px;
    plane.size_px = size_px;
}

impl Slices {
    fn len(&self) -> usize {
        match self {
            Self::Planes(points) => points.len(),
            Self::Pictures(pictures) => pictures.len(),
        }
    }
}

/// Whose pictures they are: one study's identity, or that they are of several.
fn heading<'a>(studies: impl Iterator<Item = &'a Study>, identity: bool) -> Vec<(String, bool)> {
    if !identity {
        return vec![(WITHOUT_IDENTITY.to_owned(), false)];
    }
    let mut known: Vec<&Study> = Vec::new();
    for study in studies {
        if known.iter().all(|other| other.uid != study.uid) {
            known.push(study);
        }
    }
    let words = |study: &Study| crate::report::sheets::identity_words(study);
    let Some(first) = known.first() else { return Vec::new() };
    let several = known.iter().any(|study| study.patient != first.patient);
    let warning = several.then(|| ("Pictures of several patients: each says whose it is".to_owned(), true));
    warning.into_iter().chain(known.iter().map(|study| (words(study), several))).collect()
}
