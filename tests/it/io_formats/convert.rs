//! `fovea convert`: what each ending gives, round trips through DICOM, masks, refusals.

use super::{catalog, load_only, oriented, volume};
use clap::Parser as _;
use fovea::cli::{Failure, convert};
use fovea::io;
use fovea::volume::{Labelmap, Voxels};
use std::path::Path;

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    args: convert::Args,
}

fn run(words: &[&str]) -> Result<String, Failure> {
    let line = Line::parse_from(std::iter::once("convert").chain(words.iter().copied()));
    let mut out = Vec::new();
    convert::run(&line.args, &mut out)?;
    Ok(String::from_utf8(out).expect("text"))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("plain names")
}

/// NIfTI to DICOM to NRRD to MetaImage to NIfTI: the same values at the same places, in every orientation.
#[test]
fn values_and_places_survive_all_formats() {
    for (order, flips, kind) in [(0, 0, 1), (3, 5, 2), (5, 3, 0), (1, 7, 1)] {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let source = volume(oriented([4, 5, 3], order, flips, 0.2), kind);
        io::nifti::write_volume(&at("a.nii"), &source).expect("written");
        for (from, to) in [("a.nii", "dicom"), ("dicom", "b.nrrd"), ("b.nrrd", "c.mha"), ("c.mha", "d.nii.gz")] {
            run(&[text(&at(from)), "-o", text(&at(to))]).unwrap_or_else(|e| panic!("{from} to {to}: {e}"));
        }
        let back = load_only(&at("d.nii.gz"));
        let back = back.volume().expect("a volume");
        // DICOM orders slices along the normal: the same voxels, perhaps in another order.
        for index in 0..source.voxels().len() {
            let [i, j, k] = source.geometry().ijk(index).map(|n| n as f64);
            let lps = source.geometry().point_lps(fovea::geometry::DVec3::new(i, j, k));
            let voxel = back.geometry().voxel_at_lps(lps).expect("inside");
            assert_eq!(back.value_ijk(voxel), source.value(index), "{order} {flips} at {lps}");
        }
    }
}

#[test]
fn all_volumes_become_one_4d_file_or_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let data: Vec<u8> = (0..48).collect();
    let header = "NRRD0004\ntype: uint8\ndimension: 4\nspace: LPS\nsizes: 4 3 2 2\n\
        space directions: (2,0,0) (0,3,0) (0,0,4) none\nkinds: domain domain domain time\nencoding: raw\nspace origin: (1,2,3)\n\n";
    std::fs::write(at("x.nrrd"), [header.as_bytes(), &data].concat()).expect("written");
    run(&[text(&at("x.nrrd")), "-o", text(&at("all.nii.gz"))]).expect("written");
    let all = catalog(&at("all.nii.gz"));
    assert_eq!(all.series().count(), 2);
    let key = all.series().nth(1).expect("two").1.key();
    let second = super::load(&all, &key);
    let expected: Vec<f32> = data[24..].iter().map(|v| f32::from(*v)).collect();
    assert_eq!(second.volume().expect("a volume").to_values(), expected);
    run(&[text(&at("all.nii.gz")), "--series", &key, "-o", text(&at("one.mha"))]).expect("written");
    assert_eq!(load_only(&at("one.mha")).volume().expect("a volume").to_values(), expected);
    let several = run(&[text(&at("all.nii.gz")), "-o", text(&at("x.mha"))]).expect_err("which one?");
    assert!(matches!(several, Failure::Usage(_)), "{several}");
}

#[test]
fn masks_go_through_segmentations_and_label_images() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let grid = oriented([4, 5, 3], 0, 0, 0.0);
    io::nifti::write_volume(&at("image.nii"), &volume(grid.clone(), 1)).expect("written");
    run(&[text(&at("image.nii")), "-o", text(&at("image"))]).expect("written");
    let labels: Vec<u8> = (0..60).map(|n| u8::from(n % 7 == 0) * 2).collect();
    io::nifti::write_labels(&at("m.nii"), &Labelmap::from_labels(grid, &labels).expect("fits")).expect("written");
    for (from, to) in [("m.nii", "m.dcm"), ("m.dcm", "m.seg.nrrd"), ("m.seg.nrrd", "m.mha"), ("m.mha", "back.nii.gz")] {
        run(&[text(&at(from)), "--on", text(&at("image")), "-o", text(&at(to))])
            .unwrap_or_else(|e| panic!("{from} to {to}: {e}"));
    }
    let back = io::nifti::read(&at("back.nii.gz")).expect("reads");
    let marked = |voxels: &Voxels| (0..60).filter(|n| voxels.get(*n) != 0.0).collect::<Vec<_>>();
    assert_eq!(marked(&back.voxels), (0..60).filter(|n| n % 7 == 0).collect::<Vec<_>>());
    // Through contours: filled again, they are the same voxels.
    run(&[text(&at("m.dcm")), "--on", text(&at("image")), "-o", text(&at("rt.dcm")), "--as", "rtstruct"])
        .expect("written");
    run(&[text(&at("rt.dcm")), "--on", text(&at("image")), "-o", text(&at("rt.nii"))]).expect("written");
    assert_eq!(marked(&io::nifti::read(&at("rt.nii")).expect("reads").voxels), marked(&back.voxels));
    run(&[text(&at("m.dcm")), "-o", text(&at("alone.nii"))]).expect("a segmentation has a place of its own");
    // A segmentation of a file that is no DICOM would refer to nothing; masks elsewhere are not resampled.
    let no_dicom = run(&[text(&at("m.nii")), "--on", text(&at("image.nii")), "-o", text(&at("x.dcm"))]);
    assert!(matches!(no_dicom, Err(Failure::Refused(_))), "{no_dicom:?}");
    let other = Labelmap::empty(oriented([4, 5, 3], 0, 0, 0.4));
    io::nifti::write_labels(&at("other.nii"), &other).expect("written");
    let elsewhere = run(&[text(&at("other.nii")), "--on", text(&at("image")), "-o", text(&at("x.nii"))]);
    assert!(matches!(elsewhere, Err(Failure::Refused(_))), "{elsewhere:?}");
    assert!(!at("x.nii").exists());
}

#[test]
fn pictures_and_refusals() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    io::nifti::write_volume(&at("a.nii"), &volume(oriented([4, 5, 3], 0, 0, 0.0), 1)).expect("written");
    run(&[text(&at("a.nii")), "-o", text(&at("one.png")), "--index", "2"]).expect("written");
    assert_eq!(image::image_dimensions(at("one.png")).expect("a picture"), (4, 5));
    run(&[text(&at("a.nii")), "-o", text(&at("all")), "--as", "png"]).expect("written");
    assert_eq!(std::fs::read_dir(at("all")).expect("there").count(), 3);
    let refused = |words: &[&str]| run(words).expect_err("refused");
    assert!(matches!(refused(&[text(&at("a.nii")), "-o", text(&at("x.png"))]), Failure::Usage(_)));
    assert!(matches!(refused(&[text(&at("a.nii")), "-o", text(&at("x.jpg"))]), Failure::Usage(_)));
    assert!(matches!(refused(&[text(&at("a.nii")), "-o", text(&at("x.dcm"))]), Failure::Usage(_)));
    assert!(matches!(refused(&[text(&at("a.nii")), "-o", text(&at("all"))]), Failure::Failed(_)), "not empty");
    // Pictures are no volume.
    assert!(matches!(refused(&[text(&at("one.png")), "-o", text(&at("x.nrrd"))]), Failure::Refused(_)));
}
