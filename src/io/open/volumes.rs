//! The volumes of one file (4D NIfTI, NRRD, MetaImage) as display sets of one series.

use crate::io::voxel_file::StepAxis;
use crate::study::{Part, Series, SliceSource, Step};

/// What a file with several volumes says of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Volumes {
    /// Slices of each.
    pub(super) slices: u32,
    /// How many are listed.
    pub(super) count: u32,
    /// What they are.
    pub(super) axis: StepAxis,
    /// Seconds from one to the next, where the file says them.
    pub(super) step_secs: Option<f64>,
}

/// One display set per volume.
pub(super) fn split(series: &Series, volumes: Volumes) -> Vec<Series> {
    (0..volumes.count).map(|n| part(series, volumes, n)).collect()
}

fn part(series: &Series, volumes: Volumes, n: u32) -> Series {
    let Volumes { slices, count, axis, step_secs } = volumes;
    let what = match (axis, step_secs) {
        (StepAxis::Time, Some(secs)) => format!("time {} of {count}, {} s", n + 1, thousandths(secs * f64::from(n))),
        (StepAxis::Time, None) => format!("time {} of {count}", n + 1),
        (StepAxis::List, _) => format!("volume {} of {count}", n + 1),
    };
    let axis = if axis == StepAxis::Time { "time" } else { "volume" };
    Series {
        part: Some(Part { number: n + 1, what, step: Some(Step { group: 1, axis: axis.into(), index: n, count }) }),
        slices: (0..slices).map(|k| SliceSource { instance: 0, frame: n * slices + k }).collect(),
        ..series.clone()
    }
}

/// Rounded, so that a step of 0.1 s does not show its rounding errors.
fn thousandths(secs: f64) -> f64 {
    (secs * 1000.0).round() / 1000.0
}
