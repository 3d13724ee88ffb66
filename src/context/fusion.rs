//! A second series over the one in a viewport: how it is dressed, and what is said of it. Values are in the units of the
//! second series; shares are 0–1.

use super::{AppContext, ShownSeries, Viewport};
use crate::geometry::{DAffine3, DVec3};
use crate::hanging;
use crate::render::{ColorMap, Fused, FusionMode, Interpolation};
use crate::volume::{ValueUnit, Voi, VoiFunction};

/// Share of the maximum below which a dose is not drawn.
const DOSE_FROM: f64 = 0.1;
/// Opacity of a dose wash: anatomy stays readable under it.
const DOSE_OPACITY: f32 = 0.4;
/// Edges of the checkerboard that are offered, in pixels.
pub const CHECKER_EDGES_PX: [u32; 4] = [16, 32, 64, 128];

/// A second series over the first.
#[allow(clippy::struct_excessive_bools, reason = "independent switches of the view")]
#[derive(Debug, Clone, PartialEq)]
pub struct Over {
    /// The series ([`crate::study::Series::key`]).
    pub series: String,
    /// Its window.
    pub voi: Voi,
    /// Low values bright, before the color map.
    pub inverted: bool,
    /// Its colors.
    pub color_map: ColorMap,
    /// 0–1, where both are blended.
    pub opacity: f32,
    /// How both share the picture.
    pub mode: FusionMode,
    /// Values below this share of its maximum are not drawn.
    pub hidden_share: Option<f64>,
    /// Its maximum, from which the share is taken.
    pub maximum: f64,
    /// Shown in turns with the first instead.
    pub blinks: bool,
    /// The turns stand still, and both are blended.
    pub paused: bool,
    /// Its window is set; else it comes with the series.
    pub dressed: bool,
    /// The window that a hanging protocol wants for it.
    pub wanted: hanging::CellWindow,
}

impl Over {
    /// One whose series is still to come, or to be dressed: hot iron at 50 % (`clinical.md`, Defaults).
    pub fn waiting(series: &str) -> Self {
        Self {
            series: series.to_owned(),
            voi: Voi::spanning(0.0, 1.0),
            inverted: false,
            color_map: ColorMap::HotIron,
            opacity: 0.5,
            mode: FusionMode::Blend,
            hidden_share: None,
            maximum: 0.0,
            blinks: false,
            paused: false,
            dressed: false,
            wanted: hanging::CellWindow::First,
        }
    }

    /// Takes window and looks from the series itself: a dose becomes a wash with its own colors, from a tenth of its maximum
    /// on; anything else takes the window that its projections open with.
    pub fn dress(&mut self, second: &ShownSeries) {
        let opening = &second.opening;
        self.maximum = second.loaded.volume().map_or(0.0, |volume| f64::from(volume.range().1));
        self.voi = opening.hung(&self.wanted).unwrap_or(opening.mip_voi);
        if is_dose(second) && self.maximum > 0.0 && self.wanted == hanging::CellWindow::First {
            self.voi = Voi { center: self.maximum / 2.0, width: self.maximum, function: VoiFunction::LinearExact };
            (self.color_map, self.opacity) = (ColorMap::Turbo, DOSE_OPACITY);
            self.hidden_share = Some(DOSE_FROM);
        }
        self.dressed = true;
    }

    /// The value below which nothing is drawn.
    pub fn hidden_below(&self) -> Option<f64> {
        self.hidden_share.map(|share| share * self.maximum)
    }

    /// True while both take turns.
    pub fn takes_turns(&self) -> bool {
        self.blinks && !self.paused
    }

    /// How it is drawn; `shown` is whether its turn is now.
    pub fn fused(&self, moving_from_fixed: DAffine3, interpolation: Interpolation, shown: bool) -> Fused {
        let opacity = if self.takes_turns() { f32::from(u8::from(shown)) } else { self.opacity };
        Fused {
            moving_from_fixed,
            voi: self.voi,
            inverted: self.inverted,
            color_map: self.color_map,
            opacity,
            mode: self.mode,
            interpolation,
            hidden_below: self.hidden_below().map(|value| value as f32),
        }
    }

    /// "50 %", "checkerboard", "swipe", "in turns".
    pub fn manner(&self) -> String {
        match self.mode {
            _ if self.takes_turns() => "in turns".to_owned(),
            FusionMode::Blend => format!("{:.0} %", 100.0 * self.opacity),
            FusionMode::Checkerboard { .. } => "checkerboard".to_owned(),
            FusionMode::Swipe { .. } => "swipe".to_owned(),
        }
    }
}

/// True for a grid of doses.
pub fn is_dose(series: &ShownSeries) -> bool {
    series.loaded.series.modality == "RTDOSE"
}

impl<'a> AppContext<'a> {
    /// The series over the one in a viewport, once it is there, and the map into its space.
    pub fn over(&self, viewport: &'a Viewport) -> Option<(&'a Over, &'a ShownSeries, DAffine3)> {
        let (over, (first, _)) = (viewport.over.as_ref()?, self.looked_at(viewport)?);
        let second = self.shown(&over.series).filter(|second| second.loaded.volume().is_some())?;
        Some((over, second, self.link(first, second)?.b_from_a()))
    }

    /// The value of what lies over a viewport at a point of the first series, with its unit.
    pub fn value_over(&self, viewport: &'a Viewport, lps: DVec3) -> Option<String> {
        let (_, second, second_from_first) = self.over(viewport)?;
        said_value(second, second_from_first.transform_point3(lps))
    }
}

/// The stored value of a series nearest to a point, with its unit: "−35 HU", "SUV 2.3".
pub fn said_value(series: &ShownSeries, lps: DVec3) -> Option<String> {
    let volume = series.slice_at(lps).and_then(|k| series.volume_at(k))?;
    let value = f64::from(crate::volume::sample_nearest(volume, lps)?);
    let (low, high) = volume.range();
    Some(match volume.unit() {
        ValueUnit::SuvBw => format!("SUV {}", number(value, 1)),
        // Real-valued images carry their meaning behind the point.
        unit => format!("{} {}", number(value, if high - low < 20.0 { 3 } else { 0 }), unit.as_str()),
    })
}

/// With a true minus sign.
fn number(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    let zero = text.chars().all(|c| c == '0' || c == '.');
    if value < 0.0 && !zero { format!("−{text}") } else { text }
}
