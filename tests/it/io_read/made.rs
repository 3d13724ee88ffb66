//! DICOM files made byte by byte, and mutated: nothing may panic, hang, or ask for absurd memory.

use fovea::io::codec::{self, Expected};
use fovea::io::dicom::DicomFile;
use fovea::io::pixels::Frames;
use fovea::study::Warnings;
use proptest::prelude::*;
use std::path::Path;

/// An explicit little-endian element.
pub fn element(tag: (u16, u16), vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut bytes = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
    bytes.extend_from_slice(vr);
    if matches!(vr, b"OW" | b"OB" | b"SQ" | b"UN") {
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
    } else {
        bytes.extend_from_slice(&(value.len() as u16).to_le_bytes());
    }
    bytes.extend_from_slice(value);
    bytes
}

/// A CT slice of `columns × rows` with stored values `column + 10·row`.
pub fn ct(columns: u16, rows: u16, z_mm: i32, preamble: bool, meta: bool) -> Vec<u8> {
    let mut bytes = if preamble { [vec![0; 128], b"DICM".to_vec()].concat() } else { Vec::new() };
    if meta {
        bytes.extend(element((2, 0x10), b"UI", b"1.2.840.10008.1.2.1\0"));
    }
    let position = format!("0\\0\\{z_mm} ");
    let position = if position.len() % 2 == 1 { position.trim_end().to_owned() } else { position };
    let pixels: Vec<u8> = (0..rows).flat_map(|r| (0..columns).flat_map(move |c| (c + 10 * r).to_le_bytes())).collect();
    for (tag, vr, value) in [
        ((0x8, 0x16), b"UI", b"1.2.840.10008.5.1.4.1.1.2\0".to_vec()),
        ((0x8, 0x18), b"UI", format!("1.2.3.{:04}", z_mm + 5000).into_bytes()),
        ((0x8, 0x60), b"CS", b"CT".to_vec()),
        ((0x10, 0x10), b"PN", b"Phantom^One ".to_vec()),
        ((0x20, 0xD), b"UI", b"1.2.3.4\0".to_vec()),
        ((0x20, 0xE), b"UI", b"1.2.3.5\0".to_vec()),
        ((0x20, 0x32), b"DS", position.into_bytes()),
        ((0x20, 0x37), b"DS", b"1\\0\\0\\0\\1\\0 ".to_vec()),
        ((0x28, 0x2), b"US", vec![1, 0]),
        ((0x28, 0x4), b"CS", b"MONOCHROME2 ".to_vec()),
        ((0x28, 0x10), b"US", rows.to_le_bytes().to_vec()),
        ((0x28, 0x11), b"US", columns.to_le_bytes().to_vec()),
        ((0x28, 0x30), b"DS", b"2\\3 ".to_vec()),
        ((0x28, 0x100), b"US", vec![16, 0]),
        ((0x28, 0x101), b"US", vec![16, 0]),
        ((0x28, 0x103), b"US", vec![1, 0]),
        ((0x7FE0, 0x10), b"OW", pixels),
    ] {
        bytes.extend(element(tag, vr, &value));
    }
    bytes
}

fn decode_all(path: &Path) -> Option<usize> {
    let file = DicomFile::open(path).ok()?;
    let frames = Frames::new(&file, &mut Warnings::default()).ok()?;
    Some((0..frames.format.frames.min(4)).filter_map(|n| frames.frame(n).ok()).map(|f| f.len()).sum())
}

#[test]
fn preamble_and_meta_group_are_not_needed() {
    let folder = tempfile::tempdir().expect("a folder");
    for (preamble, meta) in [(true, true), (true, false), (false, true), (false, false)] {
        let path = folder.path().join("x.dcm");
        std::fs::write(&path, ct(8, 6, 0, preamble, meta)).expect("written");
        assert_eq!(decode_all(&path), Some(96), "preamble {preamble}, meta {meta}");
    }
}

#[test]
fn a_made_stack_is_a_volume_in_the_right_order() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, z) in [("a", 20), ("b", 0), ("c", 10)] {
        std::fs::write(folder.path().join(name), ct(8, 6, z, true, true)).expect("written");
    }
    let loaded = super::only_series(folder.path());
    let volume = loaded.volume().expect("a volume");
    assert_eq!(volume.dims(), [8, 6, 3]);
    // Pixel Spacing is rows apart, then columns apart.
    assert_eq!(volume.geometry().spacing_mm().to_array(), [3.0, 2.0, 10.0]);
    assert_eq!(volume.value_ijk([3, 2, 1]), 23.0);
    let order: Vec<String> =
        (0..3).filter_map(|k| loaded.instance(k)).map(|i| i.file.to_string_lossy().into_owned()).collect();
    assert_eq!(order, ["b", "c", "a"]);
}

/// Frames read straight into a volume are the frames that the long way gives.
#[test]
fn bits_above_bits_stored_never_reach_a_volume() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, z) in [("a", 0), ("b", 10)] {
        let mut bytes = ct(8, 6, z, true, true);
        let stored = element((0x28, 0x101), b"US", &[16, 0]);
        let at = bytes.windows(stored.len()).position(|w| w == stored).expect("Bits Stored");
        bytes[at + 8] = 12;
        let first_pixel = bytes.len() - 96;
        bytes[first_pixel..first_pixel + 2].copy_from_slice(&0x7801_u16.to_le_bytes());
        std::fs::write(folder.path().join(name), &bytes).expect("written");
    }
    let loaded = super::only_series(folder.path());
    let volume = loaded.volume().expect("a volume");
    let file = DicomFile::open(&folder.path().join("b")).expect("opens");
    let frames = Frames::new(&file, &mut Warnings::default()).expect("frames");
    let frame = frames.frame(0).expect("decodes");
    let long_way: Vec<f32> = frame.as_chunks().0.iter().map(|b| f32::from(i16::from_le_bytes(*b))).collect();
    assert_eq!(long_way[0], -2047.0);
    assert_eq!(volume.slice_values(1), long_way);
}

#[test]
fn rle_of_any_width_and_its_damage() {
    // Two segments of four bytes: a literal run and a repeat.
    let mut stream = vec![0; 64];
    stream[0] = 2;
    stream[4] = 64;
    stream[8] = 69;
    stream.extend([3, 1, 2, 3, 4]);
    stream.extend([253, 7, 0]);
    let expected = Expected { columns: 2, rows: 2, samples: 1, bits_allocated: 16, signed: false };
    let values = codec::rle::decode(&stream, expected).expect("decodes");
    assert_eq!(values, [0x107, 0x207, 0x307, 0x407]);
    assert!(codec::rle::decode(&stream[..66], expected).is_err());
    stream[8] = 255;
    assert!(codec::rle::decode(&stream, expected).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn mutated_headers_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        preamble: bool,
    ) {
        let mut bytes = ct(8, 6, 0, preamble, true);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let keep = if cut.index(2) == 0 { bytes.len() } else { cut.index(bytes.len()) };
        bytes.truncate(keep);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.dcm");
        std::fs::write(&path, &bytes).expect("written");
        let catalog = super::catalog(&path);
        prop_assert!(!catalog.studies.is_empty() || !catalog.unreadable.is_empty());
        prop_assert!(catalog.unreadable.iter().all(|u| !u.reason.contains("defect")));
        decode_all(&path);
    }

    #[test]
    fn mutated_streams_never_panic(
        syntax in prop::sample::select(vec!["4.50", "4.51", "4.70", "4.80", "4.90", "4.92", "4.110", "4.201", "5"]),
        head in prop::collection::vec(any::<u8>(), 0..200),
        soi: bool,
    ) {
        let mut stream = if soi { vec![0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0] } else { Vec::new() };
        stream.extend(head);
        let expected = Expected { columns: 8, rows: 8, samples: 1, bits_allocated: 8, signed: false };
        if let Ok(values) = codec::decode(&format!("1.2.840.10008.1.2.{syntax}"), &stream, expected) {
            prop_assert_eq!(values.len(), 64);
        }
    }
}
