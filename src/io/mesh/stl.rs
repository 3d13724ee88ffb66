//! Binary STL: 80 bytes of header, a count, and 50 bytes for each triangle.

use super::{
    Checked, MeshError, SPACE, SegmentSurface, StoredSurface, checked, corners, count, plain_names, put, three,
};
use crate::volume::Mesh;
use std::io::{self, Write};
use std::path::Path;

const HEADER: usize = 80;
const TRIANGLE: usize = 50;

/// One file, or one for each segment.
pub(super) fn write(path: &Path, surfaces: &[SegmentSurface<'_>]) -> Result<Vec<Checked>, MeshError> {
    if let [only] = surfaces {
        return Ok(vec![write_one(path, only)?]);
    }
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let named = surfaces.iter().zip(plain_names(surfaces));
    named.map(|(surface, name)| write_one(&path.with_file_name(format!("{stem}_{name}.stl")), surface)).collect()
}

fn write_one(path: &Path, surface: &SegmentSurface<'_>) -> Result<Checked, MeshError> {
    let mesh = surface.mesh;
    checked(
        path.to_owned(),
        |out| fill(out, mesh),
        |bytes| {
            let vertices: Vec<[f32; 3]> = corners(mesh).collect();
            let expected = mesh.triangles.iter().flatten().map(|&n| vertices[n as usize]);
            parse(bytes).is_ok_and(|back| back.vertices_lps.into_iter().eq(expected))
        },
    )
}

fn fill(out: &mut impl Write, mesh: &Mesh) -> io::Result<()> {
    // A binary file must not begin with "solid", which marks text.
    let mut header = format!("Fovea binary STL {SPACE}").into_bytes();
    header.resize(HEADER, b' ');
    out.write_all(&header)?;
    out.write_all(&(mesh.triangles.len() as u32).to_le_bytes())?;
    for &triangle in &mesh.triangles {
        let [a, b, c] = mesh.corners_lps(triangle);
        put(out, (b - a).cross(c - a).normalize_or_zero().as_vec3().to_array())?;
        [a, b, c].iter().try_for_each(|corner| put(out, corner.as_vec3().to_array()))?;
        out.write_all(&[0, 0])?;
    }
    Ok(())
}

/// A surface whose triangles share no corners.
pub(super) fn parse(bytes: &[u8]) -> Result<StoredSurface, &'static str> {
    let triangles = count(bytes, HEADER).ok_or("it is shorter than the header of a binary STL file")?;
    let body = &bytes[HEADER + 4..];
    if (triangles as usize).checked_mul(TRIANGLE) != Some(body.len()) {
        return Err("its length does not fit its number of triangles; it is cut off, or no binary STL file");
    }
    let corners = body.chunks_exact(TRIANGLE).flat_map(|part| [12, 24, 36].map(|at| three(part, at)));
    Ok(StoredSurface {
        vertices_lps: corners.collect(),
        triangles: (0..triangles).map(|n| [3 * n, 3 * n + 1, 3 * n + 2]).collect(),
        ..StoredSurface::default()
    })
}
