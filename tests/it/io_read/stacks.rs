//! What makes a volume: order, spacing, tilt, copies, damage.

use fovea::geometry::DVec3;
use fovea::io::facts::SliceFacts;
use fovea::io::stack::{Stack, examine};
use fovea::study::SeriesGeometry;

fn slice(n: usize, z_mm: f64) -> SliceFacts {
    SliceFacts {
        instance: n,
        sop_instance_uid: format!("1.2.{n}"),
        size: [4, 3],
        position_lps: Some(DVec3::new(0.0, 0.0, z_mm)),
        axes_lps: Some([DVec3::X, DVec3::Y]),
        spacing_mm: Some([1.0, 1.0]),
        number: Some(n as i64),
        ..SliceFacts::default()
    }
}

fn examined(facts: &[SliceFacts]) -> Stack {
    examine(&facts.iter().collect::<Vec<_>>(), |f| format!("file {}", f.instance))
}

fn reason(stack: &Stack) -> &str {
    match &stack.geometry {
        SeriesGeometry::Pictures(reason) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn positions_decide_order_and_spacing() {
    let facts = [slice(0, 9.0), slice(1, 3.0), slice(2, 6.0)];
    let stack = examined(&facts);
    assert_eq!(stack.order, [1, 2, 0]);
    let SeriesGeometry::Volume(geometry) = &stack.geometry else { panic!("no volume") };
    assert_eq!(geometry.spacing_mm().z, 3.0);
    assert_eq!(geometry.origin_lps(), DVec3::new(0.0, 0.0, 3.0));
}

#[test]
fn a_gap_names_the_files_around_it() {
    let stack = examined(&[slice(0, 0.0), slice(1, 2.0), slice(2, 6.0), slice(3, 8.0)]);
    assert!(reason(&stack).contains("from 2.0000 mm to 4.0000 mm"), "{}", reason(&stack));
    assert!(reason(&stack).contains("between file 1 and file 2"), "{}", reason(&stack));
}

#[test]
fn copies_are_left_out_and_repetitions_are_not_one_volume() {
    let copy = SliceFacts { instance: 3, ..slice(1, 2.0) };
    let stack = examined(&[slice(0, 0.0), slice(1, 2.0), slice(2, 4.0), copy]);
    assert_eq!(stack.order.len(), 3);
    assert!(stack.warnings.iter().any(|w| w.contains("copy")));
    let stack = examined(&[slice(0, 0.0), slice(1, 2.0), slice(2, 2.0)]);
    assert!(reason(&stack).contains("several volumes"));
}

#[test]
fn an_even_tilt_is_a_shear_and_an_uneven_one_is_refused() {
    let tilted =
        |n: usize, y_mm: f64| SliceFacts { position_lps: Some(DVec3::new(0.0, y_mm, 5.0 * n as f64)), ..slice(n, 0.0) };
    let stack = examined(&[tilted(0, 0.0), tilted(1, 1.5), tilted(2, 3.0)]);
    let SeriesGeometry::Volume(geometry) = &stack.geometry else { panic!("no volume") };
    assert!((geometry.shear_mm().y - 1.5).abs() < 1e-9);
    assert!(stack.warnings.iter().any(|w| w.contains("tilted gantry")));
    assert!(reason(&examined(&[tilted(0, 0.0), tilted(1, 1.5), tilted(2, 0.0)])).contains("displaced"));
}

#[test]
fn what_is_missing_or_mixed_is_said() {
    let mut without = slice(1, 2.0);
    without.position_lps = None;
    assert!(reason(&examined(&[slice(0, 0.0), without])).contains("file 1 has no usable Image Position"));
    let mut turned = slice(1, 2.0);
    turned.axes_lps = Some([DVec3::Y, DVec3::Z]);
    assert!(reason(&examined(&[slice(0, 0.0), turned])).contains("orientation"));
    let mut small = slice(1, 2.0);
    small.size = [2, 3];
    assert!(reason(&examined(&[slice(0, 0.0), small])).contains("size"));
    assert!(reason(&examined(&[slice(0, 0.0)])).contains("one slice"));
}
