//! Trachea and main bronchi: a chain of round air spots in the middle of the chest, then growth from it with leak control.

use super::canonical::Canonical;
use crate::volume::ops::{Links, Mask, Part, Parts, blur_slices, dilate_discs, face_neighbors};

/// Air in the trachea, also with partial volume.
const LUMEN_HU: i16 = -700;
/// The wall of the lumen lies halfway between air and tissue.
const WALL_HU: i16 = -500;
/// Area of a tracheal cross-section.
const AREA_MM2: std::ops::RangeInclusive<f64> = 40.0..=700.0;
/// Width and depth of a tracheal cross-section.
const EDGE_MM: std::ops::RangeInclusive<f64> = 5.0..=40.0;
/// Longest to shortest edge of its box.
const ASPECT: f64 = 2.2;
/// Share of its box that a cross-section fills (a disc: 0.79).
const FILL: f64 = 0.55;
/// Greatest distance from the middle of the lungs.
const OFF_MIDDLE_MM: f64 = 45.0;
/// How far the cross-section moves from slice to slice: so much, and so much more per mm of slice distance.
const STEP_MM: (f64, f64) = (4.0, 1.0);
/// A chain is at least this long.
const LENGTH_MM: f64 = 24.0;
/// Growth is tried in steps of so many HU.
const LEVEL_HU: i32 = 8;
/// Growth has leaked when the whole exceeds the chain by this factor and volume …
const LEAK_FACTOR: f64 = 2.2;
const LEAK_ML: f64 = 45.0;
/// … or when one step adds this share and volume.
const BURST_SHARE: f64 = 0.2;
const BURST_ML: f64 = 6.0;

/// The lumen of trachea and main bronchi; `None` when no trachea is found. `middle_i`: middle of the lungs in voxels.
pub fn find(ct: &Canonical, body: &Mask, middle_i: f64) -> Option<Mask> {
    let smooth = blur_slices(ct.dims, &ct.hu, 1);
    let air = Mask::where_value(ct.dims, &smooth, |v| v < LUMEN_HU).and(body);
    let spots = Parts::of(&air, Links::InSlice);
    let chain = longest_chain(ct, spots.parts(), middle_i)?;
    let seed = spots.select(|n, _| chain.contains(&n));
    let grown = grow(ct, &smooth, body, &seed);
    let rim = dilate_discs(&grown, ct.spacing_mm, ct.spacing_mm[0].max(ct.spacing_mm[1]));
    let lumen = Mask::where_value(ct.dims, &ct.hu, |v| v < WALL_HU).and(body);
    Some(grown.or(&rim.and(&lumen)))
}

fn is_cross_section(ct: &Canonical, spot: &Part, middle_i: f64) -> bool {
    let wide = (spot.max_ijk[0] - spot.min_ijk[0] + 1) as f64 * ct.spacing_mm[0];
    let deep = (spot.max_ijk[1] - spot.min_ijk[1] + 1) as f64 * ct.spacing_mm[1];
    let area = spot.voxels as f64 * ct.pixel_mm2();
    AREA_MM2.contains(&area)
        && EDGE_MM.contains(&wide)
        && EDGE_MM.contains(&deep)
        && wide.max(deep) <= ASPECT * wide.min(deep)
        && area >= FILL * wide * deep
        && (spot.center_ijk()[0] - middle_i).abs() * ct.spacing_mm[0] <= OFF_MIDDLE_MM
}

/// Indices of the spots of the longest chain through neighboring slices.
fn longest_chain(ct: &Canonical, spots: &[Part], middle_i: f64) -> Option<Vec<usize>> {
    let round: Vec<usize> = (0..spots.len()).filter(|&n| is_cross_section(ct, &spots[n], middle_i)).collect();
    let near = STEP_MM.0 + STEP_MM.1 * ct.spacing_mm[2];
    // For each spot the best chain that ends there, from the lowest slice up: its length and the spot before.
    let mut best: Vec<(usize, Option<usize>)> = vec![(1, None); round.len()];
    for n in 0..round.len() {
        let spot = &spots[round[n]];
        for m in (0..n).rev() {
            let below = &spots[round[m]];
            if below.min_ijk[2] + 1 < spot.min_ijk[2] {
                break;
            }
            let [a, b] = [spot.center_ijk(), below.center_ijk()];
            let apart = ((a[0] - b[0]) * ct.spacing_mm[0]).hypot((a[1] - b[1]) * ct.spacing_mm[1]);
            let alike = spot.voxels < 3 * below.voxels && below.voxels < 3 * spot.voxels;
            if below.min_ijk[2] + 1 == spot.min_ijk[2] && alike && apart <= near && best[m].0 + 1 > best[n].0 {
                best[n] = (best[m].0 + 1, Some(m));
            }
        }
    }
    let end = (0..round.len()).max_by_key(|&n| best[n].0)?;
    if (best[end].0 as f64) * ct.spacing_mm[2] < LENGTH_MM {
        return None;
    }
    let links = std::iter::successors(Some(end), |&n| best[n].1);
    Some(links.map(|n| round[n]).collect())
}

/// Grows the seed downward and sideways through ever denser voxels and stops before the growth bursts into the lungs.
fn grow(ct: &Canonical, smooth: &[i16], body: &Mask, seed: &Mask) -> Mask {
    let Some((_, top)) = seed.bounds_ijk() else { return seed.clone() };
    let levels = ((i32::from(WALL_HU) + 1024) / LEVEL_HU) as usize;
    let level = |n: usize| ((i32::from(smooth[n]) + 1024) / LEVEL_HU).max(0) as usize;
    let mut visited = seed.clone();
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); levels];
    waiting[0].extend(seed.flags().iter().enumerate().filter(|(_, b)| **b).map(|(n, _)| n));
    let seed_count = waiting[0].len();
    let per_ml = 1.0 / ct.voxel_ml();
    let most = (seed_count as f64 * LEAK_FACTOR).max(seed_count as f64 + LEAK_ML * per_ml);
    let mut taken: Vec<usize> = Vec::new();
    let mut good = 0;
    for now in 0..levels {
        let before = taken.len();
        while let Some(at) = waiting[now].pop() {
            taken.push(at);
            if taken.len() as f64 > most {
                break;
            }
            for next in face_neighbors(ct.dims, at) {
                let above = next / (ct.dims[0] * ct.dims[1]) > top[2];
                if above || visited.flags()[next] || !body.flags()[next] || level(next) >= levels {
                    continue;
                }
                visited.flags_mut()[next] = true;
                waiting[now.max(level(next))].push(next);
            }
        }
        let added = (taken.len() - before) as f64;
        let burst = now > 0 && added > (BURST_ML * per_ml).max(BURST_SHARE * before as f64);
        if burst || taken.len() as f64 > most {
            break;
        }
        good = taken.len();
    }
    let mut grown = seed.clone();
    taken[..good].iter().for_each(|&n| grown.flags_mut()[n] = true);
    grown
}
