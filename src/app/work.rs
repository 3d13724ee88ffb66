//! What jobs do: thin calls of the rooms, with errors as sentences. Nothing here touches the window.

use crate::case::{Case, Proposal};
use crate::context::{ExportKind, GrayPicture};
use crate::findings::Finding;
use crate::jobs::{Cancel, Progress};
use crate::loaded::LoadedSeries;
use crate::render::gpu::{GpuContext, GpuVolume};
use crate::report::{DraftInput, Report, ReportContext, SearchRecord, compose};
use crate::study::{Catalog, Series};
use crate::volume::{Picture, Segmentation, ValueUnit, Voi, Volume};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A dialog that answers sooner than a person could was never there.
const SOONER_THAN_A_PERSON: Duration = Duration::from_millis(400);

/// The demonstration, ready to be shown.
pub struct Demo {
    /// Where its files are.
    pub paths: Vec<PathBuf>,
    /// What they hold.
    pub catalog: Catalog,
    /// The series to begin with, when it was made in memory.
    pub loaded: Option<LoadedSeries>,
}

/// What models found.
pub struct Read {
    /// One per model.
    pub proposals: Vec<Proposal>,
    /// What could not be searched, and why.
    pub not_searched: Vec<String>,
}

/// What an export wrote.
pub struct Exported {
    /// Where.
    pub folder: PathBuf,
    /// The files.
    pub files: Vec<PathBuf>,
    /// What was left out, and why.
    pub omitted: Vec<String>,
}

/// A case as it was when an export began.
pub struct Snapshot {
    pub source: LoadedSeries,
    pub segmentation: Option<Segmentation>,
    pub findings: Vec<Finding>,
    pub searches: Vec<SearchRecord>,
    pub report: Report,
    pub phantom: bool,
}

impl Snapshot {
    /// Copies what an export needs; pixels and labels are shared.
    pub fn of(case: &Case, phantom: bool) -> Self {
        Self {
            source: case.source().clone(),
            segmentation: case.segmentation().cloned(),
            findings: case.findings().to_vec(),
            searches: case.searches().to_vec(),
            report: case.report().clone(),
            phantom,
        }
    }
}

/// A dialog that was opened; it waits for its answer in a job.
pub type Dialog = std::pin::Pin<Box<dyn Future<Output = Option<Vec<rfd::FileHandle>>> + Send>>;

/// Opens a dialog for a folder, or for files. Some systems want that on the window's thread.
pub fn dialog(folder: bool, start: Option<&Path>) -> Dialog {
    let mut dialog = rfd::AsyncFileDialog::new();
    if let Some(start) = start {
        dialog = dialog.set_directory(start);
    }
    if folder {
        let picked = dialog.set_title("Open a folder").pick_folder();
        Box::pin(async { picked.await.map(|one| vec![one]) })
    } else {
        Box::pin(dialog.set_title("Open files").pick_files())
    }
}

/// Waits for a dialog. Empty when it was left.
pub fn picked(dialog: Dialog) -> Result<Vec<PathBuf>, String> {
    let began = Instant::now();
    match pollster::block_on(dialog) {
        Some(handles) => Ok(handles.iter().map(|h| h.path().to_owned()).collect()),
        None if began.elapsed() < SOONER_THAN_A_PERSON => Err(
            "The file dialog of this system did not open (on Linux it needs xdg-desktop-portal or zenity): drop a \
             folder onto the window, or name it on the command line."
                .into(),
        ),
        None => Ok(Vec::new()),
    }
}

/// Puts a volume on the graphics device.
pub fn upload(gpu: &GpuContext, volume: &Volume) -> Result<Arc<GpuVolume>, String> {
    GpuVolume::upload(gpu, volume).map(Arc::new).map_err(|problem| problem.to_string())
}

/// The window of the 3D view: bone and contrast for CT, the brightest for others.
pub fn projection_voi(volume: &Volume) -> Voi {
    if *volume.unit() == ValueUnit::Hu {
        return Voi::linear(300.0, 900.0);
    }
    let [low, high] = volume.percentiles([0.6, 0.9995]);
    Voi::spanning(f64::from(low), f64::from(high.max(low + 1e-6)))
}

/// The series most worth reading first: a volume with the most slices, else the first with pixels.
pub fn first_series(catalog: &Catalog) -> Option<String> {
    let with_pixels = catalog.series().map(|(_, s)| s).filter(|s| s.has_pixels());
    let worth = |s: &&Series| {
        let volume = matches!(s.geometry, crate::study::SeriesGeometry::Volume(_));
        (volume, s.instances.iter().map(|i| i.frames.max(1)).sum::<u32>())
    };
    let all: Vec<&Series> = with_pixels.collect();
    // `max_by_key` gives the last of equals; the first is meant.
    all.into_iter().rev().max_by_key(worth).map(|s| s.uid.clone())
}

/// Now, RFC 3339.
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What an unfinished reading is called when it is offered.
pub fn case_title(loaded: &LoadedSeries) -> String {
    let parts = [loaded.study.patient.name.as_str(), &loaded.study.description, &loaded.series.description];
    let shown: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    if shown.is_empty() { "a study without description".to_owned() } else { shown.join(", ") }
}

/// A report before anything was searched.
pub fn empty_report(loaded: &LoadedSeries) -> Report {
    let input = DraftInput {
        study: &loaded.study,
        series: &loaded.series,
        findings: &[],
        searches: &[],
        not_searched: &["No automatic search was run.".to_owned()],
        cite: &|k| loaded.cite(k),
        warnings: &[],
    };
    compose(&input)
}

/// The draft after models have run.
pub fn draft(case: &Case, not_searched: &[String]) -> Report {
    let loaded = case.source();
    let input = DraftInput {
        study: &loaded.study,
        series: &loaded.series,
        findings: case.findings(),
        searches: case.searches(),
        not_searched,
        cite: &|k| loaded.cite(k),
        warnings: &[],
    };
    compose(&input)
}

/// Everything around the sentences, for the plain text.
pub fn report_context<'a>(case: &'a Case, phantom: bool, generated: &'a str) -> ReportContext<'a> {
    ReportContext {
        study: &case.source().study,
        series: &case.source().series,
        findings: case.findings(),
        model_notices: &[],
        generated,
        program_version: env!("CARGO_PKG_VERSION"),
        omitted: &[],
        key_images: &[],
        phantom,
    }
}

/// A system font with Chinese, Japanese and Korean letters, where one is installed.
pub fn fallback_font() -> Option<Vec<u8>> {
    const PLACES: [&str; 7] = [
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
        "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
        "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
        "C:\\Windows\\Fonts\\msgothic.ttc",
    ];
    PLACES.iter().find_map(|place| std::fs::read(place).ok())
}

/// A fresh UID.
pub fn fresh_uid() -> String {
    format!("2.25.{}", uuid::Uuid::new_v4().as_u128())
}

/// Where journals of cases lie.
pub fn journal_folder() -> PathBuf {
    let base = directories::ProjectDirs::from("", "", "fovea").map_or_else(std::env::temp_dir, |d| d.data_dir().into());
    base.join("cases")
}


mod bridge;
pub use bridge::{demo, export, load, open, preview, read, thumbnail};

#[allow(unused)]
fn unused(_: &Progress, _: &Cancel, _: ExportKind, _: &GrayPicture, _: &Picture) {}
