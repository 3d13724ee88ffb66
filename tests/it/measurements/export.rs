//! Measurements and key images in the files of an export, as our readers and other programs see them.

use super::made::{geometry, measured, on, picture_series, series_of, shown, volume_of};
use crate::common::{peer_python, validator_errors};
use crate::io_read::only_series;
use crate::io_write::sources::Folder;
use fovea::case::{Case, Edit, MeasureEdit, NewMeasurement};
use fovea::findings::measurement::{Measurement, Shape};
use fovea::findings::{KeyImageMark, Quantity};
use fovea::geometry::{DMat3, DVec2, DVec3};
use fovea::io::content_tree;
use fovea::io::dicom::DicomFile;
use fovea::io::measurement_groups::{ReportedRegion, groups};
use fovea::io::write::{Origin, SeriesDescription, WriteContext, write_volume_dicom};
use fovea::io::{key_objects, presentation};
use fovea::jobs::Progress;
use fovea::loaded::LoadedSeries;
use fovea::reading::{
    ExportTarget, Exported, empty_report, export, image_ref, picture_place, plane_place, series_ref, slice_place,
};
use fovea::study::Warnings;
use fovea::volume::{Calibration, SuvFactors, Voi};
use std::path::Path;
use std::sync::Arc;

/// A CT on disk, loaded from there.
fn ct(folder: &Path) -> LoadedSeries {
    let grid = geometry([40, 30, 16], [0.8, 0.8, 2.5], DMat3::IDENTITY);
    let made = series_of(volume_of(grid, |p| (p.x * 3.0).round() as f32));
    let what = SeriesDescription {
        study: &made.study,
        series: &made.series,
        origin: Origin::Converted("phantom".into()),
        voi: Some(Voi::linear(40.0, 400.0)),
    };
    write_volume_dicom(folder, &what, made.volume().unwrap(), &WriteContext::default()).unwrap();
    only_series(folder)
}

fn add(case: &mut Case, measurement: Measurement, label: &str) {
    case.apply(Edit::Measure(MeasureEdit::Add(Box::new(NewMeasurement::new(measurement, label, "Reader^R"))))).unwrap();
}

fn mark(case: &mut Case, series: &LoadedSeries, k: usize, note: &str) {
    let image = image_ref(series, k).unwrap();
    let mark = KeyImageMark { series: series_ref(series), image, note: note.into(), by: "Reader^R".into() };
    case.apply(Edit::MarkKeyImage(mark)).unwrap();
}

fn exported(case: &Case, folder: &Path, source_root: &Path) -> Exported {
    let done = export(case, &ExportTarget { folder, source_root }, &Progress::default()).unwrap();
    for name in done.files.iter().filter(|f| f.extension().is_some_and(|e| e == "dcm")) {
        let errors = validator_errors(&folder.join(name)).unwrap_or_default();
        assert!(errors.is_empty(), "{}: {errors:#?}", name.display());
    }
    done
}

/// One of every shape on slice 6 (image 7), an oblique length, and one on a prior's picture.
fn every_shape(case: &mut Case) {
    let source = case.source().clone();
    let grid = source.geometry().unwrap().clone();
    let place = slice_place(&source, 6).unwrap();
    let at = |i: f64, j: f64| on(&place, grid.point_lps(DVec3::new(i, j, 6.0)));
    let (a, b) = (at(10.0, 8.0), at(20.0, 8.0));
    let short = Measurement::short_axis_of([a, b], 0.5, DVec2::ONE);
    let shapes = [
        Shape::Length([a, b]),
        Shape::Angle([at(20.0, 8.0), at(10.0, 8.0), at(10.0, 18.0)]),
        Shape::Cobb([[a, b], [at(10.0, 18.0), at(20.0, 23.0)]]),
        Shape::Bidirectional { long: [a, b], short },
        Shape::ellipse_in([at(9.0, 8.0), at(19.0, 14.0)]),
        Shape::Rectangle([at(9.5, 7.5), at(18.5, 14.5)]),
        Shape::Polygon(vec![a, b, at(15.0, 20.0)]),
        Shape::Freehand(vec![a, b, at(15.0, 20.0), at(12.0, 19.0)]),
        Shape::Polyline(vec![a, b, at(15.0, 20.0)]),
        Shape::Sphere { center: at(20.0, 15.0), radius_mm: 5.0 },
        Shape::Box { corners: [at(9.5, 7.5), at(18.5, 14.5)], depth_mm: 6.0 },
        Shape::SuvPeak { center: at(20.0, 15.0), radius_mm: 3.0 },
        Shape::Point(a),
        Shape::Arrow([a, b]),
        Shape::Text(a),
    ];
    for shape in shapes {
        let label = if matches!(shape, Shape::Text(_)) { "Läsion" } else { "" };
        add(case, measured(&source, shape, &place), label);
    }
    let oblique = plane_place(&source, &shown(grid.center_lps(), DVec3::new(0.8, 0.6, 0.0), DVec3::Z)).unwrap();
    add(case, measured(&source, Shape::Length([DVec2::ZERO, DVec2::new(3.0, 4.0)]), &oblique), "Oblique");
    add(case, measured(&source, Shape::ellipse_in([DVec2::ZERO, DVec2::new(6.0, 4.0)]), &oblique), "Oblique region");
    let mut prior = picture_series(Calibration::PixelSpacing([0.5, 0.5]), |_, _| 9);
    Arc::make_mut(&mut prior.study).uid = "2.25.99".into();
    let on_prior = picture_place(&prior, 0, None).unwrap();
    add(case, measured(&prior, Shape::Length([DVec2::ZERO, DVec2::new(6.0, 8.0)]), &on_prior), "Prior");
    mark(case, &source, 6, "For the conference");
    mark(case, &source, 7, "");
    mark(case, &prior, 0, "For the conference");
}

#[test]
fn everything_measured_is_in_the_files_and_other_programs_read_it() {
    let folder = Folder::new("measured");
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    let mut case = Case::new(ct(&input), empty_report(), None);
    every_shape(&mut case);
    let done = exported(&case, &output, &input);
    let names: Vec<String> = done.files.iter().map(|f| f.to_string_lossy().into_owned()).collect();
    for wanted in ["presentation_01.dcm", "key_objects_01.dcm", "key_objects_02.dcm", "measurements.csv"] {
        assert!(names.iter().any(|n| n == wanted), "{names:?}");
    }
    let pictures: Vec<&String> = names.iter().filter(|n| n.starts_with("key_images/")).collect();
    assert_eq!(pictures.len(), 2, "marked images of the series, and no overview beside them: {pictures:?}");
    assert!(pictures[0].contains("for-the-conference-series") && pictures[1].contains("key-image-series"));
    let reason = &done.omitted.iter().find(|o| o.file == "presentation.dcm").unwrap().reason;
    assert!(reason.contains("Oblique") && reason.contains("Prior") && reason.contains("another study"), "{reason}");
    read_report(&output.join("report.sr.dcm"), &case);
    read_presentation(&output.join("presentation_01.dcm"), &case);
    let file = DicomFile::header(&output.join("key_objects_01.dcm")).unwrap();
    let selection = key_objects::read(&file.data, &mut Warnings::default()).unwrap();
    assert_eq!((selection.description.as_str(), selection.references.len()), ("For the conference", 2));
    assert_eq!(selection.references[1].study_uid, "2.25.99");
    let said = peer_python(
        PEERS,
        &[&output.join("report.sr.dcm"), &output.join("presentation_01.dcm"), &output.join("key_objects_01.dcm")],
    );
    if let Some(said) = said {
        assert_eq!(said.trim(), "18 groups, length 8.0 mm at [10.5, 8.5, 20.5, 8.5], 17 graphics, 2 key images");
    }
}

fn read_report(path: &Path, case: &Case) {
    let file = DicomFile::header(path).unwrap();
    let document = content_tree::read(&file.data, &mut Warnings::default()).unwrap();
    let read = groups(&document);
    let meant: Vec<_> = case.measurements().collect();
    assert_eq!(read.len(), meant.len());
    let source = case.source();
    for (read, finding) in read.iter().zip(meant) {
        assert_eq!(read.tracking_uid, finding.tracking_uid);
        let m = finding.measurement().unwrap();
        let peak_max = usize::from(matches!(m.shape, Shape::SuvPeak { .. }));
        assert_eq!(read.measurements.len() + peak_max, m.results.values.len(), "{}", m.kind_name());
        let on_image = m.place.image().is_some() && !m.shape.is_solid();
        for region in &read.regions {
            match region {
                ReportedRegion::Picture(image, points) => {
                    assert!(on_image);
                    assert_eq!(image.as_ref().unwrap().sop_instance_uid, m.place.image().unwrap().sop_instance_uid);
                    assert!(points.points_px.iter().all(|p| p.is_finite()));
                }
                ReportedRegion::Patient(points) => {
                    assert!(!on_image);
                    assert_eq!(points.frame_of_reference_uid, source.series.frame_of_reference_uid);
                }
                ReportedRegion::Segment(_) => panic!("nothing was segmented"),
            }
        }
    }
}

fn read_presentation(path: &Path, case: &Case) {
    let file = DicomFile::header(path).unwrap();
    let state = presentation::read(&file.data, &mut Warnings::default());
    let uid = image_ref(case.source(), 6).unwrap().sop_instance_uid;
    assert!(state.is_for(&uid, 1) && state.images.len() == 1);
    assert_eq!(state.rescale.unwrap().slope, 1.0);
    assert_eq!(state.window(&uid, 1).unwrap().voi, Voi::linear(40.0, 400.0));
    let first = state.drawings_on(&uid, 1).into_iter().find_map(|d| match &d.what {
        presentation::Shape::Line { given, .. } => Some(given.clone()),
        _ => None,
    });
    let ends = [DVec2::new(10.0, 8.0), DVec2::new(20.0, 8.0)];
    for (read, known) in first.unwrap().into_iter().zip(ends) {
        let presentation::Place::Pixel(at) = read else { panic!("pixels") };
        assert!(at.distance(known) < 1e-4);
    }
}

const PEERS: &str = "
import sys, pydicom, highdicom
report, state, keys = sys.argv[1:]
content = highdicom.sr.srread(report).content
groups = content.get_planar_roi_measurement_groups() + content.get_volumetric_roi_measurement_groups() + content.get_image_measurement_groups()
def walk(item):
    yield item
    for child in item.get('ContentSequence', []):
        yield from walk(child)
data = pydicom.dcmread(report)
containers = [i for i in walk(data) if 'ConceptNameCodeSequence' in i and i.ConceptNameCodeSequence[0].CodeValue == '125007']
length = next(i for i in walk(data) if 'ConceptNameCodeSequence' in i and i.ConceptNameCodeSequence[0].CodeValue == '410668003')
value = length.MeasuredValueSequence[0]
points = length.ContentSequence[0].GraphicData
state = pydicom.dcmread(state)
graphics = sum(len(a.get('GraphicObjectSequence', [])) for a in state.GraphicAnnotationSequence)
keys = pydicom.dcmread(keys)
images = sum(i.ValueType == 'IMAGE' for i in keys.ContentSequence)
print(f'{len(containers)} groups, length {float(value.NumericValue):.1f} {value.MeasurementUnitsCodeSequence[0].CodeValue} at {[float(p) for p in points]}, {graphics} graphics, {images} key images')
";

#[test]
fn suv_and_peaks_are_written_with_their_own_concepts() {
    let folder = Folder::new("measured_suv");
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    let mut source = ct(&input);
    let volume = source.volume().unwrap().as_ref().clone().with_suv(SuvFactors { bw: 0.01, lbm: None, bsa: None });
    source.image = fovea::loaded::ImageData::Volume(Arc::new(volume));
    let mut case = Case::new(source.clone(), empty_report(), None);
    let place = slice_place(&source, 8).unwrap();
    let center = on(&place, source.geometry().unwrap().point_lps(DVec3::new(20.0, 15.0, 8.0)));
    add(&mut case, measured(&source, Shape::SuvPeak { center, radius_mm: 3.0 }, &place), "");
    let id = case.findings()[0].id.clone();
    case.apply(Edit::Measure(MeasureEdit::Report { finding: id })).unwrap();
    let spoken = case.report().sentences().find(|s| !s.evidence.is_empty()).unwrap().text();
    assert!(spoken.starts_with("SUVpeak −") && spoken.contains(" (bw), SUVmax "), "{spoken}");
    exported(&case, &output, &input);
    let file = DicomFile::header(&output.join("report.sr.dcm")).unwrap();
    let document = content_tree::read(&file.data, &mut Warnings::default()).unwrap();
    let group = &groups(&document)[0];
    let peak = &group.measurements[0];
    assert_eq!((peak.name.value.as_ref(), peak.derivation.as_ref().unwrap().value.as_ref()), ("126401", "126031"));
    let known = case.findings()[0].value(Quantity::Peak).unwrap();
    assert!((peak.quantity.value.unwrap() - known).abs() < 1e-12);
    let ReportedRegion::Patient(ball) = &group.regions[0] else { panic!("a ball in the patient") };
    assert_eq!((ball.shape.as_str(), ball.points_lps.len()), ("ELLIPSOID", 6));
    assert!((ball.points_lps[0].distance(ball.points_lps[1]) - 12.0).abs() < 1e-4);
}

#[test]
fn what_was_no_dicom_is_measured_on_the_images_written_with_it() {
    let folder = Folder::new("measured_png");
    let mut source = picture_series(Calibration::None, |column, row| (column * row) as u16);
    let mut series = source.series.as_ref().clone();
    series.instances[0].sop_class_uid = String::new();
    series.instances[0].file = "picture.png".into();
    source.series = Arc::new(series);
    let mut case = Case::new(source.clone(), empty_report(), None);
    let place = picture_place(&source, 0, None).unwrap();
    add(&mut case, measured(&source, Shape::Length([DVec2::new(3.0, 4.0), DVec2::new(33.0, 4.0)]), &place), "Rod");
    mark(&mut case, &source, 0, "Rod");
    let done = exported(&case, folder.path(), folder.path());
    let file = DicomFile::header(&folder.path().join("report.sr.dcm")).unwrap();
    let document = content_tree::read(&file.data, &mut Warnings::default()).unwrap();
    let group = &groups(&document)[0];
    assert_eq!(group.measurements[0].quantity.unit.as_ref().unwrap().value, "{pixels}");
    let ReportedRegion::Picture(Some(image), points) = &group.regions[0] else { panic!("on the picture") };
    let written = DicomFile::header(&folder.path().join("source/0001.dcm")).unwrap();
    let uid = written.data.text(dicom_dictionary_std::tags::SOP_INSTANCE_UID);
    assert_eq!((image.sop_instance_uid.as_str(), points.points_px[0]), (uid.as_str(), DVec2::new(3.5, 4.5)));
    assert!(done.files.iter().any(|f| f.to_string_lossy() == "presentation_01.dcm"), "{:?}", done.omitted);
}
