//! NRRD files (teem's "nearly raw raster data", versions 1 to 5), attached and detached: our own strict reader and writer.
//!
//! The place comes from `space`, `space directions` and `space origin`, and only from all three; spacings alone place nothing.
//! An axis that lies not in space makes several volumes (or colors). The names that 3D Slicer gives the segments of a
//! `.seg.nrrd` are kept.

mod axes;
mod segments;
mod write;

pub use write::{write_labels, write_volume};

use super::voxel_file::{
    Body, Datatype, Encoding, Format, HeaderLines, MAX_STEPS, VoxelFileError, VoxelHeader, beside, numbered, share_of,
};
use crate::study::Warnings;
use crate::volume::Rescale;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Longest header that is read: terminology of many segments takes some.
const MAX_HEADER: u64 = 8 << 20;

fn bad(what: impl Into<String>) -> VoxelFileError {
    VoxelFileError::Header(Format::Nrrd, what.into())
}

/// A header as text: fields by lower-case name without blanks, keys with their values, and the lines of a LIST.
struct Fields {
    fields: BTreeMap<String, String>,
    keys: BTreeMap<String, String>,
    list: Vec<String>,
    /// First byte after the header.
    end: u64,
}

impl Fields {
    fn read(path: &Path) -> Result<Self, VoxelFileError> {
        let mut lines = HeaderLines::open(path, MAX_HEADER)?;
        let magic = lines.next()?.unwrap_or_default();
        if !magic.strip_prefix("NRRD000").is_some_and(|version| matches!(version, "1" | "2" | "3" | "4" | "5")) {
            return Err(bad(format!("it begins with {magic:?}, expected NRRD0001 to NRRD0005")));
        }
        let mut found = Self { fields: BTreeMap::new(), keys: BTreeMap::new(), list: Vec::new(), end: 0 };
        let mut in_list = false;
        while let Some(line) = lines.next()? {
            if in_list {
                found.list.extend((!line.trim().is_empty()).then(|| line.trim().to_owned()));
            } else if line.is_empty() {
                break;
            } else if line.starts_with('#') {
                // A comment.
            } else if let Some((key, value)) = line.split_once(":=") {
                found.keys.insert(key.to_owned(), value.replace("\\n", "\n").replace("\\\\", "\\"));
            } else if let Some((field, value)) = line.split_once(':') {
                let field: String = field.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
                in_list = field == "datafile" && value.trim_start().starts_with("LIST");
                found.fields.insert(field, value.trim().to_owned());
            } else {
                return Err(bad(format!("the line {:?} is neither a field nor a key", shortened(&line))));
            }
        }
        found.end = lines.position();
        Ok(found)
    }

    fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    fn words(&self, field: &str) -> Vec<&str> {
        self.get(field).unwrap_or_default().split_whitespace().collect()
    }

    fn whole(&self, field: &str) -> Result<i64, VoxelFileError> {
        self.get(field).map_or(Ok(0), |text| text.parse().map_err(|_| bad(format!("{field} is {text:?}, no number"))))
    }
}

fn shortened(line: &str) -> String {
    line.chars().take(60).collect()
}

fn datatype(name: &str) -> Result<Datatype, VoxelFileError> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "signed char" | "int8" | "int8_t" => Datatype::I8,
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => Datatype::U8,
        "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => Datatype::I16,
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => Datatype::U16,
        "int" | "signed int" | "int32" | "int32_t" => Datatype::I32,
        "uint" | "unsigned int" | "uint32" | "uint32_t" => Datatype::U32,
        "longlong"
        | "long long"
        | "long long int"
        | "signed long long"
        | "signed long long int"
        | "int64"
        | "int64_t" => Datatype::I64,
        "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => Datatype::U64,
        "float" => Datatype::F32,
        "double" => Datatype::F64,
        other => return Err(bad(format!("type {other:?} is not read"))),
    })
}

/// Reads the header, and finds the file with the numbers.
pub(super) fn open(path: &Path) -> Result<(VoxelHeader, Body), VoxelFileError> {
    let fields = Fields::read(path)?;
    let kind = datatype(fields.get("type").ok_or_else(|| bad("it says no type"))?)?;
    let mut warnings = Warnings::default();
    let axes = axes::read(&fields, kind)?;
    if axes.steps > MAX_STEPS {
        warnings.add(format!("the file holds {} volumes; the first {MAX_STEPS} are listed", axes.steps));
    }
    let labels = segments::named(&fields.keys, &mut warnings);
    let header = VoxelHeader {
        format: Format::Nrrd,
        dims: axes.dims,
        steps: axes.steps,
        axis: axes.axis,
        step_secs: None,
        datatype: kind,
        channels: axes.channels,
        spacing_mm: axes.spacing_mm,
        geometry: axes.geometry,
        rescale: Rescale::IDENTITY,
        labels,
        warnings,
    };
    let numbers = header.voxels().saturating_mul(header.steps).saturating_mul(header.channels as u64);
    let body = body(path, &fields, kind, numbers, axes.interleaved)?;
    Ok((header, body))
}

fn body(path: &Path, fields: &Fields, kind: Datatype, numbers: u64, interleaved: bool) -> Result<Body, VoxelFileError> {
    let encoding = match fields.get("encoding").unwrap_or_default().to_ascii_lowercase().as_str() {
        "raw" => Encoding::Raw,
        "gzip" | "gz" => Encoding::Gzip,
        "bzip2" | "bz2" => Encoding::Bzip2,
        "ascii" | "text" | "txt" => Encoding::Text(kind),
        "hex" => Encoding::Hex,
        other => return Err(bad(format!("encoding {other:?} is not read"))),
    };
    let is_text = matches!(encoding, Encoding::Text(_));
    let big_endian = match fields.get("endian").map(str::to_ascii_lowercase).as_deref() {
        Some("big") => !is_text,
        Some("little") => false,
        None if kind.width() == 1 || is_text => false,
        _ => return Err(bad("it says no byte order (endian)")),
    };
    let (files, attached) = match fields.get("datafile") {
        Some(named) => (data_files(path, named, &fields.list)?, false),
        None => (vec![path.to_owned()], true),
    };
    let bytes = numbers.saturating_mul(kind.width() as u64);
    let start = if attached { fields.end } else { 0 };
    let lines = u64::try_from(fields.whole("lineskip")?).map_err(|_| bad("line skip is negative"))?;
    let start = match (lines, &files[..]) {
        (0, _) => start,
        (_, [only]) => HeaderLines::after(only, start, lines, MAX_HEADER)?,
        _ => return Err(VoxelFileError::Kind("line skip with several data files is not read".into())),
    };
    let (at, skip) = match fields.whole("byteskip")? {
        // "From the end": what the numbers need.
        -1 if encoding == Encoding::Raw => match &files[..] {
            [only] => (std::fs::metadata(only)?.len().saturating_sub(bytes).max(start), 0),
            _ => return Err(VoxelFileError::Kind("byte skip -1 with several data files is not read".into())),
        },
        skip => (start, u64::try_from(skip).map_err(|_| bad("byte skip is negative"))?),
    };
    let each = share_of(bytes, files.len()).ok_or_else(|| bad("its data files cannot hold equal parts"))?;
    Ok(Body { files, at, skip, encoding, big_endian, interleaved, each })
}

/// The files that `data file` names: one, a LIST, or numbered ones ("slice%03d.raw 1 60 1 [subdim]").
fn data_files(header: &Path, named: &str, list: &[String]) -> Result<Vec<PathBuf>, VoxelFileError> {
    let find = |name: &String| beside(header, name).map_err(VoxelFileError::Kind);
    let words: Vec<&str> = named.split_whitespace().collect();
    let names = match &words[..] {
        ["LIST", ..] => list.to_vec(),
        [pattern, first, last, step, ..] if pattern.contains('%') => {
            numbered(pattern, [first, last, step]).ok_or_else(|| bad("its pattern of data files makes no sense"))?
        }
        _ => vec![named.to_owned()],
    };
    if names.is_empty() || names.len() as u64 > super::voxel_file::MAX_AXIS {
        return Err(bad(format!("it names {} data files", names.len())));
    }
    names.iter().map(find).collect()
}
