//! What views of a whole volume need beside its voxels: blocks for empty-space skipping, a histogram, presets in the volume's
//! own values, the first window of a radiograph.

use super::{SolidView, Stand};
use crate::geometry::DVec2;
use crate::render::drr::DrrDraw;
use crate::render::{Preset, TransferFunction, ValueBlocks};
use crate::volume::{ValueUnit, Voi, Volume};
use std::sync::Arc;

/// Bars of the histogram behind the transfer function.
const BARS: usize = 160;
/// Pixels along each side of the small radiographs that a first window is found on.
const TRIAL_PX: u32 = 96;

/// What views of a volume need beside its voxels: found once per volume, in a job.
#[derive(Debug)]
pub struct SolidSource {
    /// For empty-space skipping.
    pub blocks: ValueBlocks,
    /// Values of the first and the end of the last bar.
    pub range: [f64; 2],
    /// How many voxels of a sample lie in each bar, as shares of the fullest but the first.
    pub bars: Vec<f32>,
    /// The first window of a radiograph, for CT in HU.
    pub exposure: Option<Voi>,
    /// Never empty: those without a unit fit every volume.
    presets: Vec<(Preset, Arc<TransferFunction>)>,
    first: Preset,
}

impl SolidSource {
    /// Looks at many voxels.
    pub fn new(volume: &Volume, modality: &str) -> Self {
        let is_hu = *volume.unit() == ValueUnit::Hu;
        let presets: Vec<_> = Preset::ALL
            .into_iter()
            .filter(|preset| is_hu || !preset.needs_hounsfield())
            .map(|preset| (preset, Arc::new(preset.transfer(volume))))
            .collect();
        let wanted = Preset::first_for(modality);
        let first = if is_hu || !wanted.needs_hounsfield() { wanted } else { Preset::MrDefault };
        let (low, high) = volume.range();
        let range = [f64::from(low), f64::from(high.max(low + f32::EPSILON))];
        Self {
            blocks: ValueBlocks::new(volume),
            range,
            bars: bars(volume, range),
            exposure: first_exposure(volume),
            presets,
            first,
        }
    }

    /// What can be chosen: presets in HU for volumes in HU only.
    pub fn presets(&self) -> impl Iterator<Item = Preset> + '_ {
        self.presets.iter().map(|(preset, _)| *preset)
    }

    /// The preset of a viewport.
    pub fn preset_of(&self, view: &SolidView) -> Preset {
        view.preset.unwrap_or(self.first)
    }

    /// The transfer function of a preset; that of the first one where the volume does not have it.
    pub fn transfer(&self, preset: Preset) -> Arc<TransferFunction> {
        let at = self.presets.iter().position(|(own, _)| *own == preset).unwrap_or(0);
        Arc::clone(&self.presets[at].1)
    }

    /// The transfer function of a viewport.
    pub fn transfer_of(&self, view: &SolidView) -> Arc<TransferFunction> {
        view.transfer.clone().unwrap_or_else(|| self.transfer(self.preset_of(view)))
    }
}

/// A window that serves the frontal and the lateral view alike.
fn first_exposure(volume: &Volume) -> Option<Voi> {
    let windows = [[0.0, 0.0], [90.0, 0.0]].into_iter().filter_map(|angles_deg| {
        let stand = Stand { angles_deg, ..Stand::default() };
        let geometry = stand.geometry(volume.geometry(), (1.0, DVec2::ZERO), [TRIAL_PX; 2]).ok()?;
        let draw = DrrDraw::new(volume, geometry, stand.energy_kev).ok()?;
        Some(draw.window_of(&crate::render::cpu::drr_values(volume, &draw)))
    });
    let ends = |voi: Voi| [voi.center - voi.width / 2.0, voi.center + voi.width / 2.0];
    let [low, high] = windows.map(ends).reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])?;
    Some(Voi::spanning(low, high))
}

/// A regular sample of at most about a million voxels, counted; the square root keeps small peaks in sight.
fn bars(volume: &Volume, [low, high]: [f64; 2]) -> Vec<f32> {
    let count = volume.geometry().len();
    let mut bars = vec![0u32; BARS];
    for n in (0..count).step_by((count / 1_000_000).max(1)) {
        let at = (f64::from(volume.value(n)) - low) / (high - low) * BARS as f64;
        // NaN and what lies below count as the first.
        bars[(at as usize).min(BARS - 1)] += 1;
    }
    // What surrounds the patient would dwarf the rest.
    let most = bars.iter().skip(1).copied().max().unwrap_or(1).max(1);
    bars.iter().map(|n| (f64::from(*n) / f64::from(most)).sqrt().min(1.0) as f32).collect()
}
