//! What jobs about registrations do, away from the window: read, register, write.

use crate::context::RegisteredPair;
use crate::io::write::{RegistrationToWrite, WriteContext, write_registration};
use crate::jobs::{Cancel, Progress, in_background};
use crate::loaded::LoadedSeries;
use crate::registration::{self, Options, Registration};
use crate::study::{Catalog, Series, Study};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A series, with its pixels or to be read.
pub(super) enum Source {
    There(Box<LoadedSeries>),
    ToRead(Arc<Catalog>, String),
}

impl Source {
    pub fn found(&self) -> Option<(&Study, &Series)> {
        match self {
            Self::There(loaded) => Some((&loaded.study, &loaded.series)),
            Self::ToRead(catalog, key) => catalog.find_series(key),
        }
    }

    fn load(self, progress: &Progress, cancel: &Cancel) -> Result<LoadedSeries, String> {
        match self {
            Self::There(loaded) => Ok(*loaded),
            Self::ToRead(catalog, key) => Ok(crate::app::work::load(&catalog, &key, progress, cancel)?.loaded),
        }
    }
}

/// Finds the map from one series to another.
pub(super) fn register(
    fixed: Source,
    moving: Source,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Registration, String> {
    let (fixed, moving) = (fixed.load(progress, cancel)?, moving.load(progress, cancel)?);
    let (Some(fixed), Some(moving)) = (fixed.volume(), moving.volume()) else {
        return Err("Only volumes can be registered; one of the two series has none.".into());
    };
    let found = in_background(|| registration::register(fixed, moving, Options::default(), progress, cancel));
    found.map_err(|problem| format!("Not registered: {problem}."))
}

/// Writes a map as a Spatial Registration object into a folder, under a name that is free there.
pub(super) fn save(
    pair: &RegisteredPair,
    [fixed, moving]: [Source; 2],
    (folder, source_root, person): (&Path, Option<&Path>, String),
    (progress, cancel): (&Progress, &Cancel),
) -> Result<String, String> {
    let (fixed, moving) = (fixed.load(progress, cancel)?, moving.load(progress, cancel)?);
    let accepted = if person.is_empty() { "" } else { ", accepted by a person" };
    let comment = format!("{} {}", pair.verdict(), short(pair)).trim().to_owned() + accepted;
    let what = RegistrationToWrite {
        fixed: &fixed,
        moving: &moving,
        fixed_from_moving: pair.moving_from_fixed.inverse(),
        comment: &comment,
    };
    let path = free_name(folder);
    let context = WriteContext { source_root, person, ..WriteContext::default() };
    write_registration(&path, &what, &context).map_err(|problem| format!("Not saved: {problem}."))?;
    Ok(format!("Saved the registration to {}, read back and compared.", path.display()))
}

/// The residual in few letters: a long string of DICOM holds 64.
fn short(pair: &RegisteredPair) -> String {
    match &pair.source {
        crate::context::MapSource::Found(found) => format!("spread {:.1} mm", found.residual.spread.mean_mm),
        crate::context::MapSource::File(_) => "taken from a file".into(),
    }
}

fn free_name(folder: &Path) -> PathBuf {
    let names = std::iter::once("registration.dcm".to_owned()).chain((2..).map(|n| format!("registration_{n}.dcm")));
    names.map(|name| folder.join(name)).find(|path| !path.exists()).unwrap_or_else(|| folder.join("registration.dcm"))
}
