//! Files that hold a grid of values and are not DICOM (NIfTI, NRRD, MetaImage), brought to one form: a [`VoxelHeader`], and
//! a body from which one volume after the other is read.
//!
//! Positions are LPS millimetres. Voxels are stored values, i fastest; values are "a.u." until a person says CT
//! (`clinical.md` rule 7). Input is hostile: axes are bounded, what a header claims is held against the bytes that are there
//! before memory is asked for, and a header never leads to a file outside its own folder.

mod beside;
mod body;
mod datatype;
mod lines;
mod place;
mod text;
pub(super) mod write;

pub(super) use beside::{beside, header_of, numbered, share_of};
pub(super) use body::{Body, Encoding};
pub use datatype::Datatype;
pub(super) use lines::HeaderLines;
pub(super) use place::{geometry_from_axes, known_spacing};
pub(super) use write::NewFile;

use super::{metaimage, nifti, nrrd};
use crate::geometry::VolumeGeometry;
use crate::study::Warnings;
use crate::volume::{Rescale, ValueUnit, Volume, Voxels};
use std::path::Path;

/// Longest axis that is believed.
pub(super) const MAX_AXIS: u64 = 65_535;
/// Volumes of one file that are listed.
pub const MAX_STEPS: u64 = 4096;
/// Most voxels of one volume (4 GiB of floats).
const MAX_VOXELS: u64 = 1 << 30;
/// Whole numbers up to this are exact in 32-bit floating point.
const LARGEST_EXACT: f32 = 16_777_216.0;

/// Why a file of voxels could not be read.
#[derive(Debug, thiserror::Error)]
pub enum VoxelFileError {
    /// The file system, or a compressed stream.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The header.
    #[error("the {0} header is not valid: {1}")]
    Header(Format, String),
    /// Well formed, but of a kind that is not read.
    #[error("{0}")]
    Kind(String),
    /// Fewer bytes than the header promises.
    #[error("the data are cut: {found} of {expected} voxels are there")]
    Cut {
        /// Voxels that are there.
        found: u64,
        /// Columns × rows × slices × volumes.
        expected: u64,
    },
    /// Too large for this machine.
    #[error("the image of {0} voxels does not fit in memory")]
    Memory(u64),
}

/// Whose rules a file follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// NIfTI-1 and NIfTI-2, single files and pairs; Analyze 7.5.
    Nifti,
    /// NRRD, attached and detached.
    Nrrd,
    /// MetaImage, `.mha` and `.mhd`.
    MetaImage,
}

impl std::fmt::Display for Format {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(match self {
            Self::Nifti => "NIfTI",
            Self::Nrrd => "NRRD",
            Self::MetaImage => "MetaImage",
        })
    }
}

/// What several volumes of one file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepAxis {
    /// Points in time.
    Time,
    /// Components of a vector, b-values, layers of masks: the file does not say what.
    List,
}

/// A segment that the file itself names (3D Slicer's `.seg.nrrd`).
#[derive(Debug, Clone, PartialEq)]
pub struct NamedLabel {
    /// Volume of the file that it lies in.
    pub layer: u32,
    /// Its value there.
    pub value: u8,
    /// Its name.
    pub name: String,
    /// Its color, where the file gives one.
    pub color_rgb: Option<[u8; 3]>,
}

/// What a header says, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct VoxelHeader {
    /// Whose rules it follows.
    pub format: Format,
    /// Columns, rows, slices of one volume; each ≥ 1.
    pub dims: [usize; 3],
    /// Volumes in the file, ≥ 1.
    pub steps: u64,
    /// What they are.
    pub axis: StepAxis,
    /// Seconds from one volume to the next, where the file says them.
    pub step_secs: Option<f64>,
    /// Type of the numbers.
    pub datatype: Datatype,
    /// Numbers of one pixel: 1, or 3 and 4 for colors.
    pub channels: usize,
    /// Grid spacing in mm; zero where the header says none.
    pub spacing_mm: [f64; 3],
    /// Where the voxels lie, or why that is not known.
    pub geometry: Result<VolumeGeometry, String>,
    /// Value = stored · slope + intercept.
    pub rescale: Rescale,
    /// Segments that the file names.
    pub labels: Vec<NamedLabel>,
    /// What was odd.
    pub warnings: Warnings,
}

impl VoxelHeader {
    /// Voxels of one volume.
    pub fn voxels(&self) -> u64 {
        self.dims.iter().map(|&n| n as u64).product()
    }
}

/// A file of voxels: its header, and where its numbers are.
#[derive(Debug, Clone)]
pub struct VoxelFile {
    /// What the header says.
    pub header: VoxelHeader,
    body: Body,
}

/// One volume of a file.
#[derive(Debug, Clone)]
pub struct VoxelImage {
    /// What the header says.
    pub header: VoxelHeader,
    /// Stored values, i fastest; colors are interleaved bytes.
    pub voxels: Voxels,
}

impl VoxelImage {
    /// The volume, or why there is none.
    pub fn into_volume(self) -> Result<Volume, String> {
        if self.header.channels > 1 {
            return Err("its voxels are colors, not values".into());
        }
        Volume::new(self.header.geometry?, self.voxels, self.header.rescale, ValueUnit::Arbitrary)
            .map_err(|e| e.to_string())
    }
}

/// Which format a file has, by its first bytes (for zipped NIfTI: those inside) and its name; `None` for anything else.
pub fn recognize(path: &Path, head: &[u8]) -> Option<Format> {
    if head.starts_with(b"NRRD0") {
        return Some(Format::Nrrd);
    }
    if nifti::looks_like_nifti(head) || head.starts_with(&[0x1F, 0x8B]) && nifti::is_zipped(path) {
        return Some(Format::Nifti);
    }
    metaimage::looks_like_metaimage(path, head).then_some(Format::MetaImage)
}

impl VoxelFile {
    /// Reads the header and makes sure that the numbers it promises can be there.
    pub fn open(path: &Path, format: Format) -> Result<Self, VoxelFileError> {
        let (header, body) = match format {
            Format::Nifti => nifti::open(path)?,
            Format::Nrrd => nrrd::open(path)?,
            Format::MetaImage => metaimage::open(path)?,
        };
        if header.voxels() > MAX_VOXELS {
            return Err(VoxelFileError::Memory(header.voxels()));
        }
        let expected = header.voxels().saturating_mul(header.steps);
        let found = body.room()? / (header.datatype.width() * header.channels) as u64;
        if found < expected {
            return Err(VoxelFileError::Cut { found, expected });
        }
        Ok(Self { header, body })
    }

    /// One volume of the file.
    pub fn volume(&self, step: u64) -> Result<VoxelImage, VoxelFileError> {
        self.slices(step, 0..self.header.dims[2])
    }

    /// Some slices of one volume; the header's `dims` stay those of the whole.
    pub fn slices(&self, step: u64, k: std::ops::Range<usize>) -> Result<VoxelImage, VoxelFileError> {
        let mut header = self.header.clone();
        let per_slice = header.dims[0] * header.dims[1];
        let (first, count) = (per_slice * k.start, per_slice * k.len());
        let big = self.body.big_endian;
        let voxels = match header.datatype {
            Datatype::U8 => Voxels::U8(self.collect(step, first, count, |b| b[0])?),
            Datatype::I8 => Voxels::I16(self.collect(step, first, count, |b| i16::from(b[0].cast_signed()))?),
            Datatype::I16 => Voxels::I16(self.collect(step, first, count, |b| {
                let b = [b[0], b[1]];
                if big { i16::from_be_bytes(b) } else { i16::from_le_bytes(b) }
            })?),
            Datatype::U16 => Voxels::U16(self.collect(step, first, count, |b| {
                let b = [b[0], b[1]];
                if big { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) }
            })?),
            kind => Voxels::F32(self.collect(step, first, count, |b| kind.value(b, big) as f32)?),
        };
        if let (true, Voxels::F32(values)) = (header.datatype.loses_in_f32(), &voxels)
            && values.iter().any(|v| v.abs() > LARGEST_EXACT)
        {
            header.warnings.add("values beyond 2²⁴ were rounded to 32-bit floating point");
        }
        Ok(VoxelImage { header, voxels })
    }

    /// `count` voxels of a volume from `first` on.
    fn collect<T>(
        &self,
        step: u64,
        first: usize,
        count: usize,
        value: impl Fn(&[u8]) -> T,
    ) -> Result<Vec<T>, VoxelFileError> {
        let (width, channels) = (self.header.datatype.width(), self.header.channels);
        let mut values = Vec::new();
        let wanted = count.checked_mul(channels).ok_or(VoxelFileError::Memory(count as u64))?;
        values.try_reserve_exact(wanted).map_err(|_| VoxelFileError::Memory(wanted as u64))?;
        if self.body.interleaved {
            let (steps, first) = (self.header.steps as usize, first as u64 * self.header.steps);
            let mut at = 0;
            self.body.for_each_chunk(width, first, count as u64 * self.header.steps, &mut |bytes| {
                for sample in bytes.chunks_exact(width) {
                    if at == step as usize {
                        values.push(value(sample));
                    }
                    at = (at + 1) % steps;
                }
            })?;
        } else {
            let first = (step * self.header.voxels() + first as u64) * channels as u64;
            self.body.for_each_chunk(width, first, wanted as u64, &mut |bytes| {
                values.extend(bytes.chunks_exact(width).map(&value));
            })?;
        }
        Ok(values)
    }

    /// Hands all stored numbers of the file over, as little-endian bytes and as values, without keeping them.
    pub fn scan(&self, mut take: impl FnMut(&[u8], &mut dyn Iterator<Item = f64>)) -> Result<(), VoxelFileError> {
        let datatype = self.header.datatype;
        let width = datatype.width();
        let count = self.header.voxels() * self.header.steps * self.header.channels as u64;
        self.body.for_each_chunk(width, 0, count, &mut |bytes| {
            let mut little = bytes.to_vec();
            if self.body.big_endian {
                little.chunks_exact_mut(width).for_each(<[u8]>::reverse);
            }
            let mut numbers = little.chunks_exact(width).map(|b| datatype.value(b, false));
            take(&little, &mut numbers);
        })
    }
}

/// Opens a file whose format is not known yet; `None` when it is none of these.
pub fn open(path: &Path) -> Option<Result<VoxelFile, VoxelFileError>> {
    let head = super::sniff(path).ok()?;
    recognize(path, &head).map(|format| VoxelFile::open(path, format))
}
