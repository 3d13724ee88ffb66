//! Measurements, key images and calibrations as edits of a case: undone, replayed from the journal, and spoken of.

use super::made::{geometry, get, measured, on, picture_series, series_of, volume_of};
use fovea::case::{Case, Edit, EditError, Journal, JournalHeader, MeasureEdit, NewMeasurement, recover, recoverable};
use fovea::findings::measurement::{HandleId, KnownLength, Measurement, Shape};
use fovea::findings::{FindingId, FindingState, KeyImageMark, Quantity};
use fovea::geometry::{DMat3, DVec2, DVec3};
use fovea::loaded::LoadedSeries;
use fovea::reading::{draft, empty_report, image_ref, picture_place, plane_place, series_ref, slice_place};
use fovea::report::{SectionKind, SentenceMark, findings_from_json, findings_json};
use fovea::volume::Calibration;

fn source() -> LoadedSeries {
    let grid = geometry([24, 20, 9], [1.0, 1.0, 2.5], DMat3::IDENTITY);
    series_of(volume_of(grid, |p| (p.x * 3.0) as f32))
}

/// 14 mm and 9 mm on image 4.
fn axes(series: &LoadedSeries) -> Measurement {
    let place = slice_place(series, 3).unwrap();
    let first = on(&place, series.geometry().unwrap().point_lps(DVec3::new(3.0, 10.0, 3.0)));
    let long = [first, first + DVec2::X * 14.2];
    let short = Measurement::short_axis_of(long, 9.3 / 14.2, place.scale());
    measured(series, Shape::Bidirectional { long, short }, &place)
}

fn add(case: &mut Case, measurement: Measurement, label: &str) -> FindingId {
    case.apply(Edit::Measure(MeasureEdit::Add(Box::new(NewMeasurement::new(measurement, label, "Dr. R"))))).unwrap();
    case.findings().last().unwrap().id.clone()
}

fn report_it(case: &mut Case, finding: &FindingId) {
    case.apply(Edit::Measure(MeasureEdit::Report { finding: finding.clone() })).unwrap();
}

fn spoken(case: &Case, finding: &FindingId) -> Vec<String> {
    let about = |s: &&fovea::report::Sentence| s.evidence.contains(finding);
    case.report().sentences().filter(about).map(fovea::report::Sentence::text).collect()
}

#[test]
fn a_measurement_is_a_finding_whose_sentence_follows_it() {
    let mut case = Case::new(source(), empty_report(), None);
    let draft_now = draft(&case, &[], &[]);
    case.apply(Edit::Draft(Box::new(draft_now))).unwrap();
    let both = axes(&case.source().clone());
    let id = add(&mut case, both.clone(), "");
    assert_eq!(case.finding(&id).unwrap().state, FindingState::Accepted);
    assert!(spoken(&case, &id).is_empty(), "nothing is said before it is asked for");
    let impression = case.report().section(SectionKind::Impression).unwrap().clone();
    report_it(&mut case, &id);
    assert_eq!(spoken(&case, &id), ["Long axis 14 mm, short axis 9 mm (series 4, image 4)."]);
    report_it(&mut case, &id);
    assert_eq!(spoken(&case, &id).len(), 1, "asked twice, said once");
    assert_eq!(case.report().section(SectionKind::Impression).unwrap().sentences.len(), impression.sentences.len());
    // The handle moves, the number follows; undo brings both back.
    let Shape::Bidirectional { long, .. } = &both.shape else { panic!() };
    let shape = both.with_handle_moved(HandleId(1), long[1] + DVec2::X * 3.0);
    let moved = measured(&case.source().clone(), shape, &both.place);
    let change = MeasureEdit::Change { finding: id.clone(), measurement: Box::new(moved), by: "Dr. R".into() };
    case.apply(Edit::Measure(change)).unwrap();
    assert_eq!(spoken(&case, &id), ["Long axis 17 mm, short axis 9 mm (series 4, image 4)."]);
    case.undo().unwrap();
    assert_eq!(spoken(&case, &id), ["Long axis 14 mm, short axis 9 mm (series 4, image 4)."]);
    // A new name is spoken; a new draft keeps the sentence; removal marks it.
    let named =
        Edit::Describe { finding: id.clone(), label: "Node 4R".into(), site: String::new(), reviewer: "R".into() };
    case.apply(named).unwrap();
    assert_eq!(spoken(&case, &id), ["Node 4R: long axis 14 mm, short axis 9 mm (series 4, image 4)."]);
    assert_eq!(case.finding(&id).unwrap().state, FindingState::Accepted);
    let again = draft(&case, &[], &[]);
    case.apply(Edit::Draft(Box::new(again))).unwrap();
    assert_eq!(spoken(&case, &id).len(), 1);
    case.apply(Edit::Measure(MeasureEdit::Remove { finding: id.clone() })).unwrap();
    let left = case.report().sentences().find(|s| s.evidence.contains(&id)).unwrap();
    assert_eq!(left.mark, SentenceMark::Stale);
    let gone = case.apply(Edit::Measure(MeasureEdit::Report { finding: id }));
    assert!(matches!(gone, Err(EditError::Gone("the measurement"))));
}

#[test]
fn every_kind_has_its_sentence() {
    let source = source();
    let grid = source.geometry().unwrap().clone();
    let mut case = Case::new(source.clone(), empty_report(), None);
    let place = slice_place(&source, 3).unwrap();
    let at = |i: f64, j: f64| on(&place, grid.point_lps(DVec3::new(i, j, 3.0)));
    let corners = [at(4.0, 4.0), at(10.0, 9.0)];
    let kinds = [
        (Shape::Length(corners), "Kidney", "Kidney: length 8 mm (series 4, image 4)."),
        (Shape::Angle([at(9.0, 4.0), at(4.0, 4.0), at(4.0, 9.0)]), "", "Angle 90° (series 4, image 4)."),
        (
            Shape::Rectangle([at(4.5, 4.5), at(7.5, 6.5)]),
            "",
            "Mean −75 HU, standard deviation 2 HU, maximum −72 HU, area 6 mm² (series 4, image 4).",
        ),
        (Shape::Point(at(6.0, 4.0)), "Aorta", "Aorta: value −75 HU (series 4, image 4)."),
        (Shape::Arrow(corners), "Clip", "Clip (series 4, image 4)."),
        (Shape::Text(corners[0]), "Metastasis", "Text (series 4, image 4)."),
    ];
    for (shape, label, text) in kinds {
        let id = add(&mut case, measured(&source, shape, &place), label);
        report_it(&mut case, &id);
        assert_eq!(spoken(&case, &id), [text]);
    }
    let (u, v) = (DVec3::new(0.8, 0.6, 0.0), DVec3::Z);
    let oblique = plane_place(&source, &super::made::shown(grid.center_lps(), u, v)).unwrap();
    let length = measured(&source, Shape::Length([DVec2::ZERO, DVec2::new(3.0, 4.0)]), &oblique);
    let id = add(&mut case, length, "");
    report_it(&mut case, &id);
    assert_eq!(spoken(&case, &id), ["Length 5 mm (series 4, oblique plane)."]);
    let csv = fovea::report::measurements_csv(&context(&case));
    assert_eq!(csv.lines().count(), 8);
    let cells = |line: &str| line.split(',').count();
    assert!(csv.lines().all(|line| line.contains('"') || cells(line) == cells(csv.lines().next().unwrap())));
    assert!(csv.contains(",measurement,") && csv.contains("8.0000") == csv.contains("7.8102"));
}

fn context(case: &Case) -> fovea::report::ReportContext<'_> {
    fovea::report::ReportContext {
        study: &case.source().study,
        series: &case.source().series,
        findings: case.findings(),
        model_notices: &[],
        generated: "2026-01-01T00:00:00Z",
        program_version: "0",
        omitted: &[],
        key_images: &[],
        phantom: true,
    }
}

#[test]
fn a_known_length_changes_all_lengths_of_its_series_and_is_taken_back() {
    let source = picture_series(Calibration::ImagerPixelSpacing([0.2, 0.2]), |column, _| column as u16);
    let mut case = Case::new(source.clone(), empty_report(), None);
    let place = picture_place(&source, 0, None).unwrap();
    let ends = [DVec2::new(5.0, 3.0), DVec2::new(5.0, 13.0)];
    let id = add(&mut case, measured(&source, Shape::Length(ends), &place), "");
    let area = add(&mut case, measured(&source, Shape::Rectangle([ends[0], ends[1] + 4.0]), &place), "");
    report_it(&mut case, &id);
    assert_eq!(spoken(&case, &id), ["Length 2 mm (at the detector, magnified; series 1, image 7)."]);
    let mean = get(case.finding(&area).unwrap().measurement().unwrap(), Quantity::Mean);
    let known = KnownLength::between(ends, 25.0, Calibration::ImagerPixelSpacing([0.2, 0.2]), "Dr. R").unwrap();
    let key = source.series.key();
    case.apply(Edit::Calibrate { series_key: key.clone(), known_length: Some(known.clone()) }).unwrap();
    assert_eq!(case.calibration(&key), Some(&known));
    assert_eq!(spoken(&case, &id), ["Length 25 mm (calibrated by a known length; series 1, image 7)."]);
    let now = case.finding(&area).unwrap().measurement().unwrap();
    assert_eq!(get(now, Quantity::Mean), mean, "values do not depend on millimetres");
    assert!((get(now, Quantity::Area) - 4.0 * 14.0 * 6.25).abs() < 1e-9);
    case.apply(Edit::Calibrate { series_key: key.clone(), known_length: None }).unwrap();
    assert_eq!(spoken(&case, &id), ["Length 2 mm (at the detector, magnified; series 1, image 7)."]);
    assert!(case.calibration(&key).is_none());
    case.undo().unwrap();
    assert_eq!(case.calibration(&key), Some(&known));
}

#[test]
fn measurements_key_images_and_calibrations_outlive_a_kill_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let source = source();
    let header = JournalHeader {
        program: "test".into(),
        opened: "2026-01-01T00:00:00Z".into(),
        paths: vec!["somewhere".into()],
        study_uid: source.study.uid.clone(),
        series_uid: source.series.key(),
        title: "Phantom".into(),
    };
    let mut case = Case::new(source.clone(), empty_report(), Some(Journal::create(folder.path(), &header).unwrap()));
    let id = add(&mut case, axes(&source), "Node");
    report_it(&mut case, &id);
    let place = slice_place(&source, 3).unwrap();
    let center = on(&place, source.geometry().unwrap().point_lps(DVec3::new(9.1, 10.3, 3.0)));
    let shapes = [
        Shape::ellipse_in([center - 3.3, center + 2.7]),
        Shape::Sphere { center, radius_mm: 3.1 },
        Shape::Box { corners: [center, center + 2.2], depth_mm: 1.7 },
        Shape::SuvPeak { center, radius_mm: 4.0 },
        Shape::Freehand(vec![center, center + 1.1, center - DVec2::X * 0.7]),
        Shape::Cobb([[center, center + 1.0], [center, center + DVec2::X]]),
    ];
    for shape in shapes {
        add(&mut case, measured(&source, shape, &place), "");
    }
    // A picture of another series, as a prior would be.
    let other = picture_series(Calibration::Magnified { mm: [0.13, 0.13], factor: 1.1 }, |_, _| 3);
    let known = KnownLength::between([DVec2::ZERO, DVec2::X * 7.0], 25.3, Calibration::None, "Dr. R").unwrap();
    let on_other = picture_place(&other, 0, Some(&known)).unwrap();
    add(&mut case, measured(&other, Shape::Length([DVec2::ZERO, DVec2::splat(9.0)]), &on_other), "Prior");
    case.apply(Edit::Calibrate { series_key: other.series.key(), known_length: Some(known) }).unwrap();
    let mark = KeyImageMark {
        series: series_ref(&source),
        image: image_ref(&source, 3).unwrap(),
        note: "For the conference".into(),
        by: "Dr. R".into(),
    };
    case.apply(Edit::MarkKeyImage(mark.clone())).unwrap();
    case.apply(Edit::MarkKeyImage(KeyImageMark { note: "Better".into(), ..mark.clone() })).unwrap();
    assert_eq!(case.key_images().len(), 1);
    assert_eq!(case.key_images()[0].note, "Better");
    let before = (case.findings().to_vec(), case.report().clone(), case.key_images().to_vec());
    drop(case);
    let mut case = recover(&recoverable(folder.path())[0].path, source).unwrap();
    assert_eq!((case.findings().to_vec(), case.report().clone(), case.key_images().to_vec()), before);
    assert!(case.calibration(&other.series.key()).is_some());
    case.apply(Edit::UnmarkKeyImage { image: mark.image.clone() }).unwrap();
    assert!(case.key_images().is_empty());
    assert!(matches!(case.apply(Edit::UnmarkKeyImage { image: mark.image }), Err(EditError::Gone(_))));
    case.undo().unwrap();
    assert_eq!(case.key_images().len(), 1);
    // And as findings.json.
    let text = findings_json(&context(&case)).to_string();
    let read = findings_from_json(&text).unwrap();
    assert_eq!(read.len(), case.findings().len());
    for (read, known) in read.iter().zip(case.findings()) {
        let (read, known) = (read.measurement().unwrap(), known.measurement().unwrap());
        assert_eq!(read.results.basis.key(), known.results.basis.key());
        assert_eq!((read.shape.key(), read.place.cited()), (known.shape.key(), known.place.cited()));
        for (a, b) in read.results.values.iter().zip(&known.results.values) {
            assert!((a.value - b.value).abs() < 1e-9 && a.unit == b.unit && a.quantity == b.quantity);
        }
        for (a, b) in read.shape.points().into_iter().zip(known.shape.points()) {
            assert!(a.distance(b) < 1e-9);
        }
    }
}
