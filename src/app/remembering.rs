//! What the program remembers of its user: read at the start, followed while it runs, written when it changed.

use super::App;
use crate::context::{NoticeLevel, Tool, UiCommand, default_keymap};
use crate::render::Interpolation;
use crate::settings::keymap::Keymap;
use crate::settings::{self, Kept, MonitorPlace, RecentStudy, Settings, WindowPlace};
use crate::study::Catalog;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Changes are written at most this often.
const EVERY: Duration = Duration::from_secs(3);

/// Settings and where they lie.
pub(super) struct Remembered {
    pub(super) settings: Settings,
    /// As they were written last.
    written: Settings,
    kept: Kept,
    /// `None` keeps nothing (tests).
    path: Option<PathBuf>,
    pub(super) keymap: Keymap,
    pub(super) notes: Vec<String>,
    looked: Instant,
    /// The main window has been put where it stood.
    placed: bool,
}

impl Remembered {
    /// Reads them; what was not as it should be is in `notes`.
    pub(super) fn load(path: Option<PathBuf>) -> Self {
        let opened = path.as_deref().map(settings::load).unwrap_or_default();
        let mut notes = opened.notes;
        let mut keymap = default_keymap().unwrap_or_else(|problem| {
            // A defect of the table of commands; a test finds it.
            log::error!("{problem}");
            Keymap::default()
        });
        notes.extend(keymap.apply(&opened.settings.keys));
        let (settings, written, kept) = (opened.settings.clone(), opened.settings, opened.kept);
        Self { settings, written, kept, path, keymap, notes, looked: Instant::now(), placed: false }
    }

    /// Where the user's hanging protocols lie.
    pub(super) fn protocols(&self) -> Option<PathBuf> {
        Some(self.path.as_ref()?.with_file_name("hanging"))
    }

    fn save(&mut self) -> Option<String> {
        let path = self.path.as_ref().filter(|_| self.settings != self.written)?;
        self.written = self.settings.clone();
        settings::save(path, &self.settings, &mut self.kept).err().map(|problem| format!("Not remembered: {problem}."))
    }
}

impl App {
    /// Shows things as the user left them.
    pub(super) fn recall(&mut self) {
        let settings = self.remembered.settings.clone();
        let tool = UiCommand::ALL.iter().find(|command| command.name() == settings.tool);
        if let Some(&tool) = tool.filter(|command| command.is_tool()) {
            self.apply(crate::context::Command::Ui(tool));
        }
        self.view.interpolation = match settings.interpolation {
            settings::Interpolation::Nearest => Interpolation::Nearest,
            settings::Interpolation::Linear => Interpolation::Linear,
            settings::Interpolation::Cubic => Interpolation::Cubic,
        };
        self.view.panels_shown = settings.panels.left_shown || settings.panels.right_shown;
        if !settings.reader.is_empty() {
            self.reader.clone_from(&settings.reader);
        }
        self.take_settings(settings);
        let notes = std::mem::take(&mut self.remembered.notes).into_iter();
        let notes: Vec<String> = notes.chain(std::mem::take(&mut self.hangings.notes)).collect();
        notes.into_iter().for_each(|note| self.notify(NoticeLevel::Warning, note));
    }

    /// The user changed settings.
    pub(super) fn take_settings(&mut self, settings: Settings) {
        // Keys have commands of their own.
        let keys = self.remembered.keymap.changed();
        self.remembered.settings = Settings { keys, ..settings.bounded() };
        self.hide_ai_at_first = self.remembered.settings.hide_ai_at_first;
        self.egui.set_zoom_factor(self.remembered.settings.text_scale as f32);
    }

    pub(super) fn set_keys(&mut self, command: UiCommand, keys: &[String]) {
        let parsed: Result<Vec<_>, _> = keys.iter().map(|text| settings::keymap::Keys::parse(text)).collect();
        let result = parsed.and_then(|keys| self.remembered.keymap.set(command.name(), keys));
        self.keys_changed(result);
    }

    pub(super) fn reset_keys(&mut self, command: Option<UiCommand>) {
        let result = command.map_or(Ok(()), |command| self.remembered.keymap.reset(command.name()));
        if command.is_none() {
            self.remembered.keymap.reset_all();
        }
        self.keys_changed(result);
    }

    fn keys_changed(&mut self, result: Result<(), settings::keymap::KeyError>) {
        self.remembered.settings.keys = self.remembered.keymap.changed();
        if let Err(problem) = result {
            self.notify(NoticeLevel::Warning, format!("{problem}."));
        }
    }

    /// Puts what was opened at the head of the recent list.
    pub(super) fn remember_opened(&mut self, catalog: &Catalog) {
        let (Some(path), Some(study)) = (self.paths.first(), catalog.studies.first()) else { return };
        let modalities: std::collections::BTreeSet<&str> =
            study.series.iter().map(|series| series.modality.as_str()).filter(|m| !m.is_empty()).collect();
        let recent = RecentStudy {
            path: std::path::absolute(path).unwrap_or_else(|_| path.clone()),
            date: study.date.clone(),
            modality: modalities.into_iter().collect::<Vec<_>>().join(", "),
            description: study.description.clone(),
            patient: study.patient.name.clone(),
        };
        self.remembered.settings.remember(recent);
    }

    /// Follows what the user does, and writes it now and then.
    pub(super) fn follow_settings(&mut self, ctx: &egui::Context) {
        self.place_window(ctx);
        if self.remembered.looked.elapsed() < EVERY {
            return;
        }
        self.remembered.looked = Instant::now();
        self.note_state(ctx);
        if let Some(problem) = self.remembered.save() {
            self.notify(NoticeLevel::Warning, problem);
        }
    }

    fn note_state(&mut self, ctx: &egui::Context) {
        let settings = &mut self.remembered.settings;
        settings.text_scale = f64::from(ctx.zoom_factor());
        settings.interpolation = match self.view.interpolation {
            Interpolation::Nearest => settings::Interpolation::Nearest,
            Interpolation::Linear => settings::Interpolation::Linear,
            Interpolation::Cubic => settings::Interpolation::Cubic,
        };
        let shown = self.view.panels_shown;
        (settings.panels.left_shown, settings.panels.right_shown) = (shown, shown);
        // Painting is never the first thing in hand.
        if !matches!(self.view.tool, Tool::Brush | Tool::Eraser) {
            settings.tool = UiCommand::of_tool(self.view.tool).map_or_else(String::new, |tool| tool.name().to_owned());
        }
        let viewport = ctx.input(|input| input.viewport().clone());
        let (Some(outer), Some(inner), Some(monitor)) =
            (viewport.outer_rect, viewport.inner_rect, viewport.monitor_size)
        else {
            return;
        };
        let pair = |x: f32, y: f32| [f64::from(x), f64::from(y)];
        settings.remember_place(WindowPlace {
            window: "main".into(),
            place: MonitorPlace {
                at_pt: pair(outer.min.x, outer.min.y),
                size_pt: pair(inner.width(), inner.height()),
                monitor_pt: pair(monitor.x, monitor.y),
            },
            maximized: viewport.maximized.unwrap_or(false),
        });
    }

    /// Once the monitor is known: the main window goes where it stood on such a monitor.
    fn place_window(&mut self, ctx: &egui::Context) {
        if self.remembered.placed {
            return;
        }
        let Some(monitor) = ctx.input(|input| input.viewport().monitor_size) else { return };
        self.remembered.placed = true;
        let monitors = [[f64::from(monitor.x), f64::from(monitor.y)]];
        let Some(known) = self.remembered.settings.place_of("main", &monitors) else { return };
        let MonitorPlace { at_pt, size_pt, .. } = known.place;
        if known.maximized {
            ctx.send_viewport_cmd(egui::ViewportCommand::Maximized(true));
            return;
        }
        let [at, size] = [at_pt, size_pt].map(|pair| pair.map(|n| n as f32));
        ctx.send_viewport_cmd(egui::ViewportCommand::OuterPosition(at.into()));
        ctx.send_viewport_cmd(egui::ViewportCommand::InnerSize(size.into()));
    }

    /// Writes what is not written yet: the window closes.
    pub(super) fn save_settings(&mut self) {
        if let Some(problem) = self.remembered.save() {
            log::warn!("{problem}");
        }
    }
}
