//! Named segments over a label map, in the words of DICOM Segmentation (PS3.3 C.8.20.4).

use super::Labelmap;
use crate::codes::Code;

/// Segment Algorithm Type (0062,0008).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlgorithmKind {
    /// As a program made it.
    Automatic,
    /// Made by a program, changed by a person.
    SemiAutomatic,
    /// Drawn by a person.
    Manual,
}

/// What one label of a [`Labelmap`] means.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The label, 1–255.
    pub number: u8,
    /// "Right lung", "Lesion 1".
    pub label: String,
    /// Segmented Property Category: anatomy or abnormality.
    pub category: Code,
    /// Segmented Property Type, where a code exists.
    pub property: Option<Code>,
    /// Side, where the property has one.
    pub laterality: Option<Code>,
    /// Recommended display color.
    pub color_rgb: [u8; 3],
    /// Who made it.
    pub algorithm: AlgorithmKind,
    /// Name and version of the algorithm; empty only for `Manual`.
    pub algorithm_name: String,
    /// Tracking UID (0062,0021).
    pub tracking_uid: String,
}

/// A label map and what its labels mean. Labels without a segment may not occur.
#[derive(Debug, Clone, PartialEq)]
pub struct Segmentation {
    /// One label per voxel; 0 = nothing.
    pub labelmap: Labelmap,
    /// Ascending by number, no number twice.
    pub segments: Vec<Segment>,
}

impl Segmentation {
    /// The segment of a label.
    pub fn segment(&self, number: u8) -> Option<&Segment> {
        self.segments.iter().find(|s| s.number == number)
    }

    /// The lowest number (from 1) that no segment has, if one is left.
    pub fn free_number(&self) -> Option<u8> {
        (1..=u8::MAX).find(|&n| self.segment(n).is_none())
    }
}
