//! Hostile input on the stable toolchain: small valid files of every kind, mutated. Nothing may panic, hang, ask for absurd
//! memory, or vanish in silence. Headers, NIfTI, NRRD, MetaImage and SEG have such tests beside their own; longer runs with
//! coverage are made by `scripts/fuzz`. What that found stands here as a test of its own.

#[path = "../data/streams/list.rs"]
mod streams;

use crate::io_formats::archives::{bzip2, gzip, slices, tar_of, zip_of};
use crate::io_formats::catalog;
use crate::io_read::made::element;
use crate::io_write::sources::{ct, masks, oblique_geometry};
use fovea::io::codec::{self, Expected};
use fovea::io::write::{WriteContext, write_structure_set};
use fovea::io::{self, load_preview, load_series, objects};
use fovea::jobs::{Cancel, Progress};
use fovea::loaded::LoadedSeries;
use fovea::study::Warnings;
use proptest::prelude::*;
use proptest::sample::Index;
use std::sync::LazyLock;
use streams::STREAMS;

/// Bytes overwritten, with a value or with the largest length there is, and perhaps a cut.
#[derive(Debug, Clone)]
struct Damage {
    changes: Vec<(Index, u8)>,
    huge: Option<Index>,
    cut: Option<Index>,
}

fn damage() -> impl Strategy<Value = Damage> {
    let rarely = || prop::option::weighted(0.2, any::<Index>());
    (prop::collection::vec((any::<Index>(), any::<u8>()), 1..8), rarely(), rarely())
        .prop_map(|(changes, huge, cut)| Damage { changes, huge, cut })
}

impl Damage {
    fn to(&self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        for (at, value) in &self.changes {
            bytes[at.index(good.len())] = *value;
        }
        if let Some(at) = self.huge.map(|at| at.index(good.len())) {
            bytes.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0xFF);
        }
        bytes.truncate(self.cut.map_or(good.len(), |cut| cut.index(good.len())));
        bytes
    }
}

fn decode((syntax, bits_allocated, samples, _): (&str, u16, usize, &[u8]), stream: &[u8]) -> Result<Vec<i32>, String> {
    let expected = Expected { columns: 12, rows: 12, samples, bits_allocated, signed: false };
    codec::decode(&format!("1.2.840.10008.1.2.{syntax}"), stream, expected).map_err(|e| e.to_string())
}

/// The values from which the streams were made (`tests/data/streams/README.md`).
fn made([x, y]: [usize; 2], sample: usize, bits: u16) -> i32 {
    let gray8 = |x: usize, y: usize| ((x * 17 + y * 29 + (x * y) % 7 * 5) % 256) as i32;
    match (bits, sample) {
        (16, _) => ((x * 301 + y * 97 + (x * y) % 5 * 33) % 4096) as i32,
        (_, 0) => gray8(x, y),
        (_, 1) => gray8(y, x),
        _ => 255 - gray8(x, y),
    }
}

#[test]
fn whole_streams_decode_to_what_they_were_made_from() {
    for stream in STREAMS {
        let (syntax, bits, samples, bytes) = stream;
        let values = decode(stream, bytes).unwrap_or_else(|e| panic!("{syntax}, {bits} bits: {e}"));
        let off = values.iter().enumerate().map(|(n, value)| {
            let (pixel, sample) = (n / samples, n % samples);
            value.abs_diff(made([pixel % 12, pixel / 12], sample, bits))
        });
        let most = match syntax {
            "4.81" => 2,
            "4.51" | "4.50" | "4.91" | "4.112" => continue,
            _ => 0,
        };
        assert!(off.max() <= Some(most), "{syntax}, {bits} bits");
    }
}

struct Made {
    image: LoadedSeries,
    structures: Vec<u8>,
    archives: [(&'static str, Vec<u8>); 4],
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let image = ct(oblique_geometry());
    let path = folder.path().join("rtstruct.dcm");
    write_structure_set(&path, &image, &masks(oblique_geometry()), &WriteContext::default()).expect("written");
    let tar = tar_of(&slices());
    Made {
        image,
        structures: std::fs::read(&path).expect("read"),
        archives: [("x.zip", zip_of(&slices())), ("x.tar.gz", gzip(&tar)), ("x.tar.bz2", bzip2(&tar)), ("x.tar", tar)],
    }
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn mutated_streams_end_with_values_or_a_sentence(n in 0..STREAMS.len(), damage in damage()) {
        let stream = STREAMS[n];
        match decode(stream, &damage.to(stream.3)) {
            Ok(values) => prop_assert_eq!(values.len(), 144 * stream.2),
            // The decoders of JPEG and JPEG-LS are ours: a panic of theirs, though caught, is a defect.
            Err(reason) => prop_assert!(n > 6 || n == 3 || !reason.contains("does not know"), "{}", reason),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn mutated_structure_sets_never_panic(damage in damage()) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.dcm");
        std::fs::write(&path, damage.to(&MADE.structures)).expect("written");
        objects::read(&path, &mut Warnings::default()).summary();
        if let Ok(masks) = io::read_segmentation(&path, Some(&MADE.image)) {
            prop_assert!(masks.labelmap.geometry().same_grid(MADE.image.geometry().expect("a volume")));
        }
    }

    #[test]
    fn mutated_archives_are_named_or_listed(n in 0..4usize, damage in damage()) {
        let (name, good) = &MADE.archives[n];
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, damage.to(good)).expect("written");
        let catalog = catalog(&path);
        prop_assert!(!catalog.studies.is_empty() || !catalog.unreadable.is_empty());
        prop_assert!(catalog.unreadable.iter().all(|u| !u.reason.contains("defect")));
        prop_assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn mutated_series_load_or_say_why(damages in prop::collection::vec(damage(), 3)) {
        let folder = tempfile::tempdir().expect("a folder");
        for (n, ((_, slice), damage)) in slices().iter().zip(&damages).enumerate() {
            std::fs::write(folder.path().join(n.to_string()), damage.to(slice)).expect("written");
        }
        let catalog = catalog(folder.path());
        let listed: usize = catalog.series().map(|(_, series)| series.instances.len()).sum();
        prop_assert!(listed + catalog.unreadable.len() >= 3, "a file vanished");
        for key in catalog.series().map(|(_, series)| series.key()) {
            let _ = load_preview(&catalog, &key);
            if let Ok(loaded) = load_series(&catalog, &key, &Progress::default(), &Cancel::default()) {
                prop_assert!(loaded.volume().is_some() || !loaded.pictures().is_empty());
            }
        }
    }
}

/// Position of a marker of a JPEG stream.
fn marker(stream: &[u8], second: u8) -> usize {
    stream.windows(2).position(|pair| pair == [0xFF, second]).expect("the marker")
}

#[test]
fn a_large_frame_from_next_to_nothing_is_refused() {
    let expected = Expected { columns: 20_000, rows: 20_000, samples: 1, bits_allocated: 16, signed: false };
    for (syntax, _, _, stream) in STREAMS {
        let refused = codec::decode(&format!("1.2.840.10008.1.2.{syntax}"), stream, expected).expect_err(syntax);
        assert!(refused.to_string().contains("bomb"), "{syntax}: {refused}");
    }
}

/// Found by reading beside the fuzzer: every such scan went over all blocks of the image and read nothing.
#[test]
fn scans_that_name_no_component_are_refused() {
    let mut stream = include_bytes!("../data/streams/gray8.jpg").to_vec();
    let (header, scan) = (marker(&stream, 0xC0), marker(&stream, 0xDA));
    let side = 5000u16.to_be_bytes();
    stream[header + 5..header + 9].copy_from_slice(&[side, side].concat());
    let nothing = [0xFF, 0xDA, 0, 6, 0, 0, 63, 0].repeat(5000);
    stream.splice(scan..scan, nothing);
    let expected = Expected { columns: 5000, rows: 5000, samples: 1, bits_allocated: 8, signed: false };
    let refused = codec::decode("1.2.840.10008.1.2.4.50", &stream, expected).expect_err("no component");
    assert!(refused.to_string().contains("names no component"), "{refused}");
}

/// An ultrasound loop of one-pixel frames, native, or as RLE frames of one fragment each.
fn tiny_frames(count: usize, rle: bool) -> Vec<u8> {
    let mut bytes = [vec![0; 128], b"DICM".to_vec()].concat();
    let syntax: &[u8] = if rle { b"1.2.840.10008.1.2.5\0" } else { b"1.2.840.10008.1.2.1\0" };
    bytes.extend(element((2, 0x10), b"UI", syntax));
    for (tag, vr, value) in [
        ((0x8, 0x16), b"UI", b"1.2.840.10008.5.1.4.1.1.3.1\0".to_vec()),
        ((0x8, 0x18), b"UI", b"1.2.3.6\0".to_vec()),
        ((0x8, 0x60), b"CS", b"US".to_vec()),
        ((0x20, 0xD), b"UI", b"1.2.3.4\0".to_vec()),
        ((0x20, 0xE), b"UI", b"1.2.3.5\0".to_vec()),
        ((0x28, 0x2), b"US", vec![1, 0]),
        ((0x28, 0x4), b"CS", b"MONOCHROME2 ".to_vec()),
        ((0x28, 0x8), b"IS", format!("{count:<12}").into_bytes()),
        ((0x28, 0x10), b"US", vec![1, 0]),
        ((0x28, 0x11), b"US", vec![1, 0]),
        ((0x28, 0x100), b"US", vec![8, 0]),
        ((0x28, 0x101), b"US", vec![8, 0]),
        ((0x28, 0x103), b"US", vec![0, 0]),
    ] {
        bytes.extend(element(tag, vr, &value));
    }
    if !rle {
        bytes.extend(element((0x7FE0, 0x10), b"OB", &vec![7; count]));
        return bytes;
    }
    let item = |value: &[u8]| [&[0xFE, 0xFF, 0, 0xE0], &(value.len() as u32).to_le_bytes()[..], value].concat();
    let mut frame = vec![0; 66];
    (frame[0], frame[4], frame[65]) = (1, 64, 7);
    bytes.extend([0xE0, 0x7F, 0x10, 0, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    bytes.extend(item(&[]));
    (0..count).for_each(|_| bytes.extend(item(&frame)));
    bytes.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    bytes
}

/// What is known of a file once must not be found anew for each of its frames.
#[test]
fn many_tiny_frames_take_no_time() {
    for rle in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.dcm");
        std::fs::write(&path, tiny_frames(20_000, rle)).expect("written");
        let started = std::time::Instant::now();
        let catalog = catalog(&path);
        let key = catalog.series().next().expect("a series").1.key();
        let loaded = load_series(&catalog, &key, &Progress::default(), &Cancel::default()).expect("it loads");
        assert_eq!(loaded.pictures().len(), 20_000, "RLE {rle}");
        assert!(started.elapsed().as_secs() < 10, "RLE {rle}: {:?}", started.elapsed());
    }
}

/// Found by `series_assembly`: a sum with the largest High Bit overflowed.
#[test]
fn the_largest_high_bit_is_only_odd() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.dcm");
    let mut bytes = tiny_frames(1, false);
    let pixels = bytes.len() - 13;
    bytes.splice(pixels..pixels, element((0x28, 0x102), b"US", &[0xFF, 0xFF]));
    std::fs::write(&path, bytes).expect("written");
    let catalog = catalog(&path);
    let (_, series) = catalog.series().next().expect("a series");
    assert!(series.warnings.iter().any(|w| w.contains("High Bit")), "{:?}", series.warnings);
}
