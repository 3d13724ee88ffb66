//! Points from series to series: identity, registration, offset, refusal.

use super::rigid_about;
use fovea::geometry::{DAffine3, DMat3, DVec3};
use fovea::registration::{Link, Links, NoLink};

const POINT: DVec3 = DVec3::new(10.0, -20.0, 30.0);

fn turn() -> DAffine3 {
    rigid_about(DVec3::new(1.0, 2.0, 3.0), DVec3::new(0.2, 1.0, -0.4), 33.0, DVec3::new(5.0, 6.0, 7.0))
}

#[test]
fn one_frame_is_the_same_point_and_no_frame_is_none() {
    let link = Link::by_frames("1.2", "1.2").unwrap();
    assert_eq!((link.point(POINT), link.basis()), (POINT, "frame of reference"));
    assert_eq!(Link::by_frames("1.2", "1.3"), Err(NoLink));
    assert_eq!(Link::by_frames("", ""), Err(NoLink), "two absent frames are not one");
    assert!(NoLink.to_string().contains("register"));
}

#[test]
fn two_places_side_by_side_are_kept_apart_by_the_same_way() {
    let link = Link::by_position(POINT, POINT + DVec3::new(1.0, 0.0, -50.0));
    assert_eq!(link.point(DVec3::ZERO), DVec3::new(1.0, 0.0, -50.0));
    assert_eq!(link.direction(DVec3::Z), DVec3::Z);
    assert_eq!(link.inverse().point(link.point(POINT)), POINT);
}

#[test]
fn registrations_chain_and_reverse() {
    let mut links = Links::default();
    let shift = DAffine3::from_translation(DVec3::new(0.0, 0.0, 100.0));
    assert!(links.add("ct", "mr", turn()));
    assert!(links.add("pet", "ct", shift));
    let direct = links.between("ct", "mr").unwrap();
    assert_eq!(direct.point(POINT), turn().transform_point3(POINT));
    assert_eq!(direct.basis(), "registration");
    let back = links.between("mr", "ct").unwrap();
    assert!(back.point(direct.point(POINT)).distance(POINT) < 1e-9);
    let chained = links.between("pet", "mr").unwrap();
    assert!(chained.point(POINT).distance(turn().transform_point3(shift.transform_point3(POINT))) < 1e-9);
    assert!((chained.direction(DVec3::X).length() - 1.0).abs() < 1e-9);
    assert_eq!(links.between("ct", "us"), Err(NoLink));
    assert_eq!(links.between("", "mr"), Err(NoLink));
    assert_eq!(links.between("ct", "ct"), Ok(Link::SameFrame));
}

#[test]
fn maps_that_lead_nowhere_are_not_taken() {
    let mut links = Links::default();
    let flat = DAffine3::from_mat3(DMat3::ZERO);
    assert!(!links.add("a", "b", flat) && !links.add("a", "b", DAffine3::from_translation(DVec3::NAN)));
    assert!(!links.add("", "b", turn()) && !links.add("a", "a", turn()));
    assert_eq!(links, Links::default());
}
