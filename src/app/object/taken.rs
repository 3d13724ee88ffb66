//! What is taken over from objects into the case: masks on its grid, and measurements as proposed findings.

use crate::app::App;
use crate::case::{Edit, Import};
use crate::context::{FindingsOn, NoticeLevel, ObjectContent, Tab};
use crate::findings::{Finding, FindingState, Provenance};
use crate::geometry::DVec3;
use crate::io::measurement_groups::findings_on;
use crate::io::objects::Object;
use crate::io::read_segmentation_noting;
use crate::loaded::LoadedSeries;
use crate::study::Warnings;
use crate::volume::{AlgorithmKind, Labelmap, Segmentation};
use std::path::Path;
use std::sync::Arc;

/// Masks that lie on the grid of a series.
pub struct Masks {
    masks: Segmentation,
    source: String,
    /// The middle of the slice with most of them.
    middle_lps: Option<DVec3>,
    warnings: Vec<String>,
}

/// Reads masks for a series; masks that do not lie on its voxels are refused.
pub(super) fn masks(file: &Path, source: &str, series: &LoadedSeries) -> Result<Masks, String> {
    let refused = |why: &dyn std::fmt::Display| format!("{source} was not laid over the image: {why}.");
    let grid = series.geometry().ok_or_else(|| refused(&"masks need a volume, and this series has none"))?;
    let mut warnings = Warnings::default();
    let mut masks = read_segmentation_noting(file, Some(series), &mut warnings).map_err(|problem| refused(&problem))?;
    if !masks.labelmap.geometry().same_grid(grid) {
        return Err(refused(
            &"its masks do not lie on the voxels of this series; show the series that they were drawn on",
        ));
    }
    for segment in masks.segments.iter_mut().filter(|segment| segment.algorithm_name.is_empty()) {
        source.clone_into(&mut segment.algorithm_name);
    }
    let middle_lps = middle_lps(&masks.labelmap);
    let warnings = warnings.iter().map(str::to_owned).collect();
    Ok(Masks { masks, source: source.to_owned(), middle_lps, warnings })
}

/// The middle of what is labeled in the slice with most of it.
fn middle_lps(labels: &Labelmap) -> Option<DVec3> {
    let geometry = labels.geometry();
    let [columns, _, slices] = geometry.dims();
    let count = |k: &usize| labels.slice(*k).iter().filter(|label| **label != 0).count();
    let k = (0..slices).max_by_key(count)?;
    let labeled = labels.slice(k).iter().enumerate().filter(|(_, label)| **label != 0);
    let (sum, count) = labeled.fold((DVec3::ZERO, 0usize), |(sum, count), (n, _)| {
        (sum + DVec3::new((n % columns) as f64, (n / columns) as f64, k as f64), count + 1)
    });
    (count > 0).then(|| geometry.point_lps(sum / count as f64))
}

/// The measurements of a report that have a place on a series, as proposals of the report's author.
pub(super) fn placed(content: &ObjectContent, series: &LoadedSeries, source: &str, generation: u64) -> FindingsOn {
    let none = |reason: String| FindingsOn { generation, placed: Arc::default(), reasons: vec![reason] };
    let Object::Report(document) = &content.object else { return none(String::new()) };
    let (own, other) = (&content.belonging.patient_id, &series.study.patient.id);
    if !own.is_empty() && !other.is_empty() && own != other {
        return none("the report is of another patient (Patient ID differs) than the images on screen".into());
    }
    let mut warnings = Warnings::default();
    let reported = findings_on(document, series, &mut warnings);
    let without = reported.iter().filter(|r| r.finding.evidence.is_empty() && r.group.regions.is_empty()).count();
    if without > 0 {
        warnings.add(format!("{without} of the measurements name no place"));
    }
    let placed = reported.into_iter().map(|reported| reported.finding).filter(|f| !f.evidence.is_empty());
    let placed = placed.map(|finding| proposed(finding, source)).collect();
    FindingsOn { generation, placed: Arc::new(placed), reasons: warnings.iter().map(str::to_owned).collect() }
}

/// Whatever the report says of itself: here nobody has looked yet.
fn proposed(finding: Finding, source: &str) -> Finding {
    let provenance = match finding.provenance {
        Provenance::Person(name) if name.is_empty() => Provenance::Person(source.to_owned()),
        other => other,
    };
    Finding { state: FindingState::Proposed, reviewer: String::new(), provenance, ..finding }
}

impl App {
    /// Takes masks over into the case of the series that they were read for.
    pub(super) fn lay(&mut self, view: u64, series_key: &str, result: Result<Masks, String>) {
        let found = match result {
            Ok(found) => found,
            Err(problem) => return self.notify(NoticeLevel::Error, problem),
        };
        let Some(case) = self.case.as_ref().filter(|case| case.source().series.key() == series_key) else {
            let text = format!("The series was left before {} was there; show it again.", found.source);
            return self.notify(NoticeLevel::Warning, text);
        };
        let before = case.segmentation().map(|masks| masks.labelmap.histogram());
        let hidden_before = self.hidden_masks();
        let by_machine = found.masks.segments.iter().any(|segment| segment.algorithm != AlgorithmKind::Manual);
        let count = found.masks.segments.len();
        let source = format!("masks of {}", found.source);
        let import = Import { segmentation: Some(found.masks), findings: Vec::new(), source };
        if !self.edit(Edit::Import(Box::new(import))) {
            return;
        }
        self.hide_covering_masks();
        self.view.masks_hidden = false;
        // They were asked for: hiding them with the draft would show nothing.
        self.view.ai_shown |= by_machine;
        self.view.tab = Tab::Findings;
        if let Some(middle_lps) = found.middle_lps {
            self.move_reading_crosshair(middle_lps);
        }
        if let Some(view) = self.object_view(view) {
            view.laid_over.push(series_key.to_owned());
        }
        for warning in found.warnings {
            self.notify(NoticeLevel::Warning, format!("{}: {warning}.", found.source));
        }
        if before.is_some_and(|before| self.have_lost(&before)) {
            let text = format!("{} took voxels from masks that were there; Undo gives them back.", found.source);
            self.notify(NoticeLevel::Warning, text);
        }
        let word = if count == 1 { "segment" } else { "segments" };
        let hidden = if self.hidden_masks() > hidden_before {
            " What covers most of the picture is hidden: the list of segments shows it."
        } else {
            ""
        };
        self.notify(NoticeLevel::Info, format!("Laid over the image: {count} {word} of {}.{hidden}", found.source));
    }

    fn hidden_masks(&self) -> usize {
        let masks = self.case.as_ref().and_then(|case| case.segmentation());
        masks.map_or(0, |masks| masks.segments.iter().filter(|s| !self.view.look(s.number).visible).count())
    }

    /// True when a mask has fewer voxels than before.
    fn have_lost(&self, before: &[usize; 256]) -> bool {
        let now = self.case.as_ref().and_then(|case| case.segmentation()).map(|masks| masks.labelmap.histogram());
        now.is_some_and(|now| (1..256).any(|n| now[n] < before[n]))
    }

    /// Takes the measurements that have a place on the series on screen, and that the case does not have yet.
    pub(super) fn take_reported(&mut self) {
        let (Some(view), Some(case)) = (&self.objects.view, &self.case) else { return };
        // Measurements that were placed on the series before have no place on this one.
        let generation = self.series.as_ref().map(|series| series.generation);
        let Some(found) = view.findings.as_ref().filter(|found| Some(found.generation) == generation) else { return };
        let findings: Vec<Finding> = found.not_among(case.findings()).cloned().collect();
        let Some(first) = findings.first() else { return };
        let by_machine = findings.iter().any(|f| matches!(f.provenance, Provenance::Model(_)));
        let (count, focus_lps) = (findings.len(), first.focus_lps());
        let source = format!("measurements of {}", view.source);
        let text = format!("{count} measurements of {} are proposed as findings.", view.source);
        let import = Import { segmentation: None, findings, source };
        if self.edit(Edit::Import(Box::new(import))) {
            self.view.tab = Tab::Findings;
            self.view.ai_shown |= by_machine;
            if let Some(lps) = focus_lps {
                self.move_reading_crosshair(lps);
            }
            self.notify(NoticeLevel::Info, text);
        }
    }
}
