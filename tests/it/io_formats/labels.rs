//! Masks in NIfTI, NRRD and MetaImage on top of images.

use super::{load_only, oriented, volume};
use fovea::io::{self, for_each_part, read_segmentation, read_segmentation_noting};
use fovea::study::Warnings;
use fovea::volume::{Labelmap, Segmentation};

/// A label image whose voxels are those of the image in another order lands on the image; another grid does not.
#[test]
fn label_images_land_on_the_same_voxels_in_any_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = oriented([4, 5, 3], 0, 0, 0.2);
    io::nrrd::write_volume(&folder.path().join("image.nrrd"), &volume(image.clone(), 1)).expect("written");
    let on = load_only(&folder.path().join("image.nrrd"));
    // The same voxels with i and k exchanged and j turned round.
    let d = image.direction();
    let turned = fovea::geometry::VolumeGeometry::new(
        [3, 5, 4],
        image.point_lps(fovea::geometry::DVec3::new(0.0, 4.0, 0.0)),
        fovea::geometry::DVec3::new(3.3, 1.1, 0.7),
        fovea::geometry::DMat3::from_cols(d.z_axis, -d.y_axis, d.x_axis),
    )
    .expect("regular");
    let labels: Vec<u8> = (0..60).map(|n| u8::from(turned.ijk(n) == [2, 0, 1]) * 3).collect();
    let masks = Labelmap::from_labels(turned, &labels).expect("fits");
    io::nifti::write_labels(&folder.path().join("m.nii.gz"), &masks).expect("written");
    io::metaimage::write_labels(&folder.path().join("m.mha"), &masks).expect("written");
    let segmentation = Segmentation { labelmap: masks, segments: Vec::new() };
    io::nrrd::write_labels(&folder.path().join("m.nrrd"), &segmentation).expect("written");
    for name in ["m.nii.gz", "m.mha", "m.nrrd"] {
        let read = read_segmentation(&folder.path().join(name), Some(&on)).expect(name);
        assert!(read.labelmap.geometry().same_grid(&image), "{name}");
        assert_eq!(read.labelmap.label([1, 4, 2]), 3, "{name}");
        assert_eq!(read.segments.iter().map(|s| s.label.as_str()).collect::<Vec<_>>(), ["3"], "{name}");
    }
    let elsewhere = Labelmap::empty(oriented([4, 5, 3], 0, 0, 0.3));
    io::metaimage::write_labels(&folder.path().join("other.mha"), &elsewhere).expect("written");
    let mut warnings = Warnings::default();
    read_segmentation_noting(&folder.path().join("other.mha"), Some(&on), &mut warnings).expect("it reads");
    assert!(warnings.iter().any(|w| w.contains("grid of their own")));
}

/// 3D Slicer's names, colors and layers, overlapping.
#[test]
fn slicer_segments_keep_their_names_and_overlaps() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.seg.nrrd");
    // Two layers of 4 × 1 × 1: "Liver" in voxels 0–2, "Cyst" in voxels 1–1, "Vein" in voxel 3 of the second layer.
    let data = [1u8, 0, 1, 1, 1, 0, 0, 2];
    let text = "NRRD0004\ntype: uint8\ndimension: 4\nspace: left-posterior-superior\nsizes: 2 4 1 1\n\
        space directions: none (1,0,0) (0,1,0) (0,0,1)\nkinds: list domain domain domain\nencoding: raw\n\
        space origin: (0,0,0)\nSegment0_ID:=Segment_1\nSegment0_Name:=Liver\nSegment0_LabelValue:=1\nSegment0_Layer:=0\n\
        Segment0_Color:=1 0.5 0\nSegment1_ID:=Segment_2\nSegment1_Name:=Cyst\nSegment1_LabelValue:=1\nSegment1_Layer:=1\n\
        Segment2_ID:=Segment_3\nSegment2_Name:=Vein\nSegment2_LabelValue:=2\nSegment2_Layer:=1\n\n";
    std::fs::write(&path, [text.as_bytes(), &data].concat()).expect("written");
    let mut warnings = Warnings::default();
    let all = read_segmentation_noting(&path, None, &mut warnings).expect("reads");
    let names: Vec<&str> = all.segments.iter().map(|s| s.label.as_str()).collect();
    assert_eq!(names, ["Liver", "Cyst", "Vein"]);
    assert_eq!(all.segments[0].color_rgb, [255, 128, 0]);
    assert!(warnings.iter().any(|w| w.contains("overlap in 1 voxels")), "{warnings:?}");
    let mut sizes = Vec::new();
    for_each_part(&path, None, &mut warnings, |part| {
        sizes.push((part.segments[0].label.clone(), part.labelmap.histogram().iter().skip(1).sum::<usize>()));
    })
    .expect("reads");
    assert_eq!(sizes, [("Liver".into(), 3), ("Cyst".into(), 1), ("Vein".into(), 1)]);
}

/// Masks of radiographs: equal pixels, or nothing.
#[test]
fn picture_masks_are_measured_on_pictures_of_their_size() {
    use clap::Parser as _;
    use fovea::cli::{Failure, measure};
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: measure::Args,
    }
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("plain names").to_owned();
    let gray = |width, height, value: fn(u32, u32) -> u8| {
        image::GrayImage::from_fn(width, height, |x, y| image::Luma([value(x, y)]))
    };
    gray(6, 4, |x, y| (10 * x + y) as u8).save(at("image.png")).expect("written");
    gray(6, 4, |x, y| if x < 2 && y == 1 { 255 } else { 0 }).save(at("mask.tif")).expect("written");
    gray(4, 6, |_, _| 255).save(at("other.png")).expect("written");
    let run = |mask: &str| {
        let line = Line::parse_from(["measure", mask, "--on", &at("image.png"), "--json"]);
        let mut out = Vec::new();
        measure::run(&line.args, &mut out).map(|()| serde_json::from_slice::<serde_json::Value>(&out).expect("JSON"))
    };
    let found = run(&at("mask.tif")).expect("measured");
    let segment = &found["segments"][0];
    assert_eq!((segment["label"].as_str(), segment["voxels"].as_u64()), (Some("255"), Some(2)));
    assert_eq!((segment["mean"].as_f64(), segment["max"].as_f64()), (Some(6.0), Some(11.0)));
    assert!(segment["volume_ml"].is_null() && segment["area_mm2"].is_null());
    assert_eq!(segment["box_px"], serde_json::json!([0, 1, 1, 1]));
    let refused = run(&at("other.png")).expect_err("another size");
    assert!(matches!(refused, Failure::Refused(_)), "{refused}");
}
