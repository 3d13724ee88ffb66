//! NIfTI beyond one volume per file: 4D, pairs, Analyze, colors, extensions, disagreeing forms.

use super::{catalog, load, load_only};
use fovea::io::{load_preview, nifti};
use fovea::study::SeriesGeometry;
use fovea::volume::{Labelmap, Samples};
use std::path::Path;

/// The bytes of a NIfTI-1 file of 3 × 2 × 2 voxels of a type, placed; the numbers of `volumes` volumes are `data`.
fn file(datatype: i16, bits: i16, volumes: i16, data: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.nii");
    let grid = super::oriented([3, 2, 2], 0, 0, 0.0);
    nifti::write_labels(&path, &Labelmap::empty(grid)).expect("written");
    let mut bytes = std::fs::read(&path).expect("reads")[..352].to_vec();
    bytes[40..42].copy_from_slice(&4i16.to_le_bytes());
    bytes[48..50].copy_from_slice(&volumes.to_le_bytes());
    bytes[70..72].copy_from_slice(&datatype.to_le_bytes());
    bytes[72..74].copy_from_slice(&bits.to_le_bytes());
    bytes[92..96].copy_from_slice(&2.5f32.to_le_bytes());
    bytes[123] = 2 | 8;
    bytes.extend(data);
    bytes
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

#[test]
fn every_volume_of_a_4d_file_is_a_display_set() {
    let folder = tempfile::tempdir().expect("a folder");
    let data: Vec<u8> = (0..36).collect();
    let path = write(folder.path(), "x.nii", &file(2, 8, 3, &data));
    let catalog = catalog(&path);
    let series: Vec<_> = catalog.series().map(|(_, s)| s.clone()).collect();
    assert_eq!(series.len(), 3);
    for (n, set) in series.iter().enumerate() {
        assert_eq!(set.key(), format!("{}#{}", series[0].uid, n + 1));
        let part = set.part.as_ref().expect("a part");
        let step = part.step.as_ref().expect("a step");
        assert_eq!((step.axis.as_str(), step.index, step.count, step.group), ("time", n as u32, 3, 1));
        assert_eq!(set.instances[0].frames, 6);
        let loaded = load(&catalog, &set.key());
        let expected: Vec<f32> = data[12 * n..12 * (n + 1)].iter().map(|v| f32::from(*v)).collect();
        assert_eq!(loaded.volume().expect("a volume").to_values(), expected);
        assert_eq!(loaded.slices[1].frame as usize, 2 * n + 1);
        let preview = load_preview(&catalog, &set.key()).expect("a preview");
        assert_eq!(preview.value(0, 0), f32::from(data[12 * n + 6]));
    }
    assert_eq!(series[2].part.as_ref().expect("a part").what, "time 3 of 3, 5 s");
}

#[test]
fn pairs_are_volumes_and_analyze_has_no_sides() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bytes = file(2, 8, 1, &[]);
    bytes[108..112].copy_from_slice(&0f32.to_le_bytes());
    bytes[344..348].copy_from_slice(b"ni1\0");
    write(folder.path(), "x.hdr", &bytes[..348]);
    let alone = catalog(&folder.path().join("x.hdr"));
    assert!(alone.unreadable[0].reason.contains("missing"), "{:?}", alone.unreadable);
    write(folder.path(), "x.img", &(0..12).collect::<Vec<u8>>());
    let pair = load_only(folder.path());
    assert_eq!(pair.volume().expect("a volume").value(11), 11.0);
    assert!(catalog(folder.path()).unreadable[0].reason.contains("x.hdr"));
    bytes[344..348].copy_from_slice(&[0; 4]);
    write(folder.path(), "x.hdr", &bytes[..348]);
    let analyze = load_only(folder.path());
    assert!(matches!(&analyze.series.geometry, SeriesGeometry::Pictures(why) if why.contains("Analyze")));
    assert_eq!(analyze.pictures().len(), 2);
    assert_eq!(analyze.pictures()[0].patient_orientation, None);
}

#[test]
fn colors_are_pictures_and_complex_numbers_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data: Vec<u8> = (0..36).collect();
    let rgb = load_only(&write(folder.path(), "x.nii", &file(128, 24, 1, &data)));
    assert_eq!(rgb.pictures()[1].samples, Samples::Rgb((18..36).collect()));
    let complex = catalog(&write(folder.path(), "x.nii", &file(32, 64, 1, &[0; 96])));
    assert!(complex.unreadable[0].reason.contains("complex"), "{:?}", complex.unreadable);
}

#[test]
fn disagreeing_forms_and_extensions_are_handled() {
    let folder = tempfile::tempdir().expect("a folder");
    let data: Vec<u8> = (0..12).collect();
    let mut bytes = file(2, 8, 1, &data);
    // The sform 5 mm further along x than the qform.
    let x = f32::from_le_bytes([bytes[292], bytes[293], bytes[294], bytes[295]]) + 5.0;
    bytes[292..296].copy_from_slice(&x.to_le_bytes());
    let shifted = load_only(&write(folder.path(), "x.nii", &bytes));
    assert!(shifted.series.warnings.iter().any(|w| w.contains("5.00 mm")), "{:?}", shifted.series.warnings);
    // An extension block of 32 bytes between header and voxels.
    let mut extended = file(2, 8, 1, &[]);
    extended[108..112].copy_from_slice(&384f32.to_le_bytes());
    extended[348] = 1;
    extended.extend([32i32.to_le_bytes(), 6i32.to_le_bytes()].concat());
    extended.extend([b'!'; 24]);
    extended.extend(&data);
    let loaded = load_only(&write(folder.path(), "x.nii", &extended));
    assert_eq!(loaded.volume().expect("a volume").value(11), 11.0);
}
