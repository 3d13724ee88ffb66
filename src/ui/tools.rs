//! The tool bar: what the left button does, undo, how the picture is shown, AI, sign and export.

use super::{UiState, icons, layout_picker, measures, theme, widgets};
use crate::context::{AppContext, Command, ExportKind, MeasureTool, Tool, UiCommand};
use egui::{Align, Layout, RichText, Ui};

/// Shows the bar.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = theme::STEP / 2.0;
        command(ui, ctx, ctx.view.panels_shown, icons::PANELS, UiCommand::TogglePanels, true, out);
        gap(ui);
        let open = ctx.series.is_some();
        for (tool, icon, ui_command) in TOOLS {
            command(ui, ctx, ctx.view.tool == tool, icon, ui_command, open, out);
        }
        measure(ui, ctx, open, out);
        brush(ui, ctx, out);
        gap(ui);
        let case = ctx.case;
        history(ui, ctx, icons::UNDO, UiCommand::Undo, case.and_then(|c| c.undo), out);
        history(ui, ctx, icons::REDO, UiCommand::Redo, case.and_then(|c| c.redo), out);
        gap(ui);
        let inverted = ctx.active().is_some_and(|active| active.inverted != active.first_inverted);
        command(ui, ctx, inverted, icons::INVERT, UiCommand::Invert, open, out);
        command(ui, ctx, false, icons::FIT, UiCommand::FitView, open, out);
        command(ui, ctx, false, icons::RESET, UiCommand::ResetView, open, out);
        if open {
            layout_picker::show(ui, ctx, state, out);
        }
        command(ui, ctx, false, icons::KEYBOARD, UiCommand::CheatSheet, true, out);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = theme::STEP;
            export(ui, ctx, out);
            let signable = case.is_some_and(|c| c.report.is_some() && !c.is_signed());
            wide(ui, ctx, icons::SIGN, "Sign", UiCommand::SignReport, signable, out);
            gap(ui);
            wide(ui, ctx, icons::MODEL, "Run AI", UiCommand::RunAi, case.is_some_and(|c| !c.is_signed()), out);
            ai_switch(ui, ctx, out);
        });
    });
}

const TOOLS: [(Tool, char, UiCommand); 7] = [
    (Tool::Window, icons::WINDOW, UiCommand::ToolWindow),
    (Tool::Zoom, icons::ZOOM, UiCommand::ToolZoom),
    (Tool::Pan, icons::PAN, UiCommand::ToolPan),
    (Tool::Crosshair, icons::CROSSHAIR, UiCommand::ToolCrosshair),
    (Tool::Magnifier, icons::MAGNIFIER, UiCommand::ToolMagnifier),
    (Tool::Brush, icons::BRUSH, UiCommand::ToolBrush),
    (Tool::Eraser, icons::ERASER, UiCommand::ToolEraser),
];

fn gap(ui: &mut Ui) {
    ui.add_space(theme::STEP);
    let (rect, _) = ui.allocate_exact_size(egui::vec2(1.0, theme::ROW), egui::Sense::hover());
    ui.painter().vline(rect.center().x, rect.y_range(), egui::Stroke::new(1.0, theme::LINE));
    ui.add_space(theme::STEP);
}

fn command(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    selected: bool,
    icon: char,
    command: UiCommand,
    enabled: bool,
    out: &mut Vec<Command>,
) {
    let tooltip = ctx.tooltip(command);
    if widgets::icon_button_enabled(ui, enabled, icon, command.title(), &tooltip, selected).clicked() {
        out.push(Command::Ui(command));
    }
}

/// Undo and redo say what they would change.
fn history(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    icon: char,
    command: UiCommand,
    what: Option<&str>,
    out: &mut Vec<Command>,
) {
    let tooltip = match what {
        Some(what) => format!("{}: {what}", ctx.tooltip(command)),
        None => ctx.tooltip(command),
    };
    if widgets::icon_button_enabled(ui, what.is_some(), icon, command.title(), &tooltip, false).clicked() {
        out.push(Command::Ui(command));
    }
}

/// The measuring tool that was used last, and a menu of all.
fn measure(ui: &mut Ui, ctx: &AppContext<'_>, open: bool, out: &mut Vec<Command>) {
    let last = ctx.view.measures.last_tool;
    let in_hand = ctx.view.tool == Tool::Measure(last);
    command(ui, ctx, in_hand, measures::tool_icon(last), last.command(), open, out);
    ui.add_enabled_ui(open, |ui| {
        ui.spacing_mut().button_padding.x = theme::STEP / 2.0;
        let more = RichText::new(icons::MORE).font(theme::icons(theme::SMALL_PT));
        let menu = ui.menu_button(more, |ui| measuring_tools(ui, ctx, out));
        let name = "Measuring tools";
        menu.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, open, name));
        menu.response.on_hover_text(name);
    });
    let active = ctx.active();
    let marked = active.is_some_and(|active| ctx.is_key_image(active));
    let markable = open && active.is_some_and(|active| ctx.image_in(active).is_some());
    command(ui, ctx, marked, icons::KEY, UiCommand::KeyImage, markable, out);
}

fn measuring_tools(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    ui.set_min_width(230.0);
    for (n, group) in MeasureTool::GROUPS.into_iter().enumerate() {
        if n > 0 {
            ui.separator();
        }
        for tool in group {
            let (icon, ui_command) = (measures::tool_icon(*tool), tool.command());
            let button = egui::Button::new(format!("{icon}  {}", ui_command.title()));
            let button = button.shortcut_text(ctx.keys(ui_command)).frame(false);
            if ui.add(button).on_hover_text(tool.hint()).clicked() {
                out.push(Command::Ui(ui_command));
                ui.close();
            }
        }
    }
}

fn brush(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    if !matches!(ctx.view.tool, Tool::Brush | Tool::Eraser) {
        return;
    }
    let (icon, text) = if ctx.view.brush.sphere { (icons::SPHERE, "sphere") } else { (icons::DISC, "disc") };
    command(ui, ctx, false, icon, UiCommand::BrushShape, true, out);
    let size = format!("{text} {:.1} mm", 2.0 * ctx.view.brush.radius_mm);
    ui.label(widgets::small(size)).on_hover_text("Brush diameter: [ and ], or Shift + wheel");
}

fn wide(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    icon: char,
    text: &str,
    command: UiCommand,
    enabled: bool,
    out: &mut Vec<Command>,
) {
    let response = ui.add_enabled(enabled, egui::Button::new(format!("{icon} {text}")));
    let response = response.on_hover_text(ctx.tooltip(command)).on_disabled_hover_text(ctx.tooltip(command));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, enabled, text));
    if response.clicked() {
        out.push(Command::Ui(command));
    }
}

/// Proposals of machines are hidden until asked for (`clinical.md` rule 2).
fn ai_switch(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    let Some(case) = ctx.case else { return };
    let proposals = case.findings.iter().filter(|f| f.is_unreviewed_ai()).count();
    if !case.has_ai_draft() {
        return;
    }
    let (icon, text) = if ctx.ai_shown() { (icons::SHOWN, "AI shown") } else { (icons::HIDDEN, "Show AI draft") };
    let label = if proposals > 0 { format!("{icon} {text} · {proposals}") } else { format!("{icon} {text}") };
    let text = RichText::new(label).color(theme::AI);
    let response = ui.button(text).on_hover_text(ctx.tooltip(UiCommand::ShowAi));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Show or hide the AI draft"));
    if response.clicked() {
        out.push(Command::Ui(UiCommand::ShowAi));
    }
}

fn export(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    let enabled = ctx.case.is_some_and(|c| c.report.is_some());
    ui.add_enabled_ui(enabled, |ui| {
        let menu = ui.menu_button(format!("{} Export", icons::EXPORT), |ui| {
            ui.set_min_width(220.0);
            for kind in ExportKind::ALL {
                if ui.add(egui::Button::new(kind.title()).frame(false)).clicked() {
                    out.push(Command::Export(kind));
                    ui.close();
                }
            }
        });
        menu.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, enabled, "Export"));
    });
}
