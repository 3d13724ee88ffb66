//! The geometry passport of a stack: what its positions say, and what the header says against them.

use super::{Placed, SAME_PLACE_MM, UNEVEN};
use crate::geometry::{DVec2, DVec3};
use crate::io::facts::{Claims, SliceFacts};
use crate::study::{Gap, Passport};

/// Gaps, copies and repetitions beyond this number are counted, not named.
const MAX_NAMED: usize = 100;
/// How far a gap may be from a whole number of steps to say how many slices are missing.
const WHOLE_STEPS: f64 = 0.1;
/// Angles of the header and of the positions that differ by less are the same.
const SAME_ANGLE_DEGREES: f64 = 0.5;

/// Describes slices in ascending order along `normal`.
pub(super) fn of(
    placed: &[Placed],
    facts: &[&SliceFacts],
    [row, column]: [DVec3; 2],
    name: &impl Fn(&SliceFacts) -> String,
) -> Passport {
    let mut passport = Passport { slices: placed.len(), ..Passport::default() };
    let mut places: Vec<&Placed> = Vec::with_capacity(placed.len());
    for slice in placed {
        let Some(last) = places.last().filter(|last| slice.along_mm - last.along_mm < SAME_PLACE_MM) else {
            places.push(slice);
            continue;
        };
        let (first, again) = (facts[last.index], facts[slice.index]);
        let list = if is_copy(first, again) { &mut passport.copies } else { &mut passport.repeated };
        if list.len() < MAX_NAMED {
            list.push([name(again), name(first)]);
        }
    }
    passport.places = places.len();
    let steps: Vec<f64> = places.windows(2).map(|w| w[1].along_mm - w[0].along_mm).collect();
    if let (Some(first), Some(last), false) = (places.first(), places.last(), steps.is_empty()) {
        let least = steps.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = steps.iter().copied().fold(0.0, f64::max);
        let mean = (last.along_mm - first.along_mm) / steps.len() as f64;
        passport.step_mm = Some([least, mean, greatest]);
        passport.gaps = gaps(&places, &steps, least, facts, name);
        let shift = last.position - first.position;
        let shear = DVec2::new(shift.dot(row), shift.dot(column)) / steps.len() as f64;
        passport.shear_mm = shear.to_array();
        passport.tilt_degrees = shear.length().atan2(mean).to_degrees();
        passport.contradictions = contradictions(&facts[first.index].claims, &passport);
    }
    passport
}

/// The same object at the same place, listed twice.
fn is_copy(a: &SliceFacts, b: &SliceFacts) -> bool {
    a.sop_instance_uid == b.sop_instance_uid && !a.sop_instance_uid.is_empty() && a.frame == b.frame
}

fn gaps(
    places: &[&Placed],
    steps: &[f64],
    least: f64,
    facts: &[&SliceFacts],
    name: &impl Fn(&SliceFacts) -> String,
) -> Vec<Gap> {
    let wide = steps.iter().enumerate().filter(|(_, step)| **step - least > UNEVEN * least);
    wide.take(MAX_NAMED)
        .map(|(n, &distance_mm)| {
            let steps = distance_mm / least;
            let missing = steps.round() - 1.0;
            let whole = missing >= 1.0 && (steps - steps.round()).abs() < WHOLE_STEPS;
            Gap {
                after: name(facts[places[n].index]),
                before: name(facts[places[n + 1].index]),
                place: n,
                distance_mm,
                missing: whole.then_some(missing as u32),
            }
        })
        .collect()
}

/// What the header says otherwise than the positions, in sentences.
fn contradictions(claims: &Claims, passport: &Passport) -> Vec<String> {
    let Some([least_mm, mean_mm, _]) = passport.step_mm else { return Vec::new() };
    // Missing slices make no contradiction.
    let step_mm = if passport.gaps.is_empty() { mean_mm } else { least_mm };
    let mut found = Vec::new();
    // Some vendors give the gap between slices here, with or without its sign.
    let between = claims.between_slices_mm.map(f64::abs).filter(|mm| *mm > 0.0);
    let gap_only = claims.thickness_mm.zip(between).is_some_and(|(t, b)| (t + b - step_mm).abs() <= UNEVEN * step_mm);
    if let Some(said) = between.filter(|mm| (mm - step_mm).abs() > UNEVEN * step_mm && !gap_only) {
        found.push(format!(
            "Spacing Between Slices says {said:.3} mm, but the positions are {step_mm:.3} mm apart; the positions are used"
        ));
    }
    let measured = passport.tilt_degrees;
    if let Some(said) = claims.tilt_degrees.filter(|said| (said.abs() - measured).abs() > SAME_ANGLE_DEGREES) {
        found.push(format!(
            "Gantry/Detector Tilt says {said:.1}°, but the positions are displaced by {measured:.1}°; the positions are used"
        ));
    }
    found
}
