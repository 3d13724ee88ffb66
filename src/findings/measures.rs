//! What a mask measures: volume, values, diameters, place.

use crate::geometry::{BoxLps, DVec3};
use crate::volume::{Labelmap, Volume};

/// A distance between two points of a mask's boundary, in one slice.
#[derive(Debug, Clone, PartialEq)]
pub struct Diameter {
    /// Length in mm.
    pub length_mm: f64,
    /// Both ends, LPS mm.
    pub ends_lps: [DVec3; 2],
    /// Slice (k) it lies in.
    pub slice: usize,
}

/// Measurements of one segment. Values are after the Modality LUT.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentMeasures {
    /// Number of voxels, at least 1.
    pub voxels: usize,
    /// Volume.
    pub volume_mm3: f64,
    /// Mean of the values, when there is an image on the same grid.
    pub mean: Option<f64>,
    /// Population standard deviation.
    pub sd: Option<f64>,
    /// Smallest value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
    /// "HU", "SUVbw", "a.u." or the object's own.
    pub unit: String,
    /// Longest diameter in an acquisition slice, boundary to boundary (`clinical.md` rule 8).
    pub long_axis: Option<Diameter>,
    /// Longest diameter at right angles to it, in the same slice.
    pub short_axis: Option<Diameter>,
    /// Center of mass.
    pub center_lps: DVec3,
    /// Box around the voxels' outer faces.
    pub box_lps: BoxLps,
    /// Slice with the most voxels.
    pub largest_slice: usize,
    /// True when a voxel lies on the outer surface of the grid: the volume may be cut off.
    pub touches_border: bool,
}

/// Measures one label; `None` when no voxel has it.
pub fn measure_segment(labels: &Labelmap, number: u8, volume: Option<&Volume>) -> Option<SegmentMeasures> {
    measure_segments(labels, volume).into_iter().find(|(n, _)| *n == number).map(|(_, m)| m)
}

/// Measures every label that occurs, in one pass over the voxels, ascending by label.
pub fn measure_segments(_labels: &Labelmap, _volume: Option<&Volume>) -> Vec<(u8, SegmentMeasures)> {
    unimplemented!("being written by the measures helper")
}
