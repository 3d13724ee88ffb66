//! Holes: voxels outside a mask that cannot reach the edge of the grid without crossing it.

use super::{Links, Mask, Parts};

/// The mask with its 3D holes filled: outside parts (linked by faces) that do not touch the grid's surface.
pub fn fill_holes(mask: &Mask) -> Mask {
    let dims = mask.dims();
    let parts = Parts::of(&mask.not(), Links::Faces);
    let enclosed = parts.select(|_, p| (0..3).all(|axis| p.min_ijk[axis] > 0 && p.max_ijk[axis] + 1 < dims[axis]));
    mask.or(&enclosed)
}

/// The holes of each slice by itself (not including the mask): outside parts that do not touch the slice's edge.
/// They are linked by faces and corners, so that an outline with diagonal gaps does not enclose.
pub fn holes_in_slices(mask: &Mask) -> Parts {
    let dims = mask.dims();
    let parts = Parts::of(&mask.not(), Links::InSlice);
    let enclosed = parts.select(|_, p| (0..2).all(|axis| p.min_ijk[axis] > 0 && p.max_ijk[axis] + 1 < dims[axis]));
    Parts::of(&enclosed, Links::InSlice)
}
