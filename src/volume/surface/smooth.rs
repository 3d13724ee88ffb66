//! Smoothing without shrinking (Taubin, A signal processing approach to fair surface design, 1995): steps toward the mean of
//! the neighbors, each followed by a slightly longer step away from it.

use crate::geometry::DVec3;
use crate::volume::Mesh;
use rayon::prelude::*;

/// How strongly a surface is smoothed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Smoothing {
    /// Pairs of steps; 0 leaves the surface as it is.
    pub pairs: u32,
    /// Pass band, 0–2: waves of lower frequency stay. Smaller is smoother.
    pub pass_band: f64,
    /// No vertex moves further than this from where it was.
    pub limit_mm: f64,
}

impl Default for Smoothing {
    /// Steps of voxels vanish, and what is larger stays.
    fn default() -> Self {
        Self { pairs: 20, pass_band: 0.1, limit_mm: f64::INFINITY }
    }
}

/// Step toward the neighbors.
const INWARD: f64 = 0.5;

/// A smoothed copy of a closed mesh, with new normals.
pub fn smoothed(mesh: &Mesh, how: Smoothing) -> Mesh {
    let around = Neighbors::new(mesh);
    let outward = 1.0 / (how.pass_band - 1.0 / INWARD);
    let mut from = mesh.vertices_lps.clone();
    let mut to = from.clone();
    for _ in 0..how.pairs {
        for step in [INWARD, outward] {
            to.par_iter_mut().enumerate().for_each(|(n, to)| *to = from[n] + (around.mean(n, &from) - from[n]) * step);
            std::mem::swap(&mut from, &mut to);
        }
    }
    let kept = |(now, before): (&DVec3, &DVec3)| *before + (*now - *before).clamp_length_max(how.limit_mm);
    let vertices = from.par_iter().zip(&mesh.vertices_lps).map(kept).collect();
    Mesh::new(vertices, mesh.triangles.clone())
}

/// The vertices that share an edge with each vertex, one after the other.
struct Neighbors {
    first: Vec<u32>,
    vertices: Vec<u32>,
}

impl Neighbors {
    /// In a closed mesh every edge is run through once in each direction: each vertex meets each neighbor once as the next one.
    fn new(mesh: &Mesh) -> Self {
        let count = mesh.vertices_lps.len();
        let mut first = vec![0u32; count + 1];
        mesh.triangles.iter().flatten().for_each(|&n| first[n as usize + 1] += 1);
        for n in 0..count {
            first[n + 1] += first[n];
        }
        let mut place = first.clone();
        let mut vertices = vec![0u32; 3 * mesh.triangles.len()];
        for &[a, b, c] in &mesh.triangles {
            for (at, next) in [(a, b), (b, c), (c, a)] {
                vertices[place[at as usize] as usize] = next;
                place[at as usize] += 1;
            }
        }
        Self { first, vertices }
    }

    #[inline]
    fn mean(&self, n: usize, positions: &[DVec3]) -> DVec3 {
        let around = &self.vertices[self.first[n] as usize..self.first[n + 1] as usize];
        let sum: DVec3 = around.iter().map(|&neighbor| positions[neighbor as usize]).sum();
        if around.is_empty() { positions[n] } else { sum / around.len() as f64 }
    }
}
