//! What was opened: patients, studies, series with thumbnails.

use super::{UiState, icons, object, theme, widgets};
use crate::context::{AppContext, Command, ObjectCommand, UiCommand};
use crate::io::objects::ObjectKind;
use crate::study::{self, Identity, PatientStudies, Series, Study};
use egui::{
    Align2, Color32, ColorImage, Frame, Margin, Rect, RichText, Role, ScrollArea, Sense, Stroke, TextureOptions, Ui,
    WidgetInfo, pos2, vec2,
};

/// What is dragged from here into a viewport: the key of a series.
pub(super) struct DraggedSeries(pub String);

/// Edge of a thumbnail in points.
const THUMBNAIL: f32 = 52.0;

/// Shows the panel.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, state: &mut UiState, out: &mut Vec<Command>) {
    Frame::new().inner_margin(Margin { left: 8, right: 4, top: 8, bottom: 0 }).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new("Studies").font(theme::bold(theme::BODY_PT)).color(theme::TEXT_SECOND));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                for (icon, command) in [(icons::FILE, UiCommand::OpenFiles), (icons::FOLDER, UiCommand::OpenFolder)] {
                    if widgets::icon_button(ui, icon, command.title(), &ctx.tooltip(command), false).clicked() {
                        out.push(Command::Ui(command));
                    }
                }
            });
        });
    });
    ScrollArea::vertical().id_salt("studies").auto_shrink([false, false]).show(ui, |ui| {
        let Some(catalog) = ctx.catalog else {
            inset(ui, |ui| {
                ui.add(egui::Label::new(widgets::second("Nothing open yet.")).wrap());
            });
            return;
        };
        let groups = study::patients(&catalog.studies);
        let several = catalog.studies.len() > 1;
        if several {
            search(ui, state);
        }
        let wanted = if several { state.study_search.clone() } else { String::new() };
        let listed = groups.iter().flat_map(|group| group.studies.iter().map(move |study| (group, *study)));
        for (group, study) in listed.filter(|(_, study)| study::is_found(study, &wanted)) {
            ui.push_id(&study.uid, |ui| {
                study_header(ui, ctx, (group, study), several, state);
                if state.folded.contains(&study.uid) {
                    return;
                }
                for series in study.series.iter().filter(|series| is_listed(ctx, study, series)) {
                    series_row(ui, ctx, state, study, series, out);
                }
            });
        }
        if !catalog.unreadable.is_empty() {
            inset(ui, |ui| {
                let text = format!("{} {} files not read: see Info", icons::WARNING, catalog.unreadable.len());
                ui.add(egui::Label::new(RichText::new(text).font(theme::small()).color(theme::WARNING)).wrap());
            });
        }
    });
}

fn inset(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, add);
}

/// Filters by patient, description, modality and date.
fn search(ui: &mut Ui, state: &mut UiState) {
    inset(ui, |ui| {
        let edit = egui::TextEdit::singleline(&mut state.study_search).hint_text("Filter studies");
        let response = ui.add(edit.desired_width(f32::INFINITY));
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Filter studies"));
    });
}

/// What an earlier study is to the one that is read: the same person's, or perhaps.
fn prior_mark(ctx: &AppContext<'_>, study: &Study) -> Option<&'static str> {
    let current = &ctx.series?.loaded.study;
    if !study::is_before(study, current) {
        return None;
    }
    match study::identity(&current.patient, &study.patient) {
        Identity::Same(_) => Some("prior"),
        Identity::Unconfirmed(_) => Some("prior? to be confirmed"),
        Identity::Different(_) => None,
    }
}

fn study_header(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    (group, study): (&PatientStudies<'_>, &Study),
    several: bool,
    state: &mut UiState,
) {
    if several {
        inset(ui, |ui| {
            ui.horizontal(|ui| {
                let folded = state.folded.contains(&study.uid);
                if ui.small_button(if folded { "Unfold" } else { "Fold" }).clicked() {
                    let known = state.folded.remove(&study.uid);
                    if !known {
                        state.folded.insert(study.uid.clone());
                    }
                }
                if let Some(mark) = prior_mark(ctx, study) {
                    widgets::badge(ui, mark, theme::ACCENT);
                }
            });
            if group.shares_id {
                let text = format!("{} Another patient here has the same ID", icons::WARNING);
                ui.add(egui::Label::new(RichText::new(text).font(theme::small()).color(theme::WARNING)).wrap());
            }
        });
    }
    inset(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let name = if study.patient.name.is_empty() { "No name in the files" } else { &study.patient.name };
        widgets::elided(ui, RichText::new(name).font(theme::bold(theme::BODY_PT)));
        let date = widgets::date(&study.date);
        let line = [date.as_str(), study.description.as_str()];
        let line: Vec<&str> = line.into_iter().filter(|p| !p.is_empty()).collect();
        widgets::elided(ui, widgets::small(line.join(" · ")));
    });
}

fn series_row(
    ui: &mut Ui,
    ctx: &AppContext<'_>,
    state: &mut UiState,
    study: &Study,
    series: &Series,
    out: &mut Vec<Command>,
) {
    let key = series.key();
    let shown = ctx.series.is_some_and(|s| s.key() == key);
    let beside = !shown && ctx.view.layout.viewports().any(|viewport| viewport.shows(&key));
    let object = ObjectKind::of(series);
    let opened = ctx.object.is_some_and(|view| view.key == series.key());
    let height = THUMBNAIL + 8.0;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click_and_drag());
    let name = row_name(series);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, shown || opened, &name));
    if !ui.is_rect_visible(rect) {
        return;
    }
    let painter = ui.painter_at(rect);
    let fill = match (shown, response.hovered() || opened) {
        (true, _) => theme::ACCENT_FILL,
        (false, true) => theme::RAISED_HOVER,
        (false, false) => Color32::TRANSPARENT,
    };
    painter.rect_filled(rect, 0.0, fill);
    if shown || beside {
        let color = if shown { theme::ACCENT } else { theme::TEXT_SECOND };
        painter.vline(rect.left() + 1.0, rect.y_range(), Stroke::new(2.0, color));
    }
    let picture = Rect::from_min_size(rect.min + vec2(8.0, 4.0), vec2(THUMBNAIL, THUMBNAIL));
    match object {
        Some(kind) => object_icon(ui, kind, picture),
        None => thumbnail(ui, ctx, state, series, picture),
    }
    let left = picture.right() + 8.0;
    let width = rect.right() - left - 6.0;
    let (first, second) = words(series, object);
    let line = |row: f32, text: &str, font: egui::FontId, color: Color32| {
        let text = widgets::fitted(&painter, text, &font, width);
        painter.text(pos2(left, picture.top() + row), Align2::LEFT_TOP, text, font, color);
    };
    line(0.0, &first, theme::body(), theme::TEXT);
    line(18.0, &second, theme::small(), theme::TEXT_SECOND);
    if series.warnings.is_empty() {
        line(34.0, &which(series), theme::small(), theme::TEXT_SECOND);
    } else {
        line(34.0, &widgets::counted(series.warnings.iter().count(), "warning"), theme::small(), theme::WARNING);
    }
    let response = response.on_hover_text(tooltip(study, series));
    if object.is_none() {
        drag(ui, &response, series);
        menu(ctx, &response, series, out);
    }
    if response.clicked() {
        out.push(match object {
            Some(_) => Command::Object(ObjectCommand::Open(series.key())),
            None => Command::ShowSeries(series.key()),
        });
    }
}

/// A series can be dragged into a viewport: its name goes with the pointer.
fn drag(ui: &Ui, response: &egui::Response, series: &Series) {
    response.dnd_set_drag_payload(DraggedSeries(series.key()));
    if let (true, Some(at)) = (response.dragged(), ui.ctx().pointer_latest_pos()) {
        let layer = egui::LayerId::new(egui::Order::Tooltip, egui::Id::unique("dragged series"));
        let painter = ui.ctx().layer_painter(layer);
        let text = painter.layout_no_wrap(title(series), theme::body(), theme::TEXT);
        let frame = Rect::from_min_size(at + vec2(12.0, 4.0), text.size() + vec2(16.0, 8.0));
        painter.rect_filled(frame, 4.0, theme::RAISED_HOVER);
        painter.galley(frame.min + vec2(8.0, 4.0), text, theme::TEXT);
    }
}

fn menu(ctx: &AppContext<'_>, response: &egui::Response, series: &Series, out: &mut Vec<Command>) {
    response.context_menu(|ui| {
        ui.set_min_width(220.0);
        if ui.button("Read this series").clicked() {
            out.push(Command::ShowSeries(series.key()));
            ui.close();
        }
        let button = egui::Button::new("Show in the active viewport");
        if ui.add_enabled(ctx.series.is_some(), button).clicked() {
            out.push(Command::ShowIn(ctx.view.active, series.key()));
            ui.close();
        }
        let button = egui::Button::new("Lay over the active viewport");
        if ui.add_enabled(ctx.series.is_some(), button).clicked() {
            out.push(Command::LayOver(ctx.view.active, series.key()));
            ui.close();
        }
    });
}

/// The first two lines of a row. What an object is comes first, whole; what it is called follows.
fn words(series: &Series, object: Option<ObjectKind>) -> (String, String) {
    match object {
        Some(object) if series.description.is_empty() => (object.title().to_owned(), kind(series)),
        Some(object) => (object.title().to_owned(), series.description.clone()),
        None => (title(series), kind(series)),
    }
}

/// "CT · 64 images"; "SR · 2 objects" where there are no pictures.
fn kind(series: &Series) -> String {
    let modality = if series.modality.is_empty() { "?" } else { &series.modality };
    if ObjectKind::of(series).is_some() {
        return format!("{modality} · {}", widgets::counted(series.instances.len(), "object"));
    }
    let all: u32 = series.instances.iter().map(|i| i.frames.max(1)).sum();
    let images = if series.slices.is_empty() { all } else { series.slices.len() as u32 };
    let word = if images == 1 { "image" } else { "images" };
    format!("{modality} · {images} {word}")
}

/// The description, with what tells this display set from the others of its series; objects say first what they are.
fn title(series: &Series) -> String {
    if let Some(kind) = ObjectKind::of(series) {
        let said = series.description.is_empty() || series.description == kind.title();
        return if said { kind.title().to_owned() } else { format!("{}: {}", kind.title(), series.description) };
    }
    let description = match (series.description.as_str(), series.modality.as_str()) {
        ("", "RTDOSE") => "RT dose",
        ("", _) => "No description",
        (description, _) => description,
    };
    match series.part.as_ref().filter(|part| !part.what.is_empty()) {
        Some(part) => format!("{}: {description}", part.what),
        None => description.to_owned(),
    }
}

/// "series 4 · b-value, 31 steps".
fn which(series: &Series) -> String {
    let number = series.number.map(|n| format!("series {n}"));
    let steps = series.step().map(|step| format!("{}, {} steps", step.axis, step.count));
    number.into_iter().chain(steps).collect::<Vec<_>>().join(" · ")
}

/// Of a 4D group one row is enough: the step that is shown, else the first.
fn is_listed(ctx: &AppContext<'_>, study: &Study, series: &Series) -> bool {
    let Some(own) = series.step() else { return true };
    let shown = ctx.series.map(|s| &s.loaded.series);
    match shown.filter(|s| series.shares_group(s) && study.series.iter().any(|own| own.key() == s.key())) {
        Some(shown) => shown.key() == series.key(),
        None => own.index == 0,
    }
}

fn row_name(series: &Series) -> String {
    format!("Series {}, {}", title(series), kind(series))
}

fn tooltip(study: &Study, series: &Series) -> String {
    let mut text = format!("{}\n{}\n{}", study.patient.name, title(series), kind(series));
    for warning in series.warnings.iter() {
        text.push('\n');
        text.push_str(warning);
    }
    text
}

/// In the place of a picture: what kind of object it is.
fn object_icon(ui: &Ui, kind: ObjectKind, rect: Rect) {
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 2.0, theme::RAISED);
    let font = theme::icons(24.0);
    painter.text(rect.center(), Align2::CENTER_CENTER, object::icon(kind), font, theme::TEXT_SECOND);
}

fn thumbnail(ui: &Ui, ctx: &AppContext<'_>, state: &mut UiState, series: &Series, rect: Rect) {
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 2.0, theme::BLACK);
    let Some(picture) = ctx.thumbnails.get(&series.key()) else {
        let font = theme::icons(20.0);
        painter.text(rect.center(), Align2::CENTER_CENTER, icons::PICTURE, font, theme::TEXT_DISABLED);
        return;
    };
    let texture = state.thumbnails.entry(series.key()).or_insert_with(|| {
        let image = ColorImage::from_gray([picture.width, picture.height], &picture.gray);
        ui.ctx().load_texture("thumbnail", image, TextureOptions::LINEAR)
    });
    let size = vec2(picture.width as f32, picture.height as f32);
    let fitted = size * (THUMBNAIL / size.max_elem());
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    painter.image(texture.id(), Rect::from_center_size(rect.center(), fitted), whole, Color32::WHITE);
}
