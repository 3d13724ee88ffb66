//! The list of segments: visible or not, which one brush and eraser change, how strong fill and outline are.

use super::{icons, theme, widgets};
use crate::context::{AppContext, CaseView, Command, SegmentLook, UiCommand};
use crate::volume::{AlgorithmKind, Segment};
use crate::words;
use egui::{Align, Frame, Layout, Margin, RichText, Role, Sense, Slider, Ui, WidgetInfo, vec2};

/// Shows segments and sliders.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, case: &CaseView<'_>, out: &mut Vec<Command>) {
    let Some(masks) = case.segmentation else { return };
    ui.add_space(theme::STEP);
    widgets::rule(ui);
    ui.horizontal(|ui| {
        widgets::block_title(ui, &words::with("segments-title", &[("count", masks.segments.len().into())]));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let signed = case.is_signed();
            let (name, tip) = (words::text("segments-add"), words::text("segments-add-tip"));
            if widgets::icon_button_enabled(ui, !signed, icons::ADD, name, tip, false).clicked() {
                out.push(Command::AddSegment);
            }
            let hidden = ctx.view.masks_hidden;
            let icon = if hidden { icons::HIDDEN } else { icons::SHOWN };
            let command = UiCommand::ToggleMasks;
            if widgets::icon_button(ui, icon, command.title(), &ctx.tooltip(command), hidden).clicked() {
                out.push(Command::Ui(command));
            }
        });
    });
    let shown: Vec<&Segment> =
        masks.segments.iter().filter(|s| ctx.ai_shown() || s.algorithm == AlgorithmKind::Manual).collect();
    for segment in &shown {
        ui.push_id(segment.number, |ui| row(ui, ctx, segment, out));
    }
    if shown.len() < masks.segments.len() {
        let hidden = masks.segments.len() - shown.len();
        let text = words::with("segments-hidden", &[("count", hidden.into())]);
        ui.add(egui::Label::new(widgets::small(text)).wrap());
    }
    if !masks.segments.is_empty() {
        sliders(ui, ctx, out);
    }
}

fn row(ui: &mut Ui, ctx: &AppContext<'_>, segment: &Segment, out: &mut Vec<Command>) {
    let active = ctx.view.active_segment == Some(segment.number);
    let look = ctx.view.look(segment.number);
    let fill = if active { theme::ACCENT_FILL } else { theme::PANEL };
    let frame = Frame::new().fill(fill).corner_radius(4.0).inner_margin(Margin::symmetric(4, 0));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            let icon = if look.visible { icons::SHOWN } else { icons::HIDDEN };
            let name = words::with("segments-show", &[("label", segment.label.as_str().into())]);
            if widgets::icon_button(ui, icon, &name, words::text("segments-show-tip"), false).clicked() {
                out.push(Command::SetLook(segment.number, SegmentLook { visible: !look.visible, ..look }));
            }
            let (rect, _) = ui.allocate_exact_size(vec2(12.0, 12.0), Sense::hover());
            ui.painter().rect_filled(rect, 2.0, theme::segment_color(segment.color_rgb));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let (word, color) = match segment.algorithm {
                    AlgorithmKind::Automatic => (words::text("segments-ai"), theme::AI),
                    AlgorithmKind::SemiAutomatic => (words::text("segments-ai-edited"), theme::TEXT_SECOND),
                    AlgorithmKind::Manual => (words::text("segments-by-hand"), theme::TEXT_SECOND),
                };
                ui.label(RichText::new(word).font(theme::small()).color(color)).on_hover_text(&segment.algorithm_name);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let label = egui::Label::new(&segment.label).truncate().sense(Sense::click());
                    let response = ui.add(label).on_hover_text(words::text("segments-choose"));
                    let name = words::with("segments-name", &[("label", segment.label.as_str().into())]);
                    response.widget_info(|| WidgetInfo::selected(Role::Button, true, active, &name));
                    if response.clicked() {
                        out.push(Command::ActivateSegment(segment.number));
                    }
                });
            });
        });
    });
}

fn sliders(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    let (mut fill, mut outline) = (ctx.view.fill_opacity * 100.0, ctx.view.outline_opacity * 100.0);
    ui.add_space(theme::STEP);
    let slider = |ui: &mut Ui, value: &mut f32, name: &str| {
        ui.horizontal(|ui| {
            ui.set_min_height(theme::ROW);
            let label = ui.label(widgets::small(name));
            ui.add_space((60.0 - label.rect.width()).max(0.0));
            ui.add(Slider::new(value, 0.0..=100.0).fixed_decimals(0).suffix(" %")).labelled_by(label.id).changed()
        })
        .inner
    };
    let changed =
        slider(ui, &mut fill, words::text("segments-fill")) | slider(ui, &mut outline, words::text("segments-outline"));
    if changed {
        out.push(Command::SetOpacity(fill / 100.0, outline / 100.0));
    }
    let Some(active) = ctx.view.active_segment else { return };
    let look = ctx.view.look(active);
    let mut opacity = look.opacity * 100.0;
    if slider(ui, &mut opacity, words::text("segments-opacity")) {
        out.push(Command::SetLook(active, SegmentLook { opacity: opacity / 100.0, ..look }));
    }
}
