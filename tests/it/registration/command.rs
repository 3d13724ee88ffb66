//! `fovea register`: maps and residuals as scripts see them.

use super::{displaced, rigid_about};
use fovea::geometry::{DAffine3, DMat3, DVec3};
use fovea::io::nifti;
use fovea::phantom::{ThoraxSize, brain, thorax};
use std::path::Path;
use std::process::{Command, Output};

const SIZE: ThoraxSize = ThoraxSize { pixels: 64, slices: 32 };

fn fovea(home: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fovea"));
    command.args(args).env("XDG_DATA_HOME", home).output().expect("the program starts")
}

fn matrix(value: &serde_json::Value) -> DAffine3 {
    let at = |row: usize, column: usize| value[row][column].as_f64().unwrap();
    let column = |c: usize| DVec3::new(at(0, c), at(1, c), at(2, c));
    DAffine3::from_mat3_translation(DMat3::from_cols(column(0), column(1), column(2)), column(3))
}

#[test]
fn a_map_is_printed_written_and_applied() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let fixed = thorax(7, SIZE).unwrap().volume;
    let truth = rigid_about(fixed.geometry().center_lps(), DVec3::Z, 6.0, DVec3::new(10.0, -5.0, 20.0));
    nifti::write_volume(&folder.path().join("fixed.nii.gz"), &fixed).unwrap();
    nifti::write_volume(&folder.path().join("moving.nii.gz"), &displaced(&fixed, truth)).unwrap();
    let (fixed_path, moving_path, on_fixed) = (at("fixed.nii.gz"), at("moving.nii.gz"), at("on_fixed.nii.gz"));
    let map_path = at("map.dcm");
    let args = ["register", &fixed_path, &moving_path, "--json", "--quick", "-o", &map_path, "--resampled", &on_fixed];
    let output = fovea(folder.path(), &args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["verdict"], "good");
    let found = matrix(&value["moving_from_fixed"]);
    assert!(super::corners_apart_mm(fixed.geometry(), found, truth) < 1.0, "{value:#}");
    let back = found * matrix(&value["fixed_from_moving"]);
    assert!(back.abs_diff_eq(DAffine3::IDENTITY, 1e-9));
    assert!(value["residual"]["spread_max_mm"].as_f64().unwrap() < 1.5);
    let info = fovea(folder.path(), &["info", &map_path, "--json"]);
    assert!(String::from_utf8_lossy(&info.stdout).contains("\"registration\""));
    assert!(Path::new(&on_fixed).exists());
}

#[test]
fn what_failed_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    nifti::write_volume(&folder.path().join("a.nii"), &thorax(7, SIZE).unwrap().volume).unwrap();
    nifti::write_volume(&folder.path().join("b.nii"), &brain(3).unwrap().volume).unwrap();
    let output = fovea(folder.path(), &["register", &at("a.nii"), &at("b.nii"), "--quick", "-o", &at("map.json")]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing was written"));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("failed"));
    assert!(!folder.path().join("map.json").exists());
    let output = fovea(folder.path(), &["register", &at("a.nii"), &at("b.nii"), "-o", &at("map.txt")]);
    assert_eq!(output.status.code(), Some(2));
    let output = fovea(folder.path(), &["register", &at("a.nii"), &at("b.nii"), "--same-frame"]);
    assert_eq!(output.status.code(), Some(3), "two files have no frame in common");
}
