//! Pure operations on sets of voxels: thresholds, set algebra, components, hole filling, morphology with discs and balls,
//! box blur, coarse copies; comparison of pictures. They know voxel indices and spacings, not the patient; none changes its input.
//!
//! Work is shared over slices with rayon. What lies beyond the grid counts as outside for dilation and as inside for
//! erosion, so that an opening or closing does not eat into a mask where the picture was cropped.

mod blur;
mod coarse;
mod compare;
mod fill;
mod mask;
mod morphology;
mod outline;
mod parts;
mod polygon;
mod spread;

pub use blur::blur_slices;
pub use coarse::{coarse_mask, fine_mask};
pub use compare::{Difference, structural_similarity};
pub use fill::{fill_holes, holes_in_slices};
pub use mask::Mask;
pub use morphology::{
    close_ball, close_discs, dilate_ball, dilate_discs, erode_ball, erode_discs, open_ball, open_discs,
};
pub use outline::outlines;
pub use parts::{Links, Part, Parts};
pub use polygon::{fill_even_odd, row_crossings};
pub use spread::{face_neighbors, part_labels, spread};
