//! What a scanner adds: blur (point spread) and correlated noise.

use super::canvas::Grid;
use super::random::mix;
use rayon::prelude::*;

/// How blurred and how noisy.
#[derive(Debug, Clone, Copy)]
pub struct Scanner {
    /// Weight of each in-plane neighbor (of 1 + 2·weight): 0.25 is about one pixel wide at half height.
    pub in_plane: f32,
    /// Weight of each neighboring slice.
    pub across: f32,
    /// Standard deviation of the noise at each slice.
    pub noise_sd: f32,
    /// Seed of the noise.
    pub seed: u64,
}

/// Blurs ideal values and adds noise. The noise is smoothed in the plane, as reconstruction kernels do: neighbors
/// correlate, the grain is about two pixels wide. `more(k)` scales it per slice (shoulders absorb more).
pub fn scan(ideal: &[f32], grid: &Grid, scanner: Scanner, more: impl Fn(usize) -> f32 + Sync) -> Vec<i16> {
    let [columns, rows, slices] = grid.dims;
    let area = columns * rows;
    let mut out = vec![0i16; area * slices];
    out.par_chunks_mut(area).enumerate().for_each_init(
        || (vec![0.0f32; area], vec![0.0f32; area], vec![0.0f32; area]),
        |(mixed, first, second), (k, out)| {
            let at = |k: usize| &ideal[k * area..(k + 1) * area];
            let (below, here, above) = (at(k.saturating_sub(1)), at(k), at((k + 1).min(slices - 1)));
            let (side, middle) = (scanner.across, 1.0 - 2.0 * scanner.across);
            for n in 0..area {
                mixed[n] = here[n] * middle + (below[n] + above[n]) * side;
            }
            blur(mixed, first, columns, scanner.in_plane);
            white(first, scanner.seed ^ mix(k as u64));
            blur(first, second, columns, 0.27);
            blur(first, second, columns, 0.18);
            let sd = scanner.noise_sd * more(k) * NOISE_GAIN;
            for n in 0..area {
                out[n] = (mixed[n] + first[n] * sd).round().clamp(-1024.0, 3071.0) as i16;
            }
        },
    );
    out
}

/// Undoes the loss of variance: weights 0.27 and 0.18 in a row make (0.049, 0.256, 0.392, 0.256, 0.049) on each axis,
/// whose squares sum to 0.289; both axes leave 0.289 of the standard deviation.
const NOISE_GAIN: f32 = 3.46;

/// Nearly normal noise of variance 1: four uniform parts of one word.
fn white(out: &mut [f32], seed: u64) {
    for (n, value) in out.iter_mut().enumerate() {
        let word = mix(seed.wrapping_add((n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let sum = (word & 0xFFFF) + ((word >> 16) & 0xFFFF) + ((word >> 32) & 0xFFFF) + (word >> 48);
        *value = (sum as f32 - 131_070.0) * (1.0 / 37_837.0);
    }
}

/// In place: weights (w, 1 − 2w, w) along rows, then along columns. Edges repeat.
pub fn blur(values: &mut [f32], scratch: &mut [f32], columns: usize, w: f32) {
    let middle = 1.0 - 2.0 * w;
    for (row, out) in values.chunks_exact(columns).zip(scratch.chunks_exact_mut(columns)) {
        out[0] = row[0];
        out[columns - 1] = row[columns - 1];
        for ((o, three), _) in out[1..].iter_mut().zip(row.windows(3)).zip(0..) {
            *o = three[1] * middle + (three[0] + three[2]) * w;
        }
    }
    let rows = values.len() / columns;
    for j in 0..rows {
        let (up, down) = (j.saturating_sub(1) * columns, (j + 1).min(rows - 1) * columns);
        let out = &mut values[j * columns..(j + 1) * columns];
        let (up, here, down) =
            (&scratch[up..up + columns], &scratch[j * columns..(j + 1) * columns], &scratch[down..down + columns]);
        for i in 0..columns {
            out[i] = here[i] * middle + (up[i] + down[i]) * w;
        }
    }
}
