//! Spatial Registration objects (PS3.3 A.39.1, C.20.2): how frames of reference, or single series of images, lie to each
//! other.
//!
//! Every item of the Registration Sequence gives the map from its own frame into that of the object ("registered RCS"), LPS mm
//! on both sides. Only rigid maps are taken: a scaled or sheared one would change lengths, and a map that is none of
//! what it says is left out with a warning. Deformable registrations are another class and not read.

use super::coded::code;
use super::content_tree::{ObjectReference, reference_of};
use super::dicom::DataSet;
use crate::codes::Code;
use crate::geometry::{DAffine3, DMat3, DVec3};
use crate::study::Warnings;
use dicom_dictionary_std::tags;

/// Greatest deviation of a rotation from an orthonormal matrix that is forgiven as rounding in a file.
const TOLERANCE: f64 = 1e-3;

/// A Spatial Registration object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpatialRegistration {
    /// Frame of Reference UID (0020,0052) that everything is mapped into.
    pub frame_of_reference_uid: String,
    /// Content Label (0070,0080).
    pub label: String,
    /// Content Description (0070,0081).
    pub description: String,
    /// In the order of the file.
    pub items: Vec<RegisteredFrame>,
}

/// One frame, or some images of it, and the way into the object's frame.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisteredFrame {
    /// Frame of Reference UID; empty where only images are named.
    pub frame_of_reference_uid: String,
    /// Images that the map is for; empty means all of the frame.
    pub images: Vec<ObjectReference>,
    /// Points of the object's frame from points of this one.
    pub registered_from_own: DAffine3,
    /// How it was found.
    pub method: Option<Code>,
    /// Frame of Reference Transformation Comment (3006,00C8).
    pub comment: String,
}

impl SpatialRegistration {
    /// The item about a frame of reference, or about a series by any of its SOP Instance UIDs.
    pub fn item_of(&self, frame_of_reference_uid: &str, instances: &[&str]) -> Option<&RegisteredFrame> {
        let names = |item: &&RegisteredFrame| {
            item.images.iter().any(|image| instances.contains(&image.sop_instance_uid.as_str()))
        };
        let is_of = |item: &&RegisteredFrame| {
            item.images.is_empty()
                && !frame_of_reference_uid.is_empty()
                && item.frame_of_reference_uid == frame_of_reference_uid
        };
        self.items.iter().find(names).or_else(|| self.items.iter().find(is_of))
    }
}

/// Reads a registration; what is not usable is left out with a warning.
pub fn read(data: &DataSet, warnings: &mut Warnings) -> SpatialRegistration {
    let items: Vec<RegisteredFrame> =
        data.items(tags::REGISTRATION_SEQUENCE).iter().filter_map(|item| frame(item, warnings)).collect();
    if items.is_empty() {
        warnings.add("the registration maps no frame of reference");
    }
    SpatialRegistration {
        frame_of_reference_uid: data.text(tags::FRAME_OF_REFERENCE_UID),
        label: data.text(tags::CONTENT_LABEL),
        description: data.text(tags::CONTENT_DESCRIPTION),
        items,
    }
}

fn frame(item: &DataSet, warnings: &mut Warnings) -> Option<RegisteredFrame> {
    let frame_of_reference_uid = item.text(tags::FRAME_OF_REFERENCE_UID);
    let images: Vec<ObjectReference> = item.items(tags::REFERENCED_IMAGE_SEQUENCE).iter().map(reference_of).collect();
    let mut registered_from_own = DAffine3::IDENTITY;
    // The standard allows one item here; several are applied in their order, as their matrices are.
    let steps = item.items(tags::MATRIX_REGISTRATION_SEQUENCE);
    let matrices: Vec<&DataSet> = steps.iter().flat_map(|step| step.items(tags::MATRIX_SEQUENCE)).collect();
    if matrices.is_empty() {
        warnings.add("a registered frame of reference has no matrix; it is left out");
        return None;
    }
    for matrix in matrices {
        match rigid(matrix) {
            Ok(next) => registered_from_own = next * registered_from_own,
            Err(reason) => {
                warnings.add(format!("a registered frame of reference is left out: {reason}"));
                return None;
            }
        }
    }
    let comments: Vec<String> =
        steps.iter().map(|step| step.text(tags::FRAME_OF_REFERENCE_TRANSFORMATION_COMMENT)).collect();
    Some(RegisteredFrame {
        frame_of_reference_uid,
        images,
        registered_from_own,
        method: steps.iter().find_map(|step| code(step, tags::REGISTRATION_TYPE_CODE_SEQUENCE)),
        comment: comments.join(" ").trim().to_owned(),
    })
}

/// Frame of Reference Transformation Matrix (3006,00C6): 4 × 4, row by row, for column vectors.
fn rigid(item: &DataSet) -> Result<DAffine3, String> {
    let kind = item.text(tags::FRAME_OF_REFERENCE_TRANSFORMATION_MATRIX_TYPE);
    if kind != "RIGID" {
        return Err(format!("its matrix is of type \"{kind}\", and only RIGID ones keep lengths"));
    }
    let numbers: [f64; 16] = item
        .vector(tags::FRAME_OF_REFERENCE_TRANSFORMATION_MATRIX)
        .ok_or("its matrix is not made of 16 finite numbers")?;
    let row = |n: usize| DVec3::new(numbers[4 * n], numbers[4 * n + 1], numbers[4 * n + 2]);
    let turn = DMat3::from_cols(row(0), row(1), row(2)).transpose();
    let gram = turn * turn.transpose() - DMat3::IDENTITY;
    let error = gram.to_cols_array().iter().fold(0.0f64, |worst, e| worst.max(e.abs()));
    let last = [numbers[12], numbers[13], numbers[14], numbers[15] - 1.0];
    if last.iter().any(|n| n.abs() > TOLERANCE) {
        return Err("the last row of its matrix is not 0, 0, 0, 1".into());
    }
    if error > TOLERANCE || turn.determinant() < 0.0 {
        return Err(format!("its matrix is called RIGID and is no rotation (largest error {error:.4})"));
    }
    Ok(DAffine3::from_mat3_translation(turn, DVec3::new(numbers[3], numbers[7], numbers[11])))
}
