//! NRRD: encodings, byte orders, spaces, detached data, and headers that lie.

use super::{assert_holds_the_numbers, catalog, load_only, numbers, write};
use fovea::geometry::DVec3;
use fovea::io::summarize_pixels;
use fovea::jobs::{Cancel, Progress};
use fovea::study::SeriesGeometry;
use proptest::prelude::*;
use std::io::Write;
use std::path::Path;

const SPACE: &str =
    "space: left-posterior-superior\nspace directions: (2,0,0) (0,3,0) (0,0,4)\nspace origin: (10,20,30)\n";

fn header(fields: &str) -> String {
    format!("NRRD0005\ntype: short\ndimension: 3\nsizes: 4 3 2\n{SPACE}{fields}")
}

fn assert_is_the_volume(path: &Path, what: &str) {
    assert_holds_the_numbers(path, what, DVec3::new(12.0, 23.0, 34.0));
}

#[test]
fn encodings_and_byte_orders_give_the_same_volume() {
    let folder = tempfile::tempdir().expect("a folder");
    let little: Vec<u8> = numbers().iter().flat_map(|n| n.to_le_bytes()).collect();
    let big: Vec<u8> = numbers().iter().flat_map(|n| n.to_be_bytes()).collect();
    let text = numbers().iter().map(i16::to_string).collect::<Vec<_>>().join(" ");
    let hex = little.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&little).expect("memory");
    let gzip = gzip.finish().expect("memory");
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&big).expect("memory");
    let bzip2 = bzip2.finish().expect("memory");
    let skipped = [b"seven b".as_slice(), &little].concat();
    for (name, fields, data) in [
        ("raw little", "endian: little\nencoding: raw\n\n", &little[..]),
        ("raw big", "endian: big\nencoding: raw\n\n", &big),
        ("gzip", "endian: little\nencoding: gzip\n\n", &gzip),
        ("bzip2", "endian: big\nencoding: bz2\n\n", &bzip2),
        ("text", "encoding: ascii\n\n", text.as_bytes()),
        ("hex", "endian: little\nencoding: hex\n\n", hex.as_bytes()),
        ("windows line ends", "endian: little\r\nencoding: raw\r\n\r\n", &little),
        ("byte skip", "endian: little\nencoding: raw\nbyte skip: 7\n\n", &skipped),
        ("byte skip from the end", "endian: little\nencoding: raw\nbyte skip: -1\n\n", &skipped),
    ] {
        let path = write(folder.path(), "x.nrrd", &[header(fields).as_bytes(), data]);
        assert_is_the_volume(&path, name);
    }
}

#[test]
fn data_files_beside_the_header_are_read_and_others_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).expect("made");
    let little: Vec<u8> = numbers().iter().flat_map(|n| n.to_le_bytes()).collect();
    write(&inner, "x.raw", &[&little]);
    write(&inner, "s1.raw", &[&little[..24]]);
    write(&inner, "s2.raw", &[&little[24..]]);
    write(folder.path(), "secret.raw", &[&little]);
    let with = |data: &str| {
        let text = header(&format!("endian: little\nencoding: raw\n{data}"));
        write(&inner, "x.nhdr", &[text.as_bytes()])
    };
    for data in
        ["data file: x.raw\n", "datafile: ./x.raw\n", "data file: LIST\ns1.raw\ns2.raw\n", "data file: s%d.raw 1 2 1\n"]
    {
        assert_is_the_volume(&with(data), data);
    }
    let absolute = format!("data file: {}\n", folder.path().join("secret.raw").display());
    for data in ["data file: ../secret.raw\n", "data file: LIST\ns1.raw\n../secret.raw\n", &absolute] {
        let refused = catalog(&with(data));
        assert!(refused.studies.is_empty(), "{data}");
        assert!(refused.unreadable[0].reason.contains("outside its folder"), "{}", refused.unreadable[0].reason);
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("secret.raw"), inner.join("link.raw")).expect("made");
        assert!(catalog(&with("data file: link.raw\n")).studies.is_empty(), "a link leads out");
    }
    // A slice file that is too short would shift all that follow.
    write(&inner, "s1.raw", &[&little[..22]]);
    let cut = catalog(&with("data file: LIST\ns1.raw\ns2.raw\n"));
    assert!(cut.unreadable.iter().any(|u| u.reason.contains("cut")), "{:?}", cut.unreadable);
    // In a folder, the voxels are listed with the header that they belong to.
    with("data file: x.raw\n");
    let all = catalog(&inner);
    let reason = |name: &str| all.unreadable.iter().find(|u| u.file.ends_with(name)).map(|u| u.reason.clone());
    assert!(reason("x.raw").expect("listed").contains("x.nhdr"));
}

#[test]
fn the_place_needs_space_directions_and_origin() {
    let folder = tempfile::tempdir().expect("a folder");
    let little: Vec<u8> = numbers().iter().flat_map(|n| n.to_le_bytes()).collect();
    let with = |fields: &str| {
        let text =
            format!("NRRD0004\ntype: int16\ndimension: 3\nsizes: 4 3 2\nendian: little\nencoding: raw\n{fields}\n");
        load_only(&write(folder.path(), "x.nrrd", &[text.as_bytes(), &little]))
    };
    let directions = "space directions: (2,0,0) (0,3,0) (0,0,4)\nspace origin: (10,20,30)\n";
    let ras = with(&format!("space: right-anterior-superior\n{directions}"));
    let ras = ras.geometry().expect("placed");
    assert_eq!(ras.point_lps(DVec3::new(1.0, 1.0, 1.0)), DVec3::new(-12.0, -23.0, 34.0));
    let las = with(&format!("space: LAS\n{directions}"));
    assert_eq!(las.geometry().expect("placed").point_lps(DVec3::ZERO), DVec3::new(10.0, -20.0, 30.0));
    let meters = with(&format!("space: LPS\nspace units: \"m\" \"m\" \"m\"\n{directions}"));
    assert_eq!(meters.geometry().expect("placed").spacing_mm().x, 2000.0);
    for nowhere in ["spacings: 2 3 4\n", directions, &format!("space: scanner-xyz\n{directions}"), ""] {
        let loaded = with(nowhere);
        assert!(matches!(loaded.series.geometry, SeriesGeometry::Pictures(_)), "{nowhere}");
        assert_eq!(loaded.pictures().len(), 2);
        assert_eq!(loaded.pictures()[0].patient_orientation, None);
    }
    assert_eq!(with("spacings: 2 3 4\n").pictures()[0].spacing_mm(), Some([3.0, 2.0]));
}

/// The list axis first, as 3D Slicer writes layers, or last: the same volumes.
#[test]
fn axes_outside_space_are_volumes_or_colors() {
    let folder = tempfile::tempdir().expect("a folder");
    let first: Vec<u8> = (0..24).flat_map(|n| [n, n + 100]).collect();
    let last: Vec<u8> = (0..24).chain(100..124).collect();
    for (sizes, directions, kinds, data) in [
        ("2 4 3 2", "none (2,0,0) (0,3,0) (0,0,4)", "list domain domain domain", &first),
        ("4 3 2 2", "(2,0,0) (0,3,0) (0,0,4) none", "domain domain domain time", &last),
        ("4 3 2 2", "(2,0,0,0) (0,3,0,0) (0,0,4,0) (0,0,0,1)", "domain domain domain domain", &last),
    ] {
        let text = format!(
            "NRRD0004\ntype: uchar\ndimension: 4\nsizes: {sizes}\nspace: LPS\nspace directions: {directions}\n\
             kinds: {kinds}\nspace origin: (0,0,0)\nencoding: raw\n\n"
        );
        let path = write(folder.path(), "x.nrrd", &[text.as_bytes(), data]);
        let catalog = catalog(&path);
        let keys: Vec<String> = catalog.series().map(|(_, s)| s.key()).collect();
        assert_eq!(keys.len(), 2, "{kinds}");
        let second = super::load(&catalog, &keys[1]);
        let expected: Vec<f32> = (100..124u8).map(f32::from).collect();
        assert_eq!(second.volume().expect("a volume").to_values(), expected, "{kinds}");
    }
    let color: Vec<u8> = (0..72).collect();
    let text = concat!(
        "NRRD0004\ntype: uchar\ndimension: 4\nsizes: 3 4 3 2\nspace: LPS\nspace directions: none (2,0,0) (0,3,0) (0,0,4)\n",
        "kinds: RGB-color domain domain domain\nspace origin: (0,0,0)\nencoding: raw\n\n"
    );
    let loaded = load_only(&write(folder.path(), "c.nrrd", &[text.as_bytes(), &color]));
    assert_eq!(loaded.pictures().len(), 2);
    assert_eq!(loaded.pictures()[1].samples, fovea::volume::Samples::Rgb((36..72).collect()));
}

#[test]
fn claims_are_held_against_the_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    for fields in [
        "type: uchar\ndimension: 3\nsizes: 60000 60000 60000\nencoding: raw\n",
        "type: uchar\ndimension: 3\nsizes: 60000 60000 60000\nencoding: gzip\n",
        "type: double\ndimension: 3\nsizes: 1000 1000 1000\nencoding: ascii\n",
        "type: uchar\ndimension: 3\nsizes: 0 4 4\nencoding: raw\n",
        "type: block\ndimension: 1\nsizes: 4\nencoding: raw\n",
        "type: uchar\ndimension: 2\nsizes: 4 4 4\nencoding: raw\n",
        "type: short\ndimension: 1\nsizes: 4\nencoding: raw\n",
        "type: uchar\ndimension: 3\nsizes: 4 4 4\nencoding: raw\nbyte skip: -5\n",
    ] {
        let text = format!("NRRD0004\n{fields}\n");
        let path = write(folder.path(), "x.nrrd", &[text.as_bytes(), &[7; 100]]);
        let refused = catalog(&path);
        assert!(refused.studies.is_empty(), "{fields}");
        assert!(!refused.unreadable[0].reason.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files_never_panic(changes in prop::collection::vec((0usize..330, any::<u8>()), 1..8), cut in 100usize..330) {
        let folder = tempfile::tempdir().expect("a folder");
        let little: Vec<u8> = numbers().iter().flat_map(|n| n.to_le_bytes()).collect();
        let mut bytes = [header("endian: little\nencoding: raw\n\n").as_bytes(), &little].concat();
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        bytes.truncate(cut);
        let path = write(folder.path(), "x.nrrd", &[&bytes]);
        let listed = catalog(&path);
        for (_, series) in listed.series() {
            let _ = fovea::io::load_series(&listed, &series.key(), &Progress::default(), &Cancel::default());
        }
        let _ = summarize_pixels(&path);
    }
}
