//! Facts about the study and series on screen, warnings, and files that could not be read.

use super::{icons, registration, theme, widgets};
use crate::context::{AppContext, Command, UiCommand};
use crate::loaded::LoadedSeries;
use crate::study::{Passport, Uptake};
use crate::words;
use egui::{Frame, Grid, Label, Margin, RichText, ScrollArea, Ui};

/// Unreadable files listed at most.
const LISTED: usize = 200;

/// Shows the tab.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    let margin = Frame::new().inner_margin(Margin { left: 8, right: 4, top: 4, bottom: 0 });
    margin.show(ui, |ui| {
        ScrollArea::vertical().id_salt("info").auto_shrink([false, false]).show(ui, |ui| {
            ui.set_width(ui.available_width() - 6.0);
            registration::show(ui, ctx, out);
            if let Some(series) = ctx.series {
                facts(ui, &series.loaded);
                let tags = widgets::text_button(ui, icons::FILE, words::text("info-elements"))
                    .on_hover_text(ctx.tooltip(UiCommand::Tags));
                if tags.clicked() {
                    out.push(Command::Ui(UiCommand::Tags));
                }
                warnings(ui, &series.loaded);
            } else {
                ui.label(widgets::second(words::text("info-no-series")));
            }
            unreadable(ui, ctx);
            ui.add_space(2.0 * theme::STEP);
            widgets::rule(ui);
            let text = words::text("info-no-device");
            ui.add(Label::new(widgets::small(text)).wrap());
        });
    });
}

fn facts(ui: &mut Ui, loaded: &LoadedSeries) {
    let (study, series) = (&loaded.study, &loaded.series);
    let patient = &study.patient;
    let mut rows = vec![
        (words::text("info-patient"), patient.name.clone()),
        (words::text("info-id"), patient.id.clone()),
        (words::text("info-birth-date"), widgets::date(&patient.birth_date)),
        (words::text("info-sex"), patient.sex.clone()),
        (words::text("info-study"), study.description.clone()),
        (words::text("info-study-date"), widgets::date(&study.date)),
        (words::text("info-accession"), study.accession.clone()),
        (words::text("info-referred-by"), study.referring_physician.clone()),
        (words::text("info-series"), series.description.clone()),
        (words::text("info-modality"), series.modality.clone()),
        (words::text("info-body-part"), series.body_part.clone()),
        (words::text("info-protocol"), series.protocol.clone()),
        (words::text("info-kernel"), series.kernel.clone()),
        (words::text("info-contrast"), series.contrast_agent.clone()),
    ];
    if let Some(volume) = loaded.volume() {
        let [columns, line, slices] = volume.dims();
        let s = volume.geometry().spacing_mm();
        let (low, high) = volume.range();
        rows.push((words::text("info-voxels"), format!("{columns} × {line} × {slices}")));
        rows.push((words::text("info-spacing"), format!("{:.3} × {:.3} × {:.3} mm", s.x, s.y, s.z)));
        let range = [low, high].map(|v| widgets::number(f64::from(v), 0));
        rows.push((words::text("info-values"), {
            let ends =
                [("low", (&range[0]).into()), ("high", (&range[1]).into()), ("unit", volume.unit().as_str().into())];
            words::with("info-values-range", &ends)
        }));
    } else {
        rows.push((words::text("info-pictures"), loaded.pictures().len().to_string()));
    }
    rows.extend(passport(&series.passport));
    match &series.uptake {
        Uptake::Known(basis) => rows.push(("SUV", basis.sentence())),
        Uptake::Refused(reason) => rows.push(("SUV", reason.clone())),
        Uptake::NotPet => {}
    }
    let syntaxes: std::collections::BTreeSet<&str> =
        series.instances.iter().map(|i| i.transfer_syntax.as_str()).filter(|t| !t.is_empty()).collect();
    rows.push((words::text("info-transfer-syntax"), syntaxes.into_iter().collect::<Vec<_>>().join(", ")));
    widgets::block_title(ui, words::text("info-facts"));
    Grid::new("facts").num_columns(2).spacing([12.0, 4.0]).show(ui, |ui| {
        for (what, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
            ui.label(widgets::second(what));
            ui.add(Label::new(value).wrap().selectable(true));
            ui.end_row();
        }
    });
}

/// The geometry passport in words.
fn passport(passport: &Passport) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if let Some([least, mean, greatest]) = passport.step_mm {
        let even = greatest - least <= 0.01 * least;
        let [least, mean, greatest] = [least, mean, greatest].map(|step| format!("{step:.3}"));
        let steps = if even {
            words::with("info-steps-even", &[("mean", (&mean).into())])
        } else {
            words::with("info-steps-uneven", &[("least", (&least).into()), ("greatest", (&greatest).into())])
        };
        rows.push((words::text("info-steps"), steps));
        if passport.tilt_degrees > 0.1 {
            rows.push((words::text("info-tilt"), format!("{:.1}°", passport.tilt_degrees)));
        }
    }
    if !passport.gaps.is_empty() {
        let missing: u32 = passport.gaps.iter().filter_map(|gap| gap.missing).sum();
        let counts = [("gaps", passport.gaps.len().into()), ("count", (missing as usize).into())];
        rows.push((words::text("info-gaps"), words::with("info-gaps-missing", &counts)));
    }
    if !passport.copies.is_empty() {
        rows.push((
            words::text("info-copies"),
            words::with("info-copies-count", &[("count", passport.copies.len().into())]),
        ));
    }
    rows
}

fn warnings(ui: &mut Ui, loaded: &LoadedSeries) {
    if loaded.series.warnings.is_empty() {
        return;
    }
    widgets::block_title(ui, words::text("info-warnings"));
    for warning in loaded.series.warnings.iter() {
        ui.add(Label::new(RichText::new(warning).color(theme::WARNING)).wrap().selectable(true));
    }
}

fn unreadable(ui: &mut Ui, ctx: &AppContext<'_>) {
    let Some(files) = ctx.catalog.map(|c| &c.unreadable).filter(|u| !u.is_empty()) else { return };
    widgets::block_title(ui, &words::with("info-unreadable", &[("count", files.len().into())]));
    for file in files.iter().take(LISTED) {
        let text = format!("{}: {}", file.file.display(), file.reason);
        ui.add(Label::new(widgets::small(text)).wrap().selectable(true));
    }
    if files.len() > LISTED {
        ui.label(widgets::small(words::with("info-more", &[("count", (files.len() - LISTED).into())])));
    }
}
