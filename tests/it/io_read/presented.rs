//! Pixels as files store them and as they ask to be shown: JPEG XL, refused syntaxes, cells, palettes, VOI LUTs, overlays,
//! shutters and padding. All files are made here.

use super::made::element;
use fovea::io::codec::{self, Expected};
use fovea::io::dicom::DicomFile;
use fovea::io::pixels::Frames;
use fovea::render::{PictureDraw, cpu};
use fovea::study::Warnings;
use fovea::volume::{Picture, Samples, VoiFunction};
use std::collections::BTreeMap;
use std::io::Write;

/// A secondary capture, described by its elements.
struct Made(BTreeMap<(u16, u16), ([u8; 2], Vec<u8>)>, &'static str);

fn us(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn even(text: &str) -> Vec<u8> {
    let pad = if text.len() % 2 == 1 { " " } else { "" };
    format!("{text}{pad}").into_bytes()
}

impl Made {
    /// `columns × rows` gray pixels of 16 bits.
    fn gray(columns: u16, rows: u16, pixels: &[u16]) -> Self {
        let made = Self(BTreeMap::new(), "1.2.840.10008.1.2.1")
            .with((0x8, 0x16), b"UI", even("1.2.840.10008.5.1.4.1.1.7"))
            .with((0x8, 0x18), b"UI", even("1.2.3.400"))
            .with((0x8, 0x60), b"CS", even("DX"))
            .with((0x20, 0xD), b"UI", even("1.2.3.401"))
            .with((0x20, 0xE), b"UI", even("1.2.3.402"))
            .with((0x28, 0x2), b"US", us(&[1]))
            .with((0x28, 0x4), b"CS", even("MONOCHROME2"))
            .with((0x28, 0x10), b"US", us(&[rows]))
            .with((0x28, 0x11), b"US", us(&[columns]));
        made.bits(16, 16, 15, false).with((0x7FE0, 0x10), b"OW", us(pixels))
    }

    fn with(mut self, tag: (u16, u16), vr: &[u8; 2], value: Vec<u8>) -> Self {
        self.0.insert(tag, (*vr, value));
        self
    }

    fn bits(self, allocated: u16, stored: u16, high: u16, signed: bool) -> Self {
        self.with((0x28, 0x100), b"US", us(&[allocated]))
            .with((0x28, 0x101), b"US", us(&[stored]))
            .with((0x28, 0x102), b"US", us(&[high]))
            .with((0x28, 0x103), b"US", us(&[u16::from(signed)]))
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = [vec![0; 128], b"DICM".to_vec()].concat();
        let mut syntax = self.1.as_bytes().to_vec();
        syntax.resize(syntax.len().next_multiple_of(2), 0);
        bytes.extend(element((2, 0x10), b"UI", &syntax));
        for (tag, (vr, value)) in &self.0 {
            bytes.extend(element(*tag, vr, value));
        }
        bytes
    }

    /// A frame in the common form.
    fn frame(&self, n: usize) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.dcm");
        std::fs::write(&path, self.bytes()).expect("written");
        let file = DicomFile::open(&path).map_err(|e| e.to_string())?;
        let frames = Frames::new(&file, &mut Warnings::default()).map_err(|e| e.to_string())?;
        frames.frame(n).map_err(|e| e.to_string())
    }

    fn words(&self) -> Vec<u16> {
        self.frame(0).expect("decodes").as_chunks().0.iter().map(|b| u16::from_le_bytes(*b)).collect()
    }

    fn picture(&self) -> Picture {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("x.dcm"), self.bytes()).expect("written");
        super::only_series(folder.path()).pictures()[0].as_ref().clone()
    }
}

/// The picture at its own size, with its first window.
fn rendered(picture: &Picture) -> Vec<[u8; 3]> {
    let size = [picture.width as u32, picture.height as u32];
    let voi = picture.first_voi();
    let draw = PictureDraw::fit([picture.width, picture.height], 1.0, size, voi, picture.inverted);
    let mut shown = cpu::picture_rgba(picture, &draw);
    cpu::cover_picture(picture, &draw, &mut shown);
    shown.rgba.as_chunks::<4>().0.iter().map(|p| [p[0], p[1], p[2]]).collect()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|n| u8::from_str_radix(&text[n..n + 2], 16).expect("hex")).collect()
}

fn expected(columns: usize, rows: usize, samples: usize, bits_allocated: u16) -> Expected {
    Expected { columns, rows, samples, bits_allocated, signed: false }
}

/// Streams of libjxl: a ramp of 20, one of 5000, and an RGB ramp of 21, all lossless.
#[test]
fn jpeg_xl_is_exact_and_its_size_is_checked_first() {
    let gray_8 = hex("ff0a1030101437020804010058004b188b15525c0a717770001086008126247fb8e85c4c");
    let gray_16 = hex(
        "0000000c4a584c200d0a870a00000014667479706a786c20000000006a786c20000000096a786c6c0a000000386a786c63ff0a1030fc00458b\
         0804010088004b188b150a2547e605000092b94f200ec481384f51181f3d06340e53d7b42d7d4e07",
    );
    let rgb = hex("ff0a081010090804010068004b188b154219b62deced02410064fefcf937fea8044289382800");
    let lossless = "1.2.840.10008.1.2.4.110";
    let decode = |stream: &[u8], expected| codec::decode(lossless, stream, expected);
    let ramp = |step: i32| (0..12).map(|n| n * step).collect::<Vec<i32>>();
    assert_eq!(decode(&gray_8, expected(4, 3, 1, 8)).expect("decodes"), ramp(20));
    assert_eq!(decode(&gray_16, expected(4, 3, 1, 16)).expect("decodes"), ramp(5000));
    assert_eq!(decode(&rgb, expected(2, 2, 3, 8)).expect("decodes"), ramp(21));
    assert!(decode(&gray_8, expected(3, 4, 1, 8)).expect_err("turned").to_string().contains("the header says"));
    assert!(decode(&rgb, expected(2, 2, 1, 8)).is_err(), "three components are not one");
    for cut in 0..gray_16.len() - 1 {
        assert!(decode(&gray_16[..cut], expected(4, 3, 1, 16)).is_err(), "cut at {cut}");
    }
}

/// A stream of CharLS: the ramp of 5000 with 16 bits.
#[test]
fn jpeg_ls_is_exact_and_notices_every_cut() {
    let stream = hex(
        "ffd8ffe800205350494646000200000100000003000000040a1006010000012c0000012cffe8000800000001ffd8fff7000b10000300040101\
         1100fff8000d01ffff0012004301140040ffda0008010100000000801c3c01c3cb86800000000088000e205c3801c4001c3c4e149c20b870ffd9",
    );
    // The SPIFF header of this writer ends in a second start of image.
    let decode = |stream: &[u8]| codec::decode("1.2.840.10008.1.2.4.80", stream, expected(4, 3, 1, 16));
    assert_eq!(decode(&stream).expect("decodes"), (0..12).map(|n| n * 5000).collect::<Vec<i32>>());
    for cut in 0..stream.len() - 5 {
        assert!(decode(&stream[..cut]).is_err(), "cut at {cut}");
    }
}

/// Streams of OpenJPEG, lossless: gray with odd sides, signed 16 bits, and color with its reversible transform. Damage may
/// give another picture or an error, never a panic.
#[test]
fn lossless_jpeg_2000_is_exact_and_survives_damage() {
    let ramp = |count: i32, modulus: i32| (0..count).map(move |n| (n * n * 7 + n * 3) % modulus);
    let gray = hex(
        "ff4fff5100290000000000130000000d0000000000000000000000130000000d00000000000000000001070101ff52000c0000000100\
         0004040001ff5c00044040ff640025000143726561746564206279204f70656e4a5045472076657273696f6e20322e352e34ff90000a\
         0000000000fb0001ff93df85d41235f2c3c8ced5cd3c9dcac78df8728a69e007d820ab63d7ed3dd2403726aaf4f8b9054dd158449df6\
         d0d7468361d60c15fe4aef1949bafcba1d8af4c63ddedb0e0d422f1f927309824c44496b62a9c772f1140b8f7d923311a7c2cbdd76d4\
         8a1f08312b35f011f8f8179d8e57489526c1d665c4edd2f72d44a6c3b75f932f730ea3803c2b1b3dfbe0e0abd387b3fdb554cfa4dd8a\
         452dbb062a369f5197919a7e80aa2771e8c518d55965671d2a3449fb465c0fcf668d0a839193c5cce687341438326b8d3c05ddf2ed01\
         1683d2b8a756357abd594c88bca65f8e655270f95583f6933be03cdac1ff7fffd9",
    );
    let signed = hex(
        "ff4fff5100290000000000070000000600000000000000000000000700000006000000000000000000018f0101ff52000c0000000100\
         0004040001ff5c00044080ff640025000143726561746564206279204f70656e4a5045472076657273696f6e20322e352e34ff90000a\
         0000000000680001ff93cffc315810dc59ff3fedcca0b51b3d4dc93718193bbd923f894c240ac89cab19df37dc96c0ce1bc394d12a7c\
         297fe13e00412bc064ca896724a5f1fa31bd33d58b3060e82e9bdfccf452eff60bf413062f34a55aaaf53ad1e883ffd9",
    );
    let color = hex(
        "ff4fff51002f000000000009000000070000000000000000000000090000000700000000000000000003070101070101070101ff5200\
         0c00000001010004040001ff5c00044040ff640025000143726561746564206279204f70656e4a5045472076657273696f6e20322e35\
         2e34ff90000a0000000000d50001ff93cfb4ec11e7e376ead370507ebc786250c757db33da045c1ba2ee65d428f1d4da1a49eeba47b4\
         94c86bab8d968818afd02cdd3b58452df3fefe3e1c928ad7df82081bc639f747a97d4a6408336787f6ec6471a2186fe740e4ad1e1ebd\
         bdda0ae3095cbdafb44e5b17c2988395d47beaf87127940419bec0543010336aa444f3699137df82100c9efcff4acfe5f15ad87e0199\
         a1d274b42a2e56d01d2defa4e5690487574711f2d58d1c3435bfd769d19253d9b3996592cc0194bb29a5954763a3f398cd0002ae67ff\
         d9",
    );
    let twos_complement = |v: i32| i32::from((v * 31 - 32_000) as i16);
    for (stream, expected, values) in [
        (gray, expected(19, 13, 1, 8), ramp(247, 256).collect::<Vec<i32>>()),
        (signed, Expected { signed: true, ..expected(7, 6, 1, 16) }, ramp(42, 65_536).map(twos_complement).collect()),
        (color, expected(9, 7, 3, 8), ramp(189, 256).collect()),
    ] {
        let decode = |stream: &[u8]| codec::decode("1.2.840.10008.1.2.4.90", stream, expected);
        assert_eq!(decode(&stream).expect("decodes"), values);
        for n in 0..stream.len() {
            let mut damaged = stream.clone();
            damaged[n] ^= 0x55;
            for result in [decode(&damaged), decode(&stream[..n])] {
                assert!(result.is_err() || result.is_ok_and(|samples| samples.len() == values.len()), "byte {n}");
            }
        }
    }
}

#[test]
fn syntaxes_that_are_not_read_are_refused_by_name() {
    for (tail, words) in [
        ("4.52", "processes 3 and 5"),
        ("4.53", "Spectral Selection, processes 6 and 8"),
        ("4.55", "Full Progression, processes 10 and 12"),
        ("4.58", "process 15"),
        ("4.65", "Hierarchical, process 28"),
        ("4.94", "JPIP"),
        ("4.101", "MPEG-2"),
        ("4.106.1", "H.264"),
        ("4.108", "HEVC"),
        ("7.2", "SMPTE"),
        ("99.1", "unknown"),
    ] {
        let syntax = format!("1.2.840.10008.1.2.{tail}");
        let refusal = codec::decode(&syntax, &[0; 64], expected(4, 4, 1, 8)).expect_err("refused").to_string();
        assert!(refusal.contains(words) && refusal.contains(&syntax), "{refusal}");
    }
    // 12-bit progressive says so of itself, whatever its syntax is called.
    let progressive = hex("ffd8ffc2000b0c00040004010111 00ffd9".replace(' ', "").as_str());
    let refusal = codec::decode("1.2.840.10008.1.2.4.51", &progressive, expected(4, 4, 1, 16)).expect_err("refused");
    assert!(refusal.to_string().contains("progressive JPEG with 12 bits"), "{refusal}");
}

#[test]
fn stored_bits_are_found_in_their_cells() {
    let low = Made::gray(2, 1, &[0xF801, 0x7FFF]).bits(16, 12, 11, false);
    assert_eq!(low.words(), [0x801, 0xFFF], "rubbish above is cleared");
    let signed = Made::gray(2, 1, &[0xF801, 0x7FFF]).bits(16, 12, 11, true);
    assert_eq!(signed.words(), [0xF801, 0xFFFF], "or is the sign");
    let high = Made::gray(2, 1, &[0x801F, 0x7FF0]).bits(16, 12, 15, false);
    assert_eq!(high.words(), [0x801, 0x7FF], "High Bit 15: rubbish below goes");
    let high_signed = Made::gray(2, 1, &[0x8010, 0x7FF0]).bits(16, 12, 15, true);
    assert_eq!(high_signed.words(), [0xF801, 0x7FF]);
    let lie = Made::gray(2, 1, &[0x801, 0x7FF]).bits(16, 12, 15, false);
    assert_eq!(lie.words(), [0x801, 0x7FF], "values that cannot lie high do not");
    let packed = Made::gray(2, 1, &[0, 0]).bits(12, 12, 11, false).frame(0).expect_err("refused");
    assert!(packed.contains("packed"), "{packed}");
}

#[test]
fn deflated_frames_begin_in_bytes_of_their_own() {
    let mut fragments = element((0xFFFE, 0xE000), b"  ", &[])[..4].to_vec();
    fragments.extend([0; 4]);
    for frame in [[0b101_u8, 0], [0b11, 0]] {
        let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        writer.write_all(&frame).expect("to memory");
        let mut stream = writer.finish().expect("to memory");
        stream.resize(stream.len().next_multiple_of(2), 0);
        fragments.extend([0xFE, 0xFF, 0, 0xE0]);
        fragments.extend((stream.len() as u32).to_le_bytes());
        fragments.extend(stream);
    }
    fragments.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    let mut made = Made::gray(3, 3, &[]).bits(1, 1, 0, false).with((0x28, 0x8), b"IS", even("2"));
    made.1 = "1.2.840.10008.1.2.8.1";
    made.0.remove(&(0x7FE0, 0x10));
    let mut bytes = made.bytes();
    bytes.extend([0xE0, 0x7F, 0x10, 0, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    bytes.extend(fragments);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.dcm");
    std::fs::write(&path, bytes).expect("written");
    let file = DicomFile::open(&path).expect("opens");
    let frames = Frames::new(&file, &mut Warnings::default()).expect("frames");
    assert_eq!(frames.frame(0).expect("decodes"), [1, 0, 1, 0, 0, 0, 0, 0, 0]);
    assert_eq!(frames.frame(1).expect("decodes"), [1, 1, 0, 0, 0, 0, 0, 0, 0]);
}

fn rgb(picture: &Picture) -> &[u8] {
    match &picture.samples {
        Samples::Rgb(bytes) => bytes,
        Samples::Gray { .. } => panic!("it is gray"),
    }
}

#[test]
fn palettes_are_written_out_from_segments_and_clamped() {
    let indices = us(&[0x0100, 0x0302, 0x0504, 0xFF06]);
    let made = Made::gray(8, 1, &[]).bits(8, 8, 7, false).with((0x28, 4), b"CS", even("PALETTE COLOR"));
    let descriptor = us(&[7, 0, 16]);
    // Discrete 100, then a line of three to 400; discrete again; the same line repeated by reference.
    let red = us(&[0, 1, 0x6400, 1, 3, 0x9400, 0, 3, 0, 0x100, 0x200]);
    let green = us(&[0, 2, 0x100, 0x200, 2, 2, 0, 0, 0, 3, 1 << 8, 2 << 8, 3 << 8]);
    let blue = us(&[0, 7, 0x100, 0x200, 0x300, 0x400, 0x500, 0x600, 0x700]);
    let made = made.with((0x7FE0, 0x10), b"OB", indices);
    let segmented = |made: Made, green: Vec<u8>| {
        let with = |made: Made, color: u16, segments: Vec<u8>| {
            made.with((0x28, 0x1101 + color), b"US", descriptor.clone()).with((0x28, 0x1221 + color), b"OW", segments)
        };
        with(with(with(made, 0, red.clone()), 1, green), 2, blue.clone())
    };
    // An indirect segment of one segment: green repeats its two entries.
    let repeated = us(&[0, 2, 0x100, 0x200, 2, 1, 0, 0, 0, 3, 1 << 8, 2 << 8, 3 << 8]);
    let picture = segmented(made, repeated).picture();
    let column = |n: usize| rgb(&picture).iter().skip(n).step_by(3).copied().collect::<Vec<u8>>();
    assert_eq!(column(0), [0x64, 0x74, 0x84, 0x94, 0, 1, 2, 2]);
    assert_eq!(column(1), [1, 2, 1, 2, 1, 2, 3, 3]);
    assert_eq!(column(2), [1, 2, 3, 4, 5, 6, 7, 7]);
    // A segment that refers to itself ends; the picture stays gray.
    let endless = Made::gray(8, 1, &[]).bits(8, 8, 7, false).with((0x28, 4), b"CS", even("PALETTE COLOR"));
    let endless = segmented(endless.with((0x7FE0, 0x10), b"OB", us(&[0; 4])), green);
    assert!(matches!(endless.picture().samples, Samples::Gray { .. }));
}

#[test]
fn video_range_colors_reach_black_and_white() {
    let made = Made::gray(2, 1, &[]).bits(8, 8, 7, false).with((0x28, 2), b"US", us(&[3]));
    let made =
        made.with((0x28, 4), b"CS", even("YBR_PARTIAL_422")).with((0x7FE0, 0x10), b"OB", vec![16, 235, 128, 128]);
    assert_eq!(rgb(&made.picture()), [0, 0, 0, 255, 255, 255]);
}

fn item(elements: Vec<u8>) -> Vec<u8> {
    let mut bytes = vec![0xFE, 0xFF, 0x00, 0xE0];
    bytes.extend((elements.len() as u32).to_le_bytes());
    bytes.extend(elements);
    bytes
}

#[test]
fn voi_lut_tables_are_applied_and_all_windows_are_offered() {
    let table = [
        element((0x28, 0x3002), b"US", &us(&[4, 10, 8])),
        element((0x28, 0x3003), b"LO", &even("steep")),
        element((0x28, 0x3006), b"OW", &us(&[0, 200, 100, 255])),
    ];
    let made = Made::gray(6, 1, &[0, 10, 11, 12, 13, 50])
        .with((0x28, 0x1050), b"DS", even("40\\20"))
        .with((0x28, 0x1051), b"DS", even("80\\10"))
        .with((0x28, 0x1055), b"LO", even("WIDE\\NARROW"))
        .with((0x28, 0x3010), b"SQ", item(table.concat()));
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("x.dcm"), made.bytes()).expect("written");
    let loaded = super::only_series(folder.path());
    let names: Vec<&str> = loaded.voi_choices.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!(names, ["steep", "WIDE", "NARROW"]);
    let picture = &loaded.pictures()[0];
    assert_eq!(loaded.voi_choices[0].voi.function, VoiFunction::Table(0));
    let grays: Vec<u8> = rendered(picture).iter().map(|p| p[0]).collect();
    assert_eq!(grays, [0, 0, 200, 100, 255, 255]);
    assert_eq!(picture.value(2, 0), 11.0, "readout stays on the values");
}

#[test]
fn presentation_lut_shape_inverts_once() {
    for photometric in ["MONOCHROME1", "MONOCHROME2"] {
        for (shape, turned) in [("INVERSE", true), ("IDENTITY", photometric == "MONOCHROME1")] {
            let made = Made::gray(1, 1, &[0]).with((0x28, 4), b"CS", even(photometric));
            let picture = made.with((0x2050, 0x20), b"CS", even(shape)).picture();
            assert_eq!(picture.inverted, turned, "{photometric} {shape}");
        }
    }
}

fn plane(made: Made, group: u16, kind: &str, [row, column]: [i16; 2], [rows, columns]: [u16; 2], bits: u16) -> Made {
    made.with((group, 0x10), b"US", us(&[rows]))
        .with((group, 0x11), b"US", us(&[columns]))
        .with((group, 0x40), b"CS", even(kind))
        .with((group, 0x50), b"SS", us(&[row.cast_unsigned(), column.cast_unsigned()]))
        .with((group, 0x100), b"US", us(&[1]))
        .with((group, 0x102), b"US", us(&[0]))
        .with((group, 0x3000), b"OW", us(&[bits]))
}

#[test]
fn overlays_lie_where_their_origin_says() {
    let made =
        Made::gray(4, 3, &[0; 12]).with((0x28, 0x1050), b"DS", even("500")).with((0x28, 0x1051), b"DS", even("10"));
    // Two by two: a diagonal from row 2, column 3; and a full one that begins outside.
    let made = plane(made, 0x6000, "G", [2, 3], [2, 2], 0b1001);
    let shown = rendered(&plane(made, 0x6002, "R", [0, 0], [2, 2], 0b1111).picture());
    let white: Vec<usize> = (0..12).filter(|n| shown[*n] == [255; 3]).collect();
    assert_eq!(white, [6, 11]);
    assert_eq!((0..12).filter(|n| shown[*n][0] != shown[*n][2]).collect::<Vec<usize>>(), [0], "the region");
}

#[test]
fn overlays_in_unused_bits_and_frames_of_overlays() {
    let made = Made::gray(2, 2, &[0x8001, 1, 1, 0x8001]).bits(16, 12, 11, false);
    let made = made.with((0x28, 0x1050), b"DS", even("500")).with((0x28, 0x1051), b"DS", even("10"));
    let mut made = plane(made, 0x6000, "G", [1, 1], [2, 2], 0).with((0x6000, 0x100), b"US", us(&[16]));
    made = made.with((0x6000, 0x102), b"US", us(&[15]));
    made.0.remove(&(0x6000, 0x3000));
    let picture = made.picture();
    assert_eq!(picture.values(), [1.0; 4]);
    assert_eq!(picture.presentation.overlays[0].bits, [1, 0, 0, 1]);

    let frames = Made::gray(2, 1, &[0; 6]).with((0x28, 0x8), b"IS", even("3"));
    let frames = plane(frames, 0x6000, "G", [1, 1], [1, 2], 0b1001).with((0x6000, 0x15), b"IS", even("2")).with(
        (0x6000, 0x51),
        b"US",
        us(&[2]),
    );
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("x.dcm"), frames.bytes()).expect("written");
    let loaded = super::only_series(folder.path());
    let bits = |n: usize| loaded.pictures()[n].presentation.overlays.first().map(|plane| plane.bits.clone());
    assert_eq!([bits(0), bits(1), bits(2)], [None, Some(vec![1, 0]), Some(vec![0, 1])]);
}

#[test]
fn shutters_and_padding_cover_and_stay_out_of_the_window() {
    let pixels: Vec<u16> = (0..25).map(|n| if n % 5 == 0 { 60_000 } else { 100 + n }).collect();
    let made = Made::gray(5, 5, &pixels)
        .with((0x18, 0x1600), b"CS", even("RECTANGULAR\\POLYGONAL"))
        .with((0x18, 0x1602), b"IS", even("2"))
        .with((0x18, 0x1604), b"IS", even("5"))
        .with((0x18, 0x1606), b"IS", even("1"))
        .with((0x18, 0x1608), b"IS", even("4"))
        .with((0x18, 0x1620), b"IS", even("0\\0\\0\\20\\20\\20\\20\\0"))
        .with((0x18, 0x1622), b"US", us(&[0x8000]))
        .with((0x28, 0x120), b"US", us(&[101]));
    let picture = made.picture();
    let shown = rendered(&picture);
    for (n, pixel) in shown.iter().enumerate() {
        match (n % 5, n / 5) {
            (0, _) | (_, 4) => assert_eq!(*pixel, [128; 3], "under the shutter: {n}"),
            (1, 0) => assert_eq!(*pixel, [0; 3], "padding"),
            _ => {}
        }
    }
    let range = picture.first_voi();
    assert!(range.center < 130.0 && range.width < 30.0, "{range:?}");
    assert_eq!(shown[19], [255; 3], "the brightest pixel that is shown");
}
