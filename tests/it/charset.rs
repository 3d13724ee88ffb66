//! Specific Character Set: every one of PS3.3 C.12.1.1.2, with bytes from other programs' encoders, and the examples of PS3.5.

use fovea::io;
use fovea::jobs::{Cancel, Progress};
use fovea::study::Patient;
use proptest::prelude::*;

/// The patient of a file whose name is these bytes under this character set.
fn patient(charset: &str, name: &[u8]) -> Patient {
    let mut bytes = [vec![0; 128], b"DICM".to_vec()].concat();
    let mut element = |group: u16, number: u16, vr: &[u8; 2], value: &[u8]| {
        let mut value = value.to_vec();
        if value.len() % 2 == 1 {
            value.push(b' ');
        }
        bytes.extend([group.to_le_bytes(), number.to_le_bytes()].concat());
        bytes.extend(vr);
        bytes.extend((value.len() as u16).to_le_bytes());
        bytes.extend(&value);
    };
    element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1\0");
    element(8, 5, b"CS", charset.as_bytes());
    element(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.88.33\0");
    element(8, 0x18, b"UI", b"1.2.3");
    element(0x10, 0x10, b"PN", name);
    element(0x20, 0xD, b"UI", b"1.2.4");
    element(0x20, 0xE, b"UI", b"1.2.5");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.dcm");
    std::fs::write(&path, bytes).expect("written");
    let catalog = io::open(&[path], &Progress::default(), &Cancel::default()).expect("it exists");
    catalog.studies[0].patient.clone()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

#[test]
fn single_byte_sets() {
    for (charset, bytes, expected) in [
        ("ISO_IR 100", hex("c4 d6 fc df e9"), "ÄÖüßé"),
        ("ISO_IR 101", hex("b9 e6 ea a3 f3"), "šćęŁó"),
        ("ISO_IR 109", hex("a1 b1 e6 fe"), "Ħħĉŝ"),
        ("ISO_IR 110", hex("a2 bf e0 fa"), "ĸŋāú"),
        ("ISO_IR 144", hex("bb ee da 63"), "Люкc"),
        ("ISO_IR 127", hex("e2 c8 c7 e6"), "قبان"),
        ("ISO_IR 126", hex("c4 e9 ef ed"), "Διον"),
        ("ISO_IR 138", hex("f9 f8 e5 ef"), "שרון"),
        ("ISO_IR 148", hex("d0 dd de f0 fd fe"), "ĞİŞğış"),
        ("ISO_IR 203", hex("a4 a6 bc bd"), "€ŠŒœ"),
        ("ISO_IR 166", hex("a1 d2 c3 ea"), "การ๊"),
        ("ISO_IR 13", hex("d4 cf c0 de"), "ﾔﾏﾀﾞ"),
        ("ISO_IR 192", "山田".as_bytes().to_vec(), "山田"),
        ("GB18030", hex("cd f5 5e d0 a1 b6 ab"), "王, 小东"),
        ("GBK", hex("cd f5 5e d0 a1 b6 ab"), "王, 小东"),
        ("", "Müller".as_bytes().to_vec(), "Müller"),
        ("ISO IR 100", hex("fc"), "ü"),
        ("ISO-IR_100", hex("fc"), "ü"),
        ("", hex("fc"), "ü"),
        ("ISO_IR 149", hex("b1 e8"), "김"),
    ] {
        assert_eq!(patient(charset, &bytes).name, expected, "{charset}");
    }
}

/// The examples of PS3.5 annexes H, I and K.
#[test]
fn the_examples_of_the_standard() {
    let first = patient(
        "\\ISO 2022 IR 87",
        b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
    );
    assert_eq!(first.name, "Yamada, Tarou (山田, 太郎; やまだ, たろう)");
    assert_eq!((first.ideographic.as_str(), first.phonetic.as_str()), ("山田, 太郎", "やまだ, たろう"));
    let second = patient(
        "ISO 2022 IR 13\\ISO 2022 IR 87",
        b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J",
    );
    assert_eq!(second.name, "ﾔﾏﾀﾞ, ﾀﾛｳ (山田, 太郎; やまだ, たろう)");
    let korean = patient(
        "\\ISO 2022 IR 149",
        b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
    );
    assert_eq!(korean.name, "Hong, Gildong (洪, 吉洞; 홍, 길동)");
    let chinese = patient("\\ISO 2022 IR 58", b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=");
    assert_eq!((chinese.ideographic.as_str(), chinese.phonetic.as_str()), ("张, 小东", ""));
    assert_eq!(patient("ISO_IR 192", "Wang^XiaoDong=王^小东".as_bytes()).ideographic, "王, 小东");
}

#[test]
fn escapes_select_single_byte_sets_and_delimiters_bring_the_first_back() {
    // Latin, then Greek, then back by the delimiter.
    let mixed = patient("ISO 2022 IR 100\\ISO 2022 IR 126", b"Dionysios \x1b-F\xc4\xe9^\xe9");
    assert_eq!(mixed.name, "Dionysios Δι, é");
    let cyrillic = patient("ISO 2022 IR 6\\ISO 2022 IR 144", b"\x1b-L\xbb\xee=\x1b-L\xda");
    assert_eq!(cyrillic.name, "Лю (к)");
    let latin9 = patient("ISO 2022 IR 6\\ISO 2022 IR 203", b"\x1b-b\xa4");
    assert_eq!(latin9.name, "€");
    let supplementary = patient("\\ISO 2022 IR 159", b"A=\x1b$(D0!\x1b(B");
    assert_eq!(supplementary.ideographic, "丂");
    let thai = patient("ISO 2022 IR 166", b"\x1b-T\xa1^\xa1");
    assert_eq!(thai.name, "ก, ก");
    // Without its escape, the declared extension is taken.
    assert_eq!(patient("\\ISO 2022 IR 149", b"Hong=\xfb\xf3").ideographic, "洪");
    // Cut in the middle of a pair, and an escape that nobody knows: marks, no panic.
    assert!(patient("\\ISO 2022 IR 149", b"\x1b$)C\xfb").name.contains('\u{FFFD}'));
    assert!(!patient("\\ISO 2022 IR 87", b"\x1b$XAB").name.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_under_any_set_never_panic(set in 0usize..6, bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let sets = ["", "ISO_IR 192", "GB18030", "\\ISO 2022 IR 87", "ISO 2022 IR 13\\ISO 2022 IR 149", "rubbish"];
        // Escapes are rare in random bytes: make them common.
        let bytes: Vec<u8> = bytes.into_iter().map(|b| if b % 7 == 0 { 0x1B } else { b }).collect();
        let _ = patient(sets[set], &bytes);
    }
}
