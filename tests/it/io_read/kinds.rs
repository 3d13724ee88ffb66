//! Kinds of series, made byte by byte: mosaics, cine loops, two patients under one UID.

use super::made::{ct, element};
use fovea::study::SeriesGeometry;
use fovea::volume::Calibration;
use std::path::Path;

/// An element to be written: tag, VR, value.
type Made = ((u16, u16), &'static [u8; 2], Vec<u8>);

/// An object of `columns × rows × frames` pixels of 16 bits with value `index % 1000`, and the given elements.
fn object(extra: &[Made], [columns, rows, frames]: [u16; 3]) -> Vec<u8> {
    let count = usize::from(columns) * usize::from(rows) * usize::from(frames);
    let pixels: Vec<u8> = (0..count).flat_map(|n| ((n % 1000) as u16).to_le_bytes()).collect();
    let mut elements: Vec<Made> = vec![
        ((0x20, 0xD), b"UI", b"1.2.3.4\0".to_vec()),
        ((0x20, 0xE), b"UI", b"1.2.3.5\0".to_vec()),
        ((0x28, 0x2), b"US", vec![1, 0]),
        ((0x28, 0x4), b"CS", b"MONOCHROME2 ".to_vec()),
        ((0x28, 0x10), b"US", rows.to_le_bytes().to_vec()),
        ((0x28, 0x11), b"US", columns.to_le_bytes().to_vec()),
        ((0x28, 0x100), b"US", vec![16, 0]),
        ((0x28, 0x101), b"US", vec![16, 0]),
        ((0x28, 0x103), b"US", vec![0, 0]),
        ((0x7FE0, 0x10), b"OW", pixels),
    ];
    elements.extend(extra.iter().cloned());
    elements.sort_by_key(|(tag, ..)| *tag);
    let mut bytes = [vec![0; 128], b"DICM".to_vec(), element((2, 0x10), b"UI", b"1.2.840.10008.1.2.1\0")].concat();
    elements.iter().for_each(|(tag, vr, value)| bytes.extend(element(*tag, vr, value)));
    bytes
}

/// The vendor's header with two named values.
fn csa(tiles: &str, normal: [&str; 3]) -> Vec<u8> {
    let word = |n: u32| n.to_le_bytes();
    let mut bytes = [b"SV10".as_slice(), &[4, 3, 2, 1], &word(2), &word(77)].concat();
    for (name, items) in [("NumberOfImagesInMosaic", vec![tiles]), ("SliceNormalVector", normal.to_vec())] {
        let mut label = name.as_bytes().to_vec();
        label.resize(64, 0);
        bytes.extend(label);
        [items.len() as u32, 0, 0, items.len() as u32, 77].into_iter().for_each(|n| bytes.extend(word(n)));
        for item in items {
            let length = item.len() as u32;
            [length, length, 77, length].into_iter().for_each(|n| bytes.extend(word(n)));
            bytes.extend(item.as_bytes());
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
    }
    bytes
}

fn mosaic(folder: &Path, normal: [&str; 3], image_type: &[u8]) {
    let extra = [
        ((0x8, 0x8), b"CS", image_type.to_vec()),
        ((0x8, 0x60), b"CS", b"MR".to_vec()),
        ((0x18, 0x88), b"DS", b"4 ".to_vec()),
        ((0x20, 0x32), b"DS", b"-10\\-6\\50 ".to_vec()),
        ((0x20, 0x37), b"DS", b"1\\0\\0\\0\\1\\0 ".to_vec()),
        ((0x28, 0x30), b"DS", b"1\\1 ".to_vec()),
        ((0x29, 0x10), b"LO", b"SIEMENS CSA HEADER".to_vec()),
        ((0x29, 0x1010), b"OB", csa("3", normal)),
    ];
    std::fs::write(folder.join("mosaic.dcm"), object(&extra, [20, 12, 1])).expect("written");
}

#[test]
fn a_mosaic_is_taken_apart_and_its_tiles_are_placed() {
    let folder = tempfile::tempdir().expect("a folder");
    mosaic(folder.path(), ["0", "0", "1"], b"ORIGINAL\\PRIMARY\\MOSAIC ");
    let loaded = super::only_series(folder.path());
    let volume = loaded.volume().expect("a volume");
    assert_eq!(volume.dims(), [10, 6, 3]);
    // The corner moves by half of what the mosaic is larger than a tile.
    assert_eq!(volume.geometry().origin_lps().to_array(), [-5.0, -3.0, 50.0]);
    assert_eq!(volume.geometry().spacing_mm().to_array(), [1.0, 1.0, 4.0]);
    // Tile 1 begins in column 10, tile 2 in row 6.
    assert_eq!(volume.value_ijk([2, 1, 1]), 32.0);
    assert_eq!(volume.value_ijk([0, 0, 2]), 120.0);
    assert_eq!(loaded.series.instances[0].frames, 1);
}

#[test]
fn slices_against_the_normal_are_turned_and_doubt_keeps_the_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    mosaic(folder.path(), ["0", "0", "-1"], b"ORIGINAL\\PRIMARY\\MOSAIC ");
    let volume = super::only_series(folder.path());
    let volume = volume.volume().expect("a volume");
    // Tile 0 lies highest now, so that it is the last slice.
    assert_eq!(volume.geometry().origin_lps().z, 42.0);
    assert_eq!(volume.value_ijk([2, 1, 2]), 22.0);
    mosaic(folder.path(), ["1", "0", "0"], b"ORIGINAL\\PRIMARY\\MOSAIC ");
    let doubtful = super::only_series(folder.path());
    assert_eq!(doubtful.pictures().len(), 1);
    assert!(doubtful.series.warnings.iter().any(|w| w.contains("normal")), "{:?}", doubtful.series.warnings);
    mosaic(folder.path(), ["0", "0", "1"], b"ORIGINAL\\PRIMARY\\M ");
    assert_eq!(super::only_series(folder.path()).pictures()[0].width, 20, "no mosaic unless it says so");
}

#[test]
fn loops_are_sets_of_their_own_and_know_their_speed() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, number, frames) in [("a", b"1 ", 5u16), ("b", b"2 ", 3), ("c", b"3 ", 1)] {
        let extra = [
            ((0x8, 0x18), b"UI", format!("1.2.9.{frames}").into_bytes()),
            ((0x8, 0x60), b"CS", b"US".to_vec()),
            ((0x18, 0x1063), b"DS", b"40".to_vec()),
            ((0x20, 0x13), b"IS", number.to_vec()),
            ((0x28, 0x8), b"IS", format!("{frames} ").into_bytes()),
        ];
        std::fs::write(folder.path().join(name), object(&extra, [8, 6, frames])).expect("written");
    }
    let catalog = super::catalog(folder.path());
    let sets: Vec<_> = catalog.series().map(|(_, series)| series).collect();
    let what: Vec<&str> = sets.iter().filter_map(|s| s.part.as_ref()).map(|part| part.what.as_str()).collect();
    assert_eq!(what, ["image 1, 5 frames", "image 2, 3 frames", "single pictures"]);
    assert_eq!(sets[0].instances[0].frame_times_ms, [40.0]);
    assert!(matches!(sets[0].geometry, SeriesGeometry::Pictures(_)));
}

#[test]
fn two_patients_under_one_series_are_an_alarm_and_never_one_stack() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, z, patient) in [("a", 0, "Phantom^One "), ("b", 10, "Phantom^One "), ("c", 20, "Phantom^Two ")] {
        let mut bytes = ct(8, 6, z, true, true);
        let at = bytes.windows(12).position(|w| w == b"Phantom^One ").expect("the name");
        bytes[at..at + 12].copy_from_slice(patient.as_bytes());
        std::fs::write(folder.path().join(name), bytes).expect("written");
    }
    let catalog = super::catalog(folder.path());
    assert_eq!(catalog.studies.len(), 2);
    for (study, series) in catalog.series() {
        assert!(series.warnings.iter().any(|w| w.starts_with("ALARM")), "{:?}", series.warnings);
        let one = study.patient.name.contains("One");
        assert_eq!(series.instances.len(), if one { 2 } else { 1 });
    }
    let keys: Vec<String> = catalog.series().map(|(_, s)| s.key()).collect();
    assert_ne!(keys[0], keys[1]);
}

/// A PET series of two slices, 70 kg, 1.75 m, 350 MBq, injected an hour before; without one element where it is named.
fn pet(folder: &Path, without: (u16, u16), units: &[u8], decay: &[u8]) {
    let tracer = [
        element((0x18, 0x1072), b"TM", b"090000"),
        element((0x18, 0x1074), b"DS", b"350000000 "),
        element((0x18, 0x1075), b"DS", b"6586.2"),
    ]
    .concat();
    let item = [vec![0xFE, 0xFF, 0x00, 0xE0], (tracer.len() as u32).to_le_bytes().to_vec(), tracer].concat();
    for z in 0..2 {
        let all: [Made; 16] = [
            ((0x8, 0x18), b"UI", format!("1.2.7.{z} ").into_bytes()),
            ((0x8, 0x21), b"DA", b"20260102".to_vec()),
            ((0x8, 0x31), b"TM", b"100000".to_vec()),
            ((0x8, 0x60), b"CS", b"PT".to_vec()),
            ((0x10, 0x40), b"CS", b"F ".to_vec()),
            ((0x10, 0x1020), b"DS", b"1.75".to_vec()),
            ((0x10, 0x1030), b"DS", b"70".to_vec()),
            ((0x20, 0x32), b"DS", format!("0\\0\\{z} ").into_bytes()),
            ((0x20, 0x37), b"DS", b"1\\0\\0\\0\\1\\0 ".to_vec()),
            ((0x28, 0x30), b"DS", b"4\\4 ".to_vec()),
            ((0x28, 0x51), b"CS", b"ATTN\\DECY ".to_vec()),
            ((0x28, 0x1052), b"DS", b"0 ".to_vec()),
            ((0x28, 0x1053), b"DS", b"2 ".to_vec()),
            ((0x54, 0x16), b"SQ", item.clone()),
            ((0x54, 0x1001), b"CS", units.to_vec()),
            ((0x54, 0x1102), b"CS", decay.to_vec()),
        ];
        let kept: Vec<_> = all.into_iter().filter(|(tag, ..)| *tag != without).collect();
        std::fs::write(folder.join(format!("{z}.dcm")), object(&kept, [8, 6, 1])).expect("written");
    }
}

#[test]
fn suv_of_every_kind_follow_the_decay_rule() {
    let folder = tempfile::tempdir().expect("a folder");
    pet(folder.path(), (0, 0), b"BQML", b"START ");
    let loaded = super::only_series(folder.path());
    let suv = loaded.volume().and_then(|v| v.suv()).expect("factors");
    let decayed_bq = 350e6 * 2f64.powf(-3600.0 / 6586.2);
    assert!((suv.bw - 70_000.0 / decayed_bq).abs() < 1e-12);
    // Janmahasatian: 9270 W / (8780 + 244 BMI); Du Bois: 71.84 W^0.425 H^0.725.
    let lean_g = 1000.0 * 9270.0 * 70.0 / (8780.0 + 244.0 * 70.0 / (1.75 * 1.75));
    assert!((suv.lbm.expect("height and sex are known") - lean_g / decayed_bq).abs() < 1e-12);
    let surface_cm2 = 71.84 * 70f64.powf(0.425) * 175f64.powf(0.725);
    assert!((surface_cm2 / 10_000.0 - 1.85).abs() < 0.01);
    assert!((suv.bsa.expect("height is known") - surface_cm2 / decayed_bq).abs() < 1e-12);
    pet(folder.path(), (0, 0), b"BQML", b"ADMIN ");
    let admin = super::only_series(folder.path());
    let admin = admin.volume().and_then(|v| v.suv()).expect("factors");
    assert!((admin.bw - 70_000.0 / 350e6).abs() < 1e-15);
}

#[test]
fn suv_are_refused_by_the_name_of_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let none = (0, 0);
    for (without, units, decay, word) in [
        ((0x10, 0x1030), b"BQML", b"START ", "Patient's Weight"),
        ((0x54, 0x16), b"BQML", b"START ", "Radiopharmaceutical Information"),
        ((0x28, 0x51), b"BQML", b"START ", "does not name ATTN"),
        ((0x54, 0x1102), b"BQML", b"START ", "Decay Correction"),
        (none, b"BQML", b"NONE  ", "is NONE"),
        (none, b"CNTS", b"START ", "without a factor"),
        (none, b"PROP", b"START ", "is PROP"),
    ] {
        pet(folder.path(), without, units, decay);
        let loaded = super::only_series(folder.path());
        assert!(loaded.volume().is_some_and(|v| v.suv().is_none()), "{word}");
        let said = loaded.series.warnings.iter().find(|w| w.starts_with("no SUV"));
        assert!(said.is_some_and(|w| w.contains(word)), "{word}: {said:?}");
    }
}

/// One picture of a modality with these elements; where its millimetres come from.
fn calibration(modality: &[u8], extra: &[Made]) -> Calibration {
    let folder = tempfile::tempdir().expect("a folder");
    let mut all = vec![((0x8, 0x60), b"CS", modality.to_vec())];
    all.extend(extra.iter().cloned());
    std::fs::write(folder.path().join("x.dcm"), object(&all, [8, 6, 1])).expect("written");
    super::only_series(folder.path()).pictures()[0].calibration
}

/// A sequence of ultrasound regions with these deltas (x, y) in cm.
fn regions(deltas: &[[f64; 2]]) -> Vec<u8> {
    let item = |[x, y]: [f64; 2]| {
        let region = [
            element((0x18, 0x6012), b"US", &[1, 0]),
            element((0x18, 0x6024), b"US", &[3, 0]),
            element((0x18, 0x6026), b"US", &[3, 0]),
            element((0x18, 0x602C), b"FD", &x.to_le_bytes()),
            element((0x18, 0x602E), b"FD", &y.to_le_bytes()),
        ]
        .concat();
        [vec![0xFE, 0xFF, 0x00, 0xE0], (region.len() as u32).to_le_bytes().to_vec(), region].concat()
    };
    deltas.iter().flat_map(|delta| item(*delta)).collect()
}

#[test]
fn millimetres_say_where_they_come_from() {
    let at_detector = ((0x18, 0x1164), b"DS", b"0.2\\0.1 ".to_vec());
    let spacing = ((0x28, 0x30), b"DS", b"0.2\\0.1 ".to_vec());
    let factor = ((0x18, 0x1114), b"DS", b"1.25".to_vec());
    assert_eq!(calibration(b"DX", std::slice::from_ref(&at_detector)), Calibration::ImagerPixelSpacing([0.2, 0.1]));
    assert_eq!(
        calibration(b"DX", &[at_detector.clone(), spacing.clone()]),
        Calibration::ImagerPixelSpacing([0.2, 0.1]),
        "the detector's spacing copied is no calibration"
    );
    let magnified = calibration(b"DX", &[at_detector.clone(), factor]);
    let Calibration::Magnified { mm, factor } = magnified else { panic!("{magnified:?}") };
    assert!((mm[0] - 0.16).abs() < 1e-12 && (mm[1] - 0.08).abs() < 1e-12 && (factor - 1.25).abs() < 1e-12);
    let distances = [((0x18, 0x1110), b"DS", b"1500".to_vec()), ((0x18, 0x1111), b"DS", b"1200".to_vec())];
    let by_distance = calibration(b"XA", &[vec![at_detector], distances.to_vec()].concat());
    assert_eq!(by_distance, magnified);
    let us = |deltas: &[[f64; 2]]| calibration(b"US", &[((0x18, 0x6011), b"SQ", regions(deltas))]);
    assert_eq!(us(&[[0.05, 0.04]]), Calibration::UltrasoundRegion([0.4, 0.5]));
    assert_eq!(us(&[[0.05, 0.04], [0.05, 0.04]]), Calibration::UltrasoundRegion([0.4, 0.5]));
    assert_eq!(us(&[[0.05, 0.04], [0.1, 0.04]]), Calibration::None, "regions that differ calibrate no whole picture");
}
