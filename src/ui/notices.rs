//! Sentences that wait to be read, above the viewports: what failed and what to do. They can be copied and dismissed. The
//! offer to take up a case that a crash left behind stands here too.

use super::{UiState, icons, theme, widgets};
use crate::context::{AppContext, Command, Notice, NoticeLevel};
use egui::{Align, Frame, Layout, Margin, Panel, RichText, Ui};

/// Notices shown at once.
const SHOWN: usize = 3;

/// Shows the newest notices.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    if ctx.notices.is_empty() && ctx.recoverable.is_none() {
        return;
    }
    let frame = Frame::new().fill(theme::RAISED).inner_margin(Margin::symmetric(8, 4));
    Panel::top("notices").frame(frame).show(ui, |ui| {
        recovery(ui, ctx, state, out);
        for notice in ctx.notices.iter().rev().take(SHOWN) {
            ui.push_id(notice.id, |ui| row(ui, notice, out));
        }
        if ctx.notices.len() > SHOWN {
            ui.label(widgets::small(format!("{} more below these", ctx.notices.len() - SHOWN)));
        }
    });
}

fn row(ui: &mut Ui, notice: &Notice, out: &mut Vec<Command>) {
    let (icon, color) = match notice.level {
        NoticeLevel::Info => (icons::INFO, theme::ACCENT),
        NoticeLevel::Warning => (icons::WARNING, theme::WARNING),
        NoticeLevel::Error => (icons::WARNING, theme::DANGER),
    };
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        if widgets::icon_button(ui, icons::CLOSE, "Dismiss this message", "Dismiss", false).clicked() {
            out.push(Command::DismissNotice(notice.id));
        }
        if widgets::icon_button(ui, icons::COPY, "Copy this message", "Copy this message", false).clicked() {
            ui.ctx().copy_text(notice.text.clone());
        }
        ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
            ui.set_min_height(theme::TARGET + theme::STEP);
            ui.label(RichText::new(icon).font(theme::icons(theme::ICON_PT)).color(color));
            ui.add(egui::Label::new(&notice.text).wrap());
        });
    });
}

fn recovery(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let Some(left) = ctx.recoverable else { return };
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let discard = if state.confirm_discard { "Really discard it" } else { "Discard" };
        if ui.button(discard).clicked() {
            if std::mem::replace(&mut state.confirm_discard, true) {
                state.confirm_discard = false;
                out.push(Command::Recover(false));
            }
        }
        if ui.button("Take it up again").clicked() {
            out.push(Command::Recover(true));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(RichText::new(icons::WARNING).font(theme::icons(theme::ICON_PT)).color(theme::WARNING));
            let text = format!("An unfinished reading was left behind: {}", left.description);
            ui.add(egui::Label::new(text).wrap());
        });
    });
}
