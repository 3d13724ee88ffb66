//! RT structure sets: contours to voxels.

use super::made::Object;
use crate::common::shared;
use crate::io_write::sources::{Folder, ct, oblique_geometry, segment, sheared_geometry};
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use fovea::geometry::{DMat3, DVec2, DVec3, VolumeGeometry};
use fovea::io::write::{WriteContext, WriteError, write_structure_set};
use fovea::io::{self, SegmentationReadError, read_segmentation_noting};
use fovea::loaded::LoadedSeries;
use fovea::study::Warnings;
use fovea::volume::ops::{fill_even_odd, outlines};
use fovea::volume::{Labelmap, Segmentation};
use proptest::prelude::*;
use std::path::Path;

const FRAME: &str = "1.2.826.0.1.3680043.8.498.78";

/// A region by name, with contours of a kind and points in (fractional) voxels of a grid.
type Roi<'a> = (&'a str, Vec<(&'a str, Vec<[f64; 3]>)>);

fn structure_set(rois: &[Roi<'_>], grid: &VolumeGeometry, frame: &str) -> Object {
    let described = |(n, (name, _)): (usize, &Roi<'_>)| {
        Object::new()
            .text(tags::ROI_NUMBER, VR::IS, &(n + 1).to_string())
            .text(tags::REFERENCED_FRAME_OF_REFERENCE_UID, VR::UI, frame)
            .text(tags::ROI_NAME, VR::LO, name)
            .text(tags::ROI_GENERATION_ALGORITHM, VR::CS, "MANUAL")
    };
    let contour = |(kind, points): &(&str, Vec<[f64; 3]>)| {
        let numbers: Vec<f64> = points
            .iter()
            .flat_map(|p| grid.point_lps(DVec3::from_array(*p)).to_array())
            .map(|v| (v * 1e3).round() / 1e3)
            .collect();
        Object::new()
            .text(tags::CONTOUR_GEOMETRIC_TYPE, VR::CS, kind)
            .text(tags::NUMBER_OF_CONTOUR_POINTS, VR::IS, &points.len().to_string())
            .decimals(tags::CONTOUR_DATA, &numbers)
    };
    let drawn = |(n, (_, contours)): (usize, &Roi<'_>)| {
        Object::new()
            .text(tags::REFERENCED_ROI_NUMBER, VR::IS, &(n + 1).to_string())
            .text(tags::ROI_DISPLAY_COLOR, VR::IS, "10\\20\\30")
            .items(tags::CONTOUR_SEQUENCE, contours.iter().map(contour).collect())
    };
    let observed = |(n, _): (usize, &Roi<'_>)| {
        Object::new().text(tags::REFERENCED_ROI_NUMBER, VR::IS, &(n + 1).to_string()).text(
            tags::RTROI_INTERPRETED_TYPE,
            VR::CS,
            "GTV",
        )
    };
    Object::of_class(uids::RT_STRUCTURE_SET_STORAGE, "RTSTRUCT")
        .items(tags::STRUCTURE_SET_ROI_SEQUENCE, rois.iter().enumerate().map(described).collect())
        .items(tags::ROI_CONTOUR_SEQUENCE, rois.iter().enumerate().map(drawn).collect())
        .items(tags::RTROI_OBSERVATIONS_SEQUENCE, rois.iter().enumerate().map(observed).collect())
}

fn read_on(
    rois: &[Roi<'_>],
    image: &LoadedSeries,
    frame: &str,
) -> (Result<Segmentation, SegmentationReadError>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("structures.dcm");
    structure_set(rois, image.geometry().unwrap(), frame).write(&path);
    let mut warnings = Warnings::default();
    let read = read_segmentation_noting(&path, Some(image), &mut warnings);
    (read, warnings.iter().map(str::to_owned).collect())
}

fn rectangle([i0, i1]: [f64; 2], [j0, j1]: [f64; 2], k: f64) -> (&'static str, Vec<[f64; 3]>) {
    ("CLOSED_PLANAR", vec![[i0, j0, k], [i1, j0, k], [i1, j1, k], [i0, j1, k]])
}

/// 30 × 24 × 6 voxels, oblique.
fn larger() -> VolumeGeometry {
    let direction = DMat3::from_rotation_z(0.3) * DMat3::from_rotation_x(-0.2);
    VolumeGeometry::new([30, 24, 6], DVec3::new(-12.3, 4.56, 78.9), DVec3::new(0.7, 0.9, 2.5), direction).unwrap()
}

#[test]
fn contours_fill_the_voxels_whose_centers_they_enclose_in_any_orientation() {
    for geometry in [oblique_geometry(), sheared_geometry()] {
        let image = ct(geometry);
        let (read, warnings) = read_on(&[("Drawn", vec![rectangle([0.6, 3.4], [0.5, 2.5], 2.0)])], &image, FRAME);
        let read = read.unwrap();
        let mut found = read.labelmap.to_labels();
        let grid = image.geometry().unwrap();
        for ijk in [[1, 1, 2], [2, 1, 2], [3, 1, 2], [1, 2, 2], [2, 2, 2], [3, 2, 2]] {
            assert_eq!(std::mem::take(&mut found[grid.index(ijk)]), 1, "{ijk:?}");
        }
        assert!(found.iter().all(|label| *label == 0));
        let segment = &read.segments[0];
        assert_eq!((segment.label.as_str(), segment.color_rgb), ("Drawn", [10, 20, 30]));
        assert!(warnings.iter().all(|w| w.contains("series UID") || w.contains("another series")), "{warnings:?}");
    }
}

#[test]
fn inner_contours_and_keyholes_are_holes() {
    let image = ct(larger());
    let inner = vec![rectangle([1.5, 9.5], [1.5, 9.5], 1.0), rectangle([3.5, 6.5], [3.5, 5.5], 1.0)];
    let keyhole = [
        [1.5, 1.5],
        [9.5, 1.5],
        [9.5, 9.5],
        [1.5, 9.5],
        [1.5, 4.5],
        [3.5, 4.5],
        [3.5, 5.5],
        [6.5, 5.5],
        [6.5, 3.5],
        [3.5, 3.5],
        [3.5, 4.5],
        [1.5, 4.5],
        [1.5, 1.5],
    ];
    let keyhole = vec![("CLOSED_PLANAR", keyhole.map(|[i, j]| [i, j, 1.0]).to_vec())];
    let by_two = read_on(&[("ring", inner)], &image, FRAME).0.unwrap();
    let by_one = read_on(&[("ring", keyhole)], &image, FRAME).0.unwrap();
    assert_eq!(by_two.labelmap.histogram()[1], 64 - 6);
    assert!(by_two.labelmap == by_one.labelmap);
}

#[test]
fn a_boundary_through_centers_does_not_fray_and_neighbors_share_no_voxel() {
    let image = ct(larger());
    let (left, right) = (rectangle([2.0, 8.0], [3.0, 9.0], 4.0), rectangle([8.0, 12.0], [3.0, 9.0], 4.0));
    let (read, warnings) = read_on(&[("left", vec![left]), ("right", vec![right])], &image, FRAME);
    let counts = read.unwrap().labelmap.histogram();
    assert_eq!((counts[1], counts[2]), (6 * 6, 4 * 6));
    assert!(!warnings.iter().any(|w| w.contains("overlap")), "{warnings:?}");
}

#[test]
fn of_two_regions_that_overlap_the_smaller_stays_and_each_is_measured_whole() {
    let image = ct(larger());
    let rois = [
        ("BODY", vec![rectangle([-9.0, 99.0], [-9.0, 99.0], 2.0)]),
        ("GTV", vec![rectangle([4.5, 6.5], [4.5, 7.5], 2.0)]),
    ];
    let (read, warnings) = read_on(&rois, &image, FRAME);
    assert_eq!(read.unwrap().labelmap.histogram()[1..3], [30 * 24 - 6, 6]);
    assert!(
        warnings.iter().any(|w| w == "segments overlap in 6 voxels; the smaller one was kept there"),
        "{warnings:?}"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.dcm");
    structure_set(&rois, image.geometry().unwrap(), FRAME).write(&path);
    let mut voxels = Vec::new();
    io::for_each_part(&path, Some(&image), &mut Warnings::default(), |part| {
        voxels.push(part.labelmap.histogram()[1..].iter().sum::<usize>());
    })
    .unwrap();
    assert_eq!(voxels, [30 * 24, 6]);
}

#[test]
fn what_cannot_be_placed_is_said_not_guessed() {
    let image = ct(larger());
    let said = |rois: &[Roi<'_>], words: &str| {
        let (read, warnings) = read_on(rois, &image, FRAME);
        let refused = read.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert!(refused.contains(words) || warnings.iter().any(|w| w.contains(words)), "{refused} {warnings:?}");
        read
    };
    let square = |k: f64| rectangle([2.5, 5.5], [2.5, 5.5], k);
    // Planes between the slices, and a plane across them.
    assert!(
        said(&[("half", vec![square(1.5), square(2.5)])], "2 of 2 contours of half lie between the slices").is_err()
    );
    let across = ("CLOSED_PLANAR", vec![[2.0, 3.0, 0.0], [9.0, 3.0, 0.0], [9.0, 3.0, 4.0], [2.0, 3.0, 4.0]]);
    let refused = said(&[("coronal", vec![across.clone()])], "not parallel to the slices").unwrap_err();
    assert!(refused.is_refusal());
    // One region that fits does not make the other fit.
    let read = said(&[("coronal", vec![across]), ("axial", vec![square(1.0)])], "coronal is drawn in planes").unwrap();
    assert_eq!(read.labelmap.histogram()[1..3], [0, 9]);
    // Denser contours than slices lose nothing; sparser ones leave gaps that are named.
    let read = said(&[("dense", vec![square(1.0), square(1.5), square(2.0)])], "1 contours lie between").unwrap();
    assert_eq!(read.labelmap.histogram()[1], 18);
    said(&[("sparse", vec![square(1.0), square(4.0)])], "2 slices between its first and last have no contour").unwrap();
    said(&[("twice", vec![square(1.0), square(1.0)])], "1 contours are there twice").unwrap();
    said(&[("above", vec![square(1.0), square(9.0)])], "1 contours lie beyond the image").unwrap();
    let point = ("POINT", vec![[1.0, 1.0, 1.0]]);
    let line = ("OPEN_PLANAR", vec![[1.0, 1.0, 1.0], [4.0, 1.0, 1.0]]);
    let read = said(&[("iso", vec![point.clone()]), ("wire", vec![line])], "wire: 1 open lines").unwrap();
    assert_eq!((read.labelmap.histogram()[0], read.segments.len()), (30 * 24 * 6, 2));
    said(&[("iso", vec![point])], "1 single points").unwrap();
}

#[test]
fn structures_of_another_patient_or_frame_are_refused() {
    let image = ct(larger());
    let rois = [("a", vec![rectangle([2.5, 5.5], [2.5, 5.5], 1.0)])];
    let (read, _) = read_on(&rois, &image, "1.2.3.4");
    assert!(read.unwrap_err().to_string().contains("another frame of reference"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.dcm");
    structure_set(&rois, image.geometry().unwrap(), FRAME).text(tags::PATIENT_ID, VR::LO, "P-2").write(&path);
    let refused = io::read_segmentation(&path, Some(&image)).unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("another patient"), "{refused}");
    let refused = io::read_segmentation(&path, None).unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("no voxel grid"), "{refused}");
}

/// The IBSI data have masks beside their structure sets, made by others from the same contours.
#[test]
fn real_contours_give_the_reference_s_voxels() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/pet/sts_001");
    for name in ["CT", "MR_T1", "PET"] {
        let image = crate::io_read::only_series(&folder.join(name));
        let read = |file: String| io::read_segmentation(&folder.join(file), Some(&image)).unwrap();
        let drawn = read(format!("{name}_RTSTRUCT.dcm"));
        let reference = read(format!("{name}_mask.nii.gz"));
        assert!(drawn.labelmap == reference.labelmap, "{name}");
    }
}

/// Masks with holes, islands in holes, and parts that touch at corners.
fn intricate(geometry: VolumeGeometry) -> Segmentation {
    let labels: Vec<u8> = (0..geometry.len())
        .map(|n| {
            let [i, j, k] = geometry.ijk(n);
            let ring = |r: usize| i.abs_diff(10).max(j.abs_diff(10)) == r;
            match k {
                1 if ring(8) || ring(6) || ring(3) || ring(0) => 3,
                1 if ring(7) => 200,
                2 if (i + j) % 2 == 0 && i < 9 => 3,
                3 if i == 29 || j == 0 => 200,
                _ => 0,
            }
        })
        .collect();
    let empty = segment(7, "nothing", [1, 2, 3]);
    let segments = vec![segment(3, "Läsion", [12, 200, 255]), empty, segment(200, "Rand", [0, 1, 2])];
    Segmentation { labelmap: Labelmap::from_labels(geometry, &labels).unwrap(), segments }
}

#[test]
fn masks_written_as_contours_come_back_voxel_for_voxel() {
    let fine = VolumeGeometry::new(
        [30, 24, 6],
        DVec3::new(812.3, -4.56, 78.9),
        DVec3::new(0.012, 0.009, 0.05),
        larger().direction(),
    );
    for (name, geometry) in [
        ("oblique", larger()),
        ("sheared", larger().with_shear_mm(DVec2::new(0.1, 0.71)).unwrap()),
        ("fine", fine.unwrap()),
    ] {
        let folder = Folder::new(&format!("structures-{name}"));
        let (source, masks) = (ct(geometry.clone()), intricate(geometry));
        let path = folder.path().join("structures.dcm");
        let written = write_structure_set(&path, &source, &masks, &WriteContext::default()).unwrap();
        assert_eq!(written.segment_numbers, [(3, 3), (7, 7), (200, 200)]);
        let mut warnings = Warnings::default();
        let read = read_segmentation_noting(&path, Some(&source), &mut warnings).unwrap();
        assert!(read.labelmap == masks.labelmap);
        assert_eq!(read.segments[0].label, "Läsion");
        let gap = "Rand: 1 slices between its first and last have no contour; nothing was filled in there";
        assert_eq!(warnings.iter().collect::<Vec<_>>(), [gap]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file was left");
    }
}

#[test]
fn masks_that_cannot_be_written_as_contours_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.dcm");
    let source = ct(larger());
    let write = |masks: &Segmentation| write_structure_set(&path, &source, masks, &WriteContext::default());
    let empty = Segmentation { labelmap: Labelmap::empty(larger()), segments: vec![] };
    assert!(matches!(write(&empty), Err(WriteError::NothingMarked)));
    assert!(matches!(write(&intricate(larger().with_shear_mm(DVec2::X).unwrap())), Err(WriteError::GridMismatch)));
    let mut undescribed = intricate(larger());
    undescribed.segments.pop();
    assert!(matches!(write(&undescribed), Err(WriteError::UndescribedLabel(200))));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A plain point-in-polygon test, for points that lie on no edge.
fn inside(polygon: &[DVec2], p: DVec2) -> bool {
    let edges = polygon.iter().zip(polygon.iter().cycle().skip(1));
    edges.filter(|(a, b)| (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x).count() % 2
        == 1
}

proptest! {
    #[test]
    fn outlines_fill_to_the_mask_that_they_were_traced_from(
        columns in 1usize..12, rows in 1usize..10, bits in prop::collection::vec(any::<bool>(), 120),
    ) {
        let inside = &bits[..columns * rows];
        let polygons = outlines(inside, [columns, rows]);
        let mut filled = vec![false; columns * rows];
        fill_even_odd(&polygons, [columns, rows], |row, run| {
            filled[row * columns..][run].iter_mut().for_each(|v| *v = true);
        });
        prop_assert_eq!(&filled[..], inside);
        // Each polygon stands for itself: filled one after the other, none touches what another filled.
        let mut count = 0;
        for polygon in &polygons {
            fill_even_odd(std::slice::from_ref(polygon), [columns, rows], |_, run| count += run.len());
        }
        prop_assert_eq!(count, inside.iter().filter(|v| **v).count());
    }

    #[test]
    fn filling_agrees_with_point_in_polygon(
        polygons in prop::collection::vec(prop::collection::vec((-3.0..12.0f64, -3.0..9.0f64), 3..9), 1..4),
    ) {
        // Away from centers, where the rule for the boundary would decide.
        let polygons: Vec<Vec<DVec2>> =
            polygons.iter().map(|p| p.iter().map(|(x, y)| DVec2::new(x + 0.01, y + 0.01)).collect()).collect();
        let mut filled = [[false; 9]; 6];
        fill_even_odd(&polygons, [9, 6], |row, run| filled[row][run].iter_mut().for_each(|v| *v = !*v));
        for (row, line) in filled.iter().enumerate() {
            for (column, found) in line.iter().enumerate() {
                let center = DVec2::new(column as f64, row as f64);
                let near = |d: f64| polygons.iter().filter(|p| inside(p, center + DVec2::new(d, 0.0))).count() % 2 == 1;
                if near(0.002) == near(-0.002) {
                    prop_assert_eq!(*found, near(0.0), "{} {}", column, row);
                }
            }
        }
    }
}

#[test]
fn a_structure_set_of_rubbish_ends_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.dcm");
    let image = ct(larger());
    let read = |object: Object, path: &Path| {
        object.write(path);
        let mut warnings = Warnings::default();
        let _ = read_segmentation_noting(path, Some(&image), &mut warnings);
        warnings
    };
    let contour = |data: &str| {
        let item = Object::new().text(tags::CONTOUR_GEOMETRIC_TYPE, VR::CS, "CLOSED_PLANAR").text(
            tags::CONTOUR_DATA,
            VR::DS,
            data,
        );
        let drawn =
            Object::new().text(tags::REFERENCED_ROI_NUMBER, VR::IS, "7").items(tags::CONTOUR_SEQUENCE, vec![item]);
        Object::of_class(uids::RT_STRUCTURE_SET_STORAGE, "RTSTRUCT").items(tags::ROI_CONTOUR_SEQUENCE, vec![drawn])
    };
    for data in ["", "1\\2", "1e300\\1e300\\0\\-1e300\\1e300\\0\\0\\-1e300\\0", "a\\b\\c", "inf\\0\\0", "0\\0\\0"] {
        assert!(!read(contour(data), &path).is_empty(), "{data}");
    }
}
