//! Points, directions, units, and the maps between voxel index and patient millimetres.
//!
//! One convention: DICOM patient space (PS3.3 C.7.6.2.1.1), **LPS**: x grows to the patient's Left, y to Posterior,
//! z to Superior (head). Millimetres, `f64`. Voxel *centers* sit at integer indices `(i, j, k)` = (column, row, slice).
//! Maps are named `lps_from_ijk` (`a_from_b`). Origin, spacing, direction (and the shear of a tilted gantry) are the
//! stored facts; matrices are derived. RAS exists only in `io::nifti`.

mod orientation;
mod plane;

pub use glam::{DAffine2, DAffine3, DMat3, DQuat, DVec2, DVec3, EulerRot};
pub use orientation::{Orientation, letters, opposite_letters};
pub use plane::SlicePlane;

/// Greatest deviation from orthonormality that is forgiven as rounding in a header.
const ORTHONORMAL_TOLERANCE: f64 = 1e-3;

/// Why a geometry cannot be trusted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GeometryError {
    /// An axis without voxels.
    #[error("the volume has no voxels along one axis ({0} × {1} × {2})")]
    Empty(usize, usize, usize),
    /// Zero, negative or non-finite spacing.
    #[error("spacing must be finite and positive, found {0} × {1} × {2} mm")]
    Spacing(f64, f64, f64),
    /// Directions that are not unit vectors at right angles.
    #[error("direction cosines are not three unit vectors at right angles (largest error {0:.4})")]
    Direction(f64),
    /// An origin or shear that is not a number.
    #[error("the position of the first voxel is not a finite number")]
    Origin,
}

/// Where a regular grid of voxels lies in the patient.
///
/// Invariant: dimensions ≥ 1; spacing finite and > 0; direction orthonormal (either handedness: NIfTI has both).
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeGeometry {
    dims: [usize; 3],
    origin_lps: DVec3,
    spacing_mm: DVec3,
    direction: DMat3,
    shear_mm: DVec2,
}

impl VolumeGeometry {
    /// `dims` = columns, rows, slices; `origin_lps` = center of voxel (0, 0, 0); `direction` columns = unit vectors of
    /// growing i, j, k.
    pub fn new(
        dims: [usize; 3],
        origin_lps: DVec3,
        spacing_mm: DVec3,
        direction: DMat3,
    ) -> Result<Self, GeometryError> {
        if dims.contains(&0) {
            return Err(GeometryError::Empty(dims[0], dims[1], dims[2]));
        }
        if !(spacing_mm.is_finite() && spacing_mm.min_element() > 0.0) {
            return Err(GeometryError::Spacing(spacing_mm.x, spacing_mm.y, spacing_mm.z));
        }
        if !origin_lps.is_finite() {
            return Err(GeometryError::Origin);
        }
        let gram = direction.transpose() * direction - DMat3::IDENTITY;
        let error = gram.to_cols_array().iter().fold(0.0f64, |worst, e| worst.max(e.abs()));
        // Written so that NaN fails too.
        if !direction.is_finite() || error > ORTHONORMAL_TOLERANCE {
            return Err(GeometryError::Direction(error));
        }
        Ok(Self { dims, origin_lps, spacing_mm, direction, shear_mm: DVec2::ZERO })
    }

    /// The same grid, with every slice displaced by `shear_mm` (along i and j) against the slice before: a tilted gantry.
    pub fn with_shear_mm(mut self, shear_mm: DVec2) -> Result<Self, GeometryError> {
        if !shear_mm.is_finite() {
            return Err(GeometryError::Origin);
        }
        self.shear_mm = shear_mm;
        Ok(self)
    }

    /// Columns, rows, slices.
    pub fn dims(&self) -> [usize; 3] {
        self.dims
    }

    /// Voxels in all.
    pub fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// Never true: an empty geometry cannot be built.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Center of voxel (0, 0, 0).
    pub fn origin_lps(&self) -> DVec3 {
        self.origin_lps
    }

    /// Distance of neighbors along i, j and along the slice *normal* (not along a sheared stack axis).
    pub fn spacing_mm(&self) -> DVec3 {
        self.spacing_mm
    }

    /// Unit vectors of growing i, j, k as columns.
    pub fn direction(&self) -> DMat3 {
        self.direction
    }

    /// In-plane displacement of each slice against the one before, along i and j; zero for a straight stack.
    pub fn shear_mm(&self) -> DVec2 {
        self.shear_mm
    }

    /// True when slices are displaced in their plane by more than a hundredth of a millimetre per slice.
    pub fn is_sheared(&self) -> bool {
        self.shear_mm.length() > 0.01
    }

    /// Millimetres from voxel indices.
    pub fn lps_from_ijk(&self) -> DAffine3 {
        let d = self.direction;
        let step_k = d.z_axis * self.spacing_mm.z + d.x_axis * self.shear_mm.x + d.y_axis * self.shear_mm.y;
        DAffine3::from_mat3_translation(
            DMat3::from_cols(d.x_axis * self.spacing_mm.x, d.y_axis * self.spacing_mm.y, step_k),
            self.origin_lps,
        )
    }

    /// Voxel indices from millimetres.
    pub fn ijk_from_lps(&self) -> DAffine3 {
        self.lps_from_ijk().inverse()
    }

    /// Patient position of a (fractional) voxel index.
    pub fn point_lps(&self, ijk: DVec3) -> DVec3 {
        self.lps_from_ijk().transform_point3(ijk)
    }

    /// Center of the grid.
    pub fn center_lps(&self) -> DVec3 {
        let [i, j, k] = self.dims.map(|n| (n as f64 - 1.0) / 2.0);
        self.point_lps(DVec3::new(i, j, k))
    }

    /// Volume of one voxel.
    pub fn voxel_volume_mm3(&self) -> f64 {
        self.lps_from_ijk().matrix3.determinant().abs()
    }

    /// Flat index of a voxel; i fastest, k slowest.
    pub fn index(&self, [i, j, k]: [usize; 3]) -> usize {
        (k * self.dims[1] + j) * self.dims[0] + i
    }

    /// Voxel of a flat index.
    pub fn ijk(&self, index: usize) -> [usize; 3] {
        let [ni, nj, _] = self.dims;
        [index % ni, index / ni % nj, index / (ni * nj)]
    }

    /// Nearest voxel when the point lies within half a voxel of the outer centers, else `None`.
    pub fn voxel_at_lps(&self, lps: DVec3) -> Option<[usize; 3]> {
        let ijk = self.ijk_from_lps().transform_point3(lps);
        let mut voxel = [0; 3];
        for axis in 0..3 {
            let nearest = (ijk[axis] + 0.5).floor();
            if !(0.0..self.dims[axis] as f64).contains(&nearest) {
                return None;
            }
            voxel[axis] = nearest as usize;
        }
        Some(voxel)
    }

    /// The eight corners of the grid's outer surface (half a voxel beyond the outer centers), in LPS.
    pub fn corners_lps(&self) -> [DVec3; 8] {
        let far = self.dims.map(|n| n as f64 - 0.5);
        std::array::from_fn(|n| {
            let pick = |axis: usize| if n >> axis & 1 == 0 { -0.5 } else { far[axis] };
            self.point_lps(DVec3::new(pick(0), pick(1), pick(2)))
        })
    }

    /// The axis-aligned box in LPS that holds the whole grid.
    pub fn bounds_lps(&self) -> BoxLps {
        BoxLps::around(self.corners_lps()).unwrap_or(BoxLps { min: self.origin_lps, max: self.origin_lps })
    }

    /// True when both grids have the same voxels at the same places (within a hundredth of a voxel).
    pub fn same_grid(&self, other: &Self) -> bool {
        self.dims == other.dims
            && self
                .corners_lps()
                .iter()
                .zip(other.corners_lps())
                .all(|(a, b)| a.distance(b) < 0.01 * self.spacing_mm.min_element().min(other.spacing_mm.min_element()))
    }
}

/// An axis-aligned box in patient space (mm); `min` ≤ `max` on every axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxLps {
    /// Corner toward Right, Anterior, Inferior.
    pub min: DVec3,
    /// Corner toward Left, Posterior, Superior.
    pub max: DVec3,
}

impl BoxLps {
    /// The smallest box around points; `None` without points.
    pub fn around(points: impl IntoIterator<Item = DVec3>) -> Option<Self> {
        points.into_iter().fold(None, |so_far: Option<Self>, p| {
            Some(match so_far {
                None => Self { min: p, max: p },
                Some(b) => Self { min: b.min.min(p), max: b.max.max(p) },
            })
        })
    }

    /// Middle of the box.
    pub fn center(&self) -> DVec3 {
        (self.min + self.max) / 2.0
    }

    /// Edge lengths in mm.
    pub fn size_mm(&self) -> DVec3 {
        self.max - self.min
    }

    /// True when the point lies in the box, faces included.
    pub fn contains(&self, p: DVec3) -> bool {
        p.cmpge(self.min).all() && p.cmple(self.max).all()
    }

    /// The eight corners.
    pub fn corners(&self) -> [DVec3; 8] {
        std::array::from_fn(|n| {
            let pick = |axis: usize| if n >> axis & 1 == 0 { self.min[axis] } else { self.max[axis] };
            DVec3::new(pick(0), pick(1), pick(2))
        })
    }
}
