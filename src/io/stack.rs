//! Do slices make a volume? Order, spacing, and everything that forbids one.
//!
//! Slices are ordered by their position along row × column normal; spacing comes from these positions alone, never from
//! Slice Thickness or Spacing Between Slices (they lie when slices were left out). An evenly displaced stack is a tilted
//! gantry and stays a volume, with its shear. Anything uneven is refused as a volume, with a sentence that names files.

mod passport;

use super::facts::SliceFacts;
use crate::geometry::{DMat3, DVec2, DVec3, VolumeGeometry};
use crate::study::{Passport, SeriesGeometry, Warnings};

/// Directions that differ by more than this (as 1 − cosine; about 0.8°) are different.
const SAME_DIRECTION: f64 = 1e-4;
/// Slices nearer than this are at the same place.
pub(super) const SAME_PLACE_MM: f64 = 0.01;
/// Relative difference of slice distances that makes a stack uneven.
const UNEVEN: f64 = 0.05;
/// Relative difference of slice distances that is worth a warning.
const JITTER: f64 = 0.01;

/// Slices in order, and what they make.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// Indices into the facts. For a volume: ascending along the normal, copies left out. Else: by Instance Number.
    pub order: Vec<usize>,
    /// Volume, or pictures with the reason.
    pub geometry: SeriesGeometry,
    /// What the positions say.
    pub passport: Passport,
    /// Jitter, tilt, copies.
    pub warnings: Warnings,
}

/// Examines slices. `name` gives a slice's file for sentences.
pub fn examine(facts: &[&SliceFacts], name: impl Fn(&SliceFacts) -> String) -> Stack {
    let mut warnings = Warnings::default();
    let mut passport = Passport { slices: facts.len(), ..Passport::default() };
    match volume(facts, &name, &mut passport, &mut warnings) {
        Ok((order, geometry)) => Stack { order, geometry: SeriesGeometry::Volume(geometry), passport, warnings },
        Err(reason) => {
            let mut order: Vec<usize> = (0..facts.len()).collect();
            order.sort_by_key(|&n| (facts[n].number.unwrap_or(i64::MAX), facts[n].instance, facts[n].frame));
            Stack { order, geometry: SeriesGeometry::Pictures(reason), passport, warnings }
        }
    }
}

/// A slice with everything that a volume needs.
struct Placed {
    index: usize,
    position: DVec3,
    along_mm: f64,
}

fn volume(
    facts: &[&SliceFacts],
    name: &impl Fn(&SliceFacts) -> String,
    passport: &mut Passport,
    warnings: &mut Warnings,
) -> Result<(Vec<usize>, VolumeGeometry), String> {
    let Some(first) = facts.first() else { return Err("there are no slices".into()) };
    if facts.len() == 1 {
        return Err("one slice makes no volume".into());
    }
    let (Some([row, column]), Some(spacing)) = (first.axes_lps, first.spacing_mm) else {
        return Err(format!(
            "{} has no usable {}",
            name(first),
            if first.axes_lps.is_none() { "Image Orientation (Patient)" } else { "Pixel Spacing" }
        ));
    };
    same_grid(facts, first, [row, column], spacing, name)?;
    let normal = row.cross(column);
    let mut placed = Vec::with_capacity(facts.len());
    for (index, slice) in facts.iter().enumerate() {
        let Some(position) = slice.position_lps else {
            return Err(format!("{} has no usable Image Position (Patient)", name(slice)));
        };
        placed.push(Placed { index, position, along_mm: position.dot(normal) });
    }
    placed.sort_by(|a, b| a.along_mm.total_cmp(&b.along_mm));
    *passport = passport::of(&placed, facts, [row, column], name);
    passport.contradictions.iter().for_each(|sentence| warnings.add(sentence));
    let placed = without_copies(placed, passport, warnings)?;
    let step_mm = even_step(passport, warnings)?;
    let shear = even_shear(&placed, row, column, spacing)?;
    let dims = [first.size[0], first.size[1], placed.len()];
    let spacing_mm = DVec3::new(spacing[1], spacing[0], step_mm);
    let geometry = VolumeGeometry::new(dims, placed[0].position, spacing_mm, DMat3::from_cols(row, column, normal))
        .and_then(|g| g.with_shear_mm(shear))
        .map_err(|e| e.to_string())?;
    if geometry.is_sheared() {
        warnings.add(format!(
            "each slice is displaced by {:.3} mm in its plane against the one before (tilted gantry); shown without resampling",
            shear.length()
        ));
    }
    Ok((placed.iter().map(|p| p.index).collect(), geometry))
}

/// True for row and column directions that agree.
pub(super) fn same_axes(a: [DVec3; 2], b: [DVec3; 2]) -> bool {
    (0..2).all(|n| 1.0 - a[n].dot(b[n]) < SAME_DIRECTION)
}

/// True for pixel spacings (rows, columns) that agree.
pub(super) fn same_spacing(a: [f64; 2], b: [f64; 2]) -> bool {
    (0..2).all(|n| (a[n] - b[n]).abs() <= 1e-3 * b[n])
}

fn same_grid(
    facts: &[&SliceFacts],
    first: &SliceFacts,
    [row, column]: [DVec3; 2],
    spacing: [f64; 2],
    name: &impl Fn(&SliceFacts) -> String,
) -> Result<(), String> {
    for slice in facts {
        if slice.size != first.size {
            return Err(format!(
                "slices differ in size: {} has {} × {}, {} has {} × {}",
                name(first),
                first.size[0],
                first.size[1],
                name(slice),
                slice.size[0],
                slice.size[1]
            ));
        }
        if !slice.axes_lps.is_some_and(|axes| same_axes(axes, [row, column])) {
            return Err(format!("slices differ in orientation: {} lies otherwise than {}", name(slice), name(first)));
        }
        if !slice.spacing_mm.is_some_and(|own| same_spacing(own, spacing)) {
            return Err(format!("slices differ in Pixel Spacing: {} and {}", name(first), name(slice)));
        }
    }
    Ok(())
}

/// Leaves out copies (same SOP Instance at the same place); other slices at one place are several volumes.
fn without_copies(
    mut placed: Vec<Placed>,
    passport: &Passport,
    warnings: &mut Warnings,
) -> Result<Vec<Placed>, String> {
    if passport.places < 2 {
        return Err(match passport.repeated.len() {
            0 => "one slice makes no volume".into(),
            _ => format!("all {} slices lie at the same place", passport.slices - passport.copies.len()),
        });
    }
    if let Some([again, first]) = passport.repeated.first() {
        return Err(format!("{first} and {again} lie at the same place: several volumes in one series"));
    }
    for [copy, original] in &passport.copies {
        warnings.add(format!("{copy} is a copy of {original} and is left out of the volume"));
    }
    placed.dedup_by(|later, earlier| later.along_mm - earlier.along_mm < SAME_PLACE_MM);
    Ok(placed)
}

/// The mean step, if all steps are about equal.
fn even_step(passport: &Passport, warnings: &mut Warnings) -> Result<f64, String> {
    let [low, mean, high] = passport.step_mm.ok_or("one slice makes no volume")?;
    if high - low > UNEVEN * low {
        let largest = passport.gaps.iter().max_by(|a, b| a.distance_mm.total_cmp(&b.distance_mm));
        let between = largest.map_or_else(String::new, |gap| {
            let missing = gap.missing.map_or_else(String::new, |n| format!(", where {n} seem to be missing"));
            format!("; the largest gap is between {} and {}{missing}", gap.after, gap.before)
        });
        return Err(format!("slice spacing varies from {low:.4} mm to {high:.4} mm{between}"));
    }
    if high - low > JITTER * low {
        warnings.add(format!("slice spacing varies from {low:.4} mm to {high:.4} mm; their mean is used"));
    }
    Ok(mean)
}

/// Mean displacement per slice along row and column; every slice must follow it.
fn even_shear(placed: &[Placed], row: DVec3, column: DVec3, spacing: [f64; 2]) -> Result<DVec2, String> {
    let origin = placed[0].position;
    let in_plane = |p: &Placed| DVec2::new((p.position - origin).dot(row), (p.position - origin).dot(column));
    let steps = placed.len() as f64 - 1.0;
    let shear = in_plane(&placed[placed.len() - 1]) / steps;
    let tolerance_mm = 0.1 * spacing[0].min(spacing[1]) + 0.01;
    for (k, slice) in placed.iter().enumerate() {
        let error_mm = (in_plane(slice) - shear * k as f64).length();
        if error_mm > tolerance_mm {
            return Err(format!("slice {} is displaced in its plane by {error_mm:.2} mm against the others", k + 1));
        }
    }
    // Rounding of positions in the header is no tilt.
    Ok(if shear.length() * steps < tolerance_mm { DVec2::ZERO } else { shear })
}
