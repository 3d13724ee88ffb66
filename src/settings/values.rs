//! The values, their defaults and bounds. Names of tools, commands, tabs and protocols are texts here: whoever owns them reads
//! them, and takes the default for one that is not known.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Studies of the recent list.
pub const MAX_RECENT: usize = 20;
/// Window presets of the user.
pub const MAX_PRESETS: usize = 100;
/// Protocols whose stage is remembered.
pub const MAX_LAYOUTS: usize = 200;
/// Monitors whose windows are remembered.
const MAX_PLACES: usize = 16;
const MAX_TEXT: usize = 200;

/// Everything that is remembered.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches of the user")]
pub struct Settings {
    /// Times the design size of texts, 0.75–2.
    pub text_scale: f64,
    /// No motion; `None` follows the system.
    pub reduced_motion: Option<bool>,
    /// Colors of segments.
    pub segment_colors: SegmentColors,
    /// Name of the tool that is chosen at first; empty = the program's default.
    pub tool: String,
    /// Window presets of the user's own.
    pub presets: Vec<UserPreset>,
    /// Keys that differ from the defaults, by name of the command: see [`super::keymap`].
    pub keys: BTreeMap<String, Vec<String>>,
    /// Stage that was shown last, by name of the hanging protocol.
    pub layouts: BTreeMap<String, String>,
    /// Side panels.
    pub panels: Panels,
    /// Where windows stood.
    pub windows: Vec<WindowPlace>,
    /// Newest first; see [`Settings::remember`].
    pub recent: Vec<RecentStudy>,
    /// Patients' names may stand in the recent list.
    pub names_in_recent: bool,
    /// Proposals of machines stay hidden until asked for or until all images were displayed (`clinical.md`, rule 2).
    pub hide_ai_at_first: bool,
    /// Between voxels.
    pub interpolation: Interpolation,
    /// Who reads; proposed when signing.
    pub reader: String,
    /// "en", "de", …; empty follows the system.
    pub language: String,
    /// The second window was open.
    pub second_window: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            text_scale: 1.0,
            reduced_motion: None,
            segment_colors: SegmentColors::default(),
            tool: String::new(),
            presets: Vec::new(),
            keys: BTreeMap::new(),
            layouts: BTreeMap::new(),
            panels: Panels::default(),
            windows: Vec::new(),
            recent: Vec::new(),
            names_in_recent: false,
            hide_ai_at_first: true,
            interpolation: Interpolation::default(),
            reader: String::new(),
            language: String::new(),
            second_window: false,
        }
    }
}

/// Where the colors of segments come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SegmentColors {
    /// The object's own, where it has some.
    #[default]
    Recommended,
    /// A palette whose neighbors differ for color-blind eyes too, whatever the object says.
    ColorBlindSafe,
}

/// How values between voxels come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// As stored, in blocks.
    Nearest,
    /// Between neighbors.
    #[default]
    Linear,
    /// Smoother.
    Cubic,
}

/// A window of the user's own.
#[derive(Debug, Clone, PartialEq)]
pub struct UserPreset {
    /// "Pancreas".
    pub name: String,
    /// Modality it is for: "CT"; empty = any.
    pub modality: String,
    /// Window Width, above 0.
    pub width: f64,
    /// Window Center.
    pub level: f64,
    /// Number key 1–9 that it takes for its modality.
    pub key: Option<u8>,
}

/// Side panels, in points.
#[derive(Debug, Clone, PartialEq)]
pub struct Panels {
    /// Width of the study browser, 120–800.
    pub left_width_pt: f64,
    /// Width of findings and report, 120–800.
    pub right_width_pt: f64,
    /// The study browser is shown.
    pub left_shown: bool,
    /// Findings and report are shown.
    pub right_shown: bool,
    /// Name of the open tab; empty = the program's default.
    pub tab: String,
}

impl Default for Panels {
    fn default() -> Self {
        Self { left_width_pt: 240.0, right_width_pt: 320.0, left_shown: true, right_shown: true, tab: String::new() }
    }
}

/// Where a window stood.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowPlace {
    /// "main", "second".
    pub window: String,
    /// The place, in points.
    pub place: MonitorPlace,
    /// It filled its monitor.
    pub maximized: bool,
}

/// A rectangle on the desktop and the size of the monitor it was on: restored only where the monitors are the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonitorPlace {
    /// Left upper corner.
    pub at_pt: [f64; 2],
    /// Width and height, 200–20000.
    pub size_pt: [f64; 2],
    /// Width and height of the monitor.
    pub monitor_pt: [f64; 2],
}

/// A study that was open. Nothing in it names the patient unless the setting allows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecentStudy {
    /// What is opened again.
    pub path: PathBuf,
    /// Study Date, as DICOM writes it.
    pub date: String,
    /// Modalities, "CT, PT".
    pub modality: String,
    /// Study Description.
    pub description: String,
    /// Patient's Name; empty unless [`Settings::names_in_recent`].
    pub patient: String,
}

impl Settings {
    /// Brings every value into its bounds; what is no number becomes its default.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let defaults = Self::default();
        self.text_scale = within(self.text_scale, [0.75, 2.0], defaults.text_scale);
        let width = [120.0, 800.0];
        self.panels.left_width_pt = within(self.panels.left_width_pt, width, defaults.panels.left_width_pt);
        self.panels.right_width_pt = within(self.panels.right_width_pt, width, defaults.panels.right_width_pt);
        self.presets.retain(UserPreset::is_sound);
        self.presets.truncate(MAX_PRESETS);
        self.windows.retain(WindowPlace::is_sound);
        self.windows.truncate(MAX_PLACES);
        if !self.names_in_recent {
            self.recent.iter_mut().for_each(|study| study.patient.clear());
        }
        self.recent.retain(|study| !study.path.as_os_str().is_empty());
        self.recent.truncate(MAX_RECENT);
        while self.layouts.len() > MAX_LAYOUTS {
            self.layouts.pop_last();
        }
        for text in [&mut self.tool, &mut self.reader, &mut self.language, &mut self.panels.tab] {
            shorten(text);
        }
        self
    }

    /// Puts a study at the head of the recent list. Its patient is forgotten unless names may be kept.
    pub fn remember(&mut self, mut study: RecentStudy) {
        if !self.names_in_recent {
            study.patient.clear();
        }
        for text in [&mut study.date, &mut study.modality, &mut study.description, &mut study.patient] {
            shorten(text);
        }
        self.recent.retain(|known| known.path != study.path);
        self.recent.insert(0, study);
        self.recent.truncate(MAX_RECENT);
    }

    /// Presets for a modality: those named for it, then those for any.
    pub fn presets_for<'a>(&'a self, modality: &str) -> impl Iterator<Item = &'a UserPreset> {
        let own = modality.to_owned();
        let named = self.presets.iter().filter(move |preset| preset.modality == own);
        named.chain(self.presets.iter().filter(|preset| preset.modality.is_empty()))
    }

    /// Where a window stood on such monitors (width and height of each, points); `None` where it would stand outside.
    pub fn place_of(&self, window: &str, monitors_pt: &[[f64; 2]]) -> Option<&WindowPlace> {
        let is_there = |place: &MonitorPlace| monitors_pt.iter().any(|monitor| place.is_on(*monitor));
        self.windows.iter().find(|known| known.window == window && is_there(&known.place))
    }

    /// Remembers where a window stands, once for each window and size of monitor.
    pub fn remember_place(&mut self, place: WindowPlace) {
        self.windows.retain(|known| known.window != place.window || !known.place.is_on(place.place.monitor_pt));
        self.windows.insert(0, place);
        self.windows.truncate(MAX_PLACES);
    }
}

impl UserPreset {
    fn is_sound(&self) -> bool {
        let named = !self.name.trim().is_empty() && self.name.chars().count() <= MAX_TEXT;
        let key = self.key.is_none_or(|key| (1..=9).contains(&key));
        named && key && self.width.is_finite() && self.width > 0.0 && self.level.is_finite()
    }
}

impl MonitorPlace {
    /// True for a monitor of this size, up to rounding.
    fn is_on(&self, monitor_pt: [f64; 2]) -> bool {
        (0..2).all(|k| (monitor_pt[k] - self.monitor_pt[k]).abs() < 1.0)
    }
}

impl WindowPlace {
    fn is_sound(&self) -> bool {
        let MonitorPlace { at_pt, size_pt, monitor_pt } = self.place;
        let near = at_pt.iter().all(|n| n.abs() <= 100_000.0);
        let size = size_pt.iter().chain(&monitor_pt).all(|n| (200.0..=20_000.0).contains(n));
        near && size && !self.window.is_empty()
    }
}

fn within(value: f64, [low, high]: [f64; 2], default: f64) -> f64 {
    if value.is_finite() { value.clamp(low, high) } else { default }
}

fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT) {
        text.truncate(end);
    }
}
