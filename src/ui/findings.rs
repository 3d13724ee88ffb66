//! Findings: what is proposed, what a person made of it, and the buttons to do so. Verdicts need the evidence on screen.

use super::{UiState, icons, segments, theme, widgets};
use crate::context::{AppContext, CaseView, Command, FindingChange, UiCommand};
use crate::findings::{Finding, FindingKind, FindingState, Provenance, Quantity};
use crate::words;
use egui::{Align, Frame, Layout, Margin, RichText, ScrollArea, Stroke, TextEdit, Ui};

/// Shows the tab.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let margin = Frame::new().inner_margin(Margin { left: 8, right: 4, top: 4, bottom: 0 });
    margin.show(ui, |ui| {
        let Some(case) = ctx.case else {
            ui.add(egui::Label::new(widgets::second(words::text("findings-no-series"))).wrap());
            return;
        };
        let masks = case.segmentation.is_some_and(|s| !s.segments.is_empty());
        if case.in_reading_order().is_empty() && !masks {
            nothing_yet(ui, ctx, out);
            return;
        }
        ScrollArea::vertical().id_salt("findings").auto_shrink([false, false]).show(ui, |ui| {
            ui.set_width(ui.available_width() - 6.0);
            if ctx.ai_shown() || case.findings.iter().any(|f| !f.is_unreviewed_ai()) {
                list(ui, ctx, state, &case, out);
            }
            if !ctx.ai_shown() && case.has_ai_draft() {
                hidden_draft(ui, ctx, &case, out);
            }
            segments::show(ui, ctx, &case, out);
        });
    });
}

/// What to do when nothing was searched.
fn nothing_yet(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    ui.add(egui::Label::new(widgets::second(words::text("findings-nothing-searched"))).wrap());
    ui.add_space(2.0 * theme::STEP);
    let busy = !ctx.jobs.is_empty();
    let button = egui::Button::new(format!("{} {}", icons::MODEL, UiCommand::RunAi.title()));
    if ui.add_enabled(!busy, button).on_hover_text(ctx.tooltip(UiCommand::RunAi)).clicked() {
        out.push(Command::Ui(UiCommand::RunAi));
    }
    ui.add_space(theme::STEP);
    let button = egui::Button::new(format!("{} {}", icons::ADD, words::text("findings-draw")));
    if ctx.series.is_some_and(|s| s.loaded.volume().is_some()) && ui.add(button).clicked() {
        out.push(Command::AddSegment);
    }
}

fn hidden_draft(ui: &mut Ui, ctx: &AppContext<'_>, case: &CaseView<'_>, out: &mut Vec<Command>) {
    let proposals = case.findings.iter().filter(|f| f.is_unreviewed_ai()).count();
    Frame::new().fill(theme::AI_FILL).corner_radius(4.0).inner_margin(Margin::same(8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(
            RichText::new(words::text("findings-hidden-title")).font(theme::bold(theme::BODY_PT)).color(theme::AI),
        );
        let total = images(ctx);
        let seen = ctx.view.reading_sight().map_or(0, |sight| sight.seen.len()).min(total);
        let counts = [("count", proposals.into()), ("seen", seen.into()), ("total", total.into())];
        let text = words::with("findings-hidden", &counts);
        ui.add(egui::Label::new(text).wrap());
        let button = egui::Button::new(format!("{} {}", icons::SHOWN, words::text("findings-show-draft")));
        let response = ui.add(button).on_hover_text(ctx.tooltip(UiCommand::ShowAi));
        response
            .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, words::text("findings-show-draft")));
        if response.clicked() {
            out.push(Command::Ui(UiCommand::ShowAi));
        }
    });
}

/// Images of the series on screen.
fn images(ctx: &AppContext<'_>) -> usize {
    ctx.series.map_or(0, |s| s.geometry().map_or(s.loaded.pictures().len(), |g| g.dims()[2]))
}

fn list(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, case: &CaseView<'_>, out: &mut Vec<Command>) {
    let open = case.findings.iter().filter(|f| f.is_unreviewed_ai()).count();
    ui.horizontal(|ui| {
        let counts = [("count", case.in_reading_order().len().into()), ("open", open.into())];
        widgets::block_title(ui, &words::with("findings-title", &counts));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let command = UiCommand::NextFinding;
            let (title, tooltip) = (command.title(), ctx.tooltip(command));
            if widgets::icon_button_enabled(ui, open > 0, icons::NEXT, title, &tooltip, false).clicked() {
                out.push(Command::Ui(command));
            }
        });
    });
    for finding in case.in_reading_order() {
        if ctx.ai_shown() || !finding.is_unreviewed_ai() {
            ui.push_id(&finding.id.0, |ui| row(ui, ctx, state, case, finding, out));
        }
    }
}

fn row(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    case: &CaseView<'_>,
    finding: &Finding,
    out: &mut Vec<Command>,
) {
    let selected = ctx.view.selected.as_ref() == Some(&finding.id);
    let response = widgets::list_row(ui, "row", selected, 10, |ui| {
        widgets::row_head(ui, |ui| {
            if !case.is_signed() {
                buttons(ui, ctx, state, finding, out);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| title(ui, state, finding, out));
        });
        ui.add(egui::Label::new(widgets::small(numbers(finding))).wrap());
        ui.horizontal_wrapped(|ui| verdict(ui, finding));
    });
    let rect = response.rect;
    let bar = if finding.is_unreviewed_ai() { theme::AI } else { theme::TEXT_SECOND };
    ui.painter().vline(rect.left() + 2.0, rect.shrink(3.0).y_range(), Stroke::new(3.0, bar));
    let name = words::with("findings-name", &[("label", finding.label.as_str().into())]);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::ListItem, true, selected, &name));
    if response.clicked() {
        out.push(Command::SelectFinding(finding.id.clone()));
    }
}

fn title(ui: &mut Ui, state: &mut UiState, finding: &Finding, out: &mut Vec<Command>) {
    if let Some((id, text)) = &mut state.finding_edit
        && *id == finding.id
    {
        let field = ui.add(TextEdit::singleline(text).desired_width(ui.available_width() - 8.0));
        let field = field.accessible_name(words::text("findings-field"));
        let (enter, escape) = ui.input(|i| (i.key_pressed(egui::Key::Enter), i.key_pressed(egui::Key::Escape)));
        if field.lost_focus() && enter && !text.trim().is_empty() {
            out.push(Command::ChangeFinding(finding.id.clone(), FindingChange::Rename(text.trim().to_owned())));
        }
        if enter || escape {
            state.finding_edit = None;
        } else {
            field.request_focus();
        }
        return;
    }
    if matches!(finding.provenance, Provenance::Model(_)) {
        let color = if finding.is_unreviewed_ai() { theme::AI } else { theme::TEXT_SECOND };
        widgets::badge(ui, words::text("findings-ai"), color);
    }
    if let Some(score) = finding.score {
        let text = RichText::new(format!("{score:.2}")).color(theme::TEXT_SECOND);
        ui.label(text).on_hover_text(words::text("findings-score"));
    }
    let rejected = finding.state == FindingState::Rejected;
    let mut text = RichText::new(&finding.label).font(theme::bold(theme::BODY_PT));
    if rejected {
        text = text.strikethrough().color(theme::TEXT_SECOND);
    }
    widgets::elided(ui, text);
}

fn buttons(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, finding: &Finding, out: &mut Vec<Command>) {
    let shown = ctx.view.evidence_on_screen(finding);
    let label = [("label", finding.label.as_str().into())];
    let tooltip = |command: UiCommand| {
        if shown {
            ctx.tooltip(command)
        } else {
            words::with("findings-see-first", &[("command", command.title().into())])
        }
    };
    let change = |change| Command::ChangeFinding(finding.id.clone(), change);
    let rejected = finding.state == FindingState::Rejected;
    let tip = tooltip(UiCommand::RejectFinding);
    if widgets::icon_button_enabled(ui, shown, icons::CLOSE, &words::with("findings-reject", &label), &tip, rejected)
        .clicked()
    {
        out.push(change(if rejected { FindingChange::Reopen } else { FindingChange::Reject }));
    }
    let tip = tooltip(UiCommand::EditFinding);
    if widgets::icon_button_enabled(ui, shown, icons::EDIT, &words::with("findings-edit", &label), &tip, false)
        .clicked()
    {
        out.push(Command::SelectFinding(finding.id.clone()));
        state.finding_edit = Some((finding.id.clone(), finding.label.clone()));
    }
    let accepted = finding.state.is_confirmed();
    let tip = tooltip(UiCommand::AcceptFinding);
    if widgets::icon_button_enabled(ui, shown, icons::ACCEPT, &words::with("findings-accept", &label), &tip, accepted)
        .clicked()
    {
        out.push(change(if accepted { FindingChange::Reopen } else { FindingChange::Accept }));
    }
}

/// "14 × 11 mm · 1.2 mL · −35 HU · right lung"; organs without diameters.
fn numbers(finding: &Finding) -> String {
    let mut parts = Vec::new();
    if let Some(measures) = &finding.measures {
        let text = |quantity: Quantity| quantity.report_text(measures);
        if finding.kind == FindingKind::Lesion
            && let (Some(long), Some(short)) = (text(Quantity::LongAxis), text(Quantity::ShortAxis))
        {
            parts.push(format!("{} × {short}", long.trim_end_matches(" mm")));
        }
        parts.extend(text(Quantity::Volume));
        parts.extend(text(Quantity::Mean));
    }
    if !finding.site.is_empty() {
        parts.push(finding.site.clone());
    }
    if parts.is_empty() { words::text("findings-no-measurement").to_owned() } else { parts.join(" · ") }
}

fn verdict(ui: &mut Ui, finding: &Finding) {
    let reviewer = reviewer(finding).into();
    let text = match (&finding.provenance, finding.state) {
        (Provenance::Model(model), FindingState::Proposed) => {
            let model_names = [("model", model.name.as_str().into()), ("version", model.version.as_str().into())];
            if model.rules {
                words::with("findings-proposed-by-rules", &model_names)
            } else {
                words::with("findings-proposed", &model_names)
            }
        }
        (Provenance::Model(_), FindingState::Accepted) => words::with("findings-ai-accepted", &[("name", reviewer)]),
        (Provenance::Model(_), FindingState::Edited) => words::with("findings-ai-edited", &[("name", reviewer)]),
        (Provenance::Model(_), FindingState::Rejected) => words::with("findings-ai-rejected", &[("name", reviewer)]),
        (Provenance::Person(name), FindingState::Rejected) => {
            words::with("findings-own-rejected", &[("name", name.into()), ("reviewer", reviewer)])
        }
        (Provenance::Person(name), _) => words::with("findings-own", &[("name", name.into())]),
    };
    let color = if finding.is_unreviewed_ai() { theme::AI } else { theme::TEXT };
    let color = if finding.state == FindingState::Rejected { theme::DANGER } else { color };
    ui.label(RichText::new(text).font(theme::small()).color(color));
}

fn reviewer(finding: &Finding) -> &str {
    if finding.reviewer.is_empty() { words::text("findings-reader") } else { &finding.reviewer }
}
