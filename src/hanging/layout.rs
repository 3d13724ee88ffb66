//! A protocol from what is on screen, so that the present layout can be hung again for other studies.

use super::condition::{SeriesCondition, StudyCondition, is_volume};
use super::protocol::{Cell, Look, Over, Protocol, Select, Stage, Weighted};
use super::words::{Words, words};
use crate::study::{Series, Study};
use std::collections::BTreeMap;

/// One viewport of the present layout.
#[derive(Debug, Clone, PartialEq)]
pub struct Hung<'a> {
    /// Place, view and presentation; its `series` and `over` are filled in here.
    pub cell: Cell,
    /// The display set that it shows.
    pub series: &'a Series,
    /// The image of it, where its view or side matters.
    pub image: Option<usize>,
    /// What lies over it, how it looks, and its opacity.
    pub over: Option<(&'a Series, Look, f64)>,
}

/// A protocol of one stage that hangs such series in this way: for studies like `current` (the study of the cells with
/// `prior` 0). Names of patients, dates and UIDs go nowhere into it. Check it by [`super::write`].
pub fn of_layout(name: &str, current: &Study, [rows, columns]: [u8; 2], hung: &[Hung<'_>]) -> Protocol {
    let mut selectors = Selectors::default();
    let cells = hung.iter().map(|hung| {
        let mut cell = hung.cell.clone();
        cell.series = selectors.name(hung.series, hung.image);
        cell.over = hung.over.as_ref().map(|(series, look, opacity)| Over {
            series: selectors.name(series, None),
            look: look.clone(),
            opacity: *opacity,
        });
        cell
    });
    let cells: Vec<Cell> = cells.collect();
    let needs_prior = cells.iter().any(|cell| cell.prior > 0);
    let prior = StudyCondition { prior: Some(true), ..StudyCondition::default() };
    let own: Vec<&Series> = hung.iter().filter(|hung| hung.cell.prior == 0).map(|hung| hung.series).collect();
    Protocol {
        name: name.into(),
        description: String::new(),
        applies: applies(current, &own),
        selectors: selectors.rules,
        stages: vec![Stage {
            name: name.into(),
            when: if needs_prior { vec![prior] } else { Vec::new() },
            rows,
            columns,
            cells,
        }],
    }
}

/// Selectors made so far; equal rules share a name.
#[derive(Default)]
struct Selectors {
    rules: BTreeMap<String, Select<SeriesCondition>>,
}

impl Selectors {
    fn name(&mut self, series: &Series, image: Option<usize>) -> String {
        let rules = selector(series, image);
        if let Some((name, _)) = self.rules.iter().find(|(_, known)| **known == rules) {
            return name.clone();
        }
        let name = format!("series {}", self.rules.len() + 1);
        self.rules.insert(name.clone(), rules);
        name
    }
}

/// Rules that find a series like this one: its modality and kind are required, its words are preferred.
fn selector(series: &Series, image: Option<usize>) -> Select<SeriesCondition> {
    let projection = image.and_then(|n| series.instances.get(n)).and_then(|instance| instance.projection.as_ref());
    let require = SeriesCondition {
        modality: vec![series.modality.clone()],
        volume: is_volume(series).then_some(true),
        view: projection.and_then(|p| p.view()).into_iter().collect(),
        laterality: projection.and_then(|p| p.side()).map(String::from).into_iter().collect(),
        ..SeriesCondition::default()
    };
    let phrase = |text: &str| (!words(text).is_empty() && text.chars().count() <= 200).then(|| text.trim().to_owned());
    let all = |text: &str| Words { all: phrase(text).into_iter().collect(), ..Words::default() };
    let what = series.part.as_ref().map_or("", |part| &part.what);
    let preferred = [
        (50, SeriesCondition { words: all(&series.description), ..SeriesCondition::default() }),
        (30, SeriesCondition { words: all(what), ..SeriesCondition::default() }),
        (20, SeriesCondition { words: all(&series.protocol), ..SeriesCondition::default() }),
        (20, SeriesCondition { kernel: all(&series.kernel), ..SeriesCondition::default() }),
        (
            10,
            SeriesCondition {
                body_part: phrase(&series.body_part).into_iter().collect(),
                ..SeriesCondition::default()
            },
        ),
        (
            10,
            SeriesCondition {
                image_type: all(series.image_type.get(2).map_or("", |t| t)),
                ..SeriesCondition::default()
            },
        ),
    ];
    let prefer = preferred.into_iter().filter(|(_, when)| *when != SeriesCondition::default());
    let prefer = prefer.map(|(points, when)| Weighted { points, when }).collect();
    Select { require: vec![require], prefer, ..Select::default() }
}

/// For studies with the same modalities; those of the same description or body part come first, before built-in protocols.
fn applies(current: &Study, own: &[&Series]) -> Select<StudyCondition> {
    let of_series = |series: SeriesCondition| StudyCondition { series: Some(series), ..StudyCondition::default() };
    let distinct = |text: fn(&Series) -> &String| {
        let found: std::collections::BTreeSet<String> = own.iter().map(|s| text(s).clone()).collect();
        found.into_iter().filter(|text| !words(text).is_empty() && text.chars().count() <= 200)
    };
    let modalities = distinct(|series| &series.modality);
    let require = modalities.map(|m| of_series(SeriesCondition { modality: vec![m], ..SeriesCondition::default() }));
    let body_part: Vec<String> = distinct(|series| &series.body_part).collect();
    let description = Some(current.description.trim().to_owned());
    let description = description.filter(|text| !words(text).is_empty() && text.chars().count() <= 200);
    let mut prefer = Vec::new();
    if let Some(text) = description {
        let words = Words { all: vec![text], ..Words::default() };
        prefer.push(Weighted { points: 200, when: StudyCondition { words, ..StudyCondition::default() } });
    }
    if !body_part.is_empty() {
        let when = of_series(SeriesCondition { body_part, ..SeriesCondition::default() });
        prefer.push(Weighted { points: 100, when });
    }
    Select { require: require.collect(), prefer, ..Select::default() }
}
