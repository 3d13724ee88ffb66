//! How fast the convolution and a whole MeshNet are, beside a naive loop and beside PyTorch on the same weights.
//!
//! `cargo bench --bench meshnet [-- MODEL_FOLDER]`; the folder (config.json + model.safetensors) defaults to
//! `../shared/models/brain-subcortical-meshnet`. With `FOVEA_TORCH_PYTHON` naming a Python that has PyTorch,
//! `benches/meshnet_torch.py` runs in turns with ours, on as many threads. `FOVEA_BENCH_RUNS` (3) sets the runs. Medians.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a tool for developers"
)]

use fovea::ai::meshnet::{MeshNet, sha256_hex};
use fovea::ai::ops::{Activation, Conv3dShape, Conv3dSpec, direct, kernels::Isa, naive};
use fovea::ai::pack::{ModelPack, WeightsFile};
use fovea::jobs::{Cancel, Progress};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Crop of the reference head: columns, rows, slices.
const CROP: [usize; 3] = [164, 163, 223];

fn main() {
    let runs = std::env::var("FOVEA_BENCH_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(3).max(1);
    let named = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).map(PathBuf::from);
    let folder = named
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models/brain-subcortical-meshnet"));
    println!("{} thread(s), {:?}, median of {runs}", rayon::current_num_threads(), Isa::best());
    layer(runs);
    whole(&folder, runs);
}

/// One hidden layer of the 30-channel network on a 64³ patch.
fn layer(runs: usize) {
    let spec = Conv3dSpec::same(3, 4);
    let Ok(shape) = Conv3dShape::new(&[1, 30, 64, 64, 64], &[30, 30, 3, 3, 3], spec) else { return };
    let noise = |len: usize| (0..len).map(|n| (n * 7919 % 2003) as f32 / 1000.0 - 1.0).collect::<Vec<f32>>();
    let (x, w, bias) = (noise(30 * 64 * 64 * 64), noise(30 * 30 * 27), noise(30));
    let giga = shape.multiplications() as f64 / 1e9;
    let slow = seconds(|| naive::conv3d(&shape, &x, &w, &bias, Activation::Elu));
    let mut ours: Vec<(Isa, Vec<f64>)> = Isa::available().iter().map(|&isa| (isa, Vec::new())).collect();
    for _ in 0..runs {
        for (isa, times) in &mut ours {
            times.push(seconds(|| direct::conv3d(&shape, &x, &w, &bias, Activation::Elu, *isa, &|_| true)));
        }
    }
    println!("layer 30 → 30, 3³, dilation 4, 64³ ({giga:.1} G multiplications)");
    println!("  naive loop, 1 thread      {slow:8.3} s  (one run)");
    for (isa, times) in &mut ours {
        let fast = median(times);
        println!(
            "  ours, {:<20} {fast:8.3} s  {:6.1} × faster, {:5.1} G/s",
            format!("{isa:?}"),
            slow / fast,
            giga / fast
        );
    }
}

/// The whole network on the crop, in turns with PyTorch.
fn whole(folder: &Path, runs: usize) {
    let Some(net) = network(folder) else {
        println!("no model at {}: the whole network is left out", folder.display());
        return;
    };
    let python = std::env::var_os("FOVEA_TORCH_PYTHON");
    let values: Vec<f32> = (0..CROP.iter().product()).map(|n| (n % 251) as f32 / 250.0).collect();
    let (mut ours, mut torch) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let values = values.clone();
        ours.push(seconds(|| net.classes(values, CROP, &Progress::default(), &Cancel::default())));
        torch.extend(python.as_ref().and_then(|python| torch_seconds(python, folder)));
    }
    println!("{} on {CROP:?} voxels", net.pack().name);
    let fast = median(&mut ours);
    println!("  ours                      {fast:8.2} s  {ours:.2?}, peak memory of this process {} MB", peak_mb());
    if torch.is_empty() {
        println!("  PyTorch                   not measured: set FOVEA_TORCH_PYTHON");
    } else {
        let peer = median(&mut torch);
        println!("  PyTorch                   {peer:8.2} s  {torch:.2?}; ours takes {:.2} of that", fast / peer);
    }
}

fn network(folder: &Path) -> Option<MeshNet> {
    let weights = std::fs::read(folder.join("model.safetensors")).ok()?;
    let config = std::fs::read_to_string(folder.join("config.json")).ok()?;
    let file = WeightsFile { file: "model.safetensors".into(), sha256: sha256_hex(&weights) };
    MeshNet::new(ModelPack::from_config_json(&config, "bench", file).ok()?, &weights).ok()
}

/// One run in a process of its own.
fn torch_seconds(python: &std::ffi::OsStr, folder: &Path) -> Option<f64> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/meshnet_torch.py");
    let mut command = Command::new(python);
    command
        .arg(script)
        .arg(folder)
        .args(CROP.map(|n| n.to_string()))
        .args(["1", &rayon::current_num_threads().to_string()]);
    let output = command.output().ok()?;
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    line["seconds"][0].as_f64()
}

fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed().as_secs_f64()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Largest resident memory so far (Linux; 0 elsewhere).
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
