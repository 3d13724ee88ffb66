//! `fovea register FIXED MOVING`: the rigid map that lays one volume on another, with what speaks for and against it.
//!
//! A failed registration is refused (exit code 3): it is printed, and nothing is written. A doubtful one is written with its
//! doubts in the file, and said on stderr. The keys of the JSON stay stable; keys are only ever added.

use super::{Failure, open_catalog, say, series, shown_on_stderr};
use crate::geometry::{DAffine3, DVec3};
use crate::io::write::{RegistrationToWrite, WriteContext, write_registration};
use crate::io::{atomic, nifti};
use crate::jobs::{Cancel, Progress};
use crate::loaded::LoadedSeries;
use crate::registration::{Options, Registration, RegistrationError, Start, Verdict, register, resampled};
use crate::study::Patient;
use crate::volume::Volume;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The rigid map between two volumes.
#[derive(Debug, Clone, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "switches of a command")]
pub struct Args {
    /// What stays: file or folder.
    pub fixed: PathBuf,
    /// What is laid on it.
    pub moving: PathBuf,
    /// Where to write the map: .dcm (Spatial Registration) or .json.
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Also write MOVING on the voxels of FIXED: .nii or .nii.gz.
    #[arg(long, value_name = "OUT")]
    pub resampled: Option<PathBuf>,
    /// Which series, where FIXED holds several.
    #[arg(long, value_name = "UID")]
    pub fixed_series: Option<String>,
    /// Which series, where MOVING holds several.
    #[arg(long, value_name = "UID")]
    pub moving_series: Option<String>,
    /// Look near the common frame of reference only.
    #[arg(long)]
    pub same_frame: bool,
    /// Register although the patients differ in ID or birth date.
    #[arg(long)]
    pub other_patient: bool,
    /// A fifth of the sample points: for a first look.
    #[arg(long)]
    pub quick: bool,
    /// Chooses the sample points and random starts.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What OUT becomes.
#[derive(Clone, Copy, PartialEq)]
enum Target {
    Dicom,
    Json,
}

/// A series, and the folder that its files are relative to.
struct Opened {
    root: PathBuf,
    series: LoadedSeries,
    volume: Arc<Volume>,
}

/// Runs the command; the map goes to `out`, doubts to stderr.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let target = args.output.as_deref().map(target).transpose()?;
    check_resampled(args)?;
    let fixed = open(&args.fixed, args.fixed_series.as_deref(), "--fixed-series")?;
    let moving = open(&args.moving, args.moving_series.as_deref(), "--moving-series")?;
    check_patients(args, &fixed.series.study.patient, &moving.series.study.patient)?;
    check_frames(args, &fixed.series, &moving.series)?;
    let start = if args.same_frame { Start::SameFrame } else { Start::Anywhere };
    let options = Options { start, quick: args.quick, seed: args.seed };
    let found =
        shown_on_stderr(|progress| register(&fixed.volume, &moving.volume, options, progress, &Cancel::default()))
            .map_err(|e| match e {
                RegistrationError::TooSmall { .. } | RegistrationError::NoContrast(_) => {
                    Failure::Refused(e.to_string())
                }
                RegistrationError::Cancelled => Failure::failed(e),
            })?;
    let value = as_json(&found, &fixed, &moving);
    if args.json {
        writeln!(out, "{value:#}")?;
    } else {
        write!(out, "{}", sentences(&found, &fixed.volume))?;
    }
    if found.verdict == Verdict::Failed {
        out.flush()?;
        return Err(Failure::Refused(format!(
            "the registration failed, and nothing was written. {}",
            found.reasons.join(" ")
        )));
    }
    found.reasons.iter().for_each(|reason| say(reason));
    match (target, &args.output) {
        (Some(Target::Dicom), Some(path)) => write_dicom(path, &found, &fixed, &moving)?,
        (_, Some(path)) => write_json(path, &value)?,
        (_, None) => {}
    }
    args.resampled.as_deref().map_or(Ok(()), |path| write_resampled(path, &found, &fixed.volume, &moving.volume))
}

/// An affine map as 4 × 4 rows.
pub(super) fn matrix_json(map: &DAffine3) -> Value {
    let m = map.matrix3;
    let row = |n: usize| json!([m.x_axis[n], m.y_axis[n], m.z_axis[n], map.translation[n]]);
    json!([row(0), row(1), row(2), [0.0, 0.0, 0.0, 1.0]])
}

fn target(path: &Path) -> Result<Target, Failure> {
    match path.extension().map(|e| e.to_string_lossy().to_lowercase()).as_deref() {
        Some("dcm") => Ok(Target::Dicom),
        Some("json") => Ok(Target::Json),
        _ => Err(Failure::Usage(format!("{}: name OUT with the ending .dcm or .json", path.display()))),
    }
}

fn check_resampled(args: &Args) -> Result<(), Failure> {
    let Some(path) = &args.resampled else { return Ok(()) };
    let name = path.to_string_lossy().to_lowercase();
    if name.ends_with(".nii") || name.ends_with(".nii.gz") {
        return Ok(());
    }
    Err(Failure::Usage(format!("{}: --resampled writes .nii or .nii.gz", path.display())))
}

fn open(path: &Path, named: Option<&str>, option: &str) -> Result<Opened, Failure> {
    shown_on_stderr(|progress: &Progress| {
        let catalog = open_catalog(path, progress)?;
        let key = series::choose_series(&catalog, path, named).map_err(|failure| match failure {
            // The listing is of one of two paths.
            Failure::Usage(text) => Failure::Usage(text.replace("--series", option)),
            other => other,
        })?;
        let loaded =
            crate::io::load_series(&catalog, &key, progress, &Cancel::default()).map_err(series::load_failure)?;
        let volume = loaded.volume().cloned().ok_or_else(|| super::probe::refused(&loaded, "cannot be registered"))?;
        Ok(Opened { root: catalog.root_of(&loaded.series).to_owned(), series: loaded, volume })
    })
}

/// Two patients are not laid on each other unless a person says so (`clinical.md` rule 6). Files without identity are
/// nobody's.
fn check_patients(args: &Args, a: &Patient, b: &Patient) -> Result<(), Failure> {
    let differ = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
    let differing = differ(&a.id, &b.id) || differ(&a.issuer, &b.issuer) || differ(&a.birth_date, &b.birth_date);
    if args.other_patient || !differing {
        return Ok(());
    }
    Err(Failure::Refused(
        "FIXED and MOVING name different patients (ID, issuer or birth date); if they are one, say --other-patient"
            .into(),
    ))
}

fn check_frames(args: &Args, fixed: &LoadedSeries, moving: &LoadedSeries) -> Result<(), Failure> {
    let (a, b) = (&fixed.series.frame_of_reference_uid, &moving.series.frame_of_reference_uid);
    if args.same_frame && (a != b || a.is_empty()) {
        return Err(Failure::Refused(
            "--same-frame: FIXED and MOVING do not have one Frame of Reference UID; leave the option out".into(),
        ));
    }
    Ok(())
}

fn as_json(found: &Registration, fixed: &Opened, moving: &Opened) -> Value {
    let residual = &found.residual;
    let side = |opened: &Opened| {
        json!({
            "series_uid": opened.series.series.uid,
            "frame_of_reference_uid": opened.series.series.frame_of_reference_uid,
        })
    };
    json!({
        "fixed": side(fixed),
        "moving": side(moving),
        "moving_from_fixed": matrix_json(&found.moving_from_fixed),
        "fixed_from_moving": matrix_json(&found.fixed_from_moving()),
        "shift_mm_at_center": found.shift_mm_at(fixed.volume.geometry().center_lps()).to_array(),
        "turn_degrees": found.turn_degrees(),
        "metric": {"name": "normalized mutual information", "before": found.metric_before, "after": found.metric_after},
        "overlap": found.overlap,
        "residual": {
            "spread_mean_mm": residual.spread.mean_mm,
            "spread_max_mm": residual.spread.max_mm,
            "local_mean_mm": residual.local.mean_mm,
            "local_max_mm": residual.local.max_mm,
            "starts": residual.starts,
            "starts_agreeing": residual.agreeing,
            "rival": residual.rival,
        },
        "verdict": found.verdict.name(),
        "reasons": found.reasons,
    })
}

fn sentences(found: &Registration, fixed: &Volume) -> String {
    let residual = &found.residual;
    let DVec3 { x, y, z } = found.shift_mm_at(fixed.geometry().center_lps());
    let before = found.metric_before.map_or_else(|| "no overlap".into(), |m| format!("{m:.3}"));
    format!(
        "{}: shift {x:.1}, {y:.1}, {z:.1} mm (LPS, center of FIXED), turn {:.1}°\n\
         normalized mutual information {before} before, {:.3} after; overlap {:.0} %\n\
         repeated: moves by {:.1} mm in the mean, at most {:.1} mm; halves of the body: {:.1} mm in the mean, at most {:.1} mm\n\
         {} of {} starts agree\n",
        found.verdict.name(),
        found.turn_degrees(),
        found.metric_after,
        100.0 * found.overlap,
        residual.spread.mean_mm,
        residual.spread.max_mm,
        residual.local.mean_mm,
        residual.local.max_mm,
        residual.agreeing,
        residual.starts
    )
}

/// The verdict in the 64 characters that a DICOM comment has.
fn comment(found: &Registration) -> String {
    let Registration { verdict, residual, .. } = found;
    let (spread, local) = (residual.spread.max_mm, residual.local.mean_mm);
    format!("{}: repeats within {spread:.1} mm, halves within {local:.1} mm", verdict.name())
}

fn write_dicom(path: &Path, found: &Registration, fixed: &Opened, moving: &Opened) -> Result<(), Failure> {
    let what = RegistrationToWrite {
        fixed: &fixed.series,
        moving: &moving.series,
        fixed_from_moving: found.fixed_from_moving(),
        comment: &comment(found),
    };
    let context = WriteContext { source_root: Some(&fixed.root), ..WriteContext::default() };
    write_registration(path, &what, &context).map(|_| ()).map_err(Failure::failed)
}

fn write_json(path: &Path, value: &Value) -> Result<(), Failure> {
    let text = format!("{value:#}\n");
    atomic::write_bytes(path, text.as_bytes())
        .map_err(|e| Failure::Failed(format!("{}: {e}; choose another folder", path.display())))
}

fn write_resampled(path: &Path, found: &Registration, fixed: &Volume, moving: &Volume) -> Result<(), Failure> {
    let on_fixed = resampled(moving, fixed.geometry(), found.moving_from_fixed).map_err(Failure::failed)?;
    nifti::write_volume(path, &on_fixed).map_err(|e| Failure::Failed(format!("{}: {e}", path.display())))?;
    Ok(())
}
