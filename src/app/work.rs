//! What jobs do: thin calls of the rooms, with errors as sentences. Nothing here touches the window.

use crate::case::Case;
use crate::context::{Arriving, ExportKind, GrayPicture, Opening, Values, first_voi};
use crate::io;
use crate::jobs::{Cancel, Progress, in_background};
use crate::loaded::{ImageData, LoadedSeries, SliceSource};
use crate::reading::{self, ExportTarget, Found, Models};
use crate::render::PictureDraw;
use crate::render::gpu::{GpuContext, GpuVolume};
use crate::report::{DraftInput, Report, ReportContext, compose};
use crate::study::Catalog;
use crate::volume::{SuvKind, ValueUnit, Voi, VoiFunction, Volume};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A dialog that answers sooner than a person could was never there.
const SOONER_THAN_A_PERSON: Duration = Duration::from_millis(400);

/// Time after which a batch of slices is shown before more are read.
const A_MOMENT: Duration = Duration::from_millis(20);

/// Longer side of a thumbnail.
const THUMBNAIL_PX: u32 = 104;

/// A series and the windows it opens with.
#[derive(Clone)]
pub struct Ready {
    /// The pixels.
    pub loaded: LoadedSeries,
    /// The windows that it opens with.
    pub opening: Opening,
}

impl Ready {
    /// Finds the windows; looks at many pixels.
    pub fn new(loaded: LoadedSeries) -> Self {
        let loaded = in_suv(loaded);
        let opening = opening(&loaded);
        Self { loaded, opening }
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
        None if began.elapsed() < SOONER_THAN_A_PERSON => {
            Err("The file dialog of this system did not open (on Linux it needs xdg-desktop-portal or zenity): drop a \
             folder onto the window, or name it on the command line."
                .into())
        }
        None => Ok(Vec::new()),
    }
}

/// Puts a volume on the graphics device.
pub fn upload(gpu: &GpuContext, volume: &Arc<Volume>) -> Result<Arc<GpuVolume>, String> {
    GpuVolume::for_window(gpu, volume).map(Arc::new).map_err(|problem| problem.to_string())
}

/// PET is read in SUV by body weight, where its header allows that; windows of the file are for the file's own values.
fn in_suv(loaded: LoadedSeries) -> LoadedSeries {
    let suv = loaded.volume().filter(|_| loaded.series.modality == "PT");
    match suv.and_then(|volume| volume.in_suv(SuvKind::BodyWeight)) {
        Some(volume) => {
            let image = ImageData::Volume(Arc::new(volume));
            LoadedSeries { image, header_voi: None, voi_choices: Vec::new(), ..loaded }
        }
        None => loaded,
    }
}

/// PET in SUV opens inverted, 0–7 in planes and 0–10 in projections (`clinical.md`, Defaults).
fn opening(loaded: &LoadedSeries) -> Opening {
    let inverted = loaded.series.modality == "PT";
    if inverted && loaded.volume().is_some_and(|volume| *volume.unit() == ValueUnit::SuvBw) {
        let up_to = |suv: f64| Voi { center: suv / 2.0, width: suv, function: VoiFunction::LinearExact };
        return Opening { voi: up_to(7.0), mip_voi: up_to(10.0), inverted, values: Values::Suv };
    }
    let voi = first_voi(loaded);
    let is_hu = loaded.volume().is_some_and(|volume| *volume.unit() == ValueUnit::Hu);
    let values = if is_hu { Values::Hu } else { Values::Other };
    Opening { voi, mip_voi: loaded.volume().map_or(voi, |volume| projection_voi(volume)), inverted, values }
}

/// The window of the 3D view: bone and contrast for CT, the brightest for others.
fn projection_voi(volume: &Volume) -> Voi {
    if *volume.unit() == ValueUnit::Hu {
        return Voi::linear(300.0, 900.0);
    }
    let [low, high] = volume.percentiles([0.6, 0.9995]);
    Voi::spanning(f64::from(low), f64::from(high.max(low + 1e-6)))
}

/// Lists files and folders.
pub fn open(paths: &[PathBuf], progress: &Progress, cancel: &Cancel) -> Result<Catalog, String> {
    in_background(|| io::open(paths, progress, cancel)).map_err(|problem| problem.to_string())
}

/// Reads a series.
pub fn load(catalog: &Catalog, uid: &str, progress: &Progress, cancel: &Cancel) -> Result<Ready, String> {
    in_background(|| io::load_series(catalog, uid, progress, cancel).map(Ready::new))
        .map_err(|problem| problem.to_string())
}

/// What is shown of a series before it is there.
pub struct Early {
    /// Study, series, first windows; a first picture where no grid is known.
    pub ready: Ready,
    /// The grid and the first slice of a volume.
    pub arriving: Option<Arriving>,
}

impl Early {
    /// A volume whose first slices are there. `loaded` holds no pixels: a slice alone is no volume of the series, and nothing
    /// may take it for one.
    pub fn arriving(loaded: LoadedSeries, arriving: Arriving) -> Self {
        let none = ImageData::Pictures(Vec::new());
        let image = arriving.any().map_or(none.clone(), |slice| ImageData::Volume(Arc::clone(slice)));
        let mut ready = Ready::new(LoadedSeries { image, ..loaded });
        ready.loaded.image = none;
        Self { ready, arriving: Some(arriving) }
    }
}

/// The middle slice of a series in the grid that the headers give, or one picture of it, long before the whole is there.
pub fn preview(catalog: &Catalog, uid: &str) -> Option<Early> {
    // Single slices come in the file's own values; PET is read in SUV.
    if catalog.find_series(uid).is_some_and(|(_, series)| series.modality == "PT") {
        return None;
    }
    first_slice(catalog, uid).or_else(|| {
        let ready = first_picture(catalog, uid)?;
        Some(Early { ready, arriving: None })
    })
}

fn first_slice(catalog: &Catalog, key: &str) -> Option<Early> {
    let (study, series) = catalog.find_series(key)?;
    let (geometry, sources) = io::slices_of(series)?;
    let middle = geometry.dims()[2] / 2;
    let (slice, voi_choices) = io::load_slice(catalog, key, middle).ok()?;
    let mut arriving = Arriving::new(geometry);
    arriving.insert(middle, Some(Arc::new(slice)), middle);
    let loaded = LoadedSeries {
        study: Arc::new(study.clone()),
        series: Arc::new(series.clone()),
        image: ImageData::Pictures(Vec::new()),
        slices: sources.into(),
        header_voi: voi_choices.first().map(|choice| choice.voi),
        voi_choices,
    };
    Some(Early::arriving(loaded, arriving))
}

/// Slices of a volume that is still being read, in the order in which they are wanted, as many as a moment allows.
pub fn slices(catalog: &Catalog, key: &str, wanted: &[usize]) -> Vec<(usize, Option<Arc<Volume>>)> {
    let began = Instant::now();
    let mut there = Vec::new();
    for &k in wanted {
        there.push((k, io::load_slice(catalog, key, k).ok().map(|(slice, _)| Arc::new(slice))));
        if began.elapsed() > A_MOMENT {
            break;
        }
    }
    there
}

fn first_picture(catalog: &Catalog, uid: &str) -> Option<Ready> {
    let picture = io::load_preview(catalog, uid).ok()?;
    let (study, series) = catalog.find_series(uid)?;
    let loaded = LoadedSeries {
        study: Arc::new(study.clone()),
        series: Arc::new(series.clone()),
        header_voi: picture.voi,
        voi_choices: Vec::new(),
        image: ImageData::Pictures(vec![Arc::new(picture)]),
        slices: vec![SliceSource { instance: series.instances.len() / 2, frame: 0 }].into(),
    };
    Some(Ready::new(loaded))
}

/// A small picture of a series, windowed.
pub fn thumbnail(catalog: &Catalog, uid: &str) -> Option<GrayPicture> {
    let picture = io::load_preview(catalog, uid).ok()?;
    let aspect = picture.spacing_mm().map_or(1.0, |[row_mm, column_mm]| row_mm / column_mm);
    let (wide, high) = (picture.width as f64, picture.height as f64 * aspect);
    let shrink = f64::from(THUMBNAIL_PX) / wide.max(high);
    let size_px = [wide * shrink, high * shrink].map(|n| n.round().max(1.0) as u32);
    let draw =
        PictureDraw::fit([picture.width, picture.height], aspect, size_px, picture.first_voi(), picture.inverted);
    let shown = crate::render::cpu::picture_rgba(&picture, &draw);
    let gray = shown.rgba.chunks_exact(4).map(|c| ((u16::from(c[0]) + u16::from(c[1]) + u16::from(c[2])) / 3) as u8);
    Some(GrayPicture { width: shown.width as usize, height: shown.height as usize, gray: gray.collect() })
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

/// The report before anything was searched.
pub fn blank_report(loaded: &LoadedSeries) -> Report {
    compose(&DraftInput {
        study: &loaded.study,
        series: &loaded.series,
        findings: &[],
        searches: &[],
        not_searched: &["No automatic search was run.".to_owned()],
        cite: &|k| loaded.cite(k),
        warnings: &[],
    })
}

/// Everything around the sentences, for the plain text.
pub fn report_context<'a>(case: &'a Case, generated: &'a str) -> ReportContext<'a> {
    ReportContext {
        study: &case.source().study,
        series: &case.source().series,
        findings: case.findings(),
        model_notices: &[],
        generated,
        program_version: env!("CARGO_PKG_VERSION"),
        omitted: &[],
        key_images: &[],
        phantom: reading::is_phantom(&case.source().study),
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
    io::data_dir().join("cases")
}

/// Writes the demonstration study below the program's data, once, and gives the folder of its images.
pub fn demo(progress: &Progress, cancel: &Cancel) -> Result<PathBuf, String> {
    let base = io::data_dir().join("demonstration");
    let place = base.join(format!("{}-{}", env!("CARGO_PKG_VERSION"), reading::DEMO_SEED));
    if !place.is_dir() {
        let failed = |problem: std::io::Error| {
            format!("The demonstration cannot be written to {} ({problem}): make room there.", base.display())
        };
        std::fs::create_dir_all(&base).map_err(failed)?;
        // Written beside and renamed, so that a half-written study is never opened.
        let half = tempfile::tempdir_in(&base).map_err(failed)?;
        reading::write_phantom(half.path(), reading::DEMO_SEED, progress, cancel).map_err(|p| p.to_string())?;
        std::fs::rename(half.keep(), &place).map_err(failed)?;
    }
    Ok(place.join(reading::IMAGES))
}

/// Runs every installed model that serves the series.
pub fn search(loaded: &LoadedSeries, progress: &Progress, cancel: &Cancel) -> Result<Found, String> {
    progress.set("loading models", None);
    reading::search(loaded, &Models::installed(), progress, cancel).map_err(|problem| problem.to_string())
}

/// Writes everything, or the files of one kind, into a folder.
pub fn export(
    case: &Case,
    kind: ExportKind,
    folder: &Path,
    source_root: &Path,
    progress: &Progress,
) -> Result<String, String> {
    let target = |folder| ExportTarget { folder, source_root };
    if kind == ExportKind::All {
        let exported = reading::export(case, &target(folder), progress).map_err(|problem| problem.to_string())?;
        return Ok(exported.summary());
    }
    // The same code writes all of it beside, and what was asked for is moved into place: each file is whole or not there.
    let failed = |problem: std::io::Error| {
        format!("Cannot write into {} ({problem}): choose another folder or correct its rights.", folder.display())
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let beside = tempfile::tempdir_in(folder).map_err(failed)?;
    let exported = reading::export(case, &target(beside.path()), progress).map_err(|problem| problem.to_string())?;
    let mut moved = 0;
    for file in exported.files.iter().filter(|f| kind.includes(f)) {
        let to = folder.join(file);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::rename(beside.path().join(file), to).map_err(failed)?;
        moved += 1;
    }
    if moved == 0 {
        let reason = exported.omitted.iter().find(|o| kind.includes(Path::new(&o.file))).map(|o| o.reason.as_str());
        return Err(reason.unwrap_or("There is nothing of that kind to export.").to_owned());
    }
    let word = if moved == 1 { "file" } else { "files" };
    Ok(format!("Saved {moved} {word} to {}, each read back and compared.", folder.display()))
}
