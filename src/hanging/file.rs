//! Protocols as TOML text, and back. The keys are described in `assets/hanging/README.md`.
//!
//! Reading goes through data-transfer types that know every key (an unknown one is an error with its line), then through
//! checks that name the place in words: "stage 2, cell 3, window".

mod cells;
mod conditions;

use super::check;
use super::protocol::{Protocol, Select, Stage, Weighted};
use cells::CellDto;
use conditions::{SeriesDto, StudyDto};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the format that is read and written.
const FORMAT: u32 = 1;
/// Longest file that is read.
pub const MAX_BYTES: usize = 256 << 10;

/// Why a file is no protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HangingError {
    /// Too long to be one.
    #[error("{file}: a hanging protocol has at most {MAX_BYTES} bytes, this file has {bytes}; split it")]
    TooLong {
        /// Name of the file.
        file: String,
        /// What it has.
        bytes: usize,
    },
    /// No TOML, or a key that is not known or of another type.
    #[error("{file}, line {line}: {what}; the keys are described in assets/hanging/README.md")]
    Text {
        /// Name of the file.
        file: String,
        /// From 1.
        line: usize,
        /// What the reader says.
        what: String,
    },
    /// Well-formed, and not sound.
    #[error("{file}, {place}: {what}")]
    Content {
        /// Name of the file.
        file: String,
        /// "stage 2, cell 3, window".
        place: String,
        /// What is there, and what to do.
        what: String,
    },
}

/// A place in a protocol and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    pub place: String,
    pub what: String,
}

impl Flaw {
    pub(super) fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }

    /// The same flaw, its place named from one level higher.
    pub(super) fn inside(self, outer: &str) -> Self {
        let place = if self.place.is_empty() { outer.to_owned() } else { format!("{outer}, {}", self.place) };
        Self { place, ..self }
    }
}

/// Reads a protocol. `file` names it in errors; only its name, never its folder, should be given.
pub fn parse(file: &str, text: &str) -> Result<Protocol, HangingError> {
    if text.len() > MAX_BYTES {
        return Err(HangingError::TooLong { file: file.into(), bytes: text.len() });
    }
    let dto: ProtocolDto = toml::from_str(text).map_err(|error| HangingError::Text {
        file: file.into(),
        line: error.span().map_or(1, |span| line_of(text, span.start)),
        what: error.message().trim().replace('\n', "; "),
    })?;
    let content = |flaw: Flaw| HangingError::Content { file: file.into(), place: flaw.place, what: flaw.what };
    let protocol = protocol(dto).map_err(content)?;
    check::protocol(&protocol).map_err(content)?;
    Ok(protocol)
}

/// The text of a protocol, which [`parse`] reads to the same one. Fails with the same sentences where it is not sound.
pub fn write(protocol: &Protocol) -> Result<String, HangingError> {
    let file = || protocol.name.clone();
    check::protocol(protocol).map_err(|f| HangingError::Content { file: file(), place: f.place, what: f.what })?;
    toml::to_string(&dto(protocol)).map_err(|e| HangingError::Content {
        file: file(),
        place: "the whole".into(),
        what: format!("it cannot be written: {e}"),
    })
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtocolDto {
    format: u32,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(rename = "match")]
    applies: SelectDto<StudyDto>,
    selector: BTreeMap<String, SelectDto<SeriesDto>>,
    stage: Vec<StageDto>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SelectDto<C> {
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    require: Vec<C>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    require_any: Vec<C>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    refuse: Vec<C>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    prefer: Vec<C>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StageDto {
    name: String,
    rows: u8,
    columns: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    when: Vec<StudyDto>,
    cell: Vec<CellDto>,
}

/// A condition as it stands in a file, with the points that it may carry.
trait Condition: Sized {
    type Of;
    /// The condition and its points.
    fn read(self) -> Result<(Self::Of, Option<i32>), Flaw>;
    fn written(of: &Self::Of, points: Option<i32>) -> Self;
}

fn protocol(dto: ProtocolDto) -> Result<Protocol, Flaw> {
    if dto.format != FORMAT {
        return Err(Flaw::new(
            "format",
            format!("found {}, and this program reads {FORMAT}; write format = {FORMAT}", dto.format),
        ));
    }
    let selectors = dto.selector.into_iter().map(|(name, select)| {
        let select = read_select(select).map_err(|flaw| flaw.inside(&format!("selector.{name}")))?;
        Ok((name, select))
    });
    let selectors = selectors.collect::<Result<_, Flaw>>()?;
    let stages = dto.stage.into_iter().enumerate();
    let stages = stages.map(|(n, stage)| read_stage(stage).map_err(|flaw| flaw.inside(&format!("stage {}", n + 1))));
    Ok(Protocol {
        name: dto.name,
        description: dto.description,
        applies: read_select(dto.applies).map_err(|flaw| flaw.inside("match"))?,
        selectors,
        stages: stages.collect::<Result<_, _>>()?,
    })
}

fn read_select<D: Condition>(dto: SelectDto<D>) -> Result<Select<D::Of>, Flaw> {
    Ok(Select {
        require: bare(dto.require, "require")?,
        require_any: bare(dto.require_any, "require_any")?,
        refuse: bare(dto.refuse, "refuse")?,
        prefer: dto.prefer.into_iter().enumerate().map(|(n, rule)| weighted(rule, n)).collect::<Result<_, _>>()?,
    })
}

/// Conditions that carry no points.
fn bare<D: Condition>(rules: Vec<D>, key: &str) -> Result<Vec<D::Of>, Flaw> {
    let read = rules.into_iter().enumerate().map(|(n, rule)| {
        let place = format!("{key} {}", n + 1);
        match rule.read().map_err(|flaw| flaw.inside(&place))? {
            (of, None) => Ok(of),
            (_, Some(_)) => {
                Err(Flaw::new(place, "only rules under prefer have points; remove the key or move the rule"))
            }
        }
    });
    read.collect()
}

fn weighted<D: Condition>(rule: D, n: usize) -> Result<Weighted<D::Of>, Flaw> {
    let place = format!("prefer {}", n + 1);
    match rule.read().map_err(|flaw| flaw.inside(&place))? {
        (when, Some(points)) => Ok(Weighted { points, when }),
        (_, None) => Err(Flaw::new(place, "the rule has no points; write points = 10, say")),
    }
}

fn read_stage(dto: StageDto) -> Result<Stage, Flaw> {
    let cells = dto.cell.into_iter().enumerate();
    let cells = cells.map(|(n, cell)| cell.read().map_err(|flaw| flaw.inside(&format!("cell {}", n + 1))));
    Ok(Stage {
        when: bare(dto.when, "when")?,
        rows: dto.rows,
        columns: dto.columns,
        cells: cells.collect::<Result<_, _>>()?,
        name: dto.name,
    })
}

fn dto(protocol: &Protocol) -> ProtocolDto {
    let stage = |stage: &Stage| StageDto {
        name: stage.name.clone(),
        rows: stage.rows,
        columns: stage.columns,
        when: stage.when.iter().map(|when| StudyDto::written(when, None)).collect(),
        cell: stage.cells.iter().map(CellDto::written).collect(),
    };
    ProtocolDto {
        format: FORMAT,
        name: protocol.name.clone(),
        description: protocol.description.clone(),
        applies: written_select(&protocol.applies),
        selector: protocol.selectors.iter().map(|(name, select)| (name.clone(), written_select(select))).collect(),
        stage: protocol.stages.iter().map(stage).collect(),
    }
}

fn written_select<D: Condition>(select: &Select<D::Of>) -> SelectDto<D> {
    let bare = |rules: &[D::Of]| rules.iter().map(|rule| D::written(rule, None)).collect();
    SelectDto {
        require: bare(&select.require),
        require_any: bare(&select.require_any),
        refuse: bare(&select.refuse),
        prefer: select.prefer.iter().map(|rule| D::written(&rule.when, Some(rule.points))).collect(),
    }
}

/// The value of this name, or a sentence that lists the names.
fn of_name<T: Copy>(key: &str, name: &str, all: &[T], name_of: impl Fn(T) -> &'static str) -> Result<T, Flaw> {
    all.iter().copied().find(|value| name_of(*value) == name).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|value| name_of(*value)).collect();
        Flaw::new(key, format!("{name:?} is not known; write one of {}", names.join(", ")))
    })
}
