//! `fovea convert PATH -o OUT.nii[.gz] [--series UID]`: a volume to NIfTI, values after rescale, placed in RAS by its true
//! geometry. Only a sheared stack is resampled, and the command says so; anything that is no volume is refused.

use super::Failure;
use crate::io::{self, ConvertError, Converted, LoadError};
use crate::jobs::{Cancel, Progress};
use crate::study::{Catalog, SeriesGeometry};
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the command takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File, folder, or DICOMDIR.
    pub path: PathBuf,
    /// File to write: .nii or .nii.gz.
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// The series, where PATH holds several.
    #[arg(long, value_name = "UID")]
    pub series: Option<String>,
}

/// Converts one series.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let name = args.output.to_string_lossy().to_lowercase();
    if !name.ends_with(".nii") && !name.ends_with(".nii.gz") {
        let shown = args.output.display();
        return Err(Failure::Usage(format!(
            "{shown}: only .nii and .nii.gz can be written; choose one of these endings"
        )));
    }
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let catalog =
        io::open(std::slice::from_ref(&args.path), &progress, &cancel).map_err(|e| Failure::Failed(e.to_string()))?;
    let uid = choose(&catalog, args.series.as_deref(), &args.path)?;
    let converted = io::convert_to_nifti(&catalog, &uid, &args.output, &progress, &cancel).map_err(|e| match e {
        ConvertError::Load(LoadError::Unknown(_)) => Failure::Usage(e.to_string()),
        ConvertError::NoVolume(_) => Failure::Refused(format!("{}: {e}", args.path.display())),
        ConvertError::Load(_) => Failure::Failed(format!("{}: {e}", args.path.display())),
        ConvertError::Write(_) => Failure::Failed(format!("{}: {e}", args.output.display())),
    })?;
    say(&converted, args, out)
}

fn say(converted: &Converted, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let resampled = "; resampled along the shear of the tilted gantry onto a straight grid";
    let note = if converted.resampled { resampled } else { "" };
    let [i, j, k] = converted.dims;
    writeln!(out, "{}: {i} × {j} × {k}, {}{note}", args.output.display(), converted.unit.as_str())
        .map_err(|e| Failure::Failed(format!("the output cannot be written: {e}")))?;
    for warning in converted.warnings.iter() {
        log::warn!("{warning}");
    }
    Ok(())
}

/// The named series, or the only one that can be meant.
fn choose(catalog: &Catalog, named: Option<&str>, path: &Path) -> Result<String, Failure> {
    if let Some(uid) = named {
        return Ok(uid.to_owned());
    }
    let with_pixels: Vec<_> =
        catalog.series().map(|(_, s)| s).filter(|s| s.has_pixels() && s.modality != "SEG").collect();
    let volumes: Vec<_> =
        with_pixels.iter().copied().filter(|s| matches!(s.geometry, SeriesGeometry::Volume(_))).collect();
    let candidates = if volumes.is_empty() { &with_pixels } else { &volumes };
    match candidates.as_slice() {
        [] => {
            let reason = catalog.unreadable.first().map_or("it holds no images", |u| u.reason.as_str());
            Err(Failure::Failed(format!("{}: nothing to convert: {reason}", path.display())))
        }
        [only] => Ok(only.uid.clone()),
        several => {
            let mut text = format!("{} holds several series; name one with --series:", path.display());
            for series in several {
                let _ = write!(text, "\n  {}  {} {}", series.key(), series.modality, series.description);
            }
            Err(Failure::Usage(text))
        }
    }
}
