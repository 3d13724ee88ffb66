//! Where the voxels of a MetaImage lie.

use super::Fields;
use crate::geometry::{DMat3, DVec3, VolumeGeometry};
use crate::io::voxel_file::geometry_from_axes;
use crate::study::Warnings;

/// The place, or why it is not known.
pub(super) fn geometry(
    fields: &Fields,
    dims: [usize; 3],
    spacing_mm: [f64; 3],
    warnings: &mut Warnings,
) -> Result<VolumeGeometry, String> {
    let letters = fields.get(&["AnatomicalOrientation"]).filter(|text| !text.contains('?'));
    let told = letters.and_then(axes_of);
    let matrix = directions(fields)?;
    let directions = match (matrix, told) {
        (Some(matrix), told) => {
            let found = letters_of(matrix);
            if told.is_some() && letters.is_some_and(|said| !said.eq_ignore_ascii_case(&found)) {
                warnings.add(format!(
                    "AnatomicalOrientation says {}, but the TransformMatrix gives {found}; the matrix is used",
                    letters.unwrap_or_default()
                ));
            }
            matrix
        }
        (None, Some(told)) => told,
        (None, None) => {
            return Err("the MetaImage header says no TransformMatrix and no orientation: sides are unknown".into());
        }
    };
    let Some(origin) = fields.numbers(&["Offset", "Origin", "Position"]).filter(|o| o.len() >= 2) else {
        return Err("the MetaImage header says no Offset: the place is unknown".into());
    };
    let origin = DVec3::new(origin[0], origin[1], origin.get(2).copied().unwrap_or(0.0));
    if spacing_mm[..2].contains(&0.0) {
        return Err("the MetaImage header says no ElementSpacing: sizes are unknown".into());
    }
    // A single picture in space has a thickness that matters to nothing.
    let thickness = if spacing_mm[2] > 0.0 { spacing_mm[2] } else { 1.0 };
    let spacing = DVec3::new(spacing_mm[0], spacing_mm[1], thickness);
    geometry_from_axes(dims, origin, directions * DMat3::from_diagonal(spacing))
}

/// The axes of the voxels as columns; `None` without a matrix. A 2D image in the plane gets a normal; of a 4D one, the first
/// three axes count.
fn directions(fields: &Fields) -> Result<Option<DMat3>, String> {
    let names = ["TransformMatrix", "Rotation", "Orientation"];
    if fields.get(&names).is_none() {
        return Ok(None);
    }
    let numbers = fields.numbers(&names).unwrap_or_default();
    let side = match numbers.len() {
        4 => 2,
        9 => 3,
        16 => 4,
        found => return Err(format!("the TransformMatrix has {found} numbers: directions are unknown")),
    };
    let axis = |n: usize| {
        if side == 2 {
            return if n == 2 { DVec3::Z } else { DVec3::new(numbers[2 * n], numbers[2 * n + 1], 0.0) };
        }
        DVec3::new(numbers[side * n], numbers[side * n + 1], numbers[side * n + 2])
    };
    let matrix = DMat3::from_cols(axis(0), axis(1), axis(2));
    let unit = |v: DVec3| (v.length() - 1.0).abs() < 1e-3;
    if unit(matrix.x_axis) && unit(matrix.y_axis) && unit(matrix.z_axis) {
        Ok(Some(matrix))
    } else {
        Err("the rows of the TransformMatrix are no directions".into())
    }
}

/// "RAI" and the like: the letter of each axis is where it begins.
fn axes_of(letters: &str) -> Option<DMat3> {
    let axis = |letter: char| {
        Some(match letter.to_ascii_uppercase() {
            'R' => DVec3::X,
            'L' => DVec3::NEG_X,
            'A' => DVec3::Y,
            'P' => DVec3::NEG_Y,
            'I' => DVec3::Z,
            'S' => DVec3::NEG_Z,
            _ => return None,
        })
    };
    let axes: Vec<DVec3> = letters.chars().map(axis).collect::<Option<_>>()?;
    let [i, j, k] = axes[..] else { return None };
    let matrix = DMat3::from_cols(i, j, k);
    (matrix.determinant().abs() > 0.5).then_some(matrix)
}

/// The letters where the axes begin, each by its largest part.
pub(super) fn letters_of(directions: DMat3) -> String {
    let letter = |axis: DVec3| {
        let largest = axis.abs().max_element();
        match axis.abs().to_array().iter().position(|part| *part >= largest) {
            Some(0) if axis.x > 0.0 => 'R',
            Some(0) => 'L',
            Some(1) if axis.y > 0.0 => 'A',
            Some(1) => 'P',
            _ if axis.z > 0.0 => 'I',
            _ => 'S',
        }
    };
    [directions.x_axis, directions.y_axis, directions.z_axis].map(letter).iter().collect()
}
