//! Slabs and projections: what lies between two depths along a plane's normal becomes one value per pixel.

use super::look::Look;
use super::{ColorMap, DisplayFilter, Fused, Interpolation, OverlayStyle};
use crate::geometry::{SlicePlane, VolumeGeometry};
use crate::volume::Voi;

/// Most samples along a ray.
const MOST_STEPS: u32 = 16_384;

/// How the samples along a ray become one value. Samples outside the volume and NaN take no part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum SlabMode {
    /// The highest.
    #[default]
    Maximum,
    /// The lowest.
    Minimum,
    /// Their mean.
    Mean,
    /// Their sum: one sample per step, so it grows with thickness divided by step.
    Sum,
}

impl SlabMode {
    /// "maximum", "minimum", "mean", "sum".
    pub fn name(self) -> &'static str {
        match self {
            Self::Maximum => "maximum",
            Self::Minimum => "minimum",
            Self::Mean => "mean",
            Self::Sum => "sum",
        }
    }
}

/// A slab around a plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slab {
    /// From face to face, mm; half of it on either side of the plane.
    pub thickness_mm: f64,
    /// What is shown of it.
    pub mode: SlabMode,
}

impl Slab {
    /// The highest value within a thickness.
    pub fn maximum(thickness_mm: f64) -> Self {
        Self { thickness_mm, mode: SlabMode::Maximum }
    }
}

/// A frame of a slab or projection: what lies between two depths along the plane's normal.
#[derive(Debug, Clone, PartialEq)]
pub struct MipDraw {
    /// Direction, center and size; the projection runs along the normal.
    pub plane: SlicePlane,
    /// Depths of the first and the last sample along the normal, in mm from the plane; ascending.
    pub depth_mm: [f64; 2],
    /// Distance of samples along the normal; above 0.
    pub step_mm: f64,
    /// What the samples of a ray become.
    pub mode: SlabMode,
    /// Window.
    pub voi: Voi,
    /// Low values bright.
    pub inverted: bool,
    /// Between voxels.
    pub interpolation: Interpolation,
    /// Colors of the gray levels.
    pub color_map: ColorMap,
    /// For looking only.
    pub filter: DisplayFilter,
    /// How the labels of the middle plane lie over it, when there are any.
    pub overlay: Option<OverlayStyle>,
    /// A second volume, sampled along the same rays.
    pub fused: Option<Fused>,
}

impl MipDraw {
    /// The maximum of the whole volume along the plane's normal, sampled once per smallest voxel edge.
    pub fn whole(geometry: &VolumeGeometry, plane: SlicePlane, voi: Voi) -> Self {
        let normal = plane.normal_lps();
        let depths = geometry.corners_lps().map(|corner| (corner - plane.center_lps).dot(normal));
        let near = depths.iter().copied().fold(f64::INFINITY, f64::min);
        let far = depths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self {
            plane,
            depth_mm: [near, far],
            step_mm: geometry.spacing_mm().min_element(),
            mode: SlabMode::Maximum,
            voi,
            inverted: false,
            interpolation: Interpolation::Linear,
            color_map: ColorMap::Gray,
            filter: DisplayFilter::None,
            overlay: None,
            fused: None,
        }
    }

    /// A slab around the plane: it is cut into equal layers no thicker than the smallest voxel edge, each sampled in its
    /// middle, so that a mean is that of the slab.
    pub fn slab(geometry: &VolumeGeometry, plane: SlicePlane, voi: Voi, slab: Slab) -> Self {
        let thickness = if slab.thickness_mm.is_finite() { slab.thickness_mm.max(0.0) } else { 0.0 };
        let layers = (thickness / geometry.spacing_mm().min_element()).ceil().clamp(1.0, f64::from(MOST_STEPS));
        // A slab without thickness is its plane; the step only has to be above 0.
        let step_mm = if thickness > 0.0 { thickness / layers } else { geometry.spacing_mm().min_element() };
        let half = step_mm * (layers - 1.0) / 2.0;
        Self { depth_mm: [-half, half], step_mm, mode: slab.mode, ..Self::whole(geometry, plane, voi) }
    }

    /// Number of samples along the normal: at least one, at most 16384.
    pub fn steps(&self) -> u32 {
        let count = ((self.depth_mm[1] - self.depth_mm[0]) / self.step_mm).round();
        (count.clamp(0.0, f64::from(MOST_STEPS - 1)) as u32) + 1
    }

    pub(crate) fn sampling(&self) -> Sampling {
        Sampling {
            plane: self.plane,
            near_mm: self.depth_mm[0],
            step_mm: self.step_mm,
            steps: self.steps(),
            mode: Some(self.mode),
            interpolation: self.interpolation,
        }
    }

    pub(crate) fn look(&self) -> Look<'_> {
        Look {
            plane: &self.plane,
            voi: self.voi,
            inverted: self.inverted,
            color_map: self.color_map,
            filter: self.filter,
            overlay: self.overlay.as_ref(),
            fused: self.fused.as_ref(),
        }
    }
}

/// Which values a picture shows, before any window: equal samplings of one volume give equal values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sampling {
    pub plane: SlicePlane,
    /// Depth of the first sample along the normal.
    pub near_mm: f64,
    pub step_mm: f64,
    pub steps: u32,
    /// `None`: the plane alone.
    pub mode: Option<SlabMode>,
    pub interpolation: Interpolation,
}

impl Sampling {
    pub fn of_plane(plane: SlicePlane, interpolation: Interpolation) -> Self {
        Self { plane, near_mm: 0.0, step_mm: 1.0, steps: 1, mode: None, interpolation }
    }

    /// The same rays through the second volume.
    pub fn through(&self, fused: &Fused) -> Self {
        Self { plane: fused.plane(&self.plane), interpolation: fused.interpolation, ..self.clone() }
    }

    /// Samples of a row.
    pub fn per_row(&self) -> u64 {
        u64::from(self.plane.size_px[0]) * u64::from(self.steps)
    }
}
