//! Edits of measurements, key images and calibrations.
//!
//! A measurement is a finding with [`Evidence::Measurement`]; it may lie on any open series, which it names. What it gave
//! travels with the edit, because a case holds only the pixels of its own series.

use super::EditError;
use super::undo::Snapshot;
use crate::findings::measurement::{ImageRef, KnownLength, Measurement};
use crate::findings::{Evidence, Finding, FindingId, FindingKind, KeyImageMark};
use crate::report;

/// A change of measurements.
#[derive(Debug, Clone, PartialEq)]
pub enum MeasureEdit {
    /// A new one.
    Add(Box<NewMeasurement>),
    /// Another shape or place (a moved handle), measured anew.
    Change {
        /// Which.
        finding: FindingId,
        /// As it is now.
        measurement: Box<Measurement>,
        /// Who.
        by: String,
    },
    /// It goes; sentences that rest on it are marked.
    Remove {
        /// Which.
        finding: FindingId,
    },
    /// A sentence with its numbers as live fields is added to the report's findings.
    Report {
        /// Which.
        finding: FindingId,
    },
}

/// A measurement that was just made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMeasurement {
    /// What, where, and what it gave.
    pub measurement: Measurement,
    /// What it is called; empty for the name of its kind.
    pub label: String,
    /// Who measured.
    pub by: String,
    /// Tracking UID, made once so that the journal repeats it.
    pub tracking_uid: String,
}

impl NewMeasurement {
    /// With a fresh Tracking UID.
    pub fn new(measurement: Measurement, label: impl Into<String>, by: impl Into<String>) -> Self {
        let tracking_uid = format!("2.25.{}", uuid::Uuid::new_v4().as_u128());
        Self { measurement, label: label.into(), by: by.into(), tracking_uid }
    }
}

/// A person's calibration of the pictures of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesCalibration {
    /// The display set ([`crate::study::Series::key`]).
    pub series_key: String,
    /// What makes millimetres of its pixels.
    pub known_length: KnownLength,
}

impl MeasureEdit {
    /// What undo and redo call it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Add(_) => "measurement",
            Self::Change { .. } => "change measurement",
            Self::Remove { .. } => "remove measurement",
            Self::Report { .. } => "report measurement",
        }
    }
}

pub(super) fn measure(edit: MeasureEdit, state: &mut Snapshot) -> Result<(), EditError> {
    match edit {
        MeasureEdit::Add(new) => {
            let NewMeasurement { measurement, label, by, tracking_uid } = *new;
            state.last_finding += 1;
            let id = FindingId(format!("f{}", state.last_finding));
            state.findings.push(Finding { id, ..Finding::of_measurement(measurement, &label, &by, tracking_uid) });
        }
        MeasureEdit::Change { finding, measurement, by } => {
            let found = find(state, &finding)?;
            found.evidence = vec![Evidence::Measurement(measurement)];
            found.reviewer = by;
        }
        MeasureEdit::Remove { finding } => {
            find(state, &finding)?;
            state.findings.retain(|f| f.id != finding);
        }
        MeasureEdit::Report { finding } => {
            let found = find(state, &finding)?.clone();
            report::add_measurement(&mut state.report, &found)?;
        }
    }
    Ok(())
}

fn find<'a>(state: &'a mut Snapshot, id: &FindingId) -> Result<&'a mut Finding, EditError> {
    let is_it = |f: &&mut Finding| f.id == *id && f.kind == FindingKind::Measurement;
    state.findings.iter_mut().find(is_it).ok_or(EditError::Gone("the measurement"))
}

/// Marks an image, or gives a marked one another note.
pub(super) fn mark(state: &mut Snapshot, mark: KeyImageMark) {
    match state.key_images.iter_mut().find(|known| known.is_of(&mark.image)) {
        Some(known) => *known = mark,
        None => state.key_images.push(mark),
    }
}

pub(super) fn unmark(state: &mut Snapshot, image: &ImageRef) -> Result<(), EditError> {
    let before = state.key_images.len();
    state.key_images.retain(|known| !known.is_of(image));
    if state.key_images.len() == before { Err(EditError::Gone("the key image")) } else { Ok(()) }
}

/// Sets or takes back a calibration; the lengths and areas on the series' pictures follow it.
pub(super) fn calibrate(state: &mut Snapshot, series_key: &str, known_length: Option<KnownLength>) {
    state.calibrations.retain(|c| c.series_key != series_key);
    if let Some(known_length) = known_length.clone() {
        state.calibrations.push(SeriesCalibration { series_key: series_key.to_owned(), known_length });
    }
    for evidence in state.findings.iter_mut().flat_map(|f| f.evidence.iter_mut()) {
        if let Evidence::Measurement(m) = evidence
            && m.place.series().key == series_key
        {
            **m = m.recalibrated(known_length.clone());
        }
    }
}
