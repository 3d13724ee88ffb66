//! Regions of a structure set as segments on the grid of an image.

use super::SegmentationReadError as Error;
use super::segments::default_color;
use crate::codes::{ANATOMICAL_STRUCTURE, MORPHOLOGICALLY_ABNORMAL};
use crate::geometry::VolumeGeometry;
use crate::io::structures::{self, ContourShape, CrossingBudget, Region, Roi, StructureSet};
use crate::loaded::LoadedSeries;
use crate::study::Warnings;
use crate::volume::{AlgorithmKind, Segment};

/// Voxels of each segment, the largest first: painted in this order, the smaller of two that overlap stays.
pub(super) struct Regions(Vec<(u8, Region)>);

/// Fills every region. Regions whose place or shape would be a guess stay empty with a warning; when all of them do, nothing
/// is returned but the reason.
pub(super) fn place(
    set: &StructureSet,
    image: &LoadedSeries,
    grid: &VolumeGeometry,
    warnings: &mut Warnings,
) -> Result<(Vec<Segment>, Regions), Error> {
    if set.rois.len() > usize::from(u8::MAX) {
        return Err(Error::TooManySegments(set.rois.len()));
    }
    let mut budget = CrossingBudget::default();
    let (mut segments, mut regions) = (Vec::new(), Vec::new());
    let mut refusal = None;
    for (number, roi) in numbers(&set.rois).into_iter().zip(&set.rois) {
        segments.push(segment(roi, number));
        let frame = &image.series.frame_of_reference_uid;
        let foreign =
            !frame.is_empty() && !roi.frame_of_reference_uid.is_empty() && *frame != roi.frame_of_reference_uid;
        let region = if foreign {
            Err(format!("{} is placed in another frame of reference than the image", roi.name))
        } else {
            structures::fill(roi, grid, &mut budget, warnings)
        };
        match region {
            Ok(region) => regions.push((number, region)),
            Err(reason) => {
                warnings.add(format!("{reason}; it was left without voxels"));
                refusal.get_or_insert(reason);
            }
        }
    }
    let encloses = |roi: &Roi| roi.contours.iter().any(|c| c.shape == ContourShape::Closed);
    match refusal {
        Some(reason) if regions.iter().all(|(_, region)| region.voxels() == 0) => Err(Error::Planes(reason)),
        _ if !set.rois.iter().any(encloses) => {
            warnings.add("the structure set holds no closed contour, so nothing encloses voxels");
            Ok((segments, Regions(Vec::new())))
        }
        _ => {
            regions.sort_by_key(|(number, region)| (std::cmp::Reverse(region.voxels()), *number));
            Ok((segments, Regions(regions)))
        }
    }
}

impl Regions {
    /// Paints all regions, or one; returns how often one covers another.
    pub(super) fn paint(&self, only: Option<u8>, labels: &mut [u8]) -> usize {
        let mut overlaps = 0;
        for (number, region) in self.0.iter().filter(|(number, _)| only.is_none_or(|n| n == *number)) {
            for &(first, length) in &region.runs {
                let run = &mut labels[first..first + length];
                overlaps += run.iter().filter(|label| **label != 0).count();
                run.fill(*number);
            }
        }
        overlaps
    }
}

/// ROI Numbers as segment numbers where all of them can be, else the places in the file.
fn numbers(rois: &[Roi]) -> Vec<u8> {
    let own: Option<Vec<u8>> = rois.iter().map(|roi| u8::try_from(roi.number).ok().filter(|n| *n > 0)).collect();
    own.unwrap_or_else(|| (1..=u8::MAX).take(rois.len()).collect())
}

fn segment(roi: &Roi, number: u8) -> Segment {
    let tumor = matches!(roi.interpreted_type.as_str(), "GTV" | "CTV" | "PTV" | "TREATED_VOLUME");
    let algorithm = match roi.algorithm.as_str() {
        "AUTOMATIC" => AlgorithmKind::Automatic,
        "SEMIAUTOMATIC" => AlgorithmKind::SemiAutomatic,
        _ => AlgorithmKind::Manual,
    };
    Segment {
        number,
        label: roi.name.clone(),
        category: if tumor { MORPHOLOGICALLY_ABNORMAL } else { ANATOMICAL_STRUCTURE },
        property: roi.code.clone(),
        laterality: None,
        color_rgb: roi.color_rgb.unwrap_or_else(|| default_color(number)),
        algorithm,
        algorithm_name: if algorithm == AlgorithmKind::Manual { String::new() } else { roi.generation.clone() },
        tracking_uid: String::new(),
    }
}
