//! What several tests need.

use std::path::{Path, PathBuf};

/// The shared data beside the project (`../shared`), or `None` after saying loudly that a test is skipped.
#[allow(dead_code)]
pub fn shared() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if root.join("data/ground_truth.json").exists() {
        return Some(root);
    }
    eprintln!("SKIPPED: {} is missing; this test needs the shared data beside the project", root.display());
    None
}

/// The errors that dciodvfy (Debian's dicom3tools) reports for a file, or `None` after saying loudly that it is missing.
#[allow(dead_code)]
pub fn validator_errors(path: &Path) -> Option<Vec<String>> {
    let Ok(output) = std::process::Command::new("dciodvfy").arg("-new").arg(path).output() else {
        eprintln!("SKIPPED: dciodvfy is missing; install Debian's dicom3tools (`make setup` does)");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    let is_error = |line: &&str| line.starts_with("Error") || line.contains("Assertion");
    Some(said.lines().filter(is_error).map(str::to_owned).collect())
}

/// Holds written objects against other programs: dciodvfy finds no error, pydicom and highdicom read them.
#[allow(dead_code)]
#[track_caller]
pub fn assert_peers_agree(folder: &Path) {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "dcm"));
    assert!(!files.is_empty(), "nothing to check in {}", folder.display());
    for file in &files {
        let errors = validator_errors(file).unwrap_or_default();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
    }
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    peer_python(READ, &files);
}

/// Reads masks and reports by what they are, and the pixels of everything else.
const READ: &str = "
import sys, pydicom, highdicom
for path in sys.argv[1:]:
    data = pydicom.dcmread(path)
    if data.Modality == 'SEG':
        masks = highdicom.seg.segread(path)
        assert masks.pixel_array.any() and masks.number_of_segments, path
    elif data.Modality == 'SR':
        assert highdicom.sr.srread(path).content, path
    elif 'PixelData' in data:
        assert data.pixel_array.size, path
    else:
        str(data)
";

/// Runs a script with pydicom and highdicom on files, and gives what it printed; `None` after saying loudly that no Python
/// with both was found: `FOVEA_PEERS` names one, else that of the acceptance checks is taken, else `python3`.
#[allow(dead_code)]
#[track_caller]
pub fn peer_python(script: &str, files: &[&Path]) -> Option<String> {
    let named = std::env::var_os("FOVEA_PEERS").map(PathBuf::from);
    let of_checks = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/fovea-checks/bin/python"));
    let run = |python: &Path, arguments: &[&std::ffi::OsStr]| {
        std::process::Command::new(python).arg("-c").args(arguments).output().ok()
    };
    let has_both = |python: &PathBuf| {
        run(python, &["import pydicom, highdicom".as_ref()]).is_some_and(|output| output.status.success())
    };
    let candidates = [named, of_checks, Some(PathBuf::from("python3"))];
    let Some(python) = candidates.into_iter().flatten().find(has_both) else {
        eprintln!("SKIPPED: no Python with pydicom and highdicom; name one in FOVEA_PEERS");
        return None;
    };
    let mut arguments = vec![script.as_ref()];
    arguments.extend(files.iter().map(|file| file.as_os_str()));
    let output = run(&python, &arguments)?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
