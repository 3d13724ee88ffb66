//! A structured report as a tree: what each item is about in second color, what it says in the first, codes on hover. Rows
//! are laid out once for a width and painted only where they can be seen.

use crate::context::{AppContext, Command, ObjectCommand, ObjectContent, ObjectView, ReportRow};
use crate::findings::Finding;
use crate::io::content_tree::Document;
use crate::io::elements::leading_to;
use crate::ui::{icons, theme, widgets};
use egui::text::{LayoutJob, TextFormat};
use egui::{Button, Color32, Label, Rect, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};

/// Points to the right for each level, up to [`DEEPEST`] levels.
const INDENT: f32 = 14.0;
const DEEPEST: usize = 12;
/// Space above and below the words of a row.
const AIR: f32 = 2.0;

/// The search and the rows that fit it.
#[derive(Default)]
pub(super) struct ReportState {
    query: String,
    /// Width and search that `rows` were laid out for.
    laid_out: Option<(f32, String)>,
    /// Rows that are shown, each with its top edge.
    rows: Vec<(usize, f32)>,
    height: f32,
}

pub(super) fn show(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    view: &ObjectView,
    (read, document): (&ObjectContent, &Document),
    state: &mut ReportState,
    out: &mut Vec<Command>,
) {
    ui.add(Label::new(widgets::small(status(document))).wrap());
    measurements(ui, ctx, view, read, out);
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut state.query).hint_text("Find in the report").desired_width(240.0);
        ui.add(field).accessible_name("Find in the report");
        if widgets::icon_button(ui, icons::COPY, "Copy the report", "Copy as plain text", false).clicked() {
            ui.ctx().copy_text(plain_text(&read.rows));
        }
        if !state.query.trim().is_empty() {
            ui.label(widgets::small(widgets::counted(state.rows.len(), "line")));
        }
    });
    widgets::rule(ui);
    let width = ui.available_width() - 14.0;
    state.lay_out(ui, &read.rows, width);
    ScrollArea::vertical().auto_shrink([false, false]).show_viewport(ui, |ui, seen| {
        let (whole, _) = ui.allocate_exact_size(vec2(width, state.height), Sense::hover());
        let first = state.rows.partition_point(|(_, top)| *top < seen.top()).saturating_sub(1);
        for (at, &(n, top)) in
            state.rows.iter().enumerate().skip(first).take_while(|(_, (_, top))| *top < seen.bottom())
        {
            let bottom = state.rows.get(at + 1).map_or(state.height, |next| next.1);
            let rect = Rect::from_min_max(whole.min + vec2(0.0, top), whole.min + vec2(width, bottom));
            row(ui, &read.rows[n], n, rect, out);
        }
    });
}

/// "Complete, unverified · written 2026-01-31".
fn status(document: &Document) -> String {
    let mut parts = Vec::new();
    let flags = [&document.completion, &document.verification].map(|flag| flag.to_lowercase());
    let flags: Vec<String> = flags.into_iter().filter(|flag| !flag.is_empty()).collect();
    if !flags.is_empty() {
        parts.push(flags.join(", "));
    }
    if !document.verified_by.is_empty() {
        parts.push(format!("by {}", document.verified_by.join(", ")));
    }
    if !document.written[0].is_empty() {
        parts.push(format!("written {}", widgets::date(&document.written[0])));
    }
    if !document.template.is_empty() {
        parts.push(format!("template {}", document.template));
    }
    parts.join(" · ")
}

/// The button that takes measurements as findings, and what stands against it.
fn measurements(ui: &mut Ui, ctx: &AppContext<'_>, view: &ObjectView, read: &ObjectContent, out: &mut Vec<Command>) {
    if read.groups == 0 {
        return;
    }
    let groups = widgets::counted(read.groups, "measurement group");
    let generation = ctx.series.map(|series| series.generation);
    let found = view.findings.as_ref().filter(|found| Some(found.generation) == generation);
    let (Some(found), Some(case)) = (found, &ctx.case) else {
        ui.add(Label::new(widgets::small(format!("{groups}: open the images to take them as findings."))).wrap());
        return;
    };
    let new: Vec<&Finding> = found.not_among(case.findings).collect();
    ui.horizontal_wrapped(|ui| {
        if !new.is_empty() {
            let name = format!("Take {} as findings", widgets::counted(new.len(), "measurement"));
            let signed = case.is_signed();
            let response = ui.add_enabled(!signed, Button::new(format!("{}  {name}", icons::ADD)));
            response.widget_info(|| WidgetInfo::labeled(Role::Button, !signed, &name));
            let names: Vec<&str> = new.iter().map(|finding| finding.label.as_str()).collect();
            let tip = format!("As proposals, to be accepted or rejected: {}", names.join(", "));
            if response.on_hover_text(tip).clicked() {
                out.push(Command::Object(ObjectCommand::TakeFindings));
            }
        } else if !found.placed.is_empty() {
            ui.label(widgets::small(format!("{groups}: all with a place are among the findings.")));
        }
        let reasons: Vec<&str> = found.reasons.iter().map(String::as_str).filter(|r| !r.is_empty()).collect();
        if let Some(first) = reasons.first() {
            let more = if reasons.len() > 1 { format!(" (and {} more)", reasons.len() - 1) } else { String::new() };
            ui.label(widgets::small(format!("{first}{more}"))).on_hover_text(reasons.join("\n"));
        }
    });
}

impl ReportState {
    /// Finds and places rows anew when width or search have changed.
    #[allow(clippy::float_cmp, reason = "the same width of the same layout is the same number")]
    fn lay_out(&mut self, ui: &Ui, rows: &[ReportRow], width: f32) {
        let wanted = self.query.trim().to_lowercase();
        if self.laid_out.as_ref().is_some_and(|(w, q)| *w == width && *q == wanted) {
            return;
        }
        let fits = |row: &ReportRow| {
            wanted.is_empty()
                || row.concept.to_lowercase().contains(&wanted)
                || row.value.to_lowercase().contains(&wanted)
        };
        let mut top = 0.0;
        self.rows = leading_to(rows.iter().map(|row| (row.depth, fits(row))))
            .into_iter()
            .map(|n| {
                let at = top;
                top += row_height(ui, &rows[n], width);
                (n, at)
            })
            .collect();
        (self.height, self.laid_out) = (top, Some((width, wanted)));
    }
}

fn indent(row: &ReportRow) -> f32 {
    4.0 + INDENT * row.depth.min(DEEPEST) as f32
}

/// Most rows are short; only those that may need a second line are laid out before they are seen.
fn row_height(ui: &Ui, row: &ReportRow, width: f32) -> f32 {
    /// Wider than any letter of the body font on average.
    const LETTER: f32 = 8.0;
    let room = width - indent(row) - 4.0;
    let letters = row.concept.len() + row.value.len() + 2;
    if letters as f32 * LETTER < room && !row.value.contains('\n') {
        return theme::ROW;
    }
    let galley = ui.painter().layout_job(words(row, room));
    (galley.size().y + 2.0 * AIR).max(theme::ROW)
}

/// "Finding: Nodule" in two colors; headings are bold.
fn words(row: &ReportRow, width: f32) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = width.max(40.0);
    let format = |font, color| TextFormat { font_id: font, color, ..TextFormat::default() };
    if row.value.is_empty() {
        let heading = if row.concept.is_empty() { "(without a name)" } else { &row.concept };
        job.append(heading, 0.0, format(theme::bold(theme::BODY_PT), theme::TEXT));
        return job;
    }
    if !row.concept.is_empty() {
        job.append(&format!("{}: ", row.concept), 0.0, format(theme::body(), theme::TEXT_SECOND));
    }
    let color = if row.image.is_some() { theme::ACCENT } else { theme::TEXT };
    job.append(&row.value, 0.0, format(theme::body(), color));
    job
}

fn row(ui: &mut Ui, row: &ReportRow, n: usize, rect: Rect, out: &mut Vec<Command>) {
    let sense = if row.image.is_some() { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with(("row", n)), sense);
    let role = if row.image.is_some() { Role::Button } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, true, line(row)));
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let fill = if response.hovered() { theme::RAISED_HOVER } else { Color32::TRANSPARENT };
    painter.rect_filled(rect, 2.0, fill);
    let left = rect.left() + indent(row);
    let galley = painter.layout_job(words(row, rect.right() - left - 4.0));
    let top = if galley.rows.len() > 1 { rect.top() + AIR } else { rect.center().y - galley.size().y / 2.0 };
    painter.galley(pos2(left, top), galley, theme::TEXT);
    let clicked = response.clicked();
    if response.hovered() && !row.codes.is_empty() {
        response.on_hover_text(&row.codes);
    }
    if let Some(image) = row.image.as_ref().filter(|_| clicked) {
        out.push(Command::Object(ObjectCommand::ShowImage(image.clone())));
    }
}

fn line(row: &ReportRow) -> String {
    match (row.concept.is_empty(), row.value.is_empty()) {
        (false, false) => format!("{}: {}", row.concept, row.value),
        (false, true) => row.concept.clone(),
        _ => row.value.clone(),
    }
}

/// The tree as text, two spaces for each level.
fn plain_text(rows: &[ReportRow]) -> String {
    let indented = |row: &ReportRow| format!("{}{}\n", "  ".repeat(row.depth), line(row));
    rows.iter().map(indented).collect()
}
