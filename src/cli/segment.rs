//! `fovea segment PATH --model NAME -o OUT`: one model on one series, its masks as DICOM SEG (`.dcm`) or as a label NIfTI on
//! the grid of the input (`.nii`, `.nii.gz`).

use super::{Failure, choose_series, open_catalog, shown_on_stderr};
use crate::ai::rules::CtRules;
use crate::ai::{Segmenter, SeriesFacts};
use crate::io::packs::PackStore;
use crate::io::{self, nifti, write::WriteContext};
use crate::jobs::{Cancel, Progress};
use crate::loaded::LoadedSeries;
use crate::reading::models;
use crate::study::SeriesGeometry;
use crate::volume::{Segmentation, Volume};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the command takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File, folder, or DICOMDIR.
    path: PathBuf,
    /// An installed model (`fovea models list`), or "ct-rules".
    #[arg(long, value_name = "NAME")]
    model: String,
    /// File to write: .dcm, .nii or .nii.gz.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// The series, where PATH holds several.
    #[arg(long, value_name = "UID")]
    series: Option<String>,
    /// Where the network runs; only the processor so far.
    #[arg(long, default_value = "auto", value_parser = ["auto", "cpu"])]
    device: String,
}

/// What the ending of the output means.
#[derive(Debug, Clone, Copy)]
enum Format {
    Dicom,
    Nifti,
}

/// Runs the command.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let format = format_of(&args.output)?;
    check_writable(&args.output)?;
    // The model first: a wrong name should not wait for a large series.
    let model = model(&args.model)?;
    let (catalog, source, masks) = shown_on_stderr(|progress| {
        let catalog = open_catalog(&args.path, progress)?;
        let uid = choose_series(&catalog, &args.path, args.series.as_deref())?;
        let source =
            io::load_series(&catalog, &uid, progress, &Cancel::default()).map_err(super::series::load_failure)?;
        let masks = masks(&*model, &source, &args.path, progress)?;
        Ok::<_, Failure>((catalog, source, masks))
    })?;
    save(format, &args.output, catalog.root_of(&source.series), &source, &masks)?;
    report(&args.output, &*model, &source, &masks, out)
}

fn model(name: &str) -> Result<Box<dyn Segmenter>, Failure> {
    let rules = CtRules;
    if name == rules.provenance().name {
        return Ok(Box::new(rules));
    }
    let store = PackStore::of_this_program(&io::data_dir());
    Ok(Box::new(models::load(&store, name).map_err(Failure::failed)?))
}

fn masks(
    model: &dyn Segmenter,
    source: &LoadedSeries,
    path: &Path,
    progress: &Progress,
) -> Result<Segmentation, Failure> {
    let volume = volume_of(source, path)?;
    let facts = SeriesFacts {
        modality: &source.series.modality,
        body_part: &source.series.body_part,
        description: &source.series.description,
        unit: volume.unit(),
        geometry: Some(volume.geometry()),
    };
    model.serves(&facts).map_err(|reason| Failure::Failed(format!("{}: {reason}", path.display())))?;
    model.segment(volume, progress, &Cancel::default()).map_err(|e| Failure::Failed(format!("{}: {e}", path.display())))
}

/// Masks on pictures without a common grid would have no place in the patient.
fn volume_of<'a>(source: &'a LoadedSeries, path: &Path) -> Result<&'a Volume, Failure> {
    let Some(volume) = source.volume() else {
        let reason = match &source.series.geometry {
            SeriesGeometry::Pictures(reason) => reason.as_str(),
            _ => "its images make no volume",
        };
        return Err(Failure::Refused(format!("{}: not segmented: {reason}", path.display())));
    };
    Ok(volume)
}

fn format_of(output: &Path) -> Result<Format, Failure> {
    let name = output.to_string_lossy().to_lowercase();
    if name.ends_with(".dcm") {
        Ok(Format::Dicom)
    } else if name.ends_with(".nii") || name.ends_with(".nii.gz") {
        Ok(Format::Nifti)
    } else {
        let shown = output.display();
        Err(Failure::Usage(format!("{shown}: masks are written as .dcm, .nii or .nii.gz; choose one of these endings")))
    }
}

/// A folder that does not exist is noticed before minutes of work, not after.
fn check_writable(output: &Path) -> Result<(), Failure> {
    let folder = output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let probe = tempfile::Builder::new().prefix(".fovea-").suffix(".part").tempfile_in(folder);
    probe.map(drop).map_err(|e| {
        Failure::Failed(format!("cannot write into {}: {}; choose another folder", folder.display(), e.kind()))
    })
}

fn save(
    format: Format,
    output: &Path,
    root: &Path,
    source: &LoadedSeries,
    masks: &Segmentation,
) -> Result<(), Failure> {
    let shown = output.display();
    match format {
        Format::Nifti => {
            nifti::write_labels(output, &masks.labelmap).map_err(|e| Failure::Failed(format!("{shown}: {e}")))
        }
        Format::Dicom => {
            // The headers of the source are worth copying only when it has any.
            let is_dicom = source.series.instances.first().is_some_and(|i| !i.sop_class_uid.is_empty());
            let context = WriteContext { source_root: is_dicom.then_some(root), ..WriteContext::default() };
            let written = io::write::write_segmentation_dicom(output, source, masks, &context);
            written.map(drop).map_err(|e| Failure::Failed(format!("{shown}: {e}")))
        }
    }
}

/// One line per segment.
fn report(
    output: &Path,
    model: &dyn Segmenter,
    source: &LoadedSeries,
    masks: &Segmentation,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let who = model.provenance();
    let kind = match (who.rules, model.is_experimental()) {
        (true, _) => "rules, no network",
        (false, true) => "experimental network",
        (false, false) => "network",
    };
    writeln!(out, "{}: {} {} ({kind}); AI draft, not for clinical use", output.display(), who.name, who.version)?;
    let counts = masks.labelmap.histogram();
    let voxel_ml = source.geometry().map_or(0.0, |g| g.voxel_volume_mm3() / 1000.0);
    for segment in &masks.segments {
        let voxels = counts[usize::from(segment.number)];
        writeln!(out, "{:>4}  {:<28} {:>9.2} mL", segment.number, segment.label, voxels as f64 * voxel_ml)?;
    }
    if masks.segments.is_empty() {
        writeln!(out, "      nothing was marked")?;
    }
    Ok(())
}
