//! The demonstration study: the phantom patient, written as proper DICOM, so that opening it takes the same way as any
//! other study.

use crate::io;
use crate::io::write::{self, Origin, SeriesDescription, WriteContext, WriteError};
use crate::jobs::{Cancel, Progress};
use crate::loaded::LoadedSeries;
use crate::phantom::{self, PhantomError, PlantedLesion, ThoraxSize, View};
use crate::study::{Patient, Series, Study};
use crate::volume::{Voi, Volume};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The patient that `fovea demo` shows.
pub const DEMO_SEED: u64 = 2;

/// Patient ID of every phantom begins so; the identity may be hidden for it alone (`clinical.md` rule 6).
const PHANTOM_ID: &str = "FOVEA-PHANTOM-";

/// Why there is no demonstration study.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A defect of the phantom.
    #[error(transparent)]
    Phantom(#[from] PhantomError),
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The truth beside it could not be written.
    #[error("cannot write {file}: {reason}")]
    Labels {
        /// Which file.
        file: PathBuf,
        /// What happened.
        reason: String,
    },
    /// The person stopped it.
    #[error("making the demonstration study was stopped")]
    Cancelled,
}

/// True for a study that was made in code.
pub fn is_phantom(study: &Study) -> bool {
    study.patient.id.starts_with(PHANTOM_ID)
}

/// Folder of the images below that of the study; what to open.
pub const IMAGES: &str = "images";
/// Folder of the label maps below that of the study: the truth, apart from what is read.
const TRUTH: &str = "truth";

/// Writes thorax CT, both radiographs and brain MR of a seed into `folder/images`, and their label maps into
/// `folder/truth`. Returns one line per series.
pub fn write_phantom(folder: &Path, seed: u64, progress: &Progress, cancel: &Cancel) -> Result<Vec<String>, DemoError> {
    let step = |name: &str, fraction: f32| {
        progress.set(format!("Demonstration study: {name}"), Some(fraction));
        if cancel.is_cancelled() { Err(DemoError::Cancelled) } else { Ok(()) }
    };
    let mut lines = Vec::new();
    let (images, truth) = (folder.join(IMAGES), folder.join(TRUTH));
    std::fs::create_dir_all(&truth).map_err(|e| DemoError::Labels { file: truth.clone(), reason: e.to_string() })?;
    step("making the chest", 0.0)?;
    let thorax = phantom::thorax(seed, ThoraxSize::FULL)?;
    step("writing the CT", 0.25)?;
    let chest = study(seed, "CHEST", "Thorax phantom");
    let ct = series(1, "CT", "Thorax (phantom, no patient)", "CHEST");
    let volume = Arc::new(thorax.volume.clone());
    let written = volume_series(&images, "ct", &chest, &ct, &volume, Voi::linear(40.0, 400.0))?;
    lines.push(line(&written, "ct"));
    labels(&truth, "ct_labels.nii.gz", &thorax.labels)?;
    lesions(&truth, &thorax.lesions)?;
    write::write_segmentation_dicom(&truth.join("ct_labels.dcm"), &written, &thorax.labels, &WriteContext::default())?;
    for (view, number, name, body) in [(View::Pa, 2, "pa", "posteroanterior"), (View::Lateral, 3, "lateral", "lateral")]
    {
        step(&format!("projecting the {body} radiograph"), 0.3 + 0.2 * number as f32 / 3.0)?;
        let radiograph = phantom::radiograph(&thorax, view);
        let description = series(number, "DX", &format!("Chest {body} (phantom, no patient)"), "CHEST");
        let what = SeriesDescription {
            study: &chest,
            series: &description,
            origin: Origin::Phantom,
            voi: radiograph.picture.voi,
        };
        let picture = Arc::new(radiograph.picture);
        let at = images.join(name);
        let written = write::write_picture_dicom(&at, "0001.dcm", &what, &picture, &WriteContext::default())?;
        lines.push(line(&written, name));
    }
    step("making the head", 0.7)?;
    let brain = phantom::brain(seed)?;
    step("writing the MR", 0.8)?;
    let head = study(seed, "HEAD", "Brain phantom");
    let mr = series(1, "MR", "Brain T1 (phantom, no patient)", "HEAD");
    let [low, high] = brain.volume.percentiles([0.01, 0.99]);
    let window = Voi::spanning(f64::from(low), f64::from(high));
    let written = volume_series(&images, "mr", &head, &mr, &Arc::new(brain.volume), window)?;
    lines.push(line(&written, "mr"));
    labels(&truth, "mr_labels.nii.gz", &brain.labels)?;
    step("done", 1.0)?;
    Ok(lines)
}

fn volume_series(
    folder: &Path,
    name: &str,
    study: &Study,
    series: &Series,
    volume: &Arc<Volume>,
    window: Voi,
) -> Result<LoadedSeries, DemoError> {
    let what = SeriesDescription { study, series, origin: Origin::Phantom, voi: Some(window) };
    Ok(write::write_volume_dicom(&folder.join(name), &what, volume, &WriteContext::default())?)
}

/// Identifiers follow from seed and name, so that one seed is one study wherever it is written.
fn study(seed: u64, part: &str, description: &str) -> Study {
    Study {
        uid: io::uid::from_content([b"fovea phantom study".as_slice(), part.as_bytes(), &seed.to_le_bytes()]),
        patient: Patient {
            name: "Phantom, Fovea".into(),
            id: format!("{PHANTOM_ID}{seed}"),
            sex: "O".into(),
            ..Patient::default()
        },
        date: "20260101".into(),
        time: "120000".into(),
        description: description.into(),
        accession: format!("PHANTOM-{part}-{seed}"),
        ..Study::default()
    }
}

fn series(number: i64, modality: &str, description: &str, body_part: &str) -> Series {
    Series {
        modality: modality.into(),
        number: Some(number),
        description: description.into(),
        body_part: body_part.into(),
        ..Series::default()
    }
}

fn labels(folder: &Path, name: &str, labels: &crate::volume::Segmentation) -> Result<(), DemoError> {
    let file = folder.join(name);
    io::nifti::write_labels(&file, &labels.labelmap)
        .map_err(|e| DemoError::Labels { file: file.clone(), reason: e.to_string() })
}

/// Place, size and value of each planted lesion.
fn lesions(folder: &Path, lesions: &[PlantedLesion]) -> Result<(), DemoError> {
    let list: Vec<_> = lesions
        .iter()
        .map(|l| {
            serde_json::json!({
                "label": l.label,
                "segment": l.number,
                "side": l.side,
                "center_lps": l.center_lps.to_array(),
                "diameters_mm": l.diameters_mm,
                "volume_mm3": l.volume_mm3(),
                "hu": l.hu,
            })
        })
        .collect();
    let file = folder.join("ct_lesions.json");
    let text = format!("{:#}\n", serde_json::json!({ "lesions": list }));
    io::atomic::write_bytes(&file, text.as_bytes()).map_err(|e| DemoError::Labels { file, reason: e.to_string() })
}

fn line(series: &LoadedSeries, place: &str) -> String {
    let images = series.series.instances.len();
    let plural = if images == 1 { "image" } else { "images" };
    format!("{place}: {} \"{}\", {images} {plural}", series.series.modality, series.series.description)
}
