//! "Verify this view": the picture that a graphics device made, held against the same picture made on the CPU.
//!
//! Twins agree within one gray level of 255; a greater difference means a defect of a driver or of the program, and the
//! view must say so.

mod device;

pub use device::{OnDevice, Verifier, VerifyError};

use super::{MipDraw, PictureDraw, RgbaPicture, SliceDraw, cpu};
use crate::volume::{Labelmap, Picture, Volume};

/// How far two pictures of the same view lie apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The greatest difference of any color byte, in levels of 255.
    pub greatest: u8,
    /// Pixels that differ by more than one level.
    pub beyond_one: usize,
    /// Pixels in all.
    pub pixels: usize,
}

impl Difference {
    /// In words, for the view: "greatest difference 1 of 255, 0 pixels beyond 1".
    pub fn words(&self) -> String {
        let pixels = if self.beyond_one == 1 { "pixel" } else { "pixels" };
        format!("greatest difference {} of 255, {} {pixels} beyond 1", self.greatest, self.beyond_one)
    }

    /// True within one gray level everywhere.
    pub fn is_verified(&self) -> bool {
        self.greatest <= 1
    }
}

/// Why two pictures cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the shown picture has {shown:?} pixels and the view asks for {asked:?}; render the view at its own size and verify again"
)]
pub struct SizeDiffers {
    /// Width and height of the picture that was given.
    pub shown: [u32; 2],
    /// Width and height of the draw.
    pub asked: [u32; 2],
}

/// What a plane, slab or projection was made from.
#[derive(Debug, Clone, Copy)]
pub struct Layers<'a> {
    /// The volume.
    pub volume: &'a Volume,
    /// The one that the draw fuses.
    pub second: Option<&'a Volume>,
    /// The mask over it.
    pub labels: Option<&'a Labelmap>,
}

/// Verifies a plane, fused or not.
pub fn slice(of: Layers<'_>, draw: &SliceDraw, shown: &RgbaPicture) -> Result<Difference, SizeDiffers> {
    compared(draw.plane.size_px, shown, || cpu::fused_picture(of.volume, of.second, draw, of.labels))
}

/// Verifies a finished slab or projection, fused or not.
pub fn mip(of: Layers<'_>, draw: &MipDraw, shown: &RgbaPicture) -> Result<Difference, SizeDiffers> {
    compared(draw.plane.size_px, shown, || cpu::fused_mip_picture(of.volume, of.second, draw, of.labels))
}

/// Verifies a 2D picture.
pub fn picture(of: &Picture, draw: &PictureDraw, shown: &RgbaPicture) -> Result<Difference, SizeDiffers> {
    compared(draw.size_px, shown, || cpu::picture_rgba(of, draw))
}

fn compared(
    asked: [u32; 2],
    shown: &RgbaPicture,
    render: impl FnOnce() -> RgbaPicture,
) -> Result<Difference, SizeDiffers> {
    let differs = SizeDiffers { shown: [shown.width, shown.height], asked };
    // Sizes first: rendering takes time.
    if differs.shown != asked {
        return Err(differs);
    }
    let (greatest, beyond_one) = shown.difference(&render(), 1).ok_or(differs)?;
    Ok(Difference { greatest, beyond_one, pixels: asked[0] as usize * asked[1] as usize })
}
