//! PNG, JPEG, TIFF and WebP files: radiographs and photographs without a place, a side or a unit.

mod tiff;

use super::voxel_file::Datatype;
use crate::volume::{Calibration, Picture, Rescale, Samples, ValueUnit, Voi, Voxels};
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Longest edge that is read.
const MAX_EDGE: u32 = 32_768;
/// Memory that decoding may take.
const MAX_BYTES: u64 = 512 << 20;

/// What a file of pictures says before it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Columns of the first picture.
    pub columns: u32,
    /// Rows of the first picture.
    pub rows: u32,
    /// Pictures in the file.
    pub pages: u32,
    /// JPEG, or a WebP that is.
    pub lossy: bool,
}

/// Samples as they are stored.
pub struct Decoded {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Samples of a pixel: gray, gray and alpha, RGB, RGBA.
    pub channels: usize,
    /// Type of a sample.
    pub datatype: Datatype,
    /// Little endian, row by row, all samples of a pixel together.
    pub bytes: Vec<u8>,
}

/// True for a PNG, JPEG, TIFF or WebP file; `head` is its first bytes.
pub fn is_picture(path: &Path, head: &[u8]) -> bool {
    let riff = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
    let other = riff || head.starts_with(b"\x89PNG") || head.starts_with(&[0xFF, 0xD8, 0xFF]);
    other || is_tiff(head) && !is_dicom(path)
}

/// TIFF and `BigTIFF`, both byte orders.
fn is_tiff(head: &[u8]) -> bool {
    [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| head.starts_with(*magic))
}

/// A DICOM preamble may be a TIFF header (PS3.10 7.1): such a file is read as DICOM.
fn is_dicom(path: &Path) -> bool {
    let mut head = [0; 132];
    File::open(path).is_ok_and(|mut file| file.read_exact(&mut head).is_ok()) && head.ends_with(b"DICM")
}

fn reader(path: &Path) -> Result<ImageReader<BufReader<File>>, String> {
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

/// Size, number of pictures, and whether they were compressed with loss.
pub fn facts(path: &Path) -> Result<Facts, String> {
    let head = super::sniff(path).map_err(|e| format!("the file cannot be read: {e}"))?;
    if is_tiff(&head) {
        return tiff::facts(path);
    }
    let reader = reader(path)?;
    let format = reader.format();
    let (columns, rows) = reader.into_dimensions().map_err(|e| format!("the picture cannot be read: {e}"))?;
    let lossy = match format {
        Some(ImageFormat::Jpeg) => true,
        // The lossless kind of WebP has a chunk of its own name.
        Some(ImageFormat::WebP) => head.get(12..16) != Some(b"VP8L"),
        _ => false,
    };
    Ok(Facts { columns, rows, pages: 1, lossy })
}

/// The decoded samples of one picture of the file, from 0.
pub fn decode(path: &Path, page: u32) -> Result<Decoded, String> {
    if super::sniff(path).is_ok_and(|head| is_tiff(&head)) {
        return tiff::decode(path, page);
    }
    let image = reader(path)?.decode().map_err(|e| format!("the picture cannot be decoded: {e}"))?;
    let channels = usize::from(image.color().channel_count());
    let (width, height) = (image.width() as usize, image.height() as usize);
    let (datatype, bytes) = match image {
        DynamicImage::ImageLuma16(_)
        | DynamicImage::ImageLumaA16(_)
        | DynamicImage::ImageRgb16(_)
        | DynamicImage::ImageRgba16(_) => {
            let native = image.into_bytes();
            let little = native.as_chunks().0.iter().flat_map(|b| u16::from_ne_bytes(*b).to_le_bytes()).collect();
            (Datatype::U16, little)
        }
        DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_) => {
            return Err("the picture holds real numbers as colors, which are not read".into());
        }
        bytes => (Datatype::U8, bytes.into_bytes()),
    };
    Ok(Decoded { width, height, channels, datatype, bytes })
}

/// One picture of the file: gray where all its colors are gray, no letters, values "a.u.".
pub fn read(path: &Path, page: u32) -> Result<Picture, String> {
    let decoded = decode(path, page)?;
    let voi = decoded.full_range();
    let samples = decoded.samples();
    Ok(Picture {
        width: decoded.width,
        height: decoded.height,
        voi: if matches!(samples, Samples::Rgb(_)) { None } else { voi },
        samples,
        unit: ValueUnit::Arbitrary,
        inverted: false,
        calibration: Calibration::None,
        patient_orientation: None,
        laterality: String::new(),
        view_position: String::new(),
        presentation: crate::volume::Presentation::default(),
    })
}

impl Decoded {
    /// The window over all values of unsigned integers.
    fn full_range(&self) -> Option<Voi> {
        let top = match self.datatype {
            Datatype::U8 => 255.0,
            Datatype::U16 => 65_535.0,
            _ => return None,
        };
        Some(Voi::linear(f64::midpoint(top, 1.0), top + 1.0))
    }

    fn samples(&self) -> Samples {
        if self.channels > 2 && !self.is_gray() {
            let width = self.datatype.width();
            // The most significant byte of each sample, which is the last.
            let top = |sample: &[u8]| sample[width - 1];
            let pixels = self.bytes.chunks_exact(self.channels * width);
            return Samples::Rgb(pixels.flat_map(|p| p.chunks_exact(width).take(3).map(top)).collect());
        }
        Samples::Gray { stored: self.first_channel(), rescale: Rescale::IDENTITY }
    }

    /// True where red, green and blue of every pixel are the same.
    fn is_gray(&self) -> bool {
        let width = self.datatype.width();
        let same = |p: &[u8]| p[..width] == p[width..2 * width] && p[..width] == p[2 * width..3 * width];
        self.bytes.chunks_exact(self.channels * width).all(same)
    }

    fn first_channel(&self) -> Voxels {
        let pixels = self.bytes.chunks_exact(self.channels * self.datatype.width());
        match self.datatype {
            Datatype::U8 => Voxels::U8(pixels.map(|p| p[0]).collect()),
            Datatype::U16 => Voxels::U16(pixels.map(|p| u16::from_le_bytes([p[0], p[1]])).collect()),
            Datatype::I16 => Voxels::I16(pixels.map(|p| i16::from_le_bytes([p[0], p[1]])).collect()),
            kind => Voxels::F32(pixels.map(|p| kind.value(p, false) as f32).collect()),
        }
    }
}
