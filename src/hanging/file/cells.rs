//! Cells of a stage as they stand in files.

use super::{Flaw, of_name};
use crate::hanging::protocol::{
    Align, Cell, CellWindow, Look, Over, Scale, Slab, SlabMode, Start, Sync, View, WINDOW_PRESETS,
};
use serde::{Deserialize, Serialize};
use toml::Value;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CellDto {
    /// Row and column, from 1.
    at: [u8; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<[u8; 2]>,
    series: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prior: Option<u8>,
    view: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    colors: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inverted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zoom: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    align: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slab: Option<SlabDto>,
    #[serde(skip_serializing_if = "Option::is_none")]
    over: Option<OverDto>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync: Option<SyncDto>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SlabDto {
    mm: f64,
    mode: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OverDto {
    series: String,
    opacity: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    colors: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inverted: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SyncDto {
    #[serde(skip_serializing_if = "Option::is_none")]
    scroll: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zoom: Option<String>,
}

impl CellDto {
    pub(super) fn read(self) -> Result<Cell, Flaw> {
        let [row, column] = self.at;
        let (Some(row), Some(column)) = (row.checked_sub(1), column.checked_sub(1)) else {
            return Err(Flaw::new("at", "rows and columns are counted from 1; write at = [1, 1] for the upper left"));
        };
        let mut cell = Cell::new([row, column], &self.series, of_name("view", &self.view, View::ALL, View::name)?);
        cell.span = self.span.unwrap_or([1, 1]);
        cell.rank = self.rank.unwrap_or(1);
        cell.prior = self.prior.unwrap_or(0);
        cell.look = look(self.window, self.colors, self.inverted)?;
        cell.over = self.over.map(read_over).transpose().map_err(|flaw| flaw.inside("over"))?;
        if let Some(SyncDto { scroll, window, zoom }) = self.sync {
            cell.sync = Sync { scroll, window, zoom };
        }
        cell.start = self.start.map_or(Ok(Start::Middle), read_start)?;
        cell.slab = self.slab.map(read_slab).transpose()?;
        if let Some(name) = self.zoom {
            cell.scale = of_name("zoom", &name, Scale::ALL, Scale::name)?;
        }
        if let Some(name) = self.align {
            cell.align = of_name("align", &name, Align::ALL, Align::name)?;
        }
        Ok(cell)
    }

    pub(super) fn written(cell: &Cell) -> Self {
        let Sync { scroll, window, zoom } = cell.sync.clone();
        Self {
            at: cell.at.map(|n| n + 1),
            span: (cell.span != [1, 1]).then_some(cell.span),
            series: cell.series.clone(),
            rank: (cell.rank != 1).then_some(cell.rank),
            prior: (cell.prior != 0).then_some(cell.prior),
            view: cell.view.name().into(),
            window: written_window(&cell.look.window),
            colors: cell.look.colors.clone(),
            inverted: cell.look.inverted,
            start: written_start(cell.start),
            zoom: (cell.scale != Scale::Fit).then(|| cell.scale.name().into()),
            align: (cell.align != Align::Center).then(|| cell.align.name().into()),
            slab: cell.slab.map(|slab| SlabDto { mm: slab.mm, mode: slab.mode.name().into() }),
            over: cell.over.as_ref().map(|over| OverDto {
                series: over.series.clone(),
                opacity: over.opacity,
                window: written_window(&over.look.window),
                colors: over.look.colors.clone(),
                inverted: over.look.inverted,
            }),
            sync: (cell.sync != Sync::default()).then_some(SyncDto { scroll, window, zoom }),
        }
    }
}

fn look(window: Option<Value>, colors: Option<String>, inverted: Option<bool>) -> Result<Look, Flaw> {
    Ok(Look { window: window.map_or(Ok(CellWindow::First), read_window)?, colors, inverted })
}

fn read_over(dto: OverDto) -> Result<Over, Flaw> {
    let look = look(dto.window, dto.colors, dto.inverted)?;
    Ok(Over { series: dto.series, look, opacity: dto.opacity })
}

fn read_slab(dto: SlabDto) -> Result<Slab, Flaw> {
    let mode = of_name("mode", &dto.mode, SlabMode::ALL, SlabMode::name).map_err(|flaw| flaw.inside("slab"))?;
    Ok(Slab { mm: dto.mm, mode })
}

/// `"lung"`, `"first"`, `{ width = 400, level = 40 }` or `{ suv = [0, 7] }`.
fn read_window(value: Value) -> Result<CellWindow, Flaw> {
    if let Some(name) = value.as_str() {
        if name == "first" {
            return Ok(CellWindow::First);
        }
        let preset = WINDOW_PRESETS.iter().find(|preset| preset.name == name);
        return preset.map(CellWindow::Preset).ok_or_else(|| {
            let names: Vec<&str> = WINDOW_PRESETS.iter().map(|preset| preset.name).collect();
            Flaw::new("window", format!("{name:?} is not known; write first or one of {}", names.join(", ")))
        });
    }
    let table = value.as_table();
    let only = |count: usize| table.is_some_and(|table| table.len() == count);
    let entry = |key: &str| table.and_then(|table| table.get(key));
    let suv = entry("suv").and_then(Value::as_array).map(|pair| pair.iter().map(number).collect::<Option<Vec<f64>>>());
    match (entry("width").and_then(number), entry("level").and_then(number), suv) {
        (Some(width), Some(level), None) if only(2) => Ok(CellWindow::WidthLevel([width, level])),
        (None, None, Some(Some(pair))) if only(1) && pair.len() == 2 => Ok(CellWindow::Suv([pair[0], pair[1]])),
        _ => Err(Flaw::new("window", "write a name, { width = 400, level = 40 } or { suv = [0, 7] }")),
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|n| n as f64))
}

fn written_window(window: &CellWindow) -> Option<Value> {
    let table = |entries: &[(&str, Value)]| {
        Some(Value::Table(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()))
    };
    match window {
        CellWindow::First => None,
        CellWindow::Preset(preset) => Some(preset.name.into()),
        CellWindow::WidthLevel([width, level]) => table(&[("width", (*width).into()), ("level", (*level).into())]),
        CellWindow::Suv(pair) => table(&[("suv", Value::Array(pair.iter().map(|n| Value::Float(*n)).collect()))]),
    }
}

/// `"first"`, `"middle"`, `"last"`, or a share of the way from 0 to 1.
fn read_start(value: Value) -> Result<Start, Flaw> {
    match (value.as_str(), number(&value)) {
        (Some("first"), _) => Ok(Start::First),
        (Some("middle"), _) => Ok(Start::Middle),
        (Some("last"), _) => Ok(Start::Last),
        (None, Some(share)) => Ok(Start::Fraction(share)),
        _ => Err(Flaw::new("start", "write first, middle, last or a number from 0 to 1")),
    }
}

fn written_start(start: Start) -> Option<Value> {
    match start {
        Start::Middle => None,
        Start::First => Some("first".into()),
        Start::Last => Some("last".into()),
        Start::Fraction(share) => Some(share.into()),
    }
}
