//! `fovea tags`: what is listed, found, and told apart.

use super::made::{self, Elements, slice};
use crate::common::shared;
use fovea::cli::tags::{Args, run};
use fovea::io::elements::{Change, compare, list};
use serde_json::Value;
use std::path::Path;

fn args(file: &Path) -> Args {
    Args { file: file.to_owned(), file2: None, find: None, depth: None, json: false }
}

fn said(args: &Args) -> String {
    let mut out = Vec::new();
    run(args, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json(args: Args) -> Value {
    serde_json::from_str(&said(&Args { json: true, ..args })).unwrap()
}

#[test]
fn a_file_is_listed_from_meta_group_to_padding() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.dcm");
    made::tail(made::patient(made::head("1.2.3.100").put((9, 0x1002), "UN", b"\x01\x02\xFF\x00"))).write(&path);
    let text = said(&args(&path));
    for part in [
        "(0002,0003) UI Media Storage SOP Instance UID",
        "(0010,0010) PN Patient Name                         #10 Roe^Jane^Q",
        "(0008,0008) CS Image Type                           #22 ×3 ORIGINAL\\PRIMARY\\AXIAL",
        "    (0008,1155) UI Referenced SOP Instance UID",
        "(0009,1001) LO Private: ACME 1.1",
        "#4 4 bytes: 01 02 ff 00",
        "(0028,0010) US Rows                                 #2 2",
        "#8 8 bytes: 01 00 02 00 03 00 04 00",
        "(FFFC,FFFC) OB Data Set Trailing Padding",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    let tree = json(args(&path));
    let sequence = tree["elements"].as_array().unwrap().iter().find(|e| e["tag"] == "(0008,1140)").unwrap();
    assert_eq!(sequence["items"][0][1]["value"], "1.2.3.100");
    let shallow = said(&Args { depth: Some(1), ..args(&path) });
    assert!(
        !shallow.contains("(0008,1155)") && !shallow.contains("Item 1") && shallow.contains("(0008,1140)"),
        "{shallow}"
    );
}

#[test]
fn names_numbers_and_values_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.dcm");
    slice("1.2.3.100").write(&path);
    let find = |text: &str| said(&Args { find: Some(text.into()), ..args(&path) });
    for way in ["(0010,0010)", "00100010", "0010,0010", "patient name", "Patient's name", "PATIENTNAME", "roe^jane^q"] {
        assert!(find(way).contains("(0010,0010) PN"), "{way}");
        assert!(!find(way).contains("(0010,0020)"), "{way}");
    }
    let nested = find("1155");
    assert_eq!(
        nested.lines().map(str::trim_start).map(|l| &l[..6]).collect::<Vec<_>>(),
        ["(0008,", "Item 1", "(0008,"]
    );
    assert!(find("acme").contains("(0009,1001)"), "private elements by their creator");
    assert_eq!(find("no such thing"), "");
}

#[test]
fn differences_are_told_at_every_depth() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let item = |uid: &str| Elements::default().text((8, 0x1155), "UI", uid);
    let set = |kernel: &str, items: &[Elements], pixel: u8| {
        Elements::default()
            .text((8, 0x60), "CS", "CT")
            .items((8, 0x1140), items)
            .text((0x18, 0x1210), "SH", kernel)
            .put((0x7FE0, 0x10), "OW", &[pixel; 64])
    };
    set("B30", &[item("1.2.1"), item("1.2.2")], 1).text((0xFFFC, 0xFFFC), "SH", "x").write(&at("a"));
    set("B31", &[item("1.2.1"), item("1.2.3"), item("1.2.4")], 1).write(&at("b"));
    let compared = json(Args { file2: Some(at("b")), ..args(&at("a")) });
    assert_eq!(compared["equal"], false);
    let told: Vec<(&str, &str)> = compared["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| (d["path"].as_str().unwrap(), d["change"].as_str().unwrap()))
        .collect();
    let expected = [
        ("(0008,1140)[2](0008,1155)", "changed"),
        ("(0008,1140)[3]", "added"),
        ("(0018,1210)", "changed"),
        ("(FFFC,FFFC)", "removed"),
    ];
    assert_eq!(told, expected);
    assert_eq!(compared["differences"][2]["before"]["value"], "B30");
    assert_eq!(compared["differences"][2]["after"]["value"], "B31");
    let same = said(&Args { file2: Some(at("a")), ..args(&at("a")) });
    assert_eq!(same, "no differences\n");
    // The first bytes of the pixels are the same; the last ones are not.
    let mut bytes = std::fs::read(at("b")).unwrap();
    *bytes.last_mut().unwrap() = 9;
    std::fs::write(at("c"), bytes).unwrap();
    let [b, c] = ["b", "c"].map(|name| list(&at(name), true).unwrap().lines);
    let changed: Vec<_> = compare(&b, &c).into_iter().filter(|row| row.change != Change::Same).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].line.keyword, "PixelData");
}

/// Files without meta group, big endian, deflated, and in every character set.
#[test]
fn every_encoding_is_listed() {
    let Some(shared) = shared() else { return };
    let data = shared.join("data");
    let value = |file: &str, tag: &str| {
        let found = json(Args { find: Some(tag.into()), ..args(&data.join(file)) });
        found["elements"][0]["value"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(value("xr/dicom/CR-MONO1-10-chest.dcm", "0028,0010"), "440");
    assert_eq!(value("syntaxes/pydicom/MR_small_bigendian.dcm", "0028,0010"), "64");
    assert_eq!(value("syntaxes/pydicom/image_dfl.dcm", "0028,0010"), "512");
    assert_eq!(value("syntaxes/pydicom/MR_small_implicit.dcm", "0028,0010"), "64");
    let names: Vec<String> = std::fs::read_dir(data.join("syntaxes/charset"))
        .unwrap()
        .map(|file| value(&format!("syntaxes/charset/{}", file.unwrap().file_name().to_string_lossy()), "0010,0010"))
        .collect();
    assert!(names.iter().any(|name| !name.is_ascii()), "{names:?}");
    assert!(names.iter().all(|name| !name.contains('\u{1b}')), "{names:?}");
}

#[test]
fn broken_files_give_elements_or_a_sentence() {
    let Some(shared) = shared() else { return };
    for item in
        walkdir::WalkDir::new(shared.join("data/broken")).into_iter().flatten().filter(|i| i.file_type().is_file())
    {
        let mut out = Vec::new();
        if let Err(problem) = run(&args(item.path()), &mut out) {
            assert!(!problem.to_string().contains("defect"), "{}: {problem}", item.path().display());
        }
    }
}
