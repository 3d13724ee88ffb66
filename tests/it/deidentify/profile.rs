//! Every kind of action of the profile, its options, and what is refused.

use super::made::{self, Elements, slice};
use dicom_core::Tag;
use fovea::io::anonymize::{AnonymizeError, Dates, LeftOut, ProfileOptions, Request, Summary, anonymize};
use fovea::io::dicom::{DataSet, DicomFile};
use fovea::jobs::{Cancel, Progress};
use std::path::{Path, PathBuf};

/// Traces of Jane Roe that no copy may hold in its bytes.
const TRACES: [&str; 14] = [
    "Roe",
    "ROE",
    "Jane",
    "JANE",
    "PID-4711",
    "19700102",
    "ACC-778899",
    "OTHER-99",
    "STUDY-55",
    "Refer^",
    "ACME",
    "1.2.3.100",
    "1.2.3.4\0",
    "Mrs",
];

fn run(source: &Path, output: &Path, request: &Request) -> Result<Summary, AnonymizeError> {
    anonymize(source, output, request, &Progress::default(), &Cancel::default())
}

fn request(options: ProfileOptions) -> Request {
    Request { options, key: Some("test".into()), ..Request::default() }
}

/// One file in, its copy out.
fn copy_of(elements: &Elements, options: ProfileOptions) -> (DataSet, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.dcm");
    elements.write(&source);
    let summary = run(&source, &folder.path().join("out"), &request(options)).unwrap();
    let one = summary.written.first().unwrap_or_else(|| panic!("{:?}", summary.left_out));
    let path = folder.path().join("out").join(&one.output);
    (DicomFile::open(&path).unwrap().data, std::fs::read(&path).unwrap())
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn text(data: &DataSet, group: u16, element: u16) -> String {
    data.text(Tag(group, element))
}

fn has(data: &DataSet, group: u16, element: u16) -> bool {
    data.get(Tag(group, element)).is_some()
}

#[test]
fn nothing_of_the_patient_is_left_in_the_bytes() {
    let (data, bytes) = copy_of(&slice("1.2.3.100"), ProfileOptions::default());
    for trace in TRACES {
        assert!(!holds(&bytes, trace), "{trace:?} is still there");
    }
    // D: pseudonyms. Z: there and empty. X: gone. K: as it was. U: new.
    assert!(text(&data, 0x10, 0x20).starts_with("ANON-"));
    assert_eq!(text(&data, 0x10, 0x10), text(&data, 0x10, 0x20));
    for (group, element) in [(0x10, 0x30), (0x10, 0x40), (8, 0x20), (8, 0x50), (8, 0x90), (0x20, 0x10)] {
        assert!(has(&data, group, element), "({group:04x},{element:04x}) is type 2");
        assert_eq!(text(&data, group, element), "");
    }
    for (group, element) in [(0x10, 0x1010), (0x10, 0x4000), (8, 0x80), (0x40, 0x275), (0x10, 0x1002), (0x6000, 0x10)] {
        assert!(!has(&data, group, element), "({group:04x},{element:04x}) is removed");
    }
    assert_eq!((text(&data, 0x18, 0x15), text(&data, 0x20, 0x13)), ("CHEST".into(), "7".into()));
    assert!(text(&data, 8, 0x18).starts_with("2.25.") && text(&data, 0x20, 0xD).starts_with("2.25."));
    assert_eq!(text(&data, 8, 0x16), "1.2.840.10008.5.1.4.1.1.2");
    // A kept text that held her name lost it.
    assert_eq!(text(&data, 0x18, 0x1210), "REMOVED");
    assert_eq!(text(&data, 0x12, 0x62), "YES");
    assert_eq!(text(&data, 0x28, 0x303), "REMOVED");
    let codes = data.items(Tag(0x12, 0x64));
    assert_eq!(codes.iter().map(|code| code.text(Tag(8, 0x100))).collect::<Vec<_>>(), ["113100"]);
    assert!(bytes[..128].iter().all(|b| *b == 0), "the preamble is cleared");
    assert!(bytes.ends_with(&[1, 0, 2, 0, 3, 0, 4, 0]), "pixels as they were, and nothing behind them");
}

#[test]
fn references_follow_their_objects_in_the_whole_run() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("in");
    std::fs::create_dir(&source).unwrap();
    slice("1.2.3.100").write(&source.join("a"));
    slice("1.2.3.101").write(&source.join("b"));
    let options = ProfileOptions { retain_uids: false, ..ProfileOptions::default() };
    let mut runs = Vec::new();
    for (name, key) in [("one", Some("k")), ("two", Some("k")), ("three", None), ("four", None)] {
        let request = Request { options, key: key.map(str::to_owned), ..Request::default() };
        let output = folder.path().join(name);
        let summary = run(&source, &output, &request).unwrap();
        let copies: Vec<DataSet> =
            summary.written.iter().map(|one| DicomFile::open(&output.join(&one.output)).unwrap().data).collect();
        assert_eq!(copies.len(), 2, "{:?}", summary.left_out);
        let uid = |n: usize, element| copies[n].text(Tag(0x20, element));
        assert_eq!((uid(0, 0xD), uid(0, 0xE), uid(0, 0x52)), (uid(1, 0xD), uid(1, 0xE), uid(1, 0x52)));
        let sop = copies[0].text(Tag(8, 0x18));
        assert_ne!(sop, copies[1].text(Tag(8, 0x18)));
        for copy in &copies {
            let referenced = copy.item(Tag(8, 0x1140)).unwrap();
            assert_eq!(referenced.text(Tag(8, 0x1155)), sop, "the reference follows");
            assert_eq!(referenced.text(Tag(8, 0x1150)), "1.2.840.10008.5.1.4.1.1.2", "a class is no identity");
        }
        runs.push((sop, copies[0].text(Tag(0x10, 0x20))));
    }
    assert_eq!(runs[0], runs[1], "one key, one identity");
    assert_ne!(runs[0], runs[2]);
    assert_ne!(runs[2], runs[3], "without a key, nobody can tell");
}

#[test]
fn a_copy_can_be_de_identified_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    slice("1.2.3.100").write(&at("a.dcm"));
    let first = run(&at("a.dcm"), &at("one"), &Request::default()).unwrap();
    let second = run(&at("one"), &at("two"), &Request::default()).unwrap();
    assert_eq!(second.written.len(), 1, "{:?}", second.left_out);
    assert_ne!(first.written[0].patient_id, second.written[0].patient_id);
    let data = DicomFile::open(&at("two").join(&second.written[0].output)).unwrap().data;
    assert_eq!(data.items(Tag(0x12, 0x64)).len(), 1, "the method is not told twice");
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.dcm");
    slice("1.2.3.100").write(&source);
    let output = folder.path().join("out");
    let request = request(ProfileOptions::default());
    assert_eq!(run(&source, &output, &request).unwrap().written.len(), 1);
    let again = run(&source, &output, &request).unwrap();
    assert!(again.written.is_empty());
    assert!(matches!(&again.left_out[..], [(_, LeftOut::Failed(reason))] if reason.contains("overwritten")));
    let inside = run(folder.path(), &output, &request);
    assert!(matches!(inside, Err(AnonymizeError::OutputInside)));
}

#[test]
fn dates_are_kept_or_moved_together() {
    let full = ProfileOptions { dates: Dates::Full, ..ProfileOptions::default() };
    let (data, _) = copy_of(&slice("1.2.3.100"), full);
    assert_eq!((text(&data, 8, 0x20), text(&data, 8, 0x30)), ("20240305".into(), "101112.5".into()));
    assert_eq!(text(&data, 0x10, 0x30), "", "the birth date is no longitudinal information");
    assert_eq!(text(&data, 0x28, 0x303), "UNMODIFIED");

    let shifted = ProfileOptions { dates: Dates::Shifted, ..ProfileOptions::default() };
    let later = Elements::default().text((8, 0x2A), "DT", "20240307101112.5+0100");
    let elements = made::tail(made::patient(
        made::head("1.2.3.100").items((8, 0x2112), &[later, Elements::default().text((8, 0x22), "DA", "2024")]),
    ));
    let (data, bytes) = copy_of(&elements, shifted);
    let moved = text(&data, 8, 0x20);
    assert!(moved.len() == 8 && moved.as_str() < "20240305", "{moved}");
    assert_eq!((text(&data, 8, 0x22), text(&data, 8, 0x30)), (moved.clone(), "101112.5".into()));
    let items = data.items(Tag(8, 0x2112));
    let date = |text: &str| jiff::civil::Date::strptime("%Y%m%d", &text[..8]).unwrap();
    let nested = items[0].text(Tag(8, 0x2A));
    assert_eq!((date(&nested) - date(&moved)).get_days(), 2, "distances stay");
    assert!(nested.ends_with("101112.5+0100"));
    assert_eq!(items[1].text(Tag(8, 0x22)), "", "what is no whole date is not moved but emptied");
    assert!(!holds(&bytes, "20240305"));
    assert_eq!(text(&data, 0x28, 0x303), "MODIFIED");
}

#[test]
fn options_keep_what_they_name_and_say_so() {
    let options = ProfileOptions {
        retain_uids: true,
        retain_device: true,
        retain_institution: true,
        retain_patient_characteristics: true,
        retain_safe_private: true,
        clean_descriptors: true,
        ..ProfileOptions::default()
    };
    let (data, bytes) = copy_of(&slice("1.2.3.100"), options);
    assert_eq!((text(&data, 8, 0x18), text(&data, 0x20, 0xD)), ("1.2.3.100".into(), "1.2.3.4".into()));
    assert_eq!((text(&data, 0x18, 0x1000), text(&data, 8, 0x1010)), ("SERIAL-1234".into(), "CT-ROOM-1".into()));
    assert_eq!(text(&data, 8, 0x80), "General Hospital");
    assert_eq!((text(&data, 0x10, 0x1010), text(&data, 0x10, 0x40)), ("054Y".into(), "F".into()));
    assert_eq!(text(&data, 8, 0x103E), "Chest axial 5mm", "known words only");
    assert_eq!(text(&data, 0x7053, 0x1000), "0.5");
    assert_eq!(text(&data, 0x7053, 0x10), "Philips PET Private Group");
    assert!(!has(&data, 0x7053, 0x1003) && !has(&data, 9, 0x1001), "only what is on the list of safe ones");
    for trace in ["Roe", "Jane", "PID-4711", "ACC-778899"] {
        assert!(!holds(&bytes, trace), "{trace}");
    }
    let codes: Vec<String> = data.items(Tag(0x12, 0x64)).iter().map(|code| code.text(Tag(8, 0x100))).collect();
    assert_eq!(codes, ["113100", "113105", "113108", "113109", "113110", "113111", "113112"]);
}

#[test]
fn documents_are_left_out_and_reports_keep_what_is_coded() {
    let folder = tempfile::tempdir().unwrap();
    let pdf = made::patient(made::head("1.2.3.200")).put((0x42, 0x11), "OB", b"%PDF Jane Roe");
    pdf.write(&folder.path().join("pdf"));
    let content = |kind: &str| Elements::default().text((0x40, 0xA040), "CS", kind);
    let items = [
        content("TEXT").text((0x40, 0xA160), "UT", "Jane is well"),
        content("PNAME").text((0x40, 0xA123), "PN", "Roe^Jane"),
        content("CONTAINER")
            .items((0x40, 0xA730), &[content("TEXT").text((0x40, 0xA160), "UT", "Roe"), content("NUM")]),
        content("CODE"),
    ];
    let report = made::patient(made::head("1.2.3.300")).items((0x40, 0xA730), &items);
    report.write(&folder.path().join("sr"));
    std::fs::write(folder.path().join("note.txt"), "Jane Roe").unwrap();
    let output = tempfile::tempdir().unwrap();
    let basic = run(folder.path(), &output.path().join("a"), &request(ProfileOptions::default())).unwrap();
    assert!(basic.written.is_empty());
    let refused = basic.left_out.iter().filter(|(_, reason)| matches!(reason, LeftOut::Refused(_))).count();
    assert_eq!((refused, basic.left_out.len()), (2, 3), "{:?}", basic.left_out);

    let options = ProfileOptions { clean_structured_content: true, ..ProfileOptions::default() };
    let cleaned = run(folder.path(), &output.path().join("b"), &request(options)).unwrap();
    let [one] = &cleaned.written[..] else { panic!("{:?}", cleaned.left_out) };
    assert_eq!(one.file, PathBuf::from("sr"));
    let path = output.path().join("b").join(&one.output);
    let data = DicomFile::open(&path).unwrap().data;
    let kinds = |items: &[DataSet]| items.iter().map(|item| item.text(Tag(0x40, 0xA040))).collect::<Vec<_>>();
    let content = data.items(Tag(0x40, 0xA730));
    assert_eq!(kinds(content), ["CONTAINER", "CODE"]);
    assert_eq!(kinds(content[0].items(Tag(0x40, 0xA730))), ["NUM"]);
    assert!(!holds(&std::fs::read(&path).unwrap(), "Jane"));
}

#[test]
fn two_patients_never_become_one() {
    let folder = tempfile::tempdir().unwrap();
    slice("1.2.3.100").write(&folder.path().join("a"));
    let other =
        made::tail(made::head("1.2.3.101").text((0x10, 0x10), "PN", "Doe^John").text((0x10, 0x20), "LO", "PID-2"));
    other.write(&folder.path().join("b"));
    let output = tempfile::tempdir().unwrap();
    let named = Request { patient_id: Some("CASE 1".into()), ..Request::default() };
    assert!(matches!(run(folder.path(), output.path(), &named), Err(AnonymizeError::SeveralPatients(2))));
    let several = run(folder.path(), output.path(), &Request::default()).unwrap();
    assert_ne!(several.written[0].patient_id, several.written[1].patient_id);
    let one = run(&folder.path().join("a"), output.path(), &named).unwrap();
    assert_eq!(one.written[0].patient_id, "CASE 1");
    assert!(one.written[0].output.starts_with("CASE_1"));
    let foreign = Request { patient_name: Some("Jürgen".into()), ..Request::default() };
    assert!(matches!(run(folder.path(), output.path(), &foreign), Err(AnonymizeError::Text(_))));
}

#[test]
fn what_may_be_seen_in_pixels_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let warnings = |modality: &str, burned: Option<&str>, part: &str| {
        let mut elements = Elements::default()
            .text((8, 0x16), "UI", "1.2.840.10008.5.1.4.1.1.2")
            .text((8, 0x18), "UI", "1.2.3.7")
            .text((8, 0x60), "CS", modality)
            .text((0x18, 0x15), "CS", part);
        if let Some(burned) = burned {
            elements = elements.text((0x28, 0x301), "CS", burned);
        }
        let source = folder.path().join("x.dcm");
        elements.put((0x7FE0, 0x10), "OW", &[0, 0]).write(&source);
        let output = tempfile::tempdir().unwrap();
        let summary = run(&source, output.path(), &Request::default()).unwrap();
        summary.written[0].warnings.join("\n")
    };
    assert!(warnings("CT", Some("YES"), "CHEST").contains("burned into"));
    assert!(warnings("US", None, "HEART").contains("may show names"));
    assert_eq!(warnings("US", Some("NO"), "HEART"), "");
    assert!(warnings("MR", None, "HEAD").contains("face"));
    assert_eq!(warnings("CT", None, "CHEST"), "");
}

#[test]
fn a_name_in_a_comment_of_coded_pixels_stops_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("x.dcm");
    slice("1.2.3.100").write(&source);
    let mut bytes = std::fs::read(&source).unwrap();
    let pixels = [0xE0, 0x7F, 0x10, 0x00, b'O', b'W'];
    let at = bytes.windows(6).position(|window| window == pixels).unwrap();
    bytes.truncate(at);
    let fragment = b"\xFF\xD8\xFF\xFE\x00\x0CRoe^Jane^Q\xFF\xD9";
    bytes.extend([0xE0, 0x7F, 0x10, 0x00, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    bytes.extend([0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0x00, 0xE0, fragment.len() as u8, 0, 0, 0]);
    bytes.extend(fragment);
    bytes.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    std::fs::write(&source, bytes).unwrap();
    let output = folder.path().join("out");
    let summary = run(&source, &output, &Request::default()).unwrap();
    assert!(matches!(&summary.left_out[..], [(_, LeftOut::Refused(reason))] if reason.contains("comment")));
    let files = walkdir::WalkDir::new(&output).into_iter().flatten().filter(|item| item.file_type().is_file());
    assert_eq!(files.count(), 0, "nothing is left behind");
}
