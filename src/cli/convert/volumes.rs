//! Volumes to NIfTI, NRRD and MetaImage.

use super::{Args, Target, load, refused};
use crate::cli::{Failure, shown_on_stderr};
use crate::io::{self, ConvertError, LoadError, metaimage, nifti, nrrd, voxel_file};
use crate::jobs::Cancel;
use crate::loaded::LoadedSeries;
use crate::study::Catalog;
use crate::volume::Volume;
use std::io::Write;
use std::sync::Arc;

/// One display set as a 3D file, several as a 4D one.
pub(super) fn to_nifti(args: &Args, catalog: &Catalog, keys: &[String], out: &mut dyn Write) -> Result<(), Failure> {
    if let [only] = keys {
        return one_to_nifti(args, catalog, only, out);
    }
    let mut volumes: Vec<Arc<Volume>> = Vec::with_capacity(keys.len());
    for key in keys {
        let loaded = load(args, catalog, key)?;
        volumes.push(loaded.volume().cloned().ok_or_else(|| refused(args, &loaded))?);
    }
    let shown = args.output.display();
    let step_secs = step_secs(catalog, &keys[0]);
    nifti::write_volumes(&args.output, &volumes, step_secs).map_err(|e| Failure::Failed(format!("{shown}: {e}")))?;
    let [i, j, k] = volumes[0].dims();
    Ok(writeln!(out, "{shown}: {i} × {j} × {k} × {}, {}", volumes.len(), volumes[0].unit().as_str())?)
}

/// One display set, slice by slice where that is possible.
fn one_to_nifti(args: &Args, catalog: &Catalog, key: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let converted =
        shown_on_stderr(|progress| io::convert_to_nifti(catalog, key, &args.output, progress, &Cancel::default()))
            .map_err(|e| match e {
                ConvertError::Load(LoadError::Unknown(_)) => Failure::Usage(e.to_string()),
                ConvertError::NoVolume(_) => Failure::Refused(format!("{}: {e}", args.path.display())),
                ConvertError::Load(_) => Failure::Failed(format!("{}: {e}", args.path.display())),
                ConvertError::Write(_) => Failure::Failed(format!("{}: {e}", args.output.display())),
            })?;
    converted.warnings.iter().for_each(|warning| log::warn!("{warning}"));
    say(args, converted.dims, converted.unit.as_str(), converted.resampled, out)
}

/// One line about a file that was written.
fn say(args: &Args, [i, j, k]: [usize; 3], unit: &str, resampled: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let note = if resampled { "; resampled along the shear of the tilted gantry onto a straight grid" } else { "" };
    Ok(writeln!(out, "{}: {i} × {j} × {k}, {unit}{note}", args.output.display())?)
}

/// Seconds between the volumes of a source that says them.
fn step_secs(catalog: &Catalog, key: &str) -> Option<f64> {
    let (_, series) = catalog.find_series(key)?;
    voxel_file::open(&catalog.path(series.instances.first()?))?.ok()?.header.step_secs
}

/// One volume as one NRRD or MetaImage file.
pub(super) fn convert(args: &Args, loaded: &LoadedSeries, target: Target, out: &mut dyn Write) -> Result<(), Failure> {
    let Some(volume) = loaded.volume() else { return Err(refused(args, loaded)) };
    let written = match target {
        Target::MetaImage => metaimage::write_volume(&args.output, volume),
        _ => nrrd::write_volume(&args.output, volume),
    };
    let resampled = written.map_err(|e| Failure::Failed(format!("{}: {e}", args.output.display())))?;
    say(args, volume.dims(), volume.unit().as_str(), resampled, out)
}
