//! Slices that go from their files straight into a NIfTI file: byte for byte what writing the loaded volume gives.

use super::made::element;
use super::{catalog, only_series};
use fovea::io::{self, ConvertError, Converted, LoadError, nifti};
use fovea::jobs::{Cancel, Progress};
use std::path::Path;

/// How the slices of a made series are stored.
#[derive(Clone, Copy)]
struct Stored {
    bits: u16,
    signed: bool,
    rescale: fn(usize) -> Option<(&'static str, &'static str)>,
    /// Displacement of each slice along the rows, in mm.
    shift_mm: f64,
    value: fn(usize) -> i64,
}

const PLAIN: Stored = Stored { bits: 16, signed: true, rescale: |_| None, shift_mm: 0.0, value: |n| n as i64 * 7 - 60 };

/// Slice `k` of 5 × 4 pixels.
fn slice(stored: &Stored, k: usize) -> Vec<u8> {
    let even = |text: String| if text.len() % 2 == 1 { text + " " } else { text }.into_bytes();
    let width = usize::from(stored.bits / 8);
    let pixels = (0..20).flat_map(|n| (stored.value)(n + 20 * k).to_le_bytes()[..width].to_vec()).collect();
    let short = |n: u16| n.to_le_bytes().to_vec();
    let mut elements = vec![
        ((0x8, 0x16), b"UI", b"1.2.840.10008.5.1.4.1.1.2\0".to_vec()),
        ((0x8, 0x18), b"UI", even(format!("1.2.3.{k}"))),
        ((0x8, 0x60), b"CS", b"CT".to_vec()),
        ((0x20, 0xD), b"UI", b"1.2.3.4\0".to_vec()),
        ((0x20, 0xE), b"UI", b"1.2.3.5\0".to_vec()),
        ((0x20, 0x32), b"DS", even(format!("{}\\0\\{}", stored.shift_mm * k as f64, 3 * k))),
        ((0x20, 0x37), b"DS", b"1\\0\\0\\0\\1\\0 ".to_vec()),
        ((0x28, 0x2), b"US", short(1)),
        ((0x28, 0x4), b"CS", b"MONOCHROME2 ".to_vec()),
        ((0x28, 0x10), b"US", short(4)),
        ((0x28, 0x11), b"US", short(5)),
        ((0x28, 0x30), b"DS", b"2\\2 ".to_vec()),
        ((0x28, 0x100), b"US", short(stored.bits)),
        ((0x28, 0x101), b"US", short(stored.bits)),
        ((0x28, 0x103), b"US", short(u16::from(stored.signed))),
    ];
    if let Some((slope, intercept)) = (stored.rescale)(k) {
        elements.push(((0x28, 0x1052), b"DS", even(intercept.to_owned())));
        elements.push(((0x28, 0x1053), b"DS", even(slope.to_owned())));
    }
    elements.push(((0x7FE0, 0x10), b"OW", pixels));
    let head = [vec![0; 128], b"DICM".to_vec(), element((2, 0x10), b"UI", b"1.2.840.10008.1.2.1\0")].concat();
    elements.iter().fold(head, |bytes, (tag, vr, value)| [bytes, element(*tag, vr, value)].concat())
}

fn series(folder: &Path, stored: &Stored) {
    (0..6).for_each(|k| std::fs::write(folder.join(format!("{k}.dcm")), slice(stored, k)).expect("written"));
}

fn convert(folder: &Path, to: &Path, cancel: &Cancel) -> Result<Converted, ConvertError> {
    io::convert_to_nifti(&catalog(folder), "1.2.3.5", to, &Progress::default(), cancel)
}

#[test]
fn streamed_files_equal_those_of_the_loaded_volume() {
    let cases: &[(&str, Stored)] = &[
        ("16 bits signed, no rescale", PLAIN),
        ("12 of 16 bits as CT", Stored { signed: false, rescale: |_| Some(("1", "-1024")), ..PLAIN }),
        ("16 bits that leave i16", Stored { rescale: |_| Some(("4", "32000")), ..PLAIN }),
        ("unsigned that leave i16", Stored { signed: false, value: |n| 60_000 + n as i64, ..PLAIN }),
        ("large intercept", Stored { rescale: |_| Some(("1", "-2000000000")), ..PLAIN }),
        ("fractional slope", Stored { rescale: |_| Some(("0.25", "0.5")), ..PLAIN }),
        (
            "fractional slope, whole values",
            Stored { rescale: |_| Some(("0.5", "3")), value: |n| 2 * n as i64, ..PLAIN },
        ),
        ("slope by slice, whole", Stored { rescale: |k| Some(if k < 3 { ("1", "0") } else { ("2", "0") }), ..PLAIN }),
        ("slope by slice", Stored { rescale: |k| Some(if k < 5 { ("1", "0") } else { ("1.5", "0") }), ..PLAIN }),
        ("8 bits", Stored { bits: 8, signed: false, value: |n| n as i64, ..PLAIN }),
        ("8 bits signed", Stored { bits: 8, value: |n| n as i64 - 64, ..PLAIN }),
        ("32 bits", Stored { bits: 32, value: |n| n as i64 * 100_000 - 7, ..PLAIN }),
        ("32 bits unsigned, small", Stored { bits: 32, signed: false, value: |n| n as i64, ..PLAIN }),
        ("tilted gantry", Stored { shift_mm: 1.5, ..PLAIN }),
    ];
    for (name, stored) in cases {
        let (source, out) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        series(source.path(), stored);
        let loaded = only_series(source.path());
        let volume = loaded.volume().expect("a volume");
        let (wanted, found) = (out.path().join("wanted.nii"), out.path().join("found.nii"));
        let resampled = nifti::write_volume(&wanted, volume).expect("written");
        let converted = convert(source.path(), &found, &Cancel::default()).expect(name);
        assert_eq!(converted.resampled, resampled, "{name}");
        assert_eq!(converted.dims, volume.dims(), "{name}");
        assert_eq!(converted.unit, *volume.unit(), "{name}");
        assert_eq!(converted.warnings, loaded.series.warnings, "{name}");
        assert!(std::fs::read(&wanted).expect("there") == std::fs::read(&found).expect("there"), "{name}: other bytes");
        let zipped = out.path().join("zipped.nii.gz");
        convert(source.path(), &zipped, &Cancel::default()).expect(name);
        let (zipped, plain) = (nifti::read(&zipped).expect("reads"), nifti::read(&found).expect("reads"));
        assert_eq!(zipped.voxels, plain.voxels, "{name}");
        assert_eq!(std::fs::read_dir(out.path()).expect("there").count(), 3, "{name}: a temporary file is left");
    }
}

#[test]
fn real_series_stream_as_they_load() {
    let Some(shared) = crate::common::shared() else { return };
    for name in ["ct/lung_dx_a0001", "ct/gantry_tilt_phantom", "ct/not_a_volume", "pet"] {
        let folder = shared.join("data").join(name);
        let out = tempfile::tempdir().expect("a folder");
        let listed = catalog(&folder);
        for (_, series) in listed.series().filter(|(_, s)| s.has_pixels()) {
            let (wanted, found) = (out.path().join("wanted.nii"), out.path().join("found.nii"));
            let streamed =
                io::convert_to_nifti(&listed, &series.key(), &found, &Progress::default(), &Cancel::default());
            let loaded = io::load_series(&listed, &series.key(), &Progress::default(), &Cancel::default());
            match loaded.as_ref().ok().and_then(|l| l.volume()) {
                Some(volume) => {
                    nifti::write_volume(&wanted, volume).expect("written");
                    streamed.expect(name);
                    assert!(std::fs::read(&wanted).expect("there") == std::fs::read(&found).expect("there"), "{name}");
                }
                None => assert!(streamed.is_err(), "{name}"),
            }
        }
    }
}

#[test]
fn what_makes_no_volume_is_not_written() {
    let (source, out) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let to = out.path().join("x.nii");
    // Pixels of another type in one slice.
    series(source.path(), &PLAIN);
    std::fs::write(source.path().join("2.dcm"), slice(&Stored { signed: false, ..PLAIN }, 2)).expect("written");
    assert!(matches!(convert(source.path(), &to, &Cancel::default()), Err(ConvertError::NoVolume(_))));
    // A slice that is missing.
    series(source.path(), &PLAIN);
    std::fs::remove_file(source.path().join("2.dcm")).expect("removed");
    let Err(ConvertError::NoVolume(reason)) = convert(source.path(), &to, &Cancel::default()) else {
        panic!("an uneven stack was converted");
    };
    assert!(reason.contains("slice spacing varies"), "{reason}");
    // Told to stop.
    series(source.path(), &PLAIN);
    let cancel = Cancel::default();
    let listed = catalog(source.path());
    cancel.cancel();
    let stopped = io::convert_to_nifti(&listed, "1.2.3.5", &to, &Progress::default(), &cancel);
    assert!(matches!(stopped, Err(ConvertError::Load(LoadError::Cancelled))));
    assert_eq!(std::fs::read_dir(out.path()).expect("there").count(), 0, "nothing is left behind");
}
