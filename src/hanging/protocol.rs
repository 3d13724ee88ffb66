//! What a protocol is made of: rules, selectors, stages, cells. Plain data; [`super::check`] says what makes it sound.

use super::condition::{SeriesCondition, StudyCondition};
use super::named;
use crate::volume::{Voi, VoiFunction};
use std::collections::BTreeMap;

/// One hanging protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// Unique among the protocols at hand.
    pub name: String,
    /// One sentence for the person who chooses.
    pub description: String,
    /// For which studies it is.
    pub applies: Select<StudyCondition>,
    /// Its series, by name.
    pub selectors: BTreeMap<String, Select<SeriesCondition>>,
    /// In the order in which they are stepped through; at least one.
    pub stages: Vec<Stage>,
}

/// Rules with points. Something fits when every `require`, one of `require_any` (if there are any) and no `refuse` holds; among
/// what fits, the most points win.
#[derive(Debug, Clone, PartialEq)]
pub struct Select<C> {
    /// Each must hold.
    pub require: Vec<C>,
    /// At least one must hold, unless the list is empty.
    pub require_any: Vec<C>,
    /// None may hold.
    pub refuse: Vec<C>,
    /// Each gives (or takes) points.
    pub prefer: Vec<Weighted<C>>,
}

impl<C> Default for Select<C> {
    fn default() -> Self {
        Self { require: Vec::new(), require_any: Vec::new(), refuse: Vec::new(), prefer: Vec::new() }
    }
}

impl<C> Select<C> {
    /// What keeps something from fitting, as a sentence; `Ok` when it fits.
    pub fn judge(&self, holds: impl Fn(&C) -> bool, sentence: impl Fn(&C) -> String) -> Result<(), String> {
        if let Some(failed) = self.require.iter().find(|rule| !holds(rule)) {
            return Err(format!("required: {}", sentence(failed)));
        }
        if !self.require_any.is_empty() && !self.require_any.iter().any(&holds) {
            let wanted: Vec<String> = self.require_any.iter().map(sentence).collect();
            return Err(format!("required: {}", wanted.join(", or ")));
        }
        match self.refuse.iter().find(|rule| holds(rule)) {
            Some(held) => Err(format!("refused: {}", sentence(held))),
            None => Ok(()),
        }
    }

    /// Points of the rules that hold, and each rule with its points.
    pub fn points(&self, holds: impl Fn(&C) -> bool, sentence: impl Fn(&C) -> String) -> (i32, Vec<String>) {
        let held: Vec<&Weighted<C>> = self.prefer.iter().filter(|rule| holds(&rule.when)).collect();
        let reasons = held.iter().map(|rule| format!("{:+}: {}", rule.points, sentence(&rule.when)));
        (held.iter().map(|rule| rule.points).sum(), reasons.collect())
    }
}

/// A condition that is worth points.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted<C> {
    /// −1000 to 1000, not 0.
    pub points: i32,
    /// When.
    pub when: C,
}

/// One arrangement of viewports.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// "Axial with prior".
    pub name: String,
    /// Offered only when each of these holds.
    pub when: Vec<StudyCondition>,
    /// 1–8.
    pub rows: u8,
    /// 1–8.
    pub columns: u8,
    /// Inside the grid, none over another.
    pub cells: Vec<Cell>,
}

/// One viewport.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Row and column of its upper left corner, from 0 (files count from 1).
    pub at: [u8; 2],
    /// Rows and columns that it covers.
    pub span: [u8; 2],
    /// Name of the selector.
    pub series: String,
    /// 1 = what fits best, 2 = what fits second, …
    pub rank: u16,
    /// 0 = the study that is read, 1 = its newest comparable prior, …
    pub prior: u8,
    /// What of the series is shown.
    pub view: View,
    /// How gray values are shown.
    pub look: Look,
    /// A second series laid over it.
    pub over: Option<Over>,
    /// Names of the groups that it scrolls, windows and zooms with.
    pub sync: Sync,
    /// First slice or picture.
    pub start: Start,
    /// Thickness of a plane.
    pub slab: Option<Slab>,
    /// First size on screen.
    pub scale: Scale,
    /// Where the picture lies in the viewport.
    pub align: Align,
}

impl Cell {
    /// One place of the grid, everything else by default.
    pub fn new(at: [u8; 2], series: &str, view: View) -> Self {
        Self {
            at,
            span: [1, 1],
            series: series.into(),
            rank: 1,
            prior: 0,
            view,
            look: Look::default(),
            over: None,
            sync: Sync::default(),
            start: Start::Middle,
            slab: None,
            scale: Scale::Fit,
            align: Align::Center,
        }
    }
}

named! {
    /// What of a series a viewport shows.
    View {
        /// Plane.
        Axial = "axial",
        /// Plane.
        Coronal = "coronal",
        /// Plane.
        Sagittal = "sagittal",
        /// The plane in which the series was acquired.
        Acquired = "acquired",
        /// Maximum intensity projection.
        Mip = "mip",
        /// Volume rendering.
        Volume = "volume",
        /// Digitally reconstructed radiograph.
        Drr = "drr",
        /// The images as they are stored.
        Image = "image",
    }
}

impl View {
    /// True for planes through a volume.
    pub fn is_plane(self) -> bool {
        matches!(self, Self::Axial | Self::Coronal | Self::Sagittal | Self::Acquired)
    }
}

/// How gray values become what is seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Look {
    /// The window.
    pub window: CellWindow,
    /// Name of a color map; `None` = gray.
    pub colors: Option<String>,
    /// Dark and bright exchanged; `None` = as the series is shown first (PET inverted).
    pub inverted: Option<bool>,
}

/// A window, as a protocol says it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum CellWindow {
    /// The one that the series opens with (`clinical.md`, Defaults).
    #[default]
    First,
    /// One of [`WINDOW_PRESETS`], for values in HU; other values keep their first window.
    Preset(&'static WindowPreset),
    /// Width and level, in values after the Modality LUT.
    WidthLevel([f64; 2]),
    /// From … to in SUVbw; where SUV are not known, the first window.
    Suv([f64; 2]),
}

impl CellWindow {
    /// The window, `None` for the first window of the series. `is_hu` and `is_suv` say what the values are.
    pub fn voi(&self, is_hu: bool, is_suv: bool) -> Option<Voi> {
        match self {
            Self::Preset(preset) if is_hu => Some(Voi::linear(preset.level, preset.width)),
            Self::WidthLevel([width, level]) => Some(Voi::linear(*level, *width)),
            // Without the standard's half-value offsets, which are for whole numbers.
            Self::Suv([low, high]) if is_suv => {
                Some(Voi { center: f64::midpoint(*low, *high), width: high - low, function: VoiFunction::LinearExact })
            }
            Self::First | Self::Preset(_) | Self::Suv(_) => None,
        }
    }
}

/// A named window in HU.
#[derive(Debug, PartialEq)]
pub struct WindowPreset {
    /// In files.
    pub name: &'static str,
    /// Window Width.
    pub width: f64,
    /// Window Center.
    pub level: f64,
}

const fn preset(name: &'static str, width: f64, level: f64) -> WindowPreset {
    WindowPreset { name, width, level }
}

/// Windows that files may name (`clinical.md`, Defaults).
pub const WINDOW_PRESETS: &[WindowPreset] = &[
    preset("abdomen", 400.0, 40.0),
    preset("lung", 1500.0, -600.0),
    preset("mediastinum", 350.0, 50.0),
    preset("bone", 1800.0, 400.0),
    preset("brain", 80.0, 40.0),
    preset("subdural", 200.0, 75.0),
    preset("stroke", 40.0, 40.0),
    preset("liver", 150.0, 30.0),
    preset("liver portal", 150.0, 90.0),
    preset("angiography", 700.0, 200.0),
    preset("temporal bone", 2800.0, 600.0),
];

/// A second series laid over the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Over {
    /// Name of the selector; it picks from the same study.
    pub series: String,
    /// Its window, color map and inversion.
    pub look: Look,
    /// 0–1.
    pub opacity: f64,
}

/// Groups of viewports that move together; equal names within a stage are one group, `None` moves alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sync {
    /// Slices.
    pub scroll: Option<String>,
    /// Window.
    pub window: Option<String>,
    /// Size and displacement.
    pub zoom: Option<String>,
}

/// Which slice or picture comes first.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Start {
    /// In reading order.
    First,
    /// The middle one.
    #[default]
    Middle,
    /// In reading order.
    Last,
    /// 0 = first, 1 = last.
    Fraction(f64),
}

impl Start {
    /// Position among `count` slices, from 0.
    pub fn index(self, count: usize) -> usize {
        let last = count.saturating_sub(1);
        match self {
            Self::First => 0,
            Self::Middle => count / 2,
            Self::Last => last,
            Self::Fraction(share) => ((share.clamp(0.0, 1.0) * last as f64).round() as usize).min(last),
        }
    }
}

named! {
    /// What a slab makes of the values along its thickness.
    SlabMode {
        /// Greatest.
        Maximum = "maximum",
        /// Least.
        Minimum = "minimum",
        /// Mean.
        Mean = "mean",
        /// Sum.
        Sum = "sum",
    }
}

/// A thick plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slab {
    /// Thickness, 0.1–500 mm.
    pub mm: f64,
    /// Of the values along it.
    pub mode: SlabMode,
}

named! {
    /// First size on screen.
    Scale {
        /// The whole picture.
        Fit = "fit",
        /// One image pixel per screen pixel.
        OneToOne = "one-to-one",
        /// All cells of the zoom group with the same mm per screen pixel, as large as all fit.
        SameMm = "same-mm",
    }
}

named! {
    /// Where a picture lies in its viewport.
    Align {
        /// In the middle.
        Center = "center",
        /// Mammography: the chest wall at the viewport's left edge.
        ChestWallLeft = "chest-wall-left",
        /// Mammography: the chest wall at the viewport's right edge.
        ChestWallRight = "chest-wall-right",
    }
}
