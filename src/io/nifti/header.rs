//! The NIfTI-1 (348 bytes) and NIfTI-2 (540 bytes) headers, and the Analyze 7.5 header that NIfTI-1 grew from, checked field
//! by field.

use super::affine::{self, Affine};
use crate::geometry::DVec3;
use crate::io::voxel_file::{
    Datatype, Format, MAX_AXIS, MAX_STEPS, StepAxis, VoxelFileError, VoxelHeader, known_spacing,
};
use crate::study::Warnings;
use crate::volume::Rescale;
use std::io::Read;

/// Header extensions longer than this are not skipped.
const MAX_OFFSET: u64 = 1 << 30;
/// A difference of sform and qform by more than this share of a voxel is worth a warning.
const FORMS_DIFFER_VOXELS: f64 = 0.1;

/// Where the voxels of a header are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// In the same file.
    Single,
    /// In the `.img` file beside it.
    Pair,
    /// In the `.img` file beside it, and no orientation.
    Analyze,
}

/// A header, and where its voxels begin.
pub(super) struct Parsed {
    pub(super) header: VoxelHeader,
    pub(super) kind: Kind,
    pub(super) big_endian: bool,
    /// First byte of the voxels in the (inflated) file that holds them.
    pub(super) data_offset: u64,
}

fn bad(what: impl Into<String>) -> VoxelFileError {
    VoxelFileError::Header(Format::Nifti, what.into())
}

/// nifti1.h `DT_*`: the type of a number, and how many of them make a voxel.
fn datatype(code: i64) -> Result<(Datatype, usize), VoxelFileError> {
    let single = match code {
        2 => Datatype::U8,
        4 => Datatype::I16,
        8 => Datatype::I32,
        16 => Datatype::F32,
        64 => Datatype::F64,
        256 => Datatype::I8,
        512 => Datatype::U16,
        768 => Datatype::U32,
        1024 => Datatype::I64,
        1280 => Datatype::U64,
        128 => return Ok((Datatype::U8, 3)),
        2304 => return Ok((Datatype::U8, 4)),
        32 | 1792 | 2048 => {
            let text = "the voxels are complex numbers; save their magnitude and phase as two images first";
            return Err(VoxelFileError::Kind(text.into()));
        }
        1 => return Err(VoxelFileError::Kind("voxels of one bit are not read; save them as bytes first".into())),
        other => return Err(bad(format!("datatype {other} is not supported"))),
    };
    Ok((single, 1))
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

/// Reads a header; the reader is left behind its fixed part.
pub(super) fn read(reader: &mut dyn Read) -> Result<Parsed, VoxelFileError> {
    let mut bytes = vec![0; 348];
    fill(reader, &mut bytes)?;
    if !looks_like_nifti(&bytes) {
        return Err(bad("its size field is neither 348 nor 540"));
    }
    let size_le = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let big_endian = !matches!(size_le, 348 | 540);
    let second = matches!(if big_endian { size_le.swap_bytes() } else { size_le }, 540);
    if second {
        bytes.resize(540, 0);
        fill(reader, &mut bytes[348..])?;
    }
    let fields = Fields { bytes: &bytes, big_endian };
    if second { fields.second() } else { Ok(fields.first()) }.and_then(|raw| raw.checked(big_endian))
}

impl Fields<'_> {
    /// The fields of NIfTI-1, or of Analyze 7.5 where the magic is missing.
    fn first(&self) -> Raw {
        use Datatype::{F32, I16};
        let kind = match self.bytes.get(344..348) {
            Some(b"n+1\0") => Kind::Single,
            Some(b"ni1\0") => Kind::Pair,
            _ => Kind::Analyze,
        };
        let analyze = kind == Kind::Analyze;
        Raw {
            kind,
            dim: self.list(I16, 40),
            datatype: self.get(I16, 70) as i64,
            pixdim: self.list(F32, 76),
            offset: self.get(F32, 108),
            // Analyze has other fields here; SPM put a scale into the first of them.
            scale: if analyze { [self.get(F32, 112), 0.0] } else { self.list(F32, 112) },
            units: if analyze { 0 } else { i64::from(self.bytes[123]) },
            codes: if analyze { [0.0; 2] } else { self.list(I16, 252) },
            quaternion: self.list(F32, 256),
            rows: self.list(F32, 280),
            size: 348,
        }
    }

    fn second(&self) -> Result<Raw, VoxelFileError> {
        use Datatype::{F64, I16, I32, I64};
        let kind = match self.bytes.get(4..8) {
            Some(b"n+2\0") => Kind::Single,
            Some(b"ni2\0") => Kind::Pair,
            _ => return Err(bad("the magic n+2 is missing")),
        };
        Ok(Raw {
            kind,
            dim: self.list(I64, 16),
            datatype: self.get(I16, 12) as i64,
            pixdim: self.list(F64, 104),
            offset: self.get(I64, 168),
            scale: self.list(F64, 176),
            units: self.get(I32, 500) as i64,
            codes: self.list(I32, 344),
            quaternion: self.list(F64, 352),
            rows: self.list(F64, 400),
            size: 540,
        })
    }
}

/// Fields before they are checked.
struct Raw {
    kind: Kind,
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
    fn checked(&self, big_endian: bool) -> Result<Parsed, VoxelFileError> {
        let mut warnings = Warnings::default();
        let (dims, steps, axis) = self.axes(&mut warnings)?;
        let (datatype, channels) = datatype(self.datatype)?;
        let data_offset = match self.kind {
            // Some writers leave vox_offset at zero.
            Kind::Single if self.offset == 0.0 => (self.size + 4) as f64,
            _ => self.offset,
        };
        let least = if self.kind == Kind::Single { self.size as f64 } else { 0.0 };
        if !(data_offset >= least && data_offset <= MAX_OFFSET as f64) {
            return Err(bad(format!("vox_offset is {}", self.offset)));
        }
        let mm = match self.units & 7 {
            1 => 1000.0,
            3 => 0.001,
            _ => 1.0,
        };
        let secs = match self.units & 0x38 {
            8 => 1.0,
            16 => 1e-3,
            24 => 1e-6,
            _ => 0.0,
        };
        let step_secs = self.pixdim[4] * secs;
        let geometry = match (self.kind, self.orientation(dims, mm, &mut warnings)) {
            (Kind::Analyze, _) => Err("an Analyze 7.5 header says no orientation: sides are unknown".into()),
            (_, None) => {
                Err("the NIfTI header gives no orientation (no usable sform or qform): sides are unknown".into())
            }
            (_, Some(affine)) => affine::geometry(dims, &affine.scaled(mm)),
        };
        let header = VoxelHeader {
            format: Format::Nifti,
            dims,
            steps,
            axis,
            step_secs: (axis == StepAxis::Time && step_secs.is_finite() && step_secs > 0.0).then_some(step_secs),
            datatype,
            channels,
            spacing_mm: known_spacing([1, 2, 3].map(|n| self.pixdim[n] * mm)),
            geometry,
            rescale: self.rescale(&mut warnings),
            labels: Vec::new(),
            warnings,
        };
        Ok(Parsed { header, kind: self.kind, big_endian, data_offset: data_offset as u64 })
    }

    /// Axes of one volume, volumes of the file, and what they are.
    fn axes(&self, warnings: &mut Warnings) -> Result<([usize; 3], u64, StepAxis), VoxelFileError> {
        let axes = self.dim[0] as i64;
        if !(1..=7).contains(&axes) {
            return Err(bad(format!("it claims {axes} axes, expected 1 to 7")));
        }
        let axis = |n: usize| if (n as i64) <= axes { self.dim[n] as i64 } else { 1 };
        let mut dims = [1; 3];
        for (n, size) in dims.iter_mut().enumerate() {
            let length = axis(n + 1);
            if !(1..=MAX_AXIS as i64).contains(&length) {
                return Err(bad(format!("axis {} has {length} voxels", n + 1)));
            }
            *size = length as usize;
        }
        let volumes = |n: usize| axis(n).max(1).unsigned_abs();
        let steps = (4..8).map(volumes).fold(1u64, u64::saturating_mul);
        if steps > MAX_STEPS {
            warnings.add(format!("the file holds {steps} volumes; the first {MAX_STEPS} are listed"));
        }
        let in_time = volumes(4) == steps;
        Ok((dims, steps, if in_time { StepAxis::Time } else { StepAxis::List }))
    }

    /// `scl_slope` and `scl_inter`; a slope of zero means none (nifti1.h).
    fn rescale(&self, warnings: &mut Warnings) -> Rescale {
        let [slope, intercept] = self.scale;
        if slope == 0.0 {
            return Rescale::IDENTITY;
        }
        if !slope.is_finite() || !intercept.is_finite() {
            // NaN is how several writers say "none"; anything else is damage, and the reader is told.
            if !slope.is_nan() || intercept.is_infinite() {
                warnings.add("scl_slope or scl_inter is not a finite number; values are shown as stored");
            }
            return Rescale::IDENTITY;
        }
        Rescale { slope, intercept }
    }

    /// The sform where it is usable, else the qform, else nothing.
    fn orientation(&self, dims: [usize; 3], mm: f64, warnings: &mut Warnings) -> Option<Affine> {
        let [qform, sform] = self.codes;
        let by_rows = (sform > 0.0).then(|| Affine::from_rows(&self.rows));
        let by_quaternion = (qform > 0.0).then(|| Affine::from_quaternion(self.quaternion, &self.pixdim));
        if by_rows.is_some_and(|a| !a.is_regular()) {
            warnings.add("the sform is not a regular matrix; the qform is used where there is one");
        }
        if by_quaternion.is_some_and(|a| !a.is_regular()) {
            warnings.add("the qform gives no regular matrix");
        }
        let by_rows = by_rows.filter(Affine::is_regular);
        let by_quaternion = by_quaternion.filter(Affine::is_regular);
        if let (Some(s), Some(q)) = (&by_rows, &by_quaternion) {
            let apart_mm = largest_distance(dims, s, q) * mm;
            let voxel_mm = (1..4).map(|n| self.pixdim[n].abs() * mm).fold(f64::INFINITY, f64::min);
            if apart_mm > FORMS_DIFFER_VOXELS * voxel_mm {
                warnings.add(format!(
                    "sform (code {sform}) and qform (code {qform}) place the image differently, by up to {apart_mm:.2} mm; \
                     the sform is used"
                ));
            }
        }
        by_rows.or(by_quaternion)
    }
}

/// How far two affines put the same corner of the grid apart.
fn largest_distance(dims: [usize; 3], a: &Affine, b: &Affine) -> f64 {
    (0..8).fold(0.0, |worst: f64, n| {
        let pick = |axis: usize| if n >> axis & 1 == 0 { 0.0 } else { dims[axis] as f64 - 1.0 };
        let corner = DVec3::new(pick(0), pick(1), pick(2));
        worst.max(a.point(corner).distance(b.point(corner)))
    })
}

fn fill(reader: &mut dyn Read, bytes: &mut [u8]) -> Result<(), VoxelFileError> {
    reader.read_exact(bytes).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => bad("it is cut"),
        _ => VoxelFileError::Io(e),
    })
}
