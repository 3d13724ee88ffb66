//! Masks to the surfaces of their segments.

use crate::cli::{Failure, say};
use crate::io::mesh::{self, MeshFormat, SegmentSurface};
use crate::volume::surface::surface;
use crate::volume::{Mesh, Segment, Segmentation};
use std::path::Path;

/// The smoothed surfaces of all segments that are not empty; says where files got other names than the one asked for.
pub(super) fn write(path: &Path, format: MeshFormat, masks: &Segmentation) -> Result<(), Failure> {
    let failed = |problem: &dyn std::fmt::Display| Failure::Failed(format!("{}: {problem}", path.display()));
    let mut made: Vec<(&Segment, Mesh)> = Vec::new();
    let counts = masks.labelmap.histogram();
    for segment in masks.segments.iter().filter(|segment| counts[usize::from(segment.number)] > 0) {
        made.push((segment, surface(&masks.labelmap, segment.number).map_err(|e| failed(&e))?));
    }
    let surfaces: Vec<SegmentSurface<'_>> = made
        .iter()
        .map(|(segment, mesh)| SegmentSurface { name: &segment.label, color_rgb: segment.color_rgb, mesh })
        .collect();
    let files = mesh::write(path, format, &surfaces).map_err(|e| failed(&e))?;
    files.iter().filter(|file| *file != path).for_each(|file| say(&format!("wrote {}", file.display())));
    Ok(())
}
