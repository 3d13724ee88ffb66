//! The file: `settings.toml` under the platform's configuration directory (`XDG_CONFIG_HOME` is honored).

use super::values::{
    Interpolation, MonitorPlace, Panels, RecentStudy, SegmentColors, Settings, UserPreset, WindowPlace,
};
use crate::io::atomic;
use crate::words;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Version of the file that is written.
const VERSION: i64 = 1;
/// Longest file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// What reading gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Opened {
    /// Within their bounds.
    pub settings: Settings,
    /// To be handed to [`save`].
    pub kept: Kept,
    /// What was not as it should be, in sentences for the user.
    pub notes: Vec<String>,
}

/// What the file holds beside the settings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    unknown: Table,
    state: FileState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum FileState {
    #[default]
    Sound,
    /// Its content could not be read: set aside before it is replaced.
    Damaged,
    /// Written by a newer program: never replaced.
    Newer(i64),
}

/// Why settings were not saved.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is of a newer program.
    #[error(
        "the settings were written by a newer version of the program (format {0}); what is changed now is not kept"
    )]
    Newer(i64),
    /// Never expected: each value has a form in the file.
    #[error("the settings have no form in the file: {0}")]
    Form(#[from] toml::ser::Error),
    /// The disk.
    #[error("the settings cannot be written: {0}; check space and rights of the configuration folder")]
    Disk(#[from] std::io::Error),
}

/// Where the settings lie.
pub fn default_path() -> PathBuf {
    use etcetera::BaseStrategy;
    let base = etcetera::choose_base_strategy().map_or_else(|_| std::env::temp_dir(), |base| base.config_dir());
    base.join("fovea").join("settings.toml")
}

/// Reads the settings. A missing file gives the defaults without a word.
pub fn load(path: &Path) -> Opened {
    let text = match read(path) {
        Ok(Some(text)) => text,
        Ok(None) => return Opened::default(),
        Err(why) => return damaged(&why),
    };
    let mut table: Table = match toml::from_str(&text) {
        Ok(table) => table,
        Err(error) => return damaged(error.message().lines().next().unwrap_or_default()),
    };
    let mut notes = Vec::new();
    let version = take::<i64>(&mut table, "version", &mut notes).unwrap_or(VERSION);
    let settings = settings(&mut table, &mut notes).bounded();
    let state = if version > VERSION {
        let number = version.to_string();
        notes.insert(0, words::with("settings-newer", &[("version", (&number).into())]));
        FileState::Newer(version)
    } else {
        FileState::Sound
    };
    if !table.is_empty() {
        let keys = table.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let arguments = [("count", table.len().into()), ("keys", (&keys).into())];
        notes.push(words::with("settings-unknown", &arguments));
    }
    Opened { settings, kept: Kept { unknown: table, state }, notes }
}

/// The text of the file, `None` where there is none.
fn read(path: &Path) -> Result<Option<String>, String> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
        Ok(facts) if facts.len() > MAX_BYTES => return Err(format!("it has {} bytes", facts.len())),
        Ok(_) => {}
    }
    std::fs::read_to_string(path).map(Some).map_err(|error| error.to_string())
}

fn damaged(why: &str) -> Opened {
    let note = words::with("settings-damaged", &[("why", why.into())]);
    let kept = Kept { state: FileState::Damaged, ..Kept::default() };
    Opened { kept, notes: vec![note], ..Opened::default() }
}

/// Writes the settings, whole or not at all. A damaged file becomes `settings.toml.damaged` first.
pub fn save(path: &Path, settings: &Settings, kept: &mut Kept) -> Result<(), SettingsError> {
    if let FileState::Newer(version) = kept.state {
        return Err(SettingsError::Newer(version));
    }
    let mut table = Table::try_from(FileDto::of(settings.clone().bounded()))?;
    for (key, value) in &kept.unknown {
        table.entry(key.clone()).or_insert_with(|| value.clone());
    }
    let text = toml::to_string(&table)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if kept.state == FileState::Damaged && path.is_file() {
        std::fs::rename(path, path.with_extension("toml.damaged"))?;
    }
    atomic::write_bytes(path, text.as_bytes())?;
    kept.state = FileState::Sound;
    Ok(())
}

/// Takes a value out of the table; `None` where it is missing or, with a note, of another kind.
fn take<T: DeserializeOwned>(table: &mut Table, key: &str, notes: &mut Vec<String>) -> Option<T> {
    let value = table.remove(key)?;
    match value.try_into() {
        Ok(value) => Some(value),
        Err(error) => {
            notes.push(value_damaged(key, error.message().lines().next().unwrap_or_default()));
            None
        }
    }
}

fn value_damaged(key: &str, why: &str) -> String {
    words::with("settings-value-damaged", &[("key", key.into()), ("why", why.into())])
}

/// Elements that are whole; a damaged one is left out with a note.
fn take_list<T: DeserializeOwned>(table: &mut Table, key: &str, notes: &mut Vec<String>) -> Vec<T> {
    let list: Vec<Value> = take(table, key, notes).unwrap_or_default();
    let count = list.len();
    let read: Vec<T> = list.into_iter().filter_map(|value| value.try_into().ok()).collect();
    if read.len() < count {
        let arguments = [("count", (count - read.len()).into()), ("key", key.into())];
        notes.push(words::with("settings-entries-damaged", &arguments));
    }
    read
}

/// The value of this name, or its default with a note.
fn take_name<T: Copy + Default>(table: &mut Table, key: &str, names: &[(&str, T)], notes: &mut Vec<String>) -> T {
    let Some(name) = take::<String>(table, key, notes) else { return T::default() };
    let known = names.iter().find(|(known, _)| *known == name);
    if known.is_none() {
        notes.push(value_damaged(key, &words::with("settings-name-unknown", &[("name", (&name).into())])));
    }
    known.map_or_else(T::default, |(_, value)| *value)
}

const SEGMENT_COLORS: &[(&str, SegmentColors)] =
    &[("recommended", SegmentColors::Recommended), ("color-blind-safe", SegmentColors::ColorBlindSafe)];
const INTERPOLATIONS: &[(&str, Interpolation)] =
    &[("nearest", Interpolation::Nearest), ("linear", Interpolation::Linear), ("cubic", Interpolation::Cubic)];

fn name_of<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    names.iter().find(|(_, known)| known == value).map_or("", |(name, _)| name)
}

fn settings(table: &mut Table, notes: &mut Vec<String>) -> Settings {
    let defaults = Settings::default();
    let flag = |table: &mut Table, key: &str, default: bool, notes: &mut Vec<String>| {
        take(table, key, notes).unwrap_or(default)
    };
    Settings {
        text_scale: take(table, "text_scale", notes).unwrap_or(defaults.text_scale),
        reduced_motion: take(table, "reduced_motion", notes),
        segment_colors: take_name(table, "segment_colors", SEGMENT_COLORS, notes),
        tool: take(table, "tool", notes).unwrap_or_default(),
        presets: take_list(table, "presets", notes).into_iter().map(PresetDto::read).collect(),
        keys: take(table, "keys", notes).unwrap_or_default(),
        layouts: take(table, "layouts", notes).unwrap_or_default(),
        panels: take::<PanelsDto>(table, "panels", notes).map_or(defaults.panels, PanelsDto::read),
        windows: take_list(table, "windows", notes).into_iter().map(WindowDto::read).collect(),
        recent: take_list(table, "recent", notes).into_iter().map(RecentDto::read).collect(),
        names_in_recent: flag(table, "names_in_recent", defaults.names_in_recent, notes),
        hide_ai_at_first: flag(table, "hide_ai_at_first", defaults.hide_ai_at_first, notes),
        interpolation: take_name(table, "interpolation", INTERPOLATIONS, notes),
        reader: take(table, "reader", notes).unwrap_or_default(),
        language: take(table, "language", notes).unwrap_or_default(),
        second_window: flag(table, "second_window", defaults.second_window, notes),
    }
}

/// The file as it is written.
#[derive(Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "as in the settings")]
struct FileDto {
    version: i64,
    text_scale: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reduced_motion: Option<bool>,
    segment_colors: &'static str,
    tool: String,
    names_in_recent: bool,
    hide_ai_at_first: bool,
    interpolation: &'static str,
    reader: String,
    language: String,
    second_window: bool,
    keys: BTreeMap<String, Vec<String>>,
    layouts: BTreeMap<String, String>,
    panels: PanelsDto,
    presets: Vec<PresetDto>,
    windows: Vec<WindowDto>,
    recent: Vec<RecentDto>,
}

impl FileDto {
    fn of(s: Settings) -> Self {
        Self {
            version: VERSION,
            text_scale: s.text_scale,
            reduced_motion: s.reduced_motion,
            segment_colors: name_of(SEGMENT_COLORS, &s.segment_colors),
            tool: s.tool,
            names_in_recent: s.names_in_recent,
            hide_ai_at_first: s.hide_ai_at_first,
            interpolation: name_of(INTERPOLATIONS, &s.interpolation),
            reader: s.reader,
            language: s.language,
            second_window: s.second_window,
            keys: s.keys,
            layouts: s.layouts,
            panels: PanelsDto::written(s.panels),
            presets: s.presets.into_iter().map(PresetDto::written).collect(),
            windows: s.windows.into_iter().map(WindowDto::written).collect(),
            // A path that is no text cannot be written in TOML.
            recent: s.recent.into_iter().filter_map(RecentDto::written).collect(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct PanelsDto {
    left_width_pt: f64,
    right_width_pt: f64,
    left_shown: bool,
    right_shown: bool,
    tab: String,
}

impl PanelsDto {
    fn read(self) -> Panels {
        let Self { left_width_pt, right_width_pt, left_shown, right_shown, tab } = self;
        Panels { left_width_pt, right_width_pt, left_shown, right_shown, tab }
    }

    fn written(panels: Panels) -> Self {
        let Panels { left_width_pt, right_width_pt, left_shown, right_shown, tab } = panels;
        Self { left_width_pt, right_width_pt, left_shown, right_shown, tab }
    }
}

#[derive(Serialize, Deserialize)]
struct PresetDto {
    name: String,
    #[serde(default)]
    modality: String,
    width: f64,
    level: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<u8>,
}

impl PresetDto {
    fn read(self) -> UserPreset {
        let Self { name, modality, width, level, key } = self;
        UserPreset { name, modality, width, level, key }
    }

    fn written(preset: UserPreset) -> Self {
        let UserPreset { name, modality, width, level, key } = preset;
        Self { name, modality, width, level, key }
    }
}

#[derive(Serialize, Deserialize)]
struct WindowDto {
    window: String,
    at_pt: [f64; 2],
    size_pt: [f64; 2],
    monitor_pt: [f64; 2],
    maximized: bool,
}

impl WindowDto {
    fn read(self) -> WindowPlace {
        let Self { window, at_pt, size_pt, monitor_pt, maximized } = self;
        WindowPlace { window, place: MonitorPlace { at_pt, size_pt, monitor_pt }, maximized }
    }

    fn written(place: WindowPlace) -> Self {
        let MonitorPlace { at_pt, size_pt, monitor_pt } = place.place;
        Self { window: place.window, at_pt, size_pt, monitor_pt, maximized: place.maximized }
    }
}

#[derive(Serialize, Deserialize)]
struct RecentDto {
    path: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    modality: String,
    #[serde(default)]
    description: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    patient: String,
}

impl RecentDto {
    fn read(self) -> RecentStudy {
        let Self { path, date, modality, description, patient } = self;
        RecentStudy { path: path.into(), date, modality, description, patient }
    }

    fn written(study: RecentStudy) -> Option<Self> {
        let RecentStudy { path, date, modality, description, patient } = study;
        Some(Self { path: path.into_os_string().into_string().ok()?, date, modality, description, patient })
    }
}
