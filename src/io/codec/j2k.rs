//! Lossless JPEG 2000 (T.800) as archives write it, fast: one tile, the reversible transform, whole precincts, plain code
//! blocks. Whatever else a stream uses is left to the general decoder ([`super::wavelet`]); so is all damage.
//!
//! Space: coefficients lie in one plane per component, sub-bands in the order of Mallat: low-pass at the left top.

mod blocks;
mod lifting;
mod packets;

use super::Expected;
use blocks::{Band, BlockDecoder, MAX_AREA, MAX_SIDE};
use packets::{Blocks, packet};

/// Larger frames are left to the general decoder: memory here grows with what a header claims.
const MAX_SAMPLES: usize = 1 << 26;
/// Area of the smallest code blocks that are taken; writers use 64 × 64 or 32 × 32.
const MIN_AREA: usize = 256;

/// What the main header says, where it says nothing that this decoder does not know.
struct Header {
    columns: usize,
    rows: usize,
    components: usize,
    precision: u32,
    signed: bool,
    progression: u8,
    layers: u32,
    color_transform: bool,
    levels: usize,
    /// Columns and rows of a code block.
    block: [usize; 2],
    /// Bit planes of each sub-band, less 1: guard bits and exponent (E-2).
    planes: Vec<u32>,
    /// Where the first tile part begins.
    tile: usize,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Samples of the frame, pixel by pixel, or `None` where the general decoder must look at it.
pub(super) fn lossless(stream: &[u8], expected: Expected) -> Option<Vec<i32>> {
    let start = stream.windows(4).position(|w| w == [0xFF, 0x4F, 0xFF, 0x51])?;
    let stream = &stream[start..];
    let header = header(stream)?;
    let fits = (header.columns, header.rows, header.components) == (expected.columns, expected.rows, expected.samples);
    if !fits || expected.count() > MAX_SAMPLES {
        return None;
    }
    let data = tile_data(stream, header.tile)?;
    let resolutions = read_packets(&data, &header)?;
    let mut planes = Vec::with_capacity(header.components);
    let mut decoder = BlockDecoder::default();
    for component in &resolutions {
        planes.push(component_plane(&data, &header, component, &mut decoder)?);
    }
    if header.color_transform {
        undo_color_transform(&mut planes);
    }
    Some(finished(&header, &planes))
}

/// The main header (Annex A), marker by marker.
fn header(stream: &[u8]) -> Option<Header> {
    let mut header = size(stream)?;
    let mut at = 2;
    let (mut has_style, mut has_steps) = (false, false);
    loop {
        let (marker, length) = (u16_at(stream, at)?, usize::from(u16_at(stream, at + 2)?));
        let body = stream.get(at + 4..at + 2 + length.max(2))?;
        match marker {
            0xFF52 if !has_style => {
                style(body, &mut header)?;
                has_style = true;
            }
            0xFF5C if !has_steps => {
                // No quantization: an exponent for each sub-band.
                let (&first, exponents) = body.split_first()?;
                (first % 32 == 0).then_some(())?;
                header.planes = exponents.iter().map(|e| u32::from(first >> 5) + u32::from(e >> 3)).collect();
                has_steps = true;
            }
            // The size, read before; comments, lengths of packets and tile parts, registration.
            0xFF51 | 0xFF64 | 0xFF55 | 0xFF57 | 0xFF63 => {}
            0xFF90 => break,
            _ => return None,
        }
        at += 2 + length.max(2);
    }
    header.tile = at;
    let bands = 1 + 3 * header.levels;
    (has_style && header.planes.len() >= bands).then_some(header)
}

/// SIZ (A.5.1): one tile at the origin, all components alike.
fn size(stream: &[u8]) -> Option<Header> {
    let at = |n: usize| u32_at(stream, 8 + n);
    let (columns, rows) = (at(0)?, at(4)?);
    let plain = u16_at(stream, 6)? & 0xC000 == 0 && (at(8)?, at(12)?, at(24)?, at(28)?) == (0, 0, 0, 0);
    let components = usize::from(u16_at(stream, 40)?);
    let specs = stream.get(42..42 + 3 * components)?;
    let alike = specs.chunks_exact(3).all(|spec| spec == [specs[0], 1, 1]);
    let one_tile = at(16)? >= columns && at(20)? >= rows;
    // Precincts of 2¹⁵ must hold the whole image.
    let fits = (1..=32_768).contains(&columns) && (1..=32_768).contains(&rows) && matches!(components, 1 | 3);
    let precision = u32::from(*specs.first()? & 0x7F) + 1;
    (plain && alike && one_tile && fits && precision <= 16).then(|| Header {
        columns: columns as usize,
        rows: rows as usize,
        components,
        precision,
        signed: specs[0] & 0x80 != 0,
        progression: 0,
        layers: 0,
        color_transform: false,
        levels: 0,
        block: [0; 2],
        planes: Vec::new(),
        tile: 0,
    })
}

/// COD (A.6.1): default precincts, no markers among packets, plain code blocks, the 5/3 wavelet.
fn style(body: &[u8], header: &mut Header) -> Option<()> {
    let &[scod, progression, high, low, transform, levels, width, height, style, wavelet] = body.first_chunk()?;
    header.progression = progression;
    header.layers = u32::from(u16::from_be_bytes([high, low]));
    header.color_transform = transform == 1 && header.components == 3;
    header.levels = usize::from(levels);
    header.block = [width, height].map(|exponent| 4usize << exponent.min(16));
    let [width, height] = header.block;
    let sides = width <= MAX_SIDE && height <= MAX_SIDE && (MIN_AREA..=MAX_AREA).contains(&(width * height));
    let plain = scod == 0 && transform <= 1 && style == 0 && wavelet == 1;
    (sides && plain && levels <= 32 && progression <= 4 && header.layers > 0).then_some(())
}

/// The bytes of all tile parts, one after another; nothing in their headers but comments and lengths.
fn tile_data(stream: &[u8], mut at: usize) -> Option<Vec<u8>> {
    let mut data = Vec::with_capacity(stream.len());
    while u16_at(stream, at)? == 0xFF90 {
        let length = u32_at(stream, at + 6)? as usize;
        (u16_at(stream, at + 4)? == 0).then_some(())?;
        let end = if length == 0 { stream.len() } else { at.checked_add(length)? };
        let part = stream.get(at..end)?;
        let mut inner = 12;
        while u16_at(part, inner)? != 0xFF93 {
            matches!(u16_at(part, inner)?, 0xFF58 | 0xFF64).then_some(())?;
            inner += 2 + usize::from(u16_at(part, inner + 2)?).max(2);
        }
        data.extend_from_slice(&part[inner + 2..]);
        at = end;
        if length == 0 {
            break;
        }
    }
    Some(data)
}

/// Sub-bands of one resolution.
type Resolution = Vec<Blocks>;

/// Columns and rows of a resolution, 0 being the smallest.
fn resolution_size(header: &Header, resolution: usize) -> [usize; 2] {
    let shift = (header.levels - resolution) as u32;
    [header.columns, header.rows].map(|n| (n as u64).div_ceil(1 << shift) as usize)
}

/// Place and size of the sub-bands of a resolution in the component's plane, with their kind.
fn bands(header: &Header, resolution: usize) -> Vec<([usize; 2], [usize; 2], Band)> {
    let [columns, rows] = resolution_size(header, resolution);
    if resolution == 0 {
        return vec![([0, 0], [columns, rows], Band::LlLh)];
    }
    let [x, y] = resolution_size(header, resolution - 1);
    vec![
        ([x, 0], [columns - x, y], Band::Hl),
        ([0, y], [x, rows - y], Band::LlLh),
        ([x, y], [columns - x, rows - y], Band::Hh),
    ]
}

/// All packets, in the order of progression (B.12): with one precinct a resolution, positions play no part.
fn read_packets(data: &[u8], header: &Header) -> Option<Vec<Vec<Resolution>>> {
    let [width, height] = header.block;
    let grid = |size: [usize; 2]| match size {
        [0, _] | [_, 0] => Blocks::new(0, 0),
        [columns, rows] => Blocks::new(columns.div_ceil(width), rows.div_ceil(height)),
    };
    let resolution = |r: usize| bands(header, r).into_iter().map(|(_, size, _)| grid(size)).collect::<Resolution>();
    let component = || (0..=header.levels).map(resolution).collect::<Vec<Resolution>>();
    let mut components: Vec<Vec<Resolution>> = (0..header.components).map(|_| component()).collect();
    let mut order = Vec::new();
    for layer in 0..header.layers {
        for r in 0..=header.levels {
            order.extend((0..header.components).map(|c| (layer, r, c)));
        }
    }
    match header.progression {
        0 => {}
        1 => order.sort_by_key(|&(layer, r, c)| (r, layer, c)),
        2 => order.sort_by_key(|&(layer, r, c)| (r, c, layer)),
        _ => order.sort_by_key(|&(layer, r, c)| (c, r, layer)),
    }
    let mut at = 0;
    for (layer, r, c) in order {
        at = packet(data, at, layer, &mut components[c][r])?;
    }
    Some(components)
}

/// Decodes a component: blocks into sub-bands, sub-bands into the picture.
fn component_plane(
    data: &[u8],
    header: &Header,
    component: &[Resolution],
    decoder: &mut BlockDecoder,
) -> Option<Vec<i32>> {
    let stride = header.columns;
    let mut plane = vec![0; stride * header.rows];
    let mut joined = Vec::new();
    let mut band_number = 0;
    for (r, resolution) in component.iter().enumerate() {
        for (([x, y], size, kind), blocks) in bands(header, r).into_iter().zip(resolution) {
            let planes = header.planes[band_number].checked_sub(1)?;
            band_number += 1;
            for (n, block) in blocks.blocks.iter().enumerate().filter(|(_, block)| block.passes > 0) {
                let planes = planes.checked_sub(block.missing_planes).filter(|p| (1..=31).contains(p))?;
                // A block without its last passes is not lossless: rounding is the general decoder's matter.
                (block.passes == 3 * planes - 2).then_some(())?;
                let first = [n % blocks.columns * header.block[0], n / blocks.columns * header.block[1]];
                let size = [0, 1].map(|axis| header.block[axis].min(size[axis] - first[axis]));
                let bytes = match &block.parts[..] {
                    [one] => &data[one.clone()],
                    many => {
                        joined.clear();
                        many.iter().for_each(|part| joined.extend_from_slice(&data[part.clone()]));
                        &joined
                    }
                };
                let out = &mut plane[(y + first[1]) * stride + x + first[0]..];
                decoder.decode(bytes, planes, kind, size, out, stride);
            }
        }
        if r > 0 {
            let [columns, rows] = resolution_size(header, r);
            lifting::join(&mut plane, stride, columns, rows);
        }
    }
    Some(plane)
}

/// The reversible component transform backwards (G.2.2).
fn undo_color_transform(planes: &mut [Vec<i32>]) {
    let [y, u, v] = planes else { return };
    for ((y, u), v) in y.iter_mut().zip(u).zip(v) {
        let green = y.wrapping_sub(u.wrapping_add(*v) >> 2);
        (*y, *u, *v) = (v.wrapping_add(green), green, u.wrapping_add(green));
    }
}

/// Level shift (G.1.2), limits, and samples of a pixel together.
fn finished(header: &Header, planes: &[Vec<i32>]) -> Vec<i32> {
    let half = 1i32 << (header.precision - 1);
    let (shift, low, high) = if header.signed { (0, -half, half - 1) } else { (half, 0, 2 * half - 1) };
    let value = |v: i32| v.wrapping_add(shift).clamp(low, high);
    match planes {
        [one] => one.iter().map(|v| value(*v)).collect(),
        many => (0..many[0].len()).flat_map(|n| many.iter().map(move |plane| value(plane[n]))).collect(),
    }
}
