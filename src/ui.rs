//! The interface: paints what [`AppContext`] shows and turns input into [`Command`]s. Never changes the case, never blocks.
//!
//! Layout (`look.md`): a bar on top, studies on the left, viewports in the middle, findings, report and facts on the right,
//! tools and a status line below. Screen positions are points unless a name says `_px` (physical pixels).

mod camera;
mod dialogs;
mod empty;
mod findings;
mod icons;
mod info;
mod keys;
mod layout_picker;
mod measures;
mod notices;
mod object;
mod palette;
pub mod picture;
mod player;
mod printing;
mod registration;
mod report;
mod segments;
mod settings;
mod shortcuts;
mod solid;
mod status;
mod studies;
mod tags;
pub mod theme;
mod tools;
mod top_bar;
mod viewport;
mod viewports;
mod widgets;

use crate::context::{AppContext, Command, Tab, ViewportId};
use crate::findings::FindingId;
use crate::geometry::DVec3;
use crate::report::{SectionKind, SentenceId};
use egui::{Frame, Margin, Panel, Rect, RichText, Ui};
use std::collections::HashMap;
use std::sync::Arc;

pub use viewport::Hover;

/// What widgets remember between frames: text in the making, open dialogs, textures. Nothing of the case.
#[derive(Default)]
pub struct UiState {
    hover: Option<Hover>,
    stroke_from: Option<DVec3>,
    scroll_rest: f32,
    /// Where the left button moves something of what lies over a series.
    fusing: Option<ViewportId>,
    /// What each viewport shows in this frame.
    drawn: picture::DrawnViews,
    pictures: picture::Pictures,
    covers: picture::Pictures,
    shutters: picture::Pictures,
    palette: Option<Arc<[[u8; 4]; 256]>>,
    thumbnails: HashMap<String, egui::TextureHandle>,
    command_palette: Option<palette::PaletteState>,
    keys: keys::KeysState,
    settings_open: bool,
    printing: printing::PrintingState,
    places: HashMap<ViewportId, Rect>,
    signing: Option<dialogs::SignState>,
    sentence_edit: Option<(SentenceId, String)>,
    sentence_add: Option<(SectionKind, String)>,
    finding_edit: Option<(FindingId, String)>,
    confirm_discard: bool,
    layout_name: String,
    preset_name: String,
    notices_shown: usize,
    tags: tags::TagsState,
    object: object::ObjectState,
    measures: measures::MeasuresState,
    solids: picture::solid::SolidPictures,
    transfer: solid::EditorState,
    /// Set by `app` when Tab was pressed and no widget had the focus.
    pub tab_pressed: bool,
}

/// One frame of the whole window.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState) -> Vec<Command> {
    let mut out = Vec::new();
    state.places.clear();
    shortcuts::read(ui, ctx, state, &mut out);
    Panel::top("top").exact_size(40.0).frame(bar_frame()).show(ui, |ui| top_bar::show(ui, ctx, state, &mut out));
    Panel::bottom("status").exact_size(28.0).frame(bar_frame()).show(ui, |ui| status::show(ui, ctx, state, &mut out));
    Panel::bottom("tools").exact_size(40.0).frame(bar_frame()).show(ui, |ui| tools::show(ui, ctx, state, &mut out));
    let width = ui.available_width();
    if ctx.view.panels_shown {
        Panel::left("studies")
            .default_size((width * 0.16).clamp(168.0, 240.0))
            .size_range(140.0..=(width * 0.18).max(168.0))
            .frame(Frame::new().fill(theme::PANEL))
            .show(ui, |ui| studies::show(ui, ctx, state, &mut out));
        Panel::right("reading")
            .default_size((width * 0.26).clamp(288.0, 460.0))
            .size_range(272.0..=(width * 0.33).max(288.0))
            .frame(Frame::new().fill(theme::PANEL))
            .show(ui, |ui| reading_panel(ui, ctx, state, &mut out));
    }
    notices::show(ui, ctx, state, &mut out);
    egui::CentralPanel::no_frame().show(ui, |ui| viewports::show(ui, ctx, state, &mut out));
    object::show(ui, ctx, state, &mut out);
    tags::show(ui, ctx, state, &mut out);
    dialogs::show(ui, ctx, state, &mut out);
    measures::dialogs(ui, ctx, state, &mut out);
    keys::show(ui, ctx, state, &mut out);
    settings::show(ui, ctx, state, &mut out);
    printing::show(ui, ctx, state, &mut out);
    palette::show(ui, ctx, state, &mut out);
    dropped(ui, &mut out);
    out
}

impl UiState {
    /// What a viewport showed in the last frame; `None` for one without a picture of planes or pixels.
    pub fn drawn(&self, id: ViewportId) -> Option<&picture::Drawn> {
        self.drawn.get(&id)
    }

    /// What all viewports showed in the last frame.
    pub fn all_drawn(&self) -> impl Iterator<Item = (&ViewportId, &picture::Drawn)> {
        self.drawn.iter()
    }

    /// Opens or closes the command palette.
    pub fn toggle_palette(&mut self) {
        self.command_palette =
            if self.command_palette.is_some() { None } else { Some(palette::PaletteState::default()) };
    }

    /// Where a viewport was painted last in its window, in points.
    pub fn place_of(&self, viewport: ViewportId) -> Option<Rect> {
        self.places.get(&viewport).copied()
    }

    /// Opens the dialog about printing.
    pub fn begin_printing(&mut self) {
        self.printing.open();
    }

    /// Opens or closes the settings.
    pub fn toggle_settings(&mut self) {
        self.settings_open = !self.settings_open;
    }

    /// Opens or closes the list of keys.
    pub fn toggle_cheat_sheet(&mut self) {
        self.keys.toggle();
    }

    /// Opens the dialog in which a report is signed.
    pub fn begin_signing(&mut self, reader: &str) {
        self.signing = Some(dialogs::SignState::new(reader));
    }

    /// Starts renaming a finding.
    pub fn begin_edit(&mut self, id: FindingId, label: String) {
        self.finding_edit = Some((id, label));
    }

    /// Forgets pictures and texts that belong to another series.
    pub fn forget_series(&mut self) {
        self.pictures.clear();
        self.covers.clear();
        self.shutters.clear();
        self.sentence_edit = None;
        self.sentence_add = None;
        self.finding_edit = None;
        self.signing = None;
        self.stroke_from = None;
        self.measures = measures::MeasuresState::default();
        self.solids = picture::solid::SolidPictures::default();
    }
}

fn bar_frame() -> Frame {
    Frame::new().fill(theme::PANEL).inner_margin(Margin::symmetric(8, 0))
}

fn reading_panel(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    Frame::new().inner_margin(Margin { left: 8, right: 8, top: 4, bottom: 0 }).show(ui, |ui| {
        ui.horizontal(|ui| {
            let roomy = ui.available_width() > 320.0;
            ui.spacing_mut().item_spacing.x = if roomy { 2.0 * theme::STEP } else { theme::STEP };
            let tabs = [
                (Tab::Findings, "Findings"),
                (Tab::Report, "Report"),
                (Tab::Measures, "Measures"),
                (Tab::Info, "Info"),
            ];
            // The tab of 3D views comes and goes with them.
            let with_solid = solid::is_wanted(ctx) || ctx.view.tab == Tab::Solid;
            let width = if with_solid { 40.0 } else { 64.0 };
            for (tab, title) in tabs.into_iter().chain(with_solid.then_some((Tab::Solid, "3D"))) {
                let selected = ctx.view.tab == tab;
                let color = if selected { theme::ACCENT } else { theme::TEXT_SECOND };
                let text = RichText::new(title).font(theme::bold(theme::BODY_PT)).color(color);
                let response = ui.add(egui::Button::new(text).frame(false).min_size(egui::vec2(width, theme::ROW)));
                if selected {
                    let line = response.rect.bottom() + 2.0;
                    ui.painter().hline(response.rect.x_range(), line, egui::Stroke::new(2.0, theme::ACCENT));
                }
                if response.clicked() {
                    out.push(Command::ShowTab(tab));
                }
            }
        });
        widgets::rule(ui);
    });
    match ctx.view.tab {
        Tab::Findings => findings::show(ui, ctx, state, out),
        Tab::Report => report::show(ui, ctx, state, out),
        Tab::Measures => measures::show(ui, ctx, state, out),
        Tab::Solid => solid::show(ui, ctx, state, out),
        Tab::Info => info::show(ui, ctx, out),
    }
}

/// Files and folders dropped onto the window.
fn dropped(ui: &Ui, out: &mut Vec<Command>) {
    let (hovering, paths) = ui.input(|input| {
        let paths: Vec<_> = input.raw.dropped_files.iter().map(|f| f.path().to_owned()).collect();
        (!input.raw.hovered_files.is_empty(), paths)
    });
    if !paths.is_empty() {
        out.push(Command::Open(paths));
    }
    if hovering {
        let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop")));
        let rect = ui.ctx().content_rect();
        painter.rect_filled(rect, 0.0, theme::VEIL);
        painter.rect_stroke(rect.shrink(12.0), 8.0, egui::Stroke::new(2.0, theme::ACCENT), egui::StrokeKind::Inside);
        let (at, font) = (rect.center(), theme::bold(theme::TITLE_PT));
        painter.text(at, egui::Align2::CENTER_CENTER, "Drop to open", font, theme::TEXT);
    }
}
