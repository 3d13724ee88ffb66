//! Masks and contours: what they are called, and the series that they can be laid over.

use crate::context::{AppContext, Command, ObjectCommand, ObjectContent, ObjectView};
use crate::io::objects::ObjectKind;
use crate::io::segmentation::Belonging;
use crate::study::{Series, SeriesGeometry};
use crate::ui::{icons, theme, widgets};
use egui::{Align2, Button, Label, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

/// Series that are offered.
const OFFERED: usize = 4;

pub(super) fn show(ui: &mut Ui, ctx: &AppContext<'_>, view: &ObjectView, read: &ObjectContent, out: &mut Vec<Command>) {
    let what = if view.kind == ObjectKind::Structures { "region" } else { "segment" };
    targets(ui, ctx, view, read, out);
    widgets::block_title(ui, &widgets::counted(read.segments.len(), what));
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().auto_shrink([false, false]).show_rows(ui, theme::ROW, read.segments.len(), |ui, range| {
        for segment in &read.segments[range] {
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::hover());
            let name = if segment.label.is_empty() { "without a name" } else { segment.label.as_str() };
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
            let painter = ui.painter_at(rect);
            let swatch = egui::Rect::from_center_size(pos2(rect.left() + 10.0, rect.center().y), vec2(12.0, 12.0));
            painter.rect_filled(swatch, 2.0, theme::segment_color(segment.color_rgb));
            let fitted = widgets::fitted(&painter, name, &theme::body(), rect.width() - 32.0);
            let at = pos2(rect.left() + 26.0, rect.center().y);
            painter.text(at, Align2::LEFT_CENTER, fitted, theme::body(), theme::TEXT);
        }
    });
}

/// A button for each series that they can lie on.
fn targets(ui: &mut Ui, ctx: &AppContext<'_>, view: &ObjectView, read: &ObjectContent, out: &mut Vec<Command>) {
    let candidates = candidates(ctx, &read.belonging);
    ui.add_space(theme::STEP);
    if candidates.is_empty() {
        let text = "The images that they were drawn on are not among those that are open: open their folder too.";
        ui.add(Label::new(widgets::second(text)).wrap());
        return;
    }
    let busy = ctx.jobs.iter().any(|job| job.name.starts_with("Laying masks") || job.name.starts_with("Reading"));
    for series in candidates.into_iter().take(OFFERED) {
        let again = if view.laid_over.contains(&series.key()) { "Show again on" } else { "Show on" };
        let name = format!("{again} {}", name(series));
        let width = ui.available_width();
        let fitted = widgets::fitted(ui.painter(), &name, &theme::body(), width - 48.0);
        let response = ui.add_enabled(!busy, Button::new(format!("{}  {fitted}", icons::MASKS)));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, !busy, &name));
        if response.on_hover_text(&name).clicked() {
            out.push(Command::Object(ObjectCommand::ShowMasks(series.key())));
        }
    }
}

fn name(series: &Series) -> String {
    let name = if series.description.is_empty() { &series.modality } else { &series.description };
    match series.number {
        Some(number) => format!("{name}, series {number}"),
        None => name.clone(),
    }
}

/// Volumes that they were drawn on, or that share their frame of reference; what is on screen first, then those that are
/// named. Whether they fit is checked when they are laid over.
fn candidates<'a>(ctx: &AppContext<'a>, belonging: &Belonging) -> Vec<&'a Series> {
    let Some(catalog) = ctx.catalog else { return Vec::new() };
    let shown = ctx.series.map(|shown| shown.loaded.series.key());
    let in_frame = |series: &Series| belonging.frame_of_reference_uids.contains(&series.frame_of_reference_uid);
    let named = |series: &Series| belonging.series_uids.contains(&series.uid);
    let fits = |series: &&Series| {
        let volume = matches!(series.geometry, SeriesGeometry::Volume(_)) && ObjectKind::of(series).is_none();
        volume && (named(series) || in_frame(series))
    };
    let mut found: Vec<&Series> = catalog.series().map(|(_, series)| series).filter(fits).collect();
    found.sort_by_key(|series| (shown.as_deref() != Some(&series.key()), !named(series)));
    found
}
