//! Grayscale Softcopy Presentation State (PS3.3 A.33.1): measurements as graphics and texts on the images that they lie on, with
//! the Modality LUT and the window of those images.
//!
//! A presentation state replaces the Modality LUT of its images (C.11.1), so that only images of one rescale share one. It
//! stays in their study. Coordinates are pixels with (0, 0) at the outer corner of the first one (C.10.5.1.2).

use super::dataset::Dataset;
use super::drawn::{ellipse_px, file_px, image_item, referable};
use super::modules::{self, dicom_date, dicom_time};
use super::series::window;
use super::{NOT_FOR_CLINICAL_USE, WriteContext, WriteError, WrittenObject, commit, differs, encode};
use crate::findings::measurement::{ImageRef, Measurement, Shape};
use crate::findings::{Finding, FindingState};
use crate::geometry::DVec2;
use crate::io::dicom::{DataSet, DicomFile};
use crate::io::facts;
use crate::io::presentation::{self, Place, PresentationState};
use crate::loaded::LoadedSeries;
use crate::study::{Instance, Series, Warnings};
use crate::volume::{Rescale, VoiFunction};
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use std::path::Path;

/// Series Number where the caller gives none.
const SERIES_NUMBER: i64 = 9004;
/// The one layer.
const LAYER: &str = "MEASUREMENTS";
/// Half of the angle between the barbs of an arrow, and their share of its length.
const BARB: (f64, f64) = (0.4, 0.2);
/// Coordinates are 32-bit floats; of pictures as large as DICOM allows, they are this exact.
const COORDINATE_TOLERANCE_PX: f64 = 0.01;

/// Images of one series and one rescale, with what is drawn on them.
pub struct Graphics<'a> {
    /// The series.
    series: &'a Series,
    /// Modality LUT of all of the images.
    rescale: Option<(Rescale, String)>,
    /// Low values are bright.
    inverse: bool,
    images: Vec<DrawnImage<'a>>,
}

/// An image and what is drawn on it.
struct DrawnImage<'a> {
    image: ImageRef,
    /// Between rows and columns, as its header says.
    pixel_mm: Option<[f64; 2]>,
    findings: Vec<&'a Finding>,
}

/// What can be drawn of a case: one entry for each presentation state that is needed, and one sentence for each measurement
/// that none can hold.
pub fn presentation_graphics<'a>(
    source: &'a LoadedSeries,
    findings: &'a [Finding],
    context: &WriteContext<'_>,
) -> (Vec<Graphics<'a>>, Vec<String>) {
    let (mut all, mut left_out): (Vec<Graphics<'a>>, Vec<String>) = (Vec::new(), Vec::new());
    let kept = findings.iter().filter(|f| f.state != FindingState::Rejected);
    for (finding, measurement) in kept.filter_map(|f| Some((f, f.measurement()?))) {
        match place(&mut all, source, finding, measurement, context) {
            Ok(()) => {}
            Err(reason) => left_out.push(format!("{} ({}): {reason}", finding.label, measurement.place.cited())),
        }
    }
    (all, left_out)
}

fn place<'a>(
    all: &mut Vec<Graphics<'a>>,
    source: &'a LoadedSeries,
    finding: &'a Finding,
    measurement: &Measurement,
    context: &WriteContext<'_>,
) -> Result<(), &'static str> {
    let image = referable(measurement).ok_or("it lies on no acquired image")?;
    if let Some(known) = all.iter_mut().flat_map(|g| g.images.iter_mut()).find(|known| known.image == *image) {
        known.findings.push(finding);
        return Ok(());
    }
    let named = measurement.place.series();
    if named.study_uid != source.study.uid {
        return Err("its image is of another study, which a presentation state cannot name");
    }
    let (series, instance) = instance_of(source, image).ok_or("its image is not open")?;
    let header = header_of(source, instance, context).ok_or("the header of its image cannot be read")?;
    if !header.text(tags::PHOTOMETRIC_INTERPRETATION).starts_with("MONOCHROME") {
        return Err("its image is not grayscale");
    }
    let rescale = modality_lut(&header);
    let inverse = header.text(tags::PHOTOMETRIC_INTERPRETATION) == "MONOCHROME1";
    let pixel_mm = header.vector::<2>(tags::PIXEL_SPACING).or_else(|| header.vector(tags::IMAGER_PIXEL_SPACING));
    let entry = DrawnImage { image: image.clone(), pixel_mm, findings: vec![finding] };
    let fits = |g: &&mut Graphics<'a>| g.series.uid == series.uid && g.rescale == rescale && g.inverse == inverse;
    match all.iter_mut().find(fits) {
        Some(graphics) => graphics.images.push(entry),
        None => all.push(Graphics { series, rescale, inverse, images: vec![entry] }),
    }
    Ok(())
}

fn instance_of<'a>(source: &'a LoadedSeries, image: &ImageRef) -> Option<(&'a Series, &'a Instance)> {
    let candidates = std::iter::once(source.series.as_ref()).chain(source.study.series.iter());
    candidates
        .flat_map(|s| s.instances.iter().map(move |i| (s, i)))
        .find(|(_, i)| i.sop_instance_uid == image.sop_instance_uid)
}

fn header_of(source: &LoadedSeries, instance: &Instance, context: &WriteContext<'_>) -> Option<DataSet> {
    let root = context.source_root?;
    let header = DicomFile::header(&root.join(&instance.file)).ok()?.data;
    let same = header.text(tags::SOP_INSTANCE_UID) == instance.sop_instance_uid;
    (same && header.text(tags::STUDY_INSTANCE_UID) == source.study.uid).then_some(header)
}

/// The image's linear Modality LUT with its type, at its top level or shared by its frames.
fn modality_lut(header: &DataSet) -> Option<(Rescale, String)> {
    let shared = header
        .item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE)
        .and_then(|groups| groups.item(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE));
    let data = if header.get(tags::RESCALE_SLOPE).is_some() { header } else { shared? };
    let kind = data.text(tags::RESCALE_TYPE);
    let unspecified = if header.text(tags::MODALITY) == "CT" { "HU" } else { "US" };
    Some((facts::rescale(data)?, if kind.is_empty() { unspecified.to_owned() } else { kind }))
}

/// Writes one presentation state, reads it back, compares every coordinate and text, and only then lets it appear at `path`.
pub fn write_presentation_state(
    path: &Path,
    source: &LoadedSeries,
    graphics: &Graphics<'_>,
    context: &WriteContext<'_>,
) -> Result<WrittenObject, WriteError> {
    modules::require_identifiers(source)?;
    let written = WrittenObject::new(uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE);
    let mut dataset = modules::begun(&written, source, context);
    identification(&mut dataset, &written, context);
    relationship(&mut dataset, graphics);
    dataset.sequence(tags::DISPLAYED_AREA_SELECTION_SEQUENCE, graphics.images.iter().map(displayed_area).collect());
    let annotations = graphics.images.iter().map(annotation).collect();
    dataset.sequence(tags::GRAPHIC_ANNOTATION_SEQUENCE, annotations);
    let mut layer = Dataset::new();
    layer.put(tags::GRAPHIC_LAYER, VR::CS, PrimitiveValue::from(LAYER)).integer(tags::GRAPHIC_LAYER_ORDER, 1);
    dataset.sequence(tags::GRAPHIC_LAYER_SEQUENCE, vec![layer]);
    values(&mut dataset, source, graphics);

    let pending = encode(path, dataset)?;
    compare(pending.path(), graphics).map_err(|difference| differs(path, difference))?;
    commit(path, pending)?;
    Ok(written)
}

/// Presentation Series and Presentation State Identification modules (C.11.9, C.11.10).
fn identification(to: &mut Dataset, written: &WrittenObject, context: &WriteContext<'_>) {
    to.text(tags::MODALITY, VR::CS, "PR").text(tags::LATERALITY, VR::CS, "");
    to.uid(tags::SERIES_INSTANCE_UID, &written.series_uid);
    to.integer(tags::SERIES_NUMBER, context.series_number.unwrap_or(SERIES_NUMBER));
    to.text(tags::SERIES_DESCRIPTION, VR::LO, &format!("Measurements ({NOT_FOR_CLINICAL_USE})"));
    to.integer(tags::INSTANCE_NUMBER, 1);
    to.text(tags::CONTENT_LABEL, VR::CS, LAYER);
    to.text(tags::CONTENT_DESCRIPTION, VR::LO, &format!("Measurements. {NOT_FOR_CLINICAL_USE}."));
    to.text(tags::CONTENT_CREATOR_NAME, VR::PN, &context.person);
    to.text(tags::PRESENTATION_CREATION_DATE, VR::DA, &dicom_date(&context.time));
    to.text(tags::PRESENTATION_CREATION_TIME, VR::TM, &dicom_time(&context.time));
}

/// Presentation State Relationship module (C.11.11).
fn relationship(to: &mut Dataset, graphics: &Graphics<'_>) {
    let images = graphics.images.iter().map(|drawn| image_item(&drawn.image)).collect();
    let mut series = Dataset::new();
    series.uid(tags::SERIES_INSTANCE_UID, &graphics.series.uid);
    series.sequence(tags::REFERENCED_IMAGE_SEQUENCE, images);
    to.sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![series]);
}

/// The whole image, as large as it fits (C.10.4); pixels count from 1 here.
fn displayed_area(DrawnImage { image, pixel_mm, .. }: &DrawnImage<'_>) -> Dataset {
    let long = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let corner = |columns: u32, rows: u32| PrimitiveValue::I32([long(columns), long(rows)].into_iter().collect());
    let mut item = Dataset::new();
    item.sequence(tags::REFERENCED_IMAGE_SEQUENCE, vec![image_item(image)]);
    item.put(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, VR::SL, corner(1, 1));
    item.put(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER, VR::SL, corner(image.size_px[0], image.size_px[1]));
    item.put(tags::PRESENTATION_SIZE_MODE, VR::CS, PrimitiveValue::from("SCALE TO FIT"));
    if let Some(mm) = pixel_mm {
        item.decimals(tags::PRESENTATION_PIXEL_SPACING, mm);
    } else {
        let square = ["1".to_owned(), "1".to_owned()];
        item.put(tags::PRESENTATION_PIXEL_ASPECT_RATIO, VR::IS, PrimitiveValue::Strs(square.into_iter().collect()));
    }
    item
}

/// Modality LUT, window and Presentation LUT shape (C.11.1, C.11.8, C.11.6). A window without its Modality LUT would be
/// another window; a table in the header is not copied.
fn values(to: &mut Dataset, source: &LoadedSeries, graphics: &Graphics<'_>) {
    if let Some((rescale, kind)) = &graphics.rescale {
        to.decimals(tags::RESCALE_INTERCEPT, &[rescale.intercept]).decimals(tags::RESCALE_SLOPE, &[rescale.slope]);
        to.text(tags::RESCALE_TYPE, VR::LO, kind);
    }
    let own_window = source.header_voi.filter(|_| graphics.series.uid == source.series.uid);
    if let Some(voi) = own_window.filter(|voi| !matches!(voi.function, VoiFunction::Table(_))) {
        let mut item = Dataset::new();
        window(&mut item, Some(voi));
        to.sequence(tags::SOFTCOPY_VOILUT_SEQUENCE, vec![item]);
    }
    let shape = if graphics.inverse { "INVERSE" } else { "IDENTITY" };
    to.text(tags::PRESENTATION_LUT_SHAPE, VR::CS, shape);
}

/// Graphic Annotation of one image (C.10.5).
fn annotation(DrawnImage { image, findings, .. }: &DrawnImage<'_>) -> Dataset {
    let mut item = Dataset::new();
    item.sequence(tags::REFERENCED_IMAGE_SEQUENCE, vec![image_item(image)]);
    item.put(tags::GRAPHIC_LAYER, VR::CS, PrimitiveValue::from(LAYER));
    let texts: Vec<Dataset> = findings.iter().filter_map(|f| text_object(f)).collect();
    if !texts.is_empty() {
        item.sequence(tags::TEXT_OBJECT_SEQUENCE, texts);
    }
    let lines: Vec<Dataset> = drawings(findings).iter().map(graphic_object).collect();
    if !lines.is_empty() {
        item.sequence(tags::GRAPHIC_OBJECT_SEQUENCE, lines);
    }
    item
}

/// A Graphic Object: its type and its points.
struct Line {
    kind: &'static str,
    points: Vec<DVec2>,
    is_closed: bool,
}

fn drawings(findings: &[&Finding]) -> Vec<Line> {
    findings.iter().filter_map(|f| f.measurement()).flat_map(lines).collect()
}

fn lines(m: &Measurement) -> Vec<Line> {
    let px = |points: &[DVec2]| points.iter().filter_map(|p| file_px(m, *p)).collect::<Vec<_>>();
    let polyline = |points: &[DVec2]| Line {
        kind: "POLYLINE",
        points: px(points),
        is_closed: points.len() > 2 && points.first() == points.last(),
    };
    match &m.shape {
        Shape::Point(at) => vec![Line { kind: "POINT", points: px(&[*at]), is_closed: false }],
        Shape::Text(_) => Vec::new(),
        Shape::Arrow([tip, tail]) => {
            let shaft = (*tail - *tip) * BARB.1;
            let barb = |angle: f64| *tip + DVec2::from_angle(angle).rotate(shaft);
            vec![polyline(&[*tail, *tip]), polyline(&[barb(BARB.0), *tip, barb(-BARB.0)])]
        }
        Shape::Ellipse(axes) => match ellipse_px(m, *axes) {
            Some(ends) => vec![Line { kind: "ELLIPSE", points: ends.to_vec(), is_closed: true }],
            None => m.shape.outline().iter().map(|line| polyline(line)).collect(),
        },
        shape => shape.outline().iter().map(|line| polyline(line)).collect(),
    }
}

fn graphic_object(line: &Line) -> Dataset {
    let data: Vec<f32> = line.points.iter().flat_map(|p| [p.x as f32, p.y as f32]).collect();
    let mut item = Dataset::new();
    item.text(tags::GRAPHIC_ANNOTATION_UNITS, VR::CS, "PIXEL");
    item.shorts(tags::GRAPHIC_DIMENSIONS, &[2]);
    item.shorts(tags::NUMBER_OF_GRAPHIC_POINTS, &[u16::try_from(line.points.len()).unwrap_or(u16::MAX)]);
    item.put(tags::GRAPHIC_DATA, VR::FL, PrimitiveValue::F32(data.into()));
    item.text(tags::GRAPHIC_TYPE, VR::CS, line.kind);
    if line.is_closed {
        item.text(tags::GRAPHIC_FILLED, VR::CS, "N");
    }
    item
}

/// What is written beside a measurement: its name where somebody gave one, and its numbers.
fn words(finding: &Finding, m: &Measurement) -> String {
    let named = matches!(m.shape, Shape::Text(_)) || finding.label != m.default_label();
    let label = named.then(|| super::dataset::fitted(VR::ST, &finding.label));
    label.into_iter().chain(m.screen_lines()).collect::<Vec<_>>().join("\r\n")
}

fn text_object(finding: &Finding) -> Option<Dataset> {
    let m = finding.measurement()?;
    let text = words(finding, m);
    let anchor = file_px(m, *m.shape.points().first()?)?;
    if text.is_empty() {
        return None;
    }
    let mut item = Dataset::new();
    item.text(tags::ANCHOR_POINT_ANNOTATION_UNITS, VR::CS, "PIXEL");
    item.text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, &text);
    item.put(tags::ANCHOR_POINT, VR::FL, PrimitiveValue::F32([anchor.x as f32, anchor.y as f32].into_iter().collect()));
    item.text(tags::ANCHOR_POINT_VISIBILITY, VR::CS, "N");
    Some(item)
}

/// Opens the file and compares; the error is the first difference, in words.
fn compare(path: &Path, graphics: &Graphics<'_>) -> Result<(), String> {
    let file = DicomFile::header(path).map_err(|e| e.to_string())?;
    let mut warnings = Warnings::default();
    let read = presentation::read(&file.data, &mut warnings);
    if let Some(warning) = warnings.iter().next() {
        return Err(warning.to_owned());
    }
    if read.images.len() != graphics.images.len() || read.inverse != graphics.inverse {
        return Err("the referenced images differ".into());
    }
    graphics.images.iter().try_for_each(|drawn| compare_image(&read, drawn))
}

fn compare_image(read: &PresentationState, DrawnImage { image, findings, .. }: &DrawnImage<'_>) -> Result<(), String> {
    let drawn = read.drawings_on(&image.sop_instance_uid, image.frame.unwrap_or(1));
    let (mut found_lines, mut found_texts) = (Vec::new(), Vec::new());
    for drawing in drawn {
        match &drawing.what {
            presentation::Shape::Line { given, .. } => found_lines.push(given.clone()),
            presentation::Shape::Point(at) => found_lines.push(vec![*at]),
            presentation::Shape::Text(text) => found_texts.push(text.text.clone()),
        }
    }
    let meant_lines = drawings(findings);
    let near = |read: &Place, meant: &DVec2| match read {
        Place::Pixel(at) => at.distance(*meant - 0.5) < COORDINATE_TOLERANCE_PX,
        Place::Display(_) => false,
    };
    let same_line = |(read, meant): (&Vec<Place>, &Line)| {
        read.len() == meant.points.len() && read.iter().zip(&meant.points).all(|(r, m)| near(r, m))
    };
    if found_lines.len() != meant_lines.len() || !found_lines.iter().zip(&meant_lines).all(same_line) {
        return Err("what is drawn differs".into());
    }
    let meant_texts: Vec<String> = findings
        .iter()
        .filter_map(|f| Some(words(f, f.measurement()?).replace("\r\n", "\n")))
        .filter(|text| !text.is_empty())
        .collect();
    if found_texts == meant_texts { Ok(()) } else { Err("the texts differ".into()) }
}
