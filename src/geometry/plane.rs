//! A picture's plane in the patient: where each of its pixels lies.

use super::{DVec2, DVec3, Orientation, VolumeGeometry, letters};

/// A rectangle of square pixels in patient space. Pixel (column k, row j) shows the point
/// `center + u·(k − (W−1)/2)·pixel_mm + v·(j − (H−1)/2)·pixel_mm`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlicePlane {
    /// Middle of the picture, LPS mm.
    pub center_lps: DVec3,
    /// Unit vector toward screen-right.
    pub u_lps: DVec3,
    /// Unit vector toward screen-down.
    pub v_lps: DVec3,
    /// Edge of a pixel in mm.
    pub pixel_mm: f64,
    /// Picture width and height in pixels.
    pub size_px: [u32; 2],
}

impl SlicePlane {
    /// The standard plane through `at_lps` that shows the whole volume in `size_px`, centered on the volume.
    pub fn fit(geometry: &VolumeGeometry, orientation: Orientation, at_lps: DVec3, size_px: [u32; 2]) -> Self {
        let (u, v) = orientation.axes_lps();
        let normal = u.cross(v);
        let middle = geometry.bounds_lps().center();
        let center = middle + normal * normal.dot(at_lps - middle);
        let size = geometry.bounds_lps().size_mm();
        let (wide, high) = (size.dot(u.abs()), size.dot(v.abs()));
        let pixel_mm = (wide / f64::from(size_px[0])).max(high / f64::from(size_px[1]));
        Self { center_lps: center, u_lps: u, v_lps: v, pixel_mm, size_px }
    }

    /// Patient point of a (fractional) pixel position; pixel centers at integers.
    pub fn lps_from_px(&self, px: DVec2) -> DVec3 {
        let [w, h] = self.size_px.map(|n| (f64::from(n) - 1.0) / 2.0);
        self.center_lps + (self.u_lps * (px.x - w) + self.v_lps * (px.y - h)) * self.pixel_mm
    }

    /// Pixel position of a point's projection onto the plane, and its signed distance from the plane in mm.
    pub fn px_from_lps(&self, lps: DVec3) -> (DVec2, f64) {
        let [w, h] = self.size_px.map(|n| (f64::from(n) - 1.0) / 2.0);
        let d = lps - self.center_lps;
        let px = DVec2::new(d.dot(self.u_lps) / self.pixel_mm + w, d.dot(self.v_lps) / self.pixel_mm + h);
        (px, d.dot(self.normal_lps()))
    }

    /// Unit normal, pointing away from the reader (screen-right × screen-down).
    pub fn normal_lps(&self) -> DVec3 {
        self.u_lps.cross(self.v_lps)
    }

    /// Letters at the left, right, top and bottom edge of the picture.
    pub fn edge_letters(&self) -> [String; 4] {
        [letters(-self.u_lps), letters(self.u_lps), letters(-self.v_lps), letters(self.v_lps)]
    }
}
