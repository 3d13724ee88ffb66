//! What a header lays over its picture: overlay planes (PS3.3 C.9.2), display shutters (C.7.6.11, C.7.6.15) and pixel
//! padding (C.7.5.1.1.2).

use crate::io::dicom::DataSet;
use crate::io::pixels::Frames;
use crate::volume::{OverlayKind, OverlayPlane, Rescale, Shutter, ShutterShape};
use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// Corners of a polygonal shutter; real collimators have a handful, and each costs time at every pixel.
const MAX_CORNERS: usize = 64;
/// Groups 6000 to 601E.
const GROUPS: u16 = 16;

/// All overlay planes of a frame (counted from 0) that are there and whole.
pub fn overlays(data: &DataSet, frames: &Frames<'_>, frame: usize) -> Vec<OverlayPlane> {
    (0..GROUPS).filter_map(|n| overlay(data, frames, frame, 0x6000 + 2 * n)).collect()
}

fn overlay(data: &DataSet, frames: &Frames<'_>, frame: usize, group: u16) -> Option<OverlayPlane> {
    let integer = |element: u16| data.integer(Tag(group, element));
    let size =
        |element: u16| integer(element).and_then(|n| usize::try_from(n).ok()).filter(|n| (1..=65_535).contains(n));
    let (rows, width) = (size(0x0010)?, size(0x0011)?);
    // Overlay Origin: row and column of its first pixel, counted from 1.
    let [row, column] = data.vector::<2>(Tag(group, 0x0050)).unwrap_or([1.0, 1.0]);
    let bits = match data.bytes(Tag(group, 0x3000)) {
        Some(raw) => {
            // Number of Frames in Overlay and Image Frame Origin; without them it lies over every frame.
            let n = match integer(0x0015) {
                Some(count) => {
                    let first = integer(0x0051).unwrap_or(1) - 1;
                    let n = frame as i64 - first;
                    usize::try_from(n).ok().filter(|_| n < count)?
                }
                None => 0,
            };
            packed(raw, n, rows * width)?
        }
        None => embedded(frames, frame, integer(0x0100)?, integer(0x0102)?, rows * width)?,
    };
    let kind = if data.text(Tag(group, 0x0040)) == "R" { OverlayKind::Region } else { OverlayKind::Graphics };
    Some(OverlayPlane { origin: [column as i32 - 1, row as i32 - 1], width, bits, kind })
}

/// Overlay Data (60xx,3000): frames follow each other without padding, the first pixel in the lowest bit.
fn packed(raw: &[u8], n: usize, count: usize) -> Option<Vec<u8>> {
    let first = n.checked_mul(count)?;
    if raw.len().checked_mul(8)? < first.checked_add(count)? {
        return None;
    }
    Some((first..first + count).map(|at| raw[at / 8] >> (at % 8) & 1).collect())
}

/// A plane in an unused bit of the pixels' own cells (retired, still found).
fn embedded(frames: &Frames<'_>, frame: usize, bits: i64, position: i64, count: usize) -> Option<Vec<u8>> {
    let format = &frames.format;
    let position = u16::try_from(position).ok()?;
    let stored = format.low_bits..format.low_bits + format.bits_stored;
    let unused = position < format.bits_allocated && !stored.contains(&position);
    let fits = format.samples == 1 && count == format.count() && bits == i64::from(format.bits_allocated);
    if !unused || !fits {
        return None;
    }
    let cells = frames.cells(frame)?;
    let (byte, bit) = (usize::from(position / 8), position % 8);
    Some(cells.chunks_exact(format.sample_type.width()).map(|cell| cell[byte] >> bit & 1).collect())
}

/// The shutter, if the header has one that makes sense.
pub fn shutter(data: &DataSet) -> Option<Shutter> {
    let shapes: Vec<ShutterShape> =
        data.texts(tags::SHUTTER_SHAPE).iter().filter_map(|name| shape(data, name)).collect();
    let gray = data.integer(tags::SHUTTER_PRESENTATION_VALUE).unwrap_or(0).clamp(0, 0xFFFF);
    (!shapes.is_empty()).then_some(Shutter { shapes, gray: (gray >> 8) as u8 })
}

/// The standard counts rows and columns from 1, and edges name the outermost that are shown.
fn shape(data: &DataSet, name: &str) -> Option<ShutterShape> {
    let number = |tag| data.number(tag).map(|n| n - 1.0);
    match name {
        "RECTANGULAR" => Some(ShutterShape::Rectangle {
            columns: [number(tags::SHUTTER_LEFT_VERTICAL_EDGE)?, number(tags::SHUTTER_RIGHT_VERTICAL_EDGE)?],
            rows: [number(tags::SHUTTER_UPPER_HORIZONTAL_EDGE)?, number(tags::SHUTTER_LOWER_HORIZONTAL_EDGE)?],
        }),
        "CIRCULAR" => {
            let [row, column] = data.vector(tags::CENTER_OF_CIRCULAR_SHUTTER)?;
            let radius = data.number(tags::RADIUS_OF_CIRCULAR_SHUTTER).filter(|r| *r > 0.0)?;
            Some(ShutterShape::Circle { center: [column - 1.0, row - 1.0], radius })
        }
        "POLYGONAL" => {
            let numbers = data.numbers(tags::VERTICES_OF_THE_POLYGONAL_SHUTTER)?;
            let corners: Vec<[f64; 2]> =
                numbers.as_chunks().0.iter().map(|[row, column]| [column - 1.0, row - 1.0]).collect();
            (3..=MAX_CORNERS).contains(&corners.len()).then_some(ShutterShape::Polygon(corners))
        }
        _ => None,
    }
}

/// Lowest and highest value of pixels that are no image. Stored values in the header, so they get the Modality LUT, too.
pub fn padding(data: &DataSet, signed: bool, rescale: Rescale) -> Option<[f32; 2]> {
    // Written as US, a negative value looks large.
    let stored = |tag| {
        let value = data.number(tag)?;
        Some(if signed && value > 32_767.0 && value < 65_536.0 { value - 65_536.0 } else { value })
    };
    let value = stored(tags::PIXEL_PADDING_VALUE)?;
    let limit = stored(tags::PIXEL_PADDING_RANGE_LIMIT).unwrap_or(value);
    let [a, b] = [value, limit].map(|stored| rescale.value(stored as f32));
    Some([a.min(b), a.max(b)])
}
