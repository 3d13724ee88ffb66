//! NIfTI-1 and NIfTI-2, plain or gzipped, both byte orders: our own strict reader and writer.
//!
//! The only place in the program where RAS exists: positions are turned into LPS on the way in and back on the way out.
//! Orientation comes from the sform where its code is positive and its matrix regular, else from the qform, else there is
//! none: such an image is given as pictures, because its sides would be a guess. Values are "a.u." until a person says CT
//! (`clinical.md` rule 7). Sizes are held against the bytes that are there before memory is asked for.

mod affine;
mod header;
mod save;
mod straighten;
mod write;

pub use header::{Header, looks_like_nifti};
pub(in crate::io) use save::{SaveError, VoxelType, save};
pub use straighten::straightened;
pub use write::{WriteError, write_labels, write_volume};

use crate::geometry::VolumeGeometry;
use crate::study::Warnings;
use crate::volume::{Rescale, ValueUnit, Volume, Voxels};
use flate2::read::MultiGzDecoder;
use header::Datatype;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Deflate cannot shrink data by more than this.
const MAX_DEFLATE_RATIO: u64 = 1032;
/// Whole numbers up to this are exact in 32-bit floating point.
const LARGEST_EXACT: f32 = 16_777_216.0;
/// Voxels converted at a time.
const CHUNK_VOXELS: usize = 1 << 18;

/// Why a NIfTI file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum NiftiError {
    /// The file system, or the gzip stream.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The header.
    #[error("the NIfTI header is not valid: {0}")]
    Header(String),
    /// Fewer bytes than the header promises.
    #[error("the NIfTI data are cut: {found} of {expected} voxels are there")]
    Cut {
        /// Voxels that are there.
        found: u64,
        /// Columns × rows × slices.
        expected: u64,
    },
    /// Too large for this machine.
    #[error("the image of {0} voxels does not fit in memory")]
    Memory(u64),
}

/// A NIfTI image: the first volume of the file.
#[derive(Debug, Clone)]
pub struct NiftiImage {
    /// What the header says.
    pub header: Header,
    /// Where the voxels lie, or why that is not known.
    pub geometry: Result<VolumeGeometry, String>,
    /// Stored values, i fastest.
    pub voxels: Voxels,
    /// `scl_slope` and `scl_inter`.
    pub rescale: Rescale,
    /// What was odd.
    pub warnings: Warnings,
}

impl NiftiImage {
    /// The volume, or why there is none.
    pub fn into_volume(self) -> Result<Volume, String> {
        Volume::new(self.geometry?, self.voxels, self.rescale, ValueUnit::Arbitrary).map_err(|e| e.to_string())
    }
}

/// Opens the stream of a file, inflating it where it is gzipped; gives also the most bytes it can hold.
fn stream(path: &Path) -> std::io::Result<(Box<dyn Read>, u64)> {
    let length = std::fs::metadata(path)?.len();
    let mut magic = [0; 2];
    let zipped = File::open(path)?.read_exact(&mut magic).is_ok() && magic == [0x1F, 0x8B];
    let file = BufReader::with_capacity(1 << 16, File::open(path)?);
    Ok(if zipped {
        (
            Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file))),
            length.saturating_mul(MAX_DEFLATE_RATIO),
        )
    } else {
        (Box::new(file), length)
    })
}

/// Reads the header only.
pub fn read_header(path: &Path) -> Result<(Header, Warnings), NiftiError> {
    let (mut reader, most) = stream(path)?;
    let mut warnings = Warnings::default();
    let header = Header::read(&mut reader, &mut warnings)?;
    check_size(&header, most)?;
    Ok((header, warnings))
}

/// A header whose voxels the file cannot possibly hold is refused.
fn check_size(header: &Header, most: u64) -> Result<(), NiftiError> {
    let voxels = header.voxels();
    let room = most.saturating_sub(header.data_offset) / header.datatype.width() as u64;
    if room < voxels {
        return Err(NiftiError::Cut { found: room, expected: voxels });
    }
    Ok(())
}

/// Reads the first volume of a file.
pub fn read(path: &Path) -> Result<NiftiImage, NiftiError> {
    let (mut reader, most) = stream(path)?;
    let mut warnings = Warnings::default();
    let header = Header::read(&mut reader, &mut warnings)?;
    check_size(&header, most)?;
    let voxels = match header.datatype {
        Datatype::U8 => Voxels::U8(collect(&mut reader, &header, |b, _| b[0])?),
        Datatype::I16 => Voxels::I16(collect(&mut reader, &header, |b, big| {
            let b = [b[0], b[1]];
            if big { i16::from_be_bytes(b) } else { i16::from_le_bytes(b) }
        })?),
        Datatype::U16 => Voxels::U16(collect(&mut reader, &header, |b, big| {
            let b = [b[0], b[1]];
            if big { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) }
        })?),
        kind => Voxels::F32(collect(&mut reader, &header, |b, big| kind.value(b, big) as f32)?),
    };
    if let (true, Voxels::F32(values)) = (header.datatype.loses_in_f32(), &voxels)
        && values.iter().any(|v| v.abs() > LARGEST_EXACT)
    {
        warnings.add("values beyond 2²⁴ were rounded to 32-bit floating point");
    }
    let rescale = header.rescale(&mut warnings);
    let geometry = header.geometry();
    Ok(NiftiImage { header, geometry, voxels, rescale, warnings })
}

fn collect<T>(reader: &mut dyn Read, header: &Header, value: impl Fn(&[u8], bool) -> T) -> Result<Vec<T>, NiftiError> {
    let count = usize::try_from(header.voxels()).map_err(|_| NiftiError::Memory(header.voxels()))?;
    let mut values = Vec::new();
    values.try_reserve_exact(count).map_err(|_| NiftiError::Memory(header.voxels()))?;
    for_each_chunk(reader, header, |bytes| {
        values.extend(bytes.chunks_exact(header.datatype.width()).map(|b| value(b, header.big_endian)));
    })?;
    Ok(values)
}

/// Hands the bytes of the first volume over, some whole voxels at a time.
fn for_each_chunk(reader: &mut dyn Read, header: &Header, mut take: impl FnMut(&[u8])) -> Result<(), NiftiError> {
    let width = header.datatype.width();
    let mut left = header.voxels();
    let mut buffer = vec![0; CHUNK_VOXELS * width];
    while left > 0 {
        let wanted = left.min(CHUNK_VOXELS as u64) as usize * width;
        let mut filled = 0;
        while filled < wanted {
            match reader.read(&mut buffer[filled..wanted]) {
                Ok(0) => {
                    let found = header.voxels() - left + (filled / width) as u64;
                    return Err(NiftiError::Cut { found, expected: header.voxels() });
                }
                Ok(n) => filled += n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        take(&buffer[..wanted]);
        left -= (wanted / width) as u64;
    }
    Ok(())
}

/// Hands the stored values of the first volume over as little-endian bytes and numbers, without keeping them.
pub fn scan(path: &Path, mut take: impl FnMut(&[u8], &mut dyn Iterator<Item = f64>)) -> Result<(), NiftiError> {
    let (mut reader, most) = stream(path)?;
    let header = Header::read(&mut reader, &mut Warnings::default())?;
    check_size(&header, most)?;
    let width = header.datatype.width();
    for_each_chunk(&mut reader, &header, |bytes| {
        let mut little = bytes.to_vec();
        if header.big_endian {
            little.chunks_exact_mut(width).for_each(<[u8]>::reverse);
        }
        let mut numbers = little.chunks_exact(width).map(|b| header.datatype.value(b, false));
        take(&little, &mut numbers);
    })
}
