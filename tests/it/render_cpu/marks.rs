//! Words and marks: what they say, where they stand, and that they stay inside the picture.

use fovea::geometry::{BoxLps, DMat3, DVec2, DVec3, Orientation, SlicePlane, VolumeGeometry};
use fovea::loaded::{ImageData, LoadedSeries, SliceSource};
use fovea::render::annotate::{
    Align, Annotations, BoxMark, CornerTexts, Face, NOT_FOR_CLINICAL_USE, ScaleBar, Shown, annotate, box_on_plane,
    draw_text, picture_letters, plain_date, text_width_px,
};
use fovea::render::{RgbaPicture, Slab};
use fovea::study::{Instance, Patient, Series, Study};
use fovea::volume::{Calibration, Picture, Rescale, Samples, ValueUnit, Voi, Volume, Voxels};
use std::sync::Arc;

pub fn series(name: &str) -> LoadedSeries {
    let geometry = VolumeGeometry::new([8, 8, 4], DVec3::ZERO, DVec3::new(1.0, 1.0, 5.0), DMat3::IDENTITY).unwrap();
    let volume = Volume::new(geometry, Voxels::I16(vec![0; 256]), Rescale::IDENTITY, ValueUnit::Hu).unwrap();
    let instances = (1..=4).map(|n| Instance { number: Some(n), frames: 1, ..Instance::default() }).collect();
    let series = Series {
        modality: "CT".into(),
        description: "Thorax 5.0 lung".into(),
        number: Some(4),
        slice_thickness_mm: Some(5.0),
        instances,
        ..Series::default()
    };
    let patient = Patient {
        name: name.into(),
        id: "4711".into(),
        birth_date: "19580302".into(),
        sex: "F".into(),
        ..Patient::default()
    };
    let study = Study { patient, date: "20110405".into(), accession: "A1".into(), ..Study::default() };
    LoadedSeries {
        study: Arc::new(study),
        series: Arc::new(series),
        image: ImageData::Volume(Arc::new(volume)),
        slices: (0..4).map(|instance| SliceSource { instance, frame: 0 }).collect(),
        header_voi: None,
        voi_choices: Vec::new(),
    }
}

fn words(lines: &[fovea::render::annotate::Line]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn corners_say_whose_what_where_and_what_to_mind() {
    let series = series("Doe, Jane");
    let voi = Voi::linear(40.0, 400.0);
    let image = CornerTexts::new(&series, Shown::Image { k: 2, count: 4 }, voi, false);
    assert_eq!(
        words(&image.left_upper),
        ["Doe, Jane", "ID 4711", "born 1958-03-02 · F", "study 2011-04-05", "accession A1"]
    );
    assert_eq!(words(&image.right_upper), ["CT", "Thorax 5.0 lung", "series 4, image 3"]);
    assert_eq!(words(&image.left_lower), ["3 of 4", "5 mm thick, 5 mm apart", "W 400 L 40"]);
    assert_eq!(words(&image.right_lower), [NOT_FOR_CLINICAL_USE]);
    let geometry = series.geometry().unwrap();
    let plane = SlicePlane::fit(geometry, Orientation::Coronal, DVec3::new(0.0, -233.5, 0.0), [64, 64]);
    let shown = Shown::Plane { plane: &plane, slab: Some(Slab::maximum(10.0)) };
    let coronal = CornerTexts::new(&series, shown, voi, true).with_ai_mark("mask not reviewed");
    assert_eq!(words(&coronal.left_lower), ["coronal, y -233.5 mm", "maximum slab 10 mm", "W 400 L 40"]);
    assert_eq!(words(&coronal.right_lower), ["AI · mask not reviewed", "interpolated", NOT_FOR_CLINICAL_USE]);
}

#[test]
fn absent_identity_is_said_and_not_left_blank() {
    let mut series = series("");
    series.study = Arc::new(Study::default());
    let shown = CornerTexts::new(&series, Shown::Image { k: 0, count: 4 }, Voi::linear(0.0, 1.0), false);
    assert_eq!(words(&shown.left_upper), ["no patient name", "ID none", "birth date unknown", "study date unknown"]);
    assert_eq!((plain_date("20110405"), plain_date("2011")), ("2011-04-05".into(), "2011".into()));
}

#[test]
fn scale_bars_are_round_and_as_long_as_they_say() {
    let bar = ScaleBar::in_patient(0.7, 512).unwrap();
    assert_eq!((bar.label.as_str(), bar.source.as_str()), ("5 cm", "patient space"));
    assert!((bar.length_px - 50.0 / 0.7).abs() < 1e-9);
    let fine = ScaleBar::in_patient(0.003, 256).unwrap();
    assert_eq!(fine.label, "0.1 mm");
    let detector = ScaleBar::of_picture(Calibration::ImagerPixelSpacing([0.15, 0.1]), 4.0, 512).unwrap();
    assert_eq!((detector.label.as_str(), detector.length_px), ("5 cm", 125.0));
    assert!(detector.source.starts_with("Imager Pixel Spacing"));
    let unknown = ScaleBar::of_picture(Calibration::None, 2.0, 512).unwrap();
    assert_eq!((unknown.label.as_str(), unknown.length_px), ("200 px", 100.0));
    assert_eq!(unknown.source, "no calibration");
    assert_eq!(ScaleBar::in_patient(0.0, 512), None);
    assert_eq!(ScaleBar::in_patient(f64::NAN, 512), None);
}

#[test]
fn letters_come_from_the_picture_or_not_at_all() {
    let mut picture = Picture {
        width: 1,
        height: 1,
        samples: Samples::Rgb(vec![0; 3]),
        unit: ValueUnit::Arbitrary,
        inverted: false,
        voi: None,
        calibration: Calibration::None,
        patient_orientation: Some(["L".into(), "FP".into()]),
        laterality: String::new(),
        view_position: String::new(),
        presentation: fovea::volume::Presentation::default(),
    };
    assert_eq!(picture_letters(&picture), ["R", "L", "HA", "FP"].map(str::to_owned));
    picture.patient_orientation = Some(["LE".into(), String::new()]);
    assert_eq!(picture_letters(&picture), ["", "", "", ""].map(str::to_owned));
    picture.patient_orientation = None;
    assert_eq!(picture_letters(&picture), ["", "", "", ""].map(str::to_owned));
}

#[test]
fn a_box_is_cut_where_the_plane_passes() {
    let finding = BoxLps { min: DVec3::new(10.0, 20.0, 30.0), max: DVec3::new(14.0, 28.0, 40.0) };
    let plane = SlicePlane {
        center_lps: DVec3::new(12.0, 24.0, 35.0),
        u_lps: DVec3::X,
        v_lps: DVec3::Y,
        pixel_mm: 0.5,
        size_px: [101, 101],
    };
    assert_eq!(box_on_plane(&finding, &plane), Some([DVec2::new(46.0, 42.0), DVec2::new(54.0, 58.0)]));
    let beside = SlicePlane { center_lps: DVec3::new(12.0, 24.0, 41.0), ..plane };
    assert_eq!(box_on_plane(&finding, &beside), None);
    let on_face = SlicePlane { center_lps: DVec3::new(12.0, 24.0, 40.0), ..plane };
    assert!(box_on_plane(&finding, &on_face).is_some());
}

fn lit(picture: &RgbaPicture, columns: std::ops::Range<u32>, rows: std::ops::Range<u32>) -> usize {
    rows.flat_map(|y| columns.clone().map(move |x| (x, y))).filter(|&(x, y)| picture.rgb(x, y)[0] > 150).count()
}

#[test]
fn long_names_end_before_the_middle_and_every_size_keeps_its_center_free() {
    let name = "Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine Senior Maximilian";
    for [width, height] in [[256, 256], [512, 512], [1024, 768], [64, 48]] {
        let series = series(name);
        let voi = Voi::linear(-600.0, 1500.0);
        let mut picture = RgbaPicture::black(width, height);
        let annotations = Annotations {
            corners: CornerTexts::new(&series, Shown::Image { k: 2, count: 4 }, voi, true),
            letters: ["R", "L", "A", "P"].map(str::to_owned),
            scale: ScaleBar::in_patient(0.8, width),
            boxes: vec![BoxMark {
                min_px: DVec2::new(-5.0, -5.0),
                max_px: DVec2::new(4.0, 4.0),
                label: "Lung lesion".into(),
                is_ai_proposal: true,
            }],
        };
        annotate(&mut picture, &annotations);
        let middle = lit(&picture, width * 2 / 5..width * 3 / 5, height * 2 / 5..height * 3 / 5);
        assert_eq!(middle, 0, "{width}×{height}: the middle is free");
        if width >= 256 {
            // Between the name and the letter in the middle there is a gap.
            let gap = lit(&picture, width / 2 - width / 40..width / 2 - width / 60, 0..height / 20);
            assert_eq!(gap, 0, "{width}×{height}: the name ends before the letter");
            assert!(lit(&picture, 0..width / 2, 0..height / 4) > 50, "{width}×{height}: the banner is there");
        }
    }
}

#[test]
fn both_faces_are_bundled_and_figures_are_equally_wide() {
    for face in [Face::Regular, Face::Bold] {
        let widths = ["0", "1", "8"].map(|figure| text_width_px(face, 20.0, figure));
        assert!(widths[0] > 5.0 && widths.iter().all(|w| (w - widths[0]).abs() < 0.01), "{widths:?}");
    }
    let mut picture = RgbaPicture::black(40, 20);
    draw_text(&mut picture, Face::Bold, 14.0, [38.0, 1.0], Align::Right, [255; 3], "L");
    assert_eq!(lit(&picture, 0..25, 0..20), 0);
    assert!(lit(&picture, 25..40, 0..20) > 10);
    // Outside the picture nothing happens, and nothing panics.
    draw_text(&mut picture, Face::Bold, 14.0, [-500.0, 900.0], Align::Left, [255; 3], "outside\u{7}");
}
