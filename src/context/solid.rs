//! Views of whole volumes beside the maximum intensity projection: volume rendering, synthetic radiographs, surfaces. What
//! each viewport keeps of them, what is computed for them beside the window, and the commands that change them.
//!
//! Space: clip planes and cameras in LPS mm, the crop in voxel indices (first and last), angles in degrees (PS3.3 C.8.7.5).

mod cast;
mod draw;
mod source;
mod words;

pub use cast::{Cast, CrossedThing};
pub use source::SolidSource;
pub use words::{NOT_ACQUIRED, radiograph_words};

use super::layout::ViewportId;
use crate::geometry::{DVec2, Orientation, VolumeGeometry};
use crate::render::drr::{CHEST, DrrError, DrrGeometry, Positioner};
use crate::render::gpu::{GpuSurfaces, RaycastVolume};
use crate::render::{ClipPlane, MAX_CLIPS, Preset, RgbaPicture, TransferFunction};
use crate::volume::{Mesh, Voi};
use std::collections::HashMap;
use std::sync::Arc;

/// Part of the volume's diagonal that views of whole volumes show at no zoom.
pub const SOLID_FIT: f64 = 0.74;

/// What one viewport keeps of its view of a whole volume.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SolidView {
    /// The transfer function that was chosen; `None` for what the modality starts with.
    pub preset: Option<Preset>,
    /// What the reader made of it; `None` for the preset as it is.
    pub transfer: Option<Arc<TransferFunction>>,
    /// Planes that cut the volume, in the order in which they came.
    pub clips: Vec<Clip>,
    /// Voxels that are kept, first and last along each axis.
    pub crop: Option<[[usize; 3]; 2]>,
    /// What the masks do to volume rendering.
    pub masks: MaskUse,
    /// Where source and detector of a radiograph stand.
    pub stand: Stand,
    /// Window of a radiograph, in line integrals; `None` for the first one.
    pub exposure: Option<Voi>,
    /// Size in pixels as it was shown last; 0 before.
    pub size_px: [u32; 2],
    /// Source and detector as they were shown last.
    pub detector: Option<DrrGeometry>,
    /// The ray that was asked about.
    pub cast: Option<Cast>,
}

impl SolidView {
    /// As it opened: nothing cut, the first preset, from the front.
    pub fn reset(&mut self) {
        *self = Self { size_px: self.size_px, detector: self.detector, ..Self::default() };
    }

    /// The cuts that are on.
    pub fn active_clips(&self) -> Vec<ClipPlane> {
        self.clips.iter().filter(|clip| clip.on).map(|clip| clip.plane).collect()
    }

    /// True where another plane can be added.
    pub fn takes_clip(&self) -> bool {
        self.clips.len() < MAX_CLIPS
    }
}

/// A plane that cuts the volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// Which side is kept.
    pub plane: ClipPlane,
    /// The plane that it came from: "axial".
    pub name: &'static str,
    /// It cuts.
    pub on: bool,
}

impl Clip {
    /// The other side is kept.
    pub fn flipped(&self) -> Self {
        let ClipPlane { normal_lps, offset_mm } = self.plane;
        Self { plane: ClipPlane { normal_lps: -normal_lps, offset_mm: -offset_mm }, ..self.clone() }
    }
}

/// What masks do to volume rendering; those of hidden segments do nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MaskUse {
    /// Nothing.
    #[default]
    Ignore,
    /// Visible segments are colored.
    Color,
    /// Nothing but visible segments is seen.
    Only,
    /// Visible segments are cut out.
    Hide,
}

impl MaskUse {
    /// All, in menu order.
    pub const ALL: [Self; 4] = [Self::Ignore, Self::Color, Self::Only, Self::Hide];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ignore => "Without masks",
            Self::Color => "Color visible segments",
            Self::Only => "Only visible segments",
            Self::Hide => "Without visible segments",
        }
    }
}

/// Where source and detector of a synthetic radiograph stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stand {
    /// Positioner Primary and Secondary Angle.
    pub angles_deg: [f64; 2],
    /// `None` for the usual distance, or what the volume needs.
    pub source_detector_mm: Option<f64>,
    /// From the focus to the isocenter.
    pub source_isocenter_mm: f64,
    /// Of the photons.
    pub energy_kev: f64,
    /// Rays side by side.
    pub parallel: bool,
}

impl Default for Stand {
    /// A chest radiograph from the back to the front.
    fn default() -> Self {
        let (_, source_isocenter_mm, energy_kev) = CHEST;
        Self { angles_deg: [0.0, 0.0], source_detector_mm: None, source_isocenter_mm, energy_kev, parallel: false }
    }
}

impl Stand {
    /// Views by name, with their angles.
    pub const VIEWS: [(&'static str, [f64; 2]); 6] = [
        ("PA", [0.0, 0.0]),
        ("AP", [180.0, 0.0]),
        ("Left lateral", [90.0, 0.0]),
        ("Right lateral", [-90.0, 0.0]),
        ("LAO", [45.0, 0.0]),
        ("RAO", [-45.0, 0.0]),
    ];

    /// The view of these angles, where it has a name.
    pub fn view_name(&self) -> Option<&'static str> {
        let near = |a: f64, b: f64| (a - b + 180.0).rem_euclid(360.0) - 180.0;
        let is = |angles: [f64; 2]| (0..2).all(|n| near(self.angles_deg[n], angles[n]).abs() < 0.5);
        Self::VIEWS.into_iter().find(|(_, angles)| is(*angles)).map(|(name, _)| name)
    }

    /// Turned by a drag: primary within ±180°, secondary within ±90°.
    pub fn turned(self, [primary, secondary]: [f64; 2]) -> Self {
        let [p, s] = self.angles_deg;
        let primary = (p + primary + 180.0).rem_euclid(360.0) - 180.0;
        Self { angles_deg: [primary, (s + secondary).clamp(-90.0, 90.0)], ..self }
    }

    /// Source and detector about a volume, with the whole of it in view at no zoom. A displaced picture is one of a
    /// displaced stand: the central ray always meets the middle of the detector.
    pub fn geometry(
        &self,
        volume: &VolumeGeometry,
        (zoom, pan_mm): (f64, DVec2),
        size_px: [u32; 2],
    ) -> Result<DrrGeometry, DrrError> {
        let mut positioner = Positioner::chest(volume, self.angles_deg);
        positioner.source_isocenter_mm = self.source_isocenter_mm;
        positioner.source_detector_mm = self.source_detector_mm.unwrap_or(positioner.source_detector_mm);
        positioner.parallel = self.parallel;
        let (right, down) = positioner.axes_lps();
        positioner.isocenter_lps -= right * pan_mm.x + down * pan_mm.y;
        let magnification =
            if self.parallel { 1.0 } else { positioner.source_detector_mm / positioner.source_isocenter_mm };
        let diagonal_mm = volume.bounds_lps().size_mm().length();
        let pixel_mm = SOLID_FIT * diagonal_mm / f64::from(size_px[0].min(size_px[1]).max(1)) / zoom;
        positioner.geometry(pixel_mm * magnification, size_px)
    }
}

/// What is computed beside the window for views of volumes.
#[derive(Debug, Default)]
pub struct Solids {
    /// By the generation of their series.
    pub sources: HashMap<u64, Arc<SolidSource>>,
    /// Volumes on the graphics device as rays want them, by the same; `None` where it refused.
    pub rays: HashMap<u64, Option<Arc<RaycastVolume>>>,
    /// Shadows of masks on radiographs.
    pub shadows: HashMap<ViewportId, Shadows>,
    /// Surfaces of the case's segments.
    pub surfaces: Option<Surfaces>,
    /// How rotations are exported.
    pub rotation: RotationPlan,
}

/// The shadows of visible segments on a detector.
#[derive(Debug, Clone)]
pub struct Shadows {
    /// What they were computed for.
    pub of: ShadowKey,
    /// Over the radiograph; clear where there is no mask.
    pub picture: Arc<RgbaPicture>,
}

/// What shadows follow from.
#[derive(Debug, Clone, PartialEq)]
pub struct ShadowKey {
    /// Source and detector.
    pub geometry: DrrGeometry,
    /// Of the masks.
    pub mask_generation: u64,
    /// Number and color of the segments that cast one.
    pub shown: Vec<(u8, [u8; 3])>,
}

/// The surfaces of the case's segments.
#[derive(Debug, Clone)]
pub struct Surfaces {
    /// Of the masks that they were made from.
    pub mask_generation: u64,
    /// Number of the segment, and its surface; empty segments have none.
    pub meshes: Arc<Vec<(u8, Mesh)>>,
    /// The same on the graphics device, in that order; `None` where there is none, or it refused.
    pub on_device: Option<Arc<GpuSurfaces>>,
}

/// How a rotation is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationPlan {
    /// Pictures over 360°.
    pub frames: u16,
    /// As large as the viewport; else 512 × 512.
    pub at_view_size: bool,
}

impl Default for RotationPlan {
    fn default() -> Self {
        Self { frames: 36, at_view_size: false }
    }
}

/// Something with a view of a whole volume.
#[derive(Debug, Clone, PartialEq)]
pub enum SolidCommand {
    /// A built-in transfer function.
    Preset(Preset),
    /// A transfer function of one's own; `None` for the preset as it is.
    Transfer(Option<Arc<TransferFunction>>),
    /// Cuts along the plane of this name through the crosshair, as it lies now.
    AddClip(Orientation),
    /// All clip planes.
    Clips(Vec<Clip>),
    /// The voxels that are kept; `None` for all.
    Crop(Option<[[usize; 3]; 2]>),
    /// What masks do.
    Masks(MaskUse),
    /// Where source and detector stand.
    Stand(Stand),
    /// Window of a radiograph.
    Exposure(Voi),
    /// It is shown in this size now, a radiograph with this source and detector.
    Shown([u32; 2], Option<DrrGeometry>),
    /// What the ray through a pixel crosses.
    Cast(DVec2),
    /// Away with the list.
    ForgetCast,
    /// How rotations are exported.
    Rotation(RotationPlan),
}
