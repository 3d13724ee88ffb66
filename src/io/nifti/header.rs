//! The NIfTI-1 (348 bytes) and NIfTI-2 (540 bytes) headers, checked field by field.

use super::NiftiError;
use super::affine::{self, Affine};
use crate::geometry::VolumeGeometry;
use crate::study::Warnings;
use crate::volume::Rescale;
use std::io::Read;

/// Longest axis that is believed.
const MAX_AXIS: i64 = 65_535;
/// Header extensions longer than this are not skipped.
const MAX_OFFSET: u64 = 1 << 30;

/// Types of voxels that are read (nifti1.h `DT_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Datatype {
    /// Unsigned, 8 bits.
    U8,
    /// Signed, 8 bits.
    I8,
    /// Signed, 16 bits.
    I16,
    /// Unsigned, 16 bits.
    U16,
    /// Signed, 32 bits.
    I32,
    /// Unsigned, 32 bits.
    U32,
    /// Signed, 64 bits.
    I64,
    /// Unsigned, 64 bits.
    U64,
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
}

impl Datatype {
    fn from_code(code: i64) -> Option<Self> {
        Some(match code {
            2 => Self::U8,
            4 => Self::I16,
            8 => Self::I32,
            16 => Self::F32,
            64 => Self::F64,
            256 => Self::I8,
            512 => Self::U16,
            768 => Self::U32,
            1024 => Self::I64,
            1280 => Self::U64,
            _ => return None,
        })
    }

    /// Bytes of a voxel.
    pub fn width(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// True when `f32` cannot hold every value.
    pub fn loses_in_f32(self) -> bool {
        matches!(self, Self::I32 | Self::U32 | Self::I64 | Self::U64)
    }

    /// The number in the first bytes of `b`; zero when there are too few.
    pub fn value(self, b: &[u8], big_endian: bool) -> f64 {
        let mut raw = [0; 8];
        let width = self.width();
        if let Some(bytes) = b.get(..width) {
            raw[..width].copy_from_slice(bytes);
        }
        if big_endian {
            raw[..width].reverse();
        }
        let [a, b, c, d, ..] = raw;
        match self {
            Self::U8 => f64::from(a),
            Self::I8 => f64::from(a.cast_signed()),
            Self::I16 => f64::from(i16::from_le_bytes([a, b])),
            Self::U16 => f64::from(u16::from_le_bytes([a, b])),
            Self::I32 => f64::from(i32::from_le_bytes([a, b, c, d])),
            Self::U32 => f64::from(u32::from_le_bytes([a, b, c, d])),
            Self::F32 => f64::from(f32::from_le_bytes([a, b, c, d])),
            Self::I64 => i64::from_le_bytes(raw) as f64,
            Self::U64 => u64::from_le_bytes(raw) as f64,
            Self::F64 => f64::from_le_bytes(raw),
        }
    }
}

/// What a header says, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Columns, rows, slices of one volume; each ≥ 1.
    pub dims: [usize; 3],
    /// Volumes in the file (time points, directions); only the first is read.
    pub volumes: u64,
    /// Type of the voxels.
    pub datatype: Datatype,
    /// Byte order of the file.
    pub big_endian: bool,
    /// First byte of the voxels.
    pub data_offset: u64,
    /// Grid spacing (pixdim 1–3) in mm; positive where the header is sane.
    pub spacing_mm: [f64; 3],
    slope: f64,
    intercept: f64,
    ras_from_ijk: Option<Affine>,
}

/// True when the (inflated) first bytes are those of a NIfTI header.
pub fn looks_like_nifti(bytes: &[u8]) -> bool {
    let size = bytes.get(..4).map(|b| [b[0], b[1], b[2], b[3]]);
    size.is_some_and(|b| [348, 540].iter().any(|&n| u32::from_le_bytes(b) == n || u32::from_be_bytes(b) == n))
}

/// Fields by offset, in the file's byte order.
struct Fields<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl Fields<'_> {
    fn get(&self, kind: Datatype, at: usize) -> f64 {
        kind.value(self.bytes.get(at..).unwrap_or_default(), self.big_endian)
    }

    fn list<const N: usize>(&self, kind: Datatype, at: usize) -> [f64; N] {
        std::array::from_fn(|n| self.get(kind, at + n * kind.width()))
    }
}

impl Header {
    /// Reads a header and moves the reader to the first voxel.
    pub(super) fn read(reader: &mut dyn Read, warnings: &mut Warnings) -> Result<Self, NiftiError> {
        let mut bytes = vec![0; 348];
        fill(reader, &mut bytes)?;
        if !looks_like_nifti(&bytes) {
            return Err(NiftiError::Header("its size field is neither 348 nor 540".into()));
        }
        let size_le = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let big_endian = !matches!(size_le, 348 | 540);
        let second = matches!(if big_endian { size_le.swap_bytes() } else { size_le }, 540);
        if second {
            bytes.resize(540, 0);
            fill(reader, &mut bytes[348..])?;
        }
        let fields = Fields { bytes: &bytes, big_endian };
        let header = if second { Self::second(&fields, warnings)? } else { Self::first(&fields, warnings)? };
        let skip = header.data_offset - bytes.len() as u64;
        let skipped = std::io::copy(&mut reader.take(skip), &mut std::io::sink())?;
        if skipped < skip {
            return Err(NiftiError::Cut { found: 0, expected: header.voxels() });
        }
        Ok(header)
    }

    fn first(f: &Fields<'_>, warnings: &mut Warnings) -> Result<Self, NiftiError> {
        use Datatype::{F32, I16};
        match f.bytes.get(344..348) {
            Some(b"n+1\0") => {}
            Some(b"ni1\0") => {
                return Err(NiftiError::Header("header and image are two files; join them into one .nii".into()));
            }
            _ => return Err(NiftiError::Header("the magic n+1 is missing".into())),
        }
        let raw = Raw {
            dim: f.list(I16, 40),
            datatype: f.get(I16, 70) as i64,
            pixdim: f.list(F32, 76),
            offset: f.get(F32, 108),
            scale: f.list(F32, 112),
            units: i64::from(f.bytes[123]),
            codes: f.list(I16, 252),
            quaternion: f.list(F32, 256),
            rows: f.list(F32, 280),
            size: 348,
        };
        raw.checked(f.big_endian, warnings)
    }

    fn second(f: &Fields<'_>, warnings: &mut Warnings) -> Result<Self, NiftiError> {
        use Datatype::{F64, I16, I32, I64};
        if f.bytes.get(4..8) != Some(b"n+2\0") {
            return Err(NiftiError::Header("the magic n+2 is missing".into()));
        }
        let raw = Raw {
            dim: f.list(I64, 16),
            datatype: f.get(I16, 12) as i64,
            pixdim: f.list(F64, 104),
            offset: f.get(I64, 168),
            scale: f.list(F64, 176),
            units: f.get(I32, 500) as i64,
            codes: f.list(I32, 344),
            quaternion: f.list(F64, 352),
            rows: f.list(F64, 400),
            size: 540,
        };
        raw.checked(f.big_endian, warnings)
    }

    /// Voxels of one volume.
    pub fn voxels(&self) -> u64 {
        self.dims.iter().map(|&n| n as u64).product()
    }

    /// Where the voxels lie, in LPS, or why that is not known.
    pub fn geometry(&self) -> Result<VolumeGeometry, String> {
        let Some(ras_from_ijk) = &self.ras_from_ijk else {
            return Err("the NIfTI header gives no orientation (no usable sform or qform): sides are unknown".into());
        };
        affine::geometry(self.dims, ras_from_ijk)
    }

    /// `scl_slope` and `scl_inter`; a slope of zero means none (nifti1.h).
    pub(super) fn rescale(&self, warnings: &mut Warnings) -> Rescale {
        if self.slope == 0.0 {
            return Rescale::IDENTITY;
        }
        if !self.slope.is_finite() || !self.intercept.is_finite() {
            // NaN is how several writers say "none"; anything else is damage, and the reader is told.
            if !self.slope.is_nan() || self.intercept.is_infinite() {
                warnings.add("scl_slope or scl_inter is not a finite number; values are shown as stored");
            }
            return Rescale::IDENTITY;
        }
        Rescale { slope: self.slope, intercept: self.intercept }
    }
}

/// Fields before they are checked.
struct Raw {
    dim: [f64; 8],
    datatype: i64,
    pixdim: [f64; 8],
    offset: f64,
    scale: [f64; 2],
    units: i64,
    /// `qform_code`, `sform_code`.
    codes: [f64; 2],
    /// b, c, d, and the offset x, y, z.
    quaternion: [f64; 6],
    /// `srow_x`, `srow_y`, `srow_z`.
    rows: [f64; 12],
    size: u64,
}

impl Raw {
    fn checked(&self, big_endian: bool, warnings: &mut Warnings) -> Result<Header, NiftiError> {
        let bad = |what: String| NiftiError::Header(what);
        let axes = self.dim[0] as i64;
        if !(1..=7).contains(&axes) {
            return Err(bad(format!("it claims {axes} axes, expected 1 to 7")));
        }
        let axis = |n: usize| if (n as i64) <= axes { self.dim[n] as i64 } else { 1 };
        let mut dims = [1; 3];
        for (n, size) in dims.iter_mut().enumerate() {
            let length = axis(n + 1);
            if !(1..=MAX_AXIS).contains(&length) {
                return Err(bad(format!("axis {} has {length} voxels", n + 1)));
            }
            *size = length as usize;
        }
        let volumes = (4..8).map(|n| axis(n).max(1).unsigned_abs()).fold(1u64, u64::saturating_mul);
        if volumes > 1 {
            warnings.add(format!("the file holds {volumes} volumes; the first is shown"));
        }
        let datatype = Datatype::from_code(self.datatype)
            .ok_or_else(|| bad(format!("datatype {} is not supported (color and complex are not)", self.datatype)))?;
        // Some writers leave vox_offset at zero.
        let data_offset = if self.offset == 0.0 { (self.size + 4) as f64 } else { self.offset };
        if !(data_offset >= self.size as f64 && data_offset <= MAX_OFFSET as f64) {
            return Err(bad(format!("vox_offset is {}", self.offset)));
        }
        let mm = match self.units & 7 {
            1 => 1000.0,
            3 => 0.001,
            _ => 1.0,
        };
        let spacing_mm = [1, 2, 3].map(|n| self.pixdim[n].abs() * mm);
        let ras_from_ijk = self.orientation(warnings).map(|a| a.scaled(mm));
        let [slope, intercept] = self.scale;
        Ok(Header {
            dims,
            volumes,
            datatype,
            big_endian,
            data_offset: data_offset as u64,
            spacing_mm,
            slope,
            intercept,
            ras_from_ijk,
        })
    }

    /// The sform where it is usable, else the qform, else nothing.
    fn orientation(&self, warnings: &mut Warnings) -> Option<Affine> {
        let [qform, sform] = self.codes;
        if sform > 0.0 {
            let affine = Affine::from_rows(&self.rows);
            if affine.is_regular() {
                return Some(affine);
            }
            warnings.add("the sform is not a regular matrix; the qform is used where there is one");
        }
        if qform > 0.0 {
            let affine = Affine::from_quaternion(self.quaternion, &self.pixdim);
            if affine.is_regular() {
                return Some(affine);
            }
            warnings.add("the qform gives no regular matrix");
        }
        None
    }
}

fn fill(reader: &mut dyn Read, bytes: &mut [u8]) -> Result<(), NiftiError> {
    reader.read_exact(bytes).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => NiftiError::Header("it is cut".into()),
        _ => NiftiError::Io(e),
    })
}
