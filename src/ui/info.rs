//! Facts about the study and series on screen, warnings, and files that could not be read.

use super::{icons, theme, widgets};
use crate::context::{AppContext, Command, UiCommand};
use crate::loaded::LoadedSeries;
use crate::study::{Passport, Uptake};
use egui::{Frame, Grid, Label, Margin, RichText, ScrollArea, Ui};

/// Unreadable files listed at most.
const LISTED: usize = 200;

/// Shows the tab.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    let margin = Frame::new().inner_margin(Margin { left: 8, right: 4, top: 4, bottom: 0 });
    margin.show(ui, |ui| {
        ScrollArea::vertical().id_salt("info").auto_shrink([false, false]).show(ui, |ui| {
            ui.set_width(ui.available_width() - 6.0);
            if let Some(series) = ctx.series {
                facts(ui, &series.loaded);
                let tags = widgets::text_button(ui, icons::FILE, "All data elements")
                    .on_hover_text(ctx.tooltip(UiCommand::Tags));
                if tags.clicked() {
                    out.push(Command::Ui(UiCommand::Tags));
                }
                warnings(ui, &series.loaded);
            } else {
                ui.label(widgets::second("No series on screen."));
            }
            unreadable(ui, ctx);
            ui.add_space(2.0 * theme::STEP);
            widgets::rule(ui);
            let text = "Fovea is not a medical device. Not for clinical use.";
            ui.add(Label::new(widgets::small(text)).wrap());
        });
    });
}

fn facts(ui: &mut Ui, loaded: &LoadedSeries) {
    let (study, series) = (&loaded.study, &loaded.series);
    let patient = &study.patient;
    let mut rows = vec![
        ("Patient", patient.name.clone()),
        ("ID", patient.id.clone()),
        ("Birth date", widgets::date(&patient.birth_date)),
        ("Sex", patient.sex.clone()),
        ("Study", study.description.clone()),
        ("Study date", widgets::date(&study.date)),
        ("Accession", study.accession.clone()),
        ("Referred by", study.referring_physician.clone()),
        ("Series", series.description.clone()),
        ("Modality", series.modality.clone()),
        ("Body part", series.body_part.clone()),
        ("Protocol", series.protocol.clone()),
        ("Kernel", series.kernel.clone()),
        ("Contrast", series.contrast_agent.clone()),
    ];
    if let Some(volume) = loaded.volume() {
        let [columns, line, slices] = volume.dims();
        let s = volume.geometry().spacing_mm();
        let (low, high) = volume.range();
        rows.push(("Voxels", format!("{columns} × {line} × {slices}")));
        rows.push(("Spacing", format!("{:.3} × {:.3} × {:.3} mm", s.x, s.y, s.z)));
        let range = [low, high].map(|v| widgets::number(f64::from(v), 0));
        rows.push(("Values", format!("{} to {} {}", range[0], range[1], volume.unit().as_str())));
    } else {
        rows.push(("Pictures", loaded.pictures().len().to_string()));
    }
    rows.extend(passport(&series.passport));
    match &series.uptake {
        Uptake::Known(basis) => rows.push(("SUV", basis.sentence())),
        Uptake::Refused(reason) => rows.push(("SUV", reason.clone())),
        Uptake::NotPet => {}
    }
    let syntaxes: std::collections::BTreeSet<&str> =
        series.instances.iter().map(|i| i.transfer_syntax.as_str()).filter(|t| !t.is_empty()).collect();
    rows.push(("Transfer syntax", syntaxes.into_iter().collect::<Vec<_>>().join(", ")));
    widgets::block_title(ui, "FACTS");
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
        let steps = if even { format!("{mean:.3} mm, even") } else { format!("{least:.3} to {greatest:.3} mm") };
        rows.push(("Slice steps", steps));
        if passport.tilt_degrees > 0.1 {
            rows.push(("Tilt", format!("{:.1}°", passport.tilt_degrees)));
        }
    }
    if !passport.gaps.is_empty() {
        let missing: u32 = passport.gaps.iter().filter_map(|gap| gap.missing).sum();
        rows.push((
            "Gaps",
            format!("{}, about {} missing", passport.gaps.len(), widgets::counted(missing as usize, "slice")),
        ));
    }
    if !passport.copies.is_empty() {
        rows.push(("Copies", widgets::counted(passport.copies.len(), "file")));
    }
    rows
}

fn warnings(ui: &mut Ui, loaded: &LoadedSeries) {
    if loaded.series.warnings.is_empty() {
        return;
    }
    widgets::block_title(ui, "WARNINGS");
    for warning in loaded.series.warnings.iter() {
        ui.add(Label::new(RichText::new(warning).color(theme::WARNING)).wrap().selectable(true));
    }
}

fn unreadable(ui: &mut Ui, ctx: &AppContext<'_>) {
    let Some(files) = ctx.catalog.map(|c| &c.unreadable).filter(|u| !u.is_empty()) else { return };
    widgets::block_title(ui, &format!("{} FILES NOT READ", files.len()));
    for file in files.iter().take(LISTED) {
        let text = format!("{}: {}", file.file.display(), file.reason);
        ui.add(Label::new(widgets::small(text)).wrap().selectable(true));
    }
    if files.len() > LISTED {
        ui.label(widgets::small(format!("and {} more", files.len() - LISTED)));
    }
}
