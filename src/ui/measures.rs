//! The Measures tab: what was measured, and the key images; and what widgets remember of measuring between frames.

mod dialogs;
mod key_images;

use super::viewport::measures::{Draft, Grip, Words};
use super::{UiState, icons, theme, widgets};
use crate::context::{AppContext, CaseView, Command, MeasureCommand, MeasureTool, Tool, UiCommand, ViewportId};
use crate::findings::measurement::{ImageRef, Measurement, Shape};
use crate::findings::{Finding, FindingId};
use egui::{Align, DragValue, Frame, Key, Layout, Margin, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo};

pub use dialogs::show as dialogs;

/// What is being drawn, changed, written or pointed at.
#[derive(Default)]
pub struct MeasuresState {
    pub(super) draft: Option<Draft>,
    pub(super) grip: Option<Grip>,
    pub(super) words: Option<Words>,
    /// Under the pointer, and in which viewport.
    pub(super) hovered: Option<(ViewportId, FindingId)>,
    /// Under the pointer in the list.
    pub(super) listed: Option<FindingId>,
    /// What the right-click menu is about.
    pub(super) menu: Option<FindingId>,
    /// The right button ended a drawing in this frame.
    pub(super) menu_held: bool,
    /// The viewport whose left button is used by a measurement.
    pub(super) taken: Option<ViewportId>,
    /// A length and the millimetres being entered for it.
    pub(super) calibrating: Option<(FindingId, String)>,
    rename: Option<(FindingId, String)>,
    note: Option<(ImageRef, String)>,
}

impl MeasuresState {
    /// Starts renaming.
    pub fn begin_rename(&mut self, finding: &Finding) {
        self.rename = Some((finding.id.clone(), finding.label.clone()));
    }

    /// How the measuring tool in hand is used, for the status line.
    pub fn hint(ctx: &AppContext<'_>) -> Option<&'static str> {
        if let Tool::Measure(tool) = ctx.view.tool { Some(tool.hint()) } else { None }
    }
}

/// The icon of a tool.
pub fn tool_icon(tool: MeasureTool) -> char {
    match tool {
        MeasureTool::Length => icons::LENGTH,
        MeasureTool::Angle => icons::ANGLE,
        MeasureTool::Cobb => icons::COBB,
        MeasureTool::Bidirectional => icons::BIDIRECTIONAL,
        MeasureTool::Ellipse => icons::ELLIPSE,
        MeasureTool::Rectangle => icons::RECTANGLE,
        MeasureTool::Polygon => icons::CONTOURS,
        MeasureTool::Freehand => icons::FREEHAND,
        MeasureTool::Polyline => icons::CURVE,
        MeasureTool::Sphere => icons::SPHERE,
        MeasureTool::Box => icons::BOX,
        MeasureTool::SuvPeak => icons::PEAK,
        MeasureTool::Arrow => icons::ARROW,
        MeasureTool::Text => icons::WORDS,
        MeasureTool::Probe => icons::PROBE,
    }
}

fn icon_of(shape: &Shape) -> char {
    tool_icon(match shape {
        Shape::Point(_) => MeasureTool::Probe,
        Shape::Length(_) => MeasureTool::Length,
        Shape::Angle(_) => MeasureTool::Angle,
        Shape::Cobb(_) => MeasureTool::Cobb,
        Shape::Bidirectional { .. } => MeasureTool::Bidirectional,
        Shape::Ellipse(_) => MeasureTool::Ellipse,
        Shape::Rectangle(_) => MeasureTool::Rectangle,
        Shape::Polygon(_) => MeasureTool::Polygon,
        Shape::Freehand(_) => MeasureTool::Freehand,
        Shape::Polyline(_) => MeasureTool::Polyline,
        Shape::Sphere { .. } => MeasureTool::Sphere,
        Shape::Box { .. } => MeasureTool::Box,
        Shape::SuvPeak { .. } => MeasureTool::SuvPeak,
        Shape::Arrow(_) => MeasureTool::Arrow,
        Shape::Text(_) => MeasureTool::Text,
    })
}

/// Shows the tab.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    let margin = Frame::new().inner_margin(Margin { left: 8, right: 4, top: 4, bottom: 0 });
    margin.show(ui, |ui| {
        let Some(case) = ctx.case else {
            ui.add(egui::Label::new(widgets::second("Open a series to measure in it.")).wrap());
            return;
        };
        ScrollArea::vertical().id_salt("measures").auto_shrink([false, false]).show(ui, |ui| {
            ui.set_width(ui.available_width() - 6.0);
            let measured: Vec<(&Finding, &Measurement)> =
                case.findings.iter().filter_map(|f| Some((f, f.measurement()?))).collect();
            heading(ui, measured.len(), out);
            if measured.is_empty() {
                let text = format!(
                    "Nothing was measured yet. {} and the menu beside it in the tool bar measure, \
                     point at and write; a right click on what was drawn offers more.",
                    ctx.tooltip(UiCommand::ToolLength)
                );
                ui.add(egui::Label::new(widgets::second(text)).wrap());
            }
            for (finding, measurement) in measured {
                ui.push_id(&finding.id.0, |ui| row(ui, ctx, state, &case, (finding, measurement), out));
            }
            key_images::show(ui, ctx, &mut state.measures.note, &case, out);
        });
    });
}

fn heading(ui: &mut Ui, count: usize, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        widgets::block_title(ui, &widgets::counted(count, "measurement"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = "Copy all measurements as text";
            if widgets::icon_button_enabled(ui, count > 0, icons::COPY, name, name, false).clicked() {
                out.push(Command::Measure(MeasureCommand::CopyAll));
            }
        });
    });
}

fn row(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    case: &CaseView<'_>,
    (finding, measurement): (&Finding, &Measurement),
    out: &mut Vec<Command>,
) {
    let selected = ctx.view.selected.as_ref() == Some(&finding.id);
    let response = widgets::list_row(ui, "row", selected, 8, |ui| {
        widgets::row_head(ui, |ui| {
            buttons(ui, state, case, finding, out);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| title(ui, state, finding, measurement, out));
        });
        for line in measurement.screen_lines() {
            let basis = measurement.results.basis.sentence();
            let label = ui.add(egui::Label::new(line).wrap());
            if !basis.is_empty() {
                label.on_hover_text(basis);
            }
        }
        cautions(ui, measurement);
        if selected && !case.is_signed() {
            depth(ui, finding, measurement, out);
        }
    });
    let name = format!("Measurement {}", finding.label);
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, selected, &name));
    if response.hovered() || response.contains_pointer() {
        state.measures.listed = Some(finding.id.clone());
    }
    if response.clicked() {
        out.push(Command::Measure(MeasureCommand::GoTo(finding.id.clone())));
    }
}

/// Where it lies, and what makes its millimetres.
fn cautions(ui: &mut Ui, measurement: &Measurement) {
    ui.add(egui::Label::new(widgets::small(measurement.place.cited())).wrap())
        .on_hover_text(format!("Millimetres by {}.", measurement.place.calibration_source()));
    let caution = measurement.place.length_caution();
    if !caution.is_empty() {
        let text = format!("{} {caution}", icons::WARNING);
        ui.add(egui::Label::new(RichText::new(text).font(theme::small()).color(theme::WARNING)).wrap());
    }
}

/// The depth of a box, which has no handle.
fn depth(ui: &mut Ui, finding: &Finding, measurement: &Measurement, out: &mut Vec<Command>) {
    let Shape::Box { corners, depth_mm } = measurement.shape else { return };
    let id = ui.scope_id().with("depth");
    let mut value = ui.data(|d| d.get_temp(id)).unwrap_or(depth_mm);
    ui.horizontal(|ui| {
        let label = ui.label(widgets::small("Depth"));
        let field = ui.add(DragValue::new(&mut value).range(0.5..=1000.0).speed(0.5).fixed_decimals(1).suffix(" mm"));
        let field = field.labelled_by(label.id);
        // One change when the value has been chosen, not one for each step of the drag.
        if field.drag_stopped() || field.lost_focus() {
            ui.data_mut(|d| d.remove::<f64>(id));
            if (value - depth_mm).abs() > 1e-9 {
                let shape = Shape::Box { corners, depth_mm: value };
                out.push(Command::Measure(MeasureCommand::Change { finding: finding.id.clone(), shape }));
            }
        } else if field.changed() {
            ui.data_mut(|d| d.insert_temp(id, value));
        }
    });
}

fn title(ui: &mut Ui, state: &mut UiState, finding: &Finding, measurement: &Measurement, out: &mut Vec<Command>) {
    ui.label(RichText::new(icon_of(&measurement.shape)).font(theme::icons(theme::ICON_PT)).color(theme::TEXT_SECOND));
    let renaming = state.measures.rename.as_mut().filter(|(id, _)| *id == finding.id);
    let Some((_, text)) = renaming else {
        widgets::elided(ui, RichText::new(&finding.label).font(theme::bold(theme::BODY_PT)));
        return;
    };
    match edited_line(ui, text, "Name of the measurement") {
        Edited::Going => {}
        Edited::Dropped => state.measures.rename = None,
        Edited::Done(name) => {
            state.measures.rename = None;
            if !name.is_empty() {
                out.push(Command::Measure(MeasureCommand::Rename(finding.id.clone(), name)));
            }
        }
    }
}

/// How far a line of text in a row is.
enum Edited {
    Going,
    Dropped,
    Done(String),
}

/// A field in a row: Enter keeps what it says, Escape drops it.
fn edited_line(ui: &mut Ui, text: &mut String, name: &str) -> Edited {
    let field = ui.add(TextEdit::singleline(text).desired_width(ui.available_width() - 8.0));
    let field = field.accessible_name(name);
    let (enter, escape) = ui.input(|i| (i.key_pressed(Key::Enter), i.key_pressed(Key::Escape)));
    if escape {
        return Edited::Dropped;
    }
    if field.lost_focus() && enter {
        return Edited::Done(text.trim().to_owned());
    }
    field.request_focus();
    Edited::Going
}

fn buttons(ui: &mut Ui, state: &mut UiState, case: &CaseView<'_>, finding: &Finding, out: &mut Vec<Command>) {
    let signed = case.is_signed();
    let mut button = |ui: &mut Ui, enabled: bool, icon: char, name: &str, command: MeasureCommand| {
        let title = format!("{name}: {}", finding.label);
        if widgets::icon_button_enabled(ui, enabled, icon, &title, name, false).clicked() {
            out.push(Command::Measure(command));
        }
    };
    let id = || finding.id.clone();
    button(ui, !signed, icons::REMOVE, "Remove", MeasureCommand::Remove(id()));
    button(ui, true, icons::COPY, "Copy value", MeasureCommand::Copy(id()));
    let reported = !case.sentences_on(&finding.id).is_empty();
    let name = if reported { "In the report already" } else { "Insert into the report" };
    button(ui, !signed && !reported, icons::REPORT, name, MeasureCommand::Report(id()));
    let title = format!("Rename: {}", finding.label);
    if widgets::icon_button_enabled(ui, !signed, icons::EDIT, &title, "Rename", false).clicked() {
        state.measures.begin_rename(finding);
    }
}
