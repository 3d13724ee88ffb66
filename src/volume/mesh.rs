//! Surfaces as triangles.
//!
//! Space: LPS mm. Triangles run counterclockwise seen from outside, in a right-handed space such as LPS, so that their normals
//! point outward. A mesh from [`surface`](super::surface) is closed: every edge belongs to exactly two triangles, which run
//! through it in opposite directions.

use crate::geometry::{BoxLps, DVec3};

/// Triangles over shared vertices. Every index is below the number of vertices.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mesh {
    /// Corners of the triangles.
    pub vertices_lps: Vec<DVec3>,
    /// Unit normals at the vertices, pointing outward; as many as vertices.
    pub normals_lps: Vec<DVec3>,
    /// Three vertices each.
    pub triangles: Vec<[u32; 3]>,
}

impl Mesh {
    /// A mesh with the normals that follow from its triangles.
    pub fn new(vertices_lps: Vec<DVec3>, triangles: Vec<[u32; 3]>) -> Self {
        let mut mesh = Self { normals_lps: Vec::new(), vertices_lps, triangles };
        mesh.normals_lps = mesh.vertex_normals();
        mesh
    }

    /// The corners of a triangle.
    #[inline]
    pub fn corners_lps(&self, triangle: [u32; 3]) -> [DVec3; 3] {
        triangle.map(|n| self.vertices_lps[n as usize])
    }

    /// Sum of the triangles' areas.
    pub fn area_mm2(&self) -> f64 {
        self.triangles.iter().map(|&t| doubled_area(self.corners_lps(t)).length() / 2.0).sum()
    }

    /// The enclosed volume of a closed mesh, by the divergence theorem.
    pub fn volume_mm3(&self) -> f64 {
        // Near the origin: small numbers lose less.
        let origin = self.vertices_lps.first().copied().unwrap_or(DVec3::ZERO);
        let signed = |t: [u32; 3]| {
            let [a, b, c] = self.corners_lps(t).map(|corner| corner - origin);
            a.dot(b.cross(c)) / 6.0
        };
        self.triangles.iter().map(|&t| signed(t)).sum()
    }

    /// The box around all vertices; `None` for an empty mesh.
    pub fn bounds_lps(&self) -> Option<BoxLps> {
        BoxLps::around(self.vertices_lps.iter().copied())
    }

    /// Normals of the triangles around each vertex, weighted with their areas.
    fn vertex_normals(&self) -> Vec<DVec3> {
        let mut sums = vec![DVec3::ZERO; self.vertices_lps.len()];
        for &triangle in &self.triangles {
            let normal = doubled_area(self.corners_lps(triangle));
            triangle.iter().for_each(|&n| sums[n as usize] += normal);
        }
        sums.iter().map(|sum| sum.normalize_or_zero()).collect()
    }
}

/// Twice the area of a triangle, along its outward normal.
fn doubled_area([a, b, c]: [DVec3; 3]) -> DVec3 {
    (b - a).cross(c - a)
}
