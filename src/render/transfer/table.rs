//! A transfer function as one table that both twins read.
//!
//! Entry `e` of [`ENTRIES`] covers an equal part of the values; the first and the last one hold what lies beyond the curves'
//! ends. Kept are sums over all entries before each: the mean over any range of values is then one difference, so that a ray
//! that passes from one value to another within a step meets all that lies between (pre-integration), and whether a block of
//! voxels can be seen is one difference too. The sums are whole numbers: differences are exact, and both twins have the same.

use super::TransferFunction;

/// Parts of the values.
pub(in crate::render) const ENTRIES: usize = 2048;
/// Steps of optical depth from 0 to the table's greatest: sums over all entries stay below 2³².
const LEVELS: u32 = (1 << 21) - 1;
/// Nothing is wholly opaque within the unit distance: depth stays finite.
const MOST_OPACITY: f64 = 0.9999;

/// A transfer function, ready for rays.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::render) struct TransferTable {
    /// Sums of red, green and blue weighted by optical depth, and of optical depth, over the entries before each;
    /// `ENTRIES + 1` of them.
    pub sums: Vec<[u32; 4]>,
    /// Value at the lower end of entry 0.
    pub low: f64,
    /// Entries per value.
    pub per_value: f64,
    /// Optical depth per mm of one level.
    pub depth_per_mm: f64,
}

impl TransferTable {
    pub fn new(transfer: &TransferFunction) -> Self {
        let [first, last] = transfer.range();
        // A single point still has two sides.
        let width = (last - first).max(first.abs().max(last.abs()) * 1e-6).max(1e-6) / (ENTRIES - 2) as f64;
        let low = first - width;
        let depth_of = |opacity: f64| -(-opacity.min(MOST_OPACITY)).ln_1p() / transfer.unit_mm();
        let value_at = |entry: usize| (low + (entry as f64 + 0.5) * width).clamp(first, last);
        // The ends hold for all values beyond: exactly the curve's end, not the middle of a part.
        let value_of = |entry: usize| match entry {
            0 => first,
            _ if entry == ENTRIES - 1 => last,
            _ => value_at(entry),
        };
        let depths: Vec<f64> = (0..ENTRIES).map(|entry| depth_of(transfer.opacity_at(value_of(entry)))).collect();
        let most = depths.iter().copied().fold(0.0, f64::max);
        let scale = if most > 0.0 { f64::from(LEVELS) / most } else { 0.0 };
        let mut sums = vec![[0u32; 4]; ENTRIES + 1];
        for (entry, depth) in depths.iter().enumerate() {
            let [r, g, b] = transfer.color_at(value_of(entry));
            let level = (depth * scale).round();
            let parts = [r * level, g * level, b * level, level].map(|part| part.round() as u32);
            sums[entry + 1] = std::array::from_fn(|n| sums[entry][n].wrapping_add(parts[n]));
        }
        let depth_per_mm = if scale > 0.0 { scale.recip() } else { 0.0 };
        Self { sums, low, per_value: width.recip(), depth_per_mm }
    }

    /// Entry of a value; NaN counts as the lowest.
    pub fn entry(&self, value: f64) -> usize {
        // Negative numbers and NaN become 0.
        (((value - self.low) * self.per_value) as usize).min(ENTRIES - 1)
    }

    /// True when nothing between two values can be seen.
    pub fn is_clear(&self, low: f32, high: f32) -> bool {
        let (from, to) = (self.entry(f64::from(low)), self.entry(f64::from(high)));
        self.sums[to.max(from) + 1][3] == self.sums[from.min(to)][3]
    }
}
