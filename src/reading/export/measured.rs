//! Measurements and marked images as objects of their own: presentation states and key object selections.

use super::{ExportError, Writer};
use crate::case::Case;
use crate::findings::measurement::{ImageRef, SeriesRef};
use crate::findings::{Evidence, Finding, KeyImageMark};
use crate::io::write::{self, WriteContext};
use crate::loaded::LoadedSeries;
use crate::reading::{image_ref, series_ref};
use crate::report::Omitted;
use std::sync::Arc;

/// The findings, with measurements that name the written images where the source itself was no DICOM.
pub(super) fn referring_to(case: &Case, written: &LoadedSeries) -> Vec<Finding> {
    let mut findings = case.findings().to_vec();
    for evidence in findings.iter_mut().flat_map(|f| f.evidence.iter_mut()) {
        if let Evidence::Measurement(measurement) = evidence {
            let (series, image) = measurement.place.names_mut();
            rename(case.source(), written, series, image);
        }
    }
    findings
}

fn marks_referring_to(case: &Case, written: &LoadedSeries) -> Vec<KeyImageMark> {
    let mut marks = case.key_images().to_vec();
    for mark in &mut marks {
        rename(case.source(), written, &mut mark.series, Some(&mut mark.image));
    }
    marks
}

/// Slice by slice, the written series stands for the source.
fn rename(source: &LoadedSeries, written: &LoadedSeries, series: &mut SeriesRef, image: Option<&mut ImageRef>) {
    if series.key != source.series.key() || Arc::ptr_eq(&source.series, &written.series) {
        return;
    }
    if let Some(image) = image {
        let is_it = |k: &usize| {
            let own = image_ref(source, *k);
            own.is_some_and(|i| i.sop_instance_uid == image.sop_instance_uid && i.frame == image.frame)
        };
        let k = (0..source.slices.len()).find(is_it);
        if let Some(named) = k.and_then(|k| image_ref(written, k)) {
            *image = ImageRef { cited: image.cited.clone(), ..named };
        }
    }
    *series = series_ref(written);
}

/// Measurements that no presentation state can hold, with the reason.
pub(super) fn omitted(source: &LoadedSeries, findings: &[Finding], context: &WriteContext<'_>) -> Vec<Omitted> {
    let (_, left_out) = write::presentation_graphics(source, findings, context);
    if left_out.is_empty() {
        return Vec::new();
    }
    let reason = format!("Not drawn in a presentation state: {}.", left_out.join("; "));
    vec![Omitted { file: "presentation.dcm".into(), reason }]
}

/// Writes a presentation state for each series that was measured and a key object selection for each note.
pub(super) fn write_marks(
    case: &Case,
    source: &LoadedSeries,
    findings: &[Finding],
    context: &WriteContext<'_>,
    writer: &mut Writer<'_>,
) -> Result<(), ExportError> {
    let (graphics, _) = write::presentation_graphics(source, findings, context);
    for (n, graphics) in graphics.iter().enumerate() {
        let name = format!("presentation_{:02}.dcm", n + 1);
        write::write_presentation_state(&writer.folder.join(&name), source, graphics, context)?;
        writer.files.push(name.into());
    }
    let marks = marks_referring_to(case, source);
    for (n, same) in by_note(&marks).iter().enumerate() {
        let name = format!("key_objects_{:02}.dcm", n + 1);
        write::write_key_objects(&writer.folder.join(&name), source, same, context)?;
        writer.files.push(name.into());
    }
    Ok(())
}

/// Marks with the same note by the same person, in the order in which they were made.
fn by_note(marks: &[KeyImageMark]) -> Vec<Vec<&KeyImageMark>> {
    let mut groups: Vec<Vec<&KeyImageMark>> = Vec::new();
    for mark in marks {
        match groups.iter_mut().find(|g| g[0].note == mark.note && g[0].by == mark.by) {
            Some(group) => group.push(mark),
            None => groups.push(vec![mark]),
        }
    }
    groups
}
