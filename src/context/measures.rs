//! Measuring as the interface sees it: the tools, what is being measured, and the commands about measurements and key images.

use super::commands::UiCommand;
use super::layout::{Viewport, ViewportId};
use super::{AppContext, ShownSeries};
use crate::findings::measurement::{ImageRef, Measurement, PEAK_DIAMETER_MM, Place, Shape};
use crate::findings::{FindingId, KeyImageMark, Quantity};
use crate::loaded::LoadedSeries;
use crate::reading;
use crate::volume::{Calibration, Picture};
use std::f64::consts::PI;

/// Points that are looked at while a shape is drawn, so that a frame stays below a few milliseconds; what needs more is
/// measured when the button is released, by a job.
const LIVE_POINTS: f64 = 300_000.0;
/// Points looked at in each voxel at the border of a solid.
const BORDER_POINTS: f64 = 216.0;

/// What the left button draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MeasureTool {
    /// A straight line.
    #[default]
    Length,
    /// Between two lines with a common end.
    Angle,
    /// Between two lines apart from each other.
    Cobb,
    /// Longest diameter and the longest at right angles to it (RECIST).
    Bidirectional,
    /// A region.
    Ellipse,
    /// A region.
    Rectangle,
    /// A region by its corners.
    Polygon,
    /// A region drawn by hand.
    Freehand,
    /// The length of an open line.
    Polyline,
    /// A volume of interest.
    Sphere,
    /// A volume of interest.
    Box,
    /// The hottest 12 mm sphere in a ball.
    SuvPeak,
    /// Points at something, with words.
    Arrow,
    /// Words.
    Text,
    /// The value at a point.
    Probe,
}

impl MeasureTool {
    /// All, in the groups of the menu: lines, regions, volumes, notes.
    pub const GROUPS: [&'static [Self]; 4] = [
        &[Self::Length, Self::Bidirectional, Self::Polyline, Self::Angle, Self::Cobb],
        &[Self::Ellipse, Self::Rectangle, Self::Polygon, Self::Freehand],
        &[Self::Sphere, Self::Box, Self::SuvPeak],
        &[Self::Arrow, Self::Text, Self::Probe],
    ];

    /// All.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::GROUPS.into_iter().flatten().copied()
    }

    /// The command that takes it in hand; gives name and key too.
    pub fn command(self) -> UiCommand {
        match self {
            Self::Length => UiCommand::ToolLength,
            Self::Angle => UiCommand::ToolAngle,
            Self::Cobb => UiCommand::ToolCobb,
            Self::Bidirectional => UiCommand::ToolBidirectional,
            Self::Ellipse => UiCommand::ToolEllipse,
            Self::Rectangle => UiCommand::ToolRectangle,
            Self::Polygon => UiCommand::ToolPolygon,
            Self::Freehand => UiCommand::ToolFreehand,
            Self::Polyline => UiCommand::ToolPolyline,
            Self::Sphere => UiCommand::ToolSphere,
            Self::Box => UiCommand::ToolBox,
            Self::SuvPeak => UiCommand::ToolSuvPeak,
            Self::Arrow => UiCommand::ToolArrow,
            Self::Text => UiCommand::ToolText,
            Self::Probe => UiCommand::ToolProbe,
        }
    }

    /// The tool that a command takes in hand.
    pub fn of(command: UiCommand) -> Option<Self> {
        Self::all().find(|tool| tool.command() == command)
    }

    /// True for those that need a volume.
    pub fn needs_volume(self) -> bool {
        matches!(self, Self::Sphere | Self::Box | Self::SuvPeak)
    }

    /// How it is used, in a few words.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Length => "drag, or click both ends",
            Self::Angle => "click end, vertex, end",
            Self::Cobb => "drag two lines",
            Self::Bidirectional => "drag the long axis, then the short one",
            Self::Ellipse | Self::Rectangle => "drag from corner to corner; Shift: equal sides",
            Self::Box => "drag from corner to corner; as deep as its shorter side",
            Self::Polygon => "click the corners; Enter, double click or the first corner closes",
            Self::Freehand => "draw around it",
            Self::Polyline => "click or draw along it; Enter or double click ends",
            Self::Sphere | Self::SuvPeak => "drag from the middle to the rim",
            Self::Arrow => "drag from the tip to the words",
            Self::Text => "click where the words go",
            Self::Probe => "values under the pointer; a click keeps them",
        }
    }
}

/// A shape whose numbers a job is still finding.
#[derive(Debug, Clone)]
pub struct PendingMeasure {
    /// Which job's.
    pub ticket: u64,
    /// The measurement that it will change; `None` for a new one.
    pub finding: Option<FindingId>,
    /// What is known from its points alone.
    pub measurement: Measurement,
}

/// What the window knows of measuring beyond the case.
#[derive(Debug, Clone, Default)]
pub struct MeasuresView {
    /// The measuring tool that was in hand last.
    pub last_tool: MeasureTool,
    /// Shapes that are being measured.
    pub pending: Vec<PendingMeasure>,
}

/// Something with measurements or key images.
#[derive(Debug, Clone, PartialEq)]
pub enum MeasureCommand {
    /// Nothing can be measured here: say why.
    Refuse(&'static str),
    /// A shape was drawn: measure and keep it.
    Add {
        /// Where it lies.
        place: Box<Place>,
        /// What was drawn.
        shape: Shape,
        /// What it is called; empty for the name of its kind.
        label: String,
    },
    /// A shape was changed.
    Change {
        /// Which.
        finding: FindingId,
        /// As it is now.
        shape: Shape,
    },
    /// Take one in hand, or none, without moving what is shown.
    Select(Option<FindingId>),
    /// Bring one on screen.
    GoTo(FindingId),
    /// Remove one.
    Remove(FindingId),
    /// Another name.
    Rename(FindingId, String),
    /// A sentence with its numbers goes into the report.
    Report(FindingId),
    /// Its values onto the clipboard.
    Copy(FindingId),
    /// All values onto the clipboard.
    CopyAll,
    /// This length is so many millimetres: the pictures of its series are calibrated by it.
    Calibrate(FindingId, f64),
    /// The pictures of a series are calibrated as the files say again.
    Uncalibrate(String),
    /// A window for what lies in a region.
    WindowFrom(ViewportId, FindingId),
    /// Mark an image, or give a marked one another note.
    Mark(Box<KeyImageMark>),
    /// Take a mark back.
    Unmark(ImageRef),
    /// Bring a marked image on screen.
    GoToImage(Box<KeyImageMark>),
}

/// What a shape gives, as far as it can be found within a frame: regions that would take longer have their size only.
pub fn live_measurement(series: &LoadedSeries, shape: Shape, place: Place) -> Option<Measurement> {
    let geometric = Measurement::new(shape, place).ok()?;
    if is_slow(series, &geometric) {
        return Some(geometric);
    }
    reading::measure(series, geometric.shape.clone(), geometric.place.clone()).ok().or(Some(geometric))
}

/// True when measuring looks at more points than a frame has time for.
pub fn is_slow(series: &LoadedSeries, measurement: &Measurement) -> bool {
    points_looked_at(series, measurement) > LIVE_POINTS
}

fn points_looked_at(series: &LoadedSeries, measurement: &Measurement) -> f64 {
    let spacing_mm = series.geometry().map(|geometry| geometry.spacing_mm().min_element());
    let voxel_mm3 = series.geometry().map_or(1.0, crate::geometry::VolumeGeometry::voxel_volume_mm3);
    let ball = |radius_mm: f64| {
        let (inside, rim) = (4.0 / 3.0 * PI * radius_mm.powi(3), 4.0 * PI * radius_mm * radius_mm);
        inside / voxel_mm3 + BORDER_POINTS * rim / voxel_mm3.cbrt().powi(2)
    };
    match &measurement.shape {
        Shape::Sphere { radius_mm, .. } => ball(*radius_mm),
        Shape::SuvPeak { radius_mm, .. } => ball(*radius_mm) * ball(PEAK_DIAMETER_MM / 2.0) / BORDER_POINTS,
        Shape::Box { corners: [a, b], depth_mm } => {
            let sides = (*b - *a).abs();
            let faces = 2.0 * (sides.x * sides.y + (sides.x + sides.y) * depth_mm);
            sides.x * sides.y * depth_mm / voxel_mm3 + BORDER_POINTS * faces / voxel_mm3.cbrt().powi(2)
        }
        shape if shape.is_region() => {
            let area = measurement.results.get(Quantity::Area).map_or(0.0, |area| area.value);
            let pixel = spacing_mm.map_or_else(|| measurement.place.scale().element_product(), |mm| mm * mm);
            area / pixel * shape.points().len().max(8) as f64
        }
        _ => 0.0,
    }
}

impl AppContext<'_> {
    /// What makes millimetres of a picture's pixels: a person's calibration before the file's.
    pub fn calibration(&self, series: &ShownSeries, picture: &Picture) -> Calibration {
        let known = self.case.and_then(|case| case.document.calibration(&series.key()));
        known.map_or(picture.calibration, |known| Calibration::KnownLength(known.mm))
    }

    /// True when the image that a viewport shows is marked as a key image.
    pub fn is_key_image(&self, viewport: &Viewport) -> bool {
        let image = self.image_in(viewport).zip(self.looked_at(viewport));
        let image = image.and_then(|(k, (series, _))| reading::image_ref(&series.loaded, k));
        let marks = self.case.map_or(&[][..], |case| case.document.key_images());
        image.is_some_and(|image| marks.iter().any(|mark| mark.is_of(&image)))
    }
}
