//! Hanging protocols in the window: which is for the study, what hangs where, and saving what is on screen as one.

use super::{App, first_sight};
use crate::context::{
    Cell, Hanging, HangingCommand, Layout, NoticeLevel, Offer, Over, PlaneAxes, UnconfirmedPrior, ViewKind, Viewport,
    ViewportId,
};
use crate::geometry::{Orientation, VolumeGeometry};
use crate::hanging::{self, Mirror, Placed, Protocol, Resolved, Stage, Studies, View};
use crate::render::{ColorMap, Slab, SlabMode};
use crate::study::{Catalog, Series, SeriesGeometry, Study};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Protocols, and what hangs.
pub(super) struct Hangings {
    protocols: Vec<Protocol>,
    /// Where the user's own lie; `None` keeps nothing.
    folder: Option<PathBuf>,
    /// Sentences about protocols that could not be read.
    pub(super) notes: Vec<String>,
    /// Protocol and stages of each offer, as indices.
    offers: Vec<(usize, Vec<usize>)>,
    /// Priors that a person has said are the same patient's.
    confirmed: Vec<String>,
    /// What hangs once the series that is read first has come.
    plan: Option<Plan>,
    pub(super) view: Hanging,
}

/// A layout whose series are still to come.
pub(super) struct Plan {
    /// The series that is read.
    pub(super) reading: String,
    layout: Layout,
    /// First slice of series, as a share of all.
    starts: HashMap<String, hanging::Start>,
}

impl Hangings {
    /// The built-in protocols and those of the user, which come first.
    pub(super) fn load(folder: Option<PathBuf>) -> Self {
        let mut notes = Vec::new();
        let mut protocols = folder.as_deref().map(|folder| own(folder, &mut notes)).unwrap_or_default();
        match hanging::built_in() {
            Ok(built_in) => protocols.extend(built_in),
            Err(problem) => notes.push(problem.to_string()),
        }
        let (offers, confirmed, plan, view) = (Vec::new(), Vec::new(), None, Hanging::default());
        Self { protocols, folder, notes, offers, confirmed, plan, view }
    }

    /// Nothing hangs any more; what was offered stays.
    pub(super) fn leave(&mut self) {
        self.view.shown = None;
        self.plan = None;
    }

    /// Ranks the protocols for a study.
    fn rank(&mut self, current: &Study, catalog: &Catalog) {
        let studies = Studies::new(current, &catalog.studies, &self.confirmed);
        let ranking = hanging::hang(&self.protocols, studies);
        let index = |protocol: &Protocol| self.protocols.iter().position(|own| std::ptr::eq(own, protocol));
        let offers = ranking.matches.iter().filter_map(|found| Some((index(found.protocol)?, found.stages.clone())));
        let view = ranking.matches.iter().map(|found| Offer {
            name: found.protocol.name.clone(),
            stages: found.stages.iter().map(|n| found.protocol.stages[*n].name.clone()).collect(),
            reasons: found.reasons.clone(),
        });
        let waiting = studies.unconfirmed().into_iter().map(|study| UnconfirmedPrior {
            study_uid: study.uid.clone(),
            title: format!("{}, {}", study.description, crate::study::shown_day(&study.date)),
        });
        let view = Hanging { offers: view.collect(), shown: None, unconfirmed: waiting.collect() };
        (self.offers, self.view) = (offers.collect(), view);
    }

    /// What a stage of an offer puts where; `None` where nothing of the study itself would hang.
    fn plan(&self, [offer, stage]: [usize; 2], current: &Study, catalog: &Catalog, best: Option<&str>) -> Option<Plan> {
        let (protocol, stages) = self.offers.get(offer)?;
        let protocol = self.protocols.get(*protocol)?;
        let stage = protocol.stages.get(*stages.get(stage)?)?;
        let studies = Studies::new(current, &catalog.studies, &self.confirmed);
        let resolved = hanging::resolve(protocol, stage, studies);
        let own = |found: &&Resolved<'_, '_>| found.cell.prior == 0;
        let keys = resolved.iter().filter(own).filter_map(|found| Some(found.shows.as_ref().ok()?.series.key()));
        let keys: Vec<String> = keys.collect();
        let reading = keys.iter().find(|key| Some(key.as_str()) == best).or(keys.first())?.clone();
        let starts = resolved.iter().filter_map(|found| {
            let placed = found.shows.as_ref().ok()?;
            Some((placed.series.key(), found.cell.start))
        });
        Some(Plan { reading, starts: starts.collect(), layout: laid_out(stage, &resolved) })
    }
}

/// The user's own protocols; what cannot be read is said.
fn own(folder: &Path, notes: &mut Vec<String>) -> Vec<Protocol> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")));
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let small = std::fs::metadata(&file).is_ok_and(|about| about.len() <= hanging::MAX_BYTES as u64);
        let text = if small { std::fs::read_to_string(&file) } else { Err(std::io::ErrorKind::FileTooLarge.into()) };
        match text.map_err(|problem| format!("{name}: {problem}")) {
            Ok(text) => match hanging::parse(&name, &text) {
                Ok(protocol) => found.push(protocol),
                Err(problem) => notes.push(format!("Hanging protocol not used: {problem}.")),
            },
            Err(problem) => notes.push(format!("Hanging protocol not used: {problem}.")),
        }
    }
    found
}

fn laid_out(stage: &Stage, resolved: &[Resolved<'_, '_>]) -> Layout {
    let mut groups: Vec<&str> = Vec::new();
    let cells = resolved.iter().enumerate().map(|(n, found)| {
        let cell = found.cell;
        let mut viewport = match &found.shows {
            Ok(placed) => placed_viewport(cell, placed),
            Err(why) => Viewport { note: why.clone(), ..Viewport::empty(ViewportId(0)) },
        };
        // Groups of planes that window together; the others move alone.
        viewport.window_group = match cell.sync.window.as_deref() {
            Some(name) => {
                let place = groups.iter().position(|known| *known == name).unwrap_or_else(|| {
                    groups.push(name);
                    groups.len() - 1
                });
                OWN_GROUPS.saturating_sub(1 + place as u8)
            }
            None => OWN_GROUPS.saturating_add(n as u8),
        };
        Cell { row: cell.at[0], column: cell.at[1], rows: cell.span[0], columns: cell.span[1], viewport }
    });
    Layout::hung(stage.rows, stage.columns, cells.collect())
}

/// Window groups from here on are of one viewport each; those below are shared.
const OWN_GROUPS: u8 = 128;

fn placed_viewport(cell: &hanging::Cell, placed: &Placed<'_>) -> Viewport {
    let mut viewport = Viewport::empty(ViewportId(0));
    viewport.series = Some(placed.series.key());
    viewport.kind = kind_of(cell.view, placed.series);
    viewport.wanted = cell.look.clone();
    viewport.color_map = cell.look.colors.as_deref().and_then(color_map).unwrap_or_default();
    viewport.slab = cell.slab.map(|slab| Slab { thickness_mm: slab.mm, mode: slab_mode(slab.mode) });
    viewport.picture = placed.image.filter(|_| viewport.kind == ViewKind::Picture);
    viewport.mirrored = placed.mirror == Mirror::Yes;
    viewport.same_mm = cell.scale == hanging::Scale::SameMm;
    // What cannot be turned for sure stays in the middle.
    match &placed.mirror {
        Mirror::Unknown(why) => viewport.note.clone_from(why),
        Mirror::No | Mirror::Yes => viewport.align = cell.align,
    }
    match (&placed.over, &cell.over) {
        (Some(Ok(series)), Some(wanted)) => viewport.over = Some(over(series, wanted)),
        (Some(Err(why)), _) => viewport.note.clone_from(why),
        _ => {}
    }
    viewport
}

fn over(series: &Series, wanted: &hanging::Over) -> Over {
    Over {
        opacity: wanted.opacity as f32,
        color_map: wanted.look.colors.as_deref().and_then(color_map).unwrap_or(ColorMap::HotIron),
        inverted: wanted.look.inverted.unwrap_or(false),
        wanted: wanted.look.window.clone(),
        ..Over::waiting(&series.key())
    }
}

/// Protocols write names with spaces, the command line with hyphens.
fn color_map(name: &str) -> Option<ColorMap> {
    ColorMap::named(&name.to_lowercase().replace(' ', "-"))
}

fn slab_mode(mode: hanging::SlabMode) -> SlabMode {
    match mode {
        hanging::SlabMode::Maximum => SlabMode::Maximum,
        hanging::SlabMode::Minimum => SlabMode::Minimum,
        hanging::SlabMode::Mean => SlabMode::Mean,
        hanging::SlabMode::Sum => SlabMode::Sum,
    }
}

/// The view of a series that a protocol names. A volume's images are its acquired slices.
fn kind_of(view: View, series: &Series) -> ViewKind {
    let SeriesGeometry::Volume(geometry) = &series.geometry else { return ViewKind::Picture };
    match view {
        View::Axial => ViewKind::Plane(Orientation::Axial),
        View::Coronal => ViewKind::Plane(Orientation::Coronal),
        View::Sagittal => ViewKind::Plane(Orientation::Sagittal),
        View::Mip => ViewKind::Mip,
        View::Volume => ViewKind::Volume,
        View::Drr => ViewKind::Drr,
        View::Acquired | View::Image => ViewKind::Plane(acquired(geometry)),
    }
}

fn acquired(geometry: &VolumeGeometry) -> Orientation {
    let is_acquired = |orientation: &Orientation| PlaneAxes::of(geometry, *orientation).is_acquired();
    Orientation::ALL.into_iter().find(is_acquired).unwrap_or(Orientation::Axial)
}

impl App {
    /// Studies of which a person has said that they are the same patient's.
    pub(super) fn confirmed_priors(&self) -> &[String] {
        &self.hangings.confirmed
    }

    pub(super) fn apply_to_hanging(&mut self, command: HangingCommand) {
        match command {
            HangingCommand::Hang(which) => self.hang(which),
            HangingCommand::Confirm(study_uid) => {
                self.hangings.confirmed.push(study_uid);
                let key = self.view.reading.clone();
                self.hang_study_of(key.as_deref());
            }
            HangingCommand::Save(name) => self.save_layout(&name),
        }
    }

    /// Hangs the study of a series as its best protocol says; gives the series that is read first. `None` where no protocol is
    /// for it.
    pub(super) fn hang_study_of(&mut self, key: Option<&str>) -> Option<String> {
        let catalog = self.catalog.clone()?;
        let (study, _) = catalog.find_series(key?)?;
        self.hangings.rank(study, &catalog);
        let which = [0, 0];
        let plan = self.hangings.plan(which, study, &catalog, key)?;
        let reading = plan.reading.clone();
        self.hangings.view.shown = Some(which);
        self.hangings.plan = Some(plan);
        if self.view.reading.as_ref() == Some(&reading) {
            self.hang_now();
        }
        Some(reading)
    }

    /// Another stage, or another protocol.
    fn hang(&mut self, which: [usize; 2]) {
        let Some(catalog) = self.catalog.clone() else { return };
        let reading = self.view.reading.clone();
        let Some((study, _)) = reading.as_deref().and_then(|key| catalog.find_series(key)) else { return };
        let Some(plan) = self.hangings.plan(which, study, &catalog, reading.as_deref()) else {
            return self.notify(NoticeLevel::Warning, "Nothing of this study fits that layout.");
        };
        self.hangings.view.shown = Some(which);
        let waits = Some(&plan.reading) != reading.as_ref();
        let next = plan.reading.clone();
        self.hangings.plan = Some(plan);
        if waits { self.load(next) } else { self.hang_now() }
    }

    /// The next stage of the protocol on screen, or the one before.
    pub(super) fn next_stage(&mut self, by: isize) {
        let Some([offer, stage]) = self.hangings.view.shown else {
            return self.notify(NoticeLevel::Info, "No hanging protocol is on screen: the Hang menu offers some.");
        };
        let count = self.hangings.view.offers.get(offer).map_or(0, |offer| offer.stages.len());
        if count > 1 {
            let next = (stage as isize + by).rem_euclid(count as isize) as usize;
            self.hang([offer, next]);
        }
    }

    /// The layout that a series opens with, where a protocol hangs it first.
    pub(super) fn hung_layout(&self, key: &str) -> Option<Layout> {
        let plan = self.hangings.plan.as_ref().filter(|plan| plan.reading == key)?;
        Some(plan.layout.clone())
    }

    /// Puts the planned layout on screen around the series that is read.
    fn hang_now(&mut self) {
        let Some(layout) = self.view.reading.as_deref().and_then(|key| self.hung_layout(key)) else { return };
        self.view.layout = layout;
        self.view.maximized = None;
        self.dress_hung();
    }

    /// Gives hung viewports what is there of their series, and reads the others.
    pub(super) fn dress_hung(&mut self) {
        self.view.active = self.first_of_reading();
        let keys: std::collections::BTreeSet<String> =
            self.view.layout.viewports().flat_map(Viewport::needs).map(str::to_owned).collect();
        for key in keys {
            if self.shown_series(&key).is_some() {
                self.place_series(&key);
            } else if self.series.as_ref().is_some_and(|series| series.complete) {
                self.fetch(&key);
            }
        }
        self.forget_unseen();
    }

    fn first_of_reading(&self) -> ViewportId {
        let reading = self.view.reading.as_deref().unwrap_or_default();
        let mut shows = self.view.layout.viewports().filter(|viewport| viewport.shows(reading));
        shows.next().map_or(self.view.layout.cells[0].viewport.id, |viewport| viewport.id)
    }

    /// Where reading of a series starts: as its protocol says, else in the middle.
    pub(super) fn start_of(&self, key: &str, geometry: Option<&VolumeGeometry>) -> crate::context::Sight {
        let mut sight = first_sight(geometry);
        let Some(plan) = &self.hangings.plan else { return sight };
        let Some((start, geometry)) = plan.starts.get(key).zip(geometry) else { return sight };
        let axes = PlaneAxes::of(geometry, acquired(geometry));
        let (_, count) = axes.slice_of(geometry, sight.crosshair_lps);
        if *start != hanging::Start::Middle {
            sight.crosshair_lps = axes.moved_to(geometry, sight.crosshair_lps, start.index(count));
        }
        sight
    }

    /// Keeps what is on screen as a protocol of the user's own.
    fn save_layout(&mut self, name: &str) {
        let (Some(folder), Some(catalog)) = (self.hangings.folder.clone(), self.catalog.clone()) else { return };
        match self.kept_layout(name, &catalog, &folder) {
            Ok((protocol, file)) => {
                self.hangings.protocols.insert(0, protocol);
                let key = self.view.reading.clone();
                let shown = key.as_deref().and_then(|key| catalog.find_series(key)).map(|(study, _)| study.clone());
                if let Some(study) = shown {
                    self.hangings.rank(&study, &catalog);
                }
                self.notify(NoticeLevel::Info, format!("The layout is kept as “{name}” in {}.", file.display()));
            }
            Err(problem) => self.notify(NoticeLevel::Error, problem),
        }
    }

    fn kept_layout(&self, name: &str, catalog: &Catalog, folder: &Path) -> Result<(Protocol, PathBuf), String> {
        let reading = self.view.reading.as_deref().ok_or("There is no layout to keep: open a series first.")?;
        let (current, _) = catalog.find_series(reading).ok_or("The series on screen is no longer open.")?;
        let priors = Studies::new(current, &catalog.studies, &self.hangings.confirmed).priors();
        let hung = self.view.layout.cells.iter().filter_map(|cell| {
            let (study, series) = catalog.find_series(cell.viewport.series.as_deref()?)?;
            let before = priors.iter().position(|prior| prior.uid == study.uid);
            let prior = if study.uid == current.uid { 0 } else { before? + 1 };
            let over = cell.viewport.over.as_ref().and_then(|over| {
                let look = hanging::Look {
                    colors: Some(over.color_map.name().replace('-', " ")),
                    inverted: Some(over.inverted),
                    window: hanging::CellWindow::WidthLevel([over.voi.width, over.voi.center]),
                };
                Some((catalog.find_series(&over.series)?.1, look, f64::from(over.opacity)))
            });
            let image = cell.viewport.picture;
            Some(hanging::Hung { cell: as_cell(cell, prior as u8), series, image, over })
        });
        let hung: Vec<hanging::Hung<'_>> = hung.collect();
        let [rows, columns] = [self.view.layout.rows, self.view.layout.columns];
        let protocol = hanging::of_layout(name, current, [rows, columns], &hung);
        let text = hanging::write(&protocol).map_err(|problem| format!("The layout cannot be kept: {problem}."))?;
        let file = folder.join(file_name(name)?);
        let failed = |problem: &dyn std::fmt::Display| {
            format!("The layout cannot be kept in {} ({problem}): correct its rights.", folder.display())
        };
        std::fs::create_dir_all(folder).map_err(|problem| failed(&problem))?;
        crate::io::atomic::write_bytes(&file, text.as_bytes()).map_err(|problem| failed(&problem))?;
        Ok((protocol, file))
    }
}

fn as_cell(cell: &Cell, prior: u8) -> hanging::Cell {
    let viewport = &cell.viewport;
    let view = match viewport.kind {
        ViewKind::Plane(Orientation::Axial) => View::Axial,
        ViewKind::Plane(Orientation::Coronal) => View::Coronal,
        ViewKind::Plane(Orientation::Sagittal) => View::Sagittal,
        ViewKind::Mip => View::Mip,
        // The format knows no surfaces: masks are not there when a study is hung.
        ViewKind::Volume | ViewKind::Surface => View::Volume,
        ViewKind::Drr => View::Drr,
        ViewKind::Picture => View::Image,
    };
    let mut kept = hanging::Cell::new([cell.row, cell.column], "", view);
    kept.span = [cell.rows, cell.columns];
    kept.prior = prior;
    kept.look = hanging::Look {
        window: hanging::CellWindow::WidthLevel([viewport.voi.width, viewport.voi.center]),
        colors: (viewport.color_map != ColorMap::Gray).then(|| viewport.color_map.name().replace('-', " ")),
        inverted: Some(viewport.inverted),
    };
    // A window that was not touched stays the first one of each series.
    if viewport.voi == viewport.first_voi {
        kept.look.window = viewport.wanted.window.clone();
    }
    kept.sync.window = Some(format!("window {}", viewport.window_group));
    kept.slab = viewport.slab.map(|slab| hanging::Slab { mm: slab.thickness_mm, mode: kept_mode(slab.mode) });
    kept
}

fn kept_mode(mode: SlabMode) -> hanging::SlabMode {
    match mode {
        SlabMode::Maximum => hanging::SlabMode::Maximum,
        SlabMode::Minimum => hanging::SlabMode::Minimum,
        SlabMode::Mean => hanging::SlabMode::Mean,
        SlabMode::Sum => hanging::SlabMode::Sum,
    }
}

/// The name without what file systems do not take.
fn file_name(name: &str) -> Result<String, String> {
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).take(60).collect();
    let plain = plain.trim_matches('-').to_lowercase();
    if plain.is_empty() { Err("Give the layout a name with letters.".into()) } else { Ok(format!("{plain}.toml")) }
}
