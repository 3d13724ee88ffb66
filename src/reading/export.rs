//! Everything of a case as files that other systems read, all of the same content. Each is written whole, read back and
//! compared before the program says "saved".

mod measured;

use super::{is_phantom, key_images};
use crate::case::Case;
use crate::io::write::{self, Origin, SeriesDescription, WriteContext, WriteError, WrittenObject};
use crate::io::{atomic, nifti};
use crate::jobs::Progress;
use crate::loaded::{ImageData, LoadedSeries};
use crate::report::{self, KeyImage, Omitted, PdfError, ReportContext, ReportStatus};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where an export goes, and what it must know beyond the case.
#[derive(Debug, Clone)]
pub struct ExportTarget<'a> {
    /// Folder for the files; made if need be.
    pub folder: &'a Path,
    /// The folder that the source's files are relative to (`Catalog::root`).
    pub source_root: &'a Path,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The folder.
    pub folder: PathBuf,
    /// Files, relative to it.
    pub files: Vec<PathBuf>,
    /// Files that have no meaning for this study.
    pub omitted: Vec<Omitted>,
}

impl Exported {
    /// One sentence.
    pub fn summary(&self) -> String {
        let left_out: Vec<&str> = self.omitted.iter().map(|o| o.file.as_str()).collect();
        let rest = if left_out.is_empty() { String::new() } else { format!("; left out: {}", left_out.join(", ")) };
        format!("Saved {} files to {}, each read back and compared{rest}.", self.files.len(), self.folder.display())
    }
}

/// Why an export stopped. Files that were written before it stay; each of them is whole.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder cannot be made.
    #[error("cannot make the folder {folder} ({reason}); choose another one")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A DICOM object.
    #[error(transparent)]
    Object(#[from] WriteError),
    /// A file.
    #[error("cannot write {file} ({reason}); make room or choose another folder")]
    File {
        /// Which.
        file: PathBuf,
        /// What happened.
        reason: String,
    },
    /// What was read back differs.
    #[error("{0} read back differently from what was written, so it was removed; check the disk")]
    ReadBack(PathBuf),
    /// The PDF.
    #[error("the PDF could not be made: {0}")]
    Pdf(#[from] PdfError),
}

/// Writes `findings.json`, masks, `measurements.csv`, the report in five formats, the key images, and the
/// measurements as presentation states.
pub fn export(case: &Case, target: &ExportTarget<'_>, progress: &Progress) -> Result<Exported, ExportError> {
    let folder = target.folder;
    std::fs::create_dir_all(folder).map_err(|reason| ExportError::Folder { folder: folder.to_owned(), reason })?;
    let mut writer = Writer { folder, files: Vec::new() };
    progress.set("Exporting: images and masks", Some(0.0));
    let (source, root) = dicom_source(case, target, &mut writer)?;
    let context = WriteContext { source_root: root.as_deref(), person: person(case), ..WriteContext::default() };
    let masks = write_masks(case, &source, &context, &mut writer)?;
    progress.set("Exporting: key images", Some(0.4));
    let pictures = key_images(case);
    for (n, key) in pictures.iter().enumerate() {
        writer.bytes(&format!("key_images/{:02}_{}.png", n + 1, file_name(&key.caption)), &key.png)?;
    }
    progress.set("Exporting: report", Some(0.7));
    let findings = measured::referring_to(case, &source);
    let mut omitted = omitted(case);
    omitted.extend(measured::omitted(&source, &findings, &context));
    write_reports(case, &source, &pictures, &omitted, &mut writer)?;
    let place = folder.join("report.sr.dcm");
    write::write_structured_report(&place, &source, case.report(), &findings, masks.as_ref(), &context)?;
    writer.files.push("report.sr.dcm".into());
    measured::write_marks(case, &source, &findings, &context, &mut writer)?;
    progress.set("Exporting: done", Some(1.0));
    Ok(Exported { folder: folder.to_owned(), files: writer.files, omitted })
}

/// The signer, if there is one.
fn person(case: &Case) -> String {
    match &case.report().status {
        ReportStatus::Signed(signature) => signature.name.clone(),
        ReportStatus::Draft => String::new(),
    }
}

struct Writer<'a> {
    folder: &'a Path,
    files: Vec<PathBuf>,
}

impl Writer<'_> {
    /// Writes a file whole, and reads it back.
    fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        let file = self.folder.join(name);
        let failed = |reason: std::io::Error| ExportError::File { file: file.clone(), reason: reason.to_string() };
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        atomic::write_bytes(&file, bytes).map_err(failed)?;
        if std::fs::read(&file).map_err(failed)? != bytes {
            // Better no file than a wrong one; should removing fail too, the error is told all the same.
            let _ = std::fs::remove_file(&file);
            return Err(ExportError::ReadBack(file));
        }
        self.files.push(name.into());
        Ok(())
    }
}

/// The source as DICOM: itself, or, where it is something else, a derived series written into `source/`, so that masks and
/// reports have something to refer to.
fn dicom_source(
    case: &Case,
    target: &ExportTarget<'_>,
    writer: &mut Writer<'_>,
) -> Result<(LoadedSeries, Option<PathBuf>), ExportError> {
    let source = case.source();
    let is_dicom = source.series.instances.iter().all(|i| !i.sop_class_uid.is_empty());
    if is_dicom {
        return Ok((source.clone(), Some(target.source_root.to_owned())));
    }
    let folder = target.folder.join("source");
    let format = source
        .series
        .instances
        .first()
        .and_then(|i| i.file.extension())
        .map_or_else(|| "an image file".to_owned(), |e| e.to_string_lossy().to_uppercase());
    let what = SeriesDescription {
        study: &source.study,
        series: &source.series,
        origin: Origin::Converted(format),
        voi: source.header_voi,
    };
    let context = WriteContext::default();
    let derived = match &source.image {
        ImageData::Volume(volume) => write::write_volume_dicom(&folder, &what, volume, &context)?,
        ImageData::Pictures(pictures) => {
            let Some(first) = pictures.first() else { return Ok((source.clone(), None)) };
            write::write_picture_dicom(&folder, "0001.dcm", &what, first, &context)?
        }
    };
    writer.files.extend(derived.series.instances.iter().map(|i| Path::new("source").join(&i.file)));
    Ok((derived, Some(folder)))
}

fn write_masks(
    case: &Case,
    source: &LoadedSeries,
    context: &WriteContext<'_>,
    writer: &mut Writer<'_>,
) -> Result<Option<WrittenObject>, ExportError> {
    let Some(masks) = case.segmentation().filter(|_| has_masks(case)) else { return Ok(None) };
    let object = write::write_segmentation_dicom(&writer.folder.join("segmentation.dcm"), source, masks, context)?;
    writer.files.push("segmentation.dcm".into());
    let file = writer.folder.join("segmentation.nii.gz");
    nifti::write_labels(&file, &masks.labelmap).map_err(|e| ExportError::File { file, reason: e.to_string() })?;
    writer.files.push("segmentation.nii.gz".into());
    Ok(Some(object))
}

/// True when any voxel has a label.
fn has_masks(case: &Case) -> bool {
    case.segmentation().is_some_and(|masks| masks.labelmap.histogram()[1..].iter().any(|&n| n > 0))
}

fn omitted(case: &Case) -> Vec<Omitted> {
    let omit = |file: &str, reason: &str| Omitted { file: file.into(), reason: reason.into() };
    let mut omitted = Vec::new();
    if !has_masks(case) {
        let reason = "There are no masks: no model that serves this image is installed, and nobody drew one.";
        omitted.push(omit("segmentation.dcm", reason));
        omitted.push(omit("segmentation.nii.gz", reason));
    }
    if case.findings().iter().all(|f| f.measures.is_none() && f.measurement().is_none()) {
        omitted.push(omit("measurements.csv", "There is nothing measured."));
    }
    omitted
}

fn write_reports(
    case: &Case,
    source: &LoadedSeries,
    pictures: &[KeyImage],
    omitted: &[Omitted],
    writer: &mut Writer<'_>,
) -> Result<(), ExportError> {
    let generated = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (study, series): (&Arc<_>, &Arc<_>) = (&source.study, &source.series);
    let context = ReportContext {
        study,
        series,
        findings: case.findings(),
        // What a model says of itself stands among the report's limitations.
        model_notices: &[],
        generated: &generated,
        program_version: env!("CARGO_PKG_VERSION"),
        omitted,
        key_images: pictures,
        phantom: is_phantom(study),
    };
    let pretty = |value: serde_json::Value| format!("{value:#}\n").into_bytes();
    writer.bytes("findings.json", &pretty(report::findings_json(&context)))?;
    writer.bytes("report.json", &pretty(report::report_json(case.report(), &context)))?;
    writer.bytes("report.fhir.json", &pretty(report::fhir(case.report(), &context)))?;
    writer.bytes("report.html", report::html(case.report(), &context).as_bytes())?;
    writer.bytes("report.pdf", &report::pdf(case.report(), &context)?)?;
    writer.bytes("report.txt", report::plain_text(case.report(), &context).as_bytes())?;
    if !omitted.iter().any(|o| o.file == "measurements.csv") {
        writer.bytes("measurements.csv", report::measurements_csv(&context).as_bytes())?;
    }
    Ok(())
}

/// Letters, digits and dashes of a caption.
fn file_name(caption: &str) -> String {
    let plain: String =
        caption.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    plain.split('-').filter(|s| !s.is_empty()).collect::<Vec<_>>().join("-").chars().take(60).collect()
}
