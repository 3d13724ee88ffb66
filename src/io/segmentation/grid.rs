//! Frames onto voxels: each frame's pixels are voxels of a grid, reached by whole steps, or the frame is not on the grid.

use super::frames::{Frame, Frames};
use super::{MAX_VOXELS, SegmentationReadError as Error};
use crate::geometry::{DMat3, DVec2, DVec3, VolumeGeometry};
use crate::study::Warnings;

/// How far a pixel center may lie from a voxel center, in voxels: rounding in headers, never a shift that matters.
const TOLERANCE_VOXELS: f64 = 0.1;
/// How far a slice distance may be from a whole number of steps.
const TOLERANCE_STEPS: f64 = 0.05;

/// Pixel (column, row) of a frame is voxel `origin + column · step_column + row · step_row`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FramePlace {
    pub(super) origin: [i64; 3],
    pub(super) step_column: [i64; 3],
    pub(super) step_row: [i64; 3],
}

/// Places every frame on a grid; `None` when one of them does not lie on its voxels, all of it.
pub(super) fn place_all(frames: &Frames, grid: &VolumeGeometry) -> Option<Vec<FramePlace>> {
    frames.frames.iter().map(|frame| place(frame, frames.columns, frames.rows, grid)).collect()
}

fn place(frame: &Frame, columns: usize, rows: usize, grid: &VolumeGeometry) -> Option<FramePlace> {
    let ijk_from_lps = grid.ijk_from_lps();
    let at = |column: usize, row: usize| {
        let lps = frame.origin_lps
            + frame.row_lps * (frame.pixel_mm[0] * column as f64)
            + frame.column_lps * (frame.pixel_mm[1] * row as f64);
        ijk_from_lps.transform_point3(lps)
    };
    let step = |direction: DVec3, mm: f64| unit_step(ijk_from_lps.transform_vector3(direction * mm));
    let placed = FramePlace {
        origin: whole(at(0, 0))?,
        step_column: step(frame.row_lps, frame.pixel_mm[0])?,
        step_row: step(frame.column_lps, frame.pixel_mm[1])?,
    };
    // The far corners show small differences in spacing and direction that add up over the picture.
    for (column, row) in [(0, 0), (columns - 1, 0), (0, rows - 1), (columns - 1, rows - 1)] {
        let voxel = placed.voxel(column, row);
        let inside = voxel.iter().zip(grid.dims()).all(|(&v, n)| v >= 0 && v < n as i64);
        let exact = DVec3::from_array(voxel.map(|v| v as f64));
        if !inside || (at(column, row) - exact).abs().max_element() > TOLERANCE_VOXELS {
            return None;
        }
    }
    Some(placed)
}

impl FramePlace {
    /// Voxel of a pixel.
    pub(super) fn voxel(&self, column: usize, row: usize) -> [i64; 3] {
        std::array::from_fn(|axis| {
            self.origin[axis] + self.step_column[axis] * column as i64 + self.step_row[axis] * row as i64
        })
    }
}

/// Where the voxels of one grid are in another that has the same ones in another order (flipped or exchanged axes).
struct Reorder {
    origin: [i64; 3],
    steps: [[i64; 3]; 3],
}

impl Reorder {
    fn between(from: &VolumeGeometry, to: &VolumeGeometry) -> Option<Self> {
        if from.len() != to.len() {
            return None;
        }
        let map = to.ijk_from_lps() * from.lps_from_ijk();
        let [Some(si), Some(sj), Some(sk)] =
            [map.matrix3.x_axis, map.matrix3.y_axis, map.matrix3.z_axis].map(unit_step)
        else {
            return None;
        };
        let found = Self { origin: whole(map.translation)?, steps: [si, sj, sk] };
        for corner in 0..8 {
            let ijk: [usize; 3] = std::array::from_fn(|a| if corner >> a & 1 == 0 { 0 } else { from.dims()[a] - 1 });
            let voxel = found.voxel(ijk);
            let exact = map.transform_point3(DVec3::from_array(ijk.map(|n| n as f64)));
            let near = (exact - DVec3::from_array(voxel.map(|v| v as f64))).abs().max_element() <= TOLERANCE_VOXELS;
            let inside = voxel.iter().zip(to.dims()).all(|(&v, n)| v >= 0 && v < n as i64);
            if !near || !inside {
                return None;
            }
        }
        Some(found)
    }

    fn voxel(&self, [i, j, k]: [usize; 3]) -> [i64; 3] {
        let [si, sj, sk] = &self.steps;
        std::array::from_fn(|a| self.origin[a] + si[a] * i as i64 + sj[a] * j as i64 + sk[a] * k as i64)
    }
}

/// True when both grids have the same voxels, in any order.
pub(super) fn same_voxels(a: &VolumeGeometry, b: &VolumeGeometry) -> bool {
    Reorder::between(a, b).is_some()
}

/// Labels of one grid at the voxels of another, when both have the same voxels.
pub(super) fn moved(from: &VolumeGeometry, labels: &[u8], to: &VolumeGeometry) -> Option<Vec<u8>> {
    let order = Reorder::between(from, to)?;
    let mut out = vec![0; labels.len()];
    for (n, &label) in labels.iter().enumerate().filter(|(_, label)| **label != 0) {
        out[to.index(order.voxel(from.ijk(n)).map(|v| v as usize))] = label;
    }
    Some(out)
}

/// The nearest whole voxel, when it is near.
fn whole(ijk: DVec3) -> Option<[i64; 3]> {
    let nearest = ijk.round();
    let near = (ijk - nearest).abs().max_element() <= TOLERANCE_VOXELS && nearest.abs().max_element() < 1e9;
    near.then(|| nearest.to_array().map(|v| v as i64))
}

/// One voxel along one axis, either way.
fn unit_step(ijk: DVec3) -> Option<[i64; 3]> {
    let nearest = ijk.round();
    #[allow(clippy::float_cmp, reason = "sums of whole numbers are exact")]
    let one = nearest.abs().to_array().iter().sum::<f64>() == 1.0;
    (one && (ijk - nearest).abs().max_element() <= TOLERANCE_VOXELS).then(|| nearest.to_array().map(|v| v as i64))
}

/// The grid that the frames make by themselves: equal directions, evenly spaced positions (empty slices may be left out),
/// evenly sheared or straight. How far apart slices are is said where only Slice Thickness tells it.
pub(super) fn own_grid(frames: &Frames, warnings: &mut Warnings) -> Result<VolumeGeometry, Error> {
    let no_grid = |reason: &str| Error::NoGrid(reason.into());
    let first = frames.frames.first().ok_or_else(|| no_grid("there are none"))?;
    let (row, column) = (first.row_lps, first.column_lps);
    let normal = row.cross(column).try_normalize().ok_or_else(|| no_grid("their directions are parallel"))?;
    let turned = |f: &Frame| f.row_lps.distance(row) > 1e-3 || f.column_lps.distance(column) > 1e-3;
    if frames.frames.iter().any(turned) {
        return Err(no_grid("they have different directions"));
    }
    let mut positions: Vec<DVec3> = frames.frames.iter().map(|f| f.origin_lps).collect();
    positions.sort_by(|a, b| a.dot(normal).total_cmp(&b.dot(normal)));
    positions.dedup_by(|a, b| (*a - *b).dot(normal).abs() < 1e-3);
    let lowest = positions[0];
    let heights: Vec<f64> = positions.iter().map(|p| (*p - lowest).dot(normal)).collect();
    let told = frames.between_mm.or(frames.thickness_mm);
    let step = step_mm(&heights, told).ok_or_else(|| no_grid("their distances are uneven"))?;
    let neighbors = heights.windows(2).any(|pair| pair[1] - pair[0] < step * (1.0 + TOLERANCE_STEPS));
    if frames.between_mm.is_none() && !neighbors {
        warnings
            .add("the distance of slices was taken from Slice Thickness; measure the masks together with their image");
    }
    let slices = heights.last().map_or(1.0, |far| (far / step).round() + 1.0);
    let voxels = slices * (frames.columns * frames.rows) as f64;
    if voxels > MAX_VOXELS as f64 {
        return Err(no_grid("it would have more than a billion voxels"));
    }
    let direction = DMat3::from_cols(row, (column - row * row.dot(column)).normalize(), normal);
    let spacing = DVec3::new(first.pixel_mm[0], first.pixel_mm[1], step);
    let dims = [frames.columns, frames.rows, slices as usize];
    let straight = VolumeGeometry::new(dims, lowest, spacing, direction).map_err(|e| no_grid(&e.to_string()))?;
    let far = positions[positions.len() - 1] - lowest;
    let per_slice = if slices > 1.0 { 1.0 / (slices - 1.0) } else { 0.0 };
    let shear = DVec2::new(far.dot(direction.x_axis), far.dot(direction.y_axis)) * per_slice;
    if shear.length() <= 0.01 {
        return Ok(straight);
    }
    straight.with_shear_mm(shear).map_err(|e| no_grid(&e.to_string()))
}

/// The distance that all heights are whole multiples of: the header's, else the smallest gap.
fn step_mm(heights: &[f64], told: Option<f64>) -> Option<f64> {
    let fits = |step: f64| {
        heights.windows(2).all(|pair| {
            let steps = (pair[1] - pair[0]) / step;
            steps > 0.5 && (steps - steps.round()).abs() <= TOLERANCE_STEPS
        })
    };
    let smallest = heights.windows(2).map(|pair| pair[1] - pair[0]).reduce(f64::min);
    match (told, smallest) {
        (Some(told), _) if fits(told) => Some(told),
        (_, Some(gap)) if fits(gap) => Some(gap),
        (None, None) => Some(1.0),
        _ => None,
    }
}
