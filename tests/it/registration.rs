//! Rigid registration, links between series, Spatial Registration objects, and the command.

mod command;
mod links;
mod objects;
mod rigid;

use fovea::geometry::{DAffine3, DVec3, VolumeGeometry};
use fovea::volume::Volume;

/// A rotation about a point, then a shift.
fn rigid_about(center: DVec3, axis: DVec3, degrees: f64, shift_mm: DVec3) -> DAffine3 {
    DAffine3::from_translation(center + shift_mm)
        * DAffine3::from_axis_angle(axis.normalize(), degrees.to_radians())
        * DAffine3::from_translation(-center)
}

/// The same picture of a body that lies elsewhere: the voxels stay, the grid moves.
fn displaced(volume: &Volume, by: DAffine3) -> Volume {
    let grid = volume.geometry();
    let origin = by.transform_point3(grid.origin_lps());
    let moved = VolumeGeometry::new(grid.dims(), origin, grid.spacing_mm(), by.matrix3 * grid.direction()).unwrap();
    let moved = moved.with_shear_mm(grid.shear_mm()).unwrap();
    Volume::new(moved, volume.voxels().clone(), volume.rescale(), volume.unit().clone()).unwrap()
}

/// Greatest distance of the corners of a grid under two maps.
fn corners_apart_mm(grid: &VolumeGeometry, a: DAffine3, b: DAffine3) -> f64 {
    let apart = |p: &DVec3| a.transform_point3(*p).distance(b.transform_point3(*p));
    grid.corners_lps().iter().map(apart).fold(0.0, f64::max)
}
