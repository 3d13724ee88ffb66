//! Volumes of interest with borders finer than a voxel, and the peak sphere (definitions in `super`).

use super::super::Quantity;
use super::region::measured;
use super::results::{Basis, Measured, Sampled, Unit};
use super::{MeasureError, PatientPlane};
use crate::geometry::{DAffine3, DMat3, DVec2, DVec3, VolumeGeometry};
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
const MOST_WORK: f64 = 4e9;
/// A peak sphere of which more than this share lies beyond the grid, or on voxels without value, does not count.
const CUT_OFF: f64 = 1e-9;

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
    solid: &'a Solid,
    lps_from_ijk: DAffine3,
    half_diagonal_mm: f64,
    /// From the voxel's center, mm.
    offsets_lps: Vec<DVec3>,
}

impl<'a> Shares<'a> {
    fn new(geometry: &VolumeGeometry, solid: &'a Solid) -> Self {
        /// The real root of x⁴ = x + 1.
        const ROOT: f64 = 1.220_744_084_605_759_6;
        let voxels = solid.volume_mm3() / geometry.voxel_volume_mm3();
        let wanted = FEWEST_POINTS as f64 * (MANY_VOXELS / voxels);
        let count = wanted.clamp(FEWEST_POINTS as f64, MOST_POINTS as f64) as usize;
        let steps = DVec3::new(1.0 / ROOT, 1.0 / ROOT.powi(2), 1.0 / ROOT.powi(3));
        let lps_from_ijk = geometry.lps_from_ijk();
        let offset = |n: usize| (DVec3::splat(0.5) + steps * n as f64).fract() - 0.5;
        let offsets_lps = (0..count).map(|n| lps_from_ijk.transform_vector3(offset(n))).collect();
        Self { solid, lps_from_ijk, half_diagonal_mm: half_diagonal_mm(geometry), offsets_lps }
    }

    /// Share of a voxel that lies inside.
    fn of(&self, [i, j, k]: [i64; 3]) -> f64 {
        let center = self.lps_from_ijk.transform_point3(DVec3::new(i as f64, j as f64, k as f64));
        let depth = self.solid.depth_mm(center);
        if depth >= self.half_diagonal_mm {
            return 1.0;
        }
        if depth <= -self.half_diagonal_mm {
            return 0.0;
        }
        let inside = self.offsets_lps.iter().filter(|offset| self.solid.contains(center + **offset)).count();
        inside as f64 / self.offsets_lps.len() as f64
    }
}

/// Half of the longest diagonal of a voxel.
fn half_diagonal_mm(geometry: &VolumeGeometry) -> f64 {
    let m = geometry.lps_from_ijk().matrix3;
    let signs = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
    signs.iter().map(|(a, b)| (m.x_axis + m.y_axis * *a + m.z_axis * *b).length() / 2.0).fold(0.0, f64::max)
}

/// Number and range of values.
#[derive(Clone, Copy)]
struct Extremes {
    count: usize,
    min: f64,
    max: f64,
}

impl Extremes {
    const NONE: Self = Self { count: 0, min: f64::INFINITY, max: f64::NEG_INFINITY };

    fn join(&mut self, other: Self) {
        self.count += other.count;
        (self.min, self.max) = (self.min.min(other.min), self.max.max(other.max));
    }
}

/// Running sums over voxels with their shares; sums can be joined (Chan, Golub, `LeVeque` 1983).
#[derive(Clone, Copy)]
struct Tally {
    /// Shares inside the grid, and beyond it as far as was looked.
    shares: [f64; 2],
    /// Share of voxels whose value is a number.
    weight: f64,
    mean: f64,
    /// Weighted squared deviations from the mean.
    deviation: f64,
    /// Of voxels that lie inside by half at least, and of all that are touched.
    by_half: Extremes,
    touched: Extremes,
}

impl Tally {
    const EMPTY: Self = Self {
        shares: [0.0; 2],
        weight: 0.0,
        mean: 0.0,
        deviation: 0.0,
        by_half: Extremes::NONE,
        touched: Extremes::NONE,
    };

    fn add(&mut self, value: f64, share: f64) {
        self.shares[0] += share;
        if value.is_nan() {
            return;
        }
        let one = Extremes { count: 1, min: value, max: value };
        self.touched.join(one);
        if share >= 0.5 {
            self.by_half.join(one);
        }
        self.weight += share;
        let apart = value - self.mean;
        self.mean += apart * share / self.weight;
        self.deviation += share * apart * (value - self.mean);
    }

    fn join(mut self, other: &Self) -> Self {
        self.shares = [self.shares[0] + other.shares[0], self.shares[1] + other.shares[1]];
        self.by_half.join(other.by_half);
        self.touched.join(other.touched);
        let weight = self.weight + other.weight;
        if other.weight > 0.0 {
            let apart = other.mean - self.mean;
            self.mean += apart * other.weight / weight;
            self.deviation += other.deviation + apart * apart * self.weight * other.weight / weight;
        }
        self.weight = weight;
        self
    }

    /// Over all voxels that a solid touches, slice by slice: the same on any number of threads.
    fn of(volume: &Volume, solid: &Solid) -> Self {
        let geometry = volume.geometry();
        let [is, js, ks] = index_range(geometry, solid);
        let shares = Shares::new(geometry, solid);
        let slice = |k: i64| {
            let mut tally = Self::EMPTY;
            for j in js.clone() {
                for i in is.clone() {
                    let share = shares.of([i, j, k]);
                    match voxel([i, j, k], geometry.dims()) {
                        _ if share == 0.0 => {}
                        Some(inside) => tally.add(f64::from(volume.value_ijk(inside)), share),
                        None => tally.shares[1] += share,
                    }
                }
            }
            tally
        };
        let slices: Vec<Self> = ks.into_par_iter().map(slice).collect();
        slices.iter().fold(Self::EMPTY, Self::join)
    }
}

/// The voxel of signed indices, where the grid has one.
fn voxel(ijk: [i64; 3], dims: [usize; 3]) -> Option<[usize; 3]> {
    let mut inside = [0; 3];
    for axis in 0..3 {
        inside[axis] = usize::try_from(ijk[axis]).ok().filter(|n| *n < dims[axis])?;
    }
    Some(inside)
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
    let tally = Tally::of(volume, solid);
    let volume_ml = tally.shares[0] * volume.geometry().voxel_volume_mm3() / 1000.0;
    // Of a solid thinner than a voxel, all voxels that it touches count.
    let extremes = if tally.by_half.count > 0 { tally.by_half } else { tally.touched };
    let mut values = vec![
        Measured { quantity: Quantity::Volume, value: volume_ml, unit: Unit::Ml },
        Measured { quantity: Quantity::Count, value: extremes.count as f64, unit: Unit::Count },
    ];
    if tally.weight > 0.0 {
        let sd = (tally.deviation / tally.weight).max(0.0).sqrt();
        let numbers = [
            (Quantity::Mean, tally.mean),
            (Quantity::Sd, sd),
            (Quantity::Min, extremes.min),
            (Quantity::Max, extremes.max),
        ];
        values.extend(numbers.map(|(quantity, value)| measured(quantity, value, volume.unit().as_str())));
    }
    Sampled { values, basis: Basis::VoxelShares, cut_off: tally.shares[1] > 0.0, peak_lps: None }
}

/// The greatest mean of a 12 mm sphere whose center lies in the region: first at every voxel center, then from the best one by
/// steps of a half and a quarter voxel. Spheres that reach beyond the grid do not count.
pub(super) fn peak(volume: &Volume, center_lps: DVec3, radius_mm: f64) -> Result<Sampled, MeasureError> {
    let geometry = volume.geometry();
    let region = Solid::Sphere { center_lps, radius_mm };
    let kernel = kernel(geometry);
    if region.volume_mm3() / geometry.voxel_volume_mm3() * kernel.len() as f64 > MOST_WORK {
        return Err(MeasureError::TooLarge);
    }
    let [is, js, ks] = index_range(geometry, &region);
    let candidates: Vec<DVec3> = ks
        .flat_map(|k| js.clone().map(move |j| (j, k)))
        .flat_map(|(j, k)| is.clone().map(move |i| DVec3::new(i as f64, j as f64, k as f64)))
        .filter(|ijk| region.contains(geometry.point_lps(*ijk)))
        .collect();
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
                let part = shares.of([i, j, k]);
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
        let ijk = std::array::from_fn(|axis| at[axis] as i64 + offset[axis]);
        sum += f64::from(volume.value_ijk(voxel(ijk, dims)?)) * part;
        weight += part;
    }
    let mean = sum / weight;
    (!mean.is_nan()).then_some(mean)
}

/// Mean around any position (voxel indices).
fn sphere_mean(volume: &Volume, at: DVec3) -> Option<f64> {
    let geometry = volume.geometry();
    let solid = Solid::Sphere { center_lps: geometry.point_lps(at), radius_mm: PEAK_DIAMETER_MM / 2.0 };
    let tally = Tally::of(volume, &solid);
    let is_whole = tally.shares[1] <= CUT_OFF * tally.shares[0] && tally.weight >= (1.0 - CUT_OFF) * tally.shares[0];
    is_whole.then_some(tally.mean)
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
