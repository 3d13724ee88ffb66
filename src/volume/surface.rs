//! The surface of a label: marching cubes (Lorensen and Cline 1987) over voxel centers, smoothed without shrinking.
//!
//! Corners of the surface lie halfway between a voxel of the label and its neighbor outside; voxels beyond the grid count as
//! outside, so that surfaces are closed at its borders too. Voxels of the label that touch only along an edge or at a corner
//! are kept apart. Only the block around the label is looked at.
//!
//! Space: voxel indices inside, LPS mm outside, through the true affine map (shear and left-handed grids included).

mod cubes;
mod smooth;

pub use smooth::{Smoothing, smoothed};

use super::{Labelmap, Mesh};
use crate::geometry::{DAffine3, DVec3};
use cubes::CUBES;
use rayon::prelude::*;
use std::ops::Range;

/// Why there is no surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SurfaceError {
    /// No voxel has the label.
    #[error("no voxel has label {0}; choose a segment that is not empty")]
    Absent(u8),
    /// More corners than 32-bit numbers can count.
    #[error("the surface of label {0} has more than four billion corners; smooth or crop the mask first")]
    TooLarge(u8),
}

/// The surface of a label as it lies between voxels: steps of half a voxel, and the exact topology of the mask.
pub fn blocky_surface(labels: &Labelmap, number: u8) -> Result<Mesh, SurfaceError> {
    let block = Block::around(labels, number).ok_or(SurfaceError::Absent(number))?;
    let layers = block.size[2] - 1;
    // Corners are numbered slice by slice, so that pieces of the surface can be made at the same time.
    let counts: Vec<usize> = (0..=layers).into_par_iter().map(|z| block.count_corners(z)).collect();
    let mut first = Vec::with_capacity(counts.len());
    let total = counts.iter().fold(0usize, |sum, count| {
        first.push(sum);
        sum + count
    });
    u32::try_from(total).map_err(|_| SurfaceError::TooLarge(number))?;
    let first: Vec<u32> = first.into_iter().map(|n| n as u32).collect();
    let at_a_time = layers.div_ceil(4 * rayon::current_num_threads()).max(1);
    let starts: Vec<usize> = (0..layers).step_by(at_a_time).collect();
    let pieces: Vec<Piece> =
        starts.into_par_iter().map(|start| block.piece(start..(start + at_a_time).min(layers), &first)).collect();
    let lps_from_ijk: DAffine3 = labels.geometry().lps_from_ijk();
    let is_mirrored = lps_from_ijk.matrix3.determinant() < 0.0;
    let mut vertices = Vec::with_capacity(total);
    let mut triangles = Vec::with_capacity(pieces.iter().map(|piece| piece.triangles.len()).sum());
    for piece in pieces {
        vertices.extend(piece.corners_ijk.iter().map(|ijk| lps_from_ijk.transform_point3(*ijk)));
        triangles.extend(piece.triangles.iter().map(|&[a, b, c]| if is_mirrored { [a, c, b] } else { [a, b, c] }));
    }
    Ok(Mesh::new(vertices, triangles))
}

/// The smoothed surface of a label, as it is shown and written.
pub fn surface(labels: &Labelmap, number: u8) -> Result<Mesh, SurfaceError> {
    let limit_mm = labels.geometry().spacing_mm().length() / 2.0;
    Ok(smoothed(&blocky_surface(labels, number)?, Smoothing { limit_mm, ..Smoothing::default() }))
}

/// The voxels around a label, with one more on every side that is outside.
struct Block<'a> {
    labels: &'a Labelmap,
    number: u8,
    /// Voxel index of lattice point (1, 1, 1).
    low: [usize; 3],
    /// Lattice points along each axis.
    size: [usize; 3],
}

/// Part of a surface: some of the corners, and the triangles of as many layers, which also name corners of the next part.
struct Piece {
    corners_ijk: Vec<DVec3>,
    triangles: Vec<[u32; 3]>,
}

/// Numbers of the corners on the edges that start at each lattice point of a slice. Only those of edges that cross the surface
/// are ever read.
#[derive(Clone)]
struct CornerNumbers {
    along_x: Vec<u32>,
    along_y: Vec<u32>,
}

impl<'a> Block<'a> {
    fn around(labels: &'a Labelmap, number: u8) -> Option<Self> {
        let [columns, _, slices] = labels.geometry().dims();
        let mut bounds: Option<[[usize; 3]; 2]> = None;
        for k in 0..slices {
            for (j, row) in labels.slice(k).chunks_exact(columns).enumerate() {
                let Some(first) = row.iter().position(|&label| label == number) else { continue };
                let last = row.iter().rposition(|&label| label == number).unwrap_or(first);
                let [low, high] = bounds.get_or_insert([[first, j, k], [last, j, k]]);
                *low = [low[0].min(first), low[1].min(j), low[2]];
                *high = [high[0].max(last), high[1].max(j), k];
            }
        }
        let [low, high] = bounds?;
        Some(Self { labels, number, low, size: [0, 1, 2].map(|n| high[n] - low[n] + 3) })
    }

    /// 1 where a lattice point of slice `z` has the label, row by row.
    fn slice(&self, z: usize, into: &mut Vec<u8>) {
        let [nx, ny, nz] = self.size;
        into.clear();
        into.resize(nx * ny, 0);
        if z == 0 || z + 1 >= nz {
            return;
        }
        let columns = self.labels.geometry().dims()[0];
        let slice = self.labels.slice(self.low[2] + z - 1);
        for y in 1..ny - 1 {
            let start = (self.low[1] + y - 1) * columns + self.low[0];
            let row = &slice[start..start + nx - 2];
            for (to, label) in into[y * nx + 1..(y + 1) * nx - 1].iter_mut().zip(row) {
                *to = u8::from(*label == self.number);
            }
        }
    }

    /// Corners on the edges that start in slice `z`.
    fn count_corners(&self, z: usize) -> usize {
        let (mut here, mut above) = (Vec::new(), Vec::new());
        self.slice(z, &mut here);
        self.slice(z + 1, &mut above);
        let nx = self.size[0];
        let differing = |a: &[u8], b: &[u8]| a.iter().zip(b).filter(|(a, b)| a != b).count();
        // The border of a slice is outside: the step from the end of a row to the next start never differs.
        differing(&here, &here[1..]) + differing(&here, &here[nx..]) + differing(&here, &above)
    }

    /// The layers of cubes between slices `z` and `z + 1`; `first` numbers the first corner of each slice.
    fn piece(&self, layers: Range<usize>, first: &[u32]) -> Piece {
        let area = self.size[0] * self.size[1];
        let mut piece = Piece { corners_ijk: Vec::new(), triangles: Vec::new() };
        let numbers = CornerNumbers { along_x: vec![0; area], along_y: vec![0; area] };
        let (mut here, mut above) = ((Vec::new(), numbers.clone()), (Vec::new(), numbers));
        let mut along_z = vec![0u32; area];
        self.slice(layers.start, &mut here.0);
        let mut next = self.number_plane(layers.start, &here.0, first, &mut here.1, Some(&mut piece));
        for z in layers.clone() {
            self.slice(z + 1, &mut above.0);
            self.number_upward(z, [&here.0, &above.0], next, &mut along_z, &mut piece);
            // The slice that ends this part belongs to the next one: it is numbered here too, but its corners are made there.
            let owner = (z + 1 < layers.end).then_some(&mut piece);
            next = self.number_plane(z + 1, &above.0, first, &mut above.1, owner);
            self.triangulate([&here.0, &above.0], [&here.1, &above.1], &along_z, &mut piece.triangles);
            std::mem::swap(&mut here, &mut above);
        }
        piece
    }

    /// Numbers the corners on the edges inside a slice; returns the number that follows.
    fn number_plane(
        &self,
        z: usize,
        inside: &[u8],
        first: &[u32],
        numbers: &mut CornerNumbers,
        mut owner: Option<&mut Piece>,
    ) -> u32 {
        let [nx, ny, _] = self.size;
        let mut next = first[z];
        let mut corner = |x: usize, y: usize, half: DVec3, number: &mut u32| {
            *number = next;
            next += 1;
            if let Some(piece) = owner.as_deref_mut() {
                piece.corners_ijk.push(self.ijk(x, y, z) + half);
            }
        };
        for y in 0..ny - 1 {
            for x in 0..nx - 1 {
                let at = y * nx + x;
                if inside[at] != inside[at + 1] {
                    corner(x, y, DVec3::X * 0.5, &mut numbers.along_x[at]);
                }
                if inside[at] != inside[at + nx] {
                    corner(x, y, DVec3::Y * 0.5, &mut numbers.along_y[at]);
                }
            }
        }
        next
    }

    /// Numbers the corners on the edges from a slice to the one above.
    fn number_upward(
        &self,
        z: usize,
        [here, above]: [&[u8]; 2],
        mut next: u32,
        along_z: &mut [u32],
        piece: &mut Piece,
    ) {
        let nx = self.size[0];
        for at in (0..here.len()).filter(|&at| here[at] != above[at]) {
            along_z[at] = next;
            next += 1;
            piece.corners_ijk.push(self.ijk(at % nx, at / nx, z) + DVec3::Z * 0.5);
        }
    }

    /// Voxel index of a lattice point.
    fn ijk(&self, x: usize, y: usize, z: usize) -> DVec3 {
        let [i, j, k] = self.low.map(|n| n as f64 - 1.0);
        DVec3::new(i + x as f64, j + y as f64, k + z as f64)
    }

    /// The triangles of one layer of cubes.
    fn triangulate(
        &self,
        inside: [&[u8]; 2],
        planes: [&CornerNumbers; 2],
        along_z: &[u32],
        triangles: &mut Vec<[u32; 3]>,
    ) {
        let [nx, ny, _] = self.size;
        for y in 0..ny - 1 {
            let row = |slice: usize, y: usize| &inside[slice][y * nx..(y + 1) * nx];
            let rows = [row(0, y), row(0, y + 1), row(1, y), row(1, y + 1)];
            // Corner x + 2y + 4z of a cube is bit x + 2y + 4z of its case.
            let side = |x: usize| rows[0][x] | rows[1][x] << 2 | rows[2][x] << 4 | rows[3][x] << 6;
            let mut left = side(0);
            for x in 0..nx - 1 {
                let right = side(x + 1);
                let case = left | right << 1;
                left = right;
                if case == 0 || case == 255 {
                    continue;
                }
                let corner = |edge: u8| {
                    let (axis, [dx, dy, dz]) = cubes::edge(edge);
                    let at = (y + dy) * nx + x + dx;
                    match axis {
                        0 => planes[dz].along_x[at],
                        1 => planes[dz].along_y[at],
                        _ => along_z[at],
                    }
                };
                triangles.extend(CUBES[usize::from(case)].iter().map(|triangle| triangle.map(corner)));
            }
        }
    }
}
