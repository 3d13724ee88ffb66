//! The rules on real series with references, and on the phantom. Prints the numbers (`--nocapture`); the limits are what
//! was measured, with room for small changes.

use crate::common::shared;
use fovea::ai::lesions::{self, DetectorSettings, LesionCandidate};
use fovea::ai::rules::{CtRules, CtRulesResult, labels};
use fovea::geometry::{DVec3, VolumeGeometry};
use fovea::io;
use fovea::jobs::{Cancel, Progress};
use fovea::loaded::LoadedSeries;
use fovea::phantom::{self, ThoraxSize};
use fovea::volume::{Segmentation, ValueUnit, Volume};
use std::path::Path;
use std::time::Instant;

fn load(folder: &Path) -> LoadedSeries {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let catalog = io::open(&[folder.to_path_buf()], &progress, &cancel).unwrap();
    let series = &catalog.studies[0].series[0];
    io::load_series(&catalog, &series.uid, &progress, &cancel).unwrap()
}

fn run(name: &str, volume: &Volume) -> (CtRulesResult, Vec<LesionCandidate>) {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let start = Instant::now();
    let result = CtRules.segment_with_notes(volume, &progress, &cancel).unwrap();
    let rules_ms = start.elapsed().as_millis();
    let start = Instant::now();
    let settings = DetectorSettings::default();
    let found = lesions::detect(volume, &result.segmentation, &settings, &progress, &cancel).unwrap_or_default();
    eprintln!("{name}: rules {rules_ms} ms, lesions {} ms, {:?}", start.elapsed().as_millis(), result.notes);
    (result, found)
}

/// Dice of a label set against a reference given by voxel.
fn dice(ours: &Segmentation, numbers: &[u8], reference: impl Fn([usize; 3]) -> bool) -> f64 {
    let geometry = ours.labelmap.geometry();
    let (mut both, mut sum) = (0usize, 0usize);
    for n in 0..geometry.len() {
        let voxel = geometry.ijk(n);
        let (a, b) = (numbers.contains(&ours.labelmap.label(voxel)), reference(voxel));
        both += usize::from(a && b);
        sum += usize::from(a) + usize::from(b);
    }
    2.0 * both as f64 / sum.max(1) as f64
}

#[test]
fn a_real_chest_with_a_tumor() {
    let Some(shared) = shared() else { return };
    let data = shared.join("data");
    let loaded = load(&data.join("ct/lung_dx_a0001"));
    let volume = loaded.volume().unwrap();
    let (result, found) = run("lung_dx_a0001", volume);
    let reference = io::read_segmentation(&data.join("objects/lung_dx_a0001/seg_binary.dcm"), Some(&loaded)).unwrap();
    // Segment 2 is "lungs", trachea included.
    let lungs = reference.segments.iter().find(|s| s.label.to_lowercase().contains("lung")).unwrap().number;
    let all = [labels::RIGHT_LUNG, labels::LEFT_LUNG, labels::AIRWAYS];
    let lung_dice = dice(&result.segmentation, &all, |v| reference.labelmap.label(v) == lungs);
    eprintln!("  lungs with trachea: Dice {lung_dice:.4}");
    assert!(lung_dice > 0.98, "{lung_dice}");
    let boxes: serde_json::Value =
        serde_json::from_slice(&std::fs::read(data.join("ct/lung_dx_a0001_boxes.json")).unwrap()).unwrap();
    let inside = |p: DVec3| {
        boxes["boxes"].as_array().unwrap().iter().any(|b| {
            let at = volume.geometry().ijk_from_lps().transform_point3(p);
            let between =
                |v: f64, low: &str, high: &str| (b[low].as_f64().unwrap()..=b[high].as_f64().unwrap()).contains(&v);
            (p.z - b["z_mm"].as_f64().unwrap()).abs() <= 2.5
                && between(at.x, "xmin", "xmax")
                && between(at.y, "ymin", "ymax")
        })
    };
    let hits = found.iter().filter(|c| inside(c.center_lps)).count();
    for c in &found {
        eprintln!("  {:.2} {} {:.0} {:.1} mL", c.score, c.site(), c.center_lps, c.volume_mm3 / 1000.0);
    }
    eprintln!("  tumor hit: {}, others: {}", hits > 0, found.len() - hits);
    assert!(hits > 0, "the tumor was missed");
    assert!(found.len() - hits <= 3, "{} others", found.len() - hits);
}

#[test]
fn lung_bases_and_pelvis_against_a_reference() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/nifti/totalseg_ct");
    let read = |name: &str| io::nifti::read(&folder.join(name)).unwrap();
    let image = read("ct.nii.gz");
    let volume =
        Volume::new(image.header.geometry.unwrap(), image.voxels, image.header.rescale, ValueUnit::Hu).unwrap();
    let reference = read("seg_fast.nii.gz").into_volume().unwrap();
    assert!(reference.geometry().same_grid(volume.geometry()));
    let (result, found) = run("totalseg_ct", &volume);
    let is = |v: [usize; 3], any: &[std::ops::RangeInclusive<u8>]| {
        let label = reference.value_ijk(v) as u8;
        any.iter().any(|range| range.contains(&label))
    };
    let right = dice(&result.segmentation, &[labels::RIGHT_LUNG], |v| is(v, &[12..=14]));
    let left = dice(&result.segmentation, &[labels::LEFT_LUNG], |v| is(v, &[10..=11]));
    let bone = dice(&result.segmentation, &[labels::BONE], |v| is(v, &[25..=50, 69..=78, 91..=116]));
    eprintln!("  right {right:.3}, left {left:.3}, bone {bone:.3}, {} candidates", found.len());
    assert!(right > 0.94 && left > 0.94 && bone > 0.7);
    assert!(result.segmentation.segment(labels::AIRWAYS).is_none());
}

#[test]
fn no_lungs_in_thighs_and_upper_abdomen() {
    let Some(shared) = shared() else { return };
    for folder in ["data/pet/sts_001/CT", "data/ct/totalseg_abdomen_j2k"] {
        let loaded = load(&shared.join(folder));
        let (result, found) = run(folder, loaded.volume().unwrap());
        for lung in [labels::RIGHT_LUNG, labels::LEFT_LUNG, labels::AIRWAYS] {
            assert!(result.segmentation.segment(lung).is_none(), "{folder}: label {lung}");
        }
        assert!(result.segmentation.segment(labels::BONE).is_some() && found.is_empty(), "{folder}");
    }
}

#[test]
fn phantoms_with_planted_lesions() {
    let (mut planted, mut hit, mut others) = (0, 0, 0);
    for seed in 1..=3 {
        let made = phantom::thorax(seed, ThoraxSize::FULL).unwrap();
        let (result, found) = run(&format!("phantom {seed}"), &made.volume);
        let side = |letters: std::ops::RangeInclusive<u8>, ours: u8| {
            dice(&result.segmentation, &[ours], |v| letters.contains(&made.labels.labelmap.label(v)))
        };
        let right = side(phantom::labels::RUL..=phantom::labels::RLL, labels::RIGHT_LUNG);
        let left = side(phantom::labels::LUL..=phantom::labels::LLL, labels::LEFT_LUNG);
        eprintln!("  right {right:.3}, left {left:.3}");
        assert!(right > 0.9 && left > 0.9, "seed {seed}: right {right}, left {left}");
        let mut explained = vec![false; found.len()];
        for lesion in made.lesions.iter().filter(|l| phantom::labels::is_lobe(l.organ)) {
            planted += 1;
            let number = lesion.number;
            let mine = found.iter().position(|c| touches(c, made.volume.geometry(), &made.labels, number));
            eprintln!(
                "  {} {:.0?} mm, {} HU: {:?}",
                lesion.label,
                lesion.diameters_mm,
                lesion.hu,
                mine.map(|n| found[n].score)
            );
            hit += usize::from(mine.is_some());
            for (n, c) in found.iter().enumerate() {
                explained[n] |= touches(c, made.volume.geometry(), &made.labels, number);
            }
        }
        for (c, _) in found.iter().zip(&explained).filter(|(_, e)| !**e) {
            others += 1;
            eprintln!("  other: {:.2} {} {:.0} {:.2} mL", c.score, c.site(), c.center_lps, c.volume_mm3 / 1000.0);
        }
    }
    eprintln!("phantoms: {hit} of {planted} planted lung lesions, {others} other candidates in 3 studies");
    assert!(10 * hit >= 7 * planted, "{hit} of {planted}");
    assert!(others <= 6, "{others} others");
}

/// True when at least a third of a candidate's voxels carry a label.
fn touches(candidate: &LesionCandidate, geometry: &VolumeGeometry, labels: &Segmentation, number: u8) -> bool {
    let on = candidate.voxels.iter().filter(|&&v| labels.labelmap.label(geometry.ijk(v)) == number).count();
    3 * on >= candidate.voxels.len()
}
