//! Commands that open, choose, export and recover; the rest is handed on to the view and the case.

use super::results::Done;
use super::{App, work};
use crate::context::{Command, ExportKind, LinkCommand, MeasureTool, NoticeLevel, Tool, UiCommand};
use std::path::PathBuf;

impl App {
    /// Does what was asked for.
    pub fn apply(&mut self, command: Command) {
        match command {
            Command::Ui(command) => self.apply_ui(command),
            Command::Open(paths) => self.open(paths),
            Command::ShowSeries(uid) => {
                if self.series.as_ref().is_none_or(|s| s.loaded.series.key() != uid) {
                    self.hangings.leave();
                    self.load(uid);
                }
            }
            Command::ShowIn(viewport, key) => self.show_in(viewport, key),
            Command::LayOver(viewport, key) => self.lay_over(viewport, &key),
            Command::Change(viewport, change) => self.change_viewport(viewport, change),
            Command::Settings(settings) => self.take_settings(*settings),
            Command::SetKeys(command, keys) => self.set_keys(command, &keys),
            Command::ResetKeys(command) => self.reset_keys(command),
            Command::Hanging(command) => self.apply_to_hanging(command),
            Command::SetGrid(rows, columns) => self.set_grid(rows, columns),
            Command::StepTo(index) => self.step_to(index),
            Command::SetPlayer(player) => self.set_player(player),
            Command::CancelJob(id) => {
                if let Some(job) = self.pool.running().iter().find(|j| j.id == id) {
                    job.cancel.cancel();
                }
            }
            Command::DismissNotice(id) => self.notices.retain(|n| n.id != id),
            Command::Export(kind) => self.ask_export_folder(kind),
            Command::ExportTo(kind, folder) => self.export_to(kind, folder),
            Command::CompareTags(partner) => self.compare_tags(partner),
            Command::Object(command) => self.apply_to_object(command),
            Command::Link(command) => self.apply_to_links(command),
            Command::Measure(command) => self.apply_to_measures(command),
            Command::Solid(viewport, command) => self.apply_to_solid(viewport, command),
            Command::Picture(command) => self.apply_to_pictures(command),
            Command::Recover(take_up) => self.recover(take_up),
            Command::Dab { .. }
            | Command::FinishStroke
            | Command::AddSegment
            | Command::ChangeFinding(..)
            | Command::ChangeSentence(_)
            | Command::Sign { .. } => self.apply_to_case(command),
            other => self.apply_to_view(other),
        }
    }

    fn apply_ui(&mut self, command: UiCommand) {
        use UiCommand as C;
        match command {
            C::OpenFolder => self.ask_what_to_open(true),
            C::OpenFiles => self.ask_what_to_open(false),
            C::OpenDemo => self.open_demo(),
            C::RunAi => self.run_models(),
            C::AcceptFinding | C::EditFinding | C::RejectFinding | C::NextFinding => self.apply_to_findings(command),
            C::CopyReport => self.copy_report(),
            C::SignReport => {
                if self.case.as_ref().is_some_and(|c| !c.report().is_signed()) {
                    let known = if self.reader == super::UNNAMED { "" } else { &self.reader };
                    self.ui_state.begin_signing(known);
                }
            }
            C::ExportAll => self.ask_export_folder(ExportKind::All),
            C::SavePicture
            | C::SavePictureTwice
            | C::SavePictureUnnamed
            | C::SaveWindowPicture
            | C::CopyPicture
            | C::Print => {
                self.apply_ui_to_pictures(command);
            }
            C::Undo | C::Redo => self.undo_or_redo(command == C::Undo),
            C::Play => self.toggle_playing(),
            C::NextStep => self.step(1, false),
            C::PreviousStep => self.step(-1, false),
            C::NextStage => self.next_stage(1),
            C::PreviousStage => self.next_stage(-1),
            C::VerifyView => self.verify_view(self.view.active),
            C::PriorHere => self.exchange_prior(),
            C::PriorBeside => self.prior_beside(),
            C::RegisterWithActive => self.register_with_active(),
            C::LinkByPosition => self.link_active_by_position(),
            C::Unlink => self.apply_to_links(LinkCommand::Unlink(self.view.active)),
            C::LinkZoom => self.toggle_zoom_link(),
            C::LinkScroll => self.toggle_scroll_link(),
            C::PauseTurns => self.pause_turns(),
            C::Palette => self.ui_state.toggle_palette(),
            C::Settings => self.ui_state.toggle_settings(),
            C::CheatSheet => self.ui_state.toggle_cheat_sheet(),
            C::Tags => self.toggle_tags(),
            C::TogglePresentation => self.toggle_presentation(),
            C::ToolWindow => self.view.tool = Tool::Window,
            C::ToolZoom => self.view.tool = Tool::Zoom,
            C::ToolPan => self.view.tool = Tool::Pan,
            C::ToolCrosshair => self.view.tool = Tool::Crosshair,
            C::ToolMagnifier => self.view.tool = Tool::Magnifier,
            C::ToolBrush => self.begin_painting(Tool::Brush),
            C::ToolEraser => self.begin_painting(Tool::Eraser),
            C::RemoveMeasurement | C::WindowFromRegion | C::KeyImage => self.apply_ui_to_measures(command),
            other => match MeasureTool::of(other) {
                Some(tool) => self.take_measuring_tool(tool),
                None => self.apply_ui_to_view(other),
            },
        }
    }

    fn ask_what_to_open(&mut self, folder: bool) {
        let dialog = work::dialog(folder, self.last_folder.as_deref());
        self.pool.spawn("Waiting for the file dialog", move |_, _| Done::Picked(work::picked(dialog)));
    }

    fn ask_export_folder(&mut self, kind: ExportKind) {
        if self.case.is_none() {
            return self.notify(NoticeLevel::Warning, "There is nothing to export: open a series first.");
        }
        let dialog = work::dialog(true, self.last_folder.as_deref());
        self.pool.spawn("Waiting for the folder dialog", move |_, _| {
            Done::PickedFolder(kind, work::picked(dialog).map(|paths| paths.into_iter().next()))
        });
    }

    /// Writes files of the case as it is now; later changes do not reach them.
    pub(super) fn export_to(&mut self, kind: ExportKind, folder: PathBuf) {
        if kind.is_of_view() {
            return self.export_view(kind, folder);
        }
        if !self.ensure_draft() {
            return;
        }
        let Some(case) = self.case.as_ref().map(crate::case::Case::frozen) else { return };
        let root = self.catalog.as_ref().map(|c| c.root_of(&case.source().series).to_owned()).unwrap_or_default();
        self.pool
            .spawn("Exporting", move |progress, _| Done::Exported(work::export(&case, kind, &folder, &root, progress)));
    }

    fn recover(&mut self, take_up: bool) {
        self.recoverable = None;
        let Some(left) = self.left_behind.take() else { return };
        if take_up {
            let paths = left.header.paths.clone();
            self.recovering = Some(left);
            self.open(paths);
        } else if let Err(problem) = std::fs::remove_file(&left.path) {
            self.notify(NoticeLevel::Error, format!("The unfinished reading could not be removed: {problem}."));
        }
    }
}
