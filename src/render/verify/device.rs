//! The device's half: renders a view offscreen with the device that drew it, reads it back and holds it against the CPU's.
//! Waits for the device, so it belongs in a job.

use super::{Difference, Layers, SizeDiffers};
use crate::render::gpu::{
    GpuContext, GpuError, GpuLabels, GpuPicture, GpuVolume, MipRenderer, PICTURE_FORMAT, PictureRenderer, SliceRenderer,
};
use crate::render::{MipDraw, PictureDraw, SliceDraw};
use crate::volume::{Labelmap, Picture};

/// Renderers of a device, kept from one verification to the next.
#[derive(Debug)]
pub struct Verifier {
    gpu: GpuContext,
    slices: SliceRenderer,
    mips: MipRenderer,
    pictures: PictureRenderer,
}

/// The volumes of a view as they lie on the device.
#[derive(Debug, Clone, Copy)]
pub struct OnDevice<'a> {
    /// The volume.
    pub volume: &'a GpuVolume,
    /// The one that the draw fuses.
    pub second: Option<&'a GpuVolume>,
}

/// Why a view was not verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The device refused.
    #[error(transparent)]
    Device(#[from] GpuError),
    /// The two pictures have different sizes.
    #[error(transparent)]
    Size(#[from] SizeDiffers),
}

impl Verifier {
    /// Builds the pipelines.
    pub fn new(gpu: &GpuContext) -> Result<Self, GpuError> {
        Ok(Self {
            slices: SliceRenderer::new(gpu, PICTURE_FORMAT)?,
            mips: MipRenderer::new(gpu, PICTURE_FORMAT)?,
            pictures: PictureRenderer::new(gpu, PICTURE_FORMAT)?,
            gpu: gpu.clone(),
        })
    }

    /// A plane, fused or not.
    pub fn slice(&self, of: Layers<'_>, on: OnDevice<'_>, draw: &SliceDraw) -> Result<Difference, VerifyError> {
        let labels = self.labels(of.labels.filter(|_| draw.overlay.is_some()))?;
        let shown = self.slices.fused_picture(on.volume, on.second, labels.as_ref(), draw)?;
        Ok(super::slice(of, draw, &shown)?)
    }

    /// A slab or projection, fused or not.
    pub fn mip(&self, of: Layers<'_>, on: OnDevice<'_>, draw: &MipDraw) -> Result<Difference, VerifyError> {
        let labels = self.labels(of.labels.filter(|_| draw.overlay.is_some()))?;
        let shown = self.mips.fused_picture(on.volume, on.second, labels.as_ref(), draw)?;
        Ok(super::mip(of, draw, &shown)?)
    }

    /// A 2D picture.
    pub fn picture(&self, of: &Picture, draw: &PictureDraw) -> Result<Difference, VerifyError> {
        let on_device = GpuPicture::upload(&self.gpu, of, draw.voi.function)?;
        let shown = self.pictures.picture(&on_device, draw)?;
        Ok(super::picture(of, draw, &shown)?)
    }

    fn labels(&self, labels: Option<&Labelmap>) -> Result<Option<GpuLabels>, GpuError> {
        labels.map(|labels| GpuLabels::upload(&self.gpu, labels)).transpose()
    }
}
