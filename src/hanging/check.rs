//! What makes a protocol sound: bounded sizes, cells inside the grid, selectors that exist, keys that go together.

use super::condition::{Range, SeriesCondition, StudyCondition};
use super::file::Flaw;
use super::protocol::{Align, Cell, CellWindow, Look, Protocol, Scale, Select, Stage, Start, View};
use super::words::{Words, words};

const MAX_EDGE: u8 = 8;
const MAX_STAGES: usize = 32;
const MAX_RULES: usize = 64;
const MAX_PHRASES: usize = 100;
const MAX_TEXT: usize = 200;
const MAX_POINTS: i32 = 1000;
const MAX_PRIOR: u8 = 20;

type Checked = Result<(), Flaw>;

/// An error unless `sound`.
fn ensure(sound: bool, place: &str, what: impl FnOnce() -> String) -> Checked {
    if sound { Ok(()) } else { Err(Flaw::new(place, what())) }
}

/// Everything; the first flaw is told.
pub(super) fn protocol(protocol: &Protocol) -> Checked {
    text(&protocol.name, "name")?;
    ensure(protocol.description.chars().count() <= MAX_TEXT, "description", || {
        format!("write at most {MAX_TEXT} letters")
    })?;
    select(&protocol.applies, study_condition).map_err(|flaw| flaw.inside("match"))?;
    ensure(!protocol.selectors.is_empty(), "selector", || "a protocol names at least one series".into())?;
    ensure(protocol.selectors.len() <= MAX_RULES, "selector", || format!("write at most {MAX_RULES}"))?;
    for (name, rules) in &protocol.selectors {
        let place = format!("selector.{name}");
        text(name, &place)?;
        select(rules, series_condition).map_err(|flaw| flaw.inside(&place))?;
    }
    let stages = protocol.stages.len();
    ensure((1..=MAX_STAGES).contains(&stages), "stage", || format!("found {stages}, write 1 to {MAX_STAGES}"))?;
    for (n, stage) in protocol.stages.iter().enumerate() {
        check_stage(stage, protocol).map_err(|flaw| flaw.inside(&format!("stage {}", n + 1)))?;
    }
    Ok(())
}

fn text(text: &str, place: &str) -> Checked {
    let sound = !text.trim().is_empty() && text.chars().count() <= MAX_TEXT && !text.chars().any(char::is_control);
    ensure(sound, place, || format!("write 1 to {MAX_TEXT} letters on one line"))
}

fn select<C>(select: &Select<C>, condition: impl Fn(&C) -> Checked) -> Checked {
    let lists = [("require", &select.require), ("require_any", &select.require_any), ("refuse", &select.refuse)];
    for (key, list) in lists {
        conditions(list, key, &condition)?;
    }
    ensure(select.prefer.len() <= MAX_RULES, "prefer", || format!("write at most {MAX_RULES} rules"))?;
    for (n, rule) in select.prefer.iter().enumerate() {
        let place = format!("prefer {}", n + 1);
        ensure(rule.points != 0 && rule.points.abs() <= MAX_POINTS, &place, || {
            format!("points = {}; write −{MAX_POINTS} to {MAX_POINTS}, not 0", rule.points)
        })?;
        condition(&rule.when).map_err(|flaw| flaw.inside(&place))?;
    }
    Ok(())
}

fn conditions<C>(list: &[C], key: &str, condition: impl Fn(&C) -> Checked) -> Checked {
    ensure(list.len() <= MAX_RULES, key, || format!("write at most {MAX_RULES} rules"))?;
    for (n, rule) in list.iter().enumerate() {
        condition(rule).map_err(|flaw| flaw.inside(&format!("{key} {}", n + 1)))?;
    }
    Ok(())
}

fn study_condition(condition: &StudyCondition) -> Checked {
    phrases(&condition.words, "words")?;
    range(condition.series_count, "series_count")?;
    ensure((1..=1000).contains(&condition.at_least), "at_least", || "write 1 to 1000".into())?;
    ensure(condition.at_least == 1 || condition.series.is_some(), "at_least", || {
        "it counts series; write series too".into()
    })?;
    ensure(*condition != StudyCondition::default(), "", nothing)?;
    condition.series.as_ref().map_or(Ok(()), |series| series_condition(series).map_err(|flaw| flaw.inside("series")))
}

fn series_condition(condition: &SeriesCondition) -> Checked {
    ensure(*condition != SeriesCondition::default(), "", nothing)?;
    phrases(&condition.words, "words")?;
    phrases(&condition.image_type, "image_type")?;
    phrases(&condition.kernel, "kernel")?;
    phrases(&Words { any: condition.body_part.clone(), ..Words::default() }, "body_part")?;
    phrases(&Words { any: condition.modality.clone(), ..Words::default() }, "modality")?;
    range(condition.slices, "slices")?;
    range(condition.thickness_mm, "thickness_mm")?;
    let sides = condition.laterality.iter().all(|side| side == "R" || side == "L");
    ensure(sides, "laterality", || "write \"R\" or \"L\"".into())
}

fn nothing() -> String {
    "the rule asks nothing; remove it".into()
}

fn phrases(asked: &Words, key: &str) -> Checked {
    let all = [&asked.any, &asked.all, &asked.none];
    ensure(all.iter().all(|list| list.len() <= MAX_PHRASES), key, || format!("write at most {MAX_PHRASES} phrases"))?;
    for phrase in all.into_iter().flatten() {
        let sound = phrase.chars().count() <= MAX_TEXT && !words(phrase).is_empty();
        ensure(sound, key, || format!("{phrase:?} holds no word of letters or digits"))?;
    }
    Ok(())
}

fn range(range: Option<Range>, key: &str) -> Checked {
    let Some(Range { min, max }) = range else { return Ok(()) };
    let finite = [min, max].into_iter().flatten().all(f64::is_finite);
    ensure(finite, key, || "write finite numbers".into())?;
    ensure(min.is_some() || max.is_some(), key, || "write min, max or both".into())?;
    let ordered = min.zip(max).is_none_or(|(min, max)| min <= max);
    ensure(ordered, key, || "min is above max; exchange them".into())
}

fn check_stage(stage: &Stage, protocol: &Protocol) -> Checked {
    text(&stage.name, "name")?;
    conditions(&stage.when, "when", study_condition)?;
    for (key, edge) in [("rows", stage.rows), ("columns", stage.columns)] {
        ensure((1..=MAX_EDGE).contains(&edge), key, || format!("found {edge}; write 1 to {MAX_EDGE}"))?;
    }
    ensure(!stage.cells.is_empty(), "cell", || "a stage has at least one".into())?;
    let mut taken = [[None; MAX_EDGE as usize]; MAX_EDGE as usize];
    for (n, cell) in stage.cells.iter().enumerate() {
        let flaw = |flaw: Flaw| flaw.inside(&format!("cell {}", n + 1));
        check_cell(cell, protocol).map_err(flaw)?;
        let end = [0, 1].map(|k| u16::from(cell.at[k]) + u16::from(cell.span[k]));
        let inside = cell.span.iter().all(|span| *span >= 1)
            && end[0] <= u16::from(stage.rows)
            && end[1] <= u16::from(stage.columns);
        ensure(inside, "at", || {
            format!(
                "the cell lies outside the grid of {} × {}; correct at, span, rows or columns",
                stage.rows, stage.columns
            )
        })
        .map_err(flaw)?;
        for row in usize::from(cell.at[0])..usize::from(end[0]) {
            for column in usize::from(cell.at[1])..usize::from(end[1]) {
                let place = &mut taken[row][column];
                ensure(place.is_none(), "at", || {
                    format!("row {}, column {} belongs to cell {} already", row + 1, column + 1, place.unwrap_or(0) + 1)
                })
                .map_err(flaw)?;
                *place = Some(n);
            }
        }
    }
    Ok(())
}

fn check_cell(cell: &Cell, protocol: &Protocol) -> Checked {
    known_selector(&cell.series, protocol)?;
    ensure((1..=1000).contains(&cell.rank), "rank", || "write 1 to 1000; 1 is what fits best".into())?;
    ensure(cell.prior <= MAX_PRIOR, "prior", || format!("write 0 (the study that is read) to {MAX_PRIOR}"))?;
    look(&cell.look)?;
    for (key, group) in [("scroll", &cell.sync.scroll), ("window", &cell.sync.window), ("zoom", &cell.sync.zoom)] {
        group.as_ref().map_or(Ok(()), |name| text(name, &format!("sync.{key}")))?;
    }
    if let Start::Fraction(share) = cell.start {
        ensure((0.0..=1.0).contains(&share), "start", || "write a number from 0 to 1".into())?;
    }
    if let Some(slab) = cell.slab {
        ensure(cell.view.is_plane(), "slab", || format!("a {} view has no thickness; remove slab", cell.view.name()))?;
        ensure((0.1..=500.0).contains(&slab.mm), "slab", || "write a thickness of 0.1 to 500 mm".into())?;
    }
    if let Some(over) = &cell.over {
        known_selector(&over.series, protocol)
            .and_then(|()| look(&over.look))
            .and_then(|()| {
                ensure((0.0..=1.0).contains(&over.opacity), "opacity", || "write a number from 0 to 1".into())
            })
            .map_err(|flaw| flaw.inside("over"))?;
        let can_lie_over = cell.view.is_plane() || cell.view == View::Mip;
        ensure(can_lie_over, "over", || "only planes and mip can have a second series over them".into())?;
    }
    let is_image = cell.view == View::Image;
    ensure(is_image || cell.align == Align::Center, "align", || "only view = \"image\" has a chest wall side".into())?;
    let flat = is_image || cell.view.is_plane();
    ensure(flat || cell.scale == Scale::Fit, "zoom", || format!("a {} view is always shown whole", cell.view.name()))
}

fn known_selector(name: &str, protocol: &Protocol) -> Checked {
    ensure(protocol.selectors.contains_key(name), "series", || {
        let names: Vec<&str> = protocol.selectors.keys().map(String::as_str).collect();
        format!("{name:?} is no selector of this protocol; write one of {}", names.join(", "))
    })
}

fn look(look: &Look) -> Checked {
    look.colors.as_ref().map_or(Ok(()), |name| text(name, "colors"))?;
    match look.window {
        CellWindow::WidthLevel([width, level]) => {
            ensure(width > 0.0 && width.is_finite() && level.is_finite(), "window", || "the width is above 0".into())
        }
        CellWindow::Suv([low, high]) => {
            let sound = low.is_finite() && high.is_finite() && low < high;
            ensure(sound, "window", || "suv goes from a lower to a higher number".into())
        }
        CellWindow::First | CellWindow::Preset(_) => Ok(()),
    }
}
