//! PNG and JPEG files: radiographs and photographs without a place, a side or a unit.

use crate::volume::{Calibration, Picture, Rescale, Samples, ValueUnit, Voi, Voxels};
use image::{DynamicImage, ImageReader, Limits};
use std::path::Path;

/// Longest edge that is read.
const MAX_EDGE: u32 = 32_768;
/// Memory that decoding may take.
const MAX_BYTES: u64 = 512 << 20;

fn reader(path: &Path) -> Result<ImageReader<std::io::BufReader<std::fs::File>>, String> {
    let mut reader = ImageReader::open(path)
        .and_then(ImageReader::with_guessed_format)
        .map_err(|e| format!("the file cannot be read: {e}"))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_EDGE);
    limits.max_image_height = Some(MAX_EDGE);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    Ok(reader)
}

/// Columns, rows, and whether it is a JPEG.
pub fn size(path: &Path) -> Result<(u32, u32, bool), String> {
    let reader = reader(path)?;
    let jpeg = reader.format() == Some(image::ImageFormat::Jpeg);
    let (columns, rows) = reader.into_dimensions().map_err(|e| format!("the picture cannot be read: {e}"))?;
    Ok((columns, rows, jpeg))
}

/// The decoded samples.
pub fn decode(path: &Path) -> Result<DynamicImage, String> {
    reader(path)?.decode().map_err(|e| format!("the picture cannot be decoded: {e}"))
}

/// The picture: gray where all its colors are gray, no letters, values "a.u.".
pub fn read(path: &Path) -> Result<Picture, String> {
    let decoded = decode(path)?;
    let (width, height) = (decoded.width() as usize, decoded.height() as usize);
    let gray = |stored: Voxels, top: f64| {
        (Samples::Gray { stored, rescale: Rescale::IDENTITY }, Some(Voi::linear(f64::midpoint(top, 1.0), top + 1.0)))
    };
    let (samples, voi) = match decoded {
        DynamicImage::ImageLuma16(image) => gray(Voxels::U16(image.into_raw()), 65_535.0),
        DynamicImage::ImageLumaA16(_) => gray(Voxels::U16(decoded.into_luma16().into_raw()), 65_535.0),
        DynamicImage::ImageLuma8(image) => gray(Voxels::U8(image.into_raw()), 255.0),
        DynamicImage::ImageLumaA8(_) => gray(Voxels::U8(decoded.into_luma8().into_raw()), 255.0),
        other => {
            let rgb = other.into_rgb8().into_raw();
            if rgb.as_chunks::<3>().0.iter().all(|[r, g, b]| r == g && g == b) {
                gray(Voxels::U8(rgb.into_iter().step_by(3).collect()), 255.0)
            } else {
                (Samples::Rgb(rgb), None)
            }
        }
    };
    Ok(Picture {
        width,
        height,
        samples,
        unit: ValueUnit::Arbitrary,
        inverted: false,
        voi,
        calibration: Calibration::None,
        patient_orientation: None,
        laterality: String::new(),
        view_position: String::new(),
    })
}
