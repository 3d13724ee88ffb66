//! The program as scripts see it: exit codes, one sentence per problem, nothing half-written.

use crate::common::shared;
use std::path::Path;
use std::process::{Command, Output};

fn fovea(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fovea"))
        .args(args)
        .env("XDG_DATA_HOME", home)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// One sentence on stderr, and the exit code.
#[track_caller]
fn refused(output: &Output, code: i32) -> String {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.trim().len() > 10 && !said.contains("panicked"), "{said}");
    said
}

#[test]
fn the_definition_is_sound() {
    fovea::cli::definition().debug_assert();
}

#[test]
fn problems_have_their_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::create_dir(at("empty")).unwrap();
    std::fs::write(at("note.txt"), "no image").unwrap();
    refused(&fovea(folder.path(), &["info", &at("empty")]), 1);
    refused(&fovea(folder.path(), &["info", &at("missing")]), 1);
    refused(&fovea(folder.path(), &["read", &at("note.txt"), "-o", &at("out")]), 1);
    assert!(!folder.path().join("out").exists(), "nothing was begun");
    refused(&fovea(folder.path(), &["read", "--no-such-option"]), 2);
    refused(&fovea(folder.path(), &["models", "import", &at("empty")]), 1);
    refused(&fovea(folder.path(), &["render", &at("note.txt"), "-o", &at("x.png"), "--backend", "cpu"]), 1);
    assert!(!folder.path().join("x.png").exists(), "a failed render leaves no picture");
}

#[test]
fn a_picture_is_reported_with_what_was_not_searched() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    image::GrayImage::from_fn(64, 48, |x, y| image::Luma([(3 * x + y) as u8])).save(at("chest.png")).unwrap();
    let output = fovea(folder.path(), &["read", &at("chest.png"), "-o", &at("out")]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let read = |name: &str| std::fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    let report: serde_json::Value = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(report["status"], "draft");
    let omitted: Vec<&str> = report["omitted"].as_array().unwrap().iter().filter_map(|o| o["file"].as_str()).collect();
    assert_eq!(omitted, ["segmentation.dcm", "segmentation.nii.gz", "measurements.csv"]);
    for file in omitted {
        assert!(!folder.path().join("out").join(file).exists(), "{file}");
    }
    assert!(read("report.html").contains("not searched"));
    for file in ["report.pdf", "report.sr.dcm", "report.fhir.json", "findings.json", "source/0001.dcm"] {
        assert!(folder.path().join("out").join(file).exists(), "{file}");
    }
    assert!(folder.path().join("out/key_images").read_dir().unwrap().count() > 0);
}

#[test]
fn guesses_are_refused_and_candidates_listed() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = |name: &str| shared.join("data").join(name).display().to_string();
    let out = folder.path().join("x.nii.gz");
    let target = out.display().to_string();
    let said = refused(&fovea(folder.path(), &["convert", &data("ct/missing_slice"), "-o", &target]), 3);
    assert!(said.contains("mm"), "{said}");
    let said = refused(&fovea(folder.path(), &["convert", &data("pet/sts_001"), "-o", &target]), 2);
    assert!(said.contains("--series"), "{said}");
    assert!(!out.exists());
}
