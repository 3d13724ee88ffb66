//! How values become a picture: window, color map, filter, a second volume, labels. Shared by planes, slabs and projections.

use super::{ColorMap, Interpolation, OverlayStyle};
use crate::geometry::{DAffine3, SlicePlane};
use crate::volume::Voi;

/// What is done to the values of the screen's pixels before the window, for looking only: views and exports name it, and
/// measurements never see it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum DisplayFilter {
    /// Nothing.
    #[default]
    None,
    /// A Gaussian of this standard deviation in screen pixels (useful from 0.4 to 1.5), over 5 × 5 pixels.
    Smooth {
        /// Standard deviation.
        sigma_px: f32,
    },
    /// Unsharp masking: value + amount · (value − smoothed value).
    Sharpen {
        /// Standard deviation of the Gaussian in screen pixels.
        sigma_px: f32,
        /// How strongly; 1 is usual.
        amount: f32,
    },
}

impl DisplayFilter {
    /// Weights of distances 0, 1, 2 along an axis (their sum over −2…2 is 1), and `a` of value + a · (smoothed − value).
    pub(crate) fn kernel(self) -> Option<([f32; 3], f32)> {
        let (sigma_px, amount) = match self {
            Self::None => return None,
            Self::Smooth { sigma_px } => (sigma_px, 1.0),
            Self::Sharpen { sigma_px, amount } => (sigma_px, -amount),
        };
        let sigma = f64::from(sigma_px).max(0.1);
        let bell = [0.0, 1.0, 2.0].map(|d: f64| (-d * d / (2.0 * sigma * sigma)).exp());
        let sum = bell[0] + 2.0 * (bell[1] + bell[2]);
        Some((bell.map(|w| (w / sum) as f32), amount))
    }

    /// The words for the view; empty for none.
    pub fn words(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Smooth { .. } => "smoothed for display",
            Self::Sharpen { .. } => "sharpened for display",
        }
    }
}

/// How two volumes share a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FusionMode {
    /// The second over the first, as opaque as said.
    Blend,
    /// Squares of this edge in turns, beginning with the first volume at the left upper corner.
    Checkerboard {
        /// Edge in pixels, at least 1.
        edge_px: u32,
    },
    /// The first volume on the left share (0–1) of the picture, the second on the rest.
    Swipe {
        /// Where the border lies.
        share: f32,
    },
}

/// A second volume on the same plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Fused {
    /// From patient space of the first volume to that of the second; rigid. Identity within one frame of reference.
    pub moving_from_fixed: DAffine3,
    /// Window of the second volume.
    pub voi: Voi,
    /// Low values bright, before the color map.
    pub inverted: bool,
    /// Colors of the second volume.
    pub color_map: ColorMap,
    /// 0–1; of [`FusionMode::Blend`].
    pub opacity: f32,
    /// How both share the picture.
    pub mode: FusionMode,
    /// Between the second volume's voxels.
    pub interpolation: Interpolation,
    /// Where the second volume's value is lower, the first alone is drawn, whatever the mode.
    pub hidden_below: Option<f32>,
}

impl Fused {
    /// Hot iron at 50 % in one frame of reference (`clinical.md`, defaults).
    pub fn over(voi: Voi) -> Self {
        Self {
            moving_from_fixed: DAffine3::IDENTITY,
            voi,
            inverted: false,
            color_map: ColorMap::HotIron,
            opacity: 0.5,
            mode: FusionMode::Blend,
            interpolation: Interpolation::Linear,
            hidden_below: None,
        }
    }

    /// The plane as it lies in the second volume's space.
    pub fn plane(&self, plane: &SlicePlane) -> SlicePlane {
        SlicePlane {
            center_lps: self.moving_from_fixed.transform_point3(plane.center_lps),
            u_lps: self.moving_from_fixed.transform_vector3(plane.u_lps),
            v_lps: self.moving_from_fixed.transform_vector3(plane.v_lps),
            ..*plane
        }
    }

    /// The value below which nothing of the second volume is drawn; lower than any where everything is.
    pub(crate) fn threshold(&self) -> f32 {
        self.hidden_below.unwrap_or(f32::MIN)
    }

    /// Mode and its number as the shaders take them: 1 blend; 2 checkerboard, edge; 3 swipe, first column of the second.
    pub(crate) fn mode_code(&self, width_px: u32) -> [u32; 2] {
        match self.mode {
            FusionMode::Blend => [1, 0],
            FusionMode::Checkerboard { edge_px } => [2, edge_px.max(1)],
            FusionMode::Swipe { share } => [3, (width_px as f32 * share.clamp(0.0, 1.0)).round() as u32],
        }
    }
}

/// All that turns sampled values into a picture; borrowed from a draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Look<'a> {
    pub plane: &'a SlicePlane,
    pub voi: Voi,
    pub inverted: bool,
    pub color_map: ColorMap,
    pub filter: DisplayFilter,
    pub overlay: Option<&'a OverlayStyle>,
    pub fused: Option<&'a Fused>,
}

impl Look<'_> {
    /// Without what is not there: a second volume, labels.
    pub fn with(self, has_second: bool, has_labels: bool) -> Self {
        let (fused, overlay) = (self.fused.filter(|_| has_second), self.overlay.filter(|_| has_labels));
        Self { overlay, fused, ..self }
    }

    /// True when nothing but the window stands between values and gray.
    pub fn is_plain(&self) -> bool {
        self.overlay.is_none()
            && self.fused.is_none()
            && self.color_map == ColorMap::Gray
            && self.filter == DisplayFilter::None
    }
}
