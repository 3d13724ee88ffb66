//! Registrations in the Info tab: between which series, how sure, and what a person can do with them.

use super::{theme, widgets};
use crate::context::{AppContext, Command, LinkCommand, RegisteredPair, Use};
use egui::{Label, RichText, Ui};

/// The block, where there are any.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    if ctx.view.linking.pairs.is_empty() {
        return;
    }
    widgets::block_title(ui, "REGISTRATIONS");
    for pair in ctx.view.linking.pairs.iter().rev() {
        ui.push_id(pair.id, |ui| entry(ui, pair, out));
        ui.add_space(theme::STEP);
    }
}

fn entry(ui: &mut Ui, pair: &RegisteredPair, out: &mut Vec<Command>) {
    ui.add(Label::new(format!("{} on {}", pair.names[1], pair.names[0])).wrap().selectable(true));
    let (words, color) = state(pair);
    ui.label(RichText::new(words).color(color).font(theme::bold(theme::BODY_PT)));
    ui.add(Label::new(widgets::small(pair.residual())).wrap().selectable(true));
    for reason in &pair.reasons {
        ui.add(Label::new(RichText::new(reason).font(theme::small()).color(theme::WARNING)).wrap().selectable(true));
    }
    ui.horizontal_wrapped(|ui| {
        for (name, command) in offers(pair) {
            if ui.button(name).clicked() {
                out.push(Command::Link(command));
            }
        }
    });
}

fn state(pair: &RegisteredPair) -> (String, egui::Color32) {
    let verdict = pair.verdict();
    match pair.state {
        Use::Linked if verdict.is_empty() => ("linked, as the file says".into(), theme::TEXT),
        Use::Linked => (format!("{verdict}: linked"), theme::TEXT),
        Use::Accepted => (format!("{verdict}: accepted by the reader"), theme::TEXT),
        Use::Waiting => (format!("{verdict}: not used until you accept it"), theme::WARNING),
        Use::OnTrial => (format!("{verdict}: on trial, judge the fused picture"), theme::WARNING),
        Use::Failed => ("failed: not used".into(), theme::DANGER),
    }
}

/// A doubtful result is accepted only from its fused picture.
fn offers(pair: &RegisteredPair) -> Vec<(&'static str, LinkCommand)> {
    let id = pair.id;
    match pair.state {
        Use::Linked => vec![
            ("Look", LinkCommand::Look(id)),
            ("Save as DICOM…", LinkCommand::Save(id)),
            ("Remove", LinkCommand::Remove(id)),
        ],
        Use::Accepted => vec![
            ("Undo", LinkCommand::Undo(id)),
            ("Save as DICOM…", LinkCommand::Save(id)),
            ("Remove", LinkCommand::Remove(id)),
        ],
        Use::Waiting => vec![("Look at it fused", LinkCommand::Look(id)), ("Reject", LinkCommand::Remove(id))],
        Use::OnTrial => vec![("Accept", LinkCommand::Accept(id)), ("Reject", LinkCommand::Remove(id))],
        Use::Failed => vec![("Remove", LinkCommand::Remove(id))],
    }
}
