//! MetaImage files (`.mha`, and `.mhd` with its data file): our own strict reader and writer.
//!
//! Positions are LPS, as ITK reads them; rows of `TransformMatrix` are the directions of the voxel axes. Without it the place
//! comes from `AnatomicalOrientation`, whose letters say where each axis begins; without both there is none.

mod place;
mod write;

pub use write::{write_labels, write_volume};

use super::voxel_file::{
    Body, Datatype, Encoding, Format, HeaderLines, MAX_AXIS, MAX_STEPS, StepAxis, VoxelFileError, VoxelHeader, beside,
    known_spacing, numbered, share_of,
};
use crate::study::Warnings;
use crate::volume::Rescale;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Longest header that is read.
const MAX_HEADER: u64 = 4 << 20;

fn bad(what: impl Into<String>) -> VoxelFileError {
    VoxelFileError::Header(Format::MetaImage, what.into())
}

/// True for files named `.mha` or `.mhd` that begin like text, and for others that begin with a MetaImage's first keys.
pub(super) fn looks_like_metaimage(path: &Path, head: &[u8]) -> bool {
    let named = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("mha") || e.eq_ignore_ascii_case("mhd"));
    let text = !head.is_empty() && head.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace());
    named && text || head.starts_with(b"ObjectType =") || head.starts_with(b"NDims =")
}

/// A header as text.
struct Fields {
    fields: BTreeMap<String, String>,
    list: Vec<String>,
    /// First byte after the header.
    end: u64,
}

impl Fields {
    fn read(path: &Path) -> Result<Self, VoxelFileError> {
        let mut lines = HeaderLines::open(path, MAX_HEADER)?;
        let mut found = Self { fields: BTreeMap::new(), list: Vec::new(), end: 0 };
        while let Some(line) = lines.next()? {
            let Some((key, value)) = line.split_once('=') else {
                if line.trim().is_empty() {
                    continue;
                }
                return Err(bad("it holds a line that is no \"key = value\""));
            };
            let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
            // The numbers follow this line, whatever they look like.
            let last = key == "ElementDataFile";
            let in_list = last && value.starts_with("LIST");
            found.fields.insert(key, value);
            if last {
                found.end = lines.position();
                while let Some(name) = if in_list { lines.next()? } else { None } {
                    found.list.extend((!name.trim().is_empty()).then(|| name.trim().to_owned()));
                }
                return Ok(found);
            }
        }
        Err(bad("it names no ElementDataFile"))
    }

    /// The value of the first of several names of one thing.
    fn get(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.fields.get(*key)).map(String::as_str)
    }

    fn flag(&self, keys: &[&str]) -> Option<bool> {
        self.get(keys).map(|v| v.eq_ignore_ascii_case("true") || v == "1")
    }

    /// All numbers of a value; `None` when absent or with one that is no number.
    fn numbers(&self, keys: &[&str]) -> Option<Vec<f64>> {
        let numbers: Option<Vec<f64>> = self.get(keys)?.split_whitespace().map(|n| n.parse().ok()).collect();
        numbers.filter(|n| n.iter().all(|v| v.is_finite()))
    }
}

fn datatype(name: &str) -> Result<Datatype, VoxelFileError> {
    Ok(match name {
        "MET_CHAR" => Datatype::I8,
        "MET_UCHAR" => Datatype::U8,
        "MET_SHORT" => Datatype::I16,
        "MET_USHORT" => Datatype::U16,
        // "Long" has 32 bits here (metaTypes.h), whatever the machine.
        "MET_INT" | "MET_LONG" => Datatype::I32,
        "MET_UINT" | "MET_ULONG" => Datatype::U32,
        "MET_LONG_LONG" => Datatype::I64,
        "MET_ULONG_LONG" => Datatype::U64,
        "MET_FLOAT" => Datatype::F32,
        "MET_DOUBLE" => Datatype::F64,
        other => return Err(bad(format!("ElementType {other:?} is not read"))),
    })
}

/// Reads the header, and finds the file with the numbers.
pub(super) fn open(path: &Path) -> Result<(VoxelHeader, Body), VoxelFileError> {
    let fields = Fields::read(path)?;
    if let Some(kind) = fields.get(&["ObjectType"]).filter(|kind| !kind.eq_ignore_ascii_case("image")) {
        return Err(VoxelFileError::Kind(format!("this is a MetaIO {kind}, no image")));
    }
    let mut warnings = Warnings::default();
    let (dims, steps) = sizes(&fields)?;
    if steps > MAX_STEPS {
        warnings.add(format!("the file holds {steps} volumes; the first {MAX_STEPS} are listed"));
    }
    let kind = datatype(fields.get(&["ElementType"]).ok_or_else(|| bad("it says no ElementType"))?)?;
    let channels = match fields.get(&["ElementNumberOfChannels"]).map_or(Ok(1), str::parse::<usize>) {
        Ok(1) => 1,
        Ok(n @ (3 | 4)) if kind == Datatype::U8 => n,
        Ok(n) => {
            return Err(VoxelFileError::Kind(format!("each voxel holds {n} numbers; save them as {n} images first")));
        }
        Err(_) => return Err(bad("ElementNumberOfChannels is no number")),
    };
    let spacing = fields.numbers(&["ElementSpacing", "ElementSize"]).unwrap_or_default();
    let spacing_mm = known_spacing([0, 1, 2].map(|n| spacing.get(n).copied().unwrap_or(0.0)));
    let geometry = place::geometry(&fields, dims, spacing_mm, &mut warnings);
    let header = VoxelHeader {
        format: Format::MetaImage,
        dims,
        steps,
        axis: StepAxis::Time,
        step_secs: None,
        datatype: kind,
        channels,
        spacing_mm,
        geometry,
        rescale: Rescale::IDENTITY,
        labels: Vec::new(),
        warnings,
    };
    let (header, body) = with_body(path, &fields, header)?;
    Ok((header, body))
}

/// Axes of one volume, and how many of them there are.
fn sizes(fields: &Fields) -> Result<([usize; 3], u64), VoxelFileError> {
    let axes: Option<Vec<u64>> =
        fields.get(&["DimSize"]).unwrap_or_default().split_whitespace().map(|n| n.parse().ok()).collect();
    let axes = axes.filter(|a| (1..=8).contains(&a.len())).ok_or_else(|| bad("its DimSize is no row of numbers"))?;
    if fields.get(&["NDims"]).and_then(|n| n.parse().ok()) != Some(axes.len()) {
        return Err(bad("NDims and DimSize contradict each other"));
    }
    if let Some(odd) = axes.iter().find(|n| !(1..=MAX_AXIS).contains(n)) {
        return Err(bad(format!("an axis has {odd} voxels")));
    }
    let dims = [0, 1, 2].map(|n| axes.get(n).map_or(1, |&n| n as usize));
    Ok((dims, axes.iter().skip(3).fold(1, |all, n| all.saturating_mul(*n))))
}

fn with_body(path: &Path, fields: &Fields, mut header: VoxelHeader) -> Result<(VoxelHeader, Body), VoxelFileError> {
    let kind = header.datatype;
    let named = fields.get(&["ElementDataFile"]).unwrap_or_default();
    let local = named.eq_ignore_ascii_case("local");
    let files = if local { vec![path.to_owned()] } else { data_files(path, named, &fields.list)? };
    let is_text = fields.flag(&["BinaryData"]) == Some(false);
    let order = fields.flag(&["BinaryDataByteOrderMSB", "ElementByteOrderMSB"]);
    if order.is_none() && kind.width() > 1 && !is_text {
        header.warnings.add("the header says no byte order; little endian is taken");
    }
    let numbers = header.voxels().saturating_mul(header.steps).saturating_mul(header.channels as u64);
    let bytes = numbers.saturating_mul(kind.width() as u64);
    let each = share_of(bytes, files.len()).ok_or_else(|| bad("its data files cannot hold equal parts"))?;
    let start = if local { fields.end } else { 0 };
    let at = match fields.get(&["HeaderSize"]).map_or(Ok(0), str::parse::<i64>) {
        // "From the end": what the numbers need.
        Ok(-1) => std::fs::metadata(&files[0])?.len().saturating_sub(each).max(start),
        Ok(size) if size >= 0 => start.saturating_add(size.unsigned_abs()),
        _ => return Err(bad("HeaderSize is no number of bytes")),
    };
    let encoding = match (is_text, fields.flag(&["CompressedData"])) {
        (true, _) => Encoding::Text(kind),
        (false, Some(true)) => deflated(&files[0], at)?,
        (false, _) => Encoding::Raw,
    };
    let big_endian = order == Some(true) && !is_text;
    Ok((header, Body { files, at, skip: 0, encoding, big_endian, interleaved: false, each }))
}

/// Compressed data are zlib streams by the book, and gzip streams by some writers.
fn deflated(file: &Path, at: u64) -> Result<Encoding, VoxelFileError> {
    let mut magic = [0; 2];
    let mut file = File::open(file)?;
    file.seek(SeekFrom::Start(at))?;
    let zipped = file.read_exact(&mut magic).is_ok() && magic == [0x1F, 0x8B];
    Ok(if zipped { Encoding::Gzip } else { Encoding::Zlib })
}

/// The files that `ElementDataFile` names: one, a LIST, or numbered ones ("slice%03d.raw 1 60 1").
fn data_files(header: &Path, named: &str, list: &[String]) -> Result<Vec<PathBuf>, VoxelFileError> {
    let words: Vec<&str> = named.split_whitespace().collect();
    let names = match &words[..] {
        ["LIST", ..] => list.to_vec(),
        [pattern, first, last] if pattern.contains('%') => {
            numbered(pattern, [first, last, "1"]).ok_or_else(|| bad("its pattern of data files makes no sense"))?
        }
        [pattern, first, last, step] if pattern.contains('%') => {
            numbered(pattern, [first, last, step]).ok_or_else(|| bad("its pattern of data files makes no sense"))?
        }
        _ => vec![named.to_owned()],
    };
    if names.is_empty() || names.len() as u64 > MAX_AXIS {
        return Err(bad(format!("it names {} data files", names.len())));
    }
    names.iter().map(|name| beside(header, name).map_err(VoxelFileError::Kind)).collect()
}
