//! The format: round trips and errors that name the place.

use super::{cells, placed, protocols, study, volume};
use fovea::hanging::{
    BUILT_IN, Cell, HangingError, Hung, Look, MAX_BYTES, Protocol, Studies, View, hang, of_layout, parse, resolve,
    write,
};
use proptest::prelude::*;

const SMALL: &str = "format = 1
name = \"Small\"
[match]
require = [{ series = { modality = [\"CT\"] } }]
[selector.ct]
require = [{ modality = [\"CT\"] }]
[[stage]]
name = \"One\"
rows = 1
columns = 2
cell = [{ at = [1, 1], series = \"ct\", view = \"axial\", window = \"lung\" }]
";

fn error(from: &str, to: &str) -> String {
    let text = SMALL.replacen(from, to, 1);
    assert_ne!(text, SMALL, "nothing was replaced");
    parse("small.toml", &text).expect_err("it is not sound").to_string()
}

#[test]
fn built_in_protocols_survive_writing() {
    for (protocol, (file, _)) in protocols().iter().zip(BUILT_IN) {
        let text = write(protocol).expect("sound");
        assert_eq!(parse(file, &text).as_ref(), Ok(protocol), "{text}");
    }
    let names: std::collections::BTreeSet<String> = protocols().into_iter().map(|p| p.name).collect();
    assert_eq!(names.len(), BUILT_IN.len(), "each has a name of its own");
}

#[test]
fn errors_name_file_place_and_what_to_do() {
    assert!(parse("small.toml", SMALL).is_ok());
    for (from, to, expected) in [
        (
            "view = \"axial\"",
            "view = \"axail\"",
            "small.toml, stage 1, cell 1, view: \"axail\" is not known; write one of axial, coronal",
        ),
        (
            "window = \"lung\"",
            "window = \"lungs\"",
            "stage 1, cell 1, window: \"lungs\" is not known; write first or one of abdomen",
        ),
        ("window = \"lung\"", "window = { width = 0, level = 1 }", "stage 1, cell 1, window: the width is above 0"),
        ("window = \"lung\"", "window = 3", "window: write a name, { width = 400"),
        ("window = \"lung\"", "windw = \"lung\"", "small.toml, line 11: unknown field `windw`"),
        ("rows = 1", "rows = 9", "stage 1, rows: found 9; write 1 to 8"),
        ("rows = 1\n", "", "line 7: missing field `rows`"),
        ("at = [1, 1]", "at = [0, 1]", "cell 1, at: rows and columns are counted from 1"),
        ("at = [1, 1]", "at = [1, 2], span = [1, 2]", "the cell lies outside the grid of 1 × 2"),
        ("at = [1, 1]", "at = [255, 255], span = [255, 255]", "the cell lies outside the grid"),
        (
            "series = \"ct\"",
            "series = \"mr\"",
            "cell 1, series: \"mr\" is no selector of this protocol; write one of ct",
        ),
        ("format = 1", "format = 2", "small.toml, format: found 2"),
        (
            "[selector.ct]\nrequire = [{ modality = [\"CT\"] }]",
            "[selector.ct]\nrequire = [{}]",
            "selector.ct, require 1: the rule asks nothing",
        ),
        ("[selector.ct]", "[selector.ct]\nprefer = [{ volume = true }]", "prefer 1: the rule has no points"),
        (
            "[selector.ct]",
            "[selector.ct]\nrefuse = [{ points = 3, volume = true }]",
            "refuse 1: only rules under prefer",
        ),
        ("window = \"lung\"", "align = \"chest-wall-left\"", "align: only view"),
        ("name = \"Small\"", "name = \"\"", "small.toml, name: write 1 to 200 letters"),
        ("format = 1", "format = ", "small.toml, line 1"),
    ] {
        let said = error(from, to);
        assert!(said.contains(expected), "{said}\nis not\n{expected}");
    }
    let two =
        "cell = [{ at = [1, 1], series = \"ct\", view = \"mip\" }, { at = [1, 1], series = \"ct\", view = \"mip\" }]";
    let said = error("cell = [{ at = [1, 1], series = \"ct\", view = \"axial\", window = \"lung\" }]", two);
    assert!(said.contains("cell 2, at: row 1, column 1 belongs to cell 1 already"), "{said}");
}

#[test]
fn a_huge_file_is_refused_unread() {
    let text = " ".repeat(MAX_BYTES + 1);
    assert!(matches!(parse("x.toml", &text), Err(HangingError::TooLong { .. })));
}

#[test]
fn the_present_layout_hangs_again() {
    let now = study(
        "now",
        "20260105",
        "CT Chest",
        vec![volume("a", "CT", "Chest 5 mm", 30), volume("b", "CT", "Lung 1 mm", 90)],
    );
    let then = study("then", "20250105", "CT Chest", vec![volume("c", "CT", "Chest 5 mm", 30)]);
    let cell = |column: u8, view| Cell::new([0, column], "", view);
    let hung = |cell: Cell, series| Hung { cell, series, image: None, over: None };
    let layout = [
        hung(cell(0, View::Coronal), &now.series[0]),
        Hung { over: Some((&now.series[0], Look::default(), 0.3)), ..hung(cell(1, View::Axial), &now.series[1]) },
        hung(Cell { prior: 1, ..cell(2, View::Coronal) }, &then.series[0]),
    ];
    let saved = of_layout("Mine", &now, [1, 3], &layout);
    let text = write(&saved).expect("sound");
    assert!(!text.contains("4711") && !text.contains("Doe") && !text.contains("2026"), "no patient data: {text}");
    let read = parse("mine.toml", &text).expect("what was written");
    assert_eq!(read, saved);
    let mut all_protocols = vec![read];
    all_protocols.extend(protocols());
    let all = [now.clone(), then.clone()];
    let ranking = hang(&all_protocols, Studies::new(&all[0], &all, &[]));
    assert_eq!(ranking.matches[0].protocol.name, "Mine");
    let cells = cells(ranking.matches[0].protocol, "Mine", &all);
    assert_eq!(super::shown(&cells), ["a", "b", "c"]);
    assert_eq!(placed(&cells[1]).over.expect("asked").expect("fits").uid, "a");
}

proptest! {
    #[test]
    fn noise_never_panics(noise in "\\PC{0,300}", at in 0..SMALL.len(), cut in 0..40usize) {
        let _ = parse("noise.toml", &noise);
        let mut text = SMALL.to_owned();
        let end = (at + cut).min(text.len());
        text.replace_range(at..end, &noise[..noise.char_indices().nth(3).map_or(noise.len(), |(n, _)| n)]);
        if let Ok(protocol) = parse("noise.toml", &text) {
            prop_assert_eq!(parse("again.toml", &write(&protocol).expect("sound")), Ok(protocol));
        }
    }

    #[test]
    fn any_sound_protocol_survives_writing(protocol in any_protocol()) {
        let text = write(&protocol).expect("sound");
        prop_assert_eq!(parse("any.toml", &text), Ok(protocol.clone()), "{}", text);
        let all = [study("now", "20260105", "CT Chest", vec![volume("a", "CT", "Chest", 3)])];
        for stage in &protocol.stages {
            prop_assert_eq!(resolve(&protocol, stage, Studies::new(&all[0], &all, &[])).len(), stage.cells.len());
        }
    }
}

fn any_words() -> impl Strategy<Value = fovea::hanging::Words> {
    let phrases = || proptest::collection::vec("[a-z\"\\\\é]{0,4}[a-z0-9][ *]?", 0..3);
    (phrases(), phrases(), phrases()).prop_map(|(any, all, none)| fovea::hanging::Words { any, all, none })
}

fn any_series() -> impl Strategy<Value = fovea::hanging::SeriesCondition> {
    use fovea::hanging::{AcquiredPlane, Place, Range, SeriesCondition};
    use fovea::study::ProjectionView;
    let subset = |n: usize| proptest::collection::vec(any::<bool>(), n);
    (any_words(), any_words(), subset(6), subset(3), any::<Option<bool>>(), any::<Option<bool>>(), 0.0..100.0f64)
        .prop_map(|(words, kernel, views, planes, suv, contrast, min)| SeriesCondition {
            modality: vec!["CT".into()],
            words,
            kernel,
            view: ProjectionView::ALL.into_iter().zip(&views).filter(|(_, on)| **on).map(|(v, _)| v).collect(),
            plane: AcquiredPlane::ALL.iter().zip(&planes).filter(|(_, on)| **on).map(|(p, _)| *p).collect(),
            laterality: if views[0] { vec!["R".into()] } else { Vec::new() },
            suv,
            contrast,
            step: planes[0].then_some(Place::Last),
            slices: planes[1].then_some(Range { min: Some(min), max: None }),
            thickness_mm: planes[2].then_some(Range { min: Some(min), max: Some(min + 1.5) }),
            ..SeriesCondition::default()
        })
}

fn any_cell() -> impl Strategy<Value = Cell> {
    use fovea::hanging::{CellWindow, Over, Scale, Slab, SlabMode, Start, Sync, WINDOW_PRESETS};
    let window = prop_oneof![
        Just(CellWindow::First),
        (0..WINDOW_PRESETS.len()).prop_map(|n| CellWindow::Preset(&WINDOW_PRESETS[n])),
        (0.1..5000.0f64, -2000.0..2000.0f64).prop_map(|(w, l)| CellWindow::WidthLevel([w, l])),
        (0.0..5.0f64, 5.1..20.0f64).prop_map(|(low, high)| CellWindow::Suv([low, high])),
    ];
    let start = prop_oneof![
        Just(Start::First),
        Just(Start::Middle),
        Just(Start::Last),
        (0.0..=1.0f64).prop_map(Start::Fraction)
    ];
    (window, start, 0..4usize, any::<Option<bool>>(), 0..5u8, 1..9u16, proptest::option::of("[a-z é]{1,5}z")).prop_map(
        |(window, start, view, inverted, prior, rank, name)| {
            let look = Look { window, colors: name.clone(), inverted };
            let mut cell = Cell::new([0, 0], "one", View::ALL[view]);
            cell.over = name.clone().map(|_| Over { series: "one".into(), look: look.clone(), opacity: 0.25 });
            cell.slab = inverted.map(|_| Slab { mm: 7.5, mode: SlabMode::ALL[view] });
            cell.sync = Sync { scroll: name.clone(), window: None, zoom: name };
            cell.scale = Scale::ALL[view % 3];
            Cell { look, start, prior, rank, ..cell }
        },
    )
}

fn any_protocol() -> impl Strategy<Value = Protocol> {
    use fovea::hanging::{Select, Stage, StudyCondition, Weighted};
    let cells = proptest::collection::vec(any_cell(), 1..5);
    (any_series(), any_series(), any_words(), cells, -1000..1000i32, any::<Option<bool>>()).prop_map(
        |(one, two, words, mut cells, points, prior)| {
            for (n, cell) in cells.iter_mut().enumerate() {
                cell.at = [(n / 2) as u8, (n % 2) as u8];
            }
            let study = StudyCondition { words, series: Some(two.clone()), at_least: 2, prior, series_count: None };
            let points = if points == 0 { 1 } else { points };
            let prefer = vec![Weighted { points, when: two }];
            let select = Select { require: vec![one.clone()], require_any: vec![one], prefer, ..Select::default() };
            let applies = Select { prefer: vec![Weighted { points, when: study.clone() }], ..Select::default() };
            let stage = Stage { name: "S".into(), when: vec![study], rows: 2, columns: 2, cells };
            let description = String::new();
            let selectors = [("one".to_owned(), select)].into();
            Protocol { name: "P".into(), description, applies, selectors, stages: vec![stage] }
        },
    )
}
