//! Commands about measurements, key images and calibrations. Every one becomes an [`Edit`]; what would take longer than a
//! frame to measure is measured by a job.

use super::App;
use super::results::Done;
use crate::case::{Edit, MeasureEdit, NewMeasurement};
use crate::context::{
    MeasureCommand, MeasureTool, NoticeLevel, PendingMeasure, PlaneAxes, ShownSeries, Tool, UiCommand, ViewportId,
    is_slow,
};
use crate::findings::measurement::{ImageRef, KnownLength, Measurement, Place, Shape, Unit};
use crate::findings::{Finding, FindingId, KeyImageMark, Quantity};
use crate::geometry::{DQuat, DVec3, Orientation};
use crate::reading;
use crate::volume::Voi;

/// Least width of a window that follows from a region, as a share of the volume's range.
const LEAST_WIDTH: f64 = 1e-4;

/// Measuring that is under way.
#[derive(Default)]
pub struct Measuring {
    last_ticket: u64,
    /// What becomes of the numbers of each job, and whose case they belong to.
    waiting: Vec<Waiting>,
    /// What to bring on screen once its series is there.
    go_to: Option<(String, MeasureCommand)>,
}

struct Waiting {
    ticket: u64,
    case: String,
    label: String,
}

impl App {
    /// Does what was asked for.
    pub(super) fn apply_to_measures(&mut self, command: MeasureCommand) {
        match command {
            MeasureCommand::Refuse(why) => self.notify(NoticeLevel::Warning, why),
            MeasureCommand::Add { place, shape, label } => self.measure(None, *place, shape, label),
            MeasureCommand::Change { finding, shape } => {
                if let Some(place) = self.measured_finding(&finding).map(|(_, m)| m.place.clone()) {
                    self.measure(Some(finding), place, shape, String::new());
                }
            }
            MeasureCommand::Select(id) => self.select_measurement(id),
            MeasureCommand::GoTo(id) => self.go_to_measurement(&id),
            MeasureCommand::Remove(finding) => {
                if self.view.selected.as_ref() == Some(&finding) {
                    self.view.selected = None;
                }
                self.edit(Edit::Measure(MeasureEdit::Remove { finding }));
            }
            MeasureCommand::Rename(finding, label) => {
                let Some((found, _)) = self.measured_finding(&finding) else { return };
                let (site, reviewer) = (found.site.clone(), self.reader.clone());
                self.edit(Edit::Describe { finding, label, site, reviewer });
            }
            MeasureCommand::Report(finding) => {
                if self.ensure_draft() && self.edit(Edit::Measure(MeasureEdit::Report { finding })) {
                    self.notify(NoticeLevel::Info, "The measurement is a sentence of the report.");
                }
            }
            MeasureCommand::Copy(id) => self.copy_measurements(Some(&id)),
            MeasureCommand::CopyAll => self.copy_measurements(None),
            MeasureCommand::Calibrate(id, known_mm) => self.calibrate(&id, known_mm),
            MeasureCommand::Uncalibrate(series_key) => {
                self.edit(Edit::Calibrate { series_key, known_length: None });
            }
            MeasureCommand::WindowFrom(viewport, id) => self.window_from(viewport, &id),
            MeasureCommand::Mark(mark) => {
                self.edit(Edit::MarkKeyImage(*mark));
            }
            MeasureCommand::Unmark(image) => {
                self.edit(Edit::UnmarkKeyImage { image });
            }
            MeasureCommand::GoToImage(mark) => self.go_to_image(*mark),
        }
    }

    pub(super) fn apply_ui_to_measures(&mut self, command: UiCommand) {
        let selected = self.view.selected.clone().filter(|id| self.measured_finding(id).is_some());
        match (command, selected) {
            (UiCommand::KeyImage, _) => self.toggle_key_image(),
            (UiCommand::RemoveMeasurement, Some(id)) => self.apply_to_measures(MeasureCommand::Remove(id)),
            (UiCommand::WindowFromRegion, Some(id)) => self.window_from(self.view.active, &id),
            (UiCommand::WindowFromRegion, None) => {
                self.notify(NoticeLevel::Warning, "Select a region first: its values give the window.");
            }
            _ => {}
        }
    }

    pub(super) fn take_measuring_tool(&mut self, tool: MeasureTool) {
        self.view.tool = Tool::Measure(tool);
        self.view.measures.last_tool = tool;
    }

    fn measured_finding(&self, id: &FindingId) -> Option<(&Finding, &Measurement)> {
        let finding = self.case.as_ref()?.finding(id)?;
        Some((finding, finding.measurement()?))
    }

    /// Measures a shape, now or by a job, and keeps it.
    fn measure(&mut self, finding: Option<FindingId>, place: Place, shape: Shape, label: String) {
        let key = place.series().key.clone();
        let Some(series) = self.shown_series(&key).filter(|series| series.complete) else {
            let text = "Show the series that it lies on, complete, to measure in it.";
            return self.notify(NoticeLevel::Warning, text);
        };
        let is_pet = matches!(series.loaded.series.modality.as_str(), "PT" | "NM");
        if matches!(shape, Shape::SuvPeak { .. }) && !is_pet {
            let text = "SUVpeak needs a PET series; in other series a sphere gives mean and greatest value.";
            return self.notify(NoticeLevel::Warning, text);
        }
        let loaded = series.loaded.clone();
        let geometric = match Measurement::new(shape, place) {
            Ok(geometric) => geometric,
            Err(problem) => return self.notify(NoticeLevel::Warning, sentence(&problem.to_string())),
        };
        if !is_slow(&loaded, &geometric) {
            let measured = reading::measure(&loaded, geometric.shape, geometric.place);
            return match measured {
                Ok(measurement) => self.keep(finding, measurement, label),
                Err(problem) => self.notify(NoticeLevel::Warning, sentence(&problem.to_string())),
            };
        }
        let Some(case) = self.case.as_ref().map(|case| case.source().series.key()) else { return };
        self.measuring.last_ticket += 1;
        let ticket = self.measuring.last_ticket;
        self.measuring.waiting.push(Waiting { ticket, case, label });
        self.view.measures.pending.push(PendingMeasure { ticket, finding, measurement: geometric.clone() });
        self.pool.spawn("Measuring", move |_, _| Done::Measured {
            ticket,
            result: reading::measure(&loaded, geometric.shape, geometric.place)
                .map(Box::new)
                .map_err(|problem| sentence(&problem.to_string())),
        });
    }

    /// A job has measured a shape.
    pub(super) fn measured(&mut self, ticket: u64, result: Result<Box<Measurement>, String>) {
        let waiting = &mut self.measuring.waiting;
        let Some(n) = waiting.iter().position(|w| w.ticket == ticket) else { return };
        let Waiting { case, label, .. } = waiting.swap_remove(n);
        let pending = &mut self.view.measures.pending;
        let shown = pending.iter().position(|p| p.ticket == ticket).map(|n| pending.remove(n));
        let same_case = self.case.as_ref().is_some_and(|open| open.source().series.key() == case);
        match (result, shown) {
            (Ok(measurement), Some(shown)) if same_case => self.keep(shown.finding, *measurement, label),
            (Err(text), _) => self.notify(NoticeLevel::Warning, text),
            // The reading was left meanwhile: what nobody saw measured is not kept.
            (Ok(_), _) => {}
        }
    }

    fn keep(&mut self, finding: Option<FindingId>, measurement: Measurement, label: String) {
        let by = self.reader.clone();
        if let Some(finding) = finding {
            let measurement = Box::new(measurement);
            self.edit(Edit::Measure(MeasureEdit::Change { finding, measurement, by }));
            return;
        }
        let new = NewMeasurement::new(measurement, label, by);
        if self.edit(Edit::Measure(MeasureEdit::Add(Box::new(new)))) {
            let id = self.case.as_ref().and_then(|case| case.findings().last()).map(|f| f.id.clone());
            self.select_measurement(id);
        }
    }

    fn select_measurement(&mut self, id: Option<FindingId>) {
        self.view.lit = id.as_ref().and_then(|id| Some(self.case_view()?.sentences_on(id))).unwrap_or_default();
        self.view.selected = id;
    }

    fn go_to_measurement(&mut self, id: &FindingId) {
        let Some((_, measurement)) = self.measured_finding(id) else { return };
        let (place, focus) = (measurement.place.clone(), measurement.focus_lps());
        self.select_measurement(Some(id.clone()));
        let key = place.series().key.clone();
        if !self.is_on_screen(&key, MeasureCommand::GoTo(id.clone())) {
            return;
        }
        match (&place, focus) {
            (Place::Patient(plane), Some(lps)) => {
                self.move_crosshair(&key, lps);
                self.turn_to(&key, plane.normal_lps());
                self.center_viewports_on(&key, lps);
            }
            (Place::Picture(on), _) => self.go_to_index(&key, &on.image),
            (Place::Patient(_), None) => {}
        }
    }

    /// Brings a series into the active viewport when it is in none, and remembers what was to be shown of it.
    fn is_on_screen(&mut self, key: &str, then: MeasureCommand) -> bool {
        let shown = self.view.layout.viewports().any(|viewport| viewport.shows(key));
        if !shown {
            self.measuring.go_to = Some((key.to_owned(), then));
            self.show_in(self.view.active, key.to_owned());
            if self.shown_series(key).is_some() {
                self.go_on_to(key);
            }
        }
        shown
    }

    /// A series has come on screen: what was to be shown of it is shown.
    pub(super) fn go_on_to(&mut self, key: &str) {
        if let Some((_, command)) = self.measuring.go_to.take_if(|(wanted, _)| wanted == key) {
            self.apply_to_measures(command);
        }
    }

    /// Turns the planes of a series so that one of them has this normal, unless one has it already.
    fn turn_to(&mut self, key: &str, normal: DVec3) {
        let Some(geometry) = self.shown_series(key).and_then(ShownSeries::geometry) else { return };
        let turn = self.view.sight(key).turn;
        let normal_of = |orientation, turn| {
            let axes = PlaneAxes::turned(geometry, orientation, turn);
            axes.u_lps.cross(axes.v_lps)
        };
        let is_seen = |turn| Orientation::ALL.into_iter().any(|o| normal_of(o, turn).dot(normal).abs() > 1.0 - 1e-6);
        if is_seen(turn) {
            return;
        }
        let straight = Orientation::ALL.map(|o| normal_of(o, DQuat::IDENTITY));
        let nearest = straight.into_iter().max_by(|a, b| a.dot(normal).abs().total_cmp(&b.dot(normal).abs()));
        let Some(nearest) = nearest else { return };
        let turn = if is_seen(DQuat::IDENTITY) {
            DQuat::IDENTITY
        } else {
            DQuat::from_rotation_arc(nearest, normal * nearest.dot(normal).signum())
        };
        self.set_turn(key, turn);
    }

    fn go_to_image(&mut self, mark: KeyImageMark) {
        let (key, image) = (mark.series.key.clone(), mark.image.clone());
        if self.is_on_screen(&key, MeasureCommand::GoToImage(Box::new(mark))) {
            self.go_to_index(&key, &image);
        }
    }

    /// Shows an image of a series that is on screen.
    fn go_to_index(&mut self, key: &str, image: &ImageRef) {
        let Some(series) = self.shown_series(key) else { return };
        let is_it = |k: &usize| {
            reading::image_ref(&series.loaded, *k)
                .is_some_and(|i| i.sop_instance_uid == image.sop_instance_uid && i.frame == image.frame)
        };
        let Some(k) = (0..series.loaded.slices.len()).find(is_it) else { return };
        match series.geometry() {
            Some(geometry) => {
                let ijk = geometry.ijk_from_lps().transform_point3(self.view.sight(key).crosshair_lps);
                let lps = geometry.point_lps(DVec3::new(ijk.x, ijk.y, k as f64));
                let normal = geometry.direction().z_axis;
                self.move_crosshair(key, lps);
                self.turn_to(key, normal);
            }
            None => self.show_picture(key, k),
        }
    }

    fn toggle_key_image(&mut self) {
        let active = self.view.active;
        let Some((viewport, series, sight)) = self.looked_at(active) else { return };
        let k = match series.geometry() {
            Some(geometry) => {
                let acquired = viewport.axes(geometry, sight).is_some_and(|axes| axes.is_acquired());
                let through = viewport
                    .axes(geometry, sight)
                    .and_then(|axes| viewport.passes(geometry, &axes, sight.crosshair_lps));
                through.and_then(|lps| series.slice_at(lps)).filter(|_| acquired)
            }
            None => Some(sight.picture),
        };
        let Some(image) = k.and_then(|k| reading::image_ref(&series.loaded, k)) else {
            let text = "Key images are images as they were acquired: this view is a reformatted one.";
            return self.notify(NoticeLevel::Warning, text);
        };
        let series = reading::series_ref(&series.loaded);
        let known = self.case.as_ref().is_some_and(|case| case.key_images().iter().any(|mark| mark.is_of(&image)));
        if known {
            self.edit(Edit::UnmarkKeyImage { image });
            return;
        }
        let cited = image.cited.clone();
        let mark = KeyImageMark { series, image, note: String::new(), by: self.reader.clone() };
        if self.edit(Edit::MarkKeyImage(mark)) {
            self.notify(NoticeLevel::Info, format!("Key image: {cited}. Measures lists it, with room for a note."));
        }
    }

    fn calibrate(&mut self, id: &FindingId, known_mm: f64) {
        let by = self.reader.clone();
        let Some((_, measurement)) = self.measured_finding(id) else { return };
        let (Place::Picture(on), Shape::Length(ends)) = (&measurement.place, &measurement.shape) else { return };
        let known = KnownLength::between(*ends, known_mm, on.calibration, &by);
        let series_key = on.series.key.clone();
        match known {
            Some(known) => {
                self.edit(Edit::Calibrate { series_key, known_length: Some(known) });
            }
            None => self.notify(NoticeLevel::Warning, "That is no length: enter the millimetres as a positive number."),
        }
    }

    /// The window that shows the values of a region: mean ± 2 SD, within its least and greatest value.
    fn window_from(&mut self, id: ViewportId, finding: &FindingId) {
        let Some((_, measurement)) = self.measured_finding(finding) else { return };
        let results = &measurement.results;
        let value = |q| results.get(q).map(|m| m.value);
        let (Some(mean), Some(sd), Some(min), Some(max)) =
            (value(Quantity::Mean), value(Quantity::Sd), value(Quantity::Min), value(Quantity::Max))
        else {
            return self.notify(NoticeLevel::Warning, "A window needs the values of a region; this has none.");
        };
        let in_suv =
            matches!(results.get(Quantity::Mean).map(|m| &m.unit), Some(Unit::Value(u)) if u.starts_with("SUV"));
        let key = measurement.place.series().key.clone();
        let Some((_, series, _)) = self.looked_at(id).filter(|(_, series, _)| series.key() == key) else {
            let text = "The region lies on another series: make a viewport of that series the active one.";
            return self.notify(NoticeLevel::Warning, text);
        };
        // The window is in the file's own values, whatever they are measured in.
        let factor = series.loaded.volume().and_then(|v| v.suv()).filter(|_| in_suv).map_or(1.0, |f| f.bw);
        let range = series.loaded.volume().map_or(max - min, |v| f64::from(v.range().1 - v.range().0) * factor);
        let (low, high) = ((mean - 2.0 * sd).max(min), (mean + 2.0 * sd).min(max));
        let half = ((high - low) / 2.0).max(range * LEAST_WIDTH).max(1e-6);
        let middle = f64::midpoint(low, high);
        let voi = Voi::spanning((middle - half) / factor, (middle + half) / factor);
        self.set_voi(id, voi);
    }

    fn copy_measurements(&mut self, only: Option<&FindingId>) {
        let Some(case) = &self.case else { return };
        let wanted = case.measurements().filter(|f| only.is_none_or(|id| f.id == *id));
        let line = |finding: &Finding| {
            let measurement = finding.measurement()?;
            let mut parts = measurement.screen_lines();
            let caution = measurement.place.length_caution();
            if !caution.is_empty() {
                parts.push(caution);
            }
            Some(format!("{}: {} ({})", finding.label, parts.join("; "), measurement.place.cited()))
        };
        let lines: Vec<String> = wanted.filter_map(line).collect();
        if !lines.is_empty() {
            self.egui.copy_text(lines.join("\n"));
            self.notify(NoticeLevel::Info, "The values are on the clipboard.");
        }
    }
}

/// An error as a sentence.
fn sentence(problem: &str) -> String {
    let mut letters = problem.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
