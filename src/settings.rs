//! What the program remembers of its user: one TOML file in the platform's configuration directory.
//!
//! Reading never fails: a file that is damaged gives the defaults, a key that is damaged gives its default, each with one
//! sentence; keys of other versions are kept and written back. Saving replaces the file whole or not at all; a damaged file is
//! set aside first. A file of a newer version is read as far as it is understood, and never overwritten.
//!
//! # Invariants
//!
//! - Numbers are within their bounds, lists within their lengths, whatever the file says ([`Settings::bounded`]).
//! - No name, ID or birth date of a patient is written unless [`Settings::names_in_recent`] is on. (Paths are written: they
//!   are how a study is opened again.)

pub mod keymap;

mod file;
mod values;

pub use file::{Kept, Opened, SettingsError, default_path, load, save};
pub use values::{
    Interpolation, MAX_LAYOUTS, MAX_PRESETS, MAX_RECENT, MonitorPlace, Panels, RecentStudy, SegmentColors, Settings,
    UserPreset, WindowPlace,
};
