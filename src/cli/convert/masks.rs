//! Masks from one form to another, on the voxels of their image.

use super::{Args, Target, surfaces};
use crate::cli::measure::masks_failure;
use crate::cli::{Failure, choose_series, open_catalog, say, shown_on_stderr};
use crate::io::write::{WriteContext, write_segmentation_dicom, write_structure_set};
use crate::io::{self, metaimage, nifti, nrrd};
use crate::jobs::Cancel;
use crate::loaded::LoadedSeries;
use crate::study::{Catalog, Warnings};
use crate::volume::Segmentation;
use std::io::Write;
use std::path::Path;

/// Reads the masks, lays them on the image, and writes them.
pub(super) fn convert(args: &Args, target: Target, out: &mut dyn Write) -> Result<(), Failure> {
    let image = args.on.as_ref().map(|on| open_image(on, args)).transpose()?;
    let loaded = image.as_ref().map(|(_, loaded)| loaded);
    let mut warnings = Warnings::default();
    let masks = read(&args.path, loaded, &mut warnings)?;
    warnings.iter().for_each(say);
    let on_image = loaded.and_then(LoadedSeries::geometry);
    if loaded.is_some() && !on_image.is_some_and(|grid| grid.same_grid(masks.labelmap.geometry())) {
        return Err(Failure::Refused(format!(
            "{}: the masks do not lie on the voxels of the image, and masks are not resampled; name their own image",
            args.path.display()
        )));
    }
    write(args, target, &masks, image.as_ref())?;
    report(args, &masks, out)
}

fn open_image(on: &Path, args: &Args) -> Result<(Catalog, LoadedSeries), Failure> {
    shown_on_stderr(|progress| {
        let catalog = open_catalog(on, progress)?;
        let key = choose_series(&catalog, on, args.series.as_deref())?;
        let loaded = io::load_series(&catalog, &key, progress, &Cancel::default()).map_err(Failure::failed)?;
        Ok((catalog, loaded))
    })
}

/// The masks of a file, or of the only object of a folder or archive.
fn read(path: &Path, on: Option<&LoadedSeries>, warnings: &mut Warnings) -> Result<Segmentation, Failure> {
    let failed = |e: io::SegmentationReadError| masks_failure(path, &e);
    let catalog = open_catalog(path, &crate::jobs::Progress::default())?;
    let instances: Vec<_> = catalog.series().flat_map(|(_, s)| &s.instances).collect();
    match instances.first() {
        Some(first) if instances.iter().all(|i| i.file == first.file) => {
            io::read_segmentation_noting(&catalog.path(first), on, warnings).map_err(failed)
        }
        Some(_) => Err(Failure::Usage(format!("{} holds several files; name the one with the masks", path.display()))),
        None => Err(Failure::Failed(crate::cli::series::nothing_in(&catalog, path))),
    }
}

fn write(
    args: &Args,
    target: Target,
    masks: &Segmentation,
    image: Option<&(Catalog, LoadedSeries)>,
) -> Result<(), Failure> {
    let (path, shown) = (&args.output, args.output.display());
    let failed = |e: &dyn std::fmt::Display| Failure::Failed(format!("{shown}: {e}"));
    match target {
        Target::Nifti => nifti::write_labels(path, &masks.labelmap).map_err(|e| failed(&e)),
        Target::Nrrd => nrrd::write_labels(path, masks).map_err(|e| failed(&e)),
        Target::MetaImage => metaimage::write_labels(path, &masks.labelmap).map_err(|e| failed(&e)),
        Target::Segmentation | Target::StructureSet => {
            let Some((catalog, source)) = image else {
                let text = "masks in DICOM refer to their image; name it with --on";
                return Err(Failure::Usage(format!("{shown}: {text}")));
            };
            if source.series.instances.iter().any(|i| i.sop_class_uid.is_empty()) {
                let text = "masks in DICOM refer to DICOM images; convert the image to DICOM first, and name that";
                return Err(Failure::Refused(format!("{shown}: {text}")));
            }
            let context =
                WriteContext { source_root: Some(catalog.root_of(&source.series)), ..WriteContext::default() };
            let write = if target == Target::Segmentation { write_segmentation_dicom } else { write_structure_set };
            write(path, source, masks, &context).map(drop).map_err(|e| failed(&e))
        }
        Target::Surfaces(format) => surfaces::write(path, format, masks),
        Target::Png | Target::PngFolder | Target::DicomFolder => Err(Failure::Usage(format!(
            "{shown}: masks are written as .dcm, .nii, .nii.gz, .nrrd, .mha, .stl, .obj or .ply; choose one of these endings"
        ))),
    }
}

/// One line for each segment, because label images lose the names.
fn report(args: &Args, masks: &Segmentation, out: &mut dyn Write) -> Result<(), Failure> {
    let counts = masks.labelmap.histogram();
    writeln!(out, "{}: {} segments", args.output.display(), masks.segments.len())?;
    for segment in &masks.segments {
        writeln!(out, "{:>4}  {} ({} voxels)", segment.number, segment.label, counts[usize::from(segment.number)])?;
    }
    Ok(())
}
