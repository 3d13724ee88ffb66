//! RAS affines of NIfTI (nifti1.h, methods 2 and 3) and the LPS geometry they stand for.

use crate::geometry::{DAffine3, DMat3, DQuat, DVec3, VolumeGeometry};
use crate::io::voxel_file::geometry_from_axes;

/// RAS → LPS and back: the first two axes change sign.
const LPS_FROM_RAS: DMat3 = DMat3::from_cols(DVec3::NEG_X, DVec3::NEG_Y, DVec3::Z);

/// RAS millimetres (or the header's unit) from voxel indices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine(DAffine3);

impl Affine {
    /// `srow_x`, `srow_y`, `srow_z` (method 3).
    pub fn from_rows(r: &[f64; 12]) -> Self {
        let column = |n: usize| DVec3::new(r[n], r[n + 4], r[n + 8]);
        Self(DAffine3 { matrix3: DMat3::from_cols(column(0), column(1), column(2)), translation: column(3) })
    }

    /// Quaternion b, c, d, offset, and pixdim with qfac in its first entry (method 2).
    pub fn from_quaternion([b, c, d, x, y, z]: [f64; 6], pixdim: &[f64; 8]) -> Self {
        let square = b * b + c * c + d * d;
        // Rounding may push the vector part a little beyond a unit quaternion.
        let q = if square > 1.0 {
            let n = square.sqrt();
            DQuat::from_xyzw(b / n, c / n, d / n, 0.0)
        } else {
            DQuat::from_xyzw(b, c, d, (1.0 - square).sqrt())
        };
        let handed = if pixdim[0] < 0.0 { -1.0 } else { 1.0 };
        let scale = DMat3::from_diagonal(DVec3::new(pixdim[1], pixdim[2], pixdim[3] * handed));
        Self(DAffine3 { matrix3: DMat3::from_quat(q) * scale, translation: DVec3::new(x, y, z) })
    }

    /// Finite, with three independent columns.
    pub fn is_regular(&self) -> bool {
        let m = self.0.matrix3;
        let size = m.x_axis.length() * m.y_axis.length() * m.z_axis.length();
        self.0.is_finite() && size > 0.0 && m.determinant().abs() > 1e-6 * size
    }

    /// The same in another unit of length.
    pub fn scaled(self, factor: f64) -> Self {
        Self(DAffine3 { matrix3: self.0.matrix3 * factor, translation: self.0.translation * factor })
    }

    /// Where voxel `ijk` lies.
    pub fn point(&self, ijk: DVec3) -> DVec3 {
        self.0.transform_point3(ijk)
    }

    /// The affine of a straight (unsheared) geometry, row by row.
    pub fn rows_of(geometry: &VolumeGeometry) -> [[f64; 4]; 3] {
        let lps = geometry.lps_from_ijk();
        let m = LPS_FROM_RAS * lps.matrix3;
        let t = LPS_FROM_RAS * lps.translation;
        [0, 1, 2].map(|r| [m.x_axis[r], m.y_axis[r], m.z_axis[r], t[r]])
    }

    /// Quaternion b, c, d and qfac of a straight geometry.
    pub fn quaternion_of(geometry: &VolumeGeometry) -> ([f64; 3], f64) {
        let mut rotation = LPS_FROM_RAS * geometry.direction();
        let handed = if rotation.determinant() < 0.0 { -1.0 } else { 1.0 };
        rotation.z_axis *= handed;
        let q = DQuat::from_mat3(&rotation).normalize();
        let q = if q.w < 0.0 { -q } else { q };
        ([q.x, q.y, q.z], handed)
    }
}

/// LPS geometry of an affine.
pub fn geometry(dims: [usize; 3], affine: &Affine) -> Result<VolumeGeometry, String> {
    geometry_from_axes(dims, LPS_FROM_RAS * affine.0.translation, LPS_FROM_RAS * affine.0.matrix3)
}
