//! How planes lie in a grid: along its own axes, or turned about the crosshair. LPS mm.

use crate::geometry::{BoxLps, DQuat, DVec3, Orientation, SlicePlane, VolumeGeometry};

/// Turns smaller than this are none: 1/10,000 of a radian moves the far end of a body by less than a tenth of a millimetre.
const STRAIGHT_RAD: f64 = 1e-4;

/// How a standard plane lies in a grid: along its own axes, so that an acquired slice is shown as it was acquired, and an
/// oblique stack keeps its slices (the edge letters say how it is turned); or turned by the reader.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneAxes {
    /// Unit vector toward screen-right.
    pub u_lps: DVec3,
    /// Unit vector toward screen-down.
    pub v_lps: DVec3,
    /// Which grid axis "next slice" follows: 0 = i, 1 = j, 2 = k; `None` for a plane that was turned away from them.
    pub axis: Option<usize>,
    /// Unit vector of "next slice".
    pub scroll_lps: DVec3,
    /// +1 when "next slice" is a growing index, −1 when falling.
    pub sign: f64,
    /// Distance of neighboring slices.
    pub step_mm: f64,
}

impl PlaneAxes {
    /// The plane of a grid that is nearest to a standard plane.
    pub fn of(geometry: &VolumeGeometry, orientation: Orientation) -> Self {
        let direction = geometry.direction();
        let columns = [direction.x_axis, direction.y_axis, direction.z_axis];
        let axes = assign_axes(columns);
        let along = |wanted: DVec3| {
            let patient_axis = if wanted.x.abs() > 0.5 { 0 } else { 1 + usize::from(wanted.z.abs() > 0.5) };
            let axis = axes[patient_axis];
            let sign = if columns[axis].dot(wanted) < 0.0 { -1.0 } else { 1.0 };
            (axis, sign, columns[axis] * sign)
        };
        let (u, v) = orientation.axes_lps();
        let (axis, sign, scroll_lps) = along(orientation.scroll_lps());
        let step_mm = geometry.spacing_mm()[axis];
        Self { u_lps: along(u).2, v_lps: along(v).2, axis: Some(axis), scroll_lps, sign, step_mm }
    }

    /// The same, turned about the crosshair. The picture tilts with the plane but does not spin in it: screen-right stays
    /// as near to where it was as the new normal allows.
    pub fn turned(geometry: &VolumeGeometry, orientation: Orientation, turn: DQuat) -> Self {
        let straight = Self::of(geometry, orientation);
        let normal = straight.u_lps.cross(straight.v_lps);
        let tilt = DQuat::from_rotation_arc(normal, (turn * normal).normalize());
        if normal.angle_between(turn * normal) < STRAIGHT_RAD {
            return straight;
        }
        Self {
            u_lps: tilt * straight.u_lps,
            v_lps: tilt * straight.v_lps,
            axis: None,
            scroll_lps: tilt * straight.scroll_lps,
            sign: 1.0,
            step_mm: geometry.spacing_mm().min_element(),
        }
    }

    /// True for planes of the slices as they were acquired.
    pub fn is_acquired(&self) -> bool {
        self.axis == Some(2)
    }

    /// Position of a point in reading order (0 = first slice) and the number of slices. A turned plane counts steps through
    /// the grid's corners.
    pub fn slice_of(&self, geometry: &VolumeGeometry, lps: DVec3) -> (usize, usize) {
        let Some(axis) = self.axis else {
            let [first, last] = self.depths(geometry);
            let count = ((last - first) / self.step_mm).floor() as usize + 1;
            let order = ((lps.dot(self.scroll_lps) - first) / self.step_mm).round();
            return (order.clamp(0.0, count as f64 - 1.0) as usize, count);
        };
        let count = geometry.dims()[axis];
        let index = index_along(geometry, lps, axis);
        (if self.sign > 0.0 { index } else { count - 1 - index }, count)
    }

    /// Grid index of the acquired slice that holds a point.
    pub fn index_of(&self, geometry: &VolumeGeometry, lps: DVec3) -> usize {
        index_along(geometry, lps, self.axis.unwrap_or(2))
    }

    /// The point moved onto the center of slice `order` (reading order), kept inside the grid.
    pub fn moved_to(&self, geometry: &VolumeGeometry, lps: DVec3, order: usize) -> DVec3 {
        let Some(axis) = self.axis else {
            let [first, last] = self.depths(geometry);
            let wanted = (first + order as f64 * self.step_mm).min(last);
            return lps + self.scroll_lps * (wanted - lps.dot(self.scroll_lps));
        };
        let last = geometry.dims()[axis] - 1;
        let order = order.min(last);
        let index = if self.sign > 0.0 { order } else { last - order } as f64;
        let at = geometry.ijk_from_lps().transform_point3(lps)[axis];
        let direction = geometry.direction();
        let column = [direction.x_axis, direction.y_axis, direction.z_axis][axis];
        lps + column * ((index - at) * self.step_mm)
    }

    /// Depth of the grid's first and last corner along "next slice", mm.
    fn depths(&self, geometry: &VolumeGeometry) -> [f64; 2] {
        let depths = geometry.corners_lps().map(|corner| corner.dot(self.scroll_lps));
        let first = depths.iter().copied().fold(f64::INFINITY, f64::min);
        [first, depths.iter().copied().fold(first, f64::max)]
    }
}

fn index_along(geometry: &VolumeGeometry, lps: DVec3, axis: usize) -> usize {
    let at = geometry.ijk_from_lps().transform_point3(lps)[axis];
    (at + 0.5).floor().clamp(0.0, geometry.dims()[axis] as f64 - 1.0) as usize
}

/// Which grid axis stands for Left, Posterior, Superior: the assignment with the greatest total agreement.
fn assign_axes(columns: [DVec3; 3]) -> [usize; 3] {
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let agreement = |order: &[usize; 3]| (0..3).map(|patient| columns[order[patient]][patient].abs()).sum::<f64>();
    ORDERS.into_iter().max_by(|a, b| agreement(a).total_cmp(&agreement(b))).unwrap_or([0, 1, 2])
}

/// True when the plane cuts the box and the middle of the cut lies within the picture.
pub fn plane_shows_box(plane: &SlicePlane, place: &BoxLps) -> bool {
    let depths = place.corners().map(|corner| plane.px_from_lps(corner).1);
    let near = depths.iter().copied().fold(f64::INFINITY, f64::min);
    let far = depths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // A box of one slice is as thick as the slice; half a millimetre forgives rounding.
    if near > 0.5 || far < -0.5 {
        return false;
    }
    let (px, _) = plane.px_from_lps(place.center());
    let [width, height] = plane.size_px.map(f64::from);
    px.x >= 0.0 && px.y >= 0.0 && px.x < width && px.y < height
}
