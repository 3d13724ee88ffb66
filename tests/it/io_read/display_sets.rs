//! What a series falls into: echoes, b-values, times, orientations, localizers; and what must not tear a volume apart.

use fovea::geometry::DVec3;
use fovea::io::display_sets::{DisplaySet, split};
use fovea::io::facts::{Axis, AxisValue, SliceFacts};
use fovea::study::SeriesGeometry;

fn slice(number: i64, place: i64) -> SliceFacts {
    SliceFacts {
        instance: number as usize,
        sop_instance_uid: format!("1.2.{number}"),
        size: [4, 3],
        position_lps: Some(DVec3::new(0.0, 0.0, 5.0 * place as f64)),
        axes_lps: Some([DVec3::X, DVec3::Y]),
        spacing_mm: Some([1.0, 1.0]),
        number: Some(number),
        ..SliceFacts::default()
    }
}

fn with(axis: Axis, value: i64, slice: SliceFacts) -> SliceFacts {
    let mut slice = slice;
    slice.dimensions.push((axis, AxisValue::Thousandths(1000 * value)));
    slice
}

fn sets(facts: &[SliceFacts]) -> Vec<DisplaySet> {
    split(facts, |f| format!("file {}", f.instance))
}

fn is_volume(set: &DisplaySet) -> bool {
    matches!(set.stack.geometry, SeriesGeometry::Volume(_))
}

fn numbers(set: &DisplaySet) -> Vec<usize> {
    set.slices.clone()
}

#[test]
fn echoes_at_the_same_places_become_steps() {
    let facts: Vec<SliceFacts> =
        (0..8).map(|n| with(Axis::Echo, if n % 2 == 0 { 10 } else { 80 }, slice(n, n / 2))).collect();
    let sets = sets(&facts);
    assert_eq!(sets.len(), 2);
    assert!(sets.iter().all(is_volume));
    assert_eq!(numbers(&sets[0]), [0, 2, 4, 6]);
    assert_eq!(sets[1].what, "echo 2 (80 ms)");
    let step = sets[1].step.as_ref().expect("a step");
    assert_eq!((step.axis.as_str(), step.index, step.count), ("echo", 1, 2));
}

#[test]
fn values_that_differ_from_slice_to_slice_tear_nothing_apart() {
    let facts: Vec<SliceFacts> = (0..6).map(|n| with(Axis::Trigger, 100 + n, slice(n, n))).collect();
    let sets = sets(&facts);
    assert_eq!(sets.len(), 1);
    assert!(is_volume(&sets[0]) && sets[0].what.is_empty() && sets[0].step.is_none());
}

/// A stack of cine loops: trigger times jitter from place to place, so that they are no common steps.
#[test]
fn jittering_phases_are_ranked_at_each_place() {
    let facts: Vec<SliceFacts> = (0..12).map(|n| with(Axis::Trigger, 40 * (n % 4) + n / 4, slice(n, n / 4))).collect();
    let sets = sets(&facts);
    assert_eq!(sets.len(), 4);
    assert_eq!(numbers(&sets[2]), [2, 6, 10]);
    assert_eq!(sets[2].what, "cardiac phase 3");
}

#[test]
fn repetitions_without_a_name_follow_instance_numbers() {
    let facts: Vec<SliceFacts> = (0..9).map(|n| slice(n, n % 3)).collect();
    let sets = sets(&facts);
    assert_eq!(sets.len(), 3);
    assert_eq!(numbers(&sets[1]), [3, 4, 5]);
    assert!(sets.iter().all(|set| set.step.as_ref().is_some_and(|step| step.axis == "repetition")));
}

/// One slice more than the others have is no repetition: which of the two belongs to the volume would be a guess.
#[test]
fn uneven_repetitions_are_refused() {
    let facts = [slice(0, 0), slice(1, 1), slice(2, 2), slice(3, 1)];
    let sets = sets(&facts);
    assert_eq!(sets.len(), 1);
    assert!(!is_volume(&sets[0]));
    assert_eq!(sets[0].stack.passport.repeated.len(), 1);
}

#[test]
fn directions_divide_only_their_own_b_value() {
    let mut facts: Vec<SliceFacts> = (0..2).map(|n| with(Axis::BValue, 0, slice(n, n))).collect();
    for n in 2..8 {
        facts.push(with(Axis::Direction, n / 2, with(Axis::BValue, 1000, slice(n, n % 2))));
    }
    let sets = sets(&facts);
    assert_eq!(sets.len(), 4);
    assert_eq!(sets[0].what, "b-value 0 s/mm²");
    assert!(sets[0].step.is_none());
    let step = sets[3].step.as_ref().expect("a step");
    assert_eq!((step.axis.as_str(), step.index, step.count), ("diffusion direction", 2, 3));
}

#[test]
fn orientations_sizes_and_localizers_lie_apart() {
    let turned = |n| SliceFacts {
        axes_lps: Some([DVec3::Y, DVec3::NEG_Z]),
        position_lps: Some(DVec3::new(n as f64, 0.0, 0.0)),
        ..slice(n, 0)
    };
    let scout = SliceFacts { is_localizer: true, ..slice(9, 0) };
    let sets = sets(&[scout, slice(0, 0), slice(1, 1), turned(2), turned(3)]);
    let names: Vec<&str> = sets.iter().map(|set| set.what.as_str()).collect();
    assert_eq!(names, ["axial", "sagittal", "localizer, axial"]);
    assert!(is_volume(&sets[0]) && is_volume(&sets[1]) && !is_volume(&sets[2]));
}

/// Pictures of one place over time stay together: a cine loop, not volumes of one slice.
#[test]
fn one_place_is_a_loop() {
    let facts: Vec<SliceFacts> = (0..5).map(|n| with(Axis::Trigger, 30 * n, slice(n, 0))).collect();
    let sets = sets(&facts);
    assert_eq!(sets.len(), 1);
    assert_eq!(sets[0].slices.len(), 5);
}

#[test]
fn copies_are_no_repetition() {
    let mut facts: Vec<SliceFacts> = (0..4).map(|n| slice(n, n)).collect();
    facts.push(SliceFacts { instance: 7, ..slice(1, 1) });
    let sets = sets(&facts);
    assert_eq!(sets.len(), 1);
    assert!(is_volume(&sets[0]));
    assert_eq!(sets[0].stack.passport.copies, [["file 7".to_owned(), "file 1".to_owned()]]);
}

#[test]
fn the_passport_counts_what_is_missing_and_names_contradictions() {
    let mut facts: Vec<SliceFacts> = [0, 1, 2, 5, 6].into_iter().map(|n| slice(n, n)).collect();
    facts.iter_mut().for_each(|f| f.claims.between_slices_mm = Some(1.0));
    let sets = sets(&facts);
    let passport = &sets[0].stack.passport;
    assert_eq!((passport.places, passport.gaps.len()), (5, 1));
    let gap = &passport.gaps[0];
    assert_eq!((gap.after.as_str(), gap.before.as_str(), gap.missing), ("file 2", "file 5", Some(2)));
    assert!(passport.contradictions[0].contains("Spacing Between Slices says 1.000 mm"));
}
