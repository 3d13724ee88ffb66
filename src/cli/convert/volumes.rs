//! Volumes to NIfTI, NRRD and MetaImage.

use super::{Args, Target, load, refused};
use crate::cli::Failure;
use crate::io::{metaimage, nifti, nrrd, voxel_file};
use crate::loaded::LoadedSeries;
use crate::study::Catalog;
use crate::volume::Volume;
use std::io::Write;
use std::sync::Arc;

/// One display set as a 3D file, several as a 4D one.
pub(super) fn to_nifti(args: &Args, catalog: &Catalog, keys: &[String], out: &mut dyn Write) -> Result<(), Failure> {
    if let [only] = keys {
        return convert(args, &load(args, catalog, only)?, Target::Nifti, out);
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

/// Seconds between the volumes of a source that says them.
fn step_secs(catalog: &Catalog, key: &str) -> Option<f64> {
    let (_, series) = catalog.find_series(key)?;
    voxel_file::open(&catalog.path(series.instances.first()?))?.ok()?.header.step_secs
}

/// One volume as one file.
pub(super) fn convert(args: &Args, loaded: &LoadedSeries, target: Target, out: &mut dyn Write) -> Result<(), Failure> {
    let Some(volume) = loaded.volume() else { return Err(refused(args, loaded)) };
    let (path, shown) = (&args.output, args.output.display());
    let resampled = match target {
        Target::Nrrd => nrrd::write_volume(path, volume),
        Target::MetaImage => metaimage::write_volume(path, volume),
        _ => nifti::write_volume(path, volume),
    }
    .map_err(|e| Failure::Failed(format!("{shown}: {e}")))?;
    let note = if resampled { "; resampled along the shear of the tilted gantry onto a straight grid" } else { "" };
    let [i, j, k] = volume.dims();
    Ok(writeln!(out, "{shown}: {i} × {j} × {k}, {}{note}", volume.unit().as_str())?)
}
