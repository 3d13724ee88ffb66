//! The tag browser: data elements of the image on screen in a window beside the pictures, searched and compared. It follows
//! scrolling; rows are painted only where they can be seen, so thousands cost nothing.

mod row;

use super::{UiState, icons, theme, widgets};
use crate::context::{AppContext, Command, Partner, TagBrowser, TagRows, UiCommand};
use crate::io::elements::{Change, Compared, Wanted, leading_to};
use egui::{Align, ComboBox, Label, Layout, RichText, ScrollArea, TextEdit, Ui, vec2};
use std::sync::Arc;

/// Images that the list of partners offers.
const OFFERED: usize = 400;

/// What the browser remembers between frames.
#[derive(Default)]
pub struct TagsState {
    query: String,
    only_differences: bool,
    opened: bool,
    /// Row that is in hand, as an index into the listing's rows.
    chosen: Option<usize>,
    /// Rows that fit the search, and what they were found for.
    found: Found,
}

#[derive(Default)]
struct Found {
    rows: Vec<usize>,
    of: Option<(Arc<TagRows>, String, bool)>,
}

/// Shows the browser while it is open.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let Some(browser) = ctx.tags else {
        state.tags = TagsState::default();
        return;
    };
    let room = ui.ctx().content_rect();
    let size = vec2(780.0f32.min(room.width() - 32.0), 560.0f32.min(room.height() - 120.0));
    let mut open = true;
    egui::Window::new("Data elements")
        .open(&mut open)
        .collapsible(false)
        .default_size(size)
        .min_size(vec2(480.0, 280.0))
        .default_pos(room.center() - size / 2.0)
        .show(ui.ctx(), |ui| content(ui, ctx, browser, &mut state.tags, out));
    let escape = state.command_palette.is_none() && ui.input(|i| i.key_pressed(egui::Key::Escape));
    if !open || escape {
        out.push(Command::Ui(UiCommand::Tags));
    }
}

fn content(ui: &mut Ui, ctx: &AppContext<'_>, browser: &TagBrowser, state: &mut TagsState, out: &mut Vec<Command>) {
    controls(ui, ctx, browser, state, out);
    let Some(listed) = &browser.listed else {
        let text = browser.problem.clone().unwrap_or_else(|| "Reading the file…".into());
        ui.add_space(theme::STEP);
        ui.add(Label::new(RichText::new(text).color(theme::TEXT_SECOND)).wrap().selectable(true));
        return;
    };
    heading(ui, listed, state);
    state.find(listed);
    let detail = 84.0;
    let comparing = !listed.other.is_empty();
    let rows =
        ScrollArea::vertical().auto_shrink([false, false]).max_height((ui.available_height() - detail).max(60.0));
    ui.spacing_mut().item_spacing.y = 0.0;
    rows.show_rows(ui, theme::ROW, state.found.rows.len(), |ui, range| {
        for &n in &state.found.rows[range] {
            if row::show(ui, &listed.rows[n], n, state.chosen == Some(n), comparing) {
                state.chosen = Some(n);
            }
        }
    });
    widgets::rule(ui);
    match state.chosen.and_then(|n| listed.rows.get(n)) {
        Some(chosen) => value(ui, chosen),
        None => {
            ui.label(widgets::second("Click an element for its whole value."));
        }
    }
}

/// Search field, partner, and the switch for differences.
fn controls(ui: &mut Ui, ctx: &AppContext<'_>, browser: &TagBrowser, state: &mut TagsState, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut state.query).hint_text("Name, number or value").desired_width(240.0);
        let field = ui.add(field).accessible_name("Search data elements");
        if !std::mem::replace(&mut state.opened, true) {
            field.request_focus();
        }
        let label = ui.label(widgets::second("Compare with"));
        partner(ui, ctx, browser.partner, out).labelled_by(label.id);
        let comparing = browser.listed.as_ref().is_some_and(|listed| !listed.other.is_empty());
        ui.add_enabled(comparing, egui::Checkbox::new(&mut state.only_differences, "Only differences"));
    });
}

fn partner(ui: &mut Ui, ctx: &AppContext<'_>, chosen: Partner, out: &mut Vec<Command>) -> egui::Response {
    let instances = ctx.series.map_or(&[][..], |series| &series.loaded.series.instances);
    let name = |partner: Partner| match partner {
        Partner::None => "nothing".to_owned(),
        Partner::Previous => "previous image".to_owned(),
        Partner::Next => "next image".to_owned(),
        Partner::Image(n) => match instances.get(n).and_then(|instance| instance.number) {
            Some(number) => format!("image {number}"),
            None => format!("file {}", n + 1),
        },
    };
    let list = ComboBox::from_id_salt("partner").selected_text(name(chosen)).width(132.0).height(320.0);
    let shown = list.show_ui(ui, |ui| {
        let all = [Partner::None, Partner::Previous, Partner::Next].into_iter();
        for partner in all.chain((0..instances.len().min(OFFERED)).map(Partner::Image)) {
            if ui.selectable_label(partner == chosen, name(partner)).clicked() {
                out.push(Command::CompareTags(partner));
            }
        }
    });
    shown.response
}

/// Whose elements these are, and how many are listed.
fn heading(ui: &mut Ui, listed: &TagRows, state: &TagsState) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(widgets::small(count(listed, state)));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let both = if listed.other.is_empty() {
                    listed.title.clone()
                } else {
                    format!("{}  compared with  {}", listed.title, listed.other)
                };
                widgets::elided(ui, RichText::new(both).font(theme::bold(theme::BODY_PT)));
            });
        });
    });
    for warning in &listed.warnings {
        let text = RichText::new(format!("{} {warning}", icons::WARNING)).font(theme::small()).color(theme::WARNING);
        ui.add(Label::new(text).wrap());
    }
}

fn count(listed: &TagRows, state: &TagsState) -> String {
    let elements = listed.rows.iter().filter(|row| row.line.is_element()).count();
    let total = if listed.other.is_empty() {
        widgets::counted(elements, "element")
    } else {
        let differ = listed.rows.iter().filter(|row| row.line.is_element() && differs(row)).count();
        format!("{} in {}", widgets::counted(differ, "difference"), widgets::counted(elements, "element"))
    };
    if state.query.trim().is_empty() { total } else { format!("{} lines of {total}", state.found.rows.len()) }
}

fn differs(row: &Compared) -> bool {
    !matches!(row.change, Change::Same | Change::Inside)
}

impl TagsState {
    /// Finds rows anew when the listing, the search or the switch has changed.
    fn find(&mut self, listed: &Arc<TagRows>) {
        let only = self.only_differences && !listed.other.is_empty();
        let is_current = |(of, query, differences): &(Arc<TagRows>, String, bool)| {
            Arc::ptr_eq(of, listed) && *query == self.query && *differences == only
        };
        if self.found.of.as_ref().is_some_and(is_current) {
            return;
        }
        if !self.found.of.as_ref().is_some_and(|(of, ..)| Arc::ptr_eq(of, listed)) {
            self.keep_chosen(listed);
        }
        let wanted = (!self.query.trim().is_empty()).then(|| Wanted::new(&self.query));
        let fits = |row: &Compared| {
            let text = wanted.as_ref().is_none_or(|wanted| {
                row.line.matches(wanted) || row.other.as_ref().is_some_and(|other| other.matches(wanted))
            });
            text && (!only || differs(row))
        };
        let rows = listed.rows.iter().map(|row| (row.line.depth, fits(row)));
        self.found = Found { rows: leading_to(rows), of: Some((Arc::clone(listed), self.query.clone(), only)) };
    }

    /// The element in hand stays in hand when the next image is listed: the first row that looks the same.
    fn keep_chosen(&mut self, listed: &TagRows) {
        let before = self.found.of.as_ref().and_then(|(of, ..)| of.rows.get(self.chosen?));
        self.chosen = before.and_then(|before| {
            let same = |row: &Compared| row.line.subject == before.line.subject && row.line.depth == before.line.depth;
            listed.rows.iter().position(same)
        });
    }
}

/// The whole value of the chosen row, and a button that copies it.
fn value(ui: &mut Ui, row: &Compared) {
    ui.horizontal(|ui| {
        let title = format!("{} {}", row.line.label(), row.line.name());
        ui.label(RichText::new(title).font(theme::bold(theme::BODY_PT)));
        if widgets::icon_button(ui, icons::COPY, "Copy the value", "Copy the value", false).clicked() {
            ui.ctx().copy_text(row.line.value.clone());
        }
    });
    ScrollArea::vertical().id_salt("value").auto_shrink([false, false]).show(ui, |ui| {
        ui.add(Label::new(row.line.value.as_str()).wrap().selectable(true));
        if let Some(other) = &row.other {
            ui.label(widgets::small("in the other image"));
            ui.add(Label::new(other.value.as_str()).wrap().selectable(true));
        }
    });
}
