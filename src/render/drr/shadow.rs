//! The shadow of masks on the detector: through how many millimetres of a label each pixel's ray went. Exact for the label's
//! voxels, whatever their size.

use super::traversal::Traversal;
use super::{DrrGeometry, Fan};
use crate::geometry::DVec2;
use crate::volume::Labelmap;
use rayon::prelude::*;

/// The shadow of one label.
#[derive(Debug, Clone, PartialEq)]
pub struct Shadow {
    /// The label.
    pub number: u8,
    /// Length of each pixel's ray inside the label, row by row; 0 where the ray misses it.
    pub thickness_mm: Vec<f32>,
}

/// The shadows of the labels that are `shown` and occur, ascending by number.
pub fn shadows(geometry: &DrrGeometry, labels: &Labelmap, shown: impl Fn(u8) -> bool) -> Vec<Shadow> {
    let counts = labels.histogram();
    let numbers: Vec<u8> = (1..=u8::MAX).filter(|&n| counts[usize::from(n)] > 0 && shown(n)).collect();
    // Which shadow a label belongs to; voxels of other labels belong to none.
    let mut place = [None; 256];
    numbers.iter().enumerate().for_each(|(n, &number)| place[usize::from(number)] = Some(n));
    let [width, height] = geometry.detector.size_px.map(|n| n as usize);
    let mut thickness: Vec<Vec<f32>> = vec![vec![0.0; width * height]; numbers.len()];
    if let Some(block) = block_around(labels, |label| place[usize::from(label)].is_some()) {
        let fan = geometry.fan(labels.geometry());
        let row = |y: usize| shadow_row([width, y], &fan, labels, &place, numbers.len(), block);
        let rows: Vec<Vec<f32>> = (0..height).into_par_iter().map(row).collect();
        for (y, row) in rows.iter().enumerate() {
            for (plane, part) in thickness.iter_mut().zip(row.chunks_exact(width.max(1))) {
                plane[y * width..(y + 1) * width].copy_from_slice(part);
            }
        }
    }
    let shadow = |(number, thickness_mm)| Shadow { number, thickness_mm };
    numbers.into_iter().zip(thickness).map(shadow).collect()
}

/// Row `y` of `width` pixels for each of `count` shadows, one after the other.
fn shadow_row(
    [width, y]: [usize; 2],
    fan: &Fan,
    labels: &Labelmap,
    place: &[Option<usize>; 256],
    count: usize,
    block: [[usize; 3]; 2],
) -> Vec<f32> {
    let mut row = vec![0.0f32; width * count];
    for x in 0..width {
        let ray = fan.ray(DVec2::new(x as f64, y as f64));
        let length_mm = ray.start_lps.distance(ray.end_lps);
        for step in Traversal::within(labels.geometry(), &ray, block) {
            if let Some(n) = place[usize::from(labels.label(step.ijk))] {
                row[n * width + x] += ((step.parts[1] - step.parts[0]) * length_mm) as f32;
            }
        }
    }
    row
}

/// First and last voxel of the smallest block that holds all voxels of the wanted labels.
fn block_around(labels: &Labelmap, wanted: impl Fn(u8) -> bool) -> Option<[[usize; 3]; 2]> {
    let [columns, rows, slices] = labels.geometry().dims();
    let mut block: Option<[[usize; 3]; 2]> = None;
    for k in 0..slices {
        for (j, row) in labels.slice(k).chunks_exact(columns).enumerate().take(rows) {
            let Some(first) = row.iter().position(|&label| wanted(label)) else { continue };
            let last = row.iter().rposition(|&label| wanted(label)).unwrap_or(first);
            let [low, high] = block.get_or_insert([[first, j, k], [last, j, k]]);
            *low = [low[0].min(first), low[1].min(j), low[2]];
            *high = [high[0].max(last), high[1].max(j), k];
        }
    }
    block
}
