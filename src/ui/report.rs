//! The report: every sentence says who wrote it and leads to its voxels; numbers bound to measurements are highlighted.

use super::{UiState, icons, theme, widgets};
use crate::context::{AppContext, CaseView, Command, SentenceChange, UiCommand};
use crate::findings::{Finding, FindingState};
use crate::report::{Author, Part, Report, ReportStatus, Section, Sentence, SentenceKind, SentenceMark};
use crate::words;
use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Color32, Frame, Layout, Margin, Panel, RichText, ScrollArea, Sense, Stroke, TextEdit, Ui, vec2};

/// Shows the tab.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let margin = Margin { left: 8, right: 4, top: 4, bottom: 0 };
    let Some((case, report)) = ctx.case.and_then(|case| Some((case, case.report?))) else {
        Frame::new().inner_margin(margin).show(ui, |ui| nothing_yet(ui, ctx, out));
        return;
    };
    let frame = Frame::new().fill(theme::PANEL).inner_margin(Margin::symmetric(8, 0));
    Panel::bottom("report actions").exact_size(36.0).frame(frame).show(ui, |ui| actions(ui, ctx, &case, out));
    Frame::new().inner_margin(margin).show(ui, |ui| {
        status(ui, report);
        ScrollArea::vertical().id_salt("report").auto_shrink([false, false]).show(ui, |ui| {
            ui.set_width(ui.available_width() - 6.0);
            for section in &report.sections {
                ui.push_id(section.kind, |ui| show_section(ui, ctx, state, &case, section, out));
            }
            ui.add_space(4.0 * theme::STEP);
        });
    });
}

fn nothing_yet(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    let text = if ctx.case.is_some() { words::text("report-none") } else { words::text("report-no-series") };
    ui.label(widgets::second(text));
    if ctx.case.is_some() && widgets::text_button(ui, icons::MODEL, UiCommand::RunAi.title()).clicked() {
        out.push(Command::Ui(UiCommand::RunAi));
    }
}

fn actions(ui: &mut Ui, ctx: &AppContext<'_>, case: &CaseView<'_>, out: &mut Vec<Command>) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let copy = widgets::text_button(ui, icons::COPY, words::text("report-copy"));
        if copy.on_hover_text(ctx.tooltip(UiCommand::CopyReport)).clicked() {
            out.push(Command::Ui(UiCommand::CopyReport));
        }
        let marked = case.report.is_some_and(|r| r.sentences().any(|s| s.mark != SentenceMark::None));
        if !case.is_signed() && marked {
            let remove = widgets::text_button(ui, icons::CLOSE, words::text("report-remove-rejected"));
            if remove.on_hover_text(words::text("report-remove-rejected-tip")).clicked() {
                out.push(Command::ChangeSentence(SentenceChange::RemoveMarked));
            }
        }
        if !case.is_signed() {
            let sign = widgets::text_button(ui, icons::SIGN, words::text("report-sign"));
            if sign.on_hover_text(ctx.tooltip(UiCommand::SignReport)).clicked() {
                out.push(Command::Ui(UiCommand::SignReport));
            }
        }
    });
}

fn status(ui: &mut Ui, report: &Report) {
    match &report.status {
        ReportStatus::Draft => {
            ui.horizontal_wrapped(|ui| {
                widgets::badge(ui, words::text("report-draft"), theme::WARNING);
                ui.label(widgets::small(words::text("report-unsigned")));
            });
        }
        ReportStatus::Signed(signature) => {
            Frame::new().fill(theme::RAISED).corner_radius(4.0).inner_margin(Margin::same(6)).show(ui, |ui| {
                ui.set_width(ui.available_width());
                let by = [("name", signature.name.as_str().into()), ("time", signature.time.as_str().into())];
                let text = format!("{} {}", icons::SIGNED, words::with("report-signed", &by));
                ui.add(egui::Label::new(text).wrap());
                ui.add(egui::Label::new(widgets::small(words::text("report-never-changes"))).wrap());
            });
        }
    }
}

fn show_section(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    case: &CaseView<'_>,
    section: &Section,
    out: &mut Vec<Command>,
) {
    ui.horizontal(|ui| {
        widgets::block_title(ui, &section.kind.title().to_uppercase());
        if !case.is_signed() {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let name = words::with("report-add", &[("section", section.kind.title().into())]);
                if widgets::icon_button(ui, icons::ADD, &name, &name, false).clicked() {
                    state.sentence_add = Some((section.kind, String::new()));
                }
            });
        }
    });
    for sentence in &section.sentences {
        // Unreviewed proposals stay hidden with the rest of the AI draft.
        if !ctx.ai_shown() && is_ai(case, sentence) {
            continue;
        }
        ui.push_id(sentence.id, |ui| show_sentence(ui, ctx, state, case, sentence, out));
    }
    let hidden = section.sentences.iter().filter(|s| !ctx.ai_shown() && is_ai(case, s)).count();
    if hidden > 0 {
        let text = RichText::new(words::with("report-hidden", &[("count", hidden.into())])).color(theme::AI);
        if ui.add(egui::Button::new(text.font(theme::small())).frame(false)).clicked() {
            out.push(Command::Ui(UiCommand::ShowAi));
        }
    } else if section.sentences.is_empty() {
        ui.label(widgets::small(words::text("report-nothing-written")));
    }
    add_field(ui, state, section, out);
}

fn add_field(ui: &mut Ui, state: &mut UiState, section: &Section, out: &mut Vec<Command>) {
    let Some((kind, text)) = &mut state.sentence_add else { return };
    if *kind != section.kind {
        return;
    }
    let answer = field(ui, text, words::text("report-new-sentence"), false);
    if answer == Answer::Save && !text.trim().is_empty() {
        out.push(Command::ChangeSentence(SentenceChange::Add(section.kind, text.trim().to_owned())));
    }
    if answer != Answer::Open {
        state.sentence_add = None;
    }
}

fn show_sentence(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    case: &CaseView<'_>,
    sentence: &Sentence,
    out: &mut Vec<Command>,
) {
    if let Some((id, text)) = &mut state.sentence_edit
        && *id == sentence.id
    {
        let change = match field(ui, text, words::text("report-sentence"), true) {
            Answer::Save => Some(SentenceChange::Rewrite(sentence.id, text.trim().to_owned())),
            Answer::Remove => Some(SentenceChange::Remove(sentence.id)),
            Answer::Cancel => None,
            Answer::Open => return,
        };
        out.extend(change.map(Command::ChangeSentence));
        state.sentence_edit = None;
        return;
    }
    let lit = ctx.view.lit.contains(&sentence.id);
    let tools = if case.is_signed() { 0.0 } else { theme::TARGET + theme::STEP };
    let width = ui.available_width();
    let job = layout(case, sentence, width - 14.0 - tools);
    let galley = ui.painter().layout_job(job);
    let (rect, response) = ui.allocate_exact_size(vec2(width, galley.size().y + 6.0), Sense::click());
    let pointed = ui.rect_contains_pointer(rect);
    let fill = match (lit, pointed) {
        (true, _) => theme::ACCENT_FILL,
        (false, true) => theme::RAISED,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, 4.0, fill);
    let bar = if is_ai(case, sentence) { theme::AI } else { theme::LINE };
    ui.painter().vline(rect.left() + 2.0, rect.shrink(3.0).y_range(), Stroke::new(3.0, bar));
    ui.painter().galley(rect.min + vec2(10.0, 3.0), galley, theme::TEXT);
    let text = sentence.text();
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Paragraph, true, lit, &text));
    if response.clicked() {
        out.push(Command::SelectSentence(sentence.id));
    }
    if case.is_signed() {
        return;
    }
    if response.double_clicked() {
        state.sentence_edit = Some((sentence.id, text.clone()));
    }
    if pointed {
        let corner = egui::Rect::from_min_size(rect.right_top() - vec2(tools, 0.0), vec2(tools, theme::TARGET + 4.0));
        let builder = egui::UiBuilder::new().max_rect(corner).layout(Layout::left_to_right(Align::Center));
        ui.scope_builder(builder, |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let (name, tip) = (words::text("report-edit"), words::text("report-edit-tip"));
            if widgets::icon_button(ui, icons::EDIT, name, tip, false).clicked() {
                state.sentence_edit = Some((sentence.id, text.clone()));
            }
        });
    }
}

/// What became of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Open,
    Save,
    Cancel,
    Remove,
}

/// A field that is done with Ctrl+Enter or "Save" and given up with Escape or "Cancel".
fn field(ui: &mut Ui, text: &mut String, name: &str, removable: bool) -> Answer {
    let response = ui.add(TextEdit::multiline(text).desired_width(f32::INFINITY).desired_rows(2));
    let response = response.accessible_name(name);
    let (enter, escape) =
        ui.input(|i| (i.key_pressed(egui::Key::Enter) && i.modifiers.command, i.key_pressed(egui::Key::Escape)));
    let mut answer = Answer::Open;
    ui.horizontal(|ui| {
        if ui.button(words::text("report-save")).on_hover_text(words::text("report-save-keys")).clicked() {
            answer = Answer::Save;
        }
        if ui.button(words::text("report-cancel")).on_hover_text(words::text("report-cancel-keys")).clicked() {
            answer = Answer::Cancel;
        }
        if removable && ui.button(format!("{} {}", icons::REMOVE, words::text("report-remove"))).clicked() {
            answer = Answer::Remove;
        }
    });
    if enter {
        answer = Answer::Save;
    } else if escape {
        answer = Answer::Cancel;
    }
    if answer == Answer::Open && !response.has_focus() && !ui.input(|i| i.pointer.any_down()) {
        response.request_focus();
    }
    answer
}

/// True while a machine wrote it from findings (or searches) that no person has confirmed.
fn is_ai(case: &CaseView<'_>, sentence: &Sentence) -> bool {
    let by_machine = matches!(sentence.author, Author::Machine(_));
    let unreviewed = sentence.evidence.iter().filter_map(|id| case.finding(id)).any(Finding::is_unreviewed_ai);
    by_machine && (unreviewed || sentence.kind == SentenceKind::Negative)
}

/// Text, live fields, and who says so, wrapped to the panel.
fn layout(case: &CaseView<'_>, sentence: &Sentence, width: f32) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    let struck = sentence.mark == SentenceMark::Rejected;
    let color = if sentence.mark == SentenceMark::None { theme::TEXT } else { theme::TEXT_SECOND };
    let strike = if struck { Stroke::new(1.0, theme::DANGER) } else { Stroke::NONE };
    let plain = TextFormat { font_id: theme::body(), color, strikethrough: strike, ..Default::default() };
    let line = Stroke::new(1.0, theme::ACCENT);
    let field = TextFormat { background: theme::ACCENT_FILL, underline: line, ..plain.clone() };
    for part in &sentence.parts {
        match part {
            Part::Text(text) => job.append(text, 0.0, plain.clone()),
            Part::Field(value) => job.append(&value.text(), 0.0, field.clone()),
        }
    }
    let mut note = |text: &str, color: Color32| {
        job.append(text, 6.0, TextFormat { font_id: theme::small(), color, ..Default::default() });
    };
    match sentence.mark {
        SentenceMark::Rejected => note(words::text("report-mark-rejected"), theme::DANGER),
        SentenceMark::Stale => note(words::text("report-mark-stale"), theme::WARNING),
        SentenceMark::None => {}
    }
    if is_ai(case, sentence) {
        note(words::text("report-mark-draft"), theme::AI);
    } else if let Some(text) = accepted_by(case, sentence) {
        note(&text, theme::TEXT_SECOND);
    }
    job
}

/// "AI, accepted by NAME" for a machine's sentence whose findings a person confirmed.
fn accepted_by(case: &CaseView<'_>, sentence: &Sentence) -> Option<String> {
    let Author::Machine(_) = sentence.author else {
        return None;
    };
    let finding = sentence.evidence.iter().filter_map(|id| case.finding(id)).find(|f| f.state.is_confirmed())?;
    let name = [("name", finding.reviewer.as_str().into())];
    Some(match finding.state {
        FindingState::Edited => words::with("report-mark-edited", &name),
        _ => words::with("report-mark-accepted", &name),
    })
}
