//! Label images: NIfTI, NRRD (also 3D Slicer's `.seg.nrrd` with its names and layers) and MetaImage files whose values are
//! whole numbers from 0 to 255. They land on the image's grid where that is the same set of voxels in any order, else they
//! keep their own.

use super::{SegmentationReadError as Error, grid, segments};
use crate::geometry::VolumeGeometry;
use crate::io::voxel_file::{NamedLabel, VoxelFile, VoxelFileError};
use crate::loaded::LoadedSeries;
use crate::study::Warnings;
use crate::volume::{Segment, Voxels};

/// One segment of a file: where its voxels are, and what it is called here.
struct Wanted {
    layer: u64,
    value: u8,
    segment: Segment,
}

/// The label images of an opened file.
pub(super) struct Labels {
    file: VoxelFile,
    wanted: Vec<Wanted>,
}

/// The grid that the masks get, their segments, and where their voxels come from.
pub(super) fn place(
    file: Result<VoxelFile, VoxelFileError>,
    on: Option<&LoadedSeries>,
    warnings: &mut Warnings,
) -> Result<(VolumeGeometry, Vec<Segment>, Labels), Error> {
    let file = opened(file)?;
    file.header.warnings.iter().for_each(|w| warnings.add(w));
    let (geometry, wanted) = plan(&file, on, warnings)?;
    let segments = wanted.iter().map(|w| w.segment.clone()).collect();
    Ok((geometry, segments, Labels { file, wanted }))
}

impl Labels {
    /// Paints all segments, or the one with the number `only`; returns how many voxels more than one segment claims. There,
    /// the segment of the lower layer is kept.
    pub(super) fn paint(&self, geometry: &VolumeGeometry, only: Option<u8>, labels: &mut [u8]) -> Result<usize, Error> {
        let mut overlaps = 0;
        for layer in 0..layers(&self.file) {
            let values = layer_on(&self.file, layer, geometry)?;
            let number = numbers(&self.wanted, layer);
            for (label, value) in labels.iter_mut().zip(values) {
                match number[usize::from(value)] {
                    0 => {}
                    other if only.is_some_and(|only| only != other) => {}
                    new if *label == 0 => *label = new,
                    _ => overlaps += 1,
                }
            }
        }
        Ok(overlaps)
    }
}

fn opened(file: Result<VoxelFile, VoxelFileError>) -> Result<VoxelFile, Error> {
    let file = file.map_err(|e| Error::Unreadable(e.to_string()))?;
    if file.header.channels > 1 {
        return Err(Error::NotLabels("colors".into()));
    }
    Ok(file)
}

/// Layers are many only in files that name their segments; elsewhere the first volume counts.
fn layers(file: &VoxelFile) -> u64 {
    if file.header.labels.is_empty() { 1 } else { file.header.steps }
}

/// The grid that the masks get, and the segments.
fn plan(
    file: &VoxelFile,
    on: Option<&LoadedSeries>,
    warnings: &mut Warnings,
) -> Result<(VolumeGeometry, Vec<Wanted>), Error> {
    let own = file.header.geometry.clone().map_err(Error::NoGrid)?;
    let geometry = match on.and_then(LoadedSeries::geometry) {
        Some(image) if grid::same_voxels(&own, image) => image.clone(),
        Some(_) => {
            warnings.add("the labels do not lie on the voxels of the image; they keep a grid of their own");
            own
        }
        None => own,
    };
    if file.header.labels.is_empty() {
        if file.header.steps > 1 {
            warnings.add(format!("the file holds {} volumes; the labels of the first are read", file.header.steps));
        }
        return Ok((geometry, numbered(file)?));
    }
    if file.header.labels.len() > usize::from(u8::MAX) {
        return Err(Error::TooManySegments(file.header.labels.len()));
    }
    Ok((geometry, named(&file.header.labels)))
}

/// Segments that the file names. Values are kept as numbers unless two layers use the same.
fn named(labels: &[NamedLabel]) -> Vec<Wanted> {
    let unique = |label: &NamedLabel| labels.iter().filter(|other| other.value == label.value).count() == 1;
    let keep = labels.iter().all(unique);
    let number = |n: usize, label: &NamedLabel| if keep { label.value } else { n as u8 + 1 };
    let wanted = |(n, label): (usize, &NamedLabel)| {
        let plain = segments::undescribed(number(n, label));
        let color_rgb = label.color_rgb.unwrap_or(plain.color_rgb);
        let segment = Segment { label: label.name.clone(), color_rgb, ..plain };
        Wanted { layer: u64::from(label.layer), value: label.value, segment }
    };
    labels.iter().enumerate().map(wanted).collect()
}

/// One segment for each value that occurs.
fn numbered(file: &VoxelFile) -> Result<Vec<Wanted>, Error> {
    let mut found = [false; 256];
    values(file, 0)?.iter().for_each(|v| found[usize::from(*v)] = true);
    let present = (1..=u8::MAX).filter(|n| found[usize::from(*n)]);
    Ok(present.map(|value| Wanted { layer: 0, value, segment: segments::undescribed(value) }).collect())
}

/// Number of the segment for each value of a layer; values that nothing names keep their own in the first layer.
fn numbers(wanted: &[Wanted], layer: u64) -> [u8; 256] {
    let taken = |value: u8| wanted.iter().any(|w| w.segment.number == value);
    let mut number = std::array::from_fn(|v| if layer == 0 && !taken(v as u8) { v as u8 } else { 0 });
    for one in wanted.iter().filter(|w| w.layer == layer) {
        number[usize::from(one.value)] = one.segment.number;
    }
    number
}

/// The values of a layer at the voxels of a grid that has the same ones.
fn layer_on(file: &VoxelFile, layer: u64, geometry: &VolumeGeometry) -> Result<Vec<u8>, Error> {
    let labels = values(file, layer)?;
    let own = file.header.geometry.clone().map_err(Error::NoGrid)?;
    if own == *geometry {
        return Ok(labels);
    }
    grid::moved(&own, &labels, geometry).ok_or_else(|| Error::NoGrid("its voxels are not those of the image".into()))
}

fn values(file: &VoxelFile, layer: u64) -> Result<Vec<u8>, Error> {
    let image = file.volume(layer).map_err(|e| Error::Unreadable(e.to_string()))?;
    let rescale = image.header.rescale;
    match image.voxels {
        Voxels::U8(labels) if rescale == crate::volume::Rescale::IDENTITY => Ok(labels),
        voxels => (0..voxels.len())
            .map(|n| {
                let value = rescale.value(voxels.get(n));
                let label = value.fract() == 0.0 && (0.0..=255.0).contains(&value);
                if label { Ok(value as u8) } else { Err(Error::NotLabels(value.to_string())) }
            })
            .collect(),
    }
}
