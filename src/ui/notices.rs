//! Sentences that wait to be read, above the viewports: what failed and what to do. They can be copied and dismissed. The
//! offer to take up a case that a crash left behind stands here too.

use super::{UiState, icons, theme, widgets};
use crate::context::{AppContext, Command, Notice, NoticeLevel};
use egui::{Color32, Frame, Margin, Panel, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Notices shown at once.
const SHOWN: usize = 3;

/// Shows the newest notices.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    if ctx.notices.is_empty() && ctx.recoverable.is_none() {
        return;
    }
    // The panel's height follows its rows one frame later.
    if std::mem::replace(&mut state.notices_shown, ctx.notices.len()) != ctx.notices.len() {
        ui.ctx().request_repaint();
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
    line(ui, icon, color, &notice.text, 2.0, |ui| {
        if widgets::icon_button(ui, icons::COPY, "Copy this message", "Copy this message", false).clicked() {
            ui.ctx().copy_text(notice.text.clone());
        }
        if widgets::icon_button(ui, icons::CLOSE, "Dismiss this message", "Dismiss", false).clicked() {
            out.push(Command::DismissNotice(notice.id));
        }
    });
}

fn recovery(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let Some(left) = ctx.recoverable else { return };
    let text = format!("An unfinished reading was left behind: {}", left.description);
    line(ui, icons::WARNING, theme::WARNING, &text, 9.0, |ui| {
        if ui.button("Take it up again").clicked() {
            out.push(Command::Recover(true));
        }
        let discard = if state.confirm_discard { "Really discard it" } else { "Discard" };
        if ui.button(discard).clicked() && std::mem::replace(&mut state.confirm_discard, true) {
            state.confirm_discard = false;
            out.push(Command::Recover(false));
        }
    });
}

/// An icon, wrapped words, and room for buttons at the right (in widths of an icon button).
fn line(ui: &mut Ui, icon: char, color: Color32, text: &str, buttons: f32, add_buttons: impl FnOnce(&mut Ui)) {
    let height = theme::TARGET + theme::STEP;
    ui.horizontal_top(|ui| {
        let width = ui.available_width() - buttons * (height + 2.0 * theme::STEP) - theme::STEP;
        let icon = ui.painter().layout_no_wrap(icon.to_string(), theme::icons(theme::ICON_PT), color);
        let words = ui.painter().layout(text.to_owned(), theme::body(), theme::TEXT, width - 28.0);
        let (rect, response) = ui.allocate_exact_size(vec2(width, words.size().y.max(height)), Sense::hover());
        let top = rect.top() + (height - icon.size().y) / 2.0;
        ui.painter().galley(pos2(rect.left(), top), icon, color);
        let top = rect.top() + ((height - theme::BODY_PT * 1.4) / 2.0).max(0.0);
        ui.painter().galley(pos2(rect.left() + 28.0, top), words, theme::TEXT);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
        add_buttons(ui);
    });
}
