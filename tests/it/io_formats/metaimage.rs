//! MetaImage: local and detached data, compression, places, and headers that lie.

use super::{assert_holds_the_numbers, catalog, load_only, numbers, write};
use fovea::geometry::DVec3;
use fovea::jobs::{Cancel, Progress};
use fovea::study::SeriesGeometry;
use proptest::prelude::*;
use std::io::Write;
use std::path::Path;

const PLACE: &str = "TransformMatrix = 0 1 0 -1 0 0 0 0 1\nOffset = 10 20 30\nElementSpacing = 2 3 4\n";

fn header(place: &str, rest: &str) -> String {
    format!("ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementType = MET_SHORT\n{place}{rest}")
}

/// The first voxel axis goes to posterior, the second to the right.
fn assert_is_the_volume(path: &Path, what: &str) {
    assert_holds_the_numbers(path, what, DVec3::new(7.0, 22.0, 34.0));
}

#[test]
fn local_detached_compressed_and_text_data_give_the_same_volume() {
    let folder = tempfile::tempdir().expect("a folder");
    let little: Vec<u8> = numbers().iter().flat_map(|n| n.to_le_bytes()).collect();
    let big: Vec<u8> = numbers().iter().flat_map(|n| n.to_be_bytes()).collect();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(&little).expect("memory");
    let zlib = zlib.finish().expect("memory");
    let text = numbers().iter().map(i16::to_string).collect::<Vec<_>>().join("\n");
    for (what, rest, data) in [
        ("little", "BinaryDataByteOrderMSB = False\nElementDataFile = LOCAL\n", &little[..]),
        ("big", "ElementByteOrderMSB = True\nElementDataFile = LOCAL\n", &big),
        ("zlib", "BinaryDataByteOrderMSB = False\nCompressedData = True\nElementDataFile = LOCAL\n", &zlib),
        ("text", "BinaryData = False\nElementDataFile = LOCAL\n", text.as_bytes()),
    ] {
        let path = write(folder.path(), "x.mha", &[header(PLACE, rest).as_bytes(), data]);
        assert_is_the_volume(&path, what);
    }
    write(folder.path(), "x.raw", &[b"skip me", &little]);
    write(folder.path(), "s1.raw", &[&little[..24]]);
    write(folder.path(), "s2.raw", &[&little[24..]]);
    std::fs::remove_file(folder.path().join("x.mha")).expect("removed");
    for rest in [
        "BinaryDataByteOrderMSB = False\nHeaderSize = 7\nElementDataFile = x.raw\n",
        "BinaryDataByteOrderMSB = False\nHeaderSize = -1\nElementDataFile = x.raw\n",
        "BinaryDataByteOrderMSB = False\nElementDataFile = LIST\ns1.raw\ns2.raw\n",
        "BinaryDataByteOrderMSB = False\nElementDataFile = s%d.raw 1 2 1\n",
    ] {
        assert_is_the_volume(&write(folder.path(), "x.mhd", &[header(PLACE, rest).as_bytes()]), rest);
    }
    let climbing = header(PLACE, "BinaryDataByteOrderMSB = False\nElementDataFile = ../x.raw\n");
    let refused = catalog(&write(folder.path(), "x.mhd", &[climbing.as_bytes()]));
    assert!(refused.unreadable[0].reason.contains("outside its folder"), "{:?}", refused.unreadable);
}

#[test]
fn the_place_needs_directions_or_letters() {
    let folder = tempfile::tempdir().expect("a folder");
    let little: Vec<u8> = numbers().iter().flat_map(|n| n.to_le_bytes()).collect();
    let with = |place: &str| {
        let text = header(place, "BinaryDataByteOrderMSB = False\nElementDataFile = LOCAL\n");
        load_only(&write(folder.path(), "x.mha", &[text.as_bytes(), &little]))
    };
    let letters = with("AnatomicalOrientation = LPI\nOffset = 10 20 30\nElementSpacing = 2 3 4\n");
    let place = letters.geometry().expect("placed");
    assert_eq!(place.point_lps(DVec3::new(1.0, 1.0, 1.0)), DVec3::new(8.0, 17.0, 34.0));
    let contradicting = with(&format!("AnatomicalOrientation = RAI\n{PLACE}"));
    assert!(contradicting.series.warnings.iter().any(|w| w.contains("TransformMatrix")));
    for nowhere in
        ["Offset = 0 0 0\nElementSpacing = 2 3 4\n", "TransformMatrix = 1 0 0 0 1 0 0 0 1\nElementSpacing = 2 3 4\n"]
    {
        assert!(matches!(with(nowhere).series.geometry, SeriesGeometry::Pictures(_)), "{nowhere}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files_never_panic(changes in prop::collection::vec((0usize..300, any::<u8>()), 1..8), cut in 60usize..300) {
        let folder = tempfile::tempdir().expect("a folder");
        let text = header(PLACE, "BinaryDataByteOrderMSB = False\nElementDataFile = LOCAL\n");
        let mut bytes = [text.as_bytes(), &[1; 48]].concat();
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        bytes.truncate(cut);
        let listed = catalog(&write(folder.path(), "x.mha", &[&bytes]));
        for (_, series) in listed.series() {
            let _ = fovea::io::load_series(&listed, &series.key(), &Progress::default(), &Cancel::default());
        }
    }
}
