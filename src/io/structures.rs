//! RT Structure Set (PS3.3 A.19, C.8.8.5, C.8.8.6, C.8.8.8): regions of interest as contours in the patient, in LPS mm.
//!
//! Contours become voxels only on the grid of an image ([`fill`]): a structure set has no grid of its own. Nothing is
//! interpolated between contours.

mod fill;

pub(crate) use fill::{CrossingBudget, Region, fill};

use super::coded::code;
use super::dicom::DataSet;
use super::segmentation::Belonging;
use crate::codes::Code;
use crate::geometry::DVec3;
use crate::study::Warnings;
use dicom_dictionary_std::tags;

/// Contour points of one structure set; the largest real ones have some millions.
const MAX_POINTS: usize = 10_000_000;

/// All regions of a file, and what they were drawn on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StructureSet {
    /// Structure Set Label (3006,0002).
    pub label: String,
    /// Whose they are, and which images they refer to.
    pub belonging: Belonging,
    /// In the order of the file.
    pub rois: Vec<Roi>,
}

/// A region of interest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Roi {
    /// ROI Number (3006,0022).
    pub number: i64,
    /// ROI Name (3006,0026).
    pub name: String,
    /// ROI Display Color (3006,002A).
    pub color_rgb: Option<[u8; 3]>,
    /// ROI Generation Algorithm (3006,0036): "AUTOMATIC", "SEMIAUTOMATIC", "MANUAL", or empty.
    pub algorithm: String,
    /// ROI Generation Description (3006,0038).
    pub generation: String,
    /// RT ROI Interpreted Type (3006,00A4): "ORGAN", "GTV", "EXTERNAL", ….
    pub interpreted_type: String,
    /// RT ROI Identification Code Sequence (3006,0086).
    pub code: Option<Code>,
    /// Referenced Frame of Reference UID (3006,0024).
    pub frame_of_reference_uid: String,
    /// In the order of the file.
    pub contours: Vec<Contour>,
}

/// One contour, or one point.
#[derive(Debug, Clone, PartialEq)]
pub struct Contour {
    /// Contour Geometric Type (3006,0042).
    pub shape: ContourShape,
    /// Contour Data (3006,0050).
    pub points_lps: Vec<DVec3>,
}

/// What the points of a contour make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContourShape {
    /// A closed line in a plane (`CLOSED_PLANAR`, `CLOSEDPLANAR_XOR`): encloses voxels.
    Closed,
    /// A line (`OPEN_PLANAR`, `OPEN_NONPLANAR`).
    Line,
    /// A single point.
    Point,
    /// What the standard does not know.
    Other(String),
}

/// Reads all regions; what makes no sense is left out with a warning.
pub fn read(data: &DataSet, warnings: &mut Warnings) -> StructureSet {
    let frame_of_reference = data.item(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE);
    let common_frame = frame_of_reference.map(|f| f.text(tags::FRAME_OF_REFERENCE_UID)).unwrap_or_default();
    let mut rois: Vec<Roi> = Vec::new();
    for item in data.items(tags::STRUCTURE_SET_ROI_SEQUENCE) {
        let Some(number) = item.integer(tags::ROI_NUMBER) else {
            warnings.add("a region without a number was left out");
            continue;
        };
        if rois.iter().any(|roi| roi.number == number) {
            warnings.add(format!("region {number} is described twice; the first description was kept"));
            continue;
        }
        let own_frame = item.text(tags::REFERENCED_FRAME_OF_REFERENCE_UID);
        rois.push(Roi {
            number,
            name: name(item.text(tags::ROI_NAME), number),
            algorithm: item.text(tags::ROI_GENERATION_ALGORITHM),
            generation: item.text(tags::ROI_GENERATION_DESCRIPTION),
            frame_of_reference_uid: if own_frame.is_empty() { common_frame.clone() } else { own_frame },
            ..Roi::default()
        });
    }
    add_observations(data, &mut rois);
    add_contours(data, &mut rois, &common_frame, warnings);
    StructureSet { label: data.text(tags::STRUCTURE_SET_LABEL), belonging: Belonging::of(data), rois }
}

fn name(said: String, number: i64) -> String {
    if said.is_empty() { format!("ROI {number}") } else { said }
}

fn add_observations(data: &DataSet, rois: &mut [Roi]) {
    for item in data.items(tags::RTROI_OBSERVATIONS_SEQUENCE) {
        let number = item.integer(tags::REFERENCED_ROI_NUMBER);
        if let Some(roi) = rois.iter_mut().find(|roi| Some(roi.number) == number) {
            roi.interpreted_type = item.text(tags::RTROI_INTERPRETED_TYPE);
            roi.code = code(item, tags::RTROI_IDENTIFICATION_CODE_SEQUENCE);
        }
    }
}

fn add_contours(data: &DataSet, rois: &mut Vec<Roi>, common_frame: &str, warnings: &mut Warnings) {
    let mut points = 0;
    for item in data.items(tags::ROI_CONTOUR_SEQUENCE) {
        let Some(number) = item.integer(tags::REFERENCED_ROI_NUMBER) else {
            warnings.add("contours that name no region were left out");
            continue;
        };
        let at = rois.iter().position(|roi| roi.number == number).unwrap_or_else(|| {
            warnings.add(format!("region {number} has contours but no description"));
            let frame_of_reference_uid = common_frame.to_owned();
            rois.push(Roi { number, name: name(String::new(), number), frame_of_reference_uid, ..Roi::default() });
            rois.len() - 1
        });
        let roi = &mut rois[at];
        let color: Option<[f64; 3]> = item.vector(tags::ROI_DISPLAY_COLOR);
        roi.color_rgb = color.map(|c| c.map(|part| part.clamp(0.0, 255.0) as u8));
        for contour in item.items(tags::CONTOUR_SEQUENCE) {
            match read_contour(contour) {
                Ok(contour) => {
                    points += contour.points_lps.len();
                    if points > MAX_POINTS {
                        warnings.add(format!("there are more than {MAX_POINTS} contour points; the rest was left out"));
                        return;
                    }
                    roi.contours.push(contour);
                }
                Err(reason) => warnings.add(format!("a contour of {} was left out: {reason}", roi.name)),
            }
        }
    }
}

fn read_contour(item: &DataSet) -> Result<Contour, String> {
    let shape = match item.text(tags::CONTOUR_GEOMETRIC_TYPE).as_str() {
        "CLOSED_PLANAR" | "CLOSEDPLANAR_XOR" => ContourShape::Closed,
        "OPEN_PLANAR" | "OPEN_NONPLANAR" => ContourShape::Line,
        "POINT" => ContourShape::Point,
        other => ContourShape::Other(other.to_owned()),
    };
    let numbers = item.numbers(tags::CONTOUR_DATA).ok_or("its points are absent or no numbers")?;
    let (triples, rest) = numbers.as_chunks::<3>();
    let told = item.integer(tags::NUMBER_OF_CONTOUR_POINTS);
    if !rest.is_empty() || told.is_some_and(|told| told != triples.len() as i64) {
        let told = told.map_or("an unknown number of".into(), |n| n.to_string());
        return Err(format!("{} coordinates do not make {told} points", numbers.len()));
    }
    if !numbers.iter().all(|n| n.is_finite()) {
        return Err("a coordinate is not finite".into());
    }
    Ok(Contour { shape, points_lps: triples.iter().map(|p| DVec3::from_array(*p)).collect() })
}
