//! How alike two pictures are: differences, and structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004).

use rayon::prelude::*;

/// Pixels on each side of the middle of the window.
const REACH: usize = 5;
/// Standard deviation of the window's weights, pixels.
const SIGMA: f64 = 1.5;
/// Shares of the range that keep flat windows from deciding (K1, K2 of the paper).
const STEADY: [f64; 2] = [0.01, 0.03];

/// Differences of two pictures (or volumes), second minus first.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Difference {
    /// Pairs of which both are numbers.
    pub count: usize,
    /// Mean difference.
    pub mean: f64,
    /// Mean of the sizes.
    pub mean_size: f64,
    /// Root mean square.
    pub rms: f64,
    /// Greatest size.
    pub max_size: f64,
    /// Index of the greatest, the first of equals.
    pub at: usize,
}

impl Difference {
    /// Of two lists of equal length; pairs with NaN are left out. `None` for unequal lengths or nothing to compare.
    pub fn of(first: &[f32], second: &[f32]) -> Option<Self> {
        if first.len() != second.len() {
            return None;
        }
        let mut sums = Self::default();
        for (n, (a, b)) in first.iter().zip(second).enumerate() {
            let difference = f64::from(*b) - f64::from(*a);
            if difference.is_nan() {
                continue;
            }
            let size = difference.abs();
            sums.count += 1;
            sums.mean += difference;
            sums.mean_size += size;
            sums.rms += size * size;
            if size > sums.max_size {
                (sums.max_size, sums.at) = (size, n);
            }
        }
        let count = sums.count as f64;
        let (mean, mean_size, rms) = (sums.mean / count, sums.mean_size / count, (sums.rms / count).sqrt());
        (sums.count > 0).then_some(Self { mean, mean_size, rms, ..sums })
    }
}

/// Mean structural similarity of two pictures of `columns` × `rows` whose values span `range` (255 for bytes): 1 for equal
/// ones. Gaussian windows of 11 pixels, σ 1.5, that lie wholly in the picture. `None` when the sizes do not fit or the
/// picture is smaller than a window.
pub fn structural_similarity([columns, rows]: [usize; 2], first: &[f32], second: &[f32], range: f64) -> Option<f64> {
    let fits = Some(first.len()) == columns.checked_mul(rows) && first.len() == second.len();
    if !fits || columns <= 2 * REACH || rows <= 2 * REACH || !(range.is_finite() && range > 0.0) {
        return None;
    }
    let weights = weights();
    let across: Vec<[Vec<f64>; 5]> = (0..rows)
        .into_par_iter()
        .map(|row| {
            let at = row * columns..(row + 1) * columns;
            weighted_row(&first[at.clone()], &second[at], &weights)
        })
        .collect();
    let [c1, c2] = STEADY.map(|share| (share * range).powi(2));
    let similarity = |[a, b, aa, bb, ab]: [f64; 5]| {
        let (of_means, of_spread) = (2.0 * a * b + c1, 2.0 * (ab - a * b) + c2);
        of_means * of_spread / ((a * a + b * b + c1) * (aa - a * a + bb - b * b + c2))
    };
    let width = columns - 2 * REACH;
    let of_row = |row: usize| -> f64 {
        let moments = |column: usize| -> [f64; 5] {
            std::array::from_fn(|m| weights.iter().enumerate().map(|(n, w)| w * across[row + n][m][column]).sum())
        };
        (0..width).map(|column| similarity(moments(column))).sum()
    };
    let height = rows - 2 * REACH;
    let by_rows: Vec<f64> = (0..height).into_par_iter().map(of_row).collect();
    Some(by_rows.iter().sum::<f64>() / (width * height) as f64)
}

/// Weights of the window along one axis.
fn weights() -> [f64; 2 * REACH + 1] {
    let bell = |n: usize| (-((n as f64 - REACH as f64) / SIGMA).powi(2) / 2.0).exp();
    let sum: f64 = (0..=2 * REACH).map(bell).sum();
    std::array::from_fn(|n| bell(n) / sum)
}

/// Weighted sums along a row of a, b, a², b² and a·b.
fn weighted_row(a: &[f32], b: &[f32], weights: &[f64; 2 * REACH + 1]) -> [Vec<f64>; 5] {
    let sums = |value: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
        let all: Vec<f64> = a.iter().zip(b).map(|(a, b)| value(f64::from(*a), f64::from(*b))).collect();
        all.windows(weights.len()).map(|window| window.iter().zip(weights).map(|(v, w)| v * w).sum()).collect()
    };
    [sums(&|a, _| a), sums(&|_, b| b), sums(&|a, _| a * a), sums(&|_, b| b * b), sums(&|a, b| a * b)]
}
