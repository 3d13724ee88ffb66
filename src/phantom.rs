//! The demonstration patient, made in code: no patient's data, known truth.
//!
//! [`thorax`] gives a contrast-enhanced chest CT (HU) with a perfect label map and planted lesions; [`radiograph`]
//! projects it to a posteroanterior or lateral chest radiograph; [`brain`] gives a T1-weighted head MR (a.u.). Everything
//! is LPS in millimetres: heart, stomach, spleen and aortic arch at +x (left), the liver at -x. Anatomy varies with the
//! seed; one seed gives the same bytes every time (on platforms whose `f32` functions round alike).
//!
//! How: analytic solids and rings, evaluated only inside their boxes and painted in order into each slice
//! (`canvas`, `wall`, `skeleton`, `chest`, `abdomen`), vessel trees grown to fill the lobes (`tree`), lesions (`lesions`),
//! then blur and noise (`scanner`).

mod abdomen;
mod brain;
mod canvas;
mod chest;
mod great_vessels;
pub mod labels;
mod lesions;
mod radiograph;
mod random;
mod scanner;
mod skeleton;
mod thorax;
mod tree;
mod wall;

pub use brain::{BrainLabel, BrainPhantom, brain};
pub use lesions::{LesionShape, PlantedLesion};
pub use radiograph::{AttenuationGrid, Projection, Radiograph, View, integrate, per_mm, radiograph};
pub use thorax::ThoraxSize;

use crate::geometry::{DMat3, GeometryError, VolumeGeometry};
use crate::volume::{Labelmap, Rescale, Segmentation, ValueUnit, Volume, VolumeError, Voxels};

/// A phantom could not be put together: a defect of its own numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PhantomError {
    /// Grid.
    #[error("the phantom's grid is impossible: {0}")]
    Geometry(#[from] GeometryError),
    /// Voxels.
    #[error("the phantom's voxels do not fit its grid: {0}")]
    Volume(#[from] VolumeError),
    /// Labels.
    #[error("the phantom's labels do not fit its grid")]
    Labels,
}

/// A chest CT of nobody.
#[derive(Debug, Clone)]
pub struct ThoraxPhantom {
    /// Seed it was made from.
    pub seed: u64,
    /// The CT: `i16`, HU, slices from feet to head.
    pub volume: Volume,
    /// Every structure, on the same grid.
    pub labels: Segmentation,
    /// What was planted.
    pub lesions: Vec<PlantedLesion>,
}

/// Makes the chest CT of a seed: about a second on two cores at full size.
pub fn thorax(seed: u64, size: ThoraxSize) -> Result<ThoraxPhantom, PhantomError> {
    let painted = thorax::paint(seed, size);
    let geometry = geometry(&painted.grid)?;
    let volume = Volume::new(geometry.clone(), Voxels::I16(painted.hu), Rescale::IDENTITY, ValueUnit::Hu)?;
    let labelmap = Labelmap::from_labels(geometry, &painted.labels).ok_or(PhantomError::Labels)?;
    let present = labelmap.histogram();
    let all = labels::thorax_segments().into_iter().chain(painted.lesions.iter().map(PlantedLesion::segment));
    let segments = all.filter(|s| present[usize::from(s.number)] > 0).collect();
    Ok(ThoraxPhantom { seed, volume, labels: Segmentation { labelmap, segments }, lesions: painted.lesions })
}

fn geometry(grid: &canvas::Grid) -> Result<VolumeGeometry, GeometryError> {
    VolumeGeometry::new(grid.dims, grid.origin.as_dvec3(), grid.spacing.as_dvec3(), DMat3::IDENTITY)
}
