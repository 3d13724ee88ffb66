//! Dilation, erosion, opening and closing with discs (slice by slice) and balls, radii in mm on anisotropic grids.
//!
//! A voxel belongs to a dilation when some voxel center of the mask lies within the radius of its own center. For a
//! disc this takes two sweeps: the distance along j to the nearest mask voxel, then along i the farthest reach of all
//! voxels passed so far. A ball is the union of discs of the neighboring slices. Cost does not depend on the radius in
//! the plane.

use super::Mask;

/// Union of discs of `radius_mm` around the mask's voxels in each slice. `spacing_mm` = along i, j(, k).
pub fn dilate_discs(mask: &Mask, spacing_mm: [f64; 3], radius_mm: f64) -> Mask {
    let dims = mask.dims();
    let reach = Reach::new(spacing_mm, radius_mm);
    Mask::by_slices(dims, |k, out| dilate_slice(dims, mask.slice(k), false, &reach, out))
}

/// Voxels whose disc of `radius_mm` lies in the mask.
pub fn erode_discs(mask: &Mask, spacing_mm: [f64; 3], radius_mm: f64) -> Mask {
    let dims = mask.dims();
    let reach = Reach::new(spacing_mm, radius_mm);
    Mask::by_slices(dims, |k, out| {
        dilate_slice(dims, mask.slice(k), true, &reach, out);
        out.iter_mut().for_each(|b| *b = !*b);
    })
}

/// Erosion, then dilation: what a disc fits into.
pub fn open_discs(mask: &Mask, spacing_mm: [f64; 3], radius_mm: f64) -> Mask {
    dilate_discs(&erode_discs(mask, spacing_mm, radius_mm), spacing_mm, radius_mm)
}

/// Dilation, then erosion: gaps that a disc does not fit into are closed.
pub fn close_discs(mask: &Mask, spacing_mm: [f64; 3], radius_mm: f64) -> Mask {
    erode_discs(&dilate_discs(mask, spacing_mm, radius_mm), spacing_mm, radius_mm)
}

/// Union of balls of `radius_mm` around the mask's voxels.
pub fn dilate_ball(mask: &Mask, spacing_mm: [f64; 3], radius_mm: f64) -> Mask {
    ball(mask, spacing_mm, radius_mm, false)
}

/// Voxels whose ball of `radius_mm` lies in the mask.
pub fn erode_ball(mask: &Mask, spacing_mm: [f64; 3], radius_mm: f64) -> Mask {
    let mut outside = ball(mask, spacing_mm, radius_mm, true);
    outside.flags_mut().iter_mut().for_each(|b| *b = !*b);
    outside
}

/// Erosion, then dilation: what a ball fits into.
pub fn open_ball(mask: &Mask, spacing_mm: [f64; 3], radius_mm: f64) -> Mask {
    dilate_ball(&erode_ball(mask, spacing_mm, radius_mm), spacing_mm, radius_mm)
}

/// Dilation, then erosion: gaps that a ball does not fit into are closed.
pub fn close_ball(mask: &Mask, spacing_mm: [f64; 3], radius_mm: f64) -> Mask {
    erode_ball(&dilate_ball(mask, spacing_mm, radius_mm), spacing_mm, radius_mm)
}

/// Dilation of the mask, or of its complement.
fn ball(mask: &Mask, spacing_mm: [f64; 3], radius_mm: f64, complement: bool) -> Mask {
    let dims = mask.dims();
    let far = (radius_mm.max(0.0) / spacing_mm[2]).min(dims[2] as f64) as usize;
    let discs: Vec<Reach> = (0..=far)
        .map(|n| {
            let height = n as f64 * spacing_mm[2];
            Reach::new(spacing_mm, (radius_mm * radius_mm - height * height).max(0.0).sqrt())
        })
        .collect();
    Mask::by_slices(dims, |k, out| {
        let mut disc = vec![false; out.len()];
        for other in k.saturating_sub(far)..=(k + far).min(dims[2] - 1) {
            dilate_slice(dims, mask.slice(other), complement, &discs[k.abs_diff(other)], &mut disc);
            out.iter_mut().zip(&disc).for_each(|(o, &d)| *o |= d);
        }
    })
}

/// For each distance along j (in rows) how far the disc reaches along i (in columns).
struct Reach(Vec<i32>);

impl Reach {
    fn new(spacing_mm: [f64; 3], radius_mm: f64) -> Self {
        /// Radii that are whole multiples of the spacing must include their last voxel in spite of rounding.
        const SLACK: f64 = 1e-6;
        let radius = radius_mm.max(0.0) + SLACK;
        // Far beyond any picture, and small enough that sums of it and a column fit.
        let rows = (radius / spacing_mm[1]).min(65_535.0) as usize;
        Self(
            (0..=rows)
                .map(|n| {
                    let height = n as f64 * spacing_mm[1];
                    ((radius * radius - height * height).max(0.0).sqrt() / spacing_mm[0]).min(1e9) as i32
                })
                .collect(),
        )
    }
}

/// Dilates one slice (or its complement) into `out`.
fn dilate_slice(dims: [usize; 3], slice: &[bool], complement: bool, reach: &Reach, out: &mut [bool]) {
    let [ni, nj, _] = dims;
    if !slice.iter().any(|&b| b != complement) {
        out.fill(false);
        return;
    }
    let far = reach.0.len() as u16;
    // Distance along j to the nearest voxel of the set, capped one beyond the radius.
    let mut rows = vec![far; slice.len()];
    let mut column = vec![far; ni];
    for j in 0..nj {
        for ((c, r), &b) in column.iter_mut().zip(&mut rows[j * ni..]).zip(&slice[j * ni..(j + 1) * ni]) {
            *c = if b == complement { (*c + 1).min(far) } else { 0 };
            *r = *c;
        }
    }
    column.fill(far);
    for j in (0..nj).rev() {
        for (c, r) in column.iter_mut().zip(&mut rows[j * ni..(j + 1) * ni]) {
            *c = (*c + 1).min(*r);
            *r = *c;
        }
    }
    let width = |distance: u16| reach.0.get(usize::from(distance)).copied().unwrap_or(-1);
    for (row, out) in rows.chunks_exact(ni).zip(out.chunks_exact_mut(ni)) {
        let mut left = -1i32;
        for (distance, o) in row.iter().zip(out.iter_mut()) {
            // `left` counts down the columns that are still covered.
            left = (left - 1).max(width(*distance));
            *o = left >= 0;
        }
        let mut right = -1i32;
        for (distance, o) in row.iter().zip(out.iter_mut()).rev() {
            right = (right - 1).max(width(*distance));
            *o |= right >= 0;
        }
    }
}
