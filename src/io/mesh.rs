//! Surfaces out: binary STL (one file per segment), OBJ with colors in an MTL file beside it, PLY with colors.
//!
//! Space: LPS mm, as 32-bit floats (0.0001 mm near the patient). None of the formats can say so by itself; each file carries
//! `SPACE=LPS` and the unit in its header or comment, which is what 3D Slicer looks for and also what it assumes without.
//! Files are read back and compared before they get their names, and appear whole or not at all: all of them, or none.

mod obj;
mod ply;
mod stl;

use super::atomic::PendingFile;
use crate::volume::Mesh;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// In each file's header or comment.
const SPACE: &str = "SPACE=LPS UNIT=mm";

/// The surface of a segment.
#[derive(Debug, Clone, Copy)]
pub struct SegmentSurface<'a> {
    /// The segment's label.
    pub name: &'a str,
    /// Recommended display color.
    pub color_rgb: [u8; 3],
    /// Its surface.
    pub mesh: &'a Mesh,
}

/// What a file holds: one surface of a name and a color, as far as the format has them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StoredSurface {
    /// Empty where the format has none.
    pub name: String,
    /// `None` where the format has none.
    pub color_rgb: Option<[u8; 3]>,
    /// Corners in LPS mm. STL repeats them for each triangle.
    pub vertices_lps: Vec<[f32; 3]>,
    /// Three vertices each.
    pub triangles: Vec<[u32; 3]>,
}

/// File formats of surfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeshFormat {
    /// Binary, one file per segment, no colors.
    Stl,
    /// Text; names and colors of segments.
    Obj,
    /// Binary; a color at each vertex, all segments as one surface.
    Ply,
}

/// Why surfaces were not written, or not read.
#[derive(Debug, thiserror::Error)]
pub enum MeshError {
    /// The disk, or a place that cannot be written to.
    #[error("{}: {reason}", file.display())]
    Io {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// What was read back is not what was written.
    #[error("{}: what was read back differs from what was written; nothing was saved", .0.display())]
    Differs(PathBuf),
    /// More triangles or corners than the format can count.
    #[error("{0} triangles are more than the format can count; write fewer segments at a time")]
    TooLarge(usize),
    /// There is nothing to write.
    #[error("there is no surface to write; choose masks with at least one voxel")]
    Nothing,
    /// A file that is not what Fovea writes.
    #[error("{}: {problem}", file.display())]
    Malformed {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// A file before it gets its name, and what is in it.
type Checked = (PathBuf, PendingFile);

/// Writes surfaces to `path`; returns the files. STL of several segments goes to one file each, named after the segment. OBJ
/// has a second file for its colors.
pub fn write(path: &Path, format: MeshFormat, surfaces: &[SegmentSurface<'_>]) -> Result<Vec<PathBuf>, MeshError> {
    let triangles: usize = surfaces.iter().map(|surface| surface.mesh.triangles.len()).sum();
    let corners: usize = surfaces.iter().map(|surface| surface.mesh.vertices_lps.len()).sum();
    if triangles == 0 {
        return Err(MeshError::Nothing);
    }
    if u32::try_from(triangles).is_err() || u32::try_from(corners).is_err() {
        return Err(MeshError::TooLarge(triangles));
    }
    let pending = match format {
        MeshFormat::Stl => stl::write(path, surfaces)?,
        MeshFormat::Obj => obj::write(path, surfaces)?,
        MeshFormat::Ply => vec![ply::write(path, surfaces)?],
    };
    let mut files = Vec::with_capacity(pending.len());
    for (file, pending) in pending {
        pending.commit().map_err(|reason| MeshError::Io { file: file.clone(), reason })?;
        files.push(file);
    }
    Ok(files)
}

/// Reads what [`write`] writes.
pub fn read(path: &Path, format: MeshFormat) -> Result<Vec<StoredSurface>, MeshError> {
    let bytes = std::fs::read(path).map_err(|reason| MeshError::Io { file: path.to_owned(), reason })?;
    let parsed = match format {
        MeshFormat::Stl => stl::parse(&bytes).map(|surface| vec![surface]),
        MeshFormat::Obj => {
            let materials = path.with_extension("mtl");
            let colors = std::fs::read(&materials).map_err(|reason| MeshError::Io { file: materials, reason })?;
            obj::parse(&bytes, &colors)
        }
        MeshFormat::Ply => ply::parse(&bytes).map(|surface| vec![surface]),
    };
    parsed.map_err(|problem| MeshError::Malformed { file: path.to_owned(), problem })
}

/// Writes a file under a temporary name, and holds what is read back against what `is_same` expects.
fn checked(
    file: PathBuf,
    fill: impl FnOnce(&mut BufWriter<&mut std::fs::File>) -> io::Result<()>,
    is_same: impl FnOnce(&[u8]) -> bool,
) -> Result<Checked, MeshError> {
    let failed = |reason| MeshError::Io { file: file.clone(), reason };
    let pending = PendingFile::write(&file, fill).map_err(failed)?;
    let bytes = std::fs::read(pending.path()).map_err(failed)?;
    if is_same(&bytes) { Ok((file, pending)) } else { Err(MeshError::Differs(file)) }
}

/// The corners as they are stored.
fn corners(mesh: &Mesh) -> impl Iterator<Item = [f32; 3]> + '_ {
    mesh.vertices_lps.iter().map(|v| v.as_vec3().to_array())
}

/// A name without blanks and separators, of at most 64 characters.
fn plain(name: &str) -> String {
    let plain: String = name.chars().take(64).map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
    if plain.is_empty() { "segment".into() } else { plain }
}

/// Names of segments as [`plain`] makes them, with numbers where two would be the same.
fn plain_names(surfaces: &[SegmentSurface<'_>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(surfaces.len());
    for surface in surfaces {
        let base = plain(surface.name);
        let numbered = (2..).map(|n| format!("{base}_{n}"));
        let is_free = |name: &String| !names.iter().any(|taken| taken.eq_ignore_ascii_case(name));
        let free = std::iter::once(base.clone()).chain(numbered).find(is_free);
        names.push(free.unwrap_or(base));
    }
    names
}

/// Little-endian bytes of three numbers.
fn put(out: &mut impl Write, numbers: [f32; 3]) -> io::Result<()> {
    numbers.iter().try_for_each(|number| out.write_all(&number.to_le_bytes()))
}

/// Three little-endian numbers at a place in a file; zeros beyond its end.
fn three(bytes: &[u8], at: usize) -> [f32; 3] {
    [0, 4, 8].map(|n| bytes.get(at + n..at + n + 4).and_then(|b| b.try_into().ok()).map_or(0.0, f32::from_le_bytes))
}

/// A little-endian count at a place in a file.
fn count(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes)
}
