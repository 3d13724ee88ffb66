//! The reversible 5/3 wavelet backwards (T.800 F.3.8.2), for regions that begin at 0: whole lines at a time.

/// Puts a resolution together in place: the low-pass quarter lies at the left top, the others right and below, lines are
/// `stride` apart.
pub fn join(plane: &mut [i32], stride: usize, columns: usize, rows: usize) {
    let mut line = vec![0; columns];
    for row in plane.chunks_mut(stride).take(rows) {
        across(&mut row[..columns], &mut line);
    }
    down(plane, stride, columns, rows);
}

fn across(row: &mut [i32], line: &mut [i32]) {
    let columns = row.len();
    if columns < 2 {
        return;
    }
    let (low, high) = row.split_at(columns.div_ceil(2));
    // At the borders the signal is mirrored: the neighbor that is missing equals the other one.
    let last = high.len() - 1;
    let (even, odd) = line.split_at_mut(low.len());
    even[0] = lowered(low[0], high[0], high[0]);
    for (n, value) in even.iter_mut().enumerate().skip(1) {
        *value = lowered(low[n], high[n - 1], high[n.min(last)]);
    }
    let right = even.len() - 1;
    for (n, value) in odd.iter_mut().enumerate() {
        *value = raised(high[n], even[n], even[(n + 1).min(right)]);
    }
    for (pair, (even, odd)) in row.chunks_exact_mut(2).zip(even.iter().zip(odd.iter())) {
        (pair[0], pair[1]) = (*even, *odd);
    }
    if columns % 2 == 1 {
        row[columns - 1] = even[right];
    }
}

#[inline]
fn lowered(low: i32, before: i32, after: i32) -> i32 {
    low.wrapping_sub(before.wrapping_add(after).wrapping_add(2) >> 2)
}

#[inline]
fn raised(high: i32, before: i32, after: i32) -> i32 {
    high.wrapping_add(before.wrapping_add(after) >> 1)
}

/// Columns that are joined together: few enough to stay in the nearest cache.
const STRIP: usize = 64;

fn down(plane: &mut [i32], stride: usize, columns: usize, rows: usize) {
    if rows < 2 {
        return;
    }
    let mut lines = vec![[0i32; STRIP]; rows];
    let low = rows.div_ceil(2);
    for first in (0..columns).step_by(STRIP) {
        let width = STRIP.min(columns - first);
        // Into their places: low-pass lines on even ones.
        for (n, row) in plane.chunks(stride).take(rows).enumerate() {
            let at = if n < low { 2 * n } else { 2 * (n - low) + 1 };
            lines[at][..width].copy_from_slice(&row[first..first + width]);
        }
        for n in (0..rows).step_by(2) {
            let before = lines[if n == 0 { 1 } else { n - 1 }];
            let after = lines[if n + 1 < rows { n + 1 } else { n - 1 }];
            let line = &mut lines[n];
            (0..STRIP).for_each(|x| line[x] = lowered(line[x], before[x], after[x]));
        }
        for n in (1..rows).step_by(2) {
            let before = lines[n - 1];
            let after = lines[if n + 1 < rows { n + 1 } else { n - 1 }];
            let line = &mut lines[n];
            (0..STRIP).for_each(|x| line[x] = raised(line[x], before[x], after[x]));
        }
        for (row, line) in plane.chunks_mut(stride).zip(&lines) {
            row[first..first + width].copy_from_slice(&line[..width]);
        }
    }
}
