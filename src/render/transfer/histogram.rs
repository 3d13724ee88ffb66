//! How often values occur: what a transfer function is edited over.

use crate::volume::Volume;
use rayon::prelude::*;

/// Most bins: more than any screen is wide.
const MAX_BINS: usize = 1 << 16;

/// Voxels per equal part of the values of a volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Lowest and highest value after the Modality LUT: lower end of the first bin and upper end of the last one.
    pub range: [f64; 2],
    /// Voxels per bin; those that are no numbers are left out.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Counts all voxels into `bins` (1–65536) parts of the volume's range.
    pub fn new(volume: &Volume, bins: usize) -> Self {
        let bins = bins.clamp(1, MAX_BINS);
        let (low, high) = volume.range();
        let range = [low, high].map(f64::from);
        let per_value = bins as f64 / (range[1] - range[0]).max(f64::MIN_POSITIVE);
        let count = |mut counts: Vec<u64>, k: usize| {
            for value in volume.slice_values(k).into_iter().filter(|value| !value.is_nan()) {
                let bin = ((f64::from(value) - range[0]) * per_value) as usize;
                counts[bin.min(bins - 1)] += 1;
            }
            counts
        };
        let add = |mut a: Vec<u64>, b: Vec<u64>| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        };
        let slices = (0..volume.dims()[2]).into_par_iter();
        let counts = slices.fold(|| vec![0; bins], count).reduce(|| vec![0; bins], add);
        Self { range, counts }
    }
}
