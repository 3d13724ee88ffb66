//! How things are shown: layout, place in each series, tool, masks. Plain data that `app` changes and panels read.

use super::layout::{Layout, ViewKind, Viewport, ViewportId};
use super::linking::Linking;
use super::measures::{MeasureTool, MeasuresView};
use super::planes::plane_shows_box;
use super::verifying::Verified;
use crate::findings::{Finding, FindingId};
use crate::geometry::{DQuat, DVec3};
use crate::registration::Links;
use crate::render::Interpolation;
use crate::report::SentenceId;
use crate::volume::{AlgorithmKind, Segment};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the left button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Window/level by drag; a click moves the crosshair.
    Window,
    /// Zoom by drag.
    Zoom,
    /// Pan by drag.
    Pan,
    /// Move the linked crosshair.
    Crosshair,
    /// A glass over the picture while the button is down.
    Magnifier,
    /// Paint the active segment.
    Brush,
    /// Erase the active segment.
    Eraser,
    /// Measure, point at, write on.
    Measure(MeasureTool),
}

/// Size and shape of brush and eraser.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrushTip {
    /// Radius in mm.
    pub radius_mm: f64,
    /// A ball through slices, or a disc in the plane that is painted on.
    pub sphere: bool,
}

/// How cine loops and 4D groups are played.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Player {
    /// It runs.
    pub playing: bool,
    /// The reader's speed; `None` = as recorded.
    pub frames_per_second: Option<f64>,
    /// Forth and back, instead of from the beginning again.
    pub bounce: bool,
    /// On the way back.
    pub backwards: bool,
}

impl Player {
    /// Frames a second: the reader's, else the recorded, else ten.
    pub fn speed(self, recorded: Option<f64>) -> f64 {
        self.frames_per_second.or(recorded).unwrap_or(10.0)
    }
}

/// How one segment is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentLook {
    /// Shown at all.
    pub visible: bool,
    /// 0–1, times the common opacities.
    pub opacity: f32,
}

impl Default for SegmentLook {
    fn default() -> Self {
        Self { visible: true, opacity: 1.0 }
    }
}

/// Tabs of the right panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Findings and segments.
    Findings,
    /// The report.
    Report,
    /// Measurements and key images.
    Measures,
    /// Volume rendering, synthetic radiograph, surfaces.
    Solid,
    /// Facts about the series, warnings, what was not read.
    Info,
}

/// Where and how the reader looks at one series, in whatever viewport.
#[derive(Debug, Clone)]
pub struct Sight {
    /// Point that all planes of the series pass through.
    pub crosshair_lps: DVec3,
    /// How the three planes are turned against the grid about the crosshair; identity = along the grid.
    pub turn: DQuat,
    /// Which picture of a series without volume.
    pub picture: usize,
    /// Slices (or pictures) that have been on screen.
    pub seen: HashSet<usize>,
    /// Once all were, proposals are shown by themselves, and hiding them again is left to the reader.
    pub all_seen: bool,
}

impl Default for Sight {
    fn default() -> Self {
        Self { crosshair_lps: DVec3::ZERO, turn: DQuat::IDENTITY, picture: 0, seen: HashSet::new(), all_seen: false }
    }
}

/// How everything is shown.
#[allow(clippy::struct_excessive_bools, reason = "independent switches of the view")]
#[derive(Debug, Clone)]
pub struct ViewState {
    /// The viewports and where they lie.
    pub layout: Layout,
    /// The series that the case is about, by its key.
    pub reading: Option<String>,
    /// Where the reader is in each series on screen, by its key.
    pub sights: HashMap<String, Sight>,
    /// The viewport that fills the middle, if one does.
    pub maximized: Option<ViewportId>,
    /// The viewport that keys go to.
    pub active: ViewportId,
    /// Whether the crosshair is drawn.
    pub crosshair_shown: bool,
    /// How values between voxels come about.
    pub interpolation: Interpolation,
    /// Registrations of frames of reference.
    pub links: Links,
    /// What is known of them, and which series scroll alone.
    pub linking: Linking,
    /// What the last verification of each viewport gave.
    pub verified: HashMap<ViewportId, Verified>,
    /// Overlay texts (identity, side and "not for clinical use" stay).
    pub texts_shown: bool,
    /// Overlay planes, shutter and padding of the file.
    pub overlays_shown: bool,
    /// How loops and 4D groups are played.
    pub player: Player,
    /// What the left button does.
    pub tool: Tool,
    /// Brush and eraser.
    pub brush: BrushTip,
    /// Measuring, beyond what the case holds.
    pub measures: MeasuresView,
    /// Whether proposals of machines may be seen.
    pub ai_shown: bool,
    /// Masks hidden by a key, whatever else is set.
    pub masks_hidden: bool,
    /// Fill of masks, 0–1.
    pub fill_opacity: f32,
    /// Outline of masks, 0–1.
    pub outline_opacity: f32,
    /// Segments that differ from the default look.
    pub looks: BTreeMap<u8, SegmentLook>,
    /// The segment that brush and eraser change.
    pub active_segment: Option<u8>,
    /// The finding in hand.
    pub selected: Option<FindingId>,
    /// Sentences lit because a voxel or finding under them was pointed at.
    pub lit: Vec<SentenceId>,
    /// Side panels are shown.
    pub panels_shown: bool,
    /// The open tab.
    pub tab: Tab,
}

impl Default for ViewState {
    fn default() -> Self {
        let layout = Layout::default();
        Self {
            active: layout.cells[0].viewport.id,
            layout,
            reading: None,
            sights: HashMap::new(),
            maximized: None,
            crosshair_shown: true,
            interpolation: Interpolation::Linear,
            links: Links::default(),
            linking: Linking::default(),
            verified: HashMap::new(),
            texts_shown: true,
            overlays_shown: true,
            player: Player::default(),
            tool: Tool::Window,
            brush: BrushTip { radius_mm: 6.0, sphere: false },
            measures: MeasuresView::default(),
            ai_shown: false,
            masks_hidden: false,
            fill_opacity: 0.25,
            outline_opacity: 1.0,
            looks: BTreeMap::new(),
            active_segment: None,
            selected: None,
            lit: Vec::new(),
            panels_shown: true,
            tab: Tab::Findings,
        }
    }
}

impl ViewState {
    /// The viewport that keys go to.
    pub fn active_viewport(&self) -> Option<&Viewport> {
        self.layout.viewport(self.active)
    }

    /// The viewports that are on screen now.
    pub fn on_screen(&self) -> impl Iterator<Item = &Viewport> {
        self.layout.viewports().filter(|viewport| self.maximized.is_none_or(|only| only == viewport.id))
    }

    /// Where the reader is in a series; nowhere in particular for one that is not on screen.
    pub fn sight(&self, key: &str) -> Sight {
        self.sights.get(key).cloned().unwrap_or_default()
    }

    /// Where the reader is in the series that the case is about.
    pub fn reading_sight(&self) -> Option<&Sight> {
        self.sights.get(self.reading.as_deref()?)
    }

    /// How a segment is shown.
    pub fn look(&self, segment: u8) -> SegmentLook {
        self.looks.get(&segment).copied().unwrap_or_default()
    }

    /// True when the mask of a segment is on screen; those of machines wait until proposals may be seen.
    pub fn shows_segment(&self, segment: &Segment) -> bool {
        let allowed = self.ai_shown || segment.algorithm == AlgorithmKind::Manual;
        !self.masks_hidden && allowed && self.look(segment.number).visible
    }

    /// True when some plane on screen of the series that is read passes through the finding's evidence and shows its middle;
    /// findings without a place in the patient are judged by their picture.
    pub fn evidence_on_screen(&self, finding: &Finding) -> bool {
        let Some(key) = self.reading.as_deref() else { return false };
        let mut shown = self.on_screen().filter(|viewport| viewport.shows(key));
        let Some(place) = finding.box_lps() else {
            return finding.focus_lps().is_none() && shown.any(|viewport| viewport.kind == ViewKind::Picture);
        };
        let mut planes = shown.filter(|viewport| matches!(viewport.kind, ViewKind::Plane(_)));
        planes.any(|viewport| viewport.shown.is_some_and(|plane| plane_shows_box(&plane, &place)))
    }
}
