//! Box blur within slices: less noise before a threshold, at a cost that does not depend on the box.

use rayon::prelude::*;

/// Mean over a square of (2·`reach` + 1)² pixels in each slice; at the edge over the pixels that exist.
pub fn blur_slices(dims: [usize; 3], values: &[i16], reach: usize) -> Vec<i16> {
    let [ni, nj, _] = dims;
    let mut out = values.to_vec();
    if reach == 0 || ni * nj == 0 {
        return out;
    }
    out.par_chunks_mut(ni * nj).for_each(|slice| {
        let mut sums = vec![0i32; slice.len()];
        for (row, sums) in slice.chunks_exact(ni).zip(sums.chunks_exact_mut(ni)) {
            let mut sum: i32 = row.iter().take(reach).map(|&v| i32::from(v)).sum();
            for i in 0..ni {
                sum += row.get(i + reach).map_or(0, |&v| i32::from(v));
                sums[i] = sum;
                sum -= if i >= reach { i32::from(row[i - reach]) } else { 0 };
            }
        }
        let mut column = vec![0i32; ni];
        let add = |column: &mut [i32], row: usize, sign: i32| {
            column.iter_mut().zip(&sums[row * ni..(row + 1) * ni]).for_each(|(c, s)| *c += sign * s);
        };
        (0..reach.min(nj)).for_each(|row| add(&mut column, row, 1));
        for j in 0..nj {
            if j + reach < nj {
                add(&mut column, j + reach, 1);
            }
            let high = (j + reach + 1).min(nj) - j.saturating_sub(reach);
            for (i, (&c, out)) in column.iter().zip(&mut slice[j * ni..(j + 1) * ni]).enumerate() {
                let wide = (i + reach + 1).min(ni) - i.saturating_sub(reach);
                *out = (c / (wide * high) as i32) as i16;
            }
            if j >= reach {
                add(&mut column, j - reach, -1);
            }
        }
    });
    out
}
