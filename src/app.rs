//! Owns everything: what is open, the case, how it is shown, the jobs. Panels send commands; only [`App`] applies them.
//! The window's thread never decodes, infers, asks the disk or waits: that happens in jobs, whose results come here.

mod apply;
mod case_commands;
mod comparing;
mod hanging;
mod measures;
mod object;
mod pictures;
mod player;
mod printing;
mod registering;
mod remembering;
mod results;
mod series;
mod solid;
mod tags;
mod verifying;
mod view_commands;
mod work;

use crate::case::Case;
use crate::context::{
    AppContext, Arriving, CaseView, GrayPicture, Layout, Notice, NoticeLevel, SavedState, ShownSeries, Sight, ViewState,
};
use crate::context::{RecoverableCase, TagBrowser};
use crate::geometry::{DVec3, VolumeGeometry};
use crate::jobs::{JobId, JobPool};
use crate::loaded::LoadedSeries;
use crate::render::gpu::GpuContext;
use crate::report::Report;
use crate::study::Catalog;
use crate::ui::{self, UiState};
use anyhow::anyhow;
use eframe::egui_wgpu::{RenderState, WgpuSetup, wgpu};
use results::Done;
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The window's design size in points, and the smallest that holds everything.
const DESIGN_SIZE: [f32; 2] = [1440.0, 900.0];
const LEAST_SIZE: [f32; 2] = [1024.0, 700.0];

/// Who reads while nobody has given a name.
const UNNAMED: &str = "the reader";

/// The application.
pub struct App {
    view: ViewState,
    ui_state: UiState,
    paths: Vec<PathBuf>,
    catalog: Option<Arc<Catalog>>,
    /// The series that is read.
    series: Option<ShownSeries>,
    /// Other series on screen, by key.
    beside: HashMap<String, ShownSeries>,
    /// Series on their way into viewports, by key.
    coming: HashSet<String>,
    hangings: hanging::Hangings,
    remembered: remembering::Remembered,
    case: Option<Case>,
    /// Cases of other series of this session: going back finds them as they were.
    parked: HashMap<String, Case>,
    pool: JobPool<Done>,
    /// The series that was asked for last, and the job that reads it.
    wanted: Option<(String, JobId)>,
    /// Jobs that were stopped because something else was asked for; nobody need hear of it.
    superseded: HashSet<JobId>,
    /// Slices around the one on screen are on their way.
    fetching: bool,
    notices: Vec<Notice>,
    next_notice: u64,
    thumbnails: HashMap<String, Arc<GrayPicture>>,
    thumbnail_queue: VecDeque<String>,
    /// Volumes of the 4D group on screen that were read ahead.
    steps: HashMap<String, work::Ready>,
    last_played: Instant,
    left_behind: Option<crate::case::Recoverable>,
    recoverable: Option<RecoverableCase>,
    tags: tags::Tags,
    objects: object::Objects,
    /// A journal to replay once its series is loaded.
    recovering: Option<crate::case::Recoverable>,
    render_state: Option<RenderState>,
    gpu: Option<GpuContext>,
    /// Generations of the series whose volumes are on the graphics device.
    on_gpu: HashSet<u64>,
    generation: u64,
    /// A stroke is in hand.
    painting: bool,
    measuring: measures::Measuring,
    solids: solid::SolidWork,
    verifying: verifying::Verifying,
    /// Identity of the registration that was added last.
    last_pair: u64,
    pictures: pictures::Pictures,
    mask_generation: u64,
    /// What the report says before anything was searched or written.
    blank_report: Option<Report>,
    saved: Saved,
    reader: String,
    egui: egui::Context,
    /// Hide proposals until asked for or until all images were on screen (`clinical.md` rule 2).
    hide_ai_at_first: bool,
    /// Folder that was asked for last.
    last_folder: Option<PathBuf>,
    journal_folder: PathBuf,
}

/// When the journal took the last change.
#[derive(Clone, Copy)]
enum Saved {
    Untouched,
    At(Instant),
    Failed,
}

/// Opens the window; returns when it is closed. Without a graphics driver: one sentence.
pub fn run(paths: Vec<PathBuf>, demo: bool) -> anyhow::Result<()> {
    let mut options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Fovea")
            .with_app_id("fovea")
            .with_inner_size(DESIGN_SIZE)
            .with_min_inner_size(LEAST_SIZE)
            .with_drag_and_drop(true),
        renderer: eframe::Renderer::Wgpu,
        ..Default::default()
    };
    if let WgpuSetup::CreateNew(setup) = &mut options.wgpu_options.wgpu_setup {
        // The default limits are those of a browser: 2048 voxels along a side and 128 MiB per binding.
        setup.device_descriptor = Arc::new(|adapter| wgpu::DeviceDescriptor {
            label: Some("fovea"),
            required_limits: adapter.limits(),
            ..Default::default()
        });
    }
    let open = move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        let mut app = App::new(cc);
        if demo {
            app.open_demo();
        } else if !paths.is_empty() {
            app.open(paths);
        }
        Ok(Box::new(app))
    };
    match eframe::run_native("fovea", options, Box::new(open)) {
        Ok(()) => Ok(()),
        Err(eframe::Error::Wgpu(problem)) => Err(anyhow!(
            "no graphics driver could be used ({problem}): install a Vulkan driver (Debian and Ubuntu: \
             mesa-vulkan-drivers) or work without a window (fovea read PATH -o DIR)"
        )),
        Err(problem) => {
            log::debug!("{problem}");
            Err(anyhow!("the window could not be opened: is there a display? Without one: fovea read PATH -o DIR"))
        }
    }
}

impl App {
    /// An empty room. Journals lie in the program's data folder.
    pub fn new(cc: &eframe::CreationContext<'_>) -> Self {
        Self::with_folders(cc, work::journal_folder(), Some(crate::settings::default_path()))
    }

    /// As [`Self::new`], with journals in a folder of one's own (tests).
    pub fn with_journals(cc: &eframe::CreationContext<'_>, journal_folder: PathBuf) -> Self {
        Self::with_folders(cc, journal_folder, None)
    }

    /// As [`Self::new`], with journals and settings in places of one's own; without a file nothing is remembered.
    pub fn with_folders(cc: &eframe::CreationContext<'_>, journal_folder: PathBuf, settings: Option<PathBuf>) -> Self {
        let remembered = remembering::Remembered::load(settings);
        let language = &remembered.settings.language;
        if !language.is_empty() && !crate::words::choose(language) {
            log::debug!("the language was chosen before");
        }
        ui::theme::install(&cc.egui_ctx);
        let waker = cc.egui_ctx.clone();
        // Progress comes often; on a software driver every frame costs what inference could use.
        let wake = Arc::new(move || waker.request_repaint_after(Duration::from_millis(30)));
        let mut app = Self {
            view: ViewState::default(),
            ui_state: UiState::default(),
            paths: Vec::new(),
            catalog: None,
            series: None,
            beside: HashMap::new(),
            coming: HashSet::new(),
            hangings: hanging::Hangings::load(remembered.protocols()),
            remembered,
            case: None,
            parked: HashMap::new(),
            pool: JobPool::new(wake),
            wanted: None,
            superseded: HashSet::new(),
            fetching: false,
            notices: Vec::new(),
            next_notice: 0,
            thumbnails: HashMap::new(),
            thumbnail_queue: VecDeque::new(),
            steps: HashMap::new(),
            last_played: Instant::now(),
            left_behind: None,
            recoverable: None,
            tags: tags::Tags::default(),
            objects: object::Objects::default(),
            recovering: None,
            render_state: cc.wgpu_render_state.clone(),
            gpu: None,
            on_gpu: HashSet::new(),
            generation: 0,
            painting: false,
            measuring: measures::Measuring::default(),
            solids: solid::SolidWork::default(),
            verifying: verifying::Verifying::default(),
            last_pair: 0,
            pictures: pictures::Pictures::default(),
            mask_generation: 0,
            blank_report: None,
            saved: Saved::Untouched,
            reader: user_name(),
            egui: cc.egui_ctx.clone(),
            hide_ai_at_first: true,
            last_folder: None,
            journal_folder,
        };
        app.recall();
        app.install_gpu();
        let folder = app.journal_folder.clone();
        app.pool
            .spawn("Looking for unfinished readings", move |_, _| Done::LeftBehind(crate::case::recoverable(&folder)));
        app.pool.spawn("Looking for fonts", |_, _| Done::Font(work::fallback_font()));
        app
    }

    fn install_gpu(&mut self) {
        let Some(state) = &self.render_state else { return };
        state.device.on_uncaptured_error(Arc::new(|error: wgpu::Error| log::error!("graphics device: {error}")));
        match ui::picture::install(state) {
            Ok(gpu) => self.gpu = Some(gpu),
            Err(problem) => {
                let text = format!("Pictures are drawn without the graphics device: {problem}.");
                self.notify(NoticeLevel::Warning, text);
            }
        }
    }

    /// Says something to the reader. The same sentence is not said twice at once.
    fn notify(&mut self, level: NoticeLevel, text: impl Into<String>) {
        let text = text.into();
        if self.notices.iter().any(|n| n.text == text) {
            return;
        }
        // What went well need not pile up.
        self.notices.retain(|n| n.level != NoticeLevel::Info);
        self.next_notice += 1;
        self.notices.push(Notice { id: self.next_notice, level, text });
    }

    /// Lists files and folders; the first series with images comes on screen.
    pub fn open(&mut self, paths: Vec<PathBuf>) {
        self.last_folder = paths.first().map(|p| if p.is_dir() { p.clone() } else { p.with_file_name("") });
        self.pool.spawn("Opening", move |progress, cancel| {
            let result = work::open(&paths, progress, cancel);
            Done::Opened { paths, result }
        });
    }

    /// Opens the built-in demonstration.
    pub fn open_demo(&mut self) {
        self.pool.spawn("Making the demonstration", |progress, cancel| Done::Demo(work::demo(progress, cancel)));
    }

    /// Brings a loaded series on screen.
    pub fn show_series(&mut self, loaded: LoadedSeries) {
        self.show_ready(work::Ready::new(loaded));
    }

    fn show_ready(&mut self, ready: work::Ready) {
        let arrived = self.has_arrived(&ready.loaded);
        if !arrived && self.is_step_of_shown(&ready.loaded.series, ready.loaded.geometry()) {
            return self.show_step(ready);
        }
        self.park_case();
        if arrived {
            self.keep_view(&ready);
        } else {
            let geometry = ready.loaded.geometry().cloned();
            self.reset_view(&ready, geometry.as_ref());
        }
        self.put_on_screen(ready, None, true);
        self.begin_case();
    }

    /// Brings the first slices of a series on screen whose volume is still being read.
    pub fn show_arriving(&mut self, loaded: LoadedSeries, arriving: Arriving) {
        self.show_early(work::Early::arriving(loaded, arriving));
    }

    fn show_early(&mut self, early: work::Early) {
        self.park_case();
        self.reset_view(&early.ready, early.arriving.as_ref().map(|arriving| &arriving.geometry));
        self.put_on_screen(early.ready, early.arriving, false);
    }

    /// True when the volume is the one whose first slices are on screen.
    fn has_arrived(&self, loaded: &LoadedSeries) -> bool {
        let Some((series, arriving)) = self.series.as_ref().and_then(|s| Some((s, s.arriving.as_ref()?))) else {
            return false;
        };
        let same_grid = loaded.geometry().is_some_and(|g| g.same_grid(&arriving.geometry));
        same_grid && series.loaded.series.key() == loaded.series.key()
    }

    /// The series that is read from now on.
    fn put_on_screen(&mut self, ready: work::Ready, arriving: Option<Arriving>, complete: bool) {
        self.view.reading = Some(ready.loaded.series.key());
        let series = self.prepared(ready, arriving, complete);
        self.beside.remove(&series.key());
        self.series = Some(series);
        self.dress_hung();
    }

    /// How a series is shown at first; tool, brush and panels stay as the reader set them.
    fn reset_view(&mut self, ready: &work::Ready, geometry: Option<&VolumeGeometry>) {
        let old = std::mem::take(&mut self.view);
        let key = ready.loaded.series.key();
        let hung = self.hung_layout(&key);
        let layout = hung.unwrap_or_else(|| Layout::opening(&key, geometry.is_some(), &ready.opening));
        self.view = ViewState {
            active: layout.cells[0].viewport.id,
            layout,
            tool: old.tool,
            brush: old.brush,
            panels_shown: old.panels_shown,
            tab: old.tab,
            interpolation: old.interpolation,
            links: old.links,
            linking: old.linking,
            texts_shown: old.texts_shown,
            overlays_shown: old.overlays_shown,
            crosshair_shown: old.crosshair_shown,
            fill_opacity: old.fill_opacity,
            outline_opacity: old.outline_opacity,
            ai_shown: !self.hide_ai_at_first,
            player: crate::context::Player { playing: false, ..old.player },
            measures: crate::context::MeasuresView { last_tool: old.measures.last_tool, pending: Vec::new() },
            ..ViewState::default()
        };
        let sight = self.start_of(&key, geometry);
        self.view.sights.insert(key, sight);
        self.beside.clear();
        self.coming.clear();
        self.ui_state.forget_series();
    }

    /// The volume takes the place of its first slices: slice, window and framing stay as the reader has them.
    fn keep_view(&mut self, ready: &work::Ready) {
        let key = ready.loaded.series.key();
        for viewport in self.view.layout.viewports_mut().filter(|viewport| viewport.shows(&key)) {
            viewport.take_opening(&ready.opening);
            // What was on screen meanwhile was incomplete: each viewport reports anew.
            viewport.shown = None;
        }
        if let Some(sight) = self.view.sights.get_mut(&key) {
            sight.seen.clear();
        }
    }

    /// What panels may read. Borrows fields one by one, so that the interface's own state stays free.
    fn case_view(&self) -> Option<CaseView<'_>> {
        let case = self.case.as_ref()?;
        let saved = match self.saved {
            Saved::Untouched => SavedState::Untouched,
            Saved::At(when) => SavedState::Saved(when.elapsed().as_secs()),
            Saved::Failed => SavedState::Failed,
        };
        Some(CaseView {
            findings: case.findings(),
            report: Some(self.shown_report(case)),
            segmentation: case.segmentation(),
            mask_generation: self.mask_generation,
            undo: case.can_undo(),
            redo: case.can_redo(),
            document: case,
            saved,
            reader: &self.reader,
        })
    }

    fn several_patients(&self) -> bool {
        let Some(catalog) = &self.catalog else { return false };
        let mut patients = catalog.studies.iter().map(|s| (&s.patient.id, &s.patient.name, &s.patient.birth_date));
        let first = patients.next();
        patients.any(|patient| Some(patient) != first)
    }

    /// One frame: results of jobs, the interface, its commands.
    pub fn frame(&mut self, ui: &mut egui::Ui) {
        self.take_results();
        if let Some(wait) = self.play() {
            ui.ctx().request_repaint_after(wait);
        }
        self.follow_tags();
        self.follow_object();
        let mut ui_state = std::mem::take(&mut self.ui_state);
        let camera = self.pictures.camera();
        let context = AppContext {
            catalog: self.catalog.as_deref(),
            series: self.series.as_ref(),
            beside: &self.beside,
            coming: &self.coming,
            case: self.case_view(),
            keymap: &self.remembered.keymap,
            settings: &self.remembered.settings,
            hanging: &self.hangings.view,
            view: &self.view,
            thumbnails: &self.thumbnails,
            jobs: self.pool.running(),
            notices: &self.notices,
            recoverable: self.recoverable.as_ref(),
            tags: self.tags.browser.as_ref(),
            object: self.objects.view.as_ref(),
            presentation: self.objects.presentation.as_ref(),
            solids: &self.solids.shown,
            several_patients: self.several_patients(),
            on_gpu: &self.on_gpu,
            camera: camera.as_ref(),
            view_scale: ui.ctx().pixels_per_point(),
        };
        let commands = ui::show(ui, &context, &mut ui_state);
        self.ui_state = ui_state;
        if !commands.is_empty() {
            ui.ctx().request_repaint();
        }
        for command in commands {
            self.apply(command);
        }
        self.fetch_slices();
        self.follow_solids();
        self.sample_views();
        self.follow_pictures(&ui.ctx().clone(), camera.map(crate::context::Camera::shots));
        self.follow_settings(&ui.ctx().clone());
        if matches!(self.saved, Saved::At(_)) {
            // The status line says how long ago: it need not be exact.
            ui.ctx().request_repaint_after(Duration::from_secs(20));
        }
    }

    /// What was opened.
    pub fn catalog(&self) -> Option<&Catalog> {
        self.catalog.as_deref()
    }

    /// The series on screen.
    pub fn shown(&self) -> Option<&ShownSeries> {
        self.series.as_ref()
    }

    /// The case on screen.
    pub fn case(&self) -> Option<&Case> {
        self.case.as_ref()
    }

    /// The report as it is shown: before anything was written, the blank one.
    pub fn report(&self) -> Option<&Report> {
        self.case.as_ref().map(|case| self.shown_report(case))
    }

    /// How things are shown.
    pub fn view(&self) -> &ViewState {
        &self.view
    }

    /// The tag browser, while it is open.
    pub fn tags(&self) -> Option<&TagBrowser> {
        self.tags.browser.as_ref()
    }

    /// Sentences that wait to be read.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// True while jobs run.
    pub fn is_busy(&self) -> bool {
        !self.pool.running().is_empty()
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.frame(ui);
    }

    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        ui::theme::BLACK.to_normalized_gamma_f32()
    }

    /// Tab hides the side panels, unless a widget has the focus: then it moves on, as everywhere.
    fn raw_input_hook(&mut self, ctx: &egui::Context, raw: &mut egui::RawInput) {
        if ctx.memory(|m| m.focused().is_some()) {
            return;
        }
        let tab = |event: &egui::Event| match event {
            egui::Event::Key { key: egui::Key::Tab, pressed, modifiers, .. } if modifiers.is_none() => Some(*pressed),
            _ => None,
        };
        self.ui_state.tab_pressed |= raw.events.iter().any(|e| tab(e) == Some(true));
        raw.events.retain(|event| tab(event).is_none());
    }

    fn on_exit(&mut self) {
        self.save_settings();
        self.pool.cancel_all();
        // A case with unsigned work keeps its journal: the next start offers it.
        for case in self.case.iter_mut().chain(self.parked.values_mut()) {
            if (!case.is_touched() || case.report().is_signed())
                && let Err(problem) = case.close()
            {
                log::warn!("{problem}");
            }
        }
    }
}

/// In the middle of the volume, nothing turned.
fn first_sight(geometry: Option<&VolumeGeometry>) -> Sight {
    let middle = |geometry: &VolumeGeometry| {
        let middle = geometry.dims().map(|n| (n / 2) as f64);
        geometry.point_lps(DVec3::from_array(middle))
    };
    Sight { crosshair_lps: geometry.map_or(DVec3::ZERO, middle), ..Sight::default() }
}

/// The name that findings are accepted under until the reader gives another.
fn user_name() -> String {
    let names = ["USER", "LOGNAME", "USERNAME"];
    names.iter().find_map(|n| std::env::var(n).ok()).filter(|n| !n.is_empty()).unwrap_or_else(|| UNNAMED.to_owned())
}
