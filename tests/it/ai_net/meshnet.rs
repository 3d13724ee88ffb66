//! MeshNet: parity with the original on real weights, and orientation from end to end on an asymmetric volume.

use super::references::{byte_volume, bytes_of_nifti, lia_grid, network, tensor};
use crate::common::shared;
use candle_core::{Device, Tensor};
use fovea::ai::{AiError, Segmenter, SeriesFacts};
use fovea::jobs::{Cancel, Progress};
use fovea::volume::ValueUnit;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// `[1, C, I, J, K]` to `[1, C, K, J, I]` and back.
fn turned(t: &Tensor) -> Tensor {
    t.permute((0, 1, 4, 3, 2)).unwrap().contiguous().unwrap()
}

fn worst_difference(found: &Tensor, expected: &[f32]) -> f32 {
    let found = turned(found).flatten_all().unwrap().to_vec1::<f32>().unwrap();
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).fold(0f32, |worst, (a, b)| worst.max((a - b).abs()))
}

/// Small random-weight twins, made by `tests/data/meshnet_twins/make.py` with the original's operators. Tolerance: 1e-5
/// absolute on activations of order 1, ten times the rounding of sums of 108 products.
#[test]
fn every_layer_of_the_twins_matches_the_original() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/meshnet_twins");
    for name in ["elu", "instance_gelu"] {
        let folder = data.join(name);
        let net = network(&folder, |_| {});
        let reference = folder.join("reference.safetensors");
        let (shape, input) = tensor(&reference, "input");
        let x = turned(&Tensor::from_vec(input, shape, &Device::Cpu).unwrap());
        let mut seen = 0;
        let hidden = net
            .hidden(&x, &|_| Arc::new(|_| true), &mut |n, layer| {
                let worst = worst_difference(layer, &tensor(&reference, &format!("layer.{n}")).1);
                assert!(worst < 1e-5, "{name}, layer {n}: {worst}");
                seen += 1;
            })
            .unwrap();
        assert_eq!(seen, net.pack().network.dilations.len());
        let worst = worst_difference(&net.logits(&hidden).unwrap(), &tensor(&reference, "logits").1);
        assert!(worst < 1e-5, "{name}, logits: {worst}");
    }
}

/// Largest difference of the logits of the reference patch, relative to the largest logit.
fn patch_error(folder: &Path) -> f32 {
    let net = network(folder, |_| {});
    let reference = folder.join("reference_patch.safetensors");
    let (shape, input) = tensor(&reference, "input");
    let (_, expected) = tensor(&reference, "logits");
    let x = turned(&Tensor::from_vec(input, shape, &Device::Cpu).unwrap());
    let hidden = net.hidden(&x, &|_| Arc::new(|_| true), &mut |_, _| {}).unwrap();
    let worst = worst_difference(&net.logits(&hidden).unwrap(), &expected);
    let largest = expected.iter().fold(1f32, |m, v| m.max(v.abs()));
    eprintln!("{}: largest logit {largest}, largest difference {worst}", folder.display());
    worst / largest
}

#[test]
fn patches_match_the_original() {
    let Some(shared) = shared() else { return };
    for name in ["brain-tissue-meshnet-light", "brain-subcortical-meshnet"] {
        let error = patch_error(&shared.join("models").join(name));
        assert!(error < 1e-4, "{name} differs by {error} of the largest logit");
    }
}

/// Runs a model on the reference head and compares labels voxel by voxel.
fn label_differences(shared: &Path, name: &str) -> usize {
    let folder = shared.join("models").join(name);
    let head = bytes_of_nifti(&shared.join("models/reference-volumes/t1_head_conformed.nii.gz"));
    let expected = bytes_of_nifti(&folder.join("reference_labels.nii.gz"));
    let net = network(&folder, |_| {});
    let started = Instant::now();
    let found = net.segment(&byte_volume(lia_grid(), head), &Progress::default(), &Cancel::default()).unwrap();
    let different = found.labelmap.to_labels().iter().zip(&expected).filter(|(a, b)| a != b).count();
    eprintln!("{name}: {:.1} s, {different} of {} voxels differ", started.elapsed().as_secs_f64(), expected.len());
    different
}

#[test]
fn whole_volume_labels_of_the_light_model_match_the_original() {
    let Some(shared) = shared() else { return };
    assert!(label_differences(&shared, "brain-tissue-meshnet-light") <= 1677, "more than 0.01 % of the voxels differ");
}

#[test]
#[ignore = "half a minute of two cores; `make test` runs it with --include-ignored"]
fn whole_volume_labels_of_the_18_class_model_match_the_original() {
    let Some(shared) = shared() else { return };
    assert!(label_differences(&shared, "brain-subcortical-meshnet") <= 1677, "more than 0.01 % of the voxels differ");
}

#[test]
fn a_running_network_stops_within_a_second() {
    let Some(shared) = shared() else { return };
    let net = network(&shared.join("models/brain-subcortical-meshnet"), |_| {});
    let cancel = Cancel::default();
    let stop = cancel.clone();
    let (sender, asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(1500));
        stop.cancel();
        sender.send(Instant::now()).unwrap();
    });
    let result = net.classes(vec![0.5; 128 * 128 * 128], [128; 3], &Progress::default(), &cancel);
    let waited = asked.recv().unwrap().elapsed();
    assert!(matches!(result, Err(AiError::Cancelled)));
    assert!(waited < Duration::from_secs(1), "stopped after {waited:?}");
}

#[test]
fn only_series_that_the_model_was_made_for_are_served() {
    let Some(shared) = shared() else { return };
    let net = network(&shared.join("models/brain-tissue-meshnet-light"), |_| {});
    let grid = lia_grid();
    let head = SeriesFacts {
        modality: "MR",
        body_part: "HEAD",
        description: "T1 MPRAGE",
        unit: &ValueUnit::Arbitrary,
        geometry: Some(&grid),
    };
    assert_eq!(net.serves(&head), Ok(()));
    assert_eq!(net.serves(&SeriesFacts { modality: "OT", body_part: "", description: "", ..head }), Ok(()));
    let why = |facts: SeriesFacts| net.serves(&facts).unwrap_err();
    assert!(why(SeriesFacts { modality: "CT", ..head }).contains("modality CT"));
    assert!(why(SeriesFacts { modality: "OT", unit: &ValueUnit::Hu, ..head }).contains("Hounsfield"));
    assert!(why(SeriesFacts { body_part: "KNEE", ..head }).contains("shows KNEE"));
    assert!(why(SeriesFacts { description: "t2 flair tra", ..head }).contains("T2"));
    assert!(why(SeriesFacts { geometry: None, ..head }).contains("no volume"));
    assert!(net.is_experimental(), "an imported model is unproven until someone measured it");
}
