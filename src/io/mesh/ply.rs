//! Binary little-endian PLY with a color at each vertex.

use super::{Checked, MeshError, SPACE, SegmentSurface, StoredSurface, checked, corners, count, put, three};
use std::io::{self, Write};
use std::path::Path;

/// Bytes of a vertex: three floats, three colors.
const VERTEX: usize = 15;
/// Bytes of a triangle: a count of one byte, three indices.
const TRIANGLE: usize = 13;

/// All segments in one file.
pub(super) fn write(path: &Path, surfaces: &[SegmentSurface<'_>]) -> Result<Checked, MeshError> {
    checked(
        path.to_owned(),
        |out| fill(out, surfaces),
        |bytes| {
            let all = surfaces.iter().flat_map(|surface| corners(surface.mesh));
            parse(bytes).is_ok_and(|back| {
                back.vertices_lps.iter().copied().eq(all) && back.triangles.into_iter().eq(triangles(surfaces))
            })
        },
    )
}

/// The triangles of all surfaces, over the vertices of all of them.
fn triangles<'a>(surfaces: &'a [SegmentSurface<'_>]) -> impl Iterator<Item = [u32; 3]> + 'a {
    let first = surfaces.iter().scan(0u32, |next, surface| {
        let first = *next;
        *next += surface.mesh.vertices_lps.len() as u32;
        Some(first)
    });
    surfaces
        .iter()
        .zip(first)
        .flat_map(|(surface, first)| surface.mesh.triangles.iter().map(move |t| t.map(|n| first + n)))
}

fn fill(out: &mut impl Write, surfaces: &[SegmentSurface<'_>]) -> io::Result<()> {
    let sum = |count: fn(&SegmentSurface<'_>) -> usize| surfaces.iter().map(count).sum::<usize>();
    let (vertices, faces) = (sum(|s| s.mesh.vertices_lps.len()), sum(|s| s.mesh.triangles.len()));
    write!(
        out,
        "ply\nformat binary_little_endian 1.0\ncomment Fovea {SPACE}\nelement vertex {vertices}\n\
         property float x\nproperty float y\nproperty float z\n\
         property uchar red\nproperty uchar green\nproperty uchar blue\n\
         element face {faces}\nproperty list uchar int vertex_indices\nend_header\n"
    )?;
    for surface in surfaces {
        for corner in corners(surface.mesh) {
            put(out, corner)?;
            out.write_all(&surface.color_rgb)?;
        }
    }
    for triangle in triangles(surfaces) {
        out.write_all(&[3])?;
        triangle.iter().try_for_each(|n| out.write_all(&n.to_le_bytes()))?;
    }
    Ok(())
}

/// The one surface of a file; its color is that of the first vertex.
pub(super) fn parse(bytes: &[u8]) -> Result<StoredSurface, &'static str> {
    const END: &[u8] = b"end_header\n";
    let end = bytes.windows(END.len()).take(4096).position(|w| w == END).ok_or("it has no PLY header")?;
    let header = std::str::from_utf8(&bytes[..end]).map_err(|_| "its header is no text")?;
    if !header.contains("format binary_little_endian 1.0") {
        return Err("only binary little-endian PLY is read");
    }
    let number = |element: &str| -> Option<usize> {
        header.lines().find_map(|line| line.strip_prefix("element ")?.strip_prefix(element)?.trim().parse().ok())
    };
    let (Some(vertices), Some(faces)) = (number("vertex "), number("face ")) else {
        return Err("its header counts no vertices or no faces");
    };
    let body = &bytes[end + END.len()..];
    let split = vertices.checked_mul(VERTEX).filter(|&split| split <= body.len());
    let (points, indices) = body.split_at(split.ok_or("it is shorter than its vertices")?);
    if faces.checked_mul(TRIANGLE) != Some(indices.len()) || indices.chunks_exact(TRIANGLE).any(|face| face[0] != 3) {
        return Err("its length does not fit its number of triangles");
    }
    let index = |face: &[u8], at: usize| count(face, at).filter(|&n| (n as usize) < vertices);
    let triangles: Option<Vec<[u32; 3]>> =
        indices.chunks_exact(TRIANGLE).map(|face| Some([index(face, 1)?, index(face, 5)?, index(face, 9)?])).collect();
    Ok(StoredSurface {
        name: String::new(),
        color_rgb: points.get(12..15).and_then(|color| color.try_into().ok()),
        vertices_lps: points.chunks_exact(VERTEX).map(|point| three(point, 0)).collect(),
        triangles: triangles.ok_or("a triangle names a vertex that is not there")?,
    })
}
