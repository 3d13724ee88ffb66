//! Presentation states: read, and put to images.

use super::made::Object;
use crate::common::shared;
use crate::io_read::only_series;
use crate::io_write::sources::{ct, oblique_geometry};
use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use fovea::geometry::{DVec2, opposite_letters};
use fovea::io::dicom::DicomFile;
use fovea::io::presentation::{self, Place, PresentationState, Shape};
use fovea::loaded::LoadedSeries;
use fovea::reading::{NotPresented, Presented, presented, presented_images};
use fovea::render::annotate::{MarkShape, draw_marks, turned_letters};
use fovea::render::cpu;
use fovea::study::Warnings;
use fovea::volume::{Picture, Voi};
use serde_json::Value;

fn read(object: Object) -> (PresentationState, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pr.dcm");
    object.write(&path);
    let mut warnings = Warnings::default();
    let state = presentation::read(&DicomFile::header(&path).unwrap().data, &mut warnings);
    (state, warnings.iter().map(str::to_owned).collect())
}

/// A state for slice 1 of the small CT.
fn state() -> Object {
    let uid = ct(oblique_geometry()).instance(1).unwrap().sop_instance_uid.clone();
    let image = Object::new().text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE).text(
        tags::REFERENCED_SOP_INSTANCE_UID,
        VR::UI,
        &uid,
    );
    let series = Object::new().items(tags::REFERENCED_IMAGE_SEQUENCE, vec![image]);
    Object::of_class(uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE, "PR")
        .items(tags::REFERENCED_SERIES_SEQUENCE, vec![series])
        .text(tags::PRESENTATION_LUT_SHAPE, VR::CS, "IDENTITY")
}

fn floats(object: Object, tag: Tag, values: &[f32]) -> Object {
    object.put(tag, VR::FL, PrimitiveValue::F32(values.iter().copied().collect()))
}

fn put_to(state: &PresentationState, series: &LoadedSeries, picture: &Picture) -> Presented {
    presented(state, series, 1, picture, None, Voi::linear(0.0, 100.0)).expect("it is for this image")
}

#[test]
fn the_made_state_says_what_the_truth_says() {
    let Some(shared) = shared() else { return };
    let truth: Value =
        serde_json::from_str(&std::fs::read_to_string(shared.join("data/ground_truth.json")).unwrap()).unwrap();
    let truth = &truth["objects"]["lung_dx_a0001"]["gsps"];
    let file = DicomFile::header(&shared.join("data/objects/lung_dx_a0001/gsps.dcm")).unwrap();
    let mut warnings = Warnings::default();
    let state = presentation::read(&file.data, &mut warnings);
    assert!(warnings.is_empty(), "{warnings:?}");
    let series = only_series(&shared.join("data/ct/lung_dx_a0001"));
    let images = presented_images(&state, &series);
    assert_eq!(images.len(), 1);
    let k = images[0];
    assert!(series.instance(k).unwrap().file.ends_with(truth["image"].as_str().unwrap()));
    let picture = cpu::image_picture(&series, k).unwrap();
    let shown = presented(&state, &series, k, &picture, None, Voi::linear(0.0, 1.0)).unwrap();
    assert_eq!(
        [shown.draw.voi.center, shown.draw.voi.width].map(Value::from),
        [Value::from(truth["window_center"].as_f64()), Value::from(truth["window_width"].as_f64())]
    );
    let mut texts = Vec::new();
    for drawing in &state.drawings {
        match &drawing.what {
            Shape::Text(text) => texts.push(text.text.clone()),
            Shape::Line { kind, given, .. } => {
                let px: Vec<DVec2> =
                    given.iter().map(|p| if let Place::Pixel(at) = p { *at + 0.5 } else { panic!() }).collect();
                if kind == "CIRCLE" {
                    assert_eq!(
                        px[0].to_array().map(Value::from),
                        [truth["circle"]["center_px"][0].as_f64(), truth["circle"]["center_px"][1].as_f64()]
                            .map(Value::from)
                    );
                    assert_eq!(Some(px[0].distance(px[1])), truth["circle"]["radius_px"].as_f64());
                } else {
                    let numbers: Vec<f64> =
                        truth["rectangle_px"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
                    assert_eq!([px[0].x, px[0].y, px[2].x, px[2].y].as_slice(), numbers);
                }
            }
            Shape::Point(_) => panic!("no points were drawn"),
        }
    }
    assert_eq!(texts, [truth["text"].as_str().unwrap()]);
    // On screen: the rectangle's upper edge is bright where it was meant to be.
    let mut rendered = cpu::picture_rgba(&shown.picture, &shown.draw);
    draw_marks(&mut rendered, &shown.marks);
    let at = 4 * (100 * rendered.width as usize + 150);
    assert_eq!(rendered.rgba[at..at + 3], fovea::render::annotate::TEXT_RGB);
}

#[test]
fn states_of_other_images_are_refused() {
    let (state, _) = read(state());
    let series = ct(oblique_geometry());
    let picture = cpu::image_picture(&series, 2).unwrap();
    assert_eq!(presented_images(&state, &series), [1]);
    let refused = presented(&state, &series, 2, &picture, None, Voi::linear(0.0, 1.0)).unwrap_err();
    assert_eq!(refused, NotPresented::OtherImage);
}

/// Turned clockwise by a quarter, the lower left pixel comes to the upper left; flipped after that, to the upper right.
#[test]
fn turns_come_before_the_flip_and_letters_follow() {
    let series = ct(oblique_geometry());
    let picture = cpu::image_picture(&series, 1).unwrap();
    let [right, bottom] = picture.patient_orientation.clone().unwrap();
    for (turn, flip, upper_left, letters) in [
        ("0", "N", [0.0, 0.0], [&right, &bottom].map(Clone::clone)),
        ("90", "N", [0.0, 4.0], [opposite_letters(&bottom), right.clone()]),
        ("180", "N", [6.0, 4.0], [opposite_letters(&right), opposite_letters(&bottom)]),
        ("270", "N", [6.0, 0.0], [bottom.clone(), opposite_letters(&right)]),
        ("0", "Y", [6.0, 0.0], [opposite_letters(&right), bottom.clone()]),
        ("90", "Y", [0.0, 0.0], [bottom.clone(), right.clone()]),
    ] {
        let object = state().shorts(tags::IMAGE_ROTATION, &[turn.parse().unwrap()]);
        let (state, _) = read(object.text(tags::IMAGE_HORIZONTAL_FLIP, VR::CS, flip));
        let shown = put_to(&state, &series, &picture);
        let corner = shown.draw.picture_px(DVec2::ZERO);
        let expected = DVec2::from_array(upper_left);
        assert!((corner - expected).length() < 0.75, "{turn} {flip}: {corner}");
        let edges = turned_letters(&picture, &shown.draw);
        assert_eq!([&edges[1], &edges[3]], [&letters[0], &letters[1]], "{turn} {flip}");
    }
}

#[test]
fn displayed_area_window_polarity_and_shutter_are_applied() {
    let area = Object::new()
        .put(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, VR::SL, PrimitiveValue::I32([2, 3].into_iter().collect()))
        .put(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER, VR::SL, PrimitiveValue::I32([5, 4].into_iter().collect()))
        .text(tags::PRESENTATION_SIZE_MODE, VR::CS, "MAGNIFY");
    let area = floats(area, tags::PRESENTATION_PIXEL_MAGNIFICATION_RATIO, &[2.0]);
    let window = Object::new().decimals(tags::WINDOW_CENTER, &[40.0]).decimals(tags::WINDOW_WIDTH, &[400.0]);
    let object = state()
        .items(tags::DISPLAYED_AREA_SELECTION_SEQUENCE, vec![area])
        .items(tags::SOFTCOPY_VOILUT_SEQUENCE, vec![window])
        .text(tags::PRESENTATION_LUT_SHAPE, VR::CS, "INVERSE")
        .text(tags::SHUTTER_SHAPE, VR::CS, "CIRCULAR")
        .text(tags::CENTER_OF_CIRCULAR_SHUTTER, VR::IS, "3\\4")
        .text(tags::RADIUS_OF_CIRCULAR_SHUTTER, VR::IS, "1");
    let (state, warnings) = read(object);
    assert!(warnings.is_empty(), "{warnings:?}");
    let series = ct(oblique_geometry());
    let picture = cpu::image_picture(&series, 1).unwrap();
    let shown = put_to(&state, &series, &picture);
    assert_eq!((shown.draw.voi.center, shown.draw.voi.width, shown.draw.inverted), (40.0, 400.0, true));
    let middle = DVec2::new(f64::from(shown.draw.size_px[0]) - 1.0, f64::from(shown.draw.size_px[1]) - 1.0) / 2.0;
    assert!((shown.draw.picture_px(middle) - DVec2::new(2.5, 2.5)).length() < 1e-9);
    assert!((shown.draw.u_px.length() - 0.5).abs() < 1e-9, "two screen pixels for one");
    let shutter = shown.picture.presentation.shutter.as_ref().expect("a shutter");
    assert!(shutter.shows(3, 2) && !shutter.shows(5, 2));
}

#[test]
fn every_kind_of_annotation_is_drawn_or_named() {
    let graphic = |kind: &str, unit: &str, points: &[f32]| {
        floats(Object::new(), tags::GRAPHIC_DATA, points)
            .text(tags::GRAPHIC_TYPE, VR::CS, kind)
            .text(tags::GRAPHIC_ANNOTATION_UNITS, VR::CS, unit)
            .text(tags::GRAPHIC_FILLED, VR::CS, "N")
    };
    let text = floats(Object::new(), tags::ANCHOR_POINT, &[2.5, 1.5])
        .text(tags::ANCHOR_POINT_ANNOTATION_UNITS, VR::CS, "PIXEL")
        .text(tags::ANCHOR_POINT_VISIBILITY, VR::CS, "Y")
        .text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, "here\r\nthere");
    let annotation = Object::new()
        .text(tags::GRAPHIC_LAYER, VR::CS, "TOP")
        .items(
            tags::GRAPHIC_OBJECT_SEQUENCE,
            vec![
                graphic("POINT", "PIXEL", &[3.5, 2.5]),
                graphic("ELLIPSE", "PIXEL", &[1.0, 2.0, 5.0, 2.0, 3.0, 1.0, 3.0, 3.0]),
                graphic("INTERPOLATED", "DISPLAY", &[0.0, 0.0, 0.5, 0.5, 1.0, 1.0]),
                graphic("CIRCLE", "PIXEL", &[1.0]),
                graphic("POLYLINE", "MATRIX", &[0.0, 0.0, 1.0, 1.0]),
            ],
        )
        .items(tags::TEXT_OBJECT_SEQUENCE, vec![text]);
    let (state, warnings) = read(state().items(tags::GRAPHIC_ANNOTATION_SEQUENCE, vec![annotation]));
    assert_eq!(state.drawings.len(), 4);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    let series = ct(oblique_geometry());
    let picture = cpu::image_picture(&series, 1).unwrap();
    let shown = put_to(&state, &series, &picture);
    let points: Vec<DVec2> = shown
        .marks
        .iter()
        .filter_map(|m| if let MarkShape::Point(at) = &m.shape { Some(shown.draw.picture_px(*at)) } else { None })
        .collect();
    assert!(points.len() == 1 && (points[0] - DVec2::new(3.0, 2.0)).length() < 1e-9, "{points:?}");
    let lines: Vec<&Vec<DVec2>> = shown
        .marks
        .iter()
        .filter_map(|m| if let MarkShape::Line { points_px, .. } = &m.shape { Some(points_px) } else { None })
        .collect();
    // The ellipse, the interpolated line over the whole displayed area, and the text's pointer.
    assert_eq!(lines.len(), 3);
    let ends = [lines[1][0], *lines[1].last().unwrap()].map(|at| shown.draw.picture_px(at));
    assert!(
        (ends[0] - DVec2::splat(-0.5)).length() < 1e-9 && (ends[1] - DVec2::new(6.5, 4.5)).length() < 1e-9,
        "{ends:?}"
    );
    let mut rendered = cpu::picture_rgba(&shown.picture, &shown.draw);
    draw_marks(&mut rendered, &shown.marks);
}

/// The command line, with its own arguments.
#[derive(clap::Parser)]
struct Render {
    #[command(flatten)]
    args: fovea::cli::render::Args,
}

#[test]
fn the_command_line_renders_states_and_pages() {
    use clap::Parser as _;
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.png");
    let render = |arguments: &[&std::path::Path]| {
        let words = arguments.iter().map(|p| p.as_os_str().to_owned());
        let render = Render::try_parse_from(std::iter::once("render".into()).chain(words)).expect("it parses");
        let done = fovea::cli::render::run(&render.args, &mut std::io::sink());
        done.map(|()| image::open(&output).expect("a picture").into_rgb8())
    };
    let (objects, ct) = (shared.join("data/objects/lung_dx_a0001"), shared.join("data/ct/lung_dx_a0001"));
    let (state, pdf) = (objects.join("gsps.dcm"), objects.join("report_pdf.dcm"));
    let word = std::path::Path::new;
    let rest = [word("--backend"), word("cpu"), word("-o"), &output];
    let drawn = render(&[&[&*ct, word("--presentation"), &state][..], &rest].concat()).unwrap();
    assert_eq!(drawn.dimensions(), (512, 512));
    assert_eq!(drawn.get_pixel(150, 100).0, fovea::render::annotate::TEXT_RGB);
    let page = render(&[&pdf, word("--index"), word("1"), word("-o"), &output]).unwrap();
    assert!(page.width() > 500 && page.pixels().any(|p| p.0 == [0; 3]));
    let other = shared.join("data/pet/sts_001/CT");
    let refused = render(&[&[&*other, word("--presentation"), &state][..], &rest].concat()).unwrap_err();
    assert!(matches!(refused, fovea::cli::Failure::Refused(_)), "{refused}");
}
