//! Archives: ZIP, tar, gzip and bzip2, opened themselves and found in folders; entries that climb; bombs; DICOMDIR names.

use super::{catalog, load};
use crate::io_read::made::ct;
use fovea::study::Catalog;
use proptest::prelude::*;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

/// Three slices of one series.
pub(crate) fn slices() -> Vec<(String, Vec<u8>)> {
    (0..3).map(|n| (format!("inner/{n}.dcm"), ct(4, 3, n * 5, true, true))).collect()
}

pub(crate) fn zip_of(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (n, (name, bytes)) in entries.iter().enumerate() {
        let method = if n == 0 { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
        writer.start_file(name, SimpleFileOptions::default().compression_method(method)).expect("memory");
        writer.write_all(bytes).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

pub(crate) fn tar_of(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, &bytes[..]).expect("memory");
    }
    builder.into_inner().expect("memory")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn files(catalog: &Catalog) -> Vec<String> {
    let all = catalog.series().flat_map(|(_, s)| &s.instances);
    all.map(|i| i.file.to_string_lossy().into_owned()).collect()
}

fn reasons(catalog: &Catalog) -> String {
    let lines: Vec<String> = catalog.unreadable.iter().map(|u| format!("{}: {}", u.file.display(), u.reason)).collect();
    lines.join("\n")
}

#[test]
fn archives_open_like_folders() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in [
        ("study.zip", zip_of(&slices())),
        ("study.tar", tar_of(&slices())),
        ("study.tar.gz", gzip(&tar_of(&slices()))),
        ("study.tgz", gzip(&tar_of(&slices()))),
        ("study.tar.bz2", bzip2(&tar_of(&slices()))),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let opened = catalog(&path);
        assert_eq!(files(&opened), ["inner/0.dcm", "inner/1.dcm", "inner/2.dcm"], "{name}: {}", reasons(&opened));
        let key = opened.series().next().expect("a series").1.key();
        assert_eq!(load(&opened, &key).volume().expect("a volume").dims(), [4, 3, 3], "{name}");
        // Found within a folder, files are named by the archive too.
        let found = catalog(folder.path());
        assert_eq!(files(&found)[0], format!("{name}/inner/0.dcm"));
        assert_eq!(load(&found, &key).volume().expect("a volume").dims(), [4, 3, 3], "{name}");
        std::fs::remove_file(&path).expect("removed");
    }
}

#[test]
fn single_compressed_files_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("one.dcm.gz");
    std::fs::write(&path, gzip(&ct(4, 3, 0, true, true))).expect("written");
    assert_eq!(files(&catalog(&path)), ["one.dcm"]);
    assert_eq!(files(&catalog(folder.path())), ["one.dcm.gz/one.dcm"]);
}

/// The folder with the contents is private, and goes with the last catalog.
#[test]
fn nothing_is_left_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("study.zip");
    std::fs::write(&path, zip_of(&slices())).expect("written");
    let opened = catalog(&path);
    let place = opened.path(&opened.series().next().expect("a series").1.instances[0]);
    let outer = place.ancestors().find(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("fovea-")));
    let outer = outer.expect("in our folder").to_owned();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&outer).expect("there").permissions().mode() & 0o777, 0o700);
    }
    let copy = opened.clone();
    drop(opened);
    assert!(place.is_file());
    drop(copy);
    assert!(!outer.exists());
}

#[test]
fn archives_in_archives_open_two_deep() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = zip_of(&slices()[..1]);
    let middle = tar_of(&[("middle.zip".into(), inner)]);
    let path = folder.path().join("outer.zip");
    std::fs::write(&path, zip_of(&[("middle.tar".into(), middle.clone())])).expect("written");
    let opened = catalog(&path);
    assert!(files(&opened).is_empty());
    assert!(reasons(&opened).contains("nested more than 2 deep"), "{}", reasons(&opened));
    std::fs::write(&path, zip_of(&[("inner.zip".into(), zip_of(&slices()[..1]))])).expect("written");
    assert_eq!(files(&catalog(&path)), ["inner.zip/inner/0.dcm"]);
}

#[test]
fn entries_that_climb_are_refused_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).expect("made");
    let bytes = ct(4, 3, 0, true, true);
    let names = ["../evil1.dcm", "a/../../evil2.dcm", "/tmp/evil3.dcm", "C:\\evil4.dcm", "..\\evil5.dcm", "good.dcm"];
    let entries: Vec<(String, Vec<u8>)> = names.iter().map(|n| ((*n).to_owned(), bytes.clone())).collect();
    std::fs::write(inside.join("x.zip"), zip_of(&entries)).expect("written");
    // The tar writer refuses such names itself: they are patched in.
    let mut tar = tar_of(&[("zz/evil6.dcm".into(), bytes.clone()), ("fine.dcm".into(), bytes.clone())]);
    tar[..2].copy_from_slice(b"..");
    let sum: u32 =
        tar[..512].iter().enumerate().map(|(n, b)| if (148..156).contains(&n) { 32 } else { u32::from(*b) }).sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    std::fs::write(inside.join("x.tar"), tar).expect("written");
    let mut links = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    links.append_link(&mut header, "link.dcm", "/etc/passwd").expect("memory");
    header.set_entry_type(tar::EntryType::Fifo);
    links.append_data(&mut header, "pipe", std::io::empty()).expect("memory");
    std::fs::write(inside.join("links.tar"), links.into_inner().expect("memory")).expect("written");
    let opened = catalog(&inside);
    let mut good = files(&opened);
    good.sort();
    assert_eq!(good, ["x.tar/fine.dcm", "x.zip/good.dcm"]);
    let said = reasons(&opened);
    for n in 1..=6 {
        assert!(said.contains(&format!("evil{n}.dcm")), "{n}: {said}");
    }
    assert_eq!(said.matches("leads out").count(), 6, "{said}");
    assert!(said.contains("link.dcm: this is a link") && said.contains("pipe: this is no plain file"), "{said}");
    assert!(!folder.path().join("evil1.dcm").exists());
}

#[test]
fn bombs_and_broken_archives_end_with_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    // 400 MB of zeros in 400 kB: a single file that grows a thousand times.
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("bomb.dcm", SimpleFileOptions::default()).expect("memory");
    let zeros = vec![0; 1 << 20];
    (0..400).for_each(|_| writer.write_all(&zeros).expect("memory"));
    let bomb = writer.finish().expect("memory").into_inner();
    std::fs::write(folder.path().join("bomb.zip"), &bomb).expect("written");
    let mut tight = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    tight.write_all(&vec![0; 64 << 20]).expect("memory");
    std::fs::write(folder.path().join("bomb.dcm.gz"), tight.finish().expect("memory")).expect("written");
    std::fs::write(folder.path().join("cut.zip"), &zip_of(&slices())[..200]).expect("written");
    let whole = gzip(&tar_of(&slices()));
    std::fs::write(folder.path().join("cut.tgz"), &whole[..whole.len() - 60]).expect("written");
    std::fs::write(folder.path().join("x.rar"), b"Rar!\x1a\x07\x00 and so on, longer than a header").expect("written");
    let start = std::time::Instant::now();
    let opened = catalog(folder.path());
    assert!(start.elapsed().as_secs() < 10);
    let said = reasons(&opened);
    assert_eq!(said.matches("grows more than 200 times").count(), 2, "{said}");
    for name in ["cut.zip", "cut.tgz", "x.rar"] {
        assert!(said.contains(name), "{name}: {said}");
    }
}

/// A DICOMDIR with names in upper case, and files in lower case with versions; one missing; one that it does not name.
#[test]
fn dicomdir_names_are_found_as_they_lie_on_the_disk() {
    use dicom_core::{DataElement, PrimitiveValue, Tag, VR, value::DataSetSequence};
    use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
    let folder = tempfile::tempdir().expect("a folder");
    let names: [&[&str]; 4] = [&["IMAGES", "IMG0"], &["IMAGES", "IMG1"], &["GONE"], &["..", "SECRET"]];
    let record = |parts: &&[&str]| {
        let mut item = InMemDicomObject::new_empty();
        let id = PrimitiveValue::Strs(parts.iter().map(|p| (*p).to_owned()).collect());
        item.put(DataElement::new(Tag(0x0004, 0x1500), VR::CS, id));
        item
    };
    let mut object = InMemDicomObject::new_empty();
    object.put(DataElement::new(
        Tag(0x0004, 0x1220),
        VR::SQ,
        DataSetSequence::from(names.iter().map(record).collect::<Vec<_>>()),
    ));
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax("1.2.840.10008.1.2.1")
        .media_storage_sop_class_uid("1.2.840.10008.1.3.10")
        .media_storage_sop_instance_uid("1.2.3");
    let inside = folder.path().join("medium");
    std::fs::create_dir_all(inside.join("images")).expect("made");
    object.with_meta(meta).expect("a header").write_to_file(inside.join("DICOMDIR")).expect("written");
    std::fs::write(inside.join("images/img0"), ct(4, 3, 0, true, true)).expect("written");
    std::fs::write(inside.join("images/Img1.;1"), ct(4, 3, 5, true, true)).expect("written");
    std::fs::write(inside.join("images/extra"), ct(4, 3, 10, true, true)).expect("written");
    std::fs::write(folder.path().join("SECRET"), ct(4, 3, 15, true, true)).expect("written");
    let opened = catalog(&inside.join("DICOMDIR"));
    assert_eq!(files(&opened), ["images/img0", "images/Img1.;1"], "{}", reasons(&opened));
    let said = reasons(&opened);
    assert!(said.contains("GONE: the DICOMDIR names this file"), "{said}");
    assert!(said.contains("names 4 files, 1 of them missing; 1 names lead out"), "{said}");
    let walked = catalog(&inside);
    assert_eq!(files(&walked).len(), 3);
    assert!(reasons(&walked).contains("1 files in its folder are not named"), "{}", reasons(&walked));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn mutated_archives_never_panic(
        kind in 0usize..3,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..10),
        cut in any::<prop::sample::Index>(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut bytes = [zip_of(&slices()), tar_of(&slices()), gzip(&tar_of(&slices()))][kind].clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if cut.index(3) == 0 {
            bytes.truncate(cut.index(bytes.len()));
        }
        let path = folder.path().join(["x.zip", "x.tar", "x.tgz"][kind]);
        std::fs::write(&path, &bytes).expect("written");
        let opened = catalog(&path);
        prop_assert!(!files(&opened).is_empty() || !opened.unreadable.is_empty());
    }
}
