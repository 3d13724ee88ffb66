//! Volumes of interest with borders finer than a voxel, and the peak sphere (definitions in `super`).

use super::super::Quantity;
use super::region::measured;
use super::results::{Basis, Measured, Sampled, Unit};
use super::{MeasureError, PatientPlane};
use crate::geometry::{DMat3, DVec2, DVec3, VolumeGeometry};
use crate::volume::Volume;
use rayon::prelude::*;
use std::ops::Range;

/// Diameter of the sphere of `SUVpeak` (`clinical.md`: 12 mm).
pub const PEAK_DIAMETER_MM: f64 = 12.0;

/// Points of a border voxel whose inside is counted, where the solid has many voxels.
const FEWEST_POINTS: usize = 256;
/// The same where the solid is smaller than a voxel.
const MOST_POINTS: usize = 8192;
/// Solids of fewer voxels get more points in each.
const MANY_VOXELS: f64 = 30.0;
/// Most products of positions and voxels in the search for a peak: about a second.
const MOST_WORK: usize = 4_000_000_000;
/// A peak sphere whose share of the grid is less than this is cut off and does not count.
const WHOLE: f64 = 1.0 - 1e-9;

/// A solid whose distance to any point is known well enough to tell border voxels.
enum Solid {
    Sphere { center_lps: DVec3, radius_mm: f64 },
    Cuboid { center_lps: DVec3, axes_lps: DMat3, half_mm: DVec3 },
}

impl Solid {
    fn contains(&self, lps: DVec3) -> bool {
        self.depth_mm(lps) >= 0.0
    }

    /// How far inside a point lies at least (negative: outside).
    fn depth_mm(&self, lps: DVec3) -> f64 {
        match self {
            Self::Sphere { center_lps, radius_mm } => radius_mm - center_lps.distance(lps),
            Self::Cuboid { center_lps, axes_lps, half_mm } => {
                (*half_mm - (axes_lps.transpose() * (lps - *center_lps)).abs()).min_element()
            }
        }
    }

    fn volume_mm3(&self) -> f64 {
        match self {
            Self::Sphere { radius_mm, .. } => 4.0 / 3.0 * std::f64::consts::PI * radius_mm.powi(3),
            Self::Cuboid { half_mm, .. } => 8.0 * half_mm.element_product(),
        }
    }

    /// Half of its extent along each patient axis.
    fn reach_mm(&self) -> (DVec3, DVec3) {
        match self {
            Self::Sphere { center_lps, radius_mm } => (*center_lps, DVec3::splat(*radius_mm)),
            Self::Cuboid { center_lps, axes_lps, half_mm } => {
                let reach = axes_lps.x_axis.abs() * half_mm.x
                    + axes_lps.y_axis.abs() * half_mm.y
                    + axes_lps.z_axis.abs() * half_mm.z;
                (*center_lps, reach)
            }
        }
    }
}

/// Voxels that a solid may touch, before the grid's edges are looked at.
fn index_range(geometry: &VolumeGeometry, solid: &Solid) -> [Range<i64>; 3] {
    let (center, reach) = solid.reach_mm();
    let to_ijk = geometry.ijk_from_lps();
    let (at, rows) = (to_ijk.transform_point3(center), to_ijk.matrix3.transpose());
    std::array::from_fn(|axis| {
        let extent = rows.col(axis).abs().dot(reach) + 0.5;
        // A voxel beyond the grid's edge tells that the solid is cut off; farther ones tell nothing more.
        let most = geometry.dims()[axis] as f64 + 1.0;
        let first = (at[axis] - extent).ceil().clamp(-1.0, most) as i64;
        first..(at[axis] + extent).floor().clamp(-2.0, most) as i64 + 1
    })
}

/// How shares of voxels are found: points spread evenly over a voxel, but on no lattice, whose planes would all fall to one
/// side of a face at once (the R3 sequence of M. Roberts, 2018).
struct Shares<'a> {
    geometry: &'a VolumeGeometry,
    solid: &'a Solid,
    half_diagonal_mm: f64,
    offsets: Vec<DVec3>,
}

impl<'a> Shares<'a> {
    fn new(geometry: &'a VolumeGeometry, solid: &'a Solid) -> Self {
        /// The real root of x⁴ = x + 1.
        const ROOT: f64 = 1.220_744_084_605_759_6;
        let voxels = solid.volume_mm3() / geometry.voxel_volume_mm3();
        let wanted = FEWEST_POINTS as f64 * (MANY_VOXELS / voxels);
        let count = wanted.clamp(FEWEST_POINTS as f64, MOST_POINTS as f64) as usize;
        let steps = DVec3::new(1.0 / ROOT, 1.0 / ROOT.powi(2), 1.0 / ROOT.powi(3));
        let offsets = (0..count).map(|n| (DVec3::splat(0.5) + steps * n as f64).fract() - 0.5).collect();
        Self { geometry, solid, half_diagonal_mm: half_diagonal_mm(geometry), offsets }
    }

    /// Share of a voxel that lies inside.
    fn of(&self, ijk: DVec3) -> f64 {
        let depth = self.solid.depth_mm(self.geometry.point_lps(ijk));
        if depth >= self.half_diagonal_mm {
            return 1.0;
        }
        if depth <= -self.half_diagonal_mm {
            return 0.0;
        }
        let inside = self.offsets.iter().filter(|o| self.solid.contains(self.geometry.point_lps(ijk + **o))).count();
        inside as f64 / self.offsets.len() as f64
    }
}

/// Half of the longest diagonal of a voxel.
fn half_diagonal_mm(geometry: &VolumeGeometry) -> f64 {
    let m = geometry.lps_from_ijk().matrix3;
    let signs = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
    signs.iter().map(|(a, b)| (m.x_axis + m.y_axis * *a + m.z_axis * *b).length() / 2.0).fold(0.0, f64::max)
}

/// Shares of all voxels that the solid touches, as (voxel, share); those beyond the grid are given as `None`.
fn touched(geometry: &VolumeGeometry, solid: &Solid) -> Vec<(Option<[usize; 3]>, f64)> {
    let [is, js, ks] = index_range(geometry, solid);
    let shares = Shares::new(geometry, solid);
    let dims = geometry.dims();
    let voxel = |ijk: [i64; 3]| {
        let mut inside = [0; 3];
        for axis in 0..3 {
            inside[axis] = usize::try_from(ijk[axis]).ok().filter(|n| *n < dims[axis])?;
        }
        Some(inside)
    };
    let slice = |k: i64| {
        let mut found = Vec::new();
        for j in js.clone() {
            for i in is.clone() {
                let part = shares.of(DVec3::new(i as f64, j as f64, k as f64));
                if part > 0.0 {
                    found.push((voxel([i, j, k]), part));
                }
            }
        }
        found
    };
    ks.into_par_iter().flat_map_iter(slice).collect()
}

/// A ball.
pub(super) fn sphere(volume: &Volume, center_lps: DVec3, radius_mm: f64) -> Sampled {
    statistics(volume, &Solid::Sphere { center_lps, radius_mm })
}

/// A box over a rectangle of a plane.
pub(super) fn cuboid(volume: &Volume, plane: &PatientPlane, [a, b]: [DVec2; 2], depth_mm: f64) -> Sampled {
    let half = (b - a).abs() / 2.0;
    let solid = Solid::Cuboid {
        center_lps: plane.lps((a + b) / 2.0),
        axes_lps: DMat3::from_cols(plane.u_lps, plane.v_lps, plane.normal_lps()),
        half_mm: half.extend(depth_mm / 2.0),
    };
    statistics(volume, &solid)
}

fn statistics(volume: &Volume, solid: &Solid) -> Sampled {
    let touched = touched(volume.geometry(), solid);
    let cut_off = touched.iter().any(|(voxel, _)| voxel.is_none());
    let inside: Vec<(f64, f64)> =
        touched.iter().filter_map(|(voxel, part)| Some((f64::from(volume.value_ijk((*voxel)?)), *part))).collect();
    let volume_mm3 = inside.iter().map(|(_, part)| part).sum::<f64>() * volume.geometry().voxel_volume_mm3();
    let known: Vec<(f64, f64)> = inside.into_iter().filter(|(value, _)| !value.is_nan()).collect();
    let mut values = vec![Measured { quantity: Quantity::Volume, value: volume_mm3 / 1000.0, unit: Unit::Ml }];
    let weight: f64 = known.iter().map(|(_, part)| part).sum();
    // Extremes and count: voxels that lie inside by half at least; of a solid thinner than a voxel, all that it touches.
    let most = |least: f64| known.iter().filter(move |(_, part)| *part >= least).map(|(value, _)| *value);
    let least = if most(0.5).next().is_some() { 0.5 } else { 0.0 };
    values.push(Measured { quantity: Quantity::Count, value: most(least).count() as f64, unit: Unit::Count });
    if weight > 0.0 {
        let first = known[0].0;
        let mean = first + known.iter().map(|(value, part)| (value - first) * part).sum::<f64>() / weight;
        let variance = known.iter().map(|(value, part)| (value - mean).powi(2) * part).sum::<f64>() / weight;
        let unit = volume.unit().as_str();
        values.push(measured(Quantity::Mean, mean, unit));
        values.push(measured(Quantity::Sd, variance.sqrt(), unit));
        values.push(measured(Quantity::Min, most(least).fold(f64::INFINITY, f64::min), unit));
        values.push(measured(Quantity::Max, most(least).fold(f64::NEG_INFINITY, f64::max), unit));
    }
    Sampled { values, basis: Basis::VoxelShares, cut_off, peak_lps: None }
}

/// The greatest mean of a 12 mm sphere whose center lies in the region: first at every voxel center, then from the best one by
/// steps of a half and a quarter voxel. Spheres that reach beyond the grid do not count.
pub(super) fn peak(volume: &Volume, center_lps: DVec3, radius_mm: f64) -> Result<Sampled, MeasureError> {
    let geometry = volume.geometry();
    let region = Solid::Sphere { center_lps, radius_mm };
    let [is, js, ks] = index_range(geometry, &region);
    let candidates: Vec<DVec3> = ks
        .flat_map(|k| js.clone().map(move |j| (j, k)))
        .flat_map(|(j, k)| is.clone().map(move |i| DVec3::new(i as f64, j as f64, k as f64)))
        .filter(|ijk| region.contains(geometry.point_lps(*ijk)))
        .collect();
    let kernel = kernel(geometry);
    if candidates.len().saturating_mul(kernel.len()) > MOST_WORK {
        return Err(MeasureError::TooLarge);
    }
    let means = candidates.into_par_iter().filter_map(|at| Some((kernel_mean(volume, &kernel, at)?, at)));
    let best = means.reduce_with(|a, b| if b.0 > a.0 { b } else { a });
    let mut max = statistics(volume, &region);
    max.values.retain(|m| m.quantity == Quantity::Max);
    let Some(first) = best else {
        return Ok(Sampled { basis: Basis::PeakSphere, cut_off: true, ..max });
    };
    let (mean, at) = refined(volume, &region, first);
    max.values.insert(0, measured(Quantity::Peak, mean, volume.unit().as_str()));
    Ok(Sampled { basis: Basis::PeakSphere, cut_off: false, peak_lps: Some(geometry.point_lps(at)), ..max })
}

/// Offsets and shares of the peak sphere around a voxel center, the same at every voxel.
fn kernel(geometry: &VolumeGeometry) -> Vec<([i64; 3], f64)> {
    let sphere = Solid::Sphere { center_lps: geometry.origin_lps(), radius_mm: PEAK_DIAMETER_MM / 2.0 };
    let shares = Shares::new(geometry, &sphere);
    let rows = geometry.ijk_from_lps().matrix3.transpose();
    let reach = |axis: usize| (rows.col(axis).abs().dot(DVec3::splat(PEAK_DIAMETER_MM / 2.0)) + 0.5).floor() as i64;
    let [ri, rj, rk] = [reach(0), reach(1), reach(2)];
    let mut found = Vec::new();
    for k in -rk..=rk {
        for j in -rj..=rj {
            for i in -ri..=ri {
                let part = shares.of(DVec3::new(i as f64, j as f64, k as f64));
                if part > 0.0 {
                    found.push(([i, j, k], part));
                }
            }
        }
    }
    found
}

/// Mean around a voxel; `None` where the sphere is cut off or a value is missing.
fn kernel_mean(volume: &Volume, kernel: &[([i64; 3], f64)], at: DVec3) -> Option<f64> {
    let dims = volume.dims();
    let (mut sum, mut weight) = (0.0, 0.0);
    for (offset, part) in kernel {
        let mut voxel = [0; 3];
        for axis in 0..3 {
            let index = at[axis] as i64 + offset[axis];
            voxel[axis] = usize::try_from(index).ok().filter(|n| *n < dims[axis])?;
        }
        sum += f64::from(volume.value_ijk(voxel)) * part;
        weight += part;
    }
    let mean = sum / weight;
    (!mean.is_nan()).then_some(mean)
}

/// Mean around any position (voxel indices).
fn sphere_mean(volume: &Volume, at: DVec3) -> Option<f64> {
    let geometry = volume.geometry();
    let solid = Solid::Sphere { center_lps: geometry.point_lps(at), radius_mm: PEAK_DIAMETER_MM / 2.0 };
    let touched = touched(geometry, &solid);
    let whole: f64 = touched.iter().map(|(_, part)| part).sum();
    let known: f64 = touched.iter().filter(|(voxel, _)| voxel.is_some()).map(|(_, part)| part).sum();
    if known < WHOLE * whole {
        return None;
    }
    let sum: f64 = touched.iter().filter_map(|(voxel, part)| Some(f64::from(volume.value_ijk((*voxel)?)) * part)).sum();
    let mean = sum / known;
    (!mean.is_nan()).then_some(mean)
}

fn refined(volume: &Volume, region: &Solid, mut best: (f64, DVec3)) -> (f64, DVec3) {
    /// Moves at each step size; the mean can only grow, so this bounds time, not correctness.
    const MOST_MOVES: usize = 8;
    for step in [0.5, 0.25] {
        for _ in 0..MOST_MOVES {
            let axes = [DVec3::X, DVec3::Y, DVec3::Z];
            let neighbors = axes.into_iter().flat_map(|axis| [best.1 + axis * step, best.1 - axis * step]);
            let better = neighbors
                .filter(|at| region.contains(volume.geometry().point_lps(*at)))
                .filter_map(|at| Some((sphere_mean(volume, at)?, at)))
                .filter(|(mean, _)| *mean > best.0)
                .reduce(|a, b| if b.0 > a.0 { b } else { a });
            let Some(better) = better else { break };
            best = better;
        }
    }
    best
}
