//! The shared files, de-identified: pixels as they were, and objects as valid as before.

use crate::common::{peer_python, shared, validator_errors};
use dicom_core::Tag;
use fovea::io::anonymize::{LeftOut, ProfileOptions, Request, anonymize};
use fovea::io::dicom::DicomFile;
use fovea::io::summarize_pixels;
use fovea::jobs::{Cancel, Progress};

/// Kinds of objects and transfer syntaxes that tell most of what can go wrong.
const SAMPLES: [&str; 14] = [
    "ct/gantry_tilt_phantom",
    "mr/enhanced_philips",
    "mr/siemens_mosaic",
    "syntaxes/ctimage/LittleEndianImplicit.dcm",
    "syntaxes/ctimage/BigEndianExplicit.dcm",
    "syntaxes/ctimage/DeflatedExplicitVRLittleEndian.dcm",
    "syntaxes/ctimage/JPEG2000LosslessOnly.dcm",
    "syntaxes/ctimage/RLELossless.dcm",
    "syntaxes/wg04",
    "xr/dicom/CR-MONO1-10-chest.dcm",
    "xr/dicom/dx_00010277_000.dcm",
    "objects/highdicom",
    "objects/pydicom",
    "objects/lung_dx_a0001",
];

#[test]
fn copies_of_shared_files_keep_pixels_and_validity() {
    let Some(shared) = shared() else { return };
    let request = Request {
        options: ProfileOptions { clean_structured_content: true, ..ProfileOptions::default() },
        ..Request::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let mut copies = Vec::new();
    for sample in SAMPLES {
        let source = shared.join("data").join(sample);
        let root = if source.is_dir() { source.clone() } else { source.parent().unwrap().to_owned() };
        let output = folder.path().join(sample.replace('/', "-"));
        let summary = anonymize(&source, &output, &request, &Progress::default(), &Cancel::default()).unwrap();
        let failed: Vec<_> = summary.left_out.iter().filter(|(_, why)| matches!(why, LeftOut::Failed(_))).collect();
        assert!(failed.is_empty(), "{sample}: {failed:?}");
        assert!(!summary.written.is_empty(), "{sample}: {:?}", summary.left_out);
        for one in summary.written {
            copies.push((root.join(&one.file), output.join(&one.output)));
        }
    }
    for (source, copy) in &copies {
        let hash = |path| summarize_pixels(path).map(|pixels| pixels.sha256);
        assert_eq!(hash(source), hash(copy), "{}", source.display());
        let name = |path| DicomFile::header(path).unwrap().data.text(Tag(0x10, 0x10));
        assert!(name(source).is_empty() || name(source) != name(copy), "{}", source.display());
    }
    let paths: Vec<_> = copies.iter().map(|(_, copy)| copy.as_path()).collect();
    peer_python("import sys, pydicom\nfor path in sys.argv[1:]:\n    str(pydicom.dcmread(path))", &paths);
    for (source, copy) in &copies {
        let (Some(before), Some(after)) = (validator_errors(source), validator_errors(copy)) else { return };
        // It reads neither deflated data sets nor some of the odd ones.
        if before.iter().any(|error| error.contains("read failed")) {
            continue;
        }
        // Without values and numbers: identifiers are new, and items move up where free text has gone.
        let kind =
            |error: &String| error.split(" = <").next().unwrap_or_default().replace(|c: char| c.is_ascii_digit(), "");
        let known: Vec<String> = before.iter().map(kind).collect();
        let new: Vec<&String> = after.iter().filter(|error| !known.contains(&kind(error))).collect();
        assert!(new.is_empty(), "{}: {new:#?}", source.display());
    }
}
