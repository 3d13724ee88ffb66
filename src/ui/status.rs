//! The status line: what lies under the pointer, how it is shown, what runs, and whether everything is on disk.

use super::measures::MeasuresState;
use super::{UiState, icons, theme, viewport, widgets};
use crate::context::{AppContext, Command, SavedState, ViewKind, Viewport};
use crate::jobs::RunningJob;
use crate::words;
use egui::{Align, Layout, RichText, Ui, vec2};

/// Shows the line.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &UiState, out: &mut Vec<Command>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        saved(ui, ctx);
        let measured = ctx.jobs.iter().find(|job| job.progress.stage().fraction.is_some());
        if let Some(job) = measured.or(ctx.jobs.first()) {
            progress(ui, job, out);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            widgets::elided(ui, widgets::second(line(ctx, state)));
        });
    });
}

/// "−35 HU · LPS 42.1 −18.0 −233.5 mm · W 400 L 40 · zoom 180 %".
fn line(ctx: &AppContext<'_>, state: &UiState) -> String {
    let mut parts = Vec::new();
    parts.extend(MeasuresState::hint(ctx).map(str::to_owned));
    if let Some(hover) = &state.hover {
        parts.extend(hover.value.clone());
        if let Some(p) = hover.lps {
            let [l, pos, s] = [p.x, p.y, p.z].map(|v| widgets::number(v, 1));
            parts.push(format!("LPS {l} {pos} {s} mm"));
        }
        if let Some([column, row]) = hover.px {
            parts.push(words::with(
                "status-pixel",
                &[("column", (&column.to_string()).into()), ("row", (&row.to_string()).into())],
            ));
        }
    }
    if let Some(active) = ctx.active().filter(|active| ctx.looked_at(active).is_some()) {
        if !matches!(active.kind, ViewKind::Volume | ViewKind::Drr | ViewKind::Surface) {
            parts.push(viewport::window_line(ctx.voi_in(active), ctx.inverted_in(active)));
        }
        if let Some((over, second, _)) = ctx.over(active) {
            let window = viewport::window_line(over.voi, over.inverted);
            let modality = second.loaded.series.modality.as_str().into();
            parts.push(words::with("status-over", &[("modality", modality), ("window", (&window).into())]));
        }
        parts.extend(zoom(ctx, active));
    }
    if parts.is_empty() {
        return words::text("status-ready").to_owned();
    }
    parts.join("  ·  ")
}

/// Screen pixels per image pixel of the active viewport.
fn zoom(ctx: &AppContext<'_>, active: &Viewport) -> Option<String> {
    if !matches!(active.kind, ViewKind::Plane(_)) {
        let percent = format!("{:.0}", 100.0 * active.framing.zoom);
        return Some(words::with("status-zoom-of-fit", &[("percent", (&percent).into())]));
    }
    let spacing_mm = ctx.looked_at(active)?.0.geometry()?.spacing_mm().min_element();
    let percent = format!("{:.0}", 100.0 * spacing_mm / active.shown?.pixel_mm);
    Some(words::with("status-zoom", &[("percent", (&percent).into())]))
}

fn saved(ui: &mut Ui, ctx: &AppContext<'_>) {
    let Some(case) = ctx.case else { return };
    let (icon, text, color) = match case.saved {
        SavedState::Untouched => return,
        SavedState::Saved(0..=4) => (icons::SAVED, words::text("status-saved").to_owned(), theme::TEXT_SECOND),
        SavedState::Saved(seconds @ 5..=59) => {
            let age = format!("{} s", seconds / 5 * 5);
            (icons::SAVED, words::with("status-saved-ago", &[("age", (&age).into())]), theme::TEXT_SECOND)
        }
        SavedState::Saved(seconds) => {
            let age = format!("{} min", seconds / 60);
            (icons::SAVED, words::with("status-saved-ago", &[("age", (&age).into())]), theme::TEXT_SECOND)
        }
        SavedState::Failed => (icons::WARNING, words::text("status-not-saved").to_owned(), theme::DANGER),
    };
    ui.label(RichText::new(format!("{icon} {text}")).color(color));
}

fn progress(ui: &mut Ui, job: &RunningJob, out: &mut Vec<Command>) {
    let name = words::with("status-cancel", &[("job", (&job.name).into())]);
    if widgets::icon_button(ui, icons::CLOSE, &name, &name, false).clicked() {
        out.push(Command::CancelJob(job.id));
    }
    let stage = job.progress.stage();
    let elapsed = job.started.elapsed().as_secs_f32();
    let left = stage.fraction.filter(|f| *f > 0.02 && elapsed > 1.0).map(|f| elapsed * (1.0 - f) / f);
    let (rect, _) = ui.allocate_exact_size(vec2(120.0, 6.0), egui::Sense::hover());
    ui.painter().rect_filled(rect, 3.0, theme::LINE);
    let mut done = rect;
    done.set_width(rect.width() * stage.fraction.unwrap_or(0.0).clamp(0.0, 1.0));
    ui.painter().rect_filled(done, 3.0, theme::ACCENT);
    let mut text = job.name.clone();
    if !stage.name.is_empty() {
        text = format!("{text}: {}", stage.name);
    }
    if let Some(left) = left.filter(|l| *l >= 1.0) {
        let left = format!("{left:.0} s");
        text = words::with("status-left", &[("job", (&text).into()), ("left", (&left).into())]);
    }
    let width = ui.available_width() * 0.5;
    let font = theme::body();
    let shown = widgets::fitted(ui.painter(), &text, &font, width);
    ui.label(widgets::second(shown)).on_hover_text(text);
}
